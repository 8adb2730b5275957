-- columns by name, and after a comma whatever needs no JOIN: each JOIN lists all columns before it again
LEFT JOIN (
	SELECT c.case_id, c.version, c.recorded, c.worked_on, c.assigned_to, c.team, c.channel, c.cause, c.plan, c.desired_outcome, c.dismiss_reason, c.snoozed_until, c.waiting_since,
		c.acknowledged_at, c.asked_at, c.attempted_at, c.attempts, c.contacted_at, c.resolved_at, c.informed_at, c.closed_at, c.unreachable_at, c.dismissed_at, c.reopened_at,
		c.last_note, c.last_note_at, c.last_actor, c.leased_to, c.leased_until, c.finished_at, c.responsible, c.responsible_team, c.responsible_since,
		c.contact_due, c.renewed_due, c.left_renewed, c.contactable, c.uncontactable_since, c.churned_at, c.first_acknowledged_at, c.acknowledge_entered_at, c.first_contacted_at, c.contact_entered_at,
		c.renewals, c.recontacted_in_time, c.recontacted_late, c.recontacted_backdated, c.first_resolved_at, c.first_resolve_due, c.resolve_entered_at,
		c.first_informed_at, c.first_inform_due, c.inform_entered_at, c.waited_hours
	FROM followup_case c
	WHERE c.recorded OR c.recorded_at IS NOT NULL
) c ON c.case_id <<response_id_equals>> q.case_id
LEFT JOIN rule r ON r.score = q.rule
-- all comments of the case
CROSS JOIN LATERAL (SELECT <<comments_of_case>> AS comments OFFSET 0) said
-- causes that these suggest: once for the row, as many columns ask for them
CROSS JOIN LATERAL (SELECT nps_causes_named('cause'::regclass, <<text_search>>, said.comments) AS causes OFFSET 0) t
-- a person's cause beats a suggestion
LEFT JOIN cause k ON k.cause = coalesce(c.cause, t.causes[1]),
(
	SELECT s.follow_up_days, s.recovery_days, s.resurvey_months, s.many_tickets, s.wants_contact_steps, s.fallback_owner, s.escalate_to, s.work_days, s.work_from, s.work_until,
		(SELECT array_agg(h.day) FROM holiday h) AS holidays, nps_period(now(), <<zone>>, 'day') AS today
	FROM survey s
	LIMIT 1
) s,
-- whose turn it is
LATERAL (
	SELECT coalesce(c.assigned_to,
		CASE WHEN c.team IS NOT NULL THEN (
			SELECT m.person FROM present_member m WHERE m.team = c.team
			ORDER BY md5(coalesce(a.account::text, q.respondent::text) || E'\x1f' || m.person) COLLATE "C" DESC LIMIT 1) END,
		CASE WHEN btrim(a.owner) <> '' THEN a.owner END,
		CASE WHEN k.team IS NOT NULL THEN (
			SELECT m.person FROM present_member m WHERE m.team = k.team
			ORDER BY md5(coalesce(a.account::text, q.respondent::text) || E'\x1f' || m.person) COLLATE "C" DESC LIMIT 1) END,
		-- of a case whose answers are gone, who was: their comments and account are not known any more
		CASE WHEN a.response_id IS NULL THEN c.responsible END,
		r.owner,
		CASE WHEN r.team IS NOT NULL THEN (
			SELECT m.person FROM present_member m WHERE m.team = r.team
			ORDER BY md5(coalesce(a.account::text, q.respondent::text) || E'\x1f' || m.person) COLLATE "C" DESC LIMIT 1) END,
		s.fallback_owner) AS person,
		coalesce(c.team, k.team, CASE WHEN a.response_id IS NULL THEN c.responsible_team END, r.team) AS team
	OFFSET 0
) w,
-- over, and the facts say who was responsible
LATERAL (SELECT (c.finished_at IS NOT NULL OR q.ended IS NOT NULL) AND (c.responsible_since IS NOT NULL OR c.contact_due < now()) AS is_over) d
