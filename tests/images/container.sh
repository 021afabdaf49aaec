# shellcheck shell=bash
# shellcheck disable=SC2016 # what looks like variables is jq's
# shellcheck disable=SC2034,SC2154 # image and volumes are contain's, last is for probes.sh
# Runs the program of an unpacked image as a runtime would: in namespaces of its own, with nothing of the host but the
# volumes it is given, as the manifest says. Sourced by contain, which is process 1 of those namespaces.
#
# $image       the directory with `manifest` and `rootfs`
# $volumes     the file that lists the volumes of the host, or nothing

rootfs=$image/rootfs

# What the manifest says, as text.
manifest() { jq -r "$@" "$image/manifest"; }

# The number of a user or group: a number, a name of the image's, or the owner of a path of the image's.
number() {
    local given=$1 file=$2 format=$3
    case $given in
        /*) stat -c "$format" "$rootfs$given" ;;
        *[!0-9]*) awk -F: -v name="$given" '$1 == name { print $3 }' "$rootfs/etc/$file" ;;
        *) printf '%s\n' "$given" ;;
    esac
}

# Makes the image a mount, as the root of a container is one, and fills its mount points: those of the store from the volumes listed, read-only; the others with empty
# directories. rkt makes such a directory for root, mode 0755, where no word is said about it; the command that
# postprocess.sh prints has flags that give it owner and mode of the image's own directory, which is what is done here.
mount_volumes() {
    local name path read_only source
    mount --bind "$rootfs" "$rootfs"
    while IFS=$'\t' read -r name path read_only; do
        source=
        if [ -n "$volumes" ]; then
            source=$(sed -n "s/^--volume=$name,kind=host,source=\(.*\),readOnly=true\$/\1/p" "$volumes")
        fi
        if [ -n "$source" ]; then
            [ "$read_only" = true ] || { echo "$name is mounted from the host, and not read-only" >&2; return 1; }
            [ -e "$rootfs$path" ] || { echo "the image has nothing at $path to mount on" >&2; return 1; }
            mount --bind "$source" "$rootfs$path"
            mount -o remount,bind,ro "$rootfs$path"
        else
            case $path in
                /nix/store/*) echo "no volume is listed for $path" >&2; return 1 ;;
            esac
            [ -d "$rootfs$path" ] || { echo "the image has no directory at $path to mount on" >&2; return 1; }
            mount -t tmpfs -o "$(stat -c 'uid=%u,gid=%g,mode=%a' "$rootfs$path")" volume "$rootfs$path"
        fi
    done < <(manifest '.app.mountPoints[]? | [.name, .path, (.readOnly // false | tostring)] | @tsv')
}

mount_kernel() {
    local node
    mount -t proc proc "$rootfs/proc"
    mount -t tmpfs -o mode=755 dev "$rootfs/dev"
    mkdir -m 1777 "$rootfs/dev/shm"
    ln -s /proc/self/fd "$rootfs/dev/fd"
    ln -s /proc/self/fd/1 "$rootfs/dev/stdout"
    ln -s /proc/self/fd/2 "$rootfs/dev/stderr"
    for node in null zero full random urandom tty; do
        : >"$rootfs/dev/$node"
        mount --bind "/dev/$node" "$rootfs/dev/$node"
    done
    # Terminals of its own, which are also those that this script makes.
    mkdir "$rootfs/dev/pts"
    mount -t devpts -o newinstance,ptmxmode=666,mode=620 devpts "$rootfs/dev/pts"
    ln -s pts/ptmx "$rootfs/dev/ptmx"
    mount --bind "$rootfs/dev/pts" /dev/pts
    [ -L /dev/ptmx ] || mount --bind /dev/pts/ptmx /dev/ptmx
    busybox ifconfig lo 127.0.0.1 up
}

# What a program may do when its manifest is silent: https://github.com/appc/spec, "Linux capabilities".
usual='["CAP_AUDIT_WRITE","CAP_CHOWN","CAP_DAC_OVERRIDE","CAP_FSETID","CAP_FOWNER","CAP_KILL","CAP_MKNOD","CAP_NET_RAW",
"CAP_NET_BIND_SERVICE","CAP_SETUID","CAP_SETGID","CAP_SETPCAP","CAP_SETFCAP","CAP_SYS_CHROOT"]'

# What leads into the image. The program has to start with exactly the capabilities of the manifest, but a bounding set
# without CAP_SYS_CHROOT, CAP_SETUID and CAP_SETGID would stop those who lead there: it is set last, in the image, by a
# copy of the host's setpriv that brings its own loader and libraries.
way_in() {
    local way=$rootfs/dev/.way file loader
    mkdir "$way"
    while IFS= read -r file; do
        cp -L "$file" "$way/"
        case $file in
            */ld-*) loader=/dev/.way/${file##*/} ;;
        esac
    done < <(echo /usr/bin/setpriv; ldd /usr/bin/setpriv | grep -o '/[^ ]*')
    enter=(/usr/bin/unshare "--root=$rootfs" "--wd=$directory" --
        "$loader" --library-path /dev/.way /dev/.way/setpriv "$@" --)
}

read_manifest() {
    local capabilities groups uid gid
    mapfile -t exec < <(manifest '.app.exec[]')
    mapfile -t environment < <(manifest '.app.environment[]? | "\(.name)=\(.value)"')
    uid=$(number "$(manifest .app.user)" passwd %u)
    gid=$(number "$(manifest .app.group)" group %g)
    groups=$(manifest '.app.supplementaryGIDs // [] | map(tostring) | join(",")')
    directory=$(manifest '.app.workingDirectory // "/"')
    capabilities=$(manifest --argjson usual "$usual" '[.app.isolators[]?
        | select(.name == "os/linux/capabilities-retain-set") | .value.set] | .[0] // $usual
        | map("+" + (ltrimstr("CAP_") | ascii_downcase)) | join(",")')
    if [ -n "$groups" ]; then groups=--groups=$groups; else groups=--clear-groups; fi
    way_in "--bounding-set=-all,$capabilities" "$groups" "--regid=$gid" "--reuid=$uid"
}

# Where the output of the next program leads: nothing, or a command that runs it.
output=()

# on_socket COMMAND…: runs it with a socket to write to, as a service manager does: /dev/stdout cannot be opened then. A
# process of its own copies what is written there to where the output went before.
on_socket() {
    # shellcheck disable=SC2016 # what looks like variables is perl's
    perl -e '
        use Socket;
        socketpair(my $log, my $program, AF_UNIX, SOCK_STREAM, PF_UNSPEC) or die "socketpair: $!\n";
        if (fork) {
            wait;
            open STDOUT, ">&", $program;
            open STDERR, ">&", $program;
            exec @ARGV or die "$ARGV[0]: $!\n";
        }
        exit if fork;
        close $program;
        syswrite STDOUT, $text while sysread $log, $text, 65536;
    ' "$@"
}

# on_terminal COMMAND…: runs it on a terminal, which reads from and writes to where it would itself.
on_terminal() {
    SHELL=/bin/sh script --quiet --flush --return --command "stty rows 40 cols 100; exec ${*@Q}" /dev/null
}

# inside WORD…: runs a program of the image with the owner, directory and environment that the manifest names.
inside() {
    "${output[@]}" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin AC_APP_NAME=app container=test \
        "${environment[@]}" "${enter[@]}" "$@"
}

# program WORD…: runs what the manifest says, with further words behind it.
program() { inside "${exec[@]}" "$@"; }

# serve WORD…: the same in the background, with a socket for its output, which arrives in $log.
log=$image/log
serve() {
    output=(on_socket)
    program "$@" >"$log" 2>&1 &
    server=$!
    output=()
}

# converse WORD…: the same in the background on a terminal, which shows $log and where `keys TEXT` types.
converse() {
    rm -f "$image/keys"
    mkfifo "$image/keys"
    output=(on_terminal)
    program "$@" <"$image/keys" >"$log" 2>&1 &
    server=$!
    output=()
    exec {keyboard}>"$image/keys"
}
keys() { printf '%s\r' "$1" >&"$keyboard"; }

# eventually COMMAND…: tries for half a minute, as long as the server runs.
eventually() {
    local try
    for ((try = 0; try < 300; try++)); do
        if "$@"; then return 0; fi
        if ! kill -0 "$server" 2>/dev/null; then
            echo 'the program has ended; it said:'
            tail -n 20 "$log"
            return 1
        fi
        sleep 0.1
    done
    echo "no answer for half a minute to: $*"
    tail -n 20 "$log"
    return 1
}

# leave REASON: ends a probe that cannot go on here. The reason is told, and the image counts as skipped.
leave() {
    echo "$1"
    exit 77
}

# stays: whether the server still runs after a second.
stays() {
    sleep 1
    if kill -0 "$server" 2>/dev/null; then return 0; fi
    echo 'the program has ended; it said:'
    tail -n 20 "$log"
    return 1
}

# said TEXT: whether the server's output has it.
said() { grep -qF -- "$1" "$log"; }

# ask PORT TEXT: sends the text to a port of this network and prints the answer.
ask() {
    local connection
    { exec {connection}<>"/dev/tcp/127.0.0.1/$1"; } 2>/dev/null || return 1
    printf '%b' "$2" >&"$connection"
    timeout 5 cat <&"$connection" || :
    exec {connection}<&-
}

# answers TEXT COMMAND…: whether the output of the command has the text.
answers() {
    local text=$1 answer
    shift
    answer=$("$@" 2>&1) || :
    case $answer in
        *"$text"*) return 0 ;;
        *)
            last=$answer
            return 1
            ;;
    esac
}
