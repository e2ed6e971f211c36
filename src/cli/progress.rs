//! What is shown on standard error while a run goes on: a bar on a terminal, a line for each drill in a pipe, or nothing.

use std::io::Write;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{
    record::{
        drill::Drill,
        verdict::{Counts, Verdict},
    },
    report::{reading, wording},
};

const TEMPLATE: &str = "{bar:24} {pos}/{len} drills · {msg}";

/// Shows how far a run is.
pub struct Progress {
    shown: Shown,
    counts: Counts,
    total: u64,
}

enum Shown {
    Bar(ProgressBar),
    Lines(Box<dyn Write + Send>),
    Nothing,
}

impl Progress {
    /// For a terminal: a bar on standard error; drills that did not pass are told above it as they come.
    pub fn bar() -> Self {
        Self::new(Shown::Bar(ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10))))
    }

    /// For a pipe: a line for each drill that is over.
    pub fn lines(out: impl Write + Send + 'static) -> Self {
        Self::new(Shown::Lines(Box::new(out)))
    }

    /// For `--quiet`.
    pub fn nothing() -> Self {
        Self::new(Shown::Nothing)
    }

    fn new(shown: Shown) -> Self {
        Self { shown, counts: Counts::default(), total: 0 }
    }

    /// The run begins, of so many drills.
    pub fn started(&mut self, total: u64) {
        self.total = total;
        if let Shown::Bar(bar) = &self.shown {
            if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
                bar.set_style(style.progress_chars("━╸─"));
            }
            bar.set_length(total);
        }
    }

    /// A drill is over.
    pub fn drill(&mut self, drill: &Drill) {
        self.counts.add(&drill.verdict);
        match &mut self.shown {
            Shown::Bar(bar) => {
                if drill.verdict.code().is_some() {
                    bar.println(line(drill));
                }
                bar.set_message(wording::tally(&self.counts).join(" · "));
                bar.set_position(self.counts.total());
            }
            Shown::Lines(out) => {
                let (done, total) = (self.counts.total().to_string(), self.total.to_string());
                // Whoever closed standard error wants to see nothing.
                let _ = writeln!(out, "[{done:>width$}/{total}] {}", line(drill), width = total.len());
            }
            Shown::Nothing => {}
        }
    }

    /// The run is over: the bar goes, for what came of the run is told on standard output.
    pub fn finished(&mut self) {
        match &mut self.shown {
            Shown::Bar(bar) => bar.finish_and_clear(),
            Shown::Lines(out) => {
                let _ = out.flush();
            }
            Shown::Nothing => {}
        }
    }
}

fn line(drill: &Drill) -> String {
    let name = wording::line(&drill.name);
    let head = format!("{} {:<7} {}", wording::mark(&drill.verdict), drill.verdict.word(), wording::short(&name, 120));
    let spans = format!("{}, {} real", wording::between(drill.started, drill.finished), wording::real(drill.took_ms));
    match (&drill.verdict, reading::broken_link(drill)) {
        (Verdict::Skipped { reason, .. }, _) => format!("{head}: {}", wording::short(&wording::line(reason), 120)),
        (verdict, Some(link)) => {
            let code = verdict.code().map_or("", |code| code.as_str());
            format!("{head}: {code}, {} broke ({spans})", link.label())
        }
        _ => format!("{head} ({spans})"),
    }
}
