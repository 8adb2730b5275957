#!/bin/bash
# Measures a materialized survey on a throw-away server: what its reports cost at
# several sizes, what planning them costs with many partitions, what keeping the
# rollup costs a writer, and what it takes to build.  Where DESIGN has a bar, it is
# printed beside.
# usage: bench/rollup.sh [--markdown]
#
#   --markdown              print the tables as Markdown
#   NPS_BENCH_SIZES=...     rows of the tables that are read (100000 1000000 10000000)
#   NPS_BENCH_PARTS=...     numbers of partitions (24 200)
#   NPS_BENCH_LOAD=...      rows of a COPY (500000)
#   NPS_BENCH_RUNS=...      timed runs of each query, of which the best counts (5)
#   NPS_BENCH_SECONDS=...   seconds of each run of pgbench (10)
#   NPS_BENCH_ROUNDS=...    rounds of pgbench and COPY, of which the best counts (3)
set -euo pipefail

markdown=
[ "${1-}" != --markdown ] || markdown=yes
sizes=${NPS_BENCH_SIZES:-100000 1000000 10000000}
runs=${NPS_BENCH_RUNS:-5}
parts=${NPS_BENCH_PARTS:-24 200}
load=${NPS_BENCH_LOAD:-500000}
seconds=${NPS_BENCH_SECONDS:-10}
rounds=${NPS_BENCH_ROUNDS:-3}
biggest=$(tr ' ' '\n' <<< "$sizes" | sort -n | tail -1)

# fsync on: what a writer pays is to be compared with what a commit costs.
if [ -z "${NPS_SOURCE-}" ]; then
    here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
    options="-c shared_buffers=$((biggest / 2000 + 256))MB -c checkpoint_timeout=1d -c max_wal_size=32GB -c autovacuum=off"
    export NPS_DURABLE=1 NPS_POSTGRES_OPTIONS="$options ${NPS_POSTGRES_OPTIONS-}"
    exec bash "$here/test/with_cluster.sh" bench/rollup.sh "$@"
fi

export PGOPTIONS='-c jit=off -c max_parallel_workers_per_gather=0 -c work_mem=64MB -c TimeZone=UTC'
sql() { psql -XAtq -v ON_ERROR_STOP=1 "$@"; }
best() { sort -n | head -1; }
most() { sort -n | tail -1; }

# row CELL... prints a row of a table; the first call prints the line below the heading too
row() {
    if [ -n "$markdown" ]; then
        printf '|'; printf ' %s |' "$@"; echo
        [ -n "$heading" ] || { printf '|---'; printf '%.0s|---:' $(seq 2 $#); echo '|'; }
    else
        printf '%-46s' "$1"; shift; printf ' %16s' "$@"; echo
    fi
    heading=done
}

# milliseconds of the best run of a query
timed() {
    { for ((run = 0; run <= runs; run++)); do printf '\\timing on\n%s;\n\\timing off\n' "$1"; done; } |
        sql -o /dev/null | sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p' | tail -n +2 | best
}

within() { awk -v t="$1" -v bar="$2" 'BEGIN { print "< " bar ", " (t < bar ? "ok" : "MISSED") }'; }

# milliseconds of the only run of a statement
timed_once() { printf '\\timing on\n%s;\n' "$1" | sql -o /dev/null | sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p'; }

# milliseconds that a query is planned for: in a new session, and the best of those after
planned() {
    { for ((run = 0; run <= runs; run++)); do echo "EXPLAIN (SUMMARY) $1;"; done; } | sql | sed -n 's/^Planning Time: \([0-9.]*\) ms.*/\1/p' > "$work/planned"
    echo "$(head -1 "$work/planned") $(tail -n +2 "$work/planned" | best)"
}

sql <<< 'CREATE EXTENSION nps' > /dev/null
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# ------------------------------------------------------------------- reading
# Three years, two segments with 4 and 10 values: 43,840 cells where there are answers enough.
make_answers() { # TABLE ROWS
    sql > /dev/null << END
SELECT setseed(0.5);
CREATE UNLOGGED TABLE $1 AS
SELECT i AS id, floor(random() * $2 * 0.3)::integer AS customer,
       CASE WHEN i % 20 > 0 THEN CASE WHEN random() < 1 / 7.0 THEN floor(random() * 7) ELSE 7 + floor(random() * 4) END::smallint END AS score,
       '2023-11-01'::timestamptz + i * (interval '1096 days' / $2) AS answered_at,
       CASE WHEN i % 3 = 0 THEN 'a comment of some words' END AS comment,
       (ARRAY['free', 'starter', 'business', 'enterprise'])[1 + (random() * 3)::integer] AS plan,
       'region ' || floor(random() * 10) AS region
FROM generate_series(1, $2) AS i;
ALTER TABLE $1 ADD PRIMARY KEY (id);
SELECT count(*) FROM nps_attach('$1', 'score', '$1_kept', respondent => 'customer', responded_at => 'answered_at', comment => 'comment',
    segments => ARRAY['plan', 'region'], time_zone => 'Europe/Berlin', loop_since => '-infinity');
SELECT count(*) FROM nps_attach('$1', 'score', '$1_plain', respondent => 'customer', responded_at => 'answered_at', comment => 'comment',
    segments => ARRAY['plan', 'region'], time_zone => 'Europe/Berlin', loop_since => '-infinity');
VACUUM (ANALYZE) $1;
END
}

heading=
row 'milliseconds' 'rows' 'cells' 'with the rollup' 'from the source' 'refresh of a materialized view' 'times as fast' 'bar'
for rows in $sizes; do
    table=answer_$rows
    echo "== $rows rows" >&2
    make_answers "$table" "$rows"
    build=$(printf '\\timing on\nCALL nps_materialize($$%s$$);\n' "${table}_kept" | sql | sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p')
    cells=$(sql -c "SELECT count(*) FROM ${table}_kept.rollup")
    for report in "summary" "trend WHERE grain = 'month'" "segment WHERE segment = 'plan'" "segment_trend WHERE grain = 'month' AND segment = 'plan'"; do
        kept=$(timed "SELECT * FROM ${table}_kept.$report")
        plain=$(runs=1 timed "SELECT * FROM ${table}_plain.$report")
        sql -c "CREATE MATERIALIZED VIEW refreshed AS SELECT * FROM ${table}_plain.$report"
        refreshed=$(runs=1 timed 'REFRESH MATERIALIZED VIEW refreshed')
        sql -c 'DROP MATERIALIZED VIEW refreshed'
        row "${report/ WHERE/,}" "$rows" "$cells" "$kept" "$plain" "$refreshed" "$(awk -v a="$plain" -v b="$kept" 'BEGIN { printf "%.0f", a / b }')" "$(within "$kept" 50)"
    done
    row 'nps_materialize()' "$rows" "$cells" "$build" '' '' '' ''
    row 'nps_verify()' "$rows" "$cells" "$(runs=1 timed "SELECT * FROM nps_verify('${table}_kept')")" '' '' '' ''
    row 'nps_compact(), nothing to fold' "$rows" "$cells" "$(runs=1 timed "SELECT * FROM nps_compact('${table}_kept')")" '' '' '' ''
    sql -c "SELECT 'bytes a row of the rollup: ' || pg_relation_size('${table}_kept.rollup') / greatest($cells, 1)" >&2
    [ "$rows" = "$biggest" ] || sql -c "DROP SCHEMA ${table}_kept, ${table}_plain CASCADE" -c "DROP TABLE $table" 2> /dev/null
done

# how many rows that are not folded a report can bear: those of as many statements
table=answer_$biggest
for unfolded in 1000 10000 100000; do
    sql -c "DO 'BEGIN FOR i IN 1..$unfolded LOOP INSERT INTO $table (id, customer, score, answered_at, plan, region) VALUES (1000000000 + $unfolded + i, i, i % 11, now(), ''free'', ''region 1''); END LOOP; END'"
    row "trend, grain = 'month', $unfolded rows more" "$biggest" "$(sql -c "SELECT count(*) FROM ${table}_kept.rollup")" "$(timed "SELECT * FROM ${table}_kept.trend WHERE grain = 'month'")" '' '' '' ''
done
row 'nps_compact() of these' "$biggest" '' "$(timed_once "SELECT * FROM nps_compact('${table}_kept')")" '' '' '' ''
sql -c "DROP SCHEMA ${table}_kept, ${table}_plain CASCADE" -c "DROP TABLE $table" 2> /dev/null

# ------------------------------------------------------------------ planning
# The same answers in one table and in partitions by time.
heading=
echo
row 'planning, milliseconds' 'partitions' 'rollup, first' 'rollup' 'source, first' 'source' 'execution, rollup' 'bar'
for count in 0 $parts; do
    table=parted_$count
    echo "== $count partitions" >&2
    sql > /dev/null << END
CREATE TABLE $table (id bigint, score smallint, answered_at timestamptz, comment text, plan text)$([ "$count" = 0 ] || echo ' PARTITION BY RANGE (answered_at)');
SELECT format('CREATE TABLE ${table}_%s PARTITION OF $table FOR VALUES FROM (%L) TO (%L)', n, '2020-01-01'::date + n * 10, '2020-01-01'::date + n * 10 + 10) FROM generate_series(0, $count - 1) n \gexec
INSERT INTO $table SELECT i, i % 11, '2020-01-01 12:00'::timestamptz + i % (10 * greatest($count, 1)) * interval '1 day', 'a comment', 'plan ' || i % 4 FROM generate_series(1, 100000) i;
SELECT count(*) FROM unnest(ARRAY['kept', 'plain']) k, nps_attach('$table', 'score', '${table}_' || k, response_id => 'id', responded_at => 'answered_at', comment => 'comment', segments => ARRAY['plan'],
    time_zone => 'Europe/Berlin', loop_since => '-infinity');
CALL nps_materialize('${table}_kept');
VACUUM (ANALYZE) $table;
END
    for report in "summary" "trend WHERE grain = 'month'" "segment WHERE segment = 'plan'"; do
        read -r first kept <<< "$(planned "SELECT * FROM ${table}_kept.$report")"
        read -r source_first source <<< "$(planned "SELECT * FROM ${table}_plain.$report")"
        row "${report/ WHERE/,}" "$count" "$first" "$kept" "$source_first" "$source" "$(timed "SELECT * FROM ${table}_kept.$report")" "$(within "$first" 4)"
    done
    sql -c "DROP SCHEMA ${table}_kept, ${table}_plain CASCADE" -c "DROP TABLE $table" 2> /dev/null
done

# ------------------------------------------------------------------- writing
# The same table with nothing on it, with a rollup, and with a trigger that does nothing.
columns='id bigint GENERATED ALWAYS AS IDENTITY, customer integer, score smallint, answered_at timestamptz, comment text, plan text, region text'
sql > /dev/null << END
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TABLE bare ($columns, PRIMARY KEY (id));
CREATE TABLE idle (LIKE bare INCLUDING ALL);
CREATE TRIGGER nothing AFTER INSERT ON idle REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION nothing();
CREATE TABLE kept (LIKE bare INCLUDING ALL);
CREATE TABLE bare_parted ($columns) PARTITION BY RANGE (answered_at);
CREATE TABLE idle_parted ($columns) PARTITION BY RANGE (answered_at);
CREATE TRIGGER nothing AFTER INSERT ON idle_parted REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION nothing();
CREATE TABLE kept_parted ($columns) PARTITION BY RANGE (answered_at);
SELECT format('CREATE TABLE %1\$s_%2\$s PARTITION OF %1\$s FOR VALUES FROM (%3\$L) TO (%4\$L)', t, n, '2026-01-01'::date + n * 30, '2026-01-01'::date + n * 30 + 30)
FROM unnest(ARRAY['bare_parted', 'idle_parted', 'kept_parted']) t, generate_series(0, 11) n \\gexec
SELECT count(*) FROM nps_attach('kept', 'score', 'kept_survey', respondent => 'customer', responded_at => 'answered_at', comment => 'comment',
    segments => ARRAY['plan', 'region'], time_zone => 'Europe/Berlin', loop_since => '-infinity');
SELECT count(*) FROM nps_attach('kept_parted', 'score', 'kept_parted_survey', response_id => 'id', respondent => 'customer', responded_at => 'answered_at',
    comment => 'comment', segments => ARRAY['plan', 'region'], time_zone => 'Europe/Berlin', loop_since => '-infinity');
CALL nps_materialize('kept_survey');
CALL nps_materialize('kept_parted_survey');
END
for table in bare idle kept; do
    cat > "$work/$table.sql" << END
\\set customer random(1, 1000000)
\\set score random(0, 10)
\\set day random(0, 359)
\\set region random(0, 9)
INSERT INTO $table (customer, score, answered_at, comment, plan, region)
VALUES (:customer, :score, '2026-01-01'::timestamptz + :day * interval '1 day', 'a comment of some words', 'business', 'region ' || :region);
END
done
sql -c "COPY (SELECT i AS customer, i % 11 AS score, '2026-01-01'::timestamptz + i % 360 * interval '1 day' AS answered_at, 'a comment of some words' AS comment,
    (ARRAY['free', 'starter', 'business', 'enterprise'])[1 + i % 4] AS plan, 'region ' || i % 10 AS region FROM generate_series(1, $load) AS i) TO STDOUT" > "$work/rows"

heading=
echo
row 'a second' 'bare' 'with an empty trigger' 'with the rollup' 'empty / bare' 'rollup / bare' 'bar'
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }
verdict() { awk -v r="$1" -v bar="$2" 'BEGIN { print "≥ " bar ", " (r >= bar ? "ok" : "MISSED") }'; }
for clients in 1 8; do
    echo "== $clients clients" >&2
    : > "$work/bare"; : > "$work/idle"; : > "$work/kept"
    for ((round = 0; round < rounds; round++)); do
        for table in bare idle kept; do
            sql -c "TRUNCATE $table" -c CHECKPOINT
            pgbench -n -M prepared -c "$clients" -j 2 -T "$seconds" -f "$work/$table.sql" 2> /dev/null | sed -n 's/^tps = \([0-9.]*\).*/\1/p' >> "$work/$table"
        done
    done
    bare=$(most < "$work/bare") idle=$(most < "$work/idle") kept=$(most < "$work/kept")
    r=$(ratio "$kept" "$bare")
    row "single-row INSERT, $clients clients" "${bare%.*}" "${idle%.*}" "${kept%.*}" "$(ratio "$idle" "$bare")" "$r" "$(verdict "$r" 0.80)"
done
[ "$(sql -c "SELECT count(*) FROM nps_verify('kept_survey')")" = 0 ] || { echo "the rollup lost count" >&2; exit 1; }
for kind in '0.80 COPY' '0.70 COPY,_partitioned _parted'; do
    read -r bar label suffix <<< "$kind"
    : > "$work/bare"; : > "$work/idle"; : > "$work/kept"
    for ((round = 0; round < rounds; round++)); do
        for table in bare idle kept; do
            sql -c "TRUNCATE $table$suffix" -c CHECKPOINT
            printf '\\timing on\n\\copy %s (customer, score, answered_at, comment, plan, region) FROM %s\n' "$table$suffix" "$work/rows" | sql |
                sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p' >> "$work/$table"
        done
    done
    bare=$(best < "$work/bare") idle=$(best < "$work/idle") kept=$(best < "$work/kept")
    r=$(ratio "$bare" "$kept")
    rate() { awk -v t="$1" -v rows="$load" 'BEGIN { printf "%.0f", 1000 * rows / t }'; }
    row "${label/_/ }, $load rows" "$(rate "$bare")" "$(rate "$idle")" "$(rate "$kept")" "$(ratio "$bare" "$idle")" "$r" "$(verdict "$r" "$bar")"
    [ "$(sql -c "SELECT count(*) FROM nps_verify('kept${suffix}_survey')")" = 0 ] || { echo "the rollup lost count" >&2; exit 1; }
done
