# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # work, root, redis, between and others are those of who sources this
# What push does with registries, good and bad. Sourced by tests/verbs/run.

# from_nothing COMMAND…: with a home that is empty.
from_nothing() {
    rm -rf "$work/nowhere"
    mkdir "$work/nowhere"
    HOME=$work/nowhere "$@"
}
if registry; then
    plain=(-- --dest-tls-verify=false)
    contains 'push: the image goes to a registry' "$("$redis/push" "localhost:$port/apps/redis" "${plain[@]}" 2>/dev/null)" \
        "Pushed localhost:$port/apps/redis:$tag, $digest"
    equal 'push: it is the image, under its own tag' "$digest" \
        "$(skopeo inspect --tls-verify=false "docker://localhost:$port/apps/redis:$tag" | jq -r .Digest)"
    before=$(sent)
    check 'push: again, under another tag, from an empty home' from_nothing "$redis/push" "localhost:$port/apps/redis:latest" "${plain[@]}"
    equal 'push: what is there is not sent again' "$before" "$(sent)"

    # A change of one package. The registry has all else.
    # shellcheck disable=SC2016 # Nix expands it
    expression 'images.redis.oci.override { env.ONE = "${derivation {
        name = "one-1"; inherit (pkgs.bash) system; builder = "${pkgs.bash}/bin/bash"; args = [ "-c" "echo 1 > $out" ]; }}"; }' \
        --out-link "$work/one" >"$work/log" 2>&1 || fail 'one: is built' "$(cat "$work/log")"
    there=$(stored) asked=$(requests)
    check 'push: a change of one package, from an empty home' from_nothing "$work/one/push" "localhost:$port/apps/redis:one" "${plain[@]}"
    layers() { jq -r '.layers[] | "\(.digest) \(.size)"' "$(document "$1" manifest)" | sort -u; }
    new=$(comm -13 <(layers "$redis") <(layers "$work/one") | awk '{ all += $2 } END { print all + 0 }')
    bytes=$(($(stored) - there)) asked=$(($(requests) - asked)) number=$(layers "$work/one" | wc -l)
    check "push: no more bytes than the layers that changed, and 64 kB ($bytes for $new)" [ "$bytes" -le $((new + 65536)) ]
    check "push: no more requests than layers, and 10 ($asked for $number)" [ "$asked" -le $((number + 10)) ]

    # What breaks off is tried again; what got there is not sent again.
    through=$((port + 1))
    python3 "$root/tests/verbs/interrupt.py" "$through" "$port" 1000000 2 &
    between=$!
    for _ in {1..50}; do if (: <"/dev/tcp/127.0.0.1/$through") 2>/dev/null; then break; fi; sleep 0.1; done
    said=$("$(image bash.oci)/push" "localhost:$through/apps/bash" "${plain[@]}" 2>&1) || fail 'push: through what breaks off' "$said"
    contains 'push: what breaks off is told in a line' "$said" 'trying again in 1 s, with what is not there yet' 'Pushed '
    equal 'push: and the image is whole' "$(jq -r '.manifests[0].digest' "$(image bash.oci)/index.json")" \
        "$(skopeo inspect --tls-verify=false "docker://localhost:$port/apps/bash" 2>/dev/null | jq -r .Digest ||
            skopeo inspect --tls-verify=false "docker://localhost:$port/apps/bash:$(jq -r '.manifests[0].annotations["org.opencontainers.image.ref.name"]' "$(image bash.oci)/index.json")" | jq -r .Digest)"
    end_between

    # Killed on its way, at several moments: there is the whole image under its name, or none.
    for moment in 0.05 0.15 0.3 0.6; do
        timeout --signal=KILL "$moment" "$redis/push" "localhost:$port/killed:$moment" "${plain[@]}" >/dev/null 2>&1 || :
        found=$(skopeo inspect --tls-verify=false "docker://localhost:$port/killed:$moment" 2>/dev/null | jq -r .Digest || :)
        check "push: killed after $moment s, nothing half is seen" [ "${found:-$digest}" = "$digest" ]
        check "push: killed after $moment s, a second one ends it" "$redis/push" "localhost:$port/killed:$moment" "${plain[@]}"
    done
    end_registry

    refuses 'push: a registry that is not there' 'skopeo copy failed: connection refused: no registry answers at localhost:' -- \
        "$redis/push" "localhost:$port/apps/redis" "${plain[@]}"
else
    skip 'push' "$why_registry"
fi

# --- TLS and a password ---

# Made for this test alone.
if has 'push: TLS and a password' openssl htpasswd; then
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
        -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
    htpasswd -Bbn user secret >"$work/htpasswd"
    auth="auth: { htpasswd: { realm: test, path: $work/htpasswd } }"
    tls="tls: { certificate: $work/cert.pem, key: $work/key.pem }"
    if registry; then
        mkdir -p "$work/certs"
        cp "$work/cert.pem" "$work/certs/ca.crt"
        refuses 'push: a certificate that nobody trusts' 'its certificate is trusted by nobody here; add -- --dest-cert-dir' -- \
            "$redis/push" "localhost:$port/apps/redis"
        trusted=(-- --dest-cert-dir "$work/certs")
        refuses 'push: without a password' "log in with skopeo login localhost:$port" -- "$redis/push" "localhost:$port/apps/redis" "${trusted[@]}"
                export REGISTRY_AUTH_FILE=$work/auth.json
        skopeo login --cert-dir "$work/certs" --username user --password secret "localhost:$port" >/dev/null
        check 'push: with the password of REGISTRY_AUTH_FILE' "$redis/push" "localhost:$port/apps/redis" "${trusted[@]}"
        unset REGISTRY_AUTH_FILE
        mkdir -p "$HOME/.docker"
        cp "$work/auth.json" "$HOME/.docker/config.json"
        check 'push: with the password of docker login' "$redis/push" "localhost:$port/apps/redis:docker" "${trusted[@]}"
        rm -r "$HOME/.docker"
        end_registry
    else
        skip 'push: TLS and a password' "$why_registry"
    fi
fi
