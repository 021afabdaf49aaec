# shellcheck shell=dash disable=SC2154
# The description of file types is another package, at a path that is compiled in.
wrap file "export MAGIC=\${MAGIC:-$(owner /usr/lib/file/magic.mgc)/lib/file/magic.mgc}"
