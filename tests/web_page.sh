#!/usr/bin/env bash
# The web page in a headless Chromium against a demonstration server.
# Usage: tests/web_page.sh <python with selenium> [directory for pictures]
set -u
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
start_server web --demo
"$1" "$root/tests/web_page.py" "$address" ${2:+"$2"} || fail "the web page"
alive "$server" || fail "the server died"
stop "$server" 15
