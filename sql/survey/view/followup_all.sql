-- every case there ever was, with its clocks and its outcome; can be updated as followup
SELECT
	priority, -- 1 personal contact is due or late, 2 something else is late, 3 open, 4 snoozed
	overdue, -- whether the next step is late
	next_step, -- what to do next
	next_due, -- until when
	respondent, -- who answered; NULL if unknown
	account, -- customer that the respondent belongs to
	score, -- the newest score of the case
	comment, -- the comment of the newest answer of the case
	owner, -- who is responsible
	status, -- where the case stands: new, contacted, resolved, closed, unreachable or dismissed
	case_id, -- names the case: the response that opened it
	priority_reason, -- why it has this priority
	response_id, -- the newest response of the case
	category, -- detractor, passive or promoter
	verdict, -- what the score means
	responded_at, -- when the newest answer of the case was given
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
	closed_at, -- when the loop was closed
	is_open, -- whether there is something left to do
	outcome, -- what became of the customer: pending, recovered, improved, unchanged, worsened, churned or unknown
	outcome_at, -- when that turned out
	resurvey_on, -- date to ask the customer again
	opened_at, -- when the answer was given that opened the case: all clocks start there
	opening_score, -- score of the answer that opened the case
	acknowledge_due, -- until when to acknowledge
	acknowledged_late, -- whether that was late, or is by now
	contact_due, -- until when to make contact
	contacted_late, -- whether that was late, or is by now
	resolve_due, -- until when to resolve
	resolved_late, -- whether that was late, or is by now
	inform_due, -- until when to tell the customer, from when it was resolved
	informed_late, -- whether that was late, or is by now
	hours_to_acknowledge, -- hours from the answer until it was acknowledged
	work_hours_to_acknowledge, -- the same in working hours
	hours_to_contact, -- hours from the answer until contact was made
	work_hours_to_contact, -- the same in working hours
	hours_to_resolve, -- hours from the answer until it was resolved
	work_hours_to_resolve, -- the same in working hours
	hours_to_inform, -- hours from the answer until the customer was told
	work_hours_to_inform, -- the same in working hours
	hours_to_close, -- hours from the answer until the loop was closed
	work_hours_to_close, -- the same in working hours
	is_expired, -- whether the follow-up window ended and nobody had taken the case on; what comes later changes nothing
	is_contactable, -- whether the customer may be contacted
	promises, -- promises given
	broken_promises, -- promises not kept by their date, whatever happened later
	reopened_at, -- when the case was last reopened
	churned_at, -- when the customer left; NULL if not
	is_recorded, -- whether somebody took the case on
	finished_at -- when the case was closed, given up or dismissed; NULL while it is open
FROM nps_case_views
