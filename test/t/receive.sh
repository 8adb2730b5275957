#!/bin/bash
# Damaged tallies, binary and text, sent by a client of its own: the server must
# refuse or return them, and live.  Skipped (77) where there is no libpq to build
# the client with.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tmp=$(mktemp -d) || exit 1
database=nps_receive_$$
created=
clean_up() {
    rm -rf "$tmp"
    [ -z "$created" ] || psql -Xq -d "${PGDATABASE:-postgres}" -c "DROP DATABASE IF EXISTS $database"
}
trap clean_up EXIT

# A libpq that can be built with and that runs here: that of the server, or else
# the system's.  (Of an unpacked server's, neither is certain.)
cat > "$tmp/probe.c" << 'C'
#include <libpq-fe.h>
#ifndef LIBPQ_HAS_PIPELINING
#error "libpq is older than 14"
#endif
int main(void) { return PQlibVersion() >= 140000 ? 0 : 1; }
C
cc=${CC:-cc}
pg_config=${PG_CONFIG:-pg_config}
include=$("$pg_config" --includedir) || exit 1
lib=$("$pg_config" --libdir) || exit 1
flags=
for candidate in "-I$include -L$lib -Wl,-rpath,$lib -lpq" "-I/usr/include/postgresql -lpq" "-lpq"; do
    # shellcheck disable=SC2086
    if "$cc" -o "$tmp/probe" "$tmp/probe.c" $candidate 2> /dev/null && "$tmp/probe" 2> /dev/null; then
        flags=$candidate
        break
    fi
done
if [ -z "$flags" ]; then
    echo "no libpq (14 or later) to build a client with"
    exit 77
fi

# shellcheck disable=SC2086
"$cc" -std=gnu11 -O2 -Wall -Wextra -Werror -o "$tmp/receive_fuzz" "$here/receive_fuzz.c" $flags || exit 1

psql -Xq -d "${PGDATABASE:-postgres}" -c "CREATE DATABASE $database TEMPLATE template0 ENCODING 'UTF8'" || exit 1
created=yes
psql -Xq -d "$database" -c 'CREATE EXTENSION nps' || exit 1
PGDATABASE=$database "$tmp/receive_fuzz" 120000 120000
