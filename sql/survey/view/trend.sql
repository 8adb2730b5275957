-- the survey by day, week, month, quarter and year; filter to one grain
SELECT
	t.grain, -- length of the period: day, week (ISO, from Monday), month, quarter or year; filter to one
	t.period_start, -- first day, in the survey's time zone; NULL for answers without a date
	(t.period_start + t.step - interval '1 day')::date AS period_end, -- last day
	t.period_start <= t.today AND t.today < t.period_start + t.step AS is_partial, -- whether the period is still running
	m.responses, -- answers that count
	m.detractors, -- answers that are detractors
	m.passives, -- answers that are passives
	m.promoters, -- answers that are promoters
	m.detractor_share, -- detractors / responses, 0 to 1
	m.passive_share, -- passives / responses, 0 to 1
	m.promoter_share, -- promoters / responses, 0 to 1; on a satisfaction scale the share of satisfied customers
	m.nps, -- Net Promoter Score in points, -100 to 100; NULL without answers
	m.nps_low, -- lower end of the 95 % interval of nps
	m.nps_high, -- upper end of the 95 % interval of nps
	m.mean_score, -- mean answer on its own scale
	t.unanswered, -- rows without an answer
	t.rejected, -- rows with a score that does not count; see not_counted
	CASE WHEN t.knows_unanswered AND t.answers > 0 THEN m.responses::double precision / t.answers END
		AS response_rate, -- responses / all rows, 0 to 1; NULL if the source holds no unanswered rows
	t.comments / nullif(m.responses, 0)::double precision AS comment_share, -- share of responses with a comment, 0 to 1
	k.change, -- nps - nps of the period before that has answers, in points
	k.low AS change_low, -- lower end of the 95 % interval of the change
	k.high AS change_high, -- upper end of the 95 % interval of the change
	k.p_value AS change_p_value -- probability of such a change by chance alone
FROM (
	SELECT c.grain, c.step, f.period_start, f.first_of_cell, c.today, c.knows_unanswered,
		CASE WHEN f.first_of_cell THEN c.tally ELSE '{}' END AS tally,
		CASE WHEN f.first_of_cell THEN c.previous END AS previous,
		CASE WHEN f.first_of_cell THEN c.answers ELSE 0 END AS answers,
		CASE WHEN f.first_of_cell THEN c.unanswered ELSE 0 END AS unanswered,
		CASE WHEN f.first_of_cell THEN c.rejected ELSE 0 END AS rejected,
		CASE WHEN f.first_of_cell THEN c.comments ELSE 0 END AS comments
	FROM (
		SELECT cell.*, nps_period(now(), <<zone>>, 'day') AS today,
			(nps_period(now(), <<zone>>, grain) + step)::date AS end_of_time,
			lead(period) OVER (PARTITION BY grain ORDER BY period) AS next_period,
			CASE WHEN period IS NOT NULL AND nps_responses(tally) > 0
				THEN lag(tally) OVER (PARTITION BY grain, nps_responses(tally) > 0 ORDER BY period) END AS previous,
			coalesce(sum(unanswered) FILTER (WHERE period IS NOT NULL) OVER (PARTITION BY grain), 0) > 0 AS knows_unanswered
		FROM (
			-- The windows are partitioned by grain, so that a condition on it reaches
			-- down to the one part that is needed.
			-- <<union all over grain>>
			SELECT '<<grain>>'::text AS grain, interval '<<step>>' AS step, period,
				nps_tally_agg(score<<scale_argument>>) AS tally,
				count(*) AS answers,
				count(*) FILTER (WHERE score IS NULL AND rejection = 'no answer') AS unanswered,
				count(*) FILTER (WHERE score IS NULL AND rejection <> 'no answer') AS rejected,
				count(*) FILTER (WHERE score IS NOT NULL AND nps_has_comment(comment)) AS comments
			FROM (
				SELECT score, rejection, comment, nps_period(responded_at, <<zone>>, '<<grain>>') AS period FROM answer <<unless_rolled_up>>
				UNION ALL
				-- Nothing.  It keeps the planner from taking each time for a period of its
				-- own: where it knows nothing of a column it assumes few values, and
				-- counts them in parallel.
				SELECT NULL, NULL, NULL, NULL WHERE false
			) a
			GROUP BY period
			UNION ALL
			SELECT '<<grain>>', interval '<<step>>', period, tally, nps_responses(tally) + unanswered + rejected, unanswered, rejected, comments
			FROM (
				SELECT nps_period(day, '<<grain>>') AS period,
					nps_rollup_net(nps_tally_agg(added), nps_tally_agg(removed)) AS tally, coalesce(sum(unanswered), 0)::bigint AS unanswered,
					coalesce(sum(rejected), 0)::bigint AS rejected, coalesce(sum(with_comment), 0)::bigint AS comments
				FROM <<rolled_up>>
				GROUP BY 1
			) period_of_rollup
			WHERE nps_responses(tally) > 0 OR unanswered <> 0 OR rejected <> 0
			-- <<end>>
		) cell
	) c
	-- a period without answers is a row too, up to the running one
	CROSS JOIN LATERAL (
		SELECT c.period AS period_start, true AS first_of_cell
		UNION ALL
		SELECT gap, false
		FROM nps_periods_between(c.period, least(c.next_period, c.end_of_time), c.step) gap
		WHERE c.period + c.step < least(c.next_period, c.end_of_time)
	) f
) t
CROSS JOIN LATERAL nps_summary(t.tally) m
LEFT JOIN LATERAL nps_compare(t.previous, t.tally) k ON true
