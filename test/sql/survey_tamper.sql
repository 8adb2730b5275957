-- The owner of a survey alters, drops, retypes and replaces what nps_attach() made,
-- and puts our trigger functions on other tables.  The server never crashes, and
-- everybody gets an error that names the cause.
\set SHOW_CONTEXT never
\set VERBOSITY default
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO, MDY';
SET jit = off;		-- compiling would take longer than running
DROP ROLE IF EXISTS regress_nps_owner, regress_nps_stranger;
CREATE ROLE regress_nps_owner;
CREATE ROLE regress_nps_stranger;
SELECT current_database() AS here \gset
GRANT CREATE ON DATABASE :"here" TO regress_nps_owner, regress_nps_stranger;
SET ROLE regress_nps_owner;
CREATE SCHEMA survey_tamper;
GRANT USAGE ON SCHEMA survey_tamper TO PUBLIC;
SET search_path = survey_tamper, public;
CREATE TABLE answers (id integer PRIMARY KEY, who text, score integer, at timestamptz);
INSERT INTO answers SELECT i, 'customer ' || i, i % 7, now() - interval '10 days' FROM generate_series(1, 40) i;
CREATE FUNCTION attach(target text) RETURNS void LANGUAGE sql AS $$
	SELECT FROM nps_attach('answers', 'score', respondent => 'who', responded_at => 'at', schema_name => target, time_zone => 'UTC', loop_since => '-infinity')
$$;
-- Replaces the views of a survey: they show what followup_all shows now, except for some columns, which are
-- expressions.
CREATE FUNCTION forge(target text, changes text[] DEFAULT '{}') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF to_regclass(target || '.forged') IS NULL THEN
		EXECUTE format('CREATE TABLE %1$I.forged AS TABLE %1$I.followup_all; DROP VIEW %1$I.answer, %1$I.recorded_case CASCADE', target);
	END IF;
	EXECUTE format('DROP VIEW IF EXISTS %I.followup_all', target);
	EXECUTE (SELECT format('CREATE VIEW %1$I.followup_all AS SELECT %2$s FROM %1$I.forged', target,
			string_agg(coalesce(changes[array_position(changes, a.attname::text) + 1], quote_ident(a.attname)) || ' AS ' || quote_ident(a.attname), ', ' ORDER BY a.attnum))
		FROM pg_attribute a WHERE a.attrelid = to_regclass(target || '.forged') AND a.attnum > 0);
END
$$;
-- A statement: how many rows, or why not.
CREATE FUNCTION try(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
	hint text;
BEGIN
	EXECUTE statement;
	GET DIAGNOSTICS n = ROW_COUNT;
	RETURN n || ' rows';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(' / ', SQLSTATE || ' ' || SQLERRM, nullif(hint, ''));
END
$$;

--
-- Another type for the values of a case: a number in place of text, and text in place of a number
--
SELECT attach('retyped');
SELECT forge('retyped', ARRAY['respondent', '7000000000::bigint']);
INSERT INTO retyped.followup_case (case_id) VALUES (1);
ALTER TABLE retyped.followup_case ALTER respondent TYPE bigint USING 1;
SELECT forge('retyped', ARRAY['respondent', '''a customer of many words''::text']);
INSERT INTO retyped.followup_case (case_id) VALUES (1);
ALTER TABLE retyped.followup_case ALTER respondent TYPE text;
-- an invalid score, and an invalid time
SELECT forge('retyped', ARRAY['opening_score', 'ARRAY[2]']);
SELECT try('INSERT INTO retyped.followup_case (case_id) VALUES (1)');
SELECT forge('retyped', ARRAY['responded_at', 'ARRAY[1]']);
SELECT try('INSERT INTO retyped.followup_case (case_id) VALUES (1)');
SELECT forge('retyped', ARRAY['contact_due', '''tomorrow''::text']);
SELECT try('INSERT INTO retyped.followup_case (case_id) VALUES (1)');
SELECT forge('retyped', ARRAY['ended', '5000000000::bigint']);
SELECT try('INSERT INTO retyped.followup_case (case_id) VALUES (1)');
-- restored
SELECT forge('retyped');
SELECT try('INSERT INTO retyped.followup_case (case_id) VALUES (1)');
DROP SCHEMA retyped CASCADE;

--
-- A plan that is cached in the session is for the types that it was made with
--
SELECT count(*) > 0 AS attached FROM nps_attach('answers', 'score', response_id => '''answer '' || id', respondent => 'who', responded_at => 'at', schema_name => 'kept', time_zone => 'UTC', loop_since => '-infinity');
SELECT forge('kept');
INSERT INTO kept.followup_case (case_id) VALUES ('answer 1');
-- numbers in place of texts, first where the case is looked up, then where the value is stored
ALTER TABLE kept.forged RENAME TO before;
CREATE TABLE kept.forged AS TABLE kept.before;
ALTER TABLE kept.forged ALTER case_id TYPE bigint USING substr(case_id, 8)::bigint;
ALTER TABLE kept.concern DROP CONSTRAINT concern_case_id_fkey;
DROP POLICY as_the_answers ON kept.followup_case;
\set VERBOSITY sqlstate
SELECT forge('kept');
INSERT INTO kept.followup_case (case_id) VALUES ('answer 9');
ALTER TABLE kept.followup_case ALTER case_id TYPE bigint USING substr(case_id, 8)::bigint;
INSERT INTO kept.followup_case (case_id) VALUES (9);
\set VERBOSITY default
-- the result has a type different from the declared one
SELECT forge('kept', ARRAY['case_id', 'case_id::integer']);
INSERT INTO kept.followup_case (case_id) VALUES (10);
SELECT forge('kept', ARRAY['ended', '''answered better''::text', 'has_newer', 'true']);
-- the wording of the hint differs between versions, and the position with the columns that are read
\set VERBOSITY sqlstate
INSERT INTO kept.followup_case (case_id, status) VALUES (11, 'dismissed');
\set VERBOSITY default
DROP SCHEMA kept CASCADE;

--
-- Settings that are NULL, of another type, missing, or more than one row
--
SELECT attach('settings');
ALTER TABLE settings.survey ALTER time_zone DROP NOT NULL, ALTER longest_promise_months DROP NOT NULL, ALTER attempts DROP NOT NULL, DROP CONSTRAINT set_by_nps_attach,
	DROP CONSTRAINT survey_longest_promise_months_check;
UPDATE settings.survey SET time_zone = NULL;
INSERT INTO settings.concern (case_id, concern) VALUES (1, 'late');
UPDATE settings.survey SET time_zone = 'Europe/Nowhere';
INSERT INTO settings.concern (case_id, concern) VALUES (1, 'late');
UPDATE settings.survey SET time_zone = repeat('x', 10000);
SELECT left(try('INSERT INTO settings.concern (case_id, concern) VALUES (1, ''late'')'), 60) AS unknown;
UPDATE settings.survey SET time_zone = 'UTC', longest_promise_months = NULL;
INSERT INTO settings.concern (case_id, concern) VALUES (1, 'late');
UPDATE settings.survey SET longest_promise_months = 2147483647;
INSERT INTO settings.concern (case_id, concern, promise, promised_for) VALUES (1, 'late', 'soon', 'infinity');
UPDATE settings.survey SET longest_promise_months = -2147483648;
INSERT INTO settings.concern (case_id, concern, promise, promised_for) VALUES (1, 'late', 'soon', '-infinity');
UPDATE settings.survey SET attempts = NULL;
UPDATE settings.followup_case SET status = 'unreachable' WHERE case_id = 1;
DELETE FROM settings.survey;
INSERT INTO settings.concern (case_id, concern) VALUES (1, 'late');
DROP SCHEMA settings CASCADE;

--
-- A column of a case with another type
--
SELECT attach('noted');
SELECT forge('noted');
INSERT INTO noted.followup_case (case_id) VALUES (1);
ALTER TABLE noted.followup_case ALTER last_note_at TYPE text;
UPDATE noted.followup_case SET note = 'a note' WHERE case_id = 1;
DROP SCHEMA noted CASCADE;

--
-- Relations that change places while a step is recorded: each row is read with its own columns.
-- This needs no survey.
--
CREATE SCHEMA swapped;
CREATE FUNCTION swapped.swap(id integer) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
	-- the first time, only the version is read
	IF set_config('swapped.reads', (coalesce(nullif(current_setting('swapped.reads', true), ''), '0')::integer + 1)::text, true) = '2' THEN
		ALTER TABLE swapped.followup_case RENAME TO first_case;
		ALTER TABLE swapped.other_case RENAME TO followup_case;
	END IF;
	RETURN id;
END
$$;
CREATE TABLE swapped.rows (case_id integer, version integer, status text, assigned_to text, team text, channel text, cause text, plan text, desired_outcome text, dismiss_reason text,
	snoozed_until timestamptz, waiting_since timestamptz, acknowledged_at timestamptz, asked_at timestamptz, attempted_at timestamptz, contacted_at timestamptz, resolved_at timestamptz,
	informed_at timestamptz, closed_at timestamptz, note text, actor text, response_id integer DEFAULT 1);
INSERT INTO swapped.rows VALUES (1, 0, 'new');
CREATE VIEW swapped.followup AS SELECT * FROM swapped.rows;
CREATE TRIGGER record INSTEAD OF UPDATE ON swapped.followup FOR EACH ROW EXECUTE FUNCTION nps_record_followup();
-- the first is a view that swaps when its columns are read
CREATE VIEW swapped.followup_case AS SELECT swapped.swap(257) AS plan, x'4142434445464748'::bigint AS status, case_id, 0 AS version, '1'::xid AS xmin, NULL::text AS before_step, NULL::text AS last_actor FROM swapped.rows;
CREATE TABLE swapped.other_case (plan text, status text, case_id integer PRIMARY KEY, recorded boolean, version integer, before_step text, last_actor text);
INSERT INTO swapped.other_case VALUES ('a plan', 'new', 1, true, 0);
SELECT try('UPDATE swapped.followup SET plan = ''mine''');
SELECT try('UPDATE swapped.followup SET status = ''contacted''');
-- the schema is renamed before the view is read again
CREATE FUNCTION swapped.replace_view() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF to_regnamespace('swapped_away') IS NULL THEN
		ALTER SCHEMA swapped RENAME TO swapped_away;
		CREATE SCHEMA swapped;
		CREATE TABLE swapped.followup AS SELECT 1 AS case_id, 5000000000::bigint AS status;
	END IF;
	RETURN NULL;
END
$$;
DO $$
BEGIN
	IF to_regclass('swapped.first_case') IS NOT NULL THEN
		DROP VIEW swapped.first_case;
	ELSE
		DROP VIEW swapped.followup_case;
		ALTER TABLE swapped.other_case RENAME TO followup_case;
	END IF;
END
$$;
CREATE TRIGGER replace AFTER UPDATE ON swapped.followup_case FOR EACH ROW EXECUTE FUNCTION swapped.replace_view();
SELECT try('UPDATE swapped.followup SET plan = ''mine'' WHERE case_id = 1 RETURNING status, plan, actor');
DROP SCHEMA swapped CASCADE;

--
-- Our trigger functions on tables and views that they are not made for: for every event, at every
-- time, for rows and statements
--
CREATE SCHEMA strange;
CREATE TABLE strange.plain (case_id integer, respondent text);
CREATE TABLE strange.followup_case (case_id integer, respondent text);
CREATE TABLE strange.followup_event (LIKE strange.plain);
CREATE TABLE strange.concern (LIKE strange.plain);
CREATE TABLE strange.cause_told (LIKE strange.plain);
CREATE VIEW strange.followup AS SELECT 1 AS case_id, 'w'::text AS respondent;
CREATE VIEW strange.cause_customer AS SELECT 1 AS case_id, 'w'::text AS respondent;
CREATE FUNCTION try_trigger(function text, relation text, timing text, event text, level text, arguments text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	IF event <> 'INSERT' AND relation NOT IN ('followup', 'cause_customer') THEN
		EXECUTE format('INSERT INTO strange.%I VALUES (1, ''w'')', relation);
	END IF;
	EXECUTE format('CREATE TRIGGER strange %s %s ON strange.%I FOR EACH %s EXECUTE FUNCTION %s(%s)', timing, event, relation, level, function, arguments);
	result := try(CASE event WHEN 'INSERT' THEN format('INSERT INTO strange.%I VALUES (1, ''w'')', relation) WHEN 'UPDATE' THEN format('UPDATE strange.%I SET respondent = ''x''', relation)
		WHEN 'DELETE' THEN format('DELETE FROM strange.%I', relation) ELSE format('TRUNCATE strange.%I', relation) END);
	RAISE EXCEPTION '%', result;
EXCEPTION WHEN OTHERS THEN
	-- a view without an INSTEAD OF trigger is not written at all
	RETURN CASE WHEN SQLERRM ~ '^\d+ rows' OR SQLERRM ~ '^\w{5} ' AND SQLERRM !~ '^55000' THEN SQLERRM ELSE 'no such trigger' END;
END
$$;
CREATE TEMP TABLE tried AS
SELECT function, relation, timing, event, level, arguments, try_trigger(function, relation, timing, event, level, arguments) AS result
FROM unnest(ARRAY['nps_case_rules', 'nps_case_history', 'nps_keep_case', 'nps_keep_history', 'nps_concern_rules', 'nps_told_rules', 'nps_followup_columns',
		'nps_record_followup', 'nps_record_told', 'nps_tell']) function,
	unnest(ARRAY['plain', 'followup_case', 'followup_event', 'concern', 'cause_told', 'followup', 'cause_customer']) relation,
	unnest(ARRAY['BEFORE', 'AFTER', 'INSTEAD OF']) timing, unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) event, unnest(ARRAY['ROW', 'STATEMENT']) level,
	unnest(ARRAY['', '''channel'', ''case_id''']) arguments;
-- each trigger is refused, or is one that the function is made for
SELECT count(*) > 500 AS many FROM tried WHERE result ~ '^39P01';
SELECT function, relation, string_agg(DISTINCT concat_ws(' ', timing, event, level), ', ') AS triggers, result FROM tried
WHERE result !~ '^39P01' AND result <> 'no such trigger' GROUP BY function, relation, result ORDER BY function COLLATE "C", relation COLLATE "C", result COLLATE "C";
DROP TABLE tried;
DROP SCHEMA strange CASCADE;

--
-- Every column of every table that our triggers read, one after the other: dropped, NULL, or of
-- another type, followed by everything that people do.  No internal error, and no crash of the server.
--
SELECT attach('each');
CREATE TABLE each.shown AS TABLE each.followup_all;
SET client_min_messages = error;
DROP VIEW each.answer, each.recorded_case CASCADE;
SET client_min_messages = warning;
CREATE TYPE pair AS (a integer, b text);
CREATE DOMAIN word AS text;
CREATE DOMAIN small AS smallint;
CREATE TABLE each.answer (response_id integer, respondent text, responded_at timestamptz, score double precision);
INSERT INTO each.answer SELECT id, who, at, score FROM answers;
CREATE TABLE each.customer (cause text DEFAULT 'price', respondent text, told_at timestamptz, told_by text, is_due boolean DEFAULT true);
INSERT INTO each.customer (respondent) SELECT respondent FROM each.answer;
-- as nps_attach() makes them
CREATE FUNCTION make_views() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	CREATE VIEW each.followup AS SELECT * FROM each.shown;
	CREATE VIEW each.followup_all AS SELECT * FROM each.shown;
	CREATE VIEW each.cause_customer AS SELECT * FROM each.customer;
	CREATE TRIGGER columns BEFORE UPDATE ON each.followup FOR EACH STATEMENT EXECUTE FUNCTION nps_followup_columns();
	CREATE TRIGGER record INSTEAD OF UPDATE ON each.followup FOR EACH ROW EXECUTE FUNCTION nps_record_followup();
	CREATE TRIGGER record INSTEAD OF UPDATE ON each.cause_customer FOR EACH ROW EXECUTE FUNCTION nps_record_told();
END
$$;
CREATE FUNCTION run_all(relation text, changed text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	statement text;
BEGIN
	FOREACH statement IN ARRAY ARRAY[
		'INSERT INTO each.followup_case (case_id) VALUES (11)',
		'INSERT INTO each.followup_case (case_id, recorded, leased_to, leased_until) VALUES (12, false, ''bot'', now() + interval ''1 minute'')',
		'INSERT INTO each.followup_case (case_id, assigned_to, status, dismiss_reason) VALUES (13, ''ann'', ''dismissed'', ''test'')',
		'UPDATE each.followup_case SET assigned_to = ''bob'', note = ''a note'', actor = ''eve'' WHERE case_id IN (1, 11)',
		'UPDATE each.followup_case SET status = ''unreachable'' WHERE case_id = 1',
		'UPDATE each.followup_case SET status = ''resolved'', channel = ''phone'', cause = ''price'' WHERE case_id = 2',
		'UPDATE each.followup_case SET leased_to = ''bot'', leased_until = now() + interval ''1 minute''',
		'UPDATE each.followup_case SET case_id = case_id + 1 WHERE case_id = 3',
		'UPDATE each.followup_case SET respondent = NULL',
		'UPDATE each.followup SET note = ''by the view'' WHERE case_id = 1',
		'UPDATE each.followup SET status = ''contacted'', channel = ''phone'', team = ''x'' WHERE case_id IN (2, 14)',
		'UPDATE each.followup SET status = ''dismissed'', dismiss_reason = ''test'' WHERE case_id = 15 RETURNING *',
		'UPDATE each.followup SET next_step = ''none''',
		'UPDATE each.followup f SET assigned_to = s.assigned_to, plan = ''p'' FROM each.shown s WHERE s.case_id = f.case_id AND f.case_id < 4',
		'INSERT INTO each.concern (case_id, concern, promise, promised_for) VALUES (1, ''slow'', ''faster'', current_date + 9)',
		'INSERT INTO each.concern (case_id, concern) VALUES (16, ''slow'')',
		'UPDATE each.concern SET answer = ''none'', promised_for = promised_for + 1',
		'UPDATE each.concern SET delivered_at = now()',
		'INSERT INTO each.cause_told VALUES (''price'', ''customer 5'', now(), '''')',
		'INSERT INTO each.cause_told (cause, respondent, told_at) VALUES (''price'', ''customer 6'', NULL)',
		'UPDATE each.cause_told SET told_at = told_at - interval ''1 day'', told_by = NULL',
		'UPDATE each.cause_told SET respondent = ''customer 7''',
		'UPDATE each.cause_customer SET told_at = now() WHERE respondent = ''customer 8''',
		'UPDATE each.cause_customer SET told_at = NULL, told_by = ''x''',
		'UPDATE each.cause SET cause = ''costs'' WHERE cause = ''price''',
		'DELETE FROM each.concern', 'DELETE FROM each.cause_told', 'DELETE FROM each.followup_case', 'TRUNCATE each.followup_event']
	LOOP
		-- statements that use the relation
		CONTINUE WHEN statement !~ CASE relation WHEN 'shown' THEN 'each.followup |INSERT' WHEN 'customer' THEN 'cause_customer' WHEN 'cause_told' THEN 'cause_'
			WHEN 'answer' THEN 'INSERT|respondent' WHEN 'survey' THEN 'concern|unreachable' WHEN 'concern' THEN 'concern|resolved|cause =' ELSE '' END;
		BEGIN
			EXECUTE statement;
		EXCEPTION WHEN OTHERS THEN
			-- if a rule is in the way of a foreign key, the server reports it with such an error
			IF SQLSTATE LIKE 'XX%' AND SQLERRM !~ 'referential integrity' THEN
				RAISE INFO '% of %, %: % %', changed, relation, statement, SQLSTATE, SQLERRM;
			END IF;
		END;
	END LOOP;
END
$$;
CREATE FUNCTION tamper(relation text, changed text, statements text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	statement text;
BEGIN
	BEGIN
		PERFORM make_views();
		INSERT INTO each.followup_case (case_id, assigned_to, cause) SELECT i, 'ann', 'price' FROM generate_series(1, 3) i;
		INSERT INTO each.concern (case_id, concern, promise, promised_for) VALUES (1, 'late', 'soon', current_date + 9);
		INSERT INTO each.cause_told VALUES ('price', 'customer 1', now(), 'ann');
		DROP VIEW each.followup, each.followup_all, each.cause_customer;
		FOREACH statement IN ARRAY statements LOOP
			EXECUTE statement;
		END LOOP;
		PERFORM make_views();
	EXCEPTION WHEN OTHERS THEN
		RETURN 'cannot be: ' || SQLERRM;
	END;
	PERFORM run_all(relation, changed);
	RAISE EXCEPTION 'as it was';
EXCEPTION WHEN raise_exception THEN
	RETURN 'tried';
END
$$;
SET client_min_messages = error;
SELECT tamper('nothing', 'nothing', ARRAY[]::text[]);
SELECT t.result, count(*) > 100 AS many
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
CROSS JOIN (VALUES ('dropped', NULL), ('null', NULL), ('bigint', '7000000000'), ('small', '7'), ('name', '''a name'''), ('word', '''a word'''), ('pair[]', '''{}''')) AS v(kind, value)
CROSS JOIN LATERAL tamper(c.relname, a.attname || ' ' || v.kind, CASE
	WHEN v.kind = 'dropped' THEN ARRAY[format('ALTER TABLE each.%I DROP COLUMN %I CASCADE', c.relname, a.attname)]
	WHEN v.kind = 'null' THEN ARRAY[format('ALTER TABLE each.%I DROP COLUMN %I CASCADE, ADD COLUMN %2$I %s', c.relname, a.attname, format_type(a.atttypid, -1))]
	ELSE ARRAY[format('ALTER TABLE each.%I DROP COLUMN %I CASCADE, ADD COLUMN %2$I %s DEFAULT %s', c.relname, a.attname, v.kind, v.value)] END) AS t(result)
WHERE c.relnamespace = 'each'::regnamespace AND c.relkind = 'r' AND c.relname IN ('followup_case', 'followup_event', 'concern', 'cause_told', 'answer', 'shown', 'customer', 'survey')
	AND (c.relname <> 'survey' OR a.attname IN ('time_zone', 'longest_promise_months', 'attempts'))
	-- of the views, the columns that the triggers read
	AND (c.relname <> 'shown' OR a.attname IN (SELECT k.attname FROM pg_attribute k WHERE k.attrelid = 'each.followup_case'::regclass)
		OR a.attname IN ('response_id', 'responded_at', 'has_newer', 'is_renewed', 'first_contact_due', 'renewed_resolve_due', 'first_answer_at', 'uncovered_since', 'uncovered_until', 'better_at', 'is_broken_now'))
GROUP BY t.result;
-- Tables of one kind in place of another, views and rules in place of tables, and rules that write nowhere.
SELECT count(*) AS tried FROM (VALUES
	(ARRAY['ALTER TABLE each.followup_event RENAME TO x', 'ALTER TABLE each.concern RENAME TO followup_event', 'ALTER TABLE each.x RENAME TO concern']),
	(ARRAY['ALTER TABLE each.followup_case RENAME TO x', 'ALTER TABLE each.concern RENAME TO followup_case', 'ALTER TABLE each.x RENAME TO concern']),
	(ARRAY['ALTER TABLE each.followup_case RENAME TO x', 'ALTER TABLE each.cause_told RENAME TO followup_case', 'ALTER TABLE each.x RENAME TO cause_told']),
	(ARRAY['ALTER TABLE each.survey RENAME TO x', 'ALTER TABLE each.concern RENAME TO survey', 'ALTER TABLE each.x RENAME TO concern']),
	(ARRAY['ALTER TABLE each.followup_event RENAME TO x', 'CREATE VIEW each.followup_event AS SELECT * FROM each.x']),
	(ARRAY['ALTER TABLE each.followup_event RENAME TO x', 'CREATE TABLE each.followup_event (LIKE each.x) PARTITION BY LIST (case_id)']),
	(ARRAY['CREATE RULE none AS ON INSERT TO each.followup_event DO INSTEAD NOTHING']),
	(ARRAY['CREATE RULE other AS ON INSERT TO each.followup_event DO INSTEAD UPDATE each.survey SET goal = 1']),
	(ARRAY['CREATE RULE more AS ON INSERT TO each.followup_event DO ALSO SELECT 1']),
	(ARRAY['CREATE RULE none AS ON INSERT TO each.followup_case DO INSTEAD NOTHING', 'CREATE RULE update AS ON UPDATE TO each.followup_case DO INSTEAD SELECT 1']),
	(ARRAY['CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS ''BEGIN RETURN NULL; END''',
		'CREATE TRIGGER nothing BEFORE INSERT ON each.followup_event FOR EACH ROW EXECUTE FUNCTION nothing()']),
	(ARRAY['ALTER TABLE each.followup_case ADD CONSTRAINT plans UNIQUE (plan)']),
	(ARRAY['ALTER TABLE each.followup_case DROP CONSTRAINT followup_case_pkey CASCADE']),
	(ARRAY['ALTER TABLE each.concern ALTER concern_id DROP IDENTITY']),
	(ARRAY['DROP TABLE each.followup_event']), (ARRAY['DROP TABLE each.survey']), (ARRAY['DROP TABLE each.concern']), (ARRAY['DROP TABLE each.answer'])
) AS v(statements), tamper(v.statements[1], 'replaced', v.statements) t WHERE t = 'tried';
-- the messages of some of these
BEGIN;
SELECT make_views();
INSERT INTO each.followup_case (case_id) VALUES (1);
CREATE RULE none AS ON INSERT TO each.followup_event DO INSTEAD NOTHING;
SELECT try('UPDATE each.followup_case SET assigned_to = ''x''');
DROP RULE none ON each.followup_event;
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER nothing BEFORE INSERT ON each.followup_event FOR EACH ROW EXECUTE FUNCTION nothing();
SELECT try('UPDATE each.followup_case SET assigned_to = ''x''');
DROP TRIGGER nothing ON each.followup_event;
ALTER TABLE each.followup_case ALTER recorded DROP NOT NULL, ALTER worked_on DROP NOT NULL;
SELECT try('INSERT INTO each.followup_case (case_id, recorded) VALUES (2, NULL)');
SELECT try('UPDATE each.followup_case SET worked_on = NULL WHERE case_id = 1');
ROLLBACK;
-- nothing bypassed the rules during all this
SELECT (SELECT count(*) FROM each.followup_case) AS none, (SELECT count(*) FROM each.followup_event) AS none, (SELECT count(*) FROM each.concern) AS none;

-- Clean up.
RESET ROLE;
SET client_min_messages = error;
DROP OWNED BY regress_nps_owner, regress_nps_stranger CASCADE;
RESET search_path;
DROP ROLE regress_nps_owner, regress_nps_stranger;
