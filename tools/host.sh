# shellcheck shell=bash
# What the scripts of this repository need of the machine: programs, a Rust toolchain, Nix, the compiled builder.
# A script sources this from the root of the repository. What is there already is not touched.

set -eu -o pipefail
unset CDPATH
# A root shell made by su may lack these, and apt needs them; rustup installs into the last one.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin${HOME:+:$HOME/.cargo/bin}
export PATH

say() { printf '==> %s\n' "$*"; }
die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "this needs root, and there is no sudo; as root, run: $*"
    fi
}

# A machine that has just started is often busy with apt by itself. An install waits when it is told to, an update does not.
update_lists() {
    local said try
    say 'Updating the package lists of apt'
    for ((try = 0; try < 60; try++)); do
        if said=$(as_root apt-get update -qq 2>&1); then return; fi
        case $said in *'Could not get lock'*) ;; *) break ;; esac
        [ "$try" -gt 0 ] || say 'Waiting for another apt that is at work'
        sleep 5
    done
    die "${said:-apt-get update failed}"
}

# provide PROGRAM PACKAGE …: installs the Debian packages of those programs (or, with a slash, files) that are missing.
provide() {
    local missing=()
    while [ $# -gt 0 ]; do
        case $1 in
            /*) [ -e "$1" ] || missing+=("$2") ;;
            *) command -v "$1" >/dev/null || missing+=("$2") ;;
        esac
        shift 2
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    command -v apt-get >/dev/null ||
        die "what these Debian packages have is missing here, and there is no apt-get: ${missing[*]}"
    update_lists
    say "Installing ${missing[*]}"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends \
        -o DPkg::Lock::Timeout=300 "${missing[@]}" >/dev/null
}

need_rust() {
    local wanted have
    wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
    if ! command -v cargo >/dev/null || ! have=$(rustc --version 2>/dev/null | cut -d ' ' -f 2); then
        die "Rust is missing; https://rustup.rs has the command that installs it"
    fi
    printf '%s\n' "$wanted" "$have" | sort -C -V ||
        die "this is Rust $have, and $wanted or newer is needed; rustup update brings it"
}

# Makes Nix ready for this user, and has it build in its sandbox.
use_nix() {
    local members settings='sandbox = true'
    if [ "$(id -u)" -eq 0 ]; then
        # Without users of its own Nix builds as the one who calls it.
        members=$(getent group nixbld | cut -d : -f 4) || members=
        [ -n "$members" ] || settings+=$'\nbuild-users-group ='
    elif [ ! -S /nix/var/nix/daemon-socket/socket ]; then
        if [ ! -e /nix ]; then
            say "Making /nix for $(id -un) alone"
            as_root install -d -m 755 -o "$(id -u)" -g "$(id -g)" /nix
        fi
        [ -w /nix/store ] || [ -w /nix ] ||
            die '/nix belongs to another user, and no Nix daemon runs; run this as that user, or start nix-daemon'
    fi
    # What the user has set counts for more.
    export NIX_CONFIG="$settings${NIX_CONFIG:+$'\n'$NIX_CONFIG}"
}

# Compiles the builder and sets `builder` to its path. It is static, since the sandbox has no libraries, and does not
# tell where it was compiled, so that the same source makes the same derivations in every directory.
build_builder() {
    local host home=${CARGO_HOME:-$HOME/.cargo}
    local flags=(-C target-feature=+crt-static "--remap-path-prefix=$home=/cargo" "--remap-path-prefix=$PWD=/nix2aci")
    provide cc gcc /usr/include/stdio.h libc6-dev
    host=$(rustc -vV | sed -n 's/^host: //p')
    builder=${CARGO_TARGET_DIR:-target}/$host/release/nix2aci
    say "Compiling the builder$([ -e "$builder" ] || echo ', which takes minutes the first time')"
    CARGO_ENCODED_RUSTFLAGS=$(IFS=$'\x1f' && printf '%s' "${flags[*]}") \
        cargo build --quiet --release --locked --target "$host"
    builder=$(realpath "$builder")
}
