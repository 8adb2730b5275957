/* nps/sql/library/weighted.sql */

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
COMMENT ON TYPE @extschema@.nps_weighted_result IS 'what nps_weighted_summary() returns for a survey with weights';
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
