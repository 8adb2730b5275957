-- Keys of every kind of type: each works in all views and in everything that writes, or nps_attach() says what to pass instead.
SET client_min_messages = error;
SET timezone = 'UTC';
SET datestyle = 'ISO, MDY';
SET jit = off;
CREATE SCHEMA keys;
CREATE SCHEMA key_types;
SET search_path = keys, public;

-- Types of others, in a schema that is in nobody's path: with and without operators, hash functions, and a text form that can be read back.
CREATE TYPE key_types.mood AS ENUM ('m1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7', 'm8');
CREATE TYPE key_types.pair AS (shop text, number integer);
CREATE TYPE key_types.place_pair AS (place point, number integer);
CREATE TYPE key_types."Odd name" AS ENUM ('m1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7', 'm8');
CREATE DOMAIN key_types.number AS integer CHECK (value >= 0);
CREATE DOMAIN key_types.number_of_number AS key_types.number;
CREATE DOMAIN key_types.list AS integer[];
CREATE DOMAIN key_types.document AS json;
CREATE DOMAIN key_types.couple AS key_types.pair;
CREATE DOMAIN key_types.no_space AS text CHECK (value !~ ' ');
-- a base type without any operator; one with an equality that can be hashed, but no order; one with an order that cannot be hashed
CREATE FUNCTION make_types() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	t text;
BEGIN
	FOREACH t IN ARRAY ARRAY['bare', 'hashed', 'sorted'] LOOP
		EXECUTE format('CREATE TYPE key_types.%1$s;
			CREATE FUNCTION key_types.%1$s_in(cstring) RETURNS key_types.%1$s LANGUAGE internal IMMUTABLE STRICT AS ''int4in'';
			CREATE FUNCTION key_types.%1$s_out(key_types.%1$s) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS ''int4out'';
			CREATE TYPE key_types.%1$s (INPUT = key_types.%1$s_in, OUTPUT = key_types.%1$s_out, LIKE = integer)', t);
		EXECUTE format('CREATE FUNCTION key_types.%1$s_eq(key_types.%1$s, key_types.%1$s) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS ''int4eq'';
			CREATE FUNCTION key_types.%1$s_lt(key_types.%1$s, key_types.%1$s) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS ''int4lt'';
			CREATE FUNCTION key_types.%1$s_le(key_types.%1$s, key_types.%1$s) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS ''int4le'';
			CREATE FUNCTION key_types.%1$s_ge(key_types.%1$s, key_types.%1$s) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS ''int4ge'';
			CREATE FUNCTION key_types.%1$s_gt(key_types.%1$s, key_types.%1$s) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS ''int4gt'';
			CREATE FUNCTION key_types.%1$s_cmp(key_types.%1$s, key_types.%1$s) RETURNS integer LANGUAGE internal IMMUTABLE STRICT AS ''btint4cmp'';
			CREATE FUNCTION key_types.%1$s_hash(key_types.%1$s) RETURNS integer LANGUAGE internal IMMUTABLE STRICT AS ''hashint4''', t);
	END LOOP;
END
$$;
SELECT make_types();
CREATE OPERATOR key_types.~~== (LEFTARG = key_types.hashed, RIGHTARG = key_types.hashed, FUNCTION = key_types.hashed_eq, COMMUTATOR = OPERATOR(key_types.~~==), HASHES);
CREATE OPERATOR CLASS key_types.hashed_ops DEFAULT FOR TYPE key_types.hashed USING hash AS OPERATOR 1 key_types.~~==, FUNCTION 1 key_types.hashed_hash(key_types.hashed);
CREATE OPERATOR key_types.=== (LEFTARG = key_types.sorted, RIGHTARG = key_types.sorted, FUNCTION = key_types.sorted_eq, COMMUTATOR = OPERATOR(key_types.===), MERGES);
CREATE OPERATOR key_types.<<< (LEFTARG = key_types.sorted, RIGHTARG = key_types.sorted, FUNCTION = key_types.sorted_lt);
CREATE OPERATOR key_types.<<= (LEFTARG = key_types.sorted, RIGHTARG = key_types.sorted, FUNCTION = key_types.sorted_le);
CREATE OPERATOR key_types.>>= (LEFTARG = key_types.sorted, RIGHTARG = key_types.sorted, FUNCTION = key_types.sorted_ge);
CREATE OPERATOR key_types.>>> (LEFTARG = key_types.sorted, RIGHTARG = key_types.sorted, FUNCTION = key_types.sorted_gt);
CREATE OPERATOR CLASS key_types.sorted_ops DEFAULT FOR TYPE key_types.sorted USING btree AS
	OPERATOR 1 key_types.<<<, OPERATOR 2 key_types.<<=, OPERATOR 3 key_types.===, OPERATOR 4 key_types.>>=, OPERATOR 5 key_types.>>>, FUNCTION 1 key_types.sorted_cmp(key_types.sorted, key_types.sorted);

-- A type, and the expression that makes a value of a number from 1 to 8.
CREATE TABLE "Row type" (a integer, b text);
CREATE TABLE kind (place serial, type text, value text);
INSERT INTO kind (type, value) VALUES
	('integer', 'i'), ('bigint', 'i * 10000000000'), ('numeric', 'i / 4.0'), ('double precision', 'i / 3.0'), ('money', 'i::money'),
	('text', $$'k ' || i || '''"\,{}'$$), ('text COLLATE "C"', '''k'' || i'), ('character varying(9)', '''k'' || i'), ('character(9)', '''k'' || i'), ('"char"', 'chr(64 + i)::"char"'), ('name', '''k'' || i'),
	('boolean', 'i = 1'), ('bit(5)', 'i::bit(5)'), ('bit varying', 'i::bit(5)'), ('bytea', $$decode('0' || i, 'hex')$$), ('uuid', 'md5(i::text)::uuid'), ('oid', 'i'), ('regclass', '(SELECT c.oid::regclass FROM pg_class c WHERE c.relnamespace = ''pg_catalog''::regnamespace AND c.relkind = ''v'' ORDER BY c.oid LIMIT 1 OFFSET i)'), ('xid', $$(i::text)::xid$$), ('tid', $$('(0,' || i || ')')::tid$$), ('pg_lsn', $$('0/' || i)::pg_lsn$$),
	('inet', $$('10.0.0.' || i)::inet$$), ('macaddr', $$('08:00:2b:01:02:0' || i)::macaddr$$),
	('date', 'date ''2026-01-01'' + i'), ('timetz', $$timetz '12:00+01' + i * interval '1 minute'$$), ('timestamp', $$timestamp '2026-01-01' + i * interval '1 millisecond'$$), ('timestamptz', $$timestamptz '2026-01-01' + i * interval '1 microsecond'$$), ('interval', 'i * interval ''1 month'''),
	('json', 'to_json(i)'), ('jsonb', 'jsonb_build_object(''a'', i)'), ('xml', 'NULL'), ('point', 'point(i, i)'), ('box', 'box(point(i, i))'), ('tsvector', 'to_tsvector(''simple'', ''k'' || i)'), ('tsquery', 'to_tsquery(''simple'', ''k'' || i)'),
	('integer[]', 'ARRAY[i, i]'), ('text[]', $$ARRAY['k ' || i, '"', NULL]$$), ('text[][]', $$ARRAY[['k ' || i], ['}']]$$), ('point[]', 'ARRAY[point(i, i)]'), ('key_types.pair[]', $$ARRAY[ROW('k,"', i)]::key_types.pair[]$$), ('int2vector', $$(i::text)::int2vector$$),
	('int4range', 'int4range(i, i + 1)'), ('tstzrange', $$tstzrange(timestamptz '2026-01-01' + i * interval '1 second', NULL)$$), ('int4multirange', 'int4multirange(int4range(i, i + 1))'),
	('key_types.mood', '(''m'' || i)::key_types.mood'), ('key_types."Odd name"', '(''m'' || i)::key_types."Odd name"'), ('key_types.pair', $$ROW('k,"', i)::key_types.pair$$), ('key_types.place_pair', 'ROW(point(i, i), i)::key_types.place_pair'), ('keys."Row type"', $$ROW(i, 'b')::keys."Row type"$$),
	('key_types.number', 'i'), ('key_types.number_of_number', 'i'), ('key_types.list', 'ARRAY[i]'), ('key_types.document', 'to_json(i)'), ('key_types.couple', $$ROW('k,"', i)::key_types.pair$$), ('key_types.no_space', '''k'' || i'),
	('key_types.bare', '(i::text)::key_types.bare'), ('key_types.hashed', '(i::text)::key_types.hashed'), ('key_types.sorted', '(i::text)::key_types.sorted'), ('pg_snapshot', $$(i || ':' || i || ':')::pg_snapshot$$), ('aclitem', '''=r/postgres''::aclitem');
-- Attaches with a respondent, and a response_id too, of the type, and does everything that can be done.  The result is what came of it.
CREATE FUNCTION try(type text, value text, both_keys boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	step text;
	hint text;
	detail text;
	relation regclass;
	n bigint;
	who text;
	done record;
BEGIN
	step := 'source';
	EXECUTE format('CREATE TABLE keys.reply (id %s, who %s, firm text, score integer, at timestamptz)', CASE WHEN both_keys THEN type ELSE 'integer' END, type);
	EXECUTE format('INSERT INTO keys.reply SELECT %s, %s, ''f'' || mod(i, 2), CASE WHEN i = 7 THEN 9 ELSE i + %s END, now() - i * interval ''3 hours'' FROM generate_series(1, %s) i', CASE WHEN both_keys THEN value ELSE 'i' END, value,
		-- one of two is not left to a person, so that a program can claim it
		CASE type WHEN 'boolean' THEN 1 ELSE 0 END, CASE type WHEN 'boolean' THEN 2 ELSE 8 END);
	step := 'attach';
	PERFORM nps_attach('keys.reply', 'score', 'keyed', response_id => 'id', respondent => 'who', account => 'firm', responded_at => 'at', time_zone => 'UTC', loop_since => '-infinity');
	step := 'claim';
	SELECT count(*) INTO n FROM nps_claim('keyed', 'bot', max_rows => 3);
	IF n = 0 THEN RAISE EXCEPTION 'claimed %', n; END IF;
	step := 'record';
	UPDATE keyed.followup SET status = 'contacted', channel = 'phone', cause = 'price', note = 'called' WHERE score < 3;
	GET DIAGNOSTICS n = ROW_COUNT;
	IF n = 0 THEN RAISE EXCEPTION 'no case'; END IF;
	step := 'concern';
	INSERT INTO keyed.concern (case_id, concern) SELECT case_id, 'slow' FROM keyed.followup WHERE score < 3;
	UPDATE keyed.concern SET answer = 'faster';
	step := 'case';
	UPDATE keyed.followup_case SET assigned_to = 'ann' WHERE NOT worked_on;
	INSERT INTO keyed.followup_case (case_id) SELECT response_id FROM keyed.followup f WHERE NOT EXISTS (SELECT FROM keyed.followup_case c WHERE c.case_id::text = f.case_id::text) LIMIT 1;
	step := 'close';
	UPDATE keyed.followup SET status = 'closed', informed_at = now() WHERE status = 'contacted';
	UPDATE keyed.followup_all SET status = 'reopened' WHERE status = 'closed';
	step := 'tell';
	UPDATE keyed.cause SET fixed_at = now() - interval '1 minute' WHERE cause = 'price';
	UPDATE keyed.cause_customer SET told_at = now();
	step := 'merge';
	UPDATE keyed.followup_case SET respondent = respondent;
	step := 'notify';
	PERFORM nps_notify('keyed');
	UPDATE keys.reply SET score = score WHERE score = 1;
	step := 'refresh';
	PERFORM nps_refresh_views('keyed');
	step := 'check';
	SELECT string_agg(c.finding || ': ' || c.detail, ', ') INTO hint FROM nps_check('keyed') c WHERE c.severity = 'error';
	IF hint IS NOT NULL THEN RAISE EXCEPTION '%', hint; END IF;
	FOR relation IN SELECT c.oid FROM pg_class c WHERE c.relnamespace = 'keyed'::regnamespace AND c.relkind IN ('r', 'v') ORDER BY 1 LOOP
		step := 'read ' || relation;
		EXECUTE format('SELECT count(*) FROM (SELECT v::text FROM %s v) v', relation);
	END LOOP;
	step := 'export';
	SELECT respondent::text INTO who FROM keyed.followup_all WHERE is_recorded ORDER BY score LIMIT 1;
	PERFORM nps_export('keyed', who);
	step := 'forget';
	SELECT sum(f.rows) INTO n FROM nps_forget('keyed', who) f WHERE f.what ~ '^erased';
	IF n = 0 THEN RAISE EXCEPTION 'nothing was forgotten'; END IF;
	step := 'detach';
	PERFORM nps_detach('keyed', true);
	DROP TABLE keys.reply;
	RETURN 'works';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT, detail = PG_EXCEPTION_DETAIL;
	RETURN step || ': ' || concat_ws('; ', SQLSTATE, SQLERRM, nullif(detail, ''), nullif(hint, ''));
END
$$;
-- The server's own types.  Each in a transaction of its own, because of its locks.
CREATE TABLE outcome (place integer, type text, said text);
DO $$
DECLARE
	kind record;
	said text;
BEGIN
	FOR kind IN SELECT * FROM kind k LOOP
		said := try(kind.type, kind.value, true);
		INSERT INTO outcome VALUES (kind.place, kind.type, said);
		COMMIT;
		IF said <> 'works' THEN
			INSERT INTO outcome VALUES (kind.place, kind.type, try(kind.type, kind.value, false));
			COMMIT;
		END IF;
	END LOOP;
END
$$;
SELECT string_agg(type, ', ' ORDER BY place) AS works FROM outcome WHERE said = 'works';
SELECT type, said FROM outcome WHERE said <> 'works' ORDER BY place, said DESC;
-- The types of extensions, if these are installed, and ICU if the server has it.
DO $$
DECLARE
	kind record;
	has_icu boolean := true;
BEGIN
	-- pg_collation has a row for ICU even if the server was built without it
	BEGIN
		CREATE COLLATION key_types.folded (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
	EXCEPTION WHEN feature_not_supported THEN
		has_icu := false;
	END;
	IF has_icu THEN
		INSERT INTO outcome VALUES (0, 'folded', try('text COLLATE key_types.folded', '''k'' || i', true));
		COMMIT;
	END IF;
	FOR kind IN
		SELECT v.* FROM (VALUES ('citext', '(''k'' || i)::key_types.citext'), ('hstore', 'key_types.hstore(''k'', i::text)'), ('ltree', '(''k.'' || i)::key_types.ltree')) AS v(type, value)
		JOIN pg_available_extensions e ON e.name = v.type AND e.installed_version IS NULL
	LOOP
		EXECUTE format('CREATE EXTENSION %I SCHEMA key_types', kind.type);
		INSERT INTO outcome VALUES (0, kind.type, try('key_types.' || kind.type, kind.value, true));
		EXECUTE format('DROP EXTENSION %I', kind.type);
		COMMIT;
	END LOOP;
END
$$;
SELECT * FROM outcome WHERE place = 0 AND said <> 'works';
DROP SCHEMA keys, key_types CASCADE;
