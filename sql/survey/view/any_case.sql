-- the cases that there are or were, with their clocks
SELECT
	-- <<include case_place>>
	-- <<include case_columns>>
	-- <<include case_grades>>
FROM (
	-- the planner does not merge what has a WITH: else each join would pass (q.folded).x on in place of a column
	WITH entry AS NOT MATERIALIZED (SELECT * FROM any_entry)
	-- <<include case_fold>>
) q
-- <<include case_graded>>
