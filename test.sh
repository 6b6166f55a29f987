#!/usr/bin/env bash
# Runs every check, fast ones first. Installs what they need where it may. A check that fails makes
# the run fail; the others still run, so that one run tells all.
#   ./test.sh            everything
#   ./test.sh --as-is    everything, installing no packages of the system
# Called as `sh …` where sh is another shell.
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@"
set -u
root=$(cd "$(dirname "$0")" && pwd -P)
cd "$root" || exit 1
command -v cargo >/dev/null || PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin
command -v cargo >/dev/null || { echo 'Rust is missing: https://rustup.rs' >&2; exit 1; }

target=${CARGO_TARGET_DIR:-$root/target}
venv=$target/test-tools
mkdir -p "$target" build-output
failures=()
background=()
trap '[ ${#background[@]} -eq 0 ] || kill "${background[@]}" 2>/dev/null' EXIT

# check <bound in seconds> <name> <command…>: the bound is what a machine may need that does other things beside;
# it is there for what never ends.
check() {
    local bound=$1 name=$2 started=$SECONDS
    shift 2
    printf '\n=== %s\n' "$name"
    if timeout --kill-after=10 "$bound" "$@"; then
        printf '=== %s: ok (%d s)\n' "$name" "$((SECONDS - started))"
    else
        printf '=== %s: FAILED (%d s)\n' "$name" "$((SECONDS - started))"
        failures+=("$name")
    fi
}

install_packages() {
    command -v apt-get >/dev/null || return 0
    local package sudo='' missing=()
    for package in build-essential ca-certificates curl procps python3-venv shellcheck postgresql openssl pebble desktop-file-utils chromium chromium-driver \
        xvfb openbox xdotool imagemagick dbus sway grim \
        libgl1 libegl1 libgl1-mesa-dri mesa-vulkan-drivers libwayland-client0 libwayland-egl1 \
        libxkbcommon0 libxkbcommon-x11-0 libx11-6 libx11-xcb1 libxcursor1 libxi6 libxrandr2 libxrender1; do
        dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" != 0 ]; then
        if ! sudo -n true 2>/dev/null; then
            local command="apt-get update && apt-get install -y --no-install-recommends ${missing[*]}" by=su
            command -v sudo >/dev/null && by='sudo sh'
            printf "Missing packages; run this, or ./test.sh --as-is without them:\n%s -c '%s'\n" "$by" "$command" >&2
            exit 1
        fi
        sudo='sudo -n'
    fi
    local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends)
    $sudo apt-get update -q
    $sudo "${install[@]}" "${missing[@]}" && return 0
    # One that this system does not have keeps the others from being installed.
    for package in "${missing[@]}"; do
        $sudo "${install[@]}" "$package" || echo "Missing package: $package" >&2
    done
}

# Not optimised: that would take longer than all it does here.
install_cargo_deny() {
    command -v cargo-deny >/dev/null || cargo install cargo-deny --locked --quiet --debug
}

# What the checks from outside are written with.
install_python_tools() {
    local wanted='schemathesis==4.32.5 selenium==4.36.0 requests websocket-client==1.8.0'
    [ "$(cat "$venv/installed" 2>/dev/null)" != "$wanted" ] || return 0
    # shellcheck disable=SC2086 # these are several words
    python3 -m venv "$venv" && "$venv/bin/pip" install -q $wanted && printf '%s\n' "$wanted" >"$venv/installed"
}

# Known weaknesses, where the list of them can be had.
advisories() {
    local text result
    text=$(cargo deny check advisories 2>&1)
    result=$?
    printf '%s\n' "$text" | tail -n 40
    case $text in
        *"failed to fetch advisory database"*) echo 'The list of advisories is out of reach: not checked.' ;;
        *) return "$result" ;;
    esac
}

if [ "${1:-}" = advisories ]; then
    advisories
    exit
fi

[ "${1:-}" = --as-is ] || install_packages
install_cargo_deny >"$target/cargo-deny.log" 2>&1 &
deny_installed=$!
install_python_tools >"$target/python-tools.log" 2>&1 &
python_tools_installed=$!
background=("$deny_installed" "$python_tools_installed")

check 60 'format' cargo fmt --all --check
check 60 'shell scripts' shellcheck -x launch.sh test.sh .ci/run tests/*.sh deploy/*.sh
check 2400 'lints' cargo clippy --workspace --all-targets --locked -- -D warnings
check 1200 'documentation' env RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps --lib --bin tillwatch --examples --locked
wait "$deny_installed" || cat "$target/cargo-deny.log" >&2
check 60 'dependencies: versions, licences, sources' cargo deny check bans licenses sources
check 120 'dependencies: advisories' "$root/test.sh" advisories
check 2400 'build' cargo build --workspace --bins --tests --examples --locked
check 2700 'tests, with a PostgreSQL' tests/postgres.sh cargo test --workspace --locked --no-fail-fast
wait "$python_tools_installed" || cat "$target/python-tools.log" >&2
background=()
check 480 'API against its document' tests/api_properties.sh "$venv/bin/schemathesis"
check 480 'certificates from an ACME directory' tests/acme.sh
check 300 'deployment' tests/deploy.sh
check 400 'launcher' tests/launcher.sh
check 500 'both windows' tests/window_flow.sh
check 700 'a cashier at the register' tests/register_flow.sh
check 700 'a day at the desk' tests/register_desk.sh
check 700 'between two customers' tests/register_counter.sh
check 700 'a manager at the monitor' tests/monitor_flow.sh
check 400 'Portuguese as it is typed' tests/accents.sh
check 300 'feeds and collectors, killed' tests/feed_kills.sh
check 480 'a register that is tortured' tests/torture_register.sh
check 300 'a group of servers that is tortured' tests/torture_group.sh
check 300 'a client from outside' tests/outside_client.sh "$venv/bin/python"
check 300 'a pulse without a window' tests/pulse_program.sh
check 400 'the web page in Chromium' tests/web_page.sh "$venv/bin/python" build-output

printf '\n'
if [ ${#failures[@]} -gt 0 ]; then
    printf 'FAILED: %s\n' "${failures[@]}"
    exit 1
fi
printf 'All checks passed in %d s.\n' "$SECONDS"
