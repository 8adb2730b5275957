-- A rollup and what few applications do: triggers that write while the source is
-- emptied, or in another session_replication_role; rows that do not fit; expressions
-- that the server takes for immutable.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET jit = off;
CREATE SCHEMA rollup_unusual;
SET search_path = rollup_unusual, public;
CREATE TABLE whole (id integer, score integer, at timestamptz, plan text);
CREATE TABLE split (LIKE whole) PARTITION BY RANGE (id);
CREATE TABLE split_1 PARTITION OF split FOR VALUES FROM (0) TO (50);
CREATE TABLE split_2 PARTITION OF split FOR VALUES FROM (50) TO (200);
INSERT INTO whole SELECT i, i % 11, '2026-01-01'::timestamptz + i * interval '5 hours', 'p' || i % 3 FROM generate_series(1, 100) i;
INSERT INTO split SELECT * FROM whole;
SELECT count(*) > 0 AS attached FROM unnest(ARRAY['whole', 'split']) t, nps_attach(t, 'score', 'ru_' || t, response_id => 'id', responded_at => 'at', segments => '{plan}', time_zone => 'UTC');
CALL nps_materialize('ru_whole');
CALL nps_materialize('ru_split');
-- look(): whether a report is what a query says, whether the rollup is used, and why not
CREATE FUNCTION look(source text, OUT exact boolean, OUT served boolean, OUT why text) LANGUAGE plpgsql AS $$
DECLARE
	mine text;
	theirs text;
BEGIN
	EXECUTE format('SELECT string_agg(concat_ws('' '', value, responses, nps), '','' ORDER BY value) FROM ru_%s.segment', source) INTO mine;
	EXECUTE format('SELECT string_agg(concat_ws('' '', plan, n, nps), '','' ORDER BY plan) FROM (SELECT plan, count(*) AS n, nps_score(score) AS nps FROM %I GROUP BY plan) s', source) INTO theirs;
	exact := mine IS NOT DISTINCT FROM theirs;
	served := nps_rollup_serves(format('ru_%s.rollup', source)::regclass);
	SELECT detail INTO why FROM nps_check('ru_' || source) c WHERE c.finding ~ 'rollup is not|partitions are not';
END
$$;
-- cure(): what nps_check() says is run, and cures
CREATE FUNCTION cure(source text) RETURNS TABLE (fix text) LANGUAGE sql AS $$
SELECT c.fix FROM nps_check('ru_' || source) c WHERE c.finding ~ 'rollup is not|partitions are not'
$$;

--
-- A trigger of the application writes to the source while that is being emptied: before ours, or after it.
--

CREATE FUNCTION seed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('INSERT INTO rollup_unusual.%I VALUES (1, 10, ''2026-02-01'', ''seed'')', tg_argv[0]);
	RETURN NULL;
END
$$;
CREATE TABLE other (id integer);
CREATE TRIGGER a AFTER TRUNCATE ON whole EXECUTE FUNCTION seed('whole');
TRUNCATE whole;
SELECT * FROM look('whole');
SELECT * FROM cure('whole') \gexec
SELECT * FROM look('whole');
DROP TRIGGER a ON whole;
CREATE TRIGGER z AFTER TRUNCATE ON whole EXECUTE FUNCTION seed('whole');
TRUNCATE whole;
SELECT * FROM look('whole');
DROP TRIGGER z ON whole;
CREATE TRIGGER a AFTER TRUNCATE ON other EXECUTE FUNCTION seed('whole');
TRUNCATE other, whole;
SELECT * FROM look('whole');
CALL nps_materialize('ru_whole');
TRUNCATE whole, other;
SELECT * FROM look('whole');
DROP TABLE other;
CALL nps_materialize('ru_whole');
CREATE TRIGGER a AFTER TRUNCATE ON split EXECUTE FUNCTION seed('split');
TRUNCATE split;
SELECT * FROM look('split');
SELECT * FROM cure('split') \gexec
SELECT * FROM look('split');
DROP TRIGGER a ON split;
CREATE TRIGGER z AFTER TRUNCATE ON split EXECUTE FUNCTION seed('split');
TRUNCATE split;
SELECT * FROM look('split');
SELECT responses FROM ru_split.summary;
SELECT * FROM cure('split') \gexec
SELECT * FROM look('split');
DROP TRIGGER z ON split;
CREATE TRIGGER a AFTER TRUNCATE ON split_1 EXECUTE FUNCTION seed('split');
TRUNCATE split_1;
SELECT * FROM look('split');
SELECT count(*) FROM nps_compact('ru_split');
SELECT * FROM look('split');
DROP TRIGGER a ON split_1;
TRUNCATE split_1;
SELECT * FROM look('split');

--
-- A trigger of the application writes to the source with session_replication_role = replica, as some do to keep
-- triggers from being called again; and a statement that sets it itself.
--

CREATE FUNCTION write_quietly() RETURNS trigger LANGUAGE plpgsql SET session_replication_role = replica AS $$
BEGIN
	EXECUTE format('INSERT INTO rollup_unusual.%I VALUES (%s, 3, ''2026-02-01'', ''quiet'')', tg_argv[0], new.id + 20);
	RETURN NULL;
END
$$;
CREATE TRIGGER a AFTER INSERT ON whole FOR EACH ROW EXECUTE FUNCTION write_quietly('whole');
CREATE TRIGGER a AFTER INSERT ON split FOR EACH ROW EXECUTE FUNCTION write_quietly('split');
INSERT INTO whole VALUES (100, 9, '2026-02-01', 'loud'), (101, 9, '2026-02-01', 'loud');
INSERT INTO split VALUES (100, 9, '2026-02-01', 'loud'), (101, 9, '2026-02-01', 'loud');
SELECT s AS source, look.* FROM unnest(ARRAY['whole', 'split']) s, look(s);
DROP TRIGGER a ON whole;
DROP TRIGGER a ON split;
SELECT * FROM cure('whole') \gexec
SELECT * FROM look('whole');
CREATE FUNCTION becomes(role text) RETURNS integer LANGUAGE plpgsql AS $$BEGIN PERFORM set_config('session_replication_role', role, false); RETURN 5; END$$;
-- with more cells than are kept in memory
INSERT INTO whole SELECT i, becomes(CASE WHEN i < 20000 THEN 'replica' ELSE 'origin' END), '2026-02-01', i FROM generate_series(1, 20001) i;
RESET session_replication_role;
SELECT * FROM look('whole');
DELETE FROM whole WHERE id > 100;
CALL nps_materialize('ru_whole');
SELECT * FROM look('whole');

--
-- Rows of the rollup that would not fit.
--

ALTER TABLE ru_whole.rollup ALTER plan SET STORAGE plain;
INSERT INTO whole SELECT 1, 5, '2026-02-03', string_agg(md5(i::text), '') FROM generate_series(1, 1000) i;
SELECT * FROM look('whole');
SELECT * FROM cure('whole') \gexec
SELECT * FROM look('whole');
CREATE TABLE documents (id integer, score integer, words jsonb);
SELECT count(*) > 0 AS attached FROM (SELECT array_agg(format('(words->>%L) AS w%s', i, i)) AS segments FROM generate_series(1, 301) i) s, nps_attach('documents', 'score', 'ru_documents', response_id => 'id', segments => segments);
CALL nps_materialize('ru_documents');
SELECT nps_detach('ru_documents');

--
-- What the server takes for immutable, and depends on settings.
--

CREATE TABLE stay (id integer, score integer, joined timestamptz, at timestamptz, weight float8, words text, document jsonb);
CREATE TABLE segment (name text, expression text, since integer, varies boolean);
INSERT INTO segment VALUES
	('tenure', $$CASE WHEN age(at, joined) < interval '1 month' THEN 'new' ELSE 'old' END$$, 15, true),
	('ident', 'quote_ident(words)', 15, true),
	('xml_time', 'xmlserialize(content xmlelement(name j, joined) AS text)', 15, true),
	('xml_number', 'xmlserialize(content xmlforest(weight AS w) AS text)', 15, true),
	('json_number', 'json_array(weight) ->> 0', 16, true),
	('json_time', $$json_value(document, '$.at' RETURNING timestamptz)$$, 17, true),
	('json_day', $$json_value(document, '$.at' RETURNING date)$$, 17, true),
	('literal', 'quote_literal(words)', 15, false),
	('span', $$at - joined < interval '30 days'$$, 15, false),
	('xml_text', 'xmlserialize(content xmlelement(name w, words, id) AS text)', 15, false),
	('json_text', 'json_array(id, words) ->> 0', 16, false),
	('json_word', $$json_value(document, '$.t')$$, 17, false),
	('json_whole', $$json_value(document, '$.n' RETURNING integer)$$, 17, false);
-- not those that this server was built without
DO $$
BEGIN
	PERFORM xmlelement(name a);
EXCEPTION WHEN feature_not_supported THEN
	DELETE FROM segment WHERE name LIKE 'xml%';
END
$$;
SET client_min_messages = error;
SELECT count(*) > 0 AS attached FROM nps_attach('stay', 'score', 'ru_stay', response_id => 'id', responded_at => 'at', time_zone => 'UTC', segments => ARRAY(
	SELECT format('(%s) AS %I', expression, name) FROM segment WHERE since <= current_setting('server_version_num')::integer / 10000));
-- those that the version does not have are none that are taken for what they are not
SELECT s.name FROM segment s, LATERAL nps_mapping_varies('ru_stay.answer', s.name) v
WHERE s.since <= current_setting('server_version_num')::integer / 10000 AND v <> s.varies;
SELECT nps_detach('ru_stay');
SET client_min_messages = warning;
SELECT count(*) > 0 AS attached FROM nps_attach('stay', 'score', 'ru_stay', response_id => 'id', responded_at => 'at', time_zone => 'UTC',
	segments => ARRAY[$$(CASE WHEN age(at, joined) < interval '1 month' THEN 'new' ELSE 'old' END) AS tenure$$]);
CALL nps_materialize('ru_stay');

SET client_min_messages = error;
SELECT format('DROP SCHEMA %I CASCADE', nspname) FROM pg_namespace WHERE nspname LIKE 'ru\_%' OR nspname = 'rollup_unusual' ORDER BY nspname COLLATE "C" \gexec
