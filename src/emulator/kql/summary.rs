//! What `summarize` groups by, and what it makes of each group.

use std::{collections::HashSet, sync::Arc};

use crate::emulator::kql::{
    QueryError,
    aggregate::{self, Aggregate, Kind},
    bind::Place,
    check::{Checker, MOST_COLUMNS, own_name},
    plan::{Plan, Step},
    shape::Taken,
    syntax::{Expr, Named},
    value::Value,
};

/// A set or list holds at most so many values.
const MOST_ITEMS: usize = 1 << 20;

impl Checker<'_> {
    pub(super) fn summarize(
        &mut self,
        input: &Arc<Plan>,
        aggregates: &[Named],
        by: &[Named],
    ) -> Result<Arc<Plan>, QueryError> {
        let place = Place { operator: "summarize", columns: &input.columns };
        let (mut columns, by_exprs) = self.columns(place, by)?;
        let grouped: HashSet<String> = columns.iter().map(|(name, _)| name.clone()).collect();
        let keys = columns.len();
        let (mut taken, mut made) = (Taken::of(&columns), Vec::new());
        if aggregates.len() > MOST_COLUMNS {
            return Err(QueryError::limits());
        }
        // What is made of aggregates comes last, from columns whose names no query can write.
        let (mut outer, mut unnamed) = (Vec::new(), 0);
        for Named { name, expr } in aggregates {
            let mut inner = Vec::new();
            let lifted = lift(expr, columns.len(), &mut inner);
            let direct = matches!(&lifted, Expr::Name(lifted) if *lifted == hidden(columns.len()));
            if inner.is_empty() {
                return Err(no_aggregate(expr));
            }
            for expr in inner {
                let (mut aggregate, names) = self.aggregate(place, &expr, &grouped)?;
                if !direct {
                    aggregate.arguments.truncate(1);
                    aggregate.results.truncate(1);
                }
                for (at, (own, of)) in names.into_iter().zip(&aggregate.results).enumerate() {
                    let lifted = hidden(columns.len());
                    if direct {
                        let name = name.clone().filter(|_| at == 0).unwrap_or(own);
                        outer.push(Named { name: Some(taken.free(name)), expr: Expr::Name(lifted.clone()) });
                    }
                    columns.push((lifted, *of));
                }
                made.push(aggregate);
            }
            if !direct {
                let name = name.clone().unwrap_or_else(|| {
                    unnamed += 1;
                    format!("Column{unnamed}")
                });
                outer.push(Named { name: Some(taken.free(name)), expr: lifted });
            }
        }
        let names: Vec<String> = columns.iter().take(keys).map(|(name, _)| name.clone()).collect();
        let step = Step::Summarize { input: Arc::clone(input), by: by_exprs, aggregates: made };
        let summed = Self::plan(columns, step, &[input])?;
        let keys = names.into_iter().map(|name| Named { name: Some(name.clone()), expr: Expr::Name(name) });
        let all: Vec<_> = keys.chain(outer).collect();
        let (columns, exprs) = self.columns(Place { columns: &summed.columns, ..place }, &all)?;
        Self::plan(columns, Step::Compute(Arc::clone(&summed), exprs), &[&summed])
    }

    /// An aggregate, and the names of its results.
    fn aggregate(
        &mut self,
        place: Place<'_>,
        expr: &Expr,
        grouped: &HashSet<String>,
    ) -> Result<(Aggregate, Vec<String>), QueryError> {
        let Expr::Call(name, arguments) = expr else { return Err(no_aggregate(expr)) };
        let (kind, conditional) = aggregate::find(name).ok_or_else(|| no_aggregate(expr))?;
        let mut arguments = arguments.clone();
        let only = match (conditional, arguments.pop_if(|_| conditional)) {
            (true, None) => return Err(QueryError::semantic(format!("{name}(): a condition is expected"))),
            (_, None) => None,
            (_, Some(condition)) => Some(self.condition(place, &condition)?),
        };
        let mut most = MOST_ITEMS;
        if matches!(kind, Kind::Set | Kind::List)
            && let [_, Expr::Literal(Value::Int(limit), _)] = arguments.as_slice()
        {
            most = usize::try_from(*limit).unwrap_or(0).min(MOST_ITEMS);
            arguments.truncate(1);
        }
        if kind == Kind::DistinctCount {
            // The accuracy, which is for estimates.
            arguments.truncate(1);
        }
        let arguments = starred(place, kind, arguments, grouped);
        self.charge(arguments.len() * (1 + place.columns.len() / 16))?;
        let many = matches!(kind, Kind::ArgMax | Kind::ArgMin | Kind::Any);
        if (!many && arguments.len() > 1) || (kind == Kind::Count && !arguments.is_empty()) {
            let expected = usize::from(kind != Kind::Count);
            return Err(QueryError::semantic(format!("{name}(): function expects {expected} argument(s)")));
        }
        let mut aggregate = Aggregate { kind, arguments: Vec::new(), only, results: Vec::new(), most };
        let mut names = Vec::new();
        for argument in &arguments {
            let (checked, of) = self.bind(place, argument)?;
            let own = own_name(argument);
            names.push(match (many && name != "any", own) {
                (true, Some(own)) => own,
                (true, None) => format!("{name}_"),
                (false, own) => format!("{}_{}", kind.prefix(name), own.unwrap_or_default()),
            });
            aggregate.arguments.push(checked);
            aggregate.results.push(kind.result(name, Some(of))?);
        }
        if arguments.is_empty() {
            names.push(format!("{}_", kind.prefix(name)));
            aggregate.results.push(kind.result(name, None)?);
        }
        Ok((aggregate, names))
    }
}

/// The name of the column in this place while it is made.
fn hidden(at: usize) -> String {
    format!("\0{at}")
}

/// The expression with each aggregate in it lifted out; their columns begin at `next`. An aggregate of several results
/// stands for its first.
fn lift(expr: &Expr, next: usize, inner: &mut Vec<Expr>) -> Expr {
    match expr {
        Expr::Call(name, _) if aggregate::find(name).is_some() => {
            inner.push(expr.clone());
            Expr::Name(hidden(next + inner.len() - 1))
        }
        Expr::Call(name, arguments) => {
            Expr::Call(name.clone(), arguments.iter().map(|argument| lift(argument, next, inner)).collect())
        }
        Expr::Binary(operator, left, right) => {
            let left = lift(left, next, inner);
            Expr::Binary(*operator, Box::new(left), Box::new(lift(right, next, inner)))
        }
        Expr::Negative(of) => Expr::Negative(Box::new(lift(of, next, inner))),
        Expr::Member(of, at) => Expr::Member(Box::new(lift(of, next, inner)), at.clone()),
        other => other.clone(),
    }
}

fn no_aggregate(expr: &Expr) -> QueryError {
    match expr {
        Expr::Call(name, _) => QueryError::semantic(format!("Unknown function: '{name}'")),
        _ => QueryError::semantic("'summarize' operator: aggregate function expected"),
    }
}

/// `*` as all the columns that are neither grouped by nor named already.
fn starred(place: Place<'_>, kind: Kind, arguments: Vec<Expr>, grouped: &HashSet<String>) -> Vec<Expr> {
    if !matches!(kind, Kind::ArgMax | Kind::ArgMin | Kind::Any) {
        return arguments;
    }
    let named: HashSet<String> = arguments.iter().filter_map(own_name).collect();
    let rest = || {
        let columns = place.columns.iter().map(|(name, _)| name);
        columns.filter(|name| !grouped.contains(*name) && !named.contains(*name)).cloned().map(Expr::Name)
    };
    arguments
        .into_iter()
        .flat_map(|argument| if argument == Expr::Star { rest().collect() } else { vec![argument] })
        .collect()
}
