#!/usr/bin/env bash
# The launcher without a display, called by way of a link in a directory with a space in its name:
# it says where the server is, the devices send, and one signal stops all of it. Then over HTTPS.
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

# A window that cannot start is told of, and once both are gone all stops.
mkdir "$scratch/broken"
for program in tillwatch tillwatch-server; do
    ln -s "$bin/$program" "$scratch/broken/$program"
done
printf '#!/bin/sh\necho no screen here >&2\nexit 1\n' >"$scratch/broken/tillwatch-register"
printf '#!/bin/sh\nexit 0\n' >"$scratch/broken/tillwatch-monitor"
chmod +x "$scratch"/broken/tillwatch-*
env -u API_KEY DISPLAY=:none LC_ALL=C TMPDIR="$scratch/my desk/tmp" TILLWATCH_BIN_DIR="$scratch/broken" \
    timeout 60 ./launch --demo --port 0 >"$scratch/broken.out" 2>&1 </dev/null
for told in 'no screen here' 'tillwatch-register failed' 'All stopped'; do
    grep -q "$told" "$scratch/broken.out" || fail "a broken window, but not a word of '$told': $(cat "$scratch/broken.out")"
done
grep -q 'tillwatch-monitor failed' "$scratch/broken.out" && fail "a closed window is no failure"

# With an authority of the shop's own, as docs/deploying.md makes it, and a certificate that names the server
# otherwise than by its address.
new_key=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)
{
    openssl req -x509 "${new_key[@]}" -days 2 -subj '/CN=Autoridade da loja' \
        -keyout "$scratch/authority.key" -out "$scratch/authority.pem" &&
        openssl req "${new_key[@]}" -subj '/CN=tillwatch' -keyout "$scratch/key.pem" -out "$scratch/server.csr" &&
        printf 'subjectAltName=DNS:localhost\n' >"$scratch/names" &&
        openssl x509 -req -in "$scratch/server.csr" -CA "$scratch/authority.pem" -CAkey "$scratch/authority.key" \
            -CAcreateserial -days 2 -extfile "$scratch/names" -out "$scratch/cert.pem"
} 2>"$scratch/openssl.log" || fail "$(cat "$scratch/openssl.log")"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
env -u DISPLAY -u WAYLAND_DISPLAY -u API_KEY LC_ALL=C TMPDIR="$scratch/my desk/tmp" TILLWATCH_BIN_DIR="$bin" \
    TILLWATCH_TLS_CERT="$scratch/cert.pem" TILLWATCH_TLS_KEY="$scratch/key.pem" TILLWATCH_CA_FILE="$scratch/authority.pem" \
    TILLWATCH_URL="https://localhost:$port" ./launch --demo --port "$port" >"$scratch/https.out" 2>&1 &
launcher=$!
processes+=("$launcher")
address=https://localhost:$port
wait_for 60 "the launcher's address" grep -q "running at $address" "$scratch/https.out"
export CURL_CA_BUNDLE=$scratch/authority.pem
token=$(sign_in 56789012345 1234)
wait_for 60 "readings of the devices over HTTPS" devices_send
TILLWATCH_CA_FILE=$scratch/authority.pem "$bin/tillwatch" load readings --server "$address" --callers 4 --seconds 1 \
    >"$scratch/load.out" 2>&1 || fail "load over HTTPS: $(cat "$scratch/load.out")"
stop "$launcher" 20
printf 'launcher: address printed, devices sent, all stopped; over HTTPS too\n'
