//! Publishing a definition and its indicator, and waiting until they are in effect.

use jiff::{SignedDuration, Timestamp};

use crate::{
    clock::later,
    domain::indicator::Kind,
    record::{
        chain::Link,
        failure::{Code, Failure},
    },
    services::{definitions::DefinitionId, error::ServiceError},
    world::{
        World,
        alarm::{Alarm, Role},
        ledger::Entry,
        trouble,
    },
};

impl World {
    /// Publishes the definition of `role`.
    pub async fn publish_definition(&mut self, role: Role) -> Result<(), Failure> {
        let from = self.clock().now();
        let outcome = self.send_definition(role).await.map_err(|error| trouble::of(&error, Code::NotPublished));
        self.attest(Link::Published, from, outcome)
    }

    /// Publishes the indicator of `role` under its definition.
    pub async fn publish_indicator(&mut self, role: Role) -> Result<(), Failure> {
        let under = self.alarm(role)?.published()?.id;
        let stood = self.reserve(role).await;
        let from = self.clock().now();
        let outcome = self.send_indicator(role, under).await.map_err(|error| trouble::of(&error, Code::NotPublished));
        self.attest(Link::Published, from, outcome.map(|by| format!("{by}{stood}")))
    }

    /// Publishes the definition of `role` and its indicator.
    pub async fn publish(&mut self, role: Role) -> Result<(), Failure> {
        self.publish_definition(role).await?;
        self.publish_indicator(role).await
    }

    /// Publishes them, and waits until they are in effect.
    pub async fn put_in_effect(&mut self, role: Role) -> Result<(), Failure> {
        self.publish(role).await?;
        self.wait_until_in_effect().await
    }

    /// Waits until everything that this drill published or changed has had the time to take effect.
    pub async fn wait_until_in_effect(&mut self) -> Result<(), Failure> {
        let from = self.clock().now();
        let due = self.alarms.values().filter_map(|alarm| alarm.accepted_at).max().map(|at| self.in_effect_from(at));
        let Some(due) = due else {
            return Err(Failure::new(Code::Inconclusive, "nothing was published, so nothing can take effect")
                .hint("put a step before this one that publishes something"));
        };
        self.sleep_until(due).await;
        let span = due.duration_since(from).max(SignedDuration::ZERO);
        self.attest(Link::Propagation, from, Ok(format!("waited {span:#}, the longest that propagation takes")))
    }

    /// When what was accepted at `accepted` is in effect at the latest.
    pub(super) fn in_effect_from(&self, accepted: Timestamp) -> Timestamp {
        let propagation = SignedDuration::try_from(self.lab().patience.propagation).unwrap_or(SignedDuration::MAX);
        later(accepted, propagation)
    }

    /// Keeps other drills of this lab from an observable that cannot be minted; returns how long others kept it, in
    /// words.
    async fn reserve(&mut self, role: Role) -> String {
        let from = self.clock().now();
        let indicator = self.alarm_or_minted(role).indicator.clone();
        if indicator.kind == Kind::IpAddress && !self.turns.contains_key(&indicator.value) {
            let turn = self.lab().turns.take(&indicator.value).await;
            self.turns.insert(indicator.value, turn);
        }
        let stood = self.clock().now().duration_since(from);
        if stood.is_zero() {
            String::new()
        } else {
            format!(", after {stood:#} in which another drill used the address")
        }
    }

    pub(super) async fn send_definition(&mut self, role: Role) -> Result<String, ServiceError> {
        let Alarm { definition, marker, .. } = self.alarm_or_minted(role).clone();
        let intent = Entry::DefinitionsNamed(definition.name.clone(), marker);
        self.ledger.enter(intent.clone());
        let sent = self.lab().definitions.publish(&definition).await;
        if let Err(ServiceError::Rejected { .. }) = &sent {
            self.ledger.strike(&intent);
        }
        let stored = sent?;
        self.ledger.narrow(&intent, Entry::Definition(stored.id));
        let accepted_at = self.clock().now();
        let alarm = self.alarm_or_minted(role);
        let by = format!("alert definition {} accepted", stored.id.0);
        alarm.stored_definition = Some(stored);
        alarm.accepted_at = Some(accepted_at);
        Ok(by)
    }

    pub(super) async fn send_indicator(&mut self, role: Role, under: DefinitionId) -> Result<String, ServiceError> {
        let indicator = self.alarm_or_minted(role).indicator.clone();
        // An indicator whose answer is lost goes with its definition, which the ledger knows.
        let stored = self.lab().indicators.publish(&indicator, under).await?;
        self.ledger.enter(Entry::Indicator(stored.id));
        let accepted_at = self.clock().now();
        let alarm = self.alarm_or_minted(role);
        let by = format!("indicator {} accepted under definition {}", stored.id.0, under.0);
        alarm.stored_indicator = Some(stored);
        alarm.accepted_at = Some(accepted_at);
        Ok(by)
    }
}
