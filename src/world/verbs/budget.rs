//! Budgets over a run: how long the alerts of all its drills took together.

use jiff::SignedDuration;

use crate::{
    record::{
        chain::Link,
        failure::{Code, Failure},
        tally::{Judged, Latency, Tally},
    },
    world::World,
};

impl World {
    /// So many of a hundred alerts of the run's drills before this one took no longer than `budget`.
    pub fn run_keeps_to(&mut self, latency: Latency, percent: f64, budget: SignedDuration) -> Result<(), Failure> {
        let from = self.clock().now();
        let link = match latency {
            Latency::Detection => Link::Detection,
            Latency::Propagation => Link::Propagation,
        };
        let outcome = self.weigh_run(latency, percent, budget);
        self.attest(link, from, outcome)
    }

    fn weigh_run(&self, latency: Latency, percent: f64, budget: SignedDuration) -> Result<String, Failure> {
        let Some(tally) = &self.tally else {
            return Err(Failure::new(Code::Inconclusive, "this drill does not know of the run's other drills")
                .hint("tag it `@run`: it then runs after all others"));
        };
        let seconds = budget.as_secs_f64();
        let Some(judged) = tally.judge(latency, percent, seconds) else {
            return Err(Failure::new(
                Code::Inconclusive,
                format!("no drill of {} expected an alert before, so that there is nothing to judge", tally.scope),
            )
            .expected("at least one alert")
            .saw(untold(&judged_nothing(tally)))
            .hint("run it together with drills that wait for alerts"));
        };
        let (things, words) = match latency {
            Latency::Detection => ("alerts", "came"),
            Latency::Propagation => ("indicators", "took effect"),
        };
        let quantile = spelt(judged.quantile);
        if judged.holds(seconds) {
            return Ok(format!(
                "{} of {} {things} of {} {words} within {budget:#}; {percent} % within {quantile}{}",
                judged.within,
                judged.all,
                tally.scope,
                untold(&judged)
            ));
        }
        let worst: Vec<_> = judged.worst.iter().map(|(drill, took)| format!("{drill} {}", spelt(*took))).collect();
        let what = match judged.quantile {
            Some(_) => {
                format!(
                    "{percent} % of the {things} of {} {words} within {quantile}, not within {budget:#}",
                    tally.scope
                )
            }
            None => format!("fewer than {percent} % of the {things} of {} {words} at all", tally.scope),
        };
        Err(Failure::new(Code::LateAlert, what)
            .expected(format!("{percent} % of {} within {budget:#}", judged.all))
            .saw(format!(
                "{} within it, the {percent} % quantile is {quantile}; the slowest: {}{}",
                judged.within,
                worst.join(", "),
                untold(&judged)
            ))
            .hint("look at the slowest drills first; their waits and chains say where the time went"))
    }
}

fn judged_nothing(tally: &Tally) -> Judged {
    Judged { all: 0, within: 0, quantile: None, worst: Vec::new(), unknown: tally.unknown() }
}

fn untold(judged: &Judged) -> String {
    match judged.unknown {
        0 if judged.all == 0 => "none".into(),
        0 => String::new(),
        1 => "; 1 drill that saw none cannot tell why".into(),
        count => format!("; {count} drills that saw none cannot tell why"),
    }
}

fn spelt(seconds: Option<f64>) -> String {
    seconds
        .and_then(|seconds| SignedDuration::try_from_secs_f64(seconds.round()).ok())
        .map_or_else(|| "never".into(), |span| format!("{span:#}"))
}
