#!/usr/bin/env bash
# Server and collectors are killed at random moments while the files that they follow change.
# Usage: tests/feed_kills.sh [seed of a run to be repeated]
set -u
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
mkdir "$scratch/feeds"
python3 "$root/tests/feed_kills.py" "$bin" "$scratch/feeds" "$@" || fail "kills"
