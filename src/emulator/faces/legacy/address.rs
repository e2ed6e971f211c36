//! Which place in the API a path names.

use crate::emulator::faces::legacy::refusal::Refusal;

/// One of the two entity sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Set {
    AlertDefinitions,
    IndicatorsOfCompromise,
}

impl Set {
    pub(super) const ALL: [Self; 2] = [Self::AlertDefinitions, Self::IndicatorsOfCompromise];

    /// The set's name in paths and contexts.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::AlertDefinitions => "AlertDefinitions",
            Self::IndicatorsOfCompromise => "IndicatorsOfCompromise",
        }
    }
}

/// A place in the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// `/`
    Service,
    /// `/$metadata`
    Metadata,
    /// `/AlertDefinitions`
    Set(Set),
    /// `/AlertDefinitions/$count`
    Count(Set),
    /// `/AlertDefinitions(1)`
    One(Set, i64),
    /// `/IndicatorsOfCompromise(1)/AlertDefinition/$ref`
    DefinitionOf(i64),
    /// `/AlertDefinitions(1)/Actions.DeleteIOCs`
    DeleteIndicatorsOf(i64),
    /// `/AlertDefinitions/Actions.BulkUpload`
    BulkUpload(Set),
}

/// Reads the path below the service's root. Names are case-sensitive, as they are in the framework.
pub(super) fn read(segments: &[String]) -> Result<Place, Refusal> {
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let Some((first, rest)) = segments.split_first() else { return Ok(Place::Service) };
    if *first == "$metadata" && rest.is_empty() {
        return Ok(Place::Metadata);
    }
    let (set, key) = set_and_key(first)?;
    match (set, key, rest) {
        (set, None, []) => Ok(Place::Set(set)),
        (set, Some(id), []) => Ok(Place::One(set, id)),
        (set, None, ["$count"]) => Ok(Place::Count(set)),
        (set, None, ["Actions.BulkUpload"]) => Ok(Place::BulkUpload(set)),
        (Set::AlertDefinitions, Some(id), ["Actions.DeleteIOCs"]) => Ok(Place::DeleteIndicatorsOf(id)),
        (Set::IndicatorsOfCompromise, Some(id), ["AlertDefinition", "$ref"]) => Ok(Place::DefinitionOf(id)),
        (_, _, [.., last]) => Err(Refusal::NoSegment((*last).to_owned())),
    }
}

fn set_and_key(segment: &str) -> Result<(Set, Option<i64>), Refusal> {
    let (name, key) = match segment.split_once('(') {
        None => (segment, None),
        Some((name, rest)) => (name, Some(rest.strip_suffix(')').ok_or(Refusal::Syntax)?)),
    };
    let Some(set) = Set::ALL.into_iter().find(|set| set.name() == name) else {
        return Err(Refusal::NoSegment(name.to_owned()));
    };
    let Some(key) = key else { return Ok((set, None)) };
    let key = key.trim();
    let key = key.strip_prefix("Id").map_or(key, |rest| rest.trim_start().strip_prefix('=').unwrap_or("")).trim();
    key.parse().map(|id| (set, Some(id))).map_err(|_| Refusal::Syntax)
}

/// The id in a link to an alert definition, relative or absolute: `AlertDefinitions(6)`.
pub(super) fn linked_definition(link: &str) -> Option<i64> {
    let last = link.trim().trim_end_matches('/').rsplit('/').next()?;
    match set_and_key(last) {
        Ok((Set::AlertDefinitions, Some(id))) => Some(id),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(path: &str) -> Option<Place> {
        let segments: Vec<String> = path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect();
        read(&segments).ok()
    }

    #[test]
    fn every_place_has_its_path() {
        for (path, expected) in [
            ("/", Place::Service),
            ("/$metadata", Place::Metadata),
            ("/AlertDefinitions", Place::Set(Set::AlertDefinitions)),
            ("/IndicatorsOfCompromise/$count", Place::Count(Set::IndicatorsOfCompromise)),
            ("/AlertDefinitions(7)", Place::One(Set::AlertDefinitions, 7)),
            ("/AlertDefinitions( Id = 7 )", Place::One(Set::AlertDefinitions, 7)),
            ("/IndicatorsOfCompromise(3)/AlertDefinition/$ref", Place::DefinitionOf(3)),
            ("/AlertDefinitions(3)/Actions.DeleteIOCs", Place::DeleteIndicatorsOf(3)),
            ("/IndicatorsOfCompromise/Actions.BulkUpload", Place::BulkUpload(Set::IndicatorsOfCompromise)),
        ] {
            assert_eq!(place(path), Some(expected), "{path}");
        }
    }

    #[test]
    fn other_paths_lead_nowhere() {
        for path in [
            "/alertdefinitions",
            "/AlertDefinitions/1",
            "/AlertDefinitions(x)",
            "/AlertDefinitions(1",
            "/AlertDefinitions(99999999999999999999)",
            "/AlertDefinitions(1)/AlertDefinition/$ref",
            "/IndicatorsOfCompromise(1)/Actions.DeleteIOCs",
            "/$metadata/x",
        ] {
            assert_eq!(place(path), None, "{path}");
        }
    }

    #[test]
    fn a_link_may_be_relative_or_absolute() {
        assert_eq!(linked_definition("AlertDefinitions(6)"), Some(6));
        assert_eq!(linked_definition("https://TI.SecurityCenter.Windows.com/v1.0/AlertDefinitions(6)"), Some(6));
        assert_eq!(linked_definition("/V1.0/AlertDefinitions(6)/"), Some(6));
        assert_eq!(linked_definition("IndicatorsOfCompromise(6)"), None);
        assert_eq!(linked_definition("AlertDefinitions"), None);
    }
}
