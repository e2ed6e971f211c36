//! The first screen: did it pass, and if not, which link of which chain broke.

use maud::{Markup, html};

use crate::{
    record::{drill::Drill, failure::Code, verdict::Verdict},
    report::{Outline, html::chain, reading, wording},
};

/// So many broken drills are named on the first screen.
const NAMED: usize = 5;

/// What the first screen tells of the drills that did not pass.
#[derive(Default)]
pub(super) struct Broken {
    named: Vec<Named>,
    /// The chain of the first drill that failed, or else errored.
    chain: Option<Markup>,
    chain_is_of_a_failed_one: bool,
    others: usize,
    left_behind: u64,
}

struct Named {
    name: String,
    service: String,
    number: Option<usize>,
    code: Code,
    sentence: String,
    /// What to do about it, where the failure says.
    hint: Option<String>,
    failed: bool,
}

impl Broken {
    /// Takes in one drill; `number` is that of its full account, if it has one.
    pub(super) fn add(&mut self, drill: &Drill, number: Option<usize>) {
        self.left_behind += u64::from(reading::left_behind(drill).next().is_some());
        let (Some(code), Some(sentence)) = (drill.verdict.code(), wording::broken(drill)) else { return };
        let failed = matches!(drill.verdict, Verdict::Failed { .. });
        if self.chain.is_none() || (failed && !self.chain_is_of_a_failed_one) {
            self.chain = Some(chain::row(drill));
            self.chain_is_of_a_failed_one = failed;
        }
        let [name, service] = [&drill.name, &drill.service].map(|text| wording::line(text).into_owned());
        let hint = reading::failure(drill).and_then(|failure| failure.hint.as_deref());
        let hint = hint.map(|hint| wording::short(&wording::line(hint), 240).into_owned());
        let named = Named { name, service, number, code, sentence, hint, failed };
        // Gaps first: they are what the run was for.
        let place = if failed { self.named.iter().take_while(|other| other.failed).count() } else { self.named.len() };
        self.named.insert(place, named);
        if self.named.len() > NAMED {
            self.named.pop();
            self.others += 1;
        }
    }
}

pub(super) fn markup(outline: &Outline, broken: &Broken) -> Markup {
    let verdict = outline.verdict();
    html! {
        section.verdict.(verdict.word()) aria-labelledby="verdict" {
            p.word { span.mark aria-hidden="true" { (wording::run_mark(verdict)) } (verdict.word()) }
            h1 #verdict { (wording::headline(outline)) }
            (tally(outline))
            @if !broken.named.is_empty() { (what_broke(broken)) }
            @if let Some(told) = wording::left_behind(broken.left_behind, "the drill") { p.note.warn { "! " (told) } }
            @if let Some(news) = wording::news(outline) { p.note { (news) "." } }
            @for note in wording::notes(outline) { p.note { (note) } }
            (facts(outline))
        }
    }
}

fn tally(outline: &Outline) -> Markup {
    let counts = &outline.counts;
    let parts = [
        ("passed", "✔", counts.passed),
        ("failed", "✘", counts.failed),
        ("errored", "!", counts.errored),
        ("skipped", "–", counts.skipped),
    ];
    html! {
        ul.tally aria-label="Drills by verdict" {
            @for (word, mark, number) in parts {
                li.(word).none[number == 0] {
                    span.mark aria-hidden="true" { (mark) }
                    strong { (number) } " " (word)
                }
            }
        }
    }
}

fn what_broke(broken: &Broken) -> Markup {
    html! {
        div.what-broke {
            ul {
                @for named in &broken.named {
                    li {
                        code.code { (named.code) } " "
                        strong { (wording::short(&named.sentence, 240)) }
                        span.where {
                            "in "
                            @if let Some(number) = named.number { a href=(format!("#d{number}")) { (wording::short(&named.name, 120)) } }
                            @else { (wording::short(&named.name, 120)) }
                            @if !named.service.is_empty() { " on " (named.service) }
                        }
                        @if let Some(hint) = &named.hint { span.where { "What to do: " (hint) } }
                    }
                }
                @if broken.others > 0 { li { a href="#broken" { "… and " (broken.others) " more" } } }
            }
            @if let Some(chain) = &broken.chain {
                @if broken.named.len() > 1 { p.caption { "The chain of the first of them:" } }
                (chain)
            }
        }
    }
}

fn facts(outline: &Outline) -> Markup {
    let head = &outline.head;
    let took = outline.foot.as_ref().map_or_else(|| "unknown".to_owned(), |foot| wording::real(foot.took_ms));
    let facts = [
        ("Target", wording::line(&head.tenant).into_owned()),
        ("Began", wording::moment(head.started)),
        ("Took", took),
        ("Clock", if head.time_jumps { "emulated" } else { "real" }.to_owned()),
        ("Seed", head.seed.to_string()),
        ("Version", format!("alertdrill {}", wording::line(&head.alertdrill))),
    ];
    html! {
        dl.facts {
            @for (name, value) in facts { div { dt { (name) } dd { (value) } } }
        }
    }
}
