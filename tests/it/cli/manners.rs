//! What a tenant's owner asks of its drills: what may be published, when a run may begin, and who hears of it before.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
};

use crate::cli::{
    served::Served,
    stage::{PATIENCE, Ran, Running, Stage, finished},
};

/// A drill that publishes an indicator of this value.
fn publishing(value: &str) -> String {
    format!(
        "Feature: f\n  Scenario: s\n    Given an alert definition and an indicator are published\n      \
         | type | IpAddress |\n      | value | {value} |\n"
    )
}

#[test]
fn what_a_feature_would_publish_and_the_tenant_does_not_allow_is_refused_before_anything_runs() {
    let stage = Stage::new();
    let served = Served::on(&stage, "");
    let table = stage.read("alertdrill.toml");
    for (value, lines, told) in [
        ("10.0.0.1", "", "an indicator that meets 10.0.0.0/8, whose addresses are private, would be published"),
        ("8.8.8.8", "", "an indicator that meets 8.8.8.8 would be published"),
        (
            "52.184.197.12",
            "never_publish = [\"52.184.0.0/16\"]\n",
            "an indicator that meets 52.184.0.0/16, which `never_publish` names, would be published",
        ),
    ] {
        stage.write("f.feature", publishing(value)).write("alertdrill.toml", format!("{table}{lines}"));
        let end = "alertdrill: --tenant lab does not allow this, so nothing was run";
        let expected = format!("f.feature:3: {told}: IpAddress Equals `{value}`\n  hint: ⟨line⟩\n{end}");
        stage.run("run --tenant lab f.feature").exits(3).prints("").tells(&expected);
        assert!(!stage.file("alertdrill-report").exists());
    }
    stage.write("f.feature", publishing("10.0.0.1"));
    stage.write("alertdrill.toml", format!("{table}may_publish = [\"10.0.0.0/30\"]\n"));
    stage.run("run --tenant lab f.feature").exits(0);
    assert_eq!(served.holds(), (0, 0));
}

/// Quiet hours from an hour before the tenant's now until an hour after it.
fn around_now(served: &Served) -> String {
    let state = served.state();
    let now: jiff::Timestamp = state["now"].as_str().expect("a text").parse().expect("a timestamp");
    let at = |hours: i64| {
        let moment = now.saturating_add(jiff::SignedDuration::from_hours(hours)).expect("a moment");
        jiff::tz::TimeZone::UTC.to_datetime(moment).strftime("%H:%M").to_string()
    };
    format!("quiet_hours = \"{}-{}\"\nquiet_zone = \"UTC\"\n", at(-1), at(1))
}

#[test]
fn no_run_begins_in_the_tenant_s_quiet_hours_unless_it_is_wanted_now() {
    let stage = Stage::new();
    let served = Served::on(&stage, "");
    let table = stage.read("alertdrill.toml");
    stage.write("alertdrill.toml", format!("{table}{}", around_now(&served)));
    stage.run("run --tenant lab --name Step.2").exits(3).prints("").tells(
        "alertdrill: nothing was run: the tenant's quiet hours (`quiet_hours`) last until ⟨line⟩ (hint: run it then, or \
         with --now)",
    );
    assert!(!stage.file("alertdrill-report").exists());
    stage.run("run --tenant lab --name Step.2 --now").exits(0);
}

#[test]
fn a_stop_file_keeps_a_run_from_beginning_and_ends_one_that_runs_after_clean_up() {
    let stage = Stage::new();
    let served = Served::on(&stage, "");
    let mut command = stage.command("run --tenant lab --name Step.3 --verbose --stop-file stop");
    let mut run = Running::of(command.spawn().expect("the binary starts"));
    run.has_told("create an indicator: ");
    assert_eq!(served.holds(), (1, 1));
    stage.write("stop", "");
    let ran = run.end();
    ran.exits(130);
    assert_eq!(served.holds(), (0, 0), "{}", ran.told());
    assert!(ran.stderr.contains("the stop file stop exists: cleaning up\n"), "{}", ran.stderr);

    let table = stage.read("alertdrill.toml");
    stage.write("alertdrill.toml", format!("{table}stop_file = \"stop\"\n"));
    let told = "alertdrill: nothing was run: the stop file stop exists (hint: remove it when drills may run again)";
    stage.run("run --tenant lab --name Step.2").exits(3).prints("").tells(told);
    stage.run("run --stop-file alertdrill.toml").exits(3);
    // Where nobody can see it, nobody can say that it is not there: a share that is not mounted.
    for nowhere in ["no-folder/stop", "alertdrill.toml/stop"] {
        let ran = stage.run(&format!("run --stop-file {nowhere}"));
        ran.exits(3).prints("").tells(&format!(
            "alertdrill: nothing was run: whether the stop file {nowhere} exists cannot be seen: ⟨line⟩ (hint: correct its path)"
        ));
    }
    std::fs::remove_file(stage.file("stop")).expect("it is there");
    stage.run("run --tenant lab --name Step.2").exits(0);
}

/// A webhook that takes one announcement, answers it so, and hands over what was sent; with no answer it hangs.
fn webhook(answer: Option<&'static str>) -> (String, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}/hook/hunter2?sig=hunter2", listener.local_addr().expect("an address"));
    let taken = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("somebody asks");
        stream.set_read_timeout(Some(PATIENCE)).expect("a limit");
        let (mut sent, mut piece) = (String::new(), [0; 4096]);
        loop {
            let read = stream.read(&mut piece).expect("it is sent");
            sent.push_str(&String::from_utf8_lossy(&piece[..read]));
            let whole = sent.split_once("\r\n\r\n").is_some_and(|(head, body)| {
                let length = head
                    .lines()
                    .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
                length.is_some_and(|length: usize| body.len() >= length)
            });
            if whole || read == 0 {
                break;
            }
        }
        match answer {
            Some(answer) => stream.write_all(answer.as_bytes()).expect("it is answered"),
            // The caller gives up, which ends the reading.
            None => drop(stream.read(&mut piece)),
        }
        sent
    });
    (address, taken)
}

/// Runs a drill with this form of announcement; what the webhook was sent, as JSON, and how the run went.
fn announced(form: &str, answer: Option<&'static str>) -> (serde_json::Value, Ran) {
    let stage = Stage::new();
    let served = Served::on(&stage, "");
    let table = stage.read("alertdrill.toml");
    stage.write("alertdrill.toml", format!("{table}announce = {form}\n"));
    let (address, taken) = webhook(answer);
    let mut command = stage.command("run --tenant lab --name Step.2 --verbose");
    command.env("ALERTDRILL_ANNOUNCE_URL", address);
    let ran = finished(command);
    let sent = taken.join().expect("it was asked");
    assert!(sent.starts_with("POST /hook/hunter2?sig=hunter2 HTTP/1.1\r\n"), "{sent}");
    assert!(!sent.to_ascii_lowercase().contains("authorization"), "{sent}");
    assert!(!ran.told().contains("hunter2"), "{}", ran.told());
    if ran.exit == Some(0) {
        assert!(!stage.read("alertdrill-report/run.json").contains("hunter2"));
    } else {
        assert!(!stage.file("alertdrill-report").exists());
    }
    assert_eq!(served.holds(), (0, 0));
    let (_, body) = sent.split_once("\r\n\r\n").expect("a body");
    (serde_json::from_str(body).expect("JSON"), ran)
}

const TAKEN: &str = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

#[test]
fn a_run_is_announced_in_the_form_that_the_webhook_understands() {
    let (generic, ran) = announced("\"generic\"", Some(TAKEN));
    ran.exits(0);
    assert_eq!((&generic["event"], &generic["tenant"]), (&"alertdrill.run.announced".into(), &"lab".into()));
    assert_eq!((&generic["drills"], &generic["titles"]), (&1.into(), &serde_json::json!(["Test alert."])));
    assert!(generic["run"].as_str().is_some_and(|run| run.starts_with("run-")), "{generic}");
    assert!(generic["from"].as_str() < generic["until"].as_str(), "{generic}");

    let (teams, ran) = announced("\"teams\"", Some(TAKEN));
    ran.exits(0);
    assert_eq!(teams["attachments"][0]["contentType"], "application/vnd.microsoft.card.adaptive");
    assert!(teams["attachments"][0]["content"]["body"].to_string().contains("- Test alert."), "{teams}");

    let (slack, ran) =
        announced("\"slack\"", Some("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"));
    ran.exits(0);
    assert!(slack["text"].as_str().is_some_and(|text| text.ends_with("\n- Test alert.")), "{slack}");
}

#[test]
fn a_run_that_the_webhook_does_not_take_is_not_begun_unless_it_may_be() {
    let refused = "HTTP/1.1 500 Oops\r\nContent-Length: 7\r\nConnection: close\r\n\r\nhunter2";
    let elsewhere = "HTTP/1.1 307 There\r\nLocation: /hook/hunter2\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    for (answer, why) in [
        (Some(refused), "it answered HTTP 500"),
        (Some(elsewhere), "it answered with a redirect, which is not followed"),
        (None, "it did not answer in time"),
    ] {
        let (_, ran) = announced("\"generic\"", answer);
        ran.exits(3).prints("");
        let told = format!("nothing was run: the webhook of `announce` was not told of the run: {why} (hint: ");
        assert!(ran.stderr.contains(&told), "{}", ran.told());
    }
    let (_, ran) = announced("\"generic\"\nannounce_required = false", Some(refused));
    ran.exits(0);
}
