//! The command line of alertdrill, as this project builds it.

use std::process::ExitCode;

fn main() -> ExitCode {
    alertdrill::main()
}
