# shellcheck shell=dash disable=SC2154
# The shims are beside it, runc is not.
wrap containerd "export PATH=\${PATH:+\$PATH:}$out/bin:$(owner /usr/bin/runc)/bin"
