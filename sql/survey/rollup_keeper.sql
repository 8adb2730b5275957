/* nps/sql/survey/rollup_keeper.sql */

CREATE FUNCTION @extschema@.nps_keeper_name(survey text, purpose text)
	RETURNS name
	LANGUAGE sql IMMUTABLE STRICT
	BEGIN ATOMIC
	/* as long a name as a trigger may have */
	SELECT pg_catalog.format('nps_rollup_%s_%s', $2, CASE WHEN pg_catalog.octet_length($1) OPERATOR(pg_catalog.<=) 43 THEN $1 ELSE pg_catalog.md5($1) END)::name;
	END;
COMMENT ON FUNCTION @extschema@.nps_keeper_name(text, text) IS 'part of nps_materialize(): the name of a trigger that keeps a rollup current';

CREATE FUNCTION @extschema@.nps_create_keeper(survey text, relation regclass, purpose text, makes text, fires text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* One trigger on the source, or on a partition; "makes" has %s for that. */
DECLARE
	arguments CONSTANT jsonb := @extschema@.nps_survey_arguments(survey);
	keeper CONSTANT name := @extschema@.nps_keeper_name(survey, purpose);
BEGIN
	PERFORM @extschema@.nps_expect_owner(survey);
	-- one that was left behind maintains nothing
	IF EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = relation AND t.tgname = keeper AND t.tgfoid = '@extschema@.nps_keep_rollup()'::regprocedure) THEN
		EXECUTE format('DROP TRIGGER %I ON %s', keeper, relation);
	END IF;
	-- the constant makes the trigger go with the rollup, and tells it where to write
	EXECUTE format('CREATE TRIGGER %I ', keeper) || format(makes, relation)
		|| format(' WHEN (%L::regclass IS NOT NULL) EXECUTE FUNCTION @extschema@.nps_keep_rollup(%L, %L)',
			format('%I.rollup', survey), arguments->>'time_zone', arguments->>'scale');
	IF fires IS NOT NULL THEN
		EXECUTE format('ALTER TABLE %s ENABLE %s TRIGGER %I', relation, fires, keeper);
	END IF;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_create_keeper(text, regclass, text, text, text) IS 'part of nps_materialize(): makes a trigger that keeps a rollup current';

CREATE FUNCTION @extschema@.nps_part_keepers(survey text, part regclass, OUT purpose text, OUT makes text, OUT name name, OUT is_enabled boolean)
	RETURNS SETOF record
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The triggers that a partition, or a table between it and the source, must have: the one for rows from the partitioned
 * table, and its own for statements, which are not handed down.  One that is missing has no name.  They are known by the
 * rollup that they keep, as they keep their names when somebody renames the survey.
 */
BEGIN
	RETURN QUERY
	WITH RECURSIVE original AS (
		-- only the trigger that others were copied from depends on the rollup
		SELECT t.oid AS keeper, t.oid AS trigger, t.tgparentid
		FROM pg_trigger t
		WHERE t.tgrelid = part AND t.tgfoid = '@extschema@.nps_keep_rollup()'::regprocedure
		UNION ALL
		SELECT o.keeper, p.oid, p.tgparentid FROM original o JOIN pg_trigger p ON p.oid = o.tgparentid
	), keeper AS (
		SELECT t.tgname, t.tgtype, t.tgenabled, t.tgparentid
		FROM original o
		JOIN pg_trigger t ON t.oid = o.keeper
		WHERE o.tgparentid = 0 AND EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_trigger'::regclass AND d.objid = o.trigger
			AND d.refclassid = 'pg_class'::regclass AND d.refobjid = to_regclass(format('%I.rollup', survey)))
	)
	SELECT p.purpose, p.makes, k.tgname, k.tgenabled = 'A'
	FROM (VALUES (NULL, 'row', 29, NULL),
		(NULL, 'after', 28, 'AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH STATEMENT'),
		(true, 'before', 62, 'BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON %s FOR EACH STATEMENT'),
		(true, 'truncate', 32, 'AFTER TRUNCATE ON %s FOR EACH STATEMENT'),
		-- TRUNCATE of a table between calls the triggers of the partitions
		(false, 'before', 30, 'BEFORE INSERT OR UPDATE OR DELETE ON %s FOR EACH STATEMENT')) AS p(of_leaf, purpose, type, makes)
	LEFT JOIN keeper k ON k.tgtype = p.type AND (p.purpose <> 'row' OR k.tgparentid <> 0)
	WHERE p.of_leaf IS NULL OR p.of_leaf = (SELECT c.relkind <> 'p' FROM pg_class c WHERE c.oid = part);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_part_keepers(text, regclass) IS 'part of nps_materialize(): the triggers that a partition must have, and those that it has';

CREATE FUNCTION @extschema@.nps_complete_part(survey text, part regclass, anew boolean)
	RETURNS void
	LANGUAGE plpgsql VOLATILE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * Makes what a partition, or a table between, lacks.
 *
 * Those of a partition that is to be counted are written anew, even if they are as they should be: the transaction that
 * wrote them last shows what is counted.  Within a subtransaction that is an id that nothing after it has, not even what
 * the caller's transaction does.  Of a table between, what is as it should be is left alone: it also is what other
 * partitions below were counted with.
 */
DECLARE
	keeper record;
BEGIN
	PERFORM @extschema@.nps_expect_owner(survey);
	-- somebody else may be doing the same
	EXECUTE format('LOCK TABLE ONLY %s IN SHARE ROW EXCLUSIVE MODE', part);
	FOR keeper IN SELECT k.* FROM @extschema@.nps_part_keepers(survey, part) k WHERE anew OR k.is_enabled IS NOT TRUE LOOP
		IF keeper.name IS NOT NULL THEN
			EXECUTE format('ALTER TABLE ONLY %s ENABLE REPLICA TRIGGER %I', part, keeper.name);
			EXECUTE format('ALTER TABLE ONLY %s ENABLE ALWAYS TRIGGER %I', part, keeper.name);
		ELSIF keeper.makes IS NOT NULL THEN
			PERFORM @extschema@.nps_create_keeper(survey, part, keeper.purpose, keeper.makes, 'ALWAYS');
		END IF;
	END LOOP;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_complete_part(text, regclass, boolean) IS 'part of nps_materialize(): makes the triggers of a partition complete';

CREATE FUNCTION @extschema@.nps_complete_parts(survey text, with_leaves boolean)
	RETURNS boolean
	LANGUAGE plpgsql VOLATILE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The same for all tables between, and for all partitions if these are wanted, that came since.  Writers wait for that:
 * what somebody uses is left for the next time, and while one is locked, another is not waited for.  Returns whether one is.
 */
DECLARE
	source CONSTANT regclass := @extschema@.nps_survey_source(survey);
	part record;
	patience CONSTANT text := current_setting('lock_timeout');
	has_locked boolean := false;
BEGIN
	PERFORM @extschema@.nps_expect_owner(survey);
	FOR part IN
		-- pg_partition_tree() would lock all of them
		WITH RECURSIVE below AS (
			SELECT i.inhrelid FROM pg_inherits i WHERE i.inhparent = source
			UNION ALL
			SELECT i.inhrelid FROM below b JOIN pg_inherits i ON i.inhparent = b.inhrelid
		)
		SELECT c.oid::regclass AS part, false AS anew
		FROM below b
		JOIN pg_class c ON c.oid = b.inhrelid AND c.relkind = 'p'
		WHERE EXISTS (SELECT FROM @extschema@.nps_part_keepers(survey, c.oid) k WHERE k.is_enabled IS NOT TRUE AND (k.name IS NOT NULL OR k.makes IS NOT NULL))
		UNION ALL
		SELECT l.leaf, true
		FROM @extschema@.nps_rollup_leaves(format('%I.rollup', survey)::regclass) l
		WHERE with_leaves AND NOT l.has_triggers AND l.leaf <> source
	LOOP
		BEGIN
			PERFORM set_config('lock_timeout', CASE WHEN has_locked THEN '1ms' ELSE '200ms' END, true);
			PERFORM @extschema@.nps_complete_part(survey, part.part, part.anew);
			has_locked := true;
		EXCEPTION WHEN lock_not_available OR deadlock_detected OR undefined_table OR undefined_object OR duplicate_object OR object_in_use OR insufficient_privilege THEN
			RAISE NOTICE USING MESSAGE = format('partition %s is not counted yet: %s', part.part, SQLERRM),
				HINT = format('Call nps_compact(%L) later.', survey);
		END;
	END LOOP;
	PERFORM set_config('lock_timeout', patience, true);
	RETURN has_locked;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_complete_parts(text, boolean) IS 'part of nps_materialize(): makes the triggers of all partitions, and of the tables between, complete';

CREATE FUNCTION @extschema@.nps_part_of_other(source regclass, uncounted_by regclass, OUT part regclass, OUT detail text, OUT fix text)
	RETURNS record
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * A partition, or a table between it and the source, on which the owner of the survey, as whom this is called, cannot put
 * triggers; of those that a rollup does not count, if that is given.
 */
BEGIN
	SELECT c.oid, format('Partition %s belongs to %s: the owner of the survey cannot put triggers on it.', c.oid::regclass, c.relowner::regrole),
		format('ALTER TABLE %s OWNER TO %I;', c.oid::regclass, current_user)
	INTO part, detail, fix
	FROM pg_partition_tree(source) p
	JOIN pg_class c ON c.oid = p.relid
	WHERE p.level > 0 AND NOT pg_has_role(c.relowner, 'USAGE')
		AND (uncounted_by IS NULL OR c.oid IN (
			SELECT a.relid FROM @extschema@.nps_rollup_leaves(uncounted_by) l CROSS JOIN pg_partition_ancestors(l.leaf) a WHERE NOT l.is_counted))
	ORDER BY p.level, c.oid::regclass::text COLLATE "C"
	LIMIT 1;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_part_of_other(regclass, regclass) IS 'part of nps_materialize(): a partition that belongs to somebody else';
