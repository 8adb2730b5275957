-- what open_case is made of: each answer that may open a case which is work now, and each such case whose answer is gone, with all answers of the respondent and their cases
WITH fresh_opening AS NOT MATERIALIZED (
	-- of respondents of whom a recent answer is one that is followed up
	SELECT o.respondent, o.response_id AS case_id, false AS is_recorded, NULL::timestamptz AS opened_at, o.score AS opening_score, o.responded_at AS opening_at,
		false AS worked_on, false AS is_finished, o.topic
	FROM counted o
	<<rules>>
	LEFT JOIN recorded_case c ON c.case_id <<response_id_equals>> o.response_id
	WHERE <<may_be_followed_up>> AND c.case_id IS NULL AND o.respondent <<respondent_equals>> ANY (
		SELECT o.respondent
		FROM counted o
		<<rules>>
		WHERE <<may_be_followed_up>> AND <<is_recent>> AND o.respondent IS NOT NULL AND o.contactable IS NOT FALSE)
), other_opening AS NOT MATERIALIZED (
	SELECT o.respondent, o.response_id AS case_id, true AS is_recorded, c.opened_at, c.opening_score::<<score_type>> AS opening_score, o.responded_at AS opening_at,
		c.worked_on, c.finished_at IS NOT NULL AS is_finished, o.topic
	FROM counted o
	JOIN recorded_case c ON c.case_id <<response_id_equals>> o.response_id
	WHERE o.respondent IS NOT NULL AND c.finished_at IS NULL AND c.ended IS NULL
	UNION ALL
	SELECT c.respondent, c.case_id, true, c.opened_at, c.opening_score::<<score_type>>, coalesce(c.opening_at, c.opened_at), c.worked_on, c.finished_at IS NOT NULL, c.topic
	FROM gone_case c
	WHERE c.finished_at IS NULL AND c.ended IS NULL
)
SELECT
	-- <<include entry_columns>>
-- a level of its own: of a union beside a WITH the planner computes all columns, whether they are read or not
FROM (
	-- <<include fold_entry>>
) e
