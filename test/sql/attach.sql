-- nps_attach(): what it accepts and what it makes.  Sources of every kind,
-- every mapping argument as column and as expression, names and types of the
-- views' columns, comments, owner, time zones, names of schemas.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO, MDY';
CREATE SCHEMA attach_test;
SET search_path = attach_test, public;

--
-- One call, with everything mapped
--
CREATE TABLE response_form (
	id integer PRIMARY KEY,
	person varchar(20),
	firm text,
	answered timestamptz,
	score smallint,
	words text,
	region text,
	plan text,
	yearly numeric(10,2),
	renewal date,
	gone timestamp,
	may_call boolean,
	manager name,
	tickets integer
);
INSERT INTO response_form VALUES
	(1, 'ann', 'Acme', '2024-03-01 10:00+00', 9, 'good', 'north', 'pro', 100.50, '2024-12-31', NULL, true, 'olga', 0),
	(2, 'bob', 'Acme', '2024-03-02 23:30+00', 3, 'bad', 'south', 'free', 200, NULL, '2024-05-01 12:00', false, NULL, 7),
	(3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	(4, 'cid', NULL, '2024-03-03 00:00+00', 42, '  ', 'north', 'free', NULL, NULL, NULL, NULL, NULL, NULL);

SELECT * FROM nps_attach('response_form', 'score', respondent => 'person', account => 'firm',
	responded_at => 'answered', comment => 'words', segments => ARRAY['region', 'upper(plan) AS tariff'],
	revenue => 'yearly', renewal_at => 'renewal', churned_at => 'gone', contactable => 'may_call',
	owner => 'manager', open_tickets => 'tickets', goal => 40, loop_since => '-infinity');
SELECT * FROM nps_objects('response_form_nps');

SELECT count(*) AS eight_objects,
	bool_and(object LIKE 'response\_form\_nps.%') AS all_in_the_default_schema
FROM (SELECT c.oid::regclass::text AS object FROM pg_class c
	WHERE relnamespace = 'response_form_nps'::regnamespace AND relkind IN ('r', 'v')) o;

-- Each view has the documented columns, in that order, with these types: a row
-- for each difference.
WITH documented (view, columns) AS (VALUES
	('response', 'response_id integer, respondent character varying(20), account text, score smallint, category text,'
		' nps_points double precision, responded_at timestamp with time zone, comment text, has_comment boolean,'
		' region text, tariff text, revenue numeric(10,2)'),
	('not_counted', 'response_id integer, raw_score text, reason text, respondent character varying(20),'
		' responded_at timestamp with time zone, asked_at timestamp with time zone'),
	('summary', 'responses bigint, detractors bigint, passives bigint, promoters bigint,'
		' detractor_share double precision, passive_share double precision, promoter_share double precision,'
		' nps double precision, nps_low double precision, nps_high double precision, mean_score double precision,'
		' unanswered bigint, rejected bigint, response_rate double precision, comment_share double precision,'
		' goal double precision, gap double precision, benchmark double precision, first_answer date, last_answer date,'
		' warning text, satisfied_share double precision, satisfied_low double precision, satisfied_high double precision'),
	('counted', 'response_id integer, respondent character varying(20), account text, score smallint, category text,'
		' nps_points double precision, rule_score smallint, responded_at timestamp with time zone, local_time'
		' timestamp without time zone, comment text, has_comment boolean, region text, tariff text, revenue'
		' numeric(10,2), renewal_at date, churned_at timestamp with time zone, contactable boolean, owner text,'
		' open_tickets bigint, received_at timestamp with time zone, wants_contact boolean, topic text, opens_at'
		' timestamp with time zone'),
	('cause_mention', 'cause text, response_id integer, respondent character varying(20), account text, score smallint,'
		' responded_at timestamp with time zone, comment text, revenue numeric(10,2), churned_at timestamp with time zone,'
		' contactable boolean, named_in text, named_at timestamp with time zone'),
	('distribution', 'score smallint, category text, responses bigint, share double precision'),
	('distribution_trend', 'grain text, period_start date, period_end date, is_partial boolean, score smallint, category text, responses bigint, share double precision'),
	('followup', 'priority integer, due text, next_step text, next_due timestamp with time zone, respondent character varying,'
		' account text, score smallint, comment text, responsible text, status text, case_id integer, version integer,'
		' topic text, priority_reason text, response_id integer, category text, verdict text, severity smallint, cancel_risk text,'
		' responded_at timestamp with time zone, worst_score smallint, previous_score smallint, responses bigint, answers bigint, wants_contact boolean,'
		' responsible_team text, cause text, cause_suggested text, remedy text, channel text, channel_advised text,'
		' steps text, guidance text, inform_manager boolean, save_by date, overdue_hours double precision,'
		' open_concerns bigint, next_promise_due date, revenue numeric(10,2), revenue_at_risk numeric, escalated_to'
		' text, assigned_to text, team text, plan text, desired_outcome text, dismiss_reason text, snoozed_until'
		' timestamp with time zone, waiting_since timestamp with time zone, acknowledged_at timestamp with time zone,'
		' asked_at timestamp with time zone, attempted_at timestamp with time zone, attempts integer, contacted_at'
		' timestamp with time zone, resolved_at timestamp with time zone, informed_at timestamp with time zone,'
		' closed_at timestamp with time zone, last_note text, last_note_at timestamp with time zone, last_actor text,'
		' leased_to text, leased_until timestamp with time zone, recorded boolean, worked_on boolean, note text, actor'
		' text, renewal_at date'),
	('trend', 'grain text, period_start date, period_end date, is_partial boolean, responses bigint, detractors bigint, passives bigint, promoters bigint, detractor_share double precision,'
		' passive_share double precision, promoter_share double precision, nps double precision, nps_low double precision,'
		' nps_high double precision, mean_score double precision,'
		' unanswered bigint, rejected bigint, response_rate double precision, comment_share double precision,'
		' change_from date, change double precision, change_low double precision, change_high double precision, change_p_value double precision, change_p_adjusted double precision,'
		' year_change double precision, year_change_low double precision, year_change_high double precision, year_change_p_value double precision'),
	('paired_trend', 'grain text, period_start date, period_end date, is_partial boolean, responses bigint, detractors bigint, passives bigint, promoters bigint, detractor_share double precision, passive_share double precision, promoter_share double precision, nps double precision, nps_low double precision,'
		' nps_high double precision, mean_score double precision, change_from date, nps_before double precision, paired_change double precision, paired_change_low double precision,'
		' paired_change_high double precision, paired_change_p_value double precision'),
	('segment', 'segment text, value text, responses bigint, detractors bigint, passives bigint, promoters bigint, detractor_share double precision,'
		' passive_share double precision, promoter_share double precision, nps double precision, nps_low double precision,'
		' nps_high double precision, mean_score double precision,'
		' share double precision, contribution double precision, impact double precision, difference double precision,'
		' difference_low double precision, difference_high double precision, difference_p_value double precision, difference_p_adjusted double precision'),
	('segment_trend', 'grain text, period_start date, period_end date, is_partial boolean, segment text, value text, responses bigint, detractors bigint, passives bigint, promoters bigint, detractor_share double precision,'
		' passive_share double precision, promoter_share double precision, nps double precision, nps_low double precision,'
		' nps_high double precision, mean_score double precision,'
		' share double precision, contribution double precision, impact double precision, difference double precision,'
		' difference_low double precision, difference_high double precision, difference_p_value double precision, difference_p_adjusted double precision, change_from date,'
		' change double precision, change_low double precision, change_high double precision, change_p_value double precision, change_p_adjusted double precision, year_change double precision, year_change_low double precision, year_change_high double precision, year_change_p_value double precision,'
		' rate_effect double precision, mix_effect double precision'),
	('respondent', 'respondent character varying(20), account text, responses bigint, first_answer timestamp with time'
		' zone, last_answer timestamp with time zone, last_score smallint, last_category text, previous_score smallint,'
		' previous_category text, change double precision, open_followup boolean, followup_status text, handle_with_care'
		' boolean, revenue numeric(10,2), churned_at timestamp with time zone, last_comment text, case_id integer, open_cases'
		' bigint, responsible text, next_step text, next_due timestamp with time zone, cause text, cause_suggested text,'
		' open_promises bigint, next_promise_due date, last_contact timestamp with time zone, last_note text'),
	('account', 'account text, respondents bigint, responses bigint, detractors bigint, passives bigint, promoters bigint,'
		' detractor_share double precision, passive_share double precision, promoter_share double precision, nps double'
		' precision, nps_low double precision, nps_high double precision, mean_score double precision, revenue numeric,'
		' revenue_at_risk numeric, silent boolean'),
	('transition', 'from_category text, to_category text, respondents bigint, share double precision, median_days double'
		' precision, followed_up bigint'),
	('followup_all', 'priority integer, due text, next_step text, next_due timestamp with time zone, respondent character varying,'
		' account text, score smallint, comment text, responsible text, status text, case_id integer, version integer,'
		' topic text, priority_reason text, response_id integer, category text, verdict text, severity smallint, cancel_risk text,'
		' responded_at timestamp with time zone, worst_score smallint, previous_score smallint, responses bigint, answers bigint, wants_contact boolean,'
		' responsible_team text, cause text, cause_suggested text, remedy text, channel text, channel_advised text,'
		' steps text, guidance text, inform_manager boolean, save_by date, overdue_hours double precision,'
		' open_concerns bigint, next_promise_due date, revenue numeric(10,2), revenue_at_risk numeric, escalated_to'
		' text, assigned_to text, team text, plan text, desired_outcome text, dismiss_reason text, snoozed_until'
		' timestamp with time zone, waiting_since timestamp with time zone, acknowledged_at timestamp with time zone,'
		' asked_at timestamp with time zone, attempted_at timestamp with time zone, attempts integer, contacted_at'
		' timestamp with time zone, resolved_at timestamp with time zone, informed_at timestamp with time zone,'
		' closed_at timestamp with time zone, last_note text, last_note_at timestamp with time zone, last_actor text,'
		' leased_to text, leased_until timestamp with time zone, recorded boolean, worked_on boolean, note text, actor'
		' text, renewal_at date, is_open boolean, is_recorded boolean, is_gone boolean, is_renewed boolean, has_newer'
		' boolean, is_personal boolean, is_broken_now boolean, ended text, ended_at timestamp with time zone, over_at'
		' timestamp with time zone, opened_at timestamp with time zone, opening_score double precision,'
		' opening_at timestamp with time zone, first_answer_at timestamp with time zone, between_ids text, better_at timestamp with time zone, uncovered_since timestamp with'
		' time zone, uncovered_until timestamp with time zone, acknowledge_due timestamp with time zone,'
		' first_contact_due timestamp with time zone, contact_due timestamp with time zone, resolve_due timestamp with'
		' time zone, renewed_resolve_due timestamp with time zone, inform_due timestamp with time zone,'
		' acknowledged_late boolean, first_acknowledged_at timestamp with time zone, acknowledge_backdated boolean, contacted_late boolean, resolved_late boolean, informed_late boolean, is_missed'
		' boolean, first_contacted_at timestamp with time zone, contact_backdated boolean, first_resolved_at timestamp'
		' with time zone, first_resolve_due timestamp with time zone, resolve_backdated boolean, first_informed_at'
		' timestamp with time zone, first_inform_due timestamp with time zone, inform_backdated boolean, renewals'
		' integer, recontacted_in_time integer, recontacted_late integer, recontacted_backdated integer,'
		' unreachable_at timestamp with time zone, dismissed_at timestamp with time zone, reopened_at timestamp with'
		' time zone, finished_at timestamp with time zone, figured_responsible text, figured_team text, is_contactable'
		' boolean, contactable boolean, churned_at timestamp with time zone, hours_to_acknowledge double precision,'
		' hours_to_contact double precision, work_hours_to_contact double precision, hours_to_resolve double'
		' precision, work_hours_to_resolve double precision, hours_to_close double precision, waited_hours double'
		' precision, promises bigint, kept_promises bigint, broken_promises bigint, moved_promises bigint, outcome'
		' text, outcome_at timestamp with time zone, recovery_known boolean, is_recovered boolean, resurvey_on date'),
	('closed_loop', 'grain text, period_start date, period_end date, is_partial boolean, segment text, value text, cases bigint,'
		' open bigint, late bigint, renewed bigint, contacted bigint, contacted_in_time bigint, contacted_backdated'
		' bigint, recontacted bigint, recontacted_in_time bigint, recontacted_backdated bigint, missed bigint, expired'
		' bigint, answered_better bigint, unreachable bigint, dismissed bigint, dismissed_late bigint, not_contactable'
		' bigint, gone bigint, recorded bigint, coverage double precision, contact_in_time_rate double precision,'
		' recontact_in_time_rate double precision, acknowledged bigint, acknowledged_in_time bigint, acknowledge_in_time_rate double precision, resolved bigint,'
		' resolved_in_time bigint, resolve_in_time_rate double precision, informed bigint, informed_in_time bigint,'
		' inform_in_time_rate double precision, closed bigint, reopened bigint, waited_hours double precision,'
		' promises bigint, promises_kept bigint, promises_broken bigint, promises_moved bigint,'
		' median_hours_to_contact double precision, median_work_hours_to_contact double precision,'
		' median_hours_to_resolve double precision, median_hours_to_close double precision, recovery_known bigint,'
		' recovered bigint, recovery_rate double precision, recovered_alone_known bigint, recovered_alone bigint,'
		' recovered_alone_rate double precision, churned bigint, churn_known_contacted bigint, churn_rate_contacted'
		' double precision, churn_known_not_contacted bigint, churn_rate_not_contacted double precision, assumed_churn'
		' double precision, revenue_at_risk numeric'),
	('resurvey', 'respondent character varying, account text, resurvey_on date, is_due boolean, case_id integer, status'
		' text, finished_at timestamp with time zone, opening_score double precision, last_score smallint, last_answer'
		' timestamp with time zone'),
	('cause_report', 'cause text, team text, respondents bigint, share double precision, change double precision, impact double'
		' precision, revenue numeric, remedy text, fixed_at timestamp with time zone, share_before_fix double precision,'
		' share_after_fix double precision, fix_p_value double precision, cases bigint'),
	('cause_customer', 'cause text, team text, respondent character varying(20), account text, response_id integer, score'
		' smallint, comment text, responded_at timestamp with time zone, named_in text, named_at timestamp with time zone,'
		' planned_at timestamp with time zone, planned_fix text, planned_for date, fixed_at timestamp with time zone, told_at'
		' timestamp with time zone, plan_told_at timestamp with time zone, told_by text, is_due boolean, plan_is_due boolean'),
	('case_answer', 'response_id integer, case_id integer, respondent character varying'),
	('timeline', 'respondent character varying, account text, at timestamp with time zone, kind text, case_id integer,'
		' score smallint, text text, actor text, response_id integer, place integer'),
	('cause', 'cause text, query text, team text, remedy text, planned_at timestamp with time zone, planned_fix text,'
		' planned_for date, breaks_promise boolean, fixed_at timestamp with time zone'),
	('team_member', 'team text, person text, active boolean, away_from date, away_until date'),
	('holiday', 'day date, name text'),
	('assumption', 'assumption text, low double precision, high double precision, unit text, source text'),
	('followup_case', 'case_id integer, respondent character varying, topic text, version integer, status text, assigned_to text,'
		' team text, channel text, cause text, plan text, desired_outcome text, dismiss_reason text, snoozed_until'
		' timestamp with time zone, waiting_since timestamp with time zone, acknowledged_at timestamp with time zone,'
		' asked_at timestamp with time zone, attempted_at timestamp with time zone, attempts integer, contacted_at'
		' timestamp with time zone, resolved_at timestamp with time zone, informed_at timestamp with time zone,'
		' closed_at timestamp with time zone, unreachable_at timestamp with time zone, dismissed_at timestamp with'
		' time zone, reopened_at timestamp with time zone, note text, actor text, last_note text, last_note_at'
		' timestamp with time zone, last_actor text, leased_to text, leased_until timestamp with time zone, recorded'
		' boolean, worked_on boolean, recorded_at timestamp with time zone, facts_until timestamp with time zone, facts_id integer, between_ids text,'
		' opened_at timestamp with time zone, opening_score double precision, opening_at timestamp with time zone, acknowledge_due timestamp with time'
		' zone, contact_due timestamp with time zone, renewed_due timestamp with time zone, resolve_due timestamp with'
		' time zone, inform_due timestamp with time zone, responsible text, responsible_team text, responsible_since'
		' timestamp with time zone, contactable boolean, uncontactable_since timestamp with time zone, churned_at'
		' timestamp with time zone, ended text, ended_at timestamp with time zone, stays_until timestamp with time'
		' zone, first_contacted_at timestamp with time zone, contact_entered_at timestamp with time zone, first_acknowledged_at timestamp with time zone, acknowledge_entered_at timestamp with time zone,'
		' covered_until timestamp with time zone, covered_id integer, covered_score double precision, renewals integer, recontacted_in_time integer,'
		' recontacted_late integer, recontacted_backdated integer, left_renewed boolean, attempts_since timestamp with time zone,'
		' attempts_running integer, attempt_days integer, first_resolved_at timestamp with time zone,'
		' first_resolve_due timestamp with time zone, resolve_entered_at timestamp with time zone, first_informed_at'
		' timestamp with time zone, first_inform_due timestamp with time zone, inform_entered_at timestamp with time'
		' zone, waited_hours double precision, snoozed_hours double precision, snoozed_since timestamp with time zone,'
		' finished_at timestamp with time zone, finish_entered_at timestamp with time zone, finished_until timestamp'
		' with time zone, finished_id integer, open_promises integer, events integer, before_step text'),
	('followup_event', 'event_id uuid, case_id integer, place integer, version integer, at timestamp with time zone, actor text,'
		' db_role text, session_role text, what_changed text, old_value text, new_value text, note text, happened_at'
		' timestamp with time zone, concern_id bigint, respondent character varying, cause text'),
	('concern', 'concern_id bigint, case_id integer, cause text, concern text, answer text, promise text, team text,'
		' planned_for date, promised_for date, compensation text, raised_at timestamp with time zone, delivered_at'
		' timestamp with time zone, declined_at timestamp with time zone, told_at timestamp with time zone, moved'
		' integer, broken boolean, backdated boolean, is_open boolean'),
	('cause_told', 'cause text, respondent character varying, told_at timestamp with time zone, told_by text, plan_told_at'
		' timestamp with time zone'),
	('answer', 'response_id integer, respondent character varying(20), account text, responded_at timestamp with time zone,'
		' asked_at timestamp with time zone, raw_score smallint, score smallint, rejection text, comment text, revenue'
		' numeric(10,2), renewal_at date, churned_at timestamp with time zone, contactable boolean, owner text,'
		' open_tickets bigint, received_at timestamp with time zone, wants_contact boolean, topic text, region text,'
		' tariff text'),
	('survey', 'only_row boolean, scale text, time_zone text, goal double precision, benchmark double precision,'
		' benchmark_source text, few_answers integer, follow_up_days integer, assumed_churn double precision,'
		' assumed_churn_source text, resurvey_months integer, many_tickets integer, attempts integer, inform_hours integer,'
		' longest_promise_months integer, work_days text, work_from time without time zone, work_until time without time'
		' zone, fallback_owner text, loop_since timestamp with time zone, renew_after_days integer, wants_contact_hours'
		' integer, wants_contact_steps text, recovery_days integer, undo_hours integer, snooze_days integer, escalate_hours integer, escalate_to text,'
		' attached_with text'),
	('playbook', 'score_from smallint, score_to smallint, follow_up boolean, verdict text, cancel_risk text, severity'
		' smallint, personal boolean, channel text, steps text, acknowledge_hours integer, contact_hours integer,'
		' resolve_hours integer, inform_manager boolean, guidance text, owner text, team text'),
	('playbook_past', 'score_from smallint, score_to smallint, until timestamp with time zone, follow_up boolean, acknowledge_hours'
		' integer, contact_hours integer, resolve_hours integer'),
	('survey_past', 'until timestamp with time zone, follow_up_days integer, renew_after_days integer'),
	('dismiss_reason', 'reason text, holds_for_person boolean, meaning text')
), made AS (
	SELECT c.relname::text AS view,
		string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum) AS columns
	FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
	WHERE c.relnamespace = 'response_form_nps'::regnamespace AND c.relkind IN ('r', 'v')
		-- views that other views are made of
		AND c.relname NOT IN ('newest_answer', 'open_case', 'open_entry', 'any_case', 'any_entry', 'recorded_case', 'gone_case', 'present_member', 'rule')
	GROUP BY c.oid, c.relname
)
SELECT view, d.columns AS documented, m.columns AS made
FROM documented d FULL JOIN made m USING (view)
WHERE d.columns IS DISTINCT FROM m.columns;

-- No column has a name that an ORM refuses or mistakes for something else: a method or field of every object (ActiveRecord,
-- Sequelize, SQLAlchemy, Django), two underscores or one at the end (Django), the keyword of a language, or one that needs quotes in SQL.
SELECT c.relname, a.attname AS refused
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'response_form_nps'::regnamespace AND c.relkind IN ('r', 'v')
	AND (quote_ident(a.attname) <> a.attname OR a.attname ~ '__|_$|^_|_(was|before_type_cast)$' OR a.attname = ANY (ARRAY[
		'attribute', 'attributes', 'association', 'cache_key', 'changed', 'changes', 'class', 'clone', 'connection', 'decrement', 'delete', 'destroy',
		'display', 'dup', 'equals', 'errors', 'extend', 'freeze', 'frozen', 'get', 'hash', 'increment', 'init', 'inspect', 'invalid', 'lock', 'logger',
		'metadata', 'method', 'methods', 'model', 'new_record', 'object_id', 'objects', 'pk', 'previous', 'quoted_id', 'readonly', 'registry', 'reload',
		'restore', 'save', 'send', 'sequelize', 'set', 'taint', 'tap', 'then', 'toggle', 'touch', 'transaction', 'type', 'update', 'valid', 'validate',
		'def', 'del', 'elif', 'except', 'exec', 'finally', 'global', 'import', 'lambda', 'nonlocal', 'pass', 'raise', 'self', 'try', 'yield',
		'abstract', 'const', 'constructor', 'continue', 'delete', 'enum', 'export', 'extends', 'func', 'function', 'go', 'implements', 'interface',
		'match', 'module', 'mut', 'package', 'private', 'prototype', 'public', 'require', 'return', 'static', 'struct', 'super', 'switch', 'this', 'throw',
		'throws', 'trait', 'unless', 'use', 'var', 'void', 'volatile', 'while']))
ORDER BY 1, 2;

-- Every object and every column has a comment, except indexes.
SELECT c.relname, a.attname AS without_a_comment
FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.relnamespace = 'response_form_nps'::regnamespace AND c.relkind IN ('r', 'v')
	AND (obj_description(c.oid, 'pg_class') IS NULL OR col_description(c.oid, a.attnum) IS NULL);
SELECT obj_description('response_form_nps'::regnamespace, 'pg_namespace') AS comment_on_the_schema;
SELECT c.relname, a.attname, col_description(c.oid, a.attnum) AS comments_that_differ_by_view
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.relnamespace = 'response_form_nps'::regnamespace AND a.attname IN ('score', 'tariff', 'channel', 'responses', 'team')
ORDER BY a.attname, c.relname;

-- Every view reads with the rights of its reader.
SELECT c.relname, c.reloptions AS not_security_invoker
FROM pg_class c
WHERE c.relnamespace = 'response_form_nps'::regnamespace AND c.relkind = 'v'
	AND c.reloptions IS DISTINCT FROM ARRAY['security_invoker=true'];

-- The survey consists of ordinary objects: none belongs to the extension, and
-- the table itself is unchanged.
SELECT count(*) AS members_of_the_extension
FROM pg_depend d JOIN pg_class c ON c.oid = d.objid AND d.classid = 'pg_class'::regclass
WHERE d.deptype = 'e' AND c.relnamespace = 'response_form_nps'::regnamespace;
SELECT (SELECT count(*) FROM pg_trigger WHERE tgrelid = 'response_form'::regclass) AS no_trigger,
	(SELECT count(*) FROM pg_index WHERE indrelid = 'response_form'::regclass) AS only_its_key,
	(SELECT count(*) FROM pg_policy WHERE polrelid = 'response_form'::regclass) AS no_policy;
-- Only the view answer names the source.
SELECT DISTINCT r.ev_class::regclass::text AS names_the_source
FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid AND d.classid = 'pg_rewrite'::regclass
WHERE d.refobjid = 'response_form'::regclass;

SELECT * FROM response_form_nps.response ORDER BY response_id;
SELECT * FROM response_form_nps.not_counted ORDER BY response_id;
SELECT response_id, renewal_at, churned_at, contactable, owner, open_tickets
FROM response_form_nps.answer ORDER BY response_id;

-- The arguments are kept as text.
SELECT attached_with::jsonb - 'time_zone' AS attached_with, scale, time_zone, goal, benchmark, follow_up_days, many_tickets
FROM response_form_nps.survey;

-- Names: a segment with the name of another view's column does not change the comment there.
CREATE TABLE channels (id integer PRIMARY KEY, score integer, channel text, goal text, nps text);
SELECT count(*) > 0 AS attached FROM nps_attach('channels', 'score', segments => ARRAY['channel', 'goal', 'nps']);
SELECT a.attname, c.relname, col_description(a.attrelid, a.attnum) AS comment
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'channels_nps'::regnamespace AND a.attname IN ('channel', 'goal', 'nps')
ORDER BY a.attname, c.relname;

--
-- Who owns the objects
--
DROP ROLE IF EXISTS regress_nps_attacher;
CREATE ROLE regress_nps_attacher;
SELECT format('GRANT CREATE ON DATABASE %I TO regress_nps_attacher', current_database()) \gexec
GRANT USAGE ON SCHEMA attach_test TO regress_nps_attacher;
GRANT SELECT ON response_form TO regress_nps_attacher;
SET ROLE regress_nps_attacher;
SELECT count(*) > 0 AS attached FROM nps_attach('response_form', 'score', schema_name => 'attach_test_own');
SELECT responses, nps FROM attach_test_own.summary;
RESET ROLE;
SELECT nspowner::regrole FROM pg_namespace WHERE nspname = 'attach_test_own';
SELECT DISTINCT relowner::regrole FROM pg_class WHERE relnamespace = 'attach_test_own'::regnamespace;
DROP SCHEMA attach_test_own CASCADE;
REVOKE SELECT ON response_form FROM regress_nps_attacher;
REVOKE USAGE ON SCHEMA attach_test FROM regress_nps_attacher;
SELECT format('REVOKE CREATE ON DATABASE %I FROM regress_nps_attacher', current_database()) \gexec
DROP ROLE regress_nps_attacher;

--
-- Scores of every type.  What a type cannot hold is NULL there.
--
CREATE TABLE raw (id integer PRIMARY KEY, as_text text, as_number double precision);
INSERT INTO raw VALUES
	(1, '0', 0), (2, '6', 6), (3, '7', 7), (4, '8', 8), (5, '9', 9), (6, '10', 10),	-- -100..100: 2, 2, 2
	(7, '-1', -1), (8, '11', 11), (9, '30000', 30000),				-- out of range
	(10, NULL, NULL),												-- no answer
	(11, '6.5', 6.5), (12, '8.999', 8.999),							-- not whole
	(13, 'NaN', 'NaN'),												-- not a number
	(14, 'Infinity', 'Infinity'), (15, '-Infinity', '-Infinity');	-- out of range; no number as text
CREATE TABLE typed AS SELECT id,
	CASE WHEN id <= 10 THEN as_number END::smallint AS as_smallint,
	CASE WHEN id <= 10 THEN as_number END::integer AS as_integer,
	CASE WHEN id <= 10 THEN as_number END::bigint AS as_bigint,
	as_number::numeric AS as_numeric, as_number::real AS as_real, as_number AS as_double,
	as_text AS as_text, as_text::varchar(9) AS as_varchar, as_text::char(9) AS as_char,
	jsonb_build_object('nps', as_text, 'other', 5) AS as_jsonb
FROM raw;
ALTER TABLE typed ADD PRIMARY KEY (id);
CREATE FUNCTION summary_of(score text, OUT responses bigint, OUT detractors bigint, OUT passives bigint,
	OUT promoters bigint, OUT nps double precision, OUT unanswered bigint, OUT rejected bigint,
	OUT not_counted text, OUT score_type regtype)
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM nps_attach('typed', score, schema_name => 'attach_test_typed');
	SELECT s.responses, s.detractors, s.passives, s.promoters, s.nps, s.unanswered, s.rejected
	INTO responses, detractors, passives, promoters, nps, unanswered, rejected
	FROM attach_test_typed.summary s;
	SELECT string_agg(reason || ' ' || ids, '; ' ORDER BY reason) INTO not_counted
	FROM (SELECT reason, string_agg(response_id::text, ',' ORDER BY response_id) AS ids
		FROM attach_test_typed.not_counted GROUP BY reason) n;
	SELECT a.atttypid INTO score_type FROM pg_attribute a
	WHERE a.attrelid = 'attach_test_typed.response'::regclass AND a.attname = 'score';
	DROP SCHEMA attach_test_typed CASCADE;
END
$$;
SELECT s.score, o.*
FROM (VALUES (1, 'as_smallint'), (2, 'as_integer'), (3, 'as_bigint'), (4, 'as_numeric'), (5, 'as_real'),
	(6, 'as_double'), (7, 'as_text'), (8, 'as_varchar'), (9, 'as_char'),
	(10, $$(as_jsonb->>'nps')$$), (11, 'as_integer + 0'), (12, 'as_numeric * 1')) AS s(n, score)
CROSS JOIN LATERAL summary_of(s.score) o
ORDER BY s.n;

--
-- Sources other than tables.  Each holds the six valid answers 0, 6, 7, 8, 9, 10.
--
CREATE VIEW six AS SELECT id, as_integer AS score FROM typed WHERE id <= 6;
CREATE MATERIALIZED VIEW six_stored AS SELECT * FROM six;
CREATE TABLE six_partitioned (id integer, score integer, PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE TABLE six_1 PARTITION OF six_partitioned FOR VALUES FROM (1) TO (4);
CREATE TABLE six_2 PARTITION OF six_partitioned DEFAULT;
INSERT INTO six_partitioned SELECT * FROM six;
CREATE TABLE six_unlogged (id integer, score integer);
ALTER TABLE six_unlogged SET UNLOGGED;
INSERT INTO six_unlogged SELECT * FROM six;
SELECT count(*) > 0 AS attached FROM nps_attach('six', 'score', response_id => 'id');
SELECT count(*) > 0 AS attached FROM nps_attach('six_stored', 'score', response_id => 'id');
SELECT count(*) > 0 AS attached FROM nps_attach('six_partitioned', 'score');
SELECT count(*) > 0 AS attached FROM nps_attach('six_unlogged', 'score', response_id => 'id');
SELECT 'view' AS source, responses, nps, mean_score FROM six_nps.summary
UNION ALL SELECT 'materialized view', responses, nps, mean_score FROM six_stored_nps.summary
UNION ALL SELECT 'partitioned table', responses, nps, mean_score FROM six_partitioned_nps.summary
UNION ALL SELECT 'unlogged table', responses, nps, mean_score FROM six_unlogged_nps.summary;
-- What goes into a partition or into the table under a view is seen at once.
INSERT INTO six_2 VALUES (0, 10);
SELECT responses AS seven FROM six_partitioned_nps.summary;

-- A survey's own view can be a source as well.
SELECT count(*) > 0 AS attached FROM nps_attach('response_form_nps.response', 'score', response_id => 'response_id', schema_name => 'six_again');
SELECT responses, nps FROM six_again.summary;

-- A foreign table, if file_fdw is there to make one.
DO $$
DECLARE
	result text;
BEGIN
	IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'file_fdw') AND version() !~* 'mingw|visual|windows' THEN
		CREATE EXTENSION file_fdw SCHEMA attach_test;
		CREATE SERVER attach_test_files FOREIGN DATA WRAPPER file_fdw;
		CREATE FOREIGN TABLE six_foreign (id integer, score integer) SERVER attach_test_files
			OPTIONS (program 'for s in 0 6 7 8 9 10; do echo $s,$s; done', format 'csv');
		PERFORM nps_attach('six_foreign', 'score', response_id => 'id');
		SELECT format('%s %s %s', responses, nps, mean_score) INTO result FROM six_foreign_nps.summary;
		ASSERT result = '6 0 6.666666666666667', result;
		DROP SCHEMA six_foreign_nps CASCADE;
		DROP EXTENSION file_fdw CASCADE;
	END IF;
END
$$;

--
-- Keys
--
CREATE TABLE keyed_by_uuid (key uuid PRIMARY KEY, score integer);
INSERT INTO keyed_by_uuid VALUES ('00000000-0000-0000-0000-0000000000ff', 2);
SELECT count(*) > 0 AS attached FROM nps_attach('keyed_by_uuid', 'score', respondent => $$'x' || score$$, loop_since => '-infinity');
SELECT case_id, pg_typeof(case_id), response_id FROM keyed_by_uuid_nps.followup;
CREATE TABLE keyed_by_text (score integer, key text PRIMARY KEY);
INSERT INTO keyed_by_text VALUES (2, 'a-1');
SELECT count(*) > 0 AS attached FROM nps_attach('keyed_by_text', 'score', respondent => 'key', loop_since => '-infinity');
SELECT case_id, pg_typeof(case_id), response_id FROM keyed_by_text_nps.followup;
-- The key's own column is the key, whatever else its index has.
CREATE TABLE keyed_and_covered (key integer, score integer, PRIMARY KEY (key) INCLUDE (score));
INSERT INTO keyed_and_covered VALUES (5, 2);
SELECT count(*) > 0 AS attached FROM nps_attach('keyed_and_covered', 'score');
SELECT response_id AS five FROM keyed_and_covered_nps.response;

-- No key, or one of several columns: an error that says what to pass, and what
-- it says works.
CREATE TABLE no_key (ref integer UNIQUE NOT NULL, score integer);
SELECT * FROM nps_attach('no_key', 'score');
SELECT count(*) > 0 AS attached FROM nps_attach('no_key', 'score', response_id => 'ref');
SELECT * FROM nps_attach('six', 'score', schema_name => 'six_without');
CREATE TABLE two_keys ("Order No" integer, line text, score integer, PRIMARY KEY (line, "Order No"));
INSERT INTO two_keys VALUES (1, 'a', 9), (1, 'b', 3);
CREATE FUNCTION attach_as_the_hint_says(source regclass, OUT message text, OUT detail text, OUT works boolean)
LANGUAGE plpgsql AS $$
DECLARE
	hint text;
BEGIN
	PERFORM nps_attach(source, 'score');
EXCEPTION WHEN invalid_parameter_value THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	PERFORM nps_attach(source, 'score', response_id => substring(hint FROM 'response_id => \$\$(.*)\$\$'));
	works := true;
END
$$;
SELECT * FROM attach_as_the_hint_says('two_keys');
SELECT count(DISTINCT response_id) AS two, count(*) FILTER (WHERE score = 9) AS one FROM two_keys_nps.response;
-- The key is unique whatever the columns hold.
CREATE TABLE two_texts (form text, line text, score integer, PRIMARY KEY (form, line));
INSERT INTO two_texts VALUES ('a', 'b', 9), ('a-', 'b', 9), ('a', '-b', 9), ('a,', 'b', 9), ('a', ',b', 9), ('a"', 'b', 9);
SELECT * FROM attach_as_the_hint_says('two_texts');
SELECT response_id AS named_twice FROM two_texts_nps.response GROUP BY response_id HAVING count(*) > 1;

--
-- Domains over the wanted types are as good
--
CREATE DOMAIN stars AS integer CHECK (VALUE BETWEEN 0 AND 10);
CREATE DOMAIN words AS varchar(30);
CREATE DOMAIN remark AS words;
CREATE DOMAIN moment AS timestamp;
CREATE DOMAIN day AS date;
CREATE DOMAIN yes_no AS boolean;
CREATE DOMAIN money_amount AS numeric(8,2);
CREATE DOMAIN small AS smallint;
CREATE TABLE with_domains (id small PRIMARY KEY, score stars, text_score remark, remark remark, at moment,
	renewal day, ok yes_no, amount money_amount, tickets small);
INSERT INTO with_domains VALUES (1, 3, ' 9 ', 'hm', '2024-07-01 00:30', '2025-01-01', true, 12.5, 2);
SELECT count(*) > 0 AS attached FROM nps_attach('with_domains', 'score', schema_name => 'with_domains_1', comment => 'remark',
	responded_at => 'at', renewal_at => 'renewal', churned_at => 'at', contactable => 'ok', revenue => 'amount',
	open_tickets => 'tickets', owner => 'remark', filter => 'ok', time_zone => 'Europe/Berlin');
SELECT count(*) > 0 AS attached FROM nps_attach('with_domains', 'text_score', schema_name => 'with_domains_2');
SELECT response_id, score, raw_score, comment, responded_at, renewal_at, contactable, revenue, open_tickets
FROM with_domains_1.answer;
SELECT score, raw_score, pg_typeof(score) FROM with_domains_2.answer;

--
-- Every argument as an expression gives the same as its column
--
CREATE TABLE customer (name text PRIMARY KEY, firm text, yearly numeric, renewal date, gone timestamptz, may_call boolean,
	manager text, tickets bigint);
INSERT INTO customer
	SELECT DISTINCT person, firm, yearly, renewal, gone AT TIME ZONE 'UTC', may_call, manager::text, tickets
	FROM response_form WHERE person IS NOT NULL;
SELECT count(*) > 0 AS attached FROM nps_attach('response_form', 'score + 0', schema_name => 'response_by_expression',
	response_id => '(id)',
	respondent => 'person::varchar(20)',
	account => '(SELECT c.firm FROM customer c WHERE c.name = person)',
	responded_at => $$answered AT TIME ZONE 'UTC'$$,
	comment => $$CASE WHEN words <> '' THEN words END$$,
	segments => ARRAY[$$coalesce(region, NULL) AS "region"$$, 'upper ( plan ) as tariff'],
	revenue => '(SELECT max(c.yearly) FROM customer c WHERE c.name = person)::numeric(10,2)',
	renewal_at => '(SELECT renewal FROM customer c WHERE c.name = person)',
	churned_at => '(SELECT gone FROM customer c WHERE c.name = person)',
	contactable => '(SELECT c.may_call FROM customer c WHERE c.name = person) AND true',
	owner => $$(SELECT c.manager FROM customer c WHERE c.name = person)$$,
	open_tickets => '(SELECT c.tickets FROM customer c WHERE c.name = person)',
	filter => 'id > 0 OR false', goal => 40, loop_since => '-infinity');
SELECT count(*) AS four_rows FROM response_by_expression.answer;
(SELECT * FROM response_by_expression.answer EXCEPT ALL SELECT * FROM response_form_nps.answer)
UNION ALL (SELECT * FROM response_form_nps.answer EXCEPT ALL SELECT * FROM response_by_expression.answer);
(SELECT * FROM response_by_expression.followup EXCEPT ALL SELECT * FROM response_form_nps.followup)
UNION ALL (SELECT * FROM response_form_nps.followup EXCEPT ALL SELECT * FROM response_by_expression.followup);
SELECT to_jsonb(e) AS by_expression, to_jsonb(c) AS by_column
FROM response_by_expression.summary e, response_form_nps.summary c
WHERE to_jsonb(e) IS DISTINCT FROM to_jsonb(c);

-- What is not mapped is NULL, with the type it would have.
SELECT count(*) > 0 AS attached FROM nps_attach('six_unlogged', 'score', response_id => 'id', schema_name => 'six_bare');
SELECT string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum) AS bare
FROM pg_attribute a WHERE a.attrelid = 'six_bare.answer'::regclass;
SELECT count(*) AS nothing_mapped FROM six_bare.answer
WHERE num_nonnulls(respondent, account, responded_at, comment, revenue, renewal_at, churned_at, contactable, owner,
	open_tickets) = 0;
SELECT count(*) AS nobody_to_follow_up FROM six_bare.followup;

-- A filter leaves rows out altogether: they are neither answers nor rejected.
SELECT count(*) > 0 AS attached FROM nps_attach('raw', 'as_text', filter => 'id BETWEEN 5 AND 9 OR id = 13', schema_name => 'raw_filtered');
SELECT responses, nps, unanswered, rejected FROM raw_filtered.summary;
SELECT response_id, raw_score, reason FROM raw_filtered.not_counted ORDER BY response_id;

-- Segments: columns, expressions, names that need quotes, comments in between.
SELECT count(*) > 0 AS attached FROM nps_attach('response_form', 'score', schema_name => 'segmented', segments => ARRAY[
	'region', 'plan AS "The Plan"', 'CASE WHEN tickets > 5 THEN 1 ELSE 0 END AS busy',
	'CAST(yearly AS text) AS "as"', $$'as' || region as Basis$$, 'region /* as is */ AS as_is -- as you like',
	'answered::date AS day']);
SELECT region, "The Plan", busy, "as", basis, as_is, day FROM segmented.response ORDER BY response_id;
SELECT a.attname, format_type(a.atttypid, a.atttypmod) AS type
FROM pg_attribute a WHERE a.attrelid = 'segmented.response'::regclass AND a.attnum > 9 ORDER BY a.attnum;

--
-- Times: without a zone they are in the survey's zone
--
CREATE TABLE moments (id integer PRIMARY KEY, score integer, at_zoned timestamptz, at_local timestamp, at_day date);
INSERT INTO moments VALUES
	(1, 9, '2024-01-31 23:30+00', '2024-02-01 00:30', '2024-02-01'),	-- the same moment, except for the date
	(2, 9, '2024-07-31 22:30+00', '2024-08-01 00:30', '2024-08-01');	-- summer time
SELECT count(*) > 0 AS attached FROM nps_attach('moments', 'score', responded_at => 'at_zoned', churned_at => 'at_local',
	renewal_at => 'at_zoned', schema_name => 'moments_zoned', time_zone => 'Europe/Berlin');
SELECT count(*) > 0 AS attached FROM nps_attach('moments', 'score', responded_at => 'at_local', churned_at => 'at_day',
	renewal_at => 'at_local', schema_name => 'moments_local', time_zone => 'Europe/Berlin');
SELECT count(*) > 0 AS attached FROM nps_attach('moments', 'score', responded_at => 'at_day', renewal_at => 'at_day',
	schema_name => 'moments_day', time_zone => 'Europe/Berlin');
SELECT 'timestamptz' AS type, responded_at, churned_at, renewal_at FROM moments_zoned.answer
UNION ALL SELECT 'timestamp', responded_at, churned_at, renewal_at FROM moments_local.answer
UNION ALL SELECT 'date', responded_at, churned_at, renewal_at FROM moments_day.answer
ORDER BY 1, 2;
-- First and last answer are dates in the survey's zone, whatever the reader's is.
SET timezone = 'America/Los_Angeles';
SELECT 'timestamptz' AS type, first_answer, last_answer FROM moments_zoned.summary
UNION ALL SELECT 'timestamp', first_answer, last_answer FROM moments_local.summary
UNION ALL SELECT 'date', first_answer, last_answer FROM moments_day.summary;
-- Without time_zone it is the caller's, and stays that.
SET timezone = 'Asia/Tokyo';
SELECT count(*) > 0 AS attached FROM nps_attach('moments', 'score', responded_at => 'at_local', schema_name => 'moments_tokyo');
SET timezone = 'UTC';
SELECT s.time_zone, a.responded_at FROM moments_tokyo.survey s, moments_tokyo.answer a ORDER BY 2;

--
-- Names of schemas
--
-- The default is the name of the table with _nps, cut to 63 bytes between two characters.
CREATE FUNCTION schema_made_for(table_name text, OUT schema_name text, OUT bytes integer)
LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE TABLE %I (id integer PRIMARY KEY, score integer)', table_name);
	PERFORM nps_attach(format('%I', table_name)::regclass, 'score');
	SELECT n.nspname INTO schema_name
	FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class c ON c.oid = r.ev_class
	JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE d.refobjid = format('%I', table_name)::regclass AND d.classid = 'pg_rewrite'::regclass
	LIMIT 1;
	bytes := octet_length(schema_name);
	EXECUTE format('DROP SCHEMA %I CASCADE', schema_name);
END
$$;
SELECT n.note, s.* FROM (VALUES
	(1, '59 bytes fit', repeat('a', 59)),
	(2, '60 bytes do not', repeat('a', 59) || 'b'),
	(3, '63 bytes', repeat('a', 60) || 'bcd'),
	(4, 'two bytes each', repeat('ü', 31)),
	(5, 'three bytes each', repeat('名', 21)),
	(6, 'odd byte first', 'a' || repeat('ü', 31)),
	(7, 'four bytes each', repeat('😀', 15))) AS n(n, note, table_name)
CROSS JOIN LATERAL schema_made_for(table_name) s ORDER BY n.n;
SELECT object FROM nps_attach('six_unlogged', 'score', response_id => 'id', schema_name => 'Any "name"') LIMIT 1;
SELECT responses FROM "Any ""name""".summary;
DROP SCHEMA "Any ""name""" CASCADE;

-- Two surveys of one table are independent of each other.
SELECT count(*) > 0 AS attached FROM nps_attach('raw', 'as_number', schema_name => 'raw_a', goal => 10);
SELECT count(*) > 0 AS attached FROM nps_attach('raw', 'as_text', schema_name => 'raw_b', goal => 20);
DROP SCHEMA raw_a CASCADE;
SELECT goal, gap FROM raw_b.summary;

--
-- Afterwards
--
-- The caller's search path is unchanged, inside the transaction and after it.
SELECT current_setting('search_path') AS search_path;
BEGIN;
SET LOCAL search_path = attach_test, "$user", public;
SELECT count(*) > 0 AS attached FROM nps_attach('raw', 'as_text', schema_name => 'raw_c');
SELECT current_setting('search_path') AS search_path;
ROLLBACK;
SELECT current_setting('search_path') AS search_path, to_regnamespace('raw_c') IS NULL AS rolled_back;

-- Views follow when columns and tables are renamed or moved.
ALTER TABLE raw RENAME COLUMN as_text TO "What they said";
ALTER TABLE raw RENAME TO "Raw";
ALTER TABLE "Raw" SET SCHEMA public;
SELECT responses, nps, rejected FROM raw_b.summary;
ALTER TABLE public."Raw" SET SCHEMA attach_test;

-- Dropping the survey leaves the answers.
DROP SCHEMA raw_b CASCADE;
SELECT count(*) AS fifteen FROM "Raw";

SET search_path = public;
DROP SCHEMA IF EXISTS response_form_nps, channels_nps, six_nps, six_stored_nps, six_partitioned_nps, six_unlogged_nps, six_again,
	keyed_by_uuid_nps, keyed_by_text_nps, keyed_and_covered_nps, no_key_nps, two_keys_nps, two_texts_nps, with_domains_1, with_domains_2,
	response_by_expression, six_bare, raw_filtered, segmented, moments_zoned, moments_local, moments_day, moments_tokyo CASCADE;
DROP SCHEMA attach_test CASCADE;
