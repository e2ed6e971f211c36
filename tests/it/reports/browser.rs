//! The page in a real browser, clicked through, and looked at by axe for whoever cannot see it.
//!
//! Needs Chromium and its driver, so that it is not among what `cargo test` runs: `.ci/run` does where they are there.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

use alertdrill::report::{Format, render};
use serde_json::{Value, json};

use super::{fixture, run_of};

/// A browser with one page, told what to do by the WebDriver protocol.
struct Browser {
    driver: Child,
    /// Closed, it would keep the driver from saying anything.
    _told: BufReader<ChildStdout>,
    session: String,
    runtime: tokio::runtime::Runtime,
    http: reqwest::Client,
}

impl Browser {
    fn open(page: &Path, width: u32) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let _installed_already = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().expect("a client");
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null());
        let mut driver = command.spawn().expect("it is installed");
        let mut told = BufReader::new(driver.stdout.take().expect("piped"));
        let says = told.by_ref().lines().map_while(Result::ok);
        let mut ports = says.filter_map(|line| {
            line.split_once("started successfully on port ").map(|(_, port)| port.trim_end_matches('.').to_owned())
        });
        let port = ports.next().expect("it says its port");
        let mut browser =
            Self { driver, _told: told, session: format!("http://127.0.0.1:{port}/session"), runtime, http };
        let flags = [
            "--headless",
            "--force-prefers-reduced-motion",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
        ];
        let flags: Vec<_> =
            flags.into_iter().map(str::to_owned).chain([format!("--window-size={width},900")]).collect();
        let wanted = json!({ "capabilities": { "alwaysMatch": { "goog:chromeOptions": { "args": flags } } } });
        let made = browser.post("", &wanted);
        let id = made["sessionId"].as_str().expect("a session").to_owned();
        browser.session = format!("{}/{id}", browser.session);
        browser.go(&format!("file://{}", page.display()));
        browser
    }

    fn post(&self, command: &str, body: &Value) -> Value {
        let request = self.http.post(format!("{}{command}", self.session)).body(body.to_string());
        let answer = self.runtime.block_on(async { request.send().await?.text().await }).expect("an answer");
        let answer: Value = serde_json::from_str(&answer).expect("JSON");
        assert!(answer["value"]["error"].is_null(), "{command}: {}", answer["value"]);
        answer["value"].clone()
    }

    fn go(&self, address: &str) {
        self.post("/url", &json!({ "url": address }));
    }

    /// What the script comes to in the page.
    fn ask(&self, script: &str) -> Value {
        self.post("/execute/sync", &json!({ "script": format!("return {script}"), "args": [] }))
    }

    fn text(&self, selector: &str) -> String {
        let script = format!("document.querySelector({selector:?}).textContent");
        self.ask(&script).as_str().unwrap_or_default().to_owned()
    }

    fn element(&self, selector: &str) -> String {
        let found = self.post("/element", &json!({ "using": "css selector", "value": selector }));
        found.as_object().and_then(|members| members.values().next()).and_then(Value::as_str).expect("an id").to_owned()
    }

    fn click(&self, selector: &str) {
        self.post(&format!("/element/{}/click", self.element(selector)), &json!({}));
    }

    fn write(&self, selector: &str, text: &str) {
        self.post(&format!("/element/{}/value", self.element(selector)), &json!({ "text": text }));
    }

    fn shown(&self) -> u64 {
        self.ask("[...document.querySelectorAll('#rows tr')].filter(row => row.checkVisibility()).length")
            .as_u64()
            .expect("a number")
    }

    /// What axe finds fault with, everything unfolded.
    fn faults(&self) -> Vec<String> {
        let axe = include_str!("../../../fixtures/browser/axe.min.js");
        let script = format!(
            "const done = arguments[0]; for (const one of document.querySelectorAll('details')) one.open = true; {axe};
             axe.run(document, {{ resultTypes: ['violations'] }}).then(found => done(found.violations.map(one => `${{one.id}}: ${{one.nodes[0].html}}`)))"
        );
        let found = self.post("/execute/async", &json!({ "script": script, "args": [] }));
        found.as_array().expect("a list").iter().map(Value::to_string).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let closed = self.http.delete(&self.session).send();
        let _it_may_be_gone = self.runtime.block_on(closed);
        let _it_may_be_over = self.driver.kill();
        let _whatever_it_says = self.driver.wait();
    }
}

#[test]
#[ignore = "needs Chromium and ChromeDriver"]
fn a_reader_finds_a_drill_follows_a_link_reads_an_exchange_and_chooses_a_theme() {
    let folder = tempfile::tempdir().expect("a folder");
    render(&fixture("no-alert"), folder.path(), &[Format::Html]).expect("rendered");
    let page = folder.path().join("index.html");
    let browser = Browser::open(&page, 1280);
    assert_eq!(browser.shown(), 4);
    browser.click(".chips button:nth-child(3)");
    assert_eq!((browser.shown(), browser.text("#shown")), (1, "1 of 4 drills".into()));
    browser.click(".chips button:nth-child(1)");
    browser.write("#filters input", "token");
    assert_eq!(browser.shown(), 1);
    let kept = browser.ask("location.href").as_str().expect("an address").to_owned();
    assert!(kept.ends_with("#all?text=token"), "{kept}");
    browser.go("about:blank");
    browser.go(&kept);
    assert_eq!(browser.shown(), 1, "a link keeps what it was filtered by");

    browser.go("about:blank");
    browser.go(&format!("file://{}#d1", page.display()));
    let open = "document.querySelector('#d1 > details').open";
    assert_eq!(browser.ask(open), true, "a link to a drill unfolds it");
    browser.post("/refresh", &json!({}));
    assert_eq!(browser.ask(open), true, "after a reload as well");

    let exchange = "article.failed details.exchanges";
    browser.click(&format!("{exchange} > summary"));
    browser.click(&format!("{exchange} details.exchange > summary"));
    assert!(browser.text(&format!("{exchange} details.exchange[open] .wire")).contains("Request"));
    let ticks = browser.ask("document.querySelectorAll('article.failed .timeline .look').length");
    assert_eq!(ticks, 15, "a tick for each look");
    let widths =
        "[...document.querySelectorAll('article.failed .timeline rect')].map(bar => bar.getBoundingClientRect().width)";
    let widths: Vec<f64> = serde_json::from_value(browser.ask(widths)).expect("numbers");
    assert!(widths.len() >= 6 && widths.iter().all(|width| *width > 1.0), "{widths:?}");

    let ground = "getComputedStyle(document.body).backgroundColor";
    let before = browser.ask(ground);
    browser.click("#theme");
    browser.click("#theme");
    assert_ne!(browser.ask(ground), before, "dark is dark whatever the system says");
}

#[test]
#[ignore = "needs Chromium and ChromeDriver"]
fn an_audit_finds_nothing_that_keeps_anybody_out() {
    for name in ["no-alert", "wrong-alert", "hostile", "passed"] {
        let folder = tempfile::tempdir().expect("a folder");
        render(&fixture(name), folder.path(), &[Format::Html]).expect("rendered");
        for width in [1280, 500] {
            let browser = Browser::open(&folder.path().join("index.html"), width);
            for theme in ["light", "dark"] {
                browser.click("#theme");
                assert_eq!(browser.faults(), Vec::<String>::new(), "{name}, {width}, {theme}");
            }
            let beyond = browser.ask("document.documentElement.scrollWidth - innerWidth");
            assert!(
                beyond.as_i64().is_some_and(|beyond| beyond <= 0),
                "{name}, {width}: nothing is wider than the screen"
            );
        }
    }
}

#[test]
#[ignore = "needs Chromium and ChromeDriver"]
fn of_ten_thousand_drills_every_one_is_found_though_few_are_laid_out() {
    let run = run_of(10_000);
    render(run.path(), run.path(), &[Format::Html]).expect("rendered");
    let browser = Browser::open(&run.path().join("index.html"), 1280);
    assert_eq!(browser.shown(), 500);
    browser.click("#more");
    assert_eq!(browser.shown(), 1_000);
    browser.write("#filters input", "drill 9876");
    assert_eq!((browser.shown(), browser.text("#shown")), (1, "1 of 10000 drills".into()));
}
