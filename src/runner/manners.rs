//! What the features say outright that they would publish, held against what a tenant allows, before anything runs.

use std::collections::HashSet;

use jiff::Timestamp;

use crate::{
    domain::{
        indicator::{Action, Function, Indicator, Kind},
        marker::PLACEHOLDER,
        off_limits::OffLimits,
        service::Service,
    },
    runner::{drive, problem::Problem, suite::Suite},
    world::verbs::draft::set_indicator_field,
};

/// What no drill that would run on a tenant may publish there, each line of a file once. What is minted is judged when it
/// is published, as is what a step of somebody else's asks for.
pub fn refused(suite: &Suite, service: Service, limits: &OffLimits) -> Vec<Problem> {
    let mut told = HashSet::new();
    let mut problems = Vec::new();
    for feature in &suite.features {
        for place in &feature.drills {
            let drill = feature.drill(*place);
            if !would_run(&drill.tags, service) {
                continue;
            }
            for step in &drill.steps {
                let line = u32::try_from(step.position.line).unwrap_or(u32::MAX);
                let Some((saw, reason)) = against(step, limits) else { continue };
                if told.insert((feature.file.clone(), line, saw.clone())) {
                    let what = format!("an indicator {} would be published: {saw}", reason.0);
                    problems.push(Problem::at(&feature.file, line, what).hint(reason.1));
                }
            }
        }
    }
    problems
}

/// Whether a drill with these tags runs on a tenant that others stand on.
fn would_run(tags: &[String], service: Service) -> bool {
    drive::others(tags, service).is_empty() && !tags.iter().any(|tag| tag == "exclusive")
}

/// What is wrong with what `step` would publish, with the value that is meant.
fn against(step: &gherkin::Step, limits: &OffLimits) -> Option<(String, (String, &'static str))> {
    if let Some(count) = uploaded(&step.value) {
        let reason = limits.against_so_many(count)?;
        return Some((format!("{count} at once"), (reason.why, reason.hint)));
    }
    let indicator = literal(step)?;
    let reason = limits.against(&indicator)?;
    let Indicator { kind, function, value, .. } = indicator;
    Some((format!("{kind} {function} `{value}`"), (reason.why, reason.hint)))
}

fn uploaded(text: &str) -> Option<usize> {
    text.strip_suffix(" indicators are uploaded at once")?.parse().ok()
}

/// The indicator of the step's table, where the table says all of its value.
fn literal(step: &gherkin::Step) -> Option<Indicator> {
    let rows = &step.table.as_ref()?.rows;
    let value = rows.iter().find(|row| row.len() == 2 && row[0].eq_ignore_ascii_case("value"))?;
    // A hash that is filled in is nobody's place either.
    if value[1].contains(PLACEHOLDER) || value[1].contains('{') {
        return None;
    }
    let mut indicator = Indicator {
        kind: kind_of(&value[1]),
        value: String::new(),
        function: Function::Equals,
        action: Action::Audit,
        expires_at: None,
        enabled: true,
    };
    for row in rows {
        let [field, text] = row.as_slice() else { continue };
        // What cannot be read is the step's to tell.
        let _told_by_the_step = set_indicator_field(&mut indicator, field, text, Timestamp::UNIX_EPOCH);
    }
    Some(indicator)
}

/// What a value is without a type beside it, as where an indicator is changed.
fn kind_of(value: &str) -> Kind {
    let address = value.split('/').next().is_some_and(|address| address.parse::<std::net::IpAddr>().is_ok());
    if address { Kind::IpAddress } else { Kind::DomainName }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::find::{Found, builtin};

    fn told(text: &str, limits: &OffLimits) -> Vec<String> {
        let found = [Found { file: "a.feature".into(), text: text.into(), lines: vec![] }];
        let suite = Suite::parse(&found).expect("it parses");
        refused(&suite, Service::Graph, limits).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_a_table_says_outright_is_told_with_its_line_once_a_value() {
        let text = "Feature: f\n  Scenario Outline: s\n    Given an alert definition and an indicator are in effect\n\
                    \x20     | type | <type> |\n      | value | <value> |\n\n    Examples:\n      | type | value |\n\
                    \x20     | IpAddress | 10.0.0.1 |\n      | IpAddress | 10.0.0.1 |\n      | Url | http://bing.com/ |\n\
                    \x20     | DomainName | {marker}.bing.com |\n      | DomainName | a.example |\n";
        let told = told(text, &OffLimits::default());
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].starts_with("a.feature:3: an indicator that meets 10.0.0.0/8,"), "{told:?}");
        assert!(told[1].contains("meets bing.com") && told[1].contains("`http://bing.com/`"), "{told:?}");
    }

    #[test]
    fn more_than_is_allowed_at_once_is_told_and_what_will_not_run_is_not() {
        let limits = OffLimits { max_indicators: Some(3), ..OffLimits::default() };
        let drill =
            |tag: &str| format!("Feature: f\n  {tag}\n  Scenario: s\n    When 4 indicators are uploaded at once\n");
        assert_eq!(told(&drill("@mine"), &limits).len(), 1);
        assert_eq!(told(&drill("@graph"), &limits).len(), 1);
        assert_eq!(told(&drill("@endpoint"), &limits).len(), 0);
        assert_eq!(told(&drill("@exclusive"), &limits).len(), 0);
    }

    #[test]
    fn the_built_in_features_publish_nothing_that_a_tenant_refuses() {
        let suite = Suite::parse(&builtin()).expect("they parse");
        let limits = OffLimits { max_indicators: Some(1_000), ..OffLimits::default() };
        for service in Service::ALL {
            let told: Vec<_> = refused(&suite, service, &limits).iter().map(ToString::to_string).collect();
            assert_eq!(told, Vec::<String>::new(), "{service}");
        }
    }
}
