//! What the alert says, held against its definition and against what the service is documented to make of it.

use jiff::SignedDuration;

use crate::{
    domain::appearance::{Compared, Finding as Held, Row},
    record::{
        chain::Link,
        failure::{Code, Failure},
        finding::Finding,
    },
    world::{World, alarm::Role},
};

impl World {
    /// The alert of `role` says what its definition says in every field that the service takes from the definition, and
    /// what the service is documented to say in the others.
    pub fn alert_says_what_its_definition_says(&mut self, role: Role) -> Result<(), Failure> {
        let from = self.clock().now();
        let (_, compared) = self.sighted(role)?;
        let compared = compared.clone();
        let row = self.documented(role)?;
        self.note_findings(&compared, row);
        self.attest(Link::Check, from, verdict(&compared, row))
    }

    /// The alert of `role` has the definition's title, whatever the service is documented to make of it.
    pub fn alert_carries_title(&mut self, role: Role) -> Result<(), Failure> {
        let from = self.clock().now();
        let saw = self.sighting(role)?.seen.first().map(|alert| alert.title.clone()).unwrap_or_default();
        let title = &self.alarm(role)?.definition.title;
        let outcome = if saw == *title {
            Ok("the title is the definition's".to_owned())
        } else {
            Err(Failure::new(Code::WrongAlert, "the alert does not carry the definition's title")
                .expected(title.clone())
                .saw(saw)
                .hint("`the alert says what its definition says` allows the service's own words where they are documented"))
        };
        self.attest(Link::Check, from, outcome)
    }

    /// What is documented for the action of the indicator of `role` happens within `patience` of the stimulus: the alert
    /// comes and looks as it should, or, where none is documented, none comes while the control's does.
    pub async fn documented_alert_within(&mut self, role: Role, patience: SignedDuration) -> Result<(), Failure> {
        if self.documented(role)?.alert.is_none() {
            return self.stays_silent().await;
        }
        self.alert_within(role, patience).await?;
        self.alert_says_what_its_definition_says(role)
    }

    /// Where reality is better than the table, the table is to be corrected: that is told, and fails nothing.
    fn note_findings(&self, compared: &[Compared], row: &Row) {
        for field in compared {
            let Held::Better { documented } = &field.finding else { continue };
            let finding = Finding {
                what: format!("the alert's {} is the definition's own, which is better than documented", field.field),
                documented: documented.clone(),
                saw: field.saw.clone(),
                source: format!("{} ({})", row.source, row.date),
            };
            self.recorder.note(|notes| notes.findings.push(finding));
        }
    }
}

fn verdict(compared: &[Compared], row: &Row) -> Result<String, Failure> {
    let named = |wanted: &dyn Fn(&Held) -> bool| {
        let fields: Vec<_> = compared.iter().filter(|field| wanted(&field.finding)).map(|field| field.field).collect();
        listed(&fields)
    };
    let wrong: Vec<_> = compared
        .iter()
        .filter_map(|field| match &field.finding {
            Held::Wrong { expected } => {
                Some((format!("{} `{expected}`", field.field), format!("{} `{}`", field.field, field.saw)))
            }
            Held::Definitions | Held::Services | Held::Better { .. } => None,
        })
        .collect();
    if wrong.is_empty() {
        let own = named(&|held| matches!(held, Held::Definitions | Held::Better { .. }));
        let other = named(&|held| matches!(held, Held::Services));
        return Ok(format!(
            "{own}: the definition's; {other}: the service's, as documented ({}, {})",
            row.source, row.date
        ));
    }
    let (expected, saw): (Vec<_>, Vec<_>) = wrong.into_iter().unzip();
    Err(Failure::new(Code::WrongAlert, "the alert does not say what its definition says")
        .expected(expected.join(", "))
        .saw(saw.join(", "))
        .hint(format!("see whether the service words such alerts otherwise now than in {}: {}", row.date, row.source)))
}

/// `title, severity and source`; `nothing` where there is nothing.
fn listed(fields: &[&str]) -> String {
    match fields {
        [] => "nothing".into(),
        [only] => (*only).into(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
