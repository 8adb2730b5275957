-- A write to the source never fails because of the mapping: what cannot be computed is
-- reported and marked, and the reports read the source until the rollup is rebuilt.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, MDY';
SET jit = off;
DROP ROLE IF EXISTS regress_nps_owner, regress_nps_writer;
CREATE ROLE regress_nps_owner;
CREATE ROLE regress_nps_writer;
CREATE SCHEMA rollup_attempt AUTHORIZATION regress_nps_owner;
GRANT USAGE ON SCHEMA rollup_attempt TO regress_nps_writer;
SELECT format('GRANT CREATE ON DATABASE %I TO regress_nps_owner', current_database()) \gexec
SET search_path = rollup_attempt, public;
SET ROLE regress_nps_owner;

--
-- Every kind of mapping, and every argument: a row that it cannot read is inserted,
-- updated and deleted, in a plain and in a partitioned table.
--

CREATE FUNCTION to_score(raw text) RETURNS integer IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN raw::integer; END';
CREATE FUNCTION raises(raw text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$BEGIN IF raw = 'bad' THEN RAISE EXCEPTION 'own words'; END IF; RETURN raw; END$$;
CREATE FUNCTION asserts(raw text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$BEGIN ASSERT raw <> 'bad', 'asserted'; RETURN raw; END$$;
CREATE FUNCTION deep(n integer) RETURNS integer IMMUTABLE LANGUAGE plpgsql AS $$BEGIN RETURN CASE WHEN n = 0 THEN 0 ELSE rollup_attempt.deep(n - 1) + 1 END; END$$;
CREATE FUNCTION two_rows(raw text) RETURNS text IMMUTABLE LANGUAGE sql AS $$SELECT (SELECT 'x' FROM generate_series(1, CASE raw WHEN 'bad' THEN 2 ELSE 1 END))$$;
CREATE DOMAIN word AS text CHECK (value <> 'bad');
CREATE TABLE tried (id integer, raw text, at text, x integer, y integer, words text, plan text, kind text);
CREATE TABLE tried_split (LIKE tried) PARTITION BY LIST (id);
CREATE TABLE tried_split_1 (plan text, words text, raw text, gone text, x integer, y integer, at text, kind text, id integer);
ALTER TABLE tried_split_1 DROP COLUMN gone;
ALTER TABLE tried_split ATTACH PARTITION tried_split_1 DEFAULT;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON tried, tried_split, tried_split_1 TO regress_nps_writer;
INSERT INTO tried SELECT i, i % 11, '2026-01-01', 1, 1, 'w', 'p', 'k' FROM generate_series(1, 20) i;
INSERT INTO tried_split SELECT * FROM tried;
CREATE FUNCTION told(survey text) RETURNS TABLE (marks bigint, trouble text, served boolean) LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format('SELECT count(*) FILTER (WHERE leaf IS NULL), min(trouble) FILTER (WHERE leaf IS NULL), nps_rollup_serves(''%1$I.rollup'') FROM %1$I.rollup_part', survey);
END
$$;
SELECT count(*) > 0 AS attached FROM unnest(ARRAY['tried', 'tried_split']) t, nps_attach(t, 'nullif(raw, '''')::integer', 'ra_' || t, response_id => 'id', loop_since => '-infinity',
	responded_at => 'make_date(substr(at, 1, 4)::integer, 1, 1)', comment => 'left(words, 10 / x)', filter => '10 / y > 0', time_zone => 'UTC',
	segments => ARRAY['raises(plan) AS plan', '(to_score(raw) + 1) AS mark', 'two_rows(kind) AS kind', '(words::word) AS word', '(deep(y * 5000 - 5000)) AS depth']);
CALL nps_materialize('ra_tried');
CALL nps_materialize('ra_tried_split');
-- written by a role that may write and do nothing else, with everything that is reported
CREATE FUNCTION write_bad(source text, change text) RETURNS TABLE (done text, mark text, served boolean) LANGUAGE plpgsql AS $$
BEGIN
	SET LOCAL client_min_messages = error;
	SET LOCAL ROLE regress_nps_writer;
	EXECUTE format('UPDATE %I SET %s WHERE id = 7', source, change);
	EXECUTE format('INSERT INTO %1$I SELECT * FROM %1$I WHERE id = 7', source);
	EXECUTE format('DELETE FROM %I WHERE id = 7', source);
	done := 'written';
	RESET ROLE;
	SELECT t.trouble, t.served INTO mark, write_bad.served FROM rollup_attempt.told('ra_' || source) t;
	RAISE SQLSTATE 'RB000';
EXCEPTION
	WHEN SQLSTATE 'RB000' THEN
		RETURN NEXT;
	WHEN OTHERS THEN
		done := SQLERRM;
		RETURN NEXT;
END
$$;
RESET ROLE;
SELECT t.source, v.change, w.* FROM (VALUES (1, 'tried'), (2, 'tried_split')) t(place, source),
	(VALUES (1, $$words = 'fine'$$), (2, $$raw = 'n/a'$$), (3, $$at = 'yesterday'$$), (4, $$x = 0$$), (5, $$y = 0$$), (6, $$plan = 'bad'$$), (7, $$kind = 'bad'$$),
		(8, $$words = 'bad'$$), (9, $$y = 2$$)) v(number, change),
	write_bad(source, change) w
ORDER BY t.place, v.number;
SET ROLE regress_nps_owner;
SELECT told.* FROM told('ra_tried');
-- a bad row that stays: reported, and cured
INSERT INTO tried VALUES (100, '5', '2026-01-01', 0, 1, 'w', 'p', 'k');
\set VERBOSITY terse
INSERT INTO tried_split VALUES (100, '5', '2026-01-01', 0, 1, 'w', 'p', 'k');
INSERT INTO tried_split_1 (id, raw, at, x, y, words, plan, kind) VALUES (101, 'n/a', '2026-01-01', 1, 1, 'w', 'p', 'k');
\set VERBOSITY default
SELECT severity, finding, detail, fix FROM nps_check('ra_tried') WHERE finding ~ 'rollup';
CALL nps_materialize('ra_tried', rebuild => true);
SET client_min_messages = error;
DELETE FROM tried WHERE id >= 100;
DELETE FROM tried_split WHERE id >= 100;
SET client_min_messages = warning;
SELECT responses FROM ra_tried.summary;
SELECT severity, finding, detail, fix FROM nps_check('ra_tried_split') WHERE finding ~ 'rollup';
SELECT fix FROM nps_check('ra_tried') WHERE finding ~ 'rollup' \gexec
CALL nps_materialize('ra_tried_split', rebuild => true);
SELECT a.served, b.served, (SELECT count(*) FROM nps_verify('ra_tried')), (SELECT count(*) FROM nps_verify('ra_tried_split')) FROM told('ra_tried') a, told('ra_tried_split') b;
-- many rows, of which one in the middle is bad
SET client_min_messages = error;
INSERT INTO tried_split SELECT i, CASE i WHEN 2500 THEN 'n/a' ELSE '5' END, '2026-01-01', 1, 1, 'w', 'p', 'k' FROM generate_series(1001, 4000) i;
DELETE FROM tried_split WHERE id > 1000;
CALL nps_materialize('ra_tried_split');
SET client_min_messages = warning;
SELECT b.served, (SELECT count(*) FROM nps_verify('ra_tried_split')) FROM told('ra_tried_split') b;
INSERT INTO tried_split SELECT i, i % 11, '2026-01-01', 1, 1, 'w', 'p', 'k' FROM generate_series(1001, 4000) i;
SELECT b.served, (SELECT count(*) FROM nps_verify('ra_tried_split')) FROM told('ra_tried_split') b;
SELECT nps_detach('ra_tried'), nps_detach('ra_tried_split');
-- anything that a function may raise
CREATE FUNCTION raises_any(code text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN
	CASE code
		WHEN 'p' THEN RETURN code;
		WHEN 'schema' THEN RETURN nowhere.to_be_found(code);
		WHEN 'long' THEN RETURN to_tsvector('simple', (SELECT string_agg(md5(i::text), ' ') FROM generate_series(1, 40000) i));
		WHEN 'own' THEN RAISE 'own code' USING ERRCODE = 'OWN01';
		WHEN 'state' THEN RAISE 'not now' USING ERRCODE = '55000';
		WHEN 'internal' THEN RAISE 'internal' USING ERRCODE = 'XX000';
		WHEN 'canceled' THEN RAISE 'canceled' USING ERRCODE = '57014';
		WHEN 'disk' THEN RAISE 'no room' USING ERRCODE = '53100';
		WHEN 'deadlock' THEN RAISE 'deadlock' USING ERRCODE = '40P01';
	END CASE;
END
$$;
SELECT count(*) > 0 AS attached FROM nps_attach('tried', 'x', 'ra_tried', response_id => 'id', loop_since => '-infinity', segments => ARRAY['raises_any(plan) AS plan']);
CALL nps_materialize('ra_tried');
CREATE FUNCTION raised(plan text) RETURNS TABLE (done text, mark text) LANGUAGE plpgsql AS $$
BEGIN
	SET LOCAL client_min_messages = error;
	INSERT INTO tried (id, x, plan) VALUES (1, 1, plan);
	done := 'written';
	SELECT t.trouble INTO mark FROM rollup_attempt.told('ra_tried') t;
	RAISE SQLSTATE 'RB000';
EXCEPTION
	WHEN SQLSTATE 'RB000' THEN
		RETURN NEXT;
	WHEN OTHERS OR query_canceled THEN
		done := sqlerrm;
		RETURN NEXT;
END
$$;
SELECT plan, r.* FROM unnest(ARRAY['no case', 'schema', 'long', 'own', 'state', 'internal', 'canceled', 'disk', 'deadlock']) plan, raised(plan) r;
SELECT nps_detach('ra_tried');
-- an error that is meant for the writer is raised: a cancellation, or a failed assertion
SELECT count(*) > 0 AS attached FROM nps_attach('tried', 'x', 'ra_tried', response_id => 'id', loop_since => '-infinity', segments => ARRAY['asserts(plan) AS plan']);
CALL nps_materialize('ra_tried');
INSERT INTO tried (id, x, plan) VALUES (1, 1, 'bad');
SELECT nps_detach('ra_tried');

--
-- The writer's identity, privileges and settings do not matter.
--

CREATE FUNCTION helper(word text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT upper($1)';
CREATE FUNCTION by_path(word text) RETURNS text IMMUTABLE LANGUAGE plpgsql SET search_path = rollup_attempt AS 'BEGIN RETURN helper(word); END';
CREATE TABLE written (id integer PRIMARY KEY, score integer, plan text, at timestamptz DEFAULT '2026-01-01');
GRANT SELECT, INSERT, UPDATE, DELETE ON written TO regress_nps_writer;
SELECT count(*) > 0 AS attached FROM nps_attach('written', 'score', 'ra_written', responded_at => 'at', segments => ARRAY['by_path(plan) AS plan'], time_zone => 'UTC');
CALL nps_materialize('ra_written');
REVOKE EXECUTE ON FUNCTION helper(text), by_path(text) FROM PUBLIC;
-- with other privileges the function is another version of itself: rebuilt, to be sure
SELECT * FROM told('ra_written');
CALL nps_materialize('ra_written', rebuild => true);
SET ROLE regress_nps_writer;
SET search_path = '';
SET DateStyle = 'SQL, DMY';
INSERT INTO rollup_attempt.written (id, score, plan) VALUES (1, 9, 'pro');
UPDATE rollup_attempt.written SET score = 10;
RESET DateStyle;
SET search_path = rollup_attempt, public;
SET ROLE regress_nps_owner;
SELECT * FROM told('ra_written');
SELECT value, nps FROM ra_written.segment;
-- hardened as guides recommend: nobody may call functions any more, so the owner cannot count, but everybody writes
RESET ROLE;
BEGIN;
SET LOCAL client_min_messages = error;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;
SET LOCAL client_min_messages = warning;
SET ROLE regress_nps_writer;
\set VERBOSITY terse
INSERT INTO written (id, score, plan) VALUES (2, 9, 'pro');
\set VERBOSITY default
RESET ROLE;
SELECT count(*) FROM written;
-- the grantor is told what the reader lacks
GRANT EXECUTE ON ALL ROUTINES IN SCHEMA public TO regress_nps_owner;
SET LOCAL client_min_messages = notice;
SET ROLE regress_nps_owner;
SELECT nps_grant('ra_written', 'regress_nps_writer') IS NOT NULL AS granted;
RESET ROLE;
SET LOCAL client_min_messages = warning;
GRANT EXECUTE ON ALL ROUTINES IN SCHEMA public TO regress_nps_writer;
SET ROLE regress_nps_owner;
GRANT EXECUTE ON FUNCTION helper(text), by_path(text) TO regress_nps_writer;
SET ROLE regress_nps_writer;
SELECT responses FROM ra_written.summary;
RESET ROLE;
ROLLBACK;

--
-- Marks: a transaction has its own, and they are rolled back with it; the others still count.
--

SET ROLE regress_nps_owner;
CREATE OR REPLACE FUNCTION by_path(word text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$BEGIN IF word = 'bad' THEN RAISE 'bad'; END IF; RETURN word; END$$;
CALL nps_materialize('ra_written', rebuild => true);
\set VERBOSITY terse
BEGIN;
INSERT INTO written (id, score, plan) VALUES (3, 9, 'bad');
SELECT * FROM told('ra_written');
ROLLBACK;
SELECT * FROM told('ra_written');
BEGIN;
SAVEPOINT one;
INSERT INTO written (id, score, plan) VALUES (3, 9, 'bad');
ROLLBACK TO one;
SELECT * FROM told('ra_written');
INSERT INTO written (id, score, plan) VALUES (4, 9, 'good');
SAVEPOINT two;
INSERT INTO written (id, score, plan) VALUES (5, 9, 'bad');
RELEASE two;
INSERT INTO written (id, score, plan) VALUES (6, 9, 'bad');
DELETE FROM written WHERE plan = 'bad';
COMMIT;
SELECT * FROM told('ra_written');
INSERT INTO written (id, score, plan) VALUES (7, 9, 'good');
SELECT plan, sum(nps_responses(added::nps_tally)) AS counted FROM ra_written.rollup WHERE plan = 'good' GROUP BY 1;
CALL nps_materialize('ra_written');
SELECT * FROM told('ra_written');
SELECT count(*) FROM nps_verify('ra_written');
-- A check of a domain writes to another source while the mapping is read, by a writer or by nps_check(): the type cache of
-- PostgreSQL 18 must not see a subtransaction end.
CREATE TABLE split (id integer, score integer, plan text) PARTITION BY LIST (plan);
CREATE TABLE split_a PARTITION OF split FOR VALUES IN ('a');
CREATE TABLE split_b PARTITION OF split FOR VALUES IN ('b');
INSERT INTO split SELECT i, i % 11, CASE WHEN i % 2 = 0 THEN 'a' ELSE 'b' END FROM generate_series(1, 20) i;
SELECT count(*) > 0 AS attached FROM nps_attach('split', 'score', 'ra_split', response_id => 'id', segments => '{plan}');
CALL nps_materialize('ra_split');
CREATE FUNCTION writes() RETURNS integer LANGUAGE plpgsql SET search_path = rollup_attempt AS $$
BEGIN
	IF current_setting('nps_test.writes', true) = 'truncate' THEN TRUNCATE split_a;
	ELSIF current_setting('nps_test.writes', true) = 'insert' THEN INSERT INTO split VALUES (777, 5, 'a'); END IF;
	RETURN 0;
END
$$;
CREATE FUNCTION constant(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE SET search_path = rollup_attempt AS $$DECLARE k integer; BEGIN k := writes(); RETURN 0; END$$;
CREATE DOMAIN checked AS integer CHECK (VALUE > constant(0) OR VALUE IS NULL);
CREATE TABLE third (id integer, score integer, plan text);
INSERT INTO third VALUES (1, 5, 'a'), (2, 9, 'b');
SELECT count(*) > 0 AS attached FROM nps_attach('third', '(score + 1 - 1)::rollup_attempt.checked::integer', 'ra_third', response_id => 'id', segments => '{plan}');
CALL nps_materialize('ra_third');
CREATE FUNCTION of_split(OUT exact boolean, OUT served boolean) LANGUAGE sql AS $$
	SELECT (SELECT string_agg(concat_ws(' ', value, responses), ',' ORDER BY value) FROM ra_split.segment) = (SELECT string_agg(concat_ws(' ', plan, n), ',' ORDER BY plan) FROM (SELECT plan, count(*) AS n FROM split GROUP BY plan) s),
		nps_rollup_serves('ra_split.rollup')
$$;
\c -
SET search_path = rollup_attempt, public;
SET client_min_messages = error;
SET ROLE regress_nps_owner;
SET nps_test.writes = 'truncate';
INSERT INTO third VALUES (5, 7, 'b');
RESET nps_test.writes;
SELECT * FROM of_split();
SELECT count(*) AS rows_of_a FROM split_a;
CALL nps_materialize('ra_split', rebuild => true);
\c -
SET search_path = rollup_attempt, public;
SET client_min_messages = error;
SET ROLE regress_nps_owner;
SET nps_test.writes = 'insert';
SELECT count(*) AS findings FROM nps_check('ra_third') WHERE finding ~ 'rollup';
RESET nps_test.writes;
SELECT count(*) > 0 AS arrived FROM split WHERE id = 777;
SELECT * FROM of_split();
DROP SCHEMA ra_split, ra_third CASCADE;
SET client_min_messages = warning;
-- nobody can have somebody else's rollup marked, by triggers on a table of their own
RESET ROLE;
CREATE SCHEMA ra_theirs AUTHORIZATION regress_nps_writer;
GRANT USAGE ON SCHEMA ra_written TO regress_nps_writer;
SET ROLE regress_nps_writer;
CREATE TABLE ra_theirs.mine (id integer);
CREATE TRIGGER a BEFORE INSERT OR UPDATE OR DELETE ON ra_theirs.mine FOR EACH STATEMENT WHEN ('ra_written.rollup'::regclass IS NOT NULL) EXECUTE FUNCTION nps_keep_rollup('UTC', 'nps');
CREATE TRIGGER b AFTER INSERT ON ra_theirs.mine REFERENCING NEW TABLE AS added FOR EACH STATEMENT WHEN ('ra_written.rollup'::regclass IS NOT NULL) EXECUTE FUNCTION nps_keep_rollup('UTC', 'nps');
CREATE TRIGGER c AFTER TRUNCATE ON ra_theirs.mine FOR EACH STATEMENT WHEN ('ra_written.rollup'::regclass IS NOT NULL) EXECUTE FUNCTION nps_keep_rollup('UTC', 'nps');
INSERT INTO ra_theirs.mine VALUES (1);
UPDATE ra_theirs.mine SET id = 2;
TRUNCATE ra_theirs.mine;
SET ROLE regress_nps_owner;
SELECT * FROM told('ra_written');
RESET ROLE;
SET client_min_messages = error;
DROP SCHEMA ra_written, ra_theirs, rollup_attempt CASCADE;
SELECT format('REVOKE CREATE ON DATABASE %I FROM regress_nps_owner', current_database()) \gexec
DROP ROLE regress_nps_owner, regress_nps_writer;
