	q.respondent, -- whose case it is
	q.topic, -- what the case is about, where cases are kept apart by topic
	q.is_recorded, -- whether there are facts of the case
	q.opened_at, -- when it opened; NULL where that is not known
	q.opening_score, -- the score that opened it
	q.opening_at, -- when that answer was given
	q.response_id, -- the newest answer of the case
	q.score, -- the score of that response
	q.responded_at, -- when that was given
	q.contactable, -- whether the customer may be contacted, as mapped with the same answer as revenue
	q.revenue_beside, -- revenue of the customer, as mapped with the newest answer of the case
	q.account, -- customer that the respondent belongs to, as mapped with it
	q.comment, -- its comment
	q.renewal_at, -- when the contract is up for renewal, as mapped with it
	q.owner, -- who is responsible, as mapped with it
	q.open_tickets, -- open support tickets, as mapped with it
	q.is_answer, -- false for a case whose answers are all gone
	q.responses, -- answers of the respondent
	q.answers, -- answers that the case consists of
	q.between_ids, -- those between the one that opened it and the newest, one a line
	q.previous_score, -- the score of the answer before
	q.worst_at, -- when the answer with worst_score was given
	q.first_answer_at, -- when the first answer of the case was given
	q.contact_due, -- until when to make the first contact
	q.renewed_due, -- until when to make contact again
	q.uncovered_since, -- when the first answer could be known that no contact covers
	q.uncovered_until, -- when the newest such answer was given
	q.is_renewed, -- whether there are such answers after contact
	q.wants_contact, -- whether an answer of the case asks for contact
	q.is_better, -- whether a better answer came that does not end the case
	q.better_at, -- when that was given
	q.ended, -- how the case ended by itself
	q.ended_at, -- when it did
	q.has_newer, -- whether the respondent has a newer case
	q.is_gone, -- whether the answer that opened the case is gone
	q.next_score, -- the score of the answer after the last contact, or after the case
	q.next_at, -- when that was given
	q.recovery_score, -- the score of the answer after the last contact, or after the one that opened the case
	q.recovery_at, -- when that was given
	q.left_at, -- when the customer left or will leave; NULL if not
	q.counts_until, -- until when its steps could be made: its end, or contact in the case that took it over
	q.uncovered_opens_at, -- when the clocks started of the newest answer that no contact covers
	q.is_open, -- whether it is work: of a customer without any answer none is
