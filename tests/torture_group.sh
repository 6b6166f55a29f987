#!/usr/bin/env bash
# The short form of the torture of a group: twenty seconds that must end well, and six with a planted fault that must
# not. Usage, after `cargo build --workspace --bins --examples`: tests/torture_group.sh [seed of a run to be repeated]
set -u
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
seed=${1:-$RANDOM}
echo "seed $seed"
torture() { "$bin/examples/group_torture" --server "$bin/tillwatch-server" --seed "$seed" "$@"; }
torture --minutes 0.33 || fail "seed $seed: something was lost, doubled or came out otherwise"
if planted=$(torture --minutes 0.1 --plant answers-itself 2>&1); then
    fail "seed $seed: the planted fault was not found: $planted"
fi
case $planted in
    *'does not have the sale'*) echo 'the planted fault was found' ;;
    *) fail "seed $seed: it failed for another reason: $planted" ;;
esac
