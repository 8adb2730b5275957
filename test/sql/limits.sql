-- At the limits: of counts, of columns, of names, of values, of memory.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, MDY';
SET jit = off;
CREATE SCHEMA limits;
SET search_path = limits, public;

-- differences(): the reports in which two surveys differ, and the cells that nps_verify() finds in the first.
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
	report := 'not served';
	rows := 1;
	IF NOT nps_rollup_serves(format('%I.rollup', one)::regclass) THEN
		RETURN NEXT;
	END IF;
END
$$;
-- outcome(): a value, or the error that came instead
CREATE FUNCTION outcome(expression text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	EXECUTE 'SELECT ' || expression INTO result;
	RETURN coalesce(result, 'NULL');
EXCEPTION WHEN OTHERS THEN
	RETURN format('%s: %s', SQLSTATE, SQLERRM);
END
$$;
-- failing(): the views of a survey that cannot be read with all rows and columns
CREATE FUNCTION failing(survey text, OUT view text, OUT error text) RETURNS SETOF record LANGUAGE plpgsql AS $$
BEGIN
	FOR view IN SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = survey WHERE c.relkind = 'v' ORDER BY c.relname COLLATE "C" LOOP
		error := outcome(format('count(v::text) FROM %I.%I v', survey, view));
		IF error !~ '^[0-9]+$' THEN
			RETURN NEXT;
		END IF;
	END LOOP;
END
$$;

--
-- Counts: exact up to 2^63 - 1 answers in all, an error beyond; never another number.
--

SELECT expression, outcome(expression)
FROM (VALUES
	-- double precision has all whole numbers up to 2^53, and this one as the last below 2^63
	($$nps_responses(nps_counts(9223372036854774784, 0, 0))$$),
	($$nps_responses(nps_counts(9223372036854774784, 0, 1023))$$),
	($$nps_counts(9223372036854774784, 0, 1024)$$),
	($$nps_counts(9223372036854775807, 0, 0)$$),
	($$nps_counts(0, 'Infinity', 0)$$),
	($$nps_tally '{;4611686018427387903,0,4611686018427387903}' + '{;0,1,0}'$$),
	($$nps_tally '{;4611686018427387903,0,4611686018427387903}' + '{;1,1,0}'$$),
	($$nps_tally '{;9223372036854775807,0,0}' - '{;9223372036854775806,0,0}'$$),
	($$(SELECT nps_tally_agg(t) FROM unnest(ARRAY['{;9223372036854775806,0,0}', '{;0,0,1}', '{}']::nps_tally[]) t)$$),
	($$(SELECT nps_tally_agg(t) FROM unnest(ARRAY['{;9223372036854775806,0,0}', '{;0,0,1}', '{;0,0,1}']::nps_tally[]) t)$$),
	($$(SELECT nps_score(t) FROM unnest(ARRAY['{;9223372036854775807,0,0}', '{;1,0,0}']::nps_tally[]) t)$$),
	($$nps_score(nps_tally '{;4611686018427387903,0,4611686018427387904}')$$),
	($$nps_mean_score(nps_tally '{0,0,0,0,0,0,0,0,0,0,9223372036854775807}')$$),
	($$nps_mean_score(nps_tally '{4611686018427387904,0,0,0,0,0,0,0,0,0,4611686018427387903}')$$),
	($$nps_low(nps_tally '{;9223372036854775807,0,0}') BETWEEN -100 AND -99.999999$$),
	($$(nps_tally '{;9223372036854775807,0,0}')::bigint[]$$),
	($$(ARRAY[0,0,0,0,0,0,0,0,0,0,9223372036854775807,0,0,1]::bigint[])::nps_tally$$),
	($$nps_rollup_net('{;9223372036854775807,0,0}', '{;9223372036854775806,1,0}')$$),
	($$nps_rollup_net('{;1,0,0}', '{;9223372036854775807,0,0}')$$),
	($$nps_rollup_accum('{0,0,0,0,0,0,0,0,0,0,9223372036854775806}', '{0,0,0,0,0,0,0,0,0,0,1}', 'nps')$$),
	($$nps_rollup_accum('{0,0,0,0,0,0,0,0,0,0,9223372036854775806}', '{0,0,0,0,0,0,0,0,0,1,1}', 'nps')$$),
	($$nps_rollup_accum('{}', '{9223372036854775807,1,0,0,0,0,0,0,0,0,0}', 'nps')$$),
	($$nps_rollup_accum('csat5{1,2,3,4,5}', '{0,1,0,0,0,1,0,0,0,0,0,0,0,2}', 'csat5')$$),
	-- counts that nobody counted
	($$nps_rollup_accum('{}', '{1,0,0,0,0,0,0,0,0,0,0}', 'csat5')$$),
	($$nps_rollup_accum('{}', '{0,0,0,0,0,0,0,0,0,0,-1}', 'nps')$$),
	($$nps_rollup_accum('{}', '{0,0,0,0,0,0,0,0,0,0,NULL}', 'nps')$$),
	($$nps_rollup_accum('{}', '{1,2,3,4,5}', 'nps')$$),
	($$nps_rollup_accum('{}', '{}', 'nps')$$),
	($$nps_rollup_accum('{}', '{{1,2,3,4,5,6,7,8,9,10,11}}', 'nps')$$),
	($$nps_rollup_accum('csat5{1,2,3,4,5}', '{1,2,3,4,5,6,7,8,9,10,11}', 'nps')$$),
	($$nps_rollup_accum('csat5{1,2,3,4,5}', NULL, 'csat5') IS NULL$$),
	($$nps_contribution('{;4611686018427387903,0,0}', '{;4611686018427387903,0,4611686018427387904}')$$),
	($$nps_impact('{;4611686018427387903,0,0}', '{;4611686018427387903,0,4611686018427387904}')$$),
	($$(SELECT (change, z > 1e18, p_value) FROM nps_compare('{;9223372036854775807,0,0}', '{;0,0,9223372036854775807}'))$$),
	($$(SELECT (change = 0, z, p_value) FROM nps_compare('{;0,9223372036854775807,0}', '{;0,1,0}'))$$),
	($$(SELECT (responses, detractors, promoters, nps, nps_low < 0 AND nps_low > -0.000001) FROM nps_summary('{;4611686018427387904,0,4611686018427387903}'::nps_tally))$$),
	($$(SELECT (rate_effect, mix_effect) FROM nps_effects('{;4611686018427387904,0,0}', '{;4611686018427387904,0,4611686018427387903}', '{;0,0,9223372036854775807}', '{;0,0,9223372036854775807}'))$$),
	($$(SELECT (low > 0.999999, high) FROM nps_share_interval(9223372036854775807, 9223372036854775807))$$),
	($$nps_sample_size(1e-300)$$),
	($$(SELECT nps_weighted_score(s, w) FROM (VALUES (10, 1e300), (0, 1e300)) v(s, w))$$)
) AS c(expression);
-- rows that leave a window are gone, and the rest is exact
SELECT i, nps_tally_agg(t) OVER (ORDER BY i ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
FROM (VALUES (1, nps_tally '{;9223372036854775807,0,0}'), (2, '{}'), (3, '{;0,9223372036854775807,0}'), (4, '{}'), (5, '{;0,0,9223372036854775806}'), (6, '{;0,0,1}')) v(i, t)
ORDER BY i;

-- in the reports of a rollup
CREATE TABLE answer (id integer PRIMARY KEY, score integer, at timestamptz, plan text);
INSERT INTO answer VALUES (1, 10, '2026-01-05', 'a');
SELECT count(*) > 0 AS attached FROM nps_attach('answer', 'score', 'li_counts', responded_at => 'at', segments => '{plan}');
CALL nps_materialize('li_counts');
-- past the guards, and without the functions that would notice it
BEGIN;
ALTER TABLE li_counts.rollup DISABLE TRIGGER nps_rollup_guard;
SELECT format('CREATE OR REPLACE FUNCTION public.%s RETURNS boolean STABLE STRICT LANGUAGE sql AS ''SELECT true''', f)
FROM unnest(ARRAY['nps_rollup_serves(rollup regclass)', 'nps_rollup_is_current(rollup regclass)', 'nps_rollup_counts(rollup regclass, leaf bigint)']) f \gexec
INSERT INTO li_counts.rollup VALUES ('2026-01-05', 'a', '{4611686018427387903,0,0,0,0,0,0,0,0,0,0}', NULL, 0, 0, 0, 0, 'answer'::regclass::oid::bigint),
	('2026-01-05', 'b', '{0,0,0,0,0,0,0,0,0,4611686018427387903,0}', NULL, 0, 0, 0, 0, 'answer'::regclass::oid::bigint);
SELECT responses, detractors, promoters, nps, mean_score FROM li_counts.summary;
SELECT score, responses FROM li_counts.distribution WHERE responses > 0 ORDER BY score;
SELECT value, responses, nps, share, contribution FROM li_counts.segment ORDER BY value;
SELECT period_start, responses, nps FROM li_counts.trend WHERE grain = 'year' AND responses > 0;
SELECT in_source, in_rollup FROM nps_verify('li_counts') ORDER BY segments COLLATE "C";
-- one more is too many: that is reported, by folding too, which loses nothing
INSERT INTO answer VALUES (2, 10, '2026-01-05', 'b');
SELECT report, outcome(format('count(v::text) FROM li_counts.%I v', report)) FROM unnest(ARRAY['summary', 'distribution', 'distribution_trend', 'trend', 'segment', 'segment_trend']) report;
INSERT INTO answer VALUES (3, 9, '2026-01-05', 'b');
UPDATE li_counts.rollup SET added = '{0,0,0,0,0,0,0,0,0,9223372036854775807,0}' WHERE plan = 'b' AND added = '{0,0,0,0,0,0,0,0,0,4611686018427387903,0}';
SELECT outcome($$nps_compact('li_counts')$$), (SELECT count(*) FROM li_counts.rollup) AS rows;
-- the other counts
DELETE FROM li_counts.rollup WHERE plan = 'b' OR nps_responses(added::nps_tally) > 3;
UPDATE li_counts.rollup SET unanswered = 9223372036854775807;
SELECT outcome('unanswered FROM li_counts.summary'), outcome('count(v::text) FROM li_counts.trend v');
INSERT INTO answer VALUES (4, NULL, '2026-01-05', 'a');
SELECT outcome($$nps_compact('li_counts')$$);
ROLLBACK;
-- and the way back
CALL nps_materialize('li_counts', rebuild => true);
SELECT responses, nps FROM li_counts.summary;
SELECT nps_detach('li_counts');
DROP TABLE answer;

--
-- Columns: a source with as many as a table may have.
--

DO $$
BEGIN
	EXECUTE (SELECT format('CREATE TABLE wide (id integer PRIMARY KEY, %s, score smallint, at timestamptz, plan text)', string_agg('c' || i || ' smallint', ', ' ORDER BY i))
		FROM generate_series(1, 1596) i);
END
$$;
INSERT INTO wide (id, score, at, plan, c1, c700) SELECT i, nullif(i % 13, 12), '2026-01-01'::timestamptz + i * interval '9 hours', chr(97 + i % 3), i, -i FROM generate_series(1, 200) i;
SELECT count(*) > 0 AS attached FROM nps_attach('wide', 'score', 'li_wide', responded_at => 'at', segments => '{plan,"c1 / 50 AS fifty"}', comment => 'c700::text');
SELECT count(*) > 0 AS attached FROM nps_attach('wide', 'score', 'li_wide_2', responded_at => 'at', segments => '{plan,"c1 / 50 AS fifty"}', comment => 'c700::text');
CALL nps_materialize('li_wide');
UPDATE wide SET plan = 'a', c1 = 40 WHERE id % 7 = 0;
INSERT INTO wide (id, score, at, plan) VALUES (1000, 3, '2026-02-01', NULL);
DELETE FROM wide WHERE id % 9 = 0;
SELECT * FROM differences('li_wide', 'li_wide_2');
SELECT responses, unanswered, rejected, comment_share FROM li_wide.summary;
SELECT * FROM failing('li_wide');
SELECT severity, finding FROM nps_check('li_wide') ORDER BY 1, 2;
SELECT nps_detach('li_wide'), nps_detach('li_wide_2');
-- the rule of a view takes 1,600 columns too, and segments are among them: an error, and nothing is left behind
SELECT count(*) > 0 AS attached FROM nps_attach('wide', 'score', 'li_wide', segments => (SELECT array_agg('c' || i ORDER BY i) FROM generate_series(1, 1596) i));
SELECT count(*) AS left FROM pg_namespace WHERE nspname LIKE 'li\_%';
-- 60 of them
SELECT count(*) > 0 AS attached FROM nps_attach('wide', 'score', 'li_wide', segments => (SELECT array_agg('c' || i ORDER BY i) FROM generate_series(1, 60) i));
CALL nps_materialize('li_wide');
SELECT count(*), sum(responses), count(DISTINCT segment) FROM li_wide.segment;
SELECT count(*) FROM nps_verify('li_wide');
SELECT nps_detach('li_wide');
DROP TABLE wide;

--
-- Names of 63 bytes, of characters of several bytes, and of the characters that have a meaning in SQL.
--

CREATE FUNCTION filled(name text) RETURNS name LANGUAGE sql AS $$ SELECT (name || repeat('x', 63 - octet_length(name)))::name $$;
DO $do$
DECLARE
	source CONSTANT text := format('%I.%I', filled('söme "schema''s" %s $1 <<'), filled('ta"b''le; -- '));
BEGIN
	EXECUTE format('CREATE SCHEMA %I', filled('söme "schema''s" %s $1 <<'));
	EXECUTE format('CREATE TABLE %s (%I integer PRIMARY KEY, %I text, %I integer, %I timestamptz, %I text, %I text, %I text)', source,
		filled('id "%I" '), filled('who''s >>'), filled('score \ $$'), filled('at /*'), filled('words %%'), filled('plan "a'), filled('plan "b'));
	EXECUTE format('INSERT INTO %s SELECT i, ''c'' || i %% 40, nullif(i %% 13, 12), ''2020-01-01''::timestamptz + i * interval ''9 hours'', ''w'', chr(97 + i %% 3), chr(97 + i %% 4) '
		'FROM generate_series(1, 200) i', source);
END
$do$;
CREATE FUNCTION named_source() RETURNS regclass LANGUAGE sql AS $$ SELECT format('%I.%I', filled('söme "schema''s" %s $1 <<'), filled('ta"b''le; -- '))::regclass $$;
CREATE FUNCTION attach_names(survey text) RETURNS boolean LANGUAGE sql AS $fn$
	SELECT count(*) > 0 AS attached FROM nps_attach(named_source(), filled('score \ $$'), survey,
		respondent => filled('who''s >>'), responded_at => filled('at /*'), comment => filled('words %%'), segments => ARRAY[filled('plan "a'), filled('plan "b')]::text[], loop_since => '-infinity')
$fn$;
SELECT overlay(filled('sur"vey'' %s ') PLACING 'y' FROM 63) AS y, overlay(filled('sur"vey'' %s ') PLACING 'z' FROM 63) AS z \gset
-- two that differ in the last byte only and are both materialized, one to compare them with, and one named after its source
SELECT attach_names(:'y'), attach_names(:'z'), attach_names('li_names'), attach_names(NULL);
SELECT survey, octet_length(survey) AS bytes FROM nps_surveys() ORDER BY survey COLLATE "C";
CALL nps_materialize(:'y');
CALL nps_materialize(:'z');
SELECT nps_notify(:'y'), nps_notify(:'z');
SELECT survey, count(*) AS triggers, count(DISTINCT t.tgname) AS names
FROM nps_surveys() s JOIN pg_trigger t ON t.tgrelid = named_source() JOIN pg_depend d ON d.classid = 'pg_trigger'::regclass AND d.objid = t.oid
	AND d.refobjid IN (to_regclass(format('%I.rollup', survey)), to_regclass(format('%I.followup_case', survey)))
GROUP BY survey ORDER BY survey COLLATE "C";
DO $do$
BEGIN
	EXECUTE format('UPDATE %s SET %I = 0, %I = NULL WHERE %I %% 5 = 0', named_source(), filled('score \ $$'), filled('plan "a'), filled('id "%I" '));
	EXECUTE format('DELETE FROM %s WHERE %I %% 11 = 0', named_source(), filled('id "%I" '));
	EXECUTE format('INSERT INTO %s SELECT i, ''new'', 3, now(), NULL, ''a'', ''d'' FROM generate_series(1001, 1003) i', named_source());
END
$do$;
SELECT * FROM differences(:'y', 'li_names');
SELECT * FROM differences(:'z', 'li_names');
SELECT f.* FROM nps_surveys() s, failing(s.survey) f;
SELECT segment, count(*), sum(responses) FROM :"y".segment GROUP BY segment ORDER BY segment COLLATE "C";
SELECT respondent, score FROM :"y".followup WHERE case_id = 1001;
UPDATE :"y".followup SET status = 'contacted', channel = 'phone', assigned_to = filled('o''') WHERE case_id = 1001;
SELECT count(*) FROM :"y".followup_case;
SELECT count(*) FROM nps_claim(:'z', filled('wor"ker''s '));
-- what the check says to run can be run
SELECT s.survey, c.finding FROM nps_surveys() s, nps_check(s.survey) c WHERE c.severity <> 'note' ORDER BY 1, 2;
DO $do$
DECLARE
	statement text;
BEGIN
	FOR statement IN SELECT DISTINCT c.fix FROM nps_surveys() s, nps_check(s.survey) c WHERE c.finding = 'missing index' LOOP
		EXECUTE statement;
	END LOOP;
END
$do$;
SELECT s.survey, c.finding FROM nps_surveys() s, nps_check(s.survey) c WHERE c.finding = 'missing index' ORDER BY 1;
SELECT count(*) > 0 FROM nps_refresh_views(:'y');
SELECT outcome(format('attach_names(%L)', :'y' || 'z'));
CALL nps_dematerialize(:'y');
SELECT * FROM differences(:'z', 'li_names');
SELECT nps_detach(survey, drop_cases => true) FROM nps_surveys();
SELECT count(*) AS triggers FROM pg_trigger WHERE tgrelid = named_source();
DO $do$
BEGIN
	EXECUTE format('DROP SCHEMA %I CASCADE', filled('söme "schema''s" %s $1 <<'));
END
$do$;
-- the name of the source does not fit before "_nps": it is cut, and not in the middle of a character
CREATE TABLE "üüüüüüüüüüüüüüüüüüüüüüüüüüüüüü" (id integer PRIMARY KEY, score integer);
CREATE TABLE "äüüüüüüüüüüüüüüüüüüüüüüüüüüüü12345" (id integer PRIMARY KEY, score integer);
CREATE TABLE "日本日本日本日本日本日本日本日本日本日本日" (id integer PRIMARY KEY, score integer);
CREATE TABLE "😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀" (id integer PRIMARY KEY, score integer);
SELECT relname, octet_length(relname) AS bytes, count(*)
FROM pg_class c, nps_attach(c.oid::regclass, 'score') WHERE relnamespace = 'limits'::regnamespace AND relkind = 'r' GROUP BY c.oid, relname ORDER BY relname COLLATE "C";
SELECT survey, octet_length(survey) AS bytes FROM nps_surveys() ORDER BY survey COLLATE "C";
-- if cutting makes two names the same, another one has to be passed
CREATE TABLE "üüüüüüüüüüüüüüüüüüüüüüüüüüüüü" (id integer PRIMARY KEY, score integer);
SELECT count(*) > 0 AS attached FROM nps_attach('"üüüüüüüüüüüüüüüüüüüüüüüüüüüüü"', 'score');
-- and triggers get distinct names, whatever is cut
CALL nps_materialize('üüüüüüüüüüüüüüüüüüüüüüüüüüüüü_nps');
SELECT count(*) > 0 AS attached FROM nps_attach('"üüüüüüüüüüüüüüüüüüüüüüüüüüüüüü"', 'score', 'üüüüüüüüüüüüüüüüüüüüüüüüüüüüü_npx');
CALL nps_materialize('üüüüüüüüüüüüüüüüüüüüüüüüüüüüü_npx');
INSERT INTO "üüüüüüüüüüüüüüüüüüüüüüüüüüüüüü" VALUES (1, 10);
SELECT * FROM differences('üüüüüüüüüüüüüüüüüüüüüüüüüüüüü_nps', 'üüüüüüüüüüüüüüüüüüüüüüüüüüüüü_npx');
-- a name of 43 bytes fits into the name of a trigger, one of 44 does not
SELECT count(*) FROM unnest(ARRAY[repeat('n', 43), repeat('n', 44)]) s, nps_attach('"üüüüüüüüüüüüüüüüüüüüüüüüüüüüü"', 'score', s);
CALL nps_materialize('nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn');
CALL nps_materialize('nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn');
SELECT tgname, octet_length(tgname) AS bytes FROM pg_trigger WHERE tgrelid = '"üüüüüüüüüüüüüüüüüüüüüüüüüüüüü"'::regclass ORDER BY tgname COLLATE "C";
INSERT INTO "üüüüüüüüüüüüüüüüüüüüüüüüüüüüü" VALUES (1, 10);
SELECT * FROM differences('nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn', 'nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn');
SELECT count(nps_detach(survey)) FROM nps_surveys();
DROP TABLE "üüüüüüüüüüüüüüüüüüüüüüüüüüüüüü", "äüüüüüüüüüüüüüüüüüüüüüüüüüüüü12345", "日本日本日本日本日本日本日本日本日本日本日", "😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀", "üüüüüüüüüüüüüüüüüüüüüüüüüüüüü";

--
-- Values of a megabyte: segments, which differ only in the last byte; comments, respondents, keys.
--

CREATE TABLE long (id integer PRIMARY KEY, score integer, at timestamptz, plan text, words text, who text);
ALTER TABLE long ALTER plan SET STORAGE EXTERNAL;
INSERT INTO long SELECT i, i % 11, '2020-01-01'::timestamptz + i * interval '9 days', repeat('x', 1000000) || i % 3, repeat('bad ', 250000), repeat('w', 1000000) || i % 5
FROM generate_series(1, 15) i;
SELECT count(*) > 0 AS attached FROM nps_attach('long', 'score', 'li_long', respondent => 'who', responded_at => 'at', comment => 'words', segments => '{plan}', loop_since => '-infinity');
SELECT count(*) > 0 AS attached FROM nps_attach('long', 'score', 'li_long_2', respondent => 'who', responded_at => 'at', comment => 'words', segments => '{plan}', loop_since => '-infinity');
CALL nps_materialize('li_long');
UPDATE long SET plan = right(plan, 1) || plan WHERE id % 4 = 0;
UPDATE long SET score = 3, plan = left(plan, -1) || '2' WHERE id % 5 = 0;
INSERT INTO long SELECT id + 100, 9, at, plan, NULL, who FROM long WHERE id % 6 = 0;
DELETE FROM long WHERE id % 7 = 0;
SELECT count(*) FROM nps_verify('li_long');
SELECT nps_compact('li_long') IS NOT NULL;
SELECT * FROM differences('li_long', 'li_long_2');
SELECT left(value, 2), right(value, 1), length(value), responses FROM li_long.segment ORDER BY value COLLATE "C";
SELECT grain, count(*), sum(responses), max(length(value)) FROM li_long.segment_trend GROUP BY grain ORDER BY grain;
SELECT right(respondent, 1), responses FROM li_long.respondent ORDER BY respondent COLLATE "C";
SELECT * FROM failing('li_long');
SELECT finding FROM nps_check('li_long') ORDER BY finding;
SELECT nps_detach('li_long'), nps_detach('li_long_2');
DROP TABLE long;

--
-- Many rules, and little memory: every view gives the same as with a lot.
--

CREATE TABLE answer (id integer PRIMARY KEY, score integer, at timestamptz, plan text, who text, firm text, words text);
INSERT INTO answer SELECT i, i * 7 % 13, now() - i * interval '13 minutes', 'p' || i % 500, 'w' || i % 700, 'f' || i % 200, CASE i % 4 WHEN 0 THEN 'too slow, and no help' END FROM generate_series(1, 2000) i;
SELECT count(*) > 0 AS attached FROM nps_attach('answer', 'score', 'li_many', respondent => 'who', account => 'firm', responded_at => 'at', comment => 'words', segments => '{plan}', loop_since => '-infinity');
-- anything that a table for people to edit may hold; scores that the scale does not have are nobody's
INSERT INTO li_many.playbook SELECT i, i, true, 'none', NULL, 1, true, 'phone', 'thank', 1, 1, 1, true FROM generate_series(11, 3000) i;
INSERT INTO li_many.playbook SELECT -i, -i, true, 'none', NULL, 1, true, 'phone', 'thank', 1, 1, 1, true FROM generate_series(1, 3000) i;
INSERT INTO li_many.team_member (team, person) SELECT 't' || i % 100, 'm' || i FROM generate_series(1, 3000) i;
INSERT INTO li_many.holiday (day) SELECT '2000-01-01'::date + i FROM generate_series(1, 3000) i;
INSERT INTO li_many.cause (cause, query) SELECT 'cause ' || i, 'word' || i FROM generate_series(1, 300) i;
ANALYZE answer, li_many.playbook, li_many.team_member, li_many.holiday, li_many.cause;
SELECT count(*) > 0 AS attached FROM nps_attach('answer', 'score', 'li_few', respondent => 'who', account => 'firm', responded_at => 'at', comment => 'words', segments => '{plan}', loop_since => '-infinity');
CREATE FUNCTION all_rows(survey text, memory text) RETURNS TABLE (view text, rows bigint, digest numeric) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('work_mem', memory, true);
	FOR view IN SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = survey WHERE c.relkind = 'v' ORDER BY c.relname COLLATE "C" LOOP
		EXECUTE format('SELECT count(*), sum(hashtextextended(to_jsonb(v)::text, 0)) FROM %I.%I v', survey, view) INTO rows, digest;
		RETURN NEXT;
	END LOOP;
END
$$;
CREATE TABLE seen (survey text, memory text, view text, rows bigint, digest numeric);
-- in one transaction, as the views contain now()
BEGIN;
SET LOCAL hash_mem_multiplier = 1;
INSERT INTO seen SELECT s, m, a.* FROM (VALUES ('li_many', '64MB'), ('li_many', '64kB'), ('li_few', '64MB')) AS v(s, m), all_rows(s, m) a;
COMMIT;
SELECT count(*) AS views, count(*) FILTER (WHERE rows > 0) AS with_rows, min(rows) FILTER (WHERE view IN ('respondent', 'response', 'segment', 'followup')) > 100 AS with_many FROM seen WHERE survey = 'li_many' AND memory = '64kB';
SELECT a.view, a.rows, b.rows FROM seen a JOIN seen b USING (survey, view) WHERE a.memory = '64MB' AND b.memory = '64kB' AND (a.rows, a.digest) IS DISTINCT FROM (b.rows, b.digest);
-- rules for scores that nobody can give make no difference, but more causes and people do
SELECT a.view FROM seen a JOIN seen b USING (memory, view) WHERE a.survey = 'li_many' AND b.survey = 'li_few' AND (a.rows, a.digest) IS DISTINCT FROM (b.rows, b.digest) GROUP BY 1 ORDER BY 1;
-- materialized with little memory, and read with little
SET work_mem = '64kB';
SET maintenance_work_mem = '1MB';
SET hash_mem_multiplier = 1;
CALL nps_materialize('li_many');
UPDATE answer SET plan = 'q' || id % 1000, score = (score + 3) % 13;
SELECT count(*) FROM nps_verify('li_many');
SELECT rows_before > 4000, rows_after > 1000 FROM nps_compact('li_many');
SELECT * FROM differences('li_many', 'li_few');
SELECT count(*) FROM nps_claim('li_many', 'worker', max_rows => 50);
SELECT count(*) > 0 FROM nps_check('li_many');
RESET work_mem;
RESET maintenance_work_mem;
RESET hash_mem_multiplier;
SELECT nps_detach('li_many', drop_cases => true), nps_detach('li_few');
DROP TABLE seen;

--
-- Many surveys on one table, all materialized: a writer counts for each of them.
--

DO $$
BEGIN
	FOR i IN 1..5 LOOP
		PERFORM nps_attach('answer', 'score', 'li_' || i, responded_at => 'at', segments => '{firm}', filter => format('id %% 5 = %s', i - 1));
	END LOOP;
END
$$;
SELECT format('CALL nps_materialize(%L)', 'li_' || i) FROM generate_series(1, 5) i
\gexec
INSERT INTO answer SELECT i, i % 13, '2020-01-01', 'p', 'w', 'f', NULL FROM generate_series(10001, 10800) i;
UPDATE answer SET id = id + 100000, score = nullif(score, 3) WHERE id % 13 = 0;
DELETE FROM answer WHERE id % 7 = 0;
SELECT count(*) AS drift FROM nps_surveys() s, nps_verify(s.survey);
SELECT (SELECT count(*) FROM answer WHERE score BETWEEN 0 AND 10) - sum(outcome(format('responses FROM %I.summary', survey))::bigint) AS missing FROM nps_surveys();
SELECT count(nps_detach(survey)) FROM nps_surveys();

DROP SCHEMA limits CASCADE;
