-- cases that somebody took on and whose answer was deleted or corrected away: they are still work
SELECT
	c.case_id, -- names the case: the response that opened it
	c.respondent, -- whose case it is
	c.opened_at, -- when it opened
	c.finished_at, -- when it was closed, given up or dismissed
	c.is_open, -- whether it is still work
	c.known -- what the fold of cases needs to know of it
FROM taken_case c
LEFT JOIN (SELECT a.response_id FROM counted a WHERE a.respondent IS NOT NULL) a ON a.response_id <<response_id_equals>> c.case_id
WHERE a.response_id IS NULL
