//! Publishing a definition and its indicator, and waiting until they are in effect.

use jiff::{SignedDuration, Timestamp};

use crate::{
    clock::{later, whole_second},
    domain::indicator::{Indicator, Kind},
    record::{
        chain::Link,
        failure::{Code, Failure},
    },
    services::{
        definitions::{DefinitionId, Form, StoredDefinition},
        error::ServiceError,
        indicators::Published,
    },
    world::{
        World,
        alarm::{Alarm, Role},
        ledger::Entry,
        trouble,
    },
};

/// One published after the other where a service takes ten a minute, as Microsoft Graph does, and now and then one again.
const A_TURN: SignedDuration = SignedDuration::from_secs(10);

impl World {
    /// Publishes the definition of `role`; a service that keeps it together with its indicator is sent both then.
    pub async fn publish_definition(&mut self, role: Role) -> Result<(), Failure> {
        if self.lab().definitions.form() == Form::WithIndicator {
            self.alarm_or_minted(role).announced = true;
            return Ok(());
        }
        let from = self.clock().now();
        let sent = self.send_definition(role).await;
        let outcome = sent.and_then(|sent| sent.map_err(|error| trouble::of(&error, Code::NotPublished)));
        self.attest(Link::Published, from, outcome)
    }

    /// Publishes the indicator of `role` under its definition.
    pub async fn publish_indicator(&mut self, role: Role) -> Result<(), Failure> {
        let under = self.under(role).await?;
        self.may_stand(&self.alarm(role)?.indicator)?;
        self.may_publish_more(1)?;
        let stood = self.reserve(role).await?;
        let from = self.clock().now();
        let sent = self.send_until_free(role, under).await;
        let outcome = sent.and_then(|sent| sent.map_err(|error| trouble::of(&error, Code::NotPublished)));
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

    /// Nothing that keeps anything from happening is published unless the tenant's owner allows it, and nothing at all
    /// of what every device goes to.
    pub(super) fn may_stand(&self, indicator: &Indicator) -> Result<(), Failure> {
        let action = indicator.action;
        if let Some(reason) = self.lab().off_limits.against(indicator) {
            return Err(Failure::new(Code::NotPublished, format!("an indicator {} is not published", reason.why))
                .expected("an address or a name that only the drill's own device contacts")
                .saw(format!("{} {} `{}`", indicator.kind, indicator.function, indicator.value))
                .hint(reason.hint));
        }
        if action.keeps_from_it() && !self.lab().blocking {
            return Err(Failure::new(Code::Unsupported, format!("the action {action} is not allowed on this tenant"))
                .hint(
                    "set `allow_blocking = true` in the tenant's table, if its devices may be kept from the address",
                ));
        }
        Ok(())
    }

    /// A drill publishes no more indicators than the tenant's owner allows.
    pub(super) fn may_publish_more(&mut self, count: usize) -> Result<(), Failure> {
        let in_all = self.published.saturating_add(count);
        if let Some(reason) = self.lab().off_limits.against_so_many(in_all) {
            return Err(Failure::new(Code::NotPublished, format!("an indicator {} is not published", reason.why))
                .saw(format!("{in_all} in all"))
                .hint(reason.hint));
        }
        self.published = in_all;
        Ok(())
    }

    /// The definition that the indicator of `role` is published under, where the service keeps definitions apart.
    pub(super) async fn under(&self, role: Role) -> Result<Option<DefinitionId>, Failure> {
        match self.lab().definitions.form() {
            Form::WithIndicator if self.alarm(role)?.announced => Ok(None),
            Form::WithIndicator | Form::Apart => self.definition_there(role).await.map(Some),
        }
    }

    /// Waits until everything that this drill published or changed has had the time to take effect.
    pub async fn wait_until_in_effect(&mut self) -> Result<(), Failure> {
        let from = self.clock().now();
        let due = self.alarms.values().filter_map(|alarm| alarm.accepted_at).max().map(|at| self.in_effect_from(at));
        let Some(due) = due else {
            return Err(Failure::new(Code::Inconclusive, "nothing was published, so nothing can take effect")
                .hint("put a step before this one that publishes something"));
        };
        let told = self.tells(Link::Propagation, "propagation", due);
        self.sleep_until(due).await;
        drop(told);
        let span = due.duration_since(from).max(SignedDuration::ZERO);
        self.attest(Link::Propagation, from, Ok(format!("waited {span:#}, the longest that propagation takes")))
    }

    /// When what was accepted at `accepted` is in effect at the latest.
    pub(super) fn in_effect_from(&self, accepted: Timestamp) -> Timestamp {
        let propagation = SignedDuration::try_from(self.lab().patience.propagation.max(self.pace.propagation))
            .unwrap_or(SignedDuration::MAX);
        later(accepted, propagation)
    }

    /// Keeps other drills of this lab from an observable that cannot be minted; returns how long others kept it, in
    /// words.
    async fn reserve(&mut self, role: Role) -> Result<String, Failure> {
        let from = self.clock().now();
        for one in self.only_one_may_have(role)? {
            if !self.turns.contains_key(&one) {
                let told = self.tells(Link::Published, format!("its turn for {one}"), None);
                let turn = self.lab().turns.take(&one).await;
                drop(told);
                if self.lab().turns.is_kept(&one) {
                    return Err(Failure::new(
                        Code::Unsupported,
                        format!("a drill that is armed needs `{one}` until it is judged"),
                    )
                    .hint("arm it in a run of its own once the other is collected, or run it without --detach"));
                }
                let vacated = self.lab().turns.vacated(&one);
                let alarm = self.alarm_or_minted(role);
                alarm.vacated_at = alarm.vacated_at.max(vacated);
                self.turns.insert(one, turn);
            }
        }
        let stood = self.clock().now().duration_since(from);
        Ok(if stood < SignedDuration::from_secs(1) {
            String::new()
        } else {
            format!(", after {stood:#} in which another drill used the address or the title")
        })
    }

    /// What of the alarm of `role` one drill of a lab at a time may use: an address that cannot be minted, a title that is
    /// not minted where the service takes each only once. Always in the same order, so that no two drills wait for each
    /// other.
    fn only_one_may_have(&self, role: Role) -> Result<Vec<String>, Failure> {
        let Alarm { indicator, definition, marker, .. } = self.alarm(role)?;
        let address = (indicator.kind == Kind::IpAddress).then(|| indicator.value.clone());
        let shared = self.lab().definitions.shares_titles() || definition.title.contains(marker.as_str());
        let title = (!shared).then(|| format!("title {}", definition.title));
        Ok(address.into_iter().chain(title).collect())
    }

    /// Sends the definition of `role`, and returns what the service said of it; or why it was not sent.
    pub(super) async fn send_definition(&mut self, role: Role) -> Result<Result<String, ServiceError>, Failure> {
        let Alarm { definition, marker, .. } = self.alarm_or_minted(role).clone();
        let intent = Entry::DefinitionsNamed(definition.name.clone(), marker.clone());
        self.intend(&marker, std::slice::from_ref(&intent)).await?;
        let underway = self.sending.begin();
        let sent = self.lab().definitions.publish(&definition).await;
        drop(underway);
        self.strike_what_was_refused(&intent, &sent);
        Ok(sent.map(|stored| self.note_definition(role, stored, &intent)))
    }

    fn note_definition(&mut self, role: Role, stored: StoredDefinition, intent: &Entry) -> String {
        self.ledger.narrow(intent, Entry::Definition(stored.id.clone()));
        let accepted_at = self.clock().now();
        let alarm = self.alarm_or_minted(role);
        let by = format!("alert definition {} accepted", stored.id);
        alarm.stored_definition = Some(stored);
        alarm.accepted_at = Some(accepted_at);
        by
    }

    /// Sends the indicator of `role`, and returns what the service said of it; or why it was not sent.
    pub(super) async fn send_indicator(
        &mut self,
        role: Role,
        under: Option<DefinitionId>,
    ) -> Result<Result<String, ServiceError>, Failure> {
        self.limit_life(role, under.is_none());
        let draft = self.alarm_or_minted(role).draft();
        // An indicator whose answer is lost goes with its definition, which the ledger knows.
        let intent = under.is_none().then(|| Entry::Together(Box::new(draft.clone())));
        if let Some(intent) = &intent {
            self.intend(&draft.marker, std::slice::from_ref(intent)).await?;
        }
        let underway = self.sending.begin();
        let sent = self.lab().indicators.publish(draft.publication(under.as_ref())).await;
        drop(underway);
        if let Some(intent) = &intent {
            self.strike_what_was_refused(intent, &sent);
        }
        Ok(sent.map(|published| self.note_published(role, published, (under, intent))))
    }

    fn note_published(
        &mut self,
        role: Role,
        published: Published,
        (under, intent): (Option<DefinitionId>, Option<Entry>),
    ) -> String {
        let Published { indicator, definition } = published;
        self.note_indicator(&indicator);
        let entry = Entry::Indicator(indicator.id.clone());
        match &intent {
            Some(intent) => self.ledger.narrow(intent, entry),
            None => self.ledger.enter(&self.marker_of(role), entry),
        }
        let by = match &under {
            Some(under) => format!("indicator {} accepted under definition {under}", indicator.id),
            None => format!("indicator {} accepted, its definition with it", indicator.id),
        };
        let accepted_at = self.clock().now();
        let alarm = self.alarm_or_minted(role);
        alarm.stored_indicator = Some(indicator);
        alarm.removed = false;
        alarm.stored_definition = definition.or(alarm.stored_definition.take());
        alarm.accepted_at = Some(accepted_at);
        by
    }

    /// What was refused is not there to be undone.
    fn strike_what_was_refused<T>(&mut self, intent: &Entry, sent: &Result<T, ServiceError>) {
        if let Err(ServiceError::Rejected { .. } | ServiceError::Unsupported { .. } | ServiceError::Occupied { .. }) =
            sent
        {
            self.ledger.strike(intent);
        }
    }

    /// When a drill that publishes at `now` is over at the latest, though it waits twice.
    pub(super) fn drill_over(&self, now: Timestamp) -> Timestamp {
        let in_effect = self.in_effect_from(now);
        later(later(in_effect, in_effect.duration_since(now)), self.detection_patience() * 3)
    }

    /// So long a drill may wait for its turn to publish: as many others as are there may come first.
    fn turns_of_others(&self) -> SignedDuration {
        let others = self.lab().company.size().saturating_sub(1);
        A_TURN * i32::try_from(others).unwrap_or(i32::MAX)
    }

    /// An indicator that says nothing of its end gets one, where the service keeps it: even a lost machine leaves
    /// nothing behind for long.
    pub(super) fn limit_life(&mut self, role: Role, together: bool) {
        let keeps = together && self.lab().indicators.keeps().contains(&"expires in");
        // Long enough for a drill, and short enough for a machine that never comes back.
        let end = self.drill_over(later(self.clock().now(), self.turns_of_others()));
        let end = later(end, SignedDuration::try_from(self.lab().armed_for).unwrap_or(SignedDuration::MAX));
        let alarm = self.alarm_or_minted(role);
        if keeps && !alarm.expiry_said {
            alarm.indicator.expires_at = Some(whole_second(later(end, SignedDuration::from_hours(1))));
        }
    }
}
