-- the survey by the values of each segment, and what each of them does to the whole
SELECT
	t.segment, -- name of the segment
	t.value, -- value of the segment
	m.responses, -- answers that count
	-- <<include tally_numbers>>
	m.responses::double precision / nps_responses(t.whole) AS share, -- responses / responses of all values, 0 to 1
	nps_contribution(t.tally, t.whole) AS contribution, -- how far the value pulls the NPS of all up or down, in points; sums to 0 over a segment
	nps_impact(t.tally, t.whole) AS impact, -- what the NPS of all would lose without the value, in points; NULL if it is all
	d.change AS difference, -- nps - nps of all other values, in points
	d.low AS difference_low, -- lower end of the 95 % interval of the difference
	d.high AS difference_high, -- upper end of the 95 % interval of the difference
	d.p_value AS difference_p_value, -- probability of such a difference by chance alone
	nps_holm(d.p_value) OVER (PARTITION BY t.segment) AS difference_p_adjusted -- the same, adjusted for looking at all values of the segment (Holm): below 0.05 it is news
FROM (
	SELECT cell.*, nps_tally_agg(tally) OVER (PARTITION BY segment) AS whole
	FROM (
		-- <<union all over segment>>
		SELECT <<segment>>::text AS segment, <<segment_column>>::text AS value, nps_tally_agg(score<<scale_argument>>) AS tally
		FROM counted <<unless_rolled_up>>
		GROUP BY <<segment_column>>::text
		UNION ALL
		SELECT <<segment>>, value, tally
		FROM (
			SELECT <<rolled_up_column>>::text AS value, nps_rollup_net(nps_rollup_tally(added, <<scale>>), nps_rollup_tally(removed, <<scale>>)) AS tally
			FROM <<rolled_up>>
			GROUP BY <<rolled_up_column>>::text
		) value_of_rollup
		WHERE nps_responses(tally) > 0
		-- <<end>>
	) cell
) t
CROSS JOIN LATERAL nps_summary(t.tally) m
LEFT JOIN LATERAL nps_compare(t.whole OPERATOR(nps.-) t.tally, t.tally) d ON true
-- without segments no rows, and nothing is read
WHERE t.segment IS NOT NULL
