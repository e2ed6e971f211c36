//! `summary.md`, for a CI job's summary: the counters, then what did not pass, then a table of all drills.
//!
//! A CI server that takes at most a mebibyte drops a longer summary whole, so the end is left out, and says so.

use std::{fmt::Write as _, io};

use crate::{
    record::{
        drill::Drill,
        finding::Finding,
        verdict::{RunVerdict, Verdict},
    },
    report::{Outline, Report, reading, wording},
};

/// No summary is longer than this many bytes.
pub const LIMIT: usize = 512 * 1024;

/// What the accounts of drills that did not pass may take of it.
const ACCOUNTS_LIMIT: usize = 320 * 1024;

/// What findings may take of it.
const FINDINGS_LIMIT: usize = 64 * 1024;

/// Room for what is said of what was left out.
const REST: usize = 1024;

/// What is written of one text at most, in characters.
const TEXT_LIMIT: usize = 600;

/// The summary while the drills come in: never longer than it will be.
pub(super) struct Summary {
    outline: Outline,
    accounts: Section,
    rows: Section,
    findings: Section,
    left_behind: u64,
}

/// A part of the summary, which takes nothing more once it is full.
struct Section {
    text: String,
    limit: usize,
    left_out: u64,
}

impl Section {
    fn new(limit: usize) -> Self {
        Self { text: String::new(), limit, left_out: 0 }
    }

    fn push(&mut self, entry: &str) {
        if self.left_out > 0 || self.text.len() + entry.len() > self.limit {
            self.left_out += 1;
        } else {
            self.text.push_str(entry);
        }
    }
}

impl Summary {
    pub(super) fn new(outline: Outline) -> Self {
        Self {
            outline,
            accounts: Section::new(ACCOUNTS_LIMIT),
            rows: Section::new(LIMIT - REST),
            findings: Section::new(FINDINGS_LIMIT),
            left_behind: 0,
        }
    }
}

impl Report for Summary {
    fn drill(&mut self, drill: &Drill, _: &mut dyn io::Write) -> io::Result<()> {
        if drill.verdict.code().is_some() {
            self.accounts.push(&account(&self.outline, drill));
        }
        self.rows.push(&row(drill));
        for found in &drill.findings {
            self.findings.push(&finding(drill, found));
        }
        self.left_behind += u64::from(reading::left_behind(drill).next().is_some());
        Ok(())
    }

    fn finish(self: Box<Self>, out: &mut dyn io::Write) -> io::Result<()> {
        let Self { outline, accounts, rows, findings, left_behind } = *self;
        let mut text = top(&outline);
        if let Some(told) = wording::news(&outline) {
            let _ = writeln!(text, "> {}.\n", escaped(&told));
        }
        if let Some(told) = wording::left_behind(left_behind, "`index.html`") {
            let _ = writeln!(text, "> {told}\n");
        }
        if !accounts.text.is_empty() {
            text.push_str("## What did not pass\n\n");
            text.push_str(&accounts.text);
        }
        if accounts.left_out > 0 {
            let _ = writeln!(text, "… and {} more that did not pass; `index.html` has them.\n", accounts.left_out);
        }
        if !findings.text.is_empty() {
            let _ = writeln!(text, "## Findings\n\n{}", findings.text);
        }
        if findings.left_out > 0 {
            let _ = writeln!(text, "… and {} more; `index.html` has them.\n", findings.left_out);
        }
        if outline.counts.total() > 0 {
            push_table(&mut text, &rows);
        }
        out.write_all(text.as_bytes())
    }
}

fn top(outline: &Outline) -> String {
    let verdict = outline.verdict();
    let mut text = format!("# {} alertdrill: {}\n\n", wording::run_mark(verdict), verdict.word());
    let _ = writeln!(text, "**{}** {}.\n", escaped(&wording::headline(outline)), wording::counts(&outline.counts));
    let _ = writeln!(text, "| passed | failed | errored | skipped |\n| ---: | ---: | ---: | ---: |");
    let counts = &outline.counts;
    let _ = writeln!(text, "| {} | {} | {} | {} |\n", counts.passed, counts.failed, counts.errored, counts.skipped);
    let head = &outline.head;
    let took = outline.foot.as_ref().map_or("unknown".to_owned(), |foot| wording::real(foot.took_ms));
    let _ = writeln!(
        text,
        "Target {} · {} · took {took} · seed {} · alertdrill {}\n",
        code(&head.tenant),
        wording::moment(head.started),
        head.seed,
        escaped(&head.alertdrill)
    );
    for note in wording::notes(outline) {
        let _ = writeln!(text, "> {}\n", escaped(&note));
    }
    if verdict == RunVerdict::Interrupted {
        let _ = writeln!(text, "> What is told here is what was done until then.\n");
    }
    text
}

fn account(outline: &Outline, drill: &Drill) -> String {
    let of = if drill.service.is_empty() { String::new() } else { format!(" ({})", escaped(&drill.service)) };
    let mut text = format!("### {} {}{of}\n\n", wording::mark(&drill.verdict), escaped(&drill.name));
    let name = drill.verdict.code().map_or("", |code| code.as_str());
    let broken = wording::broken(drill).unwrap_or_default();
    let _ = writeln!(text, "{} `{name}` · {}\n", drill.verdict.word(), escaped(&broken));
    let chain: Vec<String> = reading::links(drill)
        .map(|(link, state, _)| format!("{} {}", wording::link_mark(state), link.label()))
        .collect();
    let unwitnessable: Vec<_> = wording::unwitnessable(drill).collect();
    let further = if unwitnessable.is_empty() { "" } else { ", ? cannot be witnessed" };
    let _ = writeln!(text, "{} (✔ held, ✘ broke{further}, · not reached)\n", chain.join(" → "));
    for told in unwitnessable {
        let _ = writeln!(text, "- {}", escaped(&told));
    }
    if let Some(failure) = reading::failure(drill) {
        for (label, value) in [("expected", &failure.expected), ("saw", &failure.saw), ("hint", &failure.hint)] {
            if let Some(value) = value {
                let _ = writeln!(text, "- {label}: {}", escaped(value));
            }
        }
    }
    for (what, why) in reading::left_behind(drill) {
        let _ = writeln!(text, "- left behind: {} ({})", escaped(what), escaped(why));
    }
    let _ = writeln!(
        text,
        "- again: {}\n",
        code(&wording::rerun(&outline.head, (&drill.file, drill.line), &drill.service))
    );
    text
}

fn finding(drill: &Drill, finding: &Finding) -> String {
    let [name, what, documented, saw, source] =
        [&drill.name, &finding.what, &finding.documented, &finding.saw, &finding.source].map(|text| escaped(text));
    format!("- {name}: {what} (documented: {documented}; saw: {saw}; source: {source})\n")
}

fn row(drill: &Drill) -> String {
    let why = match &drill.verdict {
        Verdict::Passed => String::new(),
        Verdict::Skipped { reason, .. } => escaped(reason),
        Verdict::Failed { code, .. } | Verdict::Errored { code, .. } => format!("`{code}`"),
    };
    format!(
        "| {} {} | {} | {} | {} | {} | {why} |\n",
        wording::mark(&drill.verdict),
        drill.verdict.word(),
        escaped(&drill.name),
        escaped(&drill.feature),
        wording::between(drill.started, drill.finished),
        escaped(&wording::real(drill.took_ms)),
    )
}

fn push_table(text: &mut String, rows: &Section) {
    text.push_str("## All drills\n\n| verdict | drill | feature | drill's clock | real | why |\n");
    text.push_str("| --- | --- | --- | ---: | ---: | --- |\n");
    let room = LIMIT.saturating_sub(text.len() + REST);
    let (mut taken, mut shown) = (0, 0_u64);
    for row in rows.text.split_inclusive('\n') {
        if taken + row.len() > room {
            break;
        }
        taken += row.len();
        shown += 1;
    }
    text.push_str(&rows.text[..taken]);
    let all = rows.text.lines().count() as u64 + rows.left_out;
    if all > shown {
        let _ = writeln!(text, "\n… and {} more.", all - shown);
    }
}

/// A text on one line in which nothing is Markdown or HTML any more.
fn escaped(text: &str) -> String {
    let text = wording::line(text);
    let text = wording::short(&text, TEXT_LIMIT);
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '@' => escaped.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' | '$' => {
                escaped.push('\\');
                escaped.push(c);
            }
            _ => escaped.push(c),
        }
    }
    escaped
}

/// A text as code, whatever backticks and pipes it holds.
fn code(text: &str) -> String {
    let text = wording::line(text);
    if text.contains(['`', '|', '<']) { escaped(&text) } else { format!("`{text}`") }
}
