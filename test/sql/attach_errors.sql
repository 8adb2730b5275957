-- nps_attach(): each misuse gives an error that says what to pass, and leaves
-- nothing behind.
\set VERBOSITY default
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'UTC';
CREATE SCHEMA attach_errors;
SET search_path = attach_errors, public;
CREATE TABLE t (
	id integer PRIMARY KEY,
	score integer,
	who text,
	words text,
	at timestamptz,
	day date,
	flag boolean,
	doc jsonb,
	plain_json json,
	place point,
	many integer[],
	amount money,
	clock time,
	region text,
	b text,
	basis text
);
INSERT INTO t VALUES (1, 9, 'a', 'x', now(), current_date, true, '{"nps": 9}', '{}', '(1,2)', '{1}', 1, '12:00', 'north', 'b', 'basis');
CREATE TABLE other (id integer, score integer);
CREATE SEQUENCE seq;
CREATE TYPE pair AS (a integer, b integer);
CREATE SCHEMA taken;
-- The parts of the error that a call gives, for cases where not all of them are to be printed.
CREATE FUNCTION error_of(call text, OUT message text, OUT detail text, OUT hint text) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE 'SELECT count(*) FROM ' || call;
	message := 'no error';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	message := regexp_replace(message, '\mpg_temp_[0-9]+', 'pg_temp');
END
$$;

--
-- The source
--
SELECT * FROM nps_attach(NULL, 'score');
SELECT * FROM nps_attach('t', NULL);
SELECT * FROM nps_attach('missing', 'score');
SELECT * FROM nps_attach(4000000000::oid::regclass, 'score');
SELECT * FROM nps_attach('seq', 'last_value');
SELECT * FROM nps_attach('t_pkey', 'id');
SELECT * FROM nps_attach('pair', 'a');
CREATE TEMPORARY TABLE temporary_one (id integer PRIMARY KEY, score integer);
SELECT message, hint FROM error_of($$nps_attach('temporary_one', 'score')$$);
CREATE TEMPORARY VIEW temporary_view AS SELECT * FROM t;
SELECT message, hint FROM error_of($$nps_attach('temporary_view', 'score', response_id => 'id')$$);

--
-- Neither a column nor an expression
--
SELECT * FROM nps_attach('t', 'scores');
SELECT * FROM nps_attach('t', 'Who+');
SELECT * FROM nps_attach('t', '');
SELECT * FROM nps_attach('t', '   ');
SELECT * FROM nps_attach('t', '-- nothing');
SELECT * FROM nps_attach('t', 'score', respondent => 'who is', loop_since => '-infinity');
\set VERBOSITY terse
SELECT * FROM nps_attach('t', 'score', comment => 'upper(words, 1, 2)');
\set VERBOSITY default
SELECT * FROM nps_attach('t', 'score', respondent => '$1', loop_since => '-infinity');
SELECT * FROM nps_attach('t', 'score', respondent => ':name', loop_since => '-infinity');
SELECT * FROM nps_attach('t', 'score', respondent => 'other.id', loop_since => '-infinity');
SELECT * FROM nps_attach('t', 'score', respondent => '*', loop_since => '-infinity');
SELECT * FROM nps_attach('t', 'score', respondent => 'DEFAULT', loop_since => '-infinity');

--
-- More than one expression
--
SELECT * FROM nps_attach('t', 'score; DROP TABLE t');
SELECT * FROM nps_attach('t', 'score;');
SELECT * FROM nps_attach('t', 'score) FROM t --');
SELECT * FROM nps_attach('t', 'score) FROM t; DROP TABLE t; --');
SELECT * FROM nps_attach('t', 'score), (id');
SELECT * FROM nps_attach('t', 'score, id');
SELECT * FROM nps_attach('t', 'score FROM other');
SELECT * FROM nps_attach('t', 'score WHERE true');
SELECT * FROM nps_attach('t', 'score ORDER BY id');
SELECT * FROM nps_attach('t', 'score LIMIT 1');
SELECT * FROM nps_attach('t', 'score OFFSET 0');
SELECT * FROM nps_attach('t', 'score FOR UPDATE');
SELECT * FROM nps_attach('t', 'score GROUP BY score');
SELECT * FROM nps_attach('t', 'score HAVING true');
SELECT * FROM nps_attach('t', 'DISTINCT score');
SELECT * FROM nps_attach('t', 'ALL score');
SELECT * FROM nps_attach('t', 'score UNION SELECT 1');
SELECT * FROM nps_attach('t', 'score INTO x');
SELECT * FROM nps_attach('t', 'SELECT score');
SELECT * FROM nps_attach('t', 'VALUES (1)');
SELECT * FROM nps_attach('t', 'DROP TABLE t');
SELECT * FROM nps_attach('t', 'score AS points');
SELECT * FROM nps_attach('t', 'score points');
SELECT * FROM nps_attach('t', 'score /*');
SELECT * FROM nps_attach('t', 'score */');
SELECT * FROM nps_attach('t', $$score || '$$);
SELECT * FROM nps_attach('t', $$score || $q$ $$);
SELECT * FROM nps_attach('t', 'score "');
SELECT * FROM nps_attach('t', 'score', filter => 'true) OR (true');
SELECT * FROM nps_attach('t', 'score', filter => 'true; DELETE FROM t');
SELECT * FROM nps_attach('t', 'score', filter => 'true GROUP BY id');
-- A comment is neither: it ends where the expression ends.
SELECT s.n, a.* FROM (VALUES (1, 'score --'), (2, 'score /* ) */'), (3, E'score -- )\n'), (4, E'/* */ score -- ; DROP TABLE t'),
	(5, E'-- first\nscore'), (6, 'score /* /* nested */ */')) AS s(n, score)
CROSS JOIN LATERAL (SELECT count(*) > 0 AS objects FROM nps_attach('t', s.score, schema_name => 'attach_errors_' || s.n)) a ORDER BY s.n;
SELECT array_agg(score) AS nine_six_times FROM (
	SELECT score FROM attach_errors_1.response UNION ALL SELECT score FROM attach_errors_2.response
	UNION ALL SELECT score FROM attach_errors_3.response UNION ALL SELECT score FROM attach_errors_4.response
	UNION ALL SELECT score FROM attach_errors_5.response UNION ALL SELECT score FROM attach_errors_6.response) s;
DROP SCHEMA attach_errors_1, attach_errors_2, attach_errors_3, attach_errors_4, attach_errors_5, attach_errors_6 CASCADE;

--
-- Expressions that are not about one row
--
SELECT * FROM nps_attach('t', 'max(score)');
SELECT * FROM nps_attach('t', 'score', respondent => 'count(*)', loop_since => '-infinity');
SELECT * FROM nps_attach('t', 'score', respondent => '(SELECT max(t.score))', loop_since => '-infinity');
SELECT * FROM nps_attach('t', 'score', respondent => 'row_number() OVER ()', loop_since => '-infinity');
SELECT * FROM nps_attach('t', 'score', respondent => 'sum(score) OVER (ORDER BY id)', loop_since => '-infinity');
SELECT * FROM nps_attach('t', 'score', respondent => 'generate_series(1, 2)', loop_since => '-infinity');
SELECT * FROM nps_attach('t', 'score', respondent => 'unnest(many) + 1', loop_since => '-infinity');
SELECT * FROM nps_attach('t', 'score', respondent => '(SELECT 1, 2)', loop_since => '-infinity');
SELECT * FROM nps_attach('t', 'score', respondent => '(SELECT id FROM missing)', loop_since => '-infinity');
SELECT * FROM nps_attach('t', 'score', respondent => '(DELETE FROM t RETURNING id)', loop_since => '-infinity');
SELECT * FROM nps_attach('t', 'score', respondent => '(WITH d AS (DELETE FROM t RETURNING id) SELECT id FROM d)', loop_since => '-infinity');
SELECT * FROM nps_attach('t', 'score', respondent => '(SELECT id INTO x FROM t)', loop_since => '-infinity');
SELECT * FROM nps_attach('t', 'score', filter => 'count(*) > 1');
SELECT * FROM nps_attach('t', 'score', segments => ARRAY['max(region) AS region']);
SELECT * FROM nps_attach('t', 'score', segments => ARRAY['unnest(many) AS one']);

--
-- Types that do not fit
--
SELECT * FROM nps_attach('t', 'flag');
SELECT * FROM nps_attach('t', 'doc');
SELECT * FROM nps_attach('t', $$doc->'nps'$$);
SELECT * FROM nps_attach('t', 'many');
SELECT * FROM nps_attach('t', 'at');
SELECT * FROM nps_attach('t', 't');
SELECT * FROM nps_attach('t', 'score', responded_at => 'words');
SELECT * FROM nps_attach('t', 'score', responded_at => 'clock');
SELECT * FROM nps_attach('t', 'score', responded_at => 'score');
SELECT * FROM nps_attach('t', 'score', comment => 'doc');
SELECT * FROM nps_attach('t', 'score', comment => 'score');
SELECT * FROM nps_attach('t', 'score', revenue => 'words');
SELECT * FROM nps_attach('t', 'score', revenue => 'amount');
SELECT * FROM nps_attach('t', 'score', renewal_at => 'words');
SELECT * FROM nps_attach('t', 'score', renewal_at => 'score');
SELECT * FROM nps_attach('t', 'score', churned_at => 'flag');
SELECT * FROM nps_attach('t', 'score', contactable => 'words');
SELECT * FROM nps_attach('t', 'score', contactable => 'score');
SELECT * FROM nps_attach('t', 'score', owner => 'score');
SELECT * FROM nps_attach('t', 'score', open_tickets => 'words');
SELECT * FROM nps_attach('t', 'score', open_tickets => 'score::numeric');
SELECT * FROM nps_attach('t', 'score', filter => 'score');
SELECT * FROM nps_attach('t', 'score', filter => $$'true'$$);
-- The expression in the hint works, on the rows it is meant for.
CREATE TABLE converted (LIKE t INCLUDING ALL);
SELECT count(*) > 0 AS attached FROM nps_attach('converted', $$(doc->>'nps')$$, responded_at => $$nps_parse_time(words, 'DD/MM/YYYY', 'UTC')$$, comment => '(doc::text)',
	revenue => '(amount::numeric)', renewal_at => $$nps_parse_time(words, 'DD/MM/YYYY', 'UTC')$$, contactable => '(words::boolean)', owner => '(score::text)',
	open_tickets => '(words::bigint)', filter => '(score::boolean)', schema_name => 'attach_errors_hints');
DROP SCHEMA attach_errors_hints CASCADE;
DROP TABLE converted;
-- A type without comparison cannot name a response or a person.  The error says
-- which argument it is about, and does not come with the text of a view.
SELECT a.call, position(format('"%s"', split_part(a.call, ' ', 1)) IN e.message) > 0 AS names_the_argument, e.hint <> '' AS has_a_hint
FROM (VALUES ($$response_id => 'plain_json'$$), ($$response_id => 'place'$$), ($$respondent => 'plain_json'$$),
	($$respondent => 'place'$$), ($$respondent => 'pg_sleep(0)'$$),
	-- a permanent view cannot use temporary objects
	($$respondent => '(SELECT max(x.id) FROM temporary_one x)'$$)) AS a(call)
CROSS JOIN LATERAL error_of(format('nps_attach(''t'', ''score'', %s)', a.call)) e;

--
-- Segments
--
SELECT * FROM nps_attach('t', 'score', segments => ARRAY['lower(region)']);
SELECT message FROM error_of($$nps_attach('t', 'score', segments => ARRAY['lower(region) -- AS area'])$$);
SELECT * FROM nps_attach('t', 'score', segments => ARRAY['score']);
SELECT * FROM nps_attach('t', 'score', segments => ARRAY['region', 'who', 'region']);
SELECT * FROM nps_attach('t', 'score', segments => ARRAY['region AS a', 'who AS a']);
SELECT * FROM nps_attach('t', 'score', segments => ARRAY['region AS A', 'who AS "a"']);
-- Neither a column nor an expression AS name.
CREATE TABLE bad_segment (n integer, segment text);
INSERT INTO bad_segment VALUES (1, 'missing'), (2, ''), (3, 'lower(region) area'), (4, 'region AS area, who AS person'),
	(5, 'region AS area FROM other'), (6, 'region AS area; DROP TABLE t'), (7, 'region AS'), (8, 'AS area'),
	(9, 'region) AS area, (who'), (10, 'region AS area AS zone'),
	(11, 'basis area');		-- not b, which area has
SELECT b.n, e.message, e.detail
FROM bad_segment b CROSS JOIN LATERAL error_of(format('nps_attach(''t'', ''score'', segments => ARRAY[%L])', b.segment)) e
ORDER BY b.n;
-- segments is an array: so is the value that the hint says to pass.
SELECT b.n, e.hint AS not_for_an_array
FROM bad_segment b CROSS JOIN LATERAL error_of(format('nps_attach(''t'', ''score'', segments => ARRAY[%L])', b.segment)) e
WHERE e.hint NOT LIKE '%segments => ARRAY[%' ORDER BY b.n;
SELECT message <> 'no error' AS null_is_refused FROM error_of($$nps_attach('t', 'score', segments => ARRAY[NULL])$$);
-- No column of the views counted and answer can be mistaken for a segment; the hint shows how to name it.
SELECT a.name, e.message, t.message AS with_the_hint
FROM (VALUES ('response_id'), ('respondent'), ('account'), ('score'), ('raw_score'), ('rejection'), ('category'), ('nps_points'),
	('responded_at'), ('asked_at'), ('comment'), ('has_comment'), ('revenue'), ('renewal_at'), ('churned_at'), ('contactable'), ('owner'),
	('open_tickets'), ('rule_score'), ('local_time')) AS a(name)
CROSS JOIN LATERAL error_of(format('nps_attach(''t'', ''score'', segments => ARRAY[''region AS %s''])', a.name)) e
CROSS JOIN LATERAL error_of(format('nps_attach(''t'', ''score'', %s, schema_name => %L)',
	rtrim(substring(e.hint FROM 'segments => .*'), '.'), 'attach_errors_' || a.name)) t
WHERE e.message <> format('segment "%s" is named like a column of the survey''s views', a.name) OR t.message <> 'no error';
DO $$
DECLARE
	schema name;
BEGIN
	FOR schema IN SELECT nspname FROM pg_namespace WHERE nspname LIKE 'attach\_errors\_%' LOOP
		EXECUTE format('DROP SCHEMA %I CASCADE', schema);
	END LOOP;
END
$$;

--
-- Names, scales, zones
--
SELECT * FROM nps_attach('t', 'score', schema_name => 'taken');
CREATE SCHEMA t_nps;
SELECT * FROM nps_attach('t', 'score');
DROP SCHEMA t_nps;
SELECT * FROM nps_attach('t', 'score', schema_name => '');
SELECT * FROM nps_attach('t', 'score', schema_name => repeat('x', 64));
SELECT * FROM nps_attach('t', 'score', schema_name => repeat('ü', 32));
SELECT * FROM nps_attach('t', 'score', schema_name => 'pg_survey');
SELECT * FROM nps_attach('t', 'score', scale => 'stars');
SELECT * FROM nps_attach('t', 'score', scale => 'NPS');
SELECT * FROM nps_attach('t', 'score', scale => '');
SELECT message <> 'no error' AS null_is_refused FROM error_of($$nps_attach('t', 'score', scale => NULL)$$);
SELECT * FROM nps_attach('t', 'score', time_zone => 'Mars/Olympus');
SELECT * FROM nps_attach('t', 'score', time_zone => '');
SELECT * FROM nps_attach('t', 'score', time_zone => $$UTC'; DROP TABLE t; --$$);
-- drivers set offsets, most of them that of UTC
SET timezone = '+02:00';
SELECT * FROM nps_attach('t', 'score');
SET TIME ZONE 5.5;
SELECT * FROM nps_attach('t', 'score');
SET TIME ZONE 0;
BEGIN;
SELECT count(*) > 0 AS attached FROM nps_attach('t', 'score');
ROLLBACK;
SET timezone = '+00:00';
BEGIN;
SELECT count(*) > 0 AS attached FROM nps_attach('t', 'score');
SELECT time_zone FROM t_nps.survey;
ROLLBACK;
RESET timezone;

--
-- Rights
--
DROP ROLE IF EXISTS regress_nps_outsider;
CREATE ROLE regress_nps_outsider;
GRANT USAGE ON SCHEMA attach_errors TO regress_nps_outsider;
SET ROLE regress_nps_outsider;
SELECT * FROM nps_attach('attach_errors.t', 'score');
RESET ROLE;
GRANT SELECT ON t TO regress_nps_outsider;
REVOKE CREATE ON DATABASE contrib_regression FROM PUBLIC;
SET ROLE regress_nps_outsider;
SELECT * FROM nps_attach('attach_errors.t', 'score');
RESET ROLE;
REVOKE ALL ON t FROM regress_nps_outsider;
REVOKE ALL ON SCHEMA attach_errors FROM regress_nps_outsider;
DROP ROLE regress_nps_outsider;

--
-- Nothing is left of all that: no schema, no row less, and the caller's settings unchanged
--
SELECT n.nspname AS left_behind FROM pg_namespace n
WHERE n.nspname NOT IN ('attach_errors', 'taken', 'public', 'information_schema') AND n.nspname !~ '^pg_'
	AND (n.nspname LIKE '%attach_errors%' OR n.nspname = 't_nps' OR obj_description(n.oid, 'pg_namespace') = 'survey made by nps_attach()');
SELECT count(*) AS one FROM t;
SELECT current_setting('search_path') AS search_path;
-- Nor in a transaction that continues.
BEGIN;
SET LOCAL search_path = attach_errors, public;
SAVEPOINT before_error;
SELECT * FROM nps_attach('t', 'score', filter => 'nonsense');
ROLLBACK TO before_error;
SELECT current_setting('search_path') AS search_path, to_regnamespace('t_nps') IS NULL AS no_schema;
COMMIT;

-- a name in a template that nobody knows stays, and is no SQL
SELECT nps_fill('<<zone>> and <<zonne>>', '{"zone": "UTC"}');

SET search_path = public;
DROP SCHEMA taken;
DROP SCHEMA attach_errors CASCADE;
DROP TABLE pg_temp.temporary_one;
