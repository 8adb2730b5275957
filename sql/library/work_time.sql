/* nps/sql/library/work_time.sql */

CREATE FUNCTION @extschema@.nps_due(start timestamp with time zone, hours double precision, zone text, work_days text, work_from time, work_until time, holidays date[])
	RETURNS timestamp with time zone
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_due(timestamp with time zone, double precision, text, text, time, time, date[]) IS 'the time that many hours after the start, in working time if its days and hours are given; NULL outside the years 1900 to 2200';

CREATE FUNCTION @extschema@.nps_hours_between(start timestamp with time zone, until timestamp with time zone, zone text, work_days text, work_from time, work_until time, holidays date[])
	RETURNS double precision
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_hours_between(timestamp with time zone, timestamp with time zone, text, text, time, time, date[]) IS 'hours between two times, in working time if its days and hours are given; NULL outside the years 1900 to 2200';

CREATE FUNCTION @extschema@.nps_is_work_days(days text)
	RETURNS boolean
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_is_work_days(text) IS 'part of the table survey: whether the text lists days of the week by three letters each, such as Mon Tue Wed Thu Fri';
