//! The subject: what a verb is done with, a recipe or the finished layout of an image.

use anyhow::{Context, Result, bail, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use crate::face::oci::{document, index};
use crate::face::recipe;
use crate::host::interrupt::Interrupt;
use crate::image::Platform;
use crate::input::form::Face;
use crate::verbs::made::{Made, Place};
use crate::verbs::maker::Maker;
use crate::verbs::pieces::{self, Piece};

/// What a layout has.
const INDEX: &str = "index.json";

/// What an image comes from.
pub(super) enum Subject {
    /// It is made, unless it was before.
    Recipe(Box<Maker>),
    /// It is there, in this directory.
    Layout {
        /// Where.
        directory: Utf8PathBuf,
        /// What asks this program to end.
        interrupt: Interrupt,
    },
}

impl Subject {
    /// What is at `place`: a directory, or a file that lies in it. A recipe is one of an image that goes `to` a directory.
    pub(super) fn open(place: &str, to: Option<&Utf8Path>) -> Result<Self> {
        let found = Utf8Path::new(place).canonicalize_utf8();
        let found = found.with_context(|| format!("looking for {place}"))?;
        let directory = if found.is_dir() {
            found.as_path()
        } else {
            found.parent().unwrap_or(&found)
        };
        let page = directory.join(recipe::NAME);
        if page.exists() {
            return Ok(Self::Recipe(Box::new(Maker::open(&page, to)?)));
        }
        ensure!(
            directory.join(INDEX).exists(),
            "{directory} is neither a recipe nor the layout of an OCI image"
        );
        Ok(Self::Layout {
            directory: directory.to_owned(),
            interrupt: Interrupt::listen()?,
        })
    }

    /// The image of this machine's platform, where this is an index of several.
    pub(super) fn of_this_machine(self) -> Result<Self> {
        let Self::Layout {
            directory,
            interrupt,
        } = self
        else {
            return Ok(self);
        };
        let Some(images) = index::images(&directory)? else {
            return Ok(Self::Layout {
                directory,
                interrupt,
            });
        };
        let machine = Platform::of_this_machine();
        let in_oci = machine.as_ref().and_then(Platform::in_oci);
        let fits = |platform: &document::Platform| {
            platform.os == "linux"
                && in_oci == Some((&platform.architecture, platform.variant.as_deref()))
        };
        let found = images.iter().find(|(platform, _)| fits(platform));
        let (_, within) = found.with_context(|| {
            let names: Vec<&str> = images.iter().map(|(_, name)| name.as_str()).collect();
            format!(
                "this machine is {}, and {directory} has images for {} alone; one for an emulator is asked for by its own \
                 script, such as {}",
                std::env::consts::ARCH,
                names.join(", "),
                directory.join(names.first().copied().unwrap_or_default()).join("run")
            )
        })?;
        Ok(Self::Layout {
            directory: directory.join(within),
            interrupt,
        })
    }

    /// What asks this program to end.
    pub(super) fn interrupt(&self) -> &Interrupt {
        match self {
            Self::Recipe(maker) => maker.interrupt(),
            Self::Layout { interrupt, .. } => interrupt,
        }
    }

    /// Whether it is an App Container Image, and then the name of its file without `.aci`.
    pub(super) fn archive(&self) -> Option<String> {
        match self {
            Self::Recipe(maker) => {
                let spec = &maker.attrs().spec;
                (spec.form.face != Face::Oci).then(|| spec.image.stem())
            }
            Self::Layout { .. } => None,
        }
    }

    /// An error unless the image is one that engines and registries take.
    pub(super) fn must_be_oci(&self, verb: &str) -> Result<()> {
        if let Some(stem) = self.archive() {
            bail!(
                "{verb} takes an OCI image, and this is the recipe of an App Container Image: build the attribute \
                 oci.recipe, or take save > {stem}.aci"
            );
        }
        Ok(())
    }

    /// The image: what is there of it, verified by nobody yet, or made now.
    pub(super) fn make(&self) -> Result<Made> {
        match self {
            Self::Recipe(maker) => maker.make(),
            Self::Layout { directory, .. } => Ok(Made {
                pieces: pieces::listed(directory)?,
                place: Place::Directory(directory.clone()),
                verified: false,
            }),
        }
    }

    /// The image, all of it verified.
    pub(super) fn make_and_verify(&self) -> Result<Made> {
        match self {
            Self::Recipe(maker) => maker.make_and_verify(),
            Self::Layout { .. } => {
                let made = self.make()?;
                match made.rotten(self.interrupt())?.first() {
                    Some(piece) => bail!(rotten(&made, piece)),
                    None => Ok(made),
                }
            }
        }
    }

    /// The image once more, verified, after `piece` of `made` was found to be rotten.
    pub(super) fn make_again(&self, made: &Made, piece: &Piece) -> Result<Made> {
        match self {
            Self::Recipe(maker) => {
                maker.discard(piece)?;
                maker.make_and_verify()
            }
            Self::Layout { .. } => bail!(rotten(made, piece)),
        }
    }
}

fn rotten(made: &Made, piece: &Piece) -> String {
    format!(
        "{} is not what its name says: mend it with nix-store --repair-path, or take a whole copy of the image",
        made.path(piece)
    )
}
