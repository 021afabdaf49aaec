#!/bin/bash
# Sets the machine up and runs the whole test suite. The last line counts.
cd "$(dirname "$0")" || exit
# shellcheck source=tools/host.sh
. tools/host.sh

usage() {
    cat <<'END'
usage: ./test.sh [--all]

Runs the tests of the crate, then every tests/*/run.

  --all    also the long ones; they see NIX2ACI_ALL=1
END
}

long=()
case "$#:${1-}" in
    0:) ;;
    1:--all)
        long=(-- --include-ignored)
        export NIX2ACI_ALL=1
        ;;
    1:--help | 1:-h) usage && exit ;;
    *) die "unknown arguments: $*; try --help" ;;
esac

need_rust
provide nix-build nix-bin cc gcc /usr/include/stdio.h libc6-dev actool appc-spec bwrap bubblewrap \
    busybox busybox-static curl curl /etc/ssl/certs/ca-certificates.crt ca-certificates \
    file file gpg gpg gpg-agent gpg-agent jq jq mount mount patchelf patchelf script bsdutils setpriv util-linux \
    shellcheck shellcheck unshare util-linux xz xz-utils
# Other versions of Nix, and machines, come from other releases of Debian.
# Pages are used in a browser.
[ ${#long[@]} -eq 0 ] || provide debootstrap debootstrap pgrep procps chromium chromium chromedriver chromium-driver \
    /usr/lib/python3/dist-packages/selenium python3-selenium
# What reads and runs OCI images.
provide docker-registry docker-registry htpasswd apache2-utils openssl openssl ip iproute2 nginx nginx-light nsenter util-linux oci-image-tool oci-image-tool podman podman runc runc skopeo skopeo systemd-nspawn systemd-container \
    umoci umoci catatonit catatonit /usr/lib/python3/dist-packages/yaml python3-yaml /usr/lib/python3/dist-packages/jsonschema python3-jsonschema \
    /usr/share/gocode/src/github.com/opencontainers/image-spec golang-github-opencontainers-image-spec-dev
# Hosts on loopback are servers of ssh. Where systemd runs, the package would open the machine's own port.
provide ssh openssh-client ssh-keygen openssh-client
[ -d /run/systemd/system ] || provide /usr/sbin/sshd openssh-server
# The embedded package set is made of what apt offers.
compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null || ! command -v apt-get >/dev/null || update_lists
use_nix
build_builder
export NIX2ACI_BUILDER=$builder

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The crate's tests note here what they could not run.
export NIX2ACI_SKIPPED=$work/skipped
: >"$NIX2ACI_SKIPPED"
passed=0 failed=0

# add PASSED FAILED STATUS WHAT: what fails without a count of its own counts as one.
add() {
    passed=$((passed + $1))
    failed=$((failed + $2))
    if [ "$3" -ne 0 ]; then
        [ "$2" -gt 0 ] || failed=$((failed + 1))
        printf 'FAILED  %s (status %s)\n' "$4" "$3"
    fi
}

say 'cargo test'
status=0
cargo test --locked --no-fail-fast ${long[@]+"${long[@]}"} 2>&1 | tee "$work/log" || status=$?
read -r good bad <<<"$(awk '/^test result: / { good += $4; bad += $6 } END { print good + 0, bad + 0 }' "$work/log")"
add "$good" "$bad" "$status" 'cargo test'

for run in tests/*/run; do
    # It takes long and measures time, which no test may depend on.
    [ "$run" != tests/bench/run ] || continue
    say "$run"
    status=0
    "$run" 2>&1 | tee "$work/log" || status=$?
    if [ "$status" -eq 2 ] && [ "$(id -u)" -ne 0 ] && grep -q 'needs root' "$work/log"; then
        echo "$run: needs root" >>"$NIX2ACI_SKIPPED"
        continue
    fi
    read -r good bad <<<"$(sed -n '$s/^\([0-9]*\) passed, \([0-9]*\) failed.*/\1 \2/p' "$work/log")"
    add "${good:-0}" "${bad:-0}" "$status" "$run"
    sed -n 's/^skipped //p' "$work/log" >>"$NIX2ACI_SKIPPED"
done

skipped=$(wc -l <"$NIX2ACI_SKIPPED")
sed 's/^/skipped /' "$NIX2ACI_SKIPPED"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
