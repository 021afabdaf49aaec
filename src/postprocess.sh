#!/bin/sh
# Links an image into a directory, keeps it from garbage collection and signs it.
# Keys, directory and user are those of whoever runs this; the build knows none of them.
set -eu
unset CDPATH

stem='@stem@'
store='@store@'
sign='@sign@'

usage() {
  cat <<END
usage: postprocess.sh [--no-sign] [--] [DIR]

Links $stem.aci, and what else belongs to it, into DIR (./ACIs if none
is given, made if missing), roots it there against garbage collection, and
writes the detached signature DIR/$stem.aci.asc with gpg2 or gpg.
DIR is left as it was when any of this fails.

  --no-sign    do not sign
  --help       print this text

NIX2ACI_KEY names the key to sign with; without it gpg's default key signs.
The link DIR/.$stem.gcroot is the root: remove it with the image.
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

dir=./ACIs
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
[ -f "$from/$stem.aci" ] ||
  die "$stem.aci is not beside this script; run it by its path, as in ./result/postprocess.sh"

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
for file in "$from/$stem".* "$stem.aci.asc"; do
  held=$place/${file##*/}
  [ -h "$held" ] || [ ! -d "$held" ] || die "$dir/${file##*/} is a directory; move it out of the way"
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
  die "gpg cannot sign $stem.aci into $dir: ${reason:-exit status $status}"
}

if [ "$sign" = yes ]; then
  say "Signing $stem.aci"
  report=$(mktemp) || die "cannot write in ${TMPDIR:-/tmp}"
  if [ -t 0 ]; then
    GPG_TTY=$(tty) && export GPG_TTY
  elif [ -t 2 ]; then
    GPG_TTY=$(tty <&2) && export GPG_TTY
  fi
  signature=$work/$stem.aci.asc
  run_gpg ${NIX2ACI_KEY:+"--local-user=$NIX2ACI_KEY"} --armor --digest-algo SHA512 --output "$signature" \
    --detach-sign -- "$from/$stem.aci" || cannot_sign
  # Type, public-key algorithm (RFC 4880, 9.1), digest, class, time, and fingerprint of the key that signed.
  read -r _ algorithm _ _ _ fingerprint <<END
$(sed -n 's/^\[GNUPG:\] SIG_CREATED //p' "$report" | head -n 1)
END
  case $algorithm in
    1 | 3 | 17) ;;
    *) warn "the key $fingerprint is neither RSA nor DSA, and rkt takes no other; NIX2ACI_KEY chooses another key" ;;
  esac
  run_gpg --verify -- "$signature" "$from/$stem.aci" ||
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
    elif ! reason=$(nix-store --add-root "$place/.$stem.gcroot" --indirect --realise "$from" 2>&1); then
      done=3
      warn "nix-store refuses a root ($(say "$reason" | tail -n 1)): $unkept"
    fi
    ;;
  *) say "Not in $store: the links hold as long as $from is there" ;;
esac

# With a directory as its target mv renames into it, and does not follow what stands there under the name.
move() { reason=$(mv -f -- "$work/$1" "$place/" 2>&1) || die "cannot replace $dir/$1: ${reason##*: }"; }

aci=$place/$stem.aci
# A signature or list of mounts of another image would be worse than none.
[ "$(readlink -- "$aci" 2>/dev/null)" = "$from/$stem.aci" ] || [ "$sign" = yes ] || rm -f -- "$aci.asc"
[ -e "$from/$stem.mounts" ] || [ ! -h "$place/$stem.mounts" ] || rm -f -- "$place/$stem.mounts"
for file in "$from/$stem".*; do
  name=${file##*/}
  say "Linking $name into $dir"
  ln -s -- "$file" "$work/$name"
  move "$name"
done
[ "$sign" != yes ] || move "$stem.aci.asc"

run='rkt run'
[ "$sign" = yes ] || [ -e "$aci.asc" ] || run='rkt --insecure-options=image run'
# shellcheck disable=SC2016 # the reader's shell expands it
[ ! -e "$from/$stem.mounts" ] || run="$run \$(cat $(word "$dir/$stem.mounts"))"
say "Run it: $run $(word "$dir/$stem.aci")"
exit "$done"
