# shellcheck shell=dash disable=SC2154
# As Debian's alternatives have it: iptables is the one for nftables, the old one is
# iptables-legacy.
for family in iptables ip6tables; do
    for command in "" -save -restore; do ln -s xtables-nft-multi "bin/$family$command"; done
done
for family in arptables ebtables; do
    for command in "" -save -restore; do ln -s xtables-nft-multi "bin/$family$command"; done
done
wrap "xtables-nft-multi xtables-legacy-multi" \
    "export XTABLES_LIBDIR=\${XTABLES_LIBDIR:-$out/lib/$triplet/xtables}"
