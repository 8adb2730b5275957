/* nps/sql/survey/surveys.sql */

CREATE FUNCTION @extschema@.nps_is_scale(scale text)
	RETURNS boolean
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN EXISTS (SELECT FROM @extschema@.nps_scales() s WHERE s.scale OPERATOR(pg_catalog.=) $1);
COMMENT ON FUNCTION @extschema@.nps_is_scale(text) IS 'part of nps_attach(): whether there is a scale of that name; the check on the table survey, by which nps_surveys() finds surveys';

CREATE FUNCTION @extschema@.nps_surveys(OUT survey text, OUT source regclass, OUT owner name)
	RETURNS SETOF record
	LANGUAGE sql STABLE STRICT ROWS 10
	BEGIN ATOMIC
	/* found through what they depend on, so that a renamed or restored survey is found too */
	SELECT DISTINCT n.nspname::text, @extschema@.nps_mapping_source(v.oid::pg_catalog.regclass), pg_catalog.pg_get_userbyid(c.relowner)
	FROM pg_catalog.pg_depend d
	JOIN pg_catalog.pg_constraint k ON k.oid OPERATOR(pg_catalog.=) d.objid
	JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) k.conrelid
	JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
	LEFT JOIN pg_catalog.pg_class v ON v.relnamespace OPERATOR(pg_catalog.=) n.oid
		AND v.relname OPERATOR(pg_catalog.=) 'answer'::pg_catalog.name
	WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_constraint'::pg_catalog.regclass
		AND d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass
		AND d.refobjid OPERATOR(pg_catalog.=) '@extschema@.nps_is_scale(text)'::pg_catalog.regprocedure
		AND c.relname OPERATOR(pg_catalog.=) 'survey'::pg_catalog.name
	ORDER BY 1;
	END;
COMMENT ON FUNCTION @extschema@.nps_surveys() IS 'the surveys in this database: schema, source (NULL if it was dropped), owner';

CREATE FUNCTION @extschema@.nps_is_survey_table(candidate regclass)
	RETURNS boolean
	LANGUAGE sql STABLE STRICT
	BEGIN ATOMIC
	/* A plain table with these columns, of built-in types.  Anything else on it (row security, triggers) is up to its owner, as whom it is read. */
	SELECT c.relkind OPERATOR(pg_catalog.=) 'r'
		AND (SELECT pg_catalog.count(*) FROM pg_catalog.pg_attribute a
			JOIN (VALUES ('scale', 'text'::pg_catalog.regtype), ('time_zone', 'text'::pg_catalog.regtype),
				('goal', 'double precision'::pg_catalog.regtype), ('attached_with', 'text'::pg_catalog.regtype)) AS made(name, type)
				ON a.attname OPERATOR(pg_catalog.=) made.name::pg_catalog.name AND a.atttypid OPERATOR(pg_catalog.=) made.type
			WHERE a.attrelid OPERATOR(pg_catalog.=) c.oid AND NOT a.attisdropped) OPERATOR(pg_catalog.=) 4
	FROM pg_catalog.pg_class c WHERE c.oid OPERATOR(pg_catalog.=) candidate;
	END;
COMMENT ON FUNCTION @extschema@.nps_is_survey_table(regclass) IS 'part of nps_surveys(): whether it is the table survey of a survey, as nps_attach() makes it';

CREATE FUNCTION @extschema@.nps_expect_survey(survey text)
	RETURNS void
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* An error unless there is a survey of that name. */
BEGIN
	IF NOT EXISTS (SELECT FROM @extschema@.nps_surveys() s WHERE s.survey = nps_expect_survey.survey) THEN
		RAISE EXCEPTION USING ERRCODE = 'undefined_object',
			MESSAGE = format('there is no survey "%s"', survey),
			HINT = 'nps_surveys() lists the surveys of this database; nps_attach() makes one.';
	END IF;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_expect_survey(text) IS 'part of every function that takes the name of a survey: an error if there is none of that name';

CREATE FUNCTION @extschema@.nps_survey_settings(survey text)
	RETURNS jsonb
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The settings of a survey, for functions that take it by the name of its
 * schema; NULL if the row was deleted.  Read with the rights of the current
 * user: that is the owner in all maintenance.
 */
DECLARE
	settings jsonb;
BEGIN
	PERFORM @extschema@.nps_expect_survey(survey);
	IF NOT @extschema@.nps_is_survey_table(format('%I.survey', survey)::regclass) THEN
		RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
			MESSAGE = format('the table survey of survey "%s" is not as it was made', survey),
			DETAIL = 'It must be a table with the columns scale, time_zone and attached_with (text) and goal (double precision).',
			HINT = 'Give its columns their names and types back.';
	END IF;
	EXECUTE format('SELECT jsonb_build_object(''scale'', s.scale, ''time_zone'', s.time_zone, ''goal'', s.goal, '
		'''attached_with'', s.attached_with) FROM %I.survey s', survey) INTO settings;
	RETURN settings;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_survey_settings(text) IS 'part of functions that take a survey: its settings; an error if there is none of that name';
