-- Statements that have not ended yet: what triggers of the application read
-- meanwhile.  Statements that never end are in test/t/rollup_note.sh.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET jit = off;
CREATE SCHEMA rollup_note;
SET search_path = rollup_note, public;
CREATE TABLE customer (id integer PRIMARY KEY);
INSERT INTO customer SELECT generate_series(1, 20);
CREATE TABLE whole (id integer PRIMARY KEY, score integer, customer integer REFERENCES customer ON DELETE CASCADE ON UPDATE CASCADE, plan text);
CREATE TABLE split (id integer, score integer, customer integer REFERENCES customer ON DELETE CASCADE ON UPDATE CASCADE, plan text) PARTITION BY LIST (plan);
CREATE TABLE split_a PARTITION OF split FOR VALUES IN ('a');
CREATE TABLE split_b PARTITION OF split DEFAULT;
SELECT count(*) > 0 AS attached FROM unnest(ARRAY['whole', 'split']) t, nps_attach(t, 'score', 'rn_' || t, response_id => 'id', segments => '{plan}');
CALL nps_materialize('rn_whole');
CALL nps_materialize('rn_split');
-- compared(): what a report says, and a query; and whether the rollup is used
CREATE FUNCTION compared(source text, OUT exact boolean, OUT served boolean) LANGUAGE plpgsql AS $$
DECLARE
	mine text;
	theirs text;
BEGIN
	EXECUTE format('SELECT concat_ws('' '', responses, nps) FROM rn_%s.summary', source) INTO mine;
	EXECUTE format('SELECT concat_ws('' '', count(*), nps_score(score)) FROM %I', source) INTO theirs;
	exact := mine = theirs;
	served := nps_rollup_serves(format('rn_%s.rollup', source)::regclass);
END
$$;

--
-- Triggers of the application read reports, with cached plans.
--

CREATE TABLE seen (place bigserial, source text, who text, exact boolean);
CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	mine bigint;
	theirs bigint;
BEGIN
	IF tg_argv[0] = 'whole' THEN
		SELECT responses INTO mine FROM rn_whole.summary;
		SELECT count(score) INTO theirs FROM whole;
	ELSE
		SELECT responses INTO mine FROM rn_split.summary;
		SELECT count(score) INTO theirs FROM split;
	END IF;
	INSERT INTO seen (source, who, exact) VALUES (tg_argv[0], tg_name, mine = theirs);
	RETURN NULL;
END
$$;
CREATE FUNCTION ask() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	mine bigint;
BEGIN
	SELECT responses INTO mine FROM rn_whole.summary;
	RETURN mine = (SELECT count(score) FROM whole);
END
$$;
SELECT format('CREATE TRIGGER %s AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH %s EXECUTE FUNCTION look(%L)', name, source, level, source)
FROM (VALUES ('whole'), ('split')) s(source), (VALUES ('a_row', 'ROW'), ('a_statement', 'STATEMENT'), ('z_row', 'ROW'), ('z_statement', 'STATEMENT')) t(name, level) \gexec
INSERT INTO whole SELECT i, i % 11, 1 + i % 20, (ARRAY['a', 'b'])[1 + i % 2] FROM generate_series(1, 20) i;
INSERT INTO split SELECT * FROM whole;
SELECT ask();
UPDATE whole SET score = NULL WHERE id < 5;
UPDATE whole SET score = 3 WHERE id < 5;
SELECT ask();
DELETE FROM whole WHERE id = 5;
SELECT ask();
UPDATE split SET plan = CASE plan WHEN 'a' THEN 'b' ELSE 'a' END WHERE id < 5;
DELETE FROM split WHERE id = 5;
INSERT INTO whole VALUES (1, 4, 1, 'a'), (101, 4, 1, 'a') ON CONFLICT (id) DO UPDATE SET score = excluded.score;
MERGE INTO split USING (VALUES (1), (201)) n (id) ON split.id = n.id WHEN MATCHED THEN UPDATE SET score = 9 WHEN NOT MATCHED THEN INSERT VALUES (n.id, 3, 1, 'a');
SELECT source, exact, count(*) > 0 AS some FROM seen GROUP BY 1, 2 ORDER BY 1, 2;
SELECT * FROM compared('whole');
SELECT * FROM compared('split');
-- plans that were made before the statement, and within it: each is made anew where it would be of another moment
CREATE FUNCTION serves() RETURNS boolean LANGUAGE plpgsql AS $$BEGIN RETURN nps_rollup_serves('rn_whole.rollup'); END$$;
CREATE FUNCTION asks() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN INSERT INTO seen (source, who, exact) VALUES ('whole', 'asks', ask()), ('whole', 'serves', serves()); RETURN NULL; END$$;
CREATE TRIGGER asks AFTER INSERT ON whole FOR EACH ROW EXECUTE FUNCTION asks();
SELECT ask(), serves() FROM generate_series(1, 7);
INSERT INTO whole VALUES (111, 4, 1, 'a');
SELECT ask(), serves();
BEGIN;
INSERT INTO whole VALUES (112, 4, 1, 'a'), (113, 4, 1, 'a');
SELECT ask(), serves();
COMMIT;
SELECT who, exact, count(*) FROM seen WHERE who IN ('asks', 'serves') GROUP BY 1, 2 ORDER BY 1;
DROP TRIGGER asks ON whole;
DROP TRIGGER a_row ON whole; DROP TRIGGER a_statement ON whole; DROP TRIGGER z_row ON whole; DROP TRIGGER z_statement ON whole;
DROP TRIGGER a_row ON split; DROP TRIGGER a_statement ON split; DROP TRIGGER z_row ON split; DROP TRIGGER z_statement ON split;
-- cascading keys, of several rows at once
DELETE FROM customer WHERE id IN (3, 4, 5);
UPDATE customer SET id = id + 100 WHERE id IN (6, 7, 8);
SELECT * FROM compared('whole');
SELECT * FROM compared('split');
WITH gone AS (DELETE FROM customer WHERE id IN (9, 10) RETURNING 1), more AS (INSERT INTO whole VALUES (301, 9, 1, 'a'), (302, 9, 2, 'b') RETURNING 1),
	yet_more AS (INSERT INTO whole VALUES (303, 9, 1, 'a') RETURNING 1)
UPDATE split SET score = 7 WHERE customer IN (1, 2);
SELECT * FROM compared('whole');
SELECT * FROM compared('split');
-- Cascades that reach the source more than once in a statement: their trigger before it is called once.
CREATE TABLE account (id integer PRIMARY KEY, customer integer REFERENCES customer ON DELETE CASCADE);
ALTER TABLE split ADD COLUMN account integer REFERENCES account ON DELETE CASCADE;
CREATE TRIGGER zz_account AFTER DELETE ON account FOR EACH STATEMENT EXECUTE FUNCTION look('split');
CREATE TRIGGER zz_customer AFTER DELETE ON customer FOR EACH STATEMENT EXECUTE FUNCTION look('split');
CREATE TRIGGER a_row AFTER DELETE ON split FOR EACH ROW EXECUTE FUNCTION look('split');
INSERT INTO customer VALUES (101), (102), (103);
INSERT INTO account VALUES (101, 101), (102, 102), (103, 103);
INSERT INTO split (id, score, customer, plan, account) SELECT 2000 + i, 10, CASE WHEN i < 7 THEN 101 + i % 3 END, (ARRAY['a', 'b'])[1 + i % 2], CASE WHEN i > 6 THEN 101 + i % 3 END FROM generate_series(1, 15) i;
TRUNCATE seen;
DELETE FROM customer WHERE id = 101;
WITH gone AS (DELETE FROM split WHERE id = 2001 RETURNING customer), more AS (DELETE FROM customer USING gone WHERE customer.id = gone.customer RETURNING customer.id)
SELECT count(*) FROM more;
-- within a trigger of another statement, which has not ended
CREATE FUNCTION part_with() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF new.id = 2051 THEN
		DELETE FROM public.customer_to_go;
	END IF;
	RETURN NULL;
END
$$;
CREATE VIEW public.customer_to_go AS SELECT * FROM customer WHERE id = 103;
CREATE TRIGGER part_with AFTER INSERT ON split FOR EACH ROW EXECUTE FUNCTION part_with();
INSERT INTO split (id, score, plan) SELECT 2050 + i, 5, 'a' FROM generate_series(1, 3) i;
SELECT who, count(*) > 0 AS has_looked, bool_and(exact) AS exact FROM seen GROUP BY who ORDER BY who COLLATE "C";
SELECT * FROM compared('split');
-- a function that deletes, and reports, within a statement on the same table: INSERT around DELETE, and DELETE around DELETE
INSERT INTO customer SELECT generate_series(111, 118);
INSERT INTO account SELECT i, i FROM generate_series(111, 118) i;
INSERT INTO split (id, score, plan, customer, account) SELECT 2070 + i, 8, (ARRAY['a', 'b'])[1 + i % 2], CASE WHEN i > 8 THEN 102 + i END, CASE WHEN i <= 8 THEN 110 + i END FROM generate_series(1, 16) i;
CREATE FUNCTION part_with(gone integer) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
	DELETE FROM customer WHERE id = gone;
	INSERT INTO seen (source, who, exact) VALUES ('split', 'part_with', (SELECT responses FROM rn_split.summary) = (SELECT count(score) FROM split));
	RETURN 2080 + gone;
END
$$;
INSERT INTO split (id, score, plan) SELECT part_with(i), 5, 'a' FROM generate_series(111, 114) i;
DELETE FROM split WHERE part_with(id - 2080) > 0 AND id BETWEEN 2191 AND 2194;
DELETE FROM split WHERE id IN (2201, 2202) AND part_with(id - 2087) > 0;
SELECT bool_and(exact) AS exact FROM seen WHERE who = 'part_with';
SELECT * FROM compared('split');
SELECT count(*) AS marks FROM rn_split.rollup_part WHERE leaf IS NULL;
DROP TRIGGER part_with ON split;
DROP TRIGGER a_row ON split;
DROP VIEW public.customer_to_go;
-- a cursor that was opened within a statement, and whose report is planned after it
CREATE FUNCTION difference_to_split() RETURNS bigint LANGUAGE plpgsql STABLE AS $$BEGIN RETURN (SELECT responses FROM rn_split.summary) - (SELECT count(score) FROM split); END$$;
CREATE FUNCTION open_one() RETURNS trigger LANGUAGE plpgsql AS $$DECLARE c refcursor := 'cur'; BEGIN OPEN c FOR SELECT difference_to_split(); RETURN NULL; END$$;
CREATE TRIGGER zz_open AFTER INSERT ON split FOR EACH ROW EXECUTE FUNCTION open_one();
BEGIN;
INSERT INTO split VALUES (2061, 5, NULL, 'a');
INSERT INTO whole VALUES (2061, 5, NULL, 'a');
FETCH ALL FROM cur;
ROLLBACK;
BEGIN;
INSERT INTO split VALUES (2061, 5, NULL, 'a');
MOVE ABSOLUTE 0 IN cur;
DROP TRIGGER zz_open ON split;
-- many statements later
DO $$BEGIN FOR i IN 1..70 LOOP INSERT INTO split VALUES (2100 + i, 5, NULL, 'b'); END LOOP; END$$;
FETCH ALL FROM cur;
SELECT * FROM compared('split');
COMMIT;
SELECT * FROM compared('split');
-- one that was opened within a statement on two sources, of which the first to begin is the first to end
CREATE TRIGGER zz_open AFTER INSERT ON whole FOR EACH STATEMENT EXECUTE FUNCTION open_one();
BEGIN;
WITH put AS (INSERT INTO split SELECT 2280 + i, 5, NULL, 'a' FROM generate_series(1, 7) i RETURNING 1) INSERT INTO whole VALUES (2281, 5, NULL, 'a');
FETCH ALL FROM cur;
COMMIT;
DROP TRIGGER zz_open ON whole;
-- one that was opened between two statements, and is read after many of this survey and of another
BEGIN;
INSERT INTO split VALUES (2301, 5, NULL, 'a');
SELECT count(*) AS by_now FROM split \gset
DECLARE later CURSOR WITH HOLD FOR SELECT responses - :by_now AS difference FROM rn_split.summary;
DO $$BEGIN FOR i IN 1..70 LOOP INSERT INTO split VALUES (2310 + i, 5, NULL, 'b'); INSERT INTO whole VALUES (2310 + i, 5, NULL, 'b'); END LOOP; END$$;
COMMIT;
FETCH ALL FROM later;
CLOSE later;
-- a trigger of another table reads the rollup when the statement before is over
CREATE TABLE dash (served boolean);
CREATE FUNCTION is_served() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN new.served := nps_rollup_serves('rn_split.rollup') AND nps_rollup_serves('rn_whole.rollup'); RETURN new; END$$;
CREATE TRIGGER is_served BEFORE INSERT ON dash FOR EACH ROW EXECUTE FUNCTION is_served();
BEGIN;
INSERT INTO split VALUES (2401, 5, NULL, 'a');
INSERT INTO whole VALUES (2401, 5, NULL, 'a');
INSERT INTO dash VALUES (NULL);
COMMIT;
DO $$BEGIN INSERT INTO split VALUES (2402, 5, NULL, 'a'); INSERT INTO dash VALUES (NULL); END$$;
SELECT served, count(*) FROM dash GROUP BY served;
-- Plans of foreign keys go on running: a trigger in their cascade deletes more customers, after a report was read, or a mark was made.
CREATE FUNCTION also() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN IF pg_trigger_depth() < 4 THEN DELETE FROM customer WHERE id = old.customer + 1; END IF; RETURN old; END$$;
CREATE TRIGGER also BEFORE DELETE ON whole FOR EACH ROW EXECUTE FUNCTION also();
CREATE TRIGGER also BEFORE DELETE ON split FOR EACH ROW EXECUTE FUNCTION also();
SELECT responses > 0 AS is_read FROM rn_whole.summary UNION ALL SELECT responses > 0 FROM rn_split.summary;
DELETE FROM customer WHERE id = 11;
SELECT responses > 0 AS is_read FROM rn_whole.summary UNION ALL SELECT responses > 0 FROM rn_split.summary;
DELETE FROM customer WHERE id = 15;
CREATE FUNCTION raises(plan text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$BEGIN IF plan = 'bad' THEN RAISE 'no'; END IF; RETURN plan; END$$;
SET client_min_messages = error;
SELECT count(*) > 0 AS attached FROM nps_attach('whole', 'score', 'rn_raises', response_id => 'id', segments => ARRAY['rollup_note.raises(plan) AS plan']);
CALL nps_materialize('rn_raises');
CREATE FUNCTION marks() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN
	IF pg_trigger_depth() < 4 THEN
		INSERT INTO whole VALUES (2500 + old.id, 5, NULL, 'bad');
		DELETE FROM customer WHERE id = old.customer + 1;
	END IF;
	RETURN old;
END$$;
CREATE TRIGGER marks BEFORE DELETE ON whole FOR EACH ROW EXECUTE FUNCTION marks();
DROP TRIGGER also ON whole;
DELETE FROM customer WHERE id = 17;
SET client_min_messages = warning;
SELECT count(*) > 0 AS marked FROM rn_raises.rollup_part WHERE leaf IS NULL;
DROP TRIGGER marks ON whole;
SELECT FROM nps_detach('rn_raises');
SELECT count(*) AS customers_left FROM customer WHERE id < 20;
DROP TRIGGER also ON split;
SELECT * FROM compared('whole');
SELECT * FROM compared('split');
-- errors in the middle, and savepoints
BEGIN;
INSERT INTO whole VALUES (401, 9, 1, 'a');
SAVEPOINT a;
INSERT INTO whole VALUES (402, 9, 1, 'a'), (402, 9, 1, 'a');
ROLLBACK TO a;
SELECT * FROM compared('whole');
INSERT INTO split SELECT i, 10 / (i - 405), 1, 'a' FROM generate_series(401, 410) i;
ROLLBACK TO a;
SELECT * FROM compared('split');
SAVEPOINT b;
INSERT INTO split SELECT i, 5, 1, 'a' FROM generate_series(401, 410) i;
RELEASE b;
SELECT * FROM compared('split');
COMMIT;
SELECT * FROM compared('whole');
SELECT * FROM compared('split');
-- a statement that takes the values it writes from a report
INSERT INTO whole SELECT 501, 5, 1, left(responses::text, 1) FROM rn_whole.summary;
INSERT INTO split SELECT 501, 5, 1, left(responses::text, 1) FROM rn_split.summary;
UPDATE whole SET plan = (SELECT responses FROM rn_whole.summary) WHERE id = 501;
INSERT INTO whole VALUES (502, 5, 1, 'a') RETURNING (SELECT responses FROM rn_whole.summary) - (SELECT count(*) FROM whole) AS returned;
WITH put AS (INSERT INTO split SELECT i, 5, 1, 'a' FROM generate_series(511, 2600) i RETURNING id)
SELECT (SELECT count(*) FROM put) AS put, responses - (SELECT count(*) FROM split) AS more FROM rn_split.summary;
SELECT * FROM compared('whole');
SELECT * FROM compared('split');
-- one of many rows and few cells leaves few rows in the rollup, in partitions too; a rolled back one none
SELECT FROM nps_compact('rn_split');
SELECT count(*) AS before FROM rn_split.rollup \gset
BEGIN;
INSERT INTO split SELECT i, i % 11, 1, (ARRAY['a', 'b'])[1 + i % 2] FROM generate_series(10001, 15000) i;
SAVEPOINT a;
UPDATE split SET score = 10 - score WHERE id > 10000;
ROLLBACK TO a;
COMMIT;
SELECT count(*) - :before AS more FROM rn_split.rollup;
SELECT * FROM compared('split');
-- a trigger that asks by way of a function in SQL, which was called before in the transaction: before 18 that has a plan which
-- cannot be made anew
CREATE FUNCTION asked_in_sql() RETURNS bigint LANGUAGE sql VOLATILE AS 'SELECT responses FROM rn_split.summary';
CREATE FUNCTION asked() RETURNS bigint LANGUAGE plpgsql AS $$DECLARE n bigint; BEGIN n := asked_in_sql(); RETURN n; END$$;
CREATE TABLE told (place serial, n bigint);
CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN INSERT INTO told (n) VALUES (asked()); RETURN NULL; END$$;
CREATE TRIGGER tells AFTER INSERT ON split FOR EACH ROW EXECUTE FUNCTION tell();
BEGIN;
SELECT asked() - (SELECT count(*) FROM split) AS more;
INSERT INTO split VALUES (20001, 5, 1, 'a');
SELECT asked() - (SELECT count(*) FROM split) AS more;
COMMIT;
SELECT n - (SELECT count(*) FROM split) AS more FROM told;
DROP TRIGGER tells ON split;
-- one that changes which triggers fire, halfway through
CREATE FUNCTION become(role text) RETURNS text LANGUAGE sql VOLATILE AS $$SELECT set_config('session_replication_role', role, false)$$;
SET session_replication_role = replica;
INSERT INTO whole SELECT 600 + i, 5, 1, CASE WHEN i = 5 THEN become('origin') ELSE 'a' END FROM generate_series(1, 9) i;
RESET session_replication_role;
SELECT * FROM compared('whole');
SELECT trouble FROM nps_rollup_unserved('rn_whole.rollup');
CALL nps_materialize('rn_whole');
INSERT INTO whole SELECT 700 + i, 5, 1, CASE WHEN i = 5 THEN become('replica') ELSE 'a' END FROM generate_series(1, 9) i;
RESET session_replication_role;
SELECT * FROM compared('whole');
INSERT INTO split SELECT 700 + i, 5, 1, CASE WHEN i = 5 THEN become('replica') ELSE 'a' END FROM generate_series(1, 9) i;
RESET session_replication_role;
SELECT * FROM compared('split');
CALL nps_materialize('rn_whole');
SELECT count(*) FROM rn_whole.rollup_part WHERE leaf IS NULL;
SELECT count(*) FROM rn_split.rollup_part WHERE leaf IS NULL;
SET client_min_messages = error;
DROP SCHEMA rn_whole, rn_split, rollup_note CASCADE;
