//! `$metadata`: the sets, and what their entities are made of. No copy of the real document is to be had; this one says
//! what this API writes.

use crate::emulator::{
    answer::Answer,
    faces::endpoint::{alerts::shape::ALERT, indicators::shape::INDICATOR, machines::shape::MACHINE},
    odata::metadata::{self, Set},
};

const SETS: [Set; 3] = [
    Set { name: "Indicators", schema: &INDICATOR, key: "id" },
    Set { name: "Alerts", schema: &ALERT, key: "id" },
    Set { name: "Machines", schema: &MACHINE, key: "id" },
];

/// `GET /api/$metadata`, which needs no token.
pub(super) fn document() -> Answer {
    Answer::of(200, "application/xml", metadata::document(&SETS).into_bytes()).with("odata-version", "4.0")
}
