#!/bin/bash
# Rows with any text in any mapped column: no view, no check, no page and no write fails; each row counts or is told,
# and all counts are those that dirt.py computes from the rows, in another language.  For some seconds rows are loaded,
# updated and deleted, and everything is read; then again with other rows.  From half of the time on with a rollup.
#
#   NPS_DIRT_SECONDS=...   how long (15 if it is not set)
#   NPS_DIRT_SEED=...      the seed of the first rows; it is printed
#
# Skipped (77) without a Python that knows time zones.
set -uo pipefail
[ -z "${NPS_ONCE-}" ] || { echo "tested on another version"; exit 77; }

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
python3 -c 'import zoneinfo; zoneinfo.ZoneInfo("Europe/Berlin")' 2> /dev/null || {
    echo "no python3 with time zones"
    exit 77
}
export PGOPTIONS="-c timezone=UTC -c datestyle=ISO,YMD -c client_min_messages=error" PGCLIENTENCODING=UTF8
export PYTHONIOENCODING=utf-8 PYTHONDONTWRITEBYTECODE=1
database=nps_dirt_$$
seconds=${NPS_DIRT_SECONDS:-15}
seed=${NPS_DIRT_SEED:-$RANDOM}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"; psql -Xq -d "${PGDATABASE:-postgres}" -c "DROP DATABASE IF EXISTS $database"' EXIT
psql -Xq -d "${PGDATABASE:-postgres}" -c "CREATE DATABASE $database TEMPLATE template0 ENCODING 'UTF8'" || exit 1
sql() { psql -XqAt -v ON_ERROR_STOP=1 -d "$database" "$@"; }
fail() {
    echo "seed $seed: $*"
    exit 1
}

sql > /dev/null << 'SQL' || exit 1
CREATE EXTENSION nps;
CREATE TABLE answers (id text PRIMARY KEY, score text, who text, firm text, at text, asked text, words text, plan text, keeper text, subject text,
    worth text, calls text, may text, asks text, due text, left_at text, arrived text);
CREATE FUNCTION as_time(text) RETURNS timestamptz IMMUTABLE LANGUAGE sql RETURN coalesce(nps_parse_time($1, 'ISO 8601', 'Europe/Berlin'), nps_parse_time($1, 'DD/MM/YYYY', 'Europe/Berlin'),
    nps_parse_time($1, 'epoch', 'Europe/Berlin'), nps_parse_time($1, 'Excel serial', 'Europe/Berlin'));
-- what is not text is mapped as nps_attach() proposes
CREATE FUNCTION proposed(argument text, value text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    hint text;
BEGIN
    EXECUTE format('SELECT count(*) FROM nps_attach(''answers'', ''score'', %I => %L)', argument, value);
EXCEPTION WHEN datatype_mismatch THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
    RETURN substring(hint FROM '\$\$(.*)\$\$');
END
$$;
-- what people write is not blank
CREATE FUNCTION said(text) RETURNS text IMMUTABLE LANGUAGE sql RETURN CASE WHEN nps_has_comment($1) THEN $1 END;
CREATE FUNCTION attach(survey text, scale text, filter text) RETURNS bigint LANGUAGE sql
    RETURN (SELECT count(*) FROM nps_attach('answers', 'score', survey, scale => scale, filter => filter, respondent => 'who', account => 'firm', comment => 'words', owner => 'keeper', topic => 'subject',
        responded_at => 'as_time(at)', asked_at => 'as_time(asked)', renewal_at => 'as_time(due)', churned_at => 'as_time(left_at)', received_at => 'as_time(arrived)',
        revenue => proposed('revenue', 'worth'), open_tickets => proposed('open_tickets', 'calls'), contactable => proposed('contactable', 'may'), wants_contact => proposed('wants_contact', 'asks'),
        segments => ARRAY['plan', 'left(words, 3) AS beginning', 'upper(subject) AS loud'], time_zone => 'Europe/Berlin', loop_since => '-infinity'));
SELECT attach('dirt', 'nps', NULL);
SELECT attach('stars', 'csat5', 'plan IS NOT NULL');
CREATE PROCEDURE read_all() LANGUAGE plpgsql AS $$
DECLARE
    view text;
BEGIN
    FOR view IN SELECT c.oid::regclass FROM pg_class c WHERE c.relnamespace IN ('dirt'::regnamespace, 'stars'::regnamespace) AND c.relkind = 'v' LOOP
        BEGIN
            EXECUTE format('SELECT count(v::text) FROM %s v', view);
        EXCEPTION WHEN OTHERS THEN
            RAISE EXCEPTION '% fails: %', view, SQLERRM;
        END;
        COMMIT;
    END LOOP;
END
$$;
SQL

rounds=0
rows=0
kept=0
while [ $SECONDS -lt "$seconds" ] || [ "$kept" = 0 ]; do
    if [ "$kept" != 0 ] || { [ $SECONDS -ge $((seconds / 2)) ] && [ "$rounds" != 0 ]; }; then
        [ "$kept" != 0 ] || sql -c "CALL nps_materialize('dirt')" -c "CALL nps_materialize('stars')" || fail "it cannot be materialized"
        kept=$((kept + 1))
    fi
    # written as an application does: many rows at once, single ones, other texts in their place, some of them gone
    python3 "$tree/test/t/dirt.py" rows "$seed" $((rounds * 1000)) 300 > "$tmp/rows" || exit 1
    sql > "$tmp/log" 2>&1 << SQL || { cat "$tmp/log"; fail "a write fails"; }
\\copy answers FROM '$tmp/rows'
UPDATE answers SET score = words, words = score WHERE length(id) % 11 = 0;
UPDATE answers SET at = asked, asked = at, worth = calls, calls = may, may = asks, asks = due, due = worth, who = plan, plan = who WHERE length(score) % 5 = 1;
DELETE FROM answers WHERE length(words) % 7 = 3;
INSERT INTO answers SELECT 'again ' || id, score, who, firm, at, asked, words, plan, keeper, subject, worth, calls, may, asks, due, left_at, arrived FROM answers WHERE id NOT LIKE 'again %' AND length(at) % 9 = 1 ON CONFLICT DO NOTHING;
UPDATE dirt.followup SET status = 'contacted', channel = 'phone', note = coalesce(said(comment), said(respondent)), assigned_to = said(account) WHERE case_id IN (SELECT case_id FROM dirt.followup ORDER BY case_id COLLATE "C" LIMIT 3);
SQL
    sql -c "CALL read_all()" > "$tmp/log" 2>&1 || { cat "$tmp/log"; fail "a view fails"; }
    sql -c "SELECT count(*) FROM nps_check('dirt')" -c "SELECT count(*) FROM nps_check('stars')" -c "SELECT length(nps_report_html('dirt', cases => 20, quotes => 20))" > "$tmp/log" 2>&1 || {
        cat "$tmp/log"
        fail "a check or the page fails"
    }
    {
        echo "\\copy answers TO '$tmp/source'"
        for survey in dirt stars; do
            cat << SQL
\\copy (SELECT response_id, score, (extract(epoch FROM responded_at) * 1000000)::bigint, has_comment FROM $survey.response) TO '$tmp/$survey.counted'
\\copy (SELECT response_id, reason FROM $survey.not_counted) TO '$tmp/$survey.not_counted'
\\copy (SELECT responses, detractors, promoters, unanswered, rejected, nps FROM $survey.summary) TO '$tmp/$survey.summary'
\\copy (SELECT value, responses FROM $survey.segment WHERE segment = 'plan') TO '$tmp/$survey.segment'
\\copy (SELECT period_start, responses FROM $survey.trend WHERE grain = 'month' AND responses > 0) TO '$tmp/$survey.month'
\\copy (SELECT respondent, responses FROM $survey.respondent WHERE respondent IS NOT NULL) TO '$tmp/$survey.people'
SQL
        done
    } > "$tmp/export"
    sql -f "$tmp/export" || fail "the reports cannot be read"
    python3 "$tree/test/t/dirt.py" check "$tmp" || fail "not as it is to be"
    rows=$((rows + $(wc -l < "$tmp/source")))
    rounds=$((rounds + 1))
    seed=$((seed + 1))
    [ "$kept" = 0 ] || [ "$(sql -c "SELECT nps_rollup_serves('dirt.rollup'), nps_rollup_serves('stars.rollup')")" = 't|t' ] || fail "the rollup is not read"
    [ $((rounds % 5)) != 0 ] || sql -c "TRUNCATE answers"
done
echo "$rounds rounds from seed $((seed - rounds)), $kept of them with a rollup, $rows rows: each counts or is told"
