//! One JSON request done properly: authorise → quota → attempt { send, log } → retry or return.

pub mod error;
