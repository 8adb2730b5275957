-- every case there is or was, with its clocks and its outcome; can be updated as followup
-- What is a fact is shown as it was stored, whatever changed since.  The outcome
-- is what the customer did after the last contact, or after the newest answer of
-- a case without.
SELECT
	-- <<include case_shown>>
	a.renewal_at, -- when the customer's contract is up for renewal
	q.is_open, -- whether it is on the list
	q.is_recorded, -- whether there are facts of it
	q.is_gone, -- whether the answer that opened it is gone
	q.is_renewed OR coalesce(c.left_renewed, false) AS is_renewed, -- whether bad answers came that no contact covers
	q.has_newer, -- whether the respondent has a newer case
	q.is_personal, -- whether a person is to make contact
	q.is_broken_now, -- whether a promise is broken that is still to be kept
	q.ended, -- how it ended by itself, while nobody worked on it: expired, answered better or taken over
	q.ended_at, -- when it did
	h.over_at, -- when it was finished or ended; NULL while it goes on
	q.opened_at, -- when it opened: all clocks start there
	q.opening_score::double precision AS opening_score, -- score of the answer that opened the case
	q.opening_at, -- when that answer was given
	q.first_answer_at, -- when its first answer was given
	q.between_ids, -- its answers between the one that opened it and the newest, one a line; NULL if there are none
	q.better_at, -- when a better answer was given that did not end it
	q.uncovered_since, -- when the first answer could be known that no contact covers
	q.uncovered_until, -- when the newest such answer was given
	q.acknowledge_due, -- until when to acknowledge
	q.contact_due AS first_contact_due, -- until when to make the first contact
	CASE WHEN q.is_renewed THEN q.renewed_due WHEN c.left_renewed THEN c.renewed_due ELSE q.contact_due END AS contact_due, -- until when to make contact: the first, or again
	q.resolve_due, -- until when to resolve
	CASE WHEN q.is_renewed THEN nps_deadline('survey'::regclass, 'resolve', floor(q.worst_score)::integer, q.worst_at, q.uncovered_opens_at, q.wants_contact) END AS renewed_resolve_due, -- until when to resolve what renewed it
	q.inform_due, -- until when to tell the customer, from when it was resolved
	coalesce(least(c.first_acknowledged_at, c.first_contacted_at), h.horizon) > q.acknowledge_due AS acknowledged_late, -- whether that was late, or is by now
	c.first_acknowledged_at, -- when the answer was first acknowledged
	c.acknowledge_entered_at - c.first_acknowledged_at > interval '24 hours' AS acknowledge_backdated, -- whether that was entered more than 24 hours later
	CASE WHEN q.contact_due IS NOT NULL THEN coalesce(c.first_contacted_at > q.contact_due, h.is_missed) END AS contacted_late, -- whether that was late, or is by now
	CASE WHEN c.first_resolved_at IS NOT NULL THEN coalesce(c.first_resolved_at > c.first_resolve_due, false)
		WHEN q.is_waiting THEN false ELSE h.horizon > q.resolve_due END AS resolved_late, -- whether that was late, or is by now
	CASE WHEN c.first_informed_at IS NOT NULL THEN coalesce(c.first_informed_at > c.first_inform_due, false) ELSE h.horizon > q.inform_due END AS informed_late, -- whether that was late, or is by now
	h.is_missed, -- whether contact was due and nobody made it
	c.first_contacted_at, -- when a person first made contact
	c.contact_entered_at - c.first_contacted_at > interval '24 hours' AS contact_backdated, -- whether that was entered more than 24 hours later
	c.first_resolved_at, -- when it was first resolved
	c.first_resolve_due, -- until when that was due
	c.resolve_entered_at - c.first_resolved_at > interval '24 hours' AS resolve_backdated, -- whether that was entered more than 24 hours later
	c.first_informed_at, -- when the customer was first told
	c.first_inform_due, -- until when that was due
	c.inform_entered_at - c.first_informed_at > interval '24 hours' AS inform_backdated, -- whether that was entered more than 24 hours later
	coalesce(c.renewals, 0) AS renewals, -- how often it was renewed and contact was made again
	coalesce(c.recontacted_in_time, 0) AS recontacted_in_time, -- of these in time
	coalesce(c.recontacted_late, 0) AS recontacted_late, -- of these late
	coalesce(c.recontacted_backdated, 0) AS recontacted_backdated, -- of these entered more than 24 hours later
	c.unreachable_at, -- when the attempts were given up
	c.dismissed_at, -- when it turned out to be no case
	c.reopened_at, -- when the case was last reopened
	c.finished_at, -- when the case was closed, given up or dismissed; NULL while it is open
	CASE WHEN c.responsible_since IS NOT NULL OR c.contact_due < now() THEN c.responsible ELSE w.person END AS figured_responsible, -- who counts for it: was responsible when contact was due or the case was worked on
	CASE WHEN c.responsible_since IS NOT NULL OR c.contact_due < now() THEN c.responsible_team ELSE w.team END AS figured_team, -- the team that does
	CASE WHEN q.is_recorded THEN c.contactable ELSE q.contactable IS NOT FALSE END AS is_contactable, -- whether the customer could be contacted
	q.contactable IS NOT FALSE AS contactable, -- whether the customer can be contacted now
	q.left_at AS churned_at, -- when the customer left, or will; NULL if not
	CASE WHEN least(c.first_acknowledged_at, c.first_contacted_at) > q.opened_at THEN nps_hours_between(q.opened_at, least(c.first_acknowledged_at, c.first_contacted_at), <<zone>>, NULL, NULL, NULL, NULL) WHEN least(c.first_acknowledged_at, c.first_contacted_at) <= q.opened_at THEN 0 END AS hours_to_acknowledge, -- hours from the opening until the answer was acknowledged
	CASE WHEN c.first_contacted_at > q.opened_at THEN nps_hours_between(q.opened_at, c.first_contacted_at, <<zone>>, NULL, NULL, NULL, NULL) WHEN c.first_contacted_at <= q.opened_at THEN 0 END AS hours_to_contact, -- hours from the opening until contact was made
	CASE WHEN c.first_contacted_at > q.opened_at THEN nps_hours_between(q.opened_at, c.first_contacted_at, <<work_time>>) WHEN c.first_contacted_at <= q.opened_at THEN 0 END AS work_hours_to_contact, -- the same in working hours
	CASE WHEN c.first_resolved_at > q.opened_at THEN nps_hours_between(q.opened_at, c.first_resolved_at, <<zone>>, NULL, NULL, NULL, NULL) WHEN c.first_resolved_at <= q.opened_at THEN 0 END AS hours_to_resolve, -- hours from the opening until the case was resolved
	CASE WHEN c.first_resolved_at > q.opened_at THEN nps_hours_between(q.opened_at, c.first_resolved_at, <<work_time>>) WHEN c.first_resolved_at <= q.opened_at THEN 0 END AS work_hours_to_resolve, -- the same in working hours
	CASE WHEN c.closed_at > q.opened_at THEN nps_hours_between(q.opened_at, c.closed_at, <<zone>>, NULL, NULL, NULL, NULL) WHEN c.closed_at <= q.opened_at THEN 0 END AS hours_to_close, -- hours from the opening until the loop was closed
	coalesce(c.waited_hours, 0) + CASE WHEN c.waiting_since IS NOT NULL THEN date_part('epoch', now() - c.waiting_since) / 3600 ELSE 0 END AS waited_hours, -- hours for which it was the customer's turn
	q.promises, -- promises given
	q.kept_promises, -- promises kept by their date, and entered within a day of it
	q.broken_promises, -- promises not kept by their date, whatever happened later
	q.moved_promises, -- how often their dates were changed
	CASE WHEN q.left_at BETWEEN q.opened_at AND now() THEN 'churned'
		WHEN h.after IS NULL THEN 'unknown'
		WHEN q.next_at < h.outcome_end THEN CASE
			WHEN h.was_detractor AND nps_category(q.next_score<<scale_argument>>) <> 'detractor' THEN 'recovered'
			WHEN q.next_score = q.opening_score THEN 'unchanged'
			WHEN (q.next_score > q.opening_score) <> <<reversed>> THEN 'improved'
			ELSE 'worsened' END
		WHEN now() < h.outcome_end THEN 'pending'
		ELSE 'unknown' END AS outcome, -- what became of the customer: pending, recovered, improved, unchanged, worsened, churned or unknown
	CASE WHEN q.left_at BETWEEN q.opened_at AND now() THEN q.left_at
		WHEN q.next_at < h.outcome_end THEN q.next_at END AS outcome_at, -- when that turned out
	h.was_detractor AND h.recovery_end <= now() AS recovery_known, -- whether the time is over in which the customer could recover
	h.was_detractor AND h.recovery_end <= now() AND q.recovery_at < h.recovery_end
		AND nps_category(q.recovery_score<<scale_argument>>) <> 'detractor' AS is_recovered, -- whether the first answer after the last contact, or after the one that opened it, is not a detractor's
	(nps_local_time(c.finished_at, <<zone>>) + make_interval(months => s.resurvey_months))::date AS resurvey_on -- date to ask the customer again
FROM any_case q
<<newest_answer_folded>>
-- <<include case_beside>>
, LATERAL (
	SELECT h.over_at, h.horizon, h.after, h.outcome_end, h.recovery_end, h.was_detractor, coalesce(c.contacted_at IS NULL AND h.horizon > q.contact_due AND CASE WHEN q.is_recorded
			THEN c.contactable AND NOT coalesce(c.uncontactable_since <= q.contact_due, false) AND NOT coalesce(c.churned_at <= q.contact_due AND q.opened_at < nps_time(nps_local_time(c.churned_at, <<zone>>)::date + 1, <<zone>>), false)
			ELSE q.contactable IS NOT FALSE AND NOT coalesce(q.left_at <= q.contact_due AND q.opened_at < nps_time(nps_local_time(q.left_at, <<zone>>)::date + 1, <<zone>>), false) END, false) AS is_missed
	FROM (
		SELECT coalesce(c.finished_at, q.ended_at) AS over_at, coalesce(q.counts_until, now()) AS horizon,
			coalesce(c.contacted_at, q.responded_at) AS after,
			nps_due(coalesce(c.contacted_at, q.responded_at), 24 * s.recovery_days, <<zone>>, NULL, NULL, NULL, NULL) AS outcome_end,
			nps_due(coalesce(c.contacted_at, q.opened_at), 24 * s.recovery_days, <<zone>>, NULL, NULL, NULL, NULL) AS recovery_end,
			nps_category(q.opening_score<<scale_argument>>) = 'detractor' AS was_detractor
		OFFSET 0
	) h
) h
