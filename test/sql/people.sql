-- What is stored about a person: nps_export() shows it, nps_forget() erases it, from
-- every table, rollup and statistics of a survey, and nothing about anybody else.
\set SHOW_CONTEXT never
\set VERBOSITY default
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO, MDY';
SET jit = off;
DROP ROLE IF EXISTS regress_nps_owner, regress_nps_actor, regress_nps_admin;
CREATE ROLE regress_nps_owner;
CREATE ROLE regress_nps_actor;
CREATE ROLE regress_nps_admin SUPERUSER;
SELECT current_database() AS here \gset
GRANT CREATE ON DATABASE :"here" TO regress_nps_owner;
CREATE SCHEMA people;
GRANT ALL ON SCHEMA people TO regress_nps_owner;
GRANT USAGE ON SCHEMA people TO PUBLIC;
SET search_path = people, public;

--
-- A survey, and what is stored in it
--
SET ROLE regress_nps_owner;
CREATE TABLE reply (id integer PRIMARY KEY, kind text NOT NULL DEFAULT 'nps', who text, at timestamptz, score integer, words text, plan text);
INSERT INTO reply (id, who, at, score, words, plan)
SELECT i, (ARRAY['anna', 'anna old', 'bob', 'cora', 'dave', 'eve'])[1 + i % 6], timestamptz '2026-01-01 12:00+00' + i * interval '1 hour', i % 5,
	'words of ' || (ARRAY['anna', 'anna old', 'bob', 'cora', 'dave', 'eve'])[1 + i % 6] || ' ' || i, 'plan ' || i % 2
FROM generate_series(1, 120) i WHERE i <= 60 OR i % 6 = 1;
-- the filter leaves this one out
INSERT INTO reply VALUES (900, 'csat', 'anna', '2026-01-01', 1, 'words of anna', 'plan 1');
CREATE INDEX ON reply (upper(who));
CREATE STATISTICS reply_both (mcv) ON who, plan FROM reply;
SELECT count(*) > 0 AS attached FROM nps_attach('reply', 'score', 'people_reply', respondent => 'who', responded_at => 'at', comment => 'words',
	segments => ARRAY['plan', 'who AS customer'], filter => $$kind = 'nps'$$, time_zone => 'UTC', loop_since => '-infinity');
GRANT SELECT ON reply TO regress_nps_actor;
SELECT nps_grant('people_reply', 'regress_nps_actor', 'actor');
-- the answers stay in follow-up however late this test is run
UPDATE people_reply.survey SET follow_up_days = 10000;
SET ROLE regress_nps_actor;
SET nps.actor = 'ida';
-- three cases of anna, one each of cora and eve, two of dave; the third of anna is open, and belonged to somebody who is anna by now
INSERT INTO people_reply.followup_case (case_id, status, dismiss_reason, note) VALUES
	(6, 'dismissed', 'test', 'note on anna'), (3, 'dismissed', 'test', 'note on cora'),
	(4, 'dismissed', 'test', 'note on dave'), (5, 'dismissed', 'test', 'note on eve');
RESET ROLE;
INSERT INTO reply (id, who, at, score, words, plan)
SELECT i, (ARRAY['anna', 'anna old', 'bob', 'cora', 'dave', 'eve'])[1 + i % 6], timestamptz '2026-01-01 12:00+00' + i * interval '1 hour', i % 5,
	'words of ' || (ARRAY['anna', 'anna old', 'bob', 'cora', 'dave', 'eve'])[1 + i % 6] || ' ' || i, 'plan ' || i % 2
FROM generate_series(61, 120) i WHERE i % 6 <> 1;
CALL nps_materialize('people_reply');
SET ROLE regress_nps_actor;
INSERT INTO people_reply.followup_case (case_id, status, dismiss_reason, note) VALUES (66, 'dismissed', 'test', 'note on anna');
INSERT INTO people_reply.followup_case (case_id, status, channel, note) VALUES (1, 'contacted', 'phone', 'note on anna old');
INSERT INTO people_reply.concern (case_id, concern, promise, promised_for) VALUES (1, 'concern of anna old', 'a call', current_date + 9);
UPDATE people_reply.concern SET answer = 'answer to anna old';
INSERT INTO people_reply.concern (case_id, concern, answer) VALUES (64, 'concern of dave', 'answer to dave');
INSERT INTO people_reply.cause_told (cause, respondent, told_at, told_by) VALUES
	('price', 'anna', now(), 'ida'), ('price', 'dave', now(), 'ida'), ('missing feature', 'anna', now(), 'ida');
RESET nps.actor;
RESET ROLE;
UPDATE people_reply.followup_case SET leased_to = 'mailer of anna', leased_until = now() + interval '1 day' WHERE case_id = 1;
SET ROLE regress_nps_owner;
UPDATE reply SET who = 'anna' WHERE who = 'anna old';
-- the answers of cora are gone; her case is not
DELETE FROM reply WHERE who = 'cora';
CREATE INDEX ON people_reply.followup_case (upper(respondent));
CREATE STATISTICS people_reply.both (mcv) ON respondent, last_note FROM people_reply.followup_case;
-- the only answer of zoe is gone, but not what she was told
INSERT INTO reply (id, who, at, score) VALUES (901, 'zoe', '2026-01-01', 5);
INSERT INTO people_reply.cause_told (cause, respondent, told_at, told_by) SELECT cause, 'zoe', now(), 'ida' FROM people_reply.cause;
DELETE FROM reply WHERE who = 'zoe';
ANALYZE reply, people_reply.followup_case, people_reply.followup_event, people_reply.concern, people_reply.cause_told, people_reply.rollup;
CREATE MATERIALIZED VIEW newest AS SELECT respondent, last_score FROM people_reply.respondent;
CREATE VIEW newest_again AS SELECT * FROM newest;
CREATE MATERIALIZED VIEW "Copy" AS SELECT * FROM newest_again;
RESET ROLE;

-- All rows of the survey's tables and of the source, and everything that statistics show.
CREATE FUNCTION lines(survey text DEFAULT 'people_reply') RETURNS TABLE (relation text, line text) LANGUAGE plpgsql AS $$
BEGIN
	FOR relation IN
		SELECT c.oid::regclass::text FROM pg_class c
		WHERE c.relkind = 'r' AND c.relnamespace = survey::regnamespace OR c.oid = 'reply'::regclass
	LOOP
		RETURN QUERY EXECUTE format('SELECT %L, t::text FROM %s t', relation, relation);
	END LOOP;
END
$$;
CREATE FUNCTION shown(view text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format('SELECT t::text FROM people_reply.%I t', view);
END
$$;
CREATE FUNCTION traces(name text) RETURNS TABLE (place text, times bigint) LANGUAGE sql AS $$
	SELECT place, count(*) FROM (
		SELECT relation AS place, line FROM lines()
		UNION ALL SELECT 'view ' || v, line FROM unnest(ARRAY['timeline', 'followup_all', 'respondent']) v
			CROSS JOIN LATERAL shown(v) AS s(shown) CROSS JOIN LATERAL regexp_split_to_table(s.shown, E'\n') AS line
		UNION ALL SELECT 'statistics of ' || tablename, concat(most_common_vals, histogram_bounds) FROM pg_stats WHERE schemaname IN ('people', 'people_reply')
		UNION ALL SELECT 'statistics on ' || tablename, most_common_vals::text FROM pg_stats_ext WHERE schemaname IN ('people', 'people_reply')
	) t
	WHERE line ~* ('\m' || name || '\M')
	GROUP BY place ORDER BY place COLLATE "C";
$$;
SELECT * FROM traces('anna');
SELECT * FROM traces('cora');
CREATE TABLE before AS SELECT * FROM lines();

--
-- The export
--
CREATE FUNCTION outline(export jsonb) RETURNS TABLE (key text, elements bigint, columns text) LANGUAGE sql AS $$
	SELECT e.key, jsonb_array_length(e.value), (SELECT string_agg(DISTINCT k, ' ' ORDER BY k) FROM jsonb_array_elements(e.value) v CROSS JOIN jsonb_object_keys(v) k)
	FROM jsonb_each(export) e WHERE jsonb_typeof(e.value) = 'array' ORDER BY 1;
$$;
SET ROLE regress_nps_owner;
SELECT * FROM outline(nps_export('people_reply', 'anna'));
SELECT nps_export('people_reply', 'anna') - '{answers,cases,history,concerns,causes_told}'::text[] AS rest;
SELECT string_agg(a ->> 'response_id', ' ') AS ids, min(a ->> 'responded_at') AS first, max(a ->> 'comment') AS comment
FROM jsonb_array_elements(nps_export('people_reply', 'anna') -> 'answers') a;
SELECT c ->> 'case_id' AS case_id, c ->> 'respondent' AS respondent, c ->> 'last_note' AS last_note, c ->> 'leased_to' AS leased_to
FROM jsonb_array_elements(nps_export('people_reply', 'anna') -> 'cases') c;
SELECT h ->> 'case_id' AS case_id, h ->> 'what_changed' AS what_changed, h ->> 'note' AS note FROM jsonb_array_elements(nps_export('people_reply', 'anna') -> 'history') h
WHERE h ->> 'what_changed' NOT LIKE '%\_at';
SELECT t ->> 'cause' AS cause FROM jsonb_array_elements(nps_export('people_reply', 'anna') -> 'causes_told') t;
-- without answers, and without anything
SELECT e ->> 'answers' AS answers, jsonb_array_length(e -> 'cases') AS cases, e #>> '{cases,0,last_note}' AS note FROM nps_export('people_reply', 'cora') e;
SELECT key, elements FROM outline(nps_export('people_reply', 'nobody'));
-- nothing about others
SELECT name, nps_export('people_reply', 'anna')::text ~ ('\m' || name || '\M') AS is_there FROM unnest(ARRAY['anna', 'cora', 'dave', 'eve', 'zoe']) name;

--
-- Who may do it
--
SET ROLE regress_nps_actor;
SELECT nps_export('people_reply', 'anna');
SELECT * FROM nps_forget('people_reply', 'anna');
-- not even the owner in another way
SET ROLE regress_nps_owner;
SELECT * FROM nps_erase('people_reply', 'anna', '{}');
SELECT * FROM nps_erase_as_owner('people_reply', 'anna', '{}');
SELECT nps_remove_statistics('people_reply', 'reply');
SELECT * FROM nps_forget_as_owner('people_reply', 'anna');
SELECT nps_export('people_reply', NULL);
SELECT * FROM nps_forget('people_reply', NULL);
SELECT * FROM nps_forget('people_missing', 'anna');

--
-- The source is deleted afterwards
--
SET ROLE regress_nps_actor;
SET ROLE regress_nps_admin;
SET nps.actor = 'the data protection officer';
SELECT * FROM nps_forget('people_reply', 'anna');
RESET nps.actor;
RESET ROLE;
SELECT case_id, replace(actor, session_user, 'who is connected') AS actor, db_role, what_changed, old_value, new_value, note, concern_id, at > now() - interval '1 minute' AS at FROM people_reply.followup_event WHERE what_changed = 'erased';
SELECT * FROM traces('anna');
-- everything about others is unchanged, byte by byte
SELECT b.relation, count(*) AS gone, count(*) FILTER (WHERE b.line !~ 'anna' AND b.line !~ '^\([-0-9a-f]+,(1|6|66),') AS of_others
FROM before b WHERE b.relation <> 'people_reply.rollup' AND NOT EXISTS (SELECT FROM lines() l WHERE l.relation = b.relation AND l.line = b.line) GROUP BY b.relation ORDER BY 1;
SELECT l.relation, count(*) AS new FROM lines() l WHERE NOT EXISTS (SELECT FROM before b WHERE l.relation = b.relation AND l.line = b.line) GROUP BY l.relation;
-- the statement that it prints finds the rows
SET ROLE regress_nps_owner;
SELECT substring(f.what FROM 'SELECT [^;]*') AS statement FROM nps_forget('people_reply', 'anna') f WHERE relation = 'people.reply' \gset
SELECT count(*) FROM (:statement) s;
DELETE FROM reply WHERE who = 'anna';
SELECT * FROM nps_forget('people_reply', 'anna');
RESET ROLE;
REFRESH MATERIALIZED VIEW newest;
SELECT * FROM traces('anna');
SELECT * FROM nps_verify('people_reply');
SELECT count(*) AS once FROM people_reply.followup_event WHERE what_changed = 'erased';
-- the statement in the last row runs
SET ROLE regress_nps_admin;
SELECT substring(f.what FROM 'VACUUM [^;]*') AS statement FROM nps_forget('people_reply', 'anna') f WHERE relation IS NULL \gset
:statement;
RESET ROLE;

--
-- The source was deleted before; a person who is unknown; one who has no case
--
SET ROLE regress_nps_owner;
SELECT relation, rows FROM nps_forget('people_reply', 'cora');
SELECT relation, rows FROM nps_forget('people_reply', 'nobody');
DELETE FROM reply WHERE who = 'bob';
SELECT relation, rows FROM nps_forget('people_reply', 'bob');
RESET ROLE;
REFRESH MATERIALIZED VIEW newest;
SELECT * FROM traces('cora');
SELECT * FROM traces('bob');
SELECT count(*) AS twice FROM people_reply.followup_event WHERE what_changed = 'erased';
-- all the others: now the tables are empty, and so are their statistics
SET ROLE regress_nps_owner;
DELETE FROM reply;
SELECT sum(f.rows) > 0 AS erased FROM nps_forget('people_reply', 'dave') f;
SELECT sum(f.rows) > 0 AS erased FROM nps_forget('people_reply', 'eve') f;
SELECT sum(f.rows) > 0 AS erased FROM nps_forget('people_reply', 'zoe') f;
RESET ROLE;
REFRESH MATERIALIZED VIEW newest;
REFRESH MATERIALIZED VIEW "Copy";
SELECT name, t.* FROM unnest(ARRAY['dave', 'eve', 'zoe', 'ida', 'mailer']) name CROSS JOIN traces(name) t;
SELECT count(*) AS none FROM pg_statistic WHERE starelid IN ('reply'::regclass, 'people_reply.followup_case'::regclass, 'people_reply.rollup'::regclass);
SELECT count(*) AS none FROM pg_statistic_ext_data;
SELECT place IS NOT NULL AS numbered, case_id, replace(actor, session_user, 'who is connected') AS actor, db_role, what_changed FROM people_reply.followup_event;

--
-- What protects the history continues to do so, also after an error
--
SET ROLE regress_nps_owner;
INSERT INTO reply (id, who, at, score) VALUES (1, 'anna', now(), 0), (2, 'dave', now(), 0);
UPDATE people_reply.followup SET status = 'contacted', channel = 'phone' WHERE case_id IN (1, 2);
CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
CREATE TRIGGER fail AFTER DELETE ON people_reply.followup_case FOR EACH STATEMENT EXECUTE FUNCTION fail();
SELECT * FROM nps_forget('people_reply', 'anna');
DELETE FROM people_reply.followup_event;
DELETE FROM people_reply.followup_case;
DO $$
BEGIN
	PERFORM nps_forget('people_reply', 'anna');
EXCEPTION WHEN raise_exception THEN
	BEGIN
		DELETE FROM people_reply.followup_event;
	EXCEPTION WHEN insufficient_privilege THEN
		RAISE WARNING '%', SQLERRM;
	END;
END
$$;
DROP TRIGGER fail ON people_reply.followup_case;
-- if called by an administrator, no code of the owner's runs as administrator
CREATE TABLE seen (who text, what text);
CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO people.seen VALUES (current_user, TG_TABLE_NAME); RETURN NULL; END $$;
CREATE TRIGGER tell AFTER DELETE ON people_reply.followup_case FOR EACH ROW EXECUTE FUNCTION tell();
CREATE TRIGGER tell AFTER INSERT ON people_reply.followup_event FOR EACH ROW EXECUTE FUNCTION tell();
CREATE TRIGGER tell AFTER DELETE ON people_reply.concern FOR EACH STATEMENT EXECUTE FUNCTION tell();
SET ROLE regress_nps_admin;
SELECT sum(f.rows) > 0 AS erased FROM nps_forget('people_reply', 'anna') f;
SELECT * FROM seen ORDER BY what COLLATE "C";
RESET ROLE;
SELECT actor = session_user AS by_who_is_connected, db_role FROM people_reply.followup_event WHERE what_changed = 'erased' ORDER BY at DESC, place DESC LIMIT 1;
SELECT case_id, respondent FROM people_reply.followup_case;

--
-- A source that is gone
--
DROP TABLE reply CASCADE;
SET ROLE regress_nps_owner;
SELECT e -> 'answers' AS answers, jsonb_array_length(e -> 'cases') AS cases, e -> 'elsewhere' AS elsewhere FROM nps_export('people_reply', 'dave') e;
SELECT relation, rows, what FROM nps_forget('people_reply', 'dave');
SELECT count(*) AS none FROM people_reply.followup_case;
SELECT nps_detach('people_reply', drop_cases => true);

--
-- Keys of many types, with quotes, and expressions; over views and partitions
--
CREATE TYPE customer AS (firm text, number integer);
CREATE DOMAIN short AS character varying(5);
CREATE TYPE person AS ENUM ('anna', 'bob');
CREATE TABLE given (place integer PRIMARY KEY, type text, anna text, also text, other text, wrong text);
INSERT INTO given VALUES
	(1, 'text', $$O'Anna \ "x"; --$$, NULL, 'bob', NULL),
	(2, 'integer', '7', ' 07 ', '8', 'seven'),
	(3, 'uuid', '6f1f7a3e-9c53-4ab7-9c0e-0d2f4e1c1a11', '6F1F7A3E9C534AB79C0E0D2F4E1C1A11', '6f1f7a3e-9c53-4ab7-9c0e-0d2f4e1c1a12', '6f1f'),
	(4, 'customer', '(acme,1)', '("acme",1)', '(acme,2)', '(acme,one)'),
	(5, 'short', 'anna', NULL, 'annab', 'annabel'),
	(6, 'name', 'anna', NULL, repeat('x', 63), repeat('x', 64)),
	(7, 'person', 'anna', NULL, 'bob', 'cora'),
	(8, 'character(6)', 'anna', 'anna   ', 'bob', NULL),
	(9, 'timestamptz', '2026-01-01 12:00:00+00', '01/01/2026 13:00+01', '2026-01-02 00:00:00+00', 'last winter'),
	(10, 'citext', 'Anna', 'aNNA', 'Bob', NULL);
CREATE EXTENSION citext SCHEMA people;
CREATE TABLE outcome (step bigint GENERATED ALWAYS AS IDENTITY, place integer, what text, result text);
DO $$
DECLARE
	k record;
	value text;
	answer text;
BEGIN
	FOR k IN SELECT * FROM given JOIN (VALUES ('table'), ('view'), ('partitions'), ('expression')) AS h(how) ON h.how = 'table' OR place IN (1, 4) ORDER BY place, how LOOP
		EXECUTE format('CREATE TABLE people.rows_of (id %1$s NOT NULL, who %1$s, at timestamptz NOT NULL, score integer) %2$s', k.type,
			CASE k.how WHEN 'partitions' THEN 'PARTITION BY RANGE (at)' ELSE '' END);
		IF k.how = 'partitions' THEN
			CREATE TABLE people.rows_of_one PARTITION OF people.rows_of FOR VALUES FROM (MINVALUE) TO (now());
			CREATE TABLE people.rows_of_two PARTITION OF people.rows_of DEFAULT;
		END IF;
		EXECUTE format('INSERT INTO people.rows_of VALUES ($1::%1$s, $1::%1$s, now() - interval ''1 hour'', 1), ($2::%1$s, $2::%1$s, now(), 0)', k.type) USING k.anna, k.other;
		EXECUTE 'CREATE VIEW people.view_of AS SELECT * FROM people.rows_of';
		PERFORM public.nps_attach(CASE k.how WHEN 'view' THEN 'people.view_of' ELSE 'people.rows_of' END::regclass, 'score', 'people_key', response_id => 'id',
			respondent => CASE k.how WHEN 'expression' THEN 'CASE WHEN true THEN who END' ELSE 'who' END, responded_at => 'at', time_zone => 'UTC', loop_since => '-infinity');
		EXECUTE 'INSERT INTO people_key.followup_case (case_id, note) SELECT id, ''note'' FROM people.rows_of';
		ANALYZE people_key.followup_case, people.rows_of;
		IF k.wrong IS NOT NULL AND k.how = 'table' THEN
			BEGIN
				PERFORM public.nps_forget('people_key', k.wrong);
			EXCEPTION WHEN invalid_parameter_value THEN
				GET STACKED DIAGNOSTICS answer = PG_EXCEPTION_DETAIL;
				INSERT INTO people.outcome (place, what, result) VALUES (k.place, k.type || ': ' || SQLERRM, answer);
			END;
		END IF;
		FOREACH value IN ARRAY array_remove(ARRAY[k.also, k.anna], NULL) LOOP
			SELECT jsonb_array_length(e -> 'answers') || ' ' || jsonb_array_length(e -> 'cases') || ' ' || (e #>> '{elsewhere,0,rows}') INTO answer FROM public.nps_export('people_key', value) e;
			INSERT INTO people.outcome (place, what, result) VALUES (k.place, k.how, 'exported ' || answer);
			EXIT WHEN value = k.anna;
		END LOOP;
		SELECT string_agg(CASE f.relation WHEN 'people_key.followup_case' THEN 'cases' ELSE 'source' END || ' ' || f.rows, ', ') INTO answer
		FROM public.nps_forget('people_key', value) f WHERE f.relation IN ('people_key.followup_case', 'people.rows_of', 'people.view_of');
		INSERT INTO people.outcome (place, what, result) VALUES (k.place, k.how, 'erased ' || answer);
		-- the statement of the source finds the row
		SELECT substring(f.what FROM 'SELECT \* FROM .*(?=; then)') INTO answer FROM public.nps_forget('people_key', value) f WHERE f.rows = 1;
		EXECUTE replace(answer, 'SELECT *', 'SELECT count(*)') INTO answer;
		INSERT INTO people.outcome (place, what, result) VALUES (k.place, k.how, 'found ' || answer);
		EXECUTE format('DELETE FROM people.rows_of WHERE who = $1::%s', k.type) USING k.anna;
		PERFORM public.nps_forget('people_key', k.anna);
		EXECUTE 'SELECT string_agg(respondent::text, '' '') FROM people_key.followup_case' INTO answer;
		INSERT INTO people.outcome (place, what, result) VALUES (k.place, k.how, CASE WHEN k.other = rtrim(answer) THEN 'the other is there' ELSE answer END);
		SELECT string_agg(s.tablename || ' ' || concat(s.most_common_vals, s.histogram_bounds), ', ') INTO answer
		FROM pg_stats s WHERE s.attname IN ('who', 'respondent') AND (s.schemaname = 'people_key' OR s.tablename ~ '^rows_of' AND k.how <> 'view')
			AND position(k.anna IN concat(s.most_common_vals, s.histogram_bounds)) > 0 AND k.place NOT IN (5);
		INSERT INTO people.outcome (place, what, result) SELECT k.place, k.how, answer WHERE answer IS NOT NULL;
		PERFORM public.nps_detach('people_key', drop_cases => true);
		DROP TABLE people.rows_of CASCADE;
	END LOOP;
END
$$;
SELECT min(what) AS message, min(result) AS detail FROM outcome WHERE what ~ ':' GROUP BY place, what ORDER BY place;
SELECT results, count(*), string_agg(place || ' ' || what, ', ' ORDER BY place, what) AS of_these
FROM (SELECT place, what, string_agg(result, '; ' ORDER BY step) AS results FROM outcome WHERE what !~ ':' GROUP BY place, what) o GROUP BY results ORDER BY 1;
-- the statement as it is printed, for the most difficult values
CREATE TABLE rows_of (id integer PRIMARY KEY, who text, firm customer, at timestamptz, score integer);
INSERT INTO rows_of VALUES (1, $$O'Anna \ "x"; --$$, '(acme,1)', now(), 0);
SELECT count(*) > 0 AS attached FROM nps_attach('rows_of', 'score', 'people_quoted', respondent => 'who', responded_at => 'at', loop_since => '-infinity');
SELECT count(*) > 0 AS attached FROM nps_attach('rows_of', 'score', 'people_composite', respondent => 'firm', responded_at => 'at', loop_since => '-infinity');
SELECT what FROM nps_forget('people_quoted', $$O'Anna \ "x"; --$$) WHERE relation = 'people.rows_of';
SELECT what FROM nps_forget('people_composite', '(acme,1)') WHERE relation = 'people.rows_of';
SELECT nps_detach('people_quoted');
SELECT nps_detach('people_composite');
DROP TABLE rows_of;

--
-- Row security.  Cases under FORCE are the owner's to erase; if the source hides rows, that is reported.
--
CREATE TABLE reply (id integer PRIMARY KEY, tenant text, who text, at timestamptz, score integer);
INSERT INTO reply VALUES (1, 'a', 'anna', now(), 0), (2, 'b', 'anna', now(), 1), (3, 'b', 'dave', now(), 0);
SELECT count(*) > 0 AS attached FROM nps_attach('reply', 'score', 'people_reply', respondent => 'who', responded_at => 'at', time_zone => 'UTC', loop_since => '-infinity');
UPDATE people_reply.followup SET status = 'contacted', channel = 'phone', note = 'note' WHERE respondent IN ('anna', 'dave');
INSERT INTO people_reply.concern (case_id, concern, answer) SELECT case_id, 'concern', 'answer' FROM people_reply.followup_case;
INSERT INTO people_reply.cause_told (cause, respondent, told_at, told_by) VALUES ('price', 'anna', now(), 'ida');
SELECT format('CREATE POLICY none ON people_reply.%I USING (false)', t), format('ALTER TABLE people_reply.%I FORCE ROW LEVEL SECURITY', t),
	format('DROP POLICY as_the_answers ON people_reply.%I', t)
FROM unnest(ARRAY['followup_case', 'followup_event', 'concern', 'cause_told']) t \gexec
SELECT count(*) AS none FROM people_reply.followup_case;
BEGIN;
SELECT key, elements FROM outline(nps_export('people_reply', 'anna'));
SELECT relation, rows FROM nps_forget('people_reply', 'anna') WHERE relation <> 'people.reply';
ROLLBACK;
ALTER TABLE reply ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON reply USING (tenant = current_setting('people.tenant', true));
SELECT jsonb_array_length(nps_export('people_reply', 'anna') -> 'answers') AS all_two;
ALTER TABLE reply FORCE ROW LEVEL SECURITY;
SET people.tenant = 'b';
SELECT nps_export('people_reply', 'anna');
SELECT * FROM nps_forget('people_reply', 'anna');
-- an administrator lets the owner see everything for this
SET ROLE regress_nps_admin;
SELECT * FROM nps_forget('people_reply', 'anna');
SELECT count(*) AS two FROM people_reply.followup_case;
BEGIN;
ALTER ROLE regress_nps_owner BYPASSRLS;
SELECT relation, rows FROM nps_forget('people_reply', 'anna');
ALTER ROLE regress_nps_owner NOBYPASSRLS;
COMMIT;
SELECT respondent FROM people_reply.followup_case;
-- the setting of the session is unchanged
SHOW row_security;
-- behind a view, whoever owns it
SET ROLE regress_nps_owner;
CREATE VIEW reply_of_tenant AS SELECT * FROM reply;
CREATE VIEW reply_of_reader WITH (security_invoker) AS SELECT * FROM reply;
SELECT count(*) > 0 AS attached FROM nps_attach('reply_of_tenant', 'score', 'people_view', response_id => 'id', respondent => 'who', responded_at => 'at', loop_since => '-infinity');
SELECT count(*) > 0 AS attached FROM nps_attach('reply_of_reader', 'score', 'people_invoker', response_id => 'id', respondent => 'who', responded_at => 'at', loop_since => '-infinity');
SELECT * FROM nps_forget('people_view', 'dave');
SELECT * FROM nps_forget('people_invoker', 'dave');
-- a filter or a source that depends on a setting, without row security: what it hides cannot be checked, and that is reported
CREATE TABLE plain AS TABLE reply WITH NO DATA;
RESET ROLE;
INSERT INTO people.plain VALUES (1, 'a', 'anna', now(), 0), (2, 'b', 'Anna', now(), 1), (3, 'b', 'dave', now(), 0);
SET ROLE regress_nps_owner;
CREATE FUNCTION my_tenant() RETURNS text LANGUAGE sql STABLE AS $$SELECT current_setting('people.tenant', true)$$;
CREATE VIEW plain_of_tenant AS SELECT * FROM plain WHERE tenant = my_tenant();
CREATE VIEW plain_of_all AS SELECT * FROM plain WHERE tenant <> 'c';
SELECT count(*) > 0 AS attached FROM nps_attach('plain', 'score', 'people_filter', response_id => 'id', respondent => 'who', responded_at => 'at', filter => 'tenant = my_tenant()', loop_since => '-infinity');
SELECT count(*) > 0 AS attached FROM nps_attach('plain', 'score', 'people_expression', response_id => 'id', respondent => 'lower(who)', responded_at => 'at', filter => $$tenant = current_setting('people.tenant')$$, loop_since => '-infinity');
SELECT count(*) > 0 AS attached FROM nps_attach('plain_of_tenant', 'score', 'people_asked', response_id => 'id', respondent => 'who', responded_at => 'at', loop_since => '-infinity');
SELECT count(*) > 0 AS attached FROM nps_attach('plain_of_all', 'score', 'people_unasked', response_id => 'id', respondent => 'who', responded_at => 'at', loop_since => '-infinity');
SET people.tenant = 'b';
SELECT s AS survey, e -> 'incomplete' AS incomplete, jsonb_array_length(e -> 'answers') AS answers, e #> '{elsewhere,0,rows}' AS rows
FROM unnest(ARRAY['people_filter', 'people_expression', 'people_asked', 'people_unasked']) WITH ORDINALITY AS t(s, place), nps_export(s, 'anna') e ORDER BY place;
SELECT s AS survey, f.* FROM unnest(ARRAY['people_filter', 'people_expression', 'people_asked', 'people_unasked']) WITH ORDINALITY AS t(s, place), nps_forget(s, 'nobody') f
WHERE f.what !~ '^(erased|dead)' ORDER BY place, f.relation COLLATE "C";
-- a missing privilege
RESET ROLE;
CREATE TABLE of_others AS SELECT * FROM reply;
GRANT SELECT ON of_others TO regress_nps_owner;
SET ROLE regress_nps_owner;
SELECT count(*) > 0 AS attached FROM nps_attach('of_others', 'score', 'people_others', response_id => 'id', respondent => 'who', responded_at => 'at', loop_since => '-infinity');
UPDATE people_others.followup SET note = 'note' WHERE respondent = 'dave';
SELECT relation, what FROM nps_forget('people_others', 'dave') WHERE relation LIKE '%others';
RESET ROLE;
DELETE FROM of_others WHERE who = 'dave';
SELECT relation, what FROM nps_forget('people_others', 'dave') WHERE relation LIKE '%others';
REVOKE SELECT ON of_others FROM regress_nps_owner;
SELECT * FROM nps_forget('people_others', 'dave');

RESET people.tenant;
RESET search_path;
DROP SCHEMA people_reply, people_view, people_invoker, people_filter, people_expression, people_asked, people_unasked, people_others, people CASCADE;
REVOKE CREATE ON DATABASE :"here" FROM regress_nps_owner;
DROP ROLE regress_nps_owner, regress_nps_actor, regress_nps_admin;
