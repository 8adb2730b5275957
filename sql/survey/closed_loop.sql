/* nps/sql/survey/closed_loop.sql */

CREATE FUNCTION @extschema@.nps_loop_views(named jsonb)
	RETURNS TABLE (name text, definition text)
	LANGUAGE plpgsql IMMUTABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The reports on follow-up: closed_loop, timeline. */
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
