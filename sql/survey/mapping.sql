/* nps/sql/survey/mapping.sql */

CREATE FUNCTION @extschema@.nps_mapping(source regclass, argument text, value text, search_path text, named boolean,
	OUT expression text, OUT type regtype, OUT name text)
	RETURNS record
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION @extschema@.nps_mapping(regclass, text, text, text, boolean) IS 'what a mapping argument of nps_attach() stands for: a column of the source, or one SQL expression over it';

CREATE FUNCTION @extschema@.nps_mapping_can_be_key(type regtype)
	RETURNS boolean
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * Whether values of the type can be told apart and put in order, and found in an
 * array of them, which an array cannot: asked of the server, with no rows.
 */
BEGIN
	IF (SELECT t.typtype = 'p' FROM pg_type t WHERE t.oid = type) THEN
		RETURN false;
	END IF;
	EXECUTE format('SELECT 1 FROM (SELECT NULL::%s AS key WHERE false) none GROUP BY key HAVING key %s ANY (array_agg(key)) ORDER BY key',
		type, @extschema@.nps_mapping_operator(type, 3));
	RETURN true;
EXCEPTION WHEN undefined_function THEN
	RETURN false;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_mapping_can_be_key(regtype) IS 'part of nps_attach(): whether a type can name a response, respondent or account';

CREATE FUNCTION @extschema@.nps_mapping_operator(type regtype, strategy integer)
	RETURNS text
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The operator that GROUP BY (strategy 3, equal) or ORDER BY (5, greater) goes
 * by, which may be an extension's, to be written into a query.
 */
BEGIN
	RETURN coalesce((
		SELECT format('OPERATOR(%I.%s)', n.nspname, q.oprname)
		FROM pg_opclass c
		JOIN pg_amop o ON o.amopfamily = c.opcfamily AND o.amopstrategy = strategy
			AND o.amoplefttype = c.opcintype AND o.amoprighttype = c.opcintype
		JOIN pg_operator q ON q.oid = o.amopopr
		JOIN pg_namespace n ON n.oid = q.oprnamespace
		WHERE c.opcdefault AND c.opcintype = type
			AND c.opcmethod = (SELECT m.oid FROM pg_am m WHERE m.amname = 'btree')),
		CASE strategy WHEN 3 THEN 'OPERATOR(pg_catalog.=)' ELSE 'OPERATOR(pg_catalog.>)' END);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_mapping_operator(regtype, integer) IS 'part of nps_attach(): the operator by which keys of a type are equal or greater';

CREATE FUNCTION @extschema@.nps_mapping_cast(argument text, expression text, type regtype, wanted text, time_zone text)
	RETURNS text
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The expression as the type that the view answer has for this argument.  The
 * conversions are those that cannot fail on data; whoever needs another one
 * writes it into the expression.  A domain that our functions are called on
 * becomes its base type, so that none over the domain can come before them.
 */
DECLARE
	result text;
BEGIN
	result := CASE wanted
		WHEN 'key' THEN CASE WHEN @extschema@.nps_mapping_can_be_key(type) THEN expression END
		WHEN 'boolean' THEN CASE WHEN type = 'boolean'::regtype THEN format('%s::pg_catalog.bool', expression) END
		WHEN 'whole number' THEN CASE WHEN type IN ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype)
			THEN format('%s::pg_catalog.int8', expression) END
		WHEN 'number' THEN CASE WHEN type IN ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype,
			'real'::regtype, 'double precision'::regtype, 'numeric'::regtype) THEN expression END
		WHEN 'text' THEN CASE WHEN type IN ('text'::regtype, 'character varying'::regtype, 'character'::regtype,
			'name'::regtype) THEN format('%s::pg_catalog.text', expression) END
		WHEN 'time' THEN CASE type
			WHEN 'timestamp with time zone'::regtype THEN format('%s::pg_catalog.timestamptz', expression)
			WHEN 'timestamp without time zone'::regtype THEN format('@extschema@.nps_time(%s, %L)', expression, time_zone)
			WHEN 'date'::regtype THEN format('@extschema@.nps_time(%s, %L)', expression, time_zone) END
		WHEN 'date' THEN CASE type
			WHEN 'date'::regtype THEN format('%s::pg_catalog.date', expression)
			WHEN 'timestamp without time zone'::regtype THEN format('%s::pg_catalog.date', expression)
			WHEN 'timestamp with time zone'::regtype THEN format('@extschema@.nps_local_time(%s, %L)::pg_catalog.date', expression, time_zone) END
	END;
	IF result IS NULL THEN
		RAISE EXCEPTION USING
			ERRCODE = 'datatype_mismatch',
			MESSAGE = CASE WHEN wanted = 'key'
				THEN format('argument "%s" is of type %s, which %s', argument, type,
					CASE WHEN (SELECT t.typcategory FROM pg_type t WHERE t.oid = type) = 'A' THEN 'is an array' ELSE 'has no order' END)
				ELSE format('argument "%s" must be a %s, not of type %s', argument, wanted, type) END,
			HINT = CASE wanted
				WHEN 'boolean' THEN format('Pass a condition, such as %s => $$form = ''csat''$$.', argument)
				-- without a zone: it is read in that of the survey, not in that of each reader
				WHEN 'time' THEN format('Pass an expression that converts it, such as %s => ''(column::timestamp)''.', argument)
				ELSE format('Pass an expression that converts it, such as %s => ''(column::%s)''.', argument,
					CASE wanted WHEN 'key' THEN 'text' WHEN 'whole number' THEN 'bigint' WHEN 'number' THEN 'numeric'
						ELSE wanted END) END;
	END IF;
	RETURN result;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_mapping_cast(text, text, regtype, text, text) IS 'a mapping argument of nps_attach() as the type that the view answer needs';

CREATE FUNCTION @extschema@.nps_mapping_key(source regclass)
	RETURNS text
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The column that is the primary key of the source; an error that says what to pass where there is none. */
DECLARE
	columns text[];
BEGIN
	SELECT array_agg(a.attname::text ORDER BY a.attnum) INTO columns
	FROM pg_index i
	JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY ((i.indkey::smallint[])[0:i.indnkeyatts - 1])
	WHERE i.indrelid = source AND i.indisprimary;

	IF cardinality(columns) = 1 THEN
		RETURN columns[1];
	END IF;
	RAISE EXCEPTION USING
		ERRCODE = 'invalid_parameter_value',
		MESSAGE = CASE WHEN columns IS NULL
			THEN format('%s has no primary key', source)
			ELSE format('the primary key of %s has several columns: %s', source, array_to_string(columns, ', ')) END,
		DETAIL = 'Each response needs one value that names it and never changes.',
		HINT = CASE WHEN columns IS NULL
			THEN 'Pass response_id => ''column'', or an expression that is unique.'
			ELSE format('Pass an expression that is unique, such as response_id => $$jsonb_build_array(%s)::text$$.',
				(SELECT string_agg(quote_ident(c), ', ' ORDER BY place) FROM unnest(columns) WITH ORDINALITY AS u(c, place))) END;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_mapping_key(regclass) IS 'the primary key column of a source, for nps_attach()';

CREATE FUNCTION @extschema@.nps_mapping_source(answer regclass)
	RETURNS regclass
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION @extschema@.nps_mapping_source(regclass) IS 'the table or view that a survey''s view answer reads';

CREATE FUNCTION @extschema@.nps_mapping_column(answer regclass, "column" text)
	RETURNS name
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION @extschema@.nps_mapping_column(regclass, text) IS 'the column of the source that a column of a survey''s view answer is; NULL for an expression';
