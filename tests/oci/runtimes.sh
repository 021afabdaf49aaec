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
    pod run "${flags[@]}" "oci:$1" -c true >"$work/podman/info" 2>&1 ||
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
trap 'end_podman; cleanup' EXIT

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
