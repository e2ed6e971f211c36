//! Deliberate misbehaviour, so that whoever uses the tenant can be seen to bear it.
//!
//! In reading order: [`kinds`] (which there are), [`rule`] (one that is switched on, in JSON), `exchange` (what it does to an
//! answer). What it does to alerts, telemetry and publishing is asked for by the tenant, through [`Faults`].

pub(super) mod exchange;
pub mod kinds;
pub mod rule;

use jiff::Timestamp;
use serde_json::Value;

use crate::emulator::faults::rule::{Fault, Match, Rule, Subject};

/// The faults that are switched on, in the order in which they were added.
#[derive(Debug, Default)]
pub struct Faults {
    rules: Vec<Rule>,
    last_id: u64,
}

/// How many faults may be switched on at once.
pub const FAULTS_AT_MOST: usize = 1_000;

impl Faults {
    /// Switches a fault on, and returns it in JSON with its id. The error is for a person to read.
    pub fn add(&mut self, rule: &Value) -> Result<Value, String> {
        if self.rules.len() >= FAULTS_AT_MOST {
            return Err(format!("there are {FAULTS_AT_MOST} faults already; take some away first"));
        }
        let mut rule = Rule::from_json(rule)?;
        self.last_id += 1;
        rule.id = self.last_id;
        let json = rule.to_json();
        self.rules.push(rule);
        Ok(json)
    }

    /// Switches a fault off; false when there is none of this id.
    pub fn remove(&mut self, id: u64) -> bool {
        let before = self.rules.len();
        self.rules.retain(|rule| rule.id != id);
        self.rules.len() < before
    }

    /// Switches every fault off.
    pub fn clear(&mut self) {
        self.rules.clear();
    }

    /// Every fault that is switched on.
    pub fn to_json(&self) -> Value {
        Value::Array(self.rules.iter().map(Rule::to_json).collect())
    }

    /// The faults that apply to `subject` at `now`, each counted as used once more.
    pub(super) fn applying(&mut self, subject: &Subject<'_>, now: Timestamp) -> Vec<Fault> {
        let mut found = Vec::new();
        self.rules.retain(|rule| !rule.is_over(now));
        for rule in &mut self.rules {
            if rule.fault.concerns(subject) && Match::holds(&rule.matching, subject) {
                found.extend(rule.strike(now));
            }
        }
        self.rules.retain(|rule| rule.times != Some(0));
        found
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a moment")
    }

    fn exchange<'a>(face: &'a str, method: &'a str, path: &'a str) -> Subject<'a> {
        Subject::Exchange { face, method, path }
    }

    #[test]
    fn a_fault_applies_where_it_matches_and_as_often_as_it_says() {
        let mut faults = Faults::default();
        faults
            .add(&json!({"kind": "status", "status": 503, "times": 2, "match": {"face": "legacy", "method": "POST"}}))
            .expect("a good rule");
        assert!(faults.applying(&exchange("legacy", "GET", "/V1.0/AlertDefinitions"), at(0)).is_empty());
        assert!(faults.applying(&exchange("token", "POST", "/x/oauth2/token"), at(0)).is_empty());
        for _ in 0..2 {
            assert_eq!(faults.applying(&exchange("legacy", "POST", "/V1.0/AlertDefinitions"), at(0)).len(), 1);
        }
        assert!(faults.applying(&exchange("legacy", "POST", "/V1.0/AlertDefinitions"), at(0)).is_empty());
        assert_eq!(faults.to_json(), json!([]));
    }

    #[test]
    fn the_control_face_is_spared_unless_it_is_meant() {
        let mut faults = Faults::default();
        faults.add(&json!({"kind": "close"})).expect("a good rule");
        assert!(faults.applying(&exchange("control", "DELETE", "/control/faults"), at(0)).is_empty());
        faults.add(&json!({"kind": "html", "face": "control"})).expect("a good rule");
        assert_eq!(faults.applying(&exchange("control", "GET", "/control"), at(0)).len(), 1);
    }

    #[test]
    fn a_fault_lasts_from_its_first_use_on() {
        let mut faults = Faults::default();
        faults.add(&json!({"kind": "html", "face": "legacy", "lasting": 60})).expect("a good rule");
        let mut struck = |second| faults.applying(&exchange("legacy", "GET", "/"), at(second)).len();
        assert_eq!([struck(1000), struck(1059), struck(1060), struck(1001)], [1, 1, 0, 0]);
    }

    #[test]
    fn a_share_is_a_share_and_follows_from_the_seed() {
        let struck = |seed: u64| {
            let mut faults = Faults::default();
            faults.add(&json!({"kind": "close", "share": 0.2, "seed": seed})).expect("a good rule");
            let strikes = |_| !faults.applying(&exchange("graph", "GET", "/"), at(0)).is_empty();
            (0..1_000).map(strikes).collect::<Vec<_>>()
        };
        let count = |struck: &[bool]| struck.iter().filter(|struck| **struck).count();
        assert!((150..250).contains(&count(&struck(1))), "{}", count(&struck(1)));
        assert_eq!(struck(1), struck(1));
        assert_ne!(struck(1), struck(2));
    }

    #[test]
    fn any_failure_is_each_of_them_in_turn() {
        let mut faults = Faults::default();
        faults.add(&json!({"kind": "any-failure"})).expect("a good rule");
        let kinds: Vec<_> = (0..500).flat_map(|_| faults.applying(&exchange("graph", "GET", "/"), at(0))).collect();
        assert_eq!(kinds.len(), 500);
        for kind in rule::failures() {
            assert!(kinds.contains(&kind), "{kind:?}");
        }
        assert!(!kinds.contains(&Fault::AnyFailure));
    }

    #[test]
    fn faults_are_taken_away_one_by_one_or_all_at_once() {
        let mut faults = Faults::default();
        let first = faults.add(&json!({"kind": "drop-alert"})).expect("a good rule");
        faults.add(&json!({"kind": "forget"})).expect("a good rule");
        assert_eq!(first["id"], json!(1));
        assert!(faults.remove(1));
        assert!(!faults.remove(1));
        faults.clear();
        assert_eq!(faults.to_json(), json!([]));
    }
}
