# shellcheck shell=bash
# shellcheck disable=SC2154 # Nix sets path and scriptPath
#
# Runs the script of a builder of builders.nix, stopping at the first command that fails.
set -eu -o pipefail
export PATH=$path
umask 022
# shellcheck source=/dev/null
. "$scriptPath"
