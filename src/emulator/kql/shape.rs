//! What each operator makes of the columns before it.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use crate::emulator::kql::{
    Columns, QueryError,
    bind::Place,
    check::{Checker, MOST_COLUMNS, own_name},
    plan::{Expr as Checked, Plan, SortKey, Step},
    syntax::{Expr, Named, Operator, Order},
    value::{Type, Value},
};

impl Checker<'_> {
    /// The plan with one more operator on it.
    pub(super) fn operator(&mut self, input: &Arc<Plan>, operator: &Operator) -> Result<Arc<Plan>, QueryError> {
        let place = Place { operator: operator.name(), columns: &input.columns };
        match operator {
            Operator::Nothing => Ok(Arc::clone(input)),
            Operator::Where(condition) => {
                let condition = self.condition(place, condition)?;
                Self::plan(input.columns.clone(), Step::Where(Arc::clone(input), condition), &[input])
            }
            Operator::Search(condition) => {
                let condition = self.search_condition(place, condition)?;
                Self::plan(input.columns.clone(), Step::Where(Arc::clone(input), condition), &[input])
            }
            Operator::Project(named) => {
                let (columns, exprs) = self.columns(place, named)?;
                Self::plan(columns, Step::Compute(Arc::clone(input), exprs), &[input])
            }
            Operator::Extend(named) => self.extend(input, place, named),
            Operator::ProjectAway(patterns) => {
                let places = (0..input.columns.len()).filter(|at| !matches_any(&input.columns[*at].0, patterns));
                Self::pick(input, places.collect())
            }
            Operator::ProjectKeep(patterns) => {
                let places = (0..input.columns.len()).filter(|at| matches_any(&input.columns[*at].0, patterns));
                Self::pick(input, places.collect())
            }
            Operator::ProjectReorder(patterns) => Self::reorder(input, patterns),
            Operator::ProjectRename(pairs) => Self::rename(input, place, pairs),
            Operator::Distinct(named) => self.distinct(input, place, named),
            Operator::Take(count) => {
                let count = self.count(place, count)?;
                Self::plan(input.columns.clone(), Step::Take(Arc::clone(input), count), &[input])
            }
            Operator::Top(count, orders) => {
                let count = self.count(place, count)?;
                let sorted = self.sort(input, place, orders)?;
                Self::plan(input.columns.clone(), Step::Take(Arc::clone(&sorted), count), &[&sorted])
            }
            Operator::Sort(orders) => self.sort(input, place, orders),
            Operator::Count(name) => {
                let name = name.clone().unwrap_or_else(|| "Count".to_owned());
                Self::plan(vec![(name, Type::Long)], Step::Count(Arc::clone(input)), &[input])
            }
            Operator::Summarize { aggregates, by } => self.summarize(input, aggregates, by),
            Operator::Join { kind, lookup, right, on } => {
                self.combines = true;
                let right = self.tabular(right)?;
                Self::join(*kind, *lookup, [input, &right], on)
            }
            Operator::Union(union) => {
                self.combines = true;
                self.union(Some(input), union)
            }
            Operator::Expand(all) => self.expand(input, place, all),
            Operator::Schema => Self::schema(input),
        }
    }

    /// A constant number of rows.
    fn count(&mut self, place: Place<'_>, expr: &Expr) -> Result<usize, QueryError> {
        if let (Checked::Literal(Value::Int(count)), _) =
            self.bind(Place { columns: &Columns::new(), ..place }, expr)?
        {
            return Ok(usize::try_from(count).unwrap_or(0));
        }
        let text = format!("'{}' operator: the number of rows must be a constant of type long", place.operator);
        Err(QueryError::semantic(text))
    }

    /// Named expressions as columns; who has no name of its own is `Column1`, and so on.
    pub(super) fn columns(&mut self, place: Place<'_>, named: &[Named]) -> Result<(Columns, Vec<Checked>), QueryError> {
        let (mut columns, mut exprs, mut unnamed) = (Columns::new(), Vec::new(), 0);
        let mut taken = Taken::default();
        if named.len() > MOST_COLUMNS {
            return Err(QueryError::limits());
        }
        for Named { name, expr } in named {
            let (checked, of) = self.bind(place, expr)?;
            let name = name.clone().or_else(|| own_name(expr)).unwrap_or_else(|| {
                unnamed += 1;
                format!("Column{unnamed}")
            });
            columns.push((taken.free(name), of));
            exprs.push(checked);
        }
        Ok((columns, exprs))
    }

    pub(super) fn print(&mut self, place: Place<'_>, named: &[Named]) -> Result<(Columns, Vec<Checked>), QueryError> {
        let name = |(at, one): (usize, &Named)| Named {
            name: Some(one.name.clone().unwrap_or_else(|| format!("print_{at}"))),
            expr: one.expr.clone(),
        };
        let named: Vec<_> = named.iter().enumerate().map(name).collect();
        self.columns(place, &named)
    }

    fn extend(&mut self, input: &Arc<Plan>, place: Place<'_>, named: &[Named]) -> Result<Arc<Plan>, QueryError> {
        let (added, made) = self.columns(place, named)?;
        let mut columns = input.columns.clone();
        let mut exprs: Vec<_> = (0..columns.len()).map(Checked::Column).collect();
        for ((name, of), expr) in added.into_iter().zip(made) {
            if let Some(at) = columns.iter().position(|(column, _)| *column == name) {
                columns[at].1 = of;
                exprs[at] = expr;
            } else {
                columns.push((name, of));
                exprs.push(expr);
            }
        }
        Self::plan(columns, Step::Compute(Arc::clone(input), exprs), &[input])
    }

    /// The columns in these places, in their order.
    fn pick(input: &Arc<Plan>, places: Vec<usize>) -> Result<Arc<Plan>, QueryError> {
        let columns = places.iter().map(|at| input.columns[*at].clone()).collect();
        let exprs = places.into_iter().map(Checked::Column).collect();
        Self::plan(columns, Step::Compute(Arc::clone(input), exprs), &[input])
    }

    fn reorder(input: &Arc<Plan>, patterns: &[String]) -> Result<Arc<Plan>, QueryError> {
        let (mut places, mut done) = (Vec::new(), vec![false; input.columns.len()]);
        let all = ["*".to_owned()];
        for pattern in patterns.iter().chain(&all) {
            for (at, (name, _)) in input.columns.iter().enumerate() {
                if !done[at] && matches_any(name, std::slice::from_ref(pattern)) {
                    done[at] = true;
                    places.push(at);
                }
            }
        }
        Self::pick(input, places)
    }

    fn rename(input: &Arc<Plan>, place: Place<'_>, pairs: &[(String, String)]) -> Result<Arc<Plan>, QueryError> {
        let mut columns = input.columns.clone();
        for (new, old) in pairs {
            let (at, _) = place.column(old).ok_or_else(|| place.unresolved(old))?;
            columns[at].0.clone_from(new);
        }
        let mut seen = HashSet::new();
        if let Some((name, _)) = columns.iter().find(|(name, _)| !seen.insert(name.as_str())) {
            return Err(QueryError::semantic(format!("A column with the name '{name}' was already declared")));
        }
        let exprs = (0..columns.len()).map(Checked::Column).collect();
        Self::plan(columns, Step::Compute(Arc::clone(input), exprs), &[input])
    }

    fn distinct(&mut self, input: &Arc<Plan>, place: Place<'_>, named: &[Named]) -> Result<Arc<Plan>, QueryError> {
        let input = match named {
            [Named { name: None, expr: Expr::Star }] => Arc::clone(input),
            named => {
                let (columns, exprs) = self.columns(place, named)?;
                Self::plan(columns, Step::Compute(Arc::clone(input), exprs), &[input])?
            }
        };
        Self::plan(input.columns.clone(), Step::Distinct(Arc::clone(&input)), &[&input])
    }

    fn sort(&mut self, input: &Arc<Plan>, place: Place<'_>, orders: &[Order]) -> Result<Arc<Plan>, QueryError> {
        let mut keys = Vec::new();
        for order in orders {
            let (expr, _) = self.bind(place, &order.expr)?;
            let nulls_first = order.nulls_first.unwrap_or(!order.descending);
            keys.push(SortKey { expr, descending: order.descending, nulls_first });
        }
        Self::plan(input.columns.clone(), Step::Sort(Arc::clone(input), keys), &[input])
    }

    fn expand(
        &mut self,
        input: &Arc<Plan>,
        place: Place<'_>,
        all: &[(Named, Option<Type>)],
    ) -> Result<Arc<Plan>, QueryError> {
        let named: Vec<_> = all.iter().map(|(named, _)| named.clone()).collect();
        for one in &named {
            let (_, of) = self.bind(place, &one.expr)?;
            if of != Type::Dynamic {
                let text = format!("mv-expand: expanded expression expected to have dynamic type, not {}", of.name());
                return Err(QueryError::semantic(text));
            }
        }
        let extended = self.extend(input, place, &named)?;
        let mut columns = extended.columns.clone();
        let mut places = Vec::new();
        let (expanded, _) = self.columns(place, &named)?;
        for ((name, _), (_, of)) in expanded.iter().zip(all) {
            let of = of.unwrap_or(Type::Dynamic);
            if let Some(at) = columns.iter().position(|(column, _)| column == name) {
                columns[at].1 = of;
                places.push((at, of));
            }
        }
        Self::plan(columns, Step::Expand(Arc::clone(&extended), places), &[&extended])
    }

    fn schema(input: &Arc<Plan>) -> Result<Arc<Plan>, QueryError> {
        let rows = input.columns.iter().zip(0..).map(|((name, of), at)| {
            let text = |text: &str| Checked::Literal(Value::text(text));
            let data = format!("System.{}", of.wire_name());
            vec![text(name), Checked::Literal(Value::Int(at)), text(&data), text(of.name())]
        });
        let columns = [
            ("ColumnName", Type::Text),
            ("ColumnOrdinal", Type::Int),
            ("DataType", Type::Text),
            ("ColumnType", Type::Text),
        ];
        let columns = columns.into_iter().map(|(name, of)| (name.to_owned(), of)).collect();
        Self::plan(columns, Step::Rows(rows.collect()), &[])
    }
}

/// The names that columns have already, each with the number that is tried next.
#[derive(Debug, Default)]
pub(super) struct Taken(HashMap<String, usize>);

impl Taken {
    pub(super) fn of(columns: &Columns) -> Self {
        Self(columns.iter().map(|(name, _)| (name.clone(), 1)).collect())
    }

    /// `name`, or the first of `name1`, `name2` … that is free; it is taken then.
    pub(super) fn free(&mut self, name: String) -> String {
        let Some(next) = self.0.get(&name).copied() else {
            self.0.insert(name.clone(), 1);
            return name;
        };
        let mut number = next;
        while self.0.contains_key(&format!("{name}{number}")) {
            number += 1;
        }
        let numbered = format!("{name}{number}");
        self.0.insert(name, number + 1);
        self.0.insert(numbered.clone(), 1);
        numbered
    }
}

/// Whether a name fits one of the patterns: a name, or the beginning of one and `*`.
pub(super) fn matches_any(name: &str, patterns: &[String]) -> bool {
    patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => name == pattern,
    })
}
