//! Mounts: the host's store paths as mount points of a thin image.

use std::collections::BTreeSet;

use anyhow::{Result, bail};

use crate::image::Name;
use crate::input::store_path::StorePath;

/// The mount name of a store path: its hash, then as much of its name as an AC Name takes. The same path has the same
/// name in every image, and the hash keeps the names apart.
#[must_use]
pub(crate) fn mount_name(path: &StorePath) -> Name {
    Name::sanitised(path.base_name())
}

/// The read-only mount points of `paths`: name and path.
///
/// # Errors
/// When a command line or a unit would not pass a path on.
pub(crate) fn mount_points(paths: &BTreeSet<StorePath>) -> Result<Vec<(Name, &str)>> {
    for path in paths {
        if let Some(c) = unfit(path) {
            bail!(
                "{path} cannot be mounted: runtimes would not take the character {c:?} as it stands"
            );
        }
    }
    let points = paths.iter();
    Ok(points
        .map(|path| (mount_name(path), path.as_str()))
        .collect())
}

/// The character of `path` that a command line or a unit would not pass on as it stands. Names in a store have none;
/// the store directory may.
fn unfit(path: &StorePath) -> Option<char> {
    let fit = |c: char| c.is_ascii_alphanumeric() || "/._+?=@-".contains(c);
    path.as_str().chars().find(|c| !fit(*c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::store_path::StoreDir;

    #[test]
    fn a_path_that_no_command_line_passes_on_is_refused() {
        let points = |directory: &str| {
            let store = StoreDir::new(directory).unwrap();
            let name = "0c5c2h6q".repeat(4) + "-a+b.c_d?e=f";
            let path = store.parse(&format!("{directory}/{name}")).unwrap();
            mount_points(&BTreeSet::from([path])).map(|points| points.len())
        };
        assert_eq!(points("/nix/store").unwrap(), 1);
        for directory in ["/my store", "/a:b", "/a,b", "/a%b", "/a'b", "/é"] {
            let error = points(directory).unwrap_err().to_string();
            assert!(error.contains("cannot be mounted"), "{error}");
        }
    }
}
