//! `publish`: a site in a directory that a web server shows.
//!
//! All that is new is made where no reader gets to it, signed or its signatures checked, and then shown by one rename
//! (`place`). What was published before stays, so that a version that somebody has named goes on being there.

mod place;
mod signatures;
mod tree;

use anyhow::{Context, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use crate::face::json;
use crate::face::site::catalog::Catalog;
use crate::face::site::page;
use crate::host::interrupt::Interrupt;
use crate::host::log::{count, tell};
use crate::rules::RULES;
use crate::verbs::Call;
use crate::verbs::publish::place::Place;
use crate::verbs::publish::signatures::Signatures;
use crate::verbs::publish::tree::Tree;

/// What it takes and does.
pub(super) const HELP: &str = "\
usage: publish [--sign-by KEY | --no-sign] [--signatures FOLDER] DIRECTORY

Brings the site beside this script into DIRECTORY, which a web server shows at its address, and makes it if it is not
there. All is shown at once, when it is whole; versions that are there already stay, and the newest of them is the
latest.

Each image has a signature beside it, which the site's public key confirms: the one that is in DIRECTORY already, one
in FOLDER, or a new one. If one is missing or wrong, nothing is published.

  --sign-by KEY         sign by gpg with this key what has no signature
  --signatures FOLDER   take signatures from there, such as ./ACIs, where postprocess.sh leaves them
  --no-sign             ask for no signatures

  publish --sign-by images@example.com /srv/www/images";

pub(super) const SIGN_BY: &str = "--sign-by";
pub(super) const SIGNATURES: &str = "--signatures";
pub(super) const NO_SIGN: &str = "--no-sign";

pub(super) fn publish(call: &Call) -> Result<()> {
    let (sign_by, folder) = (call.option(SIGN_BY), call.option(SIGNATURES));
    let no_sign = call.has(NO_SIGN);
    ensure!(
        !(no_sign && (sign_by.is_some() || folder.is_some())),
        "{NO_SIGN} asks for no signatures; leave it out, or the others"
    );
    let interrupt = Interrupt::listen()?;
    let site = site(Utf8Path::new(&call.place))?;
    let new: Catalog = json::read(&site.join(&RULES.site.list))?;
    ensure!(
        sign_by.is_none() || new.public_key,
        "the site has no public key, by which readers could check what is signed: write publicKey = ./key.asc in mkSite, or \
         leave --sign-by out"
    );

    let directory = call.words.concat();
    ensure!(!directory.is_empty(), "the directory has no name");
    let place = Place::open(Utf8Path::new(&directory), &interrupt)?;
    let shown = place.shown()?;
    if let Some(shown) = &shown {
        ensure!(
            shown.domain == new.domain,
            "{} is the site {}, and this one is {}; name another directory",
            place.directory(),
            shown.domain,
            new.domain
        );
    }
    let mut next = joined(&new, shown.as_ref());
    let tree = Tree::begin(&place, &interrupt)?;
    let known = tree.bring(&site, &new, shown.as_ref())?;
    tree.keep(&next, &known)?;

    if next.public_key {
        let keys = RULES.site.keys.as_str();
        tree.copy(&site.join(keys), keys)?;
        if no_sign {
            tell(
                "publish: no signatures are asked for, and rkt takes no image of this site without",
            );
        } else {
            let signatures = Signatures::new(&tree, keys, sign_by, folder.map(Utf8Path::new))?;
            signatures.complete(&tree, &next, &site, &new)?;
            next.fingerprint = Some(signatures.fingerprint().to_owned());
        }
    }
    for entry in &mut next.images {
        entry.signed = tree.has(&entry.signature());
    }
    for (alias, file) in next.newest_files() {
        tree.alias(&alias, &file)?;
    }
    for (name, text) in page::texts(&next)? {
        tree.write(&name, &text)?;
    }
    interrupt.check()?;
    tree.show()?;
    println_or_not(&format!(
        "{}: https://{}/ has {}",
        place.directory(),
        next.domain,
        count(next.images.len() as u64, "image", "images")
    ));
    Ok(())
}

/// Where the site is in which `place` lies.
fn site(place: &Utf8Path) -> Result<Utf8PathBuf> {
    let found = place.canonicalize_utf8();
    let found = found.with_context(|| format!("looking for {place}"))?;
    let directory = if found.is_dir() {
        found
    } else {
        found.parent().unwrap_or(&found).to_owned()
    };
    ensure!(
        directory.join(&RULES.site.list).exists(),
        "{directory} is no site of mkSite"
    );
    Ok(directory)
}

/// What is on the site, and what was there before under other names.
fn joined(new: &Catalog, shown: Option<&Catalog>) -> Catalog {
    let mut next = new.clone();
    for entry in shown.map(|shown| &shown.images).into_iter().flatten() {
        if !new.images.iter().any(|known| known.file == entry.file) {
            next.images.push(entry.clone());
        }
    }
    next
}

/// Tells what was done. A reader who is gone does not undo it.
fn println_or_not(line: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout(), "{line}");
}
