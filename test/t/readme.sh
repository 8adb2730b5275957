#!/bin/bash
# Every SQL example of the README, and of those pages of doc/ that have examples, is run, in one session a page from top
# to bottom, and must print what the block below it shows.  An SQL block without a block below must print nothing.
# With --update the blocks are rewritten with what is printed; read the difference before it is committed.
set -euo pipefail

here=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"; psql -X -q -d postgres -c "DROP DATABASE IF EXISTS nps_readme"' EXIT
failures=0

for page in README.md doc/report.md; do
    psql -X -q -d postgres -c "SET client_min_messages = warning" -c "DROP DATABASE IF EXISTS nps_readme" -c "CREATE DATABASE nps_readme"
    psql -X -q -d nps_readme -c 'CREATE EXTENSION nps'

    # The SQL, with a line in front of each block that tells where it starts.
    awk '/^```sql$/ { sql = 1; blocks++; print "\\echo @@" blocks; next } /^```$/ { sql = 0 } sql' \
        "$here/$page" > "$work/page.sql"
    [ -s "$work/page.sql" ] || { echo "$page has no SQL"; exit 1; }
    psql -X -q -d nps_readme -f "$work/page.sql" 2>&1 |
        sed -E 's/^psql:[^ ]*:[0-9]+: //' > "$work/printed"

    # The page with its output blocks filled in.
    awk -v printed="$work/printed" '
        BEGIN {
            while ((getline line < printed) > 0)
                if (line ~ /^@@/) block = substr(line, 3) + 0
                else output[block] = output[block] line "\n"
        }
        /^```sql$/ { blocks++; in_sql = 1 }
        in_output { if (/^```$/) { in_output = 0; printf "%s", output[current]; output[current] = "" } else next }
        { print }
        /^```$/ && in_sql { in_sql = 0; current = blocks; if ((getline next_line) > 0) {
            print next_line; if (next_line == "```") in_output = 1 } }
        END { for (b in output) if (output[b] != "") { print "output that is not shown, of SQL block " b ":\n" output[b]; exit 1 } }
    ' "$here/$page" > "$work/page.md" || { tail -n 20 "$work/page.md"; exit 1; }

    if [ "${1-}" = --update ]; then
        cp "$work/page.md" "$here/$page"
        continue
    fi
    diff -u "$here/$page" "$work/page.md" || {
        echo "$page does not show what its examples print"
        failures=1
    }
    echo "$(grep -c '^\\echo @@' "$work/page.sql") SQL blocks of $page print what it shows"
done
[ "$failures" = 0 ]
