//! Which tables hunting has, with their columns.
//!
//! Names and types are those of the published schema reference (defender-docs, `advanced-hunting-…-table.md`, copies of
//! 2024 and 2025; sure). The reference calls dynamic columns texts, and so they are here. The order of columns is the
//! reference's; the service's own was not recorded. Tables without rows are known so that a query of them compiles.

mod devices;
mod others;

use std::{collections::HashMap, sync::LazyLock};

use crate::emulator::kql::{Catalogue, Columns, value::Type};

/// A table: its name, and its columns one after another, each a text unless a type stands after its colon.
struct Published {
    name: &'static str,
    columns: &'static str,
}

static READ: LazyLock<HashMap<&'static str, Columns>> = LazyLock::new(|| {
    let column = |text: &str| {
        let (name, of) = text.split_once(':').unwrap_or((text, "string"));
        (name.to_owned(), Type::named(of).unwrap_or(Type::Text))
    };
    all().map(|table| (table.name, table.columns.split_whitespace().map(column).collect())).collect()
});

/// The columns of the table of this name; letter case counts.
pub fn columns(name: &str) -> Option<&'static Columns> {
    READ.get(name)
}

/// The names of all tables.
pub fn names() -> impl Iterator<Item = &'static str> {
    all().map(|table| table.name)
}

fn all() -> impl Iterator<Item = &'static Published> {
    devices::ALL.iter().chain(others::ALL)
}

/// The tables, as the language asks for them.
pub(super) struct Tables;

impl Catalogue for Tables {
    fn columns(&self, table: &str) -> Option<Columns> {
        columns(table).cloned()
    }

    fn names(&self) -> Vec<&'static str> {
        names().collect()
    }
}
