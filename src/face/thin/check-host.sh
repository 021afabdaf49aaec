#!/bin/sh
# Says which store paths of a thin image are missing on this host, and what brings them.
set -eu

image='@image@'
# Where the layout of an OCI image is.
layout='@layout@'
paths='
@paths@
'

usage() {
  cat <<END
usage: $image.check-host [--list]

Says which of the store paths that $image mounts are missing on
this host, and what brings them. From afar: ssh HOST sh -s <$image.check-host

  --list   print the missing paths alone, one per line
  --help   print this text

Exit status: 0 none is missing, 1 some are, 2 wrong usage.
END
}

list=no
case $#:${1-} in
  0:) ;;
  1:--list) list=yes ;;
  1:--help | 1:-h) usage && exit ;;
  *)
    echo "check-host: unknown arguments: $*; try --help" >&2
    exit 2
    ;;
esac

# Names in a store may have a question mark.
set -f
all=0 missing=0 lacks=''
for path in $paths; do
  all=$((all + 1))
  if [ ! -e "$path" ] && [ ! -h "$path" ]; then
    missing=$((missing + 1))
    lacks="$lacks $path"
  fi
done

if [ "$list" = yes ]; then
  for path in $lacks; do echo "$path"; done
elif [ "$missing" -eq 0 ]; then
  echo "$image: this host has all $all store paths"
else
  echo "$image: this host lacks $missing of $all store paths:"
  for path in $lacks; do echo "  $path"; done
  cat <<END
Bring them here from a binary cache:
  nix-store --realise$lacks
or send them from a machine that has them:
  nix copy --to ssh://$(uname -n)$lacks
END
fi
if [ "$list" = no ] && [ -n "$layout" ] && [ ! -e "$layout" ]; then
  cat <<END
A service made of $image.container starts the layout itself, $layout,
which this host lacks too. With it comes all that it mounts:
  nix copy --to ssh://$(uname -n) $layout
END
fi
[ "$missing" -eq 0 ]
