#!/usr/bin/env bash
# What is in deploy/: the backup script proves what it keeps, the install script puts everything in its place,
# menu entries and service units are well-formed, and the server runs as the container runs it: not as root,
# on a root file system that is read-only and holds no more than the C library.
set -u
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
deploy=$root/deploy

# --- backups -----------------------------------------------------------------------------------

backup() {
    env PATH="$bin:$PATH" TILLWATCH_DATA_DIR="$scratch/shop" "$@" "$deploy/backup.sh" "$scratch/backups"
}
kept() { find "$scratch/backups" -mindepth 1 -maxdepth 1 -name 'tillwatch-*' | sort; }

backup >"$scratch/none.out" 2>&1 && fail "a backup of nothing"
start_server shop --demo
backup KEEP=2 >"$scratch/1.out" || fail "the first backup"
grep -q 'every table is what the journal gives' "$scratch/1.out" || fail "it was not proved: $(cat "$scratch/1.out")"
oldest=$(kept)
backup KEEP=2 >/dev/null || fail "the second backup"
backup KEEP=2 >/dev/null || fail "the third backup"
[ "$(kept | wc -l)" = 2 ] || fail "two should stay: $(kept)"
[ ! -e "$oldest" ] || fail "the oldest should go"
[ ! -e "$scratch/backups/.trial" ] || fail "the trial is left behind"
backup KEEP=none >/dev/null 2>&1 && fail "KEEP=none was taken"

# A ledger whose journal does not give its tables: the backup says so, and nothing older is lost for it.
before=$(kept)
stop "$server" 10
python3 - "$scratch/shop/ledger.sqlite" <<'PYTHON'
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as db:
    db.execute("UPDATE product SET name = 'forged' WHERE id = (SELECT min(id) FROM product)")
PYTHON
backup KEEP=1 >"$scratch/doubtful.out" 2>&1 && fail "a doubtful backup passed: $(cat "$scratch/doubtful.out")"
grep -q 'does not prove itself' "$scratch/doubtful.out" || fail "no word about it: $(cat "$scratch/doubtful.out")"
[ "$(kept)" = "$before" ] || fail "good backups were lost"
ls -d "$scratch"/backups/doubtful-* >/dev/null || fail "the doubtful one is gone"

# --- installing --------------------------------------------------------------------------------

mkdir "$scratch/built"
for program in tillwatch tillwatch-server tillwatch-register tillwatch-monitor; do
    ln -s "$bin/$program" "$scratch/built/$program"
done
for what in desktop server; do
    DESTDIR=$scratch/installed BIN_DIR=$scratch/built "$deploy/install.sh" "$what" >"$scratch/install.out" ||
        fail "install.sh $what"
done
printf 'API_KEY=theirs\n' >"$scratch/installed/etc/tillwatch/server.env"
DESTDIR=$scratch/installed BIN_DIR=$scratch/built "$deploy/install.sh" server >/dev/null || fail "install.sh again"
grep -q theirs "$scratch/installed/etc/tillwatch/server.env" || fail "settings were overwritten"
desktop-file-validate "$scratch"/installed/usr/local/share/applications/*.desktop || fail "menu entries"
for entry in "$scratch"/installed/usr/local/share/applications/*.desktop; do
    program=$(sed -n 's/^Exec=//p' "$entry") icon=$(sed -n 's/^Icon=//p' "$entry")
    [ -x "$scratch/installed/usr/local/bin/$program" ] || fail "$entry starts $program"
    [ "$(find "$scratch/installed/usr/local/share/icons" -name "$icon.*" | wc -l)" = 3 ] || fail "icons of $entry"
done
if command -v systemd-analyze >/dev/null; then
    for unit in "$scratch"/installed/etc/systemd/system/*; do
        # The programs are where they would be, but for this run's folder.
        sed -i "s|/usr/local/bin/|$scratch/installed&|" "$unit"
    done
    systemd-analyze verify "$scratch"/installed/etc/systemd/system/* 2>&1 | grep . && fail "service units"
    # 20 means 2.0 of 10, where 10 is a service that may do anything.
    systemd-analyze security --offline=yes --threshold=20 --no-pager \
        "$scratch"/installed/etc/systemd/system/*.service >"$scratch/security.log" 2>&1 ||
        fail "units that may do too much: $(cat "$scratch/security.log")"
else
    echo 'There is no systemd here: its units are not checked.'
fi

# --- the container's surroundings ----------------------------------------------------------------

image=$scratch/image
mkdir -p "$image/data" "$image/tmp" "$image/dev" "$image/proc" "$image/usr/local/bin"
cp "$bin/tillwatch-server" "$image/usr/local/bin/"
ldd "$bin/tillwatch-server" | grep -o '/[^ ]*' | while read -r library; do
    mkdir -p "$image$(dirname "$library")" && cp -L "$library" "$image$library"
done
if [ "$(id -u)" = 0 ]; then
    user=(--userspec=65532:65532) own=()
    chown 65532:65532 "$image/data"
else
    user=() own=(--map-root-user)
fi
# in_image <command…>: where only /data and /tmp can be written, as the Dockerfile and compose.yml have it.
# It takes the place of the shell that calls it.
in_image() {
    # shellcheck disable=SC2016 # for the inner shell
    exec unshare "${own[@]}" --mount sh -euc '
        image=$1
        shift
        mount --bind "$image" "$image"
        mount --bind "$image/data" "$image/data"
        mount -o remount,bind,ro "$image"
        mount -t tmpfs tmpfs "$image/tmp"
        exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin TILLWATCH_DATA_DIR=/data TILLWATCH_LISTEN="$listen" chroot "$@"' \
        sh "$image" "${user[@]}" "$image" "$@"
}
export listen=127.0.0.1:0
in_image /usr/local/bin/tillwatch-server >"$scratch/image.out" 2>"$scratch/image.log" &
contained=$!
processes+=("$contained")
wait_for 30 "the contained server" address_in "$scratch/image.out"
listen=$(sed -n 's|listening on http://||p' "$scratch/image.out")
(in_image /usr/local/bin/tillwatch-server health) >"$scratch/health.out" || fail "health: $(cat "$scratch/health.out")"
grep -q '"status":"ok"' "$scratch/health.out" || fail "health: $(cat "$scratch/health.out")"
(in_image /usr/local/bin/tillwatch-server openapi) >/dev/null || fail "openapi in the image"
if [ "$(id -u)" = 0 ]; then
    [ "$(stat -c %u "/proc/$contained")" = 65532 ] || fail "it runs as root"
    [ "$(stat -c %u "$image/data/ledger.sqlite")" = 65532 ] || fail "the ledger is root's"
fi
stop "$contained" 10
(in_image /usr/local/bin/tillwatch-server health) >/dev/null 2>&1 && fail "health without a server"
printf 'deploy: backups prove themselves, everything installs, the server runs contained\n'
