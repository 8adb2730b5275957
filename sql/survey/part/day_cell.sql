-- the rows of the survey counted by day: answers and comments by the day they were
-- given; and what was answered, unanswered or rejected by the day the customer was asked
SELECT c.day, c.tally, c.comments, c.unanswered, c.rejected, c.answered
FROM (
	SELECT nps_day_counts_agg(responded_at, <<asked_at>>, <<zone>>, <<score_as_counted>>, <<is_unanswered>>, nps_has_comment(comment), <<scale>>) AS counts
	FROM answer <<unless_rolled_up>>
) a
CROSS JOIN LATERAL nps_day_counts(a.counts) c
UNION ALL
SELECT day, tally, comments, unanswered, rejected, answered
FROM (
	SELECT day, nps_rollup_net(nps_rollup_tally(added, <<scale>>), nps_rollup_tally(removed, <<scale>>)) AS tally, coalesce(sum(with_comment), 0)::bigint AS comments,
		coalesce(sum(unanswered), 0)::bigint AS unanswered, coalesce(sum(rejected), 0)::bigint AS rejected, coalesce(sum(answered), 0)::bigint AS answered
	FROM <<rolled_up>>
	GROUP BY day
) day_of_rollup
WHERE nps_responses(tally) > 0 OR unanswered <> 0 OR rejected <> 0 OR answered <> 0
