#!/bin/bash
# A database with surveys is dumped and restored, plain and custom, into an empty
# database: every view must give the same rows, comments and rights must be
# there, and nothing may be there twice.
set -euo pipefail

here=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
export PGOPTIONS='-c client_min_messages=warning'
databases=(nps_dump_source nps_dump_plain nps_dump_custom)
clean_up() {
    rm -rf "$work"
    for database in "${databases[@]}"; do
        psql -X -q -d postgres -c "DROP DATABASE IF EXISTS $database"
    done
    psql -X -q -d postgres -c 'DROP ROLE IF EXISTS nps_dump_reader'
}
trap clean_up EXIT

psql -X -q -d postgres -c 'CREATE ROLE nps_dump_reader'
for database in "${databases[@]}"; do
    psql -X -q -d postgres -c "CREATE DATABASE $database"
done
cd "$here"
psql -X -q -v ON_ERROR_STOP=1 -d nps_dump_source > /dev/null << 'SQL'
CREATE SCHEMA "Ext 1";
CREATE EXTENSION nps SCHEMA "Ext 1";
SET search_path = public, "Ext 1";
\i examples/sample_survey.sql
SELECT count(*) FROM nps_attach('customer_survey', 'score', respondent => 'customer_id', account => 'company',
    responded_at => 'answered_at', comment => 'comment', segments => ARRAY['region', 'plan AS "Plan <<zone>>"'],
    revenue => 'revenue', renewal_at => 'renewal_at', churned_at => 'churned_at', contactable => 'allows_contact',
    owner => 'account_manager', time_zone => 'America/New_York', goal => 40);
CREATE TABLE csat (id uuid PRIMARY KEY, answer integer, at timestamp);
INSERT INTO csat SELECT md5(i::text)::uuid, i % 7, timestamp '2026-01-01' + i * interval '1 hour' FROM generate_series(1, 500) i;
SELECT count(*) FROM nps_attach('csat', 'answer', schema_name => 'Customer satisfaction', scale => 'csat5', responded_at => 'at');
CREATE MATERIALIZED VIEW by_month AS SELECT * FROM customer_survey_nps.trend WHERE grain = 'month';
CREATE TABLE daily AS SELECT responded_at::date AS day, nps_tally_agg(score) AS tally FROM customer_survey_nps.response GROUP BY 1;
CREATE INDEX ON daily (tally);
UPDATE customer_survey_nps.playbook SET contact_hours = 7 WHERE score_from = 3;
INSERT INTO customer_survey_nps.team_member VALUES ('support', 'sue');
UPDATE customer_survey_nps.followup SET status = 'contacted', channel = 'phone', note = 'called'
WHERE case_id IN (SELECT case_id FROM customer_survey_nps.followup LIMIT 5);
INSERT INTO customer_survey_nps.concern (case_id, concern, promise, promised_for)
SELECT case_id, 'broken', 'a new one', current_date + 7 FROM customer_survey_nps.followup_case WHERE taken;
SELECT nps_grant('customer_survey_nps', 'nps_dump_reader', 'actor');
SELECT nps_notify('customer_survey_nps');
GRANT USAGE ON SCHEMA customer_survey_nps TO nps_dump_reader;
GRANT SELECT ON customer_survey_nps.summary TO nps_dump_reader;
CALL nps_materialize('customer_survey_nps');
UPDATE customer_survey SET score = score WHERE score IS NOT NULL;
DELETE FROM customer_survey WHERE response_id % 500 = 0;
REFRESH MATERIALIZED VIEW by_month;
SQL

# All rows of all objects of both surveys, and what is said of them; now() must
# be the same everywhere, so the columns that tell the time from now are left out.
contents() {
    psql -X -q -At -v ON_ERROR_STOP=1 -d "$1" > "$work/rows" << 'SQL'
SET search_path = pg_catalog;
SELECT format('SELECT %L, to_jsonb(r) - ARRAY[''overdue'', ''overdue_hours'', ''priority'', ''priority_reason''] FROM %I.%I r',
    c.oid::regclass, n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('customer_survey_nps', 'Customer satisfaction', 'public') AND c.relkind IN ('r', 'v', 'm')
\gexec
SELECT c.oid::regclass, c.relkind, c.reloptions, c.relacl, a.attname, format_type(a.atttypid, a.atttypmod), a.attacl,
    obj_description(c.oid, 'pg_class'), col_description(c.oid, a.attnum)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE n.nspname IN ('customer_survey_nps', 'Customer satisfaction', 'public') AND c.relkind IN ('r', 'v', 'm', 'i');
SELECT conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace::regnamespace::text ~ 'nps|atis';
SELECT * FROM "Ext 1".nps_surveys();
SELECT * FROM "Ext 1".nps_check('customer_survey_nps');
SQL
    LC_ALL=C sort "$work/rows"
}
contents nps_dump_source > "$work/source"
[ "$(wc -l < "$work/source")" -gt 20000 ] || { echo "too little to compare"; exit 1; }

pg_dump nps_dump_source | psql -X -q -v ON_ERROR_STOP=1 -d nps_dump_plain > /dev/null
pg_dump -Fc -f "$work/custom" nps_dump_source
pg_restore -j 2 --exit-on-error -d nps_dump_custom "$work/custom"

for database in nps_dump_plain nps_dump_custom; do
    contents "$database" > "$work/$database"
    diff "$work/source" "$work/$database" > "$work/differences" || {
        head -n 20 "$work/differences"
        echo "$database is not what was dumped"
        exit 1
    }
done
# An open case goes on, with its rules and its history.
for database in nps_dump_plain nps_dump_custom; do
    psql -X -q -At -v ON_ERROR_STOP=1 -d "$database" << 'SQL' > "$work/goes_on" 2> "$work/refused"
BEGIN;
UPDATE customer_survey_nps.concern SET delivered_at = now();
UPDATE customer_survey_nps.followup SET status = 'closed', cause = 'price', informed_at = now()
WHERE case_id = (SELECT min(case_id) FROM customer_survey_nps.followup_case WHERE is_open) RETURNING status;
SELECT count(*) FROM customer_survey_nps.followup_event e WHERE e.new_value = 'closed';
\set ON_ERROR_STOP off
\set VERBOSITY sqlstate
DELETE FROM customer_survey_nps.followup_event;
ROLLBACK;
SQL
    [ "$(cat "$work/goes_on")" = $'closed\n1' ] || { cat "$work/goes_on"; echo "cases do not go on in $database"; exit 1; }
    grep -q 42501 "$work/refused" || { cat "$work/refused"; echo "the history can be changed in $database"; exit 1; }
done
# The rollup is read, and goes on counting.
for database in nps_dump_plain nps_dump_custom; do
    psql -X -q -At -v ON_ERROR_STOP=1 -d "$database" << 'SQL' > "$work/kept"
SELECT "Ext 1".nps_rollup_serves('customer_survey_nps.rollup'), "Ext 1".nps_reads_rollup('customer_survey_nps');
BEGIN;
DELETE FROM customer_survey WHERE response_id % 7 = 0;
SELECT count(*) FROM "Ext 1".nps_verify('customer_survey_nps');
ROLLBACK;
SELECT count(*) FROM "Ext 1".nps_verify('customer_survey_nps');
SQL
    [ "$(cat "$work/kept")" = $'t|t\n0\n0' ] || { cat "$work/kept"; echo "the rollup is not kept in $database"; exit 1; }
done
psql -X -q -At -v ON_ERROR_STOP=1 -d nps_dump_custom -c 'SELECT count(*) FROM "Ext 1".nps_refresh_views($$customer_survey_nps$$)' > /dev/null
contents nps_dump_custom | diff "$work/source" - > "$work/differences" || {
    head -n 20 "$work/differences"
    echo "a restored survey is another one after nps_refresh_views()"
    exit 1
}
echo "$(wc -l < "$work/source") rows of surveys are the same after dump and restore, and after a refresh"
