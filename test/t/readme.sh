#!/bin/bash
# Every SQL example of the README is run, in one session from top to bottom, and
# must print what the block below it shows.  An SQL block without a block below
# must print nothing.
# With --update the README's blocks are rewritten with what is printed; read the
# difference before it is committed.
set -euo pipefail

here=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"; psql -X -q -d postgres -c "DROP DATABASE nps_readme"' EXIT
psql -X -q -d postgres -c "CREATE DATABASE nps_readme"
psql -X -q -d nps_readme -c 'CREATE EXTENSION nps'

# The SQL, with a line in front of each block that tells where it starts.
awk '/^```sql$/ { sql = 1; blocks++; print "\\echo @@" blocks; next } /^```$/ { sql = 0 } sql' \
    "$here/README.md" > "$work/readme.sql"
[ -s "$work/readme.sql" ] || { echo "README.md has no SQL"; exit 1; }
psql -X -q -d nps_readme -f "$work/readme.sql" 2>&1 |
    sed -E 's/^psql:[^ ]*:[0-9]+: //' > "$work/printed"

# The README with its output blocks filled in.
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
' "$here/README.md" > "$work/README.md" || { tail -n 20 "$work/README.md"; exit 1; }

if [ "${1-}" = --update ]; then
    cp "$work/README.md" "$here/README.md"
    exit
fi
diff -u "$here/README.md" "$work/README.md" || { echo "the README does not show what its examples print"; exit 1; }
echo "$(grep -c '^\\echo @@' "$work/readme.sql") SQL blocks of the README print what it shows"
