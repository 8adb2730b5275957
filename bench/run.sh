#!/bin/bash
# Measures nps against what one would write without it, on a throw-away server.
# usage: bench/run.sh [--markdown] [--major N]
#
#   --markdown            print the table as Markdown
#   --major N             use PostgreSQL N
#   NPS_BENCH_ROWS=...    answers in the big table (10000000)
#   NPS_BENCH_RUNS=...    timed runs of each query, of which the best counts (5)
#
# A bar that is missed is no failure, as no timing is a test: the exit code is 0
# unless a query fails or gives a wrong result.
set -euo pipefail

rows=${NPS_BENCH_ROWS:-10000000}
. "$(dirname "${BASH_SOURCE[0]}")/measure.sh"

# room for four of the big tables
go_on_beside_server $((rows / 5000 + 64))

# ------------------------------------------------------------------------ data

small=$((rows / 10))
groups=$((rows / 100 < 100000 ? rows / 100 : 100000))

say "making $rows answers"

# Every score equally often and in no order.  Surveys have more promoters, but
# then CASE and FILTER, which begin with either end of the scale, would depend
# on how many.  random() gives the same numbers after the same seed.
#
# answer has the score first and little else, because the less the scan of the
# table costs, the more is seen of what is measured.
sql > /dev/null << EOF
CREATE EXTENSION nps;
SELECT setseed(0.5);

CREATE UNLOGGED TABLE answer AS
SELECT floor(random() * 11)::integer AS score,
       floor(random() * $groups)::integer AS account,
       timestamptz '2023-01-01 00:00:00+00' + i * (interval '1096 days' / $rows) AS answered_at
FROM generate_series(1, $rows) AS i;

-- three years in the order of time, for windows
CREATE UNLOGGED TABLE history AS
SELECT timestamptz '2023-01-01 00:00:00+00' + i * (interval '1096 days' / $small) AS answered_at,
       floor(random() * 11)::integer AS score
FROM generate_series(1, $small) AS i;
CREATE INDEX ON history (answered_at);

-- the same score in each type, one of 1 to 5, and a weight
CREATE UNLOGGED TABLE typed AS
SELECT s::integer AS score, s::bigint AS score_bigint, s::double precision AS score_double,
       0.5 + random() AS weight, s::real AS score_real, 1 + s::integer % 5 AS satisfaction,
       s::smallint AS score_smallint, s::numeric AS score_numeric, s::text AS score_text
FROM (SELECT floor(random() * 11) AS s FROM generate_series(1, $small)) AS scores;

-- ten questions a row
CREATE UNLOGGED TABLE questionnaire AS
SELECT $(for q in {1..10}; do echo "floor(random() * 11)::integer AS q$q$([ "$q" = 10 ] || echo ,)"; done)
FROM generate_series(1, $small);

VACUUM (ANALYZE) answer, history, typed, questionnaire;
EOF

for table in answer history typed questionnaire; do
    sql -c "SELECT count(*) FROM $table" > /dev/null
    if sql -c "EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT count(*) FROM $table" |
        sed '/^Planning/,$d' | grep 'read=' > /dev/null; then
        say "note: $table does not stay in shared_buffers; is run.sh started by itself or by make bench?"
    fi
done
check "all scores occur" "SELECT count(DISTINCT score) = 11 AND min(score) = 0 AND max(score) = 10 FROM answer"

# What everybody writes.
filters() { # COLUMN [OVER]
    echo "100.0 * (count(*) FILTER (WHERE $1 >= 9)${2-} - count(*) FILTER (WHERE $1 <= 6)${2-}) / count($1)${2-}"
}
case_of() { # COLUMN
    echo "CASE WHEN $1 <= 6 THEN 'detractor' WHEN $1 <= 8 THEN 'passive' ELSE 'promoter' END"
}

# ---------------------------------------------------------------- all the rows

query[nps_score]='SELECT nps_score(score) FROM answer'
query[avg]='SELECT avg(score) FROM answer'
query[filters]="SELECT $(filters score) FROM answer"
query[together]='SELECT (nps_score(score), nps_tally_agg(score), nps_low(score), nps_high(score)) FROM answer'
measure nps_score avg filters together
same nps_score filters
check "interval and tally" "SELECT nps_low(score) < nps_score(score) AND nps_score(score) < nps_high(score)
    AND nps_score(nps_tally_agg(score)) = nps_score(score)
    AND nps_responses(nps_tally_agg(score)) = $rows
    AND nps_low(nps_tally_agg(score)) = nps_low(score) FROM answer"
compare nps_score 'nps_score(score)' avg 'avg(score)' 1.10
compare nps_score 'nps_score(score)' filters 'two-FILTER SQL' 0.85
compare together 'nps_score, _tally_agg, _low, _high together' nps_score 'nps_score(score)' 1.10

# --------------------------------------------------------------------- grouped

# Results are counted, not sent.  OFFSET 0 keeps the planner from looking into
# the sub-select; without it, it could leave out what nobody reads.
grouped() { echo "SELECT count(x) FROM (SELECT $1 AS x FROM answer GROUP BY account OFFSET 0) AS g"; }
query[grouped_nps_score]=$(grouped 'nps_score(score)')
query[grouped_avg]=$(grouped 'avg(score)')
query[grouped_filters]=$(grouped "$(filters score)")
measure grouped_nps_score grouped_avg grouped_filters
check "groups" "SELECT count(*) FILTER (WHERE abs(mine - theirs::double precision) < 1e-9) = count(*)
    AND count(*) = ${result[grouped_nps_score]} AND count(*) = ${result[grouped_avg]}
    FROM (SELECT nps_score(score) AS mine, $(filters score) AS theirs FROM answer GROUP BY account) AS g"
by_groups="GROUP BY ${result[grouped_avg]} groups"
compare grouped_nps_score "nps_score(score), $by_groups" grouped_avg 'avg(score)' 1.10
compare grouped_nps_score "nps_score(score), $by_groups" grouped_filters 'two-FILTER SQL'

# No spill: one hash table that stays in memory.
batches() { # NAME
    sql -c "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) ${query[$1]}" |
        awk '/HashAggregate/ { hashed = 1 }
             match($0, /Batches: [0-9]+/) { batches = substr($0, RSTART + 9, RLENGTH - 9) }
             match($0, /Memory Usage: [0-9]+kB/) { memory = substr($0, RSTART + 14, RLENGTH - 14) }
             /Disk Usage/ { batches = batches > 1 ? batches : 2 }
             END { print (hashed && batches ? batches : "none"), memory }'
}
mine=$(batches grouped_nps_score) || die "a query failed"
theirs=$(batches grouped_avg) || die "a query failed"
table+=("batches|batches of hashing for nps_score (${mine#* })|${mine% *}|for avg (${theirs#* })|${theirs% *}|${mine% *}|<= 1")

# -------------------------------------------------------------- rolling window

over=" OVER (ORDER BY answered_at RANGE BETWEEN '90 days' PRECEDING AND CURRENT ROW)"
rolling() { echo "SELECT count(x) FROM (SELECT $1 AS x FROM history OFFSET 0) AS w"; }
query[rolling_nps_score]=$(rolling "nps_score(score)$over")
query[rolling_avg]=$(rolling "avg(score)$over")
query[rolling_filters]=$(rolling "$(filters score "$over")")
measure rolling_nps_score rolling_avg rolling_filters
check "window" "SELECT count(*) FILTER (WHERE abs(mine - theirs::double precision) < 1e-9) = count(*)
    AND count(*) = ${result[rolling_nps_score]} AND count(*) = ${result[rolling_avg]}
    FROM (SELECT nps_score(score)$over AS mine, $(filters score "$over") AS theirs FROM history) AS w"
compare rolling_nps_score "nps_score(score), rolling 90 days, $small rows" rolling_avg 'avg(score)' 1.10
compare rolling_nps_score "nps_score(score), rolling 90 days, $small rows" rolling_filters 'two-FILTER SQL'

# --------------------------------------------------------------------- workers

# The leader only collects: so these are two processes, and two cores are enough.
two_workers='SET max_parallel_workers_per_gather = 2; SET parallel_leader_participation = off;
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;'
sql -c 'ALTER TABLE answer SET (parallel_workers = 2)'
query[alone_nps_score]=${query[nps_score]}
query[alone_avg]=${query[avg]}
for name in nps_score avg; do
    query[two_$name]=${query[$name]}
    setting[two_$name]=$two_workers
    sql -c "$two_workers EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) ${query[$name]}" |
        grep 'Workers Launched: 2' > /dev/null || die "$name does not get two workers"
done
measure alone_nps_score two_nps_score alone_avg two_avg
[ "${result[two_nps_score]}" = "${result[nps_score]}" ] || die "wrong result: nps_score in parallel"
mine=$(ratio "${best[alone_nps_score]}" "${best[two_nps_score]}")
theirs=$(ratio "${best[alone_avg]}" "${best[two_avg]}")
compare two_nps_score 'nps_score(score), two workers' alone_nps_score 'without workers'
compare two_avg 'avg(score), two workers' alone_avg 'without workers'
table+=("times|speed-up of nps_score by two workers|$mine|of avg|$theirs|$(ratio "$mine" "$theirs")|>= 0.95")
[ "$(nproc)" -gt 1 ] || say "note: one core only, so workers cannot speed up anything"

# -------------------------------------------------------------------- category

# Reading a row costs more than naming the category of one score in it.  So the
# rows have ten scores, and OFFSET drops each without looking at it.
all_ten() { # FUNCTION
    local q list=
    for q in {1..10}; do list+=${list:+, }$($1 "q$q"); done
    echo "$list"
}
category_of() { echo "nps_category($1)"; }
dropped() { echo "SELECT $1 FROM questionnaire OFFSET $small"; }
query[category]=$(dropped "$(all_ten category_of)")
query[case]=$(dropped "$(all_ten case_of)")
by() { echo "SELECT json_object_agg(c, n ORDER BY c) FROM (SELECT $1 AS c, count(*) AS n FROM answer GROUP BY 1) AS g"; }
query[count_category]='SELECT count(nps_category(score)) FROM answer'
query[count_case]="SELECT count($(case_of score)) FROM answer"
query[by_category]=$(by 'nps_category(score)')
query[by_case]=$(by "$(case_of score)")
measure category case
measure count_category count_case by_category by_case
check "categories" "SELECT count(*) = 0 FROM answer WHERE nps_category(score) IS DISTINCT FROM $(case_of score)"
[ "${result[count_category]}" = "$rows" ] || die "wrong result: count(nps_category(score))"
[ "${result[by_category]}" = "${result[by_case]}" ] || die "wrong result: GROUP BY nps_category(score)"
compare category "nps_category(q1), ... (q10), $small rows" case 'CASE' 0.80
compare count_category 'count(nps_category(score))' count_case 'count(CASE)'
compare by_category 'count(*) GROUP BY nps_category(score)' by_case 'GROUP BY CASE'

# ------------------------------------------------------------- for information

pairs=()
for type in smallint bigint real double numeric; do
    query[nps_score_$type]="SELECT nps_score(score_$type) FROM typed"
    query[avg_$type]="SELECT avg(score_$type) FROM typed"
    pairs+=("nps_score_$type" "avg_$type")
done
query[nps_score_text]='SELECT nps_score(score_text) FROM typed'
query[avg_text]='SELECT avg(score_text::integer) FROM typed'
measure "${pairs[@]}" nps_score_text avg_text
for type in smallint bigint real double numeric text; do
    same "nps_score_$type" nps_score_bigint
    label=${type/double/double precision}
    compare "nps_score_$type" "nps_score($label), $small rows" "avg_$type" "avg(${label/text/text::integer})"
done
check "types" "SELECT abs(nps_score(score_text) - ($(filters score))::double precision) < 1e-9 FROM typed"

query[typed_nps_score]='SELECT nps_score(score) FROM typed'
query[scale_nps]=$'SELECT nps_score(score, \'nps\') FROM typed'
query[scale_csat5]=$'SELECT nps_score(satisfaction, \'csat5\') FROM typed'
query[avg_satisfaction]='SELECT avg(satisfaction) FROM typed'
query[points]='SELECT avg(nps_points(score)) FROM typed'
query[weighted]='SELECT nps_weighted_score(score_double, weight) FROM typed'
query[avg_weighted]='SELECT avg(score_double * weight) FROM typed'
measure typed_nps_score scale_nps scale_csat5 avg_satisfaction points weighted avg_weighted
same scale_nps typed_nps_score
same points typed_nps_score
check "csat5" "SELECT abs(nps_score(satisfaction, 'csat5') - (100.0 * (count(*) FILTER (WHERE satisfaction >= 4)
    - count(*) FILTER (WHERE satisfaction <= 2)) / count(*))::double precision) < 1e-9 FROM typed"
check "weights" "SELECT abs(nps_weighted_score(score_double, weight)
    - sum(nps_points(score) * weight) / sum(weight)) < 1e-6 FROM typed"
compare scale_nps "nps_score(score, 'nps'), $small rows" typed_nps_score 'nps_score(score)'
compare scale_csat5 "nps_score(score, 'csat5'), $small rows" avg_satisfaction 'avg(score)'
compare points "avg(nps_points(score)), $small rows" typed_nps_score 'nps_score(score)'
compare weighted "nps_weighted_score(x, weight), $small rows" avg_weighted 'avg(x * weight)'

report "$rows answers in memory, best of $runs runs; times in ms"
