-- causes by how many customers name them, and what fixing them did
WITH fix AS (SELECT array_agg(DISTINCT k.fixed_at ORDER BY k.fixed_at) AS times FROM cause k WHERE k.fixed_at IS NOT NULL)
SELECT
	k.cause, -- the cause
	k.team, -- the team that the cause belongs to
	coalesce(t.respondents, 0) AS respondents, -- distinct customers who name it
	coalesce(t.respondents, 0) / nullif(w.respondents, 0)::double precision AS share, -- of the customers who said anything, 0 to 1
	coalesce(t.recent_respondents, 0) / nullif(w.recent_respondents, 0)::double precision
		- coalesce(t.earlier_respondents, 0) / nullif(w.earlier_respondents, 0)::double precision
		AS change, -- share in the last follow-up window - share in the one before
	nps_impact(t.tally, w.tally) AS impact, -- what the NPS of all would lose without the answers that name it, in points: negative for what pulls down
	t.revenue, -- revenue of the customers who name it and have not left, each counted once
	k.remedy, -- what usually helps
	k.fixed_at, -- when the cause was fixed; NULL if it is not
	coalesce(t.before_fix, 0) / nullif(fix.before, 0)::double precision AS share_before_fix, -- share of the answers before fixed_at that name it
	coalesce(t.after_fix, 0) / nullif(fix.after, 0)::double precision AS share_after_fix, -- share of the answers since fixed_at that name it
	-- the share of those who name it is what an NPS of them against the others is made of
	(nps_compare(nps_counts(nullif(fix.before, 0) - coalesce(t.before_fix, 0), 0, coalesce(t.before_fix, 0)),
		nps_counts(nullif(fix.after, 0) - coalesce(t.after_fix, 0), 0, coalesce(t.after_fix, 0)))).p_value
		AS fix_p_value, -- probability of such a difference by chance alone
	coalesce(t.cases, 0) AS cases -- cases for which somebody established it
FROM cause k
LEFT JOIN (
	SELECT n.cause,
		count(DISTINCT n.respondent) + count(*) FILTER (WHERE n.respondent IS NULL AND n.is_first) AS respondents,
		count(DISTINCT n.respondent) FILTER (WHERE n.is_recent) + count(*) FILTER (WHERE n.respondent IS NULL AND n.is_first AND n.is_recent) AS recent_respondents,
		count(DISTINCT n.respondent) FILTER (WHERE n.is_earlier) + count(*) FILTER (WHERE n.respondent IS NULL AND n.is_first AND n.is_earlier) AS earlier_respondents,
		nps_tally_agg(n.score<<scale_argument>>) FILTER (WHERE n.is_first) AS tally,
		count(*) FILTER (WHERE n.named_in = 'case') AS cases,
		count(*) FILTER (WHERE n.is_first AND n.responded_at < n.fixed_at) AS before_fix,
		count(*) FILTER (WHERE n.is_first AND n.responded_at >= n.fixed_at) AS after_fix,
		sum(n.revenue) FILTER (WHERE n.is_first_of_customer AND NOT coalesce(n.churned_at <= now() AND n.churned_at >= n.responded_at, n.churned_at <= now(), false)) AS revenue
	FROM (
		SELECT m.*, k.fixed_at,
			m.responded_at >= since.this AS is_recent,
			m.responded_at >= since.last AND m.responded_at < since.this AS is_earlier,
			row_number() OVER (PARTITION BY m.cause, m.response_id ORDER BY m.named_in COLLATE "C") = 1 AS is_first,
			<<knows_revenue>> AND row_number() OVER (PARTITION BY m.cause, m.account, CASE WHEN m.account IS NULL THEN m.respondent END,
				CASE WHEN m.account IS NULL AND m.respondent IS NULL THEN m.response_id END
				ORDER BY m.churned_at DESC NULLS FIRST, m.revenue DESC NULLS LAST, m.responded_at DESC NULLS LAST) = 1 AS is_first_of_customer
		FROM (SELECT * FROM cause_mention WHERE <<within>>) m
		JOIN cause k ON k.cause = m.cause
		CROSS JOIN (
			SELECT now() - make_interval(days => s.follow_up_days) AS this, now() - make_interval(days => 2 * s.follow_up_days) AS last
			FROM survey s LIMIT 1) since
	) n
	GROUP BY n.cause
) t ON t.cause = k.cause
-- everybody who said something, whatever it was
CROSS JOIN (
	SELECT nps_tally_agg(a.score<<scale_argument>>) AS tally,
		count(DISTINCT a.respondent) FILTER (WHERE a.spoke) + count(*) FILTER (WHERE a.respondent IS NULL AND a.spoke) AS respondents,
		count(DISTINCT a.respondent) FILTER (WHERE a.spoke AND a.is_recent)
			+ count(*) FILTER (WHERE a.respondent IS NULL AND a.spoke AND a.is_recent) AS recent_respondents,
		count(DISTINCT a.respondent) FILTER (WHERE a.spoke AND a.is_earlier)
			+ count(*) FILTER (WHERE a.respondent IS NULL AND a.spoke AND a.is_earlier) AS earlier_respondents
	FROM (
		SELECT a.score, a.respondent, a.has_comment OR c.case_id IS NOT NULL AS spoke,
			a.responded_at >= since.this AS is_recent,
			a.responded_at >= since.last AND a.responded_at < since.this AS is_earlier
		FROM (SELECT * FROM counted WHERE <<within>>) a
		LEFT JOIN (SELECT c.case_id FROM followup_case c WHERE c.cause IS NOT NULL) c ON c.case_id <<response_id_equals>> a.response_id
		CROSS JOIN (
			SELECT now() - make_interval(days => s.follow_up_days) AS this, now() - make_interval(days => 2 * s.follow_up_days) AS last
			FROM survey s LIMIT 1) since
		-- whether they spoke is computed once
		OFFSET 0
	) a
) w
-- how many answers of theirs came before and after each fix: counted between the times of all fixes, and added up
LEFT JOIN (
	SELECT f.fixed_at, coalesce(sum(b.answers) FILTER (WHERE b.fixes < f.place), 0)::bigint AS before,
		coalesce(sum(b.answers) FILTER (WHERE b.fixes >= f.place), 0)::bigint AS after
	FROM (
		SELECT width_bucket(a.responded_at, (SELECT f.times FROM fix f)) AS fixes, count(*) AS answers
		FROM (
			SELECT a.responded_at
			FROM counted a
			LEFT JOIN (SELECT c.case_id FROM followup_case c WHERE c.cause IS NOT NULL) c ON c.case_id <<response_id_equals>> a.response_id
			WHERE a.responded_at IS NOT NULL AND (a.has_comment OR c.case_id IS NOT NULL)
			<<brought_here>>
		) a
		WHERE (SELECT f.times FROM fix f) IS NOT NULL
		GROUP BY fixes
	) b
	CROSS JOIN (SELECT t.fixed_at, t.place FROM fix f CROSS JOIN LATERAL unnest(f.times) WITH ORDINALITY AS t(fixed_at, place)) f
	GROUP BY f.fixed_at
) fix ON fix.fixed_at = k.fixed_at
ORDER BY coalesce(t.respondents, 0) DESC, k.cause COLLATE "C"
