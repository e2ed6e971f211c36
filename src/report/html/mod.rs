//! `index.html`: one file for people, which needs no network, and no script to be read.
//!
//! In reading order: `first_screen` (did it pass, and if not, which link broke), `drill` (all of one drill), and its
//! parts: `chain`, `timeline`, `alert`, `exchange` with `json`; `rows` (a line of each drill), `latency` and `calls` (plots,
//! drawn by `plot`). The looks are `style.css`; `script.js` adds comfort: filters, copying, opening what a link points at,
//! and rows beyond the first hundreds.

use std::io::{self, Write};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use crate::{
    record::{drill::Drill, verdict::Verdict},
    report::{
        Outline, Report,
        html::{latency::Latencies, rows::Rows},
        wording,
    },
};

mod alert;
mod calls;
mod chain;
mod drill;
mod exchange;
mod first_screen;
mod json;
mod latency;
mod plot;
mod rows;
mod timeline;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// How much of the page the full accounts of drills that did not pass may take, in bytes, and the short ones of those
/// that find no room there.
const BROKEN: (usize, usize) = (5 << 20, 1 << 20);

/// The same of those that passed, and of those that were skipped.
const PASSED: (usize, usize) = (2 << 20, 0);
const SKIPPED: (usize, usize) = (1 << 20, 0);

/// The page while the drills come in: a row of each drill, and the full accounts that fit.
pub(super) struct Page {
    outline: Outline,
    rows: Rows,
    latencies: Latencies,
    broken: Accounts,
    passed: Accounts,
    skipped: Accounts,
    first: first_screen::Broken,
    number: usize,
}

/// Accounts of drills: full ones while there is room, then short ones, then none.
struct Accounts {
    full: Room,
    short: Room,
    told: usize,
    left_out: usize,
}

/// A part of the page, and how much more it takes, in bytes: nothing once something found no room.
struct Room {
    html: String,
    left: usize,
}

impl Accounts {
    fn with_room((full, short): (usize, usize)) -> Self {
        let room = |left| Room { html: String::new(), left };
        Self { full: room(full), short: room(short), told: 0, left_out: 0 }
    }

    /// Adds the account of a drill where there is room; returns whether there was. The first is told however long it is.
    fn push(&mut self, account: impl Fn(Extent) -> Markup) -> bool {
        let is_first = self.told == 0;
        let is_told = [(Extent::Full, &mut self.full), (Extent::Short, &mut self.short)]
            .into_iter()
            .any(|(extent, room)| room.left > 0 && room.takes(&account(extent).0, is_first));
        if is_told {
            self.told += 1;
        } else {
            self.left_out += 1;
        }
        is_told
    }

    fn all(&self) -> usize {
        self.told + self.left_out
    }
}

impl Room {
    fn takes(&mut self, account: &str, whatever_its_length: bool) -> bool {
        let fits = account.len() <= self.left || whatever_its_length;
        if fits {
            self.html.push_str(account);
        }
        self.left = if fits { self.left.saturating_sub(account.len()) } else { 0 };
        fits
    }
}

/// How much of a drill is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// All of it.
    Full,
    /// What broke, and what to do.
    Short,
}

impl Page {
    pub(super) fn new(outline: Outline) -> Self {
        let past = outline.foot.as_ref().and_then(|foot| foot.past.as_ref());
        Self {
            rows: Rows::beside(past),
            outline,
            latencies: Latencies::default(),
            broken: Accounts::with_room(BROKEN),
            passed: Accounts::with_room(PASSED),
            skipped: Accounts::with_room(SKIPPED),
            first: first_screen::Broken::default(),
            number: 0,
        }
    }
}

impl Report for Page {
    fn drill(&mut self, drill: &Drill, _: &mut dyn Write) -> io::Result<()> {
        self.number += 1;
        let (number, head) = (self.number, &self.outline.head);
        let news = self.rows.news(drill);
        let account = |extent| drill::account(drill, (number, news), head, extent);
        let told = match &drill.verdict {
            Verdict::Passed => self.passed.push(account),
            Verdict::Skipped { .. } => self.skipped.push(account),
            Verdict::Failed { .. } | Verdict::Errored { .. } => self.broken.push(account),
        };
        let number = told.then_some(number);
        self.first.add(drill, number);
        self.latencies.add(drill);
        self.rows.push(drill, number)
    }

    fn finish(mut self: Box<Self>, out: &mut dyn Write) -> io::Result<()> {
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
                        button #theme type="button" hidden {}
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
    fn content(&mut self) -> Markup {
        let total = usize::try_from(self.outline.counts.total()).unwrap_or(usize::MAX);
        let (past, calls) =
            self.outline.foot.as_ref().map_or((None, &[][..]), |foot| (foot.past.as_ref(), &foot.calls));
        html! {
            (first_screen::markup(&self.outline, &self.first))
            @if total > 0 {
                nav.contents aria-label="On this page" {
                    @if self.broken.told > 0 { a href="#broken" { "What did not pass " span.number { (self.broken.all()) } } }
                    a href="#all" { "All drills " span.number { (total) } }
                    @if !self.latencies.is_empty() { a href="#latency" { "Latency" } }
                    @if !calls.is_empty() { a href="#calls" { "Calls" } }
                    @if self.passed.told > 0 { a href="#passed" { "Passed " span.number { (self.passed.all()) } } }
                    @if self.skipped.told > 0 { a href="#skipped" { "Skipped " span.number { (self.skipped.all()) } } }
                }
            }
            (section("broken", "What did not pass", &self.broken))
            @if total > 0 { (self.rows.section()) }
            @if !self.latencies.is_empty() { (self.latencies.section(past)) }
            @if !calls.is_empty() { (calls::section(calls)) }
            (section("passed", "Passed", &self.passed))
            (section("skipped", "Skipped", &self.skipped))
        }
    }
}

fn section(id: &str, title: &str, accounts: &Accounts) -> Markup {
    html! {
        @if accounts.told > 0 {
            section id=(id) aria-labelledby=(format!("{id}-title")) {
                h2 id=(format!("{id}-title")) { (title) }
                (PreEscaped(&accounts.full.html))
                @if !accounts.short.html.is_empty() {
                    p.left-out { "To keep the page readable, of the following only what broke is told; all of it is in " code { "run.json" } "." }
                    (PreEscaped(&accounts.short.html))
                }
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
