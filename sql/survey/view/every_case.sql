-- every case there ever was
SELECT
	-- <<include case_columns>>
FROM (
	WITH opening AS NOT MATERIALIZED (
		SELECT o.respondent, o.response_id AS case_id, c.case_id IS NOT NULL AS is_recorded, c.is_open AS is_recorded_open,
			CASE WHEN c.case_id IS NULL THEN o.responded_at ELSE c.opened_at END AS opened_at, o.score AS opening_score
		FROM counted o
		<<rules>>
		LEFT JOIN taken_case c ON c.case_id <<response_id_equals>> o.response_id
		WHERE o.respondent IS NOT NULL AND o.rule_score = ANY (<<followed_scores>>)
		UNION ALL
		SELECT o.respondent, o.response_id, true, c.is_open, c.opened_at, o.score
		FROM counted o
		<<rules>>
		JOIN taken_case c ON c.case_id <<response_id_equals>> o.response_id
		WHERE o.respondent IS NOT NULL AND NOT o.rule_score = ANY (<<followed_scores>>)
		UNION ALL
		SELECT c.respondent, c.case_id, true, c.is_open, c.opened_at, NULL
		FROM gone_case c
	)
	-- <<include case_fold>>
) q
