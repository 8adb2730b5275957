-- the cases that are work now, with their clocks, first things first
SELECT
	-- <<include case_place>>
	-- <<include case_columns>>
	-- <<include case_grades>>
FROM (
	-- the planner does not merge what has a WITH: else each join would pass (q.folded).x on in place of a column
	WITH entry AS NOT MATERIALIZED (SELECT * FROM open_entry)
	-- <<include case_fold>>
) q
-- <<include case_graded>>
WHERE q.is_open
-- in order before what is shown is joined: of the many rows of the list somebody reads the first
ORDER BY priority, r.severity, CASE WHEN <<reversed>> THEN -q.worst_score ELSE q.worst_score END, next_day, q.revenue DESC NULLS LAST, p.next_due, q.case_id<<response_id_order>>
