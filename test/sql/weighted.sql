-- Surveys in which each answer has a weight: nps_weighted_score() and
-- nps_weighted_summary(), their reference values, rules and states.
\set VERBOSITY default
\getenv abs_srcdir PG_ABS_SRCDIR
CREATE SCHEMA weighted_test;
SET search_path = weighted_test, public;

CREATE FUNCTION near(got double precision, expected double precision, tolerance double precision) RETURNS boolean
	LANGUAGE sql IMMUTABLE
	RETURN coalesce(abs(got - expected) <= tolerance * abs(expected), got IS NULL AND expected IS NULL);

--
-- reference_weighted*.csv: 123 answers of 5 surveys; 5 rows of figures and 75
-- of intervals, 15 for each method.  Two of those methods, which use only Kish's
-- number, are not ours.  Scores there run from -1 to 1.
--
CREATE TABLE reference_rows (case_id text, score double precision, weight double precision);
CREATE TABLE reference_weighted (case_id text, n_positive bigint, sum_w double precision, sum_w2 double precision, p_det double precision,
	p_pas double precision, p_pro double precision, nps double precision, variance double precision, se_linear double precision, se_svymean double precision,
	n_kish double precision, deff_kish double precision, se_kish double precision, n_linear double precision, n_eff double precision);
CREATE TABLE reference_ci (case_id text, confidence double precision, method text, n_used double precision, low_raw double precision,
	high_raw double precision, low double precision, high double precision);
\set load_rows '\\copy reference_rows FROM ''' :abs_srcdir '/data/reference_weighted_rows.csv'' (FORMAT csv, HEADER MATCH)'
\set load_weighted '\\copy reference_weighted FROM ''' :abs_srcdir '/data/reference_weighted.csv'' (FORMAT csv, HEADER MATCH)'
\set load_ci '\\copy reference_ci FROM ''' :abs_srcdir '/data/reference_weighted_ci.csv'' (FORMAT csv, HEADER MATCH)'
:load_rows
:load_weighted
:load_ci
SELECT count(*) AS rows_123, count(DISTINCT case_id) AS surveys_5, count(*) FILTER (WHERE weight = 0) AS weights_of_0 FROM reference_rows;

-- The figures, and the score from both aggregates.
CREATE TABLE verdict AS
SELECT wanted.case_id,
	got.responses = n_positive AND near(got.weight, sum_w, 1e-12)
		AND near(got.detractor_share, p_det, 1e-12) AND near(got.passive_share, p_pas, 1e-12) AND near(got.promoter_share, p_pro, 1e-12)
		AND near(got.nps, 100 * wanted.nps, 1e-12) AND near(score, 100 * wanted.nps, 1e-12) AND near(got.standard_error, 100 * se_linear, 1e-12)
		AND near(got.kish_responses, n_kish, 1e-12) AND near(got.design_effect, deff_kish, 1e-12) AND near(got.effective_responses, n_eff, 1e-12) AS ok
FROM reference_weighted AS wanted
	JOIN (SELECT case_id, nps_weighted_summary(score, weight) AS summary, nps_weighted_score(score, weight) AS score FROM reference_rows GROUP BY case_id) AS made USING (case_id),
	LATERAL (SELECT (summary).*) AS got;
SELECT count(*) AS checked_5, count(*) FILTER (WHERE ok IS NOT TRUE) AS wrong_0 FROM verdict;
SELECT case_id FROM verdict WHERE ok IS NOT TRUE;

-- The intervals.
CREATE TABLE verdict_ci AS
SELECT wanted.case_id, wanted.method, wanted.confidence, got.nps_low, got.nps_high,
	CASE wanted.method WHEN 'score' THEN abs(nps_low - 100 * low) <= 1e-9 AND abs(nps_high - 100 * high) <= 1e-9
		ELSE near(nps_low, 100 * low, 1e-12) AND near(nps_high, 100 * high, 1e-12) END AS ok
FROM reference_ci AS wanted,
	LATERAL (SELECT (nps_weighted_summary(score, weight, 'nps', confidence, replace(method, 'wald_linear', 'wald'))).* FROM reference_rows WHERE case_id = wanted.case_id) AS got
WHERE method IN ('score', 'adjusted_wald', 'wald_linear');
SELECT method, count(*) AS checked, count(*) FILTER (WHERE ok IS NOT TRUE) AS wrong FROM verdict_ci GROUP BY method ORDER BY method;
SELECT case_id, method, confidence FROM verdict_ci WHERE ok IS NOT TRUE;
-- the defaults are 95 % and the score method
SELECT case_id, summary FROM (SELECT case_id, nps_weighted_summary(score, weight) AS summary, nps_weighted_summary(score, weight, 'nps') AS on_scale,
	nps_weighted_summary(score, weight, 'nps', 0.95, 'score') AS in_full FROM reference_rows GROUP BY case_id) AS made
WHERE summary IS DISTINCT FROM on_scale OR summary IS DISTINCT FROM in_full;

--
-- Weight 1 is the same as no weight: all 454 tables of 1 to 12 answers
--
CREATE TABLE sample AS
SELECT d, m, n - d - m AS p, n, nps_counts(d, m, n - d - m) AS tally
FROM generate_series(1, 12) AS n, generate_series(0, n) AS d, generate_series(0, n - d) AS m;
CREATE TABLE answer AS
SELECT n, d, m, CASE WHEN k <= d THEN 3 WHEN k <= d + m THEN 7 ELSE 10 END AS score FROM sample, generate_series(1, n) AS k;
CREATE TABLE weighing AS
SELECT n, d, m, tally, score, once, adjusted, wald, quarter
FROM sample JOIN (
	SELECT n, d, m, nps_weighted_score(score, 1) AS score, nps_weighted_summary(score, 1) AS once, nps_weighted_summary(score, 0.25) AS quarter,
		nps_weighted_summary(score, 1, 'nps', 0.9, 'adjusted_wald') AS adjusted, nps_weighted_summary(score, 1, 'nps', 0.9, 'wald') AS wald
	FROM answer GROUP BY n, d, m) AS weighed USING (n, d, m);
SELECT count(*) AS tables_454 FROM weighing;
-- score, counts and shares to the last bit
SELECT n, d, m, score, plain.nps FROM weighing, nps_summary(tally) AS plain
WHERE (score, (once).nps, (once).responses, (once).weight, (once).detractor_share, (once).passive_share, (once).promoter_share,
		(once).kish_responses, (once).design_effect)
	IS DISTINCT FROM (plain.nps, plain.nps, n::bigint, n::double precision, plain.detractor_share, plain.passive_share, plain.promoter_share,
		n::double precision, 1::double precision);
-- errors and intervals as close as the other order of calculation allows
SELECT n, d, m FROM weighing, nps_summary(tally) AS plain, nps_interval(tally, 0.9, 'adjusted_wald') AS plain_adjusted, nps_interval(tally, 0.9, 'wald') AS plain_wald
WHERE NOT near((once).standard_error, plain.standard_error, 1e-12) OR NOT near((once).effective_responses, n, 1e-12)
	OR abs((once).nps_low - plain.nps_low) > 1e-9 OR abs((once).nps_high - plain.nps_high) > 1e-9
	OR abs((adjusted).nps_low - plain_adjusted.low) > 1e-12 OR abs((adjusted).nps_high - plain_adjusted.high) > 1e-12
	OR abs((wald).nps_low - plain_wald.low) > 1e-12 OR abs((wald).nps_high - plain_wald.high) > 1e-12;
-- a different weight for all answers changes only the sum of weights
SELECT n, d, m FROM weighing WHERE (quarter).weight <> n / 4.0 OR to_jsonb(quarter) - 'weight' <> to_jsonb(once) - 'weight';

--
-- Rules
--
CREATE FUNCTION sqlstate_of(query text) RETURNS text
	LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE query;
	RETURN '00000';
EXCEPTION WHEN OTHERS THEN
	RETURN sqlstate;
END
$$;
-- No rows, and rows that do not count: NULL, but 0 answers.
SELECT nps_weighted_score(9, 1) IS NULL AS score, nps_weighted_summary(9, 1) AS summary FROM answer WHERE false;
SELECT nps_weighted_score(score, weight) IS NULL AS score, nps_weighted_summary(score, weight) AS summary
FROM (VALUES (NULL::double precision, 1::double precision), (9, NULL), (NULL, NULL), (9, 0), (NULL, -1), (11, NULL), (11, 0)) AS given (score, weight);
-- A NULL score, a NULL weight and a weight of 0 leave the row out of everything.
SELECT responses AS is_3, weight AS is_4, nps AS is_50, detractor_share AS is_0_25, passive_share AS is_0, promoter_share AS is_0_75, round(kish_responses::numeric, 9) AS is_16_6th
FROM (SELECT (nps_weighted_summary(score, weight)).*
	FROM (VALUES (0, 1.0), (9, 1), (10, 2), (NULL, 7), (3, NULL), (8, 0), (99, 0)) AS given (score, weight)) AS got;
-- Invalid weights.
SELECT nps_weighted_score(9, -1);
SELECT nps_weighted_score(9, 'NaN');
SELECT nps_weighted_score(9, 'Infinity');
SELECT nps_weighted_summary(9, '-Infinity');
-- Invalid scores.
SELECT nps_weighted_score(11, 1);
SELECT nps_weighted_score(6.5, 1);
SELECT nps_weighted_score('NaN', 1);
SELECT nps_weighted_score(0, 1, 'csat5');
SELECT nps_weighted_summary(100.5, 1, 'health');
-- The other arguments must not be NULL in a row that counts.
SELECT nps_weighted_score(9, 1, NULL);
SELECT nps_weighted_summary(9, 1, 'nps', NULL, 'score');
SELECT nps_weighted_summary(9, 1, 'nps', 0.95, NULL);
SELECT nps_weighted_score(NULL, 1, NULL) IS NULL AS row_does_not_count, nps_weighted_score(9, 0, NULL) IS NULL AS nor_does_this;
SELECT nps_weighted_summary(9, 1, 'nps', 95, 'score');
SELECT nps_weighted_summary(9, 1, 'nps', 0.95, 'kish');
SELECT nps_weighted_summary(4, 1, 'stars');
-- They must be the same for a whole group.
SELECT nps_weighted_score(4, 1, scale) FROM (VALUES ('nps'), ('csat5')) AS given (scale);
SELECT nps_weighted_summary(4, 1, 'nps', confidence, 'score') FROM (VALUES (0.9), (0.95)) AS given (confidence);
SELECT nps_weighted_summary(4, 1, 'nps', 0.9, method) FROM (VALUES ('score'), ('wald')) AS given (method);
SELECT scale, nps_weighted_score(4, 1, scale) AS nps FROM nps_scales() GROUP BY scale ORDER BY scale COLLATE "C";
SELECT call, got, expected
FROM (VALUES ('(9, -1)', '22003'), ('(9, ''NaN'')', '22003'), ('(9, ''Infinity'')', '22003'), ('(11, 1)', '22003'), ('(9, 1, NULL)', '22004'),
	('(9, 1, ''stars'')', '22023'), ('(4, 1, CASE g WHEN 1 THEN ''nps'' ELSE ''csat5'' END)', '22023')) AS wrong (call, expected),
	LATERAL sqlstate_of(format('SELECT nps_weighted_score%s FROM generate_series(1, 2) AS g', call)) AS got
WHERE got <> expected;
-- The unit of the weights does not matter, as long as a double can hold their squares.
SELECT exponent, round(nps::numeric, 9) AS nps, round(nps_low::numeric, 9) AS low, round(nps_high::numeric, 9) AS high,
	round(kish_responses::numeric, 9) AS kish, round(design_effect::numeric, 9) AS deff
FROM (VALUES (0), (-12), (12), (-150), (150)) AS unit (exponent),
	LATERAL (SELECT (nps_weighted_summary(score, weight * ('1e' || exponent)::double precision)).* FROM (VALUES (10, 3), (7, 1), (2, 1)) AS given (score, weight)) AS got;
SELECT nps_weighted_score(9, 1e200);
SELECT sqlstate_of('SELECT nps_weighted_summary(9, 1e200)') AS is_22003, sqlstate_of('SELECT nps_weighted_summary(9, 1e-200)') AS is_22003,
	sqlstate_of('SELECT nps_weighted_summary(9, 1e-160)') AS is_22003;
-- Weights may be of any number type, and all arguments literals.
SELECT nps_weighted_score(9::smallint, 1::bigint) AS is_100, nps_weighted_score(2::numeric, 0.5::real) AS is_minus_100, nps_weighted_score('9', '2') AS is_100,
	(nps_weighted_summary('34.999', '0.1', 'health')).detractor_share AS is_1;

-- GROUP BY, FILTER, DISTINCT, an empty group, and a window without inverse function.
-- Weights that no double holds exactly, so that sums depend on their order.
CREATE TABLE survey AS
SELECT g, (g * 7) % 11 AS score, (1 + (g * 13) % 29) / 10.0 AS weight, chr(97 + g % 3) AS region FROM generate_series(1, 3000) AS g;
ANALYZE survey;
-- the oracle: plain SQL, without any function of ours
CREATE VIEW oracle AS
SELECT region, 100 * (sum(weight) FILTER (WHERE score >= 9) - sum(weight) FILTER (WHERE score <= 6)) / sum(weight) AS nps,
	sum(weight) ^ 2 / sum(weight ^ 2) AS kish, count(*) AS n
FROM survey GROUP BY region;
SELECT region, round((got).nps::numeric, 6) AS nps, round((got).kish_responses::numeric, 6) AS kish
FROM (SELECT region, nps_weighted_summary(score, weight) AS got, nps_weighted_score(score, weight) AS score FROM survey GROUP BY region) AS grouped JOIN oracle USING (region)
WHERE NOT near((got).nps, nps::double precision, 1e-12) OR NOT near(score, nps::double precision, 1e-12)
	OR NOT near((got).kish_responses, kish::double precision, 1e-12) OR (got).responses <> n;
SELECT near(nps_weighted_score(score, weight) FILTER (WHERE region = 'b'), (SELECT nps FROM oracle WHERE region = 'b')::double precision, 1e-12) AS filtered,
	nps_weighted_score(score, weight) FILTER (WHERE false) IS NULL AS filtered_away,
	nps_weighted_score(DISTINCT score, 1) = nps_score(DISTINCT score) AS each_score_once,
	near(nps_weighted_score(score, weight ORDER BY g DESC), nps_weighted_score(score, weight ORDER BY weight), 1e-12) AS in_any_order
FROM survey;
SELECT region, round(nps_weighted_score(score, weight)::numeric, 6) AS nps FROM survey WHERE g <= 60 GROUP BY GROUPING SETS ((region), ()) ORDER BY region NULLS LAST;
SELECT count(*) AS wrong_0
FROM (SELECT g, nps_weighted_score(score, weight) OVER (ORDER BY g ROWS 10 PRECEDING) AS got FROM survey WHERE g <= 200) AS rolling
WHERE NOT near(got, (SELECT nps_weighted_score(score, weight) FROM survey WHERE g BETWEEN rolling.g - 10 AND rolling.g), 1e-9);

--
-- A parallel plan gives the same as a serial one
--
CREATE TABLE serial_result AS
SELECT 'all' AS region, nps_weighted_summary(score, weight) AS got FROM survey UNION ALL SELECT region, nps_weighted_summary(score, weight) FROM survey GROUP BY region
UNION ALL SELECT 'none', nps_weighted_summary(score, weight) FROM survey WHERE g < 0;
ALTER TABLE survey SET (parallel_workers = 2);
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
SET parallel_leader_participation = off;
SET enable_hashagg = off;
EXPLAIN (COSTS OFF) SELECT nps_weighted_summary(score, weight) FROM survey;
-- the plans of these are parallel too, but not the same in all versions
CREATE FUNCTION is_parallel(query text) RETURNS boolean
	LANGUAGE plpgsql AS $$
DECLARE
	line text;
	partial boolean := false;
	gathered boolean := false;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		partial := partial OR line ~ 'Partial';
		gathered := gathered OR line ~ 'Gather';
	END LOOP;
	RETURN partial AND gathered;
END
$$;
SELECT is_parallel('SELECT region, nps_weighted_summary(score, weight) FROM survey GROUP BY region') AS by_region,
	is_parallel('SELECT nps_weighted_summary(score, weight) FILTER (WHERE g < 0) FROM survey') AS of_nothing,
	is_parallel('CREATE TABLE parallel_all AS SELECT nps_weighted_summary(score, weight) AS got FROM survey') AS stored;
CREATE TABLE parallel_all AS SELECT 'all' AS region, nps_weighted_summary(score, weight) AS got FROM survey;
CREATE TABLE parallel_region AS SELECT region, nps_weighted_summary(score, weight) AS got FROM survey GROUP BY region;
CREATE TABLE parallel_none AS SELECT 'none' AS region, nps_weighted_summary(score, weight) FILTER (WHERE g < 0) AS got FROM survey;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET max_parallel_workers_per_gather;
RESET parallel_leader_participation;
RESET enable_hashagg;
CREATE VIEW parallel_result AS TABLE parallel_all UNION ALL TABLE parallel_region UNION ALL TABLE parallel_none;
SELECT count(*) AS compared_5 FROM serial_result JOIN parallel_result USING (region);
SELECT region, s.key, s.value AS serial, p.value AS parallel
FROM serial_result JOIN parallel_result USING (region),
	LATERAL jsonb_each_text(to_jsonb(serial_result.got)) AS s, LATERAL jsonb_each_text(to_jsonb(parallel_result.got)) AS p
WHERE s.key = p.key AND NOT near(p.value::double precision, s.value::double precision, 1e-12);

--
-- States of any origin: an error, or a result, never anything else
--
-- What a state consists of: answers; weights, squared weights of detractors, passives,
-- promoters; scale; confidence; method.
SELECT nps_weighted_accum('{0,0,0,0,0,0,0,0,0,0}', 9, 2) AS one;
SELECT nps_weighted_accum(nps_weighted_accum('{0,0,0,0,0,0,0,0,0,0}', 9, 2), 3, 0.5) AS two;
SELECT nps_weighted_accum('{0,0,0,0,0,0,0,0,0,0}', 3, 2, 'csat5') AS csat5;
SELECT nps_weighted_accum('{0,0,0,0,0,0,0,0,0,0}', 3, 2, 'csat5', 0.9, 'wald') AS csat5_wald;
SELECT nps_weighted_accum('{0,0,0,0,0,0,0,0,0,0}', NULL, 2) AS unchanged, nps_weighted_accum('{0,0,0,0,0,0,0,0,0,0}', 9, 0) AS unchanged;
SELECT nps_weighted_combine('{1,0,0,2,0,0,4,1,0.95,1}', '{1,0.5,0,0,0.25,0,0,1,0.95,1}') AS two;
SELECT nps_weighted_combine('{0,0,0,0,0,0,0,0,0,0}', '{0,0,0,0,0,0,0,0,0,0}') AS none,
	nps_weighted_combine('{0,0,0,0,0,0,0,0,0,0}', '{1,0,0,2,0,0,4,1,0.95,1}') AS one, nps_weighted_combine('{1,0,0,2,0,0,4,1,0.95,1}', '{0,0,0,0,0,0,0,0,0,0}') AS one;
SELECT nps_weighted_score_final('{2,0.5,0,2,0.25,0,4,1,0.95,1}') AS is_60, nps_weighted_score_final('{0,0,0,0,0,0,0,0,0,0}') IS NULL AS none, nps_weighted_score_final(NULL) IS NULL AS no_state;
SELECT nps_weighted_summary_final('{0,0,0,0,0,0,0,0,0,0}') AS none, nps_weighted_summary_final(NULL) IS NULL AS no_state;

SELECT nps_weighted_accum(NULL, 9, 1);
SELECT nps_weighted_combine(NULL, '{0,0,0,0,0,0,0,0,0,0}');
SELECT nps_weighted_combine('{0,0,0,0,0,0,0,0,0,0}', NULL);
SELECT nps_weighted_score_final('{1,2,3}');
SELECT nps_weighted_combine('{1,0,0,2,0,0,4,1,0.95,1}', '{1,0,0,2,0,0,4,2,0.95,1}');
SELECT nps_weighted_combine('{1,0,0,2,0,0,4,1,0.95,1}', '{1,0,0,2,0,0,4,1,0.9,1}');
SELECT nps_weighted_combine('{1,0,0,2,0,0,4,1,0.95,1}', '{1,0,0,2,0,0,4,1,0.95,3}');
SELECT nps_weighted_accum('{1,0,0,2,0,0,4,2,0.95,1}', 9, 1);
SELECT nps_weighted_combine('{1,0,0,3e152,0,0,1e305,1,0.95,1}', '{1,3e152,0,0,1e305,0,0,1,0.95,1}');
-- weights whose squares fit, but whose sum of squares over the categories does not
SELECT nps_weighted_summary(score, weight) FROM (VALUES (3, 6.7e153), (3, 6.7e153), (8, 1.3e154)) AS v (score, weight);
SELECT (s).responses, (s).nps, round((s).kish_responses::numeric, 9) AS kish_responses, round((s).effective_responses::numeric, 9) AS effective_responses, round((s).standard_error::numeric, 9) AS standard_error
FROM (SELECT nps_weighted_summary(score, weight) FROM (VALUES (3, 1e152), (3, 1e152), (8, 2e152)) AS v (score, weight)) AS a (s);

-- each of these is refused by every function that takes a state
CREATE TABLE hostile (state text, why text);
INSERT INTO hostile VALUES
	('{}', 'empty'), ('{1}', 'too short'), ('{0,0,0,0,0,0,0,0,0}', 'too short'), ('{0,0,0,0,0,0,0,0,0,0,0}', 'too long'),
	('{{0,0,0,0,0},{0,0,0,0,0}}', 'two dimensions'), ('{{1},{0},{0},{2},{0},{0},{4},{1},{0.95},{1}}', 'two dimensions'), ('{0,0,0,0,0,0,0,0,0,NULL}', 'null in it'),
	('{NaN,0,0,0,0,0,0,0,0,0}', 'answers not a number'), ('{1,0,0,NaN,0,0,4,1,0.95,1}', 'weight not a number'), ('{1,0,0,2,0,0,NaN,1,0.95,1}', 'square not a number'),
	('{Infinity,0,0,2,0,0,4,1,0.95,1}', 'answers without end'), ('{1,0,0,Infinity,0,0,4,1,0.95,1}', 'weight without end'), ('{1,0,0,2,0,0,Infinity,1,0.95,1}', 'square without end'),
	('{-1,0,0,2,0,0,4,1,0.95,1}', 'answers below zero'), ('{1,0,0,-2,0,0,4,1,0.95,1}', 'weight below zero'), ('{1,0,0,2,0,0,-4,1,0.95,1}', 'square below zero'),
	('{1.5,0,0,2,0,0,4,1,0.95,1}', 'answers not whole'), ('{1e19,0,0,2,0,0,4,1,0.95,1}', 'too many answers'),
	('{1,0,0,2,0,0,4,8,0.95,1}', 'unknown scale'), ('{1,0,0,2,0,0,4,1.5,0.95,1}', 'scale not whole'), ('{1,0,0,2,0,0,4,0,0.95,1}', 'no scale'), ('{1,0,0,2,0,0,4,-1,0.95,1}', 'scale below zero'),
	('{1,0,0,2,0,0,4,NaN,0.95,1}', 'scale not a number'), ('{1,0,0,2,0,0,4,1e300,0.95,1}', 'scale too large'),
	('{1,0,0,2,0,0,4,1,1,1}', 'confidence 1'), ('{1,0,0,2,0,0,4,1,0,1}', 'confidence 0'), ('{1,0,0,2,0,0,4,1,95,1}', 'confidence 95'), ('{1,0,0,2,0,0,4,1,NaN,1}', 'confidence not a number'),
	('{1,0,0,2,0,0,4,1,0.95,4}', 'unknown method'), ('{1,0,0,2,0,0,4,1,0.95,0}', 'no method'), ('{1,0,0,2,0,0,4,1,0.95,1.5}', 'method not whole'),
	('{0,0,0,0,0,0,0,1,0.95,1}', 'no answers, yet a scale'),
	('{1,0,0,0,0,0,0,1,0.95,1}', 'answers without weight'), ('{1,0,0,2,0,0,0,1,0.95,1}', 'weight without square'), ('{1,0,0,0,0,0,4,1,0.95,1}', 'square without weight'),
	('{0,0,0,2,0,0,4,0,0,0}', 'weight without answers'),
	('{1,0,0,2e305,0,0,4,1,0.95,1}', 'weight too large'), ('{2,2,0,1.4e153,1e305,0,1e305,1,0.95,1}', 'squares too large together');
SELECT count(*) AS states_38 FROM hostile;
SELECT why, template, got
FROM hostile, (VALUES ('nps_weighted_accum(%L, 9, 1)'), ('nps_weighted_accum(%L, NULL, 1)'), ('nps_weighted_accum(%L, 9, 1, ''nps'', 0.95, ''score'')'),
	('nps_weighted_combine(%L, ''{0,0,0,0,0,0,0,0,0,0}'')'), ('nps_weighted_combine(''{0,0,0,0,0,0,0,0,0,0}'', %L)'),
	('nps_weighted_score_final(%L)'), ('nps_weighted_summary_final(%L)')) AS call (template),
	LATERAL sqlstate_of(format('SELECT ' || template, state)) AS got
WHERE got <> '22000'
ORDER BY 1, 2;
-- the bounds of an array do not matter
SELECT nps_weighted_score_final('[0:9]={2,0.5,0,2,0.25,0,4,1,0.95,1}') AS is_60;

RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA weighted_test CASCADE;
