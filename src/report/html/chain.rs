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
                    span.dot aria-hidden="true" { (wording::link_mark(state)) }
                    span.name { (link.label()) }
                    span.state { (state.word()) }
                    @match witness {
                        Some(witness) if state == witness.standing.into() => { span.by { (wording::short(&wording::line(&witness.by), 300)) } }
                        _ if state == State::Broke => { span.by { (why(drill)) } }
                        _ => {}
                    }
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
        State::Unwitnessable => "unwitnessable",
        State::NotReached => "not-reached",
        State::NotPart => "not-part",
    }
}
