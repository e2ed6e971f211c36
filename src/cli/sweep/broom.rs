//! Removing from a tenant what carries the mark of a drill, and nothing else.

use std::{collections::HashSet, sync::Arc};

use jiff::Timestamp;

use crate::{
    domain::marker::Marker,
    journal::{Journal, past::Left, thing::Thing},
    services::{
        definitions::{Form, Signed},
        error::ServiceError,
        indicators::IndicatorId,
    },
    world::lab::Lab,
};

/// Something that is to be removed or set right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    /// What the tenant holds, as it was read just now.
    Held { what: &'static str, signed: Signed },
    /// A state of the laboratory, as a journal knows it.
    State(Left),
}

impl Item {
    /// The marker that it carries, or was changed under.
    pub(super) fn marker(&self) -> &Marker {
        match self {
            Self::Held { signed, .. } => &signed.marker,
            Self::State(left) => &left.marker,
        }
    }

    /// What it is, in words: `indicator 12`.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Held { what, signed } => format!("{what} {}", signed.id),
            Self::State(left) => left.thing.to_string(),
        }
    }
}

/// What became of an item: gone, or why not.
pub(super) type Outcome = (Item, Result<(), String>);

/// What removes.
pub(super) struct Broom {
    pub(super) lab: Arc<Lab>,
}

impl Broom {
    /// What the tenant holds that carries the mark of any drill.
    pub(super) async fn signed(&self) -> Result<Vec<Item>, ServiceError> {
        self.held(&HashSet::new()).await
    }

    /// What is there still of what `past` knows, kept things among it: states by what the journal says, everything else
    /// as the tenant holds it now. A key may be somebody else's by now, so that the marker decides.
    pub(super) async fn of(&self, past: &[Left]) -> Result<Vec<Item>, ServiceError> {
        let states = past.iter().filter(|left| !left.thing.is_signed()).cloned().map(Item::State);
        let mut items: Vec<_> = states.rev().collect();
        let markers: HashSet<_> =
            past.iter().filter(|left| left.thing.is_signed()).map(|left| left.marker.clone()).collect();
        if !markers.is_empty() {
            let held = self.held(&markers).await?;
            items.extend(held.into_iter().filter(|item| markers.contains(item.marker())));
        }
        Ok(items)
    }

    async fn held(&self, known: &HashSet<Marker>) -> Result<Vec<Item>, ServiceError> {
        let what = match self.lab.definitions.form() {
            Form::Apart => "alert definition",
            Form::WithIndicator => "indicator",
        };
        let signed = self.lab.definitions.signed(known).await?;
        Ok(signed.into_iter().map(|signed| Item::Held { what, signed }).collect())
    }

    /// Removes `items`, and looks whether they are gone.
    pub(super) async fn remove(&self, items: Vec<Item>) -> Vec<Outcome> {
        let (held, states): (Vec<_>, Vec<_>) = items.into_iter().partition(|item| matches!(item, Item::Held { .. }));
        let mut outcomes = Vec::new();
        for item in states {
            let set_right = self.set_right(&item).await;
            outcomes.push((item, set_right));
        }
        let removed = self.remove_held(&held).await;
        let removed: Vec<_> = removed.into_iter().map(|one| one.map_err(|error| error.to_string())).collect();
        let there = self.there_still(&held).await;
        outcomes.extend(held.into_iter().zip(removed).map(|(item, removed)| {
            let gone = match &there {
                Ok(there) if there.contains(&key(&item)) => Err("it is there still".to_owned()),
                Ok(_) => Ok(()),
                Err(error) => Err(format!("whether it is gone is not known: {error}")),
            };
            (item, removed.and(gone))
        }));
        outcomes
    }

    async fn set_right(&self, item: &Item) -> Result<(), String> {
        let Item::State(left) = item else { return Ok(()) };
        let controls = self.lab.controls.as_ref().ok_or("the tenant has no control face")?;
        let set = match &left.thing {
            Thing::Offboarded(name) => controls.onboard(name).await.map(drop),
            Thing::ApiSwitchedOff => controls.switch_api(true).await,
            Thing::DefinitionsNamed(_) | Thing::Definition(_) | Thing::Indicator(_) | Thing::Together(_) => Ok(()),
        };
        set.map_err(|error| error.to_string())
    }

    /// Each by its key, with what hangs on it.
    async fn remove_held(&self, items: &[Item]) -> Vec<Result<(), ServiceError>> {
        let signed = items.iter().filter_map(|item| match item {
            Item::Held { signed, .. } => Some(signed),
            Item::State(_) => None,
        });
        match self.lab.definitions.form() {
            Form::WithIndicator => {
                let ids: Vec<_> = signed.map(|one| IndicatorId::from(one.id.to_string())).collect();
                self.lab.indicators.remove_many(&ids).await
            }
            Form::Apart => {
                let mut removed = Vec::new();
                for one in signed {
                    removed.push(self.lab.definitions.remove(&one.id).await);
                }
                removed
            }
        }
    }

    /// The keys of those of `items` that carry their marker in the tenant now.
    async fn there_still(&self, items: &[Item]) -> Result<HashSet<String>, ServiceError> {
        if items.is_empty() {
            return Ok(HashSet::new());
        }
        let markers = items.iter().map(|item| item.marker().clone()).collect();
        Ok(self.held(&markers).await?.iter().map(key).collect())
    }
}

fn key(item: &Item) -> String {
    match item {
        Item::Held { signed, .. } => signed.id.to_string(),
        Item::State(_) => String::new(),
    }
}

/// Writes down what of `past` is undone: every entry none of whose marker is left, of its kind.
pub(super) fn write_down(journal: &Journal, past: &[Left], outcomes: &[Outcome]) {
    for left in past {
        let stays = outcomes.iter().any(|(item, outcome)| {
            outcome.is_err()
                && match item {
                    Item::State(state) => state.number == left.number,
                    Item::Held { signed, .. } => left.thing.is_signed() && signed.marker == left.marker,
                }
        });
        if !stays {
            journal.undone(left.number);
        }
    }
}

/// Why an item that no journal knows is left alone.
pub(super) fn spared(item: &Item, (client_id, creators): (&str, &[String]), made_before: Timestamp) -> Option<String> {
    let Item::Held { signed, .. } = item else { return None };
    let by = signed.created_by.as_str();
    let same = |known: &str| known.eq_ignore_ascii_case(by);
    if !same(client_id) && !creators.iter().any(|known| same(known)) && is_another_s(by) {
        return Some(format!("`{by}` made it, which is not this application (--creator counts it as this one)"));
    }
    match signed.created_at {
        Some(at) if at > made_before => Some("it is younger than --older-than".into()),
        _ => None,
    }
}

/// Whether these words are surely those for somebody else than an application of another id: a person's address or the id
/// of an application. The name of an application may be any, and some services tell nothing else.
fn is_another_s(by: &str) -> bool {
    let is_guid = by.len() == 36 && by.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    is_guid || by.contains('@')
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: &str = "11111111-2222-3333-4444-555555555555";

    fn made(by: &str, at: Option<&str>) -> Item {
        let created_at = at.map(|at| at.parse().expect("a moment"));
        let marker = Marker::of(1, "a");
        let signed = Signed { id: 7.into(), marker, title: String::new(), created_at, created_by: by.into() };
        Item::Held { what: "indicator", signed }
    }

    #[test]
    fn what_another_made_is_spared_and_what_may_be_ours_is_not() {
        let noon = "2026-11-24T12:00:00Z".parse().expect("a moment");
        let by = |by: &str| spared(&made(by, None), (ME, &["Drill Bot".into(), "ops@contoso.com".into()]), noon);
        for ours in [ME, &ME.to_ascii_uppercase(), "", "Drill Bot", "OPS@contoso.com", "an application's name"] {
            assert_eq!(by(ours), None, "{ours}");
        }
        for another in ["99999999-2222-3333-4444-555555555555", "user@contoso.com"] {
            assert!(by(another).is_some_and(|why| why.contains(another)), "{another}");
        }
    }

    #[test]
    fn what_is_younger_is_spared_and_what_has_no_date_is_not() {
        let noon = "2026-11-24T12:00:00Z".parse().expect("a moment");
        let at = |at| spared(&made(ME, at), (ME, &[]), noon);
        assert!(at(Some("2026-11-24T12:00:01Z")).is_some());
        assert_eq!((at(Some("2026-11-24T12:00:00Z")), at(None)), (None, None));
    }
}
