/* nps/sql/survey/undo.sql */

CREATE FUNCTION @extschema@.nps_undo(survey text, case_id anycompatible)
	RETURNS integer
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The rules of cases take the step back, and record that as a step. */
DECLARE
	keys record;
	version integer;
BEGIN
	PERFORM @extschema@.nps_survey_settings(survey);	-- an error if there is none
	SELECT format_type(a.atttypid, -1) AS type, @extschema@.nps_mapping_operator(a.atttypid, 3) AS equals INTO keys
	FROM pg_attribute a WHERE a.attrelid = format('%I.followup_case', survey)::regclass AND a.attname = 'case_id';
	EXECUTE format('UPDATE %I.followup_case c SET status = ''undone'' WHERE c.case_id %s $1::%s RETURNING c.version', survey, keys.equals, keys.type)
	INTO version USING case_id::text;
	IF version IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
			MESSAGE = format('case "%s" has no step that could be taken back', case_id),
			HINT = 'The view followup_all lists the cases.';
	END IF;
	RETURN version;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_undo(text, anycompatible) IS 'takes back one''s own last step in a case, within undo_hours of the table survey; returns the version of the case';
