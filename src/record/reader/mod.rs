//! Reading `run.json`, drill by drill, so that a run of any size needs the memory of one drill.
//!
//! Two ways to walk a file: `lines` knows the layout that alertdrill writes, finds head and foot without a walk, and
//! reads a killed run up to where it ends, be it in mid-number; `any` reads every other layout with the same members.

use std::{
    io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::record::{
    drill::Drill,
    file,
    run::{Foot, Head},
    verdict::Counts,
};

mod any;
mod lines;

/// A run that can be read again and again.
#[derive(Debug)]
pub struct RunReader {
    path: PathBuf,
    head: Head,
    foot: Option<Foot>,
    counts: Counts,
    layout: Layout,
}

/// How the members of a run are laid out in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// As alertdrill writes it.
    Lines,
    /// In any way.
    Any,
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
    /// There is nothing of that name.
    #[error("{path}: there is no such file or directory (hint: name a run.json, or a directory that holds one)", path = path.display())]
    NotThere {
        /// What was named.
        path: PathBuf,
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
        let (layout, around) = match lines::around(&path)? {
            Some(around) => (Layout::Lines, around),
            None => (Layout::Any, Around::default()),
        };
        let mut counts = Counts::default();
        let mut count = |brief: Brief| -> Result<(), ReadError> {
            brief.verdict.count(&mut counts);
            Ok(())
        };
        let around = match layout {
            Layout::Any => any::walk(&path, &mut count)?,
            Layout::Lines if around.cut => {
                lines::walk(&path, &mut count)?;
                around
            }
            // What the foot counts is checked when the drills are read.
            Layout::Lines => around,
        };
        around.refuse_newer(&path)?;
        let head: Head = around.part(&path)?;
        let foot: Option<Foot> = if around.cut { None } else { Some(around.part(&path)?) };
        match (&foot, layout) {
            (Some(foot), Layout::Lines) => counts = foot.counts,
            (Some(foot), Layout::Any) => agree(&path, &foot.counts, &counts)?,
            (None, _) => {}
        }
        Ok(Self { path, head, foot, counts, layout })
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

    /// Hands over every drill, one at a time, in the order in which they ended; stops at the first error.
    pub fn each_drill<E: From<ReadError>>(&self, take: impl FnMut(Drill) -> Result<(), E>) -> Result<(), E> {
        self.each(take, |counted| lines::walk(&self.path, counted))
    }

    /// As [`each_drill`](Self::each_drill), in the order in which they are written in their features. A file of another
    /// layout than alertdrill's is read as it stands.
    pub fn each_drill_in_order<E: From<ReadError>>(&self, take: impl FnMut(Drill) -> Result<(), E>) -> Result<(), E> {
        self.each(take, |counted| lines::walk_in_order(&self.path, counted))
    }

    fn each<E: From<ReadError>>(
        &self,
        mut take: impl FnMut(Drill) -> Result<(), E>,
        walk: impl FnOnce(&mut dyn FnMut(Drill) -> Result<(), E>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut counts = Counts::default();
        let mut counted = |drill: Drill| {
            counts.add(&drill.verdict);
            take(drill)
        };
        match self.layout {
            Layout::Lines => walk(&mut counted)?,
            Layout::Any => drop(any::walk(&self.path, &mut counted)?),
        }
        Ok(agree(&self.path, &self.counts, &counts)?)
    }
}

fn agree(path: &Path, told: &Counts, counted: &Counts) -> Result<(), ReadError> {
    if told == counted {
        return Ok(());
    }
    let why = format!("it counts {} drills and holds {}", told.total(), counted.total());
    Err(ReadError::NotARun { path: path.to_owned(), why })
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

impl Word {
    fn count(&self, counts: &mut Counts) {
        match self {
            Self::Passed => counts.passed += 1,
            Self::Failed => counts.failed += 1,
            Self::Errored => counts.errored += 1,
            Self::Skipped => counts.skipped += 1,
        }
    }
}

/// The members of a run around its drills.
#[derive(Default)]
struct Around {
    members: Map<String, Value>,
    /// Whether the file ended before the run did.
    cut: bool,
}

impl Around {
    /// The part of the run that consists of these members.
    fn part<T: DeserializeOwned>(&self, path: &Path) -> Result<T, ReadError> {
        T::deserialize(Value::Object(self.members.clone())).map_err(|error| not_a_run(path, &error))
    }

    fn refuse_newer(&self, path: &Path) -> Result<(), ReadError> {
        match newer(&self.members) {
            Some(format) => Err(ReadError::Newer { path: path.to_owned(), format }),
            None => Ok(()),
        }
    }
}

fn newer(members: &Map<String, Value>) -> Option<u64> {
    members.get("format").and_then(Value::as_u64).filter(|format| *format > u64::from(file::FORMAT))
}

fn not_a_run(path: &Path, error: &serde_json::Error) -> ReadError {
    ReadError::NotARun { path: path.to_owned(), why: error.to_string() }
}

fn unreadable(path: &Path, cause: io::Error) -> ReadError {
    ReadError::Io { path: path.to_owned(), cause }
}

fn find(path: &Path) -> Result<PathBuf, ReadError> {
    if !path.is_dir() {
        return if path.exists() { Ok(path.to_owned()) } else { Err(ReadError::NotThere { path: path.to_owned() }) };
    }
    let names = [file::NAME, file::PART, file::EARLIER_PART];
    let found = names.into_iter().map(|name| path.join(name)).find(|candidate| candidate.is_file());
    found.ok_or_else(|| ReadError::Missing { path: path.to_owned() })
}

#[cfg(test)]
mod tests {
    use std::{fs, time::Duration};

    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::record::{
        calls::Calls,
        chain::{Link, Standing, Witness},
        drill::{Level, Logged, Outcome, Step, Stimulus, Undone},
        exchange::{Attempt, Exchange},
        failure::{Code, Failure},
        file::RunWriter,
        finding::Finding,
        held::Held,
        past::Past,
        sighting::{Difference, Expected, Latencies, NearMiss, SeenAlert, SeenEntity, Sighting},
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
            calls: vec![Calls::of("alerts", (Some(1), None), &[(7, 2)].into())],
            past: Some(Past { flaky: vec!["a".into()], ..Past::default() }),
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
            further_observables: vec![b.clone()],
            entities: vec![SeenEntity { kind: c.clone(), value: d.clone() }],
            happened_at: at,
            processed_at: at,
            link: None,
            original: Some(d.clone()),
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
                id: a.clone(), feature: b.clone(), file: c.clone(), name: d.clone(), line, example: vec![c.clone()], tags: vec![a.clone(), b.clone()],
                marker: c.clone(), service: "legacy".into(), started: at, finished: at, took_ms: f64::from(took) / 1000.0, verdict,
                steps: vec![Step { keyword: "Given".into(), text: a.clone(), line, outcome: Outcome::NotRun, started: Some(at),
                    finished: None, took_ms: 0.0, failure }],
                chain: vec![Witness { link: Link::Stimulus, standing: Standing::Unwitnessable, from: at, until: at, by: b.clone() }],
                stimuli: vec![Stimulus { what: a.clone(), device: b.clone(), via: Some(c.clone()), from: at, until: at,
                    status: Some(200), bytes: 39, excerpt: d.clone() }],
                waits: vec![Wait { what: a.clone(), from: at, until: at, deadline: at, looks: vec![Look { at, news: 2, failed: Some(b.clone()) }] }],
                sightings: vec![sighting(at, &texts)],
                findings: vec![Finding { what: a.clone(), documented: b.clone(), saw: c.clone(), source: d.clone() }],
                held: vec![Held::new(a.clone(), &b)],
                exchanges: vec![exchange(at, &texts)],
                logs: vec![Logged { level: Level::Warn, text: b.clone(), after: 1 }],
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

    #[test]
    fn a_run_that_counts_other_drills_than_it_holds_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = written(folder.path(), &[]);
        let text = fs::read_to_string(&path).expect("readable").replace("\"passed\":0", "\"passed\":2");
        fs::write(&path, text).expect("written");
        let reader = RunReader::open(&path).expect("the foot is believed until the drills are read");
        let error = reader.each_drill(|_| Ok::<(), ReadError>(())).expect_err("refused").to_string();
        assert!(error.ends_with("it counts 2 drills and holds 0"), "{error}");
    }

    #[test]
    fn a_broken_line_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = written(folder.path(), &[]);
        let text = fs::read_to_string(&path).expect("readable").replace("[\n]", "[\n{\"id\":1}\n]");
        fs::write(&path, text).expect("written");
        let reader = RunReader::open(&path).expect("the drills are not read yet");
        let error = reader.each_drill(|_| Ok::<(), ReadError>(())).expect_err("refused").to_string();
        assert!(error.contains("this is no run.json: ") && error.ends_with("(of line 3 of the file)"), "{error}");
    }
}
