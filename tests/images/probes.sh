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
    # With nothing to read it ends, and well; on a terminal it stays and does what is typed.
    program </dev/null
    converse
    # shellcheck disable=SC2016 # the image's shell expands it
    keys 'echo $((6 * 7)) typed'
    eventually said '42 typed'
    stays
    keys exit
    wait "$server"
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
    # The agent asks for a passphrase on the terminal, twice.
    environment+=(TERM=xterm)
    converse --quick-generate-key 'Asked <asked@example.org>' ed25519 sign never
    eventually said 'Please enter the passphrase'
    keys 'correct horse 17 battery staple'
    eventually said 'Please re-enter'
    keys 'correct horse 17 battery staple'
    wait "$server" || { cat "$log"; return 1; }
    require 'asked@example.org' program --list-secret-keys
}

probe_nginx() {
    serve
    local request='GET / HTTP/1.0\r\n\r\n'
    eventually answers '200 OK' ask 80 "$request"
    require "$(head -n 5 "$rootfs/srv/www/index.html")" ask 80 "$request"
    require '404 Not Found' ask 80 'GET /none HTTP/1.0\r\n\r\n'
    eventually said '"GET /none HTTP/1.0" 404'
    # The workers are not root.
    require 65534 owners 'nginx: worker'
}

# The users of the processes whose title has the text.
owners() {
    local process
    for process in "$rootfs"/proc/[0-9]*; do
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
    local client second
    # A second machine: a network of its own, with a cable to this one.
    unshare --net sleep 120 &
    client=$!
    busybox ip link add cable type veth
    busybox ifconfig cable 192.0.2.1 netmask 255.255.255.0 up
    until [ "$(readlink "$rootfs/proc/$client/ns/net")" != "$(readlink "$rootfs/proc/self/ns/net")" ]; do sleep 0.1; done
    busybox ip link set veth0 netns "$client"
    second=(nsenter "--net=$rootfs/proc/$client/ns/net" busybox)
    "${second[@]}" ifconfig veth0 0.0.0.0 up
    local words=(--address=/name.example/192.0.2.7 --no-resolv '--dhcp-range=192.0.2.8,192.0.2.8')
    serve "${words[@]}"
    eventually answers 192.0.2.7 busybox nslookup name.example 127.0.0.1
    # From the image's own file of hosts.
    require 127.0.0.1 busybox nslookup -type=a localhost 127.0.0.1
    require 65534 owners /bin/dnsmasq
    # What udhcpc calls with what it is told.
    # shellcheck disable=SC2016 # udhcpc's script expands it
    printf '%s\n' '#!/bin/sh' 'echo "$1: $ip from $serverid"' >"$image/told"
    chmod 755 "$image/told"
    require 'bound: 192.0.2.8 from 192.0.2.1' "${second[@]}" udhcpc --foreground --quit --now \
        --interface veth0 --script "$image/told"
    require 192.0.2.8 cat "$rootfs/var/lib/dnsmasq/leases"
    # It starts with the leases of an earlier one as well.
    kill "$(cat "$rootfs/run/dnsmasq.pid")"
    wait "$server"
    serve "${words[@]}"
    eventually answers 192.0.2.7 busybox nslookup name.example 127.0.0.1
}

probe_busybox_pfwd() {
    local status=0
    program >"$log" 2>&1 || status=$?
    if [ "$status" -ne 64 ] || ! said 'TARGET_HOST is not set'; then
        echo "without a target it ends with $status: $(cat "$log")"
        return 1
    fi
    environment+=(TARGET_HOST=127.0.0.1 TARGET_PORT=8081)
    inside /bin/busybox nc -ll -p 8081 -e /bin/busybox echo 'from behind' &
    serve
    eventually answers 'from behind' ask 8080 ''
    require 65534 owners 'nc -ll -p 8080'
}

probe_docker() {
    require 'Docker version' program --version
    require 'Docker version' inside /bin/docker --version
    require 'containerd' inside /bin/containerd --version
    require 'runc version' inside /bin/runc --version
    require 'iptables v1' inside /bin/iptables --version
    # What it runs is in control groups of the host, which are gone with the test.
    local cgroup=${image//\//-}
    cgroup=nix2aci-test${cgroup##*nix2aci-test}
    # shellcheck disable=SC2064 # the name is known now
    trap "find /sys/fs/cgroup -depth -type d -path '*/$cgroup*' -exec rmdir {} +" EXIT
    mount -t sysfs sysfs "$rootfs/sys"
    mount --rbind /sys/fs/cgroup "$rootfs/sys/fs/cgroup"
    # The daemon asks more of its host than other programs do.
    serve --cgroup-parent="/$cgroup"
    eventually said 'Starting up'
    mountpoint --quiet /sys/fs/cgroup || leave 'docker starts; nothing is at /sys/fs/cgroup for what it would run'
    eventually said 'API listen on'
    require 'Server:' inside /bin/docker version
    require 'Storage Driver:' inside /bin/docker info
    mkdir -p "$image/box/bin"
    cp "$(command -v busybox)" "$image/box/bin/busybox"
    tar -C "$image/box" -c bin | require sha256: inside /bin/docker import - box
    require within inside /bin/docker run --rm box /bin/busybox echo within
    # Over the bridge and the addresses that iptables lets through.
    require ', 0% packet loss' inside /bin/docker run --rm box /bin/busybox ping -c 1 172.17.0.1
}

probe_dovecot() {
    echo 'test:{PLAIN}secret' >"$rootfs/etc/dovecot/users/passwd"
    serve
    eventually answers 'OK [CAPABILITY' ask 143 'a LOGOUT\r\n'
    require 'a OK' ask 143 'a LOGIN test secret\r\nb LOGOUT\r\n'
    require 'a NO [AUTHENTICATIONFAILED]' ask 143 'a LOGIN test wrong\r\nb LOGOUT\r\n'
    local mail='LHLO test\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<test>\r\nDATA\r\nSubject: found\r\n\r\ntext\r\n.\r\nQUIT\r\n'
    require '250 2.0.0' ask 24 "$mail"
    require 'Subject: found' ask 143 \
        'a LOGIN test secret\r\nb SELECT INBOX\r\nc FETCH 1 BODY[HEADER]\r\nd LOGOUT\r\n'
}

probe_etcd() {
    serve
    eventually answers '"etcdserver"' ask 2379 'GET /version HTTP/1.0\r\n\r\n'
    environment+=(ETCDCTL_API=3)
    require OK inside /bin/etcdctl put word kept
    require kept inside /bin/etcdctl get word
}

probe_generic() {
    # Exactly the capabilities of the manifest.
    require 00000000000030eb program -c 'grep CapBnd /proc/self/status'
    require 'bash 42' program -c 'echo "{\"a\": 42}" | jq .a | sed "s/^/bash /"'
    require 'https' program -c 'curl --version'
    require '1: lo:' program -c 'ip address'
    require ', 0% packet loss' program -c 'ping -c 1 127.0.0.1'
    require 'Mem:' program -c free
    # shellcheck disable=SC2016 # the image's shell expands it
    require 'packed' program -c 'cd /tmp; echo packed >a; tar -cJf b.tar.xz a; rm a; tar -xf b.tar.xz; cat a; file b.tar.xz | grep -q XZ'
    # shellcheck disable=SC2016 # the image's shell expands it
    require 'BEGIN CERTIFICATE' program -c 'cat "$SSL_CERT_FILE"'
}

probe_getmail() {
    require "$(manifest '.labels[] | select(.name == "version") | .value')" program --version
    local config=$rootfs/var/lib/getmail/getmailrc mail=$rootfs/var/mail settings='[retriever]
type = SimplePOP3Retriever
server = 127.0.0.1
port = 1110
username = a
password = b
[options]
read_all = false
[destination]'
    # What a user brings in the volumes, which belong to the one that the program runs as.
    mkdir -p "$mail"/box/{new,cur,tmp}
    : >"$mail/inbox"
    chown -R 73:73 "$mail"/*
    printf '%s\n' "$settings" 'type = Maildir' 'path = /var/mail/box/' >"$config"
    # It reads its configuration and looks for the server, which is not there.
    require 'Connection refused' program
    printf '%s\n' 'Subject: found' '' 'the text' >"$image/message"
    "$here/pop3" 1110 "$image/message" >"$log" 2>&1 &
    server=$!
    eventually answers +OK ask 1110 'QUIT\r\n'
    require '1 messages (' program
    require 'the text' cat "$mail"/box/new/*
    require 73 stat -c %u "$mail"/box/new/*
    # It notes in the volume what it has, and fetches nothing twice.
    require '0 messages (' program
    printf '%s\n' "$settings" 'type = Mboxrd' 'path = /var/mail/inbox' >"$config"
    rm "$rootfs"/var/lib/getmail/oldmail-*
    require '1 messages (' program
    require 'Subject: found' cat "$mail/inbox"
    # It may have gone with the last client.
    kill "$server" 2>/dev/null || :
}

probe_iperf() {
    serve
    eventually answers 'sender' inside /bin/iperf3 --client 127.0.0.1 --bytes 1M
    require 65534 owners /bin/iperf3
}

probe_postgresql() {
    serve
    eventually answers 42 inside /bin/psql --host=/run/postgresql --username=postgres --tuples-only --command='select 6 * 7'
    require 70 owners postgres
}

probe_qemu() {
    inside /bin/qemu-img create -q -f qcow2 /var/lib/machine/disk.qcow2 1M
    serve
    # The firmware finds the disk and nothing on it to start.
    eventually said 'Booting from Hard Disk'
    stays
}

probe_tcpdump() {
    serve
    eventually said 'listening on any'
    # A port that nothing listens on: the attempt is what passes.
    ask 9 '' || :
    eventually said '127.0.0.1.9:'
    require 65534 owners /bin/tcpdump
}

# Not of one program: what all of them find without being told.
probe_places() {
    local path bundle=$rootfs/etc/ssl/certs/ca-bundle.crt
    environment+=(PATH=/bin)
    [ -L "$rootfs/etc/ssl/certs/ca-certificates.crt" ] || { echo 'the bundle of certificates is there twice'; return 1; }
    for path in /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/cert.pem /etc/ssl/cert.pem /usr/lib/ssl/cert.pem; do
        cmp "$bundle" <(inside /bin/cat "$path")
    done
    require "/usr/lib/ssl/cert.pem'" inside /bin/python3 -c 'import ssl; print(ssl.get_default_verify_paths())'
    require 'many authorities' inside /bin/python3 -c \
        'import ssl; print("many authorities" if ssl.create_default_context().cert_store_stats()["x509_ca"] > 100 else "few")'

    # A server that nobody trusts until the bundle has its certificate.
    inside /bin/openssl req -x509 -newkey ed25519 -nodes -subj /CN=localhost -addext subjectAltName=DNS:localhost \
        -keyout /tmp/key.pem -out /tmp/cert.pem 2>"$log" || { cat "$log"; return 1; }
    inside /bin/openssl s_server -quiet -accept 4433 -www -key /tmp/key.pem -cert /tmp/cert.pem >"$log" 2>&1 &
    server=$!
    eventually ask 4433 ''
    local page=https://localhost:4433/
    local visit=(inside /bin/python3 -c "import urllib.request; print(urllib.request.urlopen('$page').status)")
    require 'CERTIFICATE_VERIFY_FAILED' "${visit[@]}"
    require 'self-signed certificate' inside /bin/curl --silent --show-error "$page"
    require 'Verify return code: 18' inside /bin/openssl s_client -connect localhost:4433 </dev/null
    cat "$rootfs/tmp/cert.pem" >>"$bundle"
    require 200 "${visit[@]}"
    require 'Protocol  : TLSv1.3' inside /bin/curl --silent --show-error "$page"
    require 'Verify return code: 0 (ok)' inside /bin/openssl s_client -connect localhost:4433 </dev/null
    require '/tmp/cert.pem: OK' inside /bin/openssl verify /tmp/cert.pem
    kill "$server"

    environment+=(TZ=Europe/Berlin LC_ALL=C.UTF-8)
    require '01:00 CET' inside /bin/date -d @0 '+%H:%M %Z'
    require 'Thu Jan  1 01:00:00 1970' inside /bin/perl -e 'print scalar localtime 0'
    require '1970-01-01 01:00:00+01:00' inside /bin/python3 -c \
        'import datetime, zoneinfo; print(datetime.datetime.fromtimestamp(0, zoneinfo.ZoneInfo("Europe/Berlin")))'

    # A shell that does not find its locale says so, and counts bytes.
    # shellcheck disable=SC2016 # the image's shell expands it
    require 'exactly 3 ÄÖÜ' inside /bin/bash -c 'text=äöü; echo "exactly ${#text} ${text^^}"'
    require 'exactly C.UTF-8' inside /bin/perl -MPOSIX -e 'print "exactly ", setlocale(LC_ALL, "")'
    require 'exactly C.UTF-8 0' inside /bin/python3 -c \
        'import locale, sys; print("exactly", locale.setlocale(locale.LC_ALL, ""), sys.flags.utf8_mode)'
    if answers warning inside /bin/perl -e 1; then echo "$last"; return 1; fi
}

# All other locales, beside the C library's own.
probe_locales() {
    environment+=(LC_ALL=de_DE.UTF-8)
    require 'exactly 1,5' inside /bin/bash -c 'printf "exactly %.1f" 1,5'
    environment+=(LC_ALL=C.UTF-8)
    # shellcheck disable=SC2016 # the image's shell expands it
    require 'exactly 3' inside /bin/bash -c 'text=äöü; echo "exactly ${#text}"'
}

# An image that no probe is written for: it ends well, or is still there after a second.
probe_any() {
    serve
    sleep 1
    if kill -0 "$server" 2>/dev/null; then return 0; fi
    wait "$server" || { echo "the program ended with $?; it said:"; tail -n 20 "$log"; return 1; }
}
