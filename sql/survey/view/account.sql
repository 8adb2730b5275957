-- one row for each account: the newest answer of each of its respondents
SELECT
	account, -- customer that the respondent belongs to
	respondents, -- respondents who answered
	responses, -- newest answers, one for each respondent
	detractors, -- answers that are detractors
	passives, -- answers that are passives
	promoters, -- answers that are promoters
	detractor_share, -- detractors / responses, 0 to 1
	passive_share, -- passives / responses, 0 to 1
	promoter_share, -- promoters / responses, 0 to 1; on a satisfaction scale the share of satisfied customers
	nps, -- Net Promoter Score in points, -100 to 100; NULL without answers
	nps_low, -- lower end of the 95 % interval of nps
	nps_high, -- upper end of the 95 % interval of nps
	mean_score, -- mean answer on its own scale
	revenue, -- revenue of the account, counted once
	revenue_at_risk, -- revenue of an account with a detractor that has not left; else 0
	silent -- whether the account was asked and never answered
FROM nps_case_views
