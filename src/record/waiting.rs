//! What a drill waits for, while it does: nothing of it is in the record, which says afterwards what came of the wait.

use std::{
    borrow::Cow,
    sync::{Arc, PoisonError},
};

use jiff::Timestamp;

use crate::record::{chain::Link, recorder::Recorder};

/// A wait that goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The link of the chain that waits; where it is not said, the one that comes next.
    pub link: Option<Link>,
    /// What is waited for: "the alert".
    pub what: Cow<'static, str>,
    /// Since when, on the drill's clock.
    pub since: Timestamp,
    /// Until when at the latest, where that is known.
    pub until: Option<Timestamp>,
}

/// A drill waits, until this is dropped.
#[derive(Debug)]
#[must_use = "dropped at once, nobody waits"]
pub struct Waits(Option<Arc<Recorder>>);

impl Recorder {
    /// Says what the drill waits for, as long as the result lives. A wait within another is a part of it, and not told.
    pub fn waits(self: &Arc<Self>, waiting: impl FnOnce() -> Waiting) -> Waits {
        let mut told = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if told.is_some() {
            return Waits(None);
        }
        *told = Some(waiting());
        Waits(Some(Arc::clone(self)))
    }

    /// What the drill waits for now, if it waits.
    pub fn waiting(&self) -> Option<Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Waits {
    fn drop(&mut self) {
        if let Some(recorder) = &self.0 {
            *recorder.waiting.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(what: &'static str) -> Waiting {
        Waiting { link: None, what: what.into(), since: Timestamp::UNIX_EPOCH, until: None }
    }

    #[test]
    fn a_wait_within_another_is_a_part_of_it_and_one_that_is_over_is_not_told() {
        let recorder = Arc::new(Recorder::default());
        let outer = recorder.waits(|| waiting("the alert"));
        let inner = recorder.waits(|| waiting("a call"));
        assert_eq!(recorder.waiting(), Some(waiting("the alert")));
        drop(inner);
        assert_eq!(recorder.waiting(), Some(waiting("the alert")));
        drop(outer);
        assert_eq!(recorder.waiting(), None);
    }
}
