#!/bin/bash
# Part of run.sh, within with_cluster.sh: installs each client's dependencies, runs its program in a database of its
# own, and prints a table of clients and checks.  A program prints a line for each check: name, result, text.
# usage: test/clients/each.sh [NAME...]
#
# What takes longer to install than NPS_CLIENTS_INSTALL_SECONDS cannot be had.
# The result is FAILED, ok, or limit: what the client cannot do, or needs, by its own nature, as the check has seen.
# NAME@pgbouncer is the same program through a pool in transaction mode.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=test/pgbouncer.sh
. "$here/../pgbouncer.sh"
names=("$@")
[ $# -gt 0 ] || names=(psycopg psycopg@pgbouncer sqlalchemy django asyncpg
    node-pg node-pg@pgbouncer postgres.js sequelize typeorm mikro-orm prisma drizzle
    pgx sqlx jdbc hibernate activerecord pdo doctrine odbc)
work=$(mktemp -d) || exit 1
kept=${NPS_CLIENTS:-$work/installed}
mkdir -p "$kept"
bouncer=
clean_up() {
    [ -z "$bouncer" ] || kill "$bouncer" 2> /dev/null
    wait
    rm -rf "$work"
    psql -Xq -d postgres -c "DROP DATABASE IF EXISTS nps_clients" -c "DROP DATABASE IF EXISTS nps_client WITH (FORCE)" 2> /dev/null
}
trap clean_up EXIT
[ -z "${NPS_CLIENTS_PORT-}" ] || export PGHOST=127.0.0.1 PGPORT=$NPS_CLIENTS_PORT
# what a folder that goes in the end can hold
export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$here/lib npm_config_cache=$kept/npm GOPATH=$kept/go GOFLAGS=-modcacherw CARGO_HOME=$kept/cargo

psql -Xq -d postgres -c "CREATE DATABASE nps_clients" || exit 1
PGOPTIONS='-c jit=off' psql -Xq -d nps_clients -v ON_ERROR_STOP=1 -f "$here/fixture.sql" > "$work/log" 2>&1 || {
    cat "$work/log"
    exit 1
}

# The first Python that works here: a user's own may lie where the server's user cannot go.
python() {
    local candidate
    for candidate in $(type -ap python3) /usr/bin/python3; do
        "$candidate" -c 'import venv, ensurepip' 2> /dev/null && echo "$candidate" && return
    done
    return 1
}

# Installs what NAME needs into $kept/NAME; its file of dependencies says how.
install_client() { # NAME
    local from=$here/$1 to=$kept/$1 interpreter
    mkdir -p "$to" && cp -r "$from"/. "$to"/ && cp -r "$here/lib" "$kept"/ || return 1
    cd "$to" || return 1
    if [ -e requirements.txt ] && ! cmp -s requirements.txt installed; then
        interpreter=$(python) || { echo "no Python with venv"; return 1; }
        "$interpreter" -m venv --clear venv && venv/bin/pip install -q --disable-pip-version-check -r requirements.txt &&
            cp requirements.txt installed || return 1
    elif [ -e package.json ] && ! cmp -s package.json installed; then
        npm install --no-audit --no-fund --no-package-lock --loglevel=error && cp package.json installed || return 1
    elif [ -e go.mod ]; then
        go build -o main . || return 1
    elif [ -e Cargo.toml ]; then
        # query! asks the server for the types when it is compiled
        DATABASE_URL=postgres:///nps_clients cargo build -q && cp target/debug/main main || return 1
    elif [ -e pom.xml ]; then
        { cmp -s pom.xml installed || mvn -q -B -Dmaven.repo.local="$kept/m2" dependency:copy-dependencies -DoutputDirectory="$to/jars"; } &&
            cp pom.xml installed && mkdir -p classes && javac -proc:none -parameters -cp "jars/*" -d classes ../lib/Checks.java ./*.java || return 1
    elif [ -e packages.txt ]; then
        # shellcheck disable=SC2046
        dpkg-query -W $(cat packages.txt) > /dev/null || return 1
    fi
}

run_client() { # NAME
    cd "$kept/$1" || return 1
    if [ -e main.py ] && [ -e venv ]; then venv/bin/python main.py
    elif [ -e main.py ]; then /usr/bin/python3 main.py
    elif [ -e main.mjs ]; then node main.mjs
    elif [ -e go.mod ] || [ -e Cargo.toml ]; then ./main
    elif [ -e pom.xml ]; then java -cp "classes:jars/*:." Main
    elif [ -e main.rb ]; then ruby main.rb
    else php main.php; fi
}

failed=0
had=0
export -f python install_client run_client
export here kept
for name in "${names[@]}"; do
    program=${name%@*}
    echo "-- $name"
    [ -d "$here/$program" ] || { echo "there is no test/clients/$program"; exit 1; }
    if ! timeout "${NPS_CLIENTS_INSTALL_SECONDS:-1200}" bash -c 'install_client "$1"' install_client "$program" > "$work/log" 2>&1 ||
        { [ "$name" != "$program" ] && [ -z "$bouncer" ] && ! start_pgbouncer "$work" $((PGPORT + 1)) "listen_addr = 127.0.0.1" "default_pool_size = 6" >> "$work/log" 2>&1; }; then
        echo "cannot be had: $name: $(grep -v '^ *$' "$work/log" | tail -n 1)"
        [ -z "${NPS_CLIENTS_VERBOSE-}" ] || cat "$work/log"
        echo "$name" >> "$work/not_had"
        continue
    fi
    had=$((had + 1))
    psql -Xq -d postgres -c "SET client_min_messages = error" -c "DROP DATABASE IF EXISTS nps_client WITH (FORCE)" -c "CREATE DATABASE nps_client TEMPLATE nps_clients" || exit 1
    host=$PGHOST port=$PGPORT
    [ "$name" = "$program" ] || host=127.0.0.1 port=$bouncer_port
    (
        export PGHOST=$host PGPORT=$port PGDATABASE=nps_client
        timeout 300 bash -c 'run_client "$1"' run_client "$program" > "$work/out" 2> "$work/err"
    )
    status=$?
    if [ $status != 0 ] || grep -q '	FAILED	' "$work/out"; then
        tail -n 60 "$work/err"
        [ $status = 0 ] || echo "$program ended with $status"
    fi
    while IFS=$'\t' read -r check _; do
        line=$(grep "^$check	" "$work/out") || line="$check	FAILED	it did not run"
        printf '%s\t%s\n' "$name" "$line" >> "$work/results"
        case $line in
            *"	ok	"*) ;;
            *"	limit	"*) printf '%s\n' "${line//	/: }" ;;
            *)
                echo "$line"
                failed=$((failed + 1))
                ;;
        esac
    done < "$here/checks"
done

[ $had -gt 0 ] || exit 77
echo
awk -F '\t' -v OFS='\t' '
    FILENAME == ARGV[1] { check[++checks] = $1; legend[checks] = $2; next }
    { if (!($1 in seen)) { seen[$1]; client[++clients] = $1 } result[$1, $2] = $3; text[$1, $2] = $4 }
    END {
        for (i = 1; i <= checks; i++)
            printf "%2d %-16s%s\n", i, check[i], legend[i]
        printf "\n| %-18s|", "client"
        for (i = 1; i <= checks; i++)
            printf " %-5d |", i
        printf "\n|%s|", "-------------------"
        for (i = 1; i <= checks; i++)
            printf "-------|"
        print ""
        for (c = 1; c <= clients; c++) {
            printf "| %-18s|", client[c]
            for (i = 1; i <= checks; i++)
                printf " %-5s |", result[client[c], check[i]] == "FAILED" ? "FAIL" : result[client[c], check[i]]
            print ""
        }
        print ""
        for (c = 1; c <= clients; c++)
            for (i = 1; i <= checks; i++)
                if (result[client[c], check[i]] == "limit")
                    print "- " client[c] ", " check[i] ": " text[client[c], check[i]]
    }' "$here/checks" "$work/results"
[ ! -e "$work/not_had" ] || echo "cannot be had: $(paste -sd ' ' "$work/not_had")"
[ $failed = 0 ]
