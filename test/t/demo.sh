#!/bin/bash
# The demo of examples/ runs in an empty database, without an error, shows
# something in every table, fits into 100 columns, cuts no text within a word,
# and tells its story to the end.
set -uo pipefail

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
maintenance=${PGDATABASE:-postgres}
database=nps_demo_$$
out=$(mktemp) || exit 1
trap 'rm -f "$out"; psql -Xq -d "$maintenance" -c "DROP DATABASE IF EXISTS $database"' EXIT

# Whatever the terminal is: lines are counted in characters, not in bytes.
export LC_ALL=C.UTF-8
export PGDATABASE=$database
psql -Xq -d "$maintenance" -c "CREATE DATABASE $database TEMPLATE template0 ENCODING 'UTF8'" || exit 1

failures=0
fail() {
    echo "FAILED  $*"
    failures=$((failures + 1))
}

"$tree/examples/demo.sh" > "$out" 2>&1
status=$?
[ "$status" = 0 ] || fail "the demo ends with exit code $status"
[ -s "$out" ] || fail "the demo prints nothing"

# Nothing but output: no error, no warning, no notice, no cry for help of psql or bash.
if grep -nE '(ERROR|FATAL|PANIC|WARNING|NOTICE|HINT|DETAIL|CONTEXT):|psql:|bash:|invalid command' "$out"; then
    fail "the demo prints messages"
fi

# Five sections, and a table for each query.  (Of an empty record, psql shows nothing at all.)
sections=$(grep -cE '^[0-9]+\. [A-Z ]+$' "$out")
[ "$sections" -ge 5 ] || fail "$sections sections where there should be five"
queries=$(awk '
    BEGIN { begins = 1 }
    /^--/ || /^\\/ || /^$/ { next }
    { if (begins && /^(SELECT|WITH)/) queries++; begins = /; *$/ }
    END { print queries + 0 }' "$tree/examples/demo.sql")
[ "$queries" -ge 10 ] || fail "$queries queries found in the demo where there should be more than ten"
tables=$(grep -c '^┌' "$out")
ends=$(grep -c '^└' "$out")
if [ "$tables" != "$queries" ] || [ "$ends" != "$queries" ]; then
    fail "$queries queries, but $tables tables begin and $ends end"
fi

# A table has rows: behind the line under its head, or as records.
awk '
    /^┌/ { at = NR; rows = 0; expanded = /RECORD/; in_table = 1; head = !expanded }
    in_table && /^├/ { head = 0 }
    in_table && /^│/ && !head { rows++ }
    /^└/ { in_table = 0; if (rows == 0) { print "line " at ": a table without rows"; bad = 1 } }
    END { exit bad }
' "$out" || fail "the demo shows an empty table"
# As psql would tell it in another format.
! grep -nE '^\(0 rows\)$|^\(No rows\)$' "$out" || fail "the demo shows an empty result"

# The shell counts characters; not every awk does.
longest=0
while IFS= read -r line; do
    [ "${#line}" -le "$longest" ] || longest=${#line}
    if [ "${#line}" -gt 100 ]; then
        echo "${#line} characters: $line"
    fi
done < "$out"
[ "$longest" -le 100 ] || fail "lines of up to $longest characters"
# where psql wraps it puts this mark
! grep -n '…' "$out" || fail "the demo cuts words"
# the story: the five views, and one case from the call to the end
for part in summary: trend: segment_trend: cause_mention: followup: closed_loop: "│ closed " "nps_check("; do
    grep -qF "$part" "$out" || fail "the demo does not show $part"
done

# follow-up begins with the demo: nothing is late on the first morning, whatever the sample survey holds
late=$(psql -XAtq -c "SELECT count(*), count(*) FILTER (WHERE next_due < now() OR due = 'late'), count(*) FILTER (WHERE opened_at < now() - interval '1 day')
    FROM customer_survey_nps.followup_all WHERE is_open")
[[ $late =~ ^[1-9][0-9]*\|0\|0$ ]] || fail "of the open cases of the demo (all, late, opened before today): $late"

echo "demo: exit code $status, $(grep -c '' "$out") lines, $sections sections, $queries queries, $tables tables, longest line $longest characters"
if [ "$failures" != 0 ]; then
    echo "---- what the demo printed"
    cat "$out"
    exit 1
fi
