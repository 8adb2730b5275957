-- what was recorded of each case, and what became a fact; UPDATE the view followup instead
CREATE TABLE followup_case (
	case_id <<response_id_type>> PRIMARY KEY, -- names the case: the response that opened it
	respondent <<respondent_type>> NOT NULL, -- whose case it is
	topic text, -- what the case is about, where cases are kept apart by topic
	version integer NOT NULL DEFAULT 0, -- one more with each step that somebody recorded
	status text NOT NULL DEFAULT 'new' CHECK (status IN ('new', 'contacted', 'resolved', 'closed', 'unreachable', 'dismissed')), -- where the case stands: new, contacted, resolved, closed, unreachable or dismissed
	assigned_to text CHECK (assigned_to <> ''), -- whom it was assigned to; NULL leaves that to the rules
	team text CHECK (team <> ''), -- the team that it was given to; NULL leaves that to the rules
	channel text CHECK (channel <> ''), -- how contact was made
	cause text REFERENCES cause ON UPDATE CASCADE, -- why the customer is dissatisfied, as somebody established
	plan text, -- what is going to be done
	desired_outcome text, -- what would make the customer happy
	dismiss_reason text REFERENCES dismiss_reason ON UPDATE CASCADE, -- why it is not a case
	snoozed_until timestamptz, -- until when the case rests; it stays on the list, at its end
	waiting_since timestamptz, -- since when it is the customer's turn: the clock to resolve it stands still
	acknowledged_at timestamptz, -- when the answer was acknowledged, which may be automatic
	asked_at timestamptz, -- when the customer was asked for the reason, which may be automatic
	attempted_at timestamptz, -- last attempt to make contact; setting it counts one more
	attempts integer NOT NULL DEFAULT 0, -- how many attempts to make contact there were
	contacted_at timestamptz, -- when a person last made contact
	resolved_at timestamptz, -- when every concern was answered, delivered or declined
	informed_at timestamptz, -- when the customer was told what was done
	closed_at timestamptz, -- when the loop was closed
	unreachable_at timestamptz, -- when the attempts were given up
	dismissed_at timestamptz, -- when it turned out to be no case
	reopened_at timestamptz, -- when the case was last reopened
	note text, -- to be set: a note on what is recorded with it
	actor text, -- to be set: who did it; without, the setting nps.actor or the role that is connected
	last_note text, -- the last note
	last_note_at timestamptz, -- when the last note was written
	last_actor text, -- who changed the case last
	leased_to text, -- program that the case is handed out to
	leased_until timestamptz, -- until when it is
	recorded boolean NOT NULL DEFAULT true, -- whether anything is recorded but a lease and facts
	worked_on boolean NOT NULL DEFAULT false, -- whether a person recorded an attempt, contact, a cause, a plan, a note or a concern
	-- facts: what was so when it was recorded, and is never derived again
	recorded_at timestamptz, -- since when there are facts of the case; NULL for a lease
	facts_until timestamptz, -- the newest answer that they know of
	facts_id <<response_id_type>>, -- that answer; another one of the customer where it is gone
	between_ids text, -- answers of the case between the one that opened it and that, one a line
	opened_at timestamptz, -- when the case opened: all clocks start there
	opening_score double precision, -- the score that opened it
	opening_at timestamptz, -- when that answer was given
	acknowledge_due timestamptz, -- until when to acknowledge
	contact_due timestamptz, -- until when to make the first contact
	renewed_due timestamptz, -- until when to make contact again, about answers that no contact covers
	resolve_due timestamptz, -- until when to resolve
	inform_due timestamptz, -- until when to tell the customer
	responsible text, -- who was responsible when contact was due or the case was worked on
	responsible_team text, -- the team that was
	responsible_since timestamptz, -- since when that is a fact; NULL as long as it follows the rules
	contactable boolean, -- whether the customer could be contacted
	uncontactable_since timestamptz, -- when it was noticed that they cannot be any more
	churned_at timestamptz, -- when the customer left, as known when contact was due
	ended text CHECK (ended IN ('expired', 'answered better')), -- how it ended by itself, while nobody worked on it
	ended_at timestamptz, -- when it did
	stays_until timestamptz, -- the newest better answer that did not end it
	first_contacted_at timestamptz, -- when a person first made contact
	contact_entered_at timestamptz, -- when that was recorded
	first_acknowledged_at timestamptz, -- when the answer was first acknowledged
	acknowledge_entered_at timestamptz, -- when that was recorded
	covered_until timestamptz, -- the newest answer that was shown when contact was last recorded
	covered_id <<response_id_type>>, -- that answer
	covered_score double precision, -- its score then
	renewals integer NOT NULL DEFAULT 0, -- how often answers came that no contact covered, and contact was made again
	recontacted_in_time integer NOT NULL DEFAULT 0, -- of these in time
	recontacted_late integer NOT NULL DEFAULT 0, -- of these late
	recontacted_backdated integer NOT NULL DEFAULT 0, -- of these entered more than a day after they happened
	left_renewed boolean NOT NULL DEFAULT false, -- whether it was given up or dismissed while contact was due again
	attempts_since timestamptz, -- the first attempt since contact or the answer that renewed the case
	attempts_running integer NOT NULL DEFAULT 0, -- attempts since then
	attempt_days integer NOT NULL DEFAULT 0, -- days on which they were made
	first_resolved_at timestamptz, -- when it was first resolved
	first_resolve_due timestamptz, -- until when that was due
	resolve_entered_at timestamptz, -- when that was recorded
	first_informed_at timestamptz, -- when the customer was first told
	first_inform_due timestamptz, -- until when that was due
	inform_entered_at timestamptz, -- when that was recorded
	waited_hours double precision NOT NULL DEFAULT 0, -- hours for which it was the customer's turn, until waiting_since
	snoozed_hours double precision NOT NULL DEFAULT 0, -- hours for which the case rested, until snoozed_since
	snoozed_since timestamptz, -- since when it rests
	finished_at timestamptz, -- when the case was closed, given up or dismissed; NULL while it is open
	finish_entered_at timestamptz, -- when that was recorded
	finished_until timestamptz, -- the newest answer that was shown then
	finished_id <<response_id_type>>, -- that answer
	open_promises integer NOT NULL DEFAULT 0, -- promises that are not kept yet
	events integer NOT NULL DEFAULT 0, -- how many rows the history has of it
	before_step text -- the row before the last step, for nps_undo()
);
CREATE INDEX ON followup_case (respondent);
CREATE INDEX open_followup_case ON followup_case (respondent) WHERE finished_at IS NULL AND ended IS NULL;
