-- The scales, and that there is one definition of detractor, passive and
-- promoter: nps_scales(), nps_category(), nps_points(), the predicates, the
-- aggregates and the functions that never fail agree on every score.
\set VERBOSITY default
CREATE SCHEMA scale_test;
SET search_path = scale_test, public;

-- The oracle: what the documentation says about each scale, written out once more.
CREATE TABLE design (scale text, category text, first_score numeric, last_score numeric, last_excluded boolean, whole boolean);
INSERT INTO design VALUES
	('nps', 'detractor', 0, 6, false, true),
	('nps', 'passive', 7, 8, false, true),
	('nps', 'promoter', 9, 10, false, true),
	('csat5', 'detractor', 1, 2, false, true),
	('csat5', 'passive', 3, 3, false, true),
	('csat5', 'promoter', 4, 5, false, true),
	('ces5', 'detractor', 1, 2, false, true),
	('ces5', 'passive', 3, 3, false, true),
	('ces5', 'promoter', 4, 5, false, true),
	('csat7', 'detractor', 1, 3, false, true),
	('csat7', 'passive', 4, 4, false, true),
	('csat7', 'promoter', 5, 7, false, true),
	('ces7', 'detractor', 1, 3, false, true),
	('ces7', 'passive', 4, 4, false, true),
	('ces7', 'promoter', 5, 7, false, true),
	('ces5_reversed', 'detractor', 4, 5, false, true),
	('ces5_reversed', 'passive', 3, 3, false, true),
	('ces5_reversed', 'promoter', 1, 2, false, true),
	('health', 'detractor', 0, 35, true, false),
	('health', 'passive', 35, 70, true, false),
	('health', 'promoter', 70, 100, false, false);

-- One for exact numbers and one for doubles, in which 34.999999999999996 must
-- not be rounded to 35 on its way through the oracle.
CREATE FUNCTION oracle(on_scale text, score numeric) RETURNS text
	LANGUAGE sql STABLE
	RETURN (SELECT category FROM design
			WHERE scale = on_scale AND score >= first_score
				AND (score < last_score OR score = last_score AND NOT last_excluded)
				AND (score = floor(score) OR NOT whole));
CREATE FUNCTION oracle(on_scale text, score double precision) RETURNS text
	LANGUAGE sql STABLE
	RETURN (SELECT category FROM design
			WHERE scale = on_scale AND score >= first_score::double precision
				AND (score < last_score::double precision OR score = last_score::double precision AND NOT last_excluded)
				AND (score = floor(score) OR NOT whole));

--
-- The list of scales
--
SELECT * FROM nps_scales();

-- bands of nps_scales() that differ from the documentation: none
SELECT shown.scale, category, words
FROM nps_scales() AS shown,
	LATERAL (VALUES ('detractor', shown.detractor), ('passive', shown.passive), ('promoter', shown.promoter)) AS said (category, words)
	LEFT JOIN design USING (category)
WHERE design.scale = shown.scale
	AND (whole IS DISTINCT FROM whole_scores_only
		OR words IS DISTINCT FROM CASE
			WHEN last_excluded THEN first_score || ' to < ' || last_score
			WHEN NOT whole THEN first_score || ' to ' || last_score
			WHEN first_score = last_score THEN first_score::text
			ELSE first_score || '-' || last_score
		END);

-- scales whose ends differ from the documentation, or that only one side knows: none
SELECT scale, min_score, max_score, lowest, highest
FROM nps_scales()
	FULL JOIN (SELECT scale, min(first_score) AS lowest, max(last_score) AS highest FROM design GROUP BY scale) AS known USING (scale)
WHERE min_score IS DISTINCT FROM lowest OR max_score IS DISTINCT FROM highest;

--
-- Every score, in every type
--
-- All whole numbers around the ends of all scales, fractions next to every
-- threshold, and values that are not scores at all; "type" names the types that can hold
-- the value.
CREATE TABLE value (score text, type text[]);
INSERT INTO value
SELECT n::text, '{smallint,integer,bigint,real,double precision,numeric}' FROM generate_series(-2, 102) AS n;
INSERT INTO value
SELECT fraction, '{real,double precision,numeric}'
FROM unnest('{-1.5,-0.5,-0.01,0.01,0.5,0.99,1.5,2.5,3.5,4.5,5.5,6.01,6.5,6.99,7.5,8.5,8.99,9.5,10.01,10.5,
	34.5,34.99,35.01,69.5,69.99,70.01,99.99,100.01,100.5}'::text[]) AS fraction;
INSERT INTO value VALUES
	('-32768', '{smallint,integer,bigint,real,double precision,numeric}'),
	('32767', '{smallint,integer,bigint,real,double precision,numeric}'),
	('-2147483648', '{integer,bigint,real,double precision,numeric}'),
	('2147483647', '{integer,bigint,real,double precision,numeric}'),
	('4294967301', '{bigint,double precision,numeric}'),	-- 2^32 + 5 must not become 5
	('-9223372036854775808', '{bigint,real,double precision,numeric}'),
	('9223372036854775807', '{bigint,real,double precision,numeric}'),
	('18446744073709551621', '{double precision,numeric}'),	-- 2^64 + 5
	('1e30', '{real,double precision,numeric}'),
	('-1e30', '{real,double precision,numeric}'),
	('1e300', '{double precision,numeric}'),
	('-1e300', '{double precision,numeric}'),
	('1e-300', '{double precision,numeric}'),
	('-1e-300', '{double precision,numeric}'),
	('-0.0', '{real,double precision,numeric}'),
	('9.000', '{real,double precision,numeric}'),
	('NaN', '{real,double precision,numeric}'),
	('Infinity', '{real,double precision,numeric}'),
	('-Infinity', '{real,double precision,numeric}'),
	('34.999999999999996', '{double precision,numeric}'),
	('69.99999999999999', '{double precision,numeric}'),
	('100.00000000000001', '{double precision,numeric}'),
	('6.000000000000001', '{double precision,numeric}'),
	('34.99999999999999999999999999999', '{numeric}'),
	('69.99999999999999999999999999999', '{numeric}'),
	('100.0000000000000000000000000001', '{numeric}'),
	('6.000000000000000000000000000001', '{numeric}'),
	('9.999999999999999999999999999999', '{numeric}'),
	('-0.000000000000000000000000000001', '{numeric}');

SELECT count(*) AS values_163, sum(cardinality(type)) AS in_their_types_795 FROM value;

-- What is wrong about the values of one type, on every scale.  The functions
-- are given a column, not a constant, so that SQL functions are inlined and run.
CREATE FUNCTION disagreements(score_type text)
	RETURNS TABLE (score text, scale text, what text, got text, expected text)
	LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format($query$
		WITH typed AS MATERIALIZED (
			SELECT value.score AS shown, value.score::%1$s AS score FROM value WHERE %1$L = ANY (type)
		), judged AS MATERIALIZED (
			SELECT shown, score, known.scale,
				CASE WHEN %1$L IN ('real', 'double precision') THEN oracle(known.scale, score::double precision)
					ELSE oracle(known.scale, score::numeric) END AS category
			FROM typed, (SELECT DISTINCT design.scale FROM design) AS known
		), expectation AS MATERIALIZED (
			SELECT *, CASE category WHEN 'detractor' THEN -100 WHEN 'passive' THEN 0 WHEN 'promoter' THEN 100 END::text AS points
			FROM judged
		)
		SELECT shown, scale, what, got, expected
		FROM expectation, LATERAL (VALUES
			('nps_category with scale', CASE WHEN category IS NOT NULL THEN nps_category(score, scale) END, category),
			('nps_points with scale', nps_points(score, scale)::text, points),
			-- the nearest double, but never in a different category than the score
			('nps_valid_score', nps_category(nps_valid_score(score, scale), scale), category),
			('nps_valid_score to a digit', (abs(nps_valid_score(score, scale) - score::double precision) <= 2e-14)::text,
				CASE WHEN category IS NOT NULL THEN 'true' END),
			('nps_valid_score without -0', nullif(nps_valid_score(score, scale)::text, '-0'),
				nps_valid_score(score, scale)::text),
			('nps_rejection', (nps_rejection(score, scale) IS NULL)::text, (category IS NOT NULL)::text),
			('nps_score with scale', CASE WHEN category IS NOT NULL THEN
				(SELECT nps_score(s, scale) FROM (SELECT score AS s) AS one) END::text, points),
			-- double precision cannot tell 34.99999999999999999999999999999 from 35
			('nps_weighted_score', CASE WHEN category = oracle(scale, score::double precision) THEN
				(SELECT nps_weighted_score(s::double precision, 1, scale) FROM (SELECT score AS s) AS one) END::text,
				CASE WHEN category = oracle(scale, score::double precision) THEN points END)
		) AS judgement (what, got, expected)
		WHERE got IS DISTINCT FROM expected
		UNION ALL
		SELECT shown, scale, what, got, expected
		FROM expectation, LATERAL (VALUES
			('nps_category', CASE WHEN category IS NOT NULL THEN nps_category(score) END, category),
			('nps_points', nps_points(score)::text, points),
			('nps_is_detractor', nps_is_detractor(score)::text, (category IS NOT DISTINCT FROM 'detractor')::text),
			('nps_is_passive', nps_is_passive(score)::text, (category IS NOT DISTINCT FROM 'passive')::text),
			('nps_is_promoter', nps_is_promoter(score)::text, (category IS NOT DISTINCT FROM 'promoter')::text),
			('nps_score', CASE WHEN category IS NOT NULL THEN (SELECT nps_score(s) FROM (SELECT score AS s) AS one) END::text, points)
		) AS judgement (what, got, expected)
		WHERE scale = 'nps' AND got IS DISTINCT FROM expected
		$query$, score_type);
END
$$;

SELECT * FROM disagreements('smallint');
SELECT * FROM disagreements('integer');
SELECT * FROM disagreements('bigint');
SELECT * FROM disagreements('real');
SELECT * FROM disagreements('double precision');
SELECT * FROM disagreements('numeric');

-- nps_category() and the aggregates fail for values that are not on the scale, and for
-- nothing else.  Here the arguments are constants, which the planner folds.
CREATE FUNCTION sqlstate_of(query text) RETURNS text
	LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE query;
	RETURN '00000';
EXCEPTION WHEN OTHERS THEN
	RETURN sqlstate;
END
$$;

CREATE TABLE outcome AS
SELECT score, score_type, known.scale, template,
	sqlstate_of(format(template, score, score_type, known.scale)) AS got,
	CASE WHEN
		CASE WHEN score_type IN ('real', 'double precision') THEN oracle(known.scale, score::double precision)
			ELSE oracle(known.scale, score::numeric) END IS NULL
		THEN '22003' ELSE '00000' END AS expected
FROM value, unnest(type) AS score_type, (SELECT DISTINCT scale FROM design) AS known,
	(VALUES ('SELECT nps_category(%L::%s, %L)'), ('SELECT nps_tally_agg(%L::%s, %L)')) AS call (template)
-- enough: the values around the ends, and all odd ones
WHERE score !~ '^[1-9][0-9]$' OR score::numeric IN (10, 11, 12);
SELECT count(*) FILTER (WHERE expected = '00000') AS on_their_scale_840, count(*) FILTER (WHERE expected = '22003') AS not_on_it_2982 FROM outcome;
SELECT score, score_type, scale, template, got, expected FROM outcome WHERE got <> expected;

-- The tally counts a score where it belongs: one answer in all.
SELECT score, known.scale, tally
FROM value, (SELECT DISTINCT scale FROM design) AS known,
	LATERAL (SELECT oracle(known.scale, score::numeric) AS category) AS judged,
	LATERAL (SELECT nps_tally_agg(s, known.scale) AS tally FROM (SELECT score::numeric AS s) AS one WHERE category IS NOT NULL) AS made
WHERE category IS NOT NULL
	AND (nps_responses(tally), nps_detractors(tally), nps_passives(tally), nps_promoters(tally), nps_tally_scale(tally))
		IS DISTINCT FROM
		(1::bigint, (category = 'detractor')::int::bigint, (category = 'passive')::int::bigint, (category = 'promoter')::int::bigint, known.scale);

-- Text is judged as the number that it spells.
SELECT score, known.scale, nps_category(score, known.scale) AS got, oracle(known.scale, score::numeric) AS expected
FROM value, (SELECT DISTINCT scale FROM design) AS known
WHERE oracle(known.scale, score::numeric) IS NOT NULL AND score !~ 'e'
	AND nps_category(score, known.scale) IS DISTINCT FROM oracle(known.scale, score::numeric);

-- Reversed means mirrored.
SELECT n FROM generate_series(1, 5) AS n
WHERE nps_points(n, 'ces5_reversed') IS DISTINCT FROM -nps_points(n, 'ces5')
	OR nps_category(n, 'ces5_reversed') IS DISTINCT FROM nps_category(6 - n, 'ces5');

-- A passive has 0 points, not -0.
SELECT nps_points(7)::text AS zero, nps_points(7.0)::text AS zero, nps_points(3, 'csat5')::text AS zero, nps_points(50.5, 'health')::text AS zero;

--
-- NULL
--
SELECT nps_category(NULL::integer) IS NULL AS category, nps_category(NULL::integer, 'nps') IS NULL AS category_on_scale,
	nps_category(5, NULL) IS NULL AS no_scale, nps_category(11, NULL) IS NULL AS neither;
SELECT nps_points(NULL::numeric) IS NULL AS points, nps_points(NULL::numeric, 'nps') IS NULL AS points_on_scale,
	nps_points(5, NULL) IS NULL AS no_scale;
SELECT nps_is_detractor(NULL::smallint) IS NULL AS detractor, nps_is_passive(NULL::real) IS NULL AS passive,
	nps_is_promoter(NULL::numeric) IS NULL AS promoter;

--
-- A value that is not a score is named, with the range and what to do
--
SELECT nps_category(11);
SELECT nps_category((-1)::smallint);
SELECT nps_category(99999999999);
SELECT nps_category(6.5);
SELECT nps_category(8.5::real);
SELECT nps_category(10.5);
SELECT nps_category('NaN'::double precision);
SELECT nps_category('NaN'::numeric);
SELECT nps_category('Infinity'::double precision);
SELECT nps_category('-Infinity'::numeric);
SELECT nps_category(0, 'csat5');
SELECT nps_category(6, 'ces5');
SELECT nps_category(8, 'csat7');
SELECT nps_category(0, 'ces7');
SELECT nps_category(6, 'ces5_reversed');
SELECT nps_category(2.5, 'ces5_reversed');
SELECT nps_category(100.5, 'health');
SELECT nps_category(-0.5, 'health');
SELECT nps_category('NaN'::real, 'health');

--
-- Names of scales are exact
--
SELECT nps_category(5, 'stars');
SELECT nps_category(5, 'NPS');
SELECT nps_category(5, 'nps ');
SELECT nps_category(5, '');
SELECT nps_points(5, 'csat');
SELECT nps_score(5, 'csat55');
SELECT nps_counts(1, 2, 3, 'nps0');
SELECT nps_parse_score('5', 'none');
SELECT nps_rejection(5, 'nothing');
SELECT nps_valid_score(5, 'nothing');
SELECT nps_weighted_score(5, 1, 'nothing');

RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA scale_test CASCADE;
