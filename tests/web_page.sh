#!/usr/bin/env bash
# The web page in a headless Chromium against a server that nobody has set up yet, and a demonstration server.
# Usage: tests/web_page.sh <python with selenium> [directory for pictures]
set -u
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
start_server new
new=$server new_address=$address code=$(sed -n 's/.*set-up code is //p' "$scratch/new.out")
start_server web --demo
"$1" "$root/tests/web_page.py" "$address" "$new_address" "$code" ${2:+"$2"} || fail "the web page"
alive "$server" || fail "the server died"
alive "$new" || fail "the new server died"
stop "$server" 15
stop "$new" 15
