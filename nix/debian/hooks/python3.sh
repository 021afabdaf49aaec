# shellcheck shell=dash disable=SC2154
# Finds its library beside itself.
ln -s python3 bin/python
