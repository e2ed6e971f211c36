//! Knobs of the Defender for Endpoint API.

use crate::emulator::knobs::Knob;

/// The knobs of this part. Each field is documented in the table below.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Knobs {}

pub(super) const KNOBS: &[Knob] = &[];
