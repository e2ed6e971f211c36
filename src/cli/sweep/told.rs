//! What a sweep says: what it found, and what became of it.

use serde::Serialize;

use crate::cli::{
    print,
    sweep::{
        Format,
        broom::{Item, Outcome},
    },
};

/// What one tenant, or one journal, was swept of.
#[derive(Debug, Serialize)]
pub(super) struct Sweep {
    pub(super) tenant: String,
    pub(super) service: String,
    /// The journal that knew of it; none where the marker alone did.
    pub(super) journal: Option<String>,
    pub(super) dry_run: bool,
    pub(super) things: Vec<Told>,
}

#[derive(Debug, Serialize)]
pub(super) struct Told {
    what: String,
    marker: String,
    title: Option<String>,
    created_at: Option<String>,
    created_by: Option<String>,
    pub(super) outcome: &'static str,
    why: Option<String>,
}

impl Told {
    fn of(item: &Item, outcome: &'static str, why: Option<String>) -> Self {
        let signed = match item {
            Item::Held { signed, .. } => Some(signed),
            Item::State(_) => None,
        };
        Self {
            what: item.name(),
            marker: item.marker().to_string(),
            title: signed.map(|signed| signed.title.clone()),
            created_at: signed.and_then(|signed| signed.created_at).map(|at| at.to_string()),
            created_by: signed.map(|signed| signed.created_by.clone()).filter(|by| !by.is_empty()),
            outcome,
            why,
        }
    }

    fn line(&self) -> String {
        let at = self.created_at.as_deref().unwrap_or("at a time that is not told");
        let by = self.created_by.as_deref().unwrap_or("somebody who is not told, so that the marker alone decides");
        let made = self.title.as_ref().map(|title| format!(", `{title}`, made {at} by {by}")).unwrap_or_default();
        let line = format!("  {} [drill {}]{made}", self.what, self.marker);
        // Whatever a tenant holds, it does not get at the terminal.
        line.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
    }
}

impl Sweep {
    /// Takes down what was found, before anything of it is removed, and prints it for people.
    pub(super) fn lists(&mut self, items: &[Item], spared: &[(Item, String)], format: Format) {
        self.things = items.iter().map(|item| Told::of(item, "listed", None)).collect();
        let spared = spared.iter().map(|(item, why)| Told::of(item, "spared", Some(why.clone())));
        self.things.extend(spared);
        if format == Format::Json {
            return;
        }
        let from = self.journal.as_ref().map_or_else(|| "by their marker".into(), |path| format!("from {path}"));
        let mut lines = vec![format!("{} ({}), {from}: {} to remove", self.tenant, self.service, items.len())];
        lines.extend(self.things.iter().map(|told| match &told.why {
            Some(why) => format!("{}; left alone: {why}", told.line()),
            None => told.line(),
        }));
        print(&format!("{}\n", lines.join("\n")));
    }

    /// Takes down what became of it, and prints it for people.
    pub(super) fn ends(&mut self, outcomes: &[Outcome], format: Format) {
        self.things.retain(|told| told.outcome == "spared");
        let told = outcomes.iter().map(|(item, outcome)| match outcome {
            Ok(()) => Told::of(item, "removed", None),
            Err(why) => Told::of(item, "left", Some(why.clone())),
        });
        self.things.splice(0..0, told);
        if format == Format::Json {
            return;
        }
        let left: Vec<_> =
            outcomes.iter().filter_map(|(item, outcome)| Some((item, outcome.as_ref().err()?))).collect();
        let mut lines = vec![format!("removed {}, left {}", outcomes.len() - left.len(), left.len())];
        lines.extend(left.into_iter().map(|(item, why)| format!("  {} could not be removed: {why}", item.name())));
        print(&format!("{}\n", lines.join("\n")));
    }

    /// Whether anything that was to be removed is left.
    pub(super) fn leaves(&self) -> bool {
        self.things.iter().any(|told| told.outcome == "left")
    }
}
