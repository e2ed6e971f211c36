//! One of many that is refused: an error of its own, and of nothing beside it.

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
