/* nps/sql/library/period.sql */

CREATE FUNCTION @extschema@.nps_time(local timestamp, zone text)
	RETURNS timestamp with time zone
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_time(timestamp, text) IS 'the time that a clock in the zone shows; NULL outside the years 1 to 9998';

CREATE FUNCTION @extschema@.nps_time(day date, zone text)
	RETURNS timestamp with time zone
	AS 'MODULE_PATHNAME', 'nps_time_date'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_time(date, text) IS 'beginning of the day in the zone; NULL outside the years 1 to 9998';

CREATE FUNCTION @extschema@.nps_local_time(at timestamp with time zone, zone text)
	RETURNS timestamp
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_local_time(timestamp with time zone, text) IS 'what a clock in the zone shows; NULL outside the years 1900 to 2200';

CREATE FUNCTION @extschema@.nps_period(at timestamp with time zone, zone text, grain text)
	RETURNS date
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_period(timestamp with time zone, text, text) IS 'first day of the day, week, month, quarter or year that the time is in, in the zone, or of a span such as 14 days from 2026-01-05; NULL outside the years 1900 to 2200';

CREATE FUNCTION @extschema@.nps_period(day date, grain text)
	RETURNS date
	AS 'MODULE_PATHNAME', 'nps_period_date'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_period(date, text) IS 'first day of the day, week, month, quarter or year that the day is in, or of a span such as 14 days from 2026-01-05';

CREATE FUNCTION @extschema@.nps_zone_name(time_zone text)
	RETURNS text
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_zone_name(text) IS 'part of nps_attach(): the name of a time zone as the time zone database has it; an error for anything else, such as UTC+3';

CREATE FUNCTION @extschema@.nps_grains(OUT grain text, OUT step interval)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 5;
COMMENT ON FUNCTION @extschema@.nps_grains() IS 'the lengths of periods: day, week, month, quarter and year';

CREATE FUNCTION @extschema@.nps_periods_between(period date, next_period date, step interval)
	RETURNS SETOF date
	/*
	 * STRICT keeps it from being inlined: as plain generate_series it would be
	 * taken for 1,000 rows, where most often there is none.
	 */
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE ROWS 1
	BEGIN ATOMIC
	SELECT start::date
	FROM pg_catalog.generate_series(period OPERATOR(pg_catalog.+) step,
		next_period OPERATOR(pg_catalog.-) interval '1 day', step) AS start;
	END;
COMMENT ON FUNCTION @extschema@.nps_periods_between(date, date, interval) IS 'part of the views by period: first days of the periods that lie between two';

CREATE FUNCTION @extschema@.nps_is_partial(period date, step interval, first date, today date)
	RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN (period OPERATOR(pg_catalog.<=) today AND today OPERATOR(pg_catalog.<) (period OPERATOR(pg_catalog.+) step))
		OR coalesce(period OPERATOR(pg_catalog.<) first AND first OPERATOR(pg_catalog.<) (period OPERATOR(pg_catalog.+) step), false);
COMMENT ON FUNCTION @extschema@.nps_is_partial(date, interval, date, date) IS 'part of the views by period: whether a period is still running, or the first day that there is lies within it';
