-- What can be computed from a tally: intervals, tests, sample sizes, compared with reference
-- values in test/data and with properties that hold for all data.
--
-- reference_*.csv come with the formulas; further_*.csv are made by further.py
-- beside them.  Their scores run from -1 to 1, ours from -100 to 100.
\set VERBOSITY default
\getenv abs_srcdir PG_ABS_SRCDIR
CREATE SCHEMA statistics_test;
SET search_path = statistics_test, public;

-- Tolerances: closed forms 1e-12 and p-values 1e-9 of the value, limits of the
-- score method 1e-9 points.  0.999999999 as a double has lost digits of its
-- tail: 1e-8 there.
CREATE FUNCTION near(got double precision, expected double precision, tolerance double precision) RETURNS boolean
	LANGUAGE sql IMMUTABLE
	RETURN coalesce(abs(got - expected) <= tolerance * abs(expected), got IS NULL AND expected IS NULL);
CREATE FUNCTION limit_ok(got double precision, expected double precision, method text, confidence double precision) RETURNS boolean
	LANGUAGE sql IMMUTABLE
	RETURN CASE
		WHEN confidence > 0.9999 THEN coalesce(abs(got - expected) <= 1e-8 * greatest(abs(expected), 1), false)
		WHEN method = 'score' THEN coalesce(abs(got - expected) <= 1e-9, false)
		ELSE near(got, expected, 1e-12)
	END;

-- Each row of a file, by method: is it correct?
CREATE TABLE verdict (source text, method text, entry text, ok boolean);

-- psql reads the files, so that the server does not have to.
\set load_nps '\\copy reference_nps FROM ''' :abs_srcdir '/data/reference_nps.csv'' (FORMAT csv, HEADER MATCH)'
\set load_tests '\\copy reference_tests FROM ''' :abs_srcdir '/data/reference_tests.csv'' (FORMAT csv, HEADER MATCH)'
\set load_onesample_tests '\\copy reference_onesample_tests FROM ''' :abs_srcdir '/data/reference_onesample_tests.csv'' (FORMAT csv, HEADER MATCH)'
\set load_samplesize '\\copy reference_samplesize FROM ''' :abs_srcdir '/data/reference_samplesize.csv'' (FORMAT csv, HEADER MATCH)'
\set load_csat_ces '\\copy reference_csat_ces FROM ''' :abs_srcdir '/data/reference_csat_ces.csv'' (FORMAT csv, HEADER MATCH)'
\set load_histograms '\\copy reference_histograms FROM ''' :abs_srcdir '/data/reference_histograms.csv'' (FORMAT csv, HEADER MATCH)'
\set load_segments '\\copy reference_segments FROM ''' :abs_srcdir '/data/reference_segments.csv'' (FORMAT csv, HEADER MATCH)'
\set load_segments_total '\\copy reference_segments_total FROM ''' :abs_srcdir '/data/reference_segments_total.csv'' (FORMAT csv, HEADER MATCH)'
\set load_intervals '\\copy further_intervals FROM ''' :abs_srcdir '/data/further_intervals.csv'' (FORMAT csv, HEADER MATCH)'
\set load_further_tests '\\copy further_tests FROM ''' :abs_srcdir '/data/further_tests.csv'' (FORMAT csv, HEADER MATCH)'
\set load_comparisons '\\copy further_comparisons FROM ''' :abs_srcdir '/data/further_comparisons.csv'' (FORMAT csv, HEADER MATCH)'
\set load_sample_sizes '\\copy further_sample_sizes FROM ''' :abs_srcdir '/data/further_sample_sizes.csv'' (FORMAT csv, HEADER MATCH)'
\set load_pairs '\\copy further_pairs FROM ''' :abs_srcdir '/data/further_pairs.csv'' (FORMAT csv, HEADER MATCH)'
\set load_families '\\copy further_families FROM ''' :abs_srcdir '/data/further_families.csv'' (FORMAT csv, HEADER MATCH)'

--
-- reference_nps.csv: 18 samples at 4 confidences, 72 rows for each of 12
-- methods, three of which are ours.  Score and standard error are in all.
--
CREATE TABLE reference_nps (case_id text, detractors bigint, passives bigint, promoters bigint, n bigint, confidence double precision, method text,
	core integer, nps double precision, nps100 double precision, variance double precision, plain_se double precision, centre double precision,
	se double precision, low_raw double precision, high_raw double precision, low double precision, high double precision);
:load_nps
SELECT count(*) AS rows_864, count(*) FILTER (WHERE core = 1) AS core_216 FROM reference_nps;
INSERT INTO verdict
SELECT 'nps: interval', method, format('%s at %s', case_id, confidence),
	limit_ok(got.low, 100 * reference_nps.low, method, confidence) AND limit_ok(got.high, 100 * reference_nps.high, method, confidence)
FROM reference_nps, nps_interval(nps_counts(detractors, passives, promoters), confidence, method) AS got
WHERE core = 1;
-- the margin is z standard errors, which are not clipped at the ends of the scale, or
-- half the width of the score interval
INSERT INTO verdict
SELECT 'nps: margin', method, format('%s at %s', case_id, confidence),
	CASE method WHEN 'score' THEN abs(got - 50 * (high - low)) <= 1e-9 ELSE near(got, 100 * z * se, 1e-12) END
FROM reference_nps
	JOIN (VALUES (0.8, 1.2815515655446004), (0.9, 1.6448536269514722), (0.95, 1.959963984540054), (0.99, 2.5758293035489004)) AS normal (confidence, z) USING (confidence),
	nps_margin_of_error(nps_counts(detractors, passives, promoters), confidence, method) AS got
WHERE core = 1;
-- the score is exact to the last bit
INSERT INTO verdict
SELECT 'nps: score and standard error', NULL, format('%s at %s', case_id, confidence),
	nps_score(tally) = nps100 AND nps_responses(tally) = n AND near(nps_standard_error(tally), 100 * plain_se, 1e-12)
FROM reference_nps, nps_counts(detractors, passives, promoters) AS tally;
SELECT source, method, count(*) AS checked, count(*) FILTER (WHERE ok IS NOT TRUE) AS wrong
FROM verdict WHERE source ~ '^nps' GROUP BY source, method ORDER BY source, method;

--
-- reference_tests.csv: two samples, 21 rows for each of 3 methods.  Their
-- sample 1 is our "after".
--
CREATE TABLE reference_tests (pair_id integer, d1 bigint, m1 bigint, p1 bigint, d2 bigint, m2 bigint, p2 bigint, confidence double precision, method text,
	nps1 double precision, nps2 double precision, diff_raw double precision, estimate double precision, se double precision, z double precision,
	p_two_sided double precision, low_raw double precision, high_raw double precision, low double precision, high double precision);
:load_tests
INSERT INTO verdict
SELECT 'tests', method, format('pair %s at %s', pair_id, confidence),
	near(got.change, 100 * diff_raw, 1e-12)
		AND limit_ok(got.low, 100 * reference_tests.low, ours, confidence) AND limit_ok(got.high, 100 * reference_tests.high, ours, confidence)
		AND near(got.z, reference_tests.z, 1e-12) AND near(got.p_value, p_two_sided, 1e-9)
FROM reference_tests, LATERAL (SELECT replace(method, 'mover_', '') AS ours) AS named,
	nps_compare(nps_counts(d2, m2, p2), nps_counts(d1, m1, p1), confidence, ours) AS got;
SELECT method, count(*) AS checked, count(*) FILTER (WHERE ok IS NOT TRUE) AS wrong
FROM verdict WHERE source = 'tests' GROUP BY method ORDER BY method;

--
-- reference_onesample_tests.csv: 18 samples, 3 hypotheses, 54 rows for each of 3 methods
--
CREATE TABLE reference_onesample_tests (case_id text, detractors bigint, passives bigint, promoters bigint, theta0 double precision, method text,
	z double precision, p_two_sided double precision);
:load_onesample_tests
INSERT INTO verdict
SELECT 'onesample_tests', method, format('%s against %s', case_id, theta0), near(got.z, wanted.z, 1e-12) AND near(got.p_value, p_two_sided, 1e-9)
FROM reference_onesample_tests AS wanted, nps_test(nps_counts(detractors, passives, promoters), 100 * theta0, method) AS got;
SELECT method, count(*) AS checked, count(*) FILTER (WHERE ok IS NOT TRUE) AS wrong
FROM verdict WHERE source = 'onesample_tests' GROUP BY method ORDER BY method;

--
-- reference_samplesize.csv: 36 rows wald, 36 adjusted_wald, 24 two_wald
--
CREATE TABLE reference_samplesize (kind text, p_det double precision, p_pro double precision, p_det2 double precision, p_pro2 double precision,
	moe_or_diff double precision, confidence double precision, power double precision, population double precision, n_exact double precision, n_ceil bigint);
:load_samplesize
INSERT INTO verdict
SELECT 'samplesize', kind, format('%s of %s and %s at %s, power %s', moe_or_diff, p_det, p_pro, confidence, power),
	n_ceil = CASE kind
		WHEN 'two_wald' THEN nps_compare_sample_size(100 * moe_or_diff, confidence, power, p_det, p_pro, p_det2, p_pro2, 'wald')
		ELSE nps_sample_size(100 * moe_or_diff, confidence, p_det, p_pro, population, kind)
	END
FROM reference_samplesize;
SELECT method, count(*) AS checked, count(*) FILTER (WHERE ok IS NOT TRUE) AS wrong
FROM verdict WHERE source = 'samplesize' GROUP BY method ORDER BY method;

--
-- reference_csat_ces.csv: Wilson's interval in all 15 rows; counts, shares and
-- means through our scale in the 12 whose cut points it has
--
CREATE TABLE reference_csat_ces (case_id text, metric text, scale_max integer, satisfied_from integer, dissatisfied_to integer, histogram text,
	n bigint, top bigint, neutral bigint, bottom bigint, pct_top double precision, pct_bottom double precision, net double precision, mean double precision,
	confidence double precision, wilson_low double precision, wilson_high double precision);
:load_csat_ces
INSERT INTO verdict
SELECT 'csat_ces: interval', metric, format('%s at %s', case_id, confidence),
	near(100 * got.low, wilson_low, 1e-12) AND near(100 * got.high, wilson_high, 1e-12)
FROM reference_csat_ces, nps_share_interval(top, n, confidence) AS got;
INSERT INTO verdict
SELECT 'csat_ces: counts', metric, format('%s at %s', case_id, confidence),
	(got.responses, got.promoters, got.passives, got.detractors) = (n, top, neutral, bottom)
		AND near(100 * got.promoter_share, pct_top, 1e-12) AND near(100 * got.detractor_share, pct_bottom, 1e-12)
		AND near(got.nps, net, 1e-12) AND near(got.mean_score, mean, 1e-12)
FROM reference_csat_ces,
	LATERAL (SELECT nps_tally_agg(split_part(cell, ':', 1)::integer, CASE metric WHEN 'csat5_top2' THEN 'csat5' ELSE 'csat7' END) AS tally
		FROM unnest(string_to_array(histogram, ';')) AS cell, generate_series(1, split_part(cell, ':', 2)::integer)) AS made,
	nps_summary(tally) AS got
WHERE metric IN ('csat5_top2', 'csat7_above_neutral');
SELECT source, method, count(*) AS checked, count(*) FILTER (WHERE ok IS NOT TRUE) AS wrong
FROM verdict WHERE source ~ '^csat_ces' GROUP BY source, method ORDER BY source, method;

--
-- reference_histograms.csv: the 3 with the cut points of 0 to 10 through the
-- tally, the 2 others from their counts
--
CREATE TABLE reference_histograms (case_id text, scale_min integer, det_max integer, pas_max integer, scale_max integer, histogram text,
	detractors bigint, passives bigint, promoters bigint, n bigint, nps double precision, nps100 double precision, variance double precision,
	se double precision, mean_score double precision);
:load_histograms
INSERT INTO verdict
SELECT 'histograms', CASE WHEN ours THEN 'scores' ELSE 'counts' END, case_id,
	(got.responses, got.detractors, got.passives, got.promoters, got.nps) = (n, wanted.detractors, wanted.passives, wanted.promoters, nps100)
		AND near(got.standard_error, 100 * se, 1e-12) AND (near(got.mean_score, wanted.mean_score, 1e-12) OR NOT ours)
FROM reference_histograms AS wanted,
	LATERAL (SELECT (det_max, pas_max, scale_max) = (6, 8, 10) AS ours) AS known,
	LATERAL (SELECT nps_tally_agg(split_part(cell, ':', 1)::integer) AS scored
		FROM unnest(string_to_array(histogram, ';')) AS cell, generate_series(1, split_part(cell, ':', 2)::integer)) AS made,
	nps_summary(CASE WHEN ours THEN scored ELSE nps_counts(wanted.detractors, wanted.passives, wanted.promoters) END) AS got;
SELECT method, count(*) AS checked, count(*) FILTER (WHERE ok IS NOT TRUE) AS wrong
FROM verdict WHERE source = 'histograms' GROUP BY method ORDER BY method;

--
-- reference_segments.csv and its totals: contribution, impact, rate and mix in
-- plain SQL over tallies.  6 segments, 3 totals.  To 1e-13 points, as the
-- effects may cancel.
--
CREATE TABLE reference_segments (case_id text, segment text, d0 bigint, m0 bigint, p0 bigint, d1 bigint, m1 bigint, p1 bigint, share0 double precision,
	share1 double precision, nps0 double precision, nps1 double precision, rate_effect double precision, mix_effect double precision,
	total_effect double precision, rate3 double precision, mix3 double precision, interaction3 double precision, points1 double precision,
	contribution1 double precision, impact_leave_one_out1 double precision);
CREATE TABLE reference_segments_total (case_id text, nps0 double precision, nps1 double precision, delta double precision, sum_rate double precision,
	sum_mix double precision, sum_rate3 double precision, sum_mix3 double precision, sum_interaction3 double precision, sum_points1 double precision,
	sum_contribution1 double precision);
:load_segments
:load_segments_total
CREATE TABLE effect AS
WITH part AS (
	SELECT case_id, segment, nps_counts(d0, m0, p0) AS t0, nps_counts(d1, m1, p1) AS t1 FROM reference_segments
), whole AS (
	SELECT case_id, nps_tally_agg(t0) AS t0, nps_tally_agg(t1) AS t1 FROM part GROUP BY case_id
), figures AS (
	SELECT case_id, segment,
		nps_responses(part.t0)::double precision / nps_responses(whole.t0) AS w0, nps_responses(part.t1)::double precision / nps_responses(whole.t1) AS w1,
		nps_score(part.t0) AS n0, nps_score(part.t1) AS n1, nps_score(whole.t0) AS all0, nps_score(whole.t1) AS all1,
		nps_score(whole.t1 - part.t1) AS others1,
		100.0 * (nps_promoters(part.t1) - nps_detractors(part.t1)) / nps_responses(whole.t1) AS points
	FROM part JOIN whole USING (case_id)
)
SELECT case_id, segment, w0, w1, n0, n1, all0, all1, points, w1 * (n1 - all1) AS contribution, all1 - others1 AS impact,
	(w0 + w1) / 2 * (n1 - n0) AS rate, (w1 - w0) * ((n0 + n1) / 2 - (all0 + all1) / 2) AS mix
FROM figures;
INSERT INTO verdict
SELECT 'segments', NULL, format('%s, %s', case_id, segment),
	near(w0, share0, 1e-12) AND near(w1, share1, 1e-12) AND near(n0, 100 * nps0, 1e-12) AND near(n1, 100 * nps1, 1e-12)
		AND abs(rate - 100 * rate_effect) < 1e-13 AND abs(mix - 100 * mix_effect) < 1e-13 AND abs(points - 100 * points1) < 1e-13
		AND abs(contribution - 100 * contribution1) < 1e-13 AND coalesce(abs(impact - 100 * impact_leave_one_out1) < 1e-13, impact IS NULL AND impact_leave_one_out1 IS NULL)
FROM effect JOIN reference_segments USING (case_id, segment);
INSERT INTO verdict
SELECT 'segments_total', NULL, case_id,
	min(near(all0, 100 * nps0, 1e-12)::text) = 'true' AND min(near(all1, 100 * nps1, 1e-12)::text) = 'true'
		AND abs(sum(rate) - 100 * sum_rate) < 1e-13 AND abs(sum(mix) - 100 * sum_mix) < 1e-13 AND abs(sum(rate + mix) - 100 * delta) < 1e-13
		AND abs(sum(points) - 100 * sum_points1) < 1e-13 AND abs(sum(contribution)) < 1e-13
FROM effect JOIN reference_segments_total USING (case_id)
GROUP BY case_id, nps0, nps1, sum_rate, sum_mix, delta, sum_points1;
SELECT source, count(*) AS checked, count(*) FILTER (WHERE ok IS NOT TRUE) AS wrong
FROM verdict WHERE source ~ '^segments' GROUP BY source ORDER BY source;

--
-- further_intervals.csv: for each method all 34 tables of 1 to 4 answers at 6
-- confidences, 7 of up to 9e18 answers at 4, and 22 finite populations at 3
--
CREATE TABLE further_intervals (detractors bigint, passives bigint, promoters bigint, confidence double precision, method text,
	population double precision, low double precision, high double precision);
:load_intervals
INSERT INTO verdict
SELECT CASE WHEN population IS NULL THEN 'intervals: endless population' ELSE 'intervals: finite population' END, method,
	format('(%s,%s,%s) at %s of %s', detractors, passives, promoters, confidence, population),
	limit_ok(got.low, 100 * wanted.low, method, confidence) AND limit_ok(got.high, 100 * wanted.high, method, confidence)
FROM further_intervals AS wanted, nps_interval(nps_counts(detractors, passives, promoters), confidence, method, population) AS got;
SELECT source, method, count(*) AS checked, count(*) FILTER (WHERE ok IS NOT TRUE) AS wrong
FROM verdict WHERE source ~ '^intervals' GROUP BY source, method ORDER BY source, method;

--
-- further_tests.csv: 24 samples against 5 hypotheses, 120 rows for each method.
-- Where the data are impossible under the hypothesis, z is infinite.
--
CREATE TABLE further_tests (detractors bigint, passives bigint, promoters bigint, theta0 double precision, method text, z double precision, p_value double precision);
:load_further_tests
INSERT INTO verdict
SELECT 'further_tests', method, format('(%s,%s,%s) against %s', detractors, passives, promoters, theta0),
	CASE WHEN method = 'score' AND wanted.z IS NULL
		THEN got.z = -sign(theta0) * 'Infinity'::double precision AND got.p_value = 0
		ELSE near(got.z, wanted.z, 1e-12) AND near(got.p_value, wanted.p_value, 1e-9) END
FROM further_tests AS wanted, nps_test(nps_counts(detractors, passives, promoters), 100 * theta0, method) AS got;
SELECT method, count(*) AS checked, count(*) FILTER (WHERE ok IS NOT TRUE) AS wrong
FROM verdict WHERE source = 'further_tests' GROUP BY method ORDER BY method;

--
-- further_comparisons.csv: all 81 pairs of tables of 1 or 2 answers at 2
-- confidences, 162 rows for each method
--
CREATE TABLE further_comparisons (d_before bigint, m_before bigint, p_before bigint, d_after bigint, m_after bigint, p_after bigint, confidence double precision,
	method text, change double precision, low double precision, high double precision, z double precision, p_value double precision);
:load_comparisons
INSERT INTO verdict
SELECT 'comparisons', method, format('(%s,%s,%s) to (%s,%s,%s) at %s', d_before, m_before, p_before, d_after, m_after, p_after, confidence),
	got.change = 100 * wanted.change AND limit_ok(got.low, 100 * wanted.low, method, confidence) AND limit_ok(got.high, 100 * wanted.high, method, confidence)
		AND near(got.z, wanted.z, 1e-12) AND near(got.p_value, wanted.p_value, 1e-9)
FROM further_comparisons AS wanted,
	nps_compare(nps_counts(d_before, m_before, p_before), nps_counts(d_after, m_after, p_after), confidence, method) AS got;
SELECT method, count(*) AS checked, count(*) FILTER (WHERE ok IS NOT TRUE) AS wrong
FROM verdict WHERE source = 'comparisons' GROUP BY method ORDER BY method;

--
-- further_sample_sizes.csv: with and without a population, shares from the
-- worst case to none at all.  For each method 300 margins and 54 differences.
--
CREATE TABLE further_sample_sizes (kind text, method text, points double precision, confidence double precision, power double precision, d double precision,
	p double precision, d_after double precision, p_after double precision, population double precision, answers bigint);
:load_sample_sizes
INSERT INTO verdict
SELECT 'sample sizes: ' || kind, method, format('%s at %s, %s %s %s %s, power %s, of %s', points, confidence, d, p, d_after, p_after, power, population),
	answers = CASE kind
		WHEN 'margin' THEN nps_sample_size(100 * points, confidence, d, p, population, method)
		ELSE nps_compare_sample_size(100 * points, confidence, power, d, p, d_after, p_after, method)
	END
FROM further_sample_sizes;

--
-- further_pairs.csv: the same people twice, at 3 confidences.
--
CREATE TABLE further_pairs (pairs bigint, changes double precision, squares double precision, confidence double precision, change double precision,
	low double precision, high double precision, z double precision, p_value double precision);
:load_pairs
INSERT INTO verdict
SELECT 'pairs', 'adjusted', format('%s of %s at %s', wanted.changes, wanted.pairs, wanted.confidence),
	near(got.change, 100 * wanted.change, 1e-12) AND abs(got.low - 100 * wanted.low) <= 1e-10 AND abs(got.high - 100 * wanted.high) <= 1e-10
	AND abs(got.z - wanted.z) <= 1e-12 AND near(got.p_value, wanted.p_value, 1e-9)
FROM further_pairs AS wanted, nps_compare_pairs(pairs, 100 * changes, 10000 * squares, confidence) AS got;
SELECT count(*) AS checked, count(*) FILTER (WHERE ok IS NOT TRUE) AS wrong FROM verdict WHERE source = 'pairs';
-- in practice: of twenty people one went up by a category, and one from detractor to promoter
SELECT round(change::numeric, 4) AS change, round(low::numeric, 4) AS low, round(high::numeric, 4) AS high, round(p_value::numeric, 4) AS p_value
FROM (SELECT count(*) AS pairs, sum(after - before) AS changes, sum((after - before) ^ 2) AS squares
	FROM (SELECT nps_points(score) AS before, nps_points(CASE i WHEN 1 THEN 9 WHEN 2 THEN 10 ELSE score END) AS after FROM generate_series(1, 20) i, LATERAL (SELECT CASE i WHEN 1 THEN 7 ELSE i % 7 END) s(score)) p) s,
	nps_compare_pairs(pairs, changes, squares);
SELECT nps_compare_pairs(0, 0, 0) AS nobody, nps_compare_pairs(NULL, 0, 0) IS NULL AS nothing;

--
-- further_families.csv: p-values that are judged together, with ties, zeros, ones, and
-- some that are missing.
--
CREATE TABLE further_families (family integer, p_value double precision, adjusted double precision);
:load_families
INSERT INTO verdict
SELECT 'families', 'holm', format('%s in %s', p_value, family), near(got, adjusted, 1e-12)
FROM (SELECT *, nps_holm(p_value) OVER (PARTITION BY family) AS got FROM further_families) f;
SELECT count(*) AS checked, count(*) FILTER (WHERE ok IS NOT TRUE) AS wrong FROM verdict WHERE source = 'families';
SELECT count(*) AS entries_313, count(adjusted) AS known, count(*) FILTER (WHERE adjusted < 0.05) AS significant, count(*) FILTER (WHERE p_value < 0.05) AS alone
FROM further_families;
-- the order of rows does not matter, nor do NULLs; a single p-value is not changed
SELECT p, nps_holm(p) OVER (PARTITION BY family ORDER BY p DESC NULLS FIRST) AS adjusted FROM (VALUES (1, 0.01), (1, NULL), (1, 0.02), (1, 0.02), (1, 0.5), (2, 0.25), (3, NULL)) v(family, p);
SELECT source, method, count(*) AS checked, count(*) FILTER (WHERE ok IS NOT TRUE) AS wrong
FROM verdict WHERE source ~ '^sample sizes' GROUP BY source, method ORDER BY source, method;

-- all rows that are wrong, in full: none
SELECT source, method, entry FROM verdict WHERE ok IS NOT TRUE ORDER BY 1, 2, 3;

--
-- The classic examples: score, standard error, margin by Wald
--
SELECT detractors, passives, promoters, nps_score(tally) AS got, nps_standard_error(tally) AS got_error, nps_margin_of_error(tally, method => 'wald') AS got_margin
FROM (VALUES (17, 33, 50, 33, 7.4907, 14.6814), (6, 13, 32, 50.980392, 9.7538, 19.1171), (20, 30, 50, 30, 7.8102, 15.3078),
	(0, 0, 3, 100, 0, 0), (1, 0, 1, 0, 70.7107, 138.5904)) AS vector (detractors, passives, promoters, nps, error, margin),
	nps_counts(detractors, passives, promoters) AS tally
WHERE round(nps_score(tally)::numeric, 6) <> nps OR round(nps_standard_error(tally)::numeric, 4) <> error
	OR round(nps_margin_of_error(tally, method => 'wald')::numeric, 4) <> margin;
SELECT change AS is_28, round((change / z)::numeric, 4) AS error_9_7929, round(z::numeric, 4) AS z_2_8592, round(p_value::numeric, 6) AS p_0_004247
FROM nps_compare(nps_counts(17, 33, 50), nps_counts(8, 23, 69), method => 'wald');
-- pooled, never an average of averages: 58.6139, not -10
SELECT round(nps_score(nps_counts(9, 0, 1) + nps_counts(100, 200, 700))::numeric, 4) AS pooled;
-- never rounded before the end: 28.571, not 57 - 29 = 28
SELECT round(nps_score(nps_counts(2, 1, 4))::numeric, 3) AS not_28;
-- passives stay in the denominator
SELECT nps_score(nps_counts(0, 99, 1)) AS is_1;

--
-- Properties that hold for all data.  All 454 tables of 1 to 12 answers.
--
CREATE TABLE sample AS
SELECT d, m, n - d - m AS p, n, nps_counts(d, m, n - d - m) AS tally, nps_counts(n - d - m, m, d) AS mirrored
FROM generate_series(1, 12) AS n, generate_series(0, n) AS d, generate_series(0, n - d) AS m;
SELECT count(*) AS tables_454, count(DISTINCT tally) AS different_454 FROM sample;

-- the estimate is within its score interval, which stays on the scale, is
-- open where it can be and is wider at a higher confidence
SELECT d, m, p, confidence, nps_score(tally), low, high
FROM sample, (VALUES (0.01), (0.5), (0.8), (0.9), (0.95), (0.99), (0.999999999)) AS level (confidence),
	nps_interval(tally, confidence) AS inner_one, nps_interval(tally, confidence + (1 - confidence) / 2) AS outer_one (low_2, high_2)
WHERE NOT (-100 <= low AND low <= nps_score(tally) AND nps_score(tally) <= high AND high <= 100)
	OR (low = -100) <> (d = n) OR (high = 100) <> (p = n)
	OR low_2 > low OR high_2 < high;

-- closed forms: all promoters end at (n - z^2) / (n + z^2), all passives at z^2 / (n + z^2)
SELECT d, m, p, low, high
FROM sample, nps_interval(tally) AS got, LATERAL (SELECT 1.959963984540054 ^ 2 AS z2) AS normal
WHERE (p = n AND abs(low - 100 * (n - z2) / (n + z2)) > 1e-9)
	OR (m = n AND (abs(low + 100 * z2 / (n + z2)) > 1e-9 OR abs(high - 100 * z2 / (n + z2)) > 1e-9));

-- interval and test agree: at its ends the p-value is 1 - confidence
SELECT d, m, p, at_low.p_value, at_high.p_value
FROM sample, nps_interval(tally, 0.9) AS got, nps_test(tally, low) AS at_low, nps_test(tally, high) AS at_high
WHERE (d < n AND abs(at_low.p_value - 0.1) > 1e-9) OR (p < n AND abs(at_high.p_value - 0.1) > 1e-9);

-- mirrored answers give the mirrored interval, bit for bit, and the mirrored test
SELECT d, m, p, method
FROM sample, (VALUES ('score'), ('adjusted_wald'), ('wald')) AS known (method), (VALUES (NULL), (12), (1000)) AS whole (population),
	nps_interval(tally, 0.9, method, population) AS got, nps_interval(mirrored, 0.9, method, population) AS back (low, high),
	nps_test(tally, 25, method) AS tested, nps_test(mirrored, -25, method) AS tested_back
WHERE (got.low, got.high) IS DISTINCT FROM (-back.high, -back.low)
	OR nps_score(tally) <> -nps_score(mirrored) OR nps_standard_error(tally) <> nps_standard_error(mirrored)
	OR nps_margin_of_error(tally, 0.9, method) <> nps_margin_of_error(mirrored, 0.9, method)
	OR NOT near(tested.z, -tested_back.z, 1e-12) OR NOT near(tested.p_value, tested_back.p_value, 1e-9);
-- and so do mirrored groups, and the reverse, in a comparison
SELECT a.tally, b.tally, method
FROM sample AS a, sample AS b, (VALUES ('score'), ('adjusted_wald'), ('wald')) AS known (method),
	nps_compare(a.tally, b.tally, 0.9, method) AS got, nps_compare(b.tally, a.tally, 0.9, method) AS back, nps_compare(a.mirrored, b.mirrored, 0.9, method) AS other
WHERE a.n IN (1, 4) AND b.n IN (3, 5)
	AND ((got.change, got.low, got.high, got.z, got.p_value) IS DISTINCT FROM (-back.change, -back.high, -back.low, -back.z, back.p_value)
		OR (got.change, got.low, got.high, got.z, got.p_value) IS DISTINCT FROM (-other.change, -other.high, -other.low, -other.z, other.p_value));

-- 0 is never shown as -0
SELECT d, m, p, method, shown
FROM sample, (VALUES ('score'), ('adjusted_wald'), ('wald')) AS known (method),
	LATERAL (SELECT concat_ws(' ', nps_score(tally), nps_interval(tally, 0.9, method), nps_interval(tally, 0.9, method, 12), nps_test(tally, 0, method), nps_test(tally, -0.0, method),
		nps_compare(tally, tally, 0.9, method), nps_margin_of_error(tally, 0.9, method), nps_standard_error(tally), nps_summary(tally, 0.9, method)) AS shown) AS text_of
WHERE shown ~ '-0([^.0-9]|$)';

-- if everybody was asked, every method gives the score itself and no margin
SELECT d, m, p, method, low, nps_score(tally), high, nps_margin_of_error(tally, 0.95, method, n) AS margin
FROM sample, (VALUES ('score'), ('adjusted_wald'), ('wald')) AS known (method), nps_interval(tally, 0.95, method, n) AS got
WHERE (low, high, nps_margin_of_error(tally, 0.95, method, n)) IS DISTINCT FROM (nps_score(tally), nps_score(tally), 0::double precision);
-- an unlimited population is the same as none
SELECT d, m, p, method
FROM sample, (VALUES ('score'), ('adjusted_wald'), ('wald')) AS known (method),
	nps_interval(tally, 0.95, method, 1e300) AS got, nps_interval(tally, 0.95, method) AS endless
WHERE abs(got.low - endless.low) > 1e-10 OR abs(got.high - endless.high) > 1e-10;

-- nps_low() and nps_high() give nps_interval() with its defaults
SELECT d, m, p FROM sample, nps_interval(tally) AS got WHERE (low, high) IS DISTINCT FROM (nps_low(tally), nps_high(tally));

-- nps_summary() gives the same as the single functions
SELECT tally, method, population
FROM (SELECT tally FROM sample UNION ALL VALUES ('{}'::nps_tally), ('{2,0,1,0,0,4,3,9,20,31,25}'), ('csat5{1,2,3,4,5}'), ('health{;5,7,9}')) AS any_tally (tally),
	(VALUES ('score'), ('adjusted_wald'), ('wald')) AS known (method), (VALUES (NULL), (5000)) AS whole (population),
	nps_summary(tally, 0.8, method, population) AS got, nps_interval(tally, 0.8, method, population) AS one
WHERE (responses, detractors, passives, promoters, nps, nps_low, nps_high, mean_score, standard_error, margin_of_error)
		IS DISTINCT FROM
		(nps_responses(tally), nps_detractors(tally), nps_passives(tally), nps_promoters(tally), nps_score(tally), one.low, one.high,
			nps_mean_score(tally), nps_standard_error(tally), nps_margin_of_error(tally, 0.8, method, population))
	OR (detractor_share, passive_share, promoter_share)
		IS DISTINCT FROM (SELECT (nps_detractors(tally) / n, nps_passives(tally) / n, nps_promoters(tally) / n) FROM (SELECT nullif(nps_responses(tally), 0)::double precision AS n) AS total);
SELECT * FROM nps_summary('{}');

-- the scale does not matter, only its bands
SELECT scale FROM nps_scales(), nps_summary(nps_counts(17, 33, 50, scale)) AS got, nps_summary(nps_counts(17, 33, 50)) AS plain WHERE got IS DISTINCT FROM plain;

--
-- Shares
--
SELECT n, k FROM generate_series(1, 12) AS n, generate_series(0, n) AS k, nps_share_interval(k, n) AS got, nps_share_interval(n - k, n) AS back
WHERE NOT (0 <= got.low AND got.low <= k / n::double precision AND k / n::double precision <= got.high AND got.high <= 1)
	OR abs(got.low - (1 - back.high)) > 1e-15 OR (got.low = 0) <> (k = 0) OR (got.high = 1) <> (k = n);
SELECT low IS NULL AND high IS NULL AS of_nothing FROM nps_share_interval(0, 0);
SELECT low, high FROM nps_share_interval(0, 10, 1e-17) AS no_confidence_no_width;

--
-- NULL in, NULL out: every argument of every function
--
CREATE FUNCTION nulls_of(call text) RETURNS text
	LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	-- a row IS NULL when all its columns are
	EXECUTE format('SELECT CASE WHEN count(*) <> 1 THEN count(*) || '' rows'' WHEN bool_and(got IS NULL) THEN ''one row of nulls'' ELSE ''a value'' END
		FROM (SELECT nps_counts(1, 2, 3) AS t) AS given, %s AS got', call) INTO answer;
	RETURN answer;
END
$$;
SELECT call
FROM (VALUES
	('nps_standard_error(NULL)'), ('nps_margin_of_error(NULL)'), ('nps_margin_of_error(t, NULL)'), ('nps_margin_of_error(t, 0.9, NULL)'),
	('nps_sample_size(NULL)'), ('nps_sample_size(5, NULL)'), ('nps_sample_size(5, 0.9, NULL)'), ('nps_sample_size(5, 0.9, 0.5, NULL)'),
	('nps_sample_size(5, 0.9, 0.5, 0.5, NULL, NULL)'), ('nps_compare_sample_size(NULL)'), ('nps_compare_sample_size(5, NULL)'),
	('nps_compare_sample_size(5, 0.9, NULL)'), ('nps_compare_sample_size(5, 0.9, 0.8, NULL)'), ('nps_compare_sample_size(5, 0.9, 0.8, 0.5, NULL)'),
	('nps_compare_sample_size(5, 0.9, 0.8, 0.5, 0.5, 0.5, 0.5, NULL)'),
	('nps_interval(NULL)'), ('nps_interval(t, NULL)'), ('nps_interval(t, 0.9, NULL)'),
	('nps_test(NULL)'), ('nps_test(t, NULL)'), ('nps_test(t, 0, NULL)'),
	('nps_compare(NULL, t)'), ('nps_compare(t, NULL)'), ('nps_compare(t, t, NULL)'), ('nps_compare(t, t, 0.9, NULL)'),
	('nps_summary(NULL)'), ('nps_summary(t, NULL)'), ('nps_summary(t, 0.9, NULL)'),
	('nps_share_interval(NULL, 5)'), ('nps_share_interval(5, NULL)'), ('nps_share_interval(5, 5, NULL)'),
	-- and without answers
	('nps_standard_error(''{}'')'), ('nps_margin_of_error(''{}'')'), ('nps_margin_of_error(''{}'', population => 10)'), ('nps_interval(''{}'')'),
	('nps_interval(''{}'', population => 10)'), ('nps_test(''{}'')'), ('nps_compare(t, ''{}'')'), ('nps_compare(''{}'', t)'),
	('nps_compare(''{}'', ''{}'')'), ('nps_compare(''{}'', ''csat5{1,2,3,4,5}'')'), ('nps_score(''{}''::nps_tally)'), ('nps_low(''{}''::nps_tally)'),
	('nps_high(''{}''::nps_tally)'), ('nps_mean_score(''{}'')'), ('nps_histogram(''{}'')'), ('nps_tally_scale(''{}'')')
) AS of (call),
	nulls_of(call) AS nulls
WHERE nulls <> 'one row of nulls';
SELECT nulls_of('nps_interval(t)') AS interval, nulls_of('nps_test(nps_counts(0, 0, 9), 50, ''wald'')') AS wald_test, nulls_of('nps_sample_size(5)') AS size;
-- only the population may be NULL: it is infinite then
SELECT nps_interval(tally, 0.9, 'wald', NULL) = nps_interval(tally, 0.9, 'wald') AS endless, nps_sample_size(5, population => NULL) = nps_sample_size(5) AS too
FROM nps_counts(1, 2, 3) AS tally;

--
-- Named arguments, defaults, literals and sums
--
SELECT nps_interval(tally) = nps_interval(tally, 0.95, 'score', NULL) AS interval,
	nps_interval(population => 500, method => 'wald', confidence => 0.9, tally => tally) = nps_interval(tally, 0.9, 'wald', 500) AS interval_named,
	nps_margin_of_error(tally) = nps_margin_of_error(tally, 0.95, 'score', NULL) AS margin,
	nps_margin_of_error(tally => tally, confidence => 0.9, method => 'wald', population => 500) = nps_margin_of_error(tally, 0.9, 'wald', 500) AS margin_named,
	nps_test(tally) = nps_test(tally, 0, 'score') AS test, nps_test(tally => tally, hypothesis => 5, method => 'wald') = nps_test(tally, 5, 'wald') AS test_named,
	nps_compare(tally, tally + tally) = nps_compare(tally, tally + tally, 0.95, 'adjusted_wald') AS compare,
	nps_compare(before => tally, after => tally + tally, confidence => 0.9, method => 'wald') = nps_compare(tally, tally + tally, 0.9, 'wald') AS compare_named,
	nps_summary(tally) = nps_summary(tally, 0.95, 'score', NULL) AS summary,
	nps_summary(tally => tally, confidence => 0.9, method => 'wald', population => 500) = nps_summary(tally, 0.9, 'wald', 500) AS summary_named
FROM nps_counts(17, 33, 50) AS tally;
SELECT nps_sample_size(5) = nps_sample_size(5, 0.95, 0.5, 0.5, NULL, 'adjusted_wald') AS sample_size,
	nps_sample_size(margin => 5, confidence => 0.9, detractor_share => 0.2, promoter_share => 0.5, population => 500, method => 'wald') = nps_sample_size(5, 0.9, 0.2, 0.5, 500, 'wald') AS named,
	nps_compare_sample_size(5) = nps_compare_sample_size(5, 0.95, 0.8, 0.5, 0.5, 0.5, 0.5, 'adjusted_wald') AS compare_size,
	nps_compare_sample_size(difference => 5, confidence => 0.9, power => 0.9, detractor_share => 0.2, promoter_share => 0.5, detractor_share_after => 0.1, promoter_share_after => 0.6, method => 'wald')
		= nps_compare_sample_size(5, 0.9, 0.9, 0.2, 0.5, 0.1, 0.6, 'wald') AS named,
	nps_compare_sample_size(5, 0.9, 0.9, 0.2, 0.5) = nps_compare_sample_size(5, 0.9, 0.9, 0.2, 0.5, 0.2, 0.5) AS as_before,
	nps_compare_sample_size(5, 0.9, 0.9, 0.2, 0.5, 0.1) = nps_compare_sample_size(5, 0.9, 0.9, 0.2, 0.5, 0.1, 0.5) AS half_as_before,
	nps_share_interval(5, 10) = nps_share_interval(5, 10, 0.95) AS share, nps_share_interval(successes => 5, total => 10, confidence => 0.9) = nps_share_interval(5, 10, 0.9) AS share_named;
SELECT nps_responses('{;1,2,3}') AS is_6, nps_test('{;1,2,3}') = nps_test(nps_counts('1', '2', '3'), '0', 'score') AS literals,
	nps_sample_size('5', '0.95') = nps_sample_size(5) AS literals, nps_share_interval('5', '10') = nps_share_interval(5, 10) AS literals;
SELECT nps_share_interval(sum(p), sum(n)) = nps_share_interval(3, 5) AS sums, nps_share_interval(count(*) FILTER (WHERE p > 1), count(*)) = nps_share_interval(1, 2) AS counts,
	nps_score(nps_counts(sum(0::bigint), sum(n - p), sum(p))) AS is_60
FROM (VALUES (1::bigint, 2::bigint), (2, 3)) AS given (p, n);

--
-- Errors
--
-- A confidence is a share.
SELECT nps_interval('{;1,2,3}', 95);
SELECT nps_interval('{;1,2,3}', 1);
SELECT nps_interval('{;1,2,3}', 0);
SELECT nps_interval('{;1,2,3}', -0.5);
SELECT nps_interval('{;1,2,3}', 'NaN');
SELECT nps_interval('{;1,2,3}', 'Infinity');
SELECT nps_interval('{}', 95);
SELECT nps_margin_of_error('{;1,2,3}', 95);
SELECT nps_summary('{;1,2,3}', 95);
SELECT nps_compare('{;1,2,3}', '{;1,2,3}', 95);
SELECT nps_sample_size(5, 95);
SELECT nps_compare_sample_size(5, 95);
SELECT nps_share_interval(5, 10, 95);

-- Methods are named exactly; sample sizes have no score method.
SELECT nps_interval('{;1,2,3}', 0.9, 'wilson');
SELECT nps_interval('{;1,2,3}', method => 'Score');
SELECT nps_margin_of_error('{;1,2,3}', method => '');
SELECT nps_test('{;1,2,3}', 0, 'wald ');
SELECT nps_compare('{;1,2,3}', '{;1,2,3}', method => 'mover_score');
SELECT nps_summary('{;1,2,3}', method => 'adjusted');
SELECT nps_sample_size(5, method => 'score');
SELECT nps_compare_sample_size(5, method => 'score');
SELECT nps_sample_size(5, method => 'tango');

-- A population counts people, and includes those who answered.
SELECT nps_interval('{;1,2,3}', population => 5);
SELECT nps_interval('{;1,2,3}', population => 6.5);
SELECT nps_interval('{;1,2,3}', population => 0);
SELECT nps_margin_of_error('{;1,2,3}', population => -7);
SELECT nps_summary('{;1,2,3}', population => 'NaN');
SELECT nps_interval('{;1,2,3}', population => 'Infinity');
SELECT nps_sample_size(5, population => 0.5);
SELECT nps_sample_size(5, population => 'Infinity');

-- Points and shares.
SELECT nps_test('{;1,2,3}', 100.5);
SELECT nps_test('{;1,2,3}', 'NaN');
SELECT nps_sample_size(0);
SELECT nps_sample_size(-5);
SELECT nps_sample_size(101);
SELECT nps_sample_size('NaN');
SELECT nps_sample_size(1e-12);
SELECT nps_sample_size(5, 0.95, 0.6, 0.6);
SELECT nps_sample_size(5, 0.95, -0.1, 0.6);
SELECT nps_sample_size(5, 0.95, 'NaN', 0.6);
SELECT nps_sample_size(5, detractor_share => 20, promoter_share => 50);
SELECT nps_compare_sample_size(0);
SELECT nps_compare_sample_size(201);
SELECT nps_compare_sample_size(5, power => 1);
SELECT nps_compare_sample_size(5, power => 80);
SELECT nps_compare_sample_size(5, power => 'NaN');
SELECT nps_compare_sample_size(5, detractor_share_after => 0.6);
SELECT nps_share_interval(11, 10);
SELECT nps_share_interval(-1, 10);
SELECT nps_share_interval('NaN', 10);
SELECT nps_share_interval(5, 'Infinity');

SELECT nps_compare_pairs(-1, 0, 0);
SELECT nps_compare_pairs(1, 200, 10000);
SELECT nps_compare_pairs(1, 0, 50000);
SELECT nps_compare_pairs(2, 'NaN', 10000);
SELECT nps_compare_pairs(2, 100, 10000, 95);
SELECT nps_holm(0.5);
SELECT nps_holm(p) OVER () FROM (VALUES (0.5), (1.5)) v(p);
SELECT nps_holm(p) OVER () FROM (VALUES (0.5), ('NaN'::float8)) v(p);

-- Tallies can only be compared on the same scale.
SELECT nps_compare('{;1,2,3}', 'csat5{;1,2,3}');
SELECT nps_compare('csat5{1,2,3,4,5}', 'ces5{1,2,3,4,5}');

-- Wald has no result if all answers are in one category.
SELECT z IS NULL AS no_z, p_value IS NULL AS no_p FROM nps_test(nps_counts(0, 0, 9), 50, 'wald');
SELECT change, low, high, z IS NULL AS no_z, p_value IS NULL AS no_p FROM nps_compare(nps_counts(9, 0, 0), nps_counts(0, 0, 9), method => 'wald');

RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA statistics_test CASCADE;
