//! The maker: makes the image of a recipe, or takes from the cache what has been made before.
//!
//! What was made once is known by the recipe's text and the program: which files, with which digests. As long as the
//! cache has them all, nothing is planned, and no store path is looked at.

use std::env;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

use crate::host::cache::{Cache, Key, Workspace};
use crate::host::digest::Digest;
use crate::host::interrupt::Interrupt;
use crate::host::log::{count, tell};
use crate::host::output::Output;
use crate::input::attrs::Attrs;
use crate::input::form::Kind;
use crate::input::recipe::Recipe;
use crate::input::store_path::StoreDir;
use crate::verbs::made::{Made, Place};
use crate::verbs::pieces::{self, Piece};
use crate::verbs::presence;

/// Where in a workspace the image is.
const IMAGE: &str = "image";

/// How often what the cache has is found rotten before the disk is given up.
const TRIES: usize = 3;

/// What is to be made, and with what.
pub(super) struct Maker {
    attrs: Attrs,
    key: Key,
    cache: Cache,
    interrupt: Interrupt,
}

impl Maker {
    /// Reads the recipe in `file`, of an image that goes `to` a directory.
    pub(super) fn open(file: &Utf8Path, to: Option<&Utf8Path>) -> Result<Self> {
        let context = || format!("reading {file}");
        let text = fs::read_to_string(file).with_context(context)?;
        let recipe = Recipe::parse(&text).with_context(context)?;
        let mut attrs = recipe.attrs(to.unwrap_or(file)).with_context(context)?;
        attrs.load_foreign()?;
        let interrupt = Interrupt::listen()?;
        let program = program(attrs.closure.store_dir(), &interrupt)?;
        // The unit beside a thin image says where that is.
        let place = (attrs.spec.form.kind == Kind::Thin).then_some(attrs.out.as_str());
        let key = ["image", &program, &text, place.unwrap_or_default()];
        Ok(Self {
            key: Key::new(key),
            attrs,
            cache: Cache::open()?,
            interrupt,
        })
    }

    /// The image's description.
    pub(super) fn attrs(&self) -> &Attrs {
        &self.attrs
    }

    /// What asks this program to end.
    pub(super) fn interrupt(&self) -> &Interrupt {
        &self.interrupt
    }

    /// The image: what the cache has of it, verified by nobody yet, or made now.
    pub(super) fn make(&self) -> Result<Made> {
        for _ in 0..TRIES {
            if let Some(made) = self.in_cache()? {
                return Ok(made);
            }
            if let Some(made) = self.anew()? {
                return Ok(made);
            }
        }
        bail!(self.rots())
    }

    /// The image, all of it verified.
    pub(super) fn make_and_verify(&self) -> Result<Made> {
        for _ in 0..TRIES {
            let mut made = self.make()?;
            if made.verified {
                return Ok(made);
            }
            let rotten = made.rotten(&self.interrupt)?;
            if rotten.is_empty() {
                made.verified = true;
                return Ok(made);
            }
            for piece in rotten {
                self.discard(&piece)?;
            }
        }
        bail!(self.rots())
    }

    /// What to say when the cache gives nothing that is whole.
    fn rots(&self) -> String {
        format!(
            "blobs in {} rot as fast as they are made; look after the disk, or set XDG_CACHE_HOME to a directory on \
             another one",
            self.cache.directory()
        )
    }

    /// Throws a piece away that is not what its digest says.
    pub(super) fn discard(&self, piece: &Piece) -> Result<()> {
        if let Some(target) = &piece.linked {
            bail!(
                "{target} is not {}: something changed the store; mend it with nix-store --repair-path",
                piece.digest
            );
        }
        tell(format_args!(
            "{}: {} in the cache is rotten, and is made anew",
            self.attrs.spec.image.name, piece.digest
        ));
        self.cache.discard(piece.digest)
    }

    /// What the cache has, when it has all of it.
    fn in_cache(&self) -> Result<Option<Made>> {
        let Some(pieces) = self.cache.note::<Vec<Piece>>(&self.key) else {
            return Ok(None);
        };
        let workspace = Arc::new(self.cache.workspace()?);
        let made = Made {
            place: Place::Workspace(workspace.clone(), IMAGE),
            pieces,
            verified: false,
        };
        for piece in &made.pieces {
            let path = made.path(piece);
            let parent = path.parent().unwrap_or(&path);
            fs::create_dir_all(parent).with_context(|| format!("making {parent}"))?;
            if let Some(target) = &piece.alias {
                symlink(target, &path).with_context(|| format!("linking {path}"))?;
                continue;
            }
            let taken = match &piece.linked {
                Some(target) if target.exists() => {
                    Some(symlink(target, &path).with_context(|| format!("linking {path}"))?)
                }
                Some(_) => None,
                None => workspace.take(piece.digest, &path)?,
            };
            if taken.is_none() {
                return Ok(None);
            }
        }
        Ok(Some(made))
    }

    /// Makes the image; nothing when a layer that the cache had turned out to be rotten.
    fn anew(&self) -> Result<Option<Made>> {
        presence::check(&self.attrs.closure)?;
        let workspace = Arc::new(self.cache.workspace()?);
        crate::make(&self.attrs, || Output::within(&workspace, IMAGE))
            .map_err(|error| self.with_mend(error))?;
        let made = Made {
            pieces: pieces::read(&workspace.path(IMAGE), &self.interrupt)?,
            place: Place::Workspace(workspace.clone(), IMAGE),
            verified: true,
        };
        for piece in &made.pieces {
            let blob = piece.name.strip_prefix("blobs/sha256/");
            if let Some(digest) = blob.and_then(Digest::from_hex)
                && digest != piece.digest
            {
                self.discard(&Piece {
                    digest,
                    ..piece.clone()
                })?;
                return Ok(None);
            }
        }
        // The image is there, and does not depend on being there the next time too.
        if let Err(error) = self.keep(&made, &workspace) {
            tell(format_args!(
                "{}: warning: the cache does not keep it: {error:#}",
                self.attrs.spec.image.name
            ));
        }
        Ok(Some(made))
    }

    fn keep(&self, made: &Made, workspace: &Workspace) -> Result<()> {
        let own = |piece: &&Piece| piece.linked.is_none() && piece.alias.is_none();
        for piece in made.pieces.iter().filter(own) {
            workspace.give(piece.digest, &made.path(piece))?;
        }
        workspace.note(&self.key, &made.pieces)?;
        let gone = self.cache.sweep()?;
        if gone.blobs > 0 {
            tell(format_args!(
                "the cache has thrown {} away, used least recently; NIX2ACI_CACHE_SIZE says how much it keeps",
                count(gone.blobs, "blob", "blobs")
            ));
        }
        Ok(())
    }

    /// What to do about a disk that is full.
    fn with_mend(&self, error: anyhow::Error) -> anyhow::Error {
        let is_full = error.chain().any(|cause| {
            let cause = cause.downcast_ref::<io::Error>().map(io::Error::kind);
            matches!(
                cause,
                Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
            )
        });
        if !is_full {
            return error;
        }
        error.context(format!(
            "there is no room for the image in {}; make room, empty it with cache --empty, or set XDG_CACHE_HOME to a \
             directory with more",
            self.cache.directory()
        ))
    }
}

/// What tells this program from others that make something else of the same recipe: where in the store it is, or what is
/// in its file.
fn program(store_dir: &StoreDir, interrupt: &Interrupt) -> Result<String> {
    let path = env::current_exe().context("asking where this program is")?;
    let path = Utf8PathBuf::try_from(path)?;
    if store_dir.split(path.as_str()).is_some() {
        return Ok(path.into_string());
    }
    let (digest, _) = Digest::of_file(&path, &|| interrupt.check())?;
    Ok(digest.to_string())
}
