//! What is said of a plan, for people and for programs.

use std::collections::BTreeMap;

use comfy_table::{CellAlignment, Table, presets};
use jiff::SignedDuration;
use serde::{Serialize, Serializer};

use crate::{
    cli::{
        plan::Format,
        print,
        terminal::{self, push_folded},
    },
    config::tenant::Tenant,
    domain::service::Service,
    record::{drill::Drill, verdict::Verdict},
    report::wording,
    runner::stop::Held,
    services::permissions::{Purpose, least},
    transport::quota::Quota,
};

/// What a run would ask of one tenant. The names of its JSON are documented, and stable.
#[derive(Debug, Serialize)]
pub(super) struct Plan {
    /// The tenant's name; none where only what is documented of the service is known.
    tenant: Option<String>,
    #[serde(serialize_with = "word")]
    service: Service,
    #[serde(serialize_with = "word")]
    alerts_service: Service,
    #[serde(serialize_with = "word")]
    hunting_service: Service,
    drills: u64,
    drills_at_a_time: usize,
    /// Why no drill would begin at this moment.
    held: Option<Hold>,
    calls: Vec<Asked>,
    takes_seconds: f64,
    propagation_seconds: f64,
    detection_seconds: f64,
    permissions: Vec<Needed>,
    skipped: Vec<Skip>,
    did_not_pass: Vec<Broken>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's way")]
fn word<S: Serializer>(service: &Service, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(service)
}

#[derive(Debug, Serialize)]
struct Hold {
    reason: String,
    remedy: String,
}

/// The calls of one family, and the limits that they are kept within.
#[derive(Debug, Serialize)]
struct Asked {
    family: &'static str,
    calls: u64,
    per_minute: Option<u32>,
    per_hour: Option<u32>,
}

#[derive(Debug, Serialize)]
struct Needed {
    permission: &'static str,
    application: &'static str,
    #[serde(rename = "for")]
    purposes: Vec<&'static str>,
}

#[derive(Debug, Serialize)]
struct Skip {
    #[serde(flatten)]
    drill: Named,
    reason: String,
    remedy: String,
}

#[derive(Debug, Serialize)]
struct Broken {
    #[serde(flatten)]
    drill: Named,
    code: &'static str,
    reason: String,
}

#[derive(Debug, Serialize)]
struct Named {
    file: String,
    line: u32,
    name: String,
}

/// How one drill went on the emulator: as much of it as a plan says.
pub(super) struct Rehearsed {
    drill: Named,
    verdict: Verdict,
}

impl Rehearsed {
    pub(super) fn of(drill: Drill) -> Self {
        Self { drill: Named { file: drill.file, line: drill.line, name: drill.name }, verdict: drill.verdict }
    }
}

/// What the calls to a service are for, in the order in which people read them.
const PURPOSES: [(Purpose, &str); 5] = [
    (Purpose::Publish, "publishing"),
    (Purpose::ReadAlerts, "reading alerts"),
    (Purpose::CloseAlerts, "closing the alerts of drills"),
    (Purpose::Hunt, "hunting, where a drill asks for it or no alert came"),
    (Purpose::KnowDevice, "whether the device is onboarded"),
];

impl Plan {
    /// The plan for `tenant`, of which nothing is known yet that has to be rehearsed.
    pub(super) fn of(tenant: &Tenant, is_named: bool, drills_at_a_time: usize, held: Option<Held>) -> Self {
        Self {
            tenant: is_named.then(|| tenant.name.clone()),
            service: tenant.services.all,
            alerts_service: tenant.services.alerts,
            hunting_service: tenant.services.hunting,
            drills: 0,
            drills_at_a_time,
            held: held.map(|Held { reason, remedy }| Hold { reason, remedy }),
            calls: Vec::new(),
            takes_seconds: 0.0,
            propagation_seconds: tenant.propagation.as_secs_f64(),
            detection_seconds: tenant.detection.as_secs_f64(),
            permissions: permissions(tenant),
            skipped: Vec::new(),
            did_not_pass: Vec::new(),
        }
    }

    /// So long it takes by the clock.
    pub(super) fn takes(&mut self, time: SignedDuration) {
        self.takes_seconds = time.as_secs_f64().round();
    }

    /// So often each family of calls is asked, as its quota has counted.
    pub(super) fn asks<'a>(&mut self, quotas: impl Iterator<Item = (&'static str, &'a Quota)>) {
        let asked = quotas.filter(|(_, quota)| quota.calls() > 0);
        self.calls = asked
            .map(|(family, quota)| {
                let limits = quota.limits();
                Asked { family, calls: quota.calls(), per_minute: limits.per_minute, per_hour: limits.per_hour }
            })
            .collect();
    }

    /// So the drills went.
    pub(super) fn rehearsed(&mut self, mut drills: Vec<Rehearsed>) {
        drills.sort_by(|a, b| (&a.drill.file, a.drill.line).cmp(&(&b.drill.file, b.drill.line)));
        for Rehearsed { drill, verdict } in drills {
            self.drills += u64::from(!matches!(verdict, Verdict::Skipped { .. }));
            match verdict {
                Verdict::Passed => {}
                Verdict::Skipped { reason, remedy } => self.skipped.push(Skip { drill, reason, remedy }),
                Verdict::Failed { code, reason } | Verdict::Errored { code, reason } => {
                    self.did_not_pass.push(Broken { drill, code: code.as_str(), reason });
                }
            }
        }
    }
}

/// What an application needs on `tenant`, each permission once.
fn permissions(tenant: &Tenant) -> Vec<Needed> {
    let mut needed: Vec<Needed> = Vec::new();
    for (purpose, told) in PURPOSES {
        let service = match purpose {
            Purpose::Publish => tenant.services.all,
            Purpose::ReadAlerts | Purpose::CloseAlerts => tenant.services.alerts,
            Purpose::Hunt | Purpose::KnowDevice => tenant.services.hunting,
        };
        let is_wanted = purpose != Purpose::CloseAlerts || tenant.close_alerts;
        let Some(permission) = least(service, purpose).filter(|_| is_wanted) else { continue };
        match needed.iter_mut().find(|known| known.permission == permission.name) {
            Some(known) => known.purposes.push(told),
            None => needed.push(Needed {
                permission: permission.name,
                application: permission.application,
                purposes: vec![told],
            }),
        }
    }
    needed
}

/// Prints the plans.
pub(super) fn tell(plans: &[Plan], format: Format) {
    match format {
        Format::Json => {
            let plans = serde_json::json!({ "format": 1, "plans": plans });
            print(&format!("{plans:#}\n"));
        }
        Format::Text => {
            let texts: Vec<_> = plans.iter().map(|plan| text(plan, terminal::width().into())).collect();
            print(&texts.join("\n"));
        }
    }
}

fn text(plan: &Plan, width: usize) -> String {
    let mut text = String::new();
    push_folded(&mut text, "", &headline(plan), width);
    let mut tell = |what: &str, said: &str| push_folded(&mut text, &label(what), said, width);
    if let Some(Hold { reason, remedy }) = &plan.held {
        tell("not now", &format!("{reason} (hint: {remedy})"));
    }
    if plan.drills > 0 {
        tell("time", &time(plan));
        let mut what = "permissions";
        for Needed { permission, application, purposes } in &plan.permissions {
            tell(what, &format!("{permission} ({application}): {}", purposes.join("; ")));
            what = "";
        }
        text.push_str(&calls(&plan.calls));
    }
    push_skipped(&mut text, &plan.skipped, width);
    push_rehearsal(&mut text, plan, width);
    text
}

fn label(what: &str) -> String {
    format!("  {what:<13}")
}

fn headline(plan: &Plan) -> String {
    let whose = plan.tenant.as_deref().unwrap_or("a tenant as documented");
    let other = |what: &str, service: Service| {
        if service == plan.service { String::new() } else { format!(", {what} {service}") }
    };
    let (alerts, hunting) = (other("alerts by", plan.alerts_service), other("hunting by", plan.hunting_service));
    let skipped = u64::try_from(plan.skipped.len()).unwrap_or(u64::MAX);
    let skipped = if skipped > 0 { format!(", {skipped} would be skipped") } else { String::new() };
    let drills = wording::count(plan.drills, "drill");
    format!("{whose} (service {}{alerts}{hunting}): {drills} would run{skipped}", plan.service)
}

fn time(plan: &Plan) -> String {
    let (takes, at_a_time) = (wording::seconds(plan.takes_seconds), plan.drills_at_a_time);
    let (propagation, detection) =
        (wording::seconds(plan.propagation_seconds), wording::seconds(plan.detection_seconds));
    format!(
        "about {takes}, {at_a_time} at a time, if what is published needs the whole of `propagation`, {propagation}, \
         and no alert more than `detection`, {detection}"
    )
}

fn calls(calls: &[Asked]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(["calls", "in all", "limit a minute", "an hour"]);
    let limit = |limit: Option<u32>| limit.map_or_else(|| "none known".to_owned(), |limit| limit.to_string());
    for family in calls {
        let numbers = [family.calls.to_string(), limit(family.per_minute), limit(family.per_hour)];
        table.add_row([family.family.to_owned()].into_iter().chain(numbers));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let lines: Vec<_> = table.lines().map(|line| format!("  {}", line.trim())).collect();
    lines.join("\n") + "\n"
}

/// The reasons, each once: of a large run the drills of each are many, and its JSON names them.
fn push_skipped(text: &mut String, skipped: &[Skip], width: usize) {
    let mut reasons: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for skip in skipped {
        *reasons.entry((&skip.reason, &skip.remedy)).or_default() += 1;
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for ((reason, remedy), count) in reasons {
        push_folded(text, &label("skipped"), &format!("{count}: {reason} (hint: {remedy})"), width);
    }
}

/// So many of the drills that did not pass are told.
const BROKEN: usize = 20;

fn push_rehearsal(text: &mut String, plan: &Plan, width: usize) {
    let broken = &plan.did_not_pass;
    if broken.is_empty() {
        return;
    }
    let drills = wording::count(u64::try_from(broken.len()).unwrap_or(u64::MAX), "drill");
    let mut tell = |what: &str, said: &str| push_folded(text, &label(what), said, width);
    tell("rehearsal", &format!("{drills} did not pass on the emulator, so that these figures may be off:"));
    for Broken { drill: Named { file, line, name }, code, reason } in broken.iter().take(BROKEN) {
        let (name, reason) = (wording::line(name), wording::line(reason));
        tell("", &format!("{file}:{line} {name}: {code}, {}", wording::short(&reason, 200)));
    }
    if let Some(more @ 1..) = broken.len().checked_sub(BROKEN) {
        tell("", &format!("… and {more} more: see --format json"));
    }
}
