-- Partitions that are added, removed, emptied and exchanged: the reports are exact, and
-- read the rollup or the source; nps_check() says which, and how to cure it.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, MDY';
SET jit = off;
CREATE SCHEMA rollup_part;
SET search_path = rollup_part, public;
CREATE TABLE part (id integer, score integer, at timestamptz NOT NULL, plan text) PARTITION BY RANGE (at);
CREATE TABLE part_01 PARTITION OF part FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE part_02 PARTITION OF part FOR VALUES FROM ('2026-02-01') TO ('2026-03-01') PARTITION BY LIST (plan);
CREATE TABLE part_02_a PARTITION OF part_02 FOR VALUES IN ('a');
CREATE TABLE part_02_b PARTITION OF part_02 FOR VALUES IN ('b');
CREATE TABLE part_rest PARTITION OF part DEFAULT;
INSERT INTO part SELECT i, i % 11, '2026-01-01'::timestamptz + i * interval '20 hours', (ARRAY['a', 'b'])[1 + i % 2] FROM generate_series(1, 110) i;
SELECT count(*) > 0 AS attached FROM nps_attach('part', 'score', 'rp', response_id => 'id', responded_at => 'at', segments => '{plan}', time_zone => 'UTC');
CALL nps_materialize('rp');
-- state(): do the reports give the same as a query over the source, from where do they read, and what does nps_check() say?
CREATE FUNCTION state(OUT rows bigint, OUT exact boolean, OUT reads text, OUT told text, OUT fix text) LANGUAGE plpgsql AS $$
DECLARE
	mine text;
	theirs text;
	plan json;
BEGIN
	SELECT string_agg(concat_ws(' ', s.segment, s.value, s.responses, s.nps), ', ' ORDER BY s.value) || (SELECT concat_ws(' ', '; ', responses, detractors, first_answer, last_answer) FROM rp.summary) INTO mine FROM rp.segment s;
	SELECT string_agg(concat_ws(' ', 'plan', p.plan, p.count, p.nps), ', ' ORDER BY p.plan)
		|| (SELECT concat_ws(' ', '; ', count(*), count(*) FILTER (WHERE a.score < 7), min(at)::date, max(at)::date) FROM part a)
	INTO theirs
	FROM (SELECT a.plan, count(*), nps_score(score) AS nps FROM part a GROUP BY 1) p;
	rows := (SELECT count(*) FROM part);
	exact := mine IS NOT DISTINCT FROM theirs;
	EXECUTE 'EXPLAIN (FORMAT json) SELECT responses FROM rp.summary' INTO plan;
	reads := CASE WHEN jsonb_path_exists(plan::jsonb, 'strict $.**."Relation Name" ? (@ == "rollup")') THEN 'rollup' ELSE 'source' END;
	SELECT concat_ws(': ', c.finding, c.detail), c.fix INTO told, fix FROM nps_check('rp') c WHERE c.finding ~ 'rollup is not kept current|partition';
END
$$;
SELECT * FROM state();
-- created, and written to
CREATE TABLE part_04 PARTITION OF part FOR VALUES FROM ('2026-05-01') TO ('2026-06-01');
SELECT * FROM state();
INSERT INTO part VALUES (401, 10, '2026-05-05', 'a'), (402, 0, '2026-05-06', 'b');
SELECT * FROM state();
SELECT fix FROM state() \gexec
SELECT * FROM state();
INSERT INTO part_04 VALUES (403, 10, '2026-05-07', 'a');
SELECT * FROM state();
-- attached with rows and without, also at a lower level, and with columns in another order
CREATE TABLE part_05 (plan text, gone integer, at timestamptz NOT NULL, score integer, id integer);
ALTER TABLE part_05 DROP COLUMN gone;
INSERT INTO part_05 SELECT 'a', '2026-06-05', i, 500 + i FROM generate_series(0, 10) i;
ALTER TABLE part ATTACH PARTITION part_05 FOR VALUES FROM ('2026-06-01') TO ('2026-07-01');
SELECT * FROM state();
CREATE TABLE part_02_c (LIKE part);
INSERT INTO part_02_c VALUES (601, 9, '2026-02-02', 'c');
ALTER TABLE part_02 ATTACH PARTITION part_02_c FOR VALUES IN ('c');
SELECT * FROM state();
SELECT fix FROM state() \gexec
SELECT * FROM state();
UPDATE part SET score = 10 - score, plan = CASE plan WHEN 'a' THEN 'c' ELSE 'a' END WHERE id % 3 = 0;
SELECT * FROM state();
-- emptied, by its own name, with others, and at a lower level; rolled back
TRUNCATE part_05;
SELECT * FROM state();
BEGIN;
TRUNCATE part_02;
SELECT exact, reads FROM state();
INSERT INTO part VALUES (602, 9, '2026-02-02', 'c');
SELECT exact, reads FROM state();
SAVEPOINT a;
TRUNCATE part_01, part_04;
SELECT exact, reads FROM state();
ROLLBACK TO a;
SELECT exact, reads FROM state();
COMMIT;
SELECT * FROM state();
BEGIN;
TRUNCATE part;
SELECT exact, reads FROM state();
ROLLBACK;
SELECT * FROM state();
-- detached: its rows are out, and changes of it are not counted; and attached again
ALTER TABLE part DETACH PARTITION part_01;
SELECT * FROM state();
INSERT INTO part_01 VALUES (701, 9, '2026-01-05', 'a');
DELETE FROM part_01 WHERE id % 2 = 0;
SELECT * FROM state();
ALTER TABLE part ATTACH PARTITION part_01 FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
SELECT * FROM state();
SELECT fix FROM state() \gexec
SELECT * FROM state();
-- a default partition would forbid that
ALTER TABLE part_02 DETACH PARTITION part_02_c CONCURRENTLY;
SELECT * FROM state();
TRUNCATE part_02_c;
SELECT * FROM state();
-- detached and attached again, with no change in between
ALTER TABLE part DETACH PARTITION part_04;
ALTER TABLE part ATTACH PARTITION part_04 FOR VALUES FROM ('2026-05-01') TO ('2026-06-01');
SELECT * FROM state();
SELECT fix FROM state() \gexec
-- dropped; and folding after that
SELECT count(*) > 0 AS has_cells FROM rp.rollup WHERE leaf = 'part_04'::regclass::oid::bigint;
DROP TABLE part_05, part_04;
SELECT * FROM state();
SELECT rows_after < rows_before AS folded FROM nps_compact('rp');
SELECT * FROM state();
-- moved out of the default partition into a new one, as pg_partman does
BEGIN;
CREATE TABLE part_03 (LIKE part INCLUDING ALL);
WITH moved AS (DELETE FROM part_rest WHERE at >= '2026-03-01' AND at < '2026-04-01' RETURNING *) INSERT INTO part_03 SELECT * FROM moved;
ALTER TABLE part ATTACH PARTITION part_03 FOR VALUES FROM ('2026-03-01') TO ('2026-04-01');
SELECT exact, reads FROM state();
COMMIT;
SELECT * FROM state();
-- exchanged for another one with the same bounds, and attached to another table for a while
ALTER TABLE part DETACH PARTITION part_03;
ALTER TABLE part_03 RENAME TO part_03_old;
CREATE TABLE part_03 (LIKE part);
INSERT INTO part_03 SELECT id, 10, at, plan FROM part_03_old LIMIT 5;
ALTER TABLE part ATTACH PARTITION part_03 FOR VALUES FROM ('2026-03-01') TO ('2026-04-01');
SELECT * FROM state();
SELECT fix FROM state() \gexec
SELECT * FROM state();
CREATE TABLE elsewhere (LIKE part) PARTITION BY RANGE (at);
ALTER TABLE part DETACH PARTITION part_03;
ALTER TABLE elsewhere ATTACH PARTITION part_03 DEFAULT;
INSERT INTO elsewhere VALUES (801, 0, '2026-03-03', 'a');
TRUNCATE elsewhere;
ALTER TABLE elsewhere DETACH PARTITION part_03;
ALTER TABLE part ATTACH PARTITION part_03 FOR VALUES FROM ('2026-03-01') TO ('2026-04-01');
SELECT * FROM state();
INSERT INTO part VALUES (802, 0, '2026-03-03', 'a');
SELECT * FROM state();
SELECT fix FROM state() \gexec
SELECT * FROM state();
-- rewritten
VACUUM FULL part_01;
ALTER TABLE part_01 SET (fillfactor = 50);
CREATE INDEX part_at ON part_01 (at);
CLUSTER part_01 USING part_at;
SELECT * FROM state();
-- a partition that somebody writes to by its own name while its trigger is disabled; then its trigger is enabled again
ALTER TABLE part_01 DISABLE TRIGGER USER;
INSERT INTO part_01 VALUES (901, 0, '2026-01-03', 'a');
ALTER TABLE part_01 ENABLE TRIGGER USER;
SELECT * FROM state();
SELECT fix FROM state() \gexec
SELECT * FROM state();
-- a cached plan is made again, whatever happened at a lower level
PREPARE kept AS SELECT responses FROM rp.summary;
SET plan_cache_mode = force_generic_plan;
EXECUTE kept;
CREATE TABLE part_02_d (LIKE part);
INSERT INTO part_02_d VALUES (951, 9, '2026-02-02', 'd');
ALTER TABLE part_02 ATTACH PARTITION part_02_d FOR VALUES IN ('d');
EXECUTE kept;
SELECT FROM nps_compact('rp');
EXECUTE kept;
INSERT INTO part_02_d VALUES (952, 9, '2026-02-02', 'd');
EXECUTE kept;
CREATE TABLE part_02_e PARTITION OF part_02 FOR VALUES IN ('e');
EXECUTE kept;
INSERT INTO part VALUES (953, 9, '2026-02-02', 'e');
EXECUTE kept;
SELECT count(*) FROM part;
DROP TABLE part_02_e;
EXECUTE kept;
SELECT count(*) FROM part;
SELECT count(*) FROM nps_verify('rp');
DEALLOCATE kept;
RESET plan_cache_mode;
-- counted, and changed unseen, in one transaction: its triggers show it, whoever wrote them last
CREATE FUNCTION unseen(change text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	keeper name := (SELECT t.tgname FROM pg_trigger t WHERE t.tgrelid = 'part_06'::regclass AND t.tgname ~ 'row');
BEGIN
	EXECUTE format('ALTER TABLE part_06 DISABLE TRIGGER %I', keeper);
	EXECUTE change;
	EXECUTE format('ALTER TABLE part_06 ENABLE ALWAYS TRIGGER %I', keeper);
END
$$;
BEGIN;
CREATE TABLE part_06 PARTITION OF part FOR VALUES FROM ('2026-07-01') TO ('2026-08-01');
INSERT INTO part VALUES (961, 9, '2026-07-02', 'a');
SELECT FROM nps_compact('rp');
SELECT exact, reads FROM state();
SELECT unseen($$INSERT INTO part VALUES (962, 0, '2026-07-02', 'a')$$);
SELECT exact, reads FROM state();
SELECT FROM nps_compact('rp');
SELECT exact, reads FROM state();
SELECT unseen($$INSERT INTO part VALUES (963, 0, '2026-07-02', 'a')$$);
COMMIT;
SELECT * FROM state();
SELECT fix FROM state() \gexec
SELECT * FROM state();
-- emptied, and changed unseen
BEGIN;
TRUNCATE part_06;
SELECT exact, reads FROM state();
INSERT INTO part VALUES (964, 9, '2026-07-02', 'a');
SELECT exact, reads FROM state();
SELECT unseen($$INSERT INTO part VALUES (965, 0, '2026-07-02', 'a')$$);
COMMIT;
SELECT * FROM state();
BEGIN;
TRUNCATE part_06, part_01;
SAVEPOINT a;
INSERT INTO part VALUES (966, 9, '2026-07-02', 'a');
TRUNCATE part_06;
ROLLBACK TO a;
INSERT INTO part VALUES (967, 9, '2026-07-02', 'a');
COMMIT;
SELECT * FROM state();
SELECT count(*) > count(DISTINCT leaf) AS has_former FROM rp.rollup_part;
SELECT FROM nps_compact('rp');
SELECT count(*) > count(DISTINCT leaf) AS has_former FROM rp.rollup_part;
SELECT * FROM state();
-- not in a transaction whose snapshot may not see the rows that a partition came with
ALTER TABLE part DETACH PARTITION part_06;
ALTER TABLE part ATTACH PARTITION part_06 FOR VALUES FROM ('2026-07-01') TO ('2026-08-01');
SET client_min_messages = notice;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT FROM nps_compact('rp');
COMMIT;
SET client_min_messages = warning;
SELECT * FROM state();
-- Partitions of other roles: the survey and its source are given to one.
CREATE ROLE regress_nps_parts;
CREATE ROLE regress_nps_archive;
GRANT ALL ON SCHEMA rollup_part TO regress_nps_parts, regress_nps_archive;
SELECT FROM nps_detach('rp');
DO $$DECLARE r regclass; BEGIN
	FOR r IN SELECT p.relid FROM pg_partition_tree('part') p LOOP EXECUTE format('ALTER TABLE %s OWNER TO regress_nps_parts', r); END LOOP;
	EXECUTE format('GRANT CREATE ON DATABASE %I TO regress_nps_parts', current_database());
END$$;
SET ROLE regress_nps_parts;
SELECT count(*) > 0 AS attached FROM nps_attach('part', 'score', 'rp', response_id => 'id', responded_at => 'at', segments => '{plan}', time_zone => 'UTC');
CALL nps_materialize('rp');
SELECT * FROM state();
-- one that was made by another: it can be counted once it is given to the owner of the source
RESET ROLE;
CREATE TABLE part_other PARTITION OF part FOR VALUES FROM ('2027-01-01') TO ('2027-02-01');
ALTER TABLE part_other OWNER TO regress_nps_archive;
GRANT SELECT ON part_other TO regress_nps_parts;
SET ROLE regress_nps_parts;
INSERT INTO part VALUES (971, 9, '2027-01-02', 'a');
SELECT * FROM state();
SELECT nps_compact('rp') IS NOT NULL AS folded;
SELECT fix FROM state() \gset
RESET ROLE;
:fix
SET ROLE regress_nps_parts;
SELECT * FROM state();
SELECT FROM nps_compact('rp');
SELECT * FROM state();
-- a table between it and the source that was made by another
RESET ROLE;
CREATE TABLE part_between PARTITION OF part FOR VALUES FROM ('2027-03-01') TO ('2027-04-01') PARTITION BY LIST (plan);
CREATE TABLE part_below PARTITION OF part_between DEFAULT;
ALTER TABLE part_between OWNER TO regress_nps_archive;
ALTER TABLE part_below OWNER TO regress_nps_parts;
SET ROLE regress_nps_parts;
INSERT INTO part VALUES (972, 9, '2027-03-02', 'a');
SELECT * FROM state();
SELECT fix FROM state() \gset
RESET ROLE;
:fix
SET ROLE regress_nps_parts;
SELECT FROM nps_compact('rp');
SELECT * FROM state();
DROP TABLE part_between;
-- one that was given away, with triggers that are no longer as they were
RESET ROLE;
ALTER TABLE part_other OWNER TO regress_nps_archive;
GRANT SELECT ON part_other TO regress_nps_parts;
SET ROLE regress_nps_parts;
SELECT * FROM state();
ALTER TABLE ONLY part DISABLE TRIGGER nps_rollup_after_rp;
ALTER TABLE ONLY part ENABLE ALWAYS TRIGGER nps_rollup_after_rp;
SELECT * FROM state();
CALL nps_materialize('rp', rebuild => true);
CALL nps_dematerialize('rp');
CALL nps_materialize('rp');
SELECT * FROM state();
SELECT count(*) AS triggers FROM pg_trigger WHERE tgname LIKE 'nps\_%';
RESET ROLE;
ALTER TABLE part_other OWNER TO regress_nps_parts;
SET ROLE regress_nps_parts;
CALL nps_materialize('rp');
SELECT * FROM state();
-- one that left, and was given away: its triggers go with the rollup, but nothing of somebody else's
ALTER TABLE part DETACH PARTITION part_other;
RESET ROLE;
ALTER TABLE part_other OWNER TO regress_nps_archive;
SET ROLE regress_nps_parts;
SELECT count(*) AS triggers FROM pg_trigger WHERE tgrelid = 'part_other'::regclass;
\set VERBOSITY terse
CREATE VIEW mine AS SELECT day FROM rp.rollup;
CALL nps_dematerialize('rp');
DROP VIEW mine;
CREATE TABLE mine (cells rp.rollup[]);
CALL nps_dematerialize('rp');
DROP TABLE mine;
\set VERBOSITY default
CALL nps_materialize('rp', rebuild => true);
SELECT * FROM state();
CALL nps_dematerialize('rp');
SELECT count(*) AS triggers FROM pg_trigger WHERE tgrelid = 'part_other'::regclass;
-- emptied and written to by its owner, also in a session in which the mapping cannot be read
CREATE FUNCTION kept(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$BEGIN IF current_setting('nps_test.fails', true) = 'yes' THEN RAISE 'no'; END IF; RETURN $1; END$$;
SELECT count(*) > 0 AS attached FROM nps_attach('part', 'score', 'rp', response_id => 'id', responded_at => 'at', segments => ARRAY['plan || rollup_part.kept('''') AS plan'], time_zone => 'UTC', replace => true);
CALL nps_materialize('rp');
RESET ROLE;
ALTER TABLE part_01 OWNER TO regress_nps_archive;
GRANT SELECT ON part_01 TO regress_nps_parts;
SET ROLE regress_nps_archive;
TRUNCATE part_01;
INSERT INTO part_01 VALUES (981, 9, '2026-01-02', 'a');
SET ROLE regress_nps_parts;
SELECT * FROM state();
\c -
\set SHOW_CONTEXT never
SET search_path = rollup_part, public;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, MDY';
SET nps_test.fails = 'yes';
SET client_min_messages = error;
SET ROLE regress_nps_archive;
TRUNCATE part_01;
RESET nps_test.fails;
SET ROLE regress_nps_parts;
SELECT * FROM state();
SELECT fix FROM state() \gexec
SELECT * FROM state();
RESET ROLE;
SET client_min_messages = error;
DROP SCHEMA rp, rollup_part CASCADE;
DO $$BEGIN EXECUTE format('REVOKE CREATE ON DATABASE %I FROM regress_nps_parts', current_database()); END$$;
DROP ROLE regress_nps_parts, regress_nps_archive;
