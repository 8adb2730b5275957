SELECT
	-- <<include answer_entry>>
FROM fresh_opening o
-- <<include answer_of_opening>>
UNION ALL
SELECT
	-- <<include answer_entry>>
FROM other_opening o
-- <<include answer_of_opening>>
UNION ALL
SELECT o.*, c.case_id, c.opening_score::<<score_type>>, floor(c.opening_score)::integer, coalesce(c.opening_at, c.opened_at), c.opened_at, NULL, NULL, NULL, NULL,
	<<nothing_beside>>, false,
	CASE WHEN c.case_id <<response_id_equals>> o.case_id THEN 1 ELSE 0 END + c.known
		+ CASE WHEN c.topic IS DISTINCT FROM o.topic THEN 512 ELSE 0 END + CASE WHEN <<reversed>> THEN 2048 ELSE 0 END,
	c.opened_at, c.reopened_at, c.contacted_at, c.covered_until, c.covered_id::text, c.finished_at, c.finish_entered_at, c.finished_until, c.finished_id::text,
	c.ended_at, c.stays_until, c.contact_due, c.renewed_due, c.facts_until, c.facts_id::text, c.covered_score, c.first_contacted_at, c.between_ids
FROM (SELECT * FROM fresh_opening UNION ALL SELECT * FROM other_opening) o
JOIN gone_case c ON c.respondent <<respondent_equals>> o.respondent
WHERE NOT <<is_crowd>>
