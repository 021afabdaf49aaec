# shellcheck shell=bash
# shellcheck disable=SC2154 # work, root and the rest are common.sh's and run's
# Images of other tools below those of mkACI (fromImage): made by debootstrap, umoci and podman, read as layouts and as
# archives, run. Sourced by run.

# on NAME PATH [ARGUMENTS]: builds an image on the one that is at PATH; its output is $work/NAME.
on() {
    image "$1" "(mkACI {
        acName = \"example.com/on\"; acVersion = \"1\"; fromImage = $2;
        exec = [ \"/bin/sh\" \"-c\" \"cat /etc/text; redis-server --version; id -u; pwd; echo \$A\" ];
        files.\"/etc/text\".text = \"ours\n\";
        ${3-packages = [ redis ];}
    }).oci"
}

# theirs LAYOUT: the digests of the layers of another tool's layout, lowest first.
theirs() { digests "$1"; }
# lowest NAME LAYOUT: whether the image stands on exactly these layers, byte for byte.
lowest() {
    equal "$1: their layers lie lowest, unchanged" "$(theirs "$2")" \
        "$(digests "$work/$1" | head -n "$(theirs "$2" | wc -l)")"
    check "$1: all blobs are what their names say" sound "$work/$1"
    check "$1: skopeo takes it" skopeo copy --insecure-policy "oci:$work/$1" "dir:$work/copied-$1"
}
# runs NAME PART…: what the program of an image says.
runs() {
    local name=$1
    shift
    if [ -n "$why" ]; then skip "$name: podman runs it" "$why"; return; fi
    contains "$name: podman runs it" "$(pod run "${flags[@]}" "oci:$(readlink "$work/$name")" 2>&1)" "$@"
}
# refused NAME EXPRESSION PART…: what is said of an image that cannot be built.
refused() {
    local name=$1 text=$2 said
    shift 2
    if said=$(expression "let inherit (pkgs) bash redis; in $text" --no-out-link 2>&1); then
        fail "$name: is refused" 'it was built'
    else
        contains "$name: is refused" "$said" "$@"
    fi
}

# A root file system of another tool: Debian's, or a program and a link where there is no mirror of it.
rootfs=$work/foreign-rootfs
if command -v debootstrap >/dev/null &&
    timeout 300 debootstrap --variant=minbase --keyring=/usr/share/keyrings/debian-archive-keyring.gpg bookworm "$rootfs" \
        >"$work/debootstrap" 2>&1; then
    pass 'debootstrap makes a root file system'
    rm -rf "${rootfs:?}"/dev/* "$rootfs"/var/cache/apt "$rootfs"/var/lib/apt/lists
else
    skip 'debootstrap' "$(tail -n 1 "$work/debootstrap" 2>/dev/null || echo 'it is not on PATH')"
    rm -rf "$rootfs"
    mkdir -p "$rootfs/usr/bin" "$rootfs/etc"
    expression 'pkgs.pkgsStatic.busybox' --out-link "$work/static" >/dev/null 2>&1
    cp "$work/static/bin/busybox" "$rootfs/usr/bin/busybox"
    for name in sh cat id pwd; do ln "$rootfs/usr/bin/busybox" "$rootfs/usr/bin/$name"; done
    ln -s usr/bin "$rootfs/bin"
    printf 'root:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/var/www:/bin/false\n' >"$rootfs/etc/passwd"
    printf 'root:x:0:\nwww-data:x:33:\n' >"$rootfs/etc/group"
fi

# --- a layout, by umoci ---

if has 'a layout' umoci; then
    layout=$work/foreign-layout
    umoci init --layout "$layout"
    umoci new --image "$layout:1"
    umoci insert --image "$layout:1" "$rootfs" / >/dev/null
    mkdir -p "$work/more/srv"
    umoci insert --image "$layout:1" "$work/more/srv" /srv/gone >/dev/null
    umoci insert --image "$layout:1" --whiteout /srv/gone >/dev/null
    umoci config --image "$layout:1" --config.env PATH=/usr/bin:/bin --config.env A=theirs --config.user www-data \
        --config.workingdir /usr --config.cmd /bin/sh --config.exposedports 80/tcp
    umoci gc --layout "$layout"
    on layout "$layout"
    lowest layout "$layout"
    runs layout ours 'Redis server' 33 /usr theirs
    equal 'what is said of it is taken over' '[["PATH=/usr/bin:/bin","A=theirs"],"www-data:33","/usr",{"80/tcp":{}}]' \
        "$(jq -c '.config | [.Env, .User, .WorkingDir, .ExposedPorts]' "$(document "$work/layout" config)")"
    contains 'an image refers to the layers that it links' "$(references "$work/layout")" -foreign-layout
    # Ours counts.
    on ours "$layout" 'packages = [ redis ]; user = "0"; workingDirectory = "/etc"; env.A = "ours";'
    runs ours $'ours\nRedis' $'0\n/etc\nours'
    image theirs "(mkACI { acName = \"example.com/theirs\"; acVersion = \"1\"; fromImage = $layout; packages = [ redis ]; }).oci"
    equal 'without a program, theirs is run' '[null,["/bin/sh"]]' \
        "$(jq -c '.config | [.Entrypoint, .Cmd]' "$(document "$work/theirs" config)")"
    on changed "$layout" 'layers = [ redis ]; user = "33";'
    equal 'a change of ours reads theirs no more' '' "$(grep 'from-image:' "$work/log" || :)"
    check 'an image has its own bytes alone' small "$(own changed)" 40000
    # One that stands on it has its layers too.
    image above "(let base = mkACI { acName = \"example.com/base\"; acVersion = \"1\"; fromImage = $layout; packages = [ redis ]; };
        in mkACI { acName = \"example.com/above\"; acVersion = \"1\"; dependencies = [ base ];
            exec = [ \"/bin/sh\" \"-c\" \"redis-server --version; cat /etc/text\" ]; files.\"/etc/text\".text = \"above\"; }).oci"
    lowest above "$layout"
    [ -n "$why" ] || contains 'above: podman runs it' \
        "$(pod run "${flags[@]}" --env PATH=/usr/bin:/bin "oci:$(readlink "$work/above")" 2>&1)" 'Redis server' above
    image on.recipe "(mkACI { acName = \"example.com/on\"; acVersion = \"1\"; fromImage = $layout; layers = [ redis ];
        files.\"/etc/text\".text = \"by recipe\"; exec = \"/bin/sh\"; }).oci.recipe"
    image by-recipe "(mkACI { acName = \"example.com/on\"; acVersion = \"1\"; fromImage = $layout; layers = [ redis ];
        files.\"/etc/text\".text = \"by recipe\"; exec = \"/bin/sh\"; }).oci"
    check 'a recipe makes the image' env XDG_CACHE_HOME="$work/cache-of-recipes" "$work/on.recipe/save" "$work/saved"
    equal 'the same one' "$(jq -r '.manifests[0].digest' "$work/by-recipe/index.json")" \
        "$(jq -r '.manifests[0].digest' "$work/saved/index.json")"
    image thin "(mkACI { acName = \"example.com/thin\"; acVersion = \"1\"; fromImage = $layout; packages = [ redis ];
        exec = [ \"/bin/sh\" \"-c\" \"redis-server --version\" ]; }).thin.oci"
    lowest thin "$layout"
    if [ -z "$why" ]; then
        mapfile -t mounts <"$work/thin/thin-1.podman-mounts"
        contains 'thin: podman runs it' \
            "$(pod run "${flags[@]}" "${mounts[@]}" "oci:$(readlink "$work/thin")" 2>&1)" 'Redis server'
    fi

    # --- archives ---

    skopeo copy --quiet --insecure-policy "oci:$layout:1" "oci-archive:$work/oci.tar:a:1"
    on archive "$work/oci.tar"
    lowest archive "$layout"
    skopeo copy --quiet --insecure-policy "oci:$layout:1" "docker-archive:$work/docker.tar:a:1"
    gzip -k "$work/docker.tar"
    for form in docker.tar docker.tar.gz; do
        on "on-$form" "$work/$form"
        equal "$form: their layers lie lowest, uncompressed" "$(jq -r '.rootfs.diff_ids[]' "$(document "$layout" config)")" \
            "$(digests "$work/on-$form" | head -n "$(theirs "$layout" | wc -l)")"
        check "$form: all blobs are what their names say" sound "$work/on-$form"
        runs "on-$form" ours 'Redis server' 33
    done

    # --- what is refused ---

    cp -r "$layout" "$work/damaged"
    blob=$(theirs "$layout" | head -n 1)
    printf x | dd of="$work/damaged/blobs/sha256/${blob#sha256:}" bs=1 seek=1000 conv=notrunc status=none
    of() { echo "(mkACI { acName = \"example.com/on\"; acVersion = \"1\"; packages = [ redis ]; $1 }).${2-oci}"; }
    refused 'a damaged layer' "$(of "fromImage = $work/damaged;")" "the layer blobs/sha256/${blob#sha256:}" 'it is damaged; get the image anew'
    refused 'another architecture' "$(of "fromImage = $layout; arch = \"riscv64\";")" \
        'it holds images for linux/amd64, and this image is for linux/riscv64'
    refused 'what is no image' "$(of "fromImage = $root/README.md;")" 'it is no archive of an image'
    refused 'an App Container Image' "$(of "fromImage = $layout;" aci)" 'build that, the attribute oci'
    refused 'what they have otherwise' "$(of "fromImage = $layout; exec = \"/bin/nothing\";")" 'exec: /bin/nothing leads to /usr/bin/nothing'
fi

# --- podman ---

if [ -z "$why" ]; then
    tar -C "$rootfs" -c . | pod import - example.com/theirs:1 >/dev/null 2>&1
    printf 'FROM example.com/theirs:1\nRUN echo built >/etc/built && rm -f /etc/motd\nENV A=podman\nUSER 33\nWORKDIR /etc\n' \
        >"$work/Containerfile"
    if pod build --network=host ${runtime:+--runtime "$runtime"} --isolation=chroot --tag example.com/built:1 -f "$work/Containerfile" "$work/more" \
        >"$work/podman-build" 2>&1; then
        for format in oci-archive docker-archive; do
            pod save --quiet --format "$format" --output "$work/podman.$format" example.com/built:1 >/dev/null
            on "on-$format" "$work/podman.$format"
            check "podman, $format: all blobs are what their names say" sound "$work/on-$format"
            runs "on-$format" ours 'Redis server' 33 /etc podman
        done
    else
        skip 'podman build' "$(tail -n 1 "$work/podman-build")"
    fi
fi
