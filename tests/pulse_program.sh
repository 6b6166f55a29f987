#!/usr/bin/env bash
# `tillwatch pulse` against a server: it counts, goes on where it was after the server was away, is taken over
# by another of its name, and the log has every message of it.
set -u
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

# till <output> <arguments…>: the program as the seller of the demonstration.
till() {
    local out=$1
    shift
    "$bin/tillwatch" pulse --server "$address" --user 12345678901 --password-file "$scratch/password" \
        --client 'Caixa 7' "$@" >"$scratch/$out.out" 2>"$scratch/$out.err"
}

# online <output>: how many values it showed.
online() { grep -c ' online value ' "$scratch/$1.out"; }
shows() { [ "$(online "$1")" -ge "$2" ]; }

held_by_server() {
    curl -fsS -H "authorization: Bearer $(sign_in 56789012345 1234)" "$address/api/v1/pulse/clients" |
        sed -n 's/.*"client":"Caixa 7"[^}]*"value":\([0-9]*\).*/\1/p'
}

echo 1234 >"$scratch/password"
start_server pulse --demo
till first --count 3 || fail "the program: $(cat "$scratch/first.err")"
[ "$(held_by_server)" = 3 ] || fail "three steps of one from nothing are not $(held_by_server)"

till second &
counting=$!
processes+=("$counting")
# Long enough for a request: its step is then another one.
wait_for 30 'some values' shows second 24
stop "$server" 15
wait_for 30 'the program to notice' grep -q ' waiting' "$scratch/second.out"
listen=${address#http://} start_server pulse --demo
seen=$(online second)
wait_for 60 'values after the restart' shows second $((seen + 6))

# A wrong password is said, and nothing is tried again.
echo wrong >"$scratch/password"
till refused && fail 'it went in with a wrong password'
grep -q . "$scratch/refused.err" || fail 'it does not say why'
echo 1234 >"$scratch/password"
till third --count 1 || fail "the third: $(cat "$scratch/third.err")"
wait_for 10 'the one that was displaced to end' gone "$counting"
grep -q 'took over' "$scratch/second.err" || fail "$(cat "$scratch/second.err")"

# Every value is the one before it and the step; after the restart it goes on from what was held.
curl -fsS -H "authorization: Bearer $(sign_in 56789012345 1234)" \
    "$address/api/v1/pulse/messages.ndjson?client=Caixa%207" >"$scratch/log" || fail 'the log'
sed 's/.*"direction":"\([a-z]*\)","content":"{\\"type\\":\\"\([a-z]*\)\\".*\\"value\\":\([0-9]*\)}".*/\1 \2 \3/' \
    "$scratch/log" >"$scratch/said"
awk '
    function wrong(what) { print NR ": " $0 ": " what; bad = 1 }
    $1 == "sent" && $2 == "value" { opened++; if ($3 != at + 0) wrong("held is " at) }
    $1 == "received" && $2 == "value" {
        # A value may have left before the step arrived.
        if ($3 != (at + step) % 100 && !($3 == (at + before) % 100 && fresh)) wrong("after " at " with " step)
        fresh = 0
    }
    $1 == "sent" && $2 == "ack" { at = $3; acks++ }
    $1 == "sent" && $2 == "step" { before = step; step = $3; steps++; fresh = 1 }
    $1 == "sent" && $2 == "value" && (opened == 1 || opened == 2 || opened == 4) { step = before = 1; fresh = 0 }
    END {
        if (opened != 4 || acks < 15 || steps < 1) { print opened " openings, " acks " values, " steps " steps"; bad = 1 }
        exit bad
    }' "$scratch/said" || fail 'the log is not what was counted'
printf 'tillwatch pulse: counted, went on after the restart, taken over; %d messages in the log\n' "$(wc -l <"$scratch/said")"
stop "$server" 15
