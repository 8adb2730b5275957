-- concerns and promises of a case; INSERT and UPDATE them
CREATE TABLE concern (
	concern_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- names the concern
	case_id <<response_id_type>> NOT NULL REFERENCES followup_case, -- names the case: the response that opened it
	cause text REFERENCES cause ON UPDATE CASCADE, -- why the customer is concerned, as somebody established
	concern text NOT NULL, -- what the customer is concerned about
	answer text, -- what the customer was answered; without a promise, that settles it
	promise text, -- what was promised; needs promised_for
	team text, -- the team that takes care of it
	planned_for date, -- date planned within the company; not after promised_for
	promised_for date, -- date promised to the customer
	compensation text, -- what was given for a broken promise
	raised_at timestamptz NOT NULL DEFAULT now(), -- when it was raised
	delivered_at timestamptz, -- when the promise was kept
	declined_at timestamptz, -- when the customer was told that it will not be done
	told_at timestamptz, -- when the customer was told that the cause is fixed
	is_open boolean GENERATED ALWAYS AS (delivered_at IS NULL AND declined_at IS NULL AND (answer IS NULL OR promise IS NOT NULL)) STORED, -- whether it has neither an answer that settles it nor was delivered or declined
	CONSTRAINT promise_has_a_date CHECK ((promise IS NULL) = (promised_for IS NULL)),
	CONSTRAINT planned_before_promised CHECK (planned_for <= promised_for),
	CONSTRAINT delivered_or_declined CHECK (delivered_at IS NULL OR declined_at IS NULL)
);
CREATE INDEX ON concern (case_id);
