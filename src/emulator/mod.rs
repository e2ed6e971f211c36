//! The second tower: an emulated tenant.

pub mod answer;
pub mod tls;
