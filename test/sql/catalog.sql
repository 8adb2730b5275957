-- The extension and a survey as the catalog sees them: nothing in them is looked up
-- by a name that somebody else could take, nothing is without an owner, a
-- comment or a place, and no function can be called so that it fails as if it were
-- the server's fault.
\set VERBOSITY default
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET jit = off;
SET timezone = 'UTC';

-- in a schema of its own, so that anything it takes from public would be noticed
DROP EXTENSION nps;
CREATE SCHEMA catalog_test;
CREATE SCHEMA self_check_ext;
CREATE VIEW catalog_test.now AS
SELECT 'pg_class'::regclass AS catalog, oid, relnamespace AS schema FROM pg_class UNION ALL SELECT 'pg_proc'::regclass, oid, pronamespace FROM pg_proc
UNION ALL SELECT 'pg_type'::regclass, oid, typnamespace FROM pg_type UNION ALL SELECT 'pg_operator'::regclass, oid, oprnamespace FROM pg_operator
UNION ALL SELECT 'pg_opclass'::regclass, oid, opcnamespace FROM pg_opclass UNION ALL SELECT 'pg_opfamily'::regclass, oid, opfnamespace FROM pg_opfamily
UNION ALL SELECT 'pg_constraint'::regclass, oid, connamespace FROM pg_constraint UNION ALL SELECT 'pg_namespace'::regclass, oid, oid FROM pg_namespace
UNION ALL SELECT 'pg_trigger'::regclass, oid, 0 FROM pg_trigger UNION ALL SELECT 'pg_event_trigger'::regclass, oid, 0 FROM pg_event_trigger
UNION ALL SELECT 'pg_policy'::regclass, oid, 0 FROM pg_policy UNION ALL SELECT 'pg_ts_config'::regclass, oid, cfgnamespace FROM pg_ts_config;
CREATE TABLE catalog_test.before AS SELECT * FROM catalog_test.now;
CREATE EXTENSION nps SCHEMA self_check_ext;
CREATE VIEW catalog_test.member AS
SELECT d.classid, d.objid, pg_describe_object(d.classid, d.objid, 0) AS object FROM pg_depend d
WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'nps');
-- parts of other objects, which are not objects of their own: row types, array types
CREATE VIEW catalog_test.part AS
SELECT classid, objid FROM pg_depend WHERE deptype IN ('i', 'a') AND refclassid IN ('pg_class'::regclass, 'pg_type'::regclass);

-- CREATE EXTENSION: everything new is a member, has an existing owner, and is in the schema of the extension.
CREATE TABLE catalog_test.installed AS SELECT * FROM catalog_test.now n WHERE NOT EXISTS (SELECT FROM catalog_test.before b WHERE (b.catalog, b.oid) = (n.catalog, n.oid));
SELECT count(*) > 250 AS many FROM catalog_test.installed;
SELECT pg_describe_object(catalog, oid, 0) AS no_member FROM catalog_test.installed i
WHERE NOT EXISTS (SELECT FROM catalog_test.member m WHERE (m.classid, m.objid) = (i.catalog, i.oid))
	AND NOT EXISTS (SELECT FROM catalog_test.part p WHERE (p.classid, p.objid) = (i.catalog, i.oid))
	AND NOT (catalog = 'pg_class'::regclass AND pg_describe_object(catalog, oid, 0) ~ '(catalog_test\.(before|part|member|installed)|toast)')
	AND NOT (catalog = 'pg_type'::regclass AND pg_describe_object(catalog, oid, 0) ~ 'catalog_test\.');
SELECT pg_describe_object(catalog, oid, 0) AS elsewhere FROM catalog_test.installed
WHERE schema NOT IN (0, 'self_check_ext'::regnamespace, 'catalog_test'::regnamespace, 'pg_toast'::regnamespace);
SELECT p.oid::regprocedure AS without_owner FROM pg_proc p JOIN catalog_test.member ON classid = 'pg_proc'::regclass AND objid = p.oid
WHERE NOT EXISTS (SELECT FROM pg_roles r WHERE r.oid = p.proowner);

-- No body is parsed at call time, with names that the caller could put before ours: SQL functions are stored
-- parsed except the one whose result has the type of an argument, which names ours in full; PL/pgSQL has its path (test
-- install).  What they are bound to belongs to the server or to us.
SELECT p.oid::regprocedure AS parsed_when_called FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang JOIN catalog_test.member ON classid = 'pg_proc'::regclass AND objid = p.oid
WHERE l.lanname = 'sql' AND p.prosqlbody IS NULL;
SELECT DISTINCT m.object, pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid) AS bound_to
FROM catalog_test.member m JOIN pg_depend d USING (classid, objid)
WHERE d.deptype = 'n' AND d.refclassid <> 'pg_namespace'::regclass AND d.refobjid >= 16384
	AND NOT EXISTS (SELECT FROM catalog_test.member r WHERE (r.classid, r.objid) = (d.refclassid, d.refobjid))
	AND NOT EXISTS (SELECT FROM catalog_test.part p WHERE (p.classid, p.objid) = (d.refclassid, d.refobjid));
-- PL/pgSQL calls our functions by their full names: without the schema in its path they would not be found
SELECT p.proname, found[1] AS unqualified FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang JOIN catalog_test.member ON classid = 'pg_proc'::regclass AND objid = p.oid
CROSS JOIN LATERAL regexp_matches(regexp_replace(p.prosrc, '/\*.*?\*/|--[^\n]*|''(?:[^'']|'''')*''', '', 'g'), '(?<![.\w])(nps_[a-z_]+)\(', 'g') AS found
WHERE l.lanname = 'plpgsql' AND EXISTS (SELECT FROM pg_proc o WHERE o.proname = found[1]) ORDER BY 1, 2;

-- A survey: everything new belongs to its schema, or is a trigger on the source; and to its owner.
CREATE TABLE catalog_test.answer (id integer PRIMARY KEY, customer text, score integer, at timestamptz, words text, plan text);
INSERT INTO catalog_test.answer SELECT i, 'c' || i % 9, i % 11, '2026-01-01'::timestamptz + i * interval '1 day', 'slow', 'p' || i % 2 FROM generate_series(1, 50) i;
CREATE TABLE catalog_test.until_here AS SELECT * FROM catalog_test.now;
SELECT count(*) > 0 AS attached FROM self_check_ext.nps_attach('catalog_test.answer', 'score', 'self_checked', respondent => 'customer', responded_at => 'at', comment => 'words',
	segments => ARRAY['plan'], time_zone => 'UTC', loop_since => '-infinity');
CALL self_check_ext.nps_materialize('self_checked');
SELECT self_check_ext.nps_notify('self_checked');
CREATE TABLE catalog_test.attached AS SELECT * FROM catalog_test.now n WHERE NOT EXISTS (SELECT FROM catalog_test.until_here b WHERE (b.catalog, b.oid) = (n.catalog, n.oid));
SELECT pg_describe_object(catalog, oid, 0) AS elsewhere FROM catalog_test.attached
WHERE schema NOT IN (0, 'self_checked'::regnamespace, 'pg_toast'::regnamespace) AND pg_describe_object(catalog, oid, 0) !~ 'catalog_test\.(until_here|attached)';
SELECT tgrelid::regclass, tgname FROM pg_trigger t JOIN catalog_test.attached a ON a.catalog = 'pg_trigger'::regclass AND a.oid = t.oid
WHERE NOT tgisinternal AND tgrelid IN (SELECT c.oid FROM pg_class c WHERE c.relnamespace <> 'self_checked'::regnamespace) ORDER BY 1, 2;
SELECT relname AS not_the_owners FROM pg_class c WHERE relnamespace = 'self_checked'::regnamespace
	AND relowner <> (SELECT nspowner FROM pg_namespace n WHERE n.oid = c.relnamespace);
-- every view reads the source as its reader; every table has a key; every object has a comment
SELECT relname AS runs_as_its_owner FROM pg_class c WHERE relnamespace = 'self_checked'::regnamespace AND relkind = 'v' AND NOT coalesce('security_invoker=true' = ANY (reloptions), false);
SELECT relname AS without_key FROM pg_class c WHERE relnamespace = 'self_checked'::regnamespace AND relkind = 'r' AND relname NOT IN ('rollup', 'rollup_part')
	AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND (i.indisprimary OR i.indisunique)) ORDER BY 1;
SELECT c.relname, a.attname AS without_comment FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE relnamespace = 'self_checked'::regnamespace AND relkind IN ('r', 'v') AND (obj_description(c.oid, 'pg_class') IS NULL OR col_description(c.oid, a.attnum) IS NULL);
SELECT c.relname, x.grantee::regrole, x.privilege_type FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) x WHERE relnamespace = 'self_checked'::regnamespace AND x.grantee <> c.relowner;
-- and is bound to the server, the extension, the source or itself
SELECT DISTINCT pg_describe_object(d.refclassid, d.refobjid, 0) AS bound_to
FROM pg_depend d LEFT JOIN pg_rewrite w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid LEFT JOIN pg_trigger t ON d.classid = 'pg_trigger'::regclass AND t.oid = d.objid
JOIN pg_class c ON c.oid = CASE d.classid WHEN 'pg_rewrite'::regclass THEN w.ev_class WHEN 'pg_trigger'::regclass THEN t.tgrelid WHEN 'pg_class'::regclass THEN d.objid END
WHERE c.relnamespace = 'self_checked'::regnamespace AND d.refobjid >= 16384
	AND (d.refclassid, d.refobjid) NOT IN (('pg_namespace'::regclass, 'self_checked'::regnamespace), ('pg_class'::regclass, 'catalog_test.answer'::regclass))
	AND NOT EXISTS (SELECT FROM catalog_test.member m WHERE (m.classid, m.objid) = (d.refclassid, d.refobjid))
	AND NOT EXISTS (SELECT FROM catalog_test.attached a WHERE (a.catalog, a.oid) = (d.refclassid, d.refobjid))
	-- a column of a row type is one of the type
	AND NOT EXISTS (SELECT FROM pg_class r JOIN catalog_test.member m ON m.classid = 'pg_type'::regclass AND m.objid = r.reltype
		WHERE d.refclassid = 'pg_class'::regclass AND r.oid = d.refobjid AND r.relkind = 'c');
-- nothing of the extension is dumped with the tables of the survey or stays behind with them
SELECT count(*) AS members FROM catalog_test.attached a JOIN catalog_test.member m ON (m.classid, m.objid) = (a.catalog, a.oid);

-- Every function with every odd value there is, each call rolled back: none fails with an internal error of the server.
-- Functions with internal arguments and trigger functions cannot be called at all.
CREATE TABLE catalog_test.odd (type regtype, place integer, value text, UNIQUE (type, place));
INSERT INTO catalog_test.odd SELECT type, row_number() OVER (PARTITION BY type), value FROM (VALUES
	('integer'::regtype, '0'), ('integer', '-1'), ('integer', '2147483647'), ('integer', '-2147483648'), ('integer', '10'),
	('smallint', '0'), ('smallint', '-32768'), ('smallint', '32767'), ('bigint', '0'), ('bigint', '9223372036854775807'), ('bigint', '-9223372036854775808'),
	('real', 'NaN'), ('real', '-Infinity'), ('real', '1e-40'), ('double precision', 'NaN'), ('double precision', 'Infinity'), ('double precision', '-1e308'),
	('double precision', '0.5'), ('double precision', '9'), ('numeric', 'NaN'), ('numeric', '-Infinity'), ('numeric', '1e1000'), ('numeric', '7.5'),
	('text', ''), ('text', 'nps'), ('text', E'\t\x01'), ('text', 'self_checked'), ('text', 'csat5'), ('text', 'UTC'), ('text', repeat('x', 100000)), ('text', 'month'),
	('name', ''), ('name', 'answer'), ('character varying', ''), ('boolean', 'true'), ('boolean', 'false'), ('date', 'infinity'), ('date', '-infinity'), ('date', '2026-01-31'),
	('timestamp without time zone', 'infinity'), ('timestamp without time zone', '294276-12-31'), ('timestamp with time zone', 'infinity'), ('timestamp with time zone', '-infinity'),
	('timestamp with time zone', '294276-12-31'), ('timestamp with time zone', '4713-01-01 BC'), ('timestamp with time zone', '2026-03-29 01:30+00'),
	('interval', '178000000 years'), ('interval', '-1 second'), ('interval', '1 day'), ('time without time zone', '24:00'), ('time without time zone', '09:00'),
	('regclass', '0'), ('regclass', '4294967295'), ('regclass', 'pg_class'), ('regclass', 'catalog_test.answer'), ('regclass', 'self_checked.rollup'), ('regclass', 'self_checked.answer'),
	('regtype', '0'), ('regtype', 'integer'), ('oid', '0'), ('oid', '4294967295'), ('jsonb', 'null'), ('jsonb', '{}'), ('jsonb', '[1, "a"]'), ('jsonb', '{"source": 1, "time_zone": []}'),
	('text[]', '{}'), ('text[]', '{NULL}'), ('text[]', '{a,NULL,""}'), ('text[]', '{{plan,score}}'), ('name[]', '{}'), ('name[]', '{NULL}'), ('integer[]', '{}'), ('integer[]', '{NULL,8}'),
	('smallint[]', '{0}'), ('bigint[]', '{}'), ('bigint[]', '{NULL}'), ('bigint[]', '{1,2,3,4,5,6,7,8,9,10,11}'), ('double precision[]', '{}'), ('double precision[]', '{NaN,NULL}'),
	('date[]', '{}'), ('date[]', '{NULL,infinity}'), ('cstring', '{}'), ('cstring', 'x'), ('bytea', ''), ('bytea', '\x00'),
	('self_check_ext.nps_tally', '{}'), ('self_check_ext.nps_tally', '{0,0,0,0,0,0,0,0,0,1,9223372036854775806}'), ('self_check_ext.nps_tally', '{;1,1,2}')) v(type, value);
CREATE FUNCTION catalog_test.call(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	BEGIN
		EXECUTE statement;
		RAISE EXCEPTION USING ERRCODE = 'NP000';
	EXCEPTION WHEN OTHERS THEN
		RETURN sqlstate || ' ' || sqlerrm;
	END;
END
$$;
CREATE TABLE catalog_test.called (function regprocedure, statement text, result text);
DO $$
DECLARE
	f record;
	statement text;
BEGIN
	FOR f IN
		SELECT p.oid::regprocedure AS function, p.pronargs, p.proargtypes::regtype[] AS types, p.prokind
		FROM pg_proc p JOIN catalog_test.member ON classid = 'pg_proc'::regclass AND objid = p.oid
		WHERE p.prokind = 'f' AND p.prorettype NOT IN ('trigger'::regtype, 'internal'::regtype, 'event_trigger'::regtype)
			AND NOT p.proargtypes::regtype[] && ARRAY['internal', '"any"', 'anyelement']::regtype[]
			AND p.proname <> 'nps_periods_between'	-- as many rows as generate_series() returns
	LOOP
		FOR statement IN
			-- all NULL, all of one kind, and each argument odd while the others are NULL or ordinary
			SELECT DISTINCT format('SELECT * FROM %s(%s)', split_part(f.function::text, '(', 1), string_agg(
				CASE WHEN o.value IS NULL THEN format('NULL::%s', a.type) ELSE format('%L::%s', o.value, a.type) END, ', ' ORDER BY a.place))
			FROM (SELECT shape, kind FROM generate_series(-1, f.pronargs) shape, generate_series(0, 8) kind) s
			LEFT JOIN LATERAL unnest(f.types) WITH ORDINALITY AS a(type, place) ON true
			LEFT JOIN catalog_test.odd o ON o.type = a.type AND o.place = CASE WHEN s.shape = -1 THEN s.kind WHEN s.shape = a.place THEN s.kind WHEN s.shape = 0 THEN 1 + (s.kind + a.place) % 4 ELSE 2 END
			GROUP BY s.shape, s.kind
		LOOP
			INSERT INTO catalog_test.called VALUES (f.function, statement, catalog_test.call(statement));
		END LOOP;
	END LOOP;
END
$$;
SELECT count(DISTINCT function) > 150 AS functions, count(*) > 2500 AS calls, count(*) FILTER (WHERE result LIKE 'NP000%') > 1000 AS went_through FROM catalog_test.called;
SELECT DISTINCT ON (function) left(statement, 200) AS statement, left(result, 200) AS result FROM catalog_test.called WHERE result ~ '^(XX|58|53)' ORDER BY function, length(statement);
-- after all this the survey is unchanged
SELECT count(*) AS drift FROM self_check_ext.nps_verify('self_checked');
SELECT responses FROM self_checked.summary;

DROP SCHEMA self_checked, catalog_test CASCADE;
DROP EXTENSION nps;
DROP SCHEMA self_check_ext;
CREATE EXTENSION nps;
