#!/bin/bash
# Real survey data whose right numbers are known: loaded as they are, attached
# with nps_attach(), and every number compared.  Skipped (77) where the data are
# not there; NPS_SURVEY_DATA names their folder.
set -uo pipefail

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
data=${NPS_SURVEY_DATA:-${NPS_ORIGIN:-$tree}/../shared/data}
for file in bt_verbatims/bt_verbatims.csv product_q4_2020/nps_{email,mobile,web}.csv dirty_derived/dirty_survey.csv; do
    if [ ! -r "$data/$file" ]; then
        echo "no survey data ($data/$file): set NPS_SURVEY_DATA to their folder"
        exit 77
    fi
done
data=$(cd "$data" && pwd)

export PGOPTIONS="-c timezone=UTC -c datestyle=ISO,YMD -c client_min_messages=warning" PGCLIENTENCODING=UTF8
database=nps_ground_truth_$$
trap 'psql -Xq -d "${PGDATABASE:-postgres}" -c "DROP DATABASE IF EXISTS $database"' EXIT
psql -Xq -d "${PGDATABASE:-postgres}" -c "CREATE DATABASE $database TEMPLATE template0 ENCODING 'UTF8'" || exit 1

checks=0
failures=0

sql() {
    psql -XqAt -F ' ' -v ON_ERROR_STOP=1 -d "$database" "$@"
}

load() { # TABLE COLUMNS FILE
    sql -c "\\copy $1 ($2) FROM '$data/$3' (FORMAT csv, HEADER)" || exit 1
}

# Prints what is checked; the query must give exactly the expected lines.
check() { # WHAT EXPECTED QUERY
    local got
    got=$(sql -c "$3" 2>&1)
    checks=$((checks + 1))
    if [ "$got" = "$2" ]; then
        echo "ok      $1: ${got//$'\n'/, }"
    else
        echo "FAILED  $1"
        printf '        expected %s\n        got      %s\n' "${2//$'\n'/, }" "${got//$'\n'/, }"
        failures=$((failures + 1))
    fi
}

# What is known of each data set, in the order of the columns of summary.
check_survey() { # SURVEY TABLE ROWS ANSWERS NOT-USABLE PROMOTERS PASSIVES DETRACTORS NPS
    check "$1: rows" "$3" "SELECT count(*) FROM $2"
    check "$1: rows of answer" "$3" "SELECT count(*) FROM $1.answer"
    check "$1: answers" "$4 $4" "SELECT responses, (SELECT count(*) FROM $1.response) FROM $1.summary"
    check "$1: not usable" "$5 $5" "SELECT unanswered + rejected, (SELECT count(*) FROM $1.not_counted) FROM $1.summary"
    check "$1: promoters" "$6 $6" "SELECT promoters, (SELECT sum(responses) FROM $1.distribution WHERE category = 'promoter') FROM $1.summary"
    check "$1: passives" "$7 $7" "SELECT passives, (SELECT sum(responses) FROM $1.distribution WHERE category = 'passive') FROM $1.summary"
    check "$1: detractors" "$8 $8" "SELECT detractors, (SELECT sum(responses) FROM $1.distribution WHERE category = 'detractor') FROM $1.summary"
    check "$1: NPS" "$9 $9" "SELECT round(nps::numeric, 4), (SELECT round(avg(nps_points)::numeric, 4) FROM $1.response) FROM $1.summary"
    # every row is in one of the two, none in both; every row left out has a reason, and shows what stood there
    check "$1: rows in neither or both of response and not_counted" 0 "SELECT count(*) FROM $2 t
        WHERE (SELECT count(*) FROM $1.response r WHERE r.response_id = t.line)
            + (SELECT count(*) FROM $1.not_counted n WHERE n.response_id = t.line) <> 1"
    check "$1: left out without a reason" 0 "SELECT count(*) FROM $1.not_counted
        WHERE reason IS NULL OR reason NOT IN ('no answer', 'not a number', 'not whole', 'out of range')"
    check "$1: an answer is what the trimmed text says" 0 "SELECT count(*) FROM $2 t JOIN $1.response r ON r.response_id = t.line
        WHERE r.score <> btrim(t.score)::numeric"
}

sql << 'SQL' || exit 1
CREATE EXTENSION nps;
CREATE TABLE bt (line bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    "CUSTOMER_RESPONSE_DATE" text, "SURVEY_SUB_TYPE" text, "NPS_RATING" text, score text, "text" text, "Qtr" text);
CREATE TABLE product (line bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    channel text, response_date text, user_id text, score text);
CREATE TABLE dirty (line bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    response_id text, customer_id text, channel text, answered_on text, score text, segment text, comment text);
SQL
load bt '"CUSTOMER_RESPONSE_DATE", "SURVEY_SUB_TYPE", "NPS_RATING", score, "text", "Qtr"' bt_verbatims/bt_verbatims.csv
for channel in email mobile web; do
    sql -c "ALTER TABLE product ALTER channel SET DEFAULT '$channel'"
    load product 'response_date, user_id, score' "product_q4_2020/nps_$channel.csv"
done
load dirty 'response_id, customer_id, channel, answered_on, score, segment, comment' dirty_derived/dirty_survey.csv

# ------------------------------------------------- a telephone company's survey

sql > /dev/null << 'SQL' || exit 1
SELECT * FROM nps_attach('bt', 'score', schema_name => 'bt_nps', comment => 'text',
    responded_at => $$nps_parse_time("CUSTOMER_RESPONSE_DATE", 'DD/MM/YYYY', 'Europe/London')$$,
    segments => ARRAY['SURVEY_SUB_TYPE', 'lower("Qtr") AS quarter'], time_zone => 'Europe/London');
SQL
check_survey bt_nps bt 2385 2353 32 690 392 1271 -24.6919
check "bt_nps: 764 zeros, ten times as many as ones, are answers: most come with a comment" "764 72 0" "SELECT count(*) FILTER (WHERE score = 0),
    count(*) FILTER (WHERE score = 1), (SELECT count(*) FROM nps_check('bt_nps') WHERE finding LIKE 'zeros%') FROM bt_nps.response"
check "bt_nps: reasons" "no answer 32" "SELECT reason, count(*) FROM bt_nps.not_counted GROUP BY reason"
check "bt_nps: labels that differ from our categories" 0 'SELECT count(*) FROM bt_nps.response r JOIN bt ON bt.line = r.response_id
    WHERE lower(bt."NPS_RATING") IS DISTINCT FROM r.category'
check "bt_nps: labels that agree" 2353 'SELECT count(*) FROM bt_nps.response r JOIN bt ON bt.line = r.response_id
    WHERE lower(bt."NPS_RATING") = r.category AND lower(bt."NPS_RATING") = nps_category(bt.score)'
check "bt_nps: day-first time, British summer time" "2018-04-11 19:09:00+00" \
    "SELECT responded_at FROM bt_nps.response WHERE response_id = 1"
check "bt_nps: times as the text says, in London" 2385 "SELECT count(*) FROM bt_nps.answer a JOIN bt ON bt.line = a.response_id
    WHERE to_char(a.responded_at AT TIME ZONE 'Europe/London', 'DD/MM/YYYY HH24:MI') = bt.\"CUSTOMER_RESPONSE_DATE\""
check "bt_nps: first and last answer" "$(sql -c "SELECT min(d), max(d) FROM (SELECT
    (substr(\"CUSTOMER_RESPONSE_DATE\", 7, 4) || substr(\"CUSTOMER_RESPONSE_DATE\", 3, 4) || substr(\"CUSTOMER_RESPONSE_DATE\", 1, 2)) AS text,
    make_date(substr(\"CUSTOMER_RESPONSE_DATE\", 7, 4)::integer, substr(\"CUSTOMER_RESPONSE_DATE\", 4, 2)::integer,
        substr(\"CUSTOMER_RESPONSE_DATE\", 1, 2)::integer) AS d FROM bt WHERE score IS NOT NULL) t")" \
    "SELECT first_answer, last_answer FROM bt_nps.summary"
check "bt_nps: segments" $'Equipment Received 234\nFirst Payment 1150\nOrder 971\nService in Use 30' \
    'SELECT "SURVEY_SUB_TYPE", count(*) FROM bt_nps.answer GROUP BY "SURVEY_SUB_TYPE" ORDER BY "SURVEY_SUB_TYPE" COLLATE "C"'

# -------------------------------------------- a product's survey on three channels

sql > /dev/null << 'SQL' || exit 1
SELECT * FROM nps_attach('product', 'score', schema_name => 'product_nps', respondent => 'user_id',
    responded_at => $$nps_parse_time(response_date, 'ISO 8601', 'UTC')$$, segments => ARRAY['channel'], time_zone => 'UTC', loop_since => '-infinity');
SQL
check_survey product_nps product 6043 6043 0 2196 2255 1592 9.9950
check "product_nps: respondents, and those on several channels" "5845 198" "SELECT count(*), count(*) FILTER (WHERE channels > 1)
    FROM (SELECT respondent, count(DISTINCT channel) AS channels FROM product_nps.response GROUP BY respondent) r"
check "product_nps: answers by channel" $'email 1952\nmobile 1801\nweb 2290' \
    'SELECT channel, count(*) FROM product_nps.response GROUP BY channel ORDER BY channel COLLATE "C"'
check "product_nps: channels add up to the whole, bit for bit" t "SELECT nps_tally_agg(tally) = (SELECT nps_tally_agg(score) FROM product_nps.response)
    FROM (SELECT nps_tally_agg(score) AS tally FROM product_nps.response GROUP BY channel) c"
check "product_nps: to be followed up only if old answers are" 0 "SELECT count(*) FROM product_nps.followup"

# ----------------------------------------------------------- the same, but dirty

sql > /dev/null << 'SQL' || exit 1
SELECT * FROM nps_attach('dirty', 'score', schema_name => 'dirty_nps', response_id => 'line', respondent => 'customer_id',
    comment => 'comment', segments => ARRAY['channel', 'lower(btrim(segment)) AS segment'],
    responded_at => $$coalesce(nps_parse_time(answered_on, 'YYYY-MM-DD', 'UTC'), nps_parse_time(answered_on, 'DD/MM/YYYY', 'UTC'))$$, loop_since => '-infinity');
SELECT * FROM nps_attach('dirty', 'nps_parse_score(score)', schema_name => 'dirty_parsed', response_id => 'line');
SQL
check_survey dirty_nps dirty 6304 5578 726 2008 2053 1517 8.8024
check "dirty_nps: all 726 by reason" $'no answer 442\nnot a number 40\nnot whole 28\nout of range 216' \
    'SELECT reason, count(*) FROM dirty_nps.not_counted GROUP BY reason ORDER BY reason COLLATE "C"'
check "dirty_nps: words for no answer" $'N/A 69\nNULL 62' "SELECT raw_score, count(*) FROM dirty_nps.not_counted
    WHERE reason = 'no answer' AND btrim(raw_score) <> '' GROUP BY raw_score ORDER BY raw_score COLLATE \"C\""
check "dirty_nps: not a number" $'10/10 6\n2/10 2\n3/10 2\n4/10 1\n5/10 2\n6/10 3\n7/10 5\n8/10 4\n9/10 5\nten 1\nzero 9' \
    "SELECT raw_score, count(*) FROM dirty_nps.not_counted WHERE reason = 'not a number' GROUP BY raw_score ORDER BY raw_score COLLATE \"C\""
check "dirty_nps: not whole" $'0.5 2\n2.5 1\n4.5 1\n5.5 4\n6.5 7\n7.5 3\n8.5 8\n9.5 2' \
    "SELECT raw_score, count(*) FROM dirty_nps.not_counted WHERE reason = 'not whole' GROUP BY raw_score ORDER BY raw_score COLLATE \"C\""
check "dirty_nps: 7.0 and the like count" 67 "SELECT count(*) FROM dirty_nps.response r JOIN dirty ON dirty.line = r.response_id WHERE dirty.score LIKE '%.0'"
check "dirty_nps: out of range" $'-1 76\n11 58\n99 82' \
    "SELECT raw_score, count(*) FROM dirty_nps.not_counted WHERE reason = 'out of range' GROUP BY raw_score ORDER BY raw_score COLLATE \"C\""
check "dirty_nps: a warning" "726 - 442 = 284 scores do not count" \
    "SELECT '726 - 442 = ' || substring(warning FROM '^[0-9]+ scores do not count') FROM dirty_nps.summary"
check "dirty_nps: segments in one spelling" $'enterprise\nself-serve\nsmb' \
    'SELECT DISTINCT segment COLLATE "C" FROM dirty_nps.response WHERE segment IS NOT NULL ORDER BY 1'
check "dirty_parsed: the same answers" "5578 0" "SELECT responses, (SELECT count(*) FROM dirty_nps.response r
    WHERE NOT EXISTS (SELECT FROM dirty_parsed.response p WHERE p.response_id = r.response_id AND p.score = r.score)) FROM dirty_parsed.summary"
check "dirty_parsed: all others, without an answer" "726 0 726" \
    "SELECT unanswered, rejected, (SELECT count(*) FROM dirty_parsed.not_counted WHERE reason = 'no answer') FROM dirty_parsed.summary"

echo "$checks checks, $failures failed"
[ "$failures" = 0 ]
