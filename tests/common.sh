# shellcheck shell=bash
# What the tests on real Nix share: counting, the programs they need, and building images from the embedded set.
# A test sources this, calls pass, fail, skip and check, and ends with finish.
#
# NIX2ACI_BUILDER   the executable that packs images; the one of the release build unless set
# NIX2ACI_PKGS      the package set, as a Nix expression; the embedded one unless set

set -eu -o pipefail
# Names of files are sorted by bytes, and messages are compared in English.
export LC_ALL=C.UTF-8 LC_COLLATE=C
umask 022

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
builder=${NIX2ACI_BUILDER-}
# Where tools/host.sh leaves it.
[ -n "$builder" ] ||
    builder=${CARGO_TARGET_DIR:-$root/target}/$(rustc -vV | sed -n 's/^host: //p')/release/nix2aci
builder=$(realpath -m "$builder")
packages=${NIX2ACI_PKGS:-import $root/nix/debian { \}}

passed=0 failed=0 skipped=0

pass() {
    passed=$((passed + 1))
    printf 'ok      %s\n' "$1"
}
# fail NAME [DETAIL]
fail() {
    failed=$((failed + 1))
    printf 'FAILED  %s\n' "$1"
    [ -z "${2-}" ] || printf '%s\n' "$2" | tail -n 30 | sed 's/^/        /'
}
# skip NAME REASON
skip() {
    skipped=$((skipped + 1))
    printf 'skipped %s: %s\n' "$1" "$2"
}
stop() {
    printf '%s: %s\n' "$0" "$*" >&2
    exit 2
}

# check NAME COMMAND…: whether the command succeeds; what it said is told when it does not.
check() {
    local name=$1 said
    shift
    if said=$("$@" 2>&1); then pass "$name"; else fail "$name" "$said"; fi
}

# equal NAME EXPECTED FOUND: whether two texts are the same; the difference is told when they are not.
equal() {
    if [ "$2" = "$3" ]; then
        pass "$1"
    else
        fail "$1" "$(diff <(printf '%s\n' "$2") <(printf '%s\n' "$3") | sed 's/^</expected:/; s/^>/found:   /')"
    fi
}

# contains NAME TEXT PART…: whether the text has every one of the parts.
contains() {
    local name=$1 text=$2 part
    shift 2
    for part; do
        case $text in
            *"$part"*) ;;
            *)
                fail "$name" "not said: $part"$'\n'"$text"
                return
                ;;
        esac
    done
    pass "$name"
}

finish() {
    printf '%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
    [ "$failed" -eq 0 ]
}

# needs COMMAND…: ends the test when the machine lacks one.
needs() {
    local command
    for command; do
        command -v "$command" >/dev/null || stop "$command is not on PATH"
    done
}

# has WHAT PROGRAM…: whether the host has the programs; otherwise the tests are skipped aloud.
has() {
    local what=$1 program
    shift
    for program; do
        command -v "$program" >/dev/null || { skip "$what" "$program is not on PATH"; return 1; }
    done
}

needs nix-build nix-store nix-instantiate jq
[ "$(id -u)" -eq 0 ] || stop "needs root, to make namespaces and stores of its own"
[ -x "$builder" ] || stop "there is no builder at $builder: ./build.sh busybox compiles it, or set NIX2ACI_BUILDER"

NIX_CONFIG="${NIX_CONFIG-}
experimental-features = nix-command flakes
sandbox = true
substitute = false"
# Without a daemon the group need not be there; Nix then builds as the one who calls it.
[ -n "$(getent group nixbld | cut -d : -f 4)" ] || NIX_CONFIG="$NIX_CONFIG
build-users-group ="
export NIX_CONFIG

# Everything that a test makes; results of builds are kept from the garbage collector there.
work=$(mktemp -d "${TMPDIR:-/tmp}/nix2aci-test.XXXXXX")
cleanup() {
    chmod -R u+w -- "$work" 2>/dev/null || :
    rm -rf -- "$work"
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# Where the embedded set keeps its packages, also for tests that change HOME.
export NIX2ACI_DEBIAN=${NIX2ACI_DEBIAN:-${XDG_CACHE_HOME:-${HOME:-}/.cache}/nix2aci/debian}

# The arguments that every evaluation takes.
arguments=(--arg pkgs "$packages" --arg builder "$builder")

# fetch ATTRIBUTE…: brings what these images need of the embedded set, when that is the one in use.
fetch() {
    local attributes=() attribute
    for attribute; do attributes+=(-A "$attribute"); done
    [ -n "${NIX2ACI_PKGS-}" ] ||
        "$root/nix/debian/fetch" --for nix-instantiate "$root" "${arguments[@]}" "${attributes[@]}"
}

# build ATTRIBUTE [OPTION…]: builds an image of default.nix and prints its store path; the log goes to standard error.
build() {
    local attribute=$1
    shift
    "${within[@]}" nix-build "$root" "${arguments[@]}" -A "$attribute" --out-link "$work/result-$attribute" "$@"
}

# expression TEXT [OPTION…]: builds what the text says, with mkACI, mkIndex, mkOCI, pkgs and images in scope.
expression() {
    local text=$1
    shift
    "${within[@]}" nix-build --expr "$scope $text" "${arguments[@]}" "$@"
}
scope="{ pkgs, builder }: let project = import $root { inherit pkgs builder; }; inherit (project) mkACI mkIndex mkOCI images; in"

# What commands of Nix are put behind, to have them use a store of their own.
within=()

# own_store STORE_PATH…: makes a store of its own with the closures of these paths. Commands behind "${within[@]}" see
# it, and no other, as /nix: it may be broken, swept and changed while others work with the machine's own.
own_store() {
    own=$work/own
    case $(realpath "$(command -v nix-build)") in
        /nix/*) set -- "$@" "$(realpath "$(command -v nix-build)" | cut -d/ -f1-4)" ;;
    esac
    nix copy --quiet --no-check-sigs --to "$own" "$@"
    # shellcheck disable=SC2016 # the inner shell expands it
    within=(env -u NIX_REMOTE unshare --mount --
        /bin/sh -c 'mount --bind "$1" /nix && shift && exec "$@"' sh "$own/nix")
}

# references STORE_PATH: what it refers to, one per line, but for the program that its scripts call; when Nix does not
# tell, a line that equals nothing.
references() {
    { "${within[@]}" nix-store -q --references "$1" || echo 'nix-store failed'; } | grep -vxF -e "$(program "$1")" | sort
}
# program OUTPUT: the store path of the program that its scripts call.
program() {
    { "${within[@]}" cat "$1/save" 2>/dev/null || echo 'exec /nix/store/none'; } | sed -n 's|^exec \(/nix/store/[^/ ]*\).*|\1|p'
}

# roots ATTRIBUTE: the store paths of the packages of an image, one per line.
roots() {
    nix-instantiate --eval --strict --json "$root" "${arguments[@]}" -A "$1.spec.root.packages" | jq -r '.[].paths[]' | sort
}

# document LAYOUT manifest|config: the file of one of its documents.
document() {
    local digest
    digest=$(jq -r '.manifests[0].digest' "$1/index.json")
    [ "$2" = manifest ] || digest=$(jq -r .config.digest "$1/blobs/sha256/${digest#sha256:}")
    echo "$1/blobs/sha256/${digest#sha256:}"
}
