-- the work: customers to be contacted, first things first; UPDATE it to record what was done
SELECT
	-- <<include case_shown>>
	a.renewal_at -- when the customer's contract is up for renewal
FROM open_case q
-- after the order, as the list is long and its first rows are read
<<newest_answer>>
-- <<include case_beside>>
ORDER BY q.priority, q.severity, CASE WHEN <<reversed>> THEN -q.worst_score ELSE q.worst_score END, q.next_day, q.revenue DESC NULLS LAST, q.next_due, q.case_id<<response_id_order>>
