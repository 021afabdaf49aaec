# shellcheck shell=dash disable=SC2154
# The hook of the first patchelf: it runs itself through glibc's loader, and so makes itself a
# program that needs no loader named on the command line; an RPATH serves its libraries as well.
libraries=$out/lib/$triplet
for loader in "$libraries"/ld-linux-*.so.*; do :; done
cp bin/patchelf bin/patchelf.unlinked
"$loader" --library-path "$libraries" bin/patchelf.unlinked \
    --set-interpreter "$loader" --force-rpath --set-rpath "$libraries" bin/patchelf
rm bin/patchelf.unlinked
