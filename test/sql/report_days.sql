-- The report of any days: each number is the one that plain SQL gives for them, from the source and from a rollup.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET jit = off;
CREATE SCHEMA report_days;
SET search_path = report_days, public;

-- 1. Spans of days as periods.
SELECT day, nps_period(day, '14 days from 2026-01-05') AS fortnight, nps_period(day, '1 days from 1999-12-31') = day AS is_day, nps_period(day, '7 days from 2024-02-29') AS from_thursday
FROM (VALUES (date '2026-01-04'), ('2026-01-05'), ('2026-01-18'), ('2026-01-19'), ('1999-12-31'), ('1900-01-01')) d(day);
SELECT count(*) FILTER (WHERE nps_period(day, '7 days from 2031-03-03') IS DISTINCT FROM nps_period(day, 'week')) AS other_weeks,
	count(*) FILTER (WHERE day NOT BETWEEN start AND start + 90 OR (start - date '2026-02-28') % 91 <> 0) AS wrong
FROM (SELECT date '2020-01-01' + n AS day, nps_period(date '2020-01-01' + n, '91 days from 2026-02-28') AS start FROM generate_series(0, 3000) n) s;
-- the day is that of the zone
SELECT nps_period('2026-03-28 23:30+00', 'Europe/Berlin', '2 days from 2026-03-29') AS before_summer_time, nps_period('2026-03-30 22:30+00', 'Europe/Berlin', '2 days from 2026-03-29') AS in_it;
SELECT nps_period('4713-11-24 BC'::date, '9 days from 2026-01-01') AS no_such_day, nps_period('infinity'::date, '9 days from 2026-01-01') AS never;
CREATE FUNCTION refused(span text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN nps_period(date '2026-01-01', span);
EXCEPTION WHEN invalid_parameter_value THEN
	RETURN sqlerrm;
END $$;
SELECT refused(s) FROM unnest(ARRAY['0 days from 2026-01-05', '-3 days from 2026-01-05', '9999999 days from 2026-01-05', '3 days from 2026-02-29', '3 days from 2026-13-01', '3 days from 2201-01-01', '3 days from 2026-01-05 ',
	'3 days', '3 days from 2026-01', '99999999999999999999 days from 2026-01-05', '3 days from 2026-01-05''']) s;
SELECT nps_period(date '2026-01-01', 'fortnight');
-- the name changes from row to row
SELECT nps_period(date '2026-05-20', g) FROM unnest(ARRAY['2 days from 2026-05-19', 'month', '3 days from 2026-05-19', '2 days from 2026-05-20', 'day']) g;

-- 2. A survey, and what plain SQL says about any days of it.
CREATE TABLE answer (id integer PRIMARY KEY, who text, at timestamptz, score text, words text, plan text);
INSERT INTO answer
SELECT i, 'c' || i % 700, CASE WHEN i % 97 <> 0 THEN '2025-01-01 22:30+00'::timestamptz + i * interval '7 hours' END,
	CASE WHEN i % 37 = 0 THEN 'ten' WHEN i % 41 = 0 THEN NULL WHEN i % 3 = 0 AND i BETWEEN 900 AND 1200 THEN (i % 5)::text ELSE ((ARRAY[10, 9, 10, 3, 8, 7, 9, 10, 10, 6, 9])[1 + i % 11])::text END,
	CASE WHEN i % 4 = 0 THEN 'the price is too high' WHEN i % 7 = 0 THEN 'delivery came late' END, (ARRAY['starter', 'business', NULL])[1 + i % 3]
FROM generate_series(0, 1600) i;
SELECT count(*) > 0 AS attached FROM nps_attach('answer', 'score', 'days', respondent => 'who', responded_at => 'at', comment => 'words', segments => ARRAY['plan'], goal => 40, time_zone => 'Europe/Berlin', loop_since => '-infinity');
UPDATE days.survey SET follow_up_days = 10000;
UPDATE days.followup_all SET cause = 'could not get help' WHERE case_id IN (SELECT case_id FROM days.followup_all ORDER BY case_id DESC LIMIT 3);

CREATE FUNCTION tally_of(first date, last date, wanted text DEFAULT 'any') RETURNS nps_tally LANGUAGE sql AS $$
	SELECT nps_tally_agg(nps_parse_score(score)) FROM answer
	WHERE (at AT TIME ZONE 'Europe/Berlin')::date BETWEEN first AND last AND (wanted = 'any' OR plan IS NOT DISTINCT FROM nullif(wanted, '')) $$;
CREATE FUNCTION of_source(first date, last date) RETURNS TABLE (what text, value text) LANGUAGE sql AS $$
	WITH tally AS (SELECT tally_of(first, last) AS now, tally_of(first - (last - first + 1), first - 1) AS before
	), member AS (
		SELECT p.plan, tally_of(first, last, p.plan) AS now, tally_of(first - (last - first + 1), first - 1, p.plan) AS before FROM (VALUES ('starter'), ('business'), ('')) p(plan)
	), mention AS (
		SELECT c.cause, m.response_id, m.respondent FROM days.cause c JOIN days.cause_mention m ON m.cause = c.cause WHERE (m.responded_at AT TIME ZONE 'Europe/Berlin')::date BETWEEN first AND last
	)
	SELECT 'score', jsonb_build_array(nps_responses(t.now), s.nps, s.nps_low, s.nps_high, k.change, k.low, k.high, k.p_value)::text FROM tally t, nps_summary(t.now) s, nps_compare(t.before, t.now) k
	UNION ALL SELECT 'rejected', count(*)::text FROM answer WHERE score = 'ten' AND (at AT TIME ZONE 'Europe/Berlin')::date BETWEEN first AND last
	UNION ALL SELECT 'distribution ' || n, count(a.score)::text FROM generate_series(0, 10) n LEFT JOIN answer a ON a.score = n::text AND (a.at AT TIME ZONE 'Europe/Berlin')::date BETWEEN first AND last GROUP BY n
	UNION ALL SELECT 'segment ' || m.plan, jsonb_build_array(nps_responses(m.now), nps_score(m.now), nps_impact(m.now, t.now), nps_holm(CASE WHEN nps_responses(m.now) >= 30 THEN d.p_value END) OVER (),
			k.change, nps_holm(CASE WHEN least(nps_responses(m.now), nps_responses(m.before)) >= 30 THEN k.p_value END) OVER (), e.rate_effect, e.mix_effect)::text
		FROM member m, tally t, LATERAL nps_compare(t.now - m.now, m.now) d, LATERAL nps_compare(m.before, m.now) k, LATERAL nps_effects(m.before, t.before, m.now, t.now) e
	UNION ALL SELECT 'cause ' || m.cause, jsonb_build_array(count(DISTINCT m.respondent), nps_score(t.now) - (SELECT nps_score(nps_tally_agg(nps_parse_score(a.score))) FROM answer a
			WHERE (a.at AT TIME ZONE 'Europe/Berlin')::date BETWEEN first AND last AND a.id NOT IN (SELECT o.response_id FROM mention o WHERE o.cause = m.cause)))::text
		FROM mention m, tally t GROUP BY m.cause, t.now
	UNION ALL SELECT 'cases', jsonb_build_array(count(*), count(*) FILTER (WHERE is_open), count(*) FILTER (WHERE first_contacted_at IS NOT NULL))::text
		FROM days.followup_all WHERE (opened_at AT TIME ZONE 'Europe/Berlin')::date BETWEEN first AND last
$$;
CREATE FUNCTION of_report(first date, last date) RETURNS TABLE (what text, value text) LANGUAGE sql AS $$
	WITH d AS MATERIALIZED (SELECT nps_report_data('days', first, last, NULL, NULL, true, true, 0, 0) AS d)
	SELECT 'score', jsonb_build_array(p->'responses', p->'nps', p->'nps_low', p->'nps_high', p->'change', p->'change_low', p->'change_high', p->'change_p_value')::text FROM d, LATERAL (SELECT d->'period') x(p)
	UNION ALL SELECT 'rejected', d->'period'->>'rejected' FROM d
	UNION ALL SELECT 'distribution ' || (s->>'score'), s->>'responses' FROM d, jsonb_array_elements(d->'scores') s
	UNION ALL SELECT 'segment ' || coalesce(s->>'value', ''), jsonb_build_array(s->'responses', s->'nps', s->'impact', s->'difference_p', s->'change', s->'change_p', s->'rate_effect', s->'mix_effect')::text FROM d, jsonb_array_elements(d->'groups'->'by_impact') s
	UNION ALL SELECT 'cause ' || (c->>'cause'), jsonb_build_array(c->'respondents', c->'impact')::text FROM d, jsonb_array_elements(d->'causes') c
	UNION ALL SELECT 'cases', jsonb_build_array(l->'cases', l->'open', l->'contacted')::text FROM d, LATERAL (SELECT d->'loop'->0) x(l)
$$;
-- Except for rounding: from the same counts the same functions make both.
CREATE FUNCTION near(a text, b text) RETURNS boolean LANGUAGE sql AS $$
	SELECT a IS NOT DISTINCT FROM b OR jsonb_array_length(a::jsonb) = jsonb_array_length(b::jsonb) AND NOT EXISTS (
		SELECT FROM jsonb_array_elements_text(a::jsonb) WITH ORDINALITY x(v, n) JOIN jsonb_array_elements_text(b::jsonb) WITH ORDINALITY y(v, n) USING (n)
		WHERE x.v IS DISTINCT FROM y.v AND coalesce(abs(x.v::double precision - y.v::double precision) > 1e-9, true)) $$;
CREATE FUNCTION compared(first date, last date, OUT numbers bigint, OUT differences text) LANGUAGE sql AS $$
	SELECT count(*), string_agg(format('%s: %s for %s', what, r.value, s.value), '; ') FILTER (WHERE NOT coalesce(CASE WHEN r.value ~ '^\[' THEN near(r.value, s.value) ELSE r.value = s.value END, false))
	FROM of_source(first, last) s FULL JOIN of_report(first, last) r USING (what) $$;
CREATE TABLE days_tried AS SELECT * FROM (VALUES (date '2025-02-10', date '2025-03-21'), ('2025-10-03', '2026-01-19'), ('2025-09-15', '2025-10-11'), ('2025-12-24', '2026-02-02')) t(first, last);
SELECT t.*, c.* FROM days_tried t, compared(first, last) c;
CALL nps_materialize('days');
SELECT nps_rollup_serves('days.rollup');
SET datestyle = 'German';
SELECT to_char(first, 'YYYY-MM-DD') AS first, to_char(last, 'YYYY-MM-DD') AS last, c.* FROM days_tried t, compared(first, last) c;
SET datestyle = 'ISO, YMD';

-- 3. Days that are a period of the calendar are compared as one, and their trend is within them.
SELECT d->>'grain' AS grain, d->>'trend_grain' AS trend, d->'period'->>'change_from' AS change_from, d->'period' = p->'period' AS the_same_period, d->'groups' = p->'groups' AS groups, d->'scores' = p->'scores' AS scores,
	d->'loop' = p->'loop' AS loop, d->'causes' = p->'causes' AS causes, d->'year' = p->'year' AS year, d->'trend'->0->>'period_start' AS first, d->'trend'->-1->>'period_start' AS last
FROM (VALUES ('quarter', date '2025-10-01', date '2025-12-31'), ('year', '2025-01-01', '2025-12-31'), ('month', '2025-11-01', '2025-11-30'), ('week', '2025-11-03', '2025-11-09'), ('day', '2025-11-07', '2025-11-07')) c(grain, first, last),
	nps_report_data('days', first, last, NULL, NULL, true, true, 0, 0) d, nps_report_data('days', NULL, NULL, first, c.grain, true, true, 0, 0) p;
-- The trend has whole periods within the days.
SELECT t.*, d->>'grain' AS grain, d->>'trend_grain' AS trend, jsonb_array_length(d->'trend') AS periods, d->'trend'->0->>'period_start' AS first_of_it, d->'trend'->-1->>'period_end' AS last_of_it
FROM (SELECT * FROM days_tried UNION ALL VALUES (date '2025-11-20', date '2025-11-28'), ('2025-11-20', '2025-11-21')) t, nps_report_data('days', first, last, NULL, NULL, false, false, 0, 0) d;
SELECT d->>'trend_grain' AS trend, jsonb_array_length(d->'trend') AS periods FROM nps_report_data('days', '2025-10-03', '2026-01-19', NULL, 'month', false, false, 0, 0) d;
-- There may be no trend.
SELECT report FROM nps_report_text('days', '2025-11-20', '2025-12-28', grain => 'quarter') LIMIT 7;
SELECT nps_report_html('days', '2025-11-20', '2025-12-28', grain => 'quarter') ~ 'class="trend"' AS has_trend;

-- 4. In words.
SELECT * FROM nps_report_text('days', '2025-10-03', '2026-01-19');
SELECT report FROM nps_report_text('days', from_day => '2026-01-03', to_day => '2026-01-04') LIMIT 3;
CREATE TABLE page AS SELECT l.language, nps_report_html('days', '2025-12-24', '2026-01-19', language => l.language, quotes => 1) AS html FROM unnest(ARRAY['en', 'de', 'fr']) l(language);
SELECT language, regexp_replace(replace(m[1], '&nbsp;', ' '), '<[^>]*>', '', 'g') AS heading FROM page, regexp_matches(html, '<p class="over">(.*?)</header>', 'g') m ORDER BY 1;
SELECT language, regexp_replace(replace(m[1], '&nbsp;', ' '), '<[^>]*>', '', 'g') AS sentence FROM page, regexp_matches(html, '<p class="sub">(.*?)</p>', 'g') WITH ORDINALITY r(m, n) WHERE language = 'en' OR n > 5 ORDER BY 1, n;
-- One end is enough; days without rows between others are a report, and days beyond all rows an error.
SELECT d->>'grain' AS grain, d->'period'->>'responses' AS responses FROM nps_report_data('days', NULL, '2025-02-03', NULL, NULL, false, false, 0, 0) d;
SELECT (d->'period'->>'period_end')::date = (now() AT TIME ZONE 'Europe/Berlin')::date AS until_today FROM nps_report_data('days', '2026-01-02', NULL, NULL, NULL, false, false, 0, 0) d;
INSERT INTO answer VALUES (9001, 'c1', '2031-06-01', '9');
SELECT report FROM nps_report_text('days', '2028-01-05', '2028-01-19');
SELECT * FROM nps_report_text('days', '2023-01-05', '2023-01-19');
SELECT * FROM nps_report_text('days', '2026-01-05', '2025-01-19');
SELECT * FROM nps_report_text('days', 'infinity');
SELECT * FROM nps_report_text('days', '2026-01-05', period => '2025-01-19');
-- An error comes without the context of our own functions.
\set SHOW_CONTEXT always
SELECT nps_report_html('days', '2023-01-05', '2023-01-19');
SELECT * FROM nps_report_text('days', grain => 'fortnight');
SELECT * FROM nps_objects('no such survey');
SELECT * FROM nps_customer('c1', ARRAY['no such survey']);
\set SHOW_CONTEXT never
-- Answers without a date belong to no days.
CREATE TABLE undated AS SELECT i AS id, i % 11 AS score FROM generate_series(1, 50) i;
SELECT count(*) > 0 AS attached FROM nps_attach('undated', 'score', 'undated_days', response_id => 'id');
SELECT * FROM nps_report_text('undated_days', '2026-01-05', '2026-01-19');
DELETE FROM undated;
SELECT * FROM nps_report_text('undated_days', '2026-01-05', '2026-01-19');

-- 5. Who sees what: the same as in the views.
CREATE ROLE report_days_reader;
GRANT USAGE ON SCHEMA report_days TO report_days_reader;
SELECT nps_grant('days', 'report_days_reader', 'reader');
GRANT SELECT ON answer TO report_days_reader;
SET ROLE report_days_reader;
SELECT (d->'period'->>'responses')::integer > 100 AS reads FROM nps_report_data('days', '2025-10-03', '2026-01-19', NULL, NULL, true, true, 0, 0) d;
RESET ROLE;
CALL nps_dematerialize('days');
ALTER TABLE answer ENABLE ROW LEVEL SECURITY;
CREATE POLICY starter ON answer TO report_days_reader USING (plan = 'starter');
SET ROLE report_days_reader;
SELECT s->>'value' AS value, s->'responses' = d->'period'->'responses' AS is_all FROM nps_report_data('days', '2025-10-03', '2026-01-19', NULL, NULL, true, true, 0, 0) d, jsonb_array_elements(d->'groups'->'by_impact') s;
RESET ROLE;

SET client_min_messages = error;
DROP SCHEMA report_days, days, undated_days CASCADE;
DROP ROLE report_days_reader;
