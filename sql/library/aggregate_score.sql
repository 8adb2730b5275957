/* nps/sql/library/aggregate_score.sql */

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
