	q.case_id, -- names the case: the response that opened it
	q.respondent, -- whose case it is
	q.is_recorded, -- whether somebody took it on
	CASE WHEN q.is_recorded THEN q.opened_at
		WHEN nps_local_time(q.opened_at, <<zone>>) IS NOT NULL THEN least(q.opened_at, now())
		END AS opened_at, -- when it opened; NULL where that is no usable date
	q.opening_score, -- the score that opened it
	CASE WHEN q.score IS NOT NULL THEN q.response_id END AS response_id, -- the answer that the case shows: its newest, or of an open case the respondent's
	q.score, -- the score of that
	q.responded_at, -- when it was given
	q.revenue, -- revenue of the customer, as mapped with it
	q.contactable, -- whether the customer may be contacted, as mapped with it
	(q.folded).responses, -- answers of the respondent
	(q.folded).previous_score::<<score_type>> AS previous_score, -- the score of the answer before
	(q.folded).next_score::<<score_type>> AS next_score, -- the score of the answer after the case
	(q.folded).next_at, -- when that was given
	(q.folded).left_at, -- when the customer left; NULL if not
	(q.folded).opted_out, -- whether by then the customer wanted no contact
	q.is_open -- whether it is work
