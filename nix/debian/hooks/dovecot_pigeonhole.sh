# shellcheck shell=dash disable=SC2154
# Reads its configuration as dovecot does, see there.
ln -s lib libexec
for program in sievec sieve-dump sieve-test sieve-filter; do
    # shellcheck disable=SC2016 # the wrapper's own variables
    wrap "$program" "doveconf=$(owner /usr/bin/doveconf)/bin/doveconf" '
if [ -z "${DOVECONF_ENV-}" ]; then
    config=${CONFIG_FILE:-/etc/dovecot/dovecot.conf}
    while getopts ":a:c:Cdf:l:m:o:P:q:Q:r:s:t:T:u:vWx:DeE" option; do
        case $option in c) config=$OPTARG ;; esac
    done
    exec "$doveconf" -f "service=${0##*/}" -c "$config" -p -e "$0" "$@"
fi'
done
