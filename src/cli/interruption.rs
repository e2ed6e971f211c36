//! Ctrl-C and its kin: the first ends the run after clean-up, the second at once.

use crate::{
    cli::{exit::Exit, tell},
    runner::stop::{Level, Stop},
};

/// Waits for signals, and stops the run.
pub(super) async fn listen(stop: Stop) {
    if signal().await.is_err() {
        tracing::warn!("signals cannot be listened for, so an interruption will not clean up");
        return;
    }
    tell("interrupted: cleaning up (once more ends at once, and leaves behind what was made)");
    stop.at_least(Level::Now);
    if signal().await.is_ok() {
        tell("interrupted again: what the drills made is left in the tenant");
        std::process::exit(Exit::Interrupted.code().into());
    }
}

/// Ctrl-C, or the system's request to end.
#[cfg(unix)]
async fn signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        ended = tokio::signal::ctrl_c() => ended,
        _ = terminate.recv() => Ok(()),
    }
}

/// Ctrl-C, Ctrl-Break, or the console being closed.
#[cfg(windows)]
async fn signal() -> std::io::Result<()> {
    let (mut ctrl_break, mut close) = (tokio::signal::windows::ctrl_break()?, tokio::signal::windows::ctrl_close()?);
    tokio::select! {
        ended = tokio::signal::ctrl_c() => ended,
        _ = ctrl_break.recv() => Ok(()),
        _ = close.recv() => Ok(()),
    }
}
