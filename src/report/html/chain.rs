//! The chain of a drill as a row of links, each with its state and its witness.

use maud::{Markup, html};

use crate::{
    record::drill::Drill,
    report::{
        reading::{self, State},
        wording,
    },
};

pub(super) fn row(drill: &Drill) -> Markup {
    html! {
        ol.chain aria-label="The chain, link by link" {
            @for (link, state, witness) in reading::chain(drill) {
                li.(class(state)) {
                    span.dot aria-hidden="true" { (mark(state)) }
                    span.name { (link.label()) }
                    span.state { (state.word()) }
                    @if let Some(witness) = witness { span.by { (wording::short(&wording::line(&witness.by), 300)) } }
                    @else if state == State::Broke { span.by { (why(drill)) } }
                }
            }
        }
    }
}

fn why(drill: &Drill) -> String {
    wording::short(&wording::line(drill.verdict.reason().unwrap_or_default()), 300).into_owned()
}

pub(super) fn class(state: State) -> &'static str {
    match state {
        State::Held => "held",
        State::Broke => "broke",
        State::NotReached => "not-reached",
        State::NotPart => "not-part",
    }
}

fn mark(state: State) -> &'static str {
    match state {
        State::Held => "✔",
        State::Broke => "✘",
        State::NotReached | State::NotPart => "·",
    }
}
