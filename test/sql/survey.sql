-- The life of a survey: attached again, its views made again, renamed, checked,
-- detached.
\set SHOW_CONTEXT never
\set VERBOSITY default
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO, MDY';
SET jit = off;
CREATE SCHEMA survey_test;
SET search_path = survey_test, public;
DROP ROLE IF EXISTS regress_nps_reader, regress_nps_other;
CREATE ROLE regress_nps_reader;
CREATE ROLE regress_nps_other;

CREATE TABLE reply (id integer PRIMARY KEY, who text, at timestamptz, score integer, plan text, region text, words text);
INSERT INTO reply SELECT i, 'w' || i, timestamptz '2024-01-01 12:00+00' + i * interval '1 day', i % 12, 'p' || i % 2, 'r' || i % 3, 'x' FROM generate_series(1, 60) i;
CREATE INDEX ON reply (who, at DESC NULLS LAST, id DESC);
CREATE INDEX ON reply (at);
SELECT count(*) > 0 AS attached FROM nps_attach('reply', 'score', 'survey_reply', respondent => 'who', responded_at => 'at', segments => ARRAY['plan'], goal => 20, loop_since => '-infinity');

-- What a survey is made of, row by row as it is in the catalogs, and what roles other
-- than its owner may do with it.
CREATE FUNCTION granted(acl aclitem[], owner oid) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END || ' ' || privilege_type || CASE WHEN is_grantable THEN ' with grant option' ELSE '' END, ', '
		ORDER BY grantee::regrole::text COLLATE "C", privilege_type)
	FROM aclexplode(acl) WHERE grantee <> owner
$$;
CREATE VIEW parts AS
	SELECT 'relation ' || relname AS part, oid, c.xmin::text AS version, granted(relacl, relowner) AS granted FROM pg_class c
		WHERE relnamespace = 'survey_reply'::regnamespace AND relkind IN ('r', 'v')
	UNION ALL SELECT 'rule of ' || relname, r.oid, r.xmin::text, NULL FROM pg_rewrite r JOIN pg_class c ON c.oid = ev_class WHERE relnamespace = 'survey_reply'::regnamespace
	UNION ALL SELECT 'column ' || relname || '.' || attname, a.attnum::oid, a.xmin::text, granted(a.attacl, relowner) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
		WHERE relnamespace = 'survey_reply'::regnamespace AND relkind IN ('r', 'v')
	UNION ALL SELECT 'settings', 0, xmin::text, NULL FROM survey_reply.survey
	UNION ALL SELECT 'rule ' || score_from, 0, xmin::text, NULL FROM survey_reply.playbook;

-- What people have done to it.
GRANT USAGE ON SCHEMA survey_reply TO regress_nps_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA survey_reply TO regress_nps_reader;
GRANT SELECT ON survey_reply.summary TO PUBLIC;
GRANT SELECT (response_id, score, plan), SELECT (category) ON survey_reply.response TO regress_nps_other WITH GRANT OPTION;
UPDATE survey_reply.playbook SET guidance = 'ours', contact_hours = 1 WHERE score_from = 0;
DELETE FROM survey_reply.playbook WHERE score_from = 9;
UPDATE survey_reply.survey SET goal = 55, follow_up_days = 30, fallback_owner = 'ana', benchmark = 12;

SELECT part, granted FROM parts WHERE granted IS NOT NULL ORDER BY part COLLATE "C";

--
-- replace => true
--
-- The same arguments: nothing changes, not even the version of a row.
CREATE TABLE before AS TABLE parts;
SELECT * FROM nps_attach('reply', 'score', 'survey_reply', respondent => 'who', responded_at => 'at', segments => ARRAY['plan'], replace => true, loop_since => '-infinity');
(TABLE before EXCEPT TABLE parts) UNION ALL (TABLE parts EXCEPT TABLE before);
-- Without replace it is an error.
SELECT * FROM nps_attach('reply', 'score', 'survey_reply', respondent => 'who', responded_at => 'at', segments => ARRAY['plan'], loop_since => '-infinity');
SELECT * FROM nps_attach('reply', 'score', 'survey_reply', respondent => 'who', responded_at => 'at', segments => ARRAY['plan'], replace => NULL, loop_since => '-infinity');

-- A goal that is passed is set, whether or not there was one before; if it is not passed, it stays.
SELECT count(*) > 0 AS attached FROM nps_attach('reply', 'score', 'survey_reply', respondent => 'who', responded_at => 'at', segments => ARRAY['plan'], goal => 60, replace => true, loop_since => '-infinity');
SELECT goal AS sixty FROM survey_reply.survey;
UPDATE survey_reply.survey SET goal = NULL;
SELECT count(*) > 0 AS attached FROM nps_attach('reply', 'score', 'survey_reply', respondent => 'who', responded_at => 'at', segments => ARRAY['plan'], goal => 70, replace => true, loop_since => '-infinity');
SELECT goal AS seventy FROM survey_reply.survey;
UPDATE survey_reply.survey SET goal = 55;

-- One more segment: columns in the middle of views, so these are made again, with
-- all grants; tables and settings stay.
SELECT count(*) > 0 AS attached FROM nps_attach('reply', 'score', 'survey_reply', respondent => 'who', responded_at => 'at', segments => ARRAY['region', 'plan'], comment => 'words', replace => true, loop_since => '-infinity');
SELECT segment, value, responses FROM survey_reply.segment ORDER BY 1, 2;
SELECT goal, follow_up_days, fallback_owner, benchmark, attached_with::jsonb->'segments' AS segments, attached_with::jsonb->>'comment' AS comment FROM survey_reply.survey;
SELECT score_from, contact_hours, guidance FROM survey_reply.playbook WHERE score_from IN (0, 9);
-- Grants: all are there, except those on columns that are gone; a row for each that is missing or new.
SELECT part, b.granted AS before, p.granted AS after
FROM before b FULL JOIN parts p USING (part)
WHERE b.granted IS DISTINCT FROM p.granted ORDER BY part;
SELECT c.relname, a.attname AS without_a_comment
FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.relnamespace = 'survey_reply'::regnamespace AND c.relkind IN ('r', 'v') AND (obj_description(c.oid, 'pg_class') IS NULL OR col_description(c.oid, a.attnum) IS NULL);
-- One segment less, with a grant on its column: the other grants stay.
SELECT count(*) > 0 AS attached FROM nps_attach('reply', 'score', 'survey_reply', respondent => 'who', responded_at => 'at', segments => ARRAY['region'], replace => true, loop_since => '-infinity');
SELECT part, b.granted AS before, p.granted AS after
FROM before b FULL JOIN parts p USING (part)
WHERE b.granted IS DISTINCT FROM p.granted ORDER BY part;
SELECT count(*) > 0 AS attached FROM nps_attach('reply', 'score', 'survey_reply', respondent => 'who', responded_at => 'at', segments => ARRAY['plan'], replace => true, loop_since => '-infinity');

-- Another time zone, another filter.
SELECT count(*) > 0 AS attached FROM nps_attach('reply', 'score', 'survey_reply', respondent => 'who', responded_at => 'at', segments => ARRAY['plan'],
	time_zone => 'Asia/Tokyo', filter => 'id > 50', replace => true, loop_since => '-infinity');
SELECT time_zone, (SELECT count(*) FROM survey_reply.answer) AS ten FROM survey_reply.survey;
SELECT count(*) > 0 AS attached FROM nps_attach('reply', 'score', 'survey_reply', respondent => 'who', responded_at => 'at', segments => ARRAY['plan'], time_zone => 'UTC', replace => true, loop_since => '-infinity');

-- What is refused changes nothing.
DROP TABLE before;
CREATE TABLE before AS TABLE parts;
SELECT * FROM nps_attach('reply', 'score', 'survey_reply', scale => 'csat5', replace => true);
SELECT * FROM nps_attach('reply', 'score', 'survey_reply', segments => ARRAY['nonsense'], replace => true);
SELECT * FROM nps_attach('reply', 'score', 'survey_test', replace => true);
GRANT USAGE ON SCHEMA survey_test TO regress_nps_other;
GRANT SELECT ON reply TO regress_nps_other;
SET ROLE regress_nps_other;
SELECT * FROM nps_attach('survey_test.reply', 'score', 'survey_reply', replace => true);
SELECT * FROM nps_attach('survey_test.reply', 'score', 'pg_catalog', replace => true);
SELECT nps_detach('survey_reply');
SELECT nps_refresh_views('survey_reply');
RESET ROLE;
-- Somebody's own view depends on a view that would lose a column.
CREATE VIEW "Board ""A""" AS SELECT plan, score FROM survey_reply.response;
SELECT * FROM nps_attach('reply', 'score', 'survey_reply', respondent => 'who', responded_at => 'at', segments => ARRAY['region'], replace => true, loop_since => '-infinity');
SELECT nps_detach('survey_reply');
(TABLE before EXCEPT TABLE parts) UNION ALL (TABLE parts EXCEPT TABLE before);
-- As long as its columns stay the same, it is not in the way.
SELECT count(*) > 0 AS attached FROM nps_attach('reply', 'score', 'survey_reply', respondent => 'who', responded_at => 'at', segments => ARRAY['plan'], filter => 'id > 10', time_zone => 'UTC', replace => true, loop_since => '-infinity');
SELECT count(*) AS forty_five FROM "Board ""A""";
-- Nor are columns that are added after the others in the way.
SELECT count(*) > 0 AS attached FROM nps_attach('reply', 'score', 'survey_reply', respondent => 'who', responded_at => 'at', segments => ARRAY['region', 'plan'], time_zone => 'UTC', replace => true, loop_since => '-infinity');
SELECT count(*) AS fifty_five FROM "Board ""A""";
SELECT string_agg(attname, ', ' ORDER BY attnum) AS columns FROM pg_attribute WHERE attrelid = 'survey_reply.response'::regclass AND attnum > 0;
SELECT string_agg(attname, ', ' ORDER BY attnum) AS columns FROM pg_attribute WHERE attrelid = 'survey_reply.answer'::regclass AND attnum > 0;
SELECT segment, value, responses FROM survey_reply.segment WHERE responses > 20 ORDER BY 1, 2;
DROP VIEW "Board ""A""";
SELECT count(*) > 0 AS attached FROM nps_attach('reply', 'score', 'survey_reply', respondent => 'who', responded_at => 'at', segments => ARRAY['plan'], time_zone => 'UTC', replace => true, loop_since => '-infinity');

-- A role that may act for the owner may do this; the views remain the owner's, so that the owner can do it again.
CREATE TABLE ours (id integer PRIMARY KEY, score integer, plan text);
GRANT regress_nps_reader TO regress_nps_other;
GRANT USAGE ON SCHEMA survey_test TO regress_nps_reader;
GRANT SELECT ON ours TO regress_nps_reader;
SELECT format('GRANT CREATE ON DATABASE %I TO regress_nps_reader', current_database()) AS grant, format('REVOKE CREATE ON DATABASE %I FROM regress_nps_reader', current_database()) AS revoke \gset
:grant;
SET ROLE regress_nps_reader;
SELECT count(*) > 0 AS attached FROM nps_attach('survey_test.ours', 'score', 'survey_ours');
SET ROLE regress_nps_other;
SELECT count(*) > 0 AS attached FROM nps_attach('survey_test.ours', 'score', 'survey_ours', segments => ARRAY['plan'], replace => true);
SELECT DISTINCT relowner::regrole AS owner FROM pg_class WHERE relnamespace = 'survey_ours'::regnamespace ORDER BY 1;
SET ROLE regress_nps_reader;
SELECT count(*) > 0 AS attached FROM nps_attach('survey_test.ours', 'score', 'survey_ours', segments => ARRAY['plan', 'score > 5 AS high'], replace => true);
RESET ROLE;
DROP SCHEMA survey_ours CASCADE;
DROP TABLE ours;
:revoke;
REVOKE regress_nps_reader FROM regress_nps_other;
REVOKE USAGE ON SCHEMA survey_test FROM regress_nps_reader;

--
-- nps_refresh_views()
--
-- It makes again what was changed or dropped, and does not touch grants and tables.
TRUNCATE before;
INSERT INTO before TABLE parts;
SELECT pg_get_viewdef('survey_reply.distribution'::regclass) AS definition \gset
CREATE OR REPLACE VIEW survey_reply.distribution AS SELECT NULL::smallint AS score, NULL::text AS category, NULL::bigint AS responses, NULL::double precision AS share;
DROP VIEW survey_reply.trend;
SELECT object FROM nps_refresh_views('survey_reply');
SELECT pg_get_viewdef('survey_reply.distribution'::regclass) = :'definition' AS as_before, (SELECT count(*) > 0 FROM survey_reply.trend) AS is_back;
SELECT part, b.granted AS before, p.granted AS after FROM before b FULL JOIN parts p USING (part) WHERE b.granted IS DISTINCT FROM p.granted ORDER BY part;
SELECT relname AS not_security_invoker FROM pg_class WHERE relnamespace = 'survey_reply'::regnamespace AND relkind = 'v' AND reloptions IS DISTINCT FROM '{security_invoker=true}';
-- nor does it grant what only somebody else had granted
CREATE ROLE regress_nps_told;
GRANT USAGE ON SCHEMA survey_reply TO regress_nps_other;
GRANT SELECT ON survey_reply.trend TO regress_nps_other WITH GRANT OPTION;
SET ROLE regress_nps_other;
GRANT SELECT ON survey_reply.trend TO regress_nps_told;
RESET ROLE;
SELECT count(*) > 0 AS refreshed FROM nps_refresh_views('survey_reply');
REVOKE SELECT ON survey_reply.trend FROM regress_nps_other CASCADE;
SELECT has_table_privilege('regress_nps_told', 'survey_reply.trend', 'SELECT');
REVOKE USAGE ON SCHEMA survey_reply FROM regress_nps_other;
DROP ROLE regress_nps_told;
SELECT nps_refresh_views('no_survey');
SELECT nps_refresh_views(NULL);

--
-- nps_surveys(), also after everything has been renamed
--
SELECT count(*) > 0 AS attached FROM nps_attach('reply', 'score', 'survey_twin');
SELECT survey, source, owner = current_user AS mine FROM nps_surveys() WHERE survey LIKE 'survey\_%';
ALTER SCHEMA survey_reply RENAME TO "Survey, the 2nd";
ALTER TABLE reply RENAME TO "Reply";
ALTER TABLE "Reply" RENAME who TO "Who?";
SELECT survey, source FROM nps_surveys() WHERE survey ILIKE 'survey%';
SELECT responses, nps FROM "Survey, the 2nd".summary;
SELECT severity, finding, detail, fix FROM nps_check('Survey, the 2nd');
-- The views are made again from the mapping as it was understood.
SELECT count(*) > 0 AS refreshed FROM nps_refresh_views('Survey, the 2nd');
SELECT responses, nps FROM "Survey, the 2nd".summary;
SELECT count(*) > 0 AS attached FROM nps_attach('"Reply"', 'score', 'Survey, the 2nd', respondent => 'Who?', responded_at => 'at', segments => ARRAY['plan'], replace => true, loop_since => '-infinity');
SELECT object, kind FROM nps_refresh_views('Survey, the 2nd') LIMIT 2;
SELECT finding FROM nps_check('Survey, the 2nd') WHERE finding LIKE '%mapping%';
ALTER TABLE "Reply" RENAME TO reply;
ALTER TABLE reply RENAME "Who?" TO who;
ALTER SCHEMA "Survey, the 2nd" RENAME TO survey_reply;
SELECT count(*) > 0 AS attached FROM nps_attach('reply', 'score', 'survey_reply', respondent => 'who', responded_at => 'at', segments => ARRAY['plan'], replace => true, loop_since => '-infinity');
-- A table named survey does not make a survey.
CREATE TABLE survey (scale text);
SELECT count(*) AS not_a_survey FROM nps_surveys() WHERE survey = 'survey_test';
DROP TABLE survey;

--
-- The source is dropped with everything that depends on it, and made again, as dbt does
--
DROP TABLE reply CASCADE;
SELECT survey, source FROM nps_surveys() WHERE survey LIKE 'survey\_%';
SELECT * FROM nps_check('survey_reply');
SELECT nps_refresh_views('survey_reply');
CREATE TABLE reply AS SELECT i AS id, 'w' || i AS who, timestamptz '2024-01-01 12:00+00' + i * interval '1 day' AS at, i % 12 AS score, 'p' || i % 2 AS plan, 'r' || i % 3 AS region, 'x' AS words
	FROM generate_series(1, 60) i;
ALTER TABLE reply ADD PRIMARY KEY (id);
SELECT count(*) > 0 AS attached FROM nps_attach('reply', 'score', 'survey_reply', respondent => 'who', responded_at => 'at', segments => ARRAY['plan'], replace => true, loop_since => '-infinity');
SELECT responses, goal FROM survey_reply.summary;
SELECT score_from, contact_hours, guidance FROM survey_reply.playbook WHERE score_from IN (0, 9);
-- Roles that could read the settings can read the views; the grants on the views went with them.
SELECT c.relname, has_table_privilege('regress_nps_reader', c.oid, 'SELECT') AS reader, has_table_privilege('regress_nps_other', c.oid, 'SELECT') AS other
FROM pg_class c WHERE c.relnamespace = 'survey_reply'::regnamespace AND c.relkind IN ('r', 'v') ORDER BY 1;
-- nps_refresh_views() works as well, if the name of the source is the same.
DROP TABLE reply CASCADE;
CREATE TABLE reply (id integer PRIMARY KEY, who text, at timestamptz, score integer, plan text);
SELECT count(*) > 0 AS attached FROM nps_refresh_views('survey_reply');
SELECT survey, source FROM nps_surveys() WHERE survey LIKE 'survey\_%';
SELECT responses AS none FROM survey_reply.summary;

--
-- nps_detach()
--
DROP VIEW parts;		-- it depends on tables of the survey
CREATE TABLE survey_reply.notes (note text);
SELECT nps_detach('survey_reply');
SELECT count(*) AS all_still_there FROM pg_class WHERE relnamespace = 'survey_reply'::regnamespace AND relkind IN ('r', 'v');
DROP TABLE survey_reply.notes;
CREATE VIEW board AS SELECT nps FROM survey_reply.summary;
SELECT nps_detach('survey_reply');
DROP VIEW board;
CREATE FUNCTION survey_reply.helper() RETURNS integer LANGUAGE sql RETURN 1;
SELECT nps_detach('survey_reply');
DROP FUNCTION survey_reply.helper();
SELECT nps_detach('survey_reply');
SELECT to_regnamespace('survey_reply') IS NULL AS is_gone, to_regclass('reply') IS NOT NULL AS source_is_not;
SELECT nps_detach('survey_reply');
SELECT nps_detach(NULL);
SELECT nps_detach('survey_test');
-- also if the views went with their source
SELECT count(*) > 0 AS attached FROM nps_attach('reply', 'score', 'survey_reply', segments => ARRAY['plan']);
DROP TABLE reply CASCADE;
SELECT nps_detach('survey_reply');
SELECT to_regnamespace('survey_reply') IS NULL AS is_gone;
SELECT nps_detach('survey_twin');
-- If the settings of a survey are lost, that is reported.
CREATE TABLE reply (id integer PRIMARY KEY, who text, at timestamptz, score integer DEFAULT 0, plan text, made timestamp);
SELECT count(*) > 0 AS attached FROM nps_attach('reply', 'score', 'survey_reply');
DELETE FROM survey_reply.survey;
SELECT * FROM nps_check('survey_reply');
SELECT count(*) AS one_row FROM survey_reply.summary;
DROP SCHEMA survey_reply CASCADE;

--
-- nps_check()
--
-- No answers, no findings; nor for answers with nothing to report.
CREATE INDEX reply_who ON reply (who, at DESC NULLS LAST, id DESC);
CREATE INDEX reply_at ON reply (at);
SELECT count(*) > 0 AS attached FROM nps_attach('reply', 'score', 'survey_reply', respondent => 'who', responded_at => 'at', segments => ARRAY['plan'], loop_since => '-infinity');
SELECT * FROM nps_check('survey_reply');
INSERT INTO reply SELECT i, 'w' || i, timestamptz '2024-01-01 12:00+00' + i * interval '1 day', i % 11 FROM generate_series(1, 55) i;
SELECT * FROM nps_check('survey_reply');
SELECT * FROM nps_check('no_survey');
SELECT * FROM nps_check(NULL);

-- Each finding, in a transaction of its own.  The mapping: a column that was renamed.
BEGIN;
ALTER TABLE reply RENAME plan TO tariff;
SELECT * FROM nps_check('survey_reply');
ROLLBACK;
BEGIN;
ALTER TABLE reply RENAME score TO points;
SELECT * FROM nps_check('survey_reply');
ROLLBACK;
BEGIN;
ALTER TABLE reply RENAME at TO moment;
SELECT * FROM nps_check('survey_reply');
ROLLBACK;
-- The scale.
BEGIN;
UPDATE reply SET score = score % 6 + 1;
SELECT * FROM nps_check('survey_reply');
SELECT warning FROM survey_reply.summary;
ROLLBACK;
BEGIN;
UPDATE reply SET score = score % 10 + 1;
SELECT * FROM nps_check('survey_reply');
-- with fewer than 30 answers nothing is reported
DELETE FROM reply WHERE id > 29;
SELECT count(*) AS nothing FROM nps_check('survey_reply');
ROLLBACK;
BEGIN;
UPDATE reply SET score = 0 WHERE id > 20;
SELECT * FROM nps_check('survey_reply');
-- Without the default they are found too: hardly anybody else is unhappy.
ALTER TABLE reply ALTER score DROP DEFAULT;
SELECT count(*) AS nothing FROM nps_check('survey_reply');
ALTER TABLE reply ALTER score SET DEFAULT 5;
SELECT count(*) AS nothing FROM nps_check('survey_reply');
ROLLBACK;
-- The rows.
BEGIN;
UPDATE reply SET score = 12 WHERE id < 3;
UPDATE reply SET score = NULL WHERE id = 3;
SELECT * FROM nps_check('survey_reply');
SELECT reason, raw_score, count(*) FROM survey_reply.not_counted GROUP BY 1, 2 ORDER BY 1, 2;
ROLLBACK;
BEGIN;
UPDATE reply SET who = 'twice', at = '2024-01-01' WHERE id IN (1, 2, 3);
UPDATE reply SET who = 'again', at = '2024-01-01' WHERE id IN (4, 5);
-- not duplicates: another time, no respondent, no time
UPDATE reply SET who = 'often' WHERE id IN (6, 7);
UPDATE reply SET who = NULL, at = '2024-01-01' WHERE id IN (8, 9);
SELECT * FROM nps_check('survey_reply');
SELECT respondent, responded_at, count(*) FROM survey_reply.response GROUP BY 1, 2 HAVING count(*) > 1 ORDER BY 1;
ROLLBACK;
BEGIN;
UPDATE reply SET at = NULL WHERE id < 5;
SELECT * FROM nps_check('survey_reply');
ROLLBACK;
BEGIN;
UPDATE reply SET at = now() + interval '23 hours' WHERE id = 1;
SELECT count(*) AS tomorrow_is_fine FROM nps_check('survey_reply');
UPDATE reply SET at = now() + interval '25 hours' WHERE id < 3;
UPDATE reply SET at = 'infinity' WHERE id = 3;
SELECT * FROM nps_check('survey_reply');
ROLLBACK;
BEGIN;
SELECT count(*) > 0 AS attached FROM nps_attach('reply', 'score', 'survey_naive', responded_at => 'made', time_zone => 'Europe/Berlin');
SELECT * FROM nps_check('survey_naive');
-- the index that is printed is on the time as the views use it
SELECT fix FROM nps_check('survey_naive') WHERE finding = 'missing index' \gexec
SELECT finding FROM nps_check('survey_naive');
SET LOCAL enable_seqscan = off;
SET LOCAL enable_bitmapscan = off;
EXPLAIN (COSTS OFF) SELECT responded_at FROM survey_naive.answer WHERE responded_at = '2024-05-05 10:00+02';
SELECT count(*) > 0 AS attached FROM nps_attach('reply', 'score', 'survey_naive', responded_at => $$made AT TIME ZONE 'UTC'$$, time_zone => 'Europe/Berlin', replace => true);
UPDATE reply SET made = at;
SELECT count(*) AS nothing FROM nps_check('survey_naive');
ROLLBACK;
-- The playbook.
BEGIN;
DELETE FROM survey_reply.playbook WHERE score_from IN (2, 7);
SELECT * FROM nps_check('survey_reply');
ROLLBACK;

-- Missing indexes: what is printed can be run, and then they are no longer missing.
DROP INDEX reply_who, reply_at;
SELECT * FROM nps_check('survey_reply');
SELECT fix FROM nps_check('survey_reply') WHERE finding = 'missing index' \gexec
SELECT * FROM nps_check('survey_reply');
SELECT indexdef FROM pg_indexes WHERE schemaname = 'survey_test' AND tablename = 'reply' ORDER BY 1;
-- An index that also has other columns is enough if it begins with the right one; a partial one is not.
DROP INDEX reply_who_at_id_score_idx, reply_score_at_id_who_idx, reply_at_idx;
CREATE INDEX ON reply (who, plan, at);
CREATE INDEX ON reply (plan, at);
CREATE INDEX ON reply (at) WHERE plan = 'x';
SELECT finding, detail, fix FROM nps_check('survey_reply');
-- Names that need quotes; a materialized view and a partitioned table can have indexes, a view cannot; an expression is not one of the columns.
CREATE TABLE "Odd ""name""" (id integer PRIMARY KEY, score integer, "Who, then" text, "when" timestamptz) PARTITION BY RANGE (id);
CREATE TABLE odd_1 PARTITION OF "Odd ""name""" DEFAULT;
SELECT count(*) > 0 AS attached FROM nps_attach('"Odd ""name"""', 'score', 'survey_odd', respondent => 'Who, then', responded_at => 'when', loop_since => '-infinity');
SELECT finding, detail, fix FROM nps_check('survey_odd');
SELECT fix FROM nps_check('survey_odd') WHERE finding = 'missing index' \gexec
SELECT finding, detail, fix FROM nps_check('survey_odd');
CREATE VIEW seen AS TABLE reply;
CREATE MATERIALIZED VIEW stored AS TABLE reply;
SELECT count(*) > 0 AS attached FROM nps_attach('seen', 'score', 'survey_seen', response_id => 'id', respondent => 'who', responded_at => 'at', loop_since => '-infinity');
SELECT count(*) > 0 AS attached FROM nps_attach('stored', 'score', 'survey_stored', response_id => 'id', respondent => 'lower(who)', responded_at => 'at', loop_since => '-infinity');
SELECT 'view' AS source, finding, fix FROM nps_check('survey_seen') UNION ALL SELECT 'materialized view', finding, fix FROM nps_check('survey_stored');

--
-- Problems of an analyst
--
-- surveys with scores of other types, one after the other in a session
CREATE TABLE small (id integer PRIMARY KEY, score smallint, who text, at date);
CREATE TABLE wide (id integer PRIMARY KEY, score numeric, who text, at date);
INSERT INTO small SELECT i, i % 11, 'who ' || i % 20, date '2026-01-01' + i FROM generate_series(1, 200) i;
INSERT INTO wide SELECT i, i % 11, CASE WHEN i % 2 = 0 THEN '' ELSE 'who ' || i END, date '2026-01-01' + i / 2 FROM generate_series(1, 200) i;
SELECT count(*) > 0 AS attached FROM nps_attach('small', 'score', 'survey_small');
SELECT count(*) > 0 AS attached FROM nps_attach('wide', 'score', 'survey_wide', response_id => 'id / 2', respondent => 'who', responded_at => 'at', loop_since => '-infinity');
SELECT s.survey, c.severity, c.finding, c.detail FROM nps_surveys() s, nps_check(s.survey) c
WHERE s.survey IN ('survey_small', 'survey_wide') AND c.finding <> 'missing index';
-- the advice is followed: an empty text is nobody; two answers on one day are not duplicates
SELECT fix FROM nps_check('survey_wide') WHERE finding LIKE 'one respondent%';
SELECT count(*) > 0 AS attached FROM nps_attach('wide', 'score', 'survey_wide', respondent => $$nullif(who, '')$$, responded_at => 'at', replace => true, loop_since => '-infinity');
SELECT finding FROM nps_check('survey_wide') WHERE finding <> 'missing index';
-- unanswered rows without a date
INSERT INTO wide SELECT i, NULL, 'who', NULL FROM generate_series(201, 210) i;
SELECT severity, finding, detail, fix FROM nps_check('survey_wide') WHERE finding LIKE 'unanswered%';
-- a filter that no row passes
SELECT count(*) > 0 AS attached FROM nps_attach('wide', 'score', 'survey_none', filter => $$who = 'nobody'$$);
SELECT severity, finding, detail FROM nps_check('survey_none');
-- an argument that is dropped is reported
SET client_min_messages = notice;
SELECT count(*) > 0 AS attached FROM nps_attach('wide', 'score', 'survey_wide', responded_at => 'at', replace => true);
RESET client_min_messages;
-- settings that the views were made for cannot be changed, and a goal must be a score
UPDATE survey_wide.survey SET scale = 'csat7';
UPDATE survey_wide.survey SET time_zone = 'Mars/Olympus';
UPDATE survey_wide.survey SET goal = 300;
-- a survey without its row can be attached again, or detached
DELETE FROM survey_wide.survey;
SELECT nps_check('survey_wide');
SELECT count(*) > 0 AS attached FROM nps_attach('wide', 'score', 'survey_wide', replace => true, goal => 20);
SELECT scale, goal FROM survey_wide.survey;
DELETE FROM survey_wide.survey;
SELECT nps_detach('survey_wide') IS NOT NULL AS detached;

SET search_path = public;
DROP SCHEMA survey_reply, survey_odd, survey_seen, survey_stored, survey_small, survey_none CASCADE;
DROP SCHEMA survey_test CASCADE;
DROP ROLE regress_nps_reader, regress_nps_other;
