//! The alert export feed: alerts as a bare array, one message for each indicator of each alert.
//!
//! Fields, order and parameters are documented, for 2017 and for 2020; what the fields of an alert of the tenant's own
//! indicators hold is not, beyond what their names and the mapping page say. `Source` is the alert API's word.

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp, civil::DateTime, tz::Offset};
use serde_json::{Map, Value, json};

use crate::{
    clock::later,
    domain::indicator::Kind,
    emulator::{
        Emulator,
        answer::Answer,
        detection::Activity,
        faces::{Call, token::AAD_GRAPH, unmatched, written_time},
        knobs::Era,
        noise,
        tenant::{Tenant, alerts::Alert},
        tokens,
    },
};

/// Whose tokens are taken: the documented resource, its twin, what comes of asking for none, and that of 2016.
const AUDIENCES: [&str; 4] = [
    "https://graph.windows.net",
    "https://graph.microsoft.com",
    AAD_GRAPH,
    "https://wdatpalertexport.seville.onmicrosoft.com",
];

/// Without a lower bound, the feed reaches back two hours.
const DEFAULT_WINDOW: SignedDuration = SignedDuration::from_hours(2);

/// What a request asks for.
#[derive(Debug, PartialEq)]
struct Query {
    since: Timestamp,
    until: Timestamp,
    limit: Option<usize>,
    /// Whether it asks for groups or tags, of which the devices here have none.
    narrowed: bool,
}

/// Answers a request for alerts.
pub(super) fn answer(emulator: &Emulator, call: &Call<'_>) -> Answer {
    let rest: Vec<_> = call.rest.iter().map(|segment| segment.to_ascii_lowercase()).collect();
    if !(rest.is_empty() || rest.ends_with(&["api".to_owned(), "alerts".to_owned()])) {
        return unmatched(call.request);
    }
    if !call.request.method.eq_ignore_ascii_case("GET") {
        let text = format!("The requested resource does not support http method '{}'.", call.request.method);
        return Answer::message(405, &text).with("allow", "GET");
    }
    emulator.with(|tenant, now| respond(tenant, call, now))
}

fn respond(tenant: &Tenant, call: &Call<'_>, now: Timestamp) -> Answer {
    if !tokens::admits(tenant, call.request.header("authorization"), &AUDIENCES, now) {
        return Answer::message(401, "Authorization has been denied for this request.")
            .with("www-authenticate", "Bearer");
    }
    if !tenant.application().enabled() {
        return Answer::message(403, "The application is not enabled for this tenant.");
    }
    // The documentation gives 401, and not 400, for a malformed request.
    let query = match parse(&call.request.query, now) {
        Ok(query) => query,
        Err(problem) => return Answer::message(401, &format!("Malformed request. {problem}")),
    };
    if query.narrowed {
        return Answer::json(200, &json!([]));
    }
    let rows = tenant.alert_parts(query.since, query.until, now).rev().take(query.limit.unwrap_or(usize::MAX));
    let feed = Feed { tenant, era: tenant.knobs.export_era, now, alert_page: &call.alert_page };
    Answer::json(200, &Value::Array(rows.map(|(alert, part)| feed.message(alert, part)).collect()))
}

fn parse(query: &str, now: Timestamp) -> Result<Query, String> {
    let (mut since, mut until, mut ago, mut limit, mut narrowed) = (None, None, None, None, false);
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        let value = value.trim().trim_matches('"');
        match name.to_ascii_lowercase().as_str() {
            "sincetimeutc" => since = Some(moment("sinceTimeUtc", value)?),
            "untiltimeutc" => until = Some(moment("untilTimeUtc", value)?),
            "ago" => ago = Some(duration(value)?),
            "limit" => limit = Some(count(value)?),
            "machinegroups" | "devicecreatedmachinetags" | "cloudcreatedmachinetags" => narrowed = true,
            _ => {}
        }
    }
    let window = ago.unwrap_or(DEFAULT_WINDOW);
    let until = until.unwrap_or(now);
    Ok(Query { since: since.unwrap_or_else(|| later(now, -window)), until, limit, narrowed })
}

/// A moment with a zone or, as the parameter's name says, in UTC; with a `T` or a blank, with or without a time.
fn moment(name: &str, value: &str) -> Result<Timestamp, String> {
    let zoned = || value.replacen(' ', "+", usize::from(value.contains('T'))).parse::<Timestamp>().ok();
    let plain = || value.parse::<DateTime>().ok().and_then(|civil| Offset::UTC.to_timestamp(civil).ok());
    zoned().or_else(plain).ok_or_else(|| format!("The parameter {name} is no date and time: '{value}'."))
}

fn duration(value: &str) -> Result<SignedDuration, String> {
    let span = value.parse::<Span>().ok();
    let span = span.and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
    span.filter(|span| !span.is_negative()).ok_or_else(|| format!("The parameter ago is no duration: '{value}'."))
}

fn count(value: &str) -> Result<usize, String> {
    let count = value.parse().ok().filter(|count| *count > 0);
    count.ok_or_else(|| format!("The parameter limit is no positive number: '{value}'."))
}

/// What every message of an answer has in common.
struct Feed<'a> {
    tenant: &'a Tenant,
    era: Era,
    now: Timestamp,
    alert_page: &'a str,
}

/// The fields of a message, from the first on, as far as they are the same in every era.
struct Message {
    members: Map<String, Value>,
    /// What stands where there is nothing: 2017 says null, later years an empty text.
    nothing: Value,
}

impl Message {
    fn text(&mut self, name: &str, value: impl Into<String>) {
        let value = value.into();
        let value = if value.is_empty() { self.nothing.clone() } else { Value::String(value) };
        self.members.insert(name.to_owned(), value);
    }

    fn empty(&mut self, names: &[&str]) {
        for name in names {
            self.text(name, "");
        }
    }

    fn value(&mut self, name: &str, value: Value) {
        self.members.insert(name.to_owned(), value);
    }
}

impl Feed<'_> {
    fn message(&self, alert: &Alert, part: usize) -> Value {
        let nothing = if self.era == Era::Y2017 { Value::Null } else { json!("") };
        let mut message = Message { members: Map::new(), nothing };
        let id = self.alert_id(alert);
        let unique = self.unique_id(alert, part);
        self.first_fields(&mut message, alert, part, &id);
        message.value("AlertPart", json!(part));
        message.text("FullId", format!("{id}:{unique}"));
        message.text("LastProcessedTimeUtc", written_time(alert.parts[part].visible_at));
        message.empty(&["ThreatCategory", "ThreatFamily", "ThreatName", "RemediationAction"]);
        message.value("RemediationIsSuccess", Value::Null);
        message.text("Source", &alert.source);
        let hash = self.hashes(alert);
        message.text("Md5", hash.md5);
        message.text("Sha256", hash.sha256);
        message.value("WasExecutingWhileDetected", Value::Null);
        if self.era == Era::Y2017 {
            message.text("FileHash", hash.sha1);
        } else {
            self.later_fields(&mut message, alert);
        }
        message.text("IocUniqueId", unique);
        Value::Object(message.members)
    }

    fn first_fields(&self, message: &mut Message, alert: &Alert, part: usize, id: &str) {
        let indicator = &alert.parts[part].indicator;
        let named = alert.things_at <= self.now;
        let value_if = |kind: Kind| if named && indicator.kind == kind { indicator.value.as_str() } else { "" };
        let (hash, file) = (self.hashes(alert), if named { file_name(&alert.activity) } else { "" });
        message.text("AlertTime", written_time(alert.first_event_at));
        message.text("ComputerDnsName", self.of_device(alert, &alert.device.name));
        message.text("AlertTitle", &alert.title);
        message.text("Category", &alert.category);
        message.text("Severity", &alert.severity);
        message.text("AlertId", id);
        message.empty(&["Actor"]);
        message.text("LinkToWDATP", format!("{}/{id}", self.alert_page));
        message.empty(&["IocName", "IocValue", "CreatorIocName", "CreatorIocValue"]);
        message.text("Sha1", hash.sha1);
        message.text("FileName", file);
        message.empty(&["FilePath"]);
        message.text("IpAddress", value_if(Kind::IpAddress));
        message.text("Url", value_if(Kind::DomainName));
        let misspelt = self.era == Era::Y2017;
        let key = if misspelt { "IoaDefinitiondId" } else { "IoaDefinitionId" };
        message.text(key, alert.detector.clone());
        message.empty(&["UserName"]);
    }

    fn later_fields(&self, message: &mut Message, alert: &Alert) {
        let name = self.of_device(alert, &alert.device.name);
        let (host, domain) = name.split_once('.').unwrap_or((name, ""));
        message.empty(&["UserDomain", "LogOnUsers"]);
        message.text("MachineDomain", domain);
        message.text("MachineName", host);
        let address = alert.device.address;
        let (four, six) =
            if address.is_ipv4() { (address.to_string(), String::new()) } else { (String::new(), address.to_string()) };
        message.text("InternalIPv4List", self.of_device(alert, &four));
        message.text("InternalIPv6List", self.of_device(alert, &six));
        message.text("FileHash", self.hashes(alert).sha1);
        message.text("DeviceID", self.of_device(alert, &alert.device.id));
        message.empty(&["MachineGroup"]);
        message.text("Description", &alert.description);
        if self.era == Era::Y2018 {
            message.empty(&["BuiltInMachineTags", "UserDefinedMachineTags", "CommandLine"]);
            return;
        }
        message.empty(&["DeviceCreatedMachineTags", "CloudCreatedMachineTags", "CommandLine", "IncidentLinkToWDATP"]);
        let report = noise::number(self.tenant.seed(), &["report", &alert.id]) % 1_000_000_000;
        message.value("ReportID", json!(report));
        message.empty(&["LinkToMTP", "IncidentLinkToMTP"]);
        let external = noise::hex(&noise::bytes(self.tenant.seed(), &["external", &alert.id])[..20]);
        message.text("ExternalId", external.to_ascii_uppercase());
    }

    /// `text`, once the alert names its device.
    fn of_device<'a>(&self, alert: &Alert, text: &'a str) -> &'a str {
        if alert.device_at <= self.now { text } else { "" }
    }

    /// The hashes of what the alert is about, once it names it.
    fn hashes<'a>(&self, alert: &'a Alert) -> Hashes<'a> {
        if alert.things_at <= self.now { Hashes::of(&alert.activity) } else { Hashes::default() }
    }

    /// In 2020, alert ids begin with `da` in this feed.
    fn alert_id(&self, alert: &Alert) -> String {
        let prefix = if self.era == Era::Y2020 { "da" } else { "" };
        format!("{prefix}{}", alert.id)
    }

    fn unique_id(&self, alert: &Alert, part: usize) -> String {
        let id = &alert.parts[part].unique_id;
        if self.era == Era::Y2017 { noise::hex(id).to_ascii_uppercase() } else { STANDARD.encode(id) }
    }
}

/// The hashes of the file that an activity is about; empty where it is about none.
#[derive(Default)]
struct Hashes<'a> {
    sha1: &'a str,
    sha256: &'a str,
    md5: &'a str,
}

impl<'a> Hashes<'a> {
    fn of(activity: &'a Activity) -> Self {
        match activity {
            Activity::File { sha1, sha256, md5, .. } => Self { sha1, sha256, md5 },
            Activity::Connection { .. } => Self::default(),
        }
    }
}

/// The file itself, or the program that connected.
fn file_name(activity: &Activity) -> &str {
    match activity {
        Activity::File { name, .. } => name,
        Activity::Connection { process, .. } => process,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-24T12:00:00Z".parse().expect("a moment")
    }

    #[test]
    fn without_parameters_the_feed_reaches_back_two_hours() {
        let query = parse("", now()).expect("a good query");
        assert_eq!(query.since.to_string(), "2026-11-24T10:00:00Z");
        assert_eq!((query.until, query.limit), (now(), None));
    }

    #[test]
    fn moments_are_read_in_every_documented_form() {
        for given in [
            "sinceTimeUtc=2016-09-12T00:00:00.000",
            "sinceTimeUtc=2016-09-12T00:00:00Z",
            "sinceTimeUtc=%222016-09-12%2000:00:00%22",
            "SINCETIMEUTC=2016-09-12+00:00:00",
            "sinceTimeUtc=2016-09-12",
            "sinceTimeUtc=2016-09-12T02:00:00%2B02:00",
            "sinceTimeUtc=2016-09-12T02:00:00+02:00",
        ] {
            assert_eq!(
                parse(given, now()).map(|query| query.since.to_string()),
                Ok("2016-09-12T00:00:00Z".into()),
                "{given}"
            );
        }
    }

    #[test]
    fn a_duration_counts_from_now_and_a_bound_of_its_own_wins() {
        let since = |query| parse(query, now()).map(|query| query.since.to_string());
        assert_eq!(since("ago=PT10M"), Ok("2026-11-24T11:50:00Z".into()));
        assert_eq!(since("ago=P1DT1H"), Ok("2026-11-23T11:00:00Z".into()));
        assert_eq!(since("ago=PT10M&sinceTimeUtc=2026-11-24"), Ok("2026-11-24T00:00:00Z".into()));
    }

    #[test]
    fn what_is_malformed_is_said_by_name() {
        for (query, name) in
            [("sinceTimeUtc=soon", "sinceTimeUtc"), ("ago=-PT1M", "ago"), ("ago=10", "ago"), ("limit=0", "limit")]
        {
            assert!(parse(query, now()).expect_err(query).contains(name));
        }
    }
}
