//! What is told of a tenant whose services are gone, or will be: nobody shall find out by a drill that fails.

use jiff::{civil::Date, tz::TimeZone};

use crate::{
    cli::tell,
    clock::Clock,
    config::{service::RulesGeneration, tenant::Tenant},
    domain::service::Service,
    services::{
        cloud::{
            Sureness,
            retirement::{Ending, Retirement},
        },
        legacy,
    },
};

const RETIRED: &str = "Microsoft switched the custom TI API at ti.securitycenter.windows.com off on 2019-08-29, and no \
                       tenant answers it any more (hint: run on the emulator, without --tenant, or on a compatible \
                       server; go on where that name leads to one)";

/// Tells what is to be told of `tenant`, whose table has this name, today.
pub(super) fn tell_of(name: &str, tenant: &Tenant) {
    for ending in of(tenant, TimeZone::UTC.to_datetime(Clock::system().now()).date()) {
        tell(&format!("alertdrill: --tenant {name}: {ending}"));
    }
}

/// What is to be told of `tenant` on the day `today`, a sentence each. A laboratory outlives the services that it emulates.
fn of(tenant: &Tenant, today: Date) -> Vec<String> {
    let uses = |service| tenant.services.use_any_of(service);
    if uses(Service::Legacy) && tenant.legacy_api.as_ref().is_some_and(legacy::is_retired) {
        return vec![RETIRED.to_owned()];
    }
    if tenant.control.is_some() {
        return Vec::new();
    }
    let endings = [
        (uses(Service::Endpoint), Ending::EndpointApi),
        (tenant.services.hunting == Service::Endpoint, Ending::EndpointHunting),
        (
            tenant.services.all == Service::Graph && tenant.rules_generation == RulesGeneration::A,
            Ending::RulesGenerationA,
        ),
    ];
    endings.into_iter().filter(|(concerned, _)| *concerned).map(|(_, what)| told(what.retirement(), today)).collect()
}

fn told(row: &Retirement, today: Date) -> String {
    let days = (row.ends - today).get_days();
    let when = match days {
        ..=0 => format!("since {}", row.ends),
        1 => format!("on {}, tomorrow", row.ends),
        days => format!("on {}, in {days} days", row.ends),
    };
    let sure = if row.source.sure == Sureness::High { "" } else { ", which is not sure in all of it" };
    format!("{when}: {} (source: {}, {}{sure})", row.told, row.source.what, row.source.date)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_days_that_are_left_are_counted() {
        let row = Ending::EndpointApi.retirement();
        assert!(told(row, date(2026, 11, 24)).starts_with("on 2027-02-01, in 69 days: "));
        assert!(told(row, date(2027, 1, 31)).starts_with("on 2027-02-01, tomorrow: "));
        let over = told(row, date(2027, 2, 1));
        assert!(
            over.starts_with("since 2027-02-01: ") && over.contains("MC1220762") && over.contains("not sure"),
            "{over}"
        );
    }
}
