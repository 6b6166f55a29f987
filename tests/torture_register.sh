#!/usr/bin/env bash
# The short form of the register's torture: twenty seconds that must end well, fifteen in front of a group of servers,
# and ten with a planted fault that must not. Usage, after `cargo build --workspace --bins --examples`:
# tests/torture_register.sh [seed of a run to be repeated]
set -u
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
seed=${1:-$RANDOM}
echo "seed $seed"
torture() { "$bin/examples/torture" --server "$bin/tillwatch-server" --seed "$seed" "$@"; }
torture --minutes 0.33 || fail "seed $seed: something was lost, doubled or came out otherwise"
torture --minutes 0.25 --group || fail "seed $seed: with a group something was lost, doubled or came out otherwise"
if planted=$(torture --minutes 0.17 --plant retry-with-new-id 2>&1); then
    fail "seed $seed: the planted fault was not found: $planted"
fi
case $planted in
    *'which the till never made'* | *'does not have it'*) echo 'the planted fault was found' ;;
    *) fail "seed $seed: it failed for another reason: $planted" ;;
esac
