-- What clocks in a zone show, compared with the server's own calculation: offsets are kept
-- between calls, so at every change of a zone, in order, backwards and at random.
\set SHOW_CONTEXT never
SET timezone = 'UTC';

CREATE TEMPORARY TABLE zone AS
SELECT * FROM (VALUES ('UTC'), ('Europe/Berlin'), ('America/New_York'), ('America/Sao_Paulo'), ('Africa/Casablanca'), ('Africa/Monrovia'),
	('Asia/Kathmandu'), ('Asia/Tehran'), ('Australia/Lord_Howe'), ('Pacific/Apia'), ('Antarctica/Troll'), ('Europe/Dublin')) AS z(zone);
-- for how many of the times the functions differ from AT TIME ZONE
CREATE FUNCTION pg_temp.differences(times text) RETURNS TABLE (compared boolean, local bigint, day bigint, week bigint, month bigint, quarter bigint, year bigint) LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format($query$
		SELECT count(*) > 1000,
			count(*) FILTER (WHERE nps_local_time(t, zone) IS DISTINCT FROM t AT TIME ZONE zone),
			count(*) FILTER (WHERE nps_period(t, zone, 'day') IS DISTINCT FROM (t AT TIME ZONE zone)::date),
			count(*) FILTER (WHERE nps_period(t, zone, 'week') IS DISTINCT FROM date_trunc('week', t AT TIME ZONE zone)::date),
			count(*) FILTER (WHERE nps_period(t, zone, 'month') IS DISTINCT FROM date_trunc('month', t AT TIME ZONE zone)::date),
			count(*) FILTER (WHERE nps_period(t, zone, 'quarter') IS DISTINCT FROM date_trunc('quarter', t AT TIME ZONE zone)::date),
			count(*) FILTER (WHERE nps_period(t, zone, 'year') IS DISTINCT FROM date_trunc('year', t AT TIME ZONE zone)::date)
		FROM (%s OFFSET 0) times$query$, times);
END
$$;

-- the hours before and after each change of the last decades and the next, to the microsecond
CREATE TEMPORARY TABLE around AS
SELECT z.zone, d.day + hour * interval '1 hour' + beside AS t
FROM zone z
CROSS JOIN LATERAL (
	SELECT d AS day
	FROM generate_series('1960-01-01'::timestamptz, '2045-01-01', interval '1 day') d
	WHERE ((d + interval '1 day') AT TIME ZONE z.zone) - (d AT TIME ZONE z.zone) <> interval '1 day') d
CROSS JOIN generate_series(-1, 25) hour
CROSS JOIN (VALUES (interval '-30 minutes'), ('-1 microsecond'), ('0'), ('1 microsecond')) AS b(beside);
SELECT * FROM pg_temp.differences('SELECT zone, t FROM around ORDER BY zone, t');
SELECT * FROM pg_temp.differences('SELECT zone, t FROM around ORDER BY t DESC, zone');
SELECT * FROM pg_temp.differences('SELECT zone, t FROM around ORDER BY md5(zone || t)');
-- all usable years, in steps that meet every hour of the day
SELECT * FROM pg_temp.differences($$SELECT zone, t FROM zone CROSS JOIN generate_series('1900-01-01'::timestamptz, '2200-12-31 23:59:59', interval '7 days 3 hours 17.000001 seconds') t$$);
SELECT * FROM pg_temp.differences($$SELECT zone, t FROM generate_series('2200-12-31 23:59:59'::timestamptz, '1900-01-01', interval '-11 days -5 hours') t CROSS JOIN zone$$);

-- the first and the last usable time, and what lies beyond
SELECT t, nps_local_time(t, 'UTC') AS local, nps_period(t, 'UTC', 'year') AS year
FROM (VALUES (1, '-infinity'::timestamptz), (2, '0021-04-05'), (3, '1899-12-31 23:59:59.999999'), (4, '1900-01-01'), (5, '1999-12-31 23:59:59.999999'), (6, '2000-01-01'),
	(7, '2200-12-31 23:59:59.999999'), (8, '2201-01-01'), (9, 'infinity')) AS v(place, t)
ORDER BY place;
SELECT nps_period('2024-03-10', 'UTC', 'fortnight');
SELECT nps_period('2024-03-10'::date, 'fortnight');
