-- after a comma whatever needs no JOIN, and the case as late as can be: each JOIN lists all columns before it again
LEFT JOIN rule r ON r.score = q.rule
-- all comments of the case
CROSS JOIN LATERAL (SELECT <<comments_of_case>> AS comments OFFSET 0) said
-- causes that these suggest: once for the row, as many columns ask for them
CROSS JOIN LATERAL (SELECT nps_causes_named('cause'::regclass, <<text_search>>, said.comments) AS causes OFFSET 0) t
LEFT JOIN followup_case c ON c.case_id <<response_id_equals>> q.case_id AND (c.recorded OR c.recorded_at IS NOT NULL)
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
