#!/usr/bin/env bash
# Generated requests, good and bad, to every operation of the OpenAPI document: nothing may answer
# with 500, and every answer must be as the document says.
# Usage: tests/api_properties.sh <schemathesis> [more of its options]
set -u
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
schemathesis=$1
shift
mkdir -p "$root/build-output"

start_server properties --demo
token=$(sign_in 56789012345 1234)
[ -n "$token" ] || fail "the demonstration manager cannot sign in"

# Signing out would make every later request a stranger's.
"$schemathesis" run "$address/api/v1/openapi.json" \
    --header "Authorization: Bearer $token" --header 'X-API-Key: demo' \
    --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance \
    --exclude-path /api/v1/sessions/current \
    --phases examples,coverage,fuzzing --max-examples 25 --seed 20261231 --no-shrink \
    --continue-on-failure --request-timeout 10 --warnings off \
    --report junit --report-junit-path "$root/build-output/api_properties.xml" "$@"
result=$?
alive "$server" || fail "the server died; its log ends: $(tail -n 20 "$scratch/properties.log")"
stop "$server" 15
exit "$result"
