-- who was told that a cause is or will be fixed; UPDATE the view cause_customer instead
CREATE TABLE cause_told (
	cause text NOT NULL REFERENCES cause ON UPDATE CASCADE, -- the cause
	respondent <<respondent_type>> NOT NULL, -- who was told
	told_at timestamptz, -- when the customer was told that it is fixed
	told_by text NOT NULL, -- who told the customer last
	plan_told_at timestamptz, -- when the customer was told what is planned
	PRIMARY KEY (cause, respondent),
	CONSTRAINT told_something CHECK (num_nonnulls(told_at, plan_told_at) > 0)
);
