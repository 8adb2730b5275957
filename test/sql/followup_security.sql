-- Who may read and record follow-up, what row-level security leaves of it, what
-- hostile names can do with our triggers, and how cases outlive their source,
-- their extension and their owner.
\set SHOW_CONTEXT never
\getenv abs_srcdir PG_ABS_SRCDIR
\set VERBOSITY default
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO, MDY';
SET intervalstyle = 'postgres';
SET jit = off;		-- compiling would take longer than running
DROP ROLE IF EXISTS regress_nps_owner, regress_nps_reader, regress_nps_actor, regress_nps_nobody, regress_nps_north, regress_nps_south,
	regress_nps_agent, regress_nps_stranger;
CREATE ROLE regress_nps_owner;
CREATE ROLE regress_nps_reader;
CREATE ROLE regress_nps_actor;
CREATE ROLE regress_nps_nobody;
CREATE ROLE regress_nps_north;
CREATE ROLE regress_nps_south;
CREATE ROLE regress_nps_agent;
CREATE ROLE regress_nps_stranger;
SELECT current_database() AS here \gset
GRANT CREATE ON DATABASE :"here" TO regress_nps_owner, regress_nps_stranger;
CREATE SCHEMA followup_security;
GRANT USAGE ON SCHEMA followup_security TO PUBLIC;
-- the extension in a schema of its own
DROP EXTENSION nps;
CREATE SCHEMA followup_security_nps;
GRANT USAGE ON SCHEMA followup_security_nps TO PUBLIC;
CREATE EXTENSION nps SCHEMA followup_security_nps;
SET search_path = followup_security, followup_security_nps;

\set helper :abs_srcdir '/sql/helper/try.sql'
\i :helper
-- The same for a query that returns one value.
CREATE FUNCTION ask(role text, query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	EXECUTE format('SET LOCAL ROLE %I', role);
	EXECUTE query INTO result;
	RESET ROLE;
	RETURN result;
EXCEPTION WHEN OTHERS THEN
	RETURN SQLERRM;
END
$$;

--
-- What nps_grant() grants
--
SET ROLE regress_nps_owner;
CREATE SCHEMA followup_security_source;
GRANT USAGE ON SCHEMA followup_security_source TO PUBLIC;
SET search_path = followup_security_source, followup_security_nps;
CREATE TABLE answers (id integer PRIMARY KEY, who text, score integer, at timestamptz, words text);
INSERT INTO answers SELECT i, 'w' || i, i, now() - interval '1 hour', 'because' FROM generate_series(0, 10) i;
GRANT SELECT ON answers TO regress_nps_reader, regress_nps_actor;
SELECT count(*) > 0 AS attached FROM nps_attach('answers', 'score', respondent => 'who', responded_at => 'at', comment => 'words', schema_name => 'secure', time_zone => 'UTC', loop_since => '-infinity');
SELECT nps_grant('secure', 'regress_nps_reader');
SELECT nps_grant('secure', 'regress_nps_actor', 'actor');
SELECT nps_grant('secure', 'regress_nps_reader', 'writer');
SELECT nps_grant('secure', 'regress_nps_reader', NULL);
SELECT nps_grant('secure', 'regress_nps_missing', 'reader');
SELECT nps_grant('insecure', 'regress_nps_reader');
SET client_min_messages = notice;
SELECT nps_grant('secure', 'regress_nps_nobody', 'reader');
SET client_min_messages = warning;
REVOKE ALL ON ALL TABLES IN SCHEMA secure FROM regress_nps_nobody;
REVOKE ALL ON SCHEMA secure FROM regress_nps_nobody;
RESET ROLE;
-- Nobody can grant what is not theirs, and gets an error.
SET client_min_messages = error;
SELECT r AS role, coalesce(followup_security.ask(r, $$SELECT followup_security_nps.nps_grant('secure', 'regress_nps_nobody')$$), 'no error') ~ 'must be owner|permission denied' AS refused
FROM unnest(ARRAY['regress_nps_reader', 'regress_nps_actor']) r;
SET client_min_messages = warning;
SELECT has_schema_privilege('regress_nps_nobody', 'secure', 'USAGE') AS no;
-- Every privilege there is: the reader has SELECT on everything, the actor more on six tables; nobody has any on the history.
SELECT r.role, count(*) FILTER (WHERE has_table_privilege(r.role, c.oid, 'SELECT')) AS can_select,
	string_agg(c.relname, ' ' ORDER BY c.relname) FILTER (WHERE has_table_privilege(r.role, c.oid, 'INSERT')) AS can_insert,
	string_agg(c.relname, ' ' ORDER BY c.relname) FILTER (WHERE has_table_privilege(r.role, c.oid, 'UPDATE')) AS can_update,
	count(*) FILTER (WHERE has_table_privilege(r.role, c.oid, 'DELETE, TRUNCATE, REFERENCES, TRIGGER')) AS none
FROM unnest(ARRAY['regress_nps_reader', 'regress_nps_actor', 'regress_nps_nobody']) r(role)
CROSS JOIN pg_class c WHERE c.relnamespace = 'secure'::regnamespace AND c.relkind IN ('r', 'v')
GROUP BY r.role ORDER BY r.role;

--
-- An actor records, by each path, and the history says who it was
--
SET search_path = followup_security, followup_security_nps;
SET ROLE regress_nps_actor;
UPDATE secure.followup SET status = 'contacted', channel = 'phone', note = 'by the view' WHERE case_id = 0 RETURNING case_id, status;
UPDATE secure.followup_all SET assigned_to = 'ann' WHERE case_id = 1 RETURNING case_id, assigned_to;
INSERT INTO secure.followup_case (case_id, assigned_to) VALUES (2, 'bob');
UPDATE secure.followup_case SET team = 'support', actor = 'carl' WHERE case_id = 2;
INSERT INTO secure.concern (case_id, concern) VALUES (3, 'too slow') RETURNING concern_id;
UPDATE secure.concern SET answer = 'faster now' WHERE case_id = 3;
UPDATE secure.followup SET cause = 'price' WHERE case_id = 0;
UPDATE secure.cause_customer SET told_at = now() WHERE respondent = 'w0';
SELECT cause, respondent, told_by = session_user AS by_who_runs_this_test FROM secure.cause_told;
SET nps.actor = 'dora';
UPDATE secure.followup SET team = 'sales' WHERE case_id = 4;
RESET nps.actor;
RESET ROLE;
-- As a member of the role, and through a function of somebody with the privileges.
GRANT regress_nps_actor TO regress_nps_agent;
SET SESSION AUTHORIZATION regress_nps_agent;
UPDATE secure.followup SET team = 'inherited' WHERE case_id = 5;
SET ROLE regress_nps_actor;
UPDATE secure.followup SET team = 'set role' WHERE case_id = 5;
RESET SESSION AUTHORIZATION;
GRANT CREATE ON SCHEMA followup_security TO regress_nps_actor;
SET ROLE regress_nps_actor;
CREATE FUNCTION record_for_me(integer) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	AS $$UPDATE secure.followup SET team = 'definer' WHERE case_id = $1$$;
RESET ROLE;
REVOKE CREATE ON SCHEMA followup_security FROM regress_nps_actor;
SET SESSION AUTHORIZATION regress_nps_nobody;
SELECT record_for_me(6);
RESET SESSION AUTHORIZATION;
CREATE FUNCTION who(name text) RETURNS text LANGUAGE sql RETURN CASE name WHEN session_user THEN 'who runs this test' ELSE name END;
SELECT case_id, respondent, what_changed, old_value, CASE WHEN what_changed NOT LIKE '%\_at' THEN who(new_value) END AS new_value, who(actor) AS actor, db_role, who(session_role) AS session_role
FROM secure.followup_event ORDER BY at, place;
-- What the owner did not grant is refused by each path.
SELECT s.statement, try('regress_nps_reader', s.statement) AS reader, try('regress_nps_actor', s.statement) AS actor, try('regress_nps_nobody', s.statement) AS nobody
FROM unnest(ARRAY[
	'UPDATE secure.followup SET assigned_to = ''x'' WHERE case_id = 99',
	'UPDATE secure.followup_all SET assigned_to = ''x'' WHERE case_id = 99',
	'UPDATE secure.cause_customer SET told_at = now() WHERE respondent = ''none''',
	'INSERT INTO secure.followup_case (case_id) VALUES (99)',
	'UPDATE secure.followup_case SET assigned_to = ''x'' WHERE case_id = 99',
	'DELETE FROM secure.followup_case',
	'TRUNCATE secure.followup_case CASCADE',
	'INSERT INTO secure.concern (case_id, concern) VALUES (99, ''x'')',
	'UPDATE secure.concern SET answer = ''x'' WHERE case_id = 99',
	'DELETE FROM secure.concern',
	'TRUNCATE secure.concern',
	'INSERT INTO secure.cause_told VALUES (''price'', ''nobody'', now(), ''x'')',
	'INSERT INTO secure.cause_told VALUES (''price'', ''w1'', now(), ''x'')',
	'DELETE FROM secure.cause_told',
	'INSERT INTO secure.followup_event (case_id, at, db_role, what_changed) VALUES (0, now(), ''x'', ''status'')',
	'UPDATE secure.followup_event SET actor = ''x''',
	'DELETE FROM secure.followup_event',
	'TRUNCATE secure.followup_event',
	'UPDATE secure.playbook SET follow_up = false',
	'INSERT INTO secure.cause (cause) VALUES (''x'')',
	'UPDATE secure.team_member SET active = false',
	'DELETE FROM secure.holiday',
	'UPDATE secure.assumption SET low = 0',
	'UPDATE secure.survey SET goal = 1',
	'DELETE FROM secure.followup',
	'INSERT INTO secure.followup (case_id) VALUES (9)',
	'SELECT followup_security_nps.nps_notify(''secure'')',
	'SELECT followup_security_nps.nps_refresh_views(''secure'')',
	'SELECT followup_security_nps.nps_detach(''secure'', true)',
	'SELECT 1 FROM secure.followup_event WHERE place = 1'
]) WITH ORDINALITY AS s(statement, place) ORDER BY s.place;
SELECT try('regress_nps_reader', 'SELECT nps_claim(''secure'', ''bot'')') AS reader, try('regress_nps_nobody', 'SELECT nps_claim(''secure'', ''bot'')') AS nobody;
-- Both read every view and every table; nobody reads any.
SELECT r.role, count(*) FILTER (WHERE t.result ~ '^\d+ rows$') AS read, min(t.result) FILTER (WHERE t.result !~ '^\d+ rows$') AS or_why_not
FROM unnest(ARRAY['regress_nps_reader', 'regress_nps_actor', 'regress_nps_nobody']) r(role)
CROSS JOIN pg_class c
CROSS JOIN LATERAL try(r.role, format('SELECT * FROM secure.%I', c.relname)) t(result)
WHERE c.relnamespace = 'secure'::regnamespace AND c.relkind IN ('r', 'v') GROUP BY r.role ORDER BY r.role;
-- Not even the owner of the history changes it, nor deletes cases.
SELECT s.statement, try('regress_nps_owner', s.statement) AS owner
FROM unnest(ARRAY['INSERT INTO secure.followup_event (case_id, at, db_role, what_changed) VALUES (0, now(), ''x'', ''status'')', 'UPDATE secure.followup_event SET actor = ''x''',
	'DELETE FROM secure.followup_event WHERE false', 'TRUNCATE secure.followup_event', 'DELETE FROM secure.followup_case', 'TRUNCATE secure.followup_case CASCADE', 'DELETE FROM secure.concern',
	'TRUNCATE secure.concern']) WITH ORDINALITY AS s(statement, place) ORDER BY s.place;

--
-- No path bypasses the rules or the history
--
-- A case that is inserted as finished, with columns that only the case itself maintains, or as a
-- lease with more than a lease in it.  None of these may be stored.
BEGIN;
TRUNCATE followup_security_source.answers;
INSERT INTO followup_security_source.answers SELECT i, 'x' || i, 0, now() - interval '1 hour', 'because' FROM generate_series(101, 112) i;
SELECT try('regress_nps_actor', 'INSERT INTO secure.followup_case (case_id, status, attempts) VALUES (101, ''unreachable'', 99)') AS attempts_are_counted;
SELECT try('regress_nps_actor', 'INSERT INTO secure.followup_case (case_id, last_note, last_note_at) VALUES (102, ''customer is happy'', now())') AS kept_by_the_case;
SELECT try('regress_nps_actor', 'INSERT INTO secure.followup_case (case_id, reopened_at) VALUES (103, now())') AS kept_by_the_case;
SELECT try('regress_nps_actor', 'INSERT INTO secure.followup_case (case_id, recorded, status, channel, cause, contacted_at, resolved_at, informed_at, closed_at) '
	'VALUES (104, false, ''closed'', ''phone'', ''price'', now(), now(), now(), now())') IS NOT NULL AS tried;
SELECT try('regress_nps_actor', 'UPDATE secure.followup_case SET recorded = true WHERE case_id = 104') IS NOT NULL AS tried;
SELECT case_id, status, attempts, last_note, reopened_at IS NOT NULL AS reopened FROM secure.followup_case
WHERE case_id IN (101, 102, 103) AND (status <> 'new' OR attempts > 0 OR last_note IS NOT NULL OR reopened_at IS NOT NULL);
-- everything in a case is in its history
SELECT c.case_id AS without_history FROM secure.followup_case c
WHERE (c.status <> 'new' OR c.channel IS NOT NULL) AND NOT EXISTS (SELECT FROM secure.followup_event e WHERE e.case_id = c.case_id AND e.what_changed = 'status');
ROLLBACK;

--
-- What customers were told has rules and a history, too
--
BEGIN;
SELECT s.statement, regexp_replace(try(s.role, s.statement), '"\d{4}-.*"', 'A TIME') AS result
FROM (VALUES
	('regress_nps_actor', 'INSERT INTO secure.cause_told VALUES (''price'', ''w2'', NULL, ''x'')'),
	('regress_nps_actor', 'INSERT INTO secure.cause_told VALUES (''price'', ''w2'', ''infinity'', ''x'')'),
	('regress_nps_actor', 'INSERT INTO secure.cause_told VALUES (''price'', ''w2'', ''-infinity'', ''x'')'),
	('regress_nps_actor', 'INSERT INTO secure.cause_told VALUES (''price'', ''w2'', now() + interval ''1 hour'', ''x'')'),
	('regress_nps_actor', 'INSERT INTO secure.cause_told VALUES (''price'', NULL, now(), ''x'')'),
	('regress_nps_actor', 'INSERT INTO secure.cause_told VALUES (''price'', ''nobody'', now(), ''the ceo'')'),
	('regress_nps_actor', 'INSERT INTO secure.cause_told VALUES (''price'', ''w2'', now(), '''')'),
	('regress_nps_actor', 'UPDATE secure.cause_told SET told_at = ''infinity'' WHERE respondent = ''w2'''),
	('regress_nps_actor', 'UPDATE secure.cause_told SET cause = ''other'' WHERE respondent = ''w2'''),
	('regress_nps_actor', 'UPDATE secure.cause_told SET respondent = ''w3'' WHERE respondent = ''w2'''),
	('regress_nps_owner', 'UPDATE secure.cause_told SET respondent = ''w3'' WHERE respondent = ''w2'''),
	('regress_nps_actor', 'UPDATE secure.cause_told SET told_by = ''the ceo'''),
	('regress_nps_owner', 'DELETE FROM secure.cause_told'),
	('regress_nps_owner', 'TRUNCATE secure.cause_told'),
	('regress_nps_owner', 'UPDATE secure.cause SET cause = ''costs'' WHERE cause = ''price'''),
	-- customers are merged
	('regress_nps_owner', 'UPDATE followup_security_source.answers SET who = ''w3'' WHERE who = ''w2'''),
	('regress_nps_actor', 'UPDATE secure.cause_told SET respondent = ''nobody'' WHERE respondent = ''w2'''),
	('regress_nps_actor', 'UPDATE secure.cause_told SET respondent = ''w3'' WHERE respondent = ''w2''')
) AS s(role, statement);
SELECT cause, respondent, who(told_by) AS told_by FROM secure.cause_told ORDER BY respondent;
SELECT respondent, cause, what_changed, CASE WHEN what_changed NOT LIKE '%\_at' THEN who(old_value) END AS old_value, CASE WHEN what_changed NOT LIKE '%\_at' THEN who(new_value) END AS new_value,
	happened_at IS NOT NULL AS has_time, who(actor) AS actor, db_role, who(session_role) AS session_role
FROM secure.followup_event WHERE what_changed LIKE 'cause\_told.%' ORDER BY at, place;
ROLLBACK;

--
-- Who was handed a case, and who took it over, remains known
--
BEGIN;
UPDATE followup_security_source.answers SET words = NULL WHERE id = 5;
SELECT ask('regress_nps_actor', 'SELECT count(*) FROM nps_claim(''secure'', ''bot 1'', NULL, 1, ''1 microsecond'')') AS one;
SELECT ask('regress_nps_actor', 'SELECT count(*) FROM nps_claim(''secure'', ''bot 2'', NULL, 1)') AS one;
SELECT what_changed, old_value, new_value, who(actor) AS actor, db_role FROM secure.followup_event WHERE what_changed = 'leased_to' ORDER BY at, place;
ROLLBACK;

--
-- The number of a concern is the next one, whoever inserts it; a restore loads the stored ones
--
BEGIN;
-- a number that another session got and has not inserted yet, here and where this session got another
SELECT nextval('secure.concern_concern_id_seq') AS given \gset
DISCARD SEQUENCES;
SELECT try('regress_nps_actor', format('INSERT INTO secure.concern (concern_id, case_id, concern) VALUES (%s, 3, ''taken away'')', :given)) ~ 'was not given to this session$' AS refused;
SELECT try('regress_nps_actor', 'INSERT INTO secure.concern (case_id, concern) VALUES (3, ''one''), (3, ''two'')');
SELECT try('regress_nps_actor', format('INSERT INTO secure.concern (concern_id, case_id, concern) VALUES (%s, 3, ''taken away'')', :given)) ~ 'was not given to this session$' AS refused;
-- whole rows, also of existing concerns
SELECT try('regress_nps_actor', format('INSERT INTO secure.concern (concern_id, case_id, concern) VALUES (%s, 3, ''one'') ON CONFLICT (concern_id) DO UPDATE SET answer = ''saved''', :given + 1));
SELECT try('regress_nps_owner', 'SELECT nextval(''secure.concern_concern_id_seq'')'),
	try('regress_nps_actor', format('INSERT INTO secure.concern (concern_id, case_id, concern) VALUES (%s, 3, ''three'')', :given + 3));
SELECT concern_id - :given AS place, concern, answer FROM secure.concern WHERE concern_id >= :given ORDER BY 1;
SELECT s.statement, try(s.role, s.statement) FROM (VALUES
	('regress_nps_actor', 'INSERT INTO secure.concern (concern_id, case_id, concern) VALUES (500, 3, ''in the way'')'),
	('regress_nps_actor', 'INSERT INTO secure.concern (concern_id, case_id, concern) OVERRIDING SYSTEM VALUE VALUES (9223372036854775807, 3, ''in the way'')'),
	('regress_nps_actor', 'INSERT INTO secure.concern (concern_id, case_id, concern) VALUES (NULL, 3, ''none'')'),
	('regress_nps_actor', 'INSERT INTO secure.concern (concern_id, case_id, concern) VALUES (1, 3, ''the same'')'),
	('regress_nps_actor', 'INSERT INTO secure.concern (concern_id, case_id, concern) VALUES (-1, 3, ''in nobody''''s way'')'),
	('regress_nps_owner', 'INSERT INTO secure.concern (concern_id, case_id, concern) VALUES (1000, 3, ''restored'')')) AS s(role, statement);
SELECT max(try('regress_nps_actor', 'INSERT INTO secure.concern (case_id, concern) VALUES (3, ''another'')')) AS one_each FROM generate_series(1, 3);
ROLLBACK;

--
-- Only roles that may write cases lock them
--
SELECT r.role, c.call, ask(r.role, 'SELECT ' || c.call) AS answer
FROM unnest(ARRAY['regress_nps_actor', 'regress_nps_reader', 'regress_nps_nobody']) WITH ORDINALITY AS r(role, place),
	unnest(ARRAY['nps_lock_case(''secure.followup_case'', 5)', 'nps_lock_case(''secure.followup_case'', ''5''::text)', 'nps_lock_case(''secure.followup_case'', NULL::integer)',
		'nps_lock_case(''secure.followup'', 5)', 'nps_lock_case(''pg_catalog.pg_class'', 5)', 'nps_lock_case(0, 5)']) WITH ORDINALITY AS c(call, place)
WHERE r.role <> 'regress_nps_nobody' OR c.call !~ 'secure'
ORDER BY c.place, r.place;
SELECT ask('regress_nps_nobody', format('SELECT nps_lock_case(%s, 5)', 'secure.followup_case'::regclass::oid)) AS refused;

--
-- Row-level security: everybody sees the cases of the answers that they may see
--
SET ROLE regress_nps_owner;
SET search_path = followup_security_source, followup_security_nps;
CREATE TABLE shared (id integer PRIMARY KEY, region name, who text, score integer, at timestamptz, words text);
INSERT INTO shared VALUES
	(11, 'regress_nps_north', 'n1', 5, now() - interval '5 hours', NULL), (12, 'regress_nps_north', 'n2', 3, now() - interval '4 hours', NULL),
	(13, 'regress_nps_north', 'n3', 9, now() - interval '4 hours', 'fine'),
	(21, 'regress_nps_south', 's1', 1, now() - interval '5 hours', 'broken'), (22, 'regress_nps_south', 's2', 4, now() - interval '4 hours', 'late'),
	-- a person whom both know
	(14, 'regress_nps_north', 'both', 4, now() - interval '3 hours', NULL), (24, 'regress_nps_south', 'both', 3, now() - interval '2 hours', NULL);
ALTER TABLE shared ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_region ON shared USING (region = current_user);
CREATE VIEW shared_invoked WITH (security_invoker = true) AS SELECT * FROM shared;
CREATE VIEW shared_lent AS SELECT * FROM shared;		-- with the rights of its owner, who sees everything
GRANT SELECT ON shared, shared_invoked, shared_lent TO regress_nps_north, regress_nps_south;
SELECT s.survey, (SELECT count(*) > 0 FROM nps_attach(s.source::regclass, 'score', response_id => 'id', respondent => 'who', responded_at => 'at', comment => 'words', schema_name => s.survey,
	time_zone => 'UTC', loop_since => '-infinity')) AS attached
FROM (VALUES ('by_table', 'shared'), ('by_invoker', 'shared_invoked'), ('by_lender', 'shared_lent')) AS s(survey, source);
SELECT count(nps_grant(s, r, a)) AS six FROM unnest(ARRAY['by_table', 'by_invoker', 'by_lender']) s, (VALUES ('regress_nps_north', 'actor'), ('regress_nps_south', 'actor')) AS r(r, a);
RESET ROLE;
SET search_path = followup_security, followup_security_nps;
-- The south records something in everything.
CREATE FUNCTION south_records(survey text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	SET LOCAL ROLE regress_nps_south;
	EXECUTE format('UPDATE %I.followup SET status = ''contacted'', channel = ''phone'', cause = ''price'', note = ''secret'' WHERE case_id IN (21, 24)', survey);
	EXECUTE format('INSERT INTO %I.concern (case_id, concern, promise, promised_for) VALUES (21, ''secret'', ''secret'', current_date + 9)', survey);
	EXECUTE format('UPDATE %I.cause_customer SET told_at = now() WHERE respondent = ''s1''', survey);
	RESET ROLE;
END
$$;
SELECT south_records('by_table');
SELECT south_records('by_invoker');
-- In the views everybody sees their own cases, and in the tables nothing else.
SELECT s AS survey, r AS role,
	ask(r, format('SELECT string_agg(case_id::text, '' '' ORDER BY case_id) FROM %I.followup', s)) AS followup,
	ask(r, format('SELECT string_agg(case_id::text, '' '' ORDER BY case_id) FROM %I.followup_all', s)) AS followup_all,
	ask(r, format('SELECT sum(cases) || '' '' || sum(contacted) FROM %I.closed_loop WHERE grain = ''year'' AND segment = ''all''', s)) AS closed_loop,
	ask(r, format('SELECT sum(respondents) FROM %I.cause_report', s)) AS causes,
	ask(r, format('SELECT string_agg(respondent, '' '' ORDER BY respondent) FROM %I.cause_customer', s)) AS customers,
	ask(r, format('SELECT count(*) > 0 FROM %I.timeline WHERE kind <> ''answer''', s)) AS timeline,
	ask(r, format('SELECT string_agg(case_id::text, '' '' ORDER BY case_id) FROM %I.followup_case', s)) AS cases,
	ask(r, format('SELECT string_agg(DISTINCT case_id::text, '' '') FROM %I.followup_event', s)) AS history,
	ask(r, format('SELECT count(*) FROM %I.concern', s)) AS concerns,
	ask(r, format('SELECT string_agg(respondent, '' '') FROM %I.cause_told', s)) AS told
FROM unnest(ARRAY['by_table', 'by_invoker']) s, unnest(ARRAY['regress_nps_north', 'regress_nps_south']) r ORDER BY 1, 2;
SELECT s AS survey, v AS view, ask('regress_nps_north', format('SELECT count(*) FROM %I.%I v WHERE v::text ~ ''secret|s1|s2''', s, v)) AS wrong_rows
FROM unnest(ARRAY['by_table', 'by_invoker']) s, pg_class c, LATERAL (SELECT c.relname) AS x(v)
WHERE c.relnamespace = s::regnamespace AND c.relkind IN ('r', 'v') AND ask('regress_nps_north', format('SELECT count(*) FROM %I.%I v WHERE v::text ~ ''secret|s1|s2''', s, v)) <> '0'
ORDER BY 1, 2;
-- Nobody learns whether there is a case, an answer or nothing of what is not theirs: 21 has a case, 22 an answer, 99 nothing.
SELECT replace(statement, '$', 'ID') AS statement, count(DISTINCT replace(a.answer, k.id, 'ID')) AS one_answer, min(replace(a.answer, k.id, 'ID')) AS answer
FROM unnest(ARRAY['by_table', 'by_invoker']) s,
	unnest(ARRAY[
		'INSERT INTO %I.followup_case (case_id) VALUES ($)',
		'INSERT INTO %I.followup_case (case_id) VALUES ($) ON CONFLICT (case_id) DO NOTHING',
		'INSERT INTO %I.followup_case (case_id) VALUES ($) ON CONFLICT (case_id) DO UPDATE SET assigned_to = ''me''',
		'INSERT INTO %I.followup_case (case_id, recorded) VALUES ($, false)',
		'UPDATE %I.followup_case SET assigned_to = ''me'' WHERE case_id = $',
		'INSERT INTO %I.concern (case_id, concern) VALUES ($, ''mine'')',
		'UPDATE %I.concern SET answer = ''none'' WHERE case_id = $',
		'UPDATE %I.followup SET assigned_to = ''me'' WHERE case_id = $',
		'UPDATE %I.followup_all SET assigned_to = ''me'' WHERE case_id = $',
		'SELECT FROM %I.followup_event WHERE case_id = $']) WITH ORDINALITY AS t(statement, place),
	(VALUES ('21'), ('22'), ('99')) AS k(id),
	LATERAL (SELECT try('regress_nps_north', replace(format(statement, s), '$', k.id))) AS a(answer)
GROUP BY t.statement, t.place ORDER BY t.place;
SELECT statement, count(DISTINCT a.answer) AS one_answer, min(a.answer) AS answer
FROM unnest(ARRAY['by_table', 'by_invoker']) s,
	unnest(ARRAY[
		'INSERT INTO %I.cause_told VALUES (''price'', ''WHO'', now(), ''me'')',
		'INSERT INTO %I.cause_told VALUES (''price'', ''WHO'', now(), ''me'') ON CONFLICT DO NOTHING',
		'INSERT INTO %I.cause_told VALUES (''price'', ''WHO'', now(), ''me'') ON CONFLICT (cause, respondent) DO UPDATE SET told_by = ''me''',
		'UPDATE %I.cause_told SET told_by = ''me'' WHERE respondent = ''WHO''',
		'UPDATE %I.cause_customer SET told_at = now() WHERE respondent = ''WHO''']) WITH ORDINALITY AS t(statement, place),
	(VALUES ('s1'), ('s2'), ('s9')) AS k(who),
	LATERAL (SELECT try('regress_nps_north', replace(format(statement, s), 'WHO', k.who))) AS a(answer)
GROUP BY t.statement, t.place ORDER BY t.place;
-- What is theirs cannot be moved to others either.
SELECT try('regress_nps_north', 'INSERT INTO by_table.followup_case (case_id) VALUES (11)') AS one,
	try('regress_nps_north', 'INSERT INTO by_table.concern (case_id, concern) VALUES (11, ''mine'')') AS one,
	try('regress_nps_north', 'UPDATE by_table.followup_case SET case_id = 21 WHERE case_id = 11') AS refused,
	try('regress_nps_north', 'UPDATE by_table.followup_case SET respondent = ''s1'' WHERE case_id = 11') AS refused,
	try('regress_nps_north', 'UPDATE by_table.concern SET case_id = 21 WHERE case_id = 11') AS refused;
-- A claim returns only one's own cases.
SELECT s AS survey, ask('regress_nps_north', format('SELECT string_agg(case_id, '' '' ORDER BY case_id) FROM nps_claim(%L, ''bot'')', s)) AS eleven_twelve_fourteen FROM unnest(ARRAY['by_table', 'by_invoker']) s;
-- The person whom both know also has a case of the south's, which the north cannot see in any way.
SELECT s AS survey, w.statement, try('regress_nps_north', format(w.statement, s)) AS answer
FROM unnest(ARRAY['by_table', 'by_invoker']) WITH ORDINALITY AS t(s, place), unnest(ARRAY[
	'UPDATE %I.followup SET assigned_to = ''me'' WHERE case_id = 14',
	'INSERT INTO %I.followup_case (case_id, assigned_to) VALUES (14, ''me'')',
	'INSERT INTO %I.concern (case_id, concern) VALUES (14, ''mine'')']) WITH ORDINALITY AS w(statement, place)
ORDER BY t.place, w.place;
SELECT try('regress_nps_south', 'UPDATE by_table.followup SET status = ''dismissed'', dismiss_reason = ''test'' WHERE case_id = 24') AS one,
	try('regress_nps_north', 'UPDATE by_table.followup SET status = ''dismissed'', dismiss_reason = ''test'' WHERE case_id = 14') AS one,
	try('regress_nps_south', 'UPDATE by_table.followup_all SET status = ''reopened'' WHERE case_id = 24') AS one,
	try('regress_nps_north', 'UPDATE by_table.followup_all SET status = ''reopened'' WHERE case_id = 14') AS one,
	try('regress_nps_north', 'UPDATE by_table.followup_case SET status = ''reopened'' WHERE case_id = 14') AS refused;
-- A view that lends rights lends them to cases, too.
SELECT try('regress_nps_north', 'UPDATE by_lender.followup SET assigned_to = ''me'' WHERE case_id = 21') AS one,
	ask('regress_nps_south', 'SELECT assigned_to FROM by_lender.followup_case WHERE case_id = 21') AS me,
	ask('regress_nps_north', 'SELECT string_agg(case_id::text, '' '' ORDER BY case_id) FROM by_lender.followup') AS all_five;
-- A role that may read the survey and not the source reads no case.
SET ROLE regress_nps_owner;
GRANT USAGE ON SCHEMA by_table TO regress_nps_nobody;
GRANT SELECT ON ALL TABLES IN SCHEMA by_table TO regress_nps_nobody;
RESET ROLE;
SELECT t AS name, ask('regress_nps_nobody', format('SELECT count(*) FROM by_table.%I', t)) AS refused FROM unnest(ARRAY['followup_case', 'followup_event', 'concern', 'cause_told', 'followup']) t;
-- Row security that is forced on the owner applies to the owner's queries: the rules and the history see everything.
BEGIN;
ALTER TABLE by_table.followup_case FORCE ROW LEVEL SECURITY;
ALTER TABLE by_table.followup_event FORCE ROW LEVEL SECURITY;
ALTER TABLE by_table.concern FORCE ROW LEVEL SECURITY;
ALTER TABLE by_table.cause_told FORCE ROW LEVEL SECURITY;
ALTER TABLE followup_security_source.shared FORCE ROW LEVEL SECURITY;
SELECT try('regress_nps_north', 'UPDATE by_table.followup SET status = ''contacted'', channel = ''phone'', cause = ''price'' WHERE case_id = 12') AS one,
	try('regress_nps_north', 'INSERT INTO by_table.concern (case_id, concern) VALUES (12, ''mine'')') AS one,
	try('regress_nps_north', 'UPDATE by_table.followup SET status = ''resolved'' WHERE case_id = 12') AS open_concern,
	try('regress_nps_north', 'UPDATE by_table.followup SET status = ''reopened'' WHERE case_id = 14') AS none,
	try('regress_nps_north', 'INSERT INTO by_table.cause_told VALUES (''price'', ''n2'', now(), NULL)') AS one;
ALTER TABLE by_table.followup_event NO FORCE ROW LEVEL SECURITY;
SELECT ask('regress_nps_owner', 'SELECT string_agg(what_changed, '' '' ORDER BY at, place) FROM by_table.followup_event WHERE case_id = 12 OR respondent = ''n2''') AS history;
ROLLBACK;
-- The policies follow when the source gains or loses its row-level security.
ALTER TABLE followup_security_source.shared DISABLE ROW LEVEL SECURITY;
SELECT ask('regress_nps_north', 'SELECT string_agg(case_id::text, '' '' ORDER BY case_id) FROM by_table.followup_case') AS all_of_them;
ALTER TABLE followup_security_source.shared ENABLE ROW LEVEL SECURITY;
SELECT ask('regress_nps_north', 'SELECT string_agg(case_id::text, '' '' ORDER BY case_id) FROM by_table.followup_case') AS those_of_the_north;

--
-- Sources that cannot have a trigger, and those made of many tables
--
SET ROLE regress_nps_owner;
SET search_path = followup_security_source, followup_security_nps;
CREATE VIEW a_view AS SELECT * FROM answers;
CREATE MATERIALIZED VIEW a_matview AS SELECT * FROM answers;
CREATE TABLE a_partitioned (id integer, who text, score integer, at timestamptz, words text, PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE TABLE a_partition_1 PARTITION OF a_partitioned FOR VALUES FROM (0) TO (2);
CREATE TABLE a_partition_2 PARTITION OF a_partitioned FOR VALUES FROM (2) TO (1000);
INSERT INTO a_partitioned SELECT * FROM answers;
RESET ROLE;
-- one on a file, if file_fdw is installed; else a view that shows the same
DO $$
BEGIN
	IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'file_fdw') THEN
		CREATE EXTENSION file_fdw SCHEMA followup_security;
		CREATE SERVER followup_security_file FOREIGN DATA WRAPPER file_fdw;
		CREATE FOREIGN TABLE followup_security_source.a_foreign (id integer, who text, score integer, at timestamptz) SERVER followup_security_file OPTIONS (program 'echo 1,w1,1,now', format 'csv');
	ELSE
		CREATE VIEW followup_security_source.a_foreign AS SELECT 1 AS id, 'w1' AS who, 1 AS score, now() AS at;
	END IF;
END
$$;
-- in each, steps are recorded, the history is shown, and changes are sent; the number of triggers says which answers are sent
CREATE FUNCTION try_source(source text, at text, OUT recorded text, OUT history bigint, OUT channel text, OUT triggers bigint, OUT after_detach bigint) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM nps_attach(source::regclass, 'score', response_id => 'id', respondent => 'who', responded_at => at, schema_name => 'try_source', loop_since => '-infinity');
	UPDATE try_source.followup f SET status = 'contacted', channel = 'phone' WHERE case_id = 1 RETURNING f.case_id || ' ' || f.status INTO recorded;
	INSERT INTO try_source.concern (case_id, concern) VALUES (1, 'c');
	SELECT count(*) INTO history FROM try_source.followup_event;
	channel := nps_notify('try_source');
	PERFORM nps_notify('try_source');		-- calling it once more does not make a second one
	SELECT count(*) INTO triggers FROM pg_trigger WHERE tgrelid = source::regclass AND NOT tgisinternal;
	PERFORM nps_detach('try_source', drop_cases => true);
	SELECT count(*) INTO after_detach FROM pg_trigger WHERE tgrelid = source::regclass AND NOT tgisinternal;
END
$$;
SELECT s.source, t.* FROM (VALUES ('a_matview', 'at'), ('a_partitioned', 'at'), ('a_foreign', 'at')) AS s(source, at), try_source(s.source, s.at) t;
-- and the caller is told so, each time
SET client_min_messages = notice;
SELECT * FROM try_source('a_view', 'at');
SET client_min_messages = warning;
SET ROLE regress_nps_owner;
-- Two surveys of one source with long names do not take each other's trigger.
SELECT count(*) AS objects FROM generate_series(1, 2) n, nps_attach('answers', 'score', respondent => 'who', schema_name => repeat('x', 60) || n, loop_since => '-infinity');
SELECT count(nps_notify(repeat('x', 60) || n)) AS two FROM generate_series(1, 2) n;
SELECT count(*) AS two FROM pg_trigger WHERE tgrelid = 'answers'::regclass AND NOT tgisinternal;
SELECT count(nps_detach(repeat('x', 60) || n)) FROM generate_series(1, 2) n;
SELECT count(*) AS none FROM pg_trigger WHERE tgrelid = 'answers'::regclass AND NOT tgisinternal;
RESET ROLE;
SET search_path = followup_security, followup_security_nps;

--
-- Keys whose type has its operators elsewhere, and types that run code
--
CREATE TABLE ran (who name, what text);
GRANT INSERT, SELECT ON ran TO PUBLIC;
CREATE FUNCTION tell_who(value text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO followup_security.ran VALUES (current_user, value);
	RETURN true;
END
$$;
SET ROLE regress_nps_owner;
CREATE DOMAIN followup_security_source.key AS text CHECK (followup_security.tell_who(VALUE));
CREATE TABLE followup_security_source.of_domain (id followup_security_source.key PRIMARY KEY, who followup_security_source.key, score integer, at timestamptz DEFAULT now());
INSERT INTO followup_security_source.of_domain VALUES ('k1', 'p1', 4), ('k2', 'p2', 3);
GRANT SELECT ON followup_security_source.of_domain TO regress_nps_actor;
SELECT count(*) > 0 AS attached FROM nps_attach('followup_security_source.of_domain', 'score', respondent => 'who', responded_at => 'at', schema_name => 'domains', loop_since => '-infinity');
SELECT nps_grant('domains', 'regress_nps_actor', 'actor');
RESET ROLE;
TRUNCATE ran;
SET ROLE regress_nps_actor;
UPDATE domains.followup SET status = 'contacted', channel = 'phone' WHERE case_id = 'k1' RETURNING case_id, status;
INSERT INTO domains.concern (case_id, concern) VALUES ('k1', 'c') RETURNING case_id;
SELECT case_id, respondent FROM nps_claim('domains', 'bot') ORDER BY 1;
RESET ROLE;
-- none of it ran as anybody but the actor: the owner's rights are for our own queries
SELECT DISTINCT who FROM ran WHERE who <> 'regress_nps_actor';
SELECT case_id, what_changed, new_value, db_role FROM domains.followup_event WHERE what_changed NOT LIKE '%\_at' AND what_changed <> 'leased_until' ORDER BY at, place;
SET ROLE regress_nps_owner;
SELECT nps_detach('domains', drop_cases => true);
RESET ROLE;
-- citext, if it is installed, in a schema that is in nobody's path: k1 and K1 are one case, and each open case is handed out
CREATE FUNCTION try_citext(OUT case_id text, OUT cases bigint, OUT claimed text) LANGUAGE plpgsql AS $$
BEGIN
	case_id := 'K1';
	cases := 2;
	claimed := 'K1 K2 K3';
	IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'citext') THEN
		CREATE SCHEMA followup_security_citext;
		CREATE EXTENSION citext SCHEMA followup_security_citext;
		CREATE TABLE followup_security_source.of_citext (id followup_security_citext.citext PRIMARY KEY, who followup_security_citext.citext, score integer, at timestamptz DEFAULT now());
		INSERT INTO followup_security_source.of_citext VALUES ('K1', 'W1', 5), ('K2', 'W2', 3), ('K3', 'W3', 4);
		PERFORM nps_attach('followup_security_source.of_citext', 'score', respondent => 'who', responded_at => 'at', schema_name => 'citexts', loop_since => '-infinity');
		EXECUTE 'UPDATE citexts.followup SET team = ''x'' WHERE case_id OPERATOR(followup_security_citext.=) ''k1'' RETURNING case_id::text' INTO case_id;
		EXECUTE 'INSERT INTO citexts.followup_case (case_id) VALUES (''k2'') ON CONFLICT DO NOTHING';
		EXECUTE 'INSERT INTO citexts.concern (case_id, concern) VALUES (''k2'', ''c'')';
		EXECUTE 'SELECT count(*) FROM citexts.followup_case' INTO cases;
		SELECT string_agg(upper(c.case_id), ' ' ORDER BY upper(c.case_id)) INTO claimed FROM nps_claim('citexts', 'bot') c;
		PERFORM nps_detach('citexts', drop_cases => true);
		DROP TABLE followup_security_source.of_citext;
		DROP EXTENSION citext;
		DROP SCHEMA followup_security_citext;
	END IF;
END
$$;
SELECT * FROM try_citext();

--
-- A search path full of traps, for everybody who records and for the superuser
--
CREATE SCHEMA followup_security_trap;
GRANT USAGE ON SCHEMA followup_security_trap TO PUBLIC;
SET search_path = followup_security_trap, pg_catalog;
CREATE FUNCTION sprung() RETURNS boolean LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'caught in a trap'; END$$;
CREATE FUNCTION now() RETURNS timestamptz LANGUAGE sql AS $$SELECT followup_security_trap.sprung()::text::timestamptz$$;
CREATE FUNCTION count(integer) RETURNS bigint LANGUAGE sql AS $$SELECT followup_security_trap.sprung()::int::bigint$$;
CREATE FUNCTION hashtext(text) RETURNS integer LANGUAGE sql AS $$SELECT followup_security_trap.sprung()::int$$;
CREATE FUNCTION websearch_to_tsquery(regconfig, text) RETURNS tsquery LANGUAGE sql AS $$SELECT followup_security_trap.sprung()::text::tsquery$$;
CREATE FUNCTION to_tsvector(regconfig, text) RETURNS tsvector LANGUAGE sql AS $$SELECT followup_security_trap.sprung()::text::tsvector$$;
CREATE FUNCTION row_security_active(oid) RETURNS boolean LANGUAGE sql AS $$SELECT followup_security_trap.sprung()$$;
CREATE FUNCTION format(text, text) RETURNS text LANGUAGE sql AS $$SELECT followup_security_trap.sprung()::text$$;
CREATE FUNCTION length(text) RETURNS integer LANGUAGE sql AS $$SELECT followup_security_trap.sprung()::int$$;
CREATE FUNCTION numbers(integer, integer) RETURNS boolean LANGUAGE sql AS $$SELECT followup_security_trap.sprung()$$;
CREATE FUNCTION texts(text, text) RETURNS boolean LANGUAGE sql AS $$SELECT followup_security_trap.sprung()$$;
CREATE FUNCTION times(timestamptz, timestamptz) RETURNS boolean LANGUAGE sql AS $$SELECT followup_security_trap.sprung()$$;
CREATE FUNCTION joined(text, text) RETURNS text LANGUAGE sql AS $$SELECT followup_security_trap.sprung()::text$$;
CREATE OPERATOR followup_security_trap.= (LEFTARG = integer, RIGHTARG = integer, FUNCTION = numbers);
CREATE OPERATOR followup_security_trap.<> (LEFTARG = integer, RIGHTARG = integer, FUNCTION = numbers);
CREATE OPERATOR followup_security_trap.= (LEFTARG = text, RIGHTARG = text, FUNCTION = texts);
CREATE OPERATOR followup_security_trap.<> (LEFTARG = text, RIGHTARG = text, FUNCTION = texts);
CREATE OPERATOR followup_security_trap.< (LEFTARG = timestamptz, RIGHTARG = timestamptz, FUNCTION = times);
CREATE OPERATOR followup_security_trap.>= (LEFTARG = timestamptz, RIGHTARG = timestamptz, FUNCTION = times);
CREATE OPERATOR followup_security_trap.|| (LEFTARG = text, RIGHTARG = text, FUNCTION = joined);
CREATE TABLE followup_case (case_id integer);
CREATE TABLE followup_event (case_id integer);
CREATE TABLE survey (scale text);
GRANT ALL ON followup_case, followup_event, survey TO PUBLIC;
RESET ROLE;
-- customers whom a program may ask for the reason
UPDATE followup_security_source.answers SET words = NULL WHERE id BETWEEN 3 AND 6;
SET search_path = pg_catalog;
SELECT pg_catalog.count(*) > 0 AS attached FROM followup_security_nps.nps_attach('followup_security_source.answers', 'score', respondent => 'who', responded_at => 'at', comment => 'words', schema_name => 'trapped', time_zone => 'UTC', loop_since => '-infinity');
SELECT followup_security_nps.nps_grant('trapped', 'regress_nps_actor', 'actor');
SET ROLE regress_nps_actor;
SET search_path = followup_security_trap, pg_catalog;
UPDATE trapped.followup SET status = 'contacted', channel = 'phone', cause = 'price' WHERE case_id OPERATOR(pg_catalog.=) 0 RETURNING case_id, status, open_concerns;
INSERT INTO trapped.followup_case (case_id) VALUES (1) RETURNING case_id, status;
UPDATE trapped.followup_all SET attempted_at = pg_catalog.now(), note = 'n' WHERE case_id OPERATOR(pg_catalog.=) 1 RETURNING case_id, attempts;
INSERT INTO trapped.concern (case_id, concern, promise, promised_for) VALUES (2, 'c', 'p', '2001-01-01') RETURNING case_id, is_open;
UPDATE trapped.cause_customer SET told_at = pg_catalog.now() RETURNING cause, respondent;
SELECT sum(cases) AS seven, sum(contacted) AS one FROM trapped.closed_loop WHERE grain OPERATOR(pg_catalog.~) 'year' AND segment OPERATOR(pg_catalog.~) 'all';
SELECT sum(respondents) AS one FROM trapped.cause_report;
SELECT pg_catalog.count(*) > 10 AS yes FROM trapped.timeline;
SELECT pg_catalog.count(*) AS seven FROM trapped.followup_all;
SELECT max(pg_catalog.length(next_step)) > 0 AS yes FROM trapped.followup;
SELECT pg_catalog.count(*) AS two FROM followup_security_nps.nps_claim('trapped', 'bot', NULL, 2);
RESET ROLE;
SELECT followup_security_nps.nps_claim('trapped', 'bot 2', NULL, 1) IS NOT NULL AS yes;
SELECT followup_security_nps.nps_notify('trapped');
SELECT followup_security_nps.nps_grant('trapped', 'regress_nps_reader');
SELECT pg_catalog.count(*) > 0 AS attached FROM followup_security_nps.nps_refresh_views('trapped');
SELECT followup_security_nps.nps_detach('trapped');
SELECT followup_security_nps.nps_detach('trapped', drop_cases => true);
SELECT pg_catalog.count(*) AS none FROM followup_case;
SET search_path = followup_security, followup_security_nps;
SET client_min_messages = error;
DROP SCHEMA followup_security_trap CASCADE;
SET client_min_messages = warning;

--
-- Another name, another owner
--
SET ROLE regress_nps_owner;
ALTER SCHEMA secure RENAME TO "Secure it";
RESET ROLE;
SET ROLE regress_nps_actor;
UPDATE "Secure it".followup SET note = 'renamed' WHERE case_id = 0 RETURNING case_id, last_note;
INSERT INTO "Secure it".concern (case_id, concern) VALUES (0, 'renamed') RETURNING case_id;
SELECT count(*) AS one FROM nps_claim('Secure it', 'bot', NULL, 1);
RESET ROLE;
ALTER SCHEMA "Secure it" RENAME TO secure;
-- one table moved: an error that says which; all moved: everything works
ALTER TABLE secure.followup_event OWNER TO regress_nps_stranger;
SET ROLE regress_nps_actor;
UPDATE secure.followup SET note = 'moved' WHERE case_id = 0;
RESET ROLE;
ALTER TABLE secure.followup_event OWNER TO regress_nps_owner;
GRANT CREATE ON SCHEMA secure TO regress_nps_stranger;
REASSIGN OWNED BY regress_nps_owner TO regress_nps_stranger;
SET ROLE regress_nps_actor;
UPDATE secure.followup SET note = 'all moved' WHERE case_id = 0 RETURNING case_id, last_note;
RESET ROLE;
REASSIGN OWNED BY regress_nps_stranger TO regress_nps_owner;

--
-- Views made again: cases, history, grants and policies stay
--
-- What the owner revoked stays revoked, and a role that may read the settings gains nothing by it.
SET ROLE regress_nps_owner;
REVOKE SELECT ON secure.followup_event, secure.concern FROM regress_nps_reader;
GRANT USAGE ON SCHEMA secure TO regress_nps_nobody;
GRANT SELECT ON secure.survey TO regress_nps_nobody;
RESET ROLE;
CREATE TABLE rights_before AS
SELECT r.role, c.relname, p.privilege FROM unnest(ARRAY['regress_nps_reader', 'regress_nps_actor', 'regress_nps_nobody']) r(role), pg_class c,
	unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) p(privilege)
WHERE c.relnamespace = 'secure'::regnamespace AND c.relkind IN ('r', 'v') AND has_table_privilege(r.role, c.oid, p.privilege);
CREATE VIEW rights_now AS
SELECT r.role, c.relname, p.privilege FROM unnest(ARRAY['regress_nps_reader', 'regress_nps_actor', 'regress_nps_nobody']) r(role), pg_class c,
	unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) p(privilege)
WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = 'secure') AND c.relkind IN ('r', 'v') AND has_table_privilege(r.role, c.oid, p.privilege);
CREATE VIEW changed_rights AS
SELECT 'lost' AS right, * FROM (TABLE rights_before EXCEPT TABLE rights_now) l UNION ALL SELECT 'got', * FROM (TABLE rights_now EXCEPT TABLE rights_before) g ORDER BY 1, 2, 3, 4;
CREATE TABLE events_before AS TABLE secure.followup_event;
CREATE TABLE cases_before AS TABLE secure.followup_case;
CREATE VIEW changed_cases AS SELECT c.* FROM (SELECT count(*) AS same_cases FROM (SELECT case_id, status, assigned_to, team, contacted_at, last_note FROM secure.followup_case
	INTERSECT SELECT case_id, status, assigned_to, team, contacted_at, last_note FROM cases_before) s) c;
SET ROLE regress_nps_owner;
SELECT count(*) > 0 AS attached FROM nps_refresh_views('secure');
RESET ROLE;
SELECT * FROM changed_rights;
SELECT * FROM changed_cases;
SET ROLE regress_nps_owner;
REVOKE ALL ON ALL TABLES IN SCHEMA secure FROM regress_nps_nobody;
REVOKE SELECT ON secure.followup_event, secure.concern FROM regress_nps_reader;
RESET ROLE;
DELETE FROM rights_before WHERE role = 'regress_nps_nobody';
-- A rebuild drops the source with its views: until it is attached again, the tables show nothing except to their owner.
SET ROLE regress_nps_owner;
SET client_min_messages = error;
DROP TABLE followup_security_source.answers CASCADE;
SET client_min_messages = warning;
RESET ROLE;
SELECT ask('regress_nps_actor', 'SELECT count(*) FROM secure.followup_case') AS zero, try('regress_nps_actor', 'INSERT INTO secure.followup_case (case_id) VALUES (5)') ~ 'rows' AS no;
SET ROLE regress_nps_owner;
CREATE TABLE followup_security_source.answers (id integer PRIMARY KEY, who text, score integer, at timestamptz, words text);
INSERT INTO followup_security_source.answers SELECT i, 'w' || i, i, now() - interval '1 hour', 'because' FROM generate_series(0, 10) i;
GRANT SELECT ON followup_security_source.answers TO regress_nps_reader, regress_nps_actor;
SELECT count(*) > 0 AS attached FROM nps_attach('followup_security_source.answers', 'score', respondent => 'who', responded_at => 'at', comment => 'words', schema_name => 'secure', time_zone => 'UTC', replace => true, loop_since => '-infinity');
RESET ROLE;
SELECT * FROM changed_rights;
SELECT * FROM changed_cases;
SELECT try('regress_nps_actor', 'UPDATE secure.followup SET note = ''rebuilt'' WHERE case_id = 0') AS one, try('regress_nps_actor', 'UPDATE secure.followup_all SET assigned_to = ''z'' WHERE case_id = 6') AS one;
SELECT c.relname, c.relrowsecurity, count(p.oid) AS policies FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid
WHERE c.relnamespace = 'secure'::regnamespace AND c.relkind = 'r' AND (c.relrowsecurity OR p.oid IS NOT NULL) GROUP BY 1, 2 ORDER BY 1;
-- The extension is dropped and created again while there are cases: the rules and the history come back, too.
CREATE VIEW triggers_now AS SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
	WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = 'secure') AND NOT t.tgisinternal AND t.tgname <> 'tell';
CREATE TABLE triggers_before AS TABLE triggers_now;
SET client_min_messages = error;
DROP EXTENSION nps CASCADE;
CREATE EXTENSION nps SCHEMA followup_security_nps;
SET client_min_messages = warning;
SET ROLE regress_nps_owner;
SELECT count(*) > 0 AS attached FROM nps_attach('followup_security_source.answers', 'score', respondent => 'who', responded_at => 'at', comment => 'words', schema_name => 'secure', time_zone => 'UTC', replace => true, loop_since => '-infinity');
RESET ROLE;
TABLE triggers_before EXCEPT TABLE triggers_now ORDER BY 1, 2;
SELECT * FROM changed_cases;
SELECT try('regress_nps_owner', 'DELETE FROM secure.followup_event') AS refused, try('regress_nps_owner', 'UPDATE secure.followup_case SET status = ''new'' WHERE case_id = 0') AS refused,
	try('regress_nps_owner', 'DELETE FROM secure.concern') AS refused;
-- Keys of another type: refused while there are cases, made again when there are none.
SET ROLE regress_nps_owner;
SELECT nps_attach('followup_security_source.answers', 'score', response_id => 'id::text', respondent => 'who', responded_at => 'at', comment => 'words', schema_name => 'secure', time_zone => 'UTC', replace => true, loop_since => '-infinity');
SELECT nps_attach('followup_security_source.answers', 'score', respondent => 'id', responded_at => 'at', comment => 'words', schema_name => 'secure', time_zone => 'UTC', replace => true, loop_since => '-infinity');
SELECT count(*) > 0 AS attached FROM nps_attach('followup_security_source.answers', 'score', respondent => 'who', responded_at => 'at', schema_name => 'another', time_zone => 'UTC', loop_since => '-infinity');
SELECT nps_grant('another', 'regress_nps_actor', 'actor');
SELECT count(*) > 0 AS attached FROM nps_attach('followup_security_source.answers', 'score', response_id => '''a'' || id', respondent => 'id', responded_at => 'at', schema_name => 'another', time_zone => 'UTC', replace => true, loop_since => '-infinity');
SET ROLE regress_nps_actor;
UPDATE another.followup SET team = 'x' WHERE case_id = 'a1';
RESET ROLE;

--
-- Detaching
--
DROP VIEW changed_rights, rights_now, changed_cases, triggers_now;
SET ROLE regress_nps_owner;
SELECT nps_detach('secure');
SELECT nps_notify('secure');
SELECT nps_detach('secure', drop_cases => true);
SELECT nps_detach('another', drop_cases => true);
-- if there is only a lease, it is not a case
SELECT count(*) > 0 AS attached FROM nps_attach('followup_security_source.answers', 'score', respondent => 'who', responded_at => 'at', schema_name => 'leased', loop_since => '-infinity');
SELECT count(*) AS two FROM nps_claim('leased', 'bot', NULL, 2);
SELECT nps_detach('leased');
SELECT count(*) AS none FROM pg_trigger WHERE tgrelid = 'followup_security_source.answers'::regclass AND NOT tgisinternal;
SELECT count(*) AS eleven FROM followup_security_source.answers;
SELECT count(*) AS none FROM pg_namespace WHERE nspname IN ('secure', 'another', 'leased');
RESET ROLE;

-- Clean up.
SET client_min_messages = error;
DROP OWNED BY regress_nps_stranger, regress_nps_owner CASCADE;
DROP EXTENSION nps CASCADE;
DROP EXTENSION IF EXISTS file_fdw CASCADE;
RESET search_path;
DROP SCHEMA followup_security, followup_security_nps CASCADE;
DROP OWNED BY regress_nps_reader, regress_nps_actor, regress_nps_nobody, regress_nps_north, regress_nps_south, regress_nps_agent;
DROP ROLE regress_nps_owner, regress_nps_reader, regress_nps_actor, regress_nps_nobody, regress_nps_north, regress_nps_south, regress_nps_agent, regress_nps_stranger;
CREATE EXTENSION nps SCHEMA public;
