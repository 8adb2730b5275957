-- those of them whose answer was deleted or corrected away
(
	SELECT c.*
	FROM
	-- <<include taken_case>>
	LEFT JOIN (SELECT a.response_id FROM counted a WHERE a.respondent IS NOT NULL) a ON a.response_id <<response_id_equals>> c.case_id
	WHERE a.response_id IS NULL
) c
