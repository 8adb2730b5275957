	SELECT q.case_id, q.respondent, q.topic, q.is_recorded, CASE WHEN q.is_recorded THEN q.opened_at ELSE (q.folded).opened_at END AS opened_at, q.opening_score, q.opening_at,
		q.response_id, q.score, q.responded_at, (q.folded).revenue, (q.folded).contactable, q.revenue AS revenue_beside, q.account, q.comment, q.renewal_at, q.owner, q.open_tickets, q.is_answer,
		(q.folded).responses, (q.folded).answers, (q.folded).between_ids, (q.folded).previous_score::<<score_type>> AS previous_score, (q.folded).worst_score, (q.folded).worst_at,
		(q.folded).first_answer_at, (q.folded).contact_due, (q.folded).renewed_due, (q.folded).uncovered_since, (q.folded).uncovered_until, (q.folded).is_renewed, (q.folded).wants_contact,
		(q.folded).is_better, (q.folded).better_at, (q.folded).ended, (q.folded).ended_at, (q.folded).has_newer, (q.folded).is_gone, (q.folded).next_score, (q.folded).next_at,
		(q.folded).recovery_score, (q.folded).recovery_at, (q.folded).left_at, (q.folded).counts_until, (q.folded).uncovered_opens_at,
		-- of a customer without any answer none is work
		NOT q.is_finished AND (q.folded).ended IS NULL AND (q.folded).responses > 0 AND (q.worked_on
			OR NOT ((q.folded).is_held OR (q.folded).contactable IS FALSE
				OR coalesce((q.folded).left_at <= now() AND (q.folded).left_at >= (q.folded).last_answer_at, (q.folded).left_at <= now(), false))) AS is_open
	FROM (
		-- columns by name: each one that is passed on costs the planner something at every step
		SELECT e.case_id, e.respondent, e.topic, e.is_recorded, e.opened_at, e.opening_score, e.opening_at, e.response_id, e.score, e.responded_at,
			e.revenue, e.account, e.comment, e.renewal_at, e.owner, e.open_tickets, e.is_answer,
			e.worked_on, e.is_finished, nps_case_fold(
				-- <<include fold_arguments>>
			) OVER (PARTITION BY e.respondent, e.case_id ORDER BY e.responded_at NULLS FIRST, e.response_id<<response_id_order>>) AS folded
		FROM entry e
	) q
	-- and not IS NOT NULL: of that the planner would think that it leaves nearly all rows
	WHERE (q.folded).responses >= 0
