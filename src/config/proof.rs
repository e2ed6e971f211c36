//! What an application proves its identity with: one of a secret, a certificate, and another issuer's word.

use std::path::{Path, PathBuf};

use url::Url;

use crate::{
    auth::{
        certificate::{Certificate, Signature},
        federated::Issuer,
    },
    config::{environment::Environment, error::ConfigError, file::Table, place::Place},
    transport::secret::Secret,
};

/// The one proof that a tenant's table and the environment give.
#[derive(Debug, Clone)]
pub enum Proof {
    /// `ALERTDRILL_CLIENT_SECRET`, or what an emulator handed out.
    Secret(Secret),
    /// `certificate_file`, read.
    Certificate(Certificate),
    /// `federated_file` or `federated_from`.
    Federated(Issuer),
}

/// Who can be named in `federated_from`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum From {
    GitHubActions,
    AzurePipelines,
    GitLab,
    WorkloadIdentity,
}

const FROM: [(&str, From); 4] = [
    ("github-actions", From::GitHubActions),
    ("azure-pipelines", From::AzurePipelines),
    ("gitlab", From::GitLab),
    ("workload-identity", From::WorkloadIdentity),
];

/// The variable of the client secret.
const SECRET: &str = "ALERTDRILL_CLIENT_SECRET";

impl Proof {
    /// The address that is asked for it, where one is.
    pub fn address(&self) -> Option<&Url> {
        match self {
            Self::Federated(issuer) => issuer.address(),
            Self::Secret(_) | Self::Certificate(_) => None,
        }
    }

    /// The proof that is given. What an emulator handed out, `handed_out`, counts where nothing else is.
    pub(crate) fn of(
        place: &Place<'_>,
        table: &Table,
        environment: &Environment,
        handed_out: Option<String>,
    ) -> Result<Self, ConfigError> {
        let from = place.word("federated_from", table.federated_from.as_deref(), &FROM)?;
        only_one(place, table, environment)?;
        no_part_without_its_whole(place, table, from)?;
        if let Some(file) = &table.certificate_file {
            return certificate(place, table, Path::new(file)).map(Self::Certificate);
        }
        if let Some(file) = &table.federated_file {
            return Ok(Self::Federated(Issuer::File(PathBuf::from(file))));
        }
        if let Some(from) = from {
            return issuer(place, table, environment, from).map(Self::Federated);
        }
        let secret = environment.get(SECRET).map(str::to_owned).or(handed_out).ok_or_else(|| {
            let hint = "set ALERTDRILL_CLIENT_SECRET in the environment, or prove the application's identity with \
                        `certificate_file`, `federated_file` or `federated_from`";
            place.wrong("client_secret", "there is none", hint)
        })?;
        Ok(Self::Secret(Secret::new(secret)))
    }
}

fn only_one(place: &Place<'_>, table: &Table, environment: &Environment) -> Result<(), ConfigError> {
    let given: Vec<_> = [
        (SECRET, environment.is_set(SECRET)),
        ("certificate_file", table.certificate_file.is_some()),
        ("federated_file", table.federated_file.is_some()),
        ("federated_from", table.federated_from.is_some()),
    ]
    .into_iter()
    .filter_map(|(name, is_given)| is_given.then_some(name))
    .collect();
    let Some((second, others)) = given.split_last().filter(|(_, others)| !others.is_empty()) else { return Ok(()) };
    let problem = format!("it is given beside {}", others.join(" and "));
    Err(place.wrong(second, problem, "leave exactly one proof of the application's identity"))
}

fn no_part_without_its_whole(place: &Place<'_>, table: &Table, from: Option<From>) -> Result<(), ConfigError> {
    if table.certificate_signature.is_some() && table.certificate_file.is_none() {
        return Err(place.wrong(
            "certificate_signature",
            "there is no certificate to sign with",
            "name its file in `certificate_file`, or leave this out",
        ));
    }
    if table.service_connection.is_some() && from != Some(From::AzurePipelines) {
        return Err(place.wrong(
            "service_connection",
            "only Azure Pipelines has one",
            "set `federated_from` to \"azure-pipelines\", or leave this out",
        ));
    }
    Ok(())
}

fn certificate(place: &Place<'_>, table: &Table, file: &Path) -> Result<Certificate, ConfigError> {
    let signatures = [Signature::Ps256, Signature::Rs256].map(|signature| (signature.word(), signature));
    let signature = place.word("certificate_signature", table.certificate_signature.as_deref(), &signatures)?;
    Certificate::read(file, signature.unwrap_or_default()).map_err(|(path, error)| {
        let hint = "name a file in PEM that holds the application's certificate and its RSA private key";
        place.wrong("certificate_file", format!("{} cannot be used: {error}", path.display()), hint)
    })
}

fn issuer(place: &Place<'_>, table: &Table, environment: &Environment, from: From) -> Result<Issuer, ConfigError> {
    let variable = |name: &str, hint: &str| {
        let value = environment.get(name).map(str::to_owned);
        value.ok_or_else(|| place.wrong("federated_from", format!("{name} is not set"), hint))
    };
    let address = |name: &str, hint: &str| {
        let url = place.url("federated_from", &variable(name, hint)?);
        url.map_err(|error| place.wrong("federated_from", format!("{name}: {}", error.problem), hint))
    };
    Ok(match from {
        From::GitHubActions => {
            let hint = "give the job `permissions: id-token: write`: GitHub Actions then sets it";
            Issuer::GitHubActions {
                url: address("ACTIONS_ID_TOKEN_REQUEST_URL", hint)?,
                token: Secret::new(variable("ACTIONS_ID_TOKEN_REQUEST_TOKEN", hint)?),
            }
        }
        From::AzurePipelines => {
            let hint = "map it into the step that runs alertdrill: `env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)`";
            let connection = table.service_connection.clone();
            let connection =
                connection.or(environment.get("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID").map(str::to_owned));
            Issuer::AzurePipelines {
                url: address("SYSTEM_OIDCREQUESTURI", "run in a job of Azure Pipelines, which sets it")?,
                token: Secret::new(variable("SYSTEM_ACCESSTOKEN", hint)?),
                connection: connection.ok_or_else(|| {
                    let hint = "set it to the id of the pipeline's service connection (`resourceId` in the address of \
                                its page)";
                    place.wrong("service_connection", "it is not set", hint)
                })?,
            }
        }
        From::GitLab => {
            let hint =
                "have the job ask for it: `id_tokens: ALERTDRILL_FEDERATED_TOKEN: aud: api://AzureADTokenExchange`";
            Issuer::Text(Secret::new(variable("ALERTDRILL_FEDERATED_TOKEN", hint)?))
        }
        From::WorkloadIdentity => {
            let hint =
                "the platform sets it for a workload with an identity; otherwise name the file in `federated_file`";
            Issuer::File(PathBuf::from(variable("AZURE_FEDERATED_TOKEN_FILE", hint)?))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/certificate/application.pem");

    fn of(table: &Table, variables: &[(&str, &str)]) -> Result<Proof, ConfigError> {
        let place = Place { tenant: "prod", file: "alertdrill.toml" };
        Proof::of(&place, table, &Environment::with(variables), None)
    }

    fn from(name: &str) -> Table {
        Table { federated_from: Some(name.into()), ..Table::default() }
    }

    #[test]
    fn each_proof_is_found_where_it_is_given() {
        let by_file = Table { certificate_file: Some(PEM.into()), ..Table::default() };
        let certificate = of(&by_file, &[]).expect("it can be used");
        assert!(format!("{certificate:?}").starts_with("Certificate(Certificate(PS256 "), "{certificate:?}");
        let older = of(&Table { certificate_signature: Some("RS256".into()), ..by_file }, &[]);
        assert!(format!("{older:?}").contains("RS256"), "{older:?}");
        let secret = of(&Table::default(), &[("ALERTDRILL_CLIENT_SECRET", "x")]);
        assert!(matches!(secret, Ok(Proof::Secret(secret)) if secret.expose() == "x"));
        let file = of(&Table { federated_file: Some("token".into()), ..Table::default() }, &[]);
        assert!(matches!(file, Ok(Proof::Federated(Issuer::File(path))) if path == Path::new("token")));
    }

    #[test]
    fn each_issuer_is_given_what_its_platform_sets() {
        let github =
            [("ACTIONS_ID_TOKEN_REQUEST_URL", "https://gh.example/t?v=2"), ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "g")];
        let found = of(&from("github-actions"), &github).expect("it is whole");
        assert!(matches!(found, Proof::Federated(Issuer::GitHubActions { token, .. }) if token.expose() == "g"));
        let azure = [("SYSTEM_OIDCREQUESTURI", "https://dev.example/oidctoken"), ("SYSTEM_ACCESSTOKEN", "a")];
        let named = Table { service_connection: Some("c1".into()), ..from("azure-pipelines") };
        let found = of(&named, &azure).expect("it is whole");
        assert!(matches!(found, Proof::Federated(Issuer::AzurePipelines { connection, .. }) if connection == "c1"));
        let by_task = [azure[0], azure[1], ("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID", "c2")];
        let found = of(&from("azure-pipelines"), &by_task).expect("it is whole");
        assert!(matches!(found, Proof::Federated(Issuer::AzurePipelines { connection, .. }) if connection == "c2"));
        let found = of(&from("gitlab"), &[("ALERTDRILL_FEDERATED_TOKEN", "t")]).expect("it is whole");
        assert!(matches!(found, Proof::Federated(Issuer::Text(text)) if text.expose() == "t"));
        let found = of(&from("workload-identity"), &[("AZURE_FEDERATED_TOKEN_FILE", "/t")]).expect("it is whole");
        assert!(matches!(found, Proof::Federated(Issuer::File(path)) if path == Path::new("/t")));
    }

    #[test]
    fn two_proofs_are_refused_and_both_are_named() {
        let secret = [("ALERTDRILL_CLIENT_SECRET", "hunter2")];
        let file = Table { certificate_file: Some(PEM.into()), ..Table::default() };
        let both = Table { federated_file: Some("token".into()), ..file.clone() };
        for (table, variables, key, other) in [
            (file, &secret[..], "certificate_file", "ALERTDRILL_CLIENT_SECRET"),
            (both, &[][..], "federated_file", "certificate_file"),
            (from("gitlab"), &secret[..], "federated_from", "ALERTDRILL_CLIENT_SECRET"),
        ] {
            let error = of(&table, variables).expect_err("there are two");
            assert_eq!(error.key, format!("tenants.prod.{key}"));
            assert_eq!(error.problem, format!("it is given beside {other}"));
        }
    }

    #[test]
    fn what_is_missing_or_wrong_is_named_with_what_to_do_and_no_secret_is_shown() {
        let azure = [("SYSTEM_OIDCREQUESTURI", "https://dev.example/"), ("SYSTEM_ACCESSTOKEN", "hunter2")];
        let github = [("ACTIONS_ID_TOKEN_REQUEST_URL", "hunter2"), ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "hunter2")];
        let certificate = |file: &str| Table { certificate_file: Some(file.into()), ..Table::default() };
        let odd = Table { certificate_signature: Some("HS256".into()), ..certificate(PEM) };
        let lonely = Table { certificate_signature: Some("PS256".into()), ..Table::default() };
        let nobodys = Table { service_connection: Some("c".into()), ..from("gitlab") };
        for (table, variables, key, told) in [
            (Table::default(), &[][..], "client_secret", "`certificate_file`"),
            (from("jenkins"), &[], "federated_from", "github-actions, azure-pipelines, gitlab or workload-identity"),
            (from("github-actions"), &[], "federated_from", "ACTIONS_ID_TOKEN_REQUEST_URL is not set"),
            (from("github-actions"), &github, "federated_from", "ACTIONS_ID_TOKEN_REQUEST_URL: relative URL"),
            (from("github-actions"), &github[..0], "federated_from", "id-token: write"),
            (from("azure-pipelines"), &azure[..1], "federated_from", "SYSTEM_ACCESSTOKEN: $(System.AccessToken)"),
            (from("azure-pipelines"), &azure, "service_connection", "`resourceId`"),
            (from("gitlab"), &[], "federated_from", "id_tokens: ALERTDRILL_FEDERATED_TOKEN"),
            (from("workload-identity"), &[], "federated_from", "AZURE_FEDERATED_TOKEN_FILE is not set"),
            (certificate("/nowhere/app.pem"), &[], "certificate_file", "/nowhere/app.pem cannot be used"),
            (odd, &[], "certificate_signature", "write PS256 or RS256"),
            (lonely, &[], "certificate_signature", "`certificate_file`"),
            (nobodys, &[], "service_connection", "only Azure Pipelines"),
        ] {
            let error = of(&table, variables).expect_err("it is not whole");
            assert_eq!(error.key, format!("tenants.prod.{key}"), "{error}");
            assert!(error.to_string().contains(told) && !error.to_string().contains("hunter2"), "{error}\n{told}");
        }
    }
}
