//! Dialects: what an archive is of, where entries stand in it, and what it takes none of.

use std::borrow::Cow;

use crate::image::path::{longest, longest_name};
use crate::pack::archive::Body;

/// What an archive is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// An App Container Image: a manifest, and the root file system below `rootfs`.
    Image,
    /// A layer of an OCI image: the root file system, or a part of it.
    Layer,
}

impl Dialect {
    /// Where the entry at `path` of the image stands in an archive.
    pub(super) fn place(self, path: &str) -> Cow<'_, str> {
        match self {
            Self::Image => Cow::Owned(format!("rootfs{path}")),
            Self::Layer => Cow::Borrowed(path.strip_prefix('/').unwrap_or(path)),
        }
    }

    /// Why no archive takes the entry at `path` of the image, whatever else is in it.
    pub(crate) fn refuses(self, path: &str, kind: Body<'_>) -> Option<&'static str> {
        self.refuses_at(&self.place(path), kind)
    }

    /// Why no archive takes an entry that stands at `path` in it.
    pub(super) fn refuses_at(self, path: &str, kind: Body<'_>) -> Option<&'static str> {
        let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
        if path.contains('\0') {
            return Some("has a zero byte in its path, at which every reader would cut it");
        }
        if path.len() > longest() {
            return Some("has a path of more than 4095 bytes, which no system can open");
        }
        if matches!(name, "" | "." | "..") {
            return Some("has a component that leads nowhere");
        }
        if name.len() > longest_name() {
            return Some("has a name of more than 255 bytes, which no file system takes");
        }
        if let Body::Symlink(target) = kind
            && (target.is_empty() || target.contains('\0') || target.len() > longest())
        {
            return Some("is a link to what no link can lead to");
        }
        if self == Self::Layer && name.starts_with(".wh.") {
            return Some(
                "has a name by which layers of OCI images delete files of those below; rename it, or build the App \
                 Container Image",
            );
        }
        None
    }
}
