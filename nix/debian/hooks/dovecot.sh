# shellcheck shell=dash disable=SC2154
# Modules are loaded from /usr/lib/dovecot, whatever the configuration says. Here it is
# /////lib/dovecot, of the same length: in an image, the merged tree of dovecot and of
# dovecot_pigeonhole. libexec_dir and mail_plugin_dir have their defaults there as well; elsewhere
# a configuration sets them, and dovecot serves no logins without /lib/dovecot.
find bin lib/dovecot -type f -exec sed -i 's|/usr/lib/dovecot|/////lib/dovecot|g' {} +

# dovecot and doveadm start doveconf, at a path that is compiled in, which reads the configuration
# and starts them again. The wrapper takes that step instead.
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
