#!/bin/bash
# examples/two_servers.sh on two real servers: tallies are computed where the
# answers are, only tallies travel, and merged they are bit for bit those of all
# answers in one table, also while both servers are written to.
# Skipped (77) where postgres_fdw is not installed.
set -uo pipefail

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bin=$("${PG_CONFIG:-pg_config}" --bindir) || exit 1
export PATH=$bin:$PATH
maintenance=${PGDATABASE:-postgres}
near=nps_near_$$
far=nps_far
export PGOPTIONS='-c client_min_messages=warning -c jit=off'

psql=(psql -X -q -v ON_ERROR_STOP=1)
if [ "$("${psql[@]}" -At -d "$maintenance" -c "SELECT count(*) FROM pg_available_extensions WHERE name = 'postgres_fdw'")" = 0 ]; then
    echo "no postgres_fdw"
    exit 77
fi

# The far server is of the same installation, in a folder of its own, and gone at the end.
tmp=$(mktemp -d) || exit 1
writers=()
clean_up() {
    local status=$?
    trap - EXIT
    trap '' INT TERM HUP
    [ ${#writers[@]} = 0 ] || kill "${writers[@]}" 2> /dev/null
    [ ! -e "$tmp/data/postmaster.pid" ] || pg_ctl stop -D "$tmp/data" -m immediate > /dev/null
    "${psql[@]}" -d "$maintenance" -c "DROP DATABASE IF EXISTS $near WITH (FORCE)"
    rm -rf "$tmp"
    exit "$status"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

{
    initdb -D "$tmp/data" -U postgres -A trust -E UTF8 --locale=C --no-sync &&
        pg_ctl start -w -D "$tmp/data" -l "$tmp/log" \
            -o "-c listen_addresses= -c unix_socket_directories=$tmp -c port=5433 -c fsync=off -c jit=off"
} > "$tmp/start" 2>&1 || {
    cat "$tmp/start" "$tmp/log"
    exit 1
}
far_server="host=$tmp port=5433 user=postgres"
"${psql[@]}" -d "$far_server dbname=postgres" -c "CREATE DATABASE $far" || exit 1
"${psql[@]}" -d "$maintenance" -c "CREATE DATABASE $near TEMPLATE template0 ENCODING 'UTF8'" || exit 1

near_sql() { "${psql[@]}" -At -d "$near" "$@"; }
far_sql() { "${psql[@]}" -At -d "$far_server dbname=$far" "$@"; }

failures=0
fail() {
    echo "FAILED  $*"
    failures=$((failures + 1))
}
# is WHAT GOT EXPECTED
is() {
    [ "$2" = "$3" ] || fail "$1: $2, which should be $3"
}

# ------------------------------------------------------------------ the example
"$tree/examples/two_servers.sh" "dbname=$near" "$far_server dbname=$far" > "$tmp/example" 2>&1
is "exit code of the example" $? 0
if grep -nE '(ERROR|FATAL|PANIC|WARNING|NOTICE|HINT|DETAIL):|psql:|bash:' "$tmp/example"; then
    fail "the example prints messages"
fi
is "tables in the example" "$(grep -c -- '-+-\|^-----*$' "$tmp/example")" 5
grep -q 'Remote SQL: SELECT plan, public.nps_tally_agg(score) FROM survey.response GROUP BY' "$tmp/example" ||
    fail "the example does not show what the far server is asked"

# ----------------------------------------------------- what is asked of the far server
# What a query sends to the far server, and how many rows come back, for each foreign scan.
near_sql << 'SQL' || exit 1
CREATE FUNCTION sent(query text) RETURNS TABLE (remote text, rows integer)
LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (ANALYZE, VERBOSE, COSTS OFF, TIMING OFF, FORMAT JSON) ' || query INTO plan;
	RETURN QUERY
	WITH RECURSIVE node AS (
		SELECT plan->0->'Plan' AS node
		UNION ALL
		SELECT child FROM node, json_array_elements(node->'Plans') AS child
	)
	SELECT node->>'Remote SQL', (node->>'Actual Rows')::numeric::integer FROM node WHERE node->>'Node Type' = 'Foreign Scan';
END
$$;
SQL

# counted QUERY ROWS: the far server groups and counts, and sends that many rows.
counted() {
    is "rows sent for $1" "$(near_sql -v query="$1" <<< "SELECT count(*), sum(rows), bool_and(remote ~ 'nps_tally_agg\(.*GROUP BY') FROM sent(:'query')")" "1|$2|t"
}
# fetched QUERY ROWS: it sends rows that the near server must count.
fetched() {
    is "rows sent for $1" "$(near_sql -v query="$1" <<< "SELECT count(*), sum(rows), bool_or(remote ~ 'nps_') FROM sent(:'query')")" "1|$2|f"
}
answers=$(far_sql -c 'SELECT count(*) FROM survey.response')
days=$(far_sql -c "SELECT count(DISTINCT (answered_at AT TIME ZONE 'Europe/Berlin')::date) FROM survey.response, answer
    WHERE response_id = id AND answer.plan = 'pro'")
if [ "$answers" -le 2000 ] || [ "$days" -le 100 ]; then
    fail "$answers answers of $days days are too few for a test"
fi

counted 'SELECT * FROM by_plan' 3
counted 'SELECT plan, nps_score(score), nps_low(score), nps_high(score), nps_tally_agg(score) FROM paris.response GROUP BY plan' 3
counted "SELECT plan, nps_tally_agg(score) FILTER (WHERE has_comment) FROM paris.response WHERE responded_at >= '2025-03-01' GROUP BY plan" 3
counted 'SELECT plan, nps_tally_agg(tally) FROM paris.answer_tally GROUP BY plan' 3
counted "SELECT value, nps_tally_agg(nps_counts(detractors, passives, promoters)) FROM paris.segment_trend WHERE grain = 'month' AND segment = 'plan' GROUP BY value" 3
# of a view of tallies, the tallies come; its condition goes there
is "rows sent of everywhere" "$(near_sql -c "SELECT rows, remote LIKE '%FROM public.answer_tally WHERE ((plan = ''pro''))'
	FROM sent('SELECT nps_period(day, ''month'') AS month, nps_tally_agg(tally) FROM everywhere WHERE plan = ''pro'' GROUP BY month')")" "$days|t"
is "rows sent of reports" "$(near_sql -c "SELECT rows, remote LIKE '%WHERE ((grain = ''month'')) AND ((segment = ''plan''))' FROM sent('SELECT * FROM by_month_and_plan')")" "15|t"
# Not shipped: a constant of a type that is compared under a collation, as a time zone or a scale is ...
fetched "SELECT nps_period(responded_at, 'Europe/Berlin', 'month') AS month, nps_tally_agg(score) FROM paris.response GROUP BY month" "$answers"
fetched "SELECT plan, nps_tally_agg(score, 'nps') FROM paris.response GROUP BY plan" "$answers"
# ... and halves of an aggregate: of a table with foreign partitions, unless it is grouped by partition.
far_sql -c "CREATE VIEW partition AS SELECT 'paris'::text AS server, plan, score FROM survey.response" || exit 1
near_sql << 'SQL' || exit 1
CREATE TABLE divided (server text, plan text, score integer) PARTITION BY LIST (server);
CREATE TABLE divided_berlin PARTITION OF divided FOR VALUES IN ('berlin');
INSERT INTO divided SELECT 'berlin', plan, score FROM survey.response;
CREATE FOREIGN TABLE divided_paris PARTITION OF divided FOR VALUES IN ('paris') SERVER paris OPTIONS (schema_name 'public', table_name 'partition');
SQL
fetched 'SELECT plan, nps_tally_agg(score) FROM divided GROUP BY plan' "$answers"
export PGOPTIONS="$PGOPTIONS -c enable_partitionwise_aggregate=on"
fetched 'SELECT plan, nps_tally_agg(score) FROM divided GROUP BY plan' "$answers"
counted 'SELECT plan, nps_tally_agg(tally) FROM (SELECT server, plan, nps_tally_agg(score) AS tally FROM divided GROUP BY server, plan) AS part GROUP BY plan' 3

# ------------------------------------------------------------------- bit for bit
# All answers in one table, brought here by psql, and whatever differs from their tallies, scores
# and intervals.  Doubles are compared by their bytes.
near_sql << 'SQL' || exit 1
CREATE TABLE all_answers (LIKE answer);
CREATE FUNCTION bits(tally nps_tally) RETURNS bytea
	RETURN nps_tally_send(tally) || coalesce(float8send(nps_score(tally)), '') || coalesce(float8send(nps_low(tally)), '')
		|| coalesce(float8send(nps_high(tally)), '') || coalesce(float8send(nps_mean_score(tally)), '');
CREATE FUNCTION month_of(at timestamptz) RETURNS date
	RETURN date_trunc('month', at AT TIME ZONE 'Europe/Berlin')::date;
CREATE VIEW one_table AS SELECT plan, month_of(answered_at) AS month, score FROM all_answers WHERE score BETWEEN 0 AND 10;
CREATE VIEW different AS
SELECT 'by_plan' AS what
FROM by_plan FULL JOIN (SELECT plan, nps_tally_agg(score) AS tally FROM one_table GROUP BY plan) AS a USING (plan)
WHERE bits(by_plan.tally) IS DISTINCT FROM bits(a.tally)
UNION ALL
SELECT 'everywhere, in all'
FROM (SELECT nps_tally_agg(tally) AS tally FROM everywhere) AS e, (SELECT nps_tally_agg(score) AS tally FROM one_table) AS a
WHERE bits(e.tally) IS DISTINCT FROM bits(a.tally)
UNION ALL
SELECT 'everywhere, by month'
FROM (SELECT nps_period(day, 'month') AS month, nps_tally_agg(tally) AS tally FROM everywhere GROUP BY 1) AS e
FULL JOIN (SELECT month, nps_tally_agg(score) AS tally FROM one_table GROUP BY month) AS a USING (month)
WHERE bits(e.tally) IS DISTINCT FROM bits(a.tally)
UNION ALL
SELECT 'everywhere, by month and plan'
FROM (SELECT nps_period(day, 'month') AS month, plan, nps_tally_agg(tally) AS tally FROM everywhere GROUP BY 1, 2) AS e
FULL JOIN (SELECT month, plan, nps_tally_agg(score) AS tally FROM one_table GROUP BY month, plan) AS a USING (month, plan)
WHERE bits(e.tally) IS DISTINCT FROM bits(a.tally)
UNION ALL
SELECT 'of partitions'
FROM (SELECT plan, nps_tally_agg(score) AS tally FROM divided GROUP BY plan) AS p
FULL JOIN (SELECT plan, nps_tally_agg(score) AS tally FROM one_table GROUP BY plan) AS a USING (plan)
WHERE bits(p.tally) IS DISTINCT FROM bits(a.tally) AND (SELECT count(*) FROM divided_berlin) = (SELECT count(*) FROM survey.response)
UNION ALL
-- reports know categories only: score and interval are the same, the tally is not
SELECT 'reports by month and plan'
FROM by_month_and_plan FULL JOIN (SELECT month, plan, nps_tally_agg(score) AS tally FROM one_table GROUP BY month, plan) AS a USING (month, plan)
WHERE (float8send(nps_score(by_month_and_plan.tally)), float8send(nps_low(by_month_and_plan.tally)), float8send(nps_high(by_month_and_plan.tally)))
	IS DISTINCT FROM (float8send(nps_score(a.tally)), float8send(nps_low(a.tally)), float8send(nps_high(a.tally)))
	OR nps_responses(by_month_and_plan.tally) <> nps_responses(a.tally);
SQL
bring_together() {
    local server
    near_sql -c 'TRUNCATE all_answers' || exit 1
    for server in near far; do
        "${server}_sql" -c 'COPY answer TO STDOUT' | near_sql -c 'COPY all_answers FROM STDIN' || exit 1
    done
}
# compare WHEN
compare() {
    bring_together
    is "different $1" "$(near_sql -c "SELECT coalesce(string_agg(DISTINCT what, ', '), 'nothing') FROM different")" nothing
    is "months and plans $1" "$(near_sql -c 'SELECT count(DISTINCT (month, plan)) >= 15 FROM one_table')" t
}
compare "at rest"
rows_at_rest=$(near_sql -c 'SELECT count(*) FROM all_answers')
# a comparison that cannot fail is none
near_sql -c 'UPDATE all_answers SET score = (score + 1) % 11 WHERE id = (SELECT min(id) FROM all_answers WHERE score BETWEEN 0 AND 10)' || exit 1
[ "$(near_sql -c 'SELECT count(DISTINCT what) FROM different')" -ge 5 ] || fail "one changed answer is not noticed"

# The statements of doc/servers.md, as they stand there, and what they should return.
section=$(awk '/^## Several servers/ { on = 1; next } /^## |^\*\*Citus/ { on = 0 } on && /^    / { print substr($0, 5) }' "$tree/doc/servers.md" |
    awk '/^SELECT/ { on = 1 } on { print } /;$/ { on = 0 }')
is "statements in doc/servers.md" "$(grep -c ';$' <<< "$section")" 2
bring_together
is "what doc/servers.md says" "$(near_sql <<< "$section" | sort)" "$(near_sql << 'SQL' | sort
SELECT plan, m.responses, m.nps, m.nps_low, m.nps_high FROM (SELECT plan, nps_tally_agg(score) AS tally FROM one_table GROUP BY plan) AS a, nps_summary(tally) AS m;
SELECT month, plan, nps_score(score) FROM one_table GROUP BY month, plan;
SQL
)"

# ----------------------------------------------------------- a writer on each server
# Both surveys are materialized, and their reports are read from the rollups.
for server in near far; do
    is "served from the rollup, $server" "$("${server}_sql" -c "SELECT nps_rollup_serves('survey.rollup')")" t
done
# Each transaction brings a promoter and a detractor, or takes such a pair away: promoters less
# detractors are always the same, unless half of a transaction is seen.
write() {
    local n
    for n in {1..60}; do
        echo "BEGIN;"
        echo "INSERT INTO answer SELECT 100000 + $n * 2 + i, 'new', '2025-02-01 12:00+01', i * 10, 'pro' FROM generate_series(0, 1) AS i;"
        echo "COMMIT; BEGIN;"
        echo "UPDATE answer SET plan = 'team', answered_at = '2025-04-01 00:30+02' WHERE id / 2 = 50000 + $n;"
        echo "SELECT pg_sleep(0.03) AS slept \\gset"
        [ $((n % 3)) != 0 ] || echo "DELETE FROM answer WHERE id / 2 = 50000 + $n;"
        echo "COMMIT;"
        [ $((n % 20)) != 0 ] || echo "SELECT nps_compact('survey') \\gset"
    done
}
excess="SELECT (SELECT sum(nps_promoters(tally) - nps_detractors(tally)) FROM by_plan),
	(SELECT sum(nps_promoters(tally) - nps_detractors(tally)) FROM everywhere),
	(SELECT sum(nps_promoters(tally) - nps_detractors(tally)) FROM by_month_and_plan)"
before=$(near_sql -c "$excess")
is "promoters less detractors, three ways" "$before" "${before%%|*}|${before%%|*}|${before%%|*}"
write | near_sql > "$tmp/near_writer" 2>&1 &
writers=($!)
write | far_sql > "$tmp/far_writer" 2>&1 &
writers+=($!)
reads=0
while
    is "promoters less detractors while writing" "$(near_sql -c "$excess")" "$before"
    reads=$((reads + 1))
    [ "$failures" = 0 ] && kill -0 "${writers[@]}" 2> /dev/null
do :; done
for writer in "${writers[@]}"; do
    wait "$writer" || fail "a writer failed"
done
writers=()
cat "$tmp/near_writer" "$tmp/far_writer"
near_sql -c "TRUNCATE divided_berlin" -c "INSERT INTO divided SELECT 'berlin', plan, score FROM survey.response" || exit 1
compare "after the writers"
[ "$reads" -ge 3 ] || fail "the writers had finished after $reads reads"
is "rows written" "$(near_sql -c 'SELECT count(*) FROM all_answers')" $((rows_at_rest + 160))
for server in near far; do
    is "cells that differ, $server" "$("${server}_sql" -c "SELECT count(*) FROM nps_verify('survey')")" 0
    is "still served from the rollup, $server" "$("${server}_sql" -c "SELECT nps_rollup_serves('survey.rollup')")" t
done

# ------------------------------------------------------------------- a partition far away
# A materialized source gets a partition that is a foreign table: writes to it, and past it, do not
# fail, the reports read the source, and the rollup is exact when it is gone.
far_sql -c 'CREATE TABLE far_part (id integer, score integer)' || exit 1
near_sql << 'SQL' > "$tmp/far_part" 2>&1 || fail "a write to a partition far away: $(cat "$tmp/far_part")"
CREATE TABLE parted (id integer, score integer) PARTITION BY RANGE (id);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (100);
INSERT INTO parted SELECT i, i % 11 FROM generate_series(1, 50) i;
SELECT FROM nps_attach('parted', 'score', 'parted_survey', response_id => 'id');
CALL nps_materialize('parted_survey');
CREATE FOREIGN TABLE parted_2 PARTITION OF parted FOR VALUES FROM (100) TO (200) SERVER paris OPTIONS (table_name 'far_part');
INSERT INTO parted VALUES (101, 9), (51, 9), (52, 9);
UPDATE parted SET id = id + 100 WHERE id = 52;
UPDATE parted SET score = 1 WHERE id = 101;
INSERT INTO parted_2 VALUES (103, 9);
COPY parted FROM stdin;
104	9
\.
DELETE FROM parted WHERE id = 104;
SQL
parted="SELECT responses = (SELECT count(*) FROM parted), nps = (SELECT nps_score(score) FROM parted), nps_rollup_serves('parted_survey.rollup'), responses FROM parted_survey.summary"
is "with a partition far away" "$(near_sql -c "$parted")" "t|t|f|54"
near_sql -c 'ALTER TABLE parted DETACH PARTITION parted_2' -c 'INSERT INTO parted_2 VALUES (105, 3)' || exit 1
is "when it is gone" "$(near_sql -c "$parted")" "t|t|t|51"

# ------------------------------------------------------------------------- rights
# Over there, what the mapped role may see is what comes: nothing without the rights of a reader,
# and the whole with them, though it can write nothing.
far_sql -c 'CREATE ROLE regress_nps_reader LOGIN' -c 'GRANT SELECT ON answer_tally TO regress_nps_reader' || exit 1
total=$(near_sql -c 'SELECT nps_tally_agg(tally) FROM everywhere')
near_sql -c "ALTER USER MAPPING FOR CURRENT_USER SERVER paris OPTIONS (SET user 'regress_nps_reader')" || exit 1
near_sql -c 'SELECT nps_tally_agg(tally) FROM everywhere' > "$tmp/denied" 2>&1 && fail "answers are counted without the right to read them"
grep -q 'permission denied' "$tmp/denied" || fail "not denied, but $(cat "$tmp/denied")"
far_sql -c "SELECT nps_grant('survey', 'regress_nps_reader', 'reader')" -c 'GRANT SELECT ON answer TO regress_nps_reader' > "$tmp/granted" || exit 1
is "counted by a reader" "$(near_sql -c 'SELECT nps_tally_agg(tally) FROM everywhere')" "$total"

echo "two_servers: $answers answers and $days days far away, $reads reads beside two writers"
if [ "$failures" != 0 ]; then
    echo "---- what the example printed"
    cat "$tmp/example"
    exit 1
fi
