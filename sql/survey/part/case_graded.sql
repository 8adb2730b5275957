-- what case_grades needs besides the case q
-- what to do is decided by the worst answer that nobody has talked about
LEFT JOIN (SELECT r.score, r.severity, r.personal FROM rule r) r ON r.score = floor(q.worst_score)::integer
LEFT JOIN (
	SELECT c.case_id, c.status, c.snoozed_until, c.acknowledged_at, c.contacted_at, c.waiting_since, c.informed_at, c.finished_at, c.acknowledge_due, c.resolve_due, c.inform_due
	FROM followup_case c
	WHERE c.recorded_at IS NOT NULL
) c ON c.case_id <<response_id_equals>> q.case_id
LEFT JOIN (
	SELECT p.case_id AS concern_of, count(*) FILTER (WHERE p.is_open) AS open_concerns,
		count(*) FILTER (WHERE p.is_open AND p.promise IS NOT NULL) AS open_promises,
		min(p.promised_for) FILTER (WHERE p.is_open) AS next_promise_due,
		-- one that was broken or moved was given, also where an answer took its place
		count(*) FILTER (WHERE p.promise IS NOT NULL OR p.is_broken OR p.moved > 0) AS promises, count(*) FILTER (WHERE p.is_broken) AS broken_promises,
		count(*) FILTER (WHERE p.delivered_at IS NOT NULL AND p.promise IS NOT NULL AND NOT p.is_broken AND NOT p.backdated) AS kept_promises,
		coalesce(sum(p.moved), 0)::bigint AS moved_promises
	FROM (
		-- once broken, always broken
		SELECT p.case_id, p.is_open, p.promise, p.promised_for, p.moved, p.delivered_at, p.backdated, coalesce(p.broken OR nps_time(p.promised_for + 1, <<zone>>) < coalesce(p.delivered_at, p.declined_at, now()), false) AS is_broken
		FROM concern p
	) p
	GROUP BY p.case_id
) k ON k.concern_of <<response_id_equals>> q.case_id,
-- After a comma and not with CROSS JOIN, which would list all columns again; one
-- of these, as each one passes on all columns of a row; and what several places
-- use is computed once for the row, as OFFSET keeps the planner from copying it.
LATERAL (
	SELECT n.*, n.promise_until < now() AS is_broken_now, coalesce(c.snoozed_until > now() AND NOT q.is_renewed, false) AS is_snoozed,
		coalesce(nps_due(n.next_due, (SELECT s.escalate_hours FROM survey s LIMIT 1), <<zone>>, NULL, NULL, NULL, NULL) <= now(), false) AS is_escalated
	FROM (
		-- the earliest running clock
		SELECT p.*, CASE WHEN NOT p.is_over THEN least(CASE WHEN NOT p.was_contacted AND c.acknowledged_at IS NULL THEN p.acknowledge_due END,
			p.contact_until, p.promise_until,
			CASE WHEN p.status IN ('new', 'contacted') AND NOT p.is_waiting THEN p.resolve_due END,
			CASE WHEN p.status = 'resolved' AND c.informed_at IS NULL THEN c.inform_due END) END AS next_due
		FROM (
			SELECT coalesce(c.status, 'new') AS status, c.contacted_at IS NOT NULL AS was_contacted, q.is_renewed OR c.contacted_at IS NULL AS needs_contact,
				CASE WHEN q.is_renewed THEN q.renewed_due WHEN c.contacted_at IS NULL THEN q.contact_due END AS contact_until,
				c.finished_at IS NOT NULL OR q.ended IS NOT NULL AS is_over,
				c.waiting_since IS NOT NULL AND NOT q.is_renewed AS is_waiting,
				-- a promise for a day is kept until that day is over
				nps_time(k.next_promise_due + 1, <<zone>>) AS promise_until,
				CASE WHEN q.is_recorded THEN c.acknowledge_due ELSE nps_deadline('survey'::regclass, 'acknowledge', floor(q.opening_score::double precision)::integer,
					q.opening_at, q.opened_at, q.wants_contact) END AS acknowledge_due,
				CASE WHEN q.is_recorded THEN c.resolve_due ELSE nps_deadline('survey'::regclass, 'resolve', floor(q.opening_score::double precision)::integer,
					q.opening_at, q.opened_at, q.wants_contact) END AS resolve_due
			OFFSET 0
		) p
		OFFSET 0
	) n
	OFFSET 0
) p
