//! A custom detection rule: what it looks for, how often, and the alert that it raises.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;

use crate::emulator::{hunting::RuleQuery, tenant::rules::entities::EntityKind};

/// Whether a rule runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It does.
    Enabled,
    /// Somebody switched it off.
    Disabled,
    /// The service switched it off.
    AutoDisabled,
}

/// What a rule says.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The key: the client's own, or a number of the service's.
    pub id: String,
    /// The name, which no other rule has.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Whether it runs.
    pub status: Status,
    /// The query's text.
    pub query: String,
    /// The query, checked.
    pub compiled: Arc<RuleQuery>,
    /// How often it runs; zero is continuously.
    pub frequency: SignedDuration,
    /// How far back it looks, where it says so.
    pub lookback: Option<SignedDuration>,
    /// The alert that it raises.
    pub template: Template,
    /// What it is to do besides, as it was sent; nothing is done.
    pub actions: Actions,
}

/// What a rule is to do besides raising alerts, as it was sent.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(missing_docs, reason = "each is the member of the API of the same name")]
pub struct Actions {
    pub automated_actions: Option<Json>,
    pub response_actions: Option<Json>,
    pub organizational_scope: Option<Json>,
    pub incident_configuration: Option<Json>,
}

/// The alert that a rule raises, with holes for what its rows hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// The title; `{{Column}}` stands for a value.
    pub title: String,
    /// The description, likewise.
    pub description: String,
    /// The severity, as it is written.
    pub severity: String,
    /// What is recommended.
    pub recommended_actions: Option<String>,
    /// The tactic, or the category of an older rule.
    pub category: String,
    /// Techniques, each with its sub-techniques.
    pub techniques: Vec<(String, Vec<String>)>,
    /// What of a row is which thing.
    pub mappings: Vec<Mapping>,
    /// The assets of an older rule, each with its type, as it was sent.
    pub impacted_assets: Vec<(String, String)>,
    /// Names for values, and the columns that hold them.
    pub custom_details: Vec<(String, String)>,
}

/// Which columns tell one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The thing's kind.
    pub kind: &'static EntityKind,
    /// Identifier and column.
    pub columns: Vec<(&'static str, String)>,
}

/// The longest that a rule looks back.
pub const LONGEST_LOOKBACK: SignedDuration = SignedDuration::from_hours(30 * 24);

impl Rule {
    /// Whether it looks at events as they come in.
    pub fn is_continuous(&self) -> bool {
        self.frequency.is_zero()
    }

    /// How far back a run looks: what the rule says, or four times its frequency, which is what is published for 1, 3 and
    /// 12 hours; for a day and more it is 30 days.
    pub fn looks_back(&self) -> SignedDuration {
        let usual = if self.frequency >= SignedDuration::from_hours(24) {
            LONGEST_LOOKBACK
        } else {
            self.frequency.saturating_mul(4)
        };
        self.lookback.unwrap_or(usual).min(LONGEST_LOOKBACK)
    }
}

/// A rule as the tenant keeps it.
#[derive(Debug, Clone)]
pub struct StoredRule {
    /// What it says since its last change.
    pub rule: Arc<Rule>,
    /// Its number: the first rule of the tenant is 1.
    pub number: u64,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
    /// When it was last changed; when it was made, until it is.
    pub last_modified_at: Timestamp,
    /// By whom.
    pub last_modified_by: String,
    /// When it was deleted, if it was: it is still shown for a while.
    pub deleted_at: Option<Timestamp>,
    /// When it last ran, and whether that went well.
    pub last_run: Option<(Timestamp, bool)>,
    /// When it runs next; a continuous rule never does.
    pub next_run: Option<Timestamp>,
}
