//! Advanced hunting: the tables of the tenant, and queries of them, by hand or of a detection rule.
//!
//! In reading order: [`tables`] (which tables and columns there are), `cells` (a row as it is put together), `alerts` and
//! `rows` (what the tenant holds as rows), [`timespan()`] (the time that a query looks at), [`run`] and [`rule`]. The
//! language is `kql`. It knows no HTTP: the faces put results and errors into their own shapes.

mod alerts;
mod cells;
mod rows;
pub mod tables;
mod timespan;

use jiff::Timestamp;

use crate::emulator::{
    hunting::{rows::OfTenant, tables::Tables},
    kql::{
        self, Columns, Limits, Program, QueryError,
        value::{Row as Cells, Type, Value},
    },
    tenant::Tenant,
};

pub use crate::emulator::hunting::{
    rows::OfEvent,
    timespan::{Span, timespan},
};

/// A query may do so much. What the service allows is a share of its processors, which nothing here compares with; this
/// is about what two seconds hold.
const LIMITS: Limits = Limits { work: 4_000_000, rows: 100_000 };

/// A rule does so much for one event at most.
const RULE_LIMITS: Limits = Limits { work: 1_000_000, rows: 1_000 };

/// A rule does so much in one run at most.
const SCHEDULED_LIMITS: Limits = Limits { work: 2_000_000, rows: 10_000 };

/// The result of a query.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Name and type of each column.
    pub columns: Vec<(String, Type)>,
    /// A value for each column, row by row.
    pub rows: Vec<Vec<Value>>,
}

/// Runs a query on what `tenant` shows at `now`: of the last 30 days, and of `span` where it is given.
pub fn run(tenant: &Tenant, text: &str, span: Option<Span>, now: Timestamp) -> Result<Table, QueryError> {
    let program = kql::program(&kql::query(text)?, &Tables)?;
    let (from, until) = timespan::bounds(span, now);
    let rows = kql::execute(&program, &OfTenant { tenant, from, until, now }, now, LIMITS)?;
    Ok(Table { columns: program.columns().clone(), rows })
}

/// A rule's query, checked.
#[derive(Debug, Clone)]
pub struct RuleQuery {
    program: Program,
    comments: bool,
}

/// Reads a rule's query: syntax, names and types are checked, as they are when a rule is created.
pub fn rule(text: &str) -> Result<RuleQuery, QueryError> {
    let query = kql::query(text)?;
    let program = kql::program(&query, &Tables)?;
    Ok(RuleQuery { program, comments: query.comments })
}

impl RuleQuery {
    /// Name and type of each column that the query gives.
    pub fn columns(&self) -> &[(String, Type)] {
        self.program.columns()
    }

    /// The tables that it reads, by name.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        self.program.tables.iter().map(String::as_str)
    }

    /// Whether its text has comments.
    pub fn has_comments(&self) -> bool {
        self.comments
    }

    /// Whether it is what a continuous rule demands: exactly one table, without comments, `let`, `join`, `union` or any
    /// other table within.
    pub fn is_single_plain_table(&self) -> bool {
        self.program.tables.len() == 1 && !self.program.combines && !self.comments
    }

    /// The rows that the query gives when `event` is all that happened; tables that describe devices are read whole.
    /// A rule that asks for too much gives none.
    pub fn hits(&self, event: &OfEvent<'_>, now: Timestamp) -> Vec<Row> {
        if !self.tables().any(|table| event.touches(table)) {
            return Vec::new();
        }
        let rows = kql::execute(&self.program, event, now, RULE_LIMITS).unwrap_or_else(|error| {
            tracing::debug!("a rule was not worked out: {}", error.text);
            Vec::new()
        });
        let columns = self.program.columns();
        rows.into_iter().map(|cells| Row { columns: columns.clone(), cells }).collect()
    }

    /// The rows that the query gives of what happened from `from` to `until`, as they could be read at `until`.
    pub fn rows_between(&self, tenant: &Tenant, from: Timestamp, until: Timestamp) -> Result<Vec<Row>, QueryError> {
        let source = OfTenant { tenant, from, until, now: until };
        let rows = kql::execute(&self.program, &source, until, SCHEDULED_LIMITS)?;
        let columns = self.program.columns();
        Ok(rows.into_iter().map(|cells| Row { columns: columns.clone(), cells }).collect())
    }
}

/// A row that a rule's query gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    columns: Columns,
    cells: Cells,
}

impl Row {
    /// The value in the column of this name.
    pub fn get(&self, column: &str) -> Option<&Value> {
        self.cells.get(self.columns.iter().position(|(name, _)| name == column)?)
    }
}

#[cfg(test)]
mod tests;
