-- What the programs of test/clients find.  The times have microseconds.
-- Cases 1 to 20 are for the checks, in their order; 101 to 160 are for programs that claim.
SET client_min_messages = warning;
CREATE EXTENSION nps;
CREATE TABLE feedback (
	id bigint PRIMARY KEY,
	customer text,
	account text,
	score integer,
	at timestamptz,
	comment text,
	plan text,
	revenue numeric(12, 2),
	renewal_on date,
	left_at timestamptz,
	manager text
);
CREATE INDEX ON feedback (customer, at);
INSERT INTO feedback
SELECT i, 'customer ' || i, 'account ' || i % 7, 1, date_trunc('second', now()) - interval '10 days' + interval '123456 microseconds',
	'too expensive', CASE WHEN i % 2 = 0 THEN 'pro' END, 100.25 * i, current_date + 30, NULL, 'max'
FROM generate_series(1, 20) i;
INSERT INTO feedback (id, customer, score, at)
SELECT i, 'customer ' || i, 4 + i % 3, now() - i * interval '1 minute' FROM generate_series(101, 160) i;
-- For the reports: answers of more than a year, some of them no scores; customers who answered again, and one who left.
INSERT INTO feedback (id, customer, score, at, comment, plan, revenue)
SELECT 200 + i, 'customer ' || 200 + i % 50, CASE WHEN i % 40 = 0 THEN 99 ELSE i % 11 END, now() - i * interval '3 days', 'nobody helps', 'basic', 10 FROM generate_series(1, 200) i;
INSERT INTO feedback (id, customer, score, at, left_at) VALUES (500, 'customer 500', 2, now() - interval '9 days', now() - interval '1 day');
ANALYZE feedback;
SELECT FROM nps_attach('feedback', 'score', respondent => 'customer', account => 'account', responded_at => 'at', comment => 'comment',
	segments => ARRAY['plan'], revenue => 'revenue', renewal_at => 'renewal_on', churned_at => 'left_at', owner => 'manager',
	time_zone => 'Europe/Berlin', loop_since => '2000-01-01');
INSERT INTO feedback_nps.team_member VALUES ('support', 'sue');
INSERT INTO feedback_nps.holiday VALUES (current_date + 3, 'a holiday');
UPDATE feedback_nps.cause SET planned_at = now() - interval '1 hour' WHERE cause = 'price';
UPDATE feedback_nps.followup SET status = 'contacted', channel = 'phone', cause = 'price', contacted_at = now() - interval '1 day' WHERE case_id = 20;
INSERT INTO feedback_nps.concern (case_id, cause, concern, promise, promised_for) VALUES (20, 'price', 'the price', 'a discount', current_date + 5);
UPDATE feedback_nps.cause_customer SET plan_told_at = now() WHERE respondent = 'customer 20' AND cause = 'price';
