	-- whether the case is work: of a customer without any answer none is
	(NOT q.is_finished AND (q.folded).ended IS NULL AND (q.folded).responses > 0 AND (q.worked_on
			OR NOT ((q.folded).is_held OR (q.folded).contactable IS FALSE
				OR coalesce((q.folded).left_at <= now() AND (q.folded).left_at >= (q.folded).last_answer_at, (q.folded).left_at <= now(), false))))
