//! The names and types of a query: from its text's tree to a plan.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use crate::emulator::kql::{
    Catalogue, Columns, QueryError,
    bind::Place,
    functions,
    plan::{Expr as Checked, Plan, Prelude, Program, Step},
    syntax::{Expr, Let, Operator, Query, Source, Tabular},
    value::{Type, Value},
};

/// What a `let` stands for.
#[derive(Debug, Clone)]
pub(super) enum Bound {
    Scalar(Checked, Type),
    Table(Arc<Plan>),
}

/// Plans stand at most so many on one another, and have at most so many columns.
const HIGHEST: usize = 90;
pub(super) const MOST_COLUMNS: usize = 1_000;

/// A query is checked for so much at most: columns that are named, in any of its plans.
const MOST_WORK: usize = 1_000_000;

/// What is known while a query is checked.
pub(super) struct Checker<'a> {
    pub(super) catalogue: &'a dyn Catalogue,
    pub(super) lets: HashMap<String, Bound>,
    pub(super) prelude: Vec<Prelude>,
    pub(super) tables: BTreeSet<String>,
    /// How many patterns were compiled.
    pub(super) patterns: usize,
    pub(super) combines: bool,
    /// How much was done.
    work: usize,
}

/// Checks a query against the tables of `catalogue`.
pub(in crate::emulator) fn program(query: &Query, catalogue: &dyn Catalogue) -> Result<Program, QueryError> {
    let mut checker = Checker {
        catalogue,
        lets: HashMap::new(),
        prelude: Vec::new(),
        tables: BTreeSet::new(),
        patterns: 0,
        combines: !query.lets.is_empty(),
        work: 0,
    };
    for (name, bound) in &query.lets {
        let bound = checker.bound(bound)?;
        checker.lets.insert(name.clone(), bound);
    }
    let main = checker.tabular(&query.body)?;
    let Checker { prelude, tables, combines, .. } = checker;
    Ok(Program { prelude, main, tables, combines })
}

impl Checker<'_> {
    fn bound(&mut self, bound: &Let) -> Result<Bound, QueryError> {
        Ok(match bound {
            Let::Table(table) => Bound::Table(self.tabular(table)?),
            Let::Scalar(Expr::Name(name)) if !self.lets.contains_key(name) || self.is_table(name) => {
                let place = Place { operator: "let", columns: &Columns::new() };
                Bound::Table(self.known_table(name)?.ok_or_else(|| place.unresolved(name))?)
            }
            Let::Scalar(expr) => {
                let place = Place { operator: "let", columns: &Columns::new() };
                match self.bind(place, expr)? {
                    (checked @ Checked::Literal(_), of) => Bound::Scalar(checked, of),
                    (checked, of) => Bound::Scalar(self.slot(Prelude::Scalar(checked)), of),
                }
            }
        })
    }

    fn is_table(&self, name: &str) -> bool {
        matches!(self.lets.get(name), Some(Bound::Table(_)))
    }

    /// The slot that `prelude` will fill.
    pub(super) fn slot(&mut self, prelude: Prelude) -> Checked {
        self.prelude.push(prelude);
        Checked::Slot(self.prelude.len() - 1)
    }

    /// Counts what is about to be done.
    pub(super) fn charge(&mut self, units: usize) -> Result<(), QueryError> {
        self.work = self.work.saturating_add(units);
        if self.work > MOST_WORK { Err(QueryError::limits()) } else { Ok(()) }
    }

    /// A table within an expression.
    pub(super) fn table(&mut self, table: &Tabular) -> Result<Arc<Plan>, QueryError> {
        self.combines = true;
        self.tabular(table)
    }

    /// The table of this name, if there is one.
    pub(super) fn known_table(&mut self, name: &str) -> Result<Option<Arc<Plan>>, QueryError> {
        if let Some(bound) = self.lets.get(name) {
            return Ok(match bound {
                Bound::Table(plan) => Some(Arc::clone(plan)),
                Bound::Scalar(..) => None,
            });
        }
        let Some(columns) = self.catalogue.columns(name) else { return Ok(None) };
        self.charge(columns.len())?;
        self.tables.insert(name.to_owned());
        Self::plan(columns, Step::Table(name.to_owned()), &[]).map(Some)
    }

    /// A plan that stands on `below`.
    pub(super) fn plan(columns: Columns, step: Step, below: &[&Arc<Plan>]) -> Result<Arc<Plan>, QueryError> {
        let height = below.iter().map(|plan| plan.height).max().unwrap_or(0) + 1;
        if height > HIGHEST || columns.len() > MOST_COLUMNS {
            return Err(QueryError::limits());
        }
        Ok(Arc::new(Plan { columns, step, height }))
    }

    pub(super) fn tabular(&mut self, table: &Tabular) -> Result<Arc<Plan>, QueryError> {
        let operator = table.operators.first().map(Operator::name);
        let mut plan = self.source(&table.source, operator)?;
        for operator in &table.operators {
            plan = self.operator(&plan, operator)?;
            self.charge(plan.columns.len())?;
        }
        Ok(plan)
    }

    fn source(&mut self, source: &Source, operator: Option<&str>) -> Result<Arc<Plan>, QueryError> {
        if !matches!(source, Source::Table(_)) {
            self.combines = true;
        }
        match source {
            Source::Table(name) => self.known_table(name)?.ok_or_else(|| unknown_table(name, operator)),
            Source::Function(name) => Err(QueryError::semantic(format!("Unknown function: '{name}'"))),
            Source::Pipeline(inner) => self.tabular(inner),
            Source::Union(union) => self.union(None, union),
            Source::Print(named) => {
                let none = Columns::new();
                let (columns, exprs) = self.print(Place { operator: "print", columns: &none }, named)?;
                Self::plan(columns, Step::Rows(vec![exprs]), &[])
            }
            Source::Data { columns, values } => self.data(columns, values),
            Source::Search { tables, condition } => self.search_all(tables, condition),
        }
    }

    fn data(&mut self, columns: &[(String, Type)], values: &[Expr]) -> Result<Arc<Plan>, QueryError> {
        let none = Columns::new();
        let place = Place { operator: "datatable", columns: &none };
        if columns.is_empty() || !values.len().is_multiple_of(columns.len()) {
            return Err(QueryError::semantic("The number of values must be a multiple of the number of columns"));
        }
        let mut rows = Vec::new();
        for row in values.chunks(columns.len()) {
            let mut made = Vec::with_capacity(columns.len());
            for (expr, (_, of)) in row.iter().zip(columns) {
                let (checked, _) = self.bind(place, expr)?;
                let constant = match checked {
                    Checked::Literal(value) => value,
                    Checked::Negative(inner) => match *inner {
                        Checked::Literal(Value::Int(number)) => Value::Int(number.wrapping_neg()),
                        Checked::Literal(Value::Real(number)) => Value::Real(-number),
                        _ => return Err(QueryError::semantic("'datatable' operator: values must be constants")),
                    },
                    _ => return Err(QueryError::semantic("'datatable' operator: values must be constants")),
                };
                made.push(Checked::Literal(functions::converted(&constant, *of)));
            }
            rows.push(made);
        }
        Self::plan(columns.to_vec(), Step::Rows(rows), &[])
    }
}

/// Recorded: with the name of the operator that comes next.
fn unknown_table(name: &str, operator: Option<&str>) -> QueryError {
    let prefix = operator.map(|operator| format!("'{operator}' operator: ")).unwrap_or_default();
    QueryError::semantic(format!("{prefix}Failed to resolve table or column expression named '{name}'"))
}

/// The name that a column gets where none is given.
pub(super) fn own_name(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Name(name) => Some(name.clone()),
        Expr::Member(of, at) => match at.as_ref() {
            Expr::Literal(Value::Text(name), _) => Some(format!("{}_{name}", own_name(of)?)),
            Expr::Literal(Value::Int(place), _) => Some(format!("{}_{place}", own_name(of)?)),
            _ => None,
        },
        Expr::Call(name, arguments) => match name.as_str() {
            "bin" | "floor" | "tostring" | "toint" | "tolong" | "toreal" | "todouble" | "tobool" | "todatetime"
            | "totimespan" | "startofday" | "startofweek" | "startofmonth" | "startofyear" | "endofday" => {
                arguments.first().and_then(own_name)
            }
            _ => None,
        },
        _ => None,
    }
}
