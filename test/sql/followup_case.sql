-- The life of a case: which step may follow which, what each needs, how
-- statuses and times set each other, and what the history says.  now() is
-- constant within the transaction, and times are shown as the time elapsed since.
\set SHOW_CONTEXT never
\getenv abs_srcdir PG_ABS_SRCDIR
\set ON_ERROR_ROLLBACK on
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO, MDY';
SET intervalstyle = 'postgres';
SET jit = off;		-- compiling would take longer than running
BEGIN;
CREATE SCHEMA followup_case;
SET search_path = followup_case, steps, public;

CREATE TABLE answers (id integer PRIMARY KEY, who text, score integer, at timestamptz);
INSERT INTO answers SELECT i, 'customer ' || i, i % 7, now() - interval '10 days' FROM generate_series(1, 60) i;
SELECT count(*) > 0 AS attached FROM nps_attach('answers', 'score', respondent => 'who', responded_at => 'at',
	schema_name => 'steps', time_zone => 'UTC', loop_since => '2000-01-01');
-- a row for each case
SELECT nps_record('steps');

-- Times as the time elapsed since.
CREATE FUNCTION ago(timestamptz) RETURNS text LANGUAGE sql STABLE RETURN (now() - $1)::text;
CREATE VIEW life AS
SELECT case_id AS id, status, attempts AS n, ago(attempted_at) AS attempted, ago(contacted_at) AS contacted, ago(resolved_at) AS resolved,
	ago(informed_at) AS informed, ago(closed_at) AS closed, ago(unreachable_at) AS unreachable, ago(dismissed_at) AS dismissed,
	ago(reopened_at) AS reopened
FROM followup_case;
CREATE FUNCTION history(id integer) RETURNS TABLE (what_changed text, old_value text, new_value text, happened text, note text, actor text)
LANGUAGE sql STABLE AS $$
	SELECT e.what_changed, CASE WHEN e.what_changed ~ '(_at|_until)$' THEN ago(e.old_value::timestamptz) ELSE e.old_value END,
		CASE WHEN e.what_changed ~ '(_at|_until)$' THEN ago(e.new_value::timestamptz) ELSE e.new_value END, ago(e.happened_at), e.note, e.actor
	FROM followup_event e WHERE e.case_id = id ORDER BY e.place
$$;
\set helper :abs_srcdir '/sql/helper/refused.sql'
\i :helper

--
-- The main line, step by step: each status sets its time
--
SELECT respondent, ago(opened_at) AS opened, status, attempts, version, finished_at FROM followup_case WHERE case_id = 1;
UPDATE followup_case SET assigned_to = 'anna', acknowledged_at = now() - interval '9 days' WHERE case_id = 1;
UPDATE followup_case SET status = 'contacted', channel = 'phone' WHERE case_id = 1;
SELECT * FROM life WHERE id = 1;
UPDATE followup_case SET status = 'resolved', cause = 'price' WHERE case_id = 1;
UPDATE followup_case SET informed_at = now() WHERE case_id = 1;
SELECT status, finished_at FROM followup_case WHERE case_id = 1;		-- informing the customer alone closes nothing
UPDATE followup_case SET status = 'closed', note = 'friends again' WHERE case_id = 1;
SELECT * FROM life WHERE id = 1;
SELECT ago(finished_at) AS finished, version, last_note, note, actor FROM followup_case WHERE case_id = 1;
SELECT what_changed, old_value, new_value, happened, note FROM history(1);

--
-- Which step may follow which, if everything that the step needs is given.  Expected:
-- from new to everything; from contacted never back; from resolved only forward; from a finished
-- status only to reopened, which means contacted if there was contact, or else new.  The
-- same through the view and through the table.
--
CREATE FUNCTION goes(path text, beginning text, step text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	ending text := '-';
BEGIN
	BEGIN
		UPDATE survey SET attempts = 0;
		IF beginning LIKE '% after contact' THEN
			UPDATE followup_case SET status = 'contacted', channel = 'phone' WHERE case_id = 2;
		END IF;
		UPDATE followup_case SET status = split_part(beginning, ' ', 1), channel = CASE WHEN beginning <> 'new' THEN 'phone' END,
			cause = CASE WHEN beginning IN ('resolved', 'closed') THEN 'price' END,
			informed_at = CASE WHEN beginning = 'closed' THEN now() END,
			dismiss_reason = CASE WHEN beginning LIKE 'dismissed%' THEN 'test' END WHERE case_id = 2;
		BEGIN
			EXECUTE format('UPDATE %s SET status = %L, channel = ''phone'', cause = ''price''%s%s WHERE case_id = 2', path, step,
				CASE WHEN step = 'closed' THEN ', informed_at = now()' END, CASE WHEN step = 'dismissed' THEN ', dismiss_reason = ''test''' END);
			SELECT c.status INTO ending FROM followup_case c WHERE c.case_id = 2;
		EXCEPTION WHEN object_not_in_prerequisite_state THEN
			NULL;
		END;
		RAISE EXCEPTION USING ERRCODE = 'ZZ999';		-- takes all of it back
	EXCEPTION WHEN SQLSTATE 'ZZ999' THEN
		RETURN ending;
	END;
END
$$;
CREATE FUNCTION beginnings() RETURNS SETOF text LANGUAGE sql RETURN unnest(ARRAY['new', 'contacted', 'resolved', 'closed', 'unreachable',
	'unreachable after contact', 'dismissed', 'dismissed after contact']);
SELECT b AS "from", goes('followup_case', b, 'new') AS new, goes('followup_case', b, 'contacted') AS contacted,
	goes('followup_case', b, 'resolved') AS resolved, goes('followup_case', b, 'closed') AS closed,
	goes('followup_case', b, 'unreachable') AS unreachable, goes('followup_case', b, 'dismissed') AS dismissed,
	goes('followup_case', b, 'reopened') AS reopened
FROM ROWS FROM (beginnings()) WITH ORDINALITY u(b, place)
ORDER BY place;
SELECT b, s, goes('followup_case', b, s) AS by_table, goes('followup_all', b, s) AS by_view
FROM beginnings() b
CROSS JOIN unnest(ARRAY['new', 'contacted', 'resolved', 'closed', 'unreachable', 'dismissed', 'reopened']) s
WHERE goes('followup_case', b, s) <> goes('followup_all', b, s);
-- The errors say what state the case is in, and what to do.
UPDATE followup_all SET status = 'contacted', channel = 'phone' WHERE case_id = 3;
UPDATE followup_all SET status = 'resolved', channel = 'phone', cause = 'price' WHERE case_id = 4;
UPDATE followup_all SET status = 'dismissed', dismiss_reason = 'misclick' WHERE case_id = 5;
SELECT * FROM refused(
	$$UPDATE followup_case SET status = 'contacted' WHERE case_id = 1$$,
	$$UPDATE followup_case SET status = 'new' WHERE case_id = 3$$,
	$$UPDATE followup_case SET status = 'unreachable' WHERE case_id = 3$$,
	$$UPDATE followup_case SET status = 'reopened' WHERE case_id = 3$$,
	$$UPDATE followup_case SET status = 'contacted' WHERE case_id = 4$$,
	$$UPDATE followup_case SET status = 'contacted', channel = 'phone' WHERE case_id = 5$$);

--
-- What each step needs.  An error names what is missing, and has no effect.
--
SELECT * FROM refused(
	$$UPDATE followup_case SET status = 'contacted' WHERE case_id = 6$$,
	$$UPDATE followup_case SET contacted_at = now() WHERE case_id = 6$$,
	$$UPDATE followup_case SET channel = NULL WHERE case_id = 3$$,
	$$UPDATE followup_case SET status = 'resolved' WHERE case_id = 3$$,
	$$UPDATE followup_case SET resolved_at = now() WHERE case_id = 3$$,
	$$UPDATE followup_case SET cause = NULL WHERE case_id = 4$$,
	$$UPDATE followup_case SET status = 'closed' WHERE case_id = 4$$,
	$$UPDATE followup_case SET closed_at = now() WHERE case_id = 4$$,
	$$UPDATE followup_case SET informed_at = now() WHERE case_id = 3$$,
	$$UPDATE followup_case SET informed_at = now() WHERE case_id = 6$$,
	$$UPDATE followup_case SET status = 'dismissed' WHERE case_id = 6$$,
	$$UPDATE followup_case SET dismiss_reason = 'test' WHERE case_id = 6$$,
	$$UPDATE followup_case SET status = 'contacted', channel = 'phone', dismiss_reason = 'test' WHERE case_id = 6$$,
	$$UPDATE followup_case SET dismiss_reason = NULL WHERE case_id = 5$$,
	$$UPDATE followup_case SET status = 'unreachable' WHERE case_id = 6$$);
-- Invalid values.
SELECT * FROM refused(
	$$UPDATE followup_case SET status = 'done' WHERE case_id = 6$$,
	$$UPDATE followup_case SET status = 'Contacted', channel = 'phone' WHERE case_id = 6$$,
	$$UPDATE followup_case SET status = 'dismissed', dismiss_reason = 'no time' WHERE case_id = 6$$,
	$$UPDATE followup_case SET cause = 'weather' WHERE case_id = 6$$);
-- Every reason to dismiss; "unknown" is a valid cause.
UPDATE followup_all f SET status = 'dismissed', dismiss_reason = reason
FROM unnest(ARRAY['misclick', 'duplicate', 'test', 'not_a_customer', 'opted_out']) WITH ORDINALITY r(reason, place) WHERE f.case_id = 50 + place;
UPDATE followup_all SET status = 'resolved', channel = 'phone', cause = 'unknown' WHERE case_id = 56;
SELECT status, dismiss_reason, cause, ago(dismissed_at) AS dismissed, ago(resolved_at) AS resolved FROM followup_case WHERE case_id > 50 ORDER BY case_id;
-- Dismissing a case does not change a score.
SELECT responses, detractors, nps FROM summary;
-- The reason can be corrected.
UPDATE followup_case SET dismiss_reason = 'duplicate' WHERE case_id = 51;
SELECT what_changed, old_value, new_value FROM history(51);

--
-- A row of a case is made by the first step; its respondent must be known, and its answer due for follow-up
--
INSERT INTO answers VALUES (101, NULL, 0, now() - interval '1 day'), (102, 'undecided', NULL, now() - interval '1 day'),
	(103, 'twice', 1, now() - interval '9 days'), (104, 'twice', 2, now() - interval '8 days'),
	(105, 'timeless', 3, NULL), (106, 'from the future', 3, now() + interval '2 days'), (107, 'happy', 9, now()), (108, 'somebody', 3, now() - interval '2 days');
SELECT * FROM refused(
	$$INSERT INTO followup_case (status) VALUES ('new')$$,
	$$INSERT INTO followup_case (case_id) VALUES (999)$$,
	$$INSERT INTO followup_case (case_id) VALUES (101)$$,
	$$INSERT INTO followup_case (case_id) VALUES (102)$$,
	$$INSERT INTO followup_case (case_id) VALUES (104)$$,
	$$INSERT INTO followup_case (case_id) VALUES (107)$$,
	$$INSERT INTO followup_case (case_id) VALUES (1)$$,
	$$INSERT INTO followup_case (case_id, status) VALUES (108, 'reopened')$$,
	$$INSERT INTO followup_case (case_id, status) VALUES (108, 'contacted')$$);
-- Respondent and opening time come from the answer, whatever is passed.
INSERT INTO followup_case (case_id, respondent, opened_at) VALUES (108, 'nobody', now() - interval '1 year'), (105, 'x', now()), (106, 'x', now());
SELECT case_id, respondent, ago(opened_at) AS opened, version FROM followup_case WHERE case_id IN (105, 106, 108) ORDER BY case_id;
-- A whole row can be inserted if its values are those of a new one; the columns that a case maintains itself can be set by nobody.
SELECT string_agg(a.attname, ', ' ORDER BY a.attnum) AS taken_or_ignored FROM pg_attribute a
CROSS JOIN LATERAL refused(format('INSERT INTO followup_case (case_id, %I) VALUES (103, %s)', a.attname,
	CASE format_type(a.atttypid, NULL) WHEN 'text' THEN $$'x'$$ WHEN 'timestamp with time zone' THEN 'now()' WHEN 'boolean' THEN 'true' ELSE '3' END)) r
WHERE a.attrelid = 'followup_case'::regclass AND a.attnum > 0 AND r.error LIKE 'NOT REFUSED%';
SELECT string_agg(a.attname, ', ' ORDER BY a.attnum) AS can_be_set FROM pg_attribute a
CROSS JOIN LATERAL refused(format('UPDATE followup_case SET %I = %s WHERE case_id = 108', a.attname,
	CASE format_type(a.atttypid, NULL) WHEN 'text' THEN $$'x'$$ WHEN 'timestamp with time zone' THEN $$now() - interval '1 second'$$ WHEN 'boolean' THEN format('NOT coalesce(%I, false)', a.attname) ELSE '33' END)) r
WHERE a.attrelid = 'followup_case'::regclass AND a.attnum > 0 AND r.error NOT LIKE 'column "%" of case "%" cannot be set';
-- A row that is not recorded has no content, so it cannot hold what the rules have not checked.
SELECT r.error AS not_refused FROM refused(
	$$INSERT INTO followup_case (case_id, recorded, status, dismiss_reason) VALUES (103, false, 'dismissed', 'test')$$,
	$$INSERT INTO followup_case (case_id, recorded, assigned_to) VALUES (103, false, 'anna')$$,
	$$UPDATE followup_case SET recorded = false WHERE case_id = 108$$) r WHERE r.error LIKE 'NOT REFUSED%';
-- What a program does for everybody, assigning and snoozing are not work on a case; what a person does about it is, and remains so.
UPDATE followup_all SET acknowledged_at = now(), asked_at = now() WHERE case_id = 16;
UPDATE followup_all SET assigned_to = 'anna' WHERE case_id = 17;
UPDATE followup_all SET note = 'knows him' WHERE case_id = 18;
INSERT INTO concern (case_id, concern) VALUES (19, 'too loud');
SELECT case_id, worked_on, responsible_since IS NOT NULL AS has_responsible FROM followup_case WHERE case_id BETWEEN 16 AND 19 ORDER BY case_id;
UPDATE followup_case SET attempted_at = now() WHERE case_id = 16;
UPDATE followup_case SET assigned_to = NULL WHERE case_id = 17;
SELECT case_id, worked_on FROM followup_case WHERE case_id BETWEEN 16 AND 19 ORDER BY case_id;

--
-- Times.  Setting a time sets the status, and a skipped step gets the
-- earliest of the later times.
--
UPDATE followup_all SET channel = 'phone', cause = 'price', informed_at = now() - interval '2 days', closed_at = now() - interval '1 day' WHERE case_id = 10;
UPDATE followup_all SET channel = 'phone', cause = 'price', resolved_at = now() - interval '3 days' WHERE case_id = 11;
UPDATE followup_all SET channel = 'phone', contacted_at = now() - interval '4 days' WHERE case_id = 12;
UPDATE followup_all SET channel = 'phone', cause = 'price', status = 'closed', informed_at = now() - interval '2 days', contacted_at = now() - interval '3 days' WHERE case_id = 13;
UPDATE followup_all SET channel = 'phone', cause = 'price', status = 'resolved', contacted_at = now() - interval '3 days' WHERE case_id = 14;
SELECT id, status, contacted, resolved, informed, closed FROM life WHERE id BETWEEN 10 AND 14 ORDER BY id;
-- They must be in order, not in the future, and not before the answer.
SELECT * FROM refused(
	$$UPDATE followup_case SET channel = 'phone', contacted_at = now() - interval '11 days' WHERE case_id = 15$$,
	$$UPDATE followup_case SET acknowledged_at = now() - interval '11 days' WHERE case_id = 15$$,
	$$UPDATE followup_case SET attempted_at = now() - interval '11 days' WHERE case_id = 15$$,
	$$UPDATE followup_case SET channel = 'phone', contacted_at = 'infinity' WHERE case_id = 15$$,
	$$UPDATE followup_case SET cause = 'price', resolved_at = now() - interval '5 days' WHERE case_id = 12$$,
	$$UPDATE followup_case SET informed_at = now() - interval '4 days' WHERE case_id = 11$$,
	$$UPDATE followup_case SET informed_at = now(), closed_at = now() - interval '1 day' WHERE case_id = 11$$);
SELECT r.error FROM refused($$UPDATE followup_case SET asked_at = clock_timestamp() + interval '2 minutes' WHERE case_id = 15$$) r
WHERE r.error NOT LIKE 'asked_at of case "15" is in the future%';
SELECT r.error AS not_refused FROM refused(
	$$UPDATE followup_case SET channel = 'phone', contacted_at = '-infinity' WHERE case_id = 15$$,
	$$UPDATE followup_case SET attempted_at = '-infinity' WHERE case_id = 15$$) r WHERE r.error LIKE 'NOT REFUSED%';
-- A clock that is a few seconds ahead is not a mistake; an answer from the future opens its case now at the latest.
UPDATE followup_case SET asked_at = clock_timestamp() + interval '50 seconds' WHERE case_id = 15;
UPDATE followup_case SET status = 'contacted', channel = 'phone' WHERE case_id = 106;
-- If the time of the answer is unknown, there is no lower limit.
UPDATE followup_case SET channel = 'phone', contacted_at = now() - interval '20 years' WHERE case_id = 105;
SELECT id, status, contacted FROM life WHERE id IN (105, 106) ORDER BY id;
-- Contact may be made again, also after the case was resolved; the first time stays, and so does the status.
UPDATE followup_case SET contacted_at = now() - interval '2 days' WHERE case_id IN (11, 12);
SELECT id, l.status, l.contacted, ago(first_contacted_at) AS first, resolved FROM life l JOIN followup_case c ON c.case_id = id WHERE id IN (11, 12) ORDER BY id;
SELECT what_changed, old_value, new_value, happened FROM history(12);
-- A time cannot be removed.
SELECT r.* FROM unnest(ARRAY['contacted_at', 'resolved_at']) c
CROSS JOIN LATERAL refused(format('UPDATE followup_case SET %I = NULL WHERE case_id = 14', c)) r;
-- A time and a status that contradict each other.
SELECT * FROM refused(
	$$UPDATE followup_case SET status = 'contacted', channel = 'phone', cause = 'price', resolved_at = now() WHERE case_id = 15$$,
	$$UPDATE followup_case SET status = 'resolved', cause = 'price', closed_at = now() WHERE case_id = 12$$,
	$$UPDATE followup_case SET contacted_at = now(), channel = 'phone' WHERE case_id = 5$$,
	$$UPDATE followup_case SET attempted_at = now(), status = 'unreachable', channel = 'phone', contacted_at = now() WHERE case_id = 15$$);
-- Somebody was called and said that it was a misclick: contact and dismissal in one statement.
UPDATE followup_case SET status = 'dismissed', dismiss_reason = 'misclick', channel = 'phone', contacted_at = now() - interval '1 hour' WHERE case_id = 6;
SELECT id, status, contacted, dismissed FROM life WHERE id = 6;

--
-- Attempts: each new attempted_at counts one; after three on two days the customer is unreachable
--
UPDATE followup_all SET attempted_at = now() - interval '3 seconds' WHERE case_id = 20;
UPDATE followup_case SET attempted_at = now() - interval '2 seconds' WHERE case_id = 20;
UPDATE followup_case SET attempted_at = now() - interval '2 seconds', note = 'the same' WHERE case_id = 20;
SELECT id, status, n, attempted FROM life WHERE id = 20;
SELECT * FROM refused($$UPDATE followup_case SET status = 'unreachable' WHERE case_id = 20$$,
	$$UPDATE followup_case SET attempted_at = NULL WHERE case_id = 20$$);
UPDATE followup_case SET attempted_at = now() - interval '1 second' WHERE case_id = 20;
-- three within seconds
SELECT * FROM refused($$UPDATE followup_case SET status = 'unreachable' WHERE case_id = 20$$);
UPDATE followup_case SET attempted_at = now() - interval '2 days', status = 'unreachable' WHERE case_id = 20;
SELECT id, status, n, attempted, contacted, unreachable FROM life WHERE id = 20;
-- How many attempts it takes is a setting.  It applies to the step, not to what was recorded before.
UPDATE survey SET attempts = 1;
UPDATE followup_all SET attempted_at = now(), status = 'unreachable', cause = 'price' WHERE case_id = 21;
UPDATE survey SET attempts = 5;
UPDATE followup_all SET attempted_at = now() WHERE case_id = 22;
SELECT * FROM refused($$UPDATE followup_case SET status = 'unreachable' WHERE case_id = 22$$);
UPDATE followup_case SET note = 'wrote a letter' WHERE case_id = 21;
UPDATE survey SET attempts = 3;
-- Contacted, and then out of reach: attempts before contact do not count, and contact stays.
UPDATE followup_case SET attempted_at = now() - interval '8 days' WHERE case_id = 23;
UPDATE followup_case SET attempted_at = now() - interval '7 days' WHERE case_id = 23;
UPDATE followup_case SET contacted_at = now() - interval '6 days', channel = 'phone' WHERE case_id = 23;
UPDATE followup_case SET attempted_at = now() - interval '5 days' WHERE case_id = 23;
UPDATE followup_case SET attempted_at = now() - interval '4 days' WHERE case_id = 23;
SELECT error FROM refused($$UPDATE followup_case SET status = 'unreachable' WHERE case_id = 23$$);
UPDATE followup_case SET attempted_at = now() - interval '3 days', status = 'unreachable' WHERE case_id = 23;
SELECT id, status, n, contacted, unreachable FROM life WHERE id = 23;
-- They call back.
SELECT error FROM refused($$UPDATE followup_case SET status = 'contacted', channel = 'phone' WHERE case_id = 20$$);
UPDATE followup_case SET status = 'reopened' WHERE case_id IN (20, 21);
UPDATE followup_case SET status = 'contacted', channel = 'phone' WHERE case_id = 20;
UPDATE followup_case SET channel = 'phone', contacted_at = now() WHERE case_id = 21;
SELECT id, status, n, contacted, unreachable FROM life WHERE id IN (20, 21) ORDER BY id;
SELECT what_changed, old_value, new_value FROM history(21);

--
-- Reopening: steps that were reached have to be reached again, and the history keeps the first time
--
UPDATE followup_case SET status = 'reopened', note = 'broke again' WHERE case_id = 10;
SELECT * FROM life WHERE id = 10;
SELECT what_changed, old_value, new_value, note FROM history(10);
SELECT * FROM refused(
	$$UPDATE followup_case SET status = 'closed' WHERE case_id = 10$$,
	$$UPDATE followup_case SET status = 'reopened' WHERE case_id = 10$$);
UPDATE followup_case SET status = 'closed', informed_at = now() WHERE case_id = 10;
SELECT * FROM refused($$UPDATE followup_case SET status = 'reopened', reopened_at = now() WHERE case_id = 13$$);
UPDATE followup_case SET status = 'reopened' WHERE case_id = 13;
SELECT id, status, contacted, resolved, informed, closed, reopened FROM life WHERE id IN (10, 13) ORDER BY id;
-- From every final status; a reason to dismiss is removed with the status.
UPDATE followup_case SET status = 'closed', informed_at = now() WHERE case_id = 4;
UPDATE followup_case SET status = 'reopened' WHERE case_id IN (4, 5);
SELECT l.*, dismiss_reason FROM life l JOIN followup_case c ON c.case_id = l.id WHERE id IN (4, 5) ORDER BY id;
-- Values that contradict reopening are refused, not ignored.
SELECT r.error AS not_refused FROM refused(
	$$UPDATE followup_case SET status = 'reopened', closed_at = now() + interval '1 second' WHERE case_id = 10$$,
	$$UPDATE followup_case SET status = 'reopened', resolved_at = now() + interval '1 second' WHERE case_id = 10$$,
	$$UPDATE followup_case SET status = 'reopened', dismiss_reason = 'test' WHERE case_id = 10$$) r WHERE r.error LIKE 'NOT REFUSED%';
-- Not if the respondent has a newer case, nor long after it was finished.
INSERT INTO answers VALUES (111, 'back again', 2, now() - interval '9 days'), (115, 'long ago', 2, now() - interval '99 days'), (116, 'not so long ago', 2, now() - interval '89 days');
UPDATE followup_all SET channel = 'phone', cause = 'price', informed_at = now() - interval '8 days', closed_at = now() - interval '7 days' WHERE case_id = 111;
INSERT INTO answers VALUES (112, 'back again', 3, now() - interval '1 day');
SELECT * FROM refused($$UPDATE followup_case SET status = 'reopened' WHERE case_id = 111$$);
UPDATE followup_all SET status = 'dismissed', dismiss_reason = 'duplicate' WHERE case_id = 112;
SELECT error FROM refused($$UPDATE followup_case SET status = 'reopened' WHERE case_id = 111$$);
UPDATE followup_case SET status = 'reopened' WHERE case_id = 112;
UPDATE survey SET follow_up_days = 100;
UPDATE followup_all SET channel = 'phone', cause = 'price', informed_at = now() - interval '98 days', closed_at = now() - interval '98 days' WHERE case_id = 115;
UPDATE followup_all SET channel = 'phone', cause = 'price', informed_at = now() - interval '88 days', closed_at = now() - interval '88 days' WHERE case_id = 116;
UPDATE survey SET follow_up_days = 90;
SELECT * FROM refused($$UPDATE followup_case SET status = 'reopened' WHERE case_id = 115$$);
UPDATE followup_case SET status = 'reopened' WHERE case_id = 116;
SELECT case_id, status FROM followup_all WHERE case_id IN (115, 116) ORDER BY case_id;
-- It adds a deadline to resolve; the judgement of the first one stays.
SELECT ago(resolve_due) AS resolve_due, ago(first_resolved_at) AS first_resolved, ago(first_resolve_due) AS first_due, inform_due FROM followup_case WHERE case_id = 13;

--
-- Waiting for the customer moves the deadline to resolve, and no other
--
UPDATE followup_all SET status = 'contacted', channel = 'phone', contacted_at = now() - interval '9 days' WHERE case_id = 24;
SELECT ago(contact_due) AS contact_due, ago(resolve_due) AS resolve_due FROM followup_case WHERE case_id = 24;
SELECT * FROM refused($$UPDATE followup_case SET waiting_since = now() WHERE case_id = 25$$);
UPDATE followup_case SET waiting_since = now() - interval '3 days' WHERE case_id = 24;
UPDATE followup_case SET waiting_since = NULL WHERE case_id = 24;
SELECT ago(contact_due) AS contact_due, ago(resolve_due) AS resolve_due, waited_hours FROM followup_case WHERE case_id = 24;
UPDATE followup_case SET waiting_since = now() - interval '1 day' WHERE case_id = 24;
UPDATE followup_case SET status = 'resolved', cause = 'price' WHERE case_id = 24;
SELECT waiting_since, waited_hours, ago(first_resolve_due) AS first_due, ago(inform_due) AS inform_due FROM followup_case WHERE case_id = 24;
SELECT what_changed, ago(new_value::timestamptz) AS since FROM followup_event WHERE case_id = 24 AND what_changed = 'waiting_since' ORDER BY place;

--
-- Snoozing: thirty days in all
--
SELECT * FROM refused(
	$$UPDATE followup_case SET snoozed_until = 'infinity' WHERE case_id = 25$$,
	$$UPDATE followup_case SET snoozed_until = now() + interval '30 days 1 second' WHERE case_id = 25$$,
	$$UPDATE followup_case SET snoozed_until = now() - interval '1 second' WHERE case_id = 25$$);
UPDATE followup_case SET snoozed_until = now() + interval '30 days' WHERE case_id = 25;
UPDATE followup_case SET snoozed_until = now() + interval '10 days' WHERE case_id = 25;
UPDATE followup_case SET snoozed_until = NULL WHERE case_id = 25;
SELECT snoozed_until, snoozed_hours, snoozed_since, worked_on FROM followup_case WHERE case_id = 25;

--
-- Concerns: a case is resolved when each of them has an answer, or was delivered or declined
--
INSERT INTO concern (case_id, concern) VALUES (30, 'waited for a week');	-- makes the case
INSERT INTO concern (case_id, concern, cause, promise, planned_for, promised_for)
VALUES (30, 'was charged twice', 'price', 'the money back', current_date + 3, current_date + 10);
SELECT status, recorded, worked_on, version, open_promises FROM followup_case WHERE case_id = 30;
SELECT * FROM refused(
	$$UPDATE followup_case SET status = 'resolved', channel = 'phone', cause = 'price' WHERE case_id = 30$$,
	$$UPDATE followup_case SET status = 'closed', channel = 'phone', cause = 'price', informed_at = now() WHERE case_id = 30$$,
	$$UPDATE followup_case SET resolved_at = now(), channel = 'phone', cause = 'price' WHERE case_id = 30$$,
	$$UPDATE followup_all SET status = 'resolved', channel = 'phone', cause = 'price' WHERE case_id = 30$$);
UPDATE concern SET answer = 'sorry: two people were ill' WHERE concern = 'waited for a week';
-- An answer to a promised concern does not keep the promise.
UPDATE concern SET answer = 'of course' WHERE concern = 'was charged twice';
SELECT concern, is_open FROM concern ORDER BY concern_id;
SELECT error FROM refused($$UPDATE followup_case SET status = 'resolved', channel = 'phone', cause = 'price' WHERE case_id = 30$$);
UPDATE concern SET delivered_at = now() WHERE concern = 'was charged twice';
UPDATE followup_case SET status = 'resolved', channel = 'phone', cause = 'price' WHERE case_id = 30;
-- A finished case gets no concern, neither a new one nor a reopened one; and a case is not closed while one is open.
INSERT INTO concern (case_id, concern) VALUES (30, 'another thing');
SELECT error FROM refused($$UPDATE followup_case SET status = 'closed', informed_at = now() WHERE case_id = 30$$);
UPDATE concern SET answer = 'told at once' WHERE concern = 'another thing';
UPDATE followup_case SET status = 'closed', informed_at = now() WHERE case_id = 30;
SELECT * FROM refused(
	$$INSERT INTO concern (case_id, concern) VALUES (30, 'one more')$$,
	$$UPDATE concern SET answer = NULL WHERE concern = 'waited for a week'$$,
	$$INSERT INTO concern (case_id, concern) VALUES (51, 'late thought')$$);
SELECT open_promises, version FROM followup_case WHERE case_id = 30;
-- Columns that a concern maintains itself may be sent back with a whole row, and are not set.
UPDATE concern SET is_open = true, moved = 7, broken = true WHERE concern = 'waited for a week' RETURNING is_open, moved, broken;
-- The id that an application asks for is the one of the concern.
INSERT INTO concern (case_id, concern) VALUES (31, 'too dear');
SELECT lastval() = concern_id AS is_of_the_concern FROM concern WHERE case_id = 31;
-- Its name, case and start cannot be changed.
SELECT * FROM refused(
	$$UPDATE concern SET case_id = 26 WHERE case_id = 31$$,
	$$UPDATE concern SET raised_at = now() - interval '1 day' WHERE case_id = 31$$,
	$$INSERT INTO concern (concern) VALUES ('nobody''s')$$,
	$$INSERT INTO concern (case_id, concern) VALUES (999, 'nobody''s')$$,
	$$INSERT INTO concern (case_id) VALUES (34)$$,
	$$INSERT INTO concern (case_id, concern, cause) VALUES (34, 'x', 'weather')$$,
	$$INSERT INTO concern (case_id, concern, promise) VALUES (34, 'x', 'without a date')$$,
	$$INSERT INTO concern (case_id, concern, promised_for) VALUES (34, 'x', current_date)$$,
	$$INSERT INTO concern (case_id, concern, promise, planned_for, promised_for) VALUES (34, 'x', 'y', current_date + 2, current_date + 1)$$,
	$$INSERT INTO concern (case_id, concern, delivered_at, declined_at) VALUES (34, 'x', now(), now())$$);
-- Cases that have a row do not need the answer any more.
DELETE FROM answers WHERE id = 32;
INSERT INTO concern (case_id, concern) VALUES (32, 'wants the answer deleted');
SELECT case_id, concern, is_open FROM concern WHERE case_id = 32;

--
-- A promise past its date stays broken, and one that was moved stays marked as moved
--
INSERT INTO concern (case_id, concern, promise, promised_for) VALUES
	(33, 'today', 'a call', (now() AT TIME ZONE 'UTC')::date), (33, 'yesterday', 'a call', (now() AT TIME ZONE 'UTC')::date - 1),
	(33, 'never given', 'a call', (now() AT TIME ZONE 'UTC')::date - 1);
SELECT promises AS three, broken_promises AS two, next_promise_due - (now() AT TIME ZONE 'UTC')::date AS since FROM followup_all WHERE case_id = 33;
SELECT error FROM refused($$UPDATE followup_all SET snoozed_until = now() + interval '1 day' WHERE case_id = 33$$);
UPDATE concern SET promised_for = (now() AT TIME ZONE 'UTC')::date + 9 WHERE concern = 'yesterday';
UPDATE concern SET declined_at = now() WHERE concern = 'never given';
UPDATE concern SET promised_for = (now() AT TIME ZONE 'UTC')::date + 1 WHERE concern = 'today';
SELECT concern, moved, broken, is_open FROM concern WHERE case_id = 33 ORDER BY concern_id;
SELECT promises AS three, broken_promises AS two, moved_promises AS moved FROM followup_all WHERE case_id = 33;
SELECT open_promises FROM followup_case WHERE case_id = 33;
UPDATE concern SET delivered_at = now() WHERE concern IN ('yesterday', 'today');
SELECT concern, moved, broken, is_open FROM concern WHERE case_id = 33 ORDER BY concern_id;
SELECT open_promises FROM followup_case WHERE case_id = 33;
-- Impossible times do not repair it.
SELECT r.error AS not_refused FROM refused(
	$$UPDATE concern SET delivered_at = 'infinity' WHERE concern = 'yesterday'$$,
	$$UPDATE concern SET delivered_at = '-infinity' WHERE concern = 'yesterday'$$,
	$$UPDATE concern SET delivered_at = now() + interval '1 day' WHERE concern = 'today'$$) r WHERE r.error LIKE 'NOT REFUSED%';
-- Not more than half a year ahead.
INSERT INTO concern (case_id, concern, promise, promised_for)
VALUES (34, 'far', 'a feature', ((now() AT TIME ZONE 'UTC')::date + interval '6 months')::date);
SELECT * FROM refused($$UPDATE concern SET promised_for = ((now() AT TIME ZONE 'UTC')::date + interval '6 months 4 days')::date WHERE concern = 'far'$$);

--
-- An automated message is not contact: not if sent by the program that was handed the case
--
UPDATE followup_case SET leased_to = 'mailer', leased_until = now() + interval '5 minutes' WHERE case_id = 35;
SELECT count(*) AS of_the_lease FROM history(35) WHERE what_changed LIKE 'leased%';
SELECT count(*) AS nothing_else FROM history(35) WHERE what_changed NOT LIKE 'leased%';
SELECT * FROM refused(
	$$UPDATE followup_case SET status = 'contacted', channel = 'e-mail', actor = 'mailer' WHERE case_id = 35$$,
	$$UPDATE followup_case SET status = 'closed', channel = 'e-mail', cause = 'unknown', informed_at = now(), actor = 'mailer' WHERE case_id = 35$$);
UPDATE followup_case SET asked_at = now(), actor = 'mailer' WHERE case_id = 35;
SELECT status, recorded, worked_on, version, leased_to, leased_until FROM followup_case WHERE case_id = 35;
SELECT error FROM refused($$UPDATE followup_case SET asked_at = now() - interval '1 second' WHERE case_id = 35$$);
-- When the lease ends, the program can record what a person did, and a person is never held up.
UPDATE followup_case SET leased_to = 'mailer', leased_until = now() + interval '5 minutes' WHERE case_id = 35;
UPDATE followup_case SET status = 'contacted', channel = 'phone', actor = 'anna' WHERE case_id = 35;
-- Who was handed the case, and how that ended, is also in the history.
SELECT what_changed, old_value, new_value, CASE WHEN actor = session_user THEN 'who is connected' ELSE actor END AS actor FROM history(35);

--
-- People can take back their own last step, and the one before
--
SET LOCAL nps.actor = 'anna';
UPDATE followup_all SET plan = 'call' WHERE case_id = 46;
UPDATE followup_all SET status = 'contacted', channel = 'phone', note = 'talked' WHERE case_id = 46;
SET LOCAL nps.actor = 'bert';
SELECT * FROM refused($$SELECT nps_undo('steps', 46)$$);
SET LOCAL nps.actor = 'anna';
SELECT nps_undo('steps', 46) AS version;
SELECT status, channel, contacted_at, first_contacted_at, covered_id, plan, worked_on, last_note, version FROM followup_case WHERE case_id = 46;
SELECT nps_undo('steps', '46') AS version;
SELECT plan, worked_on, last_actor, version FROM followup_case WHERE case_id = 46;
SELECT error FROM refused($$SELECT nps_undo('steps', 46)$$, $$SELECT nps_undo('steps', 47)$$, $$SELECT nps_undo('steps', 999)$$, $$SELECT nps_undo('steps', 'x')$$, $$SELECT nps_undo('nowhere', 46)$$);
SELECT * FROM history(46);
-- With everything that it did: the number of contacts, the time waited and snoozed, the way a case ended.
UPDATE followup_all SET status = 'contacted', channel = 'phone', contacted_at = now() - interval '5 days', cause = 'price' WHERE case_id = 47;
UPDATE followup_all SET waiting_since = now() - interval '2 days' WHERE case_id = 47;
UPDATE followup_all SET attempted_at = now() WHERE case_id = 47;
CREATE TEMP TABLE before_step AS SELECT to_jsonb(c) - ARRAY['version', 'events', 'before_step'] AS row FROM followup_case c WHERE case_id = 47;
UPDATE followup_all SET status = 'closed', informed_at = now() WHERE case_id = 47;
SELECT nps_undo('steps', 47) AS version;
SELECT (to_jsonb(c) - ARRAY['version', 'events', 'before_step']) = b.row AS as_before FROM followup_case c, before_step b WHERE case_id = 47;
-- Not after undo_hours, nor if there is a newer case.
UPDATE survey SET undo_hours = 0;
UPDATE followup_all SET plan = 'x' WHERE case_id = 48;
UPDATE followup_all SET plan = 'y' WHERE case_id = 48;
SELECT length(before_step) - length(replace(before_step, E'\n', '')) AS steps FROM followup_case WHERE case_id = 48;
UPDATE survey SET undo_hours = 24;
INSERT INTO answers VALUES (117, 'undone', 2, now() - interval '2 days');
UPDATE followup_all SET channel = 'phone', cause = 'price', informed_at = now() - interval '1 day', closed_at = now() - interval '1 day' WHERE case_id = 117;
INSERT INTO answers VALUES (118, 'undone', 2, now() - interval '1 hour');
SELECT * FROM refused($$SELECT nps_undo('steps', 117)$$);
SET LOCAL nps.actor = '';

--
-- Causes: renaming one also changes it in every case, whatever its status, and in its
-- history; one that a case names cannot be deleted
--
UPDATE followup_all SET status = 'dismissed', dismiss_reason = 'test', cause = 'price' WHERE case_id = 40;
UPDATE followup_all SET channel = 'phone', cause = 'price', informed_at = now() - interval '1 day', status = 'closed' WHERE case_id = 41;
UPDATE followup_all SET cause = 'price' WHERE case_id = 42;
INSERT INTO concern (case_id, concern, cause) VALUES (42, 'dear', 'price');
UPDATE survey SET attempts = 1;
UPDATE followup_all SET attempted_at = now(), status = 'unreachable', cause = 'price' WHERE case_id = 43;
UPDATE survey SET attempts = 2;
UPDATE cause SET cause = 'costs' WHERE cause = 'price';
UPDATE survey SET attempts = 3;
SELECT c.case_id, c.status, c.cause, ago(c.contacted_at) AS contacted, ago(c.resolved_at) AS resolved, ago(c.informed_at) AS informed, h.old_value, h.new_value
FROM followup_case c CROSS JOIN LATERAL (SELECT * FROM history(c.case_id) OFFSET 0) h
WHERE c.case_id BETWEEN 40 AND 43 AND h.what_changed = 'cause' AND h.old_value IS NOT NULL ORDER BY c.case_id;
SELECT what_changed, old_value, new_value FROM history(42) WHERE what_changed LIKE 'concern.%' ORDER BY what_changed COLLATE "C", new_value COLLATE "C";
SELECT count(*) AS none FROM followup_case WHERE cause = 'price';
SELECT error FROM refused($$DELETE FROM cause WHERE cause = 'costs'$$, $$TRUNCATE cause CASCADE$$);
-- A lease continues.
UPDATE followup_all SET cause = 'other' WHERE case_id = 44;
UPDATE followup_case SET leased_to = 'mailer', leased_until = now() + interval '5 minutes' WHERE case_id = 44;
UPDATE cause SET cause = 'something else' WHERE cause = 'other';
SELECT leased_to, cause FROM followup_case WHERE case_id = 44;

--
-- The history is written by the survey, and nobody can change it; cases cannot be deleted
--
SELECT * FROM refused(
	$$INSERT INTO followup_event (case_id, at, db_role, what_changed) VALUES (1, now(), 'me', 'status')$$,
	$$UPDATE followup_event SET actor = 'somebody else'$$,
	$$DELETE FROM followup_event$$,
	$$DELETE FROM followup_event WHERE false$$,
	$$TRUNCATE followup_event$$,
	$$DELETE FROM followup_case WHERE case_id = 1$$,
	$$DELETE FROM concern WHERE case_id = 42$$,
	$$TRUNCATE concern$$,
	$$TRUNCATE followup_case, concern$$);
-- A row of a case in which nobody is named: the actor is the column actor, else nps.actor, else the connected role.
SET LOCAL nps.actor = 'bert';
UPDATE followup_case SET assigned_to = 'o1' WHERE case_id = 45;
UPDATE followup_case SET assigned_to = 'o2', actor = 'carla' WHERE case_id = 45;
UPDATE followup_case SET note = 'nothing else' WHERE case_id = 45;
INSERT INTO concern (case_id, concern) VALUES (45, 'late');
SET LOCAL nps.actor = '';
UPDATE followup_case SET assigned_to = NULL WHERE case_id = 45;
SELECT what_changed, old_value, new_value, note, CASE WHEN actor = session_user THEN 'who is connected' ELSE actor END AS actor FROM history(45);
SELECT count(*) AS none FROM followup_event WHERE db_role <> current_user OR session_role <> session_user;
-- A step that changes nothing writes nothing; an empty text is not nothing.
SELECT count(*) AS events FROM history(45);
UPDATE followup_case SET assigned_to = assigned_to, status = status, cause = cause, attempts = attempts, actor = 'dora' WHERE case_id = 45;
UPDATE followup_case SET status = 'new', assigned_to = NULL, snoozed_until = NULL, recorded = true WHERE case_id = 45;
SELECT count(*) AS as_before FROM history(45);
SELECT last_actor = current_user AS as_before, actor FROM followup_case WHERE case_id = 45;
SELECT * FROM refused($$UPDATE followup_case SET assigned_to = '' WHERE case_id = 45$$, $$UPDATE followup_all SET note = '  ' WHERE case_id = 45$$);
-- The note is stored with the first of the changes, once.
UPDATE followup_case SET plan = 'call on Monday', team = 'support', snoozed_until = now() + interval '3 days', desired_outcome = 'stays',
	note = 'is away', actor = 'anna' WHERE case_id = 45;
SELECT what_changed, new_value, happened, note, actor FROM history(45) WHERE actor = 'anna' ORDER BY what_changed;
SELECT count(note) AS once FROM history(45) WHERE note = 'is away';
-- The same note a second time is another note.
UPDATE followup_case SET note = 'is away', actor = 'anna' WHERE case_id = 45;
SELECT count(*) AS twice FROM history(45) WHERE note = 'is away';

-- The whole test once more, from the history: the last value of every column is what the case has, and
-- each old value is the previous new value.
SELECT f.case_id, k.key, k.value, e.new_value
FROM followup_case f
CROSS JOIN LATERAL jsonb_each_text(to_jsonb(f)) k
LEFT JOIN LATERAL (SELECT e.new_value FROM followup_event e WHERE e.case_id = f.case_id AND e.what_changed = k.key ORDER BY e.place DESC LIMIT 1) e ON true
WHERE k.key IN ('status', 'assigned_to', 'team', 'channel', 'cause', 'plan', 'desired_outcome', 'dismiss_reason', 'snoozed_until', 'waiting_since',
		'acknowledged_at', 'asked_at', 'attempted_at', 'attempts', 'contacted_at', 'resolved_at', 'informed_at', 'closed_at', 'unreachable_at',
		'dismissed_at', 'reopened_at', 'leased_to', 'leased_until')
	AND CASE WHEN k.key ~ '(_at|_until|_since)$' THEN k.value::timestamptz IS DISTINCT FROM e.new_value::timestamptz
		ELSE k.value IS DISTINCT FROM coalesce(e.new_value, CASE k.key WHEN 'status' THEN 'new' WHEN 'attempts' THEN '0' END) END;
-- Its rows are numbered from 1 on, and the versions of a case never decrease from step to step.
SELECT f.case_id FROM followup_case f LEFT JOIN followup_event e USING (case_id) GROUP BY f.case_id
HAVING count(e.place) <> f.events OR min(e.place) <> 1 OR max(e.place) <> f.events OR max(e.version) > f.version;
SELECT count(*) AS none FROM (SELECT e.version, lag(e.version) OVER (PARTITION BY e.case_id ORDER BY e.place) AS before FROM followup_event e) e WHERE e.version < e.before;
SELECT * FROM (
	SELECT e.case_id, e.what_changed, e.old_value, lag(e.new_value) OVER (PARTITION BY e.case_id, e.what_changed ORDER BY e.place) AS before
	FROM followup_event e WHERE e.what_changed NOT IN ('note', 'undone') AND e.what_changed NOT LIKE 'concern.%') t
WHERE old_value IS DISTINCT FROM before AND NOT (before IS NULL AND old_value = CASE what_changed WHEN 'status' THEN 'new' WHEN 'attempts' THEN '0' END);
-- (the note of case 46 was taken back)
SELECT f.case_id, f.last_note FROM followup_case f
WHERE f.last_note IS DISTINCT FROM (SELECT e.note FROM followup_event e WHERE e.case_id = f.case_id AND e.note IS NOT NULL ORDER BY e.place DESC LIMIT 1);
SELECT count(*) AS none FROM followup_case WHERE note IS NOT NULL OR actor IS NOT NULL OR status IN ('reopened', 'undone');

--
-- The owner may erase a person, as a deliberate step
--
ALTER TABLE followup_event DISABLE TRIGGER keep;
ALTER TABLE followup_case DISABLE TRIGGER keep;
DELETE FROM followup_event WHERE case_id = 7;
DELETE FROM followup_case WHERE case_id = 7;
SELECT count(*) AS none FROM followup_all WHERE case_id = 7 AND is_recorded;

--
-- A row that is said to arrive in the future: the customer can be called today
--
CREATE TABLE early (id integer PRIMARY KEY, who text, score integer, at timestamptz, arrived timestamptz);
INSERT INTO early VALUES (1, 'c1', 2, now() - interval '2 days', now() + interval '50 years'), (2, 'c2', 2, now() - interval '2 days', now() - interval '1 hour');
SELECT count(*) > 0 AS attached FROM nps_attach('early', 'score', 'early_steps', respondent => 'who', responded_at => 'at', received_at => 'arrived', time_zone => 'UTC', loop_since => '-infinity');
UPDATE early_steps.followup SET status = 'contacted', channel = 'phone' WHERE case_id = 1 RETURNING case_id, contacted_at - now() AS contacted;
-- but not about a row that had not arrived then
\set VERBOSITY terse
UPDATE early_steps.followup SET status = 'contacted', channel = 'phone', contacted_at = now() - interval '1 day' WHERE case_id = 2;
ROLLBACK;
