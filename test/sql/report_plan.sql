-- What the reports read in the source: how often they scan it, and which
-- of its indexes they use.  Counted while they run, by the server's own
-- statistics, and so independent of the format of EXPLAIN.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO, MDY';
SET jit = off;
SET max_parallel_workers_per_gather = 0;	-- workers count for themselves
CREATE SCHEMA report_plan;
SET search_path = report_plan, public;

-- 20,000 rows, four for each respondent; a fourth of the scores does not count.
CREATE TABLE visit (id integer PRIMARY KEY, who integer, at timestamptz, score integer, plan text, region text, words text, firm integer);
INSERT INTO visit SELECT i, i % 5000, timestamptz '2023-01-01' + i * interval '1 hour', CASE WHEN i % 4 > 0 THEN (i * 7) % 103 % 11 END,
	'p' || i % 3, 'r' || i % 5, 'x', i % 50 FROM generate_series(1, 20000) i;
CREATE INDEX visit_who ON visit (who, at DESC);
CREATE INDEX visit_at ON visit (at);
CREATE INDEX visit_score ON visit (score);
VACUUM (ANALYZE) visit;
SELECT count(*) > 0 AS attached FROM nps_attach('visit', 'score', 'report_plan_nps', respondent => 'who', account => 'firm::text', responded_at => 'at', comment => 'words',
	segments => ARRAY['plan', 'region'], time_zone => 'Europe/Berlin', loop_since => '-infinity');
ANALYZE report_plan_nps.playbook, report_plan_nps.survey;
SET search_path = report_plan, report_plan_nps, public;

-- Runs a query and reports how often it scanned the whole source, how often
-- it used an index, and how many rows of the source it read.
-- (Rows fetched through an index are counted there.)
CREATE FUNCTION seen_rows() RETURNS bigint LANGUAGE sql AS $$
	SELECT pg_stat_get_xact_tuples_returned('visit'::regclass) + sum(pg_stat_get_xact_tuples_fetched(r))::bigint
	FROM unnest(ARRAY['visit', 'visit_who', 'visit_at', 'visit_score', 'visit_pkey']::regclass[]) r
$$;
CREATE FUNCTION run(query text, OUT result_rows bigint, OUT whole bigint, OUT by_who bigint, OUT by_at bigint, OUT by_score bigint, OUT source_rows bigint)
LANGUAGE plpgsql AS $$
BEGIN
	result_rows := 0;
	whole := pg_stat_get_xact_numscans('visit'::regclass);
	by_who := pg_stat_get_xact_numscans('visit_who'::regclass);
	by_at := pg_stat_get_xact_numscans('visit_at'::regclass);
	by_score := pg_stat_get_xact_numscans('visit_score'::regclass);
	source_rows := seen_rows();
	DECLARE
		result record;
	BEGIN
		FOR result IN EXECUTE query LOOP
			result_rows := result_rows + 1;
		END LOOP;
	END;
	whole := pg_stat_get_xact_numscans('visit'::regclass) - whole;
	by_who := pg_stat_get_xact_numscans('visit_who'::regclass) - by_who;
	by_at := pg_stat_get_xact_numscans('visit_at'::regclass) - by_at;
	by_score := pg_stat_get_xact_numscans('visit_score'::regclass) - by_score;
	source_rows := seen_rows() - source_rows;
END
$$;

--
-- Reports on all answers: one scan of the source, for one grain and one segment
--
SELECT q.query, r.whole AS once, r.source_rows AS twenty_thousand
FROM (VALUES
	(1, $$SELECT * FROM summary$$), (3, $$SELECT * FROM trend WHERE grain = 'month'$$),
	(2, $$SELECT * FROM distribution_trend WHERE grain = 'month'$$), (10, $$SELECT * FROM paired_trend WHERE grain = 'year'$$),
	(4, $$SELECT * FROM trend WHERE grain = 'day' AND period_start >= '2024-01-01' AND responses > 0$$),
	(5, $$SELECT period_start, nps, change FROM trend WHERE 'quarter' = grain ORDER BY period_start$$),
	(6, $$SELECT * FROM segment WHERE segment = 'plan'$$), (7, $$SELECT * FROM segment WHERE segment = 'region' AND value = 'r1'$$),
	(8, $$SELECT * FROM segment_trend WHERE grain = 'month' AND segment = 'plan'$$),
	(9, $$SELECT * FROM segment_trend WHERE grain = 'week' AND segment = 'region' AND period_start > '2024-01-01' AND value = 'r1'$$)) q(n, query)
CROSS JOIN LATERAL run(q.query) r
WHERE r.result_rows > 0
ORDER BY q.n;
-- Without these filters one scan for each grain and segment, and no more.
SELECT q.query, r.whole AS times
FROM (VALUES (1, $$SELECT * FROM trend$$), (2, $$SELECT * FROM trend WHERE grain IN ('week', 'month')$$), (3, $$SELECT * FROM segment$$),
	(4, $$SELECT * FROM segment_trend WHERE grain = 'month'$$), (5, $$SELECT * FROM segment_trend WHERE segment = 'plan'$$), (6, $$SELECT * FROM segment_trend$$)) q(n, query)
CROSS JOIN LATERAL run(q.query) r
ORDER BY q.n;
-- A grain that does not exist: the source is not read at all.
SELECT r.result_rows AS nothing, r.whole AS not_once FROM run($$SELECT * FROM trend WHERE grain = 'century'$$) r;
-- An index on the score alone has everything that a distribution needs.
SELECT r.result_rows AS eleven, r.whole + r.by_score AS once FROM run($$SELECT * FROM distribution$$) r;
-- The views about people read known and unknown respondents separately, except transition,
-- which does not need the latter: planners from 17 on see that by themselves.
SELECT q.query, r.whole + r.by_who BETWEEN 1 AND q.at_most AS no_more_than_needed
FROM (VALUES (1, $$SELECT * FROM transition$$, 2), (2, $$SELECT * FROM account$$, 3)) q(n, query, at_most) CROSS JOIN LATERAL run(q.query) r ORDER BY q.n;

-- EXPLAIN says the same: other grains and segments are pruned before it runs.
DO $$
DECLARE
	line text;
	depth integer;
	pruned integer;			-- depth of a node that will not run
	scans integer;
	query text;
BEGIN
	FOREACH query IN ARRAY ARRAY['trend WHERE grain = ''month''', 'segment WHERE segment = ''plan''', 'segment_trend WHERE grain = ''month'' AND segment = ''plan'''] LOOP
		scans := 0;
		pruned := NULL;
		FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) SELECT * FROM ' || query LOOP
			depth := length(substring(line, '^ *'));
			pruned := CASE WHEN depth > pruned THEN pruned END;
			IF line ~ 'One-Time Filter: false' AND pruned IS NULL THEN
				pruned := depth - 2;
			ELSIF pruned IS NULL AND line ~ ' on visit( |$)' THEN
				scans := scans + 1;
			END IF;
		END LOOP;
		ASSERT scans = 1, format('%s scans of the source by %s', scans, query);
	END LOOP;
END
$$;

--
-- One respondent: through the index, and only that respondent's four rows, which
-- several parts of the view look at
--
SELECT q.query, r.result_rows, r.whole AS never, r.by_who > 0 AS by_the_index, r.source_rows <= 4 * 15 AS only_these_rows
FROM (VALUES
	(1, $$SELECT * FROM respondent WHERE respondent = 17$$), (2, $$SELECT last_score, handle_with_care FROM respondent WHERE respondent = 17 AND last_score >= 0$$),
	(3, $$SELECT * FROM followup WHERE respondent = 17$$), (4, $$SELECT * FROM response WHERE respondent = 17 ORDER BY responded_at DESC LIMIT 1$$),
	(5, $$SELECT * FROM respondent WHERE respondent = -1$$)) q(n, query)
CROSS JOIN LATERAL run(q.query) r
ORDER BY q.n;
-- also if the value is only known later
SET plan_cache_mode = force_generic_plan;
PREPARE look_up (integer) AS SELECT * FROM respondent WHERE respondent = $1;
SELECT r.result_rows, r.whole AS never, r.by_who > 0 AS by_the_index, r.source_rows <= 4 * 15 AS only_these_rows FROM run('EXECUTE look_up (17)') r;
RESET plan_cache_mode;
DEALLOCATE look_up;

--
-- A span of time, and scores: through the indexes on the source's own columns
--
SELECT q.query, r.result_rows, r.whole AS never, r.by_at > 0 AS by_the_index, r.source_rows AS rows_of_a_day
FROM (VALUES
	(1, $$SELECT * FROM response WHERE responded_at >= '2023-02-01' AND responded_at < '2023-02-02'$$),
	(2, $$SELECT category, count(*) FROM response WHERE responded_at >= '2023-02-01' AND responded_at < '2023-02-02' GROUP BY category$$),
	(3, $$SELECT nps_score(score) FROM response WHERE responded_at >= '2023-02-01' AND responded_at < '2023-02-02'$$),
	(4, $$SELECT * FROM answer WHERE responded_at >= '2023-02-01' AND responded_at < '2023-02-02'$$)) q(n, query)
CROSS JOIN LATERAL run(q.query) r
ORDER BY q.n;
SET enable_seqscan = off;		-- half of the rows are detractors
SELECT q.query, r.result_rows, r.result_rows = p.plain AS as_many, r.whole AS never, r.by_score AS by_the_index, r.source_rows = p.plain AS only_these_rows
FROM (VALUES
	(1, $$SELECT * FROM response WHERE score <= 6$$, (SELECT count(*) FROM visit WHERE score BETWEEN 0 AND 6)),
	(2, $$SELECT * FROM response WHERE nps_is_detractor(score)$$, (SELECT count(*) FROM visit WHERE score BETWEEN 0 AND 6)),
	(3, $$SELECT * FROM response WHERE nps_is_passive(score)$$, (SELECT count(*) FROM visit WHERE score BETWEEN 7 AND 8)),
	(4, $$SELECT * FROM response WHERE nps_is_promoter(score)$$, (SELECT count(*) FROM visit WHERE score BETWEEN 9 AND 10)),
	(5, $$SELECT * FROM response WHERE score = 0$$, (SELECT count(*) FROM visit WHERE score = 0))) q(n, query, plain)
CROSS JOIN LATERAL run(q.query) r
CROSS JOIN LATERAL (SELECT q.plain) p
ORDER BY q.n;
RESET enable_seqscan;
-- Few enough rows, and it is the planner's own choice.
SELECT r.whole AS never, r.by_score > 0 AS by_the_index FROM run($$SELECT * FROM response WHERE score < 0$$) r;

SET search_path = public;
DROP SCHEMA report_plan_nps CASCADE;
DROP SCHEMA report_plan CASCADE;
