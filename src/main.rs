//! Entry point: reports and sets the exit code.

fn main() {}
