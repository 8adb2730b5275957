# Starts a pool that gives each transaction the next free session: pgbouncer in transaction mode.
# shellcheck shell=bash

pgbouncer=/usr/sbin/pgbouncer

# The process is $bouncer; it listens on $bouncer_port.  Any more SETTINGs go before these.
start_pgbouncer() { # FOLDER PORT [SETTING...]
    local folder=$1
    bouncer_port=$2
    shift 2
    [ -x $pgbouncer ] || { echo "no pgbouncer"; return 1; }
    cat > "$folder/pgbouncer.ini" << INI
[databases]
* = host=$PGHOST port=$PGPORT user=$PGUSER
[pgbouncer]
listen_port = $bouncer_port
unix_socket_dir = $folder
auth_type = any
pool_mode = transaction
ignore_startup_parameters = extra_float_digits, options
$(printf '%s\n' "$@")
INI
    $pgbouncer -q "$folder/pgbouncer.ini" > "$folder/pgbouncer.log" 2>&1 &
    bouncer=$!
    for _ in {1..100}; do
        [ ! -S "$folder/.s.PGSQL.$bouncer_port" ] || return 0
        kill -0 "$bouncer" 2> /dev/null || break
        sleep 0.05
    done
    cat "$folder/pgbouncer.log"
    return 1
}
