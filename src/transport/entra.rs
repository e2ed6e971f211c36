//! What the codes of the token endpoint mean for a person.
//!
//! Texts change and codes are split up over the years, so this is a table with dates, and a code that is not in it
//! simply has no remedy. Collected from public recordings of 2016 to 2026.

/// Codes and their remedy, with the years in which they were seen.
const REMEDIES: [(&[&str], &str); 9] = [
    // 50012 to 2019, 7000215 from 2019.
    (
        &["AADSTS7000215", "AADSTS50012"],
        "the client secret is wrong: give its value, not its id, from the app registration",
    ),
    // From 2019 or later; before that, an expired secret was answered like a wrong one.
    (&["AADSTS7000222"], "the client secret has expired: make a new one in the app registration"),
    // 70001 to 2018, 700016 from 2018.
    (
        &["AADSTS700016", "AADSTS70001:"],
        "this tenant has no such application: check the client id, and the tenant in the authorization address",
    ),
    // From 2018.
    (
        &["AADSTS90002", "AADSTS900023"],
        "there is no such tenant: check the tenant in the authorization address, and the cloud it is in",
    ),
    // 50001 to 2018, 500011 after.
    (
        &["AADSTS500011", "AADSTS50001:"],
        "this tenant does not know the resource: check its address, and that the tenant has the product",
    ),
    (&["AADSTS70011"], "the scope is malformed: the resource must be the plain address of the API"),
    // 90014 to 2018, 900144 from 2019.
    (
        &["AADSTS900144", "AADSTS90014:"],
        "the token request lost a field on its way: check whether something in between rewrites requests",
    ),
    (&["AADSTS7000112"], "the application is disabled in this tenant: enable it, or use another"),
    (&["AADSTS53003"], "conditional access blocks the application: have it exempted, or run from an allowed place"),
];

/// What to do about an error of the token endpoint, by the code in its text.
pub(crate) fn remedy(text: &str) -> Option<&'static str> {
    REMEDIES.iter().find(|(codes, _)| codes.iter().any(|code| text.contains(code))).map(|(_, remedy)| *remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_of_either_era_has_the_remedy_and_one_that_merely_begins_alike_has_not() {
        let wrong_secret = remedy("invalid_client: AADSTS7000215: Invalid client secret is provided");
        assert!(wrong_secret.is_some_and(|text| text.contains("client secret is wrong")));
        assert_eq!(remedy("AADSTS70002: Error. AADSTS50012: Invalid client secret"), wrong_secret);
        assert!(remedy("AADSTS70001: Application with identifier").is_some());
        assert_eq!(remedy("AADSTS700012: something else"), None);
        assert_eq!(remedy("AADSTS999999: new"), None);
    }

    #[test]
    fn codes_that_share_their_first_digits_have_each_their_own_remedy() {
        for (codes, expected) in REMEDIES {
            for code in codes {
                let code = code.trim_end_matches(':');
                assert_eq!(remedy(&format!("some_error: {code}: text")), Some(expected), "{code}");
            }
        }
    }
}
