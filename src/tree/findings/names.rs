//! Names that tell what something is: a compiler, what is for building, what is for readers.

use crate::image::path::components;
use crate::input::concern::Concern;
use crate::input::store_path::StorePath;
use crate::rules::{RULES, has};

/// Directories whose links nothing but people and their tools follow.
const FOR_READERS: [&str; 6] = ["doc", "man", "info", "gtk-doc", "licenses", "examples"];

/// Directories that hold what packages were built by, or how they are taken apart; no program looks there.
const ASIDE: [&str; 3] = [".build-id", "debug", "nix-support"];

/// The outputs that packages are built with.
const FOR_BUILDING: [&str; 2] = ["dev", "static"];

/// What a whole store path is for, by its name.
pub(super) fn of_store_path(path: &StorePath) -> Option<Concern> {
    match path.output() {
        Some(output) if FOR_BUILDING.contains(&output) => Some(Concern::Development),
        Some(output) if RULES.outputs.is_documentation(output) => Some(Concern::Documentation),
        _ => is_compiler(path).then_some(Concern::Compiler),
    }
}

/// Whether it holds the programs of a compiler. Its libraries are outputs of other names, and `go` alone may be anything.
fn is_compiler(path: &StorePath) -> bool {
    let is_main = version(path).is_some_and(|(_, output)| matches!(output, "" | "bin"));
    is_main && has(&RULES.signs.compilers, path.family())
}

/// What stands behind the name of the package: the version, and what follows it after a dash before a letter, which is
/// most often the output.
pub(super) fn version(path: &StorePath) -> Option<(&str, &str)> {
    let behind = path.name()[path.family().len()..].strip_prefix('-')?;
    let mut dashes = behind.match_indices('-').map(|(at, _)| at);
    let end = dashes.find(|at| {
        let next = behind[at + 1..].chars().next();
        next.is_none_or(|c| c.is_ascii_alphabetic())
    });
    let (version, output) = behind.split_at(end.unwrap_or(behind.len()));
    version
        .starts_with(|c: char| c.is_ascii_digit())
        .then_some((version, output.trim_start_matches('-')))
}

/// What a file at `below` its store path is for.
pub(super) fn of_file(below: &str, executable: bool) -> Option<Concern> {
    let name = below.rsplit('/').next().unwrap_or(below);
    let directory = components(below).rev().nth(1);
    if executable && directory == Some("bin") && is_tool(name) {
        return Some(Concern::Compiler);
    }
    let (stem, ending) = name.rsplit_once('.')?;
    let is_header = has(&RULES.signs.headers, ending) && components(below).any(|n| n == "include");
    let is_static = ending == "a" && stem.starts_with("lib");
    (is_header || is_static).then_some(Concern::Development)
}

/// Whether a program is one of a compiler: `gcc`, `gcc-13`, `x86_64-linux-gnu-gcc`.
fn is_tool(name: &str) -> bool {
    let version = |ending: &str| {
        ending.starts_with(|c: char| c.is_ascii_digit())
            && ending.chars().all(|c| c.is_ascii_digit() || c == '.')
    };
    let name = match name.rsplit_once('-') {
        Some((stem, ending)) if version(ending) => stem,
        _ => name,
    };
    let of_a_platform = match name.rsplit_once('-') {
        Some((platform, tool)) if platform.contains('-') => tool,
        _ => name,
    };
    has(&RULES.signs.tools, of_a_platform)
}

/// Whether nothing goes wrong where a link at `below` its store path leads nowhere.
pub(super) fn is_idle(below: &str) -> bool {
    let mut before = "";
    components(below).any(|name| {
        let is_idle = before == "share" && FOR_READERS.contains(&name) || ASIDE.contains(&name);
        before = name;
        is_idle
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::store_path::StoreDir;

    #[test]
    fn store_paths_tell_what_they_are_for() {
        let store = StoreDir::new("/nix/store").unwrap();
        for (name, wanted) in [
            ("gcc-13.2.0", Some(Concern::Compiler)),
            ("gcc-wrapper-13.2.0", Some(Concern::Compiler)),
            ("gcc-13.2.0-lib", None),
            ("gcc-13.2.0-libgcc", None),
            ("binutils-2.42-bin", Some(Concern::Compiler)),
            ("go-1.22.1", Some(Concern::Compiler)),
            ("go", None),
            ("go-task-3.0", None),
            ("openssl-3.0.13-dev", Some(Concern::Development)),
            ("openssl-3.0.13", None),
            ("bash-5.2-man", Some(Concern::Documentation)),
        ] {
            let path = store.parse(&format!("/nix/store/{}-{name}", "0".repeat(32)));
            assert_eq!(of_store_path(&path.unwrap()), wanted, "{name}");
        }
    }

    #[test]
    fn files_tell_what_they_are_for() {
        for (below, executable, wanted) in [
            ("/bin/gcc", true, Some(Concern::Compiler)),
            ("/bin/gcc", false, None),
            ("/share/gcc", true, None),
            (
                "/usr/bin/x86_64-linux-gnu-gcc-12",
                true,
                Some(Concern::Compiler),
            ),
            ("/bin/clang-17", true, Some(Concern::Compiler)),
            ("/bin/clang-format", true, None),
            ("/bin/gold-as", true, None),
            ("/include/openssl/ssl.h", false, Some(Concern::Development)),
            ("/share/openssl/ssl.h", false, None),
            ("/lib/libssl.a", false, Some(Concern::Development)),
            ("/lib/ssl.a", false, None),
            ("/lib/libssl.so", true, None),
            ("", false, None),
        ] {
            assert_eq!(of_file(below, executable), wanted, "{below}");
        }
    }

    #[test]
    fn links_for_readers_may_lead_nowhere() {
        for (below, wanted) in [
            ("/share/doc/x/README", true),
            ("/share/man/man1/x.1.gz", true),
            ("/usr/share/doc/x", true),
            ("/lib/debug/.build-id/ab/cd.debug", true),
            ("/doc/x", false),
            ("/share/x/doc", false),
            ("/bin/x", false),
        ] {
            assert_eq!(is_idle(below), wanted, "{below}");
        }
    }
}
