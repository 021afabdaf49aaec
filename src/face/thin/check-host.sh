#!/bin/sh
# Says which store paths of a thin image are missing on this host, and what brings them; --realise brings them.
set -eu

image=@image@
# Where the layout of an OCI image is.
layout=@layout@
# What refers to all of the store paths, when that is in the store itself.
output=@output@
paths='
@paths@
'

if [ "$(id -u)" -eq 0 ]; then
  roots=/var/lib/nix2aci/roots
else
  roots=${XDG_STATE_HOME:-${HOME-}/.local/state}/nix2aci/roots
fi

usage() {
  cat <<END
usage: $image.check-host [--list | --realise [--from CACHE] [--root LINK]]

Says which of the store paths that $image mounts are missing on
this host, and what brings them. From afar: ssh HOST sh -s <$image.check-host

  --list        print the missing paths alone, one per line
  --realise     bring what is missing from the binary caches of this host, and
                keep all of it from garbage collection; from afar:
                ssh HOST sh -s -- --realise <$image.check-host
  --from CACHE  bring it from this binary cache, as in https://cache.example.com;
                it has to be signed by one of the trusted-public-keys in the
                nix.conf of this host
  --root LINK   the link that keeps it, in the place of one in
                $roots
  --help        print this text

Exit status: 0 none is missing, 1 some are, 2 wrong usage.
END
}

misused() {
  echo "check-host: $*; try --help" >&2
  exit 2
}
give_up() {
  echo "check-host: $*" >&2
  exit 1
}

given=$*
mode=check from='' root=''
while [ $# -gt 0 ]; do
  case $mode:$1 in
    check:--list) mode=list ;;
    check:--realise) mode=realise ;;
    check:--help | check:-h) usage && exit ;;
    realise:--from | realise:--root)
      [ -n "${2-}" ] || misused "$1 wants a value"
      if [ "$1" = --from ]; then from=$2; else root=$2; fi
      shift
      ;;
    *) misused "unknown arguments: $given" ;;
  esac
  shift
done

# Names in a store may have a question mark.
set -f
find_missing() {
  all=0 missing=0 lacks=''
  for path in $paths; do
    all=$((all + 1))
    if [ ! -e "$path" ] && [ ! -h "$path" ]; then
      missing=$((missing + 1))
      lacks="$lacks $path"
    fi
  done
}

# What Nix has said, as one line that tells the reason.
reason() {
  unsigned=$(printf '%s\n' "$said" | sed -n -e "s/.*cannot add path '\([^']*\)' because it lacks a.*/\1/p" \
    -e "s/.*substitute for '\([^']*\)' from .* not signed.*/\1/p" \
    -e "s/.*does not have a valid signature for path '\([^']*\)'.*/\1/p" | sed -n 1p)
  if [ -n "$unsigned" ]; then
    echo "$unsigned is not signed by any key that this host trusts (trusted-public-keys in its nix.conf)"
    return
  fi
  case $said in
    *'is not valid'* | *'does not exist'* | *'no substituter that can build it'* | *"don't know how to build"*)
      echo "not all of the image is there; where it was built, nix copy --to ${from:-CACHE} ${output:-$lacks} brings it there"
      ;;
    *) printf '%s\n' "$said" | sed -n 's/^error: *//p' | sed -n '$p' | grep . || printf '%s\n' "$said" | sed -n '$p' ;;
  esac
}

# Makes the link. Nix takes what there is, and what the caches of this host have, unless it is told otherwise.
keep() {
  # shellcheck disable=SC2086 # a word for each store path
  said=$(nix-store --add-root "$root" --indirect --realise $wanted "$@" 2>&1)
}

realise() {
  command -v nix-store >/dev/null || give_up "there is no Nix on $(uname -n)"
  wanted=${output:-$paths}
  if [ -z "$root" ]; then
    root=${output:-$image}
    root=$roots/${root##*/}
  fi
  case $root in */*) mkdir -p "${root%/*}" ;; esac
  ! keep --option substitute false || return 0
  if [ -z "$from" ]; then
    echo "$image: bringing what is missing from the binary caches of $(uname -n)"
    keep || give_up "not all was brought from the binary caches of $(uname -n): $(reason)"
    return
  fi
  echo "$image: bringing what is missing from $from"
  NIX_CONFIG="${NIX_CONFIG-}
extra-experimental-features = nix-command"
  export NIX_CONFIG
  # Until there is a link, a collection of garbage may take away what was brought. And Nix may lose its place in what it
  # reads when somebody else has brought the path before it: as often as there are paths. What is there is not brought again.
  find_missing
  while [ "$all" -ge 0 ]; do
    all=$((all - 1))
    # shellcheck disable=SC2086 # a word for each store path
    if said=$(nix copy --from "$from" $wanted 2>&1); then
      ! keep --option substitute false || return 0
    else
      case $said in *nix-archive-1*) ;; *) break ;; esac
    fi
  done
  give_up "not all was brought from $from: $(reason)"
}

[ "$mode" != realise ] || realise
find_missing
case $mode:$missing in
  realise:0) echo "$image: this host has all $all store paths, kept by $root" ;;
  realise:*) give_up "Nix has a record of what is not there; this mends it: nix-store --repair-path$lacks" ;;
  list:*) for path in $lacks; do echo "$path"; done ;;
  check:0) echo "$image: this host has all $all store paths" ;;
  check:*)
    echo "$image: this host lacks $missing of $all store paths:"
    for path in $lacks; do echo "  $path"; done
    cat <<END
Bring them here from a binary cache:
  nix-store --realise$lacks
or with all of the image, and kept from garbage collection:
  $image.check-host --realise
or send them from a machine that has them:
  nix copy --to ssh://$(uname -n)$lacks
END
    ;;
esac
if [ "$mode" = check ] && [ -n "$layout" ] && [ ! -e "$layout" ]; then
  cat <<END
A service made of $image.container starts the layout itself, $layout,
which this host lacks too. With it comes all that it mounts:
  nix copy --to ssh://$(uname -n) $layout
END
fi
[ "$missing" -eq 0 ]
