-- Working time: deadlines, and the hours between two times, in the work days,
-- hours and holidays of a survey or around the clock.
\set SHOW_CONTEXT never
SET timezone = 'America/Los_Angeles';	-- the reader's: must not matter
SET datestyle = 'ISO, MDY';
SET jit = off;		-- compiling would take longer than running
CREATE SCHEMA nps_test_work_time;
SET search_path = nps_test_work_time, public;

-- An office in Berlin, Monday to Friday from 9 to 5.  Good Friday, Easter Monday,
-- the First of May and Christmas are on work days; 2026-05-02 and 2026-12-26 are Saturdays.
CREATE FUNCTION holidays() RETURNS date[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN '{2026-12-25,2026-04-03,2026-04-06,2026-05-01,2026-05-02,2026-12-26}'::date[];
CREATE FUNCTION berlin(at timestamp) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN at AT TIME ZONE 'Europe/Berlin';
CREATE FUNCTION due(start timestamp, hours float8) RETURNS timestamp LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN nps_due(berlin(start), hours, 'Europe/Berlin', 'Mon Tue Wed Thu Fri', '09:00', '17:00', holidays()) AT TIME ZONE 'Europe/Berlin';
CREATE FUNCTION hours_between(start timestamp, until timestamp) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN nps_hours_between(berlin(start), berlin(until), 'Europe/Berlin', 'Mon Tue Wed Thu Fri', '09:00', '17:00', holidays());

-- Deadlines, calculated by hand; 2026-03-02 is a Monday.
CREATE TABLE deadline (start timestamp, hours float8, due timestamp);
INSERT INTO deadline VALUES
	-- within a day, and exactly at its end
	('2026-03-02 10:00', 1, '2026-03-02 11:00'), ('2026-03-02 16:00', 1, '2026-03-02 17:00'), ('2026-03-02 09:00', 8, '2026-03-02 17:00'),
	('2026-03-02 10:00', 0.25, '2026-03-02 10:15'), ('2026-03-02 10:00', 0.1, '2026-03-02 10:06'),
	-- into the next days
	('2026-03-02 16:00', 1.5, '2026-03-03 09:30'), ('2026-03-02 09:00', 16, '2026-03-03 17:00'), ('2026-03-02 16:59', 8, '2026-03-03 16:59'),
	('2026-03-02 09:00', 40, '2026-03-06 17:00'), ('2026-03-02 09:00', 40.5, '2026-03-09 09:30'), ('2026-03-04 12:00', 80, '2026-03-18 12:00'),
	-- before and after work
	('2026-03-02 07:00', 1, '2026-03-02 10:00'), ('2026-03-02 00:00', 8, '2026-03-02 17:00'), ('2026-03-02 17:00', 1, '2026-03-03 10:00'),
	('2026-03-02 20:00', 1, '2026-03-03 10:00'), ('2026-03-02 23:59:59.999999', 8, '2026-03-03 17:00'), ('2026-03-02 20:00', 8.5, '2026-03-04 09:30'),
	-- weekends
	('2026-03-06 16:00', 2, '2026-03-09 10:00'), ('2026-03-06 17:00', 1, '2026-03-09 10:00'), ('2026-03-07 12:00', 8, '2026-03-09 17:00'),
	('2026-03-08 23:59:59.999999', 0.5, '2026-03-09 09:30'), ('2026-03-07 12:00', 41, '2026-03-16 10:00'),
	-- holidays: Easter from Friday to Monday, the First of May before a weekend whose Saturday is a holiday too
	('2026-04-02 16:00', 1, '2026-04-02 17:00'), ('2026-04-02 16:00', 2, '2026-04-07 10:00'), ('2026-04-03 12:00', 1, '2026-04-07 10:00'),
	('2026-04-04 12:00', 8, '2026-04-07 17:00'), ('2026-04-06 09:00', 1, '2026-04-07 10:00'), ('2026-04-01 09:00', 40, '2026-04-09 17:00'),
	('2026-04-30 16:30', 1, '2026-05-04 09:30'), ('2026-05-01 00:00', 0.5, '2026-05-04 09:30'), ('2026-12-24 17:00', 8, '2026-12-28 17:00'),
	-- zero hours: the start itself, at work or not
	('2026-03-02 10:00', 0, '2026-03-02 10:00'), ('2026-03-02 17:00', 0, '2026-03-02 17:00'), ('2026-03-07 12:00', 0, '2026-03-07 12:00'),
	('2026-04-03 12:00', 0, '2026-04-03 12:00'), ('2026-03-07 12:00', 1e-10, '2026-03-07 12:00'),
	-- one microsecond more or less
	('2026-03-02 16:59:59.999999', 1 / 3.6e9, '2026-03-02 17:00'), ('2026-03-02 16:59:59.999999', 2 / 3.6e9, '2026-03-03 09:00:00.000001'),
	('2026-03-07 12:00', 1 / 3.6e9, '2026-03-09 09:00:00.000001'),
	-- backwards: the beginning of a day still belongs to that day
	('2026-03-02 10:00', -1, '2026-03-02 09:00'), ('2026-03-02 10:00', -2, '2026-02-27 16:00'), ('2026-03-02 17:00', -8, '2026-03-02 09:00'),
	('2026-03-02 09:00', -1, '2026-02-27 16:00'), ('2026-03-07 12:00', -8, '2026-03-06 09:00'), ('2026-03-02 09:00', -40, '2026-02-23 09:00'),
	('2026-03-02 20:00', -0.5, '2026-03-02 16:30'), ('2026-04-07 09:30', -1, '2026-04-02 16:30'), ('2026-04-05 09:30', -8, '2026-04-02 09:00'),
	('2026-03-02 09:00', -1 / 3.6e9, '2026-02-27 16:59:59.999999'),
	-- across the changes of the clocks, on Sundays: the 29th of March and the 25th of October
	('2026-03-27 16:00', 2, '2026-03-30 10:00'), ('2026-10-23 16:00', 2, '2026-10-26 10:00'), ('2026-03-30 10:00', -2, '2026-03-27 16:00'),
	-- 156 weeks, with the four holidays on work days in them, the first after them
	('2026-01-05 09:00', 6240, '2029-01-04 17:00'), ('2027-01-04 09:00', 6240, '2029-12-28 17:00'),
	('2029-01-04 17:00', -6240, '2026-01-05 09:00');
SELECT count(*) AS checked FROM deadline;
SELECT start, hours, due, due(start, hours) AS wrong FROM deadline WHERE due(start, hours) IS DISTINCT FROM due;
-- and for each of them the hours between
SELECT start, hours, hours_between(start, due) AS wrong FROM deadline WHERE abs(hours_between(start, due) - hours) > 1e-10;
SELECT start, hours, hours_between(due, start) AS wrong FROM deadline WHERE abs(hours_between(due, start) + hours) > 1e-10;
SELECT to_char(start, 'Dy YYYY-MM-DD HH24:MI') AS start, hours, to_char(due(start, hours), 'Dy YYYY-MM-DD HH24:MI') AS due, hours_between(start, due(start, hours)) AS between
FROM deadline WHERE (start, hours) IN (('2026-03-02 16:00', 1), ('2026-03-02 16:00', 1.5), ('2026-03-06 16:00', 2), ('2026-04-02 16:00', 2), ('2026-03-02 10:00', -2))
ORDER BY deadline.start, hours;

-- Hours between two times, by hand.
CREATE TABLE span (start timestamp, until timestamp, hours float8);
INSERT INTO span VALUES
	('2026-03-02 10:00', '2026-03-02 10:00', 0), ('2026-03-02 09:00', '2026-03-02 17:00', 8), ('2026-03-02 00:00', '2026-03-03 00:00', 8),
	('2026-03-02 10:15', '2026-03-02 12:45', 2.5), ('2026-03-02 06:00', '2026-03-02 09:00', 0), ('2026-03-02 17:00', '2026-03-03 09:00', 0),
	('2026-03-02 18:00', '2026-03-02 23:00', 0), ('2026-03-02 08:00', '2026-03-02 10:00', 1), ('2026-03-02 16:00', '2026-03-02 22:00', 1),
	('2026-03-06 16:00', '2026-03-09 10:00', 2), ('2026-03-07 10:00', '2026-03-08 16:00', 0), ('2026-03-01 00:00', '2026-04-01 00:00', 22 * 8),
	('2026-04-02 09:00', '2026-04-07 17:00', 16), ('2026-04-03 09:00', '2026-04-06 17:00', 0), ('2026-05-01 10:00', '2026-05-04 09:00', 0),
	('2026-03-27 09:00', '2026-03-30 17:00', 16), ('2026-10-23 09:00', '2026-10-26 17:00', 16), ('2026-03-28 00:00', '2026-03-30 00:00', 0),
	-- 1096 days from a Thursday on: 156 weeks, a Thursday and a Friday, minus four holidays
	('2026-01-01 00:00', '2029-01-01 00:00', (156 * 5 + 2 - 4) * 8), ('2027-01-01 00:00', '2030-01-01 00:00', (156 * 5 + 2) * 8);
SELECT count(*) AS checked FROM span;
SELECT start, until, hours, hours_between(start, until) AS wrong FROM span WHERE hours_between(start, until) IS DISTINCT FROM hours;
SELECT start, until, hours, hours_between(until, start) AS wrong FROM span WHERE hours_between(until, start) IS DISTINCT FROM -hours;

-- Zones: the same moment is in working time here, and not there.
SELECT zone, nps_due('2026-03-02 08:30+00', 1, zone, 'Mon Tue Wed Thu Fri', '09:00', '17:00', NULL) AT TIME ZONE zone AS due,
	nps_hours_between('2026-03-02 08:30+00', '2026-03-03 08:30+00', zone, 'Mon Tue Wed Thu Fri', '09:00', '17:00', NULL) AS hours_of_a_day,
	nps_hours_between('2026-03-02 08:30+00', '2026-03-02 12:00+00', zone, 'Mon Tue Wed Thu Fri', '09:00', '17:00', NULL) AS until_noon_of_utc
FROM (VALUES ('UTC'), ('Europe/Berlin'), ('America/New_York'), ('Asia/Tokyo'), ('Asia/Kolkata'), ('Pacific/Kiritimati')) v(zone);
-- Samoa had no Friday, 2011-12-30
SELECT nps_due('2011-12-29 16:00-10', 2, 'Pacific/Apia', 'Mon Tue Wed Thu Fri Sat Sun', '09:00', '17:00', NULL) AT TIME ZONE 'Pacific/Apia' AS ten_on_saturday,
	nps_due('2011-12-29 16:00-10', 2, 'Pacific/Apia', 'Mon Tue Wed Thu Sat Sun', '09:00', '17:00', NULL) AT TIME ZONE 'Pacific/Apia' AS ten_on_saturday_too;

-- The nights in which the clocks change, when all days are work days from 0 to 24:
-- days of 23 and 25 hours count as 24, as a clock shows them.
CREATE FUNCTION due_all_day(start timestamptz, hours float8) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN nps_due(start, hours, 'Europe/Berlin', 'mon,tue,wed,thu,fri,sat,sun', '00:00', '24:00', '{}');
CREATE FUNCTION hours_all_day(start timestamptz, until timestamptz) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN nps_hours_between(start, until, 'Europe/Berlin', 'mon,tue,wed,thu,fri,sat,sun', '00:00', '24:00', '{}');
SET timezone = 'Europe/Berlin';
SELECT start, hours, due_all_day(start, hours) AS due, due_all_day(start, hours) - start AS passed, hours_all_day(start, due_all_day(start, hours)) AS between
FROM (VALUES
	('2026-03-29 00:00+01'::timestamptz, 24), ('2026-03-29 01:30+01', 0.25), ('2026-03-29 01:30+01', 1.5), ('2026-03-29 01:30+01', 2),
	('2026-03-29 01:30+01', 1),			-- half past two does not exist: half past three
	('2026-03-29 03:10+02', -0.5),		-- nor here: not after the start
	('2026-03-29 03:30+02', -2),
	('2026-10-25 00:00+02', 24), ('2026-10-25 01:30+02', 0.25), ('2026-10-25 01:30+02', 2),
	('2026-10-25 01:30+02', 1),			-- half past two comes twice: the second
	('2026-10-25 02:30+02', 0.25), ('2026-10-25 02:30+02', 0), ('2026-10-25 02:30+01', 0), ('2026-10-25 02:30+01', 0.25),
	('2026-10-25 02:30+02', -0.25),		-- but not after the start
	('2026-10-25 02:30+01', -0.25)) v(start, hours);
-- ten past two the second time is later than ten to three the first time, but the clock shows less
SELECT hours_all_day('2026-10-25 02:50+02', '2026-10-25 02:10+01') AS none, hours_all_day('2026-10-25 02:10+01', '2026-10-25 02:50+02') AS none,
	hours_all_day('2026-10-25 02:10+02', '2026-10-25 02:50+01') AS two_thirds, hours_all_day('2026-10-25 01:50+02', '2026-10-25 03:10+01') AS one_and_a_third;

-- Around the clock: elapsed time, across any change of the clocks.
SELECT start, hours, nps_due(start, hours, 'Europe/Berlin', NULL, NULL, NULL, NULL) AS due,
	nps_hours_between(start, nps_due(start, hours, 'Europe/Berlin', NULL, NULL, NULL, NULL), 'Europe/Berlin', NULL, NULL, NULL, NULL) AS between
FROM (VALUES ('2026-03-02 16:00+01'::timestamptz, 1), ('2026-03-02 16:00+01', 24.5), ('2026-03-28 12:00+01', 24), ('2026-10-24 12:00+02', 24),
	('2026-03-06 16:00+01', -48), ('2026-03-02 16:00+01', 0), ('2026-03-02 16:00+01', 0.1), ('2026-03-02 16:00+01', 26304)) v(start, hours);
SET timezone = 'UTC';
-- without work days, or start or end of work; then zone and holidays do not matter
SELECT nps_due('2026-03-06 16:00+00', 24, zone, days, work_from, work_until, holidays) = '2026-03-07 16:00+00' AS next_day,
	nps_hours_between('2026-03-06 16:00+00', '2026-03-07 16:00+00', zone, days, work_from, work_until, holidays) AS twenty_four
FROM (VALUES ('UTC', NULL, '09:00'::time, '17:00'::time, '{2026-03-06}'::date[]), ('UTC', 'Fri', NULL, '17:00', NULL), ('UTC', 'Fri', '09:00', NULL, NULL),
	(NULL, NULL, NULL, NULL, NULL), ('Nowhere', NULL, NULL, NULL, '{NULL}')) v(zone, days, work_from, work_until, holidays);

-- NULL
SELECT nps_due(NULL, 1, 'UTC', 'Mon', '09:00', '17:00', NULL) IS NULL AND nps_due('2026-03-02 10:00+00', NULL, 'UTC', 'Mon', '09:00', '17:00', NULL) IS NULL
		AND nps_due('2026-03-02 10:00+00', 1, NULL, 'Mon', '09:00', '17:00', NULL) IS NULL
		AND nps_due(NULL, 1, NULL, NULL, NULL, NULL, NULL) IS NULL AND nps_due('2026-03-02 10:00+00', NULL, NULL, NULL, NULL, NULL, NULL) IS NULL AS no_deadline,
	nps_hours_between(NULL, '2026-03-02 10:00+00', 'UTC', 'Mon', '09:00', '17:00', NULL) IS NULL
		AND nps_hours_between('2026-03-02 10:00+00', NULL, 'UTC', 'Mon', '09:00', '17:00', NULL) IS NULL
		AND nps_hours_between('2026-03-02 10:00+00', '2026-03-02 11:00+00', NULL, 'Mon', '09:00', '17:00', NULL) IS NULL
		AND nps_hours_between(NULL, '2026-03-02 10:00+00', NULL, NULL, NULL, NULL, NULL) IS NULL
		AND nps_hours_between('2026-03-02 10:00+00', NULL, NULL, NULL, NULL, NULL, NULL) IS NULL AS no_hours;

-- Unusable times, on either end, and infinite hours.
SELECT start, nps_due(start, 1, 'UTC', 'Mon Tue Wed Thu Fri Sat Sun', '00:00', '24:00', NULL) AS due, nps_due(start, 1, 'UTC', NULL, NULL, NULL, NULL) AS due_around,
	nps_due(start, -1, 'UTC', 'Mon Tue Wed Thu Fri Sat Sun', '00:00', '24:00', NULL) AS due_back, nps_due(start, 0, 'UTC', 'Mon', '00:00', '24:00', NULL) AS due_none,
	nps_hours_between(start, '2026-03-02 00:00+00', 'UTC', 'Mon', '00:00', '24:00', NULL) AS hours, nps_hours_between('2026-03-02 00:00+00', start, 'UTC', NULL, NULL, NULL, NULL) AS hours_around
FROM (SELECT (at || '+00')::timestamptz FROM (VALUES ('1900-01-01 00:00'), ('1899-12-31 23:59:59.999999'), ('2200-12-31 23:59:59.999999'), ('2201-01-01 00:00')) v(at)
	UNION ALL VALUES ('infinity'::timestamptz), ('-infinity'), ('294276-12-31 23:59:59.999999+00'), ('4714-11-24 00:00+00 BC')) v(start);
SELECT hours, nps_due('2026-03-02 09:00+00', hours, 'UTC', 'Mon', '09:00', '17:00', '{2026-03-09}') AS due, nps_due('2026-03-02 09:00+00', hours, 'UTC', NULL, NULL, NULL, NULL) AS due_around
FROM (VALUES (41600::float8), (-10000), (72968), (72975), (72976), (72984), (1532559), (1532558), (70000000), (1e9), (-1e9), (5e9), (1e15), (-1e15), (1e300), (-1e300), (1e-300),
	('Infinity'), ('-Infinity'), ('NaN'), ('-0')) v(hours);
-- a working day of one microsecond: as many days as microseconds
SELECT hours, nps_due('2026-03-02 09:00+00', hours, 'UTC', 'Mon', '23:59:59.999999', '24:00', NULL) AS due
FROM (VALUES (1 / 3.6e9), (2 / 3.6e9), (1000 / 3.6e9), (1), (-1), (1e9), (-1e9)) v(hours);

-- Holidays: in any order, each any number of times; NULL and infinities are ignored.
SELECT holidays, nps_due('2026-03-02 16:00+00', 2, 'UTC', 'Mon Tue Wed Thu Fri', '09:00', '17:00', holidays::date[]) AT TIME ZONE 'UTC' AS due
FROM (VALUES (NULL), ('{}'), ('{NULL}'), ('{infinity,-infinity}'), ('{2026-03-03}'), ('{2026-03-03,2026-03-03,2026-03-03}'), ('{2026-03-04,NULL,2026-03-03,infinity,2026-03-04}'),
	('{{2026-03-04,2026-03-03},{2026-03-06,2026-03-05}}'), ('[5:6]={2026-03-03,2026-03-05}'), ('{2026-03-02}'), ('{2026-03-01}'), ('{4714-11-24 BC,2026-03-03,5874897-12-31}')) v(holidays);
-- every day of three years, and of 2200
SELECT nps_due('2026-01-01 00:00+00', 1, 'UTC', 'Mon Tue Wed Thu Fri', '09:00', '17:00', days) AT TIME ZONE 'UTC' AS first_monday_of_2029,
	nps_due('2028-12-31 00:00+00', -1, 'UTC', 'Mon Tue Wed Thu Fri', '09:00', '17:00', days) AT TIME ZONE 'UTC' AS last_day_of_2025,
	nps_hours_between('2026-01-01 00:00+00', '2029-01-01 00:00+00', 'UTC', 'Mon Tue Wed Thu Fri', '09:00', '17:00', days) AS none
FROM (SELECT array_agg(day::date ORDER BY scrambled) AS days FROM (SELECT day, hashint8(extract(epoch FROM day)::bigint) AS scrambled FROM generate_series('2026-01-01'::timestamp, '2028-12-31', '1 day') AS day) d) d;
SELECT nps_due('2200-01-01 00:00+00', 1, 'UTC', 'Mon Tue Wed Thu Fri', '09:00', '17:00', array_agg(day::date)) AS no_work_any_more
FROM generate_series('2200-01-01'::timestamp, '2200-12-31', '1 day') AS day;

-- Cached from row to row: a change of any argument is noticed.
SELECT n, nps_due('2026-03-02 08:30+00', 1, zone, days, work_from::time, work_until::time, holidays::date[]) AT TIME ZONE 'UTC' AS due
FROM (VALUES (1, 'UTC', 'Mon', '09:00', '17:00', NULL), (2, 'UTC', 'Mon', '09:00', '17:00', '{}'), (3, 'UTC', 'Mon', '09:00', '17:00', '{2026-03-02}'),
	(4, 'UTC', 'Mon', '09:00', '17:00', '{2026-03-03}'), (5, 'UTC', 'Tue', '09:00', '17:00', '{2026-03-03}'), (6, 'UTC', 'Tue', '09:00', '17:00', NULL),
	(7, 'UTC', 'Tue', '10:00', '17:00', NULL), (8, 'UTC', 'Tue', '10:00', '10:30', NULL), (9, 'Asia/Tokyo', 'Tue', '10:00', '10:30', NULL),
	(10, 'UTC', NULL, '10:00', '10:30', NULL), (11, 'UTC', 'Mon', '08:00', '17:00', NULL), (12, NULL, 'Mon', '08:00', '17:00', NULL), (13, 'UTC', 'Mon', '08:00', '17:00', NULL)
	) v(n, zone, days, work_from, work_until, holidays) ORDER BY n;
-- ... also after a call that failed, and of arrays that are compressed, out of line or in a variable
DO $$
DECLARE
	days date[] := '{2026-03-03}';
	work_days text;
	due timestamptz;
BEGIN
	FOREACH work_days IN ARRAY ARRAY['Mon Tue', 'Mondays', 'Mon Tue', 'Mon Tue Thu', '', 'Mon Tue Thu'] LOOP
		days := days || '2026-03-05'::date;
		BEGIN
			due := nps_due('2026-03-02 16:00+00', 10, 'UTC', work_days, '09:00', '17:00', days);
			RAISE NOTICE '%', due AT TIME ZONE 'UTC';
		EXCEPTION WHEN invalid_parameter_value THEN
			RAISE NOTICE '%', SQLERRM;
		END;
		days[1] := days[1] + 2;
	END LOOP;
END
$$;
CREATE TABLE office (id integer, holidays date[]);
INSERT INTO office SELECT n, array_agg('2026-03-03'::date + CASE WHEN n = 2 THEN day ELSE -day END) FROM generate_series(1, 2) AS n, generate_series(0, 9999) AS day GROUP BY n;
INSERT INTO office SELECT 3, array_agg('2026-03-03'::date) FROM generate_series(1, 10000);
INSERT INTO office VALUES (4, '{2026-03-04}');
SELECT id, nps_due('2026-03-02 16:00+00', 2, 'UTC', 'Mon Tue Wed Thu Fri', '09:00', '17:00', holidays) AT TIME ZONE 'UTC' AS due
FROM office, generate_series(1, 2) AS again ORDER BY again, id;

-- Which texts are lists of work days.
SELECT quote_nullable(days) AS days, nps_is_work_days(days) AS list
FROM (VALUES ('Mon Tue Wed Thu Fri'), ('Mon'), ('sun'), ('SAT,SUN'), ('Mon, Tue,  wEd'), (E' Mon\tTue\nWed '), ('Fri Mon'), ('Mon Mon'), (',Mon,'),
	(''), (' '), (','), ('Monday'), ('Mo'), ('M'), ('MonTue'), ('Mon-Fri'), ('Mon;Tue'), ('Mon Tuesday'), ('Mon Tu'), ('Mon T'), ('Mon Tue Xyz'), ('Mon.'), ('1 2 3'),
	('Lun Mar'), ('Mo Di Mi'), ('Ｍｏｎ'), (E'Mon\u00A0Tue'), ('Mon Tue'), ('-/.'), (NULL)) v(days);
SELECT bool_and(nps_is_work_days(a || b || c) = (lower(a || b || c) IN ('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'))) AS all_of_three_letters, count(*)
FROM (SELECT chr(n) AS a FROM generate_series(64, 126) AS n) a,
	(SELECT chr(n) AS b FROM generate_series(64, 126) AS n) b, (SELECT chr(n) AS c FROM generate_series(64, 126) AS n) c;
-- each day is the one that it names
SELECT day, nps_due('2026-03-02 00:00+00', 1, 'UTC', day, '09:00', '10:00', NULL) = '2026-03-02 10:00+00'::timestamptz + (n - 1) * interval '1 day' AS right_day
FROM unnest(ARRAY['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']) WITH ORDINALITY AS u(day, n) ORDER BY n;

-- Working time that makes no sense is an error in the settings, not in the data.
SELECT nps_due('2026-03-02 10:00+00', 1, 'UTC', 'weekdays', '09:00', '17:00', NULL);
SELECT nps_due('2026-03-02 10:00+00', 1, 'UTC', '', '09:00', '17:00', NULL);
SELECT nps_hours_between('2026-03-02 10:00+00', '2026-03-02 10:00+00', 'UTC', 'Mon-Fri', '09:00', '17:00', NULL);
SELECT nps_due('2026-03-02 10:00+00', 1, 'Berlin', 'Mon', '09:00', '17:00', NULL);
SELECT nps_hours_between('infinity', '2026-03-02 10:00+00', 'Berlin', 'Mon', '09:00', '17:00', NULL);
SELECT nps_due('2026-03-02 10:00+00', 1, 'UTC', 'Mon', '17:00', '09:00', NULL);
SELECT nps_due('2026-03-02 10:00+00', 1, 'UTC', 'Mon', '09:00', '09:00', NULL);
SELECT nps_hours_between('2026-03-02 10:00+00', '2026-03-02 10:00+00', 'UTC', 'Mon', '24:00', '00:00', NULL);
\set VERBOSITY sqlstate
SELECT nps_due('2026-03-02 10:00+00', 1, 'UTC', 'weekdays', '09:00', '17:00', NULL);
SELECT nps_due('2026-03-02 10:00+00', 1, 'Berlin', 'Mon', '09:00', '17:00', NULL);
SELECT nps_due('2026-03-02 10:00+00', 1, 'UTC', 'Mon', '17:00', '09:00', NULL);
\set VERBOSITY default
-- even if the data is invalid, too
SELECT nps_due('infinity', 'NaN', 'UTC', 'weekdays', '09:00', '17:00', NULL);
-- in a constraint
CREATE TABLE setting (work_days text CHECK (nps_is_work_days(work_days)));
INSERT INTO setting VALUES (NULL), ('Mon Tue');
INSERT INTO setting VALUES ('Mondays');

-- Compared with plain SQL that goes from day to day, on numbers that look random and
-- are the same everywhere: 60 calendars with 80 pairs of times each.  Work begins
-- at 3 at the earliest where the clocks change, which they do before.
CREATE FUNCTION scrambled(i bigint) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN hashint8(i) & 2147483647;
CREATE TABLE calendar AS
SELECT c, zone, work_from,
	CASE WHEN c % 12 < 2 THEN '24:00' ELSE work_from + make_interval(mins => 15 * (1 + scrambled(c + 200) % (extract(epoch FROM '24:00' - work_from)::integer / 900))) END AS work_until,
	1 + scrambled(c + 300) % 127 AS mask,
	CASE WHEN c % 5 > 0 THEN ARRAY(SELECT '2026-01-01'::date + scrambled(c * 1000 + h) % 365 FROM generate_series(1, scrambled(c + 400) % 60) AS h) END AS holidays
FROM generate_series(1, 60) AS c
CROSS JOIN LATERAL (SELECT (ARRAY['UTC', 'Asia/Kolkata', 'Europe/Berlin', 'America/New_York', 'Pacific/Auckland', 'Australia/Lord_Howe'])[1 + c % 6] AS zone) z
CROSS JOIN LATERAL (SELECT make_interval(mins => CASE WHEN c % 12 < 2 THEN 0 WHEN c % 6 < 2 THEN scrambled(c + 100) % 1440 ELSE 180 + scrambled(c + 100) % 1260 END / 15 * 15) AS work_from) f;
ALTER TABLE calendar ADD days text;
UPDATE calendar SET days = (SELECT string_agg(name, CASE c % 3 WHEN 0 THEN ' ' WHEN 1 THEN ',' ELSE ', ' END ORDER BY scrambled(c * n))
	FROM unnest(ARRAY['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']) WITH ORDINALITY AS u(name, n) WHERE mask >> (n - 1)::integer & 1 = 1);
SELECT count(*), count(DISTINCT zone) AS zones, count(DISTINCT mask) AS weeks, count(DISTINCT (work_from, work_until)) AS hours, sum(cardinality(holidays)) AS holidays,
	count(*) FILTER (WHERE work_until - work_from = '24:00') AS all_day, bool_and(nps_is_work_days(days)) AS lists
FROM calendar;
CREATE TABLE pair AS
SELECT calendar.*, p, start, start + make_interval(mins => scrambled(c * 1000 + p + 100000) % 86400 - 20000, secs => p % 3) AS until,
	(scrambled(c * 1000 + p + 200000) % 6000) / 60.0::float8 * CASE WHEN p % 4 = 0 THEN -1 ELSE 1 END / CASE WHEN p % 2 = 0 THEN 10 ELSE 1 END AS hours
FROM calendar, generate_series(1, 80) AS p
CROSS JOIN LATERAL (SELECT ('2026-01-01'::timestamp + make_interval(mins => scrambled(c * 1000 + p) % 525600)) AT TIME ZONE zone AS start) s;
-- slots of work, in local time
CREATE FUNCTION slots(first date, last date, mask integer, work_from interval, work_until interval, holidays date[]) RETURNS TABLE (opens timestamp, closes timestamp)
LANGUAGE sql IMMUTABLE AS $$
	SELECT day + work_from, day + work_until FROM generate_series(first::timestamp, last, '1 day') AS day
	WHERE mask >> (extract(isodow FROM day)::integer - 1) & 1 = 1 AND day::date <> ALL (coalesce(holidays, '{}'))
$$;
CREATE TABLE worked AS
SELECT pair.*, nps_hours_between(start, until, zone, days, '00:00'::time + work_from, CASE work_until WHEN '24:00' THEN '24:00' ELSE '00:00'::time + work_until END, holidays) AS between,
	(SELECT coalesce(sum(extract(epoch FROM least(closes, high) - greatest(opens, low))), 0) FROM slots(low::date, high::date, mask, work_from, work_until, holidays) WHERE closes > low AND opens < high)
		* CASE WHEN until < start THEN -1 ELSE 1 END / 3600.0 AS expected
FROM pair CROSS JOIN LATERAL (SELECT least(start, until) AT TIME ZONE zone AS low, greatest(start, until) AT TIME ZONE zone AS high) l;
SELECT count(*) AS pairs, count(*) FILTER (WHERE until < start) > 500 AS many_back, count(*) FILTER (WHERE between = 0) > 50 AS some_none, max(between) > 500 AS long,
	count(*) FILTER (WHERE abs(between - expected) < 1e-9) AS right
FROM worked;
SELECT c, p, start, until, between, expected FROM worked WHERE abs(between - expected) < 1e-9 IS NOT TRUE ORDER BY c, p LIMIT 5;

-- Deadlines: the first slot with which enough is worked, minus what is worked too much; backwards the same from the other end.
CREATE TABLE dated AS
SELECT pair.*, nps_due(start, hours, zone, days, '00:00'::time + work_from, CASE work_until WHEN '24:00' THEN '24:00' ELSE '00:00'::time + work_until END, holidays) AS due,
	CASE WHEN hours = 0 THEN start
		WHEN hours > 0 THEN (
			SELECT closes - make_interval(secs => worked - hours * 3600)
			FROM (SELECT closes, extract(epoch FROM sum(closes - greatest(opens, local)) OVER (ORDER BY opens))::float8 AS worked
				FROM slots(local::date, local::date + enough, mask, work_from, work_until, holidays) WHERE closes > local) s
			WHERE worked >= hours * 3600 - 1e-7 ORDER BY closes LIMIT 1) AT TIME ZONE zone
		ELSE (
			SELECT opens + make_interval(secs => worked + hours * 3600)
			FROM (SELECT opens, extract(epoch FROM sum(least(closes, local) - opens) OVER (ORDER BY opens DESC))::float8 AS worked
				FROM slots(local::date - enough, local::date, mask, work_from, work_until, holidays) WHERE opens < local) s
			WHERE worked >= -hours * 3600 - 1e-7 ORDER BY opens DESC LIMIT 1) AT TIME ZONE zone END AS expected
FROM pair CROSS JOIN LATERAL (SELECT start AT TIME ZONE zone AS local, 150 + (7 * abs(hours) / extract(epoch FROM work_until - work_from) * 3600)::integer AS enough) l;
SELECT count(*) AS deadlines, count(*) FILTER (WHERE hours < 0) AS back, count(*) FILTER (WHERE due = expected) AS right,
	max(abs(extract(epoch FROM due - start))) > 86400 * 365 AS more_than_a_year
FROM dated;
SELECT c, p, zone, days, work_from, work_until, start, hours, due, expected FROM dated WHERE due = expected IS NOT TRUE ORDER BY c, p LIMIT 5;
-- and there and back again
SELECT count(*) FILTER (WHERE abs(between - hours) < 1e-9) AS right, count(*) FILTER (WHERE hours > 0 AND due <= start OR hours < 0 AND due >= start) AS wrong_way
FROM (SELECT *, nps_hours_between(start, due, zone, days, '00:00'::time + work_from, CASE work_until WHEN '24:00' THEN '24:00' ELSE '00:00'::time + work_until END, holidays) AS between
	FROM dated WHERE hours <> 0) d;
-- around the clock as well
SELECT count(*) FILTER (WHERE abs(nps_hours_between(start, nps_due(start, hours, zone, NULL, NULL, NULL, NULL), zone, NULL, NULL, NULL, NULL) - hours) < 1e-9) AS right,
	count(*) FILTER (WHERE nps_due(start, hours, zone, NULL, NULL, NULL, NULL) = start + make_interval(secs => hours * 3600)) AS right
FROM pair;
-- minute by minute, in the week before Easter and the days after it
SELECT count(*) AS minutes, bool_and(abs(nps_hours_between('2026-03-31 22:00+00', at, 'Europe/Berlin', 'Mon Tue Wed Thu Fri', '09:00', '17:00', holidays()) * 60 - worked) < 1e-9) AS right
FROM (SELECT at, count(*) FILTER (WHERE extract(isodow FROM local) < 6 AND extract(hour FROM local) BETWEEN 9 AND 16 AND local::date <> ALL (holidays())) OVER (ORDER BY at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS worked
	FROM generate_series('2026-03-31 22:00+00'::timestamptz, '2026-04-08 22:00+00', '1 minute') AS at CROSS JOIN LATERAL (SELECT at AT TIME ZONE 'Europe/Berlin' AS local) l) m;

SET client_min_messages = warning;
DROP SCHEMA nps_test_work_time CASCADE;
