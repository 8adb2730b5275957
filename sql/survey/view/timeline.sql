-- everything that happened to a respondent; filter to one and order by at
SELECT
	a.respondent, -- who answered; NULL if unknown
	a.account, -- customer that the respondent belongs to
	a.responded_at AS at, -- when it happened
	'answer'::text AS kind, -- answer, acknowledged, asked, attempt, contact, cause, concern, promise, delivered, resolved, informed, closed, ...
	NULL AS case_id, -- names the case: the response that opened it
	a.score, -- the score, valid on the survey's scale
	a.comment AS text, -- comment, note or what was recorded
	NULL::text AS actor, -- who did it
	a.response_id -- names the response, as in the source
FROM counted a
WHERE a.respondent IS NOT NULL
UNION ALL
SELECT e.whose, a.account, coalesce(e.happened_at, e.at), k.kind, e.case_id, NULL, CASE WHEN k.shows_value THEN e.new_value END, e.actor, NULL
FROM (SELECT e.*, c.respondent AS whose FROM followup_event e JOIN followup_case c ON c.case_id <<response_id_equals>> e.case_id WHERE e.new_value IS NOT NULL) e
JOIN (VALUES ('acknowledged_at', 'acknowledged', false), ('asked_at', 'asked', false), ('attempted_at', 'attempt', false),
	('contacted_at', 'contact', false), ('resolved_at', 'resolved', false), ('informed_at', 'informed', false),
	('closed_at', 'closed', false), ('unreachable_at', 'unreachable', false), ('dismissed_at', 'dismissed', false),
	('reopened_at', 'reopened', false), ('assigned_to', 'assigned', true), ('team', 'team', true), ('cause', 'cause', true),
	('concern.concern', 'concern', true), ('concern.answer', 'concern answered', true), ('concern.promise', 'promise', true),
	('concern.delivered_at', 'delivered', false), ('concern.declined_at', 'declined', false)) AS k(changed, kind, shows_value)
	ON k.changed = e.changed
LEFT JOIN answer a ON a.response_id <<response_id_equals>> e.case_id
UNION ALL
-- a note stands with whatever was recorded with it
SELECT e.whose, a.account, coalesce(e.happened_at, e.at), 'note', e.case_id, NULL, e.note, e.actor, NULL
FROM (SELECT e.*, c.respondent AS whose FROM followup_event e JOIN followup_case c ON c.case_id <<response_id_equals>> e.case_id WHERE e.note IS NOT NULL) e
LEFT JOIN answer a ON a.response_id <<response_id_equals>> e.case_id
UNION ALL
SELECT d.respondent, NULL, d.told_at, 'told', NULL, NULL, d.cause, d.told_by, NULL
FROM cause_told d
UNION ALL
(SELECT DISTINCT ON (a.respondent) a.respondent, a.account, a.churned_at, 'churned', NULL, NULL, NULL, NULL, NULL
FROM counted a
WHERE a.respondent IS NOT NULL AND a.churned_at IS NOT NULL
ORDER BY a.respondent, a.churned_at DESC)
