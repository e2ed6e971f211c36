//! What must not be so of the runs that are told: a gate, in few words.
//!
//! ```text
//! gate     = standing | latency ">" span | share ">" number "%"
//! standing = "newly failing" | "still failing" | "flaky"
//! latency  = ( "p" number | "max" ) ( "detection" | "propagation" )
//! share    = "failed" | "errored"
//! span     = "10m" | "1h 30m" | "45 seconds" | …
//! ```
//!
//! A standing is of the drills that the last run judged. A latency, and the share of the drills that were not skipped, is of
//! all runs that are told and ended by themselves. Each tenant and service is judged by itself.

use std::str::FromStr;

use jiff::{SignedDuration, Unit};
use serde::Serialize;

use crate::{
    history::{
        overview::{DrillOf, Group},
        standing::Change,
    },
    record::tally::Latency,
};

/// What must not be so.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    text: String,
    condition: Condition,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Condition {
    Standing(Standing),
    /// So many of a hundred alerts need longer.
    Latency(f64, Latency, SignedDuration),
    /// More than so many of a hundred drills ended so.
    Share(Share, f64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Newly,
    Still,
    Flaky,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Share {
    Failed,
    Errored,
}

/// Why a text is no gate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at {at}: {problem}")]
pub struct GateError {
    /// At which letter, from 1.
    at: usize,
    problem: String,
}

/// What became of a gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Judged {
    /// The gate, as it was written.
    pub gate: String,
    /// Whether it held.
    pub outcome: Outcome,
    /// By what, a sentence each.
    pub by: Vec<String>,
}

/// Whether a gate held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It did.
    Held,
    /// There was nothing to judge it by, somewhere at least.
    NothingToJudge,
    /// It did not, somewhere.
    Broken,
}

impl Gate {
    /// Judges it on each of `groups`: what is broken anywhere is broken.
    pub fn judge(&self, groups: &[Group]) -> Judged {
        let each = groups.iter().map(|group| (group, self.condition.judge(group)));
        let (mut outcome, mut by) = (Outcome::Held, Vec::new());
        for (group, (of_group, told)) in each {
            outcome = outcome.max(of_group);
            by.extend(told.into_iter().map(|told| format!("{}: {told}", group.name())));
        }
        if groups.is_empty() {
            (outcome, by) = (Outcome::NothingToJudge, vec!["no run that is asked for is remembered".into()]);
        }
        Judged { gate: self.text.clone(), outcome, by }
    }
}

impl Condition {
    fn judge(self, group: &Group) -> (Outcome, Vec<String>) {
        match self {
            Self::Standing(standing) => standing.judge(group),
            Self::Latency(percent, latency, limit) => within(group, (percent, latency), limit),
            Self::Share(share, percent) => share.judge(group, percent),
        }
    }
}

fn broken_if(broken: bool) -> Outcome {
    if broken { Outcome::Broken } else { Outcome::Held }
}

fn nothing(why: impl Into<String>) -> (Outcome, Vec<String>) {
    (Outcome::NothingToJudge, vec![why.into()])
}

impl Standing {
    fn judge(self, group: &Group) -> (Outcome, Vec<String>) {
        let Some(run) = group.judged_in.as_ref().filter(|_| group.judged > 0) else {
            return nothing("the last run judged no drill, or none ended by itself");
        };
        let broken: Vec<&DrillOf> = group.drills.iter().filter(|drill| self.is_of(drill)).collect();
        let told =
            if broken.is_empty() { vec![format!("none of {} drills in {run}", group.judged)] } else { Vec::new() };
        let names = broken.iter().map(|drill| drill.drill.to_string());
        (broken_if(!broken.is_empty()), told.into_iter().chain(names).collect())
    }

    fn is_of(self, drill: &DrillOf) -> bool {
        match self {
            Self::Newly => drill.change == Some(Change::NewlyFailing),
            Self::Still => drill.change == Some(Change::StillFailing),
            Self::Flaky => drill.flaky,
        }
    }
}

fn within(group: &Group, (percent, latency): (f64, Latency), limit: SignedDuration) -> (Outcome, Vec<String>) {
    let Some((seconds, alerts)) = group.quantile(latency, percent) else {
        return nothing("no alert came in these runs");
    };
    let span = SignedDuration::try_from_secs_f64(seconds).and_then(|span| span.round(Unit::Millisecond));
    let span = span.unwrap_or_default();
    (broken_if(span > limit), vec![format!("{span:#}, of {alerts} alerts")])
}

impl Share {
    #[expect(clippy::cast_precision_loss, reason = "there are fewer drills than exact numbers")]
    fn judge(self, group: &Group, percent: f64) -> (Outcome, Vec<String>) {
        let counts = group.counts();
        let all = counts.total() - counts.skipped;
        let (part, word) = match self {
            Self::Failed => (counts.failed, "failed"),
            Self::Errored => (counts.errored, "errored"),
        };
        if all == 0 {
            return nothing("no drill of these runs was begun");
        }
        let broken = part as f64 * 100.0 > percent * all as f64;
        (broken_if(broken), vec![format!("{part} of {all} drills {word}")])
    }
}

impl FromStr for Gate {
    type Err = GateError;

    fn from_str(text: &str) -> Result<Self, GateError> {
        let condition = Words { text, at: 0 }.condition()?;
        Ok(Self { text: text.trim().into(), condition })
    }
}

/// The words of a gate, and how far they are read, in bytes.
struct Words<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Words<'a> {
    fn condition(mut self) -> Result<Condition, GateError> {
        let start = self.begin();
        match self.next() {
            "newly" => self.standing(Standing::Newly),
            "still" => self.standing(Standing::Still),
            "flaky" => self.end(Condition::Standing(Standing::Flaky)),
            "failed" => self.share(Share::Failed),
            "errored" => self.share(Share::Errored),
            "max" => self.latency(100.0),
            word => match word.strip_prefix('p').and_then(|number| number.parse::<f64>().ok()) {
                Some(percent) if percent > 0.0 && percent <= 100.0 => self.latency(percent),
                Some(_) => Err(self.error(start, "a quantile is more than p0 and at most p100".into())),
                None => Err(self.unknown(
                    start,
                    word,
                    "newly failing, still failing, flaky, failed, errored, p95 detection or max propagation",
                )),
            },
        }
    }

    fn standing(mut self, standing: Standing) -> Result<Condition, GateError> {
        let start = self.begin();
        match self.next() {
            "failing" => self.end(Condition::Standing(standing)),
            word => Err(self.unknown(start, word, "failing")),
        }
    }

    fn latency(mut self, percent: f64) -> Result<Condition, GateError> {
        let start = self.begin();
        let latency = match self.next() {
            "detection" => Latency::Detection,
            "propagation" => Latency::Propagation,
            word => return Err(self.unknown(start, word, "detection or propagation")),
        };
        let (start, span) = self.limit()?;
        let limit: SignedDuration =
            span.parse().map_err(|error| self.error(start, format!("`{span}` is no span of time: {error}")))?;
        Ok(Condition::Latency(percent, latency, limit))
    }

    fn share(mut self, share: Share) -> Result<Condition, GateError> {
        let (start, text) = self.limit()?;
        let percent = text.strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok());
        match percent.filter(|percent| (0.0..=100.0).contains(percent)) {
            Some(percent) => Ok(Condition::Share(share, percent)),
            None => Err(self.error(start, format!("`{text}` is no share (write 5%)"))),
        }
    }

    /// What stands after `>`, and where.
    fn limit(&mut self) -> Result<(usize, &'a str), GateError> {
        let start = self.begin();
        if !self.text[start..].starts_with('>') {
            let word = self.next();
            return Err(self.unknown(start, word, "`>`"));
        }
        self.at = start + 1;
        let start = self.begin();
        Ok((start, self.text[start..].trim_end()))
    }

    /// Where the next word begins.
    fn begin(&mut self) -> usize {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
        self.at
    }

    /// The next word, as far as a blank or a comparison.
    fn next(&mut self) -> &'a str {
        let start = self.begin();
        let rest = &self.text[start..];
        let length = rest.find(|letter: char| letter.is_whitespace() || letter == '>').unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn end(mut self, condition: Condition) -> Result<Condition, GateError> {
        let start = self.begin();
        let rest = self.text[start..].trim_end();
        if rest.is_empty() {
            Ok(condition)
        } else {
            Err(self.error(start, format!("nothing follows here, not `{rest}`")))
        }
    }

    fn unknown(&self, at: usize, word: &str, known: &str) -> GateError {
        let what = if word.is_empty() { "it ends".to_owned() } else { format!("`{word}` is not known") };
        self.error(at, format!("{what} where it should go on with {known}"))
    }

    fn error(&self, at: usize, problem: String) -> GateError {
        GateError { at: self.text[..at].chars().count() + 1, problem }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_gate_is_read_as_it_is_meant() {
        let read = |text: &str| text.parse::<Gate>().map(|gate| gate.condition);
        let minutes = SignedDuration::from_mins;
        for (text, condition) in [
            ("newly failing", Condition::Standing(Standing::Newly)),
            (" still  failing ", Condition::Standing(Standing::Still)),
            ("flaky", Condition::Standing(Standing::Flaky)),
            ("p95 detection > 10m", Condition::Latency(95.0, Latency::Detection, minutes(10))),
            ("p99.9 propagation>1h 30m", Condition::Latency(99.9, Latency::Propagation, minutes(90))),
            ("max detection > 45 minutes", Condition::Latency(100.0, Latency::Detection, minutes(45))),
            ("errored > 5%", Condition::Share(Share::Errored, 5.0)),
            ("failed>0 %", Condition::Share(Share::Failed, 0.0)),
        ] {
            assert_eq!(read(text), Ok(condition), "{text}");
        }
    }

    #[test]
    fn what_is_no_gate_is_told_with_its_place() {
        let problem = |text: &str| text.parse::<Gate>().expect_err("it is none").to_string();
        for (text, told) in [
            ("", "at 1: it ends where it should go on with newly failing"),
            ("newly fixed", "at 7: `fixed` is not known where it should go on with failing"),
            ("flaky drills", "at 7: nothing follows here, not `drills`"),
            ("p95 detektion > 10m", "at 5: `detektion` is not known where it should go on with detection"),
            ("p95 detection < 10m", "at 15: `<` is not known where it should go on with `>`"),
            ("p95 detection", "at 14: it ends where it should go on with `>`"),
            ("p95 detection > soon", "at 17: `soon` is no span of time"),
            ("p101 detection > 1m", "at 1: a quantile is more than p0"),
            ("errored > 5", "at 11: `5` is no share (write 5%)"),
            ("ä > 1", "at 1: `ä` is not known"),
        ] {
            assert!(problem(text).starts_with(told), "{text}: {}", problem(text));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn whatever_is_written_is_read_or_refused(text in "((p[0-9.]{1,3}|max|newly|errored|é|>|%|detection| |10m|failing){0,6}|.{0,20})") {
            let _whatever_it_is = text.parse::<Gate>();
        }
    }
}
