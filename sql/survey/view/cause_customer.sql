-- who named which cause, and whom to tell that it is or will be fixed; UPDATE told_at or plan_told_at
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
	n.last_named_at AS named_at, -- when the customer last named it
	k.planned_at, -- when a fix was planned; NULL if none is
	k.planned_fix, -- what is going to be done about it
	k.planned_for, -- by when
	k.fixed_at, -- when the cause was fixed; NULL if it is not
	t.told_at, -- when the customer was told that it is fixed
	d.plan_told_at, -- when the customer was told what is planned
	d.told_by, -- who told the customer last
	n.named_before_fix IS NOT NULL AND (t.told_at IS NULL OR n.named_before_fix > t.told_at) AS is_due, -- whether to tell that it is fixed: the customer named it before, and was not told since
	n.named_before_plan IS NOT NULL AND (t.news_told_at IS NULL OR n.named_before_plan > t.news_told_at)
		AND NOT coalesce(k.fixed_at BETWEEN k.planned_at AND now(), false) AS plan_is_due -- whether to tell what is planned: likewise, and it is not fixed since
FROM (
	SELECT m.*,
		row_number() OVER (PARTITION BY m.cause, m.respondent ORDER BY m.responded_at DESC NULLS LAST, m.response_id<<response_id_order>> DESC, m.named_in COLLATE "C") AS place,
		max((SELECT max(o.told_at) FROM concern o WHERE o.case_id <<response_id_equals>> m.response_id AND o.cause = m.cause))
			OVER (PARTITION BY m.cause, m.respondent) AS concern_told_at,
		max(m.named_at) OVER (PARTITION BY m.cause, m.respondent) AS last_named_at,
		max(coalesce(m.named_at, '-infinity')) FILTER (WHERE k.fixed_at <= now() AND (m.named_at <= k.fixed_at OR m.named_at IS NULL))
			OVER (PARTITION BY m.cause, m.respondent) AS named_before_fix,
		max(coalesce(m.named_at, '-infinity')) FILTER (WHERE k.planned_at <= now() AND (m.named_at <= k.planned_at OR m.named_at IS NULL))
			OVER (PARTITION BY m.cause, m.respondent) AS named_before_plan
	FROM cause_mention m
	JOIN cause k ON k.cause = m.cause
	WHERE m.respondent IS NOT NULL
) n
JOIN (SELECT k.* FROM cause k) k ON k.cause = n.cause
-- whether they may be contacted is what is so now
JOIN newest_answer w ON w.respondent <<respondent_equals>> n.respondent
JOIN counted a ON a.response_id <<response_id_equals>> w.response_id
LEFT JOIN (SELECT d.* FROM cause_told d) d ON d.cause = n.cause AND d.respondent <<respondent_equals>> n.respondent
-- who wants no contact is not told
LEFT JOIN (
	SELECT DISTINCT c.respondent
	FROM followup_case c
	JOIN dismiss_reason r ON r.reason = c.dismiss_reason
	WHERE c.status = 'dismissed' AND r.holds_for_person
) g ON g.respondent <<respondent_equals>> n.respondent
CROSS JOIN LATERAL (SELECT coalesce(d.told_at, n.concern_told_at) AS told_at, greatest(d.told_at, n.concern_told_at, d.plan_told_at) AS news_told_at) t
WHERE n.place = 1 AND a.contactable IS NOT FALSE AND g.respondent IS NULL
