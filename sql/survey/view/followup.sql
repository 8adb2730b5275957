-- the work: customers to be contacted, first things first; UPDATE it to record what was done
SELECT
	-- <<include case_shown>>
	a.renewal_at -- when the customer's contract is up for renewal
FROM (
	-- in order before what is shown is joined: of the many rows of the list somebody reads the first
	-- <<include case_grades>>
	FROM open_case b
	-- <<include case_graded>>
	ORDER BY priority, r.severity, CASE WHEN <<reversed>> THEN -b.worst_score ELSE b.worst_score END, next_day, b.revenue DESC NULLS LAST, p.next_due, b.case_id<<response_id_order>>
) q
-- after the order, as the list is long and its first rows are read
<<newest_answer>>
-- <<include case_beside>>
ORDER BY q.priority, q.severity, CASE WHEN <<reversed>> THEN -q.worst_score ELSE q.worst_score END, q.next_day, q.revenue DESC NULLS LAST, q.next_due, q.case_id<<response_id_order>>
