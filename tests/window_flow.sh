#!/usr/bin/env bash
# The real windows against a real server on a virtual screen, driven by the keyboard alone: sign up
# admin/1234 in the register, sign in at the monitor, add "Parafuso 10mm", receive 50, and the
# monitor draws it within its poll of 5 seconds. Screenshots stay in build-output/window_flow/.
set -u
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/windows.sh
. "$(dirname "$0")/windows.sh"

field() { # <name>: the text of that name in the monitor's line about the entry
    grep 'Parafuso 10mm' "$scratch/events" | json_field "$1"
}

start_screen 2576x760
start_server shop --demo
"$bin/tillwatch" simulate sensors --server "$address" --backfill 24h >"$scratch/devices.log" 2>&1 &
processes+=("$!")
wait_for 60 "the past of the devices" grep -q 'live$' "$scratch/devices.log"

open_window tillwatch-register 'Caixa'
register=$window
open_window tillwatch-monitor 'Monitor' --event-log "$scratch/events"
monitor=$window
xdotool windowmove "$monitor" 0 0
xdotool windowmove "$register" 1290 0

turn_to "$register"
sign_up
picture 1_register_store "$register"
press Return "the till" 100000

turn_to "$monitor"
write admin
press Tab "the password field of the monitor"
write 1234
press Return "the overview" 100000
wait_for 30 "a first row in the monitor" test -s "$scratch/events"

turn_to "$register"
press F3 "the form for a product" 20000
write 'Parafuso 10mm'
picture 2_register_product "$register"
press Return "the product" 20000
token=$(sign_in admin 1234)
known() { curl -fsS -H "authorization: Bearer $token" "$address/api/v1/products?q=Parafuso" | grep -q 'Parafuso 10mm'; }
wait_for 30 "the product at the server" known
press F5 "the menu of stock" 20000
press F5 "the form for an entry" 20000
write 50
picture 3_register_entry "$register"
press Return "the entry" 20000
import -window "$monitor" "$scratch/before.png"
drawn() { grep -q 'Parafuso 10mm' "$scratch/events"; }
wait_for 30 "the entry in the monitor" drawn
# A new row moves the others down, which is more than an age that counts on.
window=$monitor
wait_for 10 "the entry on the screen" changed 2000
picture 4_both_windows

[ "$(field amount)" = '+50 un' ] || fail "the monitor shows $(field amount)"
[ "$(field who)" = admin ] || fail "the monitor says it was $(field who)"
took=$(($(date -d "$(field drawn_at)" +%s%3N) - $(date -d "$(field received_at)" +%s%3N)))
# Five seconds are the poll; the rest is the way there and a frame of a screen without a graphics card.
[ "$took" -le 5500 ] || fail "it took $took ms until the monitor drew the entry"
printf 'both windows: the entry was drawn %s ms after the server took it\n' "$took"
