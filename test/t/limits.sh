#!/bin/bash
# Long calls that are stopped, a disk that is full, and big values.
#  - Canceled at any moment, or by statement_timeout, each long call ends at once and
#    leaves nothing half-done: the catalog is as it was, reports are exact, the call
#    works when it is made again.
#  - Where the disk is full, nps_materialize() and writers get an error, reports stay
#    exact, and when there is room the call works.
#  - Many values of a segment and long texts: in bounded memory.
#
# NPS_LIMITS_FULL=1 for the long form: 2,000,000 answers, 30 cancellations of each call,
# 1,000,000 values of a segment, 100 surveys on a table, comments of up to 1 GB.
# It takes some ten minutes, 8 GB of memory and as much of disk.
set -euo pipefail
[ -z "${NPS_ONCE-}" ] || { echo "tested on another version"; exit 77; }

full=${NPS_LIMITS_FULL-}
answers=$([ "$full" ] && echo 2000000 || echo 12000)
stops=$([ "$full" ] && echo 30 || echo 2)
database=nps_limits
work=$(mktemp -d)
export PGDATABASE=$database PGOPTIONS='-c client_min_messages=error -c jit=off -c TimeZone=UTC'
clean_up() {
    psql -X -q -d postgres -c "DROP DATABASE IF EXISTS $database WITH (FORCE)" || true
    rm -rf "$work"
}
trap clean_up EXIT
fail() {
    echo "$*"
    exit 1
}
trap 'fail "stopped at line $LINENO"' ERR
sql() { psql -X -q -At -v ON_ERROR_STOP=1 "$@"; }
now_ms() { date +%s%3N; }

psql -X -q -d postgres -c "DROP DATABASE IF EXISTS $database" -c "CREATE DATABASE $database"
sql -v answers="$answers" > /dev/null << 'SQL'
CREATE EXTENSION nps;
CREATE TABLE answer (id integer PRIMARY KEY, who text, score integer, at timestamptz, words text, plan text);
INSERT INTO answer SELECT i, 'c' || i % (:answers / 3), nullif(i % 12, 11), now() - i * interval '2 minutes', CASE i % 5 WHEN 0 THEN 'too slow' END, 'p' || i % 3000
FROM generate_series(1, :answers) i;
CREATE TABLE part (LIKE answer) PARTITION BY LIST (plan);
CREATE TABLE part_some PARTITION OF part FOR VALUES IN ('p1', 'p2', 'p3');
CREATE TABLE part_rest PARTITION OF part DEFAULT;
INSERT INTO part SELECT * FROM answer WHERE id <= :answers / 2;
CREATE INDEX ON answer (who, at DESC, id DESC);
VACUUM ANALYZE;
SELECT count(*) > 0 AS attached FROM nps_attach('answer', 'score', 'works', respondent => 'who', responded_at => 'at', comment => 'words', segments => ARRAY['plan'], time_zone => 'UTC', loop_since => '-infinity');
SELECT count(*) > 0 AS attached FROM nps_attach('answer', 'score', 'kept', respondent => 'who', responded_at => 'at', comment => 'words', segments => ARRAY['plan'], time_zone => 'UTC', loop_since => '-infinity');
SELECT count(*) > 0 AS attached FROM nps_attach('part', 'score', 'parts', response_id => 'id', responded_at => 'at', segments => ARRAY['plan'], time_zone => 'UTC');
SELECT count(*) > 0 AS attached FROM nps_attach('answer', 'score', 'raw', responded_at => 'at', comment => 'words', segments => ARRAY['plan'], time_zone => 'UTC');
CALL nps_materialize('kept');
CALL nps_materialize('parts');
CREATE TABLE tallies AS SELECT nps_tally_agg(score) AS tally FROM answer WHERE score IS NOT NULL GROUP BY id;
-- what there is: relations with their owner and rights, triggers, rules, functions, policies
CREATE VIEW catalog AS
	SELECT 'relation' AS kind, c.oid::regclass::text AS name, concat_ws(' ', c.relkind, c.relowner::regrole, c.relacl::text, c.relhastriggers, c.relrowsecurity) AS what
	FROM pg_class c WHERE c.relnamespace >= 16384 OR c.relnamespace = 'public'::regnamespace
	UNION ALL SELECT 'view', v.schemaname || '.' || v.viewname, md5(v.definition) FROM pg_views v WHERE v.schemaname NOT IN ('pg_catalog', 'information_schema')
	UNION ALL SELECT 'trigger', t.tgrelid::regclass || '.' || t.tgname, t.tgenabled::text FROM pg_trigger t
	UNION ALL SELECT 'schema', n.nspname, n.nspacl::text FROM pg_namespace n WHERE n.nspname !~ '^pg_(toast_)?temp'
	UNION ALL SELECT 'function', p.oid::regprocedure::text, '' FROM pg_proc p WHERE p.oid >= 16384
	UNION ALL SELECT 'policy', p.polrelid::regclass || '.' || p.polname, '' FROM pg_policy p
	UNION ALL SELECT 'comment', d.classoid::regclass::text || d.objsubid, count(*)::text FROM pg_description d WHERE d.objoid >= 16384 GROUP BY 1, 2;
SQL
sql -c "ALTER DATABASE $database SET lock_timeout = '20s'"

catalog() { sql -c "SELECT * FROM catalog ORDER BY 1, 2, 3"; }
# Reports of a survey against plain SQL over its source.
exact() { # WHEN
    local wrong
    wrong=$(sql << 'SQL'
SELECT 'nps_verify of ' || s || ' finds ' || count(*) FROM unnest('{kept,parts}'::text[]) s, nps_verify(s) GROUP BY s;
SELECT 'kept.summary', t FROM (SELECT (s.responses, s.detractors, s.unanswered)::text FROM kept.summary s
	EXCEPT SELECT (count(score), count(*) FILTER (WHERE score <= 6), count(*) - count(score))::text FROM answer) d(t);
SELECT 'parts.summary', t FROM (SELECT (s.responses, s.detractors, s.unanswered)::text FROM parts.summary s
	EXCEPT SELECT (count(score), count(*) FILTER (WHERE score <= 6), count(*) - count(score))::text FROM part) d(t);
SELECT 'raw.summary', t FROM (SELECT (s.responses, s.detractors, s.unanswered)::text FROM raw.summary s
	EXCEPT SELECT (count(score), count(*) FILTER (WHERE score <= 6), count(*) - count(score))::text FROM answer) d(t);
SELECT 'kept.segment', count(*) FROM (SELECT value, responses FROM kept.segment
	EXCEPT SELECT plan, count(score) FROM answer GROUP BY plan) d HAVING count(*) > 0;
SELECT 'not served', s FROM unnest('{kept,parts}'::text[]) s WHERE NOT nps_rollup_serves((s || '.rollup')::regclass);
SQL
    )
    [ -z "$wrong" ] || fail "$1: $wrong"
}
exact "at first"

# ------------------------------------------------------------------ stopping

tried=0
stopped=0
slowest=0
never=0
canceled_once=
# Runs a statement in a session of its own until it is canceled after so many milliseconds; tells how it ended and how long that took.
cancel_after() { # MILLISECONDS STATEMENT
    local asked ended status=0 pid=
    PGAPPNAME=stopped psql -X -q -At -v VERBOSITY=verbose -c "$2" > "$work/out" 2> "$work/err" &
    local client=$!
    sleep "$(printf '0.%03d' "$1")"
    asked=$(now_ms)
    sql -d postgres -c "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'stopped' AND state = 'active'" > /dev/null
    wait $client || status=$?
    ended=$(now_ms)
    judge $((ended - asked)) "$status" "canceled after $1 ms: $2"
}
time_out_after() { # MILLISECONDS STATEMENT
    local began ended status=0
    began=$(now_ms)
    PGOPTIONS="$PGOPTIONS -c statement_timeout=$1" psql -X -q -At -v VERBOSITY=verbose -c "$2" > "$work/out" 2> "$work/err" || status=$?
    ended=$(now_ms)
    judge $((ended - began - $1)) "$status" "timeout of $1 ms: $2"
}
judge() { # MILLISECONDS STATUS WHAT
    tried=$((tried + 1))
    [ "$2" = 0 ] || {
        is_stopped || fail "$3: $(cat "$work/err")"
        stopped=$((stopped + 1))
        canceled_once=yes
        [ "$1" -le "$slowest" ] || slowest=$1
        # a second, and what a busy machine adds
        [ "$1" -lt 3000 ] || fail "$3: took $1 ms to end"
    }
}
is_stopped() { grep -q '^ERROR:  57014: ' "$work/err"; }
# Stops a statement again and again, from its very beginning to its end, and looks at what is left.
stop() { # STATEMENT [STATEMENT THAT TAKES IT BACK]
    local whole i began after
    catalog > "$work/before"
    began=$(now_ms)
    sql -c "$1" > /dev/null
    whole=$(($(now_ms) - began))
    [ -z "${2-}" ] || sql -c "$2" > /dev/null
    canceled_once=
    for ((i = 1; i <= stops; i++)); do
        # spread over what it takes; no more than 0.999 s
        after=$((10 + whole * i / (stops + 1)))
        [ $after -le 999 ] || after=$((RANDOM % 990 + 9))
        if [ $((i % 2)) = 1 ]; then cancel_after $after "$1"; else time_out_after $after "$1"; fi
        [ -z "${3-}" ] || "$3"
        is_stopped || [ -z "${2-}" ] || sql -c "$2" > /dev/null
    done
    # on a fast machine it got through each time
    for i in 2 4 8 16 32; do
        [ -z "$canceled_once" ] || break
        time_out_after $((whole / i + 1)) "$1"
        is_stopped || [ -z "${2-}" ] || sql -c "$2" > /dev/null
    done
    [ "$canceled_once" ] || never=$((never + 1))
    # what it left, it finishes
    sql -c "$1" > /dev/null
    [ -z "${2-}" ] || sql -c "$2" > /dev/null
    catalog > "$work/after"
    diff "$work/before" "$work/after" > "$work/differences" || fail "left behind by $1: $(head -n 10 "$work/differences")"
}
# nps_materialize() that is stopped leaves a rollup that is not read yet: reports are exact, and a call goes on.
half_materialized() {
    [ "$(sql -c "SELECT responses = (SELECT count(score) FROM answer) FROM raw.summary")" = t ] || fail "a stopped nps_materialize() leaves wrong reports"
}
stop "SELECT count(*) > 0 AS attached FROM nps_attach('answer', 'score', 'new', respondent => 'who', responded_at => 'at', comment => 'words', segments => ARRAY['plan'], loop_since => '-infinity')" "SELECT nps_detach('new')"
stop "CALL nps_materialize('raw')" "CALL nps_dematerialize('raw')" half_materialized
exact "after nps_materialize() was stopped"
stop "CALL nps_materialize('kept', rebuild => true)"
stop "SELECT count(*) FROM nps_verify('kept')"
sql -c "UPDATE answer SET plan = plan || 'x' WHERE id % 3 = 0" -c "UPDATE answer SET plan = rtrim(plan, 'x') WHERE id % 3 = 0"
stop "SELECT nps_compact('kept')"
exact "after calls were stopped"
stop "SELECT count(*) FROM nps_check('works')"
stop "SELECT count(*) > 0 AS attached FROM nps_refresh_views('works')"
stop "BEGIN; SELECT count(*) FROM nps_claim('works', 'worker', max_rows => 500); ROLLBACK"
for report in followup_all trend segment_trend ${full:+followup respondent closed_loop cause_report segment}; do
    stop "SELECT count(v::text) FROM works.$report v"
done
stop "UPDATE answer SET score = (score + 1) % 11 WHERE id % 2 = 0"
stop "UPDATE part SET score = (score + 1) % 11, plan = CASE plan WHEN 'p1' THEN 'p4' ELSE 'p1' END WHERE id % 2 = 0"
stop "DELETE FROM answer WHERE id % 97 = 0 OR length(words || id) < 3"
stop "BEGIN; TRUNCATE answer; ROLLBACK"
exact "after writes were stopped"
stop "SELECT nps_tally_agg(t.tally) FROM tallies t, generate_series(1, 20)"
stop "SELECT nps_weighted_score(a.score, 1.5 + a.id), (nps_weighted_summary(a.score, a.id)).nps FROM answer a, generate_series(1, 10) WHERE a.score IS NOT NULL"
stop "SELECT count(*) FROM (SELECT nps_score(score) OVER (ORDER BY id ROWS 5000 PRECEDING) FROM answer) s"
stop "CALL nps_dematerialize('kept')" "CALL nps_materialize('kept')"
exact "in the end"
# on a machine that is very fast, some get through however soon they are stopped
[ $never -le 5 ] || fail "$never calls were never stopped"

# ----------------------------------------------------------------- a full disk

# No file may grow beyond a size, which to the server is a disk without room: larger
# than a WAL segment, smaller than the rollup of answers that are all in cells of their own.
room=$((17 * 1024))
data=$(sql -c 'SHOW data_directory')
log=$(dirname "$data")/server.log
restart() { # KILOBYTES or unlimited
    (
        ulimit -S -f "$1"
        pg_ctl restart -D "$data" -m fast -w -t 60 -l "$log" > "$work/restart" 2>&1 < /dev/null
    ) || fail "the server does not restart: $(cat "$work/restart")"
}
sql > /dev/null << 'SQL'
CREATE TABLE small (id integer PRIMARY KEY, score integer);
INSERT INTO small SELECT i, nullif(i % 12, 11) FROM generate_series(1, 15000) i;
SELECT count(*) > 0 AS attached FROM nps_attach('small', 'score', 'full', segments => ARRAY['repeat(md5(id::text), 40) AS long']);
VACUUM (FREEZE, ANALYZE);
CHECKPOINT;
SQL
small_is_exact() { # WHEN
    [ "$(sql -c "SELECT (SELECT (s.responses, s.unanswered)::text FROM \"full\".summary s) = (SELECT (count(score), count(*) - count(score))::text FROM small)
        AND (SELECT sum(responses) FROM \"full\".distribution) = (SELECT count(score) FROM small)")" = t ] ||
        fail "$1: reports are wrong"
}
expect_full() { # STATEMENT
    if psql -X -q -At -v VERBOSITY=verbose -c "$1" > "$work/out" 2> "$work/err"; then fail "there is room for: $1"; fi
    grep -qE '^ERROR: .*(File too large|No space left)' "$work/err" || fail "$1: $(cat "$work/err")"
    small_is_exact "after the disk was full"
}
restart $room
expect_full "CALL nps_materialize('full')"
expect_full "CALL nps_materialize('full')"
[ "$(sql -c "SELECT count(*) FROM nps_check('full') WHERE finding = 'the rollup is not kept current' AND fix ~ 'nps_materialize'")" = 1 ] || fail "nps_check() does not say how to go on"
# what was given up is vacuumed; then whoever writes a little can do so, and whoever writes a lot gets the error
sql -c 'VACUUM "full".rollup' -c "INSERT INTO small VALUES (0, 10)"
rows=$(sql -c "SELECT count(*) FROM small")
expect_full "INSERT INTO small SELECT i, 3 FROM generate_series(20001, 40000) i"
[ "$(sql -c "SELECT count(*) FROM small")" = "$rows" ] || fail "half of a statement was written"
restart unlimited
small_is_exact "after the server was restarted"
sql -c "CALL nps_materialize('full')"
small_is_exact "with a rollup"
[ "$(sql -c "SELECT count(*) || ' ' || nps_rollup_serves('\"full\".rollup') FROM nps_verify('full')")" = "0 true" ] || fail "after there was room, the rollup is not exact"
# and a rollup that is there
restart $room
expect_full "INSERT INTO small SELECT i, 3 FROM generate_series(20001, 40000) i"
expect_full "UPDATE small SET id = -id, score = 9"
expect_full "CALL nps_materialize('full', rebuild => true)"
restart unlimited
small_is_exact "in the end"
[ "$(sql -c "SELECT count(*) || ' ' || nps_rollup_serves('\"full\".rollup') FROM nps_verify('full')")" = "0 true" ] || fail "after the disk was full, the rollup is not exact"
sql -c "SELECT nps_detach('full')" > /dev/null

# ------------------------------------------------------------------ big values

# The peak of a session's memory in MB, shared memory included, after the statements of its standard input.
peak() {
    { cat; printf '%s\n' ';' 'SELECT pg_backend_pid() AS pid \gset' '\setenv PID :pid' "\\! grep VmHWM /proc/\$PID/status > $work/peak"; } | sql > /dev/null
    echo $(($(grep -oE '[0-9]+' "$work/peak") / 1024))
}
within() { # WHAT MEGABYTES BOUND
    peaks="${peaks-}${peaks+, }$2 MB for $1"
    [ "$2" -le "$3" ] || fail "$1: the server process took $2 MB of memory, more than $3"
}
values=$([ "$full" ] && echo 1000000 || echo 50000)
used=$(peak <<< "
    CREATE TABLE many (id integer PRIMARY KEY, score integer, at timestamptz, plan text);
    SELECT count(*) > 0 AS attached FROM nps_attach('many', 'score', 'many_read', responded_at => 'at', segments => '{plan}', time_zone => 'UTC');
    SELECT count(*) > 0 AS attached FROM nps_attach('many', 'score', 'many_kept', responded_at => 'at', segments => '{plan}', time_zone => 'UTC');
    CALL nps_materialize('many_kept');
    INSERT INTO many SELECT i, i % 11, '2020-01-01', 'plan ' || i FROM generate_series(1, $values) i;
    UPDATE many SET plan = 'new ' || plan WHERE id % 2 = 0;
    SELECT nps_compact('many_kept');
    CALL nps_materialize('many_kept', rebuild => true)")
# 10,000 cells in memory, what triggers keep, hash tables of work_mem
within "$values values of a segment" "$used" $([ "$full" ] && echo 1500 || echo 400)
for survey in many_read many_kept; do
    [ "$(sql -c "SELECT count(*) || ' ' || sum(responses) || ' ' || count(*) FILTER (WHERE value LIKE 'new %') FROM $survey.segment")" = "$values $values $((values / 2))" ] ||
        fail "$survey.segment is wrong"
    [ "$(sql -c "SELECT count(*) || ' ' || sum(responses) FROM $survey.segment_trend WHERE grain = 'year'")" = "$values $values" ] || fail "$survey.segment_trend is wrong"
done
[ "$(sql -c "SELECT count(*) FROM nps_verify('many_kept')")" = 0 ] || fail "many values: the rollup has drifted"
sql -c "SELECT nps_detach('many_read'), nps_detach('many_kept')" -c "DROP TABLE many" > /dev/null

# Long segments: a statement keeps a bounded number of bytes of them in memory, not of cells.
used=$(peak <<< "
    CREATE TABLE long (id integer PRIMARY KEY, score integer, plan text);
    SELECT count(*) > 0 AS attached FROM nps_attach('long', 'score', 'long', segments => '{plan}');
    CALL nps_materialize('long');
    INSERT INTO long SELECT i, i % 11, repeat('x', 1000000) || i FROM generate_series(1, $([ "$full" ] && echo 2000 || echo 500)) i")
within "segments of 1 MB" "$used" 400
[ "$(sql -c "SELECT count(*) FROM nps_verify('long')")" = 0 ] || fail "long values: the rollup has drifted"
sql -c "SELECT nps_detach('long')" -c "DROP TABLE long" > /dev/null

# Long comments: no view computes with more than their beginning.
length=$([ "$full" ] && echo 260000000 || echo 25000000)
used=$(peak <<< "
    CREATE TABLE wordy (id integer PRIMARY KEY, who text, score integer, at timestamptz, words text);
    INSERT INTO wordy VALUES (1, 'a', 1, now(), repeat('slow', $length)), (2, 'b', 2, now(), repeat(' bad', $length / 4))")
before=$used
used=$(peak <<< "
    SELECT count(*) > 0 AS attached FROM nps_attach('wordy', 'score', 'wordy', respondent => 'who', responded_at => 'at', comment => 'words', loop_since => '-infinity');
    CALL nps_materialize('wordy');
    UPDATE wordy SET score = 3;
    UPDATE wordy.followup SET status = 'contacted', channel = 'phone';
    SELECT cause_suggested, steps FROM wordy.followup_all;
    SELECT comment_share, detractors FROM wordy.summary")
# the comment, packed and unpacked
within "comments of $((4 * length / 1000000)) MB" "$used" $((200 + 16 * length / 1000000))
[ "$(sql -c "SELECT comment_share || ' ' || detractors FROM wordy.summary" -c "SELECT count(*) FROM nps_verify('wordy')" | tr '\n' ' ')" = "1 2 0 " ] || fail "long comments are lost"
if [ ! "$full" ]; then
    [ "$(sql -c "SELECT max(length(comment)) FROM wordy.followup_all")" = $((4 * length)) ] || fail "a long comment is cut"
fi
sql -c "SELECT nps_detach('wordy', drop_cases => true)" -c "DROP TABLE wordy" > /dev/null

# As many rules as a playbook can have, and many other rows that people edit.
sql > /dev/null << 'SQL'
SELECT count(*) > 0 AS attached FROM nps_attach('answer', 'score', 'ruled', respondent => 'who', responded_at => 'at', comment => 'words', time_zone => 'UTC', loop_since => '-infinity');
INSERT INTO ruled.playbook SELECT i, i, true, 'none', NULL, 1, true, 'phone', 'thank', 1, 1, 1, true FROM generate_series(-32768, 32767) i WHERE i NOT BETWEEN 0 AND 10;
INSERT INTO ruled.team_member (team, person) SELECT 't' || i % 100, 'p' || i FROM generate_series(1, 100000) i;
INSERT INTO ruled.holiday (day) SELECT '1900-01-01'::date - i FROM generate_series(1, 100000) i;
ANALYZE;
SQL
[ "$(sql -c "SELECT (SELECT count(*) FROM ruled.playbook) || ' ' || (SELECT count(*) = (SELECT count(*) FROM raw.response) FROM ruled.response) || ' ' ||
    (SELECT md5(string_agg(concat_ws(',', case_id, verdict, steps, team), ';' ORDER BY case_id)) = (SELECT md5(string_agg(concat_ws(',', case_id, verdict, steps, team), ';' ORDER BY case_id)) FROM works.followup_all) FROM ruled.followup_all)")" = "65534 true true" ] ||
    fail "with many rules follow-up is another"
sql -c "SELECT nps_detach('ruled')" > /dev/null

# Many surveys on one table, all kept.
if [ "$full" ]; then
    sql -c "CREATE TABLE shared AS SELECT i AS id, i % 11 AS score, '2020-01-01'::date AS at, 'p' || i % 7 AS plan FROM generate_series(1, 10000) i" \
        -c "SELECT count(*) FROM generate_series(1, 100) i, nps_attach('shared', 'score', 's' || i, response_id => 'id', responded_at => 'at', segments => '{plan}', filter => 'id % 100 = ' || i - 1)" > /dev/null
    for ((i = 1; i <= 100; i++)); do sql -c "CALL nps_materialize('s$i')"; done
    sql -c "INSERT INTO shared SELECT id + 10001, score, at, plan FROM shared" -c "UPDATE shared SET id = id + 1, score = 3 WHERE id % 3 = 0" -c "DELETE FROM shared WHERE id % 7 = 0"
    [ "$(sql -c "SELECT count(*) FROM generate_series(1, 100) i, nps_verify('s' || i)")" = 0 ] || fail "of 100 surveys on a table some have drifted"
    for ((i = 1; i <= 100; i++)); do sql -c "SELECT nps_detach('s$i')" > /dev/null; done
fi

echo "$stopped of $tried calls stopped, the slowest within $slowest ms, nothing left behind; a full disk; $peaks"
