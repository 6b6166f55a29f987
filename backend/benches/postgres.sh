#!/usr/bin/env bash
# Compares the server with PostgreSQL itself, on the same PostgreSQL in one run: single readings against single-row
# inserts of pgbench, with one, 64, 256 and 512 callers, and batches against COPY, each measured right before ours, because
# the machine may have other things to do. It syncs to the disk. The same single readings are also sent to a route that
# stores nothing: more than that client and server cannot do on this machine, whatever the database does.
#   cargo build --release -p tillwatch-server -p tillwatch-cli
#   PGBIN_EXTRA='-c fsync=on -c max_connections=600' tests/postgres.sh backend/benches/postgres.sh [SECONDS]
# BENCH_BIN names the folder of the programs, if that is not target/release.
set -u
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../../tests/lib.sh"
seconds=${1:-10}
programs=${BENCH_BIN:-$root/target/release}
url=${TILLWATCH_TEST_DATABASE_URL:?run it by tests/postgres.sh, see above}
for program in tillwatch-server tillwatch; do
    [ -x "$programs/$program" ] || fail "$programs/$program is missing"
done
sql() { "$TILLWATCH_TEST_PG_BIN/psql" -qtAX "$url" -c "$1"; }
[ "$(sql 'SHOW fsync')" = on ] || fail "fsync is off: PGBIN_EXTRA='-c fsync=on -c max_connections=600'"

"$programs/tillwatch-server" --demo --bench-routes --data-dir "$scratch/data" --listen 127.0.0.1:0 --database-url "$url" \
    >"$scratch/server.out" 2>"$scratch/server.log" &
server=$!
processes+=("$server")
wait_for 30 "the server" grep -q '^listening on ' "$scratch/server.out"
address=$(sed -n 's/^listening on //p' "$scratch/server.out")

# The same columns and the same indexes.
sql 'CREATE TABLE single (LIKE reading INCLUDING ALL); CREATE TABLE copied (LIKE reading INCLUDING ALL);
     CREATE SEQUENCE single_id CACHE 1'
cat >"$scratch/insert.sql" <<'SQL'
\set sensor random(1, 16)
INSERT INTO single (id, sensor, taken_at, received_at, source, temperature, humidity, pressure)
VALUES (nextval('single_id'), :sensor, 1767225600000000 + lastval(), 1767225600000000, 1, 21.5, 60.25, 1013.25);
SQL

# pgbench <callers>: inserts a second.
inserts() {
    "$TILLWATCH_TEST_PG_BIN/pgbench" -n -M prepared -c "$1" -j 2 -T "$seconds" -f "$scratch/insert.sql" "$url" 2>/dev/null |
        sed -n 's/^tps = \([0-9]*\).*/\1/p'
}

# load <what> <callers> <more…>: readings a second.
load() {
    local what=$1 callers=$2
    shift 2
    "$programs/tillwatch" load "$what" --server "$address" --callers "$callers" --seconds "$seconds" "$@" \
        >"$scratch/load.txt" 2>&1 || { cat "$scratch/load.txt" >&2; fail "load $what"; }
    cat "$scratch/load.txt" >>"$scratch/all.txt"
    # The first figure before "/s".
    grep -o '[0-9.,]*/s' "$scratch/load.txt" | head -n 1 | tr -d '.,/s'
}

# rate <stored|compared>: what the last load says of it.
rate() { sed -n "s|^$1: \([0-9]*\)/s.*|\1|p" "$scratch/load.txt"; }

# A million rows, as the columns of a reading.
rows=1000000
awk -v rows=$rows 'BEGIN { OFS = "\t"; for (n = 1; n <= rows; n++)
    print n, n % 16 + 1, sprintf("%.0f", 1767225600000000 + n * 1000), "1767225600000000", 1, 20 + n % 100 / 10, 60.25, 1013.25 }' \
    >"$scratch/rows.tsv"

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }
report() { printf '%-40s %10s/s  against %10s/s of %-8s  %s\n' "$1" "$2" "$3" "$4" "$(ratio "$2" "$3")"; }

# A million rows through COPY: rows a second.
copy() {
    sql 'TRUNCATE copied'
    local begun
    begun=$(date +%s%N)
    "$TILLWATCH_TEST_PG_BIN/psql" -qX "$url" -c '\copy copied FROM '"'$scratch/rows.tsv'" || fail "COPY"
    echo $((rows * 1000000000 / ($(date +%s%N) - begun)))
}

for callers in 1 64 256 512; do
    theirs=$(inserts "$callers")
    ours=$(load readings "$callers")
    report "single readings, $callers callers" "$ours" "$theirs" pgbench
done
# In turns with the route that stores nothing; `theirs` is that of 64 callers.
load readings 64 --compare >/dev/null
report "the same in turns with the next" "$(rate stored)" "$theirs" pgbench
report "64 callers, parsed and not stored" "$(rate compared)" "$theirs" pgbench
for format in compact json; do
    for callers in 1 4; do
        theirs=$(copy)
        ours=$(load batch "$callers" --format "$format")
        report "batches of 10,000, $format, $callers callers" "$ours" "$theirs" COPY
    done
done
stop "$server" 20
