/* nps/sql/survey/rollup_build.sql */

CREATE FUNCTION @extschema@.nps_drop_rest_of_rollup(survey text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* What is left behind if somebody renamed or moved a rollup: its triggers on the source, if that still exists, and the table beside it. */
DECLARE
	source CONSTANT regclass := (SELECT s.source FROM @extschema@.nps_surveys() s WHERE s.survey = nps_drop_rest_of_rollup.survey);
	statement text;
BEGIN
	PERFORM @extschema@.nps_expect_owner(survey);
	FOR statement IN
		SELECT format('DROP TRIGGER %I ON %s', t.tgname, t.tgrelid::regclass)
		FROM pg_trigger t
		JOIN pg_class c ON c.oid = t.tgrelid AND pg_has_role(c.relowner, 'USAGE')
		WHERE t.tgfoid = '@extschema@.nps_keep_rollup()'::regprocedure AND t.tgparentid = 0
			AND (t.tgrelid = source OR t.tgrelid IN (SELECT p.relid FROM pg_partition_tree(source) p))
			AND t.tgname IN (SELECT @extschema@.nps_keeper_name(survey, k) FROM unnest(ARRAY['before', 'insert', 'update', 'delete', 'row', 'after', 'truncate']) k)
	LOOP
		EXECUTE statement;
	END LOOP;
	IF to_regclass(format('%I.rollup_part', survey)) IS NOT NULL THEN
		EXECUTE format('DROP TABLE %I.rollup_part', survey);
	END IF;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_drop_rest_of_rollup(text) IS 'part of nps_materialize(): drops what is left of a rollup that was renamed or moved';

CREATE FUNCTION @extschema@.nps_drop_rollup(survey text, only_if_lost boolean DEFAULT false)
	RETURNS void
	LANGUAGE plpgsql VOLATILE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The triggers on the source, and the rollup that they maintain. */
DECLARE
	rollup regclass;
	statement text;
BEGIN
	PERFORM @extschema@.nps_expect_owner(survey);
	PERFORM @extschema@.nps_lock_survey(survey, CASE WHEN coalesce(to_regclass(format('%I.rollup', survey)), to_regclass(format('%I.rollup_part', survey))) IS NULL
		THEN 'survey' ELSE 'triggers' END);
	PERFORM @extschema@.nps_expect_owner(survey);
	rollup := to_regclass(format('%I.rollup', survey));
	-- somebody else may have made it anew meanwhile
	IF only_if_lost AND rollup IS NOT NULL AND NOT @extschema@.nps_rollup_is_lost(survey) THEN
		RETURN;
	END IF;
	IF rollup IS NULL THEN
		PERFORM @extschema@.nps_drop_rest_of_rollup(survey);
		RETURN;
	END IF;
	FOR statement IN
		SELECT DISTINCT format('DROP TRIGGER %I ON %s', t.tgname, t.tgrelid::regclass)
		FROM pg_trigger t
		JOIN pg_class c ON c.oid = t.tgrelid AND pg_has_role(c.relowner, 'USAGE')
		JOIN pg_depend d ON d.classid = 'pg_trigger'::regclass AND d.objid = t.oid
			AND d.refclassid = 'pg_class'::regclass AND d.refobjid = rollup
		WHERE t.tgfoid = '@extschema@.nps_keep_rollup()'::regprocedure AND t.tgparentid = 0
	LOOP
		EXECUTE statement;
	END LOOP;
	-- those on partitions that were given away since go with the rollup; but nothing of anybody else does
	EXECUTE format('DROP TABLE %I.rollup', survey) || CASE WHEN NOT EXISTS (
		SELECT d.classid, d.objid
		FROM pg_depend d
		WHERE (d.deptype = 'n' OR d.deptype = 'a' AND d.classid = 'pg_class'::regclass) AND (d.refclassid = 'pg_class'::regclass AND d.refobjid = rollup
			OR d.refclassid = 'pg_type'::regclass AND d.refobjid IN (SELECT t.oid FROM pg_type t WHERE rollup IN (t.typrelid, (SELECT e.typrelid FROM pg_type e WHERE e.typarray = t.oid))))
		EXCEPT
		SELECT 'pg_trigger'::regclass, t.oid FROM pg_trigger t WHERE t.tgfoid = '@extschema@.nps_keep_rollup()'::regprocedure
		EXCEPT
		SELECT d.classid, d.objid FROM pg_depend d WHERE d.deptype IN ('a', 'i') AND d.classid <> 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = rollup
		) THEN ' CASCADE' ELSE '' END;
	IF to_regclass(format('%I.rollup_part', survey)) IS NOT NULL THEN
		EXECUTE format('DROP TABLE %I.rollup_part', survey);
	END IF;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_drop_rollup(text, boolean) IS 'part of nps_dematerialize(): drops a rollup and the triggers that keep it';

CREATE FUNCTION @extschema@.nps_create_rollup(survey text)
	RETURNS regclass
	LANGUAGE plpgsql VOLATILE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * Makes the empty rollup and the triggers that maintain it, where there is none.
 *
 * A segment is stored as text, as the reports show it; or as it is, if its text
 * depends on settings.  There must be nothing on the rollup that has to see new
 * rows, as rows are put into it directly.
 */
DECLARE
	arguments jsonb;
	source regclass;
	names text[];
	taken CONSTANT text[] := ARRAY['day', 'added', 'removed', 'unanswered', 'rejected', 'with_comment', 'answered', 'leaf'];
	segment record;
	columns text := '';
	trouble text;
	event record;
	statement text;
	object text;
	other record;
BEGIN
	PERFORM @extschema@.nps_expect_owner(survey);
	-- writers have to wait only where triggers are made
	PERFORM @extschema@.nps_lock_survey(survey, CASE WHEN to_regclass(format('%I.rollup', survey)) IS NULL THEN 'triggers' ELSE 'survey' END);
	PERFORM @extschema@.nps_expect_owner(survey);
	IF to_regclass(format('%I.rollup', survey)) IS NOT NULL THEN
		PERFORM @extschema@.nps_complete_parts(survey, true);
		RETURN to_regclass(format('%I.rollup', survey));
	END IF;
	PERFORM @extschema@.nps_expect_current(survey);
	PERFORM @extschema@.nps_drop_rest_of_rollup(survey);
	arguments := @extschema@.nps_survey_arguments(survey);
	source := @extschema@.nps_survey_source(survey);
	SELECT * INTO other FROM @extschema@.nps_part_of_other(source, NULL);
	trouble := coalesce(@extschema@.nps_hidden_rows(source), CASE WHEN @extschema@.nps_is_hypertable(source)
		THEN format('%s is a hypertable: its rows are in tables that inherit from it, and changes of these cannot be seen.', source)
		WHEN @extschema@.nps_is_distributed(format('%I.answer', survey)::regclass) THEN format('%s is distributed by Citus, which has no triggers for statements.', source) END,
		other.detail);
	names := (SELECT v.segment_names FROM @extschema@.nps_answer_facts(survey, source, arguments) v);
	-- a row of the rollup must fit into a page, and of each value up to 24 bytes stay in it
	IF cardinality(names) > 300 THEN
		trouble := format('It has %s segments, and a row of the rollup has room for 300.', cardinality(names));
	END IF;
	FOR segment IN
		WITH RECURSIVE below AS (
			SELECT a.attname, a.attcollation, s.place, a.atttypid AS type
			FROM unnest(names) WITH ORDINALITY AS s(name, place)
			JOIN pg_attribute a ON a.attrelid = format('%I.answer', survey)::regclass AND a.attname = s.name
			UNION ALL
			SELECT b.attname, b.attcollation, b.place, t.typbasetype FROM below b JOIN pg_type t ON t.oid = b.type AND t.typtype = 'd'
		)
		SELECT b.attname, t.oid::regtype AS type, t.typtype, b.attcollation
		FROM below b JOIN pg_type t ON t.oid = b.type AND t.typtype <> 'd'
		ORDER BY b.place
	LOOP
		IF segment.attname = ANY (taken) THEN
			trouble := format('Segment "%s" is named like a column of the rollup; attach it under another name.', segment.attname);
		ELSIF EXISTS (SELECT FROM pg_collation c WHERE c.oid = segment.attcollation AND NOT c.collisdeterministic) THEN
			trouble := format('Segment "%s" has a collation by which different texts are equal; attach it under another one.', segment.attname);
		END IF;
		columns := columns || format('%I %s, ', segment.attname, CASE
			WHEN segment.typtype = 'e' OR segment.type IN ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype, 'time'::regtype)
			THEN format_type(segment.type, -1) ELSE 'text' END);
	END LOOP;

	IF trouble IS NULL THEN
		FOREACH object IN ARRAY ARRAY['rollup', 'rollup_part'] LOOP
			PERFORM @extschema@.nps_create_table(survey, object, jsonb_build_object('segment_types', columns),
				is_logged => (SELECT c.relpersistence <> 'u' FROM pg_class c WHERE c.oid = source));
			-- folding deletes rows, which a publication of all tables must be able to tell
			EXECUTE format('ALTER TABLE %I.%I REPLICA IDENTITY FULL', survey, object);
			EXECUTE format('CREATE TRIGGER nps_rollup_guard BEFORE INSERT OR UPDATE OR DELETE ON %I.%I FOR EACH ROW EXECUTE FUNCTION @extschema@.nps_guard_rollup()', survey, object);
			EXECUTE format('ALTER TABLE %I.%I ENABLE ALWAYS TRIGGER nps_rollup_guard', survey, object);
		END LOOP;
		EXECUTE format('CREATE TRIGGER nps_rollup_emptied BEFORE TRUNCATE ON %I.rollup FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.nps_guard_rollup()', survey);
		EXECUTE format('ALTER TABLE %I.rollup ENABLE ALWAYS TRIGGER nps_rollup_emptied', survey);
		EXECUTE format('ALTER TABLE %I.rollup ENABLE ROW LEVEL SECURITY', survey);
		EXECUTE format('CREATE POLICY as_the_source ON %1$I.rollup FOR SELECT USING (@extschema@.nps_rollup_may_be_read(%2$L::regclass))',
			survey, format('%I.rollup', survey));
		trouble := @extschema@.nps_rollup_trouble(format('%I.rollup', survey)::regclass, false);
	END IF;
	IF trouble IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
			MESSAGE = format('survey "%s" cannot be materialized', survey),
			DETAIL = trouble,
			HINT = 'Its reports are exact without, and read the source.' || CASE WHEN trouble = other.detail THEN ' First: ' || other.fix ELSE '' END || coalesce((
				SELECT string_agg(' ' || c.hint, '') FILTER (WHERE c.expression IS NOT NULL)
				FROM @extschema@.nps_mapping_troubles(survey, @extschema@.nps_survey_source(survey), @extschema@.nps_survey_arguments(survey)) t
				CROSS JOIN LATERAL @extschema@.nps_mapping_cure(@extschema@.nps_survey_source(survey), t.argument, @extschema@.nps_survey_arguments(survey)) c), '');
	END IF;

	-- roles that read reports may read the view answer
	FOR statement IN
		SELECT format('GRANT SELECT ON %I.rollup TO %s', survey, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END)
		FROM pg_class t CROSS JOIN LATERAL aclexplode(t.relacl) a
		WHERE t.oid = format('%I.answer', survey)::regclass AND a.privilege_type = 'SELECT' AND a.grantee <> t.relowner
	LOOP
		EXECUTE statement;
	END LOOP;
	PERFORM @extschema@.nps_describe_survey(survey, names, @extschema@.nps_own_comments(survey, @extschema@.nps_made(survey)));

	-- writers wait from here on until the end of the transaction
	FOR event IN
		SELECT e.name, e.makes, e.fires
		FROM (VALUES (false, 'before', 'BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON %s FOR EACH STATEMENT', NULL),
			(false, 'insert', 'AFTER INSERT ON %s REFERENCING NEW TABLE AS added FOR EACH STATEMENT', NULL),
			(false, 'update', 'AFTER UPDATE ON %s REFERENCING NEW TABLE AS added OLD TABLE AS removed FOR EACH STATEMENT', NULL),
			(false, 'delete', 'AFTER DELETE ON %s REFERENCING OLD TABLE AS removed FOR EACH STATEMENT', NULL),
			(false, 'row', 'AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW', 'REPLICA'),
			(true, 'before', 'BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON %s FOR EACH STATEMENT', 'ALWAYS'),
			(true, 'row', 'AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW', 'ALWAYS'),
			(true, 'after', 'AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH STATEMENT', 'ALWAYS')) AS e(is_partitioned, name, makes, fires)
		WHERE e.is_partitioned = (SELECT c.relkind = 'p' FROM pg_class c WHERE c.oid = source)
	LOOP
		PERFORM @extschema@.nps_create_keeper(survey, source, event.name, event.makes, event.fires);
	END LOOP;
	PERFORM @extschema@.nps_create_keeper(survey, source, 'truncate', 'AFTER TRUNCATE ON %s FOR EACH STATEMENT', 'ALWAYS');
	PERFORM @extschema@.nps_complete_parts(survey, false);
	PERFORM @extschema@.nps_complete_part(survey, l.leaf, true)
	FROM @extschema@.nps_rollup_leaves(format('%I.rollup', survey)::regclass) l
	WHERE l.leaf <> source;
	RETURN format('%I.rollup', survey)::regclass;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_create_rollup(text) IS 'part of nps_materialize(): makes the empty rollup and the triggers that keep it';

CREATE FUNCTION @extschema@.nps_rollup_is_due(survey text, rebuild boolean)
	RETURNS boolean
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Whether there is anything to do for nps_materialize(). */
BEGIN
	PERFORM @extschema@.nps_expect_owner(survey);
	PERFORM @extschema@.nps_survey_settings(survey);	-- an error if it is not a survey
	PERFORM @extschema@.nps_lock_survey(survey, 'survey');
	PERFORM @extschema@.nps_expect_owner(survey);
	IF coalesce(rebuild, false) OR NOT @extschema@.nps_reads_rollup(survey)
		OR (@extschema@.nps_rollup_unserved(to_regclass(format('%I.rollup', survey)))).trouble IS NOT NULL
	THEN
		RETURN true;
	END IF;
	RAISE NOTICE USING MESSAGE = format('survey "%s" is materialized already', survey),
		HINT = 'Pass rebuild => true to compute its rollup anew.';
	RETURN false;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_rollup_is_due(text, boolean) IS 'part of nps_materialize(): whether there is anything to do';

CREATE FUNCTION @extschema@.nps_rollup_is_lost(survey text)
	RETURNS boolean
	LANGUAGE sql STABLE STRICT
	BEGIN ATOMIC
	SELECT @extschema@.nps_rollup_trouble(pg_catalog.to_regclass(pg_catalog.format('%I.rollup', $1))) IS NOT NULL;
	END;
COMMENT ON FUNCTION @extschema@.nps_rollup_is_lost(text) IS 'part of nps_materialize(): whether there is a rollup that is not kept current';

CREATE FUNCTION @extschema@.nps_fill_rollup(survey text, rollup regclass)
	RETURNS void
	LANGUAGE plpgsql VOLATILE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Counts what is in the source (rollup_build.c).  The snapshot must be newer than the locks. */
DECLARE
	source regclass;
	trouble text;
BEGIN
	IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
		RAISE EXCEPTION USING ERRCODE = 'invalid_transaction_state',
			MESSAGE = format('a rollup cannot be computed in a transaction that is %s', current_setting('transaction_isolation'));
	END IF;
	PERFORM @extschema@.nps_expect_owner(survey);
	-- before the cells, which whoever empties a partition locks last
	PERFORM @extschema@.nps_lock_survey(survey, 'counting');
	PERFORM @extschema@.nps_expect_owner(survey);
	PERFORM @extschema@.nps_expect_rollup(survey, rollup);
	source := @extschema@.nps_survey_source(survey);
	trouble := @extschema@.nps_hidden_rows(source);
	IF trouble IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
			MESSAGE = format('the rollup of survey "%s" cannot be computed', survey),
			DETAIL = trouble;
	END IF;
	PERFORM @extschema@.nps_count_source(rollup);
	EXECUTE format('ANALYZE %s', rollup);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_fill_rollup(text, regclass) IS 'part of nps_materialize(): computes the rollup';
