//! Spans, moments, counts and verdicts in words, the same in every report and on the terminal.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};

use crate::{
    record::{
        drill::Drill,
        failure::Code,
        run::Head,
        sighting::Latencies,
        verdict::{Counts, RunVerdict, Verdict},
    },
    report::{
        Outline,
        reading::{self, State},
    },
};

/// A text on one line, without anything that could steer a terminal or reverse what is read: control characters and
/// the marks of writing direction become `�`.
pub fn line(text: &str) -> Cow<'_, str> {
    if !text.contains(|c| is_blank(c) || is_unseen(c)) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars()
            .map(|c| {
                if is_blank(c) {
                    ' '
                } else if is_unseen(c) {
                    '\u{fffd}'
                } else {
                    c
                }
            })
            .collect(),
    )
}

/// As [`line()`], of any number of lines.
pub fn lines(text: &str) -> Cow<'_, str> {
    let bad = |c: char| is_unseen(c) && !is_blank(c);
    if !text.contains(bad) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| if bad(c) { '\u{fffd}' } else { c }).collect())
}

fn is_blank(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\t')
}

/// Whether a character steers what shows it instead of being shown.
pub(super) fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// A text on one line as [`line()`] makes it, of at most [`BRIEF`] characters.
pub fn brief(text: &str) -> String {
    short(&line(text), BRIEF).into_owned()
}

/// What a report for machines tells of one text at most, in characters.
pub const BRIEF: usize = 4_000;

/// At most `limit` characters, the last of which is then `…`.
pub fn short(text: &str, limit: usize) -> Cow<'_, str> {
    match text.char_indices().nth(limit) {
        None => Cow::Borrowed(text),
        Some(_) => Cow::Owned(text.chars().take(limit.saturating_sub(1)).chain(['…']).collect()),
    }
}

/// A moment, to the second.
pub fn moment(at: Timestamp) -> String {
    at.strftime("%-d %b %Y, %H:%M:%S UTC").to_string()
}

/// The time of day, to the second.
pub fn time_of_day(at: Timestamp) -> String {
    at.strftime("%H:%M:%S").to_string()
}

/// The day.
pub fn date(at: Timestamp) -> String {
    at.strftime("%-d %b %Y").to_string()
}

/// A moment, where the year is known.
pub fn short_moment(at: Timestamp) -> String {
    at.strftime("%-d %b, %H:%M").to_string()
}

/// The span between two moments.
pub fn between(from: Timestamp, until: Timestamp) -> String {
    span(until.duration_since(from))
}

/// A span of a drill's clock, with its two largest units.
pub fn span(span: SignedDuration) -> String {
    let seconds = span.as_secs_f64().max(0.0);
    if seconds < 60.0 { short_span(seconds * 1000.0) } else { long_span(span.as_secs().unsigned_abs()) }
}

/// A span given in seconds.
pub fn seconds(seconds: f64) -> String {
    span(SignedDuration::try_from_secs_f64(seconds).unwrap_or_default())
}

/// How long propagation took, as far as that is known.
pub fn propagation(latencies: &Latencies) -> String {
    match (latencies.propagation_at_least, latencies.propagation_at_most) {
        (None, Some(most)) => format!("at most {}", seconds(most)),
        (Some(least), Some(most)) => format!("between {} and {}", seconds(least), seconds(most)),
        (_, None) => "cannot be told: the same address was another drill’s before".into(),
    }
}

/// A span of real time, given in milliseconds.
pub fn real(milliseconds: f64) -> String {
    if milliseconds < 60_000.0 { short_span(milliseconds) } else { seconds(milliseconds / 1000.0) }
}

fn short_span(milliseconds: f64) -> String {
    let trim = |text: String| text.trim_end_matches('0').trim_end_matches('.').to_owned();
    match milliseconds {
        m if m < 0.0005 => "0 s".into(),
        m if m < 0.05 => "<0.1 ms".into(),
        m if m < 9.95 => format!("{} ms", trim(format!("{m:.1}"))),
        m if m < 999.5 => format!("{m:.0} ms"),
        m if m < 9_995.0 => format!("{} s", trim(format!("{:.2}", m / 1000.0))),
        m => format!("{} s", trim(format!("{:.1}", m / 1000.0))),
    }
}

fn long_span(seconds: u64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    let (large, small) = if days > 1 {
        (format!("{days} d"), format!("{} h", hours % 24))
    } else if hours > 0 {
        (format!("{hours} h"), format!("{} min", minutes % 60))
    } else {
        (format!("{minutes} min"), format!("{} s", seconds % 60))
    };
    if small.starts_with("0 ") { large } else { format!("{large} {small}") }
}

/// The mark that stands beside a verdict's word.
pub fn mark(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "✔",
        Verdict::Failed { .. } => "✘",
        Verdict::Errored { .. } => "!",
        Verdict::Skipped { .. } => "–",
    }
}

/// The mark that stands beside a run's verdict.
pub fn run_mark(verdict: RunVerdict) -> &'static str {
    match verdict {
        RunVerdict::Passed => "✔",
        RunVerdict::Failed => "✘",
        RunVerdict::Errored | RunVerdict::Interrupted => "!",
        RunVerdict::Armed => "…",
    }
}

/// The mark that stands beside a link.
pub fn link_mark(state: State) -> &'static str {
    match state {
        State::Held => "✔",
        State::Broke => "✘",
        State::Unwitnessable => "?",
        State::NotReached | State::NotPart => "·",
    }
}

/// That a link cannot be witnessed on the drill's service, and why: a sentence for each such link.
pub fn unwitnessable(drill: &Drill) -> impl Iterator<Item = String> {
    let word = State::Unwitnessable.word();
    reading::unwitnessable(drill).map(move |(link, why)| format!("{} {word}: {}", link.label(), line(why)))
}

/// What the name of a failure means, as a sentence.
pub fn meaning(code: Code) -> &'static str {
    match code {
        Code::NoAlert => "No alert came, and nothing before it is known to have failed.",
        Code::WrongAlert => "The alert came and says something else than its definition.",
        Code::ExtraAlert => "An alert came that should not have.",
        Code::LateAlert => "The alert came after its time.",
        Code::NotPublished => "The definition or indicator could not be published.",
        Code::NoStimulus => "The traffic did not happen.",
        Code::NoTelemetry => "The traffic happened, and the device did not report it.",
        Code::NotYetEffective => "What was published had not yet taken effect.",
        Code::Throttled => "The service had no more calls to give.",
        Code::ServiceError => "The service failed, or its answer cannot be understood.",
        Code::AccessDenied => "The service refused the credential.",
        Code::Inconclusive => "Nothing proves either way.",
        Code::Unsupported => "The service of the drill has no such thing.",
    }
}

/// "1 drill", "2 drills".
pub fn count(number: u64, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// "2 passed", "1 failed": whatever is not nought.
pub fn tally(counts: &Counts) -> Vec<String> {
    let parts = [
        (counts.passed, "passed"),
        (counts.failed, "failed"),
        (counts.errored, "errored"),
        (counts.skipped, "skipped"),
    ];
    let told = parts.into_iter().filter(|(number, _)| *number > 0);
    told.map(|(number, word)| format!("{number} {word}")).collect()
}

/// "4 drills: 2 passed, 1 failed, 1 skipped".
pub fn counts(counts: &Counts) -> String {
    let (drills, told) = (count(counts.total(), "drill"), tally(counts));
    if told.is_empty() { drills } else { format!("{drills}: {}", told.join(", ")) }
}

/// The verdict on a run, as one sentence that can stand alone.
pub fn headline(outline: &Outline) -> String {
    let counts = &outline.counts;
    let share = |number: u64| match counts.total() {
        1 => "the drill".to_owned(),
        all => format!("{number} of {all} drills"),
    };
    match outline.verdict() {
        RunVerdict::Passed if counts.skipped > 0 => {
            format!("Every drill that was judged passed: {} of {}.", counts.passed, counts.total())
        }
        RunVerdict::Passed => match counts.passed {
            1 => "The drill passed.".into(),
            all => format!("All {all} drills passed."),
        },
        RunVerdict::Failed if counts.total() == 1 => "The drill found a detection gap.".into(),
        RunVerdict::Failed => format!("{} found a detection gap.", share(counts.failed)),
        RunVerdict::Errored if counts.errored == 0 => "Nothing was judged.".into(),
        RunVerdict::Errored => format!("Alertdrill cannot tell: {} broke off.", share(counts.errored)),
        RunVerdict::Interrupted if outline.foot.is_none() => "The run was killed before its end.".into(),
        RunVerdict::Interrupted => "The run was interrupted, and cleaned up.".into(),
        RunVerdict::Armed => "Drills are armed, and have no verdict yet: `alertdrill collect` judges them.".into(),
    }
}

/// What is new of the run's drills beside earlier runs: "2 newly failing, 1 fixed since run-…"; none where nothing is.
pub fn news(outline: &Outline) -> Option<String> {
    let past = outline.foot.as_ref()?.past.as_ref()?;
    let lists = [
        (&past.newly_failing, "newly failing"),
        (&past.fixed, "fixed"),
        (&past.still_failing, "still failing"),
        (&past.flaky, "flaky"),
    ];
    let told = lists.into_iter().filter(|(drills, _)| !drills.is_empty());
    let told: Vec<_> = told.map(|(drills, what)| format!("{} {what}", drills.len())).collect();
    let last = line(&past.runs.last()?.run);
    (!told.is_empty()).then(|| format!("{} since {last}", told.join(", ")))
}

/// That so many drills left something behind, be it on purpose, and who says what; none where there is none.
pub fn left_behind(drills: u64, who_says_what: &str) -> Option<String> {
    let told = || {
        format!(
            "Clean-up left something behind in {}: {who_says_what} says what and why, and `alertdrill sweep` removes it.",
            count(drills, "drill")
        )
    };
    (drills > 0).then(told)
}

/// What has to be said of a run beside its verdict, so that nobody takes it for more than it is.
pub fn notes(outline: &Outline) -> Vec<String> {
    let mut notes = Vec::new();
    if outline.head.time_jumps {
        notes.push(
            "Time jumped: the drills ran on the emulator, whose clock leaps over every wait. Their times and spans are \
             that clock's; “real” is what it cost."
                .to_owned(),
        );
    }
    if outline.foot.is_none() {
        notes.push(format!(
            "The record ends early: alertdrill was killed, so whatever came after {} is not known, nor whether it was \
             cleaned up. What it left behind has “[drill …]” at the end of its description.",
            count(outline.counts.total(), "drill")
        ));
    }
    if outline.counts.passed + outline.counts.failed == 0
        && !matches!(outline.verdict(), RunVerdict::Passed | RunVerdict::Armed)
    {
        notes.push("No drill of this run proves anything about a detection.".to_owned());
    }
    let defects = outline.foot.iter().flat_map(|foot| &foot.defects);
    notes.extend(defects.map(|defect| format!("A defect of alertdrill, please report it: {}", line(defect))));
    notes
}

/// The drill's failure in one sentence: the link that broke, and what happened.
pub fn broken(drill: &Drill) -> Option<String> {
    let link = reading::broken_link(drill)?;
    Some(format!("{} broke: {}", link.label(), line(drill.verdict.reason().unwrap_or_default())))
}

/// The command that runs a drill again.
pub fn rerun(head: &Head, (file, number): (&str, u32), service: &str) -> String {
    let ground = match head.tenant.as_str() {
        "emulator" if service.is_empty() => String::new(),
        "emulator" => format!(" --service {}", quoted(service)),
        tenant => format!(" --tenant {}", quoted(tenant)),
    };
    format!("alertdrill run {}{ground}", quoted(&format!("{file}:{number}")))
}

/// A word for a shell, in single quotes where it needs them.
fn quoted(word: &str) -> String {
    let word = line(word);
    if word.chars().all(|c| c.is_alphanumeric() || "/._:-+=@%,".contains(c)) && !word.is_empty() {
        return word.into_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_told_with_their_two_largest_units() {
        let told =
            [0.0, 0.000_02, 0.0004, 0.4, 0.41237, 7.5, 12.34, 59.99, 60.0, 312.9, 1200.0, 5400.0, 90_000.0, 259_200.0];
        let told = told.map(seconds);
        let expected = [
            "0 s",
            "<0.1 ms",
            "0.4 ms",
            "400 ms",
            "412 ms",
            "7.5 s",
            "12.3 s",
            "60 s",
            "1 min",
            "5 min 12 s",
            "20 min",
            "1 h 30 min",
            "25 h",
            "3 d",
        ];
        assert_eq!(told, expected);
        assert_eq!(
            [real(0.912), real(12.4), real(1_234.0), real(373_400.0)],
            ["0.9 ms", "12 ms", "1.23 s", "6 min 13 s"]
        );
    }

    #[test]
    fn a_name_cannot_steer_a_terminal_or_reverse_what_is_read() {
        assert_eq!(line("a\x1b[31m\u{202e}b\nc"), "a\u{fffd}[31m\u{fffd}b c");
        assert_eq!(lines("a\nb\x07"), "a\nb\u{fffd}");
        assert!(matches!(line("plain"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_file_name_is_quoted_for_the_shell_only_where_it_has_to_be() {
        assert_eq!(quoted("features/guide/5_whole.feature:9"), "features/guide/5_whole.feature:9");
        assert_eq!(quoted("it's here.feature:9"), r"'it'\''s here.feature:9'");
        assert_eq!(quoted("$(rm x)"), "'$(rm x)'");
    }
}
