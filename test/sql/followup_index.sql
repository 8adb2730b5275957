-- How the views about cases are executed: a look-up reads only what it looks
-- for, which indexes nps_check() proposes and is content with, and that a
-- respondent with very many answers is left out.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'UTC';
SET jit = off;
CREATE SCHEMA followup_index;
SET search_path = followup_index, public;

-- Whether the query reads only what it looks for: no step of its plan meets a thousand rows.
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
	schema_name => 'calls', time_zone => 'UTC', loop_since => '-infinity');

CREATE FUNCTION missing(survey text, OUT fix text) LANGUAGE sql
	RETURN (SELECT c.fix FROM nps_check(survey) c WHERE c.finding = 'missing index' AND c.detail LIKE '%answers of a respondent%');
CREATE VIEW now_is AS SELECT missing('calls') IS NULL AS indexed;

--
-- Which indexes count
--
SELECT missing('calls');
-- not one on another column, nor one with another column first
CREATE INDEX one ON answers (at);
CREATE INDEX two ON answers (id, who);
SELECT * FROM now_is;
DROP INDEX one, two;
-- nor one that covers only some of the rows
CREATE INDEX one ON answers (who, at NULLS FIRST, id) WHERE score < 7;
SELECT * FROM now_is;
DROP INDEX one;
-- nor one with another order of times
CREATE INDEX one ON answers (who);
CREATE INDEX two ON answers (who, at);
CREATE INDEX three ON answers (who, at DESC);
CREATE INDEX four ON answers (who, at DESC NULLS LAST, id DESC);
SELECT * FROM now_is;
DROP INDEX one, two, three, four;
-- nor one on something that is computed from the column
CREATE INDEX one ON answers (lower(who), at NULLS FIRST);
SELECT * FROM now_is;
DROP INDEX one;
-- nor one with another collation of the names
CREATE INDEX one ON answers (who COLLATE "POSIX", at NULLS FIRST, id);
SELECT * FROM now_is;
DROP INDEX one;
-- nor one that was not completed
\set VERBOSITY terse
INSERT INTO answers SELECT 1001, who, score, at FROM answers WHERE id = 6;
CREATE UNIQUE INDEX CONCURRENTLY one ON answers (who, at NULLS FIRST);
DELETE FROM answers WHERE id = 1001;
\set VERBOSITY default
SELECT * FROM now_is;
DROP INDEX one;
-- the proposed one does, and so does one without its last columns
CREATE INDEX one ON answers (who, at NULLS FIRST);
SELECT * FROM now_is;
DROP INDEX one;
SELECT * FROM now_is;
CREATE INDEX one ON answers (who, at NULLS FIRST, id) INCLUDE (score);
SELECT * FROM now_is;
DROP INDEX one;

--
-- Plans that are kept
--
SET plan_cache_mode = force_generic_plan;
PREPARE list AS SELECT case_id FROM calls.followup WHERE respondent = $1;
EXECUTE list ('person 3');
CREATE INDEX one ON answers (who, at NULLS FIRST, id);
EXECUTE list ('person 3');
DROP INDEX one;
EXECUTE list ('person 3');
-- a better answer is seen at once
INSERT INTO answers VALUES (1000, 'person 3', 10, now());
EXECUTE list ('person 3');
DELETE FROM answers WHERE id = 1000;
-- and so are changes of what is followed up, and since when
UPDATE calls.playbook SET follow_up = false WHERE score_from <= 6;
EXECUTE list ('person 3');
UPDATE calls.playbook SET follow_up = true WHERE score_from <= 6;
EXECUTE list ('person 3');
UPDATE answers SET at = at - interval '2 days';
UPDATE calls.survey SET follow_up_days = 1;
EXECUTE list ('person 3');
UPDATE calls.survey SET follow_up_days = 90;
EXECUTE list ('person 3');
RESET plan_cache_mode;
DEALLOCATE list;

--
-- Other sources
--
CREATE TABLE parts (id integer PRIMARY KEY, who text, score integer, at timestamptz) PARTITION BY RANGE (id);
CREATE TABLE part_1 PARTITION OF parts FOR VALUES FROM (0) TO (100);
CREATE TABLE part_2 PARTITION OF parts FOR VALUES FROM (100) TO (1000);
INSERT INTO parts SELECT id, who, score, at FROM answers;
SELECT count(*) > 0 AS attached FROM nps_attach('parts', 'score', respondent => 'who', responded_at => 'at', schema_name => 'parted', time_zone => 'UTC', loop_since => '-infinity');
CREATE VIEW parted_is AS SELECT missing('parted') IS NULL AS indexed;
-- an index on one partition is not enough, and that of the whole does not count until each partition has one
CREATE INDEX of_1 ON part_1 (who, at NULLS FIRST, id);
SELECT * FROM parted_is;
CREATE INDEX of_all ON ONLY parts (who, at NULLS FIRST, id);
SELECT * FROM parted_is;
ALTER INDEX of_all ATTACH PARTITION of_1;
CREATE INDEX of_2 ON part_2 (who, at NULLS FIRST, id);
ALTER INDEX of_all ATTACH PARTITION of_2;
SELECT * FROM parted_is;

CREATE MATERIALIZED VIEW kept AS SELECT * FROM answers;
CREATE VIEW seen AS SELECT * FROM answers;
CREATE TABLE heirs (LIKE answers);
CREATE TABLE heir () INHERITS (heirs);
INSERT INTO heirs SELECT * FROM answers WHERE id % 2 = 0;
INSERT INTO heir SELECT * FROM answers WHERE id % 2 = 1;
SELECT count(*) > 0 AS attached FROM nps_attach('kept', 'score', response_id => 'id', respondent => 'who', responded_at => 'at', schema_name => 'kepts', time_zone => 'UTC', loop_since => '-infinity');
SELECT count(*) > 0 AS attached FROM nps_attach('seen', 'score', response_id => 'id', respondent => 'who', responded_at => 'at', schema_name => 'seens', time_zone => 'UTC', loop_since => '-infinity');
SELECT count(*) > 0 AS attached FROM nps_attach('heirs', 'score', response_id => 'id', respondent => 'who', responded_at => 'at', schema_name => 'inherited', time_zone => 'UTC', loop_since => '-infinity');
-- An index on the parent of a tree does not cover its children.
SELECT missing('inherited');
CREATE INDEX one ON heirs (who, at NULLS FIRST, id);
SELECT missing('inherited');
DROP INDEX one;
SELECT count(*) > 0 AS attached FROM nps_attach('answers', 'score', respondent => 'upper(who)', responded_at => 'at', schema_name => 'uppers', time_zone => 'UTC', loop_since => '-infinity');
SELECT count(*) > 0 AS attached FROM nps_attach('answers', 'score', respondent => 'who', responded_at => 'at', filter => 'id > 5', schema_name => 'filtered', time_zone => 'UTC', loop_since => '-infinity');
-- The same cases everywhere, except for names and the filter.
CREATE FUNCTION same_cases(survey text, view text, OUT cases bigint, OUT same bigint) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('SELECT count(*), count(c.case_id) FROM %1$I.%2$I f LEFT JOIN calls.%2$I c ON c.case_id = f.case_id AND upper(c.respondent) = upper(f.respondent) '
		'AND (c.response_id, c.responses, c.previous_score, c.next_due) IS NOT DISTINCT FROM (f.response_id, f.responses, f.previous_score, f.next_due)', survey, view)
	INTO cases, same;
END
$$;
SELECT s.survey, v.view, c.* FROM unnest(ARRAY['calls', 'parted', 'kepts', 'seens', 'inherited', 'uppers', 'filtered']) WITH ORDINALITY AS s(survey, n)
CROSS JOIN unnest(ARRAY['followup', 'followup_all']) AS v(view) CROSS JOIN LATERAL same_cases(s.survey, v.view) c ORDER BY s.n, v.view;

--
-- A look-up reads only indexes
--
CREATE TABLE many (id integer PRIMARY KEY, who integer, score integer, at timestamptz, words text, "Paid" numeric);
INSERT INTO many SELECT i, i / 3, i % 11, now() - i % 3000 * interval '1 hour', 'too slow', i FROM generate_series(1, 20000) i;
CREATE INDEX ON many (who, at NULLS FIRST, id) INCLUDE (score);
ANALYZE many;
SELECT count(*) > 0 AS attached FROM nps_attach('many', 'score', respondent => 'who', responded_at => 'at', comment => 'words', revenue => 'Paid',
	schema_name => 'manies', time_zone => 'UTC', loop_since => '-infinity');
CREATE VIEW look_ups AS
	SELECT query, reads_little(query) AS reads_little
	FROM unnest(ARRAY['SELECT * FROM manies.followup WHERE case_id = 26', 'SELECT * FROM manies.followup WHERE respondent = 8',
		'SELECT * FROM manies.followup WHERE case_id IN (26, 59)', 'SELECT * FROM manies.followup_all WHERE case_id = 26',
		'SELECT * FROM manies.followup_all WHERE respondent = 8', 'SELECT * FROM manies.respondent WHERE respondent = 8',
		'UPDATE manies.followup SET assigned_to = ''olga'' WHERE case_id = 26']) query;
SELECT count(*) AS two FROM manies.followup WHERE case_id = 26 OR respondent = 8 OR case_id = 59;
SELECT query, reads_little FROM look_ups;
PREPARE by_case AS SELECT * FROM manies.followup WHERE case_id = $1;
PREPARE by_respondent AS SELECT * FROM manies.followup WHERE respondent = $1;
SET plan_cache_mode = force_generic_plan;
SELECT query, reads_little(query) FROM unnest(ARRAY['EXECUTE by_case (26)', 'EXECUTE by_respondent (8)']) query;
RESET plan_cache_mode;
DEALLOCATE ALL;
-- the function can tell the difference
SELECT reads_little('SELECT * FROM many WHERE score = 3') AS scan, reads_little('SELECT * FROM many WHERE id = 3') AS look_up;
-- also when there are cases
UPDATE manies.followup SET assigned_to = 'olga' WHERE case_id % 100 = 26;
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
SELECT query, reads_little FROM look_ups WHERE query LIKE '%followup%';
SELECT * FROM take_advice('calls');
SELECT * FROM take_advice('calls');
SELECT * FROM now_is;
DROP INDEX of_all;
SELECT * FROM take_advice('parted');
SELECT * FROM take_advice('parted');
SELECT * FROM parted_is;
-- for a source whose key is known only from the survey; names that need quotes, times without a zone
CREATE TABLE "Old Answers" ("Id" integer, "Who" text, "Score" integer, "At" timestamp);
INSERT INTO "Old Answers" SELECT id, who, score, at AT TIME ZONE 'UTC' FROM answers;
SELECT count(*) > 0 AS attached FROM nps_attach('"Old Answers"', 'Score', response_id => 'Id', respondent => 'Who', responded_at => 'At',
	schema_name => 'olds', time_zone => 'Europe/Berlin', loop_since => '-infinity');
SELECT count(*) > 2 AS advice FROM take_advice('olds');
SELECT * FROM take_advice('olds');
SELECT missing('olds') IS NULL AS indexed;
-- there is an index whose first column is the key of a case
SELECT count(*) > 0 AS finds_a_case FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
WHERE i.indrelid = '"Old Answers"'::regclass AND a.attname = 'Id';
-- an index that the views cannot use is not enough
CREATE TABLE hashed (id integer PRIMARY KEY, who text COLLATE "C", score integer, at timestamptz);
CREATE INDEX ON hashed USING hash (who);
CREATE INDEX ON hashed (who COLLATE "POSIX", at NULLS FIRST);
INSERT INTO hashed SELECT id, who, score, at FROM answers;
SELECT count(*) > 0 AS attached FROM nps_attach('hashed', 'score', respondent => 'who', responded_at => 'at', schema_name => 'hasheds', time_zone => 'UTC', loop_since => '-infinity');
SELECT * FROM take_advice('hasheds');
SELECT missing('hasheds') IS NULL AS indexed;
-- a view cannot have one
SELECT * FROM take_advice('seens');

--
-- The comments of a case of several answers: looked up one by one where an index finds them, else read once
--
CREATE TABLE said (id integer, who text COLLATE "C", score integer, at timestamptz, words text);
ALTER TABLE said ALTER words SET STORAGE EXTERNAL;
INSERT INTO said SELECT i, 'person ' || i % 2000, CASE WHEN i <= 4000 THEN i % 7 ELSE 9 END, CASE WHEN i % 100 > 0 OR i > 2000 THEN now() - interval '60 days' + i * interval '10 minutes' END,
		CASE i % 4 WHEN 0 THEN 'answer ' || i WHEN 1 THEN repeat('long ' || i || ' ', 300) WHEN 2 THEN CASE WHEN i > 2000 THEN 'second' END ELSE 'n/a' END
	FROM generate_series(1, 6000) i;
SELECT count(*) > 0 AS attached FROM nps_attach('said', 'score', respondent => 'who', response_id => 'id', responded_at => 'at', comment => 'words',
	schema_name => 'saids', time_zone => 'UTC', loop_since => '-infinity');
ANALYZE said;
-- the comment of an answer that opened a case belongs to it, even if it is followed up no longer
UPDATE saids.followup SET assigned_to = 'olga' WHERE case_id IN (4, 8, 101);
UPDATE said SET score = 10 WHERE id IN (4, 8);
CREATE VIEW said_in_case AS
	SELECT f.case_id, nps_case_comments('saids.counted'::regclass, f.respondent, f.case_id, f.topic, '-infinity', a.first_answer_at, f.responded_at) AS comments,
		(SELECT string_agg(s.words, E'\n' ORDER BY s.at) FROM said s WHERE s.who || '' = f.respondent AND s.id <= 4000 AND s.words <> 'n/a') AS expected
	FROM saids.followup f JOIN saids.any_case a ON a.case_id = f.case_id WHERE f.answers > 1 OFFSET 0;
CREATE FUNCTION read_in_case(OUT cases bigint, OUT with_comments bigint, OUT wrong bigint, OUT is_read_once boolean) LANGUAGE plpgsql AS $$
DECLARE
	before bigint := pg_stat_get_xact_numscans('said'::regclass);
BEGIN
	SELECT count(*), count(comments), count(*) FILTER (WHERE comments IS DISTINCT FROM expected) INTO cases, with_comments, wrong
	FROM said_in_case;
	-- the views themselves need some
	is_read_once := pg_stat_get_xact_numscans('said'::regclass) - before < 50;
END
$$;
SET max_parallel_workers_per_gather = 0;
-- what is expected comes by a scan for each case: not so with an index on another expression
CREATE INDEX ON said ((who || ''));
SELECT * FROM read_in_case();
-- only some of the respondents are known in memory
SET work_mem = '64kB';
SELECT * FROM read_in_case();
RESET work_mem;
RESET max_parallel_workers_per_gather;

--
-- A respondent with very many answers
--
CREATE TABLE crowd (id integer PRIMARY KEY, who text, score integer, at timestamptz);
INSERT INTO crowd SELECT i, 'person ' || i % 500, i % 11, now() - i % 80 * interval '1 day' FROM generate_series(1, 2000) i;
CREATE INDEX ON crowd (who, at NULLS FIRST, id) INCLUDE (score);
SELECT count(*) > 0 AS attached FROM nps_attach('crowd', 'score', respondent => 'who', responded_at => 'at', schema_name => 'crowds', time_zone => 'UTC', loop_since => '-infinity');
CREATE TABLE before AS SELECT case_id, respondent, response_id, responses FROM crowds.followup_all;
INSERT INTO crowd SELECT i, 'anonymous', i % 11, now() - i % 80 * interval '1 day' FROM generate_series(2001, 3000) i;
SELECT count(*) > 0 AS a_thousand_is_one_person FROM crowds.followup_all WHERE respondent = 'anonymous';
-- somebody takes on a case
SELECT min(case_id) AS taken FROM crowds.followup WHERE respondent = 'anonymous' \gset
UPDATE crowds.followup SET assigned_to = 'olga' WHERE case_id = :taken;
INSERT INTO crowd VALUES (3001, 'anonymous', NULL, now());
SELECT count(*) > 0 AS what_does_not_count_does_not FROM crowds.followup_all WHERE respondent = 'anonymous';
INSERT INTO crowd SELECT i, 'anonymous', i % 11, now() - i % 80 * interval '1 day' FROM generate_series(3002, 102000) i;
CREATE FUNCTION crowds_are(OUT cases bigint, OUT others bigint, OUT open_cases bigint, OUT in_reports bigint) LANGUAGE sql
BEGIN ATOMIC
	SELECT (SELECT count(*) FROM crowds.followup_all WHERE respondent = 'anonymous'),
		(SELECT count(*) FROM (SELECT * FROM followup_index.before EXCEPT SELECT case_id, respondent, response_id, responses FROM crowds.followup_all) d),
		(SELECT count(*) FROM crowds.followup WHERE respondent = 'anonymous'),
		(SELECT responses FROM crowds.respondent WHERE respondent = 'anonymous');
END;
-- without statistics nobody knows what is frequent
SELECT * FROM crowds_are();
-- with statistics
ANALYZE crowd;
SELECT * FROM crowds_are();
SELECT reads_little('SELECT * FROM crowds.followup_all WHERE respondent = ''person 7''');
SELECT case_id FROM crowds.followup_all WHERE case_id = :taken;
SELECT case_id FROM crowds.followup WHERE case_id = :taken;
-- nobody had taken it on, so it is not a case
INSERT INTO crowds.followup_case (case_id, status) VALUES (2005, 'new');
SELECT detail, fix FROM nps_check('crowds') WHERE finding = 'a respondent is not one person';
SELECT count(*) > 0 AS attached FROM nps_attach('crowd', 'score', respondent => 'upper(who)', responded_at => 'at', schema_name => 'upper_crowds', time_zone => 'UTC', loop_since => '-infinity');
SELECT count(*) FILTER (WHERE respondent = 'ANONYMOUS') AS none, count(*) = (SELECT count(*) FROM before) AS all_others FROM upper_crowds.followup_all;
-- the cure
SELECT count(*) > 0 AS attached FROM nps_attach('crowd', 'score', respondent => 'nullif(who, ''anonymous'')', responded_at => 'at', schema_name => 'cured_crowds', time_zone => 'UTC', loop_since => '-infinity');
SELECT finding FROM nps_check('cured_crowds') WHERE finding LIKE '%respondent%';
SELECT count(*) = (SELECT count(*) FROM before) AS all_others FROM cured_crowds.followup_all;

-- Functions that only the views call: other calls give an error, or NULL.
\set VERBOSITY terse
SELECT nps_case_fold(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
SELECT nps_case_fold(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL) OVER () AS nothing;
SELECT i, nps_case_fold(k, s, timestamptz '2024-01-01' + i * interval '1 day', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL) OVER (ORDER BY i)
FROM (VALUES (1, 7, 2.0::float8), (2, 6, 3), (3, -1, NULL), (4, 2147483647, 9)) v(i, k, s);
SELECT i, nps_case_fold(k, s, t, t, NULL, i::text, 90, t + interval '1 day', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL) OVER (ORDER BY i)
FROM (VALUES (1, 7, 2.0::float8), (2, 6, 3), (3, 2, 9)) v(i, k, s), LATERAL (SELECT timestamptz '2024-01-01' + i * interval '1 day') AS a(t);
SELECT nps_newest_answer(1, now());
SELECT i, nps_newest_answer(i, NULL) OVER (ORDER BY i) FROM generate_series(1, 2) i;
SELECT nps_window_start('answers'::regclass, now());
SELECT nps_window_start(0::regclass, now());
SELECT nps_window_start('calls.survey'::regclass, NULL) IS NULL AS unknown;
SELECT nps_followed_scores('calls.cause'::regclass);
SELECT nps_rule_bits('answers'::regclass, 3, now(), now(), false);
SELECT nps_rule_bits(NULL, NULL, NULL, NULL, NULL) AS nothing;
SELECT nps_days_in_force('answers'::regclass, 'follow_up_days', now());
SELECT nps_dismissal_holds('answers'::regclass, 'duplicate');
SELECT reason, holds_for_person, nps_dismissal_holds('calls.survey'::regclass, reason) AS holds FROM calls.dismiss_reason ORDER BY reason COLLATE "C";
SELECT nps_dismissal_holds('calls.survey'::regclass, 'no such reason') AS holds;
SELECT nps_is_crowd('answers'::regclass, 'x'::text);
SELECT nps_case_comments('answers'::regclass, 'x'::text, 1, NULL, now(), now(), now());
SELECT nps_case_comments('calls.counted'::regclass, 1, 1, NULL, now(), now(), now());
SELECT nps_case_comments(0, 'x'::text, 1, NULL, now(), now(), now());
SELECT nps_case_comments(NULL, 'x'::text, NULL::integer, NULL, NULL, NULL, NULL) IS NULL AS unknown;
SELECT nps_is_crowd(0, 1);
SELECT nps_is_crowd('pg_class'::regclass, '{1}'::xid[]);
SELECT nps_is_crowd(NULL, 1) IS NULL AS unknown;

DROP SCHEMA followup_index, saids, calls, parted, kepts, seens, uppers, filtered, manies, olds, hasheds, inherited, crowds, upper_crowds, cured_crowds CASCADE;
