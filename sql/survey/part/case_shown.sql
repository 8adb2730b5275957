	q.priority, -- 1 personal contact is due, a promise is broken or the case is escalated, 2 late, 3 open, 4 snoozed; NULL once it is over
	CASE WHEN q.next_due < now() THEN 'late' WHEN q.next_day = s.today THEN 'today'
		WHEN date_trunc('week', q.next_day::timestamp) = date_trunc('week', s.today::timestamp) THEN 'this week'
		WHEN q.next_due IS NOT NULL THEN 'later' END AS due, -- late, today, this week or later
	CASE WHEN c.finished_at IS NOT NULL OR q.ended IS NOT NULL THEN NULL
		WHEN q.needs_contact THEN CASE
			-- nobody knows what an answer said that is gone
			WHEN NOT q.was_contacted AND NOT q.is_personal AND NOT q.wants_contact AND NOT q.is_gone AND NOT coalesce(nps_has_comment(said.comments), false)
				AND coalesce(a.open_tickets, 0) < s.many_tickets
				AND NOT EXISTS (SELECT 1 FROM followup_case before WHERE before.respondent <<respondent_equals>> q.respondent AND before.asked_at IS NOT NULL)
				THEN 'ask for the reason'
			ELSE 'contact' END
		WHEN q.status = 'resolved' THEN CASE WHEN c.informed_at IS NULL THEN 'inform' ELSE 'close' END
		WHEN q.promises_open > 0 THEN 'deliver what was promised'
		WHEN q.open_concerns > 0 THEN 'answer the concern'
		WHEN c.cause IS NULL THEN 'establish the cause'
		ELSE 'resolve' END AS next_step, -- what to do next: ask for the reason, contact, establish the cause, answer the concern, deliver what was promised, resolve, inform or close
	q.next_due, -- until when; the earliest clock that runs
	q.respondent, -- who answered; NULL if unknown
	a.account, -- customer that the respondent belongs to
	q.score, -- the newest score of the case
	a.comment, -- the comment of the newest answer of the case
	CASE WHEN d.is_over THEN c.responsible ELSE w.person END AS responsible, -- who is to do it: as assigned, or by the rules; of a case that is over, who was
	CASE WHEN q.is_renewed THEN 'renewed' ELSE q.status END AS status, -- where the case stands: new, contacted, resolved, closed, unreachable or dismissed; renewed where contact is due again
	q.case_id, -- names the case: the response that opened it
	coalesce(c.version, 0) AS version, -- one more with each step that somebody recorded; 0 where nothing is
	q.topic, -- what the case is about, where cases are kept apart by topic
	CASE WHEN q.is_over THEN NULL
		WHEN q.is_broken_now THEN 'promise is broken'
		WHEN q.is_snoozed THEN 'snoozed'
		WHEN q.is_escalated THEN 'escalated'
		WHEN q.is_better THEN 'answered better since'
		WHEN q.needs_contact AND q.is_personal THEN CASE WHEN q.contact_until < now() THEN 'personal contact is late' ELSE 'personal contact is due' END
		WHEN q.next_due < now() THEN CASE WHEN q.contact_until < now() THEN 'contact is late'
			WHEN NOT q.was_contacted AND q.acknowledged_at IS NULL AND q.acknowledge_due < now() THEN 'acknowledgement is late'
			WHEN q.status = 'resolved' THEN 'customer waits for news' ELSE 'solution is late' END
		ELSE 'open' END AS priority_reason, -- why it has this priority
	q.response_id, -- the newest response of the case
	nps_category(q.score<<scale_argument>>) AS category, -- detractor, passive or promoter
	r.verdict, -- what the score means
	r.severity, -- how severe that is: 1 is the most severe
	r.cancel_risk, -- what such a customer may do
	q.responded_at, -- when the newest answer of the case was given
	q.worst_score::<<score_type>> AS worst_score, -- the score that contact is about: the worst that nobody talked about, or else the newest
	q.previous_score, -- the score before the newest one
	q.responses, -- answers of this respondent
	q.answers, -- answers that the case consists of
	q.wants_contact, -- whether one of them asks for contact
	CASE WHEN d.is_over THEN c.responsible_team ELSE w.team END AS responsible_team, -- the team that is to do it; of a case that is over, that was
	c.cause, -- why the customer is dissatisfied, as somebody established
	nullif(array_to_string(t.causes, ', '), '') AS cause_suggested, -- causes that the comments of the case suggest, separated by commas
	k.remedy, -- what usually helps, by the cause
	c.channel, -- how contact was made
	r.channel AS channel_advised, -- how to make contact
	coalesce(CASE WHEN q.wants_contact AND NOT r.follow_up THEN s.wants_contact_steps END,
		CASE WHEN q.broken_promises > 0 OR coalesce(k.breaks_promise, false) THEN r.steps ELSE r.steps_without_compensation END) AS steps, -- what to do, in order, separated by commas; compensate only where a promise was broken
	r.guidance, -- advice for the person who makes contact
	coalesce(r.inform_manager, false) AS inform_manager, -- whether to tell the customer's manager, log it in the CRM and raise it at the next contact
	CASE WHEN q.left_at > now() THEN nps_local_time(q.left_at, <<zone>>)::date
		ELSE least(nps_local_time(nps_due(q.responded_at, 24 * s.follow_up_days, <<zone>>, NULL, NULL, NULL, NULL), <<zone>>)::date,
			CASE WHEN a.renewal_at >= nps_local_time(q.responded_at, <<zone>>)::date THEN a.renewal_at END) END AS save_by, -- until when the customer can be kept: when they gave notice for, else the end of the follow-up window, or the renewal date if earlier
	CASE WHEN q.next_due < now() THEN date_part('epoch', now() - q.next_due) / 3600 END AS overdue_hours, -- hours since the next step was due; NULL if it is not late
	q.open_concerns, -- concerns without an answer, and promises not kept yet
	q.next_promise_due, -- date of the next promise to keep
	a.revenue, -- revenue of the customer, as mapped
	CASE WHEN coalesce(q.left_at <= now(), false) THEN 0 ELSE a.revenue END AS revenue_at_risk, -- revenue of the customer unless lost; an account with several cases shows it in each, closed_loop and account count it once
	CASE WHEN q.is_open AND q.is_escalated THEN s.escalate_to END AS escalated_to, -- who sees the case too, as it is long overdue
	c.assigned_to, -- whom it was assigned to; NULL leaves that to the rules
	c.team, -- the team that it was given to; NULL leaves that to the rules
	c.plan, -- what is going to be done
	c.desired_outcome, -- what would make the customer happy
	c.dismiss_reason, -- why it is not a case
	c.snoozed_until, -- until when the case rests; it stays on the list, at its end
	c.waiting_since, -- since when it is the customer's turn: the clock to resolve it stands still
	c.acknowledged_at, -- when the answer was acknowledged, which may be automatic
	c.asked_at, -- when the customer was asked for the reason, which may be automatic
	c.attempted_at, -- last attempt to make contact; setting it counts one more
	coalesce(c.attempts, 0) AS attempts, -- how many attempts to make contact there were
	c.contacted_at, -- when a person last made contact
	c.resolved_at, -- when every concern was answered, delivered or declined
	c.informed_at, -- when the customer was told what was done
	c.closed_at, -- when the loop was closed
	c.last_note, -- the last note
	c.last_note_at, -- when the last note was written
	c.last_actor, -- who changed the case last
	c.leased_to, -- program that the case is handed out to
	c.leased_until, -- until when it is
	coalesce(c.recorded, false) AS recorded, -- whether anything is recorded but a lease and facts
	coalesce(c.worked_on, false) AS worked_on, -- whether a person recorded an attempt, contact, a cause, a plan, a note or a concern
	NULL::text AS note, -- to be set: a note on what is recorded with it
	NULL::text AS actor, -- to be set: who did it; without, the setting nps.actor or the role that is connected
