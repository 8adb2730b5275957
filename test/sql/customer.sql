-- Before the next contact with a customer: the look-up in one survey and in all of them, whom to tell what became of a cause,
-- and whom to ask again.
CREATE SCHEMA customer;
SET search_path = customer, public;
SET timezone = 'UTC';
SET client_min_messages = warning;

CREATE TABLE answer_given (id integer PRIMARY KEY, who text, firm text, score integer, at timestamptz, note text);
INSERT INTO answer_given VALUES
	(1, 'ada', 'Acme', 3, now() - interval '20 days', 'Far too expensive'),
	(2, 'ada', 'Acme', 9, now() - interval '90 days', NULL),
	(3, 'ben', 'Acme', 2, now() - interval '9 days', 'Much too expensive, and nobody answers the phone'),
	(4, 'cem', 'Bolt', 9, now() - interval '8 days', 'Splendid'),
	(5, 'dan', 'Bolt', 5, now() - interval '7 days', NULL);
CREATE TABLE star (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), who bigint, stars integer, at timestamptz);
INSERT INTO star (who, stars, at) VALUES (7, 1, now() - interval '2 days'), (8, 5, now() - interval '2 days');
SELECT count(*) > 0 AS attached FROM nps_attach('answer_given', 'score', 'c_nps', respondent => 'who', account => 'firm', responded_at => 'at', comment => 'note',
	time_zone => 'UTC', loop_since => '-infinity');
CREATE FUNCTION when_given(timestamptz) RETURNS timestamptz LANGUAGE plpgsql IMMUTABLE AS $$BEGIN RETURN $1; END$$;
SELECT count(*) > 0 AS attached FROM nps_attach('star', 'stars', 'c_star', respondent => 'who', responded_at => 'when_given(at)', scale => 'csat5', time_zone => 'UTC', loop_since => '-infinity');

-- the look-up
UPDATE c_nps.followup SET status = 'contacted', channel = 'phone', contacted_at = now() - interval '1 day', cause = 'price', assigned_to = 'eva', note = 'Wants the small plan.', actor = 'eva' WHERE respondent = 'ada';
INSERT INTO c_nps.concern (case_id, concern, promise, promised_for) VALUES (1, 'Price', 'An offer', current_date + 3);
SELECT respondent, account, last_score, last_comment, open_followup, followup_status, handle_with_care, case_id, open_cases, responsible, next_step, cause, cause_suggested,
	open_promises, next_promise_due = current_date + 3 AS promise_is_told, last_contact < now() AS contact_is_told, last_note
FROM c_nps.respondent ORDER BY respondent;
SELECT survey, account, responses, last_score, last_category, case_id, followup_status, responsible, next_step, cause, open_promises, last_note, account_open_cases FROM nps_customer('ada');
-- a survey whose customers are numbers has none with that name
SELECT survey, last_score, handle_with_care FROM nps_customer('7');
SELECT survey FROM nps_customer('nobody');
SELECT survey FROM nps_customer(NULL);
SELECT survey FROM nps_customer('ada', ARRAY['c_star']);
SELECT survey FROM nps_customer('ada', ARRAY['c_star', 'c_nps']);
SELECT survey FROM nps_customer('ada', ARRAY['elsewhere']);

-- code that the owner of a survey put into it does not run as the caller of the look-up
CREATE ROLE regress_nps_stranger;
GRANT CREATE ON DATABASE contrib_regression TO regress_nps_stranger;
CREATE SCHEMA customer_trap AUTHORIZATION regress_nps_stranger;
CREATE TABLE customer_trap.ran_as (who name);
GRANT INSERT, SELECT ON customer_trap.ran_as TO PUBLIC;
GRANT USAGE ON SCHEMA customer_trap, customer TO PUBLIC;
SET ROLE regress_nps_stranger;
CREATE FUNCTION customer_trap.canary(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN INSERT INTO customer_trap.ran_as VALUES (current_user); RETURN $1; END $$;
CREATE TABLE customer_trap.source (id integer PRIMARY KEY, who text, score integer, at timestamptz);
INSERT INTO customer_trap.source VALUES (1, 'ada', 1, now());
SELECT count(*) > 0 AS attached FROM nps_attach('customer_trap.source', 'score', 'c_trap', respondent => 'customer_trap.canary(who)', responded_at => 'at', time_zone => 'UTC', loop_since => '-infinity');
GRANT USAGE ON SCHEMA c_trap TO PUBLIC;
GRANT SELECT ON ALL TABLES IN SCHEMA c_trap TO PUBLIC;
GRANT SELECT ON customer_trap.source TO PUBLIC;
RESET ROLE;
TRUNCATE customer_trap.ran_as;
SET client_min_messages = notice;
SELECT survey FROM nps_customer('ada');
SELECT * FROM customer_trap.ran_as;
-- a caller who trusts them says so
SELECT survey FROM nps_customer('ada', ARRAY['c_trap']);
SELECT DISTINCT who = current_user AS as_me FROM customer_trap.ran_as;
-- nor does anything that somebody else put in place of a view
CREATE SCHEMA customer_planted;
CREATE TABLE customer_planted.survey (scale text CHECK (public.nps_is_scale(scale)));
ALTER SCHEMA customer_planted OWNER TO regress_nps_stranger;
SET ROLE regress_nps_stranger;
CREATE VIEW customer_planted.respondent WITH (security_invoker = true) AS SELECT customer_trap.canary('ada') AS respondent;
GRANT USAGE ON SCHEMA customer_planted TO PUBLIC;
GRANT SELECT ON customer_planted.respondent TO PUBLIC;
RESET ROLE;
TRUNCATE customer_trap.ran_as;
SELECT survey FROM nps_customer('ada');
SELECT * FROM customer_trap.ran_as;
DROP SCHEMA customer_planted CASCADE;
-- somebody who may not read a survey gets nothing from it
SET ROLE regress_nps_stranger;
SELECT survey FROM nps_customer('ada');
RESET ROLE;
-- a broken one does not keep the others from being read
ALTER FUNCTION customer_trap.canary(text) RENAME TO canary_gone;
CREATE OR REPLACE FUNCTION when_given(timestamptz) RETURNS timestamptz LANGUAGE plpgsql IMMUTABLE AS $$BEGIN RAISE EXCEPTION 'the clock stands still'; END$$;
SELECT survey FROM nps_customer('7');
SET client_min_messages = warning;

-- a plan and a fix of a cause: whom to tell, once each
UPDATE c_nps.cause SET planned_at = now() - interval '5 days', planned_fix = 'A small plan', planned_for = current_date + 30 WHERE cause = 'price';
SELECT respondent, named_in, planned_fix, planned_for = current_date + 30 AS planned_for, is_due, plan_is_due FROM c_nps.cause_customer WHERE cause = 'price' ORDER BY respondent;
UPDATE c_nps.cause_customer SET plan_told_at = now(), told_by = 'eva' WHERE cause = 'price' AND respondent = 'ada';
UPDATE c_nps.cause SET fixed_at = now() - interval '1 day' WHERE cause = 'price';
-- told of the plan, but not yet of the fix; once it is fixed nobody is told of the plan
SELECT respondent, told_at IS NOT NULL AS told, plan_told_at IS NOT NULL AS plan_told, told_by, is_due, plan_is_due FROM c_nps.cause_customer WHERE cause = 'price' ORDER BY respondent;
-- somebody else tells them of the fix
BEGIN;
SELECT set_config('nps.actor', 'fay', true);
UPDATE c_nps.cause_customer SET told_at = now() WHERE cause = 'price' AND respondent = 'ada';
COMMIT;
SELECT respondent, told_at IS NOT NULL AS told, plan_told_at IS NOT NULL AS plan_told, told_by, is_due, plan_is_due FROM c_nps.cause_customer WHERE cause = 'price' ORDER BY respondent;
-- a row that comes back unchanged records nothing
UPDATE c_nps.cause_customer SET cause = cause, told_at = told_at, told_by = told_by WHERE cause = 'price' AND respondent = 'ada';
SELECT what_changed, old_value IS NULL AS first, actor FROM c_nps.followup_event WHERE respondent = 'ada' ORDER BY at, what_changed;
-- complained after the fix: nothing to tell
INSERT INTO answer_given VALUES (6, 'fox', 'Acme', 4, now() - interval '1 hour', 'Still too expensive');
SELECT is_due, plan_is_due FROM c_nps.cause_customer WHERE cause = 'price' AND respondent = 'fox';
-- a concern that was raised after the fix is not an earlier complaint
INSERT INTO c_nps.concern (case_id, concern, cause) VALUES (5, 'Nobody rang', 'service experience');
UPDATE c_nps.cause SET fixed_at = now() - interval '2 days' WHERE cause = 'service experience';
SELECT respondent, named_in, is_due FROM c_nps.cause_customer WHERE cause = 'service experience' ORDER BY respondent;
-- if the plan or fix is in the future, there is nothing to tell yet
UPDATE c_nps.cause SET planned_at = now() + interval '1 day', fixed_at = now() + interval '2 days' WHERE cause = 'price';
SELECT respondent, is_due, plan_is_due FROM c_nps.cause_customer WHERE cause = 'price' ORDER BY respondent;
UPDATE c_nps.cause_customer SET plan_told_at = NULL WHERE cause = 'price' AND respondent = 'ada';
UPDATE c_nps.cause_customer SET planned_fix = 'Something' WHERE cause = 'price' AND respondent = 'ada';
UPDATE c_nps.cause_customer SET plan_told_at = '2190-01-01' WHERE cause = 'price' AND respondent = 'ben';
INSERT INTO c_nps.cause_told (cause, respondent) VALUES ('price', 'ben');

-- whom to ask again: everybody with a finished case, unless they have answered since, wait for us or want no contact
UPDATE c_nps.concern SET delivered_at = now() WHERE case_id = 1;
UPDATE c_nps.followup_all SET status = 'closed', informed_at = now() WHERE case_id = 1;
UPDATE c_nps.followup_all SET status = 'dismissed', dismiss_reason = 'misclick' WHERE case_id = 3;
SELECT respondent, account, case_id, status, opening_score, last_score, is_due, resurvey_on = (now() AT TIME ZONE 'UTC' + interval '2 months')::date AS in_two_months FROM c_nps.resurvey ORDER BY respondent;
UPDATE c_nps.survey SET resurvey_months = 0;
SELECT respondent, is_due FROM c_nps.resurvey ORDER BY respondent;
UPDATE c_nps.followup_all SET status = 'reopened' WHERE case_id = 3;
SELECT respondent FROM c_nps.resurvey ORDER BY respondent;
UPDATE c_nps.followup_all SET status = 'dismissed', dismiss_reason = 'opted_out' WHERE case_id = 3;
SELECT respondent FROM c_nps.resurvey ORDER BY respondent;
INSERT INTO answer_given VALUES (7, 'ada', 'Acme', 10, now() + interval '1 minute', NULL);
SELECT respondent FROM c_nps.resurvey ORDER BY respondent;

-- the order of events at the same instant
SELECT kind, text, actor FROM c_nps.timeline WHERE respondent = 'ada' AND kind <> 'answer' ORDER BY at, place;
UPDATE c_nps.followup SET snoozed_until = now() + interval '5 days', actor = 'eva' WHERE respondent = 'fox';
UPDATE c_nps.followup SET snoozed_until = NULL, actor = 'eva' WHERE respondent = 'fox';
UPDATE c_nps.followup SET status = 'contacted', channel = 'phone', actor = 'eva' WHERE respondent = 'fox';
BEGIN;
SELECT set_config('nps.actor', 'eva', true);
SELECT nps_undo('c_nps', '6');
COMMIT;
SELECT kind, actor FROM c_nps.timeline WHERE respondent = 'fox' AND kind <> 'answer' ORDER BY at, place;

RESET client_min_messages;
SET client_min_messages = error;
DROP SCHEMA customer, customer_trap, c_nps, c_star, c_trap CASCADE;
REVOKE ALL ON DATABASE contrib_regression FROM regress_nps_stranger;
DROP ROLE regress_nps_stranger;
