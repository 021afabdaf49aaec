//! Tools: programs of the machine that are given an image.

use std::env;
use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::host::interrupt::Interrupt;

/// How often it is asked whether a tool has ended.
const INTERVAL: Duration = Duration::from_millis(20);

/// A tool, and what brings it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Tool {
    /// What it is called.
    pub(super) program: &'static str,
    /// The package of Debian that has it.
    pub(super) package: &'static str,
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
        let Self { program, package } = self;
        let found = self.find().with_context(|| {
            format!("{program} is not on PATH: apt-get install {package}, or nix-env -iA nixpkgs.{package}")
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

/// Waits until a tool has ended, or ends it when this program is asked to end.
pub(super) fn wait(what: &str, mut child: Child, interrupt: &Interrupt) -> Result<()> {
    let context = || format!("waiting for {what}");
    let status = loop {
        if let Some(status) = child.try_wait().with_context(context)? {
            break status;
        }
        if let Err(interrupted) = interrupt.check() {
            let _ = child.kill();
            child.wait().with_context(context)?;
            return Err(interrupted);
        }
        thread::sleep(INTERVAL);
    };
    interrupt.check()?;
    ensure!(status.success(), "{what} failed, {status}");
    Ok(())
}
