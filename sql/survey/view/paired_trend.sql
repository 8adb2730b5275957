-- the change of those who answered in a period and in the one before; filter to one grain
-- Beside trend, as it must see the answers of a respondent together.
SELECT
	t.grain, -- length of the period: day, week (ISO, from Monday), month, quarter or year; filter to one
	t.period_start, -- first day, in the survey's time zone
	(t.period_start + t.step - interval '1 day')::date AS period_end, -- last day
	nps_is_partial(t.period_start, t.step, NULL, nps_period(now(), <<zone>>, 'day')) AS is_partial, -- whether the period is still running
	m.responses, -- respondents who answered in both periods, each with the newest answer in this one
	-- <<include tally_numbers>>
	t.change_from, -- the period compared with, as in trend: first day of the one before that has answers
	nps_score(t.tally_before) AS nps_before, -- Net Promoter Score of the same respondents in that period
	p.change AS paired_change, -- nps - nps_before, in points
	p.low AS paired_change_low, -- lower end of the 95 % interval of paired_change
	p.high AS paired_change_high, -- upper end of the 95 % interval of paired_change
	p.p_value AS paired_change_p_value -- probability of such a change by chance alone
FROM (
	SELECT cell.grain, cell.step, cell.period AS period_start, cell.period_before, cell.tally, cell.tally_before, cell.changes, cell.squares,
		max(period) OVER (PARTITION BY grain ORDER BY period GROUPS BETWEEN 1 PRECEDING AND 1 PRECEDING) AS change_from
	FROM (
		-- <<union all over grain>>
		SELECT '<<grain>>'::text AS grain, interval '<<step>>' AS step, period, period_before,
			nps_tally_agg(score<<scale_argument>>) AS tally, nps_tally_agg(score_before<<scale_argument>>) AS tally_before,
			sum(nps_points - points_before) AS changes, sum((nps_points - points_before) ^ 2) AS squares
		FROM (
			-- of each respondent the newest answer in a period, beside that in the period in which they answered before
			SELECT period, score, nps_points,
				CASE WHEN is_person THEN lag(period) OVER in_time END AS period_before,
				CASE WHEN is_person THEN lag(score) OVER in_time END AS score_before,
				CASE WHEN is_person THEN lag(nps_points) OVER in_time END AS points_before
			FROM (
				SELECT respondent, response_id, responded_at, score, nps_points, period,
					lead(period) OVER in_time AS next_period,
					-- as in follow-up, nobody gives more answers
					respondent IS NOT NULL AND count(*) OVER (PARTITION BY respondent) <= nps_most_answers() AS is_person
				FROM (SELECT respondent, response_id, responded_at, score, nps_points, nps_period(responded_at, <<zone>>, '<<grain>>') AS period FROM counted) dated
				WHERE period IS NOT NULL
				WINDOW in_time AS (PARTITION BY respondent ORDER BY responded_at, response_id<<response_id_order>>)
			) answered
			WHERE next_period IS DISTINCT FROM period
			WINDOW in_time AS (PARTITION BY respondent ORDER BY responded_at, response_id<<response_id_order>>)
		) pair
		GROUP BY period, period_before
		-- <<end>>
	) cell
) t
CROSS JOIN LATERAL nps_summary(t.tally) m
LEFT JOIN LATERAL nps_compare_pairs(m.responses, t.changes, t.squares) p ON true
WHERE t.period_before = t.change_from
