-- the segments by period, and which of them moved the whole; filter to one grain and segment
SELECT
	t.grain, -- length of the period: day, week (ISO, from Monday), month, quarter or year; filter to one
	t.period_start, -- first day, in the survey's time zone; NULL for answers without a date
	(t.period_start + t.step - interval '1 day')::date AS period_end, -- last day
	nps_is_partial(t.period_start, t.step, t.first_day, t.today) AS is_partial, -- whether the period is still running, or the first answer came within it
	t.segment, -- name of the segment
	t.value, -- value of the segment
	m.responses, -- answers that count
	-- <<include tally_numbers>>
	m.responses::double precision / nullif(nps_responses(t.whole), 0) AS share, -- responses / responses of all values in the period, 0 to 1
	nps_contribution(t.tally, t.whole) AS contribution, -- how far the value pulls the NPS of all up or down, in points; sums to 0 over a segment
	nps_impact(t.tally, t.whole) AS impact, -- what the NPS of all would lose without the value, in points; NULL if it is all
	d.change AS difference, -- nps - nps of all other values, in points
	d.low AS difference_low, -- lower end of the 95 % interval of the difference
	d.high AS difference_high, -- upper end of the 95 % interval of the difference
	d.p_value AS difference_p_value, -- probability of such a difference by chance alone
	nps_holm(d.p_value) OVER of_period AS difference_p_adjusted, -- the same, adjusted for looking at all values of the segment (Holm)
	t.change_from, -- the period compared with: first day of the one before that has answers
	k.change, -- nps - nps of the value in that period, in points
	k.low AS change_low, -- lower end of the 95 % interval of the change
	k.high AS change_high, -- upper end of the 95 % interval of the change
	k.p_value AS change_p_value, -- probability of such a change by chance alone
	nps_holm(CASE WHEN least(m.responses, nps_responses(t.previous)) >= s.few_answers THEN k.p_value END) OVER of_period
		AS change_p_adjusted, -- the same, adjusted for looking at all values of the segment (Holm); NULL where one of the two has fewer than few_answers answers (table survey)
	y.change AS year_change, -- nps - nps of the value in the same period a year before, of a week 52 weeks before, in points
	y.low AS year_change_low, -- lower end of the 95 % interval of year_change
	y.high AS year_change_high, -- upper end of the 95 % interval of year_change
	y.p_value AS year_change_p_value, -- probability of such a year_change by chance alone
	e.rate_effect, -- part of the change of all that comes from the value's own score, in points
	e.mix_effect -- part of the change of all that comes from the value's share, in points; both effects of all values sum to the change
FROM (
	SELECT pair.*, nps_period(now(), <<zone>>, 'day') AS today,
		min(first_day_of_cell) OVER (PARTITION BY grain, segment) AS first_day,
		nps_tally_agg(tally) OVER of_period AS whole,
		nps_tally_agg(previous) OVER of_period AS whole_before,
		max(period_before) OVER of_period AS change_from,
		CASE WHEN period_start IS NOT NULL AND grain = 'week' THEN first_value(tally) OVER (PARTITION BY grain, segment, value ORDER BY period_start
				RANGE BETWEEN interval '364 days' PRECEDING AND interval '364 days' PRECEDING)
			WHEN period_start IS NOT NULL THEN first_value(tally) OVER (PARTITION BY grain, segment, value ORDER BY period_start
				RANGE BETWEEN interval '1 year' PRECEDING AND interval '1 year' PRECEDING) END AS year_before
	FROM (
		-- Each cell is put into its own period, and as what was before into the
		-- next period that has answers, where a value that is gone gets a row too:
		-- without it the effects would not sum to the change of the whole.
		SELECT c.grain, c.step, p.period_start, c.segment, c.value,
			nps_tally_agg(p.tally) AS tally, nps_tally_agg(p.previous) AS previous,
			max(p.period_before) AS period_before, min(p.first_day) AS first_day_of_cell
		FROM (
			SELECT cell.*,
				min(period) OVER (PARTITION BY grain, segment ORDER BY period GROUPS BETWEEN 1 FOLLOWING AND 1 FOLLOWING) AS next_period
			FROM (
				-- <<union all over segment, grain>>
				SELECT '<<grain>>'::text AS grain, interval '<<step>>' AS step, period, <<segment>>::text AS segment, value,
					nps_tally_agg(score<<scale_argument>>) AS tally, nps_period(min(responded_at), <<zone>>, 'day') AS first_day
				FROM (
					SELECT score, responded_at, <<segment_column>>::text AS value, nps_period(responded_at, <<zone>>, '<<grain>>') AS period FROM counted <<unless_rolled_up>>
					UNION ALL
					-- as in trend
					SELECT NULL, NULL, NULL, NULL WHERE false
				) a
				GROUP BY period, value
				UNION ALL
				SELECT '<<grain>>', interval '<<step>>', period, <<segment>>, value, tally, first_day
				FROM (
					SELECT nps_period(day, '<<grain>>') AS period, <<rolled_up_column>>::text AS value,
						nps_rollup_net(nps_rollup_tally(added, <<scale>>), nps_rollup_tally(removed, <<scale>>)) AS tally
					FROM <<rolled_up>>
					GROUP BY 1, <<rolled_up_column>>::text
				) cell_of_rollup
				-- answers of an earlier day may all be gone
				CROSS JOIN (
					SELECT min(day) AS first_day
					FROM (SELECT day FROM <<rolled_up>> GROUP BY day HAVING nps_responses(nps_rollup_net(nps_rollup_tally(added, <<scale>>), nps_rollup_tally(removed, <<scale>>))) > 0) day_of_rollup
				) begin_of_rollup
				WHERE nps_responses(tally) > 0
				-- <<end>>
			) cell
		) c
		CROSS JOIN LATERAL (
			SELECT c.period AS period_start, c.tally, '{}'::nps_tally AS previous, NULL::date AS period_before, c.first_day
			UNION ALL
			SELECT c.next_period, '{}', c.tally, c.period, NULL WHERE c.next_period IS NOT NULL
		) p
		GROUP BY c.grain, c.step, p.period_start, c.segment, c.value
	) pair
	WINDOW of_period AS (PARTITION BY grain, segment, period_start)
) t
CROSS JOIN LATERAL nps_summary(t.tally) m
LEFT JOIN LATERAL nps_compare(t.whole OPERATOR(nps.-) t.tally, t.tally) d ON true
LEFT JOIN LATERAL nps_compare(t.previous, t.tally) k ON true
LEFT JOIN LATERAL nps_compare(t.year_before, t.tally) y ON true
LEFT JOIN LATERAL nps_effects(t.previous, t.whole_before, t.tally, t.whole) e ON true
LEFT JOIN (SELECT few_answers FROM survey LIMIT 1) s ON true
-- without segments no rows, and nothing is read
WHERE t.segment IS NOT NULL
WINDOW of_period AS (PARTITION BY t.grain, t.segment, t.period_start)
