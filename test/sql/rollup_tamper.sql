-- What the owner of a survey does to it, and what others see of that: no crash,
-- no memory of another type, and no code of the owner's running as anybody else.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET jit = off;
DROP ROLE IF EXISTS regress_nps_owner, regress_nps_writer, regress_nps_reader;
CREATE ROLE regress_nps_owner;
CREATE ROLE regress_nps_writer;
CREATE ROLE regress_nps_reader;
CREATE SCHEMA rollup_tamper AUTHORIZATION regress_nps_owner;
SET search_path = rollup_tamper, public;
GRANT USAGE ON SCHEMA rollup_tamper TO regress_nps_writer, regress_nps_reader;
SELECT format('GRANT CREATE ON DATABASE %I TO regress_nps_owner', current_database()) \gexec

--
-- Code of the owner's in every part of the mapping: it runs as the owner, and
-- with a search_path that nobody else can set.
--

SET ROLE regress_nps_owner;
CREATE FUNCTION canary(word text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN
	IF current_user <> 'regress_nps_owner' OR current_setting('search_path') NOT IN ('pg_catalog, pg_temp', 'rollup_tamper, public') THEN
		RAISE EXCEPTION 'it ran as % with %', current_user, current_setting('search_path');
	END IF;
	RETURN word;
END
$$;
CREATE FUNCTION number(word text) RETURNS integer IMMUTABLE LANGUAGE plpgsql AS $$BEGIN RETURN rollup_tamper.canary(word)::integer; END$$;
CREATE FUNCTION same(one text, other text) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS $$BEGIN RETURN rollup_tamper.canary(one) = other; END$$;
CREATE OPERATOR === (LEFTARG = text, RIGHTARG = text, FUNCTION = same);
CREATE DOMAIN word AS text CHECK (rollup_tamper.canary(coalesce(VALUE, '')) IS NOT NULL);
CREATE TYPE pair AS (one text, two text);
CREATE FUNCTION pair(word text) RETURNS pair IMMUTABLE LANGUAGE plpgsql AS $$BEGIN RETURN ROW(rollup_tamper.canary(word), NULL::text)::rollup_tamper.pair; END$$;
CREATE CAST (text AS pair) WITH FUNCTION pair(text);
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA rollup_tamper FROM PUBLIC;
CREATE TABLE whole (id integer PRIMARY KEY, score text, at text, words text, plan text, bucket integer DEFAULT 0);
CREATE TABLE split (LIKE whole) PARTITION BY LIST (bucket);
CREATE TABLE split_0 PARTITION OF split FOR VALUES IN (0);
CREATE TABLE split_1 (bucket integer, plan text, words text, at text, score text, id integer NOT NULL);
ALTER TABLE split ATTACH PARTITION split_1 FOR VALUES IN (1);
CREATE FUNCTION attach(source regclass, survey text) RETURNS boolean LANGUAGE sql AS $$
	SELECT count(*) > 0 FROM public.nps_attach(source, 'number(score)', survey, response_id => 'id', filter => 'NOT words === ''out''',
		responded_at => 'make_date(2026, 1, number(at))', comment => 'canary(words)', time_zone => 'UTC',
		segments => ARRAY['plan::word AS plan', '(plan::pair).one AS cast_by', 'canary(''constant'') AS constant', 'canary(''x'')::word AS checked'])
$$;
SELECT attach('whole', 'rt_whole'), attach('split', 'rt_split');
CALL nps_materialize('rt_whole');
CALL nps_materialize('rt_split');
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON whole, split, split_0, split_1 TO regress_nps_writer;
GRANT SELECT ON whole, split TO regress_nps_reader;
GRANT USAGE ON SCHEMA rt_whole, rt_split TO regress_nps_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA rt_whole, rt_split TO regress_nps_reader;
CREATE FUNCTION counted(survey text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	EXECUTE format('SELECT concat_ws('', '', coalesce(sum(nps_responses(added::nps_tally)), 0) - coalesce(sum(nps_responses(removed::nps_tally)), 0), sum(unanswered), sum(rejected), sum(with_comment), sum(answered)) FROM %I.rollup', survey) INTO result;
	RETURN result;
END
$$;
RESET ROLE;

SET ROLE regress_nps_writer;
SET search_path = public, rollup_tamper;
INSERT INTO whole VALUES (1, '10', '1', 'a word', 'pro'), (2, NULL, '2', NULL, 'free'), (3, '99', '3', 'x', NULL), (4, '3', '4', 'out', 'pro');
INSERT INTO split SELECT id, score, at, words, plan, id % 2 FROM whole;
COPY whole FROM stdin;
5	9	5	x	pro	0
6	8	6		pro	1
\.
COPY split FROM stdin;
5	9	5	x	pro	0
6	8	6		pro	1
\.
COPY split_1 (id, score, at, words, plan, bucket) FROM stdin;
7	1	7	x	direct	1
\.
UPDATE whole SET score = '7', words = 'in' WHERE id IN (1, 4);
UPDATE split SET score = '7', words = 'in', bucket = 1 - bucket WHERE id IN (1, 4);
INSERT INTO split_0 VALUES (8, '2', '8', 'x', 'direct', 0);
INSERT INTO whole VALUES (1, '1', '1', 'x', 'pro') ON CONFLICT (id) DO UPDATE SET score = excluded.score;
MERGE INTO split USING (VALUES (1), (9)) n (id) ON split.id = n.id WHEN MATCHED THEN UPDATE SET score = '4' WHEN NOT MATCHED THEN INSERT VALUES (n.id, '5', '9', 'x', 'merged', 1);
DELETE FROM whole WHERE id = 5;
DELETE FROM split WHERE id = 5;
SELECT current_user, current_setting('search_path');
RESET ROLE;
SET search_path = rollup_tamper, public;
SET ROLE regress_nps_owner;
SELECT counted('rt_whole'), counted('rt_split');
SELECT count(*) FROM nps_verify('rt_whole');
SELECT count(*) FROM nps_verify('rt_split');
RESET ROLE;
-- an error in it keeps nobody from writing, and leaves nobody with the owner's privileges or search_path
SET ROLE regress_nps_writer;
SET search_path = public, rollup_tamper;
INSERT INTO whole VALUES (20, 'no number', '1', 'x', 'pro');
SELECT current_user, current_setting('search_path');
INSERT INTO rollup_tamper.split VALUES (20, 'no number', '1', 'x', 'pro', 1);
SELECT current_user, current_setting('search_path');
INSERT INTO whole VALUES (21, '5', '1', 'x', 'pro');
SET search_path = rollup_tamper, public;
RESET ROLE;
-- planning a report reads the mapping, if that was not done before, and does so as the owner; only the views themselves run as the reader, like any view
\c -
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET search_path = rollup_tamper, public;
SET ROLE regress_nps_reader;
SELECT nps_rollup_serves('rt_whole.rollup'), nps_rollup_serves('rt_split.rollup');
SELECT current_user, current_setting('search_path');
RESET ROLE;
SET ROLE regress_nps_writer;
TRUNCATE whole, split;
RESET ROLE;
SET ROLE regress_nps_owner;
SELECT counted('rt_whole'), counted('rt_split');
RESET ROLE;

-- a function that is found by name: not the writer's.  As in a materialized view, its schema must be named.
CREATE SCHEMA rt_mine AUTHORIZATION regress_nps_writer;
SET ROLE regress_nps_writer;
CREATE FUNCTION rt_mine.shorter(word text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'the writer''s ran as %', current_user; END$$;
GRANT USAGE ON SCHEMA rt_mine TO PUBLIC;
RESET ROLE;
SET ROLE regress_nps_owner;
CREATE FUNCTION shorter(word text) RETURNS text IMMUTABLE LANGUAGE sql AS $$SELECT left(word, 2)$$;
CREATE FUNCTION short(word text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$BEGIN RETURN shorter(word); END$$;
CREATE TABLE found (id integer PRIMARY KEY, score integer, plan text, bucket integer) PARTITION BY LIST (id);
CREATE TABLE found_1 PARTITION OF found DEFAULT;
GRANT INSERT ON found TO regress_nps_writer;
SELECT count(*) > 0 AS attached FROM nps_attach('found', 'score', 'rt_found', segments => ARRAY['short(plan) AS plan']);
CALL nps_materialize('rt_found');
SET ROLE regress_nps_writer;
SET search_path = rt_mine, rollup_tamper, public;
\set VERBOSITY terse
INSERT INTO found VALUES (1, 10, 'pro');
\set VERBOSITY default
RESET ROLE;
SET search_path = rollup_tamper, public;
SET ROLE regress_nps_owner;
CREATE OR REPLACE FUNCTION short(word text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$BEGIN RETURN rollup_tamper.shorter(word); END$$;
SET ROLE regress_nps_writer;
INSERT INTO found VALUES (2, 10, 'pro');
SET ROLE regress_nps_owner;
SELECT counted('rt_found');
DO $$ BEGIN PERFORM nps_detach(s) FROM unnest(ARRAY['rt_whole', 'rt_split', 'rt_found']) s; END $$;

--
-- The view answer made again: whatever it returns, writers can write, and are told why
-- the rows are not counted.
--

CREATE TABLE source (id integer PRIMARY KEY, score integer, at timestamptz DEFAULT '2026-01-01', words text, plan text, tags text[], raw bytea DEFAULT '\x00');
CREATE TABLE other (LIKE source);
CREATE DOMAIN mark AS integer;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON source TO regress_nps_writer;
SELECT count(*) > 0 AS attached FROM nps_attach('source', 'score', 'rt', responded_at => 'at', comment => 'words', segments => ARRAY['plan'], time_zone => 'UTC');
CALL nps_materialize('rt');
CREATE FUNCTION remake(definition text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE coalesce((SELECT format('DROP %s rt.answer CASCADE', CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'c' THEN 'TYPE' ELSE 'TABLE' END)
		FROM pg_class WHERE oid = to_regclass('rt.answer')), 'SELECT');
	IF definition LIKE 'CREATE %' THEN
		EXECUTE definition;
	ELSIF definition <> '' THEN
		EXECUTE 'CREATE VIEW rt.answer AS SELECT ' || definition;
	END IF;
END
$$;
RESET ROLE;
-- originally it is: score, rejection, comment, responded_at, asked_at, plan
CREATE FUNCTION write(definition text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
	before text;
BEGIN
	SET LOCAL client_min_messages = error;
	SET LOCAL ROLE regress_nps_owner;
	PERFORM rollup_tamper.remake(definition);
	before := rollup_tamper.counted('rt');
	result := public.nps_rollup_trouble('rt.rollup');
	SET LOCAL ROLE regress_nps_writer;
	INSERT INTO rollup_tamper.source VALUES (1, 5, '2026-01-01', 'w', 'p'), (2, 99, '2026-01-02', '', 'q'), (3, NULL, NULL, NULL, NULL);
	UPDATE rollup_tamper.source SET score = coalesce(score, 0) + 1;
	INSERT INTO rollup_tamper.source VALUES (4, NULL, NULL, NULL, NULL);
	RESET ROLE;
	result := concat_ws(E'\n', coalesce(result, 'kept'), before || ' -> ' || rollup_tamper.counted('rt'));
	SET LOCAL ROLE regress_nps_writer;
	DELETE FROM rollup_tamper.source;
	TRUNCATE rollup_tamper.source;
	RESET ROLE;
	RETURN result;
EXCEPTION WHEN OTHERS THEN
	RETURN 'ERROR: ' || SQLERRM;
END
$$;
SELECT what, write(definition) FROM (VALUES
	('as made', $$nps_valid_score(score::float8, 'nps') AS score, nps_rejection(score::float8, 'nps') AS rejection, words AS comment, at AS responded_at, NULL::timestamptz AS asked_at, plan FROM rollup_tamper.source$$),
	('neither score nor rejection', $$NULL::float8 AS score, NULL::text AS rejection, words AS comment, at AS responded_at, NULL::timestamptz AS asked_at, plan FROM rollup_tamper.source$$),
	('a score that is none', $$score, nps_rejection(score::float8, 'nps') AS rejection, words AS comment, at AS responded_at, NULL::timestamptz AS asked_at, plan FROM rollup_tamper.source$$),
	('a score that is none', $$CASE id WHEN 1 THEN 'NaN' WHEN 2 THEN 'Infinity' ELSE -1e300 END::float8 AS score, NULL::text AS rejection, words AS comment, at AS responded_at, NULL::timestamptz AS asked_at, plan FROM rollup_tamper.source$$),
	('other text of rejection', $$NULL::float8 AS score, repeat('no answer', id) AS rejection, words AS comment, at AS responded_at, NULL::timestamptz AS asked_at, plan FROM rollup_tamper.source$$),
	('score text', $$score::text, NULL::text AS rejection, words AS comment, at AS responded_at, NULL::timestamptz AS asked_at, plan FROM rollup_tamper.source$$),
	('score numeric', $$score::numeric, NULL::text AS rejection, words AS comment, at AS responded_at, NULL::timestamptz AS asked_at, plan FROM rollup_tamper.source$$),
	('score boolean', $$score > 5 AS score, NULL::text AS rejection, words AS comment, at AS responded_at, NULL::timestamptz AS asked_at, plan FROM rollup_tamper.source$$),
	('score of a domain', $$score::mark, NULL::text AS rejection, words AS comment, at AS responded_at, NULL::timestamptz AS asked_at, plan FROM rollup_tamper.source$$),
	('score array', $$tags AS score, NULL::text AS rejection, words AS comment, at AS responded_at, NULL::timestamptz AS asked_at, plan FROM rollup_tamper.source$$),
	('rejection integer', $$NULL::float8 AS score, 7 AS rejection, words AS comment, at AS responded_at, NULL::timestamptz AS asked_at, plan FROM rollup_tamper.source$$),
	('rejection name', $$NULL::float8 AS score, 'no answer'::name AS rejection, words AS comment, at AS responded_at, NULL::timestamptz AS asked_at, plan FROM rollup_tamper.source$$),
	('rejection bytea', $$NULL::float8 AS score, raw AS rejection, words AS comment, at AS responded_at, NULL::timestamptz AS asked_at, plan FROM rollup_tamper.source$$),
	('comment integer', $$score::float8, NULL::text AS rejection, score AS comment, at AS responded_at, NULL::timestamptz AS asked_at, plan FROM rollup_tamper.source$$),
	('comment bytea', $$score::float8, NULL::text AS rejection, raw AS comment, at AS responded_at, NULL::timestamptz AS asked_at, plan FROM rollup_tamper.source$$),
	('time integer', $$score::float8, NULL::text AS rejection, words AS comment, id AS responded_at, NULL::timestamptz AS asked_at, plan FROM rollup_tamper.source$$),
	('time date', $$score::float8, NULL::text AS rejection, words AS comment, '2026-01-01'::date + id AS responded_at, NULL::timestamptz AS asked_at, plan FROM rollup_tamper.source$$),
	('time text', $$score::float8, NULL::text AS rejection, words AS comment, words AS responded_at, NULL::timestamptz AS asked_at, plan FROM rollup_tamper.source$$),
	('time of asking text', $$score::float8, NULL::text AS rejection, words AS comment, at AS responded_at, words AS asked_at, plan FROM rollup_tamper.source$$),
	('no time of asking', $$score::float8, NULL::text AS rejection, words AS comment, at AS responded_at, plan FROM rollup_tamper.source$$),
	('segment integer', $$5::float8 AS score, NULL::text AS rejection, words AS comment, at AS responded_at, NULL::timestamptz AS asked_at, id AS plan FROM rollup_tamper.source$$),
	('segment array', $$5::float8 AS score, NULL::text AS rejection, words AS comment, at AS responded_at, NULL::timestamptz AS asked_at, tags AS plan FROM rollup_tamper.source$$),
	('segment row', $$5::float8 AS score, NULL::text AS rejection, words AS comment, at AS responded_at, NULL::timestamptz AS asked_at, source AS plan FROM rollup_tamper.source$$),
	('segment record', $$5::float8 AS score, NULL::text AS rejection, words AS comment, at AS responded_at, NULL::timestamptz AS asked_at, ROW(id) AS plan FROM rollup_tamper.source$$),
	('system column', $$5::float8 AS score, NULL::text AS rejection, words AS comment, at AS responded_at, NULL::timestamptz AS asked_at, ctid::text AS plan FROM rollup_tamper.source$$),
	('sub-select', $$5::float8 AS score, NULL::text AS rejection, words AS comment, at AS responded_at, NULL::timestamptz AS asked_at, (SELECT 'x') AS plan FROM rollup_tamper.source$$),
	('no segment', $$5::float8 AS score, NULL::text AS rejection, words AS comment, at AS responded_at, NULL::timestamptz AS asked_at FROM rollup_tamper.source$$),
	('no score', $$NULL::text AS rejection, words AS comment, at AS responded_at, NULL::timestamptz AS asked_at, plan FROM rollup_tamper.source$$),
	('aggregate', $$count(*)::float8 AS score, min(words) AS rejection, max(words) AS comment, max(at) AS responded_at, NULL::timestamptz AS asked_at, NULL::text AS plan FROM rollup_tamper.source$$),
	('group', $$id::float8 AS score, NULL::text AS rejection, words AS comment, at AS responded_at, NULL::timestamptz AS asked_at, plan FROM rollup_tamper.source GROUP BY 1, 2, 3, 4, 5, 6$$),
	('window', $$count(*) OVER ()::float8 AS score, NULL::text AS rejection, words AS comment, at AS responded_at, NULL::timestamptz AS asked_at, plan FROM rollup_tamper.source$$),
	('several rows', $$5::float8 AS score, NULL::text AS rejection, words AS comment, at AS responded_at, NULL::timestamptz AS asked_at, unnest(tags) AS plan FROM rollup_tamper.source$$),
	('distinct', $$DISTINCT 5::float8 AS score, NULL::text AS rejection, words AS comment, at AS responded_at, NULL::timestamptz AS asked_at, plan FROM rollup_tamper.source$$),
	('limit', $$5::float8 AS score, NULL::text AS rejection, words AS comment, at AS responded_at, NULL::timestamptz AS asked_at, plan FROM rollup_tamper.source LIMIT 1$$),
	('sample', $$5::float8 AS score, NULL::text AS rejection, words AS comment, at AS responded_at, NULL::timestamptz AS asked_at, plan FROM rollup_tamper.source TABLESAMPLE system (50)$$),
	('only', $$5::float8 AS score, NULL::text AS rejection, words AS comment, at AS responded_at, NULL::timestamptz AS asked_at, plan FROM ONLY rollup_tamper.source$$),
	('union', $$5::float8 AS score, NULL::text AS rejection, words AS comment, at AS responded_at, NULL::timestamptz AS asked_at, plan FROM rollup_tamper.source UNION SELECT 1, '', '', now(), now(), ''$$),
	('join', $$5::float8 AS score, NULL::text AS rejection, words AS comment, at AS responded_at, NULL::timestamptz AS asked_at, plan FROM rollup_tamper.source JOIN rollup_tamper.other USING (id, words, at, plan)$$),
	('sub-query', $$5::float8 AS score, NULL::text AS rejection, words AS comment, at AS responded_at, NULL::timestamptz AS asked_at, plan FROM (TABLE rollup_tamper.source) s$$),
	('function', $$5::float8 AS score, NULL::text AS rejection, '' AS comment, now() AS responded_at, NULL::timestamptz AS asked_at, '' AS plan FROM generate_series(1, 2)$$),
	('nothing', $$5::float8 AS score, NULL::text AS rejection, '' AS comment, now() AS responded_at, NULL::timestamptz AS asked_at, '' AS plan$$),
	('another table', $$5::float8 AS score, NULL::text AS rejection, words AS comment, at AS responded_at, NULL::timestamptz AS asked_at, plan FROM rollup_tamper.other$$),
	('itself', $$unanswered::float8 AS score, NULL::text AS rejection, '' AS comment, now() AS responded_at, NULL::timestamptz AS asked_at, plan FROM rt.rollup$$),
	('filter', $$5::float8 AS score, NULL::text AS rejection, words AS comment, at AS responded_at, NULL::timestamptz AS asked_at, plan FROM rollup_tamper.source WHERE NULL$$),
	('materialized view', $$CREATE MATERIALIZED VIEW rt.answer AS SELECT 5::float8 AS score, NULL::text AS rejection, words AS comment, at AS responded_at, NULL::timestamptz AS asked_at, plan FROM rollup_tamper.source$$),
	('table', $$CREATE TABLE rt.answer (score float8, rejection text, comment text, responded_at timestamptz, asked_at timestamptz, plan text)$$),
	('composite type', $$CREATE TYPE rt.answer AS (score float8)$$),
	('none', '')) AS t(what, definition);
-- what a writer is told, only once
SET ROLE regress_nps_owner;
SELECT remake($$score, NULL::text AS rejection, words AS comment, at AS responded_at, NULL::timestamptz AS asked_at, plan FROM rollup_tamper.source$$);
SET ROLE regress_nps_writer;
INSERT INTO source (id, score) VALUES (1, 11), (2, 12), (3, 5);
DELETE FROM source;
SET ROLE regress_nps_owner;
SELECT remake($$score, raw AS rejection, words AS comment, at AS responded_at, NULL::timestamptz AS asked_at, plan FROM rollup_tamper.source$$);
SET ROLE regress_nps_writer;
INSERT INTO source (id, score) VALUES (1, 11), (2, 12), (3, 5);
DELETE FROM source;
RESET ROLE;

--
-- The rollup made again, or its columns with other types.
--

SET ROLE regress_nps_owner;
SELECT remake($$nps_valid_score(score::float8, 'nps') AS score, nps_rejection(score::float8, 'nps') AS rejection, words AS comment, at AS responded_at, NULL::timestamptz AS asked_at, plan FROM rollup_tamper.source$$);
SELECT nps_rollup_trouble('rt.rollup');
CREATE DOMAIN rt.tally AS bigint[];
CREATE TYPE rt.nps_tally AS (a bigint);
RESET ROLE;
CREATE FUNCTION alter_and_write(change text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	SET LOCAL client_min_messages = error;
	SET LOCAL ROLE regress_nps_owner;
	EXECUTE change;
	result := public.nps_rollup_trouble('rt.rollup');
	SET LOCAL ROLE regress_nps_writer;
	INSERT INTO rollup_tamper.source VALUES (1, 5, '2026-01-01', 'w', 'p'), (2, 99, '2026-01-02', '', 'q'), (3, NULL, NULL, NULL, NULL);
	RESET ROLE;
	RAISE EXCEPTION '%', left(coalesce(result, 'kept'), 40);
EXCEPTION WHEN OTHERS THEN
	RETURN SQLERRM;
END
$$;
TRUNCATE rt.rollup;
SELECT change, alter_and_write(change) FROM (VALUES
	('ALTER TABLE rt.rollup ALTER plan TYPE varchar(2)'),
	('ALTER TABLE rt.rollup ALTER plan TYPE varchar'),
	('ALTER TABLE rt.rollup ALTER plan TYPE integer USING 0'),
	('ALTER TABLE rt.rollup ALTER plan TYPE rollup_tamper.word'),
	('ALTER TABLE rt.rollup ALTER plan TYPE text[] USING NULL'),
	('ALTER TABLE rt.rollup ALTER plan TYPE text COLLATE "C"'),
	('ALTER TABLE rt.rollup ALTER plan TYPE timestamptz(0) USING NULL'),
	('ALTER TABLE rt.rollup ALTER added TYPE name USING NULL'),
	('ALTER TABLE rt.rollup ALTER added TYPE rt.tally'),
	('ALTER TABLE rt.rollup ALTER added TYPE public.nps_tally'),
	('ALTER TABLE rt.rollup ALTER added TYPE integer[]'),
	('ALTER TABLE rt.rollup ALTER added TYPE rt.nps_tally USING NULL, ALTER removed TYPE rt.nps_tally USING NULL'),
	('ALTER TABLE rt.rollup ALTER added TYPE bytea USING NULL, ALTER removed TYPE bytea USING NULL'),
	('ALTER TABLE rt.rollup ALTER unanswered TYPE numeric'),
	('ALTER TABLE rt.rollup ALTER day TYPE integer USING 0'),
	('ALTER TABLE rt.rollup DROP plan'),
	('ALTER TABLE rt.rollup DROP plan, ADD plan text'),
	('ALTER TABLE rt.rollup ADD more integer'),
	('ALTER TABLE rt.rollup RENAME plan TO added_by'),
	('ALTER TABLE rt.rollup ALTER plan SET NOT NULL'),
	('ALTER TABLE rt.rollup DISABLE ROW LEVEL SECURITY'),
	('CREATE INDEX ON rt.rollup (plan)'),
	('CREATE TABLE rt.heir () INHERITS (rt.rollup)'),
	('CREATE RULE told AS ON INSERT TO rt.rollup DO ALSO NOTIFY told'),
	('DROP TABLE rt.rollup; CREATE TABLE rt.rollup (day date)'),
	('ALTER TABLE rt.rollup RENAME TO gone; CREATE VIEW rt.rollup AS TABLE rt.gone'),
	('ALTER TABLE rt.rollup ALTER plan SET STORAGE external, ALTER plan SET STATISTICS 10')) AS t(change);

--
-- The triggers made again: other functions, other times and other arguments.
--

SET ROLE regress_nps_owner;
CREATE FUNCTION nps_keep_rollup() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NULL; END$$;
RESET ROLE;
SELECT what, alter_and_write('DROP TRIGGER nps_rollup_insert_rt ON rollup_tamper.source; CREATE TRIGGER nps_rollup_insert_rt ' || change)
FROM (VALUES
	('as made', $$AFTER INSERT ON rollup_tamper.source REFERENCING NEW TABLE AS added FOR EACH STATEMENT WHEN ('rt.rollup'::regclass IS NOT NULL) EXECUTE FUNCTION public.nps_keep_rollup('UTC', 'nps')$$),
	('another function', $$AFTER INSERT ON rollup_tamper.source REFERENCING NEW TABLE AS added FOR EACH STATEMENT WHEN ('rt.rollup'::regclass IS NOT NULL) EXECUTE FUNCTION rollup_tamper.nps_keep_rollup('UTC', 'nps')$$),
	('no rows', $$AFTER INSERT ON rollup_tamper.source FOR EACH STATEMENT WHEN ('rt.rollup'::regclass IS NOT NULL) EXECUTE FUNCTION public.nps_keep_rollup('UTC', 'nps')$$),
	('no arguments', $$AFTER INSERT ON rollup_tamper.source REFERENCING NEW TABLE AS added FOR EACH STATEMENT WHEN ('rt.rollup'::regclass IS NOT NULL) EXECUTE FUNCTION public.nps_keep_rollup()$$),
	('no zone', $$AFTER INSERT ON rollup_tamper.source REFERENCING NEW TABLE AS added FOR EACH STATEMENT WHEN ('rt.rollup'::regclass IS NOT NULL) EXECUTE FUNCTION public.nps_keep_rollup('Mars/Olympus', 'nps')$$),
	('another scale', $$AFTER INSERT ON rollup_tamper.source REFERENCING NEW TABLE AS added FOR EACH STATEMENT WHEN ('rt.rollup'::regclass IS NOT NULL) EXECUTE FUNCTION public.nps_keep_rollup('UTC', 'csat5')$$)) AS t(what, change);
SELECT what, alter_and_write(change) FROM (VALUES
	('one more', $$CREATE TRIGGER more BEFORE INSERT ON rollup_tamper.source FOR EACH STATEMENT WHEN ('rt.rollup'::regclass IS NOT NULL) EXECUTE FUNCTION public.nps_keep_rollup('UTC', 'nps')$$),
	('deferred', $$CREATE CONSTRAINT TRIGGER more AFTER INSERT ON rollup_tamper.source DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ('rt.rollup'::regclass IS NOT NULL) EXECUTE FUNCTION public.nps_keep_rollup('UTC', 'nps')$$)) AS t(what, change);

-- our functions on every kind of relation, for every event, at every time
SET ROLE regress_nps_owner;
CREATE TABLE mine (LIKE source INCLUDING ALL);
CREATE TABLE mine_split (LIKE source) PARTITION BY LIST (id);
CREATE TABLE mine_part PARTITION OF mine_split DEFAULT;
CREATE VIEW mine_view AS SELECT * FROM mine;
INSERT INTO mine (id) VALUES (1);
INSERT INTO mine_split (id) VALUES (1);
RESET ROLE;
CREATE FUNCTION odd(relation text, timing text, event text, level text, function text, condition text, written text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	SET LOCAL client_min_messages = error;
	BEGIN
		EXECUTE format('CREATE TRIGGER odd %s %s ON rollup_tamper.%I FOR EACH %s %s EXECUTE FUNCTION public.%s', timing, event, relation, level, condition, function);
	EXCEPTION WHEN OTHERS THEN
		RETURN NULL;
	END;
	EXECUTE CASE event WHEN 'INSERT' THEN format('INSERT INTO rollup_tamper.%I (id) VALUES (2)', written)
		WHEN 'UPDATE' THEN format('UPDATE rollup_tamper.%I SET score = 1', written)
		WHEN 'DELETE' THEN format('DELETE FROM rollup_tamper.%I', written)
		ELSE format('TRUNCATE rollup_tamper.%I', written) END;
	RAISE EXCEPTION 'written';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLERRM;
END
$$;
SELECT left(function, 32) AS function, condition IS NOT NULL AS names_rollup, odd, count(*)
FROM (VALUES ('nps_keep_rollup()'), ('nps_keep_rollup(''UTC'', ''nps'')'), ('nps_tell()'), ('nps_tell(''c'', ''id'')'), ('nps_tell('''', ''id'')'),
	('nps_tell(''' || repeat('long', 20) || ''', ''id'')'), ('nps_tell(''c'', ''ctid'')'), ('nps_tell(''c'', ''gone'')'), ('nps_tell(''c'', ''raw'')')) f(function),
	(VALUES (NULL), ($$WHEN ('rt.rollup'::regclass IS NOT NULL)$$)) c(condition),
	(VALUES ('mine', 'mine'), ('mine_split', 'mine_split'), ('mine_split', 'mine_part'), ('mine_part', 'mine_split'), ('mine_view', 'mine_view'), ('source', 'source')) r(relation, written),
	(VALUES ('BEFORE'), ('AFTER'), ('INSTEAD OF')) t(timing), (VALUES ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE')) e(event), (VALUES ('ROW'), ('STATEMENT')) l(level),
	odd(relation, timing, event, level, function, coalesce(condition, ''), written)
WHERE odd IS NOT NULL GROUP BY 1, 2, 3 ORDER BY left(function, 32) COLLATE "C", 2, odd COLLATE "C";

--
-- The rollup and the view altered while a statement is being counted.
--

SET ROLE regress_nps_owner;
CREATE TABLE part (id integer, score integer, plan text) PARTITION BY LIST (id);
CREATE TABLE part_1 PARTITION OF part DEFAULT;
GRANT INSERT, TRUNCATE ON part TO regress_nps_writer;
SELECT count(*) > 0 AS attached FROM nps_attach('part', 'score', 'rt_part', response_id => 'id', segments => ARRAY['plan'], time_zone => 'UTC');
CALL nps_materialize('rt_part');
CREATE FUNCTION retype() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
	IF new.id = 2 THEN
		SET LOCAL client_min_messages = error;
		DROP VIEW rt_part.answer CASCADE;
		ALTER TABLE rt_part.rollup ALTER plan TYPE timestamptz USING NULL;
		CREATE VIEW rt_part.answer AS SELECT nps_valid_score(score::float8, 'nps') AS score, nps_rejection(score::float8, 'nps') AS rejection, plan AS comment, NULL::timestamptz AS responded_at, NULL::timestamptz AS asked_at, '2026-01-01'::timestamptz AS plan
		FROM rollup_tamper.part;
	END IF;
	RETURN NULL;
END
$$;
CREATE TRIGGER zz AFTER INSERT ON part FOR EACH ROW EXECUTE FUNCTION retype();
SET ROLE regress_nps_writer;
INSERT INTO part VALUES (1, 10, 'pro'), (2, 9, 'pro'), (3, 9, 'pro');
INSERT INTO part VALUES (1, 10, 'pro'), (2, 9, 'pro');
SELECT current_user;
INSERT INTO part VALUES (1, 10, 'pro');
SET ROLE regress_nps_owner;
SELECT counted('rt_part');

--
-- Queries on a view that was altered.
--

CREATE TABLE indexed (id integer PRIMARY KEY, who text, at timestamptz);
CREATE INDEX ON indexed (who, at);
CREATE VIEW odd_1 AS SELECT who AS respondent FROM indexed;
CREATE VIEW odd_2 AS SELECT who AS respondent, NULL::timestamptz AS responded_at FROM indexed;
CREATE VIEW odd_3 AS SELECT who AS respondent, at AS response_id FROM indexed;
CREATE VIEW odd_4 AS SELECT indexed AS respondent, at AS responded_at FROM indexed;
CREATE VIEW odd_5 AS SELECT 1 AS respondent;
CREATE MATERIALIZED VIEW odd_6 AS SELECT * FROM odd_1;
SELECT c.relname, nps_mapping_source(c.oid), nps_mapping_column(c.oid, 'respondent'), nps_rollup_mapping(c.oid), nps_rollup_trouble(c.oid), nps_rollup_zone(c.oid), nps_rollup_serves(c.oid)
FROM pg_class c WHERE c.relname LIKE 'odd%' OR c.relname LIKE 'indexed%' ORDER BY 1;
SELECT nps_mapping_source(0), nps_mapping_column(0, 'respondent'), nps_rollup_mapping(0), nps_rollup_trouble(0), nps_rollup_zone(0), nps_rollup_serves(0);
-- a survey whose view is something else does not keep anybody from seeing the others
SELECT remake('CREATE MATERIALIZED VIEW rt.answer AS SELECT 1 AS score');
SELECT * FROM nps_surveys() WHERE survey LIKE 'rt%';
SELECT remake('CREATE TABLE rt.answer (score integer)');
SELECT * FROM nps_surveys() WHERE survey LIKE 'rt%';
SELECT remake('');
SELECT * FROM nps_surveys() WHERE survey LIKE 'rt%';
DROP TABLE part CASCADE;
SELECT * FROM nps_surveys() WHERE survey LIKE 'rt%';
RESET ROLE;
DROP SCHEMA rt, rt_part, rt_mine, rollup_tamper CASCADE;
SELECT format('REVOKE CREATE ON DATABASE %I FROM regress_nps_owner', current_database()) \gexec
DROP ROLE regress_nps_owner, regress_nps_writer, regress_nps_reader;
