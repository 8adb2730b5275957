-- the work: customers to be contacted, first things first; UPDATE it to record what was done
SELECT
	-- <<include case_shown>>
	a.renewal_at -- when the customer's contract is up for renewal
FROM (
	-- in order before what is shown is joined: of the many rows of the list somebody reads the first
	WITH b AS NOT MATERIALIZED (SELECT * FROM open_case)
	-- <<include case_graded>>
	ORDER BY priority, g.severity, CASE WHEN <<reversed>> THEN -g.worst_score ELSE g.worst_score END, next_day, g.revenue DESC NULLS LAST, g.next_due, g.case_id<<response_id_order>>
) q
-- <<include case_beside>>
ORDER BY q.priority, q.severity, CASE WHEN <<reversed>> THEN -q.worst_score ELSE q.worst_score END, q.next_day, q.revenue DESC NULLS LAST, q.next_due, q.case_id<<response_id_order>>
