//! Which part of the API a path leads to: `{version}/security/{collection}/{id}/{member}`.
//!
//! Segments are known in any letter case, keys stand in a segment of their own or in parentheses, and an action or
//! function may be written with its namespace: the API is as liberal.

/// The version segment after the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    V1,
    Beta,
}

impl Version {
    /// As it stands in addresses.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "v1.0",
            Self::Beta => "beta",
        }
    }

    /// The version that a segment names.
    pub(super) fn read(segment: &str) -> Option<Self> {
        [Self::V1, Self::Beta].into_iter().find(|version| version.as_str().eq_ignore_ascii_case(segment))
    }
}

/// What can be asked of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// The description of the types.
    Metadata,
    /// Many requests in one.
    Batch,
    Alerts,
    AlertCount,
    Alert(String),
    Comments(String),
    CreateAlert,
    Incidents,
    IncidentCount,
    Incident(String),
    IncidentComments(String),
    IncidentAlerts(String),
    Rules,
    RuleCount,
    Rule(String),
    Hunt,
    HuntingSchema,
    Indicators,
    IndicatorCount,
    Indicator(String),
    /// An action on many indicators.
    IndicatorAction(IndicatorAction),
}

/// The actions on many indicators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IndicatorAction {
    Submit,
    Update,
    Delete,
    DeleteByExternalId,
}

impl IndicatorAction {
    const ALL: [(&'static str, Self); 4] = [
        ("submitTiIndicators", Self::Submit),
        ("updateTiIndicators", Self::Update),
        ("deleteTiIndicators", Self::Delete),
        ("deleteTiIndicatorsByExternalId", Self::DeleteByExternalId),
    ];
}

/// A path that leads nowhere: its first segment that is unknown.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoSegment(pub(super) String);

/// A part of a path: a name and, where one follows, a key.
struct Step<'a> {
    name: &'a str,
    key: Option<&'a str>,
}

/// What the segments after the version lead to.
pub(super) fn find(segments: &[String], version: Version) -> Result<Place, NoSegment> {
    let steps: Vec<_> = segments.iter().map(|segment| step(segment)).collect();
    let nowhere = |at: usize| NoSegment(segments.get(at).cloned().unwrap_or_default());
    let names: Vec<_> = steps.iter().map(|step| step.name.to_ascii_lowercase()).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    match names.as_slice() {
        ["$metadata"] => Ok(Place::Metadata),
        ["$batch"] => Ok(Place::Batch),
        ["security", "alerts_v2", ..] => alerts(&below(&steps, 1)).ok_or_else(|| nowhere(2)),
        ["security", "incidents", ..] => incidents(&below(&steps, 1)).ok_or_else(|| nowhere(2)),
        ["security", "rules", "detectionrules", ..] => rules(&below(&steps, 2)).ok_or_else(|| nowhere(3)),
        ["security", "rules"] => Err(nowhere(1)),
        ["security", "rules", ..] => Err(nowhere(2)),
        ["security", "runhuntingquery"] => Ok(Place::Hunt),
        ["security", "gethuntingschema"] if version == Version::Beta => Ok(Place::HuntingSchema),
        ["security", "tiindicators", ..] if version == Version::Beta => {
            indicators(&below(&steps, 1)).ok_or_else(|| nowhere(2))
        }
        ["security", ..] if names.len() > 1 => Err(nowhere(1)),
        _ => Err(nowhere(0)),
    }
}

/// A segment's name and the key in parentheses after it; without the namespace of an action, and without the empty
/// parentheses of a function.
fn step(segment: &str) -> Step<'_> {
    const NAMESPACE: &str = "microsoft.graph.security.";
    let (name, key) = match segment.split_once('(') {
        Some((name, rest)) if rest.ends_with(')') => (name, Some(&rest[..rest.len() - 1])),
        _ => (segment, None),
    };
    let namespaced = name.get(..NAMESPACE.len()).is_some_and(|start| start.eq_ignore_ascii_case(NAMESPACE));
    let name = if namespaced { &name[NAMESPACE.len()..] } else { name };
    Step { name, key: key.map(bare_key).filter(|key| !key.is_empty()) }
}

/// The key in `'x'` or `id='x'`.
fn bare_key(key: &str) -> &str {
    let key = key.trim();
    let key = key.strip_prefix("id=").unwrap_or(key);
    key.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).unwrap_or(key)
}

/// The parts below the collection at `at`: the key, wherever it stands, then names.
fn below<'a>(steps: &[Step<'a>], at: usize) -> Vec<&'a str> {
    let key = steps[at].key;
    key.into_iter().chain(steps[at + 1..].iter().map(|step| step.name)).collect()
}

fn is(text: &str, word: &str) -> bool {
    text.eq_ignore_ascii_case(word)
}

fn alerts(parts: &[&str]) -> Option<Place> {
    match *parts {
        [] => Some(Place::Alerts),
        [count] if is(count, "$count") => Some(Place::AlertCount),
        [action] if is(action, "createAlert") => Some(Place::CreateAlert),
        [id] => Some(Place::Alert(id.to_owned())),
        [id, comments] if is(comments, "comments") => Some(Place::Comments(id.to_owned())),
        _ => None,
    }
}

fn incidents(parts: &[&str]) -> Option<Place> {
    match *parts {
        [] => Some(Place::Incidents),
        [count] if is(count, "$count") => Some(Place::IncidentCount),
        [id] => Some(Place::Incident(id.to_owned())),
        [id, comments] if is(comments, "comments") => Some(Place::IncidentComments(id.to_owned())),
        [id, alerts] if is(alerts, "alerts") => Some(Place::IncidentAlerts(id.to_owned())),
        _ => None,
    }
}

fn rules(parts: &[&str]) -> Option<Place> {
    match *parts {
        [] => Some(Place::Rules),
        [count] if is(count, "$count") => Some(Place::RuleCount),
        [id] => Some(Place::Rule(id.to_owned())),
        _ => None,
    }
}

fn indicators(parts: &[&str]) -> Option<Place> {
    match *parts {
        [] => Some(Place::Indicators),
        [count] if is(count, "$count") => Some(Place::IndicatorCount),
        [part] => {
            let action = IndicatorAction::ALL.iter().find(|(name, _)| is(part, name));
            Some(
                action.map_or_else(|| Place::Indicator(part.to_owned()), |(_, action)| Place::IndicatorAction(*action)),
            )
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(path: &str) -> Result<Place, NoSegment> {
        let segments: Vec<_> = path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect();
        find(&segments, Version::Beta)
    }

    #[test]
    fn a_path_leads_to_its_place_in_any_letter_case_and_with_a_key_in_either_form() {
        for (path, found) in [
            ("security/alerts_v2", Place::Alerts),
            ("Security/Alerts_V2/", Place::Alerts),
            ("security/alerts_v2/$count", Place::AlertCount),
            ("security/alerts_v2/da1_-2", Place::Alert("da1_-2".into())),
            ("security/alerts_v2('da1_-2')/comments", Place::Comments("da1_-2".into())),
            ("security/alerts_v2(id='x')", Place::Alert("x".into())),
            ("security/alerts_v2/microsoft.graph.security.createAlert", Place::CreateAlert),
            ("security/incidents/29/alerts", Place::IncidentAlerts("29".into())),
            ("security/rules/detectionRules/a-1", Place::Rule("a-1".into())),
            ("security/microsoft.graph.security.runHuntingQuery", Place::Hunt),
            ("security/runHuntingQuery", Place::Hunt),
            ("security/microsoft.graph.security.getHuntingSchema()", Place::HuntingSchema),
            ("security/tiIndicators/submitTiIndicators", Place::IndicatorAction(IndicatorAction::Submit)),
        ] {
            assert_eq!(place(path), Ok(found), "{path}");
        }
    }

    #[test]
    fn what_leads_nowhere_is_named_by_its_first_unknown_segment() {
        for (path, segment) in [
            ("", ""),
            ("me", "me"),
            ("security", "security"),
            ("security/nope/x", "nope"),
            ("security/rules/nope", "nope"),
            ("security/alerts_v2/1/nope", "1"),
        ] {
            assert_eq!(place(path), Err(NoSegment(segment.into())), "{path}");
        }
        let segments = ["security".to_owned(), "tiIndicators".to_owned()];
        assert_eq!(find(&segments, Version::V1), Err(NoSegment("tiIndicators".into())), "it is in beta only");
    }
}
