-- each answer that may open a case, with all answers of its respondent and their cases
SELECT o.*, e.response_id, e.score, e.rule_score, e.responded_at, e.opens_at, e.received_at, e.wants_contact, e.revenue, e.contactable, e.churned_at,
	-- the bits of src/case_fold.h
	CASE WHEN e.response_id <<response_id_equals>> o.case_id THEN 3 ELSE 2 END
		+ nps_rule_bits('survey'::regclass, e.rule_score::integer, e.responded_at, <<loop_since>>, e.wants_contact) + coalesce(c.known, 0)
		+ CASE WHEN e.topic IS DISTINCT FROM o.topic THEN 512 ELSE 0 END + CASE WHEN e.churned_at IS NULL THEN 0 ELSE 1024 END
		+ CASE WHEN <<reversed>> THEN 2048 ELSE 0 END AS known,
	c.opened_at AS case_opened_at, c.reopened_at, c.contacted_at, c.covered_until, c.covered_id::text AS covered_id, c.finished_at, c.finish_entered_at,
	c.finished_until, c.finished_id::text AS finished_id, c.ended_at, c.stays_until, c.contact_due, c.renewed_due, c.facts_until, c.facts_id::text AS facts_id, c.covered_score, c.first_contacted_at, c.between_ids
FROM opening o
JOIN counted e ON e.respondent <<respondent_equals>> o.respondent
<<rules>>
LEFT JOIN
-- <<include taken_case>>
ON c.case_id <<response_id_equals>> e.response_id
-- the fold would find no case for a crowd: but that takes the square of their answers
WHERE NOT <<is_crowd>>
UNION ALL
SELECT o.*, c.case_id, c.opening_score::<<score_type>>, floor(c.opening_score)::integer, coalesce(c.opening_at, c.opened_at), c.opened_at, NULL, NULL, NULL, NULL, NULL,
	CASE WHEN c.case_id <<response_id_equals>> o.case_id THEN 1 ELSE 0 END + c.known
		+ (nps_rule_bits('survey'::regclass, floor(c.opening_score)::integer, c.opened_at, <<loop_since>>, false) & 128)
		+ CASE WHEN c.topic IS DISTINCT FROM o.topic THEN 512 ELSE 0 END + CASE WHEN <<reversed>> THEN 2048 ELSE 0 END,
	c.opened_at, c.reopened_at, c.contacted_at, c.covered_until, c.covered_id::text, c.finished_at, c.finish_entered_at, c.finished_until, c.finished_id::text,
	c.ended_at, c.stays_until, c.contact_due, c.renewed_due, c.facts_until, c.facts_id::text, c.covered_score, c.first_contacted_at, c.between_ids
FROM opening o
<<rules>>
JOIN
-- <<include gone_case>>
ON c.respondent <<respondent_equals>> o.respondent
WHERE NOT <<is_crowd>>
