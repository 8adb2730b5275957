-- the cases whose opening answer was deleted or corrected away, of which nothing but their facts tells
SELECT
	-- <<include recorded_columns>>
	c.known -- what else decides that, as bits of src/case_fold.h
FROM recorded_case c
LEFT JOIN (SELECT a.response_id FROM counted a WHERE a.respondent IS NOT NULL) a ON a.response_id <<response_id_equals>> c.case_id
WHERE a.response_id IS NULL
