-- asked_at: when the customer was asked, which gives unanswered rows and the
-- response rate a period; from the source and from the rollup.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO, MDY';
SET jit = off;
CREATE SCHEMA asked_test;
SET search_path = asked_test, public;

CREATE TABLE invited (id integer PRIMARY KEY, sent timestamptz, at timestamptz, score integer, plan text, words text);
SELECT count(*) > 0 AS attached FROM nps_attach('invited', 'score', 'asked_by_hand', responded_at => 'at', asked_at => 'sent', comment => 'words', segments => ARRAY['plan'], time_zone => 'Europe/Berlin');
SELECT count(*) > 0 AS attached FROM nps_attach('invited', 'score', 'asked_not', responded_at => 'at', comment => 'words', segments => ARRAY['plan'], time_zone => 'Europe/Berlin');

--
-- By hand: of four customers asked in January three answered, one of them in February; of
-- three asked in February one did; in March somebody answered who had not been asked.
--
INSERT INTO invited VALUES
	(1, '2024-01-10 12:00+00', '2024-01-11 12:00+00', 9, 'a'), (2, '2024-01-10 12:00+00', '2024-01-31 22:59+00', 0, 'a'), (3, '2024-01-20 12:00+00', '2024-02-02 12:00+00', 9, 'a'),
	(4, '2024-01-20 12:00+00', NULL, NULL, 'b'), (5, '2024-02-10 12:00+00', '2024-02-12 12:00+00', 7, 'b'), (6, '2024-02-10 12:00+00', '2024-02-12 12:00+00', 11, 'b'),
	-- in Berlin this is February
	(7, '2024-01-31 23:30+00', NULL, NULL, 'b'), (8, NULL, '2024-03-03 12:00+00', 9, 'b'), (9, NULL, NULL, NULL, 'b');
UPDATE invited SET words = 'x' WHERE id = 1;
SELECT period_start, responses, nps, unanswered, rejected, response_rate, comment_share FROM asked_by_hand.trend WHERE grain = 'month' ORDER BY period_start;
-- Without asked_at it is as before: those who did not answer are in no period.
SELECT period_start, responses, nps, unanswered, rejected, response_rate FROM asked_not.trend WHERE grain = 'month' ORDER BY period_start;
-- Nothing else depends on it.
SELECT s.*, s = n AS same FROM (SELECT responses, unanswered, rejected, round(response_rate::numeric, 4) AS response_rate FROM asked_by_hand.summary) s,
	(SELECT responses, unanswered, rejected, round(response_rate::numeric, 4) AS response_rate FROM asked_not.summary) n;
(TABLE asked_by_hand.segment_trend EXCEPT TABLE asked_not.segment_trend) UNION ALL (TABLE asked_not.segment_trend EXCEPT TABLE asked_by_hand.segment_trend);
SELECT * FROM asked_by_hand.not_counted ORDER BY response_id;
SELECT severity, finding, detail, fix FROM nps_check('asked_by_hand') WHERE finding ~ 'asked|without a date';
SELECT severity, finding, detail, fix FROM nps_check('asked_not') WHERE finding ~ 'asked|without a date';
-- A period in which customers were asked and nobody answered has a row, also before the first answer.
INSERT INTO invited VALUES (10, '2023-11-10 12:00+00', NULL, NULL, 'a'), (11, '2024-05-10 12:00+00', NULL, NULL, 'a');
SELECT period_start, is_partial, responses, unanswered, response_rate FROM asked_by_hand.trend WHERE grain = 'month' ORDER BY period_start;
TRUNCATE invited;

--
-- Its type is that of a time
--
ALTER TABLE invited ADD day date, ADD naive timestamp, ADD words_of_day text;
SELECT count(*) > 0 AS attached FROM nps_attach('invited', 'score', 'asked_by_day', responded_at => 'at', asked_at => 'day', time_zone => 'Europe/Berlin');
SELECT count(*) > 0 AS attached FROM nps_attach('invited', 'score', 'asked_by_local_time', responded_at => 'at', asked_at => $$(naive - interval '1 hour')$$, time_zone => 'Europe/Berlin');
SELECT count(*) FROM nps_attach('invited', 'score', 'asked_wrong', responded_at => 'at', asked_at => 'words_of_day', time_zone => 'Europe/Berlin');
SELECT count(*) FROM nps_attach('invited', 'score', 'asked_wrong', segments => ARRAY['words AS asked_at'], time_zone => 'Europe/Berlin');
INSERT INTO invited (id, day, naive) VALUES (1, '2024-02-01', '2024-02-01 00:30'), (2, 'infinity', '-infinity'), (3, '0021-01-01', '2921-01-01');
SELECT asked_at FROM asked_by_day.answer ORDER BY response_id;
SELECT asked_at FROM asked_by_local_time.answer ORDER BY response_id;
SELECT 'day' AS survey, period_start, unanswered FROM asked_by_day.trend WHERE grain = 'month' UNION ALL SELECT 'local', period_start, unanswered FROM asked_by_local_time.trend WHERE grain = 'month'
ORDER BY 1, 2;
-- without times of answers, the times of asking are used
SELECT count(*) > 0 AS attached FROM nps_attach('invited', 'score', 'asked_alone', asked_at => 'sent', time_zone => 'Europe/Berlin');
TRUNCATE invited;

--
-- Arbitrary rows: compared with plain counting, and from the rollup as from the source.  One
-- table is partitioned, and its rows are counted one by one.
--
DROP SCHEMA asked_by_day, asked_by_local_time, asked_alone CASCADE;
ALTER TABLE invited DROP day, DROP naive, DROP words_of_day;
-- A whole number below 2^28, made from two values, the same everywhere.
CREATE FUNCTION pseudo(i integer, salt text) RETURNS integer LANGUAGE sql IMMUTABLE RETURN ('x' || substr(md5(i || salt), 1, 7))::bit(28)::integer;
CREATE FUNCTION some_rows(first integer, last integer) RETURNS SETOF invited LANGUAGE sql AS $$
	SELECT i, CASE pseudo(i, 'how') % 9 WHEN 0 THEN NULL WHEN 1 THEN 'infinity' WHEN 2 THEN sent - interval '2000 years' ELSE sent END,
		CASE WHEN score IS NOT NULL OR pseudo(i, 'at') % 5 = 0 THEN
			CASE pseudo(i, 'when') % 19 WHEN 0 THEN NULL WHEN 1 THEN '-infinity' ELSE sent + pseudo(i, 'delay') % (60 * 24) * interval '1 hour' - interval '1 day' END END,
		score, (ARRAY['free', 'pro', NULL])[1 + pseudo(i, 'plan') % 3], (ARRAY['', 'word', NULL])[1 + pseudo(i, 'words') % 3]
	FROM (SELECT i, timestamptz '2024-01-01' + pseudo(i, 'sent') % (400 * 24) * interval '1 hour' AS sent, nullif(pseudo(i, 'score') % 14, 13) AS score FROM generate_series(first, last) i) r
$$;
CREATE TABLE invited_parts (id integer, sent timestamptz, at timestamptz, score integer, plan text, words text) PARTITION BY RANGE (id);
CREATE TABLE invited_parts_1 PARTITION OF invited_parts FOR VALUES FROM (0) TO (500);
CREATE TABLE invited_parts_2 PARTITION OF invited_parts FOR VALUES FROM (500) TO (100000);
INSERT INTO invited SELECT * FROM some_rows(1, 2000);
INSERT INTO invited_parts TABLE invited;
SELECT count(*) > 0 AS attached FROM nps_attach('invited', 'score', 'asked_kept', responded_at => 'at', asked_at => 'sent', comment => 'words', segments => ARRAY['plan'], time_zone => 'Europe/Berlin');
SELECT count(*) > 0 AS attached FROM nps_attach('invited_parts', 'score', 'asked_parts', response_id => 'id', responded_at => 'at', asked_at => 'sent', comment => 'words', segments => ARRAY['plan'],
	time_zone => 'Europe/Berlin');

CREATE FUNCTION plain_day(at timestamptz) RETURNS date LANGUAGE sql STABLE
	RETURN CASE WHEN at >= '1900-01-01' AND at < '2201-01-01' THEN (at AT TIME ZONE 'Europe/Berlin')::date END;
-- The months for which the view says something else than the table.
CREATE VIEW wrong AS
	WITH by_asking AS (
		SELECT date_trunc('month', coalesce(plain_day(sent), plain_day(at)))::date AS month, count(*) FILTER (WHERE score BETWEEN 0 AND 10) AS answered,
			count(*) FILTER (WHERE score IS NULL) AS unanswered, count(*) FILTER (WHERE score NOT BETWEEN 0 AND 10) AS rejected
		FROM invited GROUP BY 1
	), by_answer AS (
		SELECT date_trunc('month', plain_day(at))::date AS month, count(*) AS responses FROM invited WHERE score BETWEEN 0 AND 10 GROUP BY 1
	)
	SELECT t.period_start, t.responses, t.unanswered, t.rejected, t.response_rate, a.answered
	FROM (SELECT * FROM asked_by_hand.trend WHERE grain = 'month') t
	LEFT JOIN by_asking a ON a.month IS NOT DISTINCT FROM t.period_start
	LEFT JOIN by_answer b ON b.month IS NOT DISTINCT FROM t.period_start
	WHERE (t.responses, t.unanswered, t.rejected) IS DISTINCT FROM (coalesce(b.responses, 0), coalesce(a.unanswered, 0), coalesce(a.rejected, 0))
		OR t.response_rate IS DISTINCT FROM a.answered / nullif(a.answered + a.unanswered + a.rejected, 0)::double precision;
CREATE FUNCTION differences() RETURNS TABLE (survey text, report text, rows bigint) LANGUAGE plpgsql AS $$
BEGIN
	FOREACH survey IN ARRAY ARRAY['asked_kept', 'asked_parts'] LOOP
		FOREACH report IN ARRAY ARRAY['summary', 'distribution', 'distribution_trend', 'trend', 'segment', 'segment_trend'] LOOP
			EXECUTE format('SELECT count(*) FROM ((TABLE %1$I.%3$I EXCEPT ALL TABLE %2$I.%3$I) UNION ALL (TABLE %2$I.%3$I EXCEPT ALL TABLE %1$I.%3$I)) AS d', survey, 'asked_by_hand', report) INTO rows;
			IF rows > 0 THEN
				RETURN NEXT;
			END IF;
		END LOOP;
		report := 'nps_verify';
		SELECT count(*) INTO rows FROM nps_verify(survey);
		IF rows > 0 THEN
			RETURN NEXT;
		END IF;
	END LOOP;
END
$$;
SELECT count(*) AS months, sum(responses) AS responses, sum(unanswered) AS unanswered, sum(rejected) AS rejected FROM asked_by_hand.trend WHERE grain = 'month';
TABLE wrong;
CALL nps_materialize('asked_kept');
CALL nps_materialize('asked_parts');
SELECT * FROM differences();
SELECT sum(answered) = sum(nps_responses(added::nps_tally)) AS each_answer_once, count(*) FILTER (WHERE added IS NULL AND answered > 0) > 0 AS on_other_days FROM asked_kept.rollup;

-- Every kind of change.
INSERT INTO invited SELECT * FROM some_rows(2001, 2100);
INSERT INTO invited_parts SELECT * FROM some_rows(2001, 2100);
SELECT * FROM differences();
SELECT id, format('UPDATE %%s SET %s WHERE id %%%% 17 = %s', change, place) AS statement INTO TABLE statement
FROM (VALUES (1, 'sent = sent + interval ''40 days''', 1), (2, 'sent = NULL', 2), (3, 'sent = ''2024-05-05 12:00+00''', 3), (4, 'at = at + interval ''1 month''', 4), (5, 'score = NULL', 5),
	(6, 'score = 99', 6), (7, 'score = 4, at = ''2024-05-05 12:00+00''', 7), (8, 'plan = ''pro''', 8), (9, 'words = ''more''', 9), (10, 'id = 5000 - id', 10)) v(id, change, place);
SELECT format(statement, source) FROM statement, unnest(ARRAY['invited', 'invited_parts']) AS source ORDER BY id, source \gexec
TABLE wrong;
SELECT * FROM differences();
DELETE FROM invited WHERE id % 3 = 0;
DELETE FROM invited_parts WHERE id % 3 = 0;
SELECT * FROM differences();
SELECT rows_before > rows_after AS folded FROM nps_compact('asked_kept');
SELECT rows_before > rows_after AS folded FROM nps_compact('asked_parts');
TABLE wrong;
SELECT * FROM differences();
-- cells that were counted elsewhere are found
BEGIN;
-- past the guard, which ignores what maintenance did not write
ALTER TABLE asked_kept.rollup DISABLE TRIGGER USER;
UPDATE asked_kept.rollup SET answered = answered + 1 WHERE day = '2024-05-05' AND plan = 'pro';
SELECT day, segments, answered_in_source - answered_in_rollup AS one_too_many FROM nps_verify('asked_kept');
ROLLBACK;
DELETE FROM invited;
DELETE FROM invited_parts;
SELECT * FROM differences();
SELECT rows_after FROM nps_compact('asked_kept');
INSERT INTO invited SELECT * FROM some_rows(1, 300);

-- With another mapping, it is another rollup.
SET client_min_messages = notice;
SELECT count(*) > 0 AS attached FROM nps_attach('invited', 'score', 'asked_kept', responded_at => 'at', asked_at => $$(sent + interval '1 second')$$, comment => 'words', segments => ARRAY['plan'],
	time_zone => 'Europe/Berlin', replace => true);
SET client_min_messages = warning;
-- An expression that depends on more than the row cannot be kept.
SELECT count(*) > 0 AS attached FROM nps_attach('invited', 'score', 'asked_kept', responded_at => 'at', asked_at => $$(sent + interval '1 month')$$, comment => 'words', segments => ARRAY['plan'],
	time_zone => 'Europe/Berlin', replace => true);
CALL nps_materialize('asked_kept');

RESET search_path;
DROP SCHEMA asked_by_hand, asked_not, asked_kept, asked_parts, asked_test CASCADE;
