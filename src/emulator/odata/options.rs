//! The query options of a request, read and checked together.

use std::borrow::Cow;

use crate::emulator::odata::{
    QueryError,
    parser::{self, Expr},
    schema::Schema,
    value::Type,
};

/// What a query asks for.
#[derive(Debug, Clone, Default)]
pub(in crate::emulator) struct Options {
    /// `$filter`.
    pub(in crate::emulator) filter: Option<Expr>,
    /// `$orderby`: each expression, and whether it descends.
    pub(in crate::emulator) order_by: Vec<(Expr, bool)>,
    /// `$select`: the properties, by their places; none is all.
    pub(in crate::emulator) select: Option<Vec<usize>>,
    /// `$expand`, and what it selects of the other end.
    pub(in crate::emulator) expand: Option<Expand>,
    /// `$top`.
    pub(in crate::emulator) top: Option<usize>,
    /// `$skip`.
    pub(in crate::emulator) skip: usize,
    /// `$count`.
    pub(in crate::emulator) count: bool,
    /// `$format`.
    pub(in crate::emulator) format: Option<String>,
}

/// The navigation property, expanded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::emulator) struct Expand {
    /// What of the other end, by places in its schema; none is all.
    pub(in crate::emulator) select: Option<Vec<usize>>,
}

/// Reads the query of a request for entities of `schema`, whose navigation property leads to those of `target`. What
/// does not begin with `$` is none of OData's business.
pub(in crate::emulator) fn read(
    query: &str,
    schema: &'static Schema,
    target: &'static Schema,
) -> Result<Options, QueryError> {
    let mut options = Options::default();
    let mut seen: Vec<Cow<'_, str>> = Vec::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        let name: Cow<'_, str> = name.trim().to_owned().into();
        if !name.starts_with('$') {
            continue;
        }
        if seen.contains(&name) {
            return Err(QueryError(format!(
                "Query option '{name}' was specified more than once, but it must be specified at most once."
            )));
        }
        options.set(&name, value.trim(), schema, target)?;
        seen.push(name);
    }
    Ok(options)
}

impl Options {
    fn set(
        &mut self,
        name: &str,
        value: &str,
        schema: &'static Schema,
        target: &'static Schema,
    ) -> Result<(), QueryError> {
        match name {
            "$filter" => self.filter = Some(filter(value, schema)?),
            "$orderby" => self.order_by = order_by(value, schema)?,
            "$select" => self.select = select(value, schema)?,
            "$expand" => self.expand = expand(value, schema, target)?,
            "$top" => self.top = Some(count(name, value)?),
            "$skip" => self.skip = count(name, value)?,
            "$count" => self.count = switch(name, value)?,
            "$format" => self.format = Some(value.to_owned()),
            _ => return Err(QueryError(format!("The query parameter '{name}' is not supported."))),
        }
        Ok(())
    }
}

fn filter(value: &str, schema: &'static Schema) -> Result<Expr, QueryError> {
    match parser::expression(value, schema)? {
        (filter, Type::Bool | Type::Null) => Ok(filter),
        _ => Err(QueryError("The $filter expression must evaluate to a single boolean value.".to_owned())),
    }
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

fn order_by(value: &str, schema: &'static Schema) -> Result<Vec<(Expr, bool)>, QueryError> {
    let key = |part: &str| {
        let (text, descending) = match part.rsplit_once(' ') {
            Some((text, "desc")) => (text, true),
            Some((text, "asc")) => (text, false),
            _ => (part, false),
        };
        parser::expression(text, schema).map(|(expr, _)| (expr, descending))
    };
    let parts = parts(value);
    if parts.len() > MOST_KEYS {
        return Err(QueryError(format!("At most {MOST_KEYS} expressions are allowed in $orderby.")));
    }
    parts.into_iter().map(key).collect()
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

    static OTHER: Schema =
        Schema { name: "Test.Other", properties: &[("Title", Type::Text)], navigation: "Back", single: None };
    static SCHEMA: Schema = Schema {
        name: "Test.Thing",
        properties: &[("Id", Type::Int), ("Name", Type::Text)],
        navigation: "Other",
        single: Some(&OTHER),
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
