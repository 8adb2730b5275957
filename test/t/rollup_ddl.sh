#!/bin/bash
# The rollup of nps_materialize() while whoever owns source and survey changes both:
# partitions come and go, also CONCURRENTLY, triggers are disabled, columns and
# functions are made anew, parts of a dump are restored over what is there, rows
# cannot be read, the rollup itself is written to, the server crashes, also with a
# transaction that is prepared.  After each step every report of a survey that has a rollup is that of a survey that has
# none, wherever it is read from; nps_check() says why it is read from the source;
# and no write fails of it.
# usage: test/t/rollup_ddl.sh [SEED [STEPS]]
#
#   NPS_ROLLUP_STEPS=...  how many steps (250 if it is not set)
set -euo pipefail

seed=${1:-${NPS_ROLLUP_SEED:-4711}}
steps=${2:-${NPS_ROLLUP_STEPS:-250}}
database=nps_rollup_ddl
work=$(mktemp -d)
export PGOPTIONS='-c client_min_messages=error -c jit=off'
clean_up() {
    rm -rf "$work"
    psql -X -q -d postgres -c "ALTER SYSTEM RESET max_prepared_transactions" || true
    psql -X -q -d postgres -c "DROP DATABASE IF EXISTS $database WITH (FORCE)" -c "DROP ROLE IF EXISTS regress_nps_writer" || true
}
trap clean_up EXIT
fail() {
    echo "seed $seed: $*"
    exit 1
}
sql() { psql -X -q -At -v ON_ERROR_STOP=1 -d $database "$@"; }

data=$(psql -X -q -At -d postgres -c 'SHOW data_directory')
log=$(dirname "$data")/server.log
restart() {
    pg_ctl restart -D "$data" -m "$1" -w -t 60 -l "$log" > "$work/restart" 2>&1 < /dev/null || { cat "$work/restart"; fail "the server does not start again"; }
}
psql -X -q -d postgres -c "ALTER SYSTEM SET max_prepared_transactions = 5"
restart fast

# ------------------------------------------------------------------------ tables

psql -X -q -d postgres -c "CREATE DATABASE $database" -c "DROP ROLE IF EXISTS regress_nps_writer" -c "CREATE ROLE regress_nps_writer"
sql > /dev/null << 'SQL'
CREATE EXTENSION nps;
CREATE SCHEMA desk;
SET search_path = desk, public;
CREATE FUNCTION team(plan text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$BEGIN RETURN 'team ' || plan; END$$;
CREATE TABLE whole (id integer, raw text, at timestamptz, words text, plan text, kind text DEFAULT 'relationship', doubled integer GENERATED ALWAYS AS (length(plan)) STORED);
CREATE TABLE split (LIKE whole INCLUDING ALL) PARTITION BY RANGE (id);
CREATE TABLE split_0 PARTITION OF split FOR VALUES FROM (0) TO (100);
CREATE TABLE split_1 PARTITION OF split FOR VALUES FROM (100) TO (200) PARTITION BY LIST (plan);
CREATE TABLE split_1_a PARTITION OF split_1 FOR VALUES IN ('a');
CREATE TABLE split_1_b PARTITION OF split_1 DEFAULT;
-- one without a default, from which can be detached CONCURRENTLY
CREATE TABLE split_2 PARTITION OF split FOR VALUES FROM (360) TO (400) PARTITION BY RANGE (id);
CREATE TABLE split_2_a PARTITION OF split_2 FOR VALUES FROM (360) TO (380);
CREATE TABLE split_2_b PARTITION OF split_2 FOR VALUES FROM (380) TO (400);
CREATE TABLE split_rest PARTITION OF split DEFAULT;
GRANT USAGE ON SCHEMA desk TO regress_nps_writer;
GRANT INSERT, UPDATE, DELETE, SELECT, TRUNCATE ON ALL TABLES IN SCHEMA desk TO regress_nps_writer;

CREATE FUNCTION attach(source text, survey text, filter text, replace boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM nps_attach(source, 'nullif(raw, '''')::integer', survey, response_id => 'id', responded_at => 'at', comment => 'words', filter => filter,
		segments => ARRAY['desk.team(plan) AS plan', 'doubled'], time_zone => 'UTC', replace => replace);
END
$$;
INSERT INTO whole (id, raw, at, words, plan) SELECT i, i % 12, '2026-03-20'::timestamptz + i * interval '5 hours', 'w', (ARRAY['a', 'b', 'cc'])[1 + i % 3] FROM generate_series(1, 300) i;
INSERT INTO split (id, raw, at, words, plan) SELECT id, raw, at, words, plan FROM whole;
SELECT attach(s, s || '_' || k, 'kind = ''relationship''', false) FROM unnest(ARRAY['whole', 'split']) s, unnest(ARRAY['kept', 'read']) k;
CALL nps_materialize('whole_kept');
CALL nps_materialize('split_kept');

CREATE TABLE public.log (step integer, source text, state text, detail text, is_last boolean DEFAULT false);
-- One report as text, or the error that reading it ends with.
CREATE FUNCTION public.report(survey text, report text) RETURNS text LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
	result text;
BEGIN
	EXECUTE format('SELECT md5(string_agg(r::text, E''\n'' ORDER BY r::text COLLATE "C")) FROM %I.%I r', survey, report) INTO result;
	RETURN coalesce(result, 'nothing');
EXCEPTION WHEN data_exception OR raise_exception THEN
	RETURN 'fails';
END
$$;
CREATE FUNCTION public.look(step integer, what text, is_last boolean DEFAULT false) RETURNS void LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
	source text;
	report text;
	one text;
	other text;
	rollup regclass;
	trouble text;
	told text;
BEGIN
	FOREACH source IN ARRAY ARRAY['whole', 'split'] LOOP
		FOREACH report IN ARRAY ARRAY['summary', 'distribution', 'trend', 'segment', 'segment_trend'] LOOP
			one := public.report(source || '_kept', report);
			other := public.report(source || '_read', report);
			IF one <> other THEN
				INSERT INTO log VALUES (step, source, 'WRONG', format('%s after %s', report, what));
			END IF;
		END LOOP;
		rollup := to_regclass(format('%I_kept.rollup', source));
		trouble := CASE WHEN rollup IS NULL THEN 'none' ELSE (nps_rollup_unserved(rollup)).trouble END;
		IF rollup IS NOT NULL AND (trouble IS NULL) <> nps_rollup_serves(rollup) THEN
			INSERT INTO log VALUES (step, source, 'WRONG', format('it serves or not, and tells otherwise, after %s', what));
		END IF;
		IF trouble IS NOT NULL AND rollup IS NOT NULL THEN
			BEGIN
				SELECT c.finding INTO told FROM nps_check(source || '_kept') c WHERE c.finding ~ 'rollup is not kept current|partitions are not counted';
				IF told IS NULL THEN
					INSERT INTO log VALUES (step, source, 'WRONG', format('nps_check() does not tell: %s, after %s', trouble, what));
				END IF;
			EXCEPTION WHEN OTHERS THEN
				INSERT INTO log VALUES (step, source, 'WRONG', format('nps_check() fails: %s, after %s', SQLERRM, what));
			END;
		END IF;
		INSERT INTO log VALUES (step, source, CASE WHEN trouble IS NULL THEN 'rollup' ELSE 'source' END, trouble, is_last);
	END LOOP;
END
$$;
-- A write, which may meet a key or no partition, and no other trouble.
CREATE FUNCTION public.write(step integer, statement text, as_writer boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF as_writer THEN
		SET LOCAL ROLE regress_nps_writer;
		SET LOCAL search_path = '';
	END IF;
	EXECUTE statement;
	RESET ROLE;
EXCEPTION WHEN OTHERS THEN
	RESET ROLE;
	-- a partition may not be there, or not be theirs; a MERGE may meet a row twice; a column may have another name, and a survey no reports
	IF SQLSTATE NOT IN ('21000', '23505', '23514') AND NOT (SQLSTATE = '42703' AND SQLERRM ~ '"words"') AND NOT (SQLSTATE LIKE '22%' AND statement ~ 'summary') AND SQLERRM !~ '(relation|table) "?(desk\.)?(part|split)_' THEN
		INSERT INTO public.log VALUES (step, NULL, 'WRONG', format('a write failed of "%s": %s', SQLERRM, statement));
	END IF;
END
$$;
SQL
sql -c "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA desk TO regress_nps_writer"
has_set_expression=$(sql -c "SELECT current_setting('server_version_num')::integer >= 170000")

# ------------------------------------------------------------------------- steps

# Each step is one or more statements on one line; what it may end with is not an error here.
cat > "$work/generate.awk" << 'AWK'
function r(n) { state = (state * 16807) % 2147483647; return int(state / 2147483647 * n) }
function pick(list, n, parts) { n = split(list, parts, "|"); return parts[1 + r(n)] }
function table() { return pick("desk.whole|desk.split|desk.split") }
function raw() { return r(60) ? "'" r(13) "'" : pick("NULL|''|'n/a'") }
function row(id) { return "(" id ", " raw() ", '2026-03-20'::timestamptz + interval '" r(900) " hours', " pick("NULL|'w'|''") ", " pick("'a'|'b'|'cc'|'d'") ", " pick("'relationship'|'relationship'|'other'") ")" }
function ids(n) { n = r(320); return n " AND " n + r(40) }
function write(t, k, list, n) {
	t = table()
	if (t == "desk.split" && !r(4)) t = "desk." pick("split_0|split_1|split_1_a|split_1_b|split_2|split_2_a|split_rest|part_1|part_2|part_3")
	k = r(10)
	if (k <= 2) {
		n = 1 + r(4)
		while (n--) list = list (list == "" ? "" : ", ") row(r(400))
		return "INSERT INTO " t " (id, raw, at, words, plan, kind) VALUES " list
	}
	if (k <= 5) return "UPDATE " t " SET " pick("raw = " raw() "|plan = 'a'|plan = 'cc', words = NULL|kind = 'other'|kind = 'relationship'|id = (id + 50) % 400|at = at + interval '1 day'") " WHERE id BETWEEN " ids()
	if (k == 6) return "DELETE FROM " t " WHERE id BETWEEN " ids()
	if (k == 7) return "MERGE INTO " t " a USING (VALUES (" r(400) "), (" r(400) ")) n (id) ON a.id = n.id WHEN MATCHED AND a.plan = 'a' THEN DELETE WHEN MATCHED THEN UPDATE SET raw = '5' WHEN NOT MATCHED THEN INSERT (id, raw, plan) VALUES (n.id, '7', 'b')"
	if (k == 8) return "INSERT INTO " t " (id, raw, at, plan) SELECT " r(360) ", responses % 11, '2026-04-01', 'a' FROM " pick("whole_kept|split_kept") ".summary"
	return "DELETE FROM " t " WHERE raw = 'n/a'"
}
function quoted(s) { gsub(/'/, "''", s); return "'" s "'" }
function written(what) {
	what = write()
	# who writes need not be one who reads reports
	return "SELECT write(" step ", " quoted(what) ", " (what !~ /summary/ && r(2) ? "true" : "false") ");"
}
function part() { return "desk.part_" 1 + r(3) }
function ddl(k, p, low) {
	k = r(42)
	p = part()
	low = 200 + 40 * substr(p, length(p))
	if (k <= 1) return "CREATE TABLE " p " PARTITION OF desk.split FOR VALUES FROM (" low ") TO (" low + 40 "); GRANT ALL ON " p " TO regress_nps_writer;"
	if (k <= 4) return "CREATE TABLE " p " (LIKE desk.split INCLUDING ALL); GRANT ALL ON " p " TO regress_nps_writer; " \
		(r(3) ? "INSERT INTO " p " (id, raw, at, plan) SELECT i, i % 11, '2026-04-01', 'a' FROM generate_series(" low ", " low + r(30) ") i;" : "") \
		" DELETE FROM desk.split_rest WHERE id >= " low " AND id < " low + 40 "; ALTER TABLE desk.split ATTACH PARTITION " p " FOR VALUES FROM (" low ") TO (" low + 40 ");"
	if (k == 5) return "BEGIN; CREATE TABLE " p " (LIKE desk.split INCLUDING ALL); GRANT ALL ON " p " TO regress_nps_writer; WITH moved AS (DELETE FROM desk.split_rest WHERE id >= " low " AND id < " low + 40 \
		" RETURNING id, raw, at, words, plan, kind) INSERT INTO " p " (id, raw, at, words, plan, kind) SELECT * FROM moved; ALTER TABLE desk.split ATTACH PARTITION " p " FOR VALUES FROM (" low ") TO (" low + 40 "); " pick("COMMIT|COMMIT|ROLLBACK") ";"
	if (k <= 7) return "ALTER TABLE desk.split DETACH PARTITION " p "; " pick("|INSERT INTO " p " (id, raw, plan) VALUES (" low + 1 ", '3', 'a');|DROP TABLE " p ";|TRUNCATE " p ";")
	if (k == 8) return "ALTER TABLE desk.split ATTACH PARTITION " p " FOR VALUES FROM (" low ") TO (" low + 40 ");"
	if (k == 9) return "ALTER TABLE desk.split DETACH PARTITION " p "; ALTER TABLE desk.split ATTACH PARTITION " p " FOR VALUES FROM (" low ") TO (" low + 40 ");"
	if (k == 10) return "DROP TABLE " p ";"
	if (k <= 12) return pick("|BEGIN; ") "TRUNCATE " pick(p "|desk.split_0|desk.split_1|desk.split_1_a|desk.split_0, desk.split_1_b|desk.whole|desk.split") ";" pick("|ROLLBACK;|COMMIT;")
	if (k == 13) return "ALTER TABLE desk.split_1 DETACH PARTITION desk.split_1_a; " written() " ALTER TABLE desk.split_1 ATTACH PARTITION desk.split_1_a FOR VALUES IN ('a');"
	if (k == 14) return "VACUUM FULL " pick("desk.whole|desk.split_0|whole_kept.rollup|split_kept.rollup|split_kept.rollup_part|pg_class|pg_trigger") ";"
	if (k <= 16) return disabled()
	if (k == 17) return "SET session_replication_role = replica; " written() " " written() " RESET session_replication_role;"
	if (k == 18) return team(r(5) ? "" : "IF plan = 'd' THEN RAISE 'no'; END IF; ")
	if (k == 19) return expression()
	if (k == 20) return "ALTER TABLE " table() " " pick("ADD COLUMN IF NOT EXISTS more integer DEFAULT 7|DROP COLUMN IF EXISTS more|RENAME words TO said") ";"
	if (k == 21) return "ALTER TABLE " table() " RENAME said TO words;"
	if (k == 22) return replaced()
	if (k == 23) return "TRUNCATE " pick("whole_kept.rollup|split_kept.rollup|split_kept.rollup, split_kept.rollup_part|whole_kept.rollup_part") ";"
	if (k == 24) return pick("INSERT INTO split_kept.rollup TABLE split_kept.rollup;|DELETE FROM whole_kept.rollup;|DELETE FROM split_kept.rollup_part;|INSERT INTO whole_kept.rollup_part TABLE whole_kept.rollup_part;") \
		pick("|ALTER TABLE whole_kept.rollup DISABLE TRIGGER ALL; DELETE FROM whole_kept.rollup WHERE day > '2026-03-25'; ALTER TABLE whole_kept.rollup ENABLE TRIGGER ALL;")
	if (k == 25) return pick("ALTER TABLE split_kept.rollup RENAME TO former; " written() " ALTER TABLE split_kept.former RENAME TO rollup;|ALTER TABLE whole_kept.rollup DISABLE ROW LEVEL SECURITY; " \
		written() " ALTER TABLE whole_kept.rollup ENABLE ROW LEVEL SECURITY;|ALTER TABLE split_kept.rollup_part RENAME TO former; CREATE INDEX odd ON split_kept.rollup (day); " \
		written() " DROP INDEX split_kept.odd; ALTER TABLE split_kept.former RENAME TO rollup_part;|CREATE INDEX odd_too ON whole_kept.rollup_part (leaf); " written() " DROP INDEX whole_kept.odd_too;|CREATE INDEX odd ON split_kept.rollup (day); " written() " DROP INDEX split_kept.odd;")
	if (k == 26) {
		p = pick("whole|split_0|split_rest")
		return "ALTER TABLE desk." p " SET UNLOGGED; " written() " SELECT look(" step ", 'unlogged'); ALTER TABLE desk." p " SET LOGGED;"
	}
	if (k == 27) return "BEGIN; " written() " " written() " PREPARE TRANSACTION 'one'; " pick("COMMIT|ROLLBACK") " PREPARED 'one';"
	if (k == 28) return "ANALYZE desk.whole, desk.split; SELECT nps_refresh_views(s) FROM unnest(ARRAY['whole_kept', 'split_kept']) s;"
	if (k <= 31) return restored()
	if (k <= 34) return detached()
	if (k == 35) return retyped()
	if (k == 36) return "BEGIN; CREATE TABLE " p " PARTITION OF desk.split FOR VALUES FROM (" low ") TO (" low + 40 "); GRANT ALL ON " p " TO regress_nps_writer; " written() " SELECT nps_compact('split_kept'); " \
		pick("|SELECT look(" step ", 'counted in a transaction');") " ALTER TABLE " p " DISABLE TRIGGER " pick("ALL|USER|nps_rollup_row_split_kept|nps_rollup_truncate_split_kept") "; " written() \
		" INSERT INTO " p " (id, raw, plan) VALUES (" low + 1 ", '3', 'a'); ALTER TABLE " p " ENABLE ALWAYS TRIGGER " pick("ALL|USER|nps_rollup_row_split_kept|nps_rollup_truncate_split_kept") ";" pick(" SELECT nps_compact('split_kept');|") " COMMIT;"
	if (k == 37) return "BEGIN ISOLATION LEVEL " pick("REPEATABLE READ|SERIALIZABLE") "; SELECT look(" step ", 'old snapshot, before');\\\\ \\! PGOPTIONS='-c statement_timeout=3s -c lock_timeout=500ms' psql -X -q -d " database " -c " quoted(pick("SELECT write(" step ", $$" outside() "$$, false)|TRUNCATE desk.split_0|SELECT nps_compact($$split_kept$$)|CALL nps_materialize($$split_kept$$)|CREATE TABLE " p " AS SELECT * FROM desk.split WHERE id < 3")) " > /dev/null 2>&1\\\\ SELECT look(" step ", 'old snapshot, after'); " \
		written() pick(" SELECT nps_compact('split_kept');|") " SELECT look(" step ", 'old snapshot, written'); COMMIT;"
	if (k <= 39) return child()
	return "CREATE TABLE desk.split_1_d PARTITION OF desk.split_1 FOR VALUES IN ('d'); " written() " DROP TABLE desk.split_1_d;"
}
# what another session writes meanwhile, in one pair of quotes
function outside() { return "INSERT INTO desk.split (id, raw, plan) VALUES (" r(400) ", $q$" r(11) "$q$, $q$a$q$)" }
# Parts of a dump over what is there; and what was dropped, as it was.
function restored(t, dump, file) {
	file = work "/part.sql"
	t = pick("desk.whole|desk.split|desk.split_0|desk.split_1_b|whole_kept.rollup|split_kept.rollup*|whole_kept.rollup_part")
	dump = "\\! pg_dump -d " database " -a" pick("|| --disable-triggers| --inserts| --section=data") " -t " quoted(t) " -f " file
	if (r(3)) return dump " > /dev/null 2>&1\\\\ " written() pick("|| TRUNCATE desk.split_0;| DELETE FROM desk.whole WHERE id < 100;") "\\\\ \\! psql -X -q -d " database " -f " file " > /dev/null 2>&1"
	if (r(3)) {
		t = pick("split_0|split_1_b|split_2|part_1|part_2")
		return "\\! pg_dump -d " database pick("|| -s") " -t desk." t pick("| -t " quoted("desk." t "_*")) " -f " file " > /dev/null 2>&1\\\\ " pick("DROP TABLE desk." t ";|DROP TABLE desk." t ";|ALTER TABLE desk.split DETACH PARTITION desk." t "; DROP TABLE desk." t ";") " " written() \
			"\\\\ \\! psql -X -q -d " database " -f " file " > /dev/null 2>&1\\\\ GRANT ALL ON ALL TABLES IN SCHEMA desk TO regress_nps_writer;"
	}
	t = pick("whole|split") "_kept"
	if (r(2)) return "\\! pg_dump -d " database " -a" pick("| --disable-triggers") " -n " t " -f " file " > /dev/null 2>&1\\\\ " written() "\\\\ \\! psql -X -q -d " database " -f " file " > /dev/null 2>&1"
	return "\\! pg_dump -d " database " -n " t " -f " file " > /dev/null 2>&1\\\\ DROP SCHEMA " t " CASCADE; " written() "\\\\ \\! psql -X -q -d " database " -f " file " > /dev/null 2>&1"
}
# From a table without a default CONCURRENTLY: at once; or not to its end, as others read it.
function detached(t, low, detach, attach) {
	t = pick("a|b")
	low = t == "a" ? 360 : 380
	t = "desk.split_2_" t
	detach = "ALTER TABLE desk.split_2 DETACH PARTITION " t
	attach = " ALTER TABLE desk.split_2 ATTACH PARTITION " t " FOR VALUES FROM (" low ") TO (" low + 20 ");"
	if (r(2)) return detach " CONCURRENTLY; " pick("|" written() "|INSERT INTO " t " (id, raw, plan) VALUES (" low + 2 ", $$4$$, $$a$$);|TRUNCATE " t ";") attach
	return "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM desk.split_2;" pick("| SELECT look(" step ", 'before it is detached');") \
		"\\\\ \\! PGOPTIONS='-c statement_timeout=300ms' psql -X -q -d " database " -c '" detach " CONCURRENTLY' > /dev/null 2>&1\\\\ SELECT look(" step ", 'being detached, old snapshot'); " \
		pick("|" written()) " COMMIT; SELECT look(" step ", 'being detached'); " written() pick("| SELECT nps_compact('split_kept');| CALL nps_materialize('split_kept', rebuild => true);") \
		" SELECT look(" step ", 'being detached, written'); " detach " FINALIZE; SELECT look(" step ", 'detached');" pick("|" attach)
}
# The plain table, or a rollup, as a child of another, by way of which it is written to.
function child(t, parent) {
	if (!r(4)) {
		t = pick("whole_kept.rollup|split_kept.rollup|whole_kept.rollup_part")
		return "CREATE TABLE desk.heir_parent (LIKE " t "); ALTER TABLE " t " INHERIT desk.heir_parent; DELETE FROM desk.heir_parent" pick("| WHERE ctid = '(0,1)'") "; ALTER TABLE " t " NO INHERIT desk.heir_parent; DROP TABLE desk.heir_parent;"
	}
	if (r(2)) return "CREATE TABLE desk.bigger (LIKE desk.whole INCLUDING GENERATED) PARTITION BY RANGE (id); ALTER TABLE desk.bigger ATTACH PARTITION desk.whole DEFAULT; " \
		pick("INSERT INTO desk.bigger (id, raw, plan) VALUES (" r(300) ", '7', 'a');|DELETE FROM desk.bigger WHERE id BETWEEN " ids() ";|UPDATE desk.bigger SET raw = '2' WHERE id BETWEEN " ids() ";|TRUNCATE desk.bigger;") \
		pick("| SELECT look(" step ", 'a partition');") " ALTER TABLE desk.bigger DETACH PARTITION desk.whole; DROP TABLE desk.bigger;"
	parent = "CREATE TABLE desk.parent (" pick("LIKE desk.whole INCLUDING GENERATED|id integer|kind text, plan text") "); "
	return pick("|BEGIN; ") parent "ALTER TABLE desk.whole INHERIT desk.parent; " pick("DELETE FROM desk.parent WHERE ctid < '(0,9)';|DELETE FROM desk.parent;|" written()) pick("| SELECT look(" step ", 'a child');") \
		" ALTER TABLE desk.whole NO INHERIT desk.parent; DROP TABLE desk.parent;" pick("|COMMIT;|ROLLBACK;")
}
function team(unless) {
	return "CREATE OR REPLACE FUNCTION desk.team(plan text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$BEGIN " unless "RETURN " pick("'team '|'group '") " || plan; END$$;"
}
# A column that is mapped keeps its type as long as there is a view of it; one that is not has the table written anew.
# Rows that cannot be read are in the way of attaching.
function retyped(s, type) {
	s = pick("whole|split")
	type = pick("text|varchar(50)|varchar(100)")
	if (r(3)) return "ALTER TABLE desk." s " ALTER COLUMN raw TYPE " type "; ALTER TABLE desk." s " ADD COLUMN IF NOT EXISTS more integer DEFAULT 7; " written() " ALTER TABLE desk." s " ALTER COLUMN more TYPE " pick("bigint|text|numeric") "; " written() " ALTER TABLE desk." s " DROP COLUMN IF EXISTS more;"
	return "ALTER TABLE desk." s " RENAME said TO words; SELECT nps_detach('" s "_kept'), nps_detach('" s "_read'); " team() " ALTER TABLE desk." s " ALTER COLUMN words TYPE " type ", ALTER COLUMN raw TYPE " pick("text|varchar(20)") "; SELECT desk.attach('desk." s "', '" s "_' || k, $f$kind = 'relationship'$f$, false) FROM unnest(ARRAY['kept', 'read']) k; " written() " CALL nps_materialize('" s "_kept');"
}
function disabled(t, what) {
	t = pick("desk.whole|desk.split|desk.split_0|desk.split_1_b")
	what = pick("ALL|USER")
	return pick("|BEGIN; ") "ALTER TABLE " t " DISABLE TRIGGER " what "; " written() " ALTER TABLE " t " ENABLE TRIGGER " what ";" pick("|COMMIT;|ROLLBACK;")
}
function expression() {
	if (set_expression == "t") return "ALTER TABLE " table() " ALTER COLUMN doubled SET EXPRESSION AS (" pick("length(plan)|2 * length(plan)") "); " written()
	return "ALTER TABLE desk.whole ALTER COLUMN doubled DROP EXPRESSION IF EXISTS; UPDATE desk.whole SET doubled = 3 WHERE id % 7 = 0;"
}
# the same mapping for both; or the view edited and put back with a write in between
function replaced(s, f) {
	s = pick("whole|split")
	if (r(2)) {
		f = pick("kind = 'relationship'|kind IS NOT NULL|id % 2 = 0")
		return "SELECT desk.attach('desk." s "', '" s "_kept', " quoted(f) ", true), desk.attach('desk." s "', '" s "_read', " quoted(f) ", true);"
	}
	return "SELECT pg_get_viewdef('" s "_kept.answer') AS was \\gset\\\\ SELECT format('CREATE OR REPLACE VIEW " s "_kept.answer AS SELECT * FROM (%s) a WHERE response_id > 100', rtrim(:'was', ';')) \\gexec\\\\ " written() " SELECT format('CREATE OR REPLACE VIEW " s "_kept.answer AS %s', :'was') \\gexec"
}
function cure(s) {
	s = pick("whole_kept|split_kept")
	if (!r(6)) return "CREATE OR REPLACE FUNCTION desk.team(plan text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$BEGIN RETURN 'team ' || plan; END$$; CALL nps_materialize('whole_kept'); CALL nps_materialize('split_kept');"
	if (!r(4)) return "CALL nps_materialize('" s "', rebuild => true);"
	if (!r(3)) return "SELECT nps_compact('" s "');"
	return "SELECT fix FROM nps_check('" s "') WHERE finding ~ 'rollup is not kept current|partitions are not counted' AND fix !~ 'dematerialize|attach' \\gexec\\\\ CALL nps_materialize('" s "');"
}
BEGIN {
	state = seed * 7919 % 2147483646 + 1
	for (i = 0; i < 10; i++) r(2)
	for (step = first; step < first + steps; step++) {
		k = r(10)
		what = k < 4 ? written() (r(2) ? " " written() : "") : k < 8 ? ddl() : cure()
		# whatever a row that cannot be read did, it goes again
		if (!r(3)) what = what "\\\\ SELECT write(" step ", $$DELETE FROM desk.whole WHERE raw = 'n/a'$$, false), write(" step ", $$DELETE FROM desk.split WHERE raw = 'n/a'$$, false);"
		# quoted, so that commands in it are not run
		shown = what
		gsub(/\\/, "", shown)
		print "\\echo 'step " step ": " substr(quoted(shown), 2)
		n = split(what, lines, /\\\\/)
		for (i = 1; i <= n; i++) print lines[i]
		print "ROLLBACK;"
		print "RESET ROLE; RESET session_replication_role;"
		print "SELECT look(" step ", " quoted(what) ", true);"
	}
}
AWK
began=0
crashes=0
prepared=0
while [ "$began" -lt "$steps" ]; do
    awk -v seed=$((seed + began)) -v first="$began" -v steps=50 -v work="$work" -v database=$database -v set_expression="$has_set_expression" -f "$work/generate.awk" < /dev/null > "$work/$began.sql"
    psql -X -q -At -d $database -v VERBOSITY=verbose -f "$work/$began.sql" > "$work/$began.out" 2>&1 || true
    if grep -nE 'PANIC|FATAL|server closed|XX000|TRAP' "$work/$began.out"; then fail "the server: see above"; fi
    # the last thing of each step is a look
    sql -c "SELECT step, source, detail FROM log WHERE state = 'WRONG' UNION ALL
        SELECT s, NULL, 'nobody looked' FROM generate_series($began, $began + 49) s WHERE NOT EXISTS (SELECT FROM log WHERE step = s AND is_last) ORDER BY step LIMIT 5" > "$work/wrong"
    if [ -s "$work/wrong" ]; then
        cat "$work/wrong"
        grep -a -A 12 "^step $(cut -d '|' -f 1 "$work/wrong" | head -1):" "$work/$began.out" | head -30
        [ -z "${NPS_ROLLUP_KEEP-}" ] || cp "$work"/* "$NPS_ROLLUP_KEEP/"
        fail "a report is not what a query gives"
    fi
    began=$((began + 50))
    # what was committed is there after a crash, and counted as it was, but what was unlogged; what was prepared, when it is committed
    unlogged=$(printf '%s\n' whole_kept.rollup desk.split_0 split_kept.rollup desk.whole desk.split_rest | sed -n "$((began / 50 % 5 + 1))p")
    sql -c "ALTER TABLE $unlogged SET UNLOGGED" > "$work/unlogged" 2>&1 || cat "$work/unlogged" >> "$work/$((began - 50)).out"
    sql -c "BEGIN" -c "INSERT INTO desk.whole (id, raw, plan) SELECT i, i % 11, 'a' FROM generate_series(1, 3) i" -c "INSERT INTO desk.split (id, raw, plan) VALUES (7, '7', 'b'), (107, '7', 'a')" \
        -c "UPDATE desk.split_0 SET raw = '9' WHERE id = 7" -c "PREPARE TRANSACTION 'crashed'" > "$work/prepared" 2>&1 || cat "$work/prepared" >> "$work/$((began - 50)).out"
    restart immediate
    crashes=$((crashes + 1))
    sql -c "SELECT look($began, 'a crash')"
    for gid in $(sql -c "SELECT gid FROM pg_prepared_xacts WHERE database = current_database()"); do
        end=$([ $((began / 50 % 2)) = 0 ] && echo ROLLBACK || echo COMMIT)
        sql -c "$end PREPARED '$gid'" -c "SELECT look($began, '$end prepared, after a crash')"
        prepared=$((prepared + 1))
    done
    sql -c "ALTER TABLE $unlogged SET LOGGED" -c "SELECT look($began, 'a crash of an unlogged $unlogged')" >> "$work/$((began - 50)).out" 2>&1 || true
done
[ -z "${NPS_ROLLUP_KEEP-}" ] || cp "$work"/* "$NPS_ROLLUP_KEEP/"
sql -c "SELECT format('%s: %s looks, of the rollup %s, of the source %s', source, count(*), count(*) FILTER (WHERE state = 'rollup'), count(*) FILTER (WHERE state = 'source')) FROM log GROUP BY source ORDER BY 1" > "$work/counts"
sql -c "SELECT count(DISTINCT left(detail, 30)) FROM log WHERE state = 'source'" > "$work/kinds"
cat "$work/counts"
echo "seed $seed: $steps steps, $crashes crashes, $prepared transactions prepared before one, $(cat "$work/kinds") reasons to read the source, nothing wrong"
[ "$(cat "$work/kinds")" -ge 3 ] || fail "too little happened"
