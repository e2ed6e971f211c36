//! Ctrl-C and its kin: the first ends the run after clean-up, the second at once.

use crate::{
    cli::{exit::Exit, tell},
    runner::stop::{Level, Stop},
};

/// Waits for signals, and stops the run.
pub(super) async fn listen(stop: Stop) {
    let Ok(mut signals) = Signals::new() else {
        tracing::warn!("signals cannot be listened for, so an interruption will not clean up");
        return;
    };
    signals.next().await;
    tell("interrupted: cleaning up (once more ends at once, and leaves behind what was made)");
    stop.at_least(Level::Now);
    signals.next().await;
    tell("interrupted again: what the drills made is left in the tenant");
    std::process::exit(Exit::Interrupted.code().into());
}

/// Ctrl-C, and the system's request to end. Heard from the start to the end, so that none between two is missed.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => (),
            _ = self.terminate.recv() => (),
        }
    }
}

/// Ctrl-C, Ctrl-Break, and the console being closed. Heard from the start to the end, so that none between two is missed.
#[cfg(windows)]
struct Signals {
    ctrl_c: tokio::signal::windows::CtrlC,
    ctrl_break: tokio::signal::windows::CtrlBreak,
    close: tokio::signal::windows::CtrlClose,
}

#[cfg(windows)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close};
        Ok(Self { ctrl_c: ctrl_c()?, ctrl_break: ctrl_break()?, close: ctrl_close()? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.ctrl_c.recv() => (),
            _ = self.ctrl_break.recv() => (),
            _ = self.close.recv() => (),
        }
    }
}
