-- the newest answer of each respondent, with the one before; each answer without a respondent is one
SELECT
	n.respondent, -- who answered; NULL if unknown
	n.account, -- customer that the respondent belongs to
	n.response_id, -- names the response, as in the source
	n.score, -- the score, valid on the survey's scale
	nps_category(n.score<<scale_argument>>) AS category, -- detractor, passive or promoter
	n.responded_at, -- when the answer was given
	<<revenue_of_newest>> AS revenue, -- revenue of the customer, as mapped
	<<churned_at_of_newest>> AS churned_at, -- when the customer left; NULL if not
	coalesce(<<churned_at_of_newest>> <= now() AND <<churned_at_of_newest>> >= n.responded_at, <<churned_at_of_newest>> <= now(), false) AS has_left, -- whether that was since the newest answer, and is not still to come
	(n.newest).previous_score::<<score_type>> AS previous_score, -- the score before
	nps_category((n.newest).previous_score<<scale_argument>>) AS previous_category, -- category of the score before
	(n.newest).previous_at, -- when that was given
	(n.newest).responses, -- answers of this respondent
	(n.newest).first_answer -- when the first answer was given
FROM (
	SELECT n.respondent, n.account, n.response_id, n.score, n.responded_at, n.revenue, n.churned_at,
		nps_newest_answer(n.score, n.responded_at) OVER (
			PARTITION BY n.respondent ORDER BY n.responded_at NULLS FIRST, n.response_id<<response_id_order>>) AS newest
	FROM counted n
	WHERE n.respondent IS NOT NULL
) n
<<rest_of_newest>>
-- and not IS NOT NULL: of that the planner would think that it leaves nearly all rows
WHERE (n.newest).responses > 0
UNION ALL
SELECT n.respondent, n.account, n.response_id, n.score, n.category, n.responded_at, n.revenue, n.churned_at,
	coalesce(n.churned_at <= now() AND n.churned_at >= n.responded_at, n.churned_at <= now(), false), NULL, NULL, NULL, 1::bigint, n.responded_at
FROM counted n
WHERE n.respondent IS NULL
