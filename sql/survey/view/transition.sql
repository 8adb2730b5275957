-- how many respondents went from which category to which
SELECT
	from_category, -- category of the answer before, or of the only or last one
	to_category, -- category of the newest answer, or churned, or no answer yet
	respondents, -- how many respondents
	share, -- share of the respondents with that from_category, 0 to 1
	median_days, -- median of the days between the two
	followed_up -- of these whom somebody contacted between the two
FROM nps_case_views
