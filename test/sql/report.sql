-- The reports of a survey agree with each other, with plain SQL over the source,
-- and with the statistics functions, on 5,000 pseudo-random rows with all the
-- dirt there is: scores that do not count, missing scores, times and segments.
-- Except for counts that show that there was something to compare, a statement
-- returns a row for each thing that is wrong.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET datestyle = 'ISO, MDY';
SET jit = off;		-- compiling would take longer than running
CREATE SCHEMA report_test;
SET search_path = report_test, public;

-- A whole number below 2^28, made from two values, the same everywhere.
CREATE FUNCTION pseudo(i integer, salt text) RETURNS integer LANGUAGE sql IMMUTABLE
	RETURN ('x' || substr(md5(i || salt), 1, 7))::bit(28)::integer;

CREATE TABLE asked (
	id integer PRIMARY KEY, who text, at timestamptz, said text, stars integer, health numeric, words text, plan text, seats integer
);
-- Two years.  Nothing from June 20 to October 17, 2023; the plan "old" ends in
-- May 2023, "new" begins in 2024, and "rare" comes and goes.
INSERT INTO asked
SELECT i, CASE WHEN pseudo(i, 'who') % 23 > 0 THEN 'p' || pseudo(i, 'who') % 1500 END,
	CASE WHEN i % 97 > 0 THEN moment END,
	CASE dirt WHEN 0 THEN NULL WHEN 1 THEN NULL WHEN 2 THEN '' WHEN 3 THEN ' ' WHEN 4 THEN 'ten' WHEN 5 THEN '11'
		WHEN 6 THEN '-1' WHEN 7 THEN '8.5' WHEN 8 THEN '7/10' WHEN 9 THEN ' 9 ' WHEN 10 THEN '07' WHEN 11 THEN '10 - Sure!'
		ELSE greatest(pseudo(i, 'a') % 11, pseudo(i, 'b') % 11)::text END,
	nullif(pseudo(i, 'stars') % 8, 7),
	CASE pseudo(i, 'health') % 40 WHEN 0 THEN NULL WHEN 1 THEN 'NaN' ELSE (pseudo(i, 'health') % 1040) / 10.0 - 2 END,
	CASE pseudo(i, 'words') % 4 WHEN 0 THEN '' WHEN 1 THEN '  ' WHEN 2 THEN 'fine' END,
	CASE WHEN pseudo(i, 'plan') % 10 = 0 THEN NULL
		WHEN pseudo(i, 'plan') % 60 = 1 THEN 'rare'
		WHEN pseudo(i, 'plan') % 3 = 0 AND moment < '2023-06-01' THEN 'old'
		WHEN pseudo(i, 'plan') % 3 = 0 AND moment >= '2024-01-01' THEN 'new'
		WHEN pseudo(i, 'plan') % 3 = 1 THEN 'pro' ELSE 'free' END,
	CASE WHEN pseudo(i, 'seats') % 7 > 0 THEN pseudo(i, 'seats') % 200 END
FROM (
	SELECT i, pseudo(i, 'dirt') % 100 AS dirt,
		t + CASE WHEN t >= '2023-06-20' AND t < '2023-10-18' THEN interval '120 days' ELSE interval '0' END AS moment
	FROM generate_series(1, 5000) i, LATERAL (SELECT timestamptz '2022-12-20 00:00+00' + pseudo(i, 'at') % (730 * 86400) * interval '1 second') AS m(t)
) r;
ANALYZE asked;

-- Three surveys of it.  The zone of the session is a different one.
SELECT count(*) > 0 AS attached FROM nps_attach('asked', 'said', 'report_nps', respondent => 'who', responded_at => 'at', comment => 'words',
	segments => ARRAY['plan', 'seats > 100 AS big', $$'x'::text AS everybody$$], time_zone => 'Europe/Berlin', goal => 30, loop_since => '-infinity');
SELECT count(*) > 0 AS attached FROM nps_attach('asked', 'stars', 'report_csat5', respondent => 'who', responded_at => 'at', comment => 'words',
	segments => ARRAY['plan', 'seats > 100 AS big'], time_zone => 'America/New_York', scale => 'csat5', filter => 'id <= 1200', loop_since => '-infinity');
SELECT count(*) > 0 AS attached FROM nps_attach('asked', 'health', 'report_health', respondent => 'who', responded_at => 'at', comment => 'words',
	segments => ARRAY['plan'], time_zone => 'UTC', scale => 'health', filter => 'id > 4200', loop_since => '-infinity');

-- The same view of all three: all_summary and so on.
SELECT format('CREATE VIEW all_%1$s AS ', v) || string_agg(format('SELECT %1$L::text AS survey, %2$s FROM report_%1$s.%3$I', s,
	CASE v WHEN 'distribution' THEN 'score::text, category, responses, share'
		WHEN 'distribution_trend' THEN 'grain, period_start, period_end, is_partial, score::text, category, responses, share'
		WHEN 'summary' THEN (SELECT string_agg(column_name, ', ' ORDER BY ordinal_position) FROM information_schema.columns
			WHERE table_schema = 'report_nps' AND table_name = 'summary')
		WHEN 'response' THEN 'response_id, score::numeric, category, nps_points, responded_at, has_comment, plan' ELSE '*' END, v), ' UNION ALL ')
FROM unnest(ARRAY['summary', 'distribution', 'distribution_trend', 'trend', 'segment', 'segment_trend', 'response', 'not_counted']) v, unnest(ARRAY['nps', 'csat5', 'health']) s
GROUP BY v \gexec

-- What plain SQL says about the source.
CREATE TABLE grain (grain text, step interval);
INSERT INTO grain VALUES ('day', '1 day'), ('week', '7 days'), ('month', '1 month'), ('quarter', '3 months'), ('year', '1 year');
CREATE TABLE plain AS
SELECT survey, id, score, at AT TIME ZONE zone AS local, coalesce(btrim(words), '') <> '' AS has_comment, plan, big, everybody,
	score IS NOT NULL AS valid, unanswered, NOT unanswered AND score IS NULL AS rejected,
	score <= worst AS detractor, score > worst AND score < best AS passive, score >= best AS promoter, at
FROM (
	SELECT 'nps' AS survey, 'Europe/Berlin' AS zone, id, at, words, plan, (seats > 100)::text AS big, 'x' AS everybody, coalesce(btrim(said), '') = '' AS unanswered,
		CASE WHEN said ~ '^ *(0?[0-9]|10)( .*)?$' THEN substring(said, '[0-9]+')::numeric END AS score, 6 AS worst, 9 AS best
	FROM asked
	UNION ALL
	SELECT 'csat5', 'America/New_York', id, at, words, plan, (seats > 100)::text, NULL, stars IS NULL, CASE WHEN stars BETWEEN 1 AND 5 THEN stars END, 2, 4
	FROM asked WHERE id <= 1200
	UNION ALL
	SELECT 'health', 'UTC', id, at, words, plan, NULL, NULL, health IS NULL, CASE WHEN health BETWEEN 0 AND 100 THEN health END, 34.999999, 70
	FROM asked WHERE id > 4200
) s;
SELECT survey, count(*) AS rows, count(score) AS valid, count(*) FILTER (WHERE unanswered) AS unanswered, count(*) FILTER (WHERE rejected) AS rejected,
	count(*) FILTER (WHERE local IS NULL) AS undated, count(*) FILTER (WHERE plan IS NULL) AS without_a_plan
FROM plain GROUP BY survey ORDER BY survey;

--
-- Every row of the source is in response or in not_counted, with the same values as in plain SQL
--
SELECT p.survey, p.id, p.score, r.score, r.category, n.reason
FROM plain p
FULL JOIN all_response r ON r.survey = p.survey AND r.response_id = p.id
FULL JOIN all_not_counted n ON n.survey = p.survey AND n.response_id = p.id
WHERE p.id IS NULL OR num_nonnulls(r.response_id, n.response_id) <> 1
	OR p.score IS DISTINCT FROM r.score OR (p.plan, p.at) IS DISTINCT FROM (coalesce(r.plan, p.plan), coalesce(r.responded_at, p.at))
	OR p.valid AND ((r.category, r.nps_points, r.has_comment) IS DISTINCT FROM
		(CASE WHEN detractor THEN 'detractor' WHEN passive THEN 'passive' ELSE 'promoter' END, CASE WHEN detractor THEN -100 WHEN passive THEN 0 ELSE 100 END, p.has_comment)
		OR p.plan IS DISTINCT FROM r.plan)
	OR (n.reason = 'no answer') IS DISTINCT FROM CASE WHEN p.unanswered THEN true WHEN p.rejected THEN false END;
SELECT survey, reason, count(*) FROM all_not_counted GROUP BY 1, 2 ORDER BY 1, 2;

--
-- Every report sums to the same counts.  Health scores have no rows by score.
--
WITH total AS (
	SELECT survey, 'summary' AS report, responses, detractors, passives, promoters, unanswered, rejected FROM all_summary
	UNION ALL
	SELECT survey, 'distribution', sum(responses), sum(responses) FILTER (WHERE category = 'detractor'), sum(responses) FILTER (WHERE category = 'passive'),
		sum(responses) FILTER (WHERE category = 'promoter'), NULL, NULL FROM all_distribution GROUP BY survey
	UNION ALL
	SELECT survey, concat_ws(' ', 'distribution_trend', grain), sum(responses), sum(responses) FILTER (WHERE category = 'detractor'), sum(responses) FILTER (WHERE category = 'passive'),
		sum(responses) FILTER (WHERE category = 'promoter'), NULL, NULL FROM all_distribution_trend GROUP BY survey, grain
	UNION ALL
	SELECT survey, concat_ws(' ', 'trend', grain), sum(responses), sum(detractors), sum(passives), sum(promoters), sum(unanswered), sum(rejected)
	FROM all_trend GROUP BY survey, grain
	UNION ALL
	SELECT survey, concat_ws(' ', 'segment', segment), sum(responses), sum(detractors), sum(passives), sum(promoters), NULL, NULL
	FROM all_segment GROUP BY survey, segment
	UNION ALL
	SELECT survey, concat_ws(' ', 'segment_trend', segment, grain), sum(responses), sum(detractors), sum(passives), sum(promoters), NULL, NULL
	FROM all_segment_trend GROUP BY survey, segment, grain
	UNION ALL
	SELECT survey, 'rows', NULL, NULL, NULL, NULL, count(*) FILTER (WHERE reason = 'no answer'), count(*) FILTER (WHERE reason <> 'no answer')
	FROM all_not_counted GROUP BY survey
), plain_total AS (
	SELECT survey, count(score) AS responses, count(*) FILTER (WHERE detractor) AS detractors, count(*) FILTER (WHERE passive) AS passives,
		count(*) FILTER (WHERE promoter) AS promoters, count(*) FILTER (WHERE unanswered) AS unanswered, count(*) FILTER (WHERE rejected) AS rejected
	FROM plain GROUP BY survey
)
SELECT count(*) AS seventy_five_totals, count(*) FILTER (WHERE
	(coalesce(t.responses, p.responses), coalesce(t.detractors, p.detractors), coalesce(t.passives, p.passives), coalesce(t.promoters, p.promoters),
		coalesce(t.unanswered, p.unanswered), coalesce(t.rejected, p.rejected))
	IS DISTINCT FROM (p.responses, p.detractors, p.passives, p.promoters, p.unanswered, p.rejected)) AS zero_differ
FROM total t LEFT JOIN plain_total p USING (survey);

SELECT survey, d.score, d.category, d.responses, d.share
FROM all_distribution d
LEFT JOIN LATERAL (
	SELECT count(*) AS responses, count(*) / (SELECT count(score) FROM plain q WHERE q.survey = d.survey)::double precision AS share
	FROM plain p
	WHERE p.survey = d.survey AND CASE WHEN d.survey <> 'health' THEN p.score::text = d.score ELSE
		CASE d.category WHEN 'detractor' THEN detractor WHEN 'passive' THEN passive ELSE promoter END END
) p ON true
WHERE (d.responses, d.share) IS DISTINCT FROM (p.responses, p.share);
SELECT survey, count(*), string_agg(score || ' ' || category, ', ' ORDER BY length(score), score) AS scores_of_the_scale FROM all_distribution GROUP BY survey ORDER BY survey;

--
-- summary
--
WITH p AS (
	SELECT survey, count(*) AS n_rows, count(score) AS n, count(*) FILTER (WHERE detractor) AS d, count(*) FILTER (WHERE passive) AS m, count(*) FILTER (WHERE promoter) AS p,
		avg(score)::double precision AS mean, count(*) FILTER (WHERE has_comment AND valid) AS comments,
		min(local) FILTER (WHERE valid)::date AS first_answer, max(local) FILTER (WHERE valid)::date AS last_answer
	FROM plain GROUP BY survey
)
SELECT s.*
FROM all_summary s FULL JOIN p USING (survey)
CROSS JOIN LATERAL nps_interval(nps_counts(p.d, p.m, p.p)) i
WHERE (s.nps, s.detractor_share, s.passive_share, s.promoter_share, s.response_rate, s.comment_share, s.first_answer, s.last_answer, s.nps_low, s.nps_high)
	IS DISTINCT FROM (100.0::double precision * (p.p - p.d) / p.n, p.d / p.n::double precision, p.m / p.n::double precision, p.p / p.n::double precision,
		p.n / p.n_rows::double precision, p.comments / p.n::double precision, p.first_answer, p.last_answer, i.low, i.high)
	OR abs(s.mean_score - p.mean) > 1e-9 OR (s.mean_score IS NULL) <> (survey = 'health')
	OR (s.goal, s.gap, s.benchmark) IS DISTINCT FROM CASE survey WHEN 'nps' THEN (30::double precision, s.nps - 30, 30::double precision) ELSE (NULL::double precision, NULL::double precision, NULL::double precision) END;
SELECT survey, responses, detractors, passives, promoters, round(nps::numeric, 4) AS nps, first_answer, last_answer, warning FROM all_summary ORDER BY survey;
-- On a satisfaction scale the share of satisfied customers has a name of its own.
SELECT satisfied_share = promoter_share AS same, (satisfied_low, satisfied_high) = (w.low, w.high) AS wilson
FROM report_csat5.summary, LATERAL nps_share_interval(promoters, responses) w;

-- The average of the points is exactly the score, to the last bit: overall, by segment, by month.
SELECT survey, s.nps, a.nps AS average FROM all_summary s FULL JOIN (SELECT survey, avg(nps_points) AS nps FROM all_response GROUP BY 1) a USING (survey)
WHERE s.nps IS DISTINCT FROM a.nps;
SELECT s.survey, value, s.nps, a.nps AS average
FROM (SELECT * FROM all_segment WHERE segment = 'plan') s
FULL JOIN (SELECT survey, coalesce(plan, '-') AS plan, avg(nps_points) AS nps FROM all_response GROUP BY 1, 2) a ON (a.survey, a.plan) = (s.survey, coalesce(s.value, '-'))
WHERE s.nps IS DISTINCT FROM a.nps;
SELECT t.period_start, t.nps, a.nps AS average
FROM (SELECT * FROM report_nps.trend WHERE grain = 'month' AND responses > 0 AND period_start IS NOT NULL) t
FULL JOIN (SELECT date_trunc('month', responded_at AT TIME ZONE 'Europe/Berlin')::date AS month, avg(nps_points) AS nps
	FROM report_nps.response WHERE responded_at IS NOT NULL GROUP BY 1) a ON a.month = t.period_start
WHERE t.nps IS DISTINCT FROM a.nps;

--
-- trend
--
-- Each period, of each grain, compared with plain counting.  A period has a row with
-- an answer or any other row of the source in it.
WITH p AS (
	SELECT survey, grain, date_trunc(grain, local)::date AS period_start,
		(date_trunc(grain, local) + step - interval '1 day')::date AS period_end, count(*) AS n_rows,
		count(score) AS n, count(*) FILTER (WHERE detractor) AS d, count(*) FILTER (WHERE passive) AS m, count(*) FILTER (WHERE promoter) AS p,
		count(*) FILTER (WHERE unanswered) AS unanswered, count(*) FILTER (WHERE rejected) AS rejected,
		avg(score)::double precision AS mean, count(*) FILTER (WHERE has_comment AND valid) AS comments
	FROM plain CROSS JOIN grain GROUP BY 1, 2, 3, 4
)
SELECT coalesce(t.survey, p.survey) AS survey, coalesce(t.grain, p.grain) AS grain, coalesce(t.period_start, p.period_start) AS period_start, t.responses, p.n
FROM (SELECT * FROM all_trend WHERE responses + unanswered + rejected > 0) t
FULL JOIN p ON (p.survey, p.grain, coalesce(p.period_start, 'infinity')) = (t.survey, t.grain, coalesce(t.period_start, 'infinity'))
LEFT JOIN LATERAL nps_interval(nps_counts(p.d, p.m, p.p)) i ON true
WHERE (t.responses, t.detractors, t.passives, t.promoters, t.unanswered, t.rejected, t.period_end, t.is_partial)
	IS DISTINCT FROM (p.n, p.d, p.m, p.p, p.unanswered, p.rejected, p.period_end,
		(now() AT TIME ZONE CASE t.survey WHEN 'nps' THEN 'Europe/Berlin' WHEN 'csat5' THEN 'America/New_York' ELSE 'UTC' END)::date BETWEEN p.period_start AND p.period_end
		OR CASE WHEN p.period_start IS NOT NULL THEN
			(SELECT min(local)::date FROM plain WHERE valid AND survey = t.survey) BETWEEN p.period_start + 1 AND p.period_end END)
	OR (t.nps, t.detractor_share, t.passive_share, t.promoter_share, t.response_rate, t.comment_share, t.nps_low, t.nps_high)
	IS DISTINCT FROM (100.0::double precision * (p.p - p.d) / nullif(p.n, 0), p.d / nullif(p.n, 0)::double precision, p.m / nullif(p.n, 0)::double precision,
		p.p / nullif(p.n, 0)::double precision, p.n / p.n_rows::double precision, p.comments / nullif(p.n, 0)::double precision, i.low, i.high)
	OR abs(t.mean_score - p.mean) > 1e-9 OR (t.mean_score IS NULL) <> (t.survey = 'health' OR p.n = 0);
SELECT survey, grain, count(*) AS periods_with_answers, count(*) FILTER (WHERE period_start IS NULL) AS one_undated
FROM all_trend WHERE responses > 0 GROUP BY 1, 2 ORDER BY 1, 2;

-- Each period from the first one to the last one with a row is there exactly once, and no others.
-- Those without a row of the source are empty: 0 answers, not NULL, and no score.
WITH expected AS (
	SELECT p.survey, g.grain, period::date AS period_start
	FROM (SELECT survey, min(local) AS first, max(local) AS last
		FROM plain GROUP BY survey) p
	CROSS JOIN grain g
	CROSS JOIN LATERAL generate_series(date_trunc(g.grain, p.first), date_trunc(g.grain, p.last), g.step) period
)
SELECT t.survey, t.grain, t.period_start, e.*
FROM (SELECT survey, grain, period_start, count(*) AS times FROM all_trend WHERE period_start IS NOT NULL GROUP BY 1, 2, 3) t
FULL JOIN expected e USING (survey, grain, period_start)
WHERE t.times IS DISTINCT FROM 1 OR e.survey IS NULL;
SELECT survey, grain, period_start, responses
FROM all_trend
WHERE responses = 0 AND (num_nonnulls(nps, nps_low, nps_high, mean_score, detractor_share, passive_share, promoter_share, comment_share,
	change_from, change, change_low, change_high, change_p_value, change_p_adjusted, year_change, year_change_low, year_change_high, year_change_p_value) > 0 OR num_nulls(detractors, passives, promoters, unanswered, rejected) > 0);
SELECT survey, period_start, period_end, responses, unanswered, nps, response_rate, is_partial FROM all_trend
WHERE grain = 'quarter' AND period_start = '2023-07-01' ORDER BY survey;

-- The change is from the last period with answers, also over a gap, and
-- equals a test of two tallies made by hand.  So does the change from the year
-- before, for a week from 52 weeks before.  Undated answers have none.
WITH t AS (
	SELECT *, lag(tally) OVER (PARTITION BY survey, grain ORDER BY period_start) AS before, lag(period_start) OVER (PARTITION BY survey, grain ORDER BY period_start) AS since
	FROM (SELECT *, nps_counts(detractors, passives, promoters) AS tally FROM all_trend WHERE responses > 0) t
)
SELECT t.survey, t.grain, t.period_start, t.change, k.change, t.year_change, y.change
FROM t LEFT JOIN LATERAL nps_compare(t.before, t.tally) k ON t.period_start IS NOT NULL
LEFT JOIN t AS old ON (old.survey, old.grain, old.period_start) = (t.survey, t.grain, CASE t.grain WHEN 'week' THEN t.period_start - 364 ELSE (t.period_start - interval '1 year')::date END)
LEFT JOIN LATERAL nps_compare(old.tally, t.tally) y ON true
WHERE (t.change, t.change_low, t.change_high, t.change_p_value) IS DISTINCT FROM (k.change, k.low, k.high, k.p_value)
	OR (t.year_change, t.year_change_low, t.year_change_high, t.year_change_p_value) IS DISTINCT FROM (y.change, y.low, y.high, y.p_value)
	OR t.change_from IS DISTINCT FROM CASE WHEN t.period_start IS NOT NULL THEN t.since END
	OR abs(t.change - (nps_score(t.tally) - nps_score(t.before))) > 1e-9 OR (t.change IS NULL) <> (t.before IS NULL OR t.period_start IS NULL);
-- Adjusted over the periods of the grain, by Holm's definition, where both have 30 answers.
CREATE TABLE looked_at AS
	SELECT t.survey, t.grain, t.period_start, t.change_p_value AS p, t.change_p_adjusted AS adjusted
	FROM all_trend t JOIN all_trend b ON (b.survey, b.grain, b.period_start) = (t.survey, t.grain, t.change_from) WHERE least(t.responses, b.responses) >= 30;
SELECT l.* FROM looked_at l
WHERE abs(adjusted - (SELECT max(least(1, o.p * (SELECT count(*) FROM looked_at k WHERE (k.survey, k.grain) = (o.survey, o.grain) AND k.p >= o.p)))
	FROM looked_at o WHERE (o.survey, o.grain) = (l.survey, l.grain) AND o.p <= l.p)) > 1e-12 OR adjusted IS NULL;
SELECT t.survey, t.grain, count(t.year_change) AS against_a_year_before, count(t.change) AS changes, count(l.p) AS looked_at, count(t.change_p_adjusted) AS as_many
FROM all_trend t LEFT JOIN looked_at l USING (survey, grain, period_start) GROUP BY t.survey, t.grain ORDER BY t.survey, t.grain;
SELECT survey, period_start, round(nps::numeric, 3) AS nps, change_from, round(change::numeric, 3) AS change, round(change_p_value::numeric, 3) AS p,
	round(change_p_adjusted::numeric, 3) AS adjusted, round(year_change::numeric, 3) AS year_change, round(year_change_p_value::numeric, 3) AS year_p
FROM all_trend WHERE grain = 'quarter' AND responses > 0 AND survey = 'nps' ORDER BY survey, period_start;
-- A different limit for few answers.
UPDATE report_nps.survey SET few_answers = 400;
SELECT period_start, responses, change_p_adjusted IS NOT NULL AS looked_at FROM report_nps.trend WHERE grain = 'quarter' AND change IS NOT NULL ORDER BY period_start;
UPDATE report_nps.survey SET few_answers = 30;

--
-- distribution_trend
--
-- Each score of each period of trend, compared with plain counting.
SELECT coalesce(d.survey, p.survey) AS survey, coalesce(d.grain, p.grain) AS grain, coalesce(d.period_start, p.period_start) AS period_start, d.score, d.responses, p.n
FROM (SELECT *, CASE survey WHEN 'health' THEN category ELSE score END AS bin FROM all_distribution_trend WHERE responses > 0) d
FULL JOIN (
	SELECT survey, grain, date_trunc(grain, local)::date AS period_start, CASE WHEN survey <> 'health' THEN score::text WHEN detractor THEN 'detractor' WHEN passive THEN 'passive' ELSE 'promoter' END AS bin,
		CASE WHEN detractor THEN 'detractor' WHEN passive THEN 'passive' ELSE 'promoter' END AS category, count(*) AS n,
		count(*) / sum(count(*)) OVER (PARTITION BY survey, grain, date_trunc(grain, local))::double precision AS share
	FROM plain CROSS JOIN grain WHERE valid GROUP BY 1, 2, 3, 4, 5, date_trunc(grain, local)
) p ON (p.survey, p.grain, p.bin, coalesce(p.period_start, 'infinity')) = (d.survey, d.grain, d.bin, coalesce(d.period_start, 'infinity'))
WHERE (d.responses, d.share, d.category) IS DISTINCT FROM (p.n, p.share, p.category);
SELECT coalesce(d.survey, t.survey) AS survey, coalesce(d.grain, t.grain) AS grain, coalesce(d.period_start, t.period_start) AS period_start, d.scores, t.responses
FROM (SELECT survey, grain, period_start, period_end, is_partial, count(*) AS scores, sum(responses) AS responses, count(share) AS shares FROM all_distribution_trend GROUP BY 1, 2, 3, 4, 5) d
FULL JOIN all_trend t ON (t.survey, t.grain) = (d.survey, d.grain) AND t.period_start IS NOT DISTINCT FROM d.period_start
WHERE (d.responses, d.period_end, d.is_partial) IS DISTINCT FROM (t.responses, t.period_end, t.is_partial)
	OR d.scores IS DISTINCT FROM CASE t.survey WHEN 'nps' THEN 11 WHEN 'csat5' THEN 5 ELSE 3 END OR (d.shares = 0) <> (t.responses = 0);
SELECT survey, score, category, responses, round(share::numeric, 4) AS share FROM all_distribution_trend WHERE grain = 'quarter' AND period_start = '2024-01-01' ORDER BY survey, length(score), score;

--
-- segment
--
CREATE VIEW by_segment AS
	SELECT survey, id, local, score, detractor, passive, promoter, s.segment, s.value
	FROM plain CROSS JOIN LATERAL (VALUES ('plan', plan), ('big', big), ('everybody', everybody)) s(segment, value)
	WHERE valid AND (survey = 'nps' OR survey = 'csat5' AND segment <> 'everybody' OR segment = 'plan');
WITH p AS (
	SELECT survey, segment, value, count(*) AS n, count(*) FILTER (WHERE detractor) AS d, count(*) FILTER (WHERE passive) AS m, count(*) FILTER (WHERE promoter) AS p
	FROM by_segment GROUP BY 1, 2, 3
), w AS (
	SELECT *, sum(n) OVER whole AS all_n, sum(d) OVER whole AS all_d, sum(m) OVER whole AS all_m, sum(p) OVER whole AS all_p FROM p
	WINDOW whole AS (PARTITION BY survey, segment)
)
SELECT coalesce(s.survey, w.survey) AS survey, coalesce(s.segment, w.segment) AS segment, coalesce(s.value, w.value) AS value, s.responses, w.n
FROM all_segment s FULL JOIN w ON (w.survey, w.segment, coalesce(w.value, '-')) = (s.survey, s.segment, coalesce(s.value, '-'))
LEFT JOIN LATERAL nps_interval(nps_counts(w.d, w.m, w.p)) i ON true
LEFT JOIN LATERAL nps_compare(nps_counts(all_d - d, all_m - m, all_p - p), nps_counts(d, m, p)) k ON true
WHERE (s.responses, s.detractors, s.passives, s.promoters, s.nps, s.nps_low, s.nps_high, s.share)
	IS DISTINCT FROM (w.n, w.d, w.m, w.p, 100.0::double precision * (w.p - w.d) / w.n, i.low, i.high, w.n / w.all_n::double precision)
	OR (s.difference, s.difference_low, s.difference_high, s.difference_p_value) IS DISTINCT FROM (k.change, k.low, k.high, k.p_value)
	OR abs(s.contribution - w.n / w.all_n * (100.0 * (w.p - w.d) / w.n - 100.0 * (w.all_p - w.all_d) / w.all_n)) > 1e-9 OR s.contribution IS NULL
	-- the effect of leaving it out
	OR abs(s.impact - (100.0 * (w.all_p - w.all_d) / w.all_n - 100.0 * (w.all_p - w.p - (w.all_d - w.d)) / nullif(w.all_n - w.n, 0))) > 1e-9
	OR (s.impact IS NULL) <> (w.n = w.all_n) OR (s.difference IS NULL) <> (w.n = w.all_n);
SELECT survey, segment, sum(contribution) AS contribution, sum(share) AS share FROM all_segment GROUP BY 1, 2
HAVING abs(sum(contribution)) > 1e-9 OR abs(sum(share) - 1) > 1e-9;
-- Adjusted by Holm's definition: the largest, over those not above it, of its own value times the number of those that are not below it.
SELECT s.survey, s.segment, s.value, s.difference_p_adjusted, h.adjusted
FROM all_segment s
LEFT JOIN LATERAL (
	SELECT max(least(1, o.difference_p_value * (SELECT count(*) FROM all_segment k
		WHERE (k.survey, k.segment) = (s.survey, s.segment) AND k.difference_p_value >= o.difference_p_value))) AS adjusted
	FROM all_segment o WHERE (o.survey, o.segment) = (s.survey, s.segment) AND o.difference_p_value <= s.difference_p_value) h ON true
WHERE abs(s.difference_p_adjusted - h.adjusted) > 1e-12 OR (s.difference_p_adjusted IS NULL) <> (h.adjusted IS NULL)
	OR (s.difference_p_adjusted IS NULL) <> (s.difference_p_value IS NULL);
SELECT survey, segment, value, responses, round(nps::numeric, 3) AS nps, round(contribution::numeric, 3) AS contribution, round(impact::numeric, 3) AS impact,
	round(difference_p_value::numeric, 3) AS p, round(difference_p_adjusted::numeric, 3) AS adjusted
FROM all_segment WHERE survey = 'nps' ORDER BY segment, value;

--
-- segment_trend
--
CREATE TABLE cell AS
	SELECT survey, grain, date_trunc(grain, local)::date AS period, segment, value, count(*) AS n,
		count(*) FILTER (WHERE detractor) AS d, count(*) FILTER (WHERE passive) AS m, count(*) FILTER (WHERE promoter) AS p, avg(score)::double precision AS mean
	FROM by_segment CROSS JOIN grain GROUP BY 1, 2, 3, 4, 5;
CREATE TABLE whole AS
	SELECT survey, grain, segment, period, sum(n) AS n, sum(d) AS d, sum(m) AS m, sum(p) AS p,
		CASE WHEN period IS NOT NULL THEN lag(period) OVER (PARTITION BY survey, grain, segment ORDER BY period) END AS period_before,
		CASE WHEN period IS NOT NULL THEN lag(sum(n)) OVER (PARTITION BY survey, grain, segment ORDER BY period) END AS n_before,
		CASE WHEN period IS NOT NULL THEN lag(100.0 * (sum(p) - sum(d)) / sum(n)) OVER (PARTITION BY survey, grain, segment ORDER BY period) END AS nps_before
	FROM cell GROUP BY 1, 2, 3, 4;
-- A cell for each value that is in the period or was in the one before.
CREATE TABLE expected AS
	SELECT w.survey, w.grain, w.segment, w.period, coalesce(c.value, b.value) AS value,
		coalesce(c.n, 0) AS n, coalesce(c.d, 0) AS d, coalesce(c.m, 0) AS m, coalesce(c.p, 0) AS p, c.mean,
		coalesce(b.n, 0) AS b_n, coalesce(b.d, 0) AS b_d, coalesce(b.m, 0) AS b_m, coalesce(b.p, 0) AS b_p
	FROM (
		SELECT survey, grain, segment, period, period AS from_period, value, true AS now FROM cell
		UNION ALL
		SELECT w.survey, w.grain, w.segment, w.period, w.period_before, c.value, false FROM whole w
		JOIN cell c ON (c.survey, c.grain, c.segment, c.period) = (w.survey, w.grain, w.segment, w.period_before)
	) k
	JOIN whole w ON (w.survey, w.grain, w.segment) = (k.survey, k.grain, k.segment) AND w.period IS NOT DISTINCT FROM k.period
	LEFT JOIN cell c ON (c.survey, c.grain, c.segment) = (k.survey, k.grain, k.segment) AND c.period IS NOT DISTINCT FROM k.period AND c.value IS NOT DISTINCT FROM k.value
	LEFT JOIN cell b ON (b.survey, b.grain, b.segment, b.period) = (k.survey, k.grain, k.segment, w.period_before) AND b.value IS NOT DISTINCT FROM k.value
	GROUP BY 1, 2, 3, 4, 5, c.n, c.d, c.m, c.p, c.mean, b.n, b.d, b.m, b.p;
CREATE TABLE actual AS SELECT * FROM all_segment_trend;
-- STATISTICS: with shares s and scores x, mean of the two wholes r:  rate = mean s * change of x,
-- mix = change of s * (mean x - r); if a value is missing on one side, x is that of the other side.
WITH e AS (
	SELECT e.*, w.n AS all_n, w.d AS all_d, w.m AS all_m, w.p AS all_p, w.n_before, w.period_before,
		e.n / w.n::double precision AS s1, e.b_n / w.n_before::double precision AS s0,
		coalesce(100.0 * (e.p - e.d) / nullif(e.n, 0), 100.0 * (e.b_p - e.b_d) / nullif(e.b_n, 0)) AS x1,
		coalesce(100.0 * (e.b_p - e.b_d) / nullif(e.b_n, 0), 100.0 * (e.p - e.d) / nullif(e.n, 0)) AS x0,
		(100.0 * (w.p - w.d) / w.n + w.nps_before) / 2 AS r
	FROM expected e JOIN whole w ON (w.survey, w.grain, w.segment) = (e.survey, e.grain, e.segment) AND w.period IS NOT DISTINCT FROM e.period
)
SELECT coalesce(a.survey, e.survey) AS survey, coalesce(a.grain, e.grain) AS grain, coalesce(a.segment, e.segment) AS segment,
	coalesce(a.period_start, e.period) AS period, coalesce(a.value, e.value) AS value, a.responses, e.n
FROM actual a
FULL JOIN e ON (e.survey, e.grain, e.segment, coalesce(e.period, 'infinity'), coalesce(e.value, '-'))
	= (a.survey, a.grain, a.segment, coalesce(a.period_start, 'infinity'), coalesce(a.value, '-'))
LEFT JOIN LATERAL nps_interval(nps_counts(e.d, e.m, e.p)) i ON true
LEFT JOIN LATERAL nps_compare(nps_counts(all_d - d, all_m - m, all_p - p), nps_counts(d, m, p)) rest ON true
LEFT JOIN LATERAL nps_compare(nps_counts(b_d, b_m, b_p), nps_counts(d, m, p)) k ON true
LEFT JOIN (SELECT survey, grain, segment, period, value, nps_counts(d, m, p) AS tally FROM cell) o
	ON (o.survey, o.grain, o.segment, o.period) = (e.survey, e.grain, e.segment, CASE e.grain WHEN 'week' THEN e.period - 364 ELSE (e.period - interval '1 year')::date END)
	AND o.value IS NOT DISTINCT FROM e.value
LEFT JOIN LATERAL nps_compare(o.tally, nps_counts(d, m, p)) y ON true
WHERE (a.responses, a.detractors, a.passives, a.promoters, a.nps, a.nps_low, a.nps_high, a.share, a.detractor_share, a.passive_share, a.promoter_share)
	IS DISTINCT FROM (e.n, e.d, e.m, e.p, 100.0::double precision * (e.p - e.d) / nullif(e.n, 0), i.low, i.high, e.s1,
		e.d / nullif(e.n, 0)::double precision, e.m / nullif(e.n, 0)::double precision, e.p / nullif(e.n, 0)::double precision)
	OR (a.difference, a.difference_low, a.difference_high, a.difference_p_value) IS DISTINCT FROM (rest.change, rest.low, rest.high, rest.p_value)
	OR (a.change, a.change_low, a.change_high, a.change_p_value) IS DISTINCT FROM (k.change, k.low, k.high, k.p_value)
	OR (a.year_change, a.year_change_low, a.year_change_high, a.year_change_p_value) IS DISTINCT FROM (y.change, y.low, y.high, y.p_value)
	OR a.change_from IS DISTINCT FROM e.period_before
	OR abs(a.mean_score - e.mean) > 1e-9 OR (a.mean_score IS NULL) <> (a.survey = 'health' OR e.n = 0)
	OR abs(a.contribution - s1 * (100.0 * (e.p - e.d) / nullif(e.n, 0) - 100.0 * (all_p - all_d) / all_n)) > 1e-9 OR (a.contribution IS NULL) <> (e.n = 0)
	OR abs(a.impact - (100.0 * (all_p - all_d) / all_n - 100.0 * (all_p - p - (all_d - d)) / nullif(all_n - n, 0))) > 1e-9
	OR (a.impact IS NULL) <> (e.n IN (0, all_n))
	OR abs(a.rate_effect - (s0 + s1) / 2 * (x1 - x0)) > 1e-9 OR abs(a.mix_effect - (s1 - s0) * ((x0 + x1) / 2 - r)) > 1e-9
	OR (a.rate_effect IS NULL) <> (e.n_before IS NULL) OR (a.mix_effect IS NULL) <> (e.n_before IS NULL);
-- Adjusted over the values of the segment in a period, by Holm's definition.
CREATE TABLE family AS
	SELECT survey, grain, segment, period_start, kind, CASE WHEN known THEN f.p END AS p, adjusted
	FROM actual
	JOIN expected e USING (survey, grain, segment)
	CROSS JOIN LATERAL (VALUES ('difference', difference_p_value, difference_p_adjusted, true),
		('change', change_p_value, change_p_adjusted, least(e.n, e.b_n) >= 30)) f(kind, p, adjusted, known)
	WHERE e.period IS NOT DISTINCT FROM period_start AND e.value IS NOT DISTINCT FROM actual.value;
CREATE INDEX ON family (survey, grain, segment, period_start, kind);
ANALYZE family;
SELECT f.* FROM family f
WHERE (p IS NULL) <> (adjusted IS NULL) OR abs(adjusted - (SELECT max(least(1, o.p * (SELECT count(*) FROM family k
		WHERE (k.survey, k.grain, k.segment, k.kind, k.period_start) = (o.survey, o.grain, o.segment, o.kind, o.period_start) AND k.p >= o.p)))
	FROM family o WHERE (o.survey, o.grain, o.segment, o.kind, o.period_start) = (f.survey, f.grain, f.segment, f.kind, f.period_start) AND o.p <= f.p)) > 1e-12;
SELECT survey, grain, kind, count(p) AS looked_at FROM family GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
SELECT survey, grain, count(*) AS cells, count(*) FILTER (WHERE responses = 0) AS gone, count(*) FILTER (WHERE responses > 0 AND change IS NULL) AS new,
	count(rate_effect) AS effects FROM actual GROUP BY 1, 2 ORDER BY 1, 2;

-- The effects of all values add up to trend.change, for every grain, segment and
-- period; shares to 1, contributions to 0; period_end and is_partial are those of trend.
SELECT a.survey, a.grain, a.segment, a.period_start, t.change, sum(a.rate_effect + a.mix_effect) AS effects
FROM actual a LEFT JOIN all_trend t ON (t.survey, t.grain) = (a.survey, a.grain) AND t.period_start IS NOT DISTINCT FROM a.period_start
GROUP BY a.survey, a.grain, a.segment, a.period_start, t.change, t.responses, t.period_end, t.is_partial, t.change_from
HAVING abs(t.change - sum(a.rate_effect + a.mix_effect)) > 1e-9 OR (t.change IS NULL) <> (sum(a.rate_effect + a.mix_effect) IS NULL)
	OR sum(a.responses) IS DISTINCT FROM t.responses OR abs(sum(a.share) - 1) > 1e-9 OR abs(sum(a.contribution)) > 1e-9
	OR bool_or((a.period_end, a.is_partial, a.change_from) IS DISTINCT FROM (t.period_end, t.is_partial, t.change_from));
SELECT count(DISTINCT (t.survey, t.grain, t.period_start)) AS periods_without_a_sum
FROM all_trend t WHERE t.change IS NOT NULL AND NOT EXISTS (
	SELECT FROM actual a WHERE (a.survey, a.grain, a.period_start, a.segment) = (t.survey, t.grain, t.period_start, 'plan') AND a.rate_effect IS NOT NULL);
-- By hand: the plans of the first quarter after the gap.
SELECT value, responses, round(nps::numeric, 3) AS nps, round(change::numeric, 3) AS change, round(rate_effect::numeric, 3) AS rate, round(mix_effect::numeric, 3) AS mix
FROM actual WHERE survey = 'nps' AND grain = 'quarter' AND segment = 'plan' AND period_start = '2023-10-01' ORDER BY value;

--
-- A survey without times, segments, respondents: the reports work, without the rows that need these
--
SELECT count(*) > 0 AS attached FROM nps_attach('asked', 'said', 'report_bare');
SELECT grain, period_start, period_end, is_partial, responses, unanswered, rejected, change FROM report_bare.trend ORDER BY grain;
SELECT (SELECT count(*) FROM report_bare.segment) AS segments, (SELECT count(*) FROM report_bare.segment_trend) AS cells,
	(SELECT count(*) FROM report_bare.account) AS accounts, (SELECT count(*) FROM report_bare.respondent) AS unknown, responses = 4551 AS as_above
FROM report_bare.summary;
-- A filter that no row passes: no rows, and an empty summary.
SELECT count(*) > 0 AS attached FROM nps_attach('asked', 'said', 'report_empty', responded_at => 'at', respondent => 'who', account => 'plan', segments => ARRAY['plan'], filter => 'false', loop_since => '-infinity');
SELECT * FROM report_empty.summary;
SELECT (SELECT count(*) FROM report_empty.trend) + (SELECT count(*) FROM report_empty.segment) + (SELECT count(*) FROM report_empty.segment_trend)
	+ (SELECT count(*) FROM report_empty.respondent) + (SELECT count(*) FROM report_empty.account) + (SELECT count(*) FROM report_empty.transition)
	+ (SELECT count(*) FROM report_empty.followup) AS no_rows;
SELECT count(*) AS eleven_scores, sum(responses) AS nobody, count(share) AS shares FROM report_empty.distribution;

--
-- Columns: keys, the one measure block, extras; plain types
--
WITH block (columns) AS (VALUES ('responses bigint, detractors bigint, passives bigint, promoters bigint, detractor_share double precision,'
	' passive_share double precision, promoter_share double precision, nps double precision, nps_low double precision, nps_high double precision,'
	' mean_score double precision')
), documented (view, keys, has_block, extras) AS (VALUES
	('summary', NULL, true, 'unanswered bigint, rejected bigint, response_rate double precision, comment_share double precision, goal double precision,'
		' gap double precision, benchmark double precision, first_answer date, last_answer date, warning text, satisfied_share double precision, satisfied_low double precision,'
		' satisfied_high double precision'),
	('distribution', 'score smallint, category text, responses bigint, share double precision', false, NULL),
	('distribution_trend', 'grain text, period_start date, period_end date, is_partial boolean, score smallint, category text, responses bigint, share double precision', false, NULL),
	('trend', 'grain text, period_start date, period_end date, is_partial boolean', true, 'unanswered bigint, rejected bigint, response_rate double precision,'
		' comment_share double precision, change_from date, change double precision, change_low double precision, change_high double precision,'
		' change_p_value double precision, change_p_adjusted double precision, year_change double precision, year_change_low double precision,'
		' year_change_high double precision, year_change_p_value double precision'),
	('paired_trend', 'grain text, period_start date, period_end date, is_partial boolean', true, 'change_from date, nps_before double precision, paired_change double precision, paired_change_low double precision,'
		' paired_change_high double precision, paired_change_p_value double precision'),
	('segment', 'segment text, value text', true, 'share double precision, contribution double precision, impact double precision, difference double precision,'
		' difference_low double precision, difference_high double precision, difference_p_value double precision, difference_p_adjusted double precision'),
	('segment_trend', 'grain text, period_start date, period_end date, is_partial boolean, segment text, value text', true,
		'share double precision, contribution double precision, impact double precision, difference double precision, difference_low double precision,'
		' difference_high double precision, difference_p_value double precision, difference_p_adjusted double precision, change_from date,'
		' change double precision, change_low double precision, change_high double precision, change_p_value double precision, change_p_adjusted double precision,'
		' year_change double precision, year_change_low double precision, year_change_high double precision, year_change_p_value double precision, rate_effect double precision, mix_effect double precision'),
	('respondent', 'respondent text, account text, responses bigint, first_answer timestamp with time zone, last_answer timestamp with time zone,'
		' last_score smallint, last_category text, previous_score smallint, previous_category text, change double precision, open_followup boolean,'
		' followup_status text, handle_with_care boolean, revenue numeric, churned_at timestamp with time zone,'
		' last_comment text, case_id integer, open_cases bigint, responsible text, next_step text, next_due timestamp with time zone, cause text,'
		' cause_suggested text, open_promises bigint, next_promise_due date, last_contact timestamp with time zone, last_note text', false, NULL),
	('account', 'account text, respondents bigint', true, 'revenue numeric, revenue_at_risk numeric, silent boolean'),
	('transition', 'from_category text, to_category text, respondents bigint, share double precision, median_days double precision,'
		' followed_up bigint', false, NULL)
), made AS (
	SELECT c.relname::text AS view, string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum) AS columns
	FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
	WHERE c.relnamespace = 'report_nps'::regnamespace AND c.relkind = 'v' AND c.relname NOT IN ('answer', 'counted', 'response', 'not_counted', 'cause_mention',
		'followup', 'followup_all', 'closed_loop', 'cause_report', 'cause_customer', 'timeline', 'resurvey', 'newest_answer', 'any_case', 'any_entry', 'case_answer', 'gone_case', 'open_case', 'open_entry', 'present_member', 'recorded_case', 'rule')
	GROUP BY c.relname
)
SELECT view, concat_ws(', ', d.keys, CASE WHEN d.has_block THEN block.columns END, d.extras) AS documented, m.columns AS made
FROM documented d CROSS JOIN block FULL JOIN made m USING (view)
WHERE concat_ws(', ', d.keys, CASE WHEN d.has_block THEN block.columns END, d.extras) IS DISTINCT FROM m.columns;
-- With a comment on each view and column, also of a survey without segments.
SELECT c.relnamespace::regnamespace AS survey, c.relname, a.attname AS without_a_comment
FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.relnamespace IN ('report_nps'::regnamespace, 'report_bare'::regnamespace, 'report_health'::regnamespace) AND c.relkind IN ('r', 'v')
	AND (obj_description(c.oid, 'pg_class') IS NULL OR col_description(c.oid, a.attnum) IS NULL);
SELECT c.relname, a.attname, col_description(c.oid, a.attnum) AS says_so
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relnamespace = 'report_nps'::regnamespace AND a.attname = 'grain' ORDER BY 1;

SET search_path = public;
DROP SCHEMA report_nps, report_csat5, report_health, report_bare, report_empty CASCADE;
DROP SCHEMA report_test CASCADE;
