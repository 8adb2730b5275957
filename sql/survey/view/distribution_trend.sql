-- how many answers there are of each score by day, week, month, quarter and year; filter to one grain
SELECT
	t.grain, -- length of the period: day, week (ISO, from Monday), month, quarter or year; filter to one
	t.period_start, -- first day, in the survey's time zone; NULL for answers without a date
	(t.period_start + t.step - interval '1 day')::date AS period_end, -- last day
	nps_is_partial(t.period_start, t.step, t.first_day, nps_period(now(), <<zone>>, 'day')) AS is_partial, -- whether the period is still running, or the first answer came within it
	b.score::<<bin_type>> AS score, -- each score of the scale, also those that nobody gave; on the health scale the band
	b.category, -- detractor, passive or promoter
	b.responses, -- answers that count
	b.responses::double precision / nullif(nps_responses(t.tally), 0) AS share -- responses / all answers of the period that count, 0 to 1
FROM (
	-- <<include period_cell>>
) t
CROSS JOIN nps_scales() s
CROSS JOIN LATERAL (
	-- <<include score_bin>>
) b
WHERE s.scale = <<scale>>
