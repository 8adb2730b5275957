-- A scripted quarter of a customer team: answers arrive, mails are sent, calls
-- are made, promises are given, kept and broken, customers answer again or leave.
-- At each step the list, and in the end the clocks and all reports, are what a
-- careful person computes by hand; how each number comes about stands above it.
--
-- Time cannot be moved, so the world is: pass() makes everything that happened so
-- many days older.  Day 0 is the first day of the story, and now() is always
-- "today" of it; day() tells the day of a time.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO, MDY';
SET intervalstyle = 'postgres';
SET jit = off;		-- compiling would take longer than running
BEGIN;
CREATE SCHEMA followup_quarter;
SET LOCAL search_path = followup_quarter, quarter, public;

CREATE TABLE firm (firm text PRIMARY KEY, yearly numeric, renewal date);
CREATE TABLE customer (name text PRIMARY KEY, firm text REFERENCES firm, manager text, may_call boolean, yearly numeric, gone timestamptz);
CREATE TABLE reply (id integer PRIMARY KEY, who text REFERENCES customer, score integer, at timestamptz NOT NULL DEFAULT now(), words text);
CREATE INDEX reply_newest ON reply (who, at DESC NULLS LAST, id DESC);
-- What a firm pays, and what a customer without a firm pays.
SELECT count(*) > 20 AS attached FROM nps_attach('reply', 'score', schema_name => 'quarter', respondent => 'who', responded_at => 'at', comment => 'words',
	account => '(SELECT c.firm FROM customer c WHERE c.name = who)',
	revenue => '(SELECT coalesce(f.yearly, c.yearly) FROM customer c LEFT JOIN firm f ON f.firm = c.firm WHERE c.name = who)',
	renewal_at => '(SELECT f.renewal FROM customer c JOIN firm f ON f.firm = c.firm WHERE c.name = who)',
	churned_at => '(SELECT c.gone FROM customer c WHERE c.name = who)',
	contactable => '(SELECT c.may_call FROM customer c WHERE c.name = who)',
	owner => '(SELECT c.manager FROM customer c WHERE c.name = who)', time_zone => 'UTC', loop_since => '-infinity');
INSERT INTO team_member (team, person) VALUES ('support', 'sue'), ('product', 'pia'), ('operations', 'otto'), ('sales', 'sam');
UPDATE survey SET fallback_owner = 'fay';

CREATE TABLE today (day integer);
INSERT INTO today VALUES (0);
-- The day of the story, with two decimals: an hour is 0.04 of a day.
CREATE FUNCTION day(timestamptz) RETURNS numeric LANGUAGE sql AS
	'SELECT trim_scale(round(extract(epoch FROM $1 - now()) / 86400, 2) + day) FROM today';
CREATE FUNCTION day(date) RETURNS integer LANGUAGE sql AS 'SELECT $1 - now()::date + day FROM today';
-- Lets days pass up to a day of the story.  The triggers are off for it, as the
-- past is not changed but gets older.
CREATE FUNCTION pass(till integer, OUT day integer) LANGUAGE plpgsql AS $$
DECLARE
	days integer := till - (SELECT t.day FROM today t);
	statement text;
BEGIN
	SET LOCAL session_replication_role = replica;
	FOR statement IN
		SELECT format('UPDATE %s SET %s', a.attrelid::regclass, string_agg(format('%1$I = %1$I - %2$s %3$L', a.attname,
			CASE a.atttypid WHEN 'date'::regtype THEN 'integer' ELSE 'interval' END,
			CASE a.atttypid WHEN 'date'::regtype THEN days::text ELSE days || ' days' END), ', '))
		FROM pg_attribute a
		WHERE a.attrelid IN ('firm'::regclass, 'customer'::regclass, 'reply'::regclass, 'followup_case'::regclass, 'followup_event'::regclass,
				'concern'::regclass, 'cause'::regclass, 'cause_told'::regclass)
			AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.atttypid IN ('date'::regtype, 'timestamptz'::regtype)
		GROUP BY a.attrelid
	LOOP
		EXECUTE statement;
	END LOOP;
	UPDATE today SET day = till;
	day := till;
	SET LOCAL session_replication_role = origin;
END
$$;

-- The list is the open part of followup_all, and the same whether an index finds the
-- answers of a respondent or not: what differs.
CREATE FUNCTION differences() RETURNS TABLE (case_id integer, "column" text, followup jsonb, other jsonb) LANGUAGE plpgsql AS $$
DECLARE
	listed jsonb;
	without_index jsonb;
	open jsonb;
BEGIN
	SELECT jsonb_agg(to_jsonb(f)) INTO listed FROM followup f;
	SELECT jsonb_agg(to_jsonb(f)) INTO open FROM followup_all f WHERE f.is_open;
	BEGIN
		DROP INDEX reply_newest;
		SELECT jsonb_agg(to_jsonb(f)) INTO without_index FROM followup f;
		RAISE EXCEPTION USING ERRCODE = 'assert_failure';
	EXCEPTION WHEN assert_failure THEN
		NULL;
	END;
	IF listed IS DISTINCT FROM without_index THEN
		RETURN QUERY SELECT NULL::integer, 'all', listed, without_index;
	END IF;
	RETURN QUERY SELECT coalesce(l->'case_id', o->'case_id')::integer, k.attname::text, l->k.attname, o->k.attname
		FROM jsonb_array_elements(listed) l FULL JOIN jsonb_array_elements(open) o ON o->'case_id' = l->'case_id'
		JOIN pg_attribute k ON k.attrelid = 'followup'::regclass AND k.attnum > 0
		WHERE l->k.attname IS DISTINCT FROM o->k.attname;
END
$$;
-- What people see: due_in are the hours until the next step is due; a promise is due
-- when its day is over.
\set queue 'SELECT priority AS p, overdue AS late, next_step, CASE WHEN next_promise_due IS NULL THEN round(extract(epoch FROM next_due - now()) / 3600) END AS due_in, day(next_promise_due) AS promised, respondent, score, owner, status, case_id, priority_reason FROM followup; SELECT * FROM differences();'

INSERT INTO firm VALUES ('Alpha', 1000), ('Beta', 2000), ('Gamma', 3000), ('Delta', 4000), ('Epsilon', 5000), ('Zeta', 6000);
UPDATE firm SET renewal = now()::date + 50 WHERE firm = 'Gamma';
INSERT INTO customer (name, firm, manager) VALUES ('ada', 'Alpha', 'max'), ('hal', 'Delta', 'max');
INSERT INTO customer (name, firm) VALUES ('ben', 'Alpha'), ('cleo', 'Beta'), ('dan', 'Beta'), ('eve', 'Gamma'), ('finn', 'Gamma'), ('gus', 'Delta'),
	('ivy', 'Epsilon'), ('jon', 'Epsilon'), ('kim', 'Beta'), ('lea', 'Beta'), ('ned', 'Gamma'), ('ola', 'Epsilon'), ('pat', 'Epsilon'), ('zoe', 'Zeta');
INSERT INTO customer (name, yearly) VALUES ('mia', 70);
UPDATE customer SET may_call = false WHERE name = 'jon';

--
-- Day 0: the survey is sent
--
-- On the list are the nine who gave 0 to 6: not the one nobody knows (10), not jon
-- (11) who may not be called, not 7 and 9, not zoe who said nothing.  Contact is
-- due after 24 hours for 0 to 2 and after 48 for 3 to 6.  The worse the score the
-- earlier; of two 0 and of two 3 the one who pays more.  cleo wrote nothing, so she
-- is asked; the manager of ada and hal owns their cases, the people of the team the
-- cases whose comment names a cause, and fay the others.
INSERT INTO reply (id, who, score, words) VALUES
	(1, 'ada', 0, 'Three weeks late.'),
	(2, 'ben', 2, 'Far too expensive.'),
	(3, 'cleo', 1, NULL),
	(4, 'dan', 4, 'It crashes all the time.'),
	(5, 'eve', 6, 'Nice, but I miss dark colours.'),
	(6, 'finn', 3, 'Oops, my finger slipped.'),
	(7, 'gus', 5, 'Nobody answers the phone.'),
	(8, 'hal', 0, 'It was broken.'),
	(9, 'ivy', 3, 'The invoices confuse us.'),
	(10, NULL, 2, 'Overpriced.'),
	(11, 'jon', 1, 'Expensive, and the staff was rude.'),
	(12, 'kim', 7, 'A bit pricey.'),
	(13, 'lea', 9, 'Expensive, but worth it.'),
	(100, 'zoe', NULL, NULL);
:queue
-- save_by: 90 days, or the renewal of Gamma on day 50.
SELECT respondent, day(save_by) AS save_by, revenue, channel, verdict, cause_suggested FROM followup WHERE respondent IN ('eve', 'gus');

--
-- Day 1: mails, and the first calls
--
-- Exactly 24 hours are in time: nobody is late yet.
SELECT pass(1);
SELECT count(*) FILTER (WHERE overdue) AS none, count(*) FILTER (WHERE next_due = now()) AS four_are_due_now FROM followup;
-- Everybody who needs a personal contact got an answer by mail, 12 hours after.
SET LOCAL nps.actor = 'mailer';
UPDATE followup SET acknowledged_at = now() - interval '12 hours' WHERE priority = 1;
-- A program asks those who wrote nothing.  What it sends is no contact.
SELECT case_id, respondent, next_step FROM nps_claim('quarter', 'mailer', 'ask for the reason');
SELECT count(*) AS nothing_left FROM nps_claim('quarter', 'mailer', 'ask for the reason');
SAVEPOINT s;
UPDATE followup SET status = 'contacted', channel = 'e-mail' WHERE case_id = 3;
ROLLBACK TO s;
UPDATE followup SET asked_at = now() WHERE case_id = 3 RETURNING respondent, status, next_step;
SET LOCAL nps.actor = 'max';
-- ada was called 20 hours after her answer, which is recorded four hours later;
-- she is promised something for day 7.
UPDATE followup SET contacted_at = now() - interval '4 hours', channel = 'phone', cause = 'delivery or a broken promise', note = 'very upset' WHERE case_id = 1
	RETURNING respondent, status, day(contacted_at) AS contacted;
INSERT INTO concern (case_id, concern, promise, planned_for, promised_for)
	VALUES (1, 'the parts are not there', 'they come by courier', now()::date + 4, now()::date + 6);
UPDATE followup SET status = 'contacted', channel = 'phone', cause = 'product or service quality' WHERE case_id = 8;
-- cleo does not pick up.
SET LOCAL nps.actor = 'fay';
UPDATE followup SET attempted_at = now() - interval '1 hour' WHERE case_id = 3 RETURNING attempts, status;
-- cleo was asked: next is the first step for a 1.  ada waits for what was promised;
-- of hal's two weeks 13 days are left.
:queue

--
-- Day 2
--
SELECT pass(2);
-- Three attempts make somebody unreachable, two do not.
SAVEPOINT s;
UPDATE followup SET attempted_at = now(), status = 'unreachable' WHERE case_id = 3;
ROLLBACK TO s;
UPDATE followup SET attempted_at = now() WHERE case_id = 3 RETURNING attempts;
UPDATE followup SET status = 'dismissed', dismiss_reason = 'misclick', note = 'meant 8' WHERE case_id = 6;
-- dan is called at the last moment: 48 hours.
SET LOCAL nps.actor = 'pia';
UPDATE followup SET status = 'contacted', channel = 'phone', cause = 'product or service quality' WHERE case_id = 4;
INSERT INTO concern (case_id, concern, promise, planned_for, promised_for)
	VALUES (4, 'crashes when it prints', 'a new version', now()::date + 4, now()::date + 5);

--
-- Day 3
--
SELECT pass(3);
SET LOCAL nps.actor = 'fay';
UPDATE followup SET attempted_at = now(), status = 'unreachable' WHERE case_id = 3 RETURNING attempts, status;
-- ben is called two days late, and all is solved on the phone.
SET LOCAL nps.actor = 'sam';
UPDATE followup SET status = 'closed', channel = 'phone', cause = 'price', informed_at = now() WHERE case_id = 2
	RETURNING respondent, status, day(contacted_at) AS contacted, day(resolved_at) AS resolved, day(closed_at) AS closed;
-- Three were due on day 2.
:queue

--
-- Days 5 and 6: a promise kept, the first closed loop, and somebody who wants no mail
--
SELECT pass(5);
INSERT INTO reply (id, who, score, words) VALUES (14, 'mia', 5, 'Please add an export.'), (15, 'ned', 3, 'Stop writing to me.');
SET LOCAL nps.actor = 'max';
SAVEPOINT s;
UPDATE followup SET status = 'resolved' WHERE case_id = 1;
ROLLBACK TO s;
UPDATE concern SET delivered_at = now() WHERE case_id = 1;
UPDATE followup SET status = 'resolved' WHERE case_id = 1;
-- ada is to be told within two days.
SELECT next_step, round(extract(epoch FROM next_due - now()) / 3600) AS forty_eight FROM followup WHERE case_id = 1;
SELECT pass(6);
UPDATE followup SET status = 'closed', informed_at = now() WHERE case_id = 1;
SET LOCAL nps.actor = 'fay';
UPDATE followup SET status = 'dismissed', dismiss_reason = 'opted_out' WHERE case_id = 15;

--
-- Day 8: a promise is broken, and mia is unhappy again
--
-- dan's was for day 7: now it is late, and he is offered a compensation.  mia's
-- two answers are one case, in the place of the newer one, a 3, and due 48 hours
-- after the older one, on day 7.
SELECT pass(8);
INSERT INTO reply (id, who, score, words) VALUES (16, 'mia', 3, 'It still lacks features.');
:queue
SELECT respondent, steps FROM followup WHERE steps LIKE '%compensate%';
SAVEPOINT s;
INSERT INTO followup_case (case_id) VALUES (16);
ROLLBACK TO s;

--
-- Days 9 and 10: it is kept, late
--
SELECT pass(9);
SET LOCAL nps.actor = 'pia';
SAVEPOINT s;
\set VERBOSITY terse \\ -- the detail names the date
UPDATE concern SET promised_for = promised_for + 10 WHERE case_id = 4;
\set VERBOSITY default
ROLLBACK TO s;
INSERT INTO concern (case_id, cause, concern, promise, promised_for, compensation)
	VALUES (4, 'could not get help', 'nobody called back', 'a call each day', now()::date + 3, 'a month for free');
SELECT open_concerns AS two, day(next_promise_due) AS seven, next_step FROM followup WHERE case_id = 4;
SELECT pass(10);
UPDATE concern SET delivered_at = now() WHERE case_id = 4;
UPDATE followup SET status = 'resolved' WHERE case_id = 4 RETURNING status, next_step, steps LIKE '%compensate%' AS compensate_stays;
INSERT INTO reply (id, who, score, words) VALUES (17, 'ola', 2, 'My order never arrived.');

--
-- Day 12: mia for the third time
--
-- otto called ola yesterday, and nobody recorded it: she looks late.  mia, now at 4,
-- is where a 4 is, and still due since day 7.  dan is to be told today, hal's two
-- weeks end on day 14.
SELECT pass(12);
INSERT INTO reply (id, who, score, words) VALUES (18, 'mia', 4, NULL);
:queue
SELECT case_id, response_id, responses, previous_score, score, day(responded_at) AS answered FROM followup WHERE respondent = 'mia';

--
-- Days 13 to 16
--
SELECT pass(13);
-- Paperwork of three days in one statement.
SET LOCAL nps.actor = 'otto';
UPDATE followup SET contacted_at = now() - interval '2 days', resolved_at = now() - interval '1 day', informed_at = now(), status = 'closed',
	channel = 'phone', cause = 'delivery or a broken promise' WHERE case_id = 17
	RETURNING respondent, status, day(contacted_at) AS contacted, day(resolved_at) AS resolved, day(informed_at) AS informed, day(closed_at) AS closed;
SET LOCAL nps.actor = 'tom';
UPDATE followup SET owner = 'tom', status = 'contacted', channel = 'phone', cause = 'missing feature' WHERE case_id = 14;
SELECT pass(14);
SET LOCAL nps.actor = 'pia';
UPDATE followup SET informed_at = now(), closed_at = now() WHERE case_id = 4 RETURNING status;
SELECT pass(16);
SET LOCAL nps.actor = 'max';
UPDATE followup SET status = 'closed', informed_at = now() WHERE case_id = 8 RETURNING status;

--
-- Day 20: eve got happy by herself, lea got unhappy
--
-- eve is off the list.  mia's solution was due on day 19.
SELECT pass(20);
INSERT INTO reply (id, who, score, words) VALUES (19, 'eve', 9, 'Love it.'), (20, 'lea', 2, 'Your technician was rude.');
:queue

--
-- Days 21 to 30: closed too early
--
SELECT pass(21);
SET LOCAL nps.actor = 'sue';
UPDATE followup SET status = 'contacted', channel = 'phone', cause = 'service experience' WHERE case_id = 20;
INSERT INTO concern (case_id, concern, answer) VALUES (20, 'wants an apology', 'sue apologised');
SELECT pass(22);
UPDATE followup SET status = 'closed', informed_at = now() WHERE case_id = 20 RETURNING status;
SELECT pass(25);
SAVEPOINT s;
INSERT INTO concern (case_id, concern, promise, promised_for) VALUES (20, 'the same man came', 'another one comes', now()::date + 4);
ROLLBACK TO s;
UPDATE followup_all SET status = 'reopened', note = 'the same man came' WHERE case_id = 20 RETURNING status, day(contacted_at) AS contacted;
INSERT INTO concern (case_id, concern, promise, promised_for) VALUES (20, 'the same man came', 'another one comes', now()::date + 4);
:queue
SELECT pass(29);
UPDATE concern SET delivered_at = now() WHERE case_id = 20 AND promise IS NOT NULL;
SELECT pass(30);
UPDATE followup SET status = 'closed', informed_at = now() WHERE case_id = 20 RETURNING status, day(resolved_at) AS resolved, day(closed_at) AS closed;
-- gus leaves, whom nobody ever called.
UPDATE customer SET gone = now() WHERE name = 'gus';

--
-- Day 40: hal leaves, though his loop is closed
--
SELECT pass(40);
UPDATE customer SET gone = now() WHERE name = 'hal';
:queue

--
-- Days 50 to 85: a new price list, and the survey is sent again
--
SELECT pass(50);
UPDATE cause SET fixed_at = now() WHERE cause = 'price';
SELECT pass(60);
-- ned must not be called, and is not on the list.
INSERT INTO reply (id, who, score, words) VALUES (21, 'ned', 2, 'Expensive.');
SELECT pass(63);
INSERT INTO reply (id, who, score, words) VALUES (22, 'ben', 1, 'Still too expensive.');
SELECT pass(65);
INSERT INTO reply (id, who, score, words) VALUES (23, 'ada', 9, 'All good now.');
SELECT pass(74);
INSERT INTO reply (id, who, score, words) VALUES (24, 'dan', 8, 'It crashes less.');
SELECT pass(75);
INSERT INTO reply (id, who, score, words) VALUES (25, 'ola', 3, 'Better, but the box was broken.'), (26, 'pat', 6, 'Fine.');
-- ben and ola, whose cases are closed, have new ones.
:queue
SELECT pass(77);
SET LOCAL nps.actor = 'pia';
UPDATE followup SET attempted_at = now(), snoozed_until = now() + interval '28 days', note = 'on holiday' WHERE case_id = 25 RETURNING priority, attempts, status;
SELECT pass(85);
INSERT INTO reply (id, who, score) VALUES (27, 'lea', 7);

--
-- Day 90: ivy's window is over, and nobody ever called her
--
SELECT pass(89);
SELECT count(*) AS on_the_list FROM followup WHERE respondent = 'ivy';
SELECT is_open, outcome, is_expired, status FROM followup_all WHERE respondent = 'ivy';
SELECT pass(90);
SELECT count(*) AS not_any_more FROM followup WHERE respondent = 'ivy';
SELECT is_open, outcome, is_expired, status FROM followup_all WHERE respondent = 'ivy';

--
-- Day 100: the reports
--
SELECT pass(100);
-- ben due since day 64, mia since day 19, pat and ola since day 77.
:queue

-- Every case, its outcome and what was late.  What was not done was late if its
-- time was over when the case was finished or the customer recovered or left, or
-- else now.
--	1 ada	acknowledged after 12 hours, contacted 20, resolved on day 5, told a day later
--	2 ben	contacted on day 3 for day 1; at 1 after 2 he is worse
--	3 cleo	given up on day 3, contact was due on day 1
--	4 dan	acknowledged only by the call on day 2; told 4 days after the solution
--	5 eve	nobody did anything until she recovered on day 20
--	6 finn	dismissed after 48 hours: in time but for the acknowledgement
--	7 gus	nobody did anything until he left on day 30; he was sue's all the time
--	8 hal	solved after 16 days
--	9 ivy	nobody did anything
--	14 mia	contacted on day 13 for day 7, and not solved
--	15 ned	dismissed after 24 hours
--	17 ola	acknowledged only by the closing on day 13; at 3 after 2 she is better
--	20 lea	solved on day 30: 10 days of 14
-- Those of 11 and 21 may not be called; 22, 25 and 26 wait.
SELECT case_id, respondent, CASE WHEN is_contactable THEN owner END AS owner, status, is_open, outcome, day(outcome_at) AS outcome_at, acknowledged_late AS ack_late, contacted_late AS contact_late,
	resolved_late AS resolve_late, informed_late AS inform_late, is_expired AS expired, promises, broken_promises AS broken
FROM followup_all ORDER BY case_id;
-- Asked again two months after they were closed.
SELECT case_id, resurvey_on = (closed_at + interval '2 months')::date AS in_two_months FROM followup_all WHERE resurvey_on IS NOT NULL ORDER BY case_id;
-- Hours: ada 12, 20, 120, 144, 144; ben 12, then 3 days each; dan 48, 240, 336, 336; hal 12, 24, then 16 days;
-- mia 8 days; ola 24, 48, 72, 72; lea 24, then 10 days.  Without working hours these are the same.
SELECT case_id, respondent, hours_to_acknowledge AS ack, hours_to_contact AS contact, hours_to_resolve AS resolve, hours_to_inform AS inform, hours_to_close AS close,
	(hours_to_contact, hours_to_resolve, hours_to_close) IS NOT DISTINCT FROM (work_hours_to_contact, work_hours_to_resolve, work_hours_to_close) AS same
FROM followup_all WHERE hours_to_contact IS NOT NULL ORDER BY case_id;

-- The closed loop.  Periods depend on the day of the run, so days are summed up.
--	cases			18 in followup_all, without 11 and 21: 16
--	not_contactable	10, 11, 21
--	contacted		1, 2, 4, 8, 14, 17, 20; in time not 2 and 14
--	overdue			3, 5, 7, 9, 22, 25, 26
--	expired			9	unreachable 3	dismissed 6, 15
--	acknowledged	1, 2, 3, 8
--	resolved		1, 2, 4, 8, 17, 20; in time not 8; told in time not 4; all closed
--	promises		1, twice 4, 20; broken one of 4
--	recovered		1, 4, 5, 20; answered again also 2 and 17
--	churned			7, 8
--	observed		opened until day 10 and not dismissed: 1, 2, 3, 4, 5, 7, 8, 9, 14, 17
-- Revenue at risk: mia 70, ben 1000, Epsilon 5000 though both ola and pat wait.
CREATE TEMP VIEW loop AS
	SELECT grain, segment, value, sum(cases) AS cases, sum(not_contactable) AS not_contactable, sum(contacted) AS contacted, sum(contacted_in_time) AS in_time,
		sum(overdue) AS overdue, sum(expired) AS expired, sum(unreachable) AS unreachable, sum(dismissed) AS dismissed,
		sum(acknowledged) AS ack, sum(acknowledged_in_time) AS ack_in_time, sum(resolved) AS resolved, sum(resolved_in_time) AS res_in_time,
		sum(informed_in_time) AS inf_in_time, sum(closed) AS closed, sum(reopened) AS reopened, sum(promises) AS promises, sum(broken_promises) AS broken,
		sum(recovered) AS recovered, sum(reanswered) AS reanswered, sum(churned) AS churned, sum(observed) AS observed, sum(revenue_at_risk) AS at_risk
	FROM closed_loop GROUP BY grain, segment, value;
SELECT cases, not_contactable, contacted, in_time, overdue, expired, unreachable, dismissed FROM loop WHERE grain = 'day' AND segment = 'all';
SELECT ack, ack_in_time, resolved, res_in_time, inf_in_time, closed, reopened, promises, broken, recovered, reanswered, churned, observed, at_risk
FROM loop WHERE grain = 'day' AND segment = 'all';
-- The same in each grain, and over the values of each segment.
SELECT DISTINCT sum(cases) AS cases, sum(not_contactable) AS not_contactable, sum(contacted) AS contacted, sum(in_time) AS in_time, sum(overdue) AS overdue,
	sum(expired) AS expired, sum(unreachable) AS unreachable, sum(dismissed) AS dismissed, sum(resolved) AS resolved, sum(recovered) AS recovered,
	sum(reanswered) AS reanswered, sum(churned) AS churned, sum(observed) AS observed
FROM loop WHERE segment IN ('all', 'score') GROUP BY grain, segment;
-- 11, 21 and the one nobody knows are the worst: 1, 2, 2.
SELECT value AS score, cases, not_contactable AS not_cont, contacted, in_time, overdue, expired, unreachable AS unreach, dismissed, recovered, reanswered, churned
FROM loop WHERE grain = 'day' AND segment = 'score' ORDER BY value;
-- gus (7) was sue's all the time: that he left does not make him somebody else's.
SELECT value AS owner, cases, contacted, in_time, overdue, expired, unreachable AS unreach, dismissed, recovered, churned
FROM loop WHERE grain = 'day' AND segment = 'owner' AND cases > 0 ORDER BY value;
-- What somebody established.
SELECT value AS cause, cases, contacted, resolved, promises, broken, recovered, churned
FROM loop WHERE grain = 'day' AND segment = 'cause' ORDER BY value;
-- What opened on one day.  Day 0: of 8 cases without finn's the fourth to be
-- acknowledged took 12 hours; 20, 24, 48, 72 to the contact; 72, 120, 240, 384 to the
-- solution; 72, 144, 336, 384 to the end; the others forever.  Covered are 4 of
-- 8, recovered 3 of 8, 2 of the 4 contacted, 3 of the 4 who answered again (1, 2, 4, 5);
-- 2 of 8 left, 1 of the 4 contacted and 1 of the 4 others.  Those of day 5 and 10 are
-- observed too, the later ones not yet.  Where more than half wait there is no median.
SELECT day(period_start) AS day, cases, dismissed, coverage, median_hours_to_acknowledge AS ack, median_hours_to_contact AS contact,
	median_hours_to_resolve AS resolve, median_hours_to_close AS close, recovery_rate AS recovery, recovery_rate_contacted AS of_contacted,
	recovery_rate_reanswered AS of_reanswered, churn, churn_contacted, churn_not_contacted AS churn_not, assumed_churn AS assumed, coalesce(revenue_at_risk, 0) AS at_risk
FROM closed_loop WHERE grain = 'day' AND segment = 'all' ORDER BY period_start;
-- Over all: 4 of 14, 3 of 7, 4 of 6.
SELECT round(sum(recovered) / sum(cases - dismissed), 4) AS recovery, round(sum(recovery_rate_contacted * contacted)::numeric / sum(contacted), 4) AS of_contacted,
	round(sum(recovered) / sum(reanswered), 4) AS of_reanswered, round(sum(churn * observed)::numeric / sum(observed), 4) AS churn
FROM closed_loop WHERE grain = 'day' AND segment = 'all';

-- Causes, by how many name them.  What somebody established counts for a case,
-- or else what the comments of those who are no promoters say:
--	price			ben (2, 22), 10, jon 11, kim 12, ned 21; of Alpha, Epsilon, Beta, Gamma
--	product			dan (4, 24), hal 8, ola 25; Beta and Epsilon, as hal left
--	help			gus 7 who left, and a concern of dan
--	delivery		ada 1, ola 17
--	service			jon 11, lea 20
--	missing			mia (14, 16), who has no firm
-- 16 said anything: of the 16 known all but cleo, and the one nobody knows.  8 since day
-- 10 (ola, eve, lea, ned, ben, ada, dan, pat), 14 before: 2 of 8 less 4 of 14 for the
-- price, and so on.  All 27 have (3 - 21) / 27 = -66.667; without the 6 answers
-- about the price (3 - 16) / 21, without the 4 about the product (3 - 18) / 23, without 2
-- detractors (3 - 19) / 25.
SELECT cause, team, respondents, share, round(change::numeric, 4) AS change, round(impact::numeric, 3) AS impact, revenue, cases
FROM cause_report WHERE respondents > 0;
SELECT count(*) AS named_by_nobody FROM cause_report WHERE respondents = 0;
-- The new price list of day 50: before it 4 of 18 comments were about the price, since
-- then 2 of 6.
SELECT day(fixed_at) AS fixed, round(share_before_fix::numeric, 4) AS before, round(share_after_fix::numeric, 4) AS after, round(fix_p_value::numeric, 4) AS p_value
FROM cause_report WHERE fixed_at IS NOT NULL;
-- To be told are ben and kim; jon and ned must not be called.
SELECT respondent, account, response_id, score, named_in, is_due FROM cause_customer WHERE cause = 'price' ORDER BY respondent;
SET LOCAL nps.actor = 'sam';
UPDATE cause_customer SET told_at = now() WHERE is_due AND respondent = 'kim';
SELECT cause, respondent, day(told_at) AS told, told_by, is_due FROM cause_customer WHERE cause = 'price' ORDER BY respondent;
-- Of the others nothing is due, as nothing is fixed.
SELECT cause, respondent, response_id, named_in, is_due FROM cause_customer WHERE cause <> 'price' ORDER BY cause, respondent;

-- Accounts by the newest answers: Alpha 9 and 1, Beta 1, 7, 7, 8, Gamma 9, 3, 2, Delta lost,
-- Epsilon 3, 1, 3, 6, Zeta silent.
SELECT account, respondents, detractors, passives, promoters, round(nps::numeric, 2) AS nps, revenue, revenue_at_risk AS at_risk, silent FROM account ORDER BY account;

-- Respondents: the newest and the last but one answer, and what is open.
SELECT respondent, account, responses, last_score, previous_score AS previous, change, day(first_answer) AS first, day(last_answer) AS last,
	open_followup, followup_status AS status, case_id, handle_with_care AS care, revenue, day(churned_at) AS left, day(last_contact) AS contact, last_note
FROM respondent WHERE respondent IS NOT NULL ORDER BY respondent;

-- Transitions, and who was called in between:
--	left			gus after 30 days, hal after 40, who was called
--	detractor again	ben after 63 and ola after 65 days, called; ned after 55; mia after 4, called only later
--	passive			dan after 74 and lea after 65 days, called
--	promoter		ada after 65 days, called; eve after 20
--	nothing yet		cleo, finn, ivy, jon, pat; kim from passive
SELECT from_category, to_category, respondents, round(share::numeric, 4) AS share, median_days, followed_up FROM transition ORDER BY 1, 2;

-- What happened to some of them.  What lea's note of day 25 says comes below.
SELECT day(at) AS day, kind, case_id, score, text, actor FROM timeline WHERE respondent = 'dan' ORDER BY day(at), kind, text;
SELECT day(at) AS day, kind, case_id, score, CASE WHEN kind <> 'reopened' THEN text END AS text, actor
FROM timeline WHERE respondent = 'lea' AND kind <> 'note' ORDER BY day(at), kind, text;
SELECT day(at) AS day, kind, case_id, score, text, actor FROM timeline WHERE respondent = 'cleo' ORDER BY day(at), kind, text;
SELECT respondent, day(at) AS day, kind, case_id, score, text, actor FROM timeline WHERE respondent IN ('gus', 'kim', 'ned') ORDER BY respondent, day(at), kind;
-- Each answer of somebody known is in it once, and each note.
SELECT count(*) AS twenty_six FROM timeline WHERE kind = 'answer';
SELECT e.note, e.case_id, (SELECT count(*) FROM timeline t WHERE t.case_id = e.case_id AND t.kind <> 'concern' AND position(e.note IN t.text) > 0) AS one
FROM followup_event e WHERE e.note IS NOT NULL ORDER BY e.event_id;

--
-- Day 120: what comes later does not change what was
--
-- cleo calls back: she is not unreachable any more, and was contacted late.  mia is
-- happy, but her case is open and stays on the list.  ola is not snoozed any more.
-- ivy leaves, whose window ended on day 90: that nobody touched her case stays so, and
-- she left later than the window that churn is measured in.
SELECT pass(120);
SET LOCAL nps.actor = 'fay';
UPDATE followup_all SET status = 'contacted', channel = 'phone' WHERE case_id = 3 RETURNING respondent, status, attempts;
INSERT INTO reply (id, who, score, words) VALUES (28, 'mia', 10, 'Great.');
UPDATE customer SET gone = now() WHERE name = 'ivy';
-- cleo's solution was due on day 14.
:queue
SELECT case_id, respondent, status, is_open, outcome, day(outcome_at) AS outcome_at, contacted_late, is_expired FROM followup_all
WHERE respondent IN ('cleo', 'mia', 'ivy') ORDER BY case_id;
-- Contacted also 3; overdue without 3; recovered and answered again also 14; observed
-- also 20, opened on day 20; at risk also Beta's 2000.
SELECT cases, contacted, in_time, overdue, expired, unreachable, recovered, reanswered, churned, observed, at_risk FROM loop WHERE grain = 'day' AND segment = 'all';
-- Day 0: gus and hal of 8 left in their 90 days, hal of the 5 contacted, gus of the 3 others.
SELECT churned, observed, churn, churn_contacted, round(churn_not_contacted::numeric, 4) AS churn_not
FROM closed_loop WHERE grain = 'day' AND segment = 'all' AND day(period_start) = 0;

ROLLBACK;
