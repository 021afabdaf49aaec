# shellcheck shell=dash disable=SC2154
# perl looks for its modules where Debian compiled it to; PERL5LIB comes before.
library=
for folder in "etc/perl" "lib/$triplet/perl5/5.36" share/perl5 "lib/$triplet/perl-base" "lib/$triplet/perl/5.36" share/perl/5.36; do
    if [ -d "$folder" ]; then library=$library:$out/$folder; fi
done
wrap perl "export PERL5LIB=\${PERL5LIB:+\$PERL5LIB:}${library#:}"
for other in bin/perl5.*; do
    case $other in
        *-linux-gnu) rm "$other" ;;
        *) ln -sf perl "$other" ;;
    esac
done
