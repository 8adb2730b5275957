LEFT JOIN (SELECT * FROM followup_case WHERE recorded OR recorded_at IS NOT NULL) c ON c.case_id <<response_id_equals>> q.case_id
LEFT JOIN counted a ON a.response_id <<response_id_equals>> q.response_id
CROSS JOIN (SELECT s.*, (SELECT array_agg(h.day) FROM holiday h) AS holidays, nps_period(now(), <<zone>>, 'day') AS today FROM survey s LIMIT 1) s
LEFT JOIN rule r ON r.score = q.rule
-- all comments of the case
CROSS JOIN LATERAL (
	SELECT CASE WHEN q.answers <= 1 THEN a.comment ELSE (
		SELECT string_agg(e.comment, E'\n' ORDER BY e.responded_at)
		FROM counted e
		WHERE e.respondent <<respondent_equals>> q.respondent AND e.has_comment AND e.topic IS NOT DISTINCT FROM q.topic
			AND (nps_rule_bits('survey'::regclass, e.rule_score::integer, e.responded_at, <<loop_since>>, e.wants_contact) & 4 <> 0
				OR e.response_id <<response_id_equals>> q.case_id)
			AND (e.responded_at BETWEEN q.first_answer_at AND q.responded_at OR q.first_answer_at IS NULL)) END AS comments
	OFFSET 0
) said
CROSS JOIN LATERAL (
	SELECT t.causes, array_to_string(t.causes, ', ') AS cause_suggested, k.team AS cause_team, k.remedy,
		coalesce(c.team, k.team, r.team) AS responsible_team,
		-- a promise that was broken is what compensation is for
		CASE WHEN q.broken_promises > 0 OR coalesce(k.breaks_promise, false) THEN r.steps ELSE r.steps_without_compensation END AS steps
	FROM (
		-- once for the row: many columns ask for it; the comment is read before the causes, and not for each of them
		SELECT (
			SELECT array_agg(k.cause ORDER BY k.cause COLLATE "C")
			FROM (SELECT to_tsvector(<<text_search>>, left(said.comments, 10000)) AS words WHERE said.comments IS NOT NULL OFFSET 0) said
			-- parsed for the first comment, and kept for the statement
			CROSS JOIN LATERAL unnest(CASE WHEN said.words IS NOT NULL THEN (SELECT array_agg(k.cause ORDER BY k.cause COLLATE "C") FROM cause k) END,
				CASE WHEN said.words IS NOT NULL THEN (SELECT array_agg(websearch_to_tsquery(<<text_search>>, k.query) ORDER BY k.cause COLLATE "C") FROM cause k) END) AS k(cause, query)
			WHERE said.words @@ k.query) AS causes
		OFFSET 0
	) t
	-- a person's cause beats a suggestion
	LEFT JOIN cause k ON k.cause = coalesce(c.cause, t.causes[1])
) t
-- whose turn it is
CROSS JOIN LATERAL (
	SELECT coalesce(c.assigned_to,
		CASE WHEN c.team IS NOT NULL THEN (
			SELECT m.person FROM present_member m WHERE m.team = c.team
			ORDER BY md5(coalesce(a.account::text, q.respondent::text) || E'\x1f' || m.person) COLLATE "C" DESC LIMIT 1) END,
		CASE WHEN btrim(a.owner) <> '' THEN a.owner END,
		CASE WHEN t.cause_team IS NOT NULL THEN (
			SELECT m.person FROM present_member m WHERE m.team = t.cause_team
			ORDER BY md5(coalesce(a.account::text, q.respondent::text) || E'\x1f' || m.person) COLLATE "C" DESC LIMIT 1) END,
		r.owner,
		CASE WHEN r.team IS NOT NULL THEN (
			SELECT m.person FROM present_member m WHERE m.team = r.team
			ORDER BY md5(coalesce(a.account::text, q.respondent::text) || E'\x1f' || m.person) COLLATE "C" DESC LIMIT 1) END,
		-- of a case whose answers are gone nothing else is known
		CASE WHEN a.response_id IS NULL THEN c.responsible END,
		s.fallback_owner) AS person
	OFFSET 0
) w
-- over, and with facts of who was responsible
CROSS JOIN LATERAL (SELECT (c.finished_at IS NOT NULL OR q.ended IS NOT NULL) AND (c.responsible_since IS NOT NULL OR c.contact_due < now()) AS is_over) d
