/* nps/sql/survey/check_name.sql */

CREATE FUNCTION @extschema@.nps_mapping_lost_name(answer regclass, argument text, value text, OUT lost text, OUT present text)
	RETURNS record
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION @extschema@.nps_mapping_lost_name(regclass, text, text) IS 'part of nps_check(): a column in an argument that a survey''s view answer reads by another name now';

CREATE FUNCTION @extschema@.nps_name_findings(survey text, source regclass, arguments jsonb)
	RETURNS TABLE (severity text, finding text, detail text, fix text)
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * Where the names that a survey was attached with and what its views read have
 * parted.  Views follow what is renamed.  So a table or column that took the place
 * of another is not what the reports read.
 */
DECLARE
	named CONSTANT regclass := to_regclass(arguments->>'source');
	answer CONSTANT regclass := to_regclass(format('%I.answer', survey));
	present jsonb := arguments;		-- with the names of today
	is_complete boolean := true;	-- all of them are known
	is_replaced boolean := false;
	details text[] := '{}';
	argument record;
	name record;
BEGIN
	IF named <> source THEN
		severity := 'warning';
		finding := 'another table took the name of the source';
		detail := format('The views read %s, which was called %s when the survey was attached. That is another table now, and its answers are in no report.', source, named);
		fix := @extschema@.nps_attach_call(survey, arguments);
		RETURN NEXT;
		RETURN;
	END IF;
	IF named IS NULL THEN
		present := present || jsonb_build_object('source', (SELECT format('%I.%I', n.nspname, c.relname)
			FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = source));
		details := ARRAY[format('The source was attached as %s, and is %s now.', arguments->>'source', present->>'source')];
	END IF;

	FOR argument IN
		SELECT a.key AS name, v.value, jsonb_typeof(a.value) = 'array' AS is_list, v.place
		FROM jsonb_each(arguments) a
		CROSS JOIN LATERAL jsonb_array_elements_text(
			CASE WHEN jsonb_typeof(a.value) = 'array' THEN a.value ELSE jsonb_build_array(a.value) END) WITH ORDINALITY AS v(value, place)
		WHERE a.key = 'filter' OR a.key = 'segments' OR a.key IN (SELECT m.name FROM @extschema@.nps_mapping_arguments() m)
		ORDER BY a.key COLLATE "C", v.place
	LOOP
		name := @extschema@.nps_mapping_lost_name(answer, argument.name, argument.value);
		CONTINUE WHEN name.lost IS NULL;
		IF EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = source AND a.attname = name.lost AND NOT a.attisdropped) THEN
			is_replaced := true;
			details := details || format('Argument %s was attached as %L, but column %I of %s is another one now.', argument.name, argument.value, name.lost, source);
		ELSE
			details := details || format('Argument %s was attached as %L; %s has no column %I any more%s.', argument.name, argument.value, source, name.lost,
				', it is called ' || quote_ident(name.present));
			is_complete := is_complete AND name.present IS NOT NULL;
			IF name.present IS NOT NULL THEN
				present := CASE WHEN argument.is_list
					THEN jsonb_set(present, ARRAY[argument.name, (argument.place - 1)::text], to_jsonb(format('%I AS %I', name.present, argument.value)))
					ELSE present || jsonb_build_object(argument.name, name.present) END;
			END IF;
		END IF;
	END LOOP;
	IF cardinality(details) = 0 THEN
		RETURN;
	END IF;
	severity := CASE WHEN is_replaced THEN 'warning' ELSE 'note' END;
	finding := CASE WHEN is_replaced THEN 'another column took the name of a mapped one' ELSE 'names of the source changed' END;
	detail := array_to_string(details, ' ') || ' The views read what they were made of.';
	fix := CASE WHEN is_complete THEN @extschema@.nps_attach_call(survey, present) END;
	RETURN NEXT;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_name_findings(text, regclass, jsonb) IS 'part of nps_check(): where the names that a survey was attached with are those of others, or of nothing';
