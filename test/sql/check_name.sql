--
-- The names that a survey was attached with differ from what its views read when tables or
-- columns are renamed.  nps_check() reports it, and its cure is run.
--

\set VERBOSITY terse
SET client_min_messages = warning;
SET timezone = 'UTC';
CREATE SCHEMA check_name;
SET search_path = check_name, public;
CREATE TABLE reply (id integer PRIMARY KEY, who text, at timestamptz, score integer, plan text, level integer, "What they said" text);
INSERT INTO reply SELECT n, 'c' || n, '2026-03-01'::timestamptz + n * interval '1 hour', n % 11, CASE WHEN n % 2 = 0 THEN 'pro' ELSE 'free' END, n % 3 FROM generate_series(1, 60) n;
CREATE PROCEDURE attach_anew(filter text DEFAULT NULL) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM nps_attach('check_name.reply', 'score', schema_name => 'names', response_id => 'id', respondent => 'who', responded_at => 'at', comment => 'What they said',
		segments => ARRAY['plan', 'level + 1 AS step'], filter => attach_anew.filter, time_zone => 'UTC', loop_since => '-infinity', replace => to_regnamespace('names') IS NOT NULL);
END
$$;
CREATE FUNCTION told(OUT severity text, OUT finding text, OUT detail text, OUT fix text) RETURNS SETOF record LANGUAGE sql AS $$
SELECT c.severity, c.finding, c.detail, regexp_replace(c.fix, ', scale => .*', ' ...') FROM nps_check('names') c WHERE finding ~ 'name|fits'
$$;
CREATE PROCEDURE cure() LANGUAGE plpgsql AS $$
DECLARE
	cure text;
BEGIN
	FOR cure IN SELECT c.fix FROM nps_check('names') c WHERE c.finding ~ 'name' LOOP
		EXECUTE cure;
	END LOOP;
END
$$;
CALL attach_anew();
SELECT * FROM told();

-- a column that was renamed: the views follow it; the cure passes its current name
ALTER TABLE reply RENAME score TO mark;
ALTER TABLE reply RENAME plan TO tariff;
ALTER TABLE reply RENAME "What they said" TO "Words";
SELECT finding, detail, fix FROM told();
SELECT responses FROM names.summary;
CALL cure();
SELECT * FROM told();
SELECT segment, value, responses FROM names.segment WHERE segment = 'plan' ORDER BY value COLLATE "C";

-- in an expression it has to be written by hand
ALTER TABLE reply RENAME level TO floor;
SELECT finding, detail, fix FROM told();
ALTER TABLE reply RENAME floor TO level;
SELECT * FROM told();

-- another column takes the name: the reports continue with the old one, until the cure is run
ALTER TABLE reply RENAME mark TO mark_old;
ALTER TABLE reply ADD mark integer DEFAULT 10;
SELECT severity, finding, detail, fix FROM told();
SELECT nps < 100 AS of_the_old_column FROM names.summary;
CALL cure();
SELECT * FROM told();
SELECT nps FROM names.summary;

-- the same behind a filter, and in the filter
ALTER TABLE reply RENAME mark TO score;
ALTER TABLE reply RENAME tariff TO plan;
ALTER TABLE reply RENAME "Words" TO "What they said";
CALL attach_anew('mark_old > 2');
SELECT * FROM told();
ALTER TABLE reply RENAME score TO rating;
SELECT finding, detail, fix FROM told();
ALTER TABLE reply RENAME rating TO score;
ALTER TABLE reply RENAME mark_old TO filtered_by;
ALTER TABLE reply ADD mark_old integer;
SELECT finding, detail, fix FROM told();
ALTER TABLE reply DROP mark_old;
ALTER TABLE reply RENAME filtered_by TO mark_old;
SELECT * FROM told();

-- a table that was renamed, and one that took its place
ALTER TABLE reply RENAME TO "Reply, old";
SELECT severity, finding, detail, fix FROM told();
CREATE TABLE reply (LIKE "Reply, old" INCLUDING ALL);
INSERT INTO reply SELECT * FROM "Reply, old" WHERE id <= 7;
SELECT severity, finding, detail, fix FROM told();
SELECT responses > 7 AS of_the_old_table FROM names.summary;
CALL cure();
SELECT * FROM told();
SELECT responses FROM names.summary;
DROP TABLE "Reply, old";

-- a filter with a sub-select: its names may be those of other tables
CREATE TABLE member (person text, role text, since timestamptz);
INSERT INTO member SELECT 'c' || n, 'customer', '2026-01-01' FROM generate_series(1, 60) n;
CALL attach_anew('plan IS NOT NULL AND EXISTS (SELECT FROM check_name.member m WHERE m.person = who AND role = ''customer'' AND at > since)');
SELECT * FROM told();
ALTER TABLE reply RENAME who TO customer;
SELECT finding, detail, fix FROM told();
ALTER TABLE reply RENAME customer TO who;
ALTER TABLE reply RENAME plan TO tariff;
SELECT finding, detail FROM told();
ALTER TABLE reply RENAME tariff TO plan;
SELECT * FROM told();
CALL attach_anew('mark_old > 2');

-- a table that only moved
CREATE SCHEMA check_name_moved;
ALTER TABLE reply SET SCHEMA check_name_moved;
SELECT severity, finding, detail, fix FROM told();
CALL cure();
SELECT * FROM told();

-- the whole row, qualified names, and what is not SQL: nothing is reported, nothing fails
SELECT count(*) > 0 AS attached FROM nps_attach('check_name_moved.reply', 'reply.score', schema_name => 'names', response_id => 'id', respondent => 'who', responded_at => 'at',
	comment => 'to_jsonb(reply)::text', time_zone => 'UTC', replace => true);
SELECT * FROM told();
ALTER TABLE check_name_moved.reply RENAME score TO mark;
SELECT finding, detail, fix FROM told();
UPDATE names.survey SET attached_with = (attached_with::jsonb || '{"score": "1 +", "segments": "); DROP TABLE reply; --"}')::text;
SELECT finding, detail, fix FROM told();

SELECT nps_detach('names') IS NULL AS detached;
DROP SCHEMA check_name, check_name_moved CASCADE;
