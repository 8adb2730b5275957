	-- what decides which answers belong to a case, c
	c.case_id, -- names the case: the response that opened it
	c.respondent, -- whose case it is
	c.topic, -- what the case is about, where cases are kept apart by topic
	c.worked_on, -- whether a person recorded an attempt, contact, a cause, a plan, a note or a concern
	c.opened_at, -- when the case opened: all clocks start there
	c.opening_score, -- the score that opened it
	c.opening_at, -- when that answer was given
	c.reopened_at, -- when the case was last reopened
	c.contacted_at, -- when a person last made contact
	c.first_contacted_at, -- when a person first made contact
	c.contact_due, -- until when to make the first contact
	c.renewed_due, -- until when to make contact again, about answers that no contact covers
	c.covered_until, -- the newest answer that was shown when contact was last recorded
	c.covered_id, -- that answer
	c.covered_score, -- its score then
	c.ended, -- how it ended by itself, while nobody worked on it
	c.ended_at, -- when it did
	c.stays_until, -- the newest better answer that did not end it
	c.finished_at, -- when the case was closed, given up or dismissed; NULL while it is open
	c.finish_entered_at, -- when that was recorded
	c.finished_until, -- the newest answer that was shown then
	c.finished_id, -- that answer
	c.facts_until, -- the newest answer that the facts know of
	c.facts_id, -- that answer; another one of the customer where it is gone
	c.between_ids, -- answers of the case between the one that opened it and that, one a line
