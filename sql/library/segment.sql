/* nps/sql/library/segment.sql */

CREATE FUNCTION @extschema@.nps_contribution(part @extschema@.nps_tally, whole @extschema@.nps_tally)
	RETURNS double precision
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_contribution(@extschema@.nps_tally, @extschema@.nps_tally) IS 'how far a segment pulls the score of the whole up or down, in points; sums to 0 over all segments';

CREATE FUNCTION @extschema@.nps_impact(part @extschema@.nps_tally, whole @extschema@.nps_tally)
	RETURNS double precision
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_impact(@extschema@.nps_tally, @extschema@.nps_tally) IS 'what the score of the whole would lose without the segment, in points; NULL if the segment is the whole';

CREATE FUNCTION @extschema@.nps_effects(before @extschema@.nps_tally, all_before @extschema@.nps_tally,
	after @extschema@.nps_tally, all_after @extschema@.nps_tally,
	OUT rate_effect double precision, OUT mix_effect double precision)
	RETURNS record
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_effects(@extschema@.nps_tally, @extschema@.nps_tally, @extschema@.nps_tally, @extschema@.nps_tally) IS 'what a segment did to the change of the whole: by its own score, and by its share; sums to the change over all segments';
