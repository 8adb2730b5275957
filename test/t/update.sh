#!/bin/bash
# ALTER EXTENSION nps UPDATE: a database that began with each earlier version, whose
# script is test/update/nps--VERSION.sql as it was released, becomes what a new one is.
#  - With the old version's SQL and the new library, surveys work.
#  - Updated, the extension has the same objects, to the last property, as a new one.
#  - Surveys give the same rows before and after, and, once their views were made
#    again, are the same objects as newly attached ones.
set -euo pipefail

here=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
export PGOPTIONS='-c client_min_messages=error -c jit=off'
clean_up() {
    rm -rf "$work"
    for database in nps_update_old nps_update_new; do
        psql -X -q -d postgres -c "DROP DATABASE IF EXISTS $database"
    done
}
trap clean_up EXIT
fail() {
    echo "from $old: $*"
    exit 1
}
sql() { psql -X -q -At -v ON_ERROR_STOP=1 "$@"; }
same() { # WHAT FILE FILE
    diff "$2" "$3" > "$work/differences" || {
        head -n 20 "$work/differences"
        fail "$1"
    }
}

newest=$(sed -n "s/^default_version *= *'\(.*\)'.*/\1/p" "$here/nps.control")
[ "$(grep -c "\"version\": \"$newest\"" "$here/META.json")" = 2 ] && grep -q "^#define NPS_VERSION \"$newest\"" "$here/src/nps.h" &&
    grep -q "^## \[$newest\]" "$here/CHANGELOG.md" || {
    echo "META.json, src/nps.h and CHANGELOG.md do not all tell version $newest"
    exit 1
}

# Surveys of all kinds: with follow-up, materialized, on a partitioned table, of another scale.
surveys() { # DATABASE VERSION
    psql -X -q -d postgres -c "DROP DATABASE IF EXISTS $1" -c "CREATE DATABASE $1"
    sql -d "$1" -v version="$2" > /dev/null << 'SQL'
CREATE SCHEMA "Nps Ext";
CREATE EXTENSION nps SCHEMA "Nps Ext" VERSION :'version';
SET search_path = public, "Nps Ext";
CREATE TABLE answer (id integer PRIMARY KEY, customer text, score integer, at timestamptz, words text, plan text);
INSERT INTO answer SELECT i, 'c' || i % 90, nullif(i % 12, 11), '2026-01-01'::timestamptz + i * interval '9 hours', CASE i % 3 WHEN 0 THEN 'too slow' END,
	(ARRAY['free', 'pro'])[1 + i % 2] FROM generate_series(1, 400) i;
CREATE TABLE part (LIKE answer) PARTITION BY LIST (plan);
CREATE TABLE part_free PARTITION OF part FOR VALUES IN ('free');
CREATE TABLE part_rest PARTITION OF part DEFAULT;
INSERT INTO part SELECT * FROM answer;
SELECT count(*) FROM nps_attach('answer', 'score', 'works', respondent => 'customer', responded_at => 'at', comment => 'words', segments => ARRAY['plan'], time_zone => 'UTC');
SELECT count(*) FROM nps_attach('answer', 'score', 'kept', respondent => 'customer', responded_at => 'at', segments => ARRAY['plan'], time_zone => 'UTC');
SELECT count(*) FROM nps_attach('part', 'score', 'parts', response_id => 'id', responded_at => 'at', segments => ARRAY['plan'], time_zone => 'UTC');
SELECT count(*) FROM nps_attach('answer', 'score % 6', 'csat', scale => 'csat5', responded_at => 'at', time_zone => 'UTC');
CALL nps_materialize('kept');
CREATE VIEW mine AS SELECT plan, nps_score(score) AS nps, nps_tally_agg(score) AS tally FROM answer WHERE score BETWEEN 0 AND 10 GROUP BY plan;
SQL
}

materialize() { # DATABASE SURVEY
    sql -d "$1" -c 'SET search_path = public, "Nps Ext"' -c "CALL nps_materialize('$2')"
}

# What a user does with them.
work_on() { # DATABASE
    sql -d "$1" > /dev/null << 'SQL'
SET search_path = public, "Nps Ext";
INSERT INTO answer SELECT max(id) + 1, 'new', 2, '2026-06-01', 'bad', 'pro' FROM answer;
UPDATE answer SET score = 10 - score WHERE id % 7 = 0 AND score <= 10;
UPDATE part SET plan = 'pro', score = 9 WHERE id % 9 = 0;
DELETE FROM part WHERE id % 10 = 0;
UPDATE works.followup SET status = 'contacted', channel = 'phone', note = 'called' WHERE case_id = (SELECT case_id FROM works.followup LIMIT 1);
SELECT nps_compact('kept');
SQL
    [ "$(sql -d "$1" -c 'SET search_path = public, "Nps Ext"' -c "SELECT count(*) FROM nps_verify('kept')")" = 0 ] || fail "the rollup has drifted"
}

# All rows of the reports; what depends on now() is left out.
rows() { # DATABASE
    sql -d "$1" << 'SQL' | LC_ALL=C sort
SET search_path = pg_catalog;
SELECT format('SELECT %L, to_jsonb(r) - ARRAY[''overdue'', ''overdue_hours'', ''priority'', ''priority_reason''] FROM %I.%I r', c.oid::regclass, n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('works', 'kept', 'parts', 'csat', 'public') AND c.relkind IN ('r', 'p', 'v') AND c.relname <> 'rollup'
\gexec
SELECT * FROM "Nps Ext".nps_surveys();
SQL
}

# The extension as pg_dump sees its members for pg_upgrade, without what differs from one database to the next.
extension() { # DATABASE
    pg_dump --binary-upgrade -s "$1" | sed '/^SET default_table_access_method/,$d' |
        grep -vE "binary_upgrade_set_next|^--|^$|'[0-9]+'::pg_catalog.oid|^.(un)?restrict " | grep -v "^SELECT pg_catalog.binary_upgrade_create_empty_extension" > "$work/members"
    [ "$(grep -c '^CREATE FUNCTION' "$work/members")" -gt 150 ] || fail "the dump does not tell of the extension's functions"
    sql -d "$1" << 'SQL' > "$work/facts"
SET search_path = '';
SELECT 'member ' || pg_catalog.pg_describe_object(classid, objid, objsubid) FROM pg_catalog.pg_depend
WHERE refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND deptype = 'e'
	AND refobjid = (SELECT oid FROM pg_catalog.pg_extension WHERE extname = 'nps');
SELECT 'rights ' || p.oid::pg_catalog.regprocedure || coalesce(p.proacl::text, '') || p.proowner::pg_catalog.regrole FROM pg_catalog.pg_proc p
WHERE p.pronamespace = '"Nps Ext"'::pg_catalog.regnamespace;
SELECT extversion FROM pg_catalog.pg_extension WHERE extname = 'nps';
SQL
    LC_ALL=C sort "$work/members" "$work/facts"
}

# The surveys' schemas as a dump makes them, with their triggers.
objects() { # DATABASE
    pg_dump -s "$1" | grep -vE '^--|^$|^.(un)?restrict ' | LC_ALL=C sort
}

extensions=$(pg_config --sharedir)/extension
updated=
for script in "$here"/test/update/nps--*.sql; do
    old=$(basename "$script" .sql)
    old=${old#nps--}
    install -m 644 "$script" "$extensions/"
    surveys nps_update_old "$old"
    [ "$(sql -d nps_update_old -c "SELECT extversion FROM pg_extension WHERE extname = 'nps'")" = "$old" ] || fail "the old version was not installed"
    # The old triggers on a partitioned table miscount, so the new library goes without them.
    if materialize nps_update_old parts 2> "$work/refused" || ! grep -q 'trigger on "part" that keeps the rollup is missing' "$work/refused"; then
        fail "the rollup of a partitioned table is kept by triggers that miscount"
    fi
    work_on nps_update_old
    rows nps_update_old > "$work/before"
    [ "$(wc -l < "$work/before")" -gt 3000 ] || fail "too little to compare"

    surveys nps_update_new "$newest"
    materialize nps_update_new parts
    sql -d nps_update_old -c 'ALTER EXTENSION nps UPDATE'
    extension nps_update_old > "$work/old"
    extension nps_update_new > "$work/new"
    same "the updated extension is not what a new one is" "$work/old" "$work/new"
    rows nps_update_old > "$work/after"
    same "after the update, reports show something else" "$work/before" "$work/after"

    # how the README says to go on
    sql -d nps_update_old -c 'SET search_path = public, "Nps Ext"' -c 'SELECT count(*) FROM nps_surveys() s, nps_refresh_views(s.survey)' > /dev/null
    for survey in kept parts; do materialize nps_update_old $survey; done
    rows nps_update_old > "$work/after"
    same "after the views were made again, reports show something else" "$work/before" "$work/after"
    objects nps_update_old > "$work/old"
    objects nps_update_new > "$work/new"
    same "surveys are not what newly attached ones are" "$work/old" "$work/new"
    work_on nps_update_old
    [ "$(sql -d nps_update_old -c 'SET search_path = public, "Nps Ext"' -c "SELECT nps_rollup_serves('parts.rollup'), count(*) FROM nps_verify('parts')")" = 't|0' ] ||
        fail "the rollup of the partitioned table is not kept"
    sql -d nps_update_old -c 'DROP VIEW mine' -c 'DROP SCHEMA works, kept, parts, csat CASCADE' -c 'DROP EXTENSION nps' 2> /dev/null
    updated="$updated $old"
    rm -f "$extensions/$(basename "$script")"
done
[ -n "$updated" ] || { echo "there is no earlier version to update"; exit 1; }
echo "to $newest from$updated: $(wc -l < "$work/before") rows of reports and $(wc -l < "$work/new") lines of definitions are the same"
