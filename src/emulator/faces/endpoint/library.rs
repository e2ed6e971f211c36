//! The live response library: `/api/libraryfiles`.

use serde_json::json;

use crate::emulator::{
    answer::Answer,
    faces::{
        endpoint::{
            Visit,
            multipart::{self, Part},
            refusal::Refusal,
            reply::{self, Asked, Row},
        },
        written_time,
    },
    odata::{
        paging::Place,
        schema::{Dialect, Rules, Schema},
        value::Type,
    },
    tenant::{
        application::APPLICATION_NAME,
        library::{self, LibraryFile},
    },
};

/// What the context of an answer calls the set.
const NAME: &str = "LibraryFiles";

/// The properties of a file of the library.
pub(super) static FILE: Schema = Schema::of(
    "microsoft.windowsDefenderATP.api.LibraryFile",
    &[
        ("fileName", Type::Text),
        ("sha256", Type::Text),
        ("description", Type::Text),
        ("creationTime", Type::Time),
        ("lastUpdatedTime", Type::Time),
        ("createdBy", Type::Text),
        ("hasParameters", Type::Bool),
        ("parametersDescription", Type::Text),
    ],
    &Rules::of(Dialect::Endpoint),
);

/// `GET /api/libraryfiles`.
pub(super) fn list(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    Asked::read(visit, &FILE)?.answer(visit, NAME, rows(visit))
}

/// `GET /api/libraryfiles/$count`.
pub(super) fn count(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    Asked::read(visit, &FILE)?.count(visit, NAME, rows(visit))
}

fn rows(visit: &Visit<'_>) -> Vec<(Place, Row)> {
    visit.tenant.library.files().map(|file| (Place(0, file.name.to_lowercase()), row(file))).collect()
}

fn row(file: &LibraryFile) -> Row {
    let member = |name: &str| match name {
        "fileName" => json!(file.name),
        "sha256" => json!(file.sha256),
        "description" => json!(file.description),
        "creationTime" => json!(written_time(file.created_at)),
        "lastUpdatedTime" => json!(written_time(file.updated_at)),
        "createdBy" => json!(file.created_by),
        "hasParameters" => json!(file.has_parameters),
        _ => json!(file.parameters_description),
    };
    FILE.properties.iter().map(|(name, _)| ((*name).to_owned(), member(name))).collect()
}

/// `POST /api/libraryfiles`: a form with the file and what is said of it; answers the file's entry. Names of fields are
/// read in any letter case: the documentation writes `File` in its table and `file` in its example.
pub(super) fn upload(visit: &mut Visit<'_>) -> Result<Answer, Refusal> {
    let parts = multipart::parts(visit.call.request).ok_or_else(Refusal::body)?;
    let part = |name: &str| parts.iter().find(|part| part.name.eq_ignore_ascii_case(name));
    let text = |name: &str| part(name).map(Part::text).filter(|text| !text.is_empty());
    let flag = |name: &str| text(name).is_some_and(|text| text.trim().eq_ignore_ascii_case("true"));
    let file = part("File").ok_or_else(|| Refusal::missing("File"))?;
    let name = file.file_name.as_deref().map(|name| name.rsplit(['/', '\\']).next().unwrap_or(name));
    let name = name.filter(|name| !name.is_empty() && name.len() <= 255);
    let name = name.ok_or_else(|| Refusal::input("The file has no name."))?;
    let entry = LibraryFile {
        name: name.to_owned(),
        description: text("Description"),
        parameters_description: text("ParametersDescription"),
        has_parameters: flag("HasParameters"),
        created_at: visit.now,
        updated_at: visit.now,
        created_by: APPLICATION_NAME.to_owned(),
        sha256: String::new(),
    };
    let kept = visit.tenant.library.put(entry, file.content, flag("OverrideIfExists"));
    let row = row(kept.map_err(|refusal| match refusal {
        library::Refusal::Exists => Refusal::input("A file of this name is in the library already."),
        library::Refusal::Full => Refusal::input("The library has no room for another file."),
    })?);
    Ok(reply::entity(visit, 200, NAME, row))
}

/// `DELETE /api/libraryfiles/{fileName}`.
pub(super) fn delete(visit: &mut Visit<'_>, name: &str) -> Result<Answer, Refusal> {
    if visit.tenant.library.remove(name) {
        return Ok(Answer::empty(204));
    }
    Err(Refusal::not_found("Library file", name))
}
