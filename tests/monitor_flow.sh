#!/usr/bin/env bash
# A manager's morning in the real window, by keyboard alone: signing in; a sheet of products of which one row is bad, looked
# at first and then taken in; a refrigerator that gets too warm, which the desktop is asked to tell once, and what was done
# about it; the wall, on and off; a second window at a page of its own, which opens again after the program was killed and
# goes for good when it is closed. The server's API, the settings' file and the desktop's notices say each time whether it
# came to that. Screenshots stay in build-output/monitor_flow/.
set -u
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/windows.sh
. "$(dirname "$0")/windows.sh"

settings=$scratch/tillwatch-monitor/monitor.json

put() { curl -fsS -X PUT -H "authorization: Bearer $token" -H 'content-type: application/json' -d "$2" "$address/api/v1/$1"; }

# kept <name> <value>: whether the settings' file says so about the windows.
kept() { [ "$(json 'it["layout"].get(argv[2])' "$1" <"$settings")" = "$2" ]; }

# tabs <count>: so many fields or buttons further.
tabs() { for _ in $(seq "$1"); do press Tab "the next control" 60; done; }

# measure <celsius>: as a device sends it.
measure() {
    curl -fsS -H "x-api-key: $API_KEY" -d "{\"temperature\":$1,\"humidity\":60,\"pressure\":1013,\"sensor_id\":\"balcao-novo\"}" \
        "$address/api/temperature_reading" >"$scratch/measured.json" || fail "the reading of $1 °C"
}

# alarm <expression>: of the alarm about the new sensor, which it knows as `a`.
alarm() {
    api 'alarms?order=newest' | json 'next((eval(argv[2], {"a": a}) for a in it["items"] if a["name"] == "Balcão novo"), None)' "$1"
}
is_alarm() { [ "$(alarm "$1")" = True ]; }

notices() { grep -c 'Balcão novo' "$scratch/notices" 2>/dev/null; }
told() { [ "$(notices)" = "$1" ]; }

start_bus() {
    # With none of the services that a session has: nothing is begun that this script does not end.
    printf '<busconfig><type>session</type><listen>unix:dir=%s</listen><policy context="default">%s</policy></busconfig>' \
        "$scratch" '<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>' >"$scratch/bus.conf"
    dbus-daemon --config-file="$scratch/bus.conf" --nofork --nopidfile --print-address=3 3>"$scratch/bus" 2>"$scratch/bus.log" &
    processes+=("$!")
    wait_for 20 "the session's bus" test -s "$scratch/bus"
    DBUS_SESSION_BUS_ADDRESS=$(head -n 1 "$scratch/bus")
    export DBUS_SESSION_BUS_ADDRESS
    local path=${DBUS_SESSION_BUS_ADDRESS#unix:path=}
    python3 "$root/tests/desktop_notices.py" "${path%%,*}" "$scratch/notices" >"$scratch/desktop.out" 2>"$scratch/desktop.log" &
    processes+=("$!")
    wait_for 20 "the desktop" grep -q ready "$scratch/desktop.out"
}

start_monitor() {
    open_window tillwatch-monitor 'Monitor$'
    monitor=$window
    turn_to "$monitor"
}

enter() {
    write 1234
    press Return "the overview" 100000
}

start_screen 1366x768
start_bus
export HOME=$scratch/home API_KEY=a-device
mkdir -p "$HOME"
start_server shop --demo
token=$(sign_in 56789012345 1234)
store=$(api stores | json 'it[0]["id"]')
put sensors/balcao-novo "{\"name\":\"Balcão novo\",\"store_id\":\"$store\",\"kind\":\"fridge\",\"low_celsius\":2,\"high_celsius\":8}" \
    >"$scratch/sensor.json" || fail 'the sensor'
put alarm-rules/018f0000-0000-7000-8000-000000000001 "{\"store_id\":\"$store\",\"sensor_id\":\"balcao-novo\",\"severity\":\"critical\",\"watch\":{\"kind\":\"high\",\"delay_seconds\":0}}" \
    >"$scratch/rule.json" || fail 'the rule'
measure 5.1

start_monitor
write 56789012345
press Tab "the password field"
enter
wait_for 30 "the overview's page" kept page Overview
picture 1_overview "$monitor"

# A second window, at a page of its own.
strike ctrl+n
wait_for 30 "the second window" has_window 'Monitor 2$'
second=$(window_of 'Monitor 2$')
turn_to "$second"
# Where it stands is known once it has been drawn, and had the keyboard.
placed() { ! kept window.2.place None; }
wait_for 30 "the second window's place" placed
# A window that has just come shows that it has the keyboard.
press Tab "the first control of the second window" 60
press ctrl+2 "the live log in the second window" 5000
wait_for 30 "the second window's page" kept window.2.page Live
kept page Overview || fail "the first window went along"
turn_to "$monitor"

# Products from a sheet: two good rows and a bad one.
printf 'Código;Nome;Preço\n9001;Rapadura;7,90\n9002;Goiabada;12,50\n9003;Torto;sem preço\n' >"$HOME/produtos.csv"
found() { api 'products?limit=1000' | json '[[p["name"], p["price_cents"]] for p in it["items"] if (p["code"] or "") in ("9001", "9002", "9003")]'; }
tabs 12
press space "the page of what is set up" 5000
wait_for 30 "the first window's page" kept page Manage
press ctrl+f "the search field" 60
press shift+Tab "the button for a sheet" 60
press space "the page of the sheet" 5000
write "$HOME/produtos.csv"
press Return "what would come of the rows" 5000
picture 2_looked_at_first "$monitor"
[ "$(found)" = '[]' ] || fail "before anybody said so there are $(found)"
press Tab "the button that takes the rows in" 60
strike space
taken() { [ "$(found)" = "[['Rapadura', 790], ['Goiabada', 1250]]" ]; }
wait_for 30 "the products at the server" taken
picture 3_taken_in "$monitor"

# A refrigerator gets too warm.
turn_to "$monitor"
press ctrl+4 "the alarms" 3000
measure 12.6
measured=$(date +%s%3N)
wait_for 30 "the desktop's notice" told 1
told_after=$(($(date +%s%3N) - measured))
is_alarm 'a["ended_at"] is None' || fail 'no alarm is open at the server'
picture 4_alarm "$monitor"
press ctrl+f "the search field" 60
write balc
press Return "the alarm looked at closely" 5000
picture 5_looked_at_closely "$monitor"
tabs 2
press Return "the form of what was done" 5000
write 'Porta aberta'
press Tab "the field of what was done" 60
write 'Fechei a porta'
picture 6_what_was_done "$monitor"
press Return "the question whether it is right" 400
strike Return
cared() { [ "$(alarm '[a["acknowledgement"][key] for key in ("reason", "action")]')" = "['Porta aberta', 'Fechei a porta']" ]; }
wait_for 30 "what was done at the server" cared
is_alarm 'a["ended_at"] is None' || fail 'it is still too warm, and the alarm is over'

# The wall: as large as the screen, which is asked to stay on; the other window stays as it is.
size() { xdotool getwindowgeometry "$1" | sed -n 's/.*Geometry: //p'; }
has_size() { [ "$(size "$1")" = "$2" ]; }
before=$(size "$monitor") beside=$(size "$second")
strike F11
wait_for 30 "a wall as large as the screen" has_size "$monitor" 1366x768
wait_for 30 "a screen that stays on" grep -q '"awake"' "$scratch/notices"
wait_for 30 "the wall's first page" kept page Overview
picture 7_wall
has_size "$second" "$beside" || fail "the second window is $(size "$second") now"
strike Escape
wait_for 30 "the window as it was" has_size "$monitor" "$before"

# Whoever loses power finds both windows again.
end_at_once "$program"
start_monitor
enter
wait_for 30 "the second window after the restart" has_window 'Monitor 2$'
second=$(window_of 'Monitor 2$')
wait_for 30 "the second window's size, $beside" has_size "$second" "$beside"
kept window.2.page Live || fail 'the second window is at another page'
turn_to "$second"
picture 8_second_window "$second"
press Tab "the first control of the second window after the restart" 60
strike ctrl+w
closed() { ! has_window 'Monitor 2$'; }
wait_for 30 "the second window to close" closed
wait_for 30 "settings without it" kept window.2.page None

# What was done just before the program is closed counts.
turn_to "$monitor"
press ctrl+5 "the stock" 3000
picture 9_stock "$monitor"
strike alt+F4
wait_for 30 "the program to end" gone "$program"
kept page Stock || fail "the window was left at $(json 'it["layout"].get("page")' <"$settings")"
told 1 || fail "the desktop was told of the alarm $(notices) times"
printf 'the monitor: %s; one alarm told once, %d ms after its reading, and cared for; a second window kept over a restart\n' \
    "$(found)" "$told_after"
