//! The manifest: what is accepted is written as it was meant, and always in the same way.

use nix2aci::image::ImageManifest;

/// The text of an image manifest.
pub fn manifest(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let mut warnings = Vec::new();
    match ImageManifest::parse(text, &mut warnings) {
        Ok(manifest) => check(&manifest),
        Err(problems) => {
            assert!(!problems.is_empty());
            assert!(problems.iter().all(|problem| !problem.message.is_empty()));
        }
    }
}

/// A manifest and its text are the same thing.
pub fn check(manifest: &ImageManifest) {
    let json = manifest.to_json();
    let again = ImageManifest::parse(&json, &mut Vec::new());
    let again = again.unwrap_or_else(|problems| panic!("{problems}\n{json}"));
    assert_eq!(&again, manifest);
    assert_eq!(again.to_json(), json);
}
