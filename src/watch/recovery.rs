//! Looking again, where a look failed: a feed that is down for a while recovers.

use std::sync::Arc;

use jiff::Timestamp;

use crate::{
    domain::alert::Alert,
    services::error::ServiceError,
    watch::{Waited, Watch, cadence},
};

impl Watch {
    /// After a look that failed: every alert seen at the first that succeeds, at least those that were ready at
    /// `ready_since` or later. It ends with a refusal, or with the look at `deadline`.
    pub async fn recovered(&self, ready_since: Timestamp, deadline: Timestamp) -> Waited<Vec<Arc<Alert>>> {
        let since = self.clock.now();
        loop {
            let due = self.next_since(since, deadline).await;
            self.look_unless_someone_did(due, ready_since, true).await;
            let now = self.clock.now();
            let seen = self.seen();
            if seen.failed.as_ref().is_none_or(|error| is_last_word(error, now, deadline)) {
                let first = seen.looks.partition_point(|look| look.at < since);
                let found = seen.failed.is_none().then(|| seen.alerts.clone());
                return Waited { found, looks: seen.looks[first..].to_vec(), failed: seen.failed.clone() };
            }
        }
    }

    /// After a reading that failed: what the service shows at the first that succeeds of what it had ready at `since` or
    /// later, whatever was seen before. It ends with a refusal, or with the reading at `deadline`.
    pub async fn read_recovered(&self, since: Timestamp, deadline: Timestamp) -> Result<Vec<Alert>, ServiceError> {
        let from = self.clock.now();
        loop {
            self.next_since(from, deadline).await;
            match self.read_again(since).await {
                Err(error) if !is_last_word(&error, self.clock.now(), deadline) => {}
                answer => return answer,
            }
        }
    }

    /// Sleeps until the next look is due, of those of a wait that began at `since`. When alerts come is not the question.
    async fn next_since(&self, since: Timestamp, deadline: Timestamp) -> Timestamp {
        let due = cadence::next(cadence::Known::default(), since, Some(self.clock.now()), deadline);
        self.clock.sleep_until(due).await;
        due
    }
}

fn is_last_word(error: &ServiceError, now: Timestamp, deadline: Timestamp) -> bool {
    error.is_final() || now >= deadline
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::*;
    use crate::{
        services::error::Capability,
        watch::tests::{alert, minutes, noon, passing, watch},
    };

    #[tokio::test]
    async fn the_first_look_that_succeeds_ends_it_by_the_cadence() {
        let (watch, feed, clock) = watch(vec![alert("a", minutes(1))], 3, passing());
        let failed = watch.at(minutes(2), noon()).await;
        assert!(failed.blind(minutes(2)).is_some());
        let waited = watch.recovered(noon(), minutes(30)).await;
        assert_eq!(waited.found.as_ref().map(Vec::len), Some(1));
        assert!(waited.blind(minutes(2)).is_none());
        // After 15 seconds, then 30, then a minute, each rounded up to a multiple of itself.
        assert_eq!((feed.calls.load(Ordering::Relaxed), clock.now()), (4, minutes(4)));
    }

    #[tokio::test]
    async fn what_was_ready_long_before_is_read_as_well() {
        let (watch, _, _) = watch(vec![alert("early", minutes(1))], 1, passing());
        assert!(watch.at(minutes(200), noon()).await.blind(minutes(200)).is_some());
        assert_eq!(watch.recovered(noon(), minutes(230)).await.found.map(|alerts| alerts.len()), Some(1));
    }

    #[tokio::test]
    async fn a_feed_that_stays_down_is_given_up_at_the_deadline() {
        let (watch, feed, clock) = watch(vec![], u32::MAX, passing());
        let waited = watch.recovered(noon(), minutes(15)).await;
        assert!(waited.found.is_none() && waited.blind(noon()).is_some());
        assert_eq!(clock.now(), minutes(16), "the last is taken with the next of all");
        let calls = feed.calls.swap(0, Ordering::Relaxed);
        assert!((8..=12).contains(&calls), "{calls} looks");
        assert!(watch.read_recovered(noon(), minutes(31)).await.is_err());
        assert_eq!((feed.calls.load(Ordering::Relaxed), clock.now()), (calls, minutes(32)));
    }

    #[tokio::test]
    async fn a_refusal_is_the_last_word() {
        let refusal = || ServiceError::Unsupported { what: Capability::Alerts, why: String::new() };
        let (watch, feed, clock) = watch(vec![], u32::MAX, refusal());
        assert!(watch.recovered(noon(), minutes(15)).await.is_refused());
        assert_eq!(watch.read_recovered(noon(), minutes(15)).await, Err(refusal()));
        assert_eq!(feed.calls.load(Ordering::Relaxed), 2);
        assert!(clock.now() < minutes(1));
    }

    #[tokio::test]
    async fn what_is_read_again_is_what_is_shown_once_it_answers() {
        let (watch, feed, _) = watch(vec![alert("a", minutes(1))], 3, passing());
        assert!(watch.read_again(noon()).await.is_err());
        assert_eq!(watch.read_recovered(noon(), minutes(30)).await.map(|alerts| alerts.len()), Ok(1));
        assert_eq!(feed.calls.load(Ordering::Relaxed), 4);
    }
}
