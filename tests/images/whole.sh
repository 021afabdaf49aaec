# shellcheck shell=bash
# shellcheck disable=SC2154 # work and scope are common.sh's
# Images that the set has not: with a whitelist, and of files alone. Sourced after image.sh.

# rendered DIRECTORY: leaves of an unpacked image what rkt does: directories, and what the whitelist names.
rendered() {
    jq -r '.pathWhitelist[]' "$1/manifest" | sort >"$work/listed"
    (cd "$1/rootfs" && find . ! -type d -printf '/%P\n' | sort) | comm -13 "$work/listed" - |
        while IFS= read -r path; do rm -- "$1/rootfs$path"; done
    [ -s "$work/listed" ]
}

# check_whitelist: whether a server that a whitelist names by a link still starts.
check_whitelist() {
    local result said
    if ! result=$(expression 'images.redis.override { pathWhitelist = [ "/bin/redis-server" "/bin/redis-cli" "/etc/redis.conf" ];
        packages = [ pkgs.redis pkgs.bash ]; }' --out-link "$work/result-whitelist" 2>"$work/log"); then
        fail 'whitelist: is built' "$(cat "$work/log")"
        return
    fi
    check 'whitelist: actool accepts it' verified "$result"/*.aci
    unpack "$result"/*.aci "$work/images/whitelist"
    check 'whitelist: is rendered' rendered "$work/images/whitelist"
    if compgen -G "$work/images/whitelist/rootfs/nix/store/*-bash-*/bin/bash" >/dev/null; then
        fail 'whitelist: leaves out what nothing that is named needs'
    else
        pass 'whitelist: leaves out what nothing that is named needs'
    fi
    if said=$(started "$work/images/whitelist" '' probe_redis 2>&1); then
        pass 'whitelist: the server answers'
    else
        fail 'whitelist: the server answers' "$said"
    fi
}

# check_own: a program of one's own, with no package at all.
check_own() {
    local result said
    # shellcheck disable=SC2016 # the $ are of Nix
    if ! result=$(expression 'mkACI { acName = "example.com/own"; acVersion = "1.0"; exec = [ "/bin/busybox" ];
        files."/bin/busybox".source = "${pkgs.pkgsStatic.busybox}/bin/busybox"; skeleton = false; }' \
        --out-link "$work/result-own" 2>"$work/log"); then
        fail 'own: is built' "$(cat "$work/log")"
        return
    fi
    check 'own: actool accepts it' verified "$result"/*.aci
    unpack "$result"/*.aci "$work/images/own"
    equal 'own: has the program and nothing of the store' 'bin/busybox etc/hosts' \
        "$(cd "$work/images/own/rootfs" && find . -type f -printf '%P\n' | sort | tr '\n' ' ' | sed 's/ $//')"
    said=$(chroot "$work/images/own/rootfs" /bin/busybox echo started 2>&1) || :
    equal 'own: runs' started "$said"
    # Not even a file of the store.
    check 'own: a text is an image' expression 'mkACI { acName = "text"; acVersion = "1"; files."/a".text = "a"; }' --no-out-link
    # Of another architecture it is not.
    # shellcheck disable=SC2016
    if said=$(expression '(mkACI { acName = "own"; acVersion = "1"; exec = "/bin/busybox"; arch = "aarch64";
        files."/bin/busybox".source = "${pkgs.pkgsStatic.busybox}/bin/busybox"; })' --no-out-link 2>&1); then
        fail 'own: is refused for another architecture' "$said"
    else
        contains 'own: is refused for another architecture' "$said" 'is a program for amd64, and the image is for linux/aarch64'
    fi
}
