#!/bin/bash
# What applications do, with the drivers and ORMs that they do it with: one program for each in test/clients/NAME,
# run beside a throw-away server.
# usage: test/clients/run.sh [--major N] [NAME...]
#
# Without names, all.  Installs what they need from Debian, PyPI, npm, Maven Central, crates.io and the Go proxy; what cannot be
# had is said, and is no failure.  NPS_CLIENTS names a folder where what was installed is kept for the next run;
# without, it is in a temporary one.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
options=()
if [ "${1-}" = --major ]; then
    options=(--major "$2")
    shift 2
fi

# What comes as Debian's packages is installed before: the programs do not run as root.
wanted=$(
    cat "$here"/packages.txt
    for name in ${*:-$(ls "$here")}; do
        cat "$here/${name%@*}/packages.txt" 2> /dev/null || true
    done
)
missing=()
for package in $wanted; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null)" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
    sudo=
    [ "$(id -u)" = 0 ] || sudo=sudo
    echo "== installing ${missing[*]}" >&2
    { $sudo apt-get -qq update || true; } > /dev/null 2>&1
    for package in "${missing[@]}"; do
        $sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=600 install --no-install-recommends "$package" > /dev/null 2>&1 ||
            echo "== cannot be had: $package" >&2
    done
fi

# Some clients know no sockets.  A port that nobody listens on:
port=
for _ in {1..50}; do
    port=$((20000 + RANDOM % 10000))
    (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null || break
done
if [ -n "${NPS_CLIENTS-}" ]; then
    # the server's user installs
    mkdir -p "$NPS_CLIENTS"
    chmod 1777 "$NPS_CLIENTS"
fi
NPS_CLIENTS_PORT=$port NPS_POSTGRES_OPTIONS="${NPS_POSTGRES_OPTIONS-} -c listen_addresses=127.0.0.1 -c port=$port" \
    exec bash "$here/../with_cluster.sh" "${options[@]}" test/clients/each.sh "$@"
