-- Goes on with the surveys of test/data/two_surveys.sql, as their owner and as one who acts on cases: a new answer
-- is told of and is a case, cases go on by their rules and with their history, and rollups count.  What it
-- prints, errors last and without the number of the process, is in test/data/two_surveys_work.out.
\set ON_ERROR_STOP on
SET ROLE :owner;
LISTEN "Follow up";
BEGIN;
INSERT INTO crm.answer (id, customer, score, at, words) VALUES (1000, 'new', '0', now() - interval '30 minutes', 'phone');
COMMIT;
SELECT respondent, verdict, cause_suggested, responsible FROM "Follow up".followup WHERE case_id = 1000;
UNLISTEN *;
UPDATE "Follow up".concern SET delivered_at = now(), told_at = now() WHERE is_open;
UPDATE "Follow up".followup SET status = 'closed', cause = 'ours', informed_at = now()
WHERE case_id = (SELECT min(case_id) FROM "Follow up".followup_case WHERE finished_at IS NULL AND status = 'contacted') RETURNING status;
INSERT INTO "Follow up".concern (case_id, concern) VALUES (1000, 'no answer') RETURNING concern_id;
SELECT count(*) FROM "Follow up".followup_event WHERE new_value = 'closed';
INSERT INTO crm.part_pro_low (id, plan, score, at) VALUES (21, 'team', 0, '2026-02-03');
UPDATE crm.part SET plan = 'free' WHERE id = 23;
DELETE FROM crm.part_free WHERE id % 8 = 0;
INSERT INTO crm.csat VALUES (md5('x')::uuid, 5, '2026-02-03');
SELECT s.survey, "Ext 1".nps_rollup_serves(format('%I.rollup', s.survey)::regclass), (SELECT count(*) > 0 FROM "Ext 1".nps_verify(s.survey)) AS drifted
FROM "Ext 1".nps_surveys() s WHERE s.survey IN ('Customer satisfaction', 'Parts');
SET ROLE regress_nps_actor;
UPDATE "Follow up".followup SET status = 'contacted', channel = 'phone' WHERE case_id = 1000 RETURNING status;
SET ROLE :owner;
\set ON_ERROR_STOP off
\set VERBOSITY sqlstate
DELETE FROM "Follow up".followup_event;
DELETE FROM "Follow up".followup_case;
UPDATE "Follow up".followup SET status = 'closed' WHERE case_id = 1000;
INSERT INTO "Follow up".playbook VALUES (-1, 2, true, 'x', NULL, 1, true, 'x', 'x', NULL, NULL, NULL, true, NULL, NULL);
