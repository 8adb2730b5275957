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
