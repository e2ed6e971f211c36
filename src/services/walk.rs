//! How far a list is followed, page by page: a service that has lost count must not fill the memory.

use crate::transport::{call::Reply, decode::Odd, error::TransportError};

/// More pages than any tenant has.
const PAGES: usize = 10_000;

/// More bytes than any tenant has in one list.
const BYTES: usize = 256 * 1024 * 1024;

/// What was read of a list.
#[derive(Debug, Default)]
pub(super) struct Walk {
    pages: usize,
    bytes: usize,
}

impl Walk {
    /// Counts a page. Beyond the bounds is an error: half a list is not taken for the whole.
    pub(super) fn took(&mut self, page: &Reply) -> Result<(), TransportError> {
        if self.goes_on(page.body.len()) {
            return Ok(());
        }
        let odd = Odd::new("@odata.nextLink", "a list that ends", "more pages than any tenant has");
        Err(page.malformed(odd))
    }

    fn goes_on(&mut self, bytes: usize) -> bool {
        self.pages += 1;
        self.bytes = self.bytes.saturating_add(bytes);
        self.pages <= PAGES && self.bytes <= BYTES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_without_an_end_is_left() {
        let mut walk = Walk::default();
        assert!((0..PAGES).all(|_| walk.goes_on(0)) && !walk.goes_on(0));
        let mut walk = Walk::default();
        assert!((0..16).all(|_| walk.goes_on(BYTES / 16)) && !walk.goes_on(BYTES / 16));
        let mut walk = Walk::default();
        assert!(walk.goes_on(BYTES), "as much as there may be, at once");
        assert!(!walk.goes_on(usize::MAX));
    }
}
