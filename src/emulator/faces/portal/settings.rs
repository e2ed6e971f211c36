//! Settings, APIs, Threat intel: the page of the guide's first step, field for field (enable-custom-ti, screenshot).
//!
//! The secret is shown on the page that answers the press of the button, and on no other. That page also carries the
//! file of "Save details to file" in itself, so that the secret is nowhere kept to be fetched later.

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use maud::{Markup, html};
use serde_json::json;

use crate::emulator::{
    answer::Answer,
    faces::{
        Call,
        portal::layout::{Page, Section},
    },
    tenant::{Tenant, application::APPLICATION_URI},
    tokens::{self, Grant, ISSUER, Proof},
};

/// The page's address.
pub(super) const PATH: &str = "/portal/settings/threat-intel";

/// What the page shows beside what the tenant always knows.
#[derive(Debug, Default)]
pub(super) struct Shown {
    /// The secret, right after it was made.
    pub(super) secret: Option<String>,
    /// An access token, right after it was made.
    pub(super) token: Option<String>,
}

/// What the fields name, and tokens are for.
const RESOURCE: &str = "https://graph.windows.net";

/// An access token, as the token endpoint would give one: good from five minutes ago on.
pub(super) fn token(tenant: &Tenant, now: Timestamp) -> String {
    tokens::issue(tenant, Grant { audience: RESOURCE, issuer: ISSUER, proof: Proof::Secret }, now).token
}

/// One field: its name on the page, its name in the file, its value.
struct Field {
    label: &'static str,
    key: &'static str,
    value: Option<String>,
}

/// The fields in the page's order; a value that is not shown is none.
fn fields(tenant: &Tenant, call: &Call<'_>, shown: &Shown) -> [Field; 5] {
    let field = |label, key, value: String| Field { label, key, value: Some(value) };
    [
        field("Application URI", "applicationUri", APPLICATION_URI.to_owned()),
        field("Client ID", "clientId", tenant.application().client_id().to_owned()),
        field("Authorization server URL", "authorizationServerUrl", authorization_url(tenant, call)),
        field("Resource", "resource", RESOURCE.to_owned()),
        Field { label: "Client secret", key: "clientSecret", value: shown.secret.clone() },
    ]
}

/// Where the client gets its tokens, by the name under which it reached this page.
fn authorization_url(tenant: &Tenant, call: &Call<'_>) -> String {
    let origin = call.base.strip_suffix("/portal").unwrap_or("https://login.windows.net");
    format!("{origin}/{}/oauth2/token", tenant.id())
}

fn file(fields: &[Field]) -> Vec<u8> {
    let members = fields.iter().map(|field| (field.key.to_owned(), json!(field.value))).collect();
    let mut text = format!("{:#}", serde_json::Value::Object(members));
    text.push('\n');
    text.into_bytes()
}

/// The page.
pub(super) fn page(tenant: &Tenant, call: &Call<'_>, shown: &Shown, now: Timestamp) -> Answer {
    let main = if tenant.application().enabled() { enabled(tenant, call, shown) } else { disabled() };
    Page { status: 200, title: "Threat intel", section: Section::Settings, main }.answer(now)
}

/// The file of "Save details to file", without the secret: who did not save it when it was shown makes a new one.
pub(super) fn details(tenant: &Tenant, call: &Call<'_>) -> Answer {
    Answer::of(200, "application/json; charset=utf-8", file(&fields(tenant, call, &Shown::default())))
        .with("content-disposition", "attachment; filename=\"threat-intel-details.json\"")
        .with("cache-control", "no-store")
}

fn heading() -> Markup {
    html! {
        h1 { "Threat intel" }
        p.soft { "Settings, APIs, Threat intel" }
    }
}

fn disabled() -> Markup {
    let labels = ["Application URI", "Client ID", "Authorization server URL", "Resource", "Client secret"];
    html! {
        (heading())
        (button("enable", "Enable threat intel API", true))
        h2 { "Gaining access to threat intelligence API" }
        @for label in labels { (empty_field(label)) }
        p { button type="button" disabled { "Save details to file" } }
        h2 { "API tokens generator" }
        @for label in ["Access token", "Refresh token"] { (empty_field(label)) }
        p { button type="button" disabled { "Generate tokens" } }
    }
}

fn enabled(tenant: &Tenant, call: &Call<'_>, shown: &Shown) -> Markup {
    let fields = fields(tenant, call, shown);
    html! {
        (heading())
        p { "The threat intelligence API is enabled." }
        (button("disable", "Disable threat intel API", false))
        p.soft { "Disabled and enabled again, it has a new client secret, and the old one is worth nothing." }
        h2 { "Gaining access to threat intelligence API" }
        @for field in &fields {
            @match &field.value {
                Some(value) => (shown_field(field.label, field.key, value)),
                None => (masked_field(field.label, field.key)),
            }
        }
        @if shown.secret.is_some() {
            p.note role="status" {
                strong { "Warning: " }
                "the client secret is shown this once. Keep it: it is needed to generate tokens."
            }
            p { a.button download="threat-intel-details.json" href=(embedded(&file(&fields))) { "Save details to file" } }
        } @else {
            p.soft { "The client secret was shown once, when it was made." }
            p { a.button download href={ (PATH) "/details.json" } { "Save details to file" } }
        }
        h2 { "API tokens generator" }
        (tokens(shown))
        (button("tokens", "Generate tokens", false))
    }
}

fn tokens(shown: &Shown) -> Markup {
    html! {
        p.soft { "An access token lasts an hour unless a knob says otherwise." }
        @match &shown.token {
            Some(token) => {
                (shown_field("Access token", "accessToken", token))
                (empty_field("Refresh token"))
                p.soft { "The emulator gives no refresh tokens: they belong to a person's login, which it does not have." }
            }
            None => @for label in ["Access token", "Refresh token"] { (empty_field(label)) }
        }
    }
}

fn button(action: &str, label: &str, main: bool) -> Markup {
    html! {
        form method="post" action={ (PATH) "/" (action) } {
            button type="submit" class=[main.then_some("main")] { (label) }
        }
    }
}

fn shown_field(label: &str, id: &str, value: &str) -> Markup {
    html! {
        div.field {
            label for=(id) { (label) }
            input id=(id) type="text" readonly value=(value);
            button type="button" hidden data-copies=(id) aria-label={ "Copy " (label) } { "Copy" }
        }
    }
}

fn masked_field(label: &str, id: &str) -> Markup {
    html! {
        div.field {
            label for=(id) { (label) }
            input id=(id) type="text" readonly value="********" aria-describedby="masked";
            span.soft id="masked" { "not shown again" }
        }
    }
}

fn empty_field(label: &str) -> Markup {
    let id = label.replace(' ', "");
    html! {
        div.field {
            label for=(id) { (label) }
            input id=(id) type="text" disabled value="";
        }
    }
}

fn embedded(file: &[u8]) -> String {
    format!("data:application/json;base64,{}", STANDARD.encode(file))
}
