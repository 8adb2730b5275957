-- one row for each account: the newest answer of each of its respondents
SELECT
	a.account, -- customer that the respondent belongs to
	coalesce(n.respondents, 0) AS respondents, -- respondents who answered
	m.responses, -- newest answers, one for each respondent
	-- <<include tally_numbers>>
	a.revenue, -- revenue of the account, counted once
	CASE WHEN m.detractors > 0 AND NOT a.churned THEN a.revenue ELSE 0 END AS revenue_at_risk, -- revenue of an account with a detractor that has not left; else 0
	a.answers = 0 AS silent -- whether the account was asked and never gave a valid answer
FROM (
	SELECT a.account,
		-- revenue is the account's and stands on each of its rows: it counts once
		max(a.revenue) AS revenue,
		-- a date to come is notice, and whoever answered since has not left
		bool_and(coalesce(a.churned_at <= now(), false)) AND NOT coalesce(max(a.responded_at) FILTER (WHERE a.score IS NOT NULL) > max(a.churned_at), false) AS churned,
		count(a.score) AS answers
	FROM answer a
	WHERE a.account IS NOT NULL
	GROUP BY a.account
) a
LEFT JOIN (
	SELECT n.account, count(*) AS respondents, nps_tally_agg(n.score<<scale_argument>>) AS tally
	FROM newest_answer n
	WHERE n.account IS NOT NULL
	GROUP BY n.account
) n ON n.account <<account_equals>> a.account
CROSS JOIN LATERAL nps_summary(coalesce(n.tally, '{}')) m
