# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # who sources this reads why_machine; work is common.sh's, hosts and on are hosts.sh's
# Machines: releases of Debian, each booted by its own systemd in a container of systemd-nspawn, with a network of its own
# in which nothing but its loopback is there. Sourced after common.sh, hosts.sh and releases.sh.

declare -A machines

# machine NAME SUITE PACKAGE…: boots one, which ssh -F "$hosts/config" knows by its name; why_machine says why it could not.
machine() {
    local name=$1 suite=$2 here=$hosts/$1 top
    shift 2
    why_machine=$(release "$suite" "$suite-booted" "$@") || return 1
    # Podman lays its own overlays over what is none.
    mkdir -p "$here"/{changes,overlay,top,containers,home}
    top=$here/top
    mount -t overlay -o "lowerdir=$releases/$suite-booted,upperdir=$here/changes,workdir=$here/overlay" "$name" "$top" 2>"$here/log" ||
        { why_machine="an overlay cannot be mounted: $(tail -n 1 "$here/log")" && return 1; }
    [ -e "$hosts/key" ] || ssh-keygen -q -t ed25519 -N '' -C test -f "$hosts/key"
    mkdir -p "$top/root/.ssh" "$top/etc/containers" "$top/etc/nix" "$top/var/lib/nixfs" "$top/nix"
    cp "$hosts/key.pub" "$top/root/.ssh/authorized_keys"
    echo "$name" >"$top/etc/hostname"
    rm -f "$top/etc/resolv.conf"
    # Nothing is fetched, or collected, behind the test's back.
    ln -sf /dev/null "$top/etc/systemd/system/timers.target"
    # The store is on a file system of its own, which is there only some time after the machine has begun to start.
    echo '/var/lib/nixfs /nix none bind 0 0' >>"$top/etc/fstab"
    printf '%s\n' 'sandbox = true' 'substitute = false' 'trusted-users = root visitor' >"$top/etc/nix/nix.conf"
    # What the machine that tests may lack: the controller of numbers of processes, and the right to raise limits, without
    # which older versions of crun start nothing.
    printf '%s\n' '[containers]' 'pids_limit = 0' 'default_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]' >"$top/etc/containers/containers.conf"
    [ ! -e "$top/usr/sbin/runc" ] || printf '%s\n' '[engine]' 'runtime = "runc"' >>"$top/etc/containers/containers.conf"
    cat >"$here/proxy" <<END_OF_PROXY
#!/bin/bash
exec nsenter --target "\$(pgrep --parent "\$(cat '$here/pid')")" --net -- bash -c 'exec 3<>/dev/tcp/127.0.0.1/22 && { cat <&3 & cat >&3; kill \$!; }'
END_OF_PROXY
    chmod +x "$here/proxy"
    printf '%s\n' "Host $name $name-visitor" "    ProxyCommand $here/proxy" "    IdentityFile $hosts/key" '    IdentitiesOnly yes' '    BatchMode yes' \
        '    StrictHostKeyChecking no' '    UserKnownHostsFile /dev/null' '    LogLevel ERROR' '    ServerAliveInterval 5' '    ConnectTimeout 5' \
        "Match originalhost $name-visitor" '    User visitor' "Match originalhost $name" '    User root' >>"$hosts/config"
    hold "$name" &
    machines[$name]=$!
    is_up "$name" && return
    why_machine="a container of systemd-nspawn does not boot here: $(grep . "$here/console" | tail -n 1)"
    return 1
}

# Keeps a machine running, also when it starts itself anew.
hold() {
    local name=$1 here=$hosts/$1 status=133 cgroups
    cgroups=$(findmnt --noheadings --types cgroup2 --output TARGET | head -n 1)
    [ -n "$cgroups" ] || { echo 'there are no cgroups of version 2' >"$here/console" && return; }
    mkdir -p "$cgroups/nix2aci-$$-$name"
    echo "$BASHPID" >"$cgroups/nix2aci-$$-$name/cgroup.procs"
    # 133 is what nspawn says of a machine that is to start again.
    while [ "$status" -eq 133 ]; do
        SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 systemd-nspawn --quiet --register=no --keep-unit --boot --machine="nix2aci-$$-$name" --private-network \
            --link-journal=no --resolv-conf=off --timezone=off --console=passive --system-call-filter='@keyring bpf' \
            --bind="$here/containers:/var/lib/containers" --bind="$here/home:/home" --directory="$here/top" </dev/null >"$here/console" 2>&1 &
        echo $! >"$here/pid"
        status=0
        wait $! || status=$?
    done
}

# is_up NAME: waits until a machine has started.
is_up() {
    local try
    for ((try = 0; try < 150; try++)); do
        case $(on "$1" systemctl is-system-running --wait 2>/dev/null) in running | degraded) return 0 ;; esac
        kill -0 "${machines[$1]}" 2>/dev/null || break
        sleep 0.2
    done
    return 1
}

# restarted NAME: has a machine start anew, and waits until it has.
restarted() {
    local before try
    before=$(on "$1" cat /proc/sys/kernel/random/boot_id /proc/1/stat)
    on "$1" systemctl reboot 2>/dev/null || :
    for ((try = 0; try < 150; try++)); do
        if is_up "$1" && [ "$(on "$1" cat /proc/sys/kernel/random/boot_id /proc/1/stat)" != "$before" ]; then return 0; fi
        sleep 0.2
    done
    return 1
}

end_machines() {
    local name cgroup
    for name in "${!machines[@]}"; do
        kill "$(cat "$hosts/$name/pid")" 2>/dev/null || :
        wait "${machines[$name]}" 2>/dev/null || :
        umount --recursive "$hosts/$name/top" 2>/dev/null || :
        cgroup=$(findmnt --noheadings --types cgroup2 --output TARGET | head -n 1)/nix2aci-$$-$name
        [ ! -d "$cgroup" ] || find "$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null || :
    done
    machines=()
}
