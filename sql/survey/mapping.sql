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
 * that most of the texts have, and behind it by those that the others have.  The
 * expression is a column's name or what a caller wrote.  In doubt is what the rows
 * do not tell; perhaps none fits.  The example is a text that is not read.
 */
DECLARE
	path CONSTANT text := arguments->>'search_path';
	zone CONSTANT text := arguments->>'time_zone';
	written CONSTANT text := @extschema@.nps_mapping_written(source, expression);
	is_number CONSTANT boolean := type IN ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype, 'real'::regtype, 'double precision'::regtype, 'numeric'::regtype);
	texts text[];				-- that are yet to be read
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

CREATE FUNCTION @extschema@.nps_mapping_failure(answer regclass, columns text[], rows bigint)
	RETURNS text
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The error raised when these columns are computed for this many of the rows, or for
 * all; NULL if nothing fails.  Anything else that keeps the source from being read is an
 * error for those who read it.
 */
BEGIN
	EXECUTE format('SELECT count(*)%s FROM (SELECT * FROM %s%s) a',
		(SELECT string_agg(format(', count(a.%I)', c), '') FROM unnest(columns) c), answer, ' LIMIT ' || rows);
	RETURN NULL;
EXCEPTION
	-- errors of an expression; not those of the server itself, such as a deadlock
	WHEN feature_not_supported OR cardinality_violation OR data_exception OR integrity_constraint_violation OR sql_routine_exception OR external_routine_exception
		OR external_routine_invocation_exception OR syntax_error_or_access_rule_violation OR plpgsql_error OR statement_too_complex THEN
		RETURN SQLERRM;
	WHEN OTHERS THEN
		RETURN NULL;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_mapping_failure(regclass, text[], bigint) IS 'part of nps_attach(): why columns of a survey''s view answer cannot be computed';

CREATE FUNCTION @extschema@.nps_argument_of_column("column" text, arguments jsonb)
	RETURNS text
	LANGUAGE sql IMMUTABLE STRICT
	/* The argument of nps_attach() behind a column of the view answer; the segments have names of their own. */
	RETURN CASE WHEN "column" OPERATOR(pg_catalog.=) 'raw_score' THEN 'score' WHEN arguments OPERATOR(pg_catalog.?) "column" THEN "column" ELSE 'segments' END;
COMMENT ON FUNCTION @extschema@.nps_argument_of_column(text, jsonb) IS 'part of nps_attach(): the argument that a column of the view answer comes from';

CREATE FUNCTION @extschema@.nps_mapping_reads(source regclass, argument text, arguments jsonb)
	RETURNS text
	LANGUAGE sql STABLE STRICT
	BEGIN ATOMIC
	/* the column of text that the expression of an argument reads; NULL if it reads none */
	SELECT a.attname::pg_catalog.text FROM pg_catalog.pg_attribute a
	WHERE a.attrelid OPERATOR(pg_catalog.=) source AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped
		AND a.atttypid OPERATOR(pg_catalog.=) ANY (ARRAY['pg_catalog.text'::pg_catalog.regtype, 'pg_catalog.varchar'::pg_catalog.regtype])
		-- as a word of its own
		AND (arguments OPERATOR(pg_catalog.->>) argument) OPERATOR(pg_catalog.~) pg_catalog.format('(?<!\w)%s(?!\w)', pg_catalog.regexp_replace(pg_catalog.quote_ident(a.attname), '(\W)', '\\\1', 'g'))
	ORDER BY pg_catalog.length(a.attname::pg_catalog.text) DESC, a.attnum LIMIT 1;
	END;
COMMENT ON FUNCTION @extschema@.nps_mapping_reads(regclass, text, jsonb) IS 'part of nps_attach(): the column of text that an argument reads';

CREATE FUNCTION @extschema@.nps_mapping_cure(source regclass, argument text, arguments jsonb, OUT expression text, OUT hint text)
	RETURNS record
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* What to pass instead of an expression that fails, or that depends on the session; no expression if we know none. */
DECLARE
	read CONSTANT text := @extschema@.nps_mapping_reads(source, argument, arguments);
	proposal text;
	doubt text;
	fits boolean;
BEGIN
	IF read IS NOT NULL AND argument IN ('responded_at', 'asked_at', 'renewal_at', 'churned_at') THEN
		SELECT p.proposal, p.doubt, p.fits INTO proposal, doubt, fits FROM @extschema@.nps_time_proposal(source, read, 'text', arguments) p;
	END IF;
	IF fits THEN
		expression := proposal;
		hint := format('Pass %s => $$%s$$%s.', argument, expression, ', ' || doubt);
	ELSIF read IS NOT NULL AND argument IN ('revenue', 'open_tickets', 'contactable', 'wants_contact') THEN
		expression := format(CASE argument
			WHEN 'revenue' THEN $e$CASE WHEN %1$I ~ '^\s*[-+]?[0-9]{1,15}([.][0-9]{1,15})?\s*$' THEN %1$I::numeric END$e$
			WHEN 'open_tickets' THEN $e$CASE WHEN %1$I ~ '^\s*[-+]?[0-9]{1,18}\s*$' THEN %1$I::bigint END$e$
			ELSE $e$lower(btrim(%1$I)) IN ('yes', 'y', 'true', 't', '1')$e$ END, read);
		hint := format('Pass %s => $$%s$$.', argument, expression);
	ELSIF read IS NOT NULL AND argument = 'score' THEN
		expression := read;
		hint := format('Pass score => %L: text is read by nps_parse_score(), and what is not a score is in not_counted.', read);
	ELSE
		hint := 'Pass an expression that gives NULL for what does not fit, and the same for every reader.';
	END IF;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_mapping_cure(regclass, text, jsonb) IS 'part of nps_attach(): what to pass instead of an expression that fails or varies';

CREATE FUNCTION @extschema@.nps_time_unread(source regclass, arguments jsonb, OUT example text, OUT cure text)
	RETURNS record
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* A text that responded_at does not read, and what to pass instead if that reads more of them; NULL if it reads all, or no text. */
DECLARE
	path CONSTANT text := arguments->>'search_path';
	read CONSTANT text := quote_ident(@extschema@.nps_mapping_reads(source, 'responded_at', arguments));
	unread CONSTANT text := format('%s(%s) IS NULL', '(' || @extschema@.nps_mapping_written(source, arguments->>'filter') || ') AND ',
		@extschema@.nps_mapping_written(source, arguments->>'responded_at'));
	better text;
BEGIN
	IF read IS NULL THEN
		RETURN;
	END IF;
	SELECT s.value INTO example FROM @extschema@.nps_time_sample(source, format('(CASE WHEN %s THEN %s END)', unread, read), path) s(value);
	SELECT c.expression INTO better FROM @extschema@.nps_mapping_cure(source, 'responded_at', arguments) c;
	IF better IS NOT NULL AND EXISTS (SELECT FROM @extschema@.nps_time_sample(source, format('(CASE WHEN %s AND (%s) IS NOT NULL THEN %s END)', unread, better, read), path)) THEN
		cure := better;
	END IF;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_time_unread(regclass, jsonb) IS 'part of nps_attach() and nps_check(): what responded_at does not read, and what would';

CREATE FUNCTION @extschema@.nps_mapping_troubles(survey text, source regclass, arguments jsonb)
	RETURNS TABLE (argument text, is_failure boolean, failing_row text, detail text)
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	-- the rows come in one order, each time, whichever columns are asked for
	SET enable_indexonlyscan = off
	SET synchronize_seqscans = off
	SET max_parallel_workers_per_gather = 0
	AS $body$
/*
 * Computes the mapping for the rows that are there: the argument that fails on
 * one, with the row; or else those that do not give all readers the same values.
 */
DECLARE
	answer CONSTANT regclass := format('%I.answer', survey)::regclass;
	expressions text[];			-- columns that are computed
	failing text[];				-- the column that fails; none if it is the filter
	good bigint := 0;			-- so many rows can be computed
	bad bigint := 1;			-- so many cannot
	varying text;
BEGIN
	SELECT coalesce(array_agg(a.attname::text ORDER BY a.attnum), '{}') INTO expressions
	FROM pg_attribute a
	WHERE a.attrelid = answer AND a.attnum > 0 AND a.attname NOT IN ('score', 'rejection')
		AND @extschema@.nps_mapping_column(answer, a.attname::text) IS NULL;
	IF @extschema@.nps_mapping_failure(answer, expressions, NULL) IS NOT NULL THEN
		-- a volatile expression is computed with any other
		SELECT ARRAY[e] INTO failing FROM unnest(expressions) e
		WHERE @extschema@.nps_mapping_failure(answer, ARRAY[e], NULL) IS NOT NULL
		ORDER BY @extschema@.nps_mapping_varies(answer, e) DESC, array_position(expressions, e) LIMIT 1;
		IF failing IS NULL OR NOT @extschema@.nps_mapping_varies(answer, failing[1]) AND @extschema@.nps_mapping_failure(answer, '{}', NULL) IS NOT NULL THEN
			failing := '{}';
		END IF;
		IF failing = '{}' AND NOT arguments ? 'filter' THEN
			-- that is not part of the mapping
			argument := 'source';
			is_failure := true;
			detail := format('%s.', @extschema@.nps_mapping_failure(answer, expressions, NULL));
			RETURN NEXT;
			RETURN;
		END IF;
		-- the first row that fails; rows may come and go meanwhile
		WHILE @extschema@.nps_mapping_failure(answer, failing, bad) IS NULL AND bad < 1000000000000 LOOP
			good := bad;
			bad := 2 * bad;
		END LOOP;
		WHILE bad - good > 1 LOOP
			IF @extschema@.nps_mapping_failure(answer, failing, (good + bad) / 2) IS NULL THEN
				good := (good + bad) / 2;
			ELSE
				bad := (good + bad) / 2;
			END IF;
		END LOOP;
		IF failing <> '{}' AND failing <> '{response_id}' THEN
			EXECUTE format('SELECT a.response_id::text FROM %s a OFFSET %s LIMIT 1', answer, good) INTO failing_row;
		END IF;
		argument := CASE WHEN failing = '{}' THEN 'filter' ELSE @extschema@.nps_argument_of_column(failing[1], arguments) END;
		is_failure := true;
		detail := format('%s: %s.', CASE WHEN failing_row IS NULL THEN 'A row' ELSE format('Row %s', failing_row) END,
			@extschema@.nps_mapping_failure(answer, failing, bad));
		RETURN NEXT;
		RETURN;
	END IF;

	is_failure := false;
	failing_row := NULL;
	detail := 'Readers with another DateStyle or TimeZone, or at another time, may see other values, and the survey cannot be materialized.';
	FOREACH varying IN ARRAY expressions LOOP
		IF @extschema@.nps_mapping_varies(answer, varying) THEN
			argument := @extschema@.nps_argument_of_column(varying, arguments);
			RETURN NEXT;
		END IF;
	END LOOP;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_mapping_troubles(text, regclass, jsonb) IS 'part of nps_attach() and nps_check(): arguments that fail on a row that is there, or that depend on the session';

CREATE FUNCTION @extschema@.nps_try_mapping(survey text, source regclass, arguments jsonb)
	RETURNS void
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* An error, with argument, row and cure, if the mapping fails on an existing row; a warning where not all readers would see the same. */
DECLARE
	trouble record;
BEGIN
	FOR trouble IN
		SELECT t.*, c.hint FROM @extschema@.nps_mapping_troubles(survey, source, arguments) t
		CROSS JOIN LATERAL @extschema@.nps_mapping_cure(source, t.argument, arguments) c
	LOOP
		-- a caller who cannot read the source gets the error when reading it
		CONTINUE WHEN trouble.argument = 'source';
		IF trouble.is_failure THEN
			RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
				MESSAGE = format('argument "%s" fails on a row of %s', trouble.argument, source),
				DETAIL = trouble.detail, HINT = trouble.hint;
		END IF;
		RAISE WARNING USING
			MESSAGE = format('argument "%s" depends on more than the row', trouble.argument),
			DETAIL = trouble.detail, HINT = trouble.hint;
	END LOOP;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_try_mapping(text, regclass, jsonb) IS 'part of nps_attach(): computes the mapping for the rows that are there';

CREATE FUNCTION @extschema@.nps_score_but_zero(source regclass, arguments jsonb)
	RETURNS text
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The score as an argument of nps_attach(), with 0 as no answer. */
DECLARE
	mapping record;
	score CONSTANT text := arguments->>'score';
BEGIN
	SELECT * INTO mapping FROM @extschema@.nps_mapping(source, 'score', score, arguments->>'search_path', false);
	RETURN format(CASE WHEN mapping.type IN ('text'::regtype, 'character varying'::regtype, 'character'::regtype) THEN 'nullif(btrim(%s), ''0'')' ELSE 'nullif(%s, 0)' END,
		CASE WHEN mapping.name = score THEN quote_ident(score) ELSE score END);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_score_but_zero(regclass, jsonb) IS 'part of nps_check(): the score with 0 as no answer';
