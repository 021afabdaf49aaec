# shellcheck shell=dash disable=SC2154
# C.UTF-8, as nixpkgs' C library has it. This one looks for it in /usr/lib/locale alone: an image links that here.
dpkg-deb -x "$locale" "$stage"
mkdir -p lib/locale
mv "$stage/usr/lib/locale/C.utf8" lib/locale/
rm -rf "$stage"
