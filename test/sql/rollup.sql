-- nps_materialize(): a rollup that every change of the source keeps exact.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET TimeZone = 'UTC';

CREATE SCHEMA desk;
SET search_path = desk, public;

--
-- Two surveys on one table: one reads its rollup, the other the source.
-- differences() names the reports in which they differ, and the cells that
-- nps_verify() finds.
--

CREATE TABLE answer (
	id integer PRIMARY KEY,
	customer integer,
	score integer,
	at timestamptz,
	words text,
	plan text,
	country text,
	kind text DEFAULT 'relationship'
);
INSERT INTO answer (id, customer, score, at, words, plan, country)
SELECT i, i % 300, CASE WHEN i % 10 > 0 THEN i * 7 % 13 END,
	CASE WHEN i % 50 > 0 THEN '2026-01-01 00:30+00'::timestamptz + i * interval '3 hours' END,
	CASE i % 3 WHEN 0 THEN 'word' WHEN 1 THEN E' \t' END,
	(ARRAY['free', 'pro', NULL])[1 + i % 3], (ARRAY['DE', 'AT', 'CH', ''])[1 + i % 4]
FROM generate_series(1, 2000) AS i;

SELECT count(*) > 0 AS attached
FROM nps_attach('answer', 'score', 'kept', respondent => 'customer', responded_at => 'at', comment => 'words',
	segments => ARRAY['plan', 'country'], filter => $$kind = 'relationship'$$, time_zone => 'Europe/Berlin', goal => 20, loop_since => '-infinity');
SELECT count(*) > 0 AS attached
FROM nps_attach('answer', 'score', 'plain', respondent => 'customer', responded_at => 'at', comment => 'words',
	segments => ARRAY['plan', 'country'], filter => $$kind = 'relationship'$$, time_zone => 'Europe/Berlin', goal => 20, loop_since => '-infinity');

CREATE FUNCTION differences(one text, other text, OUT report text, OUT rows bigint) RETURNS SETOF record LANGUAGE plpgsql AS $$
BEGIN
	FOREACH report IN ARRAY ARRAY['summary', 'distribution', 'distribution_trend', 'trend', 'segment', 'segment_trend'] LOOP
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
END
$$;

CALL nps_materialize('kept');
SELECT * FROM differences('kept', 'plain');
SELECT responses, unanswered, rejected, first_answer, last_answer FROM kept.summary;
SELECT count(*) AS rows, count(DISTINCT (day, plan, country)) AS cells, sum(nps_responses(added::nps_tally)) AS answers, count(removed) AS removed FROM kept.rollup;
-- all tables and views can be read by clients that know the built-in types
SELECT a.attrelid::regclass, a.attname, t.oid::regtype FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid AND c.relnamespace = 'kept'::regnamespace AND c.relkind IN ('r', 'v') JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attnum > 0 AND NOT a.attisdropped AND (t.typnamespace <> 'pg_catalog'::regnamespace OR t.typtype <> 'b'
	OR t.typcategory = 'A' AND c.relname <> 'rollup' OR t.oid IN ('interval'::regtype, 'tsquery'::regtype, 'tsvector'::regtype));

-- nothing to do; and a rebuild
SET client_min_messages = notice;
CALL nps_materialize('kept');
SET client_min_messages = warning;
CALL nps_materialize('kept', rebuild => true);
SELECT * FROM differences('kept', 'plain');

-- only the rollup is read
CREATE FUNCTION reads(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
	RETURN QUERY SELECT DISTINCT r #>> '{}' FROM jsonb_path_query(plan::jsonb, 'strict $.**."Relation Name"') AS r ORDER BY 1;
END
$$;
SELECT reads('SELECT * FROM kept.summary');
SELECT reads($$SELECT * FROM kept.trend WHERE grain = 'month'$$);
SELECT reads('SELECT * FROM kept.segment');
SELECT reads($$SELECT * FROM kept.segment_trend WHERE grain = 'week' AND segment = 'plan'$$);
SELECT reads('SELECT * FROM kept.distribution');
SELECT reads('SELECT * FROM plain.distribution');

--
-- Every kind of change.
--

INSERT INTO answer (id, customer, score, at, words, plan, country) VALUES
	(3001, 1, 10, '2026-11-20', 'great', 'pro', 'DE'), (3002, 2, 99, '2026-11-20', 'what?', 'pro', 'DE'), (3003, 3, NULL, '2026-11-20', NULL, 'pro', 'DE'),
	(3004, 4, 3, 'infinity', 'never', 'new', 'FR'), (3005, 5, 3, '294276-01-01', 'late', 'new', 'FR'), (3006, 6, 0, NULL, '', NULL, NULL),
	(3007, 7, 0, '2026-03-29 01:00+00', 'an hour is missing here', 'pro', 'DE');
SELECT day, plan, country, added, removed, unanswered, rejected, with_comment FROM kept.rollup
WHERE day = '2026-11-20' OR country = 'FR' ORDER BY day, plan, country;
SELECT * FROM differences('kept', 'plain');

UPDATE answer SET score = 10 - score WHERE id % 7 = 0;
UPDATE answer SET at = at + interval '1 month' WHERE id % 11 = 0;
UPDATE answer SET plan = 'gone', words = NULL WHERE id % 13 = 0;
UPDATE answer SET kind = 'transaction' WHERE id % 17 = 0;
UPDATE answer SET kind = 'relationship', score = 5 WHERE id % 34 = 0;
UPDATE answer SET id = id + 10000 WHERE id % 19 = 0;
SELECT * FROM differences('kept', 'plain');
DELETE FROM answer WHERE id % 5 = 0;
SELECT * FROM differences('kept', 'plain');

-- a change of nothing that is counted writes nothing
SELECT count(*) AS rows FROM kept.rollup \gset
UPDATE answer SET customer = customer + 1, words = words || '!' WHERE words IS NOT NULL AND words !~ '^\s*$';
UPDATE answer SET score = score WHERE id < 100;
INSERT INTO answer (id, kind) VALUES (9000, 'other');
SELECT count(*) - :rows AS more_rows FROM kept.rollup;

-- COPY, ON CONFLICT, MERGE, WITH, RETURNING
COPY answer (id, customer, score, at, plan, country) FROM stdin;
20001	1	9	2026-05-01	pro	DE
20002	1	8	2026-05-01	pro	DE
20003	1	\N	2026-05-01	pro	AT
\.
INSERT INTO answer (id, score, at, plan) SELECT i, 4, '2026-06-01', 'pro' FROM generate_series(20002, 20005) AS i
ON CONFLICT (id) DO UPDATE SET score = excluded.score, at = excluded.at;
MERGE INTO answer a USING (SELECT i AS id FROM generate_series(20004, 20008) AS i) AS n ON a.id = n.id
WHEN MATCHED AND a.id = 20004 THEN DELETE
WHEN MATCHED THEN UPDATE SET score = 1
WHEN NOT MATCHED THEN INSERT (id, score, at, plan) VALUES (n.id, 7, '2026-07-01', 'merged');
WITH gone AS (DELETE FROM answer WHERE id = 20001 RETURNING *), changed AS (UPDATE answer SET score = 2 WHERE id = 20002)
INSERT INTO answer SELECT id + 1000, customer, score, at, words, plan, country FROM gone;
SELECT * FROM differences('kept', 'plain');

-- within a transaction: exact at once, and rolled back with it
BEGIN;
INSERT INTO answer (id, score, at, plan) VALUES (30001, 10, '2026-08-01', 'here');
SELECT value, responses FROM kept.segment WHERE value = 'here';
SAVEPOINT before;
DELETE FROM answer;
SELECT responses FROM kept.summary;
SELECT * FROM differences('kept', 'plain');
ROLLBACK TO before;
SELECT * FROM differences('kept', 'plain');
ROLLBACK;
SELECT value, responses FROM kept.segment WHERE value = 'here';
SELECT * FROM differences('kept', 'plain');

--
-- Folding.
--

SELECT rows_before > rows_after AS folded FROM nps_compact('kept');
SELECT count(*) - count(DISTINCT ROW(day, plan, country)) AS more_than_one, count(removed) AS removed FROM kept.rollup;
SELECT rows_before = rows_after AS was_folded FROM nps_compact('kept');
SELECT * FROM differences('kept', 'plain');
SELECT * FROM nps_compact('plain');
SELECT * FROM nps_verify('plain');
SELECT * FROM nps_compact('nowhere');

-- a cell whose counts come to zero is removed
INSERT INTO answer (id, score, at, plan) VALUES (30001, 10, '2026-08-01', 'here');
DELETE FROM answer WHERE id = 30001;
SELECT count(*) FROM kept.rollup WHERE plan = 'here';
SELECT FROM nps_compact('kept');
SELECT count(*) FROM kept.rollup WHERE plan = 'here';
SELECT * FROM differences('kept', 'plain');

-- everything deleted, and a new start
DELETE FROM answer;
SELECT * FROM differences('kept', 'plain');
INSERT INTO answer (id, score, at, plan) SELECT i, i % 11, '2026-08-01'::timestamptz + i * interval '1 hour', 'again' FROM generate_series(1, 100) AS i;
TRUNCATE answer;
SELECT count(*) FROM kept.rollup;
SELECT * FROM differences('kept', 'plain');
BEGIN;
INSERT INTO answer (id, score, at, plan) SELECT i, i % 11, '2026-08-01'::timestamptz + i * interval '1 hour', 'again' FROM generate_series(1, 100) AS i;
TRUNCATE answer;
ROLLBACK;
INSERT INTO answer (id, score, at, plan) SELECT i, i % 11, '2026-08-01'::timestamptz + i * interval '1 hour', 'again' FROM generate_series(1, 100) AS i;
SELECT * FROM differences('kept', 'plain');

--
-- A trigger that is disabled is noticed at once, even if it is enabled again, and
-- a rebuild cures it.  What replication writes is counted.
--

ALTER TABLE answer DISABLE TRIGGER nps_rollup_update_kept;
UPDATE answer SET score = 9 WHERE id <= 3;
SELECT reads('SELECT * FROM kept.summary');
SELECT nps_rollup_trouble('kept.rollup');
ALTER TABLE answer ENABLE TRIGGER nps_rollup_update_kept;
SELECT reads('SELECT * FROM kept.summary');
SELECT day, segments, in_source, in_rollup FROM nps_verify('kept');
CALL nps_materialize('kept', rebuild => true);
SELECT * FROM differences('kept', 'plain');
SET session_replication_role = replica;
DELETE FROM answer WHERE id < 30;
RESET session_replication_role;
SELECT count(*) FROM nps_verify('kept');
SELECT responses FROM kept.summary;
DELETE FROM answer WHERE id < 50;
SELECT responses > 0 AS answers FROM kept.summary;
SELECT rows_after > 0 AS folded FROM nps_compact('kept');
CALL nps_materialize('kept', rebuild => true);
SELECT * FROM differences('kept', 'plain');

-- nps_check() reports what it can without reading everything
CREATE VIEW found AS SELECT severity, finding, detail, fix FROM nps_check('kept') WHERE finding ~ 'rollup|folding|kept';
TABLE found;
INSERT INTO answer (id, score, at, plan, country) SELECT i, 9, '2026-08-01'::timestamptz + i * interval '1 day', 'a', 'b' FROM generate_series(60001, 61001) AS i;
TABLE found;
UPDATE answer SET score = 8 WHERE id > 60000;
UPDATE answer SET score = 7 WHERE id > 60000;
UPDATE answer SET score = 6 WHERE id > 60000;
ALTER TABLE answer DISABLE TRIGGER nps_rollup_truncate_kept;
TABLE found;
ALTER TABLE answer ENABLE ALWAYS TRIGGER nps_rollup_truncate_kept;
DELETE FROM answer WHERE id > 60000;
SELECT rows_after < 100 AS folded FROM nps_compact('kept');
TABLE found;
CALL nps_materialize('kept', rebuild => true);
TABLE found;
SELECT * FROM differences('kept', 'plain');

--
-- The mapping changes.
--

SELECT count(*) > 0 AS same FROM nps_attach('answer', 'score', 'kept', respondent => 'customer', responded_at => 'at', comment => 'words',
	segments => ARRAY['plan', 'country'], filter => $$kind = 'relationship'$$, time_zone => 'Europe/Berlin', replace => true, loop_since => '-infinity');
-- arguments that the rollup does not depend on
SELECT count(*) > 0 AS revenue_added FROM nps_attach('answer', 'score', 'kept', respondent => 'customer', responded_at => 'at', comment => 'words', revenue => 'id',
	segments => ARRAY['plan', 'country'], filter => $$kind = 'relationship'$$, time_zone => 'Europe/Berlin', replace => true, loop_since => '-infinity');
SELECT reads('SELECT * FROM kept.summary');
SELECT count(*) > 0 AS refreshed FROM nps_refresh_views('kept');
SELECT reads('SELECT * FROM kept.summary');
SELECT * FROM differences('kept', 'plain');
ALTER TABLE answer RENAME score TO mark;
INSERT INTO answer (id, mark, at, plan) VALUES (40001, 6, '2026-08-01', 'here');
SELECT * FROM differences('kept', 'plain');
ALTER TABLE answer RENAME mark TO score;
ALTER TABLE answer RENAME TO answers;
ALTER SCHEMA kept RENAME TO held;
INSERT INTO answers (id, score, at, plan) VALUES (40002, 6, '2026-08-01', 'here');
SELECT * FROM differences('held', 'plain');
ALTER SCHEMA held RENAME TO kept;
ALTER TABLE answers RENAME TO answer;
-- one segment more or less, another zone, or another filter: it is no longer the rollup of this survey
SELECT count(*) > 0 AS segment_added FROM nps_attach('answer', 'score', 'kept', respondent => 'customer', responded_at => 'at', comment => 'words',
	segments => ARRAY['plan', 'country', 'kind'], filter => $$kind = 'relationship'$$, time_zone => 'Europe/Berlin', replace => true, loop_since => '-infinity');
CALL nps_materialize('kept');
SELECT count(*) > 0 AS segment_taken FROM nps_attach('answer', 'score', 'kept', respondent => 'customer', responded_at => 'at', comment => 'words',
	segments => ARRAY['plan', 'country'], filter => $$kind = 'relationship'$$, time_zone => 'Europe/Berlin', replace => true, loop_since => '-infinity');
CALL nps_materialize('kept');
SELECT count(*) > 0 AS moved FROM nps_attach('answer', 'score', 'kept', respondent => 'customer', responded_at => 'at', comment => 'words',
	segments => ARRAY['plan', 'country'], filter => $$kind = 'relationship'$$, time_zone => 'Asia/Tokyo', replace => true, loop_since => '-infinity');
SELECT count(*) FROM pg_trigger WHERE tgrelid = 'answer'::regclass AND NOT tgisinternal;
CALL nps_materialize('kept');
SELECT count(*) > 0 AS filter_gone FROM nps_attach('answer', 'score', 'kept', respondent => 'customer', responded_at => 'at', comment => 'words',
	segments => ARRAY['plan', 'country'], time_zone => 'Europe/Berlin', replace => true, loop_since => '-infinity');
SELECT reads('SELECT * FROM kept.summary');

--
-- Back to the source; and dropped with the schema, whatever happens to it.
--

CALL nps_materialize('kept');
CALL nps_materialize('plain');
CALL nps_dematerialize('plain');
CALL nps_dematerialize('plain');
CALL nps_dematerialize('nowhere');
SELECT reads('SELECT * FROM plain.summary');
SELECT nps_detach('plain');
SELECT tgname FROM pg_trigger WHERE tgrelid = 'answer'::regclass AND NOT tgisinternal ORDER BY tgname;
DROP TABLE kept.rollup;
SET client_min_messages = error;
DROP SCHEMA kept CASCADE;
RESET client_min_messages;
INSERT INTO answer (id, score) VALUES (50001, 9);
SELECT count(*) FROM pg_trigger WHERE tgrelid = 'answer'::regclass AND NOT tgisinternal;

--
-- What cannot be kept is refused, and nothing is left behind.
--

SET client_min_messages = warning;
CREATE TABLE customer (id integer PRIMARY KEY, tier text);
SELECT format($$SELECT count(*) > 0 AS attached FROM nps_attach('answer', 'score', 'tried', responded_at => 'at', segments => %L)$$, segments),
	$$CALL nps_materialize('tried')$$, $$SELECT nps_detach('tried')$$
FROM (VALUES
	(ARRAY['(SELECT c.tier FROM customer c WHERE c.id = customer) AS tier']),
	(ARRAY['(at > now()) AS is_future']),
	(ARRAY['to_char(at, ''TMMonth'') AS month']),
	(ARRAY['(tableoid::text) AS writer']),
	(ARRAY['plan AS day']),
	(ARRAY['(score::real) AS mark']),
	(ARRAY['(at::date) AS local_day']),
	(ARRAY['(answer.*::text) AS everything']),
	(ARRAY['plan', '(country = ''DE'') AS at_home', '((at AT TIME ZONE ''UTC'')::date) AS utc_day', '(id::numeric) AS number'])) AS v(segments) \gexec
SELECT to_regnamespace('tried');

CREATE VIEW all_answers AS SELECT * FROM answer;
CREATE TABLE child () INHERITS (answer);
SELECT count(*) > 0 AS attached FROM nps_attach('all_answers', 'score', 'of_view', response_id => 'id');
CALL nps_materialize('of_view');
SELECT count(*) > 0 AS attached FROM nps_attach('answer', 'score', 'of_parent');
CALL nps_materialize('of_parent');
SELECT count(*) > 0 AS attached FROM nps_attach('child', 'score', 'of_child', response_id => 'id');
CALL nps_materialize('of_child');
SELECT to_regclass('of_child.rollup');
CALL nps_materialize('nowhere');
BEGIN;
CALL nps_materialize('of_child');
ROLLBACK;
DROP TABLE child CASCADE;
BEGIN;
CALL nps_materialize('of_parent');
ROLLBACK;
SELECT to_regclass('of_parent.rollup');

SET client_min_messages = error;
DROP SCHEMA desk, of_view, of_parent, of_child CASCADE;
