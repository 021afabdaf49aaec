#!/bin/sh
# Links an image into a directory and keeps it from garbage collection; signs it, if it is an App Container Image.
# Keys, directory and user are those of whoever runs this; the build knows none of them.
set -eu
unset CDPATH

face=aci
stem='busybox-1.36.1-static'
reference='busybox:1.36.1-static'
store='/nix/store'
sign=yes

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
case $dir in -*) dir=./$dir ;; esac
case $dir in ?*/) dir=${dir%/} ;; esac

# The image lies beside this script, however many links lead here.
self=$0
case $self in */*) ;; *) self=./$self ;; esac
while [ -h "$self" ]; do
  target=$(readlink -- "$self")
  case $target in
    /*) self=$target ;;
    *) self=${self%/*}/$target ;;
  esac
done
from=$(cd -P -- "${self%/*}/" && pwd -P) || from=$self
# What is linked, and the file that tells whether it is here.
case $face in
  aci) set -- "$from/$stem".* && sign_of_life=$image ;;
  oci) set -- "$from" && sign_of_life=index.json ;;
esac
[ -f "$from/$sign_of_life" ] ||
  die "$sign_of_life is not beside this script; run it by its path, as in ./result/postprocess.sh"
name() { if [ "$1" = "$from" ]; then say "$image"; else say "${1##*/}"; fi; }

child='' report='' work=''
# gpg may still be writing: it ends first.
trap '
  [ -z "$child" ] || kill "$child" 2>/dev/null || :
  [ -z "$child" ] || wait "$child" 2>/dev/null || :
  rm -rf -- ${report:+"$report"} ${work:+"$work"}
' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 141' PIPE
trap 'exit 143' TERM

if [ "$sign" = yes ]; then
  gpg=$(command -v gpg2 || command -v gpg) ||
    die 'neither gpg2 nor gpg is on PATH; install GnuPG, or pass --no-sign'
fi

reason=$(mkdir -p -- "$dir" 2>&1) || die "cannot make the directory $dir: ${reason##*: }; name another one"
place=$(cd -P -- "$dir" && pwd -P) || die "cannot enter the directory $dir"
for file in "$@" "$image.asc"; do
  held=$(name "$file")
  [ -h "$place/$held" ] || [ ! -d "$place/$held" ] || die "$dir/$held is a directory; move it out of the way"
done
# A directory of this run's own: names in it are free, and a rename out of it is atomic.
work=$(mktemp -d "$place/.$stem.XXXXXX" 2>&1) || {
  reason=$work work=''
  die "cannot write in $dir: ${reason##*: }; name another directory"
}

# Runs gpg as a child that a signal can end, with its messages and status lines in $report.
# It never reads this script's input. Passphrases come from the agent, which asks on the terminal if there is one.
run_gpg() {
  [ -n "${GPG_TTY-}" ] || set -- --batch --no-tty "$@"
  "$gpg" --status-fd 2 "$@" >"$report" 2>&1 </dev/null &
  child=$!
  status=0
  wait "$child" || status=$?
  child=''
  return "$status"
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
  die "gpg cannot sign $image into $dir: ${reason:-exit status $status}"
}

if [ "$sign" = yes ]; then
  say "Signing $image"
  report=$(mktemp) || die "cannot write in ${TMPDIR:-/tmp}"
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
  chmod 644 "$signature"
fi

# Root first, links after: a link is never there without it.
done=0
case $from in
  "$store"/*)
    unkept="nothing keeps $from from garbage collection, and the links in $dir dangle after one"
    if ! command -v nix-store >/dev/null; then
      done=3
      warn "nix-store is not on PATH: $unkept; run this again with it on PATH"
    # Nix before 2.4 makes an indirect root only with --indirect; later ones always do.
    elif ! reason=$(nix-store --add-root "$place/$root" --indirect --realise "$from" 2>&1); then
      done=3
      warn "nix-store refuses a root ($(say "$reason" | tail -n 1)): $unkept"
    fi
    ;;
  *) say "Not in $store: the links hold as long as $from is there" ;;
esac

# With a directory as its target mv renames into it, and does not follow what stands there under the name.
move() { reason=$(mv -f -- "$work/$1" "$place/" 2>&1) || die "cannot replace $dir/$1: ${reason##*: }"; }

held=$place/$image
# Thin or not, an image has the same name; a list of mounts, beside it or in the layout, tells which it is.
case $face in
  aci) list=$stem.mounts before=$place ;;
  oci) list=$stem.podman-mounts before=$held ;;
esac
form() { if [ -e "$1" ]; then say thin; else say 'not thin'; fi; }
was=$(form "$before/$list") is=$(form "$from/$list")
[ "$was" = "$is" ] || [ ! -h "$held" ] || [ ! -e "$held" ] ||
  warn "$dir/$image was $was and is $is now; to keep both, link one into another DIR, as in postprocess.sh DIR"
# A signature or list of mounts of another image would be worse than none.
[ "$(readlink -- "$held" 2>/dev/null)" = "$from/$image" ] || [ "$sign" = yes ] || rm -f -- "$held.asc"
if [ "$face" = aci ]; then
  for suffix in mounts nspawn check-host; do
    [ -e "$from/$stem.$suffix" ] || [ ! -h "$place/$stem.$suffix" ] || rm -f -- "$place/$stem.$suffix"
  done
fi
for file in "$@"; do
  name=$(name "$file")
  say "Linking $name into $dir"
  ln -s -- "$file" "$work/$name"
  move "$name"
done
[ "$sign" != yes ] || move "$image.asc"

# The mounts of a thin image, as arguments: the reader's shell expands them.
mounts() { [ ! -e "$from/$stem.$1" ] || say " \$(cat $(word "$2/$stem.$1"))"; }
case $face in
  aci)
    run='rkt run'
    [ "$sign" = yes ] || [ -e "$held.asc" ] || run='rkt --insecure-options=image run'
    say "Run it: $run$(mounts mounts "$dir") $(word "$dir/$image")"
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
