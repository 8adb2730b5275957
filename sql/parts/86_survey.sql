/* nps/sql/parts/86_survey.sql */

CREATE FUNCTION @extschema@.nps_is_scale(scale text)
	RETURNS boolean
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN EXISTS (SELECT FROM @extschema@.nps_scales() s WHERE s.scale OPERATOR(pg_catalog.=) $1);
COMMENT ON FUNCTION @extschema@.nps_is_scale(text) IS 'whether there is a scale of that name; the check on the table survey, by which nps_surveys() finds surveys';

CREATE FUNCTION @extschema@.nps_surveys(OUT survey text, OUT source regclass, OUT owner name)
	RETURNS SETOF record
	LANGUAGE sql STABLE STRICT ROWS 10
	BEGIN ATOMIC
	/* found by what they depend on, so that a renamed or restored survey is found too */
	SELECT n.nspname::text, @extschema@.nps_mapping_source(v.oid::pg_catalog.regclass), pg_catalog.pg_get_userbyid(c.relowner)
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
	/* as nps_attach() makes it: a plain table with these columns, on which nothing runs when it is read or written */
	SELECT c.relkind OPERATOR(pg_catalog.=) 'r' AND NOT c.relrowsecurity AND NOT c.relhasrules
		AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgrelid OPERATOR(pg_catalog.=) c.oid AND NOT t.tgisinternal)
		AND (SELECT pg_catalog.count(*) FROM pg_catalog.pg_attribute a
			JOIN (VALUES ('scale', 'text'::pg_catalog.regtype), ('time_zone', 'text'::pg_catalog.regtype),
				('goal', 'double precision'::pg_catalog.regtype), ('attached_with', 'text'::pg_catalog.regtype)) AS made(name, type)
				ON a.attname OPERATOR(pg_catalog.=) made.name::pg_catalog.name AND a.atttypid OPERATOR(pg_catalog.=) made.type
			WHERE a.attrelid OPERATOR(pg_catalog.=) c.oid AND NOT a.attisdropped) OPERATOR(pg_catalog.=) 4
	FROM pg_catalog.pg_class c WHERE c.oid OPERATOR(pg_catalog.=) candidate;
	END;
COMMENT ON FUNCTION @extschema@.nps_is_survey_table(regclass) IS 'whether it is the table survey of a survey, as nps_attach() makes it';

CREATE FUNCTION @extschema@.nps_survey_settings(survey text)
	RETURNS jsonb
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The settings of a survey, for functions that take it by the name of its
 * schema; NULL if the row was deleted.
 *
 * The table may be anybody's who named it so: only what nps_attach() makes is
 * read, of built-in types, so that nothing of theirs runs as the caller.
 */
DECLARE
	settings jsonb;
BEGIN
	IF NOT EXISTS (SELECT FROM @extschema@.nps_surveys() s WHERE s.survey = nps_survey_settings.survey)
		OR NOT @extschema@.nps_is_survey_table(format('%I.survey', survey)::regclass)
	THEN
		RAISE EXCEPTION USING ERRCODE = 'undefined_object',
			MESSAGE = format('there is no survey "%s"', survey),
			HINT = 'nps_surveys() lists the surveys of this database; nps_attach() makes one.';
	END IF;
	EXECUTE format('SELECT jsonb_build_object(''scale'', s.scale, ''time_zone'', s.time_zone, ''goal'', s.goal, '
		'''attached_with'', s.attached_with) FROM %I.survey s', survey) INTO settings;
	RETURN settings;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_survey_settings(text) IS 'the settings of a survey; an error if there is none of that name';

CREATE FUNCTION @extschema@.nps_create_tables(target text, scale text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* What people edit: the settings of a survey, and its rules of follow-up. */
BEGIN
	EXECUTE format($sql$
		CREATE TABLE %1$I.survey (
			only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
			scale text NOT NULL CHECK (@extschema@.nps_is_scale(scale)),
			time_zone text NOT NULL,
			goal double precision CHECK (goal BETWEEN -100 AND 100),
			benchmark double precision,
			benchmark_source text,
			follow_up_days integer NOT NULL DEFAULT 90 CHECK (follow_up_days BETWEEN 1 AND 10000),
			many_tickets integer NOT NULL DEFAULT 5,
			fallback_owner text,
			attached_with text NOT NULL,
			-- the views are made for them: attach anew to change them
			CONSTRAINT set_by_nps_attach CHECK (scale = attached_with::jsonb->>'scale' AND time_zone = attached_with::jsonb->>'time_zone')
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
		INSERT INTO %1$I.playbook SELECT * FROM @extschema@.nps_default_playbook(%2$L);
		$sql$, target, scale);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_create_tables(text, text) IS 'part of nps_attach(): makes the tables of a survey';
