#!/usr/bin/env bash
# A client in another language that shares no code with the server drives its fixed routes.
# Usage: tests/outside_client.sh <python with requests and websocket-client>
set -u
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
start_server outside --demo
"$1" "$root/tests/outside_client.py" "$address" || fail "the outside client"
alive "$server" || fail "the server died"
stop "$server" 15
