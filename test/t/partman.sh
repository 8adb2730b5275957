#!/bin/bash
# A year with pg_partman: partitions are made ahead, filled from the default partition, detached or dropped when they are
# old, and some come back.  After each step the reports of a survey that has a rollup are those of one that has none; what
# nps_check() prints makes them read the rollup again.
# usage: test/t/partman.sh
# Exit code 77: the extension cannot be had for this version.  It is plain SQL, and is unpacked into the folder of the test.
set -euo pipefail

database=nps_partman
work=$(mktemp -d)
export PGOPTIONS='-c client_min_messages=error -c jit=off'
clean_up() {
    rm -rf "$work"
    psql -X -q -d postgres -c "DROP DATABASE IF EXISTS $database WITH (FORCE)" || true
}
trap clean_up EXIT
sql() { psql -X -q -At -v ON_ERROR_STOP=1 -d $database "$@"; }

major=$(psql -X -q -At -d postgres -c "SELECT current_setting('server_version_num')::integer / 10000")
folder=$(pg_config --sharedir)/extension
if [ ! -e "$folder/pg_partman.control" ]; then
    if ! command -v apt-get dpkg-deb > /dev/null ||
        ! (cd "$work" && apt-get -q -o APT::Sandbox::User= download "postgresql-$major-partman") > "$work/log" 2>&1; then
        echo "pg_partman cannot be had for PostgreSQL $major here"
        exit 77
    fi
    dpkg-deb -x "$work"/*.deb "$work/unpacked"
    cp "$work/unpacked/usr/share/postgresql/$major/extension"/pg_partman* "$folder/"
fi

psql -X -q -d postgres -c "CREATE DATABASE $database"
sql > /dev/null << 'SQL'
CREATE EXTENSION nps;
CREATE SCHEMA partman;
CREATE EXTENSION pg_partman SCHEMA partman;
-- partitions by the number of the day, so that a year passes without a clock
CREATE TABLE answer (id bigint GENERATED ALWAYS AS IDENTITY, day integer NOT NULL, at timestamptz, score integer, plan text, comment text) PARTITION BY RANGE (day);
SELECT partman.create_parent('public.answer', 'day', 'native', '30', p_premake => 2, p_start_partition => '0');
SELECT nps_attach('answer', 'score', s, response_id => 'id', responded_at => 'at', comment => 'comment', segments => ARRAY['plan'], time_zone => 'UTC') FROM unnest(ARRAY['kept', 'read']) s;
CALL nps_materialize('kept');

CREATE TABLE look (month integer, what text, served boolean, trouble text, wrong text);
CREATE PROCEDURE look(month integer, what text) LANGUAGE plpgsql AS $$
DECLARE
	report text;
	one text;
	other text;
	wrong text;
BEGIN
	FOREACH report IN ARRAY ARRAY['summary', 'distribution', 'trend', 'segment', 'segment_trend', 'distribution_trend'] LOOP
		EXECUTE format('SELECT (SELECT md5(string_agg(r::text, E''\n'' ORDER BY r::text COLLATE "C")) FROM kept.%1$I r), (SELECT md5(string_agg(r::text, E''\n'' ORDER BY r::text COLLATE "C")) FROM read.%1$I r)', report)
		INTO one, other;
		IF one IS DISTINCT FROM other THEN
			wrong := concat_ws(', ', wrong, report);
		END IF;
	END LOOP;
	INSERT INTO look SELECT look.month, look.what, nps_rollup_serves('kept.rollup'), (nps_rollup_unserved('kept.rollup')).trouble, wrong;
END
$$;
-- Answers of a month, some for days that have no partition yet, some late.
CREATE PROCEDURE answers(month integer) LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO answer (day, at, score, plan, comment)
	SELECT d, '2026-01-01 UTC'::timestamptz + d * interval '1 day', (d * 7 + i) % 12, (ARRAY['free', 'pro'])[1 + i % 2], CASE WHEN i % 3 = 0 THEN 'w' END
	FROM generate_series(month * 30, month * 30 + 29) d, generate_series(1, 5) i;
	INSERT INTO answer (day, at, score, plan) SELECT month * 30 + 150 + i, '2026-01-01 UTC'::timestamptz + (month * 30 + 150 + i) * interval '1 day', i % 11, 'ahead' FROM generate_series(1, 7) i;
	INSERT INTO answer (day, at, score, plan) SELECT greatest(0, month * 30 - 20 - i), '2026-01-01 UTC'::timestamptz + greatest(0, month * 30 - 20 - i) * interval '1 day', 3, 'late' FROM generate_series(1, 4) i;
	UPDATE answer SET score = 10 WHERE day BETWEEN month * 30 - 5 AND month * 30 + 5 AND plan = 'pro';
	DELETE FROM answer WHERE day = month * 30 + 3;
END
$$;
CREATE PROCEDURE cure() LANGUAGE plpgsql AS $$
DECLARE
	fix text;
BEGIN
	FOR fix IN SELECT c.fix FROM nps_check('kept') c WHERE c.finding IN ('partitions are not counted yet', 'the rollup is not kept current') LOOP
		IF fix !~ '^SELECT' THEN
			RAISE '%', fix;
		END IF;
		EXECUTE fix;
	END LOOP;
END
$$;
SQL

for month in {0..12}; do
    sql -c "CALL answers($month)" -c "CALL look($month, 'answers')"
    # what waited in the default partition is moved
    sql -c "SELECT partman.partition_data_id('public.answer', p_batch_count => 5)" > /dev/null
    sql -c "CALL look($month, 'default moved')"
    # old partitions are detached in one month, and dropped in the next
    sql -c "UPDATE partman.part_config SET retention = '120', retention_keep_table = $((month % 2)) = 1" \
        -c "SELECT partman.run_maintenance('public.answer')" > /dev/null
    sql -c "CALL look($month, 'maintenance')"
    if [ $((month % 3)) = 2 ]; then
        # one that was detached comes back, with rows that it got meanwhile
        detached=$(sql -c "SELECT c.oid::regclass FROM pg_class c WHERE c.relname ~ '^answer_p[0-9]+$' AND NOT c.relispartition ORDER BY substr(c.relname, 9)::integer DESC LIMIT 1")
        if [ -n "$detached" ]; then
            low=$(sql -c "SELECT min(day) / 30 * 30 FROM $detached")
            sql -c "INSERT INTO $detached (id, day, at, score, plan) OVERRIDING SYSTEM VALUE VALUES (-$month, $low, '2026-01-05 UTC', 9, 'back')" \
                -c "CALL look($month, 'detached, written to')" \
                -c "ALTER TABLE answer ATTACH PARTITION $detached FOR VALUES FROM ($low) TO ($((low + 30)))" -c "CALL look($month, 'attached again')"
        fi
    fi
    sql -c 'CALL cure()' -c "CALL look($month, 'cured')"
    [ "$(sql -c "SELECT served FROM look WHERE month = $month AND what = 'cured'")" = t ] ||
        { sql -c "SELECT * FROM look WHERE month = $month"; echo "month $month: what nps_check() prints does not make the reports read the rollup again"; exit 1; }
done
sql -c 'SELECT * FROM look WHERE wrong IS NOT NULL' > "$work/wrong"
if [ -s "$work/wrong" ]; then
    cat "$work/wrong"
    echo "a report is not what a query gives"
    exit 1
fi
[ "$(sql -c "SELECT count(*) > 0 FROM look WHERE what = 'attached again'")" = t ] || { echo "no partition came back"; exit 1; }
sql -c "SELECT format('a year: %s partitions now, %s looks at six reports, all exact, %s %% of them from the rollup', (SELECT count(*) FROM pg_inherits WHERE inhparent = 'answer'::regclass), count(*), round(100.0 * count(*) FILTER (WHERE served) / count(*))) FROM look"
