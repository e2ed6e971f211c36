//! Whether a run, or a further drill of it, may begin now: quiet hours, and a file that says stop.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    cli::tell,
    clock::Clock,
    domain::quiet_hours::QuietHours,
    runner::stop::{Held, Level, Stop},
};

/// What holds drills back. Clones hold back the same.
#[derive(Debug, Clone)]
pub(super) struct Gate {
    /// The tenant's clock.
    pub(super) clock: Clock,
    /// The hours that count, unless the run is wanted all the same.
    pub(super) quiet: Option<QuietHours>,
    /// While this file is there, nothing begins.
    pub(super) stop_file: Option<PathBuf>,
}

/// How often it is looked for the file, in real time.
const LOOKS: Duration = Duration::from_secs(2);

/// The folder that `path` is in.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

impl Gate {
    /// Why nothing may begin now, if it may not.
    pub(super) fn holds(&self) -> Option<Held> {
        self.stop_file_holds().or_else(|| {
            let quiet = self.quiet.as_ref()?;
            let end = quiet.zone.to_datetime(quiet.end(self.clock.now())?).strftime("%Y-%m-%d %H:%M").to_string();
            Some(Held {
                reason: format!("the tenant's quiet hours (`quiet_hours`) last until {end}"),
                remedy: "run it then, or with --now".into(),
            })
        })
    }

    fn stop_file_holds(&self) -> Option<Held> {
        let path = self.stop_file.as_ref()?;
        let shown = path.display();
        let (reason, remedy) = match fs::symlink_metadata(path) {
            Ok(_) => (format!("the stop file {shown} exists"), "remove it when drills may run again"),
            Err(error) if error.kind() == ErrorKind::NotFound && folder_of(path).is_dir() => return None,
            // Whoever may not see it, or not its folder, cannot say that it is not there.
            Err(error) => (format!("whether the stop file {shown} exists cannot be seen: {error}"), "correct its path"),
        };
        Some(Held { reason, remedy: remedy.into() })
    }

    /// A switch beside which it is asked before each drill.
    pub(super) fn stop(&self) -> Stop {
        let gate = self.clone();
        Stop::beside(move || gate.holds())
    }

    /// Stops the run when the file appears, as an interruption does.
    pub(super) async fn watch(self, stop: Stop) {
        if self.stop_file.is_none() {
            return;
        }
        loop {
            Clock::system().sleep(LOOKS).await;
            if let Some(held) = self.stop_file_holds() {
                tell(&format!("{}: cleaning up", held.reason));
                stop.at_least(Level::Now);
                return;
            }
        }
    }
}
