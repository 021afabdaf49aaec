# shellcheck shell=bash
# shellcheck disable=SC2154 # rootfs, last and the like are container.sh's
# What each program is asked, to see that it does its work: one function for each image, named after it. Each runs in
# the namespaces of container.sh and fails with the reason on its output.

require() {
    if ! answers "$@"; then
        shift
        printf 'unexpected answer to: %s\n%s\n' "$*" "$last"
        return 1
    fi
}

probe_bash() {
    # shellcheck disable=SC2016 # the image's shell expands it
    require 'bash 5: 42' program -c 'echo "bash ${BASH_VERSINFO[0]}: $((6 * 7))"'
    require sbin program -c 'ls -1 / | sort'
    require 'uid=0(root) gid=0(root)' program -c id
}

probe_busybox() {
    # shellcheck disable=SC2016 # the image's shell expands it
    require 'answer 42' program -c 'echo answer $((6 * 7))'
    require 'root:x:0:0' program -c 'grep ^root /etc/passwd'
    require 'uid=0(root)' program -c id
    require 'BusyBox v1' inside /bin/busybox
}

probe_gnupg() {
    require 'gpg (GnuPG) 2' program --version
    local batch=(--batch --quiet --pinentry-mode loopback --passphrase '')
    program "${batch[@]}" --quick-generate-key 'Test <test@example.org>' ed25519 sign never
    require 'test@example.org' program --list-secret-keys
    program "${batch[@]}" --armor --output /tmp/signature --detach-sign /etc/passwd
    require 'Good signature' program --verify /tmp/signature /etc/passwd
    if program --verify /tmp/signature /etc/group 2>/dev/null; then
        echo 'the signature of another file is taken for good'
        return 1
    fi
}

probe_nginx() {
    serve
    local request='GET / HTTP/1.0\r\n\r\n'
    eventually answers '200 OK' ask 80 "$request"
    require "$(head -n 5 "$rootfs/srv/www/index.html")" ask 80 "$request"
    require '404 Not Found' ask 80 'GET /none HTTP/1.0\r\n\r\n'
    # The workers are not root.
    require 65534 owners 'nginx: worker'
}

# The users of the processes whose title has the text.
owners() {
    local process
    for process in /proc/[0-9]*; do
        if tr '\0' ' ' <"$process/cmdline" 2>/dev/null | grep -qF "$1"; then
            stat -c %u "$process"
        fi
    done
}

probe_redis() {
    serve
    eventually answers +PONG ask 6379 'PING\r\nQUIT\r\n'
    require 'kept' ask 6379 'SET word kept\r\nGET word\r\nQUIT\r\n'
    require kept inside /bin/redis-cli GET word
    # It runs as the user of the image and keeps its data in the volume.
    require 71 stat -c %u "$rootfs/var/lib/redis/appendonlydir"
}

probe_dnsmasq() {
    serve --address=/name.example/192.0.2.7 --no-resolv
    eventually answers 192.0.2.7 busybox nslookup name.example 127.0.0.1
    # From the image's own file of hosts.
    require 127.0.0.1 busybox nslookup -type=a localhost 127.0.0.1
    require 65534 owners /bin/dnsmasq
}
