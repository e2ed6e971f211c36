//! What earlier runs of the same tenant say to a run: what is new of its drills, and how soon alerts come.

use std::collections::{BTreeMap, HashMap};

use jiff::SignedDuration;

use crate::{
    history::{
        figures::Figures,
        run::{About, Identity, Run},
        standing::{self, Change},
        store::{Store, StoreError},
    },
    record::{
        past::{Earlier, Past, Taken},
        tally::Latency,
    },
};

/// So many earlier runs a run is seen beside.
pub const RUNS: usize = 30;

/// So many runs tell how soon alerts come: what was so before them is old.
const LAST: usize = 5;

/// How long after its stimulus each alert could be seen in the last runs of `tenant` on `service` in which any was.
pub fn shown_after(store: &Store, tenant: &str, service: &str) -> Result<Vec<SignedDuration>, StoreError> {
    let drills = named(store)?;
    let on_it = |number: &u32| drills.get(number).is_some_and(|drill| drill.service == service);
    let (mut times, mut runs) = (Vec::new(), 0);
    for about in store.runs()?.iter().rev().filter(|about| about.tenant == tenant) {
        let outcomes = store.outcomes(about)?;
        let alerts = outcomes.iter().filter(|(drill, _)| on_it(drill)).flat_map(|(_, outcome)| &outcome.alerts);
        let before = times.len();
        times.extend(alerts.map(|alert| SignedDuration::from_millis(alert.shown.into())));
        runs += usize::from(times.len() > before);
        if runs == LAST {
            break;
        }
    }
    Ok(times)
}

/// What `run` is seen beside; none where no earlier run of its tenant is known that ended by itself.
pub fn past(store: &Store, run: &Run) -> Result<Option<Past>, StoreError> {
    let own = &run.about;
    let is_before = |about: &About| {
        about.tenant == own.tenant && about.run != own.run && about.started <= own.started && about.is_over()
    };
    let mut before: Vec<About> = store.runs()?.into_iter().filter(is_before).collect();
    before.drain(..before.len().saturating_sub(RUNS));
    if before.is_empty() {
        return Ok(None);
    }
    let drills = named(store)?;
    let mut past = Past::default();
    let mut judgements: HashMap<&Identity, Vec<bool>> = HashMap::new();
    for about in before {
        let mut services: BTreeMap<&str, Figures> = BTreeMap::new();
        let outcomes = store.outcomes(&about)?;
        for (number, outcome) in &outcomes {
            let Some(drill) = drills.get(number) else { continue };
            services.entry(&drill.service).or_default().add(outcome);
            judgements.entry(drill).or_default().extend(outcome.judgement());
        }
        let services = services.into_iter().map(|(service, figures)| taken(service, &figures)).collect();
        let About { run, started, verdict, counts, .. } = about;
        past.runs.push(Earlier { run, started, verdict, counts, services });
    }
    if own.is_over() {
        compare(&mut past, run, &mut judgements);
    }
    Ok(Some(past))
}

fn taken(service: &str, figures: &Figures) -> Taken {
    let [propagation, detection] = [Latency::Propagation, Latency::Detection].map(|one| figures.quantiles(one));
    Taken { service: service.into(), propagation, detection }
}

/// What is new of each drill of `run` that was judged, beside its earlier judgements.
fn compare<'a>(past: &mut Past, run: &'a Run, judgements: &mut HashMap<&'a Identity, Vec<bool>>) {
    for drill in &run.drills {
        let Some(judgement) = drill.outcome.judgement() else { continue };
        let judgements = judgements.entry(&drill.identity).or_default();
        judgements.push(judgement);
        let list = match standing::change(judgements) {
            Some(Change::NewlyFailing) => Some(&mut past.newly_failing),
            Some(Change::StillFailing) => Some(&mut past.still_failing),
            Some(Change::Fixed) => Some(&mut past.fixed),
            None => None,
        };
        if let Some(list) = list {
            list.push(drill.id.clone());
        }
        if standing::is_flaky(judgements) {
            past.flaky.push(drill.id.clone());
        }
    }
}

/// Which drill each number is.
fn named(store: &Store) -> Result<HashMap<u32, Identity>, StoreError> {
    Ok(store.drills()?.into_iter().map(|(drill, number)| (number, drill)).collect())
}
