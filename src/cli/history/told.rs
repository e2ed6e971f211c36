//! What the history says: runs, drills of which something is new, latencies over time, and gates.

use std::fmt::Write as _;

use crate::{
    cli::terminal::push_folded,
    history::{
        gate::{Judged, Outcome},
        overview::{DrillOf, Group, RunOf},
        run::Word,
        standing::Change,
    },
    record::quantiles::Quantiles,
    report::wording,
};

/// The version of the format of the JSON.
const FORMAT: u32 = 1;

/// All of it for programs.
pub(super) fn json(groups: &[Group], gates: &[Judged]) -> String {
    let told = serde_json::json!({ "format": FORMAT, "groups": groups, "gates": gates });
    format!("{told:#}\n")
}

/// All of it for people, `width` columns wide.
pub(super) fn text(groups: &[Group], gates: &[Judged], width: u16) -> String {
    let width = usize::from(width.max(NARROWEST));
    let parts = groups.iter().map(|group| of_group(group, width));
    let mut parts: Vec<String> = parts.collect();
    if groups.is_empty() {
        parts.push("No run that is asked for is remembered.\n".into());
    }
    if !gates.is_empty() {
        parts.push(of_gates(gates, width));
    }
    parts.join("\n")
}

/// No text is narrower, however narrow the terminal says it is.
const NARROWEST: u16 = 60;

fn of_group(group: &Group, width: usize) -> String {
    let (shown, all) = (group.runs.len() as u64, group.remembered as u64);
    let of = if shown < all { format!(", the last of {all}") } else { String::new() };
    let mut text = format!("{}: {}{of}\n\n", wording::line(&group.name()), wording::count(shown, "run"));
    let longest = group.runs.iter().map(|run| run.run.chars().count()).max().unwrap_or_default();
    for run in &group.runs {
        let verdict = format!("{} {}", wording::run_mark(run.verdict), run.verdict.word());
        let label = format!("  {verdict:<13}  {:<longest$}  ", wording::line(&run.run));
        push_folded(&mut text, &label, &wording::tally(&run.counts).join(", "), width);
    }
    push_drills(&mut text, group, width);
    for (what, all, of) in [
        ("Propagation, at most", group.propagation, propagation as fn(&RunOf) -> Option<Quantiles>),
        ("Detection", group.detection, detection),
    ] {
        if let Some(all) = all {
            push_latencies(&mut text, (what, all), group.runs.iter().filter_map(|run| Some((run, of(run)?))), width);
        }
    }
    text
}

fn propagation(run: &RunOf) -> Option<Quantiles> {
    run.propagation
}

fn detection(run: &RunOf) -> Option<Quantiles> {
    run.detection
}

/// The drills of which something is new, in the order of what it is.
fn push_drills(text: &mut String, group: &Group, width: usize) {
    let lists = [
        (Some(Change::NewlyFailing), "Newly failing"),
        (Some(Change::StillFailing), "Still failing"),
        (Some(Change::Fixed), "Fixed"),
        (None, "Flaky"),
    ];
    for (change, title) in lists {
        let drills: Vec<_> = group.drills.iter().filter(|drill| drill.change == change).collect();
        if drills.is_empty() {
            continue;
        }
        let _ = writeln!(text, "\n  {title}");
        for drill in drills {
            push_drill(text, drill, width);
        }
    }
}

fn push_drill(text: &mut String, drill: &DrillOf, width: usize) {
    let marks: String = drill.judgements.iter().map(|word| if *word == Word::Passed { '✔' } else { '✘' }).collect();
    let code = drill.code.as_ref().map(|code| format!("{code}, ")).unwrap_or_default();
    let flaky = if drill.flaky && drill.change.is_some() { ", flaky" } else { "" };
    let told = format!("{}: {code}since {}{flaky}", drill.drill, drill.since);
    push_folded(text, &format!("    {marks:<10}  "), &wording::line(&told), width);
}

/// How wide a line of figures is before its plot.
const FIGURES: usize = 66;

/// A line for each run, with its figures, and where they lie between nothing and the longest of all.
fn push_latencies<'a>(
    text: &mut String,
    (what, all): (&str, Quantiles),
    runs: impl Iterator<Item = (&'a RunOf, Quantiles)>,
    width: usize,
) {
    let [p50, p95, max] = [all.p50, all.p95, all.max].map(wording::seconds);
    let alerts = wording::count(all.n, "alert");
    let _ = writeln!(text, "\n  {what}: p50 {p50}, p95 {p95}, max {max}, of {alerts}");
    let room = width.saturating_sub(FIGURES);
    let heads = if room < SMALLEST { ["p50", "p95", "max"] } else { ["● p50", "┃ p95", "│ max"] };
    let [p50, p95, max] = heads;
    let _ = writeln!(text, "  {:<16}  {p50:>11}  {p95:>11}  {max:>11}  {:>5}", "began", "n");
    for (run, of_run) in runs {
        let began = run.started.strftime("%Y-%m-%d %H:%M").to_string();
        let [p50, p95, max] = [of_run.p50, of_run.p95, of_run.max].map(wording::seconds);
        let line =
            format!("  {began:<16}  {p50:>11}  {p95:>11}  {max:>11}  {:>5}  {}", of_run.n, plot(of_run, all.max, room));
        let _ = writeln!(text, "{}", line.trim_end());
    }
}

/// A plot of fewer columns tells nothing.
const SMALLEST: usize = 8;

/// Three quantiles on a line from nothing to `longest`, in so many columns.
fn plot(of: Quantiles, longest: f64, columns: usize) -> String {
    if columns < SMALLEST {
        return String::new();
    }
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a column of a terminal"
    )]
    let place = |seconds: f64| ((seconds / longest.max(f64::MIN_POSITIVE)) * (columns - 1) as f64).round() as usize;
    let [p50, p95, max] = [of.p50, of.p95, of.max].map(place);
    let cell = |column: usize| match column {
        _ if column == p50 => '●',
        _ if column == p95 => '┃',
        _ if column == max => '│',
        _ if (p50..p95).contains(&column) => '━',
        _ if (p95..max).contains(&column) => '─',
        _ => ' ',
    };
    (0..=max).map(cell).collect()
}

/// So many of what judged a gate are told to people.
const TOLD: usize = 20;

fn of_gates(gates: &[Judged], width: usize) -> String {
    let mut text = String::from("Gates\n");
    for judged in gates {
        let verdict = match judged.outcome {
            Outcome::Held => "✔ held",
            Outcome::NothingToJudge => "! nothing to judge",
            Outcome::Broken => "✘ broken",
        };
        push_folded(&mut text, &format!("\n  {verdict}: "), &wording::line(&judged.gate), width);
        for told in judged.by.iter().take(TOLD) {
            push_folded(&mut text, "    ", &wording::line(told), width);
        }
        if judged.by.len() > TOLD {
            let _ = writeln!(text, "    … and {} more", judged.by.len() - TOLD);
        }
    }
    text
}
