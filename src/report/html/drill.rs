//! All of one drill.

use maud::{Markup, html};

use crate::{
    record::{
        drill::{Drill, Logged, Outcome, Step, Stimulus},
        failure::Failure,
        finding::Finding,
        held::Held,
        run::Head,
        verdict::Verdict,
        wait::Wait,
    },
    report::{
        html::{Extent, alert, badge, chain, exchange, json, timeline},
        reading, wording,
    },
};

/// Looks listed of one wait, half of them the first and half the last.
const LOOKS: usize = 60;

/// The account of the drill with this number in its run, and what is new of it; one that passed or was skipped is folded.
pub(super) fn account(drill: &Drill, (number, news): (usize, Option<&str>), head: &Head, extent: Extent) -> Markup {
    let id = format!("d{number}");
    let title = html! {
        h3 { (badge(&drill.verdict)) " " (wording::line(&drill.name)) }
        @if let Some(news) = news { " " span.news { (news) } }
    };
    html! {
        article.drill.(drill.verdict.word()) id=(id) {
            @match (extent, &drill.verdict) {
                (Extent::Short, _) => { (title) (meta(drill)) (what_happened(drill, head)) }
                (Extent::Full, Verdict::Passed | Verdict::Skipped { .. }) => {
                    details { summary { (title) (meta(drill)) } (content(drill, head)) }
                }
                (Extent::Full, Verdict::Failed { .. } | Verdict::Errored { .. }) => {
                    (title) (meta(drill)) (content(drill, head))
                }
            }
        }
        "\n"
    }
}

fn meta(drill: &Drill) -> Markup {
    html! {
        p.meta {
            span { (wording::line(&drill.feature)) }
            code { (wording::line(&drill.file)) ":" (drill.line) }
            span { "service " (wording::line(&drill.service)) }
            span { "marker " code { (wording::line(&drill.marker)) } }
            span { (wording::between(drill.started, drill.finished)) " on its clock, " (wording::real(drill.took_ms)) " real" }
            @for tag in &drill.tags { span.tag { "@" (wording::line(tag)) } }
        }
    }
}

fn content(drill: &Drill, head: &Head) -> Markup {
    html! {
        @match &drill.verdict {
            Verdict::Failed { .. } | Verdict::Errored { .. } => { (what_happened(drill, head)) }
            Verdict::Skipped { reason, remedy } => {
                dl.failure { div { dt { "Skipped" } dd { (wording::line(reason)) } } div { dt { "Remedy" } dd { (wording::line(remedy)) } } }
            }
            Verdict::Passed => {}
        }
        @if !drill.chain.is_empty() || drill.verdict.code().is_some() { (chain::row(drill)) (timeline::table(drill)) }
        (steps(&drill.steps))
        @for sighting in &drill.sightings { (alert::sighting(sighting)) }
        @if !drill.findings.is_empty() { (findings(&drill.findings)) }
        @if !drill.held.is_empty() { (held(&drill.held)) }
        @if !drill.stimuli.is_empty() { (traffic(&drill.stimuli)) }
        @for wait in &drill.waits { (waited(wait)) }
        @if !drill.exchanges.is_empty() { (exchange::list(&drill.exchanges)) }
        @if !drill.logs.is_empty() { (logged(&drill.logs)) }
        (clean_up(drill))
    }
}

/// What the tenant held for the drill, whole.
fn held(held: &[Held]) -> Markup {
    html! {
        h4 { "Held by the tenant" }
        @for held in held {
            details.original {
                summary { "The " (wording::line(held.what())) " as the service wrote it" }
                pre { code { (wording::lines(&json::laid_out(held.original()).unwrap_or_else(|| held.original().to_owned()))) } }
            }
        }
    }
}

/// What is other than documented, without being wrong.
fn findings(findings: &[Finding]) -> Markup {
    html! {
        h4 { "Findings" }
        @for finding in findings {
            dl.failure {
                div { dt { "Finding" } dd { (wording::line(&finding.what)) } }
                div { dt { "Documented" } dd { (wording::lines(&finding.documented)) } }
                div { dt { "Saw" } dd { (wording::lines(&finding.saw)) } }
                div { dt { "Source" } dd { (wording::line(&finding.source)) } }
            }
        }
    }
}

fn what_happened(drill: &Drill, head: &Head) -> Markup {
    let rerun = wording::rerun(head, (&drill.file, drill.line), &drill.service);
    html! {
        div.failure-box {
            @if let Some(code) = drill.verdict.code() {
                p.lead { code.code { (code) } " " (wording::meaning(code)) }
            }
            @if let Some(sentence) = wording::broken(drill) { p { (sentence) } }
            @if let Some(failure) = reading::failure(drill) { (details_of(failure)) }
            p.again { "Run it again: " code.copy { (rerun) } }
        }
    }
}

fn details_of(failure: &Failure) -> Markup {
    let rows =
        [("Expected", &failure.expected), ("Saw", &failure.saw), ("Hint", &failure.hint), ("Where", &failure.place)];
    html! {
        @if rows.iter().any(|(_, value)| value.is_some()) {
            dl.failure {
                @for (name, value) in rows {
                    @if let Some(value) = value { div { dt { (name) } dd { (wording::lines(value)) } } }
                }
            }
        }
    }
}

fn steps(steps: &[Step]) -> Markup {
    html! {
        h4 { "Steps" }
        ol.steps {
            @for step in steps {
                @let (class, mark, word) = outcome(step.outcome);
                li.(class) {
                    span.mark aria-hidden="true" { (mark) }
                    span.text {
                        strong { (wording::line(&step.keyword)) } " " (wording::line(&step.text))
                        span.unseen { " – " (word) }
                        @if let Some(failure) = &step.failure { span.what { (wording::line(&failure.what)) } }
                    }
                    span.took { @match (step.started, step.finished) {
                        (Some(from), Some(until)) => { (wording::between(from, until)) }
                        _ => { (if step.outcome == Outcome::NotRun { "not reached" } else { "" }) }
                    } }
                }
            }
        }
    }
}

fn outcome(outcome: Outcome) -> (&'static str, &'static str, &'static str) {
    match outcome {
        Outcome::Passed => ("held", "✔", "held"),
        Outcome::Failed => ("broke", "✘", "failed"),
        Outcome::Skipped => ("not-reached", "–", "skipped"),
        Outcome::NotRun => ("not-reached", "·", "not reached"),
    }
}

fn traffic(stimuli: &[Stimulus]) -> Markup {
    html! {
        h4 { "Traffic" }
        ul.plain {
            @for stimulus in stimuli {
                li {
                    code { (wording::line(&stimulus.what)) } " on " (wording::line(&stimulus.device))
                    @if let Some(via) = &stimulus.via { " via " code { (wording::line(via)) } }
                    span.took { (wording::moment(stimulus.from)) ", " (wording::between(stimulus.from, stimulus.until)) }
                    p.aside {
                        @if let Some(status) = stimulus.status { "Came back: " code { (status) } ", " }
                        (wording::count(stimulus.bytes, "byte"))
                        @if !stimulus.excerpt.is_empty() { ": “" (wording::line(&stimulus.excerpt)) "”" }
                    }
                }
            }
        }
    }
}

fn waited(wait: &Wait) -> Markup {
    let failed = wait.looks.iter().filter(|look| look.failed.is_some()).count();
    let left_out = wait.looks.len().saturating_sub(LOOKS);
    let shown =
        wait.looks.iter().enumerate().filter(|(at, _)| left_out == 0 || *at < LOOKS / 2 || *at >= LOOKS / 2 + left_out);
    html! {
        details.wait {
            summary {
                h4 { "Waited for " (wording::line(&wait.what)) }
                span.took {
                    (wording::between(wait.from, wait.until)) ", " (wording::count(wait.looks.len() as u64, "look"))
                    @if failed > 0 { ", " (failed) " of them failed" }
                }
            }
            p.aside { "In time until " (wording::moment(wait.deadline)) "." }
            table.looks {
                thead { tr { th scope="col" { "Look at" } th.right scope="col" { "New alerts" } th scope="col" { "Trouble" } } }
                tbody {
                    @for (at, look) in shown {
                        @if left_out > 0 && at == LOOKS / 2 + left_out { tr { td.left-out colspan="3" { "… " (left_out) " looks in between" } } }
                        tr {
                            td { (wording::time_of_day(look.at)) }
                            td.right { (look.news) }
                            td { @if let Some(why) = &look.failed { (wording::line(why)) } }
                        }
                    }
                }
            }
        }
    }
}

fn logged(logs: &[Logged]) -> Markup {
    html! {
        h4 { "Logged" }
        ul.plain.logs {
            @for logged in logs {
                li {
                    strong { (logged.level.as_str()) } " " (wording::line(&logged.text))
                    span.took { "after " (wording::count(logged.after.into(), "exchange")) }
                }
            }
        }
    }
}

fn clean_up(drill: &Drill) -> Markup {
    html! {
        @if !drill.clean_up.is_empty() {
            h4 { "Clean-up" }
            ul.plain.clean-up {
                @for undone in &drill.clean_up {
                    @match &undone.left {
                        None => { li { span.mark aria-hidden="true" { "✔ " } (wording::line(&undone.what)) ": done" } }
                        Some(why) => { li.warn { span.mark aria-hidden="true" { "! " } (wording::line(&undone.what)) " is still there: " (wording::line(why)) } }
                    }
                }
            }
        }
    }
}
