use std::collections::BTreeMap;

use super::*;
use crate::host::digest::Digest;

fn entry(path: &str, version: &str, form: Form) -> Entry {
    Entry {
        name: format!("example.com/images/{path}"),
        path: path.to_owned(),
        version: version.to_owned(),
        os: "linux".to_owned(),
        arch: "amd64".to_owned(),
        form,
        file: format!("{path}-{version}-linux-amd64.{}", form.extension()),
        size: 1_500_000,
        digest: Digest::of(b""),
        id: "sha512-00".to_owned(),
        sign: true,
        signed: true,
        arguments: String::new(),
        reference: Some(format!("example.com/images/{path}:{version}")),
        beside: BTreeMap::new(),
    }
}

fn catalog(images: Vec<Entry>) -> Catalog {
    Catalog {
        public_key: true,
        images,
        ..Catalog::new("example.com/images")
    }
}

#[test]
fn every_page_has_the_tags() {
    let catalog = catalog(vec![entry("team/web", "1", Form::Aci)]);
    let texts = super::texts(&catalog).unwrap();
    let names: Vec<&str> = texts.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["index.html", "team/web/index.html", "images.json"]);
    for (name, text) in &texts[..2] {
        for tag in [
            "<meta name=\"ac-discovery\" content=\"example.com/images https://{name}-{version}-{os}-{arch}.{ext}\">",
            "<meta name=\"ac-discovery-pubkeys\" content=\"example.com/images https://example.com/images/pubkeys.gpg\">",
        ] {
            assert_eq!(text.matches(tag).count(), 1, "{name}: {tag}");
        }
    }
    assert!(
        texts[1]
            .1
            .contains("href=\"../../team/web-1-linux-amd64.aci\"")
    );
    assert!(texts[0].1.contains("href=\"team/web-1-linux-amd64.aci\""));
}

#[test]
fn the_newest_is_the_latest_and_comes_first() {
    let catalog = catalog(vec![
        entry("web", "1.9", Form::Aci),
        entry("web", "1.10", Form::Aci),
        entry("web", "1.8", Form::Oci),
    ]);
    let latest = [
        "web-latest-linux-amd64.aci",
        "web-latest-linux-amd64.oci.tar",
    ];
    let files = ["web-1.10-linux-amd64.aci", "web-1.8-linux-amd64.oci.tar"];
    let newest = catalog.newest_files();
    assert!(newest.iter().map(|(alias, _)| alias).eq(latest));
    assert!(newest.iter().map(|(_, file)| file).eq(files));
    let index = &texts(&catalog).unwrap()[0].1;
    let place = |version: &str| {
        index
            .find(&format!("<td class=\"version\">{version}"))
            .unwrap()
    };
    assert!(place("1.10") < place("1.9") && place("1.9") < place("1.8"));
    assert_eq!(index.matches("class=\"latest\"").count(), 2);
    // Commands are those of the newest version of each form.
    assert!(index.contains("rkt run example.com/images/web:1.10<"));
    assert!(!index.contains("rkt run example.com/images/web:1.9<"));
    assert!(index.contains("podman run --rm example.com/images/web:1.8<"));
}

#[test]
fn what_is_not_signed_is_run_so() {
    let mut entry = entry("web", "1", Form::Aci);
    let signed = &texts(&catalog(vec![entry.clone()])).unwrap()[0].1;
    assert!(signed.contains("Images are signed") && !signed.contains("--insecure-options"));
    entry.signed = false;
    let unsigned = &texts(&catalog(vec![entry])).unwrap()[0].1;
    assert!(!unsigned.contains("Images are signed"));
    assert!(unsigned.contains("rkt --insecure-options=image run example.com/images/web:1<"));
}

#[test]
fn what_is_in_a_name_stays_a_text() {
    let hostile = "<script>alert('1')</script>\"@STYLE@";
    let mut entry = entry("web", hostile, Form::Oci);
    hostile.clone_into(&mut entry.arguments);
    for (name, text) in texts(&catalog(vec![entry])).unwrap() {
        if name.ends_with(&RULES.site.page) {
            assert!(!text.contains("<script"), "{name}");
            assert_eq!(text.matches(STYLE).count(), 1, "{name}");
        }
    }
}

#[test]
fn a_page_has_a_place_for_each_part() {
    for mark in ["@HEADING@", "@IMAGES@", "@FOOTER@"] {
        assert_eq!(BODY.matches(mark).count(), 1, "{mark}");
    }
    assert!(!STYLE.contains("</"));
}
