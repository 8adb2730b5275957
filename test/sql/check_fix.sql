-- What nps_check() prints as a fix runs as printed: each finding is provoked, and each fix is run.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'UTC';
SET jit = off;
CREATE SCHEMA check_fix;
SET search_path = check_fix, public;

CREATE TABLE answers (id integer PRIMARY KEY, customer text, score text, said text, at timestamptz, plan text, worth text, calls text, may text, x integer);
CREATE PROCEDURE fill() LANGUAGE sql AS $$
	TRUNCATE answers;
	INSERT INTO answers SELECT i, 'c' || i % 20, i % 11, 'words', timestamptz '2024-01-10 12:00Z' + i * interval '26 hours', (ARRAY['free', 'pro'])[1 + i % 2], (i * 10)::text, (i % 3)::text, (ARRAY['yes', 'no'])[1 + i % 2], 1 + i % 4
	FROM generate_series(1, 100) i;
$$;
CALL fill();
-- what is reported, without the hints that an index is missing; and what is to be run
CREATE FUNCTION told(survey text) RETURNS TABLE (severity text, finding text, detail text, fix text) LANGUAGE sql AS $$
	SELECT c.severity, c.finding, c.detail, c.fix FROM public.nps_check(survey) c WHERE c.finding <> 'missing index'
$$;
CREATE FUNCTION attach(survey text, more text DEFAULT '', score text DEFAULT 'score', source text DEFAULT 'answers') RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('SELECT count(*) FROM nps_attach(%L, %L, %L, respondent => ''customer'', responded_at => ''at'', time_zone => ''UTC'', loop_since => ''-infinity''%s)', source, score, survey, more);
	RETURN 'attached';
END
$$;
-- the way a view is printed depends on the version
CREATE FUNCTION to_run(fix text) RETURNS text LANGUAGE sql RETURN regexp_replace(fix, '^SELECT (pg_get_viewdef\(.*\));$', 'SELECT \1 <> '''';');
\pset format unaligned
\pset tuples_only on

-- a row on which the mapping fails: the cure, or the row
SELECT attach('fix_score', score => '(score::integer)');
SELECT attach('fix_worth', ', revenue => ''(worth::numeric)''');
SELECT attach('fix_calls', ', open_tickets => ''(calls::bigint)''');
SELECT attach('fix_may', ', contactable => ''(may::boolean)''');
SELECT attach('fix_part', ', segments => ARRAY[''(100 / x) AS part'']');
SELECT attach('fix_filter', ', filter => ''100 / x > 1''');
UPDATE answers SET score = 'n/a', worth = '1,200', calls = 'many', may = 'perhaps', x = 0 WHERE id = 77;
SELECT survey, t.* FROM unnest('{fix_score,fix_worth,fix_calls,fix_may,fix_part,fix_filter}'::text[]) survey, told(survey) t;
SELECT to_run(fix) FROM unnest('{fix_score,fix_worth,fix_calls,fix_may,fix_part,fix_filter}'::text[]) survey, told(survey) \gexec
SELECT survey, t.finding FROM unnest('{fix_score,fix_worth,fix_calls,fix_may}'::text[]) survey, told(survey) t;
SELECT response_id, revenue FROM fix_worth.answer WHERE response_id IN (76, 77);
SELECT response_id, open_tickets FROM fix_calls.answer WHERE response_id IN (76, 77);
SELECT response_id, contactable FROM fix_may.answer WHERE response_id IN (75, 76, 77);
DROP SCHEMA fix_score, fix_worth, fix_calls, fix_may, fix_part, fix_filter CASCADE;
CALL fill();
-- the same is proposed for the name of such a column
\set VERBOSITY default
SELECT attach('no', ', revenue => ''worth''');
SELECT attach('no', ', open_tickets => ''calls''');
SELECT attach('no', ', contactable => ''may''');

-- columns and table renamed: the call with their current names
SELECT attach('fix_name', ', segments => ARRAY[''plan'', ''upper(said) AS loud''], comment => ''said''');
ALTER TABLE answers RENAME score TO "How likely?";
ALTER TABLE answers RENAME plan TO tier;
ALTER TABLE answers RENAME customer TO "Who";
ALTER TABLE answers RENAME TO "Answers";
SELECT finding, fix FROM told('fix_name');
SELECT replace(fix, 'SELECT *', 'SELECT count(*)') FROM told('fix_name') LIMIT 1 \gexec
SELECT * FROM told('fix_name');
SELECT segment, value, responses FROM fix_name.segment WHERE segment = 'plan' ORDER BY value;
-- a column that an expression reads: the current name is shown
ALTER TABLE "Answers" RENAME said TO wrote;
SELECT DISTINCT fix FROM told('fix_name');
SELECT to_run(fix) FROM told('fix_name') LIMIT 1 \gexec
ALTER TABLE "Answers" RENAME wrote TO said;
-- the view is gone; the table exists, or does not
DROP VIEW fix_name.answer CASCADE;
ALTER TABLE "Answers" RENAME TO elsewhere;
SELECT finding, detail, fix FROM told('fix_name');
SELECT fix FROM told('fix_name') \gexec
ALTER TABLE elsewhere RENAME TO "Answers";
SELECT finding, fix FROM told('fix_name');
SELECT replace(fix, 'SELECT *', 'SELECT count(*)') FROM told('fix_name') \gexec
SELECT * FROM told('fix_name');
DROP SCHEMA fix_name CASCADE;
ALTER TABLE "Answers" RENAME TO answers;
ALTER TABLE answers RENAME "How likely?" TO score;
ALTER TABLE answers RENAME tier TO plan;
ALTER TABLE answers RENAME "Who" TO customer;

-- settings that are gone, or were changed
SELECT attach('fix_settings');
DELETE FROM fix_settings.survey;
SELECT * FROM told('fix_settings');
SELECT to_run(fix) FROM told('fix_settings') \gexec
DROP SCHEMA fix_settings CASCADE;
SELECT attach('fix_settings');
DROP VIEW fix_settings.trend CASCADE;
SELECT * FROM told('fix_settings');
SELECT replace(fix, 'SELECT *', 'SELECT count(*) > 0') FROM told('fix_settings') \gexec
SELECT * FROM told('fix_settings');
DROP SCHEMA fix_settings CASCADE;

-- zeros that are the default
CREATE TABLE zeros (id integer PRIMARY KEY, score integer DEFAULT 0);
INSERT INTO zeros SELECT i, CASE WHEN i % 2 = 0 THEN 0 ELSE 7 + i % 4 END FROM generate_series(1, 60) i;
SELECT count(*) > 0 FROM nps_attach('zeros', 'score', 'fix_zeros');
SELECT * FROM told('fix_zeros') WHERE finding ~ 'zeros';
SELECT fix FROM told('fix_zeros') WHERE finding ~ 'zeros' \gexec
SELECT * FROM told('fix_zeros') WHERE finding ~ 'zeros';
DROP SCHEMA fix_zeros CASCADE;

-- a scale that does not fit: if cases are recorded, another survey is made beside it
UPDATE answers SET score = 1 + id % 5, at = CASE id WHEN 5 THEN now() - interval '1 hour' ELSE at END;
SELECT attach('fix_scale');
UPDATE fix_scale.followup SET status = 'contacted', channel = 'phone' WHERE case_id = 5;
SELECT finding, fix FROM told('fix_scale') WHERE finding ~ 'detractor';
SELECT replace(fix, 'SELECT *', 'SELECT count(*) > 0') FROM told('fix_scale') WHERE finding ~ 'detractor' \gexec
SELECT scale FROM fix_scale_csat5.survey;
DROP SCHEMA fix_scale, fix_scale_csat5 CASCADE;

-- a segment with too many values for a rollup
CREATE TABLE wide (id integer PRIMARY KEY, score integer, part integer);
INSERT INTO wide SELECT i, i % 11, i FROM generate_series(1, 1200) i;
SELECT count(*) > 0 FROM nps_attach('wide', 'score', 'fix_wide', segments => '{part}');
CALL nps_materialize('fix_wide');
SELECT finding, fix FROM told('fix_wide') WHERE finding ~ 'rollup';
SELECT fix FROM told('fix_wide') WHERE finding ~ 'rollup' \gexec
SELECT finding FROM told('fix_wide') WHERE finding ~ 'rollup';

CALL fill();
-- a function that the mapping calls is gone, or writes, or may not be called: the argument is named, at once or later
CREATE FUNCTION helper(text) RETURNS text IMMUTABLE LANGUAGE sql RETURN upper($1);
CREATE FUNCTION calls(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN check_fix.helper($1); END';
CREATE FUNCTION writes(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS 'BEGIN DELETE FROM check_fix.zeros; RETURN $1; END';
SELECT attach('fix_gone', ', segments => ARRAY[''calls(plan) AS plan'']');
DROP FUNCTION helper(text);
SELECT finding, regexp_replace(detail, 'character \d+', 'character'), fix FROM told('fix_gone');
SELECT fix FROM told('fix_gone') \gexec
SELECT attach('fix_at_once', ', segments => ARRAY[''calls(plan) AS plan'']');
SELECT attach('fix_at_once', ', segments => ARRAY[''writes(plan) AS plan'']');
-- the owner may no longer read the table
CREATE ROLE regress_check_fix;
GRANT CREATE, USAGE ON SCHEMA check_fix TO regress_check_fix;
SELECT format('GRANT CREATE ON DATABASE %I TO regress_check_fix', current_database()) \gexec
GRANT SELECT ON answers TO regress_check_fix;
SET ROLE regress_check_fix;
SELECT attach('fix_owner');
RESET ROLE;
REVOKE SELECT ON answers FROM regress_check_fix;
SELECT finding, detail, fix FROM told('fix_owner');
SELECT fix FROM told('fix_owner') \gexec
SELECT finding, detail, fix FROM told('fix_owner');
-- keys that are not keys
SELECT attach('fix_keys', ', response_id => ''id / 2''');
SELECT finding, detail, fix FROM told('fix_keys') WHERE severity = 'error';

SET client_min_messages = error;
DROP SCHEMA check_fix, fix_wide, fix_gone, fix_owner, fix_keys CASCADE;
DROP OWNED BY regress_check_fix;
DROP ROLE regress_check_fix;
