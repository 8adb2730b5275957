/* nps/sql/survey/check_name.sql */

CREATE FUNCTION @extschema@.nps_mapping_lost_name(answer regclass, argument text, value text, OUT lost text, OUT present text)
	RETURNS record
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION @extschema@.nps_mapping_lost_name(regclass, text, text) IS 'part of nps_check(): a column in an argument that a survey''s view answer reads by another name now';

CREATE FUNCTION @extschema@.nps_lost_names(source regclass, answer regclass, arguments jsonb)
	RETURNS TABLE (argument text, value text, place integer, lost text, present text, is_taken boolean)
	LANGUAGE sql STABLE STRICT
	BEGIN ATOMIC
	/*
	 * Names in the arguments of a survey that its view answer does not read any more;
	 * the name by which it reads the column now, if the argument is only that; and whether
	 * another column has the name.
	 */
	SELECT v.argument, v.value, v.place, n.lost, n.present,
		EXISTS (SELECT FROM pg_catalog.pg_attribute a
			WHERE a.attrelid OPERATOR(pg_catalog.=) source AND a.attname OPERATOR(pg_catalog.=) n.lost AND NOT a.attisdropped)
	FROM (
		SELECT a.name, arguments OPERATOR(pg_catalog.->>) a.name, NULL::integer FROM @extschema@.nps_mapping_arguments() a
		UNION ALL
		SELECT 'filter', arguments OPERATOR(pg_catalog.->>) 'filter', NULL
		UNION ALL
		SELECT 'segments', s.value, (s.place OPERATOR(pg_catalog.-) 1)::integer
		FROM pg_catalog.jsonb_array_elements_text(CASE pg_catalog.jsonb_typeof(arguments OPERATOR(pg_catalog.->) 'segments')
			WHEN 'array' THEN arguments OPERATOR(pg_catalog.->) 'segments' ELSE '[]' END) WITH ORDINALITY AS s(value, place)
	) AS v(argument, value, place)
	CROSS JOIN LATERAL @extschema@.nps_mapping_lost_name(answer, v.argument, v.value) n
	WHERE n.lost IS NOT NULL
	ORDER BY v.argument COLLATE pg_catalog."C", v.place;
	END;
COMMENT ON FUNCTION @extschema@.nps_lost_names(regclass, regclass, jsonb) IS 'part of nps_check(): names that a survey was attached with, and that are those of others by now, or of nothing';

CREATE FUNCTION @extschema@.nps_arguments_now(survey text, source regclass, arguments jsonb)
	RETURNS jsonb
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The arguments with the names that the source and its columns have now, as far as these are known. */
DECLARE
	renamed record;
BEGIN
	arguments := arguments || jsonb_build_object('source', (SELECT format('%I.%I', n.nspname, c.relname)
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = source));
	FOR renamed IN
		SELECT * FROM @extschema@.nps_lost_names(source, to_regclass(format('%I.answer', survey)), arguments) l WHERE l.present IS NOT NULL AND NOT l.is_taken
	LOOP
		arguments := CASE WHEN renamed.place IS NULL THEN arguments || jsonb_build_object(renamed.argument, renamed.present)
			ELSE jsonb_set(arguments, ARRAY[renamed.argument, renamed.place::text], to_jsonb(format('%I AS %I', renamed.present, renamed.value))) END;
	END LOOP;
	RETURN arguments;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_arguments_now(text, regclass, jsonb) IS 'part of nps_check(): what a survey was attached with, by the names of today';

CREATE FUNCTION @extschema@.nps_name_findings(survey text, source regclass, arguments jsonb)
	RETURNS TABLE (severity text, finding text, detail text, fix text)
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * Where the names that a survey was attached with differ from what its views
 * read.  Views follow what is renamed.  So a table or column that took the place
 * of another is not what the reports read.
 */
DECLARE
	named CONSTANT regclass := to_regclass(arguments->>'source');
	present CONSTANT jsonb := @extschema@.nps_arguments_now(survey, source, arguments);
	names record;
BEGIN
	IF named <> source THEN
		severity := 'warning';
		finding := 'another table took the name of the source';
		detail := format('The views read %s, which was called %s when the survey was attached. That is another table now, and its answers are in no report.', source, named);
		fix := @extschema@.nps_attach_call(survey, arguments);
		RETURN NEXT;
		RETURN;
	END IF;
	SELECT string_agg(CASE
			WHEN l.is_taken THEN format(' Argument %s was attached as %L, but column %I of %s is another one now.', l.argument, l.value, l.lost, source)
			ELSE format(' Argument %s was attached as %L; %s has no column %I any more%s.', l.argument, l.value, source, l.lost,
				', it is called ' || quote_ident(l.present)) END, '' ORDER BY l.argument COLLATE "C", l.place) AS details,
		coalesce(bool_or(l.is_taken), false) AS is_taken, coalesce(bool_and(l.is_taken OR l.present IS NOT NULL), true) AS are_known
	INTO names
	FROM @extschema@.nps_lost_names(source, to_regclass(format('%I.answer', survey)), arguments) l;
	IF named IS NOT NULL AND names.details IS NULL THEN
		RETURN;
	END IF;
	severity := CASE WHEN names.is_taken THEN 'warning' ELSE 'note' END;
	finding := CASE WHEN names.is_taken THEN 'another column took the name of a mapped one' ELSE 'names of the source changed' END;
	detail := ltrim(CASE WHEN named IS NULL THEN format('The source was attached as %s, and is %s now.', arguments->>'source', present->>'source') ELSE '' END
		|| coalesce(names.details, '') || ' The views read what they were made of.');
	-- if an expression has to be written by hand: what it is in the view
	fix := CASE WHEN names.are_known THEN @extschema@.nps_attach_call(survey, present)
		ELSE format('SELECT pg_get_viewdef(%L::regclass, true);', format('%I.answer', survey)) END;
	RETURN NEXT;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_name_findings(text, regclass, jsonb) IS 'part of nps_check(): where the names that a survey was attached with are those of others, or of nothing';
