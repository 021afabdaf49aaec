# shellcheck shell=dash disable=SC2154
# dovecot and doveadm start doveconf, at a path that is compiled in, to read their configuration,
# and are started by it again. The wrapper takes that step instead; what follows needs no fixed
# path but these, which a configuration that uses plugins or sieve must set:
#   mail_plugin_dir = …/lib/dovecot/modules
# where the folder holds the modules of dovecot and of dovecot_pigeonhole, as the merged tree of
# an image does. A protocol of dovecot_pigeonhole (sieve) also needs the folder
# /usr/lib/dovecot/modules/settings: have /usr/lib/dovecot as a link to /lib/dovecot.
ln -s lib libexec
configured() {
    mv "bin/$1" "bin/.$1-wrapped"
    {
        echo "#!$bash/bin/bash"
        echo "program=$out/bin/.$1-wrapped module=$2 out=$out"
        cat <<'SCRIPT'
config=${CONFIG_FILE:-/etc/dovecot/dovecot.conf}
OPTIND=1
while getopts ":Fanpc:Dvkf:o:i:" option; do
    case $option in
        c) config=$OPTARG ;;
        a | n) [ "$module" != master ] || exec "$out/bin/doveconf" "-$option" -c "$config" ;;
    esac
done
first=${!OPTIND}
case ${1-} in --*) exec -a "$0" "$program" "$@" ;; esac
if [ "$module" = master ]; then
    case $first in stop | reload) exec "$out/bin/doveadm" -c "$config" "$first" ;; esac
fi
exec "$out/bin/doveconf" -f "service=$module" -c "$config" -m "$module" -p \
    -o "libexec_dir=$out/lib/dovecot" -e "$program" "$@"
SCRIPT
    } >"bin/$1"
    chmod 755 "bin/$1"
}
configured dovecot master
configured doveadm doveadm
