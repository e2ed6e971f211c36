//! A query whose names and types were checked: columns are places, and what can be worked out once is.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

use regex::Regex;

use crate::emulator::kql::{
    Columns,
    aggregate::Aggregate,
    functions::Function,
    patterns::Use,
    syntax::{Among, Binary, JoinKind, Test},
    value::{Key, Type, Value},
};

/// A checked query.
#[derive(Debug, Clone)]
pub(in crate::emulator) struct Program {
    /// What is worked out before the rest, in order: each fills the slot of its place.
    pub(super) prelude: Vec<Prelude>,
    pub(super) main: Arc<Plan>,
    /// The tables that it reads.
    pub(in crate::emulator) tables: BTreeSet<String>,
    /// Whether it is more than one table and operators that look at one row at a time.
    pub(in crate::emulator) combines: bool,
}

impl Program {
    /// The columns of its result.
    pub(in crate::emulator) fn columns(&self) -> &Columns {
        &self.main.columns
    }
}

#[derive(Debug, Clone)]
pub(super) enum Prelude {
    Scalar(Expr),
    /// The first cell of a table.
    First(Arc<Plan>),
    /// The first column of a table, to look up in; whether letter case counts.
    Set(Arc<Plan>, bool),
}

/// A table that is made of others.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) columns: Columns,
    pub(super) step: Step,
    /// How many plans stand one on another.
    pub(super) height: usize,
}

#[derive(Debug)]
pub(super) enum Step {
    Table(String),
    /// Rows whose cells know no columns.
    Rows(Vec<Vec<Expr>>),
    Where(Arc<Plan>, Expr),
    /// Each row made anew.
    Compute(Arc<Plan>, Vec<Expr>),
    Distinct(Arc<Plan>),
    Take(Arc<Plan>, usize),
    Sort(Arc<Plan>, Vec<SortKey>),
    Count(Arc<Plan>),
    Summarize {
        input: Arc<Plan>,
        by: Vec<Expr>,
        aggregates: Vec<Aggregate>,
    },
    Join {
        kind: JoinKind,
        sides: [Arc<Plan>; 2],
        keys: [Vec<usize>; 2],
        kept: Vec<usize>,
    },
    Union(Vec<Part>),
    /// A row for each item of the arrays in these places.
    Expand(Arc<Plan>, Vec<(usize, Type)>),
}

/// What rows are sorted by.
#[derive(Debug)]
pub(super) struct SortKey {
    pub(super) expr: Expr,
    pub(super) descending: bool,
    pub(super) nulls_first: bool,
}

/// One table of a union: where each column of the union is in it, and what it is called.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) plan: Arc<Plan>,
    pub(super) places: Vec<Option<usize>>,
    pub(super) name: Option<Value>,
}

/// What a list holds that a value is looked for in.
#[derive(Debug, Clone, Default)]
pub(super) struct List {
    /// What is known beforehand: to look up in, and as texts.
    pub(super) known: HashSet<Key>,
    pub(super) texts: Vec<Arc<str>>,
    /// What must be worked out for each row.
    pub(super) others: Vec<Expr>,
    /// The slot of a set.
    pub(super) slot: Option<usize>,
}

#[derive(Debug, Clone)]
pub(super) enum Expr {
    Literal(Value),
    Column(usize),
    Slot(usize),
    Negative(Box<Self>),
    And(Vec<Self>),
    Or(Vec<Self>),
    Binary(Binary, Box<Self>, Box<Self>),
    Text(Test, Box<Self>, Box<Self>),
    Pattern { used: Use, of: Box<Self>, regex: Box<Regex> },
    Among(Among, Box<Self>, Box<List>),
    Between { negated: bool, of: Box<Self>, low: Box<Self>, high: Box<Self> },
    Call(&'static Function, Vec<Self>),
    Member(Box<Self>, Box<Self>),
}
