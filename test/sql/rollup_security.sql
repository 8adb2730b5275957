-- Who may do what to a rollup, and who sees what of it.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET jit = off;
CREATE SCHEMA rollup_security;
SET search_path = rollup_security, public;
DROP ROLE IF EXISTS regress_nps_owner, regress_nps_writer, regress_nps_all, regress_nps_rows, regress_nps_columns, regress_nps_bypass, regress_nps_stranger;
CREATE ROLE regress_nps_owner;
CREATE ROLE regress_nps_writer;
CREATE ROLE regress_nps_all;
CREATE ROLE regress_nps_rows;
CREATE ROLE regress_nps_columns;
CREATE ROLE regress_nps_bypass BYPASSRLS;
CREATE ROLE regress_nps_stranger;
GRANT ALL ON SCHEMA rollup_security TO regress_nps_owner;
GRANT USAGE ON SCHEMA rollup_security TO regress_nps_writer, regress_nps_all, regress_nps_rows, regress_nps_columns, regress_nps_bypass, regress_nps_stranger;
SELECT format('GRANT CREATE ON DATABASE %I TO regress_nps_owner, regress_nps_stranger', current_database()) \gexec

-- differences(): the reports in which two surveys differ, and the cells that nps_verify() finds
CREATE FUNCTION differences(one text, other text, verify boolean DEFAULT true, OUT report text, OUT rows bigint) RETURNS SETOF record LANGUAGE plpgsql AS $$
BEGIN
	FOREACH report IN ARRAY ARRAY['summary', 'distribution', 'distribution_trend', 'trend', 'segment', 'segment_trend'] LOOP
		EXECUTE format('SELECT count(*) FROM ((TABLE %1$I.%3$I EXCEPT ALL TABLE %2$I.%3$I) UNION ALL (TABLE %2$I.%3$I EXCEPT ALL TABLE %1$I.%3$I)) AS d',
			one, other, report) INTO rows;
		IF rows > 0 THEN
			RETURN NEXT;
		END IF;
	END LOOP;
	IF NOT verify THEN
		RETURN;
	END IF;
	report := 'nps_verify';
	SELECT count(*) INTO rows FROM nps_verify(one);
	IF rows > 0 THEN
		RETURN NEXT;
	END IF;
END
$$;
-- reads(): the tables that the plan of a query reads
CREATE FUNCTION reads(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
	RETURN QUERY SELECT DISTINCT r #>> '{}' FROM jsonb_path_query(plan::jsonb, 'strict $.**."Relation Name"') AS r ORDER BY 1;
END
$$;
-- served_by(): which of the five reports read the rollup, and which read the source
CREATE FUNCTION served_by(survey text) RETURNS TABLE (tables text, reports bigint) LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY
	SELECT (SELECT string_agg(r, ', ' ORDER BY r) FROM reads(format('TABLE %I.%I', survey, report)) r WHERE r <> 'survey'), count(*)
	FROM unnest(ARRAY['summary', 'distribution', 'distribution_trend', 'trend', 'segment', 'segment_trend']) report GROUP BY 1 ORDER BY 1;
END
$$;

SET ROLE regress_nps_owner;
CREATE TABLE answer (id integer PRIMARY KEY, score integer, at timestamptz, words text, plan text, tenant name, secret text);
INSERT INTO answer
SELECT i, CASE WHEN i % 10 > 0 THEN i * 7 % 13 END, '2026-01-01 00:30+00'::timestamptz + i * interval '9 hours', CASE i % 2 WHEN 0 THEN 'word' END,
	(ARRAY['free', 'pro', NULL])[1 + i % 3], CASE WHEN i % 4 = 0 THEN 'regress_nps_rows' ELSE 'somebody' END, 'secret'
FROM generate_series(1, 200) AS i;
SELECT count(*) > 0 AS attached FROM nps_attach('answer', 'score', 'rs_kept', responded_at => 'at', comment => 'words', segments => ARRAY['plan'], time_zone => 'Europe/Berlin');
SELECT count(*) > 0 AS attached FROM nps_attach('answer', 'score', 'rs_plain', responded_at => 'at', comment => 'words', segments => ARRAY['plan'], time_zone => 'Europe/Berlin');
GRANT USAGE ON SCHEMA rs_kept, rs_plain TO regress_nps_all, regress_nps_rows, regress_nps_columns, regress_nps_bypass;
GRANT SELECT ON ALL TABLES IN SCHEMA rs_kept, rs_plain TO regress_nps_all, regress_nps_rows, regress_nps_columns, regress_nps_bypass;
GRANT SELECT ON answer TO regress_nps_all, regress_nps_rows, regress_nps_bypass;
GRANT SELECT (id, score, at, words, plan, tenant) ON answer TO regress_nps_columns;
GRANT INSERT, UPDATE, DELETE, TRUNCATE ON answer TO regress_nps_writer;
GRANT SELECT (id) ON answer TO regress_nps_writer;
RESET ROLE;
CALL nps_materialize('rs_kept');
SELECT * FROM differences('rs_kept', 'rs_plain');
SELECT c.relname, c.relowner::regrole AS owner, c.relrowsecurity FROM pg_class c WHERE c.oid = 'rs_kept.rollup'::regclass;

--
-- A writer without any privilege on the survey is counted, and learns nothing.
--

SET ROLE regress_nps_writer;
INSERT INTO answer (id, score, at, plan) VALUES (1001, 9, '2026-05-01', 'pro'), (1002, 99, '2026-05-01', 'pro'), (1003, NULL, '2026-05-01', NULL);
UPDATE answer SET score = 3 WHERE id IN (1001, 7, 8);
DELETE FROM answer WHERE id IN (9, 10);
COPY answer (id, score, at) FROM stdin;
1004	10	2026-05-02
\.
INSERT INTO answer (id, score) VALUES (1004, 1) ON CONFLICT (id) DO NOTHING;
SELECT count(*) FROM rs_kept.rollup;
SELECT responses FROM rs_kept.summary;
INSERT INTO rs_kept.rollup (day) VALUES ('2026-01-01');
UPDATE rs_kept.rollup SET rejected = 0;
DELETE FROM rs_kept.rollup;
TRUNCATE rs_kept.rollup;
SELECT * FROM nps_verify('rs_kept');
SELECT * FROM nps_compact('rs_kept');
CALL nps_dematerialize('rs_kept');
CALL nps_materialize('rs_kept', rebuild => true);
-- what the rollup's functions say to a role without privileges
SELECT nps_rollup_serves(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'rs_kept' AND c.relname = 'rollup';
RESET ROLE;
SELECT * FROM differences('rs_kept', 'rs_plain');
BEGIN;
SET LOCAL ROLE regress_nps_writer;
TRUNCATE answer;
INSERT INTO answer (id, score, at) VALUES (1, 1, '2026-05-02');
RESET ROLE;
SELECT * FROM differences('rs_kept', 'rs_plain');
SELECT responses FROM rs_kept.summary;
ROLLBACK;
SELECT * FROM differences('rs_kept', 'rs_plain');
-- nor can a role that may only read the survey do more
SET ROLE regress_nps_all;
SELECT * FROM nps_compact('rs_kept');
CALL nps_dematerialize('rs_kept');
CALL nps_materialize('rs_kept', rebuild => true);
SELECT * FROM nps_verify('rs_kept');
DELETE FROM rs_kept.rollup;
RESET ROLE;

--
-- Readers.  With the whole source: from the rollup.  With some columns of it: the
-- same numbers from the source, and no row of the rollup.
--

CREATE FUNCTION seen(reader name) RETURNS TABLE (tables text, reports bigint, responses bigint, rollup_rows boolean, differ bigint) LANGUAGE plpgsql AS $$
DECLARE
	report text;
BEGIN
	PERFORM set_config('role', reader, true);
	-- planned for this reader: plans kept for another were used with their row security before 15.9 and 16.5
	EXECUTE 'SELECT s.responses, EXISTS (SELECT FROM rs_kept.rollup) FROM rs_kept.summary s' INTO responses, rollup_rows;
	differ := 0;
	FOREACH report IN ARRAY ARRAY['summary', 'distribution', 'distribution_trend', 'trend', 'segment', 'segment_trend'] LOOP
		EXECUTE format('SELECT $1 + count(*) FROM ((TABLE rs_kept.%1$I EXCEPT ALL TABLE rs_plain.%1$I) UNION ALL (TABLE rs_plain.%1$I EXCEPT ALL TABLE rs_kept.%1$I)) AS d', report)
		INTO differ USING differ;
	END LOOP;
	-- 15 still names the rollup in the plan where nothing of it is read
	FOR tables, reports IN SELECT regexp_replace(s.tables, '^answer, rollup$', 'answer'), s.reports FROM served_by('rs_kept') s LOOP
		RETURN NEXT;
	END LOOP;
	PERFORM set_config('role', 'none', true);
END
$$;
SELECT * FROM seen('regress_nps_owner');
SELECT * FROM seen('regress_nps_all');
SELECT * FROM seen('regress_nps_columns');

-- row security, enabled afterwards: only their rows, in all five reports
SET ROLE regress_nps_owner;
CREATE POLICY own_rows ON answer USING (tenant = current_user);
ALTER TABLE answer ENABLE ROW LEVEL SECURITY;
RESET ROLE;
SELECT * FROM seen('regress_nps_owner');
SELECT * FROM seen('regress_nps_all');
SELECT * FROM seen('regress_nps_rows');
SELECT * FROM seen('regress_nps_columns');
SELECT * FROM seen('regress_nps_bypass');
SELECT count(*) AS rows_of_that_reader FROM answer WHERE tenant = 'regress_nps_rows' AND score BETWEEN 0 AND 10;
-- a role that does not see all rows can neither verify nor compute
SET ROLE regress_nps_rows;
SELECT * FROM nps_verify('rs_kept');
RESET ROLE;
-- a writer under row security is counted all the same
CREATE POLICY write_rows ON answer FOR INSERT TO regress_nps_writer WITH CHECK (true);
SET ROLE regress_nps_writer;
INSERT INTO answer (id, score, at, plan, tenant) VALUES (1010, 9, '2026-05-01', 'pro', 'regress_nps_rows');
RESET ROLE;
SELECT * FROM differences('rs_kept', 'rs_plain');

-- forced: for the owner too; a role that bypasses row security reads the rollup
ALTER TABLE answer FORCE ROW LEVEL SECURITY;
SELECT tables, reports, responses, differ FROM seen('regress_nps_owner');
SELECT * FROM seen('regress_nps_bypass');
SET ROLE regress_nps_owner;
SELECT * FROM nps_verify('rs_kept');
CALL nps_materialize('rs_kept', rebuild => true);
RESET ROLE;
SELECT served_by('rs_kept');
SELECT * FROM differences('rs_kept', 'rs_plain', false);
ALTER TABLE answer NO FORCE ROW LEVEL SECURITY;

-- row_security = off: all rows or an error, never anything else
SET row_security = off;
SELECT responses = (SELECT responses FROM rs_plain.summary) AS all_rows FROM rs_kept.summary;
SET ROLE regress_nps_rows;
SELECT responses FROM rs_kept.summary;
SELECT count(*) FROM rs_kept.rollup;
RESET ROLE;
RESET row_security;

-- a member of the owner's role reads the rollup; not after leaving it
GRANT regress_nps_owner TO regress_nps_rows;
SELECT * FROM seen('regress_nps_rows');
REVOKE regress_nps_owner FROM regress_nps_rows;
SELECT * FROM seen('regress_nps_rows');

--
-- No rollup if row security hides rows of the source from the owner, who would see them counted in it.
--

SET ROLE regress_nps_owner;
CREATE TABLE own_rows_only AS SELECT id, score, at, plan, tenant FROM answer;
CREATE POLICY own_rows ON own_rows_only USING (tenant = current_user);
SELECT count(*) > 0 AS attached FROM nps_attach('own_rows_only', 'score', 'rs_own', response_id => 'id', responded_at => 'at', segments => ARRAY['plan'], time_zone => 'UTC');
CALL nps_materialize('rs_own');
ALTER TABLE own_rows_only ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
SELECT severity, finding, detail, fix FROM nps_check('rs_own') WHERE finding ~ 'counts';
SELECT count(*) > 0 AS attached FROM nps_refresh_views('rs_own');
SELECT to_regclass('rs_own.rollup') IS NULL AS gone;
CALL nps_materialize('rs_own');
SELECT to_regclass('rs_own.rollup') IS NULL AS gone, (SELECT count(*) FROM pg_trigger WHERE tgrelid = 'own_rows_only'::regclass AND NOT tgisinternal) AS triggers;
SELECT count(*) FROM nps_check('rs_own') WHERE finding ~ 'counts|rollup';
RESET ROLE;
DROP SCHEMA rs_own CASCADE;

--
-- A cached plan serves only the role it was made for.
--

SET plan_cache_mode = force_generic_plan;
PREPARE report AS SELECT responses FROM rs_kept.summary;
PREPARE cells AS SELECT count(*) > 0 AS cells FROM rs_kept.rollup;
PREPARE segments AS SELECT sum(responses) AS responses FROM rs_kept.segment;
SET ROLE regress_nps_bypass;
EXECUTE report;
EXECUTE cells;
EXECUTE segments;
SET ROLE regress_nps_rows;
EXECUTE report;
EXECUTE cells;
EXECUTE segments;
SET ROLE regress_nps_bypass;
EXECUTE report;
EXECUTE cells;
EXECUTE segments;
SET ROLE regress_nps_writer;
EXECUTE report;
EXECUTE cells;
EXECUTE segments;
RESET ROLE;
EXECUTE report;
SET ROLE regress_nps_rows;
EXECUTE report;
RESET ROLE;
DEALLOCATE ALL;

-- nor the same role after a change of its privileges: at each change, a report and the cells
ALTER TABLE answer DISABLE ROW LEVEL SECURITY;
SET ROLE regress_nps_rows;
PREPARE report AS SELECT responses FROM rs_kept.summary;
PREPARE cells AS SELECT count(*) > 0 AS cells FROM rs_kept.rollup;
EXECUTE report;
EXECUTE cells;
RESET ROLE;
ALTER TABLE answer ENABLE ROW LEVEL SECURITY;
SET ROLE regress_nps_rows;
EXECUTE report;
EXECUTE cells;
RESET ROLE;
ALTER TABLE answer DISABLE ROW LEVEL SECURITY;
SET ROLE regress_nps_rows;
EXECUTE report;
EXECUTE cells;
RESET ROLE;
REVOKE SELECT ON answer FROM regress_nps_rows;
SET ROLE regress_nps_rows;
EXECUTE report;
EXECUTE cells;
RESET ROLE;
GRANT SELECT (id, score, at, words, plan) ON answer TO regress_nps_rows;
SET ROLE regress_nps_rows;
EXECUTE report;
EXECUTE cells;
RESET ROLE;
GRANT SELECT ON answer TO regress_nps_rows;
SET ROLE regress_nps_rows;
EXECUTE report;
EXECUTE cells;
SET row_security = off;
EXECUTE report;
RESET row_security;
RESET ROLE;
DEALLOCATE ALL;

-- a disabled trigger makes the plan read the source
PREPARE report AS SELECT responses FROM rs_kept.summary;
EXECUTE report \gset was_
ALTER TABLE answer DISABLE TRIGGER nps_rollup_insert_rs_kept;
INSERT INTO answer (id, score, at) VALUES (1020, 5, '2026-05-01');
EXECUTE report \gset is_
SELECT :is_responses - :was_responses AS one_more;
DELETE FROM answer WHERE id = 1020;
ALTER TABLE answer ENABLE TRIGGER nps_rollup_insert_rs_kept;
EXECUTE report \gset is_
SELECT :is_responses - :was_responses AS none_more;
DEALLOCATE ALL;
CALL nps_materialize('rs_kept', rebuild => true);

--
-- Functions and views of others on top: functions that run as their owner see
-- what the owner sees, and the reports below a view what the reader sees.
--

ALTER TABLE answer ENABLE ROW LEVEL SECURITY;
CREATE FUNCTION responses_as_owner() RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER AS 'SELECT responses FROM rs_kept.summary';
ALTER FUNCTION responses_as_owner() OWNER TO regress_nps_owner;
CREATE FUNCTION responses_as_caller() RETURNS bigint LANGUAGE plpgsql AS $$BEGIN RETURN (SELECT responses FROM rs_kept.summary); END$$;
CREATE VIEW view_of_owner AS SELECT responses FROM rs_kept.summary;
ALTER VIEW view_of_owner OWNER TO regress_nps_owner;
GRANT SELECT ON view_of_owner TO PUBLIC;
SELECT responses AS all_of_them, responses_as_owner() AS the_same FROM rs_plain.summary;
SET ROLE regress_nps_bypass;
SELECT responses_as_caller(), responses_as_owner(), (SELECT responses FROM view_of_owner) AS view_of_owner;
SET ROLE regress_nps_rows;
SELECT responses_as_caller(), responses_as_owner(), (SELECT responses FROM view_of_owner) AS view_of_owner;
SET ROLE regress_nps_bypass;
SELECT responses_as_caller(), responses_as_owner(), (SELECT responses FROM view_of_owner) AS view_of_owner;
SET ROLE regress_nps_writer;
SELECT responses_as_owner();
SELECT responses_as_caller();
SELECT responses FROM view_of_owner;
RESET ROLE;
RESET plan_cache_mode;
ALTER TABLE answer DISABLE ROW LEVEL SECURITY;
DROP FUNCTION responses_as_owner, responses_as_caller;
DROP VIEW view_of_owner;

-- a role that may read single reports can still read them
SET ROLE regress_nps_owner;
SELECT count(*) > 0 AS attached FROM nps_attach('answer', 'score', 'rs_single', responded_at => 'at', segments => ARRAY['plan']);
GRANT USAGE ON SCHEMA rs_single TO regress_nps_all;
GRANT SELECT ON rs_single.trend, rs_single.segment, rs_single.counted, rs_single.answer, rs_single.survey TO regress_nps_all;
SET ROLE regress_nps_all;
SELECT count(*) > 0 AS periods FROM rs_single.trend;
RESET ROLE;
CALL nps_materialize('rs_single');
SET ROLE regress_nps_all;
SELECT count(*) > 0 AS periods FROM rs_single.trend;
SELECT count(*) > 0 AS segments FROM rs_single.segment;
SELECT count(*) FROM rs_single.summary;
RESET ROLE;
SELECT nps_detach('rs_single');

--
-- A stranger's trigger on their own table, with somebody else's rollup:
-- refused, and nothing is written.
--

SELECT 'rs_kept.rollup'::regclass::oid AS rollup \gset
CREATE TABLE before AS SELECT * FROM rs_kept.rollup;
CREATE SCHEMA rs_evil AUTHORIZATION regress_nps_stranger;
SET ROLE regress_nps_stranger;
CREATE TABLE rs_evil.mine (id integer PRIMARY KEY, score integer, at timestamptz, words text, plan text, tenant name, secret text);
CREATE TRIGGER a AFTER INSERT ON rs_evil.mine REFERENCING NEW TABLE AS added FOR EACH STATEMENT WHEN ('rs_kept.rollup'::regclass IS NOT NULL) EXECUTE FUNCTION nps_keep_rollup('UTC', 'nps');
CREATE TRIGGER a AFTER INSERT ON rs_evil.mine REFERENCING NEW TABLE AS added FOR EACH STATEMENT WHEN (:rollup::regclass IS NOT NULL) EXECUTE FUNCTION nps_keep_rollup('UTC', 'nps');
CREATE TRIGGER b AFTER TRUNCATE ON rs_evil.mine FOR EACH STATEMENT WHEN (:rollup::regclass IS NOT NULL) EXECUTE FUNCTION nps_keep_rollup('UTC', 'nps');
INSERT INTO rs_evil.mine VALUES (1, 10, now(), '', 'mine');
TRUNCATE rs_evil.mine;
DROP TRIGGER a ON rs_evil.mine;
DROP TRIGGER b ON rs_evil.mine;

-- called in other ways: it counts nothing, and only what cannot be a trigger of ours at all is an error
CREATE FUNCTION rs_evil.try(statement text, what text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	BEGIN
		EXECUTE statement;
		EXECUTE what;
		RAISE EXCEPTION 'went through';
	EXCEPTION WHEN OTHERS THEN
		RETURN sqlerrm;
	END;
END
$$;
CREATE VIEW rs_evil.view AS SELECT * FROM rs_evil.mine;
SELECT nps_keep_rollup();
SELECT how, rs_evil.try(format('CREATE TRIGGER a %s EXECUTE FUNCTION nps_keep_rollup(''UTC'', ''nps'')', statement), coalesce(what, 'INSERT INTO rs_evil.mine VALUES (1, 10, now(), '''', ''mine'')'))
FROM (VALUES
	('row', 'AFTER INSERT ON rs_evil.mine FOR EACH ROW', NULL),
	('row with WHEN', format('AFTER INSERT ON rs_evil.mine FOR EACH ROW WHEN (%s::regclass IS NOT NULL)', :rollup), NULL),
	('before', 'BEFORE INSERT ON rs_evil.mine FOR EACH STATEMENT', NULL),
	('before row', 'BEFORE INSERT ON rs_evil.mine FOR EACH ROW', NULL),
	('view', 'INSTEAD OF INSERT ON rs_evil.view FOR EACH ROW', 'INSERT INTO rs_evil.view VALUES (1)'),
	('no WHEN', 'AFTER INSERT ON rs_evil.mine REFERENCING NEW TABLE AS added FOR EACH STATEMENT', NULL),
	('WHEN true', 'AFTER INSERT ON rs_evil.mine REFERENCING NEW TABLE AS added FOR EACH STATEMENT WHEN (true)', NULL),
	('WHEN text', 'AFTER INSERT ON rs_evil.mine FOR EACH STATEMENT WHEN (''rs_kept.rollup''::text IS NOT NULL)', NULL),
	('WHEN current_user', 'AFTER INSERT ON rs_evil.mine FOR EACH STATEMENT WHEN (current_user IS NOT NULL)', NULL),
	('WHEN of no relation', 'AFTER INSERT ON rs_evil.mine FOR EACH STATEMENT WHEN (0::regclass IS NOT NULL)', NULL),
	('WHEN of no relation', 'AFTER INSERT ON rs_evil.mine FOR EACH STATEMENT WHEN (4294967295::regclass IS NOT NULL)', NULL),
	('WHEN of own table', 'AFTER INSERT ON rs_evil.mine FOR EACH STATEMENT WHEN (''rs_evil.mine''::regclass IS NOT NULL)', NULL),
	('WHEN of an index', 'AFTER INSERT ON rs_evil.mine FOR EACH STATEMENT WHEN (''rs_evil.mine_pkey''::regclass IS NOT NULL)', NULL),
	('WHEN of a catalog', 'AFTER INSERT ON rs_evil.mine FOR EACH STATEMENT WHEN (''pg_class''::regclass IS NOT NULL)', NULL),
	('event trigger', 'ON ddl_command_end', NULL)) AS t(how, statement, what);
-- a partitioned table of one's own, or one that looks as if it were a partition
CREATE TABLE rs_evil.parts (LIKE rs_evil.mine) PARTITION BY LIST (plan);
CREATE TABLE rs_evil.parts_1 PARTITION OF rs_evil.parts DEFAULT;
SELECT how, rs_evil.try(format('CREATE TRIGGER a %s WHEN (%s::regclass IS NOT NULL) EXECUTE FUNCTION nps_keep_rollup(''UTC'', ''nps'')', statement, :rollup),
	format('INSERT INTO rs_evil.%s VALUES (1, 10, now(), '''', ''mine'')', into_table))
FROM (VALUES
	('row', 'AFTER INSERT OR UPDATE OR DELETE ON rs_evil.parts FOR EACH ROW', 'parts'),
	('row, by the partition', 'AFTER INSERT OR UPDATE OR DELETE ON rs_evil.parts FOR EACH ROW', 'parts_1'),
	('row of the partition', 'AFTER INSERT OR UPDATE OR DELETE ON rs_evil.parts_1 FOR EACH ROW', 'parts_1'),
	('before', 'BEFORE INSERT OR UPDATE OR DELETE ON rs_evil.parts FOR EACH STATEMENT', 'parts'),
	('after', 'AFTER INSERT OR UPDATE OR DELETE ON rs_evil.parts FOR EACH STATEMENT', 'parts'),
	('before, of the partition', 'BEFORE INSERT OR UPDATE OR DELETE ON rs_evil.parts_1 FOR EACH STATEMENT', 'parts_1')) AS t(how, statement, into_table);
CREATE EVENT TRIGGER regress_nps_evil ON ddl_command_end EXECUTE FUNCTION nps_keep_rollup();

-- a schema that looks like that of a survey on somebody else's table: nothing is written
GRANT USAGE ON SCHEMA rs_evil TO PUBLIC;
CREATE TABLE rs_evil.rollup (day date, added bigint[], removed bigint[], unanswered bigint, rejected bigint, with_comment bigint, answered bigint);
CREATE FUNCTION rs_evil.spy(anyelement) RETURNS anyelement IMMUTABLE LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'ran as %', current_user; END$$;
CREATE VIEW rs_evil.answer AS SELECT rs_evil.spy(score) AS score, 'x'::text AS rejection, words AS comment, at AS responded_at, NULL::timestamptz AS asked_at FROM rollup_security.answer;
SELECT nps_rollup_trouble('rs_evil.rollup', false);
CREATE TRIGGER evil AFTER INSERT ON rollup_security.answer REFERENCING NEW TABLE AS added FOR EACH STATEMENT WHEN ('rs_evil.rollup'::regclass IS NOT NULL) EXECUTE FUNCTION nps_keep_rollup('UTC', 'nps');
RESET ROLE;
-- not even where the stranger may put triggers on it
CREATE TRIGGER evil AFTER INSERT ON answer REFERENCING NEW TABLE AS added FOR EACH STATEMENT WHEN ('rs_evil.rollup'::regclass IS NOT NULL) EXECUTE FUNCTION nps_keep_rollup('UTC', 'nps');
SET ROLE regress_nps_writer;
INSERT INTO answer (id, score, at) VALUES (1030, 5, '2026-05-01');
RESET ROLE;
SELECT count(*) FROM rs_evil.rollup;
SELECT * FROM differences('rs_kept', 'rs_plain');
DROP TRIGGER evil ON answer;
DELETE FROM answer WHERE id = 1030;
-- none of this is in the rollup
SELECT count(*) AS changed FROM ((TABLE before EXCEPT ALL TABLE rs_kept.rollup) UNION ALL (TABLE rs_kept.rollup EXCEPT ALL TABLE before)) d WHERE d.day <> '2026-05-01';
DROP TABLE before;

-- wrong arguments, or a trigger without the rows: it does not maintain the rollup, and the source is written
CREATE FUNCTION with_trigger(definition text, VARIADIC arguments text[]) RETURNS TABLE (trouble text, served text) LANGUAGE plpgsql AS $$
BEGIN
	DROP TRIGGER nps_rollup_insert_rs_kept ON answer;
	EXECUTE format('CREATE TRIGGER nps_rollup_insert_rs_kept %s EXECUTE FUNCTION nps_keep_rollup(%s)', definition, (SELECT string_agg(quote_literal(a), ', ') FROM unnest(arguments) a));
	SET LOCAL client_min_messages = error;
	INSERT INTO answer (id, score, at) VALUES (1040, 5, '2026-05-01');
	trouble := nps_rollup_trouble('rs_kept.rollup');
	served := (SELECT string_agg(s::text, ' ') FROM served_by('rs_kept') s);
	RETURN NEXT;
END
$$;
\set good 'AFTER INSERT ON answer REFERENCING NEW TABLE AS added FOR EACH STATEMENT WHEN (''rs_kept.rollup''::regclass IS NOT NULL)'
-- made again, with the same definition: it may have missed something
BEGIN; SELECT * FROM with_trigger(:'good', 'Europe/Berlin', 'nps'); ROLLBACK;
BEGIN; SELECT * FROM with_trigger(:'good', 'Nowhere/Land', 'nps'); ROLLBACK;
BEGIN; SELECT * FROM with_trigger(:'good', 'Europe/Berlin', 'stars'); ROLLBACK;
BEGIN; SELECT * FROM with_trigger(:'good', 'Europe/Berlin'); ROLLBACK;
BEGIN; SELECT * FROM with_trigger(:'good', 'Europe/Berlin', 'nps', 'more'); ROLLBACK;
BEGIN; SELECT * FROM with_trigger(:'good', '', ''); ROLLBACK;
BEGIN; SELECT * FROM with_trigger('AFTER INSERT ON answer FOR EACH STATEMENT WHEN (''rs_kept.rollup''::regclass IS NOT NULL)', 'Europe/Berlin', 'nps'); ROLLBACK;
BEGIN; SELECT * FROM with_trigger('AFTER INSERT ON answer REFERENCING NEW TABLE AS added FOR EACH STATEMENT WHEN (''rs_kept.rollup''::regclass IS NULL)', 'Europe/Berlin', 'nps'); ROLLBACK;
BEGIN; SELECT * FROM with_trigger('AFTER INSERT OR TRUNCATE ON answer FOR EACH STATEMENT WHEN (''rs_kept.rollup''::regclass IS NOT NULL)', 'Europe/Berlin', 'nps'); ROLLBACK;
-- counted twice: detected
BEGIN;
CREATE TRIGGER twice AFTER INSERT ON answer REFERENCING NEW TABLE AS added FOR EACH STATEMENT WHEN ('rs_kept.rollup'::regclass IS NOT NULL) EXECUTE FUNCTION nps_keep_rollup('Asia/Tokyo', 'nps');
SET LOCAL client_min_messages = error;
INSERT INTO answer (id, score, at) VALUES (1040, 5, '2026-05-01');
SELECT nps_rollup_trouble('rs_kept.rollup') IS NOT NULL AS noticed;
SELECT report FROM differences('rs_kept', 'rs_plain') WHERE report <> 'nps_verify';
ROLLBACK;

--
-- The expressions are computed as the owner, as when a materialized view is refreshed.
--

CREATE FUNCTION says(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$BEGIN RETURN $1 || ' by ' || current_user; END$$;
CREATE FUNCTION divides(integer) RETURNS text IMMUTABLE LANGUAGE sql SET work_mem = '1MB' AS 'SELECT (10 / $1)::text';
ALTER FUNCTION says(text) OWNER TO regress_nps_owner;
ALTER FUNCTION divides(integer) OWNER TO regress_nps_owner;
SET ROLE regress_nps_owner;
CREATE TABLE speech (id integer PRIMARY KEY, score integer, plan text);
GRANT INSERT, DELETE ON speech TO regress_nps_writer, regress_nps_all;
GRANT SELECT ON speech TO regress_nps_all;
SELECT count(*) > 0 AS attached FROM nps_attach('speech', 'score', 'rs_speech', segments => ARRAY['says(plan) AS said']);
RESET ROLE;
CALL nps_materialize('rs_speech');
SET ROLE regress_nps_writer;
INSERT INTO speech VALUES (1, 10, 'one');
SET ROLE regress_nps_all;
INSERT INTO speech VALUES (2, 10, 'two');
RESET ROLE;
SELECT said, sum(nps_responses(added::nps_tally)) AS answers FROM rs_speech.rollup GROUP BY 1 ORDER BY 1;
-- a writer needs no privilege to call the function
REVOKE EXECUTE ON FUNCTION says(text) FROM PUBLIC;
SET ROLE regress_nps_writer;
INSERT INTO speech VALUES (3, 10, 'three');
RESET ROLE;
SELECT count(*) FROM speech;
-- a reader does, as their query calls it
GRANT USAGE ON SCHEMA rs_speech TO regress_nps_all;
GRANT SELECT ON ALL TABLES IN SCHEMA rs_speech TO regress_nps_all;
SET ROLE regress_nps_all;
SELECT DISTINCT segment FROM rs_speech.segment;
RESET ROLE;
SELECT nps_detach('rs_speech');
-- an error in a function does not abort the statement: it is marked, and the mark goes with the statement
SET ROLE regress_nps_owner;
SELECT count(*) > 0 AS attached FROM nps_attach('speech', 'score', 'rs_speech', segments => ARRAY['divides(score) AS part']);
RESET ROLE;
CALL nps_materialize('rs_speech');
BEGIN;
INSERT INTO speech VALUES (11, 5, 'good');
SAVEPOINT a;
INSERT INTO speech VALUES (12, 0, 'bad');
ROLLBACK TO a;
INSERT INTO speech VALUES (13, 10, 'good');
COMMIT;
SELECT segment, value, responses FROM rs_speech.segment ORDER BY value;
SELECT * FROM nps_verify('rs_speech');
SELECT nps_detach('rs_speech');

--
-- Objects that are changed by hand: the source can always be written, and the reports
-- are those of the source.  A rebuild restores the former state.
--

CREATE FUNCTION after_change(statement text) RETURNS TABLE (served text, differ bigint) LANGUAGE plpgsql AS $$
BEGIN
	SET LOCAL client_min_messages = error;
	EXECUTE statement;
	INSERT INTO answer (id, score, at, plan) VALUES (1050, 5, '2026-05-01', 'new');
	UPDATE answer SET score = 6 WHERE id IN (1050, 20, 21);
	DELETE FROM answer WHERE id IN (30, 31);
	served := (SELECT string_agg(r, ', ') FROM reads('TABLE rs_kept.segment') r);
	differ := (SELECT count(*) FROM ((TABLE rs_kept.segment EXCEPT ALL TABLE rs_plain.segment) UNION ALL (TABLE rs_plain.segment EXCEPT ALL TABLE rs_kept.segment)) AS d);
	RETURN NEXT;
EXCEPTION WHEN SQLSTATE '39P01' THEN
	served := sqlerrm;	-- must not happen
	RETURN NEXT;
END
$$;
CREATE PROCEDURE restored(OUT served text, OUT differ bigint) LANGUAGE plpgsql AS $$
BEGIN
	CALL nps_materialize('rs_kept', rebuild => true);
	UPDATE answer SET score = 7 WHERE id IN (22, 23);
	served := (SELECT string_agg(s::text, ' ') FROM served_by('rs_kept') s);
	differ := (SELECT count(*) FROM differences('rs_kept', 'rs_plain') d);
	DELETE FROM answer WHERE id BETWEEN 1050 AND 1060;
END
$$;
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
BEGIN; SELECT * FROM after_change('SELECT 1'); ROLLBACK;
BEGIN; SELECT * FROM after_change('ALTER TABLE answer OWNER TO regress_nps_stranger'); ROLLBACK;
BEGIN; SELECT * FROM after_change('ALTER TABLE rs_kept.rollup OWNER TO regress_nps_stranger'); ROLLBACK;
BEGIN; SELECT * FROM after_change('ALTER VIEW rs_kept.answer OWNER TO regress_nps_stranger'); ROLLBACK;
BEGIN; SELECT * FROM after_change('ALTER SCHEMA rs_kept OWNER TO regress_nps_stranger'); ROLLBACK;
SELECT * FROM after_change('CREATE TRIGGER t AFTER INSERT ON rs_kept.rollup FOR EACH ROW EXECUTE FUNCTION nothing()'); CALL restored(NULL, NULL);
BEGIN; SELECT * FROM after_change('CREATE TRIGGER t BEFORE INSERT ON rs_kept.rollup FOR EACH ROW EXECUTE FUNCTION nothing()'); ROLLBACK;
BEGIN; SELECT * FROM after_change('CREATE RULE r AS ON INSERT TO rs_kept.rollup DO ALSO NOTHING'); ROLLBACK;
SELECT * FROM after_change('ALTER TABLE rs_kept.rollup ADD COLUMN more integer'); CALL restored(NULL, NULL);
BEGIN; SELECT * FROM after_change('ALTER TABLE rs_kept.rollup ADD CHECK (rejected = 0) NOT VALID'); ROLLBACK;
BEGIN; SELECT * FROM after_change('ALTER TABLE rs_kept.rollup ALTER day SET DEFAULT now()'); ROLLBACK;
BEGIN; SELECT * FROM after_change('ALTER TABLE rs_kept.rollup ALTER rejected SET NOT NULL'); ROLLBACK;
SELECT * FROM after_change('ALTER TABLE rs_kept.rollup RENAME plan TO plans'); CALL restored(NULL, NULL);
BEGIN; SELECT * FROM after_change('ALTER TABLE rs_kept.rollup RENAME rejected TO refused'); ROLLBACK;
BEGIN; SELECT * FROM after_change('ALTER TABLE rs_kept.rollup SET SCHEMA rollup_security'); ROLLBACK;
BEGIN; SELECT * FROM after_change('ALTER TABLE rs_kept.rollup SET UNLOGGED'); ROLLBACK;
SELECT * FROM after_change('ALTER TABLE answer SET UNLOGGED'); CALL restored(NULL, NULL); ALTER TABLE answer SET LOGGED; CALL restored(NULL, NULL);
BEGIN; SELECT * FROM after_change('CREATE TABLE heir () INHERITS (rs_kept.rollup); INSERT INTO heir SELECT * FROM rs_kept.rollup'); ROLLBACK;
BEGIN; SELECT * FROM after_change('CREATE TABLE heir () INHERITS (answer)'); ROLLBACK;
BEGIN; SELECT * FROM after_change('CREATE OR REPLACE VIEW rs_kept.answer AS SELECT (v.a).* FROM (SELECT a FROM rs_plain.answer a) v'); ROLLBACK;
BEGIN; SELECT * FROM after_change('ALTER VIEW rs_kept.answer RENAME TO reply'); ROLLBACK;
BEGIN; SELECT * FROM after_change('ALTER SCHEMA rs_kept RENAME TO rs_renamed; ALTER SCHEMA rs_renamed RENAME TO rs_kept'); ROLLBACK;
BEGIN; SELECT * FROM after_change('SELECT 1'); ROLLBACK;
-- an index; and the rollup serves again once it was made anew without the index
SELECT * FROM after_change('CREATE INDEX ON rs_kept.rollup (day)'); CALL restored(NULL, NULL);
BEGIN; SELECT * FROM after_change('SELECT 1'); ROLLBACK;
-- the views are gone, writes still work
BEGIN;
SET LOCAL client_min_messages = error;
DROP TABLE rs_kept.rollup CASCADE;
INSERT INTO answer (id, score) VALUES (1055, 5);
ROLLBACK;
BEGIN;
SET LOCAL client_min_messages = error;
DROP VIEW rs_kept.answer CASCADE;
INSERT INTO answer (id, score) VALUES (1056, 5);
SELECT count(*) AS written FROM answer WHERE id = 1056;
ROLLBACK;
-- dropping a column would take the views with it
BEGIN;
ALTER TABLE rs_kept.rollup DROP COLUMN plan;
ROLLBACK;
\set VERBOSITY terse
ALTER TABLE rs_kept.rollup ALTER COLUMN plan TYPE varchar;
\set VERBOSITY default
SET client_min_messages = error;
ALTER TABLE rs_kept.rollup DROP COLUMN plan CASCADE;
INSERT INTO answer (id, score) VALUES (1060, 5);
SELECT to_regclass('rs_kept.segment') AS gone;
SELECT count(*) > 0 AS made FROM nps_refresh_views('rs_kept');
CALL restored(NULL, NULL);
SET client_min_messages = warning;
-- its rows deleted by the owner: they are still there
SET ROLE regress_nps_owner;
DELETE FROM rs_kept.rollup WHERE day < '2026-02-01';
SELECT count(*) > 0 AS found FROM nps_verify('rs_kept');
RESET ROLE;
CALL restored(NULL, NULL);

-- a view answer that was renamed and is back is found again
BEGIN;
ALTER VIEW rs_kept.answer RENAME TO reply;
SET LOCAL client_min_messages = error;
SELECT nps_rollup_serves('rs_kept.rollup');
ALTER VIEW rs_kept.reply RENAME TO answer;
SELECT nps_rollup_trouble('rs_kept.rollup'), nps_rollup_serves('rs_kept.rollup');
INSERT INTO answer (id, score, at) VALUES (1071, 5, '2026-05-01');
SELECT * FROM differences('rs_kept', 'rs_plain');
ROLLBACK;
SELECT * FROM differences('rs_kept', 'rs_plain');

-- functions of the rollup, called with anything
SELECT relation, nps_rollup_trouble(relation), nps_rollup_serves(relation), nps_rollup_zone(relation), nps_rollup_mapping(relation) IS NULL AS no_mapping
FROM (VALUES ('answer'::regclass), ('answer_pkey'), ('rs_plain.answer'), ('rs_plain.survey'), ('pg_class'), (0::regclass), (4294967295::regclass)) AS r(relation);
SELECT nps_rollup_trouble(NULL), nps_rollup_serves(NULL), nps_rollup_zone(NULL), nps_rollup_mapping(NULL);

--
-- Everything is dropped: the source is written as before.
--

BEGIN;
SET LOCAL client_min_messages = error;
DROP SCHEMA rs_kept CASCADE;
INSERT INTO answer (id, score) VALUES (1080, 5);
SELECT count(*) AS triggers FROM pg_trigger WHERE tgrelid = 'answer'::regclass AND NOT tgisinternal;
ROLLBACK;
SELECT * FROM differences('rs_kept', 'rs_plain');
-- with the extension too
BEGIN;
SET LOCAL client_min_messages = error;
DROP EXTENSION nps CASCADE;
INSERT INTO answer (id, score, at) VALUES (1081, 5, '2026-05-01');
DELETE FROM answer WHERE id < 5;
SELECT count(*) AS triggers FROM pg_trigger WHERE tgrelid = 'answer'::regclass AND NOT tgisinternal;
CREATE EXTENSION nps SCHEMA public;
INSERT INTO answer (id, score, at) VALUES (1082, 5, '2026-05-01');
ROLLBACK;
SELECT * FROM differences('rs_kept', 'rs_plain');

SET client_min_messages = error;
DROP SCHEMA rs_kept, rs_plain, rs_evil, rollup_security CASCADE;
SELECT format('REVOKE ALL ON DATABASE %I FROM regress_nps_owner, regress_nps_stranger', current_database()) \gexec
DROP ROLE regress_nps_owner, regress_nps_writer, regress_nps_all, regress_nps_rows, regress_nps_columns, regress_nps_bypass, regress_nps_stranger;
