//! `index.html`: one file for people, which needs no network, and no script to be read.
//!
//! In reading order: `first_screen` (did it pass, and if not, which link broke), `drill` (all of one drill), and its
//! parts: `chain`, `timeline`, `alert`, `exchange` with `json`. The looks are `style.css`; `script.js` only
//! adds comfort: filters, copying, opening what a link points at.

use std::io::{self, Write};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use crate::{
    record::{drill::Drill, verdict::Verdict},
    report::{Outline, Report, reading, wording},
};

mod alert;
mod chain;
mod drill;
mod exchange;
mod first_screen;
mod json;
mod timeline;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// So many drills that did not pass are told in full.
pub const BROKEN_IN_FULL: usize = 500;

/// So many drills that passed are told in full.
pub const PASSED_IN_FULL: usize = 200;

/// The page while the drills come in: a row of each drill, and the full accounts that fit.
pub(super) struct Page {
    outline: Outline,
    rows: String,
    broken: Accounts,
    passed: Accounts,
    skipped: Accounts,
    first: first_screen::Broken,
    number: usize,
}

/// Full accounts of drills, up to a number.
#[derive(Default)]
struct Accounts {
    html: String,
    told: usize,
    left_out: usize,
}

impl Accounts {
    fn push(&mut self, limit: usize, account: impl FnOnce() -> Markup) -> bool {
        if self.told == limit {
            self.left_out += 1;
            return false;
        }
        self.told += 1;
        self.html.push_str(&account().0);
        true
    }
}

impl Page {
    pub(super) fn new(outline: Outline) -> Self {
        Self {
            outline,
            rows: String::new(),
            broken: Accounts::default(),
            passed: Accounts::default(),
            skipped: Accounts::default(),
            first: first_screen::Broken::default(),
            number: 0,
        }
    }
}

impl Report for Page {
    fn drill(&mut self, drill: &Drill, _: &mut dyn Write) -> io::Result<()> {
        self.number += 1;
        let (number, head) = (self.number, &self.outline.head);
        let account = || drill::account(drill, number, head);
        let told = match &drill.verdict {
            Verdict::Passed => self.passed.push(PASSED_IN_FULL, account),
            Verdict::Skipped { .. } => self.skipped.push(PASSED_IN_FULL, account),
            Verdict::Failed { .. } | Verdict::Errored { .. } => self.broken.push(BROKEN_IN_FULL, account),
        };
        self.first.add(drill, told.then_some(number));
        self.rows.push_str(&row(drill, told.then_some(number)).0);
        Ok(())
    }

    fn finish(self: Box<Self>, out: &mut dyn Write) -> io::Result<()> {
        let title = format!("{} · alertdrill {}", self.outline.verdict().word(), wording::line(&self.outline.head.run));
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(policy());
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="referrer" content="no-referrer";
                    title { (title) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    a.skip href="#main" { "Skip to the verdict" }
                    header.top {
                        p.brand { "alertdrill" }
                        p.run { (wording::line(&self.outline.head.run)) }
                    }
                    main #main { (self.content()) }
                    footer {
                        p {
                            "Made by alertdrill " (wording::line(&self.outline.head.alertdrill)) " from " code { "run.json" }
                            ". Tokens, secrets and whatever else is not known to be harmless are " code { "[redacted]" }
                            " where they were recorded."
                        }
                    }
                    script { (PreEscaped(SCRIPT)) }
                }
            }
        };
        out.write_all(page.into_string().as_bytes())
    }
}

impl Page {
    fn content(&self) -> Markup {
        let total = usize::try_from(self.outline.counts.total()).unwrap_or(usize::MAX);
        html! {
            (first_screen::markup(&self.outline, &self.first))
            @if total > 0 {
                nav.contents aria-label="On this page" {
                    @if self.broken.told > 0 { a href="#broken" { "What did not pass " span.number { (self.broken.told + self.broken.left_out) } } }
                    a href="#all" { "All drills " span.number { (total) } }
                    @if self.passed.told > 0 { a href="#passed" { "Passed " span.number { (self.passed.told + self.passed.left_out) } } }
                    @if self.skipped.told > 0 { a href="#skipped" { "Skipped " span.number { (self.skipped.told + self.skipped.left_out) } } }
                }
            }
            (section("broken", "What did not pass", &self.broken))
            @if total > 0 { (self.table()) }
            (section("passed", "Passed", &self.passed))
            (section("skipped", "Skipped", &self.skipped))
        }
    }

    fn table(&self) -> Markup {
        html! {
            section #all aria-labelledby="all-title" {
                h2 #all-title { "All drills" }
                div.chips role="group" aria-label="Show drills by verdict" hidden {}
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
                        tbody { (PreEscaped(&self.rows)) }
                    }
                }
            }
        }
    }
}

fn section(id: &str, title: &str, accounts: &Accounts) -> Markup {
    html! {
        @if accounts.told > 0 {
            section id=(id) aria-labelledby=(format!("{id}-title")) {
                h2 id=(format!("{id}-title")) { (title) }
                (PreEscaped(&accounts.html))
                @if accounts.left_out > 0 {
                    p.left-out {
                        "… and " (wording::count(accounts.left_out as u64, "drill"))
                        " more. To keep the page readable they are told in full only in " code { "run.json" }
                        "; the table above has a row of each."
                    }
                }
            }
        }
    }
}

fn row(drill: &Drill, told: Option<usize>) -> Markup {
    let name = wording::line(&drill.name);
    html! {
        tr data-verdict=(drill.verdict.word()) {
            td { (badge(&drill.verdict)) }
            th scope="row" {
                @if let Some(number) = told { a href=(format!("#d{number}")) { (name) } } @else { (name) }
                span.feature { (wording::line(&drill.feature)) " · " (wording::line(&drill.service)) }
            }
            td {
                @if let Some(code) = drill.verdict.code() { code { (code) } " " }
                @if let Some(link) = reading::broken_link(drill) { (link.label()) " broke" }
                @if let Verdict::Skipped { reason, .. } = &drill.verdict { (wording::line(reason)) }
                @if let (Verdict::Passed, Some(latencies)) = (&drill.verdict, reading::latencies(drill)) {
                    "alert seen after " (wording::seconds(latencies.until_seen))
                }
                @if reading::left_behind(drill).next().is_some() { span.warn { "! left something behind" } }
            }
            td.right { (wording::between(drill.started, drill.finished)) }
            td.right { (wording::real(drill.took_ms)) }
        }
        "\n"
    }
}

/// A verdict's mark and word.
fn badge(verdict: &Verdict) -> Markup {
    html! {
        span.badge.(verdict.word()) { span aria-hidden="true" { (wording::mark(verdict)) } " " (verdict.word()) }
    }
}

/// Nothing but the page's own style and script, told by their digests: whatever else found its way in is dead.
fn policy() -> String {
    let digest = |text: &str| STANDARD.encode(Sha256::digest(text.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        digest(STYLE),
        digest(SCRIPT)
    )
}
