//! A place that a service has once (a value, a name, a title): waiting until it is free, and not losing it to another
//! process.
//!
//! Drills of one run take turns (`lab::Turns`). Runs do not see each other but by what they publish, which carries the mark
//! of a drill.

use jiff::{SignedDuration, Timestamp};

use crate::{
    clock::later,
    domain::marker::Marker,
    record::{
        chain::Link,
        failure::{Code, Failure},
    },
    services::{
        definitions::{DefinitionId, Query},
        error::ServiceError,
        indicators::Rival,
    },
    world::{
        World,
        alarm::{Alarm, Role},
        ledger::Entry,
        trouble,
    },
};

/// A name that was free a moment ago is kept from others for at most so long: 30 to 60 seconds were seen on Graph
/// (security-investigator, 2026-02).
const RESERVED: SignedDuration = SignedDuration::from_mins(3);

/// From one try to the next while a name is reserved,
const PACE: SignedDuration = SignedDuration::from_secs(20);

/// and while another run's drill has the place.
const PACE_OF_OTHERS: SignedDuration = SignedDuration::from_mins(1);

/// Who found the same place free at the same moment has sent by then what it was about to send, unless it had to wait for
/// its turn to call; what it then takes is told before a gap is.
const SETTLED: SignedDuration = SignedDuration::from_secs(5);

/// A drill that has the place, and since when it was seen there.
type Holder = (Marker, Timestamp);

impl World {
    /// Sends the indicator of `role`, again and again while its key or name is taken by what was removed just now, or by a
    /// drill of another run that has the time to end.
    pub(super) async fn send_until_free(
        &mut self,
        role: Role,
        under: Option<DefinitionId>,
    ) -> Result<Result<String, ServiceError>, Failure> {
        let from = self.clock().now();
        let mut holder: Option<Holder> = None;
        loop {
            let sent = match self.first_rival(role).await? {
                None => self.send_indicator(role, under.clone()).await?,
                Some(occupied) => Err(occupied),
            };
            let error = match sent {
                Ok(_) if self.has_lost_its_place(role).await? => continue,
                Ok(by) => return Ok(Ok(format!("{by}{}", self.stood_behind(from, holder.as_ref())))),
                Err(error) => error,
            };
            let now = self.clock().now();
            let seen = self.holder(role, &error).await;
            if let Some(seen) = &seen
                && holder.as_ref().is_none_or(|(known, _)| known != seen)
            {
                holder = Some((seen.clone(), now));
            }
            let (until, pace) = match (&seen, &holder) {
                (Some(_), Some((_, since))) => (self.drill_over(*since), PACE_OF_OTHERS),
                _ if error.is_taken() => (later(from, RESERVED), PACE),
                _ => return Ok(Err(error)),
            };
            if now >= until {
                return Ok(Err(error));
            }
            let _told = self.tells(Link::Published, "a place that is taken", until);
            self.sleep_until(later(now, pace).min(until)).await;
        }
    }

    fn stood_behind(&self, from: Timestamp, holder: Option<&Holder>) -> String {
        let stood = self.clock().now().duration_since(from);
        holder
            .map_or_else(String::new, |(marker, _)| format!(", after {stood:#} in which drill {marker} had its place"))
    }

    /// The drill that has the place of the alarm of `role`, which the service refused with `error`, if it is one.
    async fn holder(&self, role: Role, error: &ServiceError) -> Option<Marker> {
        match error {
            ServiceError::Occupied { holder, .. } => holder.clone(),
            error if error.is_taken() => {
                let Alarm { definition, marker, .. } = self.alarm(role).ok()?;
                // That it cannot be told is no reason to wait for longer.
                let held = self.lab().definitions.list(&Query::default()).await.ok()?;
                let same =
                    held.into_iter().map(|stored| stored.definition).filter(|held| held.title == definition.title);
                same.filter_map(|held| Marker::signed(&held.ux_description)).find(|holder| holder != marker)
            }
            _ => None,
        }
    }

    /// Whether the alarm of `role` is of what another run may publish as well.
    fn is_contested(&self, role: Role) -> Result<bool, Failure> {
        let Alarm { indicator, marker, .. } = self.alarm(role)?;
        Ok(self.lab().journal.is_some() && !indicator.value.contains(marker.as_str()))
    }

    /// Why the indicator of `role` is not to be sent: a drill of another run has one of the same value.
    async fn first_rival(&self, role: Role) -> Result<Option<ServiceError>, Failure> {
        if !self.is_contested(role)? {
            return Ok(None);
        }
        let first = self.rivals(role).await?.into_iter().min_by_key(|rival| rival.created_at);
        Ok(first.map(|Rival { marker, .. }| {
            let why = format!("drill {marker} has an indicator of the same value, whose alerts would come as well");
            ServiceError::Occupied { why, holder: Some(marker) }
        }))
    }

    async fn rivals(&self, role: Role) -> Result<Vec<Rival>, Failure> {
        let draft = self.alarm(role)?.draft();
        let found = self.lab().indicators.rivals(draft.publication(None)).await;
        found.map_err(|error| trouble::of(&error, Code::NotPublished))
    }

    /// Whether another process has the place of what was published just now, having found it free at the same moment: where
    /// there is one of a value, whoever sent last; where there are several, whoever came first.
    async fn has_lost_its_place(&mut self, role: Role) -> Result<bool, Failure> {
        if !self.is_contested(role)? {
            return Ok(false);
        }
        self.sleep_until(later(self.clock().now(), SETTLED)).await;
        let lost = if self.lab().indicators.keeps_one_of_a_value() {
            self.is_written_over(role).await?
        } else {
            self.came_second(role).await?
        };
        if lost {
            let id = self.alarm(role)?.placed()?.id.clone();
            self.ledger.strike(&Entry::Indicator(id));
            self.alarm_mut(role)?.stored_indicator = None;
        }
        Ok(lost)
    }

    /// What is there then is the other's, and is not touched.
    async fn is_written_over(&self, role: Role) -> Result<bool, Failure> {
        let alarm = self.alarm(role)?;
        let (draft, id) = (alarm.draft(), alarm.placed()?.id.clone());
        let found = self.lab().indicators.of_marker(draft.publication(None)).await;
        let found = found.map_err(|error| trouble::of(&error, Code::NotPublished))?;
        Ok(!found.contains(&id))
    }

    /// Who came second takes its own away again.
    async fn came_second(&self, role: Role) -> Result<bool, Failure> {
        let alarm = self.alarm(role)?;
        let (own, marker) = (alarm.placed()?.clone(), alarm.marker.clone());
        let rivals = self.rivals(role).await?;
        let second = rivals.iter().any(|one| (one.created_at, one.marker.as_str()) < (own.created_at, marker.as_str()));
        if second {
            let removed = self.lab().indicators.remove(&own.id).await;
            removed.map_err(|error| trouble::of(&error, Code::NotPublished))?;
        }
        Ok(second)
    }
}
