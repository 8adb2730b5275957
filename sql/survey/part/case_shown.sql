	q.priority, -- 1 personal contact is due or late, 2 something else is late, 3 open, 4 snoozed
	coalesce(q.next_due < now(), false) AS overdue, -- whether the next step is late
	CASE q.status
		WHEN 'new' THEN CASE
			WHEN NOT coalesce(a.has_comment, false) AND coalesce(a.open_tickets, 0) < s.many_tickets
				AND NOT EXISTS (SELECT 1 FROM followup_case before WHERE before.respondent <<respondent_equals>> q.respondent AND before.asked_at IS NOT NULL)
				THEN 'ask for the reason'
			ELSE split_part(t.steps, ', ', 1) END
		WHEN 'contacted' THEN CASE
			WHEN q.next_promise_due IS NOT NULL THEN 'deliver what was promised'
			WHEN q.open_concerns > 0 THEN 'answer the concerns'
			WHEN c.cause IS NULL THEN 'find the cause'
			ELSE 'resolve' END
		WHEN 'resolved' THEN CASE WHEN c.informed_at IS NULL THEN 'tell the customer' ELSE 'close' END
		END AS next_step, -- what to do next
	q.next_due, -- until when
	q.respondent, -- who answered; NULL if unknown
	a.account, -- customer that the respondent belongs to
	q.score, -- the newest score of the case
	a.comment, -- the comment of the newest answer of the case
	coalesce(c.owner, a.owner,
		-- people of a team take turns until somebody takes the case
		CASE WHEN EXISTS (SELECT 1 FROM team_member m WHERE m.active) THEN (
			SELECT m.person
			FROM (SELECT m.person, row_number() OVER (ORDER BY m.person COLLATE "C") - 1 AS place, count(*) OVER () AS people
				FROM team_member m WHERE m.team = t.team AND m.active) m
			WHERE m.place = (hashtext(q.case_id::text) & 2147483647) % m.people) END,
		r.owner, s.fallback_owner) AS owner, -- who is responsible
	q.status, -- where the case stands: new, contacted, resolved, closed, unreachable or dismissed
	q.case_id, -- names the case: the response that opened it
	CASE WHEN q.is_snoozed THEN 'snoozed'
		WHEN q.personal AND q.status = 'new' THEN CASE WHEN q.next_due < now() THEN 'personal contact is late' ELSE 'personal contact is due' END
		WHEN q.next_due < now() THEN CASE q.status WHEN 'new' THEN 'contact is late'
			WHEN 'contacted' THEN CASE WHEN q.next_promise_due IS NULL THEN 'solution is late' ELSE 'promise is broken' END
			ELSE 'customer waits for news' END
		ELSE 'open' END AS priority_reason, -- why it has this priority
	q.response_id, -- the newest response of the case
	nps_category(q.score<<scale_argument>>) AS category, -- detractor, passive or promoter
	r.verdict, -- what the score means
	a.responded_at, -- when the newest answer of the case was given
	q.previous_score, -- the score before the newest one
	q.responses, -- answers of this respondent
	c.cause, -- why the customer is dissatisfied, as somebody established
	t.cause_suggested, -- causes that the comment suggests, separated by commas
	t.team, -- the team that the case belongs to: as recorded, or that of its cause
	coalesce(c.channel, r.channel) AS channel, -- how contact was made, or is to be made
	t.steps, -- what to do, in order, separated by commas; compensate only where a promise was broken
	CASE WHEN q.next_due < now() THEN date_part('epoch', now() - q.next_due) / 3600 END AS overdue_hours, -- hours since the next step was due; NULL if it is not late
	c.acknowledged_at, -- when the answer was acknowledged, which may be automatic
	c.asked_at, -- when the customer was asked for the reason, which may be automatic
	c.contacted_at, -- when a person made contact
	c.resolved_at, -- when every concern was answered, delivered or declined
	c.informed_at, -- when the customer was told what was done
	coalesce(c.attempts, 0) AS attempts, -- how many attempts to make contact there were
	coalesce(q.open_concerns, 0) AS open_concerns, -- concerns without an answer, and promises not kept yet
	q.next_promise_due, -- date of the next promise to keep
	c.snoozed_until, -- until when the case rests; it stays on the list, at its end
	least(CASE WHEN a.local_time IS NOT NULL THEN nps_local_time(least(a.responded_at, now()), <<zone>>)::date + s.follow_up_days END,
		a.renewal_at) AS save_by, -- until when the customer can be kept: end of the follow-up window, or the renewal date if earlier
	a.revenue, -- revenue of the customer, as mapped
	CASE WHEN a.churned_at IS NULL THEN a.revenue ELSE 0 END AS revenue_at_risk, -- revenue of the customer unless lost; an account with several cases shows it in each, closed_loop and account count it once
	r.guidance, -- advice for whoever makes contact
	c.plan, -- what is going to be done
	c.last_note, -- the last note
	NULL::text AS note, -- to be set: a note on what is recorded with it
	NULL::text AS actor, -- to be set: who did it; without, the setting nps.actor or the current role
	c.desired_outcome, -- what would make the customer happy
	c.dismiss_reason, -- why it is no case: misclick, duplicate, test, not_a_customer or opted_out
	c.attempted_at, -- last attempt to make contact; setting it counts one more
