/* nps/sql/parts/88_describe.sql */

CREATE FUNCTION @extschema@.nps_survey_comments(OUT object text, OUT "column" text, OUT comment text)
	RETURNS SETOF record
	LANGUAGE sql IMMUTABLE STRICT ROWS 150
	BEGIN ATOMIC
	VALUES
	('summary', NULL, 'the whole survey in one row'),
	('trend', NULL, 'the survey by day, week, month, quarter and year; filter to one grain'),
	('segment', NULL, 'the survey by the values of each segment, and what each of them does to the whole'),
	('segment_trend', NULL, 'the segments by period, and which of them moved the whole; filter to one grain and segment'),
	('distribution', NULL, 'how many answers there are of each score'),
	('followup', NULL, 'customers to be contacted, first things first'),
	('respondent', NULL, 'one row for each respondent: the newest answer, and the one before'),
	('account', NULL, 'one row for each account: the newest answer of each of its respondents'),
	('transition', NULL, 'how many respondents went from which category to which'),
	('response', NULL, 'one row for each answer that counts'),
	('not_counted', NULL, 'one row for each row of the source that does not count, and why'),
	('answer', NULL, 'the mapping: one row for each row of the source, with the survey''s column names'),
	('playbook', NULL, 'the rules of follow-up by score; edit them'),
	('survey', NULL, 'the settings of the survey in one row; edit goal, benchmark and those of follow-up, but not how it is attached'),

	-- columns of that name, wherever they are
	(NULL, 'response_id', 'names the response, as in the source'),
	(NULL, 'respondent', 'who answered; NULL if unknown'),
	(NULL, 'account', 'customer that the respondent belongs to'),
	(NULL, 'responded_at', 'when the answer was given'),
	(NULL, 'raw_score', 'the score as it stands in the source'),
	(NULL, 'score', 'the score, valid on the survey''s scale'),
	(NULL, 'rejection', 'why the row does not count: no answer, not a number, not whole or out of range; NULL if it counts'),
	(NULL, 'reason', 'why the row does not count: no answer, not a number, not whole or out of range'),
	(NULL, 'category', 'detractor, passive or promoter'),
	(NULL, 'nps_points', '-100 for a detractor, 0 for a passive, 100 for a promoter: their average is the NPS'),
	(NULL, 'comment', 'what the respondent wrote'),
	(NULL, 'has_comment', 'whether there is a comment to read'),
	(NULL, 'revenue', 'revenue of the customer, as mapped'),
	(NULL, 'renewal_at', 'when the customer''s contract is up for renewal'),
	(NULL, 'churned_at', 'when the customer left; NULL if not'),
	(NULL, 'contactable', 'whether the customer may be contacted; NULL counts as yes'),
	(NULL, 'owner', 'who is responsible'),
	(NULL, 'open_tickets', 'open support tickets of the customer'),
	(NULL, 'responses', 'answers that count'),
	(NULL, 'detractors', 'answers that are detractors'),
	(NULL, 'passives', 'answers that are passives'),
	(NULL, 'promoters', 'answers that are promoters'),
	(NULL, 'detractor_share', 'detractors / responses, 0 to 1'),
	(NULL, 'passive_share', 'passives / responses, 0 to 1'),
	(NULL, 'promoter_share', 'promoters / responses, 0 to 1; on a satisfaction scale the share of satisfied customers'),
	(NULL, 'nps', 'Net Promoter Score in points, -100 to 100; NULL without answers'),
	(NULL, 'nps_low', 'lower end of the 95 % interval of nps'),
	(NULL, 'nps_high', 'upper end of the 95 % interval of nps'),
	(NULL, 'mean_score', 'mean answer on its own scale'),
	(NULL, 'unanswered', 'rows without an answer'),
	(NULL, 'rejected', 'rows with a score that does not count; see not_counted'),
	(NULL, 'response_rate', 'responses / all rows, 0 to 1; NULL if the source holds no unanswered rows'),
	(NULL, 'comment_share', 'share of responses with a comment, 0 to 1'),
	(NULL, 'goal', 'the NPS to reach, in points'),
	(NULL, 'gap', 'nps - goal, in points'),
	(NULL, 'benchmark', 'an NPS to compare with, in points; an assumption, see benchmark_source'),
	(NULL, 'benchmark_source', 'where the benchmark comes from'),
	(NULL, 'first_answer', 'date of the first answer, in the survey''s time zone'),
	(NULL, 'last_answer', 'date of the last answer, in the survey''s time zone'),
	(NULL, 'warning', 'what may be wrong with the survey; NULL if nothing was noticed'),
	(NULL, 'share', 'responses / all answers that count, 0 to 1'),
	(NULL, 'grain', 'length of the period: day, week (ISO, from Monday), month, quarter or year; filter to one'),
	(NULL, 'period_start', 'first day, in the survey''s time zone; NULL for answers without a date'),
	(NULL, 'period_end', 'last day'),
	(NULL, 'is_partial', 'whether the period is still running'),
	(NULL, 'change', 'nps - nps of the period before that has answers, in points'),
	(NULL, 'change_low', 'lower end of the 95 % interval of the change'),
	(NULL, 'change_high', 'upper end of the 95 % interval of the change'),
	(NULL, 'change_p_value', 'probability of such a change by chance alone'),
	(NULL, 'segment', 'name of the segment'),
	(NULL, 'value', 'value of the segment'),
	(NULL, 'contribution', 'how far the value pulls the NPS of all up or down, in points; sums to 0 over a segment'),
	(NULL, 'impact', 'what the NPS of all would lose without the value, in points; NULL if it is all'),
	(NULL, 'difference', 'nps - nps of all other values, in points'),
	(NULL, 'difference_low', 'lower end of the 95 % interval of the difference'),
	(NULL, 'difference_high', 'upper end of the 95 % interval of the difference'),
	(NULL, 'difference_p_value', 'probability of such a difference by chance alone'),
	(NULL, 'rate_effect', 'part of the change of all that comes from the value''s own score, in points'),
	(NULL, 'mix_effect', 'part of the change of all that comes from the value''s share, in points; both effects of all values sum to the change'),
	(NULL, 'respondents', 'how many respondents'),

	('summary', 'satisfied_share', 'share of satisfied customers (CSAT or CES percentage), 0 to 1: that of the promoters'),
	('summary', 'satisfied_low', 'lower end of its 95 % interval'),
	('summary', 'satisfied_high', 'upper end of its 95 % interval'),

	('segment', 'share', 'responses / responses of all values, 0 to 1'),
	('segment_trend', 'share', 'responses / responses of all values in the period, 0 to 1'),
	('segment_trend', 'period_start', 'first day, in the survey''s time zone; NULL for answers without a date'),
	('respondent', 'responses', 'answers of this respondent'),
	('respondent', 'first_answer', 'when the first answer was given'),
	('respondent', 'last_answer', 'when the newest answer was given'),
	('respondent', 'last_score', 'the newest score'),
	('respondent', 'last_category', 'category of the newest score'),
	('respondent', 'previous_score', 'the score before the newest one'),
	('respondent', 'previous_category', 'category of the score before the newest one'),
	('respondent', 'change', 'last_score - previous_score'),
	('respondent', 'open_followup', 'whether there is an open case'),
	('respondent', 'followup_status', 'where the open case stands'),
	('respondent', 'handle_with_care', 'whether the newest answer is a detractor''s or a case is open'),
	('account', 'respondents', 'respondents who answered'),
	('account', 'responses', 'newest answers, one for each respondent'),
	('account', 'revenue', 'revenue of the account, counted once'),
	('account', 'revenue_at_risk', 'revenue of an account with a detractor that has not left; else 0'),
	('account', 'silent', 'whether the account was asked and never answered'),
	('transition', 'from_category', 'category of the answer before, or of the only or last one'),
	('transition', 'to_category', 'category of the newest answer, or churned, or no answer yet'),
	('transition', 'share', 'share of the respondents with that from_category, 0 to 1'),
	('transition', 'median_days', 'median of the days between the two'),

	('distribution', 'score', 'each score of the scale, also those that nobody gave; on the health scale the band'),

	('followup', 'priority', '1 personal contact, 2 late, 3 open'),
	('followup', 'overdue', 'whether the next step is late'),
	('followup', 'next_step', 'what to do next'),
	('followup', 'next_due', 'until when'),
	('followup', 'score', 'the newest score of the respondent'),
	('followup', 'comment', 'the comment of the newest answer'),
	('followup', 'status', 'where the case stands'),
	('followup', 'case_id', 'names the case: the response that opened it'),
	('followup', 'priority_reason', 'why it has this priority'),
	('followup', 'response_id', 'the newest response of the respondent'),
	('followup', 'responded_at', 'when the newest answer was given'),
	('followup', 'previous_score', 'the score before the newest one'),
	('followup', 'responses', 'answers of this respondent'),
	('followup', 'channel', 'how to contact'),
	('followup', 'steps', 'what to do, in order'),
	('followup', 'overdue_hours', 'hours since the next step was due; NULL if it is not late'),
	('followup', 'save_by', 'until when the customer can be kept: end of the follow-up window, or the renewal date if earlier'),
	('followup', 'guidance', 'advice for whoever makes contact'),
	('followup', 'verdict', 'what the score means'),

	('playbook', 'score_from', 'lowest score of the rule'),
	('playbook', 'score_to', 'highest score of the rule, with its fractions'),
	('playbook', 'follow_up', 'whether such an answer opens a case'),
	('playbook', 'verdict', 'what such a score means'),
	('playbook', 'cancel_risk', 'what such a customer may do'),
	('playbook', 'severity', 'order of importance: 1 is the most severe'),
	('playbook', 'personal', 'whether personal contact comes first'),
	('playbook', 'channel', 'how to contact'),
	('playbook', 'steps', 'what to do, in order, separated by →; compensate is shown only where a promise was broken'),
	('playbook', 'contact_hours', 'hours from the answer until the first contact; NULL for no deadline'),
	('playbook', 'inform_manager', 'whether to tell the customer''s manager, log it in the CRM and raise it at the next contact'),
	('playbook', 'guidance', 'advice for whoever makes contact'),
	('playbook', 'owner', 'who is responsible where the source names nobody'),

	('survey', 'only_row', 'always true: the table has one row'),
	('survey', 'scale', 'scale of the score; set by nps_attach(), do not edit'),
	('survey', 'time_zone', 'time zone of all dates; set by nps_attach(), do not edit'),
	('survey', 'follow_up_days', 'days after an answer in which it is worth following up; an assumption: half of the detractors are gone after 90'),
	('survey', 'many_tickets', 'with as many open tickets a customer is not asked for the reason automatically'),
	('survey', 'fallback_owner', 'who is responsible where neither source nor playbook names anybody'),
	('survey', 'attached_with', 'the arguments of nps_attach(), as JSON; do not edit');
	END;
COMMENT ON FUNCTION @extschema@.nps_survey_comments() IS 'what the objects of a survey and their columns mean';

CREATE FUNCTION @extschema@.nps_survey_objects(survey text)
	RETURNS TABLE (object text, kind text, purpose text)
	LANGUAGE sql STABLE STRICT ROWS 10
	BEGIN ATOMIC
	/* in the order in which somebody new would look at them */
	SELECT pg_catalog.format('%I.%I', n.nspname, c.relname),
		CASE WHEN c.relkind OPERATOR(pg_catalog.=) 'v' THEN 'view' ELSE 'table' END, m.comment
	FROM @extschema@.nps_survey_comments() WITH ORDINALITY AS m(object, "column", comment, place)
	JOIN pg_catalog.pg_namespace n ON n.nspname OPERATOR(pg_catalog.=) $1::pg_catalog.name
	JOIN pg_catalog.pg_class c ON c.relnamespace OPERATOR(pg_catalog.=) n.oid
		AND c.relname OPERATOR(pg_catalog.=) m.object::pg_catalog.name
		AND c.relkind OPERATOR(pg_catalog.=) ANY (ARRAY['v', 'r']::pg_catalog."char"[])
	WHERE m."column" IS NULL
	ORDER BY m.place;
	END;
COMMENT ON FUNCTION @extschema@.nps_survey_objects(text) IS 'the views and tables of a survey, with what each is for';

CREATE FUNCTION @extschema@.nps_describe_survey(target text, segment_names text[])
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Puts a comment on each object of a survey and on each column. */
DECLARE
	described record;
BEGIN
	FOR described IN SELECT * FROM @extschema@.nps_survey_objects(target) LOOP
		EXECUTE format('COMMENT ON %s %s IS %L', described.kind, described.object, described.purpose);
	END LOOP;
	FOR described IN
		SELECT DISTINCT ON (c.oid, a.attnum) c.relname, a.attname,
			CASE WHEN a.attname = ANY (segment_names) AND c.relname IN ('answer', 'response')
				THEN 'segment of the survey, as mapped' ELSE m.comment END AS comment
		FROM pg_class c
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		LEFT JOIN @extschema@.nps_survey_comments() m ON m."column" = a.attname AND coalesce(m.object = c.relname, true)
		WHERE c.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = target)
			AND c.relname IN (SELECT o.object FROM @extschema@.nps_survey_comments() o) AND c.relkind IN ('v', 'r')
		ORDER BY c.oid, a.attnum, m.object IS NULL
	LOOP
		-- a column that somebody added to a table is theirs to describe
		CONTINUE WHEN described.comment IS NULL;
		EXECUTE format('COMMENT ON COLUMN %I.%I.%I IS %L', target, described.relname, described.attname, described.comment);
	END LOOP;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_describe_survey(text, text[]) IS 'part of nps_attach(): comments on all objects of a survey';
