/* nps/sql/survey/describe.sql */

CREATE FUNCTION @extschema@.nps_survey_objects(survey text)
	RETURNS TABLE (object text, kind text, purpose text)
	LANGUAGE sql STABLE STRICT ROWS 10
	BEGIN ATOMIC
	/* in the order in which somebody new would look at them */
	SELECT pg_catalog.format('%I.%I', n.nspname, c.relname),
		CASE WHEN c.relkind OPERATOR(pg_catalog.=) 'v' THEN 'view' ELSE 'table' END, m.comment
	FROM @extschema@.nps_survey_comments() m
	JOIN pg_catalog.pg_namespace n ON n.nspname OPERATOR(pg_catalog.=) $1::pg_catalog.name
	JOIN pg_catalog.pg_class c ON c.relnamespace OPERATOR(pg_catalog.=) n.oid
		AND c.relname OPERATOR(pg_catalog.=) m.object::pg_catalog.name
		AND c.relkind OPERATOR(pg_catalog.=) ANY (ARRAY['v', 'r']::pg_catalog."char"[])
	WHERE m."column" IS NULL
	ORDER BY m.place;
	END;
COMMENT ON FUNCTION @extschema@.nps_survey_objects(text) IS 'the views and tables of a survey, with what each is for';

CREATE FUNCTION @extschema@.nps_describe_survey(target text, segment_names text[])
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Puts a comment on each object of a survey and on each column. */
DECLARE
	described record;
BEGIN
	PERFORM @extschema@.nps_act_as_owner(target);
	FOR described IN SELECT * FROM @extschema@.nps_survey_objects(target) LOOP
		EXECUTE format('COMMENT ON %s %s IS %L', described.kind, described.object, described.purpose);
	END LOOP;
	FOR described IN
		SELECT c.relname, a.attname, m.comment
		FROM pg_class c
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		-- a column that somebody added to a table is theirs to describe
		JOIN @extschema@.nps_survey_comments() m ON m.object = c.relname
			AND (m."column" = a.attname OR m."column" ~ '^<<' AND a.attname = ANY (segment_names))
		WHERE c.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = target) AND c.relkind IN ('v', 'r')
	LOOP
		EXECUTE format('COMMENT ON COLUMN %I.%I.%I IS %L', target, described.relname, described.attname, described.comment);
	END LOOP;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_describe_survey(text, text[]) IS 'part of nps_attach(): comments on all objects of a survey';
