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
	f.case_id IS NOT NULL AS open_followup, -- whether there is an open case
	f.status AS followup_status, -- where the open case stands
	f.case_id IS NOT NULL OR n.category = 'detractor' AS handle_with_care, -- whether the newest answer is a detractor's or a case is open
	n.revenue, -- revenue of the customer, as mapped
	n.churned_at, -- when the customer left; NULL if not
	coalesce(said.comment, l.comment) AS last_comment, -- the newest comment, whichever answer it came with
	f.case_id, -- the open case; where they are kept apart by topic, the first on the list
	coalesce(f.open_cases, 0) AS open_cases, -- cases that are open, where they are kept apart by topic
	f.responsible, -- who is to act on the open case
	f.next_step, -- what is to be done next
	f.next_due, -- until when
	coalesce(f.cause, b.last_cause) AS cause, -- why the customer was dissatisfied, as somebody established
	f.cause_suggested, -- causes that the comments of the open case suggest
	coalesce(b.open_promises, 0) AS open_promises, -- promises not kept yet, in all cases
	b.next_promise_due, -- date of the next of these
	b.last_contact, -- when contact was last made, in any case
	b.last_note -- the last note, in any case
FROM newest_answer n
LEFT JOIN (
	SELECT DISTINCT ON (c.respondent) c.respondent, c.comment
	FROM counted c
	WHERE c.respondent IS NOT NULL AND c.has_comment
	ORDER BY c.respondent, c.responded_at DESC NULLS LAST, c.response_id<<response_id_order>> DESC
) said ON said.respondent <<respondent_equals>> n.respondent
-- whoever is not known gave that answer alone
LEFT JOIN (SELECT l.response_id, l.comment FROM counted l WHERE l.respondent IS NULL AND l.has_comment) l ON l.response_id <<response_id_equals>> n.response_id
LEFT JOIN (
	SELECT f.respondent, f.case_id, f.status, f.responsible, f.next_step, f.next_due, f.cause, f.cause_suggested, row_number() OVER (PARTITION BY f.respondent ORDER BY f.priority, f.severity, f.next_due, f.case_id<<response_id_order>>) AS place, count(*) OVER (PARTITION BY f.respondent) AS open_cases
	FROM followup f
) f ON f.respondent <<respondent_equals>> n.respondent AND f.place = 1
LEFT JOIN (
	SELECT b.respondent, max(b.contacted_at) AS last_contact, sum(b.open_promises)::bigint AS open_promises,
		min(k.next_promise_due) AS next_promise_due,
		(array_agg(b.cause ORDER BY b.opened_at DESC NULLS LAST, b.case_id<<response_id_order>> DESC) FILTER (WHERE b.cause IS NOT NULL))[1] AS last_cause,
		(array_agg(b.last_note ORDER BY b.last_note_at DESC, b.case_id<<response_id_order>> DESC) FILTER (WHERE b.last_note IS NOT NULL))[1] AS last_note
	FROM followup_case b
	LEFT JOIN (
		SELECT p.case_id, min(p.promised_for) AS next_promise_due
		FROM concern p
		WHERE p.is_open
		GROUP BY p.case_id
	) k ON k.case_id <<response_id_equals>> b.case_id
	GROUP BY b.respondent
) b ON b.respondent <<respondent_equals>> n.respondent
