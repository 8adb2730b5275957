-- how many respondents went from which category to which
-- The last two answers, or the last one and having left, or an only answer that
-- has no next one yet.
SELECT
	t.from_category, -- category of the answer before, or of the only or last one
	t.to_category, -- category of the newest answer, or churned, or no answer yet
	count(*) AS respondents, -- how many respondents
	count(*) / sum(count(*)) OVER (PARTITION BY t.from_category)::double precision AS share, -- share of the respondents with that from_category, 0 to 1
	percentile_cont(0.5) WITHIN GROUP (ORDER BY t.days) AS median_days, -- median of the days between the two
	count(*) FILTER (WHERE t.followed_up) AS followed_up -- of these whom somebody contacted between the two
FROM (
	SELECT
		CASE WHEN n.has_left OR n.previous_category IS NULL THEN n.category ELSE n.previous_category END AS from_category,
		CASE WHEN n.has_left THEN 'churned' WHEN n.previous_category IS NULL THEN 'no answer yet' ELSE n.category END AS to_category,
		date_part('epoch', CASE WHEN n.has_left THEN nps_local_time(n.churned_at, <<zone>>) - nps_local_time(n.responded_at, <<zone>>)
			WHEN n.previous_category IS NOT NULL THEN nps_local_time(n.responded_at, <<zone>>) - nps_local_time(n.previous_at, <<zone>>) END) / 86400 AS days,
		-- somebody made contact between the two
		CASE WHEN h.contacts IS NULL THEN false ELSE EXISTS (
			SELECT 1 FROM unnest(h.contacts) AS c(at)
			WHERE c.at >= CASE WHEN NOT n.has_left AND n.previous_category IS NOT NULL THEN n.previous_at ELSE n.responded_at END
				AND c.at <= CASE WHEN n.has_left THEN n.churned_at WHEN n.previous_category IS NOT NULL THEN n.responded_at ELSE now() END) END AS followed_up
	FROM newest_answer n
	LEFT JOIN (
		SELECT c.respondent, array_agg(c.contacted_at) AS contacts
		FROM followup_case c
		WHERE c.contacted_at IS NOT NULL
		GROUP BY c.respondent
	) h ON h.respondent <<respondent_equals>> n.respondent
	-- who is unknown can never be seen to answer again
	WHERE n.respondent IS NOT NULL
) t
GROUP BY t.from_category, t.to_category
