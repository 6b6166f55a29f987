#!/bin/sh
# Installs what was built (cargo build --release) on this machine.
#   deploy/install.sh desktop    both windows, the command line, menu entries and icons
#   deploy/install.sh server     the server as a service of systemd, with a nightly backup
# PREFIX (/usr/local) and, for packagers, DESTDIR say where; BIN_DIR where the programs were built.
set -eu

here=$(cd "$(dirname "$0")" && pwd -P)
prefix=${PREFIX:-/usr/local}
root=${DESTDIR:-}
built=${BIN_DIR:-$here/../target/release}

put() { # <mode> <from> <to>
    mkdir -p -- "$(dirname "$root$3")"
    install -m "$1" -- "$2" "$root$3"
}

program() {
    [ -x "$built/$1" ] || { echo "$built/$1 is missing: cargo build --release --locked first" >&2; exit 1; }
    put 755 "$built/$1" "$prefix/bin/$1"
}

desktop() {
    program tillwatch
    for window in register monitor; do
        program "tillwatch-$window"
        put 644 "$here/tillwatch-$window.desktop" "$prefix/share/applications/tillwatch-$window.desktop"
        put 644 "$here/icons/tillwatch-$window.svg" \
            "$prefix/share/icons/hicolor/scalable/apps/tillwatch-$window.svg"
        for size in 48 128; do
            put 644 "$here/icons/tillwatch-$window-$size.png" \
                "$prefix/share/icons/hicolor/${size}x$size/apps/tillwatch-$window.png"
        done
    done
    echo "The windows are in the desktop's menu as Tillwatch Caixa and Tillwatch Monitor."
}

server() {
    program tillwatch-server
    put 755 "$here/backup.sh" "$prefix/bin/tillwatch-backup"
    # The units name /usr/local/bin.
    for unit in tillwatch-server.service tillwatch-backup.service tillwatch-backup.timer; do
        mkdir -p -- "$root/etc/systemd/system"
        sed "s|/usr/local/bin/|$prefix/bin/|" "$here/$unit" >"$root/etc/systemd/system/$unit"
    done
    put 644 "$here/tillwatch.sysusers" /etc/sysusers.d/tillwatch.conf
    put 644 "$here/tillwatch.tmpfiles" /etc/tmpfiles.d/tillwatch.conf
    mkdir -p -- "$root/etc/tillwatch"
    # Settings hold keys: for root's eyes, who starts the service.
    [ -e "$root/etc/tillwatch/server.env" ] || put 600 "$here/.env.example" /etc/tillwatch/server.env
    echo "Settings: /etc/tillwatch/server.env. Then:"
    echo "  systemd-sysusers && systemd-tmpfiles --create && systemctl daemon-reload"
    echo "  systemctl enable --now tillwatch-server tillwatch-backup.timer"
    echo "  journalctl -u tillwatch-server        # the set-up code of the first start"
}

case ${1:-} in
    desktop) desktop ;;
    server) server ;;
    *) sed -n '2,5s/^# *//p' "$0" >&2; exit 2 ;;
esac
