//! What was asked for in other words than the service holds: an address in its short form, a moment to the nanosecond.
//!
//! The service has no call that reads one indicator by its key, and no filter by key; by its value it has. So the value
//! of what this program published is kept beside its key, and what comes back is told in the words of whoever asked.

use std::collections::{BTreeMap, HashMap};

use jiff::{SignedDuration, Timestamp};

/// An indicator's value and expiry, in one of both spellings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spelling {
    pub(super) value: String,
    pub(super) expires_at: Option<Timestamp>,
}

/// The same in the service's words and on its clock, and in ours and on ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Both {
    pub(super) held: Spelling,
    pub(super) asked: Spelling,
}

/// What was asked for, by key: no more of it than a tenant can hold.
#[derive(Debug, Default)]
pub(super) struct Asked {
    by_key: HashMap<String, (u64, Both)>,
    order: BTreeMap<u64, String>,
    next: u64,
}

/// More than the 15 000 indicators that a tenant may have; what was asked for longest ago is forgotten then.
const LIMIT: usize = 20_000;

/// The service keeps a moment to seven digits, and acts on it to the second.
const SECOND: SignedDuration = SignedDuration::from_secs(1);

impl Asked {
    /// Keeps what was asked for under `key`.
    pub(super) fn keep(&mut self, key: &str, both: Both) {
        self.forget(key);
        self.by_key.insert(key.into(), (self.next, both));
        self.order.insert(self.next, key.into());
        self.next += 1;
        if self.by_key.len() > LIMIT
            && let Some((_, oldest)) = self.order.pop_first()
        {
            self.by_key.remove(&oldest);
        }
    }

    /// Forgets what was asked for under `key`.
    pub(super) fn forget(&mut self, key: &str) {
        if let Some((place, _)) = self.by_key.remove(key) {
            self.order.remove(&place);
        }
    }

    /// What was asked for under `key`.
    pub(super) fn get(&self, key: &str) -> Option<&Both> {
        self.by_key.get(key).map(|(_, both)| both)
    }
}

impl Both {
    /// What is held now, in the words of whoever asked as far as it is still that.
    pub(super) fn told(&self, now: &Spelling, on_our_clock: Option<Timestamp>) -> Spelling {
        let same_value = now.value.eq_ignore_ascii_case(&self.held.value);
        let same_expiry = match (now.expires_at, self.held.expires_at) {
            (Some(now), Some(held)) => now.duration_since(held).abs() < SECOND,
            (now, held) => now == held,
        };
        Spelling {
            value: if same_value { &self.asked.value } else { &now.value }.clone(),
            expires_at: if same_expiry { self.asked.expires_at } else { on_our_clock },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelling(value: &str, expires_at: Option<&str>) -> Spelling {
        Spelling { value: value.into(), expires_at: expires_at.map(|text| text.parse().expect("a moment")) }
    }

    fn both() -> Both {
        Both {
            held: spelling("2001:db8:0:0:0:0:0:1", Some("2026-11-24T13:07:00.1234567Z")),
            asked: spelling("2001:db8::1", Some("2026-11-24T13:00:00.123456789Z")),
        }
    }

    #[test]
    fn what_is_held_as_asked_is_told_in_the_words_of_whoever_asked() {
        assert_eq!(both().told(&both().held, None), both().asked);
        let cut = spelling("2001:DB8:0:0:0:0:0:1", Some("2026-11-24T13:07:00Z"));
        assert_eq!(both().told(&cut, None), both().asked);
    }

    #[test]
    fn what_is_held_otherwise_is_told_as_it_is() {
        let other = spelling("2001:db8:0:0:0:0:0:2", Some("2026-11-24T13:07:02Z"));
        let ours = "2026-11-24T13:00:02Z".parse().ok();
        assert_eq!(both().told(&other, ours), Spelling { value: other.value.clone(), expires_at: ours });
        assert_eq!(both().told(&spelling("2001:db8:0:0:0:0:0:1", None), None).expires_at, None);
    }

    #[test]
    fn no_more_is_kept_than_a_tenant_can_hold_and_the_oldest_goes_first() {
        let mut asked = Asked::default();
        for number in 0..=LIMIT {
            asked.keep(&number.to_string(), both());
            asked.keep("1", both());
        }
        assert_eq!((asked.by_key.len(), asked.order.len()), (LIMIT, LIMIT));
        assert!(asked.get("0").is_none() && asked.get("1").is_some() && asked.get(&LIMIT.to_string()).is_some());
        asked.forget("1");
        assert_eq!((asked.by_key.len(), asked.order.len()), (LIMIT - 1, LIMIT - 1));
    }
}
