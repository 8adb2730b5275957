/* nps/sql/library/aggregate_interval.sql */

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
