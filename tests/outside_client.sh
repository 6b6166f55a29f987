#!/usr/bin/env bash
# A client in another language that shares no code with the server drives its fixed routes.
# Usage: tests/outside_client.sh <python with requests and websocket-client>
set -u
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
mkdir "$scratch/feeds"
start_server outside --demo --feed "vendas=$scratch/feeds/data.json" --feed "linhas=$scratch/feeds/linhas.ndjson"
"$1" "$root/tests/outside_client.py" "$address" "$bin/tillwatch" "$scratch/feeds" || fail "the outside client"
alive "$server" || fail "the server died"
stop "$server" 15
start_server outside --demo
"$1" "$root/tests/outside_client.py" "$address" "$bin/tillwatch" "$scratch/feeds" restarted || fail "the outside client after a restart"
stop "$server" 15
"$bin/tillwatch-server" --data-dir "$scratch/outside" verify --replay || fail "the ledger"
