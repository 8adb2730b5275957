-- The views about people: respondent, account, transition.  First cases that
-- can be checked by eye, then pseudo-random data compared with plain SQL.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'America/Los_Angeles';	-- the reader's: must not matter except for the display of times
SET datestyle = 'ISO, MDY';
SET jit = off;		-- compiling would take longer than running
CREATE SCHEMA respondent_test;
SET search_path = respondent_test, public;

CREATE TABLE answered (id integer PRIMARY KEY, who text, firm text, at timestamptz, score numeric, worth numeric, gone timestamptz, memo text);
SELECT count(*) > 0 AS attached FROM nps_attach('answered', 'score', 'respondent_hand', respondent => 'who', account => 'firm', responded_at => 'at',
	revenue => 'worth', churned_at => 'gone', time_zone => 'Europe/Berlin', loop_since => '-infinity');
SET search_path = respondent_test, respondent_hand, public;

--
-- respondent
--
INSERT INTO answered (id, who, at, score, memo) VALUES
	(11, 'latest time', '2024-01-01 12:00+00', 10, 'previous'), (10, 'latest time', '2024-02-01 12:00+00', 3, 'newest, though its id is less'),
	(22, 'tie', '2024-01-01 12:00+00', 8, 'newest by its id'), (21, 'tie', '2024-01-01 12:00+00', 5, 'previous'), (20, 'tie', '2024-01-01 12:00+00', 0, 'older still'),
	(30, 'without a time', NULL, 10, 'older than any time'), (31, 'without a time', '2024-01-01 12:00+00', 6, 'newest'),
	(32, 'without a time', NULL, 9, 'previous: the greater id of the two'),
	(40, 'no answer after', '2024-01-01 12:00+00', 9, 'newest answer'), (41, 'no answer after', '2024-03-01 12:00+00', NULL, 'no answer'),
	(42, 'no answer after', '2024-04-01 12:00+00', 11, 'not an answer that counts'),
	(50, 'never answered', '2024-01-01 12:00+00', NULL, 'no row'), (51, 'never answered', '2024-02-01 12:00+00', NULL, NULL),
	(60, 'only rejected', '2024-01-01 12:00+00', 8.5, 'no row'),
	(70, NULL, '2024-01-01 12:00+00', 2, 'somebody'), (71, NULL, '2024-01-01 12:00+00', 2, 'somebody else'), (72, NULL, NULL, 9, 'and another'),
	(80, '', '2024-01-01 12:00+00', 7, 'an empty name is a name'), (81, '', '2024-01-02 12:00+00', 9, NULL),
	(90, 'beyond', 'infinity', 1, 'newest'), (91, 'beyond', '2024-01-01 12:00+00', 10, 'previous'), (92, 'beyond', '-infinity', 10, NULL);
SELECT respondent, responses, first_answer AT TIME ZONE 'UTC' AS first, last_answer AT TIME ZONE 'UTC' AS last, last_score, last_category,
	previous_score AS prev, previous_category, change, open_followup AS open, followup_status AS status, handle_with_care AS care
FROM respondent ORDER BY respondent, last_score, first_answer;
-- All answers are here, and no other row.
SELECT (SELECT sum(responses) FROM respondent) AS answers, responses AS as_many FROM summary;
-- A filter on the respondent does not change the row.
SELECT w.who, f.responses, f.last_score, f.previous_score FROM (SELECT DISTINCT who FROM answered WHERE who IS NOT NULL) w
LEFT JOIN LATERAL (SELECT * FROM respondent r WHERE r.respondent = w.who) f ON true ORDER BY w.who;
TRUNCATE answered;

-- Who is to be handled with care: detractors, and everybody with an open case.
INSERT INTO answered (id, who, at, score, gone, memo) VALUES
	(1, 'detractor now', now() - interval '1 day', 2, NULL, 'open'), (2, 'detractor then', now() - interval '200 days', 2, NULL, 'no longer followed up'),
	(3, 'recovered', now() - interval '2 days', 3, NULL, NULL), (4, 'recovered', now() - interval '1 day', 9, NULL, 'ended by a better answer'),
	(8, 'recovered from 2', now() - interval '2 days', 2, NULL, 'personal'), (9, 'recovered from 2', now() - interval '1 day', 9, NULL, 'so it stays'),
	(5, 'passive', now() - interval '1 day', 7, NULL, 'open once the playbook says so'), (6, 'gone', now() - interval '2 days', 2, now() - interval '1 day', 'not followed up'),
	(7, NULL, now() - interval '1 day', 2, NULL, 'unknown: nobody to follow up');
SELECT respondent, open_followup, followup_status, handle_with_care FROM respondent ORDER BY 1;
UPDATE playbook SET follow_up = true WHERE score_from = 7;
SELECT respondent, open_followup, followup_status, handle_with_care FROM respondent WHERE last_score = 7;
UPDATE playbook SET follow_up = false WHERE score_from = 7;
TRUNCATE answered;

--
-- account
--
INSERT INTO answered (id, who, firm, at, score, worth, gone, memo) VALUES
	(1, 'a1', 'Alpha', '2024-01-01 12:00+00', 9, 100, NULL, 'three people, revenue on each row: counts once'),
	(2, 'a2', 'Alpha', '2024-01-01 12:00+00', 3, 100, NULL, 'a detractor: at risk'), (3, 'a3', 'Alpha', '2024-01-01 12:00+00', 8, 100, NULL, NULL),
	(4, 'b1', 'Beta', '2024-01-01 12:00+00', 0, 50, NULL, 'better since'), (5, 'b1', 'Beta', '2024-02-01 12:00+00', 10, 50, NULL, 'so not at risk'),
	(6, 'c1', 'Closed', '2024-01-01 12:00+00', 0, 30, '2024-03-01', 'left: no longer at risk'), (7, 'c2', 'Closed', '2024-01-01 12:00+00', NULL, 30, '2024-03-01', NULL),
	(8, 'm1', 'From', '2024-01-01 12:00+00', 0, 7, NULL, 'moved, with what they think'), (9, 'm1', 'To', '2024-02-01 12:00+00', 9, 8, NULL, NULL),
	(10, 'm2', 'From', '2024-01-01 12:00+00', NULL, 7, NULL, 'From was answered for, so is not silent'),
	(11, 's1', 'Silent', '2024-01-01 12:00+00', NULL, 20, NULL, 'asked'), (12, 's2', 'Silent', '2024-01-01 12:00+00', NULL, 20, NULL, 'asked'),
	(13, 'r1', 'Rejected', '2024-01-01 12:00+00', 77, NULL, NULL, 'silent too: nothing that counts'),
	(14, NULL, 'Unknown', '2024-01-01 12:00+00', 9, NULL, NULL, 'two unknown respondents are two'), (15, NULL, 'Unknown', '2024-01-01 12:00+00', 1, NULL, NULL, NULL),
	(16, 'n1', NULL, '2024-01-01 12:00+00', 1, 1000, NULL, 'of no account'), (17, 'w1', 'Worth unknown', '2024-01-01 12:00+00', 1, NULL, NULL, NULL);
SELECT account, respondents, responses, detractors, passives, promoters, round(nps::numeric, 2) AS nps, mean_score, revenue, revenue_at_risk AS at_risk, silent
FROM account ORDER BY account;
SELECT sum(revenue) AS each_counted_once, sum(revenue_at_risk) AS at_risk FROM account;
TRUNCATE answered;

--
-- transition
--
INSERT INTO answered (id, who, at, score, gone, memo) VALUES
	(1, 'd1', '2024-01-01 12:00+00', 0, NULL, NULL), (2, 'd1', '2024-01-11 12:00+00', 10, NULL, 'detractor to promoter in 10 days'),
	(3, 'd2', '2024-01-01 12:00+00', 6, NULL, NULL), (4, 'd2', '2024-01-05 00:00+00', 9, NULL, 'the same in 3.5 days'),
	(5, 'd3', '2024-01-01 12:00+00', 6, NULL, NULL), (6, 'd3', '2024-01-03 12:00+00', 7, NULL, 'detractor to passive in 2 days'),
	(7, 'p1', '2023-01-01 12:00+00', 0, NULL, 'only the last two answers count'), (8, 'p1', '2024-03-30 12:00 Europe/Berlin', 8, NULL, NULL),
	(9, 'p1', '2024-03-31 12:00 Europe/Berlin', 8, NULL, 'passive to passive in 1 day of 23 hours'),
	(10, 'c1', '2024-01-01 12:00+00', 10, NULL, NULL), (11, 'c1', '2024-01-02 12:00+00', 7, '2024-01-12 12:00+00', 'left 10 days after a passive answer'),
	(12, 'c2', '2024-01-01 12:00+00', 7, '2024-01-21 12:00+00', 'left 20 days after an only answer'),
	(13, 'o1', '2024-01-01 12:00+00', 9, NULL, 'only answer'), (14, NULL, '2024-01-01 12:00+00', 9, NULL, 'unknown'), (15, NULL, '2024-01-01 12:00+00', 9, NULL, 'unknown'),
	(16, 't1', NULL, 9, NULL, 'days unknown'), (17, 't1', '2024-01-01 12:00+00', 1, NULL, NULL),
	(18, 'n1', '2024-01-01 12:00+00', NULL, NULL, 'never answered: not here');
-- The median of the days: of 10 and 3.5, of 10 and 20.  Shares are of those with that from_category.
-- Unknown respondents, who can never be seen to answer again, are not in it.
SELECT * FROM transition ORDER BY from_category, to_category;
SELECT (SELECT sum(respondents) FROM transition) AS all_respondents, (SELECT count(respondent) FROM respondent) AS as_many;
DROP SCHEMA respondent_hand CASCADE;
SET search_path = respondent_test, public;

--
-- 3,000 rows of 500 respondents, many at the same time, compared with row_number
--
CREATE FUNCTION pseudo(i integer, salt text) RETURNS integer LANGUAGE sql IMMUTABLE
	RETURN ('x' || substr(md5(i || salt), 1, 7))::bit(28)::integer;
TRUNCATE answered;
INSERT INTO answered
SELECT i, CASE WHEN pseudo(i, 'unknown') % 19 > 0 THEN 'p' || person END, CASE WHEN firm % 17 > 0 THEN 'f' || firm END,
	-- one of 60 days: hence ties
	CASE WHEN pseudo(i, 'undated') % 29 > 0 THEN timestamptz '2023-01-01 12:00+00' + pseudo(i, 'at') % 60 * interval '1 day' END,
	CASE pseudo(i, 'dirt') % 8 WHEN 0 THEN NULL WHEN 1 THEN 8.5 ELSE pseudo(i, 'score') % 11 END,
	CASE WHEN firm % 5 > 0 THEN firm * 10 END, CASE WHEN firm % 13 = 1 THEN timestamptz '2023-06-01 12:00+00' + firm * interval '1 hour' END, NULL
FROM generate_series(1, 3000) i, LATERAL (SELECT pseudo(i, 'who') % 500 + CASE WHEN i > 2900 THEN 500 ELSE 0 END) p(person),
	-- one of two accounts of the person; some accounts have only dirt
	LATERAL (SELECT CASE WHEN pseudo(i, 'dirt') % 8 < 2 AND pseudo(i, 'rest') % 3 = 0 THEN 200 + i % 40 ELSE (person + pseudo(i, 'firm') % 2) % 120 END) f(firm);
SELECT count(*) > 0 AS attached FROM nps_attach('answered', 'score', 'respondent_many', respondent => 'who', account => 'firm', responded_at => 'at',
	revenue => 'worth', churned_at => 'gone', time_zone => 'UTC', loop_since => '-infinity');
CREATE TABLE plain AS
SELECT id, who, firm, at, score, gone, CASE WHEN score <= 6 THEN 'detractor' WHEN score <= 8 THEN 'passive' ELSE 'promoter' END AS category,
	row_number() OVER newest AS age, lead(score) OVER newest AS previous_score, lead(at) OVER newest AS previous_at,
	CASE WHEN lead(score) OVER newest <= 6 THEN 'detractor' WHEN lead(score) OVER newest <= 8 THEN 'passive' WHEN lead(score) OVER newest <= 10 THEN 'promoter' END AS previous_category,
	count(*) OVER (PARTITION BY coalesce(who, 'unknown ' || id)) AS responses, min(at) OVER (PARTITION BY coalesce(who, 'unknown ' || id)) AS first_at
FROM answered WHERE score IN (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
WINDOW newest AS (PARTITION BY coalesce(who, 'unknown ' || id) ORDER BY coalesce(at, '-infinity') DESC, id DESC);
DELETE FROM plain WHERE age > 1;
SELECT count(*) AS respondents, count(*) FILTER (WHERE who IS NULL) AS unknown, count(previous_score) AS with_a_previous, count(gone) AS gone,
	count(*) FILTER (WHERE previous_at = at) AS tied, count(*) FILTER (WHERE at IS NULL) AS undated FROM plain;

-- respondent, row by row.  The answers are old, so nothing is to be followed up
-- except answers without a time.
ALTER TABLE plain ADD COLUMN open boolean;
UPDATE plain SET open = at IS NULL AND gone IS NULL AND who IS NOT NULL AND category = 'detractor';
(SELECT respondent, account, responses, first_answer, last_answer, last_score::numeric, last_category, previous_score::numeric, previous_category, change,
	open_followup, followup_status, handle_with_care, churned_at FROM respondent_many.respondent
EXCEPT ALL
SELECT who, firm, responses, first_at, at, score, category, previous_score, previous_category, (score - previous_score)::double precision,
	open, CASE WHEN open THEN 'new' END, category = 'detractor', gone FROM plain)
UNION ALL
(SELECT who, firm, responses, first_at, at, score, category, previous_score, previous_category, (score - previous_score)::double precision,
	open, CASE WHEN open THEN 'new' END, category = 'detractor', gone FROM plain
EXCEPT ALL
SELECT respondent, account, responses, first_answer, last_answer, last_score, last_category, previous_score, previous_category, change,
	open_followup, followup_status, handle_with_care, churned_at FROM respondent_many.respondent);
-- and through the key
SELECT w.who, r.*
FROM (SELECT DISTINCT who FROM answered WHERE who LIKE 'p1%') w
LEFT JOIN LATERAL (SELECT * FROM respondent_many.respondent r WHERE r.respondent = w.who) r ON true
LEFT JOIN plain p ON p.who = w.who
WHERE (r.last_score, r.last_answer, r.responses) IS DISTINCT FROM (p.score, p.at, p.responses);

-- account
WITH expected AS (
	SELECT a.firm, count(p.id) AS respondents, count(*) FILTER (WHERE p.category = 'detractor') AS d, count(*) FILTER (WHERE p.category = 'passive') AS m,
		count(*) FILTER (WHERE p.category = 'promoter') AS p, avg(p.score)::double precision AS mean, a.worth, a.gone, a.answered = 0 AS silent
	FROM (SELECT firm, max(worth) AS worth, max(gone) AS gone, count(*) FILTER (WHERE score <> 8.5) AS answered
		FROM answered WHERE firm IS NOT NULL GROUP BY firm) a
	LEFT JOIN plain p ON p.firm = a.firm
	GROUP BY a.firm, a.worth, a.gone, silent
)
SELECT coalesce(v.account, e.firm) AS account, v.responses, e.respondents, v.revenue_at_risk, v.silent, e.silent
FROM respondent_many.account v FULL JOIN expected e ON e.firm = v.account
LEFT JOIN LATERAL nps_interval(nps_counts(e.d, e.m, e.p)) i ON true
WHERE (v.respondents, v.responses, v.detractors, v.passives, v.promoters, v.nps, v.nps_low, v.nps_high, v.revenue, v.revenue_at_risk, v.silent) IS DISTINCT FROM
	(e.respondents, e.respondents, e.d, e.m, e.p, 100.0::double precision * (e.p - e.d) / nullif(e.respondents, 0), i.low, i.high, e.worth,
		CASE WHEN e.d > 0 AND e.gone IS NULL THEN e.worth ELSE 0 END, e.silent)
	OR abs(v.mean_score - e.mean) > 1e-9 OR (v.mean_score IS NULL) <> (e.mean IS NULL);
SELECT count(*) AS accounts, count(*) FILTER (WHERE silent) AS silent, count(*) FILTER (WHERE revenue_at_risk > 0) AS at_risk, sum(revenue) AS revenue,
	count(*) FILTER (WHERE responses = 0) AS without_an_answer FROM respondent_many.account;

-- transition
WITH expected AS (
	SELECT CASE WHEN gone IS NULL THEN coalesce(previous_category, category) ELSE category END AS from_category,
		CASE WHEN gone IS NOT NULL THEN 'churned' WHEN previous_category IS NULL THEN 'no answer yet' ELSE category END AS to_category,
		extract(epoch FROM CASE WHEN gone IS NULL THEN at - previous_at ELSE gone - at END) / 86400 AS days
	FROM plain WHERE who IS NOT NULL
), counted AS (
	SELECT from_category, to_category, count(*) AS n, (percentile_cont(0.5) WITHIN GROUP (ORDER BY days::double precision)) AS median FROM expected GROUP BY 1, 2
), shared AS (SELECT *, n / sum(n) OVER (PARTITION BY from_category) AS share FROM counted)
SELECT from_category, to_category, t.respondents, s.n, t.share, s.share, t.median_days, s.median
FROM respondent_many.transition t FULL JOIN shared s USING (from_category, to_category)
WHERE t.respondents IS DISTINCT FROM s.n OR abs(t.share - s.share) > 1e-9 OR abs(t.median_days - s.median) > 1e-9 OR (t.median_days IS NULL) <> (s.median IS NULL);
SELECT from_category, to_category, respondents, median_days FROM respondent_many.transition ORDER BY 1, 2;

--
-- Respondents of other types, and fractional scores
--
CREATE TABLE measured (id uuid PRIMARY KEY, person integer, health double precision, at date);
INSERT INTO measured VALUES ('00000000-0000-0000-0000-000000000001', 1, 34.9, '2023-01-01'), ('00000000-0000-0000-0000-000000000002', 1, 70.5, '2023-01-03'),
	('00000000-0000-0000-0000-00000000000a', 2, 50, '2023-01-03'), ('00000000-0000-0000-0000-000000000009', 2, 20, '2023-01-03');
SELECT count(*) > 0 AS attached FROM nps_attach('measured', 'health', 'respondent_health', respondent => 'person', responded_at => 'at', scale => 'health', time_zone => 'UTC', loop_since => '-infinity');
SELECT respondent, pg_typeof(respondent) AS type, last_score, last_category, previous_score, previous_category, round(change::numeric, 6) AS change
FROM respondent_health.respondent ORDER BY 1;
SELECT * FROM respondent_health.transition ORDER BY 1, 2;

SET search_path = public;
DROP SCHEMA respondent_many, respondent_health CASCADE;
DROP SCHEMA respondent_test CASCADE;
