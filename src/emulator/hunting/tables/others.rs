//! Tables that hold nothing here: of devices what the emulated sensor does not report, and those of other products.

use crate::emulator::hunting::tables::Published;

pub(super) static ALL: &[Published] = &[];
