/* nps/sql/survey/cause.sql */

-- The queries are for websearch_to_tsquery('english', ...): "or" binds weaker
-- than everything else, a minus is for its own alternative only.  Words like
-- not, no, more, too, can, up and out are never seen, so no phrase here begins
-- or ends with one; within a phrase they stand for any one word.
CREATE FUNCTION @extschema@.nps_default_causes(OUT cause text, OUT query text, OUT team text, OUT remedy text)
	RETURNS SETOF record
	LANGUAGE sql IMMUTABLE STRICT ROWS 9
	BEGIN ATOMIC
	VALUES
	('service experience',
		'rude or unfriendly -"user unfriendly" or unhelpful or impolite or arrogant or condescending or incompetent or unprofessional or disorganised or disorganized or lied'
		' or "poor service" or "bad service" or "terrible service" or "awful service" or "appalling service" or "horrible service" or "dreadful service" or "shocking service" or "disgusting service" or "atrocious service" or "abysmal service" or "dismal service" or "pathetic service" or "slow service" or "rubbish service" or "crap service" or "worst service" or "worse service" or "lousy service"'
		' or "poor customer service" or "bad customer service" or "terrible customer service" or "awful customer service" or "appalling customer service" or "horrible customer service" or "dreadful customer service" or "shocking customer service" or "dismal customer service" or "worst customer service"'
		' or "service is poor" or "service is bad" or "service is terrible" or "service is awful" or "service is appalling" or "service is horrible" or "service is dreadful" or "service is shocking" or "service is disgusting" or "service is rubbish"'
		' or "service has been poor" or "service has been bad" or "service has been terrible" or "service has been awful" or "service has been appalling" or "service has been dreadful"'
		' or "poor support" or "bad support" or "terrible support" or "awful support" or "support is poor" or "support is bad" or "support is terrible" or "support is awful" or "useless support" or "useless staff"'
		' or "poor communication" or "bad communication" or "terrible communication" or "awful communication" or "zero communication" or "lack of communication" or "communication is poor" or "communication is bad" or "communication is terrible" or "communication is awful" or "communication has been poor" or "communication has been terrible"'
		' or "conflicting information" or "contradictory information" or "wrong information" or "incorrect information"'
		' or "bad experience" or "terrible experience" or "awful experience" or "horrible experience" or "worst experience" or "messed around" or "treated badly" or "bad attitude" or "poor attitude"',
		'support',
		'Apologise in person, say who takes care of it now, and mend what went wrong: the process first, then the training.'),
	('product or service quality',
		'broken -promise -"one broken" or broke -promise or faulty or defective or malfunction or unreliable or unusable or unstable or buggy or bug or glitch or glitchy or flaky or outage or crash or freeze'
		' or "stopped working" or "never worked" or "nothing works" or "nothing is working" or "barely works" or "hasn''t worked" or "doesn''t work" or "doesnt work" or "didn''t work" or "didnt work" or "isn''t working" or "wasn''t working" or "still not working" or "half of the time"'
		' or "poor quality" or "bad quality" or "low quality" or "terrible quality" or "quality is poor" or "quality is bad" or "quality is terrible" or "poor product" or "bad product" or "terrible product"'
		' or "poorly made" or "badly made" or "cheaply made" or "poorly designed" or "badly designed" or "feels cheap" or "fell apart" or "falls apart" or "dead on arrival"'
		' or "hard to use" or "difficult to use" or "complicated to use" or "confusing to use" or "user unfriendly"'
		' or "keeps breaking" or "keeps failing" or "keeps disconnecting" or "keeps dropping" or "loses connection" or "loses the connection" or "slow speed" or "slow internet" or "slow connection" or "slow app" or "app is slow"',
		'product',
		'Repair or replace what failed, then find the reason and tell the customer when it is gone for good.'),
	('expectations not met',
		'misleading or misled or missold or "mis sold" or mis-sold or "false advertising" or overhyped or overrated or underwhelming or letdown'
		' or "expected better" or "expected much better" or "expected something" or "expected a lot" or "less than expected" or "worse than expected" or "slower than expected" or "hoped for better"'
		' or "fell short" or "falls short" or "short of expectations" or "short of our expectations"'
		' or "didn''t meet expectations" or "didn''t meet our expectations" or "doesn''t meet expectations" or "doesn''t meet our expectations" or "failed to meet expectations" or "failed to meet our expectations"'
		' or "wasn''t as described" or "isn''t as described" or "wasn''t as advertised" or "isn''t as advertised" or "wasn''t what we expected" or "isn''t what we expected"'
		' or "nothing like the description" or "nothing like the demo" or "nothing like the pictures" or "different from the description" or "different from the demo" or "shown in the demo"'
		' or "disappointing product" or "disappointed with the product" or "disappointing quality" or "disappointed with the quality"',
		'product marketing',
		'Ask what was expected and who said so, show what is possible today, and correct what is promised in public.'),
	('could not get help',
		'"nobody answers" or "nobody calls" or "nobody ever called" or "nobody replied" or "nobody responded" or "nobody helped" or "nobody could help"'
		' or "never answered" or "never replied" or "never responded" or "never called" or "never heard back" or "heard nothing" or "never got an answer" or "never got a reply" or "never got a response"'
		' or "still no reply" or "still no answer" or "still no response" or "lack of response" or unanswered or unreachable or ignored'
		' or "call back" or "call me back" or "call us back" or "return calls" or "never returned my call" or "calls were never returned" or "called several times" or "called many times" or "called multiple times" or "called numerous times"'
		' or "hours on hold" or "minutes on hold" or "kept on hold" or "put on hold" or "hold for hours" or "hold for an hour" or "hold times" or "hours on the phone"'
		' or "speak to anyone" or "talk to anyone" or "speak to a human" or "talk to a human" or "need a human" or "get hold of anyone" or "get hold of anybody" or "get hold of someone" or "impossible to reach" or "impossible to contact" or "impossible to speak"'
		' or "unable to help" or "couldn''t help" or "could not help" or "could not get help" or "couldn''t get help" or "refused to help" or "department to department" or "passed around" or "pillar to post" or "pass the buck"'
		' or "closed my ticket" or "ticket has been open" or "takes days to answer" or "takes weeks to answer" or "takes days to reply" or "takes weeks to reply"',
		'support',
		'Call now, stay with the case until it is solved, and give one name to turn to.'),
	('delivery or a broken promise',
		'promise or delay or "late delivery" or "failed delivery" or "delivery late" or "delivered late" or "delivery was late" or "arrived late" or "came late" or "days late" or "weeks late" or "months late" or "hours late"'
		' or "never arrived" or "never came" or "never delivered" or "never received" or "never showed" or "failed to show" or "failed to deliver" or "didn''t arrive"'
		' or "still waiting" or "still not arrived" or "still not delivered" or "still not received" or "haven''t received" or "hasn''t arrived" or "hasn''t been delivered" or "wasn''t delivered" or "marked as delivered"'
		' or "missed appointment" or "missed delivery" or "missed deadline" or "cancelled order" or "order cancelled" or "order was cancelled" or "order has been cancelled" or "cancelled my order" or "appointment cancelled" or "appointment was cancelled" or "cancelled my appointment"'
		' or postponed or "pushed back" or "date slipped" or "dates keep changing" or honoured or honored'
		' or "took longer" or "took too long" or "takes too long" or "took a week" or "took a month" or "took over a week" or "took over a month" or "waited a week" or "waited a month"'
		' or "wrong item" or "wrong product" or "wrong order" or "wrong size" or "wrong equipment" or "sent the wrong" or "delivered the wrong" or "missing parts" or "missing items" or "incomplete delivery" or "partial delivery"',
		'operations',
		'Own the missed date, give one that will hold, and report before anybody has to ask.'),
	('price',
		'expensive or overpriced or pricey or overcharged or ripoff or rip-off or cheaper'
		' or price -"good price" -"great price" -"fair price" -"reasonable price" -"price is good" -"price is great" -"price is fair"'
		' or "poor value" or "bad value" or "worth the money" or "worth the price" or "value for money" -"good value" -"great value" -"excellent value"'
		' or "much money" or "paying too much" or "paid too much" or "charge too much" or "costs too much" or "costs twice" or "costs extra" or "extra cost" or "extra charge" or "hidden cost" or "hidden charge" or "high cost" or "cost is high" or fee or "couldn''t afford"',
		'sales',
		'See what is used and offer the plan that fits; say what the price pays for before giving a discount.'),
	('missing feature',
		'"missing feature" or "feature missing" or "feature is missing" or "missing function" or "functionality missing" or "functionality is missing" or "missing integration" or "missing option"'
		' or "lacks features" or "lack of features" or "lacks functionality" or "lack of functionality" or "lacks integration" or "lack of integration" or "limited features" or "limited functionality"'
		' or "needs more features" or "feature request" or "requested feature" or "basic features" or "please add" or "wish you would add" or "would be useful" or "second tool" or roadmap'
		' or "doesn''t support" or "doesn''t integrate" or "doesn''t sync" or "cannot export" or "cannot import" or "unable to export" or "unable to import" or incompatible',
		'product',
		'Ask what it is for, show a way that works today, and tell when it is built, or honestly that it will not be.'),
	('other', NULL, NULL,
		'Read the comment and note what it is about: what comes back deserves a cause of its own.'),
	('unknown', NULL, NULL,
		'Ask for the main reason of the score.');
	END;
COMMENT ON FUNCTION @extschema@.nps_default_causes() IS 'the causes of dissatisfaction to start with, and what finds each in English comments';

CREATE FUNCTION @extschema@.nps_causes_named(causes regclass, config regconfig, comment text)
	RETURNS text[]
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION @extschema@.nps_causes_named(regclass, regconfig, text) IS 'the causes of a survey that a comment names by their queries, in order; NULL for none';
