/* nps/sql/survey/playbook.sql */

CREATE FUNCTION @extschema@.nps_default_playbook(scale text,
	OUT score_from smallint, OUT score_to smallint, OUT follow_up boolean, OUT verdict text, OUT cancel_risk text,
	OUT severity smallint, OUT personal boolean, OUT channel text, OUT steps text,
	OUT acknowledge_hours integer, OUT contact_hours integer, OUT resolve_hours integer, OUT inform_manager boolean, OUT guidance text)
	RETURNS SETOF record
	LANGUAGE sql IMMUTABLE STRICT ROWS 9
	BEGIN ATOMIC
	WITH rule (rule, follow_up, verdict, cancel_risk, severity, personal, channel, steps, contact_hours, guidance) AS (
		VALUES
		(0, true, 'really bad', 'cancels at once and talks others out of it', 1, true, 'phone or in person',
			'apologise, contact, listen, apologise, compensate, explain prevention, thank, turn it positive', 24,
			'Call before anything else happens. Ask open questions, do not defend, repeat the concerns back.'),
		(1, true, 'bad', 'very disappointed: got far less than expected', 2, true, 'phone',
			'apologise, contact, listen, compensate, explain prevention, thank', 24,
			'Say that you call about the recent survey and why. Solve on the phone what can be solved now.'),
		(2, true, 'bad', 'quite dissatisfied, may talk others out of it: a bad experience, a failed delivery, a broken product', 3, true, 'phone',
			'contact, apologise, listen, compensate, explain prevention, thank', 24,
			'Find out what went wrong and whether it can happen again. Promise only what you can keep.'),
		(3, true, 'bad', 'content in part: one service, product or problem was left unsolved', 4, false, 'phone',
			'apologise, contact, listen, compensate, explain prevention, thank', 48,
			'Ask what is still unsolved. Promise a later date than you plan, and no more than six months out.'),
		(4, true, 'bad', 'undecided: looks elsewhere if nothing gets better', 5, false, 'phone',
			'contact, listen, apologise, compensate, explain prevention, thank', 48,
			'Ask what would have to change. Tell what you will do and by when.'),
		(5, true, 'quite bad', 'slightly negative: may leave if nothing gets better', 6, false, 'phone',
			'contact, listen, explain prevention, thank', 48,
			'No apology and no compensation are needed: listen, and tell what is going to change.'),
		(6, true, 'not good, not all bad', 'a near miss that likes to give its opinion', 7, false, 'e-mail',
			'e-mail, ask what would raise the score, explain planned actions, thank', 48,
			'Ask for the one thing that would make it better.'),
		(7, false, 'passive', NULL, 8, false, 'e-mail',
			'thank, ask what would make it a 9 or 10', NULL, NULL),
		(9, false, 'promoter', NULL, 9, false, 'e-mail',
			'thank, ask for a review or a referral', NULL, NULL)
	), applies (scale, score_from, score_to, rule) AS (
		VALUES
		('nps', 0, 0, 0), ('nps', 1, 1, 1), ('nps', 2, 2, 2), ('nps', 3, 3, 3), ('nps', 4, 4, 4), ('nps', 5, 5, 5),
		('nps', 6, 6, 6), ('nps', 7, 8, 7), ('nps', 9, 10, 9),
		('csat5', 1, 1, 1), ('csat5', 2, 2, 4), ('csat5', 3, 3, 7), ('csat5', 4, 5, 9),
		('ces5', 1, 1, 1), ('ces5', 2, 2, 4), ('ces5', 3, 3, 7), ('ces5', 4, 5, 9),
		('ces5_reversed', 5, 5, 1), ('ces5_reversed', 4, 4, 4), ('ces5_reversed', 3, 3, 7), ('ces5_reversed', 1, 2, 9),
		('csat7', 1, 1, 1), ('csat7', 2, 2, 2), ('csat7', 3, 3, 4), ('csat7', 4, 4, 7), ('csat7', 5, 7, 9),
		('ces7', 1, 1, 1), ('ces7', 2, 2, 2), ('ces7', 3, 3, 4), ('ces7', 4, 4, 7), ('ces7', 5, 7, 9),
		('health', 0, 34, 2), ('health', 35, 69, 7), ('health', 70, 100, 9)
	)
	SELECT a.score_from::smallint, a.score_to::smallint, r.follow_up, r.verdict, r.cancel_risk, r.severity::smallint,
		r.personal, r.channel,
		CASE WHEN a.scale OPERATOR(pg_catalog.=) 'nps' THEN r.steps
			ELSE pg_catalog.replace(r.steps, 'make it a 9 or 10', 'make it better') END,
		-- a solution within two weeks; a team that acknowledges answers sets hours for it
		NULL::integer, r.contact_hours, CASE WHEN r.follow_up THEN 14 OPERATOR(pg_catalog.*) 24 END,
		r.follow_up, r.guidance
	FROM applies a JOIN rule r ON r.rule OPERATOR(pg_catalog.=) a.rule
	WHERE a.scale OPERATOR(pg_catalog.=) $1
	ORDER BY r.severity;
	END;
COMMENT ON FUNCTION @extschema@.nps_default_playbook(text) IS 'the rules that nps_attach() fills a playbook with';
