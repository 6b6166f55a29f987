#!/usr/bin/env bash
# Generated requests, good and bad, to every operation of the OpenAPI document: nothing may answer
# with 500, and every answer must be as the document says.
# Usage: tests/api_properties.sh <schemathesis> [more of its options]
set -u
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
schemathesis=$(realpath "$1")
shift
mkdir -p "$root/build-output"
# It keeps notes of its failures where it runs.
cd "$scratch" || exit 1

# try_as <name> <access token> <options…>
try_as() {
    local name=$1 token=$2
    shift 2
    [ -n "$token" ] || fail "$name cannot sign in"
    # Signing out would make every later request a stranger's.
    "$schemathesis" run "$address/api/v1/openapi.json" \
        --header "Authorization: Bearer $token" --header 'X-API-Key: demo' \
        --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance \
        --exclude-path /api/v1/sessions/current \
        --phases examples,coverage,fuzzing --seed 20261231 --no-shrink \
        --continue-on-failure --request-timeout 10 --warnings off \
        --report junit --report-junit-path "$root/build-output/api_properties_$name.xml" "$@" || result=1
    alive "$server" || fail "the server died; its log ends: $(tail -n 20 "$scratch"/*.log)"
    stop "$server" 15
}

result=0
start_server demo --demo
try_as manager "$(sign_in 56789012345 1234)" --max-examples 20 "$@"

# Only an admin may make stores and the like.
start_server own
code=$(sed -n 's/.*set-up code is //p' "$scratch/own.out")
admin=$(curl -fsS -H 'content-type: application/json' \
    -d "{\"code\":\"$code\",\"username\":\"admin\",\"password\":\"1234\",\"store_name\":\"Loja\"}" \
    "$address/api/v1/setup" | json_field access_token)
try_as admin "$admin" --max-examples 20 --include-path-regex '/(chains|stores|people|api-keys|sensors|sales)' "$@"
exit "$result"
