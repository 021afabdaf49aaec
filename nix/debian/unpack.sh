# shellcheck shell=dash
# shellcheck disable=SC2154 # Nix sets deps, out and the like
#
# The builder of every derivation of the set, run by the shell of Debian's static busybox, whose
# shell finds its applets without a PATH.
#
# In:   $debs      the packages whose trees make up $out
#       $deps      the store paths that $out may refer to: all that the packages depend on, nearest first
#       $triplet   the folder of libraries below lib
#       $hook      what remains to be done for this program, or nothing
#       $tools     patchelf, or nothing for what patchelf itself is made from
#       $bash      the interpreter of wrappers; empty where it is not built yet
# Out:  $out with bin, lib, share, etc. at the top; /usr is gone, sbin is bin.
#
# Invariant: nothing in $out points outside the store where the packages meant a file of their own
# or of a dependency, and only what is really used is referred to.
set -eu
umask 022

# Below $out, so that moving files is linking them.
stage=$out/.stage
mkdir -p "$stage"
for deb in $debs; do dpkg-deb -x "$deb" "$stage"; done
cd "$stage"
chmod -R u+w .

# What serves the host system or a reader, not the program.
rm -rf usr/share/man usr/share/info usr/share/locale usr/share/lintian usr/share/bug \
    usr/share/bash-completion usr/share/zsh usr/share/doc-base usr/share/menu usr/share/apport \
    usr/share/initramfs-tools usr/share/metainfo usr/share/applications usr/local \
    etc/init.d etc/rc*.d etc/cron.* etc/logrotate.d etc/default etc/apparmor.d etc/init \
    etc/bash_completion.d etc/ufw etc/insserv.conf.d etc/systemd etc/network etc/resolvconf etc/ppp \
    usr/share/libgcrypt20 etc/X11 etc/logcheck etc/sv etc/runit usr/share/runit usr/share/vim \
    lib/systemd/system lib/systemd/user usr/lib/systemd usr/lib/tmpfiles.d usr/lib/sysusers.d \
    lib/udev var run
rmdir lib/systemd 2>/dev/null || true
find usr/share/doc -mindepth 1 ! -type d ! -name copyright -exec rm {} + 2>/dev/null || true

# Every link with its target, as the packages have them: "./usr/bin/x -> target".
find . -type l -exec ls -ld {} + | sed 's/^[^.]* \.\//.\//' >"$NIX_BUILD_TOP/links"

# The place in a lifted tree of a path of Debian: /usr/sbin/x becomes bin/x.
lifted() {
    lifted=${1#/}
    lifted=${lifted#usr/}
    case $lifted in sbin | sbin/*) lifted=bin${lifted#sbin} ;; esac
}

# The links go first: they are made anew, below, where their target has ended up.
find . -type l -exec rm {} +
merge() { if [ -d "$1" ]; then mkdir -p "$2"; cp -alf "$1/." "$2/"; fi; }
for tree in usr/games usr/sbin sbin usr/bin bin; do merge "$tree" "$out/bin"; done
for tree in usr/lib lib; do merge "$tree" "$out/lib"; done
for tree in lib64 lib32 etc opt; do merge "$tree" "$out/$tree"; done
for tree in usr/share usr/libexec usr/include usr/lib64; do merge "$tree" "$out/${tree#usr/}"; done
cd "$out"
rm -rf "$stage"

# Removes `.`, `..` and `//` from an absolute path.
normalise() {
    normal=
    rest=$1/
    while [ -n "$rest" ]; do
        part=${rest%%/*}
        rest=${rest#*/}
        case $part in
            '' | .) ;;
            ..) normal=${normal%/*} ;;
            *) normal=$normal/$part ;;
        esac
    done
}

# Sets `found` to where the path of Debian $1 is: in this tree, or in that of a dependency.
find_path() {
    lifted "$1"
    found=$out/$lifted
    if [ -e "$found" ] || [ -L "$found" ]; then return 0; fi
    for dep in $deps; do
        found=$dep/$lifted
        if [ -e "$found" ] || [ -L "$found" ]; then return 0; fi
    done
    return 1
}

# A link to a link waits until the latter is made: hence the rounds. What is dangling then names
# a file of the host system (/dev, /run, …), which is kept, or one that no package brought.
while :; do
    : >"$NIX_BUILD_TOP/waiting"
    while IFS= read -r line; do
        link=${line%% -> *}
        target=${line#* -> }
        link=${link#.}
        case $target in /*) absolute=$target ;; *) absolute=${link%/*}/$target ;; esac
        normalise "$absolute"
        lifted "$link"
        place=$lifted
        if find_path "$normal"; then
            # The same name in bin and in sbin is one name here.
            if [ "$found" = "$out/$place" ]; then continue; fi
            [ ! -e "$place" ] || continue
            mkdir -p "$(dirname "$place")"
            case $found in
                "$out"/*)
                    up=
                    from=$place
                    to=${found#"$out"/}
                    while [ "${from%%/*}" = "${to%%/*}" ] && [ "$from" != "${from#*/}" ] && [ "$to" != "${to#*/}" ]; do
                        from=${from#*/}
                        to=${to#*/}
                    done
                    while [ "$from" != "${from#*/}" ]; do
                        from=${from#*/}
                        up=../$up
                    done
                    ln -s "$up$to" "$place"
                    ;;
                *) ln -s "$found" "$place" ;;
            esac
        else
            case $normal in
                /dev/* | /proc/* | /sys/* | /run/* | /var/* | /tmp/*)
                    mkdir -p "$(dirname "$place")"
                    ln -s "$target" "$place"
                    ;;
                *) echo "$line" >>"$NIX_BUILD_TOP/waiting" ;;
            esac
        fi
    done <"$NIX_BUILD_TOP/links"
    if cmp -s "$NIX_BUILD_TOP/waiting" "$NIX_BUILD_TOP/links"; then break; fi
    mv "$NIX_BUILD_TOP/waiting" "$NIX_BUILD_TOP/links"
done
sed 's/^/dropped, for its target is in no package: /' "$NIX_BUILD_TOP/links"
if [ -d bin ] && [ ! -e sbin ]; then ln -s bin sbin; fi
for empty in bin lib share etc; do rmdir "$empty" 2>/dev/null || true; done

# The folders of $out with shared libraries, where Debian's own rpaths and ld.so.conf may lead.
own_libraries=$(find "$out" -name '*.so*' -type f | sed 's|/[^/]*$||' | sort -u)

# Adds the folder $1 to the rpath, once.
use() { case :$rpath: in *":$1:"*) ;; *) rpath=$rpath${rpath:+:}$1 ;; esac; }

# Sets interpreter and rpath of an ELF file of this machine: of all that $out may refer to, only the folders that
# hold a library it needs. A program has an RPATH, which also serves glibc when it loads libgcc_s
# for a thread; a library has a RUNPATH.
link_elf() {
    if ! facts=$("$tools/bin/patchelf" --print-rpath --print-needed "$1" 2>&1); then
        case $facts in
            *"statically linked"*) return 0 ;;
            *) echo "patchelf cannot read ${1#"$out"/}: $facts" >&2; exit 1 ;;
        esac
    fi
    loader=$("$tools/bin/patchelf" --print-interpreter "$1" 2>/dev/null) || loader=
    original=${facts%%"$newline"*}
    needed=${facts#*"$newline"}
    [ "$needed" != "$facts" ] || needed=
    rpath=
    private=
    IFS=:
    for entry in $original; do
        IFS=$blanks
        case $entry in
            \$ORIGIN*) use "$entry" ;;
            /*)
                lifted "$entry"
                private="$private $lifted"
                if [ -d "$out/$lifted" ]; then use "$out/$lifted"; fi
                ;;
        esac
    done
    IFS=$blanks
    for library in $needed; do
        for folder in $own_libraries; do
            if [ -e "$folder/$library" ]; then use "$folder"; continue 2; fi
        done
        for dep in $deps; do
            for folder in "lib/$triplet" lib $private; do
                if [ -e "$dep/$folder/$library" ]; then use "$dep/$folder"; continue 3; fi
            done
        done
        echo "not found: $library, which ${1#"$out"/} needs"
    done
    set -- "$1" --set-rpath "$rpath"
    if [ -n "$loader" ]; then
        lifted "$loader"
        for dep in $deps; do
            if [ -e "$dep/lib/$triplet/${loader##*/}" ]; then
                set -- "$@" --force-rpath --set-interpreter "$dep/lib/$triplet/${loader##*/}"
                break
            fi
        done
    fi
    file=$1
    shift
    "$tools/bin/patchelf" "$@" "$file"
}

# Points the first line of a script at the interpreter of this tree or of a dependency.
link_script() {
    IFS= read -r first <"$1"
    line=${first#'#!'}
    line=${line# }
    program=${line%% *}
    arguments=${line#"$program"}
    case $program in
        */env)
            line=${arguments# }
            program=/usr/bin/${line%% *}
            arguments=${line#"${line%% *}"}
            ;;
    esac
    case $program in /nix/*) return 0 ;; esac
    if find_path "$program" || find_path "/usr/bin/${program##*/}"; then
        { echo "#!$found$arguments"; tail -n +2 "$1"; } >"$NIX_BUILD_TOP/script"
        cat "$NIX_BUILD_TOP/script" >"$1"
    else
        echo "left as it is: ${1#"$out"/}, a script for $program, which no dependency brings"
    fi
}

# For the hooks.

# Puts a script in the place of the programs $1, which runs the lines $2… before the program. The
# program stays in its folder, where it finds its siblings, and sees the name it was called by.
wrap() {
    programs=$1
    shift
    for program in $programs; do
        mv "bin/$program" "bin/.$program-wrapped"
        {
            echo "#!$bash/bin/bash"
            for line; do echo "$line"; done
            echo "exec -a \"\$0\" $out/bin/.$program-wrapped \"\$@\""
        } >"bin/$program"
        chmod 755 "bin/$program"
    done
}

# The store path of the dependency that has the path of Debian $1.
owner() {
    # Called for its output, it cannot end the build by itself.
    find_path "$1" || { echo "no dependency has $1" | tee "$NIX_BUILD_TOP/failed" >&2; exit 1; }
    lifted "$1"
    echo "${found%/"$lifted"}"
}

# Wraps the Python scripts in bin, so that they find the modules of this tree and of the
# dependencies: Debian has one common folder of them.
wrap_python() {
    modules=
    for folder in "$out" $deps; do
        folder=$folder/lib/python3/dist-packages
        if [ -d "$folder" ]; then modules=$modules:$folder; fi
    done
    for file in bin/*; do
        IFS= read -r first <"$file"
        case $first in
            '#!'*python*) wrap "${file#bin/}" "export PYTHONPATH=${modules#:}\${PYTHONPATH:+:\$PYTHONPATH}" ;;
        esac
    done
}

newline='
'
blanks=" $newline"
IFS=$blanks
elf=$(printf '\177ELF')
if [ -n "$tools" ]; then
    # What is in share serves every machine; an ELF file there is a guest's firmware.
    find "$out" -type f -size +3c >"$NIX_BUILD_TOP/files"
    while IFS= read -r file; do
        # shellcheck disable=SC3045 # busybox has it
        IFS= read -r -n 4 magic <"$file" || continue
        case $magic in
            "$elf") case $file in "$out"/share/*) ;; *) link_elf "$file" ;; esac ;;
            '#!'*) if [ -x "$file" ]; then link_script "$file"; fi ;;
        esac
    done <"$NIX_BUILD_TOP/files"
fi

if [ -n "$hook" ]; then
    # shellcheck source=/dev/null
    . "$hook"
fi
[ ! -e "$NIX_BUILD_TOP/failed" ] || exit 1
