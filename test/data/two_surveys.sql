-- A database as production has it, for test/t/dump.sh and test/t/pg_upgrade.sh: in schema crm tables of
-- answers, and over them surveys that were edited, granted and worked with:
--   Follow up               with cases, on a plain table under row-level security; not materialized
--   Parts                   materialized, on a partitioned table under row-level security
--   Customer satisfaction   materialized, on a plain table
--   Paused                  materialized, but its triggers are disabled
-- Run it in an empty database as a superuser; zone is a time zone in which midnight is hours away.  The
-- database has the roles regress_nps_owner, who may create in it, regress_nps_reader and regress_nps_actor.
-- All ages are a whole number of hours less half of one, so that no deadline passes while it is looked at.

CREATE SCHEMA "Ext 1";
CREATE EXTENSION nps SCHEMA "Ext 1";
GRANT USAGE ON SCHEMA "Ext 1" TO PUBLIC;
CREATE SCHEMA crm AUTHORIZATION regress_nps_owner;
SET SESSION AUTHORIZATION regress_nps_owner;
SET search_path = crm, "Ext 1";
SET jit = off;
GRANT USAGE ON SCHEMA crm TO regress_nps_reader, regress_nps_actor;

CREATE TYPE region AS ENUM ('north', 'south', 'east');
CREATE TEXT SEARCH CONFIGURATION words (COPY = pg_catalog.english);
CREATE FUNCTION raw(score text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN btrim(score, ' !');

-- Columns that are gone, and one that came later, so that their numbers change when it is restored.
CREATE TABLE answer (
	gone integer, id bigint PRIMARY KEY, customer text, company text, score text, gone_too text, at timestamptz, words text, region region,
	revenue numeric, renewal date, churned timestamptz, contactable boolean, manager text
);
ALTER TABLE answer DROP COLUMN gone, DROP COLUMN gone_too;
INSERT INTO answer
SELECT i, CASE WHEN i % 19 > 0 THEN 'c' || i % 83 END, 'company ' || i % 83 % 20,
	(ARRAY['10', '9', '3', ' 0!', '8', '7', '10', NULL, '5', 'n/a', '1', '6', '9', '11', '2'])[1 + (i * i + i / 7) % 15],
	now() - ((350 - i) * 23 + 4) * interval '1 hour' + interval '30 minutes',
	(ARRAY['Nobody answers the phone', 'too expensive', NULL, '<b>"''&\</b> ' || chr(8238) || 'x', '', 'delivery was late' || E'\n\twith a tab'])[1 + i % 6],
	(ARRAY['north', 'south', 'east', NULL])[1 + i % 4]::region, 1000 * (1 + i % 83 % 20), current_date + 20 + i % 83 % 20 * 10,
	CASE WHEN i % 83 IN (4, 5) THEN now() - interval '99 hours 30 minutes' END, i % 83 <> 7, CASE i % 3 WHEN 0 THEN 'ana' END
FROM generate_series(1, 350) i;
ALTER TABLE answer ADD COLUMN tickets integer DEFAULT 2;
CREATE INDEX ON answer (customer, at DESC, id DESC);
ALTER TABLE answer ENABLE ROW LEVEL SECURITY;
CREATE POLICY north_only ON answer FOR SELECT TO regress_nps_reader USING (region = 'north');
CREATE POLICY all_of_it ON answer TO regress_nps_actor USING (true);
GRANT SELECT ON answer TO regress_nps_reader, regress_nps_actor;

SELECT count(*) FROM nps_attach('answer', 'raw(score)', schema_name => 'Follow up', respondent => 'customer', account => 'company', responded_at => 'at',
	comment => 'words', segments => ARRAY['region', 'coalesce(manager, ''nobody'') AS "Run by <<zone>>"'], revenue => 'revenue',
	renewal_at => 'renewal', churned_at => 'churned', contactable => 'contactable', owner => 'manager', open_tickets => 'tickets',
	time_zone => :'zone', goal => 40, text_search_config => 'words');

-- The partitions have their columns in another order, one is partitioned again, and one was attached later.
CREATE TABLE part (id integer, plan text, score smallint, at timestamp, words text, PRIMARY KEY (id, plan)) PARTITION BY LIST (plan);
CREATE TABLE part_free PARTITION OF part FOR VALUES IN ('free');
CREATE TABLE part_pro (words text, at timestamp, plan text NOT NULL, id integer NOT NULL, gone integer, score smallint) PARTITION BY RANGE (id);
ALTER TABLE part_pro DROP COLUMN gone;
ALTER TABLE part ATTACH PARTITION part_pro FOR VALUES IN ('pro', 'team');
CREATE TABLE part_pro_low PARTITION OF part_pro FOR VALUES FROM (0) TO (200);
CREATE TABLE part_pro_high PARTITION OF part_pro DEFAULT;
CREATE TABLE part_rest PARTITION OF part DEFAULT;
INSERT INTO part SELECT i, (ARRAY['free', 'pro', 'team', 'other'])[1 + i % 4], nullif(i % 13, 12), timestamp '2026-01-01' + i * interval '7 hours',
	CASE i % 5 WHEN 0 THEN 'fine' END FROM generate_series(1, 400) i;
ALTER TABLE part ENABLE ROW LEVEL SECURITY;
CREATE POLICY not_free ON part FOR SELECT TO regress_nps_reader USING (plan <> 'free');
GRANT SELECT ON part TO regress_nps_reader;
SELECT count(*) FROM nps_attach('part', 'score', schema_name => 'Parts', response_id => 'id', responded_at => 'at', comment => 'words',
	segments => ARRAY['plan'], time_zone => :'zone');
CALL nps_materialize('Parts');

CREATE TABLE csat (id uuid PRIMARY KEY, answer integer, at date);
INSERT INTO csat SELECT md5(i::text)::uuid, i % 7, date '2026-01-01' + i / 4 FROM generate_series(1, 240) i;
GRANT SELECT ON csat TO regress_nps_reader;
SELECT count(*) FROM nps_attach('csat', 'answer', schema_name => 'Customer satisfaction', scale => 'csat5', responded_at => 'at', time_zone => :'zone');
SELECT count(*) FROM nps_attach('csat', 'answer', schema_name => 'Paused', scale => 'csat5', responded_at => 'at', filter => 'answer > 1', time_zone => :'zone');
CALL nps_materialize('Customer satisfaction');
CALL nps_materialize('Paused');
SELECT nps_notify('Paused');
ALTER TABLE csat DISABLE TRIGGER "nps_rollup_delete_Paused", DISABLE TRIGGER "nps_tell_Paused", ENABLE ALWAYS TRIGGER "nps_rollup_insert_Paused";

-- What people edit.
UPDATE "Follow up".playbook SET contact_hours = 7, owner = 'otto' WHERE score_from = 3;
DELETE FROM "Follow up".playbook WHERE score_from IN (7, 9);
INSERT INTO "Follow up".playbook SELECT 7, 7, false, 'nearly', NULL, 20, false, 'e-mail', 'thank', NULL, NULL, NULL, false, 'ours', NULL;
UPDATE "Follow up".survey SET work_days = 'Mon Tue Wed Thu Fri Sat Sun', work_from = '00:30', work_until = '23:30', fallback_owner = 'zoe', benchmark = 12.5;
UPDATE "Follow up".cause SET query = 'expensive' WHERE cause = 'price';
DELETE FROM "Follow up".cause WHERE cause = 'missing feature';
INSERT INTO "Follow up".cause (cause, query, team) VALUES ('ours', 'phone', 'support');
UPDATE "Follow up".cause SET fixed_at = now() - interval '1 hour 30 minutes' WHERE cause = 'ours';
DELETE FROM "Follow up".assumption WHERE unit = 'people';
UPDATE "Follow up".assumption SET source = 'measured by us' WHERE unit = 'months';
INSERT INTO "Follow up".team_member VALUES ('support', 'sue'), ('support', 'sam');
INSERT INTO "Follow up".holiday VALUES ('2026-12-25', 'Christmas');
DELETE FROM "Parts".playbook;

-- What they do.
SELECT nps_notify('Follow up');
UPDATE "Follow up".followup SET status = 'contacted', channel = 'phone', note = 'called'
WHERE case_id IN (SELECT case_id FROM "Follow up".followup ORDER BY case_id LIMIT 6);
INSERT INTO "Follow up".concern (case_id, concern, promise, promised_for)
SELECT case_id, 'broken', 'a new one', current_date + 7 FROM "Follow up".followup_case WHERE worked_on ORDER BY case_id LIMIT 4;
UPDATE "Follow up".concern SET delivered_at = now() WHERE concern_id = 2;
UPDATE "Follow up".followup SET status = 'closed', cause = 'ours', informed_at = now(), note = 'done'
WHERE case_id = (SELECT case_id FROM "Follow up".concern WHERE concern_id = 2);
UPDATE "Follow up".followup SET status = 'dismissed', dismiss_reason = 'test' WHERE case_id = (SELECT max(case_id) FROM "Follow up".followup);
UPDATE "Follow up".cause_customer SET told_at = now() WHERE cause = 'ours' AND respondent IN (SELECT min(respondent) FROM "Follow up".cause_customer WHERE cause = 'ours');
SELECT count(*) FROM nps_claim('Follow up', 'mailer', max_rows => 2, lease => '10 days');
INSERT INTO part VALUES (1001, 'pro', 10, '2026-05-01', NULL), (1002, 'new', 0, '2026-05-01', 'bad');
UPDATE part SET plan = 'pro', score = 9 WHERE id % 9 = 0;
DELETE FROM part WHERE id % 10 = 0;
UPDATE part_free SET score = 1 WHERE id % 24 = 0;
SELECT nps_compact('Parts');
DELETE FROM part WHERE id % 11 = 0;
INSERT INTO csat SELECT md5((1000 + i)::text)::uuid, 5, '2026-04-01' FROM generate_series(1, 9) i;
DELETE FROM csat WHERE answer = 2;

-- Rights: as nps_grant() gives them, and more and less than that.
SELECT nps_grant('Follow up', 'regress_nps_reader');
SELECT nps_grant('Follow up', 'regress_nps_actor', 'actor');
SELECT nps_grant('Parts', 'regress_nps_reader');
GRANT USAGE ON SCHEMA "Customer satisfaction" TO regress_nps_reader;
GRANT SELECT (responses, nps) ON "Customer satisfaction".summary TO regress_nps_reader;
GRANT SELECT, UPDATE (goal) ON "Customer satisfaction".survey TO regress_nps_reader;
REVOKE SELECT ON "Follow up".timeline FROM regress_nps_reader;
GRANT SELECT ON "Follow up".cause TO PUBLIC;
GRANT SELECT ON "Follow up".holiday TO regress_nps_actor WITH GRANT OPTION;
REVOKE DELETE, TRUNCATE ON "Follow up".playbook FROM regress_nps_owner;

-- What they built on it.
COMMENT ON SCHEMA "Follow up" IS 'the survey of ours';
COMMENT ON VIEW "Follow up".summary IS 'a comment of ours';
COMMENT ON COLUMN "Follow up".summary.nps IS 'another of ours';
CREATE VIEW crm.mine AS SELECT grain, period_start, nps, nps_points(5) FROM "Parts".trend WHERE grain IN ('month', 'year');
CREATE MATERIALIZED VIEW crm.by_month AS SELECT * FROM "Follow up".segment_trend WHERE grain = 'month';
CREATE TABLE crm.daily AS SELECT responded_at::date AS day, nps_tally_agg(score) AS tally FROM "Follow up".response GROUP BY 1;
CREATE INDEX ON crm.daily (tally);
CREATE INDEX ON crm.part (nps_category(score)) WHERE nps_is_detractor(score);
RESET SESSION AUTHORIZATION;
