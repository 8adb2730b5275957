#!/bin/bash
# The views of a survey have the same rows over every kind of source: a plain table,
# partitions by time and by respondent, an inheritance tree, a view, a materialized
# view, a table of another server; with and without the indexes that nps_check()
# proposes, and with the cases recorded.
# usage: test/t/sources.sh
#
#   NPS_SOURCES_SEED=...  another random table (0.5 if it is not set; between 0 and 1)
#   NPS_SOURCES_ROWS=...  how many answers (500)
set -euo pipefail

database=nps_sources
export PGOPTIONS='-c client_min_messages=error -c jit=off -c TimeZone=UTC'
clean_up() { psql -X -q -d postgres -c "DROP DATABASE IF EXISTS $database WITH (FORCE)" || true; }
trap clean_up EXIT
sql() { psql -X -q -At -v ON_ERROR_STOP=1 -d $database "$@"; }

psql -X -q -d postgres -c "CREATE DATABASE $database"
# Equal times, none, and unknown respondents; two who differ in case; one who gave many answers.
sql -v seed="${NPS_SOURCES_SEED:-0.5}" -v rows="${NPS_SOURCES_ROWS:-500}" > /dev/null << 'SQL'
CREATE EXTENSION nps;
SELECT setseed(:seed);
CREATE TABLE plain (id integer NOT NULL, score integer, who text, company text, at timestamptz, words text, plan text, leaves timestamptz);
INSERT INTO plain
SELECT i, CASE WHEN random() < 0.95 THEN floor(random() * 12) END,
	CASE WHEN i % 50 < 2 THEN 'everybody' WHEN i % 31 = 0 THEN NULL WHEN i % 17 = 0 THEN (ARRAY['C1', 'c1', ''])[1 + i % 3] ELSE 'c' || floor(random() * 150) END,
	CASE WHEN random() < 0.9 THEN 'k' || floor(random() * 40) END,
	CASE WHEN i % 37 > 0 THEN date_trunc('hour', now()) - floor(random() * 3000) * interval '3 hours' END,
	(ARRAY[NULL, '', 'too expensive', 'waiting for support', 'nice'])[1 + floor(random() * 5)::integer], (ARRAY['a', 'b', NULL])[1 + floor(random() * 3)::integer],
	CASE WHEN i % 7 = 0 THEN now() - interval '3 days' * (i % 3) END
FROM generate_series(1, :rows) i;
CREATE TABLE by_time (LIKE plain) PARTITION BY RANGE (at);
SELECT format('CREATE TABLE by_time_%s PARTITION OF by_time FOR VALUES FROM (%L) TO (%L)', i, now()::date - i * 20 - 20, now()::date - i * 20) FROM generate_series(0, 22) i \gexec
CREATE TABLE by_time_rest PARTITION OF by_time DEFAULT;
CREATE TABLE by_person (LIKE plain) PARTITION BY HASH (who);
SELECT format('CREATE TABLE by_person_%s PARTITION OF by_person FOR VALUES WITH (MODULUS 4, REMAINDER %1$s)', i) FROM generate_series(0, 3) i \gexec
CREATE TABLE tree (LIKE plain);
SELECT format('CREATE TABLE tree_%s (CHECK (id %% 3 = %1$s)) INHERITS (tree)', i) FROM generate_series(0, 2) i \gexec
INSERT INTO by_time TABLE plain;
INSERT INTO by_person TABLE plain;
SELECT format('INSERT INTO tree_%s SELECT * FROM plain WHERE id %% 3 = %1$s', i) FROM generate_series(0, 2) i \gexec
CREATE VIEW shown AS TABLE plain;
CREATE MATERIALIZED VIEW stored AS TABLE plain;
CREATE EXTENSION postgres_fdw;
SELECT format('CREATE SERVER other FOREIGN DATA WRAPPER postgres_fdw OPTIONS (dbname %L, host %L, port %L)', current_database(), split_part(current_setting('unix_socket_directories'), ',', 1), current_setting('port')) \gexec
CREATE USER MAPPING FOR CURRENT_USER SERVER other OPTIONS (password_required 'false');
CREATE FOREIGN TABLE elsewhere (id integer, score integer, who text, company text, at timestamptz, words text, plan text, leaves timestamptz) SERVER other OPTIONS (table_name 'plain');
ANALYZE;
SELECT nps_attach(source, 'score', 's_' || source, respondent => 'who', account => 'company', response_id => 'id', responded_at => 'at', comment => 'words',
	segments => '{plan}', churned_at => 'leaves', time_zone => 'Europe/Berlin', text_search_config => 'english', loop_since => '-infinity')
FROM unnest(ARRAY['plain', 'by_time', 'by_person', 'tree', 'shown', 'stored', 'elsewhere']) AS source;
SELECT format('INSERT INTO s_%s.cause (cause, query) VALUES (''price'', ''expensive''), (''support'', ''support'') ON CONFLICT DO NOTHING', source)
FROM unnest(ARRAY['plain', 'by_time', 'by_person', 'tree', 'shown', 'stored', 'elsewhere']) AS source \gexec
-- differences(): the views that do not have the rows that they have over a plain table; in one transaction, which has one now()
CREATE FUNCTION differences(OUT source text, OUT view text, OUT rows bigint, OUT different bigint) RETURNS SETOF record LANGUAGE plpgsql AS $$
BEGIN
	FOR view IN SELECT c.relname FROM pg_class c WHERE c.relnamespace = 's_plain'::regnamespace AND c.relkind = 'v' ORDER BY 1 LOOP
		EXECUTE format('CREATE TEMPORARY TABLE expected ON COMMIT DROP AS SELECT md5(v::text) AS row FROM s_plain.%I v', view);
		FOREACH source IN ARRAY ARRAY['by_time', 'by_person', 'tree', 'shown', 'stored', 'elsewhere'] LOOP
			EXECUTE format('CREATE TEMPORARY TABLE got ON COMMIT DROP AS SELECT md5(v::text) AS row FROM s_%s.%I v', source, view);
			SELECT (SELECT count(*) FROM got), (SELECT count(*) FROM (TABLE expected EXCEPT ALL TABLE got) d) + (SELECT count(*) FROM (TABLE got EXCEPT ALL TABLE expected) d)
			INTO rows, different;
			RETURN NEXT;
			DROP TABLE got;
		END LOOP;
		DROP TABLE expected;
	END LOOP;
END
$$;
SQL
compare() { # WHAT SQL: what is done before, in the same transaction
    local wrong
    wrong=$(sql -F ' ' -c "BEGIN" -c "$2" -c "SELECT source, view, rows, different FROM differences() WHERE different > 0" -c "COMMIT" | grep -v '^$' || true)
    [ -z "$wrong" ] || {
        echo "$1: source, view, rows, rows that differ"
        echo "$wrong"
        exit 1
    }
    echo "$1: all views have the same rows over 7 kinds of source"
}
[ "$(sql -c "SELECT count(*) > 150 AND count(DISTINCT view) > 20 AND bool_or(rows > 100) FROM differences()")" = t ] || {
    echo "hardly anything is compared"
    exit 1
}
compare 'without indexes' "SET LOCAL synchronize_seqscans = off"
sql > /dev/null << 'SQL'
SELECT c.fix FROM unnest(ARRAY['plain', 'by_time', 'by_person', 'stored']) AS source, nps_check('s_' || source) c WHERE c.finding = 'missing index' \gexec
SELECT format('CREATE INDEX ON tree_%s %s', i, definition) FROM generate_series(0, 2) AS i, unnest(ARRAY['(id)', '(who, at NULLS FIRST, id) INCLUDE (score, company)', '(score, at) INCLUDE (who, id)']) AS definition \gexec
VACUUM (ANALYZE);
SQL
compare 'with the proposed indexes' "SET LOCAL enable_seqscan = off"
compare 'cases recorded' "DO \$\$ BEGIN PERFORM nps_record('s_' || source) FROM unnest(ARRAY['plain', 'by_time', 'by_person', 'tree', 'shown', 'stored', 'elsewhere']) AS source; END \$\$"
