//! Entry point: reports and sets the exit code.

use std::io::{self, Write};
use std::process::ExitCode;

use nix2aci::host::log::{tell, tell_error};

const HELP: &str = "\
nix2aci builds a container image as the builder of a Nix derivation.

It is not started by hand: write `mkACI { packages = [ busybox ]; exec = \"/bin/busybox\"; }`
in a Nix expression and build that with nix-build, which starts this program in its sandbox.
It takes no arguments. It reads the structured attributes that Nix wrote for the derivation
(NIX_ATTRS_JSON_FILE, or .attrs.json in NIX_BUILD_TOP) and writes the image to $out.

  --help       print this text
  --version    print the version";

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    match arguments.first().and_then(|argument| argument.to_str()) {
        Some("--help" | "-h") => print(HELP),
        Some("--version") => print(concat!("nix2aci ", env!("CARGO_PKG_VERSION"))),
        Some(argument) => {
            tell(format_args!(
                "nix2aci: unknown argument {argument:?}; try --help"
            ));
            ExitCode::from(2)
        }
        None => match nix2aci::build() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                tell_error(&error);
                ExitCode::FAILURE
            }
        },
    }
}

fn print(text: &str) -> ExitCode {
    match writeln!(io::stdout(), "{text}") {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
