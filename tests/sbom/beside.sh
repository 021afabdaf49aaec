# shellcheck shell=bash
# shellcheck disable=SC2154 # work, root and layout are those of the test
# The bill of materials beside an OCI image (argument sbom): the engines take the image as ever, and the layout within has
# what refers to it. Sourced by tests/sbom/run.

# shellcheck source=tests/oci/runtimes.sh
. "$root/tests/oci/runtimes.sh"
# shellcheck source=tests/oci/registry.sh
. "$root/tests/oci/registry.sh"
PATH=$PATH:/usr/sbin:/sbin
trap 'end_registry; end_docker; end_podman; cleanup' EXIT

plain=$(expression images.bash.oci --no-out-link 2>"$work/log")
with=$(expression 'images.bash.oci.override { sbom = true; }' --out-link "$work/with" 2>"$work/log") ||
    fail 'sbom = true: is built' "$(cat "$work/log")"
tag=$(jq -r '.manifests[0].annotations["org.opencontainers.image.ref.name"]' "$with/index.json")
equal 'sbom = true: the image is the same' "$(cat "$plain/index.json")" "$(cat "$with/index.json")"
equal 'sbom = true: refers to what the image without it refers to' "$(references "$plain")" "$(references "$with")"
inner=$with/sbom

# --- what is there ---

subject=$(jq -c '.manifests[0] | { mediaType, digest, size }' "$with/index.json")
equal 'the layout within has the image, and what refers to it' \
    "$tag null
$tag.cdx application/vnd.cyclonedx+json
$tag.spdx application/spdx+json" \
    "$(jq -r '.manifests[] | "\(.annotations["org.opencontainers.image.ref.name"]) \(.artifactType)"' "$inner/index.json")"
bill with-bill '(images.bash.oci.override { sbom = true; }).sbom'
for format in cdx spdx; do
    artifact=$inner/blobs/sha256/$(jq -r ".manifests[] | select(.annotations[\"org.opencontainers.image.ref.name\"] == \"$tag.$format\").digest" \
        "$inner/index.json" | cut -d : -f 2)
    equal "$format: its subject is the image" "$subject" "$(jq -c .subject "$artifact")"
    content=$inner/blobs/sha256/$(jq -r '.layers[0].digest' "$artifact" | cut -d : -f 2)
    check "$format: it is the bill of the image" cmp "$content" "$work/with-bill/bash-$tag.$format.json"
    check "$format: and that of the image without it" cmp "$content" "$work/bash.oci/bash-$tag.$format.json"
done
sound() {
    local blob
    for blob in "$inner"/blobs/sha256/*; do
        [ "$(sha256sum <"$blob")" = "${blob##*/}  -" ] || { echo "$blob is not what its name says"; return 1; }
    done
}
check 'every blob is what its name says' sound
schemas=/usr/share/gocode/src/github.com/opencontainers/image-spec/schema
if [ -d "$schemas" ] && /usr/bin/python3 -c 'import jsonschema' 2>/dev/null; then
    check 'its documents are as the schemas have them' /usr/bin/python3 -W ignore "$root/tests/oci/schemas.py" "$schemas" \
        image-index-schema.json "$inner/index.json" image-manifest-schema.json "$artifact" image-layout-schema.json "$inner/oci-layout"
else
    skip 'schemas' "python3-jsonschema and golang-github-opencontainers-image-spec-dev are not there"
fi

# --- engines ---

mkdir "$work/copies"
number=0
# shellcheck disable=SC2016 # the image's shell expands it
probe=(bash -c 'echo "answer $((6 * 7))"')
if has 'skopeo' skopeo; then
    copy() { TMPDIR=$work skopeo --insecure-policy copy --quiet "$@"; }
    for reference in "oci:$with" "oci:$with:$tag" "oci:$inner:$tag"; do
        name=${reference#"oci:$with"} to=$work/copies/$((++number))
        check "skopeo copies oci:LAYOUT$name" copy "$reference" "oci:$to:tag"
        equal "oci:LAYOUT$name: it is the image" "$(jq -r .digest <<<"$subject")" "$(jq -r '.manifests[0].digest' "$to/index.json")"
    done
    check 'skopeo copies what refers to it' copy "oci:$inner:$tag.cdx" "oci:$work/copies/artifact:cdx"
    check 'skopeo makes an archive for docker' copy "oci:$with" "docker-archive:$work/docker.tar:bash:with"
fi
if podman_works "$with"; then
    for reference in "oci:$with" "oci:$with:$tag"; do
        contains "podman runs oci:LAYOUT${reference#"oci:$with"}" \
            "$(pod run "${flags[@]}" "$reference" "${probe[@]}" 2>&1)" 'answer 42'
    done
else
    skip 'podman' "$why"
fi
if has 'umoci' umoci; then
    check 'umoci unpacks the image' umoci unpack --image "$with:$tag" "$work/unpacked"
    check 'it is the root file system' [ -e "$work/unpacked/rootfs/bin/bash" ]
fi
if [ -n "${NIX2ACI_ALL-}" ] && docker_works; then
    contains 'docker loads the archive of skopeo' "$(dock load <"$work/docker.tar" 2>&1)" 'bash:with'
    contains 'docker loads the layout' "$(tar -C "$with" -hc . | dock load 2>&1)" "bash:$tag"
    contains 'docker runs it' "$(dock run --rm --network=none "bash:$tag" "${probe[@]}" 2>&1)" 'answer 42'
else
    skip 'docker' "${why_docker:-takes long; ./test.sh --all loads it}"
fi

# --- a recipe makes the same ---

recipe=$(expression '(images.bash.oci.override { sbom = true; }).recipe' --out-link "$work/recipe" 2>"$work/log") ||
    fail 'recipe: is built' "$(cat "$work/log")"
export XDG_CACHE_HOME=$work/cache
same() { diff -r "$1" "$2" && [ "$(readlink "$1/sbom/blobs")" = "$(readlink "$2/sbom/blobs")" ]; }
for time in first second; do
    check "recipe: saves it, the $time time" "$recipe/save" "$work/saved-$time"
    check "recipe: the same, the $time time" same "$with" "$work/saved-$time"
done
if registry; then
    check 'recipe: pushes it' "$recipe/push" "localhost:$port/apps/bash:1" -- --dest-tls-verify=false
    for artifact in $(jq -r '.manifests[].digest' "$inner/index.json"); do
        check "the registry has $artifact" [ "$(curl -s -H 'Accept: application/vnd.oci.image.manifest.v1+json' \
            "localhost:$port/v2/apps/bash/manifests/$artifact" | sha256sum)" = "${artifact#sha256:}  -" ]
    done
    end_registry
else
    skip 'recipe: pushes it' "$why_registry"
fi
