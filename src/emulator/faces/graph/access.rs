//! Who may ask, in which cloud, how often.

use std::time::Duration;

use jiff::Timestamp;

use crate::emulator::{
    answer::Request,
    faces::{
        Call,
        graph::{
            Visit,
            place::{Place, Version},
            refusal::Refusal,
        },
    },
    knobs::graph::FAMILIES,
    roles::Resource,
    tenant::{Tenant, calls::Limit},
    tokens::{self, Bearer, Unauthorised},
};

/// Who shows a token for Graph. The texts are recorded, except that of a missing token.
pub(super) fn caller(tenant: &Tenant, request: &Request, now: Timestamp) -> Result<Bearer, Refusal> {
    // OpenCTI's connector shows its token bare, and nobody reports that Graph minds.
    let shown = request.header("authorization").map(str::trim).map(|header| {
        let bare = header.contains('.') && !header.contains(char::is_whitespace);
        if bare { format!("Bearer {header}") } else { header.to_owned() }
    });
    let bearer = tokens::bearer(tenant, shown.as_deref(), now);
    let bearer = bearer.map_err(|why| {
        Refusal::token(match why {
            Unauthorised::Missing => "Access token is empty.",
            Unauthorised::Malformed => "CompactToken parsing failed with error code: 80049217",
            Unauthorised::Forged => "Access token validation failure.",
            Unauthorised::Expired | Unauthorised::NotYet => "Access token has expired or is not yet valid.",
            Unauthorised::OtherTenant => "CompactToken validation failed with reason code: 80049228.",
        })
    })?;
    if bearer.resource == Some(Resource::Graph) {
        Ok(bearer)
    } else {
        Err(Refusal::token("Access token validation failure. Invalid audience."))
    }
}

/// The national clouds, by the hosts that Graph has there.
const CLOUDS: [(&str, &str); 3] =
    [("graph.microsoft.us", "usgov"), ("dod-graph.microsoft.us", "dod"), ("microsoftgraph.chinacloudapi.cn", "china")];

/// Whether a place is there: not every cloud has every part, nor has every version.
pub(super) fn served(
    tenant: &Tenant,
    call: &Call<'_>,
    (place, version): (&Place, Version),
    now: Timestamp,
) -> Result<(), Refusal> {
    let _ = now;
    let knobs = &tenant.knobs.graph;
    let by_host = || CLOUDS.iter().find(|(host, _)| call.request.host.eq_ignore_ascii_case(host));
    let cloud = if knobs.cloud == "host" { by_host().map_or("global", |(_, cloud)| cloud) } else { knobs.cloud };
    let (segment, absent) = match place {
        Place::Metadata | Place::Batch => return Ok(()),
        Place::Rules | Place::RuleCount | Place::Rule(_) => {
            ("rules", cloud != "global" || (version == Version::V1 && !knobs.rules_in_v1))
        }
        Place::Indicators | Place::IndicatorCount | Place::Indicator(_) | Place::IndicatorAction(_) => {
            ("tiIndicators", cloud == "china")
        }
        Place::Hunt => ("runHuntingQuery", cloud == "china"),
        Place::HuntingSchema => ("getHuntingSchema", cloud == "china"),
        Place::Incidents
        | Place::IncidentCount
        | Place::Incident(_)
        | Place::IncidentComments(_)
        | Place::IncidentAlerts(_) => ("incidents", cloud == "china"),
        Place::Alerts | Place::AlertCount | Place::Alert(_) | Place::Comments(_) | Place::CreateAlert => {
            ("alerts_v2", cloud == "china")
        }
    };
    if absent { Err(Refusal::segment(segment)) } else { Ok(()) }
}

/// What a call needs: any of these roles, and a place in the quota of its family.
struct Demand {
    roles: &'static [&'static str],
    family: &'static str,
}

const READ_ALERTS: &[&str] = &[
    "SecurityAlert.Read.All",
    "SecurityAlert.ReadWrite.All",
    "SecurityIncident.Read.All",
    "SecurityIncident.ReadWrite.All",
];
const WRITE_ALERTS: &[&str] = &["SecurityAlert.ReadWrite.All", "SecurityIncident.ReadWrite.All"];
const CREATE_ALERTS: &[&str] = &["SecurityAlert.Create.All"];
const READ_INCIDENTS: &[&str] = &["SecurityIncident.Read.All", "SecurityIncident.ReadWrite.All"];
const WRITE_INCIDENTS: &[&str] = &["SecurityIncident.ReadWrite.All"];
const READ_RULES: &[&str] = &["CustomDetection.Read.All", "CustomDetection.ReadWrite.All"];
const WRITE_RULES: &[&str] = &["CustomDetection.ReadWrite.All"];
const HUNT: &[&str] = &["ThreatHunting.Read.All"];
const INDICATORS: &[&str] = &["ThreatIndicators.ReadWrite.OwnedBy"];

/// What `method` on `place` demands; none where the place does not take the method.
fn demand(method: &str, place: &Place, version: Version) -> Option<Demand> {
    let beta = version == Version::Beta;
    let (roles, family) = match (method, place) {
        ("POST", Place::Batch) => (&[][..], ""),
        ("GET", Place::Alerts | Place::AlertCount | Place::Alert(_)) => (READ_ALERTS, "alerts"),
        ("POST", Place::Alerts | Place::CreateAlert) if beta => (CREATE_ALERTS, "alerts"),
        ("PATCH", Place::Alert(_)) | ("POST", Place::Comments(_)) => (WRITE_ALERTS, "alerts"),
        ("GET", Place::Incidents | Place::IncidentCount | Place::Incident(_) | Place::IncidentAlerts(_)) => {
            (READ_INCIDENTS, "alerts")
        }
        ("PATCH", Place::Incident(_)) | ("POST", Place::IncidentComments(_)) => (WRITE_INCIDENTS, "alerts"),
        ("GET", Place::Rules | Place::RuleCount) => (READ_RULES, "ruleList"),
        ("GET", Place::Rule(_)) => (READ_RULES, "ruleGet"),
        ("POST", Place::Rules) => (WRITE_RULES, "ruleCreate"),
        ("PATCH", Place::Rule(_)) => (WRITE_RULES, "ruleUpdate"),
        ("DELETE", Place::Rule(_)) => (WRITE_RULES, "ruleDelete"),
        ("POST", Place::Hunt) | ("GET", Place::HuntingSchema) => (HUNT, "hunting"),
        ("GET", Place::Indicators | Place::IndicatorCount | Place::Indicator(_))
        | ("POST", Place::Indicators | Place::IndicatorAction(_))
        | ("PATCH" | "DELETE", Place::Indicator(_)) => (INDICATORS, "indicators"),
        _ => return None,
    };
    Some(Demand { roles, family })
}

/// Whether the caller may do what the request asks for, now.
pub(super) fn admit(visit: &mut Visit<'_>, place: &Place) -> Result<(), Refusal> {
    let method = visit.call.request.method.to_ascii_uppercase();
    let demand = demand(&method, place, visit.version).ok_or_else(Refusal::method)?;
    let held = &visit.caller.roles;
    if !demand.roles.is_empty() && !demand.roles.iter().any(|role| held.iter().any(|held| held == role)) {
        let message = format!(
            "Missing application roles. API required roles: {}, application roles: {}.",
            demand.roles.join(","),
            held.join(",")
        );
        return Err(Refusal::new(403, "Forbidden", message));
    }
    within_quota(visit, demand.family)
}

fn within_quota(visit: &mut Visit<'_>, family: &str) -> Result<(), Refusal> {
    let Some(place) = FAMILIES.iter().position(|(name, _)| *name == family) else { return Ok(()) };
    let (name, [minute, hour, tenant_hour]) = (FAMILIES[place].0, visit.tenant.knobs.graph.quotas[place]);
    let limits = |of: &[(usize, Duration)]| -> Vec<_> {
        let set = of.iter().filter(|(calls, _)| *calls > 0);
        set.map(|(calls, span)| Limit { calls: *calls, span: *span }).collect()
    };
    let of_tenant = limits(&[(tenant_hour, Duration::from_hours(1))]);
    let of_caller = limits(&[(minute, Duration::from_mins(1)), (hour, Duration::from_hours(1))]);
    let app = visit.caller.app_id.clone();
    let calls = &mut visit.tenant.calls;
    for (caller, limits) in [(app.as_str(), of_caller), ("(tenant)", of_tenant)] {
        if !limits.is_empty() {
            calls.take(name, caller, &limits, visit.now).map_err(|reached| Refusal::throttled(reached.wait))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::knobs::Knobs;

    fn admitted(method: &str, place: &Place, roles: &[&str]) -> Result<(), Refusal> {
        let mut tenant = Tenant::new(1, Knobs::default());
        let request = Request {
            method: method.to_owned(),
            host: String::new(),
            port: None,
            scheme: "http",
            proxied: false,
            path: String::new(),
            query: String::new(),
            headers: Vec::new(),
            body: Vec::new(),
        };
        let call = Call { request: &request, rest: Vec::new(), base: String::new(), alert_page: String::new() };
        let caller = Bearer {
            audience: "https://graph.microsoft.com".to_owned(),
            resource: Some(Resource::Graph),
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            app_id: "an application".to_owned(),
        };
        let now = Timestamp::UNIX_EPOCH;
        admit(&mut Visit { tenant: &mut tenant, call: &call, version: Version::Beta, caller, now }, place)
    }

    #[test]
    fn without_a_role_the_refusal_says_which_would_do_and_which_are_held() {
        let refusal = admitted("GET", &Place::Alerts, &["SecurityEvents.Read.All"]).expect_err("refused");
        let words = "Missing application roles. API required roles: SecurityAlert.Read.All,SecurityAlert.ReadWrite.All,\
                     SecurityIncident.Read.All,SecurityIncident.ReadWrite.All, application roles: \
                     SecurityEvents.Read.All.";
        assert_eq!((refusal.status, refusal.code, refusal.message.as_str()), (403, "Forbidden", words));
    }

    #[test]
    fn each_call_takes_its_own_roles_and_no_lesser_ones() {
        let alert = Place::Alert("x".to_owned());
        let rule = Place::Rule("x".to_owned());
        for (method, place, enough, lesser) in [
            ("GET", &Place::Alerts, "SecurityIncident.Read.All", "SecurityAlert.Create.All"),
            ("PATCH", &alert, "SecurityAlert.ReadWrite.All", "SecurityAlert.Read.All"),
            ("POST", &Place::Alerts, "SecurityAlert.Create.All", "SecurityAlert.ReadWrite.All"),
            ("GET", &Place::Incidents, "SecurityIncident.Read.All", "SecurityAlert.ReadWrite.All"),
            ("GET", &Place::Rules, "CustomDetection.Read.All", "SecurityAlert.Read.All"),
            ("DELETE", &rule, "CustomDetection.ReadWrite.All", "CustomDetection.Read.All"),
            ("POST", &Place::Hunt, "ThreatHunting.Read.All", "SecurityAlert.Read.All"),
            ("GET", &Place::Indicators, "ThreatIndicators.ReadWrite.OwnedBy", "ThreatIndicators.Read.All"),
        ] {
            assert_eq!(admitted(method, place, &[enough]), Ok(()), "{method} {place:?}");
            assert_eq!(admitted(method, place, &[lesser]).map_err(|refusal| refusal.status), Err(403), "{place:?}");
        }
    }
}
