# What the test scripts share: where things are, waiting with a bound, a server of one's own.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck disable=SC2034 # for the scripts that read this file
bin=${CARGO_TARGET_DIR:-$root/target}/debug
scratch=$(mktemp -d)
processes=()

fail() {
    printf 'FAILED: %s\n' "$*" >&2
    # What the programs said last.
    tail -n 5 "${scratch:-/nowhere}"/*.log >&2 2>/dev/null
    # What a script wants to leave behind.
    ! declare -F at_failure >/dev/null || at_failure
    exit 1
}

alive() { kill -0 "$1" 2>/dev/null; }

# wait_for <seconds> <what> <command…>: until the command succeeds. The seconds are those of a quiet machine; one that
# does other things beside gets three times as many.
wait_for() {
    local tries=$(($1 * 30)) what=$2
    shift 2
    while ! "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || fail "waited too long for $what"
        sleep 0.1
    done
}

gone() { ! alive "$1"; }

# stop <pid> <seconds>: asks it to end and expects that it does.
stop() {
    kill -TERM "$1" 2>/dev/null
    wait_for "$2" "process $1 to end" gone "$1"
}

# end_at_once <pid>: kill -9.
end_at_once() {
    kill -KILL "$1" 2>/dev/null
    # Without this the shell reports each of them.
    wait "$1" 2>/dev/null
}

clean_up() {
    local pid
    for pid in ${processes[@]+"${processes[@]}"}; do
        end_at_once "$pid"
    done
    rm -rf -- "$scratch"
}
trap clean_up EXIT
trap 'exit 1' INT TERM

address_in() { grep -qs 'listening on http://' "$1"; }

# start_server <name> <arguments…>: sets `address` and `server`. It listens at `listen` or on a free port.
start_server() {
    local name=$1
    shift
    # What an earlier one of this name printed is not this one's address.
    rm -f "$scratch/$name.out"
    "$bin/tillwatch-server" --listen "${listen:-127.0.0.1:0}" --data-dir "$scratch/$name" "$@" \
        >"$scratch/$name.out" 2>"$scratch/$name.log" &
    server=$!
    processes+=("$server")
    wait_for 30 "the server's address" address_in "$scratch/$name.out"
    address=http://$(sed -n 's|.*listening on http://||p' "$scratch/$name.out" | head -n 1)
    wait_for 30 "a ready server" curl -fsS "$address/health/ready"
}

# json_field <name>: the first text of that name in the JSON on standard input.
json_field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" | head -n 1; }

# json <expression> [arguments…]: of the JSON on standard input, which it knows as `it`.
json() { python3 -c 'import json, sys; it = json.load(sys.stdin); print(eval(f"({sys.argv[1]})", {"it": it, "argv": sys.argv}))' "$@"; }

# api <path>: what the server answers to whoever has `token`.
# shellcheck disable=SC2154 # whoever calls this has signed in
api() { curl -fsS -H "authorization: Bearer $token" "$address/api/v1/$1"; }

# sign_in <user> <password>: prints an access token.
sign_in() {
    curl -fsS -H 'content-type: application/json' -d "{\"username\":\"$1\",\"password\":\"$2\"}" \
        "$address/api/v1/sessions" | json_field access_token
}
