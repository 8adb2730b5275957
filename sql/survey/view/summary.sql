-- the whole survey in one row
SELECT
	m.responses, -- answers that count
	-- <<include tally_numbers>>
	t.unanswered, -- rows without an answer
	t.rejected, -- rows with a score that does not count; see not_counted
	CASE WHEN t.unanswered > 0 THEN m.responses::double precision / t.answers END
		AS response_rate, -- responses / all rows, 0 to 1; NULL if the source holds no unanswered rows
	t.comments / nullif(m.responses, 0)::double precision AS comment_share, -- share of responses with a comment, 0 to 1
	s.goal, -- the NPS to reach, in points
	m.nps - s.goal AS gap, -- nps - goal, in points
	s.benchmark, -- an NPS to compare with, in points; an assumption, see benchmark_source
	t.first_answer AS first_answer, -- date of the first answer, in the survey's time zone
	t.last_answer AS last_answer, -- date of the last answer, in the survey's time zone
	nullif(concat_ws('; ',
		CASE WHEN m.detractors = m.responses AND m.responses > 0 THEN 'every answer is a detractor: is the scale right?' END,
		CASE WHEN t.rejected > 0 THEN t.rejected || CASE t.rejected WHEN 1 THEN ' score does' ELSE ' scores do' END || ' not count, see not_counted' END), '')
		AS warning, -- what may be wrong with the survey; NULL if nothing was noticed
	-- for those who look for CSAT or CES by name
	CASE WHEN <<satisfaction>> THEN m.promoter_share END AS satisfied_share, -- share of satisfied customers (CSAT or CES percentage), 0 to 1: that of the promoters; NULL on other scales
	CASE WHEN <<satisfaction>> THEN w.low END AS satisfied_low, -- lower end of its 95 % interval
	CASE WHEN <<satisfaction>> THEN w.high END AS satisfied_high -- upper end of its 95 % interval
FROM (
	SELECT nps_tally_agg(tally) AS tally, coalesce(sum(nps_responses(tally) + unanswered + rejected), 0)::bigint AS answers,
		coalesce(sum(unanswered), 0)::bigint AS unanswered, coalesce(sum(rejected), 0)::bigint AS rejected, coalesce(sum(comments), 0)::bigint AS comments,
		min(day) FILTER (WHERE nps_responses(tally) > 0) AS first_answer, max(day) FILTER (WHERE nps_responses(tally) > 0) AS last_answer
	FROM (
		-- <<include day_cell>>
	) d
) t
CROSS JOIN LATERAL nps_summary(t.tally) m
LEFT JOIN LATERAL nps_share_interval(m.promoters, m.responses) w ON true
LEFT JOIN (SELECT * FROM survey LIMIT 1) s ON true
