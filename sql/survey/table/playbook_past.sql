-- rules as they were: an answer is judged by the rule of when it was given; writes itself
CREATE TABLE playbook_past (
	score_from smallint NOT NULL, -- lowest score of the rule
	score_to smallint NOT NULL, -- highest score of the rule, with its fractions
	until timestamptz NOT NULL, -- when the rule was changed
	follow_up boolean NOT NULL, -- whether such an answer opened a case
	acknowledge_hours integer, -- hours from the answer until it was to be acknowledged
	contact_hours integer, -- hours from the answer until the first contact
	resolve_hours integer, -- hours from the answer until it was to be resolved
	PRIMARY KEY (score_from, until)
);
