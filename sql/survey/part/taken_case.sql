-- the cases that somebody took on; known has the bits of src/case_fold.h
(
	SELECT c.case_id, c.respondent, c.opened_at, c.finished_at, c.is_open,
		8 + CASE WHEN c.is_open THEN 16 ELSE 0 END + CASE WHEN c.opened_at IS NULL THEN 0 ELSE 32 END
			+ CASE WHEN c.dismiss_reason = 'opted_out' THEN 64 ELSE 0 END AS known
	FROM followup_case c
	WHERE c.taken
) c
