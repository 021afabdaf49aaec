# shellcheck shell=dash disable=SC2154
# The descriptions of terminals are another package, at a path that is compiled in.
wrap "pinentry-curses" "export TERMINFO_DIRS=\${TERMINFO_DIRS:-/etc/terminfo:$(owner /lib/terminfo)/lib/terminfo}"
[ -e bin/pinentry ] || ln -s pinentry-curses bin/pinentry
