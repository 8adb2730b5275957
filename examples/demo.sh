#!/usr/bin/env bash
# Runs the demo in the database $PGDATABASE, which must be empty: it creates the extension,
# the sample survey and the survey's views there.  Server and user come from the usual
# variables (PGHOST, PGPORT, PGUSER).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

cat <<'HEADING'
nps: Net Promoter Score in PostgreSQL
=====================================
A sample survey of two years, what it says, whom to call first, and what became of it.
HEADING

psql -X -q -v ON_ERROR_STOP=1 -d "${PGDATABASE:?set PGDATABASE to an empty database}" -f "$here/demo.sql"
