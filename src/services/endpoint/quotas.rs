//! How many calls the service gives, as published: for each kind of call, an application and a tenant.

use std::sync::Arc;

use crate::transport::quota::{Allotment, Quota};

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

impl Calls {
    /// The name of the family that the calls are counted in, as settings and plans have it. That the calls to one kind of
    /// thing are counted together is the careful reading: each page states its limits of "this API".
    pub fn family(self) -> &'static str {
        match self {
            Self::ListIndicators | Self::SubmitIndicator | Self::RemoveIndicator => "endpoint.indicators",
            Self::ImportIndicators => "endpoint.import-indicators",
            Self::RemoveIndicators => "endpoint.remove-indicators",
            Self::ListAlerts | Self::ReadAlert | Self::ChangeAlert => "endpoint.alerts",
            Self::ChangeAlerts => "endpoint.change-alerts",
            Self::ListMachines => "endpoint.machines",
            Self::Hunt => "endpoint.hunt",
        }
    }

    /// Whether clean-up makes such calls: what was published though its answer was lost is listed, and removed.
    fn cleans_up(self) -> bool {
        !matches!(self, Self::ImportIndicators | Self::ListMachines | Self::Hunt)
    }
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
pub struct Quotas(Arc<[(&'static str, Arc<Quota>)]>);

impl Quotas {
    /// Quotas of which nothing is used yet: of what is published, as much as is allotted.
    pub fn of(allotment: &Allotment) -> Self {
        let mut families: Vec<(&'static str, Arc<Quota>)> = Vec::new();
        for row in PUBLISHED {
            let (family, published) = (row.calls.family(), (Some(row.per_minute), row.per_hour));
            if families.iter().all(|(known, _)| *known != family) {
                let quota = Quota::new(allotment.limits(family, published, row.calls.cleans_up()));
                families.push((family, Arc::new(quota)));
            }
        }
        Self(families.into())
    }

    /// The quota of each family, by its name.
    pub fn each(&self) -> impl Iterator<Item = (&'static str, &Quota)> {
        self.0.iter().map(|(family, quota)| (*family, &**quota))
    }

    /// The quota of these calls; `None` is that nobody counts them.
    pub(super) fn quota(&self, calls: Calls) -> Option<Arc<Quota>> {
        self.0.iter().find(|(family, _)| *family == calls.family()).map(|(_, quota)| Arc::clone(quota))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_call_has_one_row_and_one_quota() {
        let quotas = Quotas::of(&Allotment::default());
        for row in PUBLISHED {
            assert_eq!(PUBLISHED.iter().filter(|other| other.calls == row.calls).count(), 1, "{row:?}");
            let family = PUBLISHED.iter().filter(|other| other.calls.family() == row.calls.family());
            let limits: Vec<_> = family.map(|row| (row.per_minute, row.per_hour, row.calls.cleans_up())).collect();
            assert!(limits.iter().all(|other| *other == limits[0]), "what is counted together has one limit: {row:?}");
            assert!(quotas.quota(row.calls).is_some());
        }
        assert!(Quotas::default().quota(Calls::Hunt).is_none());
    }
}
