# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # common.sh, hosts.sh and run set and use them
# Images that another machine builds. Sourced by run.

printf '%s\n' 'sandbox = true' 'substitute = false' 'build-users-group =' >"$hosts/one/nix.conf"
builders="ssh://one $(nix-instantiate --eval -E builtins.currentSystem | tr -d '"') - 4 1"

# Here is a store of its own too, so that the same image can be built again.
# shellcheck disable=SC2046 # store paths have no blanks
own_store $(nix-build "$root" "${arguments[@]}" --no-out-link -A bash.packages -A redis.packages)
for attribute in redis redis.oci bash.thin.oci; do
    result=$(image "$attribute")
    status=0
    made=$(build "$attribute" --max-jobs 0 --builders "$builders" 2>"$work/log") || status=$?
    if [ "$status" -ne 0 ]; then
        fail "builders: $attribute is built elsewhere" "$(cat "$work/log")"
        continue
    fi
    equal "builders: $attribute has the same place" "$result" "$made"
    contains "builders: $attribute is built elsewhere" "$(cat "$work/log")" "on 'ssh://one'"
    check "builders: $attribute is the same" diff -r "$result" "$own$result"
    check "builders: $attribute stays there too" has_all one "$result"
done
# What is made here is packed here, though a builder is known: Nix has brought the packages here before it asks.
status=0
expression 'images.redis.override { env.CHANGED = "1"; }' --no-out-link --max-jobs 1 --builders "$builders" >"$work/out" 2>"$work/log" || status=$?
equal 'builders: an image is built here where that is possible' '0 0' "$status $(grep -c "on 'ssh://" "$work/log")"
within=()
rm -rf "$own"
unset own
