# shellcheck shell=dash disable=SC2154
# nixpkgs' bash is the sh of its images. bashbug wants a mailer and an editor.
ln -s bash bin/sh
rm bin/bashbug
