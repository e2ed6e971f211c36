//! Devices: the set `machines`.

use std::sync::Arc;

use futures::future::BoxFuture;
use jiff::Timestamp;
use serde::Deserialize;

use crate::{
    domain::device::Device,
    services::{
        definitions::Query,
        devices::{Devices, Machine},
        endpoint::{Endpoint, quotas::Calls, sets::Ask},
        error::ServiceError,
        reading::{date_or_none, key, text},
    },
    transport::error::TransportError,
};

const SET: &str = "machines";

/// A machine, as far as a drill asks. Words of the service's lists stay as they came: the documentation writes
/// `onboarded` where the service writes `Onboarded`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    #[serde(deserialize_with = "key")]
    id: String,
    #[serde(default, deserialize_with = "text")]
    computer_dns_name: String,
    #[serde(default, deserialize_with = "date_or_none")]
    last_seen: Option<Timestamp>,
    #[serde(default)]
    os_platform: Option<String>,
    #[serde(default)]
    health_status: Option<String>,
    #[serde(default)]
    onboarding_status: Option<String>,
}

impl Devices for Endpoint {
    /// A device that is asked for by its host name alone may be held under its whole name.
    fn named<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<Machine>, ServiceError>> {
        Box::pin(async move {
            let found = self.newest(name, &Query::where_equals("computerDnsName", name)).await?;
            if found.is_some() || name.is_empty() || name.contains('.') {
                return Ok(found);
            }
            let begins = format!("startswith(computerDnsName,'{}.')", name.replace('\'', "''"));
            self.newest(name, &Query { filter: Some(begins), ..Query::default() }).await
        })
    }
}

impl Endpoint {
    async fn newest(&self, name: &str, query: &Query) -> Result<Option<Machine>, ServiceError> {
        let purpose = format!("find the device {name}");
        let ask = Ask {
            calls: Calls::ListMachines,
            set: SET,
            query,
            expand: None,
            purpose: &purpose,
            most: None,
            clean_up: false,
            shared: None,
        };
        let rows: Vec<(Row, Arc<str>)> = match self.set(&ask).await {
            // Documented for a tenant without recent machines.
            Err(ServiceError::Transport(TransportError::Refused { purpose: of, status: 404, .. })) if of == purpose => {
                return Ok(None);
            }
            other => other?,
        };
        let wanted = Device { id: String::new(), name: name.into() };
        // A service that does not know the filter answers with everything.
        let rows = rows
            .into_iter()
            .map(|(row, original)| self.machine(row, original))
            .filter(|machine| wanted.is(&machine.device));
        Ok(rows.max_by_key(|machine| machine.last_seen))
    }

    fn machine(&self, row: Row, original: Arc<str>) -> Machine {
        Machine {
            device: Device { id: row.id, name: row.computer_dns_name },
            platform: row.os_platform,
            onboarding: row.onboarding_status,
            health: row.health_status,
            last_seen: row.last_seen.map(|at| self.to_ours(at)),
            original,
        }
    }
}
