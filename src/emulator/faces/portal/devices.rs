//! The machines list and a machine's page.

use jiff::Timestamp;
use maud::html;

use crate::emulator::{
    answer::Answer,
    faces::portal::{
        alerts::ROWS,
        layout::{Page, Section, alert_link, badge, device_link, severity, time, words},
    },
    tenant::{Tenant, alerts::Alert, devices::Device},
};

/// The list.
pub(super) fn list(tenant: &Tenant, now: Timestamp) -> Answer {
    let main = html! {
        h1 { "Machines list" }
        div.scroll role="region" aria-label="Machines" tabindex="0" {
            table {
                thead {
                    tr {
                        @for head in ["Machine", "Sensor", "Internal IP", "Alerts"] { th scope="col" { (head) } }
                    }
                }
                tbody {
                    @for device in tenant.devices().take(ROWS) {
                        tr {
                            th scope="row" { (device_link(&device.id, &device.name)) }
                            td { (sensor(device)) }
                            td { code { (device.address) } }
                            td { (alerts_of(tenant, device, now).count()) }
                        }
                    }
                }
            }
        }
        @let total = tenant.devices().count();
        @if total > ROWS { p.soft { "The first " (ROWS) " of " (total) " machines." } }
    };
    Page { status: 200, title: "Machines list", section: Section::Devices, main }.answer(now)
}

/// The page of one device, by its id or its name; none for one that the tenant does not know.
pub(super) fn device(tenant: &Tenant, id: &str, now: Timestamp) -> Option<Answer> {
    let device = tenant.devices().find(|device| device.id.eq_ignore_ascii_case(id)).or_else(|| tenant.device(id))?;
    let total = alerts_of(tenant, device, now).count();
    let main = html! {
        h1 { (device.name) }
        dl.facts {
            dt { "Sensor" } dd { (sensor(device)) }
            dt { "Internal IP" } dd { code { (device.address) } }
            dt { "Machine ID" } dd { code { (device.id) } }
        }
        h2 id="alerts" { "Alerts related to this machine" }
        @if total == 0 {
            p { "No alerts." }
        } @else {
            div.scroll role="region" aria-labelledby="alerts" tabindex="0" {
                table {
                    thead { tr { th scope="col" { "Last activity" } th scope="col" { "Title" } } }
                    tbody {
                        @for alert in alerts_of(tenant, device, now).take(ROWS) {
                            tr {
                                td { (time(alert.last_event_at(now))) br; (severity(&alert.severity)) }
                                th scope="row" {
                                    (badge(&alert.source)) " " (alert_link(alert))
                                    br; span.soft { (words(&alert.category)) }
                                }
                            }
                        }
                    }
                }
            }
        }
        @if total > ROWS { p.soft { "The latest " (ROWS) " of " (total) " alerts." } }
    };
    Some(Page { status: 200, title: &device.name, section: Section::Devices, main }.answer(now))
}

fn alerts_of<'a>(tenant: &'a Tenant, device: &'a Device, now: Timestamp) -> impl Iterator<Item = &'a Alert> {
    tenant.alerts(now).filter(move |alert| alert.device.id == device.id)
}

fn sensor(device: &Device) -> &'static str {
    if device.onboarded { "Onboarded" } else { "Not onboarded" }
}
