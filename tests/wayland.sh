# The same as windows.sh on a Wayland screen without X: read after it by a script that has had its windows on X, and
# from there on the keys and the pictures are those of Wayland.
# shellcheck shell=bash disable=SC2154,SC2034 # lib.sh and windows.sh set what is read here, and read what is set

# start_wayland <width>x<height>: sway without a monitor, and a Brazilian keyboard at its seat.
start_wayland() {
    local as_other=()
    mkdir -m 700 "$scratch/seat"
    if [ "$(id -u)" = 0 ]; then
        # sway does not run as root.
        as_other=(setpriv --reuid=65534 --regid=65534 --clear-groups)
        chmod 711 "$scratch"
        chown 65534:65534 "$scratch/seat"
    fi
    unset DISPLAY WAYLAND_DISPLAY SWAYSOCK
    export XDG_RUNTIME_DIR=$scratch/seat
    printf 'output HEADLESS-1 resolution %s\ndefault_border none\n' "$1" >"$scratch/seat/config"
    chmod 644 "$scratch/seat/config"
    env HOME="$scratch/seat" WLR_BACKENDS=headless WLR_RENDERER=pixman WLR_LIBINPUT_NO_DEVICES=1 \
        "${as_other[@]}" sway --config "$scratch/seat/config" >"$scratch/sway.log" 2>&1 &
    processes+=("$!")
    wait_for 20 "the Wayland screen" found "$scratch/seat" wayland- sway-ipc.
    WAYLAND_DISPLAY=$(found "$scratch/seat" wayland-)
    SWAYSOCK=$scratch/seat/$(found "$scratch/seat" sway-ipc.)
    export WAYLAND_DISPLAY SWAYSOCK
    wait_for 20 "the window manager" swaymsg -t get_outputs
    mkfifo "$scratch/keys"
    python3 "$root/tests/wayland_keyboard.py" <"$scratch/keys" >"$scratch/keyboard.log" 2>&1 &
    processes+=("$!")
    exec {keyboard}>"$scratch/keys"
    wait_for 20 "the keyboard" grep -q ready "$scratch/keyboard.log"
}

# found <folder> <beginning…>: the first socket of each beginning.
found() {
    local folder=$1 beginning socket
    shift
    for beginning in "$@"; do
        socket=$(find "$folder" -type s -name "$beginning*" -printf '%f\n' | head -n 1)
        [ -n "$socket" ] || return 1
        printf '%s\n' "$socket"
    done
}

window_of() { swaymsg -t get_tree | sed -n "s/.*\"name\": \"\(.*$1.*\)\".*/\1/p" | head -n 1; }

# A new window has the keyboard, and is as large as the screen.
turn_to() { window=$1; }

shoot() { grim "$1"; }

strike() { printf '%s\n' "$1" >&"$keyboard"; }

# write <text>: letters and digits.
write() {
    local place
    shoot "$scratch/before.png"
    for ((place = 0; place < ${#1}; place++)); do
        strike "${1:place:1}"
    done
    wait_for 30 "the text $1" changed 60
}
