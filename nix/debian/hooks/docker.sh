# shellcheck shell=dash disable=SC2154
# dockerd starts these by their names; a PATH that has others of them wins.
programs=$out/bin
for program in containerd runc iptables; do programs=$programs:$(owner "/usr/bin/$program")/bin; done
wrap dockerd "export PATH=\${PATH:+\$PATH:}$programs"
