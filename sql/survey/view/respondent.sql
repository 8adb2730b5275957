-- one row for each respondent: the newest answer, and the one before
SELECT
	n.respondent, -- who answered; NULL if unknown
	n.account, -- customer that the respondent belongs to
	n.responses, -- answers of this respondent
	n.first_answer, -- when the first answer was given
	n.responded_at AS last_answer, -- when the newest answer was given
	n.score AS last_score, -- the newest score
	n.category AS last_category, -- category of the newest score
	n.previous_score, -- the score before the newest one
	n.previous_category, -- category of the score before the newest one
	n.score::double precision - n.previous_score::double precision AS change, -- last_score - previous_score
	o.case_id IS NOT NULL AS open_followup, -- whether there is an open case
	CASE WHEN o.case_id IS NOT NULL THEN CASE WHEN o.is_renewed THEN 'renewed' ELSE coalesce(c.status, 'new') END END AS followup_status, -- where the open case stands
	o.case_id IS NOT NULL OR n.category = 'detractor' AS handle_with_care, -- whether the newest answer is a detractor's or a case is open
	n.revenue, -- revenue of the customer, as mapped
	n.churned_at, -- when the customer left; NULL if not
	o.case_id, -- the open case
	c.assigned_to, -- whom the open case was assigned to
	coalesce(c.cause, b.last_cause) AS cause, -- why the customer was dissatisfied, as somebody established
	coalesce(b.open_promises, 0) AS open_promises, -- promises not kept yet, in all cases
	coalesce(o.open_cases, 0) AS open_cases, -- cases that are open, where they are kept apart by topic
	b.last_contact, -- when contact was last made, in any case
	b.last_note -- the last note, in any case
FROM newest_answer n
LEFT JOIN (
	SELECT o.*, row_number() OVER (PARTITION BY o.respondent ORDER BY o.opened_at NULLS FIRST, o.case_id<<response_id_order>>) AS place, count(*) OVER (PARTITION BY o.respondent) AS open_cases
	FROM open_case o
) o ON o.respondent <<respondent_equals>> n.respondent AND o.place = 1
LEFT JOIN (SELECT * FROM followup_case WHERE recorded_at IS NOT NULL) c ON c.case_id <<response_id_equals>> o.case_id
LEFT JOIN (
	SELECT b.respondent, max(b.contacted_at) AS last_contact, sum(b.open_promises)::bigint AS open_promises,
		(array_agg(b.cause ORDER BY b.opened_at DESC NULLS LAST, b.case_id<<response_id_order>> DESC) FILTER (WHERE b.cause IS NOT NULL))[1] AS last_cause,
		(array_agg(b.last_note ORDER BY b.last_note_at DESC, b.case_id<<response_id_order>> DESC) FILTER (WHERE b.last_note IS NOT NULL))[1] AS last_note
	FROM followup_case b
	GROUP BY b.respondent
) b ON b.respondent <<respondent_equals>> n.respondent
