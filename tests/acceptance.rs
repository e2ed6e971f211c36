//! The drills of `features/`, through the real runner.

fn main() {}
