//! The drills that run, in lines for people: as functions of what is seen of them.
//!
//! Spans are by the drills' clock, and so are moments, in UTC as in every report.

use jiff::{SignedDuration, Timestamp};
use unicode_width::UnicodeWidthChar as _;

use crate::{report::wording, world::board::Seen};

/// No more lines are shown, however high the terminal is.
const MOST: usize = 12;

/// Other lines than those of drills: the bar, the estimate, and the one that the cursor is in.
const OTHERS: usize = 3;

/// So many kinds of waits are told of drills that have no line of their own.
const KINDS: usize = 3;

/// On fewer columns a line says less.
const WIDE: usize = 90;

/// What stands below the bar of a terminal with so many columns and rows: an estimate, a line for each drill that fits,
/// those first that have waited the longest, and what the others wait for. `to_come` have not begun.
pub fn lines(seen: &[Seen], to_come: u64, (columns, rows): (usize, usize)) -> Vec<String> {
    let mut seen: Vec<&Seen> = seen.iter().collect();
    seen.sort_by_key(|one| one.waiting.as_ref().map_or((true, one.started), |waiting| (false, waiting.since)));
    let room = rows.saturating_sub(OTHERS).clamp(1, MOST);
    let shown = if seen.len() > room { room - 1 } else { seen.len() };
    let (shown, others) = seen.split_at(shown);
    let whats: Vec<String> = shown.iter().map(|one| what(one)).collect();
    let widest =
        whats.iter().map(|what| what.chars().count()).max().unwrap_or_default().clamp(20, columns.max(60) * 2 / 5);
    let told = shown.iter().zip(&whats).map(|(one, what)| line(one, &wording::short(what, widest), widest, columns));
    let mut lines: Vec<String> = estimate(&seen, to_come).into_iter().chain(told).collect();
    if !others.is_empty() {
        lines.push(format!("… and {} more: {}", others.len(), waits(others)));
    }
    lines.iter().map(|line| fitting(&format!("  {line}"), columns)).collect()
}

/// That drills run, for whoever reads a log and has heard of none for a while; nothing where none runs.
pub fn heartbeat(seen: &[Seen], to_come: u64) -> Option<String> {
    let seen: Vec<&Seen> = seen.iter().collect();
    let estimate = estimate(&seen, to_come).map(|told| format!("; {told}")).unwrap_or_default();
    (!seen.is_empty())
        .then(|| format!("{}: {}{estimate}", wording::count(seen.len() as u64, "running drill"), waits(&seen)))
}

/// Until when at the latest is waited, of the waits that say so; and what is not known of the rest.
fn estimate(seen: &[&Seen], to_come: u64) -> Option<String> {
    let ends = || seen.iter().filter_map(|one| one.waiting.as_ref()?.until);
    let (latest, now) = (ends().max()?, seen.iter().map(|one| one.now).max()?);
    let waiting = seen.iter().filter(|one| one.waiting.is_some()).count();
    let by = format!("by {} at the latest ({})", moment(latest), up(latest.duration_since(now)));
    let is_last =
        |one: &&Seen| one.done + 1 >= one.steps && one.waiting.as_ref().is_some_and(|told| told.until.is_some());
    if to_come == 0 && seen.iter().all(is_last) {
        return Some(format!("the last step of all is over {by}"));
    }
    let known = ends().count();
    let of = if known == waiting { "these waits end".to_owned() } else { format!("{known} of {waiting} waits end") };
    let rest = if to_come == 0 { String::new() } else { format!("; {to_come} not begun") };
    Some(format!("{of} {by}{rest}"))
}

/// What a drill is at.
fn what(one: &Seen) -> String {
    let link = one.link.label();
    match &one.waiting {
        Some(waiting) if waiting.what == link => link.to_owned(),
        Some(waiting) => format!("{link}: {}", wording::line(&waiting.what)),
        None => link.to_owned(),
    }
}

fn line(one: &Seen, what: &str, widest: usize, columns: usize) -> String {
    let waited = one.waiting.as_ref().map_or_else(String::new, |waiting| down(one.now.duration_since(waiting.since)));
    let left = one.waiting.as_ref().and_then(|waiting| waiting.until).map(|until| up(until.duration_since(one.now)));
    let name = wording::line(&one.name);
    if columns < WIDE {
        let left = left.map(|left| format!("≤ {left}")).unwrap_or_default();
        return format!("{what:<widest$} {left:<12} {name}");
    }
    let left = left.map(|left| format!("at most {left} more")).unwrap_or_default();
    let step = format!("step {} of {}", (one.done + 1).min(one.steps), one.steps);
    format!("{what:<widest$}  {waited:>9}  {left:<21}  {step:<13}  {name}")
}

/// What drills wait for, the kind first that most wait for.
fn waits(seen: &[&Seen]) -> String {
    let mut kinds: Vec<(String, usize, Option<Timestamp>)> = Vec::new();
    for one in seen {
        let kind = match &one.waiting {
            Some(waiting) => format!("for {}", wording::short(&wording::line(&waiting.what), 40)),
            None => "for answers".into(),
        };
        let until = one.waiting.as_ref().and_then(|waiting| waiting.until);
        match kinds.iter_mut().find(|(known, ..)| *known == kind) {
            Some((_, count, latest)) => (*count, *latest) = (*count + 1, until.max(*latest)),
            None => kinds.push((kind, 1, until)),
        }
    }
    kinds.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let told = |(kind, count, until): &(String, usize, Option<Timestamp>)| {
        let until = until.map(|until| format!(" until {}", moment(until))).unwrap_or_default();
        format!("{count} {} {kind}{until}", if *count == 1 { "waits" } else { "wait" })
    };
    let mut text: Vec<String> = kinds.iter().take(KINDS).map(told).collect();
    let rest: usize = kinds.iter().skip(KINDS).map(|(_, count, _)| count).sum();
    if rest > 0 {
        text.push(format!("{rest} for something else"));
    }
    text.join(", ")
}

fn moment(at: Timestamp) -> String {
    at.strftime("%H:%M UTC").to_string()
}

/// In whole minutes, or seconds where it is less than one: what has passed,
fn down(span: SignedDuration) -> String {
    if span.as_secs() < 60 { seconds(span.as_secs()) } else { minutes(span.as_mins()) }
}

/// and what is left, of which no less is told than there is.
fn up(span: SignedDuration) -> String {
    let whole = span.as_secs() + i64::from(span.subsec_nanos() > 0);
    if whole < 60 { seconds(whole) } else { minutes((whole + 59) / 60) }
}

fn seconds(count: i64) -> String {
    format!("{} s", count.max(0))
}

fn minutes(count: i64) -> String {
    wording::span(SignedDuration::from_mins(count))
}

/// As much of `text` as `columns` hold.
fn fitting(text: &str, columns: usize) -> String {
    let width = |c: char| c.width().unwrap_or_default();
    // The last column stays free: a cursor behind it would be in the next line.
    let room = columns.saturating_sub(1);
    if text.chars().map(width).sum::<usize>() <= room {
        return text.trim_end().to_owned();
    }
    let mut used = 1;
    let kept = text.chars().take_while(|c| {
        used += width(*c);
        used <= room
    });
    kept.chain(['…']).collect()
}
