//! The proof of another issuer: a statement about the job that runs, which the tenant was told to trust.
//!
//! Where it comes from differs by who runs the job; what is asked of each is its documented request: GitHub Actions
//! (`OpenID` Connect in cloud providers), Azure Pipelines (the OIDC token of a service connection, API version 7.1),
//! a file that the platform keeps fresh (workload identity), or a text that the job was started with (GitLab).

use std::{fmt, fs, io::Read, path::PathBuf, sync::Arc};

use futures::future::BoxFuture;
use serde_json::Value;
use url::Url;

use crate::transport::{
    Transport,
    call::{Call, Reply},
    credential::Credential,
    decode::Odd,
    error::TransportError,
    secret::Secret,
};

/// The audience of a federated credential that was made without naming another.
pub const AUDIENCE: &str = "api://AzureADTokenExchange";

/// Who states who the application is. `Debug` tells which it is only.
#[derive(Clone)]
pub enum Issuer {
    /// A file, read anew for each token.
    File(PathBuf),
    /// A text that does not change: good until it ends.
    Text(Secret),
    /// The job's own issuer on GitHub Actions.
    GitHubActions {
        /// `ACTIONS_ID_TOKEN_REQUEST_URL`.
        url: Url,
        /// `ACTIONS_ID_TOKEN_REQUEST_TOKEN`.
        token: Secret,
    },
    /// The issuer of a service connection on Azure Pipelines.
    AzurePipelines {
        /// `SYSTEM_OIDCREQUESTURI`.
        url: Url,
        /// `SYSTEM_ACCESSTOKEN`.
        token: Secret,
        /// The service connection's id.
        connection: String,
    },
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "File({})", path.display()),
            Self::Text(_) => f.write_str("Text"),
            Self::GitHubActions { .. } => f.write_str("GitHubActions"),
            Self::AzurePipelines { .. } => f.write_str("AzurePipelines"),
        }
    }
}

impl Issuer {
    /// The address that is asked, where one is.
    pub fn address(&self) -> Option<&Url> {
        match self {
            Self::File(_) | Self::Text(_) => None,
            Self::GitHubActions { url, .. } | Self::AzurePipelines { url, .. } => Some(url),
        }
    }
}

/// No assertion is longer, in bytes: those of issuers are a few thousand at most.
const LONGEST: usize = 64 * 1024;

/// Assertions of another issuer.
#[derive(Clone)]
pub struct Federated {
    issuer: Issuer,
    transport: Transport,
}

impl fmt::Debug for Federated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Federated").field(&self.issuer).finish()
    }
}

impl Federated {
    /// Assertions of `issuer`, asked over `transport`, which has no authorisation of its own. Its clock is the job's:
    /// it should not be shared with a service whose clock may be another.
    pub fn new(issuer: Issuer, transport: Transport) -> Self {
        Self { issuer, transport }
    }

    /// An assertion that is good now, or the reason why there is none, without any of it.
    pub(crate) async fn assertion(&self) -> Result<Secret, TransportError> {
        match &self.issuer {
            Issuer::File(path) => from_file(path),
            Issuer::Text(text) => {
                usable(text.expose()).map(|()| text.clone()).map_err(|what| TransportError::Unproven {
                    cause: format!("the assertion of the job is {what}"),
                    remedy: "check that the variable of the job holds a JSON web token and nothing else",
                })
            }
            Issuer::GitHubActions { url, token } => {
                let mut url = url.clone();
                url.query_pairs_mut().append_pair("audience", AUDIENCE);
                let call = Call::get(url).purpose("get an assertion from GitHub Actions");
                let remedy = "give the job `permissions: id-token: write`, and run alertdrill in that job itself";
                self.ask(call, token, "value", remedy).await
            }
            Issuer::AzurePipelines { url, token, connection } => {
                let mut url = url.clone();
                url.query_pairs_mut().append_pair("api-version", "7.1").append_pair("serviceConnectionId", connection);
                let call = Call::post(url)
                    .purpose("get an assertion from Azure Pipelines")
                    .json(&Value::Object(serde_json::Map::new()))
                    .repeatable();
                let remedy = "map the pipeline's token into the step (env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)), \
                              and check `service_connection`: the pipeline has to be allowed to use it";
                self.ask(call, token, "oidcToken", remedy).await
            }
        }
    }

    /// Makes `call` with `token`, and reads the assertion in `member` of its answer.
    async fn ask(
        &self,
        call: Call,
        token: &Secret,
        member: &str,
        remedy: &'static str,
    ) -> Result<Secret, TransportError> {
        let transport = self.transport.clone().authorised_by(Arc::new(OfTheJob(token.clone())));
        let reply = transport.call(call.answers_a_secret()).await.map_err(|error| match error {
            TransportError::Refused { purpose, host, status, code } => {
                let cause = format!("{purpose}: {host} answered HTTP {status}: {code}");
                TransportError::Unproven { cause, remedy }
            }
            other => other,
        })?;
        read(&reply, member)
    }
}

/// Reads an answer without showing any of it.
fn read(reply: &Reply, member: &str) -> Result<Secret, TransportError> {
    let answer: Value = reply.json()?;
    let odd = |saw: &str| Err(reply.malformed(Odd::new(member, "an assertion", saw)));
    match answer.get(member) {
        None => odd("no such member"),
        Some(Value::String(text)) => match usable(text) {
            Ok(()) => Ok(Secret::new(text)),
            Err(what) => odd(what),
        },
        Some(_) => odd("no text"),
    }
}

fn from_file(path: &PathBuf) -> Result<Secret, TransportError> {
    let unproven = |what: String| TransportError::Unproven {
        cause: format!("the assertion in {} is not usable: {what}", path.display()),
        remedy: "check `federated_file` in the tenant's table, or AZURE_FEDERATED_TOKEN_FILE: the file has to hold a JSON \
                 web token and nothing else",
    };
    let mut text = String::new();
    let limit = u64::try_from(LONGEST + 1).unwrap_or(u64::MAX);
    fs::File::open(path)
        .and_then(|file| file.take(limit).read_to_string(&mut text))
        .map_err(|error| unproven(error.to_string()))?;
    let text = text.trim_start_matches('\u{feff}').trim();
    usable(text).map_err(|what| unproven(format!("it is {what}")))?;
    Ok(Secret::new(text))
}

/// Whether a text can be an assertion; otherwise what it is instead.
fn usable(text: &str) -> Result<(), &'static str> {
    if text.is_empty() {
        Err("empty")
    } else if text.len() > LONGEST {
        Err("longer than any assertion")
    } else if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Err("a text with blanks or letters that no assertion has")
    } else {
        Ok(())
    }
}

/// What the job itself was given to ask with. It has no other: where it is refused, so is the job.
struct OfTheJob(Secret);

impl Credential for OfTheJob {
    fn bearer(&self) -> BoxFuture<'_, Result<Secret, TransportError>> {
        Box::pin(std::future::ready(Ok(self.0.clone())))
    }

    fn refused(&self, _token: &Secret) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_may_end_in_a_line_but_holds_nothing_else() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let path = file.path().to_owned();
        fs::write(&path, "\u{feff}a.b.c\r\n").expect("it is written");
        assert_eq!(from_file(&path), Ok(Secret::new("a.b.c")));
        let long = "x".repeat(LONGEST + 1);
        for (content, told) in [
            ("".as_bytes(), "it is empty"),
            (b"  \n", "it is empty"),
            (b"two words", "it is a text with blanks"),
            (b"\xff\xfe", "stream did not contain valid UTF-8"),
            (long.as_bytes(), "it is longer than any assertion"),
        ] {
            fs::write(&path, content).expect("it is written");
            let error = from_file(&path).expect_err("it is not usable").to_string();
            assert!(error.contains(told) && !error.contains("two words"), "{error}");
        }
        let gone = from_file(&"/nowhere/token".into()).expect_err("there is none");
        assert!(gone.denies_access() && gone.hint().is_some_and(|hint| hint.contains("`federated_file`")), "{gone}");
    }

    #[test]
    fn an_issuer_does_not_show_what_it_is_asked_with() {
        let url: Url = "https://ci.example/?x=hunter2".parse().expect("an address");
        let shown = format!(
            "{:?} {:?} {:?}",
            Issuer::Text(Secret::new("hunter2")),
            Issuer::GitHubActions { url: url.clone(), token: Secret::new("hunter2") },
            Issuer::AzurePipelines { url, token: Secret::new("hunter2"), connection: "c".into() },
        );
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
