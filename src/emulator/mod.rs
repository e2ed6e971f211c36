//! The second tower: an emulated tenant.

pub mod answer;
pub mod serve;
pub mod tls;
