//! Devices, switches and the pace of things: what only the owner of a laboratory can change. And time.

use std::{sync::Arc, time::Duration};

use jiff::SignedDuration;

use crate::{
    clock::later,
    record::failure::{Code, Failure},
    services::controls::{Controls, Fault, Knobs},
    world::{World, alarm::Role, ledger::Entry, trouble},
};

impl World {
    /// The lab's own device is onboarded, as far as the lab can tell.
    pub fn onboarded_device(&mut self) -> Result<(), Failure> {
        self.device = None;
        if self.lab().device.name.is_empty() {
            return Err(Failure::new(Code::NoStimulus, "no onboarded device is known")
                .hint("name one as `device_name` in the tenant's table of alertdrill.toml"));
        }
        Ok(())
    }

    /// Takes the drill's device off the sensor.
    pub async fn offboard(&mut self) -> Result<(), Failure> {
        let device = self.device();
        self.ledger.enter(Entry::Offboarded(device.clone()));
        let offboarded = self.controls()?.offboard(&device.name).await;
        self.device = Some(offboarded.map_err(|error| trouble::of(&error, Code::Inconclusive))?);
        Ok(())
    }

    /// Puts the drill's device back on the sensor.
    pub async fn onboard(&mut self) -> Result<(), Failure> {
        let device = self.device();
        let onboarded = self.controls()?.onboard(&device.name).await;
        self.ledger.strike(&Entry::Offboarded(device));
        self.device = Some(onboarded.map_err(|error| trouble::of(&error, Code::Inconclusive))?);
        Ok(())
    }

    /// Adds a device of the drill's own, which the drill speaks of from now on.
    pub async fn own_device(&mut self) -> Result<(), Failure> {
        let name = format!("pc-{}", self.marker());
        let onboarded = self.controls()?.onboard(&name).await;
        self.device = Some(onboarded.map_err(|error| trouble::of(&error, Code::Inconclusive))?);
        Ok(())
    }

    /// Switches the threat intelligence API off, until the drill ends or switches it on.
    pub async fn switch_api_off(&mut self) -> Result<(), Failure> {
        let laboratory = self.own_laboratory()?;
        self.ledger.enter(Entry::ApiSwitchedOff);
        let switched = laboratory.switch_api(false).await;
        switched.map_err(|error| trouble::of(&error, Code::Inconclusive))
    }

    /// Switches the threat intelligence API on.
    pub async fn switch_api_on(&mut self) -> Result<(), Failure> {
        let switched = self.controls()?.switch_api(true).await;
        self.ledger.strike(&Entry::ApiSwitchedOff);
        switched.map_err(|error| trouble::of(&error, Code::Inconclusive))
    }

    /// From now on, what is published takes effect after exactly `span`.
    pub async fn propagation_takes(&mut self, span: Duration) -> Result<(), Failure> {
        self.set(&Knobs { propagation: Some(span), ..Knobs::default() }).await?;
        self.pace.propagation = span;
        Ok(())
    }

    /// From now on, an event on a device has its alert after exactly `span`.
    pub async fn detection_takes(&mut self, span: Duration) -> Result<(), Failure> {
        self.set(&Knobs { detection: Some(span), ..Knobs::default() }).await?;
        self.pace.detection = span;
        Ok(())
    }

    /// From now on, the tenant holds so many alert definitions at most.
    pub async fn may_hold_definitions(&mut self, count: u32) -> Result<(), Failure> {
        self.set(&Knobs { definition_quota: Some(count), ..Knobs::default() }).await
    }

    /// From now on, the tenant holds so many indicators at most.
    pub async fn may_hold_indicators(&mut self, count: u32) -> Result<(), Failure> {
        self.set(&Knobs { indicator_quota: Some(count), ..Knobs::default() }).await
    }

    /// From now on, the tenant holds so many indicators at most whose function is not `Equals`.
    pub async fn may_hold_patterns(&mut self, count: u32) -> Result<(), Failure> {
        self.set(&Knobs { pattern_quota: Some(count), ..Knobs::default() }).await
    }

    /// The controls of a tenant that no other drill stands on.
    fn own_laboratory(&self) -> Result<Arc<dyn Controls>, Failure> {
        if self.lab().shared {
            return Err(Failure::new(Code::Inconclusive, "this step changes what other drills on the tenant stand on")
                .hint("tag the scenario @exclusive: on the emulator it then has a tenant of its own"));
        }
        self.controls()
    }

    async fn set(&mut self, knobs: &Knobs) -> Result<(), Failure> {
        let set = self.own_laboratory()?.set(knobs).await;
        set.map_err(|error| trouble::of(&error, Code::Inconclusive))
    }

    /// Makes the laboratory misbehave.
    pub async fn inject(&mut self, kind: &str, settings: &[(String, String)]) -> Result<(), Failure> {
        let marker = self.marker();
        let settings = settings.iter().map(|(name, value)| (name.clone(), marker.fill(value))).collect();
        let injected = self.own_laboratory()?.inject(&Fault { kind: kind.into(), settings }).await;
        injected.map_err(|error| trouble::of(&error, Code::Inconclusive))
    }

    /// Lets `span` pass.
    pub async fn pass(&mut self, span: SignedDuration) -> Result<(), Failure> {
        self.sleep_until(later(self.clock().now(), span)).await;
        Ok(())
    }

    /// Lets time pass until `span` after the definition of the subject, or its last change, was accepted.
    pub async fn pass_since_acceptance(&mut self, span: SignedDuration) -> Result<(), Failure> {
        let accepted = self.alarm(Role::Subject)?.accepted_at.ok_or_else(|| {
            Failure::new(Code::Inconclusive, "nothing was published, so no time has passed since")
                .hint("put a step before this one that publishes something")
        })?;
        self.sleep_until(later(accepted, span)).await;
        Ok(())
    }
}
