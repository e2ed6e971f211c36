//! Whether a drill is sending something that makes or changes what is to be undone.
//!
//! A request that is dropped half-way may still be carried out, after clean-up has looked and found nothing. So whoever
//! breaks a drill off waits until it is answered, for a while.

use std::sync::Arc;

use tokio::sync::watch;

/// How many such requests are on their way.
#[derive(Debug, Clone)]
pub struct Sending(Arc<watch::Sender<usize>>);

impl Default for Sending {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }
}

impl Sending {
    /// Counts a request until the guard is dropped.
    pub(super) fn begin(&self) -> Underway {
        self.0.send_modify(|count| *count += 1);
        Underway(self.clone())
    }

    /// Waits until none is on its way.
    pub async fn settled(&self) {
        let mut seen = self.0.subscribe();
        // The sender is held by `self`, so the wait ends by the count alone.
        let _none = seen.wait_for(|count| *count == 0).await;
    }
}

/// A request on its way.
pub(super) struct Underway(Sending);

impl Drop for Underway {
    fn drop(&mut self) {
        self.0.0.send_modify(|count| *count -= 1);
    }
}
