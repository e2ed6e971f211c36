//! Runs that are ended at random moments on a served tenant: nothing of theirs is left, and nothing of others touched.
#![cfg(unix)]

use std::{thread, time::Duration};

use crate::cli::{
    foreign::{self, Holdings},
    interruption::endings,
    served::Served,
    stage::{Ran, Running, Stage},
};

/// Drills that publish, change, remove, take a device off the sensor, and wait in between.
const FEATURE: &str = "Feature: f
  Scenario Outline: published, changed and awaited <n>
    Given an alert definition and an indicator are published
    And a control is published
    When the alert definition is changed
      | title | Changed {marker} |
    And the indicator is changed
      | value | changed-{marker}.alertdrill.example |
    And everything published is in effect
    Examples:
      | n |
      | 1 |
      | 2 |
      | 3 |
  Scenario Outline: removed by the drill itself <n>
    When an alert definition and an indicator are published
    And 30 seconds pass
    And the indicator is removed
    And 30 seconds pass
    Examples:
      | n |
      | 1 |
      | 2 |
      | 3 |
  @controls
  Scenario: a device off the sensor
    Given the device is offboarded
    When 2 minutes pass
    And the device is onboarded again
";

const SERVICES: [&str; 3] = ["legacy", "endpoint", "graph"];

/// So many runs are killed in all, by so many at a time.
const KILLS: usize = 204;
const WORKERS: usize = 6;

/// Whatever moments are drawn from; a failure names it.
const SEED: u64 = 20_261_124;

/// A served tenant on which time passes faster, with what others have there.
struct Ground {
    stage: Stage,
    served: Served,
    foreign: Holdings,
}

impl Ground {
    fn new() -> Self {
        let stage = Stage::new();
        let served = Served::on(&stage, "--speed 120");
        stage.write("alertdrill.toml", "[tenants.lab]\ndetails = \"details.json\"\nspeed = 120.0\n");
        stage.write("f.feature", FEATURE);
        let foreign = foreign::publish(&served);
        Self { stage, served, foreign }
    }

    fn run(&self, service: &str) -> Running {
        let mut command = self.stage.command(&format!("run f.feature --tenant lab --service {service} --verbose"));
        Running::of(command.spawn().expect("the binary starts"))
    }

    /// Nothing is there but what others have, and the device is on the sensor.
    #[track_caller]
    fn is_clean(&self, after: &str, ran: &Ran) {
        assert_eq!(Holdings::of(&self.served), self.foreign, "seed {SEED}, {after}: {}", ran.told());
        let devices = self.served.state()["devices"].clone();
        let devices = devices.as_array().expect("a list");
        assert!(devices.iter().all(|device| device["onboarded"] == true), "{after}: {devices:?}, {}", ran.told());
    }
}

/// Waits until a random moment; whether the run is not over then. Many a machine is busy, so that most moments are counted
/// from the first exchange, and the others from the start of the process.
fn goes_on(run: &mut Running, chance: &mut fastrand::Rng) -> bool {
    if chance.u8(..5) == 0 {
        return !run.is_over_within(Duration::from_millis(chance.u64(20..900)));
    }
    run.has_told(" answered HTTP ");
    !run.is_over_within(Duration::from_millis(chance.u64(..400)))
}

fn kill(worker: usize) -> (usize, usize) {
    let ground = Ground::new();
    let mut chance = fastrand::Rng::with_seed(SEED + worker as u64);
    let (mut killed, mut found) = (0, 0);
    while killed < KILLS / WORKERS {
        let service = SERVICES[chance.usize(..SERVICES.len())];
        let mut run = ground.run(service);
        if !goes_on(&mut run, &mut chance) {
            continue;
        }
        run.signal("KILL");
        let ran = run.end();
        if ran.exit.is_some() {
            continue;
        }
        killed += 1;
        found += usize::from(Holdings::of(&ground.served) != ground.foreign);
        // The clean-up of every fourth is left to the next run in the folder, which may be killed in it.
        if chance.u8(..4) == 0 && killed < KILLS / WORKERS {
            continue;
        }
        let swept = ground.stage.run("sweep --tenant lab");
        swept.exits(0);
        ground.is_clean(&format!("worker {worker}, kill {killed} on {service}"), &swept);
    }
    (killed, found)
}

#[test]
fn after_any_of_two_hundred_kills_a_sweep_leaves_nothing_and_touches_nothing_foreign() {
    let counts = thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS).map(|worker| scope.spawn(move || kill(worker))).collect();
        workers.into_iter().map(|worker| worker.join().expect("no worker fails")).collect::<Vec<_>>()
    });
    let (killed, found) = counts.into_iter().fold((0, 0), |(a, b), (c, d)| (a + c, b + d));
    println!("seed {SEED}: {killed} kills, after {found} of which something was left");
    assert!(killed >= 200 && found >= killed / 4, "{killed} kills, after {found} of which something was left");
}

#[test]
fn a_signal_at_any_moment_leaves_nothing_without_a_sweep() {
    let interrupted = thread::scope(|scope| {
        let workers: Vec<_> = endings().into_iter().map(|signal| scope.spawn(move || end_by(signal))).collect();
        workers.into_iter().map(|worker| worker.join().expect("no worker fails")).collect::<Vec<_>>()
    });
    assert!(interrupted.iter().all(|cleaned| *cleaned >= 3), "{interrupted:?} cleaned up after a signal");
}

/// Ends runs by `signal`, and returns how many of them it met in mid-drill.
fn end_by(signal: &str) -> usize {
    let ground = Ground::new();
    let mut chance = fastrand::Rng::with_seed(SEED);
    let mut cleaned = 0;
    for round in 0..12 {
        let service = SERVICES[round % SERVICES.len()];
        let mut run = ground.run(service);
        if goes_on(&mut run, &mut chance) {
            run.signal(signal);
        }
        let ran = run.end();
        cleaned += usize::from(ran.exit == Some(130));
        ground.is_clean(&format!("{signal} {round} on {service}"), &ran);
    }
    cleaned
}
