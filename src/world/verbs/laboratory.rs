//! Devices, switches and the pace of things: what only the owner of a laboratory can change. And time.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};

use crate::{
    clock::later,
    record::failure::{Code, Failure},
    services::{
        controls::{Controls, Duty, Fault, Knobs},
        devices::Machine,
    },
    world::{World, alarm::Role, ledger::Entry, trouble},
};

impl World {
    /// The lab's own device is onboarded, as far as the tenant can tell; it is asked once for all drills of the lab.
    pub async fn onboarded_device(&mut self) -> Result<(), Failure> {
        self.device = None;
        let lab = Arc::clone(self.lab());
        if lab.device.name.is_empty() {
            return Err(Failure::new(Code::NoStimulus, "no onboarded device is known")
                .hint("name one as `device_name` in the tenant's table of alertdrill.toml"));
        }
        let Some(devices) = &lab.devices else { return Ok(()) };
        let asked = match lab.machine.get_or_try_init(|| devices.named(&lab.device.name)).await {
            // Drills need no permission to read devices: what it would tell stays unknown.
            Err(error) if error.denied() => {
                tracing::warn!("whether {} is onboarded is not known: {error}", lab.device.name);
                return Ok(());
            }
            asked => asked.map_err(|error| trouble::of(&error, Code::Inconclusive))?,
        };
        match asked {
            None => Err(Failure::new(Code::NoStimulus, format!("the tenant knows no device {}", lab.device.name))
                .hint("compare `device_name` with the device's page in the portal; a name is whole, with its domain")),
            Some(machine) => self.take_up(machine),
        }
    }

    /// Speaks of `machine` from now on, unless its sensor is not set up.
    fn take_up(&mut self, machine: &Machine) -> Result<(), Failure> {
        self.note_held(&format!("device {}", machine.device.name), &machine.original);
        let onboarding = machine.onboarding.as_deref().unwrap_or("Onboarded");
        if !onboarding.eq_ignore_ascii_case("onboarded") {
            return Err(Failure::new(Code::NoStimulus, format!("the device {} is not onboarded", machine.device.name))
                .expected("Onboarded")
                .saw(onboarding)
                .hint("onboard it, and let it report: until then nothing that it does reaches the tenant"));
        }
        self.platform.clone_from(&machine.platform);
        Ok(())
    }

    /// Takes the drill's device off the sensor.
    pub async fn offboard(&mut self) -> Result<(), Failure> {
        let device = self.device();
        self.intend(&self.marker(), &[Entry::Offboarded(device.clone())]).await?;
        let _underway = self.sending.begin();
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
        self.intend(&self.marker(), &[Entry::ApiSwitchedOff]).await?;
        let _underway = self.sending.begin();
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

    /// From now on, a list of the tenant shows so many entities a page.
    pub async fn shows_pages_of(&mut self, count: u32) -> Result<(), Failure> {
        self.set(&Knobs { page_size: Some(count), ..Knobs::default() }).await
    }

    /// From now on, tokens have the role to read alerts and no other.
    pub async fn has_no_role_but_to_read_alerts(&mut self) -> Result<(), Failure> {
        self.has_no_role_but(Duty::ReadAlerts).await
    }

    /// From now on, tokens have the role to publish and no other.
    pub async fn has_no_role_but_to_publish(&mut self) -> Result<(), Failure> {
        self.has_no_role_but(Duty::Publish).await
    }

    async fn has_no_role_but(&mut self, duty: Duty) -> Result<(), Failure> {
        let left = self.own_laboratory()?.leave(duty).await;
        left.map_err(|error| trouble::of(&error, Code::Inconclusive))
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
        self.let_pass_until(later(self.clock().now(), span)).await;
        Ok(())
    }

    /// Lets time pass until `span` after the definition of the subject, or its last change, was accepted.
    pub async fn pass_since_acceptance(&mut self, span: SignedDuration) -> Result<(), Failure> {
        let accepted = self.alarm(Role::Subject)?.accepted_at.ok_or_else(|| {
            Failure::new(Code::Inconclusive, "nothing was published, so no time has passed since")
                .hint("put a step before this one that publishes something")
        })?;
        self.let_pass_until(later(accepted, span)).await;
        Ok(())
    }

    async fn let_pass_until(&self, due: Timestamp) {
        let _told = self.tells(None, "time to pass", due);
        self.sleep_until(due).await;
    }
}
