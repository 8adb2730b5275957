#!/bin/bash
# The next version: the sources of this one with changes of every kind are assembled to an install script and, with
# sql/update.awk, to an update script.  Two surveys of this version with cases, one of them materialized, are updated
# while people have views, columns, comments and rights of their own on them.  Then
#  - an updated survey is the same as one that is attached with the next version, but for the places of new columns and
#    for what people made;
#  - its reports have the same rows, and what people made of them works;
#  - what this version needs and somebody's rows or relations do not allow is told.
set -euo pipefail

here=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
database=nps_update
roles=(regress_update_owner regress_update_analyst regress_update_reader)
export PGOPTIONS='-c client_min_messages=warning -c jit=off'
scripts=$(pg_config --sharedir)/extension
clean_up() {
    rm -rf "$work" "$scripts"/nps--9.9.0*.sql "$scripts"/nps--*--9.9.0.sql
    psql -X -q -d postgres -c "DROP DATABASE IF EXISTS $database"
    for role in "${roles[@]}"; do
        psql -X -q -d postgres -c "DROP ROLE IF EXISTS $role"
    done
}
trap clean_up EXIT
fail() {
    echo "$*"
    exit 1
}
sql() { psql -X -q -At -v ON_ERROR_STOP=1 -d "$database" "$@"; }
as_owner() { PGOPTIONS="$PGOPTIONS -c role=regress_update_owner" sql "$@"; }
same() { # WHAT FILE FILE
    diff "$2" "$3" > "$work/differences" || {
        head -n 40 "$work/differences"
        fail "$1"
    }
}

# The next version.
version=$(sed -n "s/^default_version *= *'\(.*\)'.*/\1/p" "$here/nps.control")
next=$work/next
mkdir "$next"
cp -r "$here/sql" "$here/src" "$here/Makefile" "$here/nps.control" "$next"
rm -f "$next"/sql/nps--*.sql
edit() { # FILE SED...
    local file=$1 expression
    shift
    for expression in "$@"; do
        cp "$next/$file" "$work/before"
        sed -i "$expression" "$next/$file"
        ! cmp -s "$work/before" "$next/$file" || fail "nothing to change in $file by $expression"
    done
}
edit nps.control "s/^default_version.*/default_version = '9.9.0'/"
# settings, the first of them in the middle and shown in a report; a default and a check that change, one that goes, one that comes
edit sql/survey/table/survey.sql \
    '/^\tbenchmark double/i\	scarce_answers integer NOT NULL DEFAULT 30 CHECK (scarce_answers > 0), -- fewer answers tell nothing' \
    's/resurvey_months integer NOT NULL DEFAULT 2 CHECK (resurvey_months BETWEEN 0 AND 1000)/resurvey_months integer NOT NULL DEFAULT 3 CHECK (resurvey_months BETWEEN 0 AND 999)/' \
    's/ CHECK (longest_promise_months BETWEEN 0 AND 1000)//' \
    's/many_tickets integer NOT NULL DEFAULT 5/many_tickets integer DEFAULT 5 CHECK (many_tickets > 0)/'
edit sql/survey/view/summary.sql '/^\ts.goal,/i\	s.scarce_answers, -- fewer answers tell nothing'
# a column of the rules, and a comment
edit sql/survey/table/playbook.sql \
    '/^\towner text/a\	escalate_hours integer CHECK (escalate_hours > 0), -- hours until somebody else is told' \
    's/-- what such a score means/-- how such a score is understood/'
# an argument of nps_attach(), and with it a column of the mapping and of what is made of it
edit sql/survey/answer.sql "s/\(^\t*(\)16, 'topic', \(.*\));/\116, 'topic', \2),\n\117, 'theme', 'text', 'pg_catalog.text'::pg_catalog.regtype);/"
edit sql/survey/attach.sql 's/filter text DEFAULT NULL,/theme text DEFAULT NULL, filter text DEFAULT NULL,/' \
    's/topic text, filter text,/topic text, theme text, filter text,/' \
    "s/'filter', nps_attach_as_caller.filter,/'theme', nps_attach_as_caller.theme, 'filter', nps_attach_as_caller.filter,/" \
    '/^COMMENT ON FUNCTION @extschema@.nps_attach_as_caller(/s/text\[\], /&text, /' \
    '/^COMMENT ON FUNCTION @extschema@.nps_attach(/s/text\[\], /&text, /'
edit sql/survey/view/answer.sql '/AS open_tickets, --/i\	<<mapping.theme>> AS theme, -- what the answer is about'
edit sql/survey/view/counted.sql '/^\tcomment,/i\	theme, -- what the answer is about'
edit sql/survey/view/followup.sql "/^\ta.renewal_at/i\	upper(q.case_id::text) AS loudly, -- the case, to be called aloud"
edit sql/survey/view/response.sql '/^\tcomment,/i\	theme, -- what the answer is about'
# a new view, a view of ours that has another name, a new table
cat > "$next/sql/survey/view/theme.sql" << 'SQL'
-- what the answers are about
SELECT
	theme, -- what the answers are about
	count(*) AS responses -- answers that count
FROM counted
GROUP BY theme
SQL
mv "$next/sql/survey/view/cause_mention.sql" "$next/sql/survey/view/cause_named.sql"
edit sql/survey/view/cause_report.sql 's/cause_mention/cause_named/'
edit sql/survey/view/cause_customer.sql 's/cause_mention/cause_named/'
cat > "$next/sql/survey/table/channel.sql" << 'SQL'
-- how to make contact; edit them
CREATE TABLE channel (
	channel text PRIMARY KEY, -- names it
	cost double precision NOT NULL DEFAULT 1 -- of one contact
);
INSERT INTO channel VALUES ('phone'), ('mail');
SQL
edit Makefile 's/view\/cause_mention.sql/view\/cause_named.sql/' 's/^\tsql\/survey\/table\/survey.sql$/\tsql\/survey\/view\/theme.sql \\\n\tsql\/survey\/table\/channel.sql \\\n&/'
# indexes and a default of the cases, a rule among their columns, a trigger
edit sql/survey/table/followup_case.sql 's/^CREATE INDEX ON followup_case (respondent);/CREATE INDEX ON followup_case (respondent, opened_at);/' \
    's/^\tattempts integer NOT NULL DEFAULT 0/\tattempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0)/' \
    '/^\tteam text/a\	shift text NOT NULL DEFAULT '"'day'"', -- who has time for it' \
    's/^CREATE INDEX open_followup_case .*/&\nCREATE INDEX by_shift ON followup_case (shift);/'
edit sql/survey/tables.sql "/('concern', 'keep',/d"
# functions: one that changes, one that is new, one that is gone
edit sql/survey/tables.sql 's/often quoted in articles on customer retention; not measured here/not measured here/'
cat >> "$next/sql/survey/queue.sql" << 'SQL'

CREATE FUNCTION @extschema@.nps_greet(name text)
	RETURNS text
	LANGUAGE sql IMMUTABLE STRICT
	RETURN pg_catalog.concat('Dear ', name, ',');
COMMENT ON FUNCTION @extschema@.nps_greet(text) IS 'how a message begins';
SQL

make -s -C "$here" "sql/nps--$version.sql"
make -s -C "$next" sql/nps--9.9.0.sql
LC_ALL=C awk -f "$here/sql/update.awk" "$here/sql/nps--$version.sql" "$next/sql/nps--9.9.0.sql" > "$work/nps--$version--9.9.0.sql"
cp "$next/sql/nps--9.9.0.sql" "$work/nps--$version--9.9.0.sql" "$scripts"
# What it cannot do, it does not do.
sed 's/^CREATE OPERATOR @extschema@.+ (/&\n\tRESTRICT = eqsel,/' "$next/sql/nps--9.9.0.sql" > "$work/other.sql"
! LC_ALL=C awk -f "$here/sql/update.awk" "$here/sql/nps--$version.sql" "$work/other.sql" > "$work/out" 2> "$work/refused" ||
    fail "an operator was changed"
grep -qxF 'update.awk: cannot be updated like this: CREATE OPERATOR @extschema@.+ (' "$work/refused" || fail "$(cat "$work/refused")"

# Surveys of this version.
for role in "${roles[@]}"; do psql -X -q -d postgres -c "CREATE ROLE $role"; done
psql -X -q -d postgres -c "CREATE DATABASE $database" -c "GRANT CREATE ON DATABASE $database TO regress_update_owner"
sql << SQL > /dev/null
CREATE SCHEMA ext;
CREATE EXTENSION nps SCHEMA ext VERSION '$version';
GRANT USAGE ON SCHEMA ext TO PUBLIC;
CREATE SCHEMA crm AUTHORIZATION regress_update_owner;
CREATE SCHEMA lab AUTHORIZATION regress_update_analyst;
SET ROLE regress_update_owner;
SET search_path = crm, ext;
GRANT USAGE ON SCHEMA crm TO regress_update_analyst, regress_update_reader;
CREATE TABLE shop (id integer PRIMARY KEY, customer text, company text, score integer, at timestamptz, words text, plan text, about text);
INSERT INTO shop SELECT i, 'c' || i % 60, 'company ' || i % 60 % 9, (i * i + i / 7) % 12, now() - (400 - i) * interval '5 hours 17 minutes',
	(ARRAY['too expensive', NULL, 'slow support', 'late delivery'])[1 + i % 4], (ARRAY['free', 'pro'])[1 + i % 2], (ARRAY['price', 'food', NULL])[1 + i % 3]
FROM generate_series(1, 400) i;
CREATE TABLE part (id integer, plan text, score text, who bigint, at timestamptz, PRIMARY KEY (id, plan)) PARTITION BY LIST (plan);
CREATE TABLE part_free PARTITION OF part FOR VALUES IN ('free');
CREATE TABLE part_rest PARTITION OF part DEFAULT;
INSERT INTO part SELECT i, (ARRAY['free', 'pro'])[1 + i % 2], nullif(i % 13, 12)::text, i % 50, now() - (300 - i) * interval '9 hours' FROM generate_series(1, 300) i;
GRANT SELECT ON shop, part TO regress_update_analyst, regress_update_reader;
SQL
attach() { # SURVEY
    case $1 in
        s_shop*) as_owner -c "SELECT count(*) FROM ext.nps_attach('crm.shop', 'score', '$1', respondent => 'customer', account => 'company', responded_at => 'at',
            comment => 'words', segments => ARRAY['plan'], time_zone => 'UTC')" ;;
        *) as_owner -c "SELECT count(*) FROM ext.nps_attach('crm.part', 'score', '$1', response_id => 'id', respondent => 'who', responded_at => 'at',
            segments => ARRAY['plan'], time_zone => 'UTC')" -c "CALL ext.nps_materialize('$1')" ;;
    esac > /dev/null
    as_owner -c "SELECT ext.nps_grant('$1', 'regress_update_analyst', 'actor'), ext.nps_grant('$1', 'regress_update_reader')" > /dev/null
}
attach s_shop
attach s_part
for survey in s_shop s_part; do
    as_owner -v survey=$survey << 'SQL' > /dev/null
SET search_path = :survey, ext;
UPDATE followup SET status = 'contacted', channel = 'phone', note = 'called' WHERE case_id IN (SELECT case_id FROM followup ORDER BY case_id LIMIT 5);
INSERT INTO concern (case_id, concern, promise, promised_for) SELECT case_id, 'broken', 'a new one', current_date + 7 FROM followup_case ORDER BY case_id LIMIT 2;
UPDATE followup SET status = 'closed', cause = 'price', informed_at = now() WHERE case_id = (SELECT max(case_id) FROM followup_case);
UPDATE survey SET goal = 40, resurvey_months = 5, longest_promise_months = 2;
UPDATE playbook SET contact_hours = 7 WHERE score_from = 3;
INSERT INTO holiday VALUES ('2026-12-25', 'Christmas');
SQL
done
# What people made of it.
as_owner << 'SQL' > /dev/null
SET search_path = s_shop, ext;
COMMENT ON VIEW summary IS 'a comment of ours';
COMMENT ON COLUMN summary.nps IS 'another of ours';
COMMENT ON COLUMN playbook.steps IS 'a third';
ALTER TABLE playbook ADD COLUMN watcher text DEFAULT 'nobody';
CREATE INDEX team_of_ours ON followup_case (team);
ALTER TABLE survey ADD CONSTRAINT of_ours CHECK (goal > 10);
ALTER TABLE cause ALTER COLUMN team SET DEFAULT 'support';
DROP INDEX concern_case_id_idx;
CREATE VIEW of_ours AS SELECT status, count(*) AS cases FROM followup GROUP BY status;
GRANT SELECT (nps) ON summary TO PUBLIC;
REVOKE SELECT ON timeline FROM regress_update_reader;
UPDATE survey SET many_tickets = 0;
SQL
sql << 'SQL' > /dev/null
SET ROLE regress_update_analyst;
SET search_path = ext;
CREATE VIEW lab.work AS SELECT f.*, s.nps FROM s_shop.followup f CROSS JOIN s_shop.summary s;
CREATE VIEW lab.trend AS SELECT grain, period_start, nps FROM s_part.trend WHERE grain = 'month';
CREATE VIEW lab.named AS SELECT cause, count(*) AS answers FROM s_part.cause_mention GROUP BY cause;
CREATE MATERIALIZED VIEW lab.cases AS SELECT case_id, outcome FROM s_part.followup_all;
CREATE FUNCTION lab.newest() RETURNS SETOF s_shop.response LANGUAGE sql STABLE AS 'SELECT * FROM s_shop.response ORDER BY responded_at DESC LIMIT 1';
SQL
# Somebody's own relation has the name of one that comes.
attach s_shop_blocked
as_owner -c 'CREATE TABLE s_shop_blocked.theme (theme text)'

queries() { # SCHEMA: for the rows of its reports, columns by name
    local relation columns
    for relation in $(sql -c "SELECT c.relname FROM pg_class c WHERE c.relnamespace = '$1'::regnamespace AND c.relkind IN ('v', 'r')
            AND c.relname IN (SELECT o.object FROM ext.nps_survey_comments() o) AND c.relname NOT IN ('rollup', 'rollup_part', 'survey') ORDER BY 1"); do
        columns=$(sql -c "SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname) FROM pg_attribute a
            WHERE a.attrelid = '$1.$relation'::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> 'watcher'")
        printf 'SELECT %s, r::text FROM (SELECT %s FROM %s.%s) r ORDER BY r::text COLLATE "C";\n' "'$relation'" "$columns" "$1" "$relation"
    done
}

# Between the update and the refresh everything goes on as it was.
sql -c "CREATE TABLE lab.before AS SELECT * FROM s_shop.summary"
sql -c "ALTER EXTENSION nps UPDATE TO '9.9.0'"
[ "$(sql -c "SELECT ext.nps_greet('Ada'), (SELECT count(*) FROM ext.nps_default_assumptions() WHERE source = 'not measured here') > 0")" = 'Dear Ada,|t' ] ||
    fail "the update did not change the functions"
as_owner -c "UPDATE s_shop.followup SET note = 'in between' WHERE case_id = (SELECT max(case_id) FROM s_shop.followup)"
as_owner -c 'INSERT INTO crm.part VALUES (1000, $$pro$$, $$9$$, 1, now())' -c "DO \$\$ DECLARE v text; BEGIN
    FOR v IN SELECT c.oid::regclass FROM pg_class c WHERE c.relkind = 'v' AND c.relnamespace IN ('s_shop'::regnamespace, 's_part'::regnamespace) LOOP
        EXECUTE 'SELECT count(*) FROM ' || v; END LOOP; END \$\$"
[ "$(sql -c 'SELECT (SELECT count(*) FROM (TABLE lab.before EXCEPT TABLE s_shop.summary) d)')" = 0 ] || fail "the update changed a report"
[ "$(sql -c "SELECT finding, fix FROM ext.nps_check('s_shop')")" = "the survey is of another version of nps|SELECT * FROM nps_refresh_views('s_shop');" ] ||
    fail "nps_check() does not tell of the update"
! sql -c "CALL ext.nps_materialize('s_shop')" 2> "$work/told" || fail "a survey of the version before is materialized"
grep -qF 'survey "s_shop" was made by another version of nps' "$work/told" || fail "$(cat "$work/told")"

# All surveys at once, by an administrator; what cannot be done is told.
sql -c 'CALL ext.nps_refresh_all()' 2> "$work/told"
same "other warnings" "$work/told" - << 'OUT'
WARNING:  view s_part.cause_mention is no longer a part of the survey, but others use it
HINT:  Change these, then SELECT * FROM nps_refresh_views('s_part').
WARNING:  rows of s_shop.survey do not meet what this version of nps requires: check constraint "survey_many_tickets_check" of relation "survey" is violated by some row
DETAIL:  It was: ALTER TABLE s_shop.survey ADD CONSTRAINT survey_many_tickets_check CHECK (many_tickets > 0)
HINT:  Correct the rows, then SELECT * FROM nps_refresh_views('s_shop').
WARNING:  survey "s_shop_blocked" was skipped: there is a relation s_shop_blocked.theme, and this version of nps makes a view of that name
HINT:  Rename it, or move it to another schema.
OUT
sql -c 'SELECT * FROM lab.named' > /dev/null
sql -c 'DROP VIEW lab.named' -c 'DROP TABLE s_shop_blocked.theme' -c 'UPDATE s_shop.survey SET many_tickets = 5'
# while somebody watches what is defined
sql << 'SQL'
CREATE TABLE lab.defined (command text);
CREATE FUNCTION lab.define() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN INSERT INTO lab.defined SELECT c.command_tag FROM pg_event_trigger_ddl_commands() c; END $$;
CREATE EVENT TRIGGER nps_update ON ddl_command_end EXECUTE FUNCTION lab.define();
CREATE TABLE lab.refreshed AS SELECT * FROM ext.nps_refresh_views('s_shop_blocked');
DROP EVENT TRIGGER nps_update;
SQL
[ "$(sql -c "SELECT count(*) FILTER (WHERE command = 'CREATE VIEW') > 10, count(*) FILTER (WHERE command = 'ALTER VIEW') > 0 FROM lab.defined")" = 't|t' ] ||
    fail "$(sql -c 'SELECT command, count(*) FROM lab.defined GROUP BY 1')"
sql -c 'CALL ext.nps_refresh_all()' 2> "$work/told"
same "warnings the second time" "$work/told" /dev/null

# What people made of it works, and has the columns that it had.
[ "$(sql << 'SQL'
SET ROLE regress_update_analyst;
SELECT count(*) > 10 AND count(nps) > 10 FROM lab.work;
SELECT count(*) > 1 FROM lab.trend;
REFRESH MATERIALIZED VIEW lab.cases;
SELECT count(*) > 10 FROM lab.cases;
SELECT count(*) FROM lab.newest();
UPDATE s_shop.followup SET note = 'as ever' WHERE case_id = (SELECT max(case_id) FROM s_shop.followup);
RESET ROLE;
SELECT sum(cases) > 10 FROM s_shop.of_ours;
SELECT string_agg(attname, ',' ORDER BY attnum DESC) FILTER (WHERE attnum > 10) ~ '^scarce_answers,' FROM pg_attribute WHERE attrelid = 's_shop.summary'::regclass;
SELECT string_agg(attname, ',' ORDER BY attnum DESC) ~ '^loudly,renewal_at' FROM pg_attribute WHERE attrelid = 's_shop.followup'::regclass;
SELECT ext.nps_rollup_serves('s_part.rollup'), (SELECT count(*) FROM ext.nps_verify('s_part'));
SELECT count(*) FROM ext.nps_check('s_shop') WHERE severity = 'error';
SQL
)" = $'t\nt\nt\n1\nt\nt\nt\nt|0\n0' ] || fail "what people made of it does not work"

# The same surveys, attached with the next version.
attach s_shop_new
attach s_part_new
sql << 'SQL' > /dev/null
DO $$
DECLARE
	relation record;
BEGIN
	SET session_replication_role = replica;
	FOR relation IN
		SELECT n.nspname AS schema, c.relname, string_agg(quote_ident(a.attname), ', ') AS columns
		FROM pg_class c
		JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname IN ('s_shop', 's_part')
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.attname <> 'watcher'
		WHERE c.relkind = 'r' AND c.relname NOT IN ('rollup', 'rollup_part')
		GROUP BY 1, 2
	LOOP
		EXECUTE format('DELETE FROM %I.%I', relation.schema || '_new', relation.relname);
		EXECUTE format('INSERT INTO %1$I.%3$I (%4$s) SELECT %4$s FROM %2$I.%3$I', relation.schema || '_new', relation.schema, relation.relname, relation.columns);
	END LOOP;
	RESET session_replication_role;
END
$$;
SQL
properties() { # SCHEMA FILE
    sql -v schema="$1" << 'SQL' | sed "s/$1\>/SCHEMA/g" | LC_ALL=C sort > "$2"
SET search_path = pg_catalog;
SELECT concat_ws('|', 'relation', c.relname, c.relkind, c.reloptions, c.relrowsecurity, c.relforcerowsecurity, pg_get_userbyid(c.relowner), obj_description(c.oid, 'pg_class'))
FROM pg_class c WHERE c.relnamespace = :'schema'::regnamespace AND c.relkind IN ('v', 'r');
SELECT concat_ws('|', 'right', c.relname, g.attname, e.grantee::regrole, e.privilege_type, e.is_grantable)
FROM pg_class c
CROSS JOIN LATERAL (SELECT NULL AS attname, c.relacl AS acl UNION ALL SELECT a.attname, a.attacl FROM pg_attribute a WHERE a.attrelid = c.oid) g
CROSS JOIN LATERAL aclexplode(g.acl) e
WHERE c.relnamespace = :'schema'::regnamespace AND c.relkind IN ('v', 'r');
SELECT concat_ws('|', 'column', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attgenerated, a.attidentity, pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum))
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = :'schema'::regnamespace AND c.relkind IN ('v', 'r');
SELECT concat_ws('|', 'constraint', c.relname, k.conname, pg_get_constraintdef(k.oid))
FROM pg_class c JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype <> 'n' WHERE c.relnamespace = :'schema'::regnamespace AND c.relkind = 'r';
SELECT concat_ws('|', 'index', pg_get_indexdef(i.indexrelid)) FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid WHERE c.relnamespace = :'schema'::regnamespace AND c.relkind = 'r';
SELECT concat_ws('|', 'trigger', pg_get_triggerdef(t.oid)) FROM pg_class c JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal WHERE c.relnamespace = :'schema'::regnamespace;
SELECT concat_ws('|', 'policy', c.relname, p.polname, p.polcmd, pg_get_expr(p.polqual, p.polrelid)) FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid WHERE c.relnamespace = :'schema'::regnamespace;
SQL
}
for survey in s_shop s_part; do
    properties $survey "$work/updated"
    properties ${survey}_new "$work/new"
    # > is what people made, < what they took away or put something else in place of
    diff "$work/new" "$work/updated" | grep '^[<>]' > "$work/$survey" || true
done
same "an updated survey is not what is attached anew" "$work/s_part" /dev/null
same "an updated survey is not what is attached anew, apart from what people made" "$work/s_shop" - << 'OUT'
< column|cause|team|text|f|||the team that the cause belongs to
> column|cause|team|text|f|||'support'::text|the team that the cause belongs to
> column|of_ours|cases|bigint|f||
> column|of_ours|status|text|f||
< column|playbook|steps|text|t|||what to do, in order, separated by commas; compensate is shown only where a promise was broken
> column|playbook|steps|text|t|||a third
> column|playbook|watcher|text|f|||'nobody'::text
< column|summary|nps|double precision|f|||Net Promoter Score in points, -100 to 100; NULL without answers
> column|summary|nps|double precision|f|||another of ours
> constraint|survey|of_ours|CHECK ((goal > (10)::double precision))
< index|CREATE INDEX concern_case_id_idx ON SCHEMA.concern USING btree (case_id)
> index|CREATE INDEX team_of_ours ON SCHEMA.followup_case USING btree (team)
> relation|of_ours|v|f|f|regress_update_owner
< relation|summary|v|{security_invoker=true}|f|f|regress_update_owner|the whole survey in one row
> relation|summary|v|{security_invoker=true}|f|f|regress_update_owner|a comment of ours
< right|cause_named|regress_update_reader|SELECT|f
< right|channel|regress_update_reader|SELECT|f
> right|summary|nps|-|SELECT|f
< right|theme|regress_update_reader|SELECT|f
< right|timeline|regress_update_reader|SELECT|f
OUT
for survey in s_shop s_part; do
    # at one moment
    {
        printf 'BEGIN ISOLATION LEVEL REPEATABLE READ;\n\\o %s\n' "$work/updated"
        queries $survey
        printf '\\o %s\n' "$work/new"
        queries ${survey}_new
    } | sql
    same "$survey has other rows than a survey that is attached anew" "$work/new" "$work/updated"
    [ "$(wc -l < "$work/updated")" -gt 500 ] || fail "too little to compare"
done
echo "two surveys that were updated are what the next version attaches"
