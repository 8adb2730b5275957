#!/bin/bash
# The regression tests with what C leaves undefined watched, in servers of their own:
#  - nps built with UndefinedBehaviorSanitizer (signed overflow, shifts, casts that do not fit, null, outside of an array);
#  - nps under valgrind's memcheck (outside of what was allocated, after it was freed, before it was written).
#    A server's memory contexts hide most of this: so what nps allocates, and each value it is called with, gets a
#    block of its own here, fenced.
# A library with one such mistake per function shows that each would be found.
# Debian's servers have no assertions, and are not built for valgrind: what counts is a report in which nps stands.
# AddressSanitizer is left out: Debian's server, started with it, waits for a lock of the C library for ever.
#
# In the short form some tests run under each of the two, and under valgrind work with cases and rollups; and only with
# the server that the distribution comes with.
#   NPS_SANITIZE_FULL=1     all regression tests, also those of several sessions (under valgrind, hours)
#   NPS_SANITIZE_TESTS=...  these regression tests only
#   NPS_SANITIZE_WITH=...   sanitizer or valgrind; both if it is not set
set -euo pipefail

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
export PGDATABASE=postgres PGHOST=$work PGPORT=5432
clean_up() {
    for data in "$work"/*/data; do
        if [ -e "$data/postmaster.pid" ]; then pg_ctl stop -D "$data" -m immediate > /dev/null 2>&1 || true; fi
    done
    rm -rf "$work"
}
trap clean_up EXIT
fail() {
    trap - ERR
    printf '%s\n' "$@"
    exit 1
}
trap 'fail "stopped at line $LINENO"' ERR

major=$(pg_config --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/')
if [ -z "${NPS_SANITIZE_FULL-}" ] && [ ! -e "/usr/lib/postgresql/$major/bin/postgres" ]; then
    echo "runs with PostgreSQL $major only if NPS_SANITIZE_FULL is set"
    exit 77
fi
if ! command -v valgrind > /dev/null || ! echo 'int main(void) { return 0; }' | cc -fsanitize=undefined -x c -o "$work/probe" - 2> /dev/null; then
    echo "there is no valgrind, or no libubsan to compile with"
    exit 77
fi

# ------------------------------------------------------- blocks, and mistakes

# From 8 kB on, a context takes a block from malloc for one allocation alone, and gives it back as soon as that is freed.
# What is asked for too much is fenced off.
cat > "$work/watch.h" << 'C'
#include "postgres.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include <valgrind/memcheck.h>

static inline void *
watched(MemoryContext context, Size size, bool zero)
{
	Size		taken = Max(size + 64, 8256);
	char	   *block = MemoryContextAllocExtended(context, taken, MCXT_ALLOC_HUGE);

	if (zero)
		memset(block, 0, size);
	(void) VALGRIND_MAKE_MEM_NOACCESS(block + size, taken - size);
	return block;
}

static inline void *
watched_copy(const void *from, Size size)
{
	return memcpy(watched(CurrentMemoryContext, size, false), from, size);
}

static inline struct varlena *
watched_value(struct varlena *value)
{
	return watched_copy(value, VARSIZE_ANY(value));
}

static inline char *
watched_string(const char *string)
{
	return watched_copy(string, strlen(string) + 1);
}

#undef palloc0
#define palloc(size) watched(CurrentMemoryContext, size, false)
#define palloc0(size) watched(CurrentMemoryContext, size, true)
#define MemoryContextAlloc(context, size) watched(context, size, false)
#define MemoryContextAllocZero(context, size) watched(context, size, true)
#define pstrdup(string) watched_string(string)
#define psprintf(...) watched_string((psprintf)(__VA_ARGS__))
#define text_to_cstring(value) watched_string((text_to_cstring)(value))
#define cstring_to_text(string) ((text *) watched_value((struct varlena *) (cstring_to_text)(string)))
#define pg_detoast_datum(value) watched_value((pg_detoast_datum)(value))
#define pg_detoast_datum_copy(value) watched_value((pg_detoast_datum_copy)(value))
#define pg_detoast_datum_packed(value) watched_value((pg_detoast_datum_packed)(value))
C

# Called with the 10 and 'x'; named like the report that must come of it.
cat > "$work/mistakes.c" << 'C'
#include "postgres.h"
#include "fmgr.h"
#include "utils/memutils.h"

PG_MODULE_MAGIC;
#define MISTAKE(name) PG_FUNCTION_INFO_V1(name); Datum name(PG_FUNCTION_ARGS)

static volatile int constants[4] = {1, 2, 3, 4};

MISTAKE(after_free)
{
	char	   *freed = palloc0(16);

	pfree(freed);
	PG_RETURN_INT32(((volatile char *) freed)[3] == 0);
}

MISTAKE(after_reset)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "mistake", ALLOCSET_SMALL_SIZES);
	char	   *freed = MemoryContextAllocZero(context, 16);

	MemoryContextReset(context);
	PG_RETURN_INT32(((volatile char *) freed)[3] == 0);
}

MISTAKE(behind_block)
{
	PG_RETURN_INT32(((volatile char *) palloc0(PG_GETARG_INT32(0)))[10] == 0);
}

MISTAKE(behind_value)
{
	PG_RETURN_INT32(((volatile char *) VARDATA_ANY(PG_GETARG_TEXT_PP(1)))[1] == 0);
}

MISTAKE(uninitialized)
{
	if (*(volatile int *) palloc(16) == 0)
		PG_RETURN_INT32(constants[0] == 0);
	PG_RETURN_INT32(constants[1] == 0);
}

MISTAKE(behind_constant)
{
	PG_RETURN_INT32(constants[PG_GETARG_INT32(0) - 6] == 0);
}

MISTAKE(overflow)
{
	PG_RETURN_INT32(PG_GETARG_INT32(0) + PG_INT32_MAX);
}

MISTAKE(cast)
{
	PG_RETURN_INT32((int) (PG_GETARG_INT32(0) * 1e10) < 0);
}

MISTAKE(shift)
{
	PG_RETURN_INT32((1 << (PG_GETARG_INT32(0) + 30)) == 0);
}
C

# -------------------------------------------------------------------- servers

failed=
declare -A some=(
    [sanitizer]="scale category parse tally aggregate statistics weighted work_time followup_update rollup"
    [valgrind]="tally aggregate weighted")
declare -A ran=([sanitizer]=0 [valgrind]=0)

# An installation beside the one this runs in, with another nps.
install_beside() { # NAME MAKE-ARGUMENT...
    local usr=$work/$1/usr original
    original=$(dirname "$(dirname "$(dirname "$(dirname "$(pg_config --bindir)")")")")
    mkdir -p "$usr/lib/postgresql" "$usr/share/postgresql"
    mkdir "$usr/lib/postgresql/$major"
    cp -r "$(pg_config --bindir)" "$usr/lib/postgresql/$major/"
    cp -rs "$(pg_config --pkglibdir)" "$usr/lib/postgresql/$major/"
    cp -rs "$(pg_config --sharedir)" "$usr/share/postgresql/"
    ln -s "$original/include" "$usr/include"
    find "$usr" -name 'nps*' -prune -exec rm -rf {} +
    cp -r "$tree" "$work/$1/nps"
    (
        cd "$work/$1/nps"
        make -s with_llvm=no clean
        make -s -j 2 with_llvm=no PG_CONFIG="$usr/lib/postgresql/$major/bin/pg_config" "${@:2}" all
        make -s with_llvm=no PG_CONFIG="$usr/lib/postgresql/$major/bin/pg_config" install
    ) > "$work/log" 2>&1 || fail "nps cannot be built for $1:" "$(tail -n 20 "$work/log")"
}

start() { # NAME COMMAND...
    local data=$work/$1/data
    [ -e "$data" ] || initdb -D "$data" -U postgres -A trust -E UTF8 --locale=C --no-sync > /dev/null
    cat >> "$data/postgresql.conf" << CONF
listen_addresses = ''
unix_socket_directories = '$work'
fsync = off
autovacuum = off
jit = off
shared_buffers = 32MB
max_connections = 20
max_locks_per_transaction = 512
CONF
    printf '%s\n' '#!/bin/bash' "exec ${*:2} $work/$1/usr/lib/postgresql/$major/bin/postgres \"\$@\"" > "$work/$1/postgres"
    chmod +x "$work/$1/postgres"
    pg_ctl start -w -t 60 -p "$work/$1/postgres" -D "$data" -l "$work/$1/log" > "$work/log" 2>&1 || fail "the server for $1 does not start:" "$(cat "$work/log" "$work/$1/log")"
}

regression_tests() { # NAME
    local arguments=()
    # in the database that is there already
    [ "$1" != valgrind ] || arguments=(REGRESS_OPTS="--inputdir=test --dbname=contrib_regression --use-existing" ISOLATION=)
    if [ -z "${NPS_SANITIZE_FULL-}" ] || [ -n "${NPS_SANITIZE_TESTS-}" ]; then
        arguments+=(ISOLATION= REGRESS="${NPS_SANITIZE_TESTS:-${some[$1]}}")
    fi
    (cd "$work/$1/nps" && make -s with_llvm=no PG_CONFIG="$work/$1/usr/lib/postgresql/$major/bin/pg_config" installcheck "${arguments[@]}") \
        > "$work/$1/tests" 2>&1 || failed=yes
    ran[$1]=$(grep -cE '^(test| ) .* \.\.\. ok |^ok [0-9]+ ' "$work/$1/tests" || true)
    [ "${ran[$1]}" != 0 ] || fail "no regression test ran ($1):" "$(cat "$work/$1/tests")"
}

end_of_tests() { # NAME
    [ -z "$failed" ] || fail "regression tests failed ($1):" "$(grep -E 'FAILED|^not ok' "$work/$1/tests"; head -n 60 "$work/$1/nps/regression.diffs" 2> /dev/null)"
}

make_mistakes() { # NAME MISTAKE...
    local name
    for name in "${@:2}"; do
        echo "CREATE FUNCTION pg_temp.$name(integer, text) RETURNS integer LANGUAGE c AS '$work/$1/mistakes.so', '$name'; SELECT pg_temp.$name(10, 'x');"
    done | psql -X -q > /dev/null
}

# ----------------------------------------------------------------------- runs

# The line below the name of a mistake and its brace.
line_of() { echo $(($(grep -n "^MISTAKE($1)" "$work/mistakes.c" | cut -d : -f 1) + 2)); }

with_sanitizer() {
    local flags name
    flags=(-g -O1 -fsanitize=undefined -fsanitize=float-cast-overflow -fno-sanitize=alignment -fno-sanitize-recover=all)
    install_beside sanitizer PG_CFLAGS="${flags[*]}" SHLIB_LINK=-lubsan
    # a mistake goes on: a backend that ends would have the server start again, just when the next connects
    cc -fPIC -shared -O0 "${flags[@]}" -fsanitize-recover=all -isystem "$(pg_config --includedir-server)" -o "$work/sanitizer/mistakes.so" "$work/mistakes.c"
    start sanitizer
    regression_tests sanitizer
    if grep -A 3 'runtime error' "$work/sanitizer/log"; then fail "reports of the sanitizer"; fi
    end_of_tests sanitizer
    make_mistakes sanitizer behind_constant overflow cast shift
    for name in behind_constant overflow cast shift; do
        grep -qE "mistakes.c:$(line_of $name):.*runtime error" "$work/sanitizer/log" || fail "the sanitizer does not find the mistake \"$name\""
    done
    pg_ctl stop -D "$work/sanitizer/data" -m fast > /dev/null
}

# Reports in which a function of nps (or a mistake) stands, from valgrind's log.
reports() {
    awk -v folder="$1" '{ process = $1; sub(/^==[0-9]+== ?/, "") }
        $0 == "" { if (index(block[process], folder)) printf "%s\n", block[process]; block[process] = ""; next }
        { block[process] = block[process] $0 "\n" }' "$work/valgrind/report"*
}

with_valgrind() {
    local name role
    install_beside valgrind PG_CFLAGS="-g -O1 -Wno-unused-function -include $work/watch.h"
    cc -fPIC -shared -O0 -g -include "$work/watch.h" -isystem "$(pg_config --includedir-server)" -o "$work/valgrind/mistakes.so" "$work/mistakes.c"
    # what is not ours to watch, or takes long, is made beforehand
    start valgrind
    psql -X -q -v ON_ERROR_STOP=1 -c 'CREATE DATABASE contrib_regression TEMPLATE template0' -c '\c contrib_regression' -c 'CREATE EXTENSION nps'
    for role in owner reader actor; do psql -X -q -c "CREATE ROLE regress_nps_$role LOGIN"; done
    psql -X -q -c 'CREATE DATABASE surveys' -c 'GRANT CREATE ON DATABASE surveys TO regress_nps_owner'
    export PGOPTIONS='-c client_min_messages=error'
    psql -X -q -v ON_ERROR_STOP=1 -v zone=UTC -d surveys -f "$tree/test/data/two_surveys.sql" > "$work/log"
    pg_ctl stop -D "$work/valgrind/data" -m fast > /dev/null
    start valgrind valgrind -q --leak-check=no --trace-children=yes --error-limit=no --num-callers=40 \
        --fullpath-after= --log-file="$work/valgrind/report.%p"
    PGOPTIONS='' regression_tests valgrind
    # cases and rollups, written and read; who acts is told by a setting, in memory that is ours
    PGOPTIONS="$PGOPTIONS -c nps.actor=ana" psql -X -q -At -d surveys -v owner=regress_nps_owner -f "$tree/test/data/two_surveys_work.sql" > "$work/done" 2>&1
    if [ "${NPS_SANITIZE_FULL-}" ]; then
        psql -X -q -At -d surveys -v ON_ERROR_STOP=1 -f "$tree/test/data/two_surveys_contents.sql" > "$work/contents"
    else
        psql -X -q -At -d surveys -v ON_ERROR_STOP=1 > "$work/contents" \
            -c 'SELECT * FROM "Follow up".followup' -c 'SELECT * FROM "Parts".trend' -c 'SELECT * FROM "Follow up".timeline'
    fi
    [ "$(wc -l < "$work/contents")" -gt 20 ] || fail "the surveys under valgrind are empty"
    sed 's/ with payload \("[0-9]*"\).*/ \1/; s/^psql:.*: ERROR/ERROR/' "$work/done" | diff "$tree/test/data/two_surveys_work.out" - ||
        fail "work with surveys under valgrind does not give what it should"
    reports "$work/valgrind/nps/src/" > "$work/found"
    if [ -s "$work/found" ]; then fail "reports of valgrind:" "$(head -n 80 "$work/found")"; fi
    # tests that stop what takes too long do not get far here
    [ "${NPS_SANITIZE_FULL-}" ] || end_of_tests valgrind
    make_mistakes valgrind after_free after_reset behind_block behind_value uninitialized
    reports "$work/mistakes.c" > "$work/found"
    for name in after_free after_reset behind_block behind_value uninitialized; do
        grep -qE ": $name \(.*mistakes.c" "$work/found" || fail "valgrind does not find the mistake \"$name\""
    done
    pg_ctl stop -D "$work/valgrind/data" -m fast > /dev/null
}

said=
for tool in ${NPS_SANITIZE_WITH:-sanitizer valgrind}; do
    "with_$tool"
    case $tool in
        sanitizer) said+="${ran[sanitizer]} regression tests with undefined behaviour watched; " ;;
        valgrind) said+="${ran[valgrind]} and work with surveys under valgrind; " ;;
    esac
done
echo "${said}no report of nps"
