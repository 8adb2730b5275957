-- the survey by day, week, month, quarter and year; filter to one grain
SELECT
	t.grain, -- length of the period: day, week (ISO, from Monday), month, quarter or year; filter to one
	t.period_start, -- first day, in the survey's time zone; NULL for answers without a date
	(t.period_start + t.step - interval '1 day')::date AS period_end, -- last day
	nps_is_partial(t.period_start, t.step, t.first_day, t.today) AS is_partial, -- whether the period is still running, or the first answer came within it
	m.responses, -- answers that count
	-- <<include tally_numbers>>
	t.unanswered, -- rows without an answer, of customers who were asked in the period (asked_at, or else responded_at)
	t.rejected, -- rows of these with a score that does not count; see not_counted
	CASE WHEN t.knows_unanswered THEN t.answered / nullif(t.answered + t.unanswered + t.rejected, 0)::double precision END
		AS response_rate, -- share of those asked in the period who answered since, 0 to 1; NULL if the source holds no unanswered rows
	t.comments / nullif(m.responses, 0)::double precision AS comment_share, -- share of responses with a comment, 0 to 1
	t.change_from, -- the period compared with: first day of the one before that has answers
	k.change, -- nps - nps of that period, in points
	k.low AS change_low, -- lower end of the 95 % interval of the change
	k.high AS change_high, -- upper end of the 95 % interval of the change
	k.p_value AS change_p_value, -- probability of such a change by chance alone
	nps_holm(CASE WHEN least(m.responses, nps_responses(t.previous)) >= s.few_answers THEN k.p_value END) OVER (PARTITION BY t.grain)
		AS change_p_adjusted, -- the same, adjusted for looking at all periods of the grain (Holm); NULL where one of the two has fewer than few_answers answers (table survey)
	y.change AS year_change, -- nps - nps of the same period a year before, of a week 52 weeks before, in points
	y.low AS year_change_low, -- lower end of the 95 % interval of year_change
	y.high AS year_change_high, -- upper end of the 95 % interval of year_change
	y.p_value AS year_change_p_value -- probability of such a year_change by chance alone
FROM (
	SELECT cell.*, nps_period(now(), <<zone>>, 'day') AS today,
		coalesce(sum(unanswered) FILTER (WHERE period_start IS NOT NULL) OVER (PARTITION BY grain), 0) > 0 AS knows_unanswered,
		CASE WHEN is_answered THEN lag(period_start) OVER (PARTITION BY grain, is_answered ORDER BY period_start) END AS change_from,
		CASE WHEN is_answered THEN lag(tally) OVER (PARTITION BY grain, is_answered ORDER BY period_start) END AS previous,
		CASE WHEN is_answered AND grain = 'week' THEN first_value(tally) OVER (PARTITION BY grain ORDER BY period_start
				RANGE BETWEEN interval '364 days' PRECEDING AND interval '364 days' PRECEDING)
			WHEN is_answered THEN first_value(tally) OVER (PARTITION BY grain ORDER BY period_start
				RANGE BETWEEN interval '1 year' PRECEDING AND interval '1 year' PRECEDING) END AS year_before
	FROM (
		SELECT p.*, nps_responses(tally) > 0 AND period_start IS NOT NULL AS is_answered
		FROM (
			-- <<include period_cell>>
		) p
	) cell
) t
CROSS JOIN LATERAL nps_summary(t.tally) m
LEFT JOIN LATERAL nps_compare(t.previous, t.tally) k ON true
LEFT JOIN LATERAL nps_compare(t.year_before, t.tally) y ON true
LEFT JOIN (SELECT few_answers FROM survey LIMIT 1) s ON true
