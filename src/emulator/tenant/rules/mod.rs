//! Custom detection rules: what is kept, what is in effect, and what runs when.
//!
//! In reading order: [`entities`] and [`rule`] (what a rule says), this file (the store, and its changes), `running`
//! (from an event or the clock to rows), `alerting` (from a row to an alert).
//!
//! A continuous rule sees each event once, as it comes in. A scheduled one runs when it is saved, over 30 days, and then
//! by its frequency; nothing waits for the clock: whoever looks at the tenant makes the runs happen that were due, each
//! at its own time.

mod alerting;
pub mod entities;
pub mod rule;
mod running;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::Timestamp;

pub(super) use crate::emulator::tenant::rules::running::{run_due, stream};
use crate::emulator::{
    propagation::{self, History},
    tenant::{
        Tenant,
        publishing::Fate,
        rules::rule::{Rule, Status, StoredRule},
        shelf::Asked,
    },
};

/// Why a rule is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conflict {
    /// There is a rule of this id.
    Id,
    /// There is a rule of this name.
    Name,
    /// There is a rule whose alerts have this title.
    Title,
    /// The tenant holds as many as it may.
    Quota,
    /// There is none of this id.
    NotFound,
}

/// The rules of a tenant.
#[derive(Debug, Default)]
pub(super) struct Rules {
    kept: BTreeMap<String, Kept>,
    /// When which rule runs next.
    due: BTreeSet<(Timestamp, String)>,
    made: u64,
}

/// A rule, and what is known of its runs.
#[derive(Debug)]
struct Kept {
    stored: StoredRule,
    /// What is in effect when.
    history: History<Arc<Rule>>,
    /// The rows that raised something already, by their time.
    seen: BTreeSet<(Timestamp, [u8; 16])>,
    /// Whether the next run is the first since it was saved.
    first: bool,
    failures: usize,
    /// A fault lets it never take effect, whatever is changed of it.
    inert: bool,
}

impl Tenant {
    /// The rules that are shown at `now`, the oldest first.
    pub fn rules(&self, now: Timestamp) -> impl Iterator<Item = &StoredRule> {
        let lag = self.knobs.graph.delete_lag;
        self.rules.kept.values().map(|kept| &kept.stored).filter(move |stored| shown(stored, lag, now))
    }

    /// The rule of this id, if it is shown at `now`.
    pub fn rule(&self, id: &str, now: Timestamp) -> Option<&StoredRule> {
        let stored = self.rules.kept.get(id).map(|kept| &kept.stored);
        stored.filter(|stored| shown(stored, self.knobs.graph.delete_lag, now))
    }

    /// The id that the service gives to a rule of the first generation.
    pub fn next_rule_id(&self) -> String {
        (35_079 + self.rules.made).to_string()
    }

    /// Keeps a new rule. With ghosts, one whose name or title is taken is kept, and refused all the same.
    pub fn create_rule(&mut self, rule: Rule, asked: Asked<'_>) -> Result<StoredRule, Conflict> {
        let knobs = &self.knobs.graph;
        if self.rules.kept.values().filter(|kept| kept.stored.deleted_at.is_none()).count() >= knobs.rule_quota {
            return Err(Conflict::Quota);
        }
        match self.conflict(&rule, None, asked.at) {
            Some(Conflict::Id) => Err(Conflict::Id),
            Some(conflict) => {
                if self.knobs.graph.ghost_on_error {
                    self.keep_rule(rule, asked);
                }
                Err(conflict)
            }
            None => Ok(self.keep_rule(rule, asked)),
        }
    }

    /// Keeps a rule, unless a fault makes the tenant forget it.
    fn keep_rule(&mut self, rule: Rule, asked: Asked<'_>) -> StoredRule {
        self.rules.made += 1;
        let id = rule.id.clone();
        let text = format!("{}\n{}\n{}", rule.name, rule.template.title, rule.query);
        let stored = StoredRule {
            rule: Arc::new(rule),
            number: self.rules.made,
            created_at: asked.at,
            created_by: asked.by.to_owned(),
            last_modified_at: asked.at,
            last_modified_by: asked.by.to_owned(),
            deleted_at: None,
            last_run: None,
            next_run: None,
        };
        let fate = self.fate(&text, asked.at);
        if fate == Fate::Forgotten {
            return stored;
        }
        let made = stored.clone();
        let inert = fate == Fate::Inert;
        let kept = Kept { stored, history: History::new(), seen: BTreeSet::new(), first: true, failures: 0, inert };
        if let Some(old) = self.rules.kept.insert(id.clone(), kept) {
            self.rules.unschedule(&old.stored);
        }
        self.accept_rule(&id, asked.at);
        made
    }

    /// Changes the rule of `rule`'s id.
    pub fn change_rule(&mut self, rule: Rule, asked: Asked<'_>) -> Result<(), Conflict> {
        let id = rule.id.clone();
        if self.rules.kept.get(&id).is_none_or(|kept| kept.stored.deleted_at.is_some()) {
            return Err(Conflict::NotFound);
        }
        if let Some(conflict) = self.conflict(&rule, Some(&id), asked.at) {
            return Err(conflict);
        }
        let Some(kept) = self.rules.kept.get_mut(&id) else { return Err(Conflict::NotFound) };
        let woken = kept.stored.rule.status != Status::Enabled && rule.status == Status::Enabled;
        kept.first |= woken;
        kept.failures = 0;
        kept.stored.rule = Arc::new(rule);
        kept.stored.last_modified_at = asked.at;
        asked.by.clone_into(&mut kept.stored.last_modified_by);
        self.accept_rule(&id, asked.at);
        Ok(())
    }

    /// Deletes the rule of this id: at once from what is in effect, after a while from what is shown. False when there
    /// is none, or was.
    pub fn delete_rule(&mut self, id: &str, now: Timestamp) -> bool {
        let Some(kept) = self.rules.kept.get_mut(id).filter(|kept| kept.stored.deleted_at.is_none()) else {
            return false;
        };
        kept.stored.deleted_at = Some(now);
        kept.history.accept(None, now);
        let stored = kept.stored.clone();
        self.rules.unschedule(&stored);
        if let Some(kept) = self.rules.kept.get_mut(id) {
            kept.stored.next_run = None;
        }
        true
    }

    /// Lets the service switch a rule off at `now`; false when there is none.
    pub fn auto_disable_rule(&mut self, id: &str, now: Timestamp) -> bool {
        let Some(kept) = self.rules.kept.get_mut(id).filter(|kept| kept.stored.deleted_at.is_none()) else {
            return false;
        };
        kept.stored.rule = Arc::new(Rule { status: Status::AutoDisabled, ..(*kept.stored.rule).clone() });
        self.accept_rule(id, now);
        true
    }

    /// What a rule would share with another that is there, or was until a moment ago.
    fn conflict(&self, rule: &Rule, own: Option<&str>, now: Timestamp) -> Option<Conflict> {
        let reserved = |kept: &&Kept| {
            let stored = &kept.stored;
            let gone = |at| propagation::after(at, self.knobs.graph.name_reservation) <= now;
            own != Some(stored.rule.id.as_str()) && !stored.deleted_at.is_some_and(gone)
        };
        let taken = |same: &dyn Fn(&Rule) -> bool| {
            self.rules.kept.values().filter(reserved).any(|kept| same(&kept.stored.rule))
        };
        if taken(&|other| other.id == rule.id) {
            Some(Conflict::Id)
        } else if taken(&|other| other.name == rule.name) {
            Some(Conflict::Name)
        } else if taken(&|other| other.template.title == rule.template.title) {
            Some(Conflict::Title)
        } else {
            None
        }
    }

    /// Puts what a rule says now into effect, in its time, and plans its next run: at once where it is new or was
    /// switched on, and when it would have run anyhow where it was changed.
    fn accept_rule(&mut self, id: &str, now: Timestamp) {
        let parts = ["rule", id, &now.to_string()];
        let span = propagation::draw(self.knobs.graph.rule_propagation, self.seed, &parts);
        let Some(kept) = self.rules.kept.get_mut(id).filter(|kept| !kept.inert) else { return };
        let rule = Arc::clone(&kept.stored.rule);
        let runs = rule.status == Status::Enabled;
        let from = if runs { propagation::after(now, span) } else { now };
        kept.history.accept(Some(Arc::clone(&rule)), from);
        let old = kept.stored.clone();
        let next = match old.next_run {
            _ if !runs || rule.is_continuous() => None,
            Some(next) if !kept.first => Some(next),
            _ => Some(from),
        };
        kept.stored.next_run = next;
        self.rules.unschedule(&old);
        self.rules.due.extend(next.map(|at| (at, id.to_owned())));
    }

    /// Forgets rules that are neither shown nor stand in the way of others any more.
    pub(super) fn settle_rules(&mut self, now: Timestamp) {
        let stays = self.knobs.graph.delete_lag.max(self.knobs.graph.name_reservation);
        self.rules.kept.retain(|_, kept| kept.stored.deleted_at.is_none_or(|at| propagation::after(at, stays) > now));
        run_due(self, now);
    }
}

impl Rules {
    fn unschedule(&mut self, stored: &StoredRule) {
        if let Some(at) = stored.next_run {
            self.due.remove(&(at, stored.rule.id.clone()));
        }
    }
}

fn shown(stored: &StoredRule, lag: std::time::Duration, now: Timestamp) -> bool {
    stored.deleted_at.is_none_or(|at| propagation::after(at, lag) > now)
}
