-- The view followup: who is on the list, in which order, what is to be done by
-- when, and how the playbook decides it.  All times are relative to
-- now(), which is constant within the transaction.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO, MDY';
SET intervalstyle = 'postgres';
SET jit = off;		-- compiling would take longer than running
BEGIN;
CREATE SCHEMA attach_followup;
SET search_path = attach_followup, public;

CREATE TABLE answers (
	id integer PRIMARY KEY,
	who text,
	score integer,
	hours_ago integer,
	words text DEFAULT 'because',
	firm text,
	yearly numeric,
	renewal date,
	gone timestamptz,
	may_call boolean,
	manager text,
	tickets integer,
	at timestamptz
);
CREATE FUNCTION set_time() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	NEW.at := now() - make_interval(hours => NEW.hours_ago);
	RETURN NEW;
END
$$;
CREATE TRIGGER set_time BEFORE INSERT OR UPDATE ON answers FOR EACH ROW EXECUTE FUNCTION set_time();
SELECT count(*) > 0 AS attached FROM nps_attach('answers', 'score', respondent => 'who', account => 'firm', responded_at => 'at',
	comment => 'words', revenue => 'yearly', renewal_at => 'renewal', churned_at => 'gone', contactable => 'may_call',
	owner => 'manager', open_tickets => 'tickets', schema_name => 'calls', time_zone => 'UTC', loop_since => '-infinity');

--
-- Who is on it, and under which case
--
INSERT INTO answers (id, who, score, hours_ago) VALUES
	(1, 'angry', 0, 2),
	(2, 'near miss', 6, 2),
	(3, 'passive', 7, 2),
	(4, 'promoter', 10, 2),
	(5, NULL, 0, 2),						-- anonymous
	(6, 'no answer', NULL, 2),
	(7, 'rubbish', 11, 2),
	-- a better answer later, and worse again
	(10, 'recovered', 3, 100), (11, 'recovered', 9, 10),
	(12, 'now passive', 3, 100), (13, 'now passive', 7, 10),
	(14, 'relapsed', 2, 200), (15, 'relapsed', 9, 100), (16, 'relapsed', 4, 10),
	-- unhappy three times in a row: one case, which the first answer opened
	(17, 'again', 9, 400), (18, 'again', 2, 300), (19, 'again', 5, 200), (20, 'again', 6, 5),
	-- a row that is no answer makes nobody happy
	(21, 'silent since', 3, 50), (22, 'silent since', NULL, 5), (23, 'silent since', 42, 4),
	-- the order of rows in the table does not matter
	(25, 'late row', 3, 5), (24, 'late row', 9, 500), (26, 'late row', 10, 90),
	-- at the same time: the one with the higher key is the newer
	(30, 'tie, bad last', 9, 7), (31, 'tie, bad last', 3, 7),
	(32, 'tie, good last', 3, 7), (33, 'tie, good last', 9, 7),
	-- without a time: older than all others
	(34, 'no time', 3, NULL),
	(35, 'no time, good', 9, NULL), (36, 'no time, good', 3, 20),
	(37, 'no time, bad', 3, NULL), (38, 'no time, bad', 9, 20),
	-- the window of 90 days is about the newest answer
	(40, 'just in', 3, 90 * 24 - 1), (41, 'just out', 3, 90 * 24 + 1),
	(42, 'old case', 3, 90 * 24 + 100), (43, 'old case', 3, 30),
	-- answers from the future: clocks go wrong
	(44, 'future', 3, -100),
	(45, 'better in future', 3, 10), (46, 'better in future', 9, -10);
INSERT INTO answers (id, who, score, hours_ago, gone, may_call) VALUES
	(50, 'churned', 0, 5, now(), NULL),
	(51, 'churned later', 3, 50, NULL, NULL), (52, 'churned later', 3, 5, now(), NULL),
	(53, 'do not call', 0, 5, NULL, false),
	(54, 'do call', 0, 5, NULL, true),
	(55, 'may now be called', 1, 50, NULL, false), (56, 'may now be called', 1, 5, NULL, true);

SELECT respondent, score, case_id, response_id, previous_score, responses, category, status
FROM calls.followup ORDER BY respondent COLLATE "C";
-- Everybody else has a reason not to be on the list.
SELECT DISTINCT who COLLATE "C" AS not_in FROM answers WHERE who NOT IN (SELECT respondent FROM calls.followup) ORDER BY 1;
-- One row for each respondent.
SELECT respondent AS twice FROM calls.followup GROUP BY respondent HAVING count(*) > 1;
-- The row shows the newest answer; its name is that of the one that opened the case.
SELECT f.respondent, f.response_id, f.case_id
FROM calls.followup f JOIN answers newest ON newest.id = f.response_id JOIN answers first ON first.id = f.case_id
WHERE newest.who <> f.respondent OR first.who <> f.respondent OR newest.score <> f.score
	OR newest.words <> f.comment OR newest.at IS DISTINCT FROM f.responded_at;

--
-- By when
--
-- The clock of a case that nobody has worked on is the earliest of those of its answers,
-- each by the playbook's rule for it; if their times are unknown there is no
-- clock.  What to do is decided by the worst of them.
SELECT f.respondent, f.next_due, its.next_due AS expected
FROM calls.followup f JOIN answers first ON first.id = f.case_id
CROSS JOIN LATERAL (SELECT min(a.score) AS worst, min(a.at + make_interval(hours => r.contact_hours)) AS next_due
	FROM answers a JOIN calls.playbook r ON a.score BETWEEN r.score_from AND r.score_to AND r.follow_up
	WHERE a.who = f.respondent AND (a.at >= first.at OR a.id = first.id)) its
JOIN calls.playbook p ON its.worst BETWEEN p.score_from AND p.score_to
WHERE f.next_due IS DISTINCT FROM its.next_due
	OR (f.due = 'late') IS DISTINCT FROM (f.next_due < now())
	OR f.overdue_hours IS DISTINCT FROM CASE WHEN f.due = 'late' THEN extract(epoch FROM now() - f.next_due)::double precision / 3600 END
	OR f.verdict <> p.verdict OR f.channel_advised <> p.channel OR f.guidance IS DISTINCT FROM p.guidance
	OR f.cancel_risk IS DISTINCT FROM p.cancel_risk OR f.inform_manager <> p.inform_manager OR f.severity <> p.severity;
SELECT respondent, due = 'late' AS late, overdue_hours, next_due - now() AS time_left, priority, priority_reason
FROM calls.followup
WHERE respondent IN ('angry', 'near miss', 'again', 'silent since', 'no time', 'future', 'just in', 'old case')
ORDER BY respondent COLLATE "C";
-- The end of the window, or the renewal if earlier; a renewal before the answer is past.
INSERT INTO answers (id, who, score, hours_ago, renewal) VALUES
	(60, 'renews soon', 3, 24, current_date + 10), (61, 'renews late', 3, 24, current_date + 500),
	(62, 'renewed', 3, 24, current_date - 10);
SELECT f.respondent, f.save_by - current_date AS days_left
FROM calls.followup f WHERE f.respondent IN ('renews soon', 'renews late', 'renewed') ORDER BY 1;
SELECT f.respondent, f.save_by FROM calls.followup f JOIN answers a ON a.id = f.response_id
WHERE f.save_by IS DISTINCT FROM least(a.at::date + 90, CASE WHEN a.renewal >= a.at::date THEN a.renewal END);

--
-- In which order: priority, severity, day due, revenue, time due, key
--
TRUNCATE answers;
INSERT INTO answers (id, who, score, hours_ago, yearly) VALUES
	(1, 'p3 severity 4, due later', 3, 1, 900),
	(2, 'p3 severity 4, due earlier', 3, 27, 10),
	(3, 'p3 severity 4, due earlier, more revenue', 3, 27, 20),
	(4, 'p3 severity 4, due earlier, no revenue', 3, 27, NULL),
	(5, 'p3 severity 4, due earlier, no revenue, next key', 3, 27, NULL),
	(6, 'p3 severity 7', 6, 3, 5000),
	(7, 'p2 late, severity 6', 5, 500, 5000),
	(8, 'p2 late, severity 5', 4, 49, NULL),
	(9, 'p1 severity 1, not late', 0, 1, NULL),
	(10, 'p1 severity 3, late', 2, 100, 9999),
	(11, 'p1 severity 2, late', 1, 100, NULL);
SELECT priority, due = 'late' AS late, respondent, revenue, priority_reason FROM calls.followup;
SELECT array_agg(respondent ORDER BY place) = array_agg(respondent ORDER BY priority, p.severity, next_due::date, f.revenue DESC NULLS LAST, next_due, case_id)
	AS in_order
FROM (SELECT *, row_number() OVER () AS place FROM calls.followup) f JOIN calls.playbook p ON f.score BETWEEN p.score_from AND p.score_to;

--
-- What to do next
--
TRUNCATE answers;
INSERT INTO answers (id, who, score, hours_ago, words, tickets) VALUES
	(1, 'said why', 3, 1, 'late again', NULL),
	(2, 'said nothing', 3, 1, NULL, NULL),
	(3, 'left it blank', 3, 1, '   ', 0),
	(4, 'said nothing, 4 tickets', 3, 1, NULL, 4),
	(5, 'said nothing, 5 tickets', 3, 1, NULL, 5),
	(6, 'said why, 5 tickets', 3, 1, 'broken', 5),
	(7, 'said why before', 3, 100, 'slow', NULL), (8, 'said why before', 4, 1, '', NULL),
	(9, 'near miss', 6, 1, 'hm', NULL), (10, 'near miss, said nothing', 6, 1, NULL, NULL),
	-- somebody who is to be called is not sent a question
	(11, 'personal, said nothing', 0, 1, NULL, NULL), (12, 'personal, said why', 2, 1, 'rude', NULL);
SELECT respondent, next_step FROM calls.followup ORDER BY case_id;
UPDATE calls.survey SET many_tickets = 4;
SELECT next_step AS with_4_tickets_enough FROM calls.followup WHERE respondent = 'said nothing, 4 tickets';
UPDATE calls.survey SET many_tickets = 5;

-- The default playbook.
SELECT score_from, score_to, follow_up, verdict, severity, personal, channel, contact_hours, inform_manager FROM calls.playbook ORDER BY score_from;
SELECT score_from, score_to, steps FROM calls.playbook ORDER BY score_from;
SELECT score_from, cancel_risk FROM calls.playbook WHERE cancel_risk IS NULL <> NOT follow_up OR guidance IS NULL <> NOT follow_up;
-- Compensation is for broken promises, and none is recorded.
SELECT DISTINCT score, steps FROM calls.followup ORDER BY score;
SELECT count(*) AS five_rules_know_it FROM calls.playbook WHERE steps LIKE '%compensate%';
SELECT count(*) AS nobody_is_offered_it FROM calls.followup WHERE steps LIKE '%compensate%';

--
-- Editing the playbook changes the view at once
--
TRUNCATE answers;
INSERT INTO answers (id, who, score, hours_ago, manager) VALUES
	(1, 'zero', 0, 30, NULL), (2, 'six', 6, 30, 'olga'), (3, 'eight', 8, 30, NULL), (4, 'ten', 10, 30, NULL),
	(5, 'six then eight', 6, 60, NULL), (6, 'six then eight', 8, 30, NULL);
SELECT respondent, priority, due = 'late' AS late, responsible FROM calls.followup;
UPDATE calls.playbook SET contact_hours = 48, personal = false, channel = 'carrier pigeon', verdict = 'sad', guidance = 'be kind',
	steps = 'compensate, fly, thank', owner = 'pete' WHERE score_from = 0;
UPDATE calls.playbook SET owner = 'not asked' WHERE score_from = 6;
UPDATE calls.survey SET fallback_owner = 'anybody';
SELECT respondent, priority, due = 'late' AS late, overdue_hours, next_step, channel_advised, verdict, guidance, steps, responsible FROM calls.followup;
-- Passives too, without a deadline; the case of the one who gave a 6 before is that older answer, which has a deadline, and its rule decides the owner.
UPDATE calls.playbook SET follow_up = true WHERE score_from = 7;
SELECT respondent, case_id, response_id, priority, next_due IS NULL AS no_deadline, overdue_hours, next_step, responsible FROM calls.followup ORDER BY case_id;
-- Promoters, split into two rules.
UPDATE calls.playbook SET score_to = 9 WHERE score_from = 9;
SELECT count(*) AS a_score_without_a_rule_is_no_work FROM calls.followup WHERE score = 10;
INSERT INTO calls.playbook (score_from, score_to, follow_up, verdict, severity, personal, channel, steps, contact_hours, inform_manager)
	VALUES (10, 10, true, 'fan', 9, false, 'e-mail', 'ask for a quote', 240, false);
SELECT respondent, next_step, due = 'late' AS late FROM calls.followup WHERE score = 10;
-- No follow-up at all for 0.
UPDATE calls.playbook SET follow_up = false WHERE score_from = 0;
SELECT string_agg(respondent, ', ' ORDER BY case_id) AS still_in FROM calls.followup;
-- Rules must not overlap or be nonsense.
SAVEPOINT before_error;
INSERT INTO calls.playbook VALUES (5, 6, true, 'twice', NULL, 1, true, 'phone', 'call', 24, 24, 24, true, NULL, NULL);
ROLLBACK TO before_error;
UPDATE calls.playbook SET score_to = 7 WHERE score_from = 6;
ROLLBACK TO before_error;
UPDATE calls.playbook SET score_to = 3 WHERE score_from = 6;
ROLLBACK TO before_error;
UPDATE calls.playbook SET contact_hours = 0 WHERE score_from = 6;
ROLLBACK TO before_error;
UPDATE calls.playbook SET steps = 'contact -> listen -> compensate' WHERE score_from = 6;
ROLLBACK TO before_error;
UPDATE calls.playbook SET contact_hours = 2000000000 WHERE score_from = 6;
ROLLBACK TO before_error;
INSERT INTO calls.survey (only_row, scale, time_zone, loop_since, attached_with) SELECT false, scale, time_zone, loop_since, attached_with FROM calls.survey;
ROLLBACK TO before_error;
-- The window.
UPDATE calls.survey SET follow_up_days = 1;
SELECT count(*) AS nobody_within_a_day FROM calls.followup;
UPDATE calls.survey SET follow_up_days = 2;
SELECT count(*) > 0 AS somebody_within_two FROM calls.followup;
-- A better answer takes the respondent off the list at once.
SELECT count(*) AS one FROM calls.followup WHERE respondent = 'six';
INSERT INTO answers (id, who, score, hours_ago) VALUES (7, 'six', 9, 1);
SELECT count(*) AS none FROM calls.followup WHERE respondent = 'six';
DELETE FROM answers WHERE id = 7;
SELECT count(*) AS one_again FROM calls.followup WHERE respondent = 'six';
COMMIT;

--
-- Other scales: everybody below neutral is to be followed up
--
CREATE TABLE opinions (id integer PRIMARY KEY, who integer, score numeric, at timestamptz DEFAULT now());
INSERT INTO opinions SELECT i, i, i FROM generate_series(0, 7) i;
INSERT INTO opinions VALUES (8, 8, 34.9), (9, 9, 35), (10, 10, 0.5), (11, 11, 34.999999), (12, 12, 70);
SELECT s.scale, r.* FROM nps_scales() s
CROSS JOIN LATERAL (SELECT count(*) > 0 AS objects FROM nps_attach('opinions', 'score', respondent => 'who', responded_at => 'at', scale => s.scale, schema_name => 'calls_' || s.scale, loop_since => '-infinity')) r
ORDER BY s.scale COLLATE "C";
SELECT 'nps' AS scale, string_agg(score::text, ' ' ORDER BY score) AS to_be_followed_up FROM calls_nps.followup
UNION ALL SELECT 'csat5', string_agg(score::text, ' ' ORDER BY score) FROM calls_csat5.followup
UNION ALL SELECT 'csat7', string_agg(score::text, ' ' ORDER BY score) FROM calls_csat7.followup
UNION ALL SELECT 'ces5', string_agg(score::text, ' ' ORDER BY score) FROM calls_ces5.followup
UNION ALL SELECT 'ces7', string_agg(score::text, ' ' ORDER BY score) FROM calls_ces7.followup
UNION ALL SELECT 'ces5_reversed', string_agg(score::text, ' ' ORDER BY score) FROM calls_ces5_reversed.followup
UNION ALL SELECT 'health', string_agg(score::text, ' ' ORDER BY score) FROM calls_health.followup;
-- The worse comes first, also within one rule; where a high score is bad, that.
SELECT (SELECT string_agg(score::text, ' ') FROM (SELECT score FROM calls_health.followup) f) AS health,
	(SELECT string_agg(score::text, ' ') FROM (SELECT score FROM calls_ces5_reversed.followup) f) AS reversed;
-- All detractors and nobody else, on every scale.
CREATE FUNCTION not_as_categories(survey text) RETURNS TABLE (scale text, respondent integer, score double precision, category text)
LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format($q$SELECT %1$L::text, r.respondent, r.score::double precision, r.category FROM calls_%1$s.response r
		LEFT JOIN calls_%1$s.followup f ON f.respondent = r.respondent
		WHERE (r.category = 'detractor') <> (f.respondent IS NOT NULL)$q$, survey);
END
$$;
SELECT n.* FROM nps_scales() s CROSS JOIN LATERAL not_as_categories(s.scale) n;
-- Each score has exactly one rule in the default playbook of its scale.
SELECT s.scale, score, count(p.score_from) AS rules
FROM nps_scales() s CROSS JOIN LATERAL generate_series(s.min_score::integer, s.max_score::integer) score
LEFT JOIN LATERAL nps_default_playbook(s.scale) p ON score BETWEEN p.score_from AND p.score_to
GROUP BY s.scale, score HAVING count(p.score_from) <> 1;
SELECT s.scale, score, nps_category(score, s.scale) AS category, p.verdict
FROM nps_scales() s CROSS JOIN LATERAL generate_series(s.min_score::integer, s.max_score::integer) score
JOIN LATERAL nps_default_playbook(s.scale) p ON score BETWEEN p.score_from AND p.score_to
WHERE p.follow_up <> (nps_category(score, s.scale) = 'detractor')
	OR (p.verdict = 'passive') <> (nps_category(score, s.scale) = 'passive')
	OR (p.verdict = 'promoter') <> (nps_category(score, s.scale) = 'promoter');
SELECT score_from, score_to, severity, steps FROM calls_ces5_reversed.playbook ORDER BY severity;

--
-- Impossible times do not break the list.  (to_jsonb: every column is computed.)
--
CREATE TABLE impossible (id integer PRIMARY KEY, who text, score integer, at timestamptz, words text);
SELECT count(*) > 0 AS attached FROM nps_attach('impossible', 'score', respondent => 'who', responded_at => 'at', comment => 'words', schema_name => 'calls_impossible', loop_since => '-infinity');
INSERT INTO impossible VALUES (1, 'never', 3, 'infinity'), (2, 'ever', 3, '-infinity');
SELECT to_jsonb(f) ->> 'respondent' AS respondent, due = 'late' AS late FROM calls_impossible.followup f;
INSERT INTO impossible VALUES (3, 'ever', 3, now() - interval '1 hour');
SELECT to_jsonb(f) ->> 'respondent' AS respondent, case_id, response_id, due = 'late' AS late FROM calls_impossible.followup f ORDER BY case_id;
UPDATE impossible SET at = '4714-11-24 00:00:00+00 BC' WHERE id = 2;
UPDATE impossible SET at = '294276-12-31 23:59:59+00' WHERE id = 1;
SELECT to_jsonb(f) ->> 'respondent' AS respondent, case_id, response_id, due = 'late' AS late FROM calls_impossible.followup f ORDER BY case_id;
-- Whatever number of days is set, the list can be read or the number is refused.
DO $$
BEGIN
	UPDATE calls_impossible.survey SET follow_up_days = 2147483647;
EXCEPTION WHEN check_violation THEN
	NULL;
END
$$;
SELECT count(*) AS two FROM calls_impossible.followup;

--
-- The time that the list takes grows with the answers, not with their square:
-- with 20,000 respondents well below a second
--
CREATE TABLE many (id integer PRIMARY KEY, who integer, score integer, at timestamptz);
INSERT INTO many SELECT i, i % 20000, i % 11, now() - i * interval '1 minute' FROM generate_series(1, 30000) i;
SELECT count(*) > 0 AS attached FROM nps_attach('many', 'score', respondent => 'who', responded_at => 'at', schema_name => 'calls_many', loop_since => '-infinity');
ANALYZE many;
ANALYZE calls_many.playbook;
ANALYZE calls_many.survey;
SET statement_timeout = '10s';
SELECT count(*) AS cases FROM calls_many.followup;
RESET statement_timeout;
-- Detractors now, and those who still have to be called despite a better answer.
SELECT count(*) AS cases FROM (SELECT (array_agg(score ORDER BY at DESC))[1] AS newest, min(score) AS worst FROM many GROUP BY who) a WHERE newest <= 6 OR worst <= 2;

SET search_path = public;
DROP SCHEMA attach_followup, calls, calls_nps, calls_csat5, calls_csat7, calls_ces5, calls_ces7, calls_ces5_reversed, calls_health, calls_impossible, calls_many CASCADE;
