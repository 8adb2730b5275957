	-- a case with its clocks, and what its place on the list needs
	SELECT g.*,
		CASE WHEN g.is_broken_now THEN 1 WHEN g.is_snoozed THEN 4 WHEN g.is_escalated THEN 1 WHEN g.is_better THEN 3
			WHEN g.needs_contact AND g.is_personal THEN 1 WHEN g.next_due < now() THEN 2 ELSE 3 END AS priority,
		-- what is due at midnight is due on the day that ends then
		nps_local_time(g.next_due - interval '1 microsecond', <<zone>>)::date AS next_day
	FROM (
		SELECT g.*, g.promise_until < now() AS is_broken_now,
			coalesce(g.snoozed_until > now() AND NOT g.is_renewed, false) AS is_snoozed,
			coalesce(nps_due(g.next_due, g.escalate_hours, <<zone>>, NULL, NULL, NULL, NULL) <= now(), false) AS is_escalated
		FROM (
			SELECT g.*,
				-- the earliest clock that runs
				least(CASE WHEN NOT g.was_contacted AND g.acknowledged_at IS NULL THEN g.acknowledge_due END,
					CASE WHEN g.needs_contact THEN CASE WHEN g.is_renewed THEN g.renewed_due ELSE g.contact_due END END,
					g.promise_until,
					CASE WHEN g.status IN ('new', 'contacted') AND NOT g.is_waiting THEN g.resolve_due END,
					CASE WHEN g.status = 'resolved' AND g.informed_at IS NULL THEN g.inform_due END) AS next_due
			FROM (
				SELECT b.*, coalesce(c.status, 'new') AS status, c.snoozed_until, c.acknowledged_at, c.informed_at, c.inform_due,
					coalesce(k.open_concerns, 0) AS open_concerns, coalesce(k.open_promises, 0) AS promises_open, k.next_promise_due,
					coalesce(k.promises, 0) AS promises, coalesce(k.broken_promises, 0) AS broken_promises,
					coalesce(k.kept_promises, 0) AS kept_promises, coalesce(k.moved_promises, 0) AS moved_promises,
					-- a promise for a day is kept until that day is over
					nps_time(k.next_promise_due + 1, <<zone>>) AS promise_until,
					c.contacted_at IS NOT NULL AS was_contacted, b.is_renewed OR c.contacted_at IS NULL AS needs_contact,
					c.waiting_since IS NOT NULL AND NOT b.is_renewed AS is_waiting,
					CASE WHEN b.is_recorded THEN c.acknowledge_due ELSE nps_deadline('survey'::regclass, 'acknowledge', floor(b.opening_score::double precision)::integer,
						b.opening_at, b.opened_at, b.wants_contact) END AS acknowledge_due,
					CASE WHEN b.is_recorded THEN c.resolve_due ELSE nps_deadline('survey'::regclass, 'resolve', floor(b.opening_score::double precision)::integer,
						b.opening_at, b.opened_at, b.wants_contact) END AS resolve_due,
					s.escalate_hours, r.score AS rule, r.severity, coalesce(r.personal, false) AS is_personal
				FROM b
				CROSS JOIN (SELECT * FROM survey LIMIT 1) s
				-- what to do follows from the worst answer that nobody talked about
				LEFT JOIN rule r ON r.score = floor(b.worst_score)::integer
				LEFT JOIN (SELECT * FROM followup_case WHERE recorded_at IS NOT NULL) c ON c.case_id <<response_id_equals>> b.case_id
				LEFT JOIN (
					SELECT p.case_id AS concern_of, count(*) FILTER (WHERE p.is_open) AS open_concerns,
						count(*) FILTER (WHERE p.is_open AND p.promise IS NOT NULL) AS open_promises,
						min(p.promised_for) FILTER (WHERE p.is_open) AS next_promise_due,
						count(p.promise) AS promises, count(*) FILTER (WHERE p.is_broken) AS broken_promises,
						count(*) FILTER (WHERE p.delivered_at IS NOT NULL AND p.promise IS NOT NULL AND NOT p.is_broken AND NOT p.backdated) AS kept_promises,
						coalesce(sum(p.moved), 0)::bigint AS moved_promises
					FROM (
						-- once broken, for ever
						SELECT p.*, coalesce(p.broken OR nps_time(p.promised_for + 1, <<zone>>) < coalesce(p.delivered_at, p.declined_at, now()), false) AS is_broken
						FROM concern p
					) p
					GROUP BY p.case_id
				) k ON k.concern_of <<response_id_equals>> b.case_id
			) g
		) g
	) g
