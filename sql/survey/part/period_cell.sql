SELECT c.grain, c.step, c.first_day, f.*
FROM (
	SELECT g.grain, g.step, nps_period(d.day, g.grain) AS period, nps_tally_agg(d.tally) AS tally, sum(d.comments)::bigint AS comments,
		sum(d.unanswered)::bigint AS unanswered, sum(d.rejected)::bigint AS rejected, sum(d.answered)::bigint AS answered,
		min(min(d.day) FILTER (WHERE nps_responses(d.tally) > 0)) OVER (PARTITION BY g.grain) AS first_day,
		lead(nps_period(d.day, g.grain)) OVER (PARTITION BY g.grain ORDER BY nps_period(d.day, g.grain)) AS next_period
	FROM <<grains>> AS g(grain, step)
	CROSS JOIN (
		-- <<include day_cell>>
	) d
	GROUP BY g.grain, g.step, nps_period(d.day, g.grain)
) c
-- a period between two others is a row, too
CROSS JOIN LATERAL (
	SELECT c.period AS period_start, c.tally, c.comments, c.unanswered, c.rejected, c.answered
	UNION ALL
	SELECT gap, '{}', 0, 0, 0, 0
	FROM nps_periods_between(c.period, c.next_period, c.step) gap
	WHERE c.period + c.step < c.next_period
) f
