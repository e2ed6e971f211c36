//! An outline's row of examples, and the drill that it makes of the outline.

use std::{collections::HashMap, sync::Arc};

use crate::runner::source::Row;

/// A row of examples.
#[derive(Debug, Clone)]
pub struct Example {
    /// The columns of its table.
    pub(super) header: Arc<Vec<String>>,
    /// The tags of its table.
    pub(super) tags: Arc<Vec<String>>,
    pub(super) row: Row,
}

impl Example {
    /// The drill that `scenario` is with this row; of its examples it keeps the row.
    pub(super) fn fill(&self, scenario: &gherkin::Scenario) -> gherkin::Scenario {
        let values: HashMap<&str, &str> =
            self.header.iter().map(String::as_str).zip(self.row.cells.iter().map(String::as_str)).collect();
        let mut filled = gherkin::Scenario { examples: vec![self.alone()], ..scenario.clone() };
        filled.name = fill(&filled.name, &values);
        filled.position = gherkin::LineCol { line: self.row.line as usize, col: 1 };
        filled.tags.extend(self.tags.iter().cloned());
        for step in &mut filled.steps {
            step.value = fill(&step.value, &values);
            if let Some(text) = &mut step.docstring {
                *text = fill(text, &values);
            }
            for cell in step.table.iter_mut().flat_map(|table| table.rows.iter_mut().flatten()) {
                *cell = fill(cell, &values);
            }
        }
        filled
    }

    /// The examples, of which this row is the only one.
    fn alone(&self) -> gherkin::Examples {
        let rows = vec![self.header.to_vec(), self.row.cells.clone()];
        gherkin::Examples {
            keyword: "Examples".into(),
            name: None,
            description: None,
            table: Some(gherkin::Table { rows, span: gherkin::Span::default(), position: gherkin::LineCol::default() }),
            tags: Vec::new(),
            span: gherkin::Span::default(),
            position: gherkin::LineCol::default(),
        }
    }
}

/// The cells of the row that a drill is of; none where it is of no outline.
pub fn example(drill: &gherkin::Scenario) -> &[String] {
    let table = drill.examples.first().and_then(|examples| examples.table.as_ref());
    table.and_then(|table| table.rows.last()).map(Vec::as_slice).unwrap_or_default()
}

/// `text` with every `<column>` replaced by its value; what is no column stays.
fn fill(text: &str, values: &HashMap<&str, &str>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        filled.push_str(before);
        rest = after;
        if let Some((value, after)) = after.split_once('>').and_then(|(name, after)| Some((values.get(name)?, after))) {
            filled.push_str(value);
            rest = after;
        } else {
            filled.push('<');
        }
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_columns_are_replaced() {
        let values = HashMap::from([("a", "1")]);
        assert_eq!(fill("<a> < b <c> <a", &values), "1 < b <c> <a");
    }
}
