-- the history of all cases; writes itself
CREATE TABLE followup_event (
	event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- in the order in which it was recorded
	case_id <<response_id_type>> NOT NULL, -- names the case: the response that opened it
	at timestamptz NOT NULL, -- when it was recorded
	actor text, -- who did it, as told
	db_role text NOT NULL, -- database role that recorded it
	changed text NOT NULL, -- the column that changed; concern. stands before those of a concern
	old_value text, -- its value before, as text
	new_value text, -- its value since, as text
	note text, -- the note given with it
	happened_at timestamptz, -- when it happened, for times
	concern_id bigint -- the concern that changed; NULL for the case itself
);
CREATE INDEX ON followup_event (case_id);
