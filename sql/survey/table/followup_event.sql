-- the history of all cases; writes itself
CREATE TABLE followup_event (
	-- no sequence: lastval() is what the statement of an application made it
	event_id uuid PRIMARY KEY DEFAULT gen_random_uuid(), -- names the event
	case_id <<response_id_type>>, -- names the case: the response that opened it
	place integer NOT NULL DEFAULT 1, -- which event of the case it is, in the order in which they were recorded
	version integer, -- the version of the case that it led to, or that there was when a concern changed
	at timestamptz NOT NULL, -- when it was recorded
	actor text, -- who did it, as told
	db_role text NOT NULL, -- database role with whose rights it was recorded
	session_role text NOT NULL, -- database role that was connected, whatever role was set since
	what_changed text NOT NULL, -- the column, or note or undone; concern. stands before those of a concern, cause_told. before what a customer was told
	old_value text, -- its value before, as text
	new_value text, -- its value since, as text
	note text, -- the note given with it
	happened_at timestamptz, -- when it happened, for times
	concern_id bigint, -- the concern that changed; NULL for the case itself
	respondent <<respondent_type>>, -- whom it was told to; NULL for cases and concerns
	cause text, -- what they were told is fixed; NULL for cases and concerns
	-- of a case or one of its concerns, or of what a customer was told
	CONSTRAINT of_case_or_respondent CHECK (num_nonnulls(case_id, respondent) = CASE what_changed WHEN 'erased' THEN 0 ELSE 1 END)
);
CREATE UNIQUE INDEX ON followup_event (case_id, place);
CREATE INDEX ON followup_event (respondent) WHERE respondent IS NOT NULL;
