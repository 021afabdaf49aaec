#!/bin/sh
# Links an image into a directory and keeps it from garbage collection; signs it, if it is an App Container Image.
# Keys, directory and user are those of whoever runs this; the build knows none of them.
# shellcheck disable=SC2317 # functions that a trap or another function calls
set -eu
unset CDPATH

face='@face@'
stem='@stem@'
reference='@reference@'
store='@store@'
sign='@sign@'
arguments='@arguments@'
# What the script run says to the engine by itself.
own='@own@'
# The directories of the images that this one stands on.
below='@below@'

# In the stem are letters, digits and . _ + ~ - alone, so that a list of names has blanks between them.
case $face in
  aci) image=$stem.aci dir=./ACIs root=.$stem.gcroot list=$stem.mounts needed=$image ;;
  # A layout is a directory, and the list of its mounts lies within. Both faces may be linked into one place, and a thin
  # layout has a name of its own, as it has a tag.
  oci)
    image=$stem.oci dir=./images needed=index.json sign=no
    case $reference in *-thin) image=$stem-thin.oci ;; esac
    root=.$image.gcroot list=$image/$stem.podman-mounts
    ;;
  index) image=$stem.oci dir=./images root=.$stem.oci.gcroot list=$stem.mounts needed=index.json sign=no ;;
esac
signature=$image.asc work=.$stem.work
line_break='
'

usage() {
  say "usage: postprocess.sh [--no-sign] [--fetch] [--] [DIR]

Links $image, and what else belongs to it, into DIR
($dir if none is given, made if missing), roots it there against garbage
collection, and prints the commands that run it. If any of this fails, DIR holds
what it held before."
  [ "$sign" = no ] || say "
Writes the detached signature DIR/$signature
with gpg2 or gpg. NIX2ACI_KEY names the key to sign with; without it gpg's
default key signs.

  --no-sign    do not sign
  --fetch      print the command that fetches the image, not the one that runs it"
  [ -z "$below" ] || say "
Does the same for the images that $image stands on first."
  say "
The link DIR/$root is the root: remove it with the image.
Exit status: 0 all done, 1 failed, 2 wrong usage, 3 done, but for the root."
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
# try WHAT COMMAND…
try() {
  what=$1 && shift
  reason=$("$@" 2>&1) || die "cannot $what: ${reason##*: }; mend that, or name another directory"
}
there() { [ -h "$1" ] || [ -e "$1" ]; }
# The argument as one word of a command line that can be pasted.
word() {
  case $1 in
    *[!A-Za-z0-9_./:@%+,=-]*) printf "'%s'" "$(say "$1" | sed "s/'/'\\\\''/g")" ;;
    *) printf '%s' "$1" ;;
  esac
}

fetch='' unsigned=''
while [ $# -gt 0 ]; do
  case $1 in
    --help | -h) usage && exit ;;
    --no-sign) sign=no unsigned=$1 ;;
    --fetch) fetch=yes ;;
    --) shift && break ;;
    -*) misused "unknown option $1 (a directory of that name is ./$1)" ;;
    *) break ;;
  esac
  shift
done
[ $# -le 1 ] || misused "more than one directory is given: $*"
[ $# -eq 0 ] || dir=$1
case $dir in
  '') misused 'the name of the directory is empty' ;;
  *"$line_break"*) misused 'the name of the directory has a line break' ;;
  -*) dir=./$dir ;;
esac
case $dir in ?*/) dir=${dir%/} ;; esac

# The image lies beside this script, to which a link may lead.
self=$0
[ ! -h "$self" ] || self=$(readlink -f -- "$self" 2>/dev/null) || self=$0
case $self in */*) ;; *) self=./$self ;; esac
# $( ) takes line breaks from the end.
from=$(cd -P -- "${self%/*}/" && printf %s. "$PWD") && from=${from%.}
[ -f "$from/$needed" ] || die "$needed is not beside this script; run it by its path, as in ./result/postprocess.sh"

# What the image stands on comes first; each does so with what it stands on itself.
status=0
IFS=$line_break
set -f
for base in $below; do
  "$base/postprocess.sh" ${unsigned:+"$unsigned"} --fetch -- "$dir" || status=$?
  case $status in 0 | 3) ;; *) die "that was about an image on which $image stands" ;; esac
done
set +f
unset IFS

cannot_sign() {
  # shellcheck disable=SC2016 # the $ are sed's
  reason=$(say "$said" | sed -n '/^gpg[^:]*: /{s///;h;};${g;p;}')
  case $said in
    *'[GNUPG:] INV_SGNR'*)
      mend="make a key with 'gpg --quick-generate-key NAME rsa3072 sign never'"
      mend="$mend, or choose one of 'gpg --list-secret-keys' by NIX2ACI_KEY"
      ;;
    *'[GNUPG:] PINENTRY_LAUNCHED'*) mend='the key is locked: run this in a terminal, or unlock the key in gpg-agent' ;;
    *) mend='mend that' ;;
  esac
  die "gpg cannot sign $image${NIX2ACI_KEY:+ with NIX2ACI_KEY=$NIX2ACI_KEY}: ${reason:-exit status $1}; $mend," \
    'or pass --no-sign'
}
# The signature is made before anything else is, and needs no file until then.
if [ "$sign" = yes ]; then
  gpg=$(command -v gpg2 || command -v gpg) ||
    die 'neither gpg2 nor gpg is on PATH; install GnuPG, or pass --no-sign'
  say "Signing $image"
  # The agent asks for a passphrase on the terminal, if there is one.
  if tty=$(tty 2>/dev/null) || tty=$(tty <&2 2>/dev/null); then export GPG_TTY="$tty"; fi
  set -- --status-fd 1 --armor --digest-algo SHA512 --output - ${NIX2ACI_KEY:+"--local-user=$NIX2ACI_KEY"}
  [ -n "${GPG_TTY-}" ] || set -- --batch --no-tty "$@"
  said=$("$gpg" "$@" --detach-sign -- "$from/$image" 2>&1 </dev/null) || cannot_sign "$?"
  # Type, public-key algorithm (RFC 4880, 9.1), digest, class, time, and fingerprint of the key that signed.
  created=${said#*'[GNUPG:] SIG_CREATED '} && created=${created%%"$line_break"*}
  case $created in
    'D 1 '* | 'D 3 '* | 'D 17 '*) ;;
    'D '*) warn "the key ${created##* } is neither RSA nor DSA, and rkt takes no other; NIX2ACI_KEY chooses another" ;;
    *) cannot_sign 0 ;;
  esac
fi
# Readable for all, also where other new files are not.
write_signature() {
  umask 022
  say "$said" | sed -n '/^gpg[^:]*: /d; /^\[GNUPG:\]/d; /^-----BEGIN /,/^-----END /p' | cat >"$work/$signature"
}

ours='' touched=''
# A change that does not come to its end is undone. A signature goes before its image does, and comes back after it.
leave() {
  trap '' HUP INT PIPE TERM
  set +e
  case $touched in *".asc") rm -f -- "$signature" ;; esac
  for name in $touched; do
    if there "$work/old/$name"; then mv -f -- "$work/old/$name" ./; else rm -f -- "$name"; fi
  done
  [ -z "$ours" ] || rm -rf -- "$work"
} 2>/dev/null
trap leave EXIT
trap 'exit 130' HUP INT PIPE TERM

try "make the directory $dir" mkdir -p -- "$dir"
cd -P -- "$dir" 2>/dev/null || die "cannot enter $dir; name another directory"
# One run at a time: the lock is on the directory itself, and ends with this script. What is left then is of a run that
# was killed.
if [ -r . ] && exec 9<. && flock 9 2>/dev/null; then
  ours=yes
  try "remove $dir/$work" rm -rf -- "$work"
fi
[ ! -d "$work" ] || die "$dir/$work is of another run; remove it, if that was killed"
try "write in $dir" mkdir -- "$work"
ours=yes
try "write in $dir" mkdir -- "$work/old"

# Everything is made first, where nobody sees it; what then happens in DIR are renames.
case $face in
  aci) try "link $image into $dir" ln -s -- "$from/$stem".* "$work/" ;;
  oci | index) try "link $image into $dir" ln -s -- "$from" "$work/$image" ;;
esac
names=''
for file in "$work/$stem"[-.]*; do names="$names ${file##*/}"; done
[ "$sign" = no ] || try "write $signature in $dir" write_signature

# Thin or not, an image has the same name; a list of mounts, beside it or in the layout, tells which it is.
form() { if [ -e "$1" ]; then say thin; else say 'not thin'; fi; }
was=$(form "$list") is=$(form "$work/$list")
[ -h "$image" ] && [ -e "$image" ] || was=$is

# What is the old image's alone: lists of a thin one, and the signature, which stays beside the same bytes.
outdated=''
if [ "$face" = aci ]; then
  for name in "$stem.mounts" "$stem.nspawn" "$stem.check-host"; do
    there "$work/$name" || [ ! -h "$name" ] || outdated="$outdated $name"
  done
  if [ "$sign" = yes ] || { there "$signature" && ! cmp -s -- "$image" "$work/$image" 2>/dev/null; }; then
    outdated="$outdated $signature"
  fi
fi
for name in $names $root $outdated; do
  there "$name" || continue
  [ -h "$name" ] || [ ! -d "$name" ] || die "$dir/$name is a directory; move it out of the way"
  try "keep the old $name of $dir" cp -pP -- "$name" "$work/old/"
done
touched="$names $root $outdated"

# Root first, links after: a link is never there without it.
case $from in
  "$store"/*)
    # Nix before 2.4 makes an indirect root only with --indirect; later ones always do.
    reason=$(nix-store --add-root "$PWD/$root" --indirect --realise "$from" 2>&1 </dev/null) || {
      status=3
      warn "nix-store made no root (${reason##*"$line_break"}): nothing keeps $from from garbage collection," \
        "and the links in $dir dangle after one; run this again when it can"
    }
    ;;
  *) say "Not in $store: the links hold as long as $from is there" ;;
esac
for name in $names; do say "Linking $name into $dir"; done
for name in $outdated; do try "remove $dir/$name" rm -f -- "$name"; done
# With a directory as its target mv renames into it, and does not follow what stands there under the name.
for file in "$work/$stem"[-.]*; do try "replace $dir/${file##*/}" mv -f -- "$file" ./; done
touched=''
[ "$was" = "$is" ] ||
  warn "$dir/$image was $was and is $is now; to keep both, link one into another DIR, as in postprocess.sh DIR"

case $face in
  aci)
    run='rkt run'
    [ -e "$signature" ] || run='rkt --insecure-options=image run'
    [ -z "$fetch" ] || {
      say "Fetch it first: ${run%run}fetch $(word "$dir/$image")"
      exit "$status"
    }
    # The mounts of a thin image, as arguments: the reader's shell expands them.
    [ ! -e "$from/$list" ] || run="$run \$(cat $(word "$dir/$list"))"
    say "Run it: $run${arguments:+ $arguments} $(word "$dir/$image")"
    ;;
  oci | index)
    at=$(word "$dir/$image")
    say "Run it: $at/run${arguments:+ $arguments}"
    [ -z "$own" ] || say "It runs with $own"
    say "Load it: $at/load"
    say "Push it: $at/push REGISTRY/$reference"
    [ ! -e "$from/deploy" ] || say "Deploy it: $at/deploy HOST"
    ;;
esac
case $arguments in */path/on/this/host*) say 'In place of /path/on/this/host write what the volume is to show' ;; esac
exit "$status"
