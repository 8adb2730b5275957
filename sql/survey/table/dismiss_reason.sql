-- why a case can be dismissed; add your own
CREATE TABLE dismiss_reason (
	reason text PRIMARY KEY CHECK (reason <> ''), -- names the reason
	holds_for_person boolean NOT NULL DEFAULT false, -- whether nobody follows the person up any more, until the case is reopened or they ask for contact
	meaning text -- when to use it
);
INSERT INTO dismiss_reason VALUES
	('misclick', false, 'the customer meant another score'),
	('duplicate', false, 'the same answer came twice'),
	('test', false, 'somebody tried the survey out'),
	('not_a_customer', true, 'the respondent is not a customer'),
	('opted_out', true, 'the customer wants no contact');
