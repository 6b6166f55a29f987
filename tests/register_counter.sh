#!/usr/bin/env bash
# What comes up between two customers, in the real window and by keyboard and reader alone: a receipt printed into a
# folder, a scale's label, a code that nobody knows, a sale put aside and taken up, money taken from the drawer, goods
# that come in with a date of four digits, another person by PIN, and a debt that was paid twice while the server was
# away: it is refused, corrected and sent again. After each step the till's own files, the folder or the server say what
# came of it. Screenshots stay in build-output/register_counter/.
set -u
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/windows.sh
. "$(dirname "$0")/windows.sh"

milk=7891000000106 unknown=7891000999998 label=2123450012503
paper=$scratch/paper

in_cart() {
    till "SELECT coalesce(group_concat((SELECT ltrim(json_extract(body, '\$.code'), '0') FROM product
              WHERE json_extract(body, '\$.id') = json_extract(line.value, '\$.product_id'))
              || ':' || json_extract(line.value, '\$.quantity'), ' '), '')
          FROM cart, json_each(cart.body, '\$.basket.lines') line
          WHERE NOT json_extract(cart.body, '\$.suspended')" "$1"
}
# key <text>: as slowly as a person. (xdotool waits for half of the delay.)
key() { xdotool type --delay 200 "$1"; }
# scan <code>: as fast as a barcode reader.
scan() { xdotool type --delay 4 --args 1 "$1" key Return; }
strike_until() {
    local key=$1
    shift
    strike "$key"
    wait_for 30 "$@"
}
command() {
    curl -fsS -X "$1" -H "authorization: Bearer $token" -H 'content-type: application/json' \
        -H "idempotency-key: $(cat /proc/sys/kernel/random/uuid)" -d "$3" "$address/api/v1/$2" >"$scratch/told.json" ||
        fail "the server refused $2"
}

start_screen 1366x768
mkdir -p "$paper" "$scratch/tillwatch-register"
printf '{"printer":{"way":"folder","address":"%s","after_sale":"print"}}' "$paper" \
    >"$scratch/tillwatch-register/register.json"
start_server shop --demo
listen=${address#http://}
token=$(sign_in lucas 1234)
store=$(api stores | json 'next(s["id"] for s in it if s["name"] == "Max Atacado Boa Vista")')
command POST products '{"name":"Queijo da balança","code":"12345","unit":"kg","price_cents":2000}'

open_window tillwatch-register 'Caixa'
turn_to "$window"
key bruno
press Tab "the password field"
key 1234
press Return "the till" 100000
wait_for 30 "the catalogue" till 'SELECT count(*) > 0 FROM product' 1
shoot "$scratch/till.png"
calm() { wait_for 30 "the till by itself" looks_like "$scratch/till.png" 40000; }

# 12,50 of cheese at 20,00 a kilogram.
scan "$label"
wait_for 30 "the weighed cheese" in_cart 12345:625
scan "$unknown"
press F3 "the form of a new product" 20000
key 'vinho do porto'
# Past the code and the units.
for _ in 1 2 3; do strike Tab; done
key 50
picture 1_unknown_code
strike Return
known() { [ "$(api 'products?limit=1000' | json 'sum((p["code"] or "").endswith(argv[2]) for p in it["items"])' "$unknown")" = 1 ]; }
wait_for 30 "the new product at the server" known
scan "$unknown"
wait_for 30 "the new product in the cart" in_cart "12345:625 $unknown:1000"

# Put aside for another customer, and taken up again.
press F9 "the note of the sale that waits" 20000
key carteira
strike_until Return "an empty cart" in_cart ''
scan "$milk"
wait_for 30 "the next customer's milk" in_cart "$(printf %s "$milk" | sed 's/^0*//'):1000"
picture 2_aside
press F12 "the pay panel" 20000
press 2 "the amount by Pix" 2000
strike_until Return "the milk at the till" sold 1
press F9 "the sales that wait" 20000
strike_until Return "the sale that waited" in_cart "12345:625 $unknown:1000"
press F12 "the pay panel" 20000
press 1 "the amount in cash" 2000
key 100
strike_until Return "the sale at the till" sold 2
papers() { [ "$(find "$paper" -name '*.prn' | wc -l)" = "$1" ]; }
wait_for 30 "two receipts" papers 2
grep -qa 'DOCUMENTO FISCAL' "$paper"/* || fail "no receipt says what it is not"
wait_for 30 "both sales at the server" unsent 0
strike Escape

# The drawer.
press F11 "the closed drawer" 20000
key 50
strike Return
wait_for 30 "the drawer at the server" unsent 0
calm
press F11 "the drawer" 20000
press 1 "what is taken out" 2000
key 20
strike Return
key cofre
picture 3_sangria
strike Return
moved() {
    [ "$(api "cash-sessions?store_id=$store&order=newest" | json 'it["items"][0]["id"]' | { read -r id; api "cash-sessions/$id"; } |
        json 'it["report"]["withdrawals_cents"]')" = 2000 ]
}
wait_for 30 "the money taken out, at the server" moved
wait_for 30 "nothing unsent" unsent 0
calm

# Goods of a lot.
key 'leite integral'
press F5 "the menu of stock" 20000
press 1 "the entry" 20000
key 24
strike Tab
key L77
strike Tab
key 0517
picture 4_entry
strike Return
came_in() {
    day=$(api "lots?store_id=$store&limit=1000" |
        json 'next((l["expires_on"] for l in it["items"] if l["code"] == "L77" and l["balance_thousandths"] == 24000), "")')
    [ -n "$day" ]
}
wait_for 30 "the entry at the server" came_in
[ "${day#*-}" = 05-17 ] || fail "0517 came in as $day"
strike ctrl+a
strike BackSpace
calm

# A debt, of which the till hears while it has its server.
scan "$milk"
press F12 "the pay panel" 20000
press 5 "the account" 2000
key Maria
picture 5_account
strike_until Return "the sale on account at the till" sold 3
wait_for 30 "the sale on account at the server" unsent 0
strike Escape
press ctrl+f "the debts" 20000
owes() { till "SELECT count(*) FROM debts_known WHERE body LIKE '%Maria%'" 1; }
wait_for 30 "the debt at the till" owes
strike Escape
calm

# It is paid here without the server, and a part of it meanwhile elsewhere: together more than is owed.
end_at_once "$server"
press ctrl+f "the debts" 20000
key maria
press Return "the debt" 2000
strike ctrl+a
key 5,49
strike F2
picture 6_paid_alone
strike Return
wait_for 30 "the payment at the till" unsent 1
slip() { [ -n "$(find "$paper" -name 'pagamento-fiado*.prn')" ]; }
wait_for 30 "the slip of the payment" slip
press Return "the till" 20000
kill -STOP "$program"
start_server shop --demo
token=$(sign_in lucas 1234)
account=$(api "accounts?store_id=$store" | json 'next(a["id"] for a in it["items"] if a["name"] == "Maria")')
command POST "accounts/$account/payments" '{"amount_cents":300,"method":"pix"}'
kill -CONT "$program"
refused() { till 'SELECT count(*) FROM parcel WHERE refusal IS NOT NULL' 1; }
wait_for 60 "the refusal" refused
calm
press ctrl+o "what was refused" 60000
picture 7_refused
for _ in 1 2 3; do strike Tab; done
press space "the payment as it was typed" 20000
strike ctrl+a
key 2,49
picture 8_corrected
strike Return
settled() { [ "$(api "accounts?store_id=$store" | json 'sum(a["balance_cents"] for a in it["items"] if a["id"] == argv[2])' "$account")" = 0 ]; }
wait_for 60 "the whole debt paid at the server" settled
wait_for 30 "nothing unsent" unsent 0
press Return "the till" 20000
calm

# Somebody else signs in, who is known here from then on; and the first is back by PIN.
press F10 "the menu" 20000
strike shift+Tab
press space "the sign-in" 50000
picture 9_signed_out
strike shift+Tab
strike ctrl+a
key ana
strike Tab
key 1234
strike Return
both_known() { till 'SELECT count(*) FROM known_person' 2; }
wait_for 30 "both people at the till" both_known
calm
press ctrl+l "the lock" 50000
strike Down
key 1234
picture 10_locked
strike Return
calm
scan "$milk"
wait_for 30 "the milk" in_cart "${milk#0}:1000"
press F12 "the pay panel" 20000
press 2 "the amount by Pix" 2000
strike_until Return "the sale at the till" sold 4
wait_for 30 "the sale at the server" unsent 0
seller=$(api "sales?store_id=$store&order=newest&limit=1" | json 'it["items"][0]["person_name"]')
[ "$seller" = 'Bruno Lima' ] || fail "$seller sold what Bruno sold"
picture 11_back
printf 'the counter: two receipts, a label of 12,50, a new product, 20,00 out of the drawer, %s, a payment corrected, %s by PIN\n' \
    "$day" "$seller"
