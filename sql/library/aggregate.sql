/* nps/sql/library/aggregate.sql */

CREATE FUNCTION @extschema@.nps_tally_accum(state @extschema@.nps_tally, score smallint)
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME', 'nps_tally_accum_int2'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_accum(@extschema@.nps_tally, smallint) IS 'aggregate transition function';

CREATE FUNCTION @extschema@.nps_tally_remove(state @extschema@.nps_tally, score smallint)
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME', 'nps_tally_remove_int2'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_remove(@extschema@.nps_tally, smallint) IS 'aggregate inverse transition function';

CREATE FUNCTION @extschema@.nps_tally_accum(state @extschema@.nps_tally, score smallint, scale text)
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME', 'nps_tally_accum_int2_scale'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_accum(@extschema@.nps_tally, smallint, text) IS 'aggregate transition function';

CREATE FUNCTION @extschema@.nps_tally_remove(state @extschema@.nps_tally, score smallint, scale text)
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME', 'nps_tally_remove_int2_scale'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_remove(@extschema@.nps_tally, smallint, text) IS 'aggregate inverse transition function';

CREATE FUNCTION @extschema@.nps_tally_accum(state @extschema@.nps_tally, score integer)
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME', 'nps_tally_accum_int4'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_accum(@extschema@.nps_tally, integer) IS 'aggregate transition function';

CREATE FUNCTION @extschema@.nps_tally_remove(state @extschema@.nps_tally, score integer)
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME', 'nps_tally_remove_int4'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_remove(@extschema@.nps_tally, integer) IS 'aggregate inverse transition function';

CREATE FUNCTION @extschema@.nps_tally_accum(state @extschema@.nps_tally, score integer, scale text)
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME', 'nps_tally_accum_int4_scale'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_accum(@extschema@.nps_tally, integer, text) IS 'aggregate transition function';

CREATE FUNCTION @extschema@.nps_tally_remove(state @extschema@.nps_tally, score integer, scale text)
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME', 'nps_tally_remove_int4_scale'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_remove(@extschema@.nps_tally, integer, text) IS 'aggregate inverse transition function';

CREATE FUNCTION @extschema@.nps_tally_accum(state @extschema@.nps_tally, score bigint)
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME', 'nps_tally_accum_int8'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_accum(@extschema@.nps_tally, bigint) IS 'aggregate transition function';

CREATE FUNCTION @extschema@.nps_tally_remove(state @extschema@.nps_tally, score bigint)
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME', 'nps_tally_remove_int8'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_remove(@extschema@.nps_tally, bigint) IS 'aggregate inverse transition function';

CREATE FUNCTION @extschema@.nps_tally_accum(state @extschema@.nps_tally, score bigint, scale text)
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME', 'nps_tally_accum_int8_scale'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_accum(@extschema@.nps_tally, bigint, text) IS 'aggregate transition function';

CREATE FUNCTION @extschema@.nps_tally_remove(state @extschema@.nps_tally, score bigint, scale text)
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME', 'nps_tally_remove_int8_scale'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_remove(@extschema@.nps_tally, bigint, text) IS 'aggregate inverse transition function';

CREATE FUNCTION @extschema@.nps_tally_accum(state @extschema@.nps_tally, score real)
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME', 'nps_tally_accum_float4'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_accum(@extschema@.nps_tally, real) IS 'aggregate transition function';

CREATE FUNCTION @extschema@.nps_tally_remove(state @extschema@.nps_tally, score real)
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME', 'nps_tally_remove_float4'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_remove(@extschema@.nps_tally, real) IS 'aggregate inverse transition function';

CREATE FUNCTION @extschema@.nps_tally_accum(state @extschema@.nps_tally, score real, scale text)
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME', 'nps_tally_accum_float4_scale'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_accum(@extschema@.nps_tally, real, text) IS 'aggregate transition function';

CREATE FUNCTION @extschema@.nps_tally_remove(state @extschema@.nps_tally, score real, scale text)
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME', 'nps_tally_remove_float4_scale'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_remove(@extschema@.nps_tally, real, text) IS 'aggregate inverse transition function';

CREATE FUNCTION @extschema@.nps_tally_accum(state @extschema@.nps_tally, score double precision)
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME', 'nps_tally_accum_float8'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_accum(@extschema@.nps_tally, double precision) IS 'aggregate transition function';

CREATE FUNCTION @extschema@.nps_tally_remove(state @extschema@.nps_tally, score double precision)
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME', 'nps_tally_remove_float8'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_remove(@extschema@.nps_tally, double precision) IS 'aggregate inverse transition function';

CREATE FUNCTION @extschema@.nps_tally_accum(state @extschema@.nps_tally, score double precision, scale text)
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME', 'nps_tally_accum_float8_scale'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_accum(@extschema@.nps_tally, double precision, text) IS 'aggregate transition function';

CREATE FUNCTION @extschema@.nps_tally_remove(state @extschema@.nps_tally, score double precision, scale text)
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME', 'nps_tally_remove_float8_scale'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_remove(@extschema@.nps_tally, double precision, text) IS 'aggregate inverse transition function';

CREATE FUNCTION @extschema@.nps_tally_accum(state @extschema@.nps_tally, score numeric)
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME', 'nps_tally_accum_numeric'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_accum(@extschema@.nps_tally, numeric) IS 'aggregate transition function';

CREATE FUNCTION @extschema@.nps_tally_remove(state @extschema@.nps_tally, score numeric)
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME', 'nps_tally_remove_numeric'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_remove(@extschema@.nps_tally, numeric) IS 'aggregate inverse transition function';

CREATE FUNCTION @extschema@.nps_tally_accum(state @extschema@.nps_tally, score numeric, scale text)
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME', 'nps_tally_accum_numeric_scale'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_accum(@extschema@.nps_tally, numeric, text) IS 'aggregate transition function';

CREATE FUNCTION @extschema@.nps_tally_remove(state @extschema@.nps_tally, score numeric, scale text)
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME', 'nps_tally_remove_numeric_scale'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_remove(@extschema@.nps_tally, numeric, text) IS 'aggregate inverse transition function';

CREATE FUNCTION @extschema@.nps_tally_accum(state @extschema@.nps_tally, score text)
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME', 'nps_tally_accum_text'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_accum(@extschema@.nps_tally, text) IS 'aggregate transition function';

CREATE FUNCTION @extschema@.nps_tally_remove(state @extschema@.nps_tally, score text)
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME', 'nps_tally_remove_text'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_remove(@extschema@.nps_tally, text) IS 'aggregate inverse transition function';

CREATE FUNCTION @extschema@.nps_tally_accum(state @extschema@.nps_tally, score text, scale text)
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME', 'nps_tally_accum_text_scale'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_accum(@extschema@.nps_tally, text, text) IS 'aggregate transition function';

CREATE FUNCTION @extschema@.nps_tally_remove(state @extschema@.nps_tally, score text, scale text)
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME', 'nps_tally_remove_text_scale'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_remove(@extschema@.nps_tally, text, text) IS 'aggregate inverse transition function';
