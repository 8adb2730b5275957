	-- an answer e of the respondent of o, and the case c that is recorded of it
	o.respondent, -- whose case it is
	o.case_id, -- names the case: the response that opens it
	o.is_recorded, -- whether there are facts of that case
	o.opened_at, -- when it opened, as recorded
	o.opening_score, -- the score that opens it
	o.opening_at, -- when that answer was given
	o.worked_on, -- whether somebody worked on the case
	o.is_finished, -- whether it was closed, given up or dismissed
	o.topic, -- what it is about, where cases are kept apart by topic
	e.response_id, -- an answer of this respondent; of a case whose opening answer is gone, the case
	e.score, -- its score
	e.rule_score::integer AS rule_score, -- the whole number by which the playbook finds its rule
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
	true AS is_answer, -- false for a case whose opening answer is gone
	CASE WHEN e.response_id <<response_id_equals>> o.case_id THEN 3 ELSE 2 END
		+ coalesce(c.known, 0)
		+ CASE WHEN e.topic IS DISTINCT FROM o.topic THEN 512 ELSE 0 END + CASE WHEN e.churned_at IS NULL THEN 0 ELSE 1024 END
		+ CASE WHEN <<reversed>> THEN 2048 ELSE 0 END AS known, -- the bits of src/case_fold.h, without those of the rules: these are on this server
	c.opened_at AS case_opened_at, -- of the case that is recorded of that answer: when it opened
	c.reopened_at, -- when the case was last reopened
	c.contacted_at, -- when a person last made contact
	c.covered_until, -- the newest answer that was shown when contact was last recorded
	c.covered_id::text AS covered_id, -- that answer
	c.finished_at, -- when the case was closed, given up or dismissed; NULL while it is open
	c.finish_entered_at, -- when that was recorded
	c.finished_until, -- the newest answer that was shown then
	c.finished_id::text AS finished_id, -- that answer
	c.ended_at, -- when it did
	c.stays_until, -- the newest better answer that did not end it
	c.contact_due, -- until when to make contact
	c.renewed_due, -- until when to make contact again, about answers that no contact covers
	c.facts_until, -- the newest answer that the facts know of
	c.facts_id::text AS facts_id, -- that answer; another one of the customer where it is gone
	c.covered_score, -- its score then
	c.first_contacted_at, -- when a person first made contact
	c.between_ids -- answers of the case between the one that opened it and that, one a line
