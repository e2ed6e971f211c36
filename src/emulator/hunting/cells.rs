//! A row as it is put together: cells by name, then in the order of the table's columns.

use std::collections::HashMap;

use crate::emulator::{
    hunting::tables,
    kql::value::{Row, Value},
};

pub(super) type Cells = HashMap<&'static str, Value>;

/// The cells in the order of the table's columns; what is not given holds nothing.
pub(super) fn row(table: &str, mut cells: Cells) -> Row {
    let columns = tables::columns(table).map_or(&[][..], Vec::as_slice);
    columns.iter().map(|(name, of)| cells.remove(name.as_str()).unwrap_or_else(|| of.nothing())).collect()
}

pub(super) fn text(text: impl AsRef<str>) -> Value {
    Value::text(text.as_ref())
}
