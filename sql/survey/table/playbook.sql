-- the rules of follow-up by score; edit them
CREATE TABLE playbook (
	score_from smallint NOT NULL, -- lowest score of the rule
	score_to smallint NOT NULL CHECK (score_to >= score_from), -- highest score of the rule, with its fractions
	follow_up boolean NOT NULL, -- whether such an answer opens a case
	verdict text NOT NULL, -- what such a score means
	cancel_risk text, -- what such a customer may do
	severity smallint NOT NULL, -- order of importance: 1 is the most severe
	personal boolean NOT NULL, -- whether personal contact comes first
	channel text NOT NULL, -- how to contact
	steps text NOT NULL, -- what to do, in order, separated by commas; compensate is shown only where a promise was broken
	acknowledge_hours integer CHECK (acknowledge_hours BETWEEN 1 AND 100000), -- hours from the answer until it is acknowledged; NULL for no deadline
	contact_hours integer CHECK (contact_hours BETWEEN 1 AND 100000), -- hours from the answer until the first contact; NULL for no deadline
	resolve_hours integer CHECK (resolve_hours BETWEEN 1 AND 100000), -- hours from the answer until it is resolved; NULL for no deadline
	inform_manager boolean NOT NULL, -- whether to tell the customer's manager, log it in the CRM and raise it at the next contact
	guidance text, -- advice for the person who makes contact
	owner text CHECK (owner <> ''), -- who is responsible where neither the source nor the cause's team names anybody
	team text CHECK (team <> ''), -- the team that is responsible there
	PRIMARY KEY (score_from),
	CONSTRAINT steps_are_separated_by_commas CHECK (steps !~ '->|;|\n'),
	CONSTRAINT one_rule_for_each_score EXCLUDE USING gist (int4range(score_from, score_to, '[]') WITH &&)
);
INSERT INTO playbook (score_from, score_to, follow_up, verdict, cancel_risk, severity, personal, channel, steps, acknowledge_hours, contact_hours, resolve_hours, inform_manager, guidance)
	SELECT score_from, score_to, follow_up, verdict, cancel_risk, severity, personal, channel, steps, acknowledge_hours, contact_hours, resolve_hours, inform_manager, guidance
	FROM nps_default_playbook(<<scale>>);
