//! What a drill can do, and what it has done so far.
//!
//! In reading order: [`lab`] (where a drill runs: services, device, clock, patience), [`alarm`] (a definition with its
//! indicator, and what became of them), [`ledger`] (what was made, undone in reverse), [`sending`] (what is on its way),
//! [`closing`] (who closes alerts), [`trouble`] (what an error of a service means for the verdict), [`verbs`], which are
//! what a line of Gherkin calls, [`arming`] (a drill that is left where it is, to go on in another process), and [`board`]
//! (the drills that run, for whoever looks on).
//!
//! Does not know whether its tenant is real.

pub mod alarm;
pub mod arming;
pub mod board;
pub mod closing;
pub mod lab;
pub mod ledger;
pub mod sending;
pub mod trouble;
pub mod verbs;

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;

use crate::{
    bulk::company::Member,
    clock::{
        Clock, Participant, later,
        limit::{Allowance, Stopwatch},
        turn::{Turn, TurnGuard},
    },
    domain::{appearance::Compared, device::Device, marker::Marker, service::Service},
    record::{
        chain::{Link, Standing, Witness},
        drill::Undone,
        failure::{Code, Failure},
        recorder::Recorder,
        sighting::Sighting,
        tally::Tally,
        waiting::{Waiting, Waits},
    },
    services::controls::Controls,
    watch::cadence,
    world::{
        alarm::{Alarm, Role},
        lab::{Lab, NoLab},
        ledger::{Entry, Ledger},
        sending::Sending,
        trouble::Refusal,
    },
};

/// What one drill can do and has done. Steps, of alertdrill's own or of a user's crate, are functions of it.
#[derive(Default, cucumber::World)]
pub struct World {
    stage: Option<Stage>,
    alarms: BTreeMap<Role, Alarm>,
    /// What came of what a step tried last, where a step tries what may be refused.
    tried: Option<Result<(), Refusal>>,
    /// The device that the drill speaks of, where it is not the lab's own.
    device: Option<Device>,
    /// The device's operating system, where the tenant tells it.
    platform: Option<String>,
    /// How long the drill itself has set things to take; nothing where it has not.
    pace: Pace,
    /// The alerts that were looked for last, and how they compare with what is documented.
    sighted: BTreeMap<Role, (Sighting, Vec<Compared>)>,
    /// How many indicators the drill asked for so far.
    published: usize,
    /// The ids of alerts that a step waited for and that came.
    awaited: BTreeSet<String>,
    /// What the drills before say of the run's latencies, where this one speaks of the run.
    tally: Option<Tally>,
    ledger: Ledger,
    sending: Sending,
    /// Observables that no other drill of this lab may touch meanwhile.
    turns: BTreeMap<String, TurnGuard<Arc<Turn>>>,
    /// Whether the drill stopped before its first `Then`, to be judged later.
    is_armed: bool,
    /// Whether what it had made when it was armed was removed, or ended, before it went on.
    is_gone: bool,
    /// Whether it goes on where another process armed it, whose word for a key is not enough.
    goes_on: bool,
    /// So many of the next steps were done when it was armed.
    done: usize,
    recorder: Arc<Recorder>,
}

/// What a drill has set the pace of its laboratory to.
#[derive(Debug, Clone, Copy, Default)]
struct Pace {
    propagation: Duration,
    detection: Duration,
}

/// Where a drill runs, once it has begun.
struct Stage {
    lab: Result<Arc<Lab>, NoLab>,
    run: u64,
    drill: String,
    started: Timestamp,
    watch: Stopwatch,
    /// The real time that it took before, where it goes on.
    before: Duration,
    /// The clock waits for the drill, and so do those who ask for things together.
    presence: Option<(Participant, Member)>,
}

impl World {
    /// Begins the drill `drill` of the run `run` in `lab`; without a lab, no step of it does anything.
    pub fn begin(&mut self, lab: Result<Arc<Lab>, NoLab>, run: u64, drill: &str) {
        let started = lab.as_ref().map_or_else(|_| Clock::system().now(), |lab| lab.clock.now());
        let watch = Stopwatch::start();
        self.ledger = Ledger::new(lab.as_ref().ok().and_then(|lab| lab.journal.clone()));
        let presence = lab.as_ref().ok().map(|lab| (lab.clock.join(), lab.company.join()));
        self.stage = Some(Stage { lab, run, drill: drill.into(), started, watch, before: Duration::ZERO, presence });
    }

    /// Lets the drill speak of the run, of which `tally` is what is known so far.
    pub fn speaks_of(&mut self, tally: Tally) {
        self.tally = Some(tally);
    }

    /// Ends the drill: others no longer wait for it.
    pub fn end(&mut self) {
        for observable in self.turns.keys() {
            self.lab().turns.vacate(observable);
        }
        self.turns.clear();
        self.stage = None;
    }

    /// Undoes what the drill made or changed, the newest first, and closes its alerts; or leaves it, and says so, if it is
    /// to be kept.
    pub async fn clean_up(&mut self, keep: bool) -> Vec<Undone> {
        let mut ledger = std::mem::take(&mut self.ledger);
        let from = self.clock().now();
        if keep {
            return ledger.leave();
        }
        let _told = self.tells(Link::CleanUp, "what it made to be gone", None);
        let mut undone = ledger.undo(self.lab()).await;
        if !undone.is_empty() {
            let left = undone.iter().filter(|undone| undone.left.is_some()).count();
            let outcome = if left == 0 {
                Ok(format!("{} removed", undone.len()))
            } else {
                Err(Failure::new(Code::ServiceError, format!("{left} of {} could not be removed", undone.len())))
            };
            // What is left is told in the drill's own list, and decides its verdict there.
            let _told = self.attest(Link::CleanUp, from, outcome);
        }
        undone.extend(self.close_alerts().await);
        undone
    }

    /// Enters what is about to be made or changed under `marker`. When this returns, it is on disk; or it may not be
    /// made, for nobody would know of it if this process were killed.
    async fn intend(&mut self, marker: &Marker, entries: &[Entry]) -> Result<(), Failure> {
        for entry in entries {
            self.ledger.enter(marker, entry.clone());
        }
        let written = self.ledger.sync().await;
        written.map_err(|error| {
            for entry in entries {
                self.ledger.strike(entry);
            }
            Failure::new(Code::NotPublished, format!("what is about to be made cannot be written down first: {error}"))
                .hint("make room on the disk of --out, or name another folder: what no journal knows of is not made")
        })
    }

    /// Why the drill has no lab, if it has none.
    pub fn blocked(&self) -> Option<&NoLab> {
        self.stage().lab.as_ref().err()
    }

    /// Whether the drill has no lab.
    pub fn is_blocked(&self) -> bool {
        self.blocked().is_some()
    }

    /// Where the drill runs.
    ///
    /// # Panics
    ///
    /// Outside of a step: a drill without a lab runs none.
    pub fn lab(&self) -> &Arc<Lab> {
        self.stage().lab.as_ref().expect("a step runs only in a lab")
    }

    /// The drill's clock.
    pub fn clock(&self) -> &Clock {
        &self.lab().clock
    }

    /// Which service the drill runs on, and after a plus sign which one its alerts are read by, where that is another;
    /// empty where it has no lab.
    pub fn service(&self) -> String {
        let lab = self.stage().lab.as_ref().ok();
        lab.map(|lab| services(lab.service, lab.alerts_by)).unwrap_or_default()
    }

    /// The drill's marker.
    pub fn marker(&self) -> Marker {
        self.marker_of(Role::Subject)
    }

    /// When the drill began, on its clock.
    pub fn started(&self) -> Timestamp {
        self.stage().started
    }

    /// When the drill began, what time it is, and the real time that it took.
    pub fn times(&self) -> (Timestamp, Timestamp, Duration) {
        let stage = self.stage();
        let now = stage.lab.as_ref().map_or(stage.started, |lab| lab.clock.now());
        (stage.started, now, stage.before.saturating_add(stage.watch.elapsed()))
    }

    /// Where the drill writes down what happens.
    pub fn recorder(&self) -> &Arc<Recorder> {
        &self.recorder
    }

    /// What the drill is sending, for whoever breaks it off.
    pub fn sending(&self) -> &Sending {
        &self.sending
    }

    /// The device that the drill speaks of.
    pub fn device(&self) -> Device {
        self.device.clone().unwrap_or_else(|| self.lab().device.clone())
    }

    fn stage(&self) -> &Stage {
        self.stage.as_ref().expect("a drill has begun before its first step")
    }

    /// Says what the drill waits for from now on, and until when at the latest, as long as the result lives.
    fn tells(
        &self,
        link: impl Into<Option<Link>>,
        what: impl Into<Cow<'static, str>>,
        until: impl Into<Option<Timestamp>>,
    ) -> Waits {
        let since = self.clock().now();
        self.recorder.waits(|| Waiting { link: link.into(), what: what.into(), since, until: until.into() })
    }

    /// Lets the step that is running wait until `moment` by the clock.
    fn allow_until(&self, moment: Timestamp) {
        Allowance::extend_current(Duration::try_from(moment.duration_since(self.clock().now())).unwrap_or_default());
    }

    /// The same for a wait for `what` that ends with a look at the tenant's alerts; it is told as long as the result lives.
    fn allow_look_at(&self, moment: Timestamp, what: (Link, &'static str)) -> Waits {
        let latest = later(moment, cadence::LONGEST);
        self.allow_until(latest);
        self.tells(what.0, what.1, latest)
    }

    async fn sleep_until(&self, due: Timestamp) {
        self.allow_until(due);
        self.clock().sleep_until(due).await;
    }

    /// Writes down how a link of the chain went that was begun at `from`: what bears witness that it held, or why not.
    fn attest(&self, link: Link, from: Timestamp, outcome: Result<String, Failure>) -> Result<(), Failure> {
        match &outcome {
            Ok(by) => self.witness(link, Standing::Held, from, by.clone()),
            // What the service has no such thing of was not tried.
            Err(failure) if failure.code.is_skip() || self.broke_before(link, failure) => {}
            Err(failure) => self.witness(link, Standing::Broke, from, failure.what.clone()),
        }
        outcome.map(drop)
    }

    /// Writes down how a link went that was begun at `from`, and what bears witness, or why nothing can.
    fn witness(&self, link: Link, standing: Standing, from: Timestamp, by: String) {
        let until = self.clock().now();
        self.recorder.note(|notes| notes.chain.push(Witness { link, standing, from, until, by }));
    }

    /// Whether it is written down already that an earlier link than `link` broke with `failure`: then nothing can be said of
    /// this one.
    fn broke_before(&self, link: Link, failure: &Failure) -> bool {
        let is_told = |told: &Witness| told.broke() && told.link < link && told.by == failure.what;
        self.recorder.note(|notes| notes.chain.last().is_some_and(is_told))
    }

    /// What the owner of the laboratory can change.
    fn controls(&self) -> Result<Arc<dyn Controls>, Failure> {
        self.lab().controls.clone().ok_or_else(|| {
            Failure::new(Code::Inconclusive, "this tenant has no control face, which this step needs")
                .hint("run it on the emulator, or give the tenant's table a `control` address")
        })
    }
}

/// `endpoint`, or `endpoint+graph` where alerts are read by another service than things are published through.
fn services(publishing: Service, alerts_by: Service) -> String {
    if publishing == alerts_by { publishing.to_string() } else { format!("{publishing}+{alerts_by}") }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").field("alarms", &self.alarms).finish_non_exhaustive()
    }
}

/// Ends the step that is running with `failure`, so that the report has every part of it.
///
/// A step may as well return an error or panic: then the report has the text alone.
pub trait OrFail<T> {
    /// The value, or the end of the step.
    fn or_fail(self) -> T;
}

impl<T> OrFail<T> for Result<T, Failure> {
    fn or_fail(self) -> T {
        self.unwrap_or_else(|failure| std::panic::panic_any(failure))
    }
}
