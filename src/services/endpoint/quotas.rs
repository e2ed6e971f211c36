//! How many calls the service gives, as published: for each kind of call, an application and a tenant.

use std::sync::Arc;

use crate::transport::quota::{Limits, Quota};

/// The kinds of calls that are counted apart. Each page of the documentation states the limits of "this API", which is
/// one kind of call; that kinds are not counted together is read from that and recorded nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Calls {
    /// `GET /indicators`.
    ListIndicators,
    /// `POST /indicators`.
    SubmitIndicator,
    /// `POST /indicators/import`.
    ImportIndicators,
    /// `DELETE /indicators/{id}`.
    RemoveIndicator,
    /// `POST /indicators/BatchDelete`.
    RemoveIndicators,
    /// `GET /alerts`.
    ListAlerts,
    /// `GET /alerts/{id}`.
    ReadAlert,
    /// `PATCH /alerts/{id}`.
    ChangeAlert,
    /// `POST /alerts/batchUpdate`.
    ChangeAlerts,
    /// `GET /machines`.
    ListMachines,
    /// `POST /advancedqueries/run`; counted for the tenant, whoever calls.
    Hunt,
}

/// What is published of one kind of call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Published {
    /// Which calls.
    pub calls: Calls,
    /// So many in any minute.
    pub per_minute: u32,
    /// So many in any hour, where the page says.
    pub per_hour: Option<u32>,
    /// The page of the documentation.
    pub source: &'static str,
    /// The date of that page, or of the copy in which it was read.
    pub date: &'static str,
}

const fn row(
    calls: Calls,
    per_minute: u32,
    per_hour: Option<u32>,
    source: &'static str,
    date: &'static str,
) -> Published {
    Published { calls, per_minute, per_hour, source, date }
}

/// The published limits.
pub const PUBLISHED: [Published; 11] = [
    row(Calls::ListIndicators, 100, Some(1_500), "get-ti-indicators-collection", "2025-12"),
    row(Calls::SubmitIndicator, 100, Some(1_500), "post-ti-indicator", "2025-12"),
    row(Calls::ImportIndicators, 30, None, "import-ti-indicators", "2025-12"),
    row(Calls::RemoveIndicator, 100, Some(1_500), "delete-ti-indicator-by-id", "2025-12"),
    row(Calls::RemoveIndicators, 30, Some(1_500), "batch-delete-ti-indicators", "2025-12"),
    row(Calls::ListAlerts, 100, Some(1_500), "get-alerts", "2025-11"),
    row(Calls::ReadAlert, 100, Some(1_500), "get-alert-info-by-id", "2026-09 at the latest"),
    row(Calls::ChangeAlert, 100, Some(1_500), "update-alert", "2026-09 at the latest"),
    row(Calls::ChangeAlerts, 10, Some(500), "batch-update-alerts", "2026-01 at the latest"),
    row(Calls::ListMachines, 100, Some(1_500), "get-machines", "2026-09 at the latest"),
    row(Calls::Hunt, 45, Some(1_500), "run-advanced-query-api", "2026-07"),
];

/// The quotas of one application in one tenant. Clones are the same quotas.
#[derive(Debug, Clone, Default)]
pub struct Quotas(Arc<[(Calls, Arc<Quota>)]>);

impl Quotas {
    /// Quotas as published, of which nothing is used yet; of each, `kept_back` calls are for cleaning up.
    pub fn published(kept_back: u32) -> Self {
        let quota = |row: &Published| {
            Quota::new(Limits { per_minute: Some(row.per_minute), per_hour: row.per_hour, kept_back })
        };
        Self(PUBLISHED.iter().map(|row| (row.calls, Arc::new(quota(row)))).collect())
    }

    /// The quota of these calls; `None` is that nobody counts them.
    pub(super) fn of(&self, calls: Calls) -> Option<Arc<Quota>> {
        self.0.iter().find(|(known, _)| *known == calls).map(|(_, quota)| Arc::clone(quota))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_call_has_one_row_and_one_quota() {
        let quotas = Quotas::published(5);
        for row in PUBLISHED {
            assert_eq!(PUBLISHED.iter().filter(|other| other.calls == row.calls).count(), 1, "{row:?}");
            assert!(quotas.of(row.calls).is_some());
        }
        assert!(Quotas::default().of(Calls::Hunt).is_none());
    }
}
