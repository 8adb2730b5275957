-- What engines that split aggregates over several servers need: a state that
-- travels as text or in binary, a combine function, and parts that depend only
-- on their arguments.  Such engines call transition, combine and final
-- function themselves, independently each time, from an aggregate of their own.
CREATE SCHEMA nps_test_distributed;
SET search_path = nps_test_distributed, public;
\set SHOW_CONTEXT never
\getenv abs_builddir PG_ABS_BUILDDIR

CREATE VIEW aggregate AS
SELECT p.oid::regprocedure AS name, p.proname, p.proargnames, p.proargtypes::oid[] AS types, p.provariadic, p.proparallel, a.*
FROM pg_aggregate a
JOIN pg_proc p ON p.oid = a.aggfnoid
JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND e.extname = 'nps';
SELECT proname, count(*) AS overloads FROM aggregate GROUP BY proname ORDER BY proname COLLATE "C";

-- The state: no pseudo-type (internal, anyelement), with text and binary form, nothing that must be looked up in another catalog.
SELECT aggtranstype::regtype AS state, t.typtype AS base_b, agginitval AS initially,
	0 <> ALL (ARRAY[t.typinput, t.typoutput, t.typreceive, t.typsend]::oid[]) AS text_and_binary,
	coalesce(element.typsend, t.typsend) AS sent_by, count(*) AS aggregates
FROM aggregate
JOIN pg_type t ON t.oid = aggtranstype
LEFT JOIN pg_type element ON element.oid = t.typelem AND t.typsubscript = 'array_subscript_handler'::regproc
GROUP BY 1, 2, 3, 4, 5 ORDER BY 1;
-- Plain aggregates with a combine function; no ordered sets, no variadic or
-- polymorphic arguments; the final function is given the state, not the types of the call.
SELECT name AS wrong FROM aggregate
WHERE aggkind <> 'n' OR aggnumdirectargs <> 0 OR provariadic <> 0 OR proparallel <> 's' OR aggfinalextra OR aggcombinefn = 0
	OR aggserialfn <> 0 OR aggdeserialfn <> 0
	OR EXISTS (SELECT FROM pg_type t WHERE t.oid = ANY (types) AND t.typtype = 'p');
-- Their parts can be called by anybody on any server: same type in and out, immutable, parallel safe, C, no settings, never with another user's rights.
CREATE VIEW part AS
SELECT DISTINCT name, role, p.oid::regprocedure AS function, p.*, aggtranstype
FROM aggregate, LATERAL (VALUES ('transition', aggtransfn), ('combine', aggcombinefn), ('final', aggfinalfn)) AS r (role, function)
JOIN pg_proc p ON p.oid = r.function;
SELECT role, count(DISTINCT function) AS functions,
	count(*) FILTER (WHERE provolatile <> 'i' OR proparallel <> 's' OR proconfig IS NOT NULL OR prosecdef OR proretset
		OR prolang <> (SELECT oid FROM pg_language WHERE lanname = 'c')) AS wrong,
	count(*) FILTER (WHERE proargtypes[0] <> aggtranstype OR role <> 'final' AND prorettype <> aggtranstype
		OR role = 'combine' AND (pronargs <> 2 OR proargtypes[1] <> aggtranstype)
		OR role = 'final' AND pronargs <> 1) AS wrong_types
FROM part GROUP BY role ORDER BY role COLLATE "C";

-- By hand: a state is text between any two calls, each call is a statement of
-- its own, three servers have a third of the rows each, a fourth has none.  Of
-- each aggregate, the result is that of the aggregate itself, bit for bit.
-- (Weights are quarters, so that their sums are exact in any order.)
CREATE TABLE answer AS
SELECT i, CASE WHEN hashint4(i) & 7 > 0 THEN (hashint4(-i) & 65535) % 11 END AS score, 1 + (hashint4(i * 7) & 7) * 0.25 AS weight
FROM generate_series(1, 60) AS i;
SELECT count(*) AS sixty, count(*) - count(score) BETWEEN 1 AND 20 AS some_null, count(DISTINCT score) AS eleven, count(DISTINCT weight) AS eight FROM answer;
-- the value for each argument, by its name
CREATE FUNCTION arguments(names text[], types oid[]) RETURNS text
	RETURN (SELECT string_agg(format('(%s)::%s', CASE name WHEN 'score' THEN 'score' WHEN 'weight' THEN 'weight' WHEN 'scale' THEN '''nps''::text'
			WHEN 'confidence' THEN '0.9' WHEN 'method' THEN '''wald''::text' WHEN 'tally' THEN 'nps_counts(score, 1, weight * 4)'
			WHEN 'given' THEN 'timestamptz ''2026-01-01 00:00+00'' + i * interval ''7 hours''' WHEN 'asked' THEN 'timestamptz ''2026-01-01 00:00+00'' + i * interval ''5 hours'''
			WHEN 'zone' THEN '''Europe/Berlin''::text' WHEN 'is_unanswered' THEN 'score IS NULL AND i % 2 = 0' WHEN 'has_comment' THEN 'i % 3 = 0'
			WHEN 'counts' THEN 'CASE WHEN score IS NOT NULL THEN array_fill(i, ARRAY[11]) END' END, type::regtype), ', ' ORDER BY place)
		FROM unnest(names, types) WITH ORDINALITY AS a (name, type, place));
CREATE FUNCTION by_hand(a aggregate) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	state_type CONSTANT text := a.aggtranstype::regtype;
	is_strict CONSTANT boolean := (SELECT proisstrict FROM pg_proc WHERE oid = a.aggtransfn);
	transition CONSTANT text := format('SELECT %s($1::%s, %s)::text FROM answer WHERE i = $2', a.aggtransfn, state_type, arguments(a.proargnames, a.types));
	has_null CONSTANT text := format('SELECT num_nulls(%s) > 0 FROM answer WHERE i = $1', arguments(a.proargnames, a.types));
	total text;
	state text;
	skip boolean;
BEGIN
	FOR server IN 0..3 LOOP
		state := a.agginitval;
		FOR row IN 1..60 LOOP
			CONTINUE WHEN row % 3 <> server;
			IF is_strict THEN
				EXECUTE has_null INTO skip USING row;
				CONTINUE WHEN skip;
			END IF;
			EXECUTE transition INTO state USING state, row;
		END LOOP;
		IF total IS NULL THEN
			total := state;
		ELSE
			EXECUTE format('SELECT %s($1::%s, $2::%2$s)::text', a.aggcombinefn, state_type) INTO total USING total, state;
		END IF;
	END LOOP;
	IF a.aggfinalfn <> 0 THEN
		EXECUTE format('SELECT %s($1::%s)::text', a.aggfinalfn, state_type) INTO total USING total;
	END IF;
	RETURN total;
END
$$;
CREATE FUNCTION at_once(a aggregate) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	EXECUTE format('SELECT %s(%s)::text FROM answer', a.aggfnoid, arguments(a.proargnames, a.types)) INTO result;
	RETURN result;
END
$$;
SELECT count(*) AS aggregates, count(at_once(a)) AS with_result, count(DISTINCT at_once(a)) > 5 AS several_results,
	count(*) FILTER (WHERE by_hand(a) IS DISTINCT FROM at_once(a)) AS wrong, min(name::text) FILTER (WHERE by_hand(a) IS DISTINCT FROM at_once(a)) AS first_wrong
FROM aggregate a;

-- From an aggregate of somebody else: which one to compute is an argument, so the
-- form of the call says nothing about it.
CREATE FUNCTION any_step(state text, name regprocedure, value anyelement) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
	a pg_aggregate := (SELECT a FROM pg_aggregate a WHERE aggfnoid = name::oid);
BEGIN
	IF value IS NOT NULL THEN
		EXECUTE format('SELECT %s($1::%s, $2)::text', a.aggtransfn, a.aggtranstype::regtype) INTO state USING coalesce(state, a.agginitval), value;
	END IF;
	RETURN coalesce(state, a.agginitval);
END
$$;
CREATE FUNCTION any_combine(state text, name regprocedure, other text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
	a pg_aggregate := (SELECT a FROM pg_aggregate a WHERE aggfnoid = name::oid);
BEGIN
	EXECUTE format('SELECT %s($1::%s, $2::%2$s)::text', a.aggcombinefn, a.aggtranstype::regtype) INTO state USING coalesce(state, a.agginitval), other;
	RETURN state;
END
$$;
CREATE AGGREGATE any_partial(regprocedure, anyelement) (SFUNC = any_step, STYPE = text);
CREATE AGGREGATE any_total(regprocedure, text) (SFUNC = any_combine, STYPE = text);
SELECT any_total('nps_tally_agg(integer)', of_integer)::nps_tally = a.tally AS integer,
	any_total('nps_tally_agg(double precision)', of_double)::nps_tally = a.tally AS double,
	any_total('nps_tally_agg(numeric)', of_numeric)::nps_tally = a.tally AS numeric,
	any_total('nps_tally_agg(text)', of_text)::nps_tally = a.tally AS text,
	any_total('nps_tally_agg(nps_tally)', of_tallies)::nps_tally = a.tally AS nps_tally,
	float8send(nps_score(any_total('nps_score(integer)', of_score)::nps_tally)) = float8send(a.nps) AS score
FROM (
	SELECT i % 5 AS server, any_partial('nps_tally_agg(integer)', score) AS of_integer, any_partial('nps_tally_agg(double precision)', score::float8) AS of_double,
		any_partial('nps_tally_agg(numeric)', score::numeric) AS of_numeric, any_partial('nps_tally_agg(text)', score::text) AS of_text,
		any_partial('nps_tally_agg(nps_tally)', nps_tally_accum('{}', score)) AS of_tallies, any_partial('nps_score(integer)', score) AS of_score
	FROM answer GROUP BY 1
) AS part, (SELECT nps_tally_agg(score) AS tally, nps_score(score) AS nps FROM answer) AS a
GROUP BY a.tally, a.nps;

-- A recursive query, in which a single call site makes each next state.
WITH RECURSIVE run (i, state) AS (
	SELECT 0, nps_tally '{}'
	UNION ALL
	SELECT run.i + 1, CASE WHEN score IS NULL THEN state ELSE nps_tally_accum(state, score) END
	FROM run JOIN answer ON answer.i = run.i + 1
)
SELECT count(*) AS states_61, count(*) FILTER (WHERE state IS DISTINCT FROM (SELECT nps_tally_agg(score) FROM answer WHERE answer.i <= run.i)) AS wrong FROM run;
-- An argument of a function outside of an aggregate stays unchanged.
CREATE TABLE state AS SELECT i % 6 AS server, nps_tally_agg(score) AS tally FROM answer GROUP BY 1;
CREATE TABLE state_before AS SELECT server, tally::text AS tally FROM state;
SELECT count(*) AS states_6, count(*) FILTER (WHERE nps_responses(nps_tally_accum(s.tally, 10)) <> nps_responses(s.tally) + 1
		OR nps_responses(nps_tally_add(s.tally, s.tally)) <> 2 * nps_responses(s.tally)) AS wrong,
	count(*) FILTER (WHERE s.tally::text <> b.tally) AS changed
FROM state s JOIN state_before b USING (server);
DO $$
DECLARE
	state nps_tally := '{0,0,0,0,0,0,0,0,0,0,1}';
	other nps_tally := state;
BEGIN
	PERFORM nps_tally_accum(state, 0), nps_tally_add(state, state), nps_tally_add(state, '{;1,1,1}');
	other := nps_tally_accum(state, 5);
	RAISE INFO 'still %, and the other %', state, other;
END
$$;

-- The text of a state depends on no setting, and is read under any other.
BEGIN;
SET LOCAL extra_float_digits = -15;
SET LOCAL search_path = pg_catalog;
SET LOCAL DateStyle = 'German';
SET LOCAL bytea_output = 'escape';
SELECT count(*) AS states_6, count(*) FILTER (WHERE s.tally::text IS DISTINCT FROM b.tally OR b.tally::public.nps_tally::text IS DISTINCT FROM b.tally) AS other_text
FROM nps_test_distributed.state s JOIN nps_test_distributed.state_before b USING (server);
ROLLBACK;

-- In binary, too, within arrays and rows.
SELECT position(nps_tally_send(tally) IN array_send(ARRAY[tally, NULL])) > 0 AS in_array, position(nps_tally_send(tally) IN record_send(ROW(1, tally))) > 0 AS in_row
FROM state WHERE server = 3;
CREATE TYPE named_state AS (name text, tally nps_tally);
CREATE TABLE sent AS SELECT server, ARRAY[tally, NULL, '{}'] AS states, ROW('of a server', tally)::named_state AS named FROM state;
CREATE TABLE received (LIKE sent);
\set save '\\copy sent TO ''' :abs_builddir '/results/distributed.bin'' (FORMAT binary)'
\set load '\\copy received FROM ''' :abs_builddir '/results/distributed.bin'' (FORMAT binary)'
:save
:load
SELECT count(*) AS rows_6, count(*) FILTER (WHERE (r.states, r.named) IS DISTINCT FROM (s.states, s.named)) AS wrong,
	nps_tally_agg(r.states[1]) = (SELECT nps_tally_agg(score) FROM answer) AS all_answers
FROM received r FULL JOIN sent s USING (server);

-- States from another session, which knew nothing of this one, as text.
SELECT nps_tally_agg(score) AS first_half, nps_weighted_accum('{0,0,0,0,0,0,0,0,0,0}', 9, 2) AS first_weighted FROM answer WHERE i <= 30 \gset
\c -
SET search_path = nps_test_distributed, public;
SET client_min_messages = warning;
SELECT :'first_half'::nps_tally + nps_tally_agg(score) FILTER (WHERE i > 30) = nps_tally_agg(score) AS added,
	nps_tally_add(:'first_half', nps_tally_agg(score) FILTER (WHERE i > 30)) = nps_tally_agg(score) AS combined,
	(SELECT nps_tally_agg(tally) FROM (SELECT :'first_half'::nps_tally UNION ALL SELECT nps_tally_agg(score) FROM answer WHERE i > 30) AS part (tally)) = nps_tally_agg(score) AS merged
FROM answer;
SELECT nps_weighted_score_final(nps_weighted_combine(:'first_weighted', nps_weighted_accum('{0,0,0,0,0,0,0,0,0,0}', 3, 6))) = nps_weighted_score(score, weight) AS weighted
FROM (VALUES (9, 2), (3, 6)) AS a (score, weight);

-- A survey of a table that is in the catalog of Citus: its views have the shape that Citus can plan, and say the same;
-- what Citus cannot do is refused, and not tried.
CREATE TABLE survey_response AS
SELECT i AS id, 'c' || i % 40 AS customer, 'a' || i % 7 AS account, CASE WHEN i % 9 > 0 THEN i * 7 % 12 END AS score, now() - i * interval '11 hours' AS answered_at,
	(ARRAY['too expensive', 'nobody called back', NULL, 'good'])[1 + i / 3 % 4] AS comment, (ARRAY['free', 'pro'])[1 + i % 2] AS plan
FROM generate_series(1, 300) AS i;
CREATE FUNCTION attach(name text) RETURNS bigint LANGUAGE sql AS $$
	SELECT count(*) FROM nps_attach('survey_response', 'score', name, response_id => 'id', respondent => 'customer', account => 'account', responded_at => 'answered_at',
		comment => 'comment', segments => ARRAY['plan'], time_zone => 'Europe/Berlin', loop_since => '2020-01-01');
$$;
SELECT attach('local_nps');
BEGIN;
SET LOCAL allow_system_table_mods = on;
CREATE TABLE pg_catalog.pg_dist_partition (logicalrelid regclass);
INSERT INTO pg_catalog.pg_dist_partition VALUES ('survey_response');
SELECT attach('distributed_nps');
CREATE FUNCTION differ(name text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	differing bigint;
BEGIN
	EXECUTE format('SELECT count(*) FROM (SELECT to_jsonb(l) FROM local_nps.%1$I l EXCEPT ALL SELECT to_jsonb(d) FROM distributed_nps.%1$I d) x', name) INTO differing;
	RETURN differing;
END
$$;
-- of a case with several answers the causes are those of the newest comment
SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'distributed_nps'::regnamespace AND c.relkind = 'v' AND differ(c.relname) > 0 ORDER BY 1;
SELECT bool_and(to_jsonb(l) - '{cause_suggested,remedy,responsible_team,next_step}'::text[] = to_jsonb(d) - '{cause_suggested,remedy,responsible_team,next_step}'::text[]) AS followup
FROM local_nps.followup l FULL JOIN distributed_nps.followup d USING (case_id);
SELECT finding, detail FROM nps_check('distributed_nps') WHERE severity <> 'note';
SAVEPOINT attached;
UPDATE distributed_nps.followup SET status = 'contacted', channel = 'phone' WHERE case_id = 2;
ROLLBACK TO attached;
INSERT INTO distributed_nps.concern (case_id, concern) SELECT case_id, 'no answer' FROM distributed_nps.followup LIMIT 1;
ROLLBACK TO attached;
SELECT * FROM nps_claim('distributed_nps', 'program');
ROLLBACK TO attached;
SELECT nps_record('distributed_nps');
ROLLBACK TO attached;
-- a view of it is distributed, too; what is materialized of it is here
CREATE VIEW of_it AS SELECT * FROM survey_response;
CREATE MATERIALIZED VIEW copy_of_it AS SELECT * FROM of_it;
SELECT nps_is_distributed('of_it'), nps_is_distributed('copy_of_it');
-- one that was distributed after it was attached
SELECT finding, fix FROM nps_check('local_nps');
SELECT count(*) > 10 AS views FROM nps_refresh_views('local_nps');
UPDATE local_nps.followup SET assigned_to = 'ana';
ROLLBACK TO attached;
DELETE FROM pg_catalog.pg_dist_partition;
SELECT finding, fix FROM nps_check('distributed_nps');
SELECT count(*) > 10 AS views FROM nps_refresh_views('distributed_nps');
UPDATE distributed_nps.followup SET assigned_to = 'ana' WHERE case_id = (SELECT min(case_id) FROM local_nps.followup) RETURNING responsible;
ROLLBACK;
DROP SCHEMA local_nps CASCADE;

DROP SCHEMA nps_test_distributed CASCADE;
