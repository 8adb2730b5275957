#!/bin/bash
# A rollup while others do something at the same moment: partitions come and go while
# reports are planned and run, who empties a partition beside maintenance and DDL, and maintenance at once.
# usage: test/t/rollup_race.sh
#
#   NPS_RACE_SECONDS=...  how long reports are read beside each kind of change (5 if it is not set)
set -euo pipefail

seconds=${NPS_RACE_SECONDS:-5}
database=nps_rollup_race
work=$(mktemp -d)
export PGOPTIONS='-c client_min_messages=warning -c jit=off'
clean_up() {
    touch "$work/stop"
    wait
    rm -rf "$work"
    psql -X -q -d postgres -c "DROP DATABASE IF EXISTS $database WITH (FORCE)" || true
}
trap clean_up EXIT
fail() {
    echo "$*"
    exit 1
}
sql() { psql -X -q -At -v ON_ERROR_STOP=1 -d $database "$@"; }
check() { # WHAT SQL EXPECTED
    local got
    got=$(sql -c "$2")
    [ "$got" = "$3" ] || fail "$1: $got, not $3"
    echo "$1: ok"
}

psql -X -q -d postgres -c "CREATE DATABASE $database"
sql > /dev/null << 'SQL'
CREATE EXTENSION nps;
CREATE TABLE whole (id integer, score integer, at timestamptz, plan text);
INSERT INTO whole SELECT i, i % 11, '2026-01-01'::timestamptz + i * interval '5 hours', 'p' || i % 3 FROM generate_series(1, 100) i;
CREATE TABLE split (LIKE whole) PARTITION BY RANGE (id);
CREATE TABLE split_1 PARTITION OF split FOR VALUES FROM (0) TO (50);
CREATE TABLE split_2 PARTITION OF split FOR VALUES FROM (50) TO (2000);
INSERT INTO split SELECT * FROM whole;
SELECT count(*) FROM nps_attach('whole', 'score', 'w', response_id => 'id', responded_at => 'at', segments => '{plan}', time_zone => 'UTC');
SELECT count(*) FROM nps_attach('split', 'score', 's', response_id => 'id', responded_at => 'at', segments => '{plan}', time_zone => 'UTC');
CALL nps_materialize('w');
CALL nps_materialize('s');
SQL

# -------------------------------------------------- reports beside what decides where they read

# Each report must be one of these numbers, whatever it was planned and run for; 40001 says to read it once more.
beside() { # WHAT ALLOWED CHANGES
    local reads
    rm -f "$work/stop"
    (while [ ! -e "$work/stop" ]; do for _ in {1..50}; do echo "$3"; done | psql -X -q -At -d $database > "$work/changer" 2>&1; done) &
    (while [ ! -e "$work/stop" ]; do for _ in {1..200}; do echo "SELECT responses FROM s.summary;"; done | psql -X -q -At -d $database 2>> "$work/errors"; done > "$work/planned") &
    (while [ ! -e "$work/stop" ]; do { echo "SET plan_cache_mode = force_generic_plan;"
        for _ in {1..60}; do echo "PREPARE q AS SELECT responses FROM s.summary; EXECUTE q; EXECUTE q; EXECUTE q; DEALLOCATE q;"; done; } | psql -X -q -At -d $database 2>> "$work/errors"; done > "$work/prepared") &
    sleep "$seconds"
    touch "$work/stop"
    wait
    cat "$work/planned" "$work/prepared" > "$work/read"
    if grep -vxE "$2" "$work/read" | sort | uniq -c > "$work/odd" && [ -s "$work/odd" ]; then
        cat "$work/odd"
        fail "$1: a report that is wrong"
    fi
    if grep -E 'ERROR' "$work/errors" | grep -v 'planned for another moment' | head -3 | grep .; then fail "$1: a report fails"; fi
    reads=$(wc -l < "$work/read")
    [ "$reads" -gt 100 ] || fail "$1: only $reads reports"
    echo "$1: ok"
}
: > "$work/errors"
beside 'partitions come and go' '100|101' "CREATE TABLE p PARTITION OF split FOR VALUES FROM (9000) TO (9100); INSERT INTO split VALUES (9000, 9, now(), 'p1'); SELECT nps_compact('s'); DROP TABLE p;"
sql -c "DROP TABLE IF EXISTS p" -c "SELECT nps_compact('s')" > /dev/null
beside 'a partition loses its triggers for a moment' '100' "ALTER TABLE split_1 DISABLE TRIGGER USER; ALTER TABLE split_1 ENABLE ALWAYS TRIGGER USER; SELECT nps_compact('s');"
sql -c "SELECT nps_compact('s')" > /dev/null

# --------------------------------------------------------------------------- rebuilds

# who holds a partition and empties it then
(echo "BEGIN; LOCK TABLE split_1; SELECT pg_sleep(1.5); TRUNCATE split_1; COMMIT;") | sql > "$work/writer" 2>&1 &
sleep 0.5
sql -c "CALL nps_materialize('s', rebuild => true)"
wait
if grep ERROR "$work/writer"; then fail "TRUNCATE fails of a rebuild"; fi
check 'a rebuild beside whoever empties a partition' "SELECT responses || ' ' || (SELECT count(*) FROM split) || nps_rollup_serves('s.rollup') FROM s.summary" '51 51true'

# who waits for one partition that somebody writes to, and then empties another
(echo "BEGIN; INSERT INTO split_2 VALUES (60, 9, now(), 'p1'); SELECT pg_sleep(1.5); COMMIT;") | sql > "$work/writer" 2>&1 &
sleep 0.3
(echo "BEGIN; TRUNCATE split_2; SELECT pg_sleep(1.5); TRUNCATE split_1; COMMIT;") | sql > "$work/emptier" 2>&1 &
sleep 0.3
sql -c "CALL nps_materialize('s', rebuild => true)"
wait
if grep -A8 ERROR "$work/writer" "$work/emptier"; then fail "a write fails of a rebuild"; fi
check 'a rebuild beside whoever waits to empty partitions' "SELECT responses || ' ' || (SELECT count(*) FROM split) || nps_rollup_serves('s.rollup') FROM s.summary" '0 0true'

sql -c "TRUNCATE split" -c "INSERT INTO split SELECT * FROM whole" -c "SELECT nps_compact('s')" > /dev/null

# ------------------------------------------------------------- who empties a partition

both="SELECT responses || ' ' || (SELECT count(*) FROM split) || ' ' || nps_rollup_serves('s.rollup') FROM s.summary"
emptied() { # WHAT ROWS
    if grep -E 'deadlock|FATAL|PANIC|leak|TRAP' "$work/emptier" "$work/other"; then fail "$1"; fi
    check "$1" "$both" "$2 $2 true"
}

# an error within TRUNCATE undoes it, whoever catches it
(echo "BEGIN; LOCK TABLE s.rollup_part IN SHARE MODE; SELECT pg_sleep(2); COMMIT;") | sql > "$work/other" 2>&1 &
sleep 0.3
psql -X -q -At -d $database > "$work/emptier" 2>&1 << 'SQL' || true
SET lock_timeout = '200ms';
DO $$BEGIN BEGIN TRUNCATE split_1; EXCEPTION WHEN lock_not_available THEN RAISE WARNING 'caught'; END; END$$;
TRUNCATE split_1;
BEGIN;
DO $$BEGIN BEGIN TRUNCATE split_1; EXCEPTION WHEN lock_not_available THEN RAISE WARNING 'caught'; END; END$$;
SELECT count(*) FROM split_1;
COMMIT;
SELECT count(*) FROM split_1;
SQL
wait
[ "$(grep -c caught "$work/emptier") $(grep -c 'ERROR.*lock timeout' "$work/emptier") $(grep -c '^49$' "$work/emptier")" = "2 1 2" ] || fail "TRUNCATE that fails: $(cat "$work/emptier")"
emptied 'TRUNCATE of a partition that fails' 100

# who waits for the partition while holding the source; the emptier knows nothing of the rollup yet
(echo "BEGIN; SELECT count(*) FROM split_1; SELECT pg_sleep(2.5); TRUNCATE split_1; ROLLBACK;") | sql > "$work/emptier" 2>&1 &
sleep 0.5
(echo "ALTER TABLE split ADD COLUMN z integer; ALTER TABLE split DROP COLUMN z;") | sql > "$work/other" 2>&1
wait
emptied 'TRUNCATE of a partition beside DDL of the source' 100

# who folds in a transaction, and reads then: the cells of the partition stay, and are not read
(echo "BEGIN; SELECT nps_compact('s'); SELECT pg_sleep(1); SELECT responses FROM s.summary; INSERT INTO split VALUES (75, 9, now(), 'p1'); COMMIT;") | sql > "$work/other" 2>&1 &
sleep 0.5
(echo "BEGIN; TRUNCATE split_1; SELECT pg_sleep(1); COMMIT;") | sql > "$work/emptier" 2>&1
wait
emptied 'TRUNCATE of a partition beside nps_compact() in a transaction' 52
check 'what it left is no difference' "SELECT count(*) FROM nps_verify('s')" 0
sql -c "INSERT INTO split VALUES (7, 9, now(), 'p1')"
check 'what it left is not counted' "SELECT responses || ' ' || nps_rollup_serves('s.rollup') FROM s.summary" '53 false'
sql -c "SELECT nps_compact('s')" > /dev/null
check 'the partition is counted anew' "SELECT responses || ' ' || nps_rollup_serves('s.rollup') || ' ' || (SELECT count(*) FROM nps_verify('s')) FROM s.summary" '53 true 0'
sql -c "DELETE FROM split WHERE id = 7" -c "DELETE FROM split WHERE id = 75"

# maintenance waits for no partition
(echo "BEGIN; LOCK TABLE split_2; SELECT pg_sleep(2); COMMIT;") | sql > "$work/other" 2>&1 &
sleep 0.3
sql -c "SET statement_timeout = '1500ms'" -c "SELECT nps_compact('s')" > "$work/emptier" 2>&1
wait
emptied 'nps_compact() beside somebody who has locked a partition' 50

# -------------------------------------------------- a partition that is being detached

sql -c "INSERT INTO split SELECT * FROM whole WHERE id < 50" -c "SELECT nps_compact('s')" > /dev/null
# FIRST: what others do while the detaching waits; THEN: what the old snapshot does
detached() { # WHAT FIRST THEN
    (echo "BEGIN; LOCK TABLE ONLY split IN ACCESS SHARE MODE; SELECT pg_sleep(2.5); COMMIT;") | sql > "$work/holder" 2>&1 &
    (echo "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1; SELECT pg_sleep(1.5); $3 SELECT responses - (SELECT count(score) FROM split) AS more FROM s.summary; ROLLBACK;") | sql > "$work/old" 2>&1 &
    sleep 0.4
    sql -c "ALTER TABLE split DETACH PARTITION split_1 CONCURRENTLY" > "$work/detacher" 2>&1 &
    sleep 0.5
    check "$1: nps_check() tells" "SELECT fix FROM nps_check('s') WHERE finding ~ 'rollup'" 'ALTER TABLE public.split DETACH PARTITION public.split_1 FINALIZE;'
    sql -c "$2" > /dev/null
    wait
    [ "$(tail -n 1 "$work/old")" = 0 ] || fail "$1: $(cat "$work/old")"
    check "$1" "SELECT (responses = (SELECT count(*) FROM split)) || ' ' || nps_rollup_serves('s.rollup') FROM s.summary" 'true true'
    sql -c "ALTER TABLE split ATTACH PARTITION split_1 FOR VALUES FROM (0) TO (50)" -c "SELECT nps_compact('s')" > /dev/null
}
detached 'detached, and emptied' 'TRUNCATE split_1' ''
sql -c "INSERT INTO split SELECT * FROM whole WHERE id < 50" > /dev/null
detached 'detached, and written to by an older snapshot' 'SELECT 1' "INSERT INTO split VALUES (3, 5, now(), 'p1'); DELETE FROM split_1 WHERE id < 20;"

# ------------------------------------------------------------------ maintenance at once

for round in 1 2 3; do
    sql -c "CREATE TABLE between_$round PARTITION OF split FOR VALUES FROM (${round}1000) TO (${round}2000) PARTITION BY LIST (plan)" \
        -c "CREATE TABLE below_$round PARTITION OF between_$round DEFAULT" -c "INSERT INTO split VALUES (${round}1001, 9, now(), 'p1')" > /dev/null
    (echo "BEGIN; SELECT nps_compact('s'); SELECT pg_sleep(0.3); COMMIT;") | sql > "$work/other" 2>&1 &
    sleep 0.2
    sql -c "$( ((round == 2)) && echo "CALL nps_materialize('s', rebuild => true)" || echo "SELECT nps_compact('s')")" > "$work/emptier" 2>&1 || fail "maintenance at once: $(cat "$work/emptier")"
    wait
    sql -c "SELECT nps_compact('s')" > /dev/null
    emptied "maintenance at once, round $round" "$(sql -c 'SELECT count(*) FROM split')"
done

# a rollup that is lost, made anew by somebody else, and lost again while this waits
sql -c "CREATE INDEX lost ON s.rollup (day)"
(echo "BEGIN; INSERT INTO split VALUES (1, NULL, now(), 'p1'); SELECT pg_sleep(3); ROLLBACK;") | sql > "$work/writer" 2>&1 &
sleep 0.3
sql -c "CALL nps_materialize('s')" > "$work/emptier" 2>&1 &
sleep 0.5
sql -c "DROP INDEX s.lost" -c "CALL nps_materialize('s', rebuild => true)" -c "CREATE INDEX lost ON s.rollup (day)" > "$work/other" 2>&1
wait
if grep ERROR "$work/emptier" "$work/other"; then fail "a rollup that is lost twice"; fi
sql -c "CALL nps_materialize('s')"
emptied 'a rollup that is lost twice' "$(sql -c 'SELECT count(*) FROM split')"

# a former partition, which somebody writes to while the rollup is dropped
sql -c "CREATE TABLE split_old PARTITION OF split FOR VALUES FROM (5000) TO (6000)" -c "INSERT INTO split VALUES (5000, 9, now(), 'p1')" -c "SELECT nps_compact('s')" -c "ALTER TABLE split DETACH PARTITION split_old" > "$work/old"
(echo "BEGIN; INSERT INTO split_old VALUES (5001, 9, now(), 'p1'); SELECT pg_sleep(1.5); INSERT INTO split VALUES (1, 9, now(), 'p1'); COMMIT;") | sql > "$work/writer" 2>&1 &
sleep 0.3
left="SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'nps\\_rollup%\\_s' AND tgrelid = 'split_old'::regclass"
check 'a former partition keeps triggers' "$left" 3
sql -c "CALL nps_dematerialize('s')"
wait
if grep ERROR "$work/writer"; then fail "a write fails of nps_dematerialize()"; fi
check 'no trigger is left' "$left" 0
check 'dropped beside a writer' "SELECT responses = (SELECT count(*) FROM split) FROM s.summary" t

# several who make it anew
for round in 1 2 3; do
    sql -c "ALTER TABLE whole DISABLE TRIGGER nps_rollup_insert_w" -c "ALTER TABLE whole ENABLE TRIGGER nps_rollup_insert_w"
    for _ in 1 2 3; do sql -c "CALL nps_materialize('w', rebuild => true)" 2>> "$work/rebuilds" & done
    wait
    check "several rebuilds at once, round $round" "SELECT responses || ' ' || nps_rollup_serves('w.rollup') FROM w.summary" '100 true'
done
if [ -s "$work/rebuilds" ]; then
    cat "$work/rebuilds"
    fail "a rebuild fails of another"
fi
