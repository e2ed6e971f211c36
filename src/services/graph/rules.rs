//! Detection rules: create, read, change and remove one, whatever the service makes of it.
//!
//! Three of its habits were seen in the field (`SentinelToXDR` and security-investigator, 2026) and are met here. An error
//! does not prove that nothing was created: after one, what carries the marker is looked for. An id that is taken is ours
//! where it carries our marker. And removing takes hours to show: a rule is served on although it is gone, which only
//! removing it once more proves, for that is answered with 404.

use std::collections::HashSet;

use serde_json::Value;
use url::Url;

use crate::{
    domain::{alert_definition::AlertDefinition, indicator::Indicator, marker::Marker},
    services::{
        definitions::{DefinitionId, Query, Signed},
        error::{Capability, ServiceError},
        graph::{
            Generation, Graph, check,
            draft::{self, Draft},
            held::{Known, understood},
            kql,
            limits::Family,
            member, not_there, pages, quoted, said_no, said_no_to_one,
            wire::{self, Held},
        },
        indicators::{Publication, StoredIndicator},
        odata::with_options,
    },
    transport::{
        call::{Call, Reply},
        decode::Odd,
        error::TransportError,
    },
};

/// The collection of rules.
pub(super) const COLLECTION: &str = "security/rules/detectionRules";

impl Graph {
    fn rules(&self) -> Url {
        self.at(self.addresses.rules, COLLECTION)
    }

    fn rule_at(&self, id: &str) -> Url {
        self.at(self.addresses.rules, &member(COLLECTION, id))
    }

    /// Creates the rule of `publication`.
    pub(super) async fn create(&self, publication: Publication<'_>) -> Result<Known, ServiceError> {
        if publication.indicator.expires_at.is_some() && !self.ways.of(Family::Create).clocks_compared() {
            // When a rule ends stands in its query, by a clock that no answer has told yet.
            self.first_rule().await?;
        }
        let draft = self.draft(publication)?;
        // What is about to be created is not what was removed before, unless it comes to nothing.
        let before = draft.id.as_deref().and_then(|id| self.removed.forget(id).map(|_| id));
        let created = self.send(publication, &draft).await;
        if let (Err(_), Some(id)) = (&created, before) {
            self.removed.note(id, false);
        }
        created
    }

    async fn send(&self, publication: Publication<'_>, draft: &Draft) -> Result<Known, ServiceError> {
        let mut call = Call::post(self.rules())
            .json(&wire::Rule::whole(self.generation, draft))
            .purpose("create a detection rule");
        if draft.id.is_some() {
            // The id is ours: to create it twice is to be told that it is there.
            call = call.repeatable();
        }
        match self.ways.of(Family::Create).call(call).await {
            Ok(reply) => self.told(&reply, draft.id.as_deref()).await,
            Err(error) => self.created_all_the_same(publication, draft, said_no(WHAT, error)).await,
        }
    }

    /// The rule for `publication`, or what the service lacks for it.
    pub(super) fn draft(
        &self,
        Publication { indicator, definition, marker, .. }: Publication<'_>,
    ) -> Result<Draft, ServiceError> {
        let draft = Draft::new(self.generation, definition, &self.by_their_clock(indicator));
        let draft = if self.generation == Generation::B { draft.under(marker) } else { draft };
        fit(WHAT, indicator, &draft)?;
        Ok(draft)
    }

    /// That a rule is told otherwise than it was sent. It is no refusal: the rule is there, and is to be removed.
    pub(super) fn not_as_sent(&self, purpose: &str, odd: Odd) -> ServiceError {
        let host = self.addresses.root.host_str().unwrap_or("nowhere").to_owned();
        let Odd { path, expected, saw } = odd;
        TransportError::Malformed { purpose: purpose.to_owned(), host, path, expected, saw }.into()
    }

    /// What there is to return after `error` at creating `draft`: the error, unless the rule is there.
    async fn created_all_the_same(
        &self,
        publication: Publication<'_>,
        draft: &Draft,
        error: ServiceError,
    ) -> Result<Known, ServiceError> {
        let never_taken_on =
            matches!(error, ServiceError::Unsupported { .. } | ServiceError::Transport(TransportError::Connect { .. }));
        if never_taken_on || error.denied() || error.throttled() {
            return Err(error);
        }
        let refused = matches!(error, ServiceError::Rejected { .. });
        let found = match self.marked(publication).await {
            Ok(found) => found.into_iter().next(),
            // A refusal would be taken for proof that there is nothing to remove.
            Err(looking) => return Err(if refused { looking.into() } else { error }),
        };
        let Some(id) = found else { return Err(error) };
        if refused && error.status() != Some(409) {
            // What looks for something else was there before, under the same marker.
            let same = |known: &Known| kql::meant(&known.query) == kql::meant(&draft.query);
            if !self.rule(&id).await?.as_ref().is_some_and(same) {
                return Err(error);
            }
            self.delete(&id).await?;
            return Err(also(error, "it had been created all the same, and was removed"));
        }
        self.adopt(&id, draft, error).await
    }

    /// Takes the rule `id`, which carries our marker, for the one that was to be created. It is set to what `draft` says
    /// even where it says so already: a rule that is gone is served on, but not changed.
    async fn adopt(&self, id: &str, draft: &Draft, error: ServiceError) -> Result<Known, ServiceError> {
        let Some(known) = self.rule(id).await? else { return Err(error) };
        if kql::meant(&known.query) != kql::meant(&draft.query) {
            return Err(also(error, "the rule of this marker looks for something else, and has one indicator"));
        }
        let whole = wire::Rule { id: None, schedule: None, ..wire::Rule::whole(self.generation, draft) };
        match self.amend(id, &whole).await {
            Err(ServiceError::Rejected { status: 404, .. }) => {
                Err(also(error, "the id is still taken by a rule that is gone"))
            }
            other => other,
        }
    }

    /// The ids of the rules that carry the marker of `publication`. In the younger generation the id does; in the older
    /// one the name is looked for, and the description is what counts.
    pub(super) async fn marked(&self, publication: Publication<'_>) -> Result<Vec<String>, TransportError> {
        let Publication { definition, marker, .. } = publication;
        if self.generation == Generation::B {
            let id = draft::key(marker);
            let call = Call::get(self.rule_at(&id)).purpose(format!("look for detection rule {id}")).clean_up();
            return match self.ways.of(Family::Read).call(call).await {
                Ok(_) if self.removed.state(&id) == Some(true) => Ok(Vec::new()),
                Ok(_) => Ok(vec![id]),
                Err(error) if not_there(&error) => Ok(Vec::new()),
                Err(error) => Err(error),
            };
        }
        let filter = if definition.name.contains(marker.as_str()) {
            format!("contains(displayName,{})", quoted(marker.as_str()))
        } else {
            format!("displayName eq {}", quoted(&definition.name))
        };
        let query = Query { filter: Some(filter), ..Query::default() };
        let purpose = format!("look for the detection rule of marker {marker}");
        let found = self.held(&query, &purpose, true).await?;
        let ours = |held: &Held| marker.is_in(&held.detection_action.alert_template.description);
        let ours = found.into_iter().filter_map(|(held, _)| held.ok()).filter(ours).map(|held| held.id);
        Ok(ours.filter(|id| self.removed.state(id) != Some(true)).collect())
    }

    /// The rules that `query` asks for, each as far as it can be read.
    async fn held(
        &self,
        query: &Query,
        purpose: &str,
        clean_up: bool,
    ) -> Result<Vec<(Result<Held, Odd>, String)>, TransportError> {
        let first = with_options(self.rules(), query, None);
        let call = |url| {
            let call = Call::get(url).purpose(purpose);
            if clean_up { call.clean_up() } else { call }
        };
        let read = |_, value: Value, _: &Reply| {
            let id = value["id"].as_str().unwrap_or_default().to_owned();
            let original = Some(value.to_string().into());
            let held = serde_path_to_error::deserialize(value);
            let odd = held
                .map(|held| Held { original, ..held })
                .map_err(|error| Odd::new(error.path().to_string(), "what is documented", error.inner().to_string()));
            Ok((odd, id))
        };
        pages(self.ways.of(Family::List), first, query.top, call, read).await
    }

    /// Proves with one small call that rules can be read.
    pub(super) async fn first_rule(&self) -> Result<(), ServiceError> {
        let query = Query { top: Some(1), ..Query::default() };
        let held = self.held(&query, "list detection rules", false).await;
        held.map(drop).map_err(|error| said_no(Capability::Definitions, error))
    }

    /// The rules that `query` asks for. One that is not understood is left out, with a warning, and one that is gone
    /// although it is listed is left out as well.
    pub(super) async fn list_rules(&self, query: &Query) -> Result<Vec<Known>, ServiceError> {
        let held = self.held(query, "list detection rules", false).await;
        let held = held.map_err(|error| said_no(Capability::Definitions, error))?;
        let mut rules = Vec::new();
        for (held, id) in held {
            if let Some(rule) = understood(&id, held.and_then(|held| self.known(held)))
                && self.is_there(&rule.id).await?
            {
                rules.push(rule);
            }
        }
        Ok(rules)
    }

    /// The rules that carry the mark of a drill, those among them that are not understood otherwise. One that was removed
    /// by another process is served on for hours, and cannot be told from one that is there.
    pub(super) async fn signed_rules(&self, known: &HashSet<Marker>) -> Result<Vec<Signed>, ServiceError> {
        let held = self.held(&Query::default(), "list what carries the mark of a drill", true).await;
        let held = held.map_err(|error| said_no(Capability::Definitions, error))?;
        let mut signed = Vec::new();
        for (held, id) in held {
            if let Some(one) = self.signed_rule(held.ok(), id, known)
                && self.is_there(one.id.as_str()).await?
            {
                signed.push(one);
            }
        }
        Ok(signed)
    }

    fn signed_rule(&self, held: Option<Held>, id: String, known: &HashSet<Marker>) -> Option<Signed> {
        let template = held.as_ref().map(|held| &held.detection_action.alert_template);
        let name = held.as_ref().map_or("", |held| held.display_name.as_str());
        let in_text = || {
            let template = template?;
            let is_ours = |marker: &Marker| known.contains(marker) || marker.ends(name) || marker.ends(&template.title);
            Marker::signed(&template.description).filter(is_ours)
        };
        Some(Signed {
            marker: draft::marker(&id).or_else(in_text)?,
            title: template.map(|template| template.title.clone()).unwrap_or_default(),
            id: DefinitionId::from(id),
            created_at: held.as_ref().and_then(|held| held.created_date_time).map(|at| self.to_ours(at)),
            created_by: held.map(|held| held.created_by).unwrap_or_default(),
        })
    }

    /// One rule, as it is served; `None` is that it is not.
    async fn rule(&self, id: &str) -> Result<Option<Known>, ServiceError> {
        let call = Call::get(self.rule_at(id)).purpose(format!("read detection rule {id}"));
        let reply = match self.ways.of(Family::Read).call(call).await {
            Err(error) if not_there(&error) => return Ok(None),
            other => other.map_err(|error| said_no(WHAT, error))?,
        };
        Ok(Some(self.whole(&reply)?))
    }

    /// One rule that is there; `None` is that there is none, whatever is still served.
    pub(super) async fn read_rule(&self, id: &str) -> Result<Option<Known>, ServiceError> {
        if self.removed.state(id) == Some(true) {
            return Ok(None);
        }
        match self.rule(id).await? {
            Some(rule) if self.is_there(id).await? => Ok(Some(rule)),
            _ => Ok(None),
        }
    }

    /// Whether a rule that is served is there. Of one that this client removed, the service does not tell by reading for
    /// hours; it is removed once more, which does it no harm, and the 404 to that is proof.
    async fn is_there(&self, id: &str) -> Result<bool, ServiceError> {
        match self.removed.state(id) {
            None => Ok(true),
            Some(true) => Ok(false),
            Some(false) => {
                self.delete(id).await?;
                Ok(self.removed.state(id) != Some(true))
            }
        }
    }

    /// Changes what `apply` changes of the definition and the indicator that a rule is.
    pub(super) async fn change_rule(
        &self,
        what: Capability,
        id: &str,
        apply: impl FnOnce(&mut AlertDefinition, &mut Indicator) + Send,
    ) -> Result<Known, ServiceError> {
        let purpose = || format!("change detection rule {id}");
        let none = || ServiceError::Rejected { purpose: purpose(), status: 404, why: "it is not there".into() };
        let known = self.rule(id).await?.ok_or_else(none)?;
        let foreign = |_| ServiceError::Unsupported {
            what,
            why: format!("detection rule {id} has a query that no indicator makes, which would be lost"),
        };
        let indicator = self.indicator_of(&known).map_err(foreign)?.indicator;
        let before = Draft::new(self.generation, &known.definition, &self.by_their_clock(&indicator));
        let (mut definition, mut changed) = (known.definition.clone(), indicator);
        apply(&mut definition, &mut changed);
        let after = Draft::new(self.generation, &definition, &self.by_their_clock(&changed));
        fit(what, &changed, &after)?;
        let change = wire::Rule::change(self.generation, &before, &after);
        if change == wire::Rule::default() {
            return Ok(known);
        }
        self.amend(id, &change).await
    }

    async fn amend(&self, id: &str, change: &wire::Rule<'_>) -> Result<Known, ServiceError> {
        // Every member of a change is a value to set, so to set it twice does no harm.
        let purpose = format!("change detection rule {id}");
        let call = Call::patch(self.rule_at(id)).json(change).purpose(purpose).repeatable();
        let reply = self.ways.of(Family::Change).call(call).await.map_err(|error| said_no_to_one(WHAT, error))?;
        self.told(&reply, Some(id)).await
    }

    /// Removes a rule. That it is gone already is success, and proof.
    pub(super) async fn delete(&self, id: &str) -> Result<(), ServiceError> {
        let call = Call::delete(self.rule_at(id)).purpose(format!("remove detection rule {id}")).clean_up();
        match self.ways.of(Family::Remove).call(call).await {
            Ok(reply) => {
                reply.acknowledged()?;
                self.removed.note(id, false);
            }
            Err(error) if not_there(&error) => self.removed.note(id, true),
            Err(error) => return Err(said_no(WHAT, error)),
        }
        Ok(())
    }

    /// The rule that an answer tells, or, where it tells none, the one of this id, read.
    async fn told(&self, reply: &Reply, id: Option<&str>) -> Result<Known, ServiceError> {
        let silent = reply.body().iter().all(u8::is_ascii_whitespace);
        if let (true, Some(id)) = (silent, id) {
            let none = || reply.malformed(Odd::new(".", "the rule as it is now", "none"));
            return Ok(self.rule(id).await?.ok_or_else(none)?);
        }
        Ok(self.whole(reply)?)
    }

    /// The rule that is all of an answer.
    fn whole(&self, reply: &Reply) -> Result<Known, TransportError> {
        let (held, original): (Held, Value) = (reply.json()?, reply.json()?);
        let held = Held { original: Some(original.to_string().into()), ..held };
        self.known(held).map_err(|odd| reply.malformed(odd))
    }

    /// A rule as an indicator, on our clock.
    pub(super) fn indicator_of(&self, rule: &Known) -> Result<StoredIndicator, Odd> {
        let mut stored = rule.indicator()?;
        stored.indicator.expires_at = stored.indicator.expires_at.map(|end| self.to_ours(end));
        Ok(stored)
    }

    fn by_their_clock(&self, indicator: &Indicator) -> Indicator {
        Indicator { expires_at: indicator.expires_at.map(|end| self.to_theirs(end)), ..indicator.clone() }
    }

    /// What an answer tells of a rule, on our clock.
    fn known(&self, held: Held) -> Result<Known, Odd> {
        Ok(Known::read(held)?.at(|moment| self.to_ours(moment)))
    }
}

/// What a rule is asked for as, where nothing says otherwise.
const WHAT: Capability = Capability::Indicators;

/// That the service has what `indicator` asks for, and refuses nothing of `draft`.
fn fit(what: Capability, indicator: &Indicator, draft: &Draft) -> Result<(), ServiceError> {
    match draft::lack(indicator).or_else(|| check::finding(draft)) {
        None => Ok(()),
        Some(why) => Err(ServiceError::Unsupported { what, why }),
    }
}

/// A refusal with something added to its words.
fn also(error: ServiceError, more: &str) -> ServiceError {
    match error {
        ServiceError::Rejected { purpose, status, why } => {
            ServiceError::Rejected { purpose, status, why: format!("{why}; {more}") }
        }
        other => other,
    }
}
