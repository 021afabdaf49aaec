//! `push`: the image goes to a registry, by skopeo, which sends what is not there yet.

use std::io::{self, BufRead, BufReader, Write};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::face::oci::document::ARTIFACTS;
use crate::face::oci::{finished, index};
use crate::host::interrupt::Interrupt;
use crate::host::log::tell;
use crate::verbs::Call;
use crate::verbs::keys::Key;
use crate::verbs::subject::Subject;
use crate::verbs::tools::{self, Tool};

pub(super) const HELP: &str = "\
usage: push [--sign-by KEY] REGISTRY/REPOSITORY[:TAG] [-- ARGUMENT…]

Has skopeo copy the image to a registry, which is sent only what it has not yet. Without a tag it gets the image's own.
An index of several images is sent with all of them. An image with a bill of materials (argument sbom) is followed by
that. What breaks off is tried again, and goes on where it was. Credentials are those of skopeo login, podman login and
docker login. The arguments behind -- are those of skopeo copy, such as --dest-tls-verify=false or --authfile FILE.

  --sign-by KEY   has skopeo sign it with this key of gpg's, and put the signature where registries.d says
                  (lookaside-staging), or into /var/lib/containers/sigstore or the same of the user; the script sign
                  asks for no such place";

/// The option that has an image signed.
pub(super) const SIGN_BY: &str = "--sign-by";

pub(super) const SKOPEO: Tool = Tool {
    program: "skopeo",
    packages: ["skopeo", "skopeo"],
};

/// How long it is waited before each further try.
const PAUSES: [Duration; 3] = [
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(9),
];

pub(super) fn push(call: &Call) -> Result<()> {
    let destination = call.words.iter().map(String::as_str).collect::<String>();
    let destination = destination.trim_start_matches("docker://");
    ensure!(
        destination.split('/').all(|part| !part.is_empty()) && destination.contains('/'),
        "{destination:?} is not REGISTRY/REPOSITORY or REGISTRY/REPOSITORY:TAG"
    );
    let subject = Subject::open(&call.place, None)?;
    subject.must_be_oci("push")?;
    // Asked for before the image is made.
    SKOPEO.command::<&str>([])?;
    let key = call.option(SIGN_BY).map(Key::that_signs).transpose()?;
    if let Some(key) = &key {
        ensure!(
            !key.has_signing_subkey(),
            "skopeo would sign with a subkey of {}, and runtimes take no signature of one; sign with the script sign",
            key.fingerprint
        );
    }
    let made = subject.make_and_verify()?;
    let directory = made.directory();
    let entry = finished::entry(&directory)?;
    let destination = with_tag(destination, finished::tag(&entry)?);
    let layouts = index::layouts(&directory)?;
    let mut arguments = call.passed.clone();
    if layouts != [&*directory] {
        arguments.push("--all".to_owned());
    }
    let send = |from: &str, to: &str, more: &[String]| {
        let arguments = [&arguments, more].concat();
        send(from, to, &arguments, subject.interrupt())
    };
    let signed = key.map_or_else(Vec::new, |key| vec![SIGN_BY.to_owned(), key.fingerprint]);
    send(&format!("oci:{directory}"), &destination, &signed)?;
    for image in layouts {
        for (name, digest) in finished::artifacts(&image)? {
            let from = format!("oci:{image}/{ARTIFACTS}:{name}");
            let to = format!("{}@{digest}", without_tag(&destination));
            send(&from, &to, &[])?;
        }
    }
    let digest = entry.digest;
    writeln!(io::stdout(), "Pushed {destination}, {digest}").context("writing to standard output")
}

/// Copies the image, or what is said of it, as often as it takes.
fn send(from: &str, to: &str, passed: &[String], interrupt: &Interrupt) -> Result<()> {
    let mut pauses = PAUSES.iter();
    while let Err(error) = copy(from, to, passed, interrupt)? {
        let pause = pauses.next().filter(|_| may_pass(&error));
        let Some(pause) = pause else {
            bail!("{}", explained(&error, to));
        };
        tell(format_args!(
            "{}; trying again in {} s, with what is not there yet",
            explained(&error, to),
            pause.as_secs()
        ));
        wait(*pause, interrupt)?;
    }
    Ok(())
}

/// Copies the image. What skopeo says on its way is shown, and why it ended is given back.
fn copy(
    from: &str,
    to: &str,
    passed: &[String],
    interrupt: &Interrupt,
) -> Result<Result<(), String>> {
    let mut command = SKOPEO.command(["copy"])?;
    command.args(passed).arg(from).arg(format!("docker://{to}"));
    command
        .stdout(Stdio::from(io::stderr()))
        .stderr(Stdio::piped());
    let mut child = tools::start(&mut command)?;
    let said = child.stderr.take();
    let reader = thread::spawn(move || {
        let mut last = String::new();
        let lines = said.map(|said| BufReader::new(said).split(b'\n'));
        // Whatever a registry has it say: skopeo would end if nobody read on.
        for line in lines.into_iter().flatten().map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line);
            match fatal(&line) {
                Some(reason) => last = reason,
                None => tell(&line),
            }
        }
        last
    });
    let ended = tools::wait("skopeo copy", child, interrupt);
    let reason = reader.join().unwrap_or_default();
    match ended {
        Ok(()) => Ok(Ok(())),
        Err(error) => {
            interrupt.check()?;
            Ok(Err(if reason.is_empty() {
                format!("{error:#}")
            } else {
                reason
            }))
        }
    }
}

/// The reason in a line of skopeo's log that says why it ends.
fn fatal(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("level=fatal msg=")?;
    let reason = serde_json::from_str(rest).unwrap_or_else(|_| rest.to_owned());
    Some(reason)
}

/// Whether what went wrong may go well the next time.
fn may_pass(reason: &str) -> bool {
    const FINAL: [&str; 10] = [
        "unauthorized",
        "authentication required",
        "denied",
        "forbidden",
        "x509",
        "source image rejected",
        "server gave HTTP response to HTTPS client",
        "no such host",
        "invalid reference",
        "unknown flag",
    ];
    let reason = reason.to_lowercase();
    !FINAL
        .iter()
        .any(|word| reason.contains(&word.to_lowercase()))
}

/// The reason, with what to do about it where that is known.
fn explained(reason: &str, to: &str) -> String {
    let low = reason.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| low.contains(word));
    let registry = to.split('/').next().unwrap_or_default();
    if has(&["source image rejected"]) {
        return "policy.json, of /etc/containers or ~/.config/containers, refuses images that lie on this machine; write \
            \"oci\": { \"\": [{ \"type\": \"insecureAcceptAnything\" }] } among its transports"
            .to_owned();
    }
    let mend = if has(&["unauthorized", "authentication required"]) {
        format!(": log in with skopeo login {registry}")
    } else if has(&["denied", "forbidden"]) {
        ": the registry knows who you are, and does not let you write there".to_owned()
    } else if has(&["server gave http response"]) {
        ": the registry speaks no TLS; if that is meant, add -- --dest-tls-verify=false".to_owned()
    } else if has(&["x509"]) {
        ": its certificate is trusted by nobody here; add -- --dest-cert-dir DIRECTORY".to_owned()
    } else if has(&["connection refused", "no such host"]) {
        format!(": no registry answers at {registry}")
    } else {
        String::new()
    };
    // The last part of the chain is the cause; what stands before it says what skopeo was about.
    let cause = reason.rsplit(": ").next().unwrap_or(reason);
    format!("skopeo copy failed: {cause}{mend}")
}

fn wait(pause: Duration, interrupt: &Interrupt) -> Result<()> {
    let end = Instant::now() + pause;
    while Instant::now() < end {
        interrupt.check()?;
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// The destination without tag and digest.
fn without_tag(destination: &str) -> &str {
    let last = destination.rfind('/').map_or(0, |slash| slash + 1);
    let end = destination[last..].find([':', '@']);
    &destination[..end.map_or(destination.len(), |end| last + end)]
}

/// The destination with its own tag or digest, or this tag.
fn with_tag(destination: &str, tag: &str) -> String {
    let last = destination.rsplit('/').next().unwrap_or_default();
    if last.contains([':', '@']) {
        destination.to_owned()
    } else {
        format!("{destination}:{tag}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_no_tag() {
        for (given, wanted) in [
            ("host/a", "host/a:1"),
            ("host:5000/a/b", "host:5000/a/b:1"),
            ("host:5000/a/b:2", "host:5000/a/b:2"),
            ("host/a@sha256:00", "host/a@sha256:00"),
        ] {
            assert_eq!(with_tag(given, "1"), wanted);
        }
    }

    #[test]
    fn what_skopeo_says_is_one_line() {
        let line = r#"time="2024-01-01T00:00:00Z" level=fatal msg="writing blob: Get \"https://a/v2/\": dial tcp: connect: connection refused""#;
        let reason = fatal(line).unwrap();
        assert!(may_pass(&reason));
        assert_eq!(
            explained(&reason, "a:5000/b:1"),
            "skopeo copy failed: connection refused: no registry answers at a:5000"
        );
        let rejected = "Source image rejected: Running image oci:/it: is rejected by policy.";
        assert!(!may_pass(rejected));
        assert!(explained(rejected, "a/b:1").starts_with("policy.json, of /etc/"));
        assert!(!may_pass("reading: unauthorized: authentication required"));
        assert_eq!(fatal("Copying blob sha256:00"), None);
    }
}
