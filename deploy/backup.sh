#!/bin/sh
# backup.sh DIR: makes a backup below DIR, proves it by restoring it beside and playing its whole journal
# again, and removes the oldest so that KEEP stay (14). One that does not prove itself ends in an error, is
# kept under a name of its own, and then none is removed. The data directory is TILLWATCH_DATA_DIR.
set -eu

into=${1:?backup.sh DIR: where the backups go}
keep=${KEEP:-14}
server=${TILLWATCH_SERVER_PROGRAM:-tillwatch-server}
case $keep in '' | *[!0-9]* | 0) echo "KEEP=$keep: a number of backups, at least 1" >&2; exit 2 ;; esac

mkdir -p -- "$into"
told=$("$server" backup --to "$into")
backup=${told%% holds *}

trial=$into/.trial
rm -rf -- "$trial"
trap 'rm -rf -- "$trial"' EXIT
trap 'exit 1' INT TERM
if ! { "$server" --data-dir "$trial" restore --from "$backup" >/dev/null &&
    "$server" --data-dir "$trial" verify --replay; }; then
    mv -- "$backup" "$into/doubtful-${backup##*/}"
    echo "the backup does not prove itself; it is kept as $into/doubtful-${backup##*/}" >&2
    exit 1
fi
echo "$told"

# Their names sort by time.
set -- "$into"/tillwatch-*
while [ "$#" -gt "$keep" ]; do
    rm -rf -- "$1"
    shift
done
