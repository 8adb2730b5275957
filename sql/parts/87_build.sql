/* nps/sql/parts/87_build.sql */

CREATE FUNCTION @extschema@.nps_answer_view(source regclass, arguments jsonb,
	OUT definition text, OUT segment_names text[], OUT facts jsonb)
	RETURNS record
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The view answer, the mapping, out of the arguments of nps_attach(); and what
 * the definitions of the other views need to know of it.  Everything of ours in
 * the definition is qualified, as it will be read under the caller's search path.
 */
DECLARE
	scale_name CONSTANT text := arguments->>'scale';
	zone CONSTANT text := arguments->>'time_zone';
	path CONSTANT text := arguments->>'search_path';
	limits record;				-- of the scale
	argument record;
	mapping record;
	segment text;
	select_list text := '';
	row_filter text := '';
	-- the filter first: the planner may compute an expression of a row that it leaves out
	within_filter CONSTANT text := '(CASE WHEN %s THEN %s END)';
	whole_source boolean;		-- the scores of the source are whole numbers
BEGIN
	SELECT * INTO limits FROM @extschema@.nps_scales() s WHERE s.scale = scale_name;
	IF arguments ? 'filter' THEN
		SELECT * INTO mapping FROM @extschema@.nps_mapping(source, 'filter', arguments->>'filter', path, false);
		row_filter := @extschema@.nps_mapping_cast('filter', mapping.expression, mapping.type, 'boolean', zone);
	END IF;
	facts := '{}';
	FOR argument IN
		SELECT a.*, arguments->>a.name AS value FROM (VALUES
			(1, 'response_id', 'key', NULL),
			(2, 'respondent', 'key', 'text'),
			(3, 'account', 'key', 'text'),
			(4, 'responded_at', 'time', 'timestamptz'),
			(5, 'score', 'score', NULL),
			(6, 'comment', 'text', 'text'),
			(7, 'revenue', 'number', 'numeric'),
			(8, 'renewal_at', 'date', 'date'),
			(9, 'churned_at', 'time', 'timestamptz'),
			(10, 'contactable', 'boolean', 'bool'),
			(11, 'owner', 'text', 'text'),
			(12, 'open_tickets', 'whole number', 'int8')
		) AS a(place, name, wanted, type_if_absent)
		ORDER BY a.place
	LOOP
		IF argument.value IS NULL THEN
			select_list := select_list || format(E'\tNULL::pg_catalog.%I AS %I,\n', argument.type_if_absent, argument.name);
			CONTINUE;
		END IF;
		SELECT * INTO mapping FROM @extschema@.nps_mapping(source, argument.name, argument.value, path, false);
		IF row_filter <> '' AND mapping.name IS NULL THEN
			mapping.expression := format(within_filter, row_filter, mapping.expression);
		END IF;
		IF argument.wanted = 'key' THEN
			-- the equality that GROUP BY goes by, which may be an extension's
			facts := facts || jsonb_build_object(argument.name || '_equals', format('OPERATOR(%I.=)', coalesce((
				SELECT n.nspname
				FROM pg_opclass c
				JOIN pg_amop o ON o.amopfamily = c.opcfamily AND o.amopstrategy = 3
					AND o.amoplefttype = c.opcintype AND o.amoprighttype = c.opcintype
				JOIN pg_operator q ON q.oid = o.amopopr
				JOIN pg_namespace n ON n.oid = q.oprnamespace
				WHERE c.opcdefault AND c.opcintype = mapping.type
					AND c.opcmethod = (SELECT m.oid FROM pg_am m WHERE m.amname = 'btree')), 'pg_catalog')));
		END IF;
		IF argument.name <> 'score' THEN
			select_list := select_list || format(E'\t%s AS %I,\n',
				@extschema@.nps_mapping_cast(argument.name, mapping.expression, mapping.type, argument.wanted, zone), argument.name);
			CONTINUE;
		END IF;

		/*
		 * The score twice: as it stands in the source, and what is valid of
		 * it.  Whole numbers stay the source's own column behind a plain range
		 * of values, so that an index on it serves the reports.
		 */
		whole_source := mapping.type IN ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype);
		IF whole_source THEN
			-- a domain becomes its base type: no function over the domain can come before ours
			mapping.expression := format('%s::pg_catalog.%I', mapping.expression,
				(SELECT t.typname FROM pg_type t WHERE t.oid = mapping.type));
			select_list := select_list || format(
				E'\t%1$s AS raw_score,\n\tCASE WHEN %1$s OPERATOR(pg_catalog.>=) %2$s AND %1$s OPERATOR(pg_catalog.<=) %3$s THEN %1$s END AS score,\n'
				'\t@extschema@.nps_rejection(%1$s::pg_catalog.float8, %4$L) AS rejection,\n',
				mapping.expression, limits.min_score, limits.max_score, scale_name);
		ELSIF mapping.type IN ('text'::regtype, 'character varying'::regtype, 'character'::regtype,
				'numeric'::regtype, 'real'::regtype, 'double precision'::regtype) THEN
			select_list := select_list || format(
				E'\t%1$s AS raw_score,\n\t@extschema@.nps_valid_score(%1$s::pg_catalog.%2$I, %3$L)%4$s AS score,\n'
				'\t@extschema@.nps_rejection(%1$s::pg_catalog.%2$I, %3$L) AS rejection,\n',
				mapping.expression,
				CASE mapping.type
					WHEN 'numeric'::regtype THEN 'numeric'
					WHEN 'real'::regtype THEN 'float8'
					WHEN 'double precision'::regtype THEN 'float8'
					ELSE 'text' END,
				scale_name, CASE WHEN limits.whole_scores_only THEN '::pg_catalog.int2' ELSE '' END);
		ELSE
			RAISE EXCEPTION USING ERRCODE = 'datatype_mismatch',
				MESSAGE = format('argument "score" must be a number or text, not of type %s', mapping.type),
				HINT = 'Pass an expression that converts it, such as score => $$(answers->>''nps'')$$.';
		END IF;
	END LOOP;

	segment_names := '{}';
	FOR segment IN SELECT jsonb_array_elements_text(coalesce(arguments->'segments', '[]')) LOOP
		SELECT * INTO mapping FROM @extschema@.nps_mapping(source, 'segments', segment, path, true);
		IF row_filter <> '' AND mapping.name IS DISTINCT FROM segment THEN
			mapping.expression := format(within_filter, row_filter, mapping.expression);
		END IF;
		IF mapping.name IS NULL THEN
			RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
				MESSAGE = format('segment "%s" has no name', segment),
				HINT = format('Pass segments => ARRAY[$$%s AS name$$].', segment);
		END IF;
		IF mapping.name IN ('response_id', 'respondent', 'account', 'score', 'raw_score', 'rejection', 'category',
				'nps_points', 'responded_at', 'comment', 'has_comment', 'revenue', 'renewal_at', 'churned_at',
				'contactable', 'owner', 'open_tickets') THEN
			RAISE EXCEPTION USING ERRCODE = 'duplicate_column',
				MESSAGE = format('segment "%s" is named like a column of the survey''s views', mapping.name),
				HINT = format('Pass segments => ARRAY[$$%s AS other_name$$].', CASE mapping.name WHEN segment
					THEN quote_ident(segment) ELSE regexp_replace(mapping.expression, '^\(\n(.*)\n\)$', '\1') END);
		END IF;
		IF mapping.name = ANY (segment_names) THEN
			RAISE EXCEPTION USING ERRCODE = 'duplicate_column',
				MESSAGE = format('segment "%s" is named twice', mapping.name),
				HINT = 'Give each segment a name of its own with "expression AS name".';
		END IF;
		segment_names := segment_names || mapping.name;
		select_list := select_list || format(E'\t%s AS %I,\n', mapping.expression, mapping.name);
	END LOOP;

	definition := format(E'SELECT\n%s\nFROM %s%s', rtrim(select_list, E',\n'),
		(SELECT format('%s.%I', c.relnamespace::regnamespace, c.relname) FROM pg_class c WHERE c.oid = source),
		CASE WHEN row_filter <> '' THEN E'\nWHERE ' || row_filter ELSE '' END);

	facts := jsonb_build_object('respondent_equals', 'OPERATOR(pg_catalog.=)', 'account_equals', 'OPERATOR(pg_catalog.=)')
		|| facts || jsonb_build_object(
		'scale', quote_literal(scale_name),
		'scale_argument', CASE WHEN scale_name = 'nps' THEN '' ELSE format(', %L', scale_name) END,
		'min_score', limits.min_score, 'max_score', limits.max_score, 'whole', limits.whole_scores_only,
		'satisfaction', scale_name NOT IN ('nps', 'health'),
		'zone', quote_literal(zone),
		'has_comment', $$btrim(comment, E' \t\n\r\f\x0b') <> ''$$,
		'local_time', format('@extschema@.nps_local_time(responded_at, %L)', zone),
		-- the score in the rows of answer that count, and which rows these are
		'score', CASE WHEN whole_source THEN 'raw_score' ELSE 'score' END,
		'score_column', CASE WHEN whole_source THEN 'raw_score AS score' ELSE 'score' END,
		'valid', CASE WHEN whole_source
			THEN format('raw_score BETWEEN %s AND %s', limits.min_score, limits.max_score)
			ELSE 'score IS NOT NULL' END,
		'segment_list', (SELECT coalesce(string_agg(format('%I, ', n), '' ORDER BY place), '')
			FROM unnest(segment_names) WITH ORDINALITY AS s(n, place)));
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_answer_view(regclass, jsonb) IS 'part of nps_attach(): the definition of the view answer';

CREATE FUNCTION @extschema@.nps_build_views(target text, source regclass, arguments jsonb)
	RETURNS void
	LANGUAGE plpgsql VOLATILE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * Makes or replaces all views of a survey.  A view whose columns changed is
 * dropped with the others and made again, with its grants; if somebody's own
 * view stands on it, that is an error and all stays as it was.
 */
DECLARE
	own_path CONSTANT text := current_setting('search_path');
	target_owner CONSTANT name := (SELECT pg_get_userbyid(n.nspowner) FROM pg_namespace n WHERE n.nspname = target);
	answer record;
	facts jsonb;
	view record;
	existing text[];			-- views that are there already
	grants text[];
	statement text;
BEGIN
	SELECT coalesce(array_agg(c.relname::text), '{}') INTO existing
	FROM pg_class c
	WHERE c.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = target) AND c.relkind = 'v'
		AND c.relname IN (SELECT o.object FROM @extschema@.nps_survey_comments() o);
	-- who may read what, in case a view must be dropped and made again
	SELECT array_agg(format('GRANT %s%s ON %I.%I TO %s%s', a.privilege_type,
			CASE WHEN g.attname IS NULL THEN '' ELSE format(' (%I)', g.attname) END, target, c.relname,
			CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END,
			CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END))
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

	SELECT * INTO answer FROM @extschema@.nps_answer_view(source, arguments);
	facts := answer.facts || (
		SELECT jsonb_object_agg(n, format('%I.%I', target, n))
		FROM unnest(ARRAY['answer', 'response', 'followup', 'survey', 'playbook']) n);

	FOR attempt IN 1..2 LOOP
		BEGIN
			FOR view IN
				SELECT 'answer' AS name, answer.definition AS definition
				UNION ALL SELECT * FROM @extschema@.nps_report_views(facts, answer.segment_names)
				UNION ALL SELECT * FROM @extschema@.nps_respondent_views(facts)
			LOOP
				IF view.name = 'answer' THEN
					PERFORM set_config('search_path', arguments->>'search_path', true);
				END IF;
				EXECUTE pg_catalog.format('CREATE OR REPLACE VIEW %I.%I WITH (security_invoker = true) AS %s',
					target, view.name, view.definition);
				PERFORM pg_catalog.set_config('search_path', own_path, true);
				IF view.name = 'answer' AND EXISTS (
					SELECT FROM pg_rewrite w
					JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
					LEFT JOIN pg_type t ON d.refclassid = 'pg_type'::regclass AND t.oid = d.refobjid
					LEFT JOIN pg_proc p ON d.refclassid = 'pg_proc'::regclass AND p.oid = d.refobjid
					WHERE w.ev_class = format('%I.answer', target)::regclass
						AND pg_my_temp_schema() IN (t.typnamespace, p.pronamespace))
				THEN
					RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
						MESSAGE = 'the mapping uses a temporary type or function',
						HINT = 'A survey stays; use types and functions that stay.';
				END IF;
				-- whoever acts for the owner of the survey: what they make is the survey's
				EXECUTE format('ALTER VIEW %I.%I OWNER TO %I', target, view.name, target_owner);
			END LOOP;
			EXIT;
		EXCEPTION WHEN invalid_table_definition THEN
			IF attempt = 2 THEN
				RAISE;
			END IF;
		END;

		-- a column went or changed its type
		BEGIN
			EXECUTE 'DROP VIEW ' || (SELECT string_agg(format('%I.%I', target, n), ', ') FROM unnest(existing) n);
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

	FOREACH statement IN ARRAY coalesce(grants, '{}') LOOP
		-- a column with a grant of its own may be gone
		BEGIN
			EXECUTE statement;
		EXCEPTION WHEN undefined_column THEN
			NULL;
		END;
	END LOOP;
	-- a new view, or one that went with its source: for those who may read the settings
	FOR statement IN
		SELECT format('GRANT SELECT ON %I.%I TO %s', target, v.relname,
			CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END)
		FROM pg_class v
		JOIN pg_class t ON t.relnamespace = v.relnamespace AND t.relname = 'survey'
		CROSS JOIN LATERAL aclexplode(t.relacl) a
		WHERE v.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = target) AND v.relkind = 'v'
			AND v.relname <> ALL (existing) AND v.relname IN (SELECT o.object FROM @extschema@.nps_survey_comments() o)
			AND a.privilege_type = 'SELECT' AND a.grantee <> t.relowner
	LOOP
		EXECUTE statement;
	END LOOP;
	PERFORM @extschema@.nps_describe_survey(target, answer.segment_names);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_build_views(text, regclass, jsonb) IS 'part of nps_attach(): makes or replaces the views of a survey';
