	-- an answer e of the respondent of o, and the case c that is recorded of it
	o.*, e.response_id, e.score, e.rule_score::integer AS rule_score, e.responded_at, e.opens_at, e.received_at, e.wants_contact, e.contactable, e.churned_at,
	e.revenue, e.account, e.comment, e.renewal_at, e.owner, e.open_tickets, true AS is_answer,
	-- the bits of src/case_fold.h, without those of the rules: these are on this server
	CASE WHEN e.response_id <<response_id_equals>> o.case_id THEN 3 ELSE 2 END
		+ coalesce(c.known, 0)
		+ CASE WHEN e.topic IS DISTINCT FROM o.topic THEN 512 ELSE 0 END + CASE WHEN e.churned_at IS NULL THEN 0 ELSE 1024 END
		+ CASE WHEN <<reversed>> THEN 2048 ELSE 0 END AS known,
	c.opened_at AS case_opened_at, c.reopened_at, c.contacted_at, c.covered_until, c.covered_id::text AS covered_id, c.finished_at, c.finish_entered_at,
	c.finished_until, c.finished_id::text AS finished_id, c.ended_at, c.stays_until, c.contact_due, c.renewed_due, c.facts_until, c.facts_id::text AS facts_id, c.covered_score, c.first_contacted_at, c.between_ids
