/* nps/sql/survey/views.sql */

CREATE FUNCTION @extschema@.nps_columns_of(object text, segments text[])
	RETURNS text[]
	LANGUAGE sql IMMUTABLE STRICT
	BEGIN ATOMIC
	/* in the order of the file */
	SELECT pg_catalog.array_agg(coalesce(s.name, m."column") ORDER BY m.place, s.place)
	FROM @extschema@.nps_survey_comments() WITH ORDINALITY AS m(object_place, object, "column", comment, place)
	LEFT JOIN LATERAL pg_catalog.unnest(segments) WITH ORDINALITY AS s(name, place) ON m."column" OPERATOR(pg_catalog.~) '^<<'
	WHERE m.object OPERATOR(pg_catalog.=) $1 AND (m."column" OPERATOR(pg_catalog.!~) '^<<' OR s.name IS NOT NULL);
	END;
COMMENT ON FUNCTION @extschema@.nps_columns_of(text, text[]) IS 'part of nps_attach(): the columns of a view or table of a survey with these segments';

CREATE FUNCTION @extschema@.nps_columns_there(relation regclass)
	RETURNS text[]
	LANGUAGE sql STABLE
	RETURN (SELECT coalesce(pg_catalog.array_agg(a.attname::text ORDER BY a.attnum), '{}')
		FROM pg_catalog.pg_attribute a
		WHERE a.attrelid OPERATOR(pg_catalog.=) relation AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped);
COMMENT ON FUNCTION @extschema@.nps_columns_there(regclass) IS 'part of nps_attach(): the columns that a view or table has; none for NULL';

CREATE FUNCTION @extschema@.nps_columns_in_place(existing text[], wanted text[])
	RETURNS text[]
	LANGUAGE sql IMMUTABLE STRICT
	RETURN (
		/* Existing columns stay where they are, and the others follow.  Where one is gone, the order is free. */
		SELECT pg_catalog.array_agg(w.name ORDER BY e.place, w.place)
		FROM pg_catalog.unnest(wanted) WITH ORDINALITY AS w(name, place)
		LEFT JOIN pg_catalog.unnest(existing) WITH ORDINALITY AS e(name, place)
			ON e.name OPERATOR(pg_catalog.=) w.name AND existing OPERATOR(pg_catalog.<@) wanted);
COMMENT ON FUNCTION @extschema@.nps_columns_in_place(text[], text[]) IS 'part of nps_attach(): the columns of a view, in the order in which it can replace one that is there';

CREATE FUNCTION @extschema@.nps_replace_view(target text, name text, columns text[], definition text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * Makes a view of a survey, or replaces it.  The columns that it has stay in
 * their places, and new ones follow them.  So the view stays the
 * same object, with its rights, triggers and comments, and what anybody built on
 * it goes on reading it, in any schema and with any owner.  To drop
 * that and make it again would take the rights of its owner, and would read its
 * definition again, by names that may mean something else by now.
 */
DECLARE
	existing CONSTANT text[] := @extschema@.nps_columns_there(to_regclass(format('%I.%I', target, name)));
	in_place CONSTANT text[] := @extschema@.nps_columns_in_place(existing, columns);
BEGIN
	PERFORM @extschema@.nps_act_as_owner(target);
	PERFORM @extschema@.nps_execute(format('CREATE OR REPLACE VIEW %I.%I WITH (security_invoker = true) AS %s', target, name,
		CASE WHEN in_place = columns THEN definition ELSE
			(SELECT format(E'SELECT %s FROM (\n%s\n) v', string_agg(format('v.%I', c), ', ' ORDER BY place), definition)
			FROM unnest(in_place) WITH ORDINALITY AS c(c, place)) END), @extschema@.nps_survey_path(target));
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_replace_view(text, text, text[], text) IS 'part of nps_attach(): makes or replaces a view of a survey';

CREATE FUNCTION @extschema@.nps_add_to_answer(survey text, "column" text, type regtype)
	RETURNS void
	AS 'MODULE_PATHNAME'
	LANGUAGE C VOLATILE STRICT;
COMMENT ON FUNCTION @extschema@.nps_add_to_answer(text, text, regtype) IS 'part of nps_refresh_views(): adds a column that is not mapped to the view answer';

CREATE FUNCTION @extschema@.nps_complete_answer(target text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The view answer, as it is, with a column for each argument that nps_attach()
 * has had since.  What its expressions are bound to stays; their text would be
 * understood again, and somebody may have made a function that fits it better.
 */
DECLARE
	answer CONSTANT regclass := format('%I.answer', target)::regclass;
	argument record;
BEGIN
	PERFORM @extschema@.nps_act_as_owner(target);
	FOR argument IN
		SELECT a.name, a.type_if_absent FROM @extschema@.nps_mapping_arguments() a
		WHERE a.name <> ALL (@extschema@.nps_columns_there(answer)) AND a.type_if_absent IS NOT NULL
		ORDER BY a.place
	LOOP
		PERFORM @extschema@.nps_add_to_answer(target, argument.name, argument.type_if_absent);
	END LOOP;
	IF (SELECT c.reloptions IS DISTINCT FROM '{security_invoker=true}' FROM pg_class c WHERE c.oid = answer) THEN
		EXECUTE format('ALTER VIEW %s SET (security_invoker = true)', answer);
	END IF;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_complete_answer(text) IS 'part of nps_refresh_views(): the view answer with all columns that it has in this version of nps';

CREATE FUNCTION @extschema@.nps_is_answer(target text, definition text, path text)
	RETURNS boolean
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Whether the view answer is what this definition makes: the server is asked, with a view beside it. */
DECLARE
	is_same boolean;
BEGIN
	PERFORM @extschema@.nps_act_as_owner(target);
	PERFORM @extschema@.nps_execute(format('CREATE VIEW %I.nps_made_answer AS %s', target, definition), path);
	is_same := (SELECT v.relkind = 'v' AND v.reloptions = '{security_invoker=true}'
			AND pg_get_viewdef(v.oid) = pg_get_viewdef(format('%I.nps_made_answer', target)::regclass)
		FROM pg_class v WHERE v.oid = to_regclass(format('%I.answer', target)));
	EXECUTE format('DROP VIEW %I.nps_made_answer', target);
	RETURN coalesce(is_same, false);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_is_answer(text, text, text) IS 'part of nps_attach(): whether the mapping of a survey is as it would be made';

CREATE FUNCTION @extschema@.nps_bound_to(answer regclass, OUT class regclass, OUT object oid, OUT owner oid)
	RETURNS SETOF record
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * What the view answer depends on besides its source, the types and collations
 * that the source has, and what belongs to the extension.  What pg_catalog has is
 * pinned, and in no list of dependencies; nor is who owns what the superuser that
 * made the server has: then the owner is NULL.
 */
DECLARE
	source CONSTANT oid := @extschema@.nps_mapping_source(answer);
BEGIN
	RETURN QUERY
		SELECT DISTINCT d.refclassid::regclass, d.refobjid, o.refobjid
		FROM pg_rewrite w
		JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
		LEFT JOIN pg_shdepend o ON o.dbid = (SELECT b.oid FROM pg_database b WHERE b.datname = current_database())
			AND o.classid = d.refclassid AND o.objid = d.refobjid AND o.objsubid = 0 AND o.deptype = 'o'
		WHERE w.ev_class = answer AND NOT CASE d.refclassid
			WHEN 'pg_class'::regclass THEN d.refobjid IN (answer, source)
			WHEN 'pg_type'::regclass THEN EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = source AND a.atttypid = d.refobjid)
			WHEN 'pg_collation'::regclass THEN EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = source AND a.attcollation = d.refobjid)
			ELSE EXISTS (SELECT FROM pg_depend e JOIN pg_extension x ON x.oid = e.refobjid AND x.extname = 'nps'
				WHERE e.classid = d.refclassid AND e.objid = d.refobjid AND e.deptype = 'e' AND e.refclassid = 'pg_extension'::regclass) END;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_bound_to(regclass) IS 'part of nps_attach(): which objects, and whose, a mapping uses beside its source';

CREATE FUNCTION @extschema@.nps_prove_answer(target text)
	RETURNS void
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The view answer was made again from what the survey was attached with, and
 * the caller has not chosen what its names mean now: an error if it uses
 * what belongs to somebody without the rights of the survey's owner.
 */
DECLARE
	answer CONSTANT regclass := format('%I.answer', target)::regclass;
	stranger text;
BEGIN
	SELECT format('View %s would use %s of "%s".', answer, pg_describe_object(b.class, b.object, 0), pg_get_userbyid(b.owner)) INTO stranger
	FROM @extschema@.nps_bound_to(answer) b
	WHERE b.owner IS NOT NULL AND NOT pg_has_role(b.owner, (SELECT c.relowner FROM pg_class c WHERE c.oid = answer), 'USAGE')
	ORDER BY 1 LIMIT 1;
	IF stranger IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
			MESSAGE = format('the mapping of survey "%s" would use objects of somebody other than its owner', target),
			DETAIL = stranger,
			HINT = 'If that is intended, attach the survey again: nps_attach(..., replace => true).';
	END IF;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_prove_answer(text) IS 'part of nps_refresh_views(): an error if a mapping that was made anew uses what belongs to others';

CREATE FUNCTION @extschema@.nps_drop_former_views(target text, made jsonb)
	RETURNS jsonb
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Drops the views that an earlier version made and this one does not, unless somebody uses them; the result is the list of our views. */
DECLARE
	ours jsonb := (SELECT jsonb_agg(t.object ORDER BY t.object) FROM @extschema@.nps_survey_templates() t WHERE t.kind = 'view');
	former record;
BEGIN
	PERFORM @extschema@.nps_act_as_owner(target);
	FOR former IN
		SELECT c.relname AS name, c.oid::regclass AS id
		FROM pg_class c
		WHERE c.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = target) AND c.relkind = 'v'
			AND made->'views' ? c.relname AND NOT ours ? c.relname
		-- views that read others were made after these
		ORDER BY c.oid DESC
	LOOP
		BEGIN
			EXECUTE format('DROP VIEW %s', former.id);
		EXCEPTION WHEN dependent_objects_still_exist THEN
			RAISE WARNING USING
				MESSAGE = format('view %s is no longer a part of the survey, but others use it', former.id),
				HINT = format('Change these, then SELECT * FROM nps_refresh_views(%L).', target);
			ours := ours || to_jsonb(former.name);
		END;
	END LOOP;
	RETURN ours;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_drop_former_views(text, jsonb) IS 'part of nps_refresh_views(): drops views that are no longer a part of a survey';
