//! What a client writes into the query of an OData collection.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use crate::services::definitions::Query;

/// What stands in a query as it is; the documentation of every service shows these unescaped.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'(')
    .remove(b')')
    .remove(b',')
    .remove(b'/')
    .remove(b':');

/// `url` with the query options that are given.
pub(super) fn with_options(mut url: Url, query: &Query, expand: Option<&str>) -> Url {
    let options = [
        ("$filter", query.filter.clone()),
        ("$expand", expand.map(str::to_owned)),
        ("$orderby", query.order_by.clone()),
        ("$top", query.top.map(|top| top.to_string())),
        ("$skip", query.skip.map(|skip| skip.to_string())),
    ];
    let given: Vec<String> = options
        .into_iter()
        .filter_map(|(name, value)| Some(format!("{name}={}", utf8_percent_encode(&value?, PLAIN))))
        .collect();
    if !given.is_empty() {
        url.set_query(Some(&given.join("&")));
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_sent_where_given_and_escaped() {
        let url: Url = "https://api.example/api/alerts".parse().expect("an address");
        assert_eq!(with_options(url.clone(), &Query::default(), None), url);
        let query = Query { skip: Some(20), top: Some(10), ..Query::where_equals("title", "O'Brien & sons #1") };
        assert_eq!(
            with_options(url, &query, Some("evidence")).as_str(),
            "https://api.example/api/alerts?$filter=title%20eq%20%27O%27%27Brien%20%26%20sons%20%231%27&$expand=evidence&$top=10&$skip=20"
        );
    }
}
