# What the scripts share that drive real windows: a virtual screen, windows, keys and pictures. Read after lib.sh.
# shellcheck shell=bash disable=SC2154 # lib.sh sets what is read here

pictures=$root/build-output/$(basename "$0" .sh)
rm -rf -- "$pictures"
mkdir -p "$pictures"
mkdir -m 700 "$scratch/run"
export XDG_RUNTIME_DIR=$scratch/run TILLWATCH_TILL_DIR=$scratch/till

# start_screen <width>x<height>
start_screen() {
    # A key whose release comes late on a busy machine would repeat itself.
    Xvfb -r -displayfd 3 -screen 0 "$1x24" -nolisten tcp 3>"$scratch/display" >"$scratch/xvfb.log" 2>&1 &
    processes+=("$!")
    wait_for 20 "the virtual screen" test -s "$scratch/display"
    DISPLAY=:$(tr -d '[:space:]' <"$scratch/display")
    export DISPLAY
    unset WAYLAND_DISPLAY
    openbox >"$scratch/openbox.log" 2>&1 &
    processes+=("$!")
    wait_for 20 "the window manager" xdotool get_num_desktops
}

window_of() { xdotool search --onlyvisible --name "$1" | head -n 1; }

has_window() { [ -n "$(window_of "$1")" ]; }

# shoot <file> [window]
shoot() { import -window "${2:-$window}" "$1"; }

strike() { xdotool key --clearmodifiers "$1"; }

# open_window <program> <part of its title> <arguments…>: sets `window` and `program`.
open_window() {
    local name=$1 title=$2
    shift 2
    "$bin/$name" --server "$address" --config-dir "$scratch/$name" "$@" >"$scratch/$name.log" 2>&1 &
    # shellcheck disable=SC2034 # for the scripts that read this file
    program=$!
    processes+=("$program")
    wait_for 60 "the window of $name" has_window "$title"
    window=$(window_of "$title")
}

picture() { shoot "$pictures/$1.png" "${2:-root}"; }

# shellcheck disable=SC2329 # called by `fail`
at_failure() { picture failed; }

# changed <pixels>: whether at least so many pixels of the window differ from before.
changed() {
    local count
    shoot "$scratch/after.png" || return 1
    count=$(compare -metric AE "$scratch/before.png" "$scratch/after.png" null: 2>&1)
    count=$(printf '%.0f' "${count%% *}" 2>/dev/null) || return 1
    [ "$count" -ge "$1" ]
}

# looks_like <picture> <pixels>: whether fewer pixels of the window than these differ from the picture.
looks_like() {
    local count
    shoot "$scratch/now.png" || return 1
    count=$(compare -metric AE "$1" "$scratch/now.png" null: 2>&1)
    count=$(printf '%.0f' "${count%% *}" 2>/dev/null) || return 1
    [ "$count" -lt "$2" ]
}

# From here on the keyboard goes to this window.
turn_to() {
    window=$1
    xdotool windowactivate --sync "$window"
    xdotool windowfocus --sync "$window"
}

# press <key> <what it brings> [pixels]: a key, and the change on the screen that it makes. A frame
# or a mark on a field is some 500 pixels; a blinking cursor or a clock is less, a dialog far more.
press() {
    shoot "$scratch/before.png"
    strike "$1"
    wait_for 30 "$2" changed "${3:-400}"
}

# write <text> [milliseconds from key to key]: as a person types, not as a reader sends. (xdotool waits for half of its
# delay from key to key.)
write() {
    shoot "$scratch/before.png"
    xdotool type --delay "$((2 * ${2:-90}))" "$1"
    wait_for 30 "the text $1" changed 60
}

# A newcomer's access, in the register's window, until the stores are there to choose from.
sign_up() {
    press shift+Tab "the focus on the kinds of access"
    press Right "the form for a new access"
    write admin
    press Tab "the password field"
    write 1234
    press Return "the answer to the new access" 10000
    wait_for 30 "the choice of a store" changed 30000
}

# till <query> <answer>: whether the till's file says so.
till() {
    [ "$(python3 -c 'import sqlite3, sys
print(sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True).execute(sys.argv[2]).fetchone()[0])' \
        "$TILLWATCH_TILL_DIR/till.sqlite" "$1")" = "$2" ]
}

unsent() { till 'SELECT count(*) FROM parcel' "$1"; }
sold() { till 'SELECT count(*) FROM sold' "$1"; }
