# shellcheck shell=bash
# shellcheck disable=SC2154 # work, root, builder and others are those of who sources this
# What verify finds in images that were broken on purpose, and that it finds nothing in others. Sourced by tests/trust/run.

needs python3
for attribute in bash bash.oci bash.oci.recipe bash.recipe busybox; do
    build "$attribute" >"$work/out" 2>"$work/log" || fail "$attribute: is built" "$(cat "$work/log")"
done
aci=$(echo "$work"/result-bash/*.aci) figures=$(echo "$work"/result-bash/*.json)
layout=$(readlink "$work/result-bash.oci") recipe=$(readlink "$work/result-bash.oci.recipe")
our=keys/${us,,} their=keys/${them,,}

# finds NAME MESSAGE -- COMMAND…: as refuses, and in one line.
finds() {
    refuses "$@"
    equal "$1: in one line" 1 "$("${@:4}" 2>&1 | wc -l)"
}
# flip FILE [AT]: changes a byte, in the middle unless said.
flip() {
    chmod u+w "$1"
    python3 -c 'import sys; f = open(sys.argv[1], "r+b"); n = int(sys.argv[2]); f.seek(n); b = f.read(1)[0]; f.seek(n); f.write(bytes([b ^ 1]))' \
        "$1" "${2-$(($(stat -Lc %s "$1") / 2))}"
}
mapfile -t packages_of_bash < <(roots bash)
paths=$(nix-store -qR "${packages_of_bash[@]}" | wc -l)

# --- App Container Images ---

fetched() { rm -rf fetched && mkdir fetched && cp -L "$aci" fetched/image.aci && cp -L "$figures" fetched/image.json && chmod u+w fetched/*; }
fetched
contains 'verify: an App Container Image' "$("$builder" verify fetched/image.aci 2>&1)" \
    "Verified fetched/image.aci: $(jq -r .imageID "$figures")"
contains 'verify: with its store paths' "$("$builder" verify fetched/image.aci --store-paths 2>&1)" \
    "$(jq -r .packedStorePaths "$figures") store paths as Nix recorded them"
equal 'verify: these are all that it holds' "$paths" "$(jq '.storePaths | length' "$figures")"
equal 'the output refers to no package' '' "$(nix-store -q --references "$(dirname "$(readlink -f "$figures")")" | grep -v "$(readlink result-bash)" || :)"
contains 'verify: against the figures of the build' "$("$builder" verify fetched/image.aci --against "$figures" 2>&1)" 'Verified '
contains 'verify: against a recipe' "$("$(readlink "$work/result-bash.recipe")/verify" fetched/image.aci --store-paths 2>&1)" 'Verified '
build bash.verify >"$work/out" 2>"$work/log" || fail 'bash.verify: is built' "$(cat "$work/log")"
contains 'verify: by the package of an App Container Image' "$("$work/result-bash.verify/bin/verify" fetched/image.aci --store-paths 2>&1)" \
    'Verified fetched/image.aci: ' 'store paths as Nix recorded them'
contains 'verify: the image in the store by itself' "$("$work/result-bash.verify/bin/verify" 2>&1)" "Verified $(readlink "$work/result-bash")/"
gzip -dc fetched/image.aci | xz -0 >fetched/again.aci
contains 'verify: compressed anew' "$("$builder" verify fetched/again.aci --against "$figures" --store-paths 2>&1)" 'compressed anew, to ' 'store paths as Nix'

# What unpacks an image does not stop at the first end.
for method in gzip xz; do
    xz -dc fetched/again.aci | "$method" -1 | tee fetched/more.aci >fetched/garbage.aci
    echo more | "$method" >>fetched/more.aci
    echo more >>fetched/garbage.aci
    finds "verify: a second stream of $method" 'it is another image, or was changed' -- "$builder" verify fetched/more.aci --against "$figures"
    finds "verify: what is no stream of $method" 'cannot be read to its end: ' -- "$builder" verify fetched/garbage.aci --against "$figures"
done
mkdir several && touch several/{one,other}.aci
finds 'verify: which of several images' 'several has several images; name one of them' -- "$builder" verify several
flip fetched/image.aci
finds 'verify: a byte that was changed, by the package' 'fetched/image.aci: it' -- "$work/result-bash.verify/bin/verify" fetched/image.aci
finds 'verify: a byte that was changed' 'fetched/image.aci: it' -- "$builder" verify fetched/image.aci
fetched
truncate -s -1000 fetched/image.aci
finds 'verify: what is truncated' "cannot be read to its end: " -- "$builder" verify fetched/image.aci --store-paths
fetched
finds 'verify: another image' 'it is another image, or was changed' -- "$builder" verify fetched/image.aci --against "$(echo "$work"/result-busybox/*.json)"
finds 'verify: no figures' 'there are no figures ' -- "$builder" verify fetched/image.aci --against nowhere.json
finds 'verify: no image' 'there is no image nowhere.aci' -- "$builder" verify nowhere.aci --against "$figures"

quietly --armor --local-user "$us" --detach-sign fetched/image.aci
contains 'verify: signed' "$("$builder" verify --key "$our" fetched/image.aci 2>&1)" "signed by $us; sha512-"
contains 'verify: signed, as gpg knows the key' "$("$builder" verify --key us@example.com fetched/image.aci 2>&1)" "signed by $us; sha512-"
finds 'verify: signed by another key' "is by the key $us, and not by $them" -- "$builder" verify --key "$their" fetched/image.aci
finds 'verify: signed by another key that gpg knows' "is by the key $us, and not by $them" -- "$builder" verify --key "$them" fetched/image.aci
quietly --armor --local-user "$us" --output swapped.asc --detach-sign "$figures"
finds 'verify: the signature of something else' 'is of something else, or that was changed' -- \
    "$builder" verify --key "$our" --signature swapped.asc fetched/image.aci
quietly --local-user "$us" --output one.sig --detach-sign fetched/image.aci
cat one.sig one.sig >two.sig
finds 'verify: several signatures' 'is one of several, and runtimes take the first one alone' -- "$builder" verify --key "$our" --signature two.sig fetched/image.aci
cat "$our" "$their" >keys.asc
finds 'verify: a file of several keys' 'keys.asc has 2 public keys, where one is wanted' -- "$builder" verify --key keys.asc fetched/image.aci
echo nothing >nothing.asc
finds 'verify: no signature' 'is none that gpg can read' -- "$builder" verify --key "$our" --signature nothing.asc fetched/image.aci
rm fetched/image.aci.asc
finds 'verify: not signed' 'there is no signature fetched/image.aci.asc' -- "$builder" verify --key "$our" fetched/image.aci
finds 'verify: a key that is none' 'is no public key' -- "$builder" verify --key nothing.asc fetched/image.aci
finds 'verify: a signature, and no key' '--key KEY has to say whose it must be' -- "$builder" verify --signature swapped.asc fetched/image.aci
equal 'verify: leaves nothing behind' '' "$(find "$TMPDIR" -maxdepth 1 -name 'nix2aci-*' -not -name 'nix2aci-test*')"

python3 "$root/tests/trust/tamper.py" "$aci" "$figures" fetched/tampered.aci fetched/tampered.json
check 'verify: one file was changed, and all digests are right' "$builder" verify fetched/tampered.aci
finds 'verify: which the NAR hash finds' 'was changed: its NAR hash is sha256:' -- "$builder" verify --store-paths fetched/tampered.aci
contains 'verify: and the figures of the build' "$("$builder" verify --store-paths fetched/tampered.aci --against "$figures" 2>&1)" \
    'its image ID is ' ' was changed: its NAR hash is ' 'is not what was built, for 2 reasons'

# --- OCI images ---

shown=$(jq -r '.manifests[0].digest' "$layout/index.json")
contains 'verify: a layout, with itself' "$("$layout/verify" 2>&1)" "Verified $layout: $shown"
contains 'verify: with its store paths' "$("$layout/verify" --store-paths 2>&1)" \
    "$(jq '.storePaths | length' "$layout/store-paths.json") store paths as Nix recorded them"
if build bash.thin >"$work/out" 2>"$work/log" && build bash.thin.oci >"$work/out" 2>"$work/log"; then
    contains 'verify: a thin layout packs none' "$("$(readlink "$work/result-bash.thin.oci")/verify" --store-paths 2>&1)" '0 store paths as Nix'
    contains 'verify: nor does a thin App Container Image' "$("$builder" verify "$work"/result-bash.thin/*.aci --store-paths 2>&1)" '0 store paths as Nix'
else
    fail 'bash.thin: is built' "$(cat "$work/log")"
fi
copied() { rm -rf copied && skopeo copy -q "oci:$layout" oci:copied:1 && chmod -R u+w copied; }
copied
contains 'verify: a copy' "$("$layout/verify" --store-paths copied 2>&1)" "Verified copied: $shown; "
contains 'verify: against a recipe' "$("$recipe/verify" --store-paths copied 2>&1)" "Verified copied: $shown; "
# Layers of another tool, and those of an image below.
if expression "mkOCI { packages = [ pkgs.busybox ]; acName = \"above\"; exec = \"/bin/busybox\"; fromImage = builtins.path { path = $work/copied; name = \"theirs\"; }; }" \
    --out-link above >"$work/log" 2>&1; then
    contains 'verify: an image on one of another tool' "$(above/verify --store-paths 2>&1)" 'Verified ' 'store paths as Nix'
else
    fail 'above: is built' "$(cat "$work/log")"
fi
if expression 'mkOCI { packages = [ pkgs.busybox ]; acName = "on"; exec = "/bin/busybox"; dependencies = [ images.bash ]; compression = "zstd"; }' \
    --out-link on >"$work/log" 2>&1; then
    contains 'verify: an image on another one' "$(on/verify --store-paths 2>&1)" 'Verified ' 'store paths as Nix'
    # shellcheck disable=SC2016 # jq expands it
    check 'verify: which has all store paths of that' jq -e --slurpfile below "$layout/store-paths.json" \
        '.storePaths as $all | $below[0].storePaths | all(. as $one | $all | index([$one]))' on/store-paths.json
else
    fail 'on: is built' "$(cat "$work/log")"
fi
skopeo copy -q "oci:$layout" oci-archive:copied.tar
contains 'verify: an archive' "$("$layout/verify" --store-paths copied.tar 2>&1)" "Verified copied.tar: $shown; "
skopeo copy -q "oci:$layout" docker-archive:docker.tar
contains 'verify: an archive of docker save' "$("$layout/verify" --store-paths docker.tar 2>&1)" 'in layers that were compressed anew' 'store paths as Nix recorded'

blob=$(find copied/blobs -type f -size +100k | sort | head -n 1)
flip "$blob"
finds 'verify: a byte of a layer' 'it is damaged; get the image anew' -- "$layout/verify" copied
copied
truncate -s -100 "$blob"
finds 'verify: a truncated layer' 'it is damaged; get the image anew' -- "$layout/verify" --store-paths copied
copied
rm "$blob"
finds 'verify: a layer that is missing' "opening copied/blobs/sha256/$(basename "$blob")" -- "$layout/verify" copied
finds 'verify: another image' 'it is another image, or was changed' -- "$layout/verify" "$image"
finds 'verify: no image' 'there is no image nowhere' -- "$layout/verify" nowhere
copied
"$layout/sign" us@example.com localhost:1/bash:1 lookaside >/dev/null
signature=$(find lookaside -type f)
contains 'verify: signed' "$("$layout/verify" --key "$our" --signature "$signature" copied 2>&1)" "signed as localhost:1/bash:1 by $us; $shown"
contains 'verify: signed, in a lookaside' "$("$layout/verify" --key "$us" --signature lookaside copied 2>&1)" "signed as localhost:1/bash:1 by $us"
"$layout/sign" us@example.com localhost:1/apps/bash:2 lookaside >/dev/null
contains 'verify: signed by two names, both are told' "$("$layout/verify" --key "$us" --signature lookaside copied 2>&1)" \
    "signed as localhost:1/apps/bash:2, localhost:1/bash:1 by $us"
rm -r lookaside/apps
finds 'verify: signed by another key' "is by the key $us, and not by $them" -- "$layout/verify" --key "$their" --signature lookaside copied
"$image/sign" us@example.com localhost:1/busybox:1 swapped >/dev/null
finds 'verify: the signature of another image' "is of another image, $digest, where this is $shown" -- \
    "$layout/verify" --key "$our" --signature "$(find swapped -type f)" copied
finds 'verify: not in the lookaside' "there is no signature of $shown in swapped" -- "$layout/verify" --key "$our" --signature swapped copied
flip "$signature"
refuses 'verify: a signature that was changed' "the signature $signature: is" -- "$layout/verify" --key "$our" --signature lookaside copied
finds 'verify: where is the signature' '--signature has to say where the signature is' -- "$layout/verify" --key "$our" copied

rm -rf tampered
python3 "$root/tests/trust/tamper.py" "$layout" tampered
check 'verify: skopeo sees nothing in a changed layout' skopeo copy -q oci:tampered dir:of-tampered
check 'verify: one file was changed, and all digests are right' "$builder" verify tampered
finds 'verify: which the NAR hash finds' 'was changed: its NAR hash is sha256:' -- "$builder" verify tampered --store-paths
contains 'verify: and the layout of the build' "$("$layout/verify" tampered --store-paths 2>&1)" \
    'its image ID is ' 'was changed: its NAR hash is ' 'is not what was built, for 2 reasons'
# What is good for one reader, and another image for another one; and what would never end.
python3 "$root/tests/trust/hostile.py" "$layout" hostile
contains 'verify: an archive of the test' "$("$layout/verify" hostile/good.tar 2>&1)" "Verified hostile/good.tar: $shown"
while read -r variant message; do
    finds "verify: hostile: $variant" "$message" -- timeout 60 "$layout/verify" "hostile/$variant"
done <<'END'
tag too, which was not built with this one: an engine may take that
unknown too, which was not built with this one
platform too, which was not built with this one
docker manifest.json names the image sha256:
capitals "Manifests" is there twice
folded is there twice
within "Config" is there twice
both is neither the manifest of one image nor an index
many have too many images
pipe is no file
endless is no file
twice-before.tar index.json is in it twice, and is not the same
twice-after.tar index.json is in it twice, and is not the same
link.tar a/index.json lies below a link
slash.tar index.json is in it twice, and is not the same
two-names.tar a header of tar is said in two ways
two-headers.tar a header of tar is said in two ways
no-name.tar index.json is in it twice, and is not the same
sparse.tar other is sparse
star.tar it is an archive as star writes it
END
# Platforms of which one runs what is for the other.
# shellcheck disable=SC2016 # Nix expands it
if expression 'mkIndex { images = map (arch: mkOCI { acName = "arms"; acVersion = "1"; inherit arch; files."/it".text = arch; }) [ "armv6l" "armv7l" ]; }' \
    --out-link arms >"$work/log" 2>&1; then
    arms/save >arms.tar
    equal 'verify: an index for older processors and newer ones' 2 "$(arms/verify arms.tar 2>&1 | grep -c '^Verified arms.tar: ')"
    equal 'verify: the one for older ones' 1 "$(arms/verify arms/linux-arm-v6 2>&1 | grep -c '^Verified arms/linux-arm-v6: ')"
else
    fail 'arms: is built' "$(cat "$work/log")"
fi
if [ -e "$work/both" ]; then
    equal 'verify: an index, each of its images' 2 "$("$work/both/verify" --store-paths 2>&1 | grep -c '^Verified ')"
    skopeo --override-arch arm64 copy -q "oci:$work/both" oci:one:1
    equal 'verify: the one of an index that was fetched' 1 "$(both/verify --store-paths one 2>&1 | grep -c '^Verified one: sha256:')"
    finds 'verify: an image for another platform' 'it holds images for linux/arm64/v8, and what was built is for linux/amd64' -- "$image/verify" one
fi
# shellcheck disable=SC2119 # as it comes
if registry; then
    plain=(-- --dest-tls-verify=false) there=docker://localhost:$port/apps
    check 'push: bash' "$layout/push" "localhost:$port/apps/bash:1" "${plain[@]}"
    contains 'verify: what a registry has' "$("$layout/verify" --store-paths "$there/bash:1" -- --src-tls-verify=false 2>&1)" "Verified $there/bash:1: $shown; "
    check 'push: an index' both/push "localhost:$port/apps/both:1" "${plain[@]}"
    equal 'verify: an index of a registry' 2 "$(both/verify "$there/both:1" -- --src-tls-verify=false 2>&1 | grep -c "^Verified $there/both:1: ")"
    contains 'verify: its image for another architecture' "$(both/linux-arm64-v8/verify "$there/both:1" -- --src-tls-verify=false 2>&1)" "Verified $there/both:1: "
    finds 'verify: another image of a registry' 'it is another image, or was changed' -- "$image/verify" "$there/bash:1" -- --src-tls-verify=false
    refuses 'verify: what a registry has not' 'skopeo copy failed' -- "$image/verify" "$there/none:1" -- --src-tls-verify=false
    end_registry
else
    skip 'verify: what a registry has' "$why_registry"
fi
equal 'verify: leaves nothing behind' '' "$(find "$TMPDIR" -maxdepth 1 -name 'nix2aci-*' -not -name 'nix2aci-test*')"
