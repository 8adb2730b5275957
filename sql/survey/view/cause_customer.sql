-- who named which cause, and who was told that it is fixed; UPDATE told_at
SELECT
	n.cause, -- the cause that the customer named
	k.team, -- the team that the cause belongs to
	n.respondent, -- who named it
	n.account, -- customer that the respondent belongs to
	n.response_id, -- the newest answer that names it
	n.score, -- score of the newest answer that names it
	n.comment, -- comment of the newest answer that names it
	n.responded_at, -- when that answer was given
	n.named_in, -- where the customer names the cause: case, concern or comment
	k.fixed_at, -- when the cause was fixed; NULL if it is not
	coalesce(d.told_at, n.concern_told_at) AS told_at, -- when the customer was told
	d.told_by, -- who told the customer
	coalesce(n.named_before_fix > coalesce(d.told_at, n.concern_told_at, '-infinity'), false) AS is_due -- whether the customer named the cause before it was fixed, and was not told since
FROM (
	SELECT m.*,
		row_number() OVER (PARTITION BY m.cause, m.respondent ORDER BY m.responded_at DESC NULLS LAST, m.response_id<<response_id_order>> DESC, m.named_in COLLATE "C") AS place,
		max((SELECT max(o.told_at) FROM concern o WHERE o.case_id <<response_id_equals>> m.response_id AND o.cause = m.cause))
			OVER (PARTITION BY m.cause, m.respondent) AS concern_told_at,
		max(coalesce(m.responded_at, '-infinity')) FILTER (WHERE m.responded_at <= k.fixed_at OR m.responded_at IS NULL AND k.fixed_at IS NOT NULL)
			OVER (PARTITION BY m.cause, m.respondent) AS named_before_fix
	FROM cause_mention m
	JOIN cause k ON k.cause = m.cause
	WHERE m.respondent IS NOT NULL AND m.contactable IS NOT FALSE
		AND NOT EXISTS (SELECT FROM followup_case c WHERE c.respondent <<respondent_equals>> m.respondent AND c.dismiss_reason = 'opted_out')
) n
JOIN cause k ON k.cause = n.cause
LEFT JOIN cause_told d ON d.cause = n.cause AND d.respondent <<respondent_equals>> n.respondent
WHERE n.place = 1
