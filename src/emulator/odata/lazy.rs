//! A row that is not written before somebody wants to know what it says: most are on another page, and a query names
//! few of its members.

use std::cell::OnceCell;

use serde_json::{Map, Value as Json};

use crate::emulator::odata::{
    schema::{Column, Path, Row},
    value::Value,
    wire,
};

/// An entity that can be written member by member, or as a whole.
pub(in crate::emulator) trait Entity {
    /// What is written under `name`, as it stands in the whole.
    fn member(&self, name: &str) -> Json;

    /// The whole.
    fn whole(&self) -> Map<String, Json>;
}

/// An entity of which no more is written than is asked for.
pub(in crate::emulator) struct Lazy<E> {
    entity: E,
    whole: OnceCell<Map<String, Json>>,
}

impl<E: Entity> Lazy<E> {
    pub(in crate::emulator) fn new(entity: E) -> Self {
        Self { entity, whole: OnceCell::new() }
    }
}

impl<E: Entity> Row for Lazy<E> {
    /// Nothing: the dialects that have such rows name no columns.
    fn value(&self, _column: Column) -> Value {
        Value::Null
    }

    fn at(&self, path: &Path) -> Value {
        let Some((first, rest)) = path.names.split_first() else { return Value::Parts };
        let member = self.entity.member(first);
        wire::below(&member, rest).map_or(Value::Null, |json| wire::value(json, path.of))
    }

    fn items(&self, path: &Path) -> &[Json] {
        self.whole.get_or_init(|| self.entity.whole()).items(path)
    }
}

impl<E: Entity> From<Lazy<E>> for Map<String, Json> {
    fn from(lazy: Lazy<E>) -> Self {
        lazy.whole.into_inner().unwrap_or_else(|| lazy.entity.whole())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use serde_json::json;

    use super::*;
    use crate::emulator::odata::{
        eval,
        options::Reading,
        schema::{Dialect, Rules, Schema},
        value::Type,
    };

    static RULES: Rules = Rules::of(Dialect::Graph);
    static PART: Schema = Schema::of("test.part", &[("size", Type::Int)], &RULES);
    static ROW: Schema = Schema::of(
        "test.row",
        &[("id", Type::Text), ("part", Type::Complex(&PART)), ("tags", Type::Many(&Type::Text))],
        &RULES,
    );

    /// How often a whole of it was written.
    struct Counted<'a>(&'a Cell<u32>);

    impl Entity for Counted<'_> {
        fn member(&self, name: &str) -> Json {
            match name {
                "id" => json!("a"),
                "part" => json!({"size": 3}),
                _ => json!(["x", "y"]),
            }
        }

        fn whole(&self) -> Map<String, Json> {
            self.0.set(self.0.get() + 1);
            ROW.properties.iter().map(|(name, _)| ((*name).to_owned(), self.member(name))).collect()
        }
    }

    fn passes(row: &Lazy<Counted<'_>>, filter: &str) -> bool {
        let query: String = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect();
        let options = Reading::of(&ROW).read(&format!("$filter={query}")).expect("a good filter");
        eval::passes(&options.filter.expect("a filter"), row)
    }

    #[test]
    fn a_query_on_members_writes_those_and_the_whole_is_written_once_at_most() {
        let wholes = Cell::new(0);
        let row = Lazy::new(Counted(&wholes));
        assert!(passes(&row, "id eq 'a' and part/size gt 2 and not (part/size eq 4)"));
        assert!(!passes(&row, "id eq 'b'"));
        assert_eq!(wholes.get(), 0, "nobody asked for more");
        assert!(passes(&row, "tags/any(t: t eq 'y')") && !passes(&row, "tags/any(t: t eq 'z')"));
        assert_eq!(Map::from(row)["tags"], json!(["x", "y"]));
        assert_eq!(wholes.get(), 1);
    }
}
