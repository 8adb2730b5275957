-- the cases that are work now
SELECT
	-- <<include case_columns>>
FROM (
	WITH opening AS NOT MATERIALIZED (
		-- of respondents whose newest answer may be one that is followed up
		SELECT o.respondent, o.response_id AS case_id, false AS is_recorded, false AS is_recorded_open, o.responded_at AS opened_at, o.score AS opening_score
		FROM counted o
		<<rules>>
		LEFT JOIN
		-- <<include taken_case>>
		ON c.case_id <<response_id_equals>> o.response_id
		WHERE o.rule_score = ANY (<<followed_scores>>) AND c.case_id IS NULL AND o.respondent <<respondent_equals>> ANY (
			SELECT n.respondent
			FROM counted n
			<<rules>>
			WHERE n.rule_score = ANY (<<followed_scores>>) AND (n.responded_at > <<window_start>> OR n.responded_at IS NULL)
				AND n.respondent IS NOT NULL AND n.contactable IS NOT FALSE AND n.churned_at IS NULL)
		UNION ALL
		SELECT o.respondent, o.response_id, true, true, c.opened_at, o.score
		FROM counted o
		JOIN
		-- <<include taken_case>>
		ON c.case_id <<response_id_equals>> o.response_id
		WHERE o.respondent IS NOT NULL AND c.is_open
		UNION ALL
		SELECT c.respondent, c.case_id, true, true, c.opened_at, NULL
		FROM
		-- <<include gone_case>>
		WHERE c.is_open
	)
	-- <<include case_fold>>
) q
WHERE q.is_open
