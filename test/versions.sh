#!/bin/bash
# Runs test/run.sh on several major versions of PostgreSQL and adds up.
# usage: test/versions.sh [MAJOR...]       (15 17 18 if none is named)
# "default" stands for the newest PostgreSQL that is installed, or else the one
# that this release of Debian or Ubuntu comes with.
# The last line is "N passed, N failed, N skipped"; a version that cannot be had
# counts as one skipped.
set -u

test=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
[ $# -gt 0 ] || set -- 15 17 18

results=$(mktemp -d)
declare -A running=()
# What takes long and does not depend on the server's version (clients, browsers) is tested on the first one alone.
once=

stop() {
    trap '' INT TERM HUP
    [ ${#running[@]} = 0 ] || kill -TERM "${running[@]}" 2> /dev/null
    wait
    cat "$results"/*.out 2> /dev/null
    rm -rf "$results"
    exit "$1"
}
trap 'stop 129' HUP
trap 'stop 130' INT
trap 'stop 143' TERM

# Test output goes to a file, so that two at once do not mix; what
# with_cluster.sh says about its progress is shown at once.
start() {
    local option=(--major "$1")
    [ "$1" != default ] || option=()
    NPS_ONCE=$once bash "$test/with_cluster.sh" "${option[@]}" --tools bash -c 'exec test/run.sh 2>&1' > "$results/$1.out" &
    running[$1]=$!
    once=done
}

passed=0
failed=0
skipped=0
summary=()

finish() { # MAJOR EXIT-CODE
    local counts name
    name=$(sed -n 's/^nps on \(PostgreSQL [^ ]*\).*/\1/p' "$results/$1.out")
    name=${name:-PostgreSQL $1}
    echo
    echo "======== $name"
    cat "$results/$1.out"
    counts=$(tail -n 1 "$results/$1.out" | grep -E '^[0-9]+ passed, [0-9]+ failed')
    rm "$results/$1.out"
    if [ "$2" = 77 ]; then
        counts="skipped: not available here"
        skipped=$((skipped + 1))
    elif [[ $counts =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed(,\ ([0-9]+)\ skipped)?$ ]]; then
        passed=$((passed + BASH_REMATCH[1]))
        failed=$((failed + BASH_REMATCH[2]))
        skipped=$((skipped + ${BASH_REMATCH[4]:-0}))
    else
        counts="FAILED before its tests came to an end (exit code $2)"
        failed=$((failed + 1))
    fi
    summary+=("$name: $counts")
}

# Waits until one of those that run is done.
finish_one() {
    local process major status=0
    wait -n -p process "${running[@]}" || status=$?
    for major in "${!running[@]}"; do
        [ "${running[$major]}" = "$process" ] || continue
        unset "running[$major]"
        finish "$major" "$status"
    done
}

# Two at a time, as each of them waits a good part of its time.
tested=
for major in "$@"; do
    [ "$major" != "$tested" ] || continue
    [ ${#running[@]} -lt 2 ] || finish_one
    start "$major"
    if [ "$major" = default ]; then
        # It may have to install the packages that the others need too, and only then is it known which one it is.
        while [ -z "$tested" ] && kill -0 "${running[default]}" 2> /dev/null; do
            sleep 1
            tested=$(sed -n 's/^nps on PostgreSQL \([0-9]*\).*/\1/p' "$results/default.out")
        done
    fi
done
while [ ${#running[@]} -gt 0 ]; do finish_one; done
rm -rf "$results"

echo
printf '%s\n' "${summary[@]}"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
