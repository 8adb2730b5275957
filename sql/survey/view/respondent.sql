-- one row for each respondent: the newest answer, and the one before
SELECT
	respondent, -- who answered; NULL if unknown
	account, -- customer that the respondent belongs to
	responses, -- answers of this respondent
	first_answer, -- when the first answer was given
	last_answer, -- when the newest answer was given
	last_score, -- the newest score
	last_category, -- category of the newest score
	previous_score, -- the score before the newest one
	previous_category, -- category of the score before the newest one
	change, -- last_score - previous_score
	open_followup, -- whether there is an open case
	followup_status, -- where the open case stands
	handle_with_care, -- whether the newest answer is a detractor's or a case is open
	revenue, -- revenue of the customer, as mapped
	churned_at, -- when the customer left; NULL if not
	case_id, -- the open case
	followup_owner, -- who took the open case
	last_contact, -- when contact was last made, in any case
	last_note -- the last note, in any case
FROM nps_case_views
