#!/bin/bash
# Surveys on copies of a server.
#  - A physical standby gives the same rows as its primary in every view, serves
#    reports from the rollup, and refuses whatever writes with PostgreSQL's own error.
#    While the primary writes, folds, rebuilds and truncates, each report that is read
#    on the standby is exact.  Promoted, it goes on: the rollup is kept, cases are worked.
#  - A logical subscriber with a survey of its own on its copy of the source gives the
#    same reports.  What its rollup does not see is what doc/rollup.md says.  With all tables
#    of a survey published, its rollup, cases and history arrive too.
#
#   NPS_REPLICATION_ROUNDS=...  how often the primary writes, folds, rebuilds and
#                               truncates beside the readers (2 if it is not set)
set -uo pipefail

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bin=$("${PG_CONFIG:-pg_config}" --bindir) || exit 1
export PATH=$bin:$PATH
rounds=${NPS_REPLICATION_ROUNDS:-2}
export PGOPTIONS='-c client_min_messages=warning -c jit=off'

# All servers are of the same installation, in folders of their own, and gone at the end.
tmp=$(mktemp -d) || exit 1
psql=(psql -X -q -At -v ON_ERROR_STOP=1)
background=()
clean_up() {
    local status=$? server
    trap - EXIT
    trap '' INT TERM HUP
    touch "$tmp/stop"
    [ ${#background[@]} = 0 ] || kill "${background[@]}" 2> /dev/null
    for server in primary standby; do
        [ ! -e "$tmp/$server/postmaster.pid" ] || pg_ctl stop -D "$tmp/$server" -m immediate > /dev/null
    done
    rm -rf "$tmp"
    exit "$status"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

failures=0
fail() {
    echo "FAILED  $*"
    failures=$((failures + 1))
}
# is WHAT GOT EXPECTED
is() {
    [ "$2" = "$3" ] || fail "$1: $2, which should be $3"
}
cannot_go_on() {
    echo "$*"
    [ ! -s "$tmp/log" ] || tail -n 20 "$tmp/log"
    exit 1
}
primary="host=$tmp port=5433 user=postgres dbname=postgres"
standby="host=$tmp port=5434 user=postgres dbname=postgres"
on() {
    local server=$1
    shift
    "${psql[@]}" -d "$server" "$@"
}
# soon WHAT COMMAND...: waits until it prints t, for half a minute
soon() {
    local what=$1
    shift
    for _ in {1..600}; do
        [ "$("$@")" != t ] || return 0
        sleep 0.05
    done
    cannot_go_on "FAILED  $what did not come"
}
caught_up() {
    local written
    written=$(on "$primary" -c 'SELECT pg_current_wal_lsn()') || exit 1
    soon "what the primary wrote" on "$standby" -c "SELECT pg_last_wal_replay_lsn() >= '$written'"
}

{
    initdb -D "$tmp/primary" -U postgres -A trust -E UTF8 --locale=C --no-sync &&
        cat >> "$tmp/primary/postgresql.conf" << SQL &&
listen_addresses = ''
unix_socket_directories = '$tmp'
fsync = off
jit = off
wal_level = logical
max_connections = 30
shared_buffers = 32MB
SQL
        pg_ctl start -w -D "$tmp/primary" -l "$tmp/log_primary" -o '-c port=5433'
} > "$tmp/log" 2>&1 || cannot_go_on "no primary"

# ---------------------------------------------------------------------- surveys
# The sample, once read from a rollup and once from the source; a partitioned table,
# likewise; and an unlogged one, which PostgreSQL replicates to nobody.
cd "$tree" || exit 1
on "$primary" > "$tmp/log" 2>&1 << 'SQL' || cannot_go_on "no surveys"
CREATE EXTENSION nps;
\i examples/sample_survey.sql
DELETE FROM customer_survey WHERE response_id % 3 > 0;
SELECT count(*) FROM unnest(ARRAY['kept', 'plain']) AS survey, nps_attach('customer_survey', 'score', survey, respondent => 'customer_id', account => 'company',
    responded_at => 'answered_at', comment => 'comment', segments => ARRAY['region', 'plan'],
    revenue => 'revenue', renewal_at => 'renewal_at', churned_at => 'churned_at', contactable => 'allows_contact',
    owner => 'account_manager', time_zone => 'America/New_York', goal => 40, loop_since => '-infinity');
CREATE TABLE split (id integer, part integer, score integer, at timestamptz, words text, PRIMARY KEY (id, part)) PARTITION BY LIST (part);
CREATE TABLE split_0 PARTITION OF split FOR VALUES IN (0);
CREATE TABLE split_1 (part integer NOT NULL, words text, score integer, at timestamptz, id integer NOT NULL);
ALTER TABLE split ATTACH PARTITION split_1 FOR VALUES IN (1);
INSERT INTO split SELECT i, i % 2, nullif(i % 13, 12), timestamptz '2026-01-01 UTC' + i * interval '5 hours', nullif('w' || i % 3, 'w0') FROM generate_series(1, 600) i;
SELECT count(*) FROM unnest(ARRAY['split_kept', 'split_plain']) AS survey, nps_attach('split', 'score', survey, response_id => 'id', responded_at => 'at', comment => 'words',
    segments => ARRAY['part'], time_zone => 'Europe/Berlin');
CREATE UNLOGGED TABLE quick (id integer PRIMARY KEY, score integer);
INSERT INTO quick SELECT i, i % 11 FROM generate_series(1, 50) i;
SELECT count(*) > 0 AS attached FROM nps_attach('quick', 'score', 'quick_kept');
UPDATE kept.followup SET status = 'contacted', channel = 'phone', note = 'called' WHERE case_id IN (SELECT case_id FROM kept.followup LIMIT 5);
INSERT INTO kept.concern (case_id, concern, promise, promised_for)
SELECT case_id, 'broken', 'a new one', current_date + 7 FROM kept.followup_case WHERE worked_on;
SELECT * FROM nps_claim('kept', 'mailer', max_rows => 3);
SELECT nps_notify('kept');
CREATE ROLE regress_nps_reader;
SELECT nps_grant('kept', 'regress_nps_reader', 'reader');
GRANT SELECT ON customer_survey TO regress_nps_reader;
CREATE ROLE regress_nps_few;
GRANT regress_nps_reader TO regress_nps_few;
CALL nps_materialize('kept');
CALL nps_materialize('split_kept');
CALL nps_materialize('quick_kept');

-- The reports in which two surveys of one source differ; with the same snapshot for both.
CREATE FUNCTION differences(one text, other text, OUT different text) LANGUAGE plpgsql STABLE AS $$
DECLARE
	report text;
	wrong bigint;
BEGIN
	-- of the segments by period, one grain: all of them take a second
	FOREACH report IN ARRAY ARRAY['summary', 'distribution', 'distribution_trend', 'trend', 'segment', 'segment_trend'] LOOP
		EXECUTE format('SELECT count(*) FROM ((SELECT * FROM %1$I.%3$I %4$s EXCEPT ALL SELECT * FROM %2$I.%3$I %4$s) UNION ALL
			(SELECT * FROM %2$I.%3$I %4$s EXCEPT ALL SELECT * FROM %1$I.%3$I %4$s)) AS d',
			one, other, report, CASE report WHEN 'segment_trend' THEN 'WHERE grain = ''month''' ELSE '' END) INTO wrong;
		IF wrong > 0 THEN
			different := concat_ws(', ', different, report || ' in ' || wrong || ' rows');
		END IF;
	END LOOP;
	different := coalesce(different, 'nothing');
END
$$;
CREATE FUNCTION source_of(view text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT json) TABLE ' || view INTO plan;
	RETURN (SELECT string_agg(DISTINCT r #>> '{}', ',' ORDER BY r #>> '{}') FROM jsonb_path_query(plan::jsonb, 'strict $.**."Relation Name"') r
		WHERE r #>> '{}' <> 'survey');
END
$$;
-- What each function that takes a survey first and is not harmless does on a server that cannot be written.
CREATE FUNCTION tried() RETURNS TABLE (call text, result text) LANGUAGE plpgsql AS $$
BEGIN
	FOR call IN
		SELECT format('%s %s(''kept''%s)', CASE p.prokind WHEN 'p' THEN 'CALL' ELSE 'SELECT count(*) FROM' END, p.proname,
			(SELECT coalesce(string_agg(CASE t WHEN 'text'::regtype THEN ', ''nps''' WHEN 'regclass'::regtype THEN ', ''customer_survey'''
				WHEN 'name'::regtype THEN ', ''postgres''' WHEN 'jsonb'::regtype THEN ', ''{}''' WHEN 'integer'::regtype THEN ', 5'
				WHEN 'interval'::regtype THEN ', ''1 hour''' WHEN 'text[]'::regtype THEN ', ''{}'''
				WHEN 'boolean'::regtype THEN ', false' WHEN 'regtype'::regtype THEN ', ''text'''
				WHEN 'anyelement'::regtype THEN ', NULL::bigint' WHEN 'anycompatible'::regtype THEN ', 5::bigint' ELSE ', NULL' END, '' ORDER BY place), '')
			FROM unnest(p.proargtypes) WITH ORDINALITY AS a(t, place) WHERE place > 1 AND place <= p.pronargs - p.pronargdefaults))
		FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
		WHERE p.provolatile = 'v' AND p.proargtypes[0] = 'text'::regtype AND p.proargnames[1] IN ('survey', 'target')
		ORDER BY p.proname
	LOOP
		BEGIN
			EXECUTE call;
			result := 'done';
		EXCEPTION WHEN OTHERS THEN
			result := SQLSTATE || ' ' || SQLERRM;
		END;
		RETURN NEXT;
	END LOOP;
END
$$;
SQL
# The sample tells nothing of what is made of it if it is small.
answers=$(on "$primary" -c 'SELECT responses FROM kept.summary')
[ "$answers" -gt 700 ] || fail "$answers answers are too few for a test"
is "the two surveys at first" "$(on "$primary" -c "SELECT differences('kept', 'plain'), differences('split_kept', 'split_plain')")" "nothing|nothing"

{
    pg_basebackup -d "$primary" -D "$tmp/standby" -R -X stream -c fast --no-sync &&
        pg_ctl start -w -D "$tmp/standby" -l "$tmp/log_standby" -o '-c port=5434 -c hot_standby_feedback=on -c max_standby_streaming_delay=-1'
} > "$tmp/log" 2>&1 || cannot_go_on "no standby"

# ------------------------------------------------------------- the same rows there
# All rows of all views and tables of the surveys in the database of a server.  Without
# the columns that tell the time from now.
contents() {
    on "$1" -v surveys="$2" -v without="${without-}" << 'SQL' | LC_ALL=C sort
SET search_path = pg_catalog;
SELECT format('SELECT %L, to_jsonb(r) - ARRAY[''due'', ''overdue_hours'', ''priority'', ''priority_reason''] FROM %I.%I r',
    c.oid::regclass, n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY (string_to_array(:'surveys', ',')) AND c.relkind IN ('r', 'v')
    AND c.relname <> ALL (string_to_array(:'without', ','))
\gexec
SQL
}
# same_rows WHAT SERVER SERVER SURVEYS AT_LEAST
same_rows() {
    local _
    # a second time where a deadline passed or a day began between the two
    for _ in 1 2; do
        contents "$2" "$4" > "$tmp/one" || fail "$1: the one cannot be read"
        contents "$3" "$4" > "$tmp/other" || fail "$1: the other cannot be read"
        diff "$tmp/one" "$tmp/other" > "$tmp/differences" && break
    done
    if [ -s "$tmp/differences" ]; then
        head -n 6 "$tmp/differences" | cut -c 1-300
        fail "$1: $(grep -c '^[<>]' "$tmp/differences") rows differ"
    fi
    compared=$(wc -l < "$tmp/one")
    [ "$compared" -gt "$5" ] || fail "$1: $compared rows are too few to compare"
}
caught_up
same_rows "the standby" "$primary" "$standby" kept,split_kept 4000
rows_on_standby=$compared
is "read-only" "$(on "$standby" -c 'SELECT pg_is_in_recovery()')" t
is "served from the rollup" "$(on "$standby" -c "SELECT nps_rollup_serves('kept.rollup'), nps_rollup_serves('split_kept.rollup'), source_of('kept.trend'), source_of('plain.trend')")" \
    't|t|rollup|customer_survey'
is "differences there" "$(on "$standby" -c "SELECT differences('kept', 'plain'), differences('split_kept', 'split_plain')")" "nothing|nothing"
# What only reads works: functions, aggregates, also with workers, and both checks.
statement="SELECT nps_tally_agg(score), nps_score(score), nps_low(score) FROM kept.response"
is "aggregates" "$(on "$standby" -c "$statement")" "$(on "$primary" -c "$statement")"
is "aggregates in parallel" "$(PGOPTIONS="$PGOPTIONS -c parallel_setup_cost=0 -c parallel_tuple_cost=0 -c min_parallel_table_scan_size=0" on "$standby" -c "$statement")" \
    "$(on "$primary" -c "$statement")"
for statement in "SELECT * FROM nps_check('kept')" "SELECT * FROM nps_surveys() ORDER BY 1" "SELECT count(*) FROM nps_verify('kept')" \
    "SELECT count(*) FROM nps_verify('split_kept')"; do
    is "$statement" "$(on "$standby" -c "$statement")" "$(on "$primary" -c "$statement")"
done
is "cells that differ there" "$(on "$standby" -c "SELECT count(*) FROM nps_verify('kept')")" 0
# A reader without all rights on the source is served from the source there, too.
is "a reader" "$(on "$standby" -c 'SET ROLE regress_nps_few' -c "SELECT nps_rollup_serves('kept.rollup')" -c 'SELECT responses FROM kept.summary')" "t
$answers"
# PostgreSQL replicates no unlogged table, and says so.
on "$standby" -c 'SELECT * FROM quick_kept.summary' > "$tmp/refused" 2>&1 && fail "an unlogged source can be read on the standby"
grep -q 'unlogged relations during recovery' "$tmp/refused" || fail "an unlogged source: $(cat "$tmp/refused")"

# ------------------------------------------------------------- what writes is refused
# With PostgreSQL's error for that, 25006, each function that changes a survey; procedures follow below.
on "$standby" -c 'SELECT result, call FROM tried()' > "$tmp/tried" || fail "the functions cannot be tried"
[ "$(wc -l < "$tmp/tried")" -ge 15 ] || fail "$(wc -l < "$tmp/tried") functions tried are too few"
is "functions that do not write" "$(grep -vE '^(25006|25001|42501 this function is internal|22023 programs do not)' "$tmp/tried")" "done|SELECT count(*) FROM nps_verify('kept')"
# refused WHAT STATEMENT
refused() {
    on "$standby" -v VERBOSITY=verbose -c "$1" > "$tmp/refused" 2>&1 && fail "done on the standby: $1"
    grep -qE 'ERROR: +25006: cannot execute .* (in a read-only transaction|during recovery)' "$tmp/refused" || fail "$1: $(head -n 2 "$tmp/refused")"
}
refused "UPDATE kept.followup SET assigned_to = 'me'"
refused "UPDATE kept.followup SET assigned_to = 'me' WHERE false"
refused "UPDATE kept.cause_customer SET told_at = now()"
refused "INSERT INTO kept.concern (case_id, concern) VALUES (1, 'x')"
refused "DELETE FROM customer_survey WHERE false"
refused "TRUNCATE split"
refused "SELECT nps_attach('customer_survey', 'score', 'another', responded_at => 'answered_at')"
refused "SELECT nps_attach('customer_survey', 'score', 'plain', replace => true)"
refused "CALL nps_materialize('plain')"
refused "CALL nps_materialize('kept')"
refused "CREATE EXTENSION nps"

# ------------------------------------------------------ readers there, a writer here
# A reader compares the survey that reads its rollup with the one that reads the
# source, in one snapshot.  A query that stands in the way of the standby in a circle
# is cancelled: another one follows.
read_on_standby() { # NAME ISOLATION ONE OTHER
    local exact=0 wrong=0 cancelled=0 result
    while [ ! -e "$tmp/stop" ]; do
        result=$(on "$standby" -v VERBOSITY=verbose -c "BEGIN ISOLATION LEVEL $2" -c "SELECT differences('$3', '$4')" -c COMMIT 2>&1)
        case $result in
            nothing) exact=$((exact + 1)) ;;
            *40001* | *40P01* | *"due to conflict with recovery"*) cancelled=$((cancelled + 1)) ;;
            *) wrong=$((wrong + 1)) && echo "$result" >> "$tmp/wrong" ;;
        esac
    done
    echo "$exact $wrong $cancelled" > "$tmp/read_$1"
}
read_on_standby whole "READ COMMITTED" kept plain &
background+=($!)
read_on_standby split "REPEATABLE READ" split_kept split_plain &
background+=($!)
on "$primary" -c 'CREATE TABLE aside AS TABLE customer_survey' -c 'CREATE TABLE split_aside AS TABLE split' || fail "nothing put aside"
for ((i = 1; i <= rounds; i++)); do
    on "$primary" > "$tmp/log" 2>&1 << SQL || fail "a writer failed: $(head -n 3 "$tmp/log")"
UPDATE customer_survey SET score = (response_id % 11)::text WHERE response_id % 7 = $i % 7;
DELETE FROM split WHERE id % 5 = $i % 5;
BEGIN;
INSERT INTO split SELECT * FROM split_aside WHERE id % 5 = $i % 5;
UPDATE split SET part = 1 - part WHERE id % 3 = 0;
COMMIT;
SELECT nps_compact('kept'), nps_compact('split_kept');
BEGIN;
TRUNCATE split;
INSERT INTO split SELECT * FROM split_aside;
COMMIT;
DELETE FROM customer_survey WHERE response_id % 9 = 0;
CALL nps_materialize('kept', rebuild => true);
BEGIN;
TRUNCATE customer_survey;
SAVEPOINT nothing;
INSERT INTO customer_survey TABLE aside LIMIT 50;
ROLLBACK TO nothing;
INSERT INTO customer_survey TABLE aside;
COMMIT;
CALL nps_materialize('split_kept', rebuild => true);
VACUUM kept.rollup, split_kept.rollup;
CALL nps_dematerialize('kept');
CALL nps_materialize('kept');
TRUNCATE split;
INSERT INTO split TABLE split_aside;
SQL
done
touch "$tmp/stop"
wait "${background[@]}"
background=()
rm "$tmp/stop"
reads=0
for name in whole split; do
    read -r exact wrong cancelled < "$tmp/read_$name" || fail "no reader of $name"
    [ "$wrong" = 0 ] || fail "$wrong reports of $name were wrong on the standby: $(sort "$tmp/wrong" | uniq -c | sort -rn | head -n 3)"
    [ "$exact" -ge "$rounds" ] || fail "$exact reads of $name beside the writer are too few ($cancelled were cancelled)"
    reads=$((reads + exact))
done
caught_up
is "differences on the standby after the writer" "$(on "$standby" -c "SELECT differences('kept', 'plain'), differences('split_kept', 'split_plain')")" "nothing|nothing"
is "answers on the standby after the writer" "$(on "$standby" -c 'SELECT responses FROM kept.summary')" "$(on "$primary" -c 'SELECT responses FROM plain.summary')"
is "served from the rollup after the writer" "$(on "$standby" -c "SELECT nps_rollup_serves('kept.rollup'), source_of('kept.trend')")" 't|rollup'

# ------------------------------------------------------------------------ promotion
# A session that is open all the while, with a statement that was prepared before.
coproc session { exec psql -X -q -At -v ON_ERROR_STOP=0 -d "$standby" 2>&1; }
# shellcheck disable=SC2154
ask() {
    local line
    echo "$1" >&"${session[1]}"
    read -r -t 20 line <&"${session[0]}" || line='no answer'
    echo "$line"
}
is "prepared on the standby" "$(ask "PREPARE report AS SELECT responses, nps FROM kept.summary; EXECUTE report;")" "$(on "$primary" -c 'SELECT responses, nps FROM plain.summary')"
# the first row of a partition that is not counted, after one that was taken back
on "$primary" -c "CALL nps_materialize('split_kept', rebuild => true)" -c "CREATE TABLE split_9 PARTITION OF split FOR VALUES IN (9)" || fail "no partition more"
caught_up
ask "PREPARE first AS SELECT responses, nps_rollup_serves('split_kept.rollup') FROM split_kept.summary; EXECUTE first;" > "$tmp/before"
is "before the first row of a partition" "$(ask "EXECUTE first;")" "$(on "$primary" -c "SELECT responses, 't' FROM split_plain.summary")"
on "$primary" -c BEGIN -c 'SAVEPOINT a' -c "INSERT INTO split VALUES (100001, 9, 5, now())" -c 'ROLLBACK TO a' -c "INSERT INTO split VALUES (100001, 9, 5, now())" -c COMMIT || fail "no row more"
caught_up
is "after the first row of a partition" "$(ask "EXECUTE first;")" "$(on "$primary" -c "SELECT responses, 'f' FROM split_plain.summary")"
on "$primary" -c 'DROP TABLE split_9'
caught_up
pg_ctl stop -D "$tmp/primary" -m fast > "$tmp/log" 2>&1 || cannot_go_on "the primary does not stop"
pg_ctl promote -w -D "$tmp/standby" > "$tmp/log" 2>&1 || cannot_go_on "the standby is not promoted"
is "in recovery after promotion" "$(on "$standby" -c 'SELECT pg_is_in_recovery()')" f
on "$standby" > "$tmp/worked" 2> "$tmp/log" << 'SQL' || fail "the promoted server: $(head -n 3 "$tmp/log")"
UPDATE customer_survey SET score = '10' WHERE response_id % 3 = 0;
DELETE FROM split WHERE id % 4 = 0;
UPDATE kept.concern SET delivered_at = now();
UPDATE kept.followup SET status = 'closed', cause = 'price', informed_at = now()
WHERE case_id = (SELECT min(case_id) FROM kept.followup_case WHERE finished_at IS NULL AND status = 'contacted') RETURNING status;
SELECT count(*) FROM kept.followup_event WHERE new_value = 'closed';
INSERT INTO customer_survey (response_id, customer_id, sent_at, answered_at, score, channel) SELECT 500000 + i, 'new ' || i, now(), now(), '6', 'web' FROM generate_series(1, 4) i;
SELECT count(*) FROM nps_claim('kept', 'mailer', max_rows => 4);
SELECT count(*) FROM nps_verify('kept');
SELECT count(*) FROM nps_verify('split_kept');
SELECT rows_after < rows_before FROM nps_compact('split_kept');
SELECT nps_rollup_serves('kept.rollup'), nps_rollup_serves('split_kept.rollup');
SELECT differences('kept', 'plain'), differences('split_kept', 'split_plain');
-- empty as its source is, and nothing tells any more what was counted
SELECT responses, unanswered, nps_rollup_serves('quick_kept.rollup') FROM quick_kept.summary;
INSERT INTO quick VALUES (1, 9);
SELECT responses, source_of('quick_kept.summary') FROM quick_kept.summary;
CALL nps_materialize('kept', rebuild => true);
SELECT count(*) FROM nps_verify('kept');
SQL
is "the promoted server" "$(tr '\n' ' ' < "$tmp/worked")" 'closed 1 4 0 0 t t|t nothing|nothing 0|0|f 1|quick 0 '
is "prepared before the promotion" "$(ask "EXECUTE report;")" "$(on "$standby" -c 'SELECT responses, nps FROM plain.summary')"
ask "DELETE FROM customer_survey WHERE response_id % 3 = 1; EXECUTE report;" > "$tmp/one"
is "written by a session from before" "$(cat "$tmp/one")" "$(on "$standby" -c 'SELECT responses, nps FROM plain.summary')"
is "differences after it" "$(on "$standby" -c "SELECT differences('kept', 'plain')")" nothing
echo '\q' >&"${session[1]}"
wait "${session_PID:-}" 2> /dev/null

# ------------------------------------------------------- a subscriber to the answers
# The standby that was promoted publishes; what was its primary is another server now, and subscribes.
copy="host=$tmp port=5433 user=postgres dbname=copy"
all="host=$tmp port=5433 user=postgres dbname=everything"
publisher=$standby
pg_ctl start -w -D "$tmp/primary" -l "$tmp/log_primary" \
    -o '-c port=5433 -c wal_retrieve_retry_interval=50ms -c max_sync_workers_per_subscription=6 -c max_logical_replication_workers=8' > "$tmp/log" 2>&1 ||
    cannot_go_on "no subscriber"
on "$primary" -c 'CREATE DATABASE copy' -c 'CREATE DATABASE everything' || exit 1
# applied SERVER: all that was published there by now
applied() {
    soon "the copy of the tables" on "$1" -c "SELECT count(*) > 0 AND bool_and(srsubstate = 'r') FROM pg_subscription_rel"
    on "$publisher" -c 'SELECT pg_current_wal_lsn()' > "$tmp/written" || exit 1
    soon "what was published" on "$publisher" -c "SELECT bool_and(confirmed_flush_lsn >= '$(cat "$tmp/written")') FROM pg_replication_slots
        WHERE slot_name = '$2' HAVING count(*) = 1"
}
on "$publisher" -c 'DROP TABLE aside, split_aside' -c 'CREATE PUBLICATION answers FOR TABLE customer_survey, split WITH (publish_via_partition_root = true)' \
    -c 'CREATE PUBLICATION everything FOR ALL TABLES' || exit 1
{
    pg_dump -s -x --section=pre-data -t customer_survey -t 'split*' "$publisher" && cat << 'SQL'
SET search_path = public;
ALTER TABLE customer_survey ADD PRIMARY KEY (response_id);
ALTER TABLE split ADD PRIMARY KEY (id, part);
CREATE EXTENSION nps;
SELECT count(*) FROM unnest(ARRAY['kept', 'plain']) AS survey, nps_attach('customer_survey', 'score', survey, respondent => 'customer_id', account => 'company',
    responded_at => 'answered_at', comment => 'comment', segments => ARRAY['region', 'plan'],
    revenue => 'revenue', renewal_at => 'renewal_at', churned_at => 'churned_at', contactable => 'allows_contact',
    owner => 'account_manager', time_zone => 'America/New_York', goal => 40, loop_since => '-infinity');
SELECT count(*) FROM unnest(ARRAY['split_kept', 'split_plain']) AS survey, nps_attach('split', 'score', survey, response_id => 'id', responded_at => 'at', comment => 'words',
    segments => ARRAY['part'], time_zone => 'Europe/Berlin');
CALL nps_materialize('kept');
CALL nps_materialize('split_kept');
SQL
    on "$publisher" -c "SELECT pg_get_functiondef('differences'::regproc) || ';'"
} > "$tmp/schema.sql" && on "$copy" -f "$tmp/schema.sql" > "$tmp/log" 2>&1 || cannot_go_on "no copy"
on "$copy" -c "CREATE SUBSCRIPTION answers CONNECTION '$publisher' PUBLICATION answers WITH (slot_name = 'nps_answers')" || exit 1
applied "$copy" nps_answers
same_rows "the subscriber" "$publisher" "$copy" plain 3000
subscribed=$compared
# what the rollup of each is, in a line: served, as the source is, cells that differ
rollups() {
    on "$copy" -c "SELECT s, nps_rollup_serves((s || '_kept.rollup')::regclass), differences(s || '_kept', s || '_plain') = 'nothing',
        (SELECT count(*) FROM nps_verify(s || '_kept')) = 0 FROM unnest(ARRAY['whole', 'split']) AS s" | tr '\n' ' '
}
on "$copy" -c 'ALTER SCHEMA kept RENAME TO whole_kept' -c 'ALTER SCHEMA plain RENAME TO whole_plain' || exit 1
# What a subscription copies and applies is counted, and served.
is "rollups of the subscriber" "$(rollups)" "whole|t|t|t split|t|t|t "
on "$publisher" << 'SQL' || exit 1
INSERT INTO customer_survey SELECT 900000 + i, 'c' || i, NULL, now(), now(), '9', NULL, 'EMEA', 'pro', 'email' FROM generate_series(1, 20) i;
INSERT INTO split SELECT 10000 + i, i % 2, i % 11, '2026-02-01 UTC', 'x' FROM generate_series(1, 20) i;
UPDATE split SET part = 1 - part, score = 10 WHERE id % 10 = 1;
UPDATE split SET score = NULL WHERE id % 10 = 2;
DELETE FROM split WHERE id % 10 = 3;
BEGIN;
TRUNCATE split;
INSERT INTO split SELECT i, i % 2, i % 9, '2026-03-01 UTC', 'y' FROM generate_series(1, 99) i;
ROLLBACK;
SQL
applied "$copy" nps_answers
is "rollups of the subscriber after changes" "$(rollups)" "whole|t|t|t split|t|t|t "
on "$publisher" -c 'BEGIN' -c 'TRUNCATE split' -c "INSERT INTO split SELECT i, i % 2, i % 9, '2026-03-01 UTC', 'y' FROM generate_series(1, 99) i" \
    -c 'UPDATE split SET part = 1 - part, score = 10 WHERE id % 10 = 1' -c COMMIT -c 'TRUNCATE customer_survey' || exit 1
applied "$copy" nps_answers
is "rollups of the subscriber after TRUNCATE" "$(rollups)" "whole|t|t|t split|t|t|t "
is "answers there" "$(on "$copy" -c 'SELECT responses FROM split_kept.summary' -c 'SELECT responses FROM whole_kept.summary')" "$(on "$publisher" -c 'SELECT responses FROM split_plain.summary' -c 'SELECT responses FROM plain.summary')"
# Who writes to the copy is counted as ever.
on "$copy" -c "INSERT INTO customer_survey (response_id, sent_at, channel, score) VALUES (1, now(), 'web', '3')" -c "INSERT INTO split VALUES (-1, 0, 3, now())" || exit 1
is "rollups of the subscriber after its own writes" "$(rollups)" "whole|t|t|t split|t|t|t "
on "$copy" -c 'DROP SUBSCRIPTION answers' || exit 1

# --------------------------------------------- a subscriber to everything, also to the survey
# The schema is dumped, all rows come by the subscription: also those of the cases and the
# history.  Those of the rollup are of another server and left out: reports read the source.
on "$publisher" << 'SQL' > "$tmp/log" 2>&1 || cannot_go_on "nothing to publish"
-- each table takes its time to be copied
SELECT nps_detach(survey) FROM unnest(ARRAY['plain', 'split_plain', 'quick_kept']) AS survey;
INSERT INTO customer_survey SELECT i, 'c' || i % 90, 'f' || i % 20, now() - i * interval '7 hours', now() - i * interval '6 hours', (i * 7 % 12)::text, 'slow', 'EMEA', 'pro', 'email'
FROM generate_series(1, 500) i;
UPDATE kept.followup SET status = 'contacted', channel = 'phone', note = 'called' WHERE case_id IN (SELECT case_id FROM kept.followup LIMIT 5);
SQL
pg_dump -s "$publisher" > "$tmp/schema.sql" && on "$all" -f "$tmp/schema.sql" > "$tmp/log" 2>&1 || cannot_go_on "no copy of everything"
on "$all" -c "CREATE SUBSCRIPTION everything CONNECTION '$publisher' PUBLICATION everything WITH (slot_name = 'nps_everything')" || exit 1
applied "$all" nps_everything
without=rollup,rollup_part
same_rows "everything" "$publisher" "$all" kept,split_kept 3000
on "$publisher" << 'SQL' > "$tmp/log" 2>&1 || cannot_go_on "what is published cannot be written: $(head -n 3 "$tmp/log")"
UPDATE customer_survey SET score = '2', comment = NULL WHERE response_id % 5 = 0;
DELETE FROM customer_survey WHERE response_id % 7 = 0;
SELECT * FROM nps_compact('kept');
UPDATE kept.followup SET assigned_to = 'sue', snoozed_until = now() + interval '1 day' WHERE case_id IN (SELECT case_id FROM kept.followup LIMIT 3);
SELECT * FROM nps_claim('kept', 'mailer');
INSERT INTO kept.concern (case_id, concern) SELECT min(case_id), 'another' FROM kept.followup_case WHERE finished_at IS NULL;
UPDATE kept.playbook SET contact_hours = 7 WHERE score_from = 3;
UPDATE kept.survey SET goal = 55;
INSERT INTO kept.team_member VALUES ('support', 'sue');
DELETE FROM kept.team_member;
INSERT INTO kept.holiday (day) VALUES ('2026-12-25');
UPDATE kept.cause SET fixed_at = now() WHERE cause = 'price';
TRUNCATE split;
INSERT INTO split SELECT i, i % 2, i % 11, '2026-03-01 UTC', 'y' FROM generate_series(1, 99) i;
CALL nps_materialize('split_kept', rebuild => true);
SQL
applied "$all" nps_everything
same_rows "everything after changes" "$publisher" "$all" kept,split_kept 3000
is "rollups of everything" "$(on "$all" -c "SELECT nps_rollup_serves('kept.rollup'), nps_rollup_serves('split_kept.rollup'), source_of('kept.trend')")" 'f|f|customer_survey'
# It goes on as a server of its own.  Sequences are not replicated: they are set, as with any table.
on "$all" > "$tmp/worked" 2> "$tmp/log" << 'SQL' || fail "the subscriber on its own: $(head -n 3 "$tmp/log")"
DROP SUBSCRIPTION everything;
UPDATE kept.followup SET status = 'resolved', cause = 'price' WHERE case_id = (SELECT min(c.case_id) FROM kept.followup_case c
    WHERE c.status = 'contacted' AND NOT EXISTS (SELECT FROM kept.concern k WHERE k.case_id = c.case_id)) RETURNING status;
INSERT INTO customer_survey (response_id, sent_at, channel, score) VALUES (100001, now(), 'web', '3');
DELETE FROM split WHERE id % 3 = 0;
SELECT c.fix FROM unnest(ARRAY['kept', 'split_kept']) s, nps_check(s) c WHERE c.finding = 'the rollup is not kept current' ORDER BY 1 \gexec
INSERT INTO customer_survey (response_id, sent_at, channel, score) VALUES (100002, now(), 'web', '3');
DELETE FROM split WHERE id % 3 = 1;
SELECT nps_rollup_serves('kept.rollup'), nps_rollup_serves('split_kept.rollup'), source_of('kept.trend');
SELECT (SELECT count(*) FROM nps_verify('kept')), (SELECT count(*) FROM nps_verify('split_kept'));
SQL
is "the subscriber on its own" "$(tr '\n' ' ' < "$tmp/worked")" 'resolved t|t|rollup 0|0 '

echo "replication: $rows_on_standby rows of surveys are the same on a standby, and $reads reads beside a writer were exact; $subscribed rows on a subscriber"
[ "$failures" = 0 ]
