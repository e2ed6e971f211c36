//! Hunting: what devices reported, row by row. It bears witness that a stimulus arrived, alert or no alert.

use futures::future::BoxFuture;
use jiff::Timestamp;

use crate::{
    domain::{device::Device, indicator::Kind},
    services::error::ServiceError,
    transport::shared::{Share, Shared},
};

/// What is looked for among the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sought<'a> {
    /// The device that did it.
    pub device: &'a Device,
    /// What kind of observable it touched.
    pub kind: Kind,
    /// The observable.
    pub observable: &'a str,
    /// Not before this moment, on the drill's clock.
    pub since: Timestamp,
}

/// A row that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// When the device did it, on the drill's clock.
    pub at: Timestamp,
    /// The table that it stands in: `DeviceNetworkEvents`.
    pub table: String,
    /// What was done, in the service's word: `ConnectionSuccess`.
    pub action: String,
}

/// What a service can tell of telemetry.
pub trait Hunting: Send + Sync {
    /// The rows of what is sought, oldest first.
    fn rows<'a>(&'a self, sought: Sought<'a>) -> BoxFuture<'a, Result<Vec<Row>, ServiceError>>;

    /// How many are looked for in one query, at most; 1 is that each is by itself.
    fn at_once(&self) -> usize {
        1
    }

    /// The rows of many, of which each has an answer of its own, in their order.
    fn rows_of_many<'a>(&'a self, sought: &'a [Sought<'a>]) -> BoxFuture<'a, Vec<Result<Vec<Row>, ServiceError>>> {
        Box::pin(async move {
            let mut answers = Vec::with_capacity(sought.len());
            for one in sought {
                answers.push(self.rows(*one).await);
            }
            answers
        })
    }
}

/// The queries of many in one: the rows of each say whose they are.
pub(super) struct Union {
    /// In the query language.
    pub(super) query: String,
    /// In words.
    pub(super) purpose: String,
    /// Whose what of the answer is.
    pub(super) shared: Shared,
}

/// The column that says whose a row is.
pub(super) const WHOSE: &str = "Sought";

/// A query that is longer than some dozen of them may be more than a service reads.
pub(super) const AT_ONCE: usize = 20;

impl Union {
    /// The union of the queries at these places; the answer has its rows in `list`.
    pub(super) fn of(queries: &[(usize, String)], list: &'static str) -> Self {
        let leg = |(place, query): &(usize, String)| format!("({query}\n| extend {WHOSE} = \"{place}\")");
        let legs: Vec<_> = queries.iter().map(leg).collect();
        let share = |(place, _): &(usize, String)| Share { place: *place, key: place.to_string() };
        Self {
            query: format!("union\n{}", legs.join(",\n")),
            purpose: format!("hunt for {} observables at once", queries.len()),
            shared: Shared { asked: None, answered: Some((list, WHOSE)), shares: queries.iter().map(share).collect() },
        }
    }
}

/// Whether what the service said is of the query, and not of the one who asks or of the moment.
pub(super) fn is_of_the_query(error: &ServiceError) -> bool {
    matches!(error, ServiceError::Rejected { status: 400, .. })
}
