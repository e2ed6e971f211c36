//! A plan on tables, step by step, within a bound on its work.

use std::{
    cmp::Ordering,
    collections::{HashMap, HashSet},
};

use jiff::Timestamp;

use crate::emulator::kql::{
    QueryError, Source,
    aggregate::Aggregate,
    eval::{self, Budget, Context, Slot},
    functions,
    plan::{Expr, Part, Plan, Prelude, Program, SortKey, Step},
    syntax::JoinKind,
    text,
    value::{Key, Row, Type, Value},
};

/// How much may be done for one query.
#[derive(Debug, Clone, Copy)]
pub(in crate::emulator) struct Limits {
    /// Units of work: a cell of a row that is made, or a part of an expression that is worked out.
    pub(in crate::emulator) work: u64,
    /// Rows of the result; what is more is left out.
    pub(in crate::emulator) rows: usize,
}

/// The rows of a program's result at `now`.
pub(in crate::emulator) fn execute(
    program: &Program,
    source: &dyn Source,
    now: Timestamp,
    limits: Limits,
) -> Result<Vec<Row>, QueryError> {
    let budget = Budget::new(limits.work);
    let mut slots = Vec::with_capacity(program.prelude.len());
    for prelude in &program.prelude {
        let engine = Engine { source, context: Context { now, slots: &slots, budget: &budget } };
        let slot = engine.prelude(prelude)?;
        slots.push(slot);
    }
    let engine = Engine { source, context: Context { now, slots: &slots, budget: &budget } };
    let mut rows = engine.rows(&program.main)?;
    rows.truncate(limits.rows);
    Ok(rows)
}

struct Engine<'a> {
    source: &'a dyn Source,
    context: Context<'a>,
}

impl Engine<'_> {
    /// Pays for `count` rows of `width` cells that are about to be made.
    fn pay(&self, count: usize, width: usize) -> Result<(), QueryError> {
        self.context.budget.spend(count.saturating_mul(width + 1).saturating_add(1));
        if self.context.budget.is_spent() { Err(QueryError::limits()) } else { Ok(()) }
    }

    fn value(&self, expr: &Expr, row: &[Value]) -> Value {
        eval::value(expr, row, &self.context)
    }

    fn prelude(&self, prelude: &Prelude) -> Result<Slot, QueryError> {
        Ok(match prelude {
            Prelude::Scalar(expr) => Slot::Value(self.value(expr, &[])),
            Prelude::First(plan) => {
                let first = self.rows(plan)?.into_iter().next().and_then(|row| row.into_iter().next());
                Slot::Value(first.unwrap_or(Value::Null))
            }
            Prelude::Set(plan, cased) => {
                let firsts = self.rows(plan)?.into_iter().filter_map(|row| row.into_iter().next());
                let texts: Vec<Value> = firsts
                    .map(|value| match &value {
                        Value::Text(text) if !cased => Value::text(&text::folded(text)),
                        _ => value,
                    })
                    .collect();
                Slot::Set { keys: texts.iter().map(Value::key).collect(), texts }
            }
        })
    }

    fn rows(&self, plan: &Plan) -> Result<Vec<Row>, QueryError> {
        let width = plan.columns.len();
        self.pay(1, 1)?;
        match &plan.step {
            Step::Table(name) => {
                let rows = self.source.rows(name);
                self.pay(rows.len(), width)?;
                Ok(rows)
            }
            Step::Rows(rows) => rows.iter().map(|row| self.made(row, &[])).collect::<Result<_, _>>(),
            Step::Where(input, condition) => {
                let mut rows = self.rows(input)?;
                rows.retain(|row| eval::passes(condition, row, &self.context));
                self.pay(0, 0)?;
                Ok(rows)
            }
            Step::Compute(input, exprs) => self.rows(input)?.iter().map(|row| self.made(exprs, row)).collect(),
            Step::Distinct(input) => self.distinct(self.rows(input)?),
            Step::Take(input, count) => {
                let mut rows = self.rows(input)?;
                rows.truncate(*count);
                Ok(rows)
            }
            Step::Sort(input, keys) => self.sorted(self.rows(input)?, keys),
            Step::Count(input) => {
                let count = self.rows(input)?.len();
                Ok(vec![vec![Value::Int(i64::try_from(count).unwrap_or(i64::MAX))]])
            }
            Step::Summarize { input, .. } => self.summarized(&plan.step, &self.rows(input)?),
            Step::Join { kind, sides: [left, right], .. } => {
                let rows = [self.rows(left)?, self.rows(right)?];
                self.joined(&plan.step, *kind, &rows)
            }
            Step::Union(parts) => self.united(parts, &plan.columns),
            Step::Expand(input, places) => self.expanded(self.rows(input)?, places),
        }
    }

    fn made(&self, exprs: &[Expr], row: &[Value]) -> Result<Row, QueryError> {
        let made = exprs.iter().map(|expr| self.value(expr, row)).collect();
        self.pay(0, 0)?;
        Ok(made)
    }

    fn distinct(&self, rows: Vec<Row>) -> Result<Vec<Row>, QueryError> {
        let mut seen: HashSet<Vec<Key>> = HashSet::new();
        let mut kept = Vec::new();
        for row in rows {
            self.pay(1, row.len())?;
            if seen.insert(row.iter().map(Value::key).collect()) {
                kept.push(row);
            }
        }
        Ok(kept)
    }

    fn sorted(&self, rows: Vec<Row>, keys: &[SortKey]) -> Result<Vec<Row>, QueryError> {
        let mut keyed = Vec::with_capacity(rows.len());
        for row in rows {
            self.pay(1, 16 * keys.len())?;
            keyed.push((keys.iter().map(|key| self.value(&key.expr, &row)).collect::<Vec<_>>(), row));
        }
        keyed.sort_by(|(a, _), (b, _)| {
            let orders = keys.iter().zip(a.iter().zip(b)).map(|(key, (a, b))| order(key, a, b));
            orders.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
        });
        Ok(keyed.into_iter().map(|(_, row)| row).collect())
    }

    fn summarized(&self, step: &Step, rows: &[Row]) -> Result<Vec<Row>, QueryError> {
        let Step::Summarize { by, aggregates, .. } = step else { return Ok(Vec::new()) };
        let start = || aggregates.iter().map(Aggregate::start).collect::<Vec<_>>();
        let mut places: HashMap<Vec<Key>, usize> = HashMap::new();
        let mut groups = Vec::new();
        if by.is_empty() {
            places.insert(Vec::new(), 0);
            groups.push((Vec::new(), start()));
        }
        for row in rows {
            let values: Row = by.iter().map(|expr| self.value(expr, row)).collect();
            let key = values.iter().map(Value::key).collect();
            let at = *places.entry(key).or_insert_with(|| {
                groups.push((values, start()));
                groups.len() - 1
            });
            for (aggregate, state) in aggregates.iter().zip(&mut groups[at].1) {
                aggregate.see(state, row, &self.context);
            }
            self.pay(1, by.len() + aggregates.len())?;
        }
        let finished = groups.into_iter().map(|(mut values, states)| {
            for (aggregate, state) in aggregates.iter().zip(states) {
                values.extend(aggregate.finish(state));
            }
            values
        });
        Ok(finished.collect())
    }

    fn united(&self, parts: &[Part], columns: &[(String, Type)]) -> Result<Vec<Row>, QueryError> {
        let mut all = Vec::new();
        for part in parts {
            let rows = self.rows(&part.plan)?;
            self.pay(rows.len(), columns.len())?;
            for row in rows {
                let cells = part.places.iter().zip(columns).map(|(place, (_, of))| match place {
                    Some(at) => row.get(*at).cloned().unwrap_or(Value::Null),
                    None => of.nothing(),
                });
                // The name of the table, where it is asked for, is the first column.
                all.push(part.name.iter().cloned().chain(cells.skip(usize::from(part.name.is_some()))).collect());
            }
        }
        Ok(all)
    }

    fn expanded(&self, rows: Vec<Row>, places: &[(usize, Type)]) -> Result<Vec<Row>, QueryError> {
        let mut all = Vec::new();
        for row in rows {
            let arrays: Vec<Vec<Value>> = places.iter().map(|(at, of)| items(&row[*at], *of)).collect();
            let count = arrays.iter().map(Vec::len).max().unwrap_or(0);
            for at in 0..count {
                self.pay(1, row.len())?;
                let mut row = row.clone();
                for ((place, of), array) in places.iter().zip(&arrays) {
                    row[*place] = array.get(at).cloned().unwrap_or_else(|| of.nothing());
                }
                all.push(row);
            }
        }
        Ok(all)
    }

    fn joined(&self, step: &Step, kind: JoinKind, rows: &[Vec<Row>; 2]) -> Result<Vec<Row>, QueryError> {
        let Step::Join { sides, keys, kept, .. } = step else { return Ok(Vec::new()) };
        let [left, right] = rows;
        let key_of = |row: &Row, places: &[usize]| -> Option<Vec<Key>> {
            let key: Vec<Key> = places.iter().map(|at| row[*at].key()).collect();
            (!key.contains(&Key::Null)).then_some(key)
        };
        self.pay(left.len() + right.len(), keys[0].len())?;
        let mut by_key: HashMap<Vec<Key>, Vec<usize>> = HashMap::new();
        for (at, row) in right.iter().enumerate() {
            if let Some(key) = key_of(row, &keys[1]) {
                by_key.entry(key).or_default().push(at);
            }
        }
        let nothing = |side: usize| -> Row { sides[side].columns.iter().map(|(_, of)| of.nothing()).collect() };
        let (empty_left, empty_right) = (nothing(0), nothing(1));
        let pair = |left: &Row, right: &Row| -> Row {
            left.iter().cloned().chain(kept.iter().map(|at| right[*at].clone())).collect()
        };
        let mut all = Vec::new();
        let mut matched = vec![false; right.len()];
        let mut seen = HashSet::new();
        for row in left {
            let key = key_of(row, &keys[0]);
            if kind == JoinKind::InnerUnique && key.as_ref().is_some_and(|key| !seen.insert(key.clone())) {
                continue;
            }
            let found = key.and_then(|key| by_key.get(&key)).map_or(&[][..], Vec::as_slice);
            for at in found {
                matched[*at] = true;
            }
            self.pay(found.len() + 1, row.len() + kept.len())?;
            match kind {
                JoinKind::LeftSemi if !found.is_empty() => all.push(row.clone()),
                JoinKind::LeftAnti if found.is_empty() => all.push(row.clone()),
                JoinKind::LeftSemi | JoinKind::LeftAnti | JoinKind::RightSemi | JoinKind::RightAnti => {}
                JoinKind::LeftOuter | JoinKind::FullOuter if found.is_empty() => all.push(pair(row, &empty_right)),
                _ => all.extend(found.iter().map(|at| pair(row, &right[*at]))),
            }
        }
        for (row, matched) in right.iter().zip(matched) {
            match kind {
                JoinKind::RightSemi if matched => all.push(row.clone()),
                JoinKind::RightAnti if !matched => all.push(row.clone()),
                JoinKind::RightOuter | JoinKind::FullOuter if !matched => all.push(pair(&empty_left, row)),
                _ => {}
            }
        }
        Ok(all)
    }
}

fn order(key: &SortKey, a: &Value, b: &Value) -> Ordering {
    let (a_null, b_null) = (*a == Value::Null, *b == Value::Null);
    if a_null != b_null {
        return if a_null == key.nulls_first { Ordering::Less } else { Ordering::Greater };
    }
    let order = a.sorts(b);
    if key.descending { order.reverse() } else { order }
}

/// What an array holds; anything else holds itself.
fn items(value: &Value, of: Type) -> Vec<Value> {
    let typed = |value: &Value| if of == Type::Dynamic { value.clone() } else { functions::converted(value, of) };
    match value {
        Value::Dynamic(json) => match json.as_array() {
            Some(items) if items.is_empty() => vec![of.nothing()],
            Some(items) => items.iter().map(|item| typed(&Value::dynamic(item.clone()))).collect(),
            None => vec![typed(value)],
        },
        other => vec![typed(other)],
    }
}
