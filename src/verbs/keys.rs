//! Keys: what gpg knows of the key that its user names. None is ever taken by default.

use std::env;
use std::io::{self, IsTerminal, Write};
use std::process::{Command, Output, Stdio};
use std::thread;

use anyhow::{Context, Result, bail, ensure};

use crate::host::scratch::Scratch;
use crate::verbs::tools::Tool;

const GPG: Tool = Tool {
    program: "gpg",
    packages: ["gnupg", "gnupg"],
};

/// Algorithms by their numbers (RFC 4880, 9.1) that rkt takes: RSA and DSA.
const OF_RKT: [&str; 3] = ["1", "3", "17"];

/// How a key is made that every runtime takes.
const MAKE: &str = "gpg --quick-generate-key NAME rsa3072 sign never makes one";

/// A key.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) fingerprint: String,
    /// What gpg says of it: expired, revoked, or nothing.
    validity: String,
    algorithm: String,
    /// What it can do itself, in small letters.
    can: String,
    /// Whether a subkey signs, too.
    has_signing_subkey: bool,
}

impl Key {
    /// The secret key that is called `name`, and signs.
    pub(super) fn that_signs(name: &str) -> Result<Self> {
        let found = keys(&listed("--list-secret-keys", name)?);
        let key = one(name, found, || {
            let is_public = listed("--list-keys", name).is_ok_and(|text| !keys(&text).is_empty());
            if is_public {
                format!("gpg has the public key {name} alone: sign where the secret one is")
            } else {
                format!(
                    "gpg has no secret key {name}; gpg --list-secret-keys tells which it has, and {MAKE}"
                )
            }
        })?;
        let fingerprint = &key.fingerprint;
        ensure!(
            key.can.contains('s'),
            "the key {fingerprint} of {name} does not sign itself, and runtimes take no signature of a subkey; {MAKE}"
        );
        Ok(key)
    }

    /// The public key that is called `name`.
    pub(super) fn public(name: &str) -> Result<Self> {
        one(name, keys(&listed("--list-keys", name)?), || {
            format!("gpg has no key {name}; gpg --list-keys tells which it has")
        })
    }

    /// Whether rkt takes its signatures.
    pub(super) fn is_for_rkt(&self) -> bool {
        OF_RKT.contains(&self.algorithm.as_str())
    }

    /// Whether programs that choose among its parts may sign with a subkey.
    pub(super) fn has_signing_subkey(&self) -> bool {
        self.has_signing_subkey
    }

    /// `text` with its signature, in one message.
    pub(super) fn sign(&self, text: &str) -> Result<Vec<u8>> {
        // The mark keeps gpg from taking a subkey.
        let user = format!("{}!", self.fingerprint);
        let words = [
            "--no-armor",
            "--local-user",
            &user,
            "--output",
            "-",
            "--sign",
        ];
        let output = gpg(None, &words, text.as_bytes())?;
        ensure!(
            output.status.success(),
            "gpg does not sign with {}: {}",
            self.fingerprint,
            reason(&output)
        );
        Ok(output.stdout)
    }

    /// The armored public key, without what others say of it.
    pub(super) fn armored(&self) -> Result<Vec<u8>> {
        let options = ["--export-options", "export-minimal", "--armor", "--export"];
        let words = [&options[..], &[&self.fingerprint]].concat();
        let output = gpg(None, &words, &[])?;
        ensure!(
            output.status.success() && !output.stdout.is_empty(),
            "gpg does not give the key {}: {}",
            self.fingerprint,
            reason(&output)
        );
        Ok(output.stdout)
    }
}

/// What a signed message says, and the fingerprint of the primary key that signed it; nothing where gpg finds no good
/// signature.
pub(super) fn opened(message: &[u8]) -> Result<Option<(Vec<u8>, String)>> {
    let output = gpg(
        None,
        &["--status-fd", "2", "--output", "-", "--decrypt"],
        message,
    )?;
    let said = String::from_utf8_lossy(&output.stderr);
    let valid = said
        .lines()
        .find_map(|line| line.strip_prefix("[GNUPG:] VALIDSIG "));
    let primary = valid.and_then(|line| line.split(' ').next_back());
    let fingerprint = primary.filter(|_| output.status.success());
    Ok(fingerprint.map(|fingerprint| (output.stdout, fingerprint.to_owned())))
}

/// The one key among those that are `found`, if it is good.
pub(super) fn one(name: &str, found: Vec<Key>, none: impl FnOnce() -> String) -> Result<Key> {
    let count = found.len();
    let fingerprints: Vec<&str> = found.iter().map(|key| key.fingerprint.as_str()).collect();
    ensure!(
        count <= 1,
        "{count} keys are called {name}; take one by its fingerprint: {}",
        fingerprints.join(", ")
    );
    let Some(key) = found.into_iter().next() else {
        bail!("{}", none());
    };
    let fingerprint = &key.fingerprint;
    match key.validity.as_str() {
        "e" => bail!(
            "the key {fingerprint} of {name} has expired; gpg --quick-set-expire {fingerprint} 1y makes it last"
        ),
        "r" => bail!("the key {fingerprint} of {name} is revoked; take another one: {MAKE}"),
        "i" => {
            bail!("the key {fingerprint} of {name} is not valid for gpg; take another one: {MAKE}")
        }
        _ if key.can.contains('D') => {
            bail!(
                "the key {fingerprint} of {name} is disabled in gpg; gpg --edit-key {fingerprint} enable undoes that"
            )
        }
        _ => Ok(key),
    }
}

/// What gpg lists of keys that are called `name`.
fn listed(what: &str, name: &str) -> Result<String> {
    let output = gpg(None, &["--with-colons", what, "--", name], &[])?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The keys of a list of gpg's (`doc/DETAILS`, "Format of the colon listings").
pub(super) fn keys(list: &str) -> Vec<Key> {
    let mut keys: Vec<Key> = Vec::new();
    for line in list.lines() {
        let fields: Vec<&str> = line.split(':').collect();
        let field = |number: usize| (*fields.get(number - 1).unwrap_or(&"")).to_owned();
        match fields[0] {
            "sec" | "pub" => keys.push(Key {
                fingerprint: String::new(),
                validity: field(2),
                algorithm: field(4),
                // Capitals say what the key can with all its subkeys, but for that of what is disabled.
                can: field(12)
                    .chars()
                    .filter(|c| c.is_ascii_lowercase() || *c == 'D')
                    .collect(),
                has_signing_subkey: false,
            }),
            "fpr" => {
                if let Some(key) = keys.last_mut().filter(|key| key.fingerprint.is_empty()) {
                    key.fingerprint = field(10);
                }
            }
            "ssb" | "sub" => {
                let signs = field(12).contains('s') && !["e", "r", "i"].contains(&&*field(2));
                if let Some(key) = keys.last_mut() {
                    key.has_signing_subkey |= signs;
                }
            }
            _ => {}
        }
    }
    keys
}

/// What gpg says to these words and this input. In a home of its own it has nothing but public keys, and no agent.
pub(super) fn gpg(home: Option<&Scratch>, words: &[&str], input: &[u8]) -> Result<Output> {
    let mut command: Command = GPG.command(["--batch", "--no-auto-check-trustdb"])?;
    if let Some(home) = home {
        command.args(["--no-autostart", "--homedir", home.path().as_str()]);
    }
    command.args(words);
    // The agent asks for a passphrase on the terminal, if there is one.
    if env::var_os("GPG_TTY").is_none()
        && io::stdin().is_terminal()
        && let Ok(terminal) = std::fs::read_link("/proc/self/fd/0")
    {
        command.env("GPG_TTY", terminal);
    }
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().context("starting gpg")?;
    let stdin = child.stdin.take();
    thread::scope(|scope| {
        scope.spawn(move || {
            // Whoever reads no input tells why.
            stdin.map(|mut stdin| stdin.write_all(input))
        });
        child.wait_with_output().context("waiting for gpg")
    })
}

/// Why gpg failed: its last line.
pub(super) fn reason(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    let mut lines = said.lines().filter_map(|line| line.strip_prefix("gpg: "));
    let last = lines.next_back().map(str::to_owned);
    last.unwrap_or_else(|| output.status.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "\
sec:u:2048:1:D6E234B3C0422C73:1796022083:::u:::scSC:::+:::23::0:
fpr:::::::::8F2FF851A3016912F4DD353ED6E234B3C0422C73:
uid:u::::1796022083::CF23::A <a@example.com>::::::::::0:
ssb:u:2048:1:9F7B31F5070E0981:1796022083::::::s:::+:::23:
fpr:::::::::F46FA8C1B7542DC1B8C7FBAB9F7B31F5070E0981:
sec:e:255:22:9F7B31F5070E0981:1796022083:1796022084::u:::cC:::+::ed25519:::0:
fpr:::::::::46FA8C1B7542DC1B8C7FBAB9F7B31F5070E09811:
";

    #[test]
    fn keys_are_read_with_what_they_can() {
        let keys = keys(LIST);
        let told: Vec<_> = keys
            .iter()
            .map(|key| (&key.fingerprint[..4], key.can.as_str(), key.is_for_rkt()))
            .collect();
        assert_eq!(told, [("8F2F", "sc", true), ("46FA", "c", false)]);
        assert!(keys[0].has_signing_subkey() && !keys[1].has_signing_subkey());
    }

    #[test]
    fn what_cannot_sign_is_told_in_a_line() {
        let error = |keys| one("a", keys, || "none".into()).unwrap_err().to_string();
        assert_eq!(error(Vec::new()), "none");
        assert!(
            error(keys(LIST)).starts_with("2 keys are called a; take one by its fingerprint: 8F2F")
        );
        let mut expired = keys(LIST);
        expired.remove(0);
        assert!(error(expired).contains("of a has expired; gpg --quick-set-expire 46FA"));
    }
}
