//! What is remembered of runs, and what a run knows of those before it. That nothing can be remembered ends no run: it is
//! told.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::SignedDuration;

use crate::{
    cli::tell,
    clock::{Clock, limit::Stopwatch},
    domain::service::Service,
    history::{
        look_back,
        run::Run,
        store::{self, Store, StoreError},
    },
    record::past::Past,
};

/// Where runs are remembered, as the command line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum History {
    /// Nowhere.
    None,
    /// In the folder of the run.
    Beside,
    /// In this file.
    In(PathBuf),
}

impl History {
    /// What is remembered of a run whose folder is `out`.
    pub(super) fn of(&self, out: &Path) -> Memory {
        Memory(match self {
            Self::None => None,
            Self::Beside => Some(out.join(store::NAME)),
            Self::In(file) => Some(file.clone()),
        })
    }
}

/// The file in which runs are remembered, if they are.
#[derive(Debug)]
pub(super) struct Memory(Option<PathBuf>);

impl Memory {
    /// How long after its stimulus each alert could be seen in the last runs of `tenant` on `service`.
    pub(super) async fn shown_after(&self, tenant: &str, service: Service) -> Vec<SignedDuration> {
        let known = match self.0.as_deref().filter(|file| file.exists()) {
            None => Ok(Vec::new()),
            Some(file) => {
                patiently(file).await.and_then(|store| look_back::shown_after(&store, tenant, service.as_str()))
            }
        };
        known.unwrap_or_else(|error| {
            tell(&format!("alertdrill: of earlier runs nothing is known: {error}"));
            Vec::new()
        })
    }

    /// Opens what is remembered, for `run`, which ends. One of which no drill ended has nothing to be remembered by.
    pub(super) async fn recall(&self, run: &Run) -> Recall {
        match self.0.as_deref().filter(|_| !run.drills.is_empty()) {
            None => Recall(None),
            Some(file) => Recall(patiently(file).await.inspect_err(not_remembered).ok()),
        }
    }
}

/// What is remembered, where it is, while a run ends.
pub(super) struct Recall(Option<Store>);

impl Recall {
    /// What `run` is seen beside.
    pub(super) fn past(&mut self, run: &Run) -> Option<Past> {
        let past = look_back::past(self.0.as_ref()?, run);
        past.unwrap_or_else(|error| {
            not_remembered(&error);
            self.0 = None;
            None
        })
    }

    /// Remembers `run`.
    pub(super) fn remember(self, run: &Run) {
        if let Some(store) = self.0 {
            let _told = store.remember(run).inspect_err(not_remembered);
        }
    }
}

fn not_remembered(error: &StoreError) {
    tell(&format!("alertdrill: this run is not remembered: {error}"));
}

/// Whoever ends its run at the same time has it open for a moment.
const PATIENCE: Duration = Duration::from_secs(5);

/// So often it is tried again.
const AGAIN: Duration = Duration::from_millis(50);

/// Opens the history at `file`, waiting a while for whoever has it open.
pub(super) async fn patiently(file: &Path) -> Result<Store, StoreError> {
    let watch = Stopwatch::start();
    loop {
        match Store::open(file) {
            Err(StoreError::Busy { .. }) if watch.elapsed() < PATIENCE => Clock::system().sleep(AGAIN).await,
            opened => return opened,
        }
    }
}
