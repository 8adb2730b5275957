-- What the reports show to whom, hostile names, and dirty rows with every
-- filter.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO, MDY';
SET jit = off;
CREATE SCHEMA report_security;
SET search_path = report_security, public;
DROP ROLE IF EXISTS regress_nps_a, regress_nps_b, regress_nps_blind;
CREATE ROLE regress_nps_a;
CREATE ROLE regress_nps_b;
CREATE ROLE regress_nps_blind;

--
-- Row-level security: a reader's reports are made of the rows that the reader may see
--
CREATE TABLE shared (id integer PRIMARY KEY, tenant name NOT NULL, who text, firm text, at timestamptz, score text, words text, plan text, worth numeric, gone timestamptz);
INSERT INTO shared
SELECT i, CASE WHEN i % 3 = 0 THEN 'regress_nps_a' ELSE 'regress_nps_b' END, 'w' || i % 17, 'f' || i % 5, now() - i * interval '7 hours',
	CASE i % 14 WHEN 11 THEN NULL WHEN 12 THEN 'ten' WHEN 13 THEN '8.5' ELSE (i % 14 * 7 % 11)::text END, CASE WHEN i % 10 = 3 THEN 'far too expensive' ELSE repeat('x', i % 2) END, 'p' || i % 4, i, CASE WHEN i % 17 = 5 THEN now() END
FROM generate_series(1, 300) i;
ALTER TABLE shared ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON shared USING (tenant = current_user);
GRANT SELECT ON shared TO regress_nps_a, regress_nps_b;
SELECT count(*) > 0 AS attached FROM nps_attach('shared', 'score', 'report_security_shared', respondent => 'who', account => 'firm', responded_at => 'at', comment => 'words',
	segments => ARRAY['plan', 'firm AS customer'], revenue => 'worth', churned_at => 'gone', time_zone => 'Europe/Berlin', loop_since => '-infinity');
-- The same survey of each tenant's rows alone.
CREATE VIEW only_a AS SELECT * FROM shared WHERE tenant = 'regress_nps_a';
CREATE VIEW only_b AS SELECT * FROM shared WHERE tenant = 'regress_nps_b';
SELECT count(*) > 0 AS attached FROM nps_attach('only_a', 'score', 'report_security_a', response_id => 'id', respondent => 'who', account => 'firm', responded_at => 'at', comment => 'words',
	segments => ARRAY['plan', 'firm AS customer'], revenue => 'worth', churned_at => 'gone', time_zone => 'Europe/Berlin', loop_since => '-infinity');
SELECT count(*) > 0 AS attached FROM nps_attach('only_b', 'score', 'report_security_b', response_id => 'id', respondent => 'who', account => 'firm', responded_at => 'at', comment => 'words',
	segments => ARRAY['plan', 'firm AS customer'], revenue => 'worth', churned_at => 'gone', time_zone => 'Europe/Berlin', loop_since => '-infinity');
GRANT USAGE ON SCHEMA report_security_shared, report_security_a, report_security_b TO regress_nps_a, regress_nps_b, regress_nps_blind;
GRANT SELECT ON ALL TABLES IN SCHEMA report_security_shared TO regress_nps_a, regress_nps_b, regress_nps_blind;

-- A view as somebody sees it, as text; overdue_hours is left out, as it depends on the clock.
CREATE FUNCTION seen(reader text, view text) RETURNS TABLE (line text) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('SET LOCAL ROLE %I', reader);
	RETURN QUERY EXECUTE format('SELECT (to_jsonb(v) - ''overdue_hours'')::text FROM %s v', view);
	RESET ROLE;
END
$$;
CREATE FUNCTION rows_of(view text) RETURNS TABLE (line text) LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format('SELECT (to_jsonb(v) - ''overdue_hours'')::text FROM %s v', view);
END
$$;
CREATE VIEW report_view AS SELECT relname::text AS view FROM pg_class WHERE relnamespace = 'report_security_shared'::regnamespace AND relkind = 'v';
BEGIN;		-- one now() for all
SELECT count(*) AS views FROM report_view;
SELECT view, t.tenant, count(*) FILTER (WHERE d.line IS NOT NULL) AS wrong_lines
FROM report_view CROSS JOIN (VALUES ('a'), ('b')) t(tenant)
LEFT JOIN LATERAL (
	(SELECT * FROM seen('regress_nps_' || t.tenant, 'report_security_shared.' || view) EXCEPT ALL SELECT * FROM rows_of('report_security_' || t.tenant || '.' || view))
	UNION ALL
	(SELECT * FROM rows_of('report_security_' || t.tenant || '.' || view) EXCEPT ALL SELECT * FROM seen('regress_nps_' || t.tenant, 'report_security_shared.' || view))
) d ON true
GROUP BY 1, 2 HAVING count(d.line) > 0 ORDER BY 1, 2;
-- Not because there was nothing to see: each sees rows in every view, and others than the other tenant.
SELECT view FROM report_view
WHERE NOT EXISTS (SELECT FROM seen('regress_nps_a', 'report_security_shared.' || view)) OR NOT EXISTS (SELECT FROM seen('regress_nps_b', 'report_security_shared.' || view))
	OR NOT EXISTS (SELECT * FROM seen('regress_nps_a', 'report_security_shared.' || view) EXCEPT ALL SELECT * FROM seen('regress_nps_b', 'report_security_shared.' || view))
		AND NOT EXISTS (SELECT * FROM seen('regress_nps_b', 'report_security_shared.' || view) EXCEPT ALL SELECT * FROM seen('regress_nps_a', 'report_security_shared.' || view))
ORDER BY view;
COMMIT;
SET ROLE regress_nps_a;
SELECT responses, unanswered, rejected FROM report_security_shared.summary;
SET ROLE regress_nps_b;
SELECT responses, unanswered, rejected FROM report_security_shared.summary;
RESET ROLE;

-- A reader who may read the survey but not the source gets an error from every view, and no row.
CREATE FUNCTION refused(reader text) RETURNS TABLE (view text, result text) LANGUAGE plpgsql AS $$
BEGIN
	FOR view IN SELECT r.view FROM report_view r ORDER BY 1 LOOP
		EXECUTE format('SET LOCAL ROLE %I', reader);
		BEGIN
			EXECUTE format('SELECT ''a row: '' || v::text FROM report_security_shared.%I v LIMIT 1', view) INTO result;
		EXCEPTION WHEN insufficient_privilege THEN
			result := SQLERRM;
		END;
		RESET ROLE;
		RETURN NEXT;
	END LOOP;
END
$$;
GRANT USAGE ON SCHEMA report_security TO regress_nps_blind;
SELECT * FROM refused('regress_nps_blind');
-- Nor with a query that needs no column of the source.
SET ROLE regress_nps_blind;
SELECT count(*) FROM report_security_shared.response;
SELECT count(*) FROM report_security_shared.summary;
SELECT 1 FROM report_security_shared.trend WHERE grain = 'century';
SELECT nps_check('report_security_shared');
RESET ROLE;
-- A view on top of it does not lend privileges: its reader does not see what its owner may see.
CREATE VIEW board WITH (security_invoker = true) AS SELECT * FROM report_security_shared.trend;
GRANT SELECT ON board TO regress_nps_blind;
SET ROLE regress_nps_blind;
SELECT count(*) FROM report_security.board;
RESET ROLE;
DROP SCHEMA report_security_a, report_security_b, report_security_shared CASCADE;

--
-- Hostile names, everywhere
--
-- Each name is used in turn for a table, its columns, the survey's schema,
-- a segment, and a value of the segment; and the reports are right.
CREATE FUNCTION try(name text, OUT result text) LANGUAGE plpgsql AS $$
DECLARE
	source text := format('report_security.%I', name);
	wrong text;
BEGIN
	EXECUTE format('CREATE TABLE %s (%I integer, id integer PRIMARY KEY, who text, at timestamptz, part text)', source, name);
	EXECUTE format('INSERT INTO %s SELECT i %% 11, i, ''w'' || i %% 7, timestamptz ''2024-01-01'' + i * interval ''9 days'', CASE i %% 3 WHEN 0 THEN $1 WHEN 1 THEN ''other'' END FROM generate_series(1, 44) i', source)
	USING name;
	-- the column with its own name, the segment with the same name
	PERFORM nps_attach(source::regclass, name, name, respondent => 'who', account => 'part', responded_at => 'at', segments => ARRAY[format('part AS %I', name), 'who AS "control"'],
		time_zone => 'Europe/Berlin', loop_since => '-infinity');
	EXECUTE format('SELECT string_agg(s.survey, '','') FROM nps_surveys() s WHERE s.survey = $1 AND s.source = %L::regclass', source) INTO result USING name;
	IF result IS DISTINCT FROM name THEN
		result := 'not listed';
		RETURN;
	END IF;
	EXECUTE format('SELECT concat_ws('' '', s.responses, s.nps, (SELECT sum(responses) FROM %1$I.trend WHERE grain = ''month''),
		(SELECT sum(responses) FROM %1$I.segment WHERE segment = $1 AND value = $1), (SELECT sum(responses) FROM %1$I.segment_trend WHERE grain = ''year'' AND segment = $1 AND value = $1),
		(SELECT count(*) FROM %1$I.response WHERE %1$I = $1), (SELECT respondents FROM %1$I.account WHERE account = $1), (SELECT count(*) FROM %1$I.respondent),
		(SELECT count(*) FROM %1$I.transition), (SELECT count(*) FROM nps_check($1)), col_description(%2$L::regclass, 10)) FROM %1$I.summary s', name, format('%I.response', name)) INTO result USING name;
	PERFORM nps_refresh_views(name) WHERE name ~ '[$<%"'']';
	PERFORM nps_detach(name);
	EXECUTE format('DROP TABLE %s', source);
EXCEPTION WHEN OTHERS THEN
	result := SQLERRM;
END
$$;
-- The right result, from a harmless name.
SELECT result AS right_result FROM try('harmless') \gset
SELECT :'right_result' AS right_result;
-- each in a transaction of its own, because of the locks of so many surveys
CREATE TABLE hostile AS SELECT n.name, NULL AS result
FROM unnest(ARRAY['quo"te', 'quo''te', $$a'; DROP SCHEMA report_security CASCADE; --$$, '$$', '$body$', '$view$', '$1', 'Mixed Case', ' blank ', ' ', 'select', 'user',
	'größe', '点数', '😀', repeat('x', 63), repeat('ü', 31), '<<zone>>', '<<', 'a>>b', '<<segment_list>>', '{x}', '%I', '%s%L%%', '%1$s', '\', '\n', E'new\nline', '--', '/*', ';', ')', '[1]', 'a.b', '*',
	'1a', 'NULL', 'grain', 'period', 'tally', 'day', 'value', 'segment', 'words', 'a', 't', 'cell', 'newest', 'age', 'answer', 'response']) AS n(name);
CREATE PROCEDURE try_all() LANGUAGE plpgsql AS $$
DECLARE
	tried text;
BEGIN
	FOR tried IN SELECT h.name FROM report_security.hostile h LOOP
		UPDATE report_security.hostile h SET result = report_security.try(h.name) WHERE h.name = tried;
		COMMIT;
	END LOOP;
END
$$;
CALL try_all();
SELECT h.name, h.result FROM hostile h WHERE h.result IS DISTINCT FROM :'right_result';

--
-- Dirty rows never make a view fail, with any filter on it
--
CREATE TABLE dirty (id integer PRIMARY KEY, who text, firm text, at timestamptz, as_text text, as_number double precision, as_numeric numeric, as_integer bigint, words text, plan text, worth double precision, renewal date, gone timestamptz);
INSERT INTO dirty
SELECT row_number() OVER (), who, 'f', at, score, CASE WHEN score ~ '^-?[0-9.]+$|^(NaN|-?Infinity)$' THEN score::double precision END, CASE WHEN score ~ '^-?[0-9.]+$|^(NaN|-?Infinity)$' THEN score::numeric END,
	CASE WHEN score ~ '^-?[0-9]{1,18}$' THEN score::bigint END, nullif(score, '7'), score, CASE WHEN score = 'NaN' THEN 'NaN'::double precision ELSE 5 END, date '2024-01-01', CASE WHEN score = '3' THEN at END
FROM unnest(ARRAY[NULL, '', ' ', '0', '3', '7', '9', '10', '11', '-1', '99999999999999999999999999', '8.5', 'ten', 'NaN', 'Infinity', '-Infinity', '1e400', '0x9', '７', '7/10', '9 ', '10 - yes', '''', '999999999999999999', '-999999999999999999']) score
CROSS JOIN (VALUES ('w', timestamptz '2024-01-01'), (NULL, NULL), ('w', 'infinity'), ('v', '-infinity'), ('u', now()), ('t', '4714-11-24 BC'), ('s', '294276-12-31')) x(who, at);
SELECT count(*) > 0 AS attached FROM nps_attach('dirty', 'as_text', 'report_security_text', respondent => 'who', account => 'firm', responded_at => 'at', comment => 'words', segments => ARRAY['plan'],
	revenue => 'worth', renewal_at => 'renewal', churned_at => 'gone', time_zone => 'America/Los_Angeles', loop_since => '-infinity');
SELECT count(*) > 0 AS attached FROM nps_attach('dirty', 'as_number', 'report_security_number', respondent => 'who', account => 'firm', responded_at => 'at', comment => 'words', segments => ARRAY['plan'],
	revenue => 'worth', renewal_at => 'renewal', churned_at => 'gone', time_zone => 'Asia/Tokyo', loop_since => '-infinity');
SELECT count(*) > 0 AS attached FROM nps_attach('dirty', 'as_integer', 'report_security_integer', respondent => 'who', account => 'firm', responded_at => 'at', comment => 'words', segments => ARRAY['plan'],
	revenue => 'worth', renewal_at => 'renewal', churned_at => 'gone', time_zone => 'UTC', loop_since => '-infinity');
SELECT count(*) > 0 AS attached FROM nps_attach('dirty', 'as_numeric', 'report_security_health', scale => 'health', respondent => 'who', account => 'firm', responded_at => 'at', comment => 'words',
	segments => ARRAY['plan'], revenue => 'worth', renewal_at => 'renewal', churned_at => 'gone', time_zone => 'UTC', loop_since => '-infinity');
-- Every column of every view of every survey, with filters of many kinds, which
-- the planner may apply to any row; a row for each one that fails.
CREATE FUNCTION failing() RETURNS TABLE (tried bigint, query text, error text) LANGUAGE plpgsql AS $$
DECLARE
	c record;
	condition text;
BEGIN
	tried := 0;
	FOR c IN
		SELECT format('%I.%I', k.relnamespace::regnamespace, k.relname) AS view, a.attname AS name, a.atttypid AS type
		FROM pg_class k JOIN pg_attribute a ON a.attrelid = k.oid AND a.attnum > 0
		WHERE k.relnamespace::regnamespace::text IN ('report_security_text', 'report_security_health', 'report_security_number', 'report_security_integer')
			AND k.relkind = 'v'
			-- the views on follow-up take long to plan
			AND (k.relname NOT IN ('followup', 'followup_all', 'closed_loop', 'cause_report', 'cause_customer', 'timeline')
				OR k.relnamespace::regnamespace::text = CASE WHEN a.attnum % 2 = 1 THEN 'report_security_text' ELSE 'report_security_health' END)
		ORDER BY k.relnamespace, k.relname, a.attnum
	LOOP
		FOREACH condition IN ARRAY CASE
			WHEN c.type = 'text'::regtype THEN ARRAY['%I = ''detractor''', '%I <> ''no answer''', '%I IS NULL', 'length(%I) > 0']
			WHEN c.type = 'boolean'::regtype THEN ARRAY['%I', 'NOT %I', '%I IS NULL']
			WHEN c.type = 'date'::regtype THEN ARRAY['%I > ''2024-01-01''', '%I IS NULL', '%I + 1 > current_date']
			WHEN c.type IN ('timestamptz'::regtype, 'timestamp'::regtype) THEN ARRAY['%I > ''2024-01-01''', '%I IS NULL', '%I < now()']
			ELSE ARRAY['%I <= 6', '%I = 9', '%I IS NULL', '%I + 0 > 5'] END
		LOOP
			query := format('SELECT sum(length(v::text)) FROM %s v WHERE ' || condition, c.view, c.name);
			tried := tried + 1;
			BEGIN
				EXECUTE query;
			EXCEPTION WHEN OTHERS THEN
				error := SQLERRM;
				RETURN NEXT;
			END;
		END LOOP;
	END LOOP;
	query := 'in all';
	error := NULL;
	RETURN NEXT;
END
$$;
SELECT tried > 1500 AS many, query, error FROM failing();
-- and the functions of the scores
DO $$
DECLARE
	survey text;
	condition text;
BEGIN
	FOREACH survey IN ARRAY ARRAY['text', 'number', 'integer'] LOOP
		FOREACH condition IN ARRAY ARRAY['nps_category(score) = ''detractor''', 'nps_is_detractor(score)', 'nps_points(score) = 100', 'category <> ''passive'' AND score BETWEEN 1 AND 5',
			'nps_points < 0', 'category LIKE ''d%'' AND has_comment', 'score::integer % 2 = 1', 'category = ''promoter'' OR score = 0'] LOOP
			EXECUTE format('SELECT count(*) FROM report_security_%s.response WHERE %s', survey, condition);
			EXECUTE format('SELECT count(*) FROM report_security_%s.response a JOIN report_security_%1$s.answer b USING (response_id) WHERE %s',
				survey, regexp_replace(condition, '\m(score|category|has_comment)\M', 'a.\1', 'g'));
		END LOOP;
	END LOOP;
END
$$;
SELECT 'text' AS survey, responses, unanswered, rejected FROM report_security_text.summary UNION ALL SELECT 'number', responses, unanswered, rejected FROM report_security_number.summary
UNION ALL SELECT 'integer', responses, unanswered, rejected FROM report_security_integer.summary UNION ALL SELECT 'health', responses, unanswered, rejected FROM report_security_health.summary;

SET search_path = public;
DROP SCHEMA report_security_text, report_security_number, report_security_integer, report_security_health CASCADE;
DROP SCHEMA report_security CASCADE;
DROP ROLE regress_nps_a, regress_nps_b, regress_nps_blind;
