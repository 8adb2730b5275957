-- Periods of the reports: the survey's time zone, days of 23 and 25 hours, ISO
-- weeks, empty and current periods, times that are not dates.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'America/Los_Angeles';	-- the reader's: must not matter
SET datestyle = 'ISO, MDY';
SET jit = off;		-- compiling would take longer than running
CREATE SCHEMA report_time;
SET search_path = report_time, public;

-- The views of a survey that cannot be read completely.
CREATE FUNCTION fails(survey text) RETURNS TABLE (view name, error text) LANGUAGE plpgsql AS $$
BEGIN
	FOR view IN SELECT relname FROM pg_class WHERE relnamespace = survey::regnamespace AND relkind = 'v' ORDER BY relname LOOP
		BEGIN
			EXECUTE format('SELECT sum(length(v::text)) FROM %I.%I v', survey, view) INTO error;
		EXCEPTION WHEN OTHERS THEN
			error := SQLERRM;
			RETURN NEXT;
		END;
	END LOOP;
END
$$;

CREATE TABLE form (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz, score integer, plan text);
SELECT count(*) > 0 AS attached FROM nps_attach('form', 'score', 'report_time_berlin', responded_at => 'at', respondent => 'id', segments => ARRAY['plan'],
	time_zone => 'Europe/Berlin', loop_since => '-infinity');
SET search_path = report_time, report_time_berlin, public;

--
-- The survey's zone
--
-- One answer each hour, on three days around each change of the clock.
INSERT INTO form (at, score)
SELECT h, 9 FROM generate_series('2024-03-30 00:00 Europe/Berlin', '2024-04-01 23:00 Europe/Berlin', interval '1 hour') h
UNION ALL SELECT h, 9 FROM generate_series('2024-10-26 00:00 Europe/Berlin', '2024-10-28 23:00 Europe/Berlin', interval '1 hour') h;
SELECT period_start, period_end, responses FROM trend WHERE grain = 'day' AND responses > 0 ORDER BY period_start;
-- Between them each day is there exactly once.
SELECT count(*) AS days, count(DISTINCT period_start) AS distinct_days, max(period_start) - min(period_start) + 1 AS two_hundred_thirteen
FROM trend WHERE grain = 'day' AND period_start <= '2024-10-28';
TRUNCATE form;

-- Half past midnight in Berlin is the day before in UTC, and two days before
-- for the reader; here also another month, quarter and year.
INSERT INTO form (at, score) VALUES ('2023-12-31 23:30+00', 9), ('2024-07-31 22:30+00', 9);
SELECT grain, period_start, period_end, responses FROM trend WHERE responses > 0 ORDER BY period_start, period_end;
SELECT first_answer, last_answer FROM summary;
TRUNCATE form;

-- Periods are half-open: the first microsecond is in, the last one too, the next one is not.
INSERT INTO form (at, score) VALUES
	('2024-01-31 23:59:59.999999 Europe/Berlin', 0), ('2024-02-01 00:00 Europe/Berlin', 10),
	('2024-02-29 23:59:59.999999 Europe/Berlin', 10), ('2024-03-01 00:00 Europe/Berlin', 0);
SELECT grain, period_start, period_end, responses, promoters FROM trend WHERE responses > 0 AND grain IN ('day', 'month') ORDER BY grain, period_start;
TRUNCATE form;

-- Weeks are ISO weeks, from Monday, also across the end of a year; quarters and
-- years begin in January; February has its days.
INSERT INTO form (at, score) SELECT (d || ' 12:00+00')::timestamptz, 9 FROM unnest(ARRAY['2019-12-29', '2019-12-30', '2020-01-05', '2020-01-06', '2020-02-29',
	'2020-12-31', '2021-01-03', '2021-01-04', '2021-02-28', '2021-06-30', '2021-09-30']::date[]) d;
SELECT grain, period_start, to_char(period_start, 'Dy IYYY-IW') AS week, period_end, period_end - period_start + 1 AS days, responses
FROM trend WHERE responses > 0 AND grain <> 'day' ORDER BY array_position(ARRAY['week', 'month', 'quarter', 'year'], grain), period_start;
SELECT t.grain, t.period_start, t.period_end
FROM trend t
WHERE period_end IS DISTINCT FROM CASE grain WHEN 'day' THEN period_start WHEN 'week' THEN period_start + 6
	WHEN 'month' THEN (period_start + interval '1 month')::date - 1 WHEN 'quarter' THEN (period_start + interval '3 months')::date - 1
	ELSE (period_start + interval '1 year')::date - 1 END
	OR extract(isodow FROM period_start) <> 1 AND grain = 'week' OR extract(day FROM period_start) <> 1 AND grain IN ('month', 'quarter', 'year')
	OR extract(month FROM period_start) NOT IN (1, 4, 7, 10) AND grain = 'quarter' OR extract(month FROM period_start) <> 1 AND grain = 'year';
TRUNCATE form;

--
-- Sources with other types of time give the same reports
--
CREATE TABLE typed (id integer PRIMARY KEY, score integer, plan text, zoned timestamptz, naive timestamp, day date, words text);
INSERT INTO typed
SELECT i, (i * 7) % 12, (ARRAY['a', 'b'])[i % 2 + 1], day::timestamp AT TIME ZONE 'Europe/Berlin', day, day, to_char(day, 'DD/MM/YYYY')
FROM generate_series(1, 400) i, LATERAL (SELECT date '2023-06-01' + i * 2) d(day);
SELECT count(*) > 0 AS attached FROM nps_attach('typed', 'score', 'report_time_zoned', responded_at => 'zoned', segments => ARRAY['plan'], time_zone => 'Europe/Berlin');
SELECT count(*) > 0 AS attached FROM nps_attach('typed', 'score', 'report_time_naive', responded_at => 'naive', segments => ARRAY['plan'], time_zone => 'Europe/Berlin');
SELECT count(*) > 0 AS attached FROM nps_attach('typed', 'score', 'report_time_day', responded_at => 'day', segments => ARRAY['plan'], time_zone => 'Europe/Berlin');
SELECT count(*) > 0 AS attached FROM nps_attach('typed', 'score', 'report_time_text', responded_at => $$to_timestamp(words, 'DD/MM/YYYY')::timestamp$$,
	segments => ARRAY['plan'], time_zone => 'Europe/Berlin');
SELECT 'trend' AS report, count(*) > 400 AS enough FROM report_time_zoned.trend UNION ALL SELECT 'segment_trend', count(*) > 400 FROM report_time_zoned.segment_trend;
(TABLE report_time_naive.trend EXCEPT TABLE report_time_zoned.trend) UNION ALL (TABLE report_time_zoned.trend EXCEPT TABLE report_time_naive.trend);
(TABLE report_time_day.trend EXCEPT TABLE report_time_zoned.trend) UNION ALL (TABLE report_time_zoned.trend EXCEPT TABLE report_time_day.trend);
(TABLE report_time_text.trend EXCEPT TABLE report_time_zoned.trend) UNION ALL (TABLE report_time_zoned.trend EXCEPT TABLE report_time_text.trend);
(TABLE report_time_naive.segment_trend EXCEPT TABLE report_time_zoned.segment_trend) UNION ALL (TABLE report_time_zoned.segment_trend EXCEPT TABLE report_time_naive.segment_trend);
(TABLE report_time_day.segment_trend EXCEPT TABLE report_time_zoned.segment_trend) UNION ALL (TABLE report_time_zoned.segment_trend EXCEPT TABLE report_time_day.segment_trend);
-- Another zone for the reader changes no report.
CREATE TABLE seen AS TABLE report_time_zoned.trend;
SET timezone = 'Pacific/Auckland';
(TABLE seen EXCEPT TABLE report_time_zoned.trend) UNION ALL (TABLE report_time_zoned.trend EXCEPT TABLE seen);
SET timezone = 'America/Los_Angeles';

-- A date stays the same day even if midnight does not exist or exists twice, and
-- a local time that was skipped, or that came twice, stays on its day.
CREATE TABLE odd (id integer PRIMARY KEY, score integer, at timestamp);
INSERT INTO odd SELECT row_number() OVER (), 9, d FROM generate_series(timestamp '2018-02-15', '2018-02-20', interval '30 minutes') d
	UNION ALL SELECT 1000 + row_number() OVER (), 9, d FROM generate_series(timestamp '2018-11-01', '2018-11-06', interval '30 minutes') d;
SELECT count(*) > 0 AS attached FROM nps_attach('odd', 'score', 'report_time_odd', responded_at => 'at', time_zone => 'America/Sao_Paulo');
SELECT count(*) > 0 AS attached FROM nps_attach('odd', 'score', 'report_time_odd_day', responded_at => 'at::date', time_zone => 'America/Sao_Paulo');
SELECT s.day, s.rows, a.responses AS by_time, b.responses AS by_day
FROM (SELECT at::date AS day, count(*) AS rows FROM odd GROUP BY 1) s
LEFT JOIN (SELECT * FROM report_time_odd.trend WHERE grain = 'day') a ON a.period_start = s.day
LEFT JOIN (SELECT * FROM report_time_odd_day.trend WHERE grain = 'day') b ON b.period_start = s.day
WHERE (s.rows, s.rows) IS DISTINCT FROM (a.responses, b.responses);

--
-- Empty periods
--
INSERT INTO form (at, score, plan) VALUES ('2024-01-15 12:00+00', 9, 'a'), ('2024-01-16 12:00+00', 9, 'b'), ('2024-03-15 12:00+00', NULL, 'a'), ('2024-03-16 12:00+00', 11, 'a'),
	('2024-05-15 12:00+00', 9, 'a'), ('2024-05-16 12:00+00', 3, 'c');
-- February and April have no rows at all; March has rows, but no answer that
-- counts: so the response rate is 0, and the change is NULL.  May is
-- compared with January.
SELECT period_start, period_end, responses, detractors, nps, round(nps_low::numeric, 6) AS nps_low, mean_score, unanswered, rejected, response_rate, comment_share, change, is_partial
FROM trend WHERE grain = 'month' AND period_start <= '2024-06-01' ORDER BY period_start;
-- segment_trend has no empty periods; b is gone, c is new.
SELECT period_start, value, responses, nps, share, change, rate_effect, mix_effect, rate_effect + mix_effect AS both
FROM segment_trend WHERE grain = 'month' ORDER BY period_start, value;
TRUNCATE form;

--
-- The current period, and what comes after it.  now() is constant within a transaction.
--
BEGIN;
INSERT INTO form (at, score, plan) VALUES (now(), 9, 'a'), (now() - interval '800 days', 9, 'a');
SELECT grain, count(*) AS one_is_partial, bool_and(responses = 1) AS has_an_answer,
	bool_and((now() AT TIME ZONE 'Europe/Berlin')::date BETWEEN period_start AND period_end) AS now_is_in_it
FROM trend WHERE is_partial AND period_start > now() - interval '400 days' GROUP BY grain ORDER BY grain;
SELECT grain, count(*) AS one_is_partial FROM segment_trend WHERE is_partial AND period_start > now() - interval '400 days' GROUP BY grain ORDER BY grain;
SELECT grain, count(*) AS one_is_the_last FROM trend t WHERE is_partial AND period_start > now() - interval '400 days' AND NOT EXISTS (SELECT FROM trend u WHERE u.grain = t.grain AND u.period_start > t.period_start)
GROUP BY grain ORDER BY grain;
SELECT count(*) AS unknown FROM trend WHERE is_partial IS NULL OR period_start IS NULL;
ROLLBACK;

-- Nothing is padded: the last period is that of the last row.
BEGIN;
INSERT INTO form (at, score, plan) VALUES (now() - interval '800 days', 9, 'a'), (now() - interval '790 days', NULL, 'a');
SELECT grain, max(period_end) < now() AT TIME ZONE 'Europe/Berlin' AS is_over, sum(unanswered) AS one,
	max(period_start) = nps_period(now() - interval '790 days', 'Europe/Berlin', grain) AS is_the_last
FROM trend GROUP BY grain ORDER BY grain;
ROLLBACK;

-- Answers in the future have their periods, and the periods up to then exist.
BEGIN;
INSERT INTO form (at, score, plan) VALUES
	((now() AT TIME ZONE 'Europe/Berlin' - interval '3 days') AT TIME ZONE 'Europe/Berlin', 9, 'a'),
	((now() AT TIME ZONE 'Europe/Berlin' + interval '3 days') AT TIME ZONE 'Europe/Berlin', 0, 'a'),
	(now() + interval '5000 years', 0, 'a');
SELECT period_start - (now() AT TIME ZONE 'Europe/Berlin')::date AS days_from_today, responses, nps, change, is_partial
FROM trend WHERE grain = 'day' ORDER BY period_start;
SELECT count(*) < 20 AS few_periods FROM trend WHERE grain <> 'day';
ROLLBACK;

-- The first period is partial if the first answer came after its first day, whatever other rows came before.
INSERT INTO form (at, score, plan) VALUES ('2024-01-01 12:00+00', NULL, 'a'), ('2024-02-01 12:00+00', 9, 'a'), ('2024-06-01 12:00+00', 9, 'a');
SELECT grain, period_start, is_partial FROM trend WHERE is_partial ORDER BY 1, 2;
SELECT grain, period_start, is_partial FROM segment_trend WHERE is_partial ORDER BY 1, 2;
UPDATE form SET at = '2024-01-31 22:59:59+00' WHERE at = '2024-02-01 12:00+00';
SELECT grain, period_start, is_partial FROM trend WHERE is_partial ORDER BY 1, 2;
TRUNCATE form;

-- A typo in the year creates no periods: the answer is in the row of those without a date.
INSERT INTO form (at, score, plan) VALUES ('0021-01-15 12:00+00', 9, 'a'), ('2921-01-15 12:00+00', 0, 'a'), ('1899-12-31 12:00+00', 0, 'b'), ('2201-01-01 12:00+00', 0, 'b'),
	('2021-01-15 12:00+00', 9, 'a'), ('2021-03-15 12:00+00', 9, 'b');
SELECT grain, count(*) AS periods, sum(responses) AS six, sum(responses) FILTER (WHERE period_start IS NULL) AS four FROM trend GROUP BY grain ORDER BY min(period_end - period_start);
SELECT grain, sum(responses) AS six, sum(responses) FILTER (WHERE period_start IS NULL) AS four FROM segment_trend GROUP BY grain ORDER BY min(period_end - period_start);
SELECT first_answer, last_answer, responses FROM summary;
SELECT finding, detail FROM nps_check('report_time_berlin') WHERE finding ~ 'date';
-- ... within the two hundred years that are left it creates no more than these have days
INSERT INTO form (at, score, plan) VALUES ('1900-01-01 12:00+00', 9, 'a'), ('2200-12-31 12:00+00', 9, 'a');
SELECT count(*) AS days, max(period_start) - min(period_start) + 1 AS days_but_the_undated FROM trend WHERE grain = 'day';
TRUNCATE form;

-- One year before: the same day, for a leap day the 28th, and for a week the same weekday.
INSERT INTO form (at, score, plan) VALUES ('2023-02-28 12:00+00', 0, 'a'), ('2024-02-29 12:00+00', 9, 'a'), ('2025-02-28 12:00+00', 9, 'a'), ('2025-03-01 12:00+00', 9, 'b');
SELECT grain, period_start, responses, change_from, change, year_change FROM trend WHERE responses > 0 ORDER BY 1, 2;
TRUNCATE form;

--
-- Times that are not dates: the answer counts, without a date, and no view fails
--
INSERT INTO form (at, score, plan) VALUES (NULL, 9, 'a'), ('infinity', 9, 'a'), ('-infinity', 2, 'b'), ('294276-12-31 23:59:59.999999+00', 9, 'a'),
	('4714-11-24 00:00+00 BC', 9, 'b'), ('0044-03-15 12:00+00 BC', 9, 'a'), ('0001-01-01 00:00+00', 9, 'a'), ('9999-12-31 23:59:59+00', 9, 'a'),
	('2024-05-05 12:00+00', 9, 'a');
SELECT * FROM fails('report_time_berlin');
SELECT grain, period_start, period_end, is_partial, responses, nps, change FROM trend WHERE responses > 0 ORDER BY grain, period_start;
SELECT grain, period_start, is_partial, value, responses, nps, share, change, rate_effect FROM segment_trend ORDER BY grain, period_start, value;
SELECT responses, nps, first_answer, last_answer FROM summary;
SELECT count(*) AS nine, count(responded_at) AS eight FROM response;
-- The same in zones west and east of Greenwich; all times are those of the customer as well.
SELECT count(*) > 0 AS attached FROM nps_attach('form', 'score', 'report_time_west', responded_at => 'at', churned_at => 'at', respondent => 'plan', account => 'plan',
	segments => ARRAY['plan'], time_zone => 'Pacific/Niue', loop_since => '-infinity');
SELECT count(*) > 0 AS attached FROM nps_attach('form', 'score', 'report_time_east', responded_at => 'at', churned_at => 'at', respondent => 'plan', account => 'plan',
	segments => ARRAY['plan'], time_zone => 'Asia/Tokyo', loop_since => '-infinity');
SELECT * FROM fails('report_time_west') UNION ALL SELECT * FROM fails('report_time_east');
SELECT (SELECT responses FROM report_time_west.trend WHERE grain = 'year' AND period_start IS NULL) AS west_eight,
	(SELECT responses FROM report_time_east.trend WHERE grain = 'year' AND period_start IS NULL) AS east_eight;
-- An impossible date for a customer's renewal must not stop a report either.
SELECT count(*) > 0 AS attached FROM nps_attach('form', 'score', 'report_time_renewal', responded_at => $$(now() - interval '1 hour')$$, renewal_at => 'at', respondent => 'id',
	time_zone => 'Asia/Tokyo', loop_since => '-infinity');
SELECT * FROM fails('report_time_renewal');
SELECT count(*) AS one_case FROM report_time_renewal.followup;
TRUNCATE form;

-- Times without a zone and dates can lie where no time with a zone can.
CREATE TABLE naive (id integer PRIMARY KEY, score integer, at timestamp, day date);
INSERT INTO naive VALUES (1, 9, '2024-05-05 12:00', '2024-05-05'), (2, 9, '294276-12-31 23:59:59.999999', '5874897-12-31'), (3, 2, '4714-11-24 00:00 BC', '4714-11-24 BC'),
	(4, 9, 'infinity', 'infinity'), (5, 9, '-infinity', '-infinity'), (6, 9, NULL, NULL);
SELECT count(*) > 0 AS attached FROM nps_attach('naive', 'score', 'report_time_naive_west', responded_at => 'at', churned_at => 'at', renewal_at => 'at', respondent => 'id',
	time_zone => 'Pacific/Niue', loop_since => '-infinity');
SELECT count(*) > 0 AS attached FROM nps_attach('naive', 'score', 'report_time_naive_east', responded_at => 'at', churned_at => 'at', renewal_at => 'day', respondent => 'id',
	time_zone => 'Asia/Tokyo', loop_since => '-infinity');
SELECT count(*) > 0 AS attached FROM nps_attach('naive', 'score', 'report_time_naive_day', responded_at => 'day', churned_at => 'day', renewal_at => 'day', respondent => 'id',
	time_zone => 'Asia/Tokyo', loop_since => '-infinity');
SELECT 'west' AS survey, * FROM fails('report_time_naive_west') UNION ALL SELECT 'east', * FROM fails('report_time_naive_east')
UNION ALL SELECT 'day', * FROM fails('report_time_naive_day');
SELECT responses AS west_five FROM report_time_naive_west.trend WHERE grain = 'year' AND period_start IS NULL;
SELECT responses AS east_five FROM report_time_naive_east.trend WHERE grain = 'year' AND period_start IS NULL;
SELECT responses AS day_five FROM report_time_naive_day.trend WHERE grain = 'year' AND period_start IS NULL;

SET search_path = public;
DROP SCHEMA report_time_berlin, report_time_zoned, report_time_naive, report_time_day, report_time_text, report_time_odd, report_time_odd_day,
	report_time_west, report_time_east, report_time_renewal, report_time_naive_west, report_time_naive_east, report_time_naive_day CASCADE;
DROP SCHEMA report_time CASCADE;
