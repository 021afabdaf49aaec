# shellcheck shell=bash
# shellcheck disable=SC2154 # root, work, builder are common.sh's
# Other versions of Nix: those of other Debian releases, each in a file system of its own. Sourced after common.sh.
#
# NIX2ACI_RELEASES   where the file systems are kept; they are made again when lost

# What else a test wants to have there, by its paths here.
beside=()

releases=${NIX2ACI_RELEASES:-${XDG_CACHE_HOME:-${HOME:-}/.cache}/nix2aci/releases}

# release SUITE [NAME PACKAGE…]: makes the file system of a release, with Nix and more packages under a name of its own, from
# the mirror that apt uses here, where it is not there yet. Prints what hinders it.
release() {
    local suite=$1 name=${2-$1} mirror made include
    shift $(($# > 1 ? 2 : 1))
    # nix-bin wants a virtual package, which debootstrap does not resolve: libdbi-perl is it.
    include=$(IFS=, && echo "libdbi-perl,nix-bin${*:+,$*}")
    [ "$(cat "$releases/$name/etc/nix2aci" 2>/dev/null)" != "$suite $include" ] || return 0
    command -v debootstrap >/dev/null || { echo 'debootstrap is not installed'; return 1; }
    # shellcheck disable=SC2016 # apt expands it
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Identifier: Packages' 'Origin: Debian' | head -n 1)
    [ -n "$mirror" ] || { echo 'apt knows no mirror of Debian; try apt-get update'; return 1; }
    mkdir -p "$releases"
    rm -rf -- "${releases:?}/$name"
    made=$(mktemp -d "$releases/.$name.XXXXXX")
    if ! debootstrap --variant=minbase --include="$include" "$suite" "$made" "$mirror" >"$work/log" 2>&1; then
        echo "debootstrap fails: $(grep '^[EW]:' "$work/log" | tail -n 1)"
        rm -rf "$made"
        return 1
    fi
    rm -f "$made"/var/cache/apt/archives/*.deb
    chmod 755 "$made"
    # Newer versions of Nix do not build as root.
    if ! grep -q '^nixbld:' "$made/etc/group"; then
        printf 'nixbld:x:30000:nixbld1,nixbld2\n' >>"$made/etc/group"
        printf 'nixbld%s:x:3000%s:30000::/none:/usr/sbin/nologin\n' 1 1 2 2 >>"$made/etc/passwd"
    fi
    echo "$suite $include" >"$made/etc/nix2aci"
    mv "$made" "$releases/$name"
}

# in_release SUITE COMMAND…: runs a command in the file system of a release, with a store that lasts as long as the
# test, and the repository, the builder, the packages and the test's directory where they are here.
in_release() {
    local suite=$1 path
    local shared=("$root" "$(dirname "$builder")" "$NIX2ACI_DEBIAN" "$work" "${beside[@]}")
    shift
    mkdir -p "$work/nix-$suite" "$releases/$suite/nix"
    for path in "${shared[@]}"; do mkdir -p "$releases/$suite$path"; done
    # shellcheck disable=SC2016 # the inner shell expands it
    unshare --mount --pid --fork --kill-child -- /bin/bash -euc '
        top=$1 store=$2 count=$3
        shift 3
        mount --bind "$top" "$top"
        mount -t proc proc "$top/proc"
        mount --rbind /dev "$top/dev"
        mount -t tmpfs -o mode=1777 tmp "$top/tmp"
        for path in "${@:1:count}"; do mkdir -p "$top$path" && mount --bind "$path" "$top$path"; done
        mount --bind "$store" "$top/nix"
        shift "$count"
        exec chroot "$top" "$@"' bash "$releases/$suite" "$work/nix-$suite" "${#shared[@]}" "${shared[@]}" \
        /usr/bin/env -i "PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin" HOME=/root LC_ALL=C.UTF-8 \
        "NIX2ACI_DEBIAN=$NIX2ACI_DEBIAN" "NIX_CONFIG=experimental-features = nix-command flakes
sandbox = true
sandbox-paths =
substitute = false
build-users-group = nixbld" "$@"
}
