-- A concern of a case that ended by itself: work on it takes the case up again, within the limits of reopening; beyond these it can
-- still be settled, and nothing else.  Saving it unchanged, or correcting what is settled, is no work.
\set SHOW_CONTEXT never
\getenv abs_srcdir PG_ABS_SRCDIR
SET client_min_messages = warning;
SET timezone = 'UTC';
SET jit = off;		-- compiling would take longer than running
BEGIN;
CREATE SCHEMA followup_ended;
SET search_path = followup_ended, loop, public;
CREATE TABLE answers (id integer PRIMARY KEY, who text, score integer, at timestamptz);
INSERT INTO answers SELECT i, 'c' || i, 4, now() - interval '100 days' FROM generate_series(1, 4) i;
SELECT count(*) > 0 AS attached FROM nps_attach('answers', 'score', respondent => 'who', responded_at => 'at',
	schema_name => 'loop', time_zone => 'UTC', loop_since => now() - interval '1 year');
\set helper :abs_srcdir '/sql/helper/done_or_refused.sql'
\i :helper
-- when the case was taken up, in the table and in the history
CREATE VIEW seen AS
SELECT f.case_id, f.status, f.ended, f.is_open, f.open_concerns, f.reopened_at - now() AS reopened,
	(SELECT count(*) FROM followup_event e WHERE e.case_id = f.case_id AND e.what_changed = 'reopened_at') AS told,
	(SELECT count(*) FROM followup_event e WHERE e.case_id = f.case_id) = (SELECT max(e.place) FROM followup_event e WHERE e.case_id = f.case_id) AS is_numbered
FROM followup_all f;

-- They expired ten days ago: a concern takes them up, and the history says so.
SELECT set_config('nps.actor', 'ana', true);
INSERT INTO concern (case_id, concern) VALUES (1, 'slow'), (1, 'wrong'), (2, 'slow'), (2, 'wrong'), (3, 'slow');
SELECT * FROM seen WHERE case_id < 4 ORDER BY case_id;
SELECT place, version, what_changed, actor, old_value, new_value IS NOT NULL AS is_now, happened_at = now() AS happened_now, concern_id IS NOT NULL AS is_by_a_concern
FROM followup_event WHERE case_id = 3 ORDER BY place;
SELECT kind, text FROM timeline WHERE respondent = 'c3' ORDER BY at, place;
-- after a step was undone, too, whose version it has
UPDATE followup SET note = 'a mistake' WHERE case_id = 3;
SELECT nps_undo('loop', '3');

-- And so it goes for 90 days more; then one of them gets a newer case.
ALTER TABLE followup_case DISABLE TRIGGER USER;
UPDATE followup_case SET reopened_at = now() - CASE WHEN case_id = 3 THEN interval '92 days' WHEN case_id = 2 THEN interval '190 days' ELSE interval '95 days' END;
UPDATE answers SET at = at - interval '200 days' WHERE id = 2;
UPDATE followup_case SET (opened_at, opening_at, facts_until) = (opened_at - interval '200 days', opening_at - interval '200 days', facts_until - interval '200 days') WHERE case_id = 2;
ALTER TABLE followup_case ENABLE TRIGGER USER;
INSERT INTO answers VALUES (11, 'c1', 4, now() - interval '1 day');
SELECT * FROM seen ORDER BY case_id;
-- case 1 has a newer one, and case 2 ended too long ago
SELECT error, detail, hint FROM refused(
	$$INSERT INTO concern (case_id, concern, answer) VALUES (1, 'new', 'and answered at once')$$,
	$$UPDATE concern SET promise = 'to mend it', promised_for = current_date WHERE case_id = 1 AND concern = 'slow'$$,
	$$UPDATE concern SET team = 'support' WHERE case_id = 1 AND concern = 'slow'$$,
	$$UPDATE concern SET promise = 'to mend it', promised_for = current_date WHERE case_id = 2 AND concern = 'slow'$$);
UPDATE concern SET concern = concern WHERE case_id < 4;
UPDATE concern SET answer = 'it is fast now' WHERE case_id IN (1, 2) AND concern = 'slow';
UPDATE concern SET declined_at = now() WHERE case_id IN (1, 2) AND concern = 'wrong';
SELECT * FROM seen ORDER BY case_id;
SELECT kind, text FROM timeline WHERE respondent = 'c1' AND kind <> 'answer' ORDER BY at, place;
-- what was settled by mistake is open again only where the case can be taken up
SELECT error FROM refused($$UPDATE concern SET declined_at = NULL WHERE case_id = 1 AND concern = 'wrong'$$);
UPDATE concern SET told_at = now(), compensation = 'a voucher' WHERE case_id IN (1, 2);
SELECT * FROM seen WHERE case_id < 3 ORDER BY case_id;
-- case 3 can be taken up, and is by work on its open concern, but not by a correction of what is settled
UPDATE concern SET concern = 'very slow' WHERE case_id = 3;
SELECT * FROM seen WHERE case_id = 3;
SELECT kind, text FROM timeline WHERE respondent = 'c3' ORDER BY at, place;
UPDATE concern SET answer = 'it is fast now' WHERE case_id = 3;
ALTER TABLE followup_case DISABLE TRIGGER USER;
UPDATE followup_case SET reopened_at = now() - interval '91 days' WHERE case_id = 3;
ALTER TABLE followup_case ENABLE TRIGGER USER;
UPDATE concern SET answer = 'it is very fast now' WHERE case_id = 3;
SELECT * FROM seen WHERE case_id = 3;

-- Where two customers become one, a case that the other's takes over has no answers between: they are in the other now.
INSERT INTO answers SELECT i, 'd' || i / 10, 4, now() - d * interval '1 day' FROM (VALUES (21, 9), (22, 8), (23, 7), (31, 8.5), (32, 6), (33, 5)) v(i, d);
SELECT nps_record('loop') > 1 AS recorded;
SELECT case_id, ended, answers, between_ids FROM followup_all WHERE respondent LIKE 'd_' ORDER BY case_id;
UPDATE answers SET who = 'd3' WHERE who = 'd2';
SELECT case_id, ended, answers, between_ids FROM followup_all WHERE respondent LIKE 'd_' ORDER BY case_id;
ROLLBACK;
