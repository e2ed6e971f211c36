//! What a tenant was told to keep, definitions and indicators alike: what the API shows, and what is in effect.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::emulator::propagation::{History, Version};

/// Something that the tenant was told to keep, as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored<T> {
    /// The key: 1, 2, …
    pub id: i64,
    /// What it says since its last change.
    pub content: T,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
    /// When it was last changed; none until it is.
    pub last_modified_at: Option<Timestamp>,
    /// By whom it was last changed.
    pub last_modified_by: Option<String>,
}

/// Who asks for a change, and when.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The caller's name.
    pub by: &'a str,
    /// The moment.
    pub at: Timestamp,
}

/// A version that no longer matters, and the id of the thing it was of.
pub(super) type Dropped<T> = (i64, Version<T>);

/// Things by id, with those that were deleted but are still in effect.
#[derive(Debug)]
pub(super) struct Shelf<T> {
    live: BTreeMap<i64, Stored<T>>,
    histories: BTreeMap<i64, History<T>>,
    /// When the version in effect of which thing changes.
    due: BTreeSet<(Timestamp, i64)>,
    last_id: i64,
}

impl<T: Clone> Shelf<T> {
    pub(super) fn new() -> Self {
        Self { live: BTreeMap::new(), histories: BTreeMap::new(), due: BTreeSet::new(), last_id: 0 }
    }

    pub(super) fn get(&self, id: i64) -> Option<&Stored<T>> {
        self.live.get(&id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Stored<T>> {
        self.live.values()
    }

    pub(super) fn len(&self) -> usize {
        self.live.len()
    }

    /// The version in effect at `now`, unless that is a deletion.
    pub(super) fn in_effect(&self, id: i64, now: Timestamp) -> Option<(u64, &T)> {
        let version = self.histories.get(&id)?.at(now)?;
        version.content.as_ref().map(|content| (version.number, content))
    }

    /// What would be kept under the next id; the id is used up.
    pub(super) fn make(&mut self, content: T, asked: Asked<'_>) -> Stored<T> {
        self.last_id += 1;
        Stored {
            id: self.last_id,
            content,
            created_at: asked.at,
            created_by: asked.by.to_owned(),
            last_modified_at: None,
            last_modified_by: None,
        }
    }

    /// Keeps `stored`, in effect from `from` on.
    pub(super) fn keep(&mut self, stored: Stored<T>, from: Timestamp) {
        let id = stored.id;
        self.histories.insert(id, History::new());
        self.live.insert(id, stored);
        self.accept(id, from);
    }

    /// Changes what `id` says, in effect from `from` on. Returns what no longer matters.
    pub(super) fn change(&mut self, id: i64, content: T, asked: Asked<'_>, from: Timestamp) -> Vec<Dropped<T>> {
        let Some(stored) = self.live.get_mut(&id) else { return Vec::new() };
        stored.content = content;
        stored.last_modified_at = Some(asked.at);
        stored.last_modified_by = Some(asked.by.to_owned());
        self.accept(id, from)
    }

    /// Takes `id` away: from what the API shows at once, from what is in effect at `from`.
    pub(super) fn delete(&mut self, id: i64, from: Timestamp) -> Vec<Dropped<T>> {
        if self.live.remove(&id).is_none() {
            return Vec::new();
        }
        self.accept(id, from)
    }

    /// The number that the next version of `id` will have.
    pub(super) fn next_version(&self, id: i64) -> u64 {
        self.histories.get(&id).map_or(0, History::next_number)
    }

    fn accept(&mut self, id: i64, from: Timestamp) -> Vec<Dropped<T>> {
        let content = self.live.get(&id).map(|stored| stored.content.clone());
        let Some(history) = self.histories.get_mut(&id) else { return Vec::new() };
        self.due.insert((from, id));
        history.accept(content, from).into_iter().map(|version| (id, version)).collect()
    }

    /// Forgets, and returns, every version that was over by `now`.
    pub(super) fn settle(&mut self, now: Timestamp) -> Vec<Dropped<T>> {
        let mut dropped = Vec::new();
        while let Some(&(due, id)) = self.due.first() {
            if due > now {
                break;
            }
            self.due.pop_first();
            let Some(history) = self.histories.get_mut(&id) else { continue };
            dropped.extend(history.settle(now).into_iter().map(|version| (id, version)));
            if history.at(now).is_some_and(|version| version.content.is_none()) {
                dropped.extend(history.clear().into_iter().map(|version| (id, version)));
                self.histories.remove(&id);
            }
        }
        dropped
    }

    /// Whether nothing at all is kept.
    #[cfg(test)]
    pub(super) fn is_bare(&self) -> bool {
        self.live.is_empty() && self.histories.is_empty() && self.due.is_empty()
    }
}
