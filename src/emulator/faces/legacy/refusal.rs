//! Every way in which the API says no, in the framework's forms.

use serde_json::{Value, json};

use crate::emulator::{answer::Answer, odata::QueryError, tenant::publishing};

/// A request that is not served.
#[derive(Debug)]
pub(super) enum Refusal {
    /// There is no token, or it opens nothing here.
    Unauthorised,
    /// The tenant has switched the API off.
    SwitchedOff,
    /// There is no such segment.
    NoSegment(String),
    /// The path cannot be read.
    Syntax,
    /// There is nothing of this id.
    NotFound,
    /// The place does not take this method.
    Method { method: String, allow: &'static str },
    /// The query options are not understood.
    Query(QueryError),
    /// The body is not of the media type that it should be.
    MediaType(String),
    /// The body is wrong; a line for each problem.
    Model(Vec<String>),
    /// A quota is used up.
    Quota(&'static str),
}

impl From<QueryError> for Refusal {
    fn from(error: QueryError) -> Self {
        Self::Query(error)
    }
}

impl Refusal {
    /// What the tenant refused, in the words of the API; `argument` is the framework's name of what was sent.
    pub(super) fn of(refusal: publishing::Refusal, argument: &str) -> Self {
        match refusal {
            publishing::Refusal::DefinitionQuota => Self::Quota("alert definitions"),
            publishing::Refusal::IndicatorQuota => Self::Quota("indicators of compromise"),
            publishing::Refusal::PatternQuota => {
                Self::Quota("indicators of compromise with a detection function other than Equals")
            }
            publishing::Refusal::NoDefinition(id) => {
                Self::Model(vec![format!("{argument}.AlertDefinition : There is no AlertDefinition with the Id {id}.")])
            }
            publishing::Refusal::NotFound => Self::NotFound,
        }
    }

    pub(super) fn into_answer(self) -> Answer {
        match self {
            Self::Unauthorised => Answer::message(401, "Authorization has been denied for this request.")
                .with("www-authenticate", "Bearer"),
            Self::SwitchedOff => Answer::message(403, "The threat intelligence API is not enabled for this tenant."),
            Self::NoSegment(segment) => error(404, &format!("Resource not found for the segment '{segment}'.")),
            Self::Syntax => error(400, "Bad Request - Error in query syntax."),
            Self::NotFound => error(404, "Resource not found."),
            Self::Method { method, allow } => {
                error(405, &format!("The requested resource does not support http method '{method}'."))
                    .with("allow", allow)
            }
            Self::Query(QueryError(detail)) => {
                error(400, &format!("The query specified in the URI is not valid. {detail}"))
            }
            Self::MediaType(given) => {
                error(415, &format!("The request entity's media type '{given}' is not supported for this resource."))
            }
            Self::Model(problems) => invalid(&problems),
            Self::Quota(what) => error(507, &format!("The quota of {what} for this tenant has been exceeded.")),
        }
    }
}

fn error(status: u16, message: &str) -> Answer {
    written(status, &json!({"error": {"code": "", "message": message}}))
}

/// The framework's form of an invalid model: what is wrong stands in the inner error, a line for each problem.
fn invalid(problems: &[String]) -> Answer {
    let lines: String = problems.iter().flat_map(|problem| [problem.as_str(), "\r\n"]).collect();
    let inner = json!({"message": lines, "type": "", "stacktrace": ""});
    written(400, &json!({"error": {"code": "", "message": "The request is invalid.", "innererror": inner}}))
}

fn written(status: u16, body: &Value) -> Answer {
    Answer::of(status, "application/json; odata.metadata=minimal", body.to_string().into_bytes())
        .with("odata-version", "4.0")
}
