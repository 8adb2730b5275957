#!/bin/bash
# The measure is measured: the oracle of follow-up (test/oracle) agrees with each of
# the histories that people wrote, and random quarters of a team keep what must hold.
# It asks no server.  The first argument is a seed, NPS_ORACLE_QUARTERS how many.
set -euo pipefail

[ -z "${NPS_ONCE-}" ] || { echo "tested on another version"; exit 77; }

command -v python3 > /dev/null || { echo "there is no python3"; exit 77; }
python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "python3 is older than 3.10"; exit 77; }

cd "$(dirname "$0")/../oracle"
export PYTHONDONTWRITEBYTECODE=1
python3 check_histories.py
python3 random_quarter.py "${1:-1}" "${NPS_ORACLE_QUARTERS:-3}" 100
