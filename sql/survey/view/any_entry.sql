-- what any_case is made of: each answer that may open a case, and each case whose answer is gone, with all answers of the respondent and their cases
-- each answer that may open a case, and beside them, as most cases are of the first
-- kind and the planner knows nothing of a union, the other cases that are recorded
WITH fresh_opening AS NOT MATERIALIZED (
	SELECT o.respondent, o.response_id AS case_id, c.case_id IS NOT NULL AS is_recorded, c.opened_at, coalesce(c.opening_score::<<score_type>>, o.score) AS opening_score, o.responded_at AS opening_at,
		coalesce(c.worked_on, false) AS worked_on, c.finished_at IS NOT NULL AS is_finished, o.topic
	FROM counted o
	<<rules>>
	LEFT JOIN recorded_case c ON c.case_id <<response_id_equals>> o.response_id
	WHERE o.respondent IS NOT NULL AND <<may_be_followed_up>>
), other_opening AS NOT MATERIALIZED (
	SELECT o.respondent, o.response_id AS case_id, true AS is_recorded, c.opened_at, c.opening_score::<<score_type>> AS opening_score, o.responded_at AS opening_at,
		c.worked_on, c.finished_at IS NOT NULL AS is_finished, o.topic
	FROM counted o
	<<rules>>
	JOIN recorded_case c ON c.case_id <<response_id_equals>> o.response_id
	WHERE o.respondent IS NOT NULL AND NOT <<may_be_followed_up>>
	UNION ALL
	SELECT c.respondent, c.case_id, true, c.opened_at, c.opening_score::<<score_type>>, coalesce(c.opening_at, c.opened_at), c.worked_on, c.finished_at IS NOT NULL, c.topic
	FROM gone_case c
)
SELECT
	-- <<include entry_columns>>
-- a level of its own: of a union beside a WITH the planner computes all columns, whether they are read or not
FROM (
	-- <<include fold_entry>>
) e
