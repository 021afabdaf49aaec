#!/bin/sh
# Links an image into a directory and keeps it from garbage collection; signs it, if it is an App Container Image.
# Keys, directory and user are those of whoever runs this; the build knows none of them.
set -eu
unset CDPATH

face='@face@'
stem='@stem@'
reference='@reference@'
store='@store@'
sign='@sign@'
volumes='@volumes@'

case $face in
  aci) image=$stem.aci dir=./ACIs root=.$stem.gcroot ;;
  # A layout is a directory, and the list of its mounts lies within. Both forms may be linked into one place.
  oci) image=$stem.oci dir=./images root=.$stem.oci.gcroot sign=no ;;
esac

usage() {
  echo 'usage: postprocess.sh [--no-sign] [--] [DIR]'
  echo
  case $face in
    aci) cat <<END ;;
Links $image, and what else belongs to it, into DIR ($dir if none
is given, made if missing), roots it there against garbage collection, and
writes the detached signature DIR/$image.asc with gpg2 or gpg.
DIR is left as it was when any of this fails.

  --no-sign    do not sign
  --help       print this text

NIX2ACI_KEY names the key to sign with; without it gpg's default key signs.
END
    oci) cat <<END ;;
Links the image layout into DIR ($dir if none is given, made if missing)
as $image, roots it there against garbage collection, and prints
the commands that run and push it.
DIR is left as it was when any of this fails.

  --no-sign    do nothing: only App Container Images are signed here
  --help       print this text

END
  esac
  cat <<END
The link DIR/$root is the root: remove it with the image.
Exit status: 0 all done, 1 failed, 2 wrong usage, 3 done, but for the root.
END
}

say() { printf '%s\n' "$*"; }
warn() { say "postprocess.sh: warning: $*" >&2; }
die() {
  say "postprocess.sh: $*" >&2
  exit 1
}
misused() {
  say "postprocess.sh: $*; try --help" >&2
  exit 2
}

# The argument as one word of a command line that can be pasted.
word() {
  case $1 in
    *[!A-Za-z0-9_./:@%+,=-]*) printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")" ;;
    *) printf '%s' "$1" ;;
  esac
}

while [ $# -gt 0 ]; do
  case $1 in
    --help | -h) usage && exit ;;
    --no-sign) sign=no ;;
    --) shift && break ;;
    -*) misused "unknown option $1 (a directory of that name is ./$1)" ;;
    *) break ;;
  esac
  shift
done
[ $# -le 1 ] || misused "more than one directory is given: $*"
[ $# -eq 0 ] || dir=$1
[ -n "$dir" ] || misused 'the name of the directory is empty'
case $dir in *'
'*) misused 'the name of the directory has a line break' ;; esac
case $dir in -*) dir=./$dir ;; esac
case $dir in ?*/) dir=${dir%/} ;; esac

# The path of a directory without links, and an x, for $( ) drops line breaks from its end: ${path%?x} has them.
physical() { cd -P -- "$1" && pwd -P && echo x; }

# The image lies beside this script, however many links lead here.
self=$0
case $self in */*) ;; *) self=./$self ;; esac
while [ -h "$self" ]; do
  target=$(readlink -- "$self" && echo x)
  target=${target%?x}
  case $target in
    /*) self=$target ;;
    *) self=${self%/*}/$target ;;
  esac
done
from=$(physical "${self%/*}/") && from=${from%?x} || from=$self
# What is linked, and the file that tells whether it is here.
case $face in
  aci) set -- "$from/$stem".* && sign_of_life=$image ;;
  oci) set -- "$from" && sign_of_life=index.json ;;
esac
[ -f "$from/$sign_of_life" ] ||
  die "$sign_of_life is not beside this script; run it by its path, as in ./result/postprocess.sh"
name() { if [ "$1" = "$from" ]; then say "$image"; else say "${1##*/}"; fi; }

place='' work='' report='' child='' made='' changed='' finished=no

there() { [ -h "$1" ] || [ -e "$1" ]; }

# Undoes what was changed. A new signature goes before its image does, and an old one comes after its own.
# shellcheck disable=SC2317 # a trap calls it
put_back() {
  eval "set -- $changed"
  for name; do
    if [ "$name" != "$image.asc" ] && there "$work/old/$name"; then
      mv -f -- "$work/old/$name" "$place/" || :
    else
      rm -f -- "$place/$name" || :
    fi
  done
  for name; do
    [ "$name" != "$image.asc" ] || ! there "$work/old/$name" || mv -f -- "$work/old/$name" "$place/" || :
  done
}
# What did not come to its end leaves DIR as it was. A child may still be writing: it ends first.
# shellcheck disable=SC2317 # a trap calls it
leave() {
  trap '' HUP INT PIPE TERM
  [ -z "$child" ] || kill "$child" 2>/dev/null || :
  [ -z "$child" ] || wait "$child" 2>/dev/null || :
  [ "$finished" = yes ] || put_back 2>/dev/null || :
  rm -rf -- ${report:+"$report"} ${work:+"$work"} || :
  [ "$finished" = yes ] || eval "rmdir -- $made" 2>/dev/null || :
}
heed_signals() {
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 141' PIPE
  trap 'exit 143' TERM
}
trap leave EXIT
heed_signals

# For $( ) alone: a signal waits until what the program makes is known here by its name.
undisturbed() {
  trap '' HUP INT PIPE TERM
  exec "$@"
}

# Runs a program as a child that a signal can end; what it says goes to $report. It never reads this script's input.
attend() {
  "$@" >"$report" 2>&1 </dev/null 9<&- &
  await
}
await() {
  child=$! status=0
  wait "$child" || status=$?
  child=''
  return "$status"
}

if [ "$sign" = yes ]; then
  gpg=$(command -v gpg2 || command -v gpg) ||
    die 'neither gpg2 nor gpg is on PATH; install GnuPG, or pass --no-sign'
fi

# Makes a directory and those above it; $made has those that were not there, the deepest first.
make() {
  [ ! -d "$1" ] || return 0
  case $1 in ?*/*) make "${1%/*}" || return ;; esac
  made="$(word "$1") $made"
  reason=$(undisturbed mkdir -p -- "$1" 2>&1)
}

while :; do
  make "$dir" || die "cannot make the directory $dir: ${reason##*: }; name another one"
  reason='it cannot be entered'
  if place=$(physical "$dir" 2>/dev/null); then
    place=${place%?x}
    # A directory of this run's own: names in it are free, and a rename out of it is atomic.
    work=$(undisturbed mktemp -d "$place/.$stem.XXXXXX" 2>&1) && break
    reason=$work work=''
  fi
  # Another run that failed takes away the directory that it made.
  [ ! -d "$dir" ] || die "cannot write in $dir: ${reason##*: }; name another directory"
done
for file in "$@" "$image.asc" "$root"; do
  held=$(name "$file")
  [ -h "$place/$held" ] || [ ! -d "$place/$held" ] || die "$dir/$held is a directory; move it out of the way"
done

# Everything is made first, where nobody sees it; what then happens in DIR are renames.
for file in "$@"; do
  name=$(name "$file")
  reason=$(ln -s -- "$file" "$work/$name" 2>&1) ||
    die "cannot make the link $name in $dir: ${reason##*: }; make room there, or name another directory"
done
# Not in DIR, which may be full: then gpg's words tell it.
report=$(undisturbed mktemp 2>/dev/null) || report=$work/report

# gpg's messages and status lines are then in $report.
# Passphrases come from the agent, which asks on the terminal if there is one.
run_gpg() {
  [ -n "${GPG_TTY-}" ] || set -- --batch --no-tty "$@"
  attend "$gpg" --status-fd 2 "$@"
}

cannot_sign() {
  reason=$(sed -n '/^\[GNUPG:\]/!s/^gpg[^:]*: //p' "$report" | tail -n 1)
  if grep -q '^\[GNUPG:\] INV_SGNR' "$report"; then
    if [ -n "${NIX2ACI_KEY-}" ]; then
      die "gpg has no secret key for NIX2ACI_KEY=$NIX2ACI_KEY that can sign;" \
        "'gpg --list-secret-keys' lists those it has"
    fi
    die 'gpg has no secret key that can sign; make one with' \
      "'gpg --quick-generate-key NAME rsa3072 sign never', or pass --no-sign"
  elif grep -q '^\[GNUPG:\] PINENTRY_LAUNCHED' "$report"; then
    die "the key is locked and its passphrase was not given (${reason##*: });" \
      'run this in a terminal, or unlock the key in gpg-agent first'
  fi
  die "gpg cannot sign $image into $dir: ${reason:-exit status $status}; mend that, or pass --no-sign"
}

if [ "$sign" = yes ]; then
  say "Signing $image"
  if [ -t 0 ]; then
    GPG_TTY=$(tty) && export GPG_TTY
  elif [ -t 2 ]; then
    GPG_TTY=$(tty <&2) && export GPG_TTY
  fi
  signature=$work/$image.asc
  run_gpg ${NIX2ACI_KEY:+"--local-user=$NIX2ACI_KEY"} --armor --digest-algo SHA512 --output "$signature" \
    --detach-sign -- "$from/$image" || cannot_sign
  # Type, public-key algorithm (RFC 4880, 9.1), digest, class, time, and fingerprint of the key that signed.
  read -r _ algorithm _ _ _ fingerprint <<END
$(sed -n 's/^\[GNUPG:\] SIG_CREATED //p' "$report" | head -n 1)
END
  case $algorithm in
    1 | 3 | 17) ;;
    *) warn "the key $fingerprint is neither RSA nor DSA, and rkt takes no other; NIX2ACI_KEY chooses another key" ;;
  esac
  run_gpg --verify -- "$signature" "$from/$image" ||
    die "gpg does not accept the signature that it made with the key $fingerprint"
  reason=$(chmod 644 "$signature" 2>&1) ||
    die "cannot make $image.asc in $dir readable for all: ${reason##*: }; name another directory"
fi

case $from in "$store"/*) ;; *) say "Not in $store: the links hold as long as $from is there" ;; esac
for file in "$@"; do say "Linking $(name "$file") into $dir"; done

# Who changes DIR does so alone; the lock is on the directory itself, and ends with this script.
if [ -r "$place" ] && command -v flock >/dev/null; then
  exec 9<"$place"
  flock 9 2>/dev/null &
  await || :
fi

# Keeps aside what stands in DIR, to be put back if something fails.
keep() {
  there "$place/$1" || return 0
  reason=$({
    mkdir -p -- "$work/old"
    ln -- "$place/$1" "$work/old/$1" 2>/dev/null || cp -pP -- "$place/$1" "$work/old/$1"
  } 2>&1) || die "cannot keep the old $1 of $dir: ${reason##*: }; make room there, or name another directory"
}
# With a directory as its target mv renames into it, and does not follow what stands there under the name.
move() {
  reason=$(mv -f -- "$work/$1" "$place/" 2>&1) ||
    die "cannot replace $dir/$1: ${reason##*: }; remove it, or name another directory"
  changed="$(word "$1") $changed"
}
drop() {
  reason=$(rm -f -- "$place/$1" 2>&1) ||
    die "cannot remove $dir/$1: ${reason##*: }; remove it, or name another directory"
  changed="$(word "$1") $changed"
}

# Thin or not, an image has the same name; a list of mounts, beside it or in the layout, tells which it is.
case $face in
  aci) list=$stem.mounts before=$place ;;
  oci) list=$stem.podman-mounts before=$place/$image ;;
esac
form() { if [ -e "$1" ]; then say thin; else say 'not thin'; fi; }
was=$(form "$before/$list") is=$(form "$from/$list")
[ -h "$place/$image" ] && [ -e "$place/$image" ] || was=$is

needless=''
if [ "$face" = aci ]; then
  for suffix in mounts nspawn check-host; do
    [ -e "$from/$stem.$suffix" ] || [ ! -h "$place/$stem.$suffix" ] || needless="$needless $suffix"
  done
fi
for file in "$@"; do keep "$(name "$file")"; done
keep "$image.asc"
for suffix in $needless; do keep "$stem.$suffix"; done

# Root first, links after: a link is never there without it.
done=0
case $from in
  "$store"/*)
    unkept="nothing keeps $from from garbage collection, and the links in $dir dangle after one"
    keep "$root"
    changed=$(word "$root")
    if ! command -v nix-store >/dev/null; then
      done=3
      warn "nix-store is not on PATH: $unkept; run this again with it on PATH"
    # Nix before 2.4 makes an indirect root only with --indirect; later ones always do.
    elif ! attend nix-store --add-root "$place/$root" --indirect --realise "$from"; then
      done=3
      warn "nix-store refuses a root ($(tail -n 1 "$report")): $unkept"
    fi
    ;;
esac

# From here on nothing stops half-way. The image is replaced in one moment, and no signature but its own is beside it.
trap '' HUP INT PIPE TERM
for file in "$@"; do
  name=$(name "$file")
  [ "$name" = "$image" ] || move "$name"
done
[ "$(readlink -- "$place/$image" 2>/dev/null)" = "$(readlink -- "$work/$image")" ] || drop "$image.asc"
move "$image"
[ "$sign" != yes ] || move "$image.asc"
for suffix in $needless; do drop "$stem.$suffix"; done
finished=yes
heed_signals
exec 9<&-
[ "$was" = "$is" ] ||
  warn "$dir/$image was $was and is $is now; to keep both, link one into another DIR, as in postprocess.sh DIR"

# The mounts of a thin image, as arguments: the reader's shell expands them.
mounts() { [ ! -e "$from/$stem.$1" ] || say " \$(cat $(word "$2/$stem.$1"))"; }
case $face in
  aci)
    run='rkt run'
    [ "$sign" = yes ] || [ -e "$place/$image.asc" ] || run='rkt --insecure-options=image run'
    say "Run it: $run$(mounts mounts "$dir")${volumes:+ $volumes} $(word "$dir/$image")"
    case $volumes in *=host,*) say 'In place of /path/on/this/host write what the volume is to show' ;; esac
    ;;
  oci)
    # podman names an image after its path, and takes no other characters for that.
    layout=${dir#./}/$image
    case /${layout#/} in *[!a-z0-9/._-]* | *[/._-][/._-]* | *[._-]/*) layout=$from ;; esac
    at=$(word "$layout")
    say "Run it: podman run --rm$(mounts podman-mounts "$layout") oci:$at"
    say "Push it: skopeo copy oci:$at docker://REGISTRY/$reference"
    say "With Docker: tar -C $at -c . | docker load && docker run --rm$(mounts docker-mounts "$layout") $reference"
    ;;
esac
exit "$done"
