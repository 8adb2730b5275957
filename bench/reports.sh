#!/bin/bash
# Measures the views of a survey over a big table, on a throw-away server.
# usage: bench/reports.sh [--markdown]
#
#   --markdown            print the table as Markdown
#   NPS_BENCH_ROWS=...    rows of the table (10000000)
#   NPS_BENCH_RUNS=...    timed runs of each query, of which the best counts (3)
#   NPS_BENCH_ONLY=...    of the rows behind the first only those that match this (all)
#
# No bar is tested here: the table tells what each view costs, in all and for a
# row of the table, beside counting the rows.
set -euo pipefail

markdown=
[ "${1-}" != --markdown ] || markdown=yes
rows=${NPS_BENCH_ROWS:-10000000}
runs=${NPS_BENCH_RUNS:-3}

# The table and its indexes stay in memory; see run.sh.
if [ -z "${NPS_SOURCE-}" ]; then
    here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
    options="-c shared_buffers=$((rows / 2000 + 64))MB -c autovacuum=off -c checkpoint_timeout=1d -c max_wal_size=16GB"
    export NPS_POSTGRES_OPTIONS="$options ${NPS_POSTGRES_OPTIONS-}"
    exec bash "$here/test/with_cluster.sh" bench/reports.sh "$@"
fi

export PGOPTIONS='-c jit=off -c max_parallel_workers_per_gather=0 -c work_mem=64MB -c TimeZone=UTC'
sql() { psql -XAtq -v ON_ERROR_STOP=1 "$@"; }

# Three years in the order of time; one row in twenty is unanswered, one answer
# in seven is a detractor's, one in three has a comment; respondents have about
# three answers each.  Of 10 million rows about 100,000 detractors are to be
# followed up.  The indexes are those that nps_check() proposes.
echo "== making $rows rows" >&2
sql > /dev/null << EOF
CREATE EXTENSION nps;
SELECT setseed(0.5);
CREATE UNLOGGED TABLE answer AS
SELECT i AS id, floor(random() * $rows * 0.3)::integer AS customer, floor(random() * $rows * 0.01)::integer AS company,
       CASE WHEN i % 20 > 0 THEN CASE WHEN random() < 1 / 7.0 THEN floor(random() * 7) ELSE 7 + floor(random() * 4) END::smallint END AS score,
       now() - interval '1096 days' + i * (interval '1096 days' / $rows) AS answered_at,
       CASE WHEN i % 3 = 0 THEN 'a comment of some words' END AS comment,
       (ARRAY['free', 'starter', 'business', 'enterprise'])[1 + i % 4] AS plan
FROM generate_series(1, $rows) AS i;
ALTER TABLE answer ADD PRIMARY KEY (id);
SELECT count(*) FROM nps_attach('answer', 'score', 'survey', respondent => 'customer', account => 'company',
    responded_at => 'answered_at', comment => 'comment', segments => ARRAY['plan'], time_zone => 'Europe/Berlin', loop_since => '-infinity');
ANALYZE answer;
SELECT fix FROM nps_check('survey') WHERE finding = 'missing index' \\gexec
VACUUM (ANALYZE) answer;
EOF

labels=()
queries=()
setups=()
add() { # LABEL SQL [SQL-BEFORE]
    labels+=("$1")
    queries+=("$2")
    setups+=("${3-}")
}
# As an application does it: prepared once, and run many times.
add_prepared() { # LABEL SQL-WITH-ONE-PARAMETER TYPE VALUE
    add "$1, prepared" "EXECUTE look_up ($4)" \
        "SET plan_cache_mode = force_generic_plan; PREPARE look_up ($3) AS $2; EXECUTE look_up ($4);"
}
# OFFSET 0 keeps the planner from leaving out columns that nobody reads.
all() { echo "SELECT count(x) FROM (SELECT * FROM survey.$1 OFFSET 0) AS x"; }
add 'count(*) of the table' 'SELECT count(*) FROM answer'
add 'summary' "$(all summary)"
add 'distribution' "$(all distribution)"
add "trend, grain = 'month'" "$(all "trend WHERE grain = 'month'")"
add "trend, grain = 'day'" "$(all "trend WHERE grain = 'day'")"
add 'trend, all grains' "$(all trend)"
add "segment, segment = 'plan'" "$(all "segment WHERE segment = 'plan'")"
add "segment_trend, one grain and segment" "$(all "segment_trend WHERE grain = 'month' AND segment = 'plan'")"
add 'response, NPS of a month' "SELECT nps_score(score) FROM survey.response WHERE responded_at >= '2024-05-01' AND responded_at < '2024-06-01'"
add 'response, detractors of all times' 'SELECT count(*) FROM survey.response WHERE nps_is_detractor(score)'
add 'not_counted' "$(all not_counted)"
add 'respondent, one by key' "$(all 'respondent WHERE respondent = 4711')"
add 'respondent, all' "$(all respondent)"
add 'account' "$(all account)"
add 'transition' "$(all transition)"
add_prepared 'respondent, one by key' 'SELECT * FROM survey.respondent WHERE respondent = $1' integer 4711
case=$(sql -c 'SELECT case_id FROM survey.followup OFFSET 100 LIMIT 1')
add 'followup, first 50' "$(all 'followup LIMIT 50')"
add 'followup, all open cases' "$(all followup)"
add 'followup, one case by key' "$(all "followup WHERE case_id = $case")"
add_prepared 'followup, one case by key' 'SELECT * FROM survey.followup WHERE case_id = $1' bigint "$case"
add 'followup_all' "$(all followup_all)"
add "closed_loop, one grain and segment" "$(all "closed_loop WHERE grain = 'month' AND segment = 'all'")"

for i in "${!queries[@]}"; do
    [ "$i" = 0 ] || [[ ${labels[i]} =~ ${NPS_BENCH_ONLY-} ]] || continue
    echo "== ${labels[i]}" >&2
    best=
    # the first run is not counted
    for ((run = 0; run <= runs; run++)); do
        time=$(printf '%s\n' "${setups[i]}" '\timing on' "${queries[i]};" | sql | sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p')
        [ "$run" -gt 0 ] || continue
        best=$(awk -v a="$time" -v b="${best:-$time}" 'BEGIN { print a < b ? a : b }')
    done
    echo "${labels[i]}|$best"
done | awk -F '|' -v rows="$rows" -v markdown="$markdown" '
    BEGIN {
        if (markdown) { print "| view | ms | ns a row | times count(*) |"; print "|---|---:|---:|---:|" }
        else printf "%-50s %12s %12s %16s\n", "view", "ms", "ns a row", "times count(*)"
    }
    {
        if (NR == 1) base = $2
        format = markdown ? "| %s | %.1f | %.0f | %.2f |\n" : "%-50s %12.1f %12.0f %16.2f\n"
        printf format, $1, $2, $2 * 1e6 / rows, $2 / base
    }'
