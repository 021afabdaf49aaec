# shellcheck shell=dash disable=SC2154
[ -e bin/pinentry ] || ln -s pinentry-curses bin/pinentry
