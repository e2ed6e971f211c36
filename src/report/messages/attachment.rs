//! What bears witness to how a drill ended, attached to the step that says so: its chain, its alerts, its exchanges.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use crate::{
    record::{drill::Drill, exchange::Exchange, sighting::Sighting},
    report::{
        account, escaped,
        messages::{
            envelope::{Attachment, Envelope},
            send,
        },
        reading, wording,
    },
};

/// No attachment has a longer body, in bytes; what is cut off stands in `run.json`.
const LIMIT: usize = 64 * 1024;

/// What stands where a body was cut.
const CUT: &str = "\n… cut here: run.json has all of it";

/// What is written of one body of an exchange, in characters; `exchanges.har` has all that was recorded.
const BODY: usize = 2_000;

/// A step, as messages name it: the case that was started, and the step's own id.
type At<'a> = (&'a str, &'a str);

/// Writes the chain of a drill, each of its alerts and its exchanges, as far as there are any.
pub(super) fn write_evidence(drill: &Drill, at: At<'_>, out: &mut dyn Write) -> io::Result<()> {
    let chain = chain(drill);
    if !chain.is_empty() {
        attach(out, at, ("chain.txt", "text/plain"), chain)?;
    }
    for (index, sighting) in drill.sightings.iter().enumerate() {
        write_sighting(out, at, index + 1, sighting)?;
    }
    if drill.exchanges.is_empty() {
        return Ok(());
    }
    let mut text = String::new();
    for exchange in &drill.exchanges {
        push_exchange(&mut text, exchange);
        if text.len() > LIMIT {
            break;
        }
    }
    attach(out, at, ("exchanges.txt", "text/plain"), text)
}

/// Writes what clean-up did, as a log.
pub(super) fn write_clean_up(drill: &Drill, at: At<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut text = String::new();
    for undone in &drill.clean_up {
        let what = wording::brief(&undone.what);
        let _ = match &undone.left {
            None => writeln!(text, "gone: {what}"),
            Some(why) => writeln!(text, "left behind: {what} ({})", wording::brief(why)),
        };
    }
    attach(out, at, ("clean-up.log", "text/x.cucumber.log+plain"), text)
}

/// An alert is JSON, unless it is so long that it has to be cut.
fn write_sighting(out: &mut dyn Write, at: At<'_>, number: usize, sighting: &Sighting) -> io::Result<()> {
    let mut json = Vec::new();
    escaped::write(&mut json, sighting)?;
    let whole = json.len() <= LIMIT;
    let (ending, kind) = if whole { ("json", "application/json") } else { ("txt", "text/plain") };
    let text = String::from_utf8(json).map_err(io::Error::other)?;
    attach(out, at, (&format!("alert-{number}.{ending}"), kind), text)
}

fn attach(
    out: &mut dyn Write,
    (run, step): At<'_>,
    (name, media_type): (&str, &'static str),
    mut body: String,
) -> io::Result<()> {
    if body.len() > LIMIT {
        body.truncate(body.floor_char_boundary(LIMIT - CUT.len()));
        body.push_str(CUT);
    }
    send(
        out,
        &Envelope::Attachment(Attachment {
            body,
            content_encoding: "IDENTITY",
            media_type,
            file_name: name.to_owned(),
            test_case_started_id: run,
            test_step_id: step,
        }),
    )
}

/// A line for each link of the chain, then what the device did, then how long the alert took.
fn chain(drill: &Drill) -> String {
    let mut text = String::new();
    for (link, state, witness) in reading::links(drill) {
        let by = witness.map(|witness| format!(": {}", wording::brief(&witness.by))).unwrap_or_default();
        let _ = writeln!(text, "{} {} {}{by}", wording::link_mark(state), link.label(), state.word());
    }
    for stimulus in &drill.stimuli {
        let (what, device) = (wording::brief(&stimulus.what), wording::brief(&stimulus.device));
        let _ = writeln!(text, "stimulus: {what} on {device}, {}", wording::moment(stimulus.from));
    }
    if let Some(latencies) = account::latencies(drill) {
        let _ = writeln!(text, "{latencies}");
    }
    text
}

fn push_exchange(text: &mut String, exchange: &Exchange) {
    let body = |body: &str| wording::short(&wording::lines(body), BODY).into_owned();
    let _ = writeln!(text, "# {}", wording::brief(exchange.purpose()));
    let _ = writeln!(text, "{} {}", wording::brief(exchange.method()), wording::brief(exchange.url()));
    if let Some(sent) = exchange.request_body() {
        let _ = writeln!(text, "\n{}\n", body(sent));
    }
    for attempt in exchange.attempts() {
        let status = attempt.status().map_or("no answer".to_owned(), |status| format!("HTTP {status}"));
        let _ = writeln!(text, "→ {status} after {}", wording::real(attempt.took_ms()));
        if let Some(why) = attempt.why_failed() {
            let _ = writeln!(text, "  {}", wording::brief(why));
        }
        if let Some(received) = attempt.response_body() {
            let _ = writeln!(text, "\n{}\n", body(received));
        }
    }
    text.push('\n');
}
