//! The command itself: what it hands out, where, and what it refuses.

use std::{fs, path::PathBuf};

use alertdrill::{
    cli::emulate::{EmulateError, Emulation, Options},
    clock::Clock,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::emulate::wire::trusting;

fn options() -> Options {
    Options {
        listen: "127.0.0.1:0".parse().expect("an address"),
        tls: false,
        ca_out: None,
        details_out: None,
        speed: 1.0,
        seed: None,
    }
}

async fn started(options: Options) -> (Emulation, Value) {
    let mut printed = Vec::new();
    let emulation = Emulation::start(options, &mut printed).await.expect("started");
    (emulation, serde_json::from_slice(&printed).expect("JSON"))
}

async fn refused(options: Options) -> EmulateError {
    Emulation::start(options, &mut Vec::new()).await.expect_err("refused")
}

#[tokio::test]
async fn the_details_are_printed_and_written_alike_and_all_are_texts() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("details.json");
    let (emulation, printed) = started(Options { details_out: Some(path.clone()), tls: true, ..options() }).await;
    let written: Value = serde_json::from_slice(&fs::read(path).expect("a file")).expect("JSON");
    assert_eq!(written, printed);
    let base = format!("https://{}", emulation.address());
    for (key, value) in [
        ("legacyApi", format!("{base}/ti/V1.0/")),
        ("alertExportApi", format!("{base}/export/api/alerts")),
        ("portal", format!("{base}/portal")),
        ("control", format!("{base}/control")),
        ("sensorProxy", format!("http://{}", emulation.address())),
        ("resource", "https://graph.windows.net".to_owned()),
    ] {
        assert_eq!(printed[key], value, "{key}");
    }
    for key in ["authorizationUrl", "tokenUrl", "tenantId", "clientId", "clientSecret", "endpointApi", "graphApi"] {
        assert!(printed[key].as_str().is_some_and(|text| !text.is_empty()), "{key}");
    }
    assert_eq!(printed["deviceId"].as_str().map(str::len), Some(40));
    assert!(printed["deviceName"].is_string());
    emulation.stop().await;
}

#[tokio::test]
async fn a_client_needs_nothing_but_the_certificate_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ca.pem");
    let (emulation, printed) = started(Options { ca_out: Some(path.clone()), tls: true, ..options() }).await;
    let ca = fs::read_to_string(path).expect("a file");
    assert_eq!(ca, emulation.ca());
    let client = trusting(&ca).build().expect("a client");
    let control = printed["control"].as_str().expect("a URL");
    assert_eq!(client.get(control).send().await.expect("an answer").status(), 200);
    emulation.stop().await;
    assert!(client.get(control).send().await.is_err(), "it is over");
}

#[tokio::test]
async fn a_seed_makes_the_same_tenant_and_none_another_each_time() {
    let ids = |details: &Value| ["tenantId", "clientId", "clientSecret", "deviceId"].map(|key| details[key].clone());
    let (_one, first) = started(Options { seed: Some(7), ..options() }).await;
    let (_two, again) = started(Options { seed: Some(7), ..options() }).await;
    assert_eq!(ids(&first), ids(&again));
    let (_three, chance) = started(options()).await;
    let (_four, other) = started(options()).await;
    for (one, another) in ids(&chance).into_iter().zip(ids(&other)) {
        assert_ne!(one, another);
    }
}

#[tokio::test]
async fn time_passes_at_the_speed_that_was_asked_for() {
    let (_emulation, details) = started(Options { speed: 1e6, ..options() }).await;
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().expect("a client");
    let url = format!("{}/state", details["control"].as_str().expect("a URL"));
    let now = || async {
        let state = client.get(&url).send().await.expect("an answer").text().await.expect("text");
        let state: Value = serde_json::from_str(&state).expect("JSON");
        state["now"].as_str().expect("a time").parse::<Timestamp>().expect("a timestamp")
    };
    let real = Clock::system();
    let (real_before, before) = (real.now(), now().await);
    let passed = now().await.duration_since(before);
    let real_passed = real.now().duration_since(real_before);
    assert!(passed > SignedDuration::ZERO && passed <= real_passed * 1_000_000, "{passed} in {real_passed}");
}

#[tokio::test]
async fn what_cannot_be_done_is_said_before_anything_is_served() {
    for speed in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e7] {
        assert!(matches!(refused(Options { speed, ..options() }).await, EmulateError::Speed(_)), "{speed}");
    }
    let (emulation, _) = started(options()).await;
    let error = refused(Options { listen: emulation.address(), ..options() }).await;
    assert!(error.to_string().starts_with(&format!("cannot listen at {}", emulation.address())), "{error}");
    let nowhere = PathBuf::from("/nowhere/at/all.json");
    for options in [
        Options { details_out: Some(nowhere.clone()), ..options() },
        Options { ca_out: Some(nowhere.clone()), ..options() },
    ] {
        let error = refused(options).await.to_string();
        assert!(error.starts_with("cannot write /nowhere/at/all.json: ") && error.contains("hint: --"), "{error}");
    }
}

/// Told when the details have been printed.
#[cfg(unix)]
struct Printed(Option<tokio::sync::oneshot::Sender<()>>);

#[cfg(unix)]
impl std::io::Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.take().map_or(Ok(()), |told| told.send(()).map_err(|()| std::io::Error::other("nobody listens")))
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_signal_ends_it_without_an_error_as_soon_as_the_details_are_printed() {
    for signal in ["-TERM", "-INT"] {
        let (told, printed) = tokio::sync::oneshot::channel();
        let mut out = Printed(Some(told));
        let interrupted = async {
            printed.await.expect("the details are flushed");
            let own = std::process::id().to_string();
            assert!(std::process::Command::new("kill").args([signal, &own]).status().expect("a shell tool").success());
        };
        let (ended, ()) = tokio::join!(alertdrill::cli::emulate::emulate(options(), &mut out), interrupted);
        assert!(ended.is_ok(), "{signal}: {ended:?}");
    }
}
