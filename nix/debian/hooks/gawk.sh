# shellcheck shell=dash disable=SC2154
ln -sf gawk bin/awk
