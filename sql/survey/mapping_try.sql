/* nps/sql/survey/mapping_try.sql */

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
	/* The argument of nps_attach() that a column of the view answer comes from; the segments have names of their own. */
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
	-- the rows come in the same order each time, whichever columns are asked for
	SET enable_indexonlyscan = off
	SET synchronize_seqscans = off
	SET max_parallel_workers_per_gather = 0
	AS $body$
/*
 * Computes the mapping for the existing rows: the argument that fails on
 * one, with the row; or else those that do not give all readers the same values.
 */
DECLARE
	answer CONSTANT regclass := format('%I.answer', survey)::regclass;
	expressions text[];			-- columns that are computed
	failing text[];				-- the column that fails; none if it is the filter
	good bigint := 0;			-- the number of rows that can be computed
	bad bigint := 1;			-- the number that cannot
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
