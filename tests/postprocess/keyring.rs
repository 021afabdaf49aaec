//! Throw-away keys, each keyring with an agent of its own, and a pinentry that answers by itself.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::bench::{ACI, ASC, Bench, found};
use crate::skip::skip;

/// A keyring in `gnupg` with its own agent, which ends with it.
pub(crate) struct Keyring(PathBuf);

impl Keyring {
    /// None, aloud, where there is no gpg.
    pub(crate) fn new(bench: &Bench, test: &str) -> Option<Self> {
        let home = bench.path("gnupg");
        fs::create_dir(&home).unwrap();
        fs::set_permissions(&home, fs::Permissions::from_mode(0o700)).unwrap();
        if !found("gpg") {
            skip(test, "gpg is not installed");
            return None;
        }
        Some(Self(home))
    }

    pub(crate) fn gpg(&self) -> Command {
        let mut gpg = Command::new("gpg");
        gpg.args(["--batch", "--no-tty", "--quiet", "--homedir"])
            .arg(&self.0);
        gpg
    }

    pub(crate) fn generate(&self, name: &str, algorithm: &str, passphrase: &str) {
        let mut gpg = self.gpg();
        gpg.args(["--passphrase", passphrase, "--quick-generate-key", name])
            .args([algorithm, "sign", "never"]);
        assert!(gpg.output().unwrap().status.success());
    }

    /// Has `lines` in the configuration of gpg from now on.
    pub(crate) fn configure(&self, lines: &str) {
        fs::write(self.0.join("gpg.conf"), lines).unwrap();
    }

    /// Forgets the passphrases, and has `lines` in the agent's configuration from now on.
    pub(crate) fn configure_agent(&self, lines: &str) {
        fs::write(self.0.join("gpg-agent.conf"), lines).unwrap();
        self.end_agent();
    }

    pub(crate) fn verifies(&self, signature: &Path, file: &Path) -> bool {
        let mut gpg = self.gpg();
        gpg.arg("--verify").arg(signature).arg(file);
        gpg.output().unwrap().status.success()
    }

    /// Whether the image in `directory` has its signature beside it.
    pub(crate) fn accepts(&self, directory: &Path) -> bool {
        self.verifies(&directory.join(ASC), &directory.join(ACI))
    }

    pub(crate) fn end_agent(&self) {
        let mut gpgconf = Command::new("gpgconf");
        gpgconf
            .arg("--homedir")
            .arg(&self.0)
            .args(["--kill", "all"]);
        let _ = gpgconf.status();
    }
}

impl Drop for Keyring {
    fn drop(&mut self) {
        self.end_agent();
    }
}

/// A keyring with one key, which `$passphrase` locks, or a return from the test.
macro_rules! keyring {
    ($bench:expr, $test:expr) => {
        keyring!($bench, $test, "")
    };
    ($bench:expr, $test:expr, $passphrase:literal) => {{
        let Some(keyring) = $crate::keyring::Keyring::new($bench, $test) else {
            return;
        };
        keyring.generate("rsa@example.com", "rsa2048", $passphrase);
        keyring
    }};
}
pub(crate) use keyring;

/// A pinentry that answers every question for a passphrase with `answer`, in the words of the shell.
pub(crate) fn pinentry(bench: &Bench, answer: &str) -> PathBuf {
    let text = format!(
        "echo OK\nwhile read -r word rest; do\n  case $word in\n    GETPIN) {answer} ;;\n    OPTION) \
         printf '%s\\n' \"$rest\" >>\"$0.options\" && echo OK ;;\n    BYE) echo OK && exit ;;\n    *) echo OK ;;\n  \
         esac\ndone"
    );
    bench.tool("pinentry", &text)
}
