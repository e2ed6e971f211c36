//! Proves, end to end, that a custom threat-intelligence alert in Microsoft Defender really goes off.
pub mod cli;
pub mod clock;
pub mod domain;
pub mod emulator;
pub mod record;
pub mod report;
pub mod services;
pub mod transport;
