	-- of an answer e and the case that is recorded of it, what decides which case it belongs to
	e.respondent, -- whose case it is
	e.case_id, -- names the case: the response that opens it
	e.is_recorded, -- whether there are facts of that case
	e.opened_at, -- when it opened, as recorded
	e.opening_score, -- the score that opens it
	e.opening_at, -- when that answer was given
	e.worked_on, -- whether somebody worked on the case
	e.is_finished, -- whether it was closed, given up or dismissed
	e.topic, -- what it is about, where cases are kept apart by topic
	e.response_id, -- an answer of this respondent; of a case whose opening answer is gone, the case
	e.score, -- its score
	e.rule_score, -- the whole number by which the playbook finds its rule
	e.responded_at, -- when it was given
	e.opens_at, -- when the clocks of follow-up start with it
	e.received_at, -- when the row arrived
	e.wants_contact, -- whether the customer asks for contact
	e.contactable, -- whether the customer may be contacted; NULL counts as yes
	e.churned_at, -- when the customer left; NULL if not
	e.revenue, -- revenue of the customer
	e.account, -- customer that the respondent belongs to
	e.comment, -- what the respondent wrote
	e.renewal_at, -- when the customer's contract is up for renewal
	e.owner, -- who is responsible
	e.open_tickets, -- open support tickets of the customer
	e.is_answer, -- false for a case whose opening answer is gone
	e.known, -- what else decides that, as bits of src/case_fold.h, without those of the playbook, which the fold adds
	e.case_opened_at, -- of the case that is recorded of that answer: when it opened
	e.reopened_at, -- when the case was last reopened
	e.contacted_at, -- when a person last made contact
	e.covered_until, -- the newest answer that was shown when contact was last recorded
	e.covered_id, -- that answer
	e.finished_at, -- when the case was closed, given up or dismissed; NULL while it is open
	e.finish_entered_at, -- when that was recorded
	e.finished_until, -- the newest answer that was shown then
	e.finished_id, -- that answer
	e.ended_at, -- when it ended by itself
	e.stays_until, -- the newest better answer that did not end it
	e.contact_due, -- until when to make the first contact
	e.renewed_due, -- until when to make contact again, about answers that no contact covers
	e.facts_until, -- the newest answer that the facts know of
	e.facts_id, -- that answer; another one of the customer where it is gone
	e.covered_score, -- score of covered_id then
	e.first_contacted_at, -- when a person first made contact
	e.between_ids -- answers of the case between the one that opened it and facts_id, one a line
