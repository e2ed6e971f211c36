//! `junit.xml`, for CI servers: a suite for each feature, a case for each drill.
//!
//! There is no standard; what is written satisfies both common schemas, Ant's and that of the Jenkins xUnit plugin:
//! no attributes on the root, `properties` first, `system-out` and `system-err` last and nowhere within a case, moments
//! without zone or fraction, times with three decimals, every attribute that either of them demands. Neither lets a case have
//! `properties` or a `system-out` of its own, so marker, latencies and chain of each drill stand in its suite's, a line each,
//! and no `[[ATTACHMENT|…]]` is written: in a suite's output it would be attached to no case.

use std::{
    collections::{HashMap, HashSet},
    fmt::Write as _,
    io,
};

use quick_xml::{
    Writer,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};

use crate::{
    record::{
        drill::Drill,
        run::Head,
        verdict::{Counts, Verdict},
    },
    report::{Outline, Report, account, wording},
};

/// The host that the schemas demand; the machine's name is nobody's business.
const HOST: &str = "localhost";

/// The report while the drills come in: of each drill, its case and one line.
pub(super) struct Junit {
    outline: Outline,
    suites: Vec<Suite>,
    by_feature: HashMap<(String, String), usize>,
}

struct Suite {
    feature: String,
    file: String,
    service: String,
    counts: Counts,
    took_ms: f64,
    cases: Writer<Vec<u8>>,
    /// A name of a case may be there once.
    names: HashSet<String>,
    /// What each drill's chain said, a line each.
    log: String,
}

impl Junit {
    pub(super) fn new(outline: Outline) -> Self {
        Self { outline, suites: Vec::new(), by_feature: HashMap::new() }
    }

    fn suite(&mut self, drill: &Drill) -> &mut Suite {
        let suites = &mut self.suites;
        let index = *self.by_feature.entry((drill.file.clone(), drill.service.clone())).or_insert_with(|| {
            suites.push(Suite {
                feature: drill.feature.clone(),
                file: drill.file.clone(),
                service: drill.service.clone(),
                counts: Counts::default(),
                took_ms: 0.0,
                cases: Writer::new_with_indent(Vec::new(), b' ', 2),
                names: HashSet::new(),
                log: String::new(),
            });
            suites.len() - 1
        });
        &mut suites[index]
    }
}

impl Report for Junit {
    fn drill(&mut self, drill: &Drill, _: &mut dyn io::Write) -> io::Result<()> {
        let rerun = wording::rerun(&self.outline.head, (&drill.file, drill.line), &drill.service);
        let suite = self.suite(drill);
        suite.counts.add(&drill.verdict);
        suite.took_ms += drill.took_ms;
        let mut name = attribute(&drill.name);
        if !suite.names.insert(name.clone()) {
            let _ = write!(name, " ({})", drill.line);
        }
        let case = BytesStart::new("testcase").with_attributes([
            ("name", name.as_str()),
            ("classname", class(&drill.file).as_str()),
            ("time", time(drill.took_ms).as_str()),
        ]);
        write_case(&mut suite.cases, case, drill, &rerun)?;
        let chain = witness(drill);
        let _ =
            writeln!(suite.log, "{} {name}{}{chain}", drill.verdict.word(), if chain.is_empty() { "" } else { ": " });
        Ok(())
    }

    fn finish(self: Box<Self>, out: &mut dyn io::Write) -> io::Result<()> {
        let mut xml = Writer::new_with_indent(out, b' ', 2);
        xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        xml.write_event(Event::Start(BytesStart::new("testsuites")))?;
        for (id, suite) in self.suites.into_iter().enumerate() {
            write_suite(&mut xml, &self.outline.head, id, suite)?;
        }
        xml.write_event(Event::End(BytesEnd::new("testsuites")))?;
        xml.into_inner().write_all(b"\n")
    }
}

fn write_suite(xml: &mut Writer<&mut dyn io::Write>, head: &Head, id: usize, suite: Suite) -> io::Result<()> {
    let number = |number: u64| number.to_string();
    let counts = suite.counts;
    xml.write_event(Event::Start(BytesStart::new("testsuite").with_attributes([
        ("name", attribute(&suite.feature).as_str()),
        ("tests", &number(counts.total())),
        ("failures", &number(counts.failed)),
        ("errors", &number(counts.errored)),
        ("skipped", &number(counts.skipped)),
        ("time", &time(suite.took_ms)),
        ("timestamp", &head.started.strftime("%Y-%m-%dT%H:%M:%S").to_string()),
        ("hostname", HOST),
        ("id", &id.to_string()),
        ("package", &class(&suite.file)),
    ])))?;
    let seed = head.seed.to_string();
    let clock = if head.time_jumps { "jumping (emulated)" } else { "real" };
    let properties = [
        ("run", head.run.as_str()),
        ("tenant", &head.tenant),
        ("service", &suite.service),
        ("clock", clock),
        ("seed", &seed),
        ("alertdrill", &head.alertdrill),
    ];
    xml.create_element("properties").write_inner_content(|xml| {
        for (name, value) in properties {
            let value = attribute(value);
            xml.create_element("property").with_attributes([("name", name), ("value", &value)]).write_empty()?;
        }
        Ok(())
    })?;
    xml.get_mut().write_all(b"\n")?;
    xml.get_mut().write_all(&suite.cases.into_inner())?;
    xml.create_element("system-out").write_text_content(BytesText::new(&content(&suite.log)))?;
    xml.create_element("system-err").write_text_content(BytesText::new(""))?;
    xml.write_event(Event::End(BytesEnd::new("testsuite")))
}

fn write_case(xml: &mut Writer<Vec<u8>>, case: BytesStart<'_>, drill: &Drill, rerun: &str) -> io::Result<()> {
    let element = match &drill.verdict {
        Verdict::Passed => return xml.write_event(Event::Empty(case)),
        Verdict::Failed { .. } => "failure",
        Verdict::Errored { .. } => "error",
        Verdict::Skipped { .. } => "skipped",
    };
    xml.write_event(Event::Start(case))?;
    let reason = attribute(drill.verdict.reason().unwrap_or_default());
    match (&drill.verdict, drill.verdict.code()) {
        (Verdict::Skipped { remedy, .. }, _) => {
            let message = format!("{reason} (remedy: {})", attribute(remedy));
            xml.create_element(element).with_attribute(("message", message.as_str())).write_empty()?;
        }
        (_, code) => {
            let kind = code.map_or("unknown", |code| code.as_str());
            xml.create_element(element)
                .with_attributes([("type", kind), ("message", reason.as_str())])
                .write_text_content(BytesText::new(&content(&account::account(drill, rerun))))?;
        }
    }
    xml.write_event(Event::End(BytesEnd::new("testcase")))
}

/// The drill's chain, how its alert can be found again, and how long that took: what a case has no place for.
fn witness(drill: &Drill) -> String {
    let chain = Some(account::chain(drill)).filter(|chain| !chain.is_empty());
    let marker = Some(&drill.marker).filter(|marker| !marker.is_empty());
    let marker = marker.map(|marker| format!("marker {}", wording::brief(marker)));
    let parts: Vec<String> = [chain, marker, account::latencies(drill)].into_iter().flatten().collect();
    parts.join("; ")
}

/// A class name as Jenkins groups by: the path with dots.
fn class(file: &str) -> String {
    attribute(file.strip_suffix(".feature").unwrap_or(file)).replace(['/', '\\'], ".")
}

fn time(milliseconds: f64) -> String {
    format!("{:.3}", milliseconds / 1000.0)
}

/// A text for an attribute: one line, and nothing that XML cannot hold.
fn attribute(text: &str) -> String {
    content(&wording::brief(text))
}

/// A text without the characters that XML 1.0 forbids.
fn content(text: &str) -> String {
    let allowed = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    text.chars().filter(allowed).collect()
}
