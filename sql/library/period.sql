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
COMMENT ON FUNCTION @extschema@.nps_local_time(timestamp with time zone, text) IS 'what a clock in the zone shows; NULL outside the years 1 to 9998';

CREATE FUNCTION @extschema@.nps_period(at timestamp with time zone, zone text, grain text)
	RETURNS date
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_period(timestamp with time zone, text, text) IS 'first day of the day, week, month, quarter or year that the time is in, in the zone; NULL outside the years 1 to 9998';

CREATE FUNCTION @extschema@.nps_period(day date, grain text)
	RETURNS date
	AS 'MODULE_PATHNAME', 'nps_period_date'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_period(date, text) IS 'first day of the day, week, month, quarter or year that the day is in';

CREATE FUNCTION @extschema@.nps_zone_name(time_zone text)
	RETURNS text
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_zone_name(text) IS 'the name of a time zone as the time zone database has it; an error for what is none, such as UTC+3';
