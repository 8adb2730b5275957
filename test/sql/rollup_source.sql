-- The rollup with all kinds of sources and mappings.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, MDY';
SET jit = off;
CREATE SCHEMA rollup_source;
SET search_path = rollup_source, public;

-- differences(): the reports in which a survey differs from the one that is not
-- materialized, and the cells that nps_verify() finds.
CREATE FUNCTION differences(one text DEFAULT 'rs_one', other text DEFAULT 'rs_two', OUT report text, OUT rows bigint) RETURNS SETOF record LANGUAGE plpgsql AS $$
BEGIN
	FOREACH report IN ARRAY CASE WHEN other IS NULL THEN '{}' ELSE ARRAY['summary', 'distribution', 'distribution_trend', 'trend', 'segment', 'segment_trend'] END LOOP
		EXECUTE format('SELECT count(*) FROM ((TABLE %1$I.%3$I EXCEPT ALL TABLE %2$I.%3$I) UNION ALL (TABLE %2$I.%3$I EXCEPT ALL TABLE %1$I.%3$I)) AS d',
			one, other, report) INTO rows;
		IF rows > 0 THEN
			RETURN NEXT;
		END IF;
	END LOOP;
	report := 'nps_verify';
	SELECT count(*) INTO rows FROM nps_verify(one);
	IF rows > 0 THEN
		RETURN NEXT;
	END IF;
	report := 'not served';
	rows := 1;
	IF NOT nps_rollup_serves(format('%I.rollup', one)::regclass) THEN
		RETURN NEXT;
	END IF;
END
$$;
-- two surveys with the same mapping, or one
CREATE FUNCTION attach(source regclass, score text DEFAULT 'score', one text DEFAULT 'rs_one', other text DEFAULT 'rs_two', responded_at text DEFAULT NULL, comment text DEFAULT NULL,
	segments text[] DEFAULT NULL, filter text DEFAULT NULL, scale text DEFAULT NULL, response_id text DEFAULT NULL, time_zone text DEFAULT 'UTC') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1..CASE WHEN other IS NULL THEN 1 ELSE 2 END LOOP
		EXECUTE format('SELECT nps_attach(%L::regclass, %L, %L, time_zone => %L%s%s%s%s%s%s)', source, score, CASE i WHEN 1 THEN one ELSE other END, time_zone,
			', responded_at => ' || quote_literal(responded_at), ', comment => ' || quote_literal(comment), ', segments => ' || quote_literal(segments),
			', filter => ' || quote_literal(filter), ', scale => ' || quote_literal(scale), ', response_id => ' || quote_literal(response_id));
	END LOOP;
END
$$;
CREATE FUNCTION detach(VARIADIC surveys text[] DEFAULT '{rs_one,rs_two}') RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	survey text;
BEGIN
	FOREACH survey IN ARRAY surveys LOOP
		PERFORM nps_detach(survey);
	END LOOP;
END
$$;

--
-- Partitions: writes through the parent are seen, whatever the order of columns in them.
--

CREATE TABLE part (id integer, score integer, at timestamptz NOT NULL, plan text) PARTITION BY RANGE (at);
CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE part_2 PARTITION OF part FOR VALUES FROM ('2026-02-01') TO ('2026-03-01') PARTITION BY LIST (plan);
CREATE TABLE part_2_a (gone text, plan text, at timestamptz NOT NULL, score integer, id integer);
ALTER TABLE part_2_a DROP COLUMN gone;
ALTER TABLE part_2 ATTACH PARTITION part_2_a FOR VALUES IN ('a', NULL);
CREATE TABLE part_2_b PARTITION OF part_2 FOR VALUES IN ('b');
INSERT INTO part SELECT i, i % 12, '2026-01-01 00:00+00'::timestamptz + i * interval '7 hours', (ARRAY['a', 'b', NULL])[1 + i % 3] FROM generate_series(1, 190) i;
SELECT attach('part', responded_at => 'at', segments => '{plan}', response_id => 'id');
CALL nps_materialize('rs_one');
SELECT * FROM differences();
INSERT INTO part SELECT i, i % 12, '2026-01-01 00:00+00'::timestamptz + (i - 1000) * interval '5 hours', (ARRAY['a', 'b', NULL])[1 + i % 3] FROM generate_series(1001, 1100) i;
SELECT * FROM differences();
-- rows that move to another partition
UPDATE part SET at = at + interval '10 days', plan = 'b' WHERE id % 7 = 0 AND at < '2026-02-15';
UPDATE part SET plan = CASE WHEN plan = 'b' THEN 'a' ELSE 'b' END, score = score + 1 WHERE at >= '2026-02-01' AND id % 5 = 0;
SELECT * FROM differences();
DELETE FROM part WHERE id % 11 = 0;
COPY part FROM stdin;
2001	9	2026-01-05	a
2002	\N	2026-02-05	a
2003	99	2026-02-05	b
\.
SELECT * FROM differences();
-- writes to a partition by its own name are seen too, at once and within the transaction
BEGIN;
INSERT INTO part_1 VALUES (3001, 4, '2026-01-06', 'direct'), (3002, 9, '2026-01-06', 'direct');
SELECT day, plan, added, removed FROM rs_one.rollup WHERE plan = 'direct' ORDER BY added::text;
UPDATE part_1 SET score = score + 1 WHERE plan = 'direct';
DELETE FROM part_2_a WHERE id = 2002;
UPDATE part_2 SET plan = CASE WHEN plan = 'b' THEN 'a' ELSE 'b' END WHERE id % 3 = 0;
COPY part_2_b (id, score, at, plan) FROM stdin;
3011	8	2026-02-06	b
3012	\N	2026-02-06	b
\.
SELECT * FROM differences();
COMMIT;
SELECT * FROM differences();
-- MERGE, for which transition tables have too few or the wrong rows: one that only moves rows,
MERGE INTO part USING (VALUES (3), (6), (9), (12)) n (id) ON part.id = n.id WHEN MATCHED THEN UPDATE SET at = at + interval '31 days';
SELECT * FROM differences();
-- one that moves and inserts,
MERGE INTO part USING (VALUES (13), (14), (6001)) n (id) ON part.id = n.id WHEN MATCHED THEN UPDATE SET at = at + interval '31 days'
	WHEN NOT MATCHED THEN INSERT VALUES (n.id, 3, '2026-01-07', 'merged');
SELECT * FROM differences();
-- one that inserts before it updates, in one partition and in another,
MERGE INTO part USING (VALUES (6002), (6001), (6003), (15), (16)) n (id) ON part.id = n.id WHEN MATCHED THEN UPDATE SET score = 10, plan = 'b'
	WHEN NOT MATCHED THEN INSERT VALUES (n.id, 7, '2026-02-07', 'a');
SELECT * FROM differences();
-- and one that does everything
MERGE INTO part USING (SELECT i FROM generate_series(6000, 6009) i UNION ALL SELECT generate_series(20, 60)) n (id) ON part.id = n.id
	WHEN MATCHED AND n.id % 3 = 0 THEN DELETE WHEN MATCHED AND n.id % 3 = 1 THEN UPDATE SET at = at + interval '31 days', plan = 'b'
	WHEN MATCHED THEN UPDATE SET score = 0 WHEN NOT MATCHED AND n.id > 6000 THEN INSERT VALUES (n.id, 1, '2026-02-08', 'a');
SELECT * FROM differences();
-- several parts of a statement; savepoints; an error in the middle
WITH gone AS (DELETE FROM part WHERE id % 13 = 0 RETURNING *), changed AS (UPDATE part SET plan = 'a', at = at + interval '20 days' WHERE id % 13 = 1 AND at < '2026-02-08')
INSERT INTO part SELECT id + 7000, 10, at, plan FROM gone;
SELECT * FROM differences();
BEGIN;
INSERT INTO part VALUES (8001, 1, '2026-01-08', 'kept');
SAVEPOINT one;
INSERT INTO part SELECT i, 2, '2026-01-08', 'gone' FROM generate_series(8002, 8010) i;
INSERT INTO part_1 VALUES (8011, 2, '2026-01-08', 'gone');
ROLLBACK TO one;
SAVEPOINT two;
INSERT INTO part SELECT i, 10 / (8025 - i), '2026-01-08', 'gone' FROM generate_series(8020, 8030) i;
ROLLBACK TO two;
UPDATE part SET plan = 'kept on' WHERE plan = 'kept';
INSERT INTO part_1 VALUES (8031, 3, '2026-01-08', 'kept on');
SELECT * FROM differences();
COMMIT;
SELECT day, segments, in_source, in_rollup FROM nps_verify('rs_one');
SELECT plan, sum(nps_responses(added::nps_tally)) AS added, sum(nps_responses(removed::nps_tally)) AS removed FROM rs_one.rollup WHERE plan ~ 'kept|gone' GROUP BY 1 ORDER BY 1;
-- a trigger of a partition that writes to the partitioned table, to a partition, and in a block of its own
CREATE FUNCTION more() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF new.id BETWEEN 9000 AND 9010 THEN
		INSERT INTO part VALUES (new.id + 100, 5, new.at + interval '20 days', 'a');
		INSERT INTO part_1 VALUES (new.id + 200, 6, '2026-01-09', 'more');
		BEGIN
			INSERT INTO part VALUES (new.id + 300, 7, '2026-01-09', 'more');
			INSERT INTO part_1 VALUES (new.id + 400, 8, '2026-01-09', 'more');
			IF new.id % 2 = 0 THEN
				RAISE division_by_zero;
			END IF;
		EXCEPTION WHEN division_by_zero THEN
			INSERT INTO part VALUES (new.id + 500, 9, '2026-01-09', 'more');
		END;
	END IF;
	RETURN new;
END
$$;
CREATE TRIGGER more BEFORE INSERT ON part_1 FOR EACH ROW EXECUTE FUNCTION more();
INSERT INTO part SELECT i, 3, '2026-01-09', 'more' FROM generate_series(9001, 9004) i;
INSERT INTO part_1 SELECT i, 4, '2026-01-09', 'more' FROM generate_series(9005, 9006) i;
DROP TRIGGER more ON part_1;
SELECT * FROM differences();
SELECT value, responses FROM rs_one.segment WHERE value = 'more';
-- but not while the trigger of a partition is disabled, which a writer does not check: reported
ALTER TABLE part_2_b DISABLE TRIGGER nps_rollup_row_rs_one;
INSERT INTO part VALUES (9901, 10, '2026-02-10', 'b'), (9902, 10, '2026-02-10', 'a');
SELECT severity, finding, detail, fix FROM nps_check('rs_one') WHERE finding ~ 'partition';
SELECT count(*) FROM nps_verify('rs_one');
ALTER TABLE part_2_b ENABLE TRIGGER nps_rollup_row_rs_one;
CALL nps_materialize('rs_one', rebuild => true);
SELECT count(*) FROM nps_check('rs_one') WHERE finding ~ 'partition';
SELECT * FROM differences();
-- triggers of ours that the owner created, on a middle partition: nothing is counted twice, and it is marked
CREATE TRIGGER twice AFTER INSERT ON part_2 FOR EACH ROW WHEN ('rs_one.rollup'::regclass IS NOT NULL) EXECUTE FUNCTION nps_keep_rollup('UTC', 'nps');
CREATE TABLE other_part (LIKE part) PARTITION BY RANGE (at);
CREATE TRIGGER other BEFORE INSERT OR UPDATE OR DELETE ON other_part FOR EACH STATEMENT WHEN ('rs_one.rollup'::regclass IS NOT NULL) EXECUTE FUNCTION nps_keep_rollup('UTC', 'nps');
INSERT INTO part VALUES (9911, 4, '2026-02-11', 'a');
INSERT INTO other_part SELECT * FROM part WHERE false;
INSERT INTO part_2 VALUES (9912, 4, '2026-02-11', 'b');
SELECT nps_rollup_serves('rs_one.rollup');
SELECT * FROM differences();
DROP TRIGGER twice ON part_2;
DROP TABLE other_part;
CALL nps_materialize('rs_one', rebuild => true);
SELECT * FROM differences();
-- the source becomes a partition of somebody else's table for a while: it is written, and not counted
CREATE ROLE regress_nps_other;
CREATE TABLE bigger (LIKE part) PARTITION BY RANGE (at);
ALTER TABLE bigger OWNER TO regress_nps_other;
ALTER TABLE bigger ATTACH PARTITION part FOR VALUES FROM ('2026-01-01') TO ('2026-03-01');
INSERT INTO bigger VALUES (9921, 1, '2026-01-12', 'a');
INSERT INTO part VALUES (9922, 1, '2026-01-12', 'a');
SELECT nps_rollup_trouble('rs_one.rollup'), nps_rollup_serves('rs_one.rollup');
SELECT report FROM differences() WHERE report <> 'nps_verify';
ALTER TABLE bigger DETACH PARTITION part;
DROP TABLE bigger;
DROP ROLE regress_nps_other;
CALL nps_materialize('rs_one', rebuild => true);
-- counting continues while the rollup is not used: a partition that is unlogged for a while, and one that is added and removed
ALTER TABLE part_1 SET UNLOGGED;
INSERT INTO part VALUES (9931, 1, '2026-01-13', 'a'), (9932, 1, '2026-02-13', 'a');
SELECT nps_rollup_serves('rs_one.rollup');
ALTER TABLE part_1 SET LOGGED;
SELECT nps_rollup_serves('rs_one.rollup');
SELECT rows_before > 0 AS counted FROM nps_compact('rs_one');
SELECT * FROM differences();
-- at a lower level too, where the partitioned table itself is not notified
CREATE UNLOGGED TABLE part_2_d (LIKE part);
ALTER TABLE part_2 ATTACH PARTITION part_2_d FOR VALUES IN ('d');
INSERT INTO part VALUES (9933, 1, '2026-01-13', 'a');
SELECT nps_rollup_serves('rs_one.rollup');
DROP TABLE part_2_d;
SELECT nps_rollup_serves('rs_one.rollup');
SELECT * FROM differences();
-- a segment whose function writes to the source, so that it is called again
CREATE FUNCTION write_more() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO rollup_source.part SELECT i, 5, '2026-01-05'::timestamptz + i * interval '1 hour', 'x' || i FROM generate_series(1, 300) i;
	BEGIN
		INSERT INTO rollup_source.part_1 VALUES (301, 5, '2026-01-05', 'direct');
		INSERT INTO rollup_source.part VALUES (302, 5, '2026-01-05', 'in a block');
	EXCEPTION WHEN division_by_zero THEN
		NULL;
	END;
END
$$;
CREATE FUNCTION and_more(p text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	IF p = 'go' THEN
		PERFORM rollup_source.write_more();
	END IF;
	RETURN p;
END
$$;
SELECT count(*) > 0 AS attached FROM nps_attach('part', 'score', 'rs_writes', response_id => 'id', responded_at => 'at', segments => '{and_more(plan) AS plan}', time_zone => 'UTC');
CALL nps_materialize('rs_writes');
BEGIN;
INSERT INTO part_1 VALUES (1, 5, '2026-01-03', 'go');
INSERT INTO part VALUES (2, 5, '2026-01-03', 'go'), (3, 5, '2026-01-03', 'go');
SELECT sum(nps_responses(added::nps_tally)) - coalesce(sum(nps_responses(removed::nps_tally)), 0) = (SELECT count(*) FROM part WHERE score BETWEEN 0 AND 10) AS exact FROM rs_writes.rollup;
SELECT sum(nps_responses(added::nps_tally)) - coalesce(sum(nps_responses(removed::nps_tally)), 0) = (SELECT count(*) FROM part WHERE score BETWEEN 0 AND 10) AS exact FROM rs_one.rollup;
ROLLBACK;
SELECT * FROM differences();
DO $$ BEGIN PERFORM nps_detach('rs_writes'); END $$;
-- one partition is emptied
BEGIN;
TRUNCATE part_2_b;
SELECT * FROM differences();
ROLLBACK;
SELECT * FROM differences();
-- attached and detached
CREATE TABLE part_3 (LIKE part);
INSERT INTO part_3 VALUES (4001, 10, '2026-03-05', 'new');
ALTER TABLE part ATTACH PARTITION part_3 FOR VALUES FROM ('2026-03-01') TO ('2026-04-01');
SELECT day, segments, in_source, in_rollup FROM nps_verify('rs_one');
CALL nps_materialize('rs_one', rebuild => true);
SELECT * FROM differences();
INSERT INTO part VALUES (4002, 10, '2026-03-05', 'new');
SELECT * FROM differences();
ALTER TABLE part DETACH PARTITION part_3;
SELECT day, segments, in_source, in_rollup FROM nps_verify('rs_one');
CALL nps_materialize('rs_one', rebuild => true);
INSERT INTO part_3 VALUES (4003, 10, '2026-03-05', 'on its own');
SELECT * FROM differences();
TRUNCATE part;
SELECT * FROM differences();
SELECT count(*) FROM rs_one.rollup;
INSERT INTO part SELECT i, i % 12, '2026-01-01 00:00+00'::timestamptz + i * interval '7 hours', (ARRAY['a', 'b', NULL])[1 + i % 3] FROM generate_series(1, 50) i;
-- a partition that is not as durable as the others: the reports read the source, and a rollup is refused
CREATE UNLOGGED TABLE part_4 PARTITION OF part FOR VALUES FROM ('2026-04-01') TO ('2026-05-01');
SELECT nps_rollup_trouble('rs_one.rollup'), nps_rollup_serves('rs_one.rollup');
INSERT INTO part VALUES (5001, 5, '2026-04-05', 'a');
SELECT report FROM differences() WHERE report <> 'nps_verify';
CALL nps_materialize('rs_one');
DROP TABLE part_4;
CALL nps_materialize('rs_one', rebuild => true);
SELECT * FROM differences();
-- also at a lower level
CREATE UNLOGGED TABLE part_2_c PARTITION OF part_2 FOR VALUES IN ('c');
SELECT nps_rollup_trouble('rs_one.rollup'), nps_rollup_serves('rs_one.rollup');
DROP TABLE part_2_c;
CREATE FOREIGN DATA WRAPPER rs_wrapper;
CREATE SERVER rs_server FOREIGN DATA WRAPPER rs_wrapper;
CREATE FOREIGN TABLE part_2_c PARTITION OF part_2 FOR VALUES IN ('c') SERVER rs_server;
SELECT nps_rollup_trouble('rs_one.rollup'), nps_rollup_serves('rs_one.rollup');
DROP SERVER rs_server CASCADE;
DROP FOREIGN DATA WRAPPER rs_wrapper;
SELECT attach('part_1', one => 'rs_leaf', other => NULL, response_id => 'id');
CALL nps_materialize('rs_leaf');
SELECT detach('rs_leaf', 'rs_one', 'rs_two');

--
-- Columns: generated, dropped, added later, of domains, enums and other types.
--

CREATE TYPE size AS ENUM ('small', 'large');
CREATE TYPE address AS (city text, zip integer);
CREATE DOMAIN plan_name AS text CHECK (value <> '');
CREATE DOMAIN fine_plan AS plan_name;
CREATE DOMAIN big AS size;
CREATE DOMAIN big_size AS big;
CREATE TABLE kinds (
	dropped_1 text,
	id integer PRIMARY KEY,
	raw text,
	dropped_2 integer,
	score integer GENERATED ALWAYS AS (length(raw)) STORED,
	plan fine_plan,
	size size,
	big big_size,
	fixed character(5),
	day date,
	moment timestamp,
	instant timestamptz,
	clock time,
	is_new boolean,
	price numeric,
	key uuid,
	place address,
	answers jsonb
);
ALTER TABLE kinds DROP COLUMN dropped_1, DROP COLUMN dropped_2;
CREATE FUNCTION kind(i integer) RETURNS kinds LANGUAGE sql STABLE AS $$
	SELECT ROW(i, repeat('x', i % 12), NULL, 'p' || i % 2, (ARRAY['small', 'large', NULL])[1 + i % 3]::size, (ARRAY['small', 'large', NULL])[1 + i % 3]::big_size, 'f' || i % 2,
		(ARRAY['2026-02-01', 'infinity', '0044-03-15 BC', NULL])[1 + i % 4]::date, (ARRAY['2026-02-01 10:00', '-infinity', NULL])[1 + i % 3]::timestamp,
		(ARRAY['2026-02-01 10:00+00', '2026-07-01 10:00+00', 'infinity'])[1 + i % 3]::timestamptz, (ARRAY['10:00', '24:00'])[1 + i % 2]::time,
		(ARRAY[true, false, NULL])[1 + i % 3], (ARRAY['1.0', '1.00', 'NaN', '1'])[1 + i % 4]::numeric, ('00000000-0000-0000-0000-00000000000' || i % 2)::uuid,
		ROW('c' || i % 2, i % 3)::address, jsonb_build_object('nps', i % 13, 'why', 'word', 'tags', jsonb_build_array('t' || i % 2)))::kinds
$$;
INSERT INTO kinds (id, raw, plan, size, big, fixed, day, moment, instant, clock, is_new, price, key, place, answers)
SELECT k.id, k.raw, k.plan, k.size, k.big, k.fixed, k.day, k.moment, k.instant, k.clock, k.is_new, k.price, k.key, k.place, k.answers FROM generate_series(1, 48) i, kind(i) k;
SELECT attach('kinds', responded_at => 'instant', segments => ARRAY['plan', 'size', 'big', 'fixed', 'day AS birthday', 'moment', 'is_new', 'price', 'key', '((place).city) AS city', '(answers->>''tags'') AS tags']);
CALL nps_materialize('rs_one');
SELECT string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum) AS columns FROM pg_attribute a WHERE a.attrelid = 'rs_one.rollup'::regclass AND a.attnum > 0;
INSERT INTO kinds (id, raw, plan, size, big, fixed, day, moment, instant, clock, is_new, price, key, place, answers)
SELECT k.id, k.raw, k.plan, k.size, k.big, k.fixed, k.day, k.moment, k.instant, k.clock, k.is_new, k.price, k.key, k.place, k.answers FROM generate_series(101, 172) i, kind(i) k;
UPDATE kinds SET raw = raw || 'x', size = 'large' WHERE id % 3 = 0;
DELETE FROM kinds WHERE id % 5 = 0;
SELECT * FROM differences();
-- settings that change how values are written do not change what is counted
SET DateStyle = 'SQL, DMY';
SET TimeZone = 'Asia/Tokyo';
SET extra_float_digits = -10;
SET IntervalStyle = 'iso_8601';
SET lc_messages = 'C';
SET bytea_output = 'escape';
INSERT INTO kinds (id, raw, plan, size, big, fixed, day, moment, instant, clock, is_new, price, key, place, answers)
SELECT k.id, k.raw, k.plan, k.size, k.big, k.fixed, k.day, k.moment, k.instant, k.clock, k.is_new, k.price, k.key, k.place, k.answers FROM generate_series(201, 224) i, kind(i) k;
DELETE FROM kinds WHERE id % 7 = 0;
SELECT * FROM differences();
RESET IntervalStyle;
RESET bytea_output;
RESET extra_float_digits;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, MDY';
SELECT * FROM differences();
-- columns that are added and dropped afterwards; rows from before
ALTER TABLE kinds ADD COLUMN more text DEFAULT 'more', DROP COLUMN answers CASCADE;
SELECT to_regclass('rs_one.segment') AS gone;
SELECT detach();
SELECT attach('kinds', responded_at => 'instant', segments => ARRAY['more', 'plan', 'size']);
CALL nps_materialize('rs_one');
DELETE FROM kinds WHERE id % 4 = 0;
UPDATE kinds SET raw = 'x' WHERE id % 6 = 1;
ALTER TABLE kinds ADD COLUMN yet_more integer DEFAULT 7, ADD COLUMN last_one text;
DELETE FROM kinds WHERE id % 9 = 1;
ALTER TABLE kinds DROP COLUMN yet_more;
UPDATE kinds SET more = 'less' WHERE id % 2 = 0;
SELECT * FROM differences();
-- an enum that gets a new value, and another name for an old one
ALTER TYPE size ADD VALUE 'huge';
UPDATE kinds SET size = 'huge' WHERE id % 2 = 1;
ALTER TYPE size RENAME VALUE 'huge' TO 'enormous';
ALTER TYPE size RENAME VALUE 'large' TO 'big';
UPDATE kinds SET raw = raw || 'x' WHERE id % 3 = 1;
SELECT * FROM differences();
SELECT value, responses > 0 AS some FROM rs_one.segment WHERE segment = 'size' ORDER BY value;
SELECT detach();

-- a value that is not the same text for all writers is refused, however it is hidden
CREATE DOMAIN weight AS real;
CREATE DOMAIN net_weight AS weight;
CREATE TABLE floating (id integer PRIMARY KEY, score integer, weight net_weight, place point, bytes bytea, tags text[]);
SELECT format($$SELECT count(*) > 0 AS attached FROM nps_attach('floating', 'score', 'rs_tried', segments => %L)$$, segments),
	$$CALL nps_materialize('rs_tried')$$, $$SELECT nps_detach('rs_tried')$$
FROM (VALUES
	(ARRAY['weight']),
	(ARRAY['(weight::real::text) AS heavy']),
	(ARRAY['place']),
	(ARRAY['(bytes::text) AS bytes_text']),
	(ARRAY['tags']),
	(ARRAY['(weight > 1) AS is_heavy'])) AS v(segments) \gexec
DROP TABLE floating;

--
-- Long values: keys of more than a page, comments of a megabyte.
--

CREATE TABLE long (id integer PRIMARY KEY, score integer, words text, kind text);
ALTER TABLE long ALTER words SET STORAGE EXTERNAL;
CREATE FUNCTION noise(length integer, seed integer) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT left(string_agg(md5(seed || ''.'' || i), ''''), length) FROM generate_series(1, length / 32 + 1) i';
SELECT attach('long', comment => 'words', segments => '{kind}');
CALL nps_materialize('rs_one');
INSERT INTO long VALUES
	(1, 1, repeat(' ', 10000) || 'x', repeat('k', 100000)), (2, 2, repeat(E' \n\t', 10000), repeat('k', 100000)), (3, 3, noise(1000000, 1), noise(20000, 1)),
	(4, 4, repeat('word ', 200000), noise(20000, 1)), (5, 5, repeat(' ', 1000000), noise(20000, 2)), (6, 6, '', noise(8200, 3)), (7, 7, NULL, noise(2000, 3));
ALTER TABLE long ALTER words SET STORAGE EXTENDED;
CALL nps_materialize('rs_one', rebuild => true);
INSERT INTO long SELECT id + 10, score, words, kind FROM long;
SELECT * FROM differences();
SELECT length(kind) AS length, sum(nps_responses(added::nps_tally)) AS answers, sum(with_comment) AS with_comment FROM rs_one.rollup GROUP BY kind ORDER BY 1, kind;
UPDATE long SET kind = kind || 'more', words = words || ' ' WHERE id IN (1, 2, 3, 15);
UPDATE long SET words = words || '.' WHERE id IN (2, 5, 6, 7);
DELETE FROM long WHERE id IN (3, 14, 16);
SELECT * FROM differences();
SELECT rows_after < rows_before AS folded FROM nps_compact('rs_one');
SELECT * FROM differences();
SELECT detach();

--
-- Mappings: scores in documents, in words, on other scales.
--

CREATE TABLE said (id integer PRIMARY KEY, answers jsonb, words text, health numeric, at text, ces smallint);
SELECT attach('said', '(answers->>''nps'')', comment => '(answers->>''why'')', segments => ARRAY['(answers #>> ''{customer,plan}'') AS plan'], filter => 'answers ? ''nps''', responded_at => '(to_timestamp((answers->>''at'')::double precision))');
SELECT attach('said', '(nps_parse_score(words))', one => 'rs_words', other => 'rs_words_two', comment => 'words');
SELECT attach('said', 'health', one => 'rs_health', other => 'rs_health_two', scale => 'health', segments => ARRAY['(ces > 3) AS easy']);
SELECT attach('said', 'ces', one => 'rs_ces', other => 'rs_ces_two', scale => 'ces5_reversed');
CALL nps_materialize('rs_one');
CALL nps_materialize('rs_words');
CALL nps_materialize('rs_health');
CALL nps_materialize('rs_ces');
INSERT INTO said SELECT i, CASE WHEN i % 9 = 0 THEN '{}' WHEN i % 10 = 0 THEN '{"nps": null}' ELSE jsonb_build_object('nps', CASE i % 7 WHEN 1 THEN '"ten"'::jsonb ELSE to_jsonb(i % 13) END, 'why', CASE WHEN i % 2 = 0 THEN 'so' END, 'at', 1767225600 + i * 7200, 'customer', jsonb_build_object('plan', 'p' || i % 3)) END,
	(ARRAY['9', ' 10 ', 'ten', '7/10', '', NULL, '8.0', '11'])[1 + i % 8], (ARRAY[0, 0.5, 59.99, 60, 79.999, 80, 100, 100.1, 'NaN', NULL])[1 + i % 10], NULL, i % 7
FROM generate_series(1, 300) i;
UPDATE said SET answers = answers || '{"nps": 3}', words = '3', health = health / 2, ces = 6 - ces WHERE id % 6 = 0;
DELETE FROM said WHERE id % 8 = 0;
SELECT s.survey, d.* FROM unnest(ARRAY['rs_one', 'rs_words', 'rs_health', 'rs_ces']) s(survey), differences(survey, CASE survey WHEN 'rs_one' THEN 'rs_two' ELSE survey || '_two' END) d;
SELECT s.* FROM (SELECT 'one' AS survey, responses, unanswered, rejected FROM rs_one.summary UNION ALL SELECT 'words', responses, unanswered, rejected FROM rs_words.summary
	UNION ALL SELECT 'health', responses, unanswered, rejected FROM rs_health.summary UNION ALL SELECT 'ces', responses, unanswered, rejected FROM rs_ces.summary) s ORDER BY survey;
SELECT detach('rs_one', 'rs_two', 'rs_words', 'rs_words_two', 'rs_health', 'rs_health_two', 'rs_ces', 'rs_ces_two');

--
-- An unlogged source; several surveys on it, each with its own filter and zone; names.
--

CREATE UNLOGGED TABLE "a <<b>> ""%s"" 'c'" ("id " integer PRIMARY KEY, "sc""ore" integer, "at<<zone>>" timestamptz, "the ""plan"", %L" text, "kind'" text);
SELECT attach('"a <<b>> ""%s"" ''c''"', 'sc"ore', responded_at => 'at<<zone>>', segments => ARRAY['the "plan", %L'], filter => '"kind''" = ''a''', time_zone => 'America/New_York');
SELECT attach('"a <<b>> ""%s"" ''c''"', 'sc"ore', one => 'ü <<answer>> "x" ''y'' %s, with a name of 63 bytes to the last !', other => NULL, responded_at => 'at<<zone>>', segments => ARRAY['the "plan", %L', '(length("kind''")) AS "day <<net>> of %I"'], time_zone => 'Pacific/Apia');
SELECT octet_length('ü <<answer>> "x" ''y'' %s, with a name of 63 bytes to the last !');
CALL nps_materialize('rs_one');
CALL nps_materialize('ü <<answer>> "x" ''y'' %s, with a name of 63 bytes to the last !');
SELECT relpersistence FROM pg_class WHERE oid = 'rs_one.rollup'::regclass;
INSERT INTO "a <<b>> ""%s"" 'c'" SELECT i, i % 12, '2026-01-01'::timestamptz + i * interval '5 hours', 'p' || i % 3, (ARRAY['a', 'b', NULL])[1 + i % 3] FROM generate_series(1, 300) i;
UPDATE "a <<b>> ""%s"" 'c'" SET "kind'" = 'a' WHERE "id " % 7 = 0;
DELETE FROM "a <<b>> ""%s"" 'c'" WHERE "id " % 5 = 0;
SELECT * FROM differences();
SELECT * FROM differences('ü <<answer>> "x" ''y'' %s, with a name of 63 bytes to the last !', NULL);
SELECT segments FROM nps_verify('rs_one');
SELECT rows_after <= rows_before AS folded FROM nps_compact('ü <<answer>> "x" ''y'' %s, with a name of 63 bytes to the last !');
SELECT count(*) AS triggers FROM pg_trigger WHERE tgrelid = '"a <<b>> ""%s"" ''c''"'::regclass AND NOT tgisinternal;
ALTER TABLE "a <<b>> ""%s"" 'c'" SET LOGGED;
SELECT nps_rollup_trouble('rs_one.rollup');
CALL nps_dematerialize('rs_one');
CALL nps_materialize('rs_one');
SELECT * FROM differences();
SELECT detach('rs_one', 'rs_two', 'ü <<answer>> "x" ''y'' %s, with a name of 63 bytes to the last !');
SELECT count(*) AS triggers FROM pg_trigger WHERE tgrelid = '"a <<b>> ""%s"" ''c''"'::regclass AND NOT tgisinternal;

--
-- A survey with nothing but scores.
--

CREATE TABLE answer (id serial PRIMARY KEY, score integer, at timestamptz, words text, plan text);
SELECT attach('answer');
CALL nps_materialize('rs_one');
INSERT INTO answer (score) SELECT i % 13 FROM generate_series(1, 100) i;
INSERT INTO answer (score) VALUES (NULL);
UPDATE answer SET score = 10 WHERE id % 4 = 0;
DELETE FROM answer WHERE id % 6 = 0;
SELECT * FROM differences();
SELECT * FROM rs_one.rollup LIMIT 0;
SELECT rows_after FROM nps_compact('rs_one');
SELECT * FROM differences();
SELECT detach();

--
-- Statements of all kinds: on their own table, in WITH, through keys and triggers, and with many cells at once.
--

TRUNCATE answer RESTART IDENTITY;
SELECT attach('answer', responded_at => 'at', comment => 'words', segments => '{plan}', time_zone => 'Europe/Berlin');
CALL nps_materialize('rs_one');
INSERT INTO answer (score, at, words, plan) SELECT i % 12, '2026-01-01'::timestamptz + i * interval '1 hour', 'w', 'p' || i % 3 FROM generate_series(1, 60) i;
INSERT INTO answer (score, at, words, plan) SELECT score, at, words, plan FROM answer;
SELECT * FROM differences();
WITH a AS (INSERT INTO answer (score, plan) VALUES (1, 'with') RETURNING id), b AS (INSERT INTO answer (score, plan) SELECT 2, 'with' FROM a RETURNING id),
	c AS (UPDATE answer SET score = 3 WHERE id IN (1, 2) RETURNING id), d AS (UPDATE answer SET score = 4, plan = 'with' WHERE id IN (3, 4)), e AS (DELETE FROM answer WHERE id IN (5, 6))
DELETE FROM answer WHERE id IN (7, 8);
SELECT * FROM differences();
UPDATE answer a SET score = b.score FROM answer b WHERE b.id = a.id + 1;
INSERT INTO answer (score) SELECT 1 WHERE false;
DELETE FROM answer WHERE false;
SELECT * FROM differences();
-- triggers before and after that write it again
CREATE FUNCTION again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF pg_trigger_depth() < 3 THEN
		INSERT INTO answer (score, at, plan) VALUES (pg_trigger_depth(), '2026-03-01', tg_name);
		UPDATE answer SET words = 'again', score = 9 WHERE id % 17 = pg_trigger_depth();
	END IF;
	RETURN new;
END
$$;
CREATE TRIGGER a_before BEFORE INSERT ON answer FOR EACH ROW EXECUTE FUNCTION again();
CREATE TRIGGER z_after AFTER INSERT ON answer FOR EACH ROW EXECUTE FUNCTION again();
CREATE TRIGGER z_statement AFTER INSERT ON answer FOR EACH STATEMENT EXECUTE FUNCTION again();
CREATE TRIGGER a_statement BEFORE UPDATE ON answer FOR EACH STATEMENT EXECUTE FUNCTION again();
CREATE CONSTRAINT TRIGGER deferred AFTER DELETE ON answer DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION again();
INSERT INTO answer (score, at, plan) VALUES (8, '2026-03-01', 'cascade'), (7, '2026-03-01', 'cascade');
SELECT * FROM differences();
BEGIN;
DELETE FROM answer WHERE id < 20;
SELECT * FROM differences();
SET CONSTRAINTS ALL IMMEDIATE;
SELECT * FROM differences();
COMMIT;
SELECT * FROM differences();
SELECT count(*) > 0 AS written FROM answer WHERE words = 'again';
DROP TRIGGER a_before ON answer;
DROP TRIGGER z_after ON answer;
DROP TRIGGER z_statement ON answer;
DROP TRIGGER a_statement ON answer;
DROP TRIGGER deferred ON answer;
-- a trigger that removes rows, or changes them
CREATE FUNCTION changes() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN IF new.score = 5 THEN RETURN NULL; END IF; new.plan := 'changed'; RETURN new; END$$;
CREATE TRIGGER changes BEFORE INSERT OR UPDATE ON answer FOR EACH ROW EXECUTE FUNCTION changes();
INSERT INTO answer (score, plan) VALUES (5, 'x'), (6, 'x');
UPDATE answer SET score = 6 WHERE id % 3 = 0;
SELECT * FROM differences();
DROP TRIGGER changes ON answer;
SELECT detach();

-- more cells than are kept in memory
SELECT attach('answer', segments => '{words AS cell}', other => NULL);
CALL nps_materialize('rs_one');
INSERT INTO answer (score, words) SELECT i % 11, 'cell ' || (i * 7919) % 12500 FROM generate_series(1, 30000) i;
SELECT count(*) FROM nps_verify('rs_one');
SELECT count(*) > 12500 AS more_rows_than_cells, sum(nps_responses(added::nps_tally)) AS answers FROM rs_one.rollup WHERE cell LIKE 'cell %';
UPDATE answer SET words = 'cell ' || id % 12000 WHERE words LIKE 'cell %';
SELECT count(*) FROM nps_verify('rs_one');
DELETE FROM answer WHERE words LIKE 'cell %';
SELECT count(*) FROM nps_verify('rs_one');
SELECT rows_after FROM nps_compact('rs_one');
SELECT detach('rs_one');
DROP TABLE answer;

-- foreign keys that delete rows or set columns to NULL
CREATE TABLE customer (id integer PRIMARY KEY, boss integer REFERENCES customer ON DELETE CASCADE);
CREATE TABLE plan (name text PRIMARY KEY);
CREATE TABLE answer (id integer PRIMARY KEY, customer integer REFERENCES customer ON DELETE CASCADE ON UPDATE CASCADE, plan text DEFAULT 'none' REFERENCES plan ON DELETE SET NULL ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED, reply_to integer REFERENCES answer ON DELETE CASCADE, score integer);
INSERT INTO customer SELECT i, nullif(i / 3, 0) FROM generate_series(1, 30) i;
INSERT INTO plan VALUES ('a'), ('b'), ('c');
INSERT INTO answer SELECT i, 1 + i % 30, (ARRAY['a', 'b', 'c'])[1 + i % 3], nullif(i / 2, 0), i % 12 FROM generate_series(1, 200) i;
SELECT attach('answer', segments => '{plan, customer}');
CALL nps_materialize('rs_one');
DELETE FROM customer WHERE id = 4;
SELECT * FROM differences();
DELETE FROM plan WHERE name = 'a';
SELECT * FROM differences();
UPDATE plan SET name = 'd' WHERE name = 'b';
UPDATE customer SET id = 100 WHERE id = 30;
SELECT * FROM differences();
DELETE FROM answer WHERE id = 2;
SELECT * FROM differences();
BEGIN;
INSERT INTO answer (id, plan, score) VALUES (300, 'late', 9);
SELECT * FROM differences();
INSERT INTO plan VALUES ('late');
COMMIT;
INSERT INTO answer (id, plan, score) VALUES (301, 'never', 9);
SELECT value, responses FROM rs_one.segment WHERE value IN ('a', 'b', 'late', 'never') ORDER BY value;
SELECT * FROM differences();
TRUNCATE customer CASCADE;
SELECT * FROM differences();
SELECT count(*) FROM rs_one.rollup;
SELECT detach();

--
-- A function in the mapping that writes to the source itself.
--

CREATE TABLE twice (id serial PRIMARY KEY, score integer, plan text);
CREATE FUNCTION written() RETURNS void LANGUAGE sql AS $$INSERT INTO rollup_source.twice (score, plan) VALUES (3, 'written')$$;
CREATE FUNCTION writes(plan text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN
	IF plan = 'write' THEN
		PERFORM rollup_source.written();
	ELSIF plan = 'fail' THEN
		RAISE EXCEPTION 'no';
	END IF;
	RETURN plan;
END
$$;
SELECT attach('twice', segments => ARRAY['writes(plan) AS plan']);
CALL nps_materialize('rs_one');
INSERT INTO twice (score, plan) VALUES (9, 'read'), (9, 'fail');
INSERT INTO twice (score, plan) VALUES (9, 'read'), (8, NULL);
SELECT plan, sum(nps_responses(added::nps_tally)) AS answers FROM rs_one.rollup GROUP BY 1 ORDER BY 1;
INSERT INTO twice (score, plan) VALUES (7, 'write'), (6, 'read');
SELECT plan, sum(nps_responses(added::nps_tally)) AS answers FROM rs_one.rollup GROUP BY 1 ORDER BY 1;
SELECT plan, count(*) FROM twice GROUP BY 1 ORDER BY 1;
-- an error that is caught leaves nothing behind
DO $$
BEGIN
	FOR i IN 1..5 LOOP
		BEGIN
			INSERT INTO twice (score, plan) VALUES (i, CASE WHEN i % 2 = 0 THEN 'fail' ELSE 'caught' END);
		EXCEPTION WHEN raise_exception THEN
			NULL;
		END;
	END LOOP;
END
$$;
SELECT plan, sum(nps_responses(added::nps_tally)) AS answers FROM rs_one.rollup GROUP BY 1 ORDER BY 1;
DELETE FROM twice WHERE plan = 'write';
-- another function: nps_verify() notices it, and it is used from then on
CREATE OR REPLACE FUNCTION writes(plan text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT upper(plan)';
SELECT count(*) > 0 AS found FROM nps_verify('rs_one');
INSERT INTO twice (score, plan) VALUES (9, 'read');
SELECT plan, sum(nps_responses(added::nps_tally)) AS answers FROM rs_one.rollup WHERE plan = 'READ' GROUP BY 1 ORDER BY 1;
CALL nps_materialize('rs_one', rebuild => true);
INSERT INTO twice (score, plan) VALUES (9, 'read');
SELECT * FROM differences();
SELECT detach();

--
-- A function that is called while the mapping is read, as its arguments are constant, and asks for that mapping.
--

CREATE TABLE asked (id integer PRIMARY KEY, score integer, plan text);
INSERT INTO asked SELECT i, i % 11, 'p' FROM generate_series(1, 30) i;
CREATE SEQUENCE times;
CREATE FUNCTION asks() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	times bigint;
BEGIN
	IF current_setting('test.asks')::boolean THEN
		times := nextval('rollup_source.times');
		IF times <= 3 THEN
			PERFORM public.nps_rollup_serves('rs_one.rollup');
			UPDATE rollup_source.asked SET score = times WHERE id = 1;
		END IF;
	END IF;
END
$$;
CREATE FUNCTION constant(word text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN
	PERFORM rollup_source.asks();
	RETURN repeat(word, 500);
END
$$;
SET test.asks = off;
SELECT attach('asked', segments => ARRAY['constant(''x'') AS one', 'plan', 'constant(''y'') AS two', 'constant(''z'') AS three']);
CALL nps_materialize('rs_one');
SELECT setval('times', 1, false);
SET test.asks = on;
ALTER TABLE asked ALTER score SET STATISTICS 10;
UPDATE asked SET score = 4 WHERE id = 2;
SELECT last_value > 3 AS asked FROM times;
SELECT setval('times', 1, false);
SET test.asks = on;
ALTER TABLE asked ALTER score SET STATISTICS 11;
SELECT count(*) FROM rs_one.segment WHERE segment = 'plan';
SELECT last_value > 3 AS asked FROM times;
SELECT count(*) AS different FROM nps_verify('rs_one');
SELECT detach();
-- likewise, while it is prepared, as the checks of a domain changed, or any other check
SET test.asks = off;
CREATE DOMAIN asking AS text CHECK (VALUE <> rollup_source.constant('x')) CHECK (VALUE <> rollup_source.constant('y'));
SELECT attach('asked', segments => ARRAY['plan::asking AS asking', '(plan || id)::asking AS other']);
CALL nps_materialize('rs_one');
CREATE ROLE regress_nps_asking;
GRANT USAGE ON SCHEMA rollup_source, rs_one TO regress_nps_asking;
GRANT SELECT, UPDATE ON asked TO regress_nps_asking;
UPDATE asked SET score = 4 WHERE id = 3;
ALTER TABLE twice ADD CHECK (id > 0);
ALTER TABLE asked ALTER score SET STATISTICS 12;
SELECT setval('times', 1, false);
SET test.asks = on;
SET ROLE regress_nps_asking;
UPDATE asked SET score = 5 WHERE id = 3;
RESET ROLE;
SELECT last_value > 3 AS asked FROM times;
SELECT count(*) AS different FROM nps_verify('rs_one');
DROP OWNED BY regress_nps_asking;
DROP ROLE regress_nps_asking;
SELECT detach();

--
-- Virtual generated columns, if the server has them.
--

SELECT current_setting('server_version_num')::integer >= 180000 AS has_virtual \gset
\if :has_virtual
CREATE TABLE virtual (id integer PRIMARY KEY, raw text, score integer GENERATED ALWAYS AS (length(raw)) VIRTUAL, plan text GENERATED ALWAYS AS (left(raw, 1)) VIRTUAL);
\else
CREATE TABLE virtual (id integer PRIMARY KEY, raw text, score integer GENERATED ALWAYS AS (length(raw)) STORED, plan text GENERATED ALWAYS AS (left(raw, 1)) STORED);
\endif
INSERT INTO virtual SELECT i, repeat((ARRAY['a', 'b'])[1 + i % 2], i % 13) FROM generate_series(1, 50) i;
SELECT attach('virtual', comment => 'raw', segments => '{plan}', filter => 'plan <> ''c''');
CALL nps_materialize('rs_one');
INSERT INTO virtual SELECT i, repeat((ARRAY['a', 'b', 'c'])[1 + i % 3], i % 13) FROM generate_series(101, 150) i;
UPDATE virtual SET raw = 'a' || raw WHERE id % 3 = 0;
DELETE FROM virtual WHERE id % 4 = 0;
SELECT * FROM differences();
SELECT value, responses FROM rs_one.segment ORDER BY value;

SET client_min_messages = error;
DROP SCHEMA rs_one, rs_two, rollup_source CASCADE;
