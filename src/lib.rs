//! Proves, end to end, that a custom threat-intelligence alert in Microsoft Defender really goes off.
pub mod auth;
pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod emulator;
pub mod record;
pub mod report;
pub mod runner;
pub mod services;
pub mod steps;
pub mod traffic;
pub mod transport;
pub mod watch;
pub mod world;
