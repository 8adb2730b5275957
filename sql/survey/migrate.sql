/* nps/sql/survey/migrate.sql */

-- Brings the tables of a survey to what the installed version makes.  What was
-- made is remembered in the comment on a constraint of the table survey, which
-- only the owner can write, and which needs no row: the parts of each table, the
-- views and the comments.  What differs from that is the user's own and stays;
-- what this version makes differently is changed.
--
-- Rules for a version that changes a table: a column keeps its place and type and
-- is never removed.  A new column that is NOT NULL has a default; it comes last in
-- existing surveys, so no INSERT may depend on its place.  Rows of existing tables
-- do not change.  Constraints and indexes are added, changed and dropped by name.

CREATE FUNCTION @extschema@.nps_fingerprint(definition text)
	RETURNS text
	LANGUAGE sql IMMUTABLE STRICT
	RETURN pg_catalog.left(pg_catalog.md5(definition), 8);
COMMENT ON FUNCTION @extschema@.nps_fingerprint(text) IS 'part of nps_refresh_views(): the fingerprint by which a definition or a comment is remembered';

CREATE FUNCTION @extschema@.nps_made(survey text)
	RETURNS jsonb
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* What was made in a survey; NULL if that is not known, as after a restore without comments. */
BEGIN
	PERFORM @extschema@.nps_act_as_owner(survey);
	RETURN (SELECT obj_description(k.oid, 'pg_constraint')::jsonb FROM pg_constraint k
		WHERE k.conrelid = to_regclass(format('%I.survey', survey)) AND k.conname = 'set_by_nps_attach');
EXCEPTION WHEN invalid_text_representation THEN
	RETURN NULL;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_made(text) IS 'part of nps_refresh_views(): what nps_attach() made in a survey';

CREATE FUNCTION @extschema@.nps_remember(target text, made jsonb)
	RETURNS void
	LANGUAGE plpgsql VOLATILE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Notes what was made in a survey. */
BEGIN
	PERFORM @extschema@.nps_act_as_owner(target);
	IF @extschema@.nps_made(target) IS DISTINCT FROM made
		AND EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = format('%I.survey', target)::regclass AND k.conname = 'set_by_nps_attach')
	THEN
		EXECUTE format('COMMENT ON CONSTRAINT set_by_nps_attach ON %I.survey IS %L', target, made);
	END IF;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_remember(text, jsonb) IS 'part of nps_attach(): notes what was made in a survey';

CREATE FUNCTION @extschema@.nps_edition()
	RETURNS text
	LANGUAGE sql IMMUTABLE STRICT
	BEGIN ATOMIC
	/* the same in two versions of nps that make the same tables and views */
	SELECT @extschema@.nps_fingerprint(pg_catalog.string_agg(t.template, '' ORDER BY t.place)) FROM @extschema@.nps_survey_templates() t;
	END;
COMMENT ON FUNCTION @extschema@.nps_edition() IS 'part of nps_refresh_views(): names what this version of nps makes of a survey';

CREATE FUNCTION @extschema@.nps_is_outdated(survey text)
	RETURNS boolean
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Whether a survey was made by a version of nps that makes it differently. */
BEGIN
	RETURN coalesce(@extschema@.nps_made(survey)->>'edition' <> @extschema@.nps_edition(), false);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_is_outdated(text) IS 'part of nps_check(): whether a survey is to be brought to this version of nps';

CREATE FUNCTION @extschema@.nps_expect_current(survey text)
	RETURNS void
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* An error if a survey is of another version of nps: a single view of this one would not fit the others. */
BEGIN
	IF @extschema@.nps_is_outdated(survey) THEN
		RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
			MESSAGE = format('survey "%s" was made by another version of nps', survey),
			HINT = format('SELECT * FROM nps_refresh_views(%L) brings it to this version.', survey);
	END IF;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_expect_current(text) IS 'part of nps_materialize(): an error if a survey is to be brought to this version of nps first';

CREATE FUNCTION @extschema@.nps_table_parts(survey text, relation regclass, OUT place bigint, OUT part text, OUT definition text)
	RETURNS SETOF record
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The columns, constraints and indexes of a table, as the server describes them within the survey: in its path, where its owner may have put anything. */
BEGIN
	PERFORM @extschema@.nps_act_as_owner(survey);
	PERFORM set_config('search_path', @extschema@.nps_survey_path(survey), true);
	RETURN QUERY
		SELECT row_number() OVER (ORDER BY p.kind, p.number, p.name), concat(p.kind, ' ', replace(p.name, 'nps_made_', '')), replace(p.definition, 'nps_made_', '')
		FROM (
			SELECT 'column' AS kind, a.attnum::integer AS number, a.attname AS name, concat_ws(' ', format_type(a.atttypid, a.atttypmod),
				CASE WHEN a.attcollation <> t.typcollation THEN (SELECT format('COLLATE %I.%I', n.nspname, c.collname)
					FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace WHERE c.oid = a.attcollation) END,
				CASE WHEN a.attidentity <> '' THEN format('GENERATED %s AS IDENTITY', CASE a.attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END)
					WHEN a.attgenerated <> '' THEN format('GENERATED ALWAYS AS (%s) STORED', pg_get_expr(d.adbin, d.adrelid, true))
					WHEN d.oid IS NOT NULL THEN 'DEFAULT ' || pg_get_expr(d.adbin, d.adrelid, true) END,
				CASE WHEN a.attnotnull THEN 'NOT NULL' END) AS definition
			FROM pg_attribute a
			JOIN pg_type t ON t.oid = a.atttypid
			LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
			WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped
			UNION ALL
			SELECT 'constraint', 0, k.conname, pg_get_constraintdef(k.oid, true)
			FROM pg_constraint k
			WHERE k.conrelid = relation AND k.contype IN ('c', 'f', 'p', 'u', 'x')
			UNION ALL
			SELECT 'index', 0, c.relname, pg_get_indexdef(i.indexrelid, 0, true)
			FROM pg_index i
			JOIN pg_class c ON c.oid = i.indexrelid
			WHERE i.indrelid = relation AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = relation AND k.conindid = i.indexrelid)
		) p;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_table_parts(text, regclass) IS 'part of nps_refresh_views(): what a table of a survey is made of';

CREATE FUNCTION @extschema@.nps_table_made(survey text, name text, template text)
	RETURNS jsonb
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* How a table that was made from this template is remembered: itself, as part '', and its parts. */
BEGIN
	PERFORM @extschema@.nps_act_as_owner(survey);
	RETURN (SELECT jsonb_object_agg(p.part, @extschema@.nps_fingerprint(p.definition))
		FROM @extschema@.nps_table_parts(survey, format('%I.%I', survey, name)::regclass) p)
		|| jsonb_build_object('', @extschema@.nps_fingerprint(template));
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_table_made(text, text, text) IS 'part of nps_refresh_views(): as what a table of a survey is remembered';

CREATE FUNCTION @extschema@.nps_fit_rows(target text, "table" text, statement text)
	RETURNS boolean
	LANGUAGE plpgsql VOLATILE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Changes a table of a survey, unless its rows do not allow that: a warning. */
BEGIN
	PERFORM @extschema@.nps_act_as_owner(target);
	PERFORM @extschema@.nps_execute(statement, @extschema@.nps_survey_path(target));
	RETURN true;
EXCEPTION WHEN integrity_constraint_violation THEN
	RAISE WARNING USING
		MESSAGE = format('rows of %I.%I do not meet what this version of nps requires: %s', target, "table", sqlerrm),
		DETAIL = format('It was: %s', statement),
		HINT = format('Correct the rows, then SELECT * FROM nps_refresh_views(%L).', target);
	RETURN false;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_fit_rows(text, text, text) IS 'part of nps_refresh_views(): changes a table of a survey, if its rows allow it';

CREATE FUNCTION @extschema@.nps_fit_column(target text, "table" text, "column" text)
	RETURNS boolean
	LANGUAGE plpgsql VOLATILE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Gives a column of a survey's table the default and nullability of the one in the table beside it; false if its rows do not allow that. */
DECLARE
	alter_column CONSTANT text := format('ALTER TABLE %I.%I ALTER COLUMN %I ', target, "table", "column");
	wanted record;
	existing record;
BEGIN
	PERFORM @extschema@.nps_act_as_owner(target);
	SELECT a.*, pg_get_expr(d.adbin, d.adrelid) AS expression INTO wanted
	FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
	WHERE a.attrelid = format('%I.%I', target, 'nps_made_' || "table")::regclass AND a.attname = "column";
	SELECT a.*, pg_get_expr(d.adbin, d.adrelid) AS expression INTO existing
	FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
	WHERE a.attrelid = format('%I.%I', target, "table")::regclass AND a.attname = "column";
	IF (wanted.atttypid, wanted.attcollation) <> (existing.atttypid, existing.attcollation) THEN
		RAISE EXCEPTION USING ERRCODE = 'datatype_mismatch',
			MESSAGE = format('column "%s" of %I.%I is of type %s, and nps needs %s', "column", target, "table",
				format_type(existing.atttypid, -1), format_type(wanted.atttypid, -1)),
			HINT = 'Give it that type, or another name if it is a column of your own.';
	END IF;
	IF wanted.attgenerated = '' AND existing.attgenerated <> '' THEN
		EXECUTE alter_column || 'DROP EXPRESSION';
		existing.expression := NULL;
	END IF;
	IF wanted.attgenerated = '' AND existing.attgenerated = '' AND wanted.expression IS DISTINCT FROM existing.expression THEN
		PERFORM @extschema@.nps_execute(alter_column || coalesce('SET DEFAULT ' || wanted.expression, 'DROP DEFAULT'), @extschema@.nps_survey_path(target));
	END IF;
	IF existing.attnotnull AND NOT wanted.attnotnull THEN
		EXECUTE alter_column || 'DROP NOT NULL';
	END IF;
	RETURN existing.attnotnull OR NOT wanted.attnotnull OR @extschema@.nps_fit_rows(target, "table", alter_column || 'SET NOT NULL');
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_fit_column(text, text, text) IS 'part of nps_refresh_views(): a column of a survey as this version makes it';

CREATE FUNCTION @extschema@.nps_fit_table(target text, name text, template text, made jsonb)
	RETURNS jsonb
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * Changes in an existing table what this version makes differently from the one
 * that made it; the result is what is made now.  A table of this version is made
 * beside it, empty, so that the server tells what it consists of.  Columns are
 * added and never removed.
 */
DECLARE
	path CONSTANT text := @extschema@.nps_survey_path(target);
	alter_table CONSTANT text := format('ALTER TABLE %I.%I ', target, name);
	beside text := template;
	changed record;
	kind text;
	item text;
	unfit text[] := '{}';		-- what the rows do not allow, and is tried again next time
BEGIN
	PERFORM @extschema@.nps_act_as_owner(target);
	IF made->>'' = @extschema@.nps_fingerprint(template) THEN
		RETURN made;
	END IF;
	-- nothing there may have the name of what is there: indexes, and constraints that have one
	beside := regexp_replace(beside, '\mCONSTRAINT (?=[a-z])', 'CONSTRAINT nps_made_', 'g');
	beside := regexp_replace(beside, '\mINDEX (?=[a-z_]+ ON )', 'INDEX nps_made_', 'g');
	beside := regexp_replace(beside, format('\m(INDEX (?:[a-z_]+ )?ON )(?=%s )', name), '\1nps_made_', 'g');
	PERFORM @extschema@.nps_execute(format('CREATE TABLE %I.%I %s', target, 'nps_made_' || name, beside), path);
	FOR changed IN
		SELECT part, w.definition AS wanted, e.definition AS existing
		FROM @extschema@.nps_table_parts(target, format('%I.%I', target, 'nps_made_' || name)::regclass) w
		FULL JOIN jsonb_each_text(made) m(part, definition) USING (part)
		LEFT JOIN @extschema@.nps_table_parts(target, format('%I.%I', target, name)::regclass) e USING (part)
		WHERE part <> '' AND m.definition IS DISTINCT FROM @extschema@.nps_fingerprint(w.definition)
		ORDER BY w.place, part
	LOOP
		kind := split_part(changed.part, ' ', 1);
		item := substr(changed.part, length(kind) + 2);
		IF kind = 'column' THEN
			IF changed.wanted IS NULL THEN
				CONTINUE;
			ELSIF changed.existing IS NULL THEN
				PERFORM @extschema@.nps_execute(alter_table || format('ADD COLUMN %I %s', item, changed.wanted), path);
			ELSIF NOT @extschema@.nps_fit_column(target, name, item) THEN
				unfit := unfit || changed.part;
			END IF;
		ELSIF changed.wanted IS DISTINCT FROM changed.existing THEN
			IF changed.existing IS NOT NULL THEN
				EXECUTE CASE kind WHEN 'constraint' THEN alter_table || format('DROP CONSTRAINT %I', item) ELSE format('DROP INDEX %I.%I', target, item) END;
			END IF;
			IF changed.wanted IS NOT NULL AND NOT @extschema@.nps_fit_rows(target, name,
				CASE kind WHEN 'constraint' THEN alter_table || format('ADD CONSTRAINT %I %s', item, changed.wanted) ELSE changed.wanted END)
			THEN
				unfit := unfit || changed.part;
			END IF;
		END IF;
	END LOOP;
	made := @extschema@.nps_table_made(target, 'nps_made_' || name, template);
	EXECUTE format('DROP TABLE %I.%I', target, 'nps_made_' || name);
	RETURN CASE WHEN unfit = '{}' THEN made ELSE made - unfit - '' END;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_fit_table(text, text, text, jsonb) IS 'part of nps_refresh_views(): a table of a survey as this version makes it';

CREATE FUNCTION @extschema@.nps_make_tables(target text, names text[], placeholders jsonb, made jsonb)
	RETURNS jsonb
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Makes these tables of a survey, or what is to be changed in them; the result is what is made now. */
DECLARE
	tables jsonb := coalesce(made->'tables', '{}');
	part record;
BEGIN
	PERFORM @extschema@.nps_act_as_owner(target);
	FOR part IN
		SELECT t.object, @extschema@.nps_fill(@extschema@.nps_table_template(t.template), placeholders) AS template
		FROM @extschema@.nps_survey_templates() t
		WHERE t.kind = 'table' AND t.object = ANY (names)
		ORDER BY t.place
	LOOP
		IF to_regclass(format('%I.%I', target, part.object)) IS NULL THEN
			PERFORM @extschema@.nps_create_table(target, part.object, placeholders);
			tables := tables || jsonb_build_object(part.object, @extschema@.nps_table_made(target, part.object, part.template));
		ELSE
			PERFORM @extschema@.nps_expect_made(target, part.object, 'table', tables ? part.object OR NOT coalesce(made ? 'views', false));
			tables := tables || jsonb_build_object(part.object,
				@extschema@.nps_fit_table(target, part.object, part.template, coalesce(tables->part.object, '{}')));
		END IF;
	END LOOP;
	RETURN coalesce(made, '{}') || jsonb_build_object('tables', tables);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_make_tables(text, text[], jsonb, jsonb) IS 'part of nps_attach(): makes tables of a survey, or changes them to what this version makes';

CREATE FUNCTION @extschema@.nps_expect_made(target text, object text, kind text, is_made boolean)
	RETURNS void
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* An error if a relation that this version of nps adds exists already and belongs to somebody else. */
BEGIN
	IF NOT is_made THEN
		RAISE EXCEPTION USING ERRCODE = 'duplicate_table',
			MESSAGE = format('there is a relation %I.%I, and this version of nps makes a %s of that name', target, object, kind),
			HINT = 'Rename it, or move it to another schema.';
	END IF;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_expect_made(text, text, text, boolean) IS 'part of nps_refresh_views(): an error if somebody''s own relation is named like one of the survey';
