SELECT c.grain, c.step, c.first_day, f.*
FROM (
	SELECT g.grain, g.step, nps_period(d.day, g.grain) AS period, nps_tally_agg(d.tally) AS tally, sum(d.comments)::bigint AS comments,
		sum(d.unanswered)::bigint AS unanswered, sum(d.rejected)::bigint AS rejected, sum(d.answered)::bigint AS answered,
		min(min(d.day) FILTER (WHERE nps_responses(d.tally) > 0)) OVER (PARTITION BY g.grain) AS first_day,
		lead(nps_period(d.day, g.grain)) OVER (PARTITION BY g.grain ORDER BY nps_period(d.day, g.grain)) AS next_period
	FROM <<grains>> AS g(grain, step)
	CROSS JOIN (
		SELECT p.*
		FROM (
			SELECT day, <<asked_day>> AS asked_day, nps_tally_agg(score<<scale_argument>>) AS tally,
				count(*) FILTER (WHERE score IS NOT NULL AND nps_has_comment(comment)) AS comments,
				count(*) FILTER (WHERE score IS NULL AND rejection = 'no answer') AS unanswered,
				count(*) AS answers
			FROM (
				SELECT score, rejection, comment, nps_period(responded_at, <<zone>>, 'day') AS day, nps_period(asked_at, <<zone>>, 'day') AS asked_day
				FROM answer <<unless_rolled_up>>
				UNION ALL
				-- No rows.  This keeps the planner from assuming a day of its own for each time:
				-- if it knows nothing about a column it assumes few values, and counts them
				-- in parallel.
				SELECT NULL, NULL, NULL, NULL, NULL WHERE false
			) a
			GROUP BY day<<by_asked_day>>
		) by_day
		-- answers by when they were given; and everything about how many answered, by when they were asked
		CROSS JOIN LATERAL (
			SELECT day, tally, comments, 0::bigint AS unanswered, 0::bigint AS rejected, 0::bigint AS answered WHERE nps_responses(tally) > 0
			UNION ALL
			-- whatever is neither is rejected: counting that too would cost something in each row
			SELECT coalesce(asked_day, day), '{}', 0, unanswered, answers - nps_responses(tally) - unanswered, nps_responses(tally)
		) p
		UNION ALL
		SELECT day, tally, comments, unanswered, rejected, answered
		FROM (
			SELECT day, nps_rollup_net(nps_tally_agg(added), nps_tally_agg(removed)) AS tally, coalesce(sum(with_comment), 0)::bigint AS comments,
				coalesce(sum(unanswered), 0)::bigint AS unanswered, coalesce(sum(rejected), 0)::bigint AS rejected, coalesce(sum(answered), 0)::bigint AS answered
			FROM <<rolled_up>>
			GROUP BY day
		) day_of_rollup
		WHERE nps_responses(tally) > 0 OR unanswered <> 0 OR rejected <> 0 OR answered <> 0
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
