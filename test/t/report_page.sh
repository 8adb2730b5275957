#!/bin/bash
# The report in a browser: of an empty survey, of one answer, of ten thousand, of fifty segments, of hostile texts, on
# other scales, of a materialized survey; wide, on a phone, dark, on paper.  Nothing overflows, overlaps or is too faint
# to read, no request leaves the page, and what it shows is what the views say.
# Skipped (77) without Chromium.  NPS_PICTURES=FOLDER keeps a picture of each page; NPS_PAGE_ROWS=10000000 is the number
# of answers in the materialized survey (30000).
set -uo pipefail

[ -z "${NPS_ONCE-}" ] || { echo "tested on another version"; exit 77; }

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || {
    echo "no chromium"
    exit 77
}
command -v python3 > /dev/null || {
    echo "no python3"
    exit 77
}
export PGOPTIONS="-c timezone=UTC -c client_min_messages=warning -c jit=off" PGCLIENTENCODING=UTF8 PYTHONDONTWRITEBYTECODE=1
database=nps_report_page_$$
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"; psql -Xq -d "${PGDATABASE:-postgres}" -c "DROP DATABASE IF EXISTS $database"' EXIT
psql -Xq -d "${PGDATABASE:-postgres}" -c "CREATE DATABASE $database TEMPLATE template0 ENCODING 'UTF8'" || exit 1
sql() { psql -XqAt -v ON_ERROR_STOP=1 -d "$database" "$@"; }

sql -c "CREATE EXTENSION nps" || exit 1
sql -f "$tree/test/data/report_page.sql" > /dev/null || exit 1
sql -f "$tree/examples/sample_survey.sql" > /dev/null || exit 1
sql -c "SELECT nps_attach('customer_survey', 'score', 'page_sample', respondent => 'customer_id', account => 'company', responded_at => 'answered_at', asked_at => 'sent_at', comment => 'comment',
    segments => ARRAY['region', 'plan', 'channel'], owner => 'account_manager', time_zone => 'UTC', loop_since => now() - interval '2 years', goal => 40)" -c "ANALYZE" > /dev/null || exit 1

# The materialized one: three years of a score that gets better, in two segments.
sql -v rows="${NPS_PAGE_ROWS:-30000}" << 'SQL' > /dev/null || exit 1
CREATE TABLE materialized (id bigint NOT NULL, customer bigint NOT NULL, score smallint, plan text, country text, comment text, at timestamptz NOT NULL);
INSERT INTO materialized
SELECT i, hashint8(i) & 2097151, least(10, (hashint8(i + 1) & 15) * (0.55 + 0.2 * i / :rows))::smallint, (ARRAY['free', 'team', 'enterprise'])[1 + (hashint8(i + 2) & 3) % 3],
	(ARRAY['DE', 'FR', 'US', 'JP', 'BR'])[1 + (hashint8(i + 3) & 7) % 5], CASE WHEN i % 3 = 0 THEN 'The invoice was wrong again' END, now() - interval '3 years' * (1 - i::float8 / :rows)
FROM generate_series(1, :rows) i;
ALTER TABLE materialized ADD PRIMARY KEY (id);
CREATE INDEX ON materialized (customer, at NULLS FIRST, id) INCLUDE (score);
ANALYZE materialized;
SELECT nps_attach('materialized', 'score', 'page_materialized', respondent => 'customer', responded_at => 'at', comment => 'comment', segments => ARRAY['plan', 'country'],
	time_zone => 'UTC', loop_since => now() - interval '30 days', goal => 20);
CALL nps_materialize('page_materialized');
SQL
[ "$(sql -c "SELECT nps_rollup_serves('page_materialized.rollup')")" = t ] || { echo "the rollup does not serve"; exit 1; }

# What a page must show, from the views.
said="SELECT json_build_object('big', (SELECT replace(to_char(round(t.nps::numeric), 'FM990'), '-', U&'\2212') FROM page_SURVEY.trend t WHERE t.grain = d->>'grain' AND t.period_start = (d->'period'->>'period_start')::date),
    'trend', coalesce((SELECT json_agg(json_build_array(nps_report_period(nps_report_words('en', true), t.grain, t.period_start, current_date BETWEEN t.period_start AND t.period_end), to_char(t.responses, 'FM999,990'),
            coalesce(n(t.nps), U&'\2013'), coalesce(n(t.nps_low) || ' to ' || n(t.nps_high), U&'\2013'), coalesce(CASE WHEN round(t.change::numeric) > 0 THEN '+' ELSE '' END || n(t.change), U&'\2013'),
            coalesce(CASE WHEN t.change_p_adjusted < 0.001 THEN '<0.001' ELSE to_char(t.change_p_adjusted::numeric, 'FM0.000') END, U&'\2013')) ORDER BY t.period_start DESC)
        FROM (SELECT * FROM page_SURVEY.trend t WHERE t.grain = d->>'grain' AND t.period_start <= (d->'period'->>'period_start')::date ORDER BY t.period_start DESC LIMIT 25) t), '[]'),
    'dist', coalesce((SELECT json_agg(json_build_array(s.score::text, s.category, to_char(s.responses, 'FM999,990'),
            CASE WHEN s.share > 0 AND s.share < 0.0005 THEN '<0.1' ELSE to_char(100 * s.share::numeric, 'FM990.0') END || ' %') ORDER BY s.category = 'promoter', s.category = 'passive', substring(s.score::text, '^[0-9]+')::integer)
        FROM page_SURVEY.distribution_trend s WHERE s.grain = d->>'grain' AND s.period_start = (d->'period'->>'period_start')::date), '[]'))
    FROM nps_report_data('page_SURVEY', NULL, NULL, NULL, NULL, false, false, 0, 0) d"
sql -c "CREATE FUNCTION n(v double precision) RETURNS text LANGUAGE sql AS \$\$ SELECT replace(replace(to_char(round(v::numeric), 'FM990'), '-0', '0'), '-', U&'\2212') \$\$" || exit 1
for survey in empty one many wide hostile csat health gap sample materialized; do
    sql -c "SELECT nps_report_html('page_$survey', cases => 5, quotes => 5)" > "$tmp/$survey.html" || exit 1
    sql -c "${said//SURVEY/$survey}" > "$tmp/$survey.json" || exit 1
done
# of any days, in the other languages, and by month, week and day: the numbers are the same, and are looked at above
for variant in "days from_day=>current_date-200,to_day=>current_date-41" "few_days from_day=>current_date-9" "german_days language=>'de',to_day=>current_date-3" "german language=>'de'" "french language=>'fr'" "monthly grain=>'month'" "weekly grain=>'week'" "daily grain=>'day'" "yearly grain=>'year'"; do
    sql -c "SELECT nps_report_html('page_sample', ${variant#* }, cases => 5, quotes => 5)" > "$tmp/${variant%% *}.html" || exit 1
    echo null > "$tmp/${variant%% *}.json"
done
python3 "$tree/test/t/report_page.py" "$tmp" "$chromium" ${NPS_PICTURES:+"$NPS_PICTURES"}
