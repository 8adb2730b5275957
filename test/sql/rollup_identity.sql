-- Changes that triggers do not see, or no longer see in the same way, are recognized by their identity: a
-- rollup that may have missed something is not used until it is rebuilt.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, MDY';
SET jit = off;
CREATE SCHEMA rollup_identity;
SET search_path = rollup_identity, public;
SELECT current_setting('server_version_num')::integer >= 170000 AS has_set_expression, current_setting('server_version_num')::integer >= 180000 AS has_virtual \gset
CREATE TABLE whole (id integer PRIMARY KEY, score integer, raw integer, doubled integer GENERATED ALWAYS AS (raw / 10) STORED, plan text);
CREATE TABLE split (LIKE whole INCLUDING GENERATED) PARTITION BY LIST (plan);
CREATE TABLE split_1 PARTITION OF split FOR VALUES IN ('a');
CREATE TABLE split_2 PARTITION OF split DEFAULT;
INSERT INTO whole (id, score, raw, plan) SELECT i, i % 11, (i % 11) * 10, (ARRAY['a', 'b'])[1 + i % 2] FROM generate_series(1, 40) i;
INSERT INTO split (id, score, raw, plan) SELECT id, score, raw, plan FROM whole;
SELECT count(*) > 0 AS attached FROM unnest(ARRAY['whole', 'split']) t, nps_attach(t, 'doubled', 'ri_' || t, response_id => 'id', segments => '{plan}', time_zone => 'UTC');
CALL nps_materialize('ri_whole');
CALL nps_materialize('ri_split');
-- state(): what a report says, what a query over the source says, where it is read from, and what nps_check() says
CREATE FUNCTION state(survey text DEFAULT 'ri_whole', OUT exact boolean, OUT reads text, OUT told text, OUT fix text) LANGUAGE plpgsql AS $$
DECLARE
	mine text;
	theirs text;
	plan json;
BEGIN
	EXECUTE format('SELECT concat_ws('' '', responses, nps, detractors) FROM %I.summary', survey) INTO mine;
	EXECUTE format('SELECT concat_ws('' '', count(doubled), nps_score(doubled), count(*) FILTER (WHERE doubled < 7)) FROM %I', substr(survey, 4)) INTO theirs;
	exact := mine = theirs;
	EXECUTE format('EXPLAIN (FORMAT json) SELECT responses FROM %I.summary', survey) INTO plan;
	reads := CASE WHEN jsonb_path_exists(plan::jsonb, 'strict $.**."Relation Name" ? (@ == "rollup")') THEN 'rollup' ELSE 'source' END;
	SELECT c.detail, c.fix INTO told, fix FROM nps_check(survey) c WHERE c.finding ~ 'rollup is not kept current|partition';
END
$$;
SELECT * FROM state('ri_whole');
SELECT * FROM state('ri_split');

--
-- Triggers disabled for a while, all or one; within a transaction; rolled back.
--

BEGIN;
ALTER TABLE whole DISABLE TRIGGER ALL;
INSERT INTO whole (id, raw, plan) VALUES (101, 100, 'a');
ALTER TABLE whole ENABLE TRIGGER ALL;
SELECT exact, reads FROM state();
ROLLBACK;
SELECT * FROM state();
ALTER TABLE whole DISABLE TRIGGER ALL;
INSERT INTO whole (id, raw, plan) VALUES (101, 100, 'a');
SELECT * FROM state();
ALTER TABLE whole ENABLE TRIGGER ALL;
SELECT * FROM state();
SELECT fix FROM state() \gexec
SELECT * FROM state();
ALTER TABLE whole DISABLE TRIGGER nps_rollup_delete_ri_whole;
DELETE FROM whole WHERE id = 101;
ALTER TABLE whole ENABLE TRIGGER nps_rollup_delete_ri_whole;
SELECT * FROM state();
SELECT fix FROM state() \gexec
ALTER TABLE split DISABLE TRIGGER USER;
INSERT INTO split (id, raw, plan) VALUES (101, 100, 'a');
ALTER TABLE split ENABLE TRIGGER USER;
SELECT * FROM state('ri_split');
SELECT fix FROM state('ri_split') \gexec
ALTER TABLE ONLY split DISABLE TRIGGER nps_rollup_after_ri_split;
INSERT INTO split (id, raw, plan) VALUES (102, 100, 'a');
ALTER TABLE ONLY split ENABLE ALWAYS TRIGGER nps_rollup_after_ri_split;
SELECT * FROM state('ri_split');
SELECT fix FROM state('ri_split') \gexec
SELECT * FROM state('ri_split');
-- made again by hand, and renamed
ALTER TRIGGER nps_rollup_insert_ri_whole ON whole RENAME TO mine;
SELECT * FROM state();
SELECT fix FROM state() \gexec
SELECT * FROM state();

--
-- Rows that are written in the way replication writes them.
--

SET session_replication_role = replica;
INSERT INTO whole (id, raw, plan) VALUES (201, 100, 'a'), (202, 0, 'b');
UPDATE whole SET raw = 90, plan = 'c' WHERE id = 202;
DELETE FROM whole WHERE id <= 3;
INSERT INTO split (id, raw, plan) VALUES (201, 100, 'a'), (202, 0, 'b');
UPDATE split SET raw = 90, plan = 'a' WHERE id = 202;
DELETE FROM split WHERE id <= 3;
INSERT INTO split_1 (id, raw, plan) VALUES (203, 100, 'a');
SELECT * FROM state();
SELECT * FROM state('ri_split');
TRUNCATE split_1;
SELECT * FROM state('ri_split');
RESET session_replication_role;
SELECT * FROM state();
SELECT * FROM state('ri_split');

--
-- What anybody but maintenance writes to the rollup is ignored; emptying it is marked.
--

INSERT INTO ri_whole.rollup SELECT * FROM ri_whole.rollup;
UPDATE ri_whole.rollup SET plan = 'other';
DELETE FROM ri_whole.rollup;
DELETE FROM ri_whole.rollup_part;
INSERT INTO ri_whole.rollup_part VALUES (NULL, NULL, 'mine', now());
SELECT * FROM state();
SELECT count(*) FROM nps_verify('ri_whole');
TRUNCATE ri_whole.rollup;
SELECT * FROM state();
SELECT fix FROM state() \gexec
TRUNCATE ri_whole.rollup_part;
SELECT * FROM state();
SELECT fix FROM state() \gexec
TRUNCATE ri_split.rollup, ri_split.rollup_part;
SELECT * FROM state('ri_split');
SELECT fix FROM state('ri_split') \gexec
-- past the guards
ALTER TABLE ri_whole.rollup DISABLE TRIGGER ALL;
DELETE FROM ri_whole.rollup WHERE plan = 'a';
ALTER TABLE ri_whole.rollup ENABLE TRIGGER ALL;
SELECT * FROM state();
SELECT fix FROM state() \gexec
SELECT * FROM state();
-- a table of marks that was altered
ALTER TABLE ri_whole.rollup_part ADD more text;
SELECT * FROM state();
SELECT fix FROM state() \gexec
DROP TABLE ri_whole.rollup_part;
SELECT * FROM state();
SELECT fix FROM state() \gexec
SELECT * FROM state();
-- moved away
ALTER TABLE ri_whole.rollup RENAME TO former;
SELECT * FROM state();
SELECT nps_compact('ri_whole');
SELECT fix FROM state() \gexec
SELECT * FROM state();
DROP TABLE ri_whole.former;
ALTER TABLE ri_split.rollup SET SCHEMA rollup_identity;
SELECT * FROM state('ri_split');
SELECT fix FROM state('ri_split') \gexec
SELECT * FROM state('ri_split');
DROP TABLE rollup;
-- what was wrong is corrected by hand after a write: it is marked
ALTER TABLE ri_whole.rollup DISABLE ROW LEVEL SECURITY;
\set VERBOSITY terse
INSERT INTO whole (id, raw, plan) VALUES (301, 100, 'a');
\set VERBOSITY default
ALTER TABLE ri_whole.rollup ENABLE ROW LEVEL SECURITY;
SELECT * FROM state();
SELECT fix FROM state() \gexec
-- the mark could not be stored: the table was away, or something depended on it
CREATE INDEX odd ON ri_whole.rollup (day);
ALTER TABLE ri_whole.rollup_part RENAME TO former;
\set VERBOSITY terse
INSERT INTO whole (id, raw, plan) VALUES (302, 100, 'a');
ALTER TABLE ri_whole.former RENAME TO rollup_part;
DROP INDEX ri_whole.odd;
SELECT * FROM state();
SELECT fix FROM state() \gexec
CREATE INDEX odd ON ri_whole.rollup (day);
CREATE INDEX odd_too ON ri_whole.rollup_part (leaf);
INSERT INTO whole (id, raw, plan) VALUES (303, 100, 'a');
DROP INDEX ri_whole.odd, ri_whole.odd_too;
SELECT * FROM state();
SELECT fix FROM state() \gexec
ALTER TABLE ri_whole.rollup_part RENAME leaf TO part;
ALTER TABLE ri_whole.rollup DISABLE ROW LEVEL SECURITY;
INSERT INTO whole (id, raw, plan) VALUES (304, 100, 'a');
\set VERBOSITY default
ALTER TABLE ri_whole.rollup ENABLE ROW LEVEL SECURITY;
ALTER TABLE ri_whole.rollup_part RENAME part TO leaf;
SELECT * FROM state();
SELECT fix FROM state() \gexec
ALTER TABLE ri_split.rollup SET SCHEMA rollup_identity;
\set VERBOSITY terse
INSERT INTO split (id, raw, plan) VALUES (302, 100, 'a');
\set VERBOSITY default
ALTER TABLE rollup SET SCHEMA ri_split;
SELECT * FROM state('ri_split');
SELECT fix FROM state('ri_split') \gexec
SELECT * FROM state('ri_split');

--
-- The mapping: changed generation expressions, functions that are replaced,
-- a view answer that is edited; and what changes nothing.
--

ALTER TABLE whole ADD COLUMN more integer DEFAULT 7;
ALTER TABLE whole DROP COLUMN more;
ANALYZE whole;
SELECT * FROM state();
ALTER TABLE whole RENAME raw TO raw_score;
SELECT * FROM state();
ALTER TABLE whole RENAME raw_score TO raw;
SELECT fix FROM state() \gexec
SELECT * FROM state();
\if :has_set_expression
ALTER TABLE whole ALTER COLUMN doubled SET EXPRESSION AS (10 - raw / 10);
ALTER TABLE split ALTER COLUMN doubled SET EXPRESSION AS (10 - raw / 10);
\else
ALTER TABLE whole ALTER COLUMN doubled DROP EXPRESSION;
ALTER TABLE split ALTER COLUMN doubled DROP EXPRESSION;
\endif
SELECT exact, reads FROM state();
SELECT exact, reads FROM state('ri_split');
SELECT fix FROM state() \gexec
SELECT fix FROM state('ri_split') \gexec
SELECT * FROM state();
SELECT * FROM state('ri_split');
SELECT nps_detach('ri_whole'), nps_detach('ri_split');
-- a virtual column, if the server has them: the same is printed elsewhere
\set ECHO none
\if :has_virtual
ALTER TABLE whole ADD COLUMN late integer GENERATED ALWAYS AS (raw / 10) VIRTUAL;
SELECT count(*) > 0 AS attached FROM nps_attach('whole', 'late', 'ri_virtual');
CALL nps_materialize('ri_virtual');
ALTER TABLE whole ALTER COLUMN late SET EXPRESSION AS (10);
SELECT nps = 100 AS exact, nps_rollup_serves('ri_virtual.rollup') AS served FROM ri_virtual.summary;
CALL nps_materialize('ri_virtual');
SELECT nps = 100 AS exact, nps_rollup_serves('ri_virtual.rollup') AS served FROM ri_virtual.summary;
SELECT nps_detach('ri_virtual');
ALTER TABLE whole DROP COLUMN late;
\else
SELECT true AS attached;
SELECT true AS exact, false AS served;
SELECT true AS exact, true AS served;
SELECT NULL AS nps_detach;
\endif
\set ECHO all
CREATE FUNCTION group_of(plan text) RETURNS text IMMUTABLE LANGUAGE sql AS $$SELECT 'group ' || $1$$;
SELECT count(*) > 0 AS attached FROM nps_attach('whole', 'raw / 10', 'ri_whole', segments => ARRAY['group_of(plan) AS grouped'], time_zone => 'UTC');
CALL nps_materialize('ri_whole');
CREATE FUNCTION groups(OUT value text, OUT responses bigint, OUT served boolean) RETURNS SETOF record LANGUAGE sql AS $$SELECT value, responses, nps_rollup_serves('ri_whole.rollup') FROM ri_whole.segment ORDER BY 1$$;
GRANT EXECUTE ON FUNCTION group_of(text) TO PUBLIC;
SELECT * FROM groups();
CREATE OR REPLACE FUNCTION group_of(plan text) RETURNS text IMMUTABLE LANGUAGE sql AS $$SELECT 'team ' || $1$$;
SELECT * FROM groups();
CALL nps_materialize('ri_whole');
SELECT * FROM groups();
-- a view answer that is edited: another filter, and rows that it leaves out
-- (major versions print a view in different ways)
\set ECHO none
SELECT pg_get_viewdef('ri_whole.answer') AS definition \gset
SELECT format('CREATE OR REPLACE VIEW ri_whole.answer AS %s WHERE id > 10', rtrim(:'definition', ';')) \gexec
SELECT * FROM groups();
SELECT format('CREATE OR REPLACE VIEW ri_whole.answer AS %s LIMIT 3', rtrim(:'definition', ';')) \gexec
SELECT * FROM groups();
SELECT format('CREATE OR REPLACE VIEW ri_whole.answer AS %s', :'definition') \gexec
SELECT * FROM groups();
\set ECHO all
SELECT fix FROM nps_check('ri_whole') WHERE finding ~ 'rollup' \gexec
SELECT * FROM groups();
-- edited, written to, and put back: maintenance does not treat it as unchanged
\set ECHO none
SELECT format('CREATE OR REPLACE VIEW ri_whole.answer AS %s WHERE id > 10', rtrim(:'definition', ';')) \gexec
INSERT INTO whole (id, raw, plan) VALUES (-5, 100, 'a');
SELECT format('CREATE OR REPLACE VIEW ri_whole.answer AS %s', :'definition') \gexec
\set ECHO all
SELECT count(*) > 0 AS refreshed FROM nps_refresh_views('ri_whole');
CALL nps_materialize('ri_whole');
SELECT * FROM groups();
-- made again by maintenance it is the same
SELECT count(*) > 0 AS refreshed FROM nps_refresh_views('ri_whole');
SELECT * FROM groups();
SELECT nps_detach('ri_whole');
-- a value whose text depends on settings is refused, also if || converts it
CREATE TABLE floats (id integer PRIMARY KEY, score integer, w double precision);
SELECT count(*) > 0 AS attached FROM nps_attach('floats', 'score', 'ri_floats', segments => ARRAY['(''w'' || w) AS w']);
CALL nps_materialize('ri_floats');
SELECT nps_detach('ri_floats');
-- a hypertable, which is empty and still not a plain table: a catalog of an extension says so
CREATE SCHEMA _timescaledb_catalog;
CREATE TABLE _timescaledb_catalog.hypertable (schema_name name, table_name name);
INSERT INTO _timescaledb_catalog.hypertable VALUES ('rollup_identity', 'floats');
ALTER EXTENSION nps ADD TABLE _timescaledb_catalog.hypertable;
SELECT count(*) > 0 AS attached FROM nps_attach('floats', 'score', 'ri_floats');
CALL nps_materialize('ri_floats');
SELECT tgname FROM pg_trigger WHERE tgrelid = 'floats'::regclass;
ALTER EXTENSION nps DROP TABLE _timescaledb_catalog.hypertable;
DROP SCHEMA _timescaledb_catalog CASCADE;
CALL nps_materialize('ri_floats');
SELECT nps_detach('ri_floats');

--
-- A plain table that is a child of another one for a while: writes by way of the parent fire none of its statement triggers.
--

CREATE TABLE child (id integer PRIMARY KEY, doubled integer, plan text, note text);
CREATE TABLE narrow (id integer, doubled integer);
CREATE TABLE pieces (id integer NOT NULL, doubled integer) PARTITION BY RANGE (id);
CREATE TABLE pieces_1 PARTITION OF pieces FOR VALUES FROM (0) TO (100);
CREATE TABLE pieces_2 PARTITION OF pieces FOR VALUES FROM (100) TO (200);
INSERT INTO child SELECT i, i % 11, 'a' FROM generate_series(1, 40) i;
INSERT INTO narrow SELECT i, i % 11 FROM generate_series(1, 40) i;
INSERT INTO pieces SELECT i * 5 - 5, i % 11 FROM generate_series(1, 40) i;
SELECT count(*) > 0 AS attached FROM unnest(ARRAY['child', 'narrow', 'pieces']) t, nps_attach(t, 'doubled', 'ri_' || t, response_id => 'id', time_zone => 'UTC');
CALL nps_materialize('ri_child');
CALL nps_materialize('ri_narrow');
CALL nps_materialize('ri_pieces');
CREATE TABLE parent (LIKE child);
ALTER TABLE child INHERIT parent;
SELECT * FROM state('ri_child');
UPDATE parent SET doubled = 10 WHERE id = 1;
DELETE FROM parent WHERE id = 2;
ALTER TABLE child NO INHERIT parent;
SELECT * FROM state('ri_child');
SELECT fix FROM state('ri_child') \gexec
SELECT * FROM state('ri_child');
-- a parent with one of its columns, which is not counted
CREATE TABLE parent_1 (note text);
ALTER TABLE child INHERIT parent_1;
DELETE FROM parent_1 WHERE ctid = (SELECT max(ctid) FROM child);
ALTER TABLE child NO INHERIT parent_1;
SELECT * FROM state('ri_child');
SELECT fix FROM state('ri_child') \gexec
-- as a partition of another table
CREATE TABLE bigger (LIKE child) PARTITION BY LIST (plan);
ALTER TABLE bigger ATTACH PARTITION child DEFAULT;
INSERT INTO bigger VALUES (101, 10, 'a');
ALTER TABLE bigger DETACH PARTITION child;
SELECT * FROM state('ri_child');
SELECT fix FROM state('ri_child') \gexec
SELECT * FROM state('ri_child');
-- rolled back, nothing was missed
BEGIN;
ALTER TABLE child INHERIT parent;
DELETE FROM parent;
ALTER TABLE child NO INHERIT parent;
SELECT exact, reads FROM state('ri_child');
ROLLBACK;
SELECT * FROM state('ri_child');
-- what is done to a table every day does not matter: rights, new and dropped columns, maintenance
CREATE ROLE regress_nps_granted;
GRANT SELECT (doubled, plan) ON child TO regress_nps_granted;
ALTER TABLE child ADD COLUMN more integer DEFAULT 7, ADD COLUMN other text;
CREATE INDEX ON child (plan);
ANALYZE child;
VACUUM FULL child;
CLUSTER child USING child_pkey;
ALTER TABLE child DROP COLUMN more;
GRANT SELECT (doubled, plan) ON child TO regress_nps_granted;
ALTER TABLE child RENAME TO children;
ALTER TABLE children RENAME TO child;
INSERT INTO child VALUES (102, 9, 'b');
SELECT * FROM state('ri_child');
DROP OWNED BY regress_nps_granted;
DROP ROLE regress_nps_granted;
-- the rollup as a child of another table
CREATE TABLE parent_2 (day date);
ALTER TABLE ri_child.rollup INHERIT parent_2;
DELETE FROM parent_2;
ALTER TABLE ri_child.rollup NO INHERIT parent_2;
SELECT * FROM state('ri_child');
SELECT fix FROM state('ri_child') \gexec
SELECT * FROM state('ri_child');

--
-- Unlogged for a while: a crash in that time empties the table, and nothing tells of that.
--

ALTER TABLE child SET UNLOGGED;
SELECT * FROM state('ri_child');
ALTER TABLE child SET LOGGED;
SELECT * FROM state('ri_child');
SELECT fix FROM state('ri_child') \gexec
ALTER TABLE ri_child.rollup SET UNLOGGED;
ALTER TABLE ri_child.rollup SET LOGGED;
SELECT * FROM state('ri_child');
SELECT fix FROM state('ri_child') \gexec
SELECT * FROM state('ri_child');
-- a table without long values has no other table for them, but a file that is another one
ALTER TABLE narrow SET UNLOGGED;
ALTER TABLE narrow SET LOGGED;
SELECT * FROM state('ri_narrow');
-- emptied, source and rollup agree
BEGIN;
TRUNCATE narrow;
INSERT INTO narrow VALUES (1, 9);
SELECT exact, reads FROM state('ri_narrow');
ROLLBACK;
SELECT exact, reads FROM state('ri_narrow');
TRUNCATE narrow;
SELECT * FROM state('ri_narrow');
INSERT INTO narrow SELECT i, i % 11 FROM generate_series(1, 40) i;
SELECT * FROM state('ri_narrow');
TRUNCATE narrow;
TRUNCATE narrow;
INSERT INTO narrow SELECT i, i % 11 FROM generate_series(1, 30) i;
SELECT * FROM state('ri_narrow');
SELECT count(*) FROM nps_verify('ri_narrow');
-- but not with one of its triggers made anew, or a mark
ALTER TABLE narrow DISABLE TRIGGER nps_rollup_delete_ri_narrow;
DELETE FROM narrow WHERE id = 1;
ALTER TABLE narrow ENABLE TRIGGER nps_rollup_delete_ri_narrow;
TRUNCATE narrow;
SELECT * FROM state('ri_narrow');
SELECT fix FROM state('ri_narrow') \gexec
SELECT * FROM state('ri_narrow');
-- the same for partitions
ALTER TABLE pieces_1 SET UNLOGGED;
ALTER TABLE pieces_1 SET LOGGED;
SELECT * FROM state('ri_pieces');
TRUNCATE pieces_1;
SELECT * FROM state('ri_pieces');
INSERT INTO pieces VALUES (7, 3), (107, 9);
SELECT * FROM state('ri_pieces');
TRUNCATE pieces;
INSERT INTO pieces VALUES (7, 3), (107, 9);
SELECT * FROM state('ri_pieces');
SELECT count(*) FROM nps_verify('ri_pieces');
SELECT count(nps_detach(survey)) FROM unnest(ARRAY['ri_child', 'ri_narrow', 'ri_pieces']) survey;

--
-- What cannot be kept any more is not rebuilt: nps_check() says what can be done.
--

SELECT count(*) > 0 AS attached FROM nps_attach('split', 'doubled', 'ri_split', response_id => 'id', segments => '{plan}');
CALL nps_materialize('ri_split');
CREATE UNLOGGED TABLE split_3 PARTITION OF split FOR VALUES IN ('u');
SELECT * FROM state('ri_split');
CALL nps_materialize('ri_split', rebuild => true);
SELECT fix FROM state('ri_split') \gexec
SELECT to_regclass('ri_split.rollup');
SET client_min_messages = error;
DROP SCHEMA ri_split, rollup_identity CASCADE;
