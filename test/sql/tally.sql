-- The type nps_tally: text and binary form, operators and indexes, casts,
-- nps_counts() and the accessors.
\set VERBOSITY default
\getenv abs_builddir PG_ABS_BUILDDIR
CREATE SCHEMA tally_test;
SET search_path = tally_test, public;

-- The error code of a statement; 00000 if it succeeds.
CREATE FUNCTION sqlstate_of(query text) RETURNS text
	LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE query;
	RETURN '00000';
EXCEPTION WHEN OTHERS THEN
	RETURN sqlstate;
END
$$;

--
-- Text form
--
SELECT '{2,0,1,0,0,4,3,9,20,31,25}'::nps_tally AS by_score;
SELECT 'csat5{1,2,3,4,5}'::nps_tally AS other_scale;
SELECT '{2,0,1,0,0,4,3,9,20,31,25;17,33,50}'::nps_tally AS with_categories;
SELECT '{;17,33,50}'::nps_tally AS categories_only;
SELECT '{}'::nps_tally AS empty;
SELECT 'health{;1,2,3}'::nps_tally AS fractions_have_no_scores;

-- Every way to write a tally, and its output.
CREATE TABLE form (input text, output text);
INSERT INTO form VALUES
	('{}', '{}'),
	('{;0,0,0}', '{}'),
	('{0,0,0,0,0,0,0,0,0,0,0}', '{}'),
	('{0,0,0,0,0,0,0,0,0,0,0;0,0,0}', '{}'),
	('nps{}', '{}'),
	('csat5{}', '{}'),
	('csat5{0,0,0,0,0}', '{}'),
	('health{;0,0,0}', '{}'),
	('nps{1,2,3,4,5,6,7,8,9,10,11}', '{1,2,3,4,5,6,7,8,9,10,11}'),
	('{1,2,3,4,5,6,7,8,9,10,11;0,0,0}', '{1,2,3,4,5,6,7,8,9,10,11}'),
	('{0,0,0,0,0,0,0,0,0,0,0;1,2,3}', '{;1,2,3}'),
	('{0,0,0,0,0,0,0,0,0,0,1;0,0,1}', '{0,0,0,0,0,0,0,0,0,0,1;0,0,1}'),
	('csat5{1,2,3,4,5;6,7,8}', 'csat5{1,2,3,4,5;6,7,8}'),
	('csat5{;6,7,8}', 'csat5{;6,7,8}'),
	('csat7{1,2,3,4,5,6,7}', 'csat7{1,2,3,4,5,6,7}'),
	('ces5{5,4,3,2,1}', 'ces5{5,4,3,2,1}'),
	('ces7{7,6,5,4,3,2,1}', 'ces7{7,6,5,4,3,2,1}'),
	('ces5_reversed{1,0,0,0,9}', 'ces5_reversed{1,0,0,0,9}'),
	(E' \t\n csat5 { 1 ,2, 3\t,4 ,5 ; 6,7 , 8 } ', 'csat5{1,2,3,4,5;6,7,8}'),
	('{ }', '{}'),
	('{ ; 1 , 2 , 3 }', '{;1,2,3}'),
	('{007,0,0,0,0,0,0,0,0,0,0}', '{7,0,0,0,0,0,0,0,0,0,0}'),
	('{0,0,0,0,0,0,0,0,0,0,9223372036854775807}', '{0,0,0,0,0,0,0,0,0,0,9223372036854775807}'),
	('{00000000000000000000000000000001,0,0,0,0,0,0,0,0,0,0}', '{1,0,0,0,0,0,0,0,0,0,0}'),
	('{1,0,0,0,0,0,0,0,0,0,0;0,0,9223372036854775806}', '{1,0,0,0,0,0,0,0,0,0,0;0,0,9223372036854775806}'),
	('health{;9223372036854775807,0,0}', 'health{;9223372036854775807,0,0}');
SELECT count(*) AS forms_26, count(DISTINCT output) AS tallies_15 FROM form;
SELECT input, input::nps_tally AS got, output AS expected FROM form WHERE input::nps_tally::text <> output;
-- what is shown reads back as the same tally
SELECT input FROM form WHERE output::nps_tally <> input::nps_tally;

-- For anything that is not a tally the error says what is wrong with it.
SELECT ''::nps_tally;
SELECT '   '::nps_tally;
SELECT '42'::nps_tally;
SELECT 'nps'::nps_tally;
SELECT 'stars{1,2,3,4,5}'::nps_tally;
SELECT 'NPS{}'::nps_tally;
SELECT '(1,2,3,4,5)'::nps_tally;
SELECT '{'::nps_tally;
SELECT '}'::nps_tally;
SELECT '{}}'::nps_tally;
SELECT '{} {}'::nps_tally;
SELECT '{;}'::nps_tally;
SELECT '{;1}'::nps_tally;
SELECT '{;1,2}'::nps_tally;
SELECT '{;1,2,3,4}'::nps_tally;
SELECT '{;1,2,3;4}'::nps_tally;
SELECT '{;1,2,3'::nps_tally;
SELECT '{;1,-2,3}'::nps_tally;
SELECT '{1}'::nps_tally;
SELECT '{1,2,3,4,5,6,7,8,9,10}'::nps_tally;
SELECT '{1,2,3,4,5,6,7,8,9,10,11,12}'::nps_tally;
SELECT '{1,2,3,4,5,6,7,8,9,10,11'::nps_tally;
SELECT 'csat5{1,2,3,4}'::nps_tally;
SELECT 'csat5{1,2,3,4,5,6}'::nps_tally;
SELECT 'csat7{1,2,3,4,5,6}'::nps_tally;
SELECT 'health{1,2,3}'::nps_tally;
SELECT '{-1,0,0,0,0,0,0,0,0,0,0}'::nps_tally;
SELECT '{+1,0,0,0,0,0,0,0,0,0,0}'::nps_tally;
SELECT '{1.0,0,0,0,0,0,0,0,0,0,0}'::nps_tally;
SELECT '{1e2,0,0,0,0,0,0,0,0,0,0}'::nps_tally;
SELECT '{NULL,0,0,0,0,0,0,0,0,0,0}'::nps_tally;
SELECT '{,0,0,0,0,0,0,0,0,0,0}'::nps_tally;
SELECT '{0,0,0,0,0,0,0,0,0,0,}'::nps_tally;
SELECT '{0,0,0,0,0,,0,0,0,0,0}'::nps_tally;
SELECT '{1 2,0,0,0,0,0,0,0,0,0,0}'::nps_tally;
SELECT '{9223372036854775808,0,0,0,0,0,0,0,0,0,0}'::nps_tally;
SELECT '{99999999999999999999999999,0,0,0,0,0,0,0,0,0,0}'::nps_tally;
-- each counter fits, but not their sum
SELECT '{9223372036854775807,1,0,0,0,0,0,0,0,0,0}'::nps_tally;
SELECT '{0,0,0,0,0,0,0,0,0,0,1;0,0,9223372036854775807}'::nps_tally;

SELECT input, got, expected
FROM (VALUES ('', '22P02'), ('stars{}', '22P02'), ('{', '22P02'), ('{;}', '22P02'), ('{1}', '22P02'), ('{}x', '22P02'),
	('health{1}', '22P02'), ('{-1,0,0,0,0,0,0,0,0,0,0}', '22P02'), ('{9223372036854775808,0,0,0,0,0,0,0,0,0,0}', '22P02'),
	('{;9223372036854775807,0,1}', '22003')) AS wrong (input, expected),
	LATERAL sqlstate_of(format('SELECT %L::nps_tally', input)) AS got
WHERE got <> expected;

-- In arrays, rows and JSON.
SELECT ARRAY['{;1,2,3}', NULL, '{}', 'csat5{1,2,3,4,5}']::nps_tally[] AS in_array;
SELECT (ARRAY['{;1,2,3}', NULL, '{}', 'csat5{1,2,3,4,5}']::nps_tally[])::text::nps_tally[]
	= ARRAY['{;1,2,3}', NULL, '{}', 'csat5{1,2,3,4,5}']::nps_tally[] AS and_back;
SELECT ROW('{;1,2,3}'::nps_tally, 1) AS in_row;
SELECT to_json('csat5{1,2,3,4,5}'::nps_tally) AS in_json;

-- COPY in text form.
CREATE TABLE stored (id integer PRIMARY KEY, tally nps_tally);
COPY stored FROM STDIN;
1	{2,0,1,0,0,4,3,9,20,31,25}
2	csat5{1,2,3,4,5;6,7,8}
3	{}
4	\N
5	health{;0,9223372036854775807,0}
\.
COPY stored FROM STDIN;
6	{1,2}
\.
COPY stored (tally, id) TO STDOUT;

--
-- Binary form
--
SELECT typlen AS bytes_120, typbyval AS by_value_f, typalign AS align_d, typstorage AS storage_p, typcategory
FROM pg_type WHERE oid = 'nps_tally'::regtype;
-- version 1, scale 2 (csat5), scores 0 to 10, then detractors, passives, promoters
SELECT regexp_replace(encode(nps_tally_send('csat5{1,2,3,4,5;6,7,8}'), 'hex'), '^(.{8})(.{8})', '\1 \2 ') AS bytes;
SELECT encode(nps_tally_send('{}'), 'hex') = '00000001' || repeat('00', 116) AS empty_is_version_and_zeros;
SELECT output FROM form WHERE octet_length(nps_tally_send(output::nps_tally)) <> 120;

-- Through binary COPY, out and in again.  The file is written and read by psql,
-- beside the other results of this test run.
CREATE TABLE sent (id integer, tally nps_tally);
INSERT INTO sent SELECT row_number() OVER (ORDER BY input), input::nps_tally FROM form;
CREATE TABLE received (LIKE sent);
\set save '\\copy sent TO ''' :abs_builddir '/results/tally_sent.bin'' (FORMAT binary)'
\set load '\\copy received FROM ''' :abs_builddir '/results/tally_sent.bin'' (FORMAT binary)'
:save
:load
SELECT count(*) AS rows_26 FROM received;
SELECT id, sent.tally, received.tally FROM sent FULL JOIN received USING (id)
WHERE nps_tally_send(sent.tally) IS DISTINCT FROM nps_tally_send(received.tally);

-- What a hostile sender may send.  In a binary file a bytea looks like a tally with
-- the same bytes.
CREATE TABLE message (bytes bytea);
CREATE TABLE inbox (tally nps_tally);
\set save '\\copy message TO ''' :abs_builddir '/results/tally_message.bin'' (FORMAT binary)'
\set load '\\copy inbox FROM ''' :abs_builddir '/results/tally_message.bin'' (FORMAT binary)'
CREATE FUNCTION send(version integer, scale integer, VARIADIC counters bigint[]) RETURNS void
	LANGUAGE sql
	BEGIN ATOMIC
		DELETE FROM message;
		INSERT INTO message
		SELECT int4send(version) || int4send(scale) || string_agg(int8send(counter), '' ORDER BY place)
		FROM unnest(counters) WITH ORDINALITY AS each (counter, place);
	END;

SELECT send(1, 1, 0,1,2,3,4,5,6,7,8,9,10, 11,12,13) AS sound;
:save
:load
SELECT send(1, 3, 0,0,0,0,0,0,0,0,0,0,0, 0,0,0) AS empty_with_a_scale;
:save
:load
SELECT tally FROM inbox;
SELECT encode(nps_tally_send(tally), 'hex') = '00000001' || repeat('00', 116) AS forgot_its_scale FROM inbox WHERE tally = '{}';

SELECT send(2, 1, 0,1,2,3,4,5,6,7,8,9,10, 0,0,0) AS version_of_tomorrow;
:save
:load
SELECT send(0, 1, 0,1,2,3,4,5,6,7,8,9,10, 0,0,0) AS no_version;
:save
:load
SELECT send(1, 8, 0,1,2,3,4,5,6,7,8,9,10, 0,0,0) AS unknown_scale;
:save
:load
SELECT send(1, -1, 0,1,2,3,4,5,6,7,8,9,10, 0,0,0) AS negative_scale;
:save
:load
SELECT send(1, 0, 0,1,2,3,4,5,6,7,8,9,10, 0,0,0) AS answers_without_scale;
:save
:load
SELECT send(1, 1, 0,1,2,3,4,5,6,7,8,9,-10, 0,0,0) AS counter_below_zero;
:save
:load
SELECT send(1, 1, 0,1,2,3,4,5,6,7,8,9,10, 0,0,-1) AS category_counter_below_zero;
:save
:load
SELECT send(1, 1, 9223372036854775807,0,0,0,0,0,0,0,0,0,0, 0,0,1) AS sum_too_large;
:save
:load
SELECT send(1, 2, 1,1,2,3,4,5,0,0,0,0,0, 0,0,0) AS score_0_of_csat5;
:save
:load
SELECT send(1, 2, 0,1,2,3,4,5,6,0,0,0,0, 0,0,0) AS score_6_of_csat5;
:save
:load
SELECT send(1, 7, 0,1,0,0,0,0,0,0,0,0,0, 0,0,0) AS score_of_health;
:save
:load
SELECT send(1, 1, 0,1,2,3,4,5,6,7,8,9,10, 0,0) AS too_short;
:save
:load
SELECT send(1, 1, 0,1,2,3,4,5,6,7,8,9,10, 0,0,0,0) AS too_long;
:save
:load
DELETE FROM message;
INSERT INTO message VALUES ('');
:save
:load
SELECT count(*) AS still_2 FROM inbox;

--
-- Arithmetic
--
SELECT '{1,2,3,4,5,6,7,8,9,10,11}'::nps_tally + '{1,1,1,1,1,1,1,1,1,1,1;1,2,3}'::nps_tally AS one_more_each;
SELECT '{1,2,3,4,5,6,7,8,9,10,11;1,2,3}'::nps_tally - '{1,1,1,1,1,1,1,1,1,1,1;1,1,1}'::nps_tally AS one_less_each;
SELECT '{}'::nps_tally + 'ces7{1,2,3,4,5,6,7}'::nps_tally AS takes_the_scale, 'ces7{1,2,3,4,5,6,7}'::nps_tally + '{}'::nps_tally AS keeps_it;
SELECT '{}'::nps_tally + '{}'::nps_tally AS empty, '{}'::nps_tally - '{}'::nps_tally AS empty, 'csat5{1,0,0,0,0}'::nps_tally - '{}'::nps_tally AS the_same;
SELECT 'csat5{1,2,3,4,5}'::nps_tally - 'csat5{1,2,3,4,5}'::nps_tally AS empty,
	'csat5{1,2,3,4,5}'::nps_tally - 'csat5{1,2,3,4,5}'::nps_tally = '{}' AS forgot_its_scale,
	'csat5{1,2,3,4,5}'::nps_tally - 'csat5{1,2,3,4,5}'::nps_tally + '{;1,1,1}'::nps_tally AS merges_with_nps;
SELECT '{9223372036854775806,0,0,0,0,0,0,0,0,0,0}'::nps_tally + '{1,0,0,0,0,0,0,0,0,0,0}'::nps_tally AS up_to_the_limit;
SELECT '{9223372036854775807,0,0,0,0,0,0,0,0,0,0}'::nps_tally + '{1,0,0,0,0,0,0,0,0,0,0}'::nps_tally AS counter_overflows;
SELECT '{9223372036854775807,0,0,0,0,0,0,0,0,0,0}'::nps_tally + '{0,0,0,0,0,0,0,0,0,0,1}'::nps_tally AS sum_overflows;
SELECT '{1,0,0,0,0,0,0,0,0,0,0}'::nps_tally - '{2,0,0,0,0,0,0,0,0,0,0}'::nps_tally AS below_zero;
SELECT '{1,0,0,0,0,0,0,0,0,0,0}'::nps_tally - '{;1,0,0}'::nps_tally AS below_zero_of_another_kind;
SELECT '{}'::nps_tally - '{1,0,0,0,0,0,0,0,0,0,0}'::nps_tally AS below_zero_from_empty;
SELECT 'csat5{1,0,0,0,0}'::nps_tally + 'ces5{1,0,0,0,0}'::nps_tally AS two_scales;
SELECT '{;1,0,0}'::nps_tally - 'health{;1,0,0}'::nps_tally AS two_scales;
SELECT sqlstate_of($$SELECT '{9223372036854775807,0,0,0,0,0,0,0,0,0,0}'::nps_tally + '{;0,0,1}'$$) AS is_22003,
	sqlstate_of($$SELECT '{}'::nps_tally - '{;0,0,1}'$$) AS is_22003,
	sqlstate_of($$SELECT '{;1,0,0}'::nps_tally + 'csat7{;1,0,0}'$$) AS is_22023;
SELECT '{;1,1,1}'::nps_tally + NULL IS NULL AS null_right, NULL - '{;1,1,1}'::nps_tally IS NULL AS null_left;

-- Laws, over pairs and triples of tallies of one scale: the order of merging
-- does not matter, what was added can be taken away, and operands stay as they are.
CREATE TABLE term AS
SELECT scale, n, format('%s{%s;%s,%s,%s}', scale,
	CASE WHEN whole_scores_only THEN (SELECT string_agg(((n * (k + 3)) % 7)::text, ',') FROM generate_series(min_score::integer, max_score) AS k) END,
	n % 2, n % 3, n % 5)::nps_tally AS tally
FROM nps_scales(), generate_series(0, 5) AS n;
SELECT count(*) AS terms_42, count(DISTINCT tally) AS different_36, sum(nps_responses(tally)) AS answers_738 FROM term;
CREATE TABLE term_before AS SELECT scale, n, tally::text AS shown FROM term;
SELECT a.tally, b.tally, c.tally
FROM term AS a JOIN term AS b USING (scale) JOIN term AS c USING (scale)
WHERE a.tally + b.tally <> b.tally + a.tally
	OR (a.tally + b.tally) + c.tally <> a.tally + (b.tally + c.tally)
	OR (a.tally + b.tally) - b.tally <> a.tally
	OR nps_tally_send((a.tally + b.tally) - b.tally) <> nps_tally_send(a.tally)
	OR nps_responses(a.tally + b.tally) <> nps_responses(a.tally) + nps_responses(b.tally);
SELECT scale, n, shown, tally FROM term JOIN term_before USING (scale, n) WHERE tally::text <> shown;

--
-- Comparison
--
SELECT oprname, oprcode, oprcom::regoperator, oprnegate::regoperator, oprcanhash, oprcanmerge, oprrest, oprjoin
FROM pg_operator WHERE oprleft = 'nps_tally'::regtype OR oprright = 'nps_tally'::regtype
ORDER BY oprname COLLATE "C";
SELECT amname, opcname, opcdefault, amvalidate(pg_opclass.oid) AS valid
FROM pg_opclass JOIN pg_am ON pg_am.oid = opcmethod
WHERE opcintype = 'nps_tally'::regtype ORDER BY amname;

-- The order: the empty tally, then by scale as nps_scales() lists them, then by
-- counters from the lowest score on.  All operators on all pairs.
CREATE TABLE ordered AS
SELECT row_number() OVER () AS place, tally::nps_tally
FROM unnest('{
	"{}",
	"{;0,0,1}", "{;0,1,0}", "{;1,0,0}",
	"{0,0,0,0,0,0,0,0,0,0,1}", "{0,0,0,0,0,0,0,0,0,0,1;0,0,1}", "{0,0,0,0,0,0,0,0,0,0,2}",
	"{0,0,0,0,0,0,0,0,0,1,0}", "{1,0,0,0,0,0,0,0,0,0,0}", "{2,0,0,0,0,0,0,0,0,0,0}", "{10,0,0,0,0,0,0,0,0,0,0}",
	"{9223372036854775807,0,0,0,0,0,0,0,0,0,0}",
	"csat5{;0,0,1}", "csat5{0,0,0,0,1}", "csat5{1,0,0,0,0}",
	"csat7{0,0,0,0,0,0,1}", "ces5{0,0,0,0,1}", "ces7{0,0,0,0,0,0,1}", "ces5_reversed{0,0,0,0,1}", "health{;0,0,1}"
	}'::text[]) AS tally;
SELECT count(*) AS tallies_20 FROM ordered;
SELECT a.tally, b.tally
FROM ordered AS a, ordered AS b
WHERE (a.tally < b.tally) IS DISTINCT FROM (a.place < b.place)
	OR (a.tally <= b.tally) IS DISTINCT FROM (a.place <= b.place)
	OR (a.tally = b.tally) IS DISTINCT FROM (a.place = b.place)
	OR (a.tally <> b.tally) IS DISTINCT FROM (a.place <> b.place)
	OR (a.tally >= b.tally) IS DISTINCT FROM (a.place >= b.place)
	OR (a.tally > b.tally) IS DISTINCT FROM (a.place > b.place)
	OR nps_tally_cmp(a.tally, b.tally) IS DISTINCT FROM sign(a.place - b.place)::integer;
SELECT '{}'::nps_tally = NULL IS NULL AS null_equal, nps_tally_cmp(NULL, '{}') IS NULL AS null_cmp;

-- Hashes: the seed 0 gives the plain one, another seed a different one, and equal
-- tallies have equal hashes however they were made.
SELECT tally FROM ordered
WHERE nps_tally_hash(tally)::bit(32) <> nps_tally_hash_extended(tally, 0)::bit(32)
	OR nps_tally_hash(tally)::bit(32) = nps_tally_hash_extended(tally, 1)::bit(32);
SELECT count(DISTINCT nps_tally_hash(tally)) AS different_20 FROM ordered;
SELECT tally FROM ordered WHERE nps_tally_hash(tally - tally) <> nps_tally_hash('{}') OR nps_tally_hash(tally::text::nps_tally) <> nps_tally_hash(tally);

-- Joins, each kind forced.  40 rows on one side, each tally twice.
CREATE TABLE twice AS SELECT place, tally FROM ordered UNION ALL SELECT place + 100, tally FROM ordered;
ANALYZE ordered, twice;
SET enable_nestloop = off;
SET enable_mergejoin = off;
EXPLAIN (COSTS OFF) SELECT count(*) FROM ordered JOIN twice USING (tally);
SELECT count(*) AS pairs_40, sum(twice.place - ordered.place) AS shifted_2000 FROM ordered JOIN twice USING (tally);
RESET enable_mergejoin;
SET enable_hashjoin = off;
EXPLAIN (COSTS OFF) SELECT count(*) FROM ordered JOIN twice USING (tally);
SELECT count(*) AS pairs_40, sum(twice.place - ordered.place) AS shifted_2000 FROM ordered JOIN twice USING (tally);
RESET enable_hashjoin;
RESET enable_nestloop;

-- DISTINCT, GROUP BY and ORDER BY, hashed and sorted.
SET enable_sort = off;
SELECT count(*) AS distinct_20 FROM (SELECT DISTINCT tally FROM twice) AS d;
SELECT count(*) AS groups_20, min(n) AS each_2, max(n) AS each_2 FROM (SELECT tally, count(*) AS n FROM twice GROUP BY tally) AS g;
RESET enable_sort;
SET enable_hashagg = off;
SELECT count(*) AS distinct_20 FROM (SELECT DISTINCT tally FROM twice) AS d;
SELECT count(*) AS groups_20, min(n) AS each_2, max(n) AS each_2 FROM (SELECT tally, count(*) AS n FROM twice GROUP BY tally) AS g;
RESET enable_hashagg;
SELECT tally FROM ordered ORDER BY tally DESC NULLS LAST LIMIT 3;
SELECT count(*) AS in_order_0 FROM (SELECT place, row_number() OVER (ORDER BY tally) AS sorted FROM ordered) AS s WHERE place <> sorted;

-- Indexes, and a key.
CREATE INDEX ordered_btree ON ordered (tally);
CREATE INDEX ordered_hash ON ordered USING hash (tally);
SET enable_seqscan = off;
SET enable_bitmapscan = off;
EXPLAIN (COSTS OFF) SELECT place FROM ordered WHERE tally < '{;1,0,0}' ORDER BY tally;
SELECT place FROM ordered WHERE tally < '{;1,0,0}' ORDER BY tally;
SELECT place FROM ordered WHERE tally BETWEEN 'csat5{;0,0,1}' AND 'csat5{1,0,0,0,0}' ORDER BY tally;
DROP INDEX ordered_btree;
EXPLAIN (COSTS OFF) SELECT place FROM ordered WHERE tally = '{1,0,0,0,0,0,0,0,0,0,0}';
SELECT place AS is_9 FROM ordered WHERE tally = '{1,0,0,0,0,0,0,0,0,0,0}';
RESET enable_seqscan;
RESET enable_bitmapscan;
CREATE TABLE keyed (tally nps_tally PRIMARY KEY) PARTITION BY HASH (tally);
CREATE TABLE keyed_0 PARTITION OF keyed FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE keyed_1 PARTITION OF keyed FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO keyed SELECT tally FROM ordered;
INSERT INTO keyed SELECT tally FROM twice ON CONFLICT DO NOTHING;
SELECT count(*) AS keys_20, count(DISTINCT tableoid) AS partitions_2 FROM keyed;

--
-- Casts from and to bigint[]
--
SELECT '{2,0,1,0,0,4,3,9,20,31,25}'::nps_tally::bigint[] AS by_score;
SELECT '{2,0,1,0,0,4,3,9,20,31,25;1,0,0}'::nps_tally::bigint[] AS with_categories;
SELECT '{;17,33,50}'::nps_tally::bigint[] AS categories_only;
SELECT 'csat5{1,2,3,4,5}'::nps_tally::bigint[] AS csat5, 'health{;1,2,3}'::nps_tally::bigint[] AS health, '{}'::nps_tally::bigint[] AS empty;
SELECT '{2,0,1,0,0,4,3,9,20,31,25}'::bigint[]::nps_tally AS eleven;
SELECT '{2,0,1,0,0,4,3,9,20,31,25,17,33,50}'::bigint[]::nps_tally AS fourteen;
SELECT '{}'::bigint[]::nps_tally AS empty, '{0,0,0,0,0,0,0,0,0,0,0}'::bigint[]::nps_tally AS zeros;
SELECT '[0:10]={2,0,1,0,0,4,3,9,20,31,25}'::bigint[]::nps_tally AS bounds_do_not_matter;
SELECT tally FROM ordered WHERE nps_tally_scale(tally) = 'nps' AND tally::bigint[]::nps_tally <> tally;
SELECT NULL::bigint[]::nps_tally IS NULL AS null_array, NULL::nps_tally::bigint[] IS NULL AS null_tally;
-- in an assignment the cast is implicit, in an expression it is not
CREATE TABLE assigned (tally nps_tally, counts bigint[]);
INSERT INTO assigned VALUES ('{1,2,3,4,5,6,7,8,9,10,11}'::bigint[], '{1,2,3,4,5,6,7,8,9,10,11}'::nps_tally);
SELECT * FROM assigned;
\set VERBOSITY terse
SELECT '{1,2,3,4,5,6,7,8,9,10,11}'::bigint[] = '{1,2,3,4,5,6,7,8,9,10,11}'::nps_tally AS not_comparable;
\set VERBOSITY default

SELECT '{1,2,3}'::bigint[]::nps_tally AS three;
SELECT '{1,2,3,4,5,6,7,8,9,10,11,12}'::bigint[]::nps_tally AS twelve;
SELECT 'csat5{1,2,3,4,5}'::nps_tally::bigint[]::nps_tally AS five;
SELECT '{{1,2,3,4,5,6,7,8,9,10,11}}'::bigint[]::nps_tally AS two_dimensions;
SELECT '{1,2,3,4,5,6,7,8,9,10,NULL}'::bigint[]::nps_tally AS with_null;
SELECT '{1,2,3,4,5,6,7,8,9,10,-11}'::bigint[]::nps_tally AS below_zero;
SELECT '{9223372036854775807,1,0,0,0,0,0,0,0,0,0}'::bigint[]::nps_tally AS sum_overflows;
SELECT array_input, got, expected
FROM (VALUES ('{1,2,3}', '22023'), ('{{1,2,3,4,5,6,7,8,9,10,11}}', '22023'), ('{1,2,3,4,5,6,7,8,9,10,NULL}', '22004'),
	('{1,2,3,4,5,6,7,8,9,10,-11}', '22003'), ('{9223372036854775807,1,0,0,0,0,0,0,0,0,0}', '22003')) AS wrong (array_input, expected),
	LATERAL sqlstate_of(format('SELECT %L::bigint[]::nps_tally', array_input)) AS got
WHERE got <> expected;

--
-- nps_counts()
--
SELECT nps_counts(17, 33, 50) AS nps, nps_counts(17, 33, 50, 'csat7') AS csat7, nps_counts(0, 0, 0, 'csat5') AS empty, nps_counts(0, 0, 1, 'health') AS health;
SELECT nps_counts('17', '33', '50') AS literals;
SELECT nps_counts(detractors => 17, promoters => 50, passives => 33, scale => 'ces5') AS named;
SELECT nps_counts(sum(d), sum(m), sum(p)) AS sums_of_bigint, nps_counts(count(*), sum(d::integer), sum(p::numeric)) AS mixed
FROM (VALUES (1::bigint, 2::bigint, 3::bigint), (10, 20, 30)) AS month (d, m, p);
SELECT nps_counts(sum(d), sum(d), sum(d)) IS NULL AS sums_of_nothing FROM (SELECT 1::bigint AS d WHERE false) AS none;
SELECT scale, nps_counts(1, 2, 3, scale) AS tally, nps_score(nps_counts(1, 2, 3, scale))::numeric(6, 3) AS nps FROM nps_scales();
SELECT nps_counts(NULL, 1, 1) IS NULL AS a, nps_counts(1, NULL, 1) IS NULL AS b, nps_counts(1, 1, NULL) IS NULL AS c, nps_counts(1, 1, 1, NULL) IS NULL AS d;
SELECT nps_counts(9223372036854774784, 0, 0) AS largest_double_below_2_63, nps_counts(-0.0, 0, 1) AS no_negative_zero;
SELECT nps_counts(1.5, 0, 0);
SELECT nps_counts(0, 0.1, 0);
SELECT nps_counts(0, 0, -1);
SELECT nps_counts('NaN', 0, 0);
SELECT nps_counts(0, '-Infinity', 0);
SELECT nps_counts(0, 0, 'Infinity');
SELECT nps_counts(9223372036854775808, 0, 0) AS two_to_63;
SELECT nps_counts(9e18, 0, 9e18) AS sum_overflows;

--
-- Accessors
--
-- Scores 0 to 10 once each; counts in a domain; only categories and mixed; each other scale.
CREATE TABLE sample (place integer, tally nps_tally);
INSERT INTO sample VALUES
	(1, '{1,1,1,1,1,1,1,1,1,1,1}'), (2, '{2,0,1,0,0,4,3,9,20,31,25}'), (3, '{;17,33,50}'), (4, '{0,0,0,0,0,0,0,0,0,0,3;1,0,0}'),
	(5, 'csat5{14,9,10,32,42}'), (6, 'csat7{80,210,140,110,160,180,120}'), (7, 'ces5{1,2,3,4,5}'), (8, 'ces7{1,2,3,4,5,6,7}'),
	(9, 'ces5_reversed{1,2,3,4,5}'), (10, 'health{;1,2,3}'), (11, '{}'), (12, NULL);
SELECT place, nps_tally_scale(tally) AS scale, nps_responses(tally) AS n, nps_detractors(tally) AS d, nps_passives(tally) AS m, nps_promoters(tally) AS p,
	nps_score(tally)::numeric(9, 6) AS nps, nps_mean_score(tally)::numeric(9, 6) AS mean, nps_histogram(tally) AS histogram
FROM sample ORDER BY place;
-- there is an interval exactly if there is a score
SELECT place, nps_low(tally), nps_high(tally) FROM sample
WHERE (nps_low(tally) IS NULL) <> (nps_score(tally) IS NULL) OR (nps_high(tally) IS NULL) <> (nps_score(tally) IS NULL)
	OR NOT nps_low(tally) < nps_score(tally) OR NOT nps_score(tally) < nps_high(tally);
-- no answers in a category are 0, not NULL
SELECT nps_detractors('{0,0,0,0,0,0,0,0,0,0,5}') AS is_0, nps_score('{0,0,0,0,0,0,0,0,0,0,5}'::nps_tally) AS is_100, nps_detractors('{}') AS is_0, nps_responses('{}') AS is_0;
-- a mean of 0, and of a single answer
SELECT nps_mean_score('{5,0,0,0,0,0,0,0,0,0,0}') AS is_0, nps_mean_score('csat7{0,0,0,0,0,0,1}') AS is_7;
SELECT nps_responses('{9223372036854775806,0,0,0,0,0,0,0,0,0,1}'), nps_score('{9223372036854775806,0,0,0,0,0,0,0,0,0,1}'::nps_tally),
	nps_mean_score('{0,0,0,0,0,0,0,0,0,0,9223372036854775807}'), nps_score('{4611686018427387903,0,0,0,0,0,0,0,0,0,4611686018427387903}'::nps_tally) AS balanced;

RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA tally_test CASCADE;
