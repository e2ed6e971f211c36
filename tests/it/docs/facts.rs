//! The tables of facts that a tenant's owner should know: what an alert is documented to look like, and what each cloud
//! lacks. Printed from the tables that the program goes by, so that what is told is what is done.

use std::fmt::Write as _;

use alertdrill::{
    domain::appearance::{Appearance, Class, Row, Says, TABLE},
    services::cloud::{Capability, Cloud},
};

use super::tables;

fn says(says: Says) -> String {
    match says {
        Says::Own => "the definition's".into(),
        Says::Fixed(text) => format!("\"{text}\""),
        Says::Either(text) => format!("the definition's, or \"{text}\""),
        Says::Generic => "the service's own words".into(),
    }
}

/// `title and severity: the definition's; category: "SuspiciousActivity"`
fn alert(alert: Appearance) -> String {
    let fields = [
        ("title", alert.title),
        ("severity", alert.severity),
        ("category", alert.category),
        ("description", alert.description),
    ];
    let mut told: Vec<(String, String)> = Vec::new();
    for (field, field_says) in fields {
        let text = says(field_says);
        match told.iter_mut().find(|(_, known)| *known == text) {
            Some((named, _)) => {
                named.push_str(", ");
                named.push_str(field);
            }
            None => told.push((field.to_owned(), text)),
        }
    }
    if told.len() == 1 {
        return format!("every text: {}", told[0].1);
    }
    told.into_iter().map(|(named, text)| format!("{named}: {text}")).collect::<Vec<_>>().join("; ")
}

fn row(row: &Row) -> String {
    let actions: Vec<_> = row.actions.iter().map(|action| format!("`{action}`")).collect();
    let actions = if actions.is_empty() { "any".into() } else { actions.join(", ") };
    let of = match (row.class, row.platform) {
        (Some(Class::File), _) => "files".into(),
        (Some(Class::Network), _) => "addresses, hosts, URLs".into(),
        (None, Some(platform)) => format!("anything on {platform}"),
        (None, None) => "anything".into(),
    };
    let mut looks = row.alert.map_or_else(|| "no alert".into(), alert);
    if row.engine {
        looks.push_str("; it may be the antivirus engine's");
    }
    let sure = if row.sure { "" } else { "; unsure" };
    format!("| `{}` | {actions} | {of} | {looks} | {}, {}{sure} |", row.service, row.source, row.date)
}

#[test]
fn what_an_alert_looks_like_is_what_the_drills_go_by() {
    let mut table = String::from("| service | action | on | alert | known from |\n|---|---|---|---|---|\n");
    for one in &TABLE {
        writeln!(table, "{}", row(one)).expect("written");
    }
    tables::hold("appearances", &table);
}

#[test]
fn what_a_cloud_lacks_is_what_drills_are_skipped_for() {
    let mut table =
        String::from("| cloud | tokens from | Defender for Endpoint API | Graph | lacks |\n|---|---|---|---|---|\n");
    let host = |url: &str| url.trim_start_matches("https://").to_owned();
    for cloud in Cloud::all() {
        let lacks: Vec<_> = Capability::ALL.into_iter().filter_map(|capability| cloud.lacks(capability)).collect();
        let lacks: Vec<_> = lacks.iter().map(|lack| format!("{} ({})", lack.reason, lack.source.date)).collect();
        let lacks = if lacks.is_empty() { "nothing that is known".into() } else { lacks.join("; ") };
        let endpoint = cloud.endpoint().map_or_else(|| "none".into(), host);
        let (name, login, graph) = (cloud.name(), host(cloud.login()), host(cloud.graph()));
        writeln!(table, "| `{name}` | {login} | {endpoint} | {graph} | {lacks} |").expect("written");
    }
    tables::hold("clouds", &table);
}
