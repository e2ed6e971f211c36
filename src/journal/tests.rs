use std::fs::OpenOptions;

use super::*;

const WHEN: &str = "2026-11-24T12:00:00Z";

fn head() -> Head {
    Head {
        run: "run-1".into(),
        tenant: "lab".into(),
        service: Service::Endpoint,
        client_id: "app".into(),
        started: WHEN.parse().expect("a moment"),
    }
}

fn clock() -> Clock {
    Clock::jumping(WHEN.parse().expect("a moment"))
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn text(folder: &tempfile::TempDir) -> String {
    fs::read_to_string(folder.path().join(NAME)).expect("readable")
}

#[tokio::test]
async fn what_is_not_undone_is_left_and_known_as_it_was_last() {
    let (folder, marker) = (folder(), Marker::of(1, "a"));
    let journal = Arc::new(Journal::create(folder.path(), &head(), &clock()).expect("created"));
    let gone = journal.about_to(&marker, &Thing::DefinitionsNamed("a `name`\nof two lines".into()));
    let there = journal.about_to(&marker, &Thing::Together("evil.example".into()));
    let kept = journal.about_to(&marker, &Thing::Offboarded("pc".into()));
    journal.about_to(&marker, &Thing::ApiSwitchedOff);
    journal.sync().await.expect("on disk");
    journal.became(there, &Thing::Indicator("7".into()));
    journal.undone(gone);
    journal.kept(kept);
    let path = journal.path().to_owned();
    drop(journal);

    let (again, past) = Journal::reopen(&path, &clock()).expect("readable");
    assert_eq!(past.head, head());
    let left: Vec<_> = past.left.iter().map(|left| (left.thing.clone(), left.kept)).collect();
    let expected =
        [(Thing::Indicator("7".into()), false), (Thing::Offboarded("pc".into()), true), (Thing::ApiSwitchedOff, false)];
    assert_eq!(left, expected);
    assert!(past.left.iter().all(|left| left.marker == marker));

    for left in &past.left[..2] {
        again.undone(left.number);
    }
    let newer = again.about_to(&marker, &Thing::ApiSwitchedOff);
    assert!(past.left.iter().all(|left| left.number != newer), "numbers are not given twice");
    drop(again);
    let (_, past) = Journal::reopen(&path, &clock()).expect("readable");
    assert_eq!(past.left.len(), 2);
}

#[test]
fn each_line_says_what_it_is_about_and_the_first_whose_journal_it_is() {
    let (folder, marker) = (folder(), Marker::of(1, "a"));
    let journal = Journal::create(folder.path(), &head(), &clock()).expect("created");
    let entry = journal.about_to(&marker, &Thing::Together("evil.example".into()));
    journal.became(entry, &Thing::Indicator("7".into()));
    journal.undone(entry);
    let expected = format!(
        r#"{{"alertdrill_journal":1,"run":"run-1","tenant":"lab","service":"endpoint","client_id":"app","started":"{WHEN}"}}
{{"entry":1,"at":"{WHEN}","is":"about-to","marker":"{marker}","what":"indicator-with-definition","value":"evil.example"}}
{{"entry":1,"at":"{WHEN}","is":"made","what":"indicator","key":"7"}}
{{"entry":1,"at":"{WHEN}","is":"undone"}}
"#
    );
    assert_eq!(text(&folder), expected);
}

#[test]
fn a_line_that_was_being_written_is_passed_over_and_nothing_is_written_behind_it() {
    let (folder, marker) = (folder(), Marker::of(1, "a"));
    let journal = Journal::create(folder.path(), &head(), &clock()).expect("created");
    journal.about_to(&marker, &Thing::Indicator("7".into()));
    journal.about_to(&marker, &Thing::Indicator("8".into()));
    drop(journal);
    let (path, whole) = (folder.path().join(NAME), text(&folder));
    let first = whole.trim_end().rfind('\n').expect("several lines") + 1;
    for torn in first..whole.len() {
        fs::write(&path, &whole[..torn]).expect("written");
        let (journal, past) = Journal::reopen(&path, &clock()).expect("readable");
        assert_eq!(past.left.len(), 1, "torn at {torn}");
        journal.undone(past.left[0].number);
        drop(journal);
        let (_, past) = Journal::reopen(&path, &clock()).expect("still readable");
        assert_eq!(past.left, []);
    }
}

#[test]
fn what_is_no_journal_or_one_of_another_format_is_refused_with_the_reason() {
    let folder = folder();
    let path = folder.path().join(NAME);
    let head = r#"{"alertdrill_journal":1,"run":"r","tenant":"t","service":"graph","client_id":"c","started":"2026-11-24T12:00:00Z"}"#;
    let cases = [
        (String::new(), "it is no journal of alertdrill"),
        ("{\"run\":1}\n".into(), "it is no journal of alertdrill"),
        ("{\"alertdrill_journal\":2}\n".into(), "it is a journal of the format 2, and this alertdrill reads 1"),
        (format!("{}\n", head.replace("graph", "mail")), "its first line: no service `mail` is known"),
        (format!("{head}\n{{}}\n"), "line 2: "),
        (
            format!(
                "{head}\n{{\"entry\":1,\"at\":\"{WHEN}\",\"is\":\"about-to\",\"marker\":\"x\",\"what\":\"indicator\",\"key\":\"1\"}}\n"
            ),
            "line 2: `x` is no marker",
        ),
    ];
    for (text, problem) in cases {
        fs::write(&path, &text).expect("written");
        let error = Journal::reopen(&path, &clock()).expect_err("refused").to_string();
        assert!(error.contains(problem) && error.contains(NAME), "{error}");
        assert_eq!(fs::read_to_string(&path).expect("readable"), text, "it is left as it is");
    }
}

#[test]
fn the_journal_of_a_run_that_goes_on_is_not_opened() {
    let folder = folder();
    let journal = Journal::create(folder.path(), &head(), &clock()).expect("created");
    let error = Journal::reopen(journal.path(), &clock()).expect_err("refused");
    assert!(error.to_string().contains("its run goes on"), "{error}");
    let path = journal.path().to_owned();
    drop(journal);
    let _over = Journal::reopen(&path, &clock()).expect("it is over");
}

#[tokio::test]
async fn many_who_wait_together_cost_few_syncs() {
    let folder = folder();
    let journal = Arc::new(Journal::create(folder.path(), &head(), &clock()).expect("created"));
    let drills = (0..200).map(|drill| {
        let journal = Arc::clone(&journal);
        async move {
            journal.about_to(&Marker::of(1, &drill.to_string()), &Thing::ApiSwitchedOff);
            journal.sync().await.expect("on disk");
            assert!(journal.safe.load(Ordering::Acquire) > drill, "its line is on disk");
            journal.flushes.load(Ordering::Acquire)
        }
    });
    let flushes = futures::future::join_all(drills).await.into_iter().max();
    assert!(flushes <= Some(4), "{flushes:?} syncs for 200 drills that wait together");
}

#[cfg(unix)]
#[test]
fn it_is_the_owner_s_alone_and_never_written_through_a_link() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let folder = folder();
    let path = folder.path().join(NAME);
    drop(Journal::create(folder.path(), &head(), &clock()).expect("created"));
    assert_eq!(fs::metadata(&path).expect("it is there").permissions().mode() & 0o777, 0o600);
    fs::rename(&path, folder.path().join("other")).expect("renamed");
    symlink("other", &path).expect("linked");
    for error in [
        Journal::create(folder.path(), &head(), &clock()).expect_err("refused"),
        Journal::reopen(&path, &clock()).expect_err("refused"),
    ] {
        assert!(error.to_string().contains("symbolic link"), "{error}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn on_a_full_disk_it_says_so_and_goes_on_when_there_is_room() {
    let folder = folder();
    let mut journal = Journal::create(folder.path(), &head(), &clock()).expect("created");
    let full = OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
    let room = std::mem::replace(&mut journal.writing.get_mut().expect("whole").file, full);
    let journal = Arc::new(journal);
    let entry = journal.about_to(&Marker::of(1, "a"), &Thing::Indicator("7".into()));
    let error = journal.sync().await.expect_err("no room");
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    assert!(error.to_string().contains(NAME), "{error}");
    assert_eq!(text(&folder).lines().count(), 1);

    journal.writing().file = room;
    journal.undone(entry);
    journal.sync().await.expect("there is room again");
    assert_eq!(text(&folder).lines().count(), 3);
}
