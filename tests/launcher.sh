#!/usr/bin/env bash
# The launcher without a display, called by way of a link in a directory with a space in its name:
# it says where the server is, the devices send, and one signal stops all of it.
set -u
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

mkdir -p "$scratch/my desk/tmp"
ln -s "$root/launch.sh" "$scratch/my desk/launch"
cd "$scratch/my desk" || exit 1

env -u DISPLAY -u WAYLAND_DISPLAY -u API_KEY LC_ALL=C TMPDIR="$scratch/my desk/tmp" \
    TILLWATCH_BIN_DIR="$bin" ./launch --demo --port 0 >"$scratch/launch.out" 2>&1 &
launcher=$!
processes+=("$launcher")
wait_for 60 "the launcher's address" grep -q 'running at http://' "$scratch/launch.out"
address=http://$(sed -n 's|.*running at http://||p' "$scratch/launch.out" | head -n 1)
curl -fsS "$address/health/ready" >/dev/null || fail "not ready at $address"

token=$(sign_in 56789012345 1234)
[ -n "$token" ] || fail "the demonstration manager cannot sign in"
devices_send() {
    curl -fsS -H "authorization: Bearer $token" "$address/api/v1/sensors" | grep -q '"geladeira-1".*"last":{'
}
wait_for 60 "readings of the devices" devices_send

children=$(pgrep -P "$launcher" -d ' ')
stop "$launcher" 20
for child in $children; do
    wait_for 5 "child $child to end" gone "$child"
done
curl -fsS --max-time 2 "$address/health/live" >/dev/null 2>&1 && fail "the server still answers"
[ -z "$(ls -A "$scratch/my desk/tmp")" ] || fail "the throw-away data is still there"
grep -q 'All stopped' "$scratch/launch.out" || fail "the launcher does not say that it stopped"
printf 'launcher: address printed, devices sent, all stopped\n'
