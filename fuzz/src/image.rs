//! The image: what is accepted is written as JSON, and always in the same way.

use std::collections::BTreeSet;

use nix2aci::face::{aci, oci};
use nix2aci::image::Image;
use nix2aci::tree::Tree;

/// The text of an image, as a spec has it.
pub fn image(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(image) = serde_json::from_str(text) {
        check(&image);
    }
}

/// Whatever an image says, each form of it can be told or is refused with a reason.
pub fn check(image: &Image) {
    let told = aci::warnings(image, &Tree::default());
    let lost = oci::losses::losses(image, "/gone/store");
    assert!(told.iter().chain(&lost).all(|line| line.contains(": ")));
    match aci::manifest(image, &BTreeSet::new(), &BTreeSet::new()) {
        Ok(json) => {
            let read: serde_json::Value = serde_json::from_str(&json).expect("JSON");
            assert_eq!(read["name"], image.name.as_str());
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}
