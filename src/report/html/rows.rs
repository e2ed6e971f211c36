//! The table of all drills: a row for each, the first of them in the page itself, the others as data that the script makes
//! rows of when they are wanted. A browser lays out hundreds of rows in a moment, and ten thousand in many.

use std::{borrow::Cow, collections::HashMap, io};

use maud::{Markup, PreEscaped, html};
use serde::Serialize;

use crate::{
    record::{drill::Drill, past::Past, verdict::Verdict},
    report::{escaped, html::badge, reading, wording},
};

/// So many rows are in the page itself.
const IN_THE_PAGE: usize = 500;

/// The rows while the drills come in.
pub(super) struct Rows {
    html: String,
    others: Vec<u8>,
    count: usize,
    news: HashMap<String, &'static str>,
}

/// What a row says; the script reads it by these names.
#[derive(Serialize)]
struct Row<'a> {
    verdict: &'a str,
    mark: &'a str,
    name: &'a str,
    /// The number of the drill's account, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<usize>,
    feature: &'a str,
    service: &'a str,
    tags: &'a [Cow<'a, str>],
    code: &'a str,
    outcome: &'a str,
    /// What is new of it, or was left behind.
    notes: &'a [&'a str],
    clock: &'a str,
    real: &'a str,
}

impl Rows {
    /// None yet, of a run that is seen beside `past`.
    pub(super) fn beside(past: Option<&Past>) -> Self {
        let lists = past.into_iter().flat_map(|past| {
            let still = (&past.still_failing, "still failing");
            [still, (&past.flaky, "flaky"), (&past.fixed, "fixed"), (&past.newly_failing, "newly failing")]
        });
        let news = lists.flat_map(|(ids, what)| ids.iter().map(move |id| (id.clone(), what))).collect();
        Self { html: String::new(), others: Vec::new(), count: 0, news }
    }

    /// What is new of `drill`, in a word or two.
    pub(super) fn news(&self, drill: &Drill) -> Option<&'static str> {
        self.news.get(&drill.id).copied()
    }

    /// Adds the row of `drill`, which has an account of this number, if it has one.
    pub(super) fn push(&mut self, drill: &Drill, account: Option<usize>) -> io::Result<()> {
        let left = reading::left_behind(drill).next().is_some();
        let notes: Vec<&str> = self.news(drill).into_iter().chain(left.then_some("left something behind")).collect();
        let tags: Vec<_> = drill.tags.iter().map(|tag| wording::line(tag)).collect();
        let row = Row {
            verdict: drill.verdict.word(),
            mark: wording::mark(&drill.verdict),
            name: &wording::line(&drill.name),
            account,
            feature: &wording::line(&drill.feature),
            service: &wording::line(&drill.service),
            tags: &tags,
            code: drill.verdict.code().map_or("", |code| code.as_str()),
            outcome: &outcome(drill),
            notes: &notes,
            clock: &wording::between(drill.started, drill.finished),
            real: &wording::real(drill.took_ms),
        };
        self.count += 1;
        if self.count <= IN_THE_PAGE {
            self.html.push_str(&markup(&row, &drill.verdict).0);
            return Ok(());
        }
        self.others.push(if self.others.is_empty() { b'[' } else { b',' });
        escaped::write(&mut self.others, &row)
    }

    pub(super) fn section(&self) -> Markup {
        let others = self.count.saturating_sub(IN_THE_PAGE);
        html! {
            section #all aria-labelledby="all-title" {
                h2 #all-title { "All drills" }
                div #filters.filters hidden {}
                p #shown.aside role="status" hidden {}
                div.scroll tabindex="0" role="group" aria-label="Table of all drills" {
                    table.drills {
                        thead {
                            tr {
                                th scope="col" { "Verdict" }
                                th scope="col" { "Drill" }
                                th scope="col" { "Outcome" }
                                th.right scope="col" { "Drill’s clock" }
                                th.right scope="col" { "Real" }
                            }
                        }
                        tbody #rows { (PreEscaped(&self.html)) }
                    }
                }
                @if others > 0 {
                    noscript { p.left-out { "… and " (wording::count(others as u64, "drill")) " more, which need a script to be shown; " code { "run.json" } " has them all." } }
                    button #more type="button" hidden {}
                    script #others type="application/json" { (PreEscaped(String::from_utf8_lossy(&self.others))) "]" }
                }
            }
        }
    }
}

fn outcome(drill: &Drill) -> String {
    match (&drill.verdict, reading::latencies(drill)) {
        (Verdict::Skipped { reason, .. }, _) => wording::short(&wording::line(reason), 200).into_owned(),
        (Verdict::Passed, Some(latencies)) => format!("alert seen after {}", wording::seconds(latencies.until_seen)),
        (Verdict::Passed, None) => String::new(),
        _ => reading::broken_link(drill).map(|link| format!("{} broke", link.label())).unwrap_or_default(),
    }
}

fn markup(row: &Row<'_>, verdict: &Verdict) -> Markup {
    html! {
        tr data-verdict=(row.verdict) data-feature=(row.feature) data-service=(row.service) data-tags=(row.tags.join(" ")) {
            td { (badge(verdict)) }
            th scope="row" {
                @if let Some(number) = row.account { a href=(format!("#d{number}")) { (row.name) } } @else { (row.name) }
                span.feature { (row.feature) " · " (row.service) }
            }
            td {
                @if !row.code.is_empty() { code { (row.code) } " " }
                (row.outcome)
                @for note in row.notes { span.warn { "! " (note) } }
            }
            td.right { (row.clock) }
            td.right { (row.real) }
        }
        "\n"
    }
}
