# shellcheck shell=dash disable=SC2154
# The programs of GnuPG ask this file where the others are.
cat >bin/gpgconf.ctl <<CTL
rootdir = $out
sysconfdir = /etc/gnupg
CTL
ln -s lib/gnupg libexec
ln -s "$(owner /usr/bin/pinentry-curses)/bin/pinentry-curses" bin/pinentry
