# shellcheck shell=bash
# shellcheck disable=SC2154 # root and work are common.sh's
# What must hold for every image, and starting its program. Sourced after common.sh.

needs actool busybox gzip mount nsenter perl script setpriv sha512sum tar unshare

# The store paths that the packages of an image lead to, one per line.
closure_of() {
    # shellcheck disable=SC2046 # store paths have no blanks
    nix-store -qR $(roots "$1") | sort
}

# listing DIRECTORY: every entry with type, mode, size of files, and target of links.
listing() {
    (cd "$1" && find . -mindepth 1 \( -type f -printf '%P %y %m %s\n' -o -printf '%P %y %m %l\n' \) | sort)
}

# same_tree FOUND EXPECTED: whether two directories or files are the same, entry by entry and byte by byte.
same_tree() {
    diff <(stat -c '%F %a' "$2") <(stat -c '%F %a' "$1") && diff -r --no-dereference "$2" "$1" || return 1
    [ -L "$2" ] || [ ! -d "$2" ] || diff <(listing "$2") <(listing "$1")
}

# verified ARCHIVE: actool says nothing about an image that it accepts.
verified() {
    local said
    if said=$(actool validate "$1" 2>&1) && [ -z "$said" ]; then return 0; fi
    printf '%s\n' "$said"
    return 1
}

# headers ARCHIVE: whether the entries are as every image has them.
headers() {
    local names
    names=$(tar -tzf "$1" --quoting-style=escape)
    [ "$(head -n 2 <<<"$names")" = $'manifest\nrootfs/' ] || { echo 'manifest and rootfs are not first'; return 1; }
    if grep -qv '^manifest$\|^rootfs/' <<<"$names"; then
        echo "entries outside rootfs: $(grep -v '^manifest$\|^rootfs/' <<<"$names" | head)"
        return 1
    fi
    [ -z "$(sort <<<"$names" | uniq -d)" ] || { echo 'an entry is there twice'; return 1; }
    if TZ=UTC tar -tvzf "$1" --full-time | grep -v ' 1970-01-01 00:00:01 '; then
        echo 'times that are not 1'
        return 1
    fi
}

# unpack ARCHIVE DIRECTORY
unpack() {
    mkdir -p "$2"
    tar -C "$2" -xzf "$1" --numeric-owner --same-owner --same-permissions
}

# started DIRECTORY VOLUMES PROBE: runs the program of an unpacked image in namespaces of its own.
started() {
    timeout 120 unshare --mount --net --pid --ipc --uts --fork --kill-child \
        "$root/tests/images/contain" "$1" "$2" "$3"
}

# check_image ATTRIBUTE KIND PROBE: builds an image (`redis.thin`) that has to be of the kind, and tries it.
check_image() {
    local attribute=$1 kind=$2 probe=$3 result stem archive image volumes='' closure held log status said
    log=$work/log-$attribute
    if ! result=$(build "$attribute" 2>"$log"); then
        fail "$attribute: is built" "$(cat "$log")"
        return
    fi
    stem=$(cd "$result" && echo ./*.aci)
    stem=$result/$(basename "$stem" .aci)
    archive=$stem.aci
    image=$work/images/$attribute

    check "$attribute: actool accepts it" verified "$archive"
    check "$attribute: is whole to its end" gzip -t "$archive"
    equal "$attribute: has the ID that is told" "$(jq -r .imageID "$stem.json")" \
        "sha512-$(gzip -dc "$archive" | sha512sum | cut -d' ' -f1)"
    check "$attribute: has entries in order, in rootfs, with one date" headers "$archive"

    unpack "$archive" "$image"
    closure=$(closure_of "$attribute")
    held=$(cd "$image/rootfs/nix/store" 2>/dev/null && find "$PWD" -mindepth 1 -maxdepth 1 -printf '/nix/store/%f\n' | sort)
    case $kind in
        fat) equal "$attribute: holds the closure" "$closure" "$held" ;;
        static)
            equal "$attribute: holds its packages" "$(roots "$attribute")" "$held"
            ;;
        thin)
            volumes=$stem.mounts
            equal "$attribute: has a place for every path of the closure" "$closure" "$held"
            equal "$attribute: the places are empty" '' \
                "$(find "$image/rootfs/nix/store" -mindepth 1 '(' -path '*/store/*/*' -o -type f -size +0 ')')"
            equal "$attribute: mounts lists the closure" "$closure" \
                "$(sed -n 's/^--volume=[a-z0-9-]*,kind=host,source=\([^,]*\),readOnly=true$/\1/p' "$volumes" | sort)"
            equal "$attribute: the manifest has the volumes" \
                "$(sed 's/^--volume=\([^,]*\),kind=host,source=\([^,]*\),.*/\1 \2/' "$volumes" | sort)" \
                "$(jq -r '.app.mountPoints[] | select(.path | startswith("/nix/store/")) | select(.readOnly)
                    | "\(.name) \(.path)"' "$image/manifest" | sort)"
            ;;
    esac
    if [ "$kind" != thin ]; then
        check "$attribute: holds what the store has" packed_is_stored "$image/rootfs" "$held"
    fi
    status=0
    said=$(started "$image" "$volumes" "$probe" 2>&1) || status=$?
    case $status in
        0) pass "$attribute: runs" ;;
        77) skip "$attribute: runs" "$(tail -n 1 <<<"$said")" ;;
        *) fail "$attribute: runs" "$said" ;;
    esac
    rm -rf -- "$image"
}

packed_is_stored() {
    local path
    while IFS= read -r path; do
        same_tree "$1$path" "$path" || { echo "$path differs"; return 1; }
    done <<<"$2"
}

# check_places: whether programs of the embedded set find certificates, time zones and locales in images that say no
# more of them than their packages. Those of nixpkgs have places of their own.
check_places() {
    local programs='bash coreutils curl openssl perl python3 cacert tzdata'
    if [ -n "${NIX2ACI_PKGS-}" ]; then
        skip 'places' 'is for the embedded package set'
        return
    fi
    # shellcheck disable=SC2086 # one word for each
    "$root/nix/debian/fetch" $programs glibcLocales
    check_expression places "mkACI { inherit pkgs; packages = with pkgs; [ $programs ]; exec = [ \"/bin/bash\" ]; }"
    # All of them are hundreds of megabytes, which only have to be found.
    check_expression locales 'mkACI {
        inherit pkgs;
        thin = true;
        packages = [ pkgs.bash pkgs.glibcLocales ];
        pathsToLink = [ "/bin" "/lib/locale/de_DE.utf8" ];
        exec = [ "/bin/bash" ];
    }'
}

# check_expression NAME TEXT: builds the image that the text says, and calls its probe.
check_expression() {
    local name=$1 image=$work/images/$1 result volumes='' said
    if ! result=$(expression "$2" --out-link "$work/result-$name" 2>"$work/log-$name"); then
        fail "$name: is built" "$(cat "$work/log-$name")"
        return
    fi
    unpack "$result"/*.aci "$image"
    [ ! -e "$(echo "$result"/*.mounts)" ] || volumes=$(echo "$result"/*.mounts)
    check "$name: runs" started "$image" "$volumes" "probe_$name"
    rm -rf -- "$image"
}
