-- Exports as they come: dates as text, a value that is not a date, 4.0, NA, epochs, zeros that
-- stand for nothing.  nps_attach tries the mapping on the existing rows and
-- says how to map what it cannot; nps_check reports what came later.
CREATE SCHEMA attach_text;
SET search_path = attach_text, public;
SET timezone = 'UTC';
SET datestyle = 'ISO, DMY';

-- An attempt, and what is reported: message, detail, hint; a hint that names an argument is tried at once.
CREATE FUNCTION attempt(arguments text) RETURNS TABLE (told text) LANGUAGE plpgsql AS $$
DECLARE
	message text; detail text; hint text; state text; proposal text;
BEGIN
	BEGIN
		EXECUTE format('SELECT count(*) FROM nps_attach(%s)', arguments);
		DROP SCHEMA export_nps CASCADE;
		RETURN QUERY VALUES ('attached');
		RETURN;
	EXCEPTION WHEN OTHERS THEN
		GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT, state = RETURNED_SQLSTATE;
	END;
	RETURN QUERY SELECT t FROM unnest(ARRAY[state || ': ' || message, nullif(detail, ''), hint]) t WHERE t IS NOT NULL;
	proposal := substring(hint FROM '^Pass ([a-z_]+ => \$\$.*\$\$)[,.]');
	IF proposal IS NOT NULL THEN
		EXECUTE format('SELECT count(*) FROM nps_attach(''export'', ''score'', time_zone => ''Europe/Berlin'', %s)', proposal);
		RETURN QUERY EXECUTE 'SELECT format(''... so attached, %s of %s answers have a time'', count(responded_at), count(*)) FROM export_nps.response';
		DROP SCHEMA export_nps CASCADE;
	END IF;
END
$$;
SET client_min_messages = error;

CREATE TABLE export (id text PRIMARY KEY, score text, day_first text, month_first text, either text, dots text, iso text, forms text, mixed text, "When, said" text,
	words text, nothing text, seconds bigint, millis numeric, data jsonb, due text);
INSERT INTO export
SELECT 'r' || i, (i % 11) || '.0', to_char(at, 'DD/MM/YYYY HH24:MI'), to_char(at, 'FMMM/FMDD/YYYY FMHH12:MI:SS AM'), to_char(date '2024-01-01' + (i % 12) * 32, 'DD/MM/YYYY'), to_char(at, 'DD.MM.YYYY'),
	to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), to_char(at, 'YYYY/MM/DD FMHH12:MI:SS AM') || ' GMT+2',
	CASE WHEN i % 10 = 0 THEN 'N/A' WHEN i % 10 = 1 THEN 'soon' ELSE to_char(at, 'DD/MM/YYYY') END, to_char(at, 'DD/MM/YYYY'),
	'p' || i, NULL, extract(epoch FROM at)::bigint, extract(epoch FROM at) * 1000, jsonb_build_object('at', to_char(at, 'DD/MM/YYYY')), to_char(at, 'DD/MM/YYYY')
FROM (SELECT i, timestamp '2024-01-20 10:00' + i * interval '25 hours' AS at FROM generate_series(1, 200) i) g;

-- a text that looks like times: the format, and the proposal works as printed
SELECT * FROM attempt($$'export', 'score', responded_at => 'day_first', time_zone => 'Europe/Berlin'$$);
SELECT * FROM attempt($$'export', 'score', responded_at => 'month_first', time_zone => 'America/New_York'$$);
SELECT * FROM attempt($$'export', 'score', responded_at => 'dots'$$);
SELECT * FROM attempt($$'export', 'score', responded_at => 'iso'$$);
SELECT * FROM attempt($$'export', 'score', responded_at => 'forms', time_zone => 'Europe/Berlin'$$);
SELECT * FROM attempt($$'export', 'score', responded_at => 'When, said'$$);
SELECT * FROM attempt($$'export', 'score', responded_at => '(data->>''at'')'$$);
SELECT * FROM attempt($$'export', 'score', renewal_at => 'due'$$);
SELECT * FROM attempt($$'export', 'score', churned_at => 'due', time_zone => 'Asia/Tokyo'$$);
-- the majority of the texts decides
SELECT * FROM attempt($$'export', 'score', responded_at => 'mixed'$$);
-- both formats fit each row
UPDATE export SET either = to_char(date '2024-01-01' + (length(id) * 3) % 12, 'DD/MM/YYYY');
SELECT * FROM attempt($$'export', 'score', responded_at => 'either'$$);
-- counted from 1970
SELECT * FROM attempt($$'export', 'score', responded_at => 'seconds'$$);
SELECT * FROM attempt($$'export', 'score', responded_at => 'millis'$$);
-- not times at all
SELECT * FROM attempt($$'export', 'score', responded_at => 'words'$$);
SELECT * FROM attempt($$'export', 'score', responded_at => 'nothing'$$);

-- if an extension's schema is not in the search path, it is named
BEGIN;
SET LOCAL search_path = attach_text;
SELECT public.nps_attach('export', 'score', responded_at => 'day_first');
ROLLBACK;

-- An expression that depends on the reader: reported, with the cure.
SET client_min_messages = warning;
SELECT count(*) > 0 AS attached FROM nps_attach('export', 'score', 'varying', responded_at => '(day_first::timestamp)', churned_at => $$CASE WHEN id = 'r1' THEN now() END$$, time_zone => 'Europe/Berlin', loop_since => '-infinity');
SELECT severity, finding, detail, fix FROM nps_check('varying') WHERE finding LIKE '%session%';
\set SHOW_CONTEXT never
CALL nps_materialize('varying');
\set SHOW_CONTEXT errors
SELECT replace(fix, 'SELECT *', 'SELECT count(*) > 0 AS attached') AS fix FROM nps_check('varying') WHERE detail LIKE '%responded_at%' AND finding LIKE '%session%' \gexec
SELECT count(*) AS findings FROM nps_check('varying') WHERE detail LIKE '%responded_at%' AND finding LIKE '%session%';
-- not reported for what is the same for everybody: zones by name, numbers, to_timestamp of a number, our own functions
SELECT count(*) > 0 AS attached FROM nps_attach('export', 'score', 'alike', responded_at => 'to_timestamp(seconds)', renewal_at => $$(to_timestamp(seconds) AT TIME ZONE 'Asia/Tokyo')$$,
	churned_at => $$nps_parse_time(due, 'DD/MM/YYYY', 'Asia/Tokyo')$$, comment => $$(data->>'at')$$, response_id => $$jsonb_build_array(id, seconds)::text$$, respondent => $$format('%s/%s', words, seconds % 7)$$, account => $$concat(words || '-' || seconds, true)$$,
	segments => ARRAY['upper(words) AS loud'], loop_since => '-infinity');
CALL nps_materialize('alike');

-- One cell that is not a time: reported with argument and row; mapped as proposed, it is an answer without a date.
UPDATE export SET day_first = '2036,5' WHERE id = 'r150';
SELECT count(*) FROM nps_attach('export', 'score', 'one_cell', responded_at => '(day_first::timestamp)', time_zone => 'Europe/Berlin');
SELECT count(*) > 0 AS attached FROM nps_attach('export', 'score', 'one_cell', responded_at => $$nps_parse_time(day_first, 'DD/MM/YYYY', 'Europe/Berlin')$$, time_zone => 'Europe/Berlin');
SELECT responses, unanswered, rejected FROM one_cell.summary;
SELECT sum(responses) FILTER (WHERE period_start IS NULL) AS without_a_date, sum(responses) AS answers FROM one_cell.trend WHERE grain = 'year';
-- such a cell arrives later
UPDATE export SET day_first = '01/02/2024 10:00' WHERE id = 'r150';
SELECT count(*) > 0 AS attached FROM nps_attach('export', 'score', 'later', respondent => 'words', responded_at => '(day_first::timestamp)', time_zone => 'Europe/Berlin', loop_since => '-infinity');
INSERT INTO export (id, score, day_first) VALUES ('r999', '9.0', 'yesterday evening');
SELECT severity, finding, detail, fix FROM nps_check('later');
SELECT replace(fix, 'SELECT *', 'SELECT count(*) > 0 AS attached') AS fix FROM nps_check('later') \gexec
SELECT responses FROM later.summary;
-- a format that reads less than it could: reported, with one that reads more
SELECT count(*) > 0 AS attached FROM nps_attach('export', 'score', 'misread', responded_at => $$nps_parse_time(day_first, 'MM/DD/YYYY', 'Europe/Berlin')$$, filter => 'id <> ''r999''', time_zone => 'Europe/Berlin');
SELECT severity, finding, detail FROM nps_check('misread') WHERE finding = 'answers without a date';
SELECT replace(fix, 'SELECT *', 'SELECT count(*) > 0 AS attached') AS fix FROM nps_check('misread') WHERE finding = 'answers without a date' \gexec
SELECT severity, finding, detail FROM nps_check('misread') WHERE finding = 'answers without a date';
DROP SCHEMA misread CASCADE;
-- the other arguments
SELECT count(*) FROM nps_attach('export', '(score::numeric::int)', 'scores', filter => 'id <> ''r2''');
UPDATE export SET score = 'N/A' WHERE id = 'r77';
SELECT count(*) FROM nps_attach('export', '(score::numeric::int)', 'cast_scores');
SELECT count(*) FROM nps_attach('export', 'score', 'filters', filter => 'score::numeric > 3');
SELECT count(*) FROM nps_attach('export', 'score', 'segments', segments => ARRAY['words', '(100 / (CASE WHEN id = ''r77'' THEN 0 ELSE 1 END)) AS share']);
SELECT count(*) FROM nps_attach('export', 'score', 'ids', response_id => '(CASE WHEN id = ''r77'' THEN (''x'' || id)::int ELSE 1 END)');
-- nothing half-made is left
SELECT n.nspname FROM pg_namespace n WHERE n.nspname IN ('cast_scores', 'filters', 'segments', 'ids');

-- A value that changes when the row is rewritten cannot identify anything.
SELECT count(*) FROM nps_attach('export', 'score', 'systems', response_id => 'ctid');
SELECT count(*) FROM nps_attach('export', 'score', 'systems', response_id => 'xmin::text');
SELECT count(*) FROM nps_attach('export', 'score', 'systems', segments => ARRAY['(SELECT 1 WHERE export.cmax IS NULL) AS c']);

-- Zones by name.
SELECT count(*) FROM nps_attach('export', 'score', 'zones', time_zone => 'UTC+3');
SELECT count(*) FROM nps_attach('export', 'score', 'zones', time_zone => 'CET');
SELECT count(*) > 0 AS attached FROM nps_attach('export', 'score', 'zones', time_zone => 'europe/BERLIN');
SELECT time_zone, attached_with::jsonb->>'time_zone' AS attached_with FROM zones.survey;

-- Each error says what it is about, without the context of our own functions.
\set SHOW_CONTEXT always
CREATE TABLE without_key (score integer);
SELECT count(*) FROM nps_attach('without_key', 'score');
SELECT count(*) FROM nps_attach('export', 'scores');
SELECT count(*) FROM nps_attach('export', 'score', scale => 'stars');
SELECT count(*) FROM nps_attach('export', 'score', 'later');
SELECT nps_detach('nowhere');
SELECT nps_refresh_views('attach_text');
\set SHOW_CONTEXT errors

-- 4.0 is 4, NA is no answer, and a value that is not a score stays visible.
CREATE TABLE frame (id integer PRIMARY KEY, score text, words text);
INSERT INTO frame SELECT i, (ARRAY['4.0', '9.0', '10.0', 'NA', 'nan', '', '7.5', '11.0', 'n/a', '0.0'])[1 + i % 10], (ARRAY['NA', 'fine', '-', NULL, 'none of it'])[1 + i % 5] FROM generate_series(1, 100) i;
SELECT count(*) > 0 AS attached FROM nps_attach('frame', 'score', comment => 'words');
SELECT responses, detractors, promoters, unanswered, rejected, response_rate, comment_share FROM frame_nps.summary;
SELECT reason, raw_score, count(*) FROM frame_nps.not_counted GROUP BY reason, raw_score ORDER BY reason COLLATE "C", raw_score COLLATE "C";

-- Zeros that stand for no answer, though 0 is not the column's default.
CREATE TABLE zero (id integer PRIMARY KEY, score integer, as_text text, stars integer);
INSERT INTO zero SELECT i, CASE WHEN i % 3 = 0 THEN 0 ELSE 7 + i % 4 END, CASE WHEN i % 3 = 0 THEN ' 0 ' ELSE (7 + i % 4)::text END, CASE WHEN i % 3 = 0 THEN 0 ELSE 1 + i % 5 END FROM generate_series(1, 300) i;
SELECT count(*) > 0 AS attached FROM nps_attach('zero', 'score', 'zero_number', time_zone => 'UTC');
SELECT count(*) > 0 AS attached FROM nps_attach('zero', 'as_text', 'zero_text', time_zone => 'UTC');
SELECT count(*) > 0 AS attached FROM nps_attach('zero', 'stars', 'zero_stars', scale => 'csat5', time_zone => 'UTC');
SELECT s.survey, f.severity, f.finding, f.detail, f.fix FROM unnest('{zero_number,zero_text,zero_stars}'::text[]) s(survey), nps_check(s.survey) f WHERE f.finding LIKE 'zeros%';
SELECT replace(f.fix, 'SELECT *', 'SELECT count(*) > 0 AS attached') AS fix FROM unnest('{zero_number,zero_text,zero_stars}'::text[]) s(survey), nps_check(s.survey) f WHERE f.finding LIKE 'zeros%' \gexec
SELECT 'number' AS survey, responses, detractors, unanswered, rejected FROM zero_number.summary UNION ALL SELECT 'text', responses, detractors, unanswered, rejected FROM zero_text.summary
UNION ALL SELECT 'stars', responses, detractors, unanswered, rejected FROM zero_stars.summary;
-- people who answer 0 are not such zeros
UPDATE zero SET score = i % 7 FROM generate_series(1, 300) i WHERE id = i AND i % 3 > 0;
SELECT count(*) > 0 AS attached FROM nps_attach('zero', 'score', 'zero_people', time_zone => 'UTC', loop_since => '-infinity');
SELECT count(*) AS findings FROM nps_check('zero_people') WHERE finding LIKE 'zeros%';
-- The signs, with ten times as many zeros as ones: whether they come with comments, or with a time, as answers do; and their number
-- if there is no other sign.
CREATE TABLE telling (id integer PRIMARY KEY, score integer, said text, silent text, few text, at timestamptz, untimed timestamptz);
INSERT INTO telling SELECT i, s, CASE WHEN i % 3 = 0 THEN 'no good' END, CASE WHEN i % 3 = 0 AND (s > 0 OR i % 45 = 0) THEN 'no good' END, CASE WHEN i < 20 THEN 'no good' END, '2026-01-01Z', CASE WHEN s > 0 THEN timestamptz '2026-01-01Z' END
FROM (SELECT i, CASE WHEN i <= 400 THEN 0 WHEN i <= 430 THEN 1 WHEN i <= 700 THEN 2 + i % 5 ELSE 7 + i % 4 END AS s FROM generate_series(1, 1200) i) t;
CREATE FUNCTION zeros(said text, at text, filter text DEFAULT NULL) RETURNS TABLE (detail text) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM FROM nps_attach('attach_text.telling', 'score', 'telling_nps', comment => said, responded_at => at, filter => filter, time_zone => 'UTC', replace => to_regnamespace('telling_nps') IS NOT NULL);
	RETURN QUERY SELECT f.detail FROM nps_check('telling_nps') f WHERE f.finding LIKE 'zeros%';
END $$;
SELECT t.*, (SELECT z.detail FROM zeros(t.said, t.at, t.filter) z) AS zeros
FROM (VALUES ('said', 'at', NULL), ('silent', 'at', NULL), (NULL, 'at', NULL), (NULL, 'untimed', NULL), ('said', 'untimed', NULL), ('few', 'at', NULL), (NULL, NULL, NULL),
	-- without other signs: ten times as many as ones, and twice as many as all other detractors
	(NULL, NULL, 'score NOT BETWEEN 2 AND 6'), (NULL, NULL, 'score NOT BETWEEN 2 AND 6 AND id > 95'), (NULL, NULL, 'score <> 1'), (NULL, NULL, 'score NOT IN (1, 2, 3, 4)'), ('said', 'at', 'score NOT BETWEEN 1 AND 6'), ('silent', NULL, 'score NOT BETWEEN 1 AND 6'),
	-- only a few
	('silent', 'at', 'score > 1 OR id < 10'), ('silent', 'at', 'score > 1 OR id < 11')) t(said, at, filter);
-- The proposed index is the one that the finding names: without a time, if that is computed.
SELECT count(*) > 0 AS attached FROM nps_attach('telling', 'score', 'telling_nps', respondent => 'said', responded_at => 'at', time_zone => 'UTC', replace => true);
SELECT detail, fix FROM nps_check('telling_nps') WHERE detail ~ 'of a respondent';
SELECT count(*) > 0 AS attached FROM nps_attach('telling', 'score', 'telling_nps', respondent => 'said', responded_at => $$nps_parse_time(few, 'ISO 8601', 'UTC')$$, time_zone => 'UTC', replace => true);
SELECT detail, fix FROM nps_check('telling_nps') WHERE detail ~ 'of a respondent';

SET client_min_messages = error;
DROP SCHEMA attach_text, varying, alike, one_cell, later, scores, zones, frame_nps, zero_number, zero_text, zero_stars, zero_people, telling_nps CASCADE;
