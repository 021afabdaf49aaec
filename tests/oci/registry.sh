# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # who sources this reads why_registry; work is common.sh's
# A registry on loopback, with a state of its own. Sourced after common.sh.

# registry: starts one on a free port of loopback, with auth and tls as those parts of its configuration; why_registry
# says why it could not.
registry='' auth='' tls=''
registry() {
    local try
    why_registry='docker-registry is not on PATH'
    command -v docker-registry >/dev/null || return 1
    for ((try = 0; try < 5; try++)); do
        port=$((20000 + RANDOM % 20000))
        printf '%s\n' 'version: 0.1' 'log: { accesslog: { disabled: false } }' "storage: { filesystem: { rootdirectory: $work/registry } }" \
            "http: { addr: \"127.0.0.1:$port\"${tls:+, $tls} }" ${auth:+"$auth"} >"$work/registry.yml"
        docker-registry serve "$work/registry.yml" >"$work/registry.log" 2>&1 &
        registry=$!
        for ((wait = 0; wait < 50; wait++)); do
            if (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then return 0; fi
            kill -0 "$registry" 2>/dev/null || break
            sleep 0.1
        done
    done
    why_registry="docker-registry does not start: $(tail -n 1 "$work/registry.log")"
    return 1
}
requests() { grep -c '"[A-Z]* /v2/' "$work/registry.log" || :; }
sent() { grep -c '"\(PUT\|PATCH\) /v2/[^ ]*/blobs/' "$work/registry.log" || :; }
# stored: how many bytes of blobs it has.
stored() { find "$work/registry" -path '*/blobs/*' -name data -printf '%s\n' | awk '{ all += $1 } END { print all + 0 }'; }
end_registry() {
    [ -z "$registry" ] || kill "$registry" 2>/dev/null || :
    registry=''
}
