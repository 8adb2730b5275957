#!/bin/bash
# Runs a command beside a throw-away PostgreSQL server that has nps installed.
# usage: test/with_cluster.sh [--major N] [--tools] [--assert] [--sanitize] COMMAND [ARGUMENT...]
#
# --tools also installs what some tests use and others need not have: valgrind, clang and its fuzzer, a browser.
# --assert takes a server with assertions, which overwrites memory that was freed: built from the source that Debian has,
#   in some minutes.
# --sanitize is --assert with nps built with AddressSanitizer and UndefinedBehaviorSanitizer: what they find ends the server.
# Needs Debian or Ubuntu, as root or with sudo; without either if the packages
# are there already.  Apart from these packages nothing outside one temporary
# folder is written, and the folder goes when COMMAND ends, so any number of
# runs can go on side by side.
#
# COMMAND runs in a copy of the sources ($NPS_SOURCE; $NPS_ORIGIN is where they came from), with
# PG_CONFIG and what psql and pg_regress need set.  Its exit code is ours;
# 77 means that PostgreSQL N is not available here.
#
#   NPS_DURABLE=1             keep fsync on, as a production server has it
#   NPS_POSTGRES_OPTIONS=...  more options for the server, e.g. "-c jit=off"
#   NPS_SERVERS=...           folder where servers with assertions are kept, for the next run to find
#
# COMMAND finds the server's log in $NPS_SERVER_LOG.
set -euo pipefail

say() { echo "== $*" >&2; }
die() {
    echo "with_cluster.sh: $*" >&2
    exit 1
}

usage="usage: with_cluster.sh [--major N] [--tools] [--assert] [--sanitize] COMMAND [ARGUMENT...]"
major=
tools=
assert=
sanitize=
while [[ ${1-} == --* ]]; do
    case $1 in
        --major)
            major=${2-}
            [[ $major =~ ^[1-9][0-9]$ && $major -ge 15 ]] || die "--major wants 15 or more, not '$major'"
            shift
            ;;
        --tools) tools=yes ;;
        --assert) assert=yes ;;
        --sanitize) assert=yes sanitize=yes ;;
        *) die "$usage" ;;
    esac
    shift
done
[ $# -gt 0 ] || die "$usage"
command -v apt-get > /dev/null ||
    die "this needs Debian or Ubuntu: PostgreSQL is taken from their packages"

# What the caller has set for other servers or other makes must not get in here.
# shellcheck disable=SC2086
unset ${!PG@} MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES LANGUAGE
export LC_ALL=C.UTF-8

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
exec 3<&0

# shellcheck source=test/packages.sh
. "$here/test/packages.sh"

# ---------------------------------------------------------------- cleaning up

tmp=
child=
runner=()

# A signal must be heeded while a command runs, not after it: so every command
# that takes time runs in the background, in a session of its own which can be
# ended as a whole.  (For the background, bash has interrupts ignored.)
inside=(env --default-signal="INT,QUIT")
run() {
    local status=0
    setsid "${runner[@]}" "${inside[@]}" "$@" <&3 3<&- &
    child=$!
    wait "$child" || status=$?
    child=
    return "$status"
}

# COMMAND may be psql or a shell, which want the terminal and interrupts for
# themselves.
run_at_terminal() {
    local status
    trap : INT
    "${runner[@]}" "${inside[@]}" "$@" <&3 3<&- &
    child=$!
    while
        status=0
        wait "$child" || status=$?
        kill -0 "$child" 2> /dev/null
    do :; done
    child=
    return "$status"
}

# A command whose output matters only if it fails.
run_quietly() {
    run "$@" > "$tmp/log" 2>&1 || {
        cat "$tmp/log" >&2
        die "failed: $*"
    }
}

# All that was started here works somewhere in the temporary folder: servers,
# compilers, anything that COMMAND left behind.
processes_inside() {
    local p
    for p in /proc/[0-9]*; do
        case $(readlink "$p/cwd" 2> /dev/null) in
            "$tmp" | "$tmp"/*) echo "${p#/proc/}" ;;
        esac
    done
}

clean_up() {
    local status=$? pids
    trap - EXIT
    trap '' INT TERM HUP
    if [ -n "$installing" ]; then
        say "waiting until apt has finished: stopped halfway it would need repair"
        wait "$child" || true
    elif [ -n "$child" ]; then
        kill -TERM -- "-$child" 2> /dev/null || kill -TERM "$child" 2> /dev/null || true
        for _ in {1..30}; do
            kill -0 -- "-$child" 2> /dev/null || break
            sleep 0.1
        done
    fi
    allow_main_cluster
    if [ -n "$tmp" ]; then
        # "immediate": nothing in there is worth a checkpoint.
        if [ -e "$tmp/data/postmaster.pid" ]; then
            "${runner[@]}" "$bin/pg_ctl" stop -D "$tmp/data" -m immediate > /dev/null 2>&1 || true
        fi
        for _ in {1..50}; do
            pids=$(processes_inside)
            [ -n "$pids" ] || break
            # shellcheck disable=SC2086
            kill -KILL $pids 2> /dev/null || true
            sleep 0.1
        done
        rm -rf "$tmp"
    fi
    exit "$status"
}
trap clean_up EXIT
trap 'die "stopped at line $LINENO"' ERR
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# ------------------------------------------------------------- the temp folder

# Short, because the path of a socket may have no more than 107 characters.
tmp=$(mktemp -d "/tmp/nps.XXXXXX")

bin=
own_major=$(installed_major)
[ "${own_major:-0}" -ge 15 ] || own_major=$(distribution_major)
if [ -z "$own_major" ]; then
    say "updating the lists of packages"
    apt_get update || true
    own_major=$(distribution_major)
fi
# An older one than nps supports is left alone.
[ "${own_major:-0}" -ge 15 ] || own_major=15
major=${major:-$own_major}

if [ -n "$assert" ]; then
    install_packages gcc libc6-dev make tzdata flex bison perl
elif [ -e "/usr/lib/postgresql/$major/bin/initdb" ] || [ "$major" = "$own_major" ]; then
    install_packages gcc libc6-dev make "postgresql-$major" "postgresql-server-dev-$major"
    unpack=
else
    install_packages gcc libc6-dev make tzdata
    unpack=yes
fi
# a language that calls SQL as some applications do; of a server that is not the system's it would be another one's
[ -n "$assert${unpack-}" ] || test_tools+=("postgresql-plperl-$major")
[ -z "$tools" ] || install_test_tools

# PostgreSQL refuses to run as root.
if [ "$(id -u)" = 0 ]; then
    user=nobody
    if getent passwd postgres > /dev/null; then user=postgres; fi
    chown "$user" "$tmp"
    runner=(setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups --)
fi
export HOME=$tmp TMPDIR=$tmp NPS_SOURCE=$tmp/nps NPS_ORIGIN=$here
inside+=(--chdir="$NPS_SOURCE")

# The sources, without what was built from them.
list_sources() {
    local file
    if [ "$(git -c safe.directory='*' -C "$here" rev-parse --show-toplevel 2> /dev/null)" = "$here" ]; then
        git -c safe.directory='*' -C "$here" ls-files -z --cached --others --exclude-standard
    else
        find "$here" -name .git -prune -o \( -type f -o -type l \) \
            ! -name '*.o' ! -name '*.bc' ! -name '*.so' ! -path "$here/sql/nps--*.sql" \
            ! -path "$here/results/*" ! -path "$here/regression.*" -printf '%P\0'
    fi | while read -r -d '' file; do
        if [ -e "$here/$file" ]; then printf '%s\0' "$file"; fi
    done
}
mkdir "$NPS_SOURCE"
list_sources | tar -C "$here" --null -T - -cf - | tar -C "$NPS_SOURCE" --no-same-owner -xf -
[ "$(id -u)" != 0 ] || chown -R "$user" "$NPS_SOURCE"

# PostgreSQL finds its files starting from its program's real place.  So real
# copies of the programs, and links to the rest in folders of our own, make an
# installation into which make install can write.
link_installation() {
    local usr=$tmp/usr
    mkdir -p "$usr/lib/postgresql/$major" "$usr/share/postgresql" "$usr/include"
    cp -r "/usr/lib/postgresql/$major/bin" "$usr/lib/postgresql/$major/"
    cp -rs "/usr/lib/postgresql/$major/lib" "$usr/lib/postgresql/$major/"
    cp -rs "/usr/share/postgresql/$major" "$usr/share/postgresql/"
    cp -rs /usr/include/postgresql "$usr/include/"
    # An nps installed in the system must be neither tested nor, through a
    # link, overwritten.
    find "$usr" -name 'nps*' -prune -exec rm -rf {} +
}
bin=$tmp/usr/lib/postgresql/$major/bin
kept=${NPS_SERVERS:+$NPS_SERVERS/$major}
if [ -n "$assert" ] && [ -n "$kept" ] && [ -e "$kept" ]; then
    cp -r "$kept/usr" "$tmp/"
    [ "$(id -u)" != 0 ] || chown -R "$user" "$tmp/usr"
elif [ -n "$assert" ]; then
    say "building PostgreSQL $major with assertions from Debian's source"
    status=0
    run bash "$NPS_SOURCE/test/build_server.sh" "$major" "$tmp" || status=$?
    [ "$status" != 77 ] || exit 77
    [ "$status" = 0 ] || die "cannot build PostgreSQL $major"
    if [ -n "$kept" ]; then
        mkdir -p "$NPS_SERVERS" "$tmp/kept"
        cp -r "$tmp/usr" "$tmp/kept/"
        mv "$tmp/kept" "$kept"
    fi
elif [ -n "$unpack" ]; then
    say "unpacking PostgreSQL $major"
    status=0
    if [ "$major" = 16 ]; then
        # which no Debian release has
        run bash "$NPS_SOURCE/test/unpack_wheel.sh" "$major" "$tmp" || status=$?
    else
        run bash "$NPS_SOURCE/test/unpack_server.sh" "$major" "$tmp" || status=$?
    fi
    [ "$status" != 77 ] || exit 77
    [ "$status" = 0 ] || die "cannot unpack PostgreSQL $major"
else
    export -f link_installation
    run_quietly env tmp="$tmp" major="$major" bash -euc link_installation
fi
export PATH=$bin:$PATH PG_CONFIG=$bin/pg_config
[[ $(pg_config --sharedir) == "$tmp/"* ]] ||
    die "PostgreSQL $major does not work from another folder than its own"
version=$(pg_config --version | cut -d ' ' -f 2)

# ------------------------------------------------------------ build and serve

# As system headers, PostgreSQL's own, which do not compile without warnings,
# are spared them; nps is not.
say "building nps for PostgreSQL $version"
cflags="-isystem $(pg_config --includedir-server) -Wall -Wextra"
watched=()
if [ -n "$sanitize" ]; then
    # without -Werror: what the sanitizers put in makes the compiler see what is not there
    copt=COPT="-fsanitize=address,undefined -fno-sanitize-recover=undefined"
    # a report must not look like a session that ended by itself
    watched=(env LD_PRELOAD="$(gcc -print-file-name=libasan.so)" ASAN_OPTIONS=detect_leaks=0:abort_on_error=1
        UBSAN_OPTIONS=print_stacktrace=1:abort_on_error=1)
else
    cflags+=" -Werror"
fi
run_quietly make -s -j "$(nproc)" PG_CFLAGS="$cflags" ${copt:+"$copt"}
run_quietly make -s install

say "starting PostgreSQL $version"
run_quietly initdb -D "$tmp/data" -U postgres -A trust -E UTF8 --locale=C --no-sync
cat >> "$tmp/data/postgresql.conf" << EOF
listen_addresses = ''
unix_socket_directories = '$tmp'
port = 5432
fsync = $([ "${NPS_DURABLE-}" = 1 ] && echo on || echo off)
EOF
run "${watched[@]}" pg_ctl start -w -D "$tmp/data" -l "$tmp/server.log" -o "${NPS_POSTGRES_OPTIONS-}" > "$tmp/log" 2>&1 || {
    cat "$tmp/log" "$tmp/server.log" >&2
    die "PostgreSQL $version does not start"
}
export NPS_SERVER_LOG=$tmp/server.log
export PGHOST=$tmp PGPORT=5432 PGUSER=postgres PGDATABASE=postgres

if [ -t 3 ]; then
    run_at_terminal "$@" || exit
else
    run "$@" || exit
fi
