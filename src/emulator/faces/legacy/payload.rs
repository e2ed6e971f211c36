//! The body of a request, and its members one by one, with the framework's words for what is wrong.

use jiff::{Timestamp, fmt::temporal::Pieces, tz::TimeZone};
use serde_json::{Map, Value};

use crate::emulator::{
    answer::Request,
    faces::legacy::{
        address::Set,
        entity::{NULLABLE, READ_ONLY},
        refusal::Refusal,
    },
    odata::{schema::Schema, value::Enumeration},
};

/// The JSON object in the body of `request`; `argument` is the framework's name of what it should be.
pub(super) fn object(request: &Request, argument: &str) -> Result<Map<String, Value>, Refusal> {
    let media_type = request.header("content-type").unwrap_or("application/octet-stream");
    let (bare, parameters) = media_type.split_once(';').unwrap_or((media_type, ""));
    if !bare.trim().eq_ignore_ascii_case("application/json") {
        return Err(Refusal::MediaType(bare.trim().to_owned()));
    }
    let text = decoded(&request.body, parameters);
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Err(Refusal::Model(vec![format!("{argument} : The request body is empty.")]));
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(Refusal::Model(vec![format!(
            "{argument} : An unexpected node was found when reading from the JSON reader. A 'StartObject' node was \
             expected."
        )])),
        Err(error) => Err(Refusal::Model(vec![format!(
            "{argument} : Invalid JSON. The text cannot be read beyond line {}, position {}.",
            error.line(),
            error.column()
        )])),
    }
}

/// PowerShell of the time sends Latin-1 unless told otherwise; what is not UTF-8 and not declared is read with gaps.
fn decoded(body: &[u8], parameters: &str) -> String {
    let parameters = parameters.to_ascii_lowercase();
    if parameters.contains("iso-8859-1") || parameters.contains("latin1") {
        return body.iter().copied().map(char::from).collect();
    }
    String::from_utf8_lossy(body).into_owned()
}

/// An entity that a client sent, read member by member.
pub(super) struct Sent<'a> {
    members: &'a Map<String, Value>,
    schema: &'static Schema,
    argument: String,
}

/// What stands under a member that may be null.
#[derive(Debug)]
pub(super) enum Nullable<T> {
    Null,
    Given(T),
}

impl<T> Nullable<T> {
    pub(super) fn into_option(self) -> Option<T> {
        match self {
            Self::Null => None,
            Self::Given(value) => Some(value),
        }
    }
}

/// A member, or the problem with it, which ends the request.
type Read<T> = Result<T, Refusal>;

impl<'a> Sent<'a> {
    /// The members of an entity of `set`, all of which must be known. Annotations pass, and so does what only the service
    /// writes: it is ignored.
    pub(super) fn new(members: &'a Map<String, Value>, set: Set, argument: &str) -> Read<Self> {
        let read = Self { members, schema: set.schema(), argument: argument.to_owned() };
        for name in members.keys().filter(|name| !name.contains('@')) {
            if read.schema.property(name).is_none() && name != read.schema.navigation {
                let text = format!(
                    "The property '{name}' does not exist on type '{}'. Make sure to only use property names that are \
                     defined by the type.",
                    read.schema.name
                );
                return Err(read.problem(&text));
            }
        }
        Ok(read)
    }

    fn problem(&self, text: &str) -> Refusal {
        Refusal::Model(vec![format!("{} : {text}", self.argument)])
    }

    /// What stands under `name`, if anything does; null only where it may be.
    fn get(&self, name: &str, of: &str) -> Read<Option<&'a Value>> {
        match self.members.get(name) {
            Some(Value::Null) if !NULLABLE.contains(&name) => Err(self.problem(&format!(
                "A null value was found for the property named '{name}', which has the expected type \
                 '{of}[Nullable=False]'. The expected type '{of}[Nullable=False]' does not allow null values."
            ))),
            found => {
                debug_assert!(!READ_ONLY.contains(&name), "what only the service writes is not read");
                Ok(found)
            }
        }
    }

    fn not_convertible(&self, value: &Value, of: &str) -> Refusal {
        let literal = match value {
            Value::String(text) => text.clone(),
            Value::Array(_) | Value::Object(_) => {
                let node = if value.is_array() { "StartArray" } else { "StartObject" };
                return self.problem(&format!(
                    "An unexpected '{node}' node was found when reading from the JSON reader. A 'PrimitiveValue' node \
                     was expected."
                ));
            }
            other => other.to_string(),
        };
        self.problem(&format!("Cannot convert the literal '{literal}' to the expected type '{of}'."))
    }

    /// A text, or null.
    pub(super) fn nullable_text(&self, name: &str) -> Read<Option<Nullable<String>>> {
        match self.get(name, "Edm.String")? {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(Nullable::Null)),
            Some(Value::String(text)) => Ok(Some(Nullable::Given(text.clone()))),
            Some(other) => Err(self.not_convertible(other, "Edm.String")),
        }
    }

    /// A text that is not null.
    pub(super) fn text(&self, name: &str) -> Read<Option<String>> {
        Ok(self.nullable_text(name)?.and_then(Nullable::into_option))
    }

    /// True or false, or the text of it: the guide's own script sends `"true"`.
    pub(super) fn flag(&self, name: &str) -> Read<Option<bool>> {
        match self.get(name, "Edm.Boolean")? {
            None => Ok(None),
            Some(Value::Bool(on)) => Ok(Some(*on)),
            Some(Value::String(text)) if text.trim().eq_ignore_ascii_case("true") => Ok(Some(true)),
            Some(Value::String(text)) if text.trim().eq_ignore_ascii_case("false") => Ok(Some(false)),
            Some(other) => Err(self.not_convertible(other, "Edm.Boolean")),
        }
    }

    /// The number of the member of `enumeration` that is named.
    pub(super) fn member(&self, name: &str, enumeration: &'static Enumeration) -> Read<Option<usize>> {
        match self.get(name, enumeration.name)? {
            None => Ok(None),
            Some(Value::String(text)) => match enumeration.read(text.trim()) {
                Some(member) => Ok(Some(member)),
                None => Err(self.problem(&format!("Requested value '{text}' was not found."))),
            },
            Some(other) => Err(self.not_convertible(other, enumeration.name)),
        }
    }

    /// A moment, or null.
    pub(super) fn moment(&self, name: &str) -> Read<Option<Nullable<Timestamp>>> {
        match self.get(name, "Edm.DateTimeOffset")? {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(Nullable::Null)),
            Some(Value::String(text)) => match moment(text.trim()) {
                Some(moment) => Ok(Some(Nullable::Given(moment))),
                None => Err(self.not_convertible(&Value::String(text.clone()), "Edm.DateTimeOffset")),
            },
            Some(other) => Err(self.not_convertible(other, "Edm.DateTimeOffset")),
        }
    }

    /// The text of an annotation such as `AlertDefinition@odata.bind`.
    pub(super) fn annotation(&self, name: &str) -> Option<&'a str> {
        self.members.get(name).and_then(Value::as_str)
    }

    /// Whether an annotation of this name was sent, in whatever form.
    pub(super) fn has(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }
}

/// A moment with its offset, from the year 1 on, as .NET holds it. What is later than this program can hold is the end
/// of time: `9999-12-31T23:59:59.9999999Z`, which .NET's clients send for "never", is one of a few hours of such.
fn moment(text: &str) -> Option<Timestamp> {
    let pieces = Pieces::parse(text).ok()?;
    let (date, time) = (pieces.date(), pieces.time()?);
    let moment = match pieces.to_numeric_offset()?.to_timestamp(date.to_datetime(time)) {
        Ok(moment) => moment,
        Err(_) if date.year() == 9999 => Timestamp::MAX,
        Err(_) => return None,
    };
    (TimeZone::UTC.to_datetime(moment).year() >= 1).then_some(moment)
}

/// The problems of an entity whose members could all be read, collected.
pub(super) struct Problems {
    argument: String,
    lines: Vec<String>,
}

impl Problems {
    pub(super) fn new(argument: &str) -> Self {
        Self { argument: argument.to_owned(), lines: Vec::new() }
    }

    pub(super) fn add(&mut self, field: &str, text: &str) {
        self.lines.push(format!("{}.{field} : {text}", self.argument));
    }

    /// What must be there; an empty text is not.
    pub(super) fn required<T>(&mut self, field: &str, given: Option<T>, is_empty: impl Fn(&T) -> bool) -> Option<T> {
        if given.as_ref().is_none_or(is_empty) {
            self.add(field, &format!("The {field} field is required."));
        }
        given
    }

    /// A text that may have at most so many UTF-16 units, as .NET counts.
    pub(super) fn bounded(&mut self, field: &str, text: Option<&str>, most: usize) {
        if text.is_some_and(|text| text.encode_utf16().count() > most) {
            self.add(
                field,
                &format!("The field {field} must be a string or array type with a maximum length of '{most}'."),
            );
        }
    }

    /// Whatever `made` is, if there were no problems.
    pub(super) fn or<T>(self, made: Option<T>) -> Result<T, Refusal> {
        match made {
            Some(made) if self.lines.is_empty() => Ok(made),
            _ => Err(Refusal::Model(self.lines)),
        }
    }
}
