#!/bin/bash
# An owner who tampers, at random: one role, who owns surveys and no more, alters, drops, renames, replaces, retypes and
# plants things in them, while others write to the source, read the views and record what they did, and an
# administrator runs every maintenance function.  Rounds of several sessions at once, each in a new copy of the same
# surveys.  In all of them
#  - the server does not crash, and no sanitizer and no assertion stops it;
#  - what the owner planted never runs as anybody else in the administrator's session, nor does the mapping in that of
#    a writer, for whom the triggers count (to read a view is to run its expressions: so other sessions may);
#  - tenants, in surveys of their own, see nothing of each other;
#  - no session gets an error that only says that something is wrong inside.
# usage: test/t/tamper.sh
#
#   NPS_TAMPER_SEED=...     4711 if it is not set
#   NPS_TAMPER_SECONDS=...  begin no round after that time (30)
#   NPS_TAMPER_ROUNDS=...   nor more rounds than these (1000); the first one
#   NPS_TAMPER_FROM=...     is this one (1), as on its own
#   NPS_TAMPER_STEPS=...    steps of each session in a round (20)
#   NPS_TAMPER_GO_ON=1      go on after a round in which something was found
#
# Twice the same seed is the same statements, as far as they do not depend on what the other sessions did meanwhile.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
seed=${NPS_TAMPER_SEED:-4711}
seconds=${NPS_TAMPER_SECONDS:-30}
rounds=${NPS_TAMPER_ROUNDS:-1000}
from=${NPS_TAMPER_FROM:-1}
steps=${NPS_TAMPER_STEPS:-20}

base=nps_tamper_base
database=nps_tamper
roles=(owner heir landlord app writer actor reader tenant_a tenant_b)
work=$(mktemp -d)
running=()
clean_up() {
    for pid in "${running[@]}"; do kill "$pid" 2> /dev/null || true; done
    wait
    rm -rf "$work"
    psql -X -q -d postgres -c "DROP DATABASE IF EXISTS $database WITH (FORCE)" -c "DROP DATABASE IF EXISTS $base WITH (FORCE)" || true
    for role in "${roles[@]}"; do psql -X -q -d postgres -c "DROP ROLE IF EXISTS regress_tamper_$role" || true; done
}
trap clean_up EXIT
stop() {
    printf '%s\n' "$@"
    exit 1
}
trap 'stop "stopped at line $LINENO"' ERR
[ -r "${NPS_SERVER_LOG-}" ] || stop "the server's log must be readable as \$NPS_SERVER_LOG"

for role in "${roles[@]}"; do psql -X -q -d postgres -c "CREATE ROLE regress_tamper_$role LOGIN"; done
psql -X -q -d postgres -c "GRANT regress_tamper_heir TO regress_tamper_owner" -c "CREATE DATABASE $base"
psql -X -q -d $base -v base=$base -f "$here/tamper.sql" > "$work/log" 2>&1 || stop "the surveys cannot be made:" "$(tail -n 20 "$work/log")"

# Errors of the server's own that a change in another session leads to, in statements that have nothing to do with nps.
known='tuple concurrently (updated|deleted)|could not open relation with OID|cache lookup failed for|could not find (tuple|trigger|attribute)|relation [0-9]+ deleted while still in use'

# One session: its role, the steps that it takes, and the surveys that it takes them in.
session() { # NAME ROLE KIND SURVEYS
    local name=$1 kind=$3 number
    local -a surveys
    read -r -a surveys <<< "$4"
    for ((number = 0; number < steps; number++)); do
        echo "SELECT tool.step($(((RANDOM * 32768 + RANDOM) % 1000000)), '$kind', '${surveys[RANDOM % ${#surveys[@]}]}') \\gexec"
    done > "$work/$name.sql"
    PGAPPNAME="tamper $name" PGOPTIONS="$options${5-}" timeout -k 5 120 \
        psql -X -e -At -P pager=off -v VERBOSITY=verbose -U "$2" -d $database -f "$work/$name.sql" > "$work/$name.log" 2>&1 &
    running+=($!)
}

# What is wrong after a round, a line each.
findings() {
    tail -c +$((offset + 1)) "$NPS_SERVER_LOG" > "$work/server"
    grep -aE 'was terminated by signal|PANIC:|TRAP:|AddressSanitizer|runtime error:|exited with exit code|detected write past|reference leak|not closed|not owned' "$work/server" |
        sed -E 's/^[-0-9:. ]+UTC \[[0-9]+\] //; s/==[0-9]+==//; s/\(PID [0-9]+\)/(PID)/; s/, PID: [0-9]+//' | sort -u || true
    grep -aoE 'CANARY: .*' "$work/server" | sort -u || true
    grep -ahE '^LEAK |[(]tenant_b-[0-9]' "$work/tenant.log" "$work/app.log" | sort -u || true
    local log
    for log in "$work"/*.log; do
        grep -q 'tool.step' "$log" || echo "$(basename "$log" .log) did nothing: $(head -n 1 "$log")"
        # of ours are those raised in a file of ours, and all that the administrator gets
        awk -v known="$known" -v who="$(basename "$log" .log)" '
            / (ERROR|FATAL):  XX/ { error = $0; sub(/^.* (ERROR|FATAL):/, "internal error:", error); next }
            error != "" && /^LOCATION:/ {
                if (error !~ known || /, (nps|rollup|followup|segment|mapping|concern|survey|tally|scale|parse|period|work)[a-z_]*[.]c:/) print error " (" who ", " $2 " " $3 ")"
                error = ""
            }' "$log" | sort -u
    done
}

round=$from
failed=0
changes=0
started=$SECONDS
while [ "$round" -lt $((from + rounds)) ] && [ $((SECONDS - started)) -lt "$seconds" ]; do
    RANDOM=$(((seed * 1009 + round) % 32768))
    psql -X -q -d postgres -c "DROP DATABASE IF EXISTS $database WITH (FORCE)" -c "CREATE DATABASE $database TEMPLATE $base" \
        -c "ALTER DATABASE $database OWNER TO regress_tamper_owner"
    psql -X -q -d $database -c "GRANT CREATE ON DATABASE $database TO regress_tamper_landlord, regress_tamper_app"
    offset=$(stat -c %s "$NPS_SERVER_LOG")
    # most of a round happens in one survey
    all=(s_plain s_kept s_parts s_forced)
    focus=${all[RANDOM % 4]}
    one="$focus $focus $focus $focus ${all[*]}"
    settings=('' '' '-c plan_cache_mode=force_generic_plan' '-c plan_cache_mode=force_custom_plan' '-c work_mem=64kB')
    options="-c client_min_messages=warning -c statement_timeout=5s -c lock_timeout=500ms -c jit=off ${settings[RANDOM % 5]}"
    running=()
    rm -f "$work"/*.log
    session owner regress_tamper_owner owner "$one"
    session co-owner regress_tamper_owner owner "$one"
    session writer regress_tamper_writer writer "$one"
    session actor regress_tamper_actor actor "$one"
    session reader regress_tamper_reader reader "$one"
    session administrator "$PGUSER" administrator "$one s_house s_flat"
    session landlord regress_tamper_landlord landlord s_house
    session "app's owner" regress_tamper_app landlord s_flat
    session tenant regress_tamper_tenant_a tenant_a s_house
    session other regress_tamper_tenant_b tenant_b s_house
    session app regress_tamper_app tenant_a s_flat ' -c app.tenant=tenant_a'
    session "app's other" regress_tamper_app tenant_b s_flat ' -c app.tenant=tenant_b'
    for pid in "${running[@]}"; do wait "$pid" || true; done
    running=()
    for _ in {1..100}; do
        ! psql -X -q -At -d postgres -c 'SELECT 1' > /dev/null 2>&1 || break
        sleep 0.1
    done
    changes=$((changes + $(cat "$work"/*owner.log | grep -cE '^(ALTER|CREATE|DROP|UPDATE|DELETE|INSERT|GRANT|REVOKE|TRUNCATE|REASSIGN)' || true)))
    findings > "$work/found"
    if [ -s "$work/found" ]; then
        failed=$((failed + 1))
        echo "-- seed $seed, round $round: found"
        head -n 40 "$work/found"
        grep -aA 3 'Failed process was running' "$work/server" | head -n 12 || true
        if [ -z "${NPS_TAMPER_GO_ON-}" ]; then
            for log in "$work"/*.log; do
                echo "-- last of $(basename "$log" .log)"
                tail -n 25 "$log" | cut -c 1-400
            done
            echo "-- server"
            grep -avE 'ERROR:|STATEMENT:|CONTEXT:|HINT:|DETAIL:|^	' "$work/server" | tail -n 80
            stop "to repeat: NPS_TAMPER_SEED=$seed NPS_TAMPER_FROM=$round NPS_TAMPER_ROUNDS=1 NPS_TAMPER_STEPS=$steps test/t/tamper.sh"
        fi
    fi
    round=$((round + 1))
done
echo "seed $seed: $((round - from)) rounds of 12 sessions, $changes statements of owners, $failed rounds with findings"
[ "$failed" = 0 ] || exit 1
