//! How many calls an application made in the present hour and minute, by the kind of call.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::emulator::knobs::endpoint::Family;

/// A span of time that began with a call, and how many calls were made in it.
#[derive(Debug, Clone, Copy)]
pub(in crate::emulator) struct Window {
    pub(in crate::emulator) begun: Timestamp,
    pub(in crate::emulator) calls: u32,
}

/// The windows of every kind of call and application: an hour's and a minute's.
#[derive(Debug, Default)]
pub(in crate::emulator) struct CallWindows(BTreeMap<(Family, String), [Window; 2]>);

impl CallWindows {
    /// The hour's and the minute's window; long over where there was no call yet.
    pub(in crate::emulator) fn of(&mut self, family: Family, application: &str) -> &mut [Window; 2] {
        let over = Window { begun: Timestamp::MIN, calls: 0 };
        self.0.entry((family, application.to_owned())).or_insert([over; 2])
    }
}
