//! One of many that is refused: an error of its own, and of nothing beside it.

use alertdrill::record::exchange::Exchange;
use serde_json::Value;

use super::{ALONE, CONTACT, ENDPOINT, PUBLISHED, misbehaves};

fn upload(told: &str) -> super::Sabotaged {
    ENDPOINT.run(&format!(
        "{ALONE}{}{PUBLISHED}    When 3 indicators are uploaded at once\n{told}{CONTACT}\
         \x20   Then an alert is raised within 30 minutes\n    And it is the only alert\n",
        misbehaves(&[("refuse-part", &[("status", "429"), ("path", "/import"), ("text", "bulk2-")])])
    ))
}

#[test]
fn an_indicator_of_an_import_that_is_refused_is_told_by_its_name_and_alone() {
    let ran = upload("    Then the tenant accepts it\n");
    ran.is("errored not-published", &["it refused 1 of 3: `bulk2-", "(Too many requests.)"]);
    assert!(!super::told(ran.drill()).contains("bulk1-"), "the others are not refused");
    ran.left_nothing();
    let deletes = ran.drill().exchanges.iter().filter(|exchange| exchange.method() == "DELETE").count();
    assert_eq!(deletes, 3, "the two that were taken, and the drill's own");
}

#[test]
fn what_stands_beside_a_refused_one_raises_its_alert() {
    upload("").is("passed", &[]).left_nothing();
}

#[test]
fn even_what_is_uploaded_many_at_once_has_an_end_of_its_own() {
    let ran = ENDPOINT.run(&format!(
        "{ALONE}    And an alert definition is published\n    When 3 indicators are uploaded at once\n\
         \x20   Then the tenant accepts it\n"
    ));
    ran.is("passed", &[]).left_nothing();
    let import = ran.drill().exchanges.iter().find(|exchange| exchange.url().ends_with("/import"));
    let sent: Value = serde_json::from_str(import.and_then(Exchange::request_body).expect("a body")).expect("JSON");
    for indicator in sent["Indicators"].as_array().expect("many") {
        assert!(indicator["expirationTime"].is_string(), "{indicator}");
    }
}
