-- one row for each row of the source that does not count, and why
SELECT
	response_id, -- names the response, as in the source
	raw_score::text AS raw_score, -- the score as it stands in the source
	rejection AS reason, -- why the row does not count: no answer, not a number, not whole or out of range
	respondent, -- who answered; NULL if unknown
	responded_at, -- when the answer was given
	asked_at -- when the customer was asked
FROM answer
WHERE score IS NULL
