-- What is in the database of test/data/two_surveys.sql, one line each, to be sorted and compared: the rows of
-- all relations, also as a reader under row-level security sees them, and all that is said of them.
-- Columns that tell the time from now are left out, and the rows of rollups, which a restore makes anew: that
-- they are exact is said at the end.
SET search_path = pg_catalog;
SET jit = off;

CREATE TEMPORARY VIEW relations AS
SELECT c.oid, c.relkind, n.nspname, format('SELECT %L, to_jsonb(r) - ARRAY[''overdue'', ''overdue_hours'', ''priority'', ''priority_reason''] FROM %I.%I r',
	c.oid::regclass, n.nspname, c.relname) AS query
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('crm', 'Follow up', 'Parts', 'Customer satisfaction', 'Paused') AND c.relkind IN ('r', 'p', 'v', 'm');
GRANT SELECT ON relations TO PUBLIC;

SELECT query FROM relations WHERE oid NOT IN (SELECT c.oid FROM pg_class c WHERE c.relname IN ('rollup', 'rollup_part'))
\gexec
SET ROLE regress_nps_reader;
SELECT replace(query, 'SELECT ', 'SELECT ''read: '' || ') FROM relations
WHERE has_schema_privilege(nspname, 'USAGE') AND has_table_privilege(oid, 'SELECT') AND relkind IN ('v', 'r') AND oid NOT IN (SELECT c.oid FROM pg_class c WHERE c.relname IN ('rollup', 'rollup_part'))
\gexec
RESET ROLE;

SELECT 'relation', c.oid::regclass, c.relkind, c.relowner::regrole, c.reloptions, c.relacl, c.relrowsecurity, c.relreplident, obj_description(c.oid, 'pg_class')
FROM pg_class c JOIN relations r ON r.oid = c.oid;
SELECT 'column', a.attrelid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attacl, col_description(a.attrelid, a.attnum),
	a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid)
FROM pg_attribute a JOIN relations r ON r.oid = a.attrelid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped;
SELECT 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid IN (SELECT oid FROM relations) AND contype <> 'n';
SELECT 'index', pg_get_indexdef(i.indexrelid) FROM pg_index i WHERE i.indrelid IN (SELECT oid FROM relations);
SELECT 'trigger', tgrelid::regclass, tgenabled, pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid IN (SELECT oid FROM relations) AND NOT tgisinternal;
SELECT 'policy', polrelid::regclass, polname, polcmd, polroles::regrole[], pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)
FROM pg_policy WHERE polrelid IN (SELECT oid FROM relations);
SELECT 'schema', nspname, nspowner::regrole, nspacl, obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE oid IN (SELECT relnamespace FROM pg_class WHERE oid IN (SELECT oid FROM relations));
SELECT 'number', schemaname, sequencename, last_value FROM pg_sequences;
SELECT 'survey', * FROM "Ext 1".nps_surveys();
SELECT 'check', s.survey, c.* FROM "Ext 1".nps_surveys() s, "Ext 1".nps_check(s.survey) c;
SELECT 'rollup', s.survey, "Ext 1".nps_reads_rollup(s.survey), "Ext 1".nps_rollup_serves(to_regclass(format('%I.rollup', s.survey))) FROM "Ext 1".nps_surveys() s;
SELECT 'drift', s.survey, v.* FROM "Ext 1".nps_surveys() s, "Ext 1".nps_verify(s.survey) v WHERE to_regclass(format('%I.rollup', s.survey)) IS NOT NULL AND s.survey <> 'Paused';
