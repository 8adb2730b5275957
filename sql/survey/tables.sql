/* nps/sql/survey/tables.sql */

CREATE FUNCTION @extschema@.nps_table_template(template text)
	RETURNS text
	LANGUAGE sql IMMUTABLE STRICT
	/* without the initial rows, which are at the end of a template */
	RETURN pg_catalog.regexp_replace(template, '\nINSERT .*$', '');
COMMENT ON FUNCTION @extschema@.nps_table_template(text) IS 'part of nps_attach(): what of a template makes a table';

CREATE FUNCTION @extschema@.nps_create_table(target text, name text, placeholders jsonb, is_logged boolean DEFAULT true)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Makes a table of a survey, with its initial rows. */
DECLARE
	path CONSTANT text := @extschema@.nps_survey_path(target);
	template CONSTANT text := (SELECT t.template FROM @extschema@.nps_survey_templates() t WHERE t.kind = 'table' AND t.object = name);
	first_rows CONSTANT text := substr(template, length(@extschema@.nps_table_template(template)) + 1);
	wanted record;
BEGIN
	PERFORM @extschema@.nps_act_as_owner(target);
	PERFORM @extschema@.nps_execute(format('CREATE %s TABLE %I.%I %s', CASE WHEN is_logged THEN '' ELSE 'UNLOGGED' END, target, name,
		@extschema@.nps_fill(@extschema@.nps_table_template(template), placeholders)), path);
	-- before the rows: somebody may have every table forced under row security
	FOR wanted IN SELECT p.* FROM @extschema@.nps_policies(target) p WHERE p.relation = format('%I.%I', target, name)::regclass AND NOT p.is_case_table LOOP
		EXECUTE format('CREATE POLICY %I ON %s FOR %s USING (%s)', wanted.policy, wanted.relation, wanted.command, wanted.condition);
	END LOOP;
	IF first_rows <> '' THEN
		PERFORM @extschema@.nps_execute(@extschema@.nps_fill(first_rows, placeholders), path);
	END IF;
	-- nobody analyses such small tables, and the planner would take them for big ones
	EXECUTE format('ANALYZE %I.%I', target, name);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_create_table(text, text, jsonb, boolean) IS 'part of nps_attach(): makes a table of a survey';

CREATE FUNCTION @extschema@.nps_tables_of_settings()
	RETURNS text[]
	LANGUAGE sql IMMUTABLE STRICT
	BEGIN ATOMIC
	/* these are all tables except those with keys, the rollup and what belongs to it */
	SELECT pg_catalog.array_agg(t.object ORDER BY t.place)
	FROM @extschema@.nps_survey_templates() t
	WHERE t.kind OPERATOR(pg_catalog.=) 'table' AND t.template OPERATOR(pg_catalog.!~) '<<(response_id_type|respondent_type|segment_types)>>'
		AND t.object OPERATOR(pg_catalog.!~) '^rollup';
	END;
COMMENT ON FUNCTION @extschema@.nps_tables_of_settings() IS 'part of nps_attach(): the tables of a survey that are there before the view answer';

CREATE FUNCTION @extschema@.nps_make_tables_of_settings(target text, arguments jsonb, made jsonb)
	RETURNS jsonb
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The tables that people edit. */
BEGIN
	RETURN @extschema@.nps_make_tables(target, @extschema@.nps_tables_of_settings(), jsonb_build_object('scale', quote_literal(arguments->>'scale')), made);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_make_tables_of_settings(text, jsonb, jsonb) IS 'part of nps_attach(): makes the tables of a survey that people edit';

CREATE FUNCTION @extschema@.nps_tables_with_keys()
	RETURNS text[]
	LANGUAGE sql IMMUTABLE STRICT
	BEGIN ATOMIC
	/* what people enter: cases, their concerns and promises, and the history, which writes itself */
	SELECT pg_catalog.array_agg(t.object ORDER BY t.place)
	FROM @extschema@.nps_survey_templates() t
	WHERE t.kind OPERATOR(pg_catalog.=) 'table' AND t.template OPERATOR(pg_catalog.~) '<<(response_id|respondent)_type>>';
	END;
COMMENT ON FUNCTION @extschema@.nps_tables_with_keys() IS 'part of nps_attach(): the tables of a survey that have keys of the source';

CREATE FUNCTION @extschema@.nps_make_case_tables(target text, made jsonb)
	RETURNS jsonb
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The tables whose keys are of the types that the view answer has. */
BEGIN
	RETURN @extschema@.nps_make_tables(target, @extschema@.nps_tables_with_keys(), (
		SELECT jsonb_object_agg(a.attname || '_type', format_type(a.atttypid, -1) ||
			CASE WHEN a.attcollation <> t.typcollation THEN (SELECT format(' COLLATE %s.%I', c.collnamespace::regnamespace, c.collname)
				FROM pg_collation c WHERE c.oid = a.attcollation) ELSE '' END)
		FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
		WHERE a.attrelid = format('%I.answer', target)::regclass AND a.attname IN ('response_id', 'respondent')), made);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_make_case_tables(text, jsonb) IS 'part of nps_attach(): makes the tables of a survey that hold cases and their history';

CREATE FUNCTION @extschema@.nps_survey_triggers(OUT relation text, OUT name text, OUT event text, OUT level text, OUT function text)
	RETURNS SETOF record
	LANGUAGE sql IMMUTABLE STRICT ROWS 22
	BEGIN ATOMIC
	VALUES
	('followup_case', 'rules', 'BEFORE INSERT OR UPDATE', 'ROW', 'nps_case_rules'),
	('followup_case', 'history', 'AFTER INSERT OR UPDATE', 'ROW', 'nps_case_history'),
	('followup_case', 'keep', 'BEFORE DELETE OR TRUNCATE', 'STATEMENT', 'nps_keep_case'),
	('concern', 'rules', 'BEFORE INSERT OR UPDATE', 'ROW', 'nps_concern_rules'),
	('concern', 'history', 'AFTER INSERT OR UPDATE', 'ROW', 'nps_case_history'),
	('concern', 'keep', 'BEFORE DELETE OR TRUNCATE', 'STATEMENT', 'nps_keep_case'),
	('cause_told', 'rules', 'BEFORE INSERT OR UPDATE', 'ROW', 'nps_told_rules'),
	('cause_told', 'history', 'AFTER INSERT OR UPDATE', 'ROW', 'nps_case_history'),
	('cause_told', 'keep', 'BEFORE DELETE OR TRUNCATE', 'STATEMENT', 'nps_keep_case'),
	('followup_event', 'keep', 'BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE', 'STATEMENT', 'nps_keep_history'),
	('followup', 'record', 'INSTEAD OF INSERT OR UPDATE OR DELETE', 'ROW', 'nps_record_followup'),
	('followup', 'columns', 'BEFORE UPDATE', 'STATEMENT', 'nps_followup_columns'),
	('followup_all', 'record', 'INSTEAD OF INSERT OR UPDATE OR DELETE', 'ROW', 'nps_record_followup'),
	('followup_all', 'columns', 'BEFORE UPDATE', 'STATEMENT', 'nps_followup_columns'),
	('cause_customer', 'record', 'INSTEAD OF INSERT OR UPDATE OR DELETE', 'ROW', 'nps_record_told'),
	('playbook', 'record', 'BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE', 'STATEMENT', 'nps_before_rules_change'),
	('playbook', 'history', 'AFTER INSERT OR UPDATE OR DELETE', 'ROW', 'nps_rule_history'),
	('survey', 'record', 'BEFORE UPDATE', 'STATEMENT', 'nps_before_rules_change'),
	('survey', 'history', 'AFTER UPDATE', 'ROW', 'nps_rule_history'),
	('holiday', 'record', 'BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE', 'STATEMENT', 'nps_before_rules_change'),
	('team_member', 'record', 'BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE', 'STATEMENT', 'nps_before_rules_change'),
	('cause', 'record', 'BEFORE UPDATE OF team OR DELETE', 'STATEMENT', 'nps_before_rules_change');
	END;
COMMENT ON FUNCTION @extschema@.nps_survey_triggers() IS 'part of nps_attach(): the triggers on the tables of cases, and on the views by which they are written';

CREATE FUNCTION @extschema@.nps_refuse_followup()
	RETURNS trigger
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
BEGIN
	RAISE EXCEPTION USING ERRCODE = 'feature_not_supported',
		MESSAGE = format('in survey "%s" nothing can be recorded: its answers are distributed among servers', TG_TABLE_SCHEMA),
		HINT = 'Attach a materialized view of the answers to follow up as a survey of its own.';
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_refuse_followup() IS 'trigger on the tables of cases where Citus distributes the answers: an error';

CREATE FUNCTION @extschema@.nps_create_triggers(target text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The rules of the cases.  DROP EXTENSION ... CASCADE removes them and leaves the tables. */
DECLARE
	made record;
	statement text;
	-- Citus sends an UPDATE of such a view to itself, again and again: without a trigger the server refuses it before Citus sees it
	is_distributed CONSTANT boolean := @extschema@.nps_is_distributed(format('%I.answer', target)::regclass);
BEGIN
	PERFORM @extschema@.nps_act_as_owner(target);
	FOR made IN SELECT * FROM @extschema@.nps_survey_triggers() t WHERE NOT is_distributed OR t.relation NOT IN ('followup', 'followup_all', 'cause_customer') LOOP
		EXECUTE format('CREATE OR REPLACE TRIGGER %I %s ON %I.%I FOR EACH %s EXECUTE FUNCTION @extschema@.%I()',
			made.name, made.event, target, made.relation, made.level, made.function);
	END LOOP;
	-- triggers that an earlier version made: they call functions of the extension, and nps_notify() and nps_materialize() make the others
	FOR statement IN
		SELECT format('DROP TRIGGER %I ON %s', t.tgname, t.tgrelid::regclass)
		FROM pg_trigger t
		JOIN pg_class c ON c.oid = t.tgrelid AND c.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = target)
		JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = t.tgfoid AND d.deptype = 'e'
			AND d.refclassid = 'pg_extension'::regclass AND d.refobjid = (SELECT x.oid FROM pg_extension x WHERE x.extname = 'nps')
		WHERE NOT t.tgisinternal AND t.tgfoid NOT IN ('@extschema@.nps_tell()'::regprocedure, '@extschema@.nps_keep_rollup()'::regprocedure, '@extschema@.nps_guard_rollup()'::regprocedure)
			AND (NOT EXISTS (SELECT FROM @extschema@.nps_survey_triggers() m WHERE m.relation = c.relname AND m.name = t.tgname) OR is_distributed AND c.relkind = 'v')
	LOOP
		EXECUTE statement;
	END LOOP;
	IF is_distributed THEN
		FOREACH statement IN ARRAY ARRAY['followup_case', 'concern', 'cause_told'] LOOP
			EXECUTE format('CREATE TRIGGER distributed BEFORE INSERT OR UPDATE ON %I.%I FOR EACH ROW EXECUTE FUNCTION @extschema@.nps_refuse_followup()', target, statement);
		END LOOP;
	END IF;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_create_triggers(text) IS 'part of nps_attach(): makes the triggers on the tables of cases, and on the views by which they are written';

CREATE FUNCTION @extschema@.nps_default_assumptions(OUT assumption text, OUT low double precision, OUT high double precision,
	OUT unit text, OUT source text)
	RETURNS SETOF record
	LANGUAGE sql IMMUTABLE STRICT ROWS 8
	BEGIN ATOMIC
	VALUES
	('winning a customer costs', 5::double precision, 25::double precision, 'times keeping one', 'often quoted in articles on customer retention; not measured here'),
	('customers who consider leaving after one bad service', 0.33, 0.33, 'share', 'quoted in articles on following up detractors; not measured here'),
	('unhappy customers who complain', 1::double precision OPERATOR(pg_catalog./) 26, 1::double precision OPERATOR(pg_catalog./) 26, 'share', 'often quoted: one in 26; not measured here'),
	('unhappy customers who do not come back', 0.91, 0.91, 'share', 'often quoted in articles on customer retention; not measured here'),
	('good experiences that offset one bad review', 40, 40, 'experiences', 'quoted in articles on customer reviews; not measured here'),
	('people who are told bad news', 16, 16, 'people', 'quoted in articles on word of mouth; not measured here'),
	('people who are told good news', 9, 9, 'people', 'quoted in articles on word of mouth; not measured here'),
	('recovering the cost of winning a customer', 11, 11, 'months', 'quoted for software subscriptions: 92 % of the first year''s contract value; not measured here');
	END;
COMMENT ON FUNCTION @extschema@.nps_default_assumptions() IS 'figures that are often quoted, which nps_attach() fills the table assumption with';
