#!/bin/bash
# Eight programs claim the open cases of a survey at once and die at the worst
# moments: while its lease lasts no case may be handed out twice, no step that is
# done may be asked for again, and no case may be lost.  Then nps_notify(): who
# listens learns of what was committed, and whoever writes does not suffer.
set -euo pipefail

database=nps_claim_test
role=nps_claim_writer
work=$(mktemp -d)
export PGOPTIONS='-c client_min_messages=warning -c jit=off'
workers=()
clean_up() {
    touch "$work/stop"
    for pid in "${workers[@]}" $(cat "$work"/*.pid 2> /dev/null); do kill "$pid" 2> /dev/null || true; done
    wait
    rm -rf "$work"
    psql -X -q -d postgres -c "DROP DATABASE IF EXISTS $database WITH (FORCE)" -c "DROP ROLE IF EXISTS $role"
}
trap clean_up EXIT
fail() {
    echo "$*"
    exit 1
}
sql() { psql -X -q -At -v ON_ERROR_STOP=1 -d $database "$@"; }
wait_until() { # SECONDS QUERY: until the query says true
    local left=$(($1 * 20))
    until [ "$(sql -c "$2")" = t ]; do
        left=$((left - 1))
        [ $left -gt 0 ] || return 1
        sleep 0.05
    done
}

cases=200
psql -X -q -d postgres -c "CREATE ROLE $role" -c "CREATE DATABASE $database"
sql > /dev/null << SQL
CREATE EXTENSION nps;
CREATE TABLE answers (id integer PRIMARY KEY, who text, score integer, at timestamptz);
CREATE INDEX ON answers (who, at);
INSERT INTO answers SELECT i, 'customer ' || i, 3 + i % 4, now() - i * interval '1 minute' FROM generate_series(1, $cases) i;
ANALYZE answers;
SELECT nps_attach('answers', 'score', respondent => 'who', responded_at => 'at', schema_name => 'queue', loop_since => '-infinity');

-- what was handed out to whom, and from when to when it was theirs
CREATE TABLE handed (
	case_id text NOT NULL,
	worker text NOT NULL,
	claimed_at timestamptz NOT NULL,
	leased_until timestamptz NOT NULL,
	recorded_at timestamptz
);
CREATE TABLE killed (phase text, way text);
CREATE FUNCTION claim(worker text, max_rows integer, lease interval) RETURNS bigint LANGUAGE sql AS \$\$
	INSERT INTO handed
	SELECT c.case_id, worker, c.leased_until - lease, c.leased_until
	FROM nps_claim('queue', worker, 'ask for the reason', max_rows, lease) c;
	SELECT count(*) FROM handed h WHERE h.worker = claim.worker;
\$\$;
-- records what it still has a lease on; every fourth it forgets
CREATE FUNCTION record(worker text, forget boolean) RETURNS void LANGUAGE plpgsql AS \$\$
DECLARE
	mine record;
BEGIN
	FOR mine IN
		SELECT h.ctid, h.case_id FROM handed h
		WHERE h.worker = record.worker AND h.recorded_at IS NULL AND h.leased_until > clock_timestamp()
	LOOP
		CONTINUE WHEN forget AND random() < 0.25;
		PERFORM FROM queue.followup_case c
		WHERE c.case_id = mine.case_id::integer AND c.leased_to = record.worker AND c.leased_until > clock_timestamp()
		FOR UPDATE;
		CONTINUE WHEN NOT FOUND;
		UPDATE handed SET recorded_at = clock_timestamp() WHERE ctid = mine.ctid;
		UPDATE queue.followup SET asked_at = clock_timestamp() WHERE case_id = mine.case_id::integer;
	END LOOP;
END
\$\$;
SQL

# ------------------------------------------------------- eight workers at once

for _ in {1..20}; do
    cat << 'SQL'
BEGIN;
SELECT claim(:'worker', 4, '2 seconds');
SELECT pg_sleep(0.15) /* uncommitted */;
COMMIT;
SELECT pg_sleep(0.15) /* unrecorded */;
SELECT record(:'worker', true);
SQL
done > "$work/rounds.sql"

# Whoever dies is started again, as by a supervisor.
work_on() {
    local status
    while [ ! -e "$work/stop" ]; do
        PGAPPNAME=$1 PGOPTIONS="$PGOPTIONS -c client_connection_check_interval=50ms" \
            psql -X -q -At -v ON_ERROR_STOP=1 -v worker="$1" -d $database -f "$work/rounds.sql" > /dev/null 2> "$work/$1.err" &
        echo $! > "$work/$1.pid"
        status=0
        wait $! || status=$?
        # the only reason to end is having been killed
        if [ $status != 0 ] && [ $status != 137 ] && ! grep -qE 'terminating connection|connection to server' "$work/$1.err"; then
            cat "$work/$1.err" >> "$work/errors"
        fi
    done
}
for i in {1..8}; do
    work_on "worker-$i" 2> /dev/null &
    workers+=($!)
done

# Kills a worker that is in this phase: its program, or its connection.
for _ in {1..3}; do
    for way in program connection; do
        for phase in uncommitted unrecorded; do
            for _ in {1..200}; do
                victim=$(sql -c "SELECT pid || ' ' || application_name FROM pg_stat_activity
                    WHERE datname = current_database() AND application_name LIKE 'worker-%' AND state = 'active'
                        AND query LIKE '%/* $phase */%' AND query_start > clock_timestamp() - interval '60 milliseconds'
                        AND EXISTS (SELECT FROM handed) LIMIT 1")
                [ -z "$victim" ] || break
                sleep 0.01
            done
            [ -n "$victim" ] || fail "no worker is ever $phase"
            if [ $way = program ]; then
                kill -KILL "$(cat "$work/${victim#* }.pid")" 2> /dev/null || true
            else
                sql -c "SELECT pg_terminate_backend(${victim% *})" > /dev/null
            fi
            sql -c "INSERT INTO killed VALUES ('$phase', '$way')"
        done
    done
done
wait_until 20 'SELECT count(*) >= 120 FROM handed WHERE recorded_at IS NOT NULL' || true
touch "$work/stop"
for i in {1..8}; do kill "$(cat "$work/worker-$i.pid")" 2> /dev/null || true; done
for pid in "${workers[@]}"; do wait "$pid" || true; done
workers=()
if [ -s "$work/errors" ]; then
    cat "$work/errors"
    fail "a worker failed"
fi
wait_until 10 "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'worker-%')" ||
    fail "workers do not end"

# ------------------------------------------------------------ what must be now

read -r times distinct_workers recorded <<< "$(sql -F ' ' -c "SELECT count(*), count(DISTINCT worker), count(recorded_at) FROM handed")"
if [ "$times" -lt 120 ] || [ "$recorded" -lt 60 ] || [ "$distinct_workers" != 8 ]; then
    fail "too little happened: handed out $times times to $distinct_workers workers, recorded $recorded"
fi
expect_none() { # WHAT QUERY
    sql -F ' ' -c "$2" > "$work/wrong"
    if [ -s "$work/wrong" ]; then
        head -n 10 "$work/wrong"
        fail "$1 ($(wc -l < "$work/wrong") times)"
    fi
}
no_overlap="SELECT a.case_id, a.worker, a.claimed_at, b.worker, b.claimed_at
    FROM handed a JOIN handed b USING (case_id)
    WHERE a.ctid < b.ctid AND tstzrange(a.claimed_at, coalesce(a.recorded_at, a.leased_until)) && tstzrange(b.claimed_at, coalesce(b.recorded_at, b.leased_until))"
not_again="SELECT a.case_id, a.worker, a.recorded_at, b.worker, b.claimed_at
    FROM handed a JOIN handed b USING (case_id) WHERE a.ctid <> b.ctid AND b.claimed_at >= a.recorded_at"
expect_none "a case was handed out while another's lease on it lasted" "$no_overlap"
expect_none "a step was asked for that was done" "$not_again"

# What no one recorded comes back when its lease is over, each case once.
wait_until 10 "SELECT max(leased_until) < clock_timestamp() FROM handed" || fail "leases do not end"
sql > /dev/null << 'SQL'
-- also where the workers were so quick that they left none
INSERT INTO answers SELECT 100000 + i, 'late customer ' || i, 5, now() FROM generate_series(1, 3) i;
CREATE TABLE missing AS SELECT id::text AS case_id FROM answers EXCEPT SELECT case_id FROM handed WHERE recorded_at IS NOT NULL;
SELECT claim('sweeper', 1000, '10 minutes');
SQL
expect_none "a case was lost, or came back twice" "
    SELECT coalesce(m.case_id, h.case_id), h.times
    FROM missing m FULL JOIN (SELECT case_id, count(*) AS times FROM handed WHERE worker = 'sweeper' GROUP BY 1) h USING (case_id)
    WHERE m.case_id IS NULL OR h.times IS DISTINCT FROM 1"
swept=$(sql -c "SELECT count(*) FROM handed WHERE worker = 'sweeper'")
[ "$swept" -gt 0 ] || fail "nothing was left for the last sweep"
[ "$(sql -c "SELECT count(*) FROM nps_claim('queue', 'sweeper', 'ask for the reason', 1000)")" = 0 ] ||
    fail "cases are handed out again while their lease lasts"
sql -c "SELECT record('sweeper', false)" > /dev/null
expect_none "a case was handed out while another's lease on it lasted" "$no_overlap"
expect_none "a step was asked for that was done" "$not_again"
expect_none "a customer was not asked exactly once" "
    SELECT a.id, count(e.event_id) FROM answers a LEFT JOIN queue.followup_event e ON e.case_id = a.id AND e.what_changed = 'asked_at'
    GROUP BY a.id HAVING count(e.event_id) <> 1"
expect_none "a lease outlived its step" "SELECT case_id, leased_to FROM queue.followup_case WHERE leased_to IS NOT NULL OR leased_until IS NOT NULL"
echo "$cases cases handed out $(sql -c 'SELECT count(*) FROM handed') times to 8 workers, of whom $(sql -c 'SELECT count(*) FROM killed') were killed; $swept came back in the end"

# ------------------------------------------------------------------ nps_notify

mkfifo "$work/listener"
sql > /dev/null << 'SQL'
CREATE SCHEMA news;
CREATE TABLE news.answers (id bigint PRIMARY KEY, who text, score integer, at timestamptz DEFAULT now());
INSERT INTO news.answers VALUES (1, 'old', 0);
SELECT nps_attach('news.answers', 'score', respondent => 'who', responded_at => 'at', schema_name => 'News of <us>', loop_since => '-infinity');
-- of a key that may be longer than a notification
CREATE TABLE news.texts (id text PRIMARY KEY, who text, score integer) PARTITION BY HASH (id);
CREATE TABLE news.texts_0 PARTITION OF news.texts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE news.texts_1 PARTITION OF news.texts FOR VALUES WITH (MODULUS 2, REMAINDER 1);
SELECT nps_attach('news.texts', 'score', respondent => 'who', schema_name => 'texts', loop_since => '-infinity');
SQL
psql -X -q -At -d $database > "$work/heard" 2>&1 < "$work/listener" &
echo $! > "$work/listener.pid"
exec 4> "$work/listener"

# What the listener has heard since the last time, after a LISTEN or a SELECT of its own.
heard() { # EXPECTED, a line each
    echo "SELECT '-- $1'; SELECT '--';" >&4
    for _ in {1..100}; do
        if [ "$(tail -n 1 "$work/heard")" = -- ] && [ "$(grep -c '^--$' "$work/heard")" = "$marks" ]; then break; fi
        sleep 0.02
    done
    sed -n 's/^Asynchronous notification "\([^"]*\)"\( with payload "\(.*\)"\)\{0,1\} received.*/\1: \3/p' "$work/heard" |
        tail -n +$((heard_before + 1)) > "$work/new"
    heard_before=$((heard_before + $(wc -l < "$work/new")))
    marks=$((marks + 1))
    printf '%b' "$2" | diff - "$work/new" || fail "heard otherwise: $1"
}
heard_before=0
marks=1
echo 'LISTEN "News of <us>"; LISTEN texts;' >&4
heard "nobody was asked to tell" ''
[ "$(sql -c "SELECT nps_notify('News of <us>')" -c "SELECT nps_notify('texts')")" = $'News of <us>\ntexts' ] ||
    fail "nps_notify() returns another channel"

sql -c "INSERT INTO news.answers VALUES (2, 'new', 3), (3, 'fine', 10)"
heard "new answers" 'News of <us>: 2\nNews of <us>: 3\n'
sql -c "UPDATE news.answers SET score = 4 WHERE id = 2"
heard "a corrected answer" 'News of <us>: 2\n'
sql -c "UPDATE \"News of <us>\".followup SET assigned_to = 'anna' WHERE case_id = 1"
heard "a case" 'News of <us>: 1\n'
sql -c "BEGIN; INSERT INTO news.answers VALUES (4, 'lost', 0); UPDATE \"News of <us>\".followup SET assigned_to = 'bert'; ROLLBACK"
heard "nothing was committed" ''
sql -c "BEGIN; INSERT INTO news.answers VALUES (5, 'kept', 0); SAVEPOINT s; INSERT INTO news.answers VALUES (6, 'lost', 0); ROLLBACK TO s; COMMIT"
heard "what was committed" 'News of <us>: 5\n'
sql -c "BEGIN; INSERT INTO news.answers VALUES (7, 'not yet', 0)" -c "SELECT" # ends without COMMIT
heard "no commit" ''
sql -c "SELECT nps_notify('News of <us>')" > /dev/null
sql -c "INSERT INTO news.answers VALUES (8, 'once', 0)"
heard "asked to tell twice, told once" 'News of <us>: 8\n'

# whoever writes answers needs no right on the survey; of a text nothing is told, as anybody may listen: one message a transaction
sql -c "GRANT USAGE ON SCHEMA news TO $role" -c "GRANT INSERT ON news.answers, news.texts TO $role"
sql -c "SET ROLE $role" -c "INSERT INTO news.answers VALUES (9, 'by another role', 0)" \
    -c "INSERT INTO news.texts SELECT repeat(md5(i::text), 70), 'long', i FROM generate_series(0, 9) i" \
    -c "INSERT INTO news.texts VALUES ('quote '' and \" and ö', 'odd', 5)"
heard "another role" 'News of <us>: 9\ntexts: \ntexts: \n'

# a renamed column keeps nobody from writing: something is new, nobody knows what; asking again is enough
sql -c "ALTER TABLE news.answers RENAME id TO number" -c "ALTER TABLE news.answers RENAME score TO grade"
sql -c "INSERT INTO news.answers (number, who, grade) VALUES (10, 'renamed', 0)" ||
    fail "a renamed column keeps people from answering"
heard "a renamed column" 'News of <us>: \n'
sql -c "SELECT nps_notify('News of <us>')" > /dev/null
sql -c "INSERT INTO news.answers (number, who, grade) VALUES (11, 'renamed', 0)"
heard "asked again after the renaming" 'News of <us>: 11\n'

# the trigger goes with the survey, and the source stays as it was
sql -c "SELECT nps_detach('texts', drop_cases => true)" -c 'DROP SCHEMA "News of <us>" CASCADE' > /dev/null
[ "$(sql -c "SELECT count(*) FROM pg_trigger t WHERE NOT t.tgisinternal AND t.tgrelid::regclass::text LIKE 'news.%'")" = 0 ] ||
    fail "a trigger outlived its survey"
sql -c "SET ROLE $role" -c "INSERT INTO news.answers VALUES (12, 'without survey', 0)" -c "INSERT INTO news.texts VALUES ('x', 'without survey', 0)"
heard "no survey" ''

# a source that can have no trigger: of cases only
sql > /dev/null << 'SQL'
CREATE VIEW news.view AS SELECT number, who, grade, at FROM news.answers;
SELECT nps_attach('news.view', 'grade', response_id => 'number', respondent => 'who', responded_at => 'at', schema_name => 'texts', loop_since => '-infinity');
SELECT nps_notify('texts');
INSERT INTO news.answers VALUES (13, 'through a view', 0);
UPDATE texts.followup SET assigned_to = 'anna' WHERE case_id = 13;
SQL
heard "a view as source" 'texts: 13\n'

# another kind of key: the survey is made anew, and tells again when asked
sql > /dev/null << 'SQL'
SELECT nps_attach('news.texts', 'score', respondent => 'who', schema_name => 'other', loop_since => '-infinity');
SELECT nps_notify('other');
SELECT nps_attach('news.texts', 'score', response_id => 'length(id)', respondent => 'who', schema_name => 'other', replace => true, loop_since => '-infinity');
INSERT INTO news.texts VALUES ('y', 'after', 0);
SQL
echo '\q' >&4
exec 4>&-
echo "answers and cases are told of once they are committed, and nobody who writes them suffers"
