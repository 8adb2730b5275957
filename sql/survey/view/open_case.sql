-- the cases that are work now
WITH fresh_opening AS NOT MATERIALIZED (
	-- of respondents of whom a recent answer is one that is followed up
	SELECT o.respondent, o.response_id AS case_id, false AS is_recorded, NULL::timestamptz AS opened_at, o.score AS opening_score, o.responded_at AS opening_at,
		false AS worked_on, false AS is_finished, o.topic
	FROM counted o
	<<rules>>
	LEFT JOIN
	-- <<include taken_case>>
	ON c.case_id <<response_id_equals>> o.response_id
	WHERE <<may_be_followed_up>> AND c.case_id IS NULL AND o.respondent <<respondent_equals>> ANY (
		SELECT o.respondent
		FROM counted o
		<<rules>>
		WHERE <<may_be_followed_up>> AND <<is_recent>> AND o.respondent IS NOT NULL AND o.contactable IS NOT FALSE)
), other_opening AS NOT MATERIALIZED (
	SELECT o.respondent, o.response_id AS case_id, true AS is_recorded, c.opened_at, c.opening_score::<<score_type>> AS opening_score, o.responded_at AS opening_at,
		c.worked_on, c.finished_at IS NOT NULL AS is_finished, o.topic
	FROM counted o
	JOIN
	-- <<include taken_case>>
	ON c.case_id <<response_id_equals>> o.response_id
	WHERE o.respondent IS NOT NULL AND c.finished_at IS NULL AND c.ended IS NULL
	UNION ALL
	SELECT c.respondent, c.case_id, true, c.opened_at, c.opening_score::<<score_type>>, coalesce(c.opening_at, c.opened_at), c.worked_on, c.finished_at IS NOT NULL, c.topic
	FROM
	-- <<include gone_case>>
	WHERE c.finished_at IS NULL AND c.ended IS NULL
)
SELECT
	-- <<include case_columns>>
FROM (
	-- <<include case_fold>>
) q
-- and not IS NOT NULL: of that the planner would think that it leaves nearly all rows
WHERE (q.folded).responses >= 0 AND
	-- <<include case_is_open>>
