-- Rows counted by day: what the reports over time read the source with, against
-- plain GROUP BY, in every way that an aggregate can be computed.
\set SHOW_CONTEXT never
SET timezone = 'UTC';

-- every kind of row: with and without times, infinite and outside the years that
-- count, around midnight and changes of the clock; asked or not; answered or not
SELECT setseed(0.25);
CREATE TABLE sent AS
SELECT i AS id, CASE WHEN random() < 0.8 THEN floor(random() * 11)::integer END AS score, random() < 0.5 AS is_unanswered, CASE WHEN random() < 0.7 THEN random() < 0.5 END AS has_comment,
	CASE floor(random() * 40) WHEN 0 THEN NULL WHEN 1 THEN 'infinity' WHEN 2 THEN '-infinity' WHEN 3 THEN '1899-12-31 23:59:59.999999' WHEN 4 THEN '2201-01-01'
		WHEN 5 THEN '1900-01-01' WHEN 6 THEN '2200-12-31 23:59:59.999999' ELSE timestamptz '2024-03-30' + random() * interval '500 days' END AS given,
	CASE WHEN random() < 0.5 THEN timestamptz '2024-01-01' + floor(random() * 900) * interval '12 hours' WHEN random() < 0.1 THEN 'infinity' END AS asked
FROM generate_series(1, 20000) i;
CREATE VIEW counted_plainly AS
SELECT z.zone, d.day, nps_tally_agg(d.score) AS tally, count(*) FILTER (WHERE d.score IS NOT NULL AND d.has_comment AND d.is_given) AS comments,
	count(*) FILTER (WHERE d.is_asked AND d.is_silent AND d.is_unanswered) AS unanswered, count(*) FILTER (WHERE d.is_asked AND d.is_silent AND NOT d.is_unanswered) AS rejected,
	count(*) FILTER (WHERE d.is_asked AND NOT d.is_silent) AS answered
FROM (VALUES ('Europe/Berlin'), ('Pacific/Apia'), ('UTC')) z(zone)
CROSS JOIN LATERAL (
	SELECT *, CASE WHEN given >= '1900-01-01' AND given < '2201-01-01' THEN (given AT TIME ZONE zone)::date END AS given_day, CASE WHEN isfinite(asked) THEN (asked AT TIME ZONE zone)::date END AS asked_day
	FROM sent
) s
CROSS JOIN LATERAL (VALUES (s.given_day, s.score, s.has_comment, s.is_unanswered, s.score IS NULL, true, false),
	(coalesce(s.asked_day, s.given_day), NULL, NULL, s.is_unanswered, s.score IS NULL, false, true)) d(day, score, has_comment, is_unanswered, is_silent, is_given, is_asked)
GROUP BY z.zone, d.day;
CREATE FUNCTION differences(counts text) RETURNS TABLE (compared bigint, more bigint, less bigint) LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format($query$
		WITH given AS (SELECT z.zone, c.day, c.tally::text AS tally, c.comments, c.unanswered, c.rejected, c.answered FROM (VALUES ('Europe/Berlin'), ('Pacific/Apia'), ('UTC')) z(zone), LATERAL (%s) a(counts), nps_day_counts(a.counts) c),
			wanted AS (SELECT zone, day, tally::text AS tally, comments, unanswered, rejected, answered FROM counted_plainly WHERE nps_responses(tally) > 0 OR unanswered + rejected + answered > 0)
		SELECT (SELECT count(*) FROM wanted), (SELECT count(*) FROM (TABLE given EXCEPT ALL TABLE wanted) d), (SELECT count(*) FROM (TABLE wanted EXCEPT ALL TABLE given) d)$query$, counts);
END
$$;
SELECT * FROM differences('SELECT nps_day_counts_agg(given, asked, z.zone, score, is_unanswered, has_comment, ''nps'') FROM sent');
-- many groups, merged by hand
SELECT * FROM differences('SELECT nps_day_counts_combine((SELECT nps_day_counts_agg(given, asked, z.zone, score, is_unanswered, has_comment, ''nps'') FROM sent WHERE id % 2 = 0),
	nps_day_counts_combine((SELECT nps_day_counts_agg(given, asked, z.zone, score, is_unanswered, has_comment, ''nps'') FROM sent WHERE id % 2 = 1),
		(SELECT nps_day_counts_agg(given, asked, z.zone, score, is_unanswered, has_comment, ''nps'') FROM sent WHERE false)))');
-- in parallel workers, which send their states
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
ALTER TABLE sent SET (parallel_workers = 3);
EXPLAIN (COSTS off) SELECT nps_day_counts_agg(given, asked, 'UTC', score, is_unanswered, has_comment, 'nps') FROM sent;
SELECT * FROM differences('SELECT nps_day_counts_agg(given, asked, z.zone, score, is_unanswered, has_comment, ''nps'') FROM sent');
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
-- a state is stored, also compressed, and read again
CREATE TABLE stored AS SELECT z.zone, (SELECT nps_day_counts_agg(given, asked, z.zone, score, is_unanswered, has_comment, 'nps') FROM sent) AS counts FROM (VALUES ('Europe/Berlin'), ('Pacific/Apia'), ('UTC')) z(zone);
SELECT * FROM differences('SELECT counts FROM stored WHERE stored.zone = z.zone');
-- a frame that grows: each row has a state of its own
SELECT count(*) AS rows, count(*) FILTER (WHERE seen <> place) AS wrong
FROM (
	SELECT w.place, (SELECT sum(c.unanswered + c.rejected + c.answered) FROM nps_day_counts(w.counts) c) AS seen
	FROM (SELECT row_number() OVER (ORDER BY id) AS place, nps_day_counts_agg(given, asked, 'UTC', score, is_unanswered, has_comment, 'nps') OVER (ORDER BY id) AS counts FROM sent WHERE id <= 300) w
) s;
-- all days of the years that count, which no survey has
SELECT count(*), min(day), max(day), sum(answered), sum(nps_responses(tally)) AS responses
FROM nps_day_counts((SELECT nps_day_counts_agg(d, NULL, 'UTC', 9, NULL, NULL, 'nps') FROM generate_series(timestamptz '1900-01-01', '2200-12-31', interval '1 day') d));

-- each scale counts a valid score where nps_tally_agg() does
SELECT v.scale, count(*) AS scores, bool_and((SELECT c.tally FROM nps_day_counts(v.counts) c) = v.tally) AS same
FROM (
	SELECT s.scale, v.score, nps_tally_agg(v.score, s.scale) AS tally, nps_day_counts_agg('2024-05-05', NULL, 'UTC', floor(v.score)::integer, NULL, NULL, s.scale) AS counts
	FROM nps_scales() s, generate_series(s.min_score::numeric, s.max_score, CASE WHEN s.whole_scores_only THEN 1 ELSE 0.25 END) v(score)
	GROUP BY s.scale, v.score
) v
GROUP BY v.scale ORDER BY v.scale COLLATE "C";

-- no rows, and rows that say nothing
SELECT nps_day_counts_agg(given, asked, 'UTC', score, is_unanswered, has_comment, 'nps') IS NULL AS nothing FROM sent WHERE false;
SELECT c.* FROM (SELECT nps_day_counts_agg(NULL, NULL, 'UTC', NULL, NULL, NULL, 'nps') AS counts FROM generate_series(1, 3)) a, nps_day_counts(a.counts) c;
SELECT nps_day_counts_combine(NULL, NULL) IS NULL AS nothing;

-- what is no row of a survey is refused
\set VERBOSITY terse
SELECT nps_day_counts_agg(now(), NULL, 'UTC', 11, NULL, NULL, 'nps');
SELECT nps_day_counts_agg(now(), NULL, 'UTC', 0, NULL, NULL, 'csat5');
SELECT nps_day_counts_agg(now(), NULL, 'Mars', 5, NULL, NULL, 'nps');
SELECT nps_day_counts_agg(now(), NULL, 'UTC', 5, NULL, NULL, 'mood');
SELECT nps_day_counts_agg(now(), NULL, NULL, 5, NULL, NULL, 'nps');
SELECT nps_day_counts_agg(now(), NULL, 'UTC', 5, NULL, NULL, NULL);
SELECT nps_day_counts_agg('2024-05-05', NULL, 'UTC', 5, NULL, NULL, s) FROM unnest(ARRAY['nps', 'csat5']) s;
-- by hand nothing is changed in place
WITH one AS MATERIALIZED (SELECT nps_day_counts_agg('2024-05-05', NULL, 'UTC', 5, NULL, NULL, 'nps') AS state)
SELECT (SELECT answered FROM nps_day_counts(nps_day_counts_accum(state, '2024-05-05', NULL, 'UTC', 6, NULL, NULL, 'nps'))) AS two, (SELECT answered FROM nps_day_counts(state)) AS still_one,
	(SELECT answered FROM nps_day_counts(nps_day_counts_combine(state, state))) AS both, (SELECT answered FROM nps_day_counts(state)) AS and_still_one FROM one;

-- bytes that nobody counted: an error, or counts that could have been; never anything else
CREATE FUNCTION outcome(state bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
BEGIN
	SELECT count(*) INTO n FROM nps_day_counts(nps_day_counts_combine(nps_day_counts_accum(state, now(), now(), 'UTC', 5, false, true, 'nps'), state));
	PERFORM nps_day_counts_accum(state, now(), now(), 'UTC', NULL, false, true, 'nps');
	RETURN 'counts';
EXCEPTION WHEN invalid_binary_representation OR numeric_value_out_of_range OR invalid_parameter_value THEN
	RETURN 'refused';
END
$$;
SELECT outcome(''), outcome('\x00'), outcome(decode(repeat('ff', 2000), 'hex')), outcome(decode(repeat('00', 5000), 'hex'));
-- each byte of a state turned into another, and cut off
CREATE TABLE forged AS SELECT nps_day_counts_agg('2024-05-05', NULL, 'UTC', 5, NULL, true, 'nps') AS state;
SELECT count(*) FILTER (WHERE o = 'refused') > 100 AS many_are_refused, count(*) FILTER (WHERE o NOT IN ('counts', 'refused')) AS others
FROM forged, LATERAL generate_series(0, length(state) - 1) n, LATERAL unnest(ARRAY[1, 127, 128, 255]) b, LATERAL (SELECT outcome(set_byte(state, n, b)) AS o) r
WHERE n < 200 OR n % 7 = 0;
SELECT bool_and(outcome(substr(state, 1, n)) = 'refused') AS shorter_is_refused FROM forged, LATERAL generate_series(1, length(state) - 1, 13) n;
-- a state that lies in a table is only read, also one with a scale and no answers, or with less than none
CREATE TABLE kept (state bytea);
ALTER TABLE kept ALTER state SET STORAGE plain;
INSERT INTO kept SELECT set_byte(c.none, n, 3) FROM (SELECT nps_day_counts_agg('2024-05-05', NULL, 'UTC', NULL, true, NULL, 'nps') AS none) c, generate_series(12, length(c.none) - 1, 4) n;
INSERT INTO kept SELECT set_byte(c.one, n, 255) FROM (SELECT nps_day_counts_agg('2024-05-05', NULL, 'UTC', 5, NULL, NULL, 'nps') AS one) c, generate_series(11, length(c.one) - 1, 4) n;
SELECT md5(string_agg(state, '' ORDER BY ctid)) AS before FROM kept \gset
CREATE AGGREGATE combined(bytea) (SFUNC = nps_day_counts_combine, STYPE = bytea);
CREATE FUNCTION tried(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE statement;
	RETURN 'counts';
EXCEPTION WHEN invalid_binary_representation OR numeric_value_out_of_range OR invalid_parameter_value THEN
	RETURN 'refused';
END
$$;
SELECT count(*) > 1000 AS tried, count(*) FILTER (WHERE o NOT IN ('counts', 'refused')) AS others
FROM kept k, LATERAL (VALUES ('SELECT * FROM kept k, nps_day_counts(k.state) WHERE k.ctid = %L'), ('SELECT combined(k.state) FROM kept k WHERE k.ctid = %L'),
	('SELECT nps_day_counts_combine(k.state, (SELECT nps_day_counts_agg(''2024-05-05'', NULL, ''UTC'', 5, NULL, NULL, ''nps''))) FROM kept k WHERE k.ctid = %L')) v(s), LATERAL (SELECT tried(format(v.s, k.ctid)) AS o) t;
SELECT md5(string_agg(state, '' ORDER BY ctid)) = :'before' AS is_unchanged FROM kept;

DROP AGGREGATE combined(bytea);
DROP TABLE kept;
DROP FUNCTION tried;
DROP FUNCTION differences, outcome;
DROP VIEW counted_plainly;
DROP TABLE sent, stored, forged;
