//! `run.json`, written drill by drill while the run goes on, so that memory stays flat and a killed run leaves behind
//! what it had done, and read back the same way by [`RunReader`].
//!
//! It is one JSON object: the members of the head, `drills`, the members of the foot. Each drill is one line.

use std::{
    fs,
    io::{self, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use serde::Serialize;

use crate::record::{
    drill::Drill,
    owner_only,
    place::{Place, put_aside},
    reader::RunReader,
    run::{Foot, Head},
};

/// The name of the record of a run.
pub const NAME: &str = "run.json";

/// What the record is called until the run is over.
pub const PART: &str = "run.json.part";

/// The unfinished record of an earlier run is kept under this name when the next run begins.
pub const EARLIER_PART: &str = "run.json.part.earlier";

/// The version of the format that is written. What was written in an earlier one is read as if it had been in this.
pub const FORMAT: u32 = 2;

/// The `run.json` of a run that goes on. It is called [`PART`] until [`RunWriter::finish`].
#[derive(Debug)]
pub struct RunWriter {
    place: Place,
    /// Up to where the file is whole.
    whole: u64,
    drills: u64,
    line: Vec<u8>,
}

impl RunWriter {
    /// Begins the record in `dir`, which is made if need be. The part of a run that was killed is put aside as
    /// [`EARLIER_PART`]; that of a run that still goes on is an error.
    pub fn create(dir: &Path, head: &Head) -> io::Result<Self> {
        Self::begin(Place::hold(dir)?, head)
    }

    /// Goes on with the record of the run `head` in `dir`. What of it is there in the files that are returned has to be
    /// copied first; once it is, [`RunWriter::has_copied`] says so. Killed at any moment, nothing of it is lost.
    pub fn go_on(dir: &Path, head: &Head) -> io::Result<(Self, Vec<RunReader>)> {
        let place = Place::hold_after(dir, |part, earlier| match of_the_run(earlier, &head.run) {
            None => put_aside(part, earlier),
            // The part is a copy that was not finished.
            Some(_) => fs::remove_file(part).map_err(|error| owner_only::named(part, &error)),
        })?;
        Ok((Self::begin(place, head)?, of_run(dir, &head.run)))
    }

    /// Nothing is recorded after all.
    pub fn give_up(self) {
        // It is held until it is gone; what stays is put aside by the next.
        let _it_may_be_gone = fs::remove_file(&self.place.part);
    }

    /// What there was of the record before is in it.
    pub fn has_copied(&self) -> io::Result<()> {
        self.place.file.sync_all().map_err(|error| owner_only::named(&self.place.part, &error))?;
        match fs::remove_file(self.place.part.with_file_name(EARLIER_PART)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(owner_only::named(&self.place.part, &error)),
            _ => Ok(()),
        }
    }

    fn begin(place: Place, head: &Head) -> io::Result<Self> {
        let mut writer = Self { place, whole: 0, drills: 0, line: Vec::new() };
        writer.write(|line| {
            members(line, &Head { format: FORMAT, ..head.clone() })?;
            line.pop();
            line.extend_from_slice(b",\n\"drills\":[");
            Ok(())
        })?;
        Ok(writer)
    }

    /// Adds a drill, and hands it to the system. After an error the record is whole up to the drill before.
    pub fn drill(&mut self, drill: &Drill) -> io::Result<()> {
        let first = self.drills == 0;
        self.write(|line| {
            line.extend_from_slice(if first { b"\n" } else { b",\n" });
            members(line, drill)
        })?;
        self.drills += 1;
        Ok(())
    }

    /// Ends the record, and gives it its name.
    pub fn finish(mut self, foot: &Foot) -> io::Result<PathBuf> {
        self.write(|line| {
            line.extend_from_slice(b"\n],\n");
            let begin = line.len();
            members(line, foot)?;
            line.remove(begin);
            line.push(b'\n');
            Ok(())
        })?;
        self.place.name()
    }

    /// Where the record is while the run goes on.
    pub fn part(&self) -> &Path {
        &self.place.part
    }

    fn write(&mut self, fill: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> io::Result<()> {
        self.line.clear();
        fill(&mut self.line).and_then(|()| self.place.file.write_all(&self.line)).map_err(|error| {
            let _stays_as_it_is =
                self.place.file.set_len(self.whole).and_then(|()| self.place.file.seek(SeekFrom::Start(self.whole)));
            owner_only::named(&self.place.part, &error)
        })?;
        self.whole += self.line.len() as u64;
        Ok(())
    }
}

/// The records of the run `run` in `dir` that nobody writes to: whole, or put aside.
pub fn of_run(dir: &Path, run: &str) -> Vec<RunReader> {
    [NAME, EARLIER_PART].iter().filter_map(|name| of_the_run(&dir.join(name), run)).collect()
}

fn of_the_run(path: &Path, run: &str) -> Option<RunReader> {
    let reader = if path.is_file() { RunReader::open(path).ok() } else { None };
    reader.filter(|reader| reader.head().run == run)
}

fn members(line: &mut Vec<u8>, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(line, value).map_err(io::Error::from)
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;

    use super::*;
    use crate::record::verdict::{Counts, RunVerdict};

    fn head() -> Head {
        serde_json::from_value(serde_json::json!({
            "format": FORMAT, "alertdrill": "0", "run": "r", "started": "2026-11-24T03:15:54Z", "tenant": "emulator",
            "time_jumps": true, "seed": 1,
        }))
        .expect("a head")
    }

    #[test]
    fn the_record_of_a_killed_run_is_kept_when_the_next_one_begins() {
        let folder = tempfile::tempdir().expect("a folder");
        drop(RunWriter::create(folder.path(), &head()).expect("created"));
        let _next = RunWriter::create(folder.path(), &head()).expect("created");
        let earlier = RunReader::open(&folder.path().join(EARLIER_PART)).expect("readable");
        assert_eq!((earlier.foot(), *earlier.counts()), (None, Counts::default()));
    }

    #[test]
    fn what_there_was_of_a_record_is_known_until_it_is_copied_however_often_its_writer_is_killed() {
        let folder = tempfile::tempdir().expect("a folder");
        let names = |known: &[RunReader]| {
            known
                .iter()
                .map(|one| one.path().file_name().map(|name| name.to_string_lossy().into_owned()))
                .collect::<Vec<_>>()
        };
        let by = |alertdrill: &str| Head { alertdrill: alertdrill.into(), ..head() };
        let go_on = |version| RunWriter::go_on(folder.path(), &by(version)).expect("it goes on");
        let counts = Counts::default();
        let foot = Foot {
            finished: head().started,
            took_ms: 1.0,
            verdict: RunVerdict::of(&counts),
            counts,
            defects: vec![],
            calls: vec![],
            past: None,
        };
        RunWriter::create(folder.path(), &head()).expect("created").finish(&foot).expect("finished");
        let (writer, known) = go_on("first");
        assert_eq!(names(&known), [Some(NAME.to_owned())]);
        drop(writer);
        for killed_in_mid_copy in ["second", "third"] {
            let (writer, known) = go_on(killed_in_mid_copy);
            assert_eq!(names(&known), [Some(NAME.to_owned()), Some(EARLIER_PART.to_owned())]);
            assert_eq!(known[1].head().alertdrill, "first", "no half copy takes the place of what it is a copy of");
            assert!(RunWriter::go_on(folder.path(), &head()).is_err(), "it is being written");
            drop(writer);
        }
        let (writer, _) = go_on("last");
        writer.has_copied().expect("copied");
        assert!(!folder.path().join(EARLIER_PART).exists());
        let other = Head { run: "another".into(), ..head() };
        drop(writer);
        let (_, known) = RunWriter::go_on(folder.path(), &other).expect("it begins");
        assert_eq!(names(&known), Vec::<Option<String>>::new());
    }

    #[test]
    fn two_runs_cannot_write_to_one_directory() {
        let folder = tempfile::tempdir().expect("a folder");
        let _goes_on = RunWriter::create(folder.path(), &head()).expect("created");
        let error = RunWriter::create(folder.path(), &head()).expect_err("refused");
        assert!(error.to_string().contains("another run is writing here"), "{error}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_an_error_that_names_the_file() {
        let full = Path::new("/dev/full");
        let file = OpenOptions::new().write(true).open(full).expect("Linux has it");
        let place = Place { file, part: full.into(), path: full.into() };
        let mut writer = RunWriter { place, whole: 0, drills: 0, line: Vec::new() };
        let error = writer.write(|line| members(line, &head())).expect_err("no room");
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert!(error.to_string().starts_with("/dev/full: "), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_record_is_never_written_through_a_link() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in [NAME, PART] {
            let link = folder.path().join(name);
            std::os::unix::fs::symlink("/nowhere", &link).expect("linked");
            let error = RunWriter::create(folder.path(), &head()).expect_err("refused");
            assert!(error.to_string().contains("symbolic link"), "{error}");
            fs::remove_file(&link).expect("removed");
        }
    }
}
