	-- a case with its clocks, and what its place on the list needs: that comes first,
	-- as a sort finds the first columns of a row fast
	SELECT CASE WHEN p.is_over THEN NULL WHEN p.is_broken_now THEN 1 WHEN p.is_snoozed THEN 4 WHEN p.is_escalated THEN 1 WHEN b.is_better THEN 3
			WHEN p.needs_contact AND r.personal THEN 1 WHEN p.next_due < now() THEN 2 ELSE 3 END AS priority, r.severity,
		-- what is due at midnight is due on the day that ends then
		nps_local_time(p.next_due - interval '1 microsecond', <<zone>>)::date AS next_day, p.next_due,
		b.*, p.status, p.was_contacted, p.needs_contact, p.is_waiting, p.is_over, p.contact_until, p.acknowledge_due, c.acknowledged_at, p.resolve_due, c.inform_due,
		coalesce(k.open_concerns, 0) AS open_concerns, coalesce(k.open_promises, 0) AS promises_open, k.next_promise_due,
		coalesce(k.promises, 0) AS promises, coalesce(k.broken_promises, 0) AS broken_promises,
		coalesce(k.kept_promises, 0) AS kept_promises, coalesce(k.moved_promises, 0) AS moved_promises,
		r.score AS rule, coalesce(r.personal, false) AS is_personal, p.is_broken_now, p.is_snoozed, p.is_escalated
