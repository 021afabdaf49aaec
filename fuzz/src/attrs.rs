//! The attributes: a description is refused with a reason, or an image is made of it.

use nix2aci::face::aci;
use nix2aci::host::interrupt::Interrupt;
use nix2aci::host::log::Log;
use nix2aci::input::attrs::Attrs;
use nix2aci::pack::archive::Archive;
use nix2aci::pack::packer::Packer;
use nix2aci::pack::part::Part;
use nix2aci::plan::Plan;

use super::{image, reread};

/// A store that no machine has, so that no file is ever read.
const STORE: &str = "/gone/store";

/// The text that Nix hands to the builder.
pub fn attrs(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Ok(attrs) = Attrs::parse(STORE, text) else {
        return;
    };
    let plan = match Plan::new(&attrs) {
        Ok(plan) => plan,
        Err(error) => {
            check_message(&error);
            return;
        }
    };
    image::check(&attrs.spec.image);
    if plan.contents.packed.is_empty() && plan.copied.is_empty() {
        write(&plan, &attrs);
    }
}

/// An error says what is wrong.
pub fn check_message(error: &anyhow::Error) {
    let message = format!("{error:#}");
    assert!(
        !message.is_empty() && !message.contains("without a reason"),
        "{message}"
    );
}

/// The archive of a plan, which can always be written.
pub fn write(plan: &Plan, attrs: &Attrs) -> Vec<u8> {
    let written = || -> anyhow::Result<Vec<u8>> {
        let interrupt = Interrupt::listen()?;
        let mut log = Log::new("image");
        let packer = Packer::new(plan, attrs, &mut log, &interrupt)?;
        let manifest = aci::manifest(&attrs.spec.image, &plan.contents.mounted, &plan.visible)?;
        let mut archive = Archive::image(Vec::new(), &manifest)?;
        packer.write(&mut archive, Part::Image(&manifest))?;
        Ok(archive.finish()?)
    };
    let bytes = written().unwrap_or_else(|error| panic!("{error:#}\n{}", plan.tree));
    let found = reread::entries(&bytes);
    assert!(found.contains_key("rootfs") && found.contains_key("manifest"));
    bytes
}
