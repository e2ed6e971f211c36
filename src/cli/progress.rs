//! What is shown on standard error while a run goes on: a bar and the drills that run on a terminal, a line for each drill
//! in a pipe or a log, or nothing.

use std::{io::Write, time::Duration};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{
    cli::{
        job::{Job, harmless},
        live, terminal,
    },
    clock::{Clock, limit::Stopwatch},
    record::{
        drill::Drill,
        verdict::{Counts, Verdict},
    },
    report::{reading, wording},
    world::board::Board,
};

const TEMPLATE: &str = "{bar:24} {pos}/{len} drills{msg}";

/// From one drawing to the next, at least.
const CALM: Duration = Duration::from_millis(500);

/// After so long without a line a log is told that drills run; each time twice as long,
const SILENCE: Duration = Duration::from_mins(1);

/// and never longer: whoever watches a job for silence waits for ten minutes or more.
const LONGEST_SILENCE: Duration = Duration::from_mins(8);

/// Shows how far a run is.
pub struct Progress {
    shown: Shown,
    counts: Counts,
    total: u64,
    board: Board,
    /// Since something was last shown.
    since: Stopwatch,
    silence: Duration,
}

enum Shown {
    Bar(ProgressBar),
    Lines(Box<dyn Write + Send>, Option<Job>),
    Nothing,
}

impl Progress {
    /// For a terminal: a bar on standard error, with the drills that run below it; those that did not pass are told above
    /// it as they come.
    pub fn bar() -> Self {
        Self::new(Shown::Bar(ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10))))
    }

    /// For a pipe, or the log of a job: a line for each drill that is over.
    pub fn lines(out: impl Write + Send + 'static, job: Option<Job>) -> Self {
        Self::new(Shown::Lines(Box::new(out), job))
    }

    /// For `--quiet`.
    pub fn nothing() -> Self {
        Self::new(Shown::Nothing)
    }

    fn new(shown: Shown) -> Self {
        let (counts, board, since) = (Counts::default(), Board::default(), Stopwatch::start());
        Self { shown, counts, total: 0, board, since, silence: SILENCE }
    }

    /// The same, of the drills on `board`.
    #[must_use]
    pub fn of(mut self, board: &Board) -> Self {
        self.board = board.clone();
        self
    }

    /// The run begins, of so many drills.
    pub fn started(&mut self, total: u64) {
        self.total = total;
        match &mut self.shown {
            Shown::Bar(bar) => {
                if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
                    bar.set_style(style.progress_chars("━╸─"));
                }
                bar.set_length(total);
                terminal::show(Some(bar.clone()));
            }
            Shown::Lines(out, Some(job)) => {
                let _ = writeln!(out, "{}", job.fold("Drills", Clock::system().now()));
            }
            Shown::Lines(_, None) | Shown::Nothing => {}
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
                bar.set_position(self.counts.total());
            }
            Shown::Lines(out, _) => {
                let (done, total) = (self.counts.total().to_string(), self.total.to_string());
                let line = format!("[{done:>width$}/{total}] {}", line(drill), width = total.len());
                // Whoever closed standard error wants to see nothing.
                let _ = writeln!(out, "{}", harmless(&line));
                (self.since, self.silence) = (Stopwatch::start(), SILENCE);
            }
            Shown::Nothing => {}
        }
        self.look();
    }

    /// Time has passed: what is shown may be another by now.
    pub fn look(&mut self) {
        let pause = if matches!(self.shown, Shown::Bar(_)) { CALM } else { self.silence };
        if self.since.elapsed() < pause {
            return;
        }
        self.since = Stopwatch::start();
        let seen = self.board.seen();
        let to_come = self.total.saturating_sub(self.counts.total()).saturating_sub(self.board.count() as u64);
        match &mut self.shown {
            Shown::Bar(bar) => {
                let tally = wording::tally(&self.counts).into_iter();
                let mut told = vec![[String::new()].into_iter().chain(tally).collect::<Vec<_>>().join(" · ")];
                told.extend(live::lines(&seen, to_come, terminal::room()));
                let told = told.join("\n");
                // What has not changed is not drawn again.
                if bar.message() != told {
                    bar.set_message(told);
                }
            }
            Shown::Lines(out, _) => {
                if let Some(told) = live::heartbeat(&seen, to_come) {
                    let _ = writeln!(out, "{}", harmless(&told));
                    self.silence = (self.silence * 2).min(LONGEST_SILENCE);
                }
            }
            Shown::Nothing => {}
        }
    }
}

/// The run is over: the bar goes, for what came of the run is told on standard output.
impl Drop for Progress {
    fn drop(&mut self) {
        match &mut self.shown {
            Shown::Bar(bar) => {
                terminal::show(None);
                bar.finish_and_clear();
            }
            Shown::Lines(out, job) => {
                if let Some(job) = job {
                    let _ = writeln!(out, "{}", job.unfold(Clock::system().now()));
                }
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
