//! `deploy`: hosts run a thin image. Each is sent what its store lacks, keeps that, and starts the unit that stands beside
//! the image; where that does not run, the one before does again.

use std::io::{self, Write};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, thread};

use anyhow::{Context, Result, bail, ensure};
use camino::Utf8PathBuf;

use crate::face::oci::finished::Finished;
use crate::face::word;
use crate::host::interrupt::Interrupt;
use crate::host::printable::Printable;
use crate::verbs::Call;
use crate::verbs::subject::Subject;
use crate::verbs::tools::{self, Said, Tool};

pub(super) const HELP: &str = "\
usage: deploy HOST… [--user] [--use-substitutes] [--ssh-option OPTION]… [-- ARGUMENT…]

Has each host run the thin image as a service of systemd. By ssh it is sent what its Nix store lacks, keeps that from
garbage collection, and starts the unit beside the image, which podman makes a service of. When it does not run, or is not
healthy, the image that was there before is started again, and the host counts as failed. Hosts are served several at a
time, each ends with one line, and whatever breaks off may be done again.

  --user                as a service of the user that ssh logs in as
  --use-substitutes     hosts ask their own binary caches first
  --ssh-option OPTION   an option of ssh_config, as in Port=2222

The arguments behind -- are those of ssh, such as -i FILE or -F FILE. Nobody is asked for a password.";

pub(super) const USER: &str = "--user";
pub(super) const USE_SUBSTITUTES: &str = "--use-substitutes";
pub(super) const SSH_OPTION: &str = "--ssh-option";

const SSH: Tool = Tool {
    program: "ssh",
    packages: ["openssh-client", "openssh"],
};

const COPY: Tool = Tool {
    program: "nix-copy-closure",
    packages: ["nix-bin", "nix"],
};

/// What a host does with the image.
const SCRIPT: &str = include_str!("deploy-host.sh");

/// How many hosts are served at once.
const AT_ONCE: usize = 8;

/// How often store paths are sent to a host that has not kept them.
const TRIES: usize = 3;

/// The status of a host that has not all of the image, be it that it collects garbage right now.
const LACKS: Option<i32> = Some(75);

/// What ssh is told that its user says nothing of: nobody can answer a question of one among many, and a host that is gone
/// holds nobody up.
const UNLESS_SAID: [&str; 6] = [
    "-o",
    "BatchMode=yes",
    "-o",
    "ConnectTimeout=20",
    "-o",
    "ServerAliveInterval=20",
];

/// What is deployed.
struct Deployment {
    /// The layout, in the store.
    layout: Utf8PathBuf,
    /// Name and version.
    stem: String,
    /// What the service is called.
    name: String,
    scope: &'static str,
    uses_substitutes: bool,
    /// Arguments of ssh.
    ssh: Vec<String>,
}

pub(super) fn deploy(call: &Call) -> Result<()> {
    let subject = Subject::open(&call.place, None)?;
    let deployment = Deployment::of(call, &subject)?;
    for tool in [&SSH, &COPY] {
        tool.command::<&str>([])?;
    }
    let mut hosts = call.words.clone();
    if let Some(host) = hosts.iter().find(|host| !is_host(host)) {
        bail!("{host:?} is no name of a host");
    }
    hosts.sort_unstable();
    hosts.dedup();
    let failed = Mutex::new(0);
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(hosts.len()) {
            scope.spawn(|| {
                while let Some(host) = hosts.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcome = deployment.to(host, subject.interrupt());
                    let Ok(mut failed) = failed.lock() else { break };
                    *failed += usize::from(outcome.is_err());
                    let line = outcome.unwrap_or_else(|error| format!("failed: {error:#}"));
                    // What a host says is its own, but for the name before it.
                    let line = format!("{host}: {line}");
                    let _ = writeln!(io::stdout(), "{}", Printable(line));
                }
            });
        }
    });
    subject.interrupt().check()?;
    let failed = failed.into_inner().unwrap_or(hosts.len());
    ensure!(failed == 0, "{failed} of {} hosts failed", hosts.len());
    Ok(())
}

impl Deployment {
    fn of(call: &Call, subject: &Subject) -> Result<Self> {
        let Subject::Layout { directory, .. } = subject else {
            bail!(
                "deploy takes an image that is built, and this is a recipe: build the attribute thin.oci"
            );
        };
        let units = directory
            .read_dir_utf8()
            .with_context(|| format!("reading {directory}"))?;
        let stem = units
            .flatten()
            .find_map(|entry| Some(entry.file_name().strip_suffix(".container")?.to_owned()));
        let stem = stem.with_context(|| {
            format!(
                "deploy takes a thin image, and {directory} is none: build the attribute thin.oci"
            )
        })?;
        let unit = directory.join(format!("{stem}.container"));
        let text = std::fs::read_to_string(&unit).with_context(|| format!("reading {unit}"))?;
        let place = text
            .lines()
            .find_map(|line| line.strip_prefix("Image=oci:"));
        let place = place.with_context(|| format!("{unit} says nothing of an image"))?;
        ensure!(
            place == directory.as_str(),
            "{directory} is a copy: take the image where Nix has it, {place}"
        );
        let options = call.options.iter().filter(|(name, _)| name == SSH_OPTION);
        let options = options.flat_map(|(_, value)| ["-o".to_owned(), value.clone()]);
        // The first of several counts.
        let ssh = options.chain(call.passed.clone());
        let ssh: Vec<String> = ssh.chain(UNLESS_SAID.map(str::to_owned)).collect();
        // Nix cuts what it is told of ssh at blanks.
        if let Some(word) = ssh.iter().find(|word| word.contains(char::is_whitespace)) {
            bail!(
                "{word:?} has a blank, which Nix would not hand on to ssh: write it into a file for ssh -F"
            );
        }
        let finished = Finished::load(directory)?;
        let name = finished.full_name()?.rsplit('/').next().unwrap_or_default();
        let name = name.split(':').next().unwrap_or_default();
        Ok(Self {
            layout: directory.clone(),
            stem,
            name: name.to_owned(),
            scope: if call.has(USER) { "user" } else { "system" },
            uses_substitutes: call.has(USE_SUBSTITUTES),
            ssh,
        })
    }

    /// Has `host` run the image, and tells what came of it.
    fn to(&self, host: &str, interrupt: &Interrupt) -> Result<String> {
        let mut said = Said::default();
        for _ in 0..TRIES {
            interrupt.check()?;
            self.send(host, interrupt)?;
            said = self.start(host, interrupt)?;
            if said.code != LACKS {
                break;
            }
        }
        // What the login of a host prints comes before.
        let mut lines = said.output.lines().map(str::trim);
        let line = lines.rfind(|line| !line.is_empty()).unwrap_or_default();
        if said.code == Some(0) {
            return Ok(line.to_owned());
        }
        ensure!(line.is_empty(), "{line}");
        bail!("{}", last(&said.errors))
    }

    /// Sends what the host lacks.
    fn send(&self, host: &str, interrupt: &Interrupt) -> Result<()> {
        let mut command = COPY.command(["--to"])?;
        if self.uses_substitutes {
            command.arg("--use-substitutes");
        }
        command.args([host, self.layout.as_str()]);
        let own = env::var("NIX_SSHOPTS").unwrap_or_default();
        command.env("NIX_SSHOPTS", format!("{} {own}", self.ssh.join(" ")));
        let said = tools::ask(&mut command, "", interrupt)?;
        ensure!(said.code == Some(0), "{}", last(&said.errors));
        Ok(())
    }

    /// Has the host start what it was sent.
    fn start(&self, host: &str, interrupt: &Interrupt) -> Result<Said> {
        let mut command: Command = SSH.command(&self.ssh)?;
        let words = [self.layout.as_str(), &self.stem, &self.name, self.scope].map(word);
        command.args([host, "sh", "-s", "--"]).args(&words);
        tools::ask(&mut command, &format!("{SCRIPT}\nmain \"$@\"\n"), interrupt)
    }
}

/// Whether ssh and Nix take the word for nothing but a host.
fn is_host(word: &str) -> bool {
    let misleads = |c: char| c.is_whitespace() || c.is_control();
    !word.is_empty() && !word.starts_with('-') && !word.contains(misleads)
}

/// The last line of what a program has said, which is why it ended. Nix only says that it has no connection; why, ssh has
/// said before.
fn last(errors: &str) -> String {
    let lines = errors.lines().map(str::trim);
    let mut lines = lines.filter(|line| !line.is_empty()).rev();
    let last = lines.next().unwrap_or("no reason was given");
    let last = last.strip_prefix("error: ").unwrap_or(last);
    match lines.next() {
        Some(cause) if last.contains("onnect") => format!("{last}: {cause}"),
        _ => last.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_is_told() {
        for (errors, told) in [
            ("", "no reason was given"),
            ("a\nerror: b\n\n", "b"),
            (
                "ssh: no such host\r\nerror: cannot connect to 'one'\n",
                "cannot connect to 'one': ssh: no such host",
            ),
        ] {
            assert_eq!(last(errors), told);
        }
    }
}
