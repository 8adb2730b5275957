-- the rule of the playbook for each whole score
SELECT
	i.score, -- the score; a fraction has the rule of the whole number below it
	p.follow_up, -- whether such an answer is followed up
	p.verdict, -- what the score means
	p.severity, -- how bad it is; 1 is worst
	p.personal, -- whether a person is to make contact
	p.channel, -- how to make contact
	p.steps, -- what to do, in order, separated by commas
	array_to_string(array_remove(string_to_array(p.steps, ', '), 'compensate'), ', ') AS steps_without_compensation, -- the same where no promise was broken
	p.acknowledge_hours, -- within how many hours the answer is to be acknowledged
	p.contact_hours, -- within how many hours a person is to make contact
	p.resolve_hours, -- within how many hours it is to be resolved
	p.guidance, -- advice for whoever makes contact
	p.owner -- who is responsible
FROM generate_series(<<lowest>>, <<highest>>) AS i(score)
JOIN playbook p ON i.score BETWEEN p.score_from AND p.score_to
