	-- whether the case is work: one that somebody worked on is until it is finished, whatever became of the customer and of the answers
	(NOT q.is_finished AND (q.folded).ended IS NULL AND (q.worked_on
			OR (q.folded).responses > 0 AND NOT ((q.folded).is_held OR (q.folded).contactable IS FALSE
				OR coalesce((q.folded).left_at <= now() AND (q.folded).left_at >= (q.folded).last_answer_at, (q.folded).left_at <= now(), false))))
