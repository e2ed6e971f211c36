//! The thread that writes a run down while it goes on, so that no drill waits for the disk or the terminal.

use std::{
    io,
    path::PathBuf,
    sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender},
    thread::{self, JoinHandle},
    time::Duration,
};

use crate::{
    cli::{memory::Memory, progress::Progress, result_table::ResultTable},
    history::run::Gathered,
    record::{
        drill::Drill,
        file::RunWriter,
        run::{Foot, Head},
        verdict::Counts,
    },
};

/// So many drills may wait to be written before the next has to wait: memory stays flat.
const WAITING: usize = 64;

/// So long after the last drill it is looked at those that run.
const LOOKS: Duration = Duration::from_millis(500);

/// The writer of a run.
pub(super) struct Scribe {
    sender: SyncSender<Drill>,
    thread: JoinHandle<io::Result<Written>>,
}

/// What is known when every drill is written.
struct Written {
    begun: Begun,
    progress: Progress,
}

/// A record that has begun, with what is known of the drills in it.
pub(super) struct Begun {
    writer: RunWriter,
    counts: Counts,
    table: ResultTable,
    gathered: Gathered,
}

impl From<RunWriter> for Begun {
    fn from(writer: RunWriter) -> Self {
        Self { writer, counts: Counts::default(), table: ResultTable::default(), gathered: Gathered::default() }
    }
}

impl Begun {
    /// Writes a drill down.
    pub(super) fn drill(&mut self, drill: &Drill) -> io::Result<()> {
        self.writer.drill(drill)?;
        self.counts.add(&drill.verdict);
        self.table.drill(drill);
        self.gathered.drill(drill);
        Ok(())
    }

    /// What there was of the record before is in it.
    pub(super) fn has_copied(&self) -> io::Result<()> {
        self.writer.has_copied()
    }
}

impl Scribe {
    /// Begins to write, and to show the progress of, a run of which `total` drills are to come.
    pub(super) fn start(begun: impl Into<Begun>, mut progress: Progress, total: usize) -> io::Result<Self> {
        progress.started(u64::try_from(total).unwrap_or(u64::MAX));
        let (sender, receiver) = mpsc::sync_channel(WAITING);
        let written = Written { begun: begun.into(), progress };
        let thread = thread::Builder::new().name("scribe".into()).spawn(move || written.write(&receiver))?;
        Ok(Self { sender, thread })
    }

    /// Where ended drills go; it is closed when they can no longer be written.
    pub(super) fn sender(&self) -> SyncSender<Drill> {
        self.sender.clone()
    }

    /// Waits until every drill is written, closes the record with the foot that `foot` makes of the counts and with what
    /// earlier runs say to it, and remembers the run for later ones.
    pub(super) async fn finish(
        self,
        (head, memory): (&Head, &Memory),
        foot: impl FnOnce(Counts) -> Foot,
    ) -> io::Result<(PathBuf, Foot, ResultTable)> {
        drop(self.sender);
        let written = self.thread.join().unwrap_or_else(|_| Err(io::Error::other("the thread that writes panicked")));
        let Written { begun: Begun { writer, counts, table, gathered }, progress } = written?;
        let mut foot = foot(counts);
        drop(progress);
        let run = gathered.into_run(head, Some(&foot));
        let mut recall = memory.recall(&run).await;
        foot.past = recall.past(&run);
        let record = writer.finish(&foot)?;
        recall.remember(&run);
        Ok((record, foot, table))
    }
}

impl Written {
    fn write(mut self, drills: &Receiver<Drill>) -> io::Result<Self> {
        loop {
            match drills.recv_timeout(LOOKS) {
                Ok(drill) => {
                    self.begun.drill(&drill)?;
                    self.progress.drill(&drill);
                }
                Err(RecvTimeoutError::Timeout) => self.progress.look(),
                Err(RecvTimeoutError::Disconnected) => return Ok(self),
            }
        }
    }
}
