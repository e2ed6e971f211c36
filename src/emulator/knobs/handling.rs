//! Knobs of what becomes of an alert after it was raised: incidents, extension, resolution, evidence.

use std::time::Duration;

use crate::emulator::knobs::{
    Knob,
    read::{seconds, seconds_json},
};

/// The knobs of this part. Each field is documented in the table below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Knobs {
    pub visibility: Duration,
    pub evidence: Duration,
    pub device_evidence: Duration,
    pub observable_evidence: Duration,
    pub extension: Duration,
    pub grouping: Duration,
    pub incident: Duration,
    pub resolution: Duration,
    pub investigation: Duration,
}

impl Default for Knobs {
    fn default() -> Self {
        Self {
            visibility: Duration::ZERO,
            evidence: Duration::ZERO,
            device_evidence: Duration::ZERO,
            observable_evidence: Duration::ZERO,
            extension: Duration::from_secs(366),
            grouping: Duration::from_hours(24 * 7),
            incident: Duration::from_mins(1),
            resolution: Duration::from_mins(25),
            investigation: Duration::from_secs(349),
        }
    }
}

pub(super) const KNOBS: &[Knob] = &[
    Knob {
        name: "alertVisibilitySeconds",
        meaning: "from the making of an alert, and from a further event of it, until lists of alerts show that: its \
                  times are those of before, so that whoever asks for the newest by time misses it",
        sureness: "C: that lists lag behind the times in them is told by users, how much is not",
        get: |knobs| seconds_json(knobs.handling.visibility),
        set: |knobs, value| seconds(value).map(|span| knobs.handling.visibility = span),
    },
    Knob {
        name: "evidenceSeconds",
        meaning: "from an alert that can be read until its evidence can; a list without evidence is no sign of it",
        sureness: "C: that it comes late is told by users, how late is not",
        get: |knobs| seconds_json(knobs.handling.evidence),
        set: |knobs, value| seconds(value).map(|span| knobs.handling.evidence = span),
    },
    Knob {
        name: "deviceEvidenceSeconds",
        meaning: "from an alert that can be read until it names its device",
        sureness: "C: nothing is published; 0 is what was recorded",
        get: |knobs| seconds_json(knobs.handling.device_evidence),
        set: |knobs, value| seconds(value).map(|span| knobs.handling.device_evidence = span),
    },
    Knob {
        name: "observableEvidenceSeconds",
        meaning: "from an alert that can be read until it names what it is about besides its device",
        sureness: "C: nothing is published; 0 is what was recorded",
        get: |knobs| seconds_json(knobs.handling.observable_evidence),
        set: |knobs, value| seconds(value).map(|span| knobs.handling.observable_evidence = span),
    },
    Knob {
        name: "alertExtensionSeconds",
        meaning: "from a further event of an open alert until the alert shows it",
        sureness: "B: 366 seconds, once, in a tenant of 2023",
        get: |knobs| seconds_json(knobs.handling.extension),
        set: |knobs, value| seconds(value).map(|span| knobs.handling.extension = span),
    },
    Knob {
        name: "alertGroupingSeconds",
        meaning: "so long after its last event, an open alert of an indicator still takes further events of the same \
                  indicator and device; 0 makes an alert of each",
        sureness: "B that it does (over three days, in a tenant of 2023), C for how long",
        get: |knobs| seconds_json(knobs.handling.grouping),
        set: |knobs, value| seconds(value).map(|span| knobs.handling.grouping = span),
    },
    Knob {
        name: "incidentSeconds",
        meaning: "an alert of the same device this soon after another joins its incident",
        sureness: "B that alerts within seconds do (a tenant of 2023), C for how long",
        get: |knobs| seconds_json(knobs.handling.incident),
        set: |knobs, value| seconds(value).map(|span| knobs.handling.incident = span),
    },
    Knob {
        name: "autoResolutionSeconds",
        meaning: "from the making of an alert of a file indicator until automated investigation resolves it; 0 is never",
        sureness: "B: 25.1 and 27.2 minutes in a tenant of 2023",
        get: |knobs| seconds_json(knobs.handling.resolution),
        set: |knobs, value| seconds(value).map(|span| knobs.handling.resolution = span),
    },
    Knob {
        name: "investigationSeconds",
        meaning: "from the request for an automated investigation of a device until it is over",
        sureness: "B: 349 seconds, once, in a tenant of 2023",
        get: |knobs| seconds_json(knobs.handling.investigation),
        set: |knobs, value| seconds(value).map(|span| knobs.handling.investigation = span),
    },
];
