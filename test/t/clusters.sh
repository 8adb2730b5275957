#!/bin/bash
# make installcheck on clusters of other kinds than that of the other tests: other
# encodings, collations, messages, settings, and a template1 that is not empty.
# First, CREATE EXTENSION and a survey in databases of encodings that have no arrow.
#
#   NPS_CLUSTERS="..."    which kinds (sql_ascii icu if it is not set): sql_ascii latin1 icu libc settings; or all
#   NPS_CLUSTER_TESTS=... which regression tests ("all" for all of them)
#
# In full:  NPS_CLUSTERS=all NPS_CLUSTER_TESTS=all test/with_cluster.sh test/t/clusters.sh
set -uo pipefail
[ -z "${NPS_ONCE-}" ] || { echo "tested on another version"; exit 77; }

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
kinds=${NPS_CLUSTERS:-sql_ascii icu}
[ "$kinds" != all ] || kinds="sql_ascii latin1 icu libc settings"
tests=${NPS_CLUSTER_TESTS:-install parse parse_time category attach cause followup_index report_time respondent survey}
work=$(mktemp -d)
export PGOPTIONS='-c client_min_messages=warning'
running=
clean_up() {
    [ -z "$running" ] || pg_ctl stop -D "$running" -m immediate > /dev/null 2>&1
    for database in "${databases[@]}"; do
        psql -Xq -d postgres -c "DROP DATABASE IF EXISTS $database"
    done
    rm -rf "$work"
}
databases=()
trap clean_up EXIT
fail() {
    echo "$*"
    exit 1
}

# ------------------------------------------------------- databases of encodings

read_all() { # DATABASE: a survey whose every view can be read
    # of the rows that do not count nps_attach() warns
    PGOPTIONS='-c client_min_messages=error' psql -XqAt -v ON_ERROR_STOP=1 -d "$1" << 'SQL'
CREATE EXTENSION nps;
CREATE TABLE answers (id text PRIMARY KEY, who text, score text, at text, words text, plan text);
INSERT INTO answers SELECT 'k' || i, 'p' || i % 7, (ARRAY['9', '4.0', '10-very', 'N/A', '0', 'ten'])[1 + i % 6], to_char(date '2024-01-01' + i, 'DD/MM/YYYY'),
    'too slow', (ARRAY['free', 'pro'])[1 + i % 2] FROM generate_series(1, 40) i;
SELECT count(*) > 0 FROM nps_attach('answers', 'score', respondent => 'who', responded_at => $$nps_parse_time(at, 'DD/MM/YYYY', 'Europe/Berlin')$$,
    comment => 'words', segments => ARRAY['plan'], time_zone => 'Europe/Berlin', loop_since => '-infinity');
DO $$
DECLARE
    view text;
BEGIN
    FOR view IN SELECT c.oid::regclass FROM pg_class c WHERE c.relnamespace = 'answers_nps'::regnamespace AND c.relkind = 'v' LOOP
        EXECUTE format('SELECT count(*) FROM (SELECT * FROM %s OFFSET 0) v', view);
    END LOOP;
END
$$;
SELECT responses, detractors, unanswered, rejected FROM answers_nps.summary;
SELECT count(*) FROM nps_check('answers_nps') WHERE severity = 'error';
SQL
}
for encoding in SQL_ASCII UTF8 LATIN1 LATIN2 LATIN9 WIN1251 WIN1252 KOI8R EUC_JP; do
    database=nps_in_${encoding,,}
    databases+=("$database")
    psql -Xq -v ON_ERROR_STOP=1 -d postgres -c "CREATE DATABASE $database TEMPLATE template0 ENCODING '$encoding' LC_COLLATE 'C' LC_CTYPE 'C'" ||
        fail "no database in $encoding"
    got=$(read_all "$database" 2>&1)
    [ "$got" = $'t\n27|14|7|6\n0' ] || fail "in $encoding: $got"
done
echo "a survey in $((${#databases[@]})) encodings"

# -------------------------------------------------------------------- clusters

# A locale of the system, or made for the occasion; 1 where there is none of that name.
need_locale() { # NAME LANGUAGE CHARACTER-MAP
    [[ $'\n'$(locale -a)$'\n' != *$'\n'$1$'\n'* ]] || return 0
    export LOCPATH=$work/locale
    mkdir -p "$LOCPATH"
    # it warns of much
    localedef -i "$2" -f "$3" "$LOCPATH/$1" > /dev/null 2>&1
    [ -d "$LOCPATH/$1" ]
}
run_kind() { # KIND OPTION-OF-INITDB...
    local kind=$1
    shift
    running=$work/$kind
    initdb -D "$running" -U postgres -A trust --no-sync "$@" > "$work/log" 2>&1 || {
        cat "$work/log"
        fail "$kind: no cluster"
    }
    cat >> "$running/postgresql.conf" << CONF
unix_socket_directories = '$work'
listen_addresses = ''
port = 5439
fsync = off
CONF
    if [ "$kind" = settings ]; then
        cat >> "$running/postgresql.conf" << 'CONF'
datestyle = 'German, DMY'
intervalstyle = 'sql_standard'
timezone = 'Asia/Kathmandu'
lc_messages = 'de_DE.UTF-8'
lc_numeric = 'de_DE.UTF-8'
bytea_output = 'escape'
search_path = '"$user", public, pg_catalog'
CONF
    fi
    pg_ctl start -w -D "$running" -l "$work/server.log" > "$work/log" 2>&1 || {
        cat "$work/server.log"
        fail "$kind: the server does not start"
    }
    # what somebody may have in every new database
    PGHOST=$work PGPORT=5439 psql -Xq -U postgres -d template1 -c "CREATE EXTENSION pageinspect" -c "CREATE SCHEMA nps" -c "CREATE TABLE public.survey (id int)" \
        -c "CREATE FUNCTION public.nps_score(text) RETURNS text LANGUAGE sql AS 'SELECT \$1'" > "$work/log" 2>&1
    local chosen=("REGRESS=$tests" ISOLATION=)
    [ "$tests" != all ] || chosen=()
    if ! PGHOST=$work PGPORT=5439 PGOPTIONS= make -s installcheck "${chosen[@]}" > "$work/log" 2>&1; then
        grep -E 'FAILED|^not ok' "$work/log" || cat "$work/log"
        cat regression.diffs output_iso/regression.diffs 2> /dev/null | head -n "${NPS_CLUSTER_DIFFERENCES:-60}"
        fail "$kind: make installcheck fails"
    fi
    pg_ctl stop -D "$running" -m fast > /dev/null
    running=
    echo "make installcheck on a cluster $kind"
}
for kind in $kinds; do
    case $kind in
        sql_ascii) run_kind sql_ascii -E SQL_ASCII --locale=C ;;
        latin1)
            if need_locale de_DE.ISO-8859-1 de_DE ISO-8859-1; then
                run_kind latin1 -E LATIN1 --locale=de_DE.ISO-8859-1
            else
                echo "no locale for LATIN1"
            fi
            ;;
        libc | settings)
            if need_locale de_DE.UTF-8 de_DE UTF-8; then
                run_kind "$kind" -E UTF8 --locale=de_DE.UTF-8
            else
                echo "no locale de_DE.UTF-8"
            fi
            ;;
        icu)
            if [[ $(initdb --help) == *--icu-locale* && $(pg_config --configure) == *--with-icu* ]]; then
                run_kind icu -E UTF8 --locale-provider=icu --icu-locale=de --locale=C
            else
                echo "no ICU"
            fi
            ;;
        *) fail "there is no kind $kind" ;;
    esac
done
