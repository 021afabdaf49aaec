# shellcheck shell=bash
# shellcheck disable=SC2154 # work, root and passed are common.sh's
# Runtimes with a state of their own, and what they are asked. Sourced after common.sh.

# Here and there a host has cgroups that only runc takes.
runtime=$(PATH=$PATH:/usr/sbin:/sbin command -v runc || :)
# What limits of the host the default of podman may exceed.
flags=(--rm --network=none --ulimit nofile=1024:1024 --ulimit nproc=1000:1000)

pod() {
    env TMPDIR="$work/podman/tmp" podman --root "$work/podman/root" --runroot "$work/podman/run" "${driver[@]}" \
        ${runtime:+--runtime "$runtime"} --cgroup-manager=cgroupfs --events-backend=none "$@"
}
driver=()

# podman_works LAYOUT: whether podman can run a shell here; `why` says why it cannot.
podman_works() {
    why='podman is not on PATH'
    command -v podman >/dev/null || return 1
    mkdir -p "$work/podman/tmp"
    pod info >"$work/podman/info" 2>&1 || driver=(--storage-driver=vfs)
    why=''
    pod run "${flags[@]}" "oci:$1" true >"$work/podman/info" 2>&1 ||
        why="podman cannot run a container here: $(tail -n 1 "$work/podman/info")"
    [ -z "$why" ]
}

# Nothing is mounted or left running where files are about to be removed.
end_podman() {
    [ -d "$work/podman" ] || return 0
    pod rm --all --force --time 0 --volumes >/dev/null 2>&1 || :
    awk -v below="$work/podman/" 'index($2, below) == 1 { print $2 }' /proc/mounts | sort -r |
        while IFS= read -r point; do umount "$point" 2>/dev/null || :; done
}

# docker_works: whether a daemon of Docker, with its containerd, runs here; `why_docker` says why it does not. It is the
# host's, or that of the embedded set; its state is the test's own, and it leaves the host's network alone.
docker_works() {
    local program try
    why_docker=''
    for program in dockerd docker containerd ctr; do
        command -v "$program" >/dev/null || why_docker="$program is not on PATH"
    done
    if [ -n "$why_docker" ] && [ -z "${NIX2ACI_PKGS-}" ]; then
        if "$root/nix/debian/fetch" --for nix-instantiate "${arguments[@]}" --expr "$scope [ pkgs.docker pkgs.containerd ]" \
            >"$work/log" 2>&1 && expression '[ pkgs.docker pkgs.containerd ]' --out-link "$work/docker-tools" >"$work/log" 2>&1; then
            PATH=$PATH:$work/docker-tools/bin:$work/docker-tools-2/bin
            why_docker=''
        else
            why_docker="$why_docker, and the embedded set does not bring it: $(tail -n 1 "$work/log")"
        fi
    fi
    [ -z "$why_docker" ] || return 1
    mkdir "$work/docker"
    dockerd --iptables=false --ip6tables=false --bridge=none --storage-driver=vfs --data-root="$work/docker/root" \
        --exec-root="$work/docker/run" --pidfile="$work/docker/pid" --host="unix://$work/docker/socket" \
        >"$work/docker/log" 2>&1 </dev/null &
    daemon=$!
    for ((try = 0; try < 100; try++)); do
        if dock version >/dev/null 2>&1; then return 0; fi
        kill -0 "$daemon" 2>/dev/null || break
        sleep 0.2
    done
    why_docker="dockerd does not start here: $(grep -v level=info "$work/docker/log" | tail -n 1)"
    return 1
}
daemon=''
dock() { docker --host "unix://$work/docker/socket" "$@"; }
# What dockerd has started. Its own snapshots need kernels and file systems that not every host has.
containerd_of_docker() {
    local command=("$1")
    shift
    [ "${command[0]}" = run ] || { command+=("$1") && shift; }
    ctr --address "$work/docker/run/containerd/containerd.sock" "${command[@]}" --snapshotter native "$@"
}

# The daemon ends what it has started.
end_docker() {
    [ -n "$daemon" ] || return 0
    kill "$daemon" 2>/dev/null || :
    wait "$daemon" 2>/dev/null || :
    awk -v below="$work/docker/" 'index($2, below) == 1 { print $2 }' /proc/mounts | sort -r |
        while IFS= read -r point; do umount "$point" 2>/dev/null || :; done
}
trap 'end_docker; end_podman; cleanup' EXIT

# serve LAYOUT ARGUMENT…: starts the image in the background; arguments before -- are podman's, others the program's.
serve() {
    local layout=$1 options=()
    shift
    while [ $# -gt 0 ] && [ "$1" != -- ]; do options+=("$1") && shift; done
    [ $# -eq 0 ] || shift
    container=$(pod run --detach "${flags[@]:1}" "${options[@]}" "oci:$layout" "$@") || return 1
    process=$(pod inspect --format '{{.State.Pid}}' "$container")
}
end() { pod rm --force --time 0 --volumes "$container" >/dev/null; }

# ask PORT TEXT: sends the text to a port of the network that the container has for itself, and prints the answer.
ask() {
    # shellcheck disable=SC2016 # the inner shell expands it
    nsenter --target "$process" --net timeout 2 bash -c '
        exec 3<>"/dev/tcp/127.0.0.1/$1" && printf "%b" "$2" >&3 && cat <&3' bash "$1" "$2" 2>&1 || :
}

# eventually TEXT COMMAND…: whether the command says the text within ten seconds.
eventually() {
    local text=$1 try said=''
    shift
    for ((try = 0; try < 50; try++)); do
        said=$("$@" 2>&1) || :
        case $said in *"$text"*) return 0 ;; esac
        sleep 0.2
    done
    printf 'not said in ten seconds: %s\nbut: %s\n' "$text" "$said"
    pod logs "$container" 2>&1 | tail -n 20
    return 1
}

# What each server is asked, in the container that serve started.
probe_nginx() { eventually '200 OK' ask 80 'GET / HTTP/1.0\r\n\r\n'; }
probe_redis() {
    eventually +PONG ask 6379 'PING\r\nQUIT\r\n' &&
        eventually kept ask 6379 'SET word kept\r\nGET word\r\nQUIT\r\n' &&
        eventually PONG pod exec "$container" /bin/redis-cli PING
}
probe_dnsmasq() {
    eventually 192.0.2.7 nsenter --target "$process" --net busybox nslookup name.example 127.0.0.1
}

# served LAYOUT PROBE [OPTION…]: whether the image's server answers.
served() {
    local layout=$1 probe=$2 status=0
    shift 2
    local words=()
    [ "$probe" != probe_dnsmasq ] || words=(--address=/name.example/192.0.2.7 --no-resolv)
    serve "$layout" "$@" -- "${words[@]}" || return 1
    "$probe" || status=$?
    end
    return "$status"
}
