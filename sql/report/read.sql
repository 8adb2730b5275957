/* nps/sql/report/read.sql */

-- A report is made in three steps: what is read from the views of the survey, as one jsonb; what it says in
-- words (finding.sql); and how it is drawn (the other files).  All of it runs as the caller.

CREATE FUNCTION @extschema@.nps_report_settings(survey text)
	RETURNS jsonb
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	SET extra_float_digits = 1
	AS $body$
/* The settings that a report needs, and today as the survey's clock has it; an error if there is no survey of that name. */
DECLARE
	settings jsonb;
BEGIN
	PERFORM @extschema@.nps_expect_survey(survey);
	EXECUTE format($sql$
		SELECT jsonb_build_object('survey', $1, 'scale', s.scale, 'zone', s.time_zone, 'goal', s.goal,
			'benchmark', CASE WHEN s.benchmark BETWEEN -100 AND 100 THEN s.benchmark END, 'benchmark_source', s.benchmark_source, 'few', s.few_answers,
			'has_respondent', s.attached_with::jsonb ? 'respondent', 'has_comment', s.attached_with::jsonb ? 'comment',
			'today', @extschema@.nps_local_time(now(), s.time_zone)::date, 'now', to_char(@extschema@.nps_local_time(now(), s.time_zone), 'HH24:MI'))
		FROM %I.survey s LIMIT 1
		$sql$, survey) INTO settings USING survey;
	IF settings IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
			MESSAGE = format('the table survey of survey "%s" is empty', survey),
			HINT = 'Call nps_attach(..., replace => true) to make its row again.';
	END IF;
	RETURN settings;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_settings(text) IS 'part of nps_report_html(): the settings of a survey, and what day it is there';

CREATE FUNCTION @extschema@.nps_report_days(first_answer date, today date, INOUT from_day date, INOUT to_day date, OUT grain text)
	RETURNS record
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The days that a report is about.  If only one end is given, they begin with the first answer, or end today.  If they
 * are a period of the calendar, that is their grain, so that a quarter is compared with the quarter before; otherwise
 * it is a span of days, which is compared with as many days before.
 */
BEGIN
	from_day := coalesce(from_day, least(first_answer, to_day), to_day);
	to_day := coalesce(to_day, greatest(today, from_day));
	IF NOT (isfinite(from_day) AND isfinite(to_day) AND date_part('year', from_day) BETWEEN 1900 AND 2200 AND date_part('year', to_day) BETWEEN 1900 AND 2200) THEN
		RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
			MESSAGE = 'the days of a report must be in the years 1900 to 2200';
	ELSIF from_day > to_day THEN
		RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
			MESSAGE = format('from_day %s is later than to_day %s', to_char(from_day, 'YYYY-MM-DD'), to_char(to_day, 'YYYY-MM-DD'));
	END IF;
	SELECT g.grain INTO grain FROM @extschema@.nps_grains() g
	WHERE @extschema@.nps_period(from_day, g.grain) = from_day AND (from_day + g.step)::date = to_day + 1;
	grain := coalesce(grain, format('%s days from %s', to_day - from_day + 1, to_char(from_day, 'YYYY-MM-DD')));
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_days(date, date, date, date) IS 'part of nps_report_html(): the days that it is about, and the grain of which they are a period';

CREATE FUNCTION @extschema@.nps_report_views(survey text, grain text, from_day date, to_day date)
	RETURNS jsonb
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * Where a report of certain days reads: what follows FROM, under nps_survey_path().  It is the view, or the definition
 * of the view where no view has such rows: with a span of days as its only grain, or restricted to the days, as is then
 * also what it reads as cause_mention.
 */
DECLARE
	span CONSTANT text := CASE WHEN grain ~ ' ' THEN grain END;
BEGIN
	RETURN (
		SELECT jsonb_object_agg(v.name, CASE
			WHEN from_day IS NULL THEN format('%I.%I', survey, v.name)
			WHEN v.name = 'cause_report' THEN format(E'(WITH cause_mention AS (%s\n) SELECT * FROM (%s\n) c)', v.mentions, v.definition)
			WHEN span IS NULL THEN format('%I.%I', survey, v.name)
			ELSE format(E'(%s\n)', v.definition) END)
		FROM (
			SELECT v.*, max(v.definition) FILTER (WHERE v.name = 'cause_mention') OVER () AS mentions
			FROM @extschema@.nps_answer_facts(survey, @extschema@.nps_survey_source(survey), @extschema@.nps_survey_arguments(survey)) a
			CROSS JOIN LATERAL @extschema@.nps_survey_views(a.facts, a.segment_names, @extschema@.nps_reads_rollup(survey), span, from_day, to_day) v
		) v
		WHERE v.name IN ('trend', 'distribution_trend', 'segment_trend', 'closed_loop', 'cause_report'));
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_views(text, text, date, date) IS 'part of nps_report_html(): where to read what it has of certain days';

CREATE FUNCTION @extschema@.nps_report_trend_rows(survey text, trend text, wanted_grain text, few integer, today date, most integer, from_day date DEFAULT NULL, to_day date DEFAULT NULL)
	RETURNS jsonb
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	SET extra_float_digits = 1
	AS $body$
/*
 * The periods of one grain, oldest first.  If none is asked for, the grain is the longest below years that has six periods
 * with enough answers to tell, or else the one with the most of these; quarters, if no period has enough.  Answers
 * without a date are one row, if there are no others.  Within given days only the periods that lie wholly within them
 * are used, years too; rather several than one, and no more than are drawn.
 */
DECLARE
	result jsonb;
BEGIN
	PERFORM set_config('search_path', @extschema@.nps_survey_path(survey), true);
	EXECUTE format($sql$
		WITH period AS MATERIALIZED (
			SELECT t.grain::text AS grain, t.period_start::date AS period_start, t.period_end::date AS period_end, t.is_partial::boolean AS is_partial,
				t.responses::bigint AS responses, t.detractors::bigint AS detractors, t.passives::bigint AS passives, t.promoters::bigint AS promoters,
				t.detractor_share::double precision AS detractor_share, t.passive_share::double precision AS passive_share, t.promoter_share::double precision AS promoter_share,
				t.nps::double precision AS nps, t.nps_low::double precision AS nps_low, t.nps_high::double precision AS nps_high,
				t.rejected::bigint AS rejected, t.response_rate::double precision AS response_rate, t.comment_share::double precision AS comment_share,
				t.change_from::date AS change_from, t.change::double precision AS change, t.change_low::double precision AS change_low, t.change_high::double precision AS change_high,
				t.change_p_value::double precision AS change_p_value, t.change_p_adjusted::double precision AS change_p_adjusted,
				t.year_change::double precision AS year_change, t.year_change_low::double precision AS year_change_low,
				t.year_change_high::double precision AS year_change_high, t.year_change_p_value::double precision AS year_change_p_value,
				t.period_start <= $2 AND t.period_end >= $2 AS is_running
			FROM %s t
			WHERE ($1 IS NULL OR t.grain = $1) AND ($4 IS NULL OR t.period_start >= $4 AND t.period_end <= $5)
		), fitting AS (
			SELECT n.grain
			FROM (SELECT p.grain, count(*) FILTER (WHERE p.responses >= $3) AS told, count(*) AS periods FROM period p WHERE p.period_start IS NOT NULL GROUP BY p.grain) n
			JOIN (VALUES ('year', 0), ('quarter', 1), ('month', 2), ('week', 3), ('day', 4)) AS g(grain, place) ON g.grain = n.grain
			WHERE g.place > 0 OR $4 IS NOT NULL
			ORDER BY $4 IS NOT NULL AND n.periods > $6, $4 IS NOT NULL AND n.periods = 1, least(n.told, 6) DESC, g.place
			LIMIT 1
		)
		SELECT jsonb_agg(to_jsonb(p) ORDER BY p.period_start)
		FROM period p
		WHERE p.grain = coalesce($1, (SELECT f.grain FROM fitting f), 'quarter')
			AND (p.period_start IS NOT NULL OR NOT EXISTS (SELECT FROM period o WHERE o.period_start IS NOT NULL AND o.responses > 0))
		$sql$, trend) INTO result USING wanted_grain, today, few, from_day, to_day, most;
	RETURN coalesce(result, '[]');
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_trend_rows(text, text, text, integer, date, integer, date, date) IS 'part of nps_report_html(): the periods of one grain, as in the view trend';

CREATE FUNCTION @extschema@.nps_report_period_row(survey text, trend jsonb, wanted date, few integer, today date)
	RETURNS jsonb
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The row of the trend that a report is about: the period with the day, or else the newest that has begun and has enough
 * answers to tell, or has answers at all.  So on the first days of a quarter the one before is reported.  NULL: there is none.
 */
DECLARE
	found jsonb;
BEGIN
	SELECT p.period INTO found
	FROM jsonb_array_elements(trend) AS p(period)
	WHERE CASE WHEN wanted IS NULL OR p.period->>'period_start' IS NULL THEN (p.period->>'responses')::bigint > 0
		ELSE wanted BETWEEN (p.period->>'period_start')::date AND (p.period->>'period_end')::date END
	ORDER BY wanted IS NOT NULL OR (p.period->>'period_start')::date <= today DESC, (p.period->>'responses')::bigint >= few DESC, (p.period->>'period_start')::date DESC
	LIMIT 1;
	IF found IS NULL AND wanted IS NOT NULL AND trend <> '[]' THEN
		RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
			MESSAGE = format('survey "%s" has no %s that %s is in', survey, trend->0->>'grain', to_char(wanted, 'YYYY-MM-DD')),
			HINT = format('Pass period => a day from %s to %s.', trend->0->>'period_start', (SELECT max(t.row->>'period_end') FROM jsonb_array_elements(trend) AS t(row)));
	END IF;
	RETURN found;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_period_row(text, jsonb, date, integer, date) IS 'part of nps_report_html(): the period that it is about';

CREATE FUNCTION @extschema@.nps_report_segment_rows(survey text, segment_trend text, grain text, period date, few integer, most integer, most_segments integer)
	RETURNS jsonb
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	SET extra_float_digits = 1
	AS $body$
/*
 * The values of the segments in a period.  A report looks at all of them at once, so the p-values of the view are
 * adjusted over all segments together, for those values that have enough answers.  The report has a limited number
 * of values of each segment, and of segments: those that matter most (place).
 */
DECLARE
	result jsonb;
BEGIN
	PERFORM set_config('search_path', @extschema@.nps_survey_path(survey), true);
	EXECUTE format($sql$
		WITH value AS MATERIALIZED (
			SELECT t.segment::text AS segment, t.value::text AS value, t.responses::bigint AS responses,
				t.nps::double precision AS nps, t.nps_low::double precision AS nps_low, t.nps_high::double precision AS nps_high,
				t.impact::double precision AS impact, t.difference::double precision AS difference, t.change::double precision AS change,
				t.rate_effect::double precision AS rate_effect, t.mix_effect::double precision AS mix_effect, t.responses < $3 AS is_few,
				@extschema@.nps_holm(CASE WHEN t.responses >= $3 THEN t.difference_p_value::double precision END) OVER () AS difference_p,
				-- the view leaves out values with too few answers on either side
				@extschema@.nps_holm(CASE WHEN t.change_p_adjusted IS NOT NULL THEN t.change_p_value::double precision END) OVER () AS change_p
			FROM %s t
			WHERE t.grain = $1 AND t.period_start IS NOT DISTINCT FROM $2
		), ranked AS (
			SELECT v.*,
				CASE WHEN v.responses > 0 THEN row_number() OVER (PARTITION BY v.segment, v.responses > 0 ORDER BY v.is_few, abs(v.impact) DESC NULLS LAST, v.value COLLATE "C") END AS impact_place,
				CASE WHEN v.rate_effect IS NOT NULL THEN row_number() OVER (PARTITION BY v.segment, v.rate_effect IS NULL ORDER BY v.change_p IS NULL, abs(v.rate_effect) DESC, v.value COLLATE "C") END AS effect_place,
				max(abs(v.impact)) FILTER (WHERE NOT v.is_few) OVER (PARTITION BY v.segment) AS most_impact,
				max(abs(v.rate_effect)) FILTER (WHERE v.change_p IS NOT NULL) OVER (PARTITION BY v.segment) AS most_effect,
				count(*) FILTER (WHERE v.responses > 0) OVER (PARTITION BY v.segment) AS all_values
			FROM value v
		), placed AS (
			SELECT r.*,
				dense_rank() OVER (ORDER BY r.most_impact DESC NULLS LAST, r.segment COLLATE "C") AS impact_segment,
				dense_rank() OVER (ORDER BY r.most_effect DESC NULLS LAST, r.segment COLLATE "C") AS effect_segment
			FROM ranked r
		)
		SELECT jsonb_build_object(
			'segments', (SELECT count(DISTINCT p.segment) FROM placed p),
			'tested', (SELECT count(*) FROM placed p WHERE p.difference_p IS NOT NULL),
			'change_tested', (SELECT count(*) FROM placed p WHERE p.change_p IS NOT NULL),
			'apart', (SELECT jsonb_agg(to_jsonb(p) ORDER BY p.impact, p.segment COLLATE "C", p.value COLLATE "C") FROM placed p WHERE p.difference_p < @extschema@.nps_report_chance()),
			'moved', (SELECT jsonb_agg(to_jsonb(p) ORDER BY abs(p.rate_effect) DESC, p.segment COLLATE "C", p.value COLLATE "C") FROM placed p WHERE p.change_p < @extschema@.nps_report_chance()),
			'by_impact', (SELECT jsonb_agg(to_jsonb(p) ORDER BY p.impact_segment, p.impact NULLS LAST, p.value COLLATE "C")
				FROM placed p WHERE p.impact_place <= $4 AND p.impact_segment <= $5),
			'by_effect', (SELECT jsonb_agg(to_jsonb(p) ORDER BY p.effect_segment, p.rate_effect, p.value COLLATE "C")
				FROM placed p WHERE p.effect_place <= $4 AND p.effect_segment <= $5))
		$sql$, segment_trend) INTO result USING grain, period, few, most, most_segments;
	RETURN result;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_segment_rows(text, text, text, date, integer, integer, integer) IS 'part of nps_report_html(): the segments in a period, as in the view segment_trend, tested together';

CREATE FUNCTION @extschema@.nps_report_loop_rows(survey text, closed_loop text, grain text, period date, zone text, cases integer)
	RETURNS jsonb
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	SET extra_float_digits = 1
	AS $body$
/* Follow-up of the cases that opened in the period and in the two before; and the first cases of the list, if they are wanted. */
DECLARE
	periods jsonb;
	list jsonb;
	first jsonb;
BEGIN
	PERFORM set_config('search_path', @extschema@.nps_survey_path(survey), true);
	EXECUTE format($sql$
		SELECT jsonb_agg(to_jsonb(p) ORDER BY p.period_start DESC)
		FROM (
			SELECT l.period_start::date AS period_start, l.period_end::date AS period_end, l.is_partial::boolean AS is_running, l.cases::bigint AS cases,
				l.open::bigint AS open, l.late::bigint AS late, l.contacted::bigint AS contacted, l.contacted_in_time::bigint AS contacted_in_time,
				l.contact_in_time_rate::double precision AS contact_in_time_rate, l.recovery_known::bigint AS recovery_known, l.recovered::bigint AS recovered,
				l.recovery_rate::double precision AS recovery_rate, l.not_contactable::bigint AS not_contactable
			FROM %s l
			WHERE l.grain = $1 AND l.segment = 'all' AND l.period_start <= $2
			ORDER BY l.period_start DESC LIMIT 3) p
		$sql$, closed_loop) INTO periods USING grain, period;
	IF cases > 0 THEN
		EXECUTE format('SELECT jsonb_build_object(''open'', count(*), ''late'', count(*) FILTER (WHERE f.due = ''late'')) FROM %I.followup f', survey) INTO list;
		-- the list separately: to find who is responsible, the comments of a case must be read
		EXECUTE format($sql$
			SELECT jsonb_build_object('first', jsonb_agg(to_jsonb(w) ORDER BY w.place))
			FROM (
				SELECT row_number() OVER () AS place, f.case_id::text AS case_id, coalesce(f.account::text, f.respondent::text) AS who, f.score::double precision AS score,
					f.next_step::text AS next_step, f.channel_advised::text AS channel_advised, f.due::text AS due, f.responsible::text AS responsible,
					@extschema@.nps_local_time(f.next_due, $2)::date AS due_on
				FROM (SELECT * FROM %I.followup f LIMIT $1) f) w
			$sql$, survey) INTO first USING cases, zone;
		list := list || first;
	END IF;
	RETURN jsonb_build_object('periods', coalesce(periods, '[]'), 'list', list);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_loop_rows(text, text, text, date, text, integer) IS 'part of nps_report_html(): follow-up, as in the views closed_loop and followup';

CREATE FUNCTION @extschema@.nps_report_data(survey text, from_day date, to_day date, period date, grain text, causes boolean, follow_up boolean, cases integer, quotes integer)
	RETURNS jsonb
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	SET extra_float_digits = 1
	SET jit = off
	AS $body$
/*
 * All numbers of a report.  None is computed here: each is in a view, under the same name, or would be if the view had
 * the span of days as a grain.  Compiling the views would take many times as long as running them.
 */
DECLARE
	most CONSTANT integer := 8;			-- values of a segment, causes
	most_segments CONSTANT integer := 6;
	periods CONSTANT integer := 25;		-- of the trend: two years of months and the one to compare with
	data jsonb := @extschema@.nps_report_settings(survey);
	today CONSTANT date := (data->>'today')::date;
	has_days CONSTANT boolean := from_day IS NOT NULL OR to_day IS NOT NULL;
	of_days text;				-- the grain that they are a period of
	views jsonb;
	trend jsonb;				-- the periods that are drawn
	shown jsonb;				-- the periods one of which is reported
	now_shown jsonb;
	start date;
	part jsonb;
BEGIN
	IF grain IS NOT NULL AND NOT EXISTS (SELECT FROM @extschema@.nps_grains() g WHERE g.grain = nps_report_data.grain) THEN
		RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
			MESSAGE = format('unknown grain "%s"', grain),
			HINT = format('Pass grain => one of %s.', (SELECT string_agg(g.grain, ', ') FROM @extschema@.nps_grains() g));
	END IF;
	IF has_days AND period IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
			MESSAGE = 'a report is of a period or of days, not of both',
			HINT = 'Pass either period, or from_day and to_day.';
	END IF;
	EXECUTE format('SELECT to_jsonb(s) FROM (SELECT s.responses::bigint AS responses, s.rejected::bigint AS rejected, s.unanswered::bigint AS unanswered, '
		's.first_answer::date AS first_answer, s.last_answer::date AS last_answer, s.warning::text AS warning, s.satisfied_share::double precision AS satisfied_share FROM %I.summary s LIMIT 1) s', survey) INTO part;
	data := data || jsonb_build_object('summary', part);
	IF has_days THEN
		SELECT d.* INTO from_day, to_day, of_days FROM @extschema@.nps_report_days((part->>'first_answer')::date, today, from_day, to_day) d;
		views := @extschema@.nps_report_views(survey, of_days, from_day, to_day);
		shown := @extschema@.nps_report_trend_rows(survey, views->>'trend', of_days, (data->>'few')::integer, today, periods);
		trend := @extschema@.nps_report_trend_rows(survey, format('%I.trend', survey), grain, (data->>'few')::integer, today, periods, from_day, to_day);
		SELECT r.row INTO now_shown FROM jsonb_array_elements(shown) AS r(row) WHERE (r.row->>'period_start')::date = from_day;
		IF now_shown IS NULL AND (part->>'responses')::bigint > 0 THEN
			RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
				MESSAGE = format('survey "%s" has no rows from %s to %s', survey, to_char(from_day, 'YYYY-MM-DD'), to_char(to_day, 'YYYY-MM-DD')),
				HINT = CASE WHEN part->>'first_answer' IS NULL THEN 'No answer has a date.' ELSE format('Its answers are from %s to %s.', part->>'first_answer', part->>'last_answer') END;
		END IF;
	ELSE
		trend := @extschema@.nps_report_trend_rows(survey, format('%I.trend', survey), grain, (data->>'few')::integer, today, periods);
		shown := trend;
		now_shown := @extschema@.nps_report_period_row(survey, trend, period, (data->>'few')::integer, today);
		views := @extschema@.nps_report_views(survey, trend->0->>'grain', (now_shown->>'period_start')::date, (now_shown->>'period_end')::date);
	END IF;
	start := (now_shown->>'period_start')::date;
	data := data || jsonb_build_object('grain', coalesce(of_days, trend->0->>'grain', grain, 'quarter'), 'trend_grain', coalesce(trend->0->>'grain', grain, 'quarter'), 'has_days', has_days);
	IF now_shown IS NULL THEN
		RETURN data;
	END IF;

	data := data || jsonb_build_object('period', now_shown,
		'before', (SELECT t.row FROM jsonb_array_elements(shown) AS t(row) WHERE t.row->>'period_start' = now_shown->>'change_from'),
		'year', (SELECT t.row FROM jsonb_array_elements(shown) AS t(row) WHERE (t.row->>'period_start')::date = CASE data->>'grain'
			WHEN 'week' THEN start - 364 ELSE (start - interval '1 year')::date END AND now_shown->'year_change' <> 'null' AND data->>'grain' <> 'year'),
		'trend', (SELECT coalesce(jsonb_agg(n.row ORDER BY n.place), '[]') FROM (
			SELECT t.row, t.place FROM jsonb_array_elements(trend) WITH ORDINALITY AS t(row, place)
			WHERE has_days OR (t.row->>'period_start')::date <= start OR start IS NULL ORDER BY t.place DESC LIMIT periods) n));
	PERFORM set_config('search_path', @extschema@.nps_survey_path(survey), true);
	EXECUTE format($sql$
		SELECT jsonb_agg(jsonb_build_object('score', d.score::text, 'category', d.category::text, 'responses', d.responses::bigint, 'share', d.share::double precision)
			ORDER BY d.category = 'promoter', d.category = 'passive', CASE WHEN d.score::text ~ '^[0-9]+' THEN substring(d.score::text, '^[0-9]+')::integer END)
		FROM %s d WHERE d.grain = $1 AND d.period_start IS NOT DISTINCT FROM $2
		$sql$, views->>'distribution_trend') INTO part USING data->>'grain', start;
	data := data || jsonb_build_object('scores', part);
	data := data || jsonb_build_object('groups', @extschema@.nps_report_segment_rows(survey, views->>'segment_trend', data->>'grain', start, (data->>'few')::integer, most, most_segments));
	IF causes AND ((data->>'has_comment')::boolean OR (data->>'has_respondent')::boolean) THEN
		EXECUTE format($sql$
			SELECT jsonb_agg(to_jsonb(c) ORDER BY c.respondents DESC, c.cause COLLATE "C")
			FROM (
				SELECT c.cause::text AS cause, c.respondents::bigint AS respondents, c.impact::double precision AS impact
				FROM %s c WHERE c.respondents > 0
				ORDER BY c.respondents DESC, c.cause COLLATE "C" LIMIT $1) c
			$sql$, views->>'cause_report') INTO part USING most;
		-- before and since the fix is all time
		EXECUTE format($sql$
			SELECT coalesce(jsonb_agg(n.row || coalesce(to_jsonb(f), '{}') ORDER BY n.place), '[]')
			FROM jsonb_array_elements($1) WITH ORDINALITY AS n(row, place)
			LEFT JOIN (
				SELECT c.cause::text AS cause, @extschema@.nps_local_time(c.fixed_at, $2)::date AS fixed_on, c.share_before_fix::double precision AS share_before_fix,
					c.share_after_fix::double precision AS share_after_fix, c.fix_p_value::double precision AS fix_p_value
				FROM %I.cause_report c WHERE c.fixed_at IS NOT NULL AND EXISTS (SELECT 1 FROM %1$I.cause k WHERE k.fixed_at IS NOT NULL)) f ON f.cause = n.row->>'cause'
			$sql$, survey) INTO part USING coalesce(part, '[]'), data->>'zone';
		data := data || jsonb_build_object('causes', coalesce(part, '[]'));
	END IF;
	IF (data->>'has_respondent')::boolean AND start IS NOT NULL AND (follow_up OR cases > 0) THEN
		part := @extschema@.nps_report_loop_rows(survey, views->>'closed_loop', data->>'grain', start, data->>'zone', cases);
		data := data || jsonb_build_object('list', part->'list');
		IF follow_up THEN
			data := data || jsonb_build_object('loop', part->'periods');
		END IF;
	END IF;
	IF quotes > 0 THEN
		EXECUTE format($sql$
			SELECT jsonb_agg(to_jsonb(q) ORDER BY q.local_time DESC)
			FROM (
				SELECT c.score::double precision AS score, c.category::text AS category, left(c.comment::text, 1000) AS comment, c.local_time
				FROM %I.counted c
				WHERE c.has_comment AND (c.local_time >= $1 AND c.local_time < $2::timestamp + interval '1 day' OR $1 IS NULL)
				ORDER BY c.local_time DESC LIMIT $3) q
			$sql$, survey) INTO part USING start::timestamp, (now_shown->>'period_end')::date, quotes;
		data := data || jsonb_build_object('quotes', coalesce(part, '[]'));
	END IF;
	RETURN data;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_data(text, date, date, date, text, boolean, boolean, integer, integer) IS 'part of nps_report_html() and nps_report_text(): all numbers of a report, each as in its view';
