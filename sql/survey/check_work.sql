/* nps/sql/survey/check_work.sql */

CREATE FUNCTION @extschema@.nps_check_as_owner(survey text)
	RETURNS TABLE (severity text, finding text, detail text, fix text)
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	-- compiling the plans over cases takes seconds, and running them does not
	SET jit = off
	AS $body$
/* What is or may be wrong with a survey, the worst first; no rows if nothing was found. */
DECLARE
	settings jsonb;
	arguments jsonb;
	fit jsonb[];				-- what nps_check_fit() finds
	source regclass;
	summary record;
	answers record;
	counted_twice record;
	busiest record;
	argument record;
	moved bigint;
	rollup CONSTANT regclass := to_regclass(format('%I.rollup', survey));
	kept record;
	type_of_value regtype;
	type_of_time regtype;		-- of responded_at; NULL if that is not known
BEGIN
	-- it reads nothing that belongs to others
	detail := @extschema@.nps_objects_of_others(survey);
	IF detail IS NOT NULL THEN
		severity := 'error';
		finding := 'the survey has more than one owner';
		fix := (SELECT string_agg(format('ALTER TABLE %I.%I OWNER TO %I;', survey, c.relname, pg_get_userbyid(n.nspowner)), ' ' ORDER BY c.relname)
			FROM pg_namespace n JOIN pg_class c ON c.relnamespace = n.oid AND c.relowner <> n.nspowner
			WHERE n.nspname = nps_check_as_owner.survey
				AND c.relname IN (SELECT o.object FROM @extschema@.nps_survey_comments() o WHERE o."column" IS NULL));
		RETURN NEXT;
		RETURN;
	END IF;
	detail := @extschema@.nps_triggers_of_others(survey);
	IF detail IS NOT NULL THEN
		severity := 'error';
		finding := 'triggers of others on the survey''s tables';
		detail := detail || ' It would run with the rights of the owner.';
		fix := (SELECT string_agg(format('DROP TRIGGER %I ON %s;', t.tgname, t.tgrelid::regclass), ' ' ORDER BY t.tgrelid::regclass::text COLLATE "C", t.tgname)
			FROM @extschema@.nps_untrusted_triggers(survey) u JOIN pg_trigger t ON t.oid = u);
		RETURN NEXT;
		RETURN;
	END IF;
	PERFORM @extschema@.nps_expect_owner(survey);
	BEGIN
		settings := @extschema@.nps_survey_settings(survey);
	EXCEPTION WHEN object_not_in_prerequisite_state THEN
		severity := 'error';
		finding := 'the settings cannot be read';
		GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
		-- what they are now can be seen there; what they were, in a new survey
		fix := format('SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = %L::regclass AND attnum > 0 ORDER BY attnum;', format('%I.survey', survey));
		RETURN NEXT;
		RETURN;
	END;
	arguments := (settings->>'attached_with')::jsonb;
	SELECT s.source INTO source FROM @extschema@.nps_surveys() s WHERE s.survey = nps_check_as_owner.survey;
	IF source IS NULL THEN
		severity := 'error';
		finding := 'the source is gone';
		detail := format('%s was dropped, and the views with it; playbook and settings are still there.', arguments->>'source');
		IF to_regclass(arguments->>'source') IS NOT NULL THEN
			fix := @extschema@.nps_attach_call(survey, arguments);
		ELSE
			-- another name, or another schema: the relation that has the columns
			detail := detail || format(' To attach it to a table of another name: %s', @extschema@.nps_attach_call(survey, arguments));
			fix := format('SELECT attrelid::regclass AS source FROM pg_attribute JOIN pg_class c ON c.oid = attrelid WHERE c.relkind IN (''r'', ''p'', ''v'', ''m'', ''f'') AND attname = %L;',
				CASE WHEN arguments->>'score' ~ '\W' THEN arguments->>'response_id' ELSE arguments->>'score' END);
		END IF;
		RETURN NEXT;
		RETURN;
	END IF;

	IF EXISTS (SELECT FROM pg_trigger t WHERE CASE WHEN @extschema@.nps_is_distributed(format('%I.answer', survey)::regclass)
		THEN t.tgrelid = to_regclass(format('%I.followup', survey)) AND t.tgfoid = '@extschema@.nps_record_followup()'::regprocedure
		ELSE t.tgrelid = to_regclass(format('%I.followup_case', survey)) AND t.tgfoid = '@extschema@.nps_refuse_followup()'::regprocedure END)
	THEN
		severity := 'error';
		finding := 'the answers were moved';
		detail := 'Citus distributes them and did not when the views were made, or the other way round. Do not update followup before that is mended.';
		fix := format('SELECT * FROM nps_refresh_views(%L);', survey);
		RETURN NEXT;
		RETURN;
	END IF;

	IF settings IS NULL THEN
		severity := 'error';
		finding := 'the settings are gone';
		detail := format('The table %I.survey is empty. nps_attach(..., replace => true) with all arguments makes its row anew; the view answer still has them.', survey);
		fix := format('SELECT pg_get_viewdef(%L::regclass, true);', format('%I.answer', survey));
		RETURN NEXT;
		RETURN;
	END IF;
	IF @extschema@.nps_is_outdated(survey) THEN
		severity := 'warning';
		finding := 'the survey is of another version of nps';
		detail := 'Its views and tables are not yet what the installed version makes.';
		fix := format('SELECT * FROM nps_refresh_views(%L);', survey);
		RETURN NEXT;
		RETURN;
	END IF;
	IF EXISTS (SELECT FROM @extschema@.nps_survey_comments() m
		WHERE m."column" IS NULL AND m.object NOT IN ('rollup', 'rollup_part') AND to_regclass(format('%I.%I', survey, m.object)) IS NULL)
	THEN
		severity := 'error';
		finding := 'views are missing';
		detail := 'Somebody dropped some of the views.';
		fix := format('SELECT * FROM nps_refresh_views(%L);', survey);
		RETURN NEXT;
		RETURN;
	END IF;
	RETURN QUERY SELECT f.* FROM @extschema@.nps_policy_findings(survey) f ORDER BY f.severity, f.detail COLLATE "C";

	RETURN QUERY SELECT f.* FROM @extschema@.nps_rollup_findings(survey, source, arguments) f;

	-- whatever reading the answers does, the check reports what it found
	BEGIN
		-- the mapping, with the current names
		RETURN QUERY SELECT f.* FROM @extschema@.nps_name_findings(survey, source, arguments) f;
		arguments := @extschema@.nps_arguments_now(survey, source, arguments);
		FOR argument IN
			SELECT a.key AS name, v.value
			FROM jsonb_each(arguments) a
			CROSS JOIN LATERAL jsonb_array_elements_text(
				CASE WHEN jsonb_typeof(a.value) = 'array' THEN a.value ELSE jsonb_build_array(a.value) END) v
			WHERE a.key NOT IN ('source', 'scale', 'time_zone', 'search_path', 'text_search_config', 'loop_since')
		LOOP
			BEGIN
				SELECT m.type INTO type_of_value
				FROM @extschema@.nps_mapping(source, argument.name, argument.value, arguments->>'search_path', argument.name = 'segments') m;
				IF argument.name = 'responded_at' THEN
					type_of_time := type_of_value;
				END IF;
			EXCEPTION WHEN OTHERS THEN
				-- names are reported above
				CONTINUE WHEN (@extschema@.nps_mapping_lost_name(format('%I.answer', survey), argument.name, argument.value)).lost IS NOT NULL;
				severity := 'warning';
				finding := 'the mapping no longer fits the source';
				detail := format('Argument %s was %L, which does not fit %s any more. The views still work; to attach it again, pass what does.',
					argument.name, argument.value, source);
				fix := format('SELECT pg_get_viewdef(%L::regclass, true);', format('%I.answer', survey));
				RETURN NEXT;
			END;
		END LOOP;

		FOR argument IN
			SELECT t.*, c.expression, c.hint FROM @extschema@.nps_mapping_troubles(survey, source, arguments) t
			CROSS JOIN LATERAL @extschema@.nps_mapping_cure(source, t.argument, arguments) c
		LOOP
			severity := CASE WHEN argument.is_failure THEN 'error' ELSE 'warning' END;
			finding := CASE WHEN argument.argument = 'source' THEN 'the source cannot be read' WHEN argument.is_failure THEN 'the mapping fails on a row' ELSE 'the mapping depends on the session' END;
			detail := format('Argument %s is %L. %s%s', argument.argument, arguments->>argument.argument, argument.detail,
				CASE WHEN argument.expression IS NULL AND argument.argument <> 'source' THEN ' ' || argument.hint ELSE '' END);
			-- without a cure, the place to look at
			fix := CASE WHEN argument.argument = 'source' AND NOT has_table_privilege(source, 'SELECT') THEN format('GRANT SELECT ON %s TO %I;', source, current_user)
				WHEN argument.expression IS NOT NULL
					THEN @extschema@.nps_attach_call(survey, arguments || jsonb_build_object(argument.argument, argument.expression))
				WHEN argument.failing_row IS NOT NULL
					THEN format('SELECT * FROM %s WHERE (%s)::text = %L;', source, @extschema@.nps_mapping_written(source, arguments->>'response_id'), argument.failing_row)
				ELSE format('SELECT pg_get_viewdef(%L::regclass, true);', format('%I.answer', survey)) END;
			RETURN NEXT;
			IF argument.is_failure THEN
				RETURN;
			END IF;
		END LOOP;

		EXECUTE format($sql$
			SELECT count(*) AS rows,
				count(*) FILTER (WHERE rejection = 'no answer' AND coalesce(@extschema@.nps_local_time(asked_at, %1$L), @extschema@.nps_local_time(responded_at, %1$L)) IS NULL) AS undated_silence,
				count(*) FILTER (WHERE score IS NOT NULL AND @extschema@.nps_local_time(asked_at, %1$L) IS NULL) AS never_asked,
				count(*) FILTER (WHERE score IS NOT NULL AND responded_at > now() + interval '1 day' AND @extschema@.nps_local_time(responded_at, %1$L) IS NOT NULL) AS in_future
			FROM %2$I.answer
			$sql$, settings->>'time_zone', survey) INTO answers;
		fit := ARRAY(SELECT jsonb_build_array(f.severity, f.finding, f.detail, f.fix) FROM @extschema@.nps_check_fit(survey, settings, arguments) WITH ORDINALITY AS f ORDER BY f.severity = 'note', f.ordinality);
		RETURN QUERY SELECT f->>0, f->>1, f->>2, f->>3 FROM unnest(fit) f WHERE f->>0 = 'error';
		IF answers.rows = 0 THEN
			severity := 'warning';
			finding := 'there are no rows';
			detail := CASE WHEN arguments ? 'filter' THEN format('No row of %s passes the filter.', source)
				ELSE format('%s is empty, or you may read none of its rows.', source) END;
			fix := @extschema@.nps_attach_call(survey, arguments);
			RETURN NEXT;
		END IF;

		EXECUTE format('SELECT * FROM %I.summary', survey) INTO summary;

		-- the scale
		RETURN QUERY SELECT f.* FROM @extschema@.nps_zero_findings(survey, source, settings->>'scale', arguments) f;

		-- the answers
		IF arguments ? 'respondent' AND arguments ? 'responded_at' THEN
			EXECUTE format($sql$
				SELECT count(*) AS groups, sum(n) AS answers FROM (
					SELECT count(*) AS n FROM %I.response WHERE respondent IS NOT NULL AND responded_at IS NOT NULL
					GROUP BY respondent, responded_at HAVING count(*) > 1) d
				$sql$, survey) INTO counted_twice;
			-- a date is not a time: two answers on one day may well be two
			IF counted_twice.groups > 0 AND type_of_time <> 'date'::regtype THEN
				severity := 'warning';
				finding := 'duplicate answers';
				detail := format('%s of the answers have the respondent and time of another; all of them count.',
					counted_twice.answers - counted_twice.groups);
				fix := format('SELECT respondent, responded_at, count(*) FROM %I.response WHERE respondent IS NOT NULL GROUP BY 1, 2 HAVING count(*) > 1;', survey);
				RETURN NEXT;
			END IF;
		END IF;
		IF arguments ? 'responded_at' THEN
			IF answers.in_future > 0 THEN
				severity := 'warning';
				finding := 'answers in the future';
				detail := format('%s of the answers were given later than tomorrow.', answers.in_future);
				fix := format('SELECT * FROM %I.response WHERE responded_at > now();', survey);
				RETURN NEXT;
			END IF;
		END IF;

		IF arguments ? 'respondent' THEN
			EXECUTE format($sql$
				SELECT respondent::text AS who, count(*) AS answers FROM %I.response WHERE respondent IS NOT NULL
				GROUP BY respondent HAVING count(*) > 30 AND count(*) BETWEEN 0.05 * $1 AND @extschema@.nps_most_answers()
				ORDER BY 2 DESC, respondent::text COLLATE "C" LIMIT 1
				$sql$, survey) INTO busiest USING summary.responses;
			IF busiest.answers IS NOT NULL THEN
				severity := 'warning';
				finding := 'one respondent gave very many answers';
				detail := format('%s of the answers are of %L: does it stand for somebody unknown?', busiest.answers, busiest.who);
				fix := @extschema@.nps_attach_call(survey, arguments || jsonb_build_object('respondent', format('nullif(%s, %L)', arguments->>'respondent', busiest.who)));
				RETURN NEXT;
			END IF;
		END IF;
		IF arguments ?| ARRAY['responded_at', 'asked_at'] AND answers.undated_silence > 0 THEN
			severity := 'warning';
			finding := 'unanswered rows without a date';
			detail := format('%s of the unanswered rows have no date, so that nothing is known of the response rate of a period%s.', answers.undated_silence,
				CASE WHEN NOT arguments ? 'asked_at' THEN ': attach with asked_at, the time at which customers are asked' ELSE '' END);
			fix := CASE WHEN arguments ? 'asked_at' THEN format('SELECT * FROM %I.not_counted WHERE reason = ''no answer'' AND nps_local_time(asked_at, %L) IS NULL;', survey, settings->>'time_zone')
				ELSE format('SELECT * FROM %I.not_counted WHERE reason = ''no answer'' AND nps_local_time(responded_at, %L) IS NULL;', survey, settings->>'time_zone') END;
			RETURN NEXT;
		END IF;
		IF arguments ? 'asked_at' AND answers.never_asked > 0 THEN
			severity := 'note';
			finding := 'answers of customers who were not asked';
			detail := format('%s of the answers have no usable asked_at; in the response rate they are of the period in which they were given.', answers.never_asked);
			fix := format('SELECT * FROM %I.answer WHERE score IS NOT NULL AND nps_local_time(asked_at, %L) IS NULL;', survey, settings->>'time_zone');
			RETURN NEXT;
		END IF;

		EXECUTE format('SELECT (SELECT count(*) FROM (SELECT * FROM %1$I.followup_case) c JOIN %1$I.counted a ON a.response_id %2$s c.case_id '
			'WHERE c.recorded_at IS NOT NULL AND a.respondent IS NOT NULL AND NOT a.respondent %3$s c.respondent) + (SELECT count(*) FROM (%4$s) n)', survey,
			(SELECT @extschema@.nps_mapping_operator(a.atttypid, 3) FROM pg_attribute a WHERE a.attrelid = format('%I.followup_case', survey)::regclass AND a.attname = 'case_id'),
			(SELECT @extschema@.nps_mapping_operator(a.atttypid, 3) FROM pg_attribute a WHERE a.attrelid = format('%I.followup_case', survey)::regclass AND a.attname = 'respondent'),
			@extschema@.nps_moved_cases(survey))
		INTO moved;
		IF moved > 0 THEN
			severity := 'warning';
			finding := 'cases of respondents that changed';
			detail := format('The answers of %s cases have another respondent now, as after merging customers.', moved);
			fix := format('SELECT nps_record(%L);', survey);
			RETURN NEXT;
		END IF;

		-- the playbook
		EXECUTE format($sql$
			SELECT string_agg(d.score::text, ', ') AS scores FROM %1$I.distribution d
			WHERE d.score::text ~ '^[0-9]+$' AND NOT EXISTS (
				SELECT 1 FROM %1$I.playbook p WHERE d.score::text::numeric BETWEEN p.score_from AND p.score_to)
			$sql$, survey) INTO argument;
		IF argument.scores IS NOT NULL THEN
			severity := 'warning';
			finding := 'scores without a rule';
			detail := format('The playbook has no rule for %s; such answers are not followed up.', argument.scores);
			fix := format('INSERT INTO %I.playbook SELECT *, NULL FROM nps_default_playbook(%L) ON CONFLICT DO NOTHING;', survey, settings->>'scale');
			RETURN NEXT;
		END IF;

		RETURN QUERY SELECT f->>0, f->>1, f->>2, f->>3 FROM unnest(fit) f WHERE f->>0 <> 'error';
		IF arguments ?& ARRAY['respondent', 'responded_at'] THEN
			RETURN QUERY SELECT f.* FROM @extschema@.nps_check_followup(survey) f;
		END IF;
		-- what may well be intended
		RETURN QUERY SELECT f.* FROM @extschema@.nps_segment_findings(survey, source, arguments) f;
		IF arguments ? 'responded_at' THEN
			IF type_of_time = 'timestamp without time zone'::regtype AND settings->>'time_zone' !~ 'UTC$' THEN
				severity := 'note';
				finding := 'times without a zone';
				detail := format('responded_at has no time zone; it is taken to be local time in %s. If it is in UTC, attach the survey again.', settings->>'time_zone');
				fix := @extschema@.nps_attach_call(survey, arguments || jsonb_build_object('responded_at', format('((%s) AT TIME ZONE ''UTC'')', arguments->>'responded_at')));
				RETURN NEXT;
			END IF;
		END IF;

		-- the rollup, if there is one and it may be read
		IF rollup IS NOT NULL AND has_table_privilege(rollup, 'SELECT') THEN
			EXECUTE format('SELECT count(*) AS rows, count(DISTINCT ROW(leaf, day%s)) AS cells FROM %I.rollup',
				(SELECT coalesce(string_agg(format(', %I', n), ''), '') FROM unnest(@extschema@.nps_rollup_segments(survey)) n), survey)
			INTO kept;
			severity := 'note';
			IF kept.rows > 2 * kept.cells + 1000 THEN
				finding := 'folding is due';
				detail := format('The rollup has %s rows for %s cells; each report reads them all.', kept.rows, kept.cells);
				fix := format('SELECT * FROM nps_compact(%L);', survey);
				RETURN NEXT;
			END IF;
			IF kept.cells > 1000 AND kept.cells > 0.1 * (summary.responses + summary.unanswered + summary.rejected) THEN
				finding := 'the rollup is not much smaller than the source';
				detail := format('It has %s cells for %s rows: a segment has too many values. Attach with fewer segments, or do without.', kept.cells,
					summary.responses + summary.unanswered + summary.rejected);
				fix := format('CALL nps_dematerialize(%L);', survey);
				RETURN NEXT;
			END IF;
		END IF;

		RETURN QUERY SELECT f.* FROM @extschema@.nps_index_findings(source, arguments, settings->>'time_zone', type_of_time) f;
	EXCEPTION WHEN feature_not_supported OR cardinality_violation OR data_exception OR integrity_constraint_violation OR sql_routine_exception OR external_routine_exception
		OR external_routine_invocation_exception OR syntax_error_or_access_rule_violation OR object_not_in_prerequisite_state OR plpgsql_error OR statement_too_complex
		OR disk_full THEN
		severity := 'error';
		finding := 'the survey cannot be read';
		detail := format('%s. The checks that follow were skipped.', SQLERRM);
		fix := format('SELECT pg_get_viewdef(%L::regclass, true);', format('%I.answer', survey));
		RETURN NEXT;
	END;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_check_as_owner(text) IS 'the work of nps_check()';
