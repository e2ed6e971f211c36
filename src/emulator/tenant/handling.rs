//! What people, programs and automated investigation make of an alert once it was raised.
//!
//! Two APIs show it, each in words of its own; these are neither's.

use jiff::Timestamp;

/// Where an alert stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each is what its name says")]
pub enum Status {
    #[default]
    New,
    InProgress,
    Resolved,
}

/// What an alert was found to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is what its name says")]
pub enum Classification {
    TruePositive,
    FalsePositive,
    ExpectedActivity,
}

/// Of what kind, within its classification. The APIs of 2023 and later know these, some under two names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is what its name says")]
pub enum Determination {
    Apt,
    Malware,
    SecurityPersonnel,
    SecurityTesting,
    UnwantedSoftware,
    MultiStagedAttack,
    CompromisedAccount,
    Phishing,
    MaliciousUserActivity,
    NotMalicious,
    NotEnoughData,
    ConfirmedActivity,
    LineOfBusinessApplication,
    Other,
}

/// How far automated investigation has come, where it looks at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each is what its name says")]
pub enum Investigation {
    #[default]
    UnsupportedAlertType,
    Queued,
    Running,
    SuccessfullyRemediated,
    Benign,
}

/// A remark on an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is what its name says")]
pub struct Comment {
    pub text: String,
    pub by: String,
    pub at: Timestamp,
}

/// How an alert was handled so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each field is what its name says")]
pub struct Handling {
    pub status: Status,
    pub classification: Option<Classification>,
    pub determination: Option<Determination>,
    pub assigned_to: Option<String>,
    pub comments: Vec<Comment>,
    pub resolved_at: Option<Timestamp>,
    pub investigation: Investigation,
    /// When it was last touched; none until it is.
    pub changed_at: Option<Timestamp>,
}

/// A change of how an alert is handled: what is `None` stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each field is the one of the same name of `Handling`")]
pub struct Change {
    pub status: Option<Status>,
    pub classification: Option<Option<Classification>>,
    pub determination: Option<Option<Determination>>,
    pub assigned_to: Option<Option<String>>,
    pub comment: Option<Comment>,
}

/// More remarks than these on one alert push out the oldest: memory stays bounded.
const COMMENTS_AT_MOST: usize = 100;

impl Handling {
    /// Makes `change` at `now`.
    pub fn apply(&mut self, change: Change, now: Timestamp) {
        if let Some(status) = change.status {
            self.resolved_at = (status == Status::Resolved).then(|| self.resolved_at.unwrap_or(now));
            self.status = status;
        }
        if let Some(classification) = change.classification {
            self.classification = classification;
        }
        if let Some(determination) = change.determination {
            self.determination = determination;
        }
        if let Some(assigned_to) = change.assigned_to {
            self.assigned_to = assigned_to;
        }
        if let Some(comment) = change.comment {
            if self.comments.len() == COMMENTS_AT_MOST {
                self.comments.remove(0);
            }
            self.comments.push(comment);
        }
        self.changed_at = Some(now);
    }

    /// What automated investigation does at `now` when it comes to `found` (recorded in 2023); an alert that somebody
    /// took up before stays theirs.
    pub(super) fn conclude(&mut self, found: Investigation, now: Timestamp) {
        self.investigation = found;
        if self.status != Status::New {
            return;
        }
        let change = Change {
            status: Some(Status::Resolved),
            assigned_to: Some(Some("API Action".to_owned())),
            ..Change::default()
        };
        self.apply(change, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a moment")
    }

    #[test]
    fn a_change_leaves_what_it_does_not_name_and_resolution_has_its_moment() {
        let mut handling = Handling::default();
        handling.apply(Change { assigned_to: Some(Some("a".into())), ..Change::default() }, at(1));
        handling.apply(Change { status: Some(Status::Resolved), ..Change::default() }, at(2));
        handling.apply(Change { status: Some(Status::Resolved), ..Change::default() }, at(3));
        assert_eq!((handling.assigned_to.as_deref(), handling.resolved_at), (Some("a"), Some(at(2))));
        handling.apply(Change { status: Some(Status::InProgress), ..Change::default() }, at(4));
        assert_eq!((handling.resolved_at, handling.changed_at), (None, Some(at(4))));
    }
}
