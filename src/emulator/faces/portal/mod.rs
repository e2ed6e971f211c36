//! The portal, for people: simple pages that hold what the guide's reader is told to look at.
//!
//! In reading order: this file (which page, and who may press a button), [`layout`] (what all pages share),
//! [`settings`] (enable the API), [`alerts`], [`devices`]. It knows nothing of how the APIs spell things.

mod alerts;
mod devices;
mod layout;
mod settings;

use jiff::Timestamp;
use maud::{Markup, html};

use crate::emulator::{
    Emulator,
    answer::Answer,
    faces::{
        Call, caller, known_host,
        portal::{
            layout::{Page, Section},
            settings::Shown,
        },
    },
    tenant::Tenant,
};

/// Answers a request to the portal.
pub(super) fn answer(emulator: &Emulator, call: &Call<'_>) -> Answer {
    let method = call.request.method.as_str();
    // Under the real host name the portal is at the root, and its links still name it.
    let mut path: Vec<&str> = call.rest.iter().map(String::as_str).collect();
    if path.first().is_some_and(|first| first.eq_ignore_ascii_case("portal")) {
        path.remove(0);
    }
    emulator.with(|tenant, now| match (method, path.as_slice()) {
        ("GET" | "HEAD", ["settings", "threat-intel", "enable" | "disable" | "tokens"]) => only("POST", now),
        ("GET" | "HEAD", path) => read(tenant, call, path, now),
        ("POST", ["settings", "threat-intel", action @ ("enable" | "disable" | "tokens")]) => {
            if caller::is_foreign(call.request) || !is_expected(call) {
                return problem(403, "Not from here", "This button can only be pressed on the portal's own page.", now);
            }
            act(tenant, call, action, now)
        }
        _ => only("GET, HEAD", now),
    })
}

/// A name that was made to point to this machine is no name of the portal's.
fn is_expected(call: &Call<'_>) -> bool {
    known_host(&call.request.host).is_some() || caller::means_this_machine(call.request)
}

fn read(tenant: &Tenant, call: &Call<'_>, path: &[&str], now: Timestamp) -> Answer {
    let page = match path {
        [] => Some(dashboard(tenant, now)),
        ["alerts"] => Some(alerts::queue(tenant, now)),
        // The links of the feeds say `alert`, and `machines` was the portal's own word.
        ["alerts" | "alert", id] => alerts::alert(tenant, id, now),
        ["devices" | "machines"] => Some(devices::list(tenant, now)),
        ["devices" | "device" | "machines" | "machine", id] => devices::device(tenant, id, now),
        ["settings", "threat-intel"] => Some(settings::page(tenant, call, &Shown::default(), now)),
        ["settings", "threat-intel", "details.json"] if tenant.application().enabled() => {
            Some(settings::details(tenant, call))
        }
        _ => None,
    };
    page.unwrap_or_else(|| problem(404, "Not found", "The portal has no such page.", now))
}

fn act(tenant: &mut Tenant, call: &Call<'_>, action: &str, now: Timestamp) -> Answer {
    let enabled = tenant.application().enabled();
    let shown = match (action, enabled) {
        ("enable", false) => {
            tenant.switch_api(true);
            Shown { secret: tenant.rotate_secret(), token: None }
        }
        ("disable", true) => {
            tenant.switch_api(false);
            return Answer::empty(303).with("location", settings::PATH);
        }
        ("tokens", true) => Shown { secret: None, token: Some(settings::token(tenant, now)) },
        // Pressed twice, or on a page that is no longer true.
        _ => return Answer::empty(303).with("location", settings::PATH),
    };
    settings::page(tenant, call, &shown, now)
}

fn dashboard(tenant: &Tenant, now: Timestamp) -> Answer {
    let main = html! {
        h1 { "Dashboard" }
        (tiles(tenant, now))
        h2 { "Active alerts" }
        @if tenant.alerts(now).next().is_none() {
            p { "No alerts." }
        } @else {
            (alerts::table(tenant.alerts(now).take(10), now))
            p { a href="/portal/alerts" { "The whole queue" } }
        }
    };
    Page { status: 200, title: "Dashboard", section: Section::Dashboard, main }.answer(now)
}

fn tiles(tenant: &Tenant, now: Timestamp) -> Markup {
    let counted = |severity: &str| tenant.alerts(now).filter(|alert| alert.severity == severity).count();
    let onboarded = tenant.devices().filter(|device| device.onboarded).count();
    html! {
        dl.tiles {
            @for severity in ["High", "Medium", "Low", "Informational"] {
                div { dt { (layout::severity(severity)) " alerts" } dd { (counted(severity)) } }
            }
            div { dt { "Machines onboarded" } dd { (onboarded) " of " (tenant.devices().count()) } }
            div { dt { "Alert definitions" } dd { (tenant.definitions().count()) } }
            div { dt { "Indicators" } dd { (tenant.indicators().count()) } }
            div {
                dt { "Threat intel API" }
                dd { @if tenant.application().enabled() { "On" } @else { "Off" } }
            }
        }
    }
}

fn only(methods: &str, now: Timestamp) -> Answer {
    let text = format!("This page can be asked for with {methods}.");
    problem(405, "Method not allowed", &text, now).with("allow", methods)
}

fn problem(status: u16, title: &str, text: &str, now: Timestamp) -> Answer {
    let main = html! { h1 { (title) } p { (text) } };
    Page { status, title, section: Section::Nowhere, main }.answer(now)
}
