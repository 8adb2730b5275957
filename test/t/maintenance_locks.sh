#!/bin/bash
# Maintenance beside people who work: each maintenance function in a loop, over a plain and over a partitioned source, beside
# readers of every view (alone, two in one query, two in one transaction, prepared), an application that writes to the source,
# and somebody who records steps.  With the server's own deadlock_timeout there is no deadlock, and nobody but maintenance
# gets an error; and maintenance, which makes way for all of them, is done in the end.
# usage: test/t/maintenance_locks.sh
#
#   NPS_LOCKS_SECONDS=...   for each function (1); all of them at once go on for four times as long
set -euo pipefail

seconds=${NPS_LOCKS_SECONDS:-1}
database=nps_locks
roles=(owner worker)
work=$(mktemp -d)
running=()
clean_up() {
    for pid in "${running[@]}"; do kill "$pid" 2> /dev/null || true; done
    wait
    rm -rf "$work"
    psql -X -q -d postgres -c "DROP DATABASE IF EXISTS $database WITH (FORCE)" || true
    for role in "${roles[@]}"; do psql -X -q -d postgres -c "DROP ROLE IF EXISTS regress_locks_$role" || true; done
}
trap clean_up EXIT
stop() {
    printf '%s\n' "$@"
    exit 1
}
trap 'stop "stopped at line $LINENO"' ERR
[ -r "${NPS_SERVER_LOG-}" ] || stop "the server's log must be readable as \$NPS_SERVER_LOG"
export PGOPTIONS='-c client_min_messages=warning -c jit=off'
sql() { psql -X -q -At -v ON_ERROR_STOP=1 -d $database "$@"; }

for role in "${roles[@]}"; do psql -X -q -d postgres -c "CREATE ROLE regress_locks_$role LOGIN"; done
psql -X -q -d postgres -c "CREATE DATABASE $database"
sql > /dev/null << 'SQL'
CREATE EXTENSION nps;
GRANT CREATE ON DATABASE nps_locks TO regress_locks_owner;
CREATE SCHEMA shop AUTHORIZATION regress_locks_owner;
SET ROLE regress_locks_owner;
CREATE TABLE shop.plain (id bigint PRIMARY KEY, who text, at timestamptz, score integer, words text, plan text);
CREATE TABLE shop.parts (LIKE shop.plain, PRIMARY KEY (id, plan)) PARTITION BY LIST (plan);
CREATE TABLE shop.parts_free PARTITION OF shop.parts FOR VALUES IN ('free');
CREATE TABLE shop.parts_rest PARTITION OF shop.parts DEFAULT;
CREATE TABLE shop.come (LIKE shop.plain INCLUDING ALL);
INSERT INTO shop.plain SELECT i, 'c' || i, now() - i * interval '1 hour', i % 7, 'too slow, too expensive', (ARRAY['free', 'pro'])[1 + i % 2] FROM generate_series(1, 40) i;
INSERT INTO shop.parts TABLE shop.plain;
INSERT INTO shop.come TABLE shop.plain;
CREATE INDEX ON shop.plain (who);
CREATE INDEX ON shop.parts (who);
CREATE FUNCTION shop.attach(name text, filter text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM nps_attach(format('shop.%I', name)::regclass, 'score', 's_' || name, response_id => 'id', respondent => 'who', responded_at => 'at', comment => 'words',
		segments => ARRAY['plan'], filter => attach.filter, time_zone => 'UTC', replace => true, loop_since => '-infinity');
END
$$;
SELECT shop.attach(name, 'id > 0') FROM unnest(ARRAY['plain', 'parts', 'come']) name;
SELECT nps_grant(survey, 'regress_locks_worker', 'actor') FROM nps_surveys();
SELECT nps_notify(survey) FROM nps_surveys();
GRANT USAGE ON SCHEMA shop TO regress_locks_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA shop TO regress_locks_worker;
RESET ROLE;
ANALYZE;
CREATE TABLE stopped ();
CREATE TABLE ended ();
GRANT SELECT ON stopped, ended TO PUBLIC;
SQL
mapfile -t views < <(sql -c "SELECT relname FROM pg_class WHERE relnamespace = 's_plain'::regnamespace AND relkind = 'v' ORDER BY relname")
[ ${#views[@]} -gt 10 ] || stop "only these views: ${views[*]}"

# Sessions of people go on until all maintenance is done, with the statements that one of the functions below makes.
work_on() { # NAME COMMAND ARGUMENT...
    local name=$1 i
    shift
    for ((i = 0; i < 1000; i++)); do
        "$@"
        printf '%s\n' 'SELECT EXISTS (SELECT FROM stopped) AS is_stopped FROM pg_sleep(0.01) \gset' '\if :is_stopped' '\q' '\endif'
    done > "$work/$name.sql"
    while [ ! -e "$work/stopped" ]; do
        psql -X -At -e -v VERBOSITY=verbose -U regress_locks_worker -d $database -f "$work/$name.sql" >> "$work/$name.people" 2>&1 || true
    done &
    running+=($!)
}
read_one() { # SURVEY
    local one=${views[RANDOM % ${#views[@]}]}
    case $((RANDOM % 3)) in
        0) echo "SELECT count(*) FROM $1.$one;" ;;
        1) echo "SELECT * FROM $1.$one LIMIT 1;" ;;
        2) printf '%s\n' "PREPARE one AS SELECT count(*) FROM $1.$one;" 'EXECUTE one;' 'EXECUTE one;' 'DEALLOCATE one;' ;;
    esac
}
read_two() { # SURVEY
    local one=${views[RANDOM % ${#views[@]}]} two=${views[RANDOM % ${#views[@]}]}
    case $((RANDOM % 2)) in
        0) echo "SELECT 1 FROM $1.$one a, $1.$two b LIMIT 1;" ;;
        1) printf '%s\n' 'BEGIN;' "SELECT count(*) FROM $1.$one;" "SELECT count(*) FROM $1.$two;" 'COMMIT;' ;;
    esac
}
# answers above 100 are the application's, cases up to 40 those of who records, so that they do not meet
write_source() { # SURVEY
    local id=$((101 + RANDOM % 50)) source=shop.${1#s_}
    case $((RANDOM % 5)) in
        0 | 1) echo "INSERT INTO $source VALUES ($id, 'c$id', now(), $((RANDOM % 11)), 'words', 'pro') ON CONFLICT DO NOTHING;" ;;
        2) echo "UPDATE $source SET score = $((RANDOM % 11)) WHERE id = $id;" ;;
        3) echo "DELETE FROM $source WHERE id = $id;" ;;
        4) printf '%s\n' 'BEGIN;' "UPDATE $source SET score = 5 WHERE id = $id;" "SELECT count(*) FROM $1.${views[RANDOM % ${#views[@]}]};" 'COMMIT;' ;;
    esac
}
record() { # SURVEY
    local id=$((1 + RANDOM % 40))
    case $((RANDOM % 5)) in
        0) echo "UPDATE $1.followup_all SET note = 'word $RANDOM' WHERE case_id = $id;" ;;
        1) echo "UPDATE $1.followup SET assigned_to = 'ann' WHERE case_id = $id;" ;;
        2) echo "INSERT INTO $1.concern (case_id, concern) SELECT case_id, 'too slow' FROM $1.followup_case WHERE case_id = $id;" ;;
        3) echo "SELECT count(*) FROM nps_claim('$1', 'program', max_rows => 2, lease => '1 second');" ;;
        4) printf '%s\n' 'BEGIN;' "SELECT count(*) FROM $1.${views[RANDOM % ${#views[@]}]};" "UPDATE $1.followup_all SET snoozed_until = now() + interval '$((1 + RANDOM % 9)) days' WHERE case_id = $id;" 'COMMIT;' ;;
    esac
}
for name in plain parts; do
    work_on "one $name" read_one "s_$name"
    work_on "two $name" read_two "s_$name"
    work_on "application $name" write_source "s_$name"
    work_on "somebody $name" record "s_$name"
done
work_on 'guest' eval 'read_one s_come; read_two s_come; write_source s_come'

# What maintains a survey.
declare -A maintenance=(
    [nps_refresh_views]="SELECT count(*) > 0 AS attached FROM nps_refresh_views(:'survey');"
    [nps_attach]="SELECT shop.attach(:'name', 'id > ' || -:number);"
    [nps_materialize]="CALL nps_materialize(:'survey', rebuild => true);"
    [nps_dematerialize]="CALL nps_materialize(:'survey'); CALL nps_dematerialize(:'survey');"
    [nps_compact]="CALL nps_materialize(:'survey'); SELECT rows_before FROM nps_compact(:'survey');"
    [nps_verify]="CALL nps_materialize(:'survey'); SELECT count(*) FROM nps_verify(:'survey');"
    [nps_notify]="SELECT nps_notify(:'survey');"
    [nps_check]="SELECT count(*) FROM nps_check(:'survey');"
    [nps_grant]="SELECT nps_grant(:'survey', 'regress_locks_worker', 'actor');"
    [nps_refresh_all]='CALL nps_refresh_all();'
    [nps_compact_all]='CALL nps_compact_all();'
    [nps_detach]="DO 'BEGIN PERFORM nps_detach(''s_come'', drop_cases => true); PERFORM shop.attach(''come'', ''id > 0''); PERFORM nps_grant(''s_come'', ''regress_locks_worker'', ''actor''); END';"
)
# One session that maintains: until all is to end and it was done, or ten times nothing was; each time that it is done, it says so.
maintain() { # FUNCTION NAME
    local i
    for ((i = 1; i <= 1000; i++)); do
        printf '%s\n' "\\set number $i" "${maintenance[$1]}" '\if :ERROR' '\else' "\\echo done $1 $2" '\set done true' '\endif' \
            'SELECT EXISTS (SELECT FROM ended) AND (:done OR :number = 10) AS is_ended \gset' '\if :is_ended' '\q' '\endif'
    done > "$work/$1 $2.sql"
    PGOPTIONS="$PGOPTIONS -c lock_timeout=5s" psql -X -At -v VERBOSITY=verbose -v done=false -v name="$2" -v survey="s_$2" -U regress_locks_owner -d $database -f "$work/$1 $2.sql" >> "$work/$1 $2.maintenance" 2>&1 &
}
# Several of them at once, as FUNCTION:NAME.
phase() { # SECONDS FUNCTION:NAME...
    local sessions=() one
    sql -c 'DELETE FROM ended'
    for one in "${@:2}"; do
        maintain "${one%:*}" "${one#*:}"
        sessions+=($!)
    done
    sleep "$1"
    sql -c 'INSERT INTO ended DEFAULT VALUES'
    for one in "${sessions[@]}"; do wait "$one"; done
}

people=("${running[@]}")
offset=$(stat -c %s "$NPS_SERVER_LOG")
phase "$seconds" nps_refresh_views:plain nps_refresh_views:parts
phase "$seconds" nps_attach:plain nps_attach:parts
phase "$seconds" nps_check:plain nps_grant:parts
phase "$seconds" nps_grant:plain nps_check:parts
phase "$seconds" nps_notify:plain nps_notify:parts
phase "$seconds" nps_dematerialize:plain nps_dematerialize:parts
phase "$seconds" nps_materialize:plain nps_materialize:parts
phase "$seconds" nps_compact:plain nps_verify:parts
phase "$seconds" nps_verify:plain nps_compact:parts
phase "$seconds" nps_compact_all:all nps_refresh_all:all nps_detach:come
all=()
for function in "${!maintenance[@]}"; do
    case $function in
        *_all) all+=("$function:all") ;;
        nps_detach) all+=("$function:come") ;;
        *) all+=("$function:plain" "$function:parts") ;;
    esac
done
phase $((seconds * 4)) "${all[@]}"
touch "$work/stopped"
sql -c 'INSERT INTO stopped DEFAULT VALUES'
for pid in "${people[@]}"; do wait "$pid"; done
running=()

given_up='cannot be locked: others are using it|due to lock timeout'
{
    # around nps_detach() the guest's views are not there; and whoever claims a case may find that the application deleted its answer
    for log in "$work"/*.people; do
        grep -aE '(ERROR|FATAL|WARNING|PANIC):' "$log" | grep -avE "there is no answer .* that a case could be named after$(case $log in */guest.*) echo '|does not exist' ;; esac)" |
            sed "s/^.*\.sql:[0-9]*: /$(basename "$log" .people): /" | sort | uniq -c || true
    done
    tail -c +$((offset + 1)) "$NPS_SERVER_LOG" | grep -aE -A 12 'deadlock detected|terminated by signal|TRAP:|Sanitizer' || true
    # maintenance gives up after lock_timeout, and may be told that others who maintain were there first
    for log in "$work"/*.maintenance; do
        grep -aE '(ERROR|FATAL|WARNING|PANIC):' "$log" | grep -avE "$given_up"'|was taken back to its source while its rollup was computed|is (not|no longer) materialized' |
            sed "s/^.*\.sql:[0-9]*: /$(basename "$log" .maintenance): /" | sort | uniq -c || true
    done
} > "$work/findings"
for one in "${all[@]}"; do
    log="$work/${one%:*} ${one#*:}.maintenance"
    count=$(grep -c '^done' "$log" || true)
    echo "${one%:*} of ${one#*:}: done $count times, given up $(grep -cE "$given_up" "$log" || true) times"
    [ "$count" -gt 0 ] || echo "${one%:*} of ${one#*:} was never done" >> "$work/findings"
done
for log in "$work"/*.people; do echo "$(basename "$log" .people): $(grep -caE '^(SELECT|EXECUTE|INSERT|UPDATE|DELETE)' "$log") statements"; done
[ ! -s "$work/findings" ] || stop "maintenance and people were in each other's way:" "$(head -n 100 "$work/findings")"
