-- what follow-up achieved, by period in which the case opened; filter to one grain and segment
-- Every case counts in the period in which it opened, whatever became of it: what
-- is late and not done yet, and what nobody ever touched, is in every denominator.
-- A step not made takes forever, so that a median over all cases is honest; it is
-- NULL where half of them or more wait: infinity stands in the middle, or NaN between two of these.
SELECT
	n.grain, -- length of the period: day, week (ISO, from Monday), month, quarter or year; filter to one
	p.period_start, -- first day of the period in which the case opened; NULL without a date
	(p.period_start + n.step - interval '1 day')::date AS period_end, -- last day
	p.period_start <= s.today AND s.today < p.period_start + n.step AS is_partial, -- whether the period is still running
	n.segment, -- all, person, team, cause, score or a segment of the survey; filter to one
	n.value, -- value of the segment
	coalesce(t.cases, 0) AS cases, -- cases that opened
	coalesce(t.open, 0) AS open, -- of these still on the list
	coalesce(t.late, 0) AS late, -- of these late with the next step
	coalesce(t.renewed, 0) AS renewed, -- how often bad answers came that no contact covered
	coalesce(t.contacted, 0) AS contacted, -- cases in which a person made contact
	coalesce(t.contacted_in_time, 0) AS contacted_in_time, -- of these in time, and entered within 24 hours
	coalesce(t.contacted_backdated, 0) AS contacted_backdated, -- of these entered more than 24 hours after it happened
	coalesce(t.recontacted, 0) AS recontacted, -- renewals after which a person made contact again
	coalesce(t.recontacted_in_time, 0) AS recontacted_in_time, -- of these in time, and entered within 24 hours
	coalesce(t.recontacted_backdated, 0) AS recontacted_backdated, -- of these entered more than 24 hours after it happened
	coalesce(t.missed, 0) AS missed, -- cases whose time for contact is over, without contact
	coalesce(t.expired, 0) AS expired, -- cases that ended with the follow-up window, while nobody worked on them
	coalesce(t.answered_better, 0) AS answered_better, -- cases that a better answer ended, while nobody worked on them
	coalesce(t.unreachable, 0) AS unreachable, -- cases given up after several attempts
	coalesce(t.dismissed, 0) AS dismissed, -- what turned out to be no case
	coalesce(t.dismissed_late, 0) AS dismissed_late, -- of these such whose time for contact was over
	coalesce(t.not_contactable, 0) AS not_contactable, -- cases of customers who could not be contacted
	coalesce(t.gone, 0) AS gone, -- cases whose opening answer is gone
	coalesce(t.recorded, 0) AS recorded, -- cases that there are facts of
	(t.contacted + t.recontacted)::double precision / nullif(t.cases + t.renewed, 0) AS coverage, -- (contacted + recontacted) / (cases + renewed), 0 to 1
	t.contacted_in_time::double precision / nullif(t.contact_judged, 0) AS contact_in_time_rate, -- contacted_in_time / cases contacted or due by now, 0 to 1
	t.recontacted_in_time::double precision / nullif(t.recontact_judged, 0) AS recontact_in_time_rate, -- the same of renewals
	coalesce(t.acknowledged, 0) AS acknowledged, -- cases whose answer was acknowledged, or whose customer was contacted
	coalesce(t.acknowledged_in_time, 0) AS acknowledged_in_time, -- of these in time, and entered within 24 hours
	t.acknowledged_in_time::double precision / nullif(t.acknowledge_judged, 0) AS acknowledge_in_time_rate, -- acknowledged_in_time / cases acknowledged or due to be by now, 0 to 1
	coalesce(t.resolved, 0) AS resolved, -- cases that were resolved
	coalesce(t.resolved_in_time, 0) AS resolved_in_time, -- of these in time, and entered within 24 hours
	t.resolved_in_time::double precision / nullif(t.resolve_judged, 0) AS resolve_in_time_rate, -- resolved_in_time / contacted cases resolved or due by now, 0 to 1
	coalesce(t.informed, 0) AS informed, -- cases whose customer was told what was done
	coalesce(t.informed_in_time, 0) AS informed_in_time, -- of these in time, and entered within 24 hours
	t.informed_in_time::double precision / nullif(t.inform_judged, 0) AS inform_in_time_rate, -- informed_in_time / cases told or due by now, 0 to 1
	coalesce(t.closed, 0) AS closed, -- cases whose loop is closed
	coalesce(t.reopened, 0) AS reopened, -- cases that were reopened
	coalesce(t.waited_hours, 0) AS waited_hours, -- hours for which it was the customer's turn
	coalesce(t.promises, 0) AS promises, -- promises given
	coalesce(t.promises_kept, 0) AS promises_kept, -- of these kept by their date, and entered within a day of it
	coalesce(t.promises_broken, 0) AS promises_broken, -- of these not kept by their date, whatever happened later
	coalesce(t.promises_moved, 0) AS promises_moved, -- how often their dates were changed
	nullif(nullif(t.median_hours_to_contact, 'Infinity'), 'NaN') AS median_hours_to_contact, -- median over all cases, those still waiting too; NULL if half of them or more wait
	nullif(nullif(t.median_work_hours_to_contact, 'Infinity'), 'NaN') AS median_work_hours_to_contact, -- the same in working hours
	nullif(nullif(t.median_hours_to_resolve, 'Infinity'), 'NaN') AS median_hours_to_resolve, -- median over all cases, those still waiting too; NULL if half of them or more wait
	nullif(nullif(t.median_hours_to_close, 'Infinity'), 'NaN') AS median_hours_to_close, -- median over all cases, those still waiting too; NULL if half of them or more wait
	coalesce(t.recovery_known, 0) AS recovery_known, -- contacted cases of detractors that are old enough to know
	coalesce(t.recovered, 0) AS recovered, -- of these such whose next answer was no detractor's
	t.recovered::double precision / nullif(t.recovery_known, 0) AS recovery_rate, -- recovered / recovery_known, 0 to 1
	coalesce(t.recovered_alone_known, 0) AS recovered_alone_known, -- the same cases without contact
	coalesce(t.recovered_alone, 0) AS recovered_alone, -- of these such whose next answer was no detractor's
	t.recovered_alone::double precision / nullif(t.recovered_alone_known, 0) AS recovered_alone_rate, -- recovered_alone / recovered_alone_known, 0 to 1
	coalesce(t.churned, 0) AS churned, -- cases whose customer left
	coalesce(t.churn_known_contacted, 0) AS churn_known_contacted, -- contacted cases of customers who were there when contact was due, and whose window is over
	t.churned_contacted::double precision / nullif(t.churn_known_contacted, 0) AS churn_rate_contacted, -- of these the share who left within the window, 0 to 1
	coalesce(t.churn_known_not_contacted, 0) AS churn_known_not_contacted, -- the same cases without contact
	t.churned_not_contacted::double precision / nullif(t.churn_known_not_contacted, 0) AS churn_rate_not_contacted, -- of these the share who left within the window, 0 to 1
	s.assumed_churn, -- what the settings assume of it
	CASE WHEN t.open > 0 THEN t.revenue_at_risk ELSE 0 END AS revenue_at_risk -- revenue of the customers with an open case, each counted once; NULL if that of none is known
FROM (
	SELECT f.grain, f.step, f.period_start, f.segment, f.value,
		lead(f.period_start) OVER (PARTITION BY f.grain, f.segment, f.value ORDER BY f.period_start) AS next_period,
		count(*) AS cases,
		count(*) FILTER (WHERE f.is_open) AS open,
		count(*) FILTER (WHERE f.is_open AND f.due = 'late') AS late,
		coalesce(sum(f.renewals + CASE WHEN f.is_renewed THEN 1 ELSE 0 END), 0)::bigint AS renewed,
		count(f.first_contacted_at) AS contacted,
		count(*) FILTER (WHERE f.first_contacted_at <= f.first_contact_due AND NOT f.contact_backdated) AS contacted_in_time,
		count(*) FILTER (WHERE f.contact_backdated) AS contacted_backdated,
		count(*) FILTER (WHERE f.is_missed OR f.first_contacted_at IS NOT NULL AND f.first_contact_due IS NOT NULL) AS contact_judged,
		coalesce(sum(f.renewals), 0)::bigint AS recontacted,
		coalesce(sum(f.recontacted_in_time), 0)::bigint AS recontacted_in_time,
		coalesce(sum(f.recontacted_backdated), 0)::bigint AS recontacted_backdated,
		coalesce(sum(f.recontacted_in_time + f.recontacted_late
			+ CASE WHEN f.is_renewed AND coalesce(f.over_at, now()) > f.contact_due THEN 1 ELSE 0 END), 0)::bigint AS recontact_judged,
		count(*) FILTER (WHERE f.is_missed) AS missed,
		count(*) FILTER (WHERE f.ended = 'expired') AS expired,
		count(*) FILTER (WHERE f.ended = 'answered better') AS answered_better,
		count(*) FILTER (WHERE f.status = 'unreachable') AS unreachable,
		count(*) FILTER (WHERE f.status = 'dismissed') AS dismissed,
		count(*) FILTER (WHERE f.status = 'dismissed' AND f.first_contacted_at IS NULL AND f.finished_at > f.first_contact_due) AS dismissed_late,
		count(*) FILTER (WHERE NOT f.is_contactable) AS not_contactable,
		count(*) FILTER (WHERE f.is_gone) AS gone,
		count(*) FILTER (WHERE f.is_recorded) AS recorded,
		count(f.hours_to_acknowledge) AS acknowledged,
		count(*) FILTER (WHERE f.first_acknowledged_at <= f.acknowledge_due AND NOT f.acknowledge_backdated
			OR f.first_contacted_at <= f.acknowledge_due AND NOT f.contact_backdated) AS acknowledged_in_time,
		count(*) FILTER (WHERE f.acknowledge_due IS NOT NULL AND (f.hours_to_acknowledge IS NOT NULL OR f.acknowledged_late)) AS acknowledge_judged,
		count(f.first_resolved_at) AS resolved,
		count(f.first_resolved_at) FILTER (WHERE f.first_resolved_at <= f.first_resolve_due AND NOT f.resolve_backdated) AS resolved_in_time,
		count(*) FILTER (WHERE f.first_contacted_at IS NOT NULL AND (f.resolved_late OR f.first_resolve_due IS NOT NULL)) AS resolve_judged,
		count(f.first_informed_at) AS informed,
		count(f.first_informed_at) FILTER (WHERE f.first_informed_at <= f.first_inform_due AND NOT f.inform_backdated) AS informed_in_time,
		count(*) FILTER (WHERE f.informed_late OR f.first_inform_due IS NOT NULL) AS inform_judged,
		count(*) FILTER (WHERE f.status = 'closed') AS closed,
		count(f.reopened_at) AS reopened,
		coalesce(sum(f.waited_hours), 0) AS waited_hours,
		coalesce(sum(f.promises), 0)::bigint AS promises,
		coalesce(sum(f.kept_promises), 0)::bigint AS promises_kept,
		coalesce(sum(f.broken_promises), 0)::bigint AS promises_broken,
		coalesce(sum(f.moved_promises), 0)::bigint AS promises_moved,
		percentile_cont(0.5) WITHIN GROUP (ORDER BY coalesce(f.hours_to_contact, 'Infinity')) FILTER (WHERE f.is_timed) AS median_hours_to_contact,
		percentile_cont(0.5) WITHIN GROUP (ORDER BY coalesce(f.work_hours_to_contact, 'Infinity')) FILTER (WHERE f.is_timed) AS median_work_hours_to_contact,
		percentile_cont(0.5) WITHIN GROUP (ORDER BY coalesce(f.hours_to_resolve, 'Infinity')) FILTER (WHERE f.is_timed) AS median_hours_to_resolve,
		percentile_cont(0.5) WITHIN GROUP (ORDER BY coalesce(f.hours_to_close, 'Infinity')) FILTER (WHERE f.is_timed) AS median_hours_to_close,
		count(*) FILTER (WHERE f.recovery_known AND f.first_contacted_at IS NOT NULL) AS recovery_known,
		count(*) FILTER (WHERE f.is_recovered AND f.first_contacted_at IS NOT NULL) AS recovered,
		count(*) FILTER (WHERE f.recovery_known AND f.first_contacted_at IS NULL) AS recovered_alone_known,
		count(*) FILTER (WHERE f.is_recovered AND f.first_contacted_at IS NULL) AS recovered_alone,
		count(*) FILTER (WHERE f.outcome = 'churned') AS churned,
		count(*) FILTER (WHERE f.churn_known AND f.first_contacted_at IS NOT NULL) AS churn_known_contacted,
		count(*) FILTER (WHERE f.churn_known AND f.left_in_window AND f.first_contacted_at IS NOT NULL) AS churned_contacted,
		count(*) FILTER (WHERE f.churn_known AND f.first_contacted_at IS NULL) AS churn_known_not_contacted,
		count(*) FILTER (WHERE f.churn_known AND f.left_in_window AND f.first_contacted_at IS NULL) AS churned_not_contacted,
		sum(f.revenue_at_risk) FILTER (WHERE f.is_first_of_customer) AS revenue_at_risk
	FROM (
		-- columns by name: the planner copies each list that it reads several times
		SELECT g.grain, g.step, p.period_start, v.segment, v.value, f.status, f.due, f.is_open, f.is_recorded, f.is_renewed, f.is_gone, f.ended, f.over_at, f.outcome,
			f.acknowledge_due, f.acknowledge_backdated, f.acknowledged_late, f.first_acknowledged_at, f.hours_to_acknowledge,
			f.first_contact_due, f.first_contacted_at, f.contact_due, f.contact_backdated, f.is_contactable, f.is_missed, f.hours_to_contact, f.work_hours_to_contact,
			f.renewals, f.recontacted_in_time, f.recontacted_late, f.recontacted_backdated,
			f.first_resolve_due, f.first_resolved_at, f.resolve_backdated, f.resolved_late, f.hours_to_resolve, f.waited_hours,
			f.first_inform_due, f.first_informed_at, f.inform_backdated, f.informed_late, f.finished_at, f.hours_to_close, f.reopened_at,
			f.promises, f.kept_promises, f.broken_promises, f.moved_promises, f.recovery_known, f.is_recovered, f.revenue_at_risk,
			-- ended before anybody had to do anything: it is in no median
			f.opened_at IS NOT NULL AND NOT (f.first_contacted_at IS NULL AND NOT coalesce(f.is_missed, false) AND f.over_at IS NOT NULL) AS is_timed,
			-- revenue is the account's, or else the respondent's: it counts once
			<<knows_revenue>> AND f.is_open AND row_number() OVER (PARTITION BY g.grain, p.period_start, v.segment, v.value, f.is_open,
				f.account, CASE WHEN f.account IS NULL THEN f.respondent END ORDER BY f.revenue_at_risk DESC NULLS LAST) = 1 AS is_first_of_customer,
			<<knows_churn>> AND f.first_contact_due IS NOT NULL AND w.window_end <= now() AND NOT coalesce(f.churned_at <= f.first_contact_due, false) AS churn_known,
			coalesce(f.churned_at <= w.window_end, false) AS left_in_window
		FROM followup_all f
		<<join_opening>>
		CROSS JOIN (SELECT s.follow_up_days FROM survey s LIMIT 1) s,
		LATERAL (SELECT CASE WHEN <<knows_churn>> THEN nps_due(f.opened_at, 24 * s.follow_up_days, <<zone>>, NULL, NULL, NULL, NULL) END AS window_end OFFSET 0) w,
		LATERAL (VALUES ('all', 'all'), ('person', f.figured_responsible), ('team', f.figured_team), ('cause', f.cause),
			('score', f.opening_score::text)<<opening_segments>>) AS v(segment, value),
		<<grains>> AS g(grain, step),
		LATERAL (SELECT nps_period(f.opened_at, <<zone>>, g.grain) AS period_start) p
	) f
	GROUP BY f.grain, f.step, f.period_start, f.segment, f.value
) n
-- each period, and with it the empty ones until the next
CROSS JOIN LATERAL (
	SELECT n.period_start
	UNION ALL
	SELECT gap
	FROM nps_periods_between(n.period_start, n.next_period, n.step) gap
	WHERE n.segment = 'all' AND n.period_start + n.step < n.next_period
) p
LEFT JOIN LATERAL (SELECT n.*) t ON p.period_start IS NOT DISTINCT FROM n.period_start
CROSS JOIN (SELECT s.assumed_churn, nps_period(now(), <<zone>>, 'day') AS today FROM survey s LIMIT 1) s
