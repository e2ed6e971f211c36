//! What the alert's evidence names.

use crate::{
    clock::later,
    domain::entity::{Entity, EntityKind, listed},
    record::{
        chain::Link,
        failure::{Code, Failure},
        sighting::Difference,
    },
    world::{World, alarm::Role},
};

impl World {
    /// The evidence of the alert of `role` names everything that is wanted.
    pub async fn evidence_names(&mut self, role: Role, wanted: &[Entity]) -> Result<(), Failure> {
        let from = self.clock().now();
        let outcome = self.look_for_evidence(role, wanted).await;
        self.attest(Link::Check, from, outcome)
    }

    async fn look_for_evidence(&mut self, role: Role, wanted: &[Entity]) -> Result<String, Failure> {
        let wanted = wanted.iter().map(|one| self.meant(role, one)).collect::<Result<Vec<_>, _>>()?;
        let alert = self.sighting(role)?.seen.first().cloned().expect("a sighting that was asked for has an alert");
        let mut named: Vec<Entity> = alert.entities().collect();
        if !missing(&wanted, &named).is_empty() {
            // Evidence may be filled in after the alert is there.
            named = self.later_evidence(role, &alert.id, alert.part).await?;
        }
        let missing = missing(&wanted, &named);
        if missing.is_empty() {
            return Ok(format!("evidence: {}", listed(&wanted)));
        }
        let told = EntityKind::told(self.lab().service, self.alarm(role)?.indicator.kind);
        if let Some(untold) = missing.iter().find(|one| !told.contains(&one.kind)) {
            return Err(self.untold(untold, told));
        }
        let (expected, saw) = (listed(missing.iter().copied()), listed(&named));
        self.note_differences(
            role,
            &[Difference { field: "evidence".into(), expected: expected.clone(), saw: saw.clone() }],
        );
        Err(Failure::new(Code::WrongAlert, format!("the alert's evidence does not name {expected}"))
            .expected(listed(&wanted))
            .saw(saw)
            .hint("see in the portal what the alert's evidence is; a detection rule names what its entities are mapped to"))
    }

    /// What the evidence of the alert `id` names once it has had the time to be filled in.
    async fn later_evidence(&mut self, role: Role, id: &str, part: u32) -> Result<Vec<Entity>, Failure> {
        let settled = later(self.sighting(role)?.expected.since, self.detection_patience());
        let alerts = self.alerts_at(settled.max(self.clock().now())).await?;
        let mut versions = alerts.iter().filter(|alert| alert.id == id && alert.part == part);
        Ok(versions.next_back().map(|alert| alert.entities.clone()).unwrap_or_default())
    }

    /// `wanted` with the drill's own values in place of `{marker}`, `{device}`, `{indicator}` and the hashes of its file.
    fn meant(&self, role: Role, wanted: &Entity) -> Result<Entity, Failure> {
        let value = wanted.value.replace("{device}", &self.device().name);
        let value = value.replace("{indicator}", &self.alarm(role)?.indicator.value);
        let value = self.file().fill(&self.marker_of(role).fill(&value))?;
        Ok(Entity::new(wanted.kind, value))
    }

    fn untold(&self, untold: &Entity, told: &[EntityKind]) -> Failure {
        let service = self.lab().service;
        let told: Vec<_> = told.iter().map(|kind| kind.word()).collect();
        let what = format!(
            "the service {service} is not known to name any {} in such an alert's evidence",
            untold.kind.word()
        );
        Failure::new(Code::Unsupported, what).hint(format!("demand what it is known to name: {}", told.join(", ")))
    }
}

/// What of `wanted` is not among `named`.
fn missing<'a>(wanted: &'a [Entity], named: &[Entity]) -> Vec<&'a Entity> {
    wanted.iter().filter(|one| !named.iter().any(|other| one.is(other))).collect()
}
