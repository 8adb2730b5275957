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
 * Whether values of the type can be compared and sorted, and found in an
 * array of them, which an array cannot: the server is asked, with no rows.
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

CREATE FUNCTION @extschema@.nps_mapping_written(source regclass, value text)
	RETURNS text
	LANGUAGE sql STABLE STRICT
	/* An argument, which is the exact name of a column or an expression, as an expression. */
	RETURN CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid OPERATOR(pg_catalog.=) source AND a.attnum OPERATOR(pg_catalog.>) 0
		AND NOT a.attisdropped AND a.attname::pg_catalog.text OPERATOR(pg_catalog.=) value) THEN pg_catalog.quote_ident(value) ELSE value END;
COMMENT ON FUNCTION @extschema@.nps_mapping_written(regclass, text) IS 'part of nps_attach(): an argument as an SQL expression';

CREATE FUNCTION @extschema@.nps_time_sample(source regclass, expression text, path text)
	RETURNS SETOF text
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Some of the texts that the expression gives, from the first rows and from later ones; none if it fails. */
BEGIN
	PERFORM set_config('search_path', path, true);
	RETURN QUERY EXECUTE pg_catalog.format('SELECT n.value FROM (SELECT v.value, pg_catalog.row_number() OVER () AS place, pg_catalog.count(*) OVER () AS texts '
		'FROM (SELECT %s::pg_catalog.text AS value FROM %s LIMIT 100000) v WHERE NOT @extschema@.nps_is_unanswered(v.value)) n '
		'WHERE n.place OPERATOR(pg_catalog.%%) greatest(n.texts OPERATOR(pg_catalog./) 1000, 1) OPERATOR(pg_catalog.=) 0', expression, source);
EXCEPTION WHEN OTHERS THEN
	NULL;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_time_sample(regclass, text, text) IS 'part of nps_attach(): some of the texts in which times are looked for';

CREATE FUNCTION @extschema@.nps_time_fits(value text, format text, time_zone text)
	RETURNS boolean
	LANGUAGE sql IMMUTABLE
	BEGIN ATOMIC
	/* whether a text is likely to be a time in this format: numbers only of the last decades; not strict, so that it is inlined */
	SELECT @extschema@.nps_parse_time(value, format, time_zone) IS NOT NULL AND CASE format
		WHEN 'epoch' THEN value OPERATOR(pg_catalog.~) '^\s*\d{9}' WHEN 'Excel serial' THEN value OPERATOR(pg_catalog.~) '^\s*[2-7]\d{4}([.,]|\s*$)' ELSE true END;
	END;
COMMENT ON FUNCTION @extschema@.nps_time_fits(text, text, text) IS 'part of nps_attach(): whether a text is likely to be a time in a format';

CREATE FUNCTION @extschema@.nps_time_proposal(source regclass, expression text, type regtype, arguments jsonb,
	OUT proposal text, OUT doubt text, OUT fits boolean, OUT example text)
	RETURNS record
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * How to map a time that is written as text, or counted from 1970: by the format
 * that most of the texts have, followed by those that the others have.  The
 * expression is a column's name or what a caller wrote.  In doubt is what the rows
 * leave open; perhaps none fits.  The example is a text that is not read.
 */
DECLARE
	path CONSTANT text := arguments->>'search_path';
	zone CONSTANT text := arguments->>'time_zone';
	written CONSTANT text := @extschema@.nps_mapping_written(source, expression);
	is_number CONSTANT boolean := type IN ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype, 'real'::regtype, 'double precision'::regtype, 'numeric'::regtype);
	texts text[];				-- those still to be read
	formats text[] := '{}';
	best record;
	doubts text[] := '{}';
	number bigint;
BEGIN
	texts := ARRAY(SELECT s.value FROM @extschema@.nps_time_sample(source, written, path) s(value));
	number := cardinality(texts);
	WHILE cardinality(formats) < 3 LOOP
		SELECT f.format, count(*) AS fits, translate(f.format, 'DM', 'MD') AS other_order INTO best
		FROM unnest(texts) s(value)
		CROSS JOIN @extschema@.nps_time_formats() WITH ORDINALITY AS f(format, place)
		-- one value of the column is enough to tell the order of day and month
		WHERE translate(f.format, 'DM', 'MD') <> ALL (formats) AND @extschema@.nps_time_fits(s.value, f.format, zone)
		GROUP BY f.format, f.place
		ORDER BY count(*) DESC, f.place LIMIT 1;
		EXIT WHEN best.format IS NULL;
		IF best.other_order IN (SELECT f.format FROM @extschema@.nps_time_formats() AS f(format)) AND best.other_order <> best.format
			AND best.fits = (SELECT count(*) FROM unnest(texts) s(value)
				WHERE @extschema@.nps_time_fits(s.value, best.format, zone) AND @extschema@.nps_time_fits(s.value, best.other_order, zone))
		THEN
			doubts := doubts || format('or with %L: the rows do not tell whether days or months come first', best.other_order);
		END IF;
		formats := formats || best.format;
		texts := ARRAY(SELECT s.value FROM unnest(texts) s(value) WHERE NOT @extschema@.nps_time_fits(s.value, best.format, zone));
	END LOOP;
	fits := cardinality(formats) > 0 OR is_number AND number = 0;
	IF formats = '{}' THEN
		formats := ARRAY[CASE WHEN is_number THEN 'epoch' ELSE 'DD/MM/YYYY' END];
		IF NOT is_number OR number > 0 THEN
			doubts := ARRAY[format('with the format that the text has: %s', (SELECT string_agg(f.format, ', ' ORDER BY f.place) FROM @extschema@.nps_time_formats() WITH ORDINALITY AS f(format, place)))];
		END IF;
	END IF;
	example := texts[1];
	IF fits AND example IS NOT NULL THEN
		doubts := doubts || (format('which does not read %L', left(example, 40))
			|| CASE WHEN cardinality(texts) > 1 THEN format(' and %s more of %s texts', cardinality(texts) - 1, number) ELSE '' END);
	END IF;
	proposal := (SELECT string_agg(format('%snps_parse_time(%s%s, %L, %L)', CASE WHEN '@extschema@' = ANY (string_to_array(path, ', ')) THEN '' ELSE '@extschema@.' END,
		written, CASE WHEN type IN ('text'::regtype, 'character varying'::regtype) THEN '' ELSE '::text' END, f.format, zone), ', ' ORDER BY f.place)
		FROM unnest(formats) WITH ORDINALITY AS f(format, place));
	IF cardinality(formats) > 1 THEN
		proposal := format('coalesce(%s)', proposal);
	END IF;
	doubt := nullif(array_to_string(doubts, ', '), '');
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_time_proposal(regclass, text, regtype, jsonb) IS 'part of nps_attach(): how to map a time that is written as text';

CREATE FUNCTION @extschema@.nps_time_hint(source regclass, argument text, type regtype, arguments jsonb)
	RETURNS text
	LANGUAGE sql STABLE STRICT
	BEGIN ATOMIC
	/* what to pass for an argument that is written as text, or counted from 1970, or is not a time at all */
	SELECT CASE WHEN t.typcategory OPERATOR(pg_catalog.=) ANY ('{S,N}') AND (p.fits OR p.example IS NULL)
			THEN pg_catalog.format('Pass %s => $$%s$$%s.', argument, p.proposal, ', ' OPERATOR(pg_catalog.||) p.doubt)
		WHEN t.typcategory OPERATOR(pg_catalog.=) ANY ('{S,N}')
			THEN pg_catalog.format('No format of nps_parse_time() reads %L: pass %s => an expression that gives a timestamptz, timestamp, date, or NULL.', pg_catalog."left"(p.example, 40), argument)
		ELSE pg_catalog.format('Pass %s => an expression that gives a timestamptz, timestamp, date, or NULL.', argument) END
	FROM pg_catalog.pg_type t, @extschema@.nps_time_proposal(source, arguments OPERATOR(pg_catalog.->>) argument, type, arguments) p
	WHERE t.oid OPERATOR(pg_catalog.=) type;
	END;
COMMENT ON FUNCTION @extschema@.nps_time_hint(regclass, text, regtype, jsonb) IS 'part of nps_attach(): what to pass for a time that is written as text';

CREATE FUNCTION @extschema@.nps_mapping_cast(source regclass, argument text, expression text, type regtype, wanted text, arguments jsonb)
	RETURNS text
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The expression as the type that the view answer has for this argument.  The
 * conversions are those that cannot fail on data; a user who needs another one
 * writes it into the expression.  A domain that our functions are called on
 * becomes its base type, so that none over the domain can come before them.
 */
DECLARE
	time_zone CONSTANT text := arguments->>'time_zone';
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
			HINT = coalesce(
				CASE WHEN type IN ('text'::regtype, 'character varying'::regtype) AND wanted IN ('number', 'whole number', 'boolean') THEN
					(SELECT c.hint FROM @extschema@.nps_mapping_cure(source, argument, arguments) c WHERE c.expression IS NOT NULL) END,
				CASE wanted
				WHEN 'boolean' THEN format('Pass a condition, such as %s => $$form = ''csat''$$.', argument)
				WHEN 'time' THEN @extschema@.nps_time_hint(source, argument, type, arguments)
				WHEN 'date' THEN @extschema@.nps_time_hint(source, argument, type, arguments)
				ELSE format('Pass an expression that converts it, such as %s => ''(column::%s)''.', argument,
					CASE wanted WHEN 'key' THEN 'text' WHEN 'whole number' THEN 'bigint' WHEN 'number' THEN 'numeric'
						ELSE wanted END) END);
	END IF;
	RETURN result;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_mapping_cast(regclass, text, text, regtype, text, jsonb) IS 'a mapping argument of nps_attach() as the type that the view answer needs';

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
			THEN 'Pass response_id => ''column'', or an expression that is unique' || coalesce((
				SELECT format('; or give it a key: ALTER TABLE %s ADD COLUMN response_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY', source)
				FROM pg_class c WHERE c.oid = source AND c.relkind = 'r' AND NOT c.relispartition), '') || '.'
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

CREATE FUNCTION @extschema@.nps_mapping_is_day(answer regclass)
	RETURNS boolean
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION @extschema@.nps_mapping_is_day(regclass) IS 'whether the time of an answer is a day, of which a survey''s view answer has the beginning';

CREATE FUNCTION @extschema@.nps_mapping_varies(answer regclass, "column" text)
	RETURNS boolean
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION @extschema@.nps_mapping_varies(regclass, text) IS 'whether a column of a survey''s view answer depends on more than the row, such as DateStyle, TimeZone or the time';
