//! Mount point: a place in an image where a runtime puts a volume.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Not;

use serde::Serialize;

use super::draft::{At, MountDraft};
use super::findings::Findings;
use super::image_path::ImagePath;
use super::invalid::{Invalid, shown};
use super::name::AcName;

/// A name for the command line, a path in the image, and whether the image only reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MountPoint {
    name: AcName,
    path: ImagePath,
    #[serde(skip_serializing_if = "Not::not")]
    read_only: bool,
}

impl MountPoint {
    /// The mount point at `path`, an image path other than `/` and without `:` and `,`, which runtimes pass on
    /// unescaped.
    pub fn new(name: AcName, path: &str, read_only: bool) -> Result<Self, Invalid> {
        let path: ImagePath = path.parse()?;
        if path.as_str() == "/" {
            Err(Invalid::new(
                "\"/\" would hide the whole image; write a directory below it",
            ))
        } else if let Some(c) = path.as_str().chars().find(|c| [':', ','].contains(c)) {
            Err(Invalid::new(format!(
                "{} has the character {c:?}, at which rkt would cut the path; write another path",
                shown(path.as_str())
            )))
        } else {
            Ok(Self {
                name,
                path,
                read_only,
            })
        }
    }

    /// What the volume is called on the command line.
    #[must_use]
    pub fn name(&self) -> &AcName {
        &self.name
    }

    /// Where the volume appears in the image.
    #[must_use]
    pub fn path(&self) -> &ImagePath {
        &self.path
    }

    /// Whether the volume is mounted read-only, unless the command line says otherwise.
    #[must_use]
    pub fn read_only(&self) -> bool {
        self.read_only
    }

    /// Checks the user's mount points together with those of the store.
    pub(super) fn check(
        drafts: Vec<MountDraft>,
        store: Vec<MountPoint>,
        findings: &mut Findings<'_>,
    ) -> Vec<Self> {
        let mut checked: Vec<At<Self>> = Vec::new();
        for draft in drafts {
            let name = findings.check(&draft.name.place, draft.name.value.parse());
            let probe = name.clone().unwrap_or_else(|| AcName::sanitised("x"));
            let mount = Self::new(probe, &draft.path.value, draft.read_only);
            let mount = findings.check(&draft.path.place, mount);
            if let (Some(_), Some(mount)) = (name, mount) {
                checked.push(At::new(draft.path.place, mount));
            }
        }
        checked.extend(store.into_iter().map(|mount| At::new("thin", mount)));
        check_unique(&checked, findings);
        warn_of_nesting(&checked, findings);
        checked.into_iter().map(|at| at.value).collect()
    }
}

fn check_unique(mounts: &[At<MountPoint>], findings: &mut Findings<'_>) {
    let mut names = BTreeSet::new();
    let mut paths = BTreeMap::new();
    for At { place, value } in mounts {
        if !names.insert(&value.name) {
            let name = &value.name;
            findings.problem(
                place,
                format_args!("another mount point is called {name} too; a volume is given to one of them by name"),
            );
        }
        if let Some(other) = paths.insert(&value.path, &value.name) {
            let path = &value.path;
            findings.problem(
                place,
                format_args!(
                    "{path} is the path of the mount point {other} too; it can show only one volume"
                ),
            );
        }
    }
}

fn warn_of_nesting(mounts: &[At<MountPoint>], findings: &mut Findings<'_>) {
    let paths: BTreeSet<&str> = mounts.iter().map(|at| at.value.path.as_str()).collect();
    let mut below: BTreeMap<&str, Vec<&At<MountPoint>>> = BTreeMap::new();
    for mount in mounts {
        if let Some(above) = mount
            .value
            .path
            .ancestors()
            .find(|path| paths.contains(path))
        {
            below.entry(above).or_default().push(mount);
        }
    }
    // One line for each that has others below it: a whole store may be.
    for (above, below) in below {
        let [first, others @ ..] = below.as_slice() else {
            continue;
        };
        let path = &first.value.path;
        let what = if others.is_empty() {
            format!("{path} is")
        } else {
            format!("{path} and {} more are", others.len())
        };
        findings.warn(
            &first.place,
            format_args!(
                "{what} below the mount point {above}; what is mounted last hides the other"
            ),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::problem::Problems;

    #[test]
    fn a_mount_above_a_store_is_one_warning() {
        let draft = |name: &str, path: &str| MountDraft {
            name: At::new("mounts", name.to_owned()),
            path: At::new("mounts", path.to_owned()),
            read_only: false,
        };
        let store = ["a", "b", "c"].map(|name| {
            MountPoint::new(AcName::sanitised(name), &format!("/nix/store/{name}"), true).unwrap()
        });
        let (mut problems, mut warnings) = (Problems::default(), Vec::new());
        let mut findings = Findings::new(&mut problems, &mut warnings);
        let drafts = vec![draft("nix", "/nix"), draft("nixpkgs", "/nixpkgs")];
        let mounts = MountPoint::check(drafts, store.to_vec(), &mut findings);
        assert_eq!(mounts.len(), 5);
        assert!(problems.is_empty());
        assert_eq!(
            warnings,
            [
                "thin: /nix/store/a and 2 more are below the mount point /nix; what is mounted last hides the other"
            ]
        );
    }
}
