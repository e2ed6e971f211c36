//! The query options of a request, read and checked together.

use std::borrow::Cow;

use crate::emulator::odata::{
    QueryError,
    expr::Expr,
    parser::{self, Use},
    schema::{Dialect, Schema},
    value::Type,
};

/// What a query asks for.
#[derive(Debug, Clone, Default)]
pub(in crate::emulator) struct Options {
    /// `$filter`.
    pub(in crate::emulator) filter: Option<Expr>,
    /// `$orderby`: each expression, and whether it descends.
    pub(in crate::emulator) order_by: Vec<(Expr, bool)>,
    /// `$orderby`, as it is written.
    pub(in crate::emulator) order: String,
    /// `$select`: the properties, by their places; none is all.
    pub(in crate::emulator) select: Option<Vec<usize>>,
    /// `$expand`, and what it selects of the other end.
    pub(in crate::emulator) expand: Option<Expand>,
    /// `$expand`, in the dialects of today: the names, as the rules write them.
    pub(in crate::emulator) expanded: Vec<&'static str>,
    /// `$top`.
    pub(in crate::emulator) top: Option<usize>,
    /// `$skip`.
    pub(in crate::emulator) skip: usize,
    /// `$count`.
    pub(in crate::emulator) count: bool,
    /// `$format`.
    pub(in crate::emulator) format: Option<String>,
    /// `$skiptoken`, in the dialects of today.
    pub(in crate::emulator) skip_token: Option<String>,
}

/// The navigation property, expanded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::emulator) struct Expand {
    /// What of the other end, by places in its schema; none is all.
    pub(in crate::emulator) select: Option<Vec<usize>>,
}

/// Of what entities a query is read.
#[derive(Debug, Clone, Copy)]
pub(in crate::emulator) struct Reading {
    schema: &'static Schema,
    target: &'static Schema,
    lenient: bool,
}

impl Reading {
    /// Entities of `schema`, which have no navigation property.
    pub(in crate::emulator) const fn of(schema: &'static Schema) -> Self {
        Self { schema, target: schema, lenient: false }
    }

    /// Lets the query name properties of which no documentation says that it may
    /// ([`Allowed::Documented`](crate::emulator::odata::schema::Allowed::Documented)).
    pub(in crate::emulator) const fn lenient(self, lenient: bool) -> Self {
        Self { lenient, ..self }
    }

    /// Reads the query of a request. What does not begin with `$` is none of OData's business, but for Graph, where
    /// the sign may be missing.
    pub(in crate::emulator) fn read(self, query: &str) -> Result<Options, QueryError> {
        let mut options = Options::default();
        let mut seen: Vec<Cow<'_, str>> = Vec::new();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let Some(name) = self.option(name.trim()) else { continue };
            if seen.contains(&name) {
                return Err(QueryError(format!(
                    "Query option '{name}' was specified more than once, but it must be specified at most once."
                )));
            }
            self.set(&mut options, &name, value.trim())?;
            seen.push(name);
        }
        Ok(options)
    }

    /// The name of an option as it is compared, if it is one.
    fn option(self, name: &str) -> Option<Cow<'static, str>> {
        let dialect = self.schema.rules.dialect;
        let compared = if dialect == Dialect::Legacy { name.to_owned() } else { name.to_ascii_lowercase() };
        if compared.starts_with('$') {
            return Some(compared.into());
        }
        let bare = |known: &&str| known[1..] == compared;
        OPTIONS.into_iter().find(bare).filter(|_| dialect == Dialect::Graph).map(Cow::Borrowed)
    }

    fn set(self, options: &mut Options, name: &str, value: &str) -> Result<(), QueryError> {
        let Self { schema, target, .. } = self;
        let today = schema.rules.dialect != Dialect::Legacy;
        match name {
            "$filter" => options.filter = Some(self.filter(value).map_err(|error| self.framed(FILTER, error))?),
            "$orderby" => {
                options.order_by = self.order_by(value)?;
                value.clone_into(&mut options.order);
            }
            "$select" if today => options.select = self.select(value).map_err(|error| self.framed(SELECT, error))?,
            "$select" => options.select = select(value, schema)?,
            "$expand" if today => options.expanded = self.expand(value).map_err(|error| self.framed(SELECT, error))?,
            "$expand" => options.expand = expand(value, schema, target)?,
            "$top" => options.top = Some(self.top(value)?),
            "$skip" => options.skip = count(name, value)?,
            "$count" => options.count = switch(name, value)?,
            "$format" => options.format = Some(value.to_owned()),
            "$skiptoken" if today => options.skip_token = Some(value.to_owned()),
            _ => return Err(QueryError(format!("The query parameter '{name}' is not supported."))),
        }
        Ok(())
    }

    /// An error in the words that Graph puts around the framework's: recorded for filters, selections and expansions.
    fn framed(self, frame: &str, error: QueryError) -> QueryError {
        match self.schema.rules.dialect {
            Dialect::Graph => QueryError(format!("{frame}: {}", error.0)),
            Dialect::Legacy | Dialect::Endpoint => error,
        }
    }

    fn purpose(self, option: &'static str) -> Use {
        Use { option, lenient: self.lenient }
    }

    fn filter(self, value: &str) -> Result<Expr, QueryError> {
        match parser::read(value, self.schema, self.purpose("$filter"))? {
            (filter, Type::Bool | Type::Null) => Ok(filter),
            _ => Err(QueryError("The $filter expression must evaluate to a single boolean value.".to_owned())),
        }
    }

    fn order_by(self, value: &str) -> Result<Vec<(Expr, bool)>, QueryError> {
        let parts = parts(value);
        if parts.len() > MOST_KEYS {
            return Err(QueryError(format!("At most {MOST_KEYS} expressions are allowed in $orderby.")));
        }
        parts.into_iter().map(|part| self.key(part)).collect()
    }

    fn key(self, part: &str) -> Result<(Expr, bool), QueryError> {
        let today = self.schema.rules.dialect != Dialect::Legacy;
        let is = |word: &str, direction| word == direction || (today && word.eq_ignore_ascii_case(direction));
        let (text, descending) = match part.rsplit_once(' ') {
            Some((text, word)) if is(word, "desc") => (text, true),
            Some((text, word)) if is(word, "asc") => (text, false),
            _ => (part, false),
        };
        let (expr, of) = parser::read(text, self.schema, self.purpose("$orderby"))?;
        if of.has_parts() {
            let problem = "The $orderby expression must evaluate to a single value of primitive type.";
            return Err(QueryError(problem.to_owned()));
        }
        Ok((expr, descending))
    }

    /// As [`select`], but of a path only the first step counts: what is below comes with it.
    fn select(self, value: &str) -> Result<Option<Vec<usize>>, QueryError> {
        let mut places = Vec::new();
        for name in parts(value) {
            if name == "*" {
                return Ok(None);
            }
            let path = self.schema.path(name).map_err(QueryError)?;
            let place = path.names.first().and_then(|name| self.schema.property(name)).map(|(place, _)| place);
            places.extend(place.filter(|place| !places.contains(place)));
        }
        places.sort_unstable();
        Ok(Some(places))
    }

    /// The names that are expanded; what stands in parentheses behind one is left aside.
    fn expand(self, value: &str) -> Result<Vec<&'static str>, QueryError> {
        let expandable = self.schema.rules.expand;
        let mut names = Vec::new();
        for part in parts(value) {
            let name = part.split_once('(').map_or(part, |(name, _)| name.trim());
            if name == "*" {
                return Ok(expandable.to_vec());
            }
            let known = expandable.iter().copied().find(|known| known.eq_ignore_ascii_case(name));
            let Some(known) = known else { return Err(QueryError(self.schema.no_property(name))) };
            if !names.contains(&known) {
                names.push(known);
            }
        }
        Ok(names)
    }

    fn top(self, value: &str) -> Result<usize, QueryError> {
        let top = count("$top", value)?;
        match self.schema.rules.most_top {
            Some(most) if top > most => Err(QueryError(format!(
                "The limit of '{most}' for Top query has been exceeded. The value from the incoming request is '{top}'."
            ))),
            _ => Ok(top),
        }
    }
}

/// The options that Graph knows without their sign too.
const OPTIONS: [&str; 10] =
    ["$filter", "$orderby", "$select", "$expand", "$top", "$skip", "$count", "$format", "$skiptoken", "$search"];

/// Graph's words around an error in a filter.
const FILTER: &str = "Invalid filter clause";

/// Graph's words around an error in a selection or an expansion.
const SELECT: &str = "Parsing OData Select and Expand failed";

/// Reads the query of a request for entities of `schema`, whose navigation property leads to those of `target`. What
/// does not begin with `$` is none of OData's business.
pub(in crate::emulator) fn read(
    query: &str,
    schema: &'static Schema,
    target: &'static Schema,
) -> Result<Options, QueryError> {
    Reading { schema, target, lenient: false }.read(query)
}

/// The parts of `value` between the commas that stand in no parentheses and no text.
fn parts(value: &str) -> Vec<&str> {
    let (mut depth, mut quoted, mut start) = (0_usize, false, 0);
    let mut parts = Vec::new();
    for (at, letter) in value.char_indices() {
        match letter {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.saturating_sub(1),
            ',' if !quoted && depth == 0 => {
                parts.push(value[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(value[start..].trim());
    parts
}

const MOST_KEYS: usize = 10;

fn select(value: &str, schema: &'static Schema) -> Result<Option<Vec<usize>>, QueryError> {
    let mut places = Vec::new();
    for name in parts(value) {
        match schema.property(name) {
            _ if name == "*" => return Ok(None),
            Some((place, _)) if places.contains(&place) => {}
            Some((place, _)) => places.push(place),
            None if name == schema.navigation => {}
            None => return Err(QueryError(schema.no_property(name))),
        }
    }
    places.sort_unstable();
    Ok(Some(places))
}

fn expand(value: &str, schema: &'static Schema, target: &'static Schema) -> Result<Option<Expand>, QueryError> {
    let mut expanded = None;
    for part in parts(value) {
        let (name, inner) = match part.split_once('(') {
            Some((name, rest)) => (name.trim(), rest.strip_suffix(')').unwrap_or(rest).trim()),
            None => (part, ""),
        };
        if name != schema.navigation && name != "*" {
            return Err(QueryError(schema.no_property(name)));
        }
        expanded = Some(Expand { select: nested_select(inner, target)? });
    }
    Ok(expanded)
}

fn nested_select(inner: &str, target: &'static Schema) -> Result<Option<Vec<usize>>, QueryError> {
    if inner.is_empty() {
        return Ok(None);
    }
    match inner.split_once('=') {
        Some((name, value)) if name.trim() == "$select" => select(value, target),
        _ => Err(QueryError("Of the options inside $expand, only $select is supported.".to_owned())),
    }
}

fn count(name: &str, value: &str) -> Result<usize, QueryError> {
    let read = value.parse::<u32>().ok().filter(|number| i32::try_from(*number).is_ok());
    read.and_then(|number| usize::try_from(number).ok()).ok_or_else(|| {
        QueryError(format!(
            "Invalid value '{value}' for {name} query option found. The {name} query option requires a non-negative \
             integer value."
        ))
    })
}

fn switch(name: &str, value: &str) -> Result<bool, QueryError> {
    match value.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(QueryError(format!(
            "Invalid value '{value}' for {name} query option found. Valid values are 'true' and 'false'."
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::odata::schema::Rules;

    static OTHER: Schema = Schema {
        name: "Test.Other",
        properties: &[("Title", Type::Text)],
        navigation: "Back",
        single: None,
        rules: &Rules::LEGACY,
    };
    static SCHEMA: Schema = Schema {
        name: "Test.Thing",
        properties: &[("Id", Type::Int), ("Name", Type::Text)],
        navigation: "Other",
        single: Some(&OTHER),
        rules: &Rules::LEGACY,
    };

    fn refused(query: &str) -> String {
        read(query, &SCHEMA, &OTHER).expect_err(query).0
    }

    #[test]
    fn options_are_read_together_and_strangers_without_a_dollar_pass() {
        let query =
            "$filter=Id%20gt%201&$orderby=Name+desc,Id&$top=5&$skip=2&$count=true&$select=Name&api=1&%24expand=Other";
        let options = read(query, &SCHEMA, &OTHER).expect("good options");
        assert!(options.filter.is_some() && options.count);
        assert_eq!((options.top, options.skip, options.order_by.len()), (Some(5), 2, 2));
        assert_eq!((options.order_by[0].1, options.order_by[1].1), (true, false));
        assert_eq!((options.select, options.expand), (Some(vec![1]), Some(Expand::default())));
    }

    #[test]
    fn an_expansion_may_select() {
        let options = read("$expand=Other($select=Title)", &SCHEMA, &OTHER).expect("good options");
        assert_eq!(options.expand, Some(Expand { select: Some(vec![0]) }));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for (query, error) in [
            ("$search=a", "The query parameter '$search' is not supported."),
            ("$filter=Id", "The $filter expression must evaluate to a single boolean value."),
            ("$select=Nope", "Could not find a property named 'Nope' on type 'Test.Thing'."),
            ("$expand=Id", "Could not find a property named 'Id' on type 'Test.Thing'."),
            (
                "$top=-1",
                "Invalid value '-1' for $top query option found. The $top query option requires a non-negative integer \
                 value.",
            ),
            (
                "$count=maybe",
                "Invalid value 'maybe' for $count query option found. Valid values are 'true' and 'false'.",
            ),
            (
                "$top=1&$top=2",
                "Query option '$top' was specified more than once, but it must be specified at most once.",
            ),
        ] {
            assert_eq!(refused(query), error, "{query}");
        }
    }
}
