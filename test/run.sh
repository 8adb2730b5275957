#!/bin/bash
# All tests on one PostgreSQL: the regression tests, then each test/t/*.sh that
# is executable.  Runs inside with_cluster.sh; the last line counts.
# NPS_ONCE=done leaves out what needs no second version of the server: long loops, clients, the
# browser, the oracle by itself.
set -u

passed=0
failed=0
skipped=0

echo "nps on $(pg_config --version)"

make -s check-tests || failed=$((failed + 1))

# PostgreSQL 15 prints "test NAME ... ok 12 ms", later ones "ok 1 - NAME 12 ms".
log=$(mktemp)
make -s installcheck > "$log" 2>&1
status=$?
cat "$log"
good=$(grep -cE '^(test| ) .* \.\.\. ok |^ok [0-9]+ ' "$log")
bad=$(grep -cE '^(test| ) .* \.\.\. FAILED|^not ok [0-9]+ ' "$log")
if [ "$status" != 0 ]; then
    for diffs in regression.diffs output_iso/regression.diffs; do
        [ ! -s "$diffs" ] || cat "$diffs"
    done
fi
# A runner that could not even start, or had nothing to run, is a failure too.
if [ "$bad" = 0 ] && { [ "$status" != 0 ] || [ "$good" = 0 ]; }; then
    echo "make installcheck did not run the regression tests"
    bad=1
fi
passed=$((passed + good))
failed=$((failed + bad))

for script in test/t/*.sh; do
    [ -x "$script" ] || continue
    echo "-- $script"
    began=$SECONDS
    "$script"
    case $? in
        0)
            echo "ok - $script $((SECONDS - began)) s"
            passed=$((passed + 1))
            ;;
        77)
            echo "skipped - $script"
            skipped=$((skipped + 1))
            ;;
        *)
            echo "FAILED - $script $((SECONDS - began)) s"
            failed=$((failed + 1))
            ;;
    esac
done

if [ "$skipped" = 0 ]; then
    echo "$passed passed, $failed failed"
else
    echo "$passed passed, $failed failed, $skipped skipped"
fi
[ "$failed" = 0 ]
