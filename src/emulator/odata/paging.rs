//! A collection, page by page, while it changes.
//!
//! The token of the next page holds the place of the last row of this one in the order of all, not its number. Rows
//! that come or go between two pages therefore neither bring a row a second time nor hide one that was there
//! throughout; of those that came in between, the pages hold what sorts behind the last row. The form of the real
//! tokens is not known: clients are told to take the whole link as it is.

use std::cmp::Ordering;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::SignedDuration;
use serde_json::{Value as Json, json};
use sha2::Sha256;

use crate::emulator::{
    noise,
    odata::{QueryError, eval, options::Options, schema::Row, value::Value},
};

/// The collection whose pages are asked for.
#[derive(Debug, Clone, Copy)]
pub(in crate::emulator) struct Pages<'a> {
    /// What the signatures of tokens follow from.
    pub(in crate::emulator) seed: u64,
    /// The collection's name: a token of another is refused.
    pub(in crate::emulator) collection: &'a str,
    /// How many rows a page holds at most.
    pub(in crate::emulator) size: usize,
    /// What `$top` means.
    pub(in crate::emulator) top: Top,
}

/// What `$top` means where there is more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::emulator) enum Top {
    /// That many rows in all, over as many pages as it takes. This is what the standard says.
    InAll,
    /// That many rows a page, and a link to the next one. Graph's list of alerts of 2020 was recorded to do so.
    APage,
}

/// A row's place in the order of the collection where the request asks for no other: a number, and where this is the
/// same, a text. No two rows have the same place, and none ever changes it. Newest first is the negative of a time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::emulator) struct Place(pub(in crate::emulator) i64, pub(in crate::emulator) String);

/// A page.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::emulator) struct Page<T> {
    /// Its rows.
    pub(in crate::emulator) rows: Vec<T>,
    /// The token of the next page, if there is one.
    pub(in crate::emulator) next: Option<String>,
    /// How many rows pass the filter, on whatever page.
    pub(in crate::emulator) count: usize,
}

/// Where a row stands: by the keys that the request sorts by, then by its place.
type Standing = (Vec<Value>, Place);

/// What a token says: behind which row the page begins, and how many rows are left of `$top`.
struct Bookmark {
    after: Standing,
    left: Option<usize>,
}

impl Pages<'_> {
    /// The page of `rows` that a request asks for.
    pub(in crate::emulator) fn page<T: Row>(
        &self,
        rows: impl IntoIterator<Item = (Place, T)>,
        options: &Options,
    ) -> Result<Page<T>, QueryError> {
        let bookmark = options.skip_token.as_deref().map(|token| self.read(token, options)).transpose()?;
        let passing = rows.into_iter().filter(|(_, row)| passes(row, options));
        let mut rows: Vec<_> = passing.map(|(place, row)| ((keys(&row, options), place), row)).collect();
        rows.sort_by(|(a, _), (b, _)| compare(a, b, options));
        let count = rows.len();
        let (first, left) = match bookmark {
            Some(Bookmark { after, left }) => {
                (rows.partition_point(|(standing, _)| compare(standing, &after, options).is_le()), left)
            }
            None => (options.skip.min(count), options.top.filter(|_| self.top == Top::InAll)),
        };
        let size = options.top.filter(|_| self.top == Top::APage).unwrap_or(self.size).min(self.size);
        let taken = size.min(left.unwrap_or(usize::MAX)).min(count - first);
        let left = left.map(|left| left - taken);
        let more = taken > 0 && first + taken < count && left != Some(0);
        let next = more.then(|| self.token(&rows[first + taken - 1].0, left, options));
        let rows = rows.into_iter().skip(first).take(taken).map(|(_, row)| row).collect();
        Ok(Page { rows, next, count })
    }

    fn token(&self, after: &Standing, left: Option<usize>, options: &Options) -> String {
        let (keys, Place(number, text)) = after;
        let keys: Vec<_> = keys.iter().map(written).collect();
        let body = json!({"after": [number, text], "keys": keys, "left": left}).to_string();
        let mut token = self.signer(&body, options).finalize().into_bytes().to_vec();
        token.extend_from_slice(body.as_bytes());
        URL_SAFE_NO_PAD.encode(token)
    }

    fn read(&self, token: &str, options: &Options) -> Result<Bookmark, QueryError> {
        self.bookmark(token, options).ok_or_else(|| {
            QueryError(format!(
                "Unable to parse the skiptoken value '{token}'. Skiptoken value should always be server generated."
            ))
        })
    }

    fn bookmark(&self, token: &str, options: &Options) -> Option<Bookmark> {
        let token = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (signature, body) = token.split_at_checked(SIGNATURE)?;
        let body = str::from_utf8(body).ok()?;
        self.signer(body, options).verify_slice(signature).ok()?;
        let body: Json = serde_json::from_str(body).ok()?;
        let place = Place(body["after"][0].as_i64()?, body["after"][1].as_str()?.to_owned());
        let keys = body["keys"].as_array()?.iter().map(read).collect::<Option<Vec<_>>>()?;
        let left = body["left"].as_u64().map(|left| usize::try_from(left).unwrap_or(usize::MAX));
        Some(Bookmark { after: (keys, place), left })
    }

    /// Signs a token for this collection in the order that is asked for: in another, its place means nothing.
    fn signer(&self, body: &str, options: &Options) -> Hmac<Sha256> {
        let key = noise::bytes(self.seed, &["page key", self.collection, &options.order]);
        let mut signer = Hmac::<Sha256>::new_from_slice(&key).expect("a key may have any length");
        signer.update(body.as_bytes());
        signer
    }
}

/// The bytes of a signature.
const SIGNATURE: usize = 32;

/// The query of the link to the next page: the request's own, with the token of that page, and without what was done
/// already.
pub(in crate::emulator) fn next_query(query: &str, token: &str) -> String {
    let done = |part: &&str| {
        let name =
            url::form_urlencoded::parse(part.as_bytes()).next().map(|(name, _)| name.trim().to_ascii_lowercase());
        name.is_some_and(|name| matches!(name.trim_start_matches('$'), "skip" | "skiptoken"))
    };
    let kept = query.split('&').filter(|part| !part.is_empty() && !done(part));
    let token = format!("$skiptoken={token}");
    kept.chain([token.as_str()]).collect::<Vec<_>>().join("&")
}

fn passes(row: &dyn Row, options: &Options) -> bool {
    options.filter.as_ref().is_none_or(|filter| eval::passes(filter, row))
}

/// What the request sorts by. A member of an enumeration is its number, which is what its order is.
fn keys(row: &dyn Row, options: &Options) -> Vec<Value> {
    let key = |(expr, _): &_| match eval::value(expr, row) {
        Value::Enum(_, member) => Value::Int(i64::try_from(member).unwrap_or(i64::MAX)),
        value => value,
    };
    options.order_by.iter().map(key).collect()
}

fn compare(a: &Standing, b: &Standing, options: &Options) -> Ordering {
    let pairs = a.0.iter().zip(&b.0).zip(&options.order_by);
    let by_keys = pairs.fold(Ordering::Equal, |order, ((a, b), (_, descending))| {
        order.then_with(|| if *descending { b.sorts(a) } else { a.sorts(b) })
    });
    by_keys.then_with(|| a.1.cmp(&b.1))
}

/// A key as a token holds it: as [`read`] reads it, to the last bit.
fn written(value: &Value) -> Json {
    match value {
        Value::Null | Value::Parts | Value::Enum(..) => Json::Null,
        Value::Bool(on) => json!(on),
        Value::Int(number) => json!(number),
        Value::Text(text) => json!(text),
        Value::Real(number) => json!({"real": number.to_bits()}),
        Value::Time(time) => json!({"time": time.to_string()}),
        Value::Date(date) => json!({"date": date.to_string()}),
        Value::Duration(span) => json!({"seconds": span.as_secs(), "nanoseconds": span.subsec_nanos()}),
    }
}

fn read(key: &Json) -> Option<Value> {
    Some(match key {
        Json::Null => Value::Null,
        Json::Bool(on) => Value::Bool(*on),
        Json::Number(number) => Value::Int(number.as_i64()?),
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(_) => return None,
        Json::Object(members) => {
            let (kind, value) = members.iter().next()?;
            match kind.as_str() {
                "real" => Value::Real(f64::from_bits(value.as_u64()?)),
                "time" => Value::Time(value.as_str()?.parse().ok()?),
                "date" => Value::Date(value.as_str()?.parse().ok()?),
                _ => {
                    let nanoseconds = i32::try_from(key["nanoseconds"].as_i64()?).ok()?;
                    Value::Duration(SignedDuration::new(value.as_i64()?, nanoseconds))
                }
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde_json::Map;

    use super::*;
    use crate::emulator::odata::{
        options::Reading,
        schema::{Dialect, Rules, Schema},
        value::Type,
    };

    static RULES: Rules = Rules::of(Dialect::Graph);
    static ROW: Schema = Schema::of(
        "test.row",
        &[("id", Type::Int), ("name", Type::Text), ("at", Type::Time), ("size", Type::Real), ("every", Type::Duration)],
        &RULES,
    );

    const PAGES: Pages<'_> = Pages { seed: 1, collection: "rows", size: 3, top: Top::InAll };

    type Stored = BTreeMap<i64, Map<String, Json>>;

    fn row(id: i64) -> Map<String, Json> {
        let row = json!({
            "id": id, "name": format!("n{}", id % 3), "at": format!("2026-01-01T00:00:0{}.1234567Z", id % 4),
            "size": if id % 5 == 0 { Json::Null } else { json!(f64::from(u8::try_from(id % 7).unwrap_or_default()) / 3.0) },
            "every": format!("PT{}.000000001S", id % 2),
        });
        let Json::Object(row) = row else { unreachable!("an object") };
        row
    }

    fn rows(ids: impl IntoIterator<Item = i64>) -> Stored {
        ids.into_iter().map(|id| (id, row(id))).collect()
    }

    fn page(pages: Pages<'_>, stored: &Stored, query: &str) -> Result<Page<Map<String, Json>>, QueryError> {
        let options = Reading::of(&ROW).read(query)?;
        let rows = stored.iter().map(|(id, row)| (Place(*id, String::new()), row.clone()));
        pages.page(rows, &options)
    }

    fn ids(page: &Page<Map<String, Json>>) -> Vec<i64> {
        page.rows.iter().filter_map(|row| row["id"].as_i64()).collect()
    }

    /// Every page from `query` on; `between` changes the rows before each page but the first.
    fn walk(pages: Pages<'_>, stored: &mut Stored, query: &str, mut between: impl FnMut(&mut Stored)) -> Vec<Vec<i64>> {
        let (mut query, mut walked) = (query.to_owned(), Vec::new());
        loop {
            let page = page(pages, stored, &query).expect("a page");
            walked.push(ids(&page));
            let Some(next) = page.next else { return walked };
            query = next_query(&query, &next);
            between(stored);
        }
    }

    #[test]
    fn pages_follow_each_other_and_the_last_has_no_link() {
        let walked = walk(PAGES, &mut rows(1..=7), "", |_| {});
        assert_eq!(walked, [vec![1, 2, 3], vec![4, 5, 6], vec![7]]);
        assert_eq!(walk(PAGES, &mut rows(1..=3), "", |_| {}), [[1, 2, 3]]);
        assert_eq!(walk(PAGES, &mut rows([]), "", |_| {}), [[0_i64; 0]]);
    }

    #[test]
    fn what_comes_and_goes_between_pages_neither_repeats_nor_hides_what_was_there_throughout() {
        let mut step = 0;
        let walked = walk(PAGES, &mut rows([10, 20, 30, 40, 50, 60]), "", |stored| {
            step += 1;
            stored.retain(|id, _| *id != 30 && *id != 10);
            stored.extend(rows([step, 35 + step]));
        });
        assert_eq!(walked, [vec![10, 20, 30], vec![36, 40, 50], vec![60]]);
    }

    #[test]
    fn top_and_skip_reach_over_pages() {
        assert_eq!(walk(PAGES, &mut rows(1..=20), "$skip=2&$top=5", |_| {}), [vec![3, 4, 5], vec![6, 7]]);
        assert_eq!(walk(PAGES, &mut rows(1..=20), "$top=3", |_| {}), [[1, 2, 3]]);
        assert_eq!(walk(PAGES, &mut rows(1..=20), "$top=0", |_| {}), [[0_i64; 0]]);
        assert_eq!(walk(PAGES, &mut rows(1..=4), "$skip=9", |_| {}), [[0_i64; 0]]);
    }

    #[test]
    fn top_may_be_the_size_of_a_page() {
        let pages = Pages { top: Top::APage, ..PAGES };
        assert_eq!(walk(pages, &mut rows(1..=5), "$top=2", |_| {}), [vec![1, 2], vec![3, 4], vec![5]]);
        assert_eq!(walk(pages, &mut rows(1..=4), "$top=9", |_| {}), [vec![1, 2, 3], vec![4]]);
    }

    #[test]
    fn the_count_is_of_all_pages_and_of_what_passes() {
        let page = page(PAGES, &rows(1..=20), "$count=true&$filter=id gt 4&$top=2&$skip=1").expect("a page");
        assert_eq!((page.count, ids(&page)), (16, vec![6, 7]));
    }

    #[test]
    fn a_foreign_token_is_refused_in_the_framework_s_words() {
        let stored = rows(1..=9);
        let token = page(PAGES, &stored, "").expect("a page").next.expect("a next page");
        assert!(page(PAGES, &stored, &format!("$skiptoken={token}")).is_ok());
        let elsewhere = Pages { collection: "others", ..PAGES };
        let of_other_seed = Pages { seed: 2, ..PAGES };
        for (pages, query) in [
            (elsewhere, format!("$skiptoken={token}")),
            (of_other_seed, format!("$skiptoken={token}")),
            (PAGES, format!("$skiptoken={token}&$orderby=name")),
            (PAGES, format!("$skiptoken={}", &token[1..])),
            (PAGES, format!("$skiptoken={token}A")),
            (PAGES, "$skiptoken=3".to_owned()),
            (PAGES, "$skiptoken=".to_owned()),
            (PAGES, "$skiptoken=%ff%00\u{0}".to_owned()),
        ] {
            let error = page(pages, &stored, &query).expect_err(&query).0;
            assert!(error.ends_with("Skiptoken value should always be server generated."), "{query}: {error}");
        }
    }

    #[test]
    fn the_link_to_the_next_page_keeps_the_query_as_it_was_written() {
        for (query, next) in [
            ("", "$skiptoken=T"),
            ("$filter=a+eq+'%26'&$top=5&$SKIP=2&%24skipToken=S&x=1", "$filter=a+eq+'%26'&$top=5&x=1&$skiptoken=T"),
            ("&&skip=1", "$skiptoken=T"),
        ] {
            assert_eq!(next_query(query, "T"), next, "{query}");
        }
    }

    proptest! {
        #[test]
        fn whatever_changes_a_row_that_stays_is_seen_once_and_in_order(
            stays in proptest::collection::btree_set(0_i64..60, 0..20),
            comes in proptest::collection::vec(0_i64..60, 0..12),
            goes in proptest::collection::btree_set(0_i64..60, 0..12),
            size in 1_usize..6,
            order in proptest::sample::select(vec![
                "", "name", "name desc,at", "size", "size desc", "every,size desc", "at desc", "length(name),id desc",
            ]),
        ) {
            let pages = Pages { size, ..PAGES };
            let mut stored = rows(stays.iter().chain(&goes).copied());
            let query = if order.is_empty() { String::new() } else { format!("$orderby={order}") };
            let (mut comes, mut left) = (comes.into_iter(), goes.into_iter());
            let walked = walk(pages, &mut stored, &query, |stored| {
                stored.extend(comes.next().map(|id| (id, row(id))));
                if let Some(gone) = left.next().filter(|id| !stays.contains(id)) {
                    stored.remove(&gone);
                }
            });
            let seen: Vec<_> = walked.concat();
            let kept: Vec<_> = seen.iter().copied().filter(|id| stays.contains(id)).collect();
            let whole = Pages { size: 1000, ..PAGES };
            let expected = ids(&page(whole, &rows(stays.iter().copied()), &query).expect("a page"));
            prop_assert_eq!(kept, expected);
            let mut unique = seen.clone();
            unique.sort_unstable();
            unique.dedup();
            prop_assert_eq!(unique.len(), seen.len());
        }
    }
}
