#!/bin/bash
# A database with surveys of all kinds (test/data/two_surveys.sql) is dumped and restored:
#  - plain;
#  - as a directory, dumped and restored by two processes at once;
#  - by somebody else who is no superuser, to whom everything then belongs;
#  - only the schemas of surveys and source, by their owner; and one survey alone;
#  - with row security forced on source and cases, by a superuser, by the owner with BYPASSRLS, and of one tenant by
#    the owner with --enable-row-security;
#  - without rights; and first the definitions and then the data, with triggers in place and with triggers disabled.
# Rollups are made anew by what nps_check() prints, and until then reports read the source.  Each time every relation must give the same rows, also to a reader under row-level security; rights, comments,
# policies and triggers must be there, deleted default rows must not, and work must go on.
# Where nps is in another schema already, or the source is missing, restoring must say so.
set -euo pipefail

here=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
export PGOPTIONS='-c client_min_messages=error -c jit=off'
# A zone in which it is about noon: no report changes because a day begins.
offset=$((12 - 10#$(date -u +%H)))
PGTZ=$(printf 'Etc/GMT%+d' $((-offset)))
export PGTZ
databases=(nps_dump_source nps_dump_plain nps_dump_directory nps_dump_heir nps_dump_schemas nps_dump_bare nps_dump_after nps_dump_disabled nps_dump_elsewhere nps_dump_forced nps_dump_tenant)
roles=(regress_nps_owner regress_nps_reader regress_nps_actor regress_nps_heir)
surveys=('"Follow up"' '"Parts"' '"Customer satisfaction"' '"Paused"')
clean_up() {
    rm -rf "$work"
    for database in "${databases[@]}"; do
        psql -X -q -d postgres -c "DROP DATABASE IF EXISTS $database"
    done
    for role in "${roles[@]}"; do
        psql -X -q -d postgres -c "DROP ROLE IF EXISTS $role"
    done
}
trap clean_up EXIT
fail() {
    echo "$*"
    exit 1
}
sql() { psql -X -q -At -v ON_ERROR_STOP=1 "$@"; }
same() { # WHAT FILE FILE
    diff "$2" "$3" > "$work/differences" || {
        head -n 20 "$work/differences"
        fail "$1"
    }
}
contents() { # DATABASE FILE
    sql -d "$1" -f "$here/test/data/two_surveys_contents.sql" > "$work/rows"
    LC_ALL=C sort "$work/rows" > "$2"
}
definitions() { # DATABASE FILE
    pg_dump -s "$1" | grep -vE '^--|^$|^.(un)?restrict ' | LC_ALL=C sort > "$2"
}

for role in "${roles[@]}"; do
    sql -d postgres -c "CREATE ROLE $role LOGIN"
done
for database in "${databases[@]}"; do
    sql -d postgres -c "CREATE DATABASE $database" -c "GRANT CREATE ON DATABASE $database TO regress_nps_owner"
done
sql -d postgres -c 'ALTER DATABASE nps_dump_heir OWNER TO regress_nps_heir'
sql -d nps_dump_source -v zone="$PGTZ" -f "$here/test/data/two_surveys.sql" > /dev/null
contents nps_dump_source "$work/source"
[ "$(wc -l < "$work/source")" -gt 10000 ] || fail "too little to compare"

pg_dump nps_dump_source | sql -d nps_dump_plain > /dev/null
pg_dump -Fd -j 2 -f "$work/directory" nps_dump_source
pg_restore -j 2 --exit-on-error -d nps_dump_directory "$work/directory"
pg_restore --no-owner --exit-on-error -U regress_nps_heir -d nps_dump_heir "$work/directory"
# The source belongs to it, and so do nps and the schema that nps is in: -n alone leaves an extension out.
pg_dump -U regress_nps_owner -Fc -f "$work/schemas" -e nps -n '"Ext 1"' -n crm "${surveys[@]/#/--schema=}" nps_dump_source
pg_restore --exit-on-error -d nps_dump_schemas "$work/schemas"

# What a restore brings of a rollup is of another server or moment: reports read the source, and are right, until it is
# made anew as nps_check() says.
cure() { # DATABASE
    [ "$(sql -d "$1" << 'SQL'
SELECT count(*) FROM "Ext 1".nps_surveys() s WHERE "Ext 1".nps_reads_rollup(s.survey) AND "Ext 1".nps_rollup_serves(to_regclass(format('%I.rollup', s.survey)));
SELECT responses = (SELECT count(*) FROM crm.part WHERE score <= 10) FROM "Parts".summary;
SQL
)" = $'0\nt' ] || fail "$1: a rollup that was restored is read, or the reports are not right"
    sql -d "$1" -c "SELECT c.fix FROM \"Ext 1\".nps_surveys() s, \"Ext 1\".nps_check(s.survey) c WHERE s.survey <> 'Paused' AND c.finding = 'the rollup is not kept current' ORDER BY 1" > "$work/cures"
    [ "$(wc -l < "$work/cures")" = 2 ] || fail "$1: nps_check() has no cure for the rollups: $(cat "$work/cures")"
    sql -d "$1" -c 'SET search_path = "Ext 1"' -f "$work/cures"
}
for database in plain directory heir schemas; do cure nps_dump_$database; done

# Definitions and then data: triggers, keys and policies are there when the rows come, those of the source last.
pg_dump -s nps_dump_source | sql -d nps_dump_after > /dev/null
pg_dump -a nps_dump_source | sql -d nps_dump_after > /dev/null
sql -d nps_dump_after -c 'REFRESH MATERIALIZED VIEW crm.by_month'
cure nps_dump_after
pg_restore -s --exit-on-error -d nps_dump_disabled "$work/directory"
pg_restore -a --disable-triggers --exit-on-error -d nps_dump_disabled "$work/directory"
sql -d nps_dump_disabled -c 'REFRESH MATERIALIZED VIEW crm.by_month'
cure nps_dump_disabled
# the rows of a rollup over one that is kept are left out
for table in rollup rollup_part; do
    pg_restore -a --exit-on-error -n Parts -t $table -d nps_dump_after "$work/directory"
done
[ "$(sql -d nps_dump_after -c "SELECT \"Ext 1\".nps_rollup_serves('\"Parts\".rollup'), count(*) FROM \"Ext 1\".nps_verify('Parts')")" = 't|0' ] ||
    fail "rows of a rollup that were restored over one that is kept are counted"

# What people did is there as they left it.
[ "$(sql -d nps_dump_plain << 'SQL'
SELECT count(*), count(*) FILTER (WHERE score_from = 7 AND verdict = 'nearly'), count(*) FILTER (WHERE contact_hours = 7), max(score_to) FROM "Follow up".playbook;
SELECT count(*) FROM "Parts".playbook;
SELECT count(*), count(*) FILTER (WHERE source = 'measured by us') FROM "Follow up".assumption;
SELECT count(*) FILTER (WHERE cause = 'missing feature'), count(*) FILTER (WHERE cause = 'ours' AND fixed_at < now()) FROM "Follow up".cause;
SELECT count(*) FROM "Follow up".cause_told;
SELECT obj_description('"Follow up".summary'::regclass, 'pg_class');
SELECT count(*) FROM pg_trigger WHERE tgrelid = 'crm.csat'::regclass AND tgenabled = 'D';
SELECT count(*) FROM pg_trigger WHERE tgparentid <> 0;
SQL
)" = $'8|1|1|7\n0\n6|1\n0|1\n1\na comment of ours\n2\n5' ] || fail "what was edited is not there, restored (plain)"

is_the_same() { # DATABASE
    contents "nps_dump_$1" "$work/restored"
    # all belongs to the heir, but who did what is kept
    if [ "$1" = heir ]; then
        grep -q '^survey|Parts|crm.part|regress_nps_heir$' "$work/restored" || fail "the surveys do not belong to who restored them"
        sed 's/regress_nps_heir/regress_nps_owner/g' "$work/restored" | LC_ALL=C sort > "$work/heir"
        # what the former owner had taken from itself, the heir has
        sed '/^relation|"Follow up".playbook|/s/regress_nps_owner=arwdDxt*m*\/regress_nps_owner,//' "$work/heir" > "$work/restored"
    fi
    # --disable-triggers leaves all triggers enabled in the same way
    if [ "$1" = disabled ]; then
        for file in source restored; do
            sed -E '/^trigger\|/s/\|[AORD]\|/|enabled|/' "$work/$file" | LC_ALL=C sort > "$work/$file.enabled"
        done
        same "restored ($1), there is something else" "$work/source.enabled" "$work/restored.enabled"
        return
    fi
    same "restored ($1), there is something else" "$work/source" "$work/restored"
}
for database in plain heir schemas after disabled; do is_the_same $database; done

# Views that are made again are the same in the source and in what was restored; work goes on with them, below.
for database in source schemas; do
    sql -d nps_dump_$database -c 'SET ROLE regress_nps_owner' -c 'SELECT count(*) FROM "Ext 1".nps_surveys() s, "Ext 1".nps_refresh_views(s.survey)' > /dev/null
    definitions nps_dump_$database "$work/$database.definitions"
done
same "a restored survey is defined otherwise after nps_refresh_views()" "$work/source.definitions" "$work/schemas.definitions"

# Whoever has the surveys now goes on with cases, rules, numbers, history, notification and rollup.
goes_on() { # DATABASE OWNER
    psql -X -q -At -d "nps_dump_$1" -v owner="$2" -f "$here/test/data/two_surveys_work.sql" > "$work/goes_on" 2> "$work/refused" || true
    sed 's/ with payload \("[0-9]*"\).*/ \1/; s/^psql:.*: ERROR/ERROR/' "$work/goes_on" "$work/refused" > "$work/done"
    same "work does not go on in $1" "$here/test/data/two_surveys_work.out" "$work/done"
}
goes_on plain regress_nps_owner
goes_on heir regress_nps_heir
goes_on schemas regress_nps_owner
goes_on after regress_nps_owner

# A survey that was dropped comes back by a dump of its schema, without the triggers on the source, which are the
# source's: so its reports read the source, whatever was written meanwhile, until it is materialized again.
pg_dump -n '"Parts"' nps_dump_source > "$work/alone"
sql -d nps_dump_plain -c 'DROP SCHEMA "Parts" CASCADE' -c "INSERT INTO crm.part VALUES (3000, 'pro', 0, '2026-02-03')"
sql -d nps_dump_plain -f "$work/alone" > /dev/null
[ "$(sql -d nps_dump_plain << 'SQL'
SELECT "Ext 1".nps_reads_rollup('Parts'), "Ext 1".nps_rollup_serves('"Parts".rollup'), responses = (SELECT count(*) FROM crm.part WHERE score <= 10) FROM "Parts".summary;
SELECT detail FROM "Ext 1".nps_check('Parts') WHERE finding = 'the rollup is not kept current';
SET ROLE regress_nps_owner;
CALL "Ext 1".nps_materialize('Parts');
SELECT "Ext 1".nps_rollup_serves('"Parts".rollup'), (SELECT count(*) FROM "Ext 1".nps_verify('Parts'));
SQL
)" = $'t|f|t\nA trigger on "part" that keeps the rollup current is missing or disabled. The reports are exact, and read the source.\nt|0' ] ||
    fail "a survey that was restored alone is not right"

# Without rights.
pg_restore --no-privileges --exit-on-error -d nps_dump_bare "$work/directory"
bare=$(sql -d nps_dump_bare 2>&1 << 'SQL'
INSERT INTO crm.part VALUES (3000, 'pro', 0, '2026-02-03');
SELECT "Ext 1".nps_rollup_serves('"Parts".rollup'), "Ext 1".nps_rollup_serves('"Customer satisfaction".rollup'),
	responses = (SELECT count(*) FROM crm.part WHERE score <= 10) FROM "Parts".summary;
DO $$ BEGIN PERFORM "Ext 1".nps_check('Parts'); EXCEPTION WHEN insufficient_privilege THEN RAISE INFO '%', sqlerrm; END $$;
GRANT USAGE ON SCHEMA "Ext 1" TO regress_nps_owner;
SELECT detail ~ '^(The rollup has not been computed|The rollup was computed on another server|A trigger on )' FROM "Ext 1".nps_check('Parts') WHERE finding = 'the rollup is not kept current';
SET ROLE regress_nps_owner;
CALL "Ext 1".nps_materialize('Parts', rebuild => true);
SELECT "Ext 1".nps_rollup_serves('"Parts".rollup'), (SELECT count(*) FROM "Ext 1".nps_verify('Parts'));
SQL
)
[ "$bare" = $'f|f|t\nINFO:  role "regress_nps_owner", who owns the survey, may not use the functions of nps\nt\nt|0' ] ||
    fail "a database that was restored without rights is not right: $bare"

# What cannot be restored says why.
if sql -d nps_dump_elsewhere < "$work/alone" > /dev/null 2> "$work/refused" || ! grep -qF 'relation "crm.part" does not exist' "$work/refused"; then
    fail "a survey without its source:" "$(cat "$work/refused")"
fi
sql -d nps_dump_elsewhere -c 'DROP SCHEMA "Parts" CASCADE' -c 'CREATE EXTENSION nps'
if pg_restore --exit-on-error -d nps_dump_elsewhere "$work/directory" 2> "$work/refused" || ! grep -qE 'function "?Ext 1"?\.nps_.* does not exist' "$work/refused"; then
    fail "nps is in another schema:" "$(cat "$work/refused")"
fi

# Where row security is forced on the source, it is on the tables of cases: who passes it dumps all of it, nobody else
# leaves anything out in silence.
sql -d nps_dump_forced << 'SQL' > /dev/null
CREATE EXTENSION nps;
SET ROLE regress_nps_owner;
CREATE SCHEMA crm;
CREATE TABLE crm.ticket (id integer PRIMARY KEY, tenant text, who text, score integer, at timestamptz DEFAULT now());
INSERT INTO crm.ticket SELECT i, CASE WHEN i < 3 THEN 'a' ELSE 'b' END, 'w' || i, 1 FROM generate_series(1, 5) i;
ALTER TABLE crm.ticket ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON crm.ticket USING (tenant = current_setting('app.tenant', true));
SELECT nps_attach('crm.ticket', 'score', respondent => 'who', responded_at => 'at', loop_since => '-infinity');
SET app.tenant = 'a';
UPDATE ticket_nps.followup SET note = 'hello';
SET app.tenant = 'b';
UPDATE ticket_nps.followup SET note = 'hello';
SQL
cases_of() { # DATABASE TENANT
    sql -d "$1" -c 'SET ROLE regress_nps_owner' -c "SET app.tenant = '$2'" -c "SELECT (SELECT count(*) FROM ticket_nps.followup_case),
        (SELECT count(*) FROM ticket_nps.followup_event), (SELECT count(*) FROM ticket_nps.followup), (SELECT count(*) FROM nps_policy_findings('ticket_nps'))"
}
pg_dump nps_dump_forced > "$work/forced"
if pg_dump -U regress_nps_owner -n crm -n ticket_nps nps_dump_forced > "$work/refused" 2>&1; then
    fail "the owner dumps a part of what row security hides, and is not told"
fi
[ "$(grep -c hello "$work/refused")" = 0 ] || fail "the owner dumps cases that row security hides"
PGOPTIONS="$PGOPTIONS -c app.tenant=a" pg_dump -U regress_nps_owner --enable-row-security -n crm -n ticket_nps nps_dump_forced > "$work/of_tenant"
sql -d postgres -c 'ALTER ROLE regress_nps_owner BYPASSRLS'
pg_dump -U regress_nps_owner -n crm -n ticket_nps nps_dump_forced > "$work/bypassed"
sql -d postgres -c 'ALTER ROLE regress_nps_owner NOBYPASSRLS'
restored_forced() { # FILE COUNTS_OF_BOTH_TENANTS [OPTION...]
    sql -d postgres -c 'DROP DATABASE nps_dump_tenant' -c 'CREATE DATABASE nps_dump_tenant OWNER regress_nps_owner'
    [ "$1" = "$work/forced" ] || sql -d nps_dump_tenant -c 'CREATE EXTENSION nps'
    sql -d nps_dump_tenant -f "$1" "${@:3}" > /dev/null
    [ "$(cases_of nps_dump_tenant a) $(cases_of nps_dump_tenant b)" = "$2" ] ||
        fail "cases under forced row security are not those that were dumped: $(cases_of nps_dump_tenant a) $(cases_of nps_dump_tenant b)"
}
restored_forced "$work/forced" '2|2|2|0 3|3|3|0'
restored_forced "$work/bypassed" '2|2|2|0 3|3|3|0'
restored_forced "$work/of_tenant" '2|2|2|0 0|0|0|0'
restored_forced "$work/of_tenant" '2|2|2|0 0|0|0|0' -U regress_nps_owner

# Two processes may make the triggers of a partitioned source before its partitions are filled.
is_the_same directory
goes_on directory regress_nps_owner
echo "$(wc -l < "$work/source") rows and properties of 4 surveys are the same after dump and restore in 6 ways, and work goes on"
