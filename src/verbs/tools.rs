//! Tools: programs of the machine that are given an image.

use std::env;
use std::ffi::OsStr;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::host::interrupt::Interrupt;

/// How often it is asked whether a tool has ended.
const INTERVAL: Duration = Duration::from_millis(20);

/// So many bytes of what a tool says are read. A host may go on for ever.
const MOST: u64 = 64 << 20;

/// A tool, and what brings it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Tool {
    /// What it is called.
    pub(super) program: &'static str,
    /// The package of Debian that has it, and that of nixpkgs.
    pub(super) packages: [&'static str; 2],
}

impl Tool {
    /// Where it is, if it is there.
    pub(super) fn find(&self) -> Option<PathBuf> {
        let path = env::var_os("PATH")?;
        env::split_paths(&path)
            .map(|directory| directory.join(self.program))
            .find(|file| {
                let metadata = file.metadata();
                metadata.is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
            })
    }

    /// The command that begins with it.
    pub(super) fn command<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Result<Command> {
        let Self { program, packages } = self;
        let [debian, nixpkgs] = packages;
        let found = self.find().with_context(|| {
            format!("{program} is not on PATH: apt-get install {debian}, or nix-env -iA nixpkgs.{nixpkgs}")
        })?;
        let mut command = Command::new(found);
        command.args(arguments);
        Ok(command)
    }
}

/// Starts a tool.
pub(super) fn start(command: &mut Command) -> Result<Child> {
    let program = command.get_program().to_owned();
    command
        .spawn()
        .with_context(|| format!("starting {}", program.display()))
}

/// Waits until a tool has ended, and ended well; ends it when this program is asked to end.
pub(super) fn wait(what: &str, mut child: Child, interrupt: &Interrupt) -> Result<()> {
    let status = ended(what, &mut child, interrupt)?;
    interrupt.check()?;
    ensure!(status.success(), "{what} failed, {status}");
    Ok(())
}

/// Waits until a tool has ended, or ends it when this program is asked to end.
fn ended(what: &str, child: &mut Child, interrupt: &Interrupt) -> Result<ExitStatus> {
    let context = || format!("waiting for {what}");
    loop {
        if let Some(status) = child.try_wait().with_context(context)? {
            return Ok(status);
        }
        if let Err(interrupted) = interrupt.check() {
            let _ = child.kill();
            child.wait().with_context(context)?;
            return Err(interrupted);
        }
        thread::sleep(INTERVAL);
    }
}

/// What a tool has said until it ended.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// Its status; nothing when a signal ended it.
    pub(super) code: Option<i32>,
    /// Its standard output.
    pub(super) output: String,
    /// Its standard error.
    pub(super) errors: String,
}

/// Has a tool read `input`, and takes what it says. It is ended when this program is asked to end.
pub(super) fn ask(command: &mut Command, input: &str, interrupt: &Interrupt) -> Result<Said> {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = start(command)?;
    let what = command.get_program().display().to_string();
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let input = input.to_owned();
    // Who does not read all has its reasons, and tells them.
    thread::spawn(move || stdin.map(|mut stdin| stdin.write_all(input.as_bytes())));
    let output = thread::spawn(|| text(stdout));
    let errors = thread::spawn(|| text(stderr));
    let status = ended(&what, &mut child, interrupt)?;
    // What the tool has started may have its pipes for longer, and is not ended with it.
    while !(output.is_finished() && errors.is_finished()) {
        interrupt.check()?;
        thread::sleep(INTERVAL);
    }
    Ok(Said {
        code: status.code(),
        output: output.join().unwrap_or_default(),
        errors: errors.join().unwrap_or_default(),
    })
}

/// What comes out of a pipe, up to what is more than anybody has to say.
fn text(pipe: Option<impl Read>) -> String {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        let _ = pipe.take(MOST).read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_end_is_not_read_to_it() {
        let interrupt = Interrupt::listen().unwrap();
        let said = ask(&mut Command::new("yes"), "", &interrupt).unwrap();
        assert_eq!(said.code, None);
        assert_eq!(said.output.len() as u64, MOST);
    }
}
