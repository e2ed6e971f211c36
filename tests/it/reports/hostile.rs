//! What nobody may be able to do with a text that a tenant or a feature sends through a run, in any report.

use alertdrill::report::{Format, markdown};
use quick_xml::{Reader, events::Event};

use super::samples::{CANARY, Sample, samples};

fn reports(sample: &Sample) -> impl Iterator<Item = (Format, String)> {
    Format::ALL.into_iter().map(|format| (format, sample.text(format.file_name())))
}

fn hostile() -> &'static Sample {
    samples().iter().find(|sample| sample.name == "hostile all over").expect("a sample")
}

#[test]
fn no_secret_of_an_exchange_is_in_any_report() {
    assert!(hostile().text("run.json").matches(CANARY).count() > 50, "they were planted");
    for (format, report) in reports(hostile()) {
        let found = report.find(CANARY).map(|at| &report[report.floor_char_boundary(at.saturating_sub(200))..][..300]);
        assert_eq!(found, None, "{format}");
    }
}

#[test]
fn no_report_steers_a_terminal_or_reverses_what_is_read() {
    let steers = |c: char| {
        c.is_control() && !matches!(c, '\n' | '\r' | '\t')
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    assert!(hostile().json("run.json").to_string().contains(steers), "it was planted");
    for sample in samples() {
        for (format, report) in reports(sample) {
            let found = report.find(steers).map(|at| report[at..].chars().take(20).collect::<String>());
            assert_eq!(found, None, "{}, {format}", sample.name);
        }
    }
}

#[test]
fn no_text_becomes_an_element_or_ends_a_script() {
    for (format, report) in reports(hostile()) {
        let markup = ["<img", "</script><img", "<![CDATA["];
        let found = markup.iter().find(|markup| report.contains(**markup));
        assert_eq!(found, None, "{format}");
    }
}

#[test]
fn every_junit_file_is_well_formed_and_holds_no_character_that_xml_forbids() {
    for sample in samples() {
        let xml = sample.text("junit.xml");
        let allowed =
            |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
        assert!(xml.chars().all(allowed), "{}", sample.name);
        let mut reader = Reader::from_str(&xml);
        let mut cases = 0;
        loop {
            match reader.read_event().unwrap_or_else(|error| panic!("{}: {error}", sample.name)) {
                Event::Eof => break,
                Event::Start(element) | Event::Empty(element) => {
                    element.attributes().for_each(|attribute| drop(attribute.expect("well formed")));
                    cases += usize::from(element.name().as_ref() == "testcase");
                }
                _ => {}
            }
        }
        assert_eq!(cases, sample.drills().len(), "{}", sample.name);
    }
}

#[test]
fn every_summary_keeps_to_its_limit_and_says_what_it_left_out() {
    for sample in samples() {
        let summary = sample.text("summary.md");
        assert!(summary.len() <= markdown::LIMIT, "{}: {}", sample.name, summary.len());
        let rows = summary.split_once("## All drills").map_or(0, |(_, table)| {
            table
                .lines()
                .filter(|line| line.starts_with("| ") && !line.starts_with("| verdict") && !line.starts_with("| ---"))
                .count()
        });
        let more = summary.lines().find_map(|line| line.strip_prefix("… and ")?.strip_suffix(" more.")?.parse().ok());
        assert_eq!(rows + more.unwrap_or(0), sample.drills().len(), "{}", sample.name);
    }
}
