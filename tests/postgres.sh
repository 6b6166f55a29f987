#!/usr/bin/env bash
# Runs a command with a PostgreSQL of its own: a new cluster in a temporary directory, on a free port, that is
# gone afterwards. TILLWATCH_TEST_DATABASE_URL names it; tests of the PostgreSQL engine run when that is set.
#   tests/postgres.sh cargo test -p tillwatch-server
# PGBIN_EXTRA may hold more settings for the server, such as '-c fsync=on'.
set -u
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
[ $# -gt 0 ] || fail "usage: tests/postgres.sh <command…>"

pgbin=${TILLWATCH_TEST_PG_BIN:-$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)}
[ -x "$pgbin/initdb" ] || fail "PostgreSQL is missing: apt-get install postgresql"
export TILLWATCH_TEST_PG_BIN=$pgbin

# PostgreSQL does not run as root.
as_user=()
if [ "$(id -u)" = 0 ]; then
    as_user=(setpriv --reuid=postgres --regid=postgres --init-groups)
    chmod 755 "$scratch"
    install -d -o postgres "$scratch/pg"
else
    mkdir "$scratch/pg"
fi

cd "$scratch" || exit 1
"${as_user[@]}" "$pgbin/initdb" -D "$scratch/pg/data" -U tillwatch -A trust -E UTF8 --no-sync >"$scratch/initdb.log" 2>&1 ||
    { cat "$scratch/initdb.log" >&2; fail "initdb"; }
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
# shellcheck disable=SC2086 # PGBIN_EXTRA is several words.
"${as_user[@]}" "$pgbin/postgres" -D "$scratch/pg/data" -p "$port" -c listen_addresses=127.0.0.1 \
    -c unix_socket_directories="$scratch/pg" -c fsync=off -c max_connections=300 ${PGBIN_EXTRA:-} \
    >"$scratch/postgres.log" 2>&1 &
postgres=$!
processes+=("$postgres")
wait_for 30 "PostgreSQL" "$pgbin/pg_isready" -q -h 127.0.0.1 -p "$port" -U tillwatch -d postgres
export TILLWATCH_TEST_DATABASE_URL=postgres://tillwatch@127.0.0.1:$port/postgres

cd "$root" || exit 1
"$@"
result=$?
# A fast stop: so that no shared memory is left behind.
kill -INT "$postgres" 2>/dev/null
wait_for 20 "PostgreSQL to end" gone "$postgres"
exit "$result"
