-- the cases that there are facts of; known has the bits of src/case_fold.h
(
	SELECT c.*,
		8 + CASE WHEN c.worked_on THEN 16 ELSE 0 END + CASE WHEN c.open_promises > 0 THEN 32 ELSE 0 END
			+ CASE WHEN d.holds_for_person AND c.status = 'dismissed' THEN 64 ELSE 0 END
			+ CASE c.ended WHEN 'expired' THEN 4096 WHEN 'answered better' THEN 8192 ELSE 0 END AS known
	FROM followup_case c
	LEFT JOIN dismiss_reason d ON d.reason = c.dismiss_reason
	WHERE c.recorded_at IS NOT NULL
) c
