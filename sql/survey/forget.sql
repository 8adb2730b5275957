/* nps/sql/survey/forget.sql */

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
 * First locks the rows that others change when they record something, in
 * the same order: concerns before cases.  What they record is then there, or
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
	-- that of a partitioned table includes its partitions
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
 * Erases a person from the survey's tables, and from what is derived from these
 * and from the source: rollup and statistics.  Rows of the source are its owner's
 * to delete, before or after: calling it again finishes the rest.
 */
DECLARE
	found CONSTANT record := @extschema@.nps_find_person(survey, respondent, false);
	rollup CONSTANT regclass := to_regclass(format('%I.rollup', survey));
	changed regclass[] := '{}';	-- VACUUM removes the dead rows of these
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
