//! Alerts: the export feed, made for SIEM products, and the only way of the time to read alerts by program.

use futures::future::BoxFuture;
use jiff::{Timestamp, tz::TimeZone};
use serde::Deserialize;

use crate::{
    domain::{
        alert::Alert,
        device::Device,
        entity::{Entity, EntityKind, once},
    },
    services::{
        alerts::Alerts,
        error::ServiceError,
        legacy::{Legacy, wire::count},
        reading::{date, date_or_none, text},
    },
    transport::call::Call,
};

/// A row of the feed, as far as an alert needs it. Eras differ in members and in what stands for "nothing": `null` in
/// 2017, an empty text after.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    #[serde(deserialize_with = "date")]
    alert_time: Timestamp,
    #[serde(default, deserialize_with = "date_or_none")]
    last_processed_time_utc: Option<Timestamp>,
    alert_id: String,
    #[serde(default, deserialize_with = "count")]
    alert_part: u32,
    #[serde(deserialize_with = "text")]
    alert_title: String,
    #[serde(deserialize_with = "text")]
    severity: String,
    #[serde(deserialize_with = "text")]
    category: String,
    #[serde(default, deserialize_with = "text")]
    description: String,
    #[serde(default, deserialize_with = "text")]
    source: String,
    #[serde(default, deserialize_with = "text")]
    computer_dns_name: String,
    #[serde(default, deserialize_with = "text")]
    machine_name: String,
    #[serde(default, rename = "DeviceID", deserialize_with = "text")]
    device_id: String,
    #[serde(default, rename = "LinkToWDATP", deserialize_with = "text")]
    link: String,
    #[serde(default, deserialize_with = "text")]
    ioc_value: String,
    #[serde(default, deserialize_with = "text")]
    ip_address: String,
    #[serde(default, deserialize_with = "text")]
    url: String,
    #[serde(default, deserialize_with = "text")]
    sha256: String,
    #[serde(default, deserialize_with = "text")]
    file_name: String,
    #[serde(default, deserialize_with = "text")]
    sha1: String,
    #[serde(default, deserialize_with = "text")]
    md5: String,
}

impl Alerts for Legacy {
    fn since(&self, since: Timestamp) -> BoxFuture<'_, Result<Vec<Alert>, ServiceError>> {
        Box::pin(async move {
            let mut url = self.addresses.alert_export.clone();
            // The documentation of 2017 shows the moment in quotes, later pages without; neither escapes its colons.
            url.set_query(Some(&format!("sinceTimeUtc={}", as_documented(self.to_theirs(since)))));
            let reply = self.call(Call::get(url).purpose("read the alert export feed")).await?;
            if reply.status() == 204 {
                return Ok(Vec::new());
            }
            let rows = reply.json::<Vec<Row>>()?;
            let mut alerts: Vec<Alert> = rows.into_iter().map(|row| self.on_our_clock(row.into())).collect();
            alerts.sort_by(|a, b| (a.processed_at, &a.id, a.part).cmp(&(b.processed_at, &b.id, b.part)));
            Ok(alerts)
        })
    }
}

impl Legacy {
    fn on_our_clock(&self, alert: Alert) -> Alert {
        let (happened_at, processed_at) = (self.to_ours(alert.happened_at), self.to_ours(alert.processed_at));
        Alert { happened_at, last_happened_at: happened_at, processed_at, ..alert }
    }
}

/// `2016-09-12T00:00:00.000`: UTC without its zone, cut to milliseconds, so that nothing is missed. "From the beginning"
/// is 1970: not every reader of dates knows years before.
fn as_documented(moment: Timestamp) -> String {
    TimeZone::UTC.to_datetime(moment.max(Timestamp::UNIX_EPOCH)).strftime("%Y-%m-%dT%H:%M:%S%.3f").to_string()
}

impl From<Row> for Alert {
    fn from(row: Row) -> Self {
        let device = Device {
            id: row.device_id,
            name: Some(row.computer_dns_name).filter(|text| filled(text)).unwrap_or(row.machine_name),
        };
        let hosts = [&row.ioc_value, &row.url].into_iter().filter(|text| filled(text));
        let files = [&row.sha256, &row.sha1, &row.md5, &row.file_name].into_iter().filter(|text| filled(text));
        let address = Some(&row.ip_address).filter(|text| filled(text));
        let entities = hosts
            .flat_map(|text| of_indicator(text))
            .chain(address.map(|text| Entity::new(EntityKind::IpAddress, text)))
            .chain(files.map(|text| Entity::new(EntityKind::File, text)))
            .chain(Entity::of_device(&device));
        let entities = once(entities);
        // The value of the indicator itself first, then what is filled: of a file, every hash is.
        let observable = [row.ioc_value, row.ip_address, row.url, row.sha256, row.sha1, row.md5]
            .into_iter()
            .find(|text| filled(text));
        Self {
            id: row.alert_id,
            part: row.alert_part,
            title: row.alert_title,
            severity: row.severity,
            category: row.category,
            description: row.description,
            source: row.source,
            device,
            entities,
            observables: observable.into_iter().collect(),
            happened_at: row.alert_time,
            last_happened_at: row.alert_time,
            processed_at: row.last_processed_time_utc.unwrap_or(row.alert_time),
            link: Some(row.link).filter(|text| filled(text)),
            original: None,
        }
    }
}

/// What the value of an indicator names, of whose type the feed says nothing: a hash, or an address.
fn of_indicator(value: &str) -> Vec<Entity> {
    let hash = [32, 40, 64].contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    if hash { vec![Entity::new(EntityKind::File, value)] } else { Entity::of_address(value) }
}

fn filled(text: &str) -> bool {
    !text.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alert(row: &str) -> Alert {
        serde_json::from_str::<Row>(row).expect("a row").into()
    }

    const LEAST: &str = r#""AlertTime":"2017-01-23T07:32:54.1861171Z","AlertId":"636207535742330111_-1114309685","AlertTitle":"t","Severity":"Low","Category":"None""#;

    #[test]
    fn a_row_of_2017_is_read_with_its_nulls_and_its_misspelt_member() {
        let read = alert(&format!(
            r#"{{{LEAST},"ComputerDnsName":"pc1.example","AlertPart":0,"IoaDefinitiondId":"7","IpAddress":null,"Url":null,"Sha1":"aa","Sha256":null,"LastProcessedTimeUtc":"2017-01-23T11:33:45.0760449Z","WasExecutingWhileDetected":null}}"#
        ));
        assert_eq!(read.observables, ["aa"]);
        assert_eq!(read.device, Device { id: String::new(), name: "pc1.example".into() });
        assert_eq!(read.processed_at.to_string(), "2017-01-23T11:33:45.0760449Z");
        assert_eq!((read.description.as_str(), read.link), ("", None));
    }

    #[test]
    fn of_several_observables_the_indicator_s_own_is_named_first() {
        let some = |members: &str| alert(&format!("{{{LEAST},{members}}}")).observables.into_iter().next();
        assert_eq!(some(r#""IocValue":"evil.example","IpAddress":"203.0.113.9""#).as_deref(), Some("evil.example"));
        assert_eq!(some(r#""IpAddress":"203.0.113.9","Url":"u","Sha1":"aa""#).as_deref(), Some("203.0.113.9"));
        assert_eq!(some(r#""IpAddress":"","Url":"evil.example","Sha1":"aa""#).as_deref(), Some("evil.example"));
        assert_eq!(some(r#""Sha256":"bb","Sha1":"aa","Md5":"cc""#).as_deref(), Some("bb"));
        assert_eq!(some(r#""Sha1":"""#), None);
    }

    #[test]
    fn what_a_row_names_is_told_by_kind() {
        let named = |members: &str| {
            let alert = alert(&format!("{{{LEAST},\"ComputerDnsName\":\"pc1\",{members}}}"));
            crate::domain::entity::listed(&alert.entities)
        };
        assert_eq!(named(r#""Url":"evil.example""#), "domain `evil.example`, device `pc1`");
        assert_eq!(named(r#""IpAddress":"203.0.113.9","Url":null"#), "ip address `203.0.113.9`, device `pc1`");
        assert_eq!(named(r#""Sha1":"aa","FileName":"a.exe""#), "file `aa`, file `a.exe`, device `pc1`");
        let hash = "b".repeat(40);
        assert_eq!(named(&format!(r#""IocValue":"{hash}""#)), format!("file `{hash}`, device `pc1`"));
    }

    #[test]
    fn a_moment_is_written_as_documented_and_never_later_than_it_is() {
        let moment: Timestamp = "2026-11-24T09:05:03.9999999Z".parse().expect("a timestamp");
        assert_eq!(as_documented(moment), "2026-11-24T09:05:03.999");
        assert_eq!(as_documented(Timestamp::MIN), "1970-01-01T00:00:00.000");
    }
}
