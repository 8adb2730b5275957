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

CREATE FUNCTION @extschema@.nps_objects(survey text)
	RETURNS TABLE (object text, kind text, purpose text)
	AS 'MODULE_PATHNAME', 'nps_as_caller'
	LANGUAGE C STABLE STRICT ROWS 30;
COMMENT ON FUNCTION @extschema@.nps_objects(text) IS 'the views and tables of a survey, the most important first, with what each is for';

CREATE FUNCTION @extschema@.nps_objects_as_caller(survey text)
	RETURNS TABLE (object text, kind text, purpose text)
	LANGUAGE plpgsql STABLE STRICT ROWS 30
	SET search_path = pg_catalog, pg_temp
	AS $body$
BEGIN
	PERFORM @extschema@.nps_expect_survey(survey);
	RETURN QUERY SELECT o.object, o.kind, o.purpose FROM @extschema@.nps_survey_objects(survey) o;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_objects_as_caller(text) IS 'part of nps_objects(): its work';

CREATE FUNCTION @extschema@.nps_comments_there(survey text, OUT object name, OUT "column" name, OUT kind text, OUT comment text)
	RETURNS SETOF record
	LANGUAGE sql STABLE STRICT ROWS 500
	BEGIN ATOMIC
	/* of each view and table in the schema and each of their columns; NULL where there is none */
	SELECT c.relname, a.attname, CASE WHEN c.relkind OPERATOR(pg_catalog.=) 'v' THEN 'VIEW' ELSE 'TABLE' END,
		CASE WHEN a.attnum IS NULL THEN pg_catalog.obj_description(c.oid, 'pg_class') ELSE pg_catalog.col_description(c.oid, a.attnum) END
	FROM pg_catalog.pg_namespace n
	JOIN pg_catalog.pg_class c ON c.relnamespace OPERATOR(pg_catalog.=) n.oid AND c.relkind OPERATOR(pg_catalog.=) ANY (ARRAY['v', 'r']::pg_catalog."char"[])
	CROSS JOIN LATERAL (
		SELECT NULL::pg_catalog.name AS attname, NULL::pg_catalog.int2 AS attnum
		UNION ALL
		SELECT a.attname, a.attnum FROM pg_catalog.pg_attribute a
		WHERE a.attrelid OPERATOR(pg_catalog.=) c.oid AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped) a
	WHERE n.nspname OPERATOR(pg_catalog.=) $1::pg_catalog.name;
	END;
COMMENT ON FUNCTION @extschema@.nps_comments_there(text) IS 'part of nps_attach(): the comments on what is in a survey';

CREATE FUNCTION @extschema@.nps_comments_made(segment_names text[])
	RETURNS jsonb
	LANGUAGE plpgsql IMMUTABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* How the comments of this version are remembered: by object and column. */
BEGIN
	RETURN (SELECT jsonb_object_agg(o.object, o.made) FROM (
		SELECT m.object, jsonb_object_agg(coalesce(s.name, m."column", ''), @extschema@.nps_fingerprint(m.comment)) AS made
		FROM @extschema@.nps_survey_comments() m
		LEFT JOIN unnest(segment_names) AS s(name) ON m."column" ~ '^<<'
		GROUP BY m.object) o);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_comments_made(text[]) IS 'part of nps_attach(): as what the comments of a survey are remembered';

CREATE FUNCTION @extschema@.nps_own_comments(survey text, made jsonb)
	RETURNS jsonb
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The comments that somebody changed, by object and column; null for one that
 * was removed.  After a restore without comments nothing is known: those that are
 * there are not ours.  Nobody but nps describes the rollup.
 */
BEGIN
	RETURN (SELECT jsonb_object_agg(concat_ws('.', t.object, t."column"), t.comment)
		FROM (SELECT t.*, made->'comments'->t.object->>coalesce(t."column", '') AS made_as FROM @extschema@.nps_comments_there(survey) t) t
		WHERE t.object NOT IN ('rollup', 'rollup_part')
			AND CASE WHEN t.comment IS NULL THEN t.made_as IS NOT NULL ELSE @extschema@.nps_fingerprint(t.comment) IS DISTINCT FROM t.made_as END);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_own_comments(text, jsonb) IS 'part of nps_attach(): the comments in a survey that somebody changed or removed';

CREATE FUNCTION @extschema@.nps_describe_survey(target text, segment_names text[], own_comments jsonb)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Puts a comment on each object of a survey and on each column: ours, or what somebody put in its place, also none. */
DECLARE
	described record;
BEGIN
	PERFORM @extschema@.nps_act_as_owner(target);
	FOR described IN
		SELECT t.*, w.comment AS wanted
		FROM @extschema@.nps_comments_there(target) t
		-- a column that somebody added to a table is theirs to describe
		JOIN @extschema@.nps_survey_comments() m ON m.object = t.object
			AND (m."column" IS NOT DISTINCT FROM t."column" OR m."column" ~ '^<<' AND t."column" = ANY (segment_names))
		CROSS JOIN LATERAL (SELECT CASE WHEN own_comments ? concat_ws('.', t.object, t."column") THEN own_comments->>concat_ws('.', t.object, t."column") ELSE m.comment END AS comment) w
		WHERE t.comment IS DISTINCT FROM w.comment
	LOOP
		EXECUTE CASE WHEN described."column" IS NULL
			THEN format('COMMENT ON %s %I.%I IS %L', described.kind, target, described.object, described.wanted)
			ELSE format('COMMENT ON COLUMN %I.%I.%I IS %L', target, described.object, described."column", described.wanted) END;
	END LOOP;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_describe_survey(text, text[], jsonb) IS 'part of nps_attach(): comments on all objects of a survey';
