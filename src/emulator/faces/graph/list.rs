//! A collection as a query asks for it, page by page, and the number of its entities.

use std::cell::OnceCell;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::emulator::{
    answer::Answer,
    faces::graph::{Visit, refusal::Refusal, reply},
    odata::{
        eval,
        options::{Options, Reading},
        paging::{self, Pages, Place, Top},
        schema::{self, Column, Path, Schema},
        value, wire,
    },
};

/// A collection that is listed.
pub(super) struct Listing {
    /// Its name: page tokens are good for it alone.
    pub(super) collection: &'static str,
    /// What the answer is, as its context.
    pub(super) context: String,
    /// How its queries are read.
    pub(super) reading: Reading,
    /// What its entities have.
    pub(super) schema: &'static Schema,
    /// What `$top` means.
    pub(super) top: Top,
}

/// A row of JSON.
type Row = Map<String, Value>;

/// A row that is not written before somebody wants to know what it says: most are on another page.
pub(super) struct Lazy<'a> {
    write: Box<dyn Fn() -> Row + 'a>,
    written: OnceCell<Row>,
}

impl<'a> Lazy<'a> {
    pub(super) fn new(write: impl Fn() -> Row + 'a) -> Self {
        Self { write: Box::new(write), written: OnceCell::new() }
    }

    fn row(&self) -> &Row {
        self.written.get_or_init(|| (self.write)())
    }
}

impl From<Lazy<'_>> for Row {
    fn from(lazy: Lazy<'_>) -> Self {
        lazy.written.into_inner().unwrap_or_else(|| (lazy.write)())
    }
}

impl schema::Row for Lazy<'_> {
    fn value(&self, column: Column) -> value::Value {
        self.row().value(column)
    }

    fn at(&self, path: &Path) -> value::Value {
        self.row().at(path)
    }

    fn items(&self, path: &Path) -> &[Value] {
        self.row().items(path)
    }
}

/// The place of what was made at `at`: the newest comes first.
pub(super) fn newest(at: Timestamp, id: &str) -> Place {
    let ticks = i64::try_from(at.as_nanosecond() / 100).unwrap_or(i64::MAX);
    Place(ticks.saturating_neg(), id.to_owned())
}

/// The page that the request asks for.
pub(super) fn answer<T: schema::Row + Into<Row>>(
    visit: &Visit<'_>,
    listing: &Listing,
    rows: impl Iterator<Item = (Place, T)>,
) -> Result<Answer, Refusal> {
    let query = &visit.call.request.query;
    let options = listing.reading.read(query)?;
    let page = Pages {
        seed: visit.tenant.seed(),
        collection: listing.collection,
        size: visit.tenant.knobs.graph.page,
        top: listing.top,
    }
    .page(rows, &options)?;
    let mut body = Map::new();
    body.insert("@odata.context".into(), json!(listing.context));
    if options.count {
        body.insert("@odata.count".into(), json!(page.count));
    }
    if let Some(token) = &page.next {
        let next = format!("{}/{}?{}", visit.root(), visit.path(), paging::next_query(query, token));
        body.insert("@odata.nextLink".into(), json!(next));
    }
    let rows = page.rows.into_iter().map(|row| Value::Object(selected(row.into(), listing.schema, &options)));
    body.insert("value".into(), rows.collect());
    Ok(reply::json(200, &Value::Object(body)))
}

/// How many entities pass the request's filter, as bare text.
pub(super) fn count<T: schema::Row>(
    visit: &Visit<'_>,
    listing: &Listing,
    rows: impl Iterator<Item = (Place, T)>,
) -> Result<Answer, Refusal> {
    let options = listing.reading.read(&visit.call.request.query)?;
    let passes = |(_, row): &(Place, T)| options.filter.as_ref().is_none_or(|filter| eval::passes(filter, row));
    let count = rows.filter(passes).count();
    Ok(Answer::of(200, "text/plain", count.to_string().into_bytes()).with("odata-version", "4.0"))
}

/// The members of a row that a query selects.
pub(super) fn selected(row: Row, schema: &Schema, options: &Options) -> Row {
    wire::selected(row, schema, options.select.as_deref())
}
