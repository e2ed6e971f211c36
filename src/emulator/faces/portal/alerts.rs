//! The alerts queue and an alert's page.

use jiff::Timestamp;
use maud::{Markup, html};

use crate::emulator::{
    answer::Answer,
    detection::Activity,
    faces::portal::layout::{Page, Section, alert_link, badge, device_link, parts, severity, time, words},
    tenant::{Tenant, alerts::Alert, handling::Status},
};

/// How many rows a page shows; more are not read by anybody, and a page is not to grow without end.
pub(super) const ROWS: usize = 200;

/// The queue.
pub(super) fn queue(tenant: &Tenant, now: Timestamp) -> Answer {
    let total = tenant.alerts(now).count();
    let main = html! {
        h1 { "Alerts queue" }
        @if total == 0 {
            p { "No alerts." }
        } @else {
            (table(tenant.alerts(now).take(ROWS), now))
        }
        @if total > ROWS {
            p.soft { "The latest " (ROWS) " of " (total) " alerts." }
        }
    };
    Page { status: 200, title: "Alerts queue", section: Section::Alerts, main }.answer(now)
}

/// Alerts, one a row.
pub(super) fn table<'a>(alerts: impl Iterator<Item = &'a Alert>, now: Timestamp) -> Markup {
    html! {
        div.scroll role="region" aria-label="Alerts" tabindex="0" {
            table {
                thead {
                    tr {
                        @for head in ["Severity", "Title", "Machine", "Category", "Last activity", "Status"] {
                            th scope="col" { (head) }
                        }
                    }
                }
                tbody {
                    @for alert in alerts {
                        tr {
                            td { (severity(&alert.severity)) }
                            th scope="row" { (badge(&alert.source)) " " (alert_link(alert)) }
                            td { (device_link(&alert.device.id, &alert.device.name)) }
                            td { (words(&alert.category)) }
                            td { (time(alert.last_event_at(now))) }
                            td { (status(alert)) }
                        }
                    }
                }
            }
        }
    }
}

/// The page of one alert; none for an id that no alert has. In the feed of 2020 ids begin with `da`.
pub(super) fn alert(tenant: &Tenant, id: &str, now: Timestamp) -> Option<Answer> {
    let short = id.strip_prefix("da").unwrap_or(id);
    let alert = tenant.alert(id, now).or_else(|| tenant.alert(short, now))?;
    let main = html! {
        h1 { (badge(&alert.source)) " " (alert.title) }
        (facts(alert, now))
        h2 { "More information about this alert" }
        p { (alert.description) }
        h2 { "Recommended actions" }
        p { (alert.recommended_action.as_deref().unwrap_or("None are given.")) }
        h2 { "What the sensor saw" }
        (activity(&alert.activity))
        h2 { "Indicators" }
        (indicators(alert, now))
    };
    Some(Page { status: 200, title: &alert.title, section: Section::Alerts, main }.answer(now))
}

fn facts(alert: &Alert, now: Timestamp) -> Markup {
    html! {
        dl.facts {
            dt { "Severity" } dd { (severity(&alert.severity)) }
            dt { "Category" } dd { (words(&alert.category)) }
            dt { "Status" } dd { (status(alert)) }
            dt { "Machine" } dd { (device_link(&alert.device.id, &alert.device.name)) }
            dt { "First activity" } dd { (time(alert.first_event_at)) }
            dt { "Last activity" } dd { (time(alert.last_event_at(now))) }
            dt { "Alert ID" } dd { code { (alert.id) } }
        }
    }
}

fn status(alert: &Alert) -> &'static str {
    match alert.handling.status {
        Status::New => "New",
        Status::InProgress => "In progress",
        Status::Resolved => "Resolved",
    }
}

fn activity(activity: &Activity) -> Markup {
    match activity {
        Activity::Connection { host, address, port, url, process } => html! {
            dl.facts {
                dt { "Program" } dd { code { (process) } }
                @if let Some(host) = host { dt { "Host" } dd { code { (host) } } }
                @if let Some(address) = address { dt { "Remote IP" } dd { code { (address) } } }
                dt { "Remote port" } dd { (port) }
                @if let Some(url) = url { dt { "URL" } dd { code { (url) } } }
            }
        },
        Activity::File { name, sha1, sha256, md5 } => html! {
            dl.facts {
                dt { "File" } dd { code { (name) } }
                dt { "SHA-1" } dd { code { (sha1) } }
                dt { "SHA-256" } dd { code { (sha256) } }
                dt { "MD5" } dd { code { (md5) } }
            }
        },
    }
}

fn indicators(alert: &Alert, now: Timestamp) -> Markup {
    html! {
        div.scroll role="region" aria-label="Indicators" tabindex="0" {
            table {
                thead { tr { th scope="col" { "Type" } th scope="col" { "Function" } th scope="col" { "Value" } } }
                tbody {
                    @for part in parts(alert, now) {
                        tr {
                            td { (part.indicator.kind) }
                            td { (part.indicator.function) }
                            th scope="row" { code { (part.indicator.value) } }
                        }
                    }
                }
            }
        }
    }
}
