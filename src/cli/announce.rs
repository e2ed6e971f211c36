//! Telling people of a run before it begins, by a webhook: which alerts will come, of which device, and when.
//!
//! The address is a secret. Nothing that is told of a failure is taken from the request or its answer.

use std::{borrow::Cow, time::Duration};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::{
    clock::later,
    config::announce::{Announce, Form},
    transport::{Transport, call::Call, error::TransportError},
};

/// What is told.
#[derive(Debug, Clone)]
pub(super) struct Announcement {
    pub(super) run: String,
    pub(super) tenant: String,
    pub(super) device: String,
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
    /// The title that each drill's alert is expected to have.
    pub(super) titles: Vec<String>,
}

/// So many titles are named; of the rest, how many there are.
const NAMED: usize = 20;

/// So many characters of a title are told to people: the flow behind a webhook of Teams posts no message of more than
/// about 28 KB, and says so to nobody, for the webhook has answered 202 before. Slack cuts at 40,000 characters.
const LONGEST: usize = 200;

/// When so many drills are over that wait so long, as far as can be told before.
pub(super) fn until(from: Timestamp, drills: usize, jobs: usize, wait: Duration) -> Timestamp {
    let rounds = u32::try_from(drills.div_ceil(jobs.max(1))).unwrap_or(u32::MAX);
    later(from, SignedDuration::try_from(wait.saturating_mul(rounds)).unwrap_or(SignedDuration::MAX))
}

impl Announcement {
    /// Sends it, or says in one clause why it was not taken.
    pub(super) async fn send(&self, way: &Transport, to: &Announce) -> Result<(), String> {
        let call = Call::post(to.url()).json(&self.body(to.form)).purpose("announce the run").hide(&to.address);
        way.call(call).await.map(drop).map_err(|error| match error {
            TransportError::Refused { status, .. } => format!("it answered HTTP {status}"),
            TransportError::Throttled { .. } => "it answered HTTP 429".into(),
            TransportError::TimedOut { .. } => "it did not answer in time".into(),
            TransportError::Malformed { .. } => "it answered with a redirect, which is not followed".into(),
            _ => "there is no connection to it".into(),
        })
    }

    fn body(&self, form: Form) -> Value {
        match form {
            Form::Generic => json!({
                "event": "alertdrill.run.announced", "run": self.run, "tenant": self.tenant, "devices": [self.device],
                "from": self.from.to_string(), "until": self.until.to_string(), "drills": self.titles.len(),
                "titles": self.named(),
            }),
            Form::Teams => json!({
                "type": "message",
                "attachments": [{
                    "contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": null,
                    "content": {
                        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                        "type": "AdaptiveCard", "version": "1.4",
                        "body": self.lines().iter().map(|line| block(line)).collect::<Vec<_>>(),
                    },
                }],
            }),
            Form::Slack => json!({ "text": escaped(&self.lines().join("\n")) }),
        }
    }

    fn named(&self) -> &[String] {
        &self.titles[..self.titles.len().min(NAMED)]
    }

    fn lines(&self) -> Vec<String> {
        let Self { run, tenant, device, from, until, titles } = self;
        let mut lines = vec![
            format!("Security test: alerts of drills are expected in the tenant {tenant}."),
            format!("Device {device}, from {from} until about {until}, run {run}, {} drills.", titles.len()),
            "Titles of the alerts:".into(),
        ];
        lines.extend(self.named().iter().map(|title| format!("- {}", shortened(title))));
        let more = titles.len() - self.named().len();
        lines.extend((more > 0).then(|| format!("and {more} more")));
        lines
    }
}

fn shortened(title: &str) -> Cow<'_, str> {
    title.char_indices().nth(LONGEST).map_or(title.into(), |(end, _)| format!("{}…", &title[..end]).into())
}

fn block(text: &str) -> Value {
    json!({ "type": "TextBlock", "text": text, "wrap": true })
}

/// Slack reads three characters as its own.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn announcement(titles: Vec<String>) -> Announcement {
        let from = Timestamp::UNIX_EPOCH;
        let (run, tenant, device) = ("run-1".into(), "lab".into(), "pc7".into());
        let until = until(from, titles.len(), 10, Duration::from_mins(5));
        Announcement { run, tenant, device, from, until, titles }
    }

    #[test]
    fn long_titles_are_cut_for_people_so_that_teams_and_slack_show_the_message() {
        // Controls are the longest in JSON, six bytes each.
        let told = announcement(vec!["\u{1}".repeat(2_000); 23]);
        let teams = told.body(Form::Teams).to_string().len();
        assert!(teams < 28_000, "{teams} bytes");
        let told = announcement(vec!["é".repeat(200), "é".repeat(201)]);
        let slack = told.body(Form::Slack)["text"].as_str().map(str::to_owned).unwrap_or_default();
        let (whole, cut) = (format!("\n- {}\n", "é".repeat(200)), format!("\n- {}…", "é".repeat(200)));
        assert!(slack.contains(&whole) && slack.ends_with(&cut), "{slack}");
        assert_eq!(told.body(Form::Generic)["titles"][1], json!("é".repeat(201)), "a program gets the whole");
    }

    #[test]
    fn twenty_titles_are_named_and_the_rest_counted_in_every_form() {
        let told = announcement((0..23).map(|n| format!("Alert <{n}>")).collect());
        let generic = told.body(Form::Generic);
        assert_eq!((&generic["until"], &generic["drills"]), (&json!("1970-01-01T00:15:00Z"), &json!(23)));
        assert_eq!(generic["titles"].as_array().map(Vec::len), Some(20));
        let slack = told.body(Form::Slack).to_string();
        assert!(slack.contains("- Alert &lt;19&gt;\\nand 3 more\""), "{slack}");
        let teams = &told.body(Form::Teams)["attachments"][0]["content"]["body"];
        assert_eq!(teams.as_array().and_then(|blocks| blocks.last()), Some(&block("and 3 more")));
    }
}
