/* nps/sql/nps--1.0.0.sql, put together from sql/parts */

-- complain if the script is sourced in psql rather than by CREATE EXTENSION
\echo Use "CREATE EXTENSION nps" to load this file. \quit

-- scales

CREATE FUNCTION @extschema@.nps_scales(OUT scale text, OUT min_score smallint, OUT max_score smallint, OUT whole_scores_only boolean, OUT detractor text, OUT passive text, OUT promoter text)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 7;
COMMENT ON FUNCTION @extschema@.nps_scales() IS 'the scales, with the scores of each category; on satisfaction scales a promoter is a satisfied customer';

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
COMMENT ON FUNCTION @extschema@.nps_points(smallint) IS '-100 for a detractor, 0 for a passive, 100 for a promoter, so that their average is the NPS; NULL for what is no answer from 0 to 10';

CREATE FUNCTION @extschema@.nps_points(score integer)
	RETURNS double precision
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN $1 OPERATOR(pg_catalog.>=) 0 AND $1 OPERATOR(pg_catalog.<=) 6 THEN -100::pg_catalog.float8
		WHEN $1 OPERATOR(pg_catalog.>=) 7 AND $1 OPERATOR(pg_catalog.<=) 8 THEN 0::pg_catalog.float8
		WHEN $1 OPERATOR(pg_catalog.>=) 9 AND $1 OPERATOR(pg_catalog.<=) 10 THEN 100::pg_catalog.float8
	END;
COMMENT ON FUNCTION @extschema@.nps_points(integer) IS '-100 for a detractor, 0 for a passive, 100 for a promoter, so that their average is the NPS; NULL for what is no answer from 0 to 10';

CREATE FUNCTION @extschema@.nps_points(score bigint)
	RETURNS double precision
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN $1 OPERATOR(pg_catalog.>=) 0 AND $1 OPERATOR(pg_catalog.<=) 6 THEN -100::pg_catalog.float8
		WHEN $1 OPERATOR(pg_catalog.>=) 7 AND $1 OPERATOR(pg_catalog.<=) 8 THEN 0::pg_catalog.float8
		WHEN $1 OPERATOR(pg_catalog.>=) 9 AND $1 OPERATOR(pg_catalog.<=) 10 THEN 100::pg_catalog.float8
	END;
COMMENT ON FUNCTION @extschema@.nps_points(bigint) IS '-100 for a detractor, 0 for a passive, 100 for a promoter, so that their average is the NPS; NULL for what is no answer from 0 to 10';

CREATE FUNCTION @extschema@.nps_points(score real)
	RETURNS double precision
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN $1 OPERATOR(pg_catalog.=) ANY ('{0,1,2,3,4,5,6}'::pg_catalog.float4[]) THEN -100::pg_catalog.float8
		WHEN $1 OPERATOR(pg_catalog.=) ANY ('{7,8}'::pg_catalog.float4[]) THEN 0::pg_catalog.float8
		WHEN $1 OPERATOR(pg_catalog.=) ANY ('{9,10}'::pg_catalog.float4[]) THEN 100::pg_catalog.float8
	END;
COMMENT ON FUNCTION @extschema@.nps_points(real) IS '-100 for a detractor, 0 for a passive, 100 for a promoter, so that their average is the NPS; NULL for what is no answer from 0 to 10';

CREATE FUNCTION @extschema@.nps_points(score double precision)
	RETURNS double precision
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN $1 OPERATOR(pg_catalog.=) ANY ('{0,1,2,3,4,5,6}'::pg_catalog.float8[]) THEN -100::pg_catalog.float8
		WHEN $1 OPERATOR(pg_catalog.=) ANY ('{7,8}'::pg_catalog.float8[]) THEN 0::pg_catalog.float8
		WHEN $1 OPERATOR(pg_catalog.=) ANY ('{9,10}'::pg_catalog.float8[]) THEN 100::pg_catalog.float8
	END;
COMMENT ON FUNCTION @extschema@.nps_points(double precision) IS '-100 for a detractor, 0 for a passive, 100 for a promoter, so that their average is the NPS; NULL for what is no answer from 0 to 10';

CREATE FUNCTION @extschema@.nps_points(score numeric)
	RETURNS double precision
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN $1 OPERATOR(pg_catalog.=) ANY ('{0,1,2,3,4,5,6}'::pg_catalog.numeric[]) THEN -100::pg_catalog.float8
		WHEN $1 OPERATOR(pg_catalog.=) ANY ('{7,8}'::pg_catalog.numeric[]) THEN 0::pg_catalog.float8
		WHEN $1 OPERATOR(pg_catalog.=) ANY ('{9,10}'::pg_catalog.numeric[]) THEN 100::pg_catalog.float8
	END;
COMMENT ON FUNCTION @extschema@.nps_points(numeric) IS '-100 for a detractor, 0 for a passive, 100 for a promoter, so that their average is the NPS; NULL for what is no answer from 0 to 10';

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
/* nps/sql/parts/20_parse.sql */

CREATE FUNCTION @extschema@.nps_parse_score(answer text)
	RETURNS smallint
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_parse_score(text) IS 'the answer 0 to 10 in a text, such as 9, 09, 9.0 or "9 - Very likely"; NULL for what is none; never an error';

CREATE FUNCTION @extschema@.nps_parse_score(answer text, scale text)
	RETURNS smallint
	AS 'MODULE_PATHNAME', 'nps_parse_score_scale'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_parse_score(text, text) IS 'the answer in a text on a scale; NULL for what is none; never an error, but for an unknown scale';

CREATE FUNCTION @extschema@.nps_valid_score(score double precision, scale text)
	RETURNS double precision
	AS 'MODULE_PATHNAME', 'nps_valid_score_float8'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_valid_score(double precision, text) IS 'the score if it counts on the scale, else NULL; text is taken by the letter: 7.0 does not count where only whole numbers do';

CREATE FUNCTION @extschema@.nps_valid_score(score numeric, scale text)
	RETURNS double precision
	AS 'MODULE_PATHNAME', 'nps_valid_score_numeric'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_valid_score(numeric, text) IS 'the score if it counts on the scale, else NULL; text is taken by the letter: 7.0 does not count where only whole numbers do';

CREATE FUNCTION @extschema@.nps_valid_score(score text, scale text)
	RETURNS double precision
	AS 'MODULE_PATHNAME', 'nps_valid_score_text'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_valid_score(text, text) IS 'the score if it counts on the scale, else NULL; text is taken by the letter: 7.0 does not count where only whole numbers do';

CREATE FUNCTION @extschema@.nps_rejection(score double precision, scale text)
	RETURNS text
	AS 'MODULE_PATHNAME', 'nps_rejection_float8'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_rejection(double precision, text) IS 'why a score does not count: ''no answer'', ''not a number'', ''not whole'' or ''out of range''; NULL if it counts';

CREATE FUNCTION @extschema@.nps_rejection(score numeric, scale text)
	RETURNS text
	AS 'MODULE_PATHNAME', 'nps_rejection_numeric'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_rejection(numeric, text) IS 'why a score does not count: ''no answer'', ''not a number'', ''not whole'' or ''out of range''; NULL if it counts';

CREATE FUNCTION @extschema@.nps_rejection(score text, scale text)
	RETURNS text
	AS 'MODULE_PATHNAME', 'nps_rejection_text'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_rejection(text, text) IS 'why a score does not count: ''no answer'', ''not a number'', ''not whole'' or ''out of range''; NULL if it counts';

CREATE FUNCTION @extschema@.nps_has_comment(comment text)
	RETURNS boolean
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_has_comment(text) IS 'whether there is anything in a comment but blanks';
/* nps/sql/parts/30_tally.sql */

CREATE TYPE @extschema@.nps_tally;

CREATE FUNCTION @extschema@.nps_tally_in(cstring)
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_in(cstring) IS 'I/O';

CREATE FUNCTION @extschema@.nps_tally_out(@extschema@.nps_tally)
	RETURNS cstring
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_out(@extschema@.nps_tally) IS 'I/O';

CREATE FUNCTION @extschema@.nps_tally_recv(internal)
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_recv(internal) IS 'I/O';

CREATE FUNCTION @extschema@.nps_tally_send(@extschema@.nps_tally)
	RETURNS bytea
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_send(@extschema@.nps_tally) IS 'I/O';

CREATE TYPE @extschema@.nps_tally (
	INPUT = @extschema@.nps_tally_in,
	OUTPUT = @extschema@.nps_tally_out,
	RECEIVE = @extschema@.nps_tally_recv,
	SEND = @extschema@.nps_tally_send,
	INTERNALLENGTH = 120,
	ALIGNMENT = double,
	STORAGE = plain
);
COMMENT ON TYPE @extschema@.nps_tally IS 'how many answers there are of each score; tallies add up exactly';

-- arithmetic

CREATE FUNCTION @extschema@.nps_tally_add(@extschema@.nps_tally, @extschema@.nps_tally)
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_add(@extschema@.nps_tally, @extschema@.nps_tally) IS 'implementation of + operator';

CREATE FUNCTION @extschema@.nps_tally_subtract(@extschema@.nps_tally, @extschema@.nps_tally)
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_subtract(@extschema@.nps_tally, @extschema@.nps_tally) IS 'implementation of - operator';

CREATE OPERATOR @extschema@.+ (
	LEFTARG = @extschema@.nps_tally, RIGHTARG = @extschema@.nps_tally,
	FUNCTION = @extschema@.nps_tally_add,
	COMMUTATOR = OPERATOR(@extschema@.+)
);
COMMENT ON OPERATOR @extschema@.+ (@extschema@.nps_tally, @extschema@.nps_tally) IS 'the answers of both tallies';

CREATE OPERATOR @extschema@.- (
	LEFTARG = @extschema@.nps_tally, RIGHTARG = @extschema@.nps_tally,
	FUNCTION = @extschema@.nps_tally_subtract
);
COMMENT ON OPERATOR @extschema@.- (@extschema@.nps_tally, @extschema@.nps_tally) IS 'the answers of the left tally without those of the right; never below zero';

-- comparison

CREATE FUNCTION @extschema@.nps_tally_lt(@extschema@.nps_tally, @extschema@.nps_tally)
	RETURNS boolean
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_lt(@extschema@.nps_tally, @extschema@.nps_tally) IS 'implementation of < operator';

CREATE FUNCTION @extschema@.nps_tally_le(@extschema@.nps_tally, @extschema@.nps_tally)
	RETURNS boolean
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_le(@extschema@.nps_tally, @extschema@.nps_tally) IS 'implementation of <= operator';

CREATE FUNCTION @extschema@.nps_tally_eq(@extschema@.nps_tally, @extschema@.nps_tally)
	RETURNS boolean
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_eq(@extschema@.nps_tally, @extschema@.nps_tally) IS 'implementation of = operator';

CREATE FUNCTION @extschema@.nps_tally_ne(@extschema@.nps_tally, @extschema@.nps_tally)
	RETURNS boolean
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_ne(@extschema@.nps_tally, @extschema@.nps_tally) IS 'implementation of <> operator';

CREATE FUNCTION @extschema@.nps_tally_ge(@extschema@.nps_tally, @extschema@.nps_tally)
	RETURNS boolean
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_ge(@extschema@.nps_tally, @extschema@.nps_tally) IS 'implementation of >= operator';

CREATE FUNCTION @extschema@.nps_tally_gt(@extschema@.nps_tally, @extschema@.nps_tally)
	RETURNS boolean
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_gt(@extschema@.nps_tally, @extschema@.nps_tally) IS 'implementation of > operator';

CREATE FUNCTION @extschema@.nps_tally_cmp(@extschema@.nps_tally, @extschema@.nps_tally)
	RETURNS integer
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_cmp(@extschema@.nps_tally, @extschema@.nps_tally) IS 'less-equal-greater: -1, 0 or 1';

CREATE FUNCTION @extschema@.nps_tally_hash(@extschema@.nps_tally)
	RETURNS integer
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_hash(@extschema@.nps_tally) IS 'hash';

CREATE FUNCTION @extschema@.nps_tally_hash_extended(@extschema@.nps_tally, bigint)
	RETURNS bigint
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_hash_extended(@extschema@.nps_tally, bigint) IS 'hash, 64 bits, seeded';

CREATE OPERATOR @extschema@.< (
	LEFTARG = @extschema@.nps_tally, RIGHTARG = @extschema@.nps_tally,
	FUNCTION = @extschema@.nps_tally_lt,
	COMMUTATOR = OPERATOR(@extschema@.>), NEGATOR = OPERATOR(@extschema@.>=),
	RESTRICT = pg_catalog.scalarltsel, JOIN = pg_catalog.scalarltjoinsel
);
COMMENT ON OPERATOR @extschema@.< (@extschema@.nps_tally, @extschema@.nps_tally) IS 'less than';

CREATE OPERATOR @extschema@.<= (
	LEFTARG = @extschema@.nps_tally, RIGHTARG = @extschema@.nps_tally,
	FUNCTION = @extschema@.nps_tally_le,
	COMMUTATOR = OPERATOR(@extschema@.>=), NEGATOR = OPERATOR(@extschema@.>),
	RESTRICT = pg_catalog.scalarlesel, JOIN = pg_catalog.scalarlejoinsel
);
COMMENT ON OPERATOR @extschema@.<= (@extschema@.nps_tally, @extschema@.nps_tally) IS 'less than or equal';

CREATE OPERATOR @extschema@.= (
	LEFTARG = @extschema@.nps_tally, RIGHTARG = @extschema@.nps_tally,
	FUNCTION = @extschema@.nps_tally_eq,
	COMMUTATOR = OPERATOR(@extschema@.=), NEGATOR = OPERATOR(@extschema@.<>),
	HASHES, MERGES,
	RESTRICT = pg_catalog.eqsel, JOIN = pg_catalog.eqjoinsel
);
COMMENT ON OPERATOR @extschema@.= (@extschema@.nps_tally, @extschema@.nps_tally) IS 'equal';

CREATE OPERATOR @extschema@.<> (
	LEFTARG = @extschema@.nps_tally, RIGHTARG = @extschema@.nps_tally,
	FUNCTION = @extschema@.nps_tally_ne,
	COMMUTATOR = OPERATOR(@extschema@.<>), NEGATOR = OPERATOR(@extschema@.=),
	RESTRICT = pg_catalog.neqsel, JOIN = pg_catalog.neqjoinsel
);
COMMENT ON OPERATOR @extschema@.<> (@extschema@.nps_tally, @extschema@.nps_tally) IS 'not equal';

CREATE OPERATOR @extschema@.>= (
	LEFTARG = @extschema@.nps_tally, RIGHTARG = @extschema@.nps_tally,
	FUNCTION = @extschema@.nps_tally_ge,
	COMMUTATOR = OPERATOR(@extschema@.<=), NEGATOR = OPERATOR(@extschema@.<),
	RESTRICT = pg_catalog.scalargesel, JOIN = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR @extschema@.>= (@extschema@.nps_tally, @extschema@.nps_tally) IS 'greater than or equal';

CREATE OPERATOR @extschema@.> (
	LEFTARG = @extschema@.nps_tally, RIGHTARG = @extschema@.nps_tally,
	FUNCTION = @extschema@.nps_tally_gt,
	COMMUTATOR = OPERATOR(@extschema@.<), NEGATOR = OPERATOR(@extschema@.<=),
	RESTRICT = pg_catalog.scalargtsel, JOIN = pg_catalog.scalargtjoinsel
);
COMMENT ON OPERATOR @extschema@.> (@extschema@.nps_tally, @extschema@.nps_tally) IS 'greater than';

CREATE OPERATOR CLASS @extschema@.nps_tally_ops
	DEFAULT FOR TYPE @extschema@.nps_tally USING btree AS
	OPERATOR 1 @extschema@.<,
	OPERATOR 2 @extschema@.<=,
	OPERATOR 3 @extschema@.=,
	OPERATOR 4 @extschema@.>=,
	OPERATOR 5 @extschema@.>,
	FUNCTION 1 @extschema@.nps_tally_cmp(@extschema@.nps_tally, @extschema@.nps_tally),
	FUNCTION 4 pg_catalog.btequalimage(pg_catalog.oid);
COMMENT ON OPERATOR CLASS @extschema@.nps_tally_ops USING btree IS 'tallies in order: by scale, then by counters from the lowest score on';
COMMENT ON OPERATOR FAMILY @extschema@.nps_tally_ops USING btree IS 'tallies in order';

CREATE OPERATOR CLASS @extschema@.nps_tally_ops
	DEFAULT FOR TYPE @extschema@.nps_tally USING hash AS
	OPERATOR 1 @extschema@.=,
	FUNCTION 1 @extschema@.nps_tally_hash(@extschema@.nps_tally),
	FUNCTION 2 @extschema@.nps_tally_hash_extended(@extschema@.nps_tally, bigint);
COMMENT ON OPERATOR CLASS @extschema@.nps_tally_ops USING hash IS 'equal tallies';
COMMENT ON OPERATOR FAMILY @extschema@.nps_tally_ops USING hash IS 'equal tallies';

-- casts

CREATE FUNCTION @extschema@.nps_tally_to_bigint_array(@extschema@.nps_tally)
	RETURNS bigint[]
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_to_bigint_array(@extschema@.nps_tally) IS 'counts by score from the lowest on; then, if there are any, detractors, passives and promoters known by category only';

CREATE FUNCTION @extschema@.nps_tally_from_bigint_array(bigint[])
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_from_bigint_array(bigint[]) IS 'tally of the scale 0 to 10 from 11 counts by score, or 14 with those by category only';

CREATE CAST (@extschema@.nps_tally AS bigint[])
	WITH FUNCTION @extschema@.nps_tally_to_bigint_array(@extschema@.nps_tally) AS ASSIGNMENT;
COMMENT ON CAST (@extschema@.nps_tally AS bigint[]) IS 'counts by score';

CREATE CAST (bigint[] AS @extschema@.nps_tally)
	WITH FUNCTION @extschema@.nps_tally_from_bigint_array(bigint[]) AS ASSIGNMENT;
COMMENT ON CAST (bigint[] AS @extschema@.nps_tally) IS 'tally of the scale 0 to 10';

-- construction and accessors

CREATE FUNCTION @extschema@.nps_counts(detractors double precision, passives double precision, promoters double precision, scale text DEFAULT 'nps')
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_counts(double precision, double precision, double precision, text) IS 'tally of answers of which only the category is known, such as totals from another tool';

CREATE FUNCTION @extschema@.nps_responses(tally @extschema@.nps_tally)
	RETURNS bigint
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_responses(@extschema@.nps_tally) IS 'how many answers';

CREATE FUNCTION @extschema@.nps_detractors(tally @extschema@.nps_tally)
	RETURNS bigint
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_detractors(@extschema@.nps_tally) IS 'how many detractors';

CREATE FUNCTION @extschema@.nps_passives(tally @extschema@.nps_tally)
	RETURNS bigint
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_passives(@extschema@.nps_tally) IS 'how many passives';

CREATE FUNCTION @extschema@.nps_promoters(tally @extschema@.nps_tally)
	RETURNS bigint
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_promoters(@extschema@.nps_tally) IS 'how many promoters';

CREATE FUNCTION @extschema@.nps_histogram(tally @extschema@.nps_tally)
	RETURNS bigint[]
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_histogram(@extschema@.nps_tally) IS 'answers by score from the lowest of the scale on; NULL where some are known by category only';

CREATE FUNCTION @extschema@.nps_tally_scale(tally @extschema@.nps_tally)
	RETURNS text
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_scale(@extschema@.nps_tally) IS 'name of the scale; NULL for the empty tally';

CREATE FUNCTION @extschema@.nps_mean_score(tally @extschema@.nps_tally)
	RETURNS double precision
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_mean_score(@extschema@.nps_tally) IS 'mean answer on its own scale; NULL without answers and where some are known by category only';

CREATE FUNCTION @extschema@.nps_score(tally @extschema@.nps_tally)
	RETURNS double precision
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_score(@extschema@.nps_tally) IS 'Net Promoter Score in points, -100 to 100; NULL without answers';

CREATE FUNCTION @extschema@.nps_low(tally @extschema@.nps_tally)
	RETURNS double precision
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION @extschema@.nps_low(@extschema@.nps_tally) IS 'lower end of the 95 % interval of the score, in points (score method)';

CREATE FUNCTION @extschema@.nps_high(tally @extschema@.nps_tally)
	RETURNS double precision
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION @extschema@.nps_high(@extschema@.nps_tally) IS 'upper end of the 95 % interval of the score, in points (score method)';
/* nps/sql/parts/40_aggregate.sql */

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
/* nps/sql/parts/50_statistics.sql */

CREATE FUNCTION @extschema@.nps_standard_error(tally @extschema@.nps_tally)
	RETURNS double precision
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_standard_error(@extschema@.nps_tally) IS 'standard error of the score, in points';

CREATE FUNCTION @extschema@.nps_interval(tally @extschema@.nps_tally, confidence double precision DEFAULT 0.95, method text DEFAULT 'score', population double precision DEFAULT NULL, OUT low double precision, OUT high double precision)
	RETURNS record
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 200;
COMMENT ON FUNCTION @extschema@.nps_interval(@extschema@.nps_tally, double precision, text, double precision) IS 'confidence interval of the score, in points; methods score, adjusted_wald, wald';

CREATE FUNCTION @extschema@.nps_margin_of_error(tally @extschema@.nps_tally, confidence double precision DEFAULT 0.95, method text DEFAULT 'score', population double precision DEFAULT NULL)
	RETURNS double precision
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 200;
COMMENT ON FUNCTION @extschema@.nps_margin_of_error(@extschema@.nps_tally, double precision, text, double precision) IS 'half the width of the confidence interval of the score, in points';

CREATE FUNCTION @extschema@.nps_test(tally @extschema@.nps_tally, hypothesis double precision DEFAULT 0, method text DEFAULT 'score', OUT z double precision, OUT p_value double precision)
	RETURNS record
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_test(@extschema@.nps_tally, double precision, text) IS 'is the score different from the hypothesis (points)? two-sided';

CREATE FUNCTION @extschema@.nps_compare(before @extschema@.nps_tally, after @extschema@.nps_tally, confidence double precision DEFAULT 0.95, method text DEFAULT 'adjusted_wald', OUT change double precision, OUT low double precision, OUT high double precision, OUT z double precision, OUT p_value double precision)
	RETURNS record
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION @extschema@.nps_compare(@extschema@.nps_tally, @extschema@.nps_tally, double precision, text) IS 'change of the score between two groups of people (after minus before, points), its interval and the test of no change';

CREATE FUNCTION @extschema@.nps_summary(tally @extschema@.nps_tally, confidence double precision DEFAULT 0.95, method text DEFAULT 'score', population double precision DEFAULT NULL, OUT responses bigint, OUT detractors bigint, OUT passives bigint, OUT promoters bigint, OUT detractor_share double precision, OUT passive_share double precision, OUT promoter_share double precision, OUT nps double precision, OUT nps_low double precision, OUT nps_high double precision, OUT mean_score double precision, OUT standard_error double precision, OUT margin_of_error double precision)
	RETURNS record
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 200;
COMMENT ON FUNCTION @extschema@.nps_summary(@extschema@.nps_tally, double precision, text, double precision) IS 'all that a tally tells in one row: counts, shares (0 to 1), score, interval, mean answer, standard error and margin';

CREATE FUNCTION @extschema@.nps_sample_size(margin double precision, confidence double precision DEFAULT 0.95, detractor_share double precision DEFAULT 0.5, promoter_share double precision DEFAULT 0.5, population double precision DEFAULT NULL, method text DEFAULT 'adjusted_wald')
	RETURNS bigint
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_sample_size(double precision, double precision, double precision, double precision, double precision, text) IS 'answers needed for a margin of error, in points; the default shares are the worst case';

CREATE FUNCTION @extschema@.nps_compare_sample_size(difference double precision, confidence double precision DEFAULT 0.95, power double precision DEFAULT 0.8, detractor_share double precision DEFAULT 0.5, promoter_share double precision DEFAULT 0.5, detractor_share_after double precision DEFAULT NULL, promoter_share_after double precision DEFAULT NULL, method text DEFAULT 'adjusted_wald')
	RETURNS bigint
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_compare_sample_size(double precision, double precision, double precision, double precision, double precision, double precision, double precision, text) IS 'answers needed in each of two groups to find a difference, in points';

CREATE FUNCTION @extschema@.nps_share_interval(successes double precision, total double precision, confidence double precision DEFAULT 0.95, OUT low double precision, OUT high double precision)
	RETURNS record
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_share_interval(double precision, double precision, double precision) IS 'confidence interval of a share such as CSAT, 0 to 1 (Wilson)';
/* nps/sql/parts/55_segment.sql */

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
/* nps/sql/parts/60_weighted.sql */

CREATE TYPE @extschema@.nps_weighted_result AS (
	responses bigint,
	weight double precision,
	detractor_share double precision,
	passive_share double precision,
	promoter_share double precision,
	nps double precision,
	nps_low double precision,
	nps_high double precision,
	standard_error double precision,
	kish_responses double precision,
	effective_responses double precision,
	design_effect double precision
);
COMMENT ON TYPE @extschema@.nps_weighted_result IS 'what nps_weighted_summary() tells of a survey with weights';
COMMENT ON COLUMN @extschema@.nps_weighted_result.responses IS 'answers with a weight above 0';
COMMENT ON COLUMN @extschema@.nps_weighted_result.weight IS 'sum of the weights';
COMMENT ON COLUMN @extschema@.nps_weighted_result.detractor_share IS 'weighted share of detractors, 0 to 1';
COMMENT ON COLUMN @extschema@.nps_weighted_result.passive_share IS 'weighted share of passives, 0 to 1';
COMMENT ON COLUMN @extschema@.nps_weighted_result.promoter_share IS 'weighted share of promoters, 0 to 1';
COMMENT ON COLUMN @extschema@.nps_weighted_result.nps IS 'weighted score in points';
COMMENT ON COLUMN @extschema@.nps_weighted_result.nps_low IS 'lower end of the interval, in points';
COMMENT ON COLUMN @extschema@.nps_weighted_result.nps_high IS 'upper end of the interval, in points';
COMMENT ON COLUMN @extschema@.nps_weighted_result.standard_error IS 'linearised standard error of the score, in points';
COMMENT ON COLUMN @extschema@.nps_weighted_result.kish_responses IS 'answers without weights that would tell as much, by Kish: (sum of w)^2 / sum of w^2';
COMMENT ON COLUMN @extschema@.nps_weighted_result.effective_responses IS 'answers that the interval counts on: the smaller of kish_responses and the number that gives the linearised error';
COMMENT ON COLUMN @extschema@.nps_weighted_result.design_effect IS 'responses / kish_responses';

CREATE FUNCTION @extschema@.nps_weighted_accum(state double precision[], score double precision, weight double precision)
	RETURNS double precision[]
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_weighted_accum(double precision[], double precision, double precision) IS 'aggregate transition function';

CREATE FUNCTION @extschema@.nps_weighted_accum(state double precision[], score double precision, weight double precision, scale text)
	RETURNS double precision[]
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_weighted_accum(double precision[], double precision, double precision, text) IS 'aggregate transition function';

CREATE FUNCTION @extschema@.nps_weighted_accum(state double precision[], score double precision, weight double precision, scale text, confidence double precision, method text)
	RETURNS double precision[]
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_weighted_accum(double precision[], double precision, double precision, text, double precision, text) IS 'aggregate transition function';

CREATE FUNCTION @extschema@.nps_weighted_combine(double precision[], double precision[])
	RETURNS double precision[]
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_weighted_combine(double precision[], double precision[]) IS 'aggregate combine function';

CREATE FUNCTION @extschema@.nps_weighted_score_final(double precision[])
	RETURNS double precision
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_weighted_score_final(double precision[]) IS 'aggregate final function';

CREATE FUNCTION @extschema@.nps_weighted_summary_final(double precision[])
	RETURNS @extschema@.nps_weighted_result
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_weighted_summary_final(double precision[]) IS 'aggregate final function';

CREATE AGGREGATE @extschema@.nps_weighted_score(score double precision, weight double precision) (
	SFUNC = @extschema@.nps_weighted_accum, STYPE = double precision[], INITCOND = '{0,0,0,0,0,0,0,0,0,0}', SSPACE = 104,
	FINALFUNC = @extschema@.nps_weighted_score_final,
	COMBINEFUNC = @extschema@.nps_weighted_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_weighted_score(double precision, double precision) IS 'score of a survey with weights, in points';

CREATE AGGREGATE @extschema@.nps_weighted_score(score double precision, weight double precision, scale text) (
	SFUNC = @extschema@.nps_weighted_accum, STYPE = double precision[], INITCOND = '{0,0,0,0,0,0,0,0,0,0}', SSPACE = 104,
	FINALFUNC = @extschema@.nps_weighted_score_final,
	COMBINEFUNC = @extschema@.nps_weighted_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_weighted_score(double precision, double precision, text) IS 'score of a survey with weights, in points, for any scale';

CREATE AGGREGATE @extschema@.nps_weighted_summary(score double precision, weight double precision) (
	SFUNC = @extschema@.nps_weighted_accum, STYPE = double precision[], INITCOND = '{0,0,0,0,0,0,0,0,0,0}', SSPACE = 104,
	FINALFUNC = @extschema@.nps_weighted_summary_final,
	COMBINEFUNC = @extschema@.nps_weighted_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_weighted_summary(double precision, double precision) IS 'score, interval and effective size of a survey with weights';

CREATE AGGREGATE @extschema@.nps_weighted_summary(score double precision, weight double precision, scale text) (
	SFUNC = @extschema@.nps_weighted_accum, STYPE = double precision[], INITCOND = '{0,0,0,0,0,0,0,0,0,0}', SSPACE = 104,
	FINALFUNC = @extschema@.nps_weighted_summary_final,
	COMBINEFUNC = @extschema@.nps_weighted_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_weighted_summary(double precision, double precision, text) IS 'score, interval and effective size of a survey with weights, for any scale';

CREATE AGGREGATE @extschema@.nps_weighted_summary(score double precision, weight double precision, scale text, confidence double precision, method text) (
	SFUNC = @extschema@.nps_weighted_accum, STYPE = double precision[], INITCOND = '{0,0,0,0,0,0,0,0,0,0}', SSPACE = 104,
	FINALFUNC = @extschema@.nps_weighted_summary_final,
	COMBINEFUNC = @extschema@.nps_weighted_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_weighted_summary(double precision, double precision, text, double precision, text) IS 'score, interval and effective size of a survey with weights, with another confidence or method';
/* nps/sql/parts/65_period.sql */

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
/* nps/sql/parts/66_work_time.sql */

CREATE FUNCTION @extschema@.nps_due(start timestamp with time zone, hours double precision, zone text, work_days text, work_from time, work_until time, holidays date[])
	RETURNS timestamp with time zone
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_due(timestamp with time zone, double precision, text, text, time, time, date[]) IS 'the time that many hours after the start, in working time if its days and hours are given; NULL outside the years 1 to 9998';

CREATE FUNCTION @extschema@.nps_hours_between(start timestamp with time zone, until timestamp with time zone, zone text, work_days text, work_from time, work_until time, holidays date[])
	RETURNS double precision
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_hours_between(timestamp with time zone, timestamp with time zone, text, text, time, time, date[]) IS 'hours between two times, in working time if its days and hours are given; NULL outside the years 1 to 9998';

CREATE FUNCTION @extschema@.nps_is_work_days(days text)
	RETURNS boolean
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_is_work_days(text) IS 'whether the text lists days of the week by three letters each, such as Mon Tue Wed Thu Fri';
/* nps/sql/parts/70_mapping.sql */

CREATE FUNCTION @extschema@.nps_mapping(source regclass, argument text, value text, search_path text, named boolean,
	OUT expression text, OUT type regtype, OUT name text)
	RETURNS record
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION @extschema@.nps_mapping(regclass, text, text, text, boolean) IS 'what a mapping argument of nps_attach() stands for: a column of the source, or one SQL expression over it';

CREATE FUNCTION @extschema@.nps_mapping_can_be_key(type regtype)
	RETURNS boolean
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Whether values of the type can be told apart and put in order: asked of the server, with no rows. */
BEGIN
	IF (SELECT t.typtype = 'p' FROM pg_type t WHERE t.oid = type) THEN
		RETURN false;
	END IF;
	EXECUTE format('SELECT 1 FROM (SELECT NULL::%s AS key WHERE false) none GROUP BY key ORDER BY key', type);
	RETURN true;
EXCEPTION WHEN undefined_function THEN
	RETURN false;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_mapping_can_be_key(regtype) IS 'part of nps_attach(): whether a type can name a response, respondent or account';

CREATE FUNCTION @extschema@.nps_mapping_operator(type regtype, strategy integer)
	RETURNS text
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The operator that GROUP BY (strategy 3, equal) or ORDER BY (5, greater) goes
 * by, which may be an extension's, to be written into a query.
 */
BEGIN
	RETURN coalesce((
		SELECT format('OPERATOR(%I.%s)', n.nspname, q.oprname)
		FROM pg_opclass c
		JOIN pg_amop o ON o.amopfamily = c.opcfamily AND o.amopstrategy = strategy
			AND o.amoplefttype = c.opcintype AND o.amoprighttype = c.opcintype
		JOIN pg_operator q ON q.oid = o.amopopr
		JOIN pg_namespace n ON n.oid = q.oprnamespace
		WHERE c.opcdefault AND c.opcintype = type
			AND c.opcmethod = (SELECT m.oid FROM pg_am m WHERE m.amname = 'btree')),
		CASE strategy WHEN 3 THEN 'OPERATOR(pg_catalog.=)' ELSE 'OPERATOR(pg_catalog.>)' END);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_mapping_operator(regtype, integer) IS 'part of nps_attach(): the operator by which keys of a type are equal or greater';

CREATE FUNCTION @extschema@.nps_mapping_cast(argument text, expression text, type regtype, wanted text, time_zone text)
	RETURNS text
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The expression as the type that the view answer has for this argument.  The
 * conversions are those that cannot fail on data; whoever needs another one
 * writes it into the expression.  A domain that our functions are called on
 * becomes its base type, so that none over the domain can come before them.
 */
DECLARE
	result text;
BEGIN
	result := CASE wanted
		WHEN 'key' THEN CASE WHEN @extschema@.nps_mapping_can_be_key(type) THEN expression END
		WHEN 'boolean' THEN CASE WHEN type = 'boolean'::regtype THEN format('%s::pg_catalog.bool', expression) END
		WHEN 'whole number' THEN CASE WHEN type IN ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype)
			THEN format('%s::pg_catalog.int8', expression) END
		WHEN 'number' THEN CASE WHEN type IN ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype,
			'real'::regtype, 'double precision'::regtype, 'numeric'::regtype) THEN expression END
		WHEN 'text' THEN CASE WHEN type IN ('text'::regtype, 'character varying'::regtype, 'character'::regtype,
			'name'::regtype) THEN format('%s::pg_catalog.text', expression) END
		WHEN 'time' THEN CASE type
			WHEN 'timestamp with time zone'::regtype THEN format('%s::pg_catalog.timestamptz', expression)
			WHEN 'timestamp without time zone'::regtype THEN format('@extschema@.nps_time(%s, %L)', expression, time_zone)
			WHEN 'date'::regtype THEN format('@extschema@.nps_time(%s, %L)', expression, time_zone) END
		WHEN 'date' THEN CASE type
			WHEN 'date'::regtype THEN format('%s::pg_catalog.date', expression)
			WHEN 'timestamp without time zone'::regtype THEN format('%s::pg_catalog.date', expression)
			WHEN 'timestamp with time zone'::regtype THEN format('@extschema@.nps_local_time(%s, %L)::pg_catalog.date', expression, time_zone) END
	END;
	IF result IS NULL THEN
		RAISE EXCEPTION USING
			ERRCODE = 'datatype_mismatch',
			MESSAGE = CASE WHEN wanted = 'key'
				THEN format('argument "%s" is of type %s, which has no order', argument, type)
				ELSE format('argument "%s" must be a %s, not of type %s', argument, wanted, type) END,
			HINT = CASE wanted
				WHEN 'boolean' THEN format('Pass a condition, such as %s => $$form = ''csat''$$.', argument)
				-- without a zone: it is read in that of the survey, not in that of each reader
				WHEN 'time' THEN format('Pass an expression that converts it, such as %s => ''(column::timestamp)''.', argument)
				ELSE format('Pass an expression that converts it, such as %s => ''(column::%s)''.', argument,
					CASE wanted WHEN 'key' THEN 'text' WHEN 'whole number' THEN 'bigint' WHEN 'number' THEN 'numeric'
						ELSE wanted END) END;
	END IF;
	RETURN result;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_mapping_cast(text, text, regtype, text, text) IS 'a mapping argument of nps_attach() as the type that the view answer needs';

CREATE FUNCTION @extschema@.nps_mapping_key(source regclass)
	RETURNS text
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The column that is the primary key of the source; an error that says what to pass where there is none. */
DECLARE
	columns text[];
BEGIN
	SELECT array_agg(a.attname::text ORDER BY a.attnum) INTO columns
	FROM pg_index i
	JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY ((i.indkey::smallint[])[0:i.indnkeyatts - 1])
	WHERE i.indrelid = source AND i.indisprimary;

	IF cardinality(columns) = 1 THEN
		RETURN columns[1];
	END IF;
	RAISE EXCEPTION USING
		ERRCODE = 'invalid_parameter_value',
		MESSAGE = CASE WHEN columns IS NULL
			THEN format('%s has no primary key', source)
			ELSE format('the primary key of %s has several columns: %s', source, array_to_string(columns, ', ')) END,
		DETAIL = 'Each response needs one value that names it and never changes.',
		HINT = CASE WHEN columns IS NULL
			THEN 'Pass response_id => ''column'', or an expression that is unique.'
			ELSE format('Pass an expression that is unique, such as response_id => $$jsonb_build_array(%s)::text$$.',
				(SELECT string_agg(quote_ident(c), ', ' ORDER BY place) FROM unnest(columns) WITH ORDINALITY AS u(c, place))) END;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_mapping_key(regclass) IS 'the primary key column of a source, for nps_attach()';

CREATE FUNCTION @extschema@.nps_mapping_source(answer regclass)
	RETURNS regclass
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION @extschema@.nps_mapping_source(regclass) IS 'the table or view that a survey''s view answer reads';

CREATE FUNCTION @extschema@.nps_mapping_column(answer regclass, "column" text)
	RETURNS name
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION @extschema@.nps_mapping_column(regclass, text) IS 'the column of the source that a column of a survey''s view answer is; NULL for an expression';
/* nps/sql/parts/80_playbook.sql */

CREATE FUNCTION @extschema@.nps_default_playbook(scale text,
	OUT score_from smallint, OUT score_to smallint, OUT follow_up boolean, OUT verdict text, OUT cancel_risk text,
	OUT severity smallint, OUT personal boolean, OUT channel text, OUT steps text,
	OUT acknowledge_hours integer, OUT contact_hours integer, OUT resolve_hours integer, OUT inform_manager boolean, OUT guidance text)
	RETURNS SETOF record
	LANGUAGE sql IMMUTABLE STRICT ROWS 9
	BEGIN ATOMIC
	WITH rule (rule, follow_up, verdict, cancel_risk, severity, personal, channel, steps, contact_hours, guidance) AS (
		VALUES
		(0, true, 'really bad', 'cancels at once and talks others out of it', 1, true, 'phone or in person',
			'apologise → contact → listen → apologise → compensate → explain prevention → thank → turn it positive', 24,
			'Call before anything else happens. Ask open questions, do not defend, repeat the concerns back.'),
		(1, true, 'bad', 'very disappointed: got far less than expected', 2, true, 'phone',
			'apologise → contact → listen → compensate → explain prevention → thank', 24,
			'Say that you call about the recent survey and why. Solve on the phone what can be solved now.'),
		(2, true, 'bad', 'quite dissatisfied, may talk others out of it: a bad experience, a failed delivery, a broken product', 3, true, 'phone',
			'contact → apologise → listen → compensate → explain prevention → thank', 24,
			'Find out what went wrong and whether it can happen again. Promise only what you can keep.'),
		(3, true, 'bad', 'content in part: one service, product or problem was left unsolved', 4, false, 'phone',
			'apologise → contact → listen → compensate → explain prevention → thank', 48,
			'Ask what is still unsolved. Promise a later date than you plan, and no more than six months out.'),
		(4, true, 'bad', 'undecided: looks elsewhere if nothing gets better', 5, false, 'phone',
			'contact → listen → apologise → compensate → explain prevention → thank', 48,
			'Ask what would have to change. Tell what you will do and by when.'),
		(5, true, 'quite bad', 'slightly negative: may leave if nothing gets better', 6, false, 'phone',
			'contact → listen → explain prevention → thank', 48,
			'No apology and no compensation are needed: listen, and tell what is going to change.'),
		(6, true, 'not good, not all bad', 'a near miss that likes to give its opinion', 7, false, 'e-mail',
			'e-mail → ask what would raise the score → explain planned actions → thank', 48,
			'Ask for the one thing that would make it better.'),
		(7, false, 'passive', NULL, 8, false, 'e-mail',
			'thank → ask what would make it a 9 or 10', NULL, NULL),
		(9, false, 'promoter', NULL, 9, false, 'e-mail',
			'thank → ask for a review or a referral', NULL, NULL)
	), applies (scale, score_from, score_to, rule) AS (
		VALUES
		('nps', 0, 0, 0), ('nps', 1, 1, 1), ('nps', 2, 2, 2), ('nps', 3, 3, 3), ('nps', 4, 4, 4), ('nps', 5, 5, 5),
		('nps', 6, 6, 6), ('nps', 7, 8, 7), ('nps', 9, 10, 9),
		('csat5', 1, 1, 1), ('csat5', 2, 2, 4), ('csat5', 3, 3, 7), ('csat5', 4, 5, 9),
		('ces5', 1, 1, 1), ('ces5', 2, 2, 4), ('ces5', 3, 3, 7), ('ces5', 4, 5, 9),
		('ces5_reversed', 5, 5, 1), ('ces5_reversed', 4, 4, 4), ('ces5_reversed', 3, 3, 7), ('ces5_reversed', 1, 2, 9),
		('csat7', 1, 1, 1), ('csat7', 2, 2, 2), ('csat7', 3, 3, 4), ('csat7', 4, 4, 7), ('csat7', 5, 7, 9),
		('ces7', 1, 1, 1), ('ces7', 2, 2, 2), ('ces7', 3, 3, 4), ('ces7', 4, 4, 7), ('ces7', 5, 7, 9),
		('health', 0, 34, 2), ('health', 35, 69, 7), ('health', 70, 100, 9)
	)
	SELECT a.score_from::smallint, a.score_to::smallint, r.follow_up, r.verdict, r.cancel_risk, r.severity::smallint,
		r.personal, r.channel,
		CASE WHEN a.scale OPERATOR(pg_catalog.=) 'nps' THEN r.steps
			ELSE pg_catalog.replace(r.steps, 'make it a 9 or 10', 'make it better') END,
		-- an answer to the customer within a day, which may be automatic; a solution within two weeks
		CASE WHEN r.follow_up THEN 24 END, r.contact_hours, CASE WHEN r.follow_up THEN 14 OPERATOR(pg_catalog.*) 24 END,
		r.follow_up, r.guidance
	FROM applies a JOIN rule r ON r.rule OPERATOR(pg_catalog.=) a.rule
	WHERE a.scale OPERATOR(pg_catalog.=) $1
	ORDER BY r.severity;
	END;
COMMENT ON FUNCTION @extschema@.nps_default_playbook(text) IS 'the rules that nps_attach() fills a playbook with';
/* nps/sql/parts/81_cause.sql */

-- The queries are for websearch_to_tsquery('english', ...): "or" binds weaker
-- than everything else, a minus is for its own alternative only.  Words like
-- not, no, more, too, can, up and out are never seen, so no phrase here begins
-- or ends with one; within a phrase they stand for any one word.
CREATE FUNCTION @extschema@.nps_default_causes(OUT cause text, OUT query text, OUT team text, OUT remedy text)
	RETURNS SETOF record
	LANGUAGE sql IMMUTABLE STRICT ROWS 9
	BEGIN ATOMIC
	VALUES
	('service experience',
		'rude or unfriendly -"user unfriendly" or unhelpful or impolite or arrogant or condescending or incompetent or unprofessional or disorganised or disorganized or lied'
		' or "poor service" or "bad service" or "terrible service" or "awful service" or "appalling service" or "horrible service" or "dreadful service" or "shocking service" or "disgusting service" or "atrocious service" or "abysmal service" or "dismal service" or "pathetic service" or "slow service" or "rubbish service" or "crap service" or "worst service" or "worse service" or "lousy service"'
		' or "poor customer service" or "bad customer service" or "terrible customer service" or "awful customer service" or "appalling customer service" or "horrible customer service" or "dreadful customer service" or "shocking customer service" or "dismal customer service" or "worst customer service"'
		' or "service is poor" or "service is bad" or "service is terrible" or "service is awful" or "service is appalling" or "service is horrible" or "service is dreadful" or "service is shocking" or "service is disgusting" or "service is rubbish"'
		' or "service has been poor" or "service has been bad" or "service has been terrible" or "service has been awful" or "service has been appalling" or "service has been dreadful"'
		' or "poor support" or "bad support" or "terrible support" or "awful support" or "support is poor" or "support is bad" or "support is terrible" or "support is awful" or "useless support" or "useless staff"'
		' or "poor communication" or "bad communication" or "terrible communication" or "awful communication" or "zero communication" or "lack of communication" or "communication is poor" or "communication is bad" or "communication is terrible" or "communication is awful" or "communication has been poor" or "communication has been terrible"'
		' or "conflicting information" or "contradictory information" or "wrong information" or "incorrect information"'
		' or "bad experience" or "terrible experience" or "awful experience" or "horrible experience" or "worst experience" or "messed around" or "treated badly" or "bad attitude" or "poor attitude"',
		'support',
		'Apologise in person, say who takes care of it now, and mend what went wrong: the process first, then the training.'),
	('product or service quality',
		'broken -promise -"one broken" or broke -promise or faulty or defective or malfunction or unreliable or unusable or unstable or buggy or bug or glitch or glitchy or flaky or outage or crash or freeze'
		' or "stopped working" or "never worked" or "nothing works" or "nothing is working" or "barely works" or "hasn''t worked" or "doesn''t work" or "doesnt work" or "didn''t work" or "didnt work" or "isn''t working" or "wasn''t working" or "still not working" or "half of the time"'
		' or "poor quality" or "bad quality" or "low quality" or "terrible quality" or "quality is poor" or "quality is bad" or "quality is terrible" or "poor product" or "bad product" or "terrible product"'
		' or "poorly made" or "badly made" or "cheaply made" or "poorly designed" or "badly designed" or "feels cheap" or "fell apart" or "falls apart" or "dead on arrival"'
		' or "hard to use" or "difficult to use" or "complicated to use" or "confusing to use" or "user unfriendly"'
		' or "keeps breaking" or "keeps failing" or "keeps disconnecting" or "keeps dropping" or "loses connection" or "loses the connection" or "slow speed" or "slow internet" or "slow connection" or "slow app" or "app is slow"',
		'product',
		'Repair or replace what failed, then find the reason and tell the customer when it is gone for good.'),
	('expectations not met',
		'misleading or misled or missold or "mis sold" or mis-sold or "false advertising" or overhyped or overrated or underwhelming or letdown'
		' or "expected better" or "expected much better" or "expected something" or "expected a lot" or "less than expected" or "worse than expected" or "slower than expected" or "hoped for better"'
		' or "fell short" or "falls short" or "short of expectations" or "short of our expectations"'
		' or "didn''t meet expectations" or "didn''t meet our expectations" or "doesn''t meet expectations" or "doesn''t meet our expectations" or "failed to meet expectations" or "failed to meet our expectations"'
		' or "wasn''t as described" or "isn''t as described" or "wasn''t as advertised" or "isn''t as advertised" or "wasn''t what we expected" or "isn''t what we expected"'
		' or "nothing like the description" or "nothing like the demo" or "nothing like the pictures" or "different from the description" or "different from the demo" or "shown in the demo"'
		' or "disappointing product" or "disappointed with the product" or "disappointing quality" or "disappointed with the quality"',
		'product marketing',
		'Ask what was expected and who said so, show what is possible today, and correct what is promised in public.'),
	('could not get help',
		'"nobody answers" or "nobody calls" or "nobody ever called" or "nobody replied" or "nobody responded" or "nobody helped" or "nobody could help"'
		' or "never answered" or "never replied" or "never responded" or "never called" or "never heard back" or "heard nothing" or "never got an answer" or "never got a reply" or "never got a response"'
		' or "still no reply" or "still no answer" or "still no response" or "lack of response" or unanswered or unreachable or ignored'
		' or "call back" or "call me back" or "call us back" or "return calls" or "never returned my call" or "calls were never returned" or "called several times" or "called many times" or "called multiple times" or "called numerous times"'
		' or "hours on hold" or "minutes on hold" or "kept on hold" or "put on hold" or "hold for hours" or "hold for an hour" or "hold times" or "hours on the phone"'
		' or "speak to anyone" or "talk to anyone" or "speak to a human" or "talk to a human" or "need a human" or "get hold of anyone" or "get hold of anybody" or "get hold of someone" or "impossible to reach" or "impossible to contact" or "impossible to speak"'
		' or "unable to help" or "couldn''t help" or "could not help" or "could not get help" or "couldn''t get help" or "refused to help" or "department to department" or "passed around" or "pillar to post" or "pass the buck"'
		' or "closed my ticket" or "ticket has been open" or "takes days to answer" or "takes weeks to answer" or "takes days to reply" or "takes weeks to reply"',
		'support',
		'Call now, stay with the case until it is solved, and give one name to turn to.'),
	('delivery or a broken promise',
		'promise or delay or "late delivery" or "failed delivery" or "delivery late" or "delivered late" or "delivery was late" or "arrived late" or "came late" or "days late" or "weeks late" or "months late" or "hours late"'
		' or "never arrived" or "never came" or "never delivered" or "never received" or "never showed" or "failed to show" or "failed to deliver" or "didn''t arrive"'
		' or "still waiting" or "still not arrived" or "still not delivered" or "still not received" or "haven''t received" or "hasn''t arrived" or "hasn''t been delivered" or "wasn''t delivered" or "marked as delivered"'
		' or "missed appointment" or "missed delivery" or "missed deadline" or "cancelled order" or "order cancelled" or "order was cancelled" or "order has been cancelled" or "cancelled my order" or "appointment cancelled" or "appointment was cancelled" or "cancelled my appointment"'
		' or postponed or "pushed back" or "date slipped" or "dates keep changing" or honoured or honored'
		' or "took longer" or "took too long" or "takes too long" or "took a week" or "took a month" or "took over a week" or "took over a month" or "waited a week" or "waited a month"'
		' or "wrong item" or "wrong product" or "wrong order" or "wrong size" or "wrong equipment" or "sent the wrong" or "delivered the wrong" or "missing parts" or "missing items" or "incomplete delivery" or "partial delivery"',
		'operations',
		'Own the missed date, give one that will hold, and report before anybody has to ask.'),
	('price',
		'expensive or overpriced or pricey or overcharged or ripoff or rip-off or cheaper'
		' or price -"good price" -"great price" -"fair price" -"reasonable price" -"price is good" -"price is great" -"price is fair"'
		' or "poor value" or "bad value" or "worth the money" or "worth the price" or "value for money" -"good value" -"great value" -"excellent value"'
		' or "much money" or "paying too much" or "paid too much" or "charge too much" or "costs too much" or "costs twice" or "costs extra" or "extra cost" or "extra charge" or "hidden cost" or "hidden charge" or "high cost" or "cost is high" or fee or "couldn''t afford"',
		'sales',
		'See what is used and offer the plan that fits; say what the price pays for before giving a discount.'),
	('missing feature',
		'"missing feature" or "feature missing" or "feature is missing" or "missing function" or "functionality missing" or "functionality is missing" or "missing integration" or "missing option"'
		' or "lacks features" or "lack of features" or "lacks functionality" or "lack of functionality" or "lacks integration" or "lack of integration" or "limited features" or "limited functionality"'
		' or "needs more features" or "feature request" or "requested feature" or "basic features" or "please add" or "wish you would add" or "would be useful" or "second tool" or roadmap'
		' or "doesn''t support" or "doesn''t integrate" or "doesn''t sync" or "cannot export" or "cannot import" or "unable to export" or "unable to import" or incompatible',
		'product',
		'Ask what it is for, show a way that works today, and tell when it is built, or honestly that it will not be.'),
	('other', NULL, NULL,
		'Read the comment and note what it is about: what comes back deserves a cause of its own.'),
	('unknown', NULL, NULL,
		'Ask for the main reason of the score.');
	END;
COMMENT ON FUNCTION @extschema@.nps_default_causes() IS 'the causes of dissatisfaction to start with, and what finds each in English comments';
/* nps/sql/parts/82_report.sql */

CREATE FUNCTION @extschema@.nps_fill(template text, facts jsonb)
	RETURNS text
	LANGUAGE sql IMMUTABLE STRICT
	RETURN (
		/* in one pass, so that nothing in a fact is taken for a part of the template */
		SELECT pg_catalog.string_agg(
			CASE WHEN place OPERATOR(pg_catalog.%) 2 OPERATOR(pg_catalog.=) 1 THEN piece
				ELSE facts OPERATOR(pg_catalog.->>) piece END, '' ORDER BY place)
		FROM pg_catalog.regexp_split_to_table(template, '<<|>>') WITH ORDINALITY AS piece(piece, place)
	);
COMMENT ON FUNCTION @extschema@.nps_fill(text, jsonb) IS 'part of nps_attach(): a view definition with each <<name>> replaced by the fact of that name';

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
COMMENT ON FUNCTION @extschema@.nps_periods_between(date, date, interval) IS 'first days of the periods that lie between two';

CREATE FUNCTION @extschema@.nps_report_views(facts jsonb, segment_names text[])
	RETURNS TABLE (name text, definition text)
	LANGUAGE plpgsql IMMUTABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The report views of a survey, in the order in which they can be created.
 *
 * No function that can fail on data is called on a raw score: category is asked
 * of a score that was found valid, or of NULL.  An answer whose time is no
 * usable date counts, without a date.
 */
DECLARE
	grains CONSTANT text[] := ARRAY['day', 'week', 'month', 'quarter', 'year'];
	grain text;
	segment text;
	cells text[] := '{}';
	by_grain text[] := '{}';
	by_segment text[] := '{}';
	by_both text[] := '{}';
	totals text;				-- of the whole survey
	whole text;				-- its tally
	named jsonb := facts;		-- and what the reports read where there is a rollup
BEGIN
	/*
	 * With a rollup each report has two parts, of which the planner leaves one
	 * out: the source, or the rollup for those whom it serves.
	 */
	named := named || jsonb_build_object('nothing', 'CROSS JOIN (SELECT FROM generate_series(1, 1)) AS nothing WHERE false');
	named := named || CASE WHEN facts ? 'rollup' THEN jsonb_build_object(
		-- the planner leaves a join out whose condition is false, but not every scan
		'unless_served', replace(named->>'nothing', 'WHERE false',
			format('WHERE NOT @extschema@.nps_rollup_serves(%L::regclass)', facts->>'rollup')),
		'served', @extschema@.nps_fill('<<rollup>> WHERE @extschema@.nps_rollup_serves(<<rollup_name>>::regclass)',
			facts || jsonb_build_object('rollup_name', quote_literal(facts->>'rollup'))),
		'net', '@extschema@.nps_rollup_net(@extschema@.nps_tally_agg(added), @extschema@.nps_tally_agg(removed)) AS tally, '
			'coalesce(sum(unanswered), 0)::bigint AS unanswered, coalesce(sum(rejected), 0)::bigint AS rejected, '
			'coalesce(sum(with_comment), 0)::bigint AS comments',
		'not_empty', '@extschema@.nps_responses(tally) > 0 OR unanswered <> 0 OR rejected <> 0'
		) ELSE jsonb_build_object('unless_served', '') END;

	name := 'response';
	definition := @extschema@.nps_fill($view$
		SELECT response_id, respondent, account, <<score_column>>,
			@extschema@.nps_category(score<<scale_argument>>) AS category,
			@extschema@.nps_points(score<<scale_argument>>) AS nps_points,
			responded_at, comment,
			coalesce(<<has_comment>>, false) AS has_comment,
			<<segment_list>> revenue
		FROM <<answer>>
		WHERE <<valid>>
		$view$, facts);
	RETURN NEXT;

	name := 'not_counted';
	definition := @extschema@.nps_fill($view$
		SELECT response_id, raw_score::text AS raw_score, rejection AS reason, respondent, responded_at
		FROM <<answer>>
		WHERE score IS NULL
		$view$, facts);
	RETURN NEXT;

	totals := $view$
			SELECT @extschema@.nps_tally_agg(score<<scale_argument>>) AS tally,
				count(*) AS answers,
				count(*) FILTER (WHERE score IS NULL AND rejection = 'no answer') AS unanswered,
				count(*) FILTER (WHERE score IS NULL AND rejection <> 'no answer') AS rejected,
				count(*) FILTER (WHERE score IS NOT NULL AND <<has_comment>>) AS comments,
				min(<<local_time>>) FILTER (WHERE score IS NOT NULL) AS first_answer,
				max(<<local_time>>) FILTER (WHERE score IS NOT NULL) AS last_answer
			FROM <<answer>> <<unless_served>>
$view$;
	IF facts ? 'rollup' THEN
		totals := $view$
			SELECT @extschema@.nps_tally_agg(tally) AS tally, sum(answers)::bigint AS answers, sum(unanswered)::bigint AS unanswered,
				sum(rejected)::bigint AS rejected, sum(comments)::bigint AS comments,
				min(first_answer) AS first_answer, max(last_answer) AS last_answer
			FROM ($view$ || totals || $view$
				UNION ALL
				SELECT tally, @extschema@.nps_responses(tally) + unanswered + rejected, unanswered, rejected, comments,
					CASE WHEN @extschema@.nps_responses(tally) > 0 THEN day::timestamp END,
					CASE WHEN @extschema@.nps_responses(tally) > 0 THEN day::timestamp END
				FROM (SELECT day, <<net>> FROM <<served>> GROUP BY day) days
			) parts$view$;
	END IF;
	name := 'summary';
	definition := @extschema@.nps_fill($view$
		SELECT m.responses, m.detractors, m.passives, m.promoters,
			m.detractor_share, m.passive_share, m.promoter_share,
			m.nps, m.nps_low, m.nps_high, m.mean_score,
			t.unanswered, t.rejected,
			CASE WHEN t.unanswered > 0 THEN m.responses::double precision / t.answers END AS response_rate,
			t.comments / nullif(m.responses, 0)::double precision AS comment_share,
			s.goal, m.nps - s.goal AS gap, s.benchmark,
			t.first_answer::date AS first_answer, t.last_answer::date AS last_answer,
			nullif(concat_ws('; ',
				CASE WHEN m.detractors = m.responses AND m.responses > 0
					THEN 'every answer is a detractor: is the scale right?' END,
				CASE WHEN t.rejected > 0 THEN t.rejected || CASE t.rejected WHEN 1 THEN ' score does' ELSE ' scores do' END || ' not count, see not_counted' END), '') AS warning
			<<satisfied_columns>>
		FROM (<<totals>>) t
		CROSS JOIN LATERAL @extschema@.nps_summary(t.tally) m
		LEFT JOIN LATERAL @extschema@.nps_share_interval(m.promoters, m.responses) w ON true
		LEFT JOIN (SELECT * FROM <<survey>> LIMIT 1) s ON true
		$view$, named || jsonb_build_object('totals', @extschema@.nps_fill(totals, named), 'satisfied_columns', CASE WHEN (facts->>'satisfaction')::boolean
			-- for those who look for CSAT or CES by name
			THEN ', m.promoter_share AS satisfied_share, w.low AS satisfied_low, w.high AS satisfied_high' ELSE '' END));
	RETURN NEXT;

	whole := CASE WHEN facts ? 'rollup' THEN $view$
			SELECT @extschema@.nps_tally_agg(tally) AS tally FROM (
				SELECT @extschema@.nps_tally_agg(score<<scale_argument>>) AS tally FROM <<response>> <<unless_served>>
				UNION ALL
				SELECT tally FROM (SELECT <<net>> FROM <<served>>) t) parts$view$
		ELSE 'SELECT @extschema@.nps_tally_agg(score<<scale_argument>>) AS tally FROM <<response>>' END;
	name := 'distribution';
	definition := @extschema@.nps_fill(CASE WHEN (facts->>'whole')::boolean THEN $view$
		SELECT s.score::smallint AS score, @extschema@.nps_category(s.score<<scale_argument>>) AS category,
			coalesce((@extschema@.nps_histogram(t.tally))[s.score - <<min_score>> + 1], 0) AS responses,
			(@extschema@.nps_histogram(t.tally))[s.score - <<min_score>> + 1]::double precision / @extschema@.nps_responses(t.tally) AS share
		FROM (<<whole_survey>>) t
		CROSS JOIN generate_series(<<min_score>>, <<max_score>>) AS s(score)
		$view$ ELSE $view$
		SELECT b.score, b.category, b.responses,
			b.responses::double precision / nullif(@extschema@.nps_responses(t.tally), 0) AS share
		FROM (<<whole_survey>>) t
		CROSS JOIN @extschema@.nps_scales() s
		CROSS JOIN LATERAL (VALUES
			(s.detractor, 'detractor', @extschema@.nps_detractors(t.tally)),
			(s.passive, 'passive', @extschema@.nps_passives(t.tally)),
			(s.promoter, 'promoter', @extschema@.nps_promoters(t.tally))) AS b(score, category, responses)
		WHERE s.scale = <<scale>>
		$view$ END, named || jsonb_build_object('whole_survey', @extschema@.nps_fill(whole, named)));
	RETURN NEXT;

	/*
	 * A UNION ALL of the grains below windows that are partitioned by grain:
	 * WHERE grain = 'month' reaches down to the one branch that is needed.
	 *
	 * The inner UNION ALL with nothing keeps the planner from taking each time
	 * for a period of its own: where it knows nothing of a column it assumes few
	 * values, and counts them in parallel.
	 */
	FOREACH grain IN ARRAY grains LOOP
		cells := cells || @extschema@.nps_fill($view$
				SELECT '<<grain>>'::text AS grain, interval '<<step>>' AS step,
					period,
					@extschema@.nps_tally_agg(score<<scale_argument>>) AS tally,
					count(*) AS answers,
					count(*) FILTER (WHERE score IS NULL AND rejection = 'no answer') AS unanswered,
					count(*) FILTER (WHERE score IS NULL AND rejection <> 'no answer') AS rejected,
					count(*) FILTER (WHERE score IS NOT NULL AND <<has_comment>>) AS comments
				FROM (
					SELECT score, rejection, comment, <<period>> AS period FROM <<answer>> <<unless_served>>
					UNION ALL
					SELECT score, rejection, comment, <<period>> FROM <<answer>> <<nothing>>
				) a
				GROUP BY period
			$view$ || CASE WHEN facts ? 'rollup' THEN $view$
				UNION ALL
				SELECT '<<grain>>', interval '<<step>>', period, tally,
					@extschema@.nps_responses(tally) + unanswered + rejected, unanswered, rejected, comments
				FROM (SELECT @extschema@.nps_period(day, '<<grain>>') AS period, <<net>> FROM <<served>> GROUP BY 1) c
				WHERE <<not_empty>>
			$view$ ELSE '' END, named || jsonb_build_object('grain', grain,
				'period', format('@extschema@.nps_period(responded_at, %s, %L)', facts->>'zone', grain), 'step',
				CASE grain WHEN 'quarter' THEN '3 months' ELSE '1 ' || grain END));
	END LOOP;
	name := 'trend';
	definition := @extschema@.nps_fill($view$
		SELECT t.grain, t.period_start, (t.period_start + t.step - interval '1 day')::date AS period_end,
			t.period_start <= t.today AND t.today < t.period_start + t.step AS is_partial,
			m.responses, m.detractors, m.passives, m.promoters,
			m.detractor_share, m.passive_share, m.promoter_share,
			m.nps, m.nps_low, m.nps_high, m.mean_score,
			t.unanswered, t.rejected,
			CASE WHEN t.knows_unanswered AND t.answers > 0
				THEN m.responses::double precision / t.answers END AS response_rate,
			t.comments / nullif(m.responses, 0)::double precision AS comment_share,
			k.change, k.low AS change_low, k.high AS change_high, k.p_value AS change_p_value
		FROM (
			SELECT c.grain, c.step, f.period_start, f.first_of_cell, c.today, c.knows_unanswered,
				CASE WHEN f.first_of_cell THEN c.tally ELSE '{}' END AS tally,
				CASE WHEN f.first_of_cell THEN c.previous END AS previous,
				CASE WHEN f.first_of_cell THEN c.answers ELSE 0 END AS answers,
				CASE WHEN f.first_of_cell THEN c.unanswered ELSE 0 END AS unanswered,
				CASE WHEN f.first_of_cell THEN c.rejected ELSE 0 END AS rejected,
				CASE WHEN f.first_of_cell THEN c.comments ELSE 0 END AS comments
			FROM (
				SELECT cell.*, @extschema@.nps_period(now(), <<zone>>, 'day') AS today,
					(@extschema@.nps_period(now(), <<zone>>, grain) + step)::date AS end_of_time,
					lead(period) OVER (PARTITION BY grain ORDER BY period) AS next_period,
					CASE WHEN period IS NOT NULL AND @extschema@.nps_responses(tally) > 0
						THEN lag(tally) OVER (PARTITION BY grain, @extschema@.nps_responses(tally) > 0 ORDER BY period) END AS previous,
					coalesce(sum(unanswered) FILTER (WHERE period IS NOT NULL) OVER (PARTITION BY grain), 0) > 0
						AS knows_unanswered
				FROM (<<cells>>) cell
			) c
			-- a period without answers is a row too, up to the running one
			CROSS JOIN LATERAL (
				SELECT c.period AS period_start, true AS first_of_cell
				UNION ALL
				SELECT gap, false
				FROM @extschema@.nps_periods_between(c.period, least(c.next_period, c.end_of_time), c.step) gap
				WHERE c.period + c.step < least(c.next_period, c.end_of_time)
			) f
		) t
		CROSS JOIN LATERAL @extschema@.nps_summary(t.tally) m
		LEFT JOIN LATERAL @extschema@.nps_compare(t.previous, t.tally) k ON true
		$view$, facts || jsonb_build_object('cells', array_to_string(cells, 'UNION ALL')));
	RETURN NEXT;

	FOREACH segment IN ARRAY segment_names LOOP
		by_segment := by_segment || @extschema@.nps_fill($view$
				SELECT <<segment>>::text AS segment, <<column>>::text AS value, @extschema@.nps_tally_agg(score<<scale_argument>>) AS tally
				FROM <<response>> <<unless_served>>
				GROUP BY <<column>>::text
			$view$ || CASE WHEN facts ? 'rollup' THEN $view$
				UNION ALL
				SELECT <<segment>>, value, tally
				FROM (SELECT <<column>>::text AS value, <<net>> FROM <<served>> GROUP BY <<column>>::text) c
				WHERE @extschema@.nps_responses(tally) > 0
			$view$ ELSE '' END, named || jsonb_build_object('segment', quote_literal(segment), 'column', quote_ident(segment)));
		FOREACH grain IN ARRAY grains LOOP
			by_both := by_both || @extschema@.nps_fill($view$
				SELECT '<<grain>>'::text AS grain, interval '<<step>>' AS step,
					period, <<segment>>::text AS segment, value,
					@extschema@.nps_tally_agg(score<<scale_argument>>) AS tally
				FROM (
					SELECT score, <<column>>::text AS value, <<period>> AS period FROM <<response>> <<unless_served>>
					UNION ALL
					SELECT score, <<column>>::text, <<period>> FROM <<response>> <<nothing>>
				) a
				GROUP BY period, value
			$view$ || CASE WHEN facts ? 'rollup' THEN $view$
				UNION ALL
				SELECT '<<grain>>', interval '<<step>>', period, <<segment>>, value, tally
				FROM (SELECT @extschema@.nps_period(day, '<<grain>>') AS period, <<column>>::text AS value, <<net>>
					FROM <<served>> GROUP BY 1, <<column>>::text) c
				WHERE @extschema@.nps_responses(tally) > 0
			$view$ ELSE '' END, named || jsonb_build_object('grain', grain,
				'period', format('@extschema@.nps_period(responded_at, %s, %L)', facts->>'zone', grain), 'step',
				CASE grain WHEN 'quarter' THEN '3 months' ELSE '1 ' || grain END,
				'segment', quote_literal(segment), 'column', quote_ident(segment)));
		END LOOP;
	END LOOP;
	-- without segments: views of the same shape, without rows
	IF segment_names = '{}' THEN
		by_segment := ARRAY[$view$
				SELECT NULL::text AS segment, NULL::text AS value, '{}'::@extschema@.nps_tally AS tally WHERE false
			$view$];
		by_both := ARRAY[$view$
				SELECT NULL::text AS grain, NULL::interval AS step, NULL::date AS period,
					NULL::text AS segment, NULL::text AS value, '{}'::@extschema@.nps_tally AS tally WHERE false
			$view$];
	END IF;

	name := 'segment';
	definition := @extschema@.nps_fill($view$
		SELECT t.segment, t.value,
			m.responses, m.detractors, m.passives, m.promoters,
			m.detractor_share, m.passive_share, m.promoter_share,
			m.nps, m.nps_low, m.nps_high, m.mean_score,
			m.responses::double precision / @extschema@.nps_responses(t.whole) AS share,
			@extschema@.nps_contribution(t.tally, t.whole) AS contribution,
			@extschema@.nps_impact(t.tally, t.whole) AS impact,
			d.change AS difference, d.low AS difference_low, d.high AS difference_high, d.p_value AS difference_p_value
		FROM (
			SELECT cell.*, @extschema@.nps_tally_agg(tally) OVER (PARTITION BY segment) AS whole
			FROM (<<cells>>) cell
		) t
		CROSS JOIN LATERAL @extschema@.nps_summary(t.tally) m
		LEFT JOIN LATERAL @extschema@.nps_compare(t.whole OPERATOR(@extschema@.-) t.tally, t.tally) d ON true
		$view$, facts || jsonb_build_object('cells', array_to_string(by_segment, 'UNION ALL')));
	RETURN NEXT;

	/*
	 * Each cell is put into its own period, and as what was before into the
	 * next period that has answers, where a value that is gone gets a row too:
	 * without it the effects would not sum to the change of the whole.
	 */
	name := 'segment_trend';
	definition := @extschema@.nps_fill($view$
		SELECT t.grain, t.period_start, (t.period_start + t.step - interval '1 day')::date AS period_end,
			t.period_start <= t.today AND t.today < t.period_start + t.step AS is_partial,
			t.segment, t.value,
			m.responses, m.detractors, m.passives, m.promoters,
			m.detractor_share, m.passive_share, m.promoter_share,
			m.nps, m.nps_low, m.nps_high, m.mean_score,
			m.responses::double precision / nullif(@extschema@.nps_responses(t.whole), 0) AS share,
			@extschema@.nps_contribution(t.tally, t.whole) AS contribution,
			@extschema@.nps_impact(t.tally, t.whole) AS impact,
			d.change AS difference, d.low AS difference_low, d.high AS difference_high, d.p_value AS difference_p_value,
			k.change, k.low AS change_low, k.high AS change_high, k.p_value AS change_p_value,
			e.rate_effect, e.mix_effect
		FROM (
			SELECT pair.*, @extschema@.nps_period(now(), <<zone>>, 'day') AS today,
				@extschema@.nps_tally_agg(tally) OVER of_period AS whole,
				@extschema@.nps_tally_agg(previous) OVER of_period AS whole_before
			FROM (
				SELECT c.grain, c.step, p.period_start, c.segment, c.value,
					@extschema@.nps_tally_agg(p.tally) AS tally, @extschema@.nps_tally_agg(p.previous) AS previous
				FROM (
					SELECT cell.*,
						min(period) OVER (PARTITION BY grain, segment ORDER BY period
							GROUPS BETWEEN 1 FOLLOWING AND 1 FOLLOWING) AS next_period
					FROM (<<cells>>) cell
				) c
				CROSS JOIN LATERAL (
					SELECT c.period AS period_start, c.tally, '{}'::@extschema@.nps_tally AS previous
					UNION ALL
					SELECT c.next_period, '{}', c.tally WHERE c.next_period IS NOT NULL
				) p
				GROUP BY c.grain, c.step, p.period_start, c.segment, c.value
			) pair
			WINDOW of_period AS (PARTITION BY grain, segment, period_start)
		) t
		CROSS JOIN LATERAL @extschema@.nps_summary(t.tally) m
		LEFT JOIN LATERAL @extschema@.nps_compare(t.whole OPERATOR(@extschema@.-) t.tally, t.tally) d ON true
		LEFT JOIN LATERAL @extschema@.nps_compare(t.previous, t.tally) k ON true
		LEFT JOIN LATERAL @extschema@.nps_effects(t.previous, t.whole_before, t.tally, t.whole) e ON true
		$view$, facts || jsonb_build_object('cells', array_to_string(by_both, 'UNION ALL')));
	RETURN NEXT;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_views(jsonb, text[]) IS 'part of nps_attach(): the definitions of the report views of a survey';
/* nps/sql/parts/83_followup_trigger.sql */

CREATE FUNCTION @extschema@.nps_case_rules()
	RETURNS trigger
	AS 'MODULE_PATHNAME'
	LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.nps_case_rules() IS 'trigger on followup_case: completes a step, or refuses it';

CREATE FUNCTION @extschema@.nps_case_history()
	RETURNS trigger
	AS 'MODULE_PATHNAME'
	LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.nps_case_history() IS 'trigger on followup_case and concern: writes what changed into followup_event';

CREATE FUNCTION @extschema@.nps_keep_case()
	RETURNS trigger
	AS 'MODULE_PATHNAME'
	LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.nps_keep_case() IS 'trigger on followup_case and concern: refuses to delete';

CREATE FUNCTION @extschema@.nps_keep_history()
	RETURNS trigger
	AS 'MODULE_PATHNAME'
	LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.nps_keep_history() IS 'trigger on followup_event: nobody but the survey writes its history';

CREATE FUNCTION @extschema@.nps_concern_rules()
	RETURNS trigger
	AS 'MODULE_PATHNAME'
	LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.nps_concern_rules() IS 'trigger on concern: makes the case of a concern, keeps broken promises broken';

CREATE FUNCTION @extschema@.nps_followup_columns()
	RETURNS trigger
	AS 'MODULE_PATHNAME'
	LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.nps_followup_columns() IS 'trigger on the views followup and followup_all: notes which columns a statement sets';

CREATE FUNCTION @extschema@.nps_record_followup()
	RETURNS trigger
	AS 'MODULE_PATHNAME'
	LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.nps_record_followup() IS 'trigger on the views followup and followup_all: records in followup_case what an UPDATE sets';

CREATE FUNCTION @extschema@.nps_is_indexed_support(internal)
	RETURNS internal
	AS 'MODULE_PATHNAME'
	LANGUAGE C STRICT;
COMMENT ON FUNCTION @extschema@.nps_is_indexed_support(internal) IS 'planner support of nps_is_indexed()';

CREATE FUNCTION @extschema@.nps_is_indexed(answer regclass)
	RETURNS boolean
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE STRICT SUPPORT @extschema@.nps_is_indexed_support;
COMMENT ON FUNCTION @extschema@.nps_is_indexed(regclass) IS 'whether an index finds the answers of a respondent, so that follow-up can look them up one by one';

CREATE FUNCTION @extschema@.nps_record_told()
	RETURNS trigger
	AS 'MODULE_PATHNAME'
	LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.nps_record_told() IS 'trigger on the view cause_customer: records who was told that a cause is fixed';
/* nps/sql/parts/84_followup.sql */

CREATE FUNCTION @extschema@.nps_case_facts(facts jsonb)
	RETURNS jsonb
	LANGUAGE plpgsql IMMUTABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The pieces that the views about cases are put together from.
 *
 * A case is named after the answer that opened it.  It is one that somebody took
 * on, which followup_case tells, or else the unbroken run of answers that the
 * playbook wants followed up, and that no finished case covers.  Of two answers
 * the newer is the one with the later time; of two at the same time, that with
 * the greater response_id.
 *
 * all_cases is that definition, for every case there ever was: it sorts all
 * answers.  open_cases is what is open now.  Where an index finds the answers of
 * a respondent it looks at the answers of the last weeks and at nothing else;
 * where there is none, it is taken out of all_cases.  Tests compare the two.
 */
DECLARE
	named jsonb;
	alias text;
	dated CONSTANT boolean := (facts->>'dated')::boolean;
	untaken jsonb;				-- cases that nobody took on: how they are looked up
	ranked boolean;
BEGIN
	/*
	 * All settings and rules in one row: for each column of the playbook an
	 * array with the value for each score.  That the row is one the planner
	 * learns from LIMIT; what is not asked for is not computed.
	 */
	named := facts || jsonb_build_object(
		'oldest_first', 'responded_at NULLS FIRST, response_id',
		'newest_first', 'responded_at DESC NULLS LAST, response_id DESC',
		'work_time', @extschema@.nps_fill('<<zone>>, s.work_days, s.work_from, s.work_until, s.holidays', facts),
		'settings', @extschema@.nps_fill($sql$(
			SELECT s.*, r.*, now() - make_interval(days => s.follow_up_days) AS since,
				(SELECT array_agg(h.day) FROM <<holiday>> h) AS holidays
			FROM <<survey>> s
			CROSS JOIN (
				SELECT <<arrays>>,
					coalesce(array_agg(i.score) FILTER (WHERE p.follow_up), '{}') AS followed
				FROM generate_series(<<lowest>>, <<highest>>) AS i(score)
				LEFT JOIN <<playbook>> p ON i.score BETWEEN p.score_from AND p.score_to) r
			LIMIT 1)$sql$, facts || jsonb_build_object('arrays', (
				SELECT string_agg(format('array_agg(p.%1$s ORDER BY i.score) AS rule_%1$s', c), ', ' ORDER BY place)
				FROM unnest(ARRAY['follow_up', 'verdict', 'severity', 'personal', 'channel', 'steps', 'acknowledge_hours', 'contact_hours',
					'resolve_hours', 'guidance', 'owner']) WITH ORDINALITY AS u(c, place)))));
	FOREACH alias IN ARRAY ARRAY['n', 'x', 'o', 'q', 'a'] LOOP
		named := named || jsonb_build_object(
			'newest_' || alias, format('%1$s.responded_at DESC NULLS LAST, %1$s.response_id DESC', alias),
			'valid_' || alias, replace(facts->>'valid_of', '<alias>', alias),
			'whole_' || alias, format(facts->>'whole_of', format('%s.%s', alias, facts->>'score')));
	END LOOP;
	named := named || jsonb_build_object(
		'newer_x_n', @extschema@.nps_fill($sql$(x.responded_at > n.responded_at
				OR x.responded_at = n.responded_at AND x.response_id <<response_id_greater>> n.response_id
				OR n.responded_at IS NULL AND (x.responded_at IS NOT NULL OR x.response_id <<response_id_greater>> n.response_id))$sql$, named),
		-- an open case has all answers of its respondent, a finished one those until then
		'covered_q', @extschema@.nps_fill($sql$(EXISTS (
				SELECT FROM <<followup_case>> c
				WHERE c.respondent <<respondent_equals>> q.respondent AND c.taken
					AND (c.is_open OR c.finished_at >= q.responded_at OR c.dismiss_reason = 'opted_out'
						OR q.responded_at IS NULL AND (c.opened_at IS NOT NULL OR NOT q.response_id <<response_id_greater>> c.case_id)))
				-- IS NOT NULL is true; asked inside, it keeps the planner from hashing all cases for one look-up
				OR EXISTS (SELECT FROM <<followup_case>> c WHERE c.case_id <<response_id_equals>> q.response_id AND c.taken AND q.response_id IS NOT NULL))$sql$, named));
	FOREACH alias IN ARRAY ARRAY['n', 'o', 'a'] LOOP
		named := named || jsonb_build_object('clock_' || alias, @extschema@.nps_fill(replace(
			'CASE WHEN @extschema@.nps_local_time(<alias>.responded_at, <<zone>>) IS NOT NULL THEN least(<alias>.responded_at, now()) END',
			'<alias>', alias), named));
	END LOOP;

	/*
	 * From one start to the next is a unit: the answers of a case, and behind
	 * them those that are none of it.  An open case that somebody took on has
	 * the newest answer of its respondent, wherever that stands.
	 */
	named := named || jsonb_build_object('all_cases', @extschema@.nps_fill($sql$(
		SELECT respondent, case_id, opened_at, opening_score, is_recorded, is_recorded_open, opted_out, responses, left_at,
			CASE WHEN shows_newest THEN newest_id WHEN is_answer THEN response_id END AS response_id,
			CASE WHEN shows_newest THEN newest_score ELSE score END AS score,
			CASE WHEN shows_newest THEN newest_at ELSE responded_at END AS responded_at,
			CASE WHEN shows_newest THEN newest_revenue ELSE revenue END AS revenue,
			CASE WHEN shows_newest THEN newest_contactable ELSE contactable END AS contactable,
			CASE WHEN shows_newest THEN newest_churned_at ELSE churned_at END AS churned_at,
			CASE WHEN shows_newest THEN second_score ELSE previous_score END AS previous_score,
			CASE WHEN NOT shows_newest THEN next_score END AS next_score,
			CASE WHEN NOT shows_newest THEN next_at END AS next_at,
			is_last AND NOT is_covered AS is_current
		FROM (
			SELECT u.*, member AND NOT coalesce(lead(member) OVER of_unit, false) AS is_newest,
				coalesce(is_recorded_open, false) AS shows_newest
			FROM (
				SELECT respondent, response_id, is_answer, score, responded_at, revenue, contactable, churned_at, left_at, unit, is_last, is_covered,
					responses, previous_score, next_score, next_at, opted_out, second_score,
					CASE WHEN newest_is_answer THEN newest_id END AS newest_id, newest_score, newest_at, newest_revenue,
					newest_contactable, newest_churned_at,
					first_value(response_id) OVER of_unit AS case_id,
					first_value(clock) OVER of_unit AS opened_at,
					first_value(score) OVER of_unit AS opening_score,
					first_value(is_recorded) OVER of_unit AS is_recorded,
					first_value(is_open) OVER of_unit AS is_recorded_open,
					CASE WHEN first_value(is_recorded) OVER of_unit
						THEN is_recorded OR coalesce(first_value(is_open) OVER of_unit, false)
							OR coalesce(responded_at <= finished_before, false)
						ELSE free_bad END AS member
				FROM (
					SELECT started.*, count(*) FILTER (WHERE starts) OVER of_respondent AS unit
					FROM (
						SELECT bound.*,
							is_recorded OR free_bad AND NOT coalesce(lag(free_bad) OVER of_respondent, false) AS starts
						FROM (
							SELECT known.*, is_answer AND bad AND NOT belongs AS free_bad
							FROM (
								SELECT e.*,
									is_recorded OR coalesce(bool_or(is_open) OVER of_respondent, false)
										OR coalesce(responded_at <= max(finished_at) OVER of_respondent, false) AS belongs,
									max(finished_at) OVER of_respondent AS finished_before,
									coalesce(bool_or(opts_out) OVER of_respondent, false) AS opted_out,
									coalesce(bool_or(is_open) OVER every, false) OR coalesce(bool_or(opts_out) OVER every, false)
										OR coalesce(max(finished_at) OVER every >= responded_at, false)
										OR responded_at IS NULL AND coalesce(bool_or(is_dated_case) OVER every, false) AS is_covered,
									is_answer AND row_number() OVER newest_first = 1 AS is_last,
									first_value(is_answer) OVER newest_first AS newest_is_answer,
									first_value(response_id) OVER newest_first AS newest_id,
									first_value(score) OVER newest_first AS newest_score,
									CASE WHEN first_value(is_answer) OVER newest_first THEN first_value(responded_at) OVER newest_first END AS newest_at,
									first_value(revenue) OVER newest_first AS newest_revenue,
									first_value(contactable) OVER newest_first AS newest_contactable,
									first_value(churned_at) OVER newest_first AS newest_churned_at,
									nth_value(score, 2) OVER (newest_first ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS second_score,
									CASE WHEN is_answer THEN lead(score) OVER newest_first ELSE lag(score) OVER of_respondent END AS previous_score,
									lag(score) OVER newest_first AS next_score,
									lag(responded_at) OVER newest_first AS next_at,
									count(*) FILTER (WHERE is_answer) OVER every AS responses,
									max(churned_at) OVER every AS left_at
								FROM (
									SELECT a.respondent, a.response_id, a.<<score>> AS score, a.responded_at,
										CASE WHEN c.case_id IS NOT NULL THEN c.opened_at ELSE <<clock_a>> END AS clock,
										a.revenue, a.contactable, a.churned_at,
										true AS is_answer, coalesce(s.rule_follow_up[<<whole_a>> - <<lowest>> + 1], false) AS bad,
										c.case_id IS NOT NULL AS is_recorded, c.is_open, c.finished_at,
										c.finished_at IS NOT NULL AND c.dismiss_reason = 'opted_out' AS opts_out,
										c.finished_at IS NOT NULL AND c.opened_at IS NOT NULL AS is_dated_case
									FROM <<answer>> a
									CROSS JOIN <<settings>> s
									LEFT JOIN <<followup_case>> c ON c.case_id <<response_id_equals>> a.response_id AND c.taken
									WHERE <<valid_a>> AND a.respondent IS NOT NULL
									UNION ALL
									-- a case whose answer was deleted or corrected away is still work
									SELECT c.respondent, c.case_id, NULL, c.opened_at, c.opened_at, NULL, NULL, NULL,
										false, false, true, c.is_open, c.finished_at,
										c.finished_at IS NOT NULL AND c.dismiss_reason = 'opted_out', c.finished_at IS NOT NULL AND c.opened_at IS NOT NULL
									FROM <<followup_case>> c
									WHERE c.taken AND NOT EXISTS (
										SELECT FROM <<answer>> a
										WHERE a.response_id <<response_id_equals>> c.case_id AND <<valid_a>> AND a.respondent IS NOT NULL)
								) e
								WINDOW every AS (PARTITION BY respondent),
									of_respondent AS (PARTITION BY respondent ORDER BY <<oldest_first>>),
									newest_first AS (PARTITION BY respondent ORDER BY is_answer DESC, <<newest_first>>)
							) known
						) bound
						WINDOW of_respondent AS (PARTITION BY respondent ORDER BY <<oldest_first>>)
					) started
					WINDOW of_respondent AS (PARTITION BY respondent ORDER BY <<oldest_first>>)
				) counted
				WHERE unit > 0
				WINDOW of_unit AS (PARTITION BY respondent, unit ORDER BY <<oldest_first>>)
			) u
			WINDOW of_unit AS (PARTITION BY respondent, unit ORDER BY <<oldest_first>>)
		) u
		WHERE u.is_newest AND <gate>)$sql$, named));
	named := named || jsonb_build_object('judged_cases', @extschema@.nps_fill($sql$
			SELECT w.*,
				CASE WHEN w.is_recorded THEN coalesce(w.is_recorded_open, false) AND w.contactable IS NOT FALSE
					ELSE w.is_current AND w.contactable IS NOT FALSE AND w.churned_at IS NULL
						AND (w.responded_at IS NULL OR w.responded_at > now() - make_interval(days => s.follow_up_days)) END AS is_open
			FROM <<all_cases>> w
			CROSS JOIN (SELECT * FROM <<survey>> LIMIT 1) s$sql$, named));

	-- on the one relation there: so the planner leaves all of it out where there is an index
	named := named || jsonb_build_object(
		'gated_cases', replace(named->>'judged_cases', '<gate>', 'NOT ' || @extschema@.nps_fill('@extschema@.nps_is_indexed(<<answer_name>>::regclass)', named)),
		'judged_cases', replace(named->>'judged_cases', '<gate>', 'true'));
	named := named || jsonb_build_object('kept_cases', @extschema@.nps_fill($sql$
			SELECT w.case_id, w.respondent, w.opened_at, w.opening_score, w.response_id, w.score, w.revenue, w.responses, w.previous_score
			FROM (<<gated_cases>>) w
			WHERE w.is_open
			UNION ALL
			-- taken on, and open: with its answer, to whomever that belongs now
			SELECT c.case_id, o.respondent, c.opened_at, o.<<score>> AS opening_score, n.response_id, n.score, n.revenue, NULL, NULL
			FROM <<followup_case>> c
			JOIN <<answer>> o ON o.response_id <<response_id_equals>> c.case_id AND <<valid_o>> AND o.respondent IS NOT NULL
			LEFT JOIN LATERAL (<<newest_of_o>>) n ON true
			WHERE c.is_open AND n.contactable IS NOT FALSE AND @extschema@.nps_is_indexed(<<answer_name>>::regclass)
			UNION ALL
			-- or with an answer that was deleted or corrected away
			SELECT o.case_id, o.respondent, o.opened_at, NULL, n.response_id, n.score, n.revenue, NULL, NULL
			FROM <<followup_case>> o
			LEFT JOIN LATERAL (<<newest_of_o>>) n ON true
			WHERE o.is_open AND n.contactable IS NOT FALSE AND @extschema@.nps_is_indexed(<<answer_name>>::regclass)
				AND NOT EXISTS (
					SELECT FROM <<answer>> a
					WHERE a.response_id <<response_id_equals>> o.case_id AND <<valid_a>> AND a.respondent IS NOT NULL)$sql$,
		named || jsonb_build_object('newest_of_o', @extschema@.nps_fill($sql$
				SELECT n.response_id, n.<<score>> AS score, n.revenue, n.contactable
				FROM <<answer>> n
				WHERE n.respondent <<respondent_equals>> o.respondent AND <<valid_n>>
				ORDER BY <<newest_n>>
				LIMIT 1$sql$, named))));

	/*
	 * The others, where an index finds the answers of a respondent: all at once,
	 * or rank by rank of the list.  A rank is a priority and a rule of the
	 * playbook.  What comes out of the ranks in their order is sorted within each
	 * only, so a reader of the first page pays for the most severe ones alone.
	 */
	named := named || jsonb_build_object(
		'ranks', @extschema@.nps_fill($sql$(
			SELECT s.*, u.rank, k.rank_severity, k.scores
			FROM <<settings>> s
			CROSS JOIN (
				SELECT p.severity AS rank_severity, p.personal AS is_personal,
					array(SELECT generate_series(p.score_from::integer, p.score_to::integer)) AS scores
				FROM <<playbook>> p
				WHERE p.follow_up
				OFFSET 0) k
			JOIN (VALUES (1), (2), (3)) AS u(rank) ON (u.rank = 1) = k.is_personal
			ORDER BY u.rank, k.rank_severity)$sql$, named));
	FOREACH ranked IN ARRAY ARRAY[false, true] LOOP
		untaken := named || jsonb_build_object(
			'from', CASE WHEN ranked THEN '(SELECT) once' ELSE @extschema@.nps_fill('<<settings>> s', named) END,
			'scores', CASE WHEN ranked THEN 's.scores' ELSE 's.followed' END);
		FOREACH alias IN ARRAY ARRAY['n', 'o'] LOOP
			untaken := untaken || jsonb_build_object('due_' || alias, @extschema@.nps_fill(replace(
				'@extschema@.nps_due(<<clock_<alias>>>, s.rule_contact_hours[<<whole_<alias>>> - <<lowest>> + 1], <<work_time>>)', '<alias>', alias), named));
			untaken := untaken || jsonb_build_object(
				-- that it asks for n keeps the planner from looking at the time of all answers there ever were
				'in_rank_' || alias, CASE WHEN ranked THEN @extschema@.nps_fill(replace(
					'AND s.rank = CASE WHEN s.rank = 1 THEN 1 WHEN n.response_id IS NOT NULL AND <<due_<alias>>> < now() THEN 2 ELSE 3 END', '<alias>', alias), untaken) ELSE '' END,
				'with_due_' || alias, CASE WHEN ranked THEN ', ' || (untaken->>('due_' || alias)) || ' AS next_due' ELSE '' END);
		END LOOP;
		FOREACH alias IN ARRAY ARRAY['dated', 'undated'] LOOP
			-- answers without a time are always in the window; that they come apart makes the time an index condition
			untaken := untaken || jsonb_build_object('newest_' || alias, @extschema@.nps_fill($sql$
			FROM <<from>> JOIN <<answer>> n ON <<time>>
				AND <<whole_n>> = ANY (<<scores>>) AND <<valid_n>> AND n.respondent IS NOT NULL
				AND n.contactable IS NOT FALSE AND n.churned_at IS NULL$sql$, untaken || jsonb_build_object('time', CASE alias
					WHEN 'dated' THEN CASE WHEN dated THEN 'n.responded_at > s.since' ELSE 'true' END
					ELSE CASE WHEN dated THEN 'n.responded_at IS NULL' ELSE 'false' END END)));
			/*
			 * A newest answer with the answer that opened its case: the first of
			 * those behind the last that ends a case.  As that is joined, a look-up
			 * by case_id can begin with it.
			 */
			untaken := untaken || jsonb_build_object(alias || '_with_opening', @extschema@.nps_fill($sql$
			SELECT o.response_id, o.respondent, <<clock_o>>, o.<<score>>, n.response_id, n.<<score>>, n.revenue<<with_due_o>>
			<<newest>>
			-- = ANY (ARRAY[]) can be looked up by index, either way, and not hashed: that would read all answers
			JOIN <<answer>> o ON o.respondent <<respondent_equals>> ANY (ARRAY[n.respondent])
				AND n.respondent <<respondent_equals>> ANY (ARRAY[o.respondent]) AND o.response_id <<response_id_equals>> ANY (ARRAY[(
				SELECT r.response_id
				FROM (
					SELECT q.response_id, q.responded_at,
						bool_or(NOT <<whole_q>> = ANY (s.followed) OR <<covered_q>>) OVER newest_first
							-- n is not the newest
							OR NOT first_value(q.response_id) OVER newest_first <<response_id_equals>> n.response_id AS is_over
					FROM <<answer>> q
					WHERE q.respondent <<respondent_equals>> n.respondent AND <<valid_q>>
					WINDOW newest_first AS (ORDER BY <<newest_q>>)) r
				WHERE NOT r.is_over
				ORDER BY r.responded_at NULLS FIRST, r.response_id
				LIMIT 1)])
			WHERE @extschema@.nps_is_indexed(<<answer_name>>::regclass) <<in_rank_o>>$sql$, untaken || jsonb_build_object('newest', untaken->('newest_' || alias))));
		END LOOP;
		named := named || jsonb_build_object(CASE WHEN ranked THEN 'cases_of_rank' ELSE 'untaken_cases' END, @extschema@.nps_fill($sql$
			-- by the newest answer, which is the first that went wrong
			SELECT n.response_id AS case_id, n.respondent, <<clock_n>> AS opened_at, n.<<score>> AS opening_score,
				n.response_id, n.<<score>> AS score, n.revenue<<with_due_n>>
			<<newest_dated>>
			WHERE @extschema@.nps_is_indexed(<<answer_name>>::regclass) <<in_rank_n>>
				-- no NOT EXISTS: that the planner would join, row by row
				AND (EXISTS (
					SELECT FROM <<followup_case>> c WHERE c.respondent <<respondent_equals>> n.respondent AND c.taken)) IS FALSE
				AND (EXISTS (
					SELECT FROM <<followup_case>> c WHERE c.case_id <<response_id_equals>> n.response_id AND c.taken)) IS FALSE
				AND coalesce((
					SELECT false FROM <<answer>> x
					WHERE x.respondent <<respondent_equals>> n.respondent AND <<valid_x>>
						AND NOT x.response_id <<response_id_equals>> n.response_id
						AND (<<whole_x>> = ANY (s.followed) OR <<newer_x_n>>)
					LIMIT 1), true)
			UNION ALL
			-- by the newest answer of a respondent with others that went wrong, or with a case before
			<<dated_with_opening>>
				-- as an equation: of that the planner thinks that little is left, and does not read all answers to join them
				AND n.response_id <<response_id_equals>> CASE
					WHEN EXISTS (
						SELECT FROM <<answer>> x
						WHERE x.respondent <<respondent_equals>> n.respondent AND <<valid_x>>
							AND NOT x.response_id <<response_id_equals>> n.response_id AND <<whole_x>> = ANY (s.followed))
					OR EXISTS (
						SELECT FROM <<followup_case>> c WHERE c.respondent <<respondent_equals>> n.respondent AND c.taken)
					THEN n.response_id END
			UNION ALL
			<<undated_with_opening>>$sql$, untaken));
	END LOOP;
	named := named || jsonb_build_object('open_cases', @extschema@.nps_fill($sql$
			<<kept_cases>>
			UNION ALL
			SELECT b.case_id, b.respondent, b.opened_at, b.opening_score, b.response_id, b.score, b.revenue, NULL, NULL
			FROM (<<untaken_cases>>) b$sql$, named));
	RETURN named;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_case_facts(jsonb) IS 'part of nps_attach(): what the definitions of the views about cases are put together from';

CREATE FUNCTION @extschema@.nps_followup_views(named jsonb)
	RETURNS TABLE (name text, definition text)
	LANGUAGE plpgsql IMMUTABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The views followup and followup_all: the same columns out of open_cases and
 * out of all_cases.
 *
 * What the order needs is computed below, what is shown above: of the many rows
 * of the list somebody reads the first.
 */
DECLARE
	graded text;				-- cases with what the order needs
	shown text;				-- the columns that both views have
	beside text;				-- what these columns are taken from
BEGIN
	graded := $view$
			SELECT graded.*,
				CASE WHEN is_snoozed THEN 4 WHEN personal AND status = 'new' THEN 1 WHEN next_due < now() THEN 2 ELSE 3 END AS priority
			FROM (
			SELECT b.*, k.open_concerns, k.next_promise_due,
				coalesce(k.promises, 0) AS promises, coalesce(k.broken_promises, 0) AS broken_promises,
				coalesce(c.status, 'new') AS status, c.snoozed_until > now() AS is_snoozed, r.rule, <<opening_rule>> AS opening_rule,
				s.rule_severity[r.rule] AS severity, s.rule_personal[r.rule] AS personal,
				-- the clocks are those of the answer that opened the case: nothing later makes them run anew
				CASE WHEN c.status = 'contacted' AND k.next_promise_due IS NOT NULL
						-- a promise for a day is kept until that day is over
						THEN @extschema@.nps_time(k.next_promise_due + 1, <<zone>>)
					WHEN c.status = 'resolved' AND c.informed_at IS NULL
						THEN @extschema@.nps_due(c.resolved_at, s.inform_hours, <<work_time>>)
					WHEN coalesce(c.status, 'new') IN ('new', 'contacted')
						THEN @extschema@.nps_due(b.opened_at, CASE c.status WHEN 'contacted'
							THEN s.rule_resolve_hours[<<opening_rule>>] ELSE s.rule_contact_hours[<<opening_rule>>] END, <<work_time>>) END AS next_due
			FROM (<<cases>>) b
			CROSS JOIN <<settings>> s
			-- an answer that is better does not change what the case is about
			CROSS JOIN LATERAL (SELECT CASE WHEN s.rule_follow_up[<<latest_rule>>] THEN <<latest_rule>> ELSE <<opening_rule>> END AS rule) r
			LEFT JOIN (<<recorded>>) c ON c.case_id <<response_id_equals>> b.case_id
			LEFT JOIN (
				SELECT p.case_id AS concern_of, count(*) FILTER (WHERE p.is_open) AS open_concerns,
					min(p.promised_for) FILTER (WHERE p.is_open) AS next_promise_due,
					count(p.promised_for) AS promises, count(*) FILTER (WHERE p.is_broken) AS broken_promises
				FROM (<<promises>>) p
				GROUP BY p.case_id) k ON k.concern_of <<response_id_equals>> b.case_id
			) graded$view$;
	shown := $view$
			q.priority,
			coalesce(q.next_due < now(), false) AS overdue,
			CASE q.status
				WHEN 'new' THEN CASE
					WHEN NOT coalesce(<<has_comment_a>>, false) AND coalesce(a.open_tickets, 0) < s.many_tickets
						AND NOT EXISTS (SELECT FROM <<followup_case>> before
							WHERE before.respondent <<respondent_equals>> q.respondent AND before.asked_at IS NOT NULL)
						THEN 'ask for the reason'
					ELSE split_part(t.steps, ' → ', 1) END
				WHEN 'contacted' THEN CASE
					WHEN q.next_promise_due IS NOT NULL THEN 'deliver what was promised'
					WHEN q.open_concerns > 0 THEN 'answer the concerns'
					WHEN c.cause IS NULL THEN 'find the cause'
					ELSE 'resolve' END
				WHEN 'resolved' THEN CASE WHEN c.informed_at IS NULL THEN 'tell the customer' ELSE 'close' END
				END AS next_step,
			q.next_due, q.respondent, a.account, q.score, a.comment,
			t.owner, q.status, q.case_id,
			CASE WHEN q.is_snoozed THEN 'snoozed'
				WHEN q.personal AND q.status = 'new' THEN CASE WHEN q.next_due < now() THEN 'personal contact is late' ELSE 'personal contact is due' END
				WHEN q.next_due < now() THEN CASE q.status WHEN 'new' THEN 'contact is late'
					WHEN 'contacted' THEN CASE WHEN q.next_promise_due IS NULL THEN 'solution is late' ELSE 'promise is broken' END
					ELSE 'customer waits for news' END
				ELSE 'open' END AS priority_reason,
			q.response_id, @extschema@.nps_category(q.score<<scale_argument>>) AS category, s.rule_verdict[q.rule] AS verdict, a.responded_at,
			CASE WHEN q.responses IS NOT NULL THEN q.previous_score ELSE (
				SELECT x.<<score>> FROM <<answer>> x WHERE x.respondent <<respondent_equals>> q.respondent AND <<valid_x>>
				ORDER BY <<newest_x>> OFFSET 1 LIMIT 1) END AS previous_score,
			coalesce(q.responses, (
				SELECT count(*) FROM <<answer>> x WHERE x.respondent <<respondent_equals>> q.respondent AND <<valid_x>>)) AS responses,
			c.cause, t.cause_suggested, t.team,
			coalesce(c.channel, s.rule_channel[q.rule]) AS channel, t.steps,
			CASE WHEN q.next_due < now() THEN extract(epoch FROM now() - q.next_due)::double precision / 3600 END AS overdue_hours,
			c.acknowledged_at, c.asked_at, c.contacted_at, c.resolved_at, c.informed_at,
			coalesce(c.attempts, 0) AS attempts, coalesce(q.open_concerns, 0) AS open_concerns, q.next_promise_due, c.snoozed_until,
			least(@extschema@.nps_local_time(<<clock_a>>, <<zone>>)::date + s.follow_up_days, a.renewal_at) AS save_by,
			a.revenue, CASE WHEN a.churned_at IS NULL THEN a.revenue ELSE 0 END AS revenue_at_risk,
			s.rule_guidance[q.rule] AS guidance, c.plan, c.last_note, NULL::text AS note, NULL::text AS actor,
			c.desired_outcome, c.dismiss_reason, c.attempted_at, c.closed_at$view$;
	beside := $view$
		LEFT JOIN (<<recorded>>) c ON c.case_id <<response_id_equals>> q.case_id
		LEFT JOIN <<answer>> a ON a.response_id <<response_id_equals>> q.response_id AND <<valid_a>>
		CROSS JOIN <<settings>> s
		/*
		 * What takes a look at other tables, each thing once.  The team is that
		 * which somebody set, or that of the cause, or of the only cause that the
		 * comment suggests.  People of a team take turns until somebody takes the
		 * case.  A promise that was broken is what compensation is for.
		 */
		CROSS JOIN LATERAL (
			SELECT t.*, coalesce(c.owner, a.owner,
				CASE WHEN EXISTS (SELECT FROM <<team_member>> t WHERE t.active) THEN (
					SELECT m.person
					FROM (SELECT m.person, row_number() OVER (ORDER BY m.person) - 1 AS place, count(*) OVER () AS people
						FROM <<team_member>> m WHERE m.team = t.team AND m.active) m
					WHERE m.place = (hashtext(q.case_id::text) & 2147483647) % m.people) END,
				s.rule_owner[q.rule], s.fallback_owner) AS owner
			FROM (
				SELECT t.*, coalesce(c.team, (
					SELECT k.team FROM <<cause>> k WHERE k.cause = coalesce(c.cause,
						CASE WHEN position(' → ' IN t.cause_suggested) = 0 THEN t.cause_suggested END))) AS team
				FROM (
					SELECT (SELECT string_agg(k.cause, ' → ' ORDER BY k.cause)
							FROM (SELECT <<words_a>> AS words OFFSET 0) said
							JOIN <<cause>> k ON said.words @@ k.search) AS cause_suggested,
						CASE WHEN q.broken_promises > 0 THEN s.rule_steps[q.rule]
							ELSE array_to_string(array_remove(string_to_array(s.rule_steps[q.rule], ' → '), 'compensate'), ' → ') END AS steps
					OFFSET 0
				) t
				OFFSET 0
			) t
			OFFSET 0
		) t$view$;
	named := named || jsonb_build_object(
		'words_a', format('to_tsvector(%s, left(a.comment, 10000))', named->>'text_search'),
		'opening_rule', format(named->>'whole_of', 'b.opening_score') || format(' - %s + 1', named->>'lowest'),
		'recorded', @extschema@.nps_fill('SELECT * FROM <<followup_case>> WHERE recorded', named),
		'latest_rule', format(named->>'whole_of', 'b.score') || format(' - %s + 1', named->>'lowest'),
		'next_rule', format(named->>'whole_of', 'next_answer.score') || format(' - %s + 1', named->>'lowest'),
		'promises', @extschema@.nps_fill($view$
			SELECT o.*, CASE WHEN o.delivered_at IS NOT NULL THEN @extschema@.nps_local_time(o.delivered_at, <<zone>>)::date > o.promised_for
				WHEN o.declined_at IS NOT NULL THEN @extschema@.nps_local_time(o.declined_at, <<zone>>)::date > o.promised_for
				ELSE @extschema@.nps_period(now(), <<zone>>, 'day') > o.promised_for END AS is_broken
			FROM <<concern>> o$view$, named));

	name := 'followup';
	definition := @extschema@.nps_fill('SELECT' || shown || $view$
		FROM (
			(SELECT <<columns>> FROM (<<graded>>) g
			ORDER BY priority, severity, next_due, revenue DESC NULLS LAST, case_id)
			UNION ALL
			(SELECT <<columns>>
			FROM <<ranks>> s
			CROSS JOIN LATERAL (
				SELECT b.*, s.rank AS priority, s.rank_severity AS severity, s.rank = 1 AS personal, 'new' AS status, false AS is_snoozed,
					<<latest_rule>> AS rule, NULL::bigint AS responses, b.score AS previous_score,
					NULL::date AS next_promise_due, NULL::bigint AS open_concerns, 0::bigint AS broken_promises
				FROM (<<cases_of_rank>>) b) g
			ORDER BY s.rank, s.rank_severity, next_due, revenue DESC NULLS LAST, case_id)
		) q$view$ || beside || $view$
		ORDER BY q.priority, q.severity, q.next_due, q.revenue DESC NULLS LAST, q.case_id
		$view$, named || jsonb_build_object('columns', (
				SELECT string_agg('g.' || c, ', ')
				FROM unnest(ARRAY['priority', 'severity', 'next_due', 'revenue', 'case_id', 'respondent', 'response_id', 'score', 'responses',
					'previous_score', 'status', 'is_snoozed', 'personal', 'rule', 'next_promise_due', 'open_concerns', 'broken_promises']) c)) || jsonb_build_object('graded', @extschema@.nps_fill(graded, named || jsonb_build_object('cases', named->'kept_cases'))));
	RETURN NEXT;

	/*
	 * The outcome is what the customer did next: left, or answered after the
	 * case was finished; or, without such an answer, after contact was made.
	 * As long as nobody made contact, an answer that makes the case worse or
	 * keeps it open is no outcome.
	 */
	name := 'followup_all';
	definition := @extschema@.nps_fill('SELECT' || shown || $view$,
			q.is_open,
			CASE WHEN q.left_at >= coalesce(q.opened_at, q.left_at) THEN 'churned'
				WHEN next_answer.score IS NOT NULL THEN CASE
					WHEN NOT coalesce(s.rule_follow_up[<<next_rule>>], false) THEN 'recovered'
					WHEN next_answer.score <> q.opening_score AND (next_answer.score > q.opening_score) <> <<is_reversed>> THEN 'improved'
					WHEN next_answer.score = q.opening_score THEN 'unchanged'
					ELSE 'worsened' END
				WHEN q.is_open OR coalesce(c.closed_at, q.opened_at) > now() - make_interval(days => s.follow_up_days) THEN 'pending'
				ELSE 'unknown' END AS outcome,
			CASE WHEN q.left_at >= coalesce(q.opened_at, q.left_at) THEN q.left_at ELSE next_answer.at END AS outcome_at,
			(@extschema@.nps_local_time(c.closed_at, <<zone>>) + make_interval(months => s.resurvey_months))::date AS resurvey_on,
			q.opened_at, q.opening_score,
			due.acknowledge_due, coalesce(least(c.acknowledged_at, c.contacted_at), until.at) > due.acknowledge_due AS acknowledged_late,
			due.contact_due, coalesce(c.contacted_at, until.at) > due.contact_due AS contacted_late,
			due.resolve_due, coalesce(c.resolved_at, until.at) > due.resolve_due AS resolved_late,
			due.inform_due, coalesce(c.informed_at, until.at) > due.inform_due AS informed_late,
			<<hours_to_acknowledge>>, <<hours_to_contact>>, <<hours_to_resolve>>, <<hours_to_inform>>, <<hours_to_close>>,
			-- what came after the window changes nothing
			NOT q.is_recorded AND NOT q.opted_out AND q.contactable IS NOT FALSE
				AND q.responded_at <= now() - make_interval(days => s.follow_up_days)
				AND NOT coalesce(least(q.next_at, q.left_at) < q.responded_at + make_interval(days => s.follow_up_days), false) AS is_expired,
			q.contactable IS NOT FALSE AND NOT coalesce(q.opted_out AND NOT q.is_recorded, false) AS is_contactable,
			q.promises, q.broken_promises, c.reopened_at, q.left_at AS churned_at, q.is_recorded, c.finished_at
		FROM (<<graded>>) q$view$ || beside || $view$
		-- the answer that tells the outcome
		CROSS JOIN LATERAL (
			SELECT CASE WHEN NOT q.is_open AND q.next_score IS NOT NULL THEN q.next_score
					WHEN q.responded_at > c.contacted_at
						OR c.contacted_at IS NULL AND NOT q.is_open AND NOT q.response_id <<response_id_equals>> q.case_id THEN q.score END AS score,
				CASE WHEN NOT q.is_open AND q.next_score IS NOT NULL THEN q.next_at
					WHEN q.responded_at > c.contacted_at
						OR c.contacted_at IS NULL AND NOT q.is_open AND NOT q.response_id <<response_id_equals>> q.case_id THEN q.responded_at END AS at) next_answer
		-- until when a step could have been made
		CROSS JOIN LATERAL (SELECT coalesce(c.finished_at, CASE WHEN NOT q.is_open AND NOT coalesce(s.rule_follow_up[<<next_rule>>], true) THEN next_answer.at END,
			least(q.left_at, now()), now()) AS at) until
		CROSS JOIN LATERAL (SELECT @extschema@.nps_due(q.opened_at, s.rule_acknowledge_hours[q.opening_rule], <<work_time>>) AS acknowledge_due,
			@extschema@.nps_due(q.opened_at, s.rule_contact_hours[q.opening_rule], <<work_time>>) AS contact_due,
			@extschema@.nps_due(q.opened_at, s.rule_resolve_hours[q.opening_rule], <<work_time>>) AS resolve_due,
			@extschema@.nps_due(c.resolved_at, s.inform_hours, <<work_time>>) AS inform_due) due
		$view$, named || jsonb_build_object('is_reversed', CASE WHEN named->>'scale' = quote_literal('ces5_reversed') THEN 'true' ELSE 'false' END,
			'graded', @extschema@.nps_fill(graded, named || jsonb_build_object('cases', named->'judged_cases')))
		|| (SELECT jsonb_object_agg('hours_to_' || step.name, @extschema@.nps_fill($sql$
			@extschema@.nps_hours_between(q.opened_at, <<column>>, <<zone>>, NULL, NULL, NULL, NULL) AS hours_to_<<step>>,
			@extschema@.nps_hours_between(q.opened_at, <<column>>, <<work_time>>) AS work_hours_to_<<step>>$sql$,
				named || jsonb_build_object('step', step.name, 'column', step."column")))
			FROM (VALUES ('acknowledge', 'least(c.acknowledged_at, c.contacted_at)'), ('contact', 'c.contacted_at'),
				('resolve', 'c.resolved_at'), ('inform', 'c.informed_at'), ('close', 'c.closed_at')) AS step(name, "column")));
	RETURN NEXT;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_followup_views(jsonb) IS 'part of nps_attach(): the definitions of followup and followup_all';
/* nps/sql/parts/85_closed_loop.sql */

CREATE FUNCTION @extschema@.nps_loop_views(named jsonb)
	RETURNS TABLE (name text, definition text)
	LANGUAGE plpgsql IMMUTABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The reports on follow-up: closed_loop, cause_report, cause_customer, timeline. */
DECLARE
	said text;					-- which answers name which cause
BEGIN
	/*
	 * Every case counts in the period in which it opened, whatever became of
	 * it: what is late and not done yet, and what nobody ever touched, is in
	 * every denominator.  Only what was dismissed was no case at all.  A step
	 * not made takes forever, so that a median over all cases is honest; it is
	 * NULL where more than half of them wait.
	 */
	name := 'closed_loop';
	definition := @extschema@.nps_fill($view$
		SELECT t.grain, t.period_start, (t.period_start + t.step - interval '1 day')::date AS period_end,
			t.period_start <= t.today AND t.today < t.period_start + t.step AS is_partial,
			t.segment, t.value,
			t.cases, t.contacted, t.contacted_in_time, t.overdue, t.expired, t.unreachable, t.dismissed, t.not_contactable,
			t.contacted::double precision / nullif(t.cases - t.dismissed, 0) AS coverage,
			t.acknowledged, t.acknowledged_in_time, t.resolved, t.resolved_in_time, t.informed_in_time, t.closed, t.reopened,
			nullif(t.median_hours_to_acknowledge, 'Infinity') AS median_hours_to_acknowledge,
			nullif(t.median_hours_to_contact, 'Infinity') AS median_hours_to_contact,
			nullif(t.median_hours_to_resolve, 'Infinity') AS median_hours_to_resolve,
			nullif(t.median_hours_to_close, 'Infinity') AS median_hours_to_close,
			nullif(t.median_work_hours_to_contact, 'Infinity') AS median_work_hours_to_contact,
			nullif(t.median_work_hours_to_resolve, 'Infinity') AS median_work_hours_to_resolve,
			t.promises, t.broken_promises,
			t.recovered, t.reanswered,
			t.recovered::double precision / nullif(t.cases - t.dismissed, 0) AS recovery_rate,
			t.recovered_contacted::double precision / nullif(t.contacted, 0) AS recovery_rate_contacted,
			t.recovered::double precision / nullif(t.reanswered, 0) AS recovery_rate_reanswered,
			t.churned, t.observed,
			t.churned_in_window::double precision / nullif(t.observed, 0) AS churn,
			t.churned_in_window_contacted::double precision / nullif(t.observed_contacted, 0) AS churn_contacted,
			(t.churned_in_window - t.churned_in_window_contacted)::double precision / nullif(t.observed - t.observed_contacted, 0)
				AS churn_not_contacted,
			s.assumed_churn,
			t.revenue_at_risk
		FROM (
			SELECT grain, step, period_start, segment, value, @extschema@.nps_period(now(), <<zone>>, 'day') AS today,
				count(*) FILTER (WHERE is_contactable) AS cases,
				count(*) FILTER (WHERE is_contactable AND contacted_at IS NOT NULL) AS contacted,
				count(*) FILTER (WHERE is_contactable AND contacted_at IS NOT NULL AND NOT coalesce(contacted_late, false)) AS contacted_in_time,
				count(*) FILTER (WHERE is_case AND contacted_late AND contacted_at IS NULL) AS overdue,
				count(*) FILTER (WHERE is_expired) AS expired,
				count(*) FILTER (WHERE is_contactable AND status = 'unreachable') AS unreachable,
				count(*) FILTER (WHERE is_contactable AND NOT is_case) AS dismissed,
				count(*) FILTER (WHERE NOT is_contactable) AS not_contactable,
				count(*) FILTER (WHERE is_contactable AND hours_to_acknowledge IS NOT NULL) AS acknowledged,
				count(*) FILTER (WHERE is_contactable AND hours_to_acknowledge IS NOT NULL AND NOT coalesce(acknowledged_late, false)) AS acknowledged_in_time,
				count(*) FILTER (WHERE is_contactable AND resolved_at IS NOT NULL) AS resolved,
				count(*) FILTER (WHERE is_contactable AND resolved_at IS NOT NULL AND NOT coalesce(resolved_late, false)) AS resolved_in_time,
				count(*) FILTER (WHERE is_contactable AND informed_at IS NOT NULL AND NOT coalesce(informed_late, false)) AS informed_in_time,
				count(*) FILTER (WHERE is_contactable AND status = 'closed') AS closed,
				count(*) FILTER (WHERE is_contactable AND reopened_at IS NOT NULL) AS reopened,
				<<medians>>
				coalesce(sum(promises) FILTER (WHERE is_contactable), 0)::bigint AS promises,
				coalesce(sum(broken_promises) FILTER (WHERE is_contactable), 0)::bigint AS broken_promises,
				count(*) FILTER (WHERE is_case AND outcome = 'recovered') AS recovered,
				count(*) FILTER (WHERE is_case AND outcome = 'recovered' AND contacted_at IS NOT NULL) AS recovered_contacted,
				count(*) FILTER (WHERE is_case AND outcome IN ('recovered', 'improved', 'unchanged', 'worsened')) AS reanswered,
				count(*) FILTER (WHERE is_case AND outcome = 'churned') AS churned,
				count(*) FILTER (WHERE is_case AND is_observed) AS observed,
				count(*) FILTER (WHERE is_case AND is_observed AND contacted_at IS NOT NULL) AS observed_contacted,
				count(*) FILTER (WHERE is_case AND is_observed AND left_in_window) AS churned_in_window,
				count(*) FILTER (WHERE is_case AND is_observed AND left_in_window AND contacted_at IS NOT NULL) AS churned_in_window_contacted,
				CASE WHEN count(*) FILTER (WHERE is_first_of_customer) = 0 THEN 0 ELSE sum(revenue_at_risk) FILTER (WHERE is_first_of_customer) END AS revenue_at_risk
			FROM (
				SELECT f.*, g.grain, g.step, v.segment, v.value, p.period_start,
					-- dismissed after the customer had left: the case was one
					f.is_contactable AND (f.status <> 'dismissed' OR coalesce(f.churned_at <= f.finished_at, false)) AS is_case,
					-- revenue is the account's, or else the respondent's: it counts once
					row_number() OVER (PARTITION BY g.grain, p.period_start, v.segment, v.value, f.is_open AND f.is_contactable,
						f.account, CASE WHEN f.account IS NULL THEN f.respondent END ORDER BY f.revenue_at_risk DESC NULLS LAST) = 1
						AND f.is_open AND f.is_contactable AS is_first_of_customer
				FROM (
					SELECT f.case_id, f.respondent, f.account, f.opened_at, f.opening_score, f.status, f.owner, f.team, f.cause, f.is_open,
						f.is_contactable, f.is_expired, f.outcome, f.acknowledged_at, f.contacted_at, f.resolved_at, f.informed_at, f.reopened_at,
						f.acknowledged_late, f.contacted_late, f.resolved_late, f.informed_late, f.promises, f.broken_promises, f.revenue_at_risk,
						f.hours_to_acknowledge, f.hours_to_contact, f.hours_to_resolve, f.hours_to_close,
						f.work_hours_to_contact, f.work_hours_to_resolve, f.churned_at, f.finished_at,
						<<knows_churn>> AND f.opened_at <= now() - make_interval(days => s.follow_up_days) AS is_observed,
						coalesce(f.churned_at < f.opened_at + make_interval(days => s.follow_up_days) AND f.churned_at >= f.opened_at, false) AS left_in_window
					FROM <<followup_all>> f CROSS JOIN (SELECT * FROM <<survey>> LIMIT 1) s
					UNION ALL
					-- nobody knows who they are: counted, and no work
					SELECT a.response_id, NULL, a.account, <<clock_a>>, a.<<score>>, 'new', NULL, NULL, NULL, false,
						false, false, 'unknown', NULL, NULL, NULL, NULL, NULL,
						NULL, NULL, NULL, NULL, 0, 0, NULL,
						NULL, NULL, NULL, NULL,
						NULL, NULL, NULL, NULL,
						false, false
					FROM <<answer>> a
					CROSS JOIN <<settings>> s
					WHERE <<valid_a>> AND a.respondent IS NULL AND s.rule_follow_up[<<whole_a>> - <<lowest>> + 1]
				) f
				CROSS JOIN (VALUES ('day', interval '1 day'), ('week', interval '1 week'), ('month', interval '1 month'),
					('quarter', interval '3 months'), ('year', interval '1 year')) AS g(grain, step)
				CROSS JOIN LATERAL (VALUES ('all', 'all'), ('owner', f.owner), ('team', f.team), ('cause', f.cause),
					('score', f.opening_score::text)) AS v(segment, value)
				CROSS JOIN LATERAL (SELECT @extschema@.nps_period(f.opened_at, <<zone>>, g.grain) AS period_start) p
			) cell
			GROUP BY grain, step, period_start, segment, value
		) t
		CROSS JOIN (SELECT * FROM <<survey>> LIMIT 1) s
		$view$, named || jsonb_build_object('medians', (
			SELECT string_agg(format('percentile_disc(0.5) WITHIN GROUP (ORDER BY coalesce(%1$s, ''Infinity'')) FILTER (WHERE is_case) AS median_%1$s,', h), E'\n\t\t\t\t' ORDER BY place)
			FROM unnest(ARRAY['hours_to_acknowledge', 'hours_to_contact', 'hours_to_resolve', 'hours_to_close',
				'work_hours_to_contact', 'work_hours_to_resolve']) WITH ORDINALITY AS u(h, place))));
	RETURN NEXT;

	/*
	 * What somebody set is the cause of a case; without that, it is what the
	 * comment suggests.  Promoters praise what others miss: their comments
	 * suggest nothing.
	 */
	said := @extschema@.nps_fill($view$
			SELECT k.cause, a.response_id, a.respondent, a.account, a.<<score>> AS score, a.responded_at, a.comment, a.revenue, a.churned_at,
				a.contactable, 'comment'::text AS named_in
			FROM (
				SELECT a.response_id, a.respondent, a.account, a.<<score>>, a.responded_at, a.comment, a.revenue, a.churned_at, a.contactable,
					<<words_a>> AS words
				FROM <<answer>> a
				WHERE <<valid_a>> AND <<has_comment_a>> AND @extschema@.nps_category(a.<<score>><<scale_argument>>) <> 'promoter'
				OFFSET 0
			) a
			JOIN <<cause>> k ON a.words @@ k.search
			WHERE NOT EXISTS (SELECT FROM <<followup_case>> c WHERE c.case_id <<response_id_equals>> a.response_id AND c.cause IS NOT NULL)
			UNION ALL
			SELECT c.cause, a.response_id, a.respondent, a.account, a.<<score>>, a.responded_at, a.comment, a.revenue, a.churned_at,
				a.contactable, 'case'
			FROM <<followup_case>> c
			JOIN <<answer>> a ON a.response_id <<response_id_equals>> c.case_id AND <<valid_a>>
			WHERE c.cause IS NOT NULL AND c.status <> 'dismissed'
			UNION ALL
			SELECT DISTINCT o.cause, a.response_id, a.respondent, a.account, a.<<score>>, a.responded_at, a.comment, a.revenue, a.churned_at,
				a.contactable, 'concern'
			FROM <<concern>> o
			JOIN <<answer>> a ON a.response_id <<response_id_equals>> o.case_id AND <<valid_a>>
			JOIN <<followup_case>> c ON c.case_id <<response_id_equals>> o.case_id
			WHERE o.cause IS NOT NULL AND o.cause IS DISTINCT FROM c.cause$view$, named
		|| jsonb_build_object('words_a', format('to_tsvector(%s, left(a.comment, 10000))', named->>'text_search')));

	name := 'cause_report';
	definition := @extschema@.nps_fill($view$
		SELECT k.cause, k.team, coalesce(t.respondents, 0) AS respondents,
			coalesce(t.respondents, 0) / nullif(w.respondents, 0)::double precision AS share,
			coalesce(t.recent_respondents, 0) / nullif(w.recent_respondents, 0)::double precision
				- coalesce(t.earlier_respondents, 0) / nullif(w.earlier_respondents, 0)::double precision AS change,
			@extschema@.nps_impact(t.tally, w.tally) AS impact,
			t.revenue, k.remedy, k.fixed_at,
			coalesce(t.before_fix, 0) / nullif(fix.before, 0)::double precision AS share_before_fix,
			coalesce(t.after_fix, 0) / nullif(fix.after, 0)::double precision AS share_after_fix,
			-- the share of those who name it is what an NPS of them against the others is made of
			(@extschema@.nps_compare(@extschema@.nps_counts(nullif(fix.before, 0) - coalesce(t.before_fix, 0), 0, coalesce(t.before_fix, 0)),
				@extschema@.nps_counts(nullif(fix.after, 0) - coalesce(t.after_fix, 0), 0, coalesce(t.after_fix, 0)))).p_value AS fix_p_value,
			coalesce(t.cases, 0) AS cases
		FROM <<cause>> k
		LEFT JOIN (
			SELECT n.cause, count(DISTINCT n.respondent) + count(*) FILTER (WHERE n.respondent IS NULL AND n.is_first) AS respondents,
				count(DISTINCT n.respondent) FILTER (WHERE n.is_recent) + count(*) FILTER (WHERE n.respondent IS NULL AND n.is_first AND n.is_recent) AS recent_respondents,
				count(DISTINCT n.respondent) FILTER (WHERE n.is_earlier) + count(*) FILTER (WHERE n.respondent IS NULL AND n.is_first AND n.is_earlier) AS earlier_respondents,
				@extschema@.nps_tally_agg(n.score<<scale_argument>>) FILTER (WHERE n.is_first) AS tally,
				count(*) FILTER (WHERE n.named_in = 'case') AS cases,
				count(*) FILTER (WHERE n.is_first AND n.responded_at < n.fixed_at) AS before_fix,
				count(*) FILTER (WHERE n.is_first AND n.responded_at >= n.fixed_at) AS after_fix,
				sum(n.revenue) FILTER (WHERE n.is_first_of_customer AND n.churned_at IS NULL) AS revenue
			FROM (
				SELECT said.*, k.fixed_at, <<spans>>,
					row_number() OVER (PARTITION BY said.cause, said.response_id ORDER BY said.named_in) = 1 AS is_first,
					row_number() OVER (PARTITION BY said.cause, said.account, CASE WHEN said.account IS NULL THEN said.respondent END,
						CASE WHEN said.account IS NULL AND said.respondent IS NULL THEN said.response_id END
						ORDER BY said.churned_at DESC NULLS FIRST, said.revenue DESC NULLS LAST) = 1 AS is_first_of_customer
				FROM (<<said>>) said
				JOIN <<cause>> k ON k.cause = said.cause
				CROSS JOIN (SELECT * FROM <<survey>> LIMIT 1) s
			) n
			GROUP BY n.cause
		) t ON t.cause = k.cause
		-- everybody who said something, whatever it was
		CROSS JOIN (
			SELECT @extschema@.nps_tally_agg(said.score<<scale_argument>>) AS tally,
				count(DISTINCT said.respondent) FILTER (WHERE said.spoke) + count(*) FILTER (WHERE said.respondent IS NULL AND said.spoke) AS respondents,
				count(DISTINCT said.respondent) FILTER (WHERE said.spoke AND <<is_recent>>)
					+ count(*) FILTER (WHERE said.respondent IS NULL AND said.spoke AND <<is_recent>>) AS recent_respondents,
				count(DISTINCT said.respondent) FILTER (WHERE said.spoke AND <<is_earlier>>)
					+ count(*) FILTER (WHERE said.respondent IS NULL AND said.spoke AND <<is_earlier>>) AS earlier_respondents
			FROM (
				SELECT a.*, <<spoke>> AS spoke
				FROM <<answer>> a WHERE <<valid_a>>
			) said
			CROSS JOIN (SELECT * FROM <<survey>> LIMIT 1) s
		) w
		LEFT JOIN LATERAL (
			SELECT count(*) FILTER (WHERE a.responded_at < k.fixed_at) AS before, count(*) FILTER (WHERE a.responded_at >= k.fixed_at) AS after
			FROM <<answer>> a WHERE <<valid_a>> AND k.fixed_at IS NOT NULL AND <<spoke>>
		) fix ON true
		ORDER BY coalesce(t.respondents, 0) DESC, k.cause
		$view$, named || jsonb_build_object('said', said,
			'is_recent', 'said.responded_at >= now() - make_interval(days => s.follow_up_days)',
			'is_earlier', 'said.responded_at >= now() - make_interval(days => 2 * s.follow_up_days) AND said.responded_at < now() - make_interval(days => s.follow_up_days)',
			'spans', 'said.responded_at >= now() - make_interval(days => s.follow_up_days) AS is_recent, '
				'said.responded_at >= now() - make_interval(days => 2 * s.follow_up_days) AND said.responded_at < now() - make_interval(days => s.follow_up_days) AS is_earlier',
			'spoke', @extschema@.nps_fill('(coalesce(<<has_comment_a>>, false) OR EXISTS (SELECT FROM <<followup_case>> c '
				'WHERE c.case_id <<response_id_equals>> a.response_id AND c.cause IS NOT NULL))', named)));
	RETURN NEXT;

	name := 'cause_customer';
	definition := @extschema@.nps_fill($view$
		SELECT n.cause, k.team, n.respondent, n.account, n.response_id, n.score, n.comment, n.responded_at, n.named_in, k.fixed_at,
			coalesce(d.told_at, n.concern_told_at) AS told_at, d.told_by, k.fixed_at IS NOT NULL AND coalesce(d.told_at, n.concern_told_at) IS NULL AS is_due
		FROM (
			SELECT said.*,
				row_number() OVER (PARTITION BY said.cause, said.respondent
					ORDER BY said.responded_at DESC NULLS LAST, said.response_id DESC, said.named_in) AS place,
				max((SELECT max(o.told_at) FROM <<concern>> o WHERE o.case_id <<response_id_equals>> said.response_id AND o.cause = said.cause))
					OVER (PARTITION BY said.cause, said.respondent) AS concern_told_at
			FROM (<<said>>) said
			WHERE said.respondent IS NOT NULL AND said.contactable IS NOT FALSE
				AND NOT EXISTS (SELECT FROM <<followup_case>> c
					WHERE c.respondent <<respondent_equals>> said.respondent AND c.dismiss_reason = 'opted_out')
		) n
		JOIN <<cause>> k ON k.cause = n.cause
		LEFT JOIN <<cause_told>> d ON d.cause = n.cause AND d.respondent <<respondent_equals>> n.respondent
		WHERE n.place = 1
		$view$, named || jsonb_build_object('said', said));
	RETURN NEXT;

	name := 'timeline';
	definition := @extschema@.nps_fill($view$
		SELECT a.respondent, a.account, a.responded_at AS at, 'answer'::text AS kind, NULL AS case_id, a.<<score>> AS score,
			a.comment AS text, NULL::text AS actor, a.response_id
		FROM <<answer>> a
		WHERE <<valid_a>> AND a.respondent IS NOT NULL
		UNION ALL
		SELECT c.respondent, a.account, coalesce(e.happened_at, e.at), k.kind, e.case_id, NULL,
			CASE WHEN k.shows_value THEN e.new_value END, e.actor, NULL
		FROM <<followup_event>> e
		JOIN <<followup_case>> c ON c.case_id <<response_id_equals>> e.case_id
		JOIN (VALUES ('acknowledged_at', 'acknowledged', false), ('asked_at', 'asked', false), ('attempted_at', 'attempt', false),
			('contacted_at', 'contact', false), ('resolved_at', 'resolved', false), ('informed_at', 'informed', false),
			('closed_at', 'closed', false), ('unreachable_at', 'unreachable', false), ('dismissed_at', 'dismissed', false),
			('reopened_at', 'reopened', false), ('owner', 'owner', true), ('cause', 'cause', true),
			('concern.concern', 'concern', true), ('concern.answer', 'concern answered', true), ('concern.promise', 'promise', true),
			('concern.delivered_at', 'delivered', false), ('concern.declined_at', 'declined', false)) AS k(changed, kind, shows_value)
			ON k.changed = e.changed
		LEFT JOIN <<answer>> a ON a.response_id <<response_id_equals>> e.case_id
		WHERE e.new_value IS NOT NULL
		UNION ALL
		-- a note stands with whatever was recorded with it
		SELECT c.respondent, a.account, coalesce(e.happened_at, e.at), 'note', e.case_id, NULL, e.note, e.actor, NULL
		FROM <<followup_event>> e
		JOIN <<followup_case>> c ON c.case_id <<response_id_equals>> e.case_id
		LEFT JOIN <<answer>> a ON a.response_id <<response_id_equals>> e.case_id
		WHERE e.note IS NOT NULL
		UNION ALL
		SELECT d.respondent, NULL, d.told_at, 'told', NULL, NULL, d.cause, d.told_by, NULL
		FROM <<cause_told>> d
		UNION ALL
		(SELECT DISTINCT ON (a.respondent) a.respondent, a.account, a.churned_at, 'churned', NULL, NULL, NULL, NULL, NULL
		FROM <<answer>> a
		WHERE <<valid_a>> AND a.respondent IS NOT NULL AND a.churned_at IS NOT NULL
		ORDER BY a.respondent, a.churned_at DESC)
		$view$, named);
	RETURN NEXT;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_loop_views(jsonb) IS 'part of nps_attach(): the definitions of the reports on follow-up';
/* nps/sql/parts/85_respondent.sql */

CREATE FUNCTION @extschema@.nps_respondent_views(named jsonb)
	RETURNS TABLE (name text, definition text)
	LANGUAGE plpgsql IMMUTABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The views about people: respondent, account, transition.  An unknown
 * respondent is a respondent of its own for each answer, and merges with nobody.
 */
DECLARE
	newest text;				-- the newest answer of each respondent, as a subquery
BEGIN
	/*
	 * The answers in the order of respondent and time, for which an index can
	 * stand in; an unknown respondent needs no order.
	 */
	newest := @extschema@.nps_fill($view$(
			-- DISTINCT ON, and not the first of row numbers: so the planner knows how many respondents there are
			(SELECT DISTINCT ON (respondent)
				respondent, account, response_id, score, @extschema@.nps_category(score<<scale_argument>>) AS category,
				responded_at, revenue, churned_at, previous_score,
				@extschema@.nps_category(previous_score<<scale_argument>>) AS previous_category, previous_at,
				responses, first_answer
			FROM (
				SELECT respondent, account, response_id, <<score_column>>, responded_at, revenue, churned_at,
					lead(<<score>>) OVER newest_first AS previous_score,
					lead(responded_at) OVER newest_first AS previous_at,
					count(*) OVER (PARTITION BY respondent) AS responses,
					min(responded_at) OVER (PARTITION BY respondent) AS first_answer
				FROM <<answer>>
				WHERE <<valid>> AND respondent IS NOT NULL
				WINDOW newest_first AS (PARTITION BY respondent ORDER BY responded_at DESC NULLS LAST, response_id DESC)
			) known
			ORDER BY respondent, responded_at DESC NULLS LAST, response_id DESC)
			UNION ALL
			SELECT respondent, account, response_id, <<score_column>>, @extschema@.nps_category(score<<scale_argument>>),
				responded_at, revenue, churned_at, NULL, NULL, NULL, 1, responded_at
			FROM <<answer>>
			WHERE <<valid>> AND respondent IS NULL
		) newest$view$, named);

	name := 'respondent';
	definition := @extschema@.nps_fill($view$
		SELECT newest.respondent, newest.account, newest.responses, newest.first_answer, newest.responded_at AS last_answer,
			newest.score AS last_score, newest.category AS last_category,
			newest.previous_score, newest.previous_category,
			newest.score::double precision - newest.previous_score::double precision AS change,
			f.case_id IS NOT NULL AS open_followup,
			CASE WHEN f.case_id IS NOT NULL THEN coalesce(c.status, 'new') END AS followup_status,
			f.case_id IS NOT NULL OR newest.category = 'detractor' AS handle_with_care,
			newest.revenue, newest.churned_at, f.case_id, c.owner AS followup_owner,
			contact.at AS last_contact, noted.last_note
		FROM <<newest>>
		LEFT JOIN (<<open_cases>>) f ON f.respondent <<respondent_equals>> newest.respondent
		LEFT JOIN <<followup_case>> c ON c.case_id <<response_id_equals>> f.case_id AND c.recorded
		-- of any case, also of those that are closed
		LEFT JOIN LATERAL (SELECT max(o.contacted_at) AS at FROM <<followup_case>> o WHERE o.respondent <<respondent_equals>> newest.respondent) contact ON true
		LEFT JOIN LATERAL (SELECT o.last_note FROM <<followup_case>> o WHERE o.respondent <<respondent_equals>> newest.respondent AND o.last_note IS NOT NULL
			ORDER BY o.last_note_at DESC LIMIT 1) noted ON true
		$view$, named || jsonb_build_object('newest', newest));
	RETURN NEXT;

	name := 'account';
	definition := @extschema@.nps_fill($view$
		SELECT a.account, coalesce(t.respondents, 0) AS respondents,
			m.responses, m.detractors, m.passives, m.promoters,
			m.detractor_share, m.passive_share, m.promoter_share,
			m.nps, m.nps_low, m.nps_high, m.mean_score,
			a.revenue,
			CASE WHEN m.detractors > 0 AND NOT a.churned THEN a.revenue ELSE 0 END AS revenue_at_risk,
			a.unanswered > 0 AND a.answers = 0 AS silent
		FROM (
			SELECT account,
				-- revenue is the account's and stands on each of its rows: it counts once
				max(revenue) AS revenue,
				bool_and(churned_at IS NOT NULL) AS churned,
				count(score) AS answers,
				count(*) FILTER (WHERE score IS NULL AND rejection = 'no answer') AS unanswered
			FROM <<answer>>
			WHERE account IS NOT NULL
			GROUP BY account
		) a
		LEFT JOIN (
			SELECT account, count(*) AS respondents, @extschema@.nps_tally_agg(score<<scale_argument>>) AS tally
			FROM <<newest>>
			WHERE account IS NOT NULL
			GROUP BY account
		) t ON t.account <<account_equals>> a.account
		CROSS JOIN LATERAL @extschema@.nps_summary(coalesce(t.tally, '{}')) m
		$view$, named || jsonb_build_object('newest', newest));
	RETURN NEXT;

	/*
	 * Where a respondent stood before, and where now: the last two answers, or
	 * the last one and having left, or an only answer that has no next one yet.
	 */
	name := 'transition';
	definition := @extschema@.nps_fill($view$
		SELECT from_category, to_category, count(*) AS respondents,
			count(*) / sum(count(*)) OVER (PARTITION BY from_category)::double precision AS share,
			percentile_cont(0.5) WITHIN GROUP (ORDER BY days) AS median_days,
			count(*) FILTER (WHERE followed_up) AS followed_up
		FROM (
			SELECT
				CASE WHEN churned_at IS NOT NULL OR previous_category IS NULL THEN category
					ELSE previous_category END AS from_category,
				CASE WHEN churned_at IS NOT NULL THEN 'churned'
					WHEN previous_category IS NULL THEN 'no answer yet'
					ELSE category END AS to_category,
				extract(epoch FROM
					CASE WHEN churned_at IS NOT NULL THEN @extschema@.nps_local_time(churned_at, <<zone>>) - <<local_time>>
						WHEN previous_category IS NOT NULL
							THEN <<local_time>> - @extschema@.nps_local_time(previous_at, <<zone>>) END)::double precision / 86400 AS days,
				-- somebody made contact between the two
				EXISTS (
					SELECT FROM <<followup_case>> c
					WHERE c.respondent <<respondent_equals>> newest.respondent
						AND c.contacted_at >= CASE WHEN churned_at IS NULL AND previous_category IS NOT NULL THEN previous_at ELSE newest.responded_at END
						AND c.contacted_at <= CASE WHEN churned_at IS NOT NULL THEN churned_at
							WHEN previous_category IS NOT NULL THEN newest.responded_at ELSE now() END) AS followed_up
			FROM <<newest>>
			-- who is unknown can never be seen to answer again
			WHERE respondent IS NOT NULL
		) t
		GROUP BY from_category, to_category
		$view$, named || jsonb_build_object('newest', newest));
	RETURN NEXT;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_respondent_views(jsonb) IS 'part of nps_attach(): the definitions of the views about people';
/* nps/sql/parts/86_survey.sql */

CREATE FUNCTION @extschema@.nps_is_scale(scale text)
	RETURNS boolean
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN EXISTS (SELECT FROM @extschema@.nps_scales() s WHERE s.scale OPERATOR(pg_catalog.=) $1);
COMMENT ON FUNCTION @extschema@.nps_is_scale(text) IS 'whether there is a scale of that name; the check on the table survey, by which nps_surveys() finds surveys';

CREATE FUNCTION @extschema@.nps_surveys(OUT survey text, OUT source regclass, OUT owner name)
	RETURNS SETOF record
	LANGUAGE sql STABLE STRICT ROWS 10
	BEGIN ATOMIC
	/* found by what they depend on, so that a renamed or restored survey is found too */
	SELECT n.nspname::text, @extschema@.nps_mapping_source(v.oid::pg_catalog.regclass), pg_catalog.pg_get_userbyid(c.relowner)
	FROM pg_catalog.pg_depend d
	JOIN pg_catalog.pg_constraint k ON k.oid OPERATOR(pg_catalog.=) d.objid
	JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) k.conrelid
	JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
	LEFT JOIN pg_catalog.pg_class v ON v.relnamespace OPERATOR(pg_catalog.=) n.oid
		AND v.relname OPERATOR(pg_catalog.=) 'answer'::pg_catalog.name
	WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_constraint'::pg_catalog.regclass
		AND d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass
		AND d.refobjid OPERATOR(pg_catalog.=) '@extschema@.nps_is_scale(text)'::pg_catalog.regprocedure
		AND c.relname OPERATOR(pg_catalog.=) 'survey'::pg_catalog.name
	ORDER BY 1;
	END;
COMMENT ON FUNCTION @extschema@.nps_surveys() IS 'the surveys in this database: schema, source (NULL if it was dropped), owner';

CREATE FUNCTION @extschema@.nps_is_survey_table(candidate regclass)
	RETURNS boolean
	LANGUAGE sql STABLE STRICT
	BEGIN ATOMIC
	/* as nps_attach() makes it: a plain table with these columns, on which nothing runs when it is read or written */
	SELECT c.relkind OPERATOR(pg_catalog.=) 'r' AND NOT c.relrowsecurity AND NOT c.relhasrules
		AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgrelid OPERATOR(pg_catalog.=) c.oid AND NOT t.tgisinternal)
		AND (SELECT pg_catalog.count(*) FROM pg_catalog.pg_attribute a
			JOIN (VALUES ('scale', 'text'::pg_catalog.regtype), ('time_zone', 'text'::pg_catalog.regtype),
				('goal', 'double precision'::pg_catalog.regtype), ('attached_with', 'text'::pg_catalog.regtype)) AS made(name, type)
				ON a.attname OPERATOR(pg_catalog.=) made.name::pg_catalog.name AND a.atttypid OPERATOR(pg_catalog.=) made.type
			WHERE a.attrelid OPERATOR(pg_catalog.=) c.oid AND NOT a.attisdropped) OPERATOR(pg_catalog.=) 4
	FROM pg_catalog.pg_class c WHERE c.oid OPERATOR(pg_catalog.=) candidate;
	END;
COMMENT ON FUNCTION @extschema@.nps_is_survey_table(regclass) IS 'whether it is the table survey of a survey, as nps_attach() makes it';

CREATE FUNCTION @extschema@.nps_survey_settings(survey text)
	RETURNS jsonb
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The settings of a survey, for functions that take it by the name of its
 * schema; NULL if the row was deleted.
 *
 * The table may be anybody's who named it so: only what nps_attach() makes is
 * read, of built-in types, so that nothing of theirs runs as the caller.
 */
DECLARE
	settings jsonb;
BEGIN
	IF NOT EXISTS (SELECT FROM @extschema@.nps_surveys() s WHERE s.survey = nps_survey_settings.survey)
		OR NOT @extschema@.nps_is_survey_table(format('%I.survey', survey)::regclass)
	THEN
		RAISE EXCEPTION USING ERRCODE = 'undefined_object',
			MESSAGE = format('there is no survey "%s"', survey),
			HINT = 'nps_surveys() lists the surveys of this database; nps_attach() makes one.';
	END IF;
	EXECUTE format('SELECT jsonb_build_object(''scale'', s.scale, ''time_zone'', s.time_zone, ''goal'', s.goal, '
		'''attached_with'', s.attached_with) FROM %I.survey s', survey) INTO settings;
	RETURN settings;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_survey_settings(text) IS 'the settings of a survey; an error if there is none of that name';

CREATE FUNCTION @extschema@.nps_create_tables(target text, scale text, text_search text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* What people edit: the settings of a survey, its rules of follow-up, causes, teams and holidays. */
BEGIN
	EXECUTE format($sql$
		CREATE TABLE %1$I.survey (
			only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
			scale text NOT NULL CHECK (@extschema@.nps_is_scale(scale)),
			time_zone text NOT NULL,
			goal double precision CHECK (goal BETWEEN -100 AND 100),
			benchmark double precision,
			benchmark_source text,
			follow_up_days integer NOT NULL DEFAULT 90 CHECK (follow_up_days BETWEEN 1 AND 10000),
			assumed_churn double precision DEFAULT 0.5 CHECK (assumed_churn BETWEEN 0 AND 1),
			assumed_churn_source text DEFAULT 'often quoted: half of the detractors leave within 90 days',
			resurvey_months integer NOT NULL DEFAULT 2 CHECK (resurvey_months BETWEEN 0 AND 1000),
			many_tickets integer NOT NULL DEFAULT 5,
			long_comment integer NOT NULL DEFAULT 200,
			attempts integer NOT NULL DEFAULT 3,
			inform_hours integer DEFAULT 48 CHECK (inform_hours BETWEEN 1 AND 100000),
			longest_promise_months integer NOT NULL DEFAULT 6 CHECK (longest_promise_months BETWEEN 0 AND 1000),
			work_days text CHECK (@extschema@.nps_is_work_days(work_days)),
			work_from time,
			work_until time,
			fallback_owner text,
			attached_with text NOT NULL,
			-- the views are made for them: attach anew to change them
			CONSTRAINT set_by_nps_attach CHECK (scale = attached_with::jsonb->>'scale' AND time_zone = attached_with::jsonb->>'time_zone'),
			CONSTRAINT working_time CHECK (num_nulls(work_days, work_from, work_until) IN (0, 3) AND work_from < work_until)
		);
		CREATE TABLE %1$I.playbook (
			score_from smallint NOT NULL,
			score_to smallint NOT NULL CHECK (score_to >= score_from),
			follow_up boolean NOT NULL,
			verdict text NOT NULL,
			cancel_risk text,
			severity smallint NOT NULL,
			personal boolean NOT NULL,
			channel text NOT NULL,
			steps text NOT NULL,
			acknowledge_hours integer CHECK (acknowledge_hours BETWEEN 1 AND 100000),
			contact_hours integer CHECK (contact_hours BETWEEN 1 AND 100000),
			resolve_hours integer CHECK (resolve_hours BETWEEN 1 AND 100000),
			inform_manager boolean NOT NULL,
			guidance text,
			owner text,
			PRIMARY KEY (score_from),
			CONSTRAINT one_rule_for_each_score EXCLUDE USING gist (int4range(score_from, score_to, '[]') WITH &&)
		);
		INSERT INTO %1$I.playbook SELECT * FROM @extschema@.nps_default_playbook(%2$L);
		CREATE TABLE %1$I.cause (
			cause text PRIMARY KEY CHECK (cause <> ''),
			query text,
			team text,
			remedy text,
			fixed_at timestamptz
		);
		INSERT INTO %1$I.cause (cause, query, team, remedy) SELECT * FROM @extschema@.nps_default_causes();
		CREATE TABLE %1$I.team_member (
			team text NOT NULL,
			person text NOT NULL,
			active boolean NOT NULL DEFAULT true,
			PRIMARY KEY (team, person)
		);
		CREATE TABLE %1$I.holiday (
			day date PRIMARY KEY,
			name text
		);
		CREATE TABLE %1$I.assumption (
			assumption text PRIMARY KEY,
			low double precision,
			high double precision,
			unit text NOT NULL,
			source text
		);
		INSERT INTO %1$I.assumption SELECT * FROM @extschema@.nps_default_assumptions();
		-- nobody analyses tables so small, and the planner would take them for big ones
		ANALYZE %1$I.playbook, %1$I.cause, %1$I.team_member, %1$I.holiday;
		$sql$, target, scale);
	PERFORM @extschema@.nps_set_text_search(target, text_search);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_create_tables(text, text, text) IS 'part of nps_attach(): makes the tables of a survey that hold its rules';

CREATE FUNCTION @extschema@.nps_set_text_search(target text, text_search text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The queries of the causes as the configuration understands them, parsed once and not for each comment. */
BEGIN
	IF EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = format('%I.cause', target)::regclass AND a.attname = 'search' AND NOT a.attisdropped) THEN
		EXECUTE format('ALTER TABLE %I.cause DROP COLUMN search', target);
	END IF;
	EXECUTE format('ALTER TABLE %I.cause ADD COLUMN search tsquery GENERATED ALWAYS AS (websearch_to_tsquery(%L::regconfig, query)) STORED',
		target, text_search);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_set_text_search(text, text) IS 'part of nps_attach(): the text search configuration of a survey''s causes';

CREATE FUNCTION @extschema@.nps_create_case_tables(target text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * What people enter: cases, their concerns and promises, and the history, which
 * writes itself.  The keys are of the types that the view answer has.
 */
DECLARE
	types jsonb;
BEGIN
	SELECT jsonb_object_agg(a.attname, format_type(a.atttypid, -1) ||
		CASE WHEN a.attcollation <> t.typcollation THEN (SELECT format(' COLLATE %s.%I', c.collnamespace::regnamespace, c.collname)
			FROM pg_collation c WHERE c.oid = a.attcollation) ELSE '' END)
	INTO types
	FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
	WHERE a.attrelid = format('%I.answer', target)::regclass AND a.attname IN ('response_id', 'respondent');

	EXECUTE format($sql$
		CREATE TABLE %1$I.followup_case (
			case_id %2$s PRIMARY KEY,
			respondent %3$s NOT NULL,
			opened_at timestamptz,
			status text NOT NULL DEFAULT 'new' CHECK (status IN ('new', 'contacted', 'resolved', 'closed', 'unreachable', 'dismissed')),
			owner text,
			team text,
			channel text,
			cause text REFERENCES %1$I.cause ON UPDATE CASCADE,
			plan text,
			desired_outcome text,
			dismiss_reason text CHECK (dismiss_reason IN ('misclick', 'duplicate', 'test', 'not_a_customer', 'opted_out')),
			snoozed_until timestamptz,
			acknowledged_at timestamptz,
			asked_at timestamptz,
			attempted_at timestamptz,
			attempts integer NOT NULL DEFAULT 0,
			contacted_at timestamptz,
			resolved_at timestamptz,
			informed_at timestamptz,
			closed_at timestamptz,
			unreachable_at timestamptz,
			dismissed_at timestamptz,
			reopened_at timestamptz,
			note text,
			actor text,
			last_note text,
			last_note_at timestamptz,
			last_actor text,
			leased_to text,
			leased_until timestamptz,
			recorded boolean NOT NULL DEFAULT true,
			taken boolean NOT NULL DEFAULT false,
			is_open boolean GENERATED ALWAYS AS (taken AND status IN ('new', 'contacted', 'resolved')) STORED,
			finished_at timestamptz GENERATED ALWAYS AS (
				CASE status WHEN 'closed' THEN closed_at WHEN 'unreachable' THEN unreachable_at WHEN 'dismissed' THEN dismissed_at END) STORED
		);
		CREATE UNIQUE INDEX one_open_case_of_a_respondent ON %1$I.followup_case (respondent) WHERE is_open;
		CREATE INDEX ON %1$I.followup_case (respondent);
		CREATE TABLE %1$I.followup_event (
			event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
			case_id %2$s NOT NULL,
			at timestamptz NOT NULL,
			actor text,
			db_role text NOT NULL,
			changed text NOT NULL,
			old_value text,
			new_value text,
			note text,
			happened_at timestamptz,
			concern_id bigint
		);
		CREATE INDEX ON %1$I.followup_event (case_id);
		CREATE TABLE %1$I.concern (
			concern_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
			case_id %2$s NOT NULL REFERENCES %1$I.followup_case,
			cause text REFERENCES %1$I.cause ON UPDATE CASCADE,
			concern text NOT NULL,
			answer text,
			promise text,
			team text,
			planned_for date,
			promised_for date,
			compensation text,
			raised_at timestamptz NOT NULL DEFAULT now(),
			delivered_at timestamptz,
			declined_at timestamptz,
			told_at timestamptz,
			is_open boolean GENERATED ALWAYS AS (delivered_at IS NULL AND declined_at IS NULL AND (answer IS NULL OR promise IS NOT NULL)) STORED,
			CONSTRAINT promise_has_a_date CHECK ((promise IS NULL) = (promised_for IS NULL)),
			CONSTRAINT planned_before_promised CHECK (planned_for <= promised_for),
			CONSTRAINT delivered_or_declined CHECK (delivered_at IS NULL OR declined_at IS NULL)
		);
		CREATE INDEX ON %1$I.concern (case_id);
		CREATE TABLE %1$I.cause_told (
			cause text NOT NULL REFERENCES %1$I.cause ON UPDATE CASCADE,
			respondent %3$s NOT NULL,
			told_at timestamptz NOT NULL,
			told_by text NOT NULL,
			PRIMARY KEY (cause, respondent)
		);
		ANALYZE %1$I.followup_case, %1$I.followup_event, %1$I.concern, %1$I.cause_told;
		$sql$, target, types->>'response_id', types->>'respondent');
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_create_case_tables(text) IS 'part of nps_attach(): makes the tables of a survey that hold cases and their history';

CREATE FUNCTION @extschema@.nps_create_triggers(target text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The rules of the tables of cases.  DROP EXTENSION ... CASCADE takes them and leaves the tables. */
BEGIN
	EXECUTE format($sql$
		CREATE OR REPLACE TRIGGER rules BEFORE INSERT OR UPDATE ON %1$I.followup_case FOR EACH ROW EXECUTE FUNCTION @extschema@.nps_case_rules();
		CREATE OR REPLACE TRIGGER history AFTER INSERT OR UPDATE ON %1$I.followup_case FOR EACH ROW EXECUTE FUNCTION @extschema@.nps_case_history();
		CREATE OR REPLACE TRIGGER keep BEFORE DELETE OR TRUNCATE ON %1$I.followup_case FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.nps_keep_case();
		CREATE OR REPLACE TRIGGER rules BEFORE INSERT OR UPDATE ON %1$I.concern FOR EACH ROW EXECUTE FUNCTION @extschema@.nps_concern_rules();
		CREATE OR REPLACE TRIGGER history AFTER INSERT OR UPDATE ON %1$I.concern FOR EACH ROW EXECUTE FUNCTION @extschema@.nps_case_history();
		CREATE OR REPLACE TRIGGER keep BEFORE DELETE OR TRUNCATE ON %1$I.concern FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.nps_keep_case();
		CREATE OR REPLACE TRIGGER keep BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON %1$I.followup_event
			FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.nps_keep_history();
		$sql$, target);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_create_triggers(text) IS 'part of nps_attach(): the triggers on the tables of cases';

CREATE FUNCTION @extschema@.nps_default_assumptions(OUT assumption text, OUT low double precision, OUT high double precision,
	OUT unit text, OUT source text)
	RETURNS SETOF record
	LANGUAGE sql IMMUTABLE STRICT ROWS 8
	BEGIN ATOMIC
	VALUES
	('winning a customer costs', 5::double precision, 25::double precision, 'times keeping one', 'often quoted in articles on customer retention; not measured here'),
	('customers who consider leaving after one bad service', 0.33, 0.33, 'share', 'quoted in articles on following up detractors; not measured here'),
	('unhappy customers who complain', 1 / 26.0, 1 / 26.0, 'share', 'often quoted: one in 26; not measured here'),
	('unhappy customers who do not come back', 0.91, 0.91, 'share', 'often quoted in articles on customer retention; not measured here'),
	('good experiences that offset one bad review', 40, 40, 'experiences', 'quoted in articles on customer reviews; not measured here'),
	('people who are told bad news', 16, 16, 'people', 'quoted in articles on word of mouth; not measured here'),
	('people who are told good news', 9, 9, 'people', 'quoted in articles on word of mouth; not measured here'),
	('recovering the cost of winning a customer', 11, 11, 'months', 'quoted for software subscriptions: 92 % of the first year''s contract value; not measured here');
	END;
COMMENT ON FUNCTION @extschema@.nps_default_assumptions() IS 'figures that are often quoted, which nps_attach() fills the table assumption with';
/* nps/sql/parts/87_build.sql */

CREATE FUNCTION @extschema@.nps_answer_view(source regclass, arguments jsonb,
	OUT definition text, OUT segment_names text[], OUT facts jsonb)
	RETURNS record
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The view answer, the mapping, out of the arguments of nps_attach(); and what
 * the definitions of the other views need to know of it.  Everything of ours in
 * the definition is qualified, as it will be read under the caller's search path.
 */
DECLARE
	scale_name CONSTANT text := arguments->>'scale';
	zone CONSTANT text := arguments->>'time_zone';
	path CONSTANT text := arguments->>'search_path';
	limits record;				-- of the scale
	argument record;
	mapping record;
	segment text;
	select_list text := '';
	row_filter text := '';
	-- the filter first: the planner may compute an expression of a row that it leaves out
	within_filter CONSTANT text := '(CASE WHEN %s THEN %s END)';
	whole_source boolean;		-- the scores of the source are whole numbers
BEGIN
	SELECT * INTO limits FROM @extschema@.nps_scales() s WHERE s.scale = scale_name;
	IF arguments ? 'filter' THEN
		SELECT * INTO mapping FROM @extschema@.nps_mapping(source, 'filter', arguments->>'filter', path, false);
		row_filter := @extschema@.nps_mapping_cast('filter', mapping.expression, mapping.type, 'boolean', zone);
	END IF;
	facts := '{}';
	FOR argument IN
		SELECT a.*, arguments->>a.name AS value FROM (VALUES
			(1, 'response_id', 'key', NULL),
			(2, 'respondent', 'key', 'text'),
			(3, 'account', 'key', 'text'),
			(4, 'responded_at', 'time', 'timestamptz'),
			(5, 'score', 'score', NULL),
			(6, 'comment', 'text', 'text'),
			(7, 'revenue', 'number', 'numeric'),
			(8, 'renewal_at', 'date', 'date'),
			(9, 'churned_at', 'time', 'timestamptz'),
			(10, 'contactable', 'boolean', 'bool'),
			(11, 'owner', 'text', 'text'),
			(12, 'open_tickets', 'whole number', 'int8')
		) AS a(place, name, wanted, type_if_absent)
		ORDER BY a.place
	LOOP
		IF argument.value IS NULL THEN
			select_list := select_list || format(E'\tNULL::pg_catalog.%I AS %I,\n', argument.type_if_absent, argument.name);
			CONTINUE;
		END IF;
		SELECT * INTO mapping FROM @extschema@.nps_mapping(source, argument.name, argument.value, path, false);
		IF row_filter <> '' AND mapping.name IS NULL THEN
			mapping.expression := format(within_filter, row_filter, mapping.expression);
		END IF;
		IF argument.wanted = 'key' THEN
			facts := facts || jsonb_build_object(argument.name || '_equals', @extschema@.nps_mapping_operator(mapping.type, 3),
				argument.name || '_greater', @extschema@.nps_mapping_operator(mapping.type, 5));
		END IF;
		IF argument.name <> 'score' THEN
			select_list := select_list || format(E'\t%s AS %I,\n',
				@extschema@.nps_mapping_cast(argument.name, mapping.expression, mapping.type, argument.wanted, zone), argument.name);
			CONTINUE;
		END IF;

		/*
		 * The score twice: as it stands in the source, and what is valid of
		 * it.  Whole numbers stay the source's own column behind a plain range
		 * of values, so that an index on it serves the reports.
		 */
		whole_source := mapping.type IN ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype);
		IF whole_source THEN
			-- a domain becomes its base type: no function over the domain can come before ours
			mapping.expression := format('%s::pg_catalog.%I', mapping.expression,
				(SELECT t.typname FROM pg_type t WHERE t.oid = mapping.type));
			select_list := select_list || format(
				E'\t%1$s AS raw_score,\n\tCASE WHEN %1$s OPERATOR(pg_catalog.>=) %2$s AND %1$s OPERATOR(pg_catalog.<=) %3$s THEN %1$s END AS score,\n'
				'\t@extschema@.nps_rejection(%1$s::pg_catalog.float8, %4$L) AS rejection,\n',
				mapping.expression, limits.min_score, limits.max_score, scale_name);
		ELSIF mapping.type IN ('text'::regtype, 'character varying'::regtype, 'character'::regtype,
				'numeric'::regtype, 'real'::regtype, 'double precision'::regtype) THEN
			select_list := select_list || format(
				E'\t%1$s AS raw_score,\n\t@extschema@.nps_valid_score(%1$s::pg_catalog.%2$I, %3$L)%4$s AS score,\n'
				'\t@extschema@.nps_rejection(%1$s::pg_catalog.%2$I, %3$L) AS rejection,\n',
				mapping.expression,
				CASE mapping.type
					WHEN 'numeric'::regtype THEN 'numeric'
					WHEN 'real'::regtype THEN 'float8'
					WHEN 'double precision'::regtype THEN 'float8'
					ELSE 'text' END,
				scale_name, CASE WHEN limits.whole_scores_only THEN '::pg_catalog.int2' ELSE '' END);
		ELSE
			RAISE EXCEPTION USING ERRCODE = 'datatype_mismatch',
				MESSAGE = format('argument "score" must be a number or text, not of type %s', mapping.type),
				HINT = 'Pass an expression that converts it, such as score => $$(answers->>''nps'')$$.';
		END IF;
	END LOOP;

	segment_names := '{}';
	FOR segment IN SELECT jsonb_array_elements_text(coalesce(arguments->'segments', '[]')) LOOP
		SELECT * INTO mapping FROM @extschema@.nps_mapping(source, 'segments', segment, path, true);
		IF row_filter <> '' AND mapping.name IS DISTINCT FROM segment THEN
			mapping.expression := format(within_filter, row_filter, mapping.expression);
		END IF;
		IF mapping.name IS NULL THEN
			RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
				MESSAGE = format('segment "%s" has no name', segment),
				HINT = format('Pass segments => ARRAY[$$%s AS name$$].', segment);
		END IF;
		IF mapping.name IN ('response_id', 'respondent', 'account', 'score', 'raw_score', 'rejection', 'category',
				'nps_points', 'responded_at', 'comment', 'has_comment', 'revenue', 'renewal_at', 'churned_at',
				'contactable', 'owner', 'open_tickets') THEN
			RAISE EXCEPTION USING ERRCODE = 'duplicate_column',
				MESSAGE = format('segment "%s" is named like a column of the survey''s views', mapping.name),
				HINT = format('Pass segments => ARRAY[$$%s AS other_name$$].', CASE mapping.name WHEN segment
					THEN quote_ident(segment) ELSE regexp_replace(mapping.expression, '^\(\n(.*)\n\)$', '\1') END);
		END IF;
		IF mapping.name = ANY (segment_names) THEN
			RAISE EXCEPTION USING ERRCODE = 'duplicate_column',
				MESSAGE = format('segment "%s" is named twice', mapping.name),
				HINT = 'Give each segment a name of its own with "expression AS name".';
		END IF;
		segment_names := segment_names || mapping.name;
		select_list := select_list || format(E'\t%s AS %I,\n', mapping.expression, mapping.name);
	END LOOP;

	definition := format(E'SELECT\n%s\nFROM %s%s', rtrim(select_list, E',\n'),
		(SELECT format('%s.%I', c.relnamespace::regnamespace, c.relname) FROM pg_class c WHERE c.oid = source),
		CASE WHEN row_filter <> '' THEN E'\nWHERE ' || row_filter ELSE '' END);

	facts := jsonb_build_object('respondent_equals', 'OPERATOR(pg_catalog.=)', 'account_equals', 'OPERATOR(pg_catalog.=)')
		|| facts || jsonb_build_object(
		'scale', quote_literal(scale_name),
		'scale_argument', CASE WHEN scale_name = 'nps' THEN '' ELSE format(', %L', scale_name) END,
		'min_score', limits.min_score, 'max_score', limits.max_score, 'whole', limits.whole_scores_only,
		'lowest', floor(limits.min_score), 'highest', floor(limits.max_score),
		'satisfaction', scale_name NOT IN ('nps', 'health'),
		'zone', quote_literal(zone),
		'has_comment', '@extschema@.nps_has_comment(comment)',
		'has_comment_a', '@extschema@.nps_has_comment(a.comment)',
		'local_time', format('@extschema@.nps_local_time(responded_at, %L)', zone),
		-- the score in the rows of answer that count, and which rows these are
		'score', CASE WHEN whole_source THEN 'raw_score' ELSE 'score' END,
		'score_column', CASE WHEN whole_source THEN 'raw_score AS score' ELSE 'score' END,
		'valid', CASE WHEN whole_source
			THEN format('raw_score BETWEEN %s AND %s', limits.min_score, limits.max_score)
			ELSE 'score IS NOT NULL' END,
		'valid_of', CASE WHEN whole_source
			THEN format('<alias>.raw_score BETWEEN %s AND %s', limits.min_score, limits.max_score)
			ELSE '<alias>.score IS NOT NULL' END,
		-- the whole number that a rule is found by, of an expression
		'whole_of', CASE WHEN limits.whole_scores_only THEN '%s' ELSE 'floor(%s)::integer' END,
		'dated', arguments ? 'responded_at',
		'knows_churn', arguments ? 'churned_at',
		'text_search', format('%L::regconfig', coalesce(arguments->>'text_search_config', 'pg_catalog.english')),
		'segment_list', (SELECT coalesce(string_agg(format('%I, ', n), '' ORDER BY place), '')
			FROM unnest(segment_names) WITH ORDINALITY AS s(n, place)));
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_answer_view(regclass, jsonb) IS 'part of nps_attach(): the definition of the view answer';

CREATE FUNCTION @extschema@.nps_fit_case_tables(target text, owner name)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The tables of cases, with keys of the types that the view answer has now. */
DECLARE
	misfit text;
	tells boolean := false;		-- nps_notify() was called
	made text;
	cases bigint;
BEGIN
	SELECT format('%s is of type %s now, and was %s', v.attname, format_type(v.atttypid, -1), format_type(t.atttypid, -1)) INTO misfit
	FROM pg_attribute v
	JOIN pg_attribute t ON t.attname = CASE v.attname WHEN 'response_id' THEN 'case_id' ELSE v.attname END
	WHERE v.attrelid = format('%I.answer', target)::regclass AND v.attname IN ('response_id', 'respondent')
		AND t.attrelid = to_regclass(format('%I.followup_case', target)) AND NOT t.attisdropped
		AND (v.atttypid, v.attcollation) IS DISTINCT FROM (t.atttypid, t.attcollation)
	ORDER BY v.attnum LIMIT 1;
	IF misfit IS NOT NULL THEN
		-- a view of somebody's would run their functions
		IF (SELECT c.relkind <> 'r' FROM pg_class c WHERE c.oid = format('%I.followup_case', target)::regclass) THEN
			RAISE EXCEPTION USING ERRCODE = 'wrong_object_type', MESSAGE = format('%I.followup_case is no table', target);
		END IF;
		EXECUTE format('SELECT count(*) FROM %I.followup_case WHERE recorded', target) INTO cases;
		IF cases > 0 THEN
			RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
				MESSAGE = format('survey "%s" has cases of another kind', target),
				DETAIL = format('%s.', misfit),
				HINT = format('Attach with an expression of the old type, or as a new survey with schema_name => another name. The %s cases stay.', cases);
		END IF;
		tells := EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = format('%I.followup_case', target)::regclass
			AND t.tgfoid = '@extschema@.nps_tell()'::regprocedure);
		PERFORM @extschema@.nps_tell_no_more(target);
		EXECUTE format('DROP TABLE %1$I.followup_case, %1$I.followup_event, %1$I.concern, %1$I.cause_told', target);
	END IF;
	IF to_regclass(format('%I.followup_case', target)) IS NULL THEN
		PERFORM @extschema@.nps_create_case_tables(target);
		FOREACH made IN ARRAY ARRAY['followup_case', 'followup_event', 'concern', 'cause_told'] LOOP
			EXECUTE format('ALTER TABLE %I.%I OWNER TO %I', target, made, owner);
		END LOOP;
		IF tells THEN
			PERFORM @extschema@.nps_notify(target);
		END IF;
	END IF;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_fit_case_tables(text, name) IS 'part of nps_attach(): makes the tables of cases, or makes them anew while they are empty';

CREATE FUNCTION @extschema@.nps_drop_policies(target text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Takes away what nps_create_policies() made, as it depends on the view answer. */
DECLARE
	statement text;
BEGIN
	FOR statement IN
		SELECT format('DROP POLICY %I ON %s', p.polname, p.polrelid::regclass)
		FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
		WHERE c.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = target) AND p.polname = 'as_the_answers'
	LOOP
		EXECUTE statement;
	END LOOP;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_drop_policies(text) IS 'part of nps_attach(): takes the policies of the tables of cases away';

CREATE FUNCTION @extschema@.nps_create_policies(target text, source regclass, facts jsonb)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * A reader who may not see an answer may not see its case either, nor what is
 * written about it.  Where no policy restricts the source to them, nothing is
 * looked up.
 */
DECLARE
	is_free CONSTANT text := CASE (SELECT c.relkind FROM pg_class c WHERE c.oid = source)
		WHEN 'v' THEN 'false' ELSE format('NOT row_security_active(%L::regclass)', source) END;
	protected record;
BEGIN
	FOR protected IN
		SELECT * FROM (VALUES
			('followup_case', 'ALL', 'case_id', 'response_id'),
			('followup_event', 'SELECT', 'case_id', 'response_id'),
			('concern', 'ALL', 'case_id', 'response_id'),
			('cause_told', 'ALL', 'respondent', 'respondent')) AS t(name, command, key, answer_key)
	LOOP
		EXECUTE format('ALTER TABLE %I.%I ENABLE ROW LEVEL SECURITY', target, protected.name);
		EXECUTE format('CREATE POLICY as_the_answers ON %1$I.%2$I FOR %3$s USING (%4$s OR EXISTS ('
			'SELECT FROM %1$I.answer a WHERE a.%6$I %7$s %2$I.%5$I))', target, protected.name, protected.command, is_free,
			protected.key, protected.answer_key, facts->>(protected.answer_key || '_equals'));
	END LOOP;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_create_policies(text, regclass, jsonb) IS 'part of nps_attach(): who may see which cases';

CREATE FUNCTION @extschema@.nps_survey_facts(target text, source regclass, arguments jsonb)
	RETURNS jsonb
	LANGUAGE sql STABLE STRICT
	BEGIN ATOMIC
	/* What the definitions of the views need to know: of the mapping, and the names of what they read. */
	SELECT a.facts
		OPERATOR(pg_catalog.||) pg_catalog.jsonb_build_object('answer_name', pg_catalog.quote_literal(pg_catalog.format('%I.answer', $1)))
		OPERATOR(pg_catalog.||) (
			SELECT pg_catalog.jsonb_object_agg(n, pg_catalog.format('%I.%I', $1, n))
			FROM pg_catalog.unnest(ARRAY['answer', 'response', 'followup', 'followup_all', 'survey', 'playbook', 'cause', 'team_member', 'holiday',
				'followup_case', 'followup_event', 'concern', 'cause_told']) n)
	FROM @extschema@.nps_answer_view($2, $3) a;
	END;
COMMENT ON FUNCTION @extschema@.nps_survey_facts(text, regclass, jsonb) IS 'part of nps_attach(): what the definitions of the views need to know';

CREATE FUNCTION @extschema@.nps_build_views(target text, source regclass, arguments jsonb)
	RETURNS void
	LANGUAGE plpgsql VOLATILE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * Makes or replaces all views of a survey.  A view whose columns changed is
 * dropped with the others and made again, with its grants; if somebody's own
 * view stands on it, that is an error and all stays as it was.
 */
DECLARE
	own_path CONSTANT text := current_setting('search_path');
	target_owner CONSTANT name := (SELECT pg_get_userbyid(n.nspowner) FROM pg_namespace n WHERE n.nspname = target);
	answer record;
	facts jsonb;
	case_facts jsonb;
	view record;
	search_expression text;		-- how the queries of the causes are parsed
	existing text[];			-- objects of the survey that are there already
	existing_views text[];
	grants text[];
	statement text;
	rollup regclass;
	reads_rollup boolean;		-- as the reports are now
	mapping_of_rollup text;
	keep_rollup boolean;		-- it is still what the mapping makes of the source
BEGIN
	PERFORM @extschema@.nps_lock_survey(target);
	rollup := to_regclass(format('%I.rollup', target));
	reads_rollup := @extschema@.nps_reads_rollup(target);
	mapping_of_rollup := @extschema@.nps_rollup_mapping(rollup);
	SELECT coalesce(array_agg(c.relname::text), '{}'), coalesce(array_agg(c.relname::text) FILTER (WHERE c.relkind = 'v'), '{}')
	INTO existing, existing_views
	FROM pg_class c
	WHERE c.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = target) AND c.relkind IN ('v', 'r')
		AND c.relname IN (SELECT o.object FROM @extschema@.nps_survey_comments() o);
	-- who may read what, in case a view must be dropped and made again
	SELECT array_agg(format('GRANT %s%s ON %I.%I TO %s%s', a.privilege_type,
			CASE WHEN g.attname IS NULL THEN '' ELSE format(' (%I)', g.attname) END, target, c.relname,
			CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END,
			CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END))
	INTO grants
	FROM pg_class c
	CROSS JOIN LATERAL (
		SELECT NULL::name AS attname, c.relacl AS acl
		UNION ALL
		SELECT t.attname, t.attacl FROM pg_attribute t WHERE t.attrelid = c.oid AND t.attacl IS NOT NULL
	) g
	CROSS JOIN LATERAL aclexplode(g.acl) a
	WHERE c.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = target) AND c.relname = ANY (existing)
		AND a.grantee <> c.relowner;

	SELECT * INTO answer FROM @extschema@.nps_answer_view(source, arguments);
	facts := @extschema@.nps_survey_facts(target, source, arguments);
	case_facts := @extschema@.nps_case_facts(facts);
	PERFORM @extschema@.nps_drop_policies(target);
	SELECT pg_get_expr(d.adbin, d.adrelid) INTO search_expression
	FROM pg_attribute a JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
	WHERE a.attrelid = format('%I.cause', target)::regclass AND a.attname = 'search';

	FOR attempt IN 1..2 LOOP
		BEGIN
			-- all views are made anew where causes are searched in another way
			IF search_expression IS DISTINCT FROM format('websearch_to_tsquery(%L::regconfig, query)',
				(coalesce(arguments->>'text_search_config', 'pg_catalog.english')::regconfig)::text)
			THEN
				IF attempt = 1 AND existing_views <> '{}' THEN
					RAISE invalid_table_definition;
				END IF;
				PERFORM @extschema@.nps_set_text_search(target, coalesce(arguments->>'text_search_config', 'pg_catalog.english'));
			END IF;
			-- the mapping; then what reads it, by way of the rollup if that is still the one of this mapping
			FOR part IN 1..2 LOOP
			IF part = 2 THEN
				keep_rollup := rollup IS NOT NULL
					AND @extschema@.nps_rollup_trouble(rollup) IS NULL AND @extschema@.nps_rollup_zone(rollup) = arguments->>'time_zone'
					AND @extschema@.nps_rollup_mapping(rollup) IS NOT DISTINCT FROM mapping_of_rollup
					AND @extschema@.nps_rollup_segments(target)::text[] = answer.segment_names;
				IF keep_rollup AND reads_rollup THEN
					facts := facts || jsonb_build_object('rollup', format('%I.rollup', target));
				END IF;
			END IF;
			FOR view IN
				SELECT 'answer' AS name, answer.definition AS definition WHERE part = 1
				UNION ALL SELECT v.* FROM @extschema@.nps_report_views(facts, answer.segment_names) v WHERE part = 2
				UNION ALL SELECT v.* FROM @extschema@.nps_followup_views(case_facts) v WHERE part = 2
				UNION ALL SELECT v.* FROM @extschema@.nps_respondent_views(case_facts) v WHERE part = 2
				UNION ALL SELECT v.* FROM @extschema@.nps_loop_views(case_facts) v WHERE part = 2
			LOOP
				IF view.name = 'answer' THEN
					PERFORM set_config('search_path', arguments->>'search_path', true);
				END IF;
				EXECUTE pg_catalog.format('CREATE OR REPLACE VIEW %I.%I WITH (security_invoker = true) AS %s',
					target, view.name, view.definition);
				PERFORM pg_catalog.set_config('search_path', own_path, true);
				IF view.name = 'answer' AND EXISTS (
					SELECT FROM pg_rewrite w
					JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
					LEFT JOIN pg_type t ON d.refclassid = 'pg_type'::regclass AND t.oid = d.refobjid
					LEFT JOIN pg_proc p ON d.refclassid = 'pg_proc'::regclass AND p.oid = d.refobjid
					WHERE w.ev_class = format('%I.answer', target)::regclass
						AND pg_my_temp_schema() IN (t.typnamespace, p.pronamespace))
				THEN
					RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
						MESSAGE = 'the mapping uses a temporary type or function',
						HINT = 'A survey stays; use types and functions that stay.';
				END IF;
				-- whoever acts for the owner of the survey: what they make is the survey's
				EXECUTE format('ALTER VIEW %I.%I OWNER TO %I', target, view.name, target_owner);
				IF view.name = 'answer' THEN
					PERFORM @extschema@.nps_fit_case_tables(target, target_owner);
				ELSIF view.name IN ('followup', 'followup_all', 'cause_customer') THEN
					EXECUTE format('CREATE OR REPLACE TRIGGER record INSTEAD OF INSERT OR UPDATE OR DELETE ON %I.%I '
						'FOR EACH ROW EXECUTE FUNCTION @extschema@.%I()', target, view.name,
						CASE view.name WHEN 'cause_customer' THEN 'nps_record_told' ELSE 'nps_record_followup' END);
					EXECUTE format('CREATE OR REPLACE TRIGGER columns BEFORE UPDATE ON %I.%I '
						'FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.nps_followup_columns()', target, view.name);
				END IF;
			END LOOP;
			END LOOP;
			EXIT;
		EXCEPTION WHEN invalid_table_definition THEN
			IF attempt = 2 THEN
				RAISE;
			END IF;
		END;

		-- a column went or changed its type
		BEGIN
			EXECUTE 'DROP VIEW ' || (SELECT string_agg(format('%I.%I', target, n), ', ') FROM unnest(existing_views) n);
		EXCEPTION WHEN dependent_objects_still_exist THEN
			RAISE EXCEPTION USING ERRCODE = 'dependent_objects_still_exist',
				MESSAGE = format('the views of survey "%s" change their columns, but other objects depend on them', target),
				DETAIL = coalesce((SELECT string_agg(DISTINCT format('%s depends on %s.', pg_describe_object('pg_class'::regclass, w.ev_class, 0),
						d.refobjid::regclass), E'\n')
					FROM pg_depend d JOIN pg_rewrite w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid
					JOIN pg_class own ON own.oid = d.refobjid JOIN pg_class other ON other.oid = w.ev_class
					WHERE d.refclassid = 'pg_class'::regclass AND own.relkind = 'v'
						AND own.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = target)
						AND other.relnamespace <> own.relnamespace), 'They are in the schema of the survey, or are functions.'),
				HINT = 'Drop these first, and make them again afterwards.';
		END;
	END LOOP;

	IF rollup IS NOT NULL AND NOT keep_rollup THEN
		PERFORM @extschema@.nps_drop_rollup(target);
		RAISE WARNING USING
			MESSAGE = format('survey "%s" is no longer materialized', target),
			DETAIL = 'Its rollup was made of another mapping, source or time zone, or was not kept; the reports read the source.',
			HINT = format('CALL nps_materialize(%L) makes it anew.', target);
	END IF;
	FOREACH statement IN ARRAY coalesce(grants, '{}') LOOP
		-- a column with a grant of its own may be gone, and so may the rollup
		BEGIN
			EXECUTE statement;
		EXCEPTION WHEN undefined_column OR undefined_table THEN
			NULL;
		END;
	END LOOP;
	-- a new view, or one that went with its source: for those who may read the settings
	FOR statement IN
		SELECT format('GRANT SELECT ON %I.%I TO %s', target, v.relname,
			CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END)
		FROM pg_class v
		JOIN pg_class t ON t.relnamespace = v.relnamespace AND t.relname = 'survey'
		CROSS JOIN LATERAL aclexplode(t.relacl) a
		WHERE v.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = target) AND v.relkind IN ('v', 'r')
			AND v.relname <> ALL (existing) AND v.relname IN (SELECT o.object FROM @extschema@.nps_survey_comments() o)
			AND a.privilege_type = 'SELECT' AND a.grantee <> t.relowner
	LOOP
		EXECUTE statement;
	END LOOP;
	-- who records cases records them through the views
	FOR statement IN
		SELECT format('GRANT UPDATE ON %I.%I TO %s', target, v.relname, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END)
		FROM pg_class v
		JOIN pg_class t ON t.relnamespace = v.relnamespace AND t.relname = 'followup_case'
		CROSS JOIN LATERAL aclexplode(t.relacl) a
		WHERE v.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = target)
			AND v.relname IN ('followup', 'followup_all', 'cause_customer') AND v.relname <> ALL (existing)
			AND a.privilege_type = 'UPDATE' AND a.grantee <> t.relowner
	LOOP
		EXECUTE statement;
	END LOOP;
	PERFORM @extschema@.nps_create_triggers(target);
	PERFORM @extschema@.nps_create_policies(target, source, answer.facts);
	PERFORM @extschema@.nps_describe_survey(target, answer.segment_names);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_build_views(text, regclass, jsonb) IS 'part of nps_attach(): makes or replaces the views of a survey';
/* nps/sql/parts/88_describe.sql */

CREATE FUNCTION @extschema@.nps_survey_comments(OUT object text, OUT "column" text, OUT comment text)
	RETURNS SETOF record
	LANGUAGE sql IMMUTABLE STRICT ROWS 300
	BEGIN ATOMIC
	VALUES
	('summary', NULL, 'the whole survey in one row'),
	('trend', NULL, 'the survey by day, week, month, quarter and year; filter to one grain'),
	('segment', NULL, 'the survey by the values of each segment, and what each of them does to the whole'),
	('segment_trend', NULL, 'the segments by period, and which of them moved the whole; filter to one grain and segment'),
	('distribution', NULL, 'how many answers there are of each score'),
	('followup', NULL, 'the work: customers to be contacted, first things first; UPDATE it to record what was done'),
	('followup_all', NULL, 'every case there ever was, with its clocks and its outcome; can be updated as followup'),
	('closed_loop', NULL, 'what follow-up achieved, by period in which the case opened; filter to one grain and segment'),
	('cause_report', NULL, 'causes by how many customers name them, and what fixing them did'),
	('cause_customer', NULL, 'who named which cause, and who was told that it is fixed; UPDATE told_at'),
	('timeline', NULL, 'everything that happened to a respondent; filter to one and order by at'),
	('respondent', NULL, 'one row for each respondent: the newest answer, and the one before'),
	('account', NULL, 'one row for each account: the newest answer of each of its respondents'),
	('transition', NULL, 'how many respondents went from which category to which'),
	('response', NULL, 'one row for each answer that counts'),
	('not_counted', NULL, 'one row for each row of the source that does not count, and why'),
	('answer', NULL, 'the mapping: one row for each row of the source, with the survey''s column names'),
	('playbook', NULL, 'the rules of follow-up by score; edit them'),
	('cause', NULL, 'causes of dissatisfaction, words that suggest them, the team they belong to; edit them'),
	('team_member', NULL, 'people who take turns in a team; fill it in'),
	('holiday', NULL, 'days on which nobody works; fill it in'),
	('assumption', NULL, 'figures that are often quoted, with where they come from; edit them'),
	('followup_case', NULL, 'what was recorded of each case; UPDATE the view followup instead'),
	('concern', NULL, 'concerns and promises of a case; INSERT and UPDATE them'),
	('followup_event', NULL, 'the history of all cases; writes itself'),
	('cause_told', NULL, 'who was told that a cause is fixed; UPDATE the view cause_customer instead'),
	('rollup', NULL, 'counts by day and segments, which the reports read and the source''s triggers write; made by nps_materialize(), do not edit'),
	('survey', NULL, 'the settings of the survey in one row; edit goal, benchmark and those of follow-up, but not how it is attached'),

	-- columns of that name, wherever they are
	(NULL, 'response_id', 'names the response, as in the source'),
	(NULL, 'respondent', 'who answered; NULL if unknown'),
	(NULL, 'account', 'customer that the respondent belongs to'),
	(NULL, 'responded_at', 'when the answer was given'),
	(NULL, 'raw_score', 'the score as it stands in the source'),
	(NULL, 'score', 'the score, valid on the survey''s scale'),
	(NULL, 'rejection', 'why the row does not count: no answer, not a number, not whole or out of range; NULL if it counts'),
	(NULL, 'reason', 'why the row does not count: no answer, not a number, not whole or out of range'),
	(NULL, 'category', 'detractor, passive or promoter'),
	(NULL, 'nps_points', '-100 for a detractor, 0 for a passive, 100 for a promoter: their average is the NPS'),
	(NULL, 'comment', 'what the respondent wrote'),
	(NULL, 'has_comment', 'whether there is a comment to read'),
	(NULL, 'revenue', 'revenue of the customer, as mapped'),
	(NULL, 'renewal_at', 'when the customer''s contract is up for renewal'),
	(NULL, 'churned_at', 'when the customer left; NULL if not'),
	(NULL, 'contactable', 'whether the customer may be contacted; NULL counts as yes'),
	(NULL, 'owner', 'who is responsible'),
	(NULL, 'open_tickets', 'open support tickets of the customer'),
	(NULL, 'responses', 'answers that count'),
	(NULL, 'detractors', 'answers that are detractors'),
	(NULL, 'passives', 'answers that are passives'),
	(NULL, 'promoters', 'answers that are promoters'),
	(NULL, 'detractor_share', 'detractors / responses, 0 to 1'),
	(NULL, 'passive_share', 'passives / responses, 0 to 1'),
	(NULL, 'promoter_share', 'promoters / responses, 0 to 1; on a satisfaction scale the share of satisfied customers'),
	(NULL, 'nps', 'Net Promoter Score in points, -100 to 100; NULL without answers'),
	(NULL, 'nps_low', 'lower end of the 95 % interval of nps'),
	(NULL, 'nps_high', 'upper end of the 95 % interval of nps'),
	(NULL, 'mean_score', 'mean answer on its own scale'),
	(NULL, 'unanswered', 'rows without an answer'),
	(NULL, 'rejected', 'rows with a score that does not count; see not_counted'),
	(NULL, 'response_rate', 'responses / all rows, 0 to 1; NULL if the source holds no unanswered rows'),
	(NULL, 'comment_share', 'share of responses with a comment, 0 to 1'),
	(NULL, 'goal', 'the NPS to reach, in points'),
	(NULL, 'gap', 'nps - goal, in points'),
	(NULL, 'benchmark', 'an NPS to compare with, in points; an assumption, see benchmark_source'),
	(NULL, 'benchmark_source', 'where the benchmark comes from'),
	(NULL, 'first_answer', 'date of the first answer, in the survey''s time zone'),
	(NULL, 'last_answer', 'date of the last answer, in the survey''s time zone'),
	(NULL, 'warning', 'what may be wrong with the survey; NULL if nothing was noticed'),
	(NULL, 'share', 'responses / all answers that count, 0 to 1'),
	(NULL, 'grain', 'length of the period: day, week (ISO, from Monday), month, quarter or year; filter to one'),
	(NULL, 'period_start', 'first day, in the survey''s time zone; NULL for answers without a date'),
	(NULL, 'period_end', 'last day'),
	(NULL, 'is_partial', 'whether the period is still running'),
	(NULL, 'change', 'nps - nps of the period before that has answers, in points'),
	(NULL, 'change_low', 'lower end of the 95 % interval of the change'),
	(NULL, 'change_high', 'upper end of the 95 % interval of the change'),
	(NULL, 'change_p_value', 'probability of such a change by chance alone'),
	(NULL, 'segment', 'name of the segment'),
	(NULL, 'value', 'value of the segment'),
	(NULL, 'contribution', 'how far the value pulls the NPS of all up or down, in points; sums to 0 over a segment'),
	(NULL, 'impact', 'what the NPS of all would lose without the value, in points; NULL if it is all'),
	(NULL, 'difference', 'nps - nps of all other values, in points'),
	(NULL, 'difference_low', 'lower end of the 95 % interval of the difference'),
	(NULL, 'difference_high', 'upper end of the 95 % interval of the difference'),
	(NULL, 'difference_p_value', 'probability of such a difference by chance alone'),
	(NULL, 'rate_effect', 'part of the change of all that comes from the value''s own score, in points'),
	(NULL, 'mix_effect', 'part of the change of all that comes from the value''s share, in points; both effects of all values sum to the change'),
	(NULL, 'respondents', 'how many respondents'),

	('summary', 'satisfied_share', 'share of satisfied customers (CSAT or CES percentage), 0 to 1: that of the promoters'),
	('summary', 'satisfied_low', 'lower end of its 95 % interval'),
	('summary', 'satisfied_high', 'upper end of its 95 % interval'),

	('segment', 'share', 'responses / responses of all values, 0 to 1'),
	('segment_trend', 'share', 'responses / responses of all values in the period, 0 to 1'),
	('segment_trend', 'period_start', 'first day, in the survey''s time zone; NULL for answers without a date'),
	('respondent', 'responses', 'answers of this respondent'),
	('respondent', 'first_answer', 'when the first answer was given'),
	('respondent', 'last_answer', 'when the newest answer was given'),
	('respondent', 'last_score', 'the newest score'),
	('respondent', 'last_category', 'category of the newest score'),
	('respondent', 'previous_score', 'the score before the newest one'),
	('respondent', 'previous_category', 'category of the score before the newest one'),
	('respondent', 'change', 'last_score - previous_score'),
	('respondent', 'open_followup', 'whether there is an open case'),
	('respondent', 'followup_status', 'where the open case stands'),
	('respondent', 'handle_with_care', 'whether the newest answer is a detractor''s or a case is open'),
	('account', 'respondents', 'respondents who answered'),
	('account', 'responses', 'newest answers, one for each respondent'),
	('account', 'revenue', 'revenue of the account, counted once'),
	('account', 'revenue_at_risk', 'revenue of an account with a detractor that has not left; else 0'),
	('account', 'silent', 'whether the account was asked and never answered'),
	('transition', 'from_category', 'category of the answer before, or of the only or last one'),
	('transition', 'to_category', 'category of the newest answer, or churned, or no answer yet'),
	('transition', 'share', 'share of the respondents with that from_category, 0 to 1'),
	('transition', 'median_days', 'median of the days between the two'),

	('distribution', 'score', 'each score of the scale, also those that nobody gave; on the health scale the band'),

	(NULL, 'case_id', 'names the case: the response that opened it'),
	(NULL, 'status', 'where the case stands: new, contacted, resolved, closed, unreachable or dismissed'),
	(NULL, 'opened_at', 'when the answer was given that opened the case: all clocks start there'),
	(NULL, 'priority', '1 personal contact is due or late, 2 something else is late, 3 open, 4 snoozed'),
	(NULL, 'overdue', 'whether the next step is late'),
	(NULL, 'next_step', 'what to do next'),
	(NULL, 'next_due', 'until when'),
	(NULL, 'priority_reason', 'why it has this priority'),
	(NULL, 'verdict', 'what the score means'),
	(NULL, 'previous_score', 'the score before the newest one'),
	(NULL, 'cause', 'why the customer is dissatisfied, as somebody established'),
	(NULL, 'cause_suggested', 'causes that the comment suggests, separated by →'),
	(NULL, 'team', 'the team that the case belongs to: as recorded, or that of its cause'),
	(NULL, 'channel', 'how contact was made, or is to be made'),
	(NULL, 'steps', 'what to do, in order, separated by →; compensate only where a promise was broken'),
	(NULL, 'overdue_hours', 'hours since the next step was due; NULL if it is not late'),
	(NULL, 'acknowledged_at', 'when the answer was acknowledged, which may be automatic'),
	(NULL, 'asked_at', 'when the customer was asked for the reason, which may be automatic'),
	(NULL, 'attempted_at', 'last attempt to make contact; setting it counts one more'),
	(NULL, 'attempts', 'how many attempts to make contact there were'),
	(NULL, 'contacted_at', 'when a person made contact'),
	(NULL, 'resolved_at', 'when every concern was answered, delivered or declined'),
	(NULL, 'informed_at', 'when the customer was told what was done'),
	(NULL, 'closed_at', 'when the loop was closed'),
	(NULL, 'unreachable_at', 'when the attempts were given up'),
	(NULL, 'dismissed_at', 'when it turned out to be no case'),
	(NULL, 'reopened_at', 'when the case was last reopened'),
	(NULL, 'finished_at', 'when the case was closed, given up or dismissed; NULL while it is open'),
	(NULL, 'is_open', 'whether there is something left to do'),
	(NULL, 'open_concerns', 'concerns without an answer, and promises not kept yet'),
	(NULL, 'next_promise_due', 'date of the next promise to keep'),
	(NULL, 'snoozed_until', 'until when the case rests; it stays on the list, at its end'),
	(NULL, 'save_by', 'until when the customer can be kept: end of the follow-up window, or the renewal date if earlier'),
	(NULL, 'revenue_at_risk', 'revenue of the customer unless lost; an account with several cases shows it in each, closed_loop and account count it once'),
	(NULL, 'guidance', 'advice for whoever makes contact'),
	(NULL, 'plan', 'what is going to be done'),
	(NULL, 'desired_outcome', 'what would make the customer happy'),
	(NULL, 'dismiss_reason', 'why it is no case: misclick, duplicate, test, not_a_customer or opted_out'),
	(NULL, 'last_note', 'the last note'),
	(NULL, 'last_note_at', 'when the last note was written'),
	(NULL, 'last_actor', 'who changed the case last'),
	(NULL, 'note', 'to be set: a note on what is recorded with it'),
	(NULL, 'actor', 'to be set: who did it; without, the setting nps.actor or the current role'),
	(NULL, 'leased_to', 'program that the case is handed out to'),
	(NULL, 'leased_until', 'until when it is'),
	(NULL, 'recorded', 'whether anything but a lease is recorded'),
	(NULL, 'taken', 'whether somebody took the case on: then it stays open until it is closed, whatever the customer answers'),
	(NULL, 'outcome', 'what became of the customer: pending, recovered, improved, unchanged, worsened, churned or unknown'),
	(NULL, 'outcome_at', 'when that turned out'),
	(NULL, 'resurvey_on', 'date to ask the customer again'),
	(NULL, 'opening_score', 'score of the answer that opened the case'),
	(NULL, 'acknowledge_due', 'until when to acknowledge'),
	(NULL, 'contact_due', 'until when to make contact'),
	(NULL, 'resolve_due', 'until when to resolve'),
	(NULL, 'inform_due', 'until when to tell the customer, from when it was resolved'),
	(NULL, 'acknowledged_late', 'whether that was late, or is by now'),
	(NULL, 'contacted_late', 'whether that was late, or is by now'),
	(NULL, 'resolved_late', 'whether that was late, or is by now'),
	(NULL, 'informed_late', 'whether that was late, or is by now'),
	(NULL, 'hours_to_acknowledge', 'hours from the answer until it was acknowledged'),
	(NULL, 'hours_to_contact', 'hours from the answer until contact was made'),
	(NULL, 'hours_to_resolve', 'hours from the answer until it was resolved'),
	(NULL, 'hours_to_inform', 'hours from the answer until the customer was told'),
	(NULL, 'hours_to_close', 'hours from the answer until the loop was closed'),
	(NULL, 'work_hours_to_acknowledge', 'the same in working hours'),
	(NULL, 'work_hours_to_contact', 'the same in working hours'),
	(NULL, 'work_hours_to_resolve', 'the same in working hours'),
	(NULL, 'work_hours_to_inform', 'the same in working hours'),
	(NULL, 'work_hours_to_close', 'the same in working hours'),
	(NULL, 'is_expired', 'whether the follow-up window ended and nobody had taken the case on; what comes later changes nothing'),
	(NULL, 'is_contactable', 'whether the customer may be contacted'),
	(NULL, 'promises', 'promises given'),
	(NULL, 'broken_promises', 'promises not kept by their date, whatever happened later'),
	(NULL, 'is_recorded', 'whether somebody took the case on'),

	('followup', 'score', 'the newest score of the respondent'),
	('followup', 'comment', 'the comment of the newest answer'),
	('followup', 'response_id', 'the newest response of the respondent'),
	('followup', 'responded_at', 'when the newest answer was given'),
	('followup', 'responses', 'answers of this respondent'),
	('followup_all', 'score', 'the newest score of the case'),
	('followup_all', 'comment', 'the comment of the newest answer of the case'),
	('followup_all', 'response_id', 'the newest response of the case'),
	('followup_all', 'responded_at', 'when the newest answer of the case was given'),
	('followup_all', 'responses', 'answers of this respondent'),

	('closed_loop', 'segment', 'all, owner, team, cause or score; filter to one'),
	('closed_loop', 'period_start', 'first day of the period in which the case opened; NULL without a date'),
	('closed_loop', 'cases', 'cases of customers who may be contacted'),
	('closed_loop', 'contacted', 'cases in which a person made contact'),
	('closed_loop', 'contacted_in_time', 'of these in time'),
	('closed_loop', 'overdue', 'cases without contact whose time for it is over, open or not'),
	('closed_loop', 'expired', 'cases whose follow-up window ended and that nobody had taken on'),
	('closed_loop', 'unreachable', 'cases given up after several attempts; they count as not contacted'),
	('closed_loop', 'dismissed', 'what turned out to be no case; not those dismissed because the customer had left'),
	('closed_loop', 'not_contactable', 'anonymous or not to be contacted; not among the cases'),
	('closed_loop', 'coverage', 'contacted / (cases - dismissed), 0 to 1'),
	('closed_loop', 'acknowledged', 'cases whose answer was acknowledged, or whose customer was contacted'),
	('closed_loop', 'acknowledged_in_time', 'of these in time'),
	('closed_loop', 'resolved', 'cases that were resolved'),
	('closed_loop', 'resolved_in_time', 'of these in time'),
	('closed_loop', 'informed_in_time', 'cases whose customer was told in time'),
	('closed_loop', 'closed', 'cases whose loop is closed'),
	('closed_loop', 'reopened', 'cases that were reopened'),
	('closed_loop', 'median_hours_to_acknowledge', 'median over all cases, those still waiting too; NULL if more than half of them wait'),
	('closed_loop', 'median_hours_to_contact', 'median over all cases, those still waiting too; NULL if more than half of them wait'),
	('closed_loop', 'median_hours_to_resolve', 'median over all cases, those still waiting too; NULL if more than half of them wait'),
	('closed_loop', 'median_hours_to_close', 'median over all cases, those still waiting too; NULL if more than half of them wait'),
	('closed_loop', 'median_work_hours_to_contact', 'the same in working hours'),
	('closed_loop', 'median_work_hours_to_resolve', 'the same in working hours'),
	('closed_loop', 'recovered', 'cases whose customer then gave an answer that needs no follow-up'),
	('closed_loop', 'reanswered', 'cases whose customer answered again'),
	('closed_loop', 'recovery_rate', 'recovered / (cases - dismissed), 0 to 1'),
	('closed_loop', 'recovery_rate_contacted', 'recovered among those contacted, 0 to 1'),
	('closed_loop', 'recovery_rate_reanswered', 'recovered among those who answered again, 0 to 1: biased, as the others are silent'),
	('closed_loop', 'churned', 'cases whose customer left'),
	('closed_loop', 'observed', 'cases whose whole follow-up window is over, so that churn in it is known; 0 where churn is not mapped'),
	('closed_loop', 'churn', 'share of those observed who left within the follow-up window, 0 to 1'),
	('closed_loop', 'churn_contacted', 'the same among those contacted'),
	('closed_loop', 'churn_not_contacted', 'the same among those not contacted'),
	('closed_loop', 'assumed_churn', 'what the settings assume of it'),
	('closed_loop', 'revenue_at_risk', 'revenue of the customers with an open case, each counted once'),

	('cause_report', 'respondents', 'distinct customers who name it'),
	('cause_report', 'share', 'of the customers who said anything, 0 to 1'),
	('cause_report', 'change', 'share in the last follow-up window - share in the one before'),
	('cause_report', 'impact', 'what the NPS of all would lose without the answers that name it, in points: negative for what pulls down'),
	('cause_report', 'revenue', 'revenue of the customers who name it and have not left, each counted once'),
	('cause_report', 'share_before_fix', 'share of the answers before fixed_at that name it'),
	('cause_report', 'share_after_fix', 'share of the answers since fixed_at that name it'),
	('cause_report', 'fix_p_value', 'probability of such a difference by chance alone'),
	('cause_report', 'cases', 'cases for which somebody established it'),
	(NULL, 'query', 'words in comments that suggest the cause, as for a web search: words, "phrases", or, -not'),
	(NULL, 'search', 'the query, parsed'),
	(NULL, 'remedy', 'what usually helps'),
	(NULL, 'fixed_at', 'when the cause was fixed; NULL if it is not'),
	('cause_customer', 'named_in', 'where the customer names the cause: case, concern or comment'),
	('cause_customer', 'score', 'score of the newest answer that names it'),
	(NULL, 'told_at', 'when the customer was told'),
	(NULL, 'told_by', 'who told the customer'),
	('cause_customer', 'is_due', 'whether the cause is fixed and the customer was not told'),

	('timeline', 'at', 'when it happened'),
	('timeline', 'kind', 'answer, acknowledged, asked, attempt, contact, cause, concern, promise, delivered, resolved, informed, closed, ...'),
	('timeline', 'text', 'comment, note or what was recorded'),
	('timeline', 'actor', 'who did it'),

	('respondent', 'case_id', 'the open case'),
	('respondent', 'followup_owner', 'who took the open case'),
	('respondent', 'last_contact', 'when contact was last made, in any case'),
	('respondent', 'last_note', 'the last note, in any case'),
	('transition', 'followed_up', 'of these whom somebody contacted between the two'),

	('team_member', 'person', 'who'),
	('team_member', 'active', 'whether the person takes turns now'),
	('holiday', 'day', 'date, in the survey''s time zone'),
	('holiday', 'name', 'what is celebrated'),
	('assumption', 'assumption', 'what the figure is about'),
	('assumption', 'low', 'the figure, or its lower end'),
	('assumption', 'high', 'the figure, or its upper end'),
	('assumption', 'unit', 'unit of the figure'),
	('assumption', 'source', 'where it comes from'),

	('followup_event', 'event_id', 'in the order in which it was recorded'),
	('followup_event', 'at', 'when it was recorded'),
	('followup_event', 'actor', 'who did it, as told'),
	('followup_event', 'db_role', 'database role that recorded it'),
	('followup_event', 'changed', 'the column that changed; concern. stands before those of a concern'),
	('followup_event', 'old_value', 'its value before, as text'),
	('followup_event', 'new_value', 'its value since, as text'),
	('followup_event', 'note', 'the note given with it'),
	('followup_event', 'happened_at', 'when it happened, for times'),
	('followup_event', 'concern_id', 'the concern that changed; NULL for the case itself'),

	('concern', 'concern_id', 'names the concern'),
	('concern', 'concern', 'what the customer is concerned about'),
	('concern', 'answer', 'what the customer was answered; without a promise, that settles it'),
	('concern', 'promise', 'what was promised; needs promised_for'),
	('concern', 'planned_for', 'date planned within the company; not after promised_for'),
	('concern', 'promised_for', 'date promised to the customer'),
	('concern', 'compensation', 'what was given for a broken promise'),
	('concern', 'raised_at', 'when it was raised'),
	('concern', 'delivered_at', 'when the promise was kept'),
	('concern', 'declined_at', 'when the customer was told that it will not be done'),
	('concern', 'is_open', 'whether it has neither an answer that settles it nor was delivered or declined'),

	('playbook', 'score_from', 'lowest score of the rule'),
	('playbook', 'score_to', 'highest score of the rule, with its fractions'),
	('playbook', 'follow_up', 'whether such an answer opens a case'),
	('playbook', 'verdict', 'what such a score means'),
	('playbook', 'cancel_risk', 'what such a customer may do'),
	('playbook', 'severity', 'order of importance: 1 is the most severe'),
	('playbook', 'personal', 'whether personal contact comes first'),
	('playbook', 'channel', 'how to contact'),
	('playbook', 'steps', 'what to do, in order, separated by →; compensate is shown only where a promise was broken'),
	('playbook', 'acknowledge_hours', 'hours from the answer until it is acknowledged; NULL for no deadline'),
	('playbook', 'contact_hours', 'hours from the answer until the first contact; NULL for no deadline'),
	('playbook', 'resolve_hours', 'hours from the answer until it is resolved; NULL for no deadline'),
	('playbook', 'inform_manager', 'whether to tell the customer''s manager, log it in the CRM and raise it at the next contact'),
	('playbook', 'guidance', 'advice for whoever makes contact'),
	('playbook', 'owner', 'who is responsible where the source names nobody'),

	('survey', 'only_row', 'always true: the table has one row'),
	('survey', 'scale', 'scale of the score; set by nps_attach(), do not edit'),
	('survey', 'time_zone', 'time zone of all dates; set by nps_attach(), do not edit'),
	('survey', 'follow_up_days', 'days after an answer in which it is worth following up; an assumption: half of the detractors are gone after 90'),
	('survey', 'assumed_churn', 'share of unhappy customers assumed to leave within follow_up_days, 0 to 1; shown beside what is measured'),
	('survey', 'assumed_churn_source', 'where that comes from'),
	('survey', 'resurvey_months', 'months after the loop was closed until the customer is asked again'),
	('survey', 'long_comment', 'a comment of as many characters needs a person: nps_claim() hands it to no program'),
	('survey', 'attempts', 'attempts to make contact before a customer is unreachable'),
	('survey', 'inform_hours', 'hours from the solution until the customer is told; NULL for no deadline'),
	('survey', 'longest_promise_months', 'a promise further off gives a warning'),
	('survey', 'work_days', 'days on which people work, such as Mon Tue Wed Thu Fri; NULL for around the clock'),
	('survey', 'work_from', 'when the working day begins, in the survey''s time zone'),
	('survey', 'work_until', 'when the working day ends'),
	('survey', 'many_tickets', 'with as many open tickets a customer is not asked for the reason automatically'),
	('survey', 'fallback_owner', 'who is responsible where neither source nor playbook names anybody'),
	('survey', 'attached_with', 'the arguments of nps_attach(), as JSON; do not edit'),
	('rollup', 'day', 'day in the survey''s time zone; NULL for answers without a usable date'),
	('rollup', 'added', 'answers that came; NULL for none'),
	('rollup', 'removed', 'answers that went; NULL for none'),
	('rollup', 'unanswered', 'by how many the unanswered rows grew'),
	('rollup', 'rejected', 'by how many the rows grew whose score does not count'),
	('rollup', 'with_comment', 'by how many the answers with a comment grew');
	END;
COMMENT ON FUNCTION @extschema@.nps_survey_comments() IS 'what the objects of a survey and their columns mean';

CREATE FUNCTION @extschema@.nps_survey_objects(survey text)
	RETURNS TABLE (object text, kind text, purpose text)
	LANGUAGE sql STABLE STRICT ROWS 10
	BEGIN ATOMIC
	/* in the order in which somebody new would look at them */
	SELECT pg_catalog.format('%I.%I', n.nspname, c.relname),
		CASE WHEN c.relkind OPERATOR(pg_catalog.=) 'v' THEN 'view' ELSE 'table' END, m.comment
	FROM @extschema@.nps_survey_comments() WITH ORDINALITY AS m(object, "column", comment, place)
	JOIN pg_catalog.pg_namespace n ON n.nspname OPERATOR(pg_catalog.=) $1::pg_catalog.name
	JOIN pg_catalog.pg_class c ON c.relnamespace OPERATOR(pg_catalog.=) n.oid
		AND c.relname OPERATOR(pg_catalog.=) m.object::pg_catalog.name
		AND c.relkind OPERATOR(pg_catalog.=) ANY (ARRAY['v', 'r']::pg_catalog."char"[])
	WHERE m."column" IS NULL
	ORDER BY m.place;
	END;
COMMENT ON FUNCTION @extschema@.nps_survey_objects(text) IS 'the views and tables of a survey, with what each is for';

CREATE FUNCTION @extschema@.nps_describe_survey(target text, segment_names text[])
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Puts a comment on each object of a survey and on each column. */
DECLARE
	described record;
BEGIN
	FOR described IN SELECT * FROM @extschema@.nps_survey_objects(target) LOOP
		EXECUTE format('COMMENT ON %s %s IS %L', described.kind, described.object, described.purpose);
	END LOOP;
	FOR described IN
		SELECT DISTINCT ON (c.oid, a.attnum) c.relname, a.attname,
			CASE WHEN a.attname = ANY (segment_names) AND c.relname IN ('answer', 'response', 'rollup')
				THEN 'segment of the survey, as mapped' ELSE m.comment END AS comment
		FROM pg_class c
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		LEFT JOIN @extschema@.nps_survey_comments() m ON m."column" = a.attname AND coalesce(m.object = c.relname, true)
		WHERE c.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = target)
			AND c.relname IN (SELECT o.object FROM @extschema@.nps_survey_comments() o) AND c.relkind IN ('v', 'r')
		ORDER BY c.oid, a.attnum, m.object IS NULL
	LOOP
		-- a column that somebody added to a table is theirs to describe
		CONTINUE WHEN described.comment IS NULL;
		EXECUTE format('COMMENT ON COLUMN %I.%I.%I IS %L', target, described.relname, described.attname, described.comment);
	END LOOP;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_describe_survey(text, text[]) IS 'part of nps_attach(): comments on all objects of a survey';
/* nps/sql/parts/90_attach.sql */

CREATE FUNCTION @extschema@.nps_attach(source regclass, score text, schema_name text DEFAULT NULL,
	response_id text DEFAULT NULL, respondent text DEFAULT NULL, account text DEFAULT NULL,
	responded_at text DEFAULT NULL, comment text DEFAULT NULL, segments text[] DEFAULT NULL,
	revenue text DEFAULT NULL, renewal_at text DEFAULT NULL, churned_at text DEFAULT NULL,
	contactable text DEFAULT NULL, owner text DEFAULT NULL, open_tickets text DEFAULT NULL,
	filter text DEFAULT NULL, scale text DEFAULT 'nps', time_zone text DEFAULT NULL,
	goal double precision DEFAULT NULL, text_search_config text DEFAULT NULL, replace boolean DEFAULT false)
	RETURNS TABLE (object text, kind text, purpose text)
	LANGUAGE plpgsql VOLATILE
	AS $body$
/*
 * Runs as the caller and makes ordinary objects of the caller's.  The search
 * path is the caller's only where the caller's own expressions are looked up:
 * in nps_mapping() and while the view answer is created; what stands before the
 * path is set, types too, is qualified.
 */
DECLARE
	caller_path CONSTANT pg_catalog.text := pg_catalog.current_setting('search_path');
	caller_schemas CONSTANT pg_catalog.name[] := pg_catalog.current_schemas(false);
	source_class pg_catalog.pg_class;
	target pg_catalog.text;				-- name of the survey schema, not quoted
	target_owner pg_catalog.oid;			-- NULL: there is none of that name
	zone pg_catalog.text;
	arguments pg_catalog.jsonb;
	attached pg_catalog.jsonb;				-- the settings of the survey to be replaced
	forgotten pg_catalog.text;
	text_search pg_catalog.text;			-- name of a configuration, qualified
BEGIN
	-- looked up where the caller looks things up
	BEGIN
		SELECT pg_catalog.format('%s.%I', c.cfgnamespace::pg_catalog.regnamespace, c.cfgname) INTO text_search
		FROM pg_catalog.pg_ts_config c WHERE c.oid OPERATOR(pg_catalog.=) nps_attach.text_search_config::pg_catalog.regconfig;
	EXCEPTION WHEN undefined_object OR invalid_name OR syntax_error THEN
		RAISE EXCEPTION USING ERRCODE = 'undefined_object',
			MESSAGE = pg_catalog.format('there is no text search configuration "%s"', nps_attach.text_search_config),
			HINT = 'Pass text_search_config => a name that \dF of psql lists, such as ''german''.';
	END;
	PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);

	-- the source
	IF nps_attach.source IS NULL OR nps_attach.score IS NULL OR nps_attach.scale IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed',
			MESSAGE = 'source, score and scale must not be null',
			HINT = 'For example nps_attach(''survey_response'', ''score'').';
	END IF;
	IF array_position(nps_attach.segments, NULL) IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed',
			MESSAGE = 'segments must not contain nulls';
	END IF;
	SELECT * INTO source_class FROM pg_class c WHERE c.oid = nps_attach.source;
	IF NOT FOUND THEN
		RAISE EXCEPTION USING ERRCODE = 'undefined_table',
			MESSAGE = format('relation with OID %s does not exist', nps_attach.source::oid);
	END IF;
	IF source_class.relkind NOT IN ('r', 'p', 'f', 'v', 'm') THEN
		RAISE EXCEPTION USING ERRCODE = 'wrong_object_type',
			MESSAGE = format('"%s" is no table or view', source_class.relname),
			HINT = 'Pass a table, a foreign table, a view or a materialized view as source.';
	END IF;
	IF source_class.relpersistence = 't' THEN
		RAISE EXCEPTION USING ERRCODE = 'wrong_object_type',
			MESSAGE = format('"%s" is temporary', source_class.relname),
			HINT = 'A survey stays; attach a table that stays.';
	END IF;
	IF NOT has_any_column_privilege(nps_attach.source, 'SELECT') THEN
		RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
			MESSAGE = format('permission denied for "%s"', source_class.relname),
			HINT = 'Ask its owner for GRANT SELECT.';
	END IF;

	-- the scale
	IF NOT @extschema@.nps_is_scale(nps_attach.scale) THEN
		RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
			MESSAGE = format('unknown scale "%s"', nps_attach.scale),
			HINT = format('Pass scale => one of %s.', (SELECT string_agg(s.scale, ', ') FROM @extschema@.nps_scales() s));
	END IF;
	-- the schema
	target := coalesce(nps_attach.schema_name, source_class.relname || '_nps');
	IF nps_attach.schema_name IS NULL THEN
		WHILE octet_length(target) > 63 LOOP
			target := left(target, -5) || '_nps';
		END LOOP;
	ELSIF target = '' OR octet_length(target) > 63 THEN
		RAISE EXCEPTION USING ERRCODE = 'invalid_name',
			MESSAGE = format('"%s" cannot be the name of a schema', target),
			HINT = 'Pass schema_name => a name of 1 to 63 bytes.';
	END IF;
	SELECT n.nspowner INTO target_owner FROM pg_namespace n WHERE n.nspname = target;
	IF nps_attach.replace AND target_owner IS NOT NULL THEN
		IF NOT pg_has_role(target_owner, 'USAGE') THEN
			RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
				MESSAGE = format('must be owner of schema "%s"', target);
		END IF;
		IF to_regclass(format('%I.survey', target)) IS NULL
			OR NOT @extschema@.nps_is_survey_table(format('%I.survey', target)::regclass)
		THEN
			RAISE EXCEPTION USING ERRCODE = 'duplicate_schema',
				MESSAGE = format('schema "%s" is no survey', target),
				HINT = 'Pass schema_name => another name.';
		END IF;
		-- DROP EXTENSION ... CASCADE took the check, by which a survey is found, and left the tables
		IF NOT EXISTS (SELECT FROM @extschema@.nps_surveys() s WHERE s.survey = target) THEN
			EXECUTE format('ALTER TABLE %I.survey ADD CHECK (@extschema@.nps_is_scale(scale)), ADD CHECK (@extschema@.nps_is_work_days(work_days))', target);
		END IF;
		attached := @extschema@.nps_survey_settings(target);
	END IF;

	-- the zone; a survey that is attached anew keeps its own
	zone := coalesce(nps_attach.time_zone, attached->>'time_zone', current_setting('TimeZone'));
	BEGIN
		PERFORM @extschema@.nps_local_time(now(), zone);
	EXCEPTION WHEN invalid_parameter_value THEN
		RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
			MESSAGE = format('unknown time zone "%s"', zone),
			HINT = 'Pass time_zone => a name from pg_timezone_names, such as ''Europe/Berlin''.';
	END;

	arguments := jsonb_strip_nulls(jsonb_build_object(
		'source', format('%s.%I', source_class.relnamespace::regnamespace, source_class.relname),
		'score', nps_attach.score,
		'response_id', coalesce(nps_attach.response_id, @extschema@.nps_mapping_key(nps_attach.source)),
		'respondent', nps_attach.respondent, 'account', nps_attach.account,
		'responded_at', nps_attach.responded_at, 'comment', nps_attach.comment, 'segments', nps_attach.segments,
		'revenue', nps_attach.revenue, 'renewal_at', nps_attach.renewal_at, 'churned_at', nps_attach.churned_at,
		'contactable', nps_attach.contactable, 'owner', nps_attach.owner, 'open_tickets', nps_attach.open_tickets,
		'filter', nps_attach.filter, 'scale', nps_attach.scale, 'time_zone', zone, 'text_search_config', text_search,
		-- resolved, as $user is somebody else when somebody else makes the views again
		'search_path', (SELECT coalesce(string_agg(quote_ident(n) || ', ', '' ORDER BY place), '')
			FROM unnest(caller_schemas) WITH ORDINALITY AS c(n, place) WHERE n !~ '^pg_temp') || 'pg_temp'));

	IF target_owner IS NULL THEN
		IF NOT has_database_privilege(current_database(), 'CREATE') THEN
			RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
				MESSAGE = format('permission denied to create schema "%s"', target),
				HINT = format('Ask the owner of the database for GRANT CREATE ON DATABASE %I.', current_database());
		END IF;
		EXECUTE format('CREATE SCHEMA %I', target);
		EXECUTE format('COMMENT ON SCHEMA %I IS %L', target, 'survey made by nps_attach()');
		PERFORM @extschema@.nps_create_tables(target, nps_attach.scale, coalesce(text_search, 'pg_catalog.english'));
		EXECUTE format($sql$
			INSERT INTO %I.survey (scale, time_zone, goal, benchmark, benchmark_source, attached_with)
			VALUES ($1, $2, $3, CASE WHEN $1 = 'nps' THEN 30 END,
				CASE WHEN $1 = 'nps' THEN 'about the average of software-as-a-service companies' END, $4)
			$sql$, target)
		USING nps_attach.scale, zone, nps_attach.goal, arguments::text;
		PERFORM @extschema@.nps_build_views(target, nps_attach.source, arguments);
	ELSIF NOT nps_attach.replace OR nps_attach.replace IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'duplicate_schema',
			MESSAGE = format('schema "%s" already exists', target),
			HINT = CASE WHEN EXISTS (SELECT FROM @extschema@.nps_surveys() s WHERE s.survey = target)
				THEN 'Pass replace => true to attach this survey anew, or schema_name => another name.'
				ELSE 'Pass schema_name => another name.' END;
	ELSE
		IF attached->>'scale' <> nps_attach.scale THEN
			RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
				MESSAGE = format('survey "%s" has scale "%s", not "%s"', target, attached->>'scale', nps_attach.scale),
				DETAIL = 'Its playbook is made for that scale.',
				HINT = 'Pass schema_name => another name, or nps_detach() the survey first.';
		END IF;
		FOR forgotten IN
			SELECT jsonb_object_keys((attached->>'attached_with')::jsonb) EXCEPT SELECT jsonb_object_keys(arguments)
		LOOP
			RAISE NOTICE USING
				MESSAGE = format('argument "%s" is no longer mapped', forgotten),
				DETAIL = format('It was %s.', (attached->>'attached_with')::jsonb->forgotten),
				HINT = 'replace => true takes all arguments anew; pass it again to keep it.';
		END LOOP;
		-- the row may have been deleted
		IF attached IS NULL THEN
			EXECUTE format('INSERT INTO %I.survey (scale, time_zone, goal, attached_with) VALUES ($1, $2, $3, $4)', target)
			USING nps_attach.scale, zone, nps_attach.goal, arguments::text;
		ELSE
			EXECUTE format('UPDATE %I.survey SET time_zone = $1, goal = coalesce($2, goal), attached_with = $3 '
				'WHERE (time_zone, attached_with) IS DISTINCT FROM ($1, $3) OR goal IS DISTINCT FROM coalesce($2, goal)', target)
			USING zone, nps_attach.goal, arguments::text;
		END IF;
		-- identical arguments over the same source: there is nothing to do
		IF (attached->>'attached_with')::jsonb IS DISTINCT FROM arguments
			OR nps_attach.source IS DISTINCT FROM (SELECT s.source FROM @extschema@.nps_surveys() s WHERE s.survey = target)
		THEN
			PERFORM @extschema@.nps_build_views(target, nps_attach.source, arguments);
		END IF;
	END IF;
	RETURN QUERY SELECT * FROM @extschema@.nps_survey_objects(target);

	PERFORM pg_catalog.set_config('search_path', caller_path, true);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_attach(regclass, text, text, text, text, text, text, text, text[], text, text, text, text, text, text, text, text, text, double precision, text, boolean) IS 'turns a table or view of survey answers into a schema of report views; returns what it made';

CREATE FUNCTION @extschema@.nps_survey_arguments(survey text)
	RETURNS jsonb
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* What a survey was attached with, if its owner may trust that: it becomes views of theirs. */
DECLARE
	arguments CONSTANT jsonb := (@extschema@.nps_survey_settings(survey)->>'attached_with')::jsonb;
BEGIN
	IF arguments IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
			MESSAGE = format('the table survey of survey "%s" is empty', survey),
			HINT = 'Call nps_attach(…, replace => true) to make its row again.';
	END IF;
	IF EXISTS (
		SELECT FROM pg_class c
		LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'attached_with'
		CROSS JOIN LATERAL (SELECT * FROM aclexplode(c.relacl) UNION ALL SELECT * FROM aclexplode(a.attacl)) g
		WHERE c.oid = format('%I.survey', survey)::regclass AND g.grantee <> c.relowner
			AND g.privilege_type IN ('INSERT', 'UPDATE'))
	THEN
		RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
			MESSAGE = format('others than the owner may write how survey "%s" is attached', survey),
			HINT = format('REVOKE INSERT, UPDATE ON %I.survey; grant UPDATE of single columns such as goal instead.', survey);
	END IF;
	RETURN arguments;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_survey_arguments(text) IS 'part of nps_refresh_views(): what a survey was attached with, if nobody but its owner may have written it';

CREATE FUNCTION @extschema@.nps_survey_source(survey text)
	RETURNS regclass
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The source of a survey; an error if it is gone. */
DECLARE
	attached_to CONSTANT text := (@extschema@.nps_survey_settings(survey)->>'attached_with')::jsonb->>'source';
	source regclass;
BEGIN
	SELECT coalesce(s.source, to_regclass(attached_to)) INTO source
	FROM @extschema@.nps_surveys() s WHERE s.survey = nps_survey_source.survey;
	IF source IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'undefined_table',
			MESSAGE = format('the source of survey "%s" does not exist: %s', survey, attached_to),
			HINT = 'Call nps_attach(…, replace => true) with the new source.';
	END IF;
	RETURN source;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_survey_source(text) IS 'part of nps_refresh_views(): the source of a survey';

CREATE FUNCTION @extschema@.nps_refresh_views(survey text)
	RETURNS TABLE (object text, kind text, purpose text)
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Makes the views of a survey again out of the arguments it was attached with, as this version of nps makes them. */
DECLARE
	arguments CONSTANT jsonb := @extschema@.nps_survey_arguments(survey);
BEGIN
	PERFORM @extschema@.nps_build_views(survey, @extschema@.nps_survey_source(survey), arguments);
	RETURN QUERY SELECT * FROM @extschema@.nps_survey_objects(survey);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_refresh_views(text) IS 'makes the views of a survey again, as this version of nps makes them; tables and grants stay';

CREATE FUNCTION @extschema@.nps_detach(survey text, drop_cases boolean DEFAULT false)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * Drops what nps_attach() made, and nothing else: what somebody put into the
 * schema, or built on the views, is an error, and so are cases that somebody
 * recorded.
 */
DECLARE
	cases bigint := 0;
BEGIN
	PERFORM @extschema@.nps_lock_survey(survey);
	-- a view of somebody's would run their functions
	IF EXISTS (SELECT FROM pg_class c WHERE c.oid = to_regclass(format('%I.followup_case', survey)) AND c.relkind = 'r') THEN
		EXECUTE format('SELECT count(*) FROM %I.followup_case WHERE recorded', survey) INTO cases;
	END IF;
	IF cases > 0 AND drop_cases IS NOT TRUE THEN
		RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
			MESSAGE = format('survey "%s" has %s recorded cases', survey, cases),
			DETAIL = 'Detaching it drops them, their history and their promises.',
			HINT = format('To drop them: SELECT nps_detach(%L, drop_cases => true).', survey);
	END IF;
	PERFORM @extschema@.nps_tell_no_more(survey);
	PERFORM @extschema@.nps_drop_policies(survey);
	-- there are no views where the source was dropped
	IF EXISTS (SELECT FROM @extschema@.nps_survey_objects(survey) o WHERE o.kind = 'view') THEN
		EXECUTE (SELECT format('DROP VIEW %s', string_agg(o.object, ', '))
			FROM @extschema@.nps_survey_objects(survey) o WHERE o.kind = 'view');
	END IF;
	PERFORM @extschema@.nps_drop_rollup(survey);
	EXECUTE (SELECT format('DROP TABLE %s', string_agg(o.object, ', '))
		FROM @extschema@.nps_survey_objects(survey) o WHERE o.kind = 'table');
	EXECUTE format('DROP SCHEMA %I', survey);
EXCEPTION WHEN dependent_objects_still_exist THEN
	RAISE EXCEPTION USING ERRCODE = 'dependent_objects_still_exist',
		MESSAGE = format('survey "%s" cannot be detached: other objects depend on it', survey),
		HINT = format('Drop these first, or all of them with DROP SCHEMA %I CASCADE.', survey);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_detach(text, boolean) IS 'drops the schema of a survey; the source stays as it is';
/* nps/sql/parts/92_check.sql */

CREATE FUNCTION @extschema@.nps_check_index(source regclass, keys text[], definition text)
	RETURNS text
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The CREATE INDEX with that definition; NULL if the source has an index that
 * begins with the keys, columns or expressions as pg_get_indexdef() shows them,
 * or can have none.
 */
BEGIN
	IF (SELECT c.relkind NOT IN ('r', 'p', 'm') FROM pg_class c WHERE c.oid = source)
		OR EXISTS (SELECT FROM pg_index i
			JOIN pg_class k ON k.oid = i.indexrelid AND k.relam IN (SELECT m.oid FROM pg_am m WHERE m.amname = 'btree')
				OR k.oid = i.indexrelid AND k.relkind = 'I'
			WHERE i.indrelid = source AND i.indisvalid AND i.indpred IS NULL
				AND (SELECT array_agg(pg_get_indexdef(i.indexrelid, n, true) ORDER BY n) FROM generate_series(1, cardinality(keys)) n) = keys)
	THEN
		RETURN NULL;
	END IF;
	RETURN (SELECT format('CREATE INDEX ON %s.%I %s;', c.relnamespace::regnamespace, c.relname, definition)
		FROM pg_class c WHERE c.oid = source);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_check_index(regclass, text[], text) IS 'part of nps_check(): the index that is missing for a look-up';

CREATE FUNCTION @extschema@.nps_attach_call(survey text, arguments jsonb)
	RETURNS text
	LANGUAGE sql STABLE STRICT
	BEGIN ATOMIC
	/* the call that attached a survey, ready to be edited and run again */
	SELECT pg_catalog.format('SELECT * FROM nps_attach(%L, %L, schema_name => %L%s, replace => true);',
		arguments OPERATOR(pg_catalog.->>) 'source', arguments OPERATOR(pg_catalog.->>) 'score', survey,
		pg_catalog.string_agg(pg_catalog.format(', %s => %s', a.key, CASE
			WHEN pg_catalog.jsonb_typeof(a.value) OPERATOR(pg_catalog.=) 'array' THEN pg_catalog.format('ARRAY[%s]',
				(SELECT pg_catalog.string_agg(pg_catalog.quote_literal(e), ', ') FROM pg_catalog.jsonb_array_elements_text(a.value) e))
			ELSE pg_catalog.quote_literal(a.value OPERATOR(pg_catalog.#>>) '{}') END), '' ORDER BY a.key))
	FROM pg_catalog.jsonb_each(arguments) a
	WHERE a.key OPERATOR(pg_catalog.<>) ALL (ARRAY['source', 'score', 'search_path']);
	END;
COMMENT ON FUNCTION @extschema@.nps_attach_call(text, jsonb) IS 'part of nps_check(): the call that attached a survey, to be edited and run again';

CREATE FUNCTION @extschema@.nps_check(survey text)
	RETURNS TABLE (severity text, finding text, detail text, fix text)
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* What is or may be wrong with a survey, the worst first; no rows if nothing was found. */
DECLARE
	settings CONSTANT jsonb := @extschema@.nps_survey_settings(survey);
	arguments CONSTANT jsonb := (settings->>'attached_with')::jsonb;
	source regclass;
	summary record;
	answers record;
	counted record;
	counted_twice record;
	busiest record;
	argument record;
	moved bigint;
	rollup CONSTANT regclass := to_regclass(format('%I.rollup', survey));
	kept record;
	time_key text;				-- responded_at as an index has it
	plain_columns text[];		-- arguments that are columns of the source
	type_of_value regtype;
	type_of_time regtype;		-- of responded_at; NULL if that is not known
BEGIN
	SELECT s.source INTO source FROM @extschema@.nps_surveys() s WHERE s.survey = nps_check.survey;
	IF source IS NULL THEN
		severity := 'error';
		finding := 'the source is gone';
		detail := format('%s was dropped, and the views with it; playbook and settings are still there.', arguments->>'source');
		fix := @extschema@.nps_attach_call(survey, arguments);
		RETURN NEXT;
		RETURN;
	END IF;

	IF settings IS NULL THEN
		severity := 'error';
		finding := 'the settings are gone';
		detail := format('The table %I.survey is empty.', survey);
		fix := 'Call nps_attach(…, replace => true) with all arguments.';
		RETURN NEXT;
		RETURN;
	END IF;
	IF EXISTS (SELECT FROM @extschema@.nps_survey_comments() m
		WHERE m."column" IS NULL AND m.object <> 'rollup' AND to_regclass(format('%I.%I', survey, m.object)) IS NULL)
	THEN
		severity := 'error';
		finding := 'views are missing';
		detail := 'Somebody dropped some of the views.';
		fix := format('SELECT * FROM nps_refresh_views(%L);', survey);
		RETURN NEXT;
		RETURN;
	END IF;

	-- the rollup
	IF rollup IS NOT NULL THEN
		detail := @extschema@.nps_rollup_trouble(rollup);
		IF detail IS NULL AND NOT @extschema@.nps_reads_rollup(survey) THEN
			detail := 'nps_materialize() was interrupted before it was computed.';
		END IF;
		IF detail IS NOT NULL THEN
			severity := 'warning';
			finding := 'the rollup is not kept';
			detail := detail || ' The reports are exact, and read the source.';
			fix := format('CALL nps_materialize(%L, rebuild => true);', survey);
			RETURN NEXT;
		END IF;
	END IF;

	-- the mapping
	FOR argument IN
		SELECT a.key AS name, v.value
		FROM jsonb_each(arguments) a
		CROSS JOIN LATERAL jsonb_array_elements_text(
			CASE WHEN jsonb_typeof(a.value) = 'array' THEN a.value ELSE jsonb_build_array(a.value) END) v
		WHERE a.key NOT IN ('source', 'scale', 'time_zone', 'search_path', 'text_search_config')
	LOOP
		BEGIN
			SELECT m.type INTO type_of_value
			FROM @extschema@.nps_mapping(source, argument.name, argument.value, arguments->>'search_path', argument.name = 'segments') m;
			IF argument.name = 'responded_at' THEN
				type_of_time := type_of_value;
			END IF;
		EXCEPTION WHEN OTHERS THEN
			severity := 'warning';
			finding := 'the mapping no longer fits the source';
			detail := format('Argument %s was %L, which %s no longer has. The views still work, but cannot be made again: attach with its new name.',
				argument.name, argument.value, source);
			fix := @extschema@.nps_attach_call(survey, arguments);
			RETURN NEXT;
		END;
	END LOOP;

	EXECUTE format($sql$
		SELECT count(*) AS rows, count(*) - count(DISTINCT response_id) AS ids_twice, min(response_id::text) AS example,
			count(*) FILTER (WHERE score IS NULL AND responded_at IS NULL AND rejection = 'no answer') AS undated_silence
		FROM %I.answer
		$sql$, survey) INTO answers;
	IF answers.ids_twice > 0 THEN
		severity := 'error';
		finding := 'response_id is not unique';
		detail := format('%s rows have the response_id of another, or none.', answers.ids_twice);
		fix := format('SELECT response_id, count(*) FROM %I.answer GROUP BY 1 HAVING count(*) > 1;', survey);
		RETURN NEXT;
	END IF;
	IF answers.rows = 0 THEN
		severity := 'warning';
		finding := 'there are no rows';
		detail := CASE WHEN arguments ? 'filter' THEN format('No row of %s passes the filter.', source)
			ELSE format('%s is empty, or you may read none of its rows.', source) END;
		fix := @extschema@.nps_attach_call(survey, arguments);
		RETURN NEXT;
	END IF;

	-- the scale
	EXECUTE format('SELECT * FROM %I.summary', survey) INTO summary;
	EXECUTE format($sql$
		SELECT min(score)::numeric AS lowest, count(*) FILTER (WHERE score = 0) AS zeros, count(*) FILTER (WHERE score = 1) AS ones,
			count(*) FILTER (WHERE @extschema@.nps_local_time(responded_at, %1$L) IS NULL) AS undated,
			count(*) FILTER (WHERE responded_at > now() + interval '1 day' AND @extschema@.nps_local_time(responded_at, %1$L) IS NOT NULL) AS in_future
		FROM %2$I.response
		$sql$, settings->>'time_zone', survey) INTO counted;
	IF summary.responses > 0 AND summary.detractors = summary.responses THEN
		severity := 'warning';
		finding := 'every answer is a detractor';
		detail := format('All %s answers are detractors on the scale %s.', summary.responses, settings->>'scale');
		fix := 'Attach the survey with the scale of its question, such as scale => ''csat5''.';
		RETURN NEXT;
	END IF;
	IF settings->>'scale' = 'nps' AND counted.lowest = 1 AND summary.responses >= 30 THEN
		severity := 'warning';
		finding := 'nobody answered 0';
		detail := format('%s people answered 1, and nobody 0: was the question asked on a scale from 1 to 10?', counted.ones);
		fix := 'Look at the question. The NPS of a scale from 1 to 10 cannot be compared with others.';
		RETURN NEXT;
	END IF;
	IF settings->>'scale' = 'nps' AND counted.zeros > 3 * (counted.ones + 1) AND EXISTS (
		SELECT FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
		WHERE d.adrelid = source AND a.attname = arguments->>'score' AND pg_get_expr(d.adbin, d.adrelid) ~ '^''?0''?(::.*)?$')
	THEN
		severity := 'warning';
		finding := 'zeros may be missing answers';
		detail := format('%s answers are 0, %s are 1, and 0 is the default of the column.', counted.zeros, counted.ones);
		fix := format('ALTER TABLE %s ALTER COLUMN %I DROP DEFAULT; then set to NULL what nobody answered.', source, arguments->>'score');
		RETURN NEXT;
	END IF;

	-- the answers
	IF arguments ? 'respondent' AND arguments ? 'responded_at' THEN
		EXECUTE format($sql$
			SELECT count(*) AS groups, sum(n) AS answers FROM (
				SELECT count(*) AS n FROM %I.response WHERE respondent IS NOT NULL AND responded_at IS NOT NULL
				GROUP BY respondent, responded_at HAVING count(*) > 1) d
			$sql$, survey) INTO counted_twice;
		-- a date is no time: two answers on one day may well be two
		IF counted_twice.groups > 0 AND type_of_time <> 'date'::regtype THEN
			severity := 'warning';
			finding := 'duplicate answers';
			detail := format('%s of the answers have the respondent and time of another; all of them count.',
				counted_twice.answers - counted_twice.groups);
			fix := format('SELECT respondent, responded_at, count(*) FROM %I.response WHERE respondent IS NOT NULL GROUP BY 1, 2 HAVING count(*) > 1;', survey);
			RETURN NEXT;
		END IF;
	END IF;
	IF arguments ? 'responded_at' THEN
		IF counted.in_future > 0 THEN
			severity := 'warning';
			finding := 'answers in the future';
			detail := format('%s of the answers were given later than tomorrow.', counted.in_future);
			fix := format('SELECT * FROM %I.response WHERE responded_at > now();', survey);
			RETURN NEXT;
		END IF;
	END IF;

	IF arguments ? 'respondent' THEN
		EXECUTE format($sql$
			SELECT respondent::text AS who, count(*) AS answers FROM %I.response WHERE respondent IS NOT NULL
			GROUP BY respondent ORDER BY 2 DESC LIMIT 1
			$sql$, survey) INTO busiest;
		IF busiest.answers > 30 AND busiest.answers > 0.05 * summary.responses THEN
			severity := 'warning';
			finding := 'one respondent gave very many answers';
			detail := format('%s of the answers are of %L: does it stand for somebody unknown?', busiest.answers, busiest.who);
			fix := format('If so, attach with respondent => $$nullif(%s, %L)$$ and replace => true.', arguments->>'respondent', busiest.who);
			RETURN NEXT;
		END IF;
	END IF;
	IF arguments ? 'responded_at' AND answers.undated_silence > 0 THEN
		severity := 'warning';
		finding := 'unanswered rows without a date';
		detail := format('%s of the unanswered rows have no date, so that nothing is known of the response rate of a period.', answers.undated_silence);
		fix := format('Attach with responded_at => $$coalesce(%s, column that tells when it was sent)$$ and replace => true.', arguments->>'responded_at');
		RETURN NEXT;
	END IF;

	EXECUTE format('SELECT count(*) FROM %1$I.followup_case c JOIN %1$I.answer a ON a.response_id %2$s c.case_id '
		'WHERE c.taken AND a.respondent IS NOT NULL AND NOT a.respondent %3$s c.respondent', survey,
		(SELECT @extschema@.nps_mapping_operator(a.atttypid, 3) FROM pg_attribute a WHERE a.attrelid = format('%I.followup_case', survey)::regclass AND a.attname = 'case_id'),
		(SELECT @extschema@.nps_mapping_operator(a.atttypid, 3) FROM pg_attribute a WHERE a.attrelid = format('%I.followup_case', survey)::regclass AND a.attname = 'respondent'))
	INTO moved;
	IF moved > 0 THEN
		severity := 'warning';
		finding := 'cases of respondents that changed';
		detail := format('The answers of %s cases have another respondent now, as after merging customers.', moved);
		fix := format('UPDATE %1$I.followup_case c SET respondent = a.respondent FROM %1$I.answer a WHERE a.response_id = c.case_id AND a.respondent <> c.respondent;', survey);
		RETURN NEXT;
	END IF;

	-- the playbook
	EXECUTE format($sql$
		SELECT string_agg(d.score::text, ', ') AS scores FROM %1$I.distribution d
		WHERE d.score::text ~ '^[0-9]+$' AND NOT EXISTS (
			SELECT FROM %1$I.playbook p WHERE d.score::text::numeric BETWEEN p.score_from AND p.score_to)
		$sql$, survey) INTO argument;
	IF argument.scores IS NOT NULL THEN
		severity := 'warning';
		finding := 'scores without a rule';
		detail := format('The playbook has no rule for %s; such answers are not followed up.', argument.scores);
		fix := format('INSERT INTO %I.playbook …', survey);
		RETURN NEXT;
	END IF;

	-- what may well be meant
	IF summary.rejected > 0 THEN
		severity := 'note';
		finding := 'rows do not count';
		detail := format('%s of the rows hold a score that does not count.', summary.rejected);
		fix := format('SELECT reason, raw_score, count(*) FROM %I.not_counted GROUP BY 1, 2;', survey);
		RETURN NEXT;
	END IF;
	IF arguments ? 'responded_at' THEN
		IF counted.undated > 0 THEN
			severity := 'note';
			finding := 'answers without a date';
			detail := format('%s of the answers have no usable date; they count, in periods of their own (period_start is NULL).', counted.undated);
			fix := format('SELECT * FROM %I.response WHERE nps_local_time(responded_at, %L) IS NULL;', survey, settings->>'time_zone');
			RETURN NEXT;
		END IF;
		IF type_of_time = 'timestamp without time zone'::regtype AND settings->>'time_zone' !~ 'UTC$' THEN
			severity := 'note';
			finding := 'times without a zone';
			detail := format('responded_at has no time zone; it is taken to be local time in %s.', settings->>'time_zone');
			fix := format('If it is in UTC, attach with responded_at => $$((%s) AT TIME ZONE ''UTC'')$$ and replace => true.',
				arguments->>'responded_at');
			RETURN NEXT;
		END IF;
	END IF;

	-- the rollup, if there is one and it may be read
	IF rollup IS NOT NULL AND has_table_privilege(rollup, 'SELECT') THEN
		EXECUTE format('SELECT count(*) AS rows, count(DISTINCT ROW(day%s)) AS cells FROM %I.rollup',
			(SELECT coalesce(string_agg(format(', %I', n), ''), '') FROM unnest(@extschema@.nps_rollup_segments(survey)) n), survey)
		INTO kept;
		severity := 'note';
		IF kept.rows > 2 * kept.cells + 1000 THEN
			finding := 'folding is due';
			detail := format('The rollup has %s rows for %s cells; each report reads them all.', kept.rows, kept.cells);
			fix := format('SELECT * FROM nps_compact(%L);', survey);
			RETURN NEXT;
		END IF;
		IF kept.cells > 1000 AND kept.cells > 0.1 * (summary.responses + summary.unanswered + summary.rejected) THEN
			finding := 'the rollup is not much smaller than the source';
			detail := format('It has %s cells for %s rows: a segment has too many values.', kept.cells,
				summary.responses + summary.unanswered + summary.rejected);
			fix := format('CALL nps_dematerialize(%L); or attach with fewer segments.', survey);
			RETURN NEXT;
		END IF;
	END IF;

	-- indexes: for the look-up of a respondent, and for reports on a span of time
	SELECT array_agg(m.key) INTO plain_columns
	FROM jsonb_each_text(arguments) m
	JOIN pg_attribute a ON a.attrelid = source AND a.attname = m.value AND a.attnum > 0 AND NOT a.attisdropped;
	severity := 'note';
	finding := 'missing index';
	time_key := CASE WHEN type_of_time IN ('timestamp without time zone'::regtype, 'date'::regtype)
		THEN format('@extschema@.nps_time(%I, %L::text)', arguments->>'responded_at', settings->>'time_zone')
		ELSE quote_ident(arguments->>'responded_at') END;
	IF 'respondent' = ANY (plain_columns) AND NOT @extschema@.nps_is_indexed(format('%I.answer', survey)::regclass) THEN
		-- with all that the look-up reads, so that the table is left alone
		fix := @extschema@.nps_check_index(source, NULL, format('(%I%s%s)%s', arguments->>'respondent',
			CASE WHEN 'responded_at' = ANY (plain_columns) THEN format(', %s DESC NULLS LAST', time_key) ELSE '' END,
			CASE WHEN 'response_id' = ANY (plain_columns) THEN format(', %I DESC', arguments->>'response_id') ELSE '' END,
			CASE WHEN 'score' = ANY (plain_columns) THEN format(' INCLUDE (%I)', arguments->>'score') ELSE '' END));
		IF fix IS NOT NULL THEN
			detail := format('No index on %s finds the answers of a respondent, the newest first.', source);
			RETURN NEXT;
		END IF;
	END IF;
	IF 'response_id' = ANY (plain_columns) THEN
		fix := @extschema@.nps_check_index(source, ARRAY[quote_ident(arguments->>'response_id')], format('(%I)', arguments->>'response_id'));
		IF fix IS NOT NULL THEN
			detail := format('No index on %s finds a response.', source);
			RETURN NEXT;
		END IF;
	END IF;
	IF plain_columns @> ARRAY['respondent', 'score', 'responded_at', 'response_id'] THEN
		fix := @extschema@.nps_check_index(source, ARRAY[quote_ident(arguments->>'score'), time_key],
			format('(%I, %s) INCLUDE (%s)', arguments->>'score', time_key, (SELECT string_agg(DISTINCT quote_ident(arguments->>c), ', ')
				FROM unnest(plain_columns) c WHERE c IN ('respondent', 'response_id', 'revenue', 'contactable', 'churned_at'))));
		IF fix IS NOT NULL THEN
			detail := format('No index on %s finds the recent answers that are to be followed up.', source);
			RETURN NEXT;
		END IF;
	END IF;
	IF 'responded_at' = ANY (plain_columns) THEN
		fix := @extschema@.nps_check_index(source, ARRAY[time_key], format('(%s)', time_key));
		IF fix IS NOT NULL THEN
			detail := format('No index on %s finds the answers of a span of time.', source);
			RETURN NEXT;
		END IF;
	END IF;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_check(text) IS 'what is or may be wrong with a survey, and what to do about it';
/* nps/sql/parts/94_work_queue.sql */

CREATE FUNCTION @extschema@.nps_grant(survey text, role name, access text DEFAULT 'reader')
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * What a role needs: a reader sees all reports of the rows it may read, an actor
 * also records what was done.  Nobody gets rights on the history.
 */
DECLARE
	source regclass;
	extension_schema CONSTANT text := (SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
		WHERE e.extname = 'nps');
BEGIN
	PERFORM @extschema@.nps_survey_settings(survey);	-- an error if there is none
	IF NOT pg_has_role((SELECT n.nspowner FROM pg_namespace n WHERE n.nspname = survey), 'USAGE') THEN
		RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
			MESSAGE = format('must be owner of survey "%s"', survey);
	END IF;
	IF access IS NULL OR access NOT IN ('reader', 'actor') THEN
		RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
			MESSAGE = format('unknown access "%s"', coalesce(access, 'NULL')),
			HINT = 'Pass ''reader'' for somebody who reads, or ''actor'' for somebody who also records what was done.';
	END IF;
	IF NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = role) THEN
		RAISE EXCEPTION USING ERRCODE = 'undefined_object',
			MESSAGE = format('role "%s" does not exist', role);
	END IF;
	EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', survey, role);
	EXECUTE (SELECT format('GRANT SELECT ON %s TO %I', string_agg(o.object, ', '), role)
		FROM @extschema@.nps_survey_objects(survey) o);
	IF access = 'actor' THEN
		EXECUTE format('GRANT UPDATE ON %1$I.followup, %1$I.followup_all, %1$I.cause_customer TO %2$I', survey, role);
		EXECUTE format('GRANT INSERT, UPDATE ON %1$I.followup_case, %1$I.concern, %1$I.cause_told TO %2$I', survey, role);
	END IF;

	SELECT s.source INTO source FROM @extschema@.nps_surveys() s WHERE s.survey = nps_grant.survey;
	IF NOT has_table_privilege(role, source, 'SELECT') THEN
		RAISE NOTICE USING MESSAGE = format('role "%s" may not read %s', role, source),
			HINT = format('The views show each reader the rows that they may read: GRANT SELECT ON %s TO %I.', source, role);
	END IF;
	IF NOT has_schema_privilege(role, extension_schema, 'USAGE') THEN
		RAISE NOTICE USING MESSAGE = format('role "%s" may not use the functions of nps', role),
			HINT = format('GRANT USAGE ON SCHEMA %I TO %I.', extension_schema, role);
	END IF;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_grant(text, name, text) IS 'lets a role read the views of a survey, or also record follow-up (access => ''actor'')';

CREATE FUNCTION @extschema@.nps_claim_cases(survey text, worker text, wanted_step text, max_rows integer, lease interval)
	RETURNS TABLE (case_id text, respondent text, next_step text, leased_until timestamptz)
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * First things first: makes the rows of cases that have none, and locks those
 * whose lease is free.  Nobody waits for anybody: what somebody is working on is
 * left out.  Then what is locked is looked at again, as the list may have been
 * read before somebody recorded a step.  A worker that dies loses nothing: its
 * lease ends.
 */
DECLARE
	candidate record;
	key_type text;
	equals text;				-- the equality of keys
	cases regclass;
	is_free boolean;
	keys text[] := '{}';
BEGIN
	PERFORM @extschema@.nps_survey_settings(survey);	-- an error if there is none
	IF worker IS NULL OR worker = '' OR max_rows IS NULL OR lease IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed',
			MESSAGE = 'worker, max_rows and lease must not be null',
			HINT = 'For example nps_claim(''survey_nps'', ''mailer-1'').';
	END IF;
	IF lease <= interval '0' THEN
		RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
			MESSAGE = format('a lease cannot be "%s" long', lease),
			HINT = 'Pass as long as the step takes at most, such as ''5 minutes''.';
	END IF;
	cases := format('%I.followup_case', survey);
	SELECT format_type(a.atttypid, -1), @extschema@.nps_mapping_operator(a.atttypid, 3) INTO key_type, equals
	FROM pg_attribute a WHERE a.attrelid = cases AND a.attname = 'case_id';

	FOR candidate IN EXECUTE format($sql$
		SELECT f.case_id::text AS key, c.case_id IS NULL AS is_new
		FROM (SELECT f.*, row_number() OVER () AS place FROM %1$I.followup f) f
		CROSS JOIN %1$I.survey s
		LEFT JOIN %1$I.answer a ON a.response_id %2$s f.response_id
		LEFT JOIN %1$I.followup_case c ON c.case_id %2$s f.case_id
		WHERE f.priority < 4 AND (c.leased_until IS NULL OR c.leased_until < clock_timestamp())
			AND (f.next_step = $1 OR $1 IS NULL)
			-- these need a person
			AND coalesce(length(f.comment), 0) < s.long_comment AND coalesce(a.open_tickets, 0) < s.many_tickets
		ORDER BY f.place
		$sql$, survey, equals)
		USING wanted_step
	LOOP
		EXIT WHEN cardinality(keys) >= max_rows;
		IF candidate.is_new THEN
			-- whoever is making the row now has the lock: see NPS_CASE_LOCKS
			CONTINUE WHEN NOT pg_try_advisory_xact_lock(cases::oid::integer, hashtext(candidate.key) & 1023);
			EXECUTE format('INSERT INTO %1$I.followup_case (case_id, recorded) SELECT $1::%2$s, false '
				'WHERE NOT EXISTS (SELECT FROM %1$I.followup_case c WHERE c.case_id %3$s $1::%2$s) ON CONFLICT (case_id) DO NOTHING', survey, key_type, equals)
			USING candidate.key;
		END IF;
		EXECUTE format($sql$
			SELECT true FROM %1$I.followup_case k
			WHERE k.case_id %3$s $1::%2$s AND (k.leased_until IS NULL OR k.leased_until < clock_timestamp())
				AND (k.is_open OR NOT k.taken)
			FOR UPDATE SKIP LOCKED
			$sql$, survey, key_type, equals)
		INTO is_free USING candidate.key;
		IF is_free THEN
			keys := keys || candidate.key;
		END IF;
	END LOOP;

	RETURN QUERY EXECUTE format($sql$
		WITH still AS MATERIALIZED (
			SELECT f.case_id AS key, f.respondent::text AS who, f.next_step AS step
			FROM %1$I.followup f
			WHERE f.case_id %3$s ANY ($1::%2$s[]) AND f.priority < 4 AND (f.next_step = $2 OR $2 IS NULL)
		), leased AS (
			UPDATE %1$I.followup_case c SET leased_to = $3, leased_until = clock_timestamp() + $4
			FROM still s
			WHERE c.case_id %3$s s.key
			RETURNING s.key::text AS key, s.who, s.step, c.leased_until
		)
		SELECT l.key, l.who, l.step, l.leased_until FROM leased l ORDER BY array_position($1, l.key)
		$sql$, survey, key_type, equals)
	USING keys, wanted_step, worker, lease;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_claim_cases(text, text, text, integer, interval) IS 'part of nps_claim()';

CREATE FUNCTION @extschema@.nps_claim(survey text, worker text, next_step text DEFAULT NULL, max_rows integer DEFAULT 10,
	lease interval DEFAULT '5 minutes', OUT case_id text, OUT respondent text, OUT next_step text, OUT leased_until timestamptz)
	RETURNS SETOF record
	LANGUAGE sql VOLATILE ROWS 10
	BEGIN ATOMIC
	SELECT * FROM @extschema@.nps_claim_cases($1, $2, $3, $4, $5);
	END;
COMMENT ON FUNCTION @extschema@.nps_claim(text, text, text, integer, interval) IS 'hands open cases to a program, each to one at a time; the UPDATE that records the step ends the lease';

CREATE FUNCTION @extschema@.nps_tell()
	RETURNS trigger
	AS 'MODULE_PATHNAME'
	LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.nps_tell() IS 'trigger of nps_notify(): sends the id of a changed row';

CREATE FUNCTION @extschema@.nps_tell_no_more(survey text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Drops the trigger of nps_notify() on the source, which depends on the survey's table. */
DECLARE
	statement text;
BEGIN
	FOR statement IN
		SELECT DISTINCT format('DROP TRIGGER %I ON %s', t.tgname, t.tgrelid::regclass)
		FROM pg_trigger t
		JOIN pg_depend d ON d.classid = 'pg_trigger'::regclass AND d.objid = t.oid
			AND d.refclassid = 'pg_class'::regclass AND d.refobjid = to_regclass(format('%I.followup_case', survey))
		WHERE t.tgfoid = '@extschema@.nps_tell()'::regprocedure AND t.tgrelid <> d.refobjid AND t.tgparentid = 0
	LOOP
		EXECUTE statement;
	END LOOP;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_tell_no_more(text) IS 'part of nps_notify() and nps_detach(): drops the trigger on the source';

CREATE FUNCTION @extschema@.nps_notify(survey text, OUT channel text)
	RETURNS text
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * Sends the id of each answer and of each case that is written, and nothing
 * else: a hint to look at the view.  A channel carries the survey's name.  Where
 * the source can have no trigger, only cases are told of.
 */
DECLARE
	source regclass;
	id_column name;
BEGIN
	PERFORM @extschema@.nps_survey_settings(survey);	-- an error if there is none
	channel := survey;
	EXECUTE format('CREATE OR REPLACE TRIGGER tell AFTER INSERT OR UPDATE ON %1$I.followup_case FOR EACH ROW '
		'EXECUTE FUNCTION @extschema@.nps_tell(%2$L, ''case_id'')', survey, channel);

	SELECT s.source INTO source FROM @extschema@.nps_surveys() s WHERE s.survey = nps_notify.survey;
	PERFORM @extschema@.nps_tell_no_more(survey);
	SELECT @extschema@.nps_mapping_column(format('%I.answer', survey)::regclass, 'response_id') INTO id_column
	FROM pg_class c
	WHERE c.oid = source AND c.relkind IN ('r', 'p') AND has_table_privilege(c.oid, 'TRIGGER');
	IF id_column IS NULL THEN
		RAISE NOTICE USING MESSAGE = format('answers in %s are not told of', source),
			DETAIL = 'It is no table, or you may make no trigger on it, or its response_id is no column.',
			HINT = 'Cases are; look at the view followup from time to time for new answers.';
	ELSE
		-- the constant makes the trigger go with the survey
		EXECUTE format('CREATE TRIGGER %I AFTER INSERT OR UPDATE ON %s FOR EACH ROW '
			'WHEN (%L::regclass IS NOT NULL) EXECUTE FUNCTION @extschema@.nps_tell(%L, %L)',
			'nps_tell_' || CASE WHEN octet_length(survey) <= 54 THEN survey ELSE md5(survey) END,
			source, format('%I.followup_case', survey), channel, id_column);
	END IF;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_notify(text) IS 'makes the survey send NOTIFY with the ids of new answers and changed cases; returns the channel';
/* nps/sql/parts/96_rollup.sql */

CREATE FUNCTION @extschema@.nps_keep_rollup()
	RETURNS trigger
	AS 'MODULE_PATHNAME'
	LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.nps_keep_rollup() IS 'trigger of nps_materialize(): keeps the rollup of a survey exact in every transaction that changes the source';

CREATE FUNCTION @extschema@.nps_rollup_net(added @extschema@.nps_tally, removed @extschema@.nps_tally)
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_rollup_net(@extschema@.nps_tally, @extschema@.nps_tally) IS 'part of nps_materialize(): answers that came less those that went, no counter below zero';

CREATE FUNCTION @extschema@.nps_rollup_trouble(rollup regclass, with_triggers boolean DEFAULT true)
	RETURNS text
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION @extschema@.nps_rollup_trouble(regclass, boolean) IS 'why the rollup of a survey is not kept; NULL if it is';

CREATE FUNCTION @extschema@.nps_rollup_mapping(rollup regclass)
	RETURNS text
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION @extschema@.nps_rollup_mapping(regclass) IS 'part of nps_materialize(): what of the mapping a rollup is made of';

CREATE FUNCTION @extschema@.nps_rollup_zone(rollup regclass)
	RETURNS text
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION @extschema@.nps_rollup_zone(regclass) IS 'part of nps_materialize(): the time zone of the days of a rollup; NULL if it is not kept';

CREATE FUNCTION @extschema@.nps_rollup_serves_support(internal)
	RETURNS internal
	AS 'MODULE_PATHNAME'
	LANGUAGE C STRICT;
COMMENT ON FUNCTION @extschema@.nps_rollup_serves_support(internal) IS 'planner support of nps_rollup_serves()';

CREATE FUNCTION @extschema@.nps_rollup_serves(rollup regclass)
	RETURNS boolean
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE STRICT PARALLEL SAFE
	SUPPORT @extschema@.nps_rollup_serves_support;
COMMENT ON FUNCTION @extschema@.nps_rollup_serves(regclass) IS 'whether the rollup of a survey is kept, and the current user may read all that it was made of';

CREATE FUNCTION @extschema@.nps_rollup_may_be_read(rollup regclass)
	RETURNS boolean
	/* without planner support: a plan that reads the rollup alone is not made anew when the source changes */
	AS 'MODULE_PATHNAME', 'nps_rollup_serves'
	LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_rollup_may_be_read(regclass) IS 'the same as nps_rollup_serves(), asked when a query runs: the row security of a rollup';

CREATE FUNCTION @extschema@.nps_rollup_segments(survey text)
	RETURNS name[]
	LANGUAGE sql STABLE STRICT
	BEGIN ATOMIC
	/* between the day and the five measures */
	SELECT coalesce(pg_catalog.array_agg(a.attname ORDER BY a.attnum), '{}')
	FROM pg_catalog.pg_attribute a
	JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) a.attrelid
	WHERE c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(pg_catalog.format('%I.rollup', $1))
		AND a.attnum OPERATOR(pg_catalog.>) 1 AND a.attnum OPERATOR(pg_catalog.<=) (c.relnatts OPERATOR(pg_catalog.-) 5);
	END;
COMMENT ON FUNCTION @extschema@.nps_rollup_segments(text) IS 'part of nps_materialize(): the columns of a rollup that are segments';

CREATE FUNCTION @extschema@.nps_reads_rollup(survey text)
	RETURNS boolean
	LANGUAGE sql STABLE STRICT
	BEGIN ATOMIC
	SELECT EXISTS (
		SELECT FROM pg_catalog.pg_rewrite w
		JOIN pg_catalog.pg_depend d ON d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_rewrite'::regclass AND d.objid OPERATOR(pg_catalog.=) w.oid
			AND d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::regclass
			AND d.refobjid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(pg_catalog.format('%I.rollup', $1))
		WHERE w.ev_class OPERATOR(pg_catalog.=) pg_catalog.to_regclass(pg_catalog.format('%I.summary', $1)));
	END;
COMMENT ON FUNCTION @extschema@.nps_reads_rollup(text) IS 'part of nps_materialize(): whether the reports of a survey are made to read its rollup';

CREATE FUNCTION @extschema@.nps_rollup_source(survey text)
	RETURNS text
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The query that computes the rollup from the source, with its columns but for what is removed. */
DECLARE
	settings CONSTANT jsonb := @extschema@.nps_survey_settings(survey);
	segments CONSTANT text := (SELECT coalesce(string_agg(format(', %I::%s', a.attname, format_type(a.atttypid, -1)), '' ORDER BY a.attnum), '')
		FROM pg_attribute a
		WHERE a.attrelid = format('%I.rollup', survey)::regclass AND a.attname = ANY (@extschema@.nps_rollup_segments(survey)));
BEGIN
	RETURN format($sql$
		SELECT @extschema@.nps_period(responded_at, %1$L, 'day')%2$s,
			CASE WHEN count(score) > 0 THEN @extschema@.nps_tally_agg(score, %3$L) END,
			count(*) FILTER (WHERE score IS NULL AND rejection = 'no answer'),
			count(*) FILTER (WHERE score IS NULL AND rejection <> 'no answer'),
			count(*) FILTER (WHERE score IS NOT NULL AND @extschema@.nps_has_comment(comment))
		FROM %4$I.answer
		GROUP BY @extschema@.nps_period(responded_at, %1$L, 'day')%2$s$sql$,
		settings->>'time_zone', segments, settings->>'scale', survey);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_rollup_source(text) IS 'part of nps_materialize(): the query that computes a rollup from the source';

CREATE FUNCTION @extschema@.nps_lock_survey(survey text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* One at a time changes how a survey is made; who reads it, writes to it or edits its settings does not wait. */
BEGIN
	PERFORM @extschema@.nps_survey_settings(survey);	-- an error if there is no such survey
	EXECUTE format('LOCK TABLE %I.survey IN SHARE UPDATE EXCLUSIVE MODE', survey);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_lock_survey(text) IS 'part of nps_attach() and nps_materialize(): one at a time changes how a survey is made';

CREATE FUNCTION @extschema@.nps_switch_reports(survey text, read_rollup boolean)
	RETURNS void
	LANGUAGE plpgsql VOLATILE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Has the reports read the rollup or the source.  Nothing else is touched, so that nobody waits for it for long. */
DECLARE
	arguments jsonb;
	source regclass;
	facts jsonb;
	view record;
BEGIN
	PERFORM @extschema@.nps_lock_survey(survey);
	IF @extschema@.nps_reads_rollup(survey) = read_rollup THEN
		RETURN;
	END IF;
	arguments := @extschema@.nps_survey_arguments(survey);
	source := @extschema@.nps_survey_source(survey);
	facts := @extschema@.nps_survey_facts(survey, source, arguments)
		|| CASE WHEN read_rollup THEN jsonb_build_object('rollup', format('%I.rollup', survey)) ELSE '{}' END;
	FOR view IN
		SELECT v.* FROM @extschema@.nps_report_views(facts, (SELECT a.segment_names FROM @extschema@.nps_answer_view(source, arguments) a)) v
		WHERE v.name NOT IN ('response', 'not_counted')
	LOOP
		EXECUTE format('CREATE OR REPLACE VIEW %I.%I WITH (security_invoker = true) AS %s', survey, view.name, view.definition);
	END LOOP;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_switch_reports(text, boolean) IS 'part of nps_materialize(): has the reports read the rollup, or the source';

CREATE FUNCTION @extschema@.nps_drop_rollup(survey text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The triggers on the source first, as writers lock the source first. */
DECLARE
	rollup regclass;
	statement text;
BEGIN
	PERFORM @extschema@.nps_lock_survey(survey);
	rollup := to_regclass(format('%I.rollup', survey));
	IF rollup IS NULL THEN
		RETURN;
	END IF;
	FOR statement IN
		SELECT DISTINCT format('DROP TRIGGER %I ON %s', t.tgname, t.tgrelid::regclass)
		FROM pg_trigger t
		JOIN pg_depend d ON d.classid = 'pg_trigger'::regclass AND d.objid = t.oid
			AND d.refclassid = 'pg_class'::regclass AND d.refobjid = rollup
		WHERE t.tgfoid = '@extschema@.nps_keep_rollup()'::regprocedure AND t.tgrelid <> rollup
	LOOP
		EXECUTE statement;
	END LOOP;
	EXECUTE format('DROP TABLE %I.rollup', survey);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_drop_rollup(text) IS 'part of nps_dematerialize(): drops a rollup and the triggers that keep it';

CREATE FUNCTION @extschema@.nps_create_rollup(survey text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * Makes the empty rollup and the triggers that keep it, where there is none.
 *
 * A segment is stored as text, as the reports show it; or, where its text is
 * another one under other settings, as it is.  Nothing may be on the rollup that
 * would have to be told of a new row, as rows are put into it directly.
 */
DECLARE
	arguments CONSTANT jsonb := @extschema@.nps_survey_arguments(survey);
	source CONSTANT regclass := @extschema@.nps_survey_source(survey);
	owner CONSTANT name := (SELECT pg_get_userbyid(n.nspowner) FROM pg_namespace n WHERE n.nspname = survey);
	names CONSTANT text[] := (SELECT v.segment_names FROM @extschema@.nps_answer_view(source, arguments) v);
	taken CONSTANT text[] := ARRAY['day', 'added', 'removed', 'unanswered', 'rejected', 'with_comment'];
	segment record;
	columns text := '';
	trouble text;
	event record;
	statement text;
BEGIN
	PERFORM @extschema@.nps_lock_survey(survey);
	IF to_regclass(format('%I.rollup', survey)) IS NOT NULL THEN
		RETURN;
	END IF;
	FOR segment IN
		WITH RECURSIVE below AS (
			SELECT a.attname, a.attcollation, s.place, a.atttypid AS type
			FROM unnest(names) WITH ORDINALITY AS s(name, place)
			JOIN pg_attribute a ON a.attrelid = format('%I.answer', survey)::regclass AND a.attname = s.name
			UNION ALL
			SELECT b.attname, b.attcollation, b.place, t.typbasetype FROM below b JOIN pg_type t ON t.oid = b.type AND t.typtype = 'd'
		)
		SELECT b.attname, t.oid::regtype AS type, t.typtype, b.attcollation
		FROM below b JOIN pg_type t ON t.oid = b.type AND t.typtype <> 'd'
		ORDER BY b.place
	LOOP
		IF segment.attname = ANY (taken) THEN
			trouble := format('Segment "%s" is named like a column of the rollup; attach it under another name.', segment.attname);
		ELSIF EXISTS (SELECT FROM pg_collation c WHERE c.oid = segment.attcollation AND NOT c.collisdeterministic) THEN
			trouble := format('Segment "%s" has a collation by which different texts are equal; attach it under another one.', segment.attname);
		END IF;
		columns := columns || format('%I %s, ', segment.attname, CASE
			WHEN segment.typtype = 'e' OR segment.type IN ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype, 'time'::regtype)
			THEN format_type(segment.type, -1) ELSE 'text' END);
	END LOOP;

	IF trouble IS NULL THEN
		EXECUTE format('CREATE %s TABLE %I.rollup (day date, %sadded @extschema@.nps_tally, removed @extschema@.nps_tally, '
			'unanswered bigint, rejected bigint, with_comment bigint)',
			CASE (SELECT c.relpersistence FROM pg_class c WHERE c.oid = source) WHEN 'u' THEN 'UNLOGGED' ELSE '' END, survey, columns);
		EXECUTE format('ALTER TABLE %I.rollup OWNER TO %I', survey, owner);
		-- folding deletes rows, which a publication of all tables must be able to tell
		EXECUTE format('ALTER TABLE %I.rollup REPLICA IDENTITY FULL', survey);
		EXECUTE format('ALTER TABLE %I.rollup ENABLE ROW LEVEL SECURITY', survey);
		EXECUTE format('CREATE POLICY as_the_source ON %1$I.rollup FOR SELECT USING (@extschema@.nps_rollup_may_be_read(%2$L::regclass))',
			survey, format('%I.rollup', survey));
		trouble := @extschema@.nps_rollup_trouble(format('%I.rollup', survey)::regclass, false);
	END IF;
	IF trouble IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
			MESSAGE = format('survey "%s" cannot be materialized', survey),
			DETAIL = trouble,
			HINT = 'Its reports are exact without, and read the source.';
	END IF;

	-- who reads reports may read the view answer
	FOR statement IN
		SELECT format('GRANT SELECT ON %I.rollup TO %s', survey, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END)
		FROM pg_class t CROSS JOIN LATERAL aclexplode(t.relacl) a
		WHERE t.oid = format('%I.answer', survey)::regclass AND a.privilege_type = 'SELECT' AND a.grantee <> t.relowner
	LOOP
		EXECUTE statement;
	END LOOP;
	PERFORM @extschema@.nps_describe_survey(survey, names);

	-- writers wait from here on until the end of the transaction
	FOR event IN
		SELECT * FROM (VALUES ('insert', 'REFERENCING NEW TABLE AS added'), ('update', 'REFERENCING NEW TABLE AS added OLD TABLE AS removed'),
			('delete', 'REFERENCING OLD TABLE AS removed'), ('truncate', '')) AS e(name, rows)
	LOOP
		-- the constant makes the trigger go with the rollup, and tells it where to write
		EXECUTE format('CREATE TRIGGER %I AFTER %s ON %s %s FOR EACH STATEMENT WHEN (%L::regclass IS NOT NULL) '
			'EXECUTE FUNCTION @extschema@.nps_keep_rollup(%L, %L)',
			format('nps_rollup_%s_%s', event.name, CASE WHEN octet_length(survey) <= 43 THEN survey ELSE md5(survey) END),
			event.name, source, event.rows, format('%I.rollup', survey), arguments->>'time_zone', arguments->>'scale');
	END LOOP;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_create_rollup(text) IS 'part of nps_materialize(): makes the empty rollup and the triggers that keep it';

CREATE FUNCTION @extschema@.nps_rollup_is_due(survey text, rebuild boolean)
	RETURNS boolean
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Whether there is anything to do for nps_materialize(). */
BEGIN
	PERFORM @extschema@.nps_lock_survey(survey);
	IF coalesce(rebuild, false) OR NOT @extschema@.nps_reads_rollup(survey) OR @extschema@.nps_rollup_is_lost(survey) THEN
		RETURN true;
	END IF;
	RAISE NOTICE USING MESSAGE = format('survey "%s" is materialized already', survey),
		HINT = 'Pass rebuild => true to compute its rollup anew.';
	RETURN false;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_rollup_is_due(text, boolean) IS 'part of nps_materialize(): whether there is anything to do';

CREATE FUNCTION @extschema@.nps_rollup_is_lost(survey text)
	RETURNS boolean
	LANGUAGE sql STABLE STRICT
	BEGIN ATOMIC
	SELECT @extschema@.nps_rollup_trouble(pg_catalog.to_regclass(pg_catalog.format('%I.rollup', $1))) IS NOT NULL;
	END;
COMMENT ON FUNCTION @extschema@.nps_rollup_is_lost(text) IS 'part of nps_materialize(): whether there is a rollup that is not kept';

CREATE FUNCTION @extschema@.nps_fill_rollup(survey text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * One statement with one snapshot takes out what was in the rollup and puts in
 * what is in the source; what writers append meanwhile is in neither, and stays.
 * The snapshot must be newer than the locks.
 */
DECLARE
	source CONSTANT regclass := @extschema@.nps_survey_source(survey);
	trouble text;
	segments text;
BEGIN
	IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
		RAISE EXCEPTION USING ERRCODE = 'invalid_transaction_state',
			MESSAGE = format('a rollup cannot be computed in a transaction that is %s', current_setting('transaction_isolation'));
	END IF;
	PERFORM @extschema@.nps_lock_survey(survey);
	-- in the order of writers, which lock the source first
	EXECUTE format('LOCK TABLE %s IN ACCESS SHARE MODE', source);
	EXECUTE format('LOCK TABLE %I.rollup IN SHARE UPDATE EXCLUSIVE MODE', survey);
	trouble := CASE WHEN row_security_active(source) THEN format('Row security hides rows of %s from you.', source)
		ELSE @extschema@.nps_rollup_trouble(format('%I.rollup', survey)::regclass) END;
	IF trouble IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
			MESSAGE = format('the rollup of survey "%s" cannot be computed', survey),
			DETAIL = trouble;
	END IF;
	segments := (SELECT coalesce(string_agg(format(', %I', n), ''), '') FROM unnest(@extschema@.nps_rollup_segments(survey)) n);
	EXECUTE format('WITH gone AS (DELETE FROM %1$I.rollup) INSERT INTO %1$I.rollup (day%2$s, added, unanswered, rejected, with_comment) %3$s',
		survey, segments, @extschema@.nps_rollup_source(survey));
	EXECUTE format('ANALYZE %I.rollup', survey);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_fill_rollup(text) IS 'part of nps_materialize(): computes the rollup';

CREATE PROCEDURE @extschema@.nps_materialize(survey text, rebuild boolean DEFAULT false)
	LANGUAGE plpgsql
	AS $body$
/*
 * In several transactions, so that nobody waits for long: from the second COMMIT
 * on every change of the source is seen, and what was there is counted after it.
 * Without SET, as that would forbid COMMIT: so every name in here is qualified.
 */
BEGIN
	IF NOT @extschema@.nps_rollup_is_due(survey, rebuild) THEN
		RETURN;
	END IF;
	IF @extschema@.nps_rollup_is_lost(survey) THEN
		PERFORM @extschema@.nps_switch_reports(survey, false);
		COMMIT;
		PERFORM @extschema@.nps_drop_rollup(survey);
	END IF;
	PERFORM @extschema@.nps_create_rollup(survey);
	COMMIT;
	SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
	PERFORM @extschema@.nps_fill_rollup(survey);
	COMMIT;
	PERFORM @extschema@.nps_switch_reports(survey, true);
END
$body$;
COMMENT ON PROCEDURE @extschema@.nps_materialize(text, boolean) IS 'makes the reports of a survey fast at any size: they read a rollup that every change of the source keeps exact';

CREATE PROCEDURE @extschema@.nps_dematerialize(survey text)
	LANGUAGE plpgsql
	AS $body$
/* In two transactions, so that no reader waits while writers are waited for.  Every name is qualified, as above. */
BEGIN
	PERFORM @extschema@.nps_switch_reports(survey, false);
	COMMIT;
	-- once more, in case somebody materialized it meanwhile
	PERFORM @extschema@.nps_switch_reports(survey, false);
	PERFORM @extschema@.nps_drop_rollup(survey);
END
$body$;
COMMENT ON PROCEDURE @extschema@.nps_dematerialize(text) IS 'has the reports of a survey read the source again, and drops the rollup';

CREATE FUNCTION @extschema@.nps_compact(survey text, OUT rows_before bigint, OUT rows_after bigint)
	RETURNS record
	LANGUAGE plpgsql VOLATILE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * Folds what writers appended: the rows of a cell become one.  The lock is one
 * that writers and readers do not wait for.  One statement, so that at every
 * moment a reader sees the rows or their sum, and a kill leaves them as they were.
 */
DECLARE
	keys text;
BEGIN
	PERFORM @extschema@.nps_survey_settings(survey);	-- an error if there is no such survey
	IF to_regclass(format('%I.rollup', survey)) IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
			MESSAGE = format('survey "%s" is not materialized', survey),
			HINT = format('CALL nps_materialize(%L) makes the rollup.', survey);
	END IF;
	-- in the order of writers, which lock the source first
	EXECUTE format('LOCK TABLE %s IN ACCESS SHARE MODE', @extschema@.nps_survey_source(survey));
	EXECUTE format('LOCK TABLE %I.rollup IN SHARE UPDATE EXCLUSIVE MODE', survey);
	keys := 'day' || (SELECT coalesce(string_agg(format(', %I', n), ''), '') FROM unnest(@extschema@.nps_rollup_segments(survey)) n);
	EXECUTE format($sql$
		WITH counted AS (
			SELECT ctid AS place, count(*) OVER (PARTITION BY %2$s) AS rows FROM %1$I.rollup
		), gone AS (
			DELETE FROM %1$I.rollup r USING counted c WHERE r.ctid = c.place AND c.rows > 1 RETURNING r.*
		), folded AS (
			INSERT INTO %1$I.rollup (%2$s, added, removed, unanswered, rejected, with_comment)
			SELECT %2$s, CASE WHEN @extschema@.nps_responses(added) > 0 THEN added END, CASE WHEN @extschema@.nps_responses(removed) > 0 THEN removed END,
				unanswered, rejected, with_comment
			FROM (
				SELECT %2$s, @extschema@.nps_rollup_net(added, removed) AS added, @extschema@.nps_rollup_net(removed, added) AS removed,
					unanswered, rejected, with_comment
				FROM (
					SELECT %2$s, @extschema@.nps_tally_agg(added) AS added, @extschema@.nps_tally_agg(removed) AS removed,
						sum(unanswered)::bigint AS unanswered, sum(rejected)::bigint AS rejected, sum(with_comment)::bigint AS with_comment
					FROM gone
					GROUP BY %2$s) g) g
			WHERE @extschema@.nps_responses(added) > 0 OR @extschema@.nps_responses(removed) > 0
				OR unanswered <> 0 OR rejected <> 0 OR with_comment <> 0
			RETURNING 1
		)
		SELECT b.rows, b.rows - (SELECT count(*) FROM gone) + (SELECT count(*) FROM folded) FROM (SELECT count(*) AS rows FROM counted) b
		$sql$, survey, keys)
	INTO rows_before, rows_after;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_compact(text) IS 'folds the rows that writers appended to the rollup of a survey; run it from time to time';

CREATE FUNCTION @extschema@.nps_verify(survey text,
	OUT day date, OUT segments text, OUT in_source @extschema@.nps_tally, OUT in_rollup @extschema@.nps_tally,
	OUT unanswered_in_source bigint, OUT unanswered_in_rollup bigint, OUT rejected_in_source bigint, OUT rejected_in_rollup bigint,
	OUT with_comment_in_source bigint, OUT with_comment_in_rollup bigint)
	RETURNS SETOF record
	LANGUAGE plpgsql VOLATILE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The cells in which rollup and source differ, in one snapshot; no rows if there
 * is none.  The snapshot is newer than the locks: TRUNCATE empties the source for
 * older ones too, but not the rollup.
 */
DECLARE
	source CONSTANT regclass := @extschema@.nps_survey_source(survey);
	names name[];
	keys text;
BEGIN
	IF to_regclass(format('%I.rollup', survey)) IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
			MESSAGE = format('survey "%s" is not materialized', survey),
			HINT = format('CALL nps_materialize(%L) makes the rollup.', survey);
	END IF;
	IF row_security_active(source) OR row_security_active(format('%I.rollup', survey)::regclass) THEN
		RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
			MESSAGE = format('only who sees all rows of %s can verify the rollup of survey "%s"', source, survey),
			HINT = 'Have its owner do it.';
	END IF;
	EXECUTE format('LOCK TABLE %s IN ACCESS SHARE MODE', source);
	IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted')
		AND @extschema@.nps_rollup_trouble(format('%I.rollup', survey)::regclass) IS NULL
		AND NOT @extschema@.nps_rollup_may_be_read(format('%I.rollup', survey)::regclass)
	THEN
		RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
			MESSAGE = format('this transaction began before the rollup of survey "%s"', survey),
			HINT = 'Verify it in another transaction.';
	END IF;
	names := @extschema@.nps_rollup_segments(survey);
	keys := 'day' || (SELECT coalesce(string_agg(format(', %I', n), ''), '') FROM unnest(names) n);
	RETURN QUERY EXECUTE format($sql$
		SELECT day, array_to_string(nullif(ARRAY[%3$s]::text[], '{}'), ', '), source, @extschema@.nps_rollup_net(added, removed),
			unanswered, unanswered_kept, rejected, rejected_kept, with_comment, with_comment_kept
		FROM (
			SELECT %2$s, @extschema@.nps_tally_agg(source) AS source, @extschema@.nps_tally_agg(added) AS added, @extschema@.nps_tally_agg(removed) AS removed,
				coalesce(sum(unanswered) FILTER (WHERE of_source), 0)::bigint AS unanswered,
				coalesce(sum(unanswered) FILTER (WHERE NOT of_source), 0)::bigint AS unanswered_kept,
				coalesce(sum(rejected) FILTER (WHERE of_source), 0)::bigint AS rejected,
				coalesce(sum(rejected) FILTER (WHERE NOT of_source), 0)::bigint AS rejected_kept,
				coalesce(sum(with_comment) FILTER (WHERE of_source), 0)::bigint AS with_comment,
				coalesce(sum(with_comment) FILTER (WHERE NOT of_source), 0)::bigint AS with_comment_kept
			FROM (
				SELECT true AS of_source, s.*, NULL::@extschema@.nps_tally AS added, NULL::@extschema@.nps_tally AS removed
				FROM (%4$s) AS s(%2$s, source, unanswered, rejected, with_comment)
				UNION ALL
				SELECT false, %2$s, NULL, unanswered, rejected, with_comment, added, removed FROM %1$I.rollup
			) both_sides
			GROUP BY %2$s
		) cell
		WHERE added OPERATOR(@extschema@.<>) (source OPERATOR(@extschema@.+) removed) OR unanswered <> unanswered_kept OR rejected <> rejected_kept
			OR with_comment <> with_comment_kept
		ORDER BY %2$s
		$sql$, survey, keys,
		(SELECT coalesce(string_agg(format('%L || coalesce(%I::text, ''NULL'')', n || ' = ', n), ', '), '') FROM unnest(names) n),
		@extschema@.nps_rollup_source(survey));
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_verify(text) IS 'the cells in which the rollup of a survey and its source differ; no rows if all is well';
