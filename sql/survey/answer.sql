/* nps/sql/survey/answer.sql */

CREATE FUNCTION @extschema@.nps_mapping_arguments(OUT place integer, OUT name text, OUT wanted text, OUT type_if_absent regtype)
	RETURNS SETOF record
	LANGUAGE sql IMMUTABLE STRICT ROWS 16
	BEGIN ATOMIC
	/* The arguments of nps_attach() that each become a column of the view answer, NULL where nothing is passed. */
	VALUES
		(1, 'response_id', 'key', NULL::pg_catalog.regtype),
		(2, 'respondent', 'key', 'pg_catalog.text'::pg_catalog.regtype),
		(3, 'account', 'key', 'pg_catalog.text'::pg_catalog.regtype),
		(4, 'responded_at', 'time', 'pg_catalog.timestamptz'::pg_catalog.regtype),
		(5, 'asked_at', 'time', 'pg_catalog.timestamptz'::pg_catalog.regtype),
		(6, 'score', 'score', NULL),
		(7, 'comment', 'text', 'pg_catalog.text'::pg_catalog.regtype),
		(8, 'revenue', 'number', 'pg_catalog.numeric'::pg_catalog.regtype),
		(9, 'renewal_at', 'date', 'pg_catalog.date'::pg_catalog.regtype),
		(10, 'churned_at', 'time', 'pg_catalog.timestamptz'::pg_catalog.regtype),
		(11, 'contactable', 'boolean', 'pg_catalog.bool'::pg_catalog.regtype),
		(12, 'owner', 'text', 'pg_catalog.text'::pg_catalog.regtype),
		(13, 'open_tickets', 'whole number', 'pg_catalog.int8'::pg_catalog.regtype),
		(14, 'received_at', 'time', 'pg_catalog.timestamptz'::pg_catalog.regtype),
		(15, 'wants_contact', 'boolean', 'pg_catalog.bool'::pg_catalog.regtype),
		(16, 'topic', 'text', 'pg_catalog.text'::pg_catalog.regtype);
	END;
COMMENT ON FUNCTION @extschema@.nps_mapping_arguments() IS 'part of nps_attach(): which arguments are columns of the view answer, and of what kind';

CREATE FUNCTION @extschema@.nps_answer_view(source regclass, arguments jsonb, existing text[])
	RETURNS text
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The view answer, the mapping, out of the arguments of nps_attach(), with the
 * columns that exist already in their places.  Everything of ours in the
 * definition is qualified, as it will be read under the caller's search path.
 */
DECLARE
	scale_name CONSTANT text := arguments->>'scale';
	zone CONSTANT text := arguments->>'time_zone';
	path CONSTANT text := arguments->>'search_path';
	limits record;				-- of the scale
	argument record;
	mapping record;
	segment text;
	mapped jsonb := '{}';		-- the expression of each column, as mapping.name
	template CONSTANT text := (SELECT t.template FROM @extschema@.nps_survey_templates() t WHERE t.object = 'answer');
	names text[];				-- of the columns
	segment_names text[] := '{}';
	row_filter text := '';
	-- the filter first: without it the planner may compute an expression for a row that the filter excludes
	within_filter CONSTANT text := '(CASE WHEN %s THEN %s END)';
	whole_source boolean;		-- the scores of the source are whole numbers
	type_of_score text;			-- the type that they are judged as
	score_type text;			-- the type of the valid ones
BEGIN
	SELECT * INTO limits FROM @extschema@.nps_scales() s WHERE s.scale = scale_name;
	IF arguments ? 'filter' THEN
		SELECT * INTO mapping FROM @extschema@.nps_mapping(source, 'filter', arguments->>'filter', path, false);
		row_filter := @extschema@.nps_mapping_cast(source, 'filter', mapping.expression, mapping.type, 'boolean', arguments);
	END IF;
	FOR argument IN
		SELECT a.*, arguments->>a.name AS value FROM @extschema@.nps_mapping_arguments() a ORDER BY a.place
	LOOP
		IF argument.value IS NULL THEN
			mapped := mapped || jsonb_build_object('mapping.' || argument.name, format('NULL::pg_catalog.%I',
				(SELECT t.typname FROM pg_type t WHERE t.oid = argument.type_if_absent)));
			CONTINUE;
		END IF;
		SELECT * INTO mapping FROM @extschema@.nps_mapping(source, argument.name, argument.value, path, false);
		IF row_filter <> '' AND mapping.name IS NULL THEN
			mapping.expression := format(within_filter, row_filter, mapping.expression);
		END IF;
		IF argument.name <> 'score' THEN
			mapped := mapped || jsonb_build_object('mapping.' || argument.name,
				@extschema@.nps_mapping_cast(source, argument.name, mapping.expression, mapping.type, argument.wanted, arguments));
			CONTINUE;
		END IF;

		/*
		 * The score twice: as it is in the source, and the valid part of it.
		 * Whole numbers stay the source's own column behind a plain range
		 * of values, so that an index on it serves the reports.
		 */
		whole_source := mapping.type IN ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype);
		IF whole_source THEN
			-- a domain becomes its base type: no function over the domain can come before ours
			score_type := (SELECT t.typname FROM pg_type t WHERE t.oid = mapping.type);
			mapping.expression := format('%s::pg_catalog.%I', mapping.expression, score_type);
			mapped := mapped || jsonb_build_object('mapping.score', format('CASE WHEN %1$s OPERATOR(pg_catalog.>=) %2$s AND %1$s OPERATOR(pg_catalog.<=) %3$s THEN %1$s END',
				mapping.expression, limits.min_score, limits.max_score));
			type_of_score := 'float8';
		ELSIF mapping.type IN ('text'::regtype, 'character varying'::regtype, 'character'::regtype,
				'numeric'::regtype, 'real'::regtype, 'double precision'::regtype) THEN
			type_of_score := CASE mapping.type
				WHEN 'numeric'::regtype THEN 'numeric'
				WHEN 'real'::regtype THEN 'float8'
				WHEN 'double precision'::regtype THEN 'float8'
				ELSE 'text' END;
			score_type := CASE WHEN limits.whole_scores_only THEN 'int2' ELSE 'float8' END;
			mapped := mapped || jsonb_build_object('mapping.score', format('@extschema@.nps_valid_score(%s::pg_catalog.%I, %L)::pg_catalog.%I',
				mapping.expression, type_of_score, scale_name, score_type));
		ELSE
			RAISE EXCEPTION USING ERRCODE = 'datatype_mismatch',
				MESSAGE = format('argument "score" must be a number or text, not of type %s', mapping.type),
				HINT = 'Pass an expression that converts it, such as score => $$(answers->>''nps'')$$.';
		END IF;
		mapped := mapped || jsonb_build_object('mapping.raw_score', mapping.expression,
			'mapping.rejection', format('@extschema@.nps_rejection(%s::pg_catalog.%I, %L)', mapping.expression, type_of_score, scale_name));
	END LOOP;

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
		IF EXISTS (SELECT FROM @extschema@.nps_survey_comments() c WHERE c.object IN ('answer', 'counted') AND c."column" = mapping.name) THEN
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
		mapped := mapped || jsonb_build_object('mapping.' || mapping.name, mapping.expression);
	END LOOP;

	names := (SELECT array_agg(m[1] ORDER BY n) FROM regexp_matches(template, '<<mapping[.]([a-z_]+)>> AS', 'g') WITH ORDINALITY AS m(m, n)) || segment_names;
	RETURN (
		SELECT 'SELECT' || string_agg(format(E'\n\t%s AS %I', mapped->>('mapping.' || n.name), n.name), ',' ORDER BY n.place)
		FROM unnest(@extschema@.nps_columns_in_place(existing, names)) WITH ORDINALITY AS n(name, place))
		|| @extschema@.nps_fill(substring(template FROM '\nFROM .*$'), jsonb_build_object(
			'mapping.source', (SELECT format('%s.%I', c.relnamespace::regnamespace, c.relname) FROM pg_class c WHERE c.oid = source),
			'mapping.filter', CASE WHEN row_filter <> '' THEN 'WHERE ' || row_filter ELSE '' END));
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_answer_view(regclass, jsonb, text[]) IS 'part of nps_attach(): the definition of the view answer';

CREATE FUNCTION @extschema@.nps_is_distributed(answer regclass)
	RETURNS boolean
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Whether Citus keeps a table that the view answer reads, itself or through other views. */
DECLARE
	result boolean := false;
BEGIN
	IF to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL THEN
		EXECUTE $sql$
			WITH RECURSIVE below AS (
				SELECT $1::oid AS relation
				UNION
				SELECT d.refobjid
				FROM below b
				JOIN pg_class c ON c.oid = b.relation AND c.relkind = 'v'
				JOIN pg_rewrite w ON w.ev_class = c.oid
				JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass
			)
			SELECT EXISTS (SELECT FROM below b JOIN pg_catalog.pg_dist_partition p ON p.logicalrelid = b.relation)
			$sql$ INTO result USING answer;
	END IF;
	RETURN result;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_is_distributed(regclass) IS 'part of nps_attach(): whether the answers are distributed among servers';

CREATE FUNCTION @extschema@.nps_answer_facts(survey text, source regclass, arguments jsonb, OUT facts jsonb, OUT segment_names text[])
	RETURNS record
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * What the definitions of the other views need to know of the view answer, as it
 * is.  No expression of the mapping is read again: it might be understood
 * differently by now.
 */
DECLARE
	answer CONSTANT regclass := format('%I.answer', survey)::regclass;
	scale_name CONSTANT text := arguments->>'scale';
	zone CONSTANT text := arguments->>'time_zone';
	limits record;				-- of the scale
	key record;
	types jsonb;				-- of the columns, without domains
	whole_source boolean;		-- the scores of the source are whole numbers
	is_distributed CONSTANT boolean := @extschema@.nps_is_distributed(answer);
	is_plain boolean;			-- one table, in which an index finds the answers of a respondent in one place
BEGIN
	WITH RECURSIVE below AS (
		SELECT a.attname, a.atttypid AS type FROM pg_attribute a WHERE a.attrelid = answer AND a.attnum > 0 AND NOT a.attisdropped
		UNION ALL
		SELECT b.attname, t.typbasetype FROM below b JOIN pg_type t ON t.oid = b.type AND t.typtype = 'd'
	)
	SELECT jsonb_object_agg(b.attname, b.type) INTO types FROM below b JOIN pg_type t ON t.oid = b.type AND t.typtype <> 'd';
	SELECT array_agg(a.attname::text ORDER BY a.attnum) INTO segment_names
	FROM pg_attribute a
	WHERE a.attrelid = answer AND a.attnum > 0 AND a.attname <> ALL (@extschema@.nps_columns_of('answer', '{}'));
	segment_names := coalesce(segment_names, '{}');
	IF NOT types ?& @extschema@.nps_columns_of('answer', '{}')
		OR cardinality(segment_names) <> jsonb_array_length(coalesce(arguments->'segments', '[]'))
	THEN
		RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
			MESSAGE = format('the view answer of survey "%s" does not have the columns of a mapping', survey),
			DETAIL = 'It was changed, or a segment is named like a column that this version of nps adds.',
			HINT = 'Call nps_attach(..., replace => true), with another name for such a segment.';
	END IF;

	facts := '{}';
	FOR key IN SELECT k.name, (types->>k.name)::oid AS type FROM unnest(ARRAY['response_id', 'respondent', 'account']) AS k(name) LOOP
		facts := facts || jsonb_build_object(key.name || '_equals', @extschema@.nps_mapping_operator(key.type, 3),
			key.name || '_order', CASE WHEN (SELECT t.typcollation FROM pg_type t WHERE t.oid = key.type) <> 0 THEN ' COLLATE "C"' ELSE '' END);
	END LOOP;
	SELECT * INTO limits FROM @extschema@.nps_scales() s WHERE s.scale = scale_name;
	whole_source := (types->>'raw_score')::oid IN ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype);

	SELECT NOT is_distributed AND c.relkind IN ('r', 'm') AND NOT EXISTS (SELECT FROM pg_inherits i WHERE i.inhparent = source) INTO is_plain
	FROM pg_class c WHERE c.oid = source;
	facts := facts || jsonb_build_object(
		'scale', quote_literal(scale_name),
		'scale_argument', CASE WHEN scale_name = 'nps' THEN '' ELSE format(', %L', scale_name) END,
		'min_score', limits.min_score, 'max_score', limits.max_score, 'whole', limits.whole_scores_only,
		'lowest', floor(limits.min_score), 'highest', floor(limits.max_score),
		'satisfaction', limits.satisfaction, 'reversed', limits.reversed,
		'zone', quote_literal(zone),
		-- the score in the rows of answer that count, and which rows these are
		'score', CASE WHEN whole_source THEN 'raw_score' ELSE 'score' END,
		'valid', CASE WHEN whole_source
			THEN format('raw_score BETWEEN %s AND %s', limits.min_score, limits.max_score)
			ELSE 'score IS NOT NULL' END,
		-- the same for rows that need not count
		'score_as_counted', CASE WHEN limits.whole_scores_only THEN 'score::integer' ELSE 'floor(score)::integer' END,
		'is_unanswered', CASE WHEN whole_source THEN 'raw_score IS NULL' ELSE 'score IS NULL AND rejection = ''no answer''' END,
		-- A domain may not take NULL: of one the type that it is made of.
		'nothing_beside', (
			SELECT string_agg('NULL::' || CASE WHEN (types->>b.name)::oid = a.atttypid THEN format_type(a.atttypid, a.atttypmod) ELSE format_type((types->>b.name)::oid, -1) END, ', ' ORDER BY b.place)
			FROM unnest(ARRAY['revenue', 'account', 'comment', 'renewal_at', 'owner', 'open_tickets']) WITH ORDINALITY AS b(name, place)
			JOIN pg_attribute a ON a.attrelid = answer AND a.attname = b.name),
		'score_type', (SELECT t.typname FROM pg_type t WHERE t.oid = (types->>'score')::oid),
		-- the whole number that a rule is found by
		'rule_score', CASE WHEN NOT limits.whole_scores_only THEN 'floor(score)::integer' WHEN whole_source THEN 'raw_score' ELSE 'score' END,
		'is_plain', is_plain, 'is_distributed', is_distributed,
		-- of the newest answer: what no index need hold is joined, if one finds it
		'rest_of_newest', CASE WHEN is_plain AND arguments ?| ARRAY['revenue', 'churned_at'] THEN format('LEFT JOIN counted a ON a.response_id %s n.response_id', facts->>'response_id_equals') ELSE '' END,
		'revenue_of_newest', CASE WHEN is_plain AND arguments ? 'revenue' THEN 'a.revenue' ELSE 'n.revenue' END,
		'churned_at_of_newest', CASE WHEN is_plain AND arguments ? 'churned_at' THEN 'a.churned_at' ELSE 'n.churned_at' END,
		'knows_churn', arguments ? 'churned_at', 'knows_revenue', arguments ? 'revenue', 'knows_asking', arguments ? 'asked_at',
		-- without somebody to call and a time to count from there are no cases
		'has_followup', arguments ?& ARRAY['respondent', 'responded_at'],
		'knows_wants_contact', arguments ? 'wants_contact', 'knows_received_at', arguments ? 'received_at',
		'loop_since', format('%L::timestamptz', coalesce(arguments->>'loop_since', '-infinity')),
		'responded_until', CASE WHEN @extschema@.nps_mapping_is_day(answer) THEN format('@extschema@.nps_time(@extschema@.nps_local_time(responded_at, %1$L)::date + 1, %1$L)', zone) ELSE 'responded_at' END,
		'text_search', format('%L::regconfig', coalesce(arguments->>'text_search_config', 'pg_catalog.english')));
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_answer_facts(text, regclass, jsonb) IS 'part of nps_attach(): what the views of a survey need to know of its mapping';
