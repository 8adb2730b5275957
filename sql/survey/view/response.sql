-- one row for each answer that counts
SELECT
	response_id, -- names the response, as in the source
	respondent, -- who answered; NULL if unknown
	account, -- customer that the respondent belongs to
	score, -- the score, valid on the survey's scale
	category, -- detractor, passive or promoter
	nps_points, -- -100 for a detractor, 0 for a passive, 100 for a promoter: their average is the NPS
	responded_at, -- when the answer was given
	comment, -- what the respondent wrote
	has_comment, -- whether there is a comment to read
	<<segments>> -- segment of the survey, as mapped
	revenue -- revenue of the customer, as mapped
FROM counted
