//! Hunting: `advancedqueries/run`, a query in KQL over one table.
//!
//! The query is kept as plain as can be, and what it finds is looked through here once more: which rows name a host and
//! which only contain its letters is not left to the query.

use std::collections::BTreeMap;

use futures::future::BoxFuture;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{device::Device, indicator::Kind},
    services::{
        endpoint::{
            Endpoint,
            evidence::{host_of, spellings_of_address},
            quotas::Calls,
            refusals::read,
            wire::as_written,
        },
        error::{Capability, ServiceError},
        hunting::{AT_ONCE, Hunting, Row, Sought, Union, is_of_the_query},
        reading::{date, text},
    },
    transport::{call::Call, shared::Shared},
};

#[derive(Serialize)]
struct Run {
    #[serde(rename = "Query")]
    query: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    results: Vec<Found>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Found {
    #[serde(deserialize_with = "date")]
    timestamp: Timestamp,
    #[serde(default, deserialize_with = "text")]
    action_type: String,
    #[serde(default, deserialize_with = "text")]
    remote_url: String,
    /// Whose it is, where many asked together.
    #[serde(default, deserialize_with = "text")]
    sought: String,
}

/// More rows than one stimulus makes; the service gives up to 100 000.
const ROWS: u32 = 1_000;

impl Hunting for Endpoint {
    fn rows<'a>(&'a self, sought: Sought<'a>) -> BoxFuture<'a, Result<Vec<Row>, ServiceError>> {
        Box::pin(self.rows_of(0, sought))
    }

    fn at_once(&self) -> usize {
        AT_ONCE
    }

    fn rows_of_many<'a>(&'a self, sought: &'a [Sought<'a>]) -> BoxFuture<'a, Vec<Result<Vec<Row>, ServiceError>>> {
        Box::pin(async move {
            let (mut queries, mut answers) = (Vec::new(), BTreeMap::new());
            for (place, one) in sought.iter().enumerate() {
                match self.query(*one) {
                    Ok(query) => queries.push((place, query)),
                    Err(error) => drop(answers.insert(place, Err(error))),
                }
            }
            let found = if queries.len() > 1 { Some(self.run_together(&queries).await) } else { None };
            for (place, _) in queries {
                let answer = match &found {
                    Some(Ok(found)) => {
                        let own = found.iter().filter(|row| row.sought == place.to_string()).cloned().collect();
                        Ok(self.rows_for(sought[place], own))
                    }
                    Some(Err(error)) if !is_of_the_query(error) => Err(error.clone()),
                    // Alone, and where one spoils it for all.
                    _ => self.rows_of(place, sought[place]).await,
                };
                answers.insert(place, answer);
            }
            answers.into_values().collect()
        })
    }
}

impl Endpoint {
    fn query(&self, sought: Sought<'_>) -> Result<String, ServiceError> {
        query(sought, self.to_theirs(sought.since))
            .map_err(|why| ServiceError::Unsupported { what: Capability::Hunting, why })
    }

    /// The rows of the one who asked at this place.
    async fn rows_of(&self, place: usize, sought: Sought<'_>) -> Result<Vec<Row>, ServiceError> {
        let query = self.query(sought)?;
        let purpose = format!("hunt for {} on {}", sought.observable, sought.device.name);
        let found = self.run(self.hunt(query, purpose).shared(Shared::of_one(place))).await?;
        Ok(self.rows_for(sought, found))
    }

    async fn run_together(&self, queries: &[(usize, String)]) -> Result<Vec<Found>, ServiceError> {
        let Union { query, purpose, shared } = Union::of(queries, "Results");
        self.run(self.hunt(query, purpose).shared(shared)).await
    }

    fn hunt(&self, query: String, purpose: String) -> Call {
        Call::post(self.at("advancedqueries/run")).json(&Run { query }).purpose(purpose).repeatable()
    }

    async fn run(&self, call: Call) -> Result<Vec<Found>, ServiceError> {
        let reply = self.call(Calls::Hunt, call).await?;
        Ok(read::<Answer>(&reply)?.results)
    }

    /// What of `found` is sought.
    fn rows_for(&self, sought: Sought<'_>, mut found: Vec<Found>) -> Vec<Row> {
        found.retain(|row| names(sought, &row.remote_url));
        found.sort_by_key(|row| row.timestamp);
        let table = table(sought.kind);
        let row = |row: Found| Row { at: self.to_ours(row.timestamp), table: table.into(), action: row.action_type };
        found.into_iter().map(row).collect()
    }
}

/// The table in which a kind of observable is reported.
fn table(kind: Kind) -> &'static str {
    if kind.is_file() { "DeviceFileEvents" } else { "DeviceNetworkEvents" }
}

/// The query for what is sought, from `since` on the service's clock; or, in one clause, why there is none.
fn query(sought: Sought<'_>, since: Timestamp) -> Result<String, String> {
    let Sought { device, kind, observable, .. } = sought;
    let (what, column) = match kind {
        Kind::Sha1 => (format!("SHA1 =~ {}", literal(observable)?), ""),
        Kind::Sha256 => (format!("SHA256 =~ {}", literal(observable)?), ""),
        Kind::Md5 => (format!("MD5 =~ {}", literal(observable)?), ""),
        Kind::IpAddress => {
            let spellings =
                spellings_of_address(observable).iter().map(|one| literal(one)).collect::<Result<Vec<_>, _>>()?;
            (format!("RemoteIP in~ ({})", spellings.join(", ")), "")
        }
        Kind::DomainName => (format!("RemoteUrl contains {}", literal(observable)?), ", RemoteUrl"),
        Kind::Url => {
            let host = host_of(observable).ok_or_else(|| format!("`{observable}` is the address of no page"))?;
            (format!("RemoteUrl contains {}", literal(&host)?), ", RemoteUrl")
        }
    };
    Ok(format!(
        "{}\n| where Timestamp >= datetime({})\n| where {}\n| where {what}\n| project Timestamp, ActionType{column}\n| order by Timestamp asc\n| take {ROWS}",
        table(kind),
        as_written(since),
        on(device)?,
    ))
}

/// The device by its key, or, where that is not known, by its name with or without a domain behind.
fn on(device: &Device) -> Result<String, String> {
    if !device.id.is_empty() {
        return Ok(format!("DeviceId =~ {}", literal(&device.id)?));
    }
    let host = device.name.split('.').next().unwrap_or_default();
    if host.is_empty() {
        return Err("it finds no rows of a device without a key and a name".into());
    }
    Ok(format!("DeviceName =~ {} or DeviceName startswith {}", literal(host)?, literal(&format!("{host}."))?))
}

/// Whether a letter may end a line, or does something else than to be seen.
fn steers(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}')
}

/// `text` between quotes that it cannot leave.
fn literal(text: &str) -> Result<String, String> {
    if text.is_empty() || text.contains(steers) {
        return Err(format!("it can look for no text that is empty or steers, and `{}` is one", text.escape_debug()));
    }
    Ok(format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
}

/// Whether a row with this address, a bare host or a page's, names what is sought. Of an encrypted connection the sensor
/// sees the host alone.
fn names(sought: Sought<'_>, address: &str) -> bool {
    let same = |host: Option<String>| {
        host.is_some_and(|host| host_of(address).is_some_and(|own| own.eq_ignore_ascii_case(&host)))
    };
    match sought.kind {
        Kind::DomainName => same(host_of(sought.observable)),
        Kind::Url => {
            let bare = |address: &str| address.trim_end_matches('/').to_ascii_lowercase();
            let is_host = !address.trim_end_matches('/').contains('/');
            bare(address) == bare(sought.observable) || (is_host && same(host_of(sought.observable)))
        }
        Kind::IpAddress | Kind::Sha1 | Kind::Sha256 | Kind::Md5 => true,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn since() -> Timestamp {
        "2026-11-24T12:00:00.123456789Z".parse().expect("a moment")
    }

    fn asked(device: &Device, kind: Kind, observable: &str) -> Result<String, String> {
        query(Sought { device, kind, observable, since: since() }, since())
    }

    fn pc7() -> Device {
        Device { id: "ab12".into(), name: "pc7".into() }
    }

    #[test]
    fn each_kind_is_looked_for_where_it_is_reported() {
        assert_eq!(
            asked(&pc7(), Kind::DomainName, "evil.example").as_deref(),
            Ok(
                "DeviceNetworkEvents\n| where Timestamp >= datetime(2026-11-24T12:00:00.1234567Z)\n| where DeviceId =~ \
                \"ab12\"\n| where RemoteUrl contains \"evil.example\"\n| project Timestamp, ActionType, RemoteUrl\n| order \
                by Timestamp asc\n| take 1000"
            )
        );
        for (kind, observable, what) in [
            (Kind::IpAddress, "203.0.113.9", "RemoteIP in~ (\"203.0.113.9\")"),
            (Kind::IpAddress, "2001:db8::1", "RemoteIP in~ (\"2001:db8::1\", \"2001:db8:0:0:0:0:0:1\")"),
            (Kind::Sha1, "aa", "SHA1 =~ \"aa\""),
            (Kind::Sha256, "bb", "SHA256 =~ \"bb\""),
            (Kind::Md5, "cc", "MD5 =~ \"cc\""),
            (Kind::Url, "https://evil.example/path", "RemoteUrl contains \"evil.example\""),
        ] {
            let query = asked(&pc7(), kind, observable).expect("a query");
            assert!(query.contains(&format!("\n| where {what}\n")), "{query}");
            assert_eq!(query.starts_with("DeviceFileEvents\n"), kind.is_file(), "{query}");
        }
    }

    #[test]
    fn a_device_without_a_key_is_meant_by_its_host_name() {
        let device = Device { id: String::new(), name: "pc7.contoso.example".into() };
        let query = asked(&device, Kind::Sha1, "aa").expect("a query");
        assert!(query.contains("| where DeviceName =~ \"pc7\" or DeviceName startswith \"pc7.\"\n"), "{query}");
        let nobody = Device { id: String::new(), name: String::new() };
        assert!(asked(&nobody, Kind::Sha1, "aa").is_err());
    }

    #[test]
    fn a_row_that_only_contains_the_letters_is_not_what_is_sought() {
        let device = pc7();
        let sought = |kind, observable| Sought { device: &device, kind, observable, since: since() };
        let domain = sought(Kind::DomainName, "evil.example");
        for address in ["evil.example", "EVIL.example:443", "https://evil.example/x?y"] {
            assert!(names(domain, address), "{address}");
        }
        for address in ["not-evil.example", "www.evil.example", "evil.example.org", "http://a.example/evil.example", ""]
        {
            assert!(!names(domain, address), "{address}");
        }
        let page = sought(Kind::Url, "https://evil.example/path");
        assert!(names(page, "https://evil.example/PATH/") && names(page, "evil.example"));
        assert!(!names(page, "https://evil.example/other"));
    }

    /// What is between the quotes of a KQL literal, read as the language says; and what follows it.
    fn read_literal(text: &str) -> Option<(String, String)> {
        let mut letters = text.strip_prefix('"')?.chars();
        let mut value = String::new();
        loop {
            match letters.next()? {
                '"' => return Some((value, letters.collect())),
                '\\' => value.push(letters.next()?),
                letter => value.push(letter),
            }
        }
    }

    proptest! {
        #[test]
        fn no_text_leaves_its_quotes(text in r#"(\PC|["'\\|\r\n\t`/]){0,40}"#) {
            match literal(&text) {
                Ok(literal) => {
                    prop_assert_eq!(read_literal(&literal), Some((text, String::new())));
                    prop_assert!(!literal.contains(['\n', '\r']));
                }
                Err(_) => prop_assert!(text.is_empty() || text.contains(steers)),
            }
        }
    }
}
