#!/bin/bash
# The numbers of the reports over time, from the source and from the rollup, against those that report_numbers.py
# computes from the rows: in another language, from the definitions, without any code of ours.
# Skipped (77) without a Python that knows time zones.
set -uo pipefail

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
compute=$tree/test/t/report_numbers.py
python3 -c 'import zoneinfo; zoneinfo.ZoneInfo("Europe/Berlin")' 2> /dev/null || {
    echo "no python3 with time zones"
    exit 77
}
export PGOPTIONS="-c timezone=UTC -c datestyle=ISO,YMD -c client_min_messages=warning" PGCLIENTENCODING=UTF8 PYTHONDONTWRITEBYTECODE=1
database=nps_report_numbers_$$
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"; psql -Xq -d "${PGDATABASE:-postgres}" -c "DROP DATABASE IF EXISTS $database"' EXIT
psql -Xq -d "${PGDATABASE:-postgres}" -c "CREATE DATABASE $database" || exit 1
sql() { psql -XqAt -v ON_ERROR_STOP=1 -d "$database" "$@"; }

python3 "$compute" rows > "$tmp/rows.csv" || exit 1
sql > /dev/null << SQL || exit 1
CREATE EXTENSION nps;
CREATE TABLE invited (id integer PRIMARY KEY, who text, asked timestamptz, answered timestamptz, score integer, plan text);
\\copy invited FROM '$tmp/rows.csv' (FORMAT csv)
SELECT count(*) FROM nps_attach('invited', 'score', 'numbers', respondent => 'who', responded_at => 'answered', asked_at => 'asked',
    segments => ARRAY['plan'], time_zone => 'Europe/Berlin', loop_since => '-infinity');
SQL

failures=0
compared() { # FROM
    local view
    for view in trend distribution_trend paired_trend segment segment_trend; do
        sql -c "\\copy (SELECT * FROM numbers.$view) TO '$tmp/$view.csv' (FORMAT csv, HEADER)" || exit 1
    done
    echo "$1:"
    python3 "$compute" check "$tmp" || failures=$((failures + 1))
}
compared "from the source"
sql -c "CALL nps_materialize('numbers')" || exit 1
[ "$(sql -c "SELECT nps_rollup_serves('numbers.rollup')")" = t ] || failures=$((failures + 1))
compared "from the rollup"
# a rollup that was changed
sql -c "CREATE TABLE before AS TABLE invited; DELETE FROM invited WHERE id % 3 = 0; UPDATE invited SET asked = NULL, answered = now(), score = 10 - score;
    INSERT INTO invited SELECT * FROM before WHERE id % 3 = 0;
    UPDATE invited i SET asked = b.asked, answered = b.answered, score = b.score FROM before b WHERE b.id = i.id" || exit 1
compared "from a rollup that was changed"
[ "$failures" = 0 ]
