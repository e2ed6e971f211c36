//! Reading `run.json`, drill by drill, so that a run of any size needs the memory of one drill.
//!
//! Any layout with the same members is read. What a killed run left behind is read up to where it ends.

use std::{
    fmt,
    fs::File,
    io::{self, BufReader},
    marker::PhantomData,
    path::{Path, PathBuf},
};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};

use crate::record::{
    drill::Drill,
    file,
    run::{Foot, Head},
    verdict::Counts,
};

/// A run that can be read again and again.
#[derive(Debug)]
pub struct RunReader {
    path: PathBuf,
    head: Head,
    foot: Option<Foot>,
    counts: Counts,
}

/// Why a run cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file cannot be read at all.
    #[error("{path}: {cause}", path = path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// There is neither a whole nor an unfinished record in the directory.
    #[error("{path}: no run.json here (hint: name a run.json, or a directory that holds one)", path = path.display())]
    Missing {
        /// Which directory.
        path: PathBuf,
    },
    /// It is something else.
    #[error("{path}: this is no run.json: {why}", path = path.display())]
    NotARun {
        /// Which file.
        path: PathBuf,
        /// What was expected, and where.
        why: String,
    },
    /// It was written by a later alertdrill.
    #[error("{path}: its format is {format}, and this alertdrill reads up to {known} (hint: use a newer one)", path = path.display(), known = file::FORMAT)]
    Newer {
        /// Which file.
        path: PathBuf,
        /// Its format.
        format: u64,
    },
}

impl RunReader {
    /// Opens a `run.json`, or the one in a directory; where there is only the part of a killed run, that.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        let path = find(path)?;
        let mut counts = Counts::default();
        let members = walk(&path, &mut |brief: Brief| {
            match brief.verdict {
                Word::Passed => counts.passed += 1,
                Word::Failed => counts.failed += 1,
                Word::Errored => counts.errored += 1,
                Word::Skipped => counts.skipped += 1,
            }
            Ok::<(), ReadError>(())
        })?;
        let head: Head = part_of(&path, &members.named)?;
        let foot: Option<Foot> = if members.cut { None } else { Some(part_of(&path, &members.named)?) };
        if let Some(foot) = foot.as_ref().filter(|foot| foot.counts != counts) {
            let why = format!("it counts {} drills and holds {}", foot.counts.total(), counts.total());
            return Err(ReadError::NotARun { path, why });
        }
        Ok(Self { path, head, foot, counts })
    }

    /// Which file is read.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is known of the run before its first drill.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// What is known of it after its last drill; none if the run was killed before it could write that down.
    pub fn foot(&self) -> Option<&Foot> {
        self.foot.as_ref()
    }

    /// How many drills ended how, of those that are written down.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Hands over every drill, in order, one at a time; stops at the first error.
    pub fn each_drill<E: From<ReadError>>(&self, mut take: impl FnMut(Drill) -> Result<(), E>) -> Result<(), E> {
        walk(&self.path, &mut take).map(|_| ())
    }
}

/// As much of a drill as it takes to count it.
#[derive(Deserialize)]
struct Brief {
    verdict: Word,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Word {
    Passed,
    Failed,
    Errored,
    Skipped,
}

fn find(path: &Path) -> Result<PathBuf, ReadError> {
    if !path.is_dir() {
        return Ok(path.to_owned());
    }
    let names = [file::NAME, file::PART, file::EARLIER_PART];
    let found = names.into_iter().map(|name| path.join(name)).find(|candidate| candidate.is_file());
    found.ok_or_else(|| ReadError::Missing { path: path.to_owned() })
}

/// The members of a run but its drills.
struct Members {
    named: Map<String, Value>,
    /// Whether the file ended before the run did.
    cut: bool,
}

/// Reads the file once, and hands over each drill as it comes.
fn walk<T: DeserializeOwned, E: From<ReadError>>(
    path: &Path,
    take: &mut dyn FnMut(T) -> Result<(), E>,
) -> Result<Members, E> {
    let file = File::open(path).map_err(|cause| ReadError::Io { path: path.to_owned(), cause })?;
    let mut walk = Walk { named: Map::new(), take, stopped: None, drill: PhantomData };
    let mut json = serde_json::Deserializer::from_reader(BufReader::with_capacity(1 << 16, file));
    let outcome = (&mut walk).deserialize(&mut json).and_then(|()| json.end());
    if let Some(error) = walk.stopped {
        return Err(error);
    }
    let named = walk.named;
    if let Some(format) = named.get("format").and_then(Value::as_u64).filter(|format| *format > file::FORMAT.into()) {
        return Err(ReadError::Newer { path: path.to_owned(), format }.into());
    }
    match outcome {
        Ok(()) => Ok(Members { named, cut: false }),
        Err(error) if error.is_eof() && named.contains_key("seed") => Ok(Members { named, cut: true }),
        Err(error) if error.is_io() => Err(ReadError::Io { path: path.to_owned(), cause: error.into() }.into()),
        Err(error) => Err(ReadError::NotARun { path: path.to_owned(), why: error.to_string() }.into()),
    }
}

fn part_of<T: DeserializeOwned>(path: &Path, named: &Map<String, Value>) -> Result<T, ReadError> {
    T::deserialize(Value::Object(named.clone()))
        .map_err(|error| ReadError::NotARun { path: path.to_owned(), why: error.to_string() })
}

struct Walk<'a, T, E> {
    named: Map<String, Value>,
    take: &'a mut dyn FnMut(T) -> Result<(), E>,
    /// What the taker of drills stopped with.
    stopped: Option<E>,
    drill: PhantomData<T>,
}

impl<'de, T: DeserializeOwned, E> DeserializeSeed<'de> for &mut Walk<'_, T, E> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de, T: DeserializeOwned, E> Visitor<'de> for &mut Walk<'_, T, E> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a run: an object with `format`, `drills` and more")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(name) = members.next_key::<String>()? {
            if name == "drills" {
                members.next_value_seed(Drills(self))?;
            } else {
                self.named.insert(name, members.next_value()?);
            }
            if self.named.get("format").and_then(Value::as_u64).is_some_and(|format| format > file::FORMAT.into()) {
                return Err(A::Error::custom("a newer format"));
            }
        }
        Ok(())
    }
}

struct Drills<'a, 'b, T, E>(&'a mut Walk<'b, T, E>);

impl<'de, T: DeserializeOwned, E> DeserializeSeed<'de> for Drills<'_, '_, T, E> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de, T: DeserializeOwned, E> Visitor<'de> for Drills<'_, '_, T, E> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of drills")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut drills: A) -> Result<(), A::Error> {
        while let Some(drill) = drills.next_element::<T>()? {
            if let Err(error) = (self.0.take)(drill) {
                self.0.stopped = Some(error);
                return Err(A::Error::custom("stopped"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, time::Duration};

    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::record::{
        chain::{Link, Witness},
        drill::{Outcome, Step, Stimulus, Undone},
        exchange::{Attempt, Exchange},
        failure::{Code, Failure},
        file::RunWriter,
        sighting::{Difference, Expected, Latencies, NearMiss, SeenAlert, Sighting},
        verdict::{RunVerdict, Verdict},
        wait::{Look, Wait},
    };

    fn head() -> Head {
        Head {
            format: file::FORMAT,
            alertdrill: "0.1.0".into(),
            run: "run-1".into(),
            started: Timestamp::UNIX_EPOCH,
            tenant: "emulator".into(),
            time_jumps: true,
            seed: u64::MAX,
        }
    }

    fn foot(counts: Counts) -> Foot {
        Foot {
            finished: Timestamp::UNIX_EPOCH,
            took_ms: 1.25,
            verdict: RunVerdict::of(&counts),
            counts,
            defects: vec!["a \"defect\"".into()],
        }
    }

    /// Texts that are unlike anything a service writes.
    fn text() -> impl Strategy<Value = String> {
        prop_oneof![".{0,12}", Just("\u{2028}</script>\n\"\\".to_owned())]
    }

    fn moment() -> impl Strategy<Value = Timestamp> {
        (0_i64..4_000_000_000, 0_i32..1_000_000_000)
            .prop_map(|(second, nanosecond)| Timestamp::new(second, nanosecond).expect("within range"))
    }

    fn verdict() -> impl Strategy<Value = Verdict> {
        let code = prop::sample::select(&Code::ALL[..]);
        prop_oneof![
            Just(Verdict::Passed),
            (code, text()).prop_map(|(code, what)| Verdict::of(&Failure::new(code, what))),
            (text(), text()).prop_map(|(reason, remedy)| Verdict::Skipped { reason, remedy }),
        ]
    }

    fn exchange(at: Timestamp, texts: &[String; 4]) -> Exchange {
        let [a, b, c, d] = texts;
        let body = serde_json::json!({ "access_token": a, "@odata.context": b, "value": [c] }).to_string();
        Exchange::new(
            a.as_str(),
            "POST",
            &format!("https://h/{b}?$top={c}"),
            [("Accept", d.as_str())],
            Some(body.as_bytes()),
        )
        .with(Attempt::failed(at, Duration::from_micros(17), b.as_str()))
        .with(Attempt::answered(at, Duration::from_millis(3), 200, [("x", c.as_str())], d.as_bytes()))
    }

    fn sighting(at: Timestamp, texts: &[String; 4]) -> Sighting {
        let [a, b, c, d] = texts.clone();
        let alert = SeenAlert {
            id: a.clone(),
            part: 1,
            title: b.clone(),
            severity: c.clone(),
            category: d.clone(),
            description: a.clone(),
            source: b.clone(),
            device: c.clone(),
            device_id: d.clone(),
            observable: Some(a.clone()),
            happened_at: at,
            processed_at: at,
            link: None,
        };
        let difference = Difference { field: a.clone(), expected: b.clone(), saw: c.clone() };
        let expected = Expected {
            title: a.clone(),
            severity: b.clone(),
            category: c.clone(),
            description: d.clone(),
            source: a,
            device: b,
            indicator: c,
            observable: d,
            since: at,
            deadline: at,
        };
        Sighting {
            expected,
            seen: vec![alert.clone()],
            near_misses: vec![NearMiss { alert, reasons: vec![difference.clone()] }],
            differences: vec![difference],
            latencies: None::<Latencies>,
        }
    }

    prop_compose! {
        fn drill()(texts in [text(), text(), text(), text()], at in moment(), verdict in verdict(), took in 0_u32..u32::MAX, line: u32) -> Drill {
            let [a, b, c, d] = texts.clone();
            let failure = verdict.code().map(|code| Failure::new(code, b.clone()).expected(c.clone()).hint(d.clone()));
            Drill {
                id: a.clone(), feature: b.clone(), file: c.clone(), name: d.clone(), line, tags: vec![a.clone(), b.clone()],
                marker: c.clone(), service: "legacy".into(), started: at, finished: at, took_ms: f64::from(took) / 1000.0, verdict,
                steps: vec![Step { keyword: "Given".into(), text: a.clone(), line, outcome: Outcome::NotRun, started: Some(at),
                    finished: None, took_ms: 0.0, failure }],
                chain: vec![Witness { link: Link::Stimulus, held: true, from: at, until: at, by: b.clone() }],
                stimuli: vec![Stimulus { what: a.clone(), device: b.clone(), via: Some(c.clone()), from: at, until: at,
                    status: Some(200), bytes: 39, excerpt: d.clone() }],
                waits: vec![Wait { what: a.clone(), from: at, until: at, deadline: at, looks: vec![Look { at, news: 2, failed: Some(b.clone()) }] }],
                sightings: vec![sighting(at, &texts)],
                exchanges: vec![exchange(at, &texts)],
                clean_up: vec![Undone { what: a, left: Some(c) }],
            }
        }
    }

    fn all(reader: &RunReader) -> Vec<Drill> {
        let mut drills = Vec::new();
        reader
            .each_drill(|drill| {
                drills.push(drill);
                Ok::<(), ReadError>(())
            })
            .expect("readable");
        drills
    }

    fn written(folder: &Path, drills: &[Drill]) -> PathBuf {
        let mut counts = Counts::default();
        let mut writer = RunWriter::create(folder, &head()).expect("created");
        for drill in drills {
            counts.add(&drill.verdict);
            writer.drill(drill).expect("written");
        }
        writer.finish(&foot(counts)).expect("finished")
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn what_is_written_is_what_is_read(drills in prop::collection::vec(drill(), 0..4)) {
            let folder = tempfile::tempdir().expect("a folder");
            let path = written(folder.path(), &drills);
            let reader = RunReader::open(&path).expect("readable");
            prop_assert_eq!(reader.head(), &head());
            prop_assert_eq!(reader.foot(), Some(&foot(*reader.counts())));
            prop_assert_eq!(reader.counts().total(), drills.len() as u64);
            prop_assert_eq!(&all(&reader), &drills);

            let lines = fs::read_to_string(&path).expect("text").lines().count();
            prop_assert_eq!(lines, drills.len() + 4, "one line for each drill, and four around them");

            let value: Value = serde_json::from_slice(&fs::read(&path).expect("text")).expect("JSON");
            let pretty = folder.path().join("pretty.json");
            fs::write(&pretty, serde_json::to_string_pretty(&value).expect("JSON")).expect("written");
            prop_assert_eq!(&all(&RunReader::open(&pretty).expect("any layout is read")), &drills);
        }

        #[test]
        fn a_record_that_was_cut_off_is_read_up_to_where_it_ends(drills in prop::collection::vec(drill(), 3), share in 0.0_f64..1.0) {
            let folder = tempfile::tempdir().expect("a folder");
            let bytes = fs::read(written(folder.path(), &drills)).expect("readable");
            let begin = bytes.iter().position(|byte| *byte == b'[').expect("the drills begin") + 1;
            #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a small file")]
            let end = begin + ((bytes.len() - begin - 2) as f64 * share) as usize;
            let part = folder.path().join(file::PART);
            fs::write(&part, &bytes[..end]).expect("written");
            let reader = RunReader::open(&part).expect("readable");
            prop_assert_eq!(reader.foot(), None);
            let read = all(&reader);
            prop_assert_eq!(&read[..], &drills[..read.len()]);
            prop_assert_eq!(reader.counts().total(), read.len() as u64);
        }
    }
}
