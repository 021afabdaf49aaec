//! Fat and thin images, layouts, what is linked of each, and the commands that are printed for it.

use std::fs;

use nix2aci::input::form::Face;

use crate::bench::{ACI, Bench, CHECK_HOST, JSON, MOUNTS, NSPAWN, OCI, PODMAN, REFERENCE, Run};

#[test]
fn a_layout_is_linked_as_a_whole_and_not_signed() {
    let bench = Bench::new();
    let out = bench.build_layout("layout", &[]);
    let run = bench.run(&[]);
    let expected = format!(
        "Not in /nix/store: the links hold as long as {out} is there\n\
         Linking {OCI} into ./images\n\
         Run it: ./images/{OCI}/run\n\
         Load it: ./images/{OCI}/load\n\
         Push it: ./images/{OCI}/push REGISTRY/{REFERENCE}\n",
        out = out.display()
    );
    assert_eq!(run.passes().stdout, expected);
    assert_eq!(run.stderr, "");
    assert_eq!(bench.names("images"), [OCI]);
    let link = format!("images/{OCI}");
    assert_eq!(bench.link(&link), out);

    // Another one takes its place, also by a script that is told not to sign.
    let other = bench.build_layout("other", &[PODMAN, "deploy"]);
    let run = bench.run(&["--no-sign"]);
    assert_eq!(bench.link(&link), other);
    let deploy = format!("Deploy it: ./images/{OCI}/deploy HOST\n");
    assert!(run.passes().stdout.ends_with(&deploy), "{run:?}");
}

#[test]
fn commands_name_the_scripts_of_a_layout_as_a_shell_finds_them() {
    let bench = Bench::new();
    let out = bench.build_layout("layout", &[]);
    for (directory, told) in [
        ("some/place", format!("some/place/{OCI}")),
        ("a b", format!("'a b/{OCI}'")),
        (".", format!("./{OCI}")),
        ("-d", format!("./-d/{OCI}")),
    ] {
        let run = bench.run(&["--", directory]);
        let line = format!("Run it: {told}/run\n");
        assert!(run.passes().stdout.contains(&line), "{directory}: {run:?}");
        assert_eq!(bench.link(&format!("{directory}/{OCI}")), out);
    }
}

#[test]
fn both_forms_stand_in_one_directory() {
    let bench = Bench::new();
    bench.build("fat", false);
    bench.run(&["both"]).passes();
    bench.build_layout("layout", &[]);
    bench.run(&["both"]).passes();
    assert_eq!(bench.names("both"), [ACI, OCI]);
}

#[test]
fn lists_that_an_image_does_not_have_go() {
    let bench = Bench::new();
    let lists = [CHECK_HOST, JSON, MOUNTS, NSPAWN];
    bench.build_of(Face::Aci, "thin", &[&[ACI], &lists[..]].concat());
    bench.run(&[]).passes();
    assert_eq!(bench.names("ACIs"), [&[ACI], &lists[..]].concat());
    bench.build_of(Face::Aci, "fat", &[ACI, JSON]);
    bench.run(&[]).passes();
    assert_eq!(bench.names("ACIs"), [ACI, JSON]);
}

/// Thin or not, an image has the same name: who has both is told that one replaces the other.
#[test]
fn another_form_in_its_place_is_told() {
    let bench = Bench::new();
    let build = |face, name: &str, files: &[&str]| {
        bench.build_of(face, name, files);
        bench.run(&["d"]).passes().stderr.clone()
    };
    let warning = |image: &str, change: &str| {
        format!(
            "postprocess.sh: warning: d/{image} {change} now; to keep both, link one into another DIR, \
             as in postprocess.sh DIR\n"
        )
    };
    let (thin, fat) = ("was not thin and is thin", "was thin and is not thin");

    assert_eq!(build(Face::Aci, "first", &[ACI]), "");
    assert_eq!(build(Face::Aci, "rebuilt", &[ACI]), "");
    let said = build(Face::Aci, "thin", &[ACI, MOUNTS]);
    assert_eq!(said, warning(ACI, thin));
    assert_eq!(build(Face::Aci, "thin", &[ACI, MOUNTS]), "");
    assert_eq!(build(Face::Aci, "rebuilt thin", &[ACI, MOUNTS]), "");
    assert_eq!(build(Face::Aci, "first", &[ACI]), warning(ACI, fat));

    // A layout has its list within, and has nothing to do with the other kind.
    assert_eq!(build(Face::Oci, "layout", &["index.json", PODMAN]), "");
    let said = build(Face::Oci, "fat layout", &["index.json"]);
    assert_eq!(said, warning(OCI, fat));
    let said = build(Face::Oci, "layout", &["index.json", PODMAN]);
    assert_eq!(said, warning(OCI, thin));

    // What is gone is not missed, nor is what was no image.
    fs::remove_dir_all(bench.path("store/layout")).unwrap();
    assert_eq!(build(Face::Oci, "fat layout", &["index.json"]), "");
    fs::remove_file(bench.path("d").join(ACI)).unwrap();
    fs::write(bench.path("d").join(ACI), "").unwrap();
    assert_eq!(build(Face::Aci, "thin", &[ACI, MOUNTS]), "");
}

#[test]
fn thin_image_prints_its_mounts() {
    let bench = Bench::new();
    let out = bench.build_of(Face::Aci, "thin", &[ACI, MOUNTS]);
    let volume = "--volume=a,kind=host,source=/x,readOnly=true";
    fs::write(out.join(MOUNTS), format!("{volume}\n")).unwrap();
    let run = bench.run(&["it's here"]);
    let command = run.last_line().strip_prefix("Run it: ").unwrap();
    let quoted = r"it'\''s here";
    assert_eq!(
        command,
        format!("rkt --insecure-options=image run $(cat '{quoted}/{MOUNTS}') '{quoted}/{ACI}'")
    );
    // What it prints can be pasted: a shell gives rkt one volume and one image.
    bench.tool("rkt", "printf '%s\\n' \"$@\"");
    let pasted = Run::of(&mut bench.program(&["sh", "-c", command]));
    let expected = format!("--insecure-options=image\nrun\n{volume}\nit's here/{ACI}\n");
    assert_eq!(pasted.passes().stdout, expected);
}
