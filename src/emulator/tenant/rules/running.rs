//! When rules look, and at what.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};

use crate::{
    clock::later,
    emulator::{
        hunting::{OfEvent, Row},
        propagation,
        tenant::{
            Tenant,
            devices::Telemetry,
            rules::{
                alerting::{Found, raise},
                rule::{LONGEST_LOOKBACK, Rule, Status},
            },
        },
    },
};

/// Scheduled rules run at most once a second, however their schedule is hurried.
const SHORTEST: SignedDuration = SignedDuration::from_secs(1);

/// What the continuous rules in effect make of an event as it comes in. Returns the ids of what they raised or joined.
pub(in crate::emulator::tenant) fn stream(tenant: &mut Tenant, telemetry: &Telemetry) -> Vec<String> {
    let now = telemetry.at;
    let at_work: Vec<_> = tenant.rules.kept.values().filter_map(|kept| kept.history.at(now)?.content.clone()).collect();
    let event = OfEvent::new(tenant, telemetry, now);
    let continuous = at_work.iter().filter(|rule| rule.status == Status::Enabled && rule.is_continuous());
    let hits: Vec<_> = continuous.map(|rule| (rule, rule.compiled.hits(&event, now))).collect();
    let mut raised = Vec::new();
    for (rule, rows) in hits.into_iter().filter(|(_, rows)| !rows.is_empty()) {
        let parts = ["continuous rule", &rule.id, &telemetry.number.to_string()];
        let span = propagation::draw(tenant.knobs.graph.nrt_detection, tenant.seed, &parts);
        let found = found(tenant, rule, &rows, now);
        raised.extend(raise(tenant, rule, found, propagation::after(now, span)));
    }
    raised
}

/// More runs than these at a time are not made up for one by one: whoever asks for such a pace would wait for ever.
const RUNS_AT_ONCE: usize = 2_000;

/// Makes the runs happen that were due by `now`, in their order, each as it would have been at its own time.
pub(in crate::emulator::tenant) fn run_due(tenant: &mut Tenant, now: Timestamp) {
    let mut runs = 0;
    while let Some((due, id)) = tenant.rules.due.first().cloned() {
        if due > now {
            break;
        }
        tenant.rules.due.pop_first();
        runs += 1;
        run(tenant, &id, (due, now), runs > RUNS_AT_ONCE);
    }
}

/// Lets a rule run at `due`, or as late as it can by `now` if nothing can have come since its last run, or if there is no
/// time for more.
fn run(tenant: &mut Tenant, id: &str, (due, now): (Timestamp, Timestamp), hasty: bool) {
    let hurried = tenant.knobs.graph.schedule_acceleration;
    let Some(kept) = tenant.rules.kept.get_mut(id) else { return };
    kept.history.settle(due);
    let rule = kept.history.at(due).and_then(|version| version.content.clone());
    let Some(rule) = rule.filter(|rule| rule.status == Status::Enabled && !rule.is_continuous()) else { return };
    let (first, last) = (kept.first, kept.stored.last_run.map(|(at, _)| at));
    let step = i32::try_from(hurried).ok().and_then(|hurried| rule.frequency.checked_div(hurried));
    let step = step.unwrap_or(SHORTEST).max(SHORTEST);
    let at = if first || (!hasty && stirs(tenant, last)) { due } else { last_tick(due, step, now) };
    let reach = if first { LONGEST_LOOKBACK } else { rule.looks_back() };
    let rows = rule.compiled.rows_between(tenant, later(at, -reach), at);
    let good = rows.is_ok();
    let found = found(tenant, &rule, &rows.unwrap_or_default(), at);
    let found = unseen(tenant, id, found, later(at, -LONGEST_LOOKBACK));
    let parts = ["scheduled rule", id, &at.to_string()];
    let span = propagation::draw(tenant.knobs.graph.scheduled_detection, tenant.seed, &parts);
    raise(tenant, &rule, found, propagation::after(at, span));
    ran(tenant, id, at, later(at, step), good);
}

/// Whether anything can have come in since the run at `last`: an event, or the row of one that was late.
fn stirs(tenant: &Tenant, last: Option<Timestamp>) -> bool {
    let late = tenant.knobs.telemetry.max;
    let newest = tenant.telemetry().next().map(|telemetry| propagation::after(telemetry.at, late));
    newest.is_some_and(|newest| last.is_none_or(|last| newest >= last))
}

/// The last moment up to `now` that is whole steps after `due`.
fn last_tick(due: Timestamp, step: SignedDuration, now: Timestamp) -> Timestamp {
    let steps = now.duration_since(due).as_nanos() / step.as_nanos().max(1);
    let ahead = i64::try_from(steps * step.as_nanos()).unwrap_or(0);
    later(due, SignedDuration::from_nanos(ahead))
}

/// Writes down that a rule ran, and plans its next run. One that fails too often is switched off.
fn ran(tenant: &mut Tenant, id: &str, at: Timestamp, next: Timestamp, good: bool) {
    let most = tenant.knobs.graph.failures_until_off;
    let Some(kept) = tenant.rules.kept.get_mut(id) else { return };
    kept.first = false;
    kept.stored.last_run = Some((at, good));
    kept.failures = if good { 0 } else { kept.failures + 1 };
    if most > 0 && kept.failures >= most {
        tenant.auto_disable_rule(id, at);
        return;
    }
    kept.stored.next_run = Some(next);
    tenant.rules.due.insert((next, id.to_owned()));
}

/// What rows say, as alerts would: without those that no alert can be made of.
fn found(tenant: &Tenant, rule: &Arc<Rule>, rows: &[Row], now: Timestamp) -> Vec<Found> {
    rows.iter().map(|row| Found::new(tenant, rule, row, now)).collect()
}

/// More marks than these push out the oldest: memory stays bounded. There are fewer events.
const MARKS_AT_MOST: usize = 20_000;

/// What no earlier run of the rule has found; what it found before `oldest` is forgotten.
fn unseen(tenant: &mut Tenant, id: &str, found: Vec<Found>, oldest: Timestamp) -> Vec<Found> {
    let Some(kept) = tenant.rules.kept.get_mut(id) else { return Vec::new() };
    kept.seen = kept.seen.split_off(&(oldest, [0; 16]));
    let mut new: Vec<_> = found.into_iter().filter(|found| kept.seen.insert((found.at, found.mark))).collect();
    while kept.seen.len() > MARKS_AT_MOST {
        kept.seen.pop_first();
    }
    // The oldest first, so that an alert's first event is its first.
    new.sort_by_key(|found| found.at);
    new
}

/// How long after an event at `at` an alert of it shows, that can be read at `visible_at`.
pub(super) fn shown_after(at: Timestamp, visible_at: Timestamp) -> Duration {
    Duration::try_from(visible_at.duration_since(at)).unwrap_or(Duration::ZERO)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::emulator::{
        detection::{Activity, Event},
        hunting,
        knobs::Knobs,
        tenant::{
            FIRST_DEVICE,
            rules::rule::{Actions, Template},
            shelf::Asked,
        },
    };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a moment")
    }

    fn rule(query: &str) -> Rule {
        Rule {
            id: "a".into(),
            name: "a".into(),
            description: None,
            status: Status::Enabled,
            query: query.into(),
            compiled: Arc::new(hunting::rule(query).expect("a query")),
            frequency: SignedDuration::from_hours(1),
            lookback: None,
            template: Template {
                title: "a".into(),
                description: String::new(),
                severity: "low".into(),
                recommended_actions: None,
                category: "Impact".into(),
                techniques: Vec::new(),
                mappings: Vec::new(),
                impacted_assets: Vec::new(),
                custom_details: Vec::new(),
            },
            actions: Actions::default(),
        }
    }

    #[test]
    fn ten_years_at_a_run_a_second_are_made_up_for_in_no_time() {
        let knobs = json!({"scheduleAcceleration": 1_000_000, "telemetrySeconds": {"min": 0, "max": 300_000_000}});
        let mut tenant = Tenant::new(1, Knobs::default().with(&knobs).expect("good knobs"));
        let query = "DeviceNetworkEvents | project Timestamp, DeviceId, ReportId";
        tenant.create_rule(rule(query), Asked { by: "a", at: at(0) }).expect("a new rule");
        let activity =
            Activity::Connection { host: None, address: None, port: 80, url: None, process: "curl.exe".into() };
        tenant.observe(Event { device: FIRST_DEVICE.into(), activity }, at(1));
        tenant.settle(at(300_000_000));
        let stored = tenant.rule("a", at(300_000_000)).expect("the rule");
        assert_eq!(stored.last_run, Some((at(300_000_000), true)));
        assert_eq!(stored.next_run, Some(at(300_000_001)));
    }

    #[test]
    fn the_last_tick_is_whole_steps_after_the_first_and_not_behind_now() {
        let hour = SignedDuration::from_hours(1);
        assert_eq!(last_tick(at(10), hour, at(10)), at(10));
        assert_eq!(last_tick(at(10), hour, at(3_609)), at(10));
        assert_eq!(last_tick(at(10), hour, at(3_610)), at(3_610));
        assert_eq!(last_tick(at(10), hour, at(36_000)), at(32_410));
    }
}
