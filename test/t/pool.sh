#!/bin/bash
# Four workers behind a pool in transaction mode, with fewer sessions than there are programs, while answers come in:
# every case is handed out once, to a worker that records the step under its own name; a person beside them, who sets no
# name, is not taken for one of them; and the history is complete.
# For NPS_POOL_SECONDS, 5 unless it is set.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=test/pgbouncer.sh
. "$here/pgbouncer.sh"
seconds=${NPS_POOL_SECONDS:-5}
database=nps_pool_test
work=$(mktemp -d)
bouncer=
started=()
clean_up() {
    for pid in "${started[@]}" $bouncer; do kill "$pid" 2> /dev/null || true; done
    wait
    rm -rf "$work"
    psql -X -q -d postgres -c "DROP DATABASE IF EXISTS $database WITH (FORCE)"
}
trap clean_up EXIT
fail() {
    echo "$*"
    exit 1
}
sql() { psql -X -q -At -v ON_ERROR_STOP=1 -d $database "$@"; }
pgbench=$("${PG_CONFIG:-pg_config}" --bindir)/pgbench
if ! [ -x $pgbouncer ] || ! [ -x "$pgbench" ]; then
    echo "no pgbouncer, or no pgbench"
    exit 77
fi

psql -X -q -d postgres -c "CREATE DATABASE $database"
sql > /dev/null << 'SQL'
SET client_min_messages = warning;
CREATE EXTENSION nps;
CREATE TABLE answers (id integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY, who text DEFAULT gen_random_uuid(), score integer, at timestamptz DEFAULT now(), comment text);
CREATE INDEX ON answers (who, at);
INSERT INTO answers (score, comment, at) SELECT 0, 'nobody helps', now() - interval '1 hour' FROM generate_series(1, 50);
ANALYZE answers;
SELECT nps_attach('answers', 'score', respondent => 'who', responded_at => 'at', comment => 'comment', schema_name => 'queue', loop_since => '-infinity');
CREATE TABLE handed (case_id integer NOT NULL, worker text NOT NULL);
SQL
cat > "$work/worker.sql" << 'SQL'
\set id 0
SELECT coalesce((SELECT case_id FROM nps_claim('queue', 'worker ' || :client_id, NULL::integer, 'ask for the reason', 1)), 0) AS id \gset
\if :id > 0
BEGIN;
SELECT set_config('nps.actor', 'worker ' || :client_id, true);
INSERT INTO handed VALUES (:id, 'worker ' || :client_id);
UPDATE queue.followup SET asked_at = clock_timestamp() WHERE case_id = :id;
COMMIT;
\else
\sleep 20 ms
\endif
SQL
cat > "$work/customer.sql" << 'SQL'
INSERT INTO answers (score) VALUES (4 + :client_id % 2);
SQL
cat > "$work/person.sql" << 'SQL'
\set id random(1, 50)
UPDATE queue.followup_all SET plan = coalesce(plan, '') || 'x', version = version + 1 WHERE case_id = :id;
\sleep 5 ms
SQL
start_pgbouncer "$work" 6432 "listen_addr =" "default_pool_size = 3" || fail "no pool"

# It must run without an error: what is handed out to one worker is in nobody's way.
bench() { # NAME OPTION...
    local name=$1
    shift
    PGHOST=$work PGPORT=$bouncer_port "$pgbench" -n -f "$work/$name.sql" "$@" $database > "$work/$name.out" 2>&1 || {
        cat "$work/$name.out"
        fail "a $name failed"
    }
}
# shellcheck disable=SC2016
for who in "customer -c 2 -R 40" "person -c 1" "worker -c 4"; do
    # shellcheck disable=SC2086
    bench $who -T "$seconds" &
    started+=($!)
done
for pid in "${started[@]}"; do wait "$pid" || fail "something failed"; done
started=()
# what came last
for _ in {1..100}; do
    [ "$(sql -c "SELECT EXISTS (SELECT FROM queue.followup WHERE next_step = 'ask for the reason')")" = t ] || break
    bench worker -c 4 -t 20
done

expect_none() { # WHAT QUERY
    sql -F ' ' -c "$2" > "$work/wrong"
    if [ -s "$work/wrong" ]; then
        head -n 10 "$work/wrong"
        fail "$1 ($(wc -l < "$work/wrong") times)"
    fi
}
expect_none "a case was not handed out exactly once" "
    SELECT a.id, count(h.case_id) FROM answers a LEFT JOIN handed h ON h.case_id = a.id WHERE a.score > 0 GROUP BY a.id HAVING count(h.case_id) <> 1"
expect_none "a case was handed out that is for a person" "SELECT case_id FROM handed JOIN answers a ON a.id = case_id WHERE a.score = 0"
expect_none "the history of a case that was handed out is another one" "
    SELECT h.case_id, h.worker, e.events FROM handed h LEFT JOIN (
        SELECT case_id, string_agg(what_changed || ' ' || CASE WHEN happened_at IS NULL THEN coalesce(new_value, '-') ELSE '' END || ' ' || CASE what_changed WHEN 'asked_at' THEN actor ELSE '' END, ',' ORDER BY place) AS events
        FROM queue.followup_event WHERE what_changed <> 'leased_until' GROUP BY case_id) e USING (case_id)
    WHERE e.events IS DISTINCT FROM 'leased_to ' || h.worker || ' ,asked_at  ' || h.worker || ',leased_to - '"
expect_none "a change of a person is missing, or has another's name" "
    SELECT c.case_id, c.version, c.plan, e.changes FROM queue.followup_case c LEFT JOIN (
        SELECT case_id, count(*) FILTER (WHERE what_changed = 'plan' AND actor = session_user) AS changes, max(version) AS version
        FROM queue.followup_event GROUP BY case_id) e USING (case_id)
    WHERE c.case_id <= 50 AND c.version > 0 AND (c.version, c.version, c.version) IS DISTINCT FROM (length(c.plan), e.changes::integer, e.version)"
expect_none "events are not numbered one after another" "
    SELECT case_id, c.events, count(*), max(e.place) FROM queue.followup_case c JOIN queue.followup_event e USING (case_id) GROUP BY case_id, c.events
    HAVING c.events <> count(*) OR max(e.place) <> count(*) OR min(e.place) <> 1"
read -r handed workers changes <<< "$(sql -F ' ' -c "SELECT count(*), count(DISTINCT worker), (SELECT sum(version) FROM queue.followup_case WHERE case_id <= 50) FROM handed")"
if [ "$handed" -lt $((seconds * 2)) ] || [ "$workers" != 4 ] || [ "$changes" -lt "$seconds" ]; then
    fail "too little happened: $handed cases were handed out to $workers workers, $changes changes of a person"
fi
echo "$handed cases handed out to 4 workers, each once, beside $changes changes of a person, in $seconds s through 3 sessions"
