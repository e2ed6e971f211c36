//! `$metadata`: the sets, and what their entities are made of. No copy of the real document is to be had; this one says
//! what this API writes.

use crate::emulator::{
    answer::Answer,
    faces::endpoint::{
        actions::shape::ACTION, alerts::shape::ALERT, incidents::shape::INCIDENT, indicators::shape::INDICATOR,
        investigations::INVESTIGATION, library::FILE, machines::shape::MACHINE,
    },
    odata::metadata::{self, Set},
};

const SETS: [Set; 7] = [
    Set { name: "Indicators", schema: &INDICATOR, key: "id" },
    Set { name: "Alerts", schema: &ALERT, key: "id" },
    Set { name: "Machines", schema: &MACHINE, key: "id" },
    Set { name: "MachineActions", schema: &ACTION, key: "id" },
    Set { name: "LibraryFiles", schema: &FILE, key: "fileName" },
    Set { name: "Investigations", schema: &INVESTIGATION, key: "id" },
    Set { name: "Incidents", schema: &INCIDENT, key: "incidentId" },
];

/// `GET /api/$metadata`, which needs no token.
pub(super) fn document() -> Answer {
    Answer::of(200, "application/xml", metadata::document(&SETS).into_bytes()).with("odata-version", "4.0")
}
