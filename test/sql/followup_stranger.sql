-- What a stranger who owns nothing of ours can do with our triggers: on tables of theirs, in schemas that look like
-- surveys, in tables with our names and other columns.
\set SHOW_CONTEXT never
\getenv abs_srcdir PG_ABS_SRCDIR
\set VERBOSITY default
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO, MDY';
SET jit = off;		-- compiling would take longer than running
DROP ROLE IF EXISTS regress_nps_owner, regress_nps_reader, regress_nps_stranger;
CREATE ROLE regress_nps_owner;
CREATE ROLE regress_nps_reader;
CREATE ROLE regress_nps_stranger;
SELECT current_database() AS here \gset
GRANT CREATE ON DATABASE :"here" TO regress_nps_stranger;
CREATE SCHEMA followup_stranger;
GRANT USAGE ON SCHEMA followup_stranger TO PUBLIC;
-- the extension in a schema of its own
DROP EXTENSION nps;
CREATE SCHEMA followup_stranger_nps;
GRANT USAGE ON SCHEMA followup_stranger_nps TO PUBLIC;
CREATE EXTENSION nps SCHEMA followup_stranger_nps;
SET search_path = followup_stranger, followup_stranger_nps;
CREATE TABLE ran (who name, what text);

\set helper :abs_srcdir '/sql/helper/try.sql'
\i :helper


--
-- Our triggers on tables of theirs, and schemas that are not surveys
--
GRANT SELECT, INSERT ON followup_stranger.ran TO regress_nps_stranger;
SET ROLE regress_nps_stranger;
CREATE SCHEMA strange;
GRANT USAGE ON SCHEMA strange TO PUBLIC;
SET search_path = strange, followup_stranger_nps;
CREATE TABLE answers (id integer PRIMARY KEY, who text, score integer, at timestamptz);
INSERT INTO answers VALUES (1, 'w1', 0, now() - interval '1 hour'), (2, 'w2', 3, now() - interval '1 hour');
SELECT count(*) > 0 AS attached FROM nps_attach('answers', 'score', respondent => 'who', responded_at => 'at', schema_name => 'strange_survey', loop_since => '-infinity');
-- a table of the victim's in place of the stranger's own
RESET ROLE;
ALTER TABLE strange_survey.followup_event OWNER TO regress_nps_owner;
SELECT followup_stranger.try('regress_nps_stranger', 'UPDATE strange_survey.followup SET assigned_to = ''x'' WHERE case_id = 1') AS refused;
ALTER TABLE strange_survey.followup_event OWNER TO regress_nps_stranger;
ALTER TABLE strange_survey.survey OWNER TO regress_nps_owner;
SELECT followup_stranger.try('regress_nps_stranger', 'INSERT INTO strange_survey.concern (case_id, concern) VALUES (1, ''x'')') AS refused;
ALTER TABLE strange_survey.survey OWNER TO regress_nps_stranger;
-- a view of the stranger's that reads or writes what its owner may and the actor may not, and the other way round
SET ROLE regress_nps_stranger;
SET client_min_messages = error;
DROP TABLE strange_survey.followup_event CASCADE;
SET client_min_messages = warning;
CREATE VIEW strange_survey.followup_event AS SELECT 1 AS case_id;
SELECT followup_stranger.try('regress_nps_stranger', 'UPDATE strange_survey.followup SET assigned_to = ''x'' WHERE case_id = 1') AS refused;
DROP VIEW strange_survey.followup_event;
SELECT followup_stranger.try('regress_nps_stranger', 'UPDATE strange_survey.followup SET assigned_to = ''x'' WHERE case_id = 1') AS refused;
RESET ROLE;
-- our triggers where nps_attach() did not make them: an error, and no row anywhere
SET ROLE regress_nps_stranger;
CREATE TABLE plain (a integer);
CREATE VIEW plain_view AS SELECT 1 AS case_id, 'new'::text AS status;
RESET ROLE;
CREATE FUNCTION followup_stranger.try_trigger(definition text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	SET LOCAL ROLE regress_nps_stranger;
	EXECUTE 'CREATE TRIGGER strange ' || definition;
	RESET ROLE;
	result := followup_stranger.try('regress_nps_stranger', statement);
	RAISE EXCEPTION '%', result;
EXCEPTION WHEN OTHERS THEN
	RETURN SQLERRM;
END
$$;
SELECT t.definition, followup_stranger.try_trigger(t.definition, t.statement) AS error
FROM (VALUES
	('BEFORE INSERT ON strange.plain FOR EACH ROW EXECUTE FUNCTION followup_stranger_nps.nps_case_rules()', 'INSERT INTO strange.plain VALUES (1)'),
	('AFTER INSERT ON strange.plain FOR EACH ROW EXECUTE FUNCTION followup_stranger_nps.nps_case_rules()', 'INSERT INTO strange.plain VALUES (1)'),
	('BEFORE INSERT ON strange.plain FOR EACH STATEMENT EXECUTE FUNCTION followup_stranger_nps.nps_case_rules()', 'INSERT INTO strange.plain VALUES (1)'),
	('AFTER INSERT ON strange.plain FOR EACH ROW EXECUTE FUNCTION followup_stranger_nps.nps_case_history()', 'INSERT INTO strange.plain VALUES (1)'),
	('BEFORE INSERT ON strange.plain FOR EACH ROW EXECUTE FUNCTION followup_stranger_nps.nps_case_history()', 'INSERT INTO strange.plain VALUES (1)'),
	('BEFORE INSERT ON strange.plain FOR EACH ROW EXECUTE FUNCTION followup_stranger_nps.nps_concern_rules()', 'INSERT INTO strange.plain VALUES (1)'),
	('AFTER INSERT ON strange.plain FOR EACH ROW EXECUTE FUNCTION followup_stranger_nps.nps_tell()', 'INSERT INTO strange.plain VALUES (1)'),
	('AFTER INSERT ON strange.plain FOR EACH ROW EXECUTE FUNCTION followup_stranger_nps.nps_tell('''', ''a'')', 'INSERT INTO strange.plain VALUES (1)'),
	('AFTER INSERT ON strange.plain FOR EACH ROW EXECUTE FUNCTION followup_stranger_nps.nps_tell(''c'', ''missing'')', 'INSERT INTO strange.plain VALUES (1)'),
	('INSTEAD OF UPDATE ON strange.plain_view FOR EACH ROW EXECUTE FUNCTION followup_stranger_nps.nps_record_followup()', 'UPDATE strange.plain_view SET case_id = 2'),
	('INSTEAD OF UPDATE ON strange.plain_view FOR EACH ROW EXECUTE FUNCTION followup_stranger_nps.nps_record_told()', 'UPDATE strange.plain_view SET status = ''x'''),
	('INSTEAD OF UPDATE ON strange.plain_view FOR EACH ROW EXECUTE FUNCTION followup_stranger_nps.nps_case_rules()', 'UPDATE strange.plain_view SET status = ''x''')
) AS t(definition, statement);
SELECT count(*) AS none FROM strange.plain;
-- No code of a stranger's runs as the superuser who maintains the survey.
SET ROLE regress_nps_stranger;
CREATE FUNCTION evil(what text) RETURNS text LANGUAGE plpgsql AS $$BEGIN INSERT INTO followup_stranger.ran VALUES (current_user, what); RETURN 'x'; END$$;
SET client_min_messages = error;
DROP TABLE strange_survey.followup_case, strange_survey.concern CASCADE;
SET client_min_messages = warning;
CREATE VIEW strange_survey.followup_case AS SELECT strange.evil('case_id') AS case_id, strange.evil('respondent') AS respondent, strange.evil('recorded') = 'x' AS recorded;
RESET ROLE;
TRUNCATE followup_stranger.ran;
CREATE FUNCTION followup_stranger.run_and_tell(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	BEGIN
		EXECUTE statement;
	EXCEPTION WHEN OTHERS THEN
		-- the message says what ran, as its row is rolled back
		IF SQLERRM ~ 'has \d+ recorded cases|of another kind' THEN
			RETURN 'it was read: ' || SQLERRM;
		END IF;
	END;
	RETURN coalesce((SELECT 'it ran as ' || CASE WHEN r.who = current_user THEN 'the caller' ELSE r.who END FROM followup_stranger.ran r LIMIT 1), 'nothing ran');
END
$$;
SELECT s AS statement, followup_stranger.run_and_tell(s) AS nothing_ran
FROM unnest(ARRAY['SELECT followup_stranger_nps.nps_refresh_views(''strange_survey'')', 'SELECT followup_stranger_nps.nps_notify(''strange_survey'')',
	'SELECT followup_stranger_nps.nps_grant(''strange_survey'', ''regress_nps_reader'')', 'SELECT followup_stranger_nps.nps_detach(''strange_survey'')']) s;
SET client_min_messages = error;
DROP SCHEMA IF EXISTS strange_survey CASCADE;
SET client_min_messages = warning;
RESET search_path;
SET search_path = followup_stranger, followup_stranger_nps;

--
-- Columns of other types in tables with the names of ours: an error and no row, and never the contents
-- of the server's memory.  Last, as the server itself may crash.
--
SET ROLE regress_nps_stranger;
CREATE SCHEMA odd_history;
CREATE TABLE odd_history.followup_case (recorded integer, case_id integer, last_actor integer, last_note_at integer, last_note integer);
CREATE TABLE odd_history.followup_event (case_id integer, at timestamptz, actor text, db_role text, what_changed text, old_value text, new_value text, note text, happened_at timestamptz);
CREATE TRIGGER odd AFTER INSERT ON odd_history.followup_case FOR EACH ROW EXECUTE FUNCTION followup_stranger_nps.nps_case_history();
CREATE SCHEMA odd_rules;
CREATE TABLE odd_rules.followup_case (case_id integer, recorded integer, status integer, note integer, actor integer);
CREATE TRIGGER odd BEFORE INSERT ON odd_rules.followup_case FOR EACH ROW EXECUTE FUNCTION followup_stranger_nps.nps_case_rules();
CREATE SCHEMA odd_view;
CREATE TABLE odd_view.followup_case (case_id integer, recorded boolean, status integer);
INSERT INTO odd_view.followup_case VALUES (1, true, 5);
CREATE VIEW odd_view.followup AS SELECT case_id, 'a'::text AS status FROM odd_view.followup_case;
CREATE TRIGGER odd INSTEAD OF UPDATE ON odd_view.followup FOR EACH ROW EXECUTE FUNCTION followup_stranger_nps.nps_record_followup();
CREATE SCHEMA odd_told;
CREATE TABLE odd_told.cause_told (cause text, respondent text, told_at timestamptz, told_by text, PRIMARY KEY (cause, respondent));
CREATE VIEW odd_told.cause_customer AS SELECT 5 AS cause, 'a'::text AS respondent, 6 AS told_at, 7 AS told_by;
CREATE TRIGGER odd INSTEAD OF UPDATE ON odd_told.cause_customer FOR EACH ROW EXECUTE FUNCTION followup_stranger_nps.nps_record_told();
CREATE SCHEMA odd_concern;
CREATE TABLE odd_concern.followup_case (case_id integer PRIMARY KEY, recorded boolean, status integer);
CREATE TABLE odd_concern.survey (time_zone text, longest_promise_months text);
INSERT INTO odd_concern.survey VALUES ('UTC', '66666666');
CREATE TABLE odd_concern.concern (concern_id integer, case_id integer, raised_at integer, promise integer, promised_for text, answer integer, delivered_at integer, declined_at integer, is_open text);
CREATE TRIGGER odd BEFORE INSERT ON odd_concern.concern FOR EACH ROW EXECUTE FUNCTION followup_stranger_nps.nps_concern_rules();
RESET ROLE;
SELECT try('regress_nps_stranger', 'INSERT INTO odd_concern.concern VALUES (1, 1, 1, 1, ''3000-01-01'', 1, 1, 1, ''t'')') ~ 'rows' AS no;
SELECT try('regress_nps_stranger', 'INSERT INTO odd_history.followup_case VALUES (1, 1, 7, 8, 9)') ~ 'rows' AS no;
SELECT try('regress_nps_stranger', 'INSERT INTO odd_rules.followup_case VALUES (1, 1, 5, 7, 8)') ~ 'rows' AS no;
SELECT try('regress_nps_stranger', 'UPDATE odd_view.followup SET status = ''x''') ~ 'rows' AS no;
SELECT try('regress_nps_stranger', 'UPDATE odd_told.cause_customer SET told_at = 8') ~ 'rows' AS no;

-- Clean up.
SET client_min_messages = error;
DROP OWNED BY regress_nps_stranger CASCADE;
DROP EXTENSION nps CASCADE;
RESET search_path;
DROP SCHEMA followup_stranger, followup_stranger_nps CASCADE;
DROP ROLE regress_nps_owner, regress_nps_reader, regress_nps_stranger;
CREATE EXTENSION nps SCHEMA public;
