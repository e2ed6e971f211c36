//! A feature file's tables, read before the parser sees it.
//!
//! The parser drops cells beyond the header's without a word, counts the lines of examples wrongly after a comment, and
//! takes ever longer for each line of a long file. So tables are read here: widths are checked, rows keep their own
//! lines, and the rows of long tables of examples are taken out of the text that the parser gets.

use crate::runner::problem::Problem;

/// The text for the parser, and what was read from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The text, without the rows of examples but the first of each table.
    pub text: String,
    /// For each line of `text`, its line in the file.
    lines: Vec<u32>,
    /// Every table, in order.
    tables: Vec<Table>,
    /// The doc string that the file does not close: the line where it begins, and its fence.
    pub open_text: Option<(u32, &'static str)>,
}

/// A table of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its rows, the header first.
    pub rows: Vec<Row>,
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its line in the file.
    pub line: u32,
    /// Its cells, unescaped.
    pub cells: Vec<String>,
}

impl Source {
    /// Reads `text`, the content of `file`.
    pub fn read(file: &str, text: &str) -> Result<Self, Vec<Problem>> {
        let mut reader = Reader::default();
        for (index, line) in text.lines().enumerate() {
            reader.line(u32::try_from(index + 1).unwrap_or(u32::MAX), line);
        }
        let problems = widths(file, &reader.tables);
        if problems.is_empty() {
            Ok(Self { text: reader.text, lines: reader.lines, tables: reader.tables, open_text: reader.fence })
        } else {
            Err(problems)
        }
    }

    /// The line in the file of the parser's line `line`.
    pub fn line(&self, line: usize) -> u32 {
        let known = line.checked_sub(1).and_then(|index| self.lines.get(index)).copied();
        known.unwrap_or_else(|| self.lines.last().copied().unwrap_or(1))
    }

    /// The first table after line `line` of the file.
    pub fn table_after(&self, line: u32) -> Option<&Table> {
        self.tables.iter().find(|table| table.rows.first().is_some_and(|row| row.line > line))
    }
}

#[derive(Default)]
struct Reader {
    text: String,
    lines: Vec<u32>,
    tables: Vec<Table>,
    /// The fence of the doc string that the reader is in.
    fence: Option<(u32, &'static str)>,
    in_table: bool,
    /// Whether the last line that said anything opened a table of examples.
    examples: bool,
}

impl Reader {
    fn line(&mut self, number: u32, line: &str) {
        let trimmed = line.trim();
        if self.fence.is_none() && trimmed.starts_with('|') {
            self.row(number, line, trimmed);
            return;
        }
        self.keep(number, line);
        if let Some((_, fence)) = self.fence {
            if trimmed.starts_with(fence) {
                self.fence = None;
            }
            return;
        }
        if trimmed.is_empty() || trimmed.starts_with('#') {
            return;
        }
        self.in_table = false;
        let fence = ["\"\"\"", "```"].into_iter().find(|fence| trimmed.starts_with(fence));
        self.fence = fence.map(|fence| (number, fence));
        self.examples = trimmed.starts_with("Examples:") || trimmed.starts_with("Scenarios:");
    }

    fn row(&mut self, number: u32, line: &str, trimmed: &str) {
        if !self.in_table {
            self.tables.push(Table { rows: Vec::new() });
            self.in_table = true;
        }
        let Some(table) = self.tables.last_mut() else { return };
        table.rows.push(Row { line: number, cells: cells(trimmed) });
        let needed = !self.examples || table.rows.len() <= 2;
        if needed {
            self.keep(number, &with_plain_backslashes(line));
        }
    }

    fn keep(&mut self, number: u32, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
        self.lines.push(number);
    }
}

/// A row for the parser, which knows no backslash but those of escapes, though every other stands for itself: `\d`.
fn with_plain_backslashes(row: &str) -> String {
    let mut plain = String::with_capacity(row.len());
    let mut letters = row.chars();
    while let Some(letter) = letters.next() {
        plain.push(letter);
        if letter == '\\' {
            match letters.next() {
                Some(escaped @ ('|' | '\\' | 'n')) => plain.push(escaped),
                other => {
                    plain.push('\\');
                    plain.extend(other);
                }
            }
        }
    }
    plain
}

/// The cells of a row: `\|`, `\\` and `\n` are a bar, a backslash and a line break.
fn cells(row: &str) -> Vec<String> {
    let mut cells = Vec::new();
    let mut cell = String::new();
    let mut letters = row.chars().skip(1);
    while let Some(letter) = letters.next() {
        match letter {
            '|' => cells.push(std::mem::take(&mut cell).trim().to_owned()),
            '\\' => match letters.next() {
                Some('n') => cell.push('\n'),
                Some(other @ ('|' | '\\')) => cell.push(other),
                Some(other) => cell.extend(['\\', other]),
                None => cell.push('\\'),
            },
            letter => cell.push(letter),
        }
    }
    if !cell.trim().is_empty() {
        cells.push(cell.trim().to_owned());
    }
    cells
}

fn widths(file: &str, tables: &[Table]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for table in tables {
        let Some((header, rows)) = table.rows.split_first() else { continue };
        for row in rows.iter().filter(|row| row.cells.len() != header.cells.len()) {
            let cells = |count: usize| if count == 1 { "1 cell".into() } else { format!("{count} cells") };
            let (here, first) = (cells(row.cells.len()), header.cells.len());
            let what = format!("this row has {here}, and the table's first row has {first}");
            problems.push(Problem::at(file, row.line, what).hint("a bar inside a cell is written \\|"));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTLINE: &str = "Feature: f\n  Scenario Outline: <n>\n    Given a <n>\n      | a | b |\n      | 1 | 2 |\n      | 3 | 4 |\n\
                           \n    Examples:\n      | n |\n      # a comment\n      | 1 |\n      | 2 |\n      | 3 |\n\n  Scenario: after\n";

    #[test]
    fn rows_of_examples_leave_the_text_but_keep_their_lines() {
        let source = Source::read("f", OUTLINE).expect("it is well-formed");
        assert!(!source.text.contains("| 2 |\n      | 3 |\n\n"), "{}", source.text);
        let rows: Vec<_> = source.table_after(8).expect("the examples").rows.iter().map(|row| row.line).collect();
        assert_eq!(rows, [9, 11, 12, 13]);
        let after = source.text.lines().position(|line| line.contains("after")).expect("the last scenario");
        assert_eq!(source.line(after + 1), 15);
    }

    #[test]
    fn a_step_s_table_stays_whole() {
        let source = Source::read("f", OUTLINE).expect("it is well-formed");
        assert!(source.text.contains("| 3 | 4 |"));
    }

    #[test]
    fn a_row_with_too_many_or_too_few_cells_is_a_problem_at_its_line() {
        let text = "Feature: f\n  Scenario: s\n    Given x\n      | a | b |\n      | 1 | 2 | 3 |\n      | 1 |\n";
        let lines: Vec<_> = Source::read("f", text).expect_err("two rows are off").iter().map(|p| p.line).collect();
        assert_eq!(lines, [Some(5), Some(6)]);
    }

    #[test]
    fn bars_in_doc_strings_are_no_table() {
        let text = "Feature: f\n  Scenario: s\n    Given x\n      \"\"\"\n      | a |\n      | 1 | 2 |\n      \"\"\"\n";
        assert!(Source::read("f", text).is_ok());
    }

    #[test]
    fn the_parser_reads_the_cells_of_a_row_as_they_are_read_here() {
        let row = r"      | ^\d+\s$ | a\|b | c\\d | \ |";
        let text = format!("Feature: f\n  Scenario: s\n    Given x\n{row}\n");
        let source = Source::read("f", &text).expect("it is well-formed");
        let parsed = gherkin::Feature::parse(&source.text, gherkin::GherkinEnv::default()).expect("it parses");
        let table = parsed.scenarios[0].steps[0].table.as_ref().expect("a table");
        assert_eq!(table.rows[0], cells(row.trim()));
        assert_eq!(table.rows[0], [r"^\d+\s$", "a|b", r"c\d", r"\"]);
    }

    #[test]
    fn escapes_in_cells_are_read() {
        assert_eq!(cells(r"| a\|b | c\\d | e\nf | g\h |"), ["a|b", r"c\d", "e\nf", r"g\h"]);
    }
}
