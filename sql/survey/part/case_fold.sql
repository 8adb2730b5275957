	SELECT f.*, f.contactable IS NOT FALSE AND CASE WHEN f.is_recorded THEN coalesce(f.is_recorded_open, false)
		ELSE (f.folded).is_current AND f.churned_at IS NULL AND (f.responded_at IS NULL OR f.responded_at > <<window_start>>) END AS is_open
	FROM (
		SELECT e.*, nps_case_fold(e.known, e.score, e.responded_at, e.finished_at, e.churned_at) OVER (
			PARTITION BY e.respondent, e.case_id ORDER BY e.responded_at NULLS FIRST, e.response_id<<response_id_order>>) AS folded
		FROM (
			-- each answer that may open a case, with all answers of its respondent and their cases
			SELECT o.*, e.response_id, e.score, e.responded_at, e.revenue, e.contactable, e.churned_at, c.finished_at,
				-- the bits of src/case_fold.h
				CASE WHEN e.response_id <<response_id_equals>> o.case_id THEN 3 ELSE 2 END + CASE WHEN e.rule_score = ANY (<<followed_scores>>) THEN 4 ELSE 0 END
					+ coalesce(c.known, 0) + CASE WHEN e.churned_at IS NULL THEN 0 ELSE 128 END AS known
			FROM opening o
			JOIN counted e ON e.respondent <<respondent_equals>> o.respondent
			<<rules>>
			LEFT JOIN
			-- <<include taken_case>>
			ON c.case_id <<response_id_equals>> e.response_id
			-- of whom the fold would find no case: but that takes the square of their answers
			WHERE NOT <<is_crowd>>
			UNION ALL
			SELECT o.*, c.case_id, NULL, c.opened_at, NULL, NULL, NULL, c.finished_at,
				CASE WHEN c.case_id <<response_id_equals>> o.case_id THEN 1 ELSE 0 END + c.known
			FROM opening o
			JOIN
			-- <<include gone_case>>
			ON c.respondent <<respondent_equals>> o.respondent
			WHERE NOT <<is_crowd>>
		) e
	) f
	<<rules>>
	-- and not IS NOT NULL: of that the planner would think that it leaves nearly all rows
	WHERE (f.folded).responses >= 0
