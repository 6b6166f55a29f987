#!/usr/bin/env bash
# A cashier's hour in the real window, by keyboard and barcode reader alone: the drawer is opened and a sale of three
# goods is paid with change; the server is killed and the selling goes on; the register is killed with an open sale;
# both are back, the open sale is still there and is paid; a sale of another day comes back, which a manager allows with
# a PIN; and the drawer is counted. At the end the server has each sale once, with the totals that the catalogue's prices
# make, the return once, with who allowed it, and the drawer's report agrees. Screenshots stay in
# build-output/register_flow/.
set -u
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/windows.sh
. "$(dirname "$0")/windows.sh"

rice=7891000100103 milk=7891000000106 beans=7891000053508
handed=10000 float=5000 counted=20000
pin=4821

price() { api 'products?limit=1000' | json 'next(p["price_cents"] for p in it["items"] if (p["code"] or "").endswith(argv[2]))' "$1"; }

in_cart() { till "SELECT coalesce(sum(json_array_length(body, '\$.basket.lines')), 0) FROM cart" "$1"; }

# scan <code> <lines in the cart then>: as fast as a barcode reader, whatever the window is just drawing.
scan() {
    xdotool type --delay 4 --args 1 "$1" key Return
    wait_for 30 "the line of $1" in_cart "$2"
}

# key <text>: as slowly as a person.
key() { write "$1" 120; }

# pay <sales then> <unsent then> [what is handed over]
pay() {
    press F12 "the pay panel" 20000
    press 1 "the amount in cash" 2000
    [ $# -lt 3 ] || key "$3"
    xdotool key --clearmodifiers Return
    wait_for 30 "sale $1 at the till" sold "$1"
    wait_for 30 "$2 unsent" unsent "$2"
}

start_register() {
    open_window tillwatch-register 'Caixa'
    register=$program
    turn_to "$window"
}

start_screen 1280x800
start_server shop --demo
listen=${address#http://}
token=$(sign_in lucas 1234)
one=$(($(price "$rice") + $(price "$milk") + 3 * $(price "$beans")))
two=$(price "$milk") three=$(price "$beans") four=$(($(price "$rice") + $(price "$beans")))

[ "$two" -gt 0 ] || fail "no price: $two"

start_register
key bruno
press Tab "the password field"
key 1234
press Return "the till" 100000
wait_for 30 "the catalogue" till 'SELECT count(*) > 0 FROM product' 1
press F11 "the closed drawer" 20000
key $((float / 100))
press Return "the open drawer" 20000
wait_for 30 "the drawer at the server" unsent 0

scan "$rice" 1
scan "$milk" 2
key "3*$beans"
press Return "the line of beans" 2000
wait_for 30 "the line of beans" in_cart 3
picture 1_cart "$window"
pay 1 0 $((handed / 100))
picture 2_change "$window"

end_at_once "$server"
import -window "$window" "$scratch/before.png"
wait_for 30 "the register to notice that it is alone" changed 2000
scan "$milk" 1
pay 2 1
scan "$beans" 1
pay 3 2
picture 3_without_the_server "$window"

scan "$rice" 1
scan "$beans" 2
end_at_once "$register"
start_server shop --demo
start_register
picture 4_signing_in_again "$window"
key 1234
press Return "the till" 100000
wait_for 30 "what was sold meanwhile at the server" unsent 0
in_cart 2 || fail "the open sale is gone"
picture 5_the_open_sale "$window"
pay 4 0

# Of a day before, paid in cash, of this store: a seller does not take it back alone.
token=$(sign_in lucas 1234)
manager=$(api people/me | json_field id)
curl -fsS -X PATCH -H "authorization: Bearer $token" -H 'content-type: application/json' -d "{\"pin\":\"$pin\"}" \
    "$address/api/v1/people/$manager" >"$scratch/pin.json" || fail "no PIN for the manager"
store=$(api 'cash-sessions?order=newest' | json 'it["items"][0]["store_id"]')
read -r sale number back < <(api "sales?store_id=$store&order=newest&limit=1000" | json 'next(
    " ".join(str(s[key]) for key in ("id", "number", "total_cents")) for s in it["items"]
    if s["business_day"] < it["items"][0]["business_day"] and s["lines"] and not s.get("returned")
    and all(p["method"] == "cash" for p in s["payments"]))')
[ "${back:-0}" -gt 0 ] || fail "no sale of a day before"
press ctrl+d "the dialog for what comes back" 20000
key "$number"
press Return "sale $number" 20000
press F9 "the whole of it"
press Return "the field of the reason"
key defeito
picture 6_what_comes_back "$window"
press Return "the question for a manager" 5000
key lucas
press Tab "the field of the PIN"
key "$pin"
picture 7_allowed_by "$window"
xdotool key --clearmodifiers Return
returns() {
    api "returns?store_id=$store&order=newest" |
        json '[[r.get("approved_by"), r["total_cents"]] for r in it["items"] if r["sale_id"] == argv[2]]' "$sale"
}
returned() { [ "$(returns)" != "[]" ]; }
wait_for 30 "the return at the server" returned
wait_for 30 "the answer to the return" unsent 0
told=$(returns)
[ "$told" = "[['$manager', $back]]" ] || fail "the return is told as $told, not once of $back by $manager"
picture 8_returned "$window"

press F11 "the drawer" 20000
press 4 "the count" 2000
key $((counted / 20000))
for _ in $(seq 13); do press Return "the next note or coin"; done
picture 9_counted "$window"
press Return "the report" 2000
wait_for 30 "the closed drawer at the server" unsent 0
picture 10_report "$window"

token=$(sign_in lucas 1234)
session=$(api 'cash-sessions?order=newest' | json 'it["items"][0]["id"]')
closed() { [ "$(api "cash-sessions/$session" | json 'it["report"]["closing"] is not None')" = True ]; }
wait_for 30 "the closing at the server" closed
totals=$(api 'sales?order=newest&limit=1000' |
    json '" ".join(str(s["total_cents"]) for s in sorted(it["items"], key=lambda s: s["sold_at"]) if s["cash_session"] == argv[2])' "$session")
[ "$totals" = "$one $two $three $four" ] || fail "the server has sales of $totals, not $one $two $three $four"
expected=$((float + one + two + three + four - back))
report=$(api "cash-sessions/$session" |
    json '[it["report"][key] for key in ("sales", "change_cents", "expected_cents")] + [it["report"]["closing"]["difference_cents"]]')
wanted="[4, $((handed - one)), $expected, $((counted - expected))]"
[ "$report" = "$wanted" ] || fail "the drawer's report says $report, not $wanted"
printf 'the register: sales of %s, each once; %s came back by leave; %s expected in the drawer\n' "$totals" "$back" "$expected"
