-- The numbers of a survey: every view says the same, and the same as plain SQL
-- over the source; nothing is lost silently; nothing is 0 where it is unknown.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO, MDY';
CREATE SCHEMA attach_numbers;
SET search_path = attach_numbers, public;

-- What must be true of every survey, as rows where it is not.  rows_given is
-- the number of rows of the source.
CREATE FUNCTION contradictions(survey text, rows_given bigint) RETURNS TABLE (what text, one text, other text)
LANGUAGE plpgsql AS $$
DECLARE
	s record;
	r record;
	d record;
	n record;
BEGIN
	EXECUTE format('SELECT * FROM %I.summary', survey) INTO STRICT s;
	EXECUTE format($q$SELECT count(*) AS responses, count(*) FILTER (WHERE category = 'detractor') AS detractors,
		count(*) FILTER (WHERE category = 'passive') AS passives,
		count(*) FILTER (WHERE category = 'promoter') AS promoters,
		avg(nps_points) AS nps, avg(score::numeric) AS mean_score,
		count(*) FILTER (WHERE has_comment) AS comments, count(*) FILTER (WHERE score IS NULL) AS without_a_score,
		min(responded_at) AS first_answer, max(responded_at) AS last_answer
		FROM %I.response$q$, survey) INTO r;
	EXECUTE format($q$SELECT sum(responses) AS responses, sum(responses) FILTER (WHERE category = 'detractor') AS detractors,
		sum(responses) FILTER (WHERE category = 'passive') AS passives,
		sum(responses) FILTER (WHERE category = 'promoter') AS promoters, sum(share) AS share
		FROM %I.distribution$q$, survey) INTO d;
	EXECUTE format($q$SELECT count(*) AS rows, count(*) FILTER (WHERE reason = 'no answer') AS unanswered,
		count(*) FILTER (WHERE reason IN ('not a number', 'not whole', 'out of range')) AS rejected
		FROM %I.not_counted$q$, survey) INTO n;
	RETURN QUERY SELECT * FROM (VALUES
		('rows of the source', (s.responses + s.unanswered + s.rejected)::text, rows_given::text),
		('responses', s.responses::text, r.responses::text),
		('detractors', s.detractors::text, r.detractors::text),
		('passives', s.passives::text, r.passives::text),
		('promoters', s.promoters::text, r.promoters::text),
		('categories', s.responses::text, (s.detractors + s.passives + s.promoters)::text),
		-- bit for bit: their text shows every digit
		('nps and average of the points', s.nps::text, r.nps::text),
		('nps', s.nps::text, ((100.0::double precision * (s.promoters - s.detractors)) / nullif(s.responses, 0))::text),
		('nps within its interval', (s.nps BETWEEN s.nps_low AND s.nps_high)::text, (s.responses > 0 OR NULL)::text),
		('shares', round((s.detractor_share + s.passive_share + s.promoter_share)::numeric, 12)::text,
			CASE WHEN s.responses > 0 THEN '1.000000000000' END),
		('detractor_share', s.detractor_share::text, (r.detractors / nullif(r.responses, 0)::double precision)::text),
		('promoter_share', s.promoter_share::text, (r.promoters / nullif(r.responses, 0)::double precision)::text),
		('response without a score', r.without_a_score::text, '0'),
		('distribution: responses', d.responses::text, s.responses::text),
		('distribution: detractors', d.detractors::text, s.detractors::text),
		('distribution: passives', d.passives::text, s.passives::text),
		('distribution: promoters', d.promoters::text, s.promoters::text),
		('distribution: shares', round(d.share::numeric, 12)::text, CASE WHEN s.responses > 0 THEN '1.000000000000' END),
		('not_counted', n.rows::text, (s.unanswered + s.rejected)::text),
		('not_counted: no answer', n.unanswered::text, s.unanswered::text),
		('not_counted: with another reason', n.rejected::text, s.rejected::text),
		('response_rate', s.response_rate::text, CASE WHEN s.unanswered > 0 THEN (s.responses / rows_given::double precision)::text END),
		('comment_share', s.comment_share::text, (r.comments / nullif(r.responses, 0)::double precision)::text),
		('gap', s.gap::text, (s.nps - s.goal)::text),
		('first_answer', s.first_answer::text, (r.first_answer AT TIME ZONE 'UTC')::date::text),
		('last_answer', s.last_answer::text, (r.last_answer AT TIME ZONE 'UTC')::date::text)
	) AS facts(what, one, other)
	WHERE facts.one IS DISTINCT FROM facts.other;
END
$$;

--
-- 997 answers with 11 values of dirt among them
--
CREATE TABLE survey_data (id integer PRIMARY KEY, person text, score_text text, score_number numeric, score_whole bigint,
	words text, at timestamptz);
INSERT INTO survey_data (id, person, score_text, words, at)
SELECT i, 'p' || i % 60,
	CASE i % 97 WHEN 3 THEN NULL WHEN 9 THEN '' WHEN 14 THEN ' ' WHEN 21 THEN 'N/A' WHEN 30 THEN '11' WHEN 41 THEN '-1'
		WHEN 48 THEN '7.0' WHEN 55 THEN '8.5' WHEN 60 THEN 'ten' WHEN 66 THEN '9/10' WHEN 72 THEN '99'
		ELSE ((i * 37 + i / 7) % 11)::text END,
	CASE i % 4 WHEN 0 THEN 'something' WHEN 1 THEN '' WHEN 2 THEN '   ' END,
	'2023-01-01 00:00+00'::timestamptz + i * interval '11 hours'
FROM generate_series(1, 997) i;
UPDATE survey_data SET score_number = score_text::numeric WHERE score_text ~ '^-?[0-9.]+$';
UPDATE survey_data SET score_whole = score_number WHERE score_number = trunc(score_number);
SELECT count(*) > 0 AS attached FROM nps_attach('survey_data', 'score_text', respondent => 'person', comment => 'words', responded_at => 'at',
	goal => 12.5, schema_name => 'numbers_text', time_zone => 'UTC', loop_since => '-infinity');
SELECT count(*) > 0 AS attached FROM nps_attach('survey_data', 'score_number', respondent => 'person', comment => 'words', responded_at => 'at',
	goal => 12.5, schema_name => 'numbers_numeric', time_zone => 'UTC', loop_since => '-infinity');
SELECT count(*) > 0 AS attached FROM nps_attach('survey_data', 'score_whole', respondent => 'person', comment => 'words', responded_at => 'at',
	goal => 12.5, schema_name => 'numbers_whole', time_zone => 'UTC', loop_since => '-infinity');
SELECT count(*) > 0 AS attached FROM nps_attach('survey_data', 'nps_parse_score(score_text)', respondent => 'person', comment => 'words',
	responded_at => 'at', goal => 12.5, schema_name => 'numbers_parsed', time_zone => 'UTC', loop_since => '-infinity');
SELECT c.*, s.survey
FROM (VALUES ('numbers_text'), ('numbers_numeric'), ('numbers_whole'), ('numbers_parsed')) AS s(survey)
CROSS JOIN LATERAL contradictions(s.survey, 997) c;

-- The same from plain SQL over the source, with no function of ours.
WITH plain AS (
	SELECT count(*) FILTER (WHERE score BETWEEN 0 AND 10) AS responses, count(*) FILTER (WHERE score BETWEEN 0 AND 6) AS detractors,
		count(*) FILTER (WHERE score BETWEEN 9 AND 10) AS promoters,
		count(*) FILTER (WHERE score_text IS NULL OR btrim(score_text) = '') AS unanswered, count(*) AS rows
	FROM (SELECT score_text, CASE WHEN score_text ~ '^ *[0-9]+ *$' THEN score_text::integer END AS score FROM survey_data) v
)
SELECT p.responses, p.detractors, p.promoters, p.unanswered, p.rows - p.responses - p.unanswered AS rejected,
	round((100.0 * (p.promoters - p.detractors) / p.responses), 4) AS nps
FROM plain p;
SELECT responses, detractors, promoters, unanswered, rejected, round(nps::numeric, 4) AS nps, round(nps_low::numeric, 4) AS nps_low,
	round(nps_high::numeric, 4) AS nps_high, round(mean_score::numeric, 4) AS mean_score,
	round(response_rate::numeric, 4) AS response_rate, round(comment_share::numeric, 4) AS comment_share, goal,
	round(gap::numeric, 4) AS gap, benchmark, first_answer, last_answer, warning
FROM numbers_text.summary;
SELECT reason, raw_score, count(*) FROM numbers_text.not_counted GROUP BY reason, raw_score ORDER BY reason COLLATE "C", raw_score COLLATE "C";
-- 7.0 counts as a number and as text; N/A is no answer.  What becomes of a value that is not a score is up to the expression.
SELECT 'text' AS scores, responses, unanswered, rejected FROM numbers_text.summary
UNION ALL SELECT 'numeric', responses, unanswered, rejected FROM numbers_numeric.summary
UNION ALL SELECT 'whole', responses, unanswered, rejected FROM numbers_whole.summary
UNION ALL SELECT 'parsed', responses, unanswered, rejected FROM numbers_parsed.summary;
SELECT * FROM numbers_whole.distribution ORDER BY score;

-- Each row of the source is in exactly one of response and not_counted.
SELECT id AS in_neither_or_both
FROM survey_data d
WHERE EXISTS (SELECT FROM numbers_text.response r WHERE r.response_id = d.id)
	= EXISTS (SELECT FROM numbers_text.not_counted n WHERE n.response_id = d.id);
-- Every row that is not counted shows its original value, and has a reason.
SELECT n.* FROM numbers_text.not_counted n JOIN survey_data d ON d.id = n.response_id
WHERE n.raw_score IS DISTINCT FROM d.score_text OR n.reason IS NULL OR n.respondent IS DISTINCT FROM d.person
	OR n.responded_at IS DISTINCT FROM d.at;
-- The category of each answer, its points, whether it has a comment.
SELECT r.* FROM numbers_whole.response r
WHERE r.category IS DISTINCT FROM CASE WHEN r.score <= 6 THEN 'detractor' WHEN r.score <= 8 THEN 'passive' ELSE 'promoter' END
	OR r.nps_points IS DISTINCT FROM CASE WHEN r.score <= 6 THEN -100 WHEN r.score <= 8 THEN 0 ELSE 100 END
	OR r.has_comment IS DISTINCT FROM coalesce(r.comment = 'something', false);
-- A condition on a computed column does not reach rows that do not count.
SELECT count(*) AS detractors_of_the_source, count(*) FILTER (WHERE nps_points < 0) AS the_same
FROM numbers_whole.response WHERE category = 'detractor';

-- Changes of the source are seen at once, and all views stay in step.
UPDATE survey_data SET score_text = '0', score_number = 0, score_whole = 0 WHERE id % 5 = 0;
DELETE FROM survey_data WHERE id % 7 = 0;
SELECT c.*, s.survey
FROM (VALUES ('numbers_text'), ('numbers_numeric'), ('numbers_whole'), ('numbers_parsed')) AS s(survey)
CROSS JOIN LATERAL contradictions(s.survey, (SELECT count(*) FROM survey_data)) c;
SELECT responses, rejected + unanswered AS not_counted FROM numbers_text.summary;

--
-- Nobody, and only some
--
TRUNCATE survey_data;
SELECT c.*, s.survey
FROM (VALUES ('numbers_text'), ('numbers_numeric'), ('numbers_whole'), ('numbers_parsed')) AS s(survey)
CROSS JOIN LATERAL contradictions(s.survey, 0) c;
\pset null NULL
SELECT * FROM numbers_whole.summary \gx
SELECT * FROM numbers_text.distribution ORDER BY score;
SELECT (SELECT count(*) FROM numbers_whole.response) AS response, (SELECT count(*) FROM numbers_whole.not_counted) AS not_counted,
	(SELECT count(*) FROM numbers_whole.followup) AS followup;

-- Invitations only: nobody answered.
INSERT INTO survey_data (id) VALUES (1), (2);
SELECT responses, nps, unanswered, rejected, response_rate, comment_share, warning FROM numbers_whole.summary;
SELECT * FROM contradictions('numbers_whole', 2);

-- All detractors: perhaps the scale is wrong.  With one answer of another category, the warning is gone.
UPDATE survey_data SET score_whole = 4;
SELECT responses, nps, response_rate, warning FROM numbers_whole.summary;
INSERT INTO survey_data (id, score_whole) VALUES (3, 11);
SELECT responses, nps, rejected, warning FROM numbers_whole.summary;
INSERT INTO survey_data (id, score_whole) VALUES (4, 7);
SELECT responses, nps, rejected, warning FROM numbers_whole.summary;
DELETE FROM survey_data WHERE id = 3;
SELECT responses, nps, detractors, promoters, warning FROM numbers_whole.summary;
-- No detractors.
DELETE FROM survey_data WHERE id < 4;
INSERT INTO survey_data (id, score_whole) VALUES (5, 10);
SELECT responses, nps, detractors, warning FROM numbers_whole.summary;
-- 0 is an answer.
TRUNCATE survey_data;
INSERT INTO survey_data (id, score_whole, score_text) VALUES (1, 0, '0');
SELECT w.responses, w.nps, w.mean_score, t.responses AS of_text, t.nps, t.mean_score
FROM numbers_whole.summary w, numbers_text.summary t;
-- Passives stay in the denominator: 6 detractors, 13 passives, 32 promoters, and 20 who left.
TRUNCATE survey_data;
INSERT INTO survey_data (id, score_whole)
SELECT i, CASE WHEN i <= 6 THEN 3 WHEN i <= 19 THEN 8 WHEN i <= 51 THEN 9 END FROM generate_series(1, 71) i;
SELECT responses, round(nps::numeric, 6) AS nps, unanswered, round(response_rate::numeric, 6) AS response_rate FROM numbers_whole.summary;

--
-- Other scales
--
CREATE TABLE satisfaction (id integer PRIMARY KEY, score integer, score_text text);
INSERT INTO satisfaction SELECT i, s, s::text FROM unnest(ARRAY[0, 1, 1, 2, 3, 3, 3, 4, 5, 5, 5, 5, 6, 7, 8, NULL]) WITH ORDINALITY AS u(s, i);
SELECT s.scale, r.*
FROM nps_scales() s
CROSS JOIN LATERAL (SELECT count(*) > 0 AS objects FROM nps_attach('satisfaction', 'score', scale => s.scale, schema_name => 'numbers_' || s.scale, loop_since => '-infinity')) r
ORDER BY s.scale COLLATE "C";
SELECT count(*) > 0 AS attached FROM nps_attach('satisfaction', 'score_text', scale => 'csat5', schema_name => 'numbers_csat5_text');
SELECT c.*, s.survey
FROM (SELECT 'numbers_' || scale AS survey FROM nps_scales() UNION ALL SELECT 'numbers_csat5_text') s
CROSS JOIN LATERAL contradictions(s.survey, 16) c;
SELECT 'csat5' AS scale, responses, detractors, passives, promoters, round(nps::numeric, 4) AS nps, round(mean_score::numeric, 4) AS mean, unanswered, rejected, benchmark FROM numbers_csat5.summary
UNION ALL SELECT 'ces5', responses, detractors, passives, promoters, round(nps::numeric, 4), round(mean_score::numeric, 4), unanswered, rejected, benchmark FROM numbers_ces5.summary
UNION ALL SELECT 'ces5_reversed', responses, detractors, passives, promoters, round(nps::numeric, 4), round(mean_score::numeric, 4), unanswered, rejected, benchmark FROM numbers_ces5_reversed.summary
UNION ALL SELECT 'csat7', responses, detractors, passives, promoters, round(nps::numeric, 4), round(mean_score::numeric, 4), unanswered, rejected, benchmark FROM numbers_csat7.summary
UNION ALL SELECT 'ces7', responses, detractors, passives, promoters, round(nps::numeric, 4), round(mean_score::numeric, 4), unanswered, rejected, benchmark FROM numbers_ces7.summary
UNION ALL SELECT 'health', responses, detractors, passives, promoters, round(nps::numeric, 4), round(mean_score::numeric, 4), unanswered, rejected, benchmark FROM numbers_health.summary
UNION ALL SELECT 'nps', responses, detractors, passives, promoters, round(nps::numeric, 4), round(mean_score::numeric, 4), unanswered, rejected, benchmark FROM numbers_nps.summary;
SELECT * FROM numbers_csat5.distribution ORDER BY score;
SELECT * FROM numbers_ces5_reversed.distribution ORDER BY score;
SELECT to_jsonb(a) AS whole, to_jsonb(b) AS text
FROM numbers_csat5.summary a, numbers_csat5_text.summary b WHERE to_jsonb(a) <> to_jsonb(b);
SELECT response_id, raw_score, reason FROM numbers_csat5.not_counted ORDER BY response_id;

-- Health scores have fractions, and bands in place of single scores.
CREATE TABLE health (id integer PRIMARY KEY, score numeric, score_double double precision, score_text text);
INSERT INTO health SELECT i, s::numeric, s::double precision, s
FROM unnest(ARRAY['0', '34.9', '34.999', '35', '69.5', '69.999', '70', '99.5', '100', '100.001', '-0.5', 'NaN', NULL]) WITH ORDINALITY AS u(s, i);
SELECT count(*) > 0 AS attached FROM nps_attach('health', 'score', scale => 'health', schema_name => 'health_numeric');
SELECT count(*) > 0 AS attached FROM nps_attach('health', 'score_double', scale => 'health', schema_name => 'health_double');
SELECT count(*) > 0 AS attached FROM nps_attach('health', 'score_text', scale => 'health', schema_name => 'health_text');
SELECT c.*, s.survey
FROM (VALUES ('health_numeric'), ('health_double'), ('health_text')) AS s(survey)
CROSS JOIN LATERAL contradictions(s.survey, 13) c;
SELECT responses, detractors, passives, promoters, nps, mean_score, unanswered, rejected FROM health_numeric.summary;
SELECT * FROM health_numeric.distribution ORDER BY category COLLATE "C";
SELECT response_id, score, category FROM health_text.response ORDER BY response_id;
SELECT response_id, raw_score, reason FROM health_double.not_counted ORDER BY response_id;
-- A report puts a score into the same category as the library, however close to the next one it is.
INSERT INTO health VALUES (14, 34.99999999999999999999, 34.5, '34.99999999999999999999'), (15, 69.99999999999999999999, 69.5, '69.99999999999999999999');
SELECT h.score, nps_category(h.score, 'health') AS by_the_library, r.category AS by_the_report
FROM health h JOIN health_numeric.response r ON r.response_id = h.id WHERE r.category <> nps_category(h.score, 'health');
SELECT h.score_text, nps_category(h.score_text, 'health') AS by_the_library, r.category AS by_the_report
FROM health h JOIN health_text.response r ON r.response_id = h.id WHERE r.category <> nps_category(h.score_text, 'health');
SELECT a.attname, format_type(a.atttypid, a.atttypmod) AS type_of_bands FROM pg_attribute a
WHERE a.attrelid = 'health_numeric.distribution'::regclass AND a.attnum > 0 ORDER BY a.attnum;
TRUNCATE health;
SELECT * FROM health_numeric.distribution ORDER BY category COLLATE "C";
SELECT responses, nps, nps_low, nps_high, mean_score, warning FROM health_numeric.summary;

-- Impossible dates do not break a report.  (to_jsonb: every column is computed.)
CREATE TABLE calendar (id integer PRIMARY KEY, score integer, at timestamptz, local timestamp, day date);
INSERT INTO calendar VALUES (1, 9, 'infinity', 'infinity', 'infinity'), (2, 3, '-infinity', '-infinity', '-infinity'),
	(3, 9, NULL, NULL, NULL);
SELECT count(*) > 0 AS attached FROM nps_attach('calendar', 'score', responded_at => 'at', schema_name => 'calendar_at', time_zone => 'UTC');
SELECT count(*) > 0 AS attached FROM nps_attach('calendar', 'score', responded_at => 'local', schema_name => 'calendar_local', time_zone => 'UTC');
SELECT count(*) > 0 AS attached FROM nps_attach('calendar', 'score', responded_at => 'day', schema_name => 'calendar_day', time_zone => 'UTC');
SELECT responses, nps, first_answer, last_answer FROM calendar_at.summary
UNION ALL SELECT responses, nps, first_answer, last_answer FROM calendar_local.summary
UNION ALL SELECT responses, nps, first_answer, last_answer FROM calendar_day.summary;
-- The type date has more years than timestamp.
UPDATE calendar SET day = '300000-01-01' WHERE id = 3;
SELECT to_jsonb(s) -> 'responses' AS three_with_a_day_beyond_timestamps FROM calendar_day.summary s;
-- The ends of the range of timestamp, seen from zones east and west.
UPDATE calendar SET at = CASE WHEN id = 1 THEN '294276-12-31 23:59:59+00' ELSE '4714-11-24 00:00:00+00 BC' END::timestamptz,
	local = CASE WHEN id = 1 THEN '294276-12-31 23:59:59' ELSE '4714-11-24 00:00:00 BC' END::timestamp;
SELECT count(*) > 0 AS attached FROM nps_attach('calendar', 'score', responded_at => 'at', schema_name => 'calendar_east', time_zone => 'Pacific/Kiritimati');
SELECT count(*) > 0 AS attached FROM nps_attach('calendar', 'score', responded_at => 'at', schema_name => 'calendar_west', time_zone => 'America/Los_Angeles');
SELECT count(*) > 0 AS attached FROM nps_attach('calendar', 'score', responded_at => 'local', schema_name => 'calendar_local_east', time_zone => 'Pacific/Kiritimati');
SELECT count(*) > 0 AS attached FROM nps_attach('calendar', 'score', responded_at => 'local', schema_name => 'calendar_local_west', time_zone => 'America/Los_Angeles');
SELECT to_jsonb(s) -> 'responses' AS three_east FROM calendar_east.summary s;
SELECT to_jsonb(s) -> 'responses' AS three_west FROM calendar_west.summary s;
SELECT to_jsonb(s) -> 'responses' AS three_local_east FROM calendar_local_east.summary s;
SELECT to_jsonb(s) -> 'responses' AS three_local_west FROM calendar_local_west.summary s;

SET search_path = public;
DROP SCHEMA numbers_text, numbers_numeric, numbers_whole, numbers_parsed, numbers_nps, numbers_csat5, numbers_csat5_text,
	numbers_csat7, numbers_ces5, numbers_ces7, numbers_ces5_reversed, numbers_health, health_numeric, health_double, health_text,
	calendar_at, calendar_local, calendar_day, calendar_east, calendar_west, calendar_local_east, calendar_local_west CASCADE;
DROP SCHEMA attach_numbers CASCADE;
