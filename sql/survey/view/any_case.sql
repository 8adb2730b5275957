-- the cases that there are or were
-- <<include any_opening>>
SELECT
	-- <<include case_columns>>
FROM (
	-- <<include case_fold>>
) q
-- and not IS NOT NULL: of that the planner would think that it leaves nearly all rows
WHERE (q.folded).responses >= 0
