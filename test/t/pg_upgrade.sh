#!/bin/bash
# pg_upgrade from PostgreSQL 15, or from NPS_UPGRADE_FROM=NN, to the server's version, with the surveys of
# test/data/two_surveys.sql: every relation gives the same rows, also to a reader under row-level security; rights,
# comments, policies and triggers are there; work goes on; and, once their views were made again, the surveys are
# defined as newly attached ones.
set -euo pipefail

here=$(cd "$(dirname "$0")/../.." && pwd)
from=${NPS_UPGRADE_FROM:-15}
to=$(pg_config --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
[ "$to" -gt "$from" ] || {
    echo "this server is of version $to: nothing to upgrade from $from"
    exit 77
}
work=$(mktemp -d)
export PGOPTIONS='-c client_min_messages=error -c jit=off'
# A zone in which it is about noon: no report changes because a day begins.
offset=$((12 - 10#$(date -u +%H)))
PGTZ=$(printf 'Etc/GMT%+d' $((-offset)))
export PGTZ
bin=$(pg_config --bindir)
old=$work/usr/lib/postgresql/$from/bin
roles=(regress_nps_owner regress_nps_reader regress_nps_actor)
running=
stop() {
    [ -z "$running" ] || "$running/pg_ctl" stop -D "$work/data.${1:-}" -m fast > /dev/null
    running=
}
clean_up() {
    if [ -n "$running" ]; then
        for data in "$work"/data.*; do
            "$running/pg_ctl" stop -D "$data" -m immediate > /dev/null 2>&1 || true
        done
    fi
    rm -rf "$work"
    psql -X -q -d postgres -c 'DROP DATABASE IF EXISTS nps_upgrade_fresh'
    for role in "${roles[@]}"; do
        psql -X -q -d postgres -c "DROP ROLE IF EXISTS $role"
    done
}
trap clean_up EXIT
fail() {
    echo "from $from to $to: $*"
    exit 1
}
sql() { psql -X -q -At -v ON_ERROR_STOP=1 "$@"; }
same() { # WHAT FILE FILE
    diff "$2" "$3" > "$work/differences" || {
        head -n 20 "$work/differences"
        fail "$1"
    }
}
quietly() {
    "$@" > "$work/log" 2>&1 || {
        cat "$work/log"
        fail "failed: $*"
    }
}
start() { # PROGRAMS FOLDER
    quietly "$1/pg_ctl" start -w -D "$work/data.$2" -l "$work/server.log" -o "-k '$work' -c listen_addresses= -c fsync=off"
    running=$1
}
# To six digits, as the two versions may compute with different C libraries; without the privilege that version 17 adds.
contents() { # FILE
    PGOPTIONS="$PGOPTIONS -c extra_float_digits=-9" sql -h "$work" -d nps_upgrade -f "$here/test/data/two_surveys_contents.sql" > "$work/rows"
    sed -E 's/(=[a-zA-Z*]*)m([a-zA-Z*]*\/regress)/\1\2/g' "$work/rows" | LC_ALL=C sort > "$1"
}
# Version 18 names what older ones did not.
definitions() { # FILE OPTION...
    local file=$1
    shift
    pg_dump -s "$@" | grep -vE '^--|^$|^.(un)?restrict ' | sed -E 's/ CONSTRAINT [^ ]+ NOT NULL/ NOT NULL/' | LC_ALL=C sort > "$file"
}
surveys() { # DATABASE OPTION...
    local database=$1 role
    shift
    for role in "${roles[@]}"; do sql -d postgres "$@" -c "CREATE ROLE $role"; done
    sql -d postgres "$@" -c "CREATE DATABASE $database" -c "GRANT CREATE ON DATABASE $database TO regress_nps_owner"
    sql -d "$database" "$@" -v zone="$PGTZ" -f "$here/test/data/two_surveys.sql" > /dev/null
}
refresh() { # DATABASE OPTION...
    sql -d "$@" -c 'SET ROLE regress_nps_owner' -c 'SELECT count(*) FROM "Ext 1".nps_surveys() s, "Ext 1".nps_refresh_views(s.survey)' > /dev/null
}

# Always from the packages of the release, also if the old version is installed: PostgreSQL 15.20-0+deb12u1 of the
# security archive can give columns an option "pg_attver", which pg_dump of 17 tells and no other server takes, so
# that pg_upgrade fails.  15.18 of the release does not.
status=0
bash "$here/test/unpack_server.sh" "$from" "$work" || status=$?
[ "$status" != 77 ] || exit 77
[ "$status" = 0 ] || fail "the old version cannot be unpacked"
mkdir "$work/source"
tar -C "$here" --exclude '*.o' --exclude '*.so' --exclude '*.bc' --exclude .git -cf - Makefile nps.control src sql | tar -C "$work/source" -xf -
quietly make -s -C "$work/source" -j 2 PG_CONFIG="$old/pg_config" with_llvm=no install

cd "$work"
# checksums in both, as version 18 has them if nothing is said
quietly "$old/initdb" -D "$work/data.old" -U postgres -A trust -E UTF8 --locale=C --no-sync -k
quietly "$bin/initdb" -D "$work/data.new" -U postgres -A trust -E UTF8 --locale=C --no-sync -k
start "$old" old
surveys nps_upgrade -h "$work"
contents "$work/before"
[ "$(wc -l < "$work/before")" -gt 10000 ] || fail "too little to compare"
stop old

# Its servers listen in the folder in which it runs.
env -u PGHOST -u PGPORT "$bin/pg_upgrade" -b "$old" -B "$bin" -d "$work/data.old" -D "$work/data.new" -U postgres -j 2 --no-sync > "$work/log" || {
    tail -n 5 "$work/log"
    find "$work/data.new/pg_upgrade_output.d" -name '*.log' -exec tail -n 30 {} + | grep -A 8 'error:'
    fail "pg_upgrade does not upgrade"
}
start "$bin" new
# Rollups are of another server: reports read the source, until they are made anew as nps_check() says.
sql -h "$work" -d nps_upgrade -c "SELECT c.fix FROM \"Ext 1\".nps_surveys() s, \"Ext 1\".nps_check(s.survey) c WHERE s.survey <> 'Paused' AND c.finding = 'the rollup is not kept current' ORDER BY 1" > "$work/cures"
[ "$(wc -l < "$work/cures")" = 2 ] || fail "nps_check() has no cure for the rollups: $(cat "$work/cures")"
sql -h "$work" -d nps_upgrade -c 'SET search_path = "Ext 1"' -f "$work/cures"
contents "$work/after"
same "upgraded, there is something else" "$work/before" "$work/after"

# Views that are made again are those of a new survey.
refresh nps_upgrade -h "$work"
contents "$work/refreshed"
surveys nps_upgrade_fresh
refresh nps_upgrade_fresh
definitions "$work/upgraded.definitions" -h "$work" nps_upgrade
definitions "$work/fresh.definitions" nps_upgrade_fresh
same "an upgraded survey is defined otherwise than a new one" "$work/fresh.definitions" "$work/upgraded.definitions"

psql -X -q -At -h "$work" -d nps_upgrade -v owner=regress_nps_owner -f "$here/test/data/two_surveys_work.sql" > "$work/goes_on" 2> "$work/refused" || true
sed 's/ with payload \("[0-9]*"\).*/ \1/; s/^psql:.*: ERROR/ERROR/' "$work/goes_on" "$work/refused" > "$work/done"
same "work does not go on" "$here/test/data/two_surveys_work.out" "$work/done"
sql -h "$work" -d nps_upgrade -c 'SET ROLE regress_nps_owner' -c 'CALL "Ext 1".nps_materialize($$Parts$$, rebuild => true)' -c 'REFRESH MATERIALIZED VIEW crm.by_month'
stop new
echo "from $from to $to: $(wc -l < "$work/before") rows and properties of 4 surveys are the same after pg_upgrade, and work goes on"
