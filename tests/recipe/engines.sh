# shellcheck shell=bash
# shellcheck disable=SC2154 # work, root, digest and why are those of who sources this
# What load and push do with the engines of the machine, and a registry on loopback. Sourced by tests/recipe/run.
# shellcheck source=tests/oci/registry.sh
. "$root/tests/oci/registry.sh"

tag=$(jq -r '.manifests[0].annotations["org.opencontainers.image.ref.name"]' "$(image redis.oci)/index.json")
mkdir "$work/empty"
refuses 'an engine that is not there is named, with what brings it' 'podman is not on PATH: apt-get install podman' -- \
    env PATH="$work/empty" "$(recipe redis.oci)/load" podman
refuses 'no engine at all' 'neither podman nor docker nor ctr' -- env PATH="$work/empty" "$(recipe redis.oci)/load"
refuses 'an engine that is none' '"rkt" is none of podman, docker and containerd' -- "$(recipe redis.oci)/load" rkt
refuses 'push without skopeo' 'skopeo is not on PATH: apt-get install skopeo' -- \
    env PATH="$work/empty" "$(recipe redis.oci)/push" localhost:1/redis
refuses 'a destination that is none' '"redis" is not REGISTRY/REPOSITORY' -- "$(recipe redis.oci)/push" redis

if podman_works "$(image busybox.oci)"; then
    options=(--root "$work/podman/root" --runroot "$work/podman/run" "${driver[@]}")
    load() { env TMPDIR="$work/podman/tmp" "$(recipe redis.oci)/load" podman -- "${options[@]}"; }
    contains 'podman: the image is loaded' "$(load 2>&1)" "Loaded image: docker.io/library/redis:$tag"
    contains 'podman: it runs' "$(pod run "${flags[@]}" --entrypoint /bin/redis-server "docker.io/library/redis:$tag" --version 2>&1)" 'Redis server v='
    contains 'podman: it is loaded again' "$(load 2>&1)" 'Loaded image: '
    equal 'podman: there is one' 1 "$(pod image ls --quiet redis | wc -l)"
else
    skip 'load: podman' "$why"
fi
if docker_works; then
    contains 'docker: the image is loaded' "$("$(recipe redis.oci)/load" docker -- --host "unix://$work/docker/socket" 2>&1)" "Loaded image: redis:$tag"
    contains 'docker: it runs' "$(dock run --rm --network=none --entrypoint /bin/redis-server "redis:$tag" --version 2>&1)" 'Redis server v='
    check 'containerd: the image is loaded' "$(recipe redis.oci)/load" containerd -- --address "$work/docker/run/containerd/containerd.sock"
    contains 'containerd: it has it' "$(ctr --address "$work/docker/run/containerd/containerd.sock" images ls -q)" "docker.io/library/redis:$tag"
    refuses 'docker: what it says is told' 'docker load failed' -- "$(recipe redis.oci)/load" docker -- --host "unix://$work/nowhere"
else
    skip 'load: docker and containerd' "$why_docker"
fi

if registry; then
    push() { "$(recipe redis.oci)/push" "$@" -- --dest-tls-verify=false; }
    check 'push: the image goes to a registry' push "localhost:$port/apps/redis"
    equal 'push: it is the image, under its own tag' "$digest" \
        "$(skopeo inspect --tls-verify=false "docker://localhost:$port/apps/redis:$tag" | jq -r .Digest)"
    before=$(sent)
    check 'push: again, under another tag, from an empty home' env HOME="$work/there" "$(recipe redis.oci)/push" \
        "localhost:$port/apps/redis:latest" -- --dest-tls-verify=false
    equal 'push: what is there is not sent again' "$before" "$(sent)"
    equal 'push: the tag' "$digest" "$(skopeo inspect --tls-verify=false "docker://localhost:$port/apps/redis:latest" | jq -r .Digest)"
    printf '        push: %s requests in all\n' "$(requests)"
    printf x | dd of="$(largest 1)" bs=1 seek=1000 conv=notrunc status=none
    check 'push: a rotten blob is made anew before' push "localhost:$port/apps/redis:mended"
    end_registry
    refuses 'push: a registry that is not there' 'skopeo copy failed' -- push "localhost:$port/apps/redis"
    check 'push: nothing is left of it' nothing_left
else
    skip 'push' "$why_registry"
fi
