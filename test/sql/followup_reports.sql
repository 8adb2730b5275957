-- What the team lead, and anybody before the next contact with a customer, reads about follow-up: none
-- of it is a number where there is none, or the past of somebody who is still there.
\set SHOW_CONTEXT never
\getenv abs_srcdir PG_ABS_SRCDIR
SET client_min_messages = warning;
SET timezone = 'UTC';
SET jit = off;		-- compiling would take longer than running
BEGIN;
CREATE SCHEMA followup_reports;
SET search_path = followup_reports, loop, public;
CREATE TABLE answers (id integer PRIMARY KEY, who text, firm text, score integer, at timestamptz, words text, gone timestamptz, worth integer);
SELECT count(*) > 0 AS attached FROM nps_attach('answers', 'score', respondent => 'who', account => 'firm', responded_at => 'at', comment => 'words',
	churned_at => 'gone', revenue => 'worth', schema_name => 'loop', time_zone => 'UTC', loop_since => now() - interval '1 year');

-- A step that at least half of the cases are still waiting for takes forever: NULL, whether their number is odd or even.
INSERT INTO answers SELECT i, 'c' || i, 'firm ' || i, 3, now() - interval '10 days' FROM generate_series(1, 4) i;
SELECT cases, median_hours_to_contact, median_work_hours_to_contact, median_hours_to_resolve, median_hours_to_close
FROM closed_loop WHERE grain = 'year' AND segment = 'all' AND cases > 0;
UPDATE followup SET contacted_at = now() - interval '9 days', channel = 'phone', cause = 'price' WHERE case_id IN (1, 2);
SELECT median_hours_to_contact FROM closed_loop WHERE grain = 'year' AND segment = 'all' AND cases > 0;
UPDATE followup SET contacted_at = now() - interval '8 days', channel = 'phone' WHERE case_id = 3;
SELECT median_hours_to_contact FROM closed_loop WHERE grain = 'year' AND segment = 'all' AND cases > 0;

-- A customer who gave notice has not left yet, and one who answered after leaving is back.
INSERT INTO answers VALUES
	(11, 'left', 'a', 3, now() - interval '9 days', 'expensive', now() - interval '1 day', 10),
	(12, 'leaves', 'b', 3, now() - interval '9 days', 'expensive', now() + interval '9 days', 100),
	(13, 'is back', 'c', 3, now() - interval '9 days', 'expensive', now() - interval '20 days', 1000);
SELECT from_category, to_category, respondents FROM transition ORDER BY 2;
SELECT account, revenue_at_risk FROM account WHERE revenue > 0 ORDER BY account COLLATE "C";
SELECT revenue FROM cause_report WHERE cause = 'price';
SELECT respondent, kind FROM timeline WHERE kind IN ('churned', 'leaves') ORDER BY at;
UPDATE followup SET contacted_at = at, channel = 'phone', cause = 'other' FROM answers WHERE id = case_id AND id IN (12, 13);
UPDATE followup_all SET status = 'dismissed', dismiss_reason = 'duplicate' WHERE case_id BETWEEN 11 AND 13;
SELECT respondent FROM resurvey WHERE respondent IN ('left', 'leaves', 'is back') ORDER BY respondent COLLATE "C";

-- The last comment, with whichever answer it came.
INSERT INTO answers VALUES (21, 'ada', NULL, 3, now() - interval '3 days', 'first', NULL, NULL), (22, 'ada', NULL, 4, now() - interval '2 days', 'second', NULL, NULL),
	(23, 'ada', NULL, 5, now() - interval '1 day', ' ', NULL, NULL), (24, 'bo', NULL, 5, now(), NULL, NULL, NULL), (25, NULL, NULL, 5, now(), 'of nobody', NULL, NULL);
SELECT respondent, last_score, last_comment FROM respondent WHERE respondent IN ('ada', 'bo') OR respondent IS NULL ORDER BY 1;
SELECT last_comment FROM nps_customer('ada', ARRAY['loop']);

-- Nobody who is not to be contacted, for whatever reason, is told of a fix.
INSERT INTO dismiss_reason (reason, meaning, holds_for_person) VALUES ('legal', 'their lawyer speaks to ours', true);
UPDATE cause SET fixed_at = now() - interval '1 hour' WHERE cause = 'price';
SELECT count(*) FROM cause_customer WHERE respondent = 'c1' AND is_due;
UPDATE followup SET status = 'dismissed', dismiss_reason = 'legal' WHERE case_id = 1;
SELECT count(*) FROM cause_customer WHERE respondent = 'c1' AND is_due;

-- Of a case whose answer is gone the revenue that orders the list is that of the customer's other answers
INSERT INTO answers VALUES (60, 'c60', 'firm 60', 9, now() - interval '80 days', NULL, NULL, 900), (61, 'c60', 'firm 60', 4, now() - interval '1 hour', NULL, NULL, 900),
	(62, 'c62', 'firm 62', 4, now() - interval '1 hour', NULL, NULL, 100);
SELECT nps_record('loop');
DELETE FROM answers WHERE id = 61;
SELECT case_id FROM followup WHERE case_id IN (61, 62);
ROLLBACK;

BEGIN;
CREATE SCHEMA followup_reports;
SET search_path = followup_reports, loop, public;
CREATE TABLE answers (id integer PRIMARY KEY, who text, score integer, at timestamptz);
INSERT INTO answers SELECT i, 'c' || i, 2, now() - interval '3 days' FROM generate_series(1, 4) i;
SELECT count(*) > 0 AS attached FROM nps_attach('answers', 'score', respondent => 'who', responded_at => 'at',
	schema_name => 'loop', time_zone => 'UTC', loop_since => now() - interval '1 year');
UPDATE playbook SET acknowledge_hours = 4 WHERE score_from = 2;
-- What was entered more than a day later does not count as done in time: nobody can verify that.
UPDATE followup SET acknowledged_at = now() - interval '70 hours' WHERE case_id = 1;
UPDATE followup SET acknowledged_at = now() - interval '23 hours' WHERE case_id = 2;
-- the first time counts
UPDATE followup SET acknowledged_at = now() - interval '71 hours' WHERE case_id = 2;
SELECT case_id, now() - first_acknowledged_at AS ago, acknowledged_late, acknowledge_backdated FROM followup_all WHERE case_id <= 3 ORDER BY 1;
SELECT acknowledged, acknowledged_in_time, acknowledge_in_time_rate FROM closed_loop WHERE grain = 'year' AND segment = 'all';
-- the same for a promise: reported as delivered in time, in time, too late, and entered before its day
INSERT INTO concern (case_id, concern, promise, promised_for) VALUES
	(1, 'said so later', 'p', current_date - 2), (1, 'in time', 'p', current_date), (1, 'too late', 'p', current_date - 1), (1, 'early', 'p', current_date + 5);
UPDATE concern SET delivered_at = CASE concern WHEN 'said so later' THEN now() - interval '2 days 1 hour' WHEN 'early' THEN now() - interval '3 days' ELSE now() END;
SELECT concern, broken, backdated FROM concern ORDER BY concern_id;
SELECT promises, kept_promises, broken_promises FROM followup_all WHERE case_id = 1;

-- A blank text settles no concern; nobody can set the columns that are shown; what is missing is counted.
CREATE FUNCTION refused(step text) RETURNS TABLE (error text, detail text, hint text) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE step;
	error := 'NOT REFUSED';
	RETURN NEXT;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS error = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN NEXT;
END
$$;
SELECT r.* FROM unnest(ARRAY[
	$$INSERT INTO concern (case_id, concern) VALUES (2, ' ')$$,
	$$INSERT INTO concern (case_id, concern, answer) VALUES (2, 'x', '')$$,
	$$UPDATE concern SET compensation = E'\t' WHERE concern = 'early'$$,
	$$UPDATE followup SET status = 'renewed' WHERE case_id = 2$$,
	$$UPDATE followup SET status = 'unreachable' WHERE case_id = 2$$]) WITH ORDINALITY AS s(step, n), refused(step) r ORDER BY n;
UPDATE followup SET attempted_at = now() - interval '1 hour' WHERE case_id = 2;
SELECT error, detail FROM refused($$UPDATE followup SET status = 'unreachable' WHERE case_id = 2$$);

-- Taking back a step does not take back a concern: it is work, and keeps the case open.
UPDATE followup SET assigned_to = 'ana' WHERE case_id = 4;
INSERT INTO concern (case_id, concern, answer) VALUES (4, 'came since', 'and was answered');
SELECT nps_undo('loop', 4);
SELECT worked_on, assigned_to FROM followup_all WHERE case_id = 4;
UPDATE followup SET status = 'dismissed', dismiss_reason = 'duplicate' WHERE case_id = 4;
UPDATE followup_all SET status = 'reopened' WHERE case_id = 4;
INSERT INTO concern (case_id, concern) VALUES (4, 'came after that');
SELECT * FROM refused($$SELECT nps_undo('loop', 4)$$);
UPDATE concern SET declined_at = now() WHERE concern = 'came after that';
SELECT nps_undo('loop', 4);
SELECT status FROM followup_all WHERE case_id = 4;
-- What was put back did not happen a second time.
UPDATE followup SET cause = 'price', attempted_at = now() - interval '2 hours' WHERE case_id = 2;
UPDATE followup SET cause = 'other', attempted_at = now() WHERE case_id = 2;
SELECT nps_undo('loop', 2);
SELECT kind, text FROM timeline WHERE respondent = 'c2' AND kind IN ('cause', 'attempt', 'undone') ORDER BY at, place;

-- When customers are merged, everything recorded of the one belongs to the other.
UPDATE followup SET status = 'dismissed', dismiss_reason = 'opted_out' WHERE case_id = 3;
UPDATE answers SET who = 'c4' WHERE id = 3;
SELECT finding, fix FROM nps_check('loop') WHERE finding ~ 'respondents';
SELECT fix FROM nps_check('loop') WHERE finding ~ 'respondents' \gexec
SELECT case_id, respondent FROM followup_case ORDER BY 1;
SELECT count(*) FROM nps_check('loop') WHERE finding ~ 'respondents';
-- also where the answer that opened the case is gone, and its customer's others have another name; not while one has the old
SAVEPOINT before;
INSERT INTO answers VALUES (51, 'c5', 9, now() - interval '80 days'), (52, 'c5', 9, now() - interval '70 days'), (50, 'c5', 4, now() - interval '1 hour');
SELECT nps_record('loop');
DELETE FROM answers WHERE id = 50;
SELECT nps_record('loop');
UPDATE answers SET who = 'c6' WHERE id = 52;
SELECT count(*) FROM nps_check('loop') WHERE finding ~ 'respondents';
UPDATE answers SET who = 'c6' WHERE id = 51;
SELECT detail FROM nps_check('loop') WHERE finding ~ 'respondents';
SELECT fix FROM nps_check('loop') WHERE finding ~ 'respondents' \gexec
SELECT case_id, respondent FROM followup_case WHERE case_id = 50;
SELECT count(*) FROM nps_check('loop') WHERE finding ~ 'respondents';
ROLLBACK TO SAVEPOINT before;

-- nps_check() reports deadlines that are not what they look like, cases without an owner, and cases whose answers are gone; its fixes cure that.
UPDATE survey SET work_days = 'Mon Tue Wed Thu Fri', work_from = '09:00', work_until = '16:30';
DELETE FROM answers WHERE id = 1;
SELECT severity, finding, detail, fix FROM nps_check('loop') WHERE finding ~ '^(cases|deadlines)';
SELECT fix FROM nps_check('loop') WHERE finding ~ '(owner|hours)' \gexec
SELECT score_from, acknowledge_hours, contact_hours, resolve_hours FROM playbook WHERE follow_up ORDER BY 1;
SELECT inform_hours, wants_contact_hours, fallback_owner = session_user AS is_somebody FROM survey;
SELECT finding FROM nps_check('loop') WHERE finding ~ '^(cases|deadlines)';
ROLLBACK;

-- Nobody is asked twice, however many topics they have cases about, and however many programs ask.
BEGIN;
CREATE SCHEMA followup_reports;
SET search_path = followup_reports, loop, public;
CREATE TABLE answers (id integer PRIMARY KEY, who text, score integer, at timestamptz, about text, owner text);
INSERT INTO answers VALUES (1, 'ada', 4, now() - interval '2 hours', 'shop', ' '), (2, 'ada', 3, now() - interval '1 hour', 'support', 'otto'),
	(3, 'bo', 5, now(), 'shop', '');
SELECT count(*) > 0 AS attached FROM nps_attach('answers', 'score', respondent => 'who', responded_at => 'at', topic => 'about', owner => 'owner',
	schema_name => 'loop', time_zone => 'UTC', loop_since => now() - interval '90 minutes');
-- an owner without a name does not count as one
UPDATE survey SET fallback_owner = 'fred';
SELECT case_id, next_step, responsible FROM followup;
SELECT case_id, next_step FROM nps_claim('loop', 'mailer', max_rows => 1);
SELECT case_id, next_step FROM nps_claim('loop', 'mailer-2');
UPDATE followup SET asked_at = now(), actor = 'mailer' WHERE case_id = 2;
SELECT case_id, next_step FROM followup;
SELECT count(*) FROM nps_claim('loop', 'mailer');
-- Contact covers the answer that opened the case even when that is gone, and even if the case opened later than the answer was given.
UPDATE followup SET status = 'contacted', channel = 'phone' WHERE case_id = 1;
DELETE FROM answers WHERE id = 1;
SELECT case_id, status, is_gone, is_renewed FROM followup_all WHERE case_id = 1;
ROLLBACK;

-- An answer that arrives after contact renews the case and has a clock, even if it was given before the known answers.
BEGIN;
CREATE SCHEMA followup_reports;
SET search_path = followup_reports, loop, public;
CREATE TABLE answers (id integer PRIMARY KEY, who text, score integer, at timestamptz, got timestamptz, call boolean);
INSERT INTO answers VALUES (1, 'ada', 4, now() - interval '5 hours', now() - interval '5 hours', false);
SELECT count(*) > 0 AS attached FROM nps_attach('answers', 'score', respondent => 'who', responded_at => 'at', received_at => 'got', wants_contact => 'call',
	schema_name => 'loop', time_zone => 'UTC', loop_since => now() - interval '1 day');
UPDATE followup SET contacted_at = now() - interval '4 hours', channel = 'phone' WHERE case_id = 1;
INSERT INTO answers VALUES (2, 'ada', 5, now() - interval '6 hours', now() - interval '1 hour', false);
SELECT case_id, status, next_step, next_due - now() AS still FROM followup;
SELECT nps_record('loop');
SELECT case_id, status, next_step, next_due - now() AS still FROM followup;
-- A request for contact is not settled by a better answer, even after the answer with the request is gone.
INSERT INTO answers VALUES (3, 'bo', 6, now() - interval '3 hours', NULL, true), (4, 'bo', 9, now() - interval '2 hours', NULL, false);
SELECT nps_record('loop');
DELETE FROM answers WHERE id = 3;
SELECT case_id, is_open, is_gone, ended FROM followup_all WHERE respondent = 'bo';
ROLLBACK;

-- Giving up does not make anything look better: the call that was due again stays due, and was not made.  A promise is kept, or
-- taken back, before the case is left alone.
BEGIN;
CREATE SCHEMA followup_reports;
SET search_path = followup_reports, loop, public;
CREATE TABLE answers (id integer PRIMARY KEY, who text, score integer, at timestamptz);
INSERT INTO answers VALUES (1, 'ada', 4, now() - interval '9 days'), (2, 'bo', 4, now() - interval '9 days'), (3, 'cy', 4, now() - interval '9 days');
SELECT count(*) > 0 AS attached FROM nps_attach('answers', 'score', respondent => 'who', responded_at => 'at',
	schema_name => 'loop', time_zone => 'UTC', loop_since => now() - interval '20 days');
\set helper :abs_srcdir '/sql/helper/done_or_refused.sql'
\i :helper
UPDATE followup SET contacted_at = now() - interval '8 days', channel = 'phone';
INSERT INTO answers SELECT 10 + id, who, 3, now() - interval '5 days' FROM answers WHERE who <> 'cy';
SELECT cases, renewed, contacted, recontacted, coverage, recontact_in_time_rate FROM closed_loop WHERE grain = 'year' AND segment = 'all' AND cases > 0;
UPDATE followup SET status = 'dismissed', dismiss_reason = 'duplicate' WHERE case_id = 1 RETURNING status;
UPDATE followup SET attempted_at = now() - interval '2 days' WHERE case_id = 2;
UPDATE followup SET attempted_at = now() - interval '1 day' WHERE case_id = 2;
UPDATE followup SET attempted_at = now(), status = 'unreachable' WHERE case_id = 2 RETURNING status;
SELECT case_id, status, is_renewed, contact_due - now() AS contact_was_due, next_step, next_due - now() AS next_due, CASE WHEN due IN ('this week', 'later') THEN 'not yet' ELSE due END AS due, overdue_hours, priority, priority_reason FROM followup_all ORDER BY case_id;
SELECT cases, renewed, contacted, recontacted, coverage, recontact_in_time_rate FROM closed_loop WHERE grain = 'year' AND segment = 'all' AND cases > 0;
-- it counts until contact is made after all
UPDATE followup_all SET status = 'reopened' WHERE case_id = 1 RETURNING status, next_step, priority;
SELECT renewed, recontacted FROM closed_loop WHERE grain = 'year' AND segment = 'all' AND cases > 0;
SELECT nps_undo('loop', '1');
SELECT renewed, recontacted FROM closed_loop WHERE grain = 'year' AND segment = 'all' AND cases > 0;
UPDATE followup_all SET status = 'reopened' WHERE case_id = 1;
UPDATE followup_all SET status = 'dismissed', contacted_at = now(), dismiss_reason = 'duplicate' WHERE case_id = 1 RETURNING status, is_renewed, renewals;
SELECT renewed, recontacted FROM closed_loop WHERE grain = 'year' AND segment = 'all' AND cases > 0;
-- a promise
INSERT INTO concern (case_id, concern, promise, promised_for) VALUES (3, 'wrong', 'to mend it', current_date + 9);
INSERT INTO concern (case_id, concern) VALUES (3, 'slow');
UPDATE followup SET attempted_at = now() - interval '1 day' WHERE case_id = 3;
SELECT error, detail, hint FROM refused(
	$$UPDATE followup SET status = 'dismissed', dismiss_reason = 'duplicate' WHERE case_id = 3$$,
	$$UPDATE followup SET status = 'dismissed' WHERE case_id = 3$$,
	$$UPDATE followup SET status = 'unreachable' WHERE case_id = 3$$);
UPDATE concern SET declined_at = now() WHERE concern = 'wrong';
UPDATE followup SET status = 'dismissed', dismiss_reason = 'duplicate' WHERE case_id = 3 RETURNING status, next_promise_due;
SELECT error, hint FROM refused($$UPDATE concern SET promise = 'soon', promised_for = current_date WHERE concern = 'slow'$$,
	$$UPDATE concern SET declined_at = NULL WHERE concern = 'wrong'$$, $$UPDATE concern SET answer = 'is faster now' WHERE concern = 'slow'$$);
ROLLBACK;

-- The list says what is late, and errors say what to do.
BEGIN;
CREATE SCHEMA followup_reports;
SET search_path = followup_reports, loop, public;
CREATE TABLE answers (id integer PRIMARY KEY, who text, score integer, at timestamptz);
INSERT INTO answers VALUES (1, 'ada', 4, now() - interval '9 hours'), (2, 'bo', 0, now() - interval '9 hours'), (3, 'cy', 4, now() - interval '9 hours'),
	(4, 'dee', 4, now() - interval '9 hours'), (5, 'eve', 4, now() - interval '9 hours');
SELECT count(*) > 0 AS attached FROM nps_attach('answers', 'score', respondent => 'who', responded_at => 'at',
	schema_name => 'loop', time_zone => 'UTC', loop_since => now() - interval '20 days');
UPDATE playbook SET acknowledge_hours = 4, resolve_hours = 6 WHERE follow_up;
UPDATE followup SET status = 'contacted', channel = 'phone', cause = 'other' WHERE case_id = 3;
UPDATE followup SET contacted_at = now() - interval '8 hours', resolved_at = now() - interval '8 hours', channel = 'phone', cause = 'other' WHERE case_id = 4;
UPDATE followup SET acknowledged_at = now() - interval '8 hours' WHERE case_id = 5;
UPDATE survey SET inform_hours = 1;
SELECT case_id, priority, priority_reason, next_due - now() AS due FROM followup;
SAVEPOINT before;
UPDATE followup SET snoozed_until = now() + interval '20 days' WHERE case_id = 1;
ALTER TABLE followup_case DISABLE TRIGGER USER;
UPDATE followup_case SET snoozed_since = now() - interval '21 days', snoozed_until = now() - interval '1 day' WHERE case_id = 1;
ALTER TABLE followup_case ENABLE TRIGGER USER;
UPDATE followup SET snoozed_until = now() + interval '20 days' WHERE case_id = 1;
ROLLBACK TO before;
INSERT INTO concern (case_id, concern, promise, promised_for) VALUES (3, 'wrong', 'to mend it', current_date - 1);
UPDATE followup SET snoozed_until = now() + interval '2 days' WHERE case_id = 3;
ROLLBACK TO before;
UPDATE followup SET status = 'contacted' WHERE case_id = 4;
ROLLBACK;

-- The case of any answer, also of one that did not open it; and of one whose opening answer is gone.
BEGIN;
CREATE SCHEMA followup_reports;
SET search_path = followup_reports, loop, public;
CREATE TABLE answers (id integer PRIMARY KEY, who text, score integer, at timestamptz, about text);
INSERT INTO answers VALUES (1, 'ada', 4, now() - interval '9 hours', 'a'), (2, 'ada', 3, now() - interval '8 hours', 'a'), (3, 'ada', 2, now() - interval '7 hours', 'b'),
	(4, 'bo', 9, now() - interval '9 hours', 'a'), (5, 'cy', 3, now() - interval '100 days', 'a'), (6, 'cy', 3, now() - interval '1 day', 'a'),
	(7, NULL, 3, now(), 'a'), (8, 'dee', 3, NULL, 'a'), (9, 'dee', 3, now(), 'a');
SELECT count(*) > 0 AS attached FROM nps_attach('answers', 'score', respondent => 'who', responded_at => 'at', topic => 'about',
	schema_name => 'loop', time_zone => 'UTC', loop_since => now() - interval '1 year');
SELECT * FROM case_answer ORDER BY response_id;
UPDATE followup SET status = 'contacted', channel = 'phone' WHERE case_id = (SELECT case_id FROM case_answer WHERE response_id = 2) RETURNING case_id, status;
DELETE FROM answers WHERE id = 1;
SELECT * FROM case_answer WHERE respondent = 'ada' ORDER BY response_id;
-- all answers that a case counts are its own
SELECT f.case_id, f.answers, count(*) FROM followup_all f JOIN case_answer a USING (case_id) GROUP BY f.case_id, f.answers HAVING count(*) <> f.answers;
ROLLBACK;

-- The case is found by its key.
BEGIN;
CREATE SCHEMA followup_reports;
SET search_path = followup_reports, loop, public;
CREATE TABLE answers (id integer PRIMARY KEY, who text, score integer, at timestamptz, words text);
CREATE INDEX ON answers (who, at NULLS FIRST, id);
INSERT INTO answers SELECT i, 'p' || i % 3000, i % 11, now() - i * interval '1 minute', 'x' FROM generate_series(1, 6000) i;
ANALYZE answers;
SELECT count(*) > 0 AS attached FROM nps_attach('answers', 'score', respondent => 'who', responded_at => 'at', comment => 'words',
	schema_name => 'loop', time_zone => 'UTC', loop_since => now() - interval '1 year');
CREATE FUNCTION scans(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		IF line ~ 'Seq Scan on answers' THEN
			RETURN NEXT btrim(line);
		END IF;
	END LOOP;
END
$$;
SELECT count(*) AS none FROM scans('SELECT case_id FROM case_answer WHERE response_id = 200');
SELECT count(*) AS none FROM scans('SELECT case_id FROM followup_all WHERE case_id = (SELECT case_id FROM case_answer WHERE response_id = 200)');
ROLLBACK;

-- Soon after contact only a worse answer renews the case; worse than the one at the time of contact, even if that is gone by now.
BEGIN;
CREATE SCHEMA followup_reports;
SET search_path = followup_reports, loop, public;
CREATE TABLE answers (id integer PRIMARY KEY, who text, score integer, at timestamptz);
INSERT INTO answers VALUES (1, 'ada', 6, now() - interval '9 days');
SELECT count(*) > 0 AS attached FROM nps_attach('answers', 'score', respondent => 'who', responded_at => 'at',
	schema_name => 'loop', time_zone => 'UTC', loop_since => now() - interval '20 days');
UPDATE survey SET renew_after_days = 30;
SELECT nps_record('loop');
UPDATE answers SET score = 2 WHERE id = 1;
UPDATE followup SET contacted_at = now() - interval '8 days', channel = 'phone' WHERE case_id = 1;
INSERT INTO answers VALUES (2, 'ada', 4, now() - interval '5 days');
SELECT case_id, status, opening_score FROM followup_all;
DELETE FROM answers WHERE id = 1;
SELECT case_id, status, opening_score, is_gone FROM followup_all;
INSERT INTO answers VALUES (3, 'ada', 1, now() - interval '4 days');
SELECT case_id, status, contact_due - now() AS contact_due FROM followup_all;
ROLLBACK;

-- A case whose opening answer is gone starts when that was given, not when its clocks began.
BEGIN;
CREATE SCHEMA followup_reports;
SET search_path = followup_reports, loop, public;
CREATE TABLE answers (id integer PRIMARY KEY, who text, score integer, at timestamptz, got timestamptz);
INSERT INTO answers VALUES (1, 'ada', 4, now() - interval '9 days', now() - interval '3 days'), (2, 'ada', 9, now() - interval '10 days', now() - interval '3 days');
SELECT count(*) > 0 AS attached FROM nps_attach('answers', 'score', respondent => 'who', responded_at => 'at', received_at => 'got',
	schema_name => 'loop', time_zone => 'UTC', loop_since => now() - interval '20 days');
SELECT case_id, opening_at - now() AS given, opened_at - now() AS opened, first_answer_at - now() AS first FROM followup_all;
SELECT nps_record('loop');
INSERT INTO answers VALUES (3, 'ada', 8, now() - interval '5 days', now() - interval '5 days');
SELECT case_id, ended, ended_at - now() AS ended_at FROM followup_all;
DELETE FROM answers WHERE id = 1;
SELECT case_id, is_gone, opening_at - now() AS given, opened_at - now() AS opened, first_answer_at - now() AS first, previous_score FROM followup_all;
ROLLBACK;

-- Whether somebody may be contacted is what they say now, not what came with the answer that named the cause; and who was told is in the
-- returned row, also if a program sends the whole row with times in milliseconds.
BEGIN;
CREATE SCHEMA followup_reports;
SET search_path = followup_reports, loop, public;
CREATE TABLE answers (id integer PRIMARY KEY, who text, score integer, at timestamptz, words text, ok boolean);
INSERT INTO answers VALUES (1, 'ada', 4, now() - interval '9 days', 'too expensive', true), (2, 'ada', 8, now() - interval '1 day', NULL, false),
	(3, 'bo', 4, now() - interval '9 days', 'too expensive', false), (4, 'bo', 8, now() - interval '1 day', NULL, true);
SELECT count(*) > 0 AS attached FROM nps_attach('answers', 'score', respondent => 'who', responded_at => 'at', comment => 'words', contactable => 'ok',
	schema_name => 'loop', time_zone => 'UTC', loop_since => now() - interval '20 days');
UPDATE cause SET fixed_at = now() - interval '2 days', planned_at = now() - interval '3 days' WHERE cause = 'price';
SELECT respondent, is_due FROM cause_customer;
SET LOCAL nps.actor = 'eva';
UPDATE cause_customer SET told_at = now() WHERE is_due RETURNING respondent, told_by, told_at = now() AS now, is_due, plan_is_due;
SELECT respondent, told_by, told_at = now() AS now, is_due, plan_is_due FROM cause_customer;
SET LOCAL nps.actor = 'ina';
UPDATE cause_customer SET responded_at = date_trunc('milliseconds', responded_at), named_at = date_trunc('milliseconds', named_at),
	told_at = date_trunc('milliseconds', told_at), fixed_at = date_trunc('milliseconds', fixed_at), planned_at = date_trunc('milliseconds', planned_at), told_by = told_by;
SELECT told_by, told_at = now() AS as_it_was FROM cause_customer;
UPDATE cause_customer SET plan_told_at = now(), score = 3, comment = 'as it was once', told_at = date_trunc('milliseconds', told_at)
RETURNING told_by, told_at = now() AS as_it_was, plan_told_at = now() AS now;
SELECT what_changed, actor FROM followup_event WHERE what_changed ~ 'told' ORDER BY what_changed, actor;
UPDATE cause_customer SET score = 3;
ROLLBACK;

-- Time spent waiting is reported in hours of the clock, even if deadlines are in working hours: nothing is due on a holiday, but the customer waited then.
BEGIN;
CREATE SCHEMA followup_reports;
SET search_path = followup_reports, loop, public;
CREATE TABLE answers (id integer PRIMARY KEY, who text, score integer, at timestamptz);
INSERT INTO answers VALUES (1, 'ada', 4, now() - interval '9 days');
SELECT count(*) > 0 AS attached FROM nps_attach('answers', 'score', respondent => 'who', responded_at => 'at',
	schema_name => 'loop', time_zone => 'UTC', loop_since => now() - interval '20 days');
UPDATE survey SET work_days = 'Mon Tue Wed Thu Fri Sat Sun', work_from = '09:00', work_until = '17:00';
INSERT INTO holiday SELECT current_date + i FROM generate_series(-7, 1) i;
UPDATE followup SET contacted_at = now() - interval '8 days', channel = 'phone' WHERE case_id = 1;
UPDATE followup SET waiting_since = now() - interval '5 hours' WHERE case_id = 1;
SELECT waited_hours FROM followup_all;
UPDATE followup SET waiting_since = NULL WHERE case_id = 1;
SELECT waited_hours, resolve_due = (SELECT resolve_due FROM followup_case) AS as_stored FROM followup_all;
ROLLBACK;

-- Everybody who named a cause before it was fixed is told, also if they named it again afterwards, or in a concern of a case with that cause.
BEGIN;
CREATE SCHEMA followup_reports;
SET search_path = followup_reports, loop, public;
CREATE TABLE answers (id integer PRIMARY KEY, who text, score integer, at timestamptz);
INSERT INTO answers VALUES (1, 'ada', 4, now() - interval '9 days'), (2, 'bo', 4, now() - interval '9 days');
SELECT count(*) > 0 AS attached FROM nps_attach('answers', 'score', respondent => 'who', responded_at => 'at',
	schema_name => 'loop', time_zone => 'UTC', loop_since => now() - interval '20 days');
INSERT INTO concern (case_id, cause, concern, raised_at) VALUES (1, 'price', 'first', now() - interval '5 days'), (1, 'price', 'second', now() - interval '1 day'),
	(2, 'price', 'first', now() - interval '2 days');
UPDATE followup SET cause = 'price', channel = 'phone', contacted_at = now() - interval '8 days' WHERE case_id = 2;
UPDATE cause SET fixed_at = now() - interval '3 days' WHERE cause = 'price';
SELECT respondent, is_due, named_in, named_at - now() AS named FROM cause_customer ORDER BY 1;
UPDATE cause_customer SET told_at = now() - interval '60 hours' WHERE is_due;
-- the problem comes back, and is fixed once more
UPDATE cause SET fixed_at = now() - interval '1 hour' WHERE cause = 'price';
SELECT respondent, is_due FROM cause_customer ORDER BY 1;
SELECT cause, respondents, cases FROM cause_report WHERE respondents > 0;
ROLLBACK;

-- The answers of an ended case stay with it once its end is stored; it does not end later because another answer arrives, and its
-- time is the one at which it ended.
BEGIN;
CREATE SCHEMA followup_reports;
SET search_path = followup_reports, loop, public;
CREATE TABLE answers (id integer PRIMARY KEY, who text, score integer, at timestamptz);
INSERT INTO answers VALUES (1, 'ada', 5, now() - interval '50 days'), (2, 'ada', 5, now() - interval '48 days'),
	(3, 'bo', 4, now() - interval '100 days'), (4, 'cy', 4, now() - interval '70 days'), (5, 'cy', 4, now() - interval '40 days');
SELECT count(*) > 0 AS attached FROM nps_attach('answers', 'score', respondent => 'who', responded_at => 'at',
	schema_name => 'loop', time_zone => 'UTC', loop_since => now() - interval '1 year');
UPDATE survey SET follow_up_days = 60;
SELECT nps_record('loop');
INSERT INTO answers VALUES (6, 'ada', 9, now() - interval '47 days');
SELECT case_id, answers, ended, ended_at - now() AS ended_at, resolved_late FROM followup_all ORDER BY case_id;
SELECT nps_record('loop');
SELECT case_id, answers, ended, ended_at - now() AS ended_at, resolved_late FROM followup_all ORDER BY case_id;
-- bad answers after the end, and one that was given before the end and that nobody knew of
INSERT INTO answers VALUES (7, 'ada', 3, now() - interval '46 days'), (8, 'bo', 3, now() - interval '10 days'), (9, 'dee', 3, now() - interval '100 days');
SELECT case_id, answers, ended, ended_at - now() AS ended_at, resolved_late FROM followup_all ORDER BY case_id;
INSERT INTO answers VALUES (10, 'dee', 3, now() - interval '10 days');
SELECT case_id, answers, ended, ended_at - now() AS ended_at, resolved_late FROM followup_all WHERE respondent = 'dee' ORDER BY case_id;
SELECT nps_record('loop');
-- the newest answer of a case is deleted, and then it does not end earlier than was known
SELECT case_id, ended FROM followup_all WHERE respondent = 'cy';
DELETE FROM answers WHERE id = 5;
SELECT case_id, ended FROM followup_all WHERE respondent = 'cy';
ROLLBACK;

-- Nobody called about an answer that nobody knew of: contact before the row of the first answer arrived does not count.
BEGIN;
CREATE SCHEMA followup_reports;
SET search_path = followup_reports, loop, public;
CREATE TABLE answers (id integer PRIMARY KEY, who text, score integer, at timestamptz, got timestamptz);
INSERT INTO answers VALUES (1, 'ada', 4, now() - interval '40 days', now() - interval '2 days');
SELECT count(*) > 0 AS attached FROM nps_attach('answers', 'score', respondent => 'who', responded_at => 'at', received_at => 'got',
	schema_name => 'loop', time_zone => 'UTC', loop_since => now() - interval '60 days');
SAVEPOINT before;
\set VERBOSITY sqlstate
UPDATE followup SET contacted_at = now() - interval '10 days', channel = 'phone';
\set VERBOSITY default
ROLLBACK TO before;
UPDATE followup SET contacted_at = now() - interval '1 day', channel = 'phone' RETURNING status, contacted_at - now() AS contacted;
ROLLBACK;

-- What a case suggests is in the comments of its own answers, not in those of an older case of the same customer.
-- Between two periods with cases there are those without, and no rate is made of nothing.
BEGIN;
CREATE SCHEMA followup_reports;
SET search_path = followup_reports, loop, public;
CREATE TABLE answers (id integer PRIMARY KEY, who text, score integer, at timestamptz, words text);
INSERT INTO answers VALUES (1, 'ada', 3, now() - interval '200 days', 'far too expensive'), (2, 'ada', 3, now() - interval '199 days', 'and too slow'),
	(3, 'ada', 3, now() - interval '10 days', 'nobody answers the phone'), (4, 'ada', 4, now() - interval '9 days', 'it is broken');
SELECT count(*) > 0 AS attached FROM nps_attach('answers', 'score', respondent => 'who', responded_at => 'at', comment => 'words',
	schema_name => 'loop', time_zone => 'UTC', loop_since => now() - interval '1 year');
DELETE FROM cause;
INSERT INTO cause (cause, query, remedy) VALUES ('price', 'expensive', 'Offer the small plan.'), ('speed', 'slow', NULL), ('help', 'phone', 'Give a number that is answered.'), ('quality', 'broken', 'Send a new one.');
SELECT case_id, answers, cause_suggested, remedy FROM followup_all ORDER BY case_id;
-- what helps is told by the cause that a person set, else by the first that is suggested
UPDATE followup SET cause = 'quality' WHERE case_id = 3 RETURNING cause, cause_suggested, remedy;
SELECT segment, sum(cases) AS cases, count(*) FILTER (WHERE cases > 0) AS periods, count(*) FILTER (WHERE cases = 0) BETWEEN 5 AND 6 AS empty_between,
	count(*) FILTER (WHERE cases = 0 AND (coverage IS NOT NULL OR contact_in_time_rate IS NOT NULL)) AS rates_of_nothing
FROM closed_loop WHERE grain = 'month' AND segment IN ('all', 'score') GROUP BY segment ORDER BY segment;
ROLLBACK;

-- Each segment of the survey cuts the figures too: a case is where the answer was that opened it.
BEGIN;
CREATE SCHEMA followup_reports;
SET search_path = followup_reports, loop, public;
CREATE TABLE answers (id integer PRIMARY KEY, who text, score integer, at timestamptz, plan text, country text);
INSERT INTO answers VALUES (1, 'ada', 3, now() - interval '10 days', 'pro', 'de'), (2, 'ada', 2, now() - interval '9 days', 'free', 'de'), (3, 'bo', 4, now() - interval '10 days', 'free', 'fr'),
	(4, 'cy', 4, now() - interval '10 days', NULL, 'fr');
SELECT count(*) > 0 AS attached FROM nps_attach('answers', 'score', respondent => 'who', responded_at => 'at', segments => ARRAY['plan', 'country'],
	schema_name => 'loop', time_zone => 'UTC', loop_since => now() - interval '1 year');
UPDATE followup SET contacted_at = now() - interval '8 days', channel = 'phone', cause = 'price' WHERE case_id = 1;
SELECT segment, value, sum(cases) AS cases, sum(contacted) AS contacted, sum(missed) AS missed, sum(contacted)::float / sum(cases) AS coverage
FROM closed_loop WHERE grain = 'day' AND segment IN ('all', 'plan', 'country', 'score') AND cases > 0 GROUP BY segment, value ORDER BY segment COLLATE "C", value COLLATE "C";
ROLLBACK;

-- Who joins a team takes cases from everybody, and those of whom leaves are spread: nobody else's changes hands. All cases of an
-- account are one person's.
BEGIN;
CREATE SCHEMA followup_reports;
SET search_path = followup_reports, loop, public;
CREATE TABLE answers (id integer PRIMARY KEY, who text, firm text, score integer, at timestamptz);
INSERT INTO answers SELECT i, 'c' || i, 'firm ' || i / 2, CASE WHEN i <= 200 THEN 4 ELSE 9 END, now() - interval '1 day' FROM generate_series(1, 400) i;
SELECT count(*) > 0 AS attached FROM nps_attach('answers', 'score', respondent => 'who', account => 'firm', responded_at => 'at',
	schema_name => 'loop', time_zone => 'UTC', loop_since => now() - interval '1 year');
UPDATE playbook SET team = 'crew' WHERE score_from = 4;
INSERT INTO team_member VALUES ('crew', 'ann'), ('crew', 'bob'), ('crew', 'cid');
CREATE TABLE first AS SELECT case_id, account, responsible FROM followup;
SELECT count(*) AS people, min(cases) > 30 AS each_has_some FROM (SELECT count(*) AS cases FROM first GROUP BY responsible) f;
SELECT count(*) AS split_accounts FROM (SELECT FROM first GROUP BY account HAVING count(DISTINCT responsible) > 1) s;
INSERT INTO team_member VALUES ('crew', 'dee');
CREATE TABLE second AS SELECT case_id, responsible FROM followup;
SELECT count(*) FILTER (WHERE t.responsible = 'dee') BETWEEN 20 AND 80 AS the_newcomer_has_some, count(DISTINCT f.responsible) FILTER (WHERE t.responsible = 'dee') AS from_everybody,
	count(*) FILTER (WHERE t.responsible <> f.responsible AND t.responsible <> 'dee') AS changed_between_others
FROM first f JOIN second t USING (case_id);
UPDATE team_member SET active = false WHERE person = 'ann';
SELECT count(*) FILTER (WHERE l.responsible = 'ann') AS left_behind, count(DISTINCT l.responsible) FILTER (WHERE t.responsible = 'ann') AS spread_over,
	count(*) FILTER (WHERE t.responsible <> l.responsible AND t.responsible <> 'ann') AS changed_between_others
FROM second t JOIN followup l USING (case_id);
UPDATE team_member SET active = true WHERE person = 'ann';
SELECT count(*) AS changed FROM second t JOIN followup l USING (case_id) WHERE t.responsible <> l.responsible;
ROLLBACK;

-- What became of a customer is told by the next answer in the order of answers, also one of the same moment, or of the day after:
-- a case of a day opens when that is over.  Of money that nobody knows, none is at risk that is known.
BEGIN;
CREATE SCHEMA followup_reports;
SET search_path = followup_reports, loop, public;
CREATE TABLE answers (id integer PRIMARY KEY, who text, score integer, day date, worth integer);
INSERT INTO answers VALUES (1, 'same day', 5, current_date - 80, NULL), (2, 'same day', 9, current_date - 80, NULL), (3, 'day after', 5, current_date - 80, NULL), (4, 'day after', 9, current_date - 79, NULL),
	(5, 'worse first', 9, current_date - 80, NULL), (6, 'worse first', 5, current_date - 80, NULL), (7, 'no better', 5, current_date - 80, NULL), (8, 'no better', 4, current_date - 80, NULL),
	(9, 'never', 5, NULL, NULL), (10, 'never', 9, NULL, NULL);
SELECT count(*) > 0 AS attached FROM nps_attach('answers', 'score', respondent => 'who', responded_at => 'day', revenue => 'worth',
	schema_name => 'loop', time_zone => 'UTC', loop_since => now() - interval '1 year');
UPDATE survey SET recovery_days = 60;
SELECT respondent, ended, outcome, recovery_known, is_recovered FROM followup_all ORDER BY case_id;
SELECT recovered_alone, recovered_alone_known FROM closed_loop WHERE grain = 'year' AND segment = 'all' AND cases > 0;
SELECT from_category, to_category, respondents FROM transition ORDER BY 1, 2;
INSERT INTO answers VALUES (11, 'unknown', 5, current_date - 1, NULL), (12, 'known', 5, current_date - 2, 70);
SELECT segment, value, open, revenue_at_risk FROM closed_loop WHERE grain = 'day' AND segment = 'all' AND (cases > 0 OR period_start = current_date - 50) ORDER BY period_start;
ROLLBACK;
