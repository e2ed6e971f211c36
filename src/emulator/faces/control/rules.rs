//! Detection rules: what the service does to one of its own accord.

use serde_json::json;

use crate::emulator::{
    answer::Answer,
    faces::control::{Ask, Route, Work},
};

pub(super) static ROUTES: [Route; 1] = [Route {
    method: "POST",
    path: "rules/{id}/auto-disable",
    body: "",
    meaning: "switches a detection rule off as the service does (status autoDisabled)",
    work: Work::Checked(auto_disable),
}];

fn auto_disable(ask: &Ask<'_>) -> Result<Answer, Answer> {
    if ask.emulator.with(|tenant, now| tenant.auto_disable_rule(ask.name(), now)) {
        Ok(Answer::json(200, &json!({"status": "autoDisabled"})))
    } else {
        Err(Answer::message(404, "There is no detection rule of this id."))
    }
}
