/**
  Proof that the programs run from the store: every check is a derivation whose sandbox holds the
  closure of its program, a shell with busybox for the script around it, and nothing else.

  `nix-build nix/debian/check.nix` runs all, `-A NAME` one; `set -x` shows what ran in the log.
  Each check also looks over the program's whole tree: every ELF file finds its libraries, and no
  link is dangling.

  # Inputs

  `pkgs`
  : The package set; only what was fetched can be checked.
*/
{
  pkgs ? import ./. { },
}:
let
  inherit (pkgs) lib;

  check =
    name: script:
    let
      program = pkgs.${name};
    in
    pkgs.runCommand "check-${name}"
      {
        inherit program;
        meta.description = "${name} runs from its store path";
      }
      ''
        ${lib.optionalString (name != "glibc" && name != "busybox-static") ''
          loader=$(echo ${pkgs.glibc}/lib/*/ld-linux-*.so.*)
          find "$program" -type f ! -path '*/share/*' -size +3c | while IFS= read -r file; do
            IFS= read -r -N 4 magic <"$file" 2>/dev/null || continue
            [ "$magic" = $'\x7fELF' ] || continue
            libraries=$("$loader" --list "$file" 2>&1) || true
            case $libraries in
              *"not found"*) echo "$file: $libraries"; exit 1 ;;
            esac
          done
        ''}
        find "$program" -type l | while IFS= read -r link; do
          [ -e "$link" ] || case $(readlink "$link") in
            /dev/* | /proc/* | /run/* | /var/*) ;;
            *) echo "$link is dangling"; exit 1 ;;
          esac
        done
        # Waits for a server: until the command succeeds, half a minute at most.
        eventually() {
          local end=$((SECONDS + 30))
          until "$@" >/dev/null 2>&1; do
            if [ $SECONDS -ge $end ]; then
              echo "not within 30 seconds: $*"
              return 1
            fi
            sleep 0.1
          done
        }
        export HOME=$NIX_BUILD_TOP TMPDIR=$NIX_BUILD_TOP
        cd "$NIX_BUILD_TOP"
        PATH=$program/bin:$PATH
        # glibc's system() and the like start /bin/sh, which any image with a shell has.
        if [ ! -e /bin/sh ]; then
          mkdir -p /bin
          ln -s "$(command -v ash)" /bin/sh
        fi
        set -x
        ${script}
        set +x
        touch "$out"
      '';
in
lib.mapAttrs check {
  bash = ''
    bash -c 'echo "''${BASH_VERSINFO[0]}"'
    test "$(env -i "$program/bin/bash" -c 'echo $((6 * 7))')" = 42
  '';
  busybox = ''
    env -i "$program/bin/busybox" ls -d /
    env -i "$program/bin/sh" -c 'echo hello' | grep hello
  '';
  busybox-static = ''
    env -i "$program/bin/sh" -c 'echo hello' | "$program/bin/grep" hello
    if grep -rq "$NIX_STORE/[0-9a-z]" "$program"; then exit 1; fi
  '';
  cacert = ''
    certificates=$(grep -c 'BEGIN CERTIFICATE' "$program/etc/ssl/certs/ca-bundle.crt")
    test "$certificates" -gt 100
    cmp "$program/etc/ssl/certs/ca-bundle.crt" "$program/etc/ssl/certs/ca-certificates.crt"
    ${pkgs.openssl}/bin/openssl storeutl -noout -certs "$program/etc/ssl/certs/ca-bundle.crt" |
      grep "Total found: $certificates"
  '';
  containerd = ''
    containerd --version
    ctr --version
  '';
  coreutils = ''
    printf '2\n1\n' | "$program/bin/sort" | "$program/bin/head" -n 1 | grep 1
    "$program/bin/date" --version
  '';
  curl = ''
    echo content >file
    test "$(curl --silent --show-error "file://$PWD/file")" = content
    curl --version
  '';
  dnsmasq = ''
    dnsmasq --version
    dnsmasq --keep-in-foreground --port=5353 --user="$(id -un)" --pid-file= --no-resolv --no-hosts \
      --conf-file=/dev/null --listen-address=127.0.0.1 --address=/example.test/192.0.2.7 &
    answered() { ${pkgs.dnsutils}/bin/dig +short -p 5353 @127.0.0.1 example.test | grep -F 192.0.2.7; }
    eventually answered
    kill %1
  '';
  dnsutils = ''
    dig -v
    host -V
  '';
  docker = ''
    dockerd --version
    docker --version
    docker-init --version
  '';
  # Its modules are looked for where an image has them, see hooks/dovecot.sh.
  dovecot = ''
    mkdir -p /lib
    ln -s "$program/lib/dovecot" /lib/dovecot
    user=$(id -un)
    group=$(id -gn)
    cat >dovecot.conf <<CONF
    protocols = imap
    listen = 127.0.0.1
    base_dir = $PWD/run
    state_dir = $PWD/state
    log_path = $PWD/log
    ssl = no
    disable_plaintext_auth = no
    default_internal_user = $user
    default_internal_group = $group
    default_login_user = $user
    mail_location = maildir:~/mail
    passdb {
      driver = static
      args = password=secret
    }
    userdb {
      driver = static
      args = uid=$(id -u) gid=$(id -g) home=$PWD/home
    }
    first_valid_uid = 1
    service imap-login {
      chroot =
      inet_listener imap {
        port = 1143
      }
      inet_listener imaps {
        port = 0
      }
    }
    service anvil {
      chroot =
    }
    service stats {
      chroot =
    }
    CONF
    dovecot --version
    dovecot -n -c "$PWD/dovecot.conf"
    doveadm -c "$PWD/dovecot.conf" pw -s SHA512-CRYPT -p secret | grep '{SHA512-CRYPT}'
    dovecot -F -c "$PWD/dovecot.conf" &
    logged_in() {
      printf 'a LOGIN someone secret\r\nb SELECT INBOX\r\nc LOGOUT\r\n' |
        { cat; sleep 1; } | nc -w 3 127.0.0.1 1143 | grep 'b OK'
    }
    eventually logged_in || { cat log; exit 1; }
    dovecot -c "$PWD/dovecot.conf" stop
  '';
  dovecot_pigeonhole = ''
    echo 'require "fileinto"; if header :contains "subject" "x" { fileinto "X"; }' >test.sieve
    cat >dovecot.conf <<CONF
    default_internal_user = $(id -un)
    default_internal_group = $(id -gn)
    default_login_user = $(id -un)
    ssl = no
    CONF
    sievec -c "$PWD/dovecot.conf" test.sieve test.svbin
    test -s test.svbin
  '';
  etcd = ''
    etcd --version
    etcd --data-dir data >log 2>&1 &
    export ETCDCTL_API=3
    eventually etcdctl put key value || { cat log; exit 1; }
    test "$(etcdctl get --print-value-only key)" = value
    kill %1
  '';
  file = ''
    file -b "$program/bin/.file-wrapped" | grep '^ELF 64-bit'
  '';
  findutils = ''
    "$program/bin/find" / -maxdepth 1 | "$program/bin/xargs" echo
  '';
  gawk = ''
    test "$("$program/bin/awk" 'BEGIN { print 6 * 7 }')" = 42
  '';
  getmail6 = ''
    getmail --version
    getmail_maildir --help
    # A delivery that has ended before anybody waits for it.
    cat >slow.py <<'PYTHON'
    import os, socket, time
    from getmailcore.baseclasses import ForkingBase
    from getmailcore.logging import Logger


    class Slow(ForkingBase):
        log = Logger()

        def _prepare_child(self):
            time.sleep(0.5)
            super()._prepare_child()


    socket.setdefaulttimeout(2)
    assert Slow().forkchild(lambda out, err: os._exit(0)).exitcode == 0
    PYTHON
    PYTHONPATH=$program/lib/python3/dist-packages ${pkgs.python3}/bin/python3 slow.py
  '';
  git = ''
    export GIT_CONFIG_NOSYSTEM=1
    git --version
    git init -q origin
    git -C origin config user.name name
    git -C origin config user.email name@example.test
    git -C origin commit -q --allow-empty -m first
    git clone -q "file://$PWD/origin" clone
    git -C clone log --oneline | grep first
    git -C clone submodule status
    test "$(echo a | git -C clone hash-object --stdin)" = 78981922613b2afb6025042ff6bd878ac1994e85
  '';
  glibc = ''
    test "$(LOCPATH=$program/lib/locale LC_ALL=C.UTF-8 ${pkgs.bash}/bin/bash -c 'text=äöü; echo "''${#text}"')" = 3
  '';
  glibcLocales = ''
    LOCPATH=$program/lib/locale LC_ALL=de_DE.UTF-8 ${pkgs.bash}/bin/bash -c 'printf "%.1f" 1,5' | grep 1,5
  '';
  gnugrep = ''
    echo abc | "$program/bin/grep" -P '(?<=a)b'
  '';
  gnupg = ''
    export GNUPGHOME=$PWD/gnupg
    mkdir -m 700 "$GNUPGHOME"
    gpg --version
    gpgconf --list-dirs
    gpgconf --list-components
    gpg --batch --passphrase "" --quick-generate-key 'Someone <someone@example.test>'
    echo content >file
    gpg --batch --detach-sign file
    gpg --batch --verify file.sig file
    gpgsm --version
    dirmngr --version
    pinentry --version
    gpgconf --kill all
  '';
  gnused = ''
    echo a | "$program/bin/sed" s/a/b/ | grep b
  '';
  gnutar = ''
    echo content >file
    "$program/bin/tar" -cf - file | "$program/bin/tar" -tf - | grep file
  '';
  haproxy = ''
    haproxy -v
  '';
  hello = ''
    hello | grep world
  '';
  httping = ''
    httping -V
  '';
  iperf2 = ''
    iperf -s -p 5001 >/dev/null &
    eventually iperf -c 127.0.0.1 -p 5001 -n 1K
    kill %1
  '';
  iperf3 = ''
    iperf3 --version
    iperf3 -s -p 5201 >/dev/null &
    eventually iperf3 -c 127.0.0.1 -p 5201 -n 1K
    kill %1
  '';
  iproute2 = ''
    ip -V
    ip address show lo
    ss -ltn
  '';
  iptables = ''
    iptables --version | grep nf_tables
    iptables-legacy --version | grep legacy
    iptables-legacy -m comment --help | grep -- --comment
    ip6tables-save --version
  '';
  iputils = ''
    ping -V
  '';
  jq = ''
    test "$(echo '{"a": 1}' | jq .a)" = 1
  '';
  less = ''
    echo a | less | grep a
  '';
  memcached = ''
    memcached -l 127.0.0.1 -p 11211 &
    answered() { printf 'version\r\nquit\r\n' | nc 127.0.0.1 11211 | grep VERSION; }
    eventually answered
    kill %1
  '';
  msmtp = ''
    msmtp --version
  '';
  nano = ''
    nano --version
  '';
  nginx = ''
    nginx -V
    mkdir html
    echo 'from the store' >html/index.html
    cat >nginx.conf <<CONF
    daemon off;
    pid $PWD/pid;
    error_log stderr;
    events { }
    http {
      include $program/conf/mime.types;
      access_log off;
      client_body_temp_path $PWD/t1;
      proxy_temp_path $PWD/t2;
      fastcgi_temp_path $PWD/t3;
      uwsgi_temp_path $PWD/t4;
      scgi_temp_path $PWD/t5;
      server {
        listen 127.0.0.1:8080;
        root $PWD/html;
      }
    }
    CONF
    nginx -c "$PWD/nginx.conf" &
    served() { wget -q -O - http://127.0.0.1:8080/ | grep 'from the store'; }
    eventually served
    nginx -c "$PWD/nginx.conf" -s stop
    wait
  '';
  openssh = ''
    ssh -V
    ssh-keygen -q -t ed25519 -N "" -f key
    test -s key.pub
  '';
  openssl = ''
    openssl version
    openssl genpkey -algorithm ED25519 -out key.pem
    openssl pkey -in key.pem -noout
  '';
  perl = ''
    perl -e 'use strict; use POSIX; use Digest::SHA qw(sha1_hex); use Encode; use IO::Socket; print sha1_hex(""), "\n"' |
      grep da39a3ee5e6b4b0d3255bfef95601890afd80709
    env -i "$program/bin/perl" -MList::Util=sum -e 'exit(sum(1, 2) != 3)'
  '';
  postgresql = ''
    initdb --pgdata=data --auth=trust --no-locale --encoding=UTF8
    pg_ctl --pgdata=data --wait --log=log \
      --options="-c listen_addresses= -c unix_socket_directories=$PWD" start || { cat log; exit 1; }
    psql --host="$PWD" --dbname=postgres --tuples-only --command='select 6 * 7' | grep 42
    psql --host="$PWD" --dbname=postgres --command='create extension if not exists plpgsql'
    psql --host="$PWD" --dbname=postgres --command='create extension hstore'
    pg_ctl --pgdata=data --wait stop
  '';
  procps = ''
    "$program/bin/ps" -e
    "$program/bin/top" -b -n 1
  '';
  python3 = ''
    python3 -c 'import bz2, ctypes, curses, json, lzma, readline, sqlite3, ssl, sys, threading, uuid; print(sys.version, sys.prefix)'
    env -i "$program/bin/python3" -c 'import threading; t = threading.Thread(target=print, args=("thread",)); t.start(); t.join()'
  '';
  qemu = ''
    qemu-system-x86_64 --version
    qemu-system-i386 --version
    qemu-system-x86_64 -L help
    qemu-img create -f qcow2 disk.qcow2 1M
    printf '{"execute":"qmp_capabilities"}{"execute":"query-status"}{"execute":"quit"}' |
      qemu-system-x86_64 -accel tcg -m 32 -display none -vga std -nic user,model=e1000 \
        -drive file=disk.qcow2,format=qcow2 -qmp stdio | grep SHUTDOWN
  '';
  redis = ''
    redis-server --port 6379 --bind 127.0.0.1 --save "" &
    eventually redis-cli ping
    test "$(redis-cli ping)" = PONG
    redis-cli shutdown nosave
    wait
  '';
  rsync = ''
    mkdir from
    echo content >from/file
    rsync -a from/ to/
    cmp from/file to/file
  '';
  runc = ''
    runc --version
  '';
  socat = ''
    echo content | socat - EXEC:"$(command -v cat)" | grep content
  '';
  sqlite = ''
    test "$(sqlite3 :memory: 'select 6 * 7')" = 42
  '';
  strace = ''
    strace -V
  '';
  supervisor = ''
    supervisord --version
    cat >supervisord.conf <<CONF
    [supervisord]
    nodaemon = true
    logfile = $PWD/log
    pidfile = $PWD/pid
    [program:once]
    command = $(command -v touch) $PWD/ran
    startsecs = 0
    autorestart = false
    CONF
    supervisord -c supervisord.conf &
    eventually test -e ran
    kill %1
    wait
  '';
  tcpdump = ''
    tcpdump --version
    # A capture file of no packets.
    printf '\xd4\xc3\xb2\xa1\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\x00\x00\x01\x00\x00\x00' >empty.pcap
    tcpdump -r empty.pcap
  '';
  tini = ''
    tini --version
  '';
  tzdata = ''
    test "$(TZDIR=$program/share/zoneinfo TZ=Europe/Berlin ${pkgs.coreutils}/bin/date -d @0 +%H)" = 01
  '';
  util-linux = ''
    lsblk --version
    "$program/bin/mount" --version
    "$program/bin/flock" lock true
  '';
  eject = ''
    "$program/bin/eject" --version
  '';
  wget = ''
    "$program/bin/wget" --version
  '';
  xz = ''
    echo content | "$program/bin/xz" | "$program/bin/xz" -d | grep content
  '';
  zstd = ''
    echo content | zstd | zstd -d | grep content
  '';
}
