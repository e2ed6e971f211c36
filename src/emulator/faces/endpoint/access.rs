//! Who may ask for what: the token, whom it is for, and the application roles that it carries.

use crate::emulator::{
    faces::endpoint::{
        Visit,
        address::{Place, Relation, Set, Thing},
        refusal::Refusal,
    },
    knobs::endpoint::{Audiences, Family},
    roles::Resource,
    tokens::{self, Bearer},
};

/// The name that every call takes tokens for (exposed-apis-create-app-webapp advises it for all).
const FORMER_NAME: &str = "https://api.securitycenter.microsoft.com";

/// What a call needs: one of these roles, and a place in the quota of its family.
#[derive(Debug, Clone, Copy)]
pub(super) struct Needs {
    pub(super) roles: &'static [&'static str],
    pub(super) family: Family,
    /// Whether the call is one of Defender XDR, a service with tokens of its own.
    pub(super) xdr: bool,
}

const ALERTS: [&str; 2] = ["Alert.Read.All", "Alert.ReadWrite.All"];
const MACHINES: [&str; 2] = ["Machine.Read.All", "Machine.ReadWrite.All"];

/// What `method` at `place` needs; none where everybody may ask.
pub(super) fn needs(place: &Place, method: &str) -> Option<Needs> {
    let needs = |roles, family| Some(Needs { roles, family, xdr: false });
    let reads = method == "GET";
    match place {
        Place::Metadata | Place::Result(..) | Place::Package(_) => None,
        Place::Set(set) | Place::Count(set) => Some(of_set(set, reads)),
        Place::Indicator(_) => needs(&["Ti.ReadWrite", "Ti.ReadWrite.All"], Family::Indicators),
        Place::Import => needs(&["Ti.ReadWrite", "Ti.ReadWrite.All"], Family::IndicatorImport),
        Place::BatchDelete => needs(&["Ti.ReadWrite", "Ti.ReadWrite.All"], Family::IndicatorBatchDelete),
        Place::Alert(_) if reads => needs(&ALERTS, Family::Alerts),
        Place::Alert(_) => needs(&["Alert.ReadWrite.All"], Family::Alerts),
        Place::AlertBatchUpdate => needs(&["Alert.ReadWrite.All"], Family::AlertBatchUpdate),
        Place::AlertByReference => needs(&["Alert.ReadWrite.All"], Family::AlertByReference),
        Place::Related(_, relation) => needs(of_relation(*relation), Family::Alerts),
        Place::Machine(_) | Place::MachinesByIp(..) => needs(&MACHINES, Family::Machines),
        Place::LogonUsers(_) => needs(of_relation(Relation::User), Family::Machines),
        Place::Tags(_) => needs(&["Machine.ReadWrite.All"], Family::Machines),
        Place::LiveResponse(_) => needs(&["Machine.LiveResponse"], Family::LiveResponse),
        Place::Act(_, act) => needs(of_act(act), Family::MachineActions),
        Place::MachineAction(_) | Place::ResultLink(..) => needs(&MACHINES, Family::MachineActions),
        Place::Cancel(_) => needs(&["Machine.ReadWrite.All", "Machine.LiveResponse"], Family::MachineActions),
        // The page of 2025 names the first of the roles for applications, and the second for people.
        Place::PackageLink(_) => needs(&["Machine.ReadWrite.All", "Machine.CollectForensics"], Family::PackageLink),
        Place::File(_) => needs(of_thing(Thing::File), Family::Profiles),
        Place::Statistics(thing, _) => needs(of_thing(*thing), Family::Profiles),
        Place::MachinesOf(..) => needs(&MACHINES, Family::Profiles),
        Place::LibraryFile(_) => needs(&["Library.Manage"], Family::Library),
        Place::Hunting { xdr: false } => needs(&["AdvancedQuery.Read.All"], Family::Hunting),
        Place::Hunting { xdr: true } => {
            Some(Needs { roles: &["AdvancedHunting.Read.All"], family: Family::Hunting, xdr: true })
        }
        Place::DeviceGroups => needs(&["Score.Read.All"], Family::Machines),
        // The page of 2025 names only the second of the roles; those of before named both, as for alerts.
        Place::Investigation(_) => needs(&ALERTS, Family::Investigations),
        Place::StartInvestigation(_) => needs(&["Alert.ReadWrite.All"], Family::InvestigationStart),
        Place::Incident(_) => Some(of_set(&Set::Incidents, reads)),
    }
}

fn of_set(set: &Set, reads: bool) -> Needs {
    let (roles, family): (&[&str], _) = match set {
        Set::Indicators => (&["Ti.ReadWrite", "Ti.ReadWrite.All"], Family::Indicators),
        Set::Alerts | Set::AlertsOfMachine(_) | Set::AlertsOf(..) => (&ALERTS, Family::Alerts),
        Set::Investigations => (&ALERTS, Family::Investigations),
        Set::Machines => (&MACHINES, Family::Machines),
        Set::MachineActions => (&MACHINES, Family::MachineActions),
        Set::Library => (&["Library.Manage"], Family::Library),
        Set::Incidents if reads => (&["Incident.Read.All", "Incident.ReadWrite.All"], Family::Incidents),
        Set::Incidents => (&["Incident.ReadWrite.All"], Family::Incidents),
    };
    Needs { roles, family, xdr: *set == Set::Incidents }
}

fn of_relation(relation: Relation) -> &'static [&'static str] {
    match relation {
        Relation::Ips => &["Ip.Read.All"],
        Relation::Domains => &["URL.Read.All"],
        Relation::Files => &["File.Read.All"],
        Relation::Machine => &MACHINES,
        Relation::User => &["User.Read.All"],
    }
}

fn of_thing(thing: Thing) -> &'static [&'static str] {
    match thing {
        Thing::Ip => of_relation(Relation::Ips),
        Thing::Domain => of_relation(Relation::Domains),
        Thing::File => of_relation(Relation::Files),
        Thing::User => of_relation(Relation::User),
    }
}

fn of_act(act: &str) -> &'static [&'static str] {
    match act {
        "isolate" | "unisolate" => &["Machine.Isolate"],
        "runantivirusscan" => &["Machine.Scan"],
        "collectinvestigationpackage" => &["Machine.CollectForensics"],
        "restrictcodeexecution" | "unrestrictcodeexecution" => &["Machine.RestrictExecution"],
        "stopandquarantinefile" => &["Machine.StopAndQuarantine"],
        _ => &["Machine.Offboard"],
    }
}

/// Lets in whoever shows a token for this API with a role that the call needs.
pub(super) fn admit(visit: &Visit<'_>, needs: Needs) -> Result<Bearer, Refusal> {
    let authorization = visit.call.request.header("authorization");
    let bearer = tokens::bearer(visit.tenant, authorization, visit.now).map_err(Refusal::Unauthorised)?;
    let right = match visit.tenant.knobs.endpoint.audiences {
        Audiences::Any => true,
        _ if needs.xdr => bearer.is_taken_by(Resource::ThreatProtection),
        Audiences::Defender => bearer.resource == Some(Resource::Defender),
        Audiences::Former => bearer.is_for(&[FORMER_NAME]),
    };
    if !right {
        // That it is 403 is documented; the text is not.
        return Err(Refusal::forbidden("Forbidden", "The access token's audience is not valid for this API."));
    }
    let held = |role: &&str| bearer.roles.iter().any(|held| held.eq_ignore_ascii_case(role));
    if needs.roles.iter().any(held) {
        return Ok(bearer);
    }
    let message = format!(
        "Missing application roles. API required roles: {}, application roles: {}.",
        needs.roles.join(","),
        bearer.roles.join(",")
    );
    Err(Refusal::forbidden("Forbidden", message))
}
