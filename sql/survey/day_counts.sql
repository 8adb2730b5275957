/* nps/sql/survey/day_counts.sql */

CREATE FUNCTION @extschema@.nps_day_counts_accum(state bytea, given timestamptz, asked timestamptz, zone text, score integer, is_unanswered boolean, has_comment boolean, scale text)
	RETURNS bytea
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_day_counts_accum(bytea, timestamptz, timestamptz, text, integer, boolean, boolean, text) IS 'transition function of nps_day_counts_agg()';

CREATE FUNCTION @extschema@.nps_day_counts_combine(bytea, bytea)
	RETURNS bytea
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_day_counts_combine(bytea, bytea) IS 'combine function of nps_day_counts_agg()';

CREATE AGGREGATE @extschema@.nps_day_counts_agg(given timestamptz, asked timestamptz, zone text, score integer, is_unanswered boolean, has_comment boolean, scale text) (
	SFUNC = @extschema@.nps_day_counts_accum,
	STYPE = bytea,
	SSPACE = 131072,
	COMBINEFUNC = @extschema@.nps_day_counts_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_day_counts_agg(timestamptz, timestamptz, text, integer, boolean, boolean, text) IS 'part of the reports: the rows of a survey counted by day in its zone; see nps_day_counts()';

CREATE FUNCTION @extschema@.nps_day_counts(counts bytea, OUT day date, OUT tally @extschema@.nps_tally, OUT comments bigint, OUT unanswered bigint, OUT rejected bigint, OUT answered bigint)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_day_counts(bytea) IS 'what nps_day_counts_agg() counted: answers on the day they were given; unanswered, rejected and answered rows on the day the customer was asked, if that is known';
