/* nps/sql/survey/queue.sql */

CREATE FUNCTION @extschema@.nps_grant(survey text, role name, access text DEFAULT 'reader')
	RETURNS void
	AS 'MODULE_PATHNAME', 'nps_as_owner'
	LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.nps_grant(text, name, text) IS 'lets a role read the views of a survey, or also record follow-up (access => ''actor'')';

CREATE FUNCTION @extschema@.nps_grant_as_owner(survey text, role name, access text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * What a role needs: a reader sees all reports of the rows it may read, an actor
 * also records what was done.  Nobody gets rights on the history.
 */
DECLARE
	source regclass;
	extension_schema CONSTANT text := (SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
		WHERE e.extname = 'nps');
BEGIN
	PERFORM @extschema@.nps_expect_owner(survey);
	PERFORM @extschema@.nps_survey_settings(survey);	-- an error if there is none
	-- rights and definitions are in the same rows of the catalog
	PERFORM @extschema@.nps_lock_survey(survey, 'survey');
	PERFORM @extschema@.nps_expect_owner(survey);
	IF access IS NULL OR access NOT IN ('reader', 'actor') THEN
		RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
			MESSAGE = format('unknown access "%s"', coalesce(access, 'NULL')),
			HINT = 'Pass ''reader'' for somebody who reads, or ''actor'' for somebody who also records what was done.';
	END IF;
	IF NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = role) THEN
		RAISE EXCEPTION USING ERRCODE = 'undefined_object',
			MESSAGE = format('role "%s" does not exist', role);
	END IF;
	EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', survey, role);
	EXECUTE (SELECT format('GRANT SELECT ON %s TO %I', string_agg(o.object, ', '), role)
		FROM @extschema@.nps_survey_objects(survey) o
		-- that one is for maintenance alone, which makes it again
		WHERE o.object <> format('%I.rollup_part', survey));
	IF access = 'actor' THEN
		EXECUTE format('GRANT UPDATE ON %1$I.followup, %1$I.followup_all, %1$I.cause_customer TO %2$I', survey, role);
		EXECUTE format('GRANT INSERT, UPDATE ON %1$I.followup_case, %1$I.concern, %1$I.cause_told TO %2$I', survey, role);
	END IF;

	SELECT s.source INTO source FROM @extschema@.nps_surveys() s WHERE s.survey = nps_grant_as_owner.survey;
	IF NOT has_table_privilege(role, source, 'SELECT') THEN
		RAISE NOTICE USING MESSAGE = format('role "%s" may not read %s', role, source),
			HINT = format('The views show each reader the rows that they may read: GRANT SELECT ON %s TO %I.', source, role);
	END IF;
	IF NOT has_schema_privilege(role, extension_schema, 'USAGE') THEN
		RAISE NOTICE USING MESSAGE = format('role "%s" may not use the functions of nps', role),
			HINT = format('GRANT USAGE ON SCHEMA %I TO %I.', extension_schema, role);
	END IF;
	-- if somebody revoked EXECUTE from PUBLIC
	IF EXISTS (
		SELECT FROM pg_extension e
		JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e' AND d.classid = 'pg_proc'::regclass
		WHERE e.extname = 'nps' AND NOT has_function_privilege(role, d.objid, 'EXECUTE'))
	THEN
		RAISE NOTICE USING MESSAGE = format('role "%s" may not execute all functions of nps, so views can fail', role),
			HINT = format('GRANT EXECUTE ON ALL ROUTINES IN SCHEMA %I TO %I.', extension_schema, role);
	END IF;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_grant_as_owner(text, name, text) IS 'the work of nps_grant()';

CREATE FUNCTION @extschema@.nps_claim_cases(survey text, worker text, wanted_step text, max_rows integer, lease interval, key anyelement)
	RETURNS TABLE (case_id anyelement, respondent text, next_step text, leased_until timestamptz)
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	SET jit = off	-- compiling a view of cases takes longer than most of them run
	AS $body$
/*
 * First things first: makes the rows of cases that have none, and locks those
 * whose lease is free.  Nobody waits for anybody: what somebody is working on is
 * left out, and so is an answer that was deleted meanwhile.  Then the locked rows
 * are checked again, as the list may have been read before somebody recorded a
 * step.  A worker that dies loses nothing: its lease ends.
 *
 * Programs ask for the reason, and acknowledge; they make no contact.
 */
DECLARE
	asking CONSTANT text := 'ask for the reason';
	acknowledging CONSTANT text := 'acknowledge';
	candidate record;
	key_type text;
	equals text;				-- the equality of keys
	cases regclass;
	acknowledges boolean;		-- whether a rule has a deadline for it
	work text;					-- what there is to do for programs, in the order of the list
	is_free boolean;
	is_mine boolean;
	keys text[] := '{}';
BEGIN
	PERFORM @extschema@.nps_survey_settings(survey);	-- an error if there is none
	IF worker IS NULL OR worker = '' OR max_rows IS NULL OR lease IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed',
			MESSAGE = 'worker, max_rows and lease must not be null',
			HINT = 'For example nps_claim(''survey_nps'', ''mailer-1'').';
	END IF;
	IF lease <= interval '0' THEN
		RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
			MESSAGE = format('a lease cannot be "%s" long', lease),
			HINT = 'Pass the longest time that the step may take, such as ''5 minutes''.';
	END IF;
	IF wanted_step NOT IN (asking, acknowledging) THEN
		RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
			MESSAGE = format('programs do not "%s"', wanted_step),
			HINT = format('They "%s" or "%s"; everything else is for people.', asking, acknowledging);
	END IF;
	cases := format('%I.followup_case', survey);
	SELECT format_type(a.atttypid, -1), @extschema@.nps_mapping_operator(a.atttypid, 3) INTO key_type, equals
	FROM pg_attribute a WHERE a.attrelid = cases AND a.attname = 'case_id';
	IF pg_typeof(key) NOT IN ('text'::regtype, to_regtype(key_type)) THEN
		BEGIN
			EXECUTE format('SELECT NULL::%s::%s', key_type, pg_typeof(key));
		EXCEPTION WHEN cannot_coerce THEN
			RAISE EXCEPTION USING ERRCODE = 'datatype_mismatch',
				MESSAGE = format('case_id of survey "%s" is of type %s, not %s', survey, key_type, pg_typeof(key)),
				HINT = format('Pass NULL::%s, or leave it out to get text.', key_type);
		END;
	END IF;
	EXECUTE format('SELECT EXISTS (SELECT FROM %I.playbook WHERE acknowledge_hours IS NOT NULL)', survey) INTO acknowledges;
	-- a person with several cases is asked for the reason in the first one, also while that is handed out
	work := format($sql$
		SELECT f.case_id, f.respondent, f.place, f.step
		FROM (
			SELECT f.case_id, f.respondent, f.place, CASE WHEN f.next_step = %3$L THEN f.next_step ELSE %4$L END AS step,
				row_number() OVER (PARTITION BY f.respondent, f.next_step = %3$L ORDER BY f.place) AS case_of_person
			FROM (SELECT f.*, row_number() OVER () AS place FROM %1$I.followup f) f
			WHERE f.priority < 4 AND (f.next_step = %3$L OR %5$s)
		) f
		WHERE f.step <> %3$L OR f.case_of_person = 1
		$sql$, survey, equals, asking, acknowledging, CASE WHEN acknowledges
			THEN format('f.acknowledged_at IS NULL AND f.contacted_at IS NULL AND EXISTS (SELECT FROM %1$I.followup_all d WHERE d.case_id %2$s f.case_id AND d.acknowledge_due = f.next_due)',
				survey, equals)
			ELSE 'false' END);

	FOR candidate IN EXECUTE format($sql$
		SELECT w.case_id::text AS key, c.case_id IS NULL AS is_new
		FROM (%3$s) w
		LEFT JOIN %1$I.followup_case c ON c.case_id %2$s w.case_id
		WHERE (c.leased_until IS NULL OR c.leased_until < clock_timestamp()) AND (w.step = $1 OR $1 IS NULL)
		ORDER BY w.place
		$sql$, survey, equals, work)
		USING wanted_step
	LOOP
		EXIT WHEN cardinality(keys) >= max_rows;
		IF candidate.is_new THEN
			-- the session that is making the row now has the lock
			EXECUTE format('SELECT @extschema@.nps_lock_case($1, $2::%s)', key_type) INTO is_mine USING cases, candidate.key;
			CONTINUE WHEN NOT is_mine;
			EXECUTE format('INSERT INTO %1$I.followup_case (case_id, recorded) SELECT $1::%2$s, false '
				'WHERE NOT EXISTS (SELECT FROM %1$I.followup_case c WHERE c.case_id %3$s $1::%2$s) ON CONFLICT (case_id) DO NOTHING', survey, key_type, equals)
			USING candidate.key;
		END IF;
		EXECUTE format($sql$
			SELECT true FROM %1$I.followup_case k
			WHERE k.case_id %3$s $1::%2$s AND (k.leased_until IS NULL OR k.leased_until < clock_timestamp())
				AND k.finished_at IS NULL
			FOR UPDATE SKIP LOCKED
			$sql$, survey, key_type, equals)
		INTO is_free USING candidate.key;
		IF is_free THEN
			keys := keys || candidate.key;
		END IF;
	END LOOP;

	RETURN QUERY EXECUTE format($sql$
		WITH still AS MATERIALIZED (
			SELECT w.case_id AS key, w.respondent::text AS who, w.step
			FROM (%4$s) w
			WHERE w.case_id %3$s ANY ($1::%2$s[]) AND (w.step = $2 OR $2 IS NULL)
		), leased AS (
			UPDATE %1$I.followup_case c SET leased_to = $3, leased_until = clock_timestamp() + $4
			FROM still s
			WHERE c.case_id %3$s s.key
			RETURNING s.key, s.who, s.step, c.leased_until
		)
		SELECT l.key::%5$s, l.who, l.step, l.leased_until FROM leased l ORDER BY array_position($1, l.key::text)
		$sql$, survey, key_type, equals, work, pg_typeof(key))
	USING keys, wanted_step, worker, lease;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_claim_cases(text, text, text, integer, interval, anyelement) IS 'part of nps_claim()';

CREATE FUNCTION @extschema@.nps_claim(survey text, worker text, next_step text DEFAULT NULL, max_rows integer DEFAULT 10,
	lease interval DEFAULT '5 minutes', OUT case_id text, OUT respondent text, OUT next_step text, OUT leased_until timestamptz)
	RETURNS SETOF record
	LANGUAGE sql VOLATILE ROWS 10
	BEGIN ATOMIC
	SELECT * FROM @extschema@.nps_claim_cases($1, $2, $3, $4, $5, NULL::text);
	END;
COMMENT ON FUNCTION @extschema@.nps_claim(text, text, text, integer, interval) IS 'hands cases to a program that asks for the reason or acknowledges, each to one at a time; the UPDATE that records the step ends the lease';

CREATE FUNCTION @extschema@.nps_claim(survey text, worker text, key anyelement, next_step text DEFAULT NULL, max_rows integer DEFAULT 10,
	lease interval DEFAULT '5 minutes', OUT case_id anyelement, OUT respondent text, OUT next_step text, OUT leased_until timestamptz)
	RETURNS SETOF record
	LANGUAGE sql VOLATILE ROWS 10
	AS $body$
	/* the server tells the type of a result by arguments that are given, and parses such a body only then */
	SELECT * FROM @extschema@.nps_claim_cases($1, $2, $4, $5, $6, $3);
	$body$;
COMMENT ON FUNCTION @extschema@.nps_claim(text, text, anyelement, text, integer, interval) IS 'the same, with case_id in the type of the key, such as NULL::bigint';

CREATE FUNCTION @extschema@.nps_tell()
	RETURNS trigger
	AS 'MODULE_PATHNAME'
	LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.nps_tell() IS 'trigger of nps_notify(): tells that a row was written, with its id where that is a number or a UUID';

CREATE FUNCTION @extschema@.nps_tell_no_more(survey text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Drops the trigger of nps_notify() on the source, which depends on the survey's table. */
DECLARE
	statement text;
BEGIN
	PERFORM @extschema@.nps_act_as_owner(survey);
	FOR statement IN
		SELECT DISTINCT format('DROP TRIGGER %I ON %s', t.tgname, t.tgrelid::regclass)
		FROM pg_trigger t
		JOIN pg_depend d ON d.classid = 'pg_trigger'::regclass AND d.objid = t.oid
			AND d.refclassid = 'pg_class'::regclass AND d.refobjid = to_regclass(format('%I.followup_case', survey))
		WHERE t.tgfoid = '@extschema@.nps_tell()'::regprocedure AND t.tgrelid <> d.refobjid AND t.tgparentid = 0
	LOOP
		EXECUTE statement;
	END LOOP;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_tell_no_more(text) IS 'part of nps_notify() and nps_detach(): drops the trigger on the source';

CREATE FUNCTION @extschema@.nps_notify(survey text, OUT channel text)
	RETURNS text
	AS 'MODULE_PATHNAME', 'nps_as_owner'
	LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.nps_notify(text) IS 'makes the survey send NOTIFY when there are new answers or changed cases; returns the channel';

CREATE FUNCTION @extschema@.nps_notify_as_owner(survey text, OUT channel text)
	RETURNS text
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * A hint to look at the view, which anybody who may connect can listen to.  A channel
 * carries the survey's name.  Where the source can have no trigger, only changes of cases
 * are sent.
 */
DECLARE
	source regclass;
	id_column name;
BEGIN
	PERFORM @extschema@.nps_expect_owner(survey);
	PERFORM @extschema@.nps_survey_settings(survey);	-- an error if there is none
	PERFORM @extschema@.nps_lock_survey(survey, 'triggers');
	PERFORM @extschema@.nps_expect_owner(survey);
	channel := survey;
	IF current_setting('max_prepared_transactions')::integer > 0 THEN
		RAISE WARNING USING MESSAGE = format('transactions that write to survey "%s" or its source can no longer be prepared', survey),
			DETAIL = 'A transaction that sends NOTIFY cannot be prepared.',
			HINT = 'If an application uses two-phase commit, drop the triggers that this call made.';
	END IF;
	EXECUTE format('CREATE OR REPLACE TRIGGER tell AFTER INSERT OR UPDATE ON %1$I.followup_case FOR EACH ROW '
		'EXECUTE FUNCTION @extschema@.nps_tell(%2$L, ''case_id'')', survey, channel);

	SELECT s.source INTO source FROM @extschema@.nps_surveys() s WHERE s.survey = nps_notify_as_owner.survey;
	PERFORM @extschema@.nps_tell_no_more(survey);
	SELECT @extschema@.nps_mapping_column(format('%I.answer', survey)::regclass, 'response_id') INTO id_column
	FROM pg_class c
	WHERE c.oid = source AND c.relkind IN ('r', 'p') AND has_table_privilege(c.oid, 'TRIGGER');
	IF id_column IS NULL THEN
		RAISE NOTICE USING MESSAGE = format('no notifications will be sent for new answers in %s', source),
			DETAIL = 'It is not a table, or you may not create triggers on it, or its response_id is not a column.',
			HINT = 'Changes of cases are sent. Look at the view followup from time to time for new answers.';
	ELSE
		-- the constant makes the trigger go with the survey
		EXECUTE format('CREATE TRIGGER %I AFTER INSERT OR UPDATE ON %s FOR EACH ROW '
			'WHEN (%L::regclass IS NOT NULL) EXECUTE FUNCTION @extschema@.nps_tell(%L, %L)',
			'nps_tell_' || CASE WHEN octet_length(survey) <= 54 THEN survey ELSE md5(survey) END,
			source, format('%I.followup_case', survey), channel, id_column);
	END IF;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_notify_as_owner(text) IS 'the work of nps_notify()';
