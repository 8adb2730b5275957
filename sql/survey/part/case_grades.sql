	-- a case with its clocks, and what its place on the list needs
	SELECT b.*, p.status, p.was_contacted, p.needs_contact, p.is_waiting, p.is_over, p.contact_until, p.acknowledge_due, c.acknowledged_at, p.resolve_due, c.inform_due,
		coalesce(k.open_concerns, 0) AS open_concerns, coalesce(k.open_promises, 0) AS promises_open, k.next_promise_due,
		coalesce(k.promises, 0) AS promises, coalesce(k.broken_promises, 0) AS broken_promises,
		coalesce(k.kept_promises, 0) AS kept_promises, coalesce(k.moved_promises, 0) AS moved_promises,
		r.score AS rule, r.severity, coalesce(r.personal, false) AS is_personal,
		n.next_due, g.is_broken_now, g.is_snoozed, g.is_escalated,
		CASE WHEN p.is_over THEN NULL WHEN g.is_broken_now THEN 1 WHEN g.is_snoozed THEN 4 WHEN g.is_escalated THEN 1 WHEN b.is_better THEN 3
			WHEN p.needs_contact AND r.personal THEN 1 WHEN n.next_due < now() THEN 2 ELSE 3 END AS priority,
		-- what is due at midnight is due on the day that ends then
		nps_local_time(n.next_due - interval '1 microsecond', <<zone>>)::date AS next_day
