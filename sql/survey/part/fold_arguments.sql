-- an answer, or a case whose answer is gone, in the form that src/case_fold.c takes
e.known + CASE WHEN e.is_answer THEN nps_rule_bits('survey'::regclass, e.rule_score, e.responded_at, <<loop_since>>, e.wants_contact)
	ELSE nps_rule_bits('survey'::regclass, e.rule_score, e.opens_at, <<loop_since>>, false) & 128 END, e.score, e.responded_at, e.opens_at, e.received_at, e.response_id::text,
nps_days_in_force('survey'::regclass, 'follow_up_days', e.responded_at),
nps_deadline('survey'::regclass, 'contact', e.rule_score::integer, e.responded_at, e.opens_at, e.wants_contact), e.churned_at,
e.case_opened_at, e.reopened_at, e.contacted_at, e.covered_until, e.covered_id, e.finished_at, e.finish_entered_at, e.finished_until, e.finished_id,
e.ended_at, e.stays_until, nps_days_in_force('survey'::regclass, 'renew_after_days', e.contacted_at), e.contact_due, e.renewed_due, e.facts_until, e.facts_id,
e.covered_score, e.first_contacted_at, e.between_ids, e.contactable, e.revenue::numeric
