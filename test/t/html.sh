#!/bin/bash
# nps_html() gives the same ASCII in every encoding of a database, and the report comes out of each: what is not a
# character there is shown as such.
set -uo pipefail

failures=0
expect() { # ENCODING BYTES HTML
    local database=nps_html_$$ found
    psql -Xq -d "${PGDATABASE:-postgres}" -c "CREATE DATABASE $database TEMPLATE template0 ENCODING '$1' LC_COLLATE 'C' LC_CTYPE 'C'" || exit 1
    found=$(PGCLIENTENCODING=$1 psql -XqAt -v ON_ERROR_STOP=1 -d "$database" << SQL
SET client_min_messages = warning;
CREATE EXTENSION nps;
CREATE TABLE answer AS SELECT i AS id, '2025-01-01'::timestamptz + i * interval '6 hours' AS at, i % 11 AS score, convert_from('$2', '$1') AS plan FROM generate_series(1, 200) i;
SELECT count(*) AS made FROM nps_attach('answer', 'score', response_id => 'id', responded_at => 'at', segments => ARRAY['plan']) \gset
SELECT nps_html(plan), nps_report_html('answer_nps', language => 'fr') ~ ('<bdi>' || nps_html(plan) || '</bdi>'), nps_report_html('answer_nps', language => 'fr') ~ '[^ -~\n]',
    (SELECT count(*) > 10 FROM nps_report_text('answer_nps')) FROM answer LIMIT 1;
SQL
    )
    if [ "$found" != "$3|t|f|t" ]; then
        echo "FAILED  $1: $found"
        failures=$((failures + 1))
    fi
    psql -Xq -d "${PGDATABASE:-postgres}" -c "DROP DATABASE $database"
}
expect UTF8 '\xc3a9e282ac' '&#233;&#8364;'
expect LATIN1 '\xe9fc' '&#233;&#252;'
expect WIN1251 '\xc0' '&#1040;'
expect EUC_JP '\xa4a2' '&#12354;'
expect SQL_ASCII '\xff41c3a9' '&#65533;A&#233;'
echo "5 encodings, $failures failures"
[ "$failures" = 0 ]
