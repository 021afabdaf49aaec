//! Thin images: the host's store paths as mount points of the image and as volumes of the command line.

use anyhow::{Result, anyhow};

use crate::manifest::{AcName, MountPoint};
use crate::store_path::StorePath;

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
            MountPoint::new(mount_name(path), path.as_str(), true)
                .map_err(|why| anyhow!("{path} cannot be mounted: {why}"))
        })
        .collect()
}

/// The text of `NAME-VERSION.mounts`: one `--volume` argument a line, to be `cat`ed into rkt's command line.
#[must_use]
pub fn volumes<'a>(paths: impl IntoIterator<Item = &'a StorePath>) -> String {
    let lines = paths.into_iter().map(|path| {
        let name = mount_name(path);
        format!("--volume={name},kind=host,source={path},readOnly=true\n")
    });
    lines.collect::<Vec<_>>().concat()
}
