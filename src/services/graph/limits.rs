//! How many calls Microsoft Graph gives, by what they are for.

use std::sync::Arc;

use crate::transport::{
    Transport,
    quota::{Allotment, Quota},
};

/// What a call is for, as far as the service counts it apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// To list detection rules.
    List,
    /// To read one.
    Read,
    /// To create one.
    Create,
    /// To change one.
    Change,
    /// To remove one.
    Remove,
    /// To read and treat alerts.
    Alerts,
    /// To hunt.
    Hunting,
}

impl Family {
    /// The name of the family, as settings and plans have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::List => "graph.list-rules",
            Self::Read => "graph.read-rule",
            Self::Create => "graph.create-rule",
            Self::Change => "graph.change-rule",
            Self::Remove => "graph.remove-rule",
            Self::Alerts => "graph.alerts",
            Self::Hunting => "graph.hunt",
        }
    }

    /// Whether clean-up makes such calls: what was created though its answer was lost is looked for, and removed.
    fn cleans_up(self) -> bool {
        matches!(self, Self::List | Self::Read | Self::Remove | Self::Alerts)
    }
}

/// What is published of a family's limits. Each counts by application, and by tenant where there is one application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Published {
    /// The family.
    pub family: Family,
    /// Calls in any minute.
    pub per_minute: u32,
    /// Calls in any hour, where that is limited.
    pub per_hour: Option<u32>,
    /// Where it is published, and how sure it is that it is meant for this family.
    pub source: &'static str,
    /// When it was last read.
    pub seen: &'static str,
}

const OVERVIEW: &str = "security-api-overview.md (beta)";

/// Every family's limits, in the order of [`Family`].
pub const PUBLISHED: [Published; 7] = [
    Published { family: Family::List, per_minute: 10, per_hour: Some(300), source: OVERVIEW, seen: "2026-11-24" },
    Published { family: Family::Read, per_minute: 100, per_hour: Some(1_500), source: OVERVIEW, seen: "2026-11-24" },
    Published { family: Family::Create, per_minute: 10, per_hour: Some(1_500), source: OVERVIEW, seen: "2026-11-24" },
    Published { family: Family::Change, per_minute: 100, per_hour: Some(1_500), source: OVERVIEW, seen: "2026-11-24" },
    Published { family: Family::Remove, per_minute: 100, per_hour: Some(1_500), source: OVERVIEW, seen: "2026-11-24" },
    Published {
        family: Family::Alerts,
        per_minute: 150,
        per_hour: None,
        source: "throttling-limits.md; whether its row for alerts means alerts_v2 is not said",
        seen: "2026-11-24",
    },
    Published {
        family: Family::Hunting,
        per_minute: 45,
        per_hour: Some(1_500),
        source: "api-advanced-hunting (at least 45 a minute for a tenant); 1,500 an hour is older text",
        seen: "2026-11-24",
    },
];

/// The calls made so far of each family. Clones count together: a tenant has one, however many clients.
#[derive(Debug, Clone)]
pub struct Quotas([Arc<Quota>; 7]);

impl Quotas {
    /// Quotas of which nothing is used yet: of what is published, as much as is allotted.
    pub fn of(allotment: &Allotment) -> Self {
        Self(PUBLISHED.map(|row| {
            let published = (Some(row.per_minute), row.per_hour);
            Arc::new(Quota::new(allotment.limits(row.family.as_str(), published, row.family.cleans_up())))
        }))
    }

    /// The quota of each family, by its name.
    pub fn each(&self) -> impl Iterator<Item = (&'static str, &Quota)> {
        PUBLISHED.iter().zip(&self.0).map(|(row, quota)| (row.family.as_str(), &**quota))
    }
}

/// A way to the service for each family, over the same connections and credential.
#[derive(Clone)]
pub(super) struct Ways([Transport; 7]);

impl Ways {
    /// The same way for all.
    pub(super) fn all(transport: &Transport) -> Self {
        Self(PUBLISHED.map(|_| transport.clone()))
    }

    /// These ways, each within the quota of its family.
    pub(super) fn within(self, quotas: &Quotas) -> Self {
        let mut quotas = quotas.0.iter();
        Self(self.0.map(|way| match quotas.next() {
            Some(quota) => way.within(Arc::clone(quota)),
            None => way,
        }))
    }

    /// The way of `family`.
    pub(super) fn of(&self, family: Family) -> &Transport {
        &self.0[family as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_family_stands_at_its_own_place() {
        for (place, row) in PUBLISHED.iter().enumerate() {
            assert_eq!(row.family as usize, place, "{:?}", row.family);
            assert!(row.per_hour.is_none_or(|hour| hour >= row.per_minute));
        }
    }
}
