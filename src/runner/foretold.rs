//! What alerts a suite will raise, as far as its features say so before anything runs.

use crate::{
    domain::{marker::Marker, service::Service},
    runner::{drive, suite::Suite},
    steps::phrase::guide,
};

/// The title that the alert of each drill is expected to have, in the order of the suite.
pub fn titles(suite: &Suite, service: Service, run: u64) -> Vec<String> {
    let drills = suite.features.iter().flat_map(|feature| {
        feature.drills.iter().map(move |place| {
            let drill = feature.drill(*place);
            let marker = Marker::of(run, &drive::id_on(service, &feature.file, drill.position.line));
            title(&drill.steps, &marker)
        })
    });
    drills.collect()
}

fn title(steps: &[gherkin::Step], marker: &Marker) -> String {
    let rows = steps.iter().filter_map(|step| step.table.as_ref()).flat_map(|table| &table.rows);
    let mut written = rows.filter(|row| row.len() == 2 && row[0].eq_ignore_ascii_case("title"));
    if let Some(row) = written.next() {
        return marker.fill(&row[1]);
    }
    if steps.iter().any(|step| step.value.starts_with("the guide's alert definition")) {
        return guide().0.title;
    }
    format!("Alert drill {marker}")
}
