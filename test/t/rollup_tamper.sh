#!/bin/bash
# What the relcache holds changes while it is looked at: the triggers of a source
# are disabled and enabled, its options set and its statistics gathered, beside
# sessions that read reports, that are new, and that write.  The server stays up,
# and nobody gets an error.
# usage: test/t/rollup_tamper.sh
#
#   NPS_TAMPER_SECONDS=...  how long each of both parts takes (4 if it is not set; 60 shows what is rare)
set -euo pipefail

seconds=${NPS_TAMPER_SECONDS:-4}
database=nps_rollup_tamper
work=$(mktemp -d)
export PGOPTIONS='-c client_min_messages=error -c jit=off'
clean_up() {
    touch "$work/stop"
    wait
    rm -rf "$work"
    psql -X -q -d postgres -c "DROP DATABASE IF EXISTS $database WITH (FORCE)" || true
}
trap clean_up EXIT
sql() { psql -X -q -At -v ON_ERROR_STOP=1 -d $database "$@"; }

psql -X -q -d postgres -c "CREATE DATABASE $database"
sql > /dev/null << 'SQL'
CREATE EXTENSION nps;
CREATE TABLE whole (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, score integer, plan text);
CREATE TABLE split (id bigint GENERATED ALWAYS AS IDENTITY, score integer, plan text) PARTITION BY LIST (plan);
CREATE TABLE split_a PARTITION OF split FOR VALUES IN ('a');
CREATE TABLE split_b PARTITION OF split DEFAULT;
SELECT nps_attach('whole', 'score', 'whole_survey', segments => ARRAY['plan']), nps_attach('split', 'score', 'split_survey', response_id => 'id', segments => ARRAY['plan']);
INSERT INTO whole (score, plan) SELECT i % 12, 'a' FROM generate_series(1, 100) i;
INSERT INTO split (score, plan) SELECT i % 12, 'a' FROM generate_series(1, 100) i;
CALL nps_materialize('whole_survey');
CALL nps_materialize('split_survey');
SQL

# loop NAME: the statements on standard input, again and again in one session
loop() {
    local name=$1 statements
    statements=$(cat)
    {
        while [ ! -e "$work/stop" ]; do
            echo "$statements"
            echo "\\echo"
        done | sql > "$work/$name.out" 2> "$work/$name.err" || true
        wc -l < "$work/$name.out" > "$work/$name.count"
    } &
}
part() {
    sleep "$seconds"
    touch "$work/stop"
    wait
    rm "$work/stop"
    for err in "$work"/*.err; do
        if [ -s "$err" ]; then
            echo "$1, $(basename "$err" .err): $(sort "$err" | uniq -c | sort -rn | head -5)"
            exit 1
        fi
    done
    for count in "$work"/*.count; do
        [ "$(cat "$count")" -gt 2 ] || { echo "$1: $(basename "$count" .count) did nothing"; exit 1; }
    done
    echo "$1: $(for count in "$work"/*.count; do printf '%s %s, ' "$(cat "$count")" "$(basename "$count" .count)"; done)no error"
    rm "$work"/*.count "$work"/*.out "$work"/*.err
}
# Whoever changes a trigger holds a lock that writers wait for, and readers do not.
# A new session finds nothing in its caches, and while it looks things up it is told
# what changed.
loop triggers << 'SQL'
ALTER TABLE whole DISABLE TRIGGER nps_rollup_insert_whole_survey;
ALTER TABLE whole ENABLE TRIGGER nps_rollup_insert_whole_survey;
SQL
loop triggers_of_partitions << 'SQL'
ALTER TABLE ONLY split DISABLE TRIGGER nps_rollup_after_split_survey;
ALTER TABLE ONLY split ENABLE TRIGGER nps_rollup_after_split_survey;
SQL
for reader in 1 2; do
    loop "reader_$reader" << 'SQL'
SELECT responses FROM whole_survey.summary;
SQL
    loop "session_$reader" << 'SQL'
\c -
SELECT nps_rollup_serves('whole_survey.rollup');
\c -
SELECT nps_rollup_trouble('whole_survey.rollup') IS NULL, nps_rollup_zone('split_survey.rollup') IS NULL, nps_rollup_serves('split_survey.rollup');
SQL
done
part "triggers that come and go"

loop options << 'SQL'
ALTER TABLE whole SET (fillfactor = 90);
ALTER TABLE whole RESET (fillfactor);
ALTER TABLE split_a SET (fillfactor = 90);
ALTER TABLE split_a RESET (fillfactor);
ANALYZE whole (score);
ALTER VIEW whole_survey.answer SET (security_barrier = true);
ALTER VIEW whole_survey.answer RESET (security_barrier);
SQL
loop writer << 'SQL'
INSERT INTO whole (score, plan) SELECT i % 12, 'a' FROM generate_series(1, 3) i;
INSERT INTO split (score, plan) VALUES (9, 'a'), (3, 'b');
INSERT INTO split_a (id, score, plan) OVERRIDING SYSTEM VALUE VALUES (1, 9, 'a');
UPDATE split SET score = 10 WHERE id = (SELECT max(id) FROM split);
SQL
for reader in 1 2; do
    loop "session_$reader" << 'SQL'
\c -
SELECT responses FROM whole_survey.summary;
\c -
SELECT nps_rollup_serves('split_survey.rollup');
SQL
done
part "options and statistics that change"

# A server built for it forgets what it knows at every moment where it may be told of a change.
if [ "$(sql -c "SELECT max_val::integer > 0 FROM pg_settings WHERE name = 'debug_discard_caches'")" = t ]; then
    sql > /dev/null << 'SQL'
SET debug_discard_caches = 1;
INSERT INTO whole (id, score, plan) OVERRIDING SYSTEM VALUE VALUES (-1, 1, 'a'), (-2, NULL, 'b');
UPDATE whole SET score = 4 WHERE id = -1;
INSERT INTO split (id, score, plan) OVERRIDING SYSTEM VALUE VALUES (-1, 1, 'a'), (-2, NULL, 'b');
INSERT INTO split_a (id, score, plan) OVERRIDING SYSTEM VALUE VALUES (-3, 9, 'a');
UPDATE split SET plan = 'd' WHERE id = -1;
DELETE FROM split WHERE id = -2;
SELECT nps_rollup_serves('whole_survey.rollup'), nps_rollup_trouble('split_survey.rollup'), nps_rollup_mapping('split_survey.rollup');
SELECT count(*) FROM nps_surveys();
SQL
    echo "without caches: no error"
fi

# Whoever changes triggers and views takes the rollup away from the reports; these are right, and so is one made anew.
for rebuilt in f t; do
    [ "$(sql -c "SELECT (SELECT responses FROM whole_survey.summary) = (SELECT count(*) FROM whole WHERE score <= 10), (SELECT responses FROM split_survey.summary) = (SELECT count(*) FROM split WHERE score <= 10)")" = 't|t' ] ||
        { echo "what was written meanwhile was counted wrongly"; exit 1; }
    [ "$(sql -c "SELECT nps_rollup_serves('whole_survey.rollup')")" = $rebuilt ] || { echo "the rollup is read or not, and should be otherwise"; exit 1; }
    sql -c "CALL nps_materialize('whole_survey', rebuild => true)" -c "CALL nps_materialize('split_survey', rebuild => true)"
done
[ "$(sql -c "SELECT (SELECT count(*) FROM nps_verify('whole_survey')) + (SELECT count(*) FROM nps_verify('split_survey'))")" = 0 ] ||
    { echo "a rollup that was made anew is wrong"; exit 1; }
