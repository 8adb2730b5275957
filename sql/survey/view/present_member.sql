-- who of each team takes cases today
SELECT
	m.team, -- the team, as in cause
	m.person -- who
FROM team_member m
CROSS JOIN (SELECT nps_period(now(), <<zone>>, 'day') AS today OFFSET 0) t
WHERE m.active AND NOT (m.away_until IS NOT NULL AND coalesce(m.away_from, t.today) <= t.today AND t.today <= m.away_until)
