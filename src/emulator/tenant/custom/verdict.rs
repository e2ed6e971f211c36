//! Which of the indicators that an event touches count, where they contradict each other.
//!
//! Documented (indicators-overview): of a network's, allowing beats warning and warning blocking, and the longer path of
//! a URL beats the shorter; of a file's, SHA-256 beats SHA-1 and SHA-1 MD5; one for a device group beats one for all
//! devices. That the last comes after the others in weight, and that of two with the same hash the milder counts, is not.

use crate::emulator::tenant::custom::{Action, Custom, index::Touch};

/// What happens to what the device did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Decision {
    Blocked,
    Warned,
    Allowed,
}

/// What follows from an event.
#[derive(Debug, PartialEq)]
pub(super) struct Verdict {
    /// None where nothing but audits is said of it.
    pub(super) decision: Option<Decision>,
    /// The indicators that raise an alert, with their ids.
    pub(super) alerting: Vec<(i64, Custom)>,
}

impl Custom {
    /// What the indicator decides; an audit decides nothing.
    fn decision(&self) -> Option<Decision> {
        match self.action.of_today() {
            Action::Allowed => Some(Decision::Allowed),
            Action::Warn => Some(Decision::Warned),
            Action::Block | Action::BlockAndRemediate => Some(Decision::Blocked),
            _ => None,
        }
    }
}

/// Judges what was touched; `allow_silences` tells whether what allows a thing silences what audits it.
pub(super) fn judge(touched: &[(Touch, Custom)], allow_silences: bool) -> Verdict {
    let rank = |(touch, custom): &(Touch, Custom)| {
        custom.decision().map(|decision| (touch.closeness, custom.is_scoped(), decision))
    };
    let winner = touched.iter().filter_map(rank).max();
    let allowed = touched.iter().filter(|(_, custom)| custom.decision() == Some(Decision::Allowed));
    let closest_allowed = allowed.map(|(touch, _)| touch.closeness).max().filter(|_| allow_silences);
    let counts = |hit: &(Touch, Custom)| match rank(hit) {
        Some(rank) => rank.2 != Decision::Allowed && Some(rank) == winner,
        None => closest_allowed.is_none_or(|closeness| closeness < hit.0.closeness),
    };
    let alerting = touched.iter().filter(|hit| hit.1.generate_alert && counts(hit));
    Verdict {
        decision: winner.map(|(_, _, decision)| decision),
        alerting: alerting.map(|(touch, custom)| (touch.candidate.indicator, custom.clone())).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::{
        detection::Candidate,
        tenant::custom::{Kind, custom},
    };

    fn hit(id: i64, action: Action, closeness: usize) -> (Touch, Custom) {
        let touch = Touch { candidate: Candidate { indicator: id, version: 0 }, closeness };
        (touch, custom(Kind::Url, "http://evil.example/", action))
    }

    fn judged(hits: &[(i64, Action, usize)], allow_silences: bool) -> (Option<Decision>, Vec<i64>) {
        let touched = hits.iter().map(|(id, action, closeness)| hit(*id, *action, *closeness));
        let verdict = judge(&touched.collect::<Vec<_>>(), allow_silences);
        (verdict.decision, verdict.alerting.iter().map(|(id, _)| *id).collect())
    }

    #[test]
    fn the_milder_and_the_closer_count() {
        use Action::{Allowed, Audit, Block, BlockAndRemediate, Warn};
        for (hits, expected) in [
            (vec![], (None, vec![])),
            (vec![(1, Audit, 0)], (None, vec![1])),
            (vec![(1, Block, 0), (2, Warn, 0)], (Some(Decision::Warned), vec![2])),
            (vec![(1, Block, 0), (2, Warn, 0), (3, Allowed, 0)], (Some(Decision::Allowed), vec![])),
            (vec![(1, Allowed, 2), (2, Block, 4)], (Some(Decision::Blocked), vec![2])),
            (vec![(1, Allowed, 4), (2, Block, 2)], (Some(Decision::Allowed), vec![])),
            (vec![(1, Audit, 0), (2, Block, 0), (3, BlockAndRemediate, 0)], (Some(Decision::Blocked), vec![1, 2, 3])),
            (vec![(1, Action::AlertAndBlock, 0), (2, Action::Alert, 0)], (Some(Decision::Blocked), vec![1, 2])),
        ] {
            assert_eq!(judged(&hits, true), expected, "{hits:?}");
        }
    }

    #[test]
    fn what_allows_silences_an_audit_where_it_is_as_close_and_only_if_it_does_at_all() {
        use Action::{Allowed, Audit};
        assert_eq!(judged(&[(1, Audit, 0), (2, Allowed, 0)], true).1, Vec::<i64>::new());
        assert_eq!(judged(&[(1, Audit, 3), (2, Allowed, 0)], true).1, [1]);
        assert_eq!(judged(&[(1, Audit, 0), (2, Allowed, 0)], false).1, [1]);
    }

    #[test]
    fn one_for_some_devices_beats_one_for_all() {
        let mut scoped = hit(1, Action::Block, 0);
        scoped.1.groups = vec!["Servers".into()];
        let verdict = judge(&[scoped, hit(2, Action::Allowed, 0)], true);
        assert_eq!((verdict.decision, verdict.alerting.len()), (Some(Decision::Blocked), 1));
    }

    #[test]
    fn what_shall_raise_no_alert_raises_none() {
        let mut silent = hit(1, Action::Block, 0);
        silent.1.generate_alert = false;
        let verdict = judge(&[silent], true);
        assert_eq!((verdict.decision, verdict.alerting.len()), (Some(Decision::Blocked), 0));
    }
}
