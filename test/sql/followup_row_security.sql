-- Who may see and record which cases, where answers are hidden: by row security,
-- forced or not, of tables, partitions and tables that the filter reads; by
-- views; by a filter that depends on the reader.  Owners included.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO, MDY';
SET jit = off;
DROP ROLE IF EXISTS regress_nps_app, regress_nps_a, regress_nps_b, regress_nps_reader, regress_nps_all, regress_nps_super;
CREATE ROLE regress_nps_app;		-- an application: owns tables and surveys, and tells the tenant by a setting
CREATE ROLE regress_nps_reader;		-- reads for a tenant that it tells by a setting
CREATE ROLE regress_nps_a;		-- tenants that are roles
CREATE ROLE regress_nps_b;
CREATE ROLE regress_nps_all BYPASSRLS;
CREATE ROLE regress_nps_super SUPERUSER;
SELECT current_database() AS here \gset
GRANT CREATE ON DATABASE :"here" TO regress_nps_app, regress_nps_a;
CREATE SCHEMA row_security;
GRANT USAGE, CREATE ON SCHEMA row_security TO PUBLIC;
SET search_path = row_security, public;

--
-- The answers of two tenants, and surveys of each alone, to compare with
--
CREATE TABLE example AS
SELECT i AS id, 'regress_nps_' || t.tenant AS tenant, t.tenant || i / 2 % 9 AS who, 'f' || t.tenant || i % 4 AS firm, now() - i * interval '7 hours' AS at,
	-- a program may ask one of each for the reason
	CASE WHEN i / 2 % 9 = 7 THEN 6 ELSE i * 7 % 11 END AS score, CASE WHEN i % 5 = 0 AND i / 2 % 9 <> 7 THEN 'far too expensive' END AS words, 'p' || i % 3 AS plan
FROM generate_series(1, 72) i, LATERAL (SELECT CASE WHEN i % 2 = 0 THEN 'a' ELSE 'b' END) t(tenant);
-- Attaches in the name of somebody; more arguments may follow.
CREATE FUNCTION attach(owner text, source text, survey text, more text DEFAULT '') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('SET LOCAL ROLE %I', owner);
	EXECUTE format('SELECT count(*) > 0 AS attached FROM nps_attach(%L, ''score'', %L, response_id => ''id'', respondent => ''who'', account => ''firm'', responded_at => ''at'', comment => ''words'', '
		'segments => ARRAY[''plan''], time_zone => ''UTC'' %s, loop_since => ''-infinity'')', source, survey, more);
	PERFORM nps_grant(survey, r, 'actor') FROM unnest(ARRAY['regress_nps_app', 'regress_nps_a', 'regress_nps_b', 'regress_nps_reader', 'regress_nps_all']) r WHERE r <> owner;
	RESET ROLE;
END
$$;
CREATE TABLE only_a AS SELECT * FROM example WHERE tenant = 'regress_nps_a';
CREATE TABLE only_b AS SELECT * FROM example WHERE tenant = 'regress_nps_b';
CREATE TABLE only_none AS SELECT * FROM example WHERE false;
CREATE TABLE only_all AS SELECT * FROM example;
GRANT SELECT ON only_all TO regress_nps_app;
SELECT attach('regress_nps_super', 'only_' || t, 'rs_only_' || t) FROM unnest(ARRAY['a', 'b', 'none', 'all']) t;

--
-- The same answers, hidden in many ways
--
SET client_min_messages = error;
SET ROLE regress_nps_app;
CREATE TABLE forced (LIKE only_all);
ALTER TABLE forced ADD PRIMARY KEY (id), ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON forced USING (tenant = current_setting('app.tenant', true));
CREATE TABLE unforced (LIKE only_all);
ALTER TABLE unforced ADD PRIMARY KEY (id), ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON unforced USING (tenant = current_setting('app.tenant', true));
CREATE TABLE by_user (LIKE only_all);
ALTER TABLE by_user ADD PRIMARY KEY (id), ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON by_user USING (tenant = current_user);
CREATE TABLE parted (LIKE only_all) PARTITION BY LIST (tenant);
CREATE TABLE parted_a PARTITION OF parted FOR VALUES IN ('regress_nps_a');
CREATE TABLE parted_b PARTITION OF parted DEFAULT;
ALTER TABLE parted ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON parted USING (tenant = current_setting('app.tenant', true));
CREATE TABLE plain (LIKE only_all);
ALTER TABLE plain ADD PRIMARY KEY (id);
-- which tenant somebody belongs to; hidden in one of the two tables by row security
CREATE TABLE member (login text, tenant text);
INSERT INTO member VALUES ('regress_nps_a', 'regress_nps_a'), ('regress_nps_b', 'regress_nps_b'), ('regress_nps_app', 'regress_nps_a'), ('regress_nps_app', 'regress_nps_b');
CREATE TABLE hidden_member AS TABLE member;
ALTER TABLE hidden_member ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON hidden_member USING (login = current_user);
CREATE FUNCTION my_tenant() RETURNS text LANGUAGE sql STABLE AS $$SELECT current_setting('app.tenant', true)$$;
CREATE VIEW fenced WITH (security_barrier) AS SELECT * FROM plain WHERE tenant = current_setting('app.tenant', true);
CREATE VIEW invoked WITH (security_invoker) AS SELECT * FROM forced;
CREATE VIEW nested AS SELECT v.* FROM (SELECT * FROM forced) v;
CREATE VIEW nothing_hidden AS SELECT * FROM plain;
RESET ROLE;
GRANT SELECT ON ALL TABLES IN SCHEMA row_security TO regress_nps_a, regress_nps_b, regress_nps_reader, regress_nps_all;
INSERT INTO forced TABLE only_all;
INSERT INTO unforced TABLE only_all;
INSERT INTO by_user TABLE only_all;
INSERT INTO parted TABLE only_all;
INSERT INTO plain TABLE only_all;
-- a table of somebody else, whose row security applies to the owner of the survey
SELECT attach('regress_nps_a', 'by_user', 'rs_lodger');
SELECT attach('regress_nps_app', s.source, 'rs_' || s.source)
FROM unnest(ARRAY['forced', 'unforced', 'by_user', 'parted', 'plain', 'fenced', 'invoked', 'nested', 'nothing_hidden']) s(source);
SELECT attach('regress_nps_app', 'plain', 'rs_filter_' || f.name, format(', filter => %L', f.filter)) FROM (VALUES
	('user', 'tenant = current_user'),
	('setting', 'tenant = current_setting(''app.tenant'', true)'),
	('function', 'tenant = my_tenant()'),
	('member', 'tenant IN (SELECT m.tenant FROM member m WHERE m.login = current_user)'),
	('hidden_member', 'tenant IN (SELECT m.tenant FROM hidden_member m)'),
	('time', 'at > now() - interval ''9 years'' AND at::text <> '''' AND EXISTS (SELECT FROM member m WHERE m.tenant = plain.tenant)')) AS f(name, filter);
SET client_min_messages = warning;
-- Where the case tables are forced, and where each answer is looked up.
SELECT n.nspname AS survey, bool_or(c.relforcerowsecurity) AS forced, bool_and(c.relrowsecurity) AND bool_and(c.relforcerowsecurity) = bool_or(c.relforcerowsecurity) AS same_for_all,
	bool_and(pg_get_expr(p.polqual, p.polrelid) !~ 'row_security_active') AS looked_up
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname ~ '^rs_' AND n.nspname !~ 'only' AND p.polname = 'as_the_answers' GROUP BY 1 ORDER BY 1;
-- No policy reads a view of the survey, which pg_dump would refuse to expand: the only view read is the source itself.
SELECT DISTINCT p.polrelid::regclass::text ~ '^rs_(fenced|invoked|nested|nothing_hidden)[.]' AS source_is_a_view, v.oid::regclass AS view
FROM pg_policy p JOIN pg_depend d ON d.classid = 'pg_policy'::regclass AND d.objid = p.oid AND d.refclassid = 'pg_class'::regclass
JOIN pg_class v ON v.oid = d.refobjid AND v.relkind = 'v'
WHERE p.polname = 'as_the_answers' ORDER BY 2;

-- Who looks, with which tenant set, and which tenant's answers they see.
CREATE TABLE look (survey text, role text, tenant text, sees text);
INSERT INTO look
SELECT s.survey, l.* FROM unnest(ARRAY['rs_forced', 'rs_parted', 'rs_fenced', 'rs_invoked', 'rs_filter_setting', 'rs_filter_function']) s(survey),
	(VALUES ('regress_nps_app', 'regress_nps_a', 'a'), ('regress_nps_app', 'regress_nps_b', 'b'), ('regress_nps_app', NULL, 'none'), ('regress_nps_reader', 'regress_nps_b', 'b')) AS l
UNION ALL
SELECT s.survey, l.* FROM unnest(ARRAY['rs_nested', 'rs_unforced']) s(survey), (VALUES ('regress_nps_reader', 'regress_nps_a', 'a'), ('regress_nps_reader', 'regress_nps_b', 'b')) AS l
UNION ALL
SELECT s.survey, l.* FROM unnest(ARRAY['rs_by_user', 'rs_lodger', 'rs_filter_user', 'rs_filter_member', 'rs_filter_hidden_member']) s(survey),
	(VALUES ('regress_nps_a', 'regress_nps_b', 'a'), ('regress_nps_b', NULL, 'b'), ('regress_nps_reader', 'regress_nps_a', 'none')) AS l
UNION ALL
VALUES ('rs_nested', 'regress_nps_app', NULL, 'none'), ('rs_unforced', 'regress_nps_app', NULL, 'all'), ('rs_by_user', 'regress_nps_app', NULL, 'all'),
	('rs_filter_member', 'regress_nps_app', NULL, 'all'), ('rs_filter_hidden_member', 'regress_nps_app', NULL, 'all'), ('rs_filter_user', 'regress_nps_app', NULL, 'none'),
	('rs_plain', 'regress_nps_reader', NULL, 'all'), ('rs_nothing_hidden', 'regress_nps_reader', NULL, 'all'), ('rs_filter_time', 'regress_nps_reader', NULL, 'all'),
	('rs_plain', 'regress_nps_app', NULL, 'all'), ('rs_nothing_hidden', 'regress_nps_app', NULL, 'all'),
	('rs_forced', 'regress_nps_all', NULL, 'all'), ('rs_lodger', 'regress_nps_all', NULL, 'all'), ('rs_invoked', 'regress_nps_super', NULL, 'all'), ('rs_parted', 'regress_nps_super', NULL, 'all');
-- A statement as somebody: how many rows, or why not.
CREATE FUNCTION try(role text, tenant text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
	detail text;
BEGIN
	EXECUTE format('SET LOCAL ROLE %I', role);
	PERFORM set_config('app.tenant', coalesce(tenant, ''), true), set_config('nps.actor', 'ann', true);
	EXECUTE statement;
	GET DIAGNOSTICS n = ROW_COUNT;
	RESET ROLE;
	RETURN n || ' rows';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
	RETURN concat_ws('; ', SQLERRM, nullif(detail, ''));
END
$$;
-- The lines of a relation as somebody sees it, without what depends on the clock and the sequences.
CREATE FUNCTION seen(role text, tenant text, relation text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('SET LOCAL ROLE %I', role);
	PERFORM set_config('app.tenant', coalesce(tenant, ''), true);
	RETURN QUERY EXECUTE format('SELECT (to_jsonb(v) - ''{overdue_hours,event_id,concern_id,db_role,last_note_at,raised_at,leased_until}''::text[] '
		'|| CASE WHEN to_jsonb(v) ? ''at'' THEN jsonb_build_object(''at'', (to_jsonb(v)->>''at'')::timestamptz <= now()) ELSE ''{}'' END)::text FROM %s v', relation);
	RESET ROLE;
END
$$;

-- Each tenant can record, and does: a step, a note, a concern, a solution, that a customer was told.
CREATE TABLE step_case AS
SELECT 'a' AS tenant, row_number() OVER (ORDER BY case_id) AS n, case_id, respondent FROM rs_only_a.followup
UNION ALL SELECT 'b', row_number() OVER (ORDER BY case_id), case_id, respondent FROM rs_only_b.followup;
GRANT SELECT ON step_case TO PUBLIC;
CREATE FUNCTION record(survey text, role text, tenant text, whose text) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(DISTINCT try(role, tenant, format(s.statement, survey, whose)), ', ')
	FROM unnest(ARRAY[
		'UPDATE %1$I.followup SET status = ''contacted'', channel = ''phone'', cause = ''price'', note = ''called'' WHERE case_id = (SELECT case_id FROM step_case WHERE tenant = %2$L AND n = 1)',
		'UPDATE %1$I.followup_all SET status = ''resolved'', channel = ''phone'', cause = ''price'' WHERE case_id = (SELECT case_id FROM step_case WHERE tenant = %2$L AND n = 2)',
		'INSERT INTO %1$I.concern (case_id, concern, cause, promise, promised_for) SELECT case_id, ''slow'', ''price'', ''faster'', current_date + 9 FROM step_case WHERE tenant = %2$L AND n = 3',
		'UPDATE %1$I.concern SET answer = ''it is '' || concern WHERE case_id = (SELECT case_id FROM step_case WHERE tenant = %2$L AND n = 3)',
		'INSERT INTO %1$I.followup_case (case_id, team) SELECT case_id, ''sales'' FROM step_case WHERE tenant = %2$L AND n = 4',
		'UPDATE %1$I.followup_case SET assigned_to = ''bob'' WHERE case_id = (SELECT case_id FROM step_case WHERE tenant = %2$L AND n = 4)',
		'UPDATE %1$I.followup_all SET status = ''dismissed'', dismiss_reason = ''misclick'' WHERE case_id = (SELECT case_id FROM step_case WHERE tenant = %2$L AND n = 4)',
		'UPDATE %1$I.cause_customer SET told_at = now() WHERE respondent = (SELECT respondent FROM step_case WHERE tenant = %2$L AND n = 1)',
		'INSERT INTO %1$I.cause_told SELECT ''missing feature'', respondent, now(), ''ann'' FROM step_case WHERE tenant = %2$L AND n = 2']) s(statement)
$$;
BEGIN;		-- one now() for all
SELECT record('rs_only_' || o.survey, 'regress_nps_super', NULL, o.whose) AS nine_times_one_row, count(*) AS surveys FROM (VALUES ('a', 'a'), ('b', 'b'), ('all', 'a'), ('all', 'b')) AS o(survey, whose) GROUP BY 1;
SELECT record(l.survey, l.role, l.tenant, t.whose) AS nine_times_one_row, count(*) AS surveys
FROM (SELECT DISTINCT survey FROM look) s, (VALUES ('a'), ('b')) AS t(whose), LATERAL (
	SELECT * FROM look l WHERE l.survey = s.survey AND l.sees IN (t.whose, 'all') AND l.role <> 'regress_nps_super' ORDER BY l.sees <> 'all', l.role LIMIT 1) l
GROUP BY 1;
CREATE VIEW object AS SELECT relname::text AS name FROM pg_class WHERE relnamespace = 'rs_only_a'::regnamespace
	AND (relkind = 'v' OR relname IN ('followup_case', 'followup_event', 'concern', 'cause_told'));
SELECT count(*) AS objects FROM object;
-- All views and tables show to each tenant exactly what a survey of only their rows would show.
-- Views that read no case are only checked for some: report_security has more of that.
SELECT l.*, o.name, count(*) AS wrong_lines, min(d.line) AS example
FROM look l JOIN object o ON l.survey IN ('rs_forced', 'rs_nested', 'rs_filter_member')
	OR o.name NOT IN ('answer', 'response', 'not_counted', 'summary', 'distribution', 'distribution_trend', 'trend', 'segment', 'segment_trend')
CROSS JOIN LATERAL (
	(SELECT * FROM seen(l.role, l.tenant, l.survey || '.' || o.name) EXCEPT ALL SELECT * FROM seen('regress_nps_super', NULL, 'rs_only_' || l.sees || '.' || o.name))
	UNION ALL
	(SELECT * FROM seen('regress_nps_super', NULL, 'rs_only_' || l.sees || '.' || o.name) EXCEPT ALL SELECT * FROM seen(l.role, l.tenant, l.survey || '.' || o.name))
) d(line)
GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5;
-- and there was something to see: rows of each table and view, different ones for each tenant
SELECT name FROM object WHERE name <> 'not_counted' AND NOT EXISTS (SELECT * FROM seen('regress_nps_super', NULL, 'rs_only_a.' || name) EXCEPT ALL SELECT * FROM seen('regress_nps_super', NULL, 'rs_only_b.' || name));
COMMIT;

--
-- Nobody records anything on a case that they may not see, or learns anything about it
--
SELECT DISTINCT regexp_replace(s.statement, '%\d\$I', 'survey', 'g') AS statement, regexp_replace(try(l.role, l.tenant, format(s.statement, l.survey, t.other)), '"\d+"', '"n"') AS outcome
FROM look l CROSS JOIN LATERAL (SELECT CASE l.sees WHEN 'a' THEN 'b' ELSE 'a' END AS other) t CROSS JOIN unnest(ARRAY[
	'UPDATE %1$I.followup SET note = ''x'' WHERE case_id IN (SELECT case_id FROM step_case WHERE tenant = %2$L)',
	'UPDATE %1$I.followup_all SET note = ''x'' WHERE case_id IN (SELECT case_id FROM step_case WHERE tenant = %2$L)',
	'UPDATE %1$I.followup_case SET note = ''x'' WHERE case_id IN (SELECT case_id FROM step_case WHERE tenant = %2$L)',
	'UPDATE %1$I.followup_case SET respondent = (SELECT respondent FROM step_case WHERE tenant = %2$L AND n = 1)',
	'UPDATE %1$I.concern SET answer = ''x'' WHERE case_id IN (SELECT case_id FROM step_case WHERE tenant = %2$L)',
	'UPDATE %1$I.cause_customer SET told_at = now() WHERE respondent IN (SELECT respondent FROM step_case WHERE tenant = %2$L)',
	'UPDATE %1$I.cause_told SET told_by = ''x'' WHERE respondent IN (SELECT respondent FROM step_case WHERE tenant = %2$L)',
	'DELETE FROM %1$I.followup_event',
	'INSERT INTO %1$I.followup_case (case_id) SELECT case_id FROM step_case WHERE tenant = %2$L AND n = 1',
	'INSERT INTO %1$I.followup_case (case_id) SELECT case_id FROM step_case WHERE tenant = %2$L AND n = 5',
	'INSERT INTO %1$I.followup_case (case_id) SELECT case_id FROM step_case WHERE tenant = %2$L AND n = 1 ON CONFLICT (case_id) DO UPDATE SET note = ''x''',
	'INSERT INTO %1$I.concern (case_id, concern) SELECT case_id, ''x'' FROM step_case WHERE tenant = %2$L AND n = 1',
	'INSERT INTO %1$I.cause_told SELECT ''price'', respondent, now(), ''x'' FROM step_case WHERE tenant = %2$L AND n = 1',
	'INSERT INTO %1$I.cause_told SELECT ''price'', respondent, now(), ''x'' FROM step_case WHERE tenant = %2$L AND n = 5',
	'INSERT INTO %1$I.cause_told SELECT ''price'', respondent, now(), ''x'' FROM step_case WHERE tenant = %2$L AND n = 1 ON CONFLICT (cause, respondent) DO UPDATE SET told_by = ''x''']) s(statement)
WHERE l.sees <> 'all' AND l.survey <> 'rs_plain' ORDER BY 1, 2;
-- A program gets only cases that its user may see.
SELECT l.sees, try(l.role, l.tenant, format('DO $d$BEGIN RAISE EXCEPTION USING MESSAGE = (SELECT concat_ws('' '', count(*) > 0, string_agg(DISTINCT left(c.respondent, 1), '''')) FROM nps_claim(%L, ''bot'', NULL, 100) c); END$d$', l.survey)) AS handed_out, count(*) AS looks
FROM look l GROUP BY 1, 2 ORDER BY 1, 2;
-- A role that bypasses all row security bypasses it on the tables of cases, too, whatever the filter says.
SELECT try('regress_nps_all', NULL, 'SELECT FROM rs_filter_user.answer') AS none, try('regress_nps_all', NULL, 'SELECT FROM rs_filter_user.followup_case') AS eight_cases;

--
-- What decides, and what changes with it
--
SELECT n.relname, v.* FROM pg_class n, nps_answer_visibility(n.oid) v WHERE n.oid IN ('pg_class'::regclass, 'row_security.member'::regclass);
SELECT looked_up, forced, (SELECT array_agg(t::text ORDER BY t::text) FROM unnest(tables) t) AS tables FROM nps_answer_visibility('rs_filter_time.answer');
-- a view that reads itself indirectly
CREATE VIEW round AS SELECT * FROM plain;
CREATE VIEW about AS SELECT * FROM round;
SET client_min_messages = error;
SELECT attach('regress_nps_super', 'about', 'rs_about');
SET client_min_messages = warning;
CREATE OR REPLACE VIEW round AS SELECT * FROM about;
SELECT looked_up, forced FROM nps_answer_visibility('rs_about.answer');
-- readers of a foreign table may be different users on the other server
CREATE FOREIGN DATA WRAPPER row_security_wrapper;
CREATE SERVER row_security_server FOREIGN DATA WRAPPER row_security_wrapper;
CREATE FOREIGN TABLE afar (id integer, who text, score integer, at timestamptz, firm text, plan text, words text) SERVER row_security_server;
CREATE USER MAPPING FOR regress_nps_a SERVER row_security_server OPTIONS ("user" 'same');
CREATE USER MAPPING FOR regress_nps_b SERVER row_security_server OPTIONS ("user" 'same');
SELECT attach('regress_nps_super', 'afar', 'rs_afar');
SELECT looked_up, forced FROM nps_answer_visibility('rs_afar.answer');
ALTER USER MAPPING FOR regress_nps_b SERVER row_security_server OPTIONS (SET "user" 'another');
SELECT looked_up, forced FROM nps_answer_visibility('rs_afar.answer');
SET client_min_messages = error;
DROP FOREIGN DATA WRAPPER row_security_wrapper CASCADE;
DROP SCHEMA rs_afar, rs_about CASCADE;
SET client_min_messages = warning;

-- nps_check() finds tables that are not set up as the answers need it, and its fixes cure that.
CREATE FUNCTION found(survey text) RETURNS TABLE (severity text, finding text, detail text) LANGUAGE plpgsql AS $$
DECLARE
	f record;
BEGIN
	FOR f IN SELECT * FROM nps_check(survey) c WHERE c.finding ~ '^(cases|settings) may' LOOP
		severity := f.severity;
		finding := f.finding;
		detail := f.detail;
		RETURN NEXT;
		EXECUTE f.fix;
	END LOOP;
	IF EXISTS (SELECT FROM nps_check(survey) c WHERE c.finding ~ '^(cases|settings) may') THEN
		RAISE EXCEPTION 'the fixes do not help';
	END IF;
END
$$;
SELECT l.survey, f.* FROM (SELECT DISTINCT survey FROM look) l, found(l.survey) f;
-- what is renamed, or added to the source and dropped again, is still recognized
ALTER TABLE forced RENAME TO forced_source;
ALTER TABLE forced_source RENAME who TO "Who else";
ALTER TABLE forced_source ADD COLUMN more integer;
ALTER TABLE forced_source ADD COLUMN response_id integer;
SELECT * FROM found('rs_forced');
ALTER TABLE forced_source DROP COLUMN more, DROP COLUMN response_id;
SELECT * FROM found('rs_forced');
ALTER TABLE forced_source RENAME "Who else" TO who;
ALTER TABLE forced_source RENAME TO forced;
-- another filter
CREATE FUNCTION answer_of(survey text) RETURNS text LANGUAGE sql AS $$SELECT pg_get_expr(p.polqual, p.polrelid) FROM pg_policy p WHERE p.polrelid = (survey || '.followup_case')::regclass$$;
SELECT answer_of('rs_forced'), answer_of('rs_filter_member');
SET client_min_messages = error;
SELECT attach('regress_nps_app', 'plain', 'rs_replaced', ', filter => ''tenant = current_user''');
SELECT answer_of('rs_replaced');
SELECT attach('regress_nps_app', 'plain', 'rs_replaced', ', filter => ''tenant = my_tenant()'', replace => true');
SET client_min_messages = warning;
SELECT answer_of('rs_replaced');
SELECT * FROM found('rs_replaced');
SET client_min_messages = error;
DROP SCHEMA rs_replaced CASCADE;
SET client_min_messages = warning;
-- the owner may no longer use the schema of the source
REVOKE USAGE, CREATE ON SCHEMA row_security FROM PUBLIC;
SELECT finding, detail, fix FROM nps_check('rs_forced') WHERE finding ~ 'policy|^cases may' ORDER BY 2;
GRANT USAGE, CREATE ON SCHEMA row_security TO PUBLIC;
SELECT * FROM found('rs_forced');
ALTER TABLE rs_forced.concern DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY;
DROP POLICY as_the_answers ON rs_forced.cause_told;
ALTER POLICY as_the_answers ON rs_forced.followup_case USING (true);
CREATE POLICY "Every thing" ON rs_forced.followup_event USING (true);
CREATE POLICY less ON rs_forced.followup_event AS RESTRICTIVE USING (true);
DROP POLICY as_granted ON rs_forced.holiday;
SELECT * FROM found('rs_forced');
ALTER POLICY as_the_answers ON rs_plain.followup_case TO regress_nps_a;
ALTER POLICY as_the_answers ON rs_plain.concern WITH CHECK (true);
ALTER TABLE rs_plain.followup_case FORCE ROW LEVEL SECURITY;
SELECT * FROM found('rs_plain');
-- row security is forced on the source later, and then no longer
ALTER TABLE unforced FORCE ROW LEVEL SECURITY;
SELECT * FROM found('rs_unforced');
SELECT try('regress_nps_app', 'regress_nps_b', 'SELECT FROM rs_unforced.followup_case') AS four_cases, try('regress_nps_app', NULL, 'SELECT FROM rs_unforced.followup_case') AS none;
ALTER TABLE unforced NO FORCE ROW LEVEL SECURITY;
SELECT * FROM found('rs_unforced');
SELECT try('regress_nps_app', NULL, 'SELECT FROM rs_unforced.followup_case') AS eight_cases;
-- row security of the source that is enabled later is heeded at once, and forced after a refresh
ALTER TABLE plain ENABLE ROW LEVEL SECURITY;
SELECT try('regress_nps_reader', NULL, 'SELECT FROM rs_plain.followup_case') AS none, try('regress_nps_app', NULL, 'SELECT FROM rs_plain.followup_case') AS eight_cases;
SELECT * FROM found('rs_plain');
ALTER TABLE plain OWNER TO regress_nps_super;
SELECT try('regress_nps_app', NULL, 'SELECT FROM rs_plain.answer') AS refused;
GRANT SELECT ON plain TO regress_nps_app;
SELECT * FROM found('rs_plain');
SELECT try('regress_nps_app', NULL, 'SELECT FROM rs_plain.followup_case') AS none;

-- Where answers are looked up and no index finds them, that is reported.
SET client_min_messages = notice;
SELECT count(*) > 0 AS attached FROM nps_refresh_views('rs_parted');
CREATE INDEX ON parted (id);
CREATE INDEX ON parted USING hash (who);
SELECT count(*) > 0 AS attached FROM nps_refresh_views('rs_parted');
SELECT count(*) > 0 AS attached FROM nps_attach('forced', 'score', 'rs_expression', respondent => 'lower(who)', response_id => 'coalesce(at, now())', time_zone => 'UTC', loop_since => '-infinity');
CREATE INDEX ON forced (lower(who)) WHERE score < 7;
SELECT * FROM nps_key_index('rs_expression.answer', 'respondent');
CREATE INDEX ON forced (lower(who));
SELECT * FROM nps_key_index('rs_expression.answer', 'respondent');
SELECT count(*) > 0 AS attached FROM nps_attach('only_all', 'score', 'rs_unhidden', respondent => 'who', response_id => 'id', time_zone => 'UTC', loop_since => '-infinity');
SET client_min_messages = error;
DROP SCHEMA rs_expression, rs_unhidden CASCADE;
SET client_min_messages = warning;

--
-- Row security on all tables, as on some platforms, does not hide the settings
--
SET client_min_messages = error;
DROP SCHEMA rs_only_a, rs_unforced CASCADE;
SET client_min_messages = warning;
CREATE TABLE bare AS SELECT id, who, score, at FROM example;
GRANT SELECT ON bare TO regress_nps_reader, regress_nps_app;
CREATE FUNCTION enable() RETURNS event_trigger LANGUAGE plpgsql AS $$
DECLARE
	made record;
BEGIN
	FOR made IN SELECT c.objid::regclass AS id FROM pg_event_trigger_ddl_commands() c WHERE c.command_tag = 'CREATE TABLE' LOOP
		EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', made.id);
	END LOOP;
END
$$;
CREATE EVENT TRIGGER row_security_everywhere ON ddl_command_end WHEN tag IN ('CREATE TABLE') EXECUTE FUNCTION enable();
SET ROLE regress_nps_app;
SELECT count(*) > 0 AS attached FROM nps_attach('bare', 'score', 'rs_platform', respondent => 'who', response_id => 'id', responded_at => 'at', time_zone => 'UTC', goal => 40, loop_since => '-infinity');
SELECT nps_grant('rs_platform', 'regress_nps_reader', 'actor');
SELECT count(*) > 0 AS attached FROM nps_refresh_views('rs_platform');
RESET ROLE;
DROP EVENT TRIGGER row_security_everywhere;
SELECT survey, owner FROM nps_surveys() WHERE survey = 'rs_platform';
SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class WHERE relnamespace = 'rs_platform'::regnamespace AND relkind = 'r' ORDER BY 1;
SET ROLE regress_nps_reader;
SELECT responses, goal FROM rs_platform.summary;
SELECT count(*) FILTER (WHERE verdict IS NOT NULL AND steps IS NOT NULL) = count(*) AND count(*) > 0 AS with_rules FROM rs_platform.followup;
SELECT count(*) > 5 AS rules FROM rs_platform.playbook;
SELECT count(*) > 5 AS causes FROM rs_platform.cause;
UPDATE rs_platform.followup SET status = 'contacted', channel = 'phone', cause = 'price' WHERE case_id = (SELECT min(case_id) FROM rs_platform.followup) RETURNING status, cause;
SELECT count(*) AS three FROM nps_claim('rs_platform', 'bot', NULL, 3);
RESET ROLE;
SET ROLE regress_nps_app;
UPDATE rs_platform.survey SET goal = 50;
INSERT INTO rs_platform.holiday VALUES ('2030-01-01', 'first');
RESET ROLE;
-- An administrator enables it later.  Only what existed before is reported.
SELECT format('ALTER TABLE rs_only_all.%I ENABLE ROW LEVEL SECURITY', relname) FROM pg_class WHERE relnamespace = 'rs_only_all'::regnamespace AND relkind = 'r' ORDER BY 1
\gexec
SELECT try('regress_nps_reader', NULL, 'SELECT FROM rs_only_all.playbook') ~ '^[1-9]' AS all_rules;
SELECT * FROM found('rs_only_all');
SELECT * FROM found('rs_platform');
SELECT nps_detach('rs_platform', drop_cases => true);

-- Clean up.
SET client_min_messages = error;
SELECT format('DROP SCHEMA %I CASCADE', nspname) FROM pg_namespace WHERE nspname ~ '^rs_' ORDER BY 1
\gexec
DROP SCHEMA row_security CASCADE;
DROP OWNED BY regress_nps_app, regress_nps_a, regress_nps_b, regress_nps_reader, regress_nps_all, regress_nps_super;
DROP ROLE regress_nps_app, regress_nps_a, regress_nps_b, regress_nps_reader, regress_nps_all, regress_nps_super;
