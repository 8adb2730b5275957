#!/bin/bash
# Long loops in one backend need no more memory than short ones.
#  - Each function and each aggregate, called for many rows of one query.
#  - Writers and readers of surveys, each statement in a transaction of its own: cases worked
#    with, rollups kept of a plain and of a partitioned table; with errors that are caught, with
#    roles that change, and with changes in between that make what the backend keeps invalid.
#  - The same in one long transaction with subtransactions.
#  - Surveys and rollups that are dropped and made again: of what is gone nothing is kept.
# The memory contexts of the backend are read after one, two and three times as many rounds.
# What was used for the first time takes memory only once, so the lesser of both growths counts.
# Autovacuum comes when it will, and what it tells the backend has plans and catalog entries made
# again, of another size: so growth is believed when a second run, in a new database, has it too.
#
#   NPS_MEMORY_ROUNDS=...  how many times as many rounds (1 if it is not set)
# At 20 the two loops "one transaction" grow in TopTransactionContext, with nps or without: the server notes there each
# change of a row that the same transaction had changed before.
set -euo pipefail
[ -z "${NPS_ONCE-}" ] || { echo "tested on another version"; exit 77; }

times=${NPS_MEMORY_ROUNDS:-1}
database=nps_memory
work=$(mktemp -d)
export PGOPTIONS='-c client_min_messages=error -c jit=off -c TimeZone=UTC'
clean_up() {
    psql -X -q -d postgres -c "DROP DATABASE IF EXISTS $database WITH (FORCE)" -c "DROP ROLE IF EXISTS regress_nps_memory" || true
    rm -rf "$work"
}
trap clean_up EXIT

cat > "$work/tools.sql" << 'SQL'
CREATE EXTENSION nps;
CREATE TABLE measured (what text, point integer, name text, contexts bigint, used bigint);
ALTER TABLE measured SET (autovacuum_enabled = false);

-- What the backend has allocated now, by the names of its memory contexts.
CREATE FUNCTION measure(what text, point integer) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO measured SELECT what, point, name, count(*), sum(used_bytes) FROM pg_backend_memory_contexts GROUP BY name;
	RETURN point;
END
$$;

CREATE VIEW growth AS
	SELECT what, name, least(c.contexts - b.contexts, b.contexts - a.contexts) AS contexts, least(c.used - b.used, b.used - a.used) AS used
	FROM (SELECT * FROM measured WHERE point = 1) a
	FULL JOIN (SELECT * FROM measured WHERE point = 2) b USING (what, name)
	FULL JOIN (SELECT * FROM measured WHERE point = 3) c USING (what, name);

-- Runs the statements over and over, $i in them being the number of the round.  One that
-- begins with ! must fail, one with ~ runs in a subtransaction.  A commit behind each, or none.
CREATE PROCEDURE repeat(what text, rounds integer, statements text[], commits boolean DEFAULT true) LANGUAGE plpgsql AS $$
DECLARE
	statement text;
	failed boolean;
BEGIN
	FOR i IN 1..3 * rounds LOOP
		FOREACH statement IN ARRAY statements LOOP
			statement := replace(statement, '$i', i::text);
			IF statement = 'rebuild' THEN
				CALL nps_materialize('plain', rebuild => true);
			ELSIF statement = 'again' THEN
				CALL nps_dematerialize('plain');
				CALL nps_materialize('plain');
			ELSIF statement ~ '^[!~]' THEN
				failed := false;
				BEGIN
					EXECUTE substr(statement, 2);
				EXCEPTION WHEN OTHERS THEN
					IF statement LIKE '~%' THEN
						RAISE;
					END IF;
					failed := true;
				END;
				IF NOT failed AND statement LIKE '!%' THEN
					RAISE EXCEPTION 'did not fail: %', statement;
				END IF;
			ELSE
				EXECUTE statement;
			END IF;
			IF commits THEN
				COMMIT;
			END IF;
		END LOOP;
		IF i % rounds = 0 THEN
			PERFORM measure(what, i / rounds);
			IF commits THEN
				COMMIT;
			END IF;
		END IF;
	END LOOP;
END
$$;
SQL

cat > "$work/calls.sql" << 'SQL'
-- What to call functions with, by the names of arguments; where there is no name, by the type.
CREATE TABLE argument (name text, type text, value text, PRIMARY KEY (name, type));
INSERT INTO argument VALUES
	('score', 'text', $$(ARRAY['5', ' 4', '3.0', NULL, '1.0'])[1 + i % 5]$$),
	('answer', 'text', $$(ARRAY['5', ' 4', '3 - no', NULL, '1.0'])[1 + i % 5]$$),
	('', 'text', $$(1 + i % 5)::text$$),
	('scale', 'text', $$(ARRAY['nps', 'csat5', 'ces7'])[1 + i % 3]$$),
	('state', 'bytea', $$nps_day_counts_accum(NULL, '2024-05-05', NULL, 'UTC', 1 + i % 5, NULL, NULL, 'csat5')$$),
	('', 'bytea', $$nps_day_counts_accum(NULL, timestamptz '2024-05-05' + i % 90 * interval '1 day', NULL, 'UTC', 1 + i % 5, NULL, NULL, 'csat5')$$),
	('format', 'text', $$(ARRAY['ISO 8601', 'DD/MM/YYYY', 'epoch'])[1 + i % 3]$$),
	('time_zone', 'text', $$(ARRAY['UTC', 'Europe/Berlin', 'Asia/Kathmandu'])[1 + i % 3]$$),
	('zone', 'text', $$(ARRAY['UTC', 'Europe/Berlin', 'Asia/Kathmandu'])[1 + i % 3]$$),
	('grain', 'text', $$(ARRAY['day', 'week', 'month', 'quarter', 'year'])[1 + i % 5]$$),
	('method', 'text', $$(ARRAY['wald', 'adjusted_wald'])[1 + i % 2]$$),
	('comment', 'text', $$repeat(' ', i % 9) || (ARRAY['', 'x'])[1 + i % 2]$$),
	('clock', 'text', $$(ARRAY['acknowledge', 'contact', 'resolve'])[1 + i % 3]$$),
	('days', 'text', $$(ARRAY['Mon Tue', 'Sun', 'no'])[1 + i % 3]$$),
	('work_days', 'text', $$(ARRAY['Mon Tue Wed Thu Fri', 'Sun Mon'])[1 + i % 2]$$),
	('work_from', 'time without time zone', $$time '09:00'$$),
	('work_until', 'time without time zone', $$time '17:00' + i % 60 * interval '1 minute'$$),
	('holidays', 'date[]', $$CASE i % 3 WHEN 0 THEN ARRAY[date '2026-05-01' + i % 50] WHEN 1 THEN '{}' END$$),
	('', 'timestamp with time zone', $$timestamptz '2026-04-30 10:00+00' + i * interval '3 hours'$$),
	('', 'timestamp without time zone', $$timestamp '2026-04-30 10:00' + i * interval '3 hours'$$),
	('', 'date', $$date '2026-04-30' + i % 100$$),
	('step', 'interval', $$interval '1 month'$$),
	('hours', 'double precision', $$(i % 70)::float8$$),
	('confidence', 'double precision', $$0.9 + i % 9 / 100.0$$),
	('power', 'double precision', $$0.8$$),
	('weight', 'double precision', $$(1 + i % 3)::float8$$),
	('margin', 'double precision', $$(1 + i % 30)::float8$$),
	('difference', 'double precision', $$(1 + i % 30)::float8$$),
	('detractor_share', 'double precision', $$0.3$$),
	('promoter_share', 'double precision', $$0.5$$),
	('detractor_share_after', 'double precision', $$0.2$$),
	('promoter_share_after', 'double precision', $$0.6$$),
	('successes', 'double precision', $$(i % 40)::float8$$),
	('total', 'double precision', $$40.0$$),
	('hypothesis', 'double precision', $$(i % 50)::float8$$),
	('population', 'double precision', $$(1000 + i)::float8$$),
	('surveys', 'text[]', 'NULL'),
	('', 'double precision', $$(1 + i % 5)::float8$$), ('', 'real', $$(1 + i % 5)::real$$), ('', 'numeric', $$(1 + i % 5)::numeric$$),
	('', 'boolean', $$i % 2 = 0$$), ('', 'smallint', $$(1 + i % 5)::smallint$$), ('', 'integer', $$1 + i % 5$$), ('', 'bigint', $$(1 + i % 5)::bigint$$),
	('', 'bigint[]', $$ARRAY[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, i]::bigint[]$$),
	('', 'double precision[]', $$'{0,0,0,0,0,0,0,0,0,0}'::float8[]$$),
	('', 'nps_tally', $$('{2,2,2,2,2,2,2,3,4,5,' || i || '}')::nps_tally$$),
	('survey', 'text', $$'plain'$$),
	('answer', 'regclass', $$'plain.answer'::regclass$$), ('counted', 'regclass', $$'plain.counted'::regclass$$), ('case_id', 'anycompatible', 'i'),
	('candidate', 'regclass', $$'plain.survey'::regclass$$),
	('column', 'text', $$'score'$$),
	('rollup', 'regclass', $$'plain.rollup'::regclass$$),
	('source', 'regclass', $$'plain.followup_case'::regclass$$),
	('respondent', 'text', $$'c' || i % 30$$), ('answers', 'text[]', $$ARRAY[i % 30]::text[]$$),
	('condition', 'text', $$(ARRAY['true', 'only_row'])[1 + i % 2]$$),
	('stored', 'pg_node_tree', $$(SELECT polqual FROM pg_policy ORDER BY oid LIMIT 1)$$), ('relation', 'regclass', $$'plain.survey'::regclass$$), ('respondent', 'anyelement', $$'c' || i % 30$$), ('survey', 'regclass', $$'plain.survey'::regclass$$), ('playbook', 'regclass', $$'plain.playbook'::regclass$$),
	('with_triggers', 'boolean', $$true$$), ('wants_contact', 'boolean', $$i % 3 = 0$$), ('causes', 'regclass', $$'plain.cause'::regclass$$),
	('config', 'regconfig', $$(ARRAY['pg_catalog.simple', 'pg_catalog.english'])[1 + i % 2]$$);

-- Every function that people call, each aggregate, and all that is written in C, but for what only the server calls.
CREATE TABLE callable AS
SELECT p.oid::regprocedure AS function, p.prokind = 'a' AS is_aggregate, p.proretset AS is_set
FROM pg_proc p
JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass
JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'nps'
JOIN pg_language l ON l.oid = p.prolang
WHERE p.prokind IN ('f', 'a') AND p.prorettype <> 'trigger'::regtype
	AND NOT ('internal'::regtype = ANY (p.proargtypes::oid[]) OR 'cstring'::regtype IN (p.prorettype, coalesce(p.proargtypes[0], 0)))
	AND (l.lanname IN ('c', 'internal') OR obj_description(p.oid, 'pg_proc') NOT LIKE 'part of %')
	-- what only maintenance calls
	AND p.proname NOT LIKE '%\_as\_owner' AND p.prosrc <> 'nps_as_owner_of_tables'
	-- the loops below have these
	AND p.provolatile <> 'v' AND p.proname NOT IN ('nps_mapping', 'nps_mapping_cast', 'nps_check')
	-- they are made of statements on the views, as the loops are
	AND p.proname NOT IN ('nps_report_html', 'nps_report_text');

-- Argument by argument; an aggregate takes the first scale only.
CREATE VIEW call AS
SELECT c.function, c.is_aggregate, c.is_set,
	format('%s(%s)', split_part(c.function::text, '(', 1), (
		SELECT string_agg(format('CAST(%s AS %s)', CASE
			WHEN p.proname IN ('nps_rollup_tally', 'nps_rollup_accum') AND p.proargnames[n] = 'scale' THEN '''nps'''
			WHEN c.is_aggregate AND p.proargnames[n] = 'scale' THEN '''csat5'''
			WHEN p.proname ~ '^nps_tally_(accum|remove)$' AND t = 'text'::regtype AND n = 3 THEN '''nps'''
			WHEN c.is_aggregate AND p.proargnames[n] = 'method' THEN '''wald'''
			WHEN c.is_aggregate AND p.proargnames[n] = 'confidence' THEN '0.9'
			ELSE coalesce(named.value, typed.value, format('no value for %s', p.proargnames[n])) END, CASE WHEN t = 'anyelement'::regtype THEN 'text' ELSE t::regtype::text END), ', ' ORDER BY n)
		FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS a(t, n)
		LEFT JOIN argument named ON named.name = p.proargnames[n] AND named.type = t::regtype::text
		LEFT JOIN argument typed ON typed.name = '' AND typed.type = t::regtype::text)) AS call
FROM callable c JOIN pg_proc p ON p.oid = c.function;

CREATE PROCEDURE call_all(rounds integer) LANGUAGE plpgsql AS $$
DECLARE
	c record;
	failure text;
	measuring CONSTANT text := 'CASE WHEN i % $1 = 0 THEN measure($2, i / $1) END';
BEGIN
	FOR c IN
		SELECT function::text AS what, call AS call, is_set, is_aggregate, is_aggregate AND call !~ 'weighted|rollup' AS can_move FROM call
		UNION ALL VALUES ('nps_tally_out(nps_tally)', $c$('{2,2,2,2,2,2,2,3,4,5,' || i || '}')::nps_tally::text$c$, false, false, false)
		ORDER BY 1
	LOOP
		BEGIN
			EXECUTE CASE
				WHEN c.is_set THEN format('SELECT max(%s), sum(x.n) FROM generate_series(1, 3 * $1) i, LATERAL (SELECT count(*) AS n FROM %s OFFSET 0) x', measuring, c.call)
				WHEN c.is_aggregate THEN format('SELECT max(%s), %s FROM generate_series(1, 3 * $1) i', measuring, c.call)
				ELSE format('SELECT max(m), count(x::text) FROM (SELECT %s AS m, %s AS x FROM generate_series(1, 3 * $1) i OFFSET 0) s', measuring, c.call)
				END USING rounds, c.what;
			IF c.can_move THEN
				EXECUTE format('SELECT max(m), count(x::text) FROM (SELECT %s AS m, %s OVER (ORDER BY i ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) AS x FROM generate_series(1, 3 * $1) i OFFSET 0) s', measuring, c.call)
				USING rounds, c.what || ' moving';
			END IF;
		EXCEPTION WHEN OTHERS THEN
			RAISE EXCEPTION 'cannot call %: %', c.call, SQLERRM;
		END;
		COMMIT;
	END LOOP;
END
$$;
SQL

cat > "$work/surveys.sql" << 'SQL'
SET search_path = public;
CREATE FUNCTION picky(value text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	IF value = 'bad' THEN
		RAISE EXCEPTION 'not that value';
	END IF;
	RETURN upper(value);
END
$$;
CREATE TABLE answer (id integer, who text, score text, at timestamptz, words text, plan text, PRIMARY KEY (id, plan));
CREATE TABLE part (LIKE answer INCLUDING ALL) PARTITION BY LIST (plan);
CREATE TABLE part_free PARTITION OF part FOR VALUES IN ('free', 'bad');
CREATE TABLE part_rest (plan text NOT NULL, gone integer, words text, at timestamptz, score text, who text, id integer NOT NULL);
ALTER TABLE part_rest DROP COLUMN gone;
ALTER TABLE part ATTACH PARTITION part_rest DEFAULT;
CREATE TABLE neither (LIKE answer INCLUDING ALL);
INSERT INTO answer SELECT i, 'c' || i % 30, (i % 11)::text, now() - i * interval '3 hours', CASE i % 3 WHEN 0 THEN 'too slow' END, (ARRAY['free', 'pro'])[1 + i % 2]
FROM generate_series(1, 60) i;
INSERT INTO part SELECT * FROM answer;
CREATE INDEX ON answer (who, at DESC, id DESC);
ANALYZE;
SELECT count(*) > 0 AS attached FROM nps_attach('answer', 'score', 'plain', respondent => 'who', response_id => 'id', responded_at => 'at', comment => 'words',
	segments => ARRAY['picky(plan) AS plan'], time_zone => 'UTC', loop_since => '-infinity');
SELECT count(*) > 0 AS attached FROM nps_attach('part', 'score', 'split', response_id => 'id', responded_at => 'at', comment => 'words',
	segments => ARRAY['picky(plan) AS plan'], time_zone => 'Europe/Berlin');
CALL nps_materialize('plain');
CALL nps_materialize('split');
GRANT ALL ON answer, part, part_free, part_rest, measured TO regress_nps_memory;
SQL

cat > "$work/loops.sql" << 'SQL'
SET search_path = public;
SET plan_cache_mode = auto;
CALL repeat('no nps', 20 * :times, ARRAY[
	$$INSERT INTO neither VALUES ($i, 'x', '9', now(), 'words', 'pro')$$, $$UPDATE neither SET score = '3'$$, $$DELETE FROM neither$$,
	$$!INSERT INTO neither VALUES ($i, 'x', '9', now(), 'words', NULL)$$]);
CALL repeat('rollup of a table', 20 * :times, ARRAY[
	$$INSERT INTO answer SELECT 1000 + j, 'x', j::text, now(), 'words', repeat('pro', j) FROM generate_series(1, 12) j$$,
	$$INSERT INTO answer VALUES (1001, 'x', '9', now(), 'more words', 'pro'), (1002, 'x', '9', now(), 'words', 'free') ON CONFLICT (id, plan) DO UPDATE SET score = excluded.score$$,
	$$UPDATE answer SET score = '5', plan = 'free' WHERE id BETWEEN 1003 AND 1009$$,
	$$MERGE INTO answer a USING (VALUES (1004, '3'), (1099, '8')) v(id, score) ON a.id = v.id WHEN MATCHED THEN UPDATE SET score = v.score WHEN NOT MATCHED THEN INSERT VALUES (v.id, 'x', v.score, now(), NULL, 'pro')$$,
	$$!INSERT INTO answer SELECT 2000 + j, 'x', '9', now(), 'words', CASE j WHEN 20 THEN NULL ELSE 'pro' END FROM generate_series(1, 20) j$$,
	$$!UPDATE answer SET plan = NULL WHERE id = 1001$$,
	$$DELETE FROM answer WHERE id >= 1000$$,
	$$SELECT nps_compact('plain')$$, $$SELECT count(*) FROM nps_verify('plain')$$]);
CALL repeat('rollup of a partitioned table', 20 * :times, ARRAY[
	$$INSERT INTO part SELECT 1000 + j, 'x', j::text, now(), 'words', repeat('pro', j) FROM generate_series(1, 12) j$$,
	$$INSERT INTO part_rest (id, who, score, at, plan) VALUES (1200, 'x', '9', now(), 'some')$$,
	$$INSERT INTO part VALUES (1001, 'x', '9', now(), 'more words', 'pro'), (1002, 'x', '9', now(), 'words', 'free') ON CONFLICT (id, plan) DO UPDATE SET score = excluded.score$$,
	$$UPDATE part SET score = '5', plan = 'free' WHERE id BETWEEN 1003 AND 1009$$,
	$$MERGE INTO part a USING (VALUES (1004, '3'), (1099, '8')) v(id, score) ON a.id = v.id WHEN MATCHED THEN UPDATE SET score = v.score WHEN NOT MATCHED THEN INSERT VALUES (v.id, 'x', v.score, now(), NULL, 'pro')$$,
	$$!INSERT INTO part SELECT 2000 + j, 'x', '9', now(), 'words', CASE j WHEN 20 THEN NULL ELSE 'pro' END FROM generate_series(1, 20) j$$,
	$$!UPDATE part SET plan = NULL WHERE id = 1001$$,
	$$!INSERT INTO part_free VALUES (2000, 'x', '9', now(), 'words', 'pro')$$,
	-- a statement that never comes to its end
	$$DO 'DECLARE c CURSOR FOR WITH w AS (INSERT INTO part SELECT 3000 + j, ''x'', ''9'', now(), NULL, ''pro'' FROM generate_series(1, 9) j RETURNING id) SELECT * FROM w; r record; BEGIN OPEN c; FETCH c INTO r; CLOSE c; END'$$,
	$$DELETE FROM part WHERE id >= 1000$$,
	$$SELECT nps_compact('split')$$, $$SELECT count(*) FROM nps_verify('split')$$]);
-- what cannot be counted is marked
SET client_min_messages = error;
CALL repeat('marked: a table', 8 * :times, ARRAY[
	$$INSERT INTO answer SELECT 2000 + j, 'x', '9', now(), 'words', CASE j WHEN 20 THEN 'bad' ELSE 'pro' END FROM generate_series(1, 20) j$$,
	$$UPDATE answer SET plan = 'bad' WHERE id = 2001$$, $$DELETE FROM answer WHERE id >= 1000$$, 'rebuild']);
CALL repeat('marked: a partitioned table', 8 * :times, ARRAY[
	$$INSERT INTO part SELECT 2000 + j, 'x', '9', now(), 'words', CASE j WHEN 20 THEN 'bad' ELSE 'pro' END FROM generate_series(1, 20) j$$,
	$$UPDATE part SET plan = 'bad' WHERE id = 2001$$, $$INSERT INTO part_free VALUES (2100, 'x', '9', now(), 'words', 'bad')$$, $$DELETE FROM part WHERE id >= 1000$$]);
CALL nps_materialize('split', rebuild => true);
RESET client_min_messages;
CALL repeat('emptied', 4 * :times, ARRAY[$$TRUNCATE part, answer$$, $$INSERT INTO part SELECT j, 'x', '9', now(), 'w', 'pro' FROM generate_series(1, 9) j$$,
	$$INSERT INTO answer SELECT j, 'c' || j % 30, (j % 8)::text, now() - j * interval '3 hours', CASE j % 3 WHEN 0 THEN 'slow' END, 'pro' FROM generate_series(1, 60) j$$]);
CALL repeat('mapping read again', 20 * :times, ARRAY[
	$$COMMENT ON COLUMN part.score IS 'number $i'$$, $$UPDATE part SET score = '4' WHERE id = 3$$,
	$$ALTER TABLE answer ALTER COLUMN who SET STATISTICS $i$$, $$UPDATE answer SET score = '4' WHERE id = 3$$,
	$$ALTER FUNCTION picky(text) COST $i$$, $$UPDATE part SET score = '5' WHERE id = 3$$, $$UPDATE answer SET score = '5' WHERE id = 3$$,
	$$ALTER TABLE part_rest ALTER COLUMN who SET STATISTICS $i$$, $$UPDATE part SET score = '6' WHERE id = 3$$,
	$$ALTER VIEW split.answer SET (security_barrier)$$, $$ALTER VIEW split.answer RESET (security_barrier)$$, $$UPDATE part SET score = '7' WHERE id = 3$$,
	$$ALTER FUNCTION picky(text) STABLE$$, $$UPDATE part SET score = '3' WHERE id = 3$$, $$UPDATE answer SET score = '3' WHERE id = 3$$,
	$$ALTER FUNCTION picky(text) IMMUTABLE$$, $$SELECT (SELECT count(*) FROM plain.summary) + (SELECT count(*) FROM split.summary)$$]);
CALL repeat('roles that take turns', 20 * :times, ARRAY[
	$$SET ROLE regress_nps_memory$$, $$UPDATE part SET score = '1' WHERE id = 4$$, $$UPDATE answer SET score = '1' WHERE id = 4$$, $$RESET ROLE$$,
	$$UPDATE part SET score = '2' WHERE id = 4$$, $$UPDATE answer SET score = '2' WHERE id = 4$$]);
CALL repeat('reports', 8 * :times, ARRAY[
	$$SELECT (SELECT count(*) FROM plain.trend) + (SELECT count(*) FROM split.segment_trend) + (SELECT count(*) FROM plain.followup)$$,
	$$SELECT count(*) FROM nps_check('plain')$$, $$SELECT count(*) FROM nps_surveys()$$]);
CALL repeat('rebuilt', 4 * :times, ARRAY['rebuild', $$UPDATE answer SET score = '2' WHERE id = 4$$]);
-- The server's own memory of each subtransaction with a trigger stays until the transaction ends: so there is a
-- table to compare with that has triggers of the same kinds.
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER a BEFORE INSERT OR UPDATE ON neither EXECUTE FUNCTION nothing();
CREATE TRIGGER b AFTER INSERT OR UPDATE ON neither EXECUTE FUNCTION nothing();
CREATE TRIGGER c AFTER INSERT OR UPDATE ON neither FOR EACH ROW EXECUTE FUNCTION nothing();
CREATE TRIGGER d AFTER UPDATE ON neither REFERENCING OLD TABLE AS o NEW TABLE AS n EXECUTE FUNCTION nothing();
CALL repeat('one transaction, no nps', 10 * :times, ARRAY[$$INSERT INTO neither VALUES ($i, 'x', '9', now(), 'words', 'pro')$$, $$!INSERT INTO neither VALUES ($i, 'x', '9', now(), 'words', NULL)$$], false);
CALL repeat('one transaction', 10 * :times, ARRAY[
	$$UPDATE answer SET score = '5' WHERE id = 9$$, $$!UPDATE answer SET plan = NULL WHERE id = 10$$, $$!INSERT INTO answer VALUES (10000 + $i, 'x', '9', now(), NULL, NULL)$$,
	$$UPDATE part SET score = '5' WHERE id = 9$$, $$!UPDATE part SET plan = NULL WHERE id = 9$$, $$!INSERT INTO part VALUES (10000 + $i, 'x', '9', now(), NULL, NULL)$$], false);
CALL repeat('subtransactions, no nps', 10 * :times, ARRAY[$$~UPDATE neither SET score = '5' WHERE id = 9$$], false);
CALL repeat('subtransactions, rollup of a table', 10 * :times, ARRAY[$$~UPDATE answer SET score = '5' WHERE id = 9$$], false);
CALL repeat('subtransactions, rollup of a partitioned table', 10 * :times, ARRAY[$$~UPDATE part SET score = '5' WHERE id = 9$$], false);
SELECT count(nps_notify('plain'));
CALL repeat('cases', 10 * :times, ARRAY[
	$$UPDATE plain.followup_all SET note = 'word $i', assigned_to = 'o$i', channel = 'c$i' WHERE case_id = 45$$,
	$$!UPDATE plain.followup_all SET priority = 1 WHERE case_id = 45$$,
	$$!UPDATE plain.followup_all SET score = 3 WHERE case_id = 45$$, $$!DELETE FROM plain.followup_all WHERE case_id = 45$$,
	$$!UPDATE plain.followup_all SET status = 'no status' WHERE case_id = 45$$, $$!DELETE FROM plain.followup_case$$, $$!DELETE FROM plain.followup_event$$,
	$$INSERT INTO plain.concern (case_id, concern) VALUES (45, 'number $i')$$, $$UPDATE plain.concern SET delivered_at = now() WHERE concern = 'number $i'$$,
	$$!INSERT INTO plain.concern (case_id, concern) VALUES (-1, 'of nobody')$$,
	$$SELECT count(*) FROM nps_claim('plain', 'worker', max_rows => 1, lease => '1 microsecond')$$,
	$$UPDATE answer SET score = '1' WHERE id = 45$$]);
CALL repeat('plans made again', 6 * :times, ARRAY[
	$$COMMENT ON COLUMN plain.followup_case.note IS 'number $i'$$, $$ALTER TABLE plain.followup_case ALTER COLUMN note SET STATISTICS $i$$,
	$$UPDATE plain.followup_all SET note = 'x $i' WHERE case_id = 45$$, $$ALTER SCHEMA plain RENAME TO plainer$$,
	$$UPDATE plainer.followup_all SET note = 'y $i' WHERE case_id = 45$$, $$ALTER SCHEMA plainer RENAME TO plain$$]);
CALL repeat('rollups that go', 3 * :times, ARRAY['again', $$UPDATE answer SET score = '2' WHERE id = 4$$]);
CALL repeat('surveys that go', 1 * :times, ARRAY[
	$$SELECT count(*) > 0 AS attached FROM nps_attach('answer', 'score', 'short', respondent => 'who', response_id => 'id', responded_at => 'at', time_zone => 'UTC', loop_since => '-infinity')$$,
	$$UPDATE short.followup_all SET note = 'word' WHERE case_id = 45$$, $$SELECT nps_detach('short', drop_cases => true)$$]);
CALL repeat('one transaction with cases', 10 * :times, ARRAY[$$UPDATE plain.followup_all SET note = 'word $i' WHERE case_id = 45$$, $$!UPDATE plain.followup_all SET score = 3 WHERE case_id = 45$$], false);
SQL

cat > "$work/judge.sql" << 'SQL'
-- What is too much, for as many rounds: there is nothing to allocate in less than 16 bytes.
CREATE VIEW too_much AS
WITH limited AS (
	SELECT g.what, g.name, g.contexts, g.used - coalesce(c.used, 0) AS used, g.contexts - coalesce(c.contexts, 0) AS more
	FROM growth g
	LEFT JOIN growth c ON c.what = 'subtransactions, no nps' AND c.name = g.name AND g.what LIKE 'subtransactions, rollup%'
	WHERE g.what NOT IN ('no nps', 'one transaction, no nps', 'subtransactions, no nps')
		-- of the PL/pgSQL procedure repeat(): 24 bytes for each commit are the server's
		AND g.name <> 'SPI Proc'
		-- what the server keeps for a transaction that goes on
		AND NOT (g.what LIKE '%transaction%' AND g.name IN ('AfterTriggerEvents', 'Combo CIDs'))
		-- the rows of the window, of which the server (18) frees some late
		AND NOT (g.what LIKE '% moving' AND g.name = 'tuplestore tuples')
		-- the server remembers types and rows of relations that are gone
		AND (g.what NOT LIKE '% that go' OR g.name ~ '^(nps|CachedPlan|SPI Plan|TopMemoryContext)')
)
SELECT what, name, more, used FROM limited WHERE more > 0 OR used > 256 + 4 * CASE WHEN what LIKE '%(%' THEN :rounds ELSE 20 * :times END;
SELECT what || ' | ' || name, what || format(': %s bytes in %s more of "%s"', used, more, name) FROM too_much ORDER BY what, used DESC;
SQL

# -------------------------------------------------------------------- the run, and what it says

rounds=$((300 * times))
export PGDATABASE=$database
sql() { psql -X -q -At -F $'\t' -v ON_ERROR_STOP=1 -v times="$times" -v rounds="$rounds" "$@"; }

# All of it in a new database; what has grown goes to a file: loop and context, and the sentence about them.
measure_growth() {
    psql -X -q -d postgres -c "DROP DATABASE IF EXISTS $database WITH (FORCE)" -c "DROP ROLE IF EXISTS regress_nps_memory" \
        -c "CREATE ROLE regress_nps_memory" -c "CREATE DATABASE $database"
    sql -f "$work/tools.sql" -f "$work/calls.sql" -f "$work/surveys.sql" > /dev/null
    sql -c "CALL call_all($rounds)"
    sql -f "$work/loops.sql" > /dev/null
    sql -f "$work/judge.sql" > "$1"
}

measure_growth "$work/growth"
if [ -s "$work/growth" ]; then
    echo "growth, to be measured once more:"
    cut -f 2 "$work/growth"
    measure_growth "$work/growth_again"
    twice=$(LC_ALL=C join -t $'\t' -o 2.2 <(LC_ALL=C sort "$work/growth") <(LC_ALL=C sort "$work/growth_again"))
    [ -z "$twice" ] || {
        echo "growth, found again:"
        echo "$twice"
        exit 1
    }
fi
sql -c "SELECT format('%s functions and aggregates called %s times each, and %s loops of statements: no growth', count(*) FILTER (WHERE what LIKE '%)'), 3 * $rounds, count(*) FILTER (WHERE what NOT LIKE '%(%'))
FROM (SELECT DISTINCT what FROM measured WHERE point = 3) m"
