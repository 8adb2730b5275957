-- which case each answer belongs to: look up the case of an answer that did not open it
SELECT
	q.response_id, -- an answer that is to be followed up, also one that is gone if it opened the case
	q.answer_of AS case_id, -- the case that it belongs to
	q.respondent -- who gave it
FROM (
	-- the answer that is looked for stands where the fold has the one that opens a case
	SELECT e.case_id AS response_id, e.respondent, nps_case_of_answer(
			-- <<include fold_arguments>>
			, e.response_id) OVER (PARTITION BY e.respondent, e.case_id ORDER BY e.responded_at NULLS FIRST, e.response_id<<response_id_order>>) AS answer_of
	FROM any_entry e
) q
WHERE q.answer_of IS NOT NULL
