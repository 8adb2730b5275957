-- The aggregates over scores and tallies: nps_score, nps_tally_agg, nps_low and
-- nps_high, in every place where SQL allows an aggregate.
CREATE SCHEMA nps_test_aggregate;
SET search_path = nps_test_aggregate, public;
SET extra_float_digits = 0;

CREATE TABLE response (id integer PRIMARY KEY, team text, day date, score integer);
INSERT INTO response VALUES
	(1, 'a', '2024-01-01', 10), (2, 'a', '2024-01-02', 9), (3, 'a', '2024-01-04', 0), (4, 'a', '2024-01-07', NULL),
	(5, 'b', '2024-01-01', 7), (6, 'b', '2024-01-03', 8), (7, 'b', '2024-01-03', 6), (8, 'c', '2024-01-05', NULL),
	(9, NULL, '2024-01-06', 9);

-- no rows, only NULLs, one row, all rows
SELECT nps_score(score) AS null_score, nps_tally_agg(score) AS empty_tally, nps_low(score) AS null_low, nps_high(score) AS null_high
FROM response WHERE false;
SELECT nps_score(score) AS null_score, nps_tally_agg(score) AS empty_tally, nps_low(score) AS null_low, nps_high(score) AS null_high
FROM response WHERE score IS NULL;
SELECT nps_score(score) AS hundred, nps_tally_agg(score) AS one_ten, nps_low(score) AS low, nps_high(score) AS hundred
FROM response WHERE id = 1;
SELECT nps_score(score) AS one_seventh_of_100, nps_tally_agg(score) AS seven_answers, round(nps_low(score)::numeric, 6) AS low,
	round(nps_high(score)::numeric, 6) AS high
FROM response;
SELECT nps_tally_agg(tally) AS empty_tally FROM (VALUES (nps_tally '{}')) v(tally) WHERE false;
SELECT nps_tally_agg(tally) AS empty_tally FROM (VALUES (NULL::nps_tally), (NULL)) v(tally);
SELECT nps_tally_agg(tally) AS empty_tally FROM (VALUES (nps_tally '{}'), (NULL), ('{}')) v(tally);
SELECT nps_tally_agg(tally) AS one_of_each FROM (VALUES (nps_tally '{1,1,1,1,1,0,0,0,0,0,0}'), (NULL), ('{0,0,0,0,0,1,1,1,1,1,1}'), ('{}')) v(tally);
SELECT nps_tally_agg(tally) AS with_categories FROM (VALUES (nps_tally '{1,0,0,0,0,0,0,0,0,0,1}'), ('{;17,33,50}')) v(tally);

-- The same in every type, with and without a scale.
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
CREATE TABLE expectation (rows text, aggregate text, expected text);
INSERT INTO expectation VALUES
	('(VALUES (1)) v(score) WHERE false', 'nps_score', 'NULL'),
	('(VALUES (1)) v(score) WHERE false', 'nps_tally_agg', '{}'),
	('(VALUES (1)) v(score) WHERE false', 'nps_low', 'NULL'),
	('(VALUES (1)) v(score) WHERE false', 'nps_high', 'NULL'),
	('(VALUES (NULL), (NULL)) v(score)', 'nps_score', 'NULL'),
	('(VALUES (NULL), (NULL)) v(score)', 'nps_tally_agg', '{}'),
	('(VALUES (NULL), (NULL)) v(score)', 'nps_low', 'NULL'),
	('(VALUES (NULL), (NULL)) v(score)', 'nps_high', 'NULL'),
	('(VALUES (0)) v(score)', 'nps_score', '-100'),
	('(VALUES (0)) v(score)', 'nps_tally_agg', '{1,0,0,0,0,0,0,0,0,0,0}'),
	('(VALUES (0)) v(score)', 'nps_low', '-100'),
	('(VALUES (10)) v(score)', 'nps_score', '100'),
	('(VALUES (10)) v(score)', 'nps_high', '100'),
	('(VALUES (10), (9), (NULL), (8), (2)) v(score)', 'nps_score', '25'),
	('(VALUES (10), (9), (NULL), (8), (2)) v(score)', 'nps_tally_agg', '{0,0,1,0,0,0,0,0,1,1,1}'),
	('(VALUES (10), (0)) v(score)', 'nps_score', '0'),
	('(VALUES (9), (11)) v(score)', 'nps_score', '22003'),
	('(VALUES (9), (-1)) v(score)', 'nps_tally_agg', '22003'),
	('(VALUES (11)) v(score)', 'nps_low', '22003'),
	('(VALUES (11)) v(score)', 'nps_high', '22003');
SELECT count(*) AS checked, count(*) FILTER (WHERE outcome <> expected) AS wrong, min(call) FILTER (WHERE outcome <> expected) AS first_wrong
FROM expectation,
	unnest('{smallint,integer,bigint,real,double precision,numeric,text}'::text[]) AS type,
	unnest('{"", ", ''nps''"}'::text[]) AS scale,
	format('(SELECT %s(score::%s%s) FROM %s)', aggregate, type, scale, rows) AS call,
	outcome(call);

-- Anything that is not a score is an error, which says what to do.
SELECT nps_score(score) FROM (VALUES (9), (11)) v(score);
SELECT nps_tally_agg(score) FROM (VALUES (9), (6.5)) v(score);
SELECT nps_low(score) FROM (VALUES (9), ('NaN'::float8)) v(score);
SELECT nps_high(score) FROM (VALUES (9), ('Infinity'::real)) v(score);
SELECT nps_score(score) FROM (VALUES ('9 '), ('ten')) v(score);
SELECT nps_score(score) FROM (VALUES ('9'), ('')) v(score);
SELECT nps_score(score, 'csat5') FROM (VALUES (5), (0)) v(score);
SELECT nps_score(score, 'csat6') FROM (VALUES (5), (0)) v(score);
SELECT nps_score(score, 'csat6') AS null_as_there_is_no_score FROM (VALUES (NULL::int)) v(score);
-- ... with FILTER, as the hint says
SELECT nps_score(score) FILTER (WHERE score BETWEEN 0 AND 10) AS hundred FROM (VALUES (9), (11), (-1)) v(score);
SELECT nps_score(nps_parse_score(answer)) AS fifty FROM (VALUES ('9 '), ('ten'), (''), ('10 - Extremely likely'), ('8'), ('07')) v(answer);
-- rows that are filtered out are not checked
SELECT nps_score(score) FILTER (WHERE score IS NOT NULL AND false) AS null_score FROM (VALUES (11)) v(score);

-- A scale as argument: a constant, a column, a scale for each group.
SELECT nps_score(score, 'csat5') AS fifty, nps_tally_agg(score, 'csat5') AS tally FROM (VALUES (5), (4), (3), (3)) v(score);
SELECT nps_score(score, 'ces5_reversed') AS minus_fifty, nps_tally_agg(score, 'ces5_reversed') AS tally FROM (VALUES (5), (4), (3), (3)) v(score);
SELECT nps_score(score, 'health') AS one_third, nps_tally_agg(score, 'health') AS tally FROM (VALUES (34.99), (70), (100.0)) v(score);
CREATE TABLE answer (survey text, scale text, score numeric);
INSERT INTO answer VALUES ('csat', 'csat5', 5), ('csat', 'csat5', 3), ('nps', 'nps', 5), ('nps', 'nps', 9), ('nps', 'nps', NULL),
	('health', 'health', 80.5), ('health', 'health', 12.5), ('health', 'health', 99), ('none', NULL, NULL);
SELECT survey, nps_score(score, scale) AS nps, nps_tally_agg(score, scale) AS tally, round(nps_low(score, scale)::numeric, 6) AS low,
	round(nps_high(score, scale)::numeric, 6) AS high
FROM answer GROUP BY survey ORDER BY survey COLLATE "C";
-- a NULL scale is an error in a row with a score, and does not matter in one without
SELECT nps_score(score, NULL) FROM (VALUES (5)) v(score);
SELECT nps_tally_agg(score, scale) FROM (VALUES (5, 'nps'), (6, NULL)) v(score, scale);
SELECT nps_score(score, NULL) AS null_score, nps_tally_agg(score, NULL) AS empty_tally FROM (VALUES (NULL::int), (NULL)) v(score);
SELECT nps_tally_agg(score, scale) AS one_nine FROM (VALUES (9, 'nps'), (NULL, NULL), (NULL, 'csat5'), (NULL, 'no scale')) v(score, scale);
-- two scales in one group
SELECT nps_score(score, scale) FROM answer;
SELECT nps_tally_agg(tally) FROM (VALUES (nps_tally 'csat5{0,0,0,0,1}'), ('{0,0,0,0,0,0,0,0,0,0,1}')) v(tally);
-- even if both have the same scores
SELECT nps_score(score, scale) FROM (VALUES (5, 'csat5'), (5, 'ces5')) v(score, scale);

-- GROUP BY, HAVING, FILTER, DISTINCT, ORDER BY
SELECT team, nps_score(score) AS nps, nps_tally_agg(score) AS tally FROM response GROUP BY team ORDER BY team COLLATE "C";
SELECT team, nps_score(score) AS nps FROM response GROUP BY team HAVING nps_score(score) > 0 ORDER BY nps_score(score) DESC;
SELECT team FROM response GROUP BY team HAVING nps_responses(nps_tally_agg(score)) = 0;
SELECT nps_score(score) FILTER (WHERE team = 'a') AS one_third, nps_score(score) FILTER (WHERE team = 'b') AS minus_one_third,
	nps_score(score) FILTER (WHERE team = 'c') AS null_score, nps_tally_agg(score) FILTER (WHERE false) AS empty_tally FROM response;
SELECT nps_score(DISTINCT score) AS zero, nps_tally_agg(DISTINCT score) AS six_answers FROM response;
SELECT nps_tally_agg(DISTINCT score, 'nps') AS six_answers FROM response;
SELECT nps_score(score ORDER BY id DESC) AS one_seventh_of_100, nps_tally_agg(score, 'nps' ORDER BY score) AS seven_answers FROM response;
SELECT nps_tally_agg(DISTINCT tally) AS one_of_two FROM (VALUES (nps_tally '{1,0,0,0,0,0,0,0,0,0,0}'), ('{1,0,0,0,0,0,0,0,0,0,0}')) v(tally);
-- several at once, which share one state, give the same results as each alone
SELECT nps_score(score) = (SELECT nps_score(score) FROM response) AS nps, nps_low(score) = (SELECT nps_low(score) FROM response) AS low,
	nps_high(score) = (SELECT nps_high(score) FROM response) AS high, nps_tally_agg(score) = (SELECT nps_tally_agg(score) FROM response) AS tally,
	nps_score(nps_tally_agg(score)) = nps_score(score) AS of_tally, nps_low(nps_tally_agg(score)) = nps_low(score) AS low_of_tally
FROM response;
SELECT nps_score(score) AS one_seventh_of_100, nps_score(score) FILTER (WHERE team = 'a') AS one_third, nps_score(DISTINCT score) AS zero,
	nps_score(score, 'nps') AS one_seventh_of_100, nps_score(score::text) AS one_seventh_of_100, nps_tally_agg(score) AS tally,
	count(score) AS seven, avg(nps_points(score)) AS one_seventh_of_100
FROM response;

-- GROUPING SETS, ROLLUP, CUBE
SELECT team, day, grouping(team, day) AS grouping, nps_score(score) AS nps, nps_tally_agg(score) AS tally
FROM response GROUP BY GROUPING SETS ((team), (day), ()) ORDER BY grouping(team, day), team COLLATE "C", day;
SELECT team, score IS NULL AS unanswered, grouping(team, score IS NULL) AS grouping, nps_score(score) AS nps
FROM response GROUP BY ROLLUP (team, score IS NULL) ORDER BY grouping(team, score IS NULL), team COLLATE "C", score IS NULL;
SELECT count(*) AS cells, count(*) FILTER (WHERE tally IS DISTINCT FROM
	(SELECT nps_tally_agg(r.score) FROM response r
		WHERE (no_team = 1 OR r.team IS NOT DISTINCT FROM c.team) AND (no_day = 1 OR r.day = c.day))) AS wrong
FROM (SELECT team, day, grouping(team) AS no_team, grouping(day) AS no_day, nps_tally_agg(score) AS tally
	FROM response GROUP BY CUBE (team, day)) c;

-- Windows: whole partition, running, moving.
SELECT id, team, score, nps_score(score) OVER (PARTITION BY team) AS of_team, nps_score(score) OVER () AS of_all,
	nps_score(score) OVER (PARTITION BY team ORDER BY id) AS running_in_team
FROM response ORDER BY id;
SELECT id, score, nps_score(score) OVER (ORDER BY id) AS running, nps_score(score) OVER last_three AS moving,
	nps_tally_agg(score) OVER last_three AS tally,
	nps_score(score) OVER (ORDER BY id ROWS BETWEEN 1 FOLLOWING AND 2 FOLLOWING) AS ahead,
	nps_score(score) OVER (ORDER BY id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS rest
FROM response WINDOW last_three AS (ORDER BY id ROWS 2 PRECEDING) ORDER BY id;
SELECT id, day, score,
	nps_tally_agg(score) OVER (ORDER BY day RANGE BETWEEN interval '2 days' PRECEDING AND CURRENT ROW) AS three_days,
	nps_tally_agg(score) OVER (ORDER BY day GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW) AS two_days
FROM response ORDER BY day, id;
SELECT id, score,
	nps_score(score) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE CURRENT ROW) AS neighbours,
	nps_tally_agg(score) OVER (ORDER BY day RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE GROUP) AS other_days,
	nps_score(score) OVER (ORDER BY day RANGE BETWEEN CURRENT ROW AND CURRENT ROW EXCLUDE TIES) AS itself
FROM response ORDER BY id;
SELECT id, nps_score(score) FILTER (WHERE team = 'a') OVER (ORDER BY id ROWS 1 PRECEDING) AS of_a,
	round(nps_low(score) OVER (ORDER BY id ROWS 1 PRECEDING)::numeric, 4) AS low, round(nps_high(score) OVER (ORDER BY id ROWS 1 PRECEDING)::numeric, 4) AS high
FROM response ORDER BY id;
-- a tally that left the frame leaves nothing behind, not even its scale
SELECT i, nps_tally_agg(score, scale) OVER (ORDER BY i ROWS 1 PRECEDING) AS tally
FROM (VALUES (1, 5, 'csat5'), (2, NULL, NULL), (3, 9, 'nps'), (4, NULL, 'csat5'), (5, 1, 'ces7')) v(i, score, scale);
SELECT i, nps_tally_agg(score, scale) OVER (ORDER BY i ROWS 1 PRECEDING) AS tally
FROM (VALUES (1, 5, 'csat5'), (2, 9, 'nps')) v(i, score, scale);
SELECT i, nps_tally_agg(tally) OVER (ORDER BY i ROWS 1 PRECEDING) AS tally
FROM (VALUES (1, nps_tally 'csat5{1,0,0,0,0}'), (2, NULL), (3, '{;1,2,3}'), (4, '{}'), (5, 'health{;0,0,1}')) v(i, tally);
-- in a moving frame, too, an invalid score is an error when it enters
SELECT nps_score(score) OVER (ORDER BY i ROWS 1 PRECEDING) FROM (VALUES (1, 9), (2, 11)) v(i, score);
-- aggregates of aggregates
SELECT team, nps_score(score) AS nps, nps_score(nps_tally_agg(nps_tally_agg(score)) OVER ()) AS of_all FROM response GROUP BY team ORDER BY team COLLATE "C";

-- In a view, a materialized view, LATERAL, a correlated subquery, RETURNING.
CREATE VIEW by_team AS SELECT team, nps_score(score) AS nps, nps_tally_agg(score) AS tally FROM response GROUP BY team;
SELECT nps FROM by_team WHERE team = 'b';
CREATE MATERIALIZED VIEW by_day AS SELECT day, nps_tally_agg(score) AS tally FROM response GROUP BY day;
SELECT nps_score(nps_tally_agg(tally)) AS one_seventh_of_100 FROM by_day;
INSERT INTO response VALUES (10, 'c', '2024-01-09', 10);
REFRESH MATERIALIZED VIEW by_day;
SELECT nps_score(nps_tally_agg(tally)) AS twenty_five FROM by_day;
DELETE FROM response WHERE id = 10;
SELECT t.team, s.nps, s.n FROM (VALUES ('a'), ('b'), ('nobody')) t(team)
CROSS JOIN LATERAL (SELECT nps_score(r.score) AS nps, count(r.score) AS n FROM response r WHERE r.team = t.team) s
ORDER BY t.team COLLATE "C";
SELECT team, (SELECT nps_score(i.score) FROM response i WHERE i.team = o.team AND i.id >= o.id) AS from_here FROM response o WHERE o.team = 'a' ORDER BY id;
SELECT (SELECT nps_score(o.score)) AS of_outer_query FROM response o;
WITH changed AS (UPDATE response SET score = score WHERE team = 'b' RETURNING score) SELECT nps_score(score) AS minus_one_third FROM changed;

-- The support functions of the aggregates, called by hand, with states that no aggregate would pass.
SELECT call, expected, nullif(outcome, expected) AS wrong
FROM (VALUES
	('nps_tally_accum(''{}'', 9)', '{0,0,0,0,0,0,0,0,0,1,0}'),
	('nps_tally_accum(''{}'', 9::smallint)', '{0,0,0,0,0,0,0,0,0,1,0}'),
	('nps_tally_accum(''{}'', 9::bigint)', '{0,0,0,0,0,0,0,0,0,1,0}'),
	('nps_tally_accum(''{}'', 9::real)', '{0,0,0,0,0,0,0,0,0,1,0}'),
	('nps_tally_accum(''{}'', 9::float8)', '{0,0,0,0,0,0,0,0,0,1,0}'),
	('nps_tally_accum(''{}'', 9.0)', '{0,0,0,0,0,0,0,0,0,1,0}'),
	('nps_tally_accum(''{}'', ''9'')', '{0,0,0,0,0,0,0,0,0,1,0}'),
	('nps_tally_accum(''{}'', 5, ''csat5'')', 'csat5{0,0,0,0,1}'),
	('nps_tally_accum(''{}'', 69.9, ''health'')', 'health{;0,1,0}'),
	('nps_tally_accum(''{;1,1,1}'', 9)', '{0,0,0,0,0,0,0,0,0,1,0;1,1,1}'),
	('nps_tally_accum(''{}'', 11)', '22003'),
	('nps_tally_accum(''{}'', ''x'')', '22P02'),
	('nps_tally_accum(''{}'', 5, ''csat6'')', '22023'),
	('nps_tally_accum(''csat5{0,0,0,0,1}'', 5)', '22023'),
	('nps_tally_accum(''csat5{0,0,0,0,1}'', 5, ''ces5'')', '22023'),
	('nps_tally_accum(''health{;1,1,1}'', 5)', '22023'),
	-- at the limit of bigint: of one counter, and of the sum
	('nps_tally_accum(''{0,0,0,0,0,0,0,0,0,0,9223372036854775806}'', 10)', '{0,0,0,0,0,0,0,0,0,0,9223372036854775807}'),
	('nps_tally_accum(''{0,0,0,0,0,0,0,0,0,0,9223372036854775806}'', 0)', '{1,0,0,0,0,0,0,0,0,0,9223372036854775806}'),
	('nps_tally_accum(''{0,0,0,0,0,0,0,0,0,0,9223372036854775807}'', 10)', '22003'),
	('nps_tally_accum(''{0,0,0,0,0,0,0,0,0,0,9223372036854775807}'', 0)', '22003'),
	('nps_tally_accum(''{;9223372036854775807,0,0}'', 0)', '22003'),
	('nps_tally_accum(''health{;9223372036854775807,0,0}'', 0, ''health'')', '22003'),
	('nps_tally_accum(''health{;9223372036854775807,0,0}'', 100, ''health'')', '22003'),
	-- NULL: without a scale the functions are strict; with one, only scores may be NULL
	('nps_tally_accum(NULL, 9::int)', 'NULL'),
	('nps_tally_accum(''{;1,1,1}'', NULL::int)', 'NULL'),
	('nps_tally_accum(''{;1,1,1}'', NULL::int, ''nps'')', '{;1,1,1}'),
	('nps_tally_accum(''{;1,1,1}'', NULL::int, NULL)', '{;1,1,1}'),
	('nps_tally_accum(''{;1,1,1}'', 9, NULL)', '22004'),
	('nps_tally_accum(NULL, 9, ''nps'')', '22004'),
	('nps_tally_accum(NULL, NULL::text, NULL)', '22004'),
	('nps_tally_remove(NULL, 9::int)', 'NULL'),
	('nps_tally_remove(''{;1,1,1}'', NULL::numeric)', 'NULL'),
	('nps_tally_remove(''{;1,1,1}'', NULL::numeric, NULL)', '{;1,1,1}'),
	('nps_tally_remove(''{;1,1,1}'', 9.0, NULL)', '22004'),
	('nps_tally_remove(NULL, 9.0, ''nps'')', '22004'),
	-- the inverse: never below zero
	('nps_tally_remove(''{0,0,0,0,0,0,0,0,0,2,0}'', 9)', '{0,0,0,0,0,0,0,0,0,1,0}'),
	('nps_tally_remove(''{0,0,0,0,0,0,0,0,0,1,0}'', 9)', '{}'),
	('nps_tally_remove(''csat5{0,0,0,0,1}'', 5, ''csat5'')', '{}'),
	('nps_tally_remove(''health{;0,1,0}'', 35, ''health'')', '{}'),
	('nps_tally_remove(''health{;1,1,1}'', 69.999, ''health'')', 'health{;1,0,1}'),
	('nps_tally_remove(''{0,0,0,0,0,0,0,0,0,9223372036854775807,0}'', 9)', '{0,0,0,0,0,0,0,0,0,9223372036854775806,0}'),
	('nps_tally_remove(''{}'', 9)', '22003'),
	('nps_tally_remove(''{}'', 5, ''csat5'')', '22003'),
	('nps_tally_remove(''{}'', 50, ''health'')', '22003'),
	('nps_tally_remove(''{0,0,0,0,0,0,0,0,0,1,0}'', 10)', '22003'),
	('nps_tally_remove(''{;1,1,1}'', 9)', '22003'),
	('nps_tally_remove(''{0,0,0,0,0,0,0,0,0,1,0}'', 11)', '22003'),
	('nps_tally_remove(''{0,0,0,0,0,0,0,0,0,1,0}'', ''nine'')', '22P02'),
	('nps_tally_remove(''csat5{0,0,0,0,1}'', 5)', '22023'),
	('nps_tally_remove(''csat5{0,0,0,0,1}'', 5, ''ces5'')', '22023'),
	('nps_tally_remove(''health{;0,1,0}'', 34, ''health'')', '22003'),
	-- combine and its inverse
	('nps_tally_add(''{}'', ''{}'')', '{}'),
	('nps_tally_add(''{}'', ''csat5{0,0,0,0,1}'')', 'csat5{0,0,0,0,1}'),
	('nps_tally_add(''csat5{0,0,0,0,1}'', ''{}'')', 'csat5{0,0,0,0,1}'),
	('nps_tally_add(''csat5{0,0,0,0,1}'', ''ces5{0,0,0,0,1}'')', '22023'),
	('nps_tally_add(''{0,0,0,0,0,0,0,0,0,9223372036854775807,0}'', ''{0,0,0,0,0,0,0,0,0,1,0}'')', '22003'),
	('nps_tally_add(''{0,0,0,0,0,0,0,0,0,9223372036854775807,0}'', ''{1,0,0,0,0,0,0,0,0,0,0}'')', '22003'),
	('nps_tally_add(''{0,0,0,0,0,0,0,0,0,9223372036854775806,0}'', ''{;0,0,1}'')', '{0,0,0,0,0,0,0,0,0,9223372036854775806,0;0,0,1}'),
	('nps_tally_add(NULL, ''{}'')', 'NULL'),
	('nps_tally_add(''{}'', NULL)', 'NULL'),
	('nps_tally_subtract(''{}'', ''{}'')', '{}'),
	('nps_tally_subtract(''{;1,1,1}'', ''{}'')', '{;1,1,1}'),
	('nps_tally_subtract(''{;1,1,1}'', ''{;1,1,1}'')', '{}'),
	('nps_tally_subtract(''{}'', ''{;1,0,0}'')', '22003'),
	('nps_tally_subtract(''{;1,1,1}'', ''{0,0,0,0,0,0,0,0,0,1,0}'')', '22003'),
	('nps_tally_subtract(''{;1,1,1}'', ''csat5{0,0,0,0,1}'')', '22023'),
	('nps_tally_subtract(NULL, ''{}'')', 'NULL'),
	('nps_tally_subtract(''{}'', NULL)', 'NULL')
) AS v(call, expected), outcome(call);
-- in full
SELECT nps_tally_accum('{0,0,0,0,0,0,0,0,0,0,9223372036854775807}', 0);
SELECT nps_tally_remove('{0,0,0,0,0,0,0,0,0,1,0}', 10);
SELECT nps_tally_remove('{0,0,0,0,0,0,0,0,0,1,0}', 5, 'csat5');
SELECT nps_tally_accum(NULL, 9, 'nps');
SELECT nps_tally_accum('{}', 9, NULL);
-- called by hand, they never change their arguments: not a column, a constant, or a variable
SELECT tally AS before, nps_tally_accum(tally, 9) AS with_9, nps_tally_add(tally, tally) AS twice, nps_tally_subtract(tally, tally) AS nothing,
	nps_tally_remove(tally, 0, 'nps') AS without_0, tally AS after
FROM (VALUES (nps_tally '{1,0,0,0,0,0,0,0,0,0,1}')) v(tally);
SELECT nps_tally_accum('{1,0,0,0,0,0,0,0,0,0,1}', i), nps_tally_add('{1,0,0,0,0,0,0,0,0,0,1}', nps_counts(i, 0, 0)) FROM generate_series(1, 3) i;
DO $$
DECLARE
	tally nps_tally := '{;1,1,1}';
	other nps_tally;
BEGIN
	FOR i IN 1..3 LOOP
		other := nps_tally_add(tally, tally);
	END LOOP;
	ASSERT tally = '{;1,1,1}' AND other = '{;2,2,2}', 'the variable was changed';
END
$$;
-- nor do aggregates change what they read
CREATE TABLE stored (id int, tally nps_tally);
INSERT INTO stored VALUES (1, '{;1,0,0}'), (2, '{;0,1,0}'), (3, '{;0,0,1}');
CREATE AGGREGATE sum_without_start(nps_tally) (SFUNC = nps_tally_add, STYPE = nps_tally);
SELECT sum_without_start(tally) AS sum, nps_tally_agg(tally + tally) AS twice, sum_without_start(tally) FILTER (WHERE false) AS null_tally FROM stored;
SELECT id, sum_without_start(tally) OVER (ORDER BY id ROWS 1 PRECEDING) AS moving FROM stored;
SELECT * FROM stored;

-- User-defined aggregates on top of these functions, with a nasty initial state.
CREATE AGGREGATE from_full_counter(integer) (SFUNC = nps_tally_accum, STYPE = nps_tally, FINALFUNC = nps_score,
	INITCOND = '{0,0,0,0,0,0,0,0,0,0,9223372036854775807}');
SELECT from_full_counter(score) AS hundred FROM response WHERE false;
SELECT from_full_counter(score) FROM (VALUES (10)) v(score);
SELECT from_full_counter(score) FROM (VALUES (0)) v(score);
-- each row only checks its own counter; the sum is checked by whatever reads the result
CREATE AGGREGATE from_full_sum(integer) (SFUNC = nps_tally_accum, STYPE = nps_tally, FINALFUNC = nps_responses,
	INITCOND = '{0,0,0,0,0,0,0,0,0,0,9223372036854775806}');
SELECT from_full_sum(score) AS full FROM (VALUES (0)) v(score);
SELECT from_full_sum(score) FROM (VALUES (0), (1)) v(score);
CREATE AGGREGATE from_full_tally(nps_tally) (SFUNC = nps_tally_add, STYPE = nps_tally, INITCOND = '{;9223372036854775807,0,0}');
SELECT from_full_tally(tally) FROM stored;
CREATE AGGREGATE from_csat(integer) (SFUNC = nps_tally_accum, STYPE = nps_tally, INITCOND = 'csat5{1,1,1,1,1}');
SELECT from_csat(score) FROM response;
CREATE AGGREGATE from_csat_with_scale(integer, text) (SFUNC = nps_tally_accum, STYPE = nps_tally, INITCOND = 'csat5{1,1,1,1,1}');
SELECT from_csat_with_scale(score, 'csat5') AS one_more FROM (VALUES (5)) v(score);
SELECT from_csat_with_scale(score, 'nps') FROM (VALUES (5)) v(score);
CREATE AGGREGATE from_null(integer, text) (SFUNC = nps_tally_accum, STYPE = nps_tally);
SELECT from_null(score, 'nps') FROM response;
CREATE AGGREGATE from_null(integer) (SFUNC = nps_tally_accum, STYPE = nps_tally);
CREATE AGGREGATE from_nonsense(integer) (SFUNC = nps_tally_accum, STYPE = nps_tally, INITCOND = '{1,2,3}');
-- an inverse that takes out what was never put in
CREATE FUNCTION remove_another(state nps_tally, score integer) RETURNS nps_tally LANGUAGE sql IMMUTABLE STRICT
	RETURN nps_tally_remove(state, 10 - score);
CREATE AGGREGATE badly_moving(integer) (SFUNC = nps_tally_accum, STYPE = nps_tally, INITCOND = '{}',
	MSFUNC = nps_tally_accum, MINVFUNC = remove_another, MSTYPE = nps_tally, MINITCOND = '{}');
\set SHOW_CONTEXT never
SELECT badly_moving(score) OVER (ORDER BY score ROWS 1 PRECEDING) FROM (VALUES (1), (2), (3)) v(score);
\set SHOW_CONTEXT errors
CREATE AGGREGATE moving_from_something(integer) (SFUNC = nps_tally_accum, STYPE = nps_tally, INITCOND = '{;1,1,1}',
	MSFUNC = nps_tally_accum, MINVFUNC = nps_tally_remove, MSTYPE = nps_tally, MINITCOND = '{;1,1,1}');
SELECT score, moving_from_something(score) OVER (ORDER BY score ROWS 1 PRECEDING) FROM (VALUES (1), (2), (3)) v(score);
-- the category as the final function of an aggregate
CREATE AGGREGATE category_of_worst(integer) (SFUNC = int4smaller, STYPE = integer, FINALFUNC = nps_category);
SELECT team, category_of_worst(score) AS worst FROM response GROUP BY team ORDER BY team COLLATE "C";
SELECT id, category_of_worst(score) OVER (ORDER BY id) AS worst_so_far FROM response ORDER BY id;

-- What goes wrong in practice.  Months of (9, 0, 1) and (100, 200, 700)
-- detractors, passives and promoters: pooled, not an average of averages.
CREATE TABLE month AS
SELECT 1 AS month, score FROM (VALUES (3, 9), (10, 1)) v(score, n), generate_series(1, n)
UNION ALL
SELECT 2, score FROM (VALUES (6, 100), (7, 200), (9, 700)) v(score, n), generate_series(1, n);
SELECT month, nps_score(score) AS nps FROM month GROUP BY month ORDER BY month;
SELECT round(nps_score(score)::numeric, 4) AS pooled, round(nps_score(nps_tally_agg(score))::numeric, 4) AS of_the_tally FROM month;
SELECT round(nps_score(nps_tally_agg(tally))::numeric, 4) AS merged, avg(nps_score(tally)) AS average_of_averages
FROM (SELECT nps_tally_agg(score) AS tally FROM month GROUP BY month) m;
-- shares are not rounded before they are subtracted: that would give 28
SELECT nps_score(score) AS two_sevenths_of_100, round(nps_score(score)::numeric, 6) AS six_digits
FROM (VALUES (2, 2), (8, 1), (10, 4)) v(score, n), generate_series(1, n);
-- only those who answered count: with those who dismissed the question it would be 36.62
SELECT round(nps_score(score)::numeric, 2) AS of_51_answers, count(*) AS asked, nps_responses(nps_tally_agg(score)) AS answered
FROM (VALUES (0, 6), (7, 13), (10, 32), (NULL, 20)) v(score, n), generate_series(1, n);
-- nobody answered: NULL, not 0; no detractors: no NULL out of an empty sum
SELECT nps_score(score) AS null_score, count(*) AS asked FROM (VALUES (NULL::int, 5)) v(score, n), generate_series(1, n);
SELECT nps_score(score) AS seventy_five FROM (VALUES (10, 3), (8, 1)) v(score, n), generate_series(1, n);
SELECT nps_score(score) AS minus_hundred FROM (VALUES (0, 3)) v(score, n), generate_series(1, n);
SELECT nps_score(score) AS zero, nps_score(score) IS NOT NULL AS not_null FROM (VALUES (7, 3)) v(score, n), generate_series(1, n);
-- three answers, all promoters: the interval does not claim to be certain
SELECT round(nps_low(score)::numeric, 4) AS low, nps_high(score) AS high FROM (VALUES (10), (10), (9)) v(score);

RESET extra_float_digits;
SET client_min_messages = warning;
DROP SCHEMA nps_test_aggregate CASCADE;
