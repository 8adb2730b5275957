#!/bin/bash
# What applications do, with those drivers and ORMs that are installed in a minute: test/clients/run.sh has them all.
# A client that cannot be had is said; skipped (77) where none can.
set -uo pipefail

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
NPS_CLIENTS_INSTALL_SECONDS=60 exec "$tree/test/clients/each.sh" psycopg sqlalchemy django asyncpg node-pg postgres.js
