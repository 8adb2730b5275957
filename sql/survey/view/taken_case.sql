-- cases that somebody took on, as the fold of cases reads them
SELECT
	c.case_id, -- names the case: the response that opened it
	c.respondent, -- whose case it is
	c.opened_at, -- when it opened
	c.finished_at, -- when it was closed, given up or dismissed
	c.is_open, -- whether it is still work
	-- the bits of src/case_fold.h
	8 + CASE WHEN c.is_open THEN 16 ELSE 0 END + CASE WHEN c.opened_at IS NULL THEN 0 ELSE 32 END
		+ CASE WHEN c.dismiss_reason = 'opted_out' THEN 64 ELSE 0 END AS known -- the same in one number
FROM followup_case c
WHERE c.taken
