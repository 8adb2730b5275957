#!/bin/bash
# A statement whose caller wants only the first of the rows that it returns: the rows
# are there, and no trigger after the statement is called.  The reports are exact.
# usage: test/t/rollup_note.sh
#
# Needs PL/Perl, which has such a caller, beside the server; without it is skipped.
set -euo pipefail

database=nps_rollup_note
export PGOPTIONS='-c client_min_messages=warning -c jit=off'
clean_up() { psql -X -q -d postgres -c "DROP DATABASE IF EXISTS $database WITH (FORCE)" || true; }
trap clean_up EXIT
sql() { psql -X -q -At -v ON_ERROR_STOP=1 -d $database "$@"; }

if [ "$(psql -XAtq -d postgres -c "SELECT count(*) FROM pg_available_extensions WHERE name = 'plperl'")" = 0 ]; then
    echo "no PL/Perl here"
    exit 77
fi
psql -X -q -d postgres -c "CREATE DATABASE $database"
sql > /dev/null << 'SQL'
CREATE EXTENSION nps;
CREATE EXTENSION plperl;
CREATE TABLE whole (id integer PRIMARY KEY, score integer, plan text);
CREATE TABLE split (id integer, score integer, plan text) PARTITION BY LIST (plan);
CREATE TABLE split_a PARTITION OF split FOR VALUES IN ('a');
CREATE TABLE split_b PARTITION OF split DEFAULT;
INSERT INTO whole SELECT i, i % 11, 'a' FROM generate_series(1, 20) i;
INSERT INTO split TABLE whole;
SELECT nps_attach('whole', 'score', 'whole_survey'), nps_attach('split', 'score', 'split_survey', response_id => 'id');
CALL nps_materialize('whole_survey');
CALL nps_materialize('split_survey');
CREATE FUNCTION first_of(statement text) RETURNS void LANGUAGE plperl AS 'spi_exec_query($_[0], 1);';
-- "exact" or "wrong", and where it was read
CREATE FUNCTION state(source text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	is_exact boolean;
BEGIN
	EXECUTE format('SELECT responses = (SELECT count(*) FROM %1$I) AND nps = (SELECT nps_score(score) FROM %1$I) FROM %1$s_survey.summary', source) INTO is_exact;
	RETURN CASE WHEN is_exact THEN 'exact' ELSE 'wrong' END || CASE WHEN nps_rollup_serves(format('%s_survey.rollup', source)::regclass) THEN ' rollup' ELSE ' source' END;
END
$$;
SQL
early() { echo "SELECT first_of('INSERT INTO $1 SELECT i, 5, ''a'' FROM generate_series($2, $2 + 2) i RETURNING id')"; }

failed=
expect() { # WHAT WANTED STATEMENT...
    local what=$1 wanted=$2 arguments=() got
    shift 2
    for statement in "$@"; do arguments+=(-c "$statement"); done
    got=$(sql "${arguments[@]}" | grep -E 'exact|wrong' | paste -sd ',')
    if [ "$got" != "$wanted" ]; then
        echo "$what: $got, not $wanted"
        failed=yes
    fi
}
for table in whole split; do
    look="SELECT state('$table')"
    cure="SELECT fix FROM nps_check('${table}_survey') WHERE finding = 'the rollup is not kept current'"
    expect "$table, rolled back" 'exact source,exact source,exact rollup' \
        BEGIN "$(early $table 100)" "$look" "INSERT INTO $table VALUES (110, 5, 'b')" "$look" ROLLBACK "$look"
    expect "$table, in a savepoint that is rolled back" 'exact source,exact rollup,exact rollup' \
        BEGIN 'SAVEPOINT a' "$(early $table 200)" "$look" 'ROLLBACK TO a' "$look" COMMIT "$look"
    expect "$table, committed" 'exact source,exact source' \
        "$(early $table 300)" "$look" "INSERT INTO $table VALUES (310, 5, 'a')" "$look"
    expect "$table, cured" 'exact rollup,exact rollup' \
        "$(sql -c "$cure")" "$look" "INSERT INTO $table VALUES (311, 5, 'a')" "$look"
    expect "$table, with a TRUNCATE behind it" 'exact source,exact source,exact source' \
        BEGIN 'SAVEPOINT a' "$(early $table 400)" 'SAVEPOINT b' "TRUNCATE $table" 'ROLLBACK TO b' "$look" 'RELEASE a' "$look" COMMIT "$look"
    expect "$table, cured again" 'exact rollup' "$(sql -c "$cure")" "$look"
done
[ -z "$failed" ] || exit 1
echo "statements that end early: exact, from the source"
