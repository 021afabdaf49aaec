# shellcheck shell=bash
# shellcheck disable=SC2154 # common.sh, hosts.sh and run set them
# Thin images in Kubernetes: the Pod beside them, and what nix-snapshotter reads of a layer. Neither Kubernetes nor
# nix-snapshotter runs here; podman takes the Pod, and schemas of Kubernetes do. Sourced by run.

thin=$(image redis.thin.oci)
stem=$(basename "$thin"/*.pod.yaml .pod.yaml)
number=$(wc -l <"$thin/$stem.nspawn")

# --- nix-snapshotter ---

annotations=$(jq -c '.layers[-1].annotations' "$(document "$thin" manifest)")
equal 'snapshotter: the layer says that it is one of store paths' true "$(jq -r '."containerd.io/snapshot/nix-layer"' <<<"$annotations")"
equal 'snapshotter: and names each' "$(sed 's/^--bind-ro=//' "$thin/$stem.nspawn")" \
    "$(for ((at = 0; at < number; at++)); do jq -r --arg at "$at" '."containerd.io/snapshot/nix-store-path.\($at)"' <<<"$annotations"; done | sort)"
equal 'snapshotter: and nothing else' "$((number + 1))" "$(jq length <<<"$annotations")"
blob=$(jq -r '.layers[-1].digest' "$(document "$thin" manifest)")
equal 'snapshotter: the layer has a place for each' "$(sed 's/^--bind-ro=\///' "$thin/$stem.nspawn")" \
    "$(tar -tzf "$thin/blobs/sha256/${blob#sha256:}" | sed 's|/$||' | grep -x "${NIX_STORE_DIR:-nix/store}/[^/]*" | sort)"
equal 'snapshotter: an image with its store paths inside says nothing' null "$(jq -c '.layers[-1].annotations' "$(document "$(image redis.oci)" manifest)")"

# --- the Pod ---

python=/usr/bin/python3
if "$python" -c 'import yaml' 2>/dev/null; then
    pods=$("$python" -c 'import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))' "$thin/$stem.pod.yaml")
    equal 'pod: there is one' 'v1 Pod' "$(jq -r 'map(.apiVersion + " " + .kind) | join(" ")' <<<"$pods")"
    equal 'pod: names are labels of DNS' 0 "$(jq '[.. | objects | .name? // empty | select(test("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$") | not)] | length' <<<"$pods")"
    equal 'pod: no volume has the name of another' true "$(jq '.[0].spec.volumes | map(.name) | unique == sort' <<<"$pods")"
    equal 'pod: each is mounted' true "$(jq '.[0].spec | (.volumes | map(.name) | sort) == (.containers[0].volumeMounts | map(.name) | sort)' <<<"$pods")"
    equal 'pod: store paths are read-only' "$number" \
        "$(jq '[.[0].spec.containers[0].volumeMounts[] | select(.readOnly and (.mountPath | startswith("/nix/store/")))] | length' <<<"$pods")"
    equal 'pod: and of the node' "$(sed 's/^--bind-ro=//' "$thin/$stem.nspawn")" \
        "$(jq -r '.[0].spec.volumes[].hostPath // empty | select(.type == "Directory" or .type == "File").path' <<<"$pods" | sort)"
else
    skip 'the Pod is read as YAML' "$python has no module yaml"
fi

# What the API of Kubernetes takes: its own schemas, which kubernetes-validate on PyPI has, with no member that they do not know.
venv=${XDG_CACHE_HOME:-$real_home/.cache}/nix2aci/kubernetes-venv
why=''
if ! "$venv/bin/python" -c 'import kubernetes_validate' 2>/dev/null; then
    { python3 -m venv "$venv" && "$venv/bin/pip" install --quiet kubernetes-validate==1.37.0; } >"$work/pip" 2>&1 ||
        why="pip cannot bring the schemas: $(tail -n 1 "$work/pip")"
fi
if [ -z "$why" ]; then
    expression 'mkOCI { packages = [ pkgs.busybox ]; thin = true; acName = "odd"; acVersion = "1"; exec = [ "/bin/sleep" "1" ]; terminal = true;
        mounts.data = "/a b/100%"; mountsRo.conf = "/etc/odd"; ports.all = { protocol = "udp"; port = 5000; count = 10; }; ports.one = { protocol = "tcp"; port = 80; };
        healthcheck = { test = [ "/bin/true" ]; interval = "10s"; timeout = "500ms"; startPeriod = "1s"; retries = 2; }; }' --out-link "$work/odd" \
        >"$work/out" 2>"$work/log" || fail 'pod: an image with all that one says is built' "$(cat "$work/log")"
    sed 's/mountPath/mountPaths/' "$thin/$stem.pod.yaml" >"$work/wrong.yaml"
    for version in 1.27 1.31 1.37; do
        strictly() { "$venv/bin/kubernetes-validate" --strict --no-warn --kubernetes-version "$version" "$@"; }
        check "pod: the schema of Kubernetes $version takes it" strictly "$thin/$stem.pod.yaml" "$work/odd/odd-1.pod.yaml"
        if strictly "$work/wrong.yaml" >"$work/out" 2>&1; then fail "pod: that of $version refuses another one"; else pass "pod: that of $version refuses another one"; fi
    done
else
    skip 'pod: the schemas of Kubernetes take it' "$why"
fi

# A Pod says nothing of limits, of which podman's own may be more than the host gives.
printf '%s\n' '[containers]' 'default_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]' >"$work/containers.conf"
export CONTAINERS_CONF=$work/containers.conf
# Ports want a network, which not every host lets a test have: they are left out here.
sed '/^      ports:$/,/^      [^ ]/{/^      ports:$/d; /^        /d}' "$thin/$stem.pod.yaml" >"$work/pod.yaml"
if has 'pod: podman takes it' catatonit && podman_works "$(image busybox.oci)"; then
    if said=$(pod pull --quiet "oci:$thin" 2>&1) && said=$(pod tag "$(tail -n 1 <<<"$said")" "$(sed -n 's/.*image: "\(.*\)"/\1/p' "$thin/$stem.pod.yaml")" 2>&1) &&
        said=$(pod kube play --network=none "$work/pod.yaml" 2>&1); then
        pass 'pod: podman takes it'
        answer=''
        client=$(grep -o '/nix/store/[^ ]*-redis-.*' "$thin/$stem.nspawn")/bin/redis-cli
        for ((try = 0; try < 50; try++)); do
            answer=$(pod exec redis-redis "$client" ping 2>&1 || :)
            case $answer in *PONG*) break ;; esac
            sleep 0.2
        done
        contains 'pod: the program answers' "$answer" PONG
        pod kube play --down "$work/pod.yaml" >/dev/null 2>&1 || :
    else
        fail 'pod: podman takes it' "$said"
    fi
elif [ -n "${why-}" ]; then
    skip 'pod: podman takes it' "$why"
fi
unset CONTAINERS_CONF
