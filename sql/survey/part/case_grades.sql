	p.status, -- where the case stands
	p.was_contacted, -- whether a person made contact
	p.needs_contact, -- whether nobody made contact, or not since the case was renewed
	p.is_waiting, -- whether it is the customer's turn
	p.is_over, -- whether it was finished or ended
	p.contact_until, -- until when to make contact, if it needs that
	p.acknowledge_due, -- until when to acknowledge
	c.acknowledged_at, -- when the answer was acknowledged
	p.resolve_due, -- until when to resolve
	c.inform_due, -- until when to tell the customer
	coalesce(k.open_concerns, 0) AS open_concerns, -- concerns without an answer, and promises not kept yet
	coalesce(k.open_promises, 0) AS promises_open, -- promises not kept yet
	k.next_promise_due, -- date of the next of these
	coalesce(k.promises, 0) AS promises, -- promises given
	coalesce(k.broken_promises, 0) AS broken_promises, -- promises not kept by their date
	coalesce(k.kept_promises, 0) AS kept_promises, -- promises kept by their date, and entered within a day of it
	coalesce(k.moved_promises, 0) AS moved_promises, -- how often their dates were changed
	r.score AS rule, -- the whole number by which the playbook finds the rule for worst_score
	coalesce(r.personal, false) AS is_personal, -- whether a person is to make contact
	p.is_broken_now, -- whether a promise is broken that is still to be kept
	p.is_snoozed, -- whether the case rests
	p.is_escalated -- whether it is long overdue
