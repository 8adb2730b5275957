	-- by what the list is sorted, in that order: a sort finds the first columns of a row fast
	CASE WHEN p.is_over THEN NULL WHEN p.is_broken_now THEN 1 WHEN p.is_snoozed THEN 4 WHEN p.is_escalated THEN 1 WHEN q.is_better THEN 3
		WHEN p.needs_contact AND r.personal THEN 1 WHEN p.next_due < now() THEN 2 ELSE 3 END AS priority, -- 1 personal contact is due, a promise is broken or the case is escalated, 2 late, 3 open, 4 snoozed; NULL once it is over
	r.severity, -- how severe worst_score is: 1 is the most severe
	q.worst_score, -- the score that contact is about: the worst that no contact covers, or the newest
	nps_local_time(p.next_due - interval '1 microsecond', <<zone>>)::date AS next_day, -- the day of next_due: the day that ends then, where it is midnight
	q.revenue, -- revenue of the customer, as mapped with the newest answer of the case, or of the respondent where that is gone
	p.next_due, -- when the next step is due; the earliest clock that runs
	q.case_id, -- names the case: the response that opened it
