#!/bin/bash
# The follow-up rules against a second implementation of them (test/oracle), on a
# server of its own whose clock can be moved: short histories of a customer, and
# random quarters of a team.  The list, each case and the figures are compared
# after every step.
#
#   NPS_QUARTERS="SEED SEEDS STEPS"  random quarters, how many from which seed on, and of how many steps (1 4 80)
#   NPS_HISTORIES=NUMBER             only this history, and no quarters
set -uo pipefail
[ -z "${NPS_ONCE-}" ] || { echo "tested on another version"; exit 77; }

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bin=$("${PG_CONFIG:-pg_config}" --bindir) || exit 1
library=$(find /usr/lib -name libfaketime.so.1 2> /dev/null | head -n 1)
[ -n "$library" ] || { echo "libfaketime is not here"; exit 77; }
# The system's own python3 has the packages of the system; another one may come before it.
python=
for candidate in python3 /usr/bin/python3; do
    if [ -z "$python" ] && "$candidate" -c 'import psycopg2, sys; sys.exit(sys.version_info < (3, 10))' 2> /dev/null; then
        python=$candidate
    fi
done
[ -n "$python" ] || { echo "no python3 of 3.10 or later with psycopg2 is here"; exit 77; }

tmp=$(mktemp -d) || exit 1
clean_up() {
    local status=$?
    [ ! -e "$tmp/data/postmaster.pid" ] || "$bin/pg_ctl" stop -D "$tmp/data" -m immediate > /dev/null
    rm -rf "$tmp"
    exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

echo "2026-01-01 00:00:00" > "$tmp/clock"
"$bin/initdb" -D "$tmp/data" -U postgres -A trust --no-sync -E UTF8 --locale=C > "$tmp/log" 2>&1 || { cat "$tmp/log"; exit 1; }
cat >> "$tmp/data/postgresql.conf" << END
listen_addresses = ''
unix_socket_directories = '$tmp'
port = 5439
fsync = off
autovacuum = off
timezone = 'UTC'
$([ -z "${NPS_EXTENSION_PATH:-}" ] || echo "extension_control_path = '$NPS_EXTENSION_PATH'")
END
TZ=UTC LD_PRELOAD=$library FAKETIME_TIMESTAMP_FILE=$tmp/clock FAKETIME_NO_CACHE=1 DONT_FAKE_MONOTONIC=1 \
    "$bin/pg_ctl" start -w -D "$tmp/data" -l "$tmp/log" > "$tmp/start" 2>&1 || { cat "$tmp/start" "$tmp/log"; exit 1; }
export PGHOST=$tmp PGPORT=5439 PGUSER=postgres PGDATABASE=postgres
unset PGOPTIONS
"$bin/psql" -X -q -c 'CREATE EXTENSION nps' || exit 1
export PYTHONDONTWRITEBYTECODE=1
status=0
"$python" "$tree/test/oracle/replay.py" "$tmp/clock" --histories ${NPS_HISTORIES:-} || status=1
# shellcheck disable=SC2086
[ -n "${NPS_HISTORIES:-}" ] || "$python" "$tree/test/oracle/replay.py" "$tmp/clock" --quarters ${NPS_QUARTERS:-1 4 80} || status=1
exit "$status"
