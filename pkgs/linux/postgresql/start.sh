#!/bin/sh
# Starts PostgreSQL in the foreground, on a database that is made when there is none.
set -eu

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    # A start that was interrupted leaves a half-made database; it is made elsewhere and moved when complete.
    new=$PGDATA.new
    rm -rf "$new"
    umask 077
    set -- --pgdata="$new" --username=postgres --encoding=UTF8 --locale=C \
        --auth-local=trust --auth-host=scram-sha-256
    if [ -n "${POSTGRES_PASSWORD:-}" ]; then
        printf '%s\n' "$POSTGRES_PASSWORD" >"$PGDATA.password"
        set -- "$@" --pwfile="$PGDATA.password"
    fi
    initdb "$@"
    rm -f "$PGDATA.password"
    printf 'host all all all scram-sha-256\n' >>"$new/pg_hba.conf"
    # What is there but is no database was not put there by this script.
    [ ! -e "$PGDATA" ] || rmdir "$PGDATA"
    mv "$new" "$PGDATA"
fi
unset POSTGRES_PASSWORD

exec postgres -c listen_addresses='*' -c unix_socket_directories=/run/postgresql
