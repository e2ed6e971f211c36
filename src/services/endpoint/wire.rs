//! How the service spells things: what is written, in the documented order; what is read, in every known way.

use std::sync::Arc;

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use crate::{
    domain::{
        alert_definition::{AlertDefinition, Severity},
        indicator::{Action, Kind},
    },
    services::reading::{date_or_none, key, text},
    transport::decode::Odd,
};

/// An indicator to create or update. The order is that of the page `post-ti-indicator`; what that page does not list
/// (`externalId` stands on the page of the resource, `category` and `mitreTechniques` on none) comes last.
///
/// What may be none is sent as `null`: what an update does with a member that is left out is not documented.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewIndicator {
    pub(super) indicator_value: String,
    #[serde(serialize_with = "kind_word")]
    pub(super) indicator_type: Kind,
    #[serde(serialize_with = "action_word")]
    pub(super) action: Action,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) application: Option<String>,
    pub(super) title: String,
    pub(super) description: String,
    #[serde(serialize_with = "moment_or_null")]
    pub(super) expiration_time: Option<Timestamp>,
    #[serde(serialize_with = "severity_word")]
    pub(super) severity: Severity,
    pub(super) recommended_actions: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) rbac_group_names: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) educate_url: Option<String>,
    pub(super) generate_alert: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) external_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) category: Option<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) mitre_techniques: Vec<String>,
}

/// An indicator as the service tells it: of its 31 members, those that are read or sent again. Words of lists that the
/// service owns stay as they came.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Indicator {
    /// The whole of it, as the service wrote it.
    #[serde(skip)]
    pub(super) original: Option<Arc<str>>,
    #[serde(deserialize_with = "key")]
    pub(super) id: String,
    #[serde(rename = "indicatorValue", deserialize_with = "text")]
    pub(super) value: String,
    #[serde(rename = "indicatorType", deserialize_with = "text")]
    pub(super) kind: String,
    #[serde(deserialize_with = "text")]
    pub(super) action: String,
    #[serde(default, deserialize_with = "text")]
    pub(super) created_by: String,
    #[serde(default, deserialize_with = "text")]
    pub(super) severity: String,
    /// A number on the wire, a word in the portal's list, of which one pair is known.
    #[serde(default)]
    category: Value,
    #[serde(default)]
    pub(super) application: Option<String>,
    #[serde(default)]
    pub(super) educate_url: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(super) title: String,
    #[serde(default, deserialize_with = "text")]
    pub(super) description: String,
    #[serde(default)]
    pub(super) recommended_actions: Option<String>,
    #[serde(default, deserialize_with = "date_or_none")]
    creation_time_date_time_utc: Option<Timestamp>,
    #[serde(default, deserialize_with = "date_or_none")]
    pub(super) expiration_time: Option<Timestamp>,
    #[serde(default, deserialize_with = "date_or_none")]
    last_update_time: Option<Timestamp>,
    #[serde(default)]
    pub(super) last_updated_by: Option<String>,
    /// Of these only empty ones are recorded, and one of another kind is not worth a whole set.
    #[serde(default)]
    rbac_group_names: Value,
    #[serde(default)]
    mitre_techniques: Value,
    #[serde(default)]
    pub(super) external_id: Option<String>,
}

/// The categories whose number is known: deduced from a recorded indicator and its alert, 2023-05-04.
const CATEGORIES: [(i64, &str); 1] = [(1, "SuspiciousActivity")];

/// The number of a category; `None` is that it is not known.
pub(super) fn category_number(word: &str) -> Option<i64> {
    CATEGORIES.iter().find(|(_, known)| known.eq_ignore_ascii_case(word)).map(|(number, _)| *number)
}

impl Indicator {
    /// The same, which the service wrote as `original`.
    pub(super) fn told_as(self, original: Arc<str>) -> Self {
        Self { original: Some(original), ..self }
    }

    /// What kind of observable it names.
    pub(super) fn kind(&self) -> Result<Kind, Odd> {
        let known = Kind::ALL.into_iter().find(|kind| as_spelt(*kind).eq_ignore_ascii_case(&self.kind));
        known.ok_or_else(|| odd_word("indicatorType", Kind::ALL.map(as_spelt), &self.kind))
    }

    /// What is done about it. `Alert` and `AlertAndBlock` of old are none that this program knows.
    pub(super) fn action(&self) -> Result<Action, Odd> {
        let known = self.action.parse();
        known.map_err(|_| odd_word("action", Action::ALL.map(Action::as_str), &self.action))
    }

    /// How serious its alert is.
    pub(super) fn severity(&self) -> Result<Severity, Odd> {
        let known = self.severity.parse();
        known.map_err(|_| odd_word("severity", Severity::ALL.map(Severity::as_str), &self.severity))
    }

    /// Its category in words; the bare number where its word is not known, and nothing where it has none.
    pub(super) fn category(&self) -> String {
        match (&self.category, self.category_number()) {
            (Value::String(word), _) => word.clone(),
            (_, Some(number)) => {
                let known = CATEGORIES.iter().find(|(known, _)| *known == number);
                known.map_or_else(|| number.to_string(), |(_, word)| (*word).to_owned())
            }
            _ => String::new(),
        }
    }

    fn category_number(&self) -> Option<i64> {
        self.category.as_i64().or_else(|| category_number(self.category.as_str()?))
    }

    /// When it was accepted, on the service's clock.
    pub(super) fn created_at(&self) -> Result<Timestamp, Odd> {
        let known = self.creation_time_date_time_utc.or(self.last_update_time);
        known.ok_or_else(|| Odd::new("creationTimeDateTimeUtc", "a date and time", "none"))
    }

    /// When it was last changed, on the service's clock. Until it is, the service tells the moment of its creation.
    pub(super) fn changed_at(&self) -> Option<Timestamp> {
        self.last_update_time.filter(|at| self.creation_time_date_time_utc.is_some_and(|created| *at > created))
    }

    /// What the definition of its alert says. It keeps no name and no internal description.
    pub(super) fn definition(&self) -> Result<AlertDefinition, Odd> {
        Ok(AlertDefinition {
            name: String::new(),
            severity: self.severity()?,
            internal_description: String::new(),
            title: self.title.clone(),
            ux_description: self.description.clone(),
            recommended_action: self.recommended_actions.clone(),
            category: self.category(),
            enabled: true,
        })
    }

    /// The same to send again.
    pub(super) fn again(&self) -> Result<NewIndicator, Odd> {
        let action = self.action()?;
        Ok(NewIndicator {
            indicator_value: self.value.clone(),
            indicator_type: self.kind()?,
            action,
            application: self.application.clone(),
            title: self.title.clone(),
            description: self.description.clone(),
            expiration_time: self.expiration_time,
            severity: self.severity()?,
            recommended_actions: self.recommended_actions.clone(),
            rbac_group_names: texts(&self.rbac_group_names),
            educate_url: self.educate_url.clone(),
            generate_alert: raises_alerts(action),
            external_id: self.external_id.clone(),
            category: self.category_number(),
            mitre_techniques: texts(&self.mitre_techniques),
        })
    }
}

fn texts(list: &Value) -> Vec<String> {
    let all = list.as_array().map_or(&[][..], Vec::as_slice);
    all.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Whether an indicator of this action is to raise alerts: `Audit` demands it, and `Allowed` has none to raise.
pub(super) fn raises_alerts(action: Action) -> bool {
    action != Action::Allowed
}

/// The service's spelling of a kind.
pub(super) fn as_spelt(kind: Kind) -> &'static str {
    match kind {
        Kind::Sha1 => "FileSha1",
        Kind::Sha256 => "FileSha256",
        Kind::Md5 => "FileMd5",
        Kind::IpAddress => "IpAddress",
        Kind::DomainName => "DomainName",
        Kind::Url => "Url",
    }
}

fn odd_word<const N: usize>(path: &str, known: [&str; N], saw: &str) -> Odd {
    Odd::new(path, known.join(", "), format!("`{saw}`"))
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn kind_word<S: Serializer>(kind: &Kind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(as_spelt(*kind))
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn action_word<S: Serializer>(action: &Action, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(action.as_str())
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn severity_word<S: Serializer>(severity: &Severity, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(severity.as_str())
}

#[expect(clippy::ref_option, reason = "serde hands a reference")]
fn moment_or_null<S: Serializer>(moment: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    match moment {
        Some(moment) => serializer.serialize_str(&as_written(*moment)),
        None => serializer.serialize_none(),
    }
}

/// A moment as the service writes them: seven digits, cut, and no zone but UTC.
pub(super) fn as_written(moment: Timestamp) -> String {
    TimeZone::UTC.to_datetime(moment).strftime("%Y-%m-%dT%H:%M:%S%.7fZ").to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The 31 members as they were recorded, 2023-05-04; values of our own.
    const RECORDED: &str = r#"{"id":"12","indicatorValue":"aa","indicatorType":"FileSha1","action":"BlockAndRemediate","createdBy":"11112222-3333-4444-5555-666677778888","severity":"Informational","category":1,"application":null,"educateUrl":null,"bypassDurationHours":null,"title":"t","description":"d","recommendedActions":null,"creationTimeDateTimeUtc":"2023-04-25T19:14:16.864235Z","expirationTime":null,"lastUpdateTime":"2023-04-29T03:38:37.9997514Z","lastUpdatedBy":null,"rbacGroupNames":[],"rbacGroupIds":[],"notificationId":null,"notificationBody":null,"version":null,"mitreTechniques":[],"historicalDetection":false,"lookBackPeriod":null,"generateAlert":true,"additionalInfo":null,"createdByDisplayName":"an app","externalId":null,"createdBySource":"PublicApi","certificateInfo":null}"#;

    fn with(member: &str, value: Value) -> Indicator {
        let mut json: Value = serde_json::from_str(RECORDED).expect("the recording is JSON");
        json[member] = value;
        serde_json::from_value(json).expect("it is read")
    }

    #[test]
    fn what_is_written_has_the_documented_order_and_types() {
        let sent = NewIndicator {
            indicator_value: "evil.example".into(),
            indicator_type: Kind::DomainName,
            action: Action::Audit,
            application: None,
            title: "t".into(),
            description: "d".into(),
            expiration_time: Some("2026-11-24T13:00:00.123456789Z".parse().expect("a moment")),
            severity: Severity::High,
            recommended_actions: None,
            rbac_group_names: Vec::new(),
            educate_url: None,
            generate_alert: true,
            external_id: Some("abcd2345".into()),
            category: Some(1),
            mitre_techniques: Vec::new(),
        };
        assert_eq!(
            serde_json::to_string(&sent).expect("JSON"),
            r#"{"indicatorValue":"evil.example","indicatorType":"DomainName","action":"Audit","title":"t","description":"d","expirationTime":"2026-11-24T13:00:00.1234567Z","severity":"High","recommendedActions":null,"generateAlert":true,"externalId":"abcd2345","category":1}"#
        );
    }

    #[test]
    fn a_category_is_a_number_with_a_word_where_that_is_known() {
        assert_eq!(with("category", json!(1)).category(), "SuspiciousActivity");
        assert_eq!(with("category", json!(23)).category(), "23");
        assert_eq!(with("category", json!("Malware")).category(), "Malware");
        assert_eq!(with("category", json!(null)).category(), "");
        assert_eq!(with("category", json!({ "odd": 1e300 })).category(), "");
        assert_eq!(category_number("suspiciousactivity"), Some(1));
        assert_eq!(category_number("Trojan"), None);
        assert_eq!(with("category", json!(23)).again().map(|new| new.category), Ok(Some(23)));
    }

    #[test]
    fn what_an_update_would_take_away_is_sent_again() {
        let mut read = with("rbacGroupNames", json!(["servers", 7]));
        (read.application, read.educate_url) = (Some("app".into()), Some("https://help.example".into()));
        let again = read.again().expect("it is understood");
        assert_eq!((again.rbac_group_names, again.mitre_techniques), (vec!["servers".to_owned()], Vec::new()));
        assert_eq!((again.application, again.educate_url), (read.application, read.educate_url));
        assert_eq!(
            with("mitreTechniques", json!(["T1071"])).again().map(|new| new.mitre_techniques),
            Ok(vec!["T1071".into()])
        );
    }

    #[test]
    fn words_that_are_not_known_are_named_as_they_came() {
        let read = with("indicatorType", json!("WebCategory"));
        assert_eq!(read.kind().map_err(|odd| odd.saw), Err("`WebCategory`".into()));
        let read = with("action", json!("AlertAndBlock"));
        assert_eq!(read.action().map_err(|odd| odd.saw), Err("`AlertAndBlock`".into()));
        let read = with("severity", json!(null));
        assert_eq!(read.severity().map_err(|odd| odd.path), Err("severity".into()));
        assert_eq!(with("indicatorType", json!("filesha256")).kind(), Ok(Kind::Sha256));
    }

    #[test]
    fn an_indicator_that_nobody_changed_tells_no_change() {
        assert!(with("id", json!(12)).changed_at().is_some());
        assert_eq!(with("lastUpdateTime", json!("2023-04-25T19:14:16.864235Z")).changed_at(), None);
        let created = with("creationTimeDateTimeUtc", json!(null)).created_at();
        assert_eq!(created.map(|at| at.to_string()), Ok("2023-04-29T03:38:37.9997514Z".into()));
    }
}
