# shellcheck shell=dash disable=SC2154
wrap_python
