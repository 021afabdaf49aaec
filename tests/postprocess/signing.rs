//! Signatures: whose they are, what they are worth, and what is said where there is none.

use std::fs;
use std::time::{Duration, Instant};

use crate::bench::{ACI, ASC, Bench, Run, found, mode_of};
use crate::keyring::{Keyring, keyring, pinentry};
use crate::skip::skip;

#[test]
fn links_and_signs() {
    let bench = Bench::new();
    let keyring = keyring!(&bench, "links_and_signs");
    let run = bench.run(&[]);
    let expected = format!(
        "Signing {ACI}\nNot in /nix/store: the links hold as long as {out} is there\n\
         Linking {ACI} into ./ACIs\nRun it: rkt run ./ACIs/{ACI}\n",
        out = bench.path("store/fat").display()
    );
    assert_eq!(run.passes().stdout, expected);
    assert_eq!(run.stderr, "");
    assert_eq!(bench.names("ACIs"), [ACI, ASC]);
    let image = bench.path("store/fat").join(ACI);
    assert_eq!(bench.link(&format!("ACIs/{ACI}")), image);
    assert!(keyring.accepts(&bench.path("ACIs")));

    let mut bytes = fs::read(&image).unwrap();
    bytes[3] ^= 1;
    fs::write(&image, bytes).unwrap();
    assert!(!keyring.accepts(&bench.path("ACIs")));
}

/// Whatever the user's umask and settings of gpg are.
#[test]
fn a_signature_is_readable_and_sha512_and_nothing_else() {
    let bench = Bench::new();
    let keyring = keyring!(
        &bench,
        "a_signature_is_readable_and_sha512_and_nothing_else"
    );
    keyring.configure("digest-algo SHA256\nverbose\ncomment gpg: mine\n");
    let masked = "umask 077 && exec ./result/postprocess.sh";
    Run::of(&mut bench.program(&["sh", "-c", masked])).passes();
    let signature = bench.path("ACIs").join(ASC);
    assert_eq!(mode_of(&signature), 0o644);
    let packets = Run::of(keyring.gpg().arg("--list-packets").arg(&signature));
    let packets = &packets.passes().stdout;
    assert!(packets.contains("digest algo 10"), "{packets}");
    let text = fs::read_to_string(&signature).unwrap();
    let (first, rest) = text.split_once('\n').unwrap();
    assert_eq!(first, "-----BEGIN PGP SIGNATURE-----");
    assert!(rest.ends_with("\n-----END PGP SIGNATURE-----\n"), "{text}");
    assert!(
        !text.contains("\ngpg") && !text.contains("[GNUPG"),
        "{text}"
    );
}

#[test]
fn unsigned_image_needs_no_gpg() {
    let bench = Bench::new();
    let few = bench.few_programs(&[]);
    for (sign, arguments) in [(true, &["--no-sign"][..]), (false, &[])] {
        bench.build("unsigned", sign);
        let run = Run::of(bench.command().env("PATH", &few).args(arguments));
        assert_eq!(
            run.last_line(),
            format!("Run it: rkt --insecure-options=image run ./ACIs/{ACI}")
        );
        assert_eq!(bench.names("ACIs"), [ACI]);
    }
}

#[test]
fn signature_of_another_image_does_not_stay() {
    let bench = Bench::new();
    let _keyring = keyring!(&bench, "signature_of_another_image_does_not_stay");
    bench.run(&[]).passes();
    bench.run(&["--no-sign"]).passes();
    assert_eq!(
        bench.names("ACIs"),
        [ACI, ASC],
        "the same image keeps its signature"
    );
    bench.build("newer", true);
    bench.run(&["--no-sign"]).passes();
    assert_eq!(bench.names("ACIs"), [ACI]);
}

#[test]
fn gpg2_comes_first() {
    let bench = Bench::new();
    bench.tool("gpg", "echo 'gpg: wrong one'\nexit 9");
    bench.tool("gpg2", "echo 'gpg: right one'\nexit 9");
    bench.run(&[]).fails_with(&["right one"]);
}

/// A program of gpg's name that makes nothing signs nothing.
#[test]
fn gpg_that_makes_no_signature() {
    let bench = Bench::new();
    bench.tool("gpg", "echo 'gpg: well done'");
    bench.tool("gpg2", "exit 0");
    bench.run(&[]).fails_with(&["gpg cannot sign", "--no-sign"]);
    assert!(!bench.path("ACIs").exists());
}

#[test]
fn no_secret_key() {
    let bench = Bench::new();
    let Some(keyring) = Keyring::new(&bench, "no_secret_key") else {
        return;
    };
    bench
        .run(&[])
        .fails_with(&["No secret key", "--quick-generate-key NAME rsa3072"]);

    keyring.generate("rsa@example.com", "rsa2048", "");
    let nobody = "nobody's <key@example.com>";
    let run = Run::of(bench.command().env("NIX2ACI_KEY", nobody));
    run.fails_with(&[&format!("NIX2ACI_KEY={nobody}"), "--list-secret-keys"]);
    assert!(!bench.path("ACIs").exists());
}

#[test]
fn failure_keeps_the_old_image() {
    let bench = Bench::new();
    let keyring = keyring!(&bench, "failure_keeps_the_old_image");
    bench.run(&[]).passes();
    let old = bench.content("ACIs");
    bench.build("newer", true);
    let run = Run::of(bench.command().env("NIX2ACI_KEY", "nobody"));
    run.fails_with(&["nobody"]);
    assert_eq!(bench.content("ACIs"), old);
    assert!(keyring.accepts(&bench.path("ACIs")));
}

#[test]
fn chosen_key_signs_and_others_than_rsa_warn() {
    let bench = Bench::new();
    let keyring = keyring!(&bench, "chosen_key_signs_and_others_than_rsa_warn");
    for algorithm in ["dsa2048", "ed25519", "nistp256"] {
        let name = format!("{algorithm}@example.com");
        keyring.generate(&name, algorithm, "");
        let run = Run::of(bench.command().env("NIX2ACI_KEY", &name));
        let warned = run.passes().stderr.contains("neither RSA nor DSA");
        assert_eq!(warned, algorithm != "dsa2048", "{algorithm}: {run:?}");
        let mut list = keyring.gpg();
        list.args(["--with-colons", "--fingerprint", &name]);
        let listed = Run::of(&mut list).stdout;
        let fingerprint = listed
            .lines()
            .find_map(|line| line.strip_prefix("fpr:::::::::"))
            .unwrap()
            .trim_end_matches(':');
        let mut verify = keyring.gpg();
        verify
            .args(["--status-fd", "1", "--verify"])
            .arg(bench.path("ACIs").join(ASC))
            .arg(bench.path("ACIs").join(ACI));
        let verified = Run::of(&mut verify);
        assert!(verified.passes().stdout.contains(fingerprint));
        assert_eq!(run.stderr.contains(fingerprint), warned);
    }
}

#[test]
fn locked_key_without_a_terminal() {
    let bench = Bench::new();
    let keyring = keyring!(&bench, "locked_key_without_a_terminal", "secret");
    keyring.configure_agent("");
    let start = Instant::now();
    bench
        .run(&[])
        .fails_with(&["locked", "terminal", "gpg-agent"]);
    assert!(start.elapsed() < Duration::from_secs(20));
    assert!(!bench.path("ACIs").exists());
}

#[test]
fn locked_key_in_a_terminal() {
    let bench = Bench::new();
    let keyring = keyring!(&bench, "locked_key_in_a_terminal", "secret");
    if !found("script") {
        return skip("locked_key_in_a_terminal", "script is not installed");
    }
    let pinentry = pinentry(&bench, "echo 'D secret' && echo OK");
    let told = pinentry.with_extension("options");
    // The terminal may be the script's input, or where its messages go.
    for line in [
        "./result/postprocess.sh </dev/null",
        "./result/postprocess.sh 2>/dev/null",
    ] {
        keyring.configure_agent(&format!("pinentry-program {}\n", pinentry.display()));
        let _ = fs::remove_dir_all(bench.path("ACIs"));
        let _ = fs::remove_file(&told);
        let mut terminal = bench.program(&["script", "-qec", line, "/dev/null"]);
        Run::of(terminal.env("TERM", "dumb")).passes();
        assert!(keyring.accepts(&bench.path("ACIs")));
        let options = fs::read_to_string(&told).unwrap();
        assert!(
            options.contains("ttyname=/dev/pts/"),
            "pinentry is told its terminal: {options}"
        );
    }
}
