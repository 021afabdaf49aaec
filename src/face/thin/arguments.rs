//! Arguments: the mounts of a thin image, one a line, as each runtime's command line has them.
//!
//! The lists are put into a command line by `$(cat FILE)`. [`mount_points`](crate::face::thin::mounts::mount_points) has refused
//! paths that would not survive that.

use std::collections::BTreeSet;

use crate::face::thin::mounts::mount_name;
use crate::input::store_path::StorePath;

/// A line for each of `items`.
pub(super) fn lines<T>(items: impl IntoIterator<Item = T>, line: impl Fn(T) -> String) -> String {
    items.into_iter().map(|item| line(item) + "\n").collect()
}

/// For `rkt run`.
pub(super) fn rkt(paths: &BTreeSet<StorePath>) -> String {
    lines(paths, |path| {
        let name = mount_name(path);
        format!("--volume={name},kind=host,source={path},readOnly=true")
    })
}

/// For `podman run`.
pub(super) fn podman(paths: &BTreeSet<StorePath>) -> String {
    lines(paths, |path| format!("--volume={path}:{path}:ro"))
}

/// For `docker run`. Its `--volume` would make a directory of a store path that the host lacks; this says so.
pub(super) fn docker(paths: &BTreeSet<StorePath>) -> String {
    lines(paths, |path| {
        format!("--mount=type=bind,source={path},target={path},readonly")
    })
}

/// For `systemd-nspawn`.
pub(super) fn nspawn(paths: &BTreeSet<StorePath>) -> String {
    lines(paths, |path| format!("--bind-ro={path}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::thin::tests::paths;
    use expect_test::expect;

    #[test]
    fn one_line_for_each_store_path() {
        let paths = paths();
        let all = [rkt, podman, docker, nspawn].map(|form| form(&paths));
        expect![[r"
            --volume=0c5c2h6q0c5c2h6q0c5c2h6q0c5c2h6q-hello-2-12,kind=host,source=/nix/store/0c5c2h6q0c5c2h6q0c5c2h6q0c5c2h6q-hello-2.12,readOnly=true
            --volume=1d6d3j7r1d6d3j7r1d6d3j7r1d6d3j7r-glibc-2-39-a-b,kind=host,source=/nix/store/1d6d3j7r1d6d3j7r1d6d3j7r1d6d3j7r-glibc++_2.39?a=b,readOnly=true
            --volume=/nix/store/0c5c2h6q0c5c2h6q0c5c2h6q0c5c2h6q-hello-2.12:/nix/store/0c5c2h6q0c5c2h6q0c5c2h6q0c5c2h6q-hello-2.12:ro
            --volume=/nix/store/1d6d3j7r1d6d3j7r1d6d3j7r1d6d3j7r-glibc++_2.39?a=b:/nix/store/1d6d3j7r1d6d3j7r1d6d3j7r1d6d3j7r-glibc++_2.39?a=b:ro
            --mount=type=bind,source=/nix/store/0c5c2h6q0c5c2h6q0c5c2h6q0c5c2h6q-hello-2.12,target=/nix/store/0c5c2h6q0c5c2h6q0c5c2h6q0c5c2h6q-hello-2.12,readonly
            --mount=type=bind,source=/nix/store/1d6d3j7r1d6d3j7r1d6d3j7r1d6d3j7r-glibc++_2.39?a=b,target=/nix/store/1d6d3j7r1d6d3j7r1d6d3j7r1d6d3j7r-glibc++_2.39?a=b,readonly
            --bind-ro=/nix/store/0c5c2h6q0c5c2h6q0c5c2h6q0c5c2h6q-hello-2.12
            --bind-ro=/nix/store/1d6d3j7r1d6d3j7r1d6d3j7r1d6d3j7r-glibc++_2.39?a=b
        "]]
        .assert_eq(&all.concat());
    }
}
