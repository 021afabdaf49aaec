# shellcheck shell=dash disable=SC2154
# The firmware is found relative to the program. Debian's qemu-system-i386 is a script that
# starts the real one with a notice.
ln -sf ../libexec/qemu-system-i386 bin/qemu-system-i386
ln -sf qemu-system-x86_64 bin/qemu-kvm
