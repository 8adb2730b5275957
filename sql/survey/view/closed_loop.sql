-- what follow-up achieved, by period in which the case opened; filter to one grain and segment
-- Every case counts in the period in which it opened, whatever became of it: what
-- is late and not done yet, and what nobody ever touched, is in every denominator.
-- Only what was dismissed was no case at all.  A step not made takes forever, so
-- that a median over all cases is honest; it is NULL where more than half of them
-- wait.
SELECT
	t.grain, -- length of the period: day, week (ISO, from Monday), month, quarter or year; filter to one
	t.period_start, -- first day of the period in which the case opened; NULL without a date
	(t.period_start + t.step - interval '1 day')::date AS period_end, -- last day
	t.period_start <= t.today AND t.today < t.period_start + t.step AS is_partial, -- whether the period is still running
	t.segment, -- all, owner, team, cause or score; filter to one
	t.value, -- value of the segment
	t.cases, -- cases of customers who may be contacted
	t.contacted, -- cases in which a person made contact
	t.contacted_in_time, -- of these in time
	t.overdue, -- cases without contact whose time for it is over, open or not
	t.expired, -- cases whose follow-up window ended and that nobody had taken on
	t.unreachable, -- cases given up after several attempts; they count as not contacted
	t.dismissed, -- what turned out to be no case; not those dismissed because the customer had left
	t.not_contactable, -- anonymous or not to be contacted; not among the cases
	t.contacted::double precision / nullif(t.cases - t.dismissed, 0) AS coverage, -- contacted / (cases - dismissed), 0 to 1
	t.acknowledged, -- cases whose answer was acknowledged, or whose customer was contacted
	t.acknowledged_in_time, -- of these in time
	t.resolved, -- cases that were resolved
	t.resolved_in_time, -- of these in time
	t.informed_in_time, -- cases whose customer was told in time
	t.closed, -- cases whose loop is closed
	t.reopened, -- cases that were reopened
	nullif(t.median_hours_to_acknowledge, 'Infinity') AS median_hours_to_acknowledge, -- median over all cases, those still waiting too; NULL if more than half of them wait
	nullif(t.median_hours_to_contact, 'Infinity') AS median_hours_to_contact, -- median over all cases, those still waiting too; NULL if more than half of them wait
	nullif(t.median_hours_to_resolve, 'Infinity') AS median_hours_to_resolve, -- median over all cases, those still waiting too; NULL if more than half of them wait
	nullif(t.median_hours_to_close, 'Infinity') AS median_hours_to_close, -- median over all cases, those still waiting too; NULL if more than half of them wait
	nullif(t.median_work_hours_to_contact, 'Infinity') AS median_work_hours_to_contact, -- the same in working hours
	nullif(t.median_work_hours_to_resolve, 'Infinity') AS median_work_hours_to_resolve, -- the same in working hours
	t.promises, -- promises given
	t.broken_promises, -- promises not kept by their date, whatever happened later
	t.recovered, -- cases whose customer then gave an answer that needs no follow-up
	t.reanswered, -- cases whose customer answered again
	t.recovered::double precision / nullif(t.cases - t.dismissed, 0) AS recovery_rate, -- recovered / (cases - dismissed), 0 to 1
	t.recovered_contacted::double precision / nullif(t.contacted, 0) AS recovery_rate_contacted, -- recovered among those contacted, 0 to 1
	t.recovered::double precision / nullif(t.reanswered, 0) AS recovery_rate_reanswered, -- recovered among those who answered again, 0 to 1: biased, as the others are silent
	t.churned, -- cases whose customer left
	t.observed, -- cases whose whole follow-up window is over, so that churn in it is known; 0 where churn is not mapped
	t.churned_in_window::double precision / nullif(t.observed, 0) AS churn, -- share of those observed who left within the follow-up window, 0 to 1
	t.churned_in_window_contacted::double precision / nullif(t.observed_contacted, 0) AS churn_contacted, -- the same among those contacted
	(t.churned_in_window - t.churned_in_window_contacted)::double precision / nullif(t.observed - t.observed_contacted, 0) AS churn_not_contacted, -- the same among those not contacted
	s.assumed_churn, -- what the settings assume of it
	t.revenue_at_risk -- revenue of the customers with an open case, each counted once
FROM (
	SELECT grain, step, period_start, segment, value, nps_period(now(), <<zone>>, 'day') AS today,
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
		percentile_disc(0.5) WITHIN GROUP (ORDER BY coalesce(hours_to_acknowledge, 'Infinity')) FILTER (WHERE is_case) AS median_hours_to_acknowledge,
		percentile_disc(0.5) WITHIN GROUP (ORDER BY coalesce(hours_to_contact, 'Infinity')) FILTER (WHERE is_case) AS median_hours_to_contact,
		percentile_disc(0.5) WITHIN GROUP (ORDER BY coalesce(hours_to_resolve, 'Infinity')) FILTER (WHERE is_case) AS median_hours_to_resolve,
		percentile_disc(0.5) WITHIN GROUP (ORDER BY coalesce(hours_to_close, 'Infinity')) FILTER (WHERE is_case) AS median_hours_to_close,
		percentile_disc(0.5) WITHIN GROUP (ORDER BY coalesce(work_hours_to_contact, 'Infinity')) FILTER (WHERE is_case) AS median_work_hours_to_contact,
		percentile_disc(0.5) WITHIN GROUP (ORDER BY coalesce(work_hours_to_resolve, 'Infinity')) FILTER (WHERE is_case) AS median_work_hours_to_resolve,
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
			FROM followup_all f
			CROSS JOIN (SELECT * FROM survey LIMIT 1) s
			UNION ALL
			-- nobody knows who they are: counted, and no work
			SELECT a.response_id, NULL, a.account, CASE WHEN a.local_time IS NOT NULL THEN least(a.responded_at, now()) END, a.score, 'new', NULL, NULL, NULL, false,
				false, false, 'unknown', NULL, NULL, NULL, NULL, NULL,
				NULL, NULL, NULL, NULL, 0::bigint, 0::bigint, NULL,
				NULL, NULL, NULL, NULL,
				NULL, NULL, NULL, NULL,
				false, false
			FROM counted a
			JOIN rule r ON r.score = a.rule_score
			WHERE a.respondent IS NULL AND r.follow_up
		) f
		CROSS JOIN nps_grains() AS g(grain, step)
		CROSS JOIN LATERAL (VALUES ('all', 'all'), ('owner', f.owner), ('team', f.team), ('cause', f.cause), ('score', f.opening_score::text)) AS v(segment, value)
		CROSS JOIN LATERAL (SELECT nps_period(f.opened_at, <<zone>>, g.grain) AS period_start) p
	) cell
	GROUP BY grain, step, period_start, segment, value
) t
CROSS JOIN (SELECT * FROM survey LIMIT 1) s
