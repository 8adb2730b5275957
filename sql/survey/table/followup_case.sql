-- what was recorded of each case; UPDATE the view followup instead
CREATE TABLE followup_case (
	case_id <<response_id_type>> PRIMARY KEY, -- names the case: the response that opened it
	respondent <<respondent_type>> NOT NULL, -- whose case it is
	opened_at timestamptz, -- when the answer was given that opened the case: all clocks start there
	status text NOT NULL DEFAULT 'new' CHECK (status IN ('new', 'contacted', 'resolved', 'closed', 'unreachable', 'dismissed')), -- where the case stands: new, contacted, resolved, closed, unreachable or dismissed
	owner text, -- who is responsible
	team text, -- the team that the case belongs to
	channel text, -- how contact was made
	cause text REFERENCES cause ON UPDATE CASCADE, -- why the customer is dissatisfied, as somebody established
	plan text, -- what is going to be done
	desired_outcome text, -- what would make the customer happy
	dismiss_reason text CHECK (dismiss_reason IN ('misclick', 'duplicate', 'test', 'not_a_customer', 'opted_out')), -- why it is no case: misclick, duplicate, test, not_a_customer or opted_out
	snoozed_until timestamptz, -- until when the case rests; it stays on the list, at its end
	acknowledged_at timestamptz, -- when the answer was acknowledged, which may be automatic
	asked_at timestamptz, -- when the customer was asked for the reason, which may be automatic
	attempted_at timestamptz, -- last attempt to make contact; setting it counts one more
	attempts integer NOT NULL DEFAULT 0, -- how many attempts to make contact there were
	contacted_at timestamptz, -- when a person made contact
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
	recorded boolean NOT NULL DEFAULT true, -- whether anything but a lease is recorded
	taken boolean NOT NULL DEFAULT false, -- whether somebody took the case on: then it stays open until it is closed, whatever the customer answers
	is_open boolean GENERATED ALWAYS AS (taken AND status IN ('new', 'contacted', 'resolved')) STORED, -- whether there is something left to do
	finished_at timestamptz GENERATED ALWAYS AS (
		CASE status WHEN 'closed' THEN closed_at WHEN 'unreachable' THEN unreachable_at WHEN 'dismissed' THEN dismissed_at END) STORED -- when the case was closed, given up or dismissed; NULL while it is open
);
CREATE UNIQUE INDEX one_open_case_of_a_respondent ON followup_case (respondent) WHERE is_open;
CREATE INDEX ON followup_case (respondent);
