//! A drill that stops before its first `Then`, written down; and the same drill, going on in another process.
//!
//! In reading order: this file, private `belief` (what is believed of what another process wrote down), `words` (the values
//! of a drill in the words of the file).

mod belief;
mod words;

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;

use crate::{
    armed::drill as written,
    clock::limit::Stopwatch,
    domain::{appearance::Compared, device::Device, marker::Marker},
    journal::{past::Left, thing::Thing},
    record::{recorder::Notes, sighting::Sighting},
    services::definitions::Form,
    world::{
        Pace, World,
        alarm::{Alarm, Role},
        arming::words::{
            alarm_of, alarm_to, compared_of, compared_to, real, role_of, role_to, span, tried_of, tried_to,
        },
        lab::{Lab, NoLab},
        ledger::{Draft, Entry, Ledger},
        trouble::Refusal,
    },
};

/// The rest of a drill that is armed.
pub struct Rest {
    started: Timestamp,
    took: Duration,
    alarms: BTreeMap<Role, Alarm>,
    tried: Option<Result<(), Refusal>>,
    device: Option<Device>,
    platform: Option<String>,
    pace: Pace,
    sighted: BTreeMap<Role, (Sighting, Vec<Compared>)>,
    published: usize,
    awaited: BTreeSet<String>,
    notes: Notes,
    /// Whether something that it made is there no more, by the journal: somebody swept it.
    is_swept: bool,
    /// What the journal says is there of it, and before that whether the tenant holds it under the key that is said.
    left: Vec<(bool, Left)>,
}

impl World {
    /// Ends here for now: what the drill made stays, and the rest is judged later. No other drill of the lab may use what
    /// one at a time may.
    pub fn arm(&mut self) {
        let lab = Arc::clone(self.lab());
        for observable in std::mem::take(&mut self.turns).into_keys() {
            lab.turns.keep(observable);
        }
        self.is_armed = true;
        if let Some(stage) = &mut self.stage {
            stage.presence = None;
        }
    }

    /// Whether the drill has been armed.
    pub fn is_armed(&self) -> bool {
        self.is_armed
    }

    /// Gives up what is armed: nothing but clean-up follows.
    pub fn disarm(&mut self) {
        self.is_armed = false;
        let presence = self.stage().lab.as_ref().ok().map(|lab| (lab.clock.join(), lab.company.join()));
        if let Some(stage) = &mut self.stage {
            stage.presence = presence;
        }
    }

    /// Everything that the rest of the drill needs.
    pub fn armed(&self) -> written::Drill {
        let stage = self.stage();
        written::Drill {
            id: stage.drill.clone(),
            marker: self.marker().to_string(),
            started: stage.started,
            took_ms: (stage.before + stage.watch.elapsed()).as_secs_f64() * 1000.0,
            alarms: self.alarms.iter().map(|(role, alarm)| alarm_to(*role, alarm)).collect(),
            tried: self.tried.as_ref().map(tried_to),
            device: self.device.clone().map(Into::into),
            platform: self.platform.clone(),
            propagation: span(self.pace.propagation),
            detection: span(self.pace.detection),
            published: self.published,
            awaited: self.awaited.iter().cloned().collect(),
            sighted: self
                .sighted
                .iter()
                .map(|(role, (sighting, compared))| written::Sighted {
                    role: role_to(*role),
                    sighting: sighting.clone(),
                    compared: compared.iter().map(compared_to).collect(),
                })
                .collect(),
            made: self.ledger.numbers(),
            notes: self.recorder.note(|notes| notes.clone()),
        }
    }

    /// Goes on with the drill `drill` of the run `run` in `lab`, where `rest` was left.
    pub fn go_on(&mut self, lab: Result<Arc<Lab>, NoLab>, run: u64, drill: &str, rest: Rest) {
        self.begin(lab, run, drill);
        let entries = self.entries(&rest);
        let journal = self.stage().lab.as_ref().ok().and_then(|lab| lab.journal.clone());
        self.ledger = Ledger::again(journal, entries);
        let Rest {
            started,
            took,
            alarms,
            tried,
            device,
            platform,
            pace,
            sighted,
            published,
            awaited,
            notes,
            is_swept,
            ..
        } = rest;
        if let Some(stage) = &mut self.stage {
            stage.started = started;
            stage.before = took;
            stage.watch = Stopwatch::start();
        }
        self.alarms = alarms;
        self.tried = tried;
        self.device = device;
        self.platform = platform;
        self.pace = pace;
        self.sighted = sighted;
        self.published = published;
        self.awaited = awaited;
        self.goes_on = true;
        self.done = notes.steps.len();
        self.is_gone = is_swept || self.blocked().is_none() && self.has_ended();
        self.recorder.note(|known| *known = notes);
    }

    /// Whether an indicator that something touched has ended since.
    fn has_ended(&self) -> bool {
        let now = self.clock().now();
        self.alarms.values().any(|alarm| {
            let touched = alarm.touch.as_ref().map(|touch| touch.at);
            touched.zip(alarm.indicator.expires_at).is_some_and(|(touched, end)| touched < end && end <= now)
        })
    }

    /// Whether the next step was done when the drill was armed.
    pub fn did_it_before(&mut self) -> bool {
        let did = self.done > 0;
        self.done = self.done.saturating_sub(1);
        did
    }

    /// What the journal has of the drill, as the ledger has it.
    fn entries(&self, rest: &Rest) -> Vec<(Entry, crate::journal::Number)> {
        let lab = self.stage().lab.as_ref().ok();
        let known = |name: &str| {
            let devices = [rest.device.as_ref(), lab.map(|lab| &lab.device)];
            let known = devices.into_iter().flatten().find(|device| device.name == name);
            known.cloned().unwrap_or_else(|| Device { id: String::new(), name: name.into() })
        };
        let together = lab.is_some_and(|lab| lab.definitions.form() == Form::WithIndicator);
        let by_marker = |marker: &Marker| match rest.drafted(marker) {
            draft if together => Entry::Together(Box::new(draft)),
            draft => Entry::DefinitionsNamed(draft.definition.name, draft.marker),
        };
        let entry = |left: &Left, is_own: bool| match &left.thing {
            Thing::DefinitionsNamed(name) => Entry::DefinitionsNamed(name.clone(), left.marker.clone()),
            Thing::Definition(key) if is_own => Entry::Definition(key.clone().into()),
            Thing::Indicator(key) if is_own && together => Entry::Indicator(key.clone().into()),
            // An indicator that stands apart bears no marker, and goes with its definition.
            Thing::Definition(_) | Thing::Indicator(_) => by_marker(&left.marker),
            Thing::Together(value) => Entry::Together(Box::new(rest.draft(&left.marker, value))),
            Thing::Offboarded(name) => Entry::Offboarded(known(name)),
            Thing::ApiSwitchedOff => Entry::ApiSwitchedOff,
        };
        rest.left.iter().map(|(is_own, left)| (entry(left, *is_own), left.number)).collect()
    }
}

impl Rest {
    /// The rest of `drill`, of which `left` is there by the journal, and by the tenant what stands under one of `keys`; or
    /// which of its words are unknown, or cannot be so in a run of these `markers` by `now`.
    pub fn of(
        drill: written::Drill,
        (left, keys): (Vec<Left>, &HashSet<(Marker, String)>),
        (markers, now): (u64, Timestamp),
    ) -> Result<Self, String> {
        belief::check(&drill, markers, now).map_err(|why| format!("{}: {why}", drill.id))?;
        let alarms = drill.alarms.into_iter().map(|alarm| Ok((role_of(alarm.role), alarm_of(alarm)?)));
        let alarms =
            alarms.collect::<Result<BTreeMap<_, _>, String>>().map_err(|why| format!("{}: {why}", drill.id))?;
        let sighted = drill.sighted.into_iter().map(|one| {
            let compared = one.compared.into_iter().filter_map(compared_of).collect();
            (role_of(one.role), (one.sighting, compared))
        });
        let there: BTreeSet<_> = left.iter().map(|left| left.number.get()).collect();
        Ok(Self {
            is_swept: drill.made.iter().any(|made| !there.contains(made)),
            started: drill.started,
            took: Duration::try_from_secs_f64(drill.took_ms / 1000.0).unwrap_or_default(),
            alarms,
            tried: drill.tried.map(tried_of),
            device: drill.device.map(Into::into),
            platform: drill.platform,
            pace: Pace { propagation: real(drill.propagation), detection: real(drill.detection) },
            sighted: sighted.collect(),
            published: drill.published,
            awaited: drill.awaited.into_iter().collect(),
            notes: drill.notes,
            left: left.into_iter().map(|left| (is_held(&left, keys), left)).collect(),
        })
    }

    /// When the drill began.
    pub fn started(&self) -> Timestamp {
        self.started
    }

    /// What was to be published under `marker`, whether or not it was.
    fn drafted(&self, marker: &Marker) -> Draft {
        let minted = || Alarm::minted(marker.clone(), Role::Subject).draft();
        self.alarms.values().find(|alarm| alarm.marker == *marker).map_or_else(minted, Alarm::draft)
    }

    /// The same, of `value`.
    fn draft(&self, marker: &Marker, value: &str) -> Draft {
        let drafted = self.drafted(marker);
        Draft { indicator: crate::domain::indicator::Indicator { value: value.into(), ..drafted.indicator }, ..drafted }
    }
}

/// Whether the tenant holds under the key of `left` what carries its marker.
fn is_held(left: &Left, keys: &HashSet<(Marker, String)>) -> bool {
    match &left.thing {
        Thing::Definition(key) | Thing::Indicator(key) => keys.contains(&(left.marker.clone(), key.clone())),
        Thing::DefinitionsNamed(_) | Thing::Together(_) | Thing::Offboarded(_) | Thing::ApiSwitchedOff => false,
    }
}
