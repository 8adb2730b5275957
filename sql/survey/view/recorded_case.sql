-- the cases that have facts, with what decides which answers belong to them
SELECT
	-- <<include recorded_columns>>
	8 + CASE WHEN c.worked_on THEN 16 ELSE 0 END + CASE WHEN c.open_promises > 0 THEN 32 ELSE 0 END
		+ CASE WHEN c.status = 'dismissed' AND nps_dismissal_holds('survey'::regclass, c.dismiss_reason) THEN 64 ELSE 0 END
		+ CASE c.ended WHEN 'expired' THEN 4096 WHEN 'answered better' THEN 8192 ELSE 0 END AS known -- what else decides that, as bits of src/case_fold.h
FROM followup_case c
WHERE c.recorded_at IS NOT NULL
