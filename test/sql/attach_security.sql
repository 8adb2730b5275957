-- What a survey gives away, and to whom: readers without privileges, row-level
-- security, hostile names, and a search path full of traps.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO, MDY';
SET jit = off;		-- compiling would take longer than running
CREATE SCHEMA attach_security;
SET search_path = attach_security, public;

--
-- A survey shows a reader what the reader may read, and nothing else
--
DROP ROLE IF EXISTS regress_nps_owner, regress_nps_tenant_a, regress_nps_tenant_b, regress_nps_nobody;
CREATE ROLE regress_nps_owner;
CREATE ROLE regress_nps_tenant_a;
CREATE ROLE regress_nps_tenant_b;
CREATE ROLE regress_nps_nobody;
GRANT USAGE, CREATE ON SCHEMA attach_security TO regress_nps_owner;
GRANT USAGE ON SCHEMA attach_security TO regress_nps_tenant_a, regress_nps_tenant_b, regress_nps_nobody;
GRANT CREATE ON DATABASE contrib_regression TO regress_nps_owner;
SET ROLE regress_nps_owner;
CREATE TABLE shared (id integer PRIMARY KEY, tenant name, who text, score text, at timestamptz, firm text, plan text);
INSERT INTO shared VALUES
	(1, 'regress_nps_tenant_a', 'a1', '3', now(), 'A Inc', 'x'), (2, 'regress_nps_tenant_a', 'a2', '9', now(), 'A Inc', 'y'),
	(3, 'regress_nps_tenant_a', 'a3', 'ten', now(), 'A Inc', 'x'), (4, 'regress_nps_tenant_b', 'b1', '10', now(), 'B Inc', 'x'),
	(5, 'regress_nps_tenant_b', 'b2', '10', now(), 'B Inc', 'x'), (6, 'regress_nps_tenant_b', 'b3', '0', now(), 'B Inc', 'y'),
	(7, 'regress_nps_tenant_b', 'b4', NULL, now(), 'B Inc', 'x'), (8, NULL, 'nobody''s', '0', now(), 'C Inc', 'z'),
	-- one person who answered to both
	(9, 'regress_nps_tenant_a', 'both', '2', now() - interval '2 days', 'both', 'x'),
	(10, 'regress_nps_tenant_b', 'both', '9', now() - interval '1 day', 'both', 'x');
SELECT count(*) > 0 AS attached FROM nps_attach('shared', 'score', respondent => 'who', account => 'firm', responded_at => 'at', segments => ARRAY['plan'],
	schema_name => 'shared_survey', loop_since => '-infinity');
-- Nothing is granted to anybody in passing.
SELECT c.relname, c.relacl FROM pg_class c WHERE c.relnamespace = 'shared_survey'::regnamespace AND c.relacl IS NOT NULL;
SELECT nspacl IS NULL AS no_grant FROM pg_namespace WHERE nspname = 'shared_survey';
RESET ROLE;
SET ROLE regress_nps_nobody;
SELECT * FROM shared_survey.summary;
RESET ROLE;
-- Privileges on the survey alone are not enough: the responses are read with the reader's own privileges.
GRANT USAGE ON SCHEMA shared_survey TO regress_nps_nobody;
GRANT SELECT ON ALL TABLES IN SCHEMA shared_survey TO regress_nps_nobody;
SET ROLE regress_nps_nobody;
SELECT * FROM shared_survey.answer;
SELECT * FROM shared_survey.response;
SELECT * FROM shared_survey.not_counted;
SELECT * FROM shared_survey.summary;
SELECT * FROM shared_survey.distribution;
SELECT * FROM shared_survey.followup;
UPDATE shared_survey.playbook SET follow_up = false;
DELETE FROM shared_survey.survey;
RESET ROLE;
-- Nor are privileges on the responses enough without those on the survey.
GRANT SELECT ON shared TO regress_nps_nobody;
REVOKE SELECT ON shared_survey.summary FROM regress_nps_nobody;
SET ROLE regress_nps_nobody;
SELECT responses FROM shared_survey.summary;
RESET ROLE;

-- Two tenants, each of whom may see their own rows.
GRANT SELECT ON shared TO regress_nps_tenant_a, regress_nps_tenant_b;
GRANT USAGE ON SCHEMA shared_survey TO regress_nps_tenant_a, regress_nps_tenant_b;
GRANT SELECT ON ALL TABLES IN SCHEMA shared_survey TO regress_nps_tenant_a, regress_nps_tenant_b;
ALTER TABLE shared ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON shared USING (tenant = current_user);
SET ROLE regress_nps_tenant_a;
SELECT response_id, raw_score, score FROM shared_survey.answer ORDER BY response_id;
SELECT response_id, respondent, category FROM shared_survey.response ORDER BY response_id;
SELECT response_id, raw_score, reason FROM shared_survey.not_counted ORDER BY response_id;
SELECT responses, detractors, promoters, nps, unanswered, rejected FROM shared_survey.summary;
SELECT score, responses FROM shared_survey.distribution WHERE responses > 0 ORDER BY score;
SELECT respondent, account, score, responses FROM shared_survey.followup;
RESET ROLE;
SET ROLE regress_nps_tenant_b;
SELECT response_id, raw_score, score FROM shared_survey.answer ORDER BY response_id;
SELECT response_id, respondent, category FROM shared_survey.response ORDER BY response_id;
SELECT response_id, raw_score, reason FROM shared_survey.not_counted ORDER BY response_id;
SELECT responses, detractors, promoters, nps, unanswered, rejected FROM shared_survey.summary;
SELECT score, responses FROM shared_survey.distribution WHERE responses > 0 ORDER BY score;
SELECT respondent, account, score, responses FROM shared_survey.followup;
RESET ROLE;
-- A leaky function in a condition sees no row that the policy hides.
CREATE TABLE seen (what text);
GRANT INSERT, SELECT ON seen TO regress_nps_tenant_a;
CREATE FUNCTION leak(text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS
	$$BEGIN INSERT INTO attach_security.seen VALUES ($1); RETURN true; END$$;
SET ROLE regress_nps_tenant_a;
SELECT count(*) AS own FROM shared_survey.response WHERE attach_security.leak(respondent);
SELECT count(*) AS own FROM shared_survey.followup WHERE attach_security.leak(respondent);
RESET ROLE;
SELECT DISTINCT what COLLATE "C" AS seen FROM seen ORDER BY 1;
-- The owner of the table sees everything, unless the policy is forced on the owner too.
SET ROLE regress_nps_owner;
SELECT responses FROM shared_survey.summary;
ALTER TABLE shared FORCE ROW LEVEL SECURITY;
SELECT responses FROM shared_survey.summary;
RESET ROLE;

DROP SCHEMA shared_survey CASCADE;
DROP TABLE shared CASCADE;
REVOKE ALL ON SCHEMA attach_security FROM regress_nps_owner, regress_nps_tenant_a, regress_nps_tenant_b, regress_nps_nobody;
REVOKE ALL ON DATABASE contrib_regression FROM regress_nps_owner;
DROP TABLE seen;
DROP ROLE regress_nps_owner, regress_nps_tenant_a, regress_nps_tenant_b, regress_nps_nobody;

--
-- Hostile names
--
-- Each name is used for a schema, its table, a column of the table, and as part of
-- the survey's name; the column is the score, a segment and everything else,
-- first by its bare name, then within expressions.  The result is a row for each name that
-- does not work.
CREATE TABLE hostile (name text);
INSERT INTO hostile VALUES ('with "quotes"'), ('"'), (''''), ('it''s'), ('$$'), ('$sql$'), ('$1'), ('UPPER'), ('Mixed Case'), (' blank '), ('a.b'),
	('back\slash'), ('\'), ('%I'), ('%s%%'), ('%1$I'), (';--'), ('/*'), ('*/'), ('); DROP TABLE hostile; --'), (E'new\nline'), (E'tab\t'),
	('select'), ('user'), ('table'), ('from'), ('order'), ('as'), ('case'), ('null'), ('all'), ('current_user'), ('window'), ('Größe'), ('名前'),
	('ışık'), ('😀'), (repeat('x', 63)), (repeat('ü', 31)), ('1st'), ('_'), ('{}'), ('x AS y'), ('score + 1'), ('ctid2'),
	-- and names that we use ourselves
	('answer'), ('score'), ('raw_score'), ('category'), ('nps'), ('response_id'), ('respondent'), ('responded_at'), ('comment'), ('owner'),
	('survey'), ('playbook'), ('target'), ('s'), ('t'), ('p');
CREATE FUNCTION problem_with(name text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
	is_ours boolean := name IN ('response_id', 'respondent', 'account', 'score', 'raw_score', 'rejection', 'category', 'nps_points',
		'responded_at', 'asked_at', 'comment', 'has_comment', 'revenue', 'renewal_at', 'churned_at', 'contactable', 'owner', 'open_tickets');
BEGIN
	EXECUTE format('CREATE SCHEMA %I', name);
	EXECUTE format('CREATE TABLE %1$I.%1$I (id_of_row integer PRIMARY KEY, %1$I integer, a_text text)', name);
	EXECUTE format('INSERT INTO %1$I.%1$I VALUES (1, 9, $q$x$q$), (2, 3, $q$y$q$), (3, 11, NULL)', name);
	-- the column for every argument that its type allows
	PERFORM nps_attach(format('%1$I.%1$I', name)::regclass, name, schema_name => 'hostile_survey', response_id => name, respondent => name,
		account => name, revenue => name, open_tickets => name, comment => 'a_text', time_zone => 'UTC',
		segments => CASE WHEN NOT is_ours THEN ARRAY[name] END, loop_since => '-infinity');
	EXECUTE 'SELECT format(''%s %s %s'', responses, nps, rejected) FROM hostile_survey.summary' INTO result;
	IF result <> '2 0 1' THEN RETURN 'as column: ' || result; END IF;
	EXECUTE 'SELECT format(''%s %s'', case_id, revenue) FROM hostile_survey.followup' INTO result;
	IF result <> '3 3' THEN RETURN 'as follow-up: ' || result; END IF;
	IF NOT is_ours THEN
		EXECUTE format('SELECT sum(%I) FROM hostile_survey.response', name) INTO result;
		IF result <> '12' THEN RETURN 'as segment: ' || result; END IF;
	END IF;
	EXECUTE 'SELECT attached_with::jsonb ->> ''score'' FROM hostile_survey.survey' INTO result;
	IF result <> name THEN RETURN 'as kept: ' || result; END IF;
	DROP SCHEMA hostile_survey CASCADE;
	-- quoted, within expressions, as the name of a segment, as the name of the survey's schema
	PERFORM nps_attach(format('%1$I.%1$I', name)::regclass, format('%I + 0', name), response_id => 'id_of_row', respondent => format('(SELECT %I)', name),
		schema_name => left(name, 27) || '_survey', filter => format('%I > 0', name), owner => format('%L::text', name),
		segments => CASE WHEN NOT is_ours THEN ARRAY[format('%I * 2 AS %1$I', name)] END, loop_since => '-infinity');
	EXECUTE format('SELECT format(''%%s %%s %%s'', s.responses, s.nps, s.rejected) FROM %I.summary s', left(name, 27) || '_survey') INTO result;
	IF result <> '2 0 1' THEN RETURN 'in expressions: ' || result; END IF;
	EXECUTE format('SELECT min(owner) FROM %I.answer', left(name, 27) || '_survey') INTO result;
	IF result <> name THEN RETURN 'as value: ' || result; END IF;
	EXECUTE format('DROP SCHEMA %I CASCADE', left(name, 27) || '_survey');
	EXECUTE format('DROP SCHEMA %I CASCADE', name);
	RETURN NULL;
EXCEPTION WHEN OTHERS THEN
	RETURN SQLERRM;
END
$$;
-- Each in a transaction of its own: a survey takes about a hundred locks.
CREATE TABLE tried (name text, problem text);
\set ECHO none
SELECT format('INSERT INTO tried SELECT %1$L, problem_with(%1$L)', name) FROM hostile
\gexec
\set ECHO all
SELECT name, problem FROM tried WHERE problem IS NOT NULL;
SELECT count(*) AS names_tried FROM tried;

-- The columns of the source may have the names of a survey's columns and mean something else.
CREATE TABLE confusing (score text, category integer, response_id text, respondent date, responded_at text, comment integer PRIMARY KEY,
	nps integer, rejection boolean, raw_score text);
INSERT INTO confusing VALUES ('why', 9, 'who', '2024-01-01', 'what', 77, 1, true, 'raw');
SELECT count(*) > 0 AS attached FROM nps_attach('confusing', 'category', respondent => 'response_id', comment => 'score', responded_at => 'respondent',
	account => 'raw_score', contactable => 'rejection', segments => ARRAY['nps', 'responded_at AS what', 'comment::text || score AS "nps points"'],
	time_zone => 'UTC', schema_name => 'confused', loop_since => '-infinity');
SELECT * FROM confused.response;
SELECT contactable FROM confused.answer;
DROP SCHEMA confused CASCADE;

-- A segment may have the name of a column of another view, or any name used within our queries.
CREATE TABLE many_segments (id integer PRIMARY KEY, mark integer, nps text, responses text, share text, detractors text, priority text, status text,
	case_id text, reason text, steps text, severity text, personal text, channel text, scale text, goal text, tally text, run text, newest text,
	history text, mapped_owner text, previous_score text, age text, better_since text, given timestamptz DEFAULT now(), s text, m text, t text, p text, d text, r text);
INSERT INTO many_segments (id, mark, channel, s) VALUES (1, 0, 'web', 'S'), (2, 10, 'mail', 'T');
SELECT count(*) > 0 AS attached FROM nps_attach('many_segments', 'mark', respondent => 'id', responded_at => 'given', segments => ARRAY['nps', 'responses', 'share', 'detractors', 'priority',
	'status', 'case_id', 'reason', 'steps', 'severity', 'personal', 'channel', 'scale', 'goal', 'tally', 'run', 'newest', 'history', 'mapped_owner',
	'previous_score', 'age', 'better_since', 's', 'm', 't', 'p', 'd', 'r'], schema_name => 'many_segments_survey', loop_since => '-infinity');
SELECT response_id, score, category, channel, s FROM many_segments_survey.response ORDER BY response_id;
SELECT responses, nps, goal FROM many_segments_survey.summary;
SELECT case_id, priority, status, channel, channel_advised, score FROM many_segments_survey.followup;
DROP SCHEMA many_segments_survey CASCADE;

--
-- A search path full of traps.  The caller of nps_attach() has schema trap
-- before everything else; a view caught by a trap says so.
--
CREATE TABLE honest (id integer PRIMARY KEY, who text, score integer, score_text text, at timestamp, words text, plan text);
INSERT INTO honest SELECT i, 'w' || i % 5, i % 12, (i % 12)::text, localtimestamp - i * interval '1 hour', CASE WHEN i % 3 > 0 THEN 'x' END, 'p' || i % 2
FROM generate_series(1, 48) i;
SELECT count(*) > 0 AS attached FROM nps_attach('honest', 'score', respondent => 'who', responded_at => 'at', comment => 'words', segments => ARRAY['plan'],
	schema_name => 'honest_whole', time_zone => 'UTC', loop_since => '-infinity');
SELECT count(*) > 0 AS attached FROM nps_attach('honest', 'score_text', respondent => 'who', responded_at => 'at', comment => 'words', segments => ARRAY['plan'],
	schema_name => 'honest_text', time_zone => 'UTC', loop_since => '-infinity');

CREATE SCHEMA trap;
CREATE FUNCTION trap.sprung() RETURNS boolean LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'caught in a trap'; END$$;
CREATE FUNCTION trap.nps_category(integer) RETURNS text LANGUAGE sql AS $$SELECT trap.sprung()::text$$;
CREATE FUNCTION trap.nps_category(smallint) RETURNS text LANGUAGE sql AS $$SELECT trap.sprung()::text$$;
CREATE FUNCTION trap.nps_points(integer) RETURNS double precision LANGUAGE sql AS $$SELECT trap.sprung()::text::double precision$$;
CREATE FUNCTION trap.nps_points(smallint) RETURNS double precision LANGUAGE sql AS $$SELECT trap.sprung()::text::double precision$$;
CREATE FUNCTION trap.nps_rejection(double precision, text) RETURNS text LANGUAGE sql AS $$SELECT trap.sprung()::text$$;
CREATE FUNCTION trap.nps_rejection(text, text) RETURNS text LANGUAGE sql AS $$SELECT trap.sprung()::text$$;
CREATE FUNCTION trap.nps_valid_score(text, text) RETURNS double precision LANGUAGE sql AS $$SELECT trap.sprung()::text::double precision$$;
CREATE FUNCTION trap.nps_tally_agg(integer) RETURNS public.nps_tally LANGUAGE sql AS $$SELECT trap.sprung()::text::public.nps_tally$$;
CREATE FUNCTION trap.nps_summary(public.nps_tally) RETURNS public.nps_tally LANGUAGE sql AS $$SELECT trap.sprung()::text::public.nps_tally$$;
CREATE FUNCTION trap.nps_scales() RETURNS TABLE (scale text, min_score smallint, max_score smallint, whole_scores_only boolean)
	LANGUAGE sql AS $$SELECT trap.sprung()::text, 0::smallint, 0::smallint, true$$;
CREATE FUNCTION trap.nps_default_playbook(text) RETURNS boolean LANGUAGE sql AS $$SELECT trap.sprung()$$;
CREATE FUNCTION trap.nps_survey_comments() RETURNS boolean LANGUAGE sql AS $$SELECT trap.sprung()$$;
CREATE FUNCTION trap.nps_mapping(regclass, text, text, text, boolean) RETURNS boolean LANGUAGE sql AS $$SELECT trap.sprung()$$;
CREATE FUNCTION trap.nps_mapping_cast(text, text, regtype, text, text) RETURNS text LANGUAGE sql AS $$SELECT trap.sprung()::text$$;
CREATE FUNCTION trap.nps_mapping_key(regclass) RETURNS text LANGUAGE sql AS $$SELECT trap.sprung()::text$$;
CREATE FUNCTION trap.nps_create_views(text, text, text, text, text, text, text, smallint, smallint, boolean) RETURNS void
	LANGUAGE sql AS $$SELECT trap.sprung()$$;
CREATE FUNCTION trap.nps_describe_survey(text, text[]) RETURNS boolean LANGUAGE sql AS $$SELECT trap.sprung()$$;
CREATE FUNCTION trap.format(text, VARIADIC text[]) RETURNS text LANGUAGE sql AS $$SELECT trap.sprung()::text$$;
CREATE FUNCTION trap.format(text, text) RETURNS text LANGUAGE sql AS $$SELECT trap.sprung()::text$$;
CREATE FUNCTION trap.set_config(text, text, boolean) RETURNS text LANGUAGE sql AS $$SELECT trap.sprung()::text$$;
CREATE FUNCTION trap.current_setting(text) RETURNS text LANGUAGE sql AS $$SELECT trap.sprung()::text$$;
CREATE FUNCTION trap.rtrim(text, text) RETURNS text LANGUAGE sql AS $$SELECT trap.sprung()::text$$;
CREATE FUNCTION trap.btrim(text) RETURNS text LANGUAGE sql AS $$SELECT trap.sprung()::text$$;
CREATE FUNCTION trap.now() RETURNS timestamptz LANGUAGE sql AS $$SELECT trap.sprung()::text::timestamptz$$;
CREATE FUNCTION trap.timezone(text, timestamp) RETURNS timestamptz LANGUAGE sql AS $$SELECT trap.sprung()::text::timestamptz$$;
CREATE FUNCTION trap.timezone(text, timestamptz) RETURNS timestamp LANGUAGE sql AS $$SELECT trap.sprung()::text::timestamp$$;
CREATE FUNCTION trap.concat_ws(text, text, text) RETURNS text LANGUAGE sql AS $$SELECT trap.sprung()::text$$;
CREATE FUNCTION trap.octet_length(text) RETURNS integer LANGUAGE sql AS $$SELECT trap.sprung()::integer$$;
CREATE FUNCTION trap.numbers(integer, integer) RETURNS boolean LANGUAGE sql AS $$SELECT trap.sprung()$$;
CREATE FUNCTION trap.texts(text, text) RETURNS boolean LANGUAGE sql AS $$SELECT trap.sprung()$$;
CREATE FUNCTION trap.times(timestamptz, timestamptz) RETURNS boolean LANGUAGE sql AS $$SELECT trap.sprung()$$;
CREATE FUNCTION trap.joined(text, text) RETURNS text LANGUAGE sql AS $$SELECT trap.sprung()::text$$;
CREATE OPERATOR trap.>= (LEFTARG = integer, RIGHTARG = integer, FUNCTION = trap.numbers);
CREATE OPERATOR trap.<= (LEFTARG = integer, RIGHTARG = integer, FUNCTION = trap.numbers);
CREATE OPERATOR trap.= (LEFTARG = integer, RIGHTARG = integer, FUNCTION = trap.numbers);
CREATE OPERATOR trap.= (LEFTARG = text, RIGHTARG = text, FUNCTION = trap.texts);
CREATE OPERATOR trap.<> (LEFTARG = text, RIGHTARG = text, FUNCTION = trap.texts);
CREATE OPERATOR trap.> (LEFTARG = timestamptz, RIGHTARG = timestamptz, FUNCTION = trap.times);
CREATE OPERATOR trap.< (LEFTARG = timestamptz, RIGHTARG = timestamptz, FUNCTION = trap.times);
CREATE OPERATOR trap.|| (LEFTARG = text, RIGHTARG = text, FUNCTION = trap.joined);
CREATE TABLE trap.pg_class (oid integer);
CREATE TABLE trap.pg_namespace (oid integer);
CREATE TABLE trap.pg_attribute (attrelid integer);
CREATE TABLE trap.playbook (score_from integer);
CREATE TABLE trap.survey (scale integer);
CREATE TEMPORARY TABLE pg_class (oid integer);
CREATE TEMPORARY TABLE pg_namespace (oid integer);

SET search_path = trap, pg_catalog;
SELECT object FROM public.nps_attach('attach_security.honest', 'score', respondent => 'who', responded_at => 'at', comment => 'words',
	segments => ARRAY['plan'], schema_name => 'trapped_whole', time_zone => 'UTC', loop_since => '-infinity');
SELECT object FROM public.nps_attach('attach_security.honest', 'score_text', respondent => 'who', responded_at => 'at', comment => 'words',
	segments => ARRAY['plan'], schema_name => 'trapped_text', time_zone => 'UTC', loop_since => '-infinity');
-- An expression of the caller's is looked up in the caller's search path: that is its purpose.
SELECT object FROM public.nps_attach('attach_security.honest', 'score', respondent => 'btrim(who)', filter => 'false', schema_name => 'trapped_by_myself', loop_since => '-infinity') LIMIT 1;
RESET search_path;
DROP TABLE pg_temp.pg_class, pg_temp.pg_namespace;
SELECT pg_get_viewdef('trapped_by_myself.answer'::regclass) LIKE '%trap.btrim%' AS own_expression_uses_own_path;
-- No view of ours uses anything in the trap, and all give the same as without it.
SELECT DISTINCT r.ev_class::regclass AS depends_on_the_trap
FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid AND d.classid = 'pg_rewrite'::regclass
WHERE r.ev_class::regclass::text ~ '^trapped_(whole|text)' AND (
	d.refclassid = 'pg_proc'::regclass AND d.refobjid IN (SELECT oid FROM pg_proc WHERE pronamespace = 'trap'::regnamespace)
	OR d.refclassid = 'pg_operator'::regclass AND d.refobjid IN (SELECT oid FROM pg_operator WHERE oprnamespace = 'trap'::regnamespace)
	OR d.refclassid = 'pg_class'::regclass AND d.refobjid IN (SELECT oid FROM pg_class WHERE relnamespace = 'trap'::regnamespace));
SELECT count(*) AS rows_of_summary_that_differ FROM (
	(SELECT * FROM trapped_whole.summary EXCEPT SELECT * FROM honest_whole.summary)
	UNION ALL (SELECT * FROM trapped_text.summary EXCEPT SELECT * FROM honest_text.summary)) d;
BEGIN;
SELECT count(*) AS rows_that_differ FROM (
	(SELECT * FROM trapped_whole.followup EXCEPT SELECT * FROM honest_whole.followup)
	UNION ALL (SELECT * FROM honest_text.followup EXCEPT SELECT * FROM trapped_text.followup)
	UNION ALL (SELECT * FROM honest_text.followup EXCEPT SELECT * FROM trapped_whole.followup)) d;
COMMIT;
SELECT count(*) > 0 AS there_is_something_to_compare FROM honest_whole.followup;
-- A reader with the trap in the path is not caught either.
SET search_path = trap, pg_catalog;
SELECT responses, detractors, passives, promoters, rejected, warning FROM trapped_whole.summary;
SELECT score, category, responses FROM trapped_text.distribution;
SELECT response_id, reason FROM trapped_text.not_counted LIMIT 1;
SELECT category, has_comment FROM trapped_whole.response LIMIT 1;
SELECT next_step, steps FROM trapped_whole.followup LIMIT 1;
RESET search_path;

-- It works with any search path, even without one.
SET search_path = '';
SELECT count(*) > 0 AS attached FROM public.nps_attach('attach_security.honest', 'score', respondent => 'who', schema_name => 'pathless', loop_since => '-infinity');
SELECT responses FROM pathless.summary;
RESET search_path;

-- Types too: the call still recognizes text.  A new session, as types are looked up once in each.
\c -
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE TYPE trap.text AS ENUM ('caught in a trap');
CREATE DOMAIN trap.oid AS pg_catalog.bool;
SET search_path = trap, pg_catalog;
SELECT pg_catalog.count(*) > 0 AS attached FROM public.nps_attach('attach_security.honest', 'score', respondent => 'who', responded_at => 'at',
	comment => 'words', segments => ARRAY['plan']::pg_catalog.text[], schema_name => 'trapped_types', loop_since => '-infinity');
RESET search_path;

SET client_min_messages = warning;
DROP SCHEMA IF EXISTS honest_whole, honest_text, trapped_whole, trapped_text, trapped_by_myself, trapped_types, pathless CASCADE;
DROP SCHEMA trap CASCADE;
DROP SCHEMA attach_security CASCADE;
