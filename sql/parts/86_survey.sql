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
	/* A plain table with these columns, of built-in types.  What else is on it (row security, triggers) is its owner's, as whom it is read. */
	SELECT c.relkind OPERATOR(pg_catalog.=) 'r'
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
 * schema; NULL if the row was deleted.  Read with the rights of the current
 * user: that is the owner in all maintenance.
 */
DECLARE
	settings jsonb;
BEGIN
	IF NOT EXISTS (SELECT FROM @extschema@.nps_surveys() s WHERE s.survey = nps_survey_settings.survey) THEN
		RAISE EXCEPTION USING ERRCODE = 'undefined_object',
			MESSAGE = format('there is no survey "%s"', survey),
			HINT = 'nps_surveys() lists the surveys of this database; nps_attach() makes one.';
	END IF;
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
COMMENT ON FUNCTION @extschema@.nps_survey_settings(text) IS 'the settings of a survey; an error if there is none of that name';

CREATE FUNCTION @extschema@.nps_create_tables(target text, scale text, text_search text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* What people edit: the settings of a survey, its rules of follow-up, causes, teams and holidays. */
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
			assumed_churn double precision DEFAULT 0.5 CHECK (assumed_churn BETWEEN 0 AND 1),
			assumed_churn_source text DEFAULT 'often quoted: half of the detractors leave within 90 days',
			resurvey_months integer NOT NULL DEFAULT 2 CHECK (resurvey_months BETWEEN 0 AND 1000),
			many_tickets integer NOT NULL DEFAULT 5,
			long_comment integer NOT NULL DEFAULT 200,
			attempts integer NOT NULL DEFAULT 3,
			inform_hours integer DEFAULT 48 CHECK (inform_hours BETWEEN 1 AND 100000),
			longest_promise_months integer NOT NULL DEFAULT 6 CHECK (longest_promise_months BETWEEN 0 AND 1000),
			work_days text CHECK (@extschema@.nps_is_work_days(work_days)),
			work_from time,
			work_until time,
			fallback_owner text,
			attached_with text NOT NULL,
			-- the views are made for them: attach anew to change them
			CONSTRAINT set_by_nps_attach CHECK (scale = attached_with::jsonb->>'scale' AND time_zone = attached_with::jsonb->>'time_zone'),
			CONSTRAINT working_time CHECK (num_nulls(work_days, work_from, work_until) IN (0, 3) AND work_from < work_until)
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
			acknowledge_hours integer CHECK (acknowledge_hours BETWEEN 1 AND 100000),
			contact_hours integer CHECK (contact_hours BETWEEN 1 AND 100000),
			resolve_hours integer CHECK (resolve_hours BETWEEN 1 AND 100000),
			inform_manager boolean NOT NULL,
			guidance text,
			owner text,
			PRIMARY KEY (score_from),
			CONSTRAINT one_rule_for_each_score EXCLUDE USING gist (int4range(score_from, score_to, '[]') WITH &&)
		);
		INSERT INTO %1$I.playbook SELECT * FROM @extschema@.nps_default_playbook(%2$L);
		CREATE TABLE %1$I.cause (
			cause text PRIMARY KEY CHECK (cause <> ''),
			query text,
			team text,
			remedy text,
			fixed_at timestamptz
		);
		INSERT INTO %1$I.cause (cause, query, team, remedy) SELECT * FROM @extschema@.nps_default_causes();
		CREATE TABLE %1$I.team_member (
			team text NOT NULL,
			person text NOT NULL,
			active boolean NOT NULL DEFAULT true,
			PRIMARY KEY (team, person)
		);
		CREATE TABLE %1$I.holiday (
			day date PRIMARY KEY,
			name text
		);
		CREATE TABLE %1$I.assumption (
			assumption text PRIMARY KEY,
			low double precision,
			high double precision,
			unit text NOT NULL,
			source text
		);
		INSERT INTO %1$I.assumption SELECT * FROM @extschema@.nps_default_assumptions();
		-- nobody analyses tables so small, and the planner would take them for big ones
		ANALYZE %1$I.playbook, %1$I.cause, %1$I.team_member, %1$I.holiday;
		$sql$, target, scale);
	PERFORM @extschema@.nps_set_text_search(target, text_search);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_create_tables(text, text, text) IS 'part of nps_attach(): makes the tables of a survey that hold its rules';

CREATE FUNCTION @extschema@.nps_set_text_search(target text, text_search text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The queries of the causes as the configuration understands them, parsed once and not for each comment. */
BEGIN
	IF EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = format('%I.cause', target)::regclass AND a.attname = 'search' AND NOT a.attisdropped) THEN
		EXECUTE format('ALTER TABLE %I.cause DROP COLUMN search', target);
	END IF;
	EXECUTE format('ALTER TABLE %I.cause ADD COLUMN search tsquery GENERATED ALWAYS AS (websearch_to_tsquery(%L::regconfig, query)) STORED',
		target, text_search);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_set_text_search(text, text) IS 'part of nps_attach(): the text search configuration of a survey''s causes';

CREATE FUNCTION @extschema@.nps_create_case_tables(target text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * What people enter: cases, their concerns and promises, and the history, which
 * writes itself.  The keys are of the types that the view answer has.
 */
DECLARE
	types jsonb;
BEGIN
	SELECT jsonb_object_agg(a.attname, format_type(a.atttypid, -1) ||
		CASE WHEN a.attcollation <> t.typcollation THEN (SELECT format(' COLLATE %s.%I', c.collnamespace::regnamespace, c.collname)
			FROM pg_collation c WHERE c.oid = a.attcollation) ELSE '' END)
	INTO types
	FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
	WHERE a.attrelid = format('%I.answer', target)::regclass AND a.attname IN ('response_id', 'respondent');

	EXECUTE format($sql$
		CREATE TABLE %1$I.followup_case (
			case_id %2$s PRIMARY KEY,
			respondent %3$s NOT NULL,
			opened_at timestamptz,
			status text NOT NULL DEFAULT 'new' CHECK (status IN ('new', 'contacted', 'resolved', 'closed', 'unreachable', 'dismissed')),
			owner text,
			team text,
			channel text,
			cause text REFERENCES %1$I.cause ON UPDATE CASCADE,
			plan text,
			desired_outcome text,
			dismiss_reason text CHECK (dismiss_reason IN ('misclick', 'duplicate', 'test', 'not_a_customer', 'opted_out')),
			snoozed_until timestamptz,
			acknowledged_at timestamptz,
			asked_at timestamptz,
			attempted_at timestamptz,
			attempts integer NOT NULL DEFAULT 0,
			contacted_at timestamptz,
			resolved_at timestamptz,
			informed_at timestamptz,
			closed_at timestamptz,
			unreachable_at timestamptz,
			dismissed_at timestamptz,
			reopened_at timestamptz,
			note text,
			actor text,
			last_note text,
			last_note_at timestamptz,
			last_actor text,
			leased_to text,
			leased_until timestamptz,
			recorded boolean NOT NULL DEFAULT true,
			taken boolean NOT NULL DEFAULT false,
			is_open boolean GENERATED ALWAYS AS (taken AND status IN ('new', 'contacted', 'resolved')) STORED,
			finished_at timestamptz GENERATED ALWAYS AS (
				CASE status WHEN 'closed' THEN closed_at WHEN 'unreachable' THEN unreachable_at WHEN 'dismissed' THEN dismissed_at END) STORED
		);
		CREATE UNIQUE INDEX one_open_case_of_a_respondent ON %1$I.followup_case (respondent) WHERE is_open;
		CREATE INDEX ON %1$I.followup_case (respondent);
		CREATE TABLE %1$I.followup_event (
			event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
			case_id %2$s NOT NULL,
			at timestamptz NOT NULL,
			actor text,
			db_role text NOT NULL,
			changed text NOT NULL,
			old_value text,
			new_value text,
			note text,
			happened_at timestamptz,
			concern_id bigint
		);
		CREATE INDEX ON %1$I.followup_event (case_id);
		CREATE TABLE %1$I.concern (
			concern_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
			case_id %2$s NOT NULL REFERENCES %1$I.followup_case,
			cause text REFERENCES %1$I.cause ON UPDATE CASCADE,
			concern text NOT NULL,
			answer text,
			promise text,
			team text,
			planned_for date,
			promised_for date,
			compensation text,
			raised_at timestamptz NOT NULL DEFAULT now(),
			delivered_at timestamptz,
			declined_at timestamptz,
			told_at timestamptz,
			is_open boolean GENERATED ALWAYS AS (delivered_at IS NULL AND declined_at IS NULL AND (answer IS NULL OR promise IS NOT NULL)) STORED,
			CONSTRAINT promise_has_a_date CHECK ((promise IS NULL) = (promised_for IS NULL)),
			CONSTRAINT planned_before_promised CHECK (planned_for <= promised_for),
			CONSTRAINT delivered_or_declined CHECK (delivered_at IS NULL OR declined_at IS NULL)
		);
		CREATE INDEX ON %1$I.concern (case_id);
		CREATE TABLE %1$I.cause_told (
			cause text NOT NULL REFERENCES %1$I.cause ON UPDATE CASCADE,
			respondent %3$s NOT NULL,
			told_at timestamptz NOT NULL,
			told_by text NOT NULL,
			PRIMARY KEY (cause, respondent)
		);
		ANALYZE %1$I.followup_case, %1$I.followup_event, %1$I.concern, %1$I.cause_told;
		$sql$, target, types->>'response_id', types->>'respondent');
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_create_case_tables(text) IS 'part of nps_attach(): makes the tables of a survey that hold cases and their history';

CREATE FUNCTION @extschema@.nps_create_triggers(target text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The rules of the tables of cases.  DROP EXTENSION ... CASCADE takes them and leaves the tables. */
BEGIN
	EXECUTE format($sql$
		CREATE OR REPLACE TRIGGER rules BEFORE INSERT OR UPDATE ON %1$I.followup_case FOR EACH ROW EXECUTE FUNCTION @extschema@.nps_case_rules();
		CREATE OR REPLACE TRIGGER history AFTER INSERT OR UPDATE ON %1$I.followup_case FOR EACH ROW EXECUTE FUNCTION @extschema@.nps_case_history();
		CREATE OR REPLACE TRIGGER keep BEFORE DELETE OR TRUNCATE ON %1$I.followup_case FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.nps_keep_case();
		CREATE OR REPLACE TRIGGER rules BEFORE INSERT OR UPDATE ON %1$I.concern FOR EACH ROW EXECUTE FUNCTION @extschema@.nps_concern_rules();
		CREATE OR REPLACE TRIGGER history AFTER INSERT OR UPDATE ON %1$I.concern FOR EACH ROW EXECUTE FUNCTION @extschema@.nps_case_history();
		CREATE OR REPLACE TRIGGER keep BEFORE DELETE OR TRUNCATE ON %1$I.concern FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.nps_keep_case();
		CREATE OR REPLACE TRIGGER keep BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON %1$I.followup_event
			FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.nps_keep_history();
		$sql$, target);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_create_triggers(text) IS 'part of nps_attach(): the triggers on the tables of cases';

CREATE FUNCTION @extschema@.nps_default_assumptions(OUT assumption text, OUT low double precision, OUT high double precision,
	OUT unit text, OUT source text)
	RETURNS SETOF record
	LANGUAGE sql IMMUTABLE STRICT ROWS 8
	BEGIN ATOMIC
	VALUES
	('winning a customer costs', 5::double precision, 25::double precision, 'times keeping one', 'often quoted in articles on customer retention; not measured here'),
	('customers who consider leaving after one bad service', 0.33, 0.33, 'share', 'quoted in articles on following up detractors; not measured here'),
	('unhappy customers who complain', 1::double precision OPERATOR(pg_catalog./) 26, 1::double precision OPERATOR(pg_catalog./) 26, 'share', 'often quoted: one in 26; not measured here'),
	('unhappy customers who do not come back', 0.91, 0.91, 'share', 'often quoted in articles on customer retention; not measured here'),
	('good experiences that offset one bad review', 40, 40, 'experiences', 'quoted in articles on customer reviews; not measured here'),
	('people who are told bad news', 16, 16, 'people', 'quoted in articles on word of mouth; not measured here'),
	('people who are told good news', 9, 9, 'people', 'quoted in articles on word of mouth; not measured here'),
	('recovering the cost of winning a customer', 11, 11, 'months', 'quoted for software subscriptions: 92 % of the first year''s contract value; not measured here');
	END;
COMMENT ON FUNCTION @extschema@.nps_default_assumptions() IS 'figures that are often quoted, which nps_attach() fills the table assumption with';
