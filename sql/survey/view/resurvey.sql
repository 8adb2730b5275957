-- whom to ask again, and from when: customers whose case was finished and who did not answer since
SELECT
	c.respondent, -- whom to ask
	n.account, -- customer that the respondent belongs to
	c.resurvey_on, -- date to ask them again
	c.resurvey_on <= nps_period(now(), <<zone>>, 'day') AS is_due, -- whether that date has come
	c.case_id, -- the case that was finished last
	c.status, -- how: closed, unreachable or dismissed
	c.finished_at, -- when it was
	c.opening_score, -- score of the answer that opened it
	n.score AS last_score, -- the newest score
	n.responded_at AS last_answer -- when the newest answer was given
FROM (
	SELECT c.respondent, c.case_id, c.status, c.finished_at, c.opening_score,
		(nps_local_time(c.finished_at, <<zone>>) + make_interval(months => s.resurvey_months))::date AS resurvey_on,
		row_number() OVER (PARTITION BY c.respondent ORDER BY c.finished_at DESC, c.case_id<<response_id_order>> DESC) AS place
	FROM followup_case c
	CROSS JOIN (SELECT s.resurvey_months FROM survey s LIMIT 1) s
	WHERE c.finished_at IS NOT NULL
		-- who wants no contact is not asked, and who waits for us neither
		AND NOT EXISTS (SELECT FROM followup_case d JOIN dismiss_reason r ON r.reason = d.dismiss_reason
			WHERE d.respondent <<respondent_equals>> c.respondent AND d.status = 'dismissed' AND r.holds_for_person)
		AND NOT EXISTS (SELECT FROM followup_case o WHERE o.respondent <<respondent_equals>> c.respondent AND o.finished_at IS NULL AND o.ended IS NULL AND o.worked_on)
) c
JOIN newest_answer n ON n.respondent <<respondent_equals>> c.respondent
JOIN counted a ON a.response_id <<response_id_equals>> n.response_id
WHERE c.place = 1
	AND NOT coalesce(n.responded_at > c.finished_at, false)
	AND a.contactable IS NOT FALSE AND NOT n.has_left
