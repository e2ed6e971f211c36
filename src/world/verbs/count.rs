//! How many alerts came, once all of them have had the time to.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::{
    clock::later,
    domain::{alert::Alert, attribution::Expectation},
    record::{
        chain::Link,
        failure::{Code, Failure},
    },
    world::{
        World,
        alarm::Role,
        verbs::search::{judge, listed},
    },
};

/// From one look to the next, which have to agree.
const PACE: SignedDuration = SignedDuration::from_mins(1);

/// After so many looks of which no two in a row agree, nothing can be counted.
const LOOKS: usize = 10;

/// Which side a number bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is what its name says")]
pub enum Bound {
    Exactly,
    AtLeast,
    AtMost,
}

impl Bound {
    /// Every bound.
    pub const ALL: [Self; 3] = [Self::Exactly, Self::AtLeast, Self::AtMost];

    /// The words for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Exactly => "exactly",
            Self::AtLeast => "at least",
            Self::AtMost => "at most",
        }
    }

    fn is_exceeded(self, seen: usize, count: usize) -> bool {
        self != Self::AtLeast && seen > count
    }

    fn is_missed(self, seen: usize, count: usize) -> bool {
        self != Self::AtMost && seen < count
    }
}

/// The alerts that came, of which some came in time.
struct Counted {
    all: Vec<Alert>,
    in_time: usize,
    by: Timestamp,
    /// Whether the control's alert came beside them.
    beside_control: bool,
}

impl World {
    /// So many alerts of `role` came for everything that touched its indicator in this drill, and where a span is given,
    /// by so long after the last touch.
    pub async fn alerts_come_to(
        &mut self,
        role: Role,
        (bound, count): (Bound, usize),
        within: Option<SignedDuration>,
    ) -> Result<(), Failure> {
        let from = self.clock().now();
        let outcome = match self.counted(role, count, within).await {
            Ok(counted) => self.weigh(role, (bound, count), counted).await,
            Err(uncountable) => Err(uncountable),
        };
        self.attest(Link::Detection, from, outcome)
    }

    async fn counted(&mut self, role: Role, count: usize, within: Option<SignedDuration>) -> Result<Counted, Failure> {
        if count == 0 {
            return Err(Failure::new(Code::Inconclusive, "that no alert comes proves nothing by itself")
                .hint("write `no alert is raised`, beside a control"));
        }
        let last = self.expectation(role)?;
        let settled = later(last.since, self.detection_patience());
        let by = within.map_or(settled, |span| later(last.since, span));
        let (all, alerts) = self.agreed(role, settled.max(by)).await?;
        let in_time = all.iter().filter(|alert| within.is_none() || alert.processed_at <= by).count();
        Ok(Counted { in_time, by, beside_control: self.control_fired(&last, &alerts).is_some(), all })
    }

    /// The alerts of `role` at the first look at `moment` or later that agrees with the one before it, and among what they
    /// were found.
    async fn agreed(&mut self, role: Role, moment: Timestamp) -> Result<(Vec<Alert>, Vec<Arc<Alert>>), Failure> {
        let expectations = self.expectations(role)?;
        let mut due = moment.max(self.clock().now());
        let mut counts = Vec::new();
        let mut before = None;
        for _ in 0..LOOKS {
            let alerts = self.alerts_at(due).await?;
            let found = of_any(&expectations, &alerts);
            let keys: Vec<_> = found.iter().map(|alert| (alert.id.clone(), alert.part)).collect();
            counts.push(found.len().to_string());
            if before.as_ref() == Some(&keys) {
                return Ok((found, alerts));
            }
            before = Some(keys);
            due = later(self.clock().now(), PACE);
        }
        Err(Failure::new(
            Code::Inconclusive,
            format!("the alerts did not settle: no two of {LOOKS} looks in a row agree"),
        )
        .expected("as many at one look as at the next")
        .saw(counts.join(", "))
        .hint("more come all the time: see in the portal what raises them, or raise the tenant's patience"))
    }

    async fn weigh(&mut self, role: Role, (bound, count): (Bound, usize), counted: Counted) -> Result<String, Failure> {
        let Counted { all, in_time, by, beside_control } = counted;
        let alerts = |count: usize| if count == 1 { "1 alert".into() } else { format!("{count} alerts") };
        let (word, seen) = (bound.word(), listed(&all));
        let fails = |code: Code| {
            Failure::new(code, format!("{} came, not {word} {count}", alerts(in_time)))
                .expected(format!("{word} {} by {by}", alerts(count)))
                .saw(seen.clone())
        };
        if bound.is_exceeded(in_time, count) {
            self.was_reported_by(all.first());
            let since = self.expectation(role)?.since;
            return Err(self.too_many(role, since, fails(Code::ExtraAlert)));
        }
        if bound.is_missed(in_time, count) {
            self.all_touches_counted(role).await?;
            if all.len() >= count {
                self.was_reported_by(all.first());
                return Err(
                    fails(Code::LateAlert).hint("the rest came after that time; allow more, or look why they took it")
                );
            }
            return Err(self.as_far_as_witnessed(fails(Code::NoAlert).hint(
                "an open alert may take further events of its device in, so that several contacts come to one alert",
            )));
        }
        if in_time == 0 && !beside_control {
            return Err(Failure::new(
                Code::Inconclusive,
                "no alert came, and no control's, so that nothing is counted",
            )
            .expected(format!("{word} {}, or the control's beside none", alerts(count)))
            .saw("none")
            .hint("put a control in effect, and let the same device contact the control's address right after"));
        }
        self.was_reported_by(all.first());
        Ok(format!("{} by {by}, in two looks: {seen}", alerts(in_time)))
    }

    /// A gap in the number is claimed only where every touch of `role` could have raised its alert.
    async fn all_touches_counted(&mut self, role: Role) -> Result<(), Failure> {
        let first = self.expectations(role)?.first().map(|first| first.since);
        if let Some(since) = first {
            self.was_in_effect(role, since)?;
        }
        self.still_holds(role).await?;
        self.all_was_reported(role).await
    }
}

/// The alerts that are of any of `expectations`, each once, in the order of their keys.
fn of_any(expectations: &[Expectation], alerts: &[Arc<Alert>]) -> Vec<Alert> {
    let mut found: Vec<Alert> = Vec::new();
    for expectation in expectations {
        found.extend(judge(expectation, alerts).matches);
    }
    found.sort_by(|a, b| (&a.id, a.part).cmp(&(&b.id, b.part)));
    found.dedup_by(|a, b| (&a.id, a.part) == (&b.id, b.part));
    found
}
