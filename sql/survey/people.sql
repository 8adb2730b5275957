/* nps/sql/survey/people.sql */

CREATE FUNCTION @extschema@.nps_person_keys(survey text, respondent text,
	OUT id_type text, OUT id_equals text, OUT respondent_type text, OUT respondent_equals text)
	RETURNS record
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The types of a survey's keys, and how these are compared; an error unless the
 * text is a value of a respondent's type.  If a cast would truncate it, it
 * would name somebody else.
 */
DECLARE
	key record;
	shown text;
BEGIN
	PERFORM @extschema@.nps_expect_owner(survey);
	PERFORM @extschema@.nps_survey_settings(survey);	-- an error if it is not a survey
	IF respondent IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed',
			MESSAGE = 'respondent must not be null',
			HINT = 'Pass the value that the view answer shows as respondent.';
	END IF;
	FOR key IN
		WITH RECURSIVE below AS (
			SELECT a.attname, a.atttypid AS declared, a.atttypid AS type
			FROM pg_attribute a
			WHERE a.attrelid = to_regclass(format('%I.followup_case', survey)) AND a.attname IN ('case_id', 'respondent') AND NOT a.attisdropped
			UNION ALL
			SELECT b.attname, b.declared, t.typbasetype FROM below b JOIN pg_type t ON t.oid = b.type AND t.typtype = 'd'
		)
		SELECT b.attname, format_type(b.declared, -1) AS declared, @extschema@.nps_mapping_operator(b.type, 3) AS equals, t.typcategory
		FROM below b JOIN pg_type t ON t.oid = b.type AND t.typtype <> 'd'
	LOOP
		IF key.attname = 'case_id' THEN
			id_type := key.declared;
			id_equals := key.equals;
			CONTINUE;
		END IF;
		respondent_type := key.declared;
		respondent_equals := key.equals;
		BEGIN
			EXECUTE format('SELECT ($1::%s)::text', respondent_type) INTO shown USING respondent;
			IF key.typcategory IN ('S', 'Z') AND length(shown) < length(rtrim(respondent)) THEN
				RAISE string_data_right_truncation USING MESSAGE = format('value too long for type %s', respondent_type);
			END IF;
		EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
			RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
				MESSAGE = format('"%s" cannot be a respondent of survey "%s"', respondent, survey),
				DETAIL = format('Its respondents are of type %s: %s.', respondent_type, SQLERRM),
				HINT = 'Pass the value that the view answer shows as respondent.';
		END;
	END LOOP;
	IF id_type IS NULL OR respondent_type IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
			MESSAGE = format('table followup_case of survey "%s" is not as it was made', survey),
			HINT = 'It must have the columns case_id and respondent; nps_attach(..., replace => true) makes a table that is missing.';
	END IF;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_person_keys(text, text) IS 'part of nps_export() and nps_forget(): the types of a survey''s keys; an error if the text is not a respondent';

CREATE FUNCTION @extschema@.nps_find_person(survey text, respondent text, with_rows boolean,
	OUT answers text[], OUT answer_rows jsonb, OUT source regclass, OUT source_rows bigint, OUT statement text,
	OUT incomplete text)
	RETURNS record
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	-- changed below, and so put back at the end
	SET row_security = on
	-- keys that can be read again unchanged
	SET datestyle = 'ISO'
	SET intervalstyle = 'postgres'
	SET extra_float_digits = 1
	AS $body$
/*
 * A person's answers, and their rows if wanted; how many rows the source has with
 * the same key, also those that the filter leaves out; and the statement that
 * finds these.  No source: it was dropped.  And why something may be left
 * out, as a sentence: other than row security, a filter has no switch.
 */
DECLARE
	keys CONSTANT record := @extschema@.nps_person_keys(survey, respondent);
	answer CONSTANT text := format('%I.answer', survey);
	place text;
	key_column name;
	named_type text;
BEGIN
	answers := '{}';
	answer_rows := '[]';
	source := @extschema@.nps_mapping_source(to_regclass(answer));
	IF source IS NULL THEN
		RETURN;
	END IF;
	SELECT format('The filter, the keys or the source depend on settings or on the current user: only what they show to %s in this session was found.', current_user)
	INTO incomplete FROM @extschema@.nps_answer_visibility(answer::regclass) v WHERE v.by_session;
	key_column := @extschema@.nps_mapping_column(answer::regclass, 'respondent');
	place := CASE WHEN key_column IS NULL THEN answer ELSE source::text END;
	key_column := coalesce(key_column, 'respondent');
	SELECT CASE WHEN n.nspname <> 'pg_catalog' THEN '::' || keys.respondent_type ELSE '' END INTO named_type
	FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid JOIN pg_namespace n ON n.oid = t.typnamespace
	WHERE a.attrelid = answer::regclass AND a.attname = 'respondent';
	statement := format('SELECT * FROM %s WHERE %I %s %L%s', place, key_column,
		replace(keys.respondent_equals, 'OPERATOR(pg_catalog.=)', '='), respondent, named_type);
	BEGIN
		-- an error in place of rows that are left out
		PERFORM set_config('row_security', 'off', true);
		EXECUTE format('SELECT coalesce(array_agg(a.response_id::text) FILTER (WHERE a.response_id IS NOT NULL), ''{}'') FROM %s a WHERE a.respondent %s $1::%s',
			answer, keys.respondent_equals, keys.respondent_type)
		INTO answers USING respondent;
		IF with_rows THEN
			EXECUTE format('SELECT coalesce(jsonb_agg(to_jsonb(a) ORDER BY a.responded_at, a.response_id), ''[]'') FROM %s a WHERE a.respondent %s $1::%s',
				answer, keys.respondent_equals, keys.respondent_type)
			INTO answer_rows USING respondent;
		END IF;
		EXECUTE format('SELECT count(*) FROM %s a WHERE a.%I %s $1::%s', place, key_column, keys.respondent_equals, keys.respondent_type)
		INTO source_rows USING respondent;
	EXCEPTION WHEN insufficient_privilege THEN
		RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
			MESSAGE = format('the owner of survey "%s" may not see all of its source', survey),
			DETAIL = format('Not everything stored about a person would be found: %s.', SQLERRM),
			HINT = format('Nothing may be hidden from %I meanwhile, by row security or for lack of a right.', current_user);
	END;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_find_person(text, text, boolean) IS 'part of nps_export() and nps_forget(): a person''s answers, and what the source has of them';

CREATE FUNCTION @extschema@.nps_person_tables(survey text, respondent text,
	OUT name text, OUT relation regclass, OUT exported_as text, OUT conditions text[], OUT sorted_by text, OUT what text)
	RETURNS SETOF record
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The tables of a survey that hold personal data, in the order in which they
 * can be deleted from; and which of their rows t are a person's, whose key is $1
 * and $2 are the ids of all answers and cases.
 */
DECLARE
	keys CONSTANT record := @extschema@.nps_person_keys(survey, respondent);
BEGIN
	RETURN QUERY
		SELECT t.name, c.oid::regclass, t.exported_as, array_agg(k.condition ORDER BY k.place), t.sorted_by, t.what
		FROM (VALUES
			(1, 'concern', 'concerns', 't.concern_id', 'concerns and promises'),
			(2, 'followup_event', 'history', 't.at, t.place', 'the history of what was recorded'),
			(3, 'followup_case', 'cases', 't.opened_at, t.case_id', 'cases, with notes and leases'),
			(4, 'cause_told', 'causes_told', 't.told_at, t.cause', 'which causes they were told about')
		) AS t(place, name, exported_as, sorted_by, what)
		JOIN pg_class c ON c.relname = t.name AND c.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = survey)
		JOIN (VALUES
			(1, 'case_id', format('EXISTS (SELECT FROM unnest($2) AS own(id) WHERE t.case_id %s own.id::%s)', keys.id_equals, keys.id_type)),
			(2, 'respondent', format('t.respondent %s $1::%s', keys.respondent_equals, keys.respondent_type))
		) AS k(place, key_column, condition)
			ON EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = k.key_column AND NOT a.attisdropped)
		GROUP BY t.place, t.name, t.exported_as, t.sorted_by, t.what, c.oid
		ORDER BY t.place;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_person_tables(text, text) IS 'part of nps_export() and nps_forget(): where a survey holds something of people';

CREATE FUNCTION @extschema@.nps_person_ids(survey text, respondent text, answers text[])
	RETURNS text[]
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	SET datestyle = 'ISO'
	SET intervalstyle = 'postgres'
	SET extra_float_digits = 1
	AS $body$
/* A person's answers, and cases whose answers are gone, or belong to somebody else by now. */
DECLARE
	keys CONSTANT record := @extschema@.nps_person_keys(survey, respondent);
	cases text[];
BEGIN
	EXECUTE format('SELECT array_agg(c.case_id::text) FROM %I.followup_case c WHERE c.respondent %s $1::%s',
		survey, keys.respondent_equals, keys.respondent_type)
	INTO cases USING respondent;
	RETURN answers || cases;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_person_ids(text, text, text[]) IS 'part of nps_export() and nps_forget(): the answers and cases of a person';

CREATE FUNCTION @extschema@.nps_export_tables(survey text, respondent text, answers text[])
	RETURNS jsonb
	AS 'MODULE_PATHNAME', 'nps_as_owner_of_tables'
	LANGUAGE C STABLE;
COMMENT ON FUNCTION @extschema@.nps_export_tables(text, text, text[]) IS 'part of nps_export(): what the survey''s own tables hold of a person';

CREATE FUNCTION @extschema@.nps_export_tables_as_owner(survey text, respondent text, answers text[])
	RETURNS jsonb
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
DECLARE
	ids CONSTANT text[] := @extschema@.nps_person_ids(survey, respondent, answers);
	place record;
	held jsonb;
	result jsonb := '{}';
BEGIN
	FOR place IN SELECT * FROM @extschema@.nps_person_tables(survey, respondent) LOOP
		EXECUTE format('SELECT coalesce(jsonb_agg(to_jsonb(t) ORDER BY %s), ''[]'') FROM %s t WHERE %s',
			place.sorted_by, place.relation, array_to_string(place.conditions, ' OR '))
		INTO held USING respondent, ids;
		result := result || jsonb_build_object(place.exported_as, held);
	END LOOP;
	RETURN result;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_export_tables_as_owner(text, text, text[]) IS 'the work of nps_export_tables()';

CREATE FUNCTION @extschema@.nps_export(survey text, respondent text)
	RETURNS jsonb
	AS 'MODULE_PATHNAME', 'nps_as_owner'
	LANGUAGE C STABLE;
COMMENT ON FUNCTION @extschema@.nps_export(text, text) IS 'everything that is stored of a person in a survey';

CREATE FUNCTION @extschema@.nps_export_as_owner(survey text, respondent text)
	RETURNS jsonb
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Answers as the view shows them; what the survey's tables hold; and how many rows of the source and the rollup have the key. */
DECLARE
	keys CONSTANT record := @extschema@.nps_person_keys(survey, respondent);
	found CONSTANT record := @extschema@.nps_find_person(survey, respondent, true);
	elsewhere jsonb := '[]';
	segment name;
	cells bigint;
BEGIN
	IF found.source IS NOT NULL THEN
		elsewhere := jsonb_build_array(jsonb_build_object('relation', found.source::text, 'rows', found.source_rows, 'statement', found.statement));
		FOREACH segment IN ARRAY @extschema@.nps_rollup_segments(survey) LOOP
			EXECUTE format('SELECT count(*) FROM %I.rollup r WHERE r.%I::text = ($1::%s)::text', survey, segment, keys.respondent_type)
			INTO cells USING respondent;
			IF cells > 0 THEN
				elsewhere := elsewhere || jsonb_build_object('relation', format('%I.rollup', survey), 'rows', cells,
					'statement', format('SELECT * FROM %I.rollup WHERE %I = %L', survey, segment, respondent));
			END IF;
		END LOOP;
	END IF;
	RETURN jsonb_build_object('survey', survey, 'respondent', respondent, 'answers', found.answer_rows, 'elsewhere', elsewhere)
		|| CASE WHEN found.incomplete IS NULL THEN '{}' ELSE jsonb_build_object('incomplete', found.incomplete) END
		|| @extschema@.nps_export_tables(survey, respondent, found.answers);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_export_as_owner(text, text) IS 'the work of nps_export()';
