/* nps/sql/parts/90_attach.sql */

CREATE FUNCTION @extschema@.nps_attach(source regclass, score text, schema_name text DEFAULT NULL,
	response_id text DEFAULT NULL, respondent text DEFAULT NULL, account text DEFAULT NULL,
	responded_at text DEFAULT NULL, comment text DEFAULT NULL, segments text[] DEFAULT NULL,
	revenue text DEFAULT NULL, renewal_at text DEFAULT NULL, churned_at text DEFAULT NULL,
	contactable text DEFAULT NULL, owner text DEFAULT NULL, open_tickets text DEFAULT NULL,
	filter text DEFAULT NULL, scale text DEFAULT 'nps', time_zone text DEFAULT NULL,
	goal double precision DEFAULT NULL)
	RETURNS TABLE (object text, kind text, purpose text)
	LANGUAGE plpgsql VOLATILE
	AS $body$
/*
 * Runs as the caller and makes ordinary objects of the caller's.  The search
 * path is the caller's only where the caller's own expressions are looked up:
 * in nps_mapping() and while the view answer is created.
 */
DECLARE
	caller_path CONSTANT text := pg_catalog.current_setting('search_path');
	own_path CONSTANT text := 'pg_catalog, @extschema@, pg_temp';
	source_class pg_catalog.pg_class;
	source_name text;			-- quoted and qualified
	target text;				-- name of the survey schema, not quoted
	limits record;				-- of the scale
	mapping record;
	argument record;
	segment text;
	segment_names text[] := '{}';
	segment_list text := '';	-- quoted, each with a comma behind it
	select_list text := '';
	whole_source boolean;		-- the scores of the source are whole numbers
	row_filter text := '';		-- of the survey, on the source
	valid_rows text;			-- which rows of answer are responses
	score_column text;			-- the score in them
	scale_argument text;		-- behind the score, in calls of the library
	zone text;
BEGIN
	PERFORM pg_catalog.set_config('search_path', own_path, true);

	-- the source
	IF nps_attach.source IS NULL OR nps_attach.score IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed',
			MESSAGE = 'source and score must not be null',
			HINT = 'For example nps_attach(''survey_response'', ''score'').';
	END IF;
	SELECT * INTO source_class FROM pg_class c WHERE c.oid = nps_attach.source;
	IF NOT FOUND THEN
		RAISE EXCEPTION USING ERRCODE = 'undefined_table',
			MESSAGE = format('relation with OID %s does not exist', nps_attach.source::oid);
	END IF;
	source_name := format('%s.%I', source_class.relnamespace::regnamespace, source_class.relname);
	IF source_class.relkind NOT IN ('r', 'p', 'f', 'v', 'm') THEN
		RAISE EXCEPTION USING ERRCODE = 'wrong_object_type',
			MESSAGE = format('%s is no table or view', source_name),
			HINT = 'Pass a table, a foreign table, a view or a materialized view as source.';
	END IF;
	IF source_class.relpersistence = 't' THEN
		RAISE EXCEPTION USING ERRCODE = 'wrong_object_type',
			MESSAGE = format('%s is temporary', source_name),
			HINT = 'A survey stays; attach a table that stays.';
	END IF;
	IF NOT has_any_column_privilege(nps_attach.source, 'SELECT') THEN
		RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
			MESSAGE = format('permission denied for %s', source_name),
			HINT = 'Ask its owner for GRANT SELECT.';
	END IF;

	-- scale and zone
	SELECT * INTO limits FROM nps_scales() s WHERE s.scale = nps_attach.scale;
	IF NOT FOUND THEN
		RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
			MESSAGE = format('unknown scale "%s"', nps_attach.scale),
			HINT = format('Pass scale => one of %s.', (SELECT string_agg(s.scale, ', ') FROM nps_scales() s));
	END IF;
	scale_argument := CASE WHEN nps_attach.scale = 'nps' THEN '' ELSE format(', %L', nps_attach.scale) END;
	zone := coalesce(nps_attach.time_zone, current_setting('TimeZone'));
	BEGIN
		PERFORM now() AT TIME ZONE zone;
	EXCEPTION WHEN invalid_parameter_value THEN
		RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
			MESSAGE = format('unknown time zone "%s"', zone),
			HINT = 'Pass time_zone => a name from pg_timezone_names, such as ''Europe/Berlin''.';
	END;

	-- the schema
	IF nps_attach.schema_name IS NOT NULL THEN
		target := nps_attach.schema_name;
		IF target = '' OR octet_length(target) > 63 THEN
			RAISE EXCEPTION USING ERRCODE = 'invalid_name',
				MESSAGE = format('"%s" cannot be the name of a schema', target),
				HINT = 'Pass schema_name => a name of 1 to 63 bytes.';
		END IF;
	ELSE
		target := source_class.relname || '_nps';
		WHILE octet_length(target) > 63 LOOP
			target := left(target, -5) || '_nps';
		END LOOP;
	END IF;
	IF EXISTS (SELECT FROM pg_namespace n WHERE n.nspname = target) THEN
		RAISE EXCEPTION USING ERRCODE = 'duplicate_schema',
			MESSAGE = format('schema "%s" already exists', target),
			HINT = 'Pass schema_name => another name.';
	END IF;
	IF NOT has_database_privilege(current_database(), 'CREATE') THEN
		RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
			MESSAGE = format('permission denied to create schema "%s"', target),
			HINT = format('Ask the owner of the database for GRANT CREATE ON DATABASE %I.', current_database());
	END IF;

	-- the select list of answer: the mapped columns, each under its fixed name and type
	FOR argument IN
		SELECT * FROM (VALUES
			(1, 'response_id', coalesce(nps_attach.response_id, nps_mapping_key(nps_attach.source)), 'any', NULL),
			(2, 'respondent', nps_attach.respondent, 'any', 'text'),
			(3, 'account', nps_attach.account, 'any', 'text'),
			(4, 'responded_at', nps_attach.responded_at, 'time', 'timestamptz'),
			(5, 'score', nps_attach.score, 'any', NULL),
			(6, 'comment', nps_attach.comment, 'text', 'text'),
			(7, 'revenue', nps_attach.revenue, 'number', 'numeric'),
			(8, 'renewal_at', nps_attach.renewal_at, 'date', 'date'),
			(9, 'churned_at', nps_attach.churned_at, 'time', 'timestamptz'),
			(10, 'contactable', nps_attach.contactable, 'boolean', 'bool'),
			(11, 'owner', nps_attach.owner, 'text', 'text'),
			(12, 'open_tickets', nps_attach.open_tickets, 'whole number', 'int8')
		) AS a(position, name, value, wanted, type_if_absent)
		ORDER BY a.position
	LOOP
		IF argument.value IS NULL THEN
			select_list := select_list || format(E'\tNULL::pg_catalog.%I AS %I,\n', argument.type_if_absent, argument.name);
			CONTINUE;
		END IF;
		SELECT * INTO mapping
		FROM nps_mapping(nps_attach.source, argument.name, argument.value, caller_path, false);
		IF argument.name <> 'score' THEN
			select_list := select_list || format(E'\t%s AS %I,\n',
				nps_mapping_cast(argument.name, mapping.expression, mapping.type, argument.wanted, zone), argument.name);
			CONTINUE;
		END IF;

		/*
		 * The score twice: as it stands in the source, and what is valid of
		 * it.  Whole numbers stay the source's own column behind a plain range
		 * of values, so that an index on it serves the reports.
		 */
		whole_source := mapping.type IN ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype);
		IF whole_source THEN
			select_list := select_list || format(
				E'\t%1$s AS raw_score,\n\tCASE WHEN %1$s OPERATOR(pg_catalog.>=) %2$s AND %1$s OPERATOR(pg_catalog.<=) %3$s THEN %1$s END AS score,\n'
				'\t@extschema@.nps_rejection(%1$s::pg_catalog.float8, %4$L) AS rejection,\n',
				mapping.expression, limits.min_score, limits.max_score, nps_attach.scale);
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
				nps_attach.scale,
				CASE WHEN limits.whole_scores_only THEN '::pg_catalog.int2' ELSE '' END);
		ELSE
			RAISE EXCEPTION USING ERRCODE = 'datatype_mismatch',
				MESSAGE = format('argument "score" must be a number or text, not of type %s', mapping.type),
				HINT = 'Pass an expression that converts it, such as score => $$(answers->>''nps'')$$.';
		END IF;
	END LOOP;
	FOREACH segment IN ARRAY coalesce(nps_attach.segments, '{}') LOOP
		SELECT * INTO mapping
		FROM nps_mapping(nps_attach.source, 'segments', segment, caller_path, true);
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
				HINT = format('Pass segments => ARRAY[$$%s AS other_name$$].', segment);
		END IF;
		IF mapping.name = ANY (segment_names) THEN
			RAISE EXCEPTION USING ERRCODE = 'duplicate_column',
				MESSAGE = format('segment "%s" is named twice', mapping.name),
				HINT = 'Give each segment a name of its own with "expression AS name".';
		END IF;
		segment_names := segment_names || mapping.name;
		segment_list := segment_list || format('%I, ', mapping.name);
		select_list := select_list || format(E'\t%s AS %I,\n', mapping.expression, mapping.name);
	END LOOP;

	EXECUTE format('CREATE SCHEMA %I', target);

	-- answer, the mapping: the only object that names the source
	IF nps_attach.filter IS NOT NULL THEN
		SELECT * INTO mapping FROM nps_mapping(nps_attach.source, 'filter', nps_attach.filter, caller_path, false);
		row_filter := E'\nWHERE ' || nps_mapping_cast('filter', mapping.expression, mapping.type, 'boolean', zone);
	END IF;
	PERFORM pg_catalog.set_config('search_path', caller_path, true);
	EXECUTE pg_catalog.format(E'CREATE VIEW %I.answer WITH (security_invoker = true) AS\nSELECT\n%s\nFROM %s%s',
		target, pg_catalog.rtrim(select_list, E',\n'), source_name, row_filter);
	PERFORM pg_catalog.set_config('search_path', own_path, true);

	-- what people edit: the settings of the survey, and the rules of follow-up
	EXECUTE format($sql$
		CREATE TABLE %1$I.survey (
			only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
			scale text NOT NULL,
			time_zone text NOT NULL,
			goal double precision,
			benchmark double precision,
			benchmark_source text,
			follow_up_days integer NOT NULL DEFAULT 90 CHECK (follow_up_days > 0),
			many_tickets integer NOT NULL DEFAULT 5,
			fallback_owner text,
			attached_with text NOT NULL
		);
		CREATE TABLE %1$I.playbook (
			score_from smallint NOT NULL,
			score_to smallint NOT NULL CHECK (score_to >= score_from),
			follow_up boolean NOT NULL,
			verdict text NOT NULL,
			cancel_risk text,
			severity smallint NOT NULL,
			personal boolean NOT NULL,
			channel text NOT NULL,
			steps text NOT NULL,
			contact_hours integer CHECK (contact_hours BETWEEN 1 AND 100000),
			inform_manager boolean NOT NULL,
			guidance text,
			owner text,
			PRIMARY KEY (score_from),
			CONSTRAINT one_rule_for_each_score EXCLUDE USING gist (int4range(score_from, score_to, '[]') WITH &&)
		);
		INSERT INTO %1$I.playbook SELECT * FROM nps_default_playbook(%2$L);
		$sql$, target, nps_attach.scale);
	EXECUTE format($sql$
		INSERT INTO %I.survey (scale, time_zone, goal, benchmark, benchmark_source, attached_with)
		VALUES ($1, $2, $3, CASE WHEN $1 = 'nps' THEN 30 END,
			CASE WHEN $1 = 'nps' THEN 'about the average of software-as-a-service companies' END, $4)
		$sql$, target)
	USING nps_attach.scale, zone, nps_attach.goal,
		jsonb_strip_nulls(jsonb_build_object('source', source_name, 'score', nps_attach.score,
			'schema_name', target, 'response_id', nps_attach.response_id, 'respondent', nps_attach.respondent,
			'account', nps_attach.account, 'responded_at', nps_attach.responded_at, 'comment', nps_attach.comment,
			'segments', nps_attach.segments, 'revenue', nps_attach.revenue, 'renewal_at', nps_attach.renewal_at,
			'churned_at', nps_attach.churned_at, 'contactable', nps_attach.contactable, 'owner', nps_attach.owner,
			'open_tickets', nps_attach.open_tickets, 'filter', nps_attach.filter, 'scale', nps_attach.scale,
			'time_zone', zone, 'goal', nps_attach.goal))::text;

	-- the views on it
	IF whole_source THEN
		score_column := 'raw_score AS score';
		valid_rows := format('raw_score BETWEEN %s AND %s', limits.min_score, limits.max_score);
	ELSE
		score_column := 'score';
		valid_rows := 'score IS NOT NULL';
	END IF;
	PERFORM nps_create_views(target, nps_attach.scale, zone, score_column, valid_rows, segment_list, scale_argument,
		limits.min_score, limits.max_score, limits.whole_scores_only);
	RETURN QUERY SELECT * FROM nps_describe_survey(target, segment_names);

	PERFORM pg_catalog.set_config('search_path', caller_path, true);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_attach(regclass, text, text, text, text, text, text, text, text[], text, text, text, text, text, text, text, text, text, double precision) IS 'turns a table or view of survey answers into a schema of report views; returns what it made';
