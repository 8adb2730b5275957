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
	-- keys that are read again as they were
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
/* A person's answers, and cases whose answers are gone, or are somebody else's by now. */
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
/* Answers as the view shows them; what the survey's tables hold; and in how many rows of the source and the rollup the key stands. */
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

CREATE FUNCTION @extschema@.nps_erase(survey text, respondent text, answers text[])
	RETURNS TABLE (relation text, rows bigint, what text)
	AS 'MODULE_PATHNAME'
	LANGUAGE C VOLATILE STRICT;
COMMENT ON FUNCTION @extschema@.nps_erase(text, text, text[]) IS 'part of nps_forget(): deletes what the survey''s own tables hold of a person';

CREATE FUNCTION @extschema@.nps_erase_as_owner(survey text, respondent text, answers text[])
	RETURNS TABLE (relation text, rows bigint, what text)
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * First the rows are locked that others change when they record something, in
 * their order: of concerns before cases.  What they record is there then, or
 * has no effect.
 */
DECLARE
	ids text[];
	place record;
	condition text;
	erased bigint;
	total bigint := 0;
	caller CONSTANT text := coalesce(nullif(current_setting('role'), 'none'), session_user);
BEGIN
	ids := @extschema@.nps_person_ids(survey, respondent, answers);
	FOR place IN SELECT * FROM @extschema@.nps_person_tables(survey, respondent) p WHERE p.name IN ('concern', 'followup_case') LOOP
		EXECUTE format('SELECT FROM %s t WHERE %s ORDER BY %s FOR UPDATE OF t', place.relation, array_to_string(place.conditions, ' OR '), place.sorted_by)
		USING respondent, ids;
	END LOOP;
	-- with cases that were made while we waited
	ids := @extschema@.nps_person_ids(survey, respondent, answers);
	FOR place IN SELECT * FROM @extschema@.nps_person_tables(survey, respondent) LOOP
		relation := place.relation;
		rows := 0;
		what := 'erased: ' || place.what;
		FOREACH condition IN ARRAY place.conditions LOOP
			EXECUTE format('DELETE FROM %s t WHERE %s', place.relation, condition) USING respondent, ids;
			GET DIAGNOSTICS erased = ROW_COUNT;
			rows := rows + erased;
		END LOOP;
		total := total + rows;
		RETURN NEXT;
	END LOOP;
	IF total > 0 THEN
		EXECUTE format('INSERT INTO %I.followup_event (at, actor, db_role, session_role, what_changed) VALUES (clock_timestamp(), $1, $2, $3, ''erased'')', survey)
		USING coalesce(nullif(current_setting('nps.actor', true), ''), session_user::text), caller, session_user::text;
	END IF;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_erase_as_owner(text, text, text[]) IS 'the work of nps_erase()';

CREATE FUNCTION @extschema@.nps_remove_statistics(survey text, relation regclass)
	RETURNS void
	AS 'MODULE_PATHNAME'
	LANGUAGE C VOLATILE STRICT;
COMMENT ON FUNCTION @extschema@.nps_remove_statistics(text, regclass) IS 'part of nps_forget(): removes what ANALYZE keeps of a relation and its indexes';

CREATE FUNCTION @extschema@.nps_renew_statistics(survey text, relation regclass)
	RETURNS text
	LANGUAGE plpgsql VOLATILE STRICT
	SET search_path = pg_catalog, pg_temp
	-- long enough for autovacuum to make way
	SET lock_timeout = '3s'
	AS $body$
/*
 * Renews the statistics of a relation, with those of its partitions and
 * children.  The result is what is left to be done, as the end of a sentence;
 * NULL: nothing.
 */
DECLARE
	tree regclass[];
	is_own boolean;
	is_partitioned boolean;
BEGIN
	PERFORM @extschema@.nps_act_as_owner(survey);
	WITH RECURSIVE below AS (
		SELECT relation::oid AS id
		UNION
		SELECT i.inhrelid FROM below b JOIN pg_inherits i ON i.inhparent = b.id
	)
	SELECT array_agg(b.id::regclass ORDER BY b.id <> relation, b.id), bool_and(pg_has_role(c.relowner, 'USAGE')),
		bool_or(b.id = relation AND c.relkind = 'p')
	INTO tree, is_own, is_partitioned
	FROM below b JOIN pg_class c ON c.oid = b.id;
	IF NOT is_own THEN
		RETURN format('its statistics may still show them, until its owner runs ANALYZE %s', relation);
	END IF;
	PERFORM @extschema@.nps_remove_statistics(survey, t) FROM unnest(tree) t;
	-- that of a partitioned table is that of its partitions too
	EXECUTE 'ANALYZE ' || CASE WHEN is_partitioned THEN relation::text ELSE array_to_string(tree, ', ') END;
	RETURN NULL;
EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
	RETURN 'its statistics may still show them, as somebody has locked it: call nps_forget() again';
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_renew_statistics(text, regclass) IS 'part of nps_forget(): renews the statistics of a relation';

CREATE FUNCTION @extschema@.nps_forget(survey text, respondent text)
	RETURNS TABLE (relation text, rows bigint, what text)
	AS 'MODULE_PATHNAME', 'nps_as_owner'
	LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.nps_forget(text, text) IS 'erases a person from all tables of a survey, and tells what the source still holds';

CREATE FUNCTION @extschema@.nps_forget_as_owner(survey text, respondent text)
	RETURNS TABLE (relation text, rows bigint, what text)
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * Erases a person from the survey's tables, and from what is derived of these
 * and of the source: rollup and statistics.  Rows of the source are its owner's
 * to delete, before or after: to call it again finishes the rest.
 */
DECLARE
	found CONSTANT record := @extschema@.nps_find_person(survey, respondent, false);
	rollup CONSTANT regclass := to_regclass(format('%I.rollup', survey));
	changed regclass[] := '{}';	-- of which VACUUM takes away dead rows
	patience CONSTANT text := current_setting('lock_timeout');
	source_kind "char";
	trouble text;
	folded record;
	left_over CONSTANT text := CASE WHEN found.incomplete IS NULL THEN 'nothing is left' ELSE 'nothing is left that this session is shown' END;
BEGIN
	FOR relation, rows, what IN SELECT e.* FROM @extschema@.nps_erase(survey, respondent, found.answers) e LOOP
		what := concat_ws('; ', what, @extschema@.nps_renew_statistics(survey, relation::regclass));
		changed := changed || relation::regclass;
		RETURN NEXT;
	END LOOP;

	IF rollup IS NOT NULL AND found.source IS NOT NULL THEN
		relation := rollup;
		trouble := @extschema@.nps_rollup_trouble(rollup);
		IF trouble IS NOT NULL THEN
			rows := NULL;
			what := format('not kept, and may still count them: %s CALL nps_materialize(%L) makes it anew', trouble, survey);
		ELSE
			BEGIN
				PERFORM set_config('lock_timeout', '3s', true);
				folded := @extschema@.nps_compact_as_owner(survey);
				PERFORM set_config('lock_timeout', patience, true);
				rows := folded.rows_before - folded.rows_after;
				what := concat_ws('; ', CASE WHEN found.source_rows > 0 THEN 'folded: it counts what the source holds' ELSE 'folded' END,
					@extschema@.nps_renew_statistics(survey, rollup));
			EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
				rows := NULL;
				what := 'not folded, and may still count them, as somebody has locked it: call nps_forget() again';
			END;
			changed := changed || rollup;
		END IF;
		RETURN NEXT;
	END IF;

	rows := found.source_rows;
	IF found.source IS NULL THEN
		relation := (@extschema@.nps_survey_settings(survey)->>'attached_with')::jsonb->>'source';
		what := 'the source is gone';
	ELSE
		relation := found.source;
		SELECT c.relkind INTO source_kind FROM pg_class c WHERE c.oid = found.source;
		IF found.source_rows > 0 THEN
			what := format('still there, for its owner to delete or to make anonymous: %s; then call nps_forget() again', found.statement);
		ELSIF source_kind IN ('v', 'm') THEN
			what := left_over || '; statistics of the tables behind it may still show them, until their owner runs ANALYZE';
		ELSE
			what := concat_ws('; ', left_over, @extschema@.nps_renew_statistics(survey, found.source));
			changed := changed || found.source;
		END IF;
	END IF;
	RETURN NEXT;

	rows := NULL;
	IF found.incomplete IS NOT NULL THEN
		relation := format('%I.answer', survey);
		what := found.incomplete || ' Call nps_forget() again with the other settings.';
		RETURN NEXT;
	END IF;
	FOR relation IN
		WITH RECURSIVE above AS (
			SELECT c.oid FROM pg_class c
			WHERE c.oid = found.source OR c.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = survey)
				AND c.relname IN (SELECT o.object FROM @extschema@.nps_survey_comments() o WHERE o."column" IS NULL)
			UNION
			SELECT w.ev_class FROM above a
			JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = a.oid AND d.classid = 'pg_rewrite'::regclass
			JOIN pg_rewrite w ON w.oid = d.objid
		)
		SELECT c.oid::regclass FROM above a JOIN pg_class c ON c.oid = a.oid AND c.relkind = 'm'
		WHERE c.oid IS DISTINCT FROM found.source ORDER BY 1
	LOOP
		what := format('a copy that may hold them: REFRESH MATERIALIZED VIEW %s', relation);
		RETURN NEXT;
	END LOOP;

	relation := NULL;
	what := format('dead rows stay until VACUUM %s, pg_catalog.pg_statistic; other copies, such as backups and exports, are not known here',
		array_to_string(changed, ', '));
	RETURN NEXT;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_forget_as_owner(text, text) IS 'the work of nps_forget()';
