#!/bin/bash
# The library shows the server, and other libraries in it, no name that is not
# ours: before PostgreSQL 16 all of them share one table of names, and the first of
# two functions that are named alike is called for both.
# usage: test/t/symbols.sh
set -euo pipefail

names=$(nm -D --defined-only nps.so | awk '{ print $NF }' | sed 's/@.*//')
strange=$(grep -vE '^(nps_.*|Pg_magic_func|pg_finfo_nps_.*|_PG_init|_init|_fini|_edata|_end|__bss_start|__(asan|odr_asan|ubsan)_.*)$' <<< "$names" || true)
if [ -n "$strange" ]; then
    echo "names without nps_:"
    echo "$strange"
    exit 1
fi
grep -q '^nps_keep_rollup$' <<< "$names" || { echo "nm shows nothing of nps.so"; exit 1; }
echo "$(wc -l <<< "$names") names, all of them ours"
