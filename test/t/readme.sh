#!/bin/bash
# Every SQL example of the README and of the pages in doc/ is run, each page in one
# session from top to bottom and in a database of its own, and must print what the
# block below it shows.  An SQL block without a block below must print nothing.
# A page with the comment "<!-- goes on from README.md -->" finds what the examples in
# the README's chapter "Five minutes" have made.
# With --update the blocks are rewritten with what is printed; read the difference
# before it is committed.
set -euo pipefail

here=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"; PGOPTIONS="-c client_min_messages=warning" psql -X -q -d postgres -c "DROP DATABASE IF EXISTS nps_readme"' EXIT

awk '/^## / { chapter = /^## Five minutes$/ } /^```sql$/ { sql = chapter; next } /^```$/ { sql = 0 } sql' \
    "$here/README.md" > "$work/five_minutes.sql"
[ -s "$work/five_minutes.sql" ] || { echo "README.md has no SQL in its chapter \"Five minutes\""; exit 1; }

wrong=0
for page in README.md $(cd "$here" && grep -l '^```sql$' doc/*.md); do
    PGOPTIONS='-c client_min_messages=warning' psql -X -q -d postgres -c 'DROP DATABASE IF EXISTS nps_readme' -c 'CREATE DATABASE nps_readme'
    psql -X -q -d nps_readme -c 'CREATE EXTENSION nps'
    ! grep -qx '<!-- goes on from README.md -->' "$here/$page" ||
        psql -X -q -d nps_readme -f "$work/five_minutes.sql" > /dev/null 2>&1

    # The SQL, with a line in front of each block that tells where it starts.
    name=$work/${page##*/}
    awk '/^```sql$/ { sql = 1; blocks++; print "\\echo @@" blocks; next } /^```$/ { sql = 0 } sql' "$here/$page" > "$name.sql"
    psql -X -q -d nps_readme -f "$name.sql" 2>&1 | sed -E 's/^psql:[^ ]*:[0-9]+: //' > "$name.printed"

    # The page with its output blocks filled in.
    awk -v printed="$name.printed" '
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
    ' "$here/$page" > "$name" || { echo "$page:"; tail -n 20 "$name"; wrong=1; continue; }

    if [ "${1-}" = --update ]; then
        cp "$name" "$here/$page"
    elif diff -u "$here/$page" "$name"; then
        echo "$(grep -c '^\\echo @@' "$name.sql") SQL blocks of $page print what it shows"
    else
        echo "$page does not show what its examples print"
        wrong=1
    fi
done
exit $wrong
