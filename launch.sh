#!/usr/bin/env bash
# Starts Tillwatch: builds it if needed, then the server, the monitor and the register, and with
# --demo also playing devices. Stops all of it when both windows are closed or on Ctrl-C.
# Works from any directory, by double-click, on Linux and macOS (bash 3.2 is enough).
# Called as `sh …` where sh is another shell.
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@"
set -u

usage() {
    cat <<'TEXT'
./launch.sh [--demo] [--port N] [--data-dir DIR]

  --demo           demonstration data in a throw-away directory, and devices that send readings
  --port N         where the server listens (default 8080, another one if that is taken; 0: any)
  --data-dir DIR   where the data lives (default: tillwatch in the user's data directory)

Environment: TILLWATCH_PROFILE=debug builds and runs without optimisation;
TILLWATCH_BIN_DIR=DIR runs the programs in DIR and builds nothing. Where the server does HTTPS
(TILLWATCH_TLS_CERT, in .env too): TILLWATCH_CA_FILE=FILE is the authority that the windows trust
besides the system's, TILLWATCH_URL=https://NAME:PORT the server's address as its certificate has it.
TEXT
}

# --- small things ------------------------------------------------------------------------------

# Portuguese unless the machine speaks something else.
case "${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}" in
    "" | pt*) portuguese=yes ;;
    *) portuguese=no ;;
esac

say() { # <Portuguese> <English>
    if [ "$portuguese" = yes ]; then printf '%s\n' "$1"; else printf '%s\n' "$2"; fi
}

fail() {
    say "$1" "$2" >&2
    # The logs are in there.
    throw_away=''
    # In a terminal that was opened for us the text would vanish with it.
    if [ -n "${TILLWATCH_OWN_TERMINAL:-}" ]; then
        say "Tecle Enter para fechar." "Press Enter to close." >&2
        read -r _
    fi
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

find_root() {
    local file=$0 target
    while [ -L "$file" ]; do
        target=$(readlink "$file")
        case $target in
            /*) file=$target ;;
            *) file=$(dirname "$file")/$target ;;
        esac
    done
    cd "$(dirname "$file")" && pwd -P
}

# A double-click gives no terminal, and a first build takes minutes: open one, so it can be seen.
open_terminal_if_unseen() {
    [ -z "${TILLWATCH_OWN_TERMINAL:-}" ] || return 0
    [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && [ ! -t 0 ] && [ ! -t 1 ] || return 0
    case $(readlink "/proc/$$/fd/1" 2>/dev/null) in
        /dev/null | socket:*) ;;
        *) return 0 ;;
    esac
    export TILLWATCH_OWN_TERMINAL=1
    local self=$root/launch.sh
    have gnome-terminal && exec gnome-terminal --wait -- "$self" "$@"
    have konsole && exec konsole -e "$self" "$@"
    have xfce4-terminal && exec xfce4-terminal -x "$self" "$@"
    have x-terminal-emulator && exec x-terminal-emulator -e "$self" "$@"
    have xterm && exec xterm -e "$self" "$@"
    unset TILLWATCH_OWN_TERMINAL
}

# --- what the machine must have ----------------------------------------------------------------

find_cargo() {
    have cargo || PATH=$PATH:${CARGO_HOME:-${HOME:-}/.cargo}/bin
    have cargo || fail \
        "Falta o Rust. Instale com: curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh" \
        "Rust is missing. Install it with: curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh"
}

# Packages (Debian's names) for what is missing. Windows load their libraries when they start.
missing_packages() {
    [ -n "${TILLWATCH_BIN_DIR:-}" ] || have cc || printf 'build-essential '
    # Cargo checks with them whom it gets the libraries from.
    [ -n "${TILLWATCH_BIN_DIR:-}${SSL_CERT_FILE:-}${CARGO_HTTP_CAINFO:-}" ] ||
        [ -e /etc/ssl/certs/ca-certificates.crt ] || [ ! -e /etc/debian_version ] || printf 'ca-certificates '
    [ "$display" = yes ] || return 0
    local known library package
    known=$(PATH=$PATH:/sbin:/usr/sbin ldconfig -p 2>/dev/null)
    [ -n "$known" ] || return 0
    while read -r library package; do
        case $library:${WAYLAND_DISPLAY:-} in libwayland*:) continue ;; esac
        case $known in
            *"$library "*) ;;
            *) printf '%s ' "$package" ;;
        esac
    done <<'TABLE'
libxkbcommon.so.0 libxkbcommon0
libxkbcommon-x11.so.0 libxkbcommon-x11-0
libwayland-client.so.0 libwayland-client0
libwayland-egl.so.1 libwayland-egl1
libX11.so.6 libx11-6
libX11-xcb.so.1 libx11-xcb1
libXcursor.so.1 libxcursor1
libXi.so.6 libxi6
libXrandr.so.2 libxrandr2
libXrender.so.1 libxrender1
libEGL.so.1 libegl1
libGL.so.1 libgl1
TABLE
    # One of the drivers must be there; these draw with any card, and without one.
    local dri
    for dri in /usr/lib*/dri /usr/lib/*/dri /usr/share/vulkan/icd.d /etc/vulkan/icd.d; do
        [ -d "$dri" ] && return 0
    done
    printf 'libgl1-mesa-dri mesa-vulkan-drivers '
}

# The one command that brings these packages; for whoever has no sudo, with root's password.
install_command() {
    local command="apt-get update && apt-get install -y --no-install-recommends ${1% }"
    if have sudo; then printf "sudo sh -c '%s'" "$command"; else printf "su -c '%s'" "$command"; fi
}

install_missing() {
    [ "$system" = Linux ] || { [ -n "${TILLWATCH_BIN_DIR:-}" ] || have cc || fail \
        "Falta o compilador C. Instale com: xcode-select --install" \
        "The C compiler is missing. Install it with: xcode-select --install"; return 0; }
    local packages sudo=''
    packages=$(missing_packages)
    [ -n "$packages" ] || return 0
    if have apt-get; then
        [ "$(id -u)" = 0 ] || { have sudo && sudo -n true 2>/dev/null && sudo="sudo -n"; }
        if [ "$(id -u)" = 0 ] || [ -n "$sudo" ]; then
            say "Instalando: $packages" "Installing: $packages"
            # shellcheck disable=SC2086 # both are lists of plain words
            $sudo apt-get update -q && $sudo env DEBIAN_FRONTEND=noninteractive \
                apt-get install -q -y --no-install-recommends $packages && return 0
        fi
        fail "Faltam pacotes. Execute: $(install_command "$packages")" \
            "Packages are missing. Run: $(install_command "$packages")"
    elif have dnf; then
        local list="gcc libxkbcommon libxkbcommon-x11 libwayland-client libwayland-egl libX11-xcb"
        list="$list libXcursor libXi libXrandr libXrender mesa-libEGL mesa-libGL mesa-dri-drivers"
        fail "Faltam pacotes. Execute: sudo dnf install $list" \
            "Packages are missing. Run: sudo dnf install $list"
    elif have pacman; then
        local list="gcc libxkbcommon libxkbcommon-x11 wayland libx11 libxcursor libxi libxrandr libxrender mesa"
        fail "Faltam pacotes. Execute: sudo pacman -S --needed $list" \
            "Packages are missing. Run: sudo pacman -S --needed $list"
    fi
    fail "Faltam pacotes (nomes do Debian): $packages" "Packages are missing (Debian's names): $packages"
}

build() {
    local profile=() packages=(-p tillwatch-server -p tillwatch-cli)
    [ "$display" = yes ] && packages+=(-p tillwatch-register -p tillwatch-monitor)
    [ "$profile_dir" = release ] && profile=(--release)
    say "Compilando (a primeira vez leva alguns minutos)…" "Building (the first time takes some minutes)…"
    (cd "$root" && cargo build ${profile[@]+"${profile[@]}"} --locked "${packages[@]}") || fail \
        "A compilação falhou: veja acima." "The build failed: see above."
}

# --- starting ----------------------------------------------------------------------------------

answers() { # <port>: whether something listens there
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# Over HTTP or HTTPS, as the server's own settings are.
ready() {
    (cd "$root" && exec "$bin/tillwatch-server" --listen "${address#*://}" health) >/dev/null 2>&1
}

show_log() {
    tail -n 20 "$log" >&2
}

start_server() {
    local arguments=(--listen "127.0.0.1:$port" --data-dir "$data_dir") line
    [ "$demo" = yes ] && arguments+=(--demo)
    : >"$output"
    # What the server says to people (its address, the set-up code of a first start) goes on to the
    # terminal; its log goes to a file.
    (cd "$root" && exec "$bin/tillwatch-server" "${arguments[@]}") > >(trap '' INT; exec tee "$output") 2>"$log" &
    server=$!
    local tries=0
    while [ "$tries" -lt 300 ]; do
        kill -0 "$server" 2>/dev/null || { show_log; fail \
            "O servidor não iniciou: veja acima e em $log" "The server did not start: see above and $log"; }
        if [ -z "$address" ]; then
            line=$(grep -m 1 'listening on http' "$output" 2>/dev/null)
            [ -n "$line" ] && address=${line##*listening on }
        fi
        [ -n "$address" ] && ready && return 0
        sleep 0.1
        tries=$((tries + 1))
    done
    show_log
    fail "O servidor não ficou pronto em 30 segundos: veja acima e em $log" \
        "The server was not ready within 30 seconds: see above and $log"
}

# The key that the server takes readings with: the one of its environment or .env, or the demo's.
device_key() {
    local key=${API_KEY:-}
    if [ -z "$key" ] && [ -f "$root/.env" ]; then
        key=$(sed -n 's/^API_KEY=//p' "$root/.env" | head -n 1 | tr -d "\"'\r")
    fi
    printf '%s' "${key:-demo}"
}

start_devices() {
    TILLWATCH_API_KEY=$(device_key) "$bin/tillwatch" simulate sensors \
        --server "$address" --backfill 24h >"$devices_log" 2>&1 &
    devices=$!
}

# A window that did not start, or broke off, is told of once.
tell_of_failed_windows() {
    local name pid
    for name in monitor register; do
        case $name in monitor) pid=$monitor ;; *) pid=$register ;; esac
        case $told in *$name*) continue ;; esac
        alive "$pid" && continue
        told="$told $name"
        wait "$pid" && continue
        tail -n 5 "$data_dir/$name.log" >&2
        say "A janela tillwatch-$name parou com erro: veja acima." "The window tillwatch-$name failed: see above." >&2
    done
}

alive() { [ -n "$1" ] && kill -0 "$1" 2>/dev/null; }

stop_all() {
    trap '' INT TERM HUP
    trap - EXIT
    local pid tries=0
    for pid in $devices $monitor $register $server; do
        kill -TERM "$pid" 2>/dev/null
    done
    while alive "$server" || alive "$monitor" || alive "$register" || alive "$devices"; do
        if [ "$tries" -ge 100 ]; then
            for pid in $devices $monitor $register $server; do
                kill -KILL "$pid" 2>/dev/null
            done
            break
        fi
        sleep 0.1
        tries=$((tries + 1))
    done
    [ -n "$throw_away" ] && rm -rf -- "$throw_away"
    [ -n "$server" ] && say "Tudo parado." "All stopped."
}

# --- the run -----------------------------------------------------------------------------------

root=$(find_root) || exit 1
system=$(uname -s)
demo=no port=8080 data_dir='' throw_away=''
server='' monitor='' register='' devices='' address='' told=''
case ${TILLWATCH_PROFILE:-release} in
    debug) profile_dir=debug ;;
    *) profile_dir=release ;;
esac

open_terminal_if_unseen "$@"
while [ $# -gt 0 ]; do
    case $1 in
        --demo) demo=yes ;;
        --port) shift; port=${1:-} ;;
        --data-dir) shift; data_dir=${1:-} ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; exit 2 ;;
    esac
    shift
done
case $port in "" | *[!0-9]*) usage >&2; exit 2 ;; esac

display=yes
[ "$system" = Linux ] && [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && display=no

case ${CARGO_TARGET_DIR:-} in
    "") bin=$root/target/$profile_dir ;;
    /*) bin=$CARGO_TARGET_DIR/$profile_dir ;;
    *) bin=$root/$CARGO_TARGET_DIR/$profile_dir ;;
esac
bin=${TILLWATCH_BIN_DIR:-$bin}
[ -n "${TILLWATCH_BIN_DIR:-}" ] || find_cargo
install_missing
[ -n "${TILLWATCH_BIN_DIR:-}" ] || build

trap 'exit 130' INT
trap 'exit 143' TERM HUP
trap stop_all EXIT

if [ -z "$data_dir" ] && [ "$demo" = yes ]; then
    throw_away=$(mktemp -d "${TMPDIR:-/tmp}/tillwatch-demo-XXXXXX") || exit 1
    data_dir=$throw_away
elif [ -z "$data_dir" ]; then
    if [ "$system" = Darwin ]; then
        data_dir=$HOME/Library/Application\ Support/tillwatch
    else
        data_dir=${XDG_DATA_HOME:-$HOME/.local/share}/tillwatch
    fi
fi
mkdir -p -- "$data_dir" || fail "Não foi possível criar $data_dir" "Cannot create $data_dir"
case $data_dir in /*) ;; *) data_dir=$PWD/$data_dir ;; esac
log=$data_dir/server.log output=$data_dir/server.out devices_log=$data_dir/devices.log

if [ "$port" != 0 ] && answers "$port"; then
    say "A porta $port está ocupada; uso outra." "Port $port is taken; using another."
    port=0
fi
start_server
address=${TILLWATCH_URL:-$address}
[ "$demo" = yes ] && start_devices
if [ "$display" = yes ]; then
    "$bin/tillwatch-monitor" --server "$address" >"$data_dir/monitor.log" 2>&1 &
    monitor=$!
    "$bin/tillwatch-register" --server "$address" --till-dir "$data_dir/till" >"$data_dir/register.log" 2>&1 &
    register=$!
    say "Pronto: $address — feche as duas janelas ou tecle Ctrl-C para parar." \
        "Ready: $address — close both windows or press Ctrl-C to stop."
else
    say "Não há tela aqui; tudo o mais está rodando em $address" \
        "There is no display here; everything else is running at $address"
    say "Para ver as janelas: execute ./launch.sh numa área de trabalho, ou com uma tela virtual: xvfb-run -a ./launch.sh. Ctrl-C para." \
        "To see the windows: run ./launch.sh on a desktop, or with a virtual display: xvfb-run -a ./launch.sh. Ctrl-C stops."
fi
[ "$demo" = yes ] && say "Dados de demonstração em $data_dir; todas as senhas são 1234." \
    "Demonstration data in $data_dir; every password is 1234."

while :; do
    if ! alive "$server"; then
        show_log
        server=''
        fail "O servidor parou: veja acima." "The server stopped: see above."
    fi
    [ "$display" = no ] || tell_of_failed_windows
    [ "$display" = no ] || alive "$monitor" || alive "$register" || break
    sleep 0.5
done
