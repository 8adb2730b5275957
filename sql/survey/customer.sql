/* nps/sql/survey/customer.sql */

CREATE FUNCTION @extschema@.nps_trusted_owner(owner name)
	RETURNS boolean
	LANGUAGE sql STABLE STRICT
	RETURN (
		/* whose expressions the current user runs anyway: their own, and those of the owners of the server and the database */
		SELECT r.rolsuper OR r.rolname OPERATOR(pg_catalog.=) u.rolname OR pg_catalog.pg_has_role(r.oid, 'USAGE') AND NOT u.rolsuper
			OR r.oid OPERATOR(pg_catalog.=) (SELECT d.datdba FROM pg_catalog.pg_database d WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database())
		FROM pg_catalog.pg_roles r, pg_catalog.pg_roles u
		WHERE r.rolname OPERATOR(pg_catalog.=) owner AND u.rolname OPERATOR(pg_catalog.=) CURRENT_USER);
COMMENT ON FUNCTION @extschema@.nps_trusted_owner(name) IS 'part of nps_customer(): whether the current user may run what a role has written into its views';

CREATE FUNCTION @extschema@.nps_customer(respondent text, surveys text[] DEFAULT NULL,
	OUT survey text, OUT account text, OUT responses bigint, OUT last_answer timestamptz, OUT last_score double precision,
	OUT last_category text, OUT last_comment text, OUT handle_with_care boolean, OUT case_id text, OUT followup_status text,
	OUT responsible text, OUT next_step text, OUT next_due timestamptz, OUT cause text, OUT open_promises bigint,
	OUT next_promise_due date, OUT last_contact timestamptz, OUT last_note text, OUT account_open_cases bigint)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'nps_as_caller'
	LANGUAGE C STABLE ROWS 10;
COMMENT ON FUNCTION @extschema@.nps_customer(text, text[]) IS 'what all surveys that the current user may read know of a customer: newest answer, open case, next step, promises, and the open cases of their account';

CREATE FUNCTION @extschema@.nps_customer_as_caller(respondent text, surveys text[],
	OUT survey text, OUT account text, OUT responses bigint, OUT last_answer timestamptz, OUT last_score double precision,
	OUT last_category text, OUT last_comment text, OUT handle_with_care boolean, OUT case_id text, OUT followup_status text,
	OUT responsible text, OUT next_step text, OUT next_due timestamptz, OUT cause text, OUT open_promises bigint,
	OUT next_promise_due date, OUT last_contact timestamptz, OUT last_note text, OUT account_open_cases bigint)
	RETURNS SETOF record
	LANGUAGE plpgsql STABLE ROWS 10
	SET search_path = pg_catalog, pg_temp
	SET jit = off	-- compiling a view of cases takes longer than most of them run
	AS $body$
/*
 * A row for each survey in which the customer answered.  Reading a view runs what
 * its owner wrote into it with the rights of the reader: so the surveys of owners whom
 * the reader has no reason to trust are read only if they are named.  One that
 * cannot be read is reported, and does not keep the others from being read.
 */
DECLARE
	found record;
	looked_up CONSTANT text := nps_customer_as_caller.respondent;
BEGIN
	IF looked_up IS NULL THEN
		RETURN;
	END IF;
	PERFORM @extschema@.nps_expect_survey(s) FROM unnest(nps_customer_as_caller.surveys) AS s;
	FOR found IN
		SELECT s.survey, s.owner, format('%I.respondent', s.survey) AS view, format_type(a.atttypid, -1) AS type,
			@extschema@.nps_mapping_operator(a.atttypid, 3) AS equals,
			(SELECT @extschema@.nps_mapping_operator(b.atttypid, 3) FROM pg_attribute b WHERE b.attrelid = c.oid AND b.attname = 'account') AS account_equals
		FROM @extschema@.nps_surveys() s
		JOIN pg_namespace n ON n.nspname = s.survey
		-- somebody else may have put a view of that name into the schema
		JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = 'respondent' AND c.relkind = 'v' AND pg_get_userbyid(c.relowner) = s.owner
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'respondent'
		WHERE (nps_customer_as_caller.surveys IS NULL OR s.survey = ANY (nps_customer_as_caller.surveys))
			AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
		ORDER BY s.survey COLLATE "C"
	LOOP
		IF nps_customer_as_caller.surveys IS NULL AND NOT @extschema@.nps_trusted_owner(found.owner) THEN
			RAISE NOTICE USING MESSAGE = format('survey "%s" was not read', found.survey),
				DETAIL = format('Its views run what their owner, role "%s", wrote into them, with your rights.', found.owner),
				HINT = format('If you trust that role, pass surveys => ARRAY[%L].', found.survey);
			CONTINUE;
		END IF;
		survey := found.survey;
		BEGIN
			FOR account, responses, last_answer, last_score, last_category, last_comment, handle_with_care, case_id, followup_status,
				responsible, next_step, next_due, cause, open_promises, next_promise_due, last_contact, last_note, account_open_cases
			IN EXECUTE format('SELECT r.account::text, r.responses, r.last_answer, r.last_score, r.last_category, r.last_comment, r.handle_with_care, r.case_id::text, '
				'r.followup_status, r.responsible, r.next_step, r.next_due, r.cause, r.open_promises, r.next_promise_due, r.last_contact, r.last_note, '
				'CASE WHEN r.account IS NOT NULL THEN (SELECT count(*) FROM %I.followup f WHERE f.account %s r.account) END '
				'FROM %s r WHERE r.respondent %s $1::%s', found.survey, found.account_equals, found.view, found.equals, found.type)
				USING looked_up
			LOOP
				RETURN NEXT;
			END LOOP;
		EXCEPTION
			-- no customer of that survey has this name
			WHEN invalid_text_representation OR numeric_value_out_of_range OR invalid_datetime_format OR datetime_field_overflow THEN
				NULL;
			WHEN OTHERS THEN
				RAISE WARNING USING MESSAGE = format('survey "%s" cannot be read: %s', found.survey, SQLERRM),
					HINT = format('SELECT * FROM nps_check(%L); shows what is wrong with it.', found.survey);
		END;
	END LOOP;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_customer_as_caller(text, text[]) IS 'part of nps_customer(): its work';
