-- how many answers there are of each score
SELECT
	b.score::<<bin_type>> AS score, -- each score of the scale, also those that nobody gave; on the health scale the band
	b.category, -- detractor, passive or promoter
	b.responses, -- answers that count
	b.responses::double precision / nullif(nps_responses(t.tally), 0) AS share -- responses / all answers that count, 0 to 1
FROM (
	SELECT nps_tally_agg(tally) AS tally
	FROM (
		SELECT nps_tally_agg(score<<scale_argument>>) AS tally FROM counted <<unless_rolled_up>>
		UNION ALL
		SELECT nps_rollup_net(nps_rollup_tally(added, <<scale>>), nps_rollup_tally(removed, <<scale>>)) FROM <<rolled_up>>
	) part
) t
CROSS JOIN nps_scales() s
CROSS JOIN LATERAL (
	-- <<include score_bin>>
) b
WHERE s.scale = <<scale>>
