/* nps/sql/survey/closed_loop.sql */

CREATE FUNCTION @extschema@.nps_loop_views(named jsonb)
	RETURNS TABLE (name text, definition text)
	LANGUAGE plpgsql IMMUTABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The reports on follow-up: closed_loop, cause_report, cause_customer, timeline. */
DECLARE
	said text;					-- which answers name which cause
BEGIN
	/*
	 * Every case counts in the period in which it opened, whatever became of
	 * it: what is late and not done yet, and what nobody ever touched, is in
	 * every denominator.  Only what was dismissed was no case at all.  A step
	 * not made takes forever, so that a median over all cases is honest; it is
	 * NULL where more than half of them wait.
	 */
	name := 'closed_loop';
	definition := @extschema@.nps_fill($view$
		SELECT t.grain, t.period_start, (t.period_start + t.step - interval '1 day')::date AS period_end,
			t.period_start <= t.today AND t.today < t.period_start + t.step AS is_partial,
			t.segment, t.value,
			t.cases, t.contacted, t.contacted_in_time, t.overdue, t.expired, t.unreachable, t.dismissed, t.not_contactable,
			t.contacted::double precision / nullif(t.cases - t.dismissed, 0) AS coverage,
			t.acknowledged, t.acknowledged_in_time, t.resolved, t.resolved_in_time, t.informed_in_time, t.closed, t.reopened,
			nullif(t.median_hours_to_acknowledge, 'Infinity') AS median_hours_to_acknowledge,
			nullif(t.median_hours_to_contact, 'Infinity') AS median_hours_to_contact,
			nullif(t.median_hours_to_resolve, 'Infinity') AS median_hours_to_resolve,
			nullif(t.median_hours_to_close, 'Infinity') AS median_hours_to_close,
			nullif(t.median_work_hours_to_contact, 'Infinity') AS median_work_hours_to_contact,
			nullif(t.median_work_hours_to_resolve, 'Infinity') AS median_work_hours_to_resolve,
			t.promises, t.broken_promises,
			t.recovered, t.reanswered,
			t.recovered::double precision / nullif(t.cases - t.dismissed, 0) AS recovery_rate,
			t.recovered_contacted::double precision / nullif(t.contacted, 0) AS recovery_rate_contacted,
			t.recovered::double precision / nullif(t.reanswered, 0) AS recovery_rate_reanswered,
			t.churned, t.observed,
			t.churned_in_window::double precision / nullif(t.observed, 0) AS churn,
			t.churned_in_window_contacted::double precision / nullif(t.observed_contacted, 0) AS churn_contacted,
			(t.churned_in_window - t.churned_in_window_contacted)::double precision / nullif(t.observed - t.observed_contacted, 0)
				AS churn_not_contacted,
			s.assumed_churn,
			t.revenue_at_risk
		FROM (
			SELECT grain, step, period_start, segment, value, @extschema@.nps_period(now(), <<zone>>, 'day') AS today,
				count(*) FILTER (WHERE is_contactable) AS cases,
				count(*) FILTER (WHERE is_contactable AND contacted_at IS NOT NULL) AS contacted,
				count(*) FILTER (WHERE is_contactable AND contacted_at IS NOT NULL AND NOT coalesce(contacted_late, false)) AS contacted_in_time,
				count(*) FILTER (WHERE is_case AND contacted_late AND contacted_at IS NULL) AS overdue,
				count(*) FILTER (WHERE is_expired) AS expired,
				count(*) FILTER (WHERE is_contactable AND status = 'unreachable') AS unreachable,
				count(*) FILTER (WHERE is_contactable AND NOT is_case) AS dismissed,
				count(*) FILTER (WHERE NOT is_contactable) AS not_contactable,
				count(*) FILTER (WHERE is_contactable AND hours_to_acknowledge IS NOT NULL) AS acknowledged,
				count(*) FILTER (WHERE is_contactable AND hours_to_acknowledge IS NOT NULL AND NOT coalesce(acknowledged_late, false)) AS acknowledged_in_time,
				count(*) FILTER (WHERE is_contactable AND resolved_at IS NOT NULL) AS resolved,
				count(*) FILTER (WHERE is_contactable AND resolved_at IS NOT NULL AND NOT coalesce(resolved_late, false)) AS resolved_in_time,
				count(*) FILTER (WHERE is_contactable AND informed_at IS NOT NULL AND NOT coalesce(informed_late, false)) AS informed_in_time,
				count(*) FILTER (WHERE is_contactable AND status = 'closed') AS closed,
				count(*) FILTER (WHERE is_contactable AND reopened_at IS NOT NULL) AS reopened,
				<<medians>>
				coalesce(sum(promises) FILTER (WHERE is_contactable), 0)::bigint AS promises,
				coalesce(sum(broken_promises) FILTER (WHERE is_contactable), 0)::bigint AS broken_promises,
				count(*) FILTER (WHERE is_case AND outcome = 'recovered') AS recovered,
				count(*) FILTER (WHERE is_case AND outcome = 'recovered' AND contacted_at IS NOT NULL) AS recovered_contacted,
				count(*) FILTER (WHERE is_case AND outcome IN ('recovered', 'improved', 'unchanged', 'worsened')) AS reanswered,
				count(*) FILTER (WHERE is_case AND outcome = 'churned') AS churned,
				count(*) FILTER (WHERE is_case AND is_observed) AS observed,
				count(*) FILTER (WHERE is_case AND is_observed AND contacted_at IS NOT NULL) AS observed_contacted,
				count(*) FILTER (WHERE is_case AND is_observed AND left_in_window) AS churned_in_window,
				count(*) FILTER (WHERE is_case AND is_observed AND left_in_window AND contacted_at IS NOT NULL) AS churned_in_window_contacted,
				CASE WHEN count(*) FILTER (WHERE is_first_of_customer) = 0 THEN 0 ELSE sum(revenue_at_risk) FILTER (WHERE is_first_of_customer) END AS revenue_at_risk
			FROM (
				SELECT f.*, g.grain, g.step, v.segment, v.value, p.period_start,
					-- dismissed after the customer had left: the case was one
					f.is_contactable AND (f.status <> 'dismissed' OR coalesce(f.churned_at <= f.finished_at, false)) AS is_case,
					-- revenue is the account's, or else the respondent's: it counts once
					row_number() OVER (PARTITION BY g.grain, p.period_start, v.segment, v.value, f.is_open AND f.is_contactable,
						f.account, CASE WHEN f.account IS NULL THEN f.respondent END ORDER BY f.revenue_at_risk DESC NULLS LAST) = 1
						AND f.is_open AND f.is_contactable AS is_first_of_customer
				FROM (
					SELECT f.case_id, f.respondent, f.account, f.opened_at, f.opening_score, f.status, f.owner, f.team, f.cause, f.is_open,
						f.is_contactable, f.is_expired, f.outcome, f.acknowledged_at, f.contacted_at, f.resolved_at, f.informed_at, f.reopened_at,
						f.acknowledged_late, f.contacted_late, f.resolved_late, f.informed_late, f.promises, f.broken_promises, f.revenue_at_risk,
						f.hours_to_acknowledge, f.hours_to_contact, f.hours_to_resolve, f.hours_to_close,
						f.work_hours_to_contact, f.work_hours_to_resolve, f.churned_at, f.finished_at,
						<<knows_churn>> AND f.opened_at <= now() - make_interval(days => s.follow_up_days) AS is_observed,
						coalesce(f.churned_at < f.opened_at + make_interval(days => s.follow_up_days) AND f.churned_at >= f.opened_at, false) AS left_in_window
					FROM <<followup_all>> f CROSS JOIN (SELECT * FROM <<survey>> LIMIT 1) s
					UNION ALL
					-- nobody knows who they are: counted, and no work
					SELECT a.response_id, NULL, a.account, <<clock_a>>, a.<<score>>, 'new', NULL, NULL, NULL, false,
						false, false, 'unknown', NULL, NULL, NULL, NULL, NULL,
						NULL, NULL, NULL, NULL, 0, 0, NULL,
						NULL, NULL, NULL, NULL,
						NULL, NULL, NULL, NULL,
						false, false
					FROM <<answer>> a
					CROSS JOIN <<settings>> s
					WHERE <<valid_a>> AND a.respondent IS NULL AND s.rule_follow_up[<<whole_a>> - <<lowest>> + 1]
				) f
				CROSS JOIN (VALUES ('day', interval '1 day'), ('week', interval '1 week'), ('month', interval '1 month'),
					('quarter', interval '3 months'), ('year', interval '1 year')) AS g(grain, step)
				CROSS JOIN LATERAL (VALUES ('all', 'all'), ('owner', f.owner), ('team', f.team), ('cause', f.cause),
					('score', f.opening_score::text)) AS v(segment, value)
				CROSS JOIN LATERAL (SELECT @extschema@.nps_period(f.opened_at, <<zone>>, g.grain) AS period_start) p
			) cell
			GROUP BY grain, step, period_start, segment, value
		) t
		CROSS JOIN (SELECT * FROM <<survey>> LIMIT 1) s
		$view$, named || jsonb_build_object('medians', (
			SELECT string_agg(format('percentile_disc(0.5) WITHIN GROUP (ORDER BY coalesce(%1$s, ''Infinity'')) FILTER (WHERE is_case) AS median_%1$s,', h), E'\n\t\t\t\t' ORDER BY place)
			FROM unnest(ARRAY['hours_to_acknowledge', 'hours_to_contact', 'hours_to_resolve', 'hours_to_close',
				'work_hours_to_contact', 'work_hours_to_resolve']) WITH ORDINALITY AS u(h, place))));
	RETURN NEXT;

	/*
	 * What somebody set is the cause of a case; without that, it is what the
	 * comment suggests.  Promoters praise what others miss: their comments
	 * suggest nothing.
	 */
	said := @extschema@.nps_fill($view$
			SELECT k.cause, a.response_id, a.respondent, a.account, a.<<score>> AS score, a.responded_at, a.comment, a.revenue, a.churned_at,
				a.contactable, 'comment'::text AS named_in
			FROM (
				SELECT a.response_id, a.respondent, a.account, a.<<score>>, a.responded_at, a.comment, a.revenue, a.churned_at, a.contactable,
					<<words_a>> AS words
				FROM <<answer>> a
				WHERE <<valid_a>> AND <<has_comment_a>> AND @extschema@.nps_category(a.<<score>><<scale_argument>>) <> 'promoter'
				OFFSET 0
			) a
			JOIN <<cause>> k ON a.words @@ k.search
			WHERE NOT EXISTS (SELECT FROM <<followup_case>> c WHERE c.case_id <<response_id_equals>> a.response_id AND c.cause IS NOT NULL)
			UNION ALL
			SELECT c.cause, a.response_id, a.respondent, a.account, a.<<score>>, a.responded_at, a.comment, a.revenue, a.churned_at,
				a.contactable, 'case'
			FROM <<followup_case>> c
			JOIN <<answer>> a ON a.response_id <<response_id_equals>> c.case_id AND <<valid_a>>
			WHERE c.cause IS NOT NULL AND c.status <> 'dismissed'
			UNION ALL
			SELECT DISTINCT o.cause, a.response_id, a.respondent, a.account, a.<<score>>, a.responded_at, a.comment, a.revenue, a.churned_at,
				a.contactable, 'concern'
			FROM <<concern>> o
			JOIN <<answer>> a ON a.response_id <<response_id_equals>> o.case_id AND <<valid_a>>
			JOIN <<followup_case>> c ON c.case_id <<response_id_equals>> o.case_id
			WHERE o.cause IS NOT NULL AND o.cause IS DISTINCT FROM c.cause$view$, named
		|| jsonb_build_object('words_a', format('to_tsvector(%s, left(a.comment, 10000))', named->>'text_search')));

	name := 'cause_report';
	definition := @extschema@.nps_fill($view$
		SELECT k.cause, k.team, coalesce(t.respondents, 0) AS respondents,
			coalesce(t.respondents, 0) / nullif(w.respondents, 0)::double precision AS share,
			coalesce(t.recent_respondents, 0) / nullif(w.recent_respondents, 0)::double precision
				- coalesce(t.earlier_respondents, 0) / nullif(w.earlier_respondents, 0)::double precision AS change,
			@extschema@.nps_impact(t.tally, w.tally) AS impact,
			t.revenue, k.remedy, k.fixed_at,
			coalesce(t.before_fix, 0) / nullif(fix.before, 0)::double precision AS share_before_fix,
			coalesce(t.after_fix, 0) / nullif(fix.after, 0)::double precision AS share_after_fix,
			-- the share of those who name it is what an NPS of them against the others is made of
			(@extschema@.nps_compare(@extschema@.nps_counts(nullif(fix.before, 0) - coalesce(t.before_fix, 0), 0, coalesce(t.before_fix, 0)),
				@extschema@.nps_counts(nullif(fix.after, 0) - coalesce(t.after_fix, 0), 0, coalesce(t.after_fix, 0)))).p_value AS fix_p_value,
			coalesce(t.cases, 0) AS cases
		FROM <<cause>> k
		LEFT JOIN (
			SELECT n.cause, count(DISTINCT n.respondent) + count(*) FILTER (WHERE n.respondent IS NULL AND n.is_first) AS respondents,
				count(DISTINCT n.respondent) FILTER (WHERE n.is_recent) + count(*) FILTER (WHERE n.respondent IS NULL AND n.is_first AND n.is_recent) AS recent_respondents,
				count(DISTINCT n.respondent) FILTER (WHERE n.is_earlier) + count(*) FILTER (WHERE n.respondent IS NULL AND n.is_first AND n.is_earlier) AS earlier_respondents,
				@extschema@.nps_tally_agg(n.score<<scale_argument>>) FILTER (WHERE n.is_first) AS tally,
				count(*) FILTER (WHERE n.named_in = 'case') AS cases,
				count(*) FILTER (WHERE n.is_first AND n.responded_at < n.fixed_at) AS before_fix,
				count(*) FILTER (WHERE n.is_first AND n.responded_at >= n.fixed_at) AS after_fix,
				sum(n.revenue) FILTER (WHERE n.is_first_of_customer AND n.churned_at IS NULL) AS revenue
			FROM (
				SELECT said.*, k.fixed_at, <<spans>>,
					row_number() OVER (PARTITION BY said.cause, said.response_id ORDER BY said.named_in) = 1 AS is_first,
					row_number() OVER (PARTITION BY said.cause, said.account, CASE WHEN said.account IS NULL THEN said.respondent END,
						CASE WHEN said.account IS NULL AND said.respondent IS NULL THEN said.response_id END
						ORDER BY said.churned_at DESC NULLS FIRST, said.revenue DESC NULLS LAST) = 1 AS is_first_of_customer
				FROM (<<said>>) said
				JOIN <<cause>> k ON k.cause = said.cause
				CROSS JOIN (SELECT * FROM <<survey>> LIMIT 1) s
			) n
			GROUP BY n.cause
		) t ON t.cause = k.cause
		-- everybody who said something, whatever it was
		CROSS JOIN (
			SELECT @extschema@.nps_tally_agg(said.score<<scale_argument>>) AS tally,
				count(DISTINCT said.respondent) FILTER (WHERE said.spoke) + count(*) FILTER (WHERE said.respondent IS NULL AND said.spoke) AS respondents,
				count(DISTINCT said.respondent) FILTER (WHERE said.spoke AND <<is_recent>>)
					+ count(*) FILTER (WHERE said.respondent IS NULL AND said.spoke AND <<is_recent>>) AS recent_respondents,
				count(DISTINCT said.respondent) FILTER (WHERE said.spoke AND <<is_earlier>>)
					+ count(*) FILTER (WHERE said.respondent IS NULL AND said.spoke AND <<is_earlier>>) AS earlier_respondents
			FROM (
				SELECT a.*, <<spoke>> AS spoke
				FROM <<answer>> a WHERE <<valid_a>>
			) said
			CROSS JOIN (SELECT * FROM <<survey>> LIMIT 1) s
		) w
		LEFT JOIN LATERAL (
			SELECT count(*) FILTER (WHERE a.responded_at < k.fixed_at) AS before, count(*) FILTER (WHERE a.responded_at >= k.fixed_at) AS after
			FROM <<answer>> a WHERE <<valid_a>> AND k.fixed_at IS NOT NULL AND <<spoke>>
		) fix ON true
		ORDER BY coalesce(t.respondents, 0) DESC, k.cause
		$view$, named || jsonb_build_object('said', said,
			'is_recent', 'said.responded_at >= now() - make_interval(days => s.follow_up_days)',
			'is_earlier', 'said.responded_at >= now() - make_interval(days => 2 * s.follow_up_days) AND said.responded_at < now() - make_interval(days => s.follow_up_days)',
			'spans', 'said.responded_at >= now() - make_interval(days => s.follow_up_days) AS is_recent, '
				'said.responded_at >= now() - make_interval(days => 2 * s.follow_up_days) AND said.responded_at < now() - make_interval(days => s.follow_up_days) AS is_earlier',
			'spoke', @extschema@.nps_fill('(coalesce(<<has_comment_a>>, false) OR EXISTS (SELECT FROM <<followup_case>> c '
				'WHERE c.case_id <<response_id_equals>> a.response_id AND c.cause IS NOT NULL))', named)));
	RETURN NEXT;

	name := 'cause_customer';
	definition := @extschema@.nps_fill($view$
		SELECT n.cause, k.team, n.respondent, n.account, n.response_id, n.score, n.comment, n.responded_at, n.named_in, k.fixed_at,
			coalesce(d.told_at, n.concern_told_at) AS told_at, d.told_by, k.fixed_at IS NOT NULL AND coalesce(d.told_at, n.concern_told_at) IS NULL AS is_due
		FROM (
			SELECT said.*,
				row_number() OVER (PARTITION BY said.cause, said.respondent
					ORDER BY said.responded_at DESC NULLS LAST, said.response_id DESC, said.named_in) AS place,
				max((SELECT max(o.told_at) FROM <<concern>> o WHERE o.case_id <<response_id_equals>> said.response_id AND o.cause = said.cause))
					OVER (PARTITION BY said.cause, said.respondent) AS concern_told_at
			FROM (<<said>>) said
			WHERE said.respondent IS NOT NULL AND said.contactable IS NOT FALSE
				AND NOT EXISTS (SELECT FROM <<followup_case>> c
					WHERE c.respondent <<respondent_equals>> said.respondent AND c.dismiss_reason = 'opted_out')
		) n
		JOIN <<cause>> k ON k.cause = n.cause
		LEFT JOIN <<cause_told>> d ON d.cause = n.cause AND d.respondent <<respondent_equals>> n.respondent
		WHERE n.place = 1
		$view$, named || jsonb_build_object('said', said));
	RETURN NEXT;

	name := 'timeline';
	definition := @extschema@.nps_fill($view$
		SELECT a.respondent, a.account, a.responded_at AS at, 'answer'::text AS kind, NULL AS case_id, a.<<score>> AS score,
			a.comment AS text, NULL::text AS actor, a.response_id
		FROM <<answer>> a
		WHERE <<valid_a>> AND a.respondent IS NOT NULL
		UNION ALL
		SELECT c.respondent, a.account, coalesce(e.happened_at, e.at), k.kind, e.case_id, NULL,
			CASE WHEN k.shows_value THEN e.new_value END, e.actor, NULL
		FROM <<followup_event>> e
		JOIN <<followup_case>> c ON c.case_id <<response_id_equals>> e.case_id
		JOIN (VALUES ('acknowledged_at', 'acknowledged', false), ('asked_at', 'asked', false), ('attempted_at', 'attempt', false),
			('contacted_at', 'contact', false), ('resolved_at', 'resolved', false), ('informed_at', 'informed', false),
			('closed_at', 'closed', false), ('unreachable_at', 'unreachable', false), ('dismissed_at', 'dismissed', false),
			('reopened_at', 'reopened', false), ('owner', 'owner', true), ('cause', 'cause', true),
			('concern.concern', 'concern', true), ('concern.answer', 'concern answered', true), ('concern.promise', 'promise', true),
			('concern.delivered_at', 'delivered', false), ('concern.declined_at', 'declined', false)) AS k(changed, kind, shows_value)
			ON k.changed = e.changed
		LEFT JOIN <<answer>> a ON a.response_id <<response_id_equals>> e.case_id
		WHERE e.new_value IS NOT NULL
		UNION ALL
		-- a note stands with whatever was recorded with it
		SELECT c.respondent, a.account, coalesce(e.happened_at, e.at), 'note', e.case_id, NULL, e.note, e.actor, NULL
		FROM <<followup_event>> e
		JOIN <<followup_case>> c ON c.case_id <<response_id_equals>> e.case_id
		LEFT JOIN <<answer>> a ON a.response_id <<response_id_equals>> e.case_id
		WHERE e.note IS NOT NULL
		UNION ALL
		SELECT d.respondent, NULL, d.told_at, 'told', NULL, NULL, d.cause, d.told_by, NULL
		FROM <<cause_told>> d
		UNION ALL
		(SELECT DISTINCT ON (a.respondent) a.respondent, a.account, a.churned_at, 'churned', NULL, NULL, NULL, NULL, NULL
		FROM <<answer>> a
		WHERE <<valid_a>> AND a.respondent IS NOT NULL AND a.churned_at IS NOT NULL
		ORDER BY a.respondent, a.churned_at DESC)
		$view$, named);
	RETURN NEXT;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_loop_views(jsonb) IS 'part of nps_attach(): the definitions of the reports on follow-up';
