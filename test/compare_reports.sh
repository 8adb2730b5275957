#!/bin/bash
# What the views of a survey show before and after a change: two commits, the same answers, the same clock.
# usage: test/compare_reports.sh [--now TIME] BEFORE [AFTER] [--csv FILE ARGUMENT=SQL...]...
#
# BEFORE and AFTER are commits; without AFTER it is the working tree.  Each runs on a throw-away server, one after the other,
# whose clock stands at --now ('2026-03-23 10:00:00'), so that nothing volatile is left out.  Compared are the views and the
# columns that both have, the rows in the order of their text; times in UTC, numbers to 12 digits.
#
# Without --csv two surveys over answers made here are compared, with work that is recorded.  A FILE with a header becomes a
# table with its columns, all text, and "line", their number; it is attached with the ARGUMENTs of nps_attach() behind it:
#   test/compare_reports.sh --now '2026-01-05 09:00:00' v1.0.0 --csv answers.csv score="'q1'" respondent="'customer'" loop_since?="'-infinity'"
# An argument that BEFORE does not have is left out of both; one with ?= only where it is not known.
#
#   NPS_COMPARE_LINES=N      how many lines of each diff are printed (20)
#   NPS_COMPARE_KEEP=FOLDER  where to put all that was read, and the whole diffs
#
# Needs libfaketime, and what test/with_cluster.sh needs.  Exit code: 0 nothing differs, 1 something does, 2 it could not run.
set -euo pipefail
export LC_ALL=C.UTF-8
script=$(readlink -f "${BASH_SOURCE[0]}")
tree=${script%/test/*}
die() {
    echo "compare_reports.sh: $*" >&2
    exit 2
}

# ------------------------------------------------------------ on each server, run by with_cluster.sh

sql() { psql -X -q -At -v ON_ERROR_STOP=1 -d "$database" "$@"; }
attach() { # SURVEY TABLE ARGUMENT=SQL...
    local call="SELECT FROM nps_attach('$2', schema_name => '$1'" argument name
    for argument in "${@:3}"; do
        name=${argument%%=*}
        if grep -qx "${name%\?}" "$([[ $name == *\? ]] && echo "$out/arguments" || echo "$known")"; then
            call+=", ${name%\?} => ${argument#*=}"
        elif [[ $name != *\? ]]; then
            echo "$1 is attached without $name, which is not known before" >> "$out/told"
        fi
    done
    sql -c "$call)" > /dev/null
}
load() { # TABLE FILE
    sql -v name="$1" -v header="$(head -n 1 "$2" | sed 's/^\xef\xbb\xbf//; s/\r$//')" << 'SQL'
SELECT format('CREATE TABLE %I (%s)', :'name', string_agg(format('%I text', coalesce(replace(m[1], '""', '"'), m[2])), ', '))
FROM regexp_matches(:'header', '(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))', 'g') m \gexec
SQL
    sql -c "COPY $1 FROM STDIN (FORMAT csv, HEADER)" < "$2"
    sql -c "ALTER TABLE $1 ADD line bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY" -c "ANALYZE $1"
}
# Three years of answers, good and bad rows; w1 to w8, for whom somebody works, have one bad answer each.
make_answers() {
    sql << 'SQL'
SELECT setseed(0.5);
CREATE TABLE answers (id integer PRIMARY KEY, who text, company text, at timestamptz, asked timestamptz, arrived timestamptz, score text,
	stars integer, words text, plan text, region text, value numeric, renewal date, leaves timestamptz, reachable boolean, keeper text, tickets integer);
INSERT INTO answers (id, who, at, score, stars, words, plan, region)
SELECT i, CASE WHEN i % 31 = 0 THEN NULL WHEN i % 97 = 0 THEN (ARRAY['P1', 'p1', ''])[1 + i % 3] ELSE 'p' || floor(random() ^ 1.5 * 500) END,
	CASE WHEN i % 89 = 0 THEN NULL WHEN i % 401 = 0 THEN timestamptz '1899-06-01 UTC' WHEN i % 11 = 0 THEN timestamptz '2025-10-26 00:30 UTC' + i % 3 * interval '1 hour'
		ELSE timestamptz '2023-03-01 UTC' + floor(random() * 26280) * interval '1 hour' END,
	CASE WHEN i % 13 > 0 THEN floor(random() * 11)::text ELSE (ARRAY[NULL, '', 'N/A', 'ten', '11', '-1', '8.5', '7.0', ' 9 ', '99', '1e1', '09'])[1 + i / 13 % 12] END,
	CASE WHEN i % 17 > 0 THEN floor(random() * 7) END,
	(ARRAY[NULL, NULL, '', 'n/a', 'far too expensive', 'Nobody answers the phone, waiting for support', 'slow, and it crashes', 'nice', 'the bill was wrong; price is high'])[1 + floor(random() * 9)::integer],
	(ARRAY['free', 'pro', 'pro', 'Pro ', NULL])[1 + floor(random() * 5)::integer], (ARRAY['North', 'South', 'East', 'West'])[1 + floor(random() * 4)::integer]
FROM generate_series(1, 1500) i;
INSERT INTO answers (id, who, at, score, stars, words, plan, region)
SELECT 9000 + i, 'w' || i, timestamptz '2026-02-27 08:00 UTC' + i * interval '1 hour', i % 7, 1 + i % 2, 'too expensive', 'pro', 'North' FROM generate_series(1, 8) i;
UPDATE answers SET asked = at - interval '2 days', arrived = at + interval '3 hours', company = CASE WHEN length(who) > 1 THEN 'c' || right(who, 2) END,
	value = CASE WHEN id % 7 > 0 THEN 100 * length(who) + id % 50 END, renewal = CASE WHEN id % 5 = 0 THEN date '2026-04-01' + id % 60 END,
	leaves = CASE WHEN id % 29 = 0 THEN timestamptz '2026-01-15 UTC' + id % 90 * interval '1 day' END,
	reachable = CASE id % 19 WHEN 0 THEN false WHEN 1 THEN NULL ELSE true END, keeper = CASE id % 4 WHEN 0 THEN 'ana' WHEN 1 THEN 'ben' END, tickets = id % 6;
SQL
}
# What is done at that time; what a commit refuses is told.
work() { echo "$1" > "$clock" && sql -c "$2" > /dev/null 2>> "$out/told" || true; } # TIME SQL
built_in() {
    make_answers
    echo '2026-03-01 09:00:00' > "$clock"
    local both=("respondent='who'" "account='company'" "response_id='id'" "responded_at='at'" "asked_at='asked'" "received_at='arrived'"
        "comment='words'" "segments='{plan,region}'" "time_zone='Europe/Berlin'" "text_search_config='english'" "loop_since?='-infinity'")
    attach nps answers "score='score'" "${both[@]}" "revenue='value'" "renewal_at='renewal'" "churned_at='leaves'" \
        "contactable='reachable'" "owner='keeper'" "open_tickets='tickets'" 'goal=30'
    attach csat answers "score='stars'" "${both[@]}" "scale='csat5'" "filter='id % 3 > 0'"
    sql -c "UPDATE nps.cause SET fixed_at = '2025-06-01' WHERE cause = 'price'" -c "UPDATE csat.survey SET fallback_owner = 'zoe'" \
        -c "INSERT INTO nps.team_member VALUES ('support', 'sue'), ('support', 'sam')"
    work '2026-03-02 09:00:00' "UPDATE nps.followup SET status = 'contacted', channel = 'phone', cause = 'price', note = 'called', actor = 'ana' WHERE respondent IN ('w1', 'w2', 'w3', 'w4')"
    work '2026-03-03 15:00:00' "UPDATE nps.followup SET attempted_at = now(), actor = 'ben' WHERE respondent = 'w5'; INSERT INTO nps.concern (case_id, concern, promise, promised_for) VALUES (9002, 'the bill', 'a new one', '2026-03-10')"
    work '2026-03-04 09:00:00' "UPDATE nps.followup SET status = 'resolved', actor = 'ana' WHERE respondent IN ('w1', 'w4')"
    work '2026-03-04 12:00:00' "UPDATE nps.followup SET status = 'closed', informed_at = now(), actor = 'ana' WHERE respondent = 'w1'"
    work '2026-03-09 09:00:00' "INSERT INTO answers (id, who, at, arrived, score, words) SELECT 9010 + i, 'w' || i, now(), now(), '4', 'still too expensive' FROM generate_series(1, 4) i"
    work '2026-03-16 09:00:00' "UPDATE nps.followup SET snoozed_until = '2026-03-30', actor = 'ben' WHERE respondent = 'w7'; UPDATE nps.concern SET delivered_at = now() WHERE case_id = 9002"
    work '2026-03-20 09:00:00' "INSERT INTO answers (id, who, at, arrived, score) VALUES (9021, 'w2', now(), now(), '9'), (9025, 'w5', now(), now(), '10')"
}
# Each view into a file of its name, as COPY writes it.
if [ "${1-}" = --read ]; then # FOLDER KNOWN-ARGUMENTS LIBRARY NOW [--csv FILE ARGUMENT=SQL...]...
    out=$2 known=$3 library=$4 now=$5 database=nps_compare clock=$PGHOST/clock
    shift 5
    echo "$now" > "$clock"
    TZ=UTC LD_PRELOAD=$library FAKETIME_TIMESTAMP_FILE=$clock FAKETIME_NO_CACHE=1 DONT_FAKE_MONOTONIC=1 \
        pg_ctl restart -w -m fast -D "$(psql -X -At -c 'SHOW data_directory')" -l "$PGHOST/server.log" > /dev/null
    export PGOPTIONS='-c client_min_messages=error -c jit=off -c max_parallel_workers_per_gather=0 -c TimeZone=UTC -c DateStyle=ISO,YMD -c extra_float_digits=-3'
    psql -X -q -c "CREATE DATABASE $database"
    sql -c 'CREATE EXTENSION nps'
    sql -c "SELECT DISTINCT unnest(proargnames) FROM pg_proc WHERE proname = 'nps_attach'" > "$out/arguments"
    [ $# -gt 0 ] || built_in
    while [ $# -gt 0 ]; do
        survey=$(basename "$2" .csv) arguments=()
        load "source_$survey" "$2"
        shift 2
        while [[ ${1---csv} != --csv ]]; do arguments+=("$1") && shift; done
        attach "$survey" "source_$survey" "${arguments[@]}"
    done
    echo "$now" > "$clock"
    sql -F . -c "SELECT schemaname, viewname FROM pg_views WHERE schemaname IN (SELECT survey FROM nps_surveys())" > "$out/views"
    while read -r view; do sql -c "COPY (SELECT * FROM $view) TO STDOUT (HEADER)" > "$out/$view"; done < "$out/views"
    exit 0
fi

# ------------------------------------------------------------ both

tmp=$(mktemp -d)
# whatever ends it before the end, it could not run
trap 'rm -rf "$tmp"; exit "${status-2}"' EXIT
trap 'exit 2' HUP INT TERM
chmod 755 "$tmp"
mkdir -m 777 "$tmp/before" "$tmp/after"
cp "$script" "$tmp/compare_reports.sh"
usage=$(sed -n 's/^# usage: /usage: /p' "$script") now='2026-03-23 10:00:00'
if [ "${1-}" = --now ] && [ $# -gt 1 ]; then
    now=$2
    shift 2
fi
commits=()
while [[ ${1---csv} != --* ]]; do
    git -C "$tree" rev-parse -q --verify "$1^{commit}" > /dev/null || die "$1 is no commit"
    commits+=("$1")
    shift
done
[[ ${#commits[@]} =~ [12] && ${1---csv} == --csv ]] || die "$usage"
library=$(find /usr/lib -name libfaketime.so.1 2> /dev/null | head -n 1)
[ -n "$library" ] || die "libfaketime is not here: apt-get install faketime"
# the server's user may not read where the files are
surveys=() last=
for word; do
    if [ "$last" = --csv ]; then
        file=$(basename "$word" .csv | tr '[:upper:]' '[:lower:]' | tr -c 'a-z0-9\n' _).csv
        install -m 644 "$word" "$tmp/$file"
        word=$tmp/$file
    fi
    surveys+=("$word") last=$word
done
[ "$last" != --csv ] || die "$usage"
for side in before after; do
    commit=${commits[0]-} checkout=$tree
    commits=("${commits[@]:1}")
    if [ -n "$commit" ]; then
        checkout=$tmp/source_$side && mkdir "$checkout"
        git -C "$tree" archive "$commit" | tar -x -C "$checkout"
    fi
    echo "== $side: ${commit:-the working tree}" >&2
    bash "$checkout/test/with_cluster.sh" bash "$tmp/compare_reports.sh" --read "$tmp/$side" "$tmp/before/arguments" "$library" "$now" "${surveys[@]}" > "$tmp/log" 2>&1 ||
        { cat "$tmp/log" >&2 && die "cannot read the views of ${commit:-the working tree}"; }
    [ ! -s "$tmp/$side/told" ] || sed "s/^/$side: /" "$tmp/$side/told"
done

# ------------------------------------------------------------ and compared

# The columns that both have, first those that say what a row is of; how many these are is in the file keys.
common_columns() { # VIEW
    awk -v first="$1 case_id response_id grain period_start segment value cause respondent account" '
        NR == FNR { before[$0]; next } $0 in before { common[$0]; in_order[++n] = $0 }
        END { m = split(first, key, " "); keys = 0
            for (i = 1; i <= m; i++) if (key[i] in common) { print key[i]; delete common[key[i]]; keys++; if (key[i] ~ /^(case_id|response_id|respondent)$/) break }
            for (i = 1; i <= n; i++) if (in_order[i] in common) print in_order[i]
            print keys > "keys" }' columns.before columns.after
}
# The rows with the columns listed in a file, in that order.
pick() { # COLUMNS FILE
    awk -F '\t' 'NR == FNR { want[++n] = $0; next } FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        { for (i = 1; i <= n; i++) printf "%s%s", $at[want[i]], i < n ? FS : "\n" }' "$1" "$2" | LC_ALL=C sort
}
# COLUMN ROWS: how often it differs where both have the row; and how many rows only one has.
differences() {
    awk -F '\t' -v keys="$(cat keys)" 'side == 0 { name[FNR] = $0; next }
        { key = ""; for (i = 1; i <= keys; i++) key = key $i FS
            has[side, key]++; for (i = keys + 1; i <= NF; i++) n[i, key, $i] += side == 1 ? 1 : -1 }
        END { for (k in n) { split(k, p, SUBSEP); if (n[k] && (1, p[2]) in has && (2, p[2]) in has) more[n[k] > 0, p[1]] += n[k] > 0 ? n[k] : -n[k] }
            for (k in has) { split(k, p, SUBSEP); if (!((3 - p[1], p[2]) in has)) only[p[1]] += has[k] }
            for (i = keys + 1; i in name; i++) if ((m = more[0, i] > more[1, i] ? more[0, i] : more[1, i]) > 0) print name[i], m
            if (1 in only) print "(only-before)", only[1]; if (2 in only) print "(only-after)", only[2] }' side=0 columns side=1 rows.before side=2 rows.after
}
differ='' table=('view|rows|columns compared|columns only before|columns only after|differs')
cd "$tmp"
while read -r view; do
    if [ ! -e "before/$view" ] || [ ! -e "after/$view" ]; then
        table+=("$view|||||only $([ -e "before/$view" ] && echo before || echo after)")
        continue
    fi
    for side in before after; do head -n 1 "$side/$view" | tr '\t' '\n' > "columns.$side"; done
    common_columns "${view#*.}" > columns
    for side in before after; do pick columns "$side/$view" > "rows.$side"; done
    only_before=$(grep -vxFf columns.after columns.before | paste -sd ' ' || true)
    only_after=$(grep -vxFf columns.before columns.after | paste -sd ' ' || true)
    rows=$(wc -l < rows.before) differs=no
    [ "$rows" = "$(wc -l < rows.after)" ] || rows+=", $(wc -l < rows.after)"
    cmp -s rows.before rows.after || {
        differ=yes differs=yes
        differences > counts
        { head -n "$(cat keys)" columns && cut -d ' ' -f 1 counts | grep -v '^('; } > shown || true
        for side in before after; do pick shown "$side/$view" > "shown.$side"; done
        diff -U 0 --label "before/$view" --label "after/$view" shown.before shown.after > "after/$view.diff" || true
        printf '\n%s differs: %s\n' "$view" "$(tr ' ' : < counts | paste -sd ' ')"
        paste -sd '\t' shown
        head -n "${NPS_COMPARE_LINES:-20}" "after/$view.diff"
    }
    [ -z "$only_before$only_after" ] || printf '\n%s only before: %s; only after: %s\n' "$view" "${only_before:-none}" "${only_after:-none}"
    table+=("$view|$rows|$(wc -l < columns)|$(wc -w <<< "$only_before")|$(wc -w <<< "$only_after")|$differs")
done < <(LC_ALL=C sort -u before/views after/views)
echo
for line in "${table[@]}"; do
    IFS='|' read -r view rows compared only_before only_after differs <<< "$line"
    printf '%-28s | %12s | %16s | %19s | %18s | %s\n' "$view" "$rows" "$compared" "$only_before" "$only_after" "$differs"
done
[ -z "${NPS_COMPARE_KEEP-}" ] || cp -r before after "$NPS_COMPARE_KEEP/"
status=0
[ -z "$differ" ] || status=1
