-- Part of tamper.sh: surveys to be tampered with, and what makes up the statements of each session.
\set ON_ERROR_STOP on
SET client_min_messages = warning;

GRANT CREATE ON DATABASE :base TO regress_tamper_owner, regress_tamper_landlord, regress_tamper_app;
SET ROLE regress_tamper_owner;
CREATE SCHEMA nps_home;
-- trusted, so that the schema of its functions is the owner's too
CREATE EXTENSION nps SCHEMA nps_home;
GRANT USAGE ON SCHEMA nps_home TO PUBLIC;

-- ------------------------------------------------------------------- the canary

-- Called by all that the owner plants.  The sessions that are watched are known by their name: in that of the
-- administrator all of it must run as an owner; in that of the writer, what the mapping calls.
CREATE SCHEMA trap;
GRANT USAGE ON SCHEMA trap TO PUBLIC;
GRANT CREATE ON SCHEMA trap TO regress_tamper_heir;
CREATE FUNCTION trap.canary(what text) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	session CONSTANT text := current_setting('application_name');
BEGIN
	IF current_user NOT IN ('regress_tamper_owner', 'regress_tamper_heir')
		AND (session = 'tamper administrator' OR session = 'tamper writer' AND what = 'mapping')
	THEN
		RAISE LOG 'CANARY: % ran as % in the session of "%"', what, current_user, session;
	END IF;
END
$$;
CREATE FUNCTION trap.mapped(value text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM trap.canary('mapping'); RETURN value; END $$;
CREATE FUNCTION trap.mapped(value integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM trap.canary('mapping'); RETURN value; END $$;
CREATE FUNCTION trap.allowed(id bigint) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM trap.canary('mapping'); RETURN id <> 3; END $$;
CREATE FUNCTION trap.check(value text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM trap.canary('check'); RETURN true; END $$;
CREATE FUNCTION trap.policy() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM trap.canary('policy'); RETURN true; END $$;
CREATE FUNCTION trap.filled() RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM trap.canary('default'); RETURN '5'; END $$;
CREATE FUNCTION trap.planted() RETURNS integer LANGUAGE plpgsql AS $$ BEGIN PERFORM trap.canary('rule or view'); RETURN 1; END $$;
CREATE FUNCTION trap.indexed(value text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM trap.canary('index'); RETURN value; END $$;
CREATE FUNCTION trap.fired() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM trap.canary('trigger');
	RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;
CREATE FUNCTION trap.compared(a anyelement, b anyelement) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM trap.canary('operator'); RETURN true; END $$;
CREATE FUNCTION trap.joined(a text, b text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM trap.canary('operator'); RETURN a; END $$;
CREATE FUNCTION trap.divided(a integer, b numeric) RETURNS numeric LANGUAGE plpgsql AS $$ BEGIN PERFORM trap.canary('operator'); RETURN a; END $$;
CREATE TYPE trap.mood AS ENUM ('5', '6', 'new');
CREATE TYPE trap.pair AS (a integer, b text);
CREATE FUNCTION trap.read(value text) RETURNS trap.mood LANGUAGE plpgsql AS $$ BEGIN PERFORM trap.canary('cast'); RETURN '5'; END $$;
CREATE FUNCTION trap.written(value trap.mood) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM trap.canary('cast'); RETURN '5'; END $$;
CREATE FUNCTION trap.relation(value trap.mood) RETURNS regclass LANGUAGE plpgsql AS $$ BEGIN PERFORM trap.canary('cast'); RETURN 'pg_class'; END $$;
CREATE FUNCTION trap.flag(value trap.mood) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM trap.canary('cast'); RETURN true; END $$;
CREATE FUNCTION trap.object(value trap.mood) RETURNS jsonb LANGUAGE plpgsql AS $$ BEGIN PERFORM trap.canary('cast'); RETURN '{}'; END $$;
CREATE CAST (text AS trap.mood) WITH FUNCTION trap.read(text) AS ASSIGNMENT;
CREATE CAST (trap.mood AS text) WITH FUNCTION trap.written(trap.mood) AS IMPLICIT;
CREATE CAST (trap.mood AS regclass) WITH FUNCTION trap.relation(trap.mood) AS IMPLICIT;
CREATE CAST (trap.mood AS boolean) WITH FUNCTION trap.flag(trap.mood) AS IMPLICIT;
CREATE CAST (trap.mood AS jsonb) WITH FUNCTION trap.object(trap.mood) AS IMPLICIT;
CREATE DOMAIN trap.words AS text CHECK (trap.check(VALUE));
CREATE DOMAIN trap.number AS integer CHECK (trap.check(VALUE::text));

-- ------------------------------------------------------------------ the surveys

CREATE SCHEMA shop;
GRANT USAGE ON SCHEMA shop TO PUBLIC;
GRANT CREATE ON SCHEMA shop TO regress_tamper_heir;
CREATE TABLE shop.plain (id bigint PRIMARY KEY, who text, at timestamptz, score integer, words text, plan text);
CREATE TABLE shop.kept (LIKE shop.plain INCLUDING ALL);
CREATE TABLE shop.forced (LIKE shop.plain INCLUDING ALL);
CREATE TABLE shop.parts (LIKE shop.plain, PRIMARY KEY (id, plan)) PARTITION BY LIST (plan);
CREATE TABLE shop.parts_free PARTITION OF shop.parts FOR VALUES IN ('free');
CREATE TABLE shop.parts_pro PARTITION OF shop.parts FOR VALUES IN ('pro');
CREATE TABLE shop.parts_rest PARTITION OF shop.parts DEFAULT;
ALTER TABLE shop.forced ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY seen ON shop.forced USING (id > 2 AND (trap.policy()));
INSERT INTO shop.plain SELECT i, 'c' || i % 30, now() - i * interval '5 hours', i % 11, CASE i % 3 WHEN 0 THEN 'too slow, too expensive' END,
	(ARRAY['free', 'pro', 'old'])[1 + i % 3] FROM generate_series(1, 40) i;
INSERT INTO shop.kept TABLE shop.plain;
INSERT INTO shop.forced SELECT * FROM shop.plain WHERE id > 2;
INSERT INTO shop.parts TABLE shop.plain;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA shop TO regress_tamper_writer, regress_tamper_actor, regress_tamper_reader;
ANALYZE shop.plain, shop.kept, shop.parts, shop.forced;
SELECT count(*) FROM nps_home.nps_attach('shop.plain', 'score', 's_plain', response_id => 'id', respondent => 'who', responded_at => 'at',
	comment => 'words', segments => ARRAY['plan'], time_zone => 'UTC', loop_since => '-infinity');
SELECT count(*) FROM unnest(ARRAY['kept', 'parts', 'forced']) source,
	nps_home.nps_attach(('shop.' || source)::regclass, 'trap.mapped(score)', 's_' || source, response_id => 'id', respondent => 'who',
	responded_at => 'at', comment => 'trap.mapped(words)', segments => ARRAY['trap.mapped(plan) AS plan'], filter => 'trap.allowed(id)',
	time_zone => 'Europe/Berlin', loop_since => '-infinity');
CALL nps_home.nps_materialize('s_kept');
CALL nps_home.nps_materialize('s_parts');
SELECT nps_home.nps_grant(survey, role, CASE role WHEN 'regress_tamper_actor' THEN 'actor' ELSE 'reader' END)
FROM nps_home.nps_surveys(), unnest(ARRAY['regress_tamper_actor', 'regress_tamper_reader']::name[]) role;
SELECT format('GRANT CREATE ON SCHEMA %I TO regress_tamper_heir', survey) FROM nps_home.nps_surveys() \gexec
UPDATE s_plain.followup SET assigned_to = 'somebody', note = 'said so' WHERE case_id % 3 = 0;
UPDATE s_kept.followup SET assigned_to = 'somebody', note = 'said so' WHERE case_id % 3 = 0;

-- Two tenants in a table under row security: its owner's, and roles that own nothing; and the application's own,
-- which row security is forced on.
CREATE FUNCTION pg_temp.tenants(schema text, condition text) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT unnest(ARRAY[
		format('CREATE SCHEMA %I', schema), format('GRANT USAGE ON SCHEMA %I TO PUBLIC', schema),
		format('CREATE TABLE %I.answer (id text PRIMARY KEY, tenant text, who text, at timestamptz, score integer, words text, plan text)', schema),
		format($i$INSERT INTO %I.answer SELECT tenant || '-' || i, tenant, tenant || '-' || i %% 9, now() - i * interval '5 hours', i %% 11,
			tenant || '-says too slow', tenant || '-plan' FROM generate_series(1, 20) i, unnest(ARRAY['tenant_a', 'tenant_b']) tenant$i$, schema),
		format('ALTER TABLE %I.answer ENABLE ROW LEVEL SECURITY', schema),
		format('CREATE POLICY own ON %I.answer USING (tenant = %s)', schema, condition)])
$$;
RESET ROLE;
GRANT ALL ON FUNCTION pg_temp.tenants(text, text) TO PUBLIC;
SET ROLE regress_tamper_landlord;
SELECT pg_temp.tenants('house', $$regexp_replace(current_user, 'regress_tamper_', '')$$) \gexec
GRANT SELECT, INSERT, UPDATE, DELETE ON house.answer TO regress_tamper_tenant_a, regress_tamper_tenant_b;
SELECT count(*) FROM nps_home.nps_attach('house.answer', 'score', 's_house', respondent => 'who', responded_at => 'at', comment => 'words',
	segments => ARRAY['plan'], time_zone => 'UTC', loop_since => '-infinity');
SELECT nps_home.nps_grant('s_house', role, 'actor') FROM unnest(ARRAY['regress_tamper_tenant_a', 'regress_tamper_tenant_b']::name[]) role;
UPDATE s_house.followup SET assigned_to = split_part(respondent, '-', 1) || '-owner', note = split_part(respondent, '-', 1) || '-note' WHERE respondent LIKE '%2';
SET ROLE regress_tamper_app;
SELECT pg_temp.tenants('flat', $$current_setting('app.tenant', true)$$) \gexec
SELECT count(*) FROM nps_home.nps_attach('flat.answer', 'score', 's_flat', respondent => 'who', responded_at => 'at', comment => 'words',
	segments => ARRAY['plan'], time_zone => 'UTC', loop_since => '-infinity');
UPDATE s_flat.followup SET assigned_to = split_part(respondent, '-', 1) || '-owner', note = split_part(respondent, '-', 1) || '-note' WHERE respondent LIKE '%2';
INSERT INTO s_flat.concern (case_id, concern) SELECT case_id, split_part(case_id, '-', 1) || '-concern' FROM s_flat.followup_case;
ALTER TABLE flat.answer FORCE ROW LEVEL SECURITY;
SELECT count(*) FROM nps_home.nps_refresh_views('s_flat');
RESET ROLE;

-- ------------------------------------------------------------- random statements

-- Statements are made here, one call one step, of a seed and of what is there at that moment; psql runs them.
CREATE SCHEMA tool;
GRANT USAGE ON SCHEMA tool TO PUBLIC;
CREATE FUNCTION tool.pick(VARIADIC choices text[]) RETURNS text LANGUAGE sql VOLATILE AS
	'SELECT choices[1 + floor(random() * cardinality(choices))::integer]';
CREATE FUNCTION tool.chance(share double precision) RETURNS boolean LANGUAGE sql VOLATILE AS 'SELECT random() < share';
CREATE FUNCTION tool.number(n integer) RETURNS integer LANGUAGE sql VOLATILE AS 'SELECT 1 + floor(random() * n)::integer';

-- what there was at first
CREATE TABLE tool.shape AS
SELECT c.relname AS relation, c.relkind AS kind, c.oid::bigint AS place, a.attname AS name, a.attnum AS number, format_type(a.atttypid, a.atttypmod) AS type
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace IN ('s_kept'::regnamespace) AND c.relkind IN ('r', 'v') AND a.attnum > 0 AND NOT a.attisdropped;
SET search_path = pg_catalog;
CREATE TABLE tool.definition AS
SELECT c.relnamespace::regnamespace::text AS survey, c.relname AS relation, rtrim(pg_get_viewdef(c.oid), ';') AS definition
FROM pg_class c WHERE c.relnamespace::regnamespace::text LIKE 's\_%' AND c.relkind = 'v';
RESET search_path;
CREATE TABLE tool.type AS
SELECT * FROM (VALUES ('text', '5'), ('bigint', '5'), ('integer', '5'), ('smallint', '5'), ('boolean', 'true'), ('timestamptz', '2026-03-05'),
	('date', '2026-03-05'), ('numeric', '5'), ('jsonb', '5'), ('bytea', '5'), ('name', '5'), ('"char"', '5'), ('double precision', '5'),
	('text[]', '{5}'), ('trap.words', '5'), ('trap.number', '5'), ('trap.mood', '5'), ('trap.pair', '(5,x)'), ('int4range', '[1,5)'),
	('uuid', '00000000-0000-0000-0000-000000000005'), ('nps_home.nps_tally', '{}'), ('interval', '5 days'), ('varchar(3)', '5'), ('point', '(5,5)'),
	('regclass', 'pg_class'), ('timestamp', '2026-03-05'), ('oid', '5'), ('tsquery', 'x'), ('xid', '5')) t(type, value);
GRANT SELECT ON ALL TABLES IN SCHEMA tool TO PUBLIC;
CREATE FUNCTION tool.type() RETURNS text LANGUAGE sql VOLATILE AS 'SELECT type FROM tool.type ORDER BY random() LIMIT 1';
CREATE FUNCTION tool.value(type text) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT coalesce((SELECT format('%L::%s', value, type) FROM tool.type t WHERE t.type = $1 AND random() < 0.8),
		format('NULL::%s', $1)) $$;

-- a relation that is there, of the wanted kinds, or else a name that was
CREATE FUNCTION tool.relation(survey text, VARIADIC kinds "char"[]) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT coalesce((SELECT format('%I.%I', survey, c.relname) FROM pg_class c
			WHERE c.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = survey) AND c.relkind = ANY (kinds)
			ORDER BY random() / CASE WHEN c.relname IN ('followup_case', 'concern', 'answer', 'followup', 'survey', 'rollup', 'followup_all') THEN 4 ELSE 1 END LIMIT 1),
		format('%I.%s', survey, tool.pick('followup_case', 'answer', 'followup'))) $$;
CREATE FUNCTION tool.column(relation text) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT coalesce((SELECT quote_ident(a.attname) FROM pg_attribute a WHERE a.attrelid = to_regclass(relation) AND a.attnum > 0 AND NOT a.attisdropped
		ORDER BY random() / CASE WHEN a.attname IN ('case_id', 'respondent', 'last_note_at', 'last_note', 'status', 'time_zone', 'concern_id', 'is_open') THEN 3 ELSE 1 END
		LIMIT 1), 'note') $$;
CREATE FUNCTION tool.source(survey text) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT CASE survey WHEN 's_house' THEN 'house.answer' WHEN 's_flat' THEN 'flat.answer'
		WHEN 's_parts' THEN tool.pick('shop.parts', 'shop.parts', 'shop.parts_pro', 'shop.parts_rest') ELSE replace(survey, 's_', 'shop.') END $$;

-- A relation of that name and nearly of those columns: of other types, with values in them, from other rows.
CREATE FUNCTION tool.counterfeit(survey text, relation text) RETURNS SETOF text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	wrong CONSTANT double precision := (ARRAY[0, 0.02, 0.1, 0.5])[tool.number(4)];
	original CONSTANT text := (SELECT d.definition FROM tool.definition d WHERE d.survey = $1 AND d.relation = $2);
	over_original CONSTANT boolean := original IS NOT NULL AND tool.chance(0.6);
	as_table CONSTANT boolean := CASE WHEN original IS NULL THEN tool.chance(0.8) ELSE tool.chance(0.15) END;
	columns text;
BEGIN
	SELECT string_agg(CASE
			WHEN tool.chance(wrong) THEN tool.value(tool.type())
			WHEN over_original THEN quote_ident(s.name)
			ELSE coalesce(format('%L::%s', (SELECT value FROM tool.type t WHERE t.type = CASE s.type WHEN 'timestamp with time zone' THEN 'timestamptz' ELSE s.type END), s.type), 'NULL')
			END || ' AS ' || quote_ident(s.name), ', ' ORDER BY s.number)
	INTO columns
	FROM tool.shape s WHERE s.relation = $2 AND NOT tool.chance(wrong / 10);
	RETURN NEXT format('CREATE %s %I.%I AS SELECT %s%s', CASE WHEN as_table THEN tool.pick('TABLE', 'TABLE', 'MATERIALIZED VIEW', 'UNLOGGED TABLE') ELSE 'VIEW' END,
		survey, relation, columns, CASE WHEN over_original THEN format(' FROM (%s) original', original) ELSE '' END);
	IF NOT as_table AND relation IN ('followup', 'followup_all', 'cause_customer') AND tool.chance(0.8) THEN
		RETURN NEXT format('CREATE TRIGGER record INSTEAD OF INSERT OR UPDATE OR DELETE ON %I.%I FOR EACH ROW EXECUTE FUNCTION nps_home.%s()', survey, relation,
			CASE WHEN tool.chance(0.1) THEN tool.pick('nps_record_told', 'nps_record_followup') WHEN relation = 'cause_customer' THEN 'nps_record_told' ELSE 'nps_record_followup' END);
	ELSIF as_table AND tool.chance(0.8) THEN
		RETURN NEXT format('CREATE TRIGGER rules BEFORE INSERT OR UPDATE ON %I.%I FOR EACH ROW EXECUTE FUNCTION nps_home.%s()', survey, relation,
			CASE relation WHEN 'concern' THEN 'nps_concern_rules' ELSE 'nps_case_rules' END);
		RETURN NEXT format('CREATE TRIGGER history AFTER INSERT OR UPDATE ON %I.%I FOR EACH ROW EXECUTE FUNCTION nps_home.nps_case_history()', survey, relation);
	END IF;
	RETURN NEXT format('GRANT ALL ON %I.%I TO regress_tamper_actor, regress_tamper_reader', survey, relation);
END
$$;

-- What people record, by way of the views and of the tables.
CREATE FUNCTION tool.record(survey text, who text DEFAULT 'c') RETURNS SETOF text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	id CONSTANT text := CASE WHEN who = 'c' THEN '' ELSE who || '-' END || tool.number(CASE WHEN tool.chance(0.5) THEN 6 ELSE 40 END);
	change CONSTANT text := tool.pick('note = ''word''', 'assigned_to = ''ann''', 'status = ''contacted'', channel = ''phone''', 'contacted_at = now(), channel = ''phone''',
		'status = ''resolved'', cause = ''price''', 'snoozed_until = now() + interval ''2 days''', 'attempted_at = now()', 'acknowledged_at = now()',
		'status = ''dismissed'', dismiss_reason = ''test''', 'team = ''support'', cause = NULL', 'status = ''new''', 'asked_at = now(), note = ''asked''', 'status = ''closed''');
	place CONSTANT text := tool.pick('followup', 'followup_all', 'followup_all', 'followup_case');
BEGIN
	CASE tool.number(12)
		WHEN 1, 2, 3, 4, 5 THEN
			RETURN NEXT format('UPDATE %I.%I SET %s WHERE case_id::text = %L', survey, place, change, id);
		WHEN 6 THEN
			RETURN NEXT format('INSERT INTO %I.concern (case_id, concern) VALUES (%L, ''too slow'')', survey, id);
		WHEN 7 THEN
			RETURN NEXT format('INSERT INTO %I.concern (case_id, concern, promise, promised_for) VALUES (%L, ''again'', ''mended'', current_date + 9)', survey, id);
		WHEN 8 THEN
			RETURN NEXT format('UPDATE %I.concern SET %s WHERE case_id::text = %L', survey,
				tool.pick('delivered_at = now()', 'declined_at = now()', 'answer = ''yes''', 'promised_for = current_date + 20', 'told_at = now()'), id);
		WHEN 9 THEN
			RETURN NEXT format('UPDATE %I.cause_customer SET told_at = now(), told_by = ''ann'' WHERE respondent::text = %L', survey, who || tool.number(30));
		WHEN 10 THEN
			RETURN NEXT format('SELECT count(*) FROM nps_home.nps_claim(%L, ''program'', %s, lease => ''3 seconds'')', survey,
				tool.pick('max_rows => 2', 'max_rows => 50', '''call''', '''find the cause'''));
		WHEN 11 THEN
			RETURN NEXT format('INSERT INTO %I.followup_case (case_id, respondent, note) VALUES (%L, %L, ''word'')', survey, id, who || tool.number(30));
		ELSE
			RETURN NEXT tool.pick(format('DELETE FROM %s', tool.relation(survey, 'r', 'v')),
				format('INSERT INTO %I.cause_told (cause, respondent, told_at, told_by) VALUES (''price'', %L, now(), ''ann'')', survey, who || tool.number(30)),
				format('UPDATE %I.followup_all SET %s', survey, change));
	END CASE;
END
$$;

-- What an application writes into the source.
CREATE FUNCTION tool.write(survey text, who text DEFAULT 'c') RETURNS SETOF text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	source CONSTANT text := tool.source(survey);
	id CONSTANT text := CASE WHEN who = 'c' THEN '' ELSE who || '-' END || tool.number(60);
	change CONSTANT text := tool.pick('score = 10 - score', 'score = NULL', 'score = 99', 'plan = ''free''', 'words = ''more words''', 'at = at + interval ''1 day''', 'who = who');
BEGIN
	CASE tool.number(9)
		WHEN 1, 2, 3 THEN
			RETURN NEXT format('INSERT INTO %s (id, who, at, score, words, plan%s) VALUES (%L, %L, now(), %s, ''words'', %L%s)%s', source,
				CASE WHEN who <> 'c' THEN ', tenant' ELSE '' END, id, CASE WHEN who = 'c' THEN who ELSE who || '-' END || tool.number(30), tool.number(12) - 1,
				tool.pick('free', 'pro', 'old'), CASE WHEN who <> 'c' THEN format(', %L', who) ELSE '' END, tool.pick('', '', ' ON CONFLICT DO NOTHING'));
		WHEN 4, 5, 6 THEN
			RETURN NEXT format('UPDATE %s SET %s WHERE id::text = %L', source, change, id);
		WHEN 7 THEN
			RETURN NEXT format('UPDATE %s SET %s', source, change);
		WHEN 8 THEN
			RETURN NEXT format('DELETE FROM %s WHERE id::text = %L', source, id);
		ELSE
			RETURN NEXT tool.pick(
				format('MERGE INTO %1$s a USING (SELECT id FROM %1$s LIMIT 3) v ON a.id = v.id WHEN MATCHED THEN UPDATE SET %2$s', source, change),
				format('INSERT INTO %1$s SELECT * FROM %1$s LIMIT 2 ON CONFLICT DO NOTHING', source),
				format('SELECT count(*) FROM %s', source), format('WITH d AS (DELETE FROM %1$s WHERE id::text = %2$L RETURNING *) INSERT INTO %1$s SELECT * FROM d', source, id));
	END CASE;
END
$$;

CREATE FUNCTION tool.read(survey text) RETURNS SETOF text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	relation CONSTANT text := (SELECT s.relation FROM tool.shape s GROUP BY 1 ORDER BY random() LIMIT 1);
BEGIN
	FOR i IN 1..10 LOOP
		RETURN NEXT format('SELECT responses FROM %I.summary', survey);
	END LOOP;
	RETURN NEXT tool.pick(format('SELECT * FROM %I.%I', survey, relation), format('SELECT count(*) FROM %I.%I', survey, relation),
		format('SELECT responses FROM %I.summary', survey), format('SELECT s.nps, f.case_id FROM %1$I.summary s, %1$I.followup f', survey),
		format('SELECT * FROM %I.trend WHERE grain = ''month''', survey));
END
$$;

-- What an administrator runs, who never touches what is in a survey.  Attaching anew is left alone where the schema is
-- gone meanwhile, as it would make one of the administrator's.
CREATE FUNCTION tool.administer(survey text, as_administrator boolean DEFAULT true) RETURNS SETOF text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	-- the mapping of others' surveys would run as these others
	own CONSTANT boolean := survey NOT IN ('s_house', 's_flat');
	attach CONSTANT text := format('nps_home.nps_attach(%L, %s, %L, response_id => ''id'', respondent => ''who'', responded_at => ''at'', comment => %L, '
		'segments => ARRAY[%L], filter => %s, time_zone => %L, replace => true, loop_since => ''-infinity'')', split_part(tool.source(survey), '_', 1),
		CASE WHEN own THEN tool.pick('''score''', '''trap.mapped(score)''', '''words''') ELSE '''score''' END, survey,
		CASE WHEN own THEN tool.pick('words', 'trap.mapped(words)') ELSE 'words' END, CASE WHEN own THEN tool.pick('plan', 'trap.mapped(plan) AS plan', 'who') ELSE 'plan' END,
		CASE WHEN own THEN tool.pick('NULL', '''trap.allowed(id)''') ELSE 'NULL' END, tool.pick('UTC', 'Europe/Berlin'));
BEGIN
	CASE tool.number(18)
		WHEN 17 THEN
			RETURN NEXT 'CALL nps_home.nps_compact_all()';
		WHEN 18 THEN
			RETURN NEXT 'CALL nps_home.nps_refresh_all()';
		WHEN 1, 2 THEN
			RETURN NEXT format('SELECT count(*) FROM nps_home.nps_check(%L)', survey);
		WHEN 3, 4 THEN
			RETURN NEXT format('SELECT count(*) FROM nps_home.nps_refresh_views(%L)', survey);
		WHEN 5, 6 THEN
			RETURN NEXT CASE WHEN as_administrator THEN format('DO %L', format('BEGIN PERFORM FROM pg_catalog.pg_namespace n WHERE n.nspname = %L FOR SHARE; IF FOUND THEN '
				'PERFORM pg_catalog.count(*) FROM %s; END IF; END', survey, attach)) ELSE 'SELECT count(*) FROM ' || attach END;
		WHEN 7 THEN
			RETURN NEXT format('CALL nps_home.nps_materialize(%L)', survey);
		WHEN 8 THEN
			RETURN NEXT format('CALL nps_home.nps_materialize(%L, rebuild => true)', survey);
		WHEN 9 THEN
			RETURN NEXT format('CALL nps_home.nps_dematerialize(%L)', survey);
		WHEN 10 THEN
			RETURN NEXT format('SELECT nps_home.nps_compact(%L)', survey);
		WHEN 11 THEN
			RETURN NEXT format('SELECT count(*) FROM nps_home.nps_verify(%L)', survey);
		WHEN 12 THEN
			RETURN NEXT format('SELECT nps_home.nps_grant(%L, %L, %L)', survey, tool.pick('regress_tamper_actor', 'regress_tamper_reader'), tool.pick('actor', 'reader'));
		WHEN 13 THEN
			RETURN NEXT format('SELECT nps_home.nps_notify(%L)', survey);
		WHEN 14 THEN
			RETURN NEXT 'SELECT nps_home.nps_compact(survey) FROM nps_home.nps_surveys() WHERE to_regclass(format(''%I.rollup'', survey)) IS NOT NULL';
			RETURN NEXT 'SELECT * FROM nps_home.nps_surveys()';
		WHEN 15 THEN
			RETURN NEXT 'SELECT s.survey, count(*) FROM nps_home.nps_surveys() s, nps_home.nps_refresh_views(s.survey) GROUP BY 1';
		ELSE
			IF tool.chance(0.3) THEN
				RETURN NEXT format('SELECT nps_home.nps_detach(%L, drop_cases => %s)', survey, tool.chance(0.7));
			ELSIF to_regproc('nps_home.nps_forget') IS NOT NULL THEN
				RETURN NEXT format('SELECT * FROM nps_home.%s(%L, %L)', tool.pick('nps_forget', 'nps_export'), survey, 'c' || tool.number(30));
			END IF;
	END CASE;
END
$$;

-- What the owner does to a survey.
CREATE FUNCTION tool.change(survey text) RETURNS SETOF text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	source CONSTANT text := tool.source(survey);
	relation CONSTANT text := CASE WHEN tool.chance(0.2) THEN source ELSE tool.relation(survey, 'r') END;
	name CONSTANT text := split_part(relation, '.', 2);
	attribute CONSTANT text := tool.column(relation);
	type CONSTANT text := tool.type();
	anything CONSTANT text := tool.relation(survey, 'r', 'v');
	other CONSTANT text := tool.relation(survey, 'r', 'v');
	own_trigger CONSTANT text := tool.pick('nps_home.nps_case_rules()', 'nps_home.nps_case_history()', 'nps_home.nps_keep_case()', 'nps_home.nps_keep_history()',
		'nps_home.nps_concern_rules()', 'nps_home.nps_record_followup()', 'nps_home.nps_record_told()', 'nps_home.nps_followup_columns()',
		format('nps_home.nps_tell(%L, %L)', survey, tool.pick('id', 'case_id', 'note', 'nothing')),
		format('nps_home.nps_keep_rollup(%L, ''UTC'', ''nps'')', survey || '.rollup'), 'nps_home.nps_keep_rollup()');
	planted CONSTANT text := CASE WHEN tool.chance(0.5) THEN 'trap.fired()' ELSE own_trigger END;
	n CONSTANT integer := tool.number(1000000);
	victim text;
BEGIN
	CASE tool.number(34)
		WHEN 1, 2 THEN	-- another type, also below the views
			IF tool.chance(0.7) THEN
				RETURN NEXT format('DROP VIEW %I.answer CASCADE', survey);
				RETURN NEXT format('DROP POLICY as_the_answers ON %s', relation);
				RETURN NEXT format('ALTER TABLE %I.concern DROP CONSTRAINT concern_case_id_fkey', survey);
			END IF;
			RETURN NEXT format('ALTER TABLE %s ALTER %s DROP DEFAULT', relation, attribute);
			RETURN NEXT format('ALTER TABLE %s ALTER %s TYPE %s USING %s', relation, attribute, type,
				tool.pick(tool.value(type), format('%s::text::%s', attribute, type)));
			IF tool.chance(0.5) THEN
				RETURN QUERY SELECT tool.counterfeit(survey, 'answer');
			END IF;
		WHEN 3 THEN
			RETURN NEXT format('ALTER TABLE %s RENAME %s TO %s', relation, attribute, tool.pick('x' || n, tool.column(relation)));
		WHEN 4 THEN
			RETURN NEXT format('ALTER TABLE %s DROP %s CASCADE', relation, attribute);
			IF tool.chance(0.7) THEN
				RETURN NEXT format('ALTER TABLE %s ADD %s %s%s', relation, attribute, type,
					tool.pick('', '', ' DEFAULT ' || tool.value(type), ' GENERATED ALWAYS AS (' || tool.value(type) || ') STORED'));
			END IF;
		WHEN 5, 6 THEN	-- nothing where there was something
			RETURN NEXT format('ALTER TABLE %s ALTER %s DROP NOT NULL', relation, attribute);
			RETURN NEXT format('ALTER TABLE %s DISABLE TRIGGER ALL', relation);
			RETURN NEXT format('ALTER TABLE %s DISABLE TRIGGER USER', relation);
			RETURN NEXT format('UPDATE %s SET %s = NULL', relation, attribute);
			RETURN NEXT format('ALTER TABLE %s ENABLE TRIGGER USER', relation);
			RETURN QUERY SELECT tool.record(survey);
		WHEN 7 THEN	-- settings
			SELECT k.conname INTO victim FROM pg_constraint k WHERE k.conrelid = to_regclass(format('%I.survey', survey)) ORDER BY random() LIMIT 1;
			RETURN NEXT format('ALTER TABLE %I.survey DROP CONSTRAINT %I', survey, coalesce(victim, 'set_by_nps_attach'));
			RETURN NEXT format('ALTER TABLE %I.survey DROP CONSTRAINT IF EXISTS set_by_nps_attach', survey);
			victim := tool.pick('time_zone', 'time_zone', 'scale', 'attempts', 'follow_up_days', 'attached_with', 'work_from', 'work_days', 'longest_promise_months', 'resurvey_months');
			RETURN NEXT format('ALTER TABLE %I.survey ALTER %s DROP NOT NULL', survey, victim);
			RETURN NEXT format('UPDATE %I.survey SET %s = NULL', survey, victim);
			RETURN NEXT format('INSERT INTO %1$I.concern (case_id, concern, promise, promised_for) SELECT case_id, ''slow'', ''mended'', current_date + 9 FROM %1$I.followup_case LIMIT 1', survey);
		WHEN 8 THEN
			RETURN NEXT format('ALTER TABLE %I.survey DROP CONSTRAINT IF EXISTS set_by_nps_attach, DROP CONSTRAINT IF EXISTS survey_pkey, DROP CONSTRAINT IF EXISTS survey_only_row_check', survey);
			RETURN NEXT tool.pick(format('UPDATE %I.survey SET time_zone = ''Nowhere/Land''', survey), format('DELETE FROM %I.survey', survey),
				format('INSERT INTO %1$I.survey SELECT * FROM %1$I.survey', survey), format('UPDATE %I.survey SET work_days = ''Mo'', work_from = ''24:00'', work_until = ''00:00''', survey),
				format($u$UPDATE %I.survey SET attached_with = jsonb_set(attached_with::jsonb, '{%s}', %L)::text$u$, survey,
					tool.pick('source', 'score', 'response_id', 'respondent', 'filter', 'time_zone', 'scale', 'search_path', 'segments', 'comment', 'text_search_config', 'account'),
					tool.pick('"trap.planted()"', '"nowhere.table"', '"trap"', '5', '[]', 'null', '["trap.planted() AS plan"]', '"trap.mapped(who)"', '"pg_catalog.pg_class"')),
				format('UPDATE %I.survey SET attached_with = ''{''', survey), format('UPDATE %I.survey SET follow_up_days = 10000, longest_promise_months = 1000', survey));
		WHEN 9, 10, 11 THEN	-- something else of that name
			victim := CASE WHEN tool.chance(0.3) THEN tool.pick('answer', 'followup', 'followup_all', 'followup_case', 'rollup', 'cause_customer', 'concern', 'survey', 'followup_event')
				ELSE split_part(anything, '.', 2) END;
			IF tool.chance(0.5) THEN
				RETURN NEXT 'BEGIN';
			END IF;
			IF tool.chance(0.2) THEN
				RETURN NEXT format('ALTER TABLE %I.%I RENAME TO old_%s', survey, victim, n);
			ELSE
				RETURN NEXT format('DROP %s IF EXISTS %I.%I CASCADE', CASE (SELECT c.relkind FROM pg_class c WHERE c.oid = to_regclass(format('%I.%I', survey, victim)))
					WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, survey, victim);
			END IF;
			IF tool.chance(0.1) THEN
				RETURN NEXT tool.pick(format('CREATE SEQUENCE %I.%I', survey, victim), format('CREATE TYPE %I.%I AS (a integer)', survey, victim),
					format('CREATE TABLE %I.%I (case_id bigint, respondent text) PARTITION BY LIST (case_id)', survey, victim),
					format('CREATE VIEW %I.%I AS SELECT trap.planted() AS case_id', survey, victim));
			ELSE
				RETURN QUERY SELECT tool.counterfeit(survey, victim);
			END IF;
			RETURN NEXT 'COMMIT';
			RETURN QUERY SELECT tool.record(survey);
		WHEN 12 THEN	-- the whole set of views
			RETURN NEXT format('DROP VIEW IF EXISTS %I.answer CASCADE', survey);
			FOR victim IN SELECT s.relation FROM tool.shape s WHERE s.kind = 'v' GROUP BY 1 ORDER BY min(s.place) LOOP
				RETURN QUERY SELECT tool.counterfeit(survey, victim);
			END LOOP;
			RETURN QUERY SELECT tool.record(survey);
			RETURN QUERY SELECT tool.record(survey);
		WHEN 13 THEN	-- an answer view that gives other values
			RETURN NEXT format('CREATE OR REPLACE VIEW %I.answer WITH (security_invoker) AS SELECT %s FROM (%s) original', survey,
				(SELECT string_agg(CASE WHEN (tool.chance(0.1) OR s.name IN ('score', 'rejection', 'raw_score') AND tool.chance(0.6)) AND s.name <> 'plan' THEN format('NULL::%s AS %I', s.type, s.name) ELSE quote_ident(s.name) END, ', ' ORDER BY s.number)
				FROM tool.shape s WHERE s.relation = 'answer'), (SELECT d.definition FROM tool.definition d WHERE d.survey = $1 AND d.relation = 'answer'));
			RETURN QUERY SELECT tool.write(survey);
		WHEN 14 THEN	-- swapped
			RETURN NEXT tool.pick('BEGIN', 'SELECT 1');
			RETURN NEXT format('ALTER TABLE %s RENAME TO %I', anything, 'between_' || n);
			RETURN NEXT format('ALTER TABLE %s RENAME TO %s', other, split_part(anything, '.', 2));
			RETURN NEXT format('ALTER TABLE %I.%I RENAME TO %s', survey, 'between_' || n, split_part(other, '.', 2));
			RETURN NEXT 'COMMIT';
			RETURN QUERY SELECT tool.record(survey);
			IF tool.chance(0.5) THEN
				RETURN NEXT format('ALTER TABLE %s RENAME TO %I', anything, 'between_' || n);
				RETURN NEXT format('ALTER TABLE %s RENAME TO %s', other, split_part(anything, '.', 2));
				RETURN NEXT format('ALTER TABLE %I.%I RENAME TO %s', survey, 'between_' || n, split_part(other, '.', 2));
			END IF;
		WHEN 15, 16, 17 THEN	-- triggers: ours on strange tables, theirs on ours
			victim := tool.pick(relation, relation, relation, 'trap.strange');
			RETURN NEXT 'CREATE TABLE IF NOT EXISTS trap.strange (id bigint, case_id bigint, respondent text, score integer, note text)';
			RETURN NEXT 'INSERT INTO trap.strange VALUES (1, 1, ''c1'', 1, ''x'')';
			RETURN NEXT format('CREATE TRIGGER planted_%s %s %s ON %s %s EXECUTE FUNCTION %s', n, tool.pick('BEFORE', 'AFTER'),
				tool.pick('INSERT', 'UPDATE', 'DELETE', 'INSERT OR UPDATE', 'INSERT OR UPDATE OR DELETE', 'UPDATE OR DELETE', 'DELETE OR INSERT'), victim,
				tool.pick('FOR EACH ROW', 'FOR EACH ROW', 'FOR EACH ROW', 'FOR EACH STATEMENT'), planted);
			IF tool.chance(0.1) THEN
				RETURN NEXT format('CREATE TRIGGER planted_%s AFTER TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION %s', n, victim, planted);
				RETURN NEXT format('CREATE TRIGGER with_rows_%s AFTER UPDATE ON %s REFERENCING NEW TABLE AS added OLD TABLE AS removed FOR EACH %s EXECUTE FUNCTION %s',
					n, victim, tool.pick('ROW', 'STATEMENT'), planted);
				RETURN NEXT format('CREATE CONSTRAINT TRIGGER late_%s AFTER INSERT OR UPDATE OR DELETE ON %s DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION %s',
					n, victim, planted);
				RETURN NEXT format('CREATE TRIGGER instead_%s INSTEAD OF INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION %s', n, tool.relation(survey, 'v'), planted);
			END IF;
			RETURN NEXT format('UPDATE %s SET %s = %s', victim, tool.column(victim), tool.column(victim));
			RETURN NEXT tool.pick(format('INSERT INTO %1$s SELECT * FROM %1$s LIMIT 1', victim), format('TRUNCATE %s', victim));
			RETURN NEXT tool.pick('BEGIN', 'BEGIN', 'SELECT 1');
			RETURN NEXT format('DELETE FROM %s', victim);
			RETURN NEXT 'ROLLBACK';
		WHEN 18 THEN
			SELECT format('%I ON %s', t.tgname, t.tgrelid::regclass), t.tgrelid::regclass::text INTO victim FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
			WHERE NOT t.tgisinternal AND (c.relnamespace::regnamespace::text = survey OR c.oid = to_regclass(source)) ORDER BY random() LIMIT 1;
			RETURN NEXT 'DROP TRIGGER ' || victim;
		WHEN 19, 20 THEN
			RETURN NEXT format('ALTER TABLE %s %s TRIGGER %s', relation, tool.pick('DISABLE', 'ENABLE', 'ENABLE ALWAYS', 'ENABLE REPLICA'),
				coalesce((SELECT quote_ident(t.tgname) FROM pg_trigger t WHERE t.tgrelid = to_regclass(relation) AND NOT t.tgisinternal ORDER BY random() LIMIT 1), 'USER'));
			FOR i IN 1..(ARRAY[1, 15])[tool.number(2)] LOOP
				RETURN NEXT format('ALTER TABLE %s DISABLE TRIGGER USER', source);
				RETURN NEXT format('ALTER TABLE %s ENABLE TRIGGER USER', source);
			END LOOP;
		WHEN 21 THEN
			RETURN NEXT format('CREATE OR REPLACE RULE planted AS ON %s TO %s DO %s SELECT trap.planted()', tool.pick('INSERT', 'UPDATE', 'DELETE'),
				tool.pick(relation, anything), tool.pick('ALSO', 'INSTEAD'));
			IF tool.chance(0.5) THEN
				RETURN NEXT format('DROP RULE planted ON %s', relation);
			END IF;
		WHEN 22 THEN
			RETURN NEXT format('ALTER TABLE %s ALTER %s SET DEFAULT %s', relation, attribute, tool.pick('trap.filled()', 'NULL', '''5''', 'trap.planted()'));
			RETURN NEXT format('ALTER VIEW %s ALTER %s SET DEFAULT trap.filled()', tool.relation(survey, 'v'), tool.pick('note', 'owner', 'status', 'case_id', 'actor'));
		WHEN 23 THEN	-- found before what it is like, by whoever has the schema in the path
			victim := tool.pick(survey, survey, 'nps_home', 'trap');
			RETURN NEXT tool.pick(format('CREATE OPERATOR %I.= (LEFTARG = %2$s, RIGHTARG = %2$s, FUNCTION = trap.compared)', victim, tool.pick('text', 'bigint', 'boolean', 'oid', 'name')),
				format('CREATE OPERATOR %I.|| (LEFTARG = text, RIGHTARG = text, FUNCTION = trap.joined)', victim),
				format('CREATE OPERATOR %I./ (LEFTARG = integer, RIGHTARG = numeric, FUNCTION = trap.divided)', victim),
				format('CREATE FUNCTION %I.format(text, text) RETURNS text LANGUAGE plpgsql AS %L', victim, 'BEGIN PERFORM trap.canary(''function''); RETURN $1; END'),
				format('CREATE FUNCTION %I.now() RETURNS timestamptz LANGUAGE plpgsql AS %L', victim, 'BEGIN PERFORM trap.canary(''function''); RETURN NULL; END'),
				format('CREATE DOMAIN %I.%s AS pg_catalog.text CHECK (trap.check(VALUE))', victim, tool.pick('text', 'jsonb', 'regclass', 'timestamptz')));
		WHEN 24 THEN
			RETURN NEXT format('CREATE POLICY planted ON %s FOR %s USING (trap.policy())', relation, tool.pick('ALL', 'SELECT', 'UPDATE'));
			RETURN NEXT format('ALTER TABLE %s %s ROW LEVEL SECURITY', relation, tool.pick('ENABLE', 'FORCE', 'DISABLE', 'NO FORCE'));
			RETURN NEXT format('ALTER TABLE %s %s ROW LEVEL SECURITY', relation, tool.pick('ENABLE', 'FORCE', 'DISABLE', 'NO FORCE'));
		WHEN 25 THEN
			RETURN NEXT tool.pick('ALTER TABLE shop.parts DETACH PARTITION shop.parts_pro', 'ALTER TABLE shop.parts ATTACH PARTITION shop.parts_pro FOR VALUES IN (''pro'')',
				'ALTER TABLE shop.parts_pro DISABLE TRIGGER USER', 'ALTER TABLE shop.parts_pro ENABLE TRIGGER USER', 'TRUNCATE shop.parts_free', 'DROP TABLE shop.parts_rest',
				'CREATE TABLE shop.parts_rest PARTITION OF shop.parts DEFAULT', 'ALTER TABLE ONLY shop.parts DISABLE TRIGGER USER',
				format('CREATE TABLE %I.child_%s () INHERITS (%s)', survey, n, relation), format('CREATE TABLE shop.child_%s () INHERITS (%s)', n, source));
		WHEN 26 THEN
			RETURN NEXT tool.pick(format('ALTER TABLE %s OWNER TO %s', anything, tool.pick('regress_tamper_heir', 'regress_tamper_owner')),
				format('ALTER TABLE %s OWNER TO %s', source, tool.pick('regress_tamper_heir', 'regress_tamper_owner')),
				format('ALTER SCHEMA %I OWNER TO regress_tamper_heir', survey), format('ALTER SCHEMA %I OWNER TO regress_tamper_owner', survey),
				'REASSIGN OWNED BY regress_tamper_heir TO regress_tamper_owner');
		WHEN 27 THEN	-- the functions of the mapping
			RETURN NEXT tool.pick('ALTER FUNCTION trap.mapped(text) VOLATILE', 'ALTER FUNCTION trap.mapped(text) IMMUTABLE', 'ALTER FUNCTION trap.mapped(integer) STRICT',
				'ALTER FUNCTION trap.mapped(integer) SET search_path = pg_catalog', 'ALTER FUNCTION trap.mapped(integer) RESET ALL',
				'CREATE OR REPLACE FUNCTION trap.mapped(value integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS ''BEGIN PERFORM trap.canary(''''mapping''''); RAISE EXCEPTION ''''no %'''', value; END''',
				'CREATE OR REPLACE FUNCTION trap.mapped(value integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS ''BEGIN PERFORM trap.canary(''''mapping''''); RETURN value / (value - 3); END''',
				'CREATE OR REPLACE FUNCTION trap.mapped(value integer) RETURNS integer LANGUAGE sql IMMUTABLE AS ''SELECT (SELECT value)''',
				'CREATE OR REPLACE FUNCTION trap.mapped(value integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS ''BEGIN PERFORM trap.canary(''''mapping''''); RETURN value; END''',
				format('CREATE OR REPLACE FUNCTION trap.mapped(value text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS %L',
					format('BEGIN PERFORM trap.canary(''mapping''); %s; RETURN value; EXCEPTION WHEN OTHERS THEN RETURN value; END',
						tool.pick(format('EXECUTE ''ALTER TABLE %s SET (fillfactor = 90)''', source), format('EXECUTE ''DROP VIEW %I.answer CASCADE''', survey),
						format('PERFORM count(*) FROM %I.summary', survey), format('PERFORM nps_home.nps_rollup_mapping(%L)', survey || '.rollup'), 'RESET ROLE', 'SET ROLE regress_tamper_heir'))),
				'CREATE OR REPLACE FUNCTION trap.mapped(value text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS ''BEGIN PERFORM trap.canary(''''mapping''''); RETURN value; END''',
				'DROP FUNCTION trap.mapped(text) CASCADE', 'ALTER DOMAIN trap.words ADD CHECK (VALUE <> ''nothing'')', 'ALTER TYPE trap.pair ADD ATTRIBUTE c text CASCADE');
		WHEN 28 THEN	-- what cannot be
			RETURN NEXT format('ALTER TABLE %I.playbook DROP CONSTRAINT IF EXISTS one_rule_for_each_score, DROP CONSTRAINT IF EXISTS playbook_pkey', survey);
			RETURN NEXT format('ALTER TABLE %I.followup_case DISABLE TRIGGER USER', survey);
			RETURN NEXT tool.pick(format('INSERT INTO %1$I.playbook SELECT * FROM %1$I.playbook', survey), format('DELETE FROM %I.playbook', survey),
				format('UPDATE %I.followup_case SET %s = %s', survey, tool.pick('opened_at', 'contacted_at', 'closed_at', 'snoozed_until', 'last_note_at', 'leased_until', 'resolved_at'),
					tool.pick('''infinity''', '''-infinity''', '''4714-11-24 00:00+00 BC''', '''294276-12-31 00:00+00''', 'NULL')),
				format('UPDATE %I.followup_case SET respondent = NULL', survey), format('DELETE FROM %I.followup_case', survey),
				format('UPDATE %I.playbook SET contact_hours = 100000, resolve_hours = 1', survey), format('UPDATE %I.followup_case SET attempts = 2147483647', survey),
				format('INSERT INTO %I.holiday VALUES (''infinity'', ''x''), (''-infinity'', ''y''), (''5874897-12-31'', ''z'')', survey));
			RETURN NEXT format('ALTER TABLE %I.followup_case ENABLE TRIGGER USER', survey);
		WHEN 29 THEN
			RETURN NEXT CASE WHEN to_regclass(source) IS NULL THEN format('CREATE TABLE %s AS SELECT i::bigint AS id, ''c'' || i AS who, now() AS at, i %% 9 AS score, ''w'' AS words, ''pro'' AS plan FROM generate_series(1, 40) i', source)
				WHEN to_regnamespace(quote_ident(survey)) IS NULL THEN format('ALTER SCHEMA %I RENAME TO %I', survey || '_away', survey) ELSE 'SELECT 1' END;
			RETURN NEXT tool.pick(format('ALTER SCHEMA %I RENAME TO %I', survey, survey || '_away'), format('ALTER SCHEMA %I RENAME TO %I', survey || '_away', survey),
				format('ALTER TABLE %s RENAME TO away', source), format('ALTER TABLE shop.away RENAME TO %I', split_part(source, '.', 2)),
				format('ALTER TABLE %s SET SCHEMA %I', source, survey), format('DROP TABLE %s CASCADE', source),
				'SELECT 1', 'SELECT 1', 'SELECT 1');
		WHEN 30 THEN
			RETURN NEXT tool.pick(format('ALTER VIEW %s SET (security_invoker = %s)', tool.relation(survey, 'v'), tool.pick('true', 'false')),
				format('ALTER VIEW %s SET (security_barrier)', tool.relation(survey, 'v')), format('ALTER TABLE %s SET UNLOGGED', relation), format('ALTER TABLE %s SET LOGGED', relation),
				format('ALTER TABLE %s SET (fillfactor = %s)', relation, 50 + tool.number(50)), format('ANALYZE %s', relation), format('TRUNCATE %s CASCADE', relation),
				format('CREATE INDEX ON %s (trap.indexed(%s::text))', relation, attribute), format('ALTER TABLE %s REPLICA IDENTITY FULL', relation),
				format('VACUUM FULL %s', relation), format('CREATE STATISTICS %I.s%s ON (trap.indexed(%s::text)), %s FROM %s', survey, n, attribute, tool.column(relation), relation),
				format('ALTER TABLE %s ADD CHECK (trap.check(%s::text)) NOT VALID', relation, attribute),
				format('ALTER TABLE %s DROP CONSTRAINT %s CASCADE', relation, coalesce((SELECT quote_ident(k.conname) FROM pg_constraint k WHERE k.conrelid = to_regclass(relation) ORDER BY random() LIMIT 1), 'none')));
		WHEN 31 THEN
			RETURN NEXT tool.pick('GRANT', 'REVOKE') || ' ' || tool.pick('ALL', 'SELECT', 'UPDATE', 'TRIGGER', 'REFERENCES') || ' ON ' || tool.pick(anything, source) || ' '
				|| 'FROM regress_tamper_actor';
			RETURN NEXT format('GRANT %s ON %s TO regress_tamper_actor', tool.pick('ALL', 'SELECT', 'UPDATE', 'INSERT', 'TRIGGER'), tool.pick(anything, source));
			RETURN NEXT format('%s', tool.pick('GRANT EXECUTE ON FUNCTION trap.mapped(text) TO PUBLIC', 'REVOKE EXECUTE ON FUNCTION trap.mapped(text) FROM PUBLIC'));
		WHEN 32 THEN	-- a change that stays open for a moment
			RETURN NEXT 'BEGIN';
			RETURN NEXT tool.pick(format('ALTER TABLE %s ADD x%s integer', relation, n), format('LOCK TABLE %s', relation), format('DROP VIEW %I.answer CASCADE', survey),
				format('ALTER TABLE %s DISABLE TRIGGER USER', source), format('LOCK TABLE %s IN SHARE MODE', source), format('DROP TABLE %s CASCADE', relation));
			RETURN NEXT 'SELECT pg_sleep(0.1)';
			RETURN NEXT tool.pick('ROLLBACK', 'COMMIT');
		ELSE	-- and as an owner should
			IF NOT EXISTS (SELECT FROM pg_namespace s WHERE s.nspname = survey) OR tool.chance(0.1) THEN
				RETURN NEXT format('DROP SCHEMA %I CASCADE', survey);
				RETURN NEXT format('SELECT count(*) FROM nps_home.nps_attach(%L, ''trap.mapped(score)'', %L, response_id => ''id'', respondent => ''who'', responded_at => ''at'', '
					'comment => ''words'', segments => ARRAY[''trap.mapped(plan) AS plan''], filter => ''trap.allowed(id)'', loop_since => ''-infinity'')', split_part(source, '_', 1), survey);
				RETURN NEXT format('SELECT nps_home.nps_grant(%L, ''regress_tamper_actor'', ''actor'')', survey);
				RETURN NEXT format('SELECT nps_home.nps_grant(%L, ''regress_tamper_reader'')', survey);
				RETURN NEXT format('CALL nps_home.nps_materialize(%L)', survey);
			ELSIF tool.chance(0.5) THEN
				RETURN QUERY SELECT tool.administer(survey, false);
			ELSE
				RETURN QUERY SELECT tool.record(survey);
				RETURN QUERY SELECT tool.write(survey);
			END IF;
	END CASE;
END
$$;

-- The same session works with it before and afterwards: what it has kept of before may not fit.  Now and then the
-- views that went are made again, as they were, nearly as they were, or by nps.
CREATE FUNCTION tool.tamper(survey text) RETURNS SETOF text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	view text;
BEGIN
	FOR i IN 1..tool.number(3) LOOP
		RETURN QUERY SELECT tool.record(survey);
	END LOOP;
	RETURN QUERY SELECT tool.change(survey);
	IF tool.chance(0.4) THEN
		IF tool.chance(0.3) THEN
			RETURN NEXT format('SELECT count(*) FROM nps_home.nps_refresh_views(%L)', survey);
		ELSE
			FOREACH view IN ARRAY ARRAY['answer', 'followup', 'followup_all', 'summary'] LOOP
				IF to_regclass(format('%I.%I', survey, view)) IS NULL THEN
					RETURN QUERY SELECT tool.counterfeit(survey, view);
				END IF;
			END LOOP;
		END IF;
	END IF;
	FOR i IN 1..tool.number(4) LOOP
		RETURN QUERY SELECT tool.record(survey);
	END LOOP;
	RETURN QUERY SELECT tool.write(survey);
END
$$;

-- What an owner may do to a survey without opening it to others.
CREATE FUNCTION tool.rearrange(survey text) RETURNS SETOF text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	relation CONSTANT text := tool.relation(survey, 'r');
	n CONSTANT integer := tool.number(1000000);
BEGIN
	CASE tool.number(8)
		WHEN 1 THEN
			RETURN NEXT format('ALTER TABLE %s ADD x%s text DEFAULT ''x''', relation, n);
		WHEN 2 THEN
			RETURN NEXT format('ALTER TABLE %s DISABLE TRIGGER USER', tool.source(survey));
			RETURN NEXT format('ALTER TABLE %s ENABLE TRIGGER USER', tool.source(survey));
		WHEN 3 THEN
			RETURN NEXT tool.pick(format('ALTER TABLE %s SET (fillfactor = 90)', tool.source(survey)), format('ANALYZE %s', relation),
				format('CREATE INDEX ON %s (%s)', relation, tool.column(relation)), format('VACUUM FULL %s', relation));
		WHEN 4 THEN
			RETURN NEXT format('ALTER TABLE %I.followup_case RENAME last_note TO last_note_%s', survey, n);
			RETURN NEXT 'SELECT pg_sleep(0.1)';
			RETURN NEXT format('ALTER TABLE %I.followup_case RENAME last_note_%s TO last_note', survey, n);
		WHEN 5 THEN
			RETURN NEXT format('DROP VIEW %I.%s CASCADE', survey, tool.pick('summary', 'followup', 'timeline', 'answer'));
			RETURN NEXT 'SELECT pg_sleep(0.1)';
			RETURN NEXT format('SELECT count(*) FROM nps_home.nps_refresh_views(%L)', survey);
			RETURN NEXT format('SELECT nps_home.nps_grant(%L, role, ''actor'') FROM unnest(ARRAY[''regress_tamper_tenant_a'', ''regress_tamper_tenant_b'']::name[]) role', survey);
		WHEN 6 THEN
			RETURN NEXT format('SELECT count(*) FROM nps_home.nps_refresh_views(%L)', survey);
		ELSE
			RETURN NEXT format('CALL nps_home.nps_%s(%L)', tool.pick('materialize', 'dematerialize'), survey);
	END CASE;
END
$$;

-- What a tenant does and looks at: answers one row for each thing seen of the other.
CREATE FUNCTION tool.look(survey text) RETURNS SETOF text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	relation text;
BEGIN
	FOR relation IN SELECT s.relation FROM tool.shape s WHERE s.relation <> 'rollup' OR tool.chance(0.5) GROUP BY 1 ORDER BY random() LIMIT 6 LOOP
		RETURN NEXT format('SELECT %L || left(x::text, 120) FROM %I.%I x WHERE x::text LIKE %L LIMIT 1', 'LEAK ' || survey || '.' || relation || ': ', survey, relation, '%tenant_b%');
	END LOOP;
	RETURN NEXT format('WITH u AS (UPDATE %1$I.%3$I SET note = ''tenant_a-note'' WHERE case_id LIKE ''tenant_b%%'' RETURNING 1) SELECT ''LEAK %1$s.%3$s: wrote'' FROM u LIMIT 1%2$s', survey, '',
		tool.pick('followup', 'followup_all', 'followup_case'));
	RETURN NEXT format('SELECT ''LEAK %1$s: claimed '' || c::text FROM nps_home.nps_claim(%1$L, ''tenant_a-program'', max_rows => 100, lease => ''1 second'') c WHERE c::text LIKE ''%%tenant_b%%'' LIMIT 1', survey);
	RETURN NEXT format('SELECT ''LEAK %1$s.summary: counts others'' FROM %1$I.summary s WHERE s.responses + s.unanswered + s.rejected <> (SELECT count(*) FROM %2$s)', survey, tool.source(survey));
END
$$;

-- One step of a session.
CREATE FUNCTION tool.step(seed integer, kind text, survey text) RETURNS SETOF text LANGUAGE plpgsql VOLATILE AS $$
BEGIN
	PERFORM setseed(seed / 1000000.0);
	CASE kind
		WHEN 'owner' THEN RETURN QUERY SELECT tool.tamper(survey);
		WHEN 'writer' THEN RETURN QUERY SELECT tool.write(survey);
		WHEN 'actor' THEN RETURN QUERY SELECT tool.record(survey);
		WHEN 'reader' THEN RETURN QUERY SELECT tool.read(survey);
		WHEN 'administrator' THEN RETURN QUERY SELECT tool.administer(survey);
		WHEN 'landlord' THEN RETURN QUERY SELECT tool.rearrange(survey);
		WHEN 'tenant_a', 'tenant_b' THEN
			IF tool.chance(0.5) THEN
				RETURN QUERY SELECT tool.record(survey, kind);
			ELSE
				RETURN QUERY SELECT tool.write(survey, kind);
			END IF;
			IF kind = 'tenant_a' THEN
				RETURN QUERY SELECT tool.look(survey);
			END IF;
	END CASE;
END
$$;
