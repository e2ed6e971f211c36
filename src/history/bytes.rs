//! How a run is put into bytes: what is known of it as a whole as JSON, since there is little of it, and its outcomes, of
//! which there are many, as compactly as can be.

use serde::{Deserialize, Serialize};

use crate::history::run::{Alert, Outcome, Word};

/// The outcomes of a run, each with the number of its drill.
#[derive(Default, Serialize, Deserialize)]
struct Outcomes {
    /// The names of what was wrong, each once.
    codes: Vec<String>,
    rows: Vec<Row>,
}

/// The drill's number, the place of the verdict's word, the place of the code and one more where there is one, the alerts.
type Row = (u32, u8, u8, Vec<Alert>);

/// The outcomes as bytes.
pub(super) fn of<'a>(outcomes: impl Iterator<Item = (u32, &'a Outcome)>) -> Result<Vec<u8>, String> {
    let mut all = Outcomes::default();
    for (drill, outcome) in outcomes {
        let code = match &outcome.code {
            None => 0,
            Some(code) => 1 + place_in(&mut all.codes, code),
        };
        let verdict = Word::ALL.iter().position(|word| *word == outcome.verdict).unwrap_or_default();
        all.rows.push((drill, small(verdict)?, small(code)?, outcome.alerts.clone()));
    }
    postcard::to_stdvec(&all).map_err(|error| error.to_string())
}

/// The outcomes that are these bytes.
pub(super) fn outcomes(bytes: &[u8]) -> Result<Vec<(u32, Outcome)>, String> {
    let Outcomes { codes, rows } = postcard::from_bytes(bytes).map_err(|error| error.to_string())?;
    let read = |(drill, verdict, code, alerts): Row| {
        let verdict = *Word::ALL.get(usize::from(verdict)).ok_or("a verdict that is none")?;
        let code = match usize::from(code).checked_sub(1) {
            None => None,
            Some(place) => Some(codes.get(place).ok_or("a code that is none")?.clone()),
        };
        Ok((drill, Outcome { verdict, code, alerts }))
    };
    rows.into_iter().map(read).collect()
}

fn place_in(codes: &mut Vec<String>, code: &str) -> usize {
    codes.iter().position(|known| known == code).unwrap_or_else(|| {
        codes.push(code.to_owned());
        codes.len() - 1
    })
}

fn small(place: usize) -> Result<u8, String> {
    u8::try_from(place).map_err(|_| "a run with more than 255 codes".into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn alert() -> impl Strategy<Value = Alert> {
        (any::<[Option<u32>; 2]>(), any::<[u32; 4]>()).prop_map(|([least, most], [b, c, d, e])| Alert {
            propagation_at_least: least,
            propagation_at_most: most,
            detection: b,
            ready: c,
            shown: d,
            resolution: e,
        })
    }

    fn outcome() -> impl Strategy<Value = Outcome> {
        let (verdict, code) = (prop::sample::select(&Word::ALL[..]), prop::option::of("[a-z]{1,2}"));
        (verdict, code, prop::collection::vec(alert(), 0..3)).prop_map(|(verdict, code, alerts)| Outcome {
            verdict,
            code,
            alerts,
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn what_is_written_is_what_is_read(told in prop::collection::vec((any::<u32>(), outcome()), 0..20)) {
            let bytes = of(told.iter().map(|(drill, outcome)| (*drill, outcome))).expect("written");
            prop_assert_eq!(outcomes(&bytes), Ok(told));
        }

        #[test]
        fn other_bytes_are_an_error_and_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _whatever_it_is = outcomes(&bytes);
        }
    }
}
