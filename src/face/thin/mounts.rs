//! Mounts: the host's store paths as mount points of a thin image.

use anyhow::{Result, anyhow, bail};

use crate::image::{AcName, MountPoint};
use crate::input::store_path::StorePath;

/// The mount name of a store path: its hash, then as much of its name as an AC Name takes. The same path has the same
/// name in every image, and the hash keeps the names apart.
#[must_use]
pub fn mount_name(path: &StorePath) -> AcName {
    AcName::sanitised(path.base_name())
}

/// The read-only mount points of `paths`.
pub fn mount_points<'a>(paths: impl IntoIterator<Item = &'a StorePath>) -> Result<Vec<MountPoint>> {
    paths
        .into_iter()
        .map(|path| {
            if let Some(c) = unfit(path) {
                bail!(
                    "{path} cannot be mounted: runtimes would not take the character {c:?} as it stands"
                );
            }
            MountPoint::new(mount_name(path), path.as_str(), true)
                .map_err(|why| anyhow!("{path} cannot be mounted: {why}"))
        })
        .collect()
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
            mount_points([&store.parse(&format!("{directory}/{name}")).unwrap()])
        };
        assert_eq!(points("/nix/store").unwrap().len(), 1);
        for directory in ["/my store", "/a:b", "/a,b", "/a%b", "/a'b", "/é"] {
            let error = points(directory).unwrap_err().to_string();
            assert!(error.contains("cannot be mounted"), "{error}");
        }
    }
}
