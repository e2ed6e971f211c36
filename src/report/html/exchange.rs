//! The exchanges of a drill, each with its request, its attempts and what came back.

use maud::{Markup, html};

use crate::{
    record::exchange::{Attempt, Exchange, REDACTED},
    report::{html::json, wording},
};

/// Exchanges shown of one drill: so many of the first, and so many of the last.
const FIRST: usize = 40;
const LAST: usize = 20;

pub(super) fn list(exchanges: &[Exchange]) -> Markup {
    let left_out = exchanges.len().saturating_sub(FIRST + LAST);
    let shown = exchanges.iter().enumerate().filter(|(at, _)| left_out == 0 || *at < FIRST || *at >= FIRST + left_out);
    html! {
        details.exchanges {
            summary { h4 { "Exchanges " span.number { (exchanges.len()) } } }
            ol {
                @for (at, exchange) in shown {
                    @if left_out > 0 && at == FIRST + left_out {
                        li.left-out { "… " (left_out) " in between are told only in " code { "run.json" } "." }
                    }
                    li value=(at + 1) { (one(exchange)) }
                }
            }
        }
    }
}

fn one(exchange: &Exchange) -> Markup {
    let took: f64 = exchange.attempts().iter().map(Attempt::took_ms).sum();
    html! {
        details.exchange {
            summary {
                span.status.bad[is_bad(exchange)] { (outcome(exchange)) }
                " " span.purpose { (wording::short(&wording::line(exchange.purpose()), 120)) }
                " " code.request { (wording::line(exchange.method())) " " (wording::short(&wording::line(exchange.url()), 300)) }
                " " span.took {
                    @if exchange.attempts().len() > 1 { (exchange.attempts().len()) " attempts, " }
                    (wording::real(took))
                }
            }
            div.wire data-method=(wording::line(exchange.method())) {
                h5 { "Request" }
                p.line { code { (wording::line(exchange.method())) " " span.url { (redacted(&wording::line(exchange.url()))) } } }
                (headers(exchange.request_headers()))
                @if let Some(text) = exchange.request_body() { (body("Request body", "request-body", text)) }
                @for (number, attempt) in exchange.attempts().iter().enumerate() {
                    (answer(number + 1, exchange.attempts().len(), attempt))
                }
            }
        }
    }
}

fn outcome(exchange: &Exchange) -> String {
    match (exchange.status(), exchange.attempts()) {
        (Some(status), _) => status.to_string(),
        (None, []) => "not sent".into(),
        (None, _) => "no answer".into(),
    }
}

fn is_bad(exchange: &Exchange) -> bool {
    exchange.status().is_none_or(|status| status >= 400)
}

fn answer(number: usize, of: usize, attempt: &Attempt) -> Markup {
    html! {
        h5 { "Response" @if of > 1 { ", attempt " (number) " of " (of) } }
        p.line {
            @match attempt.status() {
                Some(status) => { code { "HTTP " (status) } }
                None => { strong { "No answer" } }
            }
            span.took { " " (wording::moment(attempt.at())) " · " (wording::real(attempt.took_ms())) " · " (bytes(attempt.response_bytes())) }
        }
        @if let Some(why) = attempt.why_failed() { p.why { (wording::line(why)) } }
        (headers(attempt.response_headers()))
        @if let Some(text) = attempt.response_body() { (body("Response body", "response-body", text)) }
    }
}

fn bytes(number: u64) -> String {
    wording::count(number, "byte")
}

fn headers(headers: &[(String, String)]) -> Markup {
    html! {
        @if !headers.is_empty() {
            dl.headers {
                @for (name, value) in headers {
                    div { dt { (wording::line(name)) } dd { (redacted(&wording::line(value))) } }
                }
            }
        }
    }
}

fn body(label: &str, class: &str, text: &str) -> Markup {
    let laid_out = json::laid_out(text);
    let text = wording::lines(laid_out.as_deref().unwrap_or(text));
    html! {
        pre.(class) tabindex="0" role="group" aria-label=(label) { code { (redacted(&text)) } }
    }
}

/// A text in which the places of secrets can be seen at a glance.
fn redacted(text: &str) -> Markup {
    html! {
        @for (index, part) in text.split(REDACTED).enumerate() {
            @if index > 0 { span.redacted { (REDACTED) } }
            (part)
        }
    }
}
