//! The lines of the drills that run, for terminals of several sizes.

use alertdrill::{
    cli::live,
    record::{chain::Link, waiting::Waiting},
    world::board::Seen,
};
use jiff::{SignedDuration, Timestamp};

fn now() -> Timestamp {
    "2026-11-24T14:00:00Z".parse().expect("a moment")
}

fn minutes(count: i64) -> Timestamp {
    now() + SignedDuration::from_mins(count)
}

/// A drill that has waited for so many minutes, and does so until then.
fn seen(name: &str, link: Link, (what, waited, until): (&'static str, i64, Option<i64>)) -> Seen {
    let waiting = Waiting { link: Some(link), what: what.into(), since: minutes(-waited), until: until.map(minutes) };
    Seen { name: name.into(), started: minutes(-30), now: now(), done: 3, steps: 7, link, waiting: Some(waiting) }
}

/// Drills of every kind, so many for the alert.
fn crowd(waiting: i64) -> Vec<Seen> {
    let mut all: Vec<_> = (0..waiting)
        .map(|number| seen("A contact raises its alert", Link::Detection, ("the alert", number % 9, Some(30))))
        .collect();
    all.push(seen("A device with\na \u{1b}[31mname", Link::Propagation, ("propagation", 12, Some(8))));
    all.push(seen("警報が広い文字で上がる", Link::Published, ("its turn for 203.0.113.7", 2, None)));
    let at_work = Seen { waiting: None, ..seen("One that asks", Link::Access, ("", 0, None)) };
    all.push(at_work);
    all
}

fn drawn(seen: &[Seen], to_come: u64, size: (usize, usize)) -> String {
    format!("{size:?}\n{}\n", live::lines(seen, to_come, size).join("\n"))
}

#[test]
fn the_drills_that_run_have_a_line_each_as_far_as_the_terminal_holds_them() {
    let mut text = String::new();
    for size in [(120, 40), (60, 40), (100, 8), (24, 3)] {
        let drawn = drawn(&crowd(2), 0, size);
        for line in drawn.lines().skip(1) {
            assert!(line.chars().count() < size.0, "{line}");
        }
        text.push_str(&drawn);
    }
    text.push_str(&drawn(&crowd(61), 40, (110, 24)));
    insta::assert_snapshot!("live.txt", text);
}

#[test]
fn no_end_is_told_of_what_nothing_is_known_of() {
    let unknown = seen("x", Link::Published, ("its turn", 1, None));
    assert_eq!(live::lines(std::slice::from_ref(&unknown), 0, (100, 40)).len(), 1, "the drill's line alone");
    let known = seen("y", Link::Detection, ("the alert", 1, Some(10)));
    let told = live::heartbeat(&[unknown, known.clone()], 3).expect("two run");
    assert!(told.ends_with("; 1 of 2 waits end by 14:10 UTC at the latest (10 min); 3 not begun"), "{told}");
    let last = Seen { done: 6, ..known };
    let told = live::heartbeat(std::slice::from_ref(&last), 0).expect("one runs");
    assert!(told.ends_with("; the last step of all is over by 14:10 UTC at the latest (10 min)"), "{told}");
    assert_eq!(live::heartbeat(&[], 3), None);
}
