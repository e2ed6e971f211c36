//! The control face: for tests, in any language, to steer the tenant and to look into it.
//!
//! In reading order: this file (which operation a request is for, and who may ask), [`body`] (what a request says),
//! [`tenant`] (clock, state, switches, knobs and faults), [`devices`] (devices and what they do), [`custom`] (what people
//! do in the portal of today), [`rules`] (detection rules), [`application`] (its credentials and roles). The routes are at
//! once what is served and what is documented. There is no login; but a browser's pages are kept out.

mod application;
mod body;
mod custom;
mod devices;
mod rules;
mod tenant;

use serde_json::{Value, json};

use crate::emulator::{
    Emulator,
    answer::Answer,
    faces::{Call, caller},
    faults::rule,
    knobs::Knobs,
};

/// An operation of the control face.
struct Route {
    method: &'static str,
    /// The path below the face; a segment in braces stands for any.
    path: &'static str,
    /// The shape of the request's body; empty for none.
    body: &'static str,
    meaning: &'static str,
    work: Work,
}

/// What an operation does.
enum Work {
    /// Nothing can be wrong with the request.
    Sure(fn(&Ask<'_>) -> Answer),
    /// The request may be refused.
    Checked(fn(&Ask<'_>) -> Result<Answer, Answer>),
}

/// A request for an operation.
struct Ask<'a> {
    emulator: &'a Emulator,
    call: &'a Call<'a>,
    /// What stands for the segments in braces.
    names: Vec<&'a str>,
}

impl Ask<'_> {
    /// What stands for the first segment in braces; empty where the route has none.
    fn name(&self) -> &str {
        self.names.first().copied().unwrap_or_default()
    }
}

static ROUTES: [Route; 15] = [
    Route { method: "GET", path: "", body: "", meaning: "this documentation", work: Work::Sure(documentation) },
    Route {
        method: "POST",
        path: "advance",
        body: r#"{"seconds": 1200}"#,
        meaning: "moves the emulated clock forward, decimals allowed; 409 where the clock cannot be moved",
        work: Work::Checked(tenant::advance),
    },
    Route {
        method: "GET",
        path: "state",
        body: "",
        meaning: "the whole tenant, with alerts that cannot be read yet; never a secret",
        work: Work::Sure(tenant::state),
    },
    Route { method: "GET", path: "devices", body: "", meaning: "every device", work: Work::Sure(devices::list) },
    Route {
        method: "PUT",
        path: "devices/{name}",
        body: r#"{"onboarded": true}"#,
        meaning: "adds a device, or changes whether its sensor reports",
        work: Work::Checked(devices::put),
    },
    Route {
        method: "POST",
        path: "devices/{name}/files",
        body: r#"{"name": "tool.exe", "content": "<Base64>"}"#,
        meaning: "the device writes a file and runs it; answers its hashes",
        work: Work::Checked(devices::file),
    },
    Route {
        method: "POST",
        path: "devices/{name}/connections",
        body: r#"{"host": "evil.example", "port": 443}"#,
        meaning: "the device connects to a host, or to an `address` in place of it",
        work: Work::Checked(devices::connection),
    },
    Route {
        method: "PUT",
        path: "api",
        body: r#"{"enabled": false}"#,
        meaning: "switches the threat intelligence API of the tenant on or off",
        work: Work::Checked(tenant::switch_api),
    },
    Route {
        method: "POST",
        path: "secret",
        body: r#"{"expire": true}"#,
        meaning: "lets the client secret expire; without a body makes a new one, which is shown this once",
        work: Work::Checked(tenant::secret),
    },
    Route {
        method: "GET",
        path: "knobs",
        body: "",
        meaning: "every knob with its value",
        work: Work::Sure(tenant::knobs),
    },
    Route {
        method: "PATCH",
        path: "knobs",
        body: r#"{"propagationSeconds": 60}"#,
        meaning: "sets those knobs that are named, all or none; what is on its way already keeps its pace",
        work: Work::Checked(tenant::set_knobs),
    },
    Route {
        method: "GET",
        path: "faults",
        body: "",
        meaning: "every fault that is on",
        work: Work::Sure(tenant::faults),
    },
    Route {
        method: "POST",
        path: "faults",
        body: r#"{"kind": "status", "status": 503, "times": 2, "match": {"face": "legacy"}}"#,
        meaning: "switches a fault on; answers it with its id",
        work: Work::Checked(tenant::add_fault),
    },
    Route {
        method: "DELETE",
        path: "faults",
        body: "",
        meaning: "switches every fault off",
        work: Work::Sure(tenant::clear_faults),
    },
    Route {
        method: "DELETE",
        path: "faults/{id}",
        body: "",
        meaning: "switches a fault off",
        work: Work::Checked(tenant::remove_fault),
    },
];

/// Every operation.
fn routes() -> impl Iterator<Item = &'static Route> {
    ROUTES.iter().chain(&application::ROUTES).chain(&rules::ROUTES).chain(&custom::ROUTES)
}

/// Answers a request to the control face.
pub(super) fn answer(emulator: &Emulator, call: &Call<'_>) -> Answer {
    if !caller::means_this_machine(call.request) {
        return Answer::message(
            403,
            "The control face is asked for by an address of this machine or as localhost, not by another name.",
        );
    }
    if caller::is_foreign(call.request) {
        return Answer::message(403, "The control face does not answer pages of other origins.");
    }
    let answer = routed(emulator, call).unwrap_or_else(|refusal| refusal);
    answer.with("cache-control", "no-store").with("x-content-type-options", "nosniff")
}

fn routed(emulator: &Emulator, call: &Call<'_>) -> Result<Answer, Answer> {
    let method = if call.request.method == "HEAD" { "GET" } else { call.request.method.as_str() };
    let mut allowed = Vec::new();
    for route in routes() {
        let Some(names) = names(route.path, &call.rest) else { continue };
        if route.method == method {
            let ask = Ask { emulator, call, names };
            return match route.work {
                Work::Sure(work) => Ok(work(&ask)),
                Work::Checked(work) => work(&ask),
            };
        }
        allowed.push(route.method);
    }
    if allowed.is_empty() {
        let known: Vec<_> = routes().map(|route| format!("{} {}", route.method, shown(route.path))).collect();
        return Err(Answer::json(404, &json!({"Message": "The control face has nothing here.", "known": known})));
    }
    if allowed.contains(&"GET") {
        allowed.push("HEAD");
    }
    let allowed = allowed.join(", ");
    Err(Answer::message(405, &format!("This can be asked for with {allowed}.")).with("allow", allowed))
}

/// What stands for the segments in braces, if `rest` has the form of `path`.
fn names<'a>(path: &str, rest: &'a [String]) -> Option<Vec<&'a str>> {
    let wanted: Vec<_> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    if wanted.len() != rest.len() {
        return None;
    }
    let mut names = Vec::new();
    for (wanted, given) in wanted.into_iter().zip(rest) {
        if wanted.starts_with('{') {
            names.push(given.as_str());
        } else if !wanted.eq_ignore_ascii_case(given) {
            return None;
        }
    }
    Some(names)
}

fn shown(path: &str) -> String {
    if path.is_empty() { "{control}".to_owned() } else { format!("{{control}}/{path}") }
}

fn documentation(ask: &Ask<'_>) -> Answer {
    let routes = routes().map(|route| {
        let mut json = json!({"method": route.method, "path": shown(route.path), "meaning": route.meaning});
        if let Ok(body) = serde_json::from_str::<Value>(route.body) {
            json["body"] = body;
        }
        json
    });
    let values = ask.emulator.with(|tenant, _| tenant.knobs.to_json());
    let mut knobs = Knobs::documentation();
    for knob in knobs.as_array_mut().into_iter().flatten() {
        let name = knob["name"].as_str().unwrap_or_default().to_owned();
        knob["value"] = values[name.as_str()].clone();
    }
    Answer::json(
        200,
        &json!({
            "about": "The control face of alertdrill's emulated tenant. Bodies are JSON; {control} is this address.",
            "now": ask.emulator.clock().now().to_string(),
            "routes": routes.collect::<Vec<_>>(),
            "faults": rule::documentation(),
            "knobs": knobs,
        }),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_body_is_json() {
        for route in routes() {
            assert!(route.body.is_empty() || serde_json::from_str::<Value>(route.body).is_ok(), "{}", route.body);
        }
    }

    #[test]
    fn segments_in_braces_stand_for_any() {
        let rest = ["devices".to_owned(), "pc 7".to_owned(), "Files".to_owned()];
        assert_eq!(names("devices/{name}/files", &rest), Some(vec!["pc 7"]));
        assert_eq!(names("devices/{name}", &rest), None);
        assert_eq!(names("", &[]), Some(vec![]));
    }
}
