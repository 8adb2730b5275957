-- everything that happened to a respondent; filter to one and order by at
SELECT
	respondent, -- who answered; NULL if unknown
	account, -- customer that the respondent belongs to
	at, -- when it happened
	kind, -- answer, acknowledged, asked, attempt, contact, cause, concern, promise, delivered, resolved, informed, closed, ...
	case_id, -- names the case: the response that opened it
	score, -- the score, valid on the survey's scale
	text, -- comment, note or what was recorded
	actor, -- who did it
	response_id -- names the response, as in the source
FROM nps_case_views
