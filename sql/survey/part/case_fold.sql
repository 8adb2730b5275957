	-- columns by name: each one that is passed on costs the planner something at every step
	SELECT e.case_id, e.respondent, e.topic, e.is_recorded, e.opened_at, e.opening_score, e.opening_at, e.response_id, e.score, e.responded_at,
		e.revenue, e.account, e.comment, e.renewal_at, e.owner, e.open_tickets, e.is_answer,
		e.worked_on, e.is_finished, nps_case_fold(
			-- <<include fold_arguments>>
		) OVER (PARTITION BY e.respondent, e.case_id ORDER BY e.responded_at NULLS FIRST, e.response_id<<response_id_order>>) AS folded
	FROM (
		-- <<include fold_entry>>
	) e
