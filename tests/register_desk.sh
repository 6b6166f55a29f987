#!/usr/bin/env bash
# What else a shop does at the register in a day, in the real window and by keyboard alone: the language and the size
# are changed while it runs, goods are found without their accents, quantities, discounts and lines of the cart are
# changed, a sale is paid in two ways, a sheet of labels is saved, goods of two lots are counted lot by lot, and goods
# are sent to another store and arrive there with one missing. After each step the till's own files or the server say
# what came of it. Screenshots stay in build-output/register_desk/.
set -u
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/windows.sh
. "$(dirname "$0")/windows.sh"

rice=7891000100103 sugar=7891000244234 coffee=7891000315507 powder=7891000012345
settings=$scratch/tillwatch-register/register.json

# The lines of the open cart as code:thousandths, in their order.
in_cart() {
    till "SELECT coalesce(group_concat((SELECT ltrim(json_extract(body, '\$.code'), '0') FROM product
              WHERE json_extract(body, '\$.id') = json_extract(line.value, '\$.product_id'))
              || ':' || json_extract(line.value, '\$.quantity'), ' '), '')
          FROM cart, json_each(cart.body, '\$.basket.lines') line" "$1"
}
on_list() { till "SELECT coalesce(sum(json_array_length(body, '\$.lines')), 0) FROM stock_draft" "$1"; }
set_to() { [ "$(json "str(it.get(argv[2]))" "$1" <"$settings")" = "$2" ]; }

# key <text>: as slowly as a person, whether or not the window has drawn what came before. (xdotool lets a key go half
# of the delay after it came down, and waits no more.)
key() { xdotool type --delay 200 "$1"; }

# steps <times> <key>
steps() { for _ in $(seq "$1"); do strike "$2"; done; }

# strike_until <key> <what comes of it> <command…>
strike_until() {
    local key=$1
    shift
    strike "$key"
    wait_for 30 "$@"
}

start_screen 1366x768
mkdir -p "$scratch/config" "$scratch/downloads"
# shellcheck disable=SC2016 # it is the file's own way to name a folder
printf 'XDG_DOWNLOAD_DIR="%s"\n' "$scratch/downloads" >"$scratch/config/user-dirs.dirs"
export XDG_CONFIG_HOME=$scratch/config
start_server shop --demo
token=$(sign_in lucas 1234)
product_of() { api 'products?limit=1000' | json 'next(p["id"] for p in it["items"] if (p["code"] or "").endswith(argv[2]))' "$1"; }
centro=$(api stores | json 'next(s["id"] for s in it if s["name"] == "Max Atacado Centro")')
powder_id=$(product_of "$powder") sugar_id=$(product_of "$sugar") coffee_id=$(product_of "$coffee")
for lot in L1:2035-10-31 L2:2036-01-31; do
    curl -fsS -H "authorization: Bearer $token" -H 'content-type: application/json' \
        -H "idempotency-key: $(cat /proc/sys/kernel/random/uuid)" -d "{\"kind\":\"receive\",\"store_id\":\"$centro\",
        \"product_id\":\"$powder_id\",\"quantity_thousandths\":10000,
        \"lot\":{\"code\":\"${lot%:*}\",\"expires_on\":\"${lot#*:}\"}}" "$address/api/v1/stock-entries" \
        >"$scratch/entry.json" || fail "no lot ${lot%:*}"
done

open_window tillwatch-register 'Caixa'
turn_to "$window"
key ana
strike Tab
key 1234
press Return "the choice of a store" 20000
press Return "the till" 50000
wait_for 30 "the catalogue" till 'SELECT count(*) > 0 FROM product' 1

# The language and the size, while it runs.
press F10 "the menu" 20000
steps 2 Tab
strike_until Right "the register in English" set_to lang en
picture 1_english
strike Escape
strike_until ctrl+plus "a larger window" set_to zoom 110
strike_until ctrl+plus "a larger window" set_to zoom 120
picture 2_larger
strike_until ctrl+0 "the usual size" set_to zoom 100
press F10 "the menu" 20000
steps 2 Tab
strike_until Left "the register in Portuguese" set_to lang pt
strike Escape

# Without accents.
key acucar
picture 3_without_accents
strike_until Return "sugar in the cart" in_cart "$sugar:1000"
key "2*$rice"
strike_until Return "rice in the cart" in_cart "$sugar:1000 $rice:2000"
key "$coffee"
strike_until Return "coffee in the cart" in_cart "$sugar:1000 $rice:2000 $coffee:1000"

# The last line is the chosen one.
press F4 "the quantity" 5000
key 3
strike_until Return "three of coffee" in_cart "$sugar:1000 $rice:2000 $coffee:3000"
strike ctrl+Up
strike_until Delete "the cart without rice" in_cart "$sugar:1000 $coffee:3000"
strike_until ctrl+z "rice again" in_cart "$sugar:1000 $rice:2000 $coffee:3000"
strike_until Delete "the cart without rice" in_cart "$sugar:1000 $coffee:3000"
press F6 "the discount" 20000
key 5
picture 4_discount
discounted() { till "SELECT count(*) FROM cart WHERE body LIKE '%percent%'" 1; }
strike_until Return "the discount in the till's file" discounted

# Five of it by credit card, the rest in cash with change.
press F12 "the pay panel" 20000
press 3 "the amount by credit card" 2000
key 5
press Return "what is left" 2000
press 1 "the amount in cash" 2000
key 100
picture 5_split
strike_until Return "the sale at the till" sold 1
wait_for 30 "the sale at the server" unsent 0
price() { api 'products?limit=1000' | json 'next(p["price_cents"] for p in it["items"] if p["id"] == argv[2])' "$1"; }
undiscounted=$(($(price "$sugar_id") + 3 * $(price "$coffee_id")))
total=$((undiscounted - (undiscounted * 5 + 50) / 100))
told=$(api 'sales?order=newest&limit=1' | json '[it["items"][0][key] for key in ("total_cents", "change_cents")] +
    [(p["method"], p["amount_cents"]) for p in it["items"][0]["payments"]]')
wanted="[$total, $((10500 - total)), ('credit', 500), ('cash', 10000)]"
[ "$told" = "$wanted" ] || fail "the sale is told as $told, not $wanted"

# A sheet of labels.
press ctrl+b "the labels" 20000
key "12*$coffee"
press Return "twelve labels" 2000
picture 6_labels
sheet() { [ "$(head -c 5 "$scratch"/downloads/*.pdf)" = '%PDF-' ] && tail -c 8 "$scratch"/downloads/*.pdf | grep -q EOF; }
strike_until ctrl+s "the sheet among the downloads" sheet
strike Escape

# Two lots, of which less is there than was thought.
press F5 "the menu of stock" 20000
press 3 "the count" 20000
key "5*$powder"
strike_until Return "five on the list" on_list 1
strike Tab
key L1
strike Tab
key 31/10/35
lots_on_list() {
    till "SELECT group_concat(json_extract(line.value, '\$.lot.code') || ':' || json_extract(line.value, '\$.quantity'), ' ')
          FROM stock_draft, json_each(body, '\$.lines') line" "$1"
}
strike_until Return "the first lot" lots_on_list L1:5000
strike Tab
strike ctrl+a
key L2
strike Tab
strike ctrl+a
key 31/01/36
steps 2 shift+Tab
key "7*$powder"
strike_until Return "the second lot" lots_on_list 'L1:5000 L2:7000'
picture 7_two_lots
strike_until F12 "the count on its way" on_list 0
wait_for 30 "the count at the server" unsent 0
lots=$(api "lots?store_id=$centro&product_id=$powder_id" |
    json 'sorted((l["code"], l["expires_on"], l["balance_thousandths"]) for l in it["items"])')
[ "$lots" = "[('L1', '2035-10-31', 5000), ('L2', '2036-01-31', 7000)]" ] || fail "the lots hold $lots"
held() { api "stock?store_id=$centro&limit=1000" | json 'next(l["balance_thousandths"] for l in it["items"] if l["product_id"] == argv[2])' "$1"; }
[ "$(held "$powder_id")" = 12000 ] || fail "the server holds $(held "$powder_id") of what was counted as 12000"
picture 8_counted
press Return "the till without the report" 20000

# To the other store, where one is missing.
before=$(held "$coffee_id")
shoot "$scratch/till.png"
press F5 "the menu of stock" 20000
press 4 "the list of what is sent" 20000
key "4*$coffee"
strike_until Return "four on the list" on_list 1
picture 9_sending
strike_until F12 "the goods on their way" on_list 0
wait_for 30 "the transfer at the server" unsent 0
# Keys that come while the list still closes would go to it.
wait_for 30 "the till without the list" looks_like "$scratch/till.png" 20000
[ "$(held "$coffee_id")" = $((before - 4000)) ] || fail "the server holds $(held "$coffee_id") after 4000 of $before left"
transfer=$(api 'transfers?order=newest&limit=1' | json 'it["items"][0]["id"]')
press F10 "the menu" 20000
steps 6 Tab
press space "the choice of a store" 20000
strike Down
press Return "the till of the other store" 20000
known() { till "SELECT count(*) FROM stock_known WHERE body LIKE '%$transfer%' AND hex(store) = (SELECT hex(store) FROM place)" 1; }
wait_for 30 "the transfer at the till" known
press F5 "the menu of stock" 20000
press 5 "the transfers" 20000
press Return "what arrives" 20000
key 3
strike Return
key quebrado
picture 10_arriving
strike F12
arrived() {
    [ "$(api "transfers/$transfer" | json '[it["state"]] + [it["lines"][0][key] for key in ("sent_thousandths",
        "arrived_thousandths", "lost_thousandths", "reason")]')" = "['received', 4000, 3000, 1000, 'quebrado']" ]
}
wait_for 30 "the end of the transfer at the server" arrived
wait_for 30 "the answer" unsent 0
picture 11_arrived
printf 'the desk: %s paid in two ways, twelve labels, two lots counted, three of four arrived\n' "$total"
