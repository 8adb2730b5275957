-- Surveys that belong to somebody else, or were tampered with: nothing runs as the caller that
-- the owner of a survey did not attach, and nothing is lost that only people know.
\set VERBOSITY default
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'UTC';
CREATE SCHEMA survey_trust;
SET search_path = survey_trust, public;
CREATE TABLE reply (id integer PRIMARY KEY, kind text, payload text, score integer, who text, at timestamptz);
INSERT INTO reply SELECT i, 'nps', (i % 11)::text, i % 11, 'who ' || i % 7, timestamptz '2026-01-01 00:00+00' + i * interval '1 day' FROM generate_series(1, 44) i;
INSERT INTO reply SELECT i, 'text', 'words', NULL, 'who', now() FROM generate_series(101, 110) i;
CREATE ROLE regress_nps_editor;
CREATE ROLE regress_nps_stranger;

-- A role that may edit settings may not edit what becomes a view.
SELECT count(*) > 0 AS attached FROM nps_attach('reply', 'score', 'trust_reply', respondent => 'who', responded_at => 'at', loop_since => '-infinity');
GRANT USAGE ON SCHEMA trust_reply TO regress_nps_editor;
GRANT UPDATE ON trust_reply.survey TO regress_nps_editor;
SELECT nps_refresh_views('trust_reply');
REVOKE UPDATE ON trust_reply.survey FROM regress_nps_editor;
GRANT UPDATE (goal, attached_with) ON trust_reply.survey TO regress_nps_editor;
SELECT nps_refresh_views('trust_reply');
REVOKE UPDATE (attached_with) ON trust_reply.survey FROM regress_nps_editor;
SELECT count(*) > 0 AS attached FROM nps_refresh_views('trust_reply');
SET ROLE regress_nps_editor;
UPDATE trust_reply.survey SET goal = 50;
UPDATE trust_reply.survey SET attached_with = '{}';
RESET ROLE;
SELECT goal FROM trust_reply.survey;

-- A table that looks like that of a survey, with a cast or a trigger that runs code.
CREATE SCHEMA trust_evil AUTHORIZATION regress_nps_stranger;
GRANT USAGE ON SCHEMA survey_trust TO regress_nps_stranger;
SET ROLE regress_nps_stranger;
CREATE TYPE trust_evil.e AS ENUM ('a');
CREATE FUNCTION trust_evil.run(trust_evil.e) RETURNS text LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'ran as %', current_user; END$$;
CREATE CAST (trust_evil.e AS text) WITH FUNCTION trust_evil.run(trust_evil.e) AS IMPLICIT;
CREATE TABLE trust_evil.survey (scale text CHECK (public.nps_is_scale(scale)), time_zone text, goal double precision, attached_with trust_evil.e);
INSERT INTO trust_evil.survey VALUES ('nps', 'UTC', 1, 'a');
RESET ROLE;
SELECT survey FROM nps_surveys() WHERE survey LIKE 'trust%' ORDER BY 1;
SELECT * FROM nps_check('trust_evil');
SELECT nps_refresh_views('trust_evil');
SELECT * FROM nps_attach('reply', 'score', 'trust_evil', replace => true);
DROP TABLE trust_evil.survey;
SET ROLE regress_nps_stranger;
CREATE TABLE trust_evil.survey (scale text CHECK (public.nps_is_scale(scale)), time_zone text, goal double precision, attached_with text);
INSERT INTO trust_evil.survey VALUES ('nps', 'UTC', 1, '{}');
CREATE FUNCTION trust_evil.run() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'ran as %', current_user; END$$;
CREATE TRIGGER run BEFORE UPDATE ON trust_evil.survey FOR EACH ROW EXECUTE FUNCTION trust_evil.run();
RESET ROLE;
SELECT * FROM nps_attach('reply', 'score', 'trust_evil', replace => true);

-- The path is kept as it was for the role that attached, even if it has $user in it.
CREATE SCHEMA postgres_or_not;
SET search_path = "$user", survey_trust, public;
SELECT count(*) > 0 AS attached FROM nps_attach('reply', 'score', 'trust_path');
SELECT attached_with::jsonb ->> 'search_path' AS resolved FROM trust_path.survey;
SET search_path = survey_trust, public;

-- An expression is not computed for rows that the filter excludes.
SELECT count(*) > 0 AS attached FROM nps_attach('reply', 'payload::int', 'trust_filter', respondent => 'id', responded_at => 'at', filter => $$lower(btrim(kind)) = 'nps'$$,
	segments => ARRAY['payload::int % 2 AS odd'], loop_since => '-infinity');
SELECT responses, round(nps::numeric, 2) AS nps, unanswered + rejected AS others FROM trust_filter.summary;
SELECT count(*) FROM trust_filter.response WHERE score < 100 AND odd < 2;
SELECT count(*) FROM trust_filter.followup_all;

-- Nothing in pg_temp: it would take the views with it at the end of the session.
CREATE DOMAIN pg_temp.passing AS integer;
SELECT * FROM nps_attach('reply', 'score::pg_temp.passing', 'trust_temporary');
CREATE FUNCTION pg_temp.passing(integer) RETURNS integer LANGUAGE sql RETURN $1;
SELECT * FROM nps_attach('reply', 'pg_temp.passing(score)', 'trust_temporary');
SELECT count(*) AS none FROM pg_namespace WHERE nspname = 'trust_temporary';

-- A comment of one letter is a comment, one of any kind of blanks is not.
SELECT count(*) > 0 AS attached FROM nps_attach('reply', 'score', 'trust_comment',
	comment => $$CASE id WHEN 1 THEN 'v' WHEN 2 THEN E' \t\n\r\f\x0b' WHEN 3 THEN '' END$$);
SELECT response_id, has_comment FROM trust_comment.response WHERE response_id <= 4 ORDER BY 1;

-- The advice for a lost extension: the tables are still there.
BEGIN;
UPDATE trust_reply.playbook SET verdict = 'ours' WHERE score_from = 0;
DROP EXTENSION nps CASCADE;
CREATE EXTENSION nps SCHEMA public;
SELECT count(*) > 0 AS attached FROM nps_attach('reply', 'score', 'trust_reply', respondent => 'who', responded_at => 'at', replace => true, loop_since => '-infinity');
SELECT verdict FROM trust_reply.playbook WHERE score_from = 0;
SELECT goal FROM trust_reply.survey;
ROLLBACK;

-- Problems that are reported instead of raised.
DROP VIEW trust_comment.summary;
SELECT severity, finding, fix FROM nps_check('trust_comment');
SELECT count(*) > 0 AS attached FROM nps_refresh_views('trust_comment');
CREATE SCHEMA survey_trust_functions;
CREATE FUNCTION survey_trust_functions.same(integer) RETURNS integer LANGUAGE sql IMMUTABLE RETURN $1;
SELECT count(*) > 0 AS attached FROM nps_attach('reply', 'survey_trust_functions.same(score)', 'trust_function');
ALTER SCHEMA survey_trust_functions RENAME TO survey_trust_renamed;
SELECT finding, detail FROM nps_check('trust_function') WHERE severity = 'warning';

-- Our objects are found whatever the owner puts beside them.  The definitions name objects of
-- the server without a schema; that these were found where they belong is verified.
CREATE FUNCTION trust_comment.nps_category(integer) RETURNS text LANGUAGE sql RETURN 'promoter';
CREATE OPERATOR trust_comment.- (LEFTARG = public.nps_tally, RIGHTARG = public.nps_tally, FUNCTION = public.nps_tally_add);
SELECT count(*) > 0 AS attached FROM nps_refresh_views('trust_comment');
DROP FUNCTION trust_comment.nps_category(integer);
DROP OPERATOR trust_comment.- (public.nps_tally, public.nps_tally);
CREATE FUNCTION trust_comment.divided(double precision, bigint) RETURNS double precision LANGUAGE sql RETURN 0;
CREATE OPERATOR trust_comment./ (LEFTARG = double precision, RIGHTARG = bigint, FUNCTION = trust_comment.divided);
SELECT nps_refresh_views('trust_comment');
DROP OPERATOR trust_comment./ (double precision, bigint);
DROP FUNCTION trust_comment.divided(double precision, bigint);
SELECT count(*) > 0 AS attached FROM nps_refresh_views('trust_comment');

-- What the names in the mapping mean was decided when it was attached.  A role that
-- makes the views again, or has them read a rollup, does not look them up again:
-- somebody may have created something that fits better.
CREATE FUNCTION clean(text) RETURNS integer LANGUAGE sql IMMUTABLE RETURN $1::integer;
CREATE SCHEMA trust_shared;
GRANT USAGE, CREATE ON SCHEMA trust_shared TO PUBLIC;
CREATE TABLE varying (id integer PRIMARY KEY, raw varchar, who text);
INSERT INTO varying SELECT i, i % 11, 'who ' || i FROM generate_series(1, 44) i;
SET search_path = survey_trust, trust_shared, public;
SELECT count(*) > 0 AS attached FROM nps_attach('varying', 'clean(raw)', 'trust_bound', respondent => 'who', filter => 'clean(raw) < 11', segments => ARRAY['clean(raw) % 2 AS odd'], loop_since => '-infinity');
SET ROLE regress_nps_stranger;
CREATE FUNCTION trust_shared.clean(varchar) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$BEGIN RAISE EXCEPTION 'ran as %', current_user; END$$;
RESET ROLE;
SELECT count(*) > 0 AS refreshed FROM nps_refresh_views('trust_bound');
SELECT responses, detractors FROM trust_bound.summary;
CALL nps_materialize('trust_bound');
SELECT responses, detractors FROM trust_bound.summary;
SELECT count(*) > 0 AS refreshed FROM nps_refresh_views('trust_bound');
SELECT responses, detractors FROM trust_bound.summary;
CALL nps_dematerialize('trust_bound');
SELECT pg_describe_object(class, object, 0) FROM nps_bound_to('trust_bound.answer') ORDER BY 1;
-- If the source was dropped, and the mapping with it, it must be made again: but only from objects of the owner's.
BEGIN;
ALTER TABLE varying RENAME TO gone;
CREATE TABLE varying (LIKE gone INCLUDING ALL);
INSERT INTO varying TABLE gone;
DROP TABLE gone CASCADE;
SAVEPOINT gone;
SELECT nps_refresh_views('trust_bound');
ROLLBACK TO gone;
DROP FUNCTION trust_shared.clean(varchar);
SELECT count(*) > 0 AS refreshed FROM nps_refresh_views('trust_bound');
SELECT responses, detractors FROM trust_bound.summary;
ROLLBACK;
-- Attaching again decides, even with the same arguments: what the owner changed in the mapping stays until then.
ALTER VIEW trust_bound.answer RESET (security_invoker);
DO $$ BEGIN EXECUTE 'CREATE OR REPLACE VIEW trust_bound.answer AS ' || rtrim(pg_get_viewdef('trust_bound.answer'), ';') || ' AND id < 12'; END $$;
SELECT count(*) > 0 AS refreshed FROM nps_refresh_views('trust_bound');
SELECT responses, detractors, (SELECT reloptions FROM pg_class WHERE oid = 'trust_bound.answer'::regclass) FROM trust_bound.summary;
SET search_path = survey_trust, public;
SELECT count(*) > 0 AS attached FROM nps_attach('varying', 'clean(raw)', 'trust_bound', respondent => 'who', filter => 'clean(raw) < 11', segments => ARRAY['clean(raw) % 2 AS odd'], replace => true, loop_since => '-infinity');
SELECT responses, detractors FROM trust_bound.summary;
ALTER VIEW trust_bound.answer RENAME COLUMN account TO company;
SELECT nps_refresh_views('trust_bound');
ALTER VIEW trust_bound.answer RENAME COLUMN company TO account;

-- Somebody's own views in the survey's schema, and their comments.
CREATE VIEW trust_comment.mine AS SELECT score FROM trust_comment.response;
SELECT * FROM nps_attach('reply', 'score::bigint', 'trust_comment', replace => true);
DROP VIEW trust_comment.mine;
ALTER TABLE trust_comment.playbook ADD COLUMN escalate_to text;
COMMENT ON COLUMN trust_comment.playbook.escalate_to IS 'ours';
COMMENT ON COLUMN trust_comment.playbook.verdict IS 'ours too';
COMMENT ON VIEW trust_comment.trend IS 'ours as well';
-- and those that somebody removed stay away
COMMENT ON VIEW trust_comment.segment IS NULL;
COMMENT ON COLUMN trust_comment.cause.query IS NULL;
DO $$ DECLARE which name; BEGIN
	EXECUTE 'COMMENT ON VIEW trust_comment.account IS NULL';
	FOR which IN SELECT attname FROM pg_attribute WHERE attrelid = 'trust_comment.account'::regclass AND attnum > 0 LOOP
		EXECUTE format('COMMENT ON COLUMN trust_comment.account.%I IS NULL', which);
	END LOOP;
END $$;
SELECT count(*) > 0 AS attached FROM nps_refresh_views('trust_comment');
-- also if the views are dropped and made again
SELECT count(*) > 0 AS attached FROM nps_attach('reply', 'score::bigint', 'trust_comment', replace => true);
SELECT a.attname, col_description('trust_comment.playbook'::regclass, a.attnum) AS comment FROM pg_attribute a
WHERE a.attrelid = 'trust_comment.playbook'::regclass AND a.attname IN ('escalate_to', 'verdict', 'steps') ORDER BY 1;
SELECT c.relname, obj_description(c.oid, 'pg_class') IS NOT NULL AS is_described, string_agg(a.attname, ' ' ORDER BY a.attnum) FILTER (WHERE col_description(c.oid, a.attnum) IS NULL) AS not_described
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.oid IN ('trust_comment.segment'::regclass, 'trust_comment.cause'::regclass, 'trust_comment.account'::regclass)
GROUP BY c.oid ORDER BY c.relname;
-- but after a restore without comments nobody knows who removed them
COMMENT ON CONSTRAINT set_by_nps_attach ON trust_comment.survey IS NULL;
SELECT count(*) > 0 AS refreshed FROM nps_refresh_views('trust_comment');
SELECT c.relname, obj_description(c.oid, 'pg_class') IS NOT NULL AS is_described, count(*) - count(col_description(c.oid, a.attnum)) AS not_described
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.oid IN ('trust_comment.segment'::regclass, 'trust_comment.cause'::regclass, 'trust_comment.account'::regclass)
GROUP BY c.oid ORDER BY c.relname;
SELECT obj_description('trust_comment.trend'::regclass, 'pg_class') AS of_trend, obj_description('trust_comment.summary'::regclass, 'pg_class') AS of_summary;

SET search_path = public;
DROP SCHEMA trust_reply, trust_evil, trust_path, trust_filter, trust_comment, trust_function, trust_bound, trust_shared CASCADE;
DROP SCHEMA survey_trust, survey_trust_renamed, postgres_or_not CASCADE;
DROP ROLE regress_nps_editor, regress_nps_stranger;
