# shellcheck shell=dash disable=SC2154
# dovecot and doveadm start doveconf, at a path that is compiled in, which reads the configuration
# and starts them again. The wrapper takes that step instead. What a configuration must say is
#   libexec_dir = …/lib/dovecot
#   mail_plugin_dir = …/lib/dovecot/modules
# the folders with the programs and the modules of dovecot, and of dovecot_pigeonhole: in an image
# those below /lib/dovecot, the merged tree. The protocol sieve is known to dovecot only where
# /usr/lib/dovecot leads there too.
ln -s lib libexec
for program in dovecot:master doveadm:doveadm; do
    # shellcheck disable=SC2016 # the wrapper's own variables
    wrap "${program%:*}" "out=$out module=${program#*:}" '
if [ -z "${DOVECONF_ENV-}" ]; then
    config=${CONFIG_FILE:-/etc/dovecot/dovecot.conf} print=
    while getopts ":Fanpc:Dvkf:o:i:" option; do
        case $option in
            c) config=$OPTARG ;;
            a | n) print=-$option ;;
        esac
    done
    command=${!OPTIND-}
    case $module${1-} in
        *--*) DOVECONF_ENV=1 ;;
        master*)
            if [ -n "$print" ]; then exec "$out/bin/doveconf" "$print" -c "$config"; fi
            case $command in
                reload | stop) exec "$out/bin/doveadm" -c "$config" "$command" ;;
            esac
            ;;
    esac
fi
if [ -z "${DOVECONF_ENV-}" ]; then
    exec "$out/bin/doveconf" -f "service=$module" -c "$config" -m "$module" -p -e "$0" "$@"
fi'
done
