#!/usr/bin/env bash
# Portuguese as it is typed: on a Brazilian keyboard, with dead keys and ç, in the register's real window, on X and on
# Wayland. What is typed into the search line becomes the name of a product that the server then has, letter by letter.
# Screenshots stay in build-output/accents/.
set -u
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/windows.sh
. "$(dirname "$0")/windows.sh"

# keys <key…>: as a person presses them. A dead key and the letter after it make one letter.
keys() {
    local key
    for key in "$@"; do
        strike "$key"
        sleep 0.06
    done
}

known() { curl -fsS -H "authorization: Bearer $token" "$address/api/v1/products?limit=1000" | grep -q "\"name\":\"$1\""; }

# typed <screen>: by a newcomer, at a till and a server of their own.
typed() {
    start_server "shop_$1" --demo
    TILLWATCH_TILL_DIR=$scratch/till_$1
    rm -rf -- "$scratch/tillwatch-register"
    open_window tillwatch-register 'Caixa'
    turn_to "$window"
    sign_up
    press Return "the till" 100000
    shoot "$scratch/before.png"
    keys shift+r a ccedilla dead_tilde a o space a dead_acute e dead_circumflex e dead_grave a \
        shift+dead_diaeresis u shift+ccedilla dead_tilde shift+o
    wait_for 30 "what was typed in the search line" changed 400
    picture "$1_search"
    press F3 "the form for a product" 20000
    press Return "the product" 20000
    token=$(sign_in admin 1234)
    wait_for 20 "the product at the server" known 'Ração aéêàüÇÕ'
    picture "$1_product"
    end_at_once "$program"
    end_at_once "$server"
    printf 'accents: what was typed with dead keys on %s is a product at the server\n' "$1"
}

start_screen 1366x768
setxkbmap -layout br -variant abnt2 || fail "no Brazilian keyboard"
typed x11
# shellcheck source=tests/wayland.sh
. "$(dirname "$0")/wayland.sh"
start_wayland 1366x768
typed wayland
