/* nps/sql/nps--VERSION.sql, put together from sql/library and sql/survey */

-- complain if the script is sourced in psql rather than by CREATE EXTENSION
\echo Use "CREATE EXTENSION nps" to load this file. \quit

-- scales

CREATE FUNCTION @extschema@.nps_scales(OUT scale text, OUT min_score smallint, OUT max_score smallint, OUT whole_scores_only boolean, OUT reversed boolean, OUT satisfaction boolean, OUT detractor text, OUT passive text, OUT promoter text)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 7;
COMMENT ON FUNCTION @extschema@.nps_scales() IS 'the scales, with the scores of each category; on reversed scales a lower score is a better one, on satisfaction scales a promoter is a satisfied customer';

-- what one score is

CREATE FUNCTION @extschema@.nps_category(score smallint)
	RETURNS text
	AS 'MODULE_PATHNAME', 'nps_category_int2'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_category(smallint) IS '''detractor'', ''passive'' or ''promoter'' of an answer from 0 to 10; anything else is an error';

CREATE FUNCTION @extschema@.nps_category(score integer)
	RETURNS text
	AS 'MODULE_PATHNAME', 'nps_category_int4'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_category(integer) IS '''detractor'', ''passive'' or ''promoter'' of an answer from 0 to 10; anything else is an error';

CREATE FUNCTION @extschema@.nps_category(score bigint)
	RETURNS text
	AS 'MODULE_PATHNAME', 'nps_category_int8'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_category(bigint) IS '''detractor'', ''passive'' or ''promoter'' of an answer from 0 to 10; anything else is an error';

CREATE FUNCTION @extschema@.nps_category(score real)
	RETURNS text
	AS 'MODULE_PATHNAME', 'nps_category_float4'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_category(real) IS '''detractor'', ''passive'' or ''promoter'' of an answer from 0 to 10; anything else is an error';

CREATE FUNCTION @extschema@.nps_category(score double precision)
	RETURNS text
	AS 'MODULE_PATHNAME', 'nps_category_float8'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_category(double precision) IS '''detractor'', ''passive'' or ''promoter'' of an answer from 0 to 10; anything else is an error';

CREATE FUNCTION @extschema@.nps_category(score numeric)
	RETURNS text
	AS 'MODULE_PATHNAME', 'nps_category_numeric'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_category(numeric) IS '''detractor'', ''passive'' or ''promoter'' of an answer from 0 to 10; anything else is an error';

CREATE FUNCTION @extschema@.nps_category(score text)
	RETURNS text
	AS 'MODULE_PATHNAME', 'nps_category_text'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_category(text) IS '''detractor'', ''passive'' or ''promoter'' of an answer from 0 to 10; anything else is an error';

CREATE FUNCTION @extschema@.nps_category(score smallint, scale text)
	RETURNS text
	AS 'MODULE_PATHNAME', 'nps_category_int2_scale'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_category(smallint, text) IS '''detractor'', ''passive'' or ''promoter'' of a score on a scale; a score that is not on the scale is an error';

CREATE FUNCTION @extschema@.nps_category(score integer, scale text)
	RETURNS text
	AS 'MODULE_PATHNAME', 'nps_category_int4_scale'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_category(integer, text) IS '''detractor'', ''passive'' or ''promoter'' of a score on a scale; a score that is not on the scale is an error';

CREATE FUNCTION @extschema@.nps_category(score bigint, scale text)
	RETURNS text
	AS 'MODULE_PATHNAME', 'nps_category_int8_scale'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_category(bigint, text) IS '''detractor'', ''passive'' or ''promoter'' of a score on a scale; a score that is not on the scale is an error';

CREATE FUNCTION @extschema@.nps_category(score real, scale text)
	RETURNS text
	AS 'MODULE_PATHNAME', 'nps_category_float4_scale'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_category(real, text) IS '''detractor'', ''passive'' or ''promoter'' of a score on a scale; a score that is not on the scale is an error';

CREATE FUNCTION @extschema@.nps_category(score double precision, scale text)
	RETURNS text
	AS 'MODULE_PATHNAME', 'nps_category_float8_scale'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_category(double precision, text) IS '''detractor'', ''passive'' or ''promoter'' of a score on a scale; a score that is not on the scale is an error';

CREATE FUNCTION @extschema@.nps_category(score numeric, scale text)
	RETURNS text
	AS 'MODULE_PATHNAME', 'nps_category_numeric_scale'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_category(numeric, text) IS '''detractor'', ''passive'' or ''promoter'' of a score on a scale; a score that is not on the scale is an error';

CREATE FUNCTION @extschema@.nps_category(score text, scale text)
	RETURNS text
	AS 'MODULE_PATHNAME', 'nps_category_text_scale'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_category(text, text) IS '''detractor'', ''passive'' or ''promoter'' of a score on a scale; a score that is not on the scale is an error';

CREATE FUNCTION @extschema@.nps_points(score smallint)
	RETURNS double precision
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN $1 OPERATOR(pg_catalog.>=) 0 AND $1 OPERATOR(pg_catalog.<=) 6 THEN -100::pg_catalog.float8
		WHEN $1 OPERATOR(pg_catalog.>=) 7 AND $1 OPERATOR(pg_catalog.<=) 8 THEN 0::pg_catalog.float8
		WHEN $1 OPERATOR(pg_catalog.>=) 9 AND $1 OPERATOR(pg_catalog.<=) 10 THEN 100::pg_catalog.float8
	END;
COMMENT ON FUNCTION @extschema@.nps_points(smallint) IS '-100 for a detractor, 0 for a passive, 100 for a promoter, so that their average is the NPS; NULL for anything but an answer from 0 to 10';

CREATE FUNCTION @extschema@.nps_points(score integer)
	RETURNS double precision
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN $1 OPERATOR(pg_catalog.>=) 0 AND $1 OPERATOR(pg_catalog.<=) 6 THEN -100::pg_catalog.float8
		WHEN $1 OPERATOR(pg_catalog.>=) 7 AND $1 OPERATOR(pg_catalog.<=) 8 THEN 0::pg_catalog.float8
		WHEN $1 OPERATOR(pg_catalog.>=) 9 AND $1 OPERATOR(pg_catalog.<=) 10 THEN 100::pg_catalog.float8
	END;
COMMENT ON FUNCTION @extschema@.nps_points(integer) IS '-100 for a detractor, 0 for a passive, 100 for a promoter, so that their average is the NPS; NULL for anything but an answer from 0 to 10';

CREATE FUNCTION @extschema@.nps_points(score bigint)
	RETURNS double precision
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN $1 OPERATOR(pg_catalog.>=) 0 AND $1 OPERATOR(pg_catalog.<=) 6 THEN -100::pg_catalog.float8
		WHEN $1 OPERATOR(pg_catalog.>=) 7 AND $1 OPERATOR(pg_catalog.<=) 8 THEN 0::pg_catalog.float8
		WHEN $1 OPERATOR(pg_catalog.>=) 9 AND $1 OPERATOR(pg_catalog.<=) 10 THEN 100::pg_catalog.float8
	END;
COMMENT ON FUNCTION @extschema@.nps_points(bigint) IS '-100 for a detractor, 0 for a passive, 100 for a promoter, so that their average is the NPS; NULL for anything but an answer from 0 to 10';

CREATE FUNCTION @extschema@.nps_points(score real)
	RETURNS double precision
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN $1 OPERATOR(pg_catalog.=) ANY ('{0,1,2,3,4,5,6}'::pg_catalog.float4[]) THEN -100::pg_catalog.float8
		WHEN $1 OPERATOR(pg_catalog.=) ANY ('{7,8}'::pg_catalog.float4[]) THEN 0::pg_catalog.float8
		WHEN $1 OPERATOR(pg_catalog.=) ANY ('{9,10}'::pg_catalog.float4[]) THEN 100::pg_catalog.float8
	END;
COMMENT ON FUNCTION @extschema@.nps_points(real) IS '-100 for a detractor, 0 for a passive, 100 for a promoter, so that their average is the NPS; NULL for anything but an answer from 0 to 10';

CREATE FUNCTION @extschema@.nps_points(score double precision)
	RETURNS double precision
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN $1 OPERATOR(pg_catalog.=) ANY ('{0,1,2,3,4,5,6}'::pg_catalog.float8[]) THEN -100::pg_catalog.float8
		WHEN $1 OPERATOR(pg_catalog.=) ANY ('{7,8}'::pg_catalog.float8[]) THEN 0::pg_catalog.float8
		WHEN $1 OPERATOR(pg_catalog.=) ANY ('{9,10}'::pg_catalog.float8[]) THEN 100::pg_catalog.float8
	END;
COMMENT ON FUNCTION @extschema@.nps_points(double precision) IS '-100 for a detractor, 0 for a passive, 100 for a promoter, so that their average is the NPS; NULL for anything but an answer from 0 to 10';

CREATE FUNCTION @extschema@.nps_points(score numeric)
	RETURNS double precision
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN $1 OPERATOR(pg_catalog.=) ANY ('{0,1,2,3,4,5,6}'::pg_catalog.numeric[]) THEN -100::pg_catalog.float8
		WHEN $1 OPERATOR(pg_catalog.=) ANY ('{7,8}'::pg_catalog.numeric[]) THEN 0::pg_catalog.float8
		WHEN $1 OPERATOR(pg_catalog.=) ANY ('{9,10}'::pg_catalog.numeric[]) THEN 100::pg_catalog.float8
	END;
COMMENT ON FUNCTION @extschema@.nps_points(numeric) IS '-100 for a detractor, 0 for a passive, 100 for a promoter, so that their average is the NPS; NULL for anything but an answer from 0 to 10';

CREATE FUNCTION @extschema@.nps_points(score double precision, scale text)
	RETURNS double precision
	AS 'MODULE_PATHNAME', 'nps_points_float8_scale'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_points(double precision, text) IS '-100, 0 or 100 points of a score on a scale; NULL for a score that is not on the scale';

CREATE FUNCTION @extschema@.nps_points(score numeric, scale text)
	RETURNS double precision
	AS 'MODULE_PATHNAME', 'nps_points_numeric_scale'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_points(numeric, text) IS '-100, 0 or 100 points of a score on a scale; NULL for a score that is not on the scale';

CREATE FUNCTION @extschema@.nps_is_detractor(score smallint)
	RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN $1 OPERATOR(pg_catalog.>=) 0 AND $1 OPERATOR(pg_catalog.<=) 6;
COMMENT ON FUNCTION @extschema@.nps_is_detractor(smallint) IS 'whether the score is a detractor, 0 to 6; false for what is not on the scale; uses a plain index on the score';

CREATE FUNCTION @extschema@.nps_is_detractor(score integer)
	RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN $1 OPERATOR(pg_catalog.>=) 0 AND $1 OPERATOR(pg_catalog.<=) 6;
COMMENT ON FUNCTION @extschema@.nps_is_detractor(integer) IS 'whether the score is a detractor, 0 to 6; false for what is not on the scale; uses a plain index on the score';

CREATE FUNCTION @extschema@.nps_is_detractor(score bigint)
	RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN $1 OPERATOR(pg_catalog.>=) 0 AND $1 OPERATOR(pg_catalog.<=) 6;
COMMENT ON FUNCTION @extschema@.nps_is_detractor(bigint) IS 'whether the score is a detractor, 0 to 6; false for what is not on the scale; uses a plain index on the score';

CREATE FUNCTION @extschema@.nps_is_detractor(score real)
	RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN $1 OPERATOR(pg_catalog.=) ANY ('{0,1,2,3,4,5,6}'::pg_catalog.float4[]);
COMMENT ON FUNCTION @extschema@.nps_is_detractor(real) IS 'whether the score is a detractor, 0 to 6; false for what is not on the scale; uses a plain index on the score';

CREATE FUNCTION @extschema@.nps_is_detractor(score double precision)
	RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN $1 OPERATOR(pg_catalog.=) ANY ('{0,1,2,3,4,5,6}'::pg_catalog.float8[]);
COMMENT ON FUNCTION @extschema@.nps_is_detractor(double precision) IS 'whether the score is a detractor, 0 to 6; false for what is not on the scale; uses a plain index on the score';

CREATE FUNCTION @extschema@.nps_is_detractor(score numeric)
	RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN $1 OPERATOR(pg_catalog.=) ANY ('{0,1,2,3,4,5,6}'::pg_catalog.numeric[]);
COMMENT ON FUNCTION @extschema@.nps_is_detractor(numeric) IS 'whether the score is a detractor, 0 to 6; false for what is not on the scale; uses a plain index on the score';

CREATE FUNCTION @extschema@.nps_is_passive(score smallint)
	RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN $1 OPERATOR(pg_catalog.>=) 7 AND $1 OPERATOR(pg_catalog.<=) 8;
COMMENT ON FUNCTION @extschema@.nps_is_passive(smallint) IS 'whether the score is a passive, 7 or 8; false for what is not on the scale; uses a plain index on the score';

CREATE FUNCTION @extschema@.nps_is_passive(score integer)
	RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN $1 OPERATOR(pg_catalog.>=) 7 AND $1 OPERATOR(pg_catalog.<=) 8;
COMMENT ON FUNCTION @extschema@.nps_is_passive(integer) IS 'whether the score is a passive, 7 or 8; false for what is not on the scale; uses a plain index on the score';

CREATE FUNCTION @extschema@.nps_is_passive(score bigint)
	RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN $1 OPERATOR(pg_catalog.>=) 7 AND $1 OPERATOR(pg_catalog.<=) 8;
COMMENT ON FUNCTION @extschema@.nps_is_passive(bigint) IS 'whether the score is a passive, 7 or 8; false for what is not on the scale; uses a plain index on the score';

CREATE FUNCTION @extschema@.nps_is_passive(score real)
	RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN $1 OPERATOR(pg_catalog.=) ANY ('{7,8}'::pg_catalog.float4[]);
COMMENT ON FUNCTION @extschema@.nps_is_passive(real) IS 'whether the score is a passive, 7 or 8; false for what is not on the scale; uses a plain index on the score';

CREATE FUNCTION @extschema@.nps_is_passive(score double precision)
	RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN $1 OPERATOR(pg_catalog.=) ANY ('{7,8}'::pg_catalog.float8[]);
COMMENT ON FUNCTION @extschema@.nps_is_passive(double precision) IS 'whether the score is a passive, 7 or 8; false for what is not on the scale; uses a plain index on the score';

CREATE FUNCTION @extschema@.nps_is_passive(score numeric)
	RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN $1 OPERATOR(pg_catalog.=) ANY ('{7,8}'::pg_catalog.numeric[]);
COMMENT ON FUNCTION @extschema@.nps_is_passive(numeric) IS 'whether the score is a passive, 7 or 8; false for what is not on the scale; uses a plain index on the score';

CREATE FUNCTION @extschema@.nps_is_promoter(score smallint)
	RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN $1 OPERATOR(pg_catalog.>=) 9 AND $1 OPERATOR(pg_catalog.<=) 10;
COMMENT ON FUNCTION @extschema@.nps_is_promoter(smallint) IS 'whether the score is a promoter, 9 or 10; false for what is not on the scale; uses a plain index on the score';

CREATE FUNCTION @extschema@.nps_is_promoter(score integer)
	RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN $1 OPERATOR(pg_catalog.>=) 9 AND $1 OPERATOR(pg_catalog.<=) 10;
COMMENT ON FUNCTION @extschema@.nps_is_promoter(integer) IS 'whether the score is a promoter, 9 or 10; false for what is not on the scale; uses a plain index on the score';

CREATE FUNCTION @extschema@.nps_is_promoter(score bigint)
	RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN $1 OPERATOR(pg_catalog.>=) 9 AND $1 OPERATOR(pg_catalog.<=) 10;
COMMENT ON FUNCTION @extschema@.nps_is_promoter(bigint) IS 'whether the score is a promoter, 9 or 10; false for what is not on the scale; uses a plain index on the score';

CREATE FUNCTION @extschema@.nps_is_promoter(score real)
	RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN $1 OPERATOR(pg_catalog.=) ANY ('{9,10}'::pg_catalog.float4[]);
COMMENT ON FUNCTION @extschema@.nps_is_promoter(real) IS 'whether the score is a promoter, 9 or 10; false for what is not on the scale; uses a plain index on the score';

CREATE FUNCTION @extschema@.nps_is_promoter(score double precision)
	RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN $1 OPERATOR(pg_catalog.=) ANY ('{9,10}'::pg_catalog.float8[]);
COMMENT ON FUNCTION @extschema@.nps_is_promoter(double precision) IS 'whether the score is a promoter, 9 or 10; false for what is not on the scale; uses a plain index on the score';

CREATE FUNCTION @extschema@.nps_is_promoter(score numeric)
	RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN $1 OPERATOR(pg_catalog.=) ANY ('{9,10}'::pg_catalog.numeric[]);
COMMENT ON FUNCTION @extschema@.nps_is_promoter(numeric) IS 'whether the score is a promoter, 9 or 10; false for what is not on the scale; uses a plain index on the score';
