//! Entry point: reports and sets the exit code.

use std::io::{self, Write};
use std::process::ExitCode;

use nix2aci::host::log::{tell, tell_error};
use nix2aci::verbs::{Outcome, Verb};

const HELP: &str = "\
nix2aci builds a container image as the builder of a Nix derivation.

It is not started by hand: write `mkACI { packages = [ busybox ]; exec = \"/bin/busybox\"; }`
in a Nix expression and build that with nix-build, which starts this program in its sandbox.
Without arguments it reads the structured attributes that Nix wrote for the derivation
(NIX_ATTRS_JSON_FILE, or .attrs.json in NIX_BUILD_TOP) and writes the image to $out.

The scripts beside an OCI image or a recipe start it outside of any build, with where that is behind the verb:

  save IMAGE [DIRECTORY]                      write it
  load IMAGE [podman|docker|containerd]       load it into an engine
  run IMAGE [podman|docker] [OPTION…]         run it
  push IMAGE REGISTRY/REPOSITORY[:TAG]        send it to a registry
  sign IMAGE KEY REGISTRY/REPOSITORY[:TAG]    say by a signature that it goes by this name
  verify IMAGE [OPTION…] [FETCHED]            compare what was fetched with what was built
  deploy IMAGE HOST…                          have hosts run it
  cache RECIPE [--empty]                      tell about the cache of blobs

Started by hand:

  verify FILE.aci [--against FILE.json]       compare an App Container Image with what was built
  export-key KEY [DIRECTORY]                  write the key with which others verify, as rkt and podman want it

The script beside a site starts it so:

  publish SITE DIRECTORY [OPTION…]            bring it into the directory of a web server

  VERB --help  print what a verb does
  --help       print this text
  --version    print the version";

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let mut words = Vec::new();
    for argument in &arguments {
        match argument.to_str() {
            Some(word) => words.push(word.to_owned()),
            None => return misused(format_args!("argument {} is not UTF-8", argument.display())),
        }
    }
    let Some((first, rest)) = words.split_first() else {
        return report(&nix2aci::build());
    };
    match (first.as_str(), Verb::find(first)) {
        ("--help" | "-h", _) => print(HELP),
        // The builder of the packages of verbs.
        ("script", _) => report(&nix2aci::face::scripts::write_package(rest)),
        // The builders of sites, and of the archives on them.
        ("site", _) => report(&nix2aci::face::site::build()),
        ("archive", _) => report(&nix2aci::verbs::build_archive()),
        ("--version", _) => print(concat!("nix2aci ", env!("CARGO_PKG_VERSION"))),
        (_, Some(verb)) => end(verb.run(rest), verb.help),
        (argument, None) => misused(format_args!("unknown argument {argument:?}")),
    }
}

fn end(outcome: Outcome, help: &str) -> ExitCode {
    match outcome {
        Outcome::Done(result) => report(&result),
        Outcome::Help => print(help),
        Outcome::Misused(why) => misused(why),
    }
}

fn report(result: &anyhow::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tell_error(error);
            ExitCode::FAILURE
        }
    }
}

fn misused(why: impl std::fmt::Display) -> ExitCode {
    tell(format_args!("nix2aci: {why}; try --help"));
    ExitCode::from(2)
}

fn print(text: &str) -> ExitCode {
    match writeln!(io::stdout(), "{text}") {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
