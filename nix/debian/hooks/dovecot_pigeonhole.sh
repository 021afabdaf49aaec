# shellcheck shell=dash disable=SC2154
# Finds its modules and reads its configuration as dovecot does, see there.
find bin lib/dovecot -type f -exec sed -i 's|/usr/lib/dovecot|/////lib/dovecot|g' {} +
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
