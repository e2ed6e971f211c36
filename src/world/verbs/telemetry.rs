//! Telemetry: that the tenant knows what the device did, alert or no alert.

use jiff::{SignedDuration, Timestamp};

use crate::{
    clock::later,
    domain::{
        alert::Alert,
        attribution::{Expectation, SKEW},
    },
    record::{
        chain::{Link, Standing},
        drill::Stimulus,
        failure::{Code, Failure},
    },
    services::hunting::{Row, Sought},
    world::{World, alarm::Role, trouble},
};

/// From one look at the rows to the next: a call costs a share of the tenant's computing time, and rows come in portions.
const PACE: SignedDuration = SignedDuration::from_mins(1);

impl World {
    /// The tenant's telemetry shows within `patience` what the device did to the observable of `role`.
    pub async fn telemetry_shows(&mut self, role: Role, patience: SignedDuration) -> Result<(), Failure> {
        let from = self.clock().now();
        let outcome = match self.expectation(role) {
            Ok(expectation) => self.look_for_rows(&expectation, patience).await,
            Err(nothing) => Err(nothing),
        };
        self.attest(Link::Telemetry, from, outcome)
    }

    /// Before it is said that no alert came: whether the tenant knows of the stimulus at all, where it can be asked.
    pub(super) async fn was_reported(&mut self, role: Role) -> Result<(), Failure> {
        if self.lab().hunting.is_none() {
            self.cannot_be_asked();
            return Ok(());
        }
        self.telemetry_shows(role, SignedDuration::ZERO).await
    }

    /// The same of everything that the device did to it in this drill.
    pub(super) async fn all_was_reported(&mut self, role: Role) -> Result<(), Failure> {
        if self.lab().hunting.is_none() {
            self.cannot_be_asked();
            return Ok(());
        }
        let expectations = self.expectations(role)?;
        let nexts = expectations.iter().skip(1).map(|next| next.since).chain([Timestamp::MAX]);
        for (expectation, next) in expectations.iter().zip(nexts) {
            let from = self.clock().now();
            let rows = self.rows(expectation).await?;
            // What the device did next is dated later, but for what clocks are apart; what it did took its time.
            let before = next.saturating_sub(SKEW).unwrap_or(next).max(later(self.done_by(expectation.since), SKEW));
            let in_time = || rows.iter().filter(|row| row.at <= before);
            let row = in_time().find(|row| row.at >= expectation.since).or_else(|| in_time().next());
            let by = row.map(|row| format!("of {}, `{}` at {}", row.table, row.action, row.at));
            self.attest(Link::Telemetry, from, by.ok_or_else(|| unknown(expectation)))?;
        }
        Ok(())
    }

    /// When what the device began at `since` was over.
    fn done_by(&self, since: Timestamp) -> Timestamp {
        let over = |stimuli: &[Stimulus]| stimuli.iter().find(|one| one.from >= since).map(|one| one.until);
        self.recorder().note(|notes| over(&notes.stimuli)).unwrap_or(since)
    }

    fn cannot_be_asked(&self) {
        let why = format!("the service {} tells nothing of what a device reported", self.lab().service);
        self.witness(Link::Telemetry, Standing::Unwitnessable, self.clock().now(), why);
    }

    /// An alert is raised from what a device reported: that `alert` came bears witness to it, where nothing does since the
    /// last stimulus.
    pub(super) fn was_reported_by(&self, alert: Option<&Alert>) {
        let Some(alert) = alert else { return };
        let known = self.recorder().note(|notes| {
            let since = notes.chain.iter().rev().take_while(|witness| witness.link != Link::Stimulus);
            since.into_iter().any(|witness| witness.link == Link::Telemetry && witness.held())
        });
        if !known {
            let by = format!("alert {} is raised from what the device reported of {}", alert.id, alert.happened_at);
            self.witness(Link::Telemetry, Standing::Held, self.clock().now(), by);
        }
    }

    /// `gap`, and that the device may be to blame for it, where nobody can tell whether it reported what it did.
    pub(super) fn as_far_as_witnessed(&self, mut gap: Failure) -> Failure {
        if self.lab().hunting.is_some() {
            return gap;
        }
        let service = self.lab().service;
        gap.what.push_str("; whether the device reported what it did cannot be told on the service ");
        gap.what.push_str(service.as_str());
        let hint = "look at the device's sensor, whether it runs, reports, and may reach the service; or run it with \
                    --service endpoint or graph, where telemetry can be asked for";
        gap.hint = Some(gap.hint.map_or_else(|| hint.to_owned(), |first| format!("{first}; {hint}")));
        gap
    }

    async fn look_for_rows(&mut self, expectation: &Expectation, patience: SignedDuration) -> Result<String, Failure> {
        let deadline = later(expectation.since, patience);
        let _told = self.tells(Link::Telemetry, "telemetry", deadline);
        loop {
            let rows = self.rows(expectation).await?;
            if let Some(row) = rows.first() {
                let (count, at) = (rows.len(), row.at);
                return Ok(format!("{count} of {}, the first `{}` at {at}", row.table, row.action));
            }
            let now = self.clock().now();
            if now >= deadline {
                return Err(unknown(expectation));
            }
            self.sleep_until(later(now, PACE).min(deadline)).await;
        }
    }

    async fn rows(&self, expectation: &Expectation) -> Result<Vec<Row>, Failure> {
        let hunting = self.lab().hunting.clone().ok_or_else(|| {
            Failure::new(Code::Unsupported, "the service has no way to read telemetry")
                .hint("run it with --service endpoint or graph")
        })?;
        let sought = Sought {
            device: &expectation.device,
            kind: expectation.indicator.kind,
            observable: &expectation.observable,
            // Rows are dated by the device and the service, as alerts are.
            since: expectation.since.saturating_sub(SKEW).unwrap_or(Timestamp::MIN),
        };
        hunting.rows(sought).await.map_err(|error| trouble::of(&error, Code::ServiceError))
    }
}

fn unknown(expectation: &Expectation) -> Failure {
    Failure::new(Code::NoTelemetry, "the device did what it should, and the tenant knows nothing of it")
        .expected(format!("a row that names `{}` on {}", expectation.observable, expectation.device.name))
        .saw("none")
        .hint("look at the device's sensor: whether it runs, reports, and may reach the service")
}
