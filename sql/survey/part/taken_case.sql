-- the cases that have facts; known has the bits of src/case_fold.h
(
	SELECT c.case_id, c.respondent, c.topic, c.worked_on, c.opened_at, c.opening_score, c.opening_at, c.reopened_at, c.contacted_at, c.first_contacted_at, c.contact_due, c.renewed_due, c.covered_until, c.covered_id, c.covered_score,
		c.ended, c.ended_at, c.stays_until, c.finished_at, c.finish_entered_at, c.finished_until, c.finished_id, c.facts_until, c.facts_id, c.between_ids,
		8 + CASE WHEN c.worked_on THEN 16 ELSE 0 END + CASE WHEN c.open_promises > 0 THEN 32 ELSE 0 END
			+ CASE WHEN c.status = 'dismissed' AND nps_dismissal_holds('survey'::regclass, c.dismiss_reason) THEN 64 ELSE 0 END
			+ CASE c.ended WHEN 'expired' THEN 4096 WHEN 'answered better' THEN 8192 ELSE 0 END AS known
	FROM followup_case c
	WHERE c.recorded_at IS NOT NULL
) c
