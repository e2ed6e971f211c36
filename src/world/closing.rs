//! Who closes the alerts of a tenant's drills, and whether the tenant lets it.

use std::sync::{Arc, OnceLock};

use crate::{
    bulk::{company::Company, gathering::Gathering},
    clock::{Clock, turn::Turn},
    services::{alerts::Alerts, error::ServiceError},
};

/// An alert to close, and what is to be said of it.
struct Ended {
    id: String,
    comment: String,
}

/// What is said of the alerts of several drills that are closed in one call.
const OF_SEVERAL: &str = "Security test: the alert of a drill, closed by alertdrill. The description says which drill, where it is the drill's own.";

/// Closes alerts. A refusal is remembered: it costs a call a tenant, not one a drill.
pub struct Closing {
    gathering: Gathering<Ended, Result<(), ServiceError>>,
    /// Taken by who asks first: until an answer has come, nobody knows whether to ask.
    first: Turn,
    /// That alerts may be closed here, or why not.
    known: OnceLock<Result<(), ServiceError>>,
}

impl Closing {
    /// Closes by `alerts`, for `company` on `clock`: those of drills that end at the same time together.
    pub fn new(clock: &Clock, company: &Company, alerts: Arc<dyn Alerts>) -> Self {
        let gathering = Gathering::new(clock, company, alerts.closed_at_once(), move |ended: Vec<Ended>| {
            let alerts = Arc::clone(&alerts);
            Box::pin(async move {
                let ids: Vec<_> = ended.iter().map(|one| one.id.clone()).collect();
                let own =
                    ended.first().map(|one| &one.comment).filter(|own| ended.iter().all(|one| one.comment == **own));
                alerts.close_many(&ids, own.map_or(OF_SEVERAL, String::as_str)).await
            })
        });
        Self { gathering, first: Turn::new(clock), known: OnceLock::new() }
    }

    /// Closes the alerts of these ids as security tests, each with `comment`, and says of each how it went.
    pub(super) async fn close(&self, ids: &[String], comment: &str) -> Vec<Result<(), ServiceError>> {
        let first = if self.known.get().is_none() { Some(self.first.take().await) } else { None };
        if let Some(Err(why)) = self.known.get() {
            return ids.iter().map(|_| Err(why.clone())).collect();
        }
        // Somebody else may have learnt it in between.
        let first = first.filter(|_| self.known.get().is_none());
        let mut closed = Vec::with_capacity(ids.len());
        for id in ids {
            closed.push(self.gathering.ask(Ended { id: id.clone(), comment: comment.into() }).await);
        }
        if let Some(known) = closed.iter().find_map(what_it_says_of_all) {
            let _what_was_known_before_stays = self.known.set(known);
        }
        drop(first);
        closed
    }
}

/// What the answer to one alert says of every other: a fault of the moment says nothing.
fn what_it_says_of_all(answer: &Result<(), ServiceError>) -> Option<Result<(), ServiceError>> {
    match answer {
        Ok(()) => Some(Ok(())),
        Err(error) if may_not(error) || matches!(error, ServiceError::Unsupported { .. }) => Some(Err(error.clone())),
        Err(_) => None,
    }
}

/// Whether the application lacks the permission.
pub(super) fn may_not(error: &ServiceError) -> bool {
    error.denied() && error.status() == Some(403)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures::future::BoxFuture;
    use jiff::Timestamp;

    use super::*;
    use crate::{domain::alert::Alert, transport::error::TransportError};

    /// A tenant that gives the same answer to all, and counts how often it was asked.
    struct Answering(Result<(), u16>, AtomicUsize);

    impl Alerts for Answering {
        fn since(&self, _: Timestamp) -> BoxFuture<'_, Result<Vec<Alert>, ServiceError>> {
            unreachable!("nobody reads")
        }

        fn close_many<'a>(&'a self, ids: &'a [String], _: &'a str) -> BoxFuture<'a, Vec<Result<(), ServiceError>>> {
            self.1.fetch_add(1, Ordering::SeqCst);
            let answer = self.0.map_err(|status| {
                let (purpose, host) = ("update alert 1".to_owned(), "api.example".to_owned());
                ServiceError::Transport(TransportError::Refused { purpose, host, status, code: "no".into() })
            });
            Box::pin(async move {
                tokio::task::yield_now().await;
                ids.iter().map(|_| answer.clone()).collect()
            })
        }
    }

    /// How many of so many drills at once asked the tenant, which answers so.
    async fn asked(answer: Result<(), u16>) -> usize {
        let clock = Clock::system();
        let tenant = Arc::new(Answering(answer, AtomicUsize::new(0)));
        let closing = Closing::new(&clock, &Company::default(), Arc::clone(&tenant) as _);
        let ids = ["1".to_owned()];
        let drills = futures::future::join_all((0..20).map(|_| closing.close(&ids, "a test"))).await;
        assert!(drills.iter().all(|told| told.len() == 1 && told[0].is_ok() == answer.is_ok()));
        tenant.1.load(Ordering::SeqCst)
    }

    #[tokio::test]
    async fn a_permission_that_is_missing_costs_one_call_however_many_drills_end() {
        assert_eq!(asked(Err(403)).await, 1);
    }

    #[tokio::test]
    async fn what_one_answer_says_of_no_other_keeps_nobody_from_asking() {
        assert_eq!(asked(Ok(())).await, 20);
        assert_eq!(asked(Err(500)).await, 20);
        assert_eq!(asked(Err(401)).await, 20);
    }
}
