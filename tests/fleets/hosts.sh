# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # who sources this reads why_host; work, builder and stop are common.sh's
# Hosts of a fleet, on loopback: each is an sshd with keys of its own, whose commands run in a mount namespace with a
# store, an /etc, a /var/lib and a home of their own. Sourced after common.sh.

hosts=$work/hosts
mkdir -p "$hosts"
declare -A servers
made_run_sshd=no

# The program says by its full path who it is.
find_sshd() { PATH=$PATH:/usr/sbin:/sbin command -v sshd; }

# host NAME: starts one, which ssh -F "$hosts/config" knows by its name; why_host says why it could not.
host() {
    local name=$1 here=$hosts/$1 server port try wait
    why_host='sshd is not on PATH'
    server=$(find_sshd) || return 1
    [ -e "$hosts/key" ] || ssh-keygen -q -t ed25519 -N '' -C test -f "$hosts/key"
    if [ ! -d /run/sshd ]; then mkdir /run/sshd && made_run_sshd=yes; fi
    mkdir -p "$here/nix/var/nix" "$here/nix/store" "$here/lib" "$here/bin" "$here/home"
    cp -r /etc "$here/etc"
    mkdir -p "$here/etc/systemd/system" "$here/etc/containers/systemd"
    : >"$here/nix.conf"
    ssh-keygen -q -t ed25519 -N '' -C "$name" -f "$here/key"
    cat >"$here/enter" <<END_OF_ENTER
#!/bin/sh
# Runs a command of ssh as on another machine.
export NIX_CONFIG="\$(cat '$here/nix.conf')" PATH='$here/bin':$PATH HOME='$here/home' SSH_ORIGINAL_COMMAND
unset NIX_REMOTE XDG_CONFIG_HOME XDG_STATE_HOME XDG_CACHE_HOME
cd
exec unshare --mount -- /bin/sh -c '
    mount --bind "\$1/nix" /nix && mount --bind "\$1/lib" /var/lib && mount --bind "\$1/etc" /etc &&
        exec /bin/sh -c "\${SSH_ORIGINAL_COMMAND:-exec /bin/sh}"' sh '$here'
END_OF_ENTER
    chmod +x "$here/enter"
    for ((try = 0; try < 5; try++)); do
        port=$((20000 + RANDOM % 20000))
        printf '%s\n' "ListenAddress 127.0.0.1:$port" "HostKey $here/key" "AuthorizedKeysFile $hosts/key.pub" 'PermitRootLogin yes' \
            'StrictModes no' 'UsePAM no' 'PasswordAuthentication no' 'PidFile none' 'MaxStartups 100' "ForceCommand $here/enter" >"$here/sshd_config"
        "$server" -D -e -f "$here/sshd_config" 2>"$here/sshd.log" &
        servers[$name]=$!
        for ((wait = 0; wait < 50; wait++)); do
            if (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break 2; fi
            kill -0 "${servers[$name]}" 2>/dev/null || break
            sleep 0.1
        done
        unset "servers[$name]"
    done
    why_host="sshd does not start: $(tail -n 1 "$here/sshd.log")"
    [ -n "${servers[$name]-}" ] || return 1
    printf '%s ' "[127.0.0.1]:$port" >>"$hosts/known"
    cut -d ' ' -f 1,2 "$here/key.pub" >>"$hosts/known"
    printf '%s\n' "Host $name" '    HostName 127.0.0.1' "    Port $port" '    User root' "    IdentityFile $hosts/key" \
        '    IdentitiesOnly yes' '    BatchMode yes' "    UserKnownHostsFile $hosts/known" >>"$hosts/config"
    export NIX_SSHOPTS="-F $hosts/config"
    why_host='the machine does not let ssh in'
    on "$name" true >/dev/null 2>"$here/ssh.log" || { why_host="$why_host: $(tail -n 1 "$here/ssh.log")" && return 1; }
}

# on HOST COMMAND…: the command as ssh has it run there.
on() {
    local name=$1
    shift
    ssh -F "$hosts/config" "$name" "$@"
}

end_hosts() {
    local name
    for name in "${!servers[@]}"; do kill "${servers[$name]}" 2>/dev/null || :; done
    servers=()
    [ "$made_run_sshd" = no ] || rmdir /run/sshd 2>/dev/null || :
}
