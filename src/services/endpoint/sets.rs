//! Sets of entities, page by page.

use std::{collections::HashSet, sync::Arc};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    services::{
        definitions::Query,
        endpoint::{Endpoint, quotas::Calls, refusals::read},
        error::ServiceError,
        odata::with_options,
        walk::Walk,
    },
    transport::{
        call::{Call, Reply},
        decode::Odd,
        error::TransportError,
        shared::Shared,
    },
};

/// A page of a set: `{"@odata.context":"…","value":[…]}`.
#[derive(Debug, Deserialize)]
pub(super) struct Page<T> {
    pub(super) value: Vec<T>,
}

/// Where the rest of a set is.
#[derive(Debug, Deserialize)]
struct Rest {
    #[serde(default, rename = "@odata.nextLink")]
    next: Option<String>,
}

/// What is asked of a set.
pub(super) struct Ask<'a> {
    pub(super) calls: Calls,
    pub(super) set: &'a str,
    pub(super) query: &'a Query,
    /// `$expand`.
    pub(super) expand: Option<&'a str>,
    pub(super) purpose: &'a str,
    /// So many entities are enough, whatever the service goes on to offer.
    pub(super) most: Option<u32>,
    /// Whether it may use the calls that are kept back for cleaning up.
    pub(super) clean_up: bool,
    /// Whose entities they are, where several asked for them at once.
    pub(super) shared: Option<&'a Shared>,
}

impl Endpoint {
    /// The entities of a set, each with the same as the service wrote it.
    pub(super) async fn set<T: DeserializeOwned>(&self, ask: &Ask<'_>) -> Result<Vec<(T, Arc<str>)>, ServiceError> {
        let mut entities = Vec::new();
        self.pages(ask, |reply| {
            let page: Page<T> = read(reply)?;
            let count = page.value.len();
            let originals: Page<Value> = read(reply)?;
            let originals = originals.value.into_iter().map(|original| Arc::from(original.to_string()));
            entities.extend(page.value.into_iter().zip(originals));
            Ok(count)
        })
        .await?;
        entities.truncate(most(ask));
        Ok(entities)
    }

    /// Hands each page of a set to `take`, which says how many entities it has; returns how many the last had.
    pub(super) async fn pages(
        &self,
        ask: &Ask<'_>,
        mut take: impl FnMut(&Reply) -> Result<usize, TransportError>,
    ) -> Result<usize, ServiceError> {
        let mut url = with_options(self.at(ask.set), ask.query, ask.expand);
        let mut read_before = HashSet::new();
        let (mut walk, mut all) = (Walk::default(), 0);
        loop {
            let mut call = Call::get(url.clone()).purpose(ask.purpose);
            if ask.clean_up {
                call = call.clean_up();
            }
            if let Some(shared) = ask.shared {
                call = call.shared(shared.clone());
            }
            let reply = self.call(ask.calls, call).await?;
            walk.took(&reply)?;
            let last = take(&reply)?;
            all += last;
            let Some(next) = reply.json::<Rest>()?.next.filter(|_| all < most(ask)) else { return Ok(last) };
            // The token goes where the profile says, and nowhere that an answer says.
            match url.join(&next) {
                Ok(next) if next.origin() == url.origin() && !read_before.contains(&next) && next != url => {
                    read_before.insert(std::mem::replace(&mut url, next));
                }
                _ => {
                    let odd = Odd::new(
                        "@odata.nextLink",
                        "the address of a page not read yet, at the same service",
                        "another",
                    );
                    return Err(reply.malformed(odd).into());
                }
            }
        }
    }
}

fn most(ask: &Ask<'_>) -> usize {
    ask.most.and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::Url;

    use super::*;

    fn filtered(value: &str) -> Url {
        let url: Url = "https://api.example/api/indicators".parse().expect("an address");
        with_options(url, &Query::where_equals("indicatorValue", value), None)
    }

    /// The text between the quotes of an OData literal, read as the standard says: a quote within is doubled, and what
    /// follows a single one is no part of it.
    fn literal(text: &str) -> Option<(String, &str)> {
        let mut rest = text.strip_prefix('\'')?;
        let mut value = String::new();
        loop {
            let (before, after) = rest.split_once('\'')?;
            value.push_str(before);
            match after.strip_prefix('\'') {
                Some(within) => {
                    value.push('\'');
                    rest = within;
                }
                None => return Some((value, after)),
            }
        }
    }

    proptest! {
        #[test]
        fn no_text_leaves_the_quotes_of_its_filter_nor_the_filter_its_option(text in r"(\PC|['&#%+=$? \r\n]){0,40}") {
            let url = filtered(&text);
            let options: Vec<(String, String)> =
                url.query().unwrap_or_default().split('&').map(|option| {
                    let (name, value) = option.split_once('=').expect("an option has a name");
                    let value = percent_encoding::percent_decode_str(value).decode_utf8().expect("it is text");
                    (name.to_owned(), value.into_owned())
                }).collect();
            prop_assert_eq!(options.len(), 1);
            prop_assert_eq!(&options[0].0, "$filter");
            let rest = options[0].1.strip_prefix("indicatorValue eq ").expect("the filter begins as asked");
            prop_assert_eq!(literal(rest), Some((text, "")));
            prop_assert!(url.fragment().is_none());
        }
    }
}
