//! The place: the directory that a web server shows.
//!
//! ```text
//! web, index.html, …   links to .site/current/…, one for each name at the top
//! .site/current        a link to the state that is shown
//! .site/7              that state, all of it; files that did not change are the same as in the one before
//! .site/6              the one before, for readers that are on their way
//! .site/work           what is being made, closed to others
//! .site/lock           held by the one who publishes
//! ```
//!
//! The rename of `current` is what shows everything, and a name that leads nowhere yet is as good as not there.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, symlink};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};

use crate::face::json;
use crate::face::site::catalog::Catalog;
use crate::host::interrupt::Interrupt;
use crate::host::log::tell;
use crate::rules::RULES;

/// Where all is that readers see by links.
const OWN: &str = ".site";
/// In there, the link to what is shown.
const CURRENT: &str = "current";

/// How often it is asked whether another one has ended.
const INTERVAL: Duration = Duration::from_millis(50);

/// A directory of a web server, which nobody else changes as long as this is there.
#[derive(Debug)]
pub(super) struct Place {
    directory: Utf8PathBuf,
    _lock: Flock<File>,
}

impl Place {
    /// Takes the directory, made where it is not there yet, as soon as nobody else has it.
    pub(super) fn open(directory: &Utf8Path, interrupt: &Interrupt) -> Result<Self> {
        // Whoever has a stricter umask still has readers; what is there already is left as it is.
        if !directory.exists() {
            fs::create_dir_all(directory).with_context(|| format!("making {directory}"))?;
            set_mode(directory, 0o755)?;
        }
        let own = directory.join(OWN);
        fs::create_dir_all(&own).with_context(|| format!("making {own}"))?;
        let metadata = fs::metadata(&own).with_context(|| format!("reading {own}"))?;
        if metadata.permissions().mode() & 0o005 != 0o005 {
            set_mode(&own, 0o755)?;
        }
        let path = own.join("lock");
        let context = || format!("locking {path}");
        let mut options = File::options();
        options.create(true).truncate(false).write(true);
        let file = options.open(&path).with_context(context)?;
        let lock = locked(file, directory, interrupt).with_context(context)?;
        let directory = directory.canonicalize_utf8();
        Ok(Self {
            directory: directory.with_context(|| format!("looking for {own}"))?,
            _lock: lock,
        })
    }

    /// Where it is.
    pub(super) fn directory(&self) -> &Utf8Path {
        &self.directory
    }

    fn own(&self, name: &str) -> Utf8PathBuf {
        self.directory.join(OWN).join(name)
    }

    /// Where what is shown is, once there is something.
    pub(super) fn current(&self) -> Utf8PathBuf {
        self.own(CURRENT)
    }

    /// What is shown.
    pub(super) fn shown(&self) -> Result<Option<Catalog>> {
        let list = self.current().join(&RULES.site.list);
        if !list.exists() {
            return Ok(None);
        }
        let shown: Catalog = json::read(&list)?;
        shown.check().with_context(|| format!("reading {list}"))?;
        Ok(Some(shown))
    }

    /// A directory to make the next state in, which others cannot enter. What is there is of a run that was killed.
    pub(super) fn work(&self) -> Result<Utf8PathBuf> {
        let work = self.own("work");
        remove(&work)?;
        let made = DirBuilder::new().mode(0o700).create(&work);
        made.with_context(|| format!("making {work}"))?;
        Ok(work)
    }

    /// An error unless the names at the top are free, or ours.
    pub(super) fn check_free(&self, names: &BTreeSet<String>) -> Result<()> {
        for name in names {
            let path = self.directory.join(name);
            if fs::symlink_metadata(&path).is_ok() && !is_ours(&path, name) {
                bail!(
                    "{path} is there, and no part of this site; move it out of the way, or name another directory"
                );
            }
        }
        Ok(())
    }

    /// Shows `tree`, whose names at the top are `names`.
    pub(super) fn show(&self, tree: &Utf8Path, names: &BTreeSet<String>) -> Result<()> {
        self.check_free(names)?;
        let states = self.states()?;
        let number = states.last().map_or(1, |last| last + 1);
        let shown = fs::read_link(self.current()).ok();
        let before = shown.and_then(|link| link.to_str()?.parse::<u64>().ok());

        let state = self.own(&number.to_string());
        fs::rename(tree, &state).with_context(|| format!("naming {state}"))?;
        for name in names {
            let path = self.directory.join(name);
            if !is_ours(&path, name) {
                let linked = symlink(target(name), &path);
                linked.with_context(|| format!("linking {path}"))?;
            }
        }
        set_mode(&state, 0o755)?;
        let next = self.own("next");
        remove(&next)?;
        symlink(number.to_string(), &next).with_context(|| format!("linking {next}"))?;
        let current = self.current();
        fs::rename(&next, &current).with_context(|| format!("showing {current}"))?;

        // All is done; what is left over does no harm, and the next run tries again.
        for state in states {
            if Some(state) != before {
                let _ = remove(&self.own(&state.to_string()));
            }
        }
        let _ = self.remove_links(names);
        Ok(())
    }

    /// The numbers of the states that are there.
    fn states(&self) -> Result<BTreeSet<u64>> {
        let own = self.directory.join(OWN);
        let context = || format!("reading the directory {own}");
        let mut states = BTreeSet::new();
        for entry in fs::read_dir(&own).with_context(context)? {
            let name = entry.with_context(context)?.file_name();
            states.extend(name.to_str().and_then(|name| name.parse::<u64>().ok()));
        }
        Ok(states)
    }

    /// Removes links to what is shown no more.
    fn remove_links(&self, names: &BTreeSet<String>) -> io::Result<()> {
        for entry in fs::read_dir(&self.directory)? {
            let Ok(name) = entry?.file_name().into_string() else {
                continue;
            };
            let path = self.directory.join(&name);
            if !names.contains(&name) && is_ours(&path, &name) {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }
}

/// Locks a file as soon as nobody else has it, unless this program is asked to end before.
fn locked(mut file: File, directory: &Utf8Path, interrupt: &Interrupt) -> Result<Flock<File>> {
    let mut is_told = false;
    loop {
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(lock) => return Ok(lock),
            Err((again, Errno::EAGAIN)) => file = again,
            Err((_, error)) => return Err(error.into()),
        }
        if !is_told {
            tell(format_args!(
                "publish: another one is at work in {directory}; waiting until it has ended"
            ));
            is_told = true;
        }
        interrupt.check()?;
        thread::sleep(INTERVAL);
    }
}

/// What the link of this name leads to.
fn target(name: &str) -> String {
    format!("{OWN}/{CURRENT}/{name}")
}

fn is_ours(path: &Utf8Path, name: &str) -> bool {
    fs::read_link(path).is_ok_and(|link| link.to_str() == Some(&target(name)))
}

/// Sets who may read something.
pub(super) fn set_mode(path: &Utf8Path, mode: u32) -> Result<()> {
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
        .with_context(|| format!("setting the mode of {path}"))
}

/// Removes what may be there.
fn remove(path: &Utf8Path) -> Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    };
    removed.with_context(|| format!("removing {path}"))
}
