-- one row for each answer that counts, with what the reports need of it
-- No function that can fail on data is called on a raw score: the category is
-- asked of a score that was found valid, or of NULL.  Where the scores of the
-- source are whole numbers, the score is the source's own column behind a plain
-- range of values, so that an index on it serves.
SELECT
	response_id, -- names the response, as in the source
	respondent, -- who answered; NULL if unknown
	account, -- customer that the respondent belongs to
	<<score>> AS score, -- the score, valid on the survey's scale
	nps_category(score<<scale_argument>>) AS category, -- detractor, passive or promoter
	nps_points(score<<scale_argument>>) AS nps_points, -- -100 for a detractor, 0 for a passive, 100 for a promoter: their average is the NPS
	<<rule_score>> AS rule_score, -- the whole number by which the playbook finds its rule
	responded_at, -- when the answer was given
	nps_local_time(responded_at, <<zone>>) AS local_time, -- the same as a clock in the survey's time zone shows it; NULL where that is not a usable date
	comment, -- what the respondent wrote
	coalesce(nps_has_comment(comment), false) AS has_comment, -- whether there is a comment to read
	<<segments>> -- segment of the survey, as mapped
	revenue, -- revenue of the customer, as mapped
	renewal_at, -- when the customer's contract is up for renewal
	churned_at, -- when the customer left; NULL if not
	contactable, -- whether the customer may be contacted; NULL counts as yes
	owner, -- who is responsible
	open_tickets, -- open support tickets of the customer
	received_at, -- when the row arrived
	coalesce(wants_contact, false) AS wants_contact, -- whether the customer asks for contact
	topic, -- what the answer is about: cases are kept apart by it
	CASE WHEN nps_local_time(responded_at, <<zone>>) IS NOT NULL THEN greatest(<<responded_until>>, received_at, <<loop_since>>) END AS opens_at -- when the clocks of follow-up start: given, arrived, and not before follow-up began; NULL where that is not a usable date
FROM answer
WHERE <<valid>>
