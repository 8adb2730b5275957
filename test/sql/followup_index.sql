-- How the view followup is executed: with an index that finds the answers of a
-- respondent it looks at few answers, without one it sorts them all.  Which
-- indexes count, that plans follow when one comes or goes, that a look-up reads
-- nothing but indexes, and that nps_check() proposes them.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'UTC';
SET jit = off;
CREATE SCHEMA followup_index;
SET search_path = followup_index, public;

-- Teams take turns by window functions too, and the first of a run is found by one; but there are few of them.
CREATE FUNCTION sorts_all(query text DEFAULT 'SELECT * FROM calls.followup') RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	line text;
	windows integer := 0;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		windows := windows + (line LIKE '%WindowAgg%')::integer;
	END LOOP;
	RETURN windows > 5;
END
$$;
-- Whether the query reads nothing but what it looks for: no step of it meets a thousand rows.
CREATE FUNCTION reads_little(query text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	line text;
	part text[];
	most numeric := 0;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) ' || query LOOP
		part := regexp_match(line, 'actual rows=([0-9.]+) loops=([0-9]+)');
		most := greatest(most, part[1]::numeric * part[2]::numeric);
		part := regexp_match(line, 'Rows Removed by .*: ([0-9.]+)');
		most := greatest(most, part[1]::numeric);
	END LOOP;
	RETURN most < 1000;
END
$$;

CREATE TABLE answers (id integer PRIMARY KEY, who text COLLATE "C", score integer, at timestamptz, words text);
INSERT INTO answers SELECT i, 'person ' || i / 2, i % 11, now() - i * interval '1 hour', 'too slow' FROM generate_series(1, 200) i;
SELECT count(*) > 0 AS attached FROM nps_attach('answers', 'score', respondent => 'who', responded_at => 'at', comment => 'words',
	schema_name => 'calls', time_zone => 'UTC');
CREATE VIEW now_is AS SELECT nps_is_indexed('calls.answer') AS indexed, sorts_all() AS sorts_all;

--
-- Which indexes count
--
SELECT * FROM now_is;
-- not one on another column, nor behind another
CREATE INDEX one ON answers (at);
CREATE INDEX two ON answers (id, who);
SELECT * FROM now_is;
DROP INDEX one, two;
-- nor one that lacks some of the rows
CREATE INDEX one ON answers (who, at DESC NULLS LAST, id DESC) WHERE score < 7;
SELECT * FROM now_is;
DROP INDEX one;
-- nor one that does not find the newest first
CREATE INDEX one ON answers (who);
CREATE INDEX two ON answers (who, at);
CREATE INDEX three ON answers (who, at DESC);
CREATE INDEX four ON answers (who, id DESC, at DESC NULLS LAST);
SELECT * FROM now_is;
DROP INDEX one, two, three, four;
-- read backward it does
CREATE INDEX one ON answers (who, at NULLS FIRST);
SELECT * FROM now_is;
DROP INDEX one;
-- nor one of something else that is made of the column
CREATE INDEX one ON answers (lower(who));
SELECT * FROM now_is;
DROP INDEX one;
-- nor one in another order, which cannot find what the view looks for
CREATE INDEX one ON answers (who COLLATE "POSIX", at DESC NULLS LAST, id DESC);
SELECT * FROM now_is;
DROP INDEX one;
-- nor one that was not finished
\set VERBOSITY terse
INSERT INTO answers SELECT 1001, who, score, at FROM answers WHERE id = 6;
CREATE UNIQUE INDEX CONCURRENTLY one ON answers (who, at DESC NULLS LAST);
DELETE FROM answers WHERE id = 1001;
\set VERBOSITY default
SELECT * FROM now_is;
DROP INDEX one;
-- one that begins with the column does
CREATE INDEX one ON answers (who, at DESC NULLS LAST, id DESC);
SELECT * FROM now_is;
DROP INDEX one;
SELECT * FROM now_is;
CREATE INDEX one ON answers (who DESC, at DESC NULLS LAST, id DESC) INCLUDE (score);
SELECT * FROM now_is;
-- also when things have other names
ALTER TABLE answers RENAME who TO whom;
SELECT * FROM now_is;
ALTER INDEX one RENAME TO other;
ALTER TABLE answers RENAME TO replies;
ALTER SCHEMA calls RENAME TO called;
SELECT nps_is_indexed('called.answer') AS indexed, sorts_all('SELECT * FROM called.followup') AS sorts_all;
ALTER SCHEMA called RENAME TO calls;
ALTER TABLE replies RENAME TO answers;
-- a column that took the name is another column
ALTER TABLE answers ADD COLUMN who text;
DROP INDEX other;
CREATE INDEX one ON answers (who, at DESC NULLS LAST, id DESC);
SELECT * FROM now_is;
ALTER TABLE answers DROP COLUMN who;
ALTER TABLE answers RENAME whom TO who;
SELECT * FROM now_is;

-- In a transaction, and back again.
BEGIN;
CREATE INDEX one ON answers (who, at DESC NULLS LAST, id DESC);
SELECT * FROM now_is;
ROLLBACK;
SELECT * FROM now_is;

-- What is no survey's view answer has no index, and no error.
SELECT nps_is_indexed('answers') AS "table", nps_is_indexed('calls.followup') AS view, nps_is_indexed('calls.summary') AS report,
	nps_is_indexed(0) AS nothing, nps_is_indexed(NULL) AS unknown;

--
-- Plans that are kept
--
SET plan_cache_mode = force_generic_plan;
PREPARE list AS SELECT case_id FROM calls.followup WHERE respondent = $1;
SELECT sorts_all('EXECUTE list (''person 3'')');
EXECUTE list ('person 3');
CREATE INDEX one ON answers (who, at DESC NULLS LAST, id DESC);
SELECT sorts_all('EXECUTE list (''person 3'')');
EXECUTE list ('person 3');
DROP INDEX one;
SELECT sorts_all('EXECUTE list (''person 3'')');
EXECUTE list ('person 3');
-- a better answer is seen at once
INSERT INTO answers VALUES (1000, 'person 3', 10, now());
EXECUTE list ('person 3');
DELETE FROM answers WHERE id = 1000;
-- in a function too
CREATE FUNCTION list_of(text) RETURNS integer LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT f.case_id FROM calls.followup f WHERE f.respondent = $1); END $$;
SELECT list_of('person 3');
CREATE INDEX one ON answers (who, at DESC NULLS LAST, id DESC);
SELECT list_of('person 3');
DROP INDEX one;
SELECT list_of('person 3');
RESET plan_cache_mode;
DEALLOCATE list;

--
-- Other sources
--
CREATE TABLE parts (id integer PRIMARY KEY, who text, score integer, at timestamptz) PARTITION BY RANGE (id);
CREATE TABLE part_1 PARTITION OF parts FOR VALUES FROM (0) TO (100);
CREATE TABLE part_2 PARTITION OF parts FOR VALUES FROM (100) TO (1000);
INSERT INTO parts SELECT id, who, score, at FROM answers;
SELECT count(*) > 0 AS attached FROM nps_attach('parts', 'score', respondent => 'who', responded_at => 'at', schema_name => 'parted', time_zone => 'UTC');
CREATE VIEW parted_is AS SELECT nps_is_indexed('parted.answer') AS indexed, sorts_all('SELECT * FROM parted.followup') AS sorts_all;
SELECT * FROM parted_is;
-- one of one part is not enough, that of the whole is none until each part has one
CREATE INDEX of_1 ON part_1 (who, at DESC NULLS LAST, id DESC);
SELECT * FROM parted_is;
CREATE INDEX of_all ON ONLY parts (who, at DESC NULLS LAST, id DESC);
SELECT * FROM parted_is;
ALTER INDEX of_all ATTACH PARTITION of_1;
CREATE INDEX of_2 ON part_2 (who, at DESC NULLS LAST, id DESC);
ALTER INDEX of_all ATTACH PARTITION of_2;
SELECT * FROM parted_is;

CREATE MATERIALIZED VIEW kept AS SELECT * FROM answers;
CREATE VIEW seen AS SELECT * FROM answers;
CREATE INDEX one ON answers (who, at DESC NULLS LAST, id DESC);
CREATE INDEX of_kept ON kept (who, at DESC NULLS LAST, id DESC);
SELECT count(*) > 0 AS attached FROM nps_attach('kept', 'score', response_id => 'id', respondent => 'who', responded_at => 'at', schema_name => 'kepts', time_zone => 'UTC');
SELECT count(*) > 0 AS attached FROM nps_attach('seen', 'score', response_id => 'id', respondent => 'who', responded_at => 'at', schema_name => 'seens', time_zone => 'UTC');
SELECT count(*) > 0 AS attached FROM nps_attach('answers', 'score', respondent => 'upper(who)', responded_at => 'at', schema_name => 'uppers', time_zone => 'UTC');
SELECT count(*) > 0 AS attached FROM nps_attach('answers', 'score', respondent => 'who', responded_at => 'at', filter => 'id > 5', schema_name => 'filtered', time_zone => 'UTC');
SELECT survey, nps_is_indexed(format('%I.answer', survey)::regclass) AS indexed, sorts_all(format('SELECT * FROM %I.followup', survey)) AS sorts_all
FROM unnest(ARRAY['filtered', 'kepts', 'seens', 'uppers']) survey;
-- The same cases everywhere, but for names and the filter.
SELECT count(*) AS cases,
	(SELECT count(*) FROM kepts.followup f WHERE (f.case_id, f.respondent) IN (SELECT case_id, respondent FROM calls.followup)) AS kept,
	(SELECT count(*) FROM seens.followup f WHERE (f.case_id, f.respondent) IN (SELECT case_id, respondent FROM calls.followup)) AS seen,
	(SELECT count(*) FROM uppers.followup f WHERE (f.case_id, f.respondent) IN (SELECT case_id, upper(respondent) FROM calls.followup)) AS upper,
	(SELECT count(*) FROM filtered.followup f WHERE (f.case_id, f.respondent) IN (SELECT case_id, respondent FROM calls.followup)) AS filtered
FROM calls.followup;

--
-- A look-up reads nothing but indexes
--
CREATE TABLE many (id integer PRIMARY KEY, who integer, score integer, at timestamptz, words text, "Paid" numeric);
INSERT INTO many SELECT i, i / 3, i % 11, now() - i % 3000 * interval '1 hour', 'too slow', i FROM generate_series(1, 20000) i;
CREATE INDEX ON many (who, at DESC NULLS LAST, id DESC);
ANALYZE many;
SELECT count(*) > 0 AS attached FROM nps_attach('many', 'score', respondent => 'who', responded_at => 'at', comment => 'words', revenue => 'Paid',
	schema_name => 'manies', time_zone => 'UTC');
CREATE VIEW look_ups AS
	SELECT query, reads_little(query) AS reads_little, sorts_all(query) AS sorts_all
	FROM unnest(ARRAY['SELECT * FROM manies.followup WHERE case_id = 26', 'SELECT * FROM manies.followup WHERE respondent = 8',
		'SELECT * FROM manies.followup WHERE case_id IN (26, 59)', 'SELECT * FROM manies.respondent WHERE respondent = 8',
		'UPDATE manies.followup SET owner = ''olga'' WHERE case_id = 26']) query;
SELECT count(*) AS two FROM manies.followup WHERE case_id = 26 OR respondent = 8 OR case_id = 59;
SELECT query, reads_little FROM look_ups;
PREPARE by_case AS SELECT * FROM manies.followup WHERE case_id = $1;
PREPARE by_respondent AS SELECT * FROM manies.followup WHERE respondent = $1;
SET plan_cache_mode = force_generic_plan;
SELECT query, reads_little(query) FROM unnest(ARRAY['EXECUTE by_case (26)', 'EXECUTE by_respondent (8)']) query;
RESET plan_cache_mode;
DEALLOCATE ALL;
-- the function sees what it looks for
SELECT reads_little('SELECT * FROM many WHERE score = 3') AS scan, reads_little('SELECT * FROM many WHERE id = 3') AS look_up;
-- also when there are cases
UPDATE manies.followup SET owner = 'olga' WHERE case_id % 100 = 26;
ANALYZE manies.followup_case;
SELECT query, reads_little FROM look_ups;

--
-- nps_check() proposes the indexes, and is content when they are there
--
CREATE FUNCTION take_advice(survey text) RETURNS TABLE (fix text) LANGUAGE plpgsql AS $$
BEGIN
	FOR fix IN SELECT c.fix FROM nps_check(survey) c WHERE c.finding = 'missing index' LOOP
		EXECUTE fix;
		RETURN NEXT;
	END LOOP;
END
$$;
SELECT * FROM take_advice('manies');
SELECT * FROM take_advice('manies');
ANALYZE many;
SELECT query, reads_little, sorts_all FROM look_ups WHERE query LIKE '%followup%';
DROP INDEX one;
SELECT * FROM take_advice('calls');
SELECT * FROM take_advice('calls');
SELECT * FROM now_is;
DROP INDEX of_all;
SELECT * FROM take_advice('parted');
SELECT * FROM take_advice('parted');
SELECT * FROM parted_is;
-- for a source in which nothing but the survey says what the key is; names that need quotes, times without a zone
CREATE TABLE "Old Answers" ("Id" integer, "Who" text, "Score" integer, "At" timestamp);
INSERT INTO "Old Answers" SELECT id, who, score, at AT TIME ZONE 'UTC' FROM answers;
SELECT count(*) > 0 AS attached FROM nps_attach('"Old Answers"', 'Score', response_id => 'Id', respondent => 'Who', responded_at => 'At',
	schema_name => 'olds', time_zone => 'Europe/Berlin');
SELECT count(*) > 2 AS advice FROM take_advice('olds');
SELECT * FROM take_advice('olds');
SELECT nps_is_indexed('olds.answer') AS indexed, sorts_all('SELECT * FROM olds.followup') AS sorts_all;
-- there is an index whose first column is the key of a case
SELECT count(*) > 0 AS finds_a_case FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
WHERE i.indrelid = '"Old Answers"'::regclass AND a.attname = 'Id';
-- what the views cannot use is no reason to be content
CREATE TABLE hashed (id integer PRIMARY KEY, who text COLLATE "C", score integer, at timestamptz);
CREATE INDEX ON hashed USING hash (who);
CREATE INDEX ON hashed (who COLLATE "POSIX", at);
INSERT INTO hashed SELECT id, who, score, at FROM answers;
SELECT count(*) > 0 AS attached FROM nps_attach('hashed', 'score', respondent => 'who', responded_at => 'at', schema_name => 'hasheds', time_zone => 'UTC');
SELECT * FROM take_advice('hasheds');
SELECT nps_is_indexed('hasheds.answer') AS indexed;
-- a view can have none
SELECT * FROM take_advice('seens');

DROP SCHEMA followup_index, calls, parted, kepts, seens, uppers, filtered, manies, olds, hasheds CASCADE;
