//! `run --detach`: what is armed is written down, and no other run may take its place meanwhile.

use std::{
    io::{self, ErrorKind},
    path::Path,
};

use jiff::{SignedDuration, Timestamp};
use sha2::Digest as _;

use crate::{
    armed::{self, Armed, Feature, drill::Drill},
    cli::{
        exit::{self, Exit},
        run::Options,
        tell,
    },
    clock::{Clock, later},
    domain::service::Service,
    journal::{self, Journal},
    record::{
        failure::{Code, Failure},
        run::Head,
    },
    report::wording,
    runner::{arming, find::Found},
};

/// What drills are armed on.
pub(super) struct Armory {
    pub(super) tenant: String,
    pub(super) tenant_id: Option<String>,
    pub(super) service: Service,
    pub(super) clock: Clock,
    pub(super) markers: u64,
}

/// What is said of the drills that are armed.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// How many there are.
    pub(super) count: usize,
    until: Option<Timestamp>,
}

/// Why nothing may run, told: there is nothing to arm drills on, or in the folder others are armed.
pub(super) fn refuses(options: &Options) -> Option<Exit> {
    if options.detach.is_some() && options.tenant.is_none() {
        let why = "--detach needs --tenant: the emulator of a run ends with it, and what was armed there (hint: serve one \
                   with `alertdrill emulate`, and give it a table in alertdrill.toml)";
        return Some(exit::said(Exit::Usage, why));
    }
    let why = match live(&options.out) {
        Ok(None) => return None,
        Ok(Some(live)) => live.text(&options.out),
        Err(error) => format!("--out {}: {error}", options.out.display()),
    };
    Some(exit::said(Exit::Usage, &why))
}

/// What is armed in a folder already.
struct Live {
    armed: Armed,
    /// Whether the journal that knows what was made is there.
    is_journaled: bool,
}

impl Live {
    fn text(&self, out: &Path) -> String {
        let Armed { run, tenant, until, drills, .. } = &self.armed;
        let (drills, out) = (wording::count(drills.len() as u64, "drill"), out.display());
        let (but, hint) = if self.is_journaled {
            let hint = format!("`alertdrill collect {out}` judges them, `alertdrill sweep {out}` gives them up");
            (String::new(), hint)
        } else {
            let (file, lost) = (armed::NAME, format!("`alertdrill sweep --tenant {tenant}`"));
            let hint = format!("put it back; where it is lost, {lost} finds what was made, and {file} can be deleted");
            (format!(", without the {} of that run", journal::NAME), hint)
        };
        format!(
            "nothing was run: {out} holds {drills} of {run} armed until {until}{but} (hint: {hint}; or give this run its own \
             --out)"
        )
    }
}

/// What is armed in `dir`, where something of it may be in the tenant still. What is swept is armed no more, and forgotten.
fn live(dir: &Path) -> io::Result<Option<Live>> {
    let Some(armed) = Armed::read(dir)? else { return Ok(None) };
    let is_journaled = match Journal::reopen(&dir.join(journal::NAME), &Clock::system()) {
        Ok((_, past)) if past.head.run != armed.run => false,
        Ok((_, past)) if past.left.is_empty() => return Armed::remove(dir).map(|()| None),
        Ok(_) => true,
        Err(error) if error.kind() == ErrorKind::NotFound => false,
        Err(error) => return Err(error),
    };
    Ok(Some(Live { armed, is_journaled }))
}

/// Writes down what is armed. If that cannot be done, nothing is: everything is cleaned up.
pub(super) async fn write(
    options: &Options,
    armory: &Armory,
    (head, found): (&Head, &[Found]),
    mut armed: arming::Armed,
) -> Told {
    let drills = armed.drills();
    if drills.is_empty() {
        return Told::default();
    }
    let until = until(options, armory, &drills);
    let told = Told { count: drills.len(), until: Some(until) };
    let file = file(options, (armory, armed.service_ahead()), (head, found), (drills, until));
    match file.write(&options.out) {
        Ok(()) => told,
        Err(error) => {
            tell(&format!("alertdrill: what is armed cannot be written down, and is cleaned up: {error}"));
            let why = format!("what was armed could not be written down: {error}");
            let why =
                Failure::new(Code::Inconclusive, why).hint("make room on the disk of --out, or name another folder");
            armed.give_up(&why).await;
            Told::default()
        }
    }
}

fn file(
    options: &Options,
    (armory, service_ahead): (&Armory, SignedDuration),
    (head, found): (&Head, &[Found]),
    (drills, until): (Vec<Drill>, Timestamp),
) -> Armed {
    let is_armed = |file: &Found| drills.iter().any(|drill| drill.id.starts_with(&format!("{}:", file.file)));
    let feature = |file: &Found| feature(file, options.features.is_empty());
    Armed {
        alertdrill_armed: armed::FORMAT,
        alertdrill: head.alertdrill.clone(),
        run: head.run.clone(),
        tenant: armory.tenant.clone(),
        tenant_id: armory.tenant_id.clone(),
        service: armory.service.to_string(),
        seed: head.seed,
        markers: armory.markers,
        shards: options.selection.shards(),
        scope: options.scope(),
        service_ahead,
        until,
        features: found.iter().filter(|file| is_armed(file)).map(feature).collect(),
        drills,
    }
}

/// A feature, by what it says.
pub(super) fn feature(found: &Found, built_in: bool) -> Feature {
    let digest = sha2::Sha256::digest(found.text.as_bytes());
    let sha256 = digest.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    Feature { file: found.file.clone(), built_in, sha256 }
}

/// As long as was asked for, or until the first indicator ends of which no feature says when.
fn until(options: &Options, armory: &Armory, drills: &[Drill]) -> Timestamp {
    let within = SignedDuration::try_from(options.detach.unwrap_or_default()).unwrap_or(SignedDuration::MAX);
    let alarms = drills.iter().flat_map(|drill| &drill.alarms).filter(|alarm| !alarm.expiry_said);
    let ends = alarms.filter_map(|alarm| alarm.indicator.expires_at);
    ends.chain([later(armory.clock.now(), within)]).min().unwrap_or(Timestamp::MAX)
}

impl Told {
    /// How many drills are armed, until when they can be judged, and how; nothing where there are none.
    pub(super) fn text(&self, options: &Options) -> String {
        let Some(until) = self.until else { return String::new() };
        let (drills, are) = (wording::count(self.count as u64, "drill"), if self.count == 1 { "is" } else { "are" });
        let config =
            options.config.as_ref().map(|config| format!(" --config {}", config.display())).unwrap_or_default();
        let (out, until) = (options.out.display(), until.strftime("%Y-%m-%d %H:%M"));
        format!("\n{drills} {are} armed, to be judged until {until} UTC:\n  alertdrill collect {out}{config}\n")
    }
}
