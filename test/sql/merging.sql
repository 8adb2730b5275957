-- Merging is exact: however the rows are split - into parts, parallel workers,
-- partitions, batches on disk, frames of a window - the result is the same, and
-- it is what plain SQL counts.
CREATE SCHEMA nps_test_merging;
SET search_path = nps_test_merging, public;

-- Numbers that look random and are the same everywhere.
CREATE FUNCTION scrambled(i bigint) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN hashint8(i) & 2147483647;
CREATE FUNCTION plan_has(query text, pattern text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		IF line ~ pattern THEN
			RETURN true;
		END IF;
	END LOOP;
	RETURN false;
END
$$;

-- Answers on each scale, a tenth of them missing, and their tallies as counted by plain SQL.
CREATE TABLE answer AS
SELECT i, scale,
	CASE WHEN scrambled(-i) % 10 = 0 THEN NULL
		WHEN whole_scores_only THEN min_score + scrambled(i) % (max_score - min_score + 1)
		ELSE scrambled(i) % 1001 / 10.0 END AS score
FROM nps_scales(), generate_series(1, 600) AS i;
CREATE TABLE counted (scale text PRIMARY KEY, tally nps_tally);
INSERT INTO counted
SELECT s.scale, format('%s{%s}', s.scale, string_agg(n.count::text, ',' ORDER BY n.score))::nps_tally
FROM nps_scales() s
CROSS JOIN LATERAL (
	SELECT score, (SELECT count(*) FROM answer a WHERE a.scale = s.scale AND a.score = g.score) AS count
	FROM generate_series(s.min_score::integer, s.max_score::integer) AS g(score)
) n
WHERE s.whole_scores_only
GROUP BY s.scale
UNION ALL
SELECT scale, format('health{;%s,%s,%s}', count(*) FILTER (WHERE score >= 0 AND score < 35), count(*) FILTER (WHERE score >= 35 AND score < 70),
	count(*) FILTER (WHERE score >= 70 AND score <= 100))::nps_tally
FROM answer WHERE scale = 'health' GROUP BY scale;
SELECT scale, nps_responses(tally) BETWEEN 500 AND 580 AS most_of_600,
	0 <> ALL (coalesce(nps_histogram(tally), ARRAY[nps_detractors(tally), nps_passives(tally), nps_promoters(tally)])) AS each_score_occurs
FROM counted ORDER BY scale COLLATE "C";
SELECT scale FROM counted c WHERE tally IS DISTINCT FROM (SELECT nps_tally_agg(score, a.scale) FROM answer a WHERE a.scale = c.scale);

-- Split into 1 to 20 parts (and an empty one), merged in three orders.
CREATE FUNCTION merged(type text, scale text, parts integer, ordering text) RETURNS nps_tally
LANGUAGE plpgsql AS $$
DECLARE
	result nps_tally;
BEGIN
	EXECUTE format($sql$
		SELECT nps_tally_agg(tally ORDER BY %s)
		FROM (
			SELECT scrambled(i * $1) %% $1 AS part, nps_tally_agg(score::%s, scale) AS tally
			FROM answer WHERE scale = %L GROUP BY 1
			UNION ALL SELECT $1, '{}'
		) AS p
		$sql$, ordering, type, scale) INTO result USING parts;
	RETURN result;
END
$$;
SELECT count(*) AS checked, count(*) FILTER (WHERE merged IS DISTINCT FROM tally) AS wrong
FROM counted, generate_series(1, 20) AS parts, unnest('{part,part DESC,scrambled(part)}'::text[]) AS ordering,
	merged('numeric', scale, parts, ordering);
SELECT count(*) AS checked, count(*) FILTER (WHERE merged IS DISTINCT FROM tally) AS wrong
FROM counted, unnest('{1,2,7,20}'::int[]) AS parts, unnest('{smallint,integer,bigint,real,double precision,text}'::text[]) AS type,
	merged(type, scale, parts, 'scrambled(part)')
WHERE scale <> 'health' OR type IN ('double precision', 'text');
-- The score and its interval, too, bit for bit.
SELECT count(*) AS checked, count(*) FILTER (WHERE (nps_score(merged), nps_low(merged), nps_high(merged)) IS DISTINCT FROM
	(SELECT (nps_score(score, a.scale), nps_low(score, a.scale), nps_high(score, a.scale)) FROM answer a WHERE a.scale = c.scale)) AS wrong
FROM counted c, unnest('{1,2,7,20}'::int[]) AS parts, merged('numeric', scale, parts, 'part');

-- Addition of tallies: in any order, in any grouping; subtraction takes it back.
CREATE TABLE part AS
SELECT i % 9 AS part, nps_tally_agg(score, scale) AS tally FROM answer WHERE scale = 'nps' GROUP BY i % 9
UNION ALL SELECT 9, '{}' UNION ALL SELECT 10, '{;17,33,50}';
SELECT count(*) AS checked, count(*) FILTER (WHERE a.tally + b.tally IS DISTINCT FROM b.tally + a.tally) AS not_commutative,
	count(*) FILTER (WHERE (a.tally + b.tally) + c.tally IS DISTINCT FROM a.tally + (b.tally + c.tally)) AS not_associative,
	count(*) FILTER (WHERE (a.tally + b.tally) - b.tally IS DISTINCT FROM a.tally) AS not_taken_back,
	count(*) FILTER (WHERE (a.tally + b.tally + c.tally) - (c.tally + a.tally) IS DISTINCT FROM b.tally) AS not_taken_back_either,
	count(*) FILTER (WHERE nps_responses(a.tally + b.tally) <> nps_responses(a.tally) + nps_responses(b.tally)) AS lost
FROM part a, part b, part c;
SELECT part AS wrong FROM part p
WHERE (SELECT nps_tally_agg(tally) FROM part) - tally IS DISTINCT FROM (SELECT nps_tally_agg(tally) FROM part o WHERE o.part <> p.part);

-- Parallel workers: 200,000 rows in 1,000 groups.
CREATE TABLE big AS
SELECT i, i % 1000 AS grp, CASE WHEN scrambled(-i) % 10 > 0 THEN scrambled(i) % 11 END AS score, NULL::integer AS nothing
FROM generate_series(1, 200000) AS i;
ALTER TABLE big SET (parallel_workers = 4);
ANALYZE big;
CREATE TABLE plain AS
SELECT grp, count(*) FILTER (WHERE score BETWEEN 0 AND 6) AS detractors, count(*) FILTER (WHERE score BETWEEN 7 AND 8) AS passives,
	count(*) FILTER (WHERE score BETWEEN 9 AND 10) AS promoters
FROM big GROUP BY grp;
CREATE FUNCTION plain_counts() RETURNS bigint[] LANGUAGE sql PARALLEL SAFE AS
	$$ SELECT ARRAY[sum(detractors), sum(passives), sum(promoters)] FROM plain $$;
CREATE FUNCTION counts(tally nps_tally) RETURNS bigint[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN ARRAY[nps_detractors(tally), nps_passives(tally), nps_promoters(tally)];

SET max_parallel_workers_per_gather = 0;
SELECT plan_has('SELECT nps_score(score) FROM big', 'Partial') AS not_parallel;
CREATE TABLE single AS
SELECT nps_score(score) AS nps, nps_tally_agg(score) AS tally, nps_low(score) AS low, nps_high(score) AS high FROM big;
SELECT counts(tally) = plain_counts() AS right FROM single;

SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 4;
-- each of them has a partial plan
SELECT call, plan_has(format('SELECT %s FROM big', call), 'Partial Aggregate') AS parallel
FROM unnest(ARRAY['nps_score(score)', 'nps_tally_agg(score)', 'nps_low(score)', 'nps_high(score)', 'nps_score(score, ''nps'')',
	'nps_tally_agg(score::text, ''nps'')', 'nps_score(score::real)', 'nps_score(score) FILTER (WHERE i % 2 = 0)',
	'nps_tally_agg(nps_counts(score, 0, 0))', 'nps_weighted_score(score, 1)']) AS call;
SELECT plan_has('SELECT grp, nps_score(score) FROM big GROUP BY grp', 'Partial (Hash|Group)Aggregate') AS parallel,
	plan_has('SELECT counts(nps_tally_agg(score)) = plain_counts() FROM big', 'Partial Aggregate') AS parallel;
SELECT count(*) AS checked, count(*) FILTER (WHERE (a.nps, a.tally, a.low, a.high) IS DISTINCT FROM (s.nps, s.tally, s.low, s.high)) AS wrong
FROM single s, (SELECT nps_score(score) AS nps, nps_tally_agg(score) AS tally, nps_low(score) AS low, nps_high(score) AS high FROM big) a;
SELECT counts(nps_tally_agg(score)) = plain_counts() AS integer, counts(nps_tally_agg(score::smallint)) = plain_counts() AS smallint,
	counts(nps_tally_agg(score::bigint)) = plain_counts() AS bigint, counts(nps_tally_agg(score::real)) = plain_counts() AS real,
	counts(nps_tally_agg(score::float8)) = plain_counts() AS double, counts(nps_tally_agg(score::numeric)) = plain_counts() AS numeric,
	counts(nps_tally_agg(score::text)) = plain_counts() AS text, counts(nps_tally_agg(score, 'nps')) = plain_counts() AS with_scale
FROM big;
SELECT count(*) AS groups, count(*) FILTER (WHERE counts(tally) IS DISTINCT FROM ARRAY[detractors, passives, promoters]) AS wrong
FROM (SELECT grp, nps_tally_agg(score) AS tally FROM big GROUP BY grp) a FULL JOIN plain USING (grp);
-- the workers alone, without the leader
SET parallel_leader_participation = off;
SELECT counts(nps_tally_agg(score)) = plain_counts() AS right FROM big;
SET parallel_leader_participation = on;
-- nothing to count: no rows pass the filter, all are NULL, or there are none
SELECT plan_has('SELECT nps_score(score) FILTER (WHERE false) FROM big', 'Partial Aggregate') AS parallel;
SELECT nps_score(score) FILTER (WHERE false) AS null_score, nps_tally_agg(score) FILTER (WHERE false) AS empty_tally,
	nps_low(score) FILTER (WHERE false) AS null_low, nps_tally_agg(nps_counts(1, 1, 1)) FILTER (WHERE false) AS empty_tally FROM big;
SELECT nps_score(nothing) AS null_score, nps_tally_agg(nothing) AS empty_tally, nps_score(nothing, NULL) AS null_score FROM big;
SELECT nps_score(score) AS null_score, nps_tally_agg(score) AS empty_tally FROM big WHERE i < 0;
-- more workers than blocks: one gets all rows, the others none
CREATE TABLE tiny AS SELECT 7 + i % 3 AS score FROM generate_series(1, 12) AS i;
ALTER TABLE tiny SET (parallel_workers = 4);
ANALYZE tiny;
CREATE FUNCTION costly(score integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 100000 AS 'BEGIN RETURN score; END';
SELECT plan_has('SELECT nps_score(costly(score)) FROM tiny', 'Partial Aggregate') AS parallel,
	plan_has('SELECT nps_tally_agg(costly(score), ''csat7'') FROM tiny WHERE score = 7', 'Partial Aggregate') AS parallel;
SELECT round(nps_score(costly(score))::numeric, 6) AS one_third_of_100, nps_tally_agg(costly(score)) AS twelve, nps_tally_agg(costly(score)) FILTER (WHERE score = 3) AS none FROM tiny;
SELECT nps_tally_agg(costly(score), 'csat7') AS four FROM tiny WHERE score = 7;

-- an error in a worker is the same error
CREATE TABLE dirty AS SELECT CASE WHEN i = 150000 THEN 11 ELSE 9 END AS score FROM generate_series(1, 200000) AS i;
ALTER TABLE dirty SET (parallel_workers = 4);
ANALYZE dirty;
SELECT plan_has('SELECT nps_score(score) FROM dirty', 'Partial Aggregate') AS parallel;
\set SHOW_CONTEXT never
SELECT nps_score(score) FROM dirty;
-- the one row of another scale has no score
SELECT nps_score(nullif(score, 11) % 5 + 1, CASE WHEN score = 11 THEN 'csat5' ELSE 'ces5' END) AS hundred FROM dirty;
-- ... or has one: then it meets the others, at the latest when the states of the workers are merged
\set VERBOSITY sqlstate
SELECT nps_score(least(score, 5), CASE WHEN score = 11 THEN 'csat5' ELSE 'ces5' END) FROM dirty;
\set VERBOSITY default
\set SHOW_CONTEXT errors
-- tallies of groups, merged in parallel
CREATE TABLE rollup AS SELECT grp, nps_tally_agg(score) AS tally FROM big GROUP BY grp;
ALTER TABLE rollup SET (parallel_workers = 4);
ANALYZE rollup;
SELECT plan_has('SELECT nps_tally_agg(tally) FROM rollup', 'Partial Aggregate') AS parallel;
SELECT nps_tally_agg(r.tally) = (SELECT tally FROM single) AS same FROM rollup r;

-- Partitions, one of them empty: cut at the partition key and across it.
CREATE TABLE divided (i integer, region text, grp integer, score integer) PARTITION BY LIST (region);
CREATE TABLE divided_0 PARTITION OF divided FOR VALUES IN ('0');
CREATE TABLE divided_1 PARTITION OF divided FOR VALUES IN ('1');
CREATE TABLE divided_2 PARTITION OF divided FOR VALUES IN ('2');
CREATE TABLE divided_empty PARTITION OF divided FOR VALUES IN ('9');
INSERT INTO divided SELECT i, (scrambled(i * 3) % 3)::text, grp % 20, score FROM big WHERE i <= 20000;
ANALYZE divided;
SET max_parallel_workers_per_gather = 0;
CREATE TABLE undivided AS
SELECT region, grp, count(*) FILTER (WHERE score BETWEEN 0 AND 6) AS detractors, count(*) FILTER (WHERE score BETWEEN 7 AND 8) AS passives,
	count(*) FILTER (WHERE score BETWEEN 9 AND 10) AS promoters
FROM divided GROUP BY region, grp;
SET enable_partitionwise_aggregate = on;
SELECT plan_has('SELECT grp, nps_score(score) FROM divided GROUP BY grp', 'Partial (Hash|Group)Aggregate') AS across_partitions,
	plan_has('SELECT region, nps_score(score) FROM divided GROUP BY region', '-> +(Hash|Group)Aggregate') AS by_partition;
SELECT count(*) AS groups, count(*) FILTER (WHERE counts(tally) IS DISTINCT FROM plain) AS wrong
FROM (SELECT grp, nps_tally_agg(score) AS tally FROM divided GROUP BY grp) a
FULL JOIN (SELECT grp, ARRAY[sum(detractors), sum(passives), sum(promoters)]::bigint[] AS plain FROM undivided GROUP BY grp) p USING (grp);
SELECT count(*) AS groups, count(*) FILTER (WHERE counts(tally) IS DISTINCT FROM plain) AS wrong
FROM (SELECT region, nps_tally_agg(score, 'nps') AS tally FROM divided GROUP BY region) a
FULL JOIN (SELECT region, ARRAY[sum(detractors), sum(passives), sum(promoters)]::bigint[] AS plain FROM undivided GROUP BY region) p USING (region);
SELECT nps_score(score) = (SELECT nps_score(score) FROM big WHERE i <= 20000) AS same, nps_score(score) FILTER (WHERE region = '9') AS null_score FROM divided;
-- partitions and workers at once
SET max_parallel_workers_per_gather = 4;
SELECT nps_tally_agg(score) = (SELECT nps_tally_agg(score) FROM big WHERE i <= 20000) AS same FROM divided;
RESET enable_partitionwise_aggregate;

-- Groups that do not fit into memory are spilled to disk and read back.
SET work_mem = '64kB';
SET enable_sort = off;
CREATE FUNCTION spills(query text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, FORMAT JSON) ' || query INTO plan;
	RETURN plan::text ~ '"HashAgg Batches": ([2-9]|[1-9][0-9])';
END
$$;
SET max_parallel_workers_per_gather = 0;
SELECT spills('SELECT i % 20000, nps_tally_agg(score), nps_score(score) FROM big GROUP BY i % 20000') AS to_disk;
SELECT count(*) AS groups, count(*) FILTER (WHERE counts(a.tally) IS DISTINCT FROM p.plain) AS wrong,
	count(*) FILTER (WHERE a.nps IS DISTINCT FROM nps_score(a.tally)) AS another_score
FROM (SELECT i % 20000 AS g, nps_tally_agg(score) AS tally, nps_score(score) AS nps FROM big GROUP BY i % 20000) a
FULL JOIN (SELECT i % 20000 AS g, ARRAY[count(*) FILTER (WHERE score < 7), count(*) FILTER (WHERE score IN (7, 8)), count(*) FILTER (WHERE score > 8)] AS plain
	FROM big GROUP BY i % 20000) p USING (g);
SET max_parallel_workers_per_gather = 4;
SELECT count(*) AS groups, count(*) FILTER (WHERE nps_responses(tally) <> answers) AS wrong
FROM (SELECT i % 20000 AS g, nps_tally_agg(score) AS tally, count(score) AS answers FROM big GROUP BY i % 20000) a;
-- by sorting instead
RESET enable_sort;
SET enable_hashagg = off;
SELECT count(*) AS groups, count(*) FILTER (WHERE nps_responses(tally) <> answers) AS wrong
FROM (SELECT i % 20000 AS g, nps_tally_agg(score) AS tally, count(score) AS answers FROM big GROUP BY i % 20000) a;
RESET enable_hashagg;
RESET work_mem;
RESET max_parallel_workers_per_gather;
RESET min_parallel_table_scan_size;
RESET parallel_tuple_cost;
RESET parallel_setup_cost;

-- Windows.  Rows leave a moving frame through the inverse functions; copies of
-- the aggregates without these count each frame from the start.
CREATE AGGREGATE recounted(integer) (SFUNC = nps_tally_accum, STYPE = nps_tally, INITCOND = '{}');
CREATE AGGREGATE recounted(integer, text) (SFUNC = nps_tally_accum, STYPE = nps_tally, INITCOND = '{}');
CREATE AGGREGATE recounted(nps_tally) (SFUNC = nps_tally_add, STYPE = nps_tally, INITCOND = '{}');
CREATE TABLE event AS
SELECT i, scrambled(i * 5) % 3 AS grp, timestamp '2024-01-01' + scrambled(i * 7) % 200 * interval '6 hours' AS at,
	CASE WHEN scrambled(-i) % 4 > 0 THEN scrambled(i) % 11 END AS score,
	(ARRAY['nps', 'csat5', 'health'])[1 + scrambled(i * 11) % 3] AS scale
FROM generate_series(1, 300) AS i;
SELECT count(*) > count(DISTINCT at) AS has_peers, count(*) > count(score) AS has_nulls FROM event;
CREATE FUNCTION wrong_frames(definition text) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	result bigint;
BEGIN
	EXECUTE format($sql$
		SELECT count(*) FILTER (WHERE moving IS DISTINCT FROM twin OR of_tallies IS DISTINCT FROM twin OR of_text IS DISTINCT FROM twin
			OR counts(moving) IS DISTINCT FROM ARRAY[detractors, passives, promoters]
			OR (nps, low, high) IS DISTINCT FROM (nps_score(twin), nps_low(twin), nps_high(twin))
			OR with_filter IS DISTINCT FROM twin_with_filter)
		FROM (
			SELECT nps_tally_agg(score) OVER w AS moving, recounted(score) OVER w AS twin,
				nps_tally_agg(CASE WHEN score IS NOT NULL THEN nps_tally_accum('{}', score) END) OVER w AS of_tallies,
				nps_tally_agg(score::text, 'nps') OVER w AS of_text,
				nps_score(score) OVER w AS nps, nps_low(score) OVER w AS low, nps_high(score) OVER w AS high,
				count(*) FILTER (WHERE score BETWEEN 0 AND 6) OVER w AS detractors,
				count(*) FILTER (WHERE score BETWEEN 7 AND 8) OVER w AS passives,
				count(*) FILTER (WHERE score BETWEEN 9 AND 10) OVER w AS promoters,
				nps_tally_agg(score) FILTER (WHERE i %% 3 = 0) OVER w AS with_filter,
				recounted(score) FILTER (WHERE i %% 3 = 0) OVER w AS twin_with_filter
			FROM event WINDOW w AS (%s)
		) f
		$sql$, definition) INTO result;
	RETURN result;
END
$$;
SELECT count(*) AS windows, sum(wrong_frames) AS wrong, min(definition) FILTER (WHERE wrong_frames > 0) AS first_wrong
FROM unnest('{"", "PARTITION BY grp"}'::text[]) AS partition,
	unnest('{"ORDER BY i", "ORDER BY at, i DESC", "ORDER BY score, i", "ORDER BY i DESC"}'::text[]) AS ordering,
	unnest(ARRAY['ROWS UNBOUNDED PRECEDING', 'ROWS 0 PRECEDING', 'ROWS 1 PRECEDING', 'ROWS 30 PRECEDING', 'ROWS 1000 PRECEDING',
		'ROWS BETWEEN 5 PRECEDING AND 3 FOLLOWING', 'ROWS BETWEEN 7 PRECEDING AND 4 PRECEDING', 'ROWS BETWEEN 2 FOLLOWING AND 9 FOLLOWING',
		'ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING', 'ROWS BETWEEN 3 FOLLOWING AND 1 FOLLOWING', 'ROWS BETWEEN 5 PRECEDING AND 3 FOLLOWING EXCLUDE CURRENT ROW',
		'GROUPS BETWEEN 3 PRECEDING AND 1 FOLLOWING']) AS frame,
	concat_ws(' ', partition, ordering, frame) AS definition,
	wrong_frames(definition);
SELECT count(*) AS windows, sum(wrong_frames) AS wrong, min(definition) FILTER (WHERE wrong_frames > 0) AS first_wrong
FROM unnest('{"", "PARTITION BY grp"}'::text[]) AS partition,
	unnest('{"ORDER BY at", "ORDER BY at DESC"}'::text[]) AS ordering,
	unnest(ARRAY['RANGE UNBOUNDED PRECEDING', 'RANGE BETWEEN interval ''7 days'' PRECEDING AND CURRENT ROW',
		'RANGE BETWEEN interval ''1 day'' PRECEDING AND interval ''36 hours'' FOLLOWING',
		'RANGE BETWEEN interval ''3 days'' PRECEDING AND interval ''2 days'' PRECEDING', 'RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING',
		'GROUPS 2 PRECEDING', 'GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING', 'GROUPS BETWEEN 2 FOLLOWING AND 5 FOLLOWING',
		'GROUPS BETWEEN 4 PRECEDING AND CURRENT ROW EXCLUDE TIES', 'ROWS 10 PRECEDING']) AS frame,
	concat_ws(' ', partition, ordering, frame) AS definition,
	wrong_frames(definition);
SELECT wrong_frames('') AS whole, wrong_frames('PARTITION BY grp') AS by_group, wrong_frames('PARTITION BY i') AS by_row;
-- a scale for each partition, and the tallies of 20 answers removed again
SELECT count(*) AS frames, count(*) FILTER (WHERE moving IS DISTINCT FROM twin) AS wrong, count(DISTINCT nps_tally_scale(moving)) AS scales
FROM (
	SELECT nps_tally_agg(score % 5 + 1, scale) OVER w AS moving, recounted(score % 5 + 1, scale) OVER w AS twin
	FROM event WINDOW w AS (PARTITION BY scale ORDER BY i ROWS BETWEEN 20 PRECEDING AND 1 PRECEDING)
) f;
-- ... and scales that alternate in one partition, never two at once in a frame
SELECT count(*) AS frames, count(*) FILTER (WHERE moving IS DISTINCT FROM twin) AS wrong, count(DISTINCT nps_tally_scale(moving)) AS scales,
	count(*) FILTER (WHERE moving = '{}') AS empty
FROM (
	SELECT nps_tally_agg(score % 5 + 1, scale) FILTER (WHERE i % 3 = 0) OVER w AS moving,
		recounted(score % 5 + 1, scale) FILTER (WHERE i % 3 = 0) OVER w AS twin
	FROM event WINDOW w AS (ORDER BY i ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)
) f;
-- a long way: the last of 20,000 frames is still right
SELECT count(*) AS frames, count(*) FILTER (WHERE counts(moving) <> plain) AS wrong
FROM (
	SELECT nps_tally_agg(score) OVER w AS moving,
		ARRAY[count(*) FILTER (WHERE score < 7) OVER w, count(*) FILTER (WHERE score IN (7, 8)) OVER w, count(*) FILTER (WHERE score > 8) OVER w] AS plain
	FROM big WHERE i <= 20000 WINDOW w AS (ORDER BY i ROWS 500 PRECEDING)
) f;

-- States that were written out, as text and in binary, merge like those that were not.
CREATE TABLE written (grp integer, tally nps_tally);
INSERT INTO written SELECT grp, tally::text::nps_tally FROM rollup;
SELECT count(*) AS groups, count(*) FILTER (WHERE w.tally IS DISTINCT FROM r.tally) AS wrong FROM rollup r FULL JOIN written w USING (grp);
INSERT INTO rollup SELECT -1, nps_tally '{}' UNION ALL SELECT -2, '{0,0,0,0,0,0,0,0,0,0,9223372036854775807}' UNION ALL SELECT -3, '{;17,33,50}'
	UNION ALL SELECT -4, nps_tally_agg(score, scale) FROM answer WHERE scale = 'csat7' UNION ALL SELECT -5, nps_tally_agg(score, scale) FROM answer WHERE scale = 'health';
TRUNCATE written;
\copy rollup TO 'results/nps_tally.binary' (FORMAT binary)
\copy written FROM 'results/nps_tally.binary' (FORMAT binary)
SELECT count(*) AS groups, count(*) FILTER (WHERE w.tally IS DISTINCT FROM r.tally) AS wrong FROM rollup r FULL JOIN written w USING (grp);
SELECT nps_tally_agg(tally) = (SELECT tally FROM single) AS same FROM written WHERE grp >= 0;
SELECT grp, tally FROM written WHERE grp IN (-1, -2, -3) ORDER BY grp;
SELECT count(*) AS both FROM written WHERE (grp = -4 AND tally = (SELECT tally FROM counted WHERE scale = 'csat7'))
	OR (grp = -5 AND tally = (SELECT tally FROM counted WHERE scale = 'health'));

SET client_min_messages = warning;
DROP SCHEMA nps_test_merging CASCADE;
