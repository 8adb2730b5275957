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
		SELECT nps_rollup_net(nps_tally_agg(added), nps_tally_agg(removed)) FROM <<rolled_up>>
	) part
) t
CROSS JOIN nps_scales() s
CROSS JOIN LATERAL (
	SELECT bin::text AS score, nps_category(bin, s.scale) AS category, coalesce((nps_histogram(t.tally))[bin - s.min_score + 1], 0) AS responses
	FROM generate_series(s.min_score::integer, s.max_score::integer) AS bin
	WHERE s.whole_scores_only
	UNION ALL
	-- with fractions there are too many scores
	SELECT band.* FROM (VALUES
		(s.detractor, 'detractor', nps_detractors(t.tally)),
		(s.passive, 'passive', nps_passives(t.tally)),
		(s.promoter, 'promoter', nps_promoters(t.tally))) AS band
	WHERE NOT s.whole_scores_only
) b
WHERE s.scale = <<scale>>
