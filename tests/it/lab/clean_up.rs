//! A defect in clean-up: the drill is told all the same, and the run goes on.

use std::sync::{Arc, Mutex};

use alertdrill::{
    cli::compose::Emulated,
    clock::Clock,
    domain::{device::Device, service::Service},
    runner::stop::Stop,
    services::{
        controls::{Controls, Fault, FileRun, Knobs},
        error::ServiceError,
    },
    world::lab::{Lab, Labs, NoLab, Wish},
};
use futures::{FutureExt as _, future::BoxFuture};

use super::{options, run_in, verdict};

/// Takes a device off the sensor, and can do nothing else: to put it back is a defect.
struct Broken;

impl Controls for Broken {
    fn onboard<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Device, ServiceError>> {
        panic!("nobody can put it back")
    }

    fn offboard<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Device, ServiceError>> {
        std::future::ready(Ok(Device { id: String::new(), name: name.into() })).boxed()
    }

    fn run_file<'a>(&'a self, _: &'a Device, _: &'a FileRun) -> BoxFuture<'a, Result<(), ServiceError>> {
        unreachable!()
    }

    fn switch_api(&self, _: bool) -> BoxFuture<'_, Result<(), ServiceError>> {
        unreachable!()
    }

    fn set<'a>(&'a self, _: &'a Knobs) -> BoxFuture<'a, Result<(), ServiceError>> {
        unreachable!()
    }

    fn grant<'a>(&'a self, _: &'a [String]) -> BoxFuture<'a, Result<(), ServiceError>> {
        unreachable!()
    }

    fn inject<'a>(&'a self, _: &'a Fault) -> BoxFuture<'a, Result<(), ServiceError>> {
        unreachable!()
    }
}

/// One emulated lab for all, with broken controls.
struct One(Mutex<Option<Arc<Lab>>>, Emulated);

impl Labs for One {
    fn service(&self) -> Service {
        self.1.service()
    }

    fn lab(&self, _: Wish) -> BoxFuture<'_, Result<Arc<Lab>, NoLab>> {
        async move {
            if let Some(lab) = self.0.lock().expect("nobody panicked with it").clone() {
                return Ok(lab);
            }
            let mut lab = Arc::into_inner(Labs::lab(&self.1, Wish { exclusive: true, controls: false }).await?)
                .expect("a lab for one drill is nobody else's");
            lab.controls = Some(Arc::new(Broken));
            let lab = Arc::new(lab);
            *self.0.lock().expect("nobody panicked with it") = Some(Arc::clone(&lab));
            Ok(lab)
        }
        .boxed()
    }
}

#[test]
fn a_panic_in_clean_up_loses_no_drill_and_is_a_defect_with_its_place() {
    let clock = Clock::jumping("2026-11-24T12:00:00Z".parse().expect("a timestamp"));
    let labs = One(Mutex::default(), Emulated::new(&clock, 7, Service::Legacy).expect("the emulator starts"));
    let broken = "  Scenario: s\n    Given the device is offboarded\n";
    // More than cucumber is handed at a time: a drill that is not counted as ended would hold up the rest.
    let text = format!("Feature: f\n{}  Scenario: whole\n    Given an onboarded device\n", broken.repeat(80));
    let ran = run_in(Arc::new(labs), &text, options(), &Stop::default());
    assert_eq!(ran.drills.len(), 81);
    assert_eq!(ran.drills.iter().filter(|drill| verdict(drill) == "errored service-error").count(), 80);
    assert_eq!(ran.ended.defects.len(), 80);
    let defect = &ran.ended.defects[0];
    assert!(defect.contains("lab/clean_up.rs:") && defect.contains("nobody can put it back"), "{defect}");
}
