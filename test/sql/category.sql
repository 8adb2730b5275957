-- What one score is: nps_category, nps_points, nps_is_detractor, nps_is_passive
-- and nps_is_promoter, in every type, on every scale.
CREATE SCHEMA nps_test_category;
SET search_path = nps_test_category, public;

-- The result of an expression as text, 'NULL', or the SQLSTATE of its error.
CREATE FUNCTION outcome(expression text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	EXECUTE 'SELECT (' || expression || ')::text' INTO result;
	RETURN coalesce(result, 'NULL');
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END
$$;

-- What is expected, by hand: the scores of each category on each scale.
CREATE TABLE band (scale text, lowest int, highest int, category text, points float8);
INSERT INTO band VALUES
	('nps', 0, 6, 'detractor', -100), ('nps', 7, 8, 'passive', 0), ('nps', 9, 10, 'promoter', 100),
	('csat5', 1, 2, 'detractor', -100), ('csat5', 3, 3, 'passive', 0), ('csat5', 4, 5, 'promoter', 100),
	('ces5', 1, 2, 'detractor', -100), ('ces5', 3, 3, 'passive', 0), ('ces5', 4, 5, 'promoter', 100),
	('csat7', 1, 3, 'detractor', -100), ('csat7', 4, 4, 'passive', 0), ('csat7', 5, 7, 'promoter', 100),
	('ces7', 1, 3, 'detractor', -100), ('ces7', 4, 4, 'passive', 0), ('ces7', 5, 7, 'promoter', 100),
	('ces5_reversed', 1, 2, 'promoter', 100), ('ces5_reversed', 3, 3, 'passive', 0), ('ces5_reversed', 4, 5, 'detractor', -100),
	-- on this scale a band reaches up to, but not including, the next one
	('health', 0, 34, 'detractor', -100), ('health', 35, 69, 'passive', 0), ('health', 70, 100, 'promoter', 100);

-- the table has every scale
SELECT count(DISTINCT scale) = (SELECT count(*) FROM nps_scales()) AS every_scale FROM band;

CREATE TABLE score_type (type text, whole boolean);
INSERT INTO score_type VALUES ('smallint', true), ('integer', true), ('bigint', true),
	('real', false), ('double precision', false), ('numeric', false), ('text', false);

-- Whole scores from -3 to 103: its category on the scale, else 22003; the same in every type.
CREATE TABLE whole_score AS
SELECT s.scale, t.type, g.score,
	format('%L::%s', g.score, t.type) AS literal,
	coalesce(b.category, '22003') AS expected_category,
	coalesce(b.points::text, 'NULL') AS expected_points
FROM nps_scales() s
CROSS JOIN score_type t
CROSS JOIN generate_series(-3, 103) AS g(score)
LEFT JOIN band b ON b.scale = s.scale AND g.score BETWEEN b.lowest AND b.highest;

SELECT scale, type, score, expected_category, outcome AS wrong_category
FROM whole_score, outcome(format('nps_category(%s, %L)', literal, scale))
WHERE outcome <> expected_category;

SELECT type, score, expected_category, outcome AS wrong_category_without_scale
FROM whole_score, outcome(format('nps_category(%s)', literal))
WHERE scale = 'nps' AND outcome <> expected_category;

-- points never fail: NULL outside the scale
SELECT scale, type, score, expected_points, outcome AS wrong_points
FROM whole_score, outcome(format('nps_points(%s, %L)', literal, scale))
WHERE type <> 'text' AND outcome <> expected_points;

SELECT type, score, expected_points, outcome AS wrong_points_without_scale
FROM whole_score, outcome(format('nps_points(%s)', literal))
WHERE scale = 'nps' AND type <> 'text' AND outcome <> expected_points;

-- true for one category, false for the others and for values that are not on the scale
SELECT type, score, name, outcome AS wrong_is
FROM whole_score,
	unnest(ARRAY['detractor', 'passive', 'promoter']) AS name,
	outcome(format('nps_is_%s(%s)', name, literal))
WHERE scale = 'nps' AND type <> 'text'
	AND outcome <> (expected_category = name)::text;

-- Fractions: an error where only whole scores are valid; on the health scale
-- they belong to the band they lie in.  (100.5 is out of range there, too.)
CREATE TABLE fraction AS
SELECT s.scale, t.type, g.score + 0.5 AS score,
	format('%L::%s', g.score + 0.5, t.type) AS literal,
	CASE WHEN s.scale = 'health' AND g.score < 100 THEN coalesce(b.category, '22003') ELSE '22003' END AS expected_category,
	CASE WHEN s.scale = 'health' AND g.score < 100 THEN coalesce(b.points::text, 'NULL') ELSE 'NULL' END AS expected_points
FROM nps_scales() s
CROSS JOIN score_type t
CROSS JOIN generate_series(-3, 103) AS g(score)
LEFT JOIN band b ON b.scale = s.scale AND g.score BETWEEN b.lowest AND b.highest
WHERE NOT t.whole;

SELECT scale, type, score, expected_category, outcome AS wrong_category
FROM fraction, outcome(format('nps_category(%s, %L)', literal, scale))
WHERE outcome <> expected_category;

SELECT scale, type, score, expected_points, outcome AS wrong_points
FROM fraction, outcome(format('nps_points(%s, %L)', literal, scale))
WHERE type <> 'text' AND outcome <> expected_points;

SELECT type, score, name, outcome AS wrong_is
FROM fraction, unnest(ARRAY['detractor', 'passive', 'promoter']) AS name,
	outcome(format('nps_is_%s(%s)', name, literal))
WHERE scale = 'nps' AND type <> 'text' AND outcome <> 'false';

-- How many cases the statements above had to get right.
SELECT (SELECT count(*) FROM whole_score) AS whole_scores, (SELECT count(*) FROM fraction) AS fractions,
	count(*) FILTER (WHERE expected_category = '22003') AS errors,
	count(*) FILTER (WHERE expected_category <> '22003') AS categories
FROM whole_score;

-- Border cases: the expected outcome and the actual one, which is shown only where it differs.
SELECT call, expected, nullif(outcome, expected) AS wrong
FROM (VALUES
	-- the ends of each type
	('nps_category((-32768)::smallint)', '22003'),
	('nps_category(32767::smallint)', '22003'),
	('nps_category(2147483647)', '22003'),
	('nps_category(-2147483648)', '22003'),
	('nps_category(9223372036854775807)', '22003'),
	('nps_category((-9223372036854775808)::bigint)', '22003'),
	-- whose lower half is a valid score
	('nps_category(4294967305)', '22003'),
	('nps_category(-4294967287)', '22003'),
	('nps_points(4294967305)', 'NULL'),
	('nps_points(4294967305, ''nps'')', 'NULL'),
	('nps_is_promoter(4294967305)', 'false'),
	-- floating point
	('nps_category(1e308::float8)', '22003'),
	('nps_category(''-1e308''::float8)', '22003'),
	('nps_category(3e38::real)', '22003'),
	('nps_category(''-0''::float8)', 'detractor'),
	('nps_category(''1e-300''::float8)', '22003'),
	('nps_category(''-1e-300''::float8)', '22003'),
	('nps_category(0.1::real)', '22003'),
	('nps_category(10.000000000000002::float8)', '22003'),
	('nps_category(6.999999999999999::float8)', '22003'),
	('nps_category(''NaN''::real)', '22003'),
	('nps_category(''NaN''::float8)', '22003'),
	('nps_category(''Infinity''::real)', '22003'),
	('nps_category(''-Infinity''::float8)', '22003'),
	('nps_points(''NaN''::real)', 'NULL'),
	('nps_points(''NaN''::float8)', 'NULL'),
	('nps_points(''Infinity''::float8)', 'NULL'),
	('nps_points(''-Infinity''::real)', 'NULL'),
	('nps_points(''-0''::float8)', '-100'),
	('nps_points(''NaN''::float8, ''health'')', 'NULL'),
	('nps_points(''Infinity''::float8, ''health'')', 'NULL'),
	('nps_is_promoter(''NaN''::real)', 'false'),
	('nps_is_promoter(''NaN''::float8)', 'false'),
	('nps_is_promoter(''Infinity''::float8)', 'false'),
	('nps_is_detractor(''-Infinity''::float8)', 'false'),
	('nps_is_detractor(''-0''::float8)', 'true'),
	-- numeric
	('nps_category(''NaN''::numeric)', '22003'),
	('nps_category(''Infinity''::numeric)', '22003'),
	('nps_category(''-Infinity''::numeric)', '22003'),
	('nps_category(9.000)', 'promoter'),
	('nps_category(9.0000000000000000000000000001)', '22003'),
	('nps_category(1e1)', 'promoter'),
	('nps_category(1e100)', '22003'),
	('nps_category(-1e-100)', '22003'),
	('nps_category(123456789012345678901234567890)', '22003'),
	('nps_points(9.000)', '100'),
	('nps_points(9.0000000000000000000000000001)', 'NULL'),
	('nps_points(''NaN''::numeric)', 'NULL'),
	('nps_points(''Infinity''::numeric)', 'NULL'),
	('nps_is_promoter(9.00)', 'true'),
	('nps_is_promoter(9.0000000000000000000000000001)', 'false'),
	('nps_is_promoter(''NaN''::numeric)', 'false'),
	('nps_is_promoter(''Infinity''::numeric)', 'false'),
	-- health: the bands have no gap, and nothing is rounded
	('nps_category(34.99999999999999999999999999, ''health'')', 'detractor'),
	('nps_category(''34.99999999999999999999999999'', ''health'')', 'detractor'),
	('nps_category(34.999999999999993::float8, ''health'')', 'detractor'),
	('nps_category(35::float8, ''health'')', 'passive'),
	('nps_category(69.99999999999999999999999999, ''health'')', 'passive'),
	('nps_category(70.0, ''health'')', 'promoter'),
	('nps_category(100.00, ''health'')', 'promoter'),
	('nps_category(''100.00'', ''health'')', 'promoter'),
	('nps_category(100.00000000000000000000000001, ''health'')', '22003'),
	('nps_category(-0.00000000000000000000000001, ''health'')', '22003'),
	('nps_category(0.00000000000000000000000001, ''health'')', 'detractor'),
	('nps_points(34.99999999999999999999999999, ''health'')', '-100'),
	('nps_points(100.00000000000000000000000001, ''health'')', 'NULL'),
	-- text is parsed strictly
	('nps_category(''0'')', 'detractor'),
	('nps_category(''007'')', 'passive'),
	('nps_category(''9.0'')', 'promoter'),
	('nps_category(''9.'')', '22P02'),
	('nps_category(''.9'')', '22P02'),
	('nps_category(''9.5'')', '22003'),
	('nps_category(''-0'')', 'detractor'),
	('nps_category(''-1'')', '22003'),
	('nps_category(''- 1'')', '22P02'),
	('nps_category(''+9'')', '22P02'),
	('nps_category(''1e1'')', '22P02'),
	('nps_category(''0x9'')', '22P02'),
	('nps_category(''1_0'')', '22P02'),
	('nps_category(''9,0'')', '22P02'),
	('nps_category(''NaN'')', '22P02'),
	('nps_category(''Infinity'')', '22P02'),
	('nps_category('''')', '22P02'),
	('nps_category('' '')', '22P02'),
	('nps_category(E''\t\n 9 \r\f\x0b'')', 'promoter'),
	('nps_category(''9 9'')', '22P02'),
	('nps_category(''10 - Extremely likely'')', '22P02'),
	('nps_category(repeat(''9'', 10000))', '22003'),
	('nps_category(repeat(''0'', 10000) || ''9'')', 'promoter'),
	('nps_category(repeat(''x'', 10000))', '22P02'),
	-- scale names are exact
	('nps_category(3, ''NPS'')', '22023'),
	('nps_category(3, ''csat'')', '22023'),
	('nps_category(3, ''csat55'')', '22023'),
	('nps_category(3, '' nps'')', '22023'),
	('nps_category(3, '''')', '22023'),
	('nps_category(3, repeat(''x'', 10000))', '22023'),
	('nps_points(3, ''NPS'')', '22023'),
	('nps_points(3.0, '''')', '22023'),
	-- an unknown scale is an error even if the score is invalid, too
	('nps_category(-1, ''NPS'')', '22023')
) AS v(call, expected), outcome(call);

-- One error of each kind, in full.
SELECT nps_category(11);
SELECT nps_category(6, 'csat5');
SELECT nps_category(100.5, 'health');
SELECT nps_category('NaN'::float8);
SELECT nps_category('NaN'::float8, 'health');
SELECT nps_category(6.5);
SELECT nps_category('6.5');
SELECT nps_category('ten');
SELECT nps_category('10 - Extremely likely');
SELECT nps_category(9, 'net_promoter');
SELECT nps_points(9, 'net_promoter');

-- STRICT: NULL is no answer, whatever the other argument is.
SELECT nps_category(NULL) IS NULL AND nps_category(NULL::int) IS NULL AND nps_category(NULL::numeric) IS NULL
	AND nps_category(NULL, 'nps') IS NULL AND nps_category(NULL::real, 'no scale') IS NULL
	AND nps_category(11, NULL) IS NULL AS category_is_null;
SELECT nps_points(NULL) IS NULL AND nps_points(NULL::int) IS NULL AND nps_points(NULL::numeric) IS NULL
	AND nps_points(NULL, 'no scale') IS NULL AND nps_points(9, NULL) IS NULL AS points_are_null;
SELECT nps_is_detractor(NULL::smallint) IS NULL AND nps_is_detractor(NULL::int) IS NULL AND nps_is_detractor(NULL::bigint) IS NULL
	AND nps_is_passive(NULL::real) IS NULL AND nps_is_passive(NULL::float8) IS NULL AND nps_is_passive(NULL::numeric) IS NULL
	AND nps_is_promoter(NULL::int) IS NULL AND nps_is_promoter(NULL::real) IS NULL AND nps_is_promoter(NULL) IS NULL AS is_is_null;

-- What goes wrong in practice: each value has one defined result.  The strict
-- function, the points, and what reports make of it.
SELECT value, outcome(format('nps_category(%s)', value)) AS category,
	outcome(format('nps_points(%s)', value)) AS points,
	outcome(format('nps_valid_score(%s, ''nps'')', value)) AS valid_score,
	outcome(format('nps_rejection(%s, ''nps'')', value)) AS rejection
FROM (VALUES ('0'), ('NULL::int'), ('-1'), ('11'), ('6.5'), ('8.5'), ('6.5::float8'), ('''NaN''::float8'), ('''NaN''::numeric'),
	('''Infinity''::float8'), ('''Infinity''::numeric'), ('''-Infinity''::real')) AS v(value);
SELECT value, outcome(format('nps_category(%s)', value)) AS category,
	outcome(format('nps_parse_score(%s)', value)) AS parsed,
	outcome(format('nps_valid_score(%s, ''nps'')', value)) AS valid_score,
	outcome(format('nps_rejection(%s, ''nps'')', value)) AS rejection
FROM (VALUES ('text ''0'''), ('NULL::text'), ('text '''''), ('text ''9 '''), ('text ''07'''), ('text ''7/10'''), ('text ''9'''),
	('text ''１０'''), ('text ''true'''), ('text ''NaN'''), ('text ''6.5'''), ('text ''-1'''), ('text ''11''')) AS v(value);
-- a boolean is not a score
\set VERBOSITY terse
SELECT nps_category(true);
SELECT nps_points(true);
-- text may hold no answer, so it has no points: it must be parsed first
SELECT nps_points('9'::text);
SELECT nps_is_promoter('9'::text);
\set VERBOSITY default
SELECT nps_points(nps_parse_score('9 - Very likely')) AS hundred;

-- 0 is kept: it is neither falsy nor a default.
SELECT nps_category(0) AS detractor, nps_points(0) AS minus_hundred, nps_is_detractor(0) AS yes,
	nps_category(0::numeric) AS detractor, nps_category(0, 'health') AS detractor;

-- The average of the points is exactly the score, to the last bit.
CREATE TABLE answer AS
SELECT i, ((i::bigint * 7919) % 13 - 1)::int AS score
FROM generate_series(1, 5000) i;
SELECT count(*) AS groups, count(average) AS not_null, count(*) FILTER (WHERE average IS DISTINCT FROM nps) AS different
FROM (SELECT avg(nps_points(score)) AS average, nps_score(score) FILTER (WHERE score BETWEEN 0 AND 10) AS nps
	FROM answer GROUP BY i % 97) g;

-- Results stay valid after the row that they were made for is gone.
SELECT array_agg(nps_category(score) ORDER BY i) AS category FROM answer WHERE score BETWEEN 0 AND 10 AND i < 8;
SELECT max(nps_category(score)) AS promoter, min(nps_category(score)) AS detractor FROM answer WHERE score BETWEEN 0 AND 10;

-- IMMUTABLE: usable in a generated column, a check, an expression index.
CREATE TABLE kept (
	score int CHECK (nps_category(score) <> 'passive'),
	category text GENERATED ALWAYS AS (nps_category(score)) STORED
);
CREATE INDEX kept_category ON kept (nps_category(score));
INSERT INTO kept VALUES (3), (9), (NULL);
SELECT * FROM kept ORDER BY score;
INSERT INTO kept VALUES (8);
INSERT INTO kept VALUES (11);

-- The helpers inline: the plan shows plain comparisons of the column.
CREATE TABLE response (
	i2 smallint, i4 integer, i8 bigint, f4 real, f8 double precision, n numeric
);
INSERT INTO response
SELECT s, s, s, s, s, s FROM (SELECT i % 15 - 2 AS s FROM generate_series(1, 3000) i) v;
INSERT INTO response (f4, f8, n)
SELECT v, v, v FROM unnest('{NaN,Infinity,-Infinity,6.5,8.5,9.5,NULL}'::float8[]) v;
CREATE INDEX response_i2 ON response (i2);
CREATE INDEX response_i4 ON response (i4);
CREATE INDEX response_i8 ON response (i8);
CREATE INDEX response_f4 ON response (f4);
CREATE INDEX response_f8 ON response (f8);
CREATE INDEX response_n ON response (n);
ANALYZE response;

EXPLAIN (COSTS OFF, VERBOSE)
SELECT nps_is_detractor(i2), nps_is_passive(i4), nps_is_promoter(i8),
	nps_is_detractor(f4), nps_is_passive(f8), nps_is_promoter(n) FROM response;
EXPLAIN (COSTS OFF, VERBOSE)
SELECT nps_points(i4), nps_points(f8) FROM response;
-- no function call is left in any of them
CREATE FUNCTION plan(query text) RETURNS SETOF text
LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF, VERBOSE) ' || query;
END
$$;
SELECT name, score AS not_inlined
FROM unnest('{nps_is_detractor,nps_is_passive,nps_is_promoter,nps_points}'::text[]) AS name,
	unnest('{i2,i4,i8,f4,f8,n}'::text[]) AS score
WHERE EXISTS (SELECT FROM plan(format('SELECT %s(%s) FROM response', name, score)) AS line WHERE line LIKE '%nps\_%(%');

-- ... so that a plain index on the score is used, whatever its type
SET enable_seqscan = off;
SET enable_bitmapscan = off;
EXPLAIN (COSTS OFF) SELECT * FROM response WHERE nps_is_detractor(i4);
EXPLAIN (COSTS OFF) SELECT * FROM response WHERE nps_is_passive(i2);
EXPLAIN (COSTS OFF) SELECT * FROM response WHERE nps_is_promoter(i8);
EXPLAIN (COSTS OFF) SELECT * FROM response WHERE nps_is_promoter(f4);
EXPLAIN (COSTS OFF) SELECT * FROM response WHERE nps_is_detractor(f8);
EXPLAIN (COSTS OFF) SELECT * FROM response WHERE nps_is_passive(n);
SELECT name, score AS no_index
FROM unnest('{nps_is_detractor,nps_is_passive,nps_is_promoter}'::text[]) AS name,
	unnest('{i2,i4,i8,f4,f8,n}'::text[]) AS score
WHERE NOT EXISTS (SELECT FROM plan(format('SELECT * FROM response WHERE %s(%s)', name, score)) AS line
	WHERE line LIKE '%Index Scan using response\_' || score || ' %');
-- ... and finds the right rows: there are 200 of each score from -2 to 12
SELECT count(*) AS checked, count(*) FILTER (WHERE outcome <> expected) AS wrong
FROM (VALUES ('nps_is_detractor', '1400'), ('nps_is_passive', '400'), ('nps_is_promoter', '400')) AS v(name, expected),
	unnest('{i2,i4,i8,f4,f8,n}'::text[]) AS score,
	outcome(format('(SELECT count(*) FROM response WHERE %s(%s))', name, score));
-- NOT finds all others (NaN, infinities and fractions, too) except NULL
SELECT count(*) AS checked, count(*) FILTER (WHERE outcome <> expected) AS wrong
FROM (VALUES ('nps_is_detractor', 1600), ('nps_is_passive', 2600), ('nps_is_promoter', 2600)) AS v(name, rows),
	(VALUES ('i2', 0), ('i4', 0), ('i8', 0), ('f4', 6), ('f8', 6), ('n', 6)) AS c(score, more),
	LATERAL (SELECT (rows + more)::text AS expected) e,
	outcome(format('(SELECT count(*) FROM response WHERE NOT %s(%s))', name, score));
RESET enable_seqscan;
RESET enable_bitmapscan;

SET client_min_messages = warning;
DROP SCHEMA nps_test_category CASCADE;
