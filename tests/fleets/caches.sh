# shellcheck shell=bash
# shellcheck disable=SC2154 # common.sh, hosts.sh and run set them
# Thin images from binary caches: check-host --realise. Sourced by run.

thin=$(image bash.thin.oci)
check_host=$thin/$(basename "$thin"/*.check-host)
stem=$(basename "$check_host" .check-host)
number=$(wc -l <"$thin/$stem.nspawn")
mapfile -t mounted < <(sed 's/^--bind-ro=//' "$thin/$stem.nspawn")

# Two caches of the same paths, one signed by a key that is trusted, the other by one that is not.
for key in right wrong; do
    nix key generate-secret --key-name "$key-1" >"$work/$key.secret"
    nix key convert-secret-to-public <"$work/$key.secret" >"$work/$key.public"
    # A signature stays with a path, so each is made of a store of its own.
    nix copy --quiet --no-check-sigs --to "$work/signing-$key" "$thin" "$(image bash.thin)"
    nix store sign --quiet --store "$work/signing-$key" --recursive --key-file "$work/$key.secret" "$thin" "$(image bash.thin)" 2>/dev/null
    nix copy --quiet --from "$work/signing-$key" --no-check-sigs --to "file://$work/cache-$key" "$thin" "$(image bash.thin)"
    chmod -R u+w "$work/signing-$key" && rm -rf "$work/signing-$key"
done
trust() {
    printf '%s\n' 'sandbox = true' 'build-users-group =' "trusted-public-keys = $(cat "$work/right.public")" "$@" >"$hosts/two/nix.conf"
}
trust 'substitute = false'
# realise [OPTION…]: as it is done from afar.
realise() { on two sh -s -- --realise "$@" <"$check_host" 2>&1; }
# fails NAME PART… -- COMMAND…: it ends with status 1 and one line that has the parts.
fails() {
    local name=$1 parts=() said status=0
    shift
    while [ "$1" != -- ]; do parts+=("$1") && shift; done
    shift
    said=$("$@" 2>&1) || status=$?
    equal "$name: status" 1 "$status"
    equal "$name: one line" 1 "$(grep -c '^check-host: ' <<<"$said")"
    contains "$name" "$said" "${parts[@]}"
}

check 'check-host is a clean script' shellcheck "$check_host"
contains 'check-host: says what the host lacks, as ever' "$(on two sh -s <"$check_host" || :)" "lacks $number of $number store paths" \
    "$stem.check-host --realise"
fails 'realise: a cache of another key is refused' 'is not signed by any key that this host trusts' -- realise --from "file://$work/cache-wrong"
equal 'realise: nothing of it is taken' 0 "$(on two sh -s -- --list <"$check_host" | wc -l | awk -v all="$number" '{ print all - $1 }')"
fails 'realise: a cache that is not there' "$work/nowhere" -- realise --from "file://$work/nowhere"
mkdir -p "$work/cache-empty"
fails 'realise: a cache without the image' "nix copy --to file://$work/cache-empty $thin" -- realise --from "file://$work/cache-empty"
fails 'realise: a host without caches' 'not all was brought from the binary caches' -- realise
contains 'realise: a cache of the right key' "$(realise --from "file://$work/cache-right" || :)" \
    "bringing what is missing from file://$work/cache-right" "has all $number store paths, kept by /var/lib/nix2aci/roots/${thin##*/}"
check 'realise: all is valid' has_all two "$thin" "${mounted[@]}"
on two nix-store --gc >"$work/log" 2>&1
check 'realise: a collection of garbage leaves it' has_all two "$thin" "${mounted[@]}"
mv "$work/cache-right" "$work/cache-away"
equal 'realise: again it asks nobody' "$stem: this host has all $number store paths, kept by /var/lib/nix2aci/roots/${thin##*/}" \
    "$(realise --from "file://$work/cache-right" || :)"
mv "$work/cache-away" "$work/cache-right"
on two "rm /var/lib/nix2aci/roots/* && nix-store --gc" >"$work/log" 2>&1
status=0
has_all two "$thin" 2>/dev/null || status=$?
equal 'realise: without its link a collection takes it' 1 "$status"

# Twice at once, broken off, and again.
empty two
(realise --from "file://$work/cache-right" >"$work/first" || :) &
first=$!
contains 'realise: twice at once' "$(realise --from "file://$work/cache-right" || :)" 'kept by'
wait "$first"
contains 'realise: the other one too' "$(cat "$work/first")" 'kept by'
check 'realise: all is valid after both' has_all two "$thin" "${mounted[@]}"
empty two
broken=0
for ((pause = 1; pause <= 8; pause++)); do
    # All that it has started ends with it, wherever it is.
    on two "setsid --wait timeout --signal KILL 0.$((pause * 8 + 10)) sh -s -- --realise --from 'file://$work/cache-right'" <"$check_host" >"$work/log" 2>&1 || broken=$((broken + 1))
done
contains 'realise: after breaks' "$(realise --from "file://$work/cache-right" || :)" 'kept by'
check 'realise: some were broken off' [ "$broken" -gt 0 ]
check 'realise: all is whole after them' on two nix-store --verify --check-contents

# From the caches that the host knows itself.
empty two
trust 'substitute = true' "substituters = file://$work/cache-wrong"

fails "realise: the host's own cache, of another key" 'is not signed by any key that this host trusts' -- realise
trust 'substitute = true' "substituters = file://$work/cache-right"
contains "realise: the host's own cache" "$(realise --root /var/lib/images/bash || :)" "has all $number store paths, kept by /var/lib/images/bash"
on two nix-store --gc >"$work/log" 2>&1
check 'realise: the link is where it is wanted' on two test -e "/var/lib/images/bash/$stem.container"

# A thin App Container Image, and one that a recipe has made, which is in no store.
empty two
on two 'rm -rf /var/lib/images && nix-store --gc' >"$work/log" 2>&1
contains 'realise: a thin App Container Image' "$(on two sh -s -- --realise <"$(image bash.thin)"/*.check-host 2>&1 || :)" "has all $number store paths"
check 'realise: brings the image' has_all two "$(image bash.thin)"
empty two
sed "s|^output=.*|output=''|" "$check_host" >"$work/elsewhere"
contains 'realise: an image that is elsewhere' "$(on two sh -s -- --realise <"$work/elsewhere" 2>&1 || :)" "kept by /var/lib/nix2aci/roots/$stem"
on two nix-store --gc >"$work/log" 2>&1
check 'realise: what that mounts is kept' has_all two "${mounted[@]}"

for words in '--from x' '--list --realise' '--realise --from' '--realise --nonsense'; do
    status=0
    # shellcheck disable=SC2086 # words
    sh "$check_host" $words 2>/dev/null || status=$?
    equal "check-host $words: status 2" 2 "$status"
done
