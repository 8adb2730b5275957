-- the work: customers to be contacted, first things first; UPDATE it to record what was done
SELECT
	-- <<include case_shown>>
	c.closed_at -- when the loop was closed
FROM (
	-- in order before what is shown is joined: of the many rows of the list somebody reads the first
	WITH b AS NOT MATERIALIZED (SELECT * FROM open_case)
	-- <<include case_graded>>
	ORDER BY priority, g.severity, g.next_due, g.revenue DESC NULLS LAST, g.case_id<<response_id_order>>
) q
-- <<include case_beside>>
ORDER BY q.priority, q.severity, q.next_due, q.revenue DESC NULLS LAST, q.case_id<<response_id_order>>
