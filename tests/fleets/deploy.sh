# shellcheck shell=bash
# shellcheck disable=SC2154 # common.sh, hosts.sh and run set them
# deploy: hosts run a thin image. systemd does not run here: in its place each host has a script that writes down what it is
# asked for, and fails when the unit mentions what it is told to fail for. The same for podman, which says a version.
# Sourced by run.

fake() {
    local name=$1 version=$2 here=$hosts/$1
    printf '%s\n' 'sandbox = true' 'substitute = false' 'build-users-group =' >"$here/nix.conf"
    cat >"$here/bin/systemctl" <<END
#!/bin/sh
echo "\$*" >>'$here/calls'
[ "\$1" != --user ] || shift
case \$1 in
    restart)
        # What it starts is what the unit says now.
        cat /etc/systemd/system/redis.service /etc/containers/systemd/redis.container "\$HOME/.config/systemd/user/redis.service" 2>/dev/null >'$here/started'
        ! [ -s '$here/refused' ] || ! grep -q -f '$here/refused' '$here/started' || exit 1
        ;;
    stop) rm -f '$here/started' ;;
    is-active)
        if ! [ -s '$here/started' ]; then echo inactive && exit 3; fi
        if [ -s '$here/fails' ] && grep -q -f '$here/fails' '$here/started'; then echo failed && exit 3; fi
        echo active
        ;;
esac
END
    printf '%s\n' '#!/bin/sh' "[ \"\$1\" != --version ] || echo 'podman version $version'" "[ \"\$1\" != healthcheck ] || ! [ -e '$here/ill' ]" >"$here/bin/podman"
    chmod +x "$here/bin/systemctl" "$here/bin/podman"
}
fake one 4.3.1
fake two 5.2.0
empty one
empty two
versions=()
for version in 1 2 3; do
    expression "images.redis.thin.oci.override { env.OF_THE_TEST = \"$version\"; acVersion = \"$version\"; }" --out-link "$work/version-$version" \
        >"$work/out" 2>"$work/log" || fail "deploy: version $version is built" "$(cat "$work/log")"
    versions+=("$(readlink "$work/version-$version")")
done
# deploy VERSION [WORD…]: with this test's hosts; the lines of hosts, sorted.
deploy() {
    local version=$1
    shift
    status=0
    said=$(env -u NIX_SSHOPTS "$work/version-$version/deploy" "$@" -- -F "$hosts/config" 2>"$work/err" | sort) || status=$?
}
calls() { grep -v is-active "$hosts/$1/calls" | tr '\n' ','; }
runs() { grep -q "redis 1*$2" "$hosts/$1/started" && on "$1" "readlink /var/lib/nix2aci/deployed/redis" | grep -qxF "${versions[$2 - 1]}"; }

contains 'deploy: says how it is used' "$("$work/version-1/deploy" --help)" 'usage: deploy HOST'
deploy 1 one two
equal 'deploy: two hosts' 'one: redis-1 runs'$'\n''two: redis-1 runs' "$said"
equal 'deploy: succeeds' 0 "$status"
equal 'deploy: an older podman has a service' 'daemon-reload,enable redis.service,restart redis.service,' "$(calls one)"
equal 'deploy: a newer one has a unit of Quadlet' 'daemon-reload,restart redis.service,' "$(calls two)"
# installed HOST FILE VERSION: whether the host has the unit of the image, behind a line that says whose it is.
installed() { on "$1" cat "$2" | sed 1d | cmp - <(sed '/^#/d' "$work/version-$3/redis-$3.${2##*.}"); }
check 'deploy: which is that of the image' installed two /etc/containers/systemd/redis.container 1
check 'deploy: and so is the service' installed one /etc/systemd/system/redis.service 1
contains 'deploy: the service runs podman' "$(cat "$work/version-1/redis-1.service")" 'ExecStart=/usr/bin/podman run --name=%N' \
    "    --volume=$(head -n 1 "$work/version-1/redis-1.nspawn" | sed 's/^--bind-ro=//')" "    oci:${versions[0]}"
on one nix-store --gc >"$work/log" 2>&1
check 'deploy: a collection of garbage leaves it' has_all one "${versions[0]}"

: >"$hosts/one/calls"
deploy 1 one
equal 'deploy: what runs already is left alone' 'one: redis-1 runs already 0 ' "$said $status $(calls one)"
sent=$(env NIX_SSHOPTS="-F $hosts/config" nix-copy-closure --to one "${versions[1]}" 2>&1 | grep -c '^copying path' || :)
equal 'deploy: of another version only what is new is sent' 1 "$sent"
deploy 2 two one one
equal 'deploy: the next version' 'one: redis-2 runs'$'\n''two: redis-2 runs' "$said"
equal 'deploy: the one before stays' "${versions[0]}" "$(on one readlink /var/lib/nix2aci/deployed/redis.previous)"
on two nix-store --gc >"$work/log" 2>&1
check 'deploy: and is kept' has_all two "${versions[0]}" "${versions[1]}"

on one 'cd /var/lib/nix2aci/deployed && rm redis.previous && mkdir -p redis.previous/mine'
deploy 1 one
equal 'deploy: where the one before cannot be kept, the next one runs' 'one: redis-1 runs 0' "$said $status"
on one 'rm -r /var/lib/nix2aci/deployed/redis.previous'
deploy 2 one

# What does not run, on one of them.
echo 'redis-oci\|redis 3' >"$work/3" && echo "${versions[2]##*/}" >"$hosts/one/fails"
deploy 3 one two
equal 'deploy: one fails' 1 "$status"
equal 'deploy: and the old one runs there' "one: failed: redis-3 does not run: its service is failed; redis-2 runs again"$'\n''two: redis-3 runs' "$said"
contains 'deploy: how many failed' "$(cat "$work/err")" '1 of 2 hosts failed'
equal 'deploy: the old one is what is kept' "${versions[1]}" "$(on one readlink /var/lib/nix2aci/deployed/redis)"
check 'deploy: and is what is started' grep -q "${versions[1]}" "$hosts/one/started"
mv "$hosts/one/fails" "$hosts/one/refused"
deploy 3 one
equal 'deploy: what systemd does not start' 'one: failed: redis-3 does not run: systemctl does not start it; redis-2 runs again' "$said"
rm "$hosts/one/refused"
deploy 3 one
equal 'deploy: again, when it does' 'one: redis-3 runs' "$said"
deploy 1 one
equal 'deploy: and back' 'one: redis-1 runs' "$said"

# A host that has nothing yet, and keeps nothing that does not run.
empty two
on two 'rm -rf /var/lib/nix2aci /etc/containers/systemd/*' && rm -f "$hosts/two/started"
echo redis >"$hosts/two/fails"
deploy 1 two nowhere
contains 'deploy: nothing is left of what does not run' "$said" \
    'two: failed: redis-1 does not run: its service is failed; nothing was there before, and nothing is left'
contains 'deploy: a host that is not there' "$said" 'nowhere: failed: ' nowhere
contains 'deploy: all have failed' "$(cat "$work/err")" '2 of 2 hosts failed'
equal 'deploy: no unit is left' '' "$(on two 'ls -A /etc/containers/systemd')"
rm "$hosts/two/fails"
on two 'echo mine >/etc/containers/systemd/redis.container'
deploy 1 two
contains "deploy: somebody else's unit stays" "$said" 'redis.container is there, and not of deploy'
on two "ln -sf $(roots redis | head -n 1)/bin /etc/containers/systemd/redis.container"
deploy 1 two
contains "deploy: also one that is a link into the store" "$said" 'redis.container is there, and not of deploy'
on two 'rm /etc/containers/systemd/redis.container'

# Broken off at any moment, and again.
broken=0
for ((pause = 1; pause <= 6; pause++)); do
    version=$((pause % 2 + 1))
    (timeout --signal KILL "0.$((pause * 15))" env -u NIX_SSHOPTS "$work/version-$version/deploy" two -- -F "$hosts/config"; exit "$?") >/dev/null 2>&1 || broken=$((broken + 1))
done
check 'deploy: some were broken off' [ "$broken" -gt 0 ]
# What a host has begun it ends by itself.
for ((try = 0; try < 40; try++)); do
    deploy 2 two
    case $said in *'is at work'*) sleep 0.5 ;; *) break ;; esac
done
contains 'deploy: after breaks' "$said" 'two: redis-2 runs'
check 'deploy: it is what is kept' runs two 2

# Health.
# shellcheck disable=SC2016 # the text is the test's
expression 'images.redis.thin.oci.override { acVersion = "4"; healthcheck.test = [ "/bin/redis-cli" "get" "a $HOME \"b\" \\ 1%" ]; healthcheck.interval = "30s"; }' --out-link "$work/version-4" \
    >"$work/out" 2>"$work/log" || fail 'deploy: version 4 is built' "$(cat "$work/log")"
deploy 4 one
equal 'deploy: a healthy one' 'one: redis-4 runs' "$said"
# shellcheck disable=SC1003,SC2016 # the text is systemd's
equal 'deploy: its service asks podman for it' '    "--health-cmd=[\"/bin/redis-cli\",\"get\",\"a $$HOME \\\"b\\\" \\\\ 1%%\"]" \
    --health-interval=30s \' "$(on one grep -e --health- /etc/systemd/system/redis.service)"
if has 'deploy: the service is one of systemd' systemd-analyze; then
    on one cat /etc/systemd/system/redis.service >"$work/redis.service"
    equal 'deploy: the service is one of systemd' '' "$(systemd-analyze verify --man=no "$work/redis.service" 2>&1 | grep redis.service || :)"
fi
sed -i 's/4\.3\.1/5.0.0/' "$hosts/one/bin/podman"
deploy 2 one
equal 'deploy: a podman that was updated' 'one: redis-2 runs /etc/containers/systemd/redis.container' \
    "$said $(on one 'ls /etc/systemd/system/redis.service /etc/containers/systemd/redis.container 2>/dev/null')"
sed -i 's/5\.0\.0/4.3.1/' "$hosts/one/bin/podman"
on one 'rm /etc/containers/systemd/redis.container'
if [ -n "${NIX2ACI_ALL-}" ]; then
    deploy 1 one
    touch "$hosts/one/ill"
    deploy 4 one
    contains 'deploy: one that is not healthy' "$said" 'not healthy, after 60 s; redis-1 runs again'
    rm "$hosts/one/ill"
else
    skip 'deploy: one that is not healthy' 'takes long; ./test.sh --all does it'
fi

deploy 1 one --user
equal 'deploy: as a user whose services would not stay' 'one: failed: services of root end when nobody is logged in: loginctl enable-linger root' "$said"
on one 'mkdir -p /var/lib/systemd/linger && touch /var/lib/systemd/linger/root'
deploy 1 one --user
equal 'deploy: as a user' 'one: redis-1 runs' "$said"
deploy 1 one --ssh-option BatchMode=yes --ssh-option NoSuchOption=1
contains 'deploy: an option of ssh' "$said" 'one: failed: ' nosuchoption
contains 'deploy: the service is that of the user' "$(tail -n 20 "$hosts/one/calls")" '--user restart redis.service'

# What it cannot do is told before anything is sent.
refuses() {
    local name=$1 message=$2 said
    shift 3
    if said=$("$@" 2>&1); then fail "$name" "it did not fail: $said"; else contains "$name" "$said" "$message"; fi
}
cp -r "${versions[0]}" "$work/copy"
refuses 'deploy: a copy' "is a copy: take the image where Nix has it, ${versions[0]}" -- "$work/copy/deploy" one
refuses 'deploy: an image that is not thin' 'write .thin.oci.deploy' -- build redis.oci.deploy
refuses 'deploy: an option with a blank' 'has a blank' -- "$work/version-1/deploy" one -- -o 'User root'
for host in '' 'one two' $'one\ntwo'; do
    refuses "deploy: no name of a host: ${host@Q}" 'is no name of a host' -- "$work/version-1/deploy" "$host"
done
refuses 'deploy: an option in the place of a host' 'deploy does not know' -- "$work/version-1/deploy" "-oProxyCommand=touch $work/run"
# A host that says what it wants, and an ssh that writes down what it is told.
mkdir "$work/liar"
printf '%s\n' '#!/bin/sh' >"$work/liar/nix-copy-closure"
printf '%s\n' '#!/bin/sh' "echo \"\$*\" >'$work/liar/told'" 'cat >/dev/null' \
    'printf "welcome\ntwo: redis-1 runs\n\033[2Jredis-1 runs\n"' >"$work/liar/ssh"
chmod +x "$work"/liar/*
equal 'deploy: what a host says is one line, and controls nothing' 'one: \u{1b}[2Jredis-1 runs' \
    "$(PATH=$work/liar:$PATH "$work/version-1/deploy" one --ssh-option ConnectTimeout=5)"
equal 'deploy: an option of the user counts' 'connecttimeout 5' \
    "$(read -ra told <"$work/liar/told" && ssh -G "${told[@]}" 2>/dev/null | grep '^connecttimeout')"
refuses 'deploy: no host' 'a word is missing' -- "$work/version-1/deploy"
check 'deploy: is a package' build redis.thin.oci.deploy
