#!/usr/bin/env bash
# Certificates from an ACME directory: the server orders one from `pebble` (the test directory of the people
# who wrote the protocol), proves with TLS-ALPN-01 that the name is its own, serves with it, renews it, and
# after a restart goes on with the one it kept.
set -u
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

for program in pebble pebble-challtestsrv openssl curl python3; do
    command -v "$program" >/dev/null || fail "$program is missing"
done
name=loja.example
cd "$scratch" || exit 1

# Five ports that were free a moment ago: the directory must be told in advance where all of them are.
read -r directory_port management_port dns_port dns_management_port server_port < <(python3 - <<'PYTHON'
import socket
sockets = [socket.socket() for _ in range(5)]
for one in sockets:
    one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in sockets))
PYTHON
)

# The directory's own HTTPS, with an authority of its own.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj '/CN=test authority' \
    -keyout authority.key -out authority.pem 2>openssl.log || fail "$(cat openssl.log)"
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN=127.0.0.1' \
    -keyout directory.key -out directory.csr 2>openssl.log || fail "$(cat openssl.log)"
printf 'subjectAltName=IP:127.0.0.1\n' >names
openssl x509 -req -in directory.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 2 \
    -extfile names -out directory.pem 2>openssl.log || fail "$(cat openssl.log)"

# start_directory <seconds that its certificates are good for>
start_directory() {
    cat >pebble.json <<JSON
{"pebble": {
    "listenAddress": "127.0.0.1:$directory_port",
    "managementListenAddress": "127.0.0.1:$management_port",
    "certificate": "$scratch/directory.pem",
    "privateKey": "$scratch/directory.key",
    "httpPort": 1,
    "tlsPort": $server_port,
    "certificateValidityPeriod": $1
}}
JSON
    # Challenges are checked at once; the directory still looks for itself.
    PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=0 pebble -config pebble.json \
        -dnsserver "127.0.0.1:$dns_port" >>pebble.log 2>&1 &
    directory=$!
    processes+=("$directory")
    wait_for 30 "the ACME directory" curl -fsS --cacert authority.pem "$acme"
    # Each start makes a new root.
    curl -fsS --cacert authority.pem "https://127.0.0.1:$management_port/roots/0" >root.pem || fail "no root"
}

acme=https://127.0.0.1:$directory_port/dir
pebble-challtestsrv -defaultIPv4 127.0.0.1 -defaultIPv6 '' -http01 '' -https01 '' -tlsalpn01 '' \
    -dns01 "127.0.0.1:$dns_port" -management "127.0.0.1:$dns_management_port" >dns.log 2>&1 &
processes+=("$!")

# serve <log>: starts the server on the port that the directory looks at.
serve() {
    "$bin/tillwatch-server" --listen "127.0.0.1:$server_port" --data-dir "$scratch/data" --acme-domain "$name" \
        --acme-contact ana@loja.example --acme-directory "$acme" --acme-ca authority.pem \
        >"$1.out" 2>"$1.log" &
    server=$!
    processes+=("$server")
    wait_for 30 "the server's address" grep -q "listening on https://127.0.0.1:$server_port" "$1.out"
}

ask() {
    curl -fsS --cacert root.pem --resolve "$name:$server_port:127.0.0.1" "https://$name:$server_port/health/ready"
}

serial() {
    openssl s_client -connect "127.0.0.1:$server_port" -servername "$name" </dev/null 2>/dev/null |
        openssl x509 -noout -serial
}

# While the directory is away the server runs, says what it waits for, and goes on trying.
serve first
wait_for 30 "a failed order in the log" grep -q 'no certificate from the ACME directory' first.log
ask >/dev/null 2>&1 && fail "served without a certificate"

# For a minute each, so that a renewal is due after forty seconds.
start_directory 60
wait_for 60 "a certificate" ask
ask | grep -q '"tls":"ok"' || fail "not well: $(ask)"
until_shown() { ask | json_field tls_until; }
until_signed() {
    date -u +%FT%TZ -d "$(openssl s_client -connect "127.0.0.1:$server_port" -servername "$name" </dev/null 2>/dev/null |
        openssl x509 -noout -enddate | sed 's/notAfter=//')"
}
[ "$(until_shown)" = "$(until_signed)" ] || fail "good until $(until_signed), shown as $(until_shown)"
[ "$(stat -c %a data/acme)" = 700 ] || fail "the keys can be read by others"
first=$(serial)
grep -q "Issued certificate serial" pebble.log || fail "the directory issued nothing: $(tail pebble.log)"

# A name that is not ours is refused by the client, and a challenge that nobody asked for by the server.
curl -fsS --cacert root.pem --resolve "outra.example:$server_port:127.0.0.1" \
    "https://outra.example:$server_port/health/live" >/dev/null 2>wrong.log && fail "served under another name"
openssl s_client -connect "127.0.0.1:$server_port" -servername "$name" -alpn acme-tls/1 </dev/null >alpn.log 2>&1
grep -q 'no peer certificate available' alpn.log || fail "a challenge certificate outside of a challenge"

renewed() { [ -n "$(serial)" ] && [ "$(serial)" != "$first" ]; }
wait_for 90 "a renewed certificate" renewed
ask | grep -q '"tls":"ok"' || fail "not well after the renewal: $(ask)"

# After a restart it serves with what it kept: the directory is gone by then.
second=$(serial)
stop "$server" 10
stop "$directory" 10
serve second
wait_for 30 "the kept certificate" grep -q 'a certificate of the ACME directory is in use' second.log
[ "$(serial)" = "$second" ] || fail "not the certificate that it had: $second, then $(serial)"
[ "$(until_shown)" = "$(until_signed)" ] || fail "after a restart until $(until_signed), shown as $(until_shown)"
stop "$server" 10
printf 'acme: ordered, proved, served, renewed, kept over a restart\n'
