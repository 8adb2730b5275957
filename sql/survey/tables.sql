/* nps/sql/survey/tables.sql */

CREATE FUNCTION @extschema@.nps_create_tables(target text, names text[], placeholders jsonb, is_logged boolean DEFAULT true)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Makes these tables of a survey, with the rows that they begin with. */
DECLARE
	path CONSTANT text := @extschema@.nps_survey_path(target);
	-- the rows are what a template ends with
	first_rows CONSTANT text := '\nINSERT .*$';
	made record;
BEGIN
	PERFORM @extschema@.nps_act_as_owner(target);
	FOR made IN
		SELECT t.object, regexp_replace(t.template, first_rows, '') AS template FROM @extschema@.nps_survey_templates() t
		WHERE t.kind = 'table' AND t.object = ANY (names)
		ORDER BY t.place
	LOOP
		PERFORM @extschema@.nps_execute(format('CREATE %s TABLE %I.%I %s', CASE WHEN is_logged THEN '' ELSE 'UNLOGGED' END, target, made.object,
			@extschema@.nps_fill(made.template, placeholders)), path);
	END LOOP;
	-- before the rows: somebody may have every table forced under row security
	IF EXISTS (SELECT FROM @extschema@.nps_survey_templates() t WHERE t.kind = 'table' AND t.object = ANY (names) AND t.template ~ first_rows) THEN
		PERFORM @extschema@.nps_create_policies(target);
	END IF;
	FOR made IN
		SELECT t.object, substring(t.template FROM first_rows) AS rows FROM @extschema@.nps_survey_templates() t
		WHERE t.kind = 'table' AND t.object = ANY (names)
		ORDER BY t.place
	LOOP
		IF made.rows IS NOT NULL THEN
			PERFORM @extschema@.nps_execute(@extschema@.nps_fill(made.rows, placeholders), path);
		END IF;
		-- nobody analyses tables so small, and the planner would take them for big ones
		EXECUTE format('ANALYZE %I.%I', target, made.object);
	END LOOP;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_create_tables(text, text[], jsonb, boolean) IS 'part of nps_attach(): makes tables of a survey';

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

CREATE FUNCTION @extschema@.nps_create_case_tables(target text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The tables whose keys are of the types that the view answer has. */
BEGIN
	PERFORM @extschema@.nps_act_as_owner(target);
	PERFORM @extschema@.nps_create_tables(target, @extschema@.nps_tables_with_keys(), (
		SELECT jsonb_object_agg(a.attname || '_type', format_type(a.atttypid, -1) ||
			CASE WHEN a.attcollation <> t.typcollation THEN (SELECT format(' COLLATE %s.%I', c.collnamespace::regnamespace, c.collname)
				FROM pg_collation c WHERE c.oid = a.attcollation) ELSE '' END)
		FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
		WHERE a.attrelid = format('%I.answer', target)::regclass AND a.attname IN ('response_id', 'respondent')));
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_create_case_tables(text) IS 'part of nps_attach(): makes the tables of a survey that hold cases and their history';

CREATE FUNCTION @extschema@.nps_set_text_search(target text, text_search text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The queries of the causes as the configuration understands them, parsed once and not for each comment. */
BEGIN
	PERFORM @extschema@.nps_act_as_owner(target);
	IF EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = format('%I.cause', target)::regclass AND a.attname = 'search' AND NOT a.attisdropped) THEN
		EXECUTE format('ALTER TABLE %I.cause DROP COLUMN search', target);
	END IF;
	EXECUTE format('ALTER TABLE %I.cause ADD COLUMN search tsquery GENERATED ALWAYS AS (websearch_to_tsquery(%L::regconfig, query)) STORED',
		target, text_search);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_set_text_search(text, text) IS 'part of nps_attach(): the text search configuration of a survey''s causes';

CREATE FUNCTION @extschema@.nps_create_triggers(target text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The rules of the tables of cases.  DROP EXTENSION ... CASCADE takes them and leaves the tables. */
BEGIN
	PERFORM @extschema@.nps_act_as_owner(target);
	EXECUTE format($sql$
		CREATE OR REPLACE TRIGGER rules BEFORE INSERT OR UPDATE ON %1$I.followup_case FOR EACH ROW EXECUTE FUNCTION @extschema@.nps_case_rules();
		CREATE OR REPLACE TRIGGER history AFTER INSERT OR UPDATE ON %1$I.followup_case FOR EACH ROW EXECUTE FUNCTION @extschema@.nps_case_history();
		CREATE OR REPLACE TRIGGER keep BEFORE DELETE OR TRUNCATE ON %1$I.followup_case FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.nps_keep_case();
		CREATE OR REPLACE TRIGGER rules BEFORE INSERT OR UPDATE ON %1$I.concern FOR EACH ROW EXECUTE FUNCTION @extschema@.nps_concern_rules();
		CREATE OR REPLACE TRIGGER history AFTER INSERT OR UPDATE ON %1$I.concern FOR EACH ROW EXECUTE FUNCTION @extschema@.nps_case_history();
		CREATE OR REPLACE TRIGGER keep BEFORE DELETE OR TRUNCATE ON %1$I.concern FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.nps_keep_case();
		CREATE OR REPLACE TRIGGER rules BEFORE INSERT OR UPDATE ON %1$I.cause_told FOR EACH ROW EXECUTE FUNCTION @extschema@.nps_told_rules();
		CREATE OR REPLACE TRIGGER history AFTER INSERT OR UPDATE ON %1$I.cause_told FOR EACH ROW EXECUTE FUNCTION @extschema@.nps_case_history();
		CREATE OR REPLACE TRIGGER keep BEFORE DELETE OR TRUNCATE ON %1$I.cause_told FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.nps_keep_case();
		CREATE OR REPLACE TRIGGER keep BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON %1$I.followup_event
			FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.nps_keep_history();
		$sql$, target);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_create_triggers(text) IS 'part of nps_attach(): the triggers on the tables of cases';

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
