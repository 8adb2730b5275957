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
-- Partitions: triggers that change twice around TRUNCATE, reports while tables are emptied, former partitions, tables between.
--

SET client_min_messages = error;
TRUNCATE split;
INSERT INTO split SELECT i, i % 11, '2026-01-01'::timestamptz + i * interval '5 hours', 'p' || i % 3 FROM generate_series(1, 100) i;
CALL nps_materialize('sv_split');
SELECT * FROM look('split');
SET client_min_messages = warning;
BEGIN;
ALTER TABLE split_1 DISABLE TRIGGER nps_rollup_row_sv_split;
ALTER TABLE split_1 ENABLE ALWAYS TRIGGER nps_rollup_row_sv_split;
TRUNCATE split;
ALTER TABLE split_1 DISABLE TRIGGER nps_rollup_row_sv_split;
INSERT INTO split VALUES (7, '9', '2026-01-01', 'p1'), (8, '9', '2026-01-01', 'p1');
ALTER TABLE split_1 ENABLE ALWAYS TRIGGER nps_rollup_row_sv_split;
COMMIT;
SELECT * FROM look('split');
SELECT count(*) FROM nps_compact('sv_split');
SELECT * FROM look('split');
INSERT INTO split SELECT i, i % 11, '2026-01-01'::timestamptz + i * interval '5 hours', 'p' || i % 3 FROM generate_series(1, 100) i;
-- a trigger that is called while some are empty
CREATE FUNCTION kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE WARNING '% %: %', tg_table_name, tg_op, (SELECT counted(tg_argv[0]));
	RETURN NULL;
END
$$;
CREATE TRIGGER z AFTER TRUNCATE ON split_1 EXECUTE FUNCTION kept('split');
CREATE TRIGGER a AFTER TRUNCATE ON whole EXECUTE FUNCTION kept('whole');
CREATE TRIGGER z AFTER TRUNCATE ON other EXECUTE FUNCTION kept('whole');
BEGIN;
TRUNCATE split_1, split_2;
SELECT * FROM look('split');
ROLLBACK;
BEGIN;
TRUNCATE other, whole;
SELECT * FROM look('whole');
ROLLBACK;
DROP TRIGGER z ON split_1;
DROP TRIGGER a ON whole;
DROP TRIGGER z ON other;
SELECT * FROM look('whole');
-- a former partition, written to within a statement on the table that it was one of
CREATE TABLE split_old PARTITION OF split FOR VALUES FROM (1000) TO (2000);
INSERT INTO split VALUES (1000, '9', '2026-01-01', 'p1');
SELECT count(*) FROM nps_compact('sv_split');
ALTER TABLE split DETACH PARTITION split_old;
CREATE FUNCTION archive() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO split_old VALUES (new.*);
	RETURN new;
END
$$;
CREATE TRIGGER b BEFORE INSERT ON split FOR EACH ROW EXECUTE FUNCTION archive();
CREATE TRIGGER a AFTER INSERT ON split_1 FOR EACH ROW EXECUTE FUNCTION report();
INSERT INTO split VALUES (7, '9', '2026-01-01', 'p1'), (8, '9', '2026-01-01', 'p1');
DROP TRIGGER b ON split;
DROP TRIGGER a ON split_1;
SELECT * FROM look('split');
-- a partition without its trigger before statements, written to within a statement on the source: that goes on
CREATE TABLE split_5 PARTITION OF split FOR VALUES FROM (5000) TO (6000);
SELECT count(*) FROM nps_compact('sv_split');
DROP TRIGGER nps_rollup_before_sv_split ON split_5;
CREATE FUNCTION clear() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	DELETE FROM split_5;
	RETURN new;
END
$$;
CREATE TRIGGER b BEFORE INSERT ON split FOR EACH ROW EXECUTE FUNCTION clear();
CREATE TRIGGER a AFTER INSERT ON split_1 FOR EACH ROW EXECUTE FUNCTION report();
INSERT INTO split VALUES (7, '9', '2026-01-01', 'p1'), (8, '9', '2026-01-01', 'p1');
DROP TRIGGER b ON split;
DROP TRIGGER a ON split_1;
SELECT * FROM look('split');
DROP TABLE split_5;
-- a table between that came later, with a partition that had all of its own
CREATE TABLE mid PARTITION OF split FOR VALUES FROM (200) TO (300) PARTITION BY LIST (plan);
TRUNCATE split_old;
ALTER TABLE mid ATTACH PARTITION split_old DEFAULT;
INSERT INTO mid VALUES (210, '9', '2026-01-01', 'p1');
SELECT * FROM look('split');
SELECT count(*) FROM nps_compact('sv_split');
SELECT tgname FROM pg_trigger WHERE tgrelid = 'mid'::regclass ORDER BY 1;
CREATE TRIGGER a AFTER INSERT ON mid FOR EACH ROW EXECUTE FUNCTION report();
INSERT INTO mid VALUES (210, '9', '2026-01-01', 'p1'), (211, '9', '2026-01-01', 'p1');
DROP TRIGGER a ON mid;
-- one of its triggers disabled for a while
ALTER TABLE mid DISABLE TRIGGER nps_rollup_after_sv_split;
INSERT INTO mid VALUES (212, '9', '2026-01-01', 'p1');
SELECT * FROM look('split');
SELECT fix FROM nps_check('sv_split') WHERE finding ~ 'not counted|not kept';
CALL nps_materialize('sv_split', rebuild => true);
INSERT INTO mid VALUES (213, '9', '2026-01-01', 'p1');
SELECT * FROM look('split');
-- a survey that was renamed
ALTER SCHEMA sv_split RENAME TO sv_renamed;
ALTER TABLE split_1 DISABLE TRIGGER USER;
INSERT INTO split VALUES (1, '9', '2026-01-01', 'p1');
ALTER TABLE split_1 ENABLE TRIGGER USER;
SELECT fix FROM nps_check('sv_renamed') WHERE finding ~ 'not counted|not kept' \gexec
SELECT (SELECT responses FROM sv_renamed.summary) = (SELECT count(*) FROM split) AS exact, nps_rollup_serves('sv_renamed.rollup');
ALTER SCHEMA sv_renamed RENAME TO sv_split;
SELECT * FROM look('split');
-- a cursor that is opened by one and read by another
CREATE ROLE regress_nps_outsider;
BEGIN;
DECLARE c CURSOR FOR SELECT responses FROM sv_split.summary;
SET LOCAL ROLE regress_nps_outsider;
\set VERBOSITY sqlstate
FETCH c;
\set VERBOSITY default
ROLLBACK;
DROP ROLE regress_nps_outsider;
-- or before the statement and after it, by triggers, of which one has written
CREATE FUNCTION opens() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	report refcursor := 'report';
	rows refcursor := 'rows';
BEGIN
	INSERT INTO other VALUES (1);
	INSERT INTO other VALUES (2);
	OPEN report FOR SELECT responses FROM sv_whole.summary;
	OPEN rows FOR SELECT count(*) FROM whole;
	RETURN NULL;
END
$$;
CREATE FUNCTION fetches() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	report refcursor := 'report';
	rows refcursor := 'rows';
	one bigint;
	two bigint;
BEGIN
	FETCH report INTO one;
	FETCH rows INTO two;
	RAISE WARNING 'report % rows %', one, two;
	RETURN NULL;
END
$$;
CREATE TRIGGER a BEFORE INSERT ON whole FOR EACH STATEMENT EXECUTE FUNCTION opens();
CREATE TRIGGER a2 AFTER INSERT ON whole FOR EACH STATEMENT EXECUTE FUNCTION fetches();
\set VERBOSITY sqlstate
INSERT INTO whole VALUES (7, '9', '2026-01-01', 'p1'), (8, '9', '2026-01-01', 'p1');
\set VERBOSITY default
DROP TRIGGER a ON whole;
DROP TRIGGER a2 ON whole;
SELECT * FROM look('whole');

--
-- The first rows of a partition: a plan that reads the rollup is used until others can see them, and not longer.
--

\c -
SET search_path = rollup_serve, public;
SET client_min_messages = error;
DELETE FROM split WHERE score !~ '^[0-9]+$';
CALL nps_materialize('sv_split', rebuild => true);
CREATE TABLE split_3 PARTITION OF split FOR VALUES FROM (300) TO (400);
SELECT count(*) AS rows FROM split \gset
PREPARE more AS SELECT responses - :rows AS more, nps_rollup_serves('sv_split.rollup') AS served FROM sv_split.summary;
PREPARE of_whole AS SELECT responses = (SELECT count(*) FROM whole WHERE score ~ '^[0-9]+$') AS exact, nps_rollup_serves('sv_whole.rollup') AS served FROM sv_whole.summary;
EXECUTE more;
-- of others, and taken back
\! psql -X -q -c "BEGIN" -c "INSERT INTO rollup_serve.split VALUES (300, '9', '2026-01-01', 'p1')" -c "ROLLBACK"
EXECUTE more;
TRUNCATE split_3;
EXECUTE more;
-- of others; but not under an older snapshot
BEGIN ISOLATION LEVEL REPEATABLE READ;
EXECUTE more;
\! psql -X -q -c "INSERT INTO rollup_serve.split_3 VALUES (300, '9', '2026-01-01', 'p1')"
EXECUTE more;
COMMIT;
EXECUTE more;
-- one's own, the first once more as the partition was emptied, and behind a cursor that is to stay
TRUNCATE split_3;
INSERT INTO split VALUES (301, '9', '2026-01-01', 'p1');
TRUNCATE split_3;
EXECUTE more;
BEGIN;
DECLARE report CURSOR WITH HOLD FOR SELECT responses - :rows AS more FROM sv_split.summary;
INSERT INTO split VALUES (302, '9', '2026-01-01', 'p1');
EXECUTE more;
COMMIT;
FETCH report;
EXECUTE more;
SELECT FROM nps_compact('sv_split');
EXECUTE more;
-- A transaction with one snapshot empties another source.
BEGIN ISOLATION LEVEL REPEATABLE READ;
EXECUTE of_whole;
TRUNCATE split_3;
EXECUTE of_whole;
EXECUTE more;
COMMIT;
SELECT * FROM look('split');
SET client_min_messages = warning;

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
