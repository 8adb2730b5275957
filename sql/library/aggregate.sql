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

-- nps_score

CREATE AGGREGATE @extschema@.nps_score(score smallint) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_score,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_score,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_score(smallint) IS 'Net Promoter Score in points, -100 to 100; NULL without answers';

CREATE AGGREGATE @extschema@.nps_score(score integer) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_score,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_score,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_score(integer) IS 'Net Promoter Score in points, -100 to 100; NULL without answers';

CREATE AGGREGATE @extschema@.nps_score(score bigint) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_score,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_score,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_score(bigint) IS 'Net Promoter Score in points, -100 to 100; NULL without answers';

CREATE AGGREGATE @extschema@.nps_score(score real) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_score,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_score,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_score(real) IS 'Net Promoter Score in points, -100 to 100; NULL without answers';

CREATE AGGREGATE @extschema@.nps_score(score double precision) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_score,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_score,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_score(double precision) IS 'Net Promoter Score in points, -100 to 100; NULL without answers';

CREATE AGGREGATE @extschema@.nps_score(score numeric) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_score,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_score,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_score(numeric) IS 'Net Promoter Score in points, -100 to 100; NULL without answers';

CREATE AGGREGATE @extschema@.nps_score(score text) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_score,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_score,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_score(text) IS 'Net Promoter Score in points, -100 to 100; NULL without answers';

CREATE AGGREGATE @extschema@.nps_score(score smallint, scale text) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_score,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_score,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_score(smallint, text) IS 'Net Promoter Score in points, -100 to 100; NULL without answers; for any scale';

CREATE AGGREGATE @extschema@.nps_score(score integer, scale text) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_score,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_score,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_score(integer, text) IS 'Net Promoter Score in points, -100 to 100; NULL without answers; for any scale';

CREATE AGGREGATE @extschema@.nps_score(score bigint, scale text) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_score,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_score,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_score(bigint, text) IS 'Net Promoter Score in points, -100 to 100; NULL without answers; for any scale';

CREATE AGGREGATE @extschema@.nps_score(score real, scale text) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_score,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_score,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_score(real, text) IS 'Net Promoter Score in points, -100 to 100; NULL without answers; for any scale';

CREATE AGGREGATE @extschema@.nps_score(score double precision, scale text) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_score,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_score,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_score(double precision, text) IS 'Net Promoter Score in points, -100 to 100; NULL without answers; for any scale';

CREATE AGGREGATE @extschema@.nps_score(score numeric, scale text) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_score,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_score,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_score(numeric, text) IS 'Net Promoter Score in points, -100 to 100; NULL without answers; for any scale';

CREATE AGGREGATE @extschema@.nps_score(score text, scale text) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_score,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_score,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_score(text, text) IS 'Net Promoter Score in points, -100 to 100; NULL without answers; for any scale';

-- nps_tally_agg

CREATE AGGREGATE @extschema@.nps_tally_agg(score smallint) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_tally_agg(smallint) IS 'how many answers there are of each score';

CREATE AGGREGATE @extschema@.nps_tally_agg(score integer) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_tally_agg(integer) IS 'how many answers there are of each score';

CREATE AGGREGATE @extschema@.nps_tally_agg(score bigint) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_tally_agg(bigint) IS 'how many answers there are of each score';

CREATE AGGREGATE @extschema@.nps_tally_agg(score real) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_tally_agg(real) IS 'how many answers there are of each score';

CREATE AGGREGATE @extschema@.nps_tally_agg(score double precision) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_tally_agg(double precision) IS 'how many answers there are of each score';

CREATE AGGREGATE @extschema@.nps_tally_agg(score numeric) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_tally_agg(numeric) IS 'how many answers there are of each score';

CREATE AGGREGATE @extschema@.nps_tally_agg(score text) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_tally_agg(text) IS 'how many answers there are of each score';

CREATE AGGREGATE @extschema@.nps_tally_agg(score smallint, scale text) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_tally_agg(smallint, text) IS 'how many answers there are of each score; for any scale';

CREATE AGGREGATE @extschema@.nps_tally_agg(score integer, scale text) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_tally_agg(integer, text) IS 'how many answers there are of each score; for any scale';

CREATE AGGREGATE @extschema@.nps_tally_agg(score bigint, scale text) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_tally_agg(bigint, text) IS 'how many answers there are of each score; for any scale';

CREATE AGGREGATE @extschema@.nps_tally_agg(score real, scale text) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_tally_agg(real, text) IS 'how many answers there are of each score; for any scale';

CREATE AGGREGATE @extschema@.nps_tally_agg(score double precision, scale text) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_tally_agg(double precision, text) IS 'how many answers there are of each score; for any scale';

CREATE AGGREGATE @extschema@.nps_tally_agg(score numeric, scale text) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_tally_agg(numeric, text) IS 'how many answers there are of each score; for any scale';

CREATE AGGREGATE @extschema@.nps_tally_agg(score text, scale text) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_tally_agg(text, text) IS 'how many answers there are of each score; for any scale';

-- nps_low

CREATE AGGREGATE @extschema@.nps_low(score smallint) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_low,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_low,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_low(smallint) IS 'lower end of the 95 % interval of the score, in points';

CREATE AGGREGATE @extschema@.nps_low(score integer) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_low,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_low,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_low(integer) IS 'lower end of the 95 % interval of the score, in points';

CREATE AGGREGATE @extschema@.nps_low(score bigint) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_low,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_low,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_low(bigint) IS 'lower end of the 95 % interval of the score, in points';

CREATE AGGREGATE @extschema@.nps_low(score real) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_low,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_low,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_low(real) IS 'lower end of the 95 % interval of the score, in points';

CREATE AGGREGATE @extschema@.nps_low(score double precision) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_low,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_low,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_low(double precision) IS 'lower end of the 95 % interval of the score, in points';

CREATE AGGREGATE @extschema@.nps_low(score numeric) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_low,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_low,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_low(numeric) IS 'lower end of the 95 % interval of the score, in points';

CREATE AGGREGATE @extschema@.nps_low(score text) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_low,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_low,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_low(text) IS 'lower end of the 95 % interval of the score, in points';

CREATE AGGREGATE @extschema@.nps_low(score smallint, scale text) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_low,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_low,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_low(smallint, text) IS 'lower end of the 95 % interval of the score, in points; for any scale';

CREATE AGGREGATE @extschema@.nps_low(score integer, scale text) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_low,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_low,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_low(integer, text) IS 'lower end of the 95 % interval of the score, in points; for any scale';

CREATE AGGREGATE @extschema@.nps_low(score bigint, scale text) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_low,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_low,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_low(bigint, text) IS 'lower end of the 95 % interval of the score, in points; for any scale';

CREATE AGGREGATE @extschema@.nps_low(score real, scale text) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_low,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_low,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_low(real, text) IS 'lower end of the 95 % interval of the score, in points; for any scale';

CREATE AGGREGATE @extschema@.nps_low(score double precision, scale text) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_low,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_low,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_low(double precision, text) IS 'lower end of the 95 % interval of the score, in points; for any scale';

CREATE AGGREGATE @extschema@.nps_low(score numeric, scale text) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_low,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_low,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_low(numeric, text) IS 'lower end of the 95 % interval of the score, in points; for any scale';

CREATE AGGREGATE @extschema@.nps_low(score text, scale text) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_low,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_low,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_low(text, text) IS 'lower end of the 95 % interval of the score, in points; for any scale';

-- nps_high

CREATE AGGREGATE @extschema@.nps_high(score smallint) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_high,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_high,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_high(smallint) IS 'upper end of the 95 % interval of the score, in points';

CREATE AGGREGATE @extschema@.nps_high(score integer) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_high,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_high,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_high(integer) IS 'upper end of the 95 % interval of the score, in points';

CREATE AGGREGATE @extschema@.nps_high(score bigint) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_high,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_high,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_high(bigint) IS 'upper end of the 95 % interval of the score, in points';

CREATE AGGREGATE @extschema@.nps_high(score real) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_high,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_high,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_high(real) IS 'upper end of the 95 % interval of the score, in points';

CREATE AGGREGATE @extschema@.nps_high(score double precision) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_high,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_high,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_high(double precision) IS 'upper end of the 95 % interval of the score, in points';

CREATE AGGREGATE @extschema@.nps_high(score numeric) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_high,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_high,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_high(numeric) IS 'upper end of the 95 % interval of the score, in points';

CREATE AGGREGATE @extschema@.nps_high(score text) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_high,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_high,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_high(text) IS 'upper end of the 95 % interval of the score, in points';

CREATE AGGREGATE @extschema@.nps_high(score smallint, scale text) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_high,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_high,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_high(smallint, text) IS 'upper end of the 95 % interval of the score, in points; for any scale';

CREATE AGGREGATE @extschema@.nps_high(score integer, scale text) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_high,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_high,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_high(integer, text) IS 'upper end of the 95 % interval of the score, in points; for any scale';

CREATE AGGREGATE @extschema@.nps_high(score bigint, scale text) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_high,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_high,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_high(bigint, text) IS 'upper end of the 95 % interval of the score, in points; for any scale';

CREATE AGGREGATE @extschema@.nps_high(score real, scale text) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_high,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_high,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_high(real, text) IS 'upper end of the 95 % interval of the score, in points; for any scale';

CREATE AGGREGATE @extschema@.nps_high(score double precision, scale text) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_high,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_high,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_high(double precision, text) IS 'upper end of the 95 % interval of the score, in points; for any scale';

CREATE AGGREGATE @extschema@.nps_high(score numeric, scale text) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_high,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_high,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_high(numeric, text) IS 'upper end of the 95 % interval of the score, in points; for any scale';

CREATE AGGREGATE @extschema@.nps_high(score text, scale text) (
	SFUNC = @extschema@.nps_tally_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	FINALFUNC = @extschema@.nps_high,
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_accum, MINVFUNC = @extschema@.nps_tally_remove, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	MFINALFUNC = @extschema@.nps_high,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_high(text, text) IS 'upper end of the 95 % interval of the score, in points; for any scale';

CREATE AGGREGATE @extschema@.nps_tally_agg(tally @extschema@.nps_tally) (
	SFUNC = @extschema@.nps_tally_add, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	COMBINEFUNC = @extschema@.nps_tally_add,
	MSFUNC = @extschema@.nps_tally_add, MINVFUNC = @extschema@.nps_tally_subtract, MSTYPE = @extschema@.nps_tally, MINITCOND = '{}',
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_tally_agg(@extschema@.nps_tally) IS 'sum of tallies';
