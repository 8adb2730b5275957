-- the rule of the playbook for each whole score, as it is now
SELECT
	i.score, -- the score; a fraction has the rule of the whole number below it
	p.follow_up, -- whether such an answer is followed up
	p.verdict, -- what the score means
	p.cancel_risk, -- what such a customer may do
	p.severity, -- how bad it is; 1 is worst
	p.personal, -- whether a person is to make contact
	p.channel, -- how to make contact
	p.steps, -- what to do, in order, separated by commas
	array_to_string(array_remove(regexp_split_to_array(p.steps, '\s*,\s*'), 'compensate'), ', ') AS steps_without_compensation, -- the same where no promise was broken
	p.inform_manager, -- whether to tell the customer's manager
	p.guidance, -- advice for the person who makes contact
	p.owner, -- who is responsible
	p.team -- the team that is responsible there
FROM generate_series(<<lowest>>, <<highest>>) AS i(score)
JOIN playbook p ON i.score BETWEEN p.score_from AND p.score_to
