# shellcheck shell=dash disable=SC2154
# git finds its commands, its templates and its Perl modules through the environment, which the
# commands inherit.
modules=$out/share/perl5:$(owner /usr/share/perl5/Error.pm)/share/perl5
wrap git \
    "export GIT_EXEC_PATH=\${GIT_EXEC_PATH:-$out/lib/git-core}" \
    "export GIT_TEMPLATE_DIR=\${GIT_TEMPLATE_DIR:-$out/share/git-core/templates}" \
    "export GITPERLLIB=\${GITPERLLIB:-$modules}"
wrap scalar "export GIT_EXEC_PATH=\${GIT_EXEC_PATH:-$out/lib/git-core}"
