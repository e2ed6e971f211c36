//! Who else is there: a drill that is alone waits for nobody.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// Those who may ask for things at the same time. Clones are the same company.
#[derive(Debug, Clone, Default)]
pub struct Company(Arc<AtomicUsize>);

/// One of a company, until dropped.
#[derive(Debug)]
#[must_use = "dropped at once, it was never there"]
pub struct Member(Company);

impl Company {
    /// One more is there.
    pub fn join(&self) -> Member {
        self.0.fetch_add(1, Ordering::Relaxed);
        Member(self.clone())
    }

    /// How many are there.
    pub fn size(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}
