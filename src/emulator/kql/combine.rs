//! The operators that make one table of many: `union`, `join`, `search`.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use crate::emulator::kql::{
    Columns, QueryError,
    bind::{Place, comparable},
    check::{Checker, MOST_COLUMNS},
    plan::{Expr as Checked, Part, Plan, Step},
    shape::{Taken, matches_any},
    syntax::{Binary, Expr, Find, JoinKind, Source, Tabular, Test, Union},
    value::{Type, Value},
};

/// A table, and the name that it has in a union.
type Titled = (Option<String>, Arc<Plan>);

impl Checker<'_> {
    pub(super) fn union(&mut self, first: Option<&Arc<Plan>>, union: &Union) -> Result<Arc<Plan>, QueryError> {
        let mut tables: Vec<Titled> =
            first.map(|plan| (Some("union_arg0".to_owned()), Arc::clone(plan))).into_iter().collect();
        for table in &union.tables {
            let found = self.union_tables(table)?;
            if found.is_empty() && !union.fuzzy {
                let name = if let Source::Table(name) = &table.source { name } else { "" };
                let text = format!("'union' operator: Failed to resolve table expression named '{name}'");
                return Err(QueryError::semantic(text));
            }
            tables.extend(found);
        }
        if tables.is_empty() {
            let text = "'union' operator: Failed to resolve all table expressions";
            return Err(QueryError::semantic(text));
        }
        self.unite(&tables, union.inner, union.with_source.as_deref())
    }

    /// The tables that one part of a union names.
    fn union_tables(&mut self, table: &Tabular) -> Result<Vec<Titled>, QueryError> {
        let Source::Table(name) = &table.source else { return Ok(vec![(None, self.tabular(table)?)]) };
        if !name.ends_with('*') {
            return Ok(self.known_table(name)?.map(|plan| (Some(name.clone()), plan)).into_iter().collect());
        }
        let mut found = Vec::new();
        for known in self.catalogue.names() {
            if matches_any(known, std::slice::from_ref(name))
                && let Some(plan) = self.known_table(known)?
            {
                found.push((Some(known.to_owned()), plan));
            }
        }
        Ok(found)
    }

    fn unite(&mut self, tables: &[Titled], inner: bool, with_source: Option<&str>) -> Result<Arc<Plan>, QueryError> {
        // One column for each name and type; where a name has more types, the type is a part of its name.
        let mut all: Vec<(String, Type)> = Vec::new();
        let mut seen = HashSet::new();
        for (name, of) in tables.iter().flat_map(|(_, plan)| &plan.columns) {
            if seen.insert((name.as_str(), of.name())) {
                all.push((name.clone(), *of));
            }
        }
        if inner {
            all.retain(|column| tables.iter().all(|(_, plan)| plan.columns.contains(column)));
        }
        let mut columns: Columns = with_source.map(|name| (name.to_owned(), Type::Text)).into_iter().collect();
        if all.len() > MOST_COLUMNS {
            return Err(QueryError::limits());
        }
        self.charge(all.len().saturating_mul(tables.len()))?;
        let many = |name: &str| all.iter().filter(|(other, _)| other == name).count() > 1;
        columns.extend(
            all.iter().map(|(name, of)| (if many(name) { format!("{name}_{}", of.name()) } else { name.clone() }, *of)),
        );
        let part = |(at, (name, plan)): (usize, &Titled)| {
            let own: HashMap<_, _> =
                plan.columns.iter().zip(0..).map(|((name, of), at)| ((name.as_str(), of.name()), at)).collect();
            let place = |(name, of): &(String, Type)| own.get(&(name.as_str(), of.name())).copied();
            let source = with_source.map(|_| None);
            let name = name.clone().unwrap_or_else(|| format!("union_arg{at}"));
            Part {
                plan: Arc::clone(plan),
                places: source.into_iter().chain(all.iter().map(place)).collect(),
                name: with_source.map(|_| Value::text(&name)),
            }
        };
        let parts = tables.iter().enumerate().map(part).collect();
        let below: Vec<_> = tables.iter().map(|(_, plan)| plan).collect();
        Self::plan(columns, Step::Union(parts), &below)
    }

    pub(super) fn join(
        kind: JoinKind,
        lookup: bool,
        sides: [&Arc<Plan>; 2],
        on: &[Expr],
    ) -> Result<Arc<Plan>, QueryError> {
        let operator = if lookup { "lookup" } else { "join" };
        let places = sides.map(|side| Place { operator, columns: &side.columns });
        let mut keys = [Vec::new(), Vec::new()];
        let conditions = on.iter().flat_map(|one| match one {
            Expr::And(all) => all.as_slice(),
            one => std::slice::from_ref(one),
        });
        for condition in conditions {
            let names = key_names(condition).ok_or_else(|| {
                let text = "join: Only equality is allowed in this context. Expected: $left.Key == $right.Key";
                QueryError::semantic(text)
            })?;
            let mut types = [Type::Text; 2];
            for side in 0..2 {
                let name = names[side];
                let (at, of) = places[side].column(name).ok_or_else(|| places[side].unresolved(name))?;
                keys[side].push(at);
                types[side] = of;
            }
            if !comparable(types[0], types[1]) {
                let (a, b) = (types[0].name(), types[1].name());
                return Err(QueryError::semantic(format!("{operator}: keys of types {a} and {b} cannot be compared")));
            }
        }
        let [left, right] = sides;
        let kept: Vec<usize> = (0..right.columns.len()).filter(|at| !lookup || !keys[1].contains(at)).collect();
        let columns = match kind {
            JoinKind::LeftSemi | JoinKind::LeftAnti => left.columns.clone(),
            JoinKind::RightSemi | JoinKind::RightAnti => right.columns.clone(),
            _ => {
                let mut taken = Taken::of(&left.columns);
                let added = kept.iter().map(|at| {
                    let (name, of) = &right.columns[*at];
                    (taken.free(name.clone()), *of)
                });
                left.columns.iter().cloned().chain(added.collect::<Vec<_>>()).collect()
            }
        };
        let step = Step::Join { kind, sides: sides.map(Arc::clone), keys, kept };
        Self::plan(columns, step, &sides)
    }

    /// All tables, or those that are named, united and looked through.
    pub(super) fn search_all(&mut self, tables: &[String], condition: &Expr) -> Result<Arc<Plan>, QueryError> {
        let all = ["*".to_owned()];
        let tables = if tables.is_empty() { &all[..] } else { tables };
        let table = |name: &String| Tabular { source: Source::Table(name.clone()), operators: Vec::new() };
        let tables = tables.iter().map(table).collect();
        let union = Union { inner: false, fuzzy: false, with_source: Some("$table".to_owned()), tables };
        let united = self.union(None, &union)?;
        let condition = self.search_condition(Place { operator: "search", columns: &united.columns }, condition)?;
        Self::plan(united.columns.clone(), Step::Where(Arc::clone(&united), condition), &[&united])
    }

    /// A condition in which a text alone, or one that `*` is asked for, is looked for in every column of text.
    pub(super) fn search_condition(&mut self, place: Place<'_>, condition: &Expr) -> Result<Checked, QueryError> {
        let (how, sought) = match condition {
            Expr::And(all) => {
                let all: Result<_, _> = all.iter().map(|one| self.search_condition(place, one)).collect();
                return Ok(Checked::And(all?));
            }
            Expr::Or(all) => {
                let all: Result<_, _> = all.iter().map(|one| self.search_condition(place, one)).collect();
                return Ok(Checked::Or(all?));
            }
            Expr::Literal(Value::Text(text), _) => {
                let bare = text.trim_matches('*');
                let find = match (text.starts_with('*'), text.ends_with('*')) {
                    (true, true) => Find::Within,
                    (true, false) => Find::TermSuffix,
                    (false, true) => Find::TermPrefix,
                    (false, false) => Find::Term,
                };
                (Test { find, cased: false, negated: false }, Value::text(bare))
            }
            Expr::Text(how, left, right) if **left == Expr::Star && how.find != Find::Regex => match right.as_ref() {
                Expr::Literal(sought @ Value::Text(_), _) => (*how, sought.clone()),
                _ => return self.condition(place, condition),
            },
            _ => return self.condition(place, condition),
        };
        self.charge(place.columns.len())?;
        let columns = place.columns.iter().enumerate().filter(|(_, (_, of))| *of == Type::Text);
        let tests = columns.map(|(at, _)| {
            Checked::Text(how, Box::new(Checked::Column(at)), Box::new(Checked::Literal(sought.clone())))
        });
        Ok(Checked::Or(tests.collect()))
    }
}

/// The columns that a condition of a join says are equal, of the left side and of the right.
fn key_names(condition: &Expr) -> Option<[&str; 2]> {
    match condition {
        Expr::Name(name) => Some([name, name]),
        Expr::Binary(Binary::Equal, a, b) => match (sided(a)?, sided(b)?) {
            (("$left", left), ("$right", right)) | (("$right", right), ("$left", left)) => Some([left, right]),
            _ => None,
        },
        _ => None,
    }
}

fn sided(expr: &Expr) -> Option<(&str, &str)> {
    let Expr::Member(of, at) = expr else { return None };
    match (of.as_ref(), at.as_ref()) {
        (Expr::Name(side), Expr::Literal(Value::Text(name), _)) => Some((side, name)),
        _ => None,
    }
}
