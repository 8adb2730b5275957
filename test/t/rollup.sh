#!/bin/bash
# The rollup of nps_materialize() under random load: whatever writers do, however
# their transactions and the server end, at every moment the reports of a survey
# that reads its rollup are those of a survey that reads the source.
# usage: test/t/rollup.sh [SEED]
#
#   NPS_ROLLUP_SECONDS=...  how long to write (9 if it is not set) beside kills, folding
#                           and rebuilds; then half as long, up to several crashes
set -euo pipefail

seed=${1:-${NPS_ROLLUP_SEED:-4711}}
seconds=${NPS_ROLLUP_SECONDS:-9}
clients=6
echo "seed $seed, $seconds seconds"

database=nps_rollup_test
work=$(mktemp -d)
export PGOPTIONS='-c client_min_messages=warning -c jit=off'
running=()
clean_up() {
    touch "$work/stop"
    for pid in "${running[@]}" $(cat "$work"/*.pid 2> /dev/null); do kill "$pid" 2> /dev/null || true; done
    wait
    rm -rf "$work"
    psql -X -q -d postgres -c "DROP DATABASE IF EXISTS $database WITH (FORCE)" || true
}
trap clean_up EXIT
fail() {
    echo "seed $seed: $*"
    exit 1
}
sql() { psql -X -q -At -v ON_ERROR_STOP=1 -d $database "$@"; }
now_ms() { date +%s%3N; }

# ---------------------------------------------------------------------- tables

# A plain table, a partitioned one (with a partition whose columns stand in
# another order) and an unlogged one, each attached twice; the surveys *_kept will
# be materialized while their sources are written, *_read never.
psql -X -q -d postgres -c "CREATE DATABASE $database"
sql > /dev/null << 'SQL'
CREATE EXTENSION nps;
CREATE SCHEMA desk;
SET search_path = desk, public;
CREATE TABLE whole (
	id integer, bucket integer, score integer, at timestamptz, words text, plan text, country text,
	kind text DEFAULT 'relationship', PRIMARY KEY (id, bucket)
);
CREATE TABLE split (LIKE whole INCLUDING ALL) PARTITION BY LIST (bucket);
CREATE TABLE split_0 PARTITION OF split FOR VALUES IN (0);
CREATE TABLE split_1 (
	kind text DEFAULT 'relationship', gone integer, country text, words text, plan text, at timestamptz, score integer,
	bucket integer NOT NULL, id integer NOT NULL
);
ALTER TABLE split_1 DROP COLUMN gone;
ALTER TABLE split ATTACH PARTITION split_1 FOR VALUES IN (1);
CREATE TABLE split_rest PARTITION OF split DEFAULT;
CREATE UNLOGGED TABLE quick (LIKE whole INCLUDING ALL);

-- longer than a page, so that it is stored out of line
CREATE FUNCTION long() RETURNS text LANGUAGE sql IMMUTABLE RETURN (SELECT string_agg(md5(i::text), '') FROM generate_series(1, 300) i);

DO $$
DECLARE
	source text;
	survey text;
BEGIN
	FOREACH source IN ARRAY ARRAY['whole', 'split', 'quick'] LOOP
		EXECUTE format($i$INSERT INTO %I SELECT i, i %% 3, i %% 12, '2026-03-20'::timestamptz + i * interval '5 hours', CASE i %% 4 WHEN 0 THEN 'word' END,
			(ARRAY['free', 'pro'])[1 + i %% 2], (ARRAY['DE', 'AT'])[1 + i %% 3] FROM generate_series(1, 300) i$i$, source);
		FOREACH survey IN ARRAY ARRAY['kept', 'read'] LOOP
			PERFORM nps_attach(source, 'score', source || '_' || survey, response_id => 'id', responded_at => 'at', comment => 'words',
				segments => ARRAY['plan', 'country'], filter => $f$kind = 'relationship'$f$, time_zone => 'Europe/Berlin', goal => 20);
		END LOOP;
	END LOOP;
END
$$;

-- What is wrong with a survey: the reports in which it is not like its twin, and
-- the cells in which it is not like its source.  For one snapshot.
CREATE FUNCTION public.wrong(source text, reports text[] DEFAULT ARRAY['summary', 'distribution', 'distribution_trend', 'trend', 'segment', 'segment_trend'])
	RETURNS SETOF text LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
	kept CONSTANT text := source || '_kept';
	report text;
	found text;
BEGIN
	FOREACH report IN ARRAY reports LOOP
		FOR found IN EXECUTE format($q$
			SELECT CASE WHEN mine THEN 'rollup' ELSE 'source' END || ': ' || line FROM (
				(SELECT true AS mine, k::text AS line FROM %1$I.%3$I k EXCEPT ALL SELECT true, r::text FROM %2$I.%3$I r) UNION ALL
				(SELECT false, r::text FROM %2$I.%3$I r EXCEPT ALL SELECT false, k::text FROM %1$I.%3$I k)) d ORDER BY line, mine LIMIT 4$q$,
			kept, source || '_read', report)
		LOOP
			RETURN NEXT format('%s.%s: %s', kept, report, left(found, 300));
		END LOOP;
	END LOOP;
	BEGIN
		FOR found IN SELECT v::text FROM nps_verify(kept) v LIMIT 4 LOOP
			RETURN NEXT format('nps_verify(%L): %s', kept, left(found, 300));
		END LOOP;
	EXCEPTION WHEN object_not_in_prerequisite_state THEN
		-- a TRUNCATE since the snapshot; the reports were compared, and come from the source
		IF SQLERRM NOT LIKE 'this transaction began before%' THEN
			RAISE;
		END IF;
	END;
	IF NOT nps_reads_rollup(kept) OR (nps_rollup_unserved(to_regclass(format('%I.rollup', kept)))).trouble IS NOT NULL THEN
		RETURN NEXT format('%s does not read its rollup', kept);
	END IF;
END
$$;
SQL

# ---------------------------------------------------------- random statements

# Nobody but us may deadlock: so ids that several clients write (1 to 120) come in
# rising order within a transaction, and where a statement takes several of them,
# within it, by id and bucket; each client has ids of its own, with which it may do as it likes; a
# row that others may write only moves to a later partition; of the tables,
# whole comes first and quick last; and whoever truncates does that first.
cat > "$work/generate.awk" << 'AWK'
# -v seed -v client -v chunk -v transactions -v folder; a generator of our own, as awks differ
function r(n) { state = (state * 16807) % 2147483647; return int(state / 2147483647 * n) }
function pick(list, n, parts) { n = split(list, parts, "|"); return parts[1 + r(n)] }
function score() { return r(8) ? r(13) - 1 : "NULL" }
function at() {
	if (!r(25)) return pick("NULL|'infinity'|'-infinity'|'2026-03-29 01:00+00'")
	return "'2026-03-20'::timestamptz + interval '" r(20 * 24 * 60) " minutes'"
}
function words() { return pick("NULL|''|' '|'word'|'more words'|E'\\t\\n'") }
function plan() { return r(60) ? pick("NULL|'free'|'pro'|'pro'|''") : "desk.long()" }
function country() { return pick("NULL|'DE'|'AT'|'DE'") }
function kind() { return r(6) ? "'relationship'" : pick("NULL|'transaction'") }
function row(id, bucket) { return "(" id ", " bucket ", " score() ", " at() ", " words() ", " plan() ", " country() ", " kind() ")" }
function change(shared, what, n) {
	n = 1 + r(3)
	what = ""
	while (n--) what = what (what == "" ? "" : ", ") one_change(shared, n)
	return what
}
# no column twice
function one_change(shared, n) {
	if (n == 2) return pick("kind = " kind() "|kind = 'relationship'|words = " words())
	if (n == 1) return pick("at = at + interval '1 day'|at = " at() "|at = NULL|at = at")
	if (!r(4)) return shared ? "bucket = least(bucket + 1, 2)" : "bucket = (bucket + 1) % 3"
	return pick("score = 10 - score|score = NULL|score = " score() "|plan = " plan() "|country = " country() "|score = score|score = 3, plan = country, country = plan")
}
function next_shared(by) {
	cursor += 1 + r(by)
	return cursor
}
function own() { return client * 10000000 + r(60) }

# each gives one statement
function shared_statement(t, id, last, k, list) {
	id = next_shared(25)
	if (id > 120) return own_statement(t)
	k = r(12)
	if (k == 0) return "INSERT INTO " t " VALUES " row(id, id % 3)
	if (k == 1) return "INSERT INTO " t " VALUES " row(id, id % 3) " ON CONFLICT DO NOTHING"
	if (k <= 3) {
		list = row(id, r(3))
		while (r(3) && cursor < 120) { id = next_shared(4); list = list ", " row(id, r(3)) }
		return "INSERT INTO " t " VALUES " list " ON CONFLICT (id, bucket) DO UPDATE SET score = excluded.score, plan = excluded.plan, kind = excluded.kind" \
			pick("|, at = excluded.at|, words = excluded.words WHERE " t ".score > 5")
	}
	if (k <= 6) return "UPDATE " t " SET " change(1) " WHERE id = " id " AND bucket = " r(3)
	if (k == 7) return "DELETE FROM " t " WHERE id = " id " AND bucket = " r(3)
	if (k == 8) return "MERGE INTO " t " a USING (VALUES (" id ", " r(3) ")) n (id, bucket) ON a.id = n.id AND a.bucket = n.bucket" \
		pick("| WHEN MATCHED AND a.score > 8 THEN DELETE") " WHEN MATCHED THEN UPDATE SET score = a.score + 1, " \
			(r(2) ? "words = " words() : "bucket = least(a.bucket + 1, 2)") \
		" WHEN NOT MATCHED THEN INSERT VALUES " row("n.id", "n.bucket")
	last = id + r(15)
	cursor = last
	if (k == 9) return "WITH l AS MATERIALIZED (SELECT id, bucket FROM " t " WHERE id BETWEEN " id " AND " last " ORDER BY id, bucket FOR UPDATE)" \
		" DELETE FROM " t " USING l WHERE " t ".id = l.id AND " t ".bucket = l.bucket AND score " pick("> 4|< 3|IS NULL")
	return "WITH l AS MATERIALIZED (SELECT id, bucket FROM " t " WHERE id BETWEEN " id " AND " last " ORDER BY id, bucket FOR UPDATE)" \
		" UPDATE " t " SET " pick("score = 10 - score|country = plan|kind = 'transaction'|kind = 'relationship'|at = at - interval '1 hour'|words = NULL") \
		" FROM l WHERE " t ".id = l.id AND " t ".bucket = l.bucket"
}
# by the partition's own name
function partition_statement(bucket, t, k, n, list, first) {
	t = "desk.split_" (bucket < 2 ? bucket : "rest")
	first = own()
	k = r(5)
	if (k == 0) return "DELETE FROM " t " WHERE id BETWEEN " first " AND " first + r(10)
	if (k <= 2) return "UPDATE " t " SET " pick("score = 10 - score|plan = 'pro'|kind = 'transaction'|kind = 'relationship'|at = NULL") " WHERE id BETWEEN " first " AND " first + r(20)
	n = k == 3 ? 1 : 1 + r(6)
	while (n--) list = list (list == "" ? "" : ", ") row(own(), bucket)
	return "INSERT INTO " t " (id, bucket, score, at, words, plan, country, kind) VALUES " list " ON CONFLICT (id, bucket) DO " (k == 3 ? "UPDATE SET score = 5" : "NOTHING")
}
function own_statement(t, k, n, list, first, last, file, id) {
	k = r(16)
	first = own()
	last = first + r(20)
	if (k <= 2) {
		n = 1 + r(6)
		while (n--) list = list (list == "" ? "" : ", ") row(own(), r(3))
		return "INSERT INTO " t " VALUES " list pick("| ON CONFLICT DO NOTHING")
	}
	if (k <= 6) return "UPDATE " t " SET " change(0) " WHERE id BETWEEN " first " AND " last
	if (k <= 8) return "DELETE FROM " t " WHERE id BETWEEN " first " AND " last pick("| AND score > 5| AND plan = 'pro'")
	if (k <= 10) return "MERGE INTO " t " a USING (SELECT i AS id, i % 3 AS bucket FROM generate_series(" first ", " last ") i) n ON a.id = n.id AND a.bucket = n.bucket" \
		pick("| WHEN MATCHED AND a.score < 4 THEN DELETE") pick("| WHEN MATCHED AND a.plan = 'free' THEN DO NOTHING") \
		" WHEN MATCHED THEN UPDATE SET " (r(2) ? "score = 7, at = " at() : "bucket = 2 - a.bucket") \
		(r(3) ? " WHEN NOT MATCHED THEN INSERT VALUES " row("n.id", "n.bucket") : "")
	if (k == 11) return "WITH gone AS (DELETE FROM " t " WHERE id BETWEEN " first " AND " last " RETURNING *), changed AS (UPDATE " t " SET score = 2 WHERE id = " last + 1 ")" \
		" INSERT INTO " t " SELECT id + 1000, bucket, score, at, words, country, plan, kind FROM gone ON CONFLICT DO NOTHING"
	if (k == 12) return "DELETE FROM " t " WHERE id BETWEEN " client * 10000000 + 1000 " AND " client * 10000000 + 9999999 " AND id % 4 <> 0"
	if (k == 13) return "INSERT INTO " t " SELECT " fresh + 1 " + i, i % 3, i % 12, '2026-04-01'::timestamptz + i * interval '1 hour', NULL, " plan() ", 'DE' FROM generate_series(0, " r(40) ") i"
	if (k == 14) return "UPDATE " t " SET score = score WHERE id BETWEEN " first " AND " last	# nothing new
	file = folder "/" client "." ++copies ".copy"
	n = 1 + r(20)
	while (n--) {
		fresh++
		printf "%d\t%d\t%s\t%s\t%s\t%s\t%s\n", fresh, r(3), pick("\\N|0|3|7|9|10|12"), pick("\\N|2026-03-28 23:30:00+00|2026-04-02 12:00:00+00"), \
			pick("\\N|words"), pick("\\N|pro|free"), pick("DE|AT") > file
	}
	close(file)
	return "\\copy " t " (id, bucket, score, at, words, plan, country) FROM '" file "'"
}
function say(statement) { print statement (statement ~ /^\\/ ? "" : ";") }
function statements(t, n, depth) {
	while (n--) {
		if (!r(7)) { say("SAVEPOINT s" ++depth) }
		else if (depth && !r(4)) { say(pick("ROLLBACK TO|RELEASE") " SAVEPOINT s" depth--) }
		say(r(5) < 2 ? shared_statement(t) : own_statement(t))
		if (!r(60)) say("SELECT pg_sleep(0.02)")
	}
	if (depth && r(2)) say("ROLLBACK TO SAVEPOINT s" depth)
}
BEGIN {
	state = (seed * 1000003 + client * 7919 + chunk * 104729) % 2147483646 + 1
	for (i = 0; i < 10; i++) r(2)
	fresh = client * 10000000 + (chunk % 9000) * 1000 + 100000
	for (i = 0; i < transactions; i++) {
		cursor = r(60)
		t = pick("desk.whole|desk.split|desk.whole|desk.split|desk.quick")
		# PostgreSQL locks the partitioned table behind the partition then, others the other way round
		if (t == "desk.split" && !r(5)) {
			bucket = r(3)
			say("BEGIN ISOLATION LEVEL " pick("READ COMMITTED|REPEATABLE READ"))
			say("LOCK TABLE " t " IN ACCESS SHARE MODE")
			say(partition_statement(bucket))
			say("SAVEPOINT s1")
			say(partition_statement(bucket))
			say(pick("ROLLBACK TO|RELEASE") " SAVEPOINT s1")
			say(partition_statement(bucket))
			say(r(7) ? "COMMIT" : "ROLLBACK")
			continue
		}
		if (!r(3)) {
			say(r(5) < 2 ? shared_statement(t) : own_statement(t))
			continue
		}
		say("BEGIN ISOLATION LEVEL " pick("READ COMMITTED|READ COMMITTED|REPEATABLE READ|SERIALIZABLE"))
		if (!r(100)) {
			say("TRUNCATE " t)
			say("INSERT INTO " t " SELECT i, i % 3, i % 11, '2026-03-25'::timestamptz + i * interval '1 hour', NULL, 'pro', 'AT' FROM generate_series(1, 120) i")
		}
		statements(t, 1 + r(6))
		if (!r(8) && t != "desk.quick") {
			cursor = r(60)
			statements(t == "desk.whole" ? "desk.split" : "desk.quick", 1 + r(3))
		}
		say(r(7) ? "COMMIT" : "ROLLBACK")
	}
}
AWK

# ----------------------------------------------------------- writers and others

# A writer that dies begins anew, as by a supervisor, with other statements.
write_on() { # CLIENT
    local chunk=0
    while [ ! -e "$work/stop" ]; do
        chunk=$((chunk + 1))
        awk -v seed="$seed" -v client="$1" -v chunk=$((phase * 1000 + chunk)) -v transactions=60 -v folder="$work" \
            -f "$work/generate.awk" < /dev/null > "$work/$1.sql"
        [ ! -e "$work/stop" ] || break
        PGAPPNAME=writer psql -X -At -v VERBOSITY=verbose -d $database -f "$work/$1.sql" >> "$work/$1.out" 2>> "$work/$1.err" &
        echo $! > "$work/$1.pid"
        wait $! || sleep 0.02
        rm -f "$work/$1".*.copy
    done
}
# Runs a statement again and again beside them; its results and errors are kept.
again() { # NAME PAUSE STATEMENT...
    local name=$1 pause=$2
    local arguments=()
    shift 2
    for statement in "$@"; do arguments+=(-c "$statement"); done
    while [ ! -e "$work/stop" ]; do
        PGAPPNAME=$name psql -X -At -v VERBOSITY=verbose -v ON_ERROR_STOP=1 -d $database "${arguments[@]}" \
            >> "$work/$name.out" 2>> "$work/$name.err" || true
        sleep "$pause"
    done
}
start_writers() {
    rm -f "$work/stop"
    for ((i = 1; i <= clients; i++)); do
        write_on $i 2> /dev/null &
        running+=($!)
    done
}
start() { # as again
    again "$@" 2> /dev/null &
    running+=($!)
}
# All ends, writers in the middle of what they do.
stop_all() {
    touch "$work/stop"
    sql -c "SET client_min_messages = error" \
        -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'writer'" > /dev/null
    for pid in "${running[@]}"; do wait "$pid" || true; done
    running=()
    for _ in {1..200}; do
        [ "$(sql -c "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'")" != 1 ] || return 0
        sleep 0.05
    done
    fail "writers do not end"
}
count() { # PATTERN FILE...
    cat "${@:2}" 2> /dev/null | grep -cE "$1" || true
}
expect_nothing_wrong() { # WHEN SOURCE...
    sql -c "SELECT wrong(s) FROM unnest(string_to_array('${*:2}', ' ')) s" > "$work/wrong"
    if [ -s "$work/wrong" ]; then
        cat "$work/wrong"
        fail "$1: reports differ"
    fi
}
# Errors that such writers meet; any other is a failure.  Of deadlocks there is none.
expect_no_other_errors() {
    grep -hE '^(psql:.*: )?(ERROR|FATAL|PANIC|WARNING): ' "$work"/*.err |
        grep -vE "(ERROR|FATAL|WARNING): +($1)" > "$work/wrong" || true
    if [ -s "$work/wrong" ]; then
        sort "$work/wrong" | uniq -c | sort -rn | head -n 10
        grep -hA 6 -m 3 '40P01' "$work"/*.err || true
        fail "errors that must not be"
    fi
}

check_now="BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
reader() { # SOURCE
    start "reader-$1" 0.05 "$check_now" "SELECT wrong('$1', ARRAY['summary', 'segment', 'trend'])" "SELECT 'checked'" "COMMIT"
}

# ------------------------------------------------- phase 1: load, kills, folding

phase=1
began=$(now_ms)
start_writers
sleep 0.3
for source in whole split quick; do
    sql -c "CALL nps_materialize('${source}_kept')" || fail "a survey that is written cannot be materialized"
done
for source in whole split; do reader $source; done
start folder 0.2 "SELECT 'folded', nps_compact('whole_kept')" "SELECT 'folded', nps_compact('split_kept')" "VACUUM whole_kept.rollup"
# that a rollup comes and goes is nothing to those who write either
start changer 0.5 "CALL nps_dematerialize('quick_kept')" "CALL nps_materialize('quick_kept')" "SELECT 'changed'"
start rebuilder 0.5 "CALL nps_materialize('whole_kept', rebuild => true)" "CALL nps_materialize('split_kept', rebuild => true)" "SELECT 'rebuilt'"
kills=0
RANDOM=$((seed % 32768))
# longer on a machine that is busy
enough() {
    [ "$(count '^checked$' "$work"/reader-*.out)" -ge 10 ] && [ "$(count '^folded' "$work/folder.out")" -ge 10 ] &&
        [ "$(count '^rebuilt$' "$work/rebuilder.out")" -ge 2 ] && [ "$(count '^changed$' "$work/changer.out")" -ge 1 ] &&
        [ "$(count '40001' "$work"/[0-9].err)" -ge 10 ] && [ $kills -ge 5 ]
}
while [ $(($(now_ms) - began)) -lt $((seconds * 1000)) ] || { [ $(($(now_ms) - began)) -lt 60000 ] && ! enough; }; do
    sleep 0.$((RANDOM % 5 + 1))
    who=writer
    if [ $((RANDOM % 6)) = 0 ]; then who='folder|rebuilder|changer'; fi
    killed=$(sql -c "SET client_min_messages = error" -c "SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity
        WHERE datname = current_database() AND application_name ~ '^($who)$' AND state <> 'idle' ORDER BY random() LIMIT 1) a")
    kills=$((kills + killed))
done
stop_all
expected='40001:|23505:|25P02:|57P01:|3B001:|terminating connection due to administrator command'
expect_no_other_errors "$expected"
if ! enough; then
    tail -n 20 "$work"/{folder,rebuilder,changer,reader-*}.{out,err}
    fail "too little happened"
fi
checks=$(count '^checked$' "$work"/reader-*.out)
grep -hvE '^(BEGIN|COMMIT|checked)$' "$work"/reader-*.out > "$work/wrong" || true
if [ -s "$work/wrong" ]; then
    head -n 20 "$work/wrong"
    fail "a reader saw reports that differ, $(wc -l < "$work/wrong") lines"
fi
sql -c "CALL nps_materialize('quick_kept')"
expect_nothing_wrong "after the load" whole split quick

# folded to the last: a row for each cell, and as right as before
for source in whole split quick; do
    sql -c "SELECT nps_compact('${source}_kept')" > /dev/null
    [ "$(sql -c "SELECT count(*) = count(DISTINCT r) AND count(*) > 0 FROM (SELECT ROW(day, plan, country, leaf) FROM ${source}_kept.rollup) c (r)")" = t ] ||
        fail "folding leaves two rows for a cell"
done
expect_nothing_wrong "after folding" whole split quick

# ------------------------------------------------------------- phase 2: crashes

data=$(sql -c 'SHOW data_directory')
log=$(dirname "$data")/server.log
wait_for_server() {
    for _ in {1..2400}; do
        if sql -c 'SELECT' > /dev/null 2>&1; then return 0; fi
        sleep 0.05
    done
    tail -n 30 "$log"
    fail "the server does not come back"
}
crashes=0
phase=2
began=$(now_ms)
while [ $crashes -lt 4 ] || [ $(($(now_ms) - began)) -lt $((seconds * 1000 / 2)) ]; do
    phase=$((phase + 1))
    start_writers
    start folder 0.1 "SELECT 'folded', nps_compact('whole_kept')" "SELECT 'folded', nps_compact('split_kept')"
    start rebuilder 0.3 "CALL nps_materialize('whole_kept', rebuild => true)" "CALL nps_materialize('split_kept', rebuild => true)" "SELECT 'rebuilt'"
    sleep 0.$((RANDOM % 5 + 5))
    crashes=$((crashes + 1))
    if [ $((crashes % 2)) = 1 ]; then
        # one may be gone between the look at it and the blow
        killed=
        : > "$work/kill"
        for _ in {1..1000}; do
            victim=$(sql -c "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name IN ('writer', 'folder', 'rebuilder')
                AND state = 'active' ORDER BY random() LIMIT 1")
            if [ -n "$victim" ] && kill -KILL "$victim" 2> "$work/kill"; then
                killed=yes
                break
            fi
        done
        [ -n "$killed" ] || fail "cannot kill a backend: $(cat "$work/kill")"
        sleep 0.1
    else
        pg_ctl restart -D "$data" -m immediate -w -t 60 -l "$log" > "$work/restart" 2>&1 < /dev/null || {
            cat "$work/restart"
            tail -n 20 "$log"
            fail "the server does not start again"
        }
    fi
    wait_for_server
    sleep 0.2
    stop_all
    expect_nothing_wrong "after crash $crashes" whole split
    # quick is empty after a crash, and so is what says that it was counted; not for long
    sql -c "CALL nps_materialize('quick_kept')"
    expect_nothing_wrong "after crash $crashes" quick
    sql -c "INSERT INTO desk.quick SELECT i, i % 3, i % 12, '2026-04-01', 'word', 'pro', 'DE' FROM generate_series(200001, 200100) i ON CONFLICT DO NOTHING"
    expect_nothing_wrong "after crash $crashes and new answers" quick
done
expect_no_other_errors "$expected|57P02:|57P03:|terminating connection (because of crash|due to immediate shutdown)|the database system is"

# ----------------------------------------------------- that all this would tell

# With a trigger disabled for a while there is drift, and the reports read the source.
for source in whole split; do
    sql -c "DELETE FROM desk.$source WHERE id BETWEEN 300001 AND 300009" \
        -c "INSERT INTO desk.$source SELECT i, i % 3, 3, '2026-04-01', 'word', 'pro', 'DE' FROM generate_series(300001, 300009) i"
    export PGOPTIONS="$PGOPTIONS -c client_min_messages=error"	# that the rollup is not kept current meanwhile
    trigger=nps_rollup_$([ $source = split ] && echo row || echo update)_${source}_kept
    sql -c "ALTER TABLE desk.$source DISABLE TRIGGER $trigger" \
        -c "UPDATE desk.$source SET score = 9 WHERE id BETWEEN 300001 AND 300009" \
        -c "ALTER TABLE desk.$source ENABLE TRIGGER $trigger"
    sql -c "$check_now" -c "SELECT wrong('$source', ARRAY['summary', 'segment', 'trend'])" -c COMMIT > "$work/wrong"
    for told in "nps_verify('${source}_kept'): " "${source}_kept does not read its rollup"; do
        grep -qF "$told" "$work/wrong" || fail "a trigger was disabled, and it is not told: $told"
    done
    ! grep -E "^${source}_kept\\.(summary|segment|trend): " "$work/wrong" || fail "a trigger was disabled, and reports differ"
    sql -c "CALL nps_materialize('${source}_kept', rebuild => true)"
    expect_nothing_wrong "after a rebuild" $source
done

# A snapshot from before the rollup was made still sees all answers.
sql -c "CALL nps_dematerialize('quick_kept')"
PGAPPNAME=early sql -c "BEGIN ISOLATION LEVEL REPEATABLE READ" -c "SELECT count(*) > 0 FROM desk.quick" -c "SELECT pg_sleep(1)" \
    -c "SELECT (SELECT responses FROM quick_kept.summary) = (SELECT responses FROM quick_read.summary)" -c COMMIT > "$work/early" &
echo $! > "$work/early.pid"
until [ "$(sql -c "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'early' AND wait_event = 'PgSleep'")" = 1 ]; do sleep 0.02; done
sql -c "CALL nps_materialize('quick_kept')"
wait "$(cat "$work/early.pid")" || fail "a reader that began before the rollup was made"
[ "$(tr -d '\n' < "$work/early")" = tt ] || fail "a snapshot from before the rollup was made sees no answers"
expect_nothing_wrong "after that" quick

# --------------------------------------------------------------------- summary

tags() { count "^$1( |\$)" "$work"/[0-9].out; }
serialization=$(count '40001' "$work"/[0-9].err)
folds=$(count '^folded' "$work/folder.out")
rebuilds=$(count '^rebuilt$' "$work/rebuilder.out")
echo "statements: $(for tag in INSERT UPDATE DELETE MERGE COPY TRUNCATE SAVEPOINT BEGIN COMMIT ROLLBACK; do printf '%s %s  ' $tag "$(tags $tag)"; done)"
echo "$serialization serialization failures, $(count '23505' "$work"/[0-9].err) duplicate keys, no deadlocks"
echo "$checks checks while writing, $folds folds, $rebuilds rebuilds of both, $(count '^changed$' "$work/changer.out") times back to the source and again, $kills kills, $crashes crashes"
for kind in INSERT UPDATE DELETE MERGE COPY TRUNCATE; do
    [ "$(tags $kind)" -gt 0 ] || fail "no $kind was done"
done
