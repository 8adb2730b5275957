/* nps/sql/survey/build.sql */

CREATE FUNCTION @extschema@.nps_recorded_cases_as_owner(survey text)
	RETURNS bigint
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* How many cases somebody recorded, also those of answers that row security hides from the owner. */
DECLARE
	cases bigint := 0;
BEGIN
	PERFORM @extschema@.nps_expect_owner(survey);
	IF EXISTS (SELECT FROM pg_class c WHERE c.oid = to_regclass(format('%I.followup_case', survey)) AND c.relkind = 'r') THEN
		EXECUTE format('SELECT count(*) FROM %I.followup_case WHERE recorded', survey) INTO cases;
	END IF;
	RETURN cases;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_recorded_cases_as_owner(text) IS 'part of nps_attach() and nps_detach(): how many cases of a survey are recorded';

CREATE FUNCTION @extschema@.nps_recorded_cases(survey text)
	RETURNS bigint
	AS 'MODULE_PATHNAME', 'nps_as_owner_of_tables'
	LANGUAGE C STABLE;
COMMENT ON FUNCTION @extschema@.nps_recorded_cases(text) IS 'part of nps_attach() and nps_detach(): how many cases of a survey are recorded';

CREATE FUNCTION @extschema@.nps_fit_case_tables(target text, made jsonb)
	RETURNS jsonb
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The tables of cases, with keys of the types that the view answer has now. */
DECLARE
	misfit text;
	tells boolean := false;		-- nps_notify() was called
	cases bigint;
BEGIN
	PERFORM @extschema@.nps_act_as_owner(target);
	SELECT format('%s is of type %s now, and was %s', v.attname, format_type(v.atttypid, -1), format_type(t.atttypid, -1)) INTO misfit
	FROM pg_attribute v
	JOIN pg_attribute t ON t.attname = CASE v.attname WHEN 'response_id' THEN 'case_id' ELSE v.attname END
	WHERE v.attrelid = format('%I.answer', target)::regclass AND v.attname IN ('response_id', 'respondent')
		AND t.attrelid = to_regclass(format('%I.followup_case', target)) AND NOT t.attisdropped
		AND (v.atttypid, v.attcollation) IS DISTINCT FROM (t.atttypid, t.attcollation)
	ORDER BY v.attnum LIMIT 1;
	IF misfit IS NOT NULL THEN
		cases := @extschema@.nps_recorded_cases(target);
		IF cases > 0 THEN
			RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
				MESSAGE = format('survey "%s" has cases of another kind', target),
				DETAIL = format('%s.', misfit),
				HINT = format('Attach with an expression of the old type, or as a new survey with schema_name => another name. The %s cases stay.', cases);
		END IF;
		tells := EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = format('%I.followup_case', target)::regclass
			AND t.tgfoid = '@extschema@.nps_tell()'::regprocedure);
		PERFORM @extschema@.nps_tell_no_more(target);
		EXECUTE 'DROP TABLE ' || (SELECT string_agg(format('%I.%I', target, n), ', ') FROM unnest(@extschema@.nps_tables_with_keys()) n);
	END IF;
	made := @extschema@.nps_make_case_tables(target, made);
	IF tells THEN
		PERFORM @extschema@.nps_notify_as_owner(target);
	END IF;
	RETURN made;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_fit_case_tables(text, jsonb) IS 'part of nps_attach(): makes the tables of cases, or makes them anew while they are empty';

CREATE FUNCTION @extschema@.nps_make_answer(target text, source regclass, arguments jsonb)
	RETURNS void
	LANGUAGE plpgsql VOLATILE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The view answer from the arguments, whose names are looked up in the search path that the survey was attached with. */
BEGIN
	PERFORM @extschema@.nps_act_as_owner(target);
	PERFORM @extschema@.nps_execute(format('CREATE OR REPLACE VIEW %I.answer WITH (security_invoker = true) AS %s', target,
		@extschema@.nps_answer_view(source, arguments, @extschema@.nps_columns_there(to_regclass(format('%I.answer', target))))), arguments->>'search_path');
	IF EXISTS (
		SELECT FROM pg_rewrite w
		JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
		LEFT JOIN pg_type t ON d.refclassid = 'pg_type'::regclass AND t.oid = d.refobjid
		LEFT JOIN pg_proc p ON d.refclassid = 'pg_proc'::regclass AND p.oid = d.refobjid
		WHERE w.ev_class = format('%I.answer', target)::regclass
			AND pg_my_temp_schema() IN (t.typnamespace, p.pronamespace))
	THEN
		RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
			MESSAGE = 'the mapping uses a temporary type or function',
			HINT = 'A survey is permanent: use permanent types and functions.';
	END IF;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_make_answer(text, regclass, jsonb) IS 'part of nps_attach(): makes or replaces the view answer';

CREATE FUNCTION @extschema@.nps_build_views(target text, source regclass, arguments jsonb, is_attached boolean)
	RETURNS void
	LANGUAGE plpgsql VOLATILE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * Makes or replaces all views of a survey, and brings its tables to what they are
 * in this version.  When attaching, the mapping is read; otherwise the view
 * answer stays as it is, if it exists.
 *
 * A view with columns that are gone or have changed their types is dropped with
 * the others and made again, with its grants; if somebody's own view depends on
 * it, that is an error, and everything stays as it was.
 */
DECLARE
	made jsonb;					-- by the version that was here before
	made_now jsonb;
	own_comments jsonb;			-- of those who use the survey
	makes_answer CONSTANT boolean := is_attached OR to_regclass(format('%I.answer', target)) IS NULL;
	answer record;
	view record;
	existing text[];			-- objects of the survey that exist already
	existing_views text[];
	-- what roles that may read everything else may still not read
	for_few CONSTANT text[] := @extschema@.nps_tables_with_keys() || ARRAY['rollup', 'rollup_part'];
	readers text[];				-- roles that may read everything else
	grants jsonb;
	statement text;
	rollup regclass;
	reads_rollup boolean;		-- as the reports are now
	mapping_of_rollup text;
	was_kept boolean;			-- it was what the mapping made of the source, before anything of this
	keep_rollup boolean;		-- it is still what the mapping makes of the source
BEGIN
	PERFORM @extschema@.nps_expect_owner(target);
	PERFORM @extschema@.nps_lock_survey(target, 'all');
	PERFORM @extschema@.nps_expect_owner(target);
	rollup := to_regclass(format('%I.rollup', target));
	reads_rollup := @extschema@.nps_reads_rollup(target);
	mapping_of_rollup := @extschema@.nps_rollup_mapping(rollup);
	was_kept := rollup IS NOT NULL AND @extschema@.nps_rollup_trouble(rollup) IS NULL;
	made := @extschema@.nps_made(target);
	own_comments := @extschema@.nps_own_comments(target, made);
	SELECT coalesce(array_agg(c.relname::text), '{}'), coalesce(array_agg(c.relname::text) FILTER (WHERE c.relkind = 'v' AND (c.relname <> 'answer' OR makes_answer)), '{}')
	INTO existing, existing_views
	FROM pg_class c
	WHERE c.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = target) AND c.relkind IN ('v', 'r')
		AND (c.relname IN (SELECT o.object FROM @extschema@.nps_survey_comments() o) OR made->'views' ? c.relname);
	-- the grants, in case a view or table must be dropped and made again
	SELECT jsonb_agg(jsonb_build_object('made', c.oid::bigint, 'name', c.relname, 'statement', format('GRANT %s%s ON %I.%I TO %s%s', a.privilege_type,
			CASE WHEN g.attname IS NULL THEN '' ELSE format(' (%I)', g.attname) END, target, c.relname,
			CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END,
			CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)))
	INTO grants
	FROM pg_class c
	CROSS JOIN LATERAL (
		SELECT NULL::name AS attname, c.relacl AS acl
		UNION ALL
		SELECT t.attname, t.attacl FROM pg_attribute t WHERE t.attrelid = c.oid AND t.attacl IS NOT NULL
	) g
	CROSS JOIN LATERAL aclexplode(g.acl) a
	WHERE c.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = target) AND c.relname = ANY (existing)
		AND a.grantee <> c.relowner;

	SELECT array_agg(r.role) INTO readers FROM (
		SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END AS role
		FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a
		WHERE c.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = target) AND c.relname = ANY (existing) AND c.relname <> ALL (for_few)
			AND a.privilege_type = 'SELECT' AND a.grantee <> c.relowner
		GROUP BY a.grantee HAVING count(DISTINCT c.oid) = (SELECT count(*) FROM unnest(existing) n WHERE n <> ALL (for_few))) r;

	PERFORM @extschema@.nps_drop_policies(target);
	made := @extschema@.nps_make_tables_of_settings(target, arguments, made);

	FOR attempt IN 1..2 LOOP
		BEGIN
			IF makes_answer THEN
				PERFORM @extschema@.nps_make_answer(target, source, arguments);
				IF NOT is_attached THEN
					PERFORM @extschema@.nps_prove_answer(target);
				END IF;
			ELSE
				PERFORM @extschema@.nps_complete_answer(target);
			END IF;
			made_now := @extschema@.nps_fit_case_tables(target, made);
			SELECT * INTO answer FROM @extschema@.nps_answer_facts(target, source, arguments);
			IF was_kept THEN
				PERFORM @extschema@.nps_keep_identity(rollup);
			END IF;
			-- the views that read it, through the rollup if that is still the one of this mapping
			keep_rollup := rollup IS NOT NULL AND @extschema@.nps_hidden_rows(source) IS NULL
				AND @extschema@.nps_rollup_trouble(rollup) IS NULL AND @extschema@.nps_rollup_zone(rollup) = arguments->>'time_zone'
				AND @extschema@.nps_rollup_mapping(rollup) IS NOT DISTINCT FROM mapping_of_rollup
				AND @extschema@.nps_rollup_segments(target)::text[] = answer.segment_names;
			FOR view IN SELECT v.* FROM @extschema@.nps_survey_views(answer.facts, answer.segment_names, keep_rollup AND reads_rollup) v LOOP
				PERFORM @extschema@.nps_expect_made(target, view.name, 'view', coalesce(made->'views' ? view.name, true)
					OR to_regclass(format('%I.%I', target, view.name)) IS NULL);
				PERFORM @extschema@.nps_replace_view(target, view.name, view.columns, view.definition);
			END LOOP;
			EXIT;
		EXCEPTION WHEN invalid_table_definition THEN
			IF attempt = 2 THEN
				RAISE;
			END IF;
		END;

		-- a column went or changed its type
		BEGIN
			EXECUTE 'DROP VIEW ' || (SELECT string_agg(format('%I.%I', target, n), ', ') FROM unnest(existing_views) n);
		EXCEPTION WHEN dependent_objects_still_exist THEN
			RAISE EXCEPTION USING ERRCODE = 'dependent_objects_still_exist',
				MESSAGE = format('the views of survey "%s" change their columns, but other objects depend on them', target),
				DETAIL = coalesce((SELECT string_agg(DISTINCT format('%s depends on %s.', pg_describe_object('pg_class'::regclass, w.ev_class, 0),
						d.refobjid::regclass), E'\n')
					FROM pg_depend d JOIN pg_rewrite w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid
					JOIN pg_class own ON own.oid = d.refobjid JOIN pg_class other ON other.oid = w.ev_class
					WHERE d.refclassid = 'pg_class'::regclass AND own.relkind = 'v'
						AND own.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = target)
						AND other.relnamespace <> own.relnamespace), 'They are in the schema of the survey, or are functions.'),
				HINT = 'Drop these first, and make them again afterwards.';
		END;
	END LOOP;

	PERFORM @extschema@.nps_prove_views(target);
	made_now := made_now || jsonb_build_object('views', @extschema@.nps_drop_former_views(target, made));

	IF rollup IS NOT NULL AND NOT keep_rollup THEN
		PERFORM @extschema@.nps_drop_rollup(target);
		RAISE WARNING USING
			MESSAGE = format('survey "%s" is no longer materialized', target),
			DETAIL = coalesce(@extschema@.nps_hidden_rows(source) || ' The reports read the source.',
				'Its rollup was made of another mapping, source or time zone, or was not kept current; the reports read the source.'),
			HINT = CASE WHEN @extschema@.nps_hidden_rows(source) IS NULL THEN format('CALL nps_materialize(%L) makes it anew.', target)
				ELSE 'To have a rollup, let a role that may see all rows own source and survey.' END;
	END IF;
	-- only there: what others have granted is theirs, and goes when they lose it
	FOR statement IN
		SELECT g->>'statement' FROM jsonb_array_elements(grants) g
		WHERE to_regclass(format('%I.%I', target, g->>'name'))::oid::bigint <> (g->>'made')::bigint
	LOOP
		-- a column with a grant of its own may be gone
		BEGIN
			EXECUTE statement;
		EXCEPTION WHEN undefined_column OR undefined_table THEN
			NULL;
		END;
	END LOOP;
	-- what is new, or was dropped with its source: for roles that may read everything else, and no others
	FOR statement IN
		SELECT format('GRANT SELECT ON %I.%I TO %s', target, v.relname, r.role)
		FROM pg_class v CROSS JOIN unnest(readers) AS r(role)
		WHERE v.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = target) AND v.relkind IN ('v', 'r')
			AND v.relname <> ALL (existing) AND v.relname IN (SELECT o.object FROM @extschema@.nps_survey_comments() o)
	LOOP
		EXECUTE statement;
	END LOOP;
	-- roles that record cases do so through the views
	FOR statement IN
		SELECT format('GRANT UPDATE ON %I.%I TO %s', target, v.relname, r.role)
		FROM pg_class v
		JOIN pg_class t ON t.relnamespace = v.relnamespace AND t.relname = 'followup_case'
		CROSS JOIN LATERAL aclexplode(t.relacl) a
		JOIN unnest(readers) AS r(role) ON r.role = CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END
		WHERE v.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = target)
			AND v.relname IN ('followup', 'followup_all', 'cause_customer') AND v.relname <> ALL (existing)
			AND a.privilege_type = 'UPDATE' AND a.grantee <> t.relowner
	LOOP
		EXECUTE statement;
	END LOOP;
	PERFORM @extschema@.nps_create_triggers(target);
	PERFORM @extschema@.nps_create_policies(target);
	PERFORM @extschema@.nps_describe_survey(target, answer.segment_names, own_comments);
	PERFORM @extschema@.nps_remember(target, made_now
		|| jsonb_build_object('comments', @extschema@.nps_comments_made(answer.segment_names), 'edition', @extschema@.nps_edition()));
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_build_views(text, regclass, jsonb, boolean) IS 'part of nps_attach(): makes or replaces the views of a survey';
