#!/bin/bash
# Saves of objects at random, as ORMs make them: whole rows, the columns that can be set, those that were edited; by the
# version that was read, counted on, or without; twice without being read again, stale, by several users, with times by
# the millisecond; and what the source, concerns, programs and others do in between.  Each save records what its user
# meant, or is refused as doc/applications.md says, and then records nothing.
#
#   NPS_SAVE_SECONDS=...   how long (20 if it is not set)
#   NPS_SAVE_SEED=...      the seed (9058 if it is not set, which once found something); it is printed
set -uo pipefail

python=
for candidate in python3 /usr/bin/python3; do
    if [ -z "$python" ] && "$candidate" -c 'import psycopg2' 2> /dev/null; then
        python=$candidate
    fi
done
[ -n "$python" ] || { echo "no python3 with psycopg2 is here"; exit 77; }

database=nps_save_$$
trap 'psql -Xq -d "${PGDATABASE:-postgres}" -c "DROP DATABASE IF EXISTS $database"' EXIT
psql -Xq -d "${PGDATABASE:-postgres}" -c "CREATE DATABASE $database" || exit 1
psql -Xq -d "$database" -c 'CREATE EXTENSION nps' || exit 1
PGDATABASE=$database PYTHONDONTWRITEBYTECODE=1 "$python" "$(dirname "${BASH_SOURCE[0]}")/save.py" "${NPS_SAVE_SECONDS:-20}" "${NPS_SAVE_SEED:-9058}"
