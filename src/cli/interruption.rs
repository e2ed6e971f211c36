//! Ctrl-C, the end of a terminal, and their kin: the first ends the run after clean-up, the second at once.

use std::{sync::Arc, time::Duration};

use crate::{
    cli::{exit::Exit, tell},
    clock::Clock,
    journal::Journal,
    report::wording,
    runner::stop::{Level, Stop},
};

/// What is known of what drills leave: on a tenant that outlives the run, its journal, and how it is removed.
pub(super) struct Left {
    pub(super) journal: Option<Arc<Journal>>,
    pub(super) removing: Option<String>,
}

impl Left {
    fn count(&self) -> usize {
        self.journal.as_deref().map_or(0, Journal::left)
    }
}

/// From one count of what is left to the next, while it is cleaned up.
const PACE: Duration = Duration::from_secs(5);

/// Hears signals from now on, and returns what waits for them and stops the run.
pub(super) fn listen(stop: Stop, left: Left) -> impl Future<Output = ()> {
    let signals = Signals::new();
    async move {
        let Ok(signals) = signals else {
            tracing::warn!("signals cannot be listened for, so an interruption will not clean up");
            return;
        };
        obey(signals, stop, left).await;
    }
}

async fn obey(mut signals: Signals, stop: Stop, left: Left) {
    signals.next().await;
    let drills = wording::count(stop.running().count() as u64, "drill");
    let things = match left.count() {
        0 => String::new(),
        made => format!(", and removing {} in the tenant", wording::count(made as u64, "thing")),
    };
    tell(&format!(
        "interrupted: cleaning up {drills}{things} (once more ends at once, and leaves behind what was made)"
    ));
    stop.at_least(Level::Now);
    tokio::select! {
        () = signals.next() => {}
        () = count_down(&stop, &left) => {}
    }
    let removing = left.removing.map(|how| format!(": {how}")).unwrap_or_default();
    tell(&format!("interrupted again: what the drills made is left in the tenant{removing}"));
    std::process::exit(Exit::Interrupted.code().into());
}

/// Tells now and then how much there still is to be cleaned up.
async fn count_down(stop: &Stop, left: &Left) {
    let mut told = (stop.running().count(), left.count());
    loop {
        Clock::system().sleep(PACE).await;
        let now = (stop.running().count(), left.count());
        if now != told {
            told = now;
            let things = wording::count(now.1 as u64, "thing");
            tell(&format!("cleaning up: {} and {things} left", wording::count(now.0 as u64, "drill")));
        }
    }
}

/// Whether whoever began this process asked for the end of the terminal to be passed over, as `nohup` does: listening would
/// undo that. Linux tells.
#[cfg(unix)]
fn hang_up_is_passed_over() -> bool {
    const HANG_UP: u64 = 1;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & HANG_UP != 0)
}

/// Ctrl-C, the system's request to end, and a terminal that was closed. Heard from the start to the end, so that none between two is missed.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hang_up: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: (!hang_up_is_passed_over()).then(|| signal(SignalKind::hangup())).transpose()?,
        })
    }

    async fn next(&mut self) {
        let hang_up = async {
            match &mut self.hang_up {
                Some(hang_up) => hang_up.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => (),
            _ = self.terminate.recv() => (),
            _ = hang_up => (),
        }
    }
}

/// Ctrl-C, Ctrl-Break, the console being closed, its user logging off, and the system shutting down. Heard from the start to the end, so that none between two is missed.
#[cfg(windows)]
struct Signals {
    ctrl_c: tokio::signal::windows::CtrlC,
    ctrl_break: tokio::signal::windows::CtrlBreak,
    close: tokio::signal::windows::CtrlClose,
    logoff: tokio::signal::windows::CtrlLogoff,
    shutdown: tokio::signal::windows::CtrlShutdown,
}

#[cfg(windows)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_logoff, ctrl_shutdown};
        Ok(Self {
            ctrl_c: ctrl_c()?,
            ctrl_break: ctrl_break()?,
            close: ctrl_close()?,
            logoff: ctrl_logoff()?,
            shutdown: ctrl_shutdown()?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.ctrl_c.recv() => (),
            _ = self.ctrl_break.recv() => (),
            _ = self.close.recv() => (),
            _ = self.logoff.recv() => (),
            _ = self.shutdown.recv() => (),
        }
    }
}
