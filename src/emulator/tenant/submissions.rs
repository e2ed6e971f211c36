//! Threat indicators that were submitted through the security API of before: what was said, and the custom indicator
//! that came of it, where one did.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::emulator::{
    noise,
    tenant::{Tenant, custom::Custom, shelf::Asked},
};

/// A submitted indicator.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    /// The key, a GUID.
    pub id: String,
    /// Its number: the first is 1.
    pub number: u64,
    /// What it says, by the names of the API.
    pub says: Map<String, Value>,
    /// The application that submitted it: no other sees it.
    pub owner: String,
    /// When it was taken in.
    pub taken_at: Timestamp,
    /// When it is forgotten.
    pub expires_at: Timestamp,
    /// The custom indicator that came of it.
    custom: Option<i64>,
}

/// How many are kept (the limit for endpoints).
const MOST: usize = 15_000;

/// The submitted indicators of a tenant.
#[derive(Debug, Default)]
pub(super) struct Submissions {
    kept: BTreeMap<String, Submission>,
    made: u64,
}

/// What is submitted.
#[derive(Debug, Clone)]
pub struct Draft {
    /// What it says, by the names of the API.
    pub says: Map<String, Value>,
    /// When it is forgotten.
    pub expires_at: Timestamp,
    /// What endpoints are to look for, where they are meant.
    pub custom: Option<Custom>,
}

impl Tenant {
    /// The submitted indicators of an application, the oldest first.
    pub fn submissions<'a>(&'a self, owner: &'a str, now: Timestamp) -> impl Iterator<Item = &'a Submission> {
        let live = move |submission: &&Submission| submission.owner == owner && submission.expires_at > now;
        self.submissions.kept.values().filter(live)
    }

    /// The submitted indicator of this id, if it is the application's own.
    pub fn submission(&self, id: &str, owner: &str, now: Timestamp) -> Option<&Submission> {
        let found = self.submissions.kept.get(&id.to_ascii_lowercase());
        found.filter(|submission| submission.owner == owner && submission.expires_at > now)
    }

    /// Keeps a submitted indicator; none when there is no room for another.
    pub fn submit(&mut self, draft: Draft, owner: &str, asked: Asked<'_>) -> Option<Submission> {
        self.submissions.kept.retain(|_, submission| submission.expires_at > asked.at);
        if self.submissions.kept.len() >= MOST {
            return None;
        }
        let custom = match draft.custom {
            Some(custom) => Some(self.publish_custom(custom, asked).ok()?.id),
            None => None,
        };
        self.submissions.made += 1;
        let number = self.submissions.made;
        let id = noise::guid(self.seed, &["submission", &number.to_string()]);
        let submission = Submission {
            id: id.clone(),
            number,
            says: draft.says,
            owner: owner.to_owned(),
            taken_at: asked.at,
            expires_at: draft.expires_at,
            custom,
        };
        self.submissions.kept.insert(id, submission.clone());
        Some(submission)
    }

    /// Changes what a submitted indicator says; false when there is none of this id.
    pub fn resubmit(&mut self, id: &str, draft: Draft, asked: Asked<'_>) -> bool {
        let Some(known) = self.submissions.kept.get(&id.to_ascii_lowercase()) else { return false };
        if let (Some(old), None) = (known.custom, &draft.custom) {
            self.delete_custom(old, asked.at);
        }
        let custom = draft.custom.and_then(|custom| self.publish_custom(custom, asked).ok()).map(|stored| stored.id);
        if let Some(submission) = self.submissions.kept.get_mut(&id.to_ascii_lowercase()) {
            submission.says = draft.says;
            submission.expires_at = draft.expires_at;
            submission.custom = custom;
        }
        true
    }

    /// Takes a submitted indicator away, with the custom one that came of it; false when there is none of this id.
    pub fn withdraw(&mut self, id: &str, now: Timestamp) -> bool {
        let Some(submission) = self.submissions.kept.remove(&id.to_ascii_lowercase()) else { return false };
        if let Some(custom) = submission.custom {
            self.delete_custom(custom, now);
        }
        true
    }
}
