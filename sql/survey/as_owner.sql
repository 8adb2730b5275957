/* nps/sql/survey/as_owner.sql */

-- Maintenance is declared twice: NAME() is nps_as_owner() in C, which becomes the
-- survey's owner and calls NAME_as_owner(), which does the work.

CREATE FUNCTION @extschema@.nps_act_as_owner(survey text)
	RETURNS void
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION @extschema@.nps_act_as_owner(text) IS 'part of all maintenance: an error unless it runs as the owner of the survey''s schema, in a security-restricted operation';

CREATE FUNCTION @extschema@.nps_objects_of_others(survey text)
	RETURNS text
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* What in the survey has another owner than its schema, as a sentence; NULL: nothing. */
BEGIN
	RETURN (SELECT format('Schema %I belongs to %I; %s.', survey, pg_get_userbyid(n.nspowner),
			string_agg(format('%I belongs to %I', c.relname, pg_get_userbyid(c.relowner)), ', ' ORDER BY c.relname))
		FROM pg_namespace n
		JOIN pg_class c ON c.relnamespace = n.oid AND c.relowner <> n.nspowner
		WHERE n.nspname = survey AND c.relname IN (SELECT o.object FROM @extschema@.nps_survey_comments() o WHERE o."column" IS NULL)
		GROUP BY n.oid, n.nspowner);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_objects_of_others(text) IS 'part of all maintenance: what in a survey does not belong to the owner of its schema';

CREATE FUNCTION @extschema@.nps_untrusted_triggers(survey text)
	RETURNS SETOF oid
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * Triggers on the survey's tables that call a function of somebody without the
 * rights of its owner: somebody who was granted TRIGGER, or once owned the function.
 */
BEGIN
	RETURN QUERY
		SELECT t.oid
		FROM pg_class c
		JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal
		JOIN pg_proc p ON p.oid = t.tgfoid AND NOT pg_has_role(p.proowner, c.relowner, 'USAGE')
		WHERE c.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = survey)
			AND c.relname IN (SELECT o.object FROM @extschema@.nps_survey_comments() o WHERE o."column" IS NULL);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_untrusted_triggers(text) IS 'part of all maintenance: triggers on a survey''s tables that call functions of others';

CREATE FUNCTION @extschema@.nps_triggers_of_others(survey text)
	RETURNS text
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The same as a sentence; NULL: there are none. */
BEGIN
	RETURN (SELECT string_agg(format('Trigger "%s" on %s calls a function of "%s".', t.tgname, t.tgrelid::regclass, pg_get_userbyid(p.proowner)), ' '
			ORDER BY t.tgrelid::regclass::text, t.tgname)
		FROM @extschema@.nps_untrusted_triggers(survey) u
		JOIN pg_trigger t ON t.oid = u
		JOIN pg_proc p ON p.oid = t.tgfoid);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_triggers_of_others(text) IS 'part of all maintenance: which triggers on a survey''s tables call functions of others';

CREATE FUNCTION @extschema@.nps_expect_owner(survey text)
	RETURNS void
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* An error unless the work that calls it runs as the owner of everything that it reads. */
DECLARE
	others text;
BEGIN
	PERFORM @extschema@.nps_act_as_owner(survey);
	others := @extschema@.nps_objects_of_others(survey);
	IF others IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
			MESSAGE = format('survey "%s" has more than one owner', survey),
			DETAIL = others,
			HINT = 'Give all of it to one role with ALTER SCHEMA ... OWNER TO and ALTER TABLE ... OWNER TO.';
	END IF;
	others := @extschema@.nps_triggers_of_others(survey);
	IF others IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
			MESSAGE = format('survey "%s" has triggers of others', survey),
			DETAIL = others,
			HINT = 'Drop the triggers, or give their functions to the owner of the survey.';
	END IF;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_expect_owner(text) IS 'part of all maintenance: an error unless it runs as the owner of the survey';

CREATE FUNCTION @extschema@.nps_lock_order(survey text, what text, OUT relation oid, OUT mode integer, OUT place integer)
	RETURNS SETOF record
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * What is to be locked, how, and in which order: that of readers, who take the
 * outermost view first, then what it is made of, the tables, and the source last.
 *
 *	survey		one at a time changes how a survey is made; nobody else waits
 *	reports		its views are replaced
 *	triggers	those on the source, on its former partitions too, and the rollup that they keep
 *	counting	the rollup is computed
 *	all			its views, tables, and whatever of it is on the source
 *
 * Modes are those of lockdefs.h: 1 of readers, 4 of maintenance, 6 of CREATE
 * TRIGGER, 8 exclusive.
 */
DECLARE
	schema CONSTANT oid := (SELECT n.oid FROM pg_namespace n WHERE n.nspname = survey);
	source oid;
	source_mode integer;
BEGIN
	RETURN QUERY
		WITH RECURSIVE ours AS (
			SELECT c.oid, c.relname, c.relkind IN ('v', 'm') AS is_view
			FROM pg_class c
			WHERE c.relnamespace = schema AND c.relkind IN ('v', 'm', 'r', 'p', 'f')
				AND c.relname IN (SELECT o.object FROM @extschema@.nps_survey_comments() o WHERE o."column" IS NULL)
		), reads AS (
			SELECT DISTINCT w.ev_class AS outer_view, d.refobjid AS inner_view
			FROM pg_rewrite w
			JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass
			WHERE w.ev_class <> d.refobjid AND w.ev_class IN (SELECT o.oid FROM ours o) AND d.refobjid IN (SELECT o.oid FROM ours o WHERE o.is_view)
		), depth AS (
			SELECT o.oid, 1 AS depth FROM ours o WHERE o.is_view
			UNION
			SELECT r.inner_view, d.depth + 1 FROM depth d JOIN reads r ON r.outer_view = d.oid WHERE d.depth < 50
		)
		SELECT o.oid, m.mode, coalesce((SELECT max(d.depth) FROM depth d WHERE d.oid = o.oid), CASE o.relname WHEN 'rollup' THEN 1000 WHEN 'rollup_part' THEN 1001 ELSE 100 END)
		FROM ours o
		CROSS JOIN LATERAL (SELECT CASE
			WHEN what = 'all' OR o.is_view AND what = 'reports' OR o.relname IN ('rollup', 'rollup_part') AND what = 'triggers' THEN 8
			WHEN o.relname = 'followup_case' AND what = 'triggers' THEN 6
			WHEN o.relname = 'survey' THEN 4
			WHEN o.relname = 'rollup' AND what = 'counting' THEN 4
			WHEN o.relname = 'rollup' AND what = 'reports' THEN 1 END) AS m(mode)
		WHERE m.mode IS NOT NULL;

	IF what = 'survey' THEN
		RETURN;
	END IF;
	source := @extschema@.nps_mapping_source((SELECT c.oid FROM pg_class c WHERE c.relnamespace = schema AND c.relname = 'answer'));
	IF source IS NULL THEN
		RETURN;
	END IF;
	-- only such objects of others as the owner of the survey could also lock with DROP or CREATE TRIGGER
	source_mode := CASE
		WHEN what IN ('reports', 'counting') OR (SELECT c.relkind NOT IN ('r', 'p') FROM pg_class c WHERE c.oid = source) THEN 1
		WHEN (SELECT pg_has_role(c.relowner, 'USAGE') FROM pg_class c WHERE c.oid = source) AND EXISTS (SELECT FROM pg_trigger t
			JOIN pg_depend d ON d.classid = 'pg_trigger'::regclass AND d.objid = t.oid AND d.refclassid = 'pg_class'::regclass
			JOIN pg_class c ON c.oid = d.refobjid AND c.relnamespace = schema
			WHERE t.tgrelid = source AND t.tgfoid IN ('@extschema@.nps_keep_rollup()'::regprocedure, '@extschema@.nps_tell()'::regprocedure)) THEN 8
		WHEN what = 'triggers' AND has_table_privilege(source, 'TRIGGER') THEN 6
		ELSE 1 END;
	RETURN QUERY
		WITH RECURSIVE below AS (
			SELECT source AS oid, 200 AS depth
			UNION
			SELECT i.inhrelid, b.depth + 1 FROM below b JOIN pg_inherits i ON i.inhparent = b.oid WHERE (source_mode > 1 OR what = 'counting') AND b.depth < 300
		)
		SELECT b.oid, source_mode, max(b.depth) FROM below b GROUP BY b.oid
		UNION ALL
		-- what was a partition has kept its triggers, which go with the rollup
		SELECT DISTINCT t.tgrelid, 8, 600
		FROM pg_trigger t
		JOIN pg_depend d ON d.classid = 'pg_trigger'::regclass AND d.objid = t.oid AND d.refclassid = 'pg_class'::regclass
		JOIN pg_class c ON c.oid = d.refobjid AND c.relnamespace = schema AND c.relname = 'rollup'
		WHERE source_mode = 8 AND t.tgfoid = '@extschema@.nps_keep_rollup()'::regprocedure AND t.tgrelid NOT IN (SELECT b.oid FROM below b)
			AND pg_has_role((SELECT r.relowner FROM pg_class r WHERE r.oid = t.tgrelid), 'USAGE');
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_lock_order(text, text) IS 'part of nps_lock_survey(): what it locks, and in which order';

CREATE FUNCTION @extschema@.nps_lock_survey(survey text, what text)
	RETURNS void
	AS 'MODULE_PATHNAME'
	LANGUAGE C VOLATILE STRICT;
COMMENT ON FUNCTION @extschema@.nps_lock_survey(text, text) IS 'part of all maintenance that changes how a survey is made: locks it, without ever keeping others waiting for long';
