//! The drills of `features/`: on the emulator, or on the tenant that `ALERTDRILL_TENANT` names.

use std::process::ExitCode;

fn main() -> ExitCode {
    alertdrill::acceptance(&["features"])
}
