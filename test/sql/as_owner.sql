-- Maintenance runs as the owner of the survey: whatever they planted in it sees
-- no other current_user, no matter who calls.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'UTC';
DROP ROLE IF EXISTS regress_nps_owner, regress_nps_admin, regress_nps_stranger, regress_nps_noinherit;
CREATE ROLE regress_nps_owner;
CREATE ROLE regress_nps_stranger;
CREATE ROLE regress_nps_admin IN ROLE regress_nps_owner;
CREATE ROLE regress_nps_noinherit NOINHERIT IN ROLE regress_nps_owner;
CREATE SCHEMA as_owner AUTHORIZATION regress_nps_owner;
SELECT format('GRANT CREATE ON DATABASE %I TO regress_nps_owner', current_database()) \gexec
SET search_path = as_owner, public;

-- canary() and note() record who the current user is, and are planted in all kinds of places
SET ROLE regress_nps_owner;
CREATE TABLE seen (place text, role name);
GRANT INSERT ON seen TO PUBLIC;
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO as_owner.seen VALUES (tg_table_name || ' ' || lower(tg_op), current_user);
	RETURN CASE WHEN tg_level = 'ROW' AND tg_op <> 'DELETE' THEN new WHEN tg_level = 'ROW' THEN old END;
END
$$;
CREATE FUNCTION canary(place text) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
	INSERT INTO as_owner.seen VALUES (place, current_user);
	RETURN true;
EXCEPTION WHEN read_only_sql_transaction OR feature_not_supported THEN
	RETURN true;
END
$$;
CREATE DOMAIN grade AS integer CHECK (canary('domain') AND VALUE < 100);
CREATE TABLE reply (id integer PRIMARY KEY, score integer, who text, at timestamptz, plan text);
INSERT INTO reply SELECT i, i % 11, 'w' || i, '2026-01-01'::timestamptz + i * interval '1 hour', 'p' || i % 2 FROM generate_series(1, 30) i;
SELECT count(*) > 0 AS attached FROM nps_attach('reply', 'score', 'kept', respondent => 'who', responded_at => 'at', segments => ARRAY['plan'], loop_since => '-infinity');
SELECT count(*) > 0 AS attached FROM nps_attach('reply', 'score', 'odd', respondent => 'who', responded_at => 'at',
	filter => 'canary(''filter'')', segments => ARRAY['(CASE WHEN canary(''segment'') THEN plan END) AS plan'], loop_since => '-infinity');
CALL nps_materialize('kept');
INSERT INTO reply SELECT i, i % 11, 'w' || i, '2026-01-01'::timestamptz + i * interval '1 hour', 'p' || i % 2 FROM generate_series(31, 40) i;
-- planted: on the rollup, the settings and the cases
CREATE TRIGGER planted BEFORE INSERT OR DELETE ON kept.rollup FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER planted BEFORE INSERT OR UPDATE ON kept.survey FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER planted BEFORE INSERT OR UPDATE ON odd.survey FOR EACH ROW EXECUTE FUNCTION note();
\set VERBOSITY terse
ALTER TABLE odd.survey ALTER goal TYPE double precision USING 1;
\set VERBOSITY default
ALTER TABLE odd.survey ADD COLUMN more grade DEFAULT 1;
ALTER TABLE odd.survey ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY planted ON odd.survey USING (canary('policy'));
ALTER TABLE odd.followup_case ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE TYPE e AS ENUM ('a', 'b');
CREATE FUNCTION to_boolean(e) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	RETURN as_owner.canary('cast');
END
$$;
CREATE CAST (e AS boolean) WITH FUNCTION to_boolean(e) AS IMPLICIT;
RESET ROLE;
TRUNCATE seen;

-- every maintenance function, called by a superuser
SELECT count(*) > 0 AS checked FROM nps_check('odd');
SELECT count(*) > 0 AS checked FROM nps_check('kept');
SELECT nps_compact('kept');
SELECT count(*) AS differ FROM nps_verify('kept');
SELECT count(*) > 0 AS refreshed FROM nps_refresh_views('odd');
SELECT count(*) > 0 AS refreshed FROM nps_refresh_views('kept');
SELECT count(*) > 0 AS attached FROM nps_attach('reply', 'score', 'odd', respondent => 'who', responded_at => 'at', goal => 40,
	filter => 'canary(''filter'')', segments => ARRAY['(CASE WHEN canary(''segment'') THEN plan END) AS plan'], replace => true, loop_since => '-infinity');
CALL nps_materialize('kept', rebuild => true);
CALL nps_compact_all();
SELECT nps_grant('odd', 'regress_nps_stranger');
SELECT nps_notify('odd');
CALL nps_refresh_all();
CALL nps_dematerialize('kept');
SELECT relname, relowner::regrole AS owner, count(*) FROM pg_class WHERE relnamespace IN ('odd'::regnamespace, 'kept'::regnamespace) AND relowner <> 'regress_nps_owner'::regrole GROUP BY 1, 2;
-- the table of cases is a different one: it is read through the owner's cast
SET ROLE regress_nps_owner;
DROP VIEW odd.answer CASCADE;
DROP TABLE odd.followup_case CASCADE;
CREATE TABLE odd.followup_case (case_id integer, respondent text, recorded e);
INSERT INTO odd.followup_case VALUES (1, 'w1', 'a');
RESET ROLE;
SELECT nps_detach('odd');
SELECT nps_detach('odd', drop_cases => true);
SELECT nps_detach('kept');
SELECT place, role FROM seen GROUP BY place, role ORDER BY place COLLATE "C", role;

-- callers other than the owner
SET ROLE regress_nps_owner;
SELECT count(*) > 0 AS attached FROM nps_attach('reply', 'score', 'kept', respondent => 'who', responded_at => 'at', segments => ARRAY['plan'], loop_since => '-infinity');
SET ROLE regress_nps_stranger;
SELECT * FROM nps_check('kept');
SELECT nps_refresh_views('kept');
CALL nps_materialize('kept');
CALL nps_compact_all();
SELECT nps_grant('kept', 'regress_nps_stranger');
SET ROLE regress_nps_noinherit;
SELECT nps_compact('kept');
SET ROLE regress_nps_admin;
SELECT count(*) > 0 AS refreshed FROM nps_refresh_views('kept');
CALL nps_materialize('kept');
SELECT relname FROM pg_class WHERE relnamespace = 'kept'::regnamespace AND relowner <> 'regress_nps_owner'::regrole;
-- the work itself, called by its name
SELECT nps_refresh_views_as_owner('kept');
SELECT nps_lock_survey('kept', 'all');
RESET ROLE;
SELECT nps_compact_as_owner('kept');
SELECT nps_build_views('kept', 'reply', '{}', false);
SELECT nps_fill_rollup('kept', 'kept.rollup');

-- a survey with two owners: no code of either is run
ALTER TABLE kept.playbook OWNER TO regress_nps_stranger;
SELECT severity, finding, detail, fix FROM nps_check('kept');
SELECT nps_refresh_views('kept');
CALL nps_refresh_all();
ALTER TABLE kept.playbook OWNER TO regress_nps_owner;
SELECT count(*) > 0 AS refreshed FROM nps_refresh_views('kept');

-- a broken one does not keep the others from being maintained
SET ROLE regress_nps_owner;
SELECT count(*) > 0 AS attached FROM nps_attach('reply', 'score', 'broken', respondent => 'who', responded_at => 'at', loop_since => '-infinity');
SELECT count(*) > 0 AS attached FROM nps_attach('reply', 'score', 'tidy', respondent => 'who', responded_at => 'at', loop_since => '-infinity');
CALL nps_materialize('tidy');
ALTER TABLE broken.survey RENAME COLUMN scale TO ladder;
CALL nps_refresh_all();
CALL nps_compact_all();
SELECT severity, finding, detail, fix FROM nps_check('broken');
-- nor does one with code that is slow, that catches its own cancellation, or that pretends that all of maintenance was canceled
ALTER TABLE broken.survey RENAME COLUMN ladder TO scale;
CREATE FUNCTION slow() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_sleep(600);
	RETURN true;
END
$$;
CREATE FUNCTION stubborn() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	LOOP
		BEGIN
			LOOP
				BEGIN
					PERFORM pg_sleep(600);
				EXCEPTION WHEN query_canceled THEN
					PERFORM pg_sleep(600);
				END;
			END LOOP;
		EXCEPTION WHEN query_canceled THEN
			RAISE WARNING 'I go on';
		END;
	END LOOP;
END
$$;
CREATE FUNCTION pretending(code text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = code, MESSAGE = 'canceling statement due to user request'; END $$;
ALTER TABLE broken.survey ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY in_the_way ON broken.survey AS RESTRICTIVE USING (slow());
CALL nps_refresh_all(time_limit => '3 seconds');
ALTER POLICY in_the_way ON broken.survey USING (stubborn());
CALL nps_refresh_all(time_limit => '3 seconds');
ALTER POLICY in_the_way ON broken.survey USING (pretending('57014'));
CALL nps_refresh_all();
ALTER POLICY in_the_way ON broken.survey USING (pretending('57P01'));
CALL nps_refresh_all();
CALL nps_compact_all();
-- what is meant to cancel everything still does
ALTER POLICY in_the_way ON broken.survey USING (slow());
SET statement_timeout = '300ms';
CALL nps_refresh_all();
RESET statement_timeout;
DROP POLICY in_the_way ON broken.survey;
-- limits that are invalid, and one longer than a timer can have
CALL nps_refresh_all(time_limit => '0');
CALL nps_compact_all(time_limit => NULL);
CALL nps_refresh_all(time_limit => '1000 years');
RESET ROLE;

-- a role that may only read a table cannot make maintenance lock it against its writers
CREATE TABLE shared (id integer PRIMARY KEY, score integer);
GRANT SELECT ON shared TO regress_nps_stranger;
GRANT USAGE ON SCHEMA as_owner TO regress_nps_stranger;
SELECT format('GRANT CREATE ON DATABASE %I TO regress_nps_stranger', current_database()) \gexec
SET ROLE regress_nps_stranger;
SELECT count(*) > 0 AS attached FROM nps_attach('shared', 'score', 'of_stranger');
SET client_min_messages = error;
BEGIN;
SELECT nps_notify('of_stranger');
SELECT count(*) > 0 AS refreshed FROM nps_refresh_views('of_stranger');
SELECT DISTINCT mode FROM pg_locks WHERE relation = 'shared'::regclass;
ROLLBACK;
CALL nps_materialize('of_stranger');
SELECT nps_detach('of_stranger');
SET client_min_messages = warning;
RESET ROLE;

-- a procedure says what to do where it cannot commit
BEGIN;
CALL nps_materialize('kept');
ROLLBACK;
DO $$ BEGIN CALL nps_compact_all(); END $$;
CREATE FUNCTION calls() RETURNS void LANGUAGE plpgsql AS $$ BEGIN CALL nps_refresh_all(); END $$;
SELECT calls();
CALL nps_materialize(NULL);
CALL nps_dematerialize('nowhere');

-- The right to create triggers is no right to act as the owner: not on the history, which is written for anyone who records a step, and not in maintenance.
SET ROLE regress_nps_owner;
SELECT nps_grant('kept', 'regress_nps_stranger', 'actor');
GRANT SELECT ON reply TO regress_nps_stranger;
INSERT INTO reply VALUES (41, 0, 'w41', now(), 'p1');
GRANT ALL ON ALL TABLES IN SCHEMA kept TO regress_nps_stranger;
SET ROLE regress_nps_stranger;
CREATE SCHEMA of_stranger;
CREATE FUNCTION of_stranger.planted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'runs as %', current_user; RETURN new; END $$;
CREATE TRIGGER planted BEFORE INSERT ON kept.followup_event FOR EACH ROW EXECUTE FUNCTION of_stranger.planted();
UPDATE kept.followup_all SET note = 'x' WHERE case_id = 41;
RESET ROLE;
SELECT nps_refresh_views('kept');
SELECT severity, finding, detail, fix FROM nps_check('kept');
DROP TRIGGER planted ON kept.followup_event;
SET ROLE regress_nps_stranger;
UPDATE kept.followup_all SET note = 'x' WHERE case_id = 41;
SELECT what_changed, new_value, note FROM kept.followup_event ORDER BY at, place;
-- a concern cannot be raised in the future
INSERT INTO kept.concern (case_id, concern, raised_at) VALUES (41, 'later', 'infinity');
RESET ROLE;
-- parts that bypass forced row security are for maintenance only, even if the owner calls them
SET ROLE regress_nps_owner;
SELECT nps_recorded_cases('kept');
SELECT nps_export_tables('kept', 'w1', '{1}');
RESET ROLE;
-- what the owner writes into the settings is not printed as SQL
UPDATE kept.survey SET attached_with = (attached_with::jsonb || '{"filter": "nosuch", "x => 1); DROP TABLE t; --": "y"}')::text;
SELECT fix FROM nps_check('kept') WHERE finding LIKE 'the mapping%';
-- one more check is not one more survey
ALTER TABLE kept.survey ADD CHECK (nps_is_scale(scale));
SELECT count(*) AS one FROM nps_surveys() WHERE survey = 'kept';

SET client_min_messages = error;
DROP OWNED BY regress_nps_owner, regress_nps_stranger, regress_nps_admin, regress_nps_noinherit CASCADE;
DROP ROLE regress_nps_owner, regress_nps_stranger, regress_nps_admin, regress_nps_noinherit;
