/* nps/sql/survey/attach.sql */

CREATE FUNCTION @extschema@.nps_attach(source regclass, score text, schema_name text DEFAULT NULL,
	response_id text DEFAULT NULL, respondent text DEFAULT NULL, account text DEFAULT NULL,
	responded_at text DEFAULT NULL, asked_at text DEFAULT NULL, comment text DEFAULT NULL, segments text[] DEFAULT NULL,
	revenue text DEFAULT NULL, renewal_at text DEFAULT NULL, churned_at text DEFAULT NULL,
	contactable text DEFAULT NULL, owner text DEFAULT NULL, open_tickets text DEFAULT NULL,
	received_at text DEFAULT NULL, wants_contact text DEFAULT NULL, topic text DEFAULT NULL,
	filter text DEFAULT NULL, scale text DEFAULT 'nps', time_zone text DEFAULT NULL,
	goal double precision DEFAULT NULL, text_search_config text DEFAULT NULL, loop_since timestamptz DEFAULT NULL, replace boolean DEFAULT false)
	RETURNS TABLE (object text, kind text, purpose text)
	AS 'MODULE_PATHNAME', 'nps_as_caller'
	LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.nps_attach(regclass, text, text, text, text, text, text, text, text, text[], text, text, text, text, text, text, text, text, text, text, text, text, double precision, text, timestamptz, boolean) IS 'turns a table or view of survey answers into a schema of report views; returns which to look at first, nps_objects() has all';

CREATE FUNCTION @extschema@.nps_attach_as_caller(source regclass, score text, schema_name text, response_id text, respondent text, account text,
	responded_at text, asked_at text, comment text, segments text[], revenue text, renewal_at text, churned_at text,
	contactable text, owner text, open_tickets text, received_at text, wants_contact text, topic text, filter text, scale text, time_zone text,
	goal double precision, text_search_config text, loop_since timestamptz, replace boolean)
	RETURNS TABLE (object text, kind text, purpose text)
	LANGUAGE plpgsql VOLATILE
	AS $body$
/*
 * Looks names up as the caller would, and makes the schema; the
 * rest is done as the owner of the schema.  Everything before the search path is
 * set is qualified, types too.
 */
DECLARE
	caller_path CONSTANT pg_catalog.text := pg_catalog.current_setting('search_path');
	caller_schemas CONSTANT pg_catalog.name[] := pg_catalog.current_schemas(false);
	source_class pg_catalog.pg_class;
	target pg_catalog.text;				-- name of the survey schema, not quoted
	target_owner pg_catalog.oid;			-- NULL: there is no schema of that name
	arguments pg_catalog.jsonb;
	text_search pg_catalog.text;			-- name of a configuration, qualified
BEGIN
	-- looked up where the caller would look it up
	BEGIN
		SELECT pg_catalog.format('%s.%I', c.cfgnamespace::pg_catalog.regnamespace, c.cfgname) INTO text_search
		FROM pg_catalog.pg_ts_config c WHERE c.oid OPERATOR(pg_catalog.=) nps_attach_as_caller.text_search_config::pg_catalog.regconfig;
	EXCEPTION WHEN undefined_object OR invalid_name OR syntax_error THEN
		RAISE EXCEPTION USING ERRCODE = 'undefined_object',
			MESSAGE = pg_catalog.format('there is no text search configuration "%s"', nps_attach_as_caller.text_search_config),
			HINT = 'Pass text_search_config => a name that \dF of psql lists, such as ''german''.';
	END;
	PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);

	-- the source
	IF nps_attach_as_caller.source IS NULL OR nps_attach_as_caller.score IS NULL OR nps_attach_as_caller.scale IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed',
			MESSAGE = 'source, score and scale must not be null',
			HINT = 'For example nps_attach(''survey_response'', ''score'').';
	END IF;
	IF array_position(nps_attach_as_caller.segments, NULL) IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed',
			MESSAGE = 'segments must not contain nulls';
	END IF;
	SELECT * INTO source_class FROM pg_class c WHERE c.oid = nps_attach_as_caller.source;
	IF NOT FOUND THEN
		RAISE EXCEPTION USING ERRCODE = 'undefined_table',
			MESSAGE = format('relation with OID %s does not exist', nps_attach_as_caller.source::oid);
	END IF;
	IF source_class.relkind NOT IN ('r', 'p', 'f', 'v', 'm') THEN
		RAISE EXCEPTION USING ERRCODE = 'wrong_object_type',
			MESSAGE = format('"%s" is not a table or view', source_class.relname),
			HINT = 'Pass a table, a foreign table, a view or a materialized view as source.';
	END IF;
	IF source_class.relpersistence = 't' THEN
		RAISE EXCEPTION USING ERRCODE = 'wrong_object_type',
			MESSAGE = format('"%s" is temporary', source_class.relname),
			HINT = 'A survey is permanent: attach a permanent table.';
	END IF;
	PERFORM @extschema@.nps_expect_readable(nps_attach_as_caller.source);
	-- the scale
	IF NOT @extschema@.nps_is_scale(nps_attach_as_caller.scale) THEN
		RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
			MESSAGE = format('unknown scale "%s"', nps_attach_as_caller.scale),
			HINT = format('Pass scale => one of %s.', (SELECT string_agg(s.scale, ', ') FROM @extschema@.nps_scales() s));
	END IF;
	-- the schema
	target := coalesce(nps_attach_as_caller.schema_name, source_class.relname || '_nps');
	IF nps_attach_as_caller.schema_name IS NULL THEN
		WHILE octet_length(target) > 63 LOOP
			target := left(target, -5) || '_nps';
		END LOOP;
	ELSIF target = '' OR octet_length(target) > 63 THEN
		RAISE EXCEPTION USING ERRCODE = 'invalid_name',
			MESSAGE = format('"%s" cannot be the name of a schema', target),
			HINT = 'Pass schema_name => a name of 1 to 63 bytes.';
	END IF;
	SELECT n.nspowner INTO target_owner FROM pg_namespace n WHERE n.nspname = target;
	IF nps_attach_as_caller.replace AND target_owner IS NOT NULL THEN
		IF NOT pg_has_role(target_owner, 'USAGE') THEN
			RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
				MESSAGE = format('must be owner of schema "%s"', target);
		END IF;
		IF to_regclass(format('%I.survey', target)) IS NULL
			OR NOT @extschema@.nps_is_survey_table(format('%I.survey', target)::regclass)
		THEN
			RAISE EXCEPTION USING ERRCODE = 'duplicate_schema',
				MESSAGE = format('schema "%s" is not a survey', target),
				HINT = 'Pass schema_name => another name.';
		END IF;
	END IF;

	arguments := jsonb_strip_nulls(jsonb_build_object(
		'source', format('%s.%I', source_class.relnamespace::regnamespace, source_class.relname),
		'score', nps_attach_as_caller.score,
		'response_id', coalesce(nps_attach_as_caller.response_id, @extschema@.nps_mapping_key(nps_attach_as_caller.source)),
		'respondent', nps_attach_as_caller.respondent, 'account', nps_attach_as_caller.account,
		'responded_at', nps_attach_as_caller.responded_at, 'asked_at', nps_attach_as_caller.asked_at, 'comment', nps_attach_as_caller.comment, 'segments', nps_attach_as_caller.segments,
		'revenue', nps_attach_as_caller.revenue, 'renewal_at', nps_attach_as_caller.renewal_at, 'churned_at', nps_attach_as_caller.churned_at,
		'contactable', nps_attach_as_caller.contactable, 'owner', nps_attach_as_caller.owner, 'open_tickets', nps_attach_as_caller.open_tickets,
		'received_at', nps_attach_as_caller.received_at, 'wants_contact', nps_attach_as_caller.wants_contact, 'topic', nps_attach_as_caller.topic,
		'filter', nps_attach_as_caller.filter, 'scale', nps_attach_as_caller.scale, 'time_zone', nps_attach_as_caller.time_zone, 'text_search_config', text_search,
		'loop_since', CASE WHEN isfinite(nps_attach_as_caller.loop_since) THEN format('%sZ', to_char(nps_attach_as_caller.loop_since AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'))
			ELSE nps_attach_as_caller.loop_since::text END,
		-- resolved, as $user is another role when another role makes the views again
		'search_path', (SELECT coalesce(string_agg(quote_ident(n) || ', ', '' ORDER BY place), '')
			FROM unnest(caller_schemas) WITH ORDINALITY AS c(n, place) WHERE n !~ '^pg_temp') || 'pg_temp'));

	IF target_owner IS NULL THEN
		IF NOT has_database_privilege(current_database(), 'CREATE') THEN
			RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
				MESSAGE = format('permission denied to create schema "%s"', target),
				HINT = format('Ask the owner of the database for GRANT CREATE ON DATABASE %I.', current_database());
		END IF;
		EXECUTE format('CREATE SCHEMA %I', target);
		EXECUTE format('COMMENT ON SCHEMA %I IS %L', target, 'survey made by nps_attach()');
	ELSIF NOT nps_attach_as_caller.replace OR nps_attach_as_caller.replace IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'duplicate_schema',
			MESSAGE = format('schema "%s" already exists', target),
			HINT = CASE WHEN EXISTS (SELECT FROM @extschema@.nps_surveys() s WHERE s.survey = target)
				THEN 'Pass replace => true to attach this survey again, or schema_name => another name.'
				ELSE 'Pass schema_name => another name.' END;
	END IF;
	RETURN QUERY SELECT * FROM @extschema@.nps_attach_schema(target, nps_attach_as_caller.source, arguments, nps_attach_as_caller.goal);

	PERFORM pg_catalog.set_config('search_path', caller_path, true);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_attach_as_caller(regclass, text, text, text, text, text, text, text, text, text[], text, text, text, text, text, text, text, text, text, text, text, text, double precision, text, timestamptz, boolean) IS 'the work of nps_attach()';

CREATE FUNCTION @extschema@.nps_expect_readable(source regclass)
	RETURNS void
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* An error unless the current user may read at least a column of the source. */
BEGIN
	IF NOT has_any_column_privilege(source, 'SELECT') THEN
		RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
			MESSAGE = format('permission denied for "%s"', (SELECT c.relname FROM pg_class c WHERE c.oid = source)),
			DETAIL = format('Role "%s" may not read it.', current_user),
			HINT = 'Ask its owner for GRANT SELECT.';
	END IF;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_expect_readable(regclass) IS 'part of nps_attach(): an error unless the source may be read';

CREATE FUNCTION @extschema@.nps_attach_schema(survey text, source regclass, arguments jsonb, goal double precision)
	RETURNS TABLE (object text, kind text, purpose text)
	AS 'MODULE_PATHNAME', 'nps_as_owner_of_schema'
	LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.nps_attach_schema(text, regclass, jsonb, double precision) IS 'part of nps_attach(): makes a schema a survey, or the survey in it anew';

CREATE FUNCTION @extschema@.nps_attach_schema_as_owner(survey text, source regclass, arguments jsonb, goal double precision)
	RETURNS TABLE (object text, kind text, purpose text)
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The arguments lack the time zone if none was passed.  The schema is
 * empty or a survey; its owner must be able to read the source.
 */
DECLARE
	target CONSTANT text := survey;
	wanted_goal CONSTANT double precision := goal;
	is_new CONSTANT boolean := to_regclass(format('%I.survey', survey)) IS NULL;
	attached jsonb;				-- the settings of the survey to be replaced
	zone text;
	forgotten text;
	is_changed boolean;
BEGIN
	PERFORM @extschema@.nps_expect_owner(target);
	PERFORM @extschema@.nps_expect_readable(source);

	IF NOT is_new THEN
		PERFORM @extschema@.nps_lock_survey(target, 'survey');
		PERFORM @extschema@.nps_expect_owner(target);
		-- DROP EXTENSION ... CASCADE took the check, by which a survey is found, and left the tables
		IF NOT EXISTS (SELECT FROM @extschema@.nps_surveys() s WHERE s.survey = target) THEN
			EXECUTE format('ALTER TABLE %I.survey ADD CHECK (@extschema@.nps_is_scale(scale)), ADD CHECK (@extschema@.nps_is_work_days(work_days))', target);
		END IF;
		attached := @extschema@.nps_survey_settings(target);
	END IF;

	-- the zone; a survey that is attached again keeps its own
	zone := coalesce(arguments->>'time_zone', attached->>'time_zone');
	IF zone IS NULL THEN
		-- a driver may have set an offset, which does not know summer time; that of UTC has none
		zone := CASE WHEN current_setting('TimeZone') ~ '^(<[+-]?00(:?00)*>.*|[+-]?00?(:?00)*)$' THEN 'UTC' ELSE current_setting('TimeZone') END;
		IF zone ~ '^[<+0-9-]' THEN
			RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
				MESSAGE = format('the time zone of the session is an offset: "%s"', zone),
				HINT = 'Pass time_zone => a name, such as ''Europe/Berlin'', which knows summer time too.';
		END IF;
	END IF;
	zone := @extschema@.nps_zone_name(zone);
	-- follow-up begins today, or stays with the day on which it began
	arguments := jsonb_build_object('loop_since', format('%sZ', to_char(
			@extschema@.nps_time(@extschema@.nps_local_time(now(), zone)::date, zone) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')))
		|| jsonb_strip_nulls(jsonb_build_object('loop_since', (attached->>'attached_with')::jsonb->'loop_since'))
		|| arguments || jsonb_build_object('time_zone', zone);

	IF is_new THEN
		PERFORM @extschema@.nps_remember(target, @extschema@.nps_make_tables_of_settings(target, arguments, NULL));
		EXECUTE format($sql$
			INSERT INTO %I.survey (scale, time_zone, loop_since, goal, benchmark, benchmark_source, attached_with)
			VALUES ($1, $2, ($4::jsonb->>'loop_since')::timestamptz, $3, CASE WHEN $1 = 'nps' THEN 30 END,
				CASE WHEN $1 = 'nps' THEN 'about the average of software-as-a-service companies' END, $4)
			$sql$, target)
		USING arguments->>'scale', zone, wanted_goal, arguments::text;
		PERFORM @extschema@.nps_build_views(target, source, arguments, true);
	ELSE
		IF attached->>'scale' <> arguments->>'scale' THEN
			RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
				MESSAGE = format('survey "%s" has scale "%s", not "%s"', target, attached->>'scale', arguments->>'scale'),
				DETAIL = 'Its playbook is made for that scale.',
				HINT = 'Pass schema_name => another name, or nps_detach() the survey first.';
		END IF;
		FOR forgotten IN
			SELECT jsonb_object_keys((attached->>'attached_with')::jsonb) EXCEPT SELECT jsonb_object_keys(arguments)
		LOOP
			RAISE NOTICE USING
				MESSAGE = format('argument "%s" is no longer mapped', forgotten),
				DETAIL = format('It was %s.', (attached->>'attached_with')::jsonb->forgotten),
				HINT = 'replace => true replaces all arguments: pass it again to keep it.';
		END LOOP;
		-- identical arguments over the same source, and nobody changed the mapping since: there is nothing to do
		is_changed := (attached->>'attached_with')::jsonb IS DISTINCT FROM arguments
			OR source IS DISTINCT FROM (SELECT s.source FROM @extschema@.nps_surveys() s WHERE s.survey = target)
			OR NOT @extschema@.nps_is_answer(target, @extschema@.nps_answer_view(source, arguments,
				@extschema@.nps_columns_there(to_regclass(format('%I.answer', target)))), arguments->>'search_path');
		-- take all locks before anything is written: the settings that change store facts, which others would wait for
		IF is_changed THEN
			PERFORM @extschema@.nps_lock_survey(target, 'all');
			PERFORM @extschema@.nps_expect_owner(target);
		END IF;
		-- the row may have been deleted
		IF attached IS NULL THEN
			EXECUTE format('INSERT INTO %I.survey (scale, time_zone, loop_since, goal, attached_with) VALUES ($1, $2, ($4::jsonb->>''loop_since'')::timestamptz, $3, $4)', target)
			USING arguments->>'scale', zone, wanted_goal, arguments::text;
		ELSE
			EXECUTE format('UPDATE %I.survey SET time_zone = $1, loop_since = ($3::jsonb->>''loop_since'')::timestamptz, goal = coalesce($2, goal), attached_with = $3 '
				'WHERE (time_zone, attached_with) IS DISTINCT FROM ($1, $3) OR goal IS DISTINCT FROM coalesce($2, goal)', target)
			USING zone, wanted_goal, arguments::text;
		END IF;
		IF is_changed THEN
			PERFORM @extschema@.nps_build_views(target, source, arguments, true);
		END IF;
	END IF;
	PERFORM @extschema@.nps_try_mapping(target, source, arguments);
	PERFORM @extschema@.nps_warn_of_fit(target, arguments);
	-- what to look at first; nps_objects() has all
	RETURN QUERY SELECT o.* FROM @extschema@.nps_survey_objects(target) o
		WHERE o.object IN (SELECT format('%I.%I', target, n.name)
			FROM unnest(ARRAY['summary', 'trend', 'segment', 'followup', 'closed_loop', 'cause_report']) AS n(name));
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_attach_schema_as_owner(text, regclass, jsonb, double precision) IS 'part of nps_attach(): makes a schema a survey, or the survey in it anew';

CREATE FUNCTION @extschema@.nps_survey_arguments(survey text)
	RETURNS jsonb
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* What a survey was attached with, if its owner may trust that: it becomes views of theirs. */
DECLARE
	arguments CONSTANT jsonb := (@extschema@.nps_survey_settings(survey)->>'attached_with')::jsonb;
BEGIN
	IF arguments IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
			MESSAGE = format('the table survey of survey "%s" is empty', survey),
			HINT = 'Call nps_attach(..., replace => true) to make its row again.';
	END IF;
	IF EXISTS (
		SELECT FROM pg_class c
		LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'attached_with'
		CROSS JOIN LATERAL (SELECT * FROM aclexplode(c.relacl) UNION ALL SELECT * FROM aclexplode(a.attacl)) g
		WHERE c.oid = format('%I.survey', survey)::regclass AND g.grantee <> c.relowner
			AND g.privilege_type IN ('INSERT', 'UPDATE'))
	THEN
		RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
			MESSAGE = format('roles other than the owner may change how survey "%s" is attached', survey),
			HINT = format('REVOKE INSERT, UPDATE ON %I.survey; grant UPDATE of single columns such as goal instead.', survey);
	END IF;
	RETURN arguments;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_survey_arguments(text) IS 'part of nps_refresh_views(): what a survey was attached with, if nobody but its owner may have written it';

CREATE FUNCTION @extschema@.nps_survey_source(survey text)
	RETURNS regclass
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The source of a survey; an error if it is gone. */
DECLARE
	attached_to CONSTANT text := (@extschema@.nps_survey_settings(survey)->>'attached_with')::jsonb->>'source';
	source regclass;
BEGIN
	SELECT coalesce(s.source, to_regclass(attached_to)) INTO source
	FROM @extschema@.nps_surveys() s WHERE s.survey = nps_survey_source.survey;
	IF source IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'undefined_table',
			MESSAGE = format('the source of survey "%s" does not exist: %s', survey, attached_to),
			HINT = 'Call nps_attach(..., replace => true) with the new source.';
	END IF;
	RETURN source;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_survey_source(text) IS 'part of nps_refresh_views(): the source of a survey';

CREATE FUNCTION @extschema@.nps_refresh_views(survey text)
	RETURNS TABLE (object text, kind text, purpose text)
	AS 'MODULE_PATHNAME', 'nps_as_owner'
	LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.nps_refresh_views(text) IS 'brings the tables and views of a survey to what this version of nps makes; rows, rights, and what others made of it stay';

CREATE FUNCTION @extschema@.nps_refresh_views_as_owner(survey text)
	RETURNS TABLE (object text, kind text, purpose text)
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Brings a survey to what this version of nps makes of the arguments it was attached with. */
DECLARE
	arguments jsonb;
BEGIN
	PERFORM @extschema@.nps_expect_owner(survey);
	PERFORM @extschema@.nps_lock_survey(survey, 'all');
	PERFORM @extschema@.nps_expect_owner(survey);
	arguments := @extschema@.nps_survey_arguments(survey);
	PERFORM @extschema@.nps_build_views(survey, @extschema@.nps_survey_source(survey), arguments, false);
	RETURN QUERY SELECT * FROM @extschema@.nps_survey_objects(survey);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_refresh_views_as_owner(text) IS 'the work of nps_refresh_views()';

CREATE FUNCTION @extschema@.nps_detach(survey text, drop_cases boolean DEFAULT false)
	RETURNS void
	AS 'MODULE_PATHNAME', 'nps_as_owner'
	LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.nps_detach(text, boolean) IS 'drops the schema of a survey; the source stays as it is';

CREATE FUNCTION @extschema@.nps_detach_as_owner(survey text, drop_cases boolean)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * Drops what nps_attach() made, and nothing else: what somebody put into the
 * schema, or built on the views, is an error, and so are cases that somebody
 * recorded.
 */
DECLARE
	cases bigint;
BEGIN
	PERFORM @extschema@.nps_expect_owner(survey);
	PERFORM @extschema@.nps_survey_settings(survey);	-- an error if it is not a survey
	PERFORM @extschema@.nps_lock_survey(survey, 'all');
	PERFORM @extschema@.nps_expect_owner(survey);
	cases := @extschema@.nps_recorded_cases(survey);
	IF cases > 0 AND drop_cases IS NOT TRUE THEN
		RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
			MESSAGE = format('survey "%s" has %s recorded cases', survey, cases),
			DETAIL = 'Detaching it drops them, their history and their promises.',
			HINT = format('To drop them: SELECT nps_detach(%L, drop_cases => true).', survey);
	END IF;
	PERFORM @extschema@.nps_tell_no_more(survey);
	PERFORM @extschema@.nps_drop_policies(survey);
	-- there are no views if the source was dropped
	IF EXISTS (SELECT FROM @extschema@.nps_survey_objects(survey) o WHERE o.kind = 'view') THEN
		EXECUTE (SELECT format('DROP VIEW %s', string_agg(o.object, ', '))
			FROM @extschema@.nps_survey_objects(survey) o WHERE o.kind = 'view');
	END IF;
	PERFORM @extschema@.nps_drop_rollup(survey);
	EXECUTE (SELECT format('DROP TABLE %s', string_agg(o.object, ', '))
		FROM @extschema@.nps_survey_objects(survey) o WHERE o.kind = 'table');
	EXECUTE format('DROP SCHEMA %I', survey);
EXCEPTION WHEN dependent_objects_still_exist THEN
	RAISE EXCEPTION USING ERRCODE = 'dependent_objects_still_exist',
		MESSAGE = format('survey "%s" cannot be detached: other objects depend on it', survey),
		HINT = format('Drop these first, or all of them with DROP SCHEMA %I CASCADE.', survey);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_detach_as_owner(text, boolean) IS 'the work of nps_detach()';
