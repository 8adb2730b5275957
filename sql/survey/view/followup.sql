-- the work: customers to be contacted, first things first; UPDATE it to record what was done
SELECT
	priority, -- 1 personal contact is due or late, 2 something else is late, 3 open, 4 snoozed
	overdue, -- whether the next step is late
	next_step, -- what to do next
	next_due, -- until when
	respondent, -- who answered; NULL if unknown
	account, -- customer that the respondent belongs to
	score, -- the newest score of the respondent
	comment, -- the comment of the newest answer
	owner, -- who is responsible
	status, -- where the case stands: new, contacted, resolved, closed, unreachable or dismissed
	case_id, -- names the case: the response that opened it
	priority_reason, -- why it has this priority
	response_id, -- the newest response of the respondent
	category, -- detractor, passive or promoter
	verdict, -- what the score means
	responded_at, -- when the newest answer was given
	previous_score, -- the score before the newest one
	responses, -- answers of this respondent
	cause, -- why the customer is dissatisfied, as somebody established
	cause_suggested, -- causes that the comment suggests, separated by →
	team, -- the team that the case belongs to: as recorded, or that of its cause
	channel, -- how contact was made, or is to be made
	steps, -- what to do, in order, separated by →; compensate only where a promise was broken
	overdue_hours, -- hours since the next step was due; NULL if it is not late
	acknowledged_at, -- when the answer was acknowledged, which may be automatic
	asked_at, -- when the customer was asked for the reason, which may be automatic
	contacted_at, -- when a person made contact
	resolved_at, -- when every concern was answered, delivered or declined
	informed_at, -- when the customer was told what was done
	attempts, -- how many attempts to make contact there were
	open_concerns, -- concerns without an answer, and promises not kept yet
	next_promise_due, -- date of the next promise to keep
	snoozed_until, -- until when the case rests; it stays on the list, at its end
	save_by, -- until when the customer can be kept: end of the follow-up window, or the renewal date if earlier
	revenue, -- revenue of the customer, as mapped
	revenue_at_risk, -- revenue of the customer unless lost; an account with several cases shows it in each, closed_loop and account count it once
	guidance, -- advice for whoever makes contact
	plan, -- what is going to be done
	last_note, -- the last note
	note, -- to be set: a note on what is recorded with it
	actor, -- to be set: who did it; without, the setting nps.actor or the current role
	desired_outcome, -- what would make the customer happy
	dismiss_reason, -- why it is no case: misclick, duplicate, test, not_a_customer or opted_out
	attempted_at, -- last attempt to make contact; setting it counts one more
	closed_at -- when the loop was closed
FROM nps_case_views
