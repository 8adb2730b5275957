#!/bin/bash
# nps_parse_time() against a second reader: regular expressions, calendar and
# clocks of Python, on many thousand texts in every format and in zones with odd
# clocks, most of them right and some with a character too many, too few or another.
# Skipped (77) where there is no Python that knows time zones.
set -uo pipefail

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
if ! python3 -c 'import zoneinfo; zoneinfo.ZoneInfo("Asia/Kathmandu")' 2> /dev/null; then
    echo "no python3 with time zones"
    exit 77
fi

export PGOPTIONS="-c timezone=UTC -c datestyle=ISO,YMD -c client_min_messages=warning" PGCLIENTENCODING=UTF8
database=nps_parse_time_$$
trap 'psql -Xq -d "${PGDATABASE:-postgres}" -c "DROP DATABASE IF EXISTS $database"' EXIT
psql -Xq -d "${PGDATABASE:-postgres}" -c "CREATE DATABASE $database TEMPLATE template0 ENCODING 'UTF8'" || exit 1

set -e
psql -Xq -v ON_ERROR_STOP=1 -d "$database" -c "CREATE EXTENSION nps" -c "CREATE TABLE sample (format text, zone text, answered_at text, meant bigint)"
PYTHONIOENCODING=utf-8 PYTHONDONTWRITEBYTECODE=1 python3 "$tree/test/t/parse_time.py" | psql -Xq -v ON_ERROR_STOP=1 -d "$database" -c "\copy sample FROM STDIN"
result=$(psql -XqAt -F ' ' -d "$database" -c "
    SELECT count(*), count(meant), count(*) FILTER (WHERE (extract(epoch FROM nps_parse_time(answered_at, format, zone)) * 1000000)::bigint IS DISTINCT FROM meant)
    FROM sample")
read -r samples times wrong <<< "$result"
if [ "$wrong" != 0 ]; then
    psql -X -d "$database" -c "
        SELECT format, zone, quote_literal(answered_at) AS answered_at, to_timestamp(meant / 1000000.0) AS meant, nps_parse_time(answered_at, format, zone) AS read
        FROM sample WHERE (extract(epoch FROM nps_parse_time(answered_at, format, zone)) * 1000000)::bigint IS DISTINCT FROM meant LIMIT 20"
    echo "$wrong of $samples texts are read in another way"
    exit 1
fi
[ "$samples" -gt 35000 ] && [ "$times" -gt 15000 ] && [ $((samples - times)) -gt 5000 ] || {
    echo "$samples texts with $times times are not what should be tried"
    exit 1
}
echo "$samples texts, $times of them times: read alike"
