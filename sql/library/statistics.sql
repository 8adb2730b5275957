/* nps/sql/library/statistics.sql */

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

CREATE FUNCTION @extschema@.nps_compare_pairs(pairs bigint, changes double precision, squares double precision, confidence double precision DEFAULT 0.95, OUT change double precision, OUT low double precision, OUT high double precision, OUT z double precision, OUT p_value double precision)
	RETURNS record
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_compare_pairs(bigint, double precision, double precision, double precision) IS 'change of the score of the same people, from count(*), sum(after - before) and sum((after - before) ^ 2) of their points';

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

CREATE FUNCTION @extschema@.nps_holm(p_value double precision)
	RETURNS double precision
	AS 'MODULE_PATHNAME'
	LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_holm(double precision) IS 'window function: p-values adjusted for being looked at together (Holm); NULLs are ignored';
