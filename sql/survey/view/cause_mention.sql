-- which answers name which cause: a row for each answer, cause and where it is named, and for each concern
-- What somebody set is the cause of a case; without that, it is what the comment
-- suggests.  Promoters praise what others miss: their comments suggest nothing.
SELECT
	k.cause, -- the cause that is named
	a.response_id, -- names the response, as in the source
	a.respondent, -- who answered; NULL if unknown
	a.account, -- customer that the respondent belongs to
	a.score, -- the score, valid on the survey's scale
	a.responded_at, -- when the answer was given
	a.comment, -- what the respondent wrote
	a.revenue, -- revenue of the customer, as mapped
	a.churned_at, -- when the customer left; NULL if not
	a.contactable, -- whether the customer may be contacted; NULL counts as yes
	'comment'::text AS named_in, -- where the customer names the cause: case, concern or comment
	a.responded_at AS named_at -- when the customer named it: in the answer, or when the concern was raised
FROM (
	SELECT c.*, nps_causes_named('cause'::regclass, <<text_search>>, c.comment) AS causes
	FROM (
		SELECT c.response_id, c.respondent, c.account, c.score, c.responded_at, c.comment, c.revenue, c.churned_at, c.contactable
		FROM counted c
		WHERE c.has_comment AND c.category <> 'promoter' AND <<within>>
		<<brought_here>>
	) c
) a
CROSS JOIN LATERAL unnest(a.causes) AS k(cause)
LEFT JOIN (SELECT c.case_id FROM followup_case c WHERE c.cause IS NOT NULL) c ON c.case_id <<response_id_equals>> a.response_id
WHERE c.case_id IS NULL
UNION ALL
SELECT c.cause, a.response_id, a.respondent, a.account, a.score, a.responded_at, a.comment, a.revenue, a.churned_at, a.contactable, 'case', a.responded_at
FROM (SELECT c.case_id, c.cause FROM followup_case c WHERE c.cause IS NOT NULL AND c.status <> 'dismissed') c
JOIN counted a ON a.response_id <<response_id_equals>> c.case_id
UNION ALL
SELECT o.cause, a.response_id, a.respondent, a.account, a.score, a.responded_at, a.comment, a.revenue, a.churned_at, a.contactable, 'concern', o.raised_at
FROM (SELECT o.case_id, o.cause, o.raised_at FROM concern o WHERE o.cause IS NOT NULL) o
JOIN counted a ON a.response_id <<response_id_equals>> o.case_id
