//! Every integration test, in one binary: each file is a module, and each binary a link step less.

mod architecture;
mod cli;
mod docs;
mod emulate;
mod emulator;
mod lab;
mod reports;
mod services;
mod traffic;
