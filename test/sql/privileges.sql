-- Who may do what with every object of a survey and every function of the extension
-- that takes one; and whose rows every view shows under row-level
-- security, with a rollup and with cases.  Objects and functions are read from the
-- catalog, so that a new one is tested without being named here.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'UTC';
SET jit = off;
DROP ROLE IF EXISTS regress_nps_owner, regress_nps_reader, regress_nps_actor, regress_nps_writer, regress_nps_nobody, regress_nps_a, regress_nps_b;
CREATE ROLE regress_nps_owner;
CREATE ROLE regress_nps_reader;
CREATE ROLE regress_nps_actor;
CREATE ROLE regress_nps_writer;
CREATE ROLE regress_nps_nobody;
CREATE ROLE regress_nps_a;
CREATE ROLE regress_nps_b;
CREATE SCHEMA privileges;
GRANT ALL ON SCHEMA privileges TO regress_nps_owner;
GRANT USAGE ON SCHEMA privileges TO PUBLIC;
SET search_path = privileges, public;
SELECT format('GRANT CREATE ON DATABASE %I TO regress_nps_owner', current_database()) \gexec

--
-- A survey of the owner's.  Everything in its rows, and nothing else, contains "secret".
-- Two people gave no reason, so that a program may ask them.
--
SET ROLE regress_nps_owner;
CREATE TABLE answer (id integer PRIMARY KEY, who text, firm text, at timestamptz, score text, words text, plan text, worth numeric, gone timestamptz, responsible text) WITH (autovacuum_enabled = false);
INSERT INTO answer
SELECT i, 'secret w' || i % 17, 'secret f' || i % 5, now() - i * interval '7 hours', CASE WHEN i % 17 > 14 THEN '6' WHEN i % 13 = 11 THEN NULL WHEN i % 13 = 12 THEN 'secret' ELSE (i * 7 % 11)::text END,
	CASE WHEN i % 17 <= 14 THEN 'secret words' END, 'secret p' || i % 3, i, CASE WHEN i % 19 = 0 THEN now() END, 'secret o' || i % 2
FROM generate_series(1, 150) i;
SELECT count(*) > 0 AS attached FROM nps_attach('answer', 'score', 'privileges_survey', respondent => 'who', account => 'firm', responded_at => 'at', comment => 'words',
	segments => ARRAY['plan'], revenue => 'worth', churned_at => 'gone', owner => 'responsible', time_zone => 'UTC', loop_since => '-infinity');
SELECT nps_notify('privileges_survey') AS channel;
GRANT SELECT ON answer TO regress_nps_reader, regress_nps_actor;
GRANT INSERT, UPDATE, DELETE, TRUNCATE ON answer TO regress_nps_writer;
SELECT nps_grant('privileges_survey', 'regress_nps_reader', 'reader');
SELECT nps_grant('privileges_survey', 'regress_nps_actor', 'actor');
RESET ROLE;
CALL nps_materialize('privileges_survey');
SET ROLE regress_nps_actor;
UPDATE privileges_survey.followup SET status = 'contacted', channel = 'phone', note = 'secret note' WHERE case_id IN (SELECT case_id FROM privileges_survey.followup ORDER BY case_id LIMIT 3);
INSERT INTO privileges_survey.concern (case_id, concern, cause) SELECT case_id, 'secret concern', 'price' FROM privileges_survey.followup_case ORDER BY case_id LIMIT 1;
UPDATE privileges_survey.cause_customer SET told_at = now() WHERE cause = 'price';
SET ROLE regress_nps_owner;
INSERT INTO privileges_survey.holiday (day) VALUES ('2026-12-25');
INSERT INTO privileges_survey.team_member (team, person) VALUES ('secret team', 'secret person');
RESET ROLE;

-- What the survey and its source contain, and how they are made.
CREATE FUNCTION state_of(survey name) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	relation record;
	rows text;
	result text;
BEGIN
	IF to_regnamespace(survey::text) IS NULL THEN
		RETURN 'gone';
	END IF;
	SELECT string_agg(concat_ws(' ', c.relname, c.relowner, c.relacl, c.reloptions, c.relrowsecurity, c.relforcerowsecurity, c.relpersistence, (SELECT md5(w.ev_action::text) FROM pg_rewrite w WHERE w.ev_class = c.oid)), E'\n' ORDER BY c.relname)
		|| (SELECT concat_ws(' ', n.nspowner, n.nspacl) FROM pg_namespace n WHERE n.nspname = survey)
		|| (SELECT string_agg(concat_ws(' ', pg_get_triggerdef(t.oid), t.tgenabled), E'\n' ORDER BY t.tgrelid, t.tgname) FROM pg_trigger t
			WHERE t.tgrelid IN (SELECT r.oid FROM pg_class r WHERE r.relnamespace IN ('privileges'::regnamespace, survey::text::regnamespace)))
		|| (SELECT coalesce(string_agg(concat_ws(' ', p.tablename, p.policyname, p.qual, p.with_check, p.roles), E'\n' ORDER BY p.tablename, p.policyname), '') FROM pg_policies p WHERE p.schemaname = survey)
	INTO result
	FROM pg_class c WHERE c.relnamespace = survey::text::regnamespace;
	FOR relation IN
		SELECT c.oid::regclass AS name FROM pg_class c
		-- the history's sequence does not give numbers back on rollback
		WHERE c.relkind IN ('r', 'S') AND c.relname <> 'followup_event_event_id_seq' AND (c.relnamespace = survey::text::regnamespace OR c.oid = 'privileges.answer'::regclass) ORDER BY c.relname
	LOOP
		EXECUTE format('SELECT string_agg(r, E''\n'' ORDER BY r) FROM (SELECT row(t.*)::text AS r FROM %s t) r', relation.name) INTO rows;
		result := result || E'\n' || relation.name || E'\n' || coalesce(rows, '');
	END LOOP;
	RETURN md5(result);
END
$$;
-- A statement as somebody, rolled back: 'denied', 'done', or another error; its result; and
-- whether it leaves a survey in another state than the given one.
CREATE TYPE outcome AS (what text, message text, changes boolean);
CREATE FUNCTION try(role text, statement text, watched name DEFAULT NULL, before text DEFAULT NULL) RETURNS outcome LANGUAGE plpgsql AS $$
DECLARE
	result outcome;
	detail text;
	hint text;
BEGIN
	BEGIN
		EXECUTE format('SET LOCAL ROLE %I', role);
		IF statement ~ '^SELECT' THEN
			EXECUTE format('SELECT string_agg(s::text, E''\n'') FROM (%s) s', statement) INTO result.message;
		ELSE
			EXECUTE statement;
		END IF;
		RESET ROLE;
		result.what := 'done';
		-- its effect is checked before it is rolled back
		result.changes := CASE WHEN watched IS NOT NULL THEN before <> state_of(watched) END;
		RAISE EXCEPTION USING ERRCODE = 'NP000';
	EXCEPTION WHEN OTHERS THEN
		IF SQLSTATE <> 'NP000' THEN
			GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
			result := (CASE SQLSTATE WHEN '42501' THEN 'denied' ELSE 'error' END, concat_ws(' ', SQLSTATE, SQLERRM, detail, hint), false)::outcome;
		END IF;
	END;
	RETURN result;
END
$$;
CREATE TABLE person (role text, place integer);
INSERT INTO person VALUES ('owner', 1), ('actor', 2), ('reader', 3), ('writer', 4), ('nobody', 5);

--
-- Every relation of the survey, with every kind of statement.  A letter is what a
-- role may do; a small letter what it has the privilege for, but the relation refuses;
-- a dash what is denied.  S: select, I: insert, U: update, D: delete,
-- T: truncate, L: lock, C: comment, G: trigger, X: drop.
--
CREATE FUNCTION may(role text, relation text, is_view boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	one name := (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = relation::regclass AND a.attnum > 0 AND a.attidentity = '' AND a.attgenerated = '' ORDER BY a.attname = 'note' DESC, a.attnum LIMIT 1);
	action text[];
	what text;
	result text := '';
BEGIN
	FOREACH action SLICE 1 IN ARRAY ARRAY[
		['S', format('SELECT count(*) FROM %s', relation)],
		['I', format('INSERT INTO %s DEFAULT VALUES', relation)],
		['U', format('UPDATE %s SET %I = %2$I WHERE false', relation, one)],
		['D', format('DELETE FROM %s WHERE false', relation)],
		['T', format('TRUNCATE %s', relation)],
		['L', format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', relation)],
		['C', format('COMMENT ON %s %s IS ''mine''', CASE WHEN is_view THEN 'VIEW' ELSE 'TABLE' END, relation)],
		['G', format('CREATE TRIGGER mine BEFORE INSERT ON %s FOR EACH STATEMENT EXECUTE FUNCTION suppress_redundant_updates_trigger()', relation)],
		['X', format('DROP %s %s CASCADE', CASE WHEN is_view THEN 'VIEW' ELSE 'TABLE' END, relation)]]
	LOOP
		what := (try(role, action[2])).what;
		result := result || CASE what WHEN 'done' THEN action[1] WHEN 'denied' THEN '-' ELSE lower(action[1]) END;
	END LOOP;
	RETURN result;
END
$$;
WITH tried AS (
	SELECT c.relname, c.relkind, p.place, may('regress_nps_' || p.role, c.oid::regclass::text, c.relkind = 'v') AS may
	FROM pg_class c CROSS JOIN person p
	WHERE c.relnamespace = 'privileges_survey'::regnamespace AND c.relkind IN ('r', 'v')
), lines AS (
	SELECT relname, relkind, array_agg(may ORDER BY place) AS may FROM tried GROUP BY relname, relkind
)
SELECT may[1] AS owner, may[2] AS actor, may[3] AS reader, may[4] AS writer, may[5] AS nobody,
	string_agg(relname, ' ' ORDER BY relname) || CASE relkind WHEN 'v' THEN ' (views)' ELSE '' END AS of_these
FROM lines GROUP BY may, relkind ORDER BY relkind DESC, 6;
-- sequences, too, and the schema itself
SELECT p.role, has_schema_privilege('regress_nps_' || p.role, 'privileges_survey', 'USAGE') AS uses, has_schema_privilege('regress_nps_' || p.role, 'privileges_survey', 'CREATE') AS creates,
	count(*) FILTER (WHERE has_sequence_privilege('regress_nps_' || p.role, c.oid, 'SELECT, USAGE, UPDATE')) AS sequences
FROM person p CROSS JOIN pg_class c WHERE c.relnamespace = 'privileges_survey'::regnamespace AND c.relkind = 'S' GROUP BY p.role, p.place ORDER BY p.place;

--
-- Every function of the extension that takes a survey or a relation,
-- with arguments that are right for the owner: for others it does nothing that they could not
-- do themselves, shows nothing of the rows, and changes nothing.
--
CREATE TABLE given (type regtype, name text, value text);
INSERT INTO given
-- relations by their oid: a role that may not use the schema cannot name them
SELECT 'regclass'::regtype, name, quote_literal(relation::regclass::oid)
FROM (VALUES (NULL, 'privileges.answer'), ('rollup', 'privileges_survey.rollup'), ('playbook', 'privileges_survey.playbook'), ('computed', 'privileges_survey.rollup'), ('answer', 'privileges_survey.answer'),
	('survey', 'privileges_survey.survey'), ('cases', 'privileges_survey.followup_case'), ('causes', 'privileges_survey.cause')) AS v(name, relation);
INSERT INTO given VALUES
	('text', NULL, '''score'''), ('regconfig', NULL, '''pg_catalog.simple'''), ('text', 'survey', '''privileges_survey'''), ('text', 'target', '''privileges_survey'''), ('text', 'schema_name', '''privileges_survey'''),
	('text', 'access', '''actor'''), ('text', 'time_zone', '''UTC'''), ('text', 'scale', '''nps'''), ('text', 'argument', '''respondent'''), ('text', 'wanted_step', 'NULL'),
	('text', 'response_id', '''id'''), ('text', 'respondent', '''secret w7'''), ('text[]', 'answers', '''{7}'''), ('text', 'text_search', '''pg_catalog.simple'''), ('text', 'config', '''pg_catalog.simple'''),
	('name', NULL, '''regress_nps_nobody'''), ('name', 'owner', '''regress_nps_nobody'''), ('text[]', NULL, '''{plan}'''), ('integer', NULL, '3'), ('boolean', NULL, 'true'),
	('regtype', 'type', '''pg_catalog.int8'''), ('text', 'condition', '''true'''), ('pg_node_tree', NULL, '(SELECT p.polqual FROM pg_catalog.pg_policy p LIMIT 1)'),
	('date', NULL, '''today'''), ('date', 'from_day', '(date ''today'' - 20)'), ('date', 'period', 'CAST(NULL AS date)'), ('text', 'trend', '''privileges_survey.trend'''), ('text', 'segment_trend', '''privileges_survey.segment_trend'''),
	('text', 'closed_loop', '''privileges_survey.closed_loop'''), ('text', 'language', '''en'''), ('text', 'grain', '''quarter'''), ('text', 'wanted_grain', '''quarter'''), ('text', 'zone', '''UTC'''), ('jsonb', 'trend', '''[]'''),
	('interval', NULL, '''1 hour'''), ('timestamptz', NULL, '''2026-01-01'''), ('text', 'clock', '''contact'''), ('text', 'setting', '''follow_up_days'''), ('regtype', NULL, '''text'''), ('text', 'wanted', '''text'''), ('bigint', 'rows', '1000'), ('bigint', 'leaf', '0'), ('text', 'text_search_config', '''simple'''), ('anyelement', NULL, '5'), ('anycompatible', NULL, '(SELECT a.case_id FROM privileges.made_of a)'), ('anyelement', 'respondent', '''secret w7''::text'), ('double precision', NULL, '30'), ('text', 'what', '''all'''), ('jsonb', NULL, '(SELECT a.arguments FROM privileges.made_of a)'), ('jsonb', 'facts', '(SELECT a.facts FROM privileges.made_of a)');
CREATE TABLE made_of AS SELECT attached_with::jsonb AS arguments, v.facts, (SELECT max(c.case_id) FROM privileges_survey.followup_case c WHERE c.channel IS NOT NULL) AS case_id FROM privileges_survey.survey CROSS JOIN LATERAL nps_answer_facts('privileges_survey', 'answer', attached_with::jsonb) v;
GRANT SELECT ON made_of TO PUBLIC;
CREATE TABLE called AS
SELECT p.oid::regprocedure AS function, format('%s %s(%s)', CASE p.prokind WHEN 'p' THEN 'CALL' ELSE 'SELECT f::text FROM' END, p.oid::regproc,
		(SELECT string_agg(CASE WHEN a.place > p.pronargs - p.pronargdefaults THEN a.name || ' => ' ELSE '' END || coalesce((SELECT g.value FROM given g WHERE g.type = a.type AND (g.name = a.name OR g.name IS NULL) ORDER BY g.name IS NULL LIMIT 1), 'NULL') || CASE WHEN a.type NOT IN ('anyelement', 'anycompatible') THEN '::' || a.type ELSE '' END, ', ' ORDER BY a.place)
		FROM unnest(p.proargtypes::regtype[], p.proargnames[1:p.pronargs]) WITH ORDINALITY AS a(type, name, place)
		-- optional arguments are left out, except those that make it remove more
		WHERE a.place <= p.pronargs - p.pronargdefaults OR a.name IN ('replace', 'rebuild', 'drop_cases', 'schema_name', 'response_id'))) || CASE p.prokind WHEN 'p' THEN '' ELSE ' f' END AS statement
FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e' AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'nps')
WHERE p.prokind IN ('f', 'p') AND p.prorettype <> 'trigger'::regtype
	AND ('regclass'::regtype = ANY (p.proargtypes) OR p.proargnames[1:p.pronargs] && ARRAY['survey', 'target', 'source']);
SELECT count(*) > 40 AS many, count(*) FILTER (WHERE statement ~ 'NULL::' AND statement !~ 'nps_claim_cases|nps_create_keeper') AS without_argument FROM called;
CREATE TABLE tried AS
SELECT c.function, c.statement, p.role, p.place, t.what, t.message, t.changes
FROM called c CROSS JOIN person p CROSS JOIN (SELECT state_of('privileges_survey') AS before OFFSET 0) s
CROSS JOIN LATERAL try('regress_nps_' || p.role, c.statement, 'privileges_survey', s.before) t;
SELECT count(*) FILTER (WHERE changes IS NULL) AS not_watched FROM tried;
-- "done" for the owner means that the call was a good one; a star marks functions that change something
SELECT may[1] AS owner, may[2] AS actor, may[3] AS reader, may[4] AS writer, may[5] AS nobody, string_agg(name, ' ' ORDER BY name) AS of_these
FROM (SELECT split_part(function::text, '(', 1) AS name, array_agg(what || CASE WHEN changes THEN '*' ELSE '' END ORDER BY place) AS may FROM tried GROUP BY function) f
GROUP BY may ORDER BY 6;
-- those with errors for the owner, which are not about privileges
SELECT DISTINCT split_part(function::text, '(', 1) AS function, left(message, 90) AS message FROM tried WHERE what = 'error' AND role = 'owner' ORDER BY 1;
-- nothing of the rows is in any result or message for roles that may read none of them
SELECT role, count(*) AS calls, count(*) FILTER (WHERE message ~ 'secret') AS give_away FROM tried GROUP BY role, place ORDER BY place;
SELECT role, statement, left(message, 200) AS message FROM tried WHERE role IN ('writer', 'nobody') AND message ~ 'secret' ORDER BY 1, 2;

--
-- Row-level security: two tenants share a table, a rollup and a work list.  What
-- each sees in every view and table of the survey is what a survey of only
-- their rows shows, in which they did the same.
--
CREATE FUNCTION rows_of_tenant(tenants name[]) RETURNS TABLE (id integer, tenant name, who text, firm text, at timestamptz, score text, words text, plan text, worth numeric, gone timestamptz)
LANGUAGE sql AS $$
	SELECT i, t.tenant, right(t.tenant, 1) || i % 67, 'f' || i % 5, date_trunc('hour', now()) - i * interval '7 hours', CASE WHEN i % 67 % 10 = 7 THEN '6' WHEN i % 14 = 11 THEN NULL WHEN i % 14 = 12 THEN 'ten' ELSE (i % 14 * 7 % 11)::text END,
		CASE WHEN i % 67 % 10 = 7 THEN NULL WHEN i % 10 = 3 THEN 'far too expensive' ELSE repeat('x', i % 2) END, 'p' || i % 4, i, CASE WHEN i % 14 = 4 THEN date_trunc('hour', now()) - i * interval '3 hours' END
	-- tenants know different people, so that a case belongs to one tenant
	FROM generate_series(1, 300) i CROSS JOIN LATERAL (SELECT CASE WHEN i % 67 < 30 THEN 'regress_nps_a' ELSE 'regress_nps_b' END::name) t(tenant)
	WHERE t.tenant = ANY (tenants)
$$;
CREATE FUNCTION make_survey(name text, tenants name[]) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE TABLE of_%s AS SELECT * FROM rows_of_tenant($1)', name) USING tenants;
	EXECUTE format('ALTER TABLE of_%s ADD PRIMARY KEY (id)', name);
	EXECUTE format('GRANT SELECT ON of_%s TO regress_nps_a, regress_nps_b', name);
	PERFORM nps_attach(('of_' || name)::regclass, 'score', 'privileges_' || name, respondent => 'who', account => 'firm', responded_at => 'at', comment => 'words',
		segments => ARRAY['plan'], revenue => 'worth', churned_at => 'gone', time_zone => 'Europe/Berlin', loop_since => '-infinity');
	PERFORM nps_grant('privileges_' || name, r, 'actor') FROM unnest(tenants) r;
	RETURN (SELECT count(*) FROM nps_survey_objects('privileges_' || name));
END
$$;
SELECT make_survey('both', '{regress_nps_a, regress_nps_b}') AS both, make_survey('a', '{regress_nps_a}') AS a, make_survey('b', '{regress_nps_b}') AS b;
ALTER TABLE of_both ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON of_both USING (tenant = current_user);
CALL nps_materialize('privileges_both');
BEGIN;		-- one now() for everything that is done and seen
-- Each tenant does the same in the shared survey and in their own.
\set ECHO none
SELECT format('SET LOCAL ROLE regress_nps_%1$s; UPDATE privileges_%2$s.followup SET status = ''contacted'', channel = ''phone'', note = ''noted by %1$s'' WHERE case_id %% 4 = 0;
	INSERT INTO privileges_%2$s.concern (case_id, concern, cause, promise, promised_for) SELECT case_id, ''noted by %1$s'', ''price'', ''soon'', current_date + 7 FROM privileges_%2$s.followup_case WHERE case_id %% 8 = 0 ORDER BY case_id;
	UPDATE privileges_%2$s.concern SET delivered_at = now(), told_at = now() WHERE case_id %% 16 = 0;
	UPDATE privileges_%2$s.followup SET status = ''closed'', cause = ''price'', informed_at = now() WHERE case_id %% 12 = 0 AND case_id %% 8 > 0;
	UPDATE privileges_%2$s.followup SET dismiss_reason = ''test'', status = ''dismissed'' WHERE case_id %% 5 = 1 AND case_id %% 16 <> 8;
	UPDATE privileges_%2$s.cause_customer SET told_at = now() WHERE cause = ''price'';
	SELECT count(*) > 0 AS claimed FROM nps_claim(''privileges_%2$s'', ''bot'', max_rows => 2); RESET ROLE', t.name, s.name)
FROM (VALUES ('a'), ('b')) AS t(name), LATERAL (VALUES ('both'), (t.name)) AS s(name) ORDER BY t.name, s.name = 'both' \gexec
\set ECHO all
-- columns that depend on the clock, or on a sequence, are left out
CREATE FUNCTION seen(reader text, relation text) RETURNS TABLE (line text) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('SET LOCAL ROLE %I', reader);
	RETURN QUERY EXECUTE format('SELECT (to_jsonb(r) - ARRAY[''leased_until'', ''last_note_at'', ''at'', ''event_id'', ''concern_id'', ''attached_with'']
		- CASE WHEN to_jsonb(r)->>''what_changed'' = ''leased_until'' THEN ARRAY[''new_value'', ''happened_at''] ELSE ''{}'' END
		|| CASE WHEN to_jsonb(r) ? ''before_step'' THEN jsonb_build_object(''before_step'', regexp_replace(to_jsonb(r)->>''before_step'', ''"last_note_at":("[^"]*"|\[[^]]*\])'', '''', ''g'')) ELSE ''{}'' END)::text
		FROM %s r', relation);
	RESET ROLE;
END
$$;
CREATE TABLE seen_of AS
SELECT c.relname, c.relkind, t.tenant, s.survey, l.line
FROM pg_class c CROSS JOIN (VALUES ('a'), ('b')) t(tenant) CROSS JOIN LATERAL (VALUES ('both'), (t.tenant)) s(survey)
CROSS JOIN LATERAL seen('regress_nps_' || t.tenant, format('privileges_%s.%I', s.survey, c.relname)) l
WHERE c.relnamespace = 'privileges_both'::regnamespace AND c.relkind IN ('r', 'v') AND c.relname NOT IN ('rollup', 'rollup_part');
-- the relations in which a tenant sees something else: none
SELECT relname, tenant, count(*) AS wrong_lines FROM (
	(SELECT relname, tenant, line FROM seen_of WHERE survey = 'both' EXCEPT ALL SELECT relname, tenant, line FROM seen_of WHERE survey <> 'both')
	UNION ALL
	(SELECT relname, tenant, line FROM seen_of WHERE survey <> 'both' EXCEPT ALL SELECT relname, tenant, line FROM seen_of WHERE survey = 'both')) d
GROUP BY 1, 2 ORDER BY 1, 2;
-- and not because there was nothing to see: except for what everybody may read, each sees something different
SELECT string_agg(relname, ' ' ORDER BY relname) AS alike_for_both FROM (
	SELECT relname FROM seen_of WHERE survey = 'both' GROUP BY relname
	HAVING array_agg(line ORDER BY line) FILTER (WHERE tenant = 'a') = array_agg(line ORDER BY line) FILTER (WHERE tenant = 'b')) d;
SELECT count(*) AS relations, count(*) FILTER (WHERE a = 0 OR b = 0) AS empty, string_agg(relname, ' ' ORDER BY relname) FILTER (WHERE a = 0 OR b = 0) AS which
FROM (SELECT c.relname, count(*) FILTER (WHERE tenant = 'a') AS a, count(*) FILTER (WHERE tenant = 'b') AS b
	FROM pg_class c LEFT JOIN seen_of s ON s.relname = c.relname AND s.survey = 'both'
	WHERE c.relnamespace = 'privileges_both'::regnamespace AND c.relkind IN ('r', 'v') AND c.relname NOT IN ('rollup', 'rollup_part') GROUP BY c.relname) s;
-- no row of the rollup and no number of its rows, in any way; it holds the rows of both
SELECT count(*) > 100 AS rows FROM privileges_both.rollup;
SELECT count(*) > 10 AS cases, count(*) FILTER (WHERE status = 'closed') > 0 AS closed, (SELECT count(*) > 1 FROM privileges_both.cause_told) AS told FROM privileges_both.followup_case;
SET LOCAL ROLE regress_nps_a;
SELECT count(*) AS rows, sum(unanswered) AS unanswered, nps_rollup_serves('privileges_both.rollup') AS serves FROM privileges_both.rollup;
SELECT count(*) AS statistics FROM pg_stats WHERE schemaname = 'privileges_both' AND tablename IN ('rollup', 'followup_case', 'followup_event', 'concern', 'cause_told');
RESET ROLE;
COMMIT;
-- No function that takes the shared survey shows a tenant anything of the other's rows.
CREATE TABLE asked AS
SELECT split_part(c.function::text, '(', 1) AS function, r.role, t.message
FROM called c CROSS JOIN (VALUES ('regress_nps_a'), ('regress_nps_b')) AS r(role)
CROSS JOIN LATERAL try(r.role, replace(c.statement, 'privileges_survey', 'privileges_both')) t
WHERE c.statement ~ 'privileges_survey';
SELECT role, count(*) > 20 AS many, count(*) FILTER (WHERE message ~ '\ma[0-9]+\M|noted by a|regress_nps_a\M') > 0 AS tells_of_a, count(*) FILTER (WHERE message ~ '\mb[0-9]+\M|noted by b|regress_nps_b\M') > 0 AS tells_of_b
FROM asked GROUP BY role ORDER BY role;

SET search_path = public;
DROP SCHEMA privileges_survey, privileges_both, privileges_a, privileges_b CASCADE;
DROP SCHEMA privileges CASCADE;
SELECT format('REVOKE CREATE ON DATABASE %I FROM regress_nps_owner', current_database()) \gexec
DROP ROLE regress_nps_owner, regress_nps_reader, regress_nps_actor, regress_nps_writer, regress_nps_nobody, regress_nps_a, regress_nps_b;
