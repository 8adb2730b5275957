-- what follow-up achieved, by period in which the case opened; filter to one grain and segment
SELECT
	grain, -- length of the period: day, week (ISO, from Monday), month, quarter or year; filter to one
	period_start, -- first day of the period in which the case opened; NULL without a date
	period_end, -- last day
	is_partial, -- whether the period is still running
	segment, -- all, owner, team, cause or score; filter to one
	value, -- value of the segment
	cases, -- cases of customers who may be contacted
	contacted, -- cases in which a person made contact
	contacted_in_time, -- of these in time
	overdue, -- cases without contact whose time for it is over, open or not
	expired, -- cases whose follow-up window ended and that nobody had taken on
	unreachable, -- cases given up after several attempts; they count as not contacted
	dismissed, -- what turned out to be no case; not those dismissed because the customer had left
	not_contactable, -- anonymous or not to be contacted; not among the cases
	coverage, -- contacted / (cases - dismissed), 0 to 1
	acknowledged, -- cases whose answer was acknowledged, or whose customer was contacted
	acknowledged_in_time, -- of these in time
	resolved, -- cases that were resolved
	resolved_in_time, -- of these in time
	informed_in_time, -- cases whose customer was told in time
	closed, -- cases whose loop is closed
	reopened, -- cases that were reopened
	median_hours_to_acknowledge, -- median over all cases, those still waiting too; NULL if more than half of them wait
	median_hours_to_contact, -- median over all cases, those still waiting too; NULL if more than half of them wait
	median_hours_to_resolve, -- median over all cases, those still waiting too; NULL if more than half of them wait
	median_hours_to_close, -- median over all cases, those still waiting too; NULL if more than half of them wait
	median_work_hours_to_contact, -- the same in working hours
	median_work_hours_to_resolve, -- the same in working hours
	promises, -- promises given
	broken_promises, -- promises not kept by their date, whatever happened later
	recovered, -- cases whose customer then gave an answer that needs no follow-up
	reanswered, -- cases whose customer answered again
	recovery_rate, -- recovered / (cases - dismissed), 0 to 1
	recovery_rate_contacted, -- recovered among those contacted, 0 to 1
	recovery_rate_reanswered, -- recovered among those who answered again, 0 to 1: biased, as the others are silent
	churned, -- cases whose customer left
	observed, -- cases whose whole follow-up window is over, so that churn in it is known; 0 where churn is not mapped
	churn, -- share of those observed who left within the follow-up window, 0 to 1
	churn_contacted, -- the same among those contacted
	churn_not_contacted, -- the same among those not contacted
	assumed_churn, -- what the settings assume of it
	revenue_at_risk -- revenue of the customers with an open case, each counted once
FROM nps_case_views
