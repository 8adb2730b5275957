LEFT JOIN (SELECT * FROM followup_case WHERE recorded) c ON c.case_id <<response_id_equals>> q.case_id
LEFT JOIN counted a ON a.response_id <<response_id_equals>> q.response_id
CROSS JOIN (SELECT s.*, (SELECT array_agg(h.day) FROM holiday h) AS holidays FROM survey s LIMIT 1) s
LEFT JOIN rule r ON r.score = q.rule
CROSS JOIN LATERAL (
	SELECT t.cause_suggested,
		-- a promise that was broken is what compensation is for
		CASE WHEN q.broken_promises > 0 THEN r.steps ELSE r.steps_without_compensation END AS steps,
		-- that which somebody set, or that of the cause, or of the only cause that the comment suggests
		coalesce(c.team, CASE WHEN coalesce(c.cause, t.cause_suggested) IS NOT NULL THEN (
			SELECT k.team FROM cause k
			WHERE k.cause = coalesce(c.cause, t.cause_suggested)) END) AS team
	FROM (
		-- once for the row: many columns ask for it
		SELECT (
			SELECT string_agg(k.cause, ', ' ORDER BY k.cause COLLATE "C")
			FROM (SELECT to_tsvector(<<text_search>>, left(a.comment, 10000)) AS words WHERE a.comment IS NOT NULL OFFSET 0) said
			JOIN cause k ON said.words @@ k.search) AS cause_suggested
		OFFSET 0
	) t
) t
