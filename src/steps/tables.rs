//! Tables that demand something of an alert, which are read here, and those that say what is published: all are held to be
//! readable before anything runs.

use cucumber::gherkin::Step;
use jiff::Timestamp;

use crate::{
    domain::{
        condition::{self, Condition},
        entity::{Entity, EntityKind},
        marker::Marker,
    },
    record::failure::{Code, Failure},
    steps::phrase::{guide, table},
    world::verbs::{
        draft::{Row, set_definition_field, set_indicator_field},
        shows::{Field, Wanted},
        touch::DrillFile,
    },
};

/// The line whose table says what the fields of the alert are.
pub const SHOWS: &str = "the alert shows";

/// The line whose table says what the evidence of the alert names.
pub const NAMES: &str = "the alert's evidence names";

/// The lines whose tables set fields of an alert definition,
const DEFINITION: [&str; 3] = [
    "an alert definition is published",
    "publishing another alert definition is tried",
    "the alert definition is changed",
];

/// and of an indicator.
const INDICATOR: [&str; 6] = [
    "an indicator is published under it",
    "an alert definition and an indicator are published",
    "an alert definition and an indicator are in effect",
    "a control is published",
    "publishing another indicator under it is tried",
    "the indicator is changed",
];

/// Whether what is wrong with the table of `step` can be told before it runs.
pub fn is_known(step: &Step) -> bool {
    let line = step.value.as_str();
    [SHOWS, NAMES].contains(&line)
        || (step.table.is_some() && (DEFINITION.contains(&line) || INDICATOR.contains(&line)))
}

/// What is wrong with the table of `step`, where that is known.
pub fn mistake(step: &Step) -> Option<Failure> {
    match step.value.as_str() {
        SHOWS => fields(step).err(),
        NAMES => entities(step).err(),
        line if DEFINITION.contains(&line) => definition(step).err(),
        line if INDICATOR.contains(&line) => indicator(step).err(),
        _ => None,
    }
}

/// Sets the fields of a definition that nobody publishes.
fn definition(step: &Step) -> Result<(), Failure> {
    let (marker, (mut sample, _)) = (Marker::of(0, ""), guide());
    table(step)?.iter().try_for_each(|(field, text)| set_definition_field(&mut sample, &marker, field, text))
}

/// The same of an indicator.
fn indicator(step: &Step) -> Result<(), Failure> {
    let (marker, file, (_, mut sample)) = (Marker::of(0, ""), DrillFile::of("x"), guide());
    let filled = |text: &str| file.fill(&marker.fill(text));
    let set = |(field, text): &Row| set_indicator_field(&mut sample, field, &filled(text)?, Timestamp::UNIX_EPOCH);
    table(step)?.iter().try_for_each(set)
}

/// What the table of `step` demands of fields: a field, a condition and a text in each row, or a field and the text that it
/// is.
pub fn fields(step: &Step) -> Result<Vec<Wanted>, Failure> {
    rows(step, "| title | matches | ^Alert |, or two cells, as | severity | High |")?
        .iter()
        .map(|row| wanted(row))
        .collect()
}

fn wanted(row: &[String]) -> Result<Wanted, Failure> {
    let (field, word, text) = match row {
        [field, text] => (field, "is", text),
        [field, word, text] => (field, word.as_str(), text),
        cells => {
            return Err(wrong(format!("a row of the table has {} cells, not 2 or 3", cells.len()))
                .expected("| field | text |, or | field | condition | text |"));
        }
    };
    let known = || Field::ALL.map(Field::word).join(", ");
    let of = Field::of(field)
        .ok_or_else(|| wrong(format!("an alert has no field `{field}`")).expected(format!("one of: {}", known())))?;
    let condition = Condition::read(word, text).map_err(|why| {
        wrong(format!("what is demanded of the {field} cannot be told: {why}"))
            .expected(format!("one of these words, and a text: {}", condition::WORDS.join(", ")))
    })?;
    // What stands for the drill's own values is a letter for now.
    match condition.filled(&[("{marker}", "x"), ("{device}", "x"), ("{indicator}", "x")]).flaw() {
        None => Ok(Wanted { field: of, condition }),
        Some(flaw) => Err(wrong(format!("what is demanded of the {field} cannot be told: {flaw}"))
            .expected("a regular expression, in which a bar is written \\|")),
    }
}

/// The things that the table of `step` names: a kind and a value in each row.
pub fn entities(step: &Step) -> Result<Vec<Entity>, Failure> {
    rows(step, "| domain | evil.example |")?.iter().map(|row| entity(row)).collect()
}

fn entity(row: &[String]) -> Result<Entity, Failure> {
    let [word, value] = row else {
        return Err(
            wrong(format!("a row of the table has {} cells, not 2", row.len())).expected("| domain | evil.example |")
        );
    };
    let known = || EntityKind::ALL.map(EntityKind::word).join(", ");
    let kind = EntityKind::of(word)
        .ok_or_else(|| wrong(format!("evidence names no `{word}`")).expected(format!("one of: {}", known())))?;
    if value.is_empty() {
        return Err(wrong(format!("which {word} is not said")).expected("its value in the second cell"));
    }
    // What stands for the drill's own values has to be known.
    let sample =
        ["{marker}", "{device}", "{indicator}"].iter().fold(value.clone(), |text, name| text.replace(name, "x"));
    DrillFile::of("x").fill(&sample)?;
    Ok(Entity::new(kind, value))
}

/// The rows of the table of `step`, of which there must be one.
fn rows<'a>(step: &'a Step, form: &str) -> Result<&'a [Vec<String>], Failure> {
    let rows = step.table.as_ref().map(|table| table.rows.as_slice()).unwrap_or_default();
    if rows.is_empty() {
        return Err(wrong(format!("the step `{}` has no table, so it demands nothing", step.value))
            .expected(format!("rows such as {form}")));
    }
    Ok(rows)
}

fn wrong(what: String) -> Failure {
    Failure::new(Code::Inconclusive, what).hint("correct the feature")
}
