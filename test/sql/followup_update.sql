-- The views followup and followup_all as an interface: what an UPDATE can set,
-- what programs that read whole rows send back, what comes back, and who did it.
\set SHOW_CONTEXT never
\getenv abs_srcdir PG_ABS_SRCDIR
\set ON_ERROR_ROLLBACK on
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO, MDY';
SET intervalstyle = 'postgres';
SET jit = off;		-- compiling would take longer than running
BEGIN;
CREATE SCHEMA followup_update;
SET search_path = followup_update, work, public;

CREATE TABLE answers (id integer PRIMARY KEY, who text, score integer, at timestamptz, words text, manager text);
INSERT INTO answers SELECT i, 'customer ' || i, i % 7, now() - interval '10 days', 'because', CASE WHEN i < 4 THEN 'max' END FROM generate_series(1, 40) i;
SELECT count(*) > 0 AS attached FROM nps_attach('answers', 'score', respondent => 'who', responded_at => 'at', comment => 'words', owner => 'manager',
	schema_name => 'work', time_zone => 'UTC', loop_since => '2000-01-01');

CREATE FUNCTION ago(timestamptz) RETURNS text LANGUAGE sql STABLE RETURN (now() - $1)::text;
CREATE FUNCTION history(id integer) RETURNS TABLE (what_changed text, old_value text, new_value text, note text, actor text) LANGUAGE sql STABLE AS $$
	SELECT e.what_changed, CASE WHEN e.what_changed ~ '(_at|_until|_since)$' THEN ago(e.old_value::timestamptz) ELSE e.old_value END,
		CASE WHEN e.what_changed ~ '(_at|_until|_since)$' THEN ago(e.new_value::timestamptz) ELSE e.new_value END, e.note,
		CASE WHEN e.actor = current_user THEN 'the role' ELSE e.actor END
	FROM followup_event e WHERE e.case_id = id ORDER BY e.place
$$;
\set helper :abs_srcdir '/sql/helper/refused.sql'
\i :helper

--
-- A step on a case that nobody has touched; the row that comes back is the current one
--
UPDATE followup SET status = 'contacted', channel = 'phone', cause = 'price', note = 'very upset', actor = 'anna' WHERE case_id = 1
RETURNING case_id, respondent, score, status, channel, cause, ago(contacted_at) AS contacted, next_step, last_note, note, actor;
SELECT * FROM history(1);
-- The row of the case says what the view says.
SELECT status, version, channel, cause, ago(contacted_at) AS contacted, last_note, last_actor, recorded FROM followup_case;
-- Several steps in one statement: solved and closed on the phone, yesterday.  The case leaves the view, and the row comes back.
UPDATE followup SET status = 'closed', channel = 'phone', cause = 'price', informed_at = now() - interval '1 day', plan = 'send a voucher'
WHERE case_id = 2
RETURNING case_id, status, version, channel, cause, plan, ago(contacted_at) AS contacted, ago(resolved_at) AS resolved, ago(informed_at) AS informed, ago(closed_at) AS closed,
	next_step, next_due, due, overdue_hours, responsible;
SELECT count(*) AS none FROM followup WHERE case_id = 2;
SELECT status, is_open, ago(closed_at) AS closed FROM followup_all WHERE case_id = 2;
-- A time sets the status, on followup_all too.
UPDATE followup_all SET contacted_at = now() - interval '1 day', channel = 'e-mail' WHERE case_id = 3 RETURNING status, is_open, ago(contacted_at) AS contacted, channel;
UPDATE followup_all SET status = 'reopened' WHERE case_id = 2 RETURNING status, is_open, closed_at, ago(reopened_at) AS reopened, next_step;
SELECT count(*) AS one FROM followup WHERE case_id = 2;
UPDATE followup SET status = 'dismissed', dismiss_reason = 'misclick' WHERE case_id = 4 RETURNING status, dismiss_reason, next_step, due, contacted_at;
UPDATE followup SET attempted_at = now() WHERE case_id = 5 RETURNING status, attempts, ago(attempted_at) AS attempted;
UPDATE followup SET snoozed_until = now() + interval '1 week', desired_outcome = 'stays' WHERE case_id = 5
RETURNING priority, priority_reason, snoozed_until - now() AS snoozed, desired_outcome;

--
-- What is recorded and what is shown are different columns
--
SELECT responsible, assigned_to, channel_advised, channel FROM followup WHERE case_id IN (3, 6) ORDER BY case_id;
-- Recording the value that is already shown is a change.
UPDATE followup SET channel = 'e-mail', assigned_to = 'max' WHERE case_id = 3 RETURNING responsible, assigned_to, version;
UPDATE followup SET channel = channel_advised WHERE case_id = 6 RETURNING channel, version;
SELECT what_changed, new_value FROM history(6);
-- For a column that is only shown the error names the one to set; a statement that can record nothing is an error, even if it finds no row.
CREATE FUNCTION hints(VARIADIC steps text[]) RETURNS TABLE (code text, error text, hint text) LANGUAGE plpgsql AS $$
DECLARE
	step text;
BEGIN
	FOREACH step IN ARRAY steps LOOP
		code := NULL;
		error := NULL;
		hint := NULL;
		BEGIN
			EXECUTE step;
		EXCEPTION WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, error = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
		END;
		RETURN NEXT;
	END LOOP;
END
$$;
SELECT * FROM hints(
	$$UPDATE followup SET responsible = 'eve', plan = 'x' WHERE case_id = 6$$,
	$$UPDATE followup SET responsible_team = 'x', plan = 'x' WHERE case_id = 6$$,
	$$UPDATE followup SET channel_advised = 'fax', plan = 'x' WHERE case_id = 6$$,
	$$UPDATE followup SET cause_suggested = 'price', plan = 'x' WHERE case_id = 6$$,
	$$UPDATE followup SET last_note = 'x', plan = 'x' WHERE case_id = 6$$,
	$$UPDATE followup SET attempts = 7, plan = 'x' WHERE case_id = 6$$,
	$$UPDATE followup SET responsible = 'eve' WHERE case_id = 6$$,
	$$UPDATE followup SET next_step = 'dance' WHERE false$$,
	$$UPDATE followup_all SET priority = 1, is_open = false$$);
SELECT hint = 'Set status, assigned_to, team, channel, cause, plan, desired_outcome, dismiss_reason, snoozed_until, waiting_since, acknowledged_at, asked_at, '
	'attempted_at, contacted_at, resolved_at, informed_at, closed_at, note, actor.' AS lists_them FROM hints($$UPDATE followup SET score = 9 WHERE case_id = 6$$);
-- Which columns can be set: these, and no others.
SELECT string_agg(a.attname, ', ' ORDER BY a.attnum) AS can_be_set
FROM pg_attribute a
CROSS JOIN LATERAL hints(format('UPDATE followup_all SET %I = %1$I WHERE false', a.attname)) e
WHERE a.attrelid = 'followup_all'::regclass AND a.attnum > 0 AND e.error IS NULL;
-- The views are not tables: their rows cannot be locked, and need not be, as a case has a version.
SELECT code FROM hints($$SELECT FROM followup WHERE case_id = 6 FOR UPDATE$$, $$SELECT FROM followup_all WHERE case_id = 6 FOR SHARE SKIP LOCKED$$);
-- All other columns may be stale when they are sent, and are ignored: the row that comes back is right.
UPDATE followup SET priority = 77, due = 'never', next_step = 'dance', next_due = now(), overdue_hours = 0.5, priority_reason = 'fun', steps = 'none',
	save_by = '2001-01-01', next_promise_due = '2001-01-01', score = 9, revenue = 7, comment = 'hm', open_concerns = 7, respondent = 'x', plan = 'p'
WHERE case_id = 7 RETURNING priority, due, next_step, priority_reason, next_promise_due, score, comment, open_concerns, plan, version;
SELECT what_changed, new_value FROM history(7);

--
-- Programs that read whole rows and send all columns back
--
-- unchanged, or with times in milliseconds, as in JavaScript
CREATE FUNCTION send_back(view text, id integer, image jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	columns text;
	answer text;
BEGIN
	SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) INTO columns FROM pg_attribute a WHERE a.attrelid = view::regclass AND a.attnum > 0;
	EXECUTE format('UPDATE %1$s f SET (%2$s) = (SELECT %2$s FROM jsonb_populate_record(NULL::%1$s, $2)) WHERE f.case_id = $1 RETURNING f.status || '' '' || f.version',
		view, columns)
	INTO answer USING id, image;
	RETURN answer;
END
$$;
CREATE FUNCTION whole(view text, id integer, VARIADIC changes text[] DEFAULT '{}') RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	image jsonb;
BEGIN
	EXECUTE format('SELECT to_jsonb(g) || jsonb_object($2) FROM %s g WHERE g.case_id = $1', view) INTO image USING id, changes;
	RETURN image;
END
$$;
CREATE FUNCTION milliseconds(image jsonb) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_object_agg(key, CASE WHEN value #>> '{}' ~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+' THEN to_jsonb(date_trunc('milliseconds', (value #>> '{}')::timestamptz)) ELSE value END)
	FROM jsonb_each(image)
$$;
SELECT count(*) AS before FROM followup_event;
SELECT send_back('followup', 9, whole('followup', 9)), send_back('followup_all', 9, whole('followup_all', 9)), send_back('followup', 9, milliseconds(whole('followup', 9))),
	send_back('followup', 1, milliseconds(whole('followup', 1))), send_back('followup_all', 4, milliseconds(whole('followup_all', 4))), send_back('followup', 5, milliseconds(whole('followup', 5)));
SELECT count(*) AS same FROM followup_event;
SELECT count(*) AS none FROM followup_case WHERE case_id = 9;
SELECT send_back('followup', 9, whole('followup', 9, 'plan', 'a plan'));
SELECT send_back('followup_all', 9, milliseconds(whole('followup_all', 9, 'status', 'contacted', 'channel', 'letter', 'note', 'written', 'actor', 'crm')));
SELECT * FROM history(9);
SELECT send_back('followup', 9, milliseconds(whole('followup', 9, 'plan', 'b', 'version', '3')));
SELECT what_changed, new_value FROM history(9) WHERE what_changed = 'plan';
-- The version sent is the current one or one more, and becomes one more.
UPDATE followup SET plan = 'c', version = 3 WHERE case_id = 9 RETURNING version;
UPDATE followup SET plan = 'd', version = version + 1 WHERE case_id = 9 AND version = 4 RETURNING version;
UPDATE followup SET plan = 'e', version = version + 1 WHERE case_id = 9 AND version = 4 RETURNING version;
UPDATE followup SET version = version + 1 WHERE case_id = 9 RETURNING version;
UPDATE followup SET version = version WHERE case_id = 9 RETURNING version;
-- Neither concerns nor leases nor facts change the version.
INSERT INTO concern (case_id, concern, answer) VALUES (9, 'late', 'sorry');
UPDATE followup_case SET leased_to = 'mailer', leased_until = now() + interval '1 minute' WHERE case_id = 9;
SELECT nps_record('work') > 0 AS recorded;
SELECT version FROM followup WHERE case_id = 9;
-- Stale values are not recorded: the error says what has changed in the meantime, and by whom.
CREATE FUNCTION stale(VARIADIC steps text[]) RETURNS TABLE (code text, error text, detail text, hint text) LANGUAGE plpgsql AS $$
DECLARE
	step text;
	before jsonb;
BEGIN
	FOREACH step IN ARRAY steps LOOP
		before := recorded();
		BEGIN
			EXECUTE step;
			code := 'none';
			error := NULL;
			detail := NULL;
		EXCEPTION WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, error = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
		END;
		IF before IS DISTINCT FROM recorded() THEN
			error := 'LEFT SOMETHING BEHIND';
		END IF;
		RETURN NEXT;
	END LOOP;
END
$$;
CREATE TEMP TABLE read_before AS SELECT whole('followup', 14) AS image;
UPDATE followup SET assigned_to = 'bert', note = 'mine', actor = 'bert' WHERE case_id = 14;
UPDATE followup SET attempted_at = now(), actor = 'carla' WHERE case_id = 14;
SELECT code, error, replace(detail, now()::text, 'now') AS detail FROM stale(
	$$SELECT send_back('followup', 14, image || '{"plan": "x"}') FROM read_before$$,
	$$SELECT send_back('followup', 14, image || '{"plan": "x", "version": 1}') FROM read_before$$,
	$$UPDATE followup SET plan = 'x', version = 1 WHERE case_id = 14$$,
	$$UPDATE followup SET plan = 'x', version = 4 WHERE case_id = 14$$,
	$$UPDATE followup_case SET plan = 'x', version = 1 WHERE case_id = 14$$);
-- The same for an answer that arrived since.
CREATE TEMP TABLE read_then AS SELECT whole('followup', 15) AS image;
INSERT INTO answers SELECT 115, who, 0, now() - interval '1 minute', 'worse', NULL FROM answers WHERE id = 15;
SELECT code, error, detail FROM stale($$SELECT send_back('followup', 15, image || '{"plan": "x"}') FROM read_then$$);
-- A difference in the source alone does not matter.
CREATE TEMP TABLE read_source AS SELECT whole('followup', 16) AS image;
UPDATE answers SET words = 'something else' WHERE id = 16;
SELECT send_back('followup', 16, image || '{"plan": "x"}') FROM read_source;

--
-- An object that is saved again without being read again, by a program that counts versions itself
--
CREATE TEMP TABLE object AS SELECT case_id, whole('followup_all', case_id) || '{"actor": "crm"}' AS image FROM followup WHERE case_id IN (8, 10, 11, 13, 17, 26, 27, 29, 30);
CREATE FUNCTION save(id integer, VARIADIC changes text[] DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	sent jsonb;
BEGIN
	UPDATE object o SET image = o.image || jsonb_object(changes) || jsonb_build_object('version', (o.image->>'version')::integer + 1)
	WHERE o.case_id = id RETURNING o.image INTO sent;
	RETURN send_back('followup_all', id, sent);
END
$$;
-- The other columns set by the step before, its actor, its note, what to do next: all of it comes back unchanged, and none of it is recorded again.
SELECT save(8, 'status', 'contacted', 'channel', 'phone', 'note', 'was not at home'), save(8), save(8, 'plan', 'call again');
SELECT what_changed, new_value, note FROM history(8);
SELECT save(11, 'attempted_at', (now() - interval '1 hour')::text), save(11, 'cause', 'price'), save(11, 'note', 'try the office'), save(11);
SELECT what_changed, new_value, note FROM history(11);
SELECT attempts, last_note, next_step FROM followup WHERE case_id = 11;
SELECT save(13, 'assigned_to', 'bert'), save(13, 'assigned_to', 'carla', 'team', 'support'), save(13, 'plan', 'wait');
SELECT what_changed, new_value FROM history(13);
SELECT responsible, responsible_team FROM followup WHERE case_id = 13;
-- A solution ends waiting for the customer, and an object that does not know this does not start it again; changing the values that were set does.
SELECT save(26, 'status', 'contacted', 'channel', 'phone', 'waiting_since', now()::text), save(26, 'status', 'resolved', 'cause', 'price'), save(26, 'plan', 'x');
SELECT save(26, 'snoozed_until', (now() + interval '1 week')::text), save(26, 'snoozed_until', NULL), save(26, 'snoozed_until', (now() + interval '1 week')::text);
SELECT what_changed, new_value FROM history(26);
-- An object that is saved without any change also gets a new version, and is its actor's.
SELECT save(17), save(17), save(17, 'plan', 'x');
SELECT what_changed, new_value, actor FROM history(17);
-- A note with the same text as the one before is another note; but not when its object is saved once more.
SELECT save(17, 'note', 'again'), save(17, 'note', NULL), save(17, 'note', 'again'), save(17, 'plan', 'y');
SELECT what_changed, note FROM history(17) WHERE note IS NOT NULL;
SELECT save(27, 'status', 'dismissed', 'dismiss_reason', 'misclick'), save(27, 'status', 'reopened'), save(27, 'plan', 'x');
SELECT what_changed, new_value FROM history(27);
-- The same if some of the columns were sent in between, by the same actor, as by an ORM that knows which ones it changed.
UPDATE followup_all SET status = 'contacted', channel = 'phone', actor = 'crm', version = 1 WHERE case_id = 10;
UPDATE followup_all SET assigned_to = 'bert', note = 'hello', actor = 'crm', version = 2 WHERE case_id = 10;
UPDATE followup_all SET waiting_since = now(), actor = 'crm', version = 3 WHERE case_id = 10;
UPDATE object o SET image = o.image || '{"status": "contacted", "channel": "phone", "assigned_to": "bert", "version": 3}' || jsonb_build_object('waiting_since', now()) WHERE case_id = 10;
SELECT save(10, 'plan', 'x'), save(10), save(10, 'waiting_since', NULL);
SELECT what_changed, new_value FROM history(10);
SELECT save(30, 'status', 'closed', 'channel', 'phone', 'cause', 'price', 'informed_at', now()::text), save(30), save(30, 'note', 'all well');
SELECT what_changed, new_value, note FROM history(30);
-- Taken back, or intended: an error as always, and so is what somebody else did in between.
SELECT * FROM refused(
	$$SELECT save(8, 'status', 'new')$$,
	$$SELECT save(8, 'contacted_at', now()::text, 'responsible', 'eve')$$,
	$$SELECT save(13, 'responsible', 'eve')$$,
	$$SELECT save(13, 'last_note', 'hello')$$,
	$$UPDATE followup SET contacted_at = NULL, version = version + 1, actor = 'crm' WHERE case_id = 8$$,
	$$UPDATE followup SET responsible = 'bert', team = 'other', actor = 'crm' WHERE case_id = 13$$,
	$$UPDATE followup SET responsible = NULL, version = version + 1, actor = 'bert' WHERE case_id = 13$$);
UPDATE followup SET status = 'contacted', channel = 'phone', actor = 'bert' WHERE case_id = 29;
SELECT * FROM refused($$SELECT save(29, 'plan', 'x')$$);
-- If the owner in the source has changed since, the old one that is sent back cannot be told from an intended one: there are two cures.
UPDATE answers SET manager = 'moritz' WHERE id = 28;
CREATE TEMP TABLE read_owner AS SELECT whole('followup', 28) AS image;
UPDATE answers SET manager = 'max' WHERE id = 28;
SELECT code, error, detail, hint FROM stale($$SELECT send_back('followup', 28, image || '{"plan": "x"}') FROM read_owner$$);
SELECT send_back('followup', 28, whole('followup', 28, 'plan', 'x'));
UPDATE answers SET manager = NULL WHERE id = 28;

--
-- Everything that a step lacks is reported at once
--
SELECT * FROM refused(
	$$UPDATE followup SET status = 'closed' WHERE case_id = 17$$,
	$$UPDATE followup SET status = 'resolved' WHERE case_id = 17$$,
	$$UPDATE followup SET status = 'closed', contacted_at = now() WHERE case_id = 17$$);

--
-- Answers that are not covered by contact make contact due again
--
UPDATE followup SET status = 'resolved', channel = 'phone', cause = 'price', contacted_at = now() - interval '9 days' WHERE case_id = 18;
INSERT INTO answers SELECT 118, who, 1, now() - interval '1 hour', 'worse', NULL FROM answers WHERE id = 18;
SELECT status, response_id, next_step, version FROM followup WHERE case_id = 18;
-- Shown values that are sent back record nothing.
SELECT send_back('followup', 18, milliseconds(whole('followup', 18)));
SELECT * FROM refused(
	$$UPDATE followup SET status = 'resolved' WHERE case_id = 18$$,
	$$UPDATE followup SET status = 'closed', informed_at = now() WHERE case_id = 18$$,
	$$UPDATE followup SET informed_at = now() WHERE case_id = 18$$,
	$$UPDATE followup SET contacted_at = now() - interval '2 hours' WHERE case_id = 18$$,
	$$UPDATE followup SET snoozed_until = now() + interval '1 day' WHERE case_id = 18$$,
	$$UPDATE followup SET waiting_since = now() WHERE case_id = 18$$);
UPDATE followup SET assigned_to = 'bert' WHERE case_id = 18 RETURNING status;
UPDATE followup SET status = 'contacted' WHERE case_id = 18 RETURNING status, ago(contacted_at) AS contacted, resolved_at, next_step;
SELECT ago(first_contacted_at) AS first, ago(first_resolved_at) AS first_resolved, renewals, recontacted_in_time, recontacted_late, covered_id,
	ago(resolve_due) AS resolve_due FROM followup_case WHERE case_id = 18;
UPDATE followup SET status = 'closed', informed_at = now() WHERE case_id = 18 RETURNING status;

--
-- A case that ended by itself is reopened by work on it
--
INSERT INTO answers SELECT 100 + id, who, 9, now() - interval '1 hour', 'fine', NULL FROM answers WHERE id IN (12, 19);
SELECT case_id, ended FROM followup_all WHERE case_id IN (12, 19) ORDER BY case_id;
SELECT * FROM refused($$UPDATE followup_all SET assigned_to = 'x' WHERE case_id = 12$$, $$UPDATE followup_all SET snoozed_until = now() + interval '1 day' WHERE case_id = 12$$);
UPDATE followup_all SET status = 'contacted', channel = 'phone' WHERE case_id = 12 RETURNING status, ended, is_open;
INSERT INTO concern (case_id, concern) VALUES (19, 'was not heard');
SELECT case_id, ended, is_open, ago(reopened_at) AS reopened FROM followup_all WHERE case_id = 19;

--
-- A step that changes nothing writes nothing
--
SELECT count(*) AS before FROM followup_event;
UPDATE followup SET status = 'contacted', channel = 'letter', plan = 'd' WHERE case_id = 9;
UPDATE followup SET contacted_at = contacted_at WHERE case_id = 9;
UPDATE followup SET status = 'new' WHERE case_id = 37;
UPDATE followup SET assigned_to = NULL, cause = NULL, snoozed_until = NULL WHERE case_id = 37;
UPDATE followup SET actor = 'me' WHERE case_id = 9;
UPDATE followup SET plan = 'none' WHERE case_id = 999 RETURNING case_id;
UPDATE followup SET status = 'nonsense' WHERE false;
UPDATE followup_all SET plan = 'none' WHERE respondent = 'nobody';
SELECT count(*) AS same FROM followup_event;
SELECT status, recorded, version FROM followup_all WHERE case_id = 37;

--
-- Many at once
--
UPDATE followup SET assigned_to = 'paula' WHERE case_id BETWEEN 20 AND 25;
UPDATE followup SET assigned_to = 'quinn', note = 'Paula is on holiday' WHERE assigned_to = 'paula';
SELECT assigned_to, responsible, count(*) FROM followup WHERE case_id BETWEEN 20 AND 25 GROUP BY 1, 2;
SELECT old_value, new_value, note, count(*) FROM followup_event WHERE case_id BETWEEN 20 AND 25 GROUP BY 1, 2, 3 ORDER BY new_value;
-- One that fails undoes the others.
SELECT * FROM refused($$UPDATE followup SET status = 'contacted', channel = CASE WHEN case_id < 25 THEN 'phone' END WHERE assigned_to = 'quinn'$$);
-- From other tables, one row for each case.
WITH done AS (
	UPDATE followup f SET plan = v.plan, team = v.team FROM (VALUES (20, 'call', 'a'), (21, 'write', 'b')) v(id, plan, team) WHERE f.case_id = v.id
	RETURNING f.case_id, f.plan, f.team, v.plan AS sent)
SELECT * FROM done ORDER BY case_id;
-- Two statements in one: each with its own columns, whichever runs first.
WITH other AS (UPDATE followup SET assigned_to = 'anna' WHERE case_id = 22 RETURNING case_id)
UPDATE followup f SET plan = 'both', channel = 'fax' FROM other WHERE f.case_id = other.case_id + 1;
WITH other AS (UPDATE followup_all SET assigned_to = 'bert', plan = plan WHERE case_id = 24 RETURNING case_id)
UPDATE followup SET team = 'c' WHERE case_id = 25;
SELECT case_id, assigned_to, team, channel, plan FROM followup_case WHERE case_id BETWEEN 22 AND 25 ORDER BY case_id;

--
-- Rows come and go by themselves
--
SELECT * FROM refused(
	$$INSERT INTO followup (case_id, status) VALUES (30, 'new')$$,
	$$INSERT INTO followup_all (case_id) SELECT case_id FROM followup$$,
	$$INSERT INTO followup (case_id) VALUES (30) ON CONFLICT DO NOTHING$$,
	$$DELETE FROM followup WHERE case_id = 1$$,
	$$DELETE FROM followup_all$$,
	$$TRUNCATE followup$$);
DELETE FROM followup WHERE case_id = 999;
-- Refusals by the case come through the view, and have no effect, not even an empty row.
SELECT * FROM refused(
	$$UPDATE followup SET status = 'contacted', note = 'x' WHERE case_id = 31$$,
	$$UPDATE followup SET status = 'resolved', channel = 'phone' WHERE case_id = 31$$,
	$$UPDATE followup SET status = 'closed', channel = 'phone', cause = 'price' WHERE case_id = 31$$,
	$$UPDATE followup SET informed_at = now() WHERE case_id = 31$$,
	$$UPDATE followup SET status = 'unreachable' WHERE case_id = 31$$,
	$$UPDATE followup SET status = 'dismissed' WHERE case_id = 31$$,
	$$UPDATE followup SET status = 'dismissed', dismiss_reason = 'lazy' WHERE case_id = 31$$,
	$$UPDATE followup SET cause = 'weather' WHERE case_id = 31$$,
	$$UPDATE followup SET status = 'new' WHERE case_id = 1$$,
	$$UPDATE followup SET status = NULL WHERE case_id = 1$$,
	$$UPDATE followup SET contacted_at = NULL WHERE case_id = 1$$,
	$$UPDATE followup SET channel = NULL WHERE case_id = 1$$);
SELECT recorded, version FROM followup_case WHERE case_id = 31;
SAVEPOINT a;
UPDATE followup SET plan = 'first' WHERE case_id = 31;
SAVEPOINT b;
UPDATE followup SET plan = 'second' WHERE case_id = 31;
ROLLBACK TO b;
SELECT plan FROM followup WHERE case_id = 31;
SELECT new_value FROM history(31);
UPDATE followup SET plan = 'third' WHERE case_id = 31 RETURNING plan;
ROLLBACK TO a;
SELECT plan FROM followup WHERE case_id = 31;
SELECT count(*) AS none FROM history(31);

--
-- Who did it: the column actor, else the setting nps.actor, else the connected role
--
SET LOCAL nps.actor = 'web user';
UPDATE followup SET plan = 'a' WHERE case_id = 32 RETURNING actor, note;
UPDATE followup SET plan = 'b', actor = 'anna' WHERE case_id = 32 RETURNING actor, note;
RESET nps.actor;
UPDATE followup SET plan = 'c' WHERE case_id = 32;
UPDATE followup SET note = 'just a note', actor = 'anna' WHERE case_id = 32 RETURNING last_note;
SELECT what_changed, new_value, note, actor FROM history(32);
-- An actor of the survey needs no privilege on the history, and cannot write it.
CREATE ROLE regress_nps_agent;
GRANT USAGE ON SCHEMA followup_update, public TO regress_nps_agent;
GRANT SELECT ON answers TO regress_nps_agent;
SELECT nps_grant('work', 'regress_nps_agent', 'actor');
SET LOCAL ROLE regress_nps_agent;
UPDATE followup SET plan = 'mine', channel = 'phone', status = 'contacted' WHERE case_id = 33 RETURNING status, plan;
INSERT INTO concern (case_id, concern) VALUES (34, 'late');
SELECT case_id, what_changed, CASE WHEN happened_at IS NULL THEN new_value END AS new_value, actor = session_user AS by_whom_is_connected,
	db_role, session_role = session_user AS as_connected FROM followup_event WHERE case_id IN (33, 34) ORDER BY case_id, place;
INSERT INTO followup_event (case_id, at, db_role, what_changed) VALUES (33, now(), 'x', 'plan');
UPDATE followup_event SET actor = 'x';
DELETE FROM followup_event;
DELETE FROM followup_case;
UPDATE survey SET attempts = 0;
RESET ROLE;

--
-- Through views of one's own, prepared statements and functions
--
CREATE VIEW my_cases AS SELECT case_id AS number, status AS state, channel AS how, plan, score FROM followup WHERE score < 3;
UPDATE my_cases SET state = 'contacted', how = 'phone' WHERE number = 35 RETURNING number, state, how;
UPDATE my_cases SET how = 'phone or in person', plan = 'p' WHERE number = 28 RETURNING state, how, plan;
SELECT * FROM refused($$UPDATE my_cases SET score = 9 WHERE number = 35$$);
PREPARE step(integer, text) AS UPDATE followup SET plan = $2 WHERE case_id = $1 RETURNING case_id, plan;
SET LOCAL plan_cache_mode = force_generic_plan;
EXECUTE step(36, 'one');
EXECUTE step(36, 'two');
EXECUTE step(37, 'one');
EXECUTE step(999, 'none');
RESET plan_cache_mode;
DEALLOCATE step;
CREATE FUNCTION contact(ids integer[], how text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	id integer;
	state text;
BEGIN
	FOREACH id IN ARRAY ids LOOP
		BEGIN
			UPDATE followup SET status = 'contacted', channel = how WHERE case_id = id RETURNING status INTO state;
			RETURN NEXT id || ' ' || coalesce(state, 'not there') || ' ' || FOUND;
		EXCEPTION WHEN object_not_in_prerequisite_state THEN
			RETURN NEXT id || ' ' || SQLERRM;
		END;
	END LOOP;
END
$$;
SELECT contact(ARRAY[36, 999, 4, 37], 'phone');
SELECT contact(ARRAY[38, 39], NULL);
SELECT case_id, count(*) FROM followup_event WHERE case_id IN (36, 37, 38, 39) GROUP BY case_id ORDER BY case_id;

--
-- Any way to name an answer: text, uuid, an expression of two columns, a domain
--
CREATE DOMAIN ticket AS text CHECK (VALUE LIKE 'T-%');
CREATE TABLE keys (shop integer, number integer, code text, u uuid, t ticket, score integer, at timestamptz, PRIMARY KEY (shop, number));
INSERT INTO keys SELECT 1, i, E'it''s "' || i, ('00000000-0000-0000-0000-00000000000' || i)::uuid, 'T-' || i, 0, now() - interval '1 hour' FROM generate_series(1, 2) i;
SELECT count(*) > 0 AS attached FROM nps_attach('keys', 'score', 'by_text', response_id => 'code', respondent => 'number', responded_at => 'at', loop_since => '2000-01-01');
SELECT count(*) > 0 AS attached FROM nps_attach('keys', 'score', 'by_uuid', response_id => 'u', respondent => 'u', responded_at => 'at', loop_since => '2000-01-01');
SELECT count(*) > 0 AS attached FROM nps_attach('keys', 'score', 'by_two', response_id => $$(shop || '/' || number)$$, respondent => 't', responded_at => 'at', loop_since => '2000-01-01');
SELECT count(*) > 0 AS attached FROM nps_attach('keys', 'score', 'by_domain', response_id => 't', respondent => 'code', responded_at => 'at', loop_since => '2000-01-01');
CREATE FUNCTION steps_of(survey text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	step text;
BEGIN
	FOREACH step IN ARRAY ARRAY[
		$q$UPDATE %I.followup SET status = 'contacted', channel = 'phone' WHERE respondent::text LIKE '%%1' OR case_id::text LIKE '%%1' RETURNING case_id || ' ' || status$q$,
		$q$UPDATE %I.followup SET status = 'contacted', note = 'no channel' WHERE status = 'new' RETURNING case_id || ' ' || status$q$,
		$q$INSERT INTO %I.concern (case_id, concern) SELECT case_id, 'c' FROM %1$I.followup WHERE status = 'new' RETURNING case_id || ' ' || concern$q$,
		$q$UPDATE %I.followup SET status = 'resolved', cause = 'price', channel = 'phone' WHERE open_concerns = 1 RETURNING case_id || ' ' || status$q$,
		$q$UPDATE %I.concern SET answer = 'a' RETURNING case_id || ' ' || is_open$q$,
		$q$UPDATE %I.followup_all SET status = 'closed', informed_at = now(), cause = 'price', channel = 'letter' RETURNING case_id || ' ' || status$q$,
		$q$SELECT case_id || ' ' || string_agg(what_changed, ' ' ORDER BY place) FROM %I.followup_event GROUP BY case_id$q$] LOOP
		BEGIN
			RETURN QUERY EXECUTE format('WITH done(what) AS (' || step || ') SELECT what FROM done ORDER BY what', survey);
		EXCEPTION WHEN object_not_in_prerequisite_state THEN
			RETURN NEXT SQLERRM;
		END;
	END LOOP;
END
$$;
SELECT steps_of('by_text');
SELECT steps_of('by_uuid');
SELECT steps_of('by_two');
SELECT steps_of('by_domain');

--
-- The same case twice in a statement: it cannot be decided which one counts
--
SELECT code, error FROM stale(
	$$UPDATE followup f SET plan = v.p FROM (VALUES (40, 'q'), (40, 'r')) v(id, p) WHERE f.case_id = v.id$$,
	$$WITH a AS (UPDATE followup SET plan = 'a' WHERE case_id = 40 RETURNING 1) UPDATE followup SET channel = 'fax' WHERE case_id = 40$$);

--
-- A program that claims cases names the type of their keys; for a wrong type the error names the right one
--
SELECT * FROM hints($$SELECT case_id FROM nps_claim('work', 'bot', NULL::uuid)$$, $$SELECT case_id FROM nps_claim('by_uuid', 'bot', 7)$$,
	$$SELECT case_id FROM nps_claim('work', 'bot', NULL::bigint, max_rows => 0)$$, $$SELECT case_id FROM nps_claim('by_domain', 'bot', NULL::text, max_rows => 0)$$);

-- The history of this test says what every case is now.
SELECT f.case_id, k.key, k.value, e.new_value
FROM followup_case f
CROSS JOIN LATERAL jsonb_each_text(to_jsonb(f)) k
LEFT JOIN LATERAL (SELECT e.new_value FROM followup_event e WHERE e.case_id = f.case_id AND e.what_changed = k.key ORDER BY e.place DESC LIMIT 1) e ON true
WHERE k.key IN ('status', 'assigned_to', 'team', 'channel', 'cause', 'plan', 'desired_outcome', 'dismiss_reason', 'snoozed_until', 'waiting_since',
		'acknowledged_at', 'asked_at', 'attempted_at', 'attempts', 'contacted_at', 'resolved_at', 'informed_at', 'closed_at', 'unreachable_at',
		'dismissed_at')
	AND CASE WHEN k.key ~ '(_at|_until|_since)$' THEN k.value::timestamptz IS DISTINCT FROM e.new_value::timestamptz
		ELSE k.value IS DISTINCT FROM coalesce(e.new_value, CASE k.key WHEN 'status' THEN 'new' WHEN 'attempts' THEN '0' END) END;
-- And both views say the same about open cases.
SELECT case_id FROM followup WHERE status IS NULL
UNION ALL (SELECT case_id FROM (SELECT case_id, status, assigned_to, channel, plan, last_note FROM followup
	EXCEPT SELECT case_id, status, assigned_to, channel, plan, last_note FROM followup_all WHERE is_open) x);
ROLLBACK;
