//! What the codes of the token endpoint mean for a person.
//!
//! Microsoft splits codes up over the years and asks clients to go by `error`, so this is a table with dates, and a
//! code that is not in it is answered by its `error` alone. Collected from Microsoft's reference of the codes
//! (2024-04-24), its troubleshooting articles, and public recordings of 2016 to 2026.

/// What one or more codes mean, and what to do about it.
struct Row {
    codes: &'static [u32],
    /// What the text has to say for the row to hold; empty is whatever it says.
    says: &'static str,
    /// The meaning, a colon, and what to do.
    remedy: &'static str,
}

const fn row(codes: &'static [u32], remedy: &'static str) -> Row {
    Row { codes, says: "", remedy }
}

const WRONG_SECRET: &str = "the client secret is wrong: set ALERTDRILL_CLIENT_SECRET to the secret's value, not its id (Entra admin center, App \
     registrations, the application, Certificates & secrets)";

const NO_SUCH_APPLICATION: &str = "this tenant has no such application: check `client_id` in the tenant's table, and that the token endpoint names the \
     tenant in which the application is registered";

/// The table. Of several rows for a code, the first whose words are in the text holds.
const ROWS: [Row; 31] = [
    // From 2019; before that 50012, which since means certificates as well.
    row(&[7_000_215], WRONG_SECRET),
    Row { codes: &[50_012], says: "client secret", remedy: WRONG_SECRET },
    // From 2019 or later; before that, an expired secret was answered like a wrong one.
    row(
        &[7_000_222],
        "the client secret has expired: make a new one (Entra admin center, App registrations, the application, \
         Certificates & secrets, or `az ad app credential reset --id <client id> --append`)",
    ),
    // 70001 to 2018, 700016 from 2018.
    row(&[700_016, 700_011], NO_SUCH_APPLICATION),
    Row { codes: &[70_001], says: "not found", remedy: NO_SUCH_APPLICATION },
    // Recorded 2024 to 2026.
    row(
        &[7_000_229],
        "the application is registered but not present in this tenant: have an administrator consent to it, or run \
         `az ad sp create --id <client id>`",
    ),
    // From 2018; 900021 and 900023 are names that cannot be a tenant's.
    row(
        &[90_002, 900_021, 900_023],
        "there is no such tenant: check the tenant in the token endpoint (Entra admin center, Overview, Tenant ID), and \
         that `cloud` is the cloud it is in",
    ),
    row(
        &[90_038, 900_382, 900_432],
        "the tenant is in another cloud: set `cloud` in the tenant's table to the one it is in",
    ),
    // 50001 to 2018, 500011 after.
    row(
        &[500_011, 50_001],
        "this tenant does not know the resource: check that it is the one of the tenant's cloud, and that the tenant has \
         the product (Defender for Endpoint's is the enterprise application WindowsDefenderATP)",
    ),
    row(
        &[650_057, 650_056],
        "the application asks for a resource that is not among its permissions: add one of that API (App registrations, \
         the application, API permissions) and have an administrator consent",
    ),
    row(
        &[70_011, 28_002, 28_003, 1_002_012, 700_022, 700_023],
        "the scope is malformed: it has to be the address of one API with `/.default` behind it, as in \
         https://graph.microsoft.com/.default",
    ),
    // 90014 to 2018, 900144 from 2019.
    row(
        &[900_144, 90_014],
        "the token request lost a field on its way: check whether something in between rewrites requests",
    ),
    row(&[7_000_218], "no proof of identity arrived: check whether something in between rewrites requests"),
    row(
        &[901_002],
        "this is the v2 token endpoint, and it was asked as the v1 one is: give its address as `token_url`, not \
         `authorization_url`",
    ),
    row(
        &[70_003, 900_561],
        "the token endpoint does not take this kind of request: check that its address ends in `/oauth2/v2.0/token` or \
         `/oauth2/token`, and whether something in between rewrites requests",
    ),
    row(
        &[9_001_023, 90_130, 90_124, 50_194],
        "the token endpoint is one that all tenants share: name the tenant's own id or domain in it instead of `common`, \
         `organizations` or `consumers`",
    ),
    // Two forms of 700027 were recorded, told apart by their reason; the code of an end that has passed is 7000274 too.
    Row {
        codes: &[700_027],
        says: "expired",
        remedy: "the certificate has expired: register a new one (Entra admin center, App registrations, the \
                 application, Certificates & secrets, Certificates) and name its file in `certificate_file`",
    },
    row(
        &[1_000_502, 7_000_274],
        "the certificate is outside its time: register a new one (Entra admin center, App registrations, the \
         application, Certificates & secrets, Certificates) and name its file in `certificate_file`",
    ),
    row(
        &[700_027, 50_012, 700_030],
        "the certificate is not registered for this application: upload its public part (Entra admin center, App \
         registrations, the application, Certificates & secrets, Certificates), and give it a few minutes",
    ),
    row(
        &[7_000_214, 7_000_277],
        "the certificate was revoked: register another, and name its file in `certificate_file`",
    ),
    row(
        &[700_024, 500_133],
        "the assertion is outside its time: set this machine's clock; a federated assertion has to be fresh, so have the \
         job fetch another, or let `federated_from` do it",
    ),
    row(
        &[50_027],
        "the assertion is no JSON web token: check that `federated_file`, or the variable of the job, holds nothing else",
    ),
    row(
        &[700_025],
        "the application is registered as a public client: set \"Allow public client flows\" to No (App registrations, \
         the application, Authentication)",
    ),
    row(
        &[70_025],
        "the application trusts no issuer yet: add a federated credential (App registrations, the application, \
         Certificates & secrets, Federated credentials)",
    ),
    // 70021 older, 700211 to 700213 newer and told apart by what does not match; the text names what was presented.
    row(
        &[70_021, 700_211, 700_212, 700_213],
        "the federated credential is for another issuer, subject or audience: make it the same as what the job presents, \
         letter for letter (App registrations, the application, Certificates & secrets, Federated credentials); the \
         audience is normally api://AzureADTokenExchange",
    ),
    row(
        &[53_003, 530_032, 530_035],
        "conditional access blocks the application: have an administrator exempt it (Entra admin center, Protection, \
         Conditional Access, Policies), or run from a place that is allowed",
    ),
    row(
        &[50_196],
        "too many identical token requests in a short time: wait some minutes, and look for something else that asks with \
         the same application",
    ),
    // 7000112 recorded 2020 to 2026; 70001 since 2018, where the text does not say that it was not found.
    row(
        &[7_000_112, 70_001],
        "the application is disabled in this tenant: enable it (Entra admin center, Enterprise applications, the \
         application, Properties, Enabled for users to sign-in)",
    ),
    row(&[500_021, 500_022, 50_002], "a proxy allows only certain tenants: have whoever runs it add this one"),
    row(
        &[90_023, 90_004, 90_013, 90_100, 9_002_313],
        "the token endpoint does not understand the request: check `client_id` and the endpoint for stray characters, and \
         whether something in between rewrites requests",
    ),
    row(&[90_006, 90_012, 90_024, 90_033, 90_055, 90_090], "the token endpoint is busy: try again later"),
];

/// What the `error` of the protocol means where its code is not known (RFC 6749, section 5.2, and Microsoft's own).
const ERRORS: [(&str, &str); 10] = [
    (
        "invalid_client",
        "the application's proof of identity was refused: check the secret, certificate or federated credential that is \
         registered for it (Entra admin center, App registrations, the application, Certificates & secrets)",
    ),
    (
        "unauthorized_client",
        "the application may not have a token here: check `client_id`, the tenant in the token endpoint, and that an \
         administrator consented",
    ),
    ("invalid_tenant", "there is no such tenant: check the tenant in the token endpoint, and `cloud`"),
    (
        "invalid_resource",
        "this tenant does not know the resource: check that it is the one of its cloud, and that it has the product",
    ),
    ("invalid_scope", "the scope was refused: it has to be the address of one API with `/.default` behind it"),
    (
        "invalid_request",
        "the token request was refused as malformed: check the token endpoint's address, and whether something in \
         between rewrites requests",
    ),
    ("invalid_grant", "the token request was refused: the assertion may be used up or too old; try again"),
    (
        "unsupported_grant_type",
        "the token endpoint does not know client credentials: check that its address ends in `/oauth2/v2.0/token` or \
         `/oauth2/token`",
    ),
    (
        "interaction_required",
        "a policy of the tenant wants a person to sign in: have an administrator exempt the application",
    ),
    ("temporarily_unavailable", "the token endpoint is busy: try again later"),
];

/// What to do about an error of the token endpoint, by the codes in its text, or else by its `error`.
pub(crate) fn remedy(text: &str) -> Option<&'static str> {
    codes(text).find_map(|code| by_code(code, text)).or_else(|| by_error(text))
}

fn by_code(code: u32, text: &str) -> Option<&'static str> {
    ROWS.iter().find(|row| row.codes.contains(&code) && text.contains(row.says)).map(|row| row.remedy)
}

/// `invalid_client`, or `invalid_client: AADSTS999999: …`.
fn by_error(text: &str) -> Option<&'static str> {
    let error = text.split(':').next().unwrap_or_default().trim();
    ERRORS.iter().find(|(known, _)| *known == error).map(|(_, remedy)| *remedy)
}

/// The numbers behind every `AADSTS` of the text, in their order.
fn codes(text: &str) -> impl Iterator<Item = u32> {
    text.split("AADSTS").skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        rest[..end].parse().ok()
    })
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
        assert_eq!(remedy("AADSTS99999999999999999999: a number that is none"), None);
    }

    #[test]
    fn a_code_that_changed_its_meaning_is_read_with_its_text() {
        let says = |text: &str, words: &str| assert!(remedy(text).is_some_and(|told| told.contains(words)), "{text}");
        says("AADSTS70001: Application with identifier 'x' was not found in the directory", "no such application");
        says("AADSTS70001: Application 'x' is disabled", "is disabled");
        says("AADSTS50012: Client assertion contains an invalid signature", "not registered");
        says(
            "AADSTS700027: Client assertion contains an invalid signature. [Reason - The key used is expired.",
            "expired",
        );
        says(
            "AADSTS700027: The certificate with identifier used to sign the client assertion is not registered",
            "upload",
        );
    }

    #[test]
    fn a_code_that_is_not_known_is_answered_by_its_error() {
        let told = remedy("invalid_client: AADSTS999999: Something new");
        assert!(told.is_some_and(|text| text.contains("Certificates & secrets")));
        assert_eq!(remedy("invalid_client"), told);
        assert_eq!(remedy("an_error_of_tomorrow: AADSTS999999: Something new"), None);
        assert_eq!(remedy("no words with it"), None);
    }

    #[test]
    fn codes_that_share_their_first_digits_have_each_their_own_remedy() {
        for (index, row) in ROWS.iter().enumerate() {
            for code in row.codes {
                let text = format!("some_error: AADSTS{code}: {}", row.says);
                let shadowed =
                    ROWS[..index].iter().any(|above| above.codes.contains(code) && text.contains(above.says));
                assert!(!shadowed, "a row above answers {code} before this one");
                assert_eq!(remedy(&text), Some(row.remedy), "{code}");
            }
        }
    }

    #[test]
    fn every_remedy_says_what_it_means_and_what_to_do() {
        let remedies = ROWS.iter().map(|row| row.remedy).chain(ERRORS.iter().map(|(_, remedy)| *remedy));
        for remedy in remedies {
            let (meaning, what_to_do) = remedy.split_once(": ").unwrap_or_default();
            assert!(!meaning.is_empty() && what_to_do.len() > 10, "{remedy}");
        }
    }
}
