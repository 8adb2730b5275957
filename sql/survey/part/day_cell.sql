SELECT nps_period(responded_at, <<zone>>, 'day') AS day,
	nps_tally_agg(score<<scale_argument>>) AS tally,
	count(*) FILTER (WHERE score IS NULL AND rejection = 'no answer') AS unanswered,
	count(*) FILTER (WHERE score IS NULL AND rejection <> 'no answer') AS rejected,
	count(*) FILTER (WHERE score IS NOT NULL AND nps_has_comment(comment)) AS comments
FROM (
	SELECT score, rejection, comment, responded_at FROM answer <<unless_rolled_up>>
	UNION ALL
	-- Nothing.  It keeps the planner from taking each time for a day of its own:
	-- where it knows nothing of a column it assumes few values, and counts them in
	-- parallel.
	SELECT NULL, NULL, NULL, NULL WHERE false
) a
GROUP BY nps_period(responded_at, <<zone>>, 'day')
UNION ALL
SELECT day, tally, unanswered, rejected, comments
FROM (
	SELECT day, nps_rollup_net(nps_tally_agg(added), nps_tally_agg(removed)) AS tally, coalesce(sum(unanswered), 0)::bigint AS unanswered,
		coalesce(sum(rejected), 0)::bigint AS rejected, coalesce(sum(with_comment), 0)::bigint AS comments
	FROM <<rolled_up>>
	GROUP BY day
) day_of_rollup
WHERE nps_responses(tally) > 0 OR unanswered <> 0 OR rejected <> 0
