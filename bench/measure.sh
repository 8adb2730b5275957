# What run.sh and reports.sh have in common: options, the throw-away server, timing queries in turn, and the table.
# Sourced with their arguments; they set rows.
# shellcheck shell=bash

program=bench/$(basename "$0")
say() { echo "== $*" >&2; }
die() {
    echo "$program: $*" >&2
    exit 1
}

markdown=
major=()
arguments=("$@")
while [ $# -gt 0 ]; do
    case $1 in
        --markdown) markdown=yes ;;
        --major)
            [ $# -gt 1 ] || die "--major wants a number"
            major=(--major "$2")
            shift
            ;;
        *) die "usage: $program [--markdown] [--major N]" ;;
    esac
    shift
done
runs=${NPS_BENCH_RUNS:-5}
[[ $runs =~ ^[1-9][0-9]{0,3}$ ]] || die "NPS_BENCH_RUNS wants a number, not '$runs'"

# Goes on beside a throw-away server with so many megabytes of buffers.  A table of
# more than a quarter of them is read through a small ring, so that it never gets
# cached; memory is taken only for what is read.  Nothing may work beside the
# queries, so there is neither autovacuum nor a checkpoint.
go_on_beside_server() { # MEGABYTES
    local root
    [[ $rows =~ ^[1-9][0-9]{3,9}$ ]] || die "NPS_BENCH_ROWS wants 1000 or more, not '$rows'"
    [ -z "${NPS_SOURCE-}" ] || return 0
    root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
    export NPS_POSTGRES_OPTIONS="-c shared_buffers=${1}MB -c autovacuum=off -c checkpoint_timeout=1d -c max_wal_size=16GB ${NPS_POSTGRES_OPTIONS-}"
    exec bash "$root/test/with_cluster.sh" "${major[@]}" "$program" "${arguments[@]}"
}

# JIT compiles for longer than some of these queries run, and not every server has it.
export PGOPTIONS='-c jit=off -c max_parallel_workers_per_gather=0 -c work_mem=64MB -c TimeZone=UTC'

sql() { psql -XAtq -v ON_ERROR_STOP=1 "$@"; }

# The answer to a yes-or-no question must be yes.
check() { # WHAT SQL
    local answer
    answer=$(sql -c "$2") || die "failed: $1"
    [ "$answer" = t ] || die "wrong result: $1"
}

# ------------------------------------------------------------------- measuring

declare -A query    # SQL by name
declare -A setting  # what to set for that query only
declare -A best     # milliseconds
declare -A result   # the value that came back
noisiest=1
noisiest_query=

# The named queries in turn.  The last of them is run once before and not timed:
# a new session has yet to get at the table.
one_round() { # NAME...
    local name
    {
        printf '%s\n' "${setting[${!#}]-}" "\\echo = ${!#}" "${query[${!#}]};" '\echo =' 'RESET ALL;' '\timing on'
        for name in "$@"; do
            printf '%s\n' "${setting[$name]-}" "\\echo = $name" "${query[$name]};"
            [ -z "${setting[$name]-}" ] || printf '%s\n' 'RESET ALL;'
        done
    } | sql
}

# Times the named queries in turn, A B A B, so that whatever else the machine
# does meets all of them alike.  Each round has a session of its own and begins
# with another query: where things happen to lie in memory is worth some percent.
#
# The clock is that of psql, on the same machine: EXPLAIN ANALYZE would measure
# its own counting of each row too.  A query gives one value or none, so none of
# the time goes into sending results.
measure() { # NAME...
    local name line output order=("$@")
    say "measuring $*"
    output=$(
        for ((run = 0; run < runs; run++)); do
            one_round "${order[@]}" || exit
            order=("${order[@]:1}" "${order[0]}")
        done
    ) || die "a query failed"

    local -A worst=()
    local time
    name=
    while read -r line; do
        case $line in
            '') ;;
            '=') name= ;;
            '= '*) name=${line#= } ;;
            'Time: '*)
                # the first one after its name is the query's; SET and RESET are timed too
                [ -n "$name" ] || continue
                time=${line#Time: }
                time=${time%% *}
                if [ -z "${best[$name]-}" ] || below "$time" "${best[$name]}"; then best[$name]=$time; fi
                if [ -z "${worst[$name]-}" ] || below "${worst[$name]}" "$time"; then worst[$name]=$time; fi
                name=
                ;;
            *)
                [ -n "$name" ] || die "unexpected output: $line"
                if [ -n "${result[$name]-}" ] && [ "${result[$name]}" != "$line" ]; then
                    die "wrong result: $name gave first ${result[$name]}, then $line"
                fi
                result[$name]=$line
                ;;
        esac
    done <<< "$output"

    for name in "$@"; do
        [ -n "${best[$name]-}" ] || die "$name was not timed"
        if below "$noisiest" "$(ratio "${worst[$name]}" "${best[$name]}")"; then
            noisiest=$(ratio "${worst[$name]}" "${best[$name]}")
            noisiest_query=$name
        fi
    done
}

below() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a < b) }'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f", a / b }'; }

table=() # lines: kind, what, its value, against what, its value, ratio, bar

# A line of the table: best time of one query over that of another.  The bar is
# what the ratio may be at most; without one the line is for information.
compare() { # NAME LABEL AGAINST LABEL [BAR]
    table+=("ms|$2|${best[$1]}|$4|${best[$3]}|$(ratio "${best[$1]}" "${best[$3]}")|${5:+<= $5}")
}

# A line whose bar is a time: what somebody waits for, or what is too short for a ratio to say anything.
within() { # NAME LABEL BAR
    table+=("ms|$2|${best[$1]}|||${best[$1]}|<= $3")
}

# What a session does often: its best time of fifty.  Settings and preparation come before, and are not timed.
repeat() { # NAME
    local time
    say "measuring $1"
    time=$({
        printf '%s\n' "${setting[$1]-}" '\timing on'
        for ((run = 0; run < 50; run++)); do printf '%s\n' "${query[$1]};"; done
    } | sql | sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p' | sort -g | head -n 1)
    [ -n "$time" ] || die "a query failed: ${query[$1]}"
    best[$1]=$time
}

# How long the first plan of a session takes, which has yet to read the definitions of the views.
plan() { # NAME SQL
    local time
    say "planning $1"
    for ((run = 0; run < runs; run++)); do
        time=$(sql -c "EXPLAIN (SUMMARY) $2" | sed -n 's/^Planning Time: \(.*\) ms$/\1/p')
        [ -n "$time" ] || die "a query failed: $2"
        if [ -z "${best[$1]-}" ] || below "$time" "${best[$1]}"; then best[$1]=$time; fi
    done
}

# Two values that must be equal but for the rounding of numeric.
same() { # NAME NAME
    if [ -z "${result[$1]-}" ] || [ -z "${result[$2]-}" ]; then die "wrong result: $1 or $2 gave nothing"; fi
    awk -v a="${result[$1]}" -v b="${result[$2]}" 'BEGIN { d = a - b; exit !(d < 1e-9 && d > -1e-9) }' ||
        die "wrong result: $1 gave ${result[$1]}, $2 gave ${result[$2]}"
}

# The table; WHAT was measured stands above it.
report() { # METHOD
    local cpu version machine
    cpu=$(sed -n '/^model name/ { s/^[^:]*: *//p; q }' /proc/cpuinfo)
    version=$(sql -c "SELECT format('PostgreSQL %s, nps %s', current_setting('server_version'), extversion)
        FROM pg_extension WHERE extname = 'nps'") || die "a query failed"
    machine="$version, $(nproc) cores of ${cpu:-$(uname -m)}, $(date -u +%F)"

    printf '%s\n' "${table[@]}" | awk -F '|' -v markdown="$markdown" -v machine="$machine" -v method="$1" '
        BEGIN {
            if (markdown) {
                printf "%s.\n%s.\n\n", machine, method
                print "| what | ms | against | ms | ratio | bar | |"
                print "|---|---:|---|---:|---:|---|---|"
            } else {
                printf "%s\n%s\n\n", machine, method
                printf "%-54s %9s   %-22s %9s %7s  %-8s\n", "what", "ms", "against", "ms", "ratio", "bar"
            }
        }
        function shown(kind, value) {
            return value == "" ? "" : kind == "ms" ? sprintf("%.1f", value) : kind == "times" ? sprintf("%.2f x", value) : value
        }
        {
            split($7, bar, " ")
            verdict = ""
            if ($7 != "")
                verdict = ($6 + 0 == $6 && (bar[1] == "<=" ? $6 + 0 <= bar[2] + 0 : $6 + 0 >= bar[2] + 0)) ? "ok" : "MISSED"
            if (markdown) {
                gsub(/<=/, "≤", $7)
                gsub(/>=/, "≥", $7)
                printf "| %s | %s | %s | %s | %s | %s | %s |\n", $2, shown($1, $3), $4, shown($1, $5), $6, $7, verdict
            } else
                printf "%-54s %9s   %-22s %9s %7s  %-8s %s\n", $2, shown($1, $3), $4, shown($1, $5), $6, $7, verdict
        }'

    # A ratio says little if not even runs of one query take the same time.
    if below 1.2 "$noisiest"; then
        echo
        echo "The machine was busy with something else:" \
            "the slowest run of $noisiest_query took $noisiest times as long as the fastest."
    fi
}
