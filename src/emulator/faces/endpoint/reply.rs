//! How an answer is written: one entity, or a page of a collection.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use crate::emulator::{
    answer::Answer,
    faces::endpoint::{Visit, refusal::Refusal},
    noise,
    odata::{
        QueryError,
        options::{Options, Reading},
        paging::{self, Page, Pages, Place, Top},
        schema::{self, Schema},
        wire,
    },
};

/// An entity, as it is written.
pub(super) type Row = Map<String, Value>;

impl From<QueryError> for Refusal {
    fn from(error: QueryError) -> Self {
        Self::bad("BadRequest", error.0)
    }
}

/// The address of the description of what an answer holds.
pub(super) fn context(visit: &Visit<'_>, of: &str) -> Value {
    json!(format!("{}/api/$metadata#{of}", visit.call.base))
}

/// An answer in JSON, with the headers that were recorded.
pub(super) fn answer(visit: &Visit<'_>, status: u16, body: &Value) -> Answer {
    let media_type = "application/json; odata.metadata=minimal; odata.streaming=true; charset=utf-8";
    Answer::of(status, media_type, body.to_string().into_bytes())
        .with("odata-version", "4.0")
        .with("vary", "Accept-Encoding")
        .with("mise-correlation-id", correlation(visit))
}

fn correlation(visit: &Visit<'_>) -> String {
    let request = visit.call.request;
    noise::guid(visit.tenant.seed(), &["correlation", &request.method, &request.path, &visit.now.to_string()])
}

/// One entity of a set.
pub(super) fn entity(visit: &Visit<'_>, status: u16, set: &str, row: Row) -> Answer {
    let mut body = Map::new();
    body.insert("@odata.context".into(), context(visit, &format!("{set}/$entity")));
    body.extend(row);
    answer(visit, status, &Value::Object(body))
}

/// A value that is no entity.
pub(super) fn value(visit: &Visit<'_>, of: &str, value: &Value) -> Answer {
    answer(visit, 200, &json!({"@odata.context": context(visit, of), "value": value}))
}

/// A collection that a request asks for.
pub(super) struct Asked {
    schema: &'static Schema,
    /// A page holds no more, whatever the knob says.
    most: usize,
    /// What the request says.
    pub(super) options: Options,
}

impl Asked {
    /// Reads what is asked of entities of `schema`.
    pub(super) fn read(visit: &Visit<'_>, schema: &'static Schema) -> Result<Self, Refusal> {
        let lenient = !visit.tenant.knobs.endpoint.documented_filters_only;
        let options = Reading::of(schema).lenient(lenient).read(&visit.call.request.query)?;
        Ok(Self { schema, most: usize::MAX, options })
    }

    /// With pages that hold at most so many.
    pub(super) fn with_pages_of(self, most: usize) -> Self {
        Self { most, ..self }
    }

    /// Whether the other end of `navigation` is wanted, too.
    pub(super) fn expands(&self, navigation: &str) -> bool {
        self.options.expanded.contains(&navigation)
    }

    fn page<T: schema::Row>(
        &self,
        visit: &Visit<'_>,
        name: &str,
        rows: impl IntoIterator<Item = (Place, T)>,
    ) -> Result<Page<T>, Refusal> {
        let size = visit.tenant.knobs.endpoint.page_size.min(self.most);
        let pages = Pages { seed: visit.tenant.seed(), collection: name, size, top: Top::InAll };
        Ok(pages.page(rows, &self.options)?)
    }

    /// How many there are, as the bare number.
    pub(super) fn count<T: schema::Row>(
        &self,
        visit: &Visit<'_>,
        name: &str,
        rows: impl IntoIterator<Item = (Place, T)>,
    ) -> Result<Answer, Refusal> {
        let count = self.page(visit, name, rows)?.count;
        Ok(Answer::of(200, "text/plain", count.to_string().into_bytes()).with("odata-version", "4.0"))
    }

    /// The page that is asked for; `name` is what the context calls the collection.
    pub(super) fn answer<T: schema::Row + Into<Row>>(
        &self,
        visit: &Visit<'_>,
        name: &str,
        rows: impl IntoIterator<Item = (Place, T)>,
    ) -> Result<Answer, Refusal> {
        let page = self.page(visit, name, rows)?;
        let mut body = Map::new();
        body.insert("@odata.context".into(), context(visit, name));
        if self.options.count {
            body.insert("@odata.count".into(), json!(page.count));
        }
        let select = self.options.select.as_deref();
        let rows = page.rows.into_iter().map(|row| Value::Object(wire::selected(row.into(), self.schema, select)));
        body.insert("value".into(), rows.collect());
        if let Some(token) = page.next {
            body.insert("@odata.nextLink".into(), json!(next(visit, &token)));
        }
        Ok(answer(visit, 200, &Value::Object(body)))
    }
}

/// What a segment of a path may hold as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'$');

/// The address of the next page.
fn next(visit: &Visit<'_>, token: &str) -> String {
    let segments: Vec<_> =
        visit.call.rest.iter().map(|segment| utf8_percent_encode(segment, PLAIN).to_string()).collect();
    let query = paging::next_query(&visit.call.request.query, token);
    format!("{}/{}?{query}", visit.call.base, segments.join("/"))
}
