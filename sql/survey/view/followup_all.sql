-- every case there ever was, with its clocks and its outcome; can be updated as followup
-- The outcome is what the customer did next: left, or answered after the case was
-- finished; or, without such an answer, after contact was made.  As long as
-- nobody made contact, an answer that makes the case worse or keeps it open is no
-- outcome.
SELECT
	-- <<include case_shown>>
	c.closed_at, -- when the loop was closed
	q.is_open, -- whether there is something left to do
	CASE WHEN q.left_at >= coalesce(q.opened_at, q.left_at) THEN 'churned'
		WHEN next_answer.score IS NOT NULL THEN CASE
			WHEN NOT coalesce(n.follow_up, false) THEN 'recovered'
			WHEN next_answer.score <> q.opening_score AND (next_answer.score > q.opening_score) <> <<reversed>> THEN 'improved'
			WHEN next_answer.score = q.opening_score THEN 'unchanged'
			ELSE 'worsened' END
		WHEN q.is_open OR coalesce(c.closed_at, q.opened_at) > now() - make_interval(days => s.follow_up_days) THEN 'pending'
		ELSE 'unknown' END AS outcome, -- what became of the customer: pending, recovered, improved, unchanged, worsened, churned or unknown
	CASE WHEN q.left_at >= coalesce(q.opened_at, q.left_at) THEN q.left_at ELSE next_answer.at END AS outcome_at, -- when that turned out
	(nps_local_time(c.closed_at, <<zone>>) + make_interval(months => s.resurvey_months))::date AS resurvey_on, -- date to ask the customer again
	q.opened_at, -- when the answer was given that opened the case: all clocks start there
	q.opening_score, -- score of the answer that opened the case
	due.acknowledge_due, -- until when to acknowledge
	coalesce(least(c.acknowledged_at, c.contacted_at), until.at) > due.acknowledge_due AS acknowledged_late, -- whether that was late, or is by now
	due.contact_due, -- until when to make contact
	coalesce(c.contacted_at, until.at) > due.contact_due AS contacted_late, -- whether that was late, or is by now
	due.resolve_due, -- until when to resolve
	coalesce(c.resolved_at, until.at) > due.resolve_due AS resolved_late, -- whether that was late, or is by now
	due.inform_due, -- until when to tell the customer, from when it was resolved
	coalesce(c.informed_at, until.at) > due.inform_due AS informed_late, -- whether that was late, or is by now
	nps_hours_between(q.opened_at, least(c.acknowledged_at, c.contacted_at), <<zone>>, NULL, NULL, NULL, NULL) AS hours_to_acknowledge, -- hours from the answer until it was acknowledged
	nps_hours_between(q.opened_at, least(c.acknowledged_at, c.contacted_at), <<work_time>>) AS work_hours_to_acknowledge, -- the same in working hours
	nps_hours_between(q.opened_at, c.contacted_at, <<zone>>, NULL, NULL, NULL, NULL) AS hours_to_contact, -- hours from the answer until contact was made
	nps_hours_between(q.opened_at, c.contacted_at, <<work_time>>) AS work_hours_to_contact, -- the same in working hours
	nps_hours_between(q.opened_at, c.resolved_at, <<zone>>, NULL, NULL, NULL, NULL) AS hours_to_resolve, -- hours from the answer until it was resolved
	nps_hours_between(q.opened_at, c.resolved_at, <<work_time>>) AS work_hours_to_resolve, -- the same in working hours
	nps_hours_between(q.opened_at, c.informed_at, <<zone>>, NULL, NULL, NULL, NULL) AS hours_to_inform, -- hours from the answer until the customer was told
	nps_hours_between(q.opened_at, c.informed_at, <<work_time>>) AS work_hours_to_inform, -- the same in working hours
	nps_hours_between(q.opened_at, c.closed_at, <<zone>>, NULL, NULL, NULL, NULL) AS hours_to_close, -- hours from the answer until the loop was closed
	nps_hours_between(q.opened_at, c.closed_at, <<work_time>>) AS work_hours_to_close, -- the same in working hours
	-- what came after the window changes nothing
	NOT q.is_recorded AND NOT q.opted_out AND q.contactable IS NOT FALSE
		AND q.responded_at <= now() - make_interval(days => s.follow_up_days)
		AND NOT coalesce(least(q.next_at, q.left_at) < q.responded_at + make_interval(days => s.follow_up_days), false) AS is_expired, -- whether the follow-up window ended and nobody had taken the case on; what comes later changes nothing
	q.contactable IS NOT FALSE AND NOT coalesce(q.opted_out AND NOT q.is_recorded, false) AS is_contactable, -- whether the customer may be contacted
	q.promises, -- promises given
	q.broken_promises, -- promises not kept by their date, whatever happened later
	c.reopened_at, -- when the case was last reopened
	q.left_at AS churned_at, -- when the customer left; NULL if not
	q.is_recorded, -- whether somebody took the case on
	c.finished_at -- when the case was closed, given up or dismissed; NULL while it is open
FROM (
	WITH b AS NOT MATERIALIZED (
		SELECT
			-- <<include case_columns>>
		FROM (
			WITH opening AS NOT MATERIALIZED (
				SELECT o.respondent, o.response_id AS case_id, c.case_id IS NOT NULL AS is_recorded, c.is_open AS is_recorded_open,
					CASE WHEN c.case_id IS NULL THEN o.responded_at ELSE c.opened_at END AS opened_at, o.score AS opening_score
				FROM counted o
				<<rules>>
				LEFT JOIN
				-- <<include taken_case>>
				ON c.case_id <<response_id_equals>> o.response_id
				WHERE o.respondent IS NOT NULL AND o.rule_score = ANY (<<followed_scores>>)
				UNION ALL
				SELECT o.respondent, o.response_id, true, c.is_open, c.opened_at, o.score
				FROM counted o
				<<rules>>
				JOIN
				-- <<include taken_case>>
				ON c.case_id <<response_id_equals>> o.response_id
				WHERE o.respondent IS NOT NULL AND NOT o.rule_score = ANY (<<followed_scores>>)
				UNION ALL
				SELECT c.respondent, c.case_id, true, c.is_open, c.opened_at, NULL
				FROM
				-- <<include gone_case>>
			)
			-- <<include case_fold>>
		) q
	)
	-- <<include case_graded>>
) q
-- <<include case_beside>>
-- the answer that tells the outcome
CROSS JOIN LATERAL (
	SELECT CASE WHEN NOT q.is_open AND q.next_score IS NOT NULL THEN q.next_score
			WHEN q.responded_at > c.contacted_at
				OR c.contacted_at IS NULL AND NOT q.is_open AND NOT q.response_id <<response_id_equals>> q.case_id THEN q.score END AS score,
		CASE WHEN NOT q.is_open AND q.next_score IS NOT NULL THEN q.next_at
			WHEN q.responded_at > c.contacted_at
				OR c.contacted_at IS NULL AND NOT q.is_open AND NOT q.response_id <<response_id_equals>> q.case_id THEN q.responded_at END AS at
) next_answer
LEFT JOIN rule n ON n.score = floor(next_answer.score::double precision)::integer
LEFT JOIN rule o ON o.score = floor(q.opening_score::double precision)::integer
-- until when a step could have been made
CROSS JOIN LATERAL (
	SELECT coalesce(c.finished_at, CASE WHEN NOT q.is_open AND NOT coalesce(n.follow_up, true) THEN next_answer.at END,
		least(q.left_at, now()), now()) AS at
) until
CROSS JOIN LATERAL (
	SELECT nps_due(q.opened_at, o.acknowledge_hours, <<work_time>>) AS acknowledge_due,
		nps_due(q.opened_at, o.contact_hours, <<work_time>>) AS contact_due,
		nps_due(q.opened_at, o.resolve_hours, <<work_time>>) AS resolve_due,
		nps_due(c.resolved_at, s.inform_hours, <<work_time>>) AS inform_due
) due
