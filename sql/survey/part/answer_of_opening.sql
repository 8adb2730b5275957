-- the answers e of the respondent of o
JOIN counted e ON e.respondent <<respondent_equals>> o.respondent
LEFT JOIN recorded_case c ON c.case_id <<response_id_equals>> e.response_id
-- the fold would find no case for a crowd: but that takes the square of their answers
WHERE NOT <<is_crowd>>
