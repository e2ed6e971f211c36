//! What came of a run, on standard output: a table, an account of whatever did not pass, the counts, the verdict.
//!
//! Of a drill that is not shown nothing is kept, so a run of any size costs the same.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Row, Table, Width, presets};

use crate::{
    cli::{job::Issue, terminal::push_folded},
    record::{drill::Drill, run::Head, verdict::RunVerdict},
    report::{Outline, reading, wording},
};

/// So many of the first drills are in the table.
const FIRST: usize = 40;

/// So many that did not pass are in the table and told after it.
const BROKEN: usize = 100;

/// No table is narrower, however narrow the terminal says it is.
const NARROWEST: u16 = 60;

/// The columns of the table; that of the service only where the drills are of more than one.
const COLUMNS: [&str; 6] = ["Verdict", "Service", "Drill", "Feature", "Clock", "Real"];

/// The place of the service among them.
const SERVICE: usize = 1;

/// Between two columns.
const GAP: u16 = 2;

/// What is shown of a run, taken in drill by drill. The text holds ANSI colours: write it to an `anstream`.
#[derive(Debug, Default)]
pub struct ResultTable {
    rows: Vec<Brief>,
    taken: u64,
    broken: usize,
    broken_left_out: u64,
    left_behind: u64,
    findings: u64,
}

/// As much of a drill as is shown.
#[derive(Debug)]
struct Brief {
    mark: &'static str,
    word: &'static str,
    name: String,
    feature: String,
    clock: String,
    real: String,
    file: String,
    line: u32,
    service: String,
    account: Option<Account>,
}

#[derive(Debug)]
struct Account {
    code: &'static str,
    broken: String,
    lines: Vec<(&'static str, String)>,
}

impl ResultTable {
    /// Takes in one drill.
    pub fn drill(&mut self, drill: &Drill) {
        self.taken += 1;
        self.left_behind += u64::from(reading::left_behind(drill).next().is_some());
        self.findings += u64::try_from(drill.findings.len()).unwrap_or(u64::MAX);
        let did_not_pass = drill.verdict.code().is_some();
        if did_not_pass && self.broken == BROKEN {
            self.broken_left_out += 1;
        }
        let told = did_not_pass && self.broken < BROKEN;
        self.broken += usize::from(told);
        self.rows.push(Brief::of(drill, told));
        self.keep_the_first();
    }

    /// What is told of each drill that did not pass, as it may stand beside its line.
    pub fn issues(&self) -> impl Iterator<Item = Issue> {
        self.rows.iter().filter_map(|brief| {
            let account = brief.account.as_ref()?;
            let lines = account.lines.iter().map(|(label, value)| format!("{label}: {value}"));
            Some(Issue {
                is_gap: brief.word == "failed",
                file: brief.file.clone(),
                line: brief.line,
                title: format!("{}: {}", account.code, brief.name),
                message: std::iter::once(account.broken.clone()).chain(lines).collect::<Vec<_>>().join("\n"),
            })
        })
    }

    /// Of drills that are not told in full, keeps the first as they are written, and not as they happened to end.
    fn keep_the_first(&mut self) {
        let brief = self.rows.iter().enumerate().filter(|(_, row)| row.account.is_none());
        if brief.clone().count() > FIRST
            && let Some((last, _)) = brief.max_by(|(_, a), (_, b)| a.place().cmp(&b.place()))
        {
            self.rows.swap_remove(last);
        }
    }

    /// The whole text, `width` columns wide, with the reports that were written.
    pub fn text(&mut self, outline: &Outline, width: u16, reports: &[PathBuf]) -> String {
        let width = width.max(NARROWEST);
        // Drills come in as they end, and people read them as they are written.
        self.rows.sort_by(|a, b| a.place().cmp(&b.place()));
        let mut text = self.table(width);
        for brief in &self.rows {
            if let Some(account) = &brief.account {
                push_account(&mut text, brief, account, &outline.head, width.into());
            }
        }
        if self.broken_left_out > 0 {
            let _ = writeln!(text, "\n… and {} more that did not pass: see the report.", self.broken_left_out);
        }
        push_end(&mut text, outline, width.into());
        if let Some(told) = wording::left_behind(self.left_behind, "the report") {
            push_folded(&mut text, "  left      ", &told, width.into());
        }
        if self.findings > 0 {
            let findings = wording::count(self.findings, "thing");
            let told = format!("{findings} other than documented, and not wrong: the report says what");
            push_folded(&mut text, "  findings  ", &told, width.into());
        }
        for report in reports {
            let _ = writeln!(text, "  {}", shown(report));
        }
        text
    }

    fn table(&self, width: u16) -> String {
        let mut text = String::new();
        if self.rows.is_empty() {
            return text;
        }
        for line in self.laid_out(width).lines() {
            let line = line.trim_end();
            let coloured = self.words().find(|(start, _)| line.starts_with(start.as_str()));
            match coloured {
                Some((start, word)) => {
                    let _ = writeln!(text, "{}{}", paint(word, &start), &line[start.len()..]);
                }
                None => {
                    let _ = writeln!(text, "{}", paint("head", line));
                }
            }
        }
        let left_out = self.taken - self.rows.len() as u64;
        if left_out > 0 {
            let _ = writeln!(text, "… and {left_out} more");
        }
        text
    }

    /// How a row can begin, and the verdict's word.
    fn words(&self) -> impl Iterator<Item = (String, &'static str)> + '_ {
        self.rows.iter().map(|brief| (format!("{} {}", brief.mark, brief.word), brief.word))
    }

    fn laid_out(&self, width: u16) -> Table {
        let rows: Vec<[String; 6]> = self.rows.iter().map(Brief::cells).collect();
        let of_several = self.rows.windows(2).any(|two| two[0].service != two[1].service);
        let shown = |column: &usize| of_several || *column != SERVICE;
        let shown: Vec<usize> = (0..COLUMNS.len()).filter(shown).collect();
        let widths = widths(width, &rows, &shown);
        let mut table = Table::new();
        // Nothing is broken between words, so that a name is cut no earlier than it has to be.
        table.set_delimiter('\0');
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(width + GAP);
        table.set_header(shown.iter().map(|column| COLUMNS[*column]));
        for cells in rows {
            let mut row = Row::from(shown.iter().map(|column| &cells[*column]).collect::<Vec<_>>());
            row.max_height(1);
            table.add_row(row);
        }
        for (column, place) in table.column_iter_mut().zip(shown) {
            let width = widths[place] + GAP;
            column.set_padding((0, GAP)).set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
            if ["Clock", "Real"].contains(&COLUMNS[place]) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table
    }
}

impl Brief {
    fn of(drill: &Drill, told: bool) -> Self {
        let line = |text: &str| wording::short(&wording::line(text), 200).into_owned();
        Self {
            mark: wording::mark(&drill.verdict),
            word: drill.verdict.word(),
            name: line(&drill.name),
            feature: line(&drill.feature),
            clock: wording::between(drill.started, drill.finished),
            real: wording::real(drill.took_ms),
            file: drill.file.clone(),
            line: drill.line,
            service: drill.service.clone(),
            account: told.then(|| Account::of(drill)),
        }
    }

    /// Where the drill is written.
    fn place(&self) -> (&str, u32) {
        (&self.file, self.line)
    }

    fn cells(&self) -> [String; 6] {
        let verdict = format!("{} {}", self.mark, self.word);
        let texts = [&self.service, &self.name, &self.feature, &self.clock, &self.real].map(Clone::clone);
        let [service, name, feature, clock, real] = texts;
        [verdict, service, name, feature, clock, real]
    }
}

/// How wide each column is: as wide as what is in it, but that the names share what the others leave of `width`. The
/// feature's, which many drills share, gives way first.
fn widths(width: u16, rows: &[[String; 6]], shown: &[usize]) -> [u16; 6] {
    let widest = |column: usize| {
        if !shown.contains(&column) {
            return 0;
        }
        let cells = rows.iter().map(|row| row[column].as_str()).chain([COLUMNS[column]]);
        cells.map(|cell| u16::try_from(cell.chars().count()).unwrap_or(u16::MAX)).max().unwrap_or_default()
    };
    let [verdict, service, drill, feature, clock, real] = [0, 1, 2, 3, 4, 5].map(widest);
    let gaps = u16::try_from(shown.len()).unwrap_or_default().saturating_sub(1) * GAP;
    let names = width.saturating_sub(verdict + service + clock + real + gaps);
    let feature = feature.min(names.saturating_sub(drill).max(names * 7 / 20));
    [verdict, service, drill.min(names - feature), feature, clock, real]
}

impl Account {
    fn of(drill: &Drill) -> Self {
        let line = |text: &str| wording::short(&wording::line(text), 1_000).into_owned();
        let mut lines = Vec::new();
        if let Some(failure) = reading::failure(drill) {
            let told = [
                ("expected", &failure.expected),
                ("saw", &failure.saw),
                ("hint", &failure.hint),
                ("at", &failure.place),
            ];
            lines.extend(told.into_iter().filter_map(|(label, value)| Some((label, line(value.as_deref()?)))));
        }
        lines.extend(wording::unwitnessable(drill).map(|told| ("unknown", line(&told))));
        for (what, why) in reading::left_behind(drill) {
            lines.push(("left", line(&format!("{what}: {why}"))));
        }
        Self {
            code: drill.verdict.code().map_or("", |code| code.as_str()),
            broken: line(&wording::broken(drill).unwrap_or_default()),
            lines,
        }
    }
}

fn push_account(text: &mut String, brief: &Brief, account: &Account, head: &Head, width: usize) {
    let title = paint(brief.word, &format!("{} {}", brief.mark, account.code));
    let of = if brief.service.is_empty() { String::new() } else { format!(" ({})", brief.service) };
    let _ = writeln!(text, "\n{title}  {}{of}", brief.name);
    push_folded(text, "  ", &account.broken, width);
    for (label, value) in &account.lines {
        push_folded(text, &format!("  {label:<9} "), value, width);
    }
    // Whole, however wide: it is there to be copied.
    let _ = writeln!(text, "  {:<9} {}", "again", wording::rerun(head, (&brief.file, brief.line), &brief.service));
}

fn push_end(text: &mut String, outline: &Outline, width: usize) {
    let verdict = outline.verdict();
    let word = match verdict {
        RunVerdict::Passed => "passed",
        RunVerdict::Failed => "failed",
        RunVerdict::Errored | RunVerdict::Interrupted => "errored",
        RunVerdict::Armed => "skipped",
    };
    let _ = writeln!(text, "\n{}", wording::counts(&outline.counts));
    let _ = writeln!(
        text,
        "{} {}",
        paint(word, &format!("{} {}:", wording::run_mark(verdict), verdict.word())),
        wording::headline(outline)
    );
    let target = wording::line(&outline.head.tenant);
    let jumped = if outline.head.time_jumps { " (time jumped)" } else { "" };
    let took = outline.foot.as_ref().map_or_else(String::new, |foot| format!(" in {}", wording::real(foot.took_ms)));
    push_folded(text, "  ", &format!("on {target}{jumped}{took}, seed {}", outline.head.seed), width);
    if let Some(told) = wording::news(outline) {
        push_folded(text, "  new       ", &told, width);
    }
    for defect in outline.foot.iter().flat_map(|foot| &foot.defects) {
        push_folded(text, "  defect    ", &wording::line(defect), width);
    }
}

fn shown(path: &Path) -> String {
    wording::line(&path.display().to_string()).into_owned()
}

/// A text in a verdict's colour. The colour says nothing that the words do not.
fn paint(word: &str, text: &str) -> String {
    let code = match word {
        "passed" => "32",
        "failed" => "1;31",
        "errored" => "1;33",
        _ => "2",
    };
    format!("\x1b[{code}m{text}\x1b[0m")
}
