#!/bin/bash
# Measures the views of a survey against passes over the same table, on a throw-away server.
# usage: bench/reports.sh [--markdown] [--major N]
#
#   --markdown            print the table as Markdown
#   --major N             use PostgreSQL N
#   NPS_BENCH_ROWS=...    rows of the table (1000000)
#   NPS_BENCH_RUNS=...    timed runs of each query, of which the best counts (5)
#   NPS_BENCH_ONLY=...    only the parts that match this: report, fold, list, source, key, plan, cause
#
# A bar that is missed is no failure, as no timing is a test: the exit code is 0
# unless a query fails or gives a wrong result.
set -euo pipefail

rows=${NPS_BENCH_ROWS:-1000000}
. "$(dirname "${BASH_SOURCE[0]}")/measure.sh"

# the tables and their indexes stay in memory
go_on_beside_server $((rows / 800 + 64))

wanted() { [[ $1 =~ ${NPS_BENCH_ONLY-} ]]; }

# ------------------------------------------------------------------------ data

# Three years in the order of time; one row in twenty is unanswered, one answer
# in seven is a detractor's, one in three has a comment; respondents have about
# three answers each.  Of a million rows some 135,000 are to be followed up, and
# 11,000 cases are open.  The indexes are those that nps_check() proposes.
attach() { # TABLE SURVEY
    sql > /dev/null << SQL
SELECT count(*) FROM nps_attach('$1', 'score', '$2', respondent => 'customer', account => 'company', response_id => 'id',
    responded_at => 'answered_at', comment => 'comment', segments => ARRAY['plan'], time_zone => 'Europe/Berlin', text_search_config => 'english', loop_since => '-infinity');
ANALYZE $1;
SELECT fix FROM nps_check('$2') WHERE finding = 'missing index' \\gexec
VACUUM (ANALYZE) $1;
INSERT INTO $2.cause (cause, query) VALUES ('price', 'price or expensive'), ('support', 'support or waiting'), ('quality', 'broken or defect'),
    ('delivery', 'late or delivery'), ('app', 'app or crash') ON CONFLICT DO NOTHING;
SQL
}

say "making $rows rows"
sql > /dev/null << EOF
CREATE EXTENSION nps;
SELECT setseed(0.5);
CREATE UNLOGGED TABLE answer AS
SELECT i AS id, floor(random() * $rows * 0.3)::integer AS customer, floor(random() * $rows * 0.01)::integer AS company,
       CASE WHEN i % 20 > 0 THEN CASE WHEN random() < 1 / 7.0 THEN floor(random() * 7) ELSE 7 + floor(random() * 4) END::smallint END AS score,
       now() - interval '1096 days' + i * (interval '1096 days' / $rows) AS answered_at,
       CASE WHEN i % 3 = 0 THEN (ARRAY['a comment of some words', 'the price is too high', 'waiting for support', 'it was late'])[1 + i % 4] END AS comment,
       (ARRAY['free', 'starter', 'business', 'enterprise'])[1 + i % 4] AS plan
FROM generate_series(1, $rows) AS i;
ALTER TABLE answer ADD PRIMARY KEY (id);
EOF
attach answer survey

# The same answers elsewhere; not ten million of them four times.
few=$((rows < 1000000 ? rows : 1000000))
if wanted 'source' || wanted 'key'; then
    say "making $few rows in 24 partitions, in a tree, and with one respondent who gave two answers of a hundred"
    sql > /dev/null << EOF
CREATE UNLOGGED TABLE few AS SELECT * FROM answer ORDER BY id DESC LIMIT $few;
ALTER TABLE few ADD PRIMARY KEY (id);
CREATE UNLOGGED TABLE crowd AS SELECT * FROM few;
UPDATE crowd SET customer = -1 WHERE id % 50 = 0;
ALTER TABLE crowd ADD PRIMARY KEY (id);
CREATE TABLE parted (LIKE few, PRIMARY KEY (id, answered_at)) PARTITION BY RANGE (answered_at);
CREATE TABLE tree (LIKE few);
SELECT format('CREATE UNLOGGED TABLE parted_%s PARTITION OF parted FOR VALUES FROM (%L) TO (%L); CREATE UNLOGGED TABLE tree_%1\$s (CHECK (answered_at >= %2\$L AND answered_at < %3\$L)) INHERITS (tree)',
    i, lowest + i * step, lowest + (i + 1) * step)
FROM (SELECT min(answered_at) AS lowest, (max(answered_at) - min(answered_at)) / 24 + interval '1 second' AS step FROM few) AS t, generate_series(0, 23) AS i \\gexec
INSERT INTO parted SELECT * FROM few;
SELECT format('INSERT INTO tree_%s SELECT * FROM parted_%1\$s', i) FROM generate_series(0, 23) AS i \\gexec
-- an index on the parent of a tree is none on its children
SELECT format('CREATE INDEX ON tree_%s %s', i, definition)
FROM generate_series(0, 23) AS i, unnest(ARRAY['(id)', '(customer, answered_at NULLS FIRST, id) INCLUDE (score, company)', '(score, answered_at) INCLUDE (customer, id)']) AS definition \\gexec
EOF
    for from in few crowd parted tree; do attach "$from" "survey_$from"; done
    sql -c 'VACUUM (ANALYZE)' > /dev/null
fi

# Rows are counted, not sent.  OFFSET 0 keeps the planner from leaving out columns that nobody reads.
all() { echo "SELECT count(x) FROM (SELECT * FROM $1 OFFSET 0) AS x"; }

# -------------------------------------------------------------------- one pass

query[pass]='SELECT count(*) + count(comment) + (max(answered_at) - min(answered_at) IS NULL)::integer FROM answer'
if wanted report; then
    query[summary]=$(all survey.summary)
    query[distribution]=$(all survey.distribution)
    query[trend]=$(all "survey.trend WHERE grain = 'month'")
    query[trends]=$(all survey.trend)
    query[segment]=$(all "survey.segment WHERE segment = 'plan'")
    query[segment_trend]=$(all "survey.segment_trend WHERE grain = 'month' AND segment = 'plan'")
    query[not_counted]=$(all survey.not_counted)
    measure pass summary trend segment distribution segment_trend not_counted trends
    pass='count, min, max'
    compare summary summary pass "$pass" 2.5
    compare trend "trend, grain = 'month'" pass "$pass" 2.2
    compare segment "segment, segment = 'plan'" pass "$pass" 1.8
    compare distribution distribution pass "$pass"
    compare segment_trend 'segment_trend, one grain and segment' pass "$pass"
    compare not_counted not_counted pass "$pass"
    compare trends 'trend, all grains' pass "$pass"
fi

# ------------------------------------------------------------- one sorted pass

# The setting of a query ends with it.
query[P]='SELECT count(x) FROM (SELECT lag(score) OVER (PARTITION BY customer ORDER BY answered_at NULLS FIRST, id) AS x FROM answer OFFSET 0) AS t'
setting[P]='SET enable_indexscan = off; SET enable_indexonlyscan = off; SET enable_bitmapscan = off;'
if wanted fold; then
    query[respondent]=$(all survey.respondent)
    query[account]=$(all survey.account)
    query[transition]=$(all survey.transition)
    query[followup_all]=$(all survey.followup_all)
    query[closed_loop]=$(all "survey.closed_loop WHERE grain = 'month' AND segment = 'all'")
    measure P respondent account transition followup_all closed_loop
    check 'a row for each respondent' "SELECT ${result[respondent]} = count(DISTINCT customer) FROM answer WHERE score IS NOT NULL"
    compare respondent respondent P P 1.5
    compare account account P P 1.2
    compare transition transition P P 1.2
    compare followup_all "followup_all, ${result[followup_all]} cases" P P 3
    compare closed_loop "closed_loop, one grain, segment 'all'" P P 3.5
fi
if wanted list; then
    query[followup]=$(all survey.followup)
    query[first]=$(all 'survey.followup LIMIT 50')
    measure P followup first
    compare followup "followup, all ${result[followup]} open cases" P P 0.35
    compare first "followup, first 50 of ${result[followup]}" P P 0.5
fi

# ----------------------------------------------------------- the same elsewhere

if wanted source; then
    for view in respondent account transition followup followup_all; do
        for from in few parted tree crowd; do query[$from.$view]=$(all "survey_$from.$view"); done
        measure "few.$view" "parted.$view" "tree.$view" "crowd.$view"
        for from in parted tree; do [ "${result[few.$view]}" = "${result[$from.$view]}" ] || die "wrong result: $view over $from"; done
        compare "parted.$view" "$view, 24 partitions by time" "few.$view" 'plain table' 2
        compare "tree.$view" "$view, a tree of 24 tables" "few.$view" 'plain table' 2
        compare "crowd.$view" "$view, one respondent with 2 %" "few.$view" 'without' 1.5
    done
fi

# ---------------------------------------------------------------------- by key

# As an application does it: prepared once, and run many times.
by_key() { # NAME SURVEY.VIEW COLUMN TYPE VALUE
    query[$1]="EXECUTE \"$1\" ($5)"
    setting[$1]="SET plan_cache_mode = force_generic_plan; PREPARE \"$1\" ($4) AS SELECT count(x) FROM (SELECT * FROM $2 WHERE $3 = \$1 OFFSET 0) AS x;"
    keys+=("$1")
}
if wanted key; then
    keys=()
    for from in few parted; do
        s=survey_$from
        read -r touched person <<< "$(sql -F ' ' -c "SELECT case_id, respondent FROM $s.followup ORDER BY case_id OFFSET 100 LIMIT 1")"
        untouched=$(sql -c "SELECT case_id FROM $s.followup ORDER BY case_id OFFSET 200 LIMIT 1")
        sql -c "UPDATE $s.followup SET status = 'contacted', channel = 'phone' WHERE case_id = $touched"
        for view in followup followup_all; do
            by_key "$from.$view.touched" "$s.$view" case_id bigint "$touched"
            by_key "$from.$view.untouched" "$s.$view" case_id bigint "$untouched"
            by_key "$from.$view.respondent" "$s.$view" respondent integer "$person"
        done
        by_key "$from.respondent.respondent" "$s.respondent" respondent integer "$person"
    done
    for key in "${keys[@]}"; do
        repeat "$key"
        IFS=. read -r from view what <<< "$key"
        label="$view, one $what case"
        [ "$what" != respondent ] || label="$view, one respondent"
        if [ "$from" = few ]; then within "$key" "$label, prepared" 1; else within "$key" "$label, prepared, 24 partitions" 2; fi
    done
fi

# -------------------------------------------------------------------- planning

if wanted plan; then
    for view in $(sql -c "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'survey'::regnamespace AND c.relkind = 'v' ORDER BY 1"); do
        plan "plan.$view" "SELECT * FROM survey.$view"
        within "plan.$view" "planning $view, the first plan of a session" 4
    done
    person=$(sql -c 'SELECT respondent FROM survey.followup LIMIT 1')
    for view in respondent followup followup_all; do
        plan "plan.$view.key" "SELECT * FROM survey.$view WHERE respondent = $person"
        within "plan.$view.key" "planning $view of one respondent" 6
    done
fi

# ---------------------------------------------------------------------- causes

if wanted cause; then
    query[words]="SELECT count(to_tsvector('english', comment)) FROM answer WHERE comment IS NOT NULL"
    query[cause_report]=$(all survey.cause_report)
    measure words cause_report
    compare cause_report cause_report words 'to_tsvector of each comment' 1.3
fi

report "$rows rows in memory, best of $runs runs; times in ms; P is one sorted pass over the answers of each respondent"
