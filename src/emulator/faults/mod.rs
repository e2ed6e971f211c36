//! Deliberate misbehaviour, so that whoever uses the tenant can be seen to bear it.
//!
//! In reading order: [`kinds`] (which there are), [`rule`] (one that is switched on, in JSON), `exchange` (what it does to an
//! answer). What it does to alerts, telemetry and publishing is asked for by the tenant, through [`Faults`].

pub(super) mod exchange;
pub mod kinds;
pub mod rule;

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

    /// The faults that apply to `subject`, each counted as used once more.
    pub(super) fn applying(&mut self, subject: &Subject<'_>) -> Vec<Fault> {
        let mut found = Vec::new();
        for rule in &mut self.rules {
            if rule.fault.concerns(subject) && Match::holds(&rule.matching, subject) {
                found.push(rule.fault.clone());
                rule.times = rule.times.map(|times| times.saturating_sub(1));
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

    fn exchange<'a>(face: &'a str, method: &'a str, path: &'a str) -> Subject<'a> {
        Subject::Exchange { face, method, path }
    }

    #[test]
    fn a_fault_applies_where_it_matches_and_as_often_as_it_says() {
        let mut faults = Faults::default();
        faults
            .add(&json!({"kind": "status", "status": 503, "times": 2, "match": {"face": "legacy", "method": "POST"}}))
            .expect("a good rule");
        assert!(faults.applying(&exchange("legacy", "GET", "/V1.0/AlertDefinitions")).is_empty());
        assert!(faults.applying(&exchange("token", "POST", "/x/oauth2/token")).is_empty());
        for _ in 0..2 {
            assert_eq!(faults.applying(&exchange("legacy", "POST", "/V1.0/AlertDefinitions")).len(), 1);
        }
        assert!(faults.applying(&exchange("legacy", "POST", "/V1.0/AlertDefinitions")).is_empty());
        assert_eq!(faults.to_json(), json!([]));
    }

    #[test]
    fn the_control_face_is_spared_unless_it_is_meant() {
        let mut faults = Faults::default();
        faults.add(&json!({"kind": "close"})).expect("a good rule");
        assert!(faults.applying(&exchange("control", "DELETE", "/control/faults")).is_empty());
        faults.add(&json!({"kind": "html", "face": "control"})).expect("a good rule");
        assert_eq!(faults.applying(&exchange("control", "GET", "/control")).len(), 1);
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
