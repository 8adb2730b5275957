-- everything that happened to a respondent; filter to one and order by at and place
SELECT
	a.respondent, -- who answered; NULL if unknown
	a.account, -- customer that the respondent belongs to
	a.responded_at AS at, -- when it happened
	'answer'::text AS kind, -- answer, acknowledged, asked, attempt, contact, cause, concern, promise, moved, delivered, plan, resolved, informed, closed, undone, note, ...
	NULL AS case_id, -- names the case: the response that opened it
	a.score, -- the score, valid on the survey's scale
	a.comment AS text, -- comment, note or what was recorded
	NULL::text AS actor, -- who did it
	a.response_id, -- names the response, as in the source
	0 AS place -- order of what happened at one instant
FROM counted a
WHERE a.respondent IS NOT NULL
UNION ALL
SELECT e.whose, a.account, CASE WHEN e.what_changed <> 'snoozed_until' THEN coalesce(e.happened_at, e.at) ELSE e.at END, k.kind, e.case_id, NULL, CASE WHEN k.shows_value THEN e.new_value END, e.actor, NULL, k.place
FROM (
	SELECT e.*, c.respondent AS whose, bool_or(e.what_changed = 'undone') OVER (PARTITION BY c.respondent, e.case_id, e.version) AS is_undo
	FROM followup_event e
	JOIN followup_case c ON c.case_id <<response_id_equals>> e.case_id
) e
JOIN (VALUES (1, 'reopened_at', 'reopened', true, false), (2, 'undone', 'undone', false, false), (3, 'assigned_to', 'assigned', true, true),
	(4, 'team', 'team', true, true), (5, 'acknowledged_at', 'acknowledged', true, false), (6, 'asked_at', 'asked', true, false),
	(7, 'attempted_at', 'attempt', true, false), (8, 'contacted_at', 'contact', true, false), (9, 'cause', 'cause', true, true),
	(10, 'concern.concern', 'concern', true, true), (11, 'concern.promise', 'promise', true, true), (12, 'concern.promised_for', 'moved', true, true),
	(13, 'concern.answer', 'concern answered', true, true), (14, 'concern.delivered_at', 'delivered', true, false),
	(15, 'concern.declined_at', 'declined', true, false), (16, 'waiting_since', 'waiting', true, false),
	(17, 'waiting_since', 'waiting ended', false, false), (18, 'resolved_at', 'resolved', true, false), (19, 'informed_at', 'informed', true, false),
	(20, 'closed_at', 'closed', true, false), (21, 'unreachable_at', 'unreachable', true, false), (22, 'dismissed_at', 'dismissed', true, false),
	(23, 'snoozed_until', 'snoozed', true, true), (24, 'snoozed_until', 'awake', false, false), (25, 'plan', 'plan', true, true),
	(26, 'desired_outcome', 'wish', true, true)) AS k(place, what_changed, kind, is_given, shows_value)
	ON k.what_changed = e.what_changed AND k.is_given = (e.new_value IS NOT NULL)
LEFT JOIN answer a ON a.response_id <<response_id_equals>> e.case_id
WHERE (k.kind <> 'moved' OR e.old_value IS NOT NULL)
	-- what undoing put back did not happen once more
	AND (NOT e.is_undo OR e.what_changed = 'undone' OR e.concern_id IS NOT NULL)
UNION ALL
SELECT e.respondent, NULL, e.happened_at, k.kind, NULL, NULL, e.cause, e.actor, NULL, k.place
FROM followup_event e
JOIN (VALUES (27, 'cause_told.plan_told_at', 'told of a plan'), (28, 'cause_told.told_at', 'told')) AS k(place, what_changed, kind) ON k.what_changed = e.what_changed
WHERE e.respondent IS NOT NULL
UNION ALL
-- a note stands with whatever was recorded with it
SELECT e.whose, a.account, coalesce(e.happened_at, e.at), 'note', e.case_id, NULL, e.note, e.actor, NULL, 29
FROM (SELECT e.*, c.respondent AS whose FROM followup_event e JOIN followup_case c ON c.case_id <<response_id_equals>> e.case_id WHERE e.note IS NOT NULL) e
LEFT JOIN answer a ON a.response_id <<response_id_equals>> e.case_id
UNION ALL
(SELECT DISTINCT ON (a.respondent) a.respondent, a.account, a.churned_at, CASE WHEN a.churned_at > now() THEN 'leaves' ELSE 'churned' END, NULL, NULL, NULL, NULL, NULL, 30
FROM counted a
WHERE a.respondent IS NOT NULL AND a.churned_at IS NOT NULL
ORDER BY a.respondent, a.churned_at DESC, a.responded_at DESC NULLS LAST, a.response_id<<response_id_order>> DESC)
