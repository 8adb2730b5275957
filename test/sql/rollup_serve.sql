-- For which moment a report is read: within statements and triggers that change the source, after TRUNCATE with older
-- snapshots, in transactions that follow one another without a pause; and that what was not counted is never forgotten.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET jit = off;
\setenv PGDATABASE :DBNAME
CREATE SCHEMA rollup_serve;
SET search_path = rollup_serve, public;
CREATE TABLE whole (id integer, score text, at timestamptz, plan text);
CREATE TABLE split (LIKE whole) PARTITION BY RANGE (id);
CREATE TABLE split_1 PARTITION OF split FOR VALUES FROM (0) TO (50);
CREATE TABLE split_2 PARTITION OF split FOR VALUES FROM (50) TO (200) PARTITION BY LIST (plan);
CREATE TABLE split_2_a PARTITION OF split_2 DEFAULT;
INSERT INTO whole SELECT i, i % 11, '2026-01-01'::timestamptz + i * interval '5 hours', 'p' || i % 3 FROM generate_series(1, 100) i;
INSERT INTO split SELECT * FROM whole;
SELECT count(*) > 0 AS attached FROM unnest(ARRAY['whole', 'split']) t, nps_attach(t, 'score::integer', 'sv_' || t, response_id => 'id', responded_at => 'at', segments => '{plan}', time_zone => 'UTC');
CALL nps_materialize('sv_whole');
CALL nps_materialize('sv_split');
-- look(): whether a report is what a query says, and whether the rollup is used
CREATE FUNCTION look(source text, OUT exact boolean, OUT rows bigint, OUT served boolean) LANGUAGE plpgsql AS $$
DECLARE
	mine text;
	theirs text;
BEGIN
	EXECUTE format('SELECT string_agg(concat_ws('' '', value, responses), '','' ORDER BY value) FROM sv_%s.segment', source) INTO mine;
	EXECUTE format('SELECT string_agg(concat_ws('' '', plan, n), '','' ORDER BY plan), coalesce(sum(n), 0) FROM (SELECT plan, count(*) FILTER (WHERE score ~ ''^[0-9]+$'') AS n FROM %I GROUP BY plan) s', source)
		INTO theirs, rows;
	exact := mine IS NOT DISTINCT FROM theirs;
	served := nps_rollup_serves(format('sv_%s.rollup', source)::regclass);
END
$$;

--
-- What is not counted is marked each time, by whichever trigger: also in a session that has done nothing else.
--

\c -
SET search_path = rollup_serve, public;
SET client_min_messages = error;
TRUNCATE sv_whole.rollup;
SELECT * FROM look('whole');
CALL nps_materialize('sv_whole', rebuild => true);
SELECT * FROM look('whole');
TRUNCATE sv_whole.rollup;
SELECT * FROM look('whole');
CALL nps_materialize('sv_whole', rebuild => true);
\c -
SET search_path = rollup_serve, public;
SET client_min_messages = error;
BEGIN;
INSERT INTO split_1 VALUES (7, 'n/a', '2026-01-01', 'p1');
ROLLBACK;
INSERT INTO split_1 VALUES (7, 'n/a', '2026-01-01', 'p1');
UPDATE split_1 SET score = '9' WHERE score = 'n/a';
SELECT * FROM look('split');
CALL nps_materialize('sv_split', rebuild => true);
SELECT * FROM look('split');
\c -
SET search_path = rollup_serve, public;
SET client_min_messages = error;
SET session_replication_role = replica;
INSERT INTO whole VALUES (7, 'n/a', '2026-01-01', 'p1');
UPDATE whole SET score = '9' WHERE score = 'n/a';
CALL nps_materialize('sv_whole', rebuild => true);
INSERT INTO whole VALUES (7, 'n/a', '2026-01-01', 'p1');
UPDATE whole SET score = '9' WHERE score = 'n/a';
RESET session_replication_role;
SELECT * FROM look('whole');
CALL nps_materialize('sv_whole', rebuild => true);
SELECT * FROM look('whole');

--
-- Transactions that follow one another in one message have the same time and numbers of commands.
--

CREATE TABLE other (i integer);
BEGIN\; TRUNCATE whole\; INSERT INTO whole VALUES (1, '9', '2026-01-01', 'p1')\; COMMIT\; BEGIN\; INSERT INTO other VALUES (1)\; TRUNCATE whole\; COMMIT;
SELECT * FROM look('whole');
BEGIN\; TRUNCATE split\; INSERT INTO split VALUES (1, '9', '2026-01-01', 'p1')\; COMMIT\; BEGIN\; INSERT INTO other VALUES (1)\; TRUNCATE split\; COMMIT;
SELECT * FROM look('split');
INSERT INTO whole SELECT i, i % 11, '2026-01-01'::timestamptz + i * interval '5 hours', 'p' || i % 3 FROM generate_series(1, 100) i;
INSERT INTO split SELECT * FROM whole;
SELECT * FROM look('whole');
SELECT * FROM look('split');

--
-- TRUNCATE within a statement whose snapshot is older, and in a transaction that has one snapshot.
--

CREATE FUNCTION empty_it(source text) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('TRUNCATE rollup_serve.%I', source);
	RETURN 1;
END
$$;
CREATE FUNCTION counted(source text) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
	result text;
BEGIN
	EXECUTE format('SELECT concat_ws('' '', ''report'', (SELECT responses FROM sv_%1$s.summary), ''rows'', (SELECT count(*) FROM rollup_serve.%1$I), ''served'', nps_rollup_serves(''sv_%1$s.rollup''))', source) INTO result;
	RETURN result;
END
$$;
BEGIN;
WITH x AS MATERIALIZED (SELECT empty_it('whole') AS one) SELECT counted('whole') FROM x WHERE one = 1;
SELECT counted('whole');
ROLLBACK;
BEGIN;
WITH x AS MATERIALIZED (SELECT empty_it('split') AS one) SELECT counted('split') FROM x WHERE one = 1;
SELECT counted('split');
ROLLBACK;
BEGIN;
WITH x AS MATERIALIZED (SELECT empty_it('split_1') AS one) SELECT counted('split') FROM x WHERE one = 1;
SELECT counted('split');
ROLLBACK;
-- others have rebuilt it since the snapshot
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT count(*) FROM other;
\! psql -X -q -c "CALL nps_materialize('sv_whole', rebuild => true)"
TRUNCATE whole;
SELECT * FROM look('whole');
INSERT INTO whole VALUES (1, '9', '2026-01-01', 'p1');
SELECT exact, rows FROM look('whole');
COMMIT;
SELECT * FROM look('whole');
UPDATE split SET plan = plan;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT count(*) FROM other;
\! psql -X -q -c "SELECT FROM nps_compact('sv_split')"
TRUNCATE split_1;
SELECT exact, rows FROM look('split');
COMMIT;
SELECT * FROM look('split');
INSERT INTO whole SELECT i, i % 11, '2026-01-01'::timestamptz + i * interval '5 hours', 'p' || i % 3 FROM generate_series(2, 100) i;

--
-- A report in a trigger, while a statement changes the source: by its own name, that of a partition, or of a table between.
--

SET client_min_messages = warning;
CREATE FUNCTION report() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE WARNING '% % %: %', tg_when, tg_op, tg_level, (SELECT counted('split'));
	RETURN coalesce(new, old);
END
$$;
CREATE TRIGGER a AFTER INSERT OR DELETE ON split_1 FOR EACH ROW EXECUTE FUNCTION report();
CREATE TRIGGER b BEFORE DELETE ON split_1 FOR EACH ROW EXECUTE FUNCTION report();
CREATE TRIGGER z AFTER INSERT ON split_2 FOR EACH STATEMENT EXECUTE FUNCTION report();
CREATE TRIGGER a AFTER INSERT ON split_2_a FOR EACH ROW EXECUTE FUNCTION report();
INSERT INTO split_1 VALUES (8, '9', '2026-01-01', 'p1'), (9, '9', '2026-01-01', 'p1');
SELECT counted('split');
INSERT INTO split VALUES (10, '9', '2026-01-01', 'p1'), (11, '9', '2026-01-01', 'p1');
DELETE FROM split_1 WHERE id < 10;
INSERT INTO split_2 VALUES (60, '9', '2026-01-01', 'p1'), (61, '9', '2026-01-01', 'p1');
INSERT INTO split_2_a VALUES (62, '9', '2026-01-01', 'p1'), (63, '9', '2026-01-01', 'p1');
SELECT counted('split');
CREATE FUNCTION tell(id integer) RETURNS text LANGUAGE plpgsql VOLATILE AS $$BEGIN RETURN counted('split'); END$$;
INSERT INTO split_1 VALUES (20, '9', '2026-01-01', 'p1'), (21, '9', '2026-01-01', 'p1') RETURNING tell(id);
SELECT counted('split');
SELECT * FROM look('split');
-- the rows of such a statement are counted together
SELECT count(*) AS rows_of_rollup FROM sv_split.rollup WHERE day = '2026-03-01';
INSERT INTO split_1 SELECT i, '9', '2026-03-01', 'p1' FROM generate_series(30, 40) i;
SELECT count(*) AS rows_of_rollup FROM sv_split.rollup WHERE day = '2026-03-01';
-- a partition that is none any more keeps its triggers, which do nothing
ALTER TABLE split DETACH PARTITION split_1;
DROP TRIGGER a ON split_1;
DROP TRIGGER b ON split_1;
INSERT INTO split_1 VALUES (22, '9', '2026-01-01', 'p1');
UPDATE split_1 SET score = '3';
DELETE FROM split_1 WHERE id < 40;
SELECT * FROM look('split');
DROP TRIGGER z ON split_2;
DROP TRIGGER a ON split_2_a;
ALTER TABLE split ATTACH PARTITION split_1 FOR VALUES FROM (0) TO (50);
SELECT * FROM look('split');
SELECT count(*) FROM nps_compact('sv_split');
SELECT * FROM look('split');
SELECT count(*) FROM nps_verify('sv_split');

--
-- What a row depends on changes twice in a transaction that empties the source.
--

CREATE TABLE narrow (id integer, score integer);
CREATE FUNCTION name_of(i integer) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$BEGIN RETURN 'one'; END$$;
SELECT count(*) > 0 AS attached FROM nps_attach('narrow', 'score', 'sv_narrow', response_id => 'id', segments => '{name_of(id) AS name}', time_zone => 'UTC');
CALL nps_materialize('sv_narrow');
BEGIN;
CREATE OR REPLACE FUNCTION name_of(i integer) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$BEGIN RETURN 'two'; END$$;
TRUNCATE narrow;
INSERT INTO narrow VALUES (1, 10);
CREATE OR REPLACE FUNCTION name_of(i integer) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$BEGIN RETURN 'three'; END$$;
COMMIT;
SELECT value, responses, nps_rollup_serves('sv_narrow.rollup') FROM sv_narrow.segment;
-- a cast that is made later
CREATE FUNCTION shown(integer) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$BEGIN RETURN 'number ' || to_char($1, 'FM9'); END$$;
CREATE TABLE casted (id integer, score integer, n integer);
INSERT INTO casted SELECT i, i % 11, i % 2 FROM generate_series(1, 60) i;
SELECT count(*) > 0 AS attached FROM nps_attach('casted', 'score', 'sv_casted', response_id => 'id', segments => '{n}', time_zone => 'UTC');
CALL nps_materialize('sv_casted');
SELECT nps_rollup_serves('sv_casted.rollup');
BEGIN;
CREATE CAST (integer AS text) WITH FUNCTION shown(integer);
INSERT INTO casted VALUES (100, 9, 1);
SELECT nps_rollup_serves('sv_casted.rollup');
ROLLBACK;
-- a function that asserts: the write goes on
CREATE FUNCTION asserted(p text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$BEGIN ASSERT p <> 'bad', 'no such plan'; RETURN p; END$$;
CREATE TABLE asserting (id integer, score integer, plan text);
SELECT count(*) > 0 AS attached FROM nps_attach('asserting', 'score', 'sv_asserting', response_id => 'id', segments => '{asserted(plan) AS plan}', time_zone => 'UTC');
CALL nps_materialize('sv_asserting');
INSERT INTO asserting VALUES (100, 3, 'bad');
SELECT count(*) FROM asserting;
SELECT nps_rollup_serves('sv_asserting.rollup');
SET client_min_messages = error;
DROP SCHEMA sv_whole, sv_split, sv_narrow, sv_casted, sv_asserting, rollup_serve CASCADE;
