	-- a case with what its place on the list needs
	SELECT g.*,
		CASE WHEN g.is_snoozed THEN 4 WHEN g.personal AND g.status = 'new' THEN 1 WHEN g.next_due < now() THEN 2 ELSE 3 END AS priority
	FROM (
		SELECT b.*, k.open_concerns, k.next_promise_due,
			coalesce(k.promises, 0) AS promises, coalesce(k.broken_promises, 0) AS broken_promises,
			coalesce(c.status, 'new') AS status, c.snoozed_until > now() AS is_snoozed, r.score AS rule, r.severity, r.personal,
			-- the clocks are those of the answer that opened the case: nothing later makes them run anew
			CASE WHEN c.status = 'contacted' AND k.next_promise_due IS NOT NULL
					-- a promise for a day is kept until that day is over
					THEN nps_time(k.next_promise_due + 1, <<zone>>)
				WHEN c.status = 'resolved' AND c.informed_at IS NULL
					THEN nps_due(c.resolved_at, s.inform_hours, <<work_time>>)
				WHEN coalesce(c.status, 'new') IN ('new', 'contacted')
					THEN nps_due(b.opened_at, CASE c.status WHEN 'contacted' THEN o.resolve_hours ELSE o.contact_hours END, <<work_time>>) END AS next_due
		FROM b
		CROSS JOIN (SELECT s.*, (SELECT array_agg(h.day) FROM holiday h) AS holidays FROM survey s LIMIT 1) s
		LEFT JOIN rule o ON o.score = floor(b.opening_score::double precision)::integer
		LEFT JOIN rule n ON n.score = floor(b.score::double precision)::integer
		-- an answer that is better does not change what the case is about
		LEFT JOIN rule r ON r.score = floor((CASE WHEN n.follow_up THEN b.score ELSE b.opening_score END)::double precision)::integer
		LEFT JOIN (SELECT * FROM followup_case WHERE recorded) c ON c.case_id <<response_id_equals>> b.case_id
		LEFT JOIN (
			SELECT p.case_id AS concern_of, count(*) FILTER (WHERE p.is_open) AS open_concerns,
				min(p.promised_for) FILTER (WHERE p.is_open) AS next_promise_due,
				count(p.promised_for) AS promises, count(*) FILTER (WHERE p.is_broken) AS broken_promises
			FROM (
				SELECT p.*, CASE WHEN p.delivered_at IS NOT NULL THEN nps_local_time(p.delivered_at, <<zone>>)::date > p.promised_for
					WHEN p.declined_at IS NOT NULL THEN nps_local_time(p.declined_at, <<zone>>)::date > p.promised_for
					ELSE nps_period(now(), <<zone>>, 'day') > p.promised_for END AS is_broken
				FROM concern p
			) p
			GROUP BY p.case_id
		) k ON k.concern_of <<response_id_equals>> b.case_id
	) g
