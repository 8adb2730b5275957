-- What the team lead and whoever meets the customer next read of follow-up: nothing
-- in it is a number that is none, or the past of somebody who is still there.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'UTC';
SET jit = off;		-- compiling would take longer than running
BEGIN;
CREATE SCHEMA followup_reports;
SET search_path = followup_reports, loop, public;
CREATE TABLE answers (id integer PRIMARY KEY, who text, firm text, score integer, at timestamptz, words text, gone timestamptz, worth integer);
SELECT count(*) > 0 AS attached FROM nps_attach('answers', 'score', respondent => 'who', account => 'firm', responded_at => 'at', comment => 'words',
	churned_at => 'gone', revenue => 'worth', schema_name => 'loop', time_zone => 'UTC', loop_since => now() - interval '1 year');

-- A step that half of the cases or more wait for takes forever: NULL, whether their number is odd or even.
INSERT INTO answers SELECT i, 'c' || i, 'firm ' || i, 3, now() - interval '10 days' FROM generate_series(1, 4) i;
SELECT cases, median_hours_to_contact, median_work_hours_to_contact, median_hours_to_resolve, median_hours_to_close
FROM closed_loop WHERE grain = 'year' AND segment = 'all' AND cases > 0;
UPDATE followup SET contacted_at = now() - interval '9 days', channel = 'phone', cause = 'price' WHERE case_id IN (1, 2);
SELECT median_hours_to_contact FROM closed_loop WHERE grain = 'year' AND segment = 'all' AND cases > 0;
UPDATE followup SET contacted_at = now() - interval '8 days', channel = 'phone' WHERE case_id = 3;
SELECT median_hours_to_contact FROM closed_loop WHERE grain = 'year' AND segment = 'all' AND cases > 0;

-- Who gave notice has not left yet, and who answered since they left is back.
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

-- The last comment, whichever answer it came with.
INSERT INTO answers VALUES (21, 'ada', NULL, 3, now() - interval '3 days', 'first', NULL, NULL), (22, 'ada', NULL, 4, now() - interval '2 days', 'second', NULL, NULL),
	(23, 'ada', NULL, 5, now() - interval '1 day', ' ', NULL, NULL), (24, 'bo', NULL, 5, now(), NULL, NULL, NULL), (25, NULL, NULL, 5, now(), 'of nobody', NULL, NULL);
SELECT respondent, last_score, last_comment FROM respondent WHERE respondent IN ('ada', 'bo') OR respondent IS NULL ORDER BY 1;
SELECT last_comment FROM nps_customer('ada', ARRAY['loop']);

-- Who is not to be contacted, by whatever reason says so, is told of no fix.
INSERT INTO dismiss_reason (reason, meaning, holds_for_person) VALUES ('legal', 'their lawyer speaks to ours', true);
UPDATE cause SET fixed_at = now() - interval '1 hour' WHERE cause = 'price';
SELECT count(*) FROM cause_customer WHERE respondent = 'c1' AND is_due;
UPDATE followup SET status = 'dismissed', dismiss_reason = 'legal' WHERE case_id = 1;
SELECT count(*) FROM cause_customer WHERE respondent = 'c1' AND is_due;

ROLLBACK;

BEGIN;
CREATE SCHEMA followup_reports;
SET search_path = followup_reports, loop, public;
CREATE TABLE answers (id integer PRIMARY KEY, who text, score integer, at timestamptz);
INSERT INTO answers SELECT i, 'c' || i, 2, now() - interval '3 days' FROM generate_series(1, 4) i;
SELECT count(*) > 0 AS attached FROM nps_attach('answers', 'score', respondent => 'who', responded_at => 'at',
	schema_name => 'loop', time_zone => 'UTC', loop_since => now() - interval '1 year');
UPDATE playbook SET acknowledge_hours = 4 WHERE score_from = 2;
-- What was entered more than a day later was not done in time, as far as anybody could know.
UPDATE followup SET acknowledged_at = now() - interval '70 hours' WHERE case_id = 1;
UPDATE followup SET acknowledged_at = now() - interval '23 hours' WHERE case_id = 2;
-- the first time counts
UPDATE followup SET acknowledged_at = now() - interval '71 hours' WHERE case_id = 2;
SELECT case_id, now() - first_acknowledged_at AS ago, acknowledged_late, acknowledge_backdated FROM followup_all WHERE case_id <= 3 ORDER BY 1;
SELECT acknowledged, acknowledged_in_time, acknowledge_in_time_rate FROM closed_loop WHERE grain = 'year' AND segment = 'all';
-- likewise a promise: delivered in time as they say, in time, too late, and entered before its day
INSERT INTO concern (case_id, concern, promise, promised_for) VALUES
	(1, 'said so later', 'p', current_date - 2), (1, 'in time', 'p', current_date), (1, 'too late', 'p', current_date - 1), (1, 'early', 'p', current_date + 5);
UPDATE concern SET delivered_at = CASE concern WHEN 'said so later' THEN now() - interval '2 days 1 hour' WHEN 'early' THEN now() - interval '3 days' ELSE now() END;
SELECT concern, broken, backdated FROM concern ORDER BY concern_id;
SELECT promises, kept_promises, broken_promises FROM followup_all WHERE case_id = 1;

-- A text that says nothing settles no concern; nobody sets what is shown; what is missing is counted.
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

-- Taking back a step takes back no concern: it is work, and keeps the case open.
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
-- What it put back did not happen once more.
UPDATE followup SET cause = 'price', attempted_at = now() - interval '2 hours' WHERE case_id = 2;
UPDATE followup SET cause = 'other', attempted_at = now() WHERE case_id = 2;
SELECT nps_undo('loop', 2);
SELECT kind, text FROM timeline WHERE respondent = 'c2' AND kind IN ('cause', 'attempt', 'undone') ORDER BY at, place;

-- Where customers are merged, all that is recorded of the one is the other's.
UPDATE followup SET status = 'dismissed', dismiss_reason = 'opted_out' WHERE case_id = 3;
UPDATE answers SET who = 'c4' WHERE id = 3;
SELECT finding, fix FROM nps_check('loop') WHERE finding ~ 'respondents';
SELECT fix FROM nps_check('loop') WHERE finding ~ 'respondents' \gexec
SELECT case_id, respondent FROM followup_case ORDER BY 1;
SELECT count(*) FROM nps_check('loop') WHERE finding ~ 'respondents';

-- nps_check() tells of deadlines that are not what they look like, of cases of nobody, and of answers that are gone; what it prints mends it.
UPDATE survey SET work_days = 'Mon Tue Wed Thu Fri', work_from = '09:00', work_until = '16:30';
DELETE FROM answers WHERE id = 1;
SELECT severity, finding, detail, fix FROM nps_check('loop') WHERE finding ~ '^(cases|deadlines)';
SELECT fix FROM nps_check('loop') WHERE finding ~ '(owner|hours)' \gexec
SELECT score_from, acknowledge_hours, contact_hours, resolve_hours FROM playbook WHERE follow_up ORDER BY 1;
SELECT inform_hours, wants_contact_hours, fallback_owner = session_user AS is_somebody FROM survey;
SELECT finding FROM nps_check('loop') WHERE finding ~ '^(cases|deadlines)';
ROLLBACK;

-- Nobody is asked twice, whatever they have cases about, and however many ask.
BEGIN;
CREATE SCHEMA followup_reports;
SET search_path = followup_reports, loop, public;
CREATE TABLE answers (id integer PRIMARY KEY, who text, score integer, at timestamptz, about text, owner text);
INSERT INTO answers VALUES (1, 'ada', 4, now() - interval '2 hours', 'shop', ' '), (2, 'ada', 3, now() - interval '1 hour', 'support', 'otto'),
	(3, 'bo', 5, now(), 'shop', '');
SELECT count(*) > 0 AS attached FROM nps_attach('answers', 'score', respondent => 'who', responded_at => 'at', topic => 'about', owner => 'owner',
	schema_name => 'loop', time_zone => 'UTC', loop_since => now() - interval '90 minutes');
-- an owner without a name is none
UPDATE survey SET fallback_owner = 'fred';
SELECT case_id, next_step, responsible FROM followup;
SELECT case_id, next_step FROM nps_claim('loop', 'mailer', max_rows => 1);
SELECT case_id, next_step FROM nps_claim('loop', 'mailer-2');
UPDATE followup SET asked_at = now(), actor = 'mailer' WHERE case_id = 2;
SELECT case_id, next_step FROM followup;
SELECT count(*) FROM nps_claim('loop', 'mailer');
-- Contact covers the answer that opened the case when that is gone, too, though the case opened later than it was given.
UPDATE followup SET status = 'contacted', channel = 'phone' WHERE case_id = 1;
DELETE FROM answers WHERE id = 1;
SELECT case_id, status, is_gone, is_renewed FROM followup_all WHERE case_id = 1;
ROLLBACK;

-- What arrives after contact renews the case and has a clock, also if it was given before the answers that were known.
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
-- Who asked for contact is not answered by a better answer, also once the one that asked is gone.
INSERT INTO answers VALUES (3, 'bo', 6, now() - interval '3 hours', NULL, true), (4, 'bo', 9, now() - interval '2 hours', NULL, false);
SELECT nps_record('loop');
DELETE FROM answers WHERE id = 3;
SELECT case_id, is_open, is_gone, ended FROM followup_all WHERE respondent = 'bo';
ROLLBACK;
