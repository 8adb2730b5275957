-- who was told that a cause is fixed; UPDATE the view cause_customer instead
CREATE TABLE cause_told (
	cause text NOT NULL REFERENCES cause ON UPDATE CASCADE, -- the cause that is fixed
	respondent <<respondent_type>> NOT NULL, -- who was told
	told_at timestamptz NOT NULL, -- when the customer was told
	told_by text NOT NULL, -- who told the customer
	PRIMARY KEY (cause, respondent)
);
